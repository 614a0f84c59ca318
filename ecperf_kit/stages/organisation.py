"""Who carries the assessment, and are the five linked elements in place?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, round_half_up
from ecperf_kit.finding import Finding
from ecperf_kit.method.in_force import month_end, month_start
from ecperf_kit.period import shift
from ecperf_kit.rules import check_organisation
from ecperf_kit.rules.in_force import number, plans, reference_month, start_month
from ecperf_kit.rules.organisation import (
    SYNC_MEASURES,
    committee_roles,
    headcount,
    job_descriptions,
    linked_elements,
    pilot_months,
    sponsor_signed,
)
from ecperf_kit.stages.calendar import (
    monthly_deadlines,
    unknown_holidays,
    working_day,
    working_days_before,
)
from ecperf_kit.stages.gates import gates, on_record
from ecperf_kit.stages.judged import (
    actions,
    found_or,
    graded,
    level_of,
    of_codes,
    sentences,
)
from ecperf_kit.stages.organisation_team import (
    light_mode,
    org_chart,
    responsibilities,
    symptoms,
)
from ecperf_kit.stages.result import (
    Figure,
    Sentence,
    StageResult,
    StageTable,
    Verdict,
    stage_table,
)

STAGE = "organisation"
_ACTIONS = 6
_QUESTIONS = {
    "sponsor": ("O10",),
    "elements": ("O12", "O13", "O14"),
    "pilot": ("O11",),
    "team": ("O15", "O16", "O17"),
}


def organisation(client: Client) -> StageResult:
    """Sponsor, committee, readiness, calendar and gates, with what must be settled first."""
    findings = check_organisation(client)
    errors = graded(client, findings, "error")
    tables = _tables(client, findings)
    elements = linked_elements(client)
    in_place = int(elements["in_place"].sum())
    roles = committee_roles(client)
    posts = job_descriptions(client)
    months = pilot_months(client)
    ready = {"done": in_place, "parts": len(elements)}
    signed = {"signed": int(posts["signed"].notna().sum()), "posts": len(posts)}
    held = roles["state"].isin(["in_place", "fallback"])
    needed = roles["required"] | held
    seats = {"done": int((held & needed).sum()), "parts": int(needed.sum())}
    open_ = {f.code for f in (*errors, *graded(client, findings, "warning"))}
    closed = (
        "closed"
        if of_codes(errors, ("O101", "O102", "O104"))
        else "blocked" if errors else "watch" if open_ else "ready"
    )  # fmt: skip
    # one thing per row of what must change, and what of it is an error
    to_do = {"count": len(open_), "errors": len({f.code for f in errors}), **ready}
    advice = "light" if of_codes(findings, ("O150",)) else closed
    first_day = month_start(months[0]).date() if months else None
    return StageResult(
        stage=STAGE,
        title=Sentence(f"organisation.title.{closed}", to_do),
        advice=Sentence(f"organisation.advice.{advice}", to_do),
        reasons=(
            _sponsor_reason(client, roles),
            Sentence("organisation.reason.elements", ready | signed),
            _pilot_reason(client, months),
        ),
        figures=(
            Figure("organisation.figure.readiness", _readiness_score(elements), "number", "points"),
            _share("organisation.figure.committee", seats),
            _share(
                "organisation.figure.signed", {"done": signed["signed"], "parts": signed["posts"]}
            ),
            Figure("organisation.figure.pilot", len(months) or None, "integer", "months"),
            Figure("organisation.figure.people", _people(client), "integer", "persons"),
        ),
        verdicts=tuple(
            Verdict(
                question=f"organisation.question.{name}",
                level=level_of(client, of_codes(findings, codes)),
                found=found_or(
                    client,
                    of_codes(findings, codes),
                    Sentence(f"organisation.fine.{name}"),
                    "judged.first_of",
                ),
                money=None,
                sure=Sentence(f"organisation.sure.{name}"),
            )
            for name, codes in _QUESTIONS.items()
        ),
        actions=actions(
            client,
            findings,
            working_days_before(first_day).isoformat() if first_day else "",
            _ACTIONS,
        ),
        tables=tables,
        findings=(*findings, *_unknown_holidays(client, tables)),
    )


def _unknown_holidays(client: Client, tables: dict[str, StageTable]) -> list[Finding]:
    """Dates still to come of the calendar and the month's deadlines in years without holidays."""
    steps, days = tables["calendar"].frame, tables["deadlines"].frame["due"]
    open_ = steps[steps["state"] == "open"]
    return unknown_holidays(client, [*open_["start"], *open_["end"], *days])


def _share(label: str, values: dict[str, int]) -> Figure:
    return Figure(label, Sentence("organisation.figure.of", values), "sentence")


def _readiness_score(elements: pd.DataFrame) -> int:
    """The mean of the five elements' points, to the whole point."""
    return int(round_half_up(int(elements["score"].sum()) // len(elements), MILLION))


def _people(client: Client) -> int:
    return headcount(client, month_start(start_month(client)))


def _sponsor_reason(client: Client, roles: pd.DataFrame) -> Sentence:
    leader = roles.loc["leader"]
    values = {
        "member": leader["member"],
        "position": leader["position"],
        "signed": sponsor_signed(client),
    }
    if not leader["member"]:
        return Sentence("organisation.reason.no_leader")
    good = leader["state"] in ("in_place", "fallback") and values["signed"] is not None
    return Sentence(f"organisation.reason.{'leader' if good else 'leader_wrong'}", values)


def _pilot_reason(client: Client, months: tuple[str, ...]) -> Sentence:
    if not months:
        return Sentence("organisation.reason.no_pilot")
    pilot = client.config.pilot
    values = {
        "first": months[0],
        "last": months[-1],
        "months": len(months),
        "advised": number(client, f"pilot.months.{pilot.previous_system}"),
        "channels": pilot.channels,
        "departments": pilot.departments,
    }
    return Sentence("organisation.reason.pilot", values)


# -- tables ------------------------------------------------------------------
def _tables(client: Client, findings: Iterable[Finding]) -> dict[str, StageTable]:
    frames = {
        "readiness": _readiness(client),
        "symptoms": symptoms(client),
        "light_mode": light_mode(client),
        "committee": _committee(client),
        "responsibilities": responsibilities(client),
        "org_chart": org_chart(client),
        "calendar": _calendar(client),
        "deadlines": _deadlines(client),
        "gates": gates(client, findings),
        "job_descriptions": _posts(client),
    }
    return {name: stage_table(STAGE, name, frame) for name, frame in frames.items()}


def _names(key: str, names: tuple[str, ...]) -> Sentence | None:
    return Sentence(f"organisation.names.{key}", {"names": names}) if names else None


def _readiness(client: Client) -> pd.DataFrame:
    table = linked_elements(client)
    kinds = ["post" if element == "duties" else "label" for element in table["element"]]
    state = pd.Series("partly_there", index=table.index, dtype="str")
    state = state.mask(table["done"] == 0, "missing").mask(table["in_place"], "in_place")
    return table.assign(
        evidence=sentences(
            (_evidence(client, *row) for row in zip(table["element"], table["there"], strict=True)),
            table.index,
        ),
        missing=sentences(
            (_names(k, names) for k, names in zip(kinds, table["missing"], strict=True)),
            table.index,
        ),
        state=state,
    )


def _evidence(client: Client, element: str, there: tuple[str, ...]) -> Sentence | None:
    """What proves the parts that are there, with the size or date of the record."""
    elements = client.config.elements
    values = {
        "names": there,
        "count": len(there),
        "targets": len(client.table("targets")),
        "products": len(client.table("product_plan")),
        "plans": len(plans(client)),
        "promotion": elements.promotion_criteria_published,
        "rules": elements.incentive_rules_published,
        "enablement": elements.enablement_plan,
    }
    return Sentence(f"organisation.evidence.{element}", values) if there else None


def _committee(client: Client) -> pd.DataFrame:
    table = committee_roles(client)
    roles = client.library.responsibilities
    duties = roles[roles["client_kind"] == client.config.kind].set_index("role")
    return table.assign(
        wanted=sentences((_names("wanted", names) for names in table["wanted"]), table.index),
        member=["、".join(names) if client.language == "zh" else ", ".join(names)
                for names in table["member"]],
        position=sentences(
            (_names("label", tuple(dict.fromkeys(names))) for names in table["position"]),
            table.index,
        ),
        duties=table["role"].map(duties[f"duties_{client.language}"]),
    )  # fmt: skip


def _deadlines(client: Client) -> pd.DataFrame:
    months = pilot_months(client) or (reference_month(client),)
    table = monthly_deadlines(client, months[0])
    return table.assign(
        step=sentences(
            (Sentence(f"organisation.deadline.{step}") for step in table["step"]), table.index
        )
    )


def _posts(client: Client) -> pd.DataFrame:
    table = job_descriptions(client)
    state = table["signed"].notna().map({True: "signed", False: "unsigned"})
    order = table["signed"].notna().sort_values(kind="stable").index
    return table.assign(state=state).loc[order]


def _calendar(client: Client) -> pd.DataFrame:
    """Every step from the signature to the review, in order, with dates where they are known."""
    dates, held = client.config.dates, client.table("sync_records")
    rows: list[tuple[str, str, dt.date | None, dt.date | None, str]] = []

    def step(name: str, who: str, start: dt.date | None, end: dt.date | None, done: bool) -> None:
        rows.append((name, who, start, end, "done" if done else "open"))

    months = pilot_months(client)
    first = month_start(months[0]).date() if months else None

    def due(name: str) -> dt.date | None:
        ahead = number(client, f"lead.{name}") // MILLION
        return working_days_before(first, ahead) if first else None

    signed = sponsor_signed(client)
    start = signed or due("sponsor")
    step("sponsor", "owner", start, start, signed is not None)
    posts = job_descriptions(client)
    complete = len(posts) > 0 and bool(posts["signed"].notna().all())
    last = pd.Timestamp(posts["signed"].max()).date() if complete else due("job_descriptions")
    step("job_descriptions", "vice_leader", start, last, complete)
    step("scheme", "leader", due("scheme"), due("scheme"), on_record(client, "scheme"))
    for measure in SYNC_MEASURES:
        days = held.loc[held["measure"] == measure, "held_on"].dropna()
        done = len(days) > 0
        begun = pd.Timestamp(days.min()).date() if done else due(measure)
        ended = pd.Timestamp(days.max()).date() if done else due(measure)
        step(measure, "heads" if measure == "drill" else "vice_leader", begun, ended, done)
    if months and first:
        end = month_end(months[-1]).date()
        step("pilot", "heads", first, end, on_record(client, "pilot_report"))
        day = number(client, "deadline.pay") // MILLION
        report = working_day(month_start(shift(months[-1], 1)).date() + dt.timedelta(days=day - 1))
        step("pilot_report", "vice_leader", end, report, on_record(client, "pilot_report"))
    if dates.rollout_from:
        start = working_day(month_start(dates.rollout_from).date())
        step("rollout", "leader", start, start, on_record(client, "rollout"))
        review = month_end(shift(dates.rollout_from, 1)).date()
        step("review", "heads", start, review, len(client.table("interviews")) > 0)
    table = pd.DataFrame(rows, columns=["name", "who", "start", "end", "state"])
    for column in ("start", "end"):
        table[column] = pd.to_datetime(table[column]).astype("datetime64[s]")
    table = _not_before_what_is_done(table)
    return table.assign(
        label=sentences(Sentence(f"organisation.step.{name}") for name in table["name"]),
        note=sentences(Sentence(f"organisation.who.{who}") for who in table["who"]),
    )


def _not_before_what_is_done(table: pd.DataFrame) -> pd.DataFrame:
    """Open steps move behind the steps before them that came late."""
    waiting = table["state"] == "open"
    latest = table["start"].where(~waiting).cummax().ffill()
    late = waiting & (table["start"] < latest).fillna(False)
    start = table["start"].mask(late, latest)
    return table.assign(start=start, end=table["end"].mask(table["end"] < start, start))
