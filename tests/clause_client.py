"""One person and one month, made in memory: what the clauses' tests pay and score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecperf_kit.client import Client
from ecperf_kit.exact import exact
from ecperf_kit.method.calculate import Calculation, calculate
from ecperf_kit.rules import ORGANISATION, SCHEME, Rule
from tests.scheme_client import a_client, plan, staff

JUNE = "2026-06"
#: One rated row of 100 points, so that a score can be given as it is wanted.
RATED = {
    "subject_kind": "post",
    "subject_id": "channel_ops_manager",
    "indicator": "reply_rate_3min",
    "effective_from": "2026-01-01",
    "role": "core",
    "weight": 100,
    "method": "percentage",
    "cap": 1,
    "zero_below": 0,
    "standard_basis": "own_history",
    "data_source": "platform_erp",
}


def band(coefficient: Any, name: str = "one") -> dict[str, Any]:
    """A coefficient table of one band: every score has this coefficient."""
    return {
        "coefficient_table": name,
        "effective_from": "2026-01-01",
        "at_least": 0,
        "coefficient": coefficient,
        "form": "bands",
    }


def bridge(sales: Any, month: str = JUNE, **lines: Any) -> dict[str, Any]:
    """The sales bridge of Tmall: ``sales`` as finance has them, no deductions unless given."""
    nothing = {"non_genuine": 0, "refunds": 0, "coupons_fees": 0}
    row = {"channel": "tmall", "month": month, "backend_sales": sales, "finance_sales": sales}
    return {**row, **nothing, **lines}


def earned(indicator: str, amount: Any, month: str = JUNE, **of: Any) -> dict[str, Any]:
    """A figure of Tmall, or of whom ``of`` says, from the finance report."""
    row = {"subject_kind": "channel", "subject_id": "tmall", "indicator": indicator}
    return {**row, "period": month, "value": amount, "source_kind": "finance_report", **of}


def one_person(
    structure: str,
    base: Any,
    coefficient: Any = 1,
    score: Any = 100,
    months: tuple[str, ...] = (JUNE,),
    config: Mapping[str, Any] | None = None,
    tables: Mapping[str, Any] | None = None,
    **figures: Any,
) -> Client:
    """The Tmall manager E1 with this plan, scored ``score`` points, in full attendance."""
    given = dict(tables or {})
    own_plan = {"coefficient_table": "one", "over_gate": False, "commission_from": "channel"}
    pay = plan("channel_ops_manager", base, structure=structure, **(own_plan | figures))
    own = {"subject_kind": "employee", "subject_id": "E1", "indicator": "reply_rate_3min"}
    share = str(exact(str(score)) / 100_000_000)
    scored = [{**own, "period": m, "value": share, "source_kind": "platform_erp"} for m in months]
    started = {"hired": "2024-01-01", "effective_from": "2024-01-01"}
    full = {"scheduled_days": 22, "worked_days": 22}
    return a_client(
        config=config,
        channels=[{"channel": "tmall", "name": "天猫"}],
        departments=[{"department": "store", "name": "店铺部"}],
        employees=[{"employee": "E1", "name": "甲", "hired": started["hired"]}],
        assignments=[
            {
                "employee": "E1",
                "effective_from": started["effective_from"],
                "post": "channel_ops_manager",
                "department": "store",
                "channel": "tmall",
            }
        ],
        attendance=[{"employee": "E1", "month": month, **full} for month in months],
        coefficient_tables=given.pop("coefficient_tables", [band(coefficient)]),
        pay_plans=[pay],
        scorecards=[RATED],
        standards=[{**own, "period": "2026", "standard": 1}],
        actuals=[*scored, *given.pop("actuals", ())],
        assessments=[
            {"employee": "E1", "period": m, "indicator": "reply_rate_3min",
             "superior_date": "2026-12-31"}
            for m in months
        ],
        **given,
    )  # fmt: skip


def paid(client: Client, *months: str) -> Calculation:
    """The months' pay of a client made by ``one_person``."""
    return calculate(client, list(months or (JUNE,)))


def lines_of(found: Calculation) -> dict[str, int]:
    """Pay lines by name, stored integers."""
    return dict(zip(found.lines["line"], found.lines["amount"], strict=True))


def stored(**amounts: Any) -> dict[str, int]:
    """Yuan by line as stored integers."""
    return {line: exact(str(amount)) for line, amount in amounts.items()}


def told(client: Client, *groups: tuple[Rule, ...]) -> list[str]:
    """The codes these groups of rules raise, sorted; each group is one that is always asked."""
    asked = [rule for group in groups for rule in group]
    assert asked and set(asked) <= {*SCHEME, *ORGANISATION}
    return sorted(finding.code for rule in asked for finding in rule(client))


def profit_of(unit: str, **quarters: int) -> list[dict[str, Any]]:
    """Profit ledger rows by quarter (``y2026_Q2=100``), nothing kept as reserve."""
    return [
        {"unit": unit, "quarter": text.replace("_", "-").strip("y"), "profit": amount,
         "reserve_share": 0}
        for text, amount in quarters.items()
    ]  # fmt: skip


def rated_person(
    scores: str, hired: str, post: str = "operations_director", **tables: Any
) -> Client:
    """E1 in a post since ``hired``; ``scores`` are the rated totals by month from January 2026."""
    people = staff(post)
    people["employees"][1]["hired"] = people["assignments"][1]["effective_from"] = hired
    own = {"indicator": "expense_accuracy", "name_zh": "报销", "name_en": "Expenses",
           "unit": "points", "direction": "higher_is_better", "aggregation": "mean"}  # fmt: skip
    months = [(f"2026-{n:02d}", points) for n, points in enumerate(scores.split(), start=1)]
    rated = [
        {"employee": "E1", "period": month, "indicator": "expense_accuracy", "assessor": "E0",
         "superior_score": points, "superior_date": "2026-12-31"}
        for month, points in months
    ]  # fmt: skip
    card_row = {**RATED, "subject_id": post, "indicator": "expense_accuracy"}
    card_row |= {"standard_basis": "agreed", "data_source": "none"}
    return a_client(
        **people,
        indicators=[own],
        scorecards=[card_row],
        actuals=[earned("net_sales", 1, month) for month, _ in months],
        assessments=rated,
        coefficient_tables=[band(1, "T1")],
        **tables,
    )
