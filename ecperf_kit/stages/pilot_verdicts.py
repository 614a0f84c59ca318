"""The four questions of a pilot: pay gap, data, process, formality (assessment method 4.4)."""

from __future__ import annotations

from collections.abc import Sequence

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION
from ecperf_kit.finding import Finding
from ecperf_kit.method.coefficient import coefficients
from ecperf_kit.method.pay import pay, pay_lines
from ecperf_kit.method.totals import TOTAL_COLUMNS
from ecperf_kit.rules.few import fewest
from ecperf_kit.rules.in_force import number
from ecperf_kit.rules.pilot import Pilot
from ecperf_kit.rules.pilot_data import bridges
from ecperf_kit.rules.pilot_process import pilot_lateness
from ecperf_kit.stages.judged import flaws_of_scheme, found_or, graded, level_of, of_codes, said
from ecperf_kit.stages.pilot_repairs import Trial
from ecperf_kit.stages.result import Level, Sentence, Verdict

QUESTIONS = {
    # of the scheme what makes scores and pay wrong figures; all its errors are a condition
    "pay": ("P10", "C108", "C109", "C113", "C122", "C123", "S101", "S118", "S119", "S137"),
    "data": ("P2", "C101", "C102", "C103", "C115"),
    "process": ("P3", "C105", "C114"),
    "formality": ("P4", "C106"),
}


def verdicts(
    pilot: Pilot, findings: Sequence[Finding], trials: Sequence[Trial]
) -> tuple[Verdict, ...]:
    """The verdict on each of the four questions, with money at stake and how sure it is."""
    own = {name: of_codes(findings, codes) for name, codes in QUESTIONS.items()}
    return (
        _pay(pilot, own["pay"], trials),
        _data(pilot, own["data"]),
        _process(pilot, own["process"]),
        _formality(pilot, own["formality"]),
    )


def public(client: Client, found: Sequence[Finding]) -> list[Finding]:
    """What may be told in words: a single person's case is counted, not told."""
    grave = [f for f in found if f.code and not f.subject.startswith("employee:")]
    return graded(client, grave, "error") + graded(client, grave, "warning")


def _said(client: Client, name: str, found: Sequence[Finding]) -> Sentence:
    open_cases = public(client, found)
    closed = graded(client, found, "error") + graded(client, found, "warning")
    persons = {f.subject for f in closed if f.subject.startswith("employee:")}
    if not open_cases and persons:
        return Sentence("pilot.found.persons", {"count": len(persons)})
    fine = Sentence(f"pilot.fine.{name}")
    if open_cases:
        first = said(open_cases[0], "evidence")
        same = len(of_codes(open_cases, (open_cases[0].code,)))
        other = len(open_cases) - same
        if same == 1 and not other:
            return first
        key = "more" if same == 1 else "same_more" if other else "same"
        return Sentence(f"pilot.found.{key}", {"first": first, "same": same, "count": other})
    return found_or(client, [], fine, "judged.first_of")


def _nothing(client: Client, found: Sequence[Finding]) -> bool:
    return level_of(client, found) == "fine"


def _level(client: Client, found: Sequence[Finding], known: bool) -> Level:
    level = level_of(client, found)
    return "unknown" if level == "fine" and not known else level


def _pay(pilot: Pilot, found: Sequence[Finding], trials: Sequence[Trial]) -> Verdict:
    client = pilot.client
    compared = pilot.pay[pilot.pay["change"].notna()]  # somebody without old pay is not
    sheets = len(compared)
    falls = [f for f in public(client, found) if f.code == "P101"]
    money = None
    told = _said(client, "pay", found)
    if falls:
        worst = min(falls, key=lambda f: f.values["change"])
        kind = "pay_alike" if worst.values["alike"] else "pay"
        of = {"amount": -worst.values["amount"], "month": worst.values["month"]}
        money = Sentence(f"pilot.money.{kind}", of)
        shown = [t for t in trials if f"post:{t.post}" == worst.subject]
        values = {**worst.values, "cause": _main_cause(shown[0]) if shown else None}
        told = Sentence("pilot.found.pay" if shown else "pilot.found.pay_only", values)
    told = flaws_of_scheme(found) or told
    values = {
        "sheets": sheets,
        "people": int(compared["employee"].nunique()),
        "trials": sum(int(t.results["step"].nunique()) - 1 for t in trials),
        "open": int((compared["state"] == "provisional").sum()),
    }
    key = "pay_tried" if trials else "pay"
    key = "no_pay" if not sheets else "pay_open" if values["open"] else key
    level = _level(client, found, sheets > 0)
    if sheets and level == "fine" and not _linked(pilot):
        level, key = "unknown", "not_linked"
        told = Sentence("pilot.found.not_linked")
    return Verdict(
        question="pilot.question.pay",
        level=level,
        found=told if sheets or not _nothing(client, found) else Sentence("pilot.found.no_pay"),
        money=money,
        sure=Sentence(f"pilot.sure.{key}", values),
    )


def _linked(pilot: Pilot) -> bool:
    """Whether anybody's pay in the pilot follows the score or the business at all."""
    structure = pilot.calculation.lines["structure"]
    return bool((structure.notna() & (structure != "fixed")).any())


def _main_cause(trial: Trial) -> Sentence:
    total = trial.causes.groupby("order")["amount"].sum().astype("int64")
    cause = trial.causes.loc[trial.causes["order"] == total.idxmin(), "cause"].iloc[0]
    assert isinstance(cause, Sentence)
    return cause


def _data(pilot: Pilot, found: Sequence[Finding]) -> Verdict:
    client = pilot.client
    over = [f for f in public(client, found) if f.code == "P204"]
    money = None
    if over:
        money = Sentence("pilot.money.data", {"amount": sum(f.values["over"] for f in over)})
    table = bridges(pilot)
    known = int(table["unexplained"].notna().sum())
    least = int(table["unexplained"].abs().sum()) if known else None
    values = {"months": known, "unexplained": least}
    told = _said(client, "data", found)
    if not known and _nothing(client, found):
        told = Sentence("pilot.found.no_bridge")
    return Verdict(
        question="pilot.question.data",
        level=_level(client, found, known > 0),
        found=told,
        money=money,
        sure=Sentence("pilot.sure.data" if known else "pilot.sure.no_bridge", values),
    )


def _process(pilot: Pilot, found: Sequence[Finding]) -> Verdict:
    client = pilot.client
    log = pilot_lateness(pilot)
    late = int((log["late"] > 0).fillna(False).sum())
    told = _said(client, "process", found)
    open_ = unconfirmed(pilot)
    if open_ is not None and not public(client, found):
        told = open_  # the persons concerned are superiors, not those who are assessed
    level = _level(client, found, len(log) > 0)
    if log.empty and _nothing(client, found):
        told = Sentence("pilot.found.no_log")
    elif level == "fine" and told.key == "pilot.fine.process":
        lacking = int(log["late"].isna().sum())
        days = int(log["late"].max()) if late else 0
        values = {"late": late, "steps": len(log), "days": days, "lacking": lacking}
        if late:  # too little for a finding, and still not in time
            level, told = "watch", Sentence("pilot.found.late", values)
        elif lacking:
            level, told = "unknown", Sentence("pilot.found.undated", values)
    return Verdict(
        question="pilot.question.process",
        level=level,
        found=told,
        money=None,
        sure=Sentence(
            "pilot.sure.process" if len(log) else "pilot.sure.no_log",
            {"steps": len(log), "late": late},
        ),
    )


def unconfirmed(pilot: Pilot) -> Sentence | None:
    """How many scores no superior has confirmed yet, in words; None if all are."""
    states = pilot.calculation.totals["state"]
    open_ = int((states == "provisional").sum())
    values = {"sheets": open_, "of": len(states)}
    return Sentence("pilot.reason.provisional", values) if open_ else None


def _formality(pilot: Pilot, found: Sequence[Finding]) -> Verdict:
    client = pilot.client
    totals = pilot.calculation.totals
    sheets = int((totals["given_total"].notna() & totals["superior"].notna()).sum())
    over, persons = overpaid(pilot) or (0, 0)
    money = None
    if over and persons >= fewest(client):
        key = "formality" if over > 0 else "formality_less"
        money = Sentence(f"pilot.money.{key}", {"amount": abs(over)})
    told = _said(client, "formality", found)
    if not sheets and _nothing(client, found):
        # a superior may confirm what the data gave without scoring once more
        confirmed = bool((totals["state"] == "final").any())
        told = Sentence(f"pilot.found.{'only_confirmed' if confirmed else 'no_scores'}")
    least = number(client, "formality.min_sheets") // MILLION
    return Verdict(
        question="pilot.question.formality",
        level=_level(client, found, sheets >= least),
        found=told,
        money=money,
        sure=Sentence(
            "pilot.sure.formality" if sheets else "pilot.sure.no_scores", {"sheets": sheets}
        ),
    )


def overpaid(pilot: Pilot) -> tuple[int, int] | None:
    """Pay by the superiors' scores less pay by the data, over the pilot (yuan, stored), and of
    how many people the two differ.

    Only sheets with both; None where there are none.
    """
    totals = pilot.calculation.totals
    both = totals[totals["given_total"].notna() & totals["total"].notna()]
    if both.empty:
        return None
    given = both[list(TOTAL_COLUMNS)].assign(total=both["given_total"])
    looked_up = coefficients(pilot.client, given, pilot.calculation.rows.iloc[:0])
    by_given = pay(pay_lines(pilot.client, looked_up))[["employee", "month", "pay"]]
    compared = by_given.merge(pilot.calculation.pay, on=["employee", "month"])
    compared = compared.assign(apart=compared["pay_x"] - compared["pay_y"])
    known = compared[compared["apart"].notna()]
    if known.empty:
        return None
    return int(known["apart"].sum()), int(known.loc[known["apart"] != 0, "employee"].nunique())
