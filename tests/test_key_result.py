"""Which row is the key result, what stands in for missing sales, dates nobody can be sure of."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from test_stage_rollout import JUNE, changed, demo

from ecperf_kit.client import Client
from ecperf_kit.exact import exact
from ecperf_kit.library import load_library
from ecperf_kit.library.bands import parse_bands
from ecperf_kit.method.calculate import calculate
from ecperf_kit.method.scorecards import assessed_rows
from ecperf_kit.period import Period
from ecperf_kit.rules.key_result import key_result_tied
from ecperf_kit.rules.rollout import net_of_bridge_used
from ecperf_kit.stages.calendar import holidays_known, unknown_holidays
from ecperf_kit.stages.rollout import rollout
from tests.scheme_client import a_client, card, plan, staff, table_t1

ROWS = ("net_sales", "gross_margin_rate", "stock_sell_through")


def tied(post: str = "store_operator", *plans: dict[str, Any], weights: str = "35 35 15") -> Client:
    core = [(name, "core", int(w)) for name, w in zip(ROWS, weights.split(), strict=True)]
    rest = 100 - sum(weight for _, _, weight in core)
    rows = card(*core, ("plan_ontime", "process", rest), subject=f"post:{post}")
    return a_client(
        **staff(post), scorecards=rows, pay_plans=list(plans), coefficient_tables=table_t1()
    )


def test_a_tie_names_the_row_that_counts_and_the_others() -> None:
    client = tied()
    (found,) = key_result_tied(client)
    assert found.subject == "post:store_operator" and found.source.row == 2
    assert found.values == {"first": ROWS[0], "others": (ROWS[1],), "weight": exact("35")}
    rows = assessed_rows(client, (JUNE,))
    assert set(rows.loc[rows["key_result"], "indicator"]) == {found.values["first"]}


def test_three_may_tie() -> None:
    (found,) = key_result_tied(tied(weights="30 30 30"))
    assert found.values["others"] == ROWS[1:]


@pytest.mark.parametrize(
    "client",
    [
        lambda: tied(weights="35 20 20"),  # a tie below the top
        lambda: tied("picker_packer"),  # support: no gate
        lambda: tied("store_operator", plan("store_operator", 5000, 5000, over_gate=False)),
        lambda: tied("store_operator", plan("store_operator", 5000, structure="fixed")),
    ],
    ids=["below the top", "no gate by category", "gate off", "no coefficient"],
)
def test_no_tie_that_matters(client: Any) -> None:
    assert key_result_tied(client()) == []


def test_the_plan_may_turn_the_gate_on() -> None:
    gated = plan("picker_packer", 3500, 1500, over_gate=True)
    assert len(key_result_tied(tied("picker_packer", gated))) == 1


# --- the net of the bridge --------------------------------------------------------------


def without_finance(*months: str) -> Client:
    def blank(table: pd.DataFrame) -> pd.DataFrame:
        here = (table["channel"] == "tmall") & table["month"].isin(months)
        assert here.sum() == len(months)
        return table.assign(finance_sales=table["finance_sales"].mask(here))

    return changed("sales_bridge", blank)


def used(client: Client) -> list[Any]:
    return net_of_bridge_used(client, calculate(client, ("2026-05", JUNE)))


def test_the_months_without_finance_sales_are_named_by_channel() -> None:
    (found,) = used(without_finance("2026-05", JUNE))
    assert found.subject == "channel:tmall"
    assert found.values == {"channel": "tmall", "months": ("2026-05", JUNE)}
    (one,) = used(without_finance(JUNE))
    assert one.values["months"] == (JUNE,)


def test_no_note_where_nothing_stands_in() -> None:
    assert used(demo()) == []  # finance delivered
    assert used(without_finance("2026-04")) == []  # another month
    agreed = without_finance(JUNE)
    config = agreed.config
    net = replace(config, pay=replace(config.pay, sales_basis="backend_net"))
    assert used(replace(agreed, config=net)) == []  # that is the agreed basis
    # nothing can stand in: the commission is missing, and told by its own code
    gone = changed("sales_bridge", lambda t: t.assign(finance_sales=pd.NA, refunds=pd.NA))
    assert used(gone) == []


# --- holidays nobody knows -----------------------------------------------------------


def test_dates_in_years_without_known_holidays_are_counted_by_year() -> None:
    days = ["2026-06-05", dt.date(2035, 1, 5), pd.Timestamp("2035-01-05"), "2036-01-04", "", pd.NaT]
    (found,) = unknown_holidays(demo(), days)
    assert found.values == {"years": ("2035", "2036"), "count": 2}
    assert holidays_known(2026) and not holidays_known(2035)
    assert unknown_holidays(demo(), ["2026-06-05", ""]) == []


def test_the_months_run_says_so() -> None:
    assert "R110" not in {finding.code for finding in rollout(demo()).findings}
    far = replace(demo(), period=Period.parse("2035-12"))
    (found,) = [f for f in rollout(far).findings if f.code == "R110"]
    assert found.values["years"] == ("2036",)


# --- typical standards ------------------------------------------------------------------


def test_who_meets_the_typical_standard_has_full_points() -> None:
    known = load_library().indicators
    known = known[(known["method"] == "interval") & (known["bands_on"] == "actual")]
    known = known[known["typical_value"].notna()]
    assert len(known) >= 8
    for indicator, row in known.iterrows():
        bands = parse_bands(row["bands"])
        typical, first = int(row["typical_value"]), bands.limits[0]
        assert typical >= first if bands.direction == "at_least" else typical <= first, indicator
