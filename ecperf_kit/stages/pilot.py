"""May we go on to full rollout: pay, data, process and formality, with what must change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION
from ecperf_kit.finding import Finding
from ecperf_kit.method.comparison import BINS
from ecperf_kit.period import shift
from ecperf_kit.rules.few import fewest
from ecperf_kit.rules.in_force import number
from ecperf_kit.rules.pilot import Pilot, check_pilot, may_tell, pay_cost, pilot_of
from ecperf_kit.rules.pilot_business import sales_growth
from ecperf_kit.rules.pilot_data import worst_bridge
from ecperf_kit.rules.pilot_process import pilot_lateness
from ecperf_kit.rules.scheme_of_pay import scheme_of_pay
from ecperf_kit.stages import default_period, effects
from ecperf_kit.stages.calendar import unknown_holidays, working_day
from ecperf_kit.stages.judged import graded, of_codes, sentences
from ecperf_kit.stages.pilot_actions import must_mend, pilot_actions
from ecperf_kit.stages.pilot_conditions import (
    Condition,
    conditions,
    missing_months,
    reasons,
    scheme_errors,
)
from ecperf_kit.stages.pilot_repairs import Trial, trials
from ecperf_kit.stages.pilot_tables import STAGE, evidence_month, tables
from ecperf_kit.stages.pilot_verdicts import verdicts
from ecperf_kit.stages.result import Figure, Sentence, StageResult, StageTable, stage_table
from ecperf_kit.stages.review_tables import with_results


def pilot(client: Client) -> StageResult:
    """The owner's review of the pilot: may we go on, at what cost, and what must change first.

    Pay is what the scheme would give; in a shadow pilot it is computed and shown,
    never paid.
    """
    held = pilot_of(client, default_period(STAGE, client).months)
    findings = (*scheme_of_pay(client, held.months), *check_pilot(held))
    tried = _trials(held, findings)
    judged = verdicts(held, findings, tried)
    scheme = scheme_errors(held)
    met = conditions(held, findings, judged, scheme)
    state = _state(held, findings, met)
    told = {(f.code, f.subject) for f in findings}
    open_ = (*findings, *(f for f in scheme if (f.code, f.subject) not in told))
    longer = number(client, "pilot.non_peak_months_min") // MILLION
    values = {
        "errors": must_mend(held, open_, tried),
        "months": max(missing_months(held), longer),
        "done": len(held.months),
        "planned": held.planned,
    }
    mend = "_mend" if values["errors"] and state in ("extend", "running") else ""
    effect = effects.effects(client, held.calculation, with_results(held.calculation.rows))
    brought = stage_table(STAGE, "effects", effects.glance(effect))
    return StageResult(
        stage=STAGE,
        title=Sentence(f"pilot.title.{state}", values),
        advice=Sentence(f"pilot.advice.{state}{mend}", values),
        reasons=reasons(held, findings, judged, met, (_business_reason(held), _pay_mode(client))),
        figures=_figures(held),
        verdicts=judged,
        actions=pilot_actions(held, open_, tried, _due(held)),
        tables={"conditions": conditions_table(met), **tables(held, tried), "effects": brought},
        findings=(*findings, *unknown_holidays(client, _due(held).values())),
    )


def _state(held: Pilot, findings: Sequence[Finding], met: Sequence[Condition]) -> str:
    """What the first condition that is not met says; else watch with a warning, or ready."""
    if held.pay["change"].isna().all() and held.calculation.totals["total"].isna().all():
        return "unknown"
    for condition in met:
        if not condition.met:
            return condition.state
    own = of_codes(findings, ("P", "C"))
    return "watch" if graded(held.client, own, "warning") else "ready"


def conditions_table(met: Sequence[Condition]) -> StageTable:
    """Each condition of the rollout, whether it is met and what is missing."""
    frame = pd.DataFrame({
        "condition": sentences([Sentence(f"pilot.condition.{c.name}") for c in met]),
        "level": [c.level for c in met],
        "missing": sentences([c.reasons[0] if c.reasons else c.ground for c in met]),
    })  # fmt: skip
    return stage_table(STAGE, "conditions", frame)


def _trials(held: Pilot, findings: Sequence[Finding]) -> list[Trial]:
    """A trial for every post whose pay fell too far, and for single people of small posts."""
    wanted = []
    for finding in of_codes(findings, ("P101",)):
        kind, _, name = finding.subject.partition(":")
        people = (name,) if kind == "employee" else ()
        wanted.append((finding.values["post"], finding.values["month"], people))
    return trials(held, wanted)


def _business_reason(held: Pilot) -> Sentence:
    cost, sales = pay_cost(held), sales_growth(held)
    if cost is None or not may_tell(held.client, cost["people"], cost["moved"]):
        return Sentence("pilot.reason.no_cost")
    if sales is None:
        return Sentence("pilot.reason.cost", {"cost": cost["change"]})
    return Sentence("pilot.reason.business", {"cost": cost["change"], "sales": sales})


def _pay_mode(client: Client) -> Sentence:
    return Sentence(f"pilot.reason.{client.config.pilot.pay}")


def _figures(held: Pilot) -> tuple[Figure, ...]:
    month = evidence_month(held)
    there = held.pay[(held.pay["month"] == month) & held.pay["change"].notna()]
    lost = {"done": int((there["bin"] == BINS[0]).sum()), "parts": len(there)}
    cost, worst = pay_cost(held), worst_bridge(held)
    least = fewest(held.client)
    late = pilot_lateness(held)
    late = late[(late["step"] == "data") & (late["late"] > 0).fillna(False)]
    days = round(int(late["late"].sum()) / len(late)) if len(late) else 0
    falling = Sentence("organisation.figure.of", lost) if lost["parts"] >= least else None
    known = cost is not None and may_tell(held.client, cost["people"], cost["moved"])
    first, last = held.months[0], held.months[-1]
    span = {"span": first if first == last else f"{first}..{last}"}
    of_worst = {} if worst is None else {"channel": worst["channel"], "month": worst["month"]}
    return (
        Figure(
            "pilot.figure.cost",
            cost["change"] if cost and known else None,
            "signed_rate",
            values=span,
        ),
        Figure("pilot.figure.sales", sales_growth(held), "signed_rate"),
        Figure("pilot.figure.falling", falling, "sentence", values={"month": month}),
        Figure(
            "pilot.figure.difference" if of_worst else "pilot.figure.no_difference",
            None if worst is None else int(worst["difference_share"]),
            "rate",
            values=of_worst,
        ),
        Figure(
            "pilot.figure.late",
            None if held.client.table("process_log").empty else days,
            "days",
            "days",
        ),
    )


def _due(held: Pilot) -> dict[str, str]:
    """The days by which things must be mended: the month after the pilot's last month."""
    following = shift(held.months[-1], 1)
    found = {}
    for name in ("pay", "finance_check", "other_talks"):
        day = number(held.client, f"deadline.{name}") // MILLION
        first = pd.Timestamp(f"{following}-01").date()
        found[name] = working_day(first + dt.timedelta(days=day - 1)).isoformat()
    return found
