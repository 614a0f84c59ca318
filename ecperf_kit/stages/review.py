"""What to talk about with whom, and which standards and weights should come next."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION
from ecperf_kit.finding import Finding
from ecperf_kit.method.calculate import calculate
from ecperf_kit.method.in_force import month_end
from ecperf_kit.period import months_between, shift
from ecperf_kit.rules.in_force import number
from ecperf_kit.rules.rollout import check_rollout
from ecperf_kit.stages import default_period, effects, review_grid
from ecperf_kit.stages import review_tables as tables
from ecperf_kit.stages.calendar import unknown_holidays
from ecperf_kit.stages.judged import actions, level_of, of_codes
from ecperf_kit.stages.result import (
    Action,
    Figure,
    Level,
    Sentence,
    StageResult,
    Verdict,
    declarations,
    stage_table,
)

STAGE = "review"
_ACTIONS = 5


def review(client: Client) -> StageResult:
    """Interview sheets, talks still open, proposed standards and weights, and what was reached.

    The period's last months (``standard.history_months``) give the trend. Proposals
    become the client's only when approved and published; nothing is written to the client.
    """
    period = default_period(STAGE, client)
    calculation = calculate(client, _history(client, period.first, period.last))
    rows = tables.with_results(calculation.rows)
    now = rows[rows["month"].isin(period.months)]
    effect = effects.effects(client, calculation, rows)
    persons = review_grid.people(client, calculation.totals, rows)
    held = tables.talks(client, _of(calculation.totals, period.months))
    last = rows[rows["month"] == period.last]
    standards = tables.next_standards(client, last)
    swaps = tables.weights(client, rows)
    by_indicator = tables.reached_by(client, now, ["indicator"])
    by_month = tables.reached_by(client, rows, ["indicator", "month"])
    by_month = tables.beside_the_whole(client, now, by_month, "month")
    by_post = tables.reached_by(client, now, ["post", "indicator"])
    frames = {
        "talks": held,
        "interview_sheets": tables.interview_sheets(client, held, now, standards),
        "sheet_rows": now[_of_table("sheet_rows")].sort_values(
            ["employee", "lost"], ascending=[True, False]
        ),
        "next_standards": standards,
        "weights": swaps,
        "by_post": tables.beside_the_whole(client, now, by_post, "post"),
        "by_indicator": by_indicator,
        "by_month": by_month.sort_values(["indicator", "month"]),
        **effects.tables(effect),
        **review_grid.together(client, persons),
    }
    found = (
        *check_rollout(client, calculation),
        *calculation.findings,
        *unknown_holidays(client, held["due"]),
    )
    findings = tuple(f for f in found if f.values.get("month", period.last) in period.months)
    counts = _counts(held, standards, swaps, now)
    state = _state(counts)
    return StageResult(
        stage=STAGE,
        title=Sentence(f"review.title.{state}", counts),
        advice=Sentence(f"review.advice.{state}", counts),
        reasons=_reasons(counts, by_indicator),
        figures=(
            Figure("review.figure.people", counts["people"], "integer", "persons"),
            _of_all("talks", counts["held"], counts["talks"]),
            _of_all("reached", counts["reached"], counts["rows"]),
            Figure("review.figure.raised", counts["raised"], "integer"),
            Figure("review.figure.stepwise", counts["stepwise"], "integer"),
        ),
        verdicts=(
            *_verdicts(client, counts, findings, by_indicator),
            review_grid.verdict(client, persons),
            effects.verdict(effect),
        ),
        actions=(
            *_proposed(counts, period.last),
            *actions(client, findings, _next_month(period.last), _ACTIONS),
        ),
        tables={name: stage_table(STAGE, name, frame) for name, frame in frames.items()},
        findings=findings,
    )


def _of_table(name: str) -> list[str]:
    """The columns of a declared table: the rows have many more."""
    return [column.name for column in declarations(STAGE)[name].columns]


def _history(client: Client, first: str, last: str) -> tuple[str, ...]:
    """The period's months and as many before its last as a trend looks at.

    Months before the scheme are left out: nobody was assessed then.
    """
    back = shift(last, 1 - number(client, "standard.history_months") // MILLION)
    begin = min(first, back)
    started = client.config.dates.scheme_from
    if started:
        begin = max(begin, min(first, f"{started:%Y-%m}"))
    return months_between(begin, last)


def _of(frame: pd.DataFrame, months: Sequence[str]) -> pd.DataFrame:
    return frame[frame["month"].isin(list(months))].reset_index(drop=True)


def _counts(
    held: pd.DataFrame, standards: pd.DataFrame, swaps: pd.DataFrame, rows: pd.DataFrame
) -> dict[str, int]:
    basis = standards["basis"]
    done = held["held_on"].notna()
    return {
        "people": int(held["employee"].nunique()),
        "talks": len(held),
        "held": int(done.sum()),
        "open": int((~done).sum()),
        "lowest_open": int((~done & held["lowest"]).sum()),
        "raised": int(basis.isin(["raised", "raised_far"]).sum()),
        "far": int((basis == "raised_far").sum()),
        "stepwise": int((basis == "stepwise").sum()),
        "agree": int((basis == "step_missing").sum()),
        "swaps": int(swaps["subject"].nunique()),
        "rows": int(rows["row_score"].notna().sum()),
        "reached": int(rows.loc[rows["row_score"].notna(), "reached"].fillna(False).sum()),
    }


def _state(counts: dict[str, int]) -> str:
    if not counts["people"]:
        return "nobody"
    if counts["open"]:
        return "talks" if counts["lowest_open"] else "other_talks"
    return "stepwise" if counts["stepwise"] else "raised" if counts["raised"] else "steady"


def _of_all(name: str, done: int, parts: int) -> Figure:
    values = {"done": done, "parts": parts}
    return Figure(f"review.figure.{name}", Sentence("organisation.figure.of", values), "sentence")


def _reasons(counts: dict[str, int], by_indicator: pd.DataFrame) -> tuple[Sentence, ...]:
    if not counts["people"]:
        return ()
    found = [
        Sentence(f"review.reason.{'talks_open' if counts['open'] else 'talks'}", counts),
        Sentence(f"review.reason.{'standards' if counts['rows'] else 'no_rows'}", counts),
    ]
    if len(by_indicator):
        found.append(Sentence("review.reason.lost", _worst(by_indicator)))
    return tuple(found)


def _worst(by_indicator: pd.DataFrame) -> dict[str, object]:
    row = by_indicator.iloc[0]
    return {name: row[name] for name in ("indicator", "persons", "reached", "lost")}


def _next_month(month: str) -> str:
    return month_end(shift(month, 1)).date().isoformat()


def _proposed(counts: dict[str, int], month: str) -> tuple[Action, ...]:
    """The proposals on their way: they count only once approved and published."""
    if not (counts["raised"] or counts["stepwise"] or counts["swaps"] or counts["agree"]):
        return ()
    return (
        Action(
            what=Sentence("review.action.approve", counts),
            how=Sentence("review.action.approve_how"),
            effect=None,
            owner=Sentence("organisation.who.leader"),
            due=_next_month(month),
        ),
    )


# -- verdicts ------------------------------------------------------------------
def _verdicts(
    client: Client,
    counts: dict[str, int],
    findings: Sequence[Finding],
    by_indicator: pd.DataFrame,
) -> tuple[Verdict, ...]:
    low = level_of(client, of_codes(findings, ("R103", "R104")))
    talk: Level = "watch" if low != "fine" or counts["open"] else "fine"
    result: Level = "watch" if len(by_indicator) and by_indicator["lost"].iloc[0] else "fine"
    lost = Sentence("review.fine.results")
    if len(by_indicator):
        lost = Sentence("review.found.results", _worst(by_indicator))
    elif counts["people"]:
        few = "too_few" if counts["rows"] else "no_rows"
        lost, result = Sentence(f"review.found.{few}"), "unknown"
    standards: Level = "change" if counts["stepwise"] else "watch" if (
        counts["far"] or counts["agree"]
    ) else "fine"  # fmt: skip
    talks = "found.talks" if counts["lowest_open"] else "found.other_talks"
    return (
        _verdict("talks", talk, Sentence(f"review.{talks if counts['open'] else 'fine.talks'}",
                                         counts), counts),
        _verdict("results", result, lost, counts),
        _verdict(
            "standards",
            standards,
            Sentence(f"review.found.standards{'_far' if counts['far'] else ''}", counts),
            counts,
        ),
        _verdict(
            "weights",
            "watch" if counts["swaps"] else "fine",
            Sentence(f"review.{'found' if counts['swaps'] else 'fine'}.weights", counts),
            counts,
        ),
    )  # fmt: skip


def _verdict(name: str, level: Level, found: Sentence, counts: dict[str, int]) -> Verdict:
    if not counts["people"]:
        level, found = "unknown", Sentence("review.title.nobody")
    elif not counts["rows"] and level == "fine" and name != "talks":  # nothing has been scored
        level, found = "unknown", Sentence("review.found.no_rows")
    sure = Sentence(f"review.sure.{name}", counts)
    return Verdict(f"review.question.{name}", level, found, None, sure)
