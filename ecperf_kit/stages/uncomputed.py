"""Why the pay of people a scenario is tried on cannot be computed: what is missing, by post."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.method.calculate import Paid, paid
from ecperf_kit.method.keys import find
from ecperf_kit.method.scenario import HISTORY, Scenario, applied
from ecperf_kit.method.scorecards import unassessed
from ecperf_kit.method.scoring import lacks_standard
from ecperf_kit.method.simulation import Simulation
from ecperf_kit.stages.result import Sentence

_KEY = ["employee", "month"]
#: What a row of a scorecard, or a line of pay, waits for: the finding that is about it.
_ROWS = {
    "missing_actual": "C101",
    "missing_standard": "C102",
    "missing_rating": "C114",
    "missing_parameter": "C115",
}
_LINES = {"unreadable": "C122", "plan": "D311", "figure": "C113", "basis": "C108"}
_NO_TABLE, _NO_CARD, _NOT_DIVISIBLE = "C109", "C110", "C103"
Cause = tuple[str, str, str]


def why_uncomputed(
    client: Client, both: Sequence[Scenario], simulation: Simulation, months: Sequence[str]
) -> tuple[Sentence, ...]:
    """What the person-months without pay wait for, each once with post and indicator.

    ``both``: the baseline and the scenario; what either of them lacks is a cause.
    """
    lost = simulation.months[simulation.months["change"].isna()]
    found: dict[Cause, None] = {}
    for scenario in both:
        found |= dict.fromkeys(_lacking(paid(applied(client, scenario), months), lost))
        found |= dict.fromkeys(
            (_NO_CARD, subject.removeprefix("post:"), "")
            for subject in without_card(client, scenario, simulation, months)
        )
    said = [_said(cause) for cause in sorted(found)]
    history = both[-1].baseline == HISTORY
    if history and lost["before"].isna().any():
        said.append(Sentence("scenario.no_old_pay"))
    return tuple(said)


def without_card(
    client: Client, scenario: Scenario, simulation: Simulation, months: Sequence[str]
) -> set[str]:
    """The posts the scenario changes whose people are not assessed for want of a scorecard,
    in the months others are (in all of them, if nobody ever is)."""
    held = sorted(set(simulation.months["month"])) or list(months)
    lacking = set(unassessed(applied(client, scenario), held)["post"])
    return {c.subject for c in scenario.changes if c.subject.removeprefix("post:") in lacking}


def _lacking(calculation: Paid, lost: pd.DataFrame) -> Iterator[Cause]:
    rows = _of(calculation.rows, lost)
    names = ("row_state", "post", "indicator", "standard")
    lines = zip(*(rows[n].tolist() for n in names), lacks_standard(rows).tolist(), strict=True)
    for state, post, indicator, standard, unset in lines:
        if unset and state == "missing_actual":  # both lacking: told at once
            yield _ROWS["missing_standard"], str(post), str(indicator)
        if state in _ROWS:
            divisor = state == "missing_standard" and not pd.isna(standard)
            yield _NOT_DIVISIBLE if divisor else _ROWS[state], str(post), str(indicator)
    paid_by = _of(calculation.lines, lost)
    for missing, post in zip(paid_by["missing"].tolist(), paid_by["post"].tolist(), strict=True):
        if missing in _LINES:
            yield _LINES[missing], str(post), ""
    totals = _of(calculation.totals, lost)
    no_table = totals["uses_coefficient"] & totals["coefficient"].isna() & totals["total"].notna()
    for post in totals.loc[no_table.astype(bool), "post"].tolist():
        yield _NO_TABLE, str(post), ""


def _of(table: pd.DataFrame, lost: pd.DataFrame) -> pd.DataFrame:
    return table[find([table[k] for k in _KEY], [lost[k] for k in _KEY]) >= 0]


def _said(cause: Cause) -> Sentence:
    code, post, indicator = cause
    values = {"code": code, "title": Sentence(f"finding.{code}.title"), "post": post}
    if indicator:
        return Sentence("scenario.cause_of", {**values, "indicator": indicator})
    return Sentence("scenario.cause", values)
