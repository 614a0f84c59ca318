"""The month's run: who earned what, is it certain, and may the pay be handed over?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION
from ecperf_kit.finding import Finding
from ecperf_kit.method.calculate import Calculation, calculate
from ecperf_kit.rules.in_force import number
from ecperf_kit.rules.rollout import check_rollout, pay_mode
from ecperf_kit.stages import default_period
from ecperf_kit.stages import rollout_tables as tables
from ecperf_kit.stages.beside_pages import may_stand, sums_before, sums_of_pilot
from ecperf_kit.stages.calendar import unknown_holidays
from ecperf_kit.stages.judged import actions, graded, level_of, of_codes, said
from ecperf_kit.stages.result import (
    Figure,
    Level,
    Sentence,
    StageResult,
    Verdict,
    stage_table,
)
from ecperf_kit.stages.rollout_progress import progress, progress_person

STAGE = "rollout"
_ACTIONS = 6
_OWNERS = {
    "C": "organisation.who.heads",
    "C104": "organisation.who.vice_leader",
    "C109": "organisation.who.vice_leader",
    "C110": "organisation.who.vice_leader",
    "C113": "organisation.who.vice_leader",
    "R": "organisation.who.heads",
    "R102": "organisation.who.vice_leader",
    "R105": "organisation.who.owner",
    "R108": "organisation.who.vice_leader",
}
_CONFIRMED = ("C105", "C106", "C107", "C114", "C116", "R101", "R106", "R107")
_COMPUTED = (
    "R108", "C101", "C102", "C103", "C104", "C108", "C109", "C110", "C113", "C115", "C122",
)  # fmt: skip


def rollout(client: Client) -> StageResult:
    """Scores and pay of the period's months, the last in front, with the gates before pay day.

    What cannot be computed is left out of every total and named; pay with unconfirmed
    scores is provisional; in a pilot with shadow pay nothing here is paid.
    """
    period = default_period(STAGE, client)
    calculation = calculate(client, period.months)
    last = period.last
    pays = tables.pay_list(client, calculation, period.months)
    done = progress(client, period)
    frames = {
        "pay_list": pays,
        "pay_lines": tables.pay_lines(calculation),
        "scores": tables.scores(calculation),
        "scores_by_post": tables.scores_by_post(client, calculation),
        "progress": done,
        "progress_person": progress_person(client, calculation),
        "gates": tables.gates(client, calculation, period.months, done),
        "calendar": tables.calendar(client, calculation, last),
        "low_scores": tables.low_table(client, calculation),
        "appeals": tables.appeals(client, period.months),
    }
    findings = (
        *check_rollout(client, calculation),
        *calculation.findings,
        *unknown_holidays(client, frames["calendar"]["due"]),
    )
    closed = frames["gates"][frames["gates"]["state"] == "gate_closed"]
    counts = _counts(pays) | {"gates": len(closed)}
    mode = pay_mode(client, last)
    state = _state(counts, mode, findings)
    return StageResult(
        stage=STAGE,
        title=Sentence(f"rollout.title.{state}", {**counts, "month": last}),
        advice=Sentence(f"rollout.advice.{state}", counts),
        reasons=_reasons(counts, mode, closed, frames["progress"]),
        figures=_figures(client, counts, pays, period.months),
        verdicts=_verdicts(client, calculation, findings, frames),
        actions=actions(client, findings, _OWNERS, _due(frames["calendar"]), _ACTIONS),
        tables={name: stage_table(STAGE, name, frame) for name, frame in frames.items()},
        findings=findings,
    )


def _counts(pays: pd.DataFrame) -> dict[str, int]:
    """How many pay entries there are, computed, provisional and left out."""
    state = pays["pay_state"]
    return {
        "all": len(pays),
        "computed": int(pays["pay"].notna().sum()),
        "provisional": int((state == "provisional").sum()),
        "left_out": int(pays["pay"].isna().sum()),
        "no_scorecard": int((state == "no_scorecard").sum()),
        "not_compared": int(((pays["mode_key"] == "better_of") & pays["paid"].isna()).sum()),
    }


def _state(counts: dict[str, int], mode: str, findings: Sequence[Finding]) -> str:
    if not counts["all"]:
        return "nobody"
    if of_codes(findings, ("R105",)):
        return "consent"
    if counts["left_out"] > counts["no_scorecard"] or not counts["computed"]:
        return "left_out"
    if counts["not_compared"]:
        return "not_compared"
    if counts["provisional"]:
        return "provisional"
    if mode != "real":
        return str(mode)
    return "gates" if counts["gates"] else "ready"


def _reasons(
    counts: dict[str, int], mode: str, closed: pd.DataFrame, progress: pd.DataFrame
) -> tuple[Sentence, ...]:
    if counts["left_out"]:
        first = Sentence("rollout.reason.left_out", counts)
    else:
        first = Sentence("rollout.reason.all_computed", counts)
    if len(closed):
        names = {"count": len(closed), "names": tuple(closed["gate"])}
        second = Sentence("rollout.reason.gates", names)
    else:
        second = Sentence("rollout.reason.no_gates")
    found = [first, second, Sentence(f"rollout.reason.mode.{mode}")]
    known = progress[progress["actual"].notna()]
    if len(known):
        row = known.iloc[0]
        values = {"label": row["label"], "said": row["said"]}
        found.append(Sentence("rollout.reason.progress", values))
    return tuple(found)


def _figures(
    client: Client, counts: dict[str, int], pays: pd.DataFrame, months: Sequence[str]
) -> tuple[Figure, ...]:
    """People, computed, provisional, and the sum of what can be computed, with who is left out.

    No sum where the pilot's for these months, or that of the months before, is the same but
    for one or two people: the difference would be theirs.
    """
    fewest = number(client, "group.min_people") // MILLION
    total: Sentence | int | None = None
    of_all = {"done": counts["computed"], "parts": counts["all"]}
    # where the better of old and new is paid, that is the sum
    amount = pays["pay"].mask(pays["mode_key"] == "better_of", pays["paid"])
    known = pays[amount.notna()].assign(pay=amount)
    own = known.groupby("employee")["pay"].sum().astype("int64")
    if len(own) >= fewest and may_stand(
        client, [own], [*sums_of_pilot(client, months), *sums_before(client, months)]
    ):
        total = int(amount.sum())
        if counts["left_out"]:
            total = Sentence("rollout.figure_of_some.pay", counts | {"pay": total})
    words = isinstance(total, Sentence)
    return (
        Figure("rollout.figure.all", counts["all"], "integer"),
        Figure("rollout.figure.computed", Sentence("organisation.figure.of", of_all), "sentence"),
        Figure("rollout.figure.provisional", counts["provisional"], "integer"),
        Figure("rollout.figure.pay", total, "sentence" if words else "money"),
        Figure("rollout.figure.gates", counts["gates"], "integer"),
    )


def _due(calendar: pd.DataFrame) -> str:
    """The day before which all must be settled: pay day."""
    due = calendar.loc[calendar["step"] == "pay", "due"]
    return str(due.iloc[0].date()) if len(due) else ""


# -- verdicts ------------------------------------------------------------------
def _verdicts(
    client: Client,
    calculation: Calculation,
    findings: Sequence[Finding],
    frames: dict[str, pd.DataFrame],
) -> tuple[Verdict, ...]:
    gates, calendar = frames["gates"], frames["calendar"]
    closed = gates[gates["state"] == "gate_closed"]
    late = calendar[calendar["state"] == "late"]
    rows = len(calculation.rows)
    sample = {"rows": rows, "people": int(calculation.totals["employee"].nunique())}
    return (
        _by_findings(client, "computed", of_codes(findings, _COMPUTED), sample),
        _by_findings(client, "confirmed", of_codes(findings, _CONFIRMED), sample),
        _verdict(
            "gates",
            _paid(client, findings, closed),
            Sentence("rollout.found.gates", {"names": tuple(closed["gate"])})
            if len(closed)
            else Sentence("rollout.fine.gates"),
            sample,
        ),
        _verdict(
            "calendar",
            "watch" if len(late) else _known(calendar),
            Sentence(
                "rollout.found.late",
                {"names": tuple(late["label"]), "days": int(late["late"].max())},
            )
            if len(late)
            else Sentence(f"rollout.calendar.{_known(calendar)}"),
            sample,
        ),
        _progress_verdict(frames["progress"], sample),
    )


def _verdict(name: str, level: Level, found: Sentence, sample: dict[str, int]) -> Verdict:
    sure = Sentence(f"rollout.sure.{name}", sample)
    return Verdict(f"rollout.question.{name}", level, found, None, sure)


def _by_findings(
    client: Client, name: str, own: Sequence[Finding], sample: dict[str, int]
) -> Verdict:
    """The gravest finding by its title: its evidence may name persons."""
    grave = [*graded(client, own, "error"), *graded(client, own, "warning")]
    found = Sentence(f"rollout.fine.{name}", sample)
    if grave:
        values = {"first": said(grave[0], "title"), "count": len(grave)}
        found = Sentence("judged.first_of", values) if len(grave) > 1 else said(grave[0], "title")
    return _verdict(name, level_of(client, own), found, sample)


def _paid(client: Client, findings: Sequence[Finding], closed: pd.DataFrame) -> Level:
    if graded(client, of_codes(findings, ("R105",)), "error"):
        return "change"
    return "watch" if len(closed) else "fine"


def _known(calendar: pd.DataFrame) -> Level:
    """fine where every step of the process log is done, else nothing can be said yet."""
    return (
        "fine"
        if bool((calendar.loc[~_untracked(calendar), "state"] != "open").all())
        else ("unknown")
    )


def _untracked(calendar: pd.DataFrame) -> pd.Series:
    """Steps that the process log does not follow: the end of the appeals, and the talks."""
    return (calendar["step"] == "appeal") | calendar["step"].str.endswith("talks")


def _progress_verdict(progress: pd.DataFrame, sample: dict[str, int]) -> Verdict:
    judged = progress[progress["level"].isin(["watch", "fine"])]
    behind = judged[judged["level"] == "watch"]
    lacking = progress["actual"].isna()
    gaps = bool((lacking & progress["recorded"].astype(bool)).any())
    open_ = {"lacking": int(lacking.sum()), "reached": len(judged)}
    if len(behind):
        worst = behind.sort_values("share").iloc[0]
        values = {"label": worst["label"], "said": worst["said"], "count": len(behind), **open_}
        key = "progress_some" if open_["lacking"] else "progress"
        return _verdict("progress", "watch", Sentence(f"rollout.found.{key}", values), sample)
    if open_["lacking"]:  # what is not known is not reached
        key = "progress_reached" if len(judged) else "progress_unknown"
        level: Level = "unknown" if gaps or judged.empty else "fine"
        return _verdict("progress", level, Sentence(f"rollout.found.{key}", open_), sample)
    if judged.empty:
        return _verdict("progress", "unknown", Sentence("rollout.found.no_progress"), sample)
    return _verdict("progress", "fine", Sentence("rollout.fine.progress"), sample)
