"""Do the targets add up, is each scorecard sound, and what would repair it?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.finding import Finding
from ecperf_kit.rules import check_scheme
from ecperf_kit.rules.organisation import targets_ready
from ecperf_kit.rules.pay import told_cost
from ecperf_kit.rules.plan import annual_plan
from ecperf_kit.stages.design_tables import STAGE, faulty_cards, repairs, tables
from ecperf_kit.stages.design_verdicts import (
    missing_standards,
    pay_verdict,
    standards_known,
    standards_verdict,
    unfit_action,
    unfit_found,
    unfit_plans,
)
from ecperf_kit.stages.judged import actions, found_or, graded, level_of, of_codes
from ecperf_kit.stages.proposals import proposals
from ecperf_kit.stages.result import Action, Figure, Sentence, StageResult, Verdict

_ACTIONS = 8
_QUESTIONS = {
    "plan": ("O13", "S135", "S136", "S163"),
    "scorecards": ("S10", "S11"),
    "standards": ("S130", "S131", "S132", "S133", "S134"),
    "pay": ("S12", "S137", "S138", "S139", "S140", "S149", "S162"),
}
#: Nothing entered in the table is no proof that all is well.
_JUDGED_BY = {"scorecards": "scorecards", "standards": "standards", "pay": "pay_plans"}


def design(client: Client) -> StageResult:
    """The plan, every scorecard, every standard and the pay, with proposals where they fail.

    Proposals (target breakdown, scorecards, step-by-step standards, rates) stand in the
    tables; breakdown and scorecards also in the form the client can adopt. Nothing is
    written to the client.
    """
    findings = (*targets_ready(client), *check_scheme(client))
    errors = graded(client, findings, "error")
    warnings = graded(client, findings, "warning")
    repaired = repairs(client, findings)
    frames = tables(client, findings, repaired)
    scorecards = frames["scorecard_check"].frame
    sound = int((scorecards["errors"] == 0).sum())
    locked = bool(of_codes(errors, ("O130", "O132")))
    known, unfit = standards_known(client), unfit_plans(client)
    state = _state(locked, bool(errors), bool(warnings), known.lacking > 0, unfit.level)
    values = {
        "errors": len(errors),
        "warnings": len(warnings),
        "sound": sound,
        "scorecards": len(scorecards),
        "plans": unfit.plans,
        **known.values,
    }
    plan = annual_plan(client).get("")
    return StageResult(
        stage=STAGE,
        title=Sentence(f"design.title.{state}", values),
        advice=Sentence(f"design.advice.{state}", values),
        reasons=(
            _plan_reason(client, findings, plan),
            Sentence("design.reason.scorecards", values),
            _pay_reason(client, findings),
        ),
        figures=(
            Figure("design.figure.plan", plan, "wan"),
            Figure(
                "design.figure.sound",
                Sentence("organisation.figure.of", {"done": sound, "parts": len(scorecards)}),
                "sentence",
            ),
            Figure("design.figure.errors", len(errors), "integer"),
            Figure("design.figure.warnings", len(warnings), "integer"),
            Figure("design.figure.cost", _cost_share(client), "signed_rate"),
        ),
        verdicts=tuple(_verdict(client, name, findings) for name in _QUESTIONS),
        actions=_actions(client, findings, frames["repairs"].frame),
        tables=frames,
        findings=findings,
        proposals=proposals(client, repaired, faulty_cards(client, findings)),
    )


def _state(locked: bool, errors: bool, warnings: bool, lacking: bool, pay: str) -> str:
    """What the title says: never that it can be published while something must change."""
    if locked:
        return "locked"
    if errors:
        return "errors_standards" if lacking else "errors"
    if lacking:
        return "standards"
    if pay == "change":
        return "pay"
    if warnings:
        return "watch"
    return "watch_pay" if pay == "watch" else "sound"


def _actions(
    client: Client, findings: Sequence[Finding], repaired: pd.DataFrame
) -> tuple[Action, ...]:
    asked = missing_standards(client)
    if not graded(client, of_codes(findings, _QUESTIONS["pay"]), "error"):
        asked += unfit_action(client)
    found = actions(client, findings, "", _ACTIONS, _effects(repaired))
    return (*asked, *found)[:_ACTIONS]


def _cost_share(client: Client) -> int | None:
    cost = told_cost(client)
    return cost["share"] if cost is not None else None


def _plan_reason(client: Client, findings: Sequence[Finding], plan: int | None) -> Sentence:
    if plan is None:
        return Sentence("design.reason.no_plan")
    if of_codes(findings, ("O130",)):
        return Sentence("design.reason.one_number", {"amount": plan})
    key = "plan_differs" if of_codes(findings, ("S135",)) else "plan"
    return Sentence(f"design.reason.{key}", {"amount": plan})


def _pay_reason(client: Client, findings: Sequence[Finding]) -> Sentence:
    wrong = graded(client, of_codes(findings, _QUESTIONS["pay"]), "error")
    if wrong:
        titles = tuple(dict.fromkeys(f.code for f in wrong))
        names = tuple(Sentence(f"finding.{code}.title") for code in titles)
        return Sentence("design.reason.pay_wrong", {"names": names})
    if client.table("pay_plans").empty:
        return Sentence("design.reason.no_pay")
    if unfit_plans(client).level == "change":
        return Sentence("design.reason.pay_unfit", {"found": unfit_found(client)})
    share = _cost_share(client)
    if share is None:
        return Sentence("design.reason.pay")
    return Sentence("design.reason.pay_cost", {"share": share})


def _verdict(client: Client, name: str, findings: Sequence[Finding]) -> Verdict:
    own = of_codes(findings, _QUESTIONS[name])
    empty = None
    if not own and name in _JUDGED_BY and client.table(_JUDGED_BY[name]).empty:
        nothing = Sentence(f"design.nothing.{name}")
        empty = Verdict(
            f"design.question.{name}", "unknown", nothing, None, Sentence("design.sure.nothing")
        )
    if empty is not None and name != "standards":
        return empty
    money = None
    if name == "standards":
        apart = [f.values["apart"] for f in own if f.code == "S130"]
        if apart:
            money = Sentence("design.money.standards", {"amount": sum(apart)})
    if name == "standards":
        return standards_verdict(client, own, empty, money)
    cost = told_cost(client)
    if name == "pay":
        money = Sentence("design.money.pay", cost) if cost is not None else None
        return pay_verdict(client, own, money)
    return Verdict(
        question=f"design.question.{name}",
        level=level_of(client, own),
        found=found_or(client, own, Sentence(f"design.fine.{name}"), "judged.first_of"),
        money=money,
        sure=Sentence(f"design.sure.{name}"),
    )


def _effects(repairs: pd.DataFrame) -> dict[str, Sentence]:
    """What the library's scorecards would change, for the codes they repair."""
    if repairs.empty:
        return {}
    cards = repairs["subject"].nunique()
    after = repairs.dropna(subset=["proposed"]).groupby("subject").size()
    if after.empty:
        return {}
    said = Sentence(
        f"design.effect.{'repair' if after.min() < after.max() else 'repair_same'}",
        {"cards": cards, "least": int(after.min()), "most": int(after.max())},
    )
    return dict.fromkeys(("S101", "S102", "S103", "S104", "S106", "S107", "S111", "S117"), said)
