"""The month's run: who earned what, is it certain, and may the pay be handed over?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.finding import Finding
from ecperf_kit.method.calculate import Calculation, calculate
from ecperf_kit.rules.rollout import check_rollout, pay_mode
from ecperf_kit.rules.scheme_of_pay import scheme_of_pay
from ecperf_kit.stages import default_period
from ecperf_kit.stages import rollout_tables as tables
from ecperf_kit.stages.beside_pages import may_add_up
from ecperf_kit.stages.calendar import unknown_holidays
from ecperf_kit.stages.judged import actions, flaws_of_scheme, graded, level_of, of_codes, said
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
_CONFIRMED = ("C105", "C106", "C107", "C114", "C116", "O15", "R101", "R106", "R107")
_COMPUTED = (
    "R108", "C101", "C102", "C103", "C104", "C108", "C109", "C110", "C113", "C115", "C122",
    "C123", "P20", "S",
)  # fmt: skip
#: Titles that say everybody has been computed.
_OF_ALL = ("shadow", "better_of", "gates")


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
        *scheme_of_pay(client, period.months),
        *unknown_holidays(client, frames["calendar"]["due"]),
    )
    closed = frames["gates"][frames["gates"]["state"] == "gate_closed"]
    counts = _counts(pays) | {"gates": len(closed)}
    mode = pay_mode(client, last)
    state = _state(counts, mode, findings)
    # whoever has no scorecard does not stop the others, but "all" are not computed
    some = "_some" if counts["left_out"] and state in _OF_ALL else ""
    return StageResult(
        stage=STAGE,
        title=Sentence(f"rollout.title.{state}{some}", {**counts, "month": last}),
        advice=Sentence(f"rollout.advice.{state}", counts),
        reasons=_reasons(counts, mode, closed, frames["progress"]),
        figures=_figures(client, counts, pays, period.months),
        verdicts=_verdicts(client, calculation, findings, frames, counts),
        actions=actions(client, findings, _due(frames["calendar"]), _ACTIONS),
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
        "bridge_open": int((state == "bridge_open").sum()),
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
    if of_codes(findings, ("S",)):
        return "scheme"
    if counts["not_compared"]:
        return "not_compared"
    if counts["bridge_open"]:
        return "bridge_open"
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
    known = progress[progress["share"].notna()]
    if len(known):
        row = known.iloc[0]
        values = {"label": row["label"], "said": row["said"]}
        found.append(Sentence("rollout.reason.progress", values))
    return tuple(found)


def _figures(
    client: Client, counts: dict[str, int], pays: pd.DataFrame, months: Sequence[str]
) -> tuple[Figure, ...]:
    """People, computed, provisional, and the sum of what can be computed, with who is left out.

    No sum where the pilot's for these months, that of the months before, or of a part of
    these months is the same but for one or two people: the difference would be theirs.
    """
    total: Sentence | int | None = None
    of_all = {"done": counts["computed"], "parts": counts["all"]}
    # where the better of old and new is paid, that is the sum
    amount = pays["pay"].mask(pays["mode_key"] == "better_of", pays["paid"])
    # only the amounts there are: an empty table would take the rows of what is assigned to it
    known = pays[amount.notna()].assign(pay=amount[amount.notna()])
    if len(known) and may_add_up(client, known, months):
        total, without = int(amount.sum()), int(amount.isna().sum())
        if without:
            values = {"left_out": without, "pay": total}
            total = Sentence("rollout.figure_of_some.pay", values)
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
    counts: dict[str, int],
) -> tuple[Verdict, ...]:
    gates, calendar = frames["gates"], frames["calendar"]
    closed = gates[gates["state"] == "gate_closed"]
    late = calendar[calendar["state"] == "late"]
    # a row that waits for its data has no score that anybody could have confirmed
    rows = int(calculation.rows["row_score"].notna().sum())
    sample = {"rows": rows, "people": int(calculation.totals["employee"].nunique())}
    return (
        _computed(client, of_codes(findings, _COMPUTED), counts, sample),
        _by_findings(client, "confirmed", of_codes(findings, _CONFIRMED), sample),
        _paid(client, findings, closed, sample),
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
    nothing = not sample["rows"] and name in ("computed", "confirmed", "gates")
    nothing = nothing and found.key != "rollout.found.gates"
    sure = Sentence(f"rollout.sure.{'nothing' if nothing else name}", sample)
    return Verdict(f"rollout.question.{name}", level, found, None, sure)


def _by_findings(
    client: Client, name: str, own: Sequence[Finding], sample: dict[str, int]
) -> Verdict:
    """The gravest finding; where there is no scored row, nothing can be said."""
    level, found = level_of(client, own), _gravest(client, own)
    if not sample["rows"] and level == "fine":
        return _verdict(name, "unknown", Sentence("rollout.found.nothing"), sample)
    return _verdict(name, level, found or Sentence(f"rollout.fine.{name}", sample), sample)


def _gravest(client: Client, own: Sequence[Finding]) -> Sentence | None:
    """The gravest of the errors and warnings by its title: its evidence may name persons."""
    grave = [*graded(client, own, "error"), *graded(client, own, "warning")]
    if not grave:
        return None
    values = {"first": said(grave[0], "title"), "count": len(grave)}
    return Sentence("judged.first_of", values) if len(grave) > 1 else said(grave[0], "title")


def _computed(
    client: Client, own: Sequence[Finding], counts: dict[str, int], sample: dict[str, int]
) -> Verdict:
    """Due, computed and not computed as in title and figures: a gap is never fine."""
    if not counts["all"]:
        return _verdict("computed", "unknown", Sentence("rollout.found.nobody"), sample)
    first = flaws_of_scheme(own) or _gravest(client, own)
    if not counts["left_out"]:
        fine = Sentence("rollout.fine.computed", counts)
        return _verdict("computed", level_of(client, own), first or fine, sample)
    # only people without a scorecard: a question of the scope, else data are missing
    only_cards = counts["computed"] and counts["left_out"] == counts["no_scorecard"]
    level: Level = "change" if not only_cards else "watch"
    key = "rollout.found.gaps_first" if first else "rollout.found.gaps"
    graver = level_of(client, own)
    said_ = Sentence(key, {**counts, "first": first})
    return _verdict("computed", "change" if graver == "change" else level, said_, sample)


def _paid(
    client: Client, findings: Sequence[Finding], closed: pd.DataFrame, sample: dict[str, int]
) -> Verdict:
    """Whether all is settled; without a consent for real pay, nothing may be paid."""
    level: Level = "watch" if len(closed) else "fine"
    if graded(client, of_codes(findings, ("R105",)), "error"):
        level = "change"
    if len(closed):
        values = {"names": tuple(closed["gate"])}
        return _verdict("gates", level, Sentence("rollout.found.gates", values), sample)
    if not sample["rows"] and level == "fine":
        return _verdict("gates", "unknown", Sentence("rollout.found.nothing"), sample)
    return _verdict("gates", level, Sentence("rollout.fine.gates"), sample)


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
    unplanned = progress["plan"].isna()
    lacking = (progress["actual"].isna() | unplanned) & progress["asked"].astype(bool)
    gaps = bool((lacking & (progress["recorded"].astype(bool) | unplanned)).any())
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
