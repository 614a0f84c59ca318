"""A plan that cannot be paid is told by the scheme check, and only such a plan."""

from __future__ import annotations

from itertools import product
from typing import Any

import pandas as pd
import pytest
from code_cases import _shop_with
from test_method_pay import FULL
from test_stage_rollout import JUNE

from ecperf_kit.client import Client
from ecperf_kit.exact import exact
from ecperf_kit.method.calculate import calculate
from ecperf_kit.outputs.wording import Wording
from ecperf_kit.rules import check_scheme
from tests.scheme_client import a_client, plan, staff, table_t1

FIGURES = {
    "performance": ("performance_pay",),
    "commission_sales": ("sales_rate",),
    "commission_gross_profit": ("gross_profit_rate",),
    "commission_net_profit": ("net_profit_rate",),
    "commission_combined": ("sales_rate", "net_profit_rate"),
    "piece_rate": ("piece_rate",),
    "dividend": ("dividend_share",),
    "fixed": (),
    "score_bonus": (),
}
BLANK = dict.fromkeys(
    (
        *("performance_pay", "sales_rate", "gross_profit_rate", "net_profit_rate"),
        *("piece_rate", "dividend_share", "dividend_unit", "dividend_kind"),
    ),
    pd.NA,
)


def _lacking(client: Client) -> list[tuple[str, ...]]:
    return [f.values["lacking"] for f in check_scheme(client) if f.code == "S149"]


def _dividend(**more: Any) -> dict[str, Any]:
    row = plan("operations_director", 10_000, 0, structure="dividend", coefficient_table=None)
    return row | {"dividend_unit": "tmall", "dividend_share": "0.1"} | more


def _client(*rows: dict[str, Any], **more: Any) -> Client:
    people = staff("operations_director")
    return a_client(pay_plans=rows, coefficient_tables=table_t1(), **people, **more)


def test_a_dividend_with_performance_pay_of_nothing_and_no_table_is_told() -> None:
    client = _client(_dividend())
    (found,) = [f for f in check_scheme(client) if f.code == "S149"]
    assert found.values["lacking"] == ("coefficient_table",)
    assert (found.subject, found.source.file, found.source.row) == (
        *("post:operations_director", "pay_plans.csv"), 2,
    )  # fmt: skip
    assert client.library.codes["S149"].severity == "error"
    for language in ("zh", "en"):
        said = Wording(client.library, language, client).finding(found)
        assert "coefficient_table" in said.evidence and "pay_plans" in said.remedy
    assert _lacking(_client(_dividend(coefficient_table="T1"))) == []


def test_everything_a_plan_lacks_is_told_at_once() -> None:
    bare = _dividend(dividend_unit=None, dividend_share=None)
    assert _lacking(_client(bare)) == [("dividend_share", "dividend_unit", "coefficient_table")]
    combined = plan("store_operator", 5_000, structure="commission_combined")
    assert _lacking(_client(combined)) == [("sales_rate / gross_profit_rate / net_profit_rate",)]
    # a registered share is not part of pay: nothing there waits for a score
    own = _dividend(dividend_kind="registered_share", performance_pay=None)
    assert _lacking(_client(own)) == []
    assert _lacking(_client(own | {"performance_pay": 0})) == [("coefficient_table",)]


def test_a_dividend_that_fell_due_without_any_profit_is_told() -> None:
    def sold(month: str) -> dict[str, Any]:
        return {"subject_kind": "channel", "subject_id": "tmall", "indicator": "net_sales",
                "period": month, "value": 1, "source_kind": "finance_report"}  # fmt: skip

    row = _dividend(coefficient_table="T1")
    ledger = [{"unit": "tmall", "quarter": "2026-Q2", "profit": 1}]
    assert _lacking(_client(row, actuals=[sold("2026-05")])) == []  # not yet due
    assert _lacking(_client(row, actuals=[sold("2026-06")])) == [("profit_ledger (tmall)",)]
    assert _lacking(_client(row, actuals=[sold("2026-06")], profit_ledger=ledger)) == []
    assert _lacking(_client(row, actuals=[sold("2025-12")])) == []  # before the plan


@pytest.mark.parametrize("structure", FIGURES)
def test_the_rule_and_the_calculation_agree_on_what_cannot_be_paid(structure: str) -> None:
    figures = FIGURES[structure]
    for blank in product((False, True), repeat=len(figures) + 1):
        row = {**BLANK, "structure": structure}
        row |= {name: exact("0.01") for name, lost in zip(figures, blank, strict=False) if not lost}
        row |= {"coefficient_table": None if blank[-1] else "T1"}
        if structure == "dividend":
            row["dividend_unit"] = "tmall"
        client = _shop_with(("pay_plans", row), ("actuals", {"value": FULL}))
        lines = calculate(client, (JUNE,)).lines
        # a figure on record that is missing is no fault of the plan, nor does it hide one
        unturned = (lines["missing"] == "basis") & lines["coefficient"].isna()
        own = lines["missing"].isin(["figure", "coefficient", "plan"]) | unturned
        missing = lines.loc[own, "line"]
        told = [
            name
            for lacking in _lacking(client)
            for name in lacking
            if not name.startswith("profit_ledger")
        ]
        assert bool(told) == bool(len(missing)), (structure, blank, told, missing.tolist())
