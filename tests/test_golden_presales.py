# ruff: noqa: E501  (tables stand here as in the client's folder)
"""The pre-sales case and the channel manager's commission, through the whole chain."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from golden_cases import cases
from written_client import written_client

from ecperf_kit.client import Client
from ecperf_kit.exact import FEN, exact
from ecperf_kit.method.attribution import attribution
from ecperf_kit.method.bridge import sales_bridge
from ecperf_kit.method.calculate import Calculation, calculate, calculate_rows
from ecperf_kit.method.scorecards import assessed_rows

FILE = "presales_june.toml"
TABLES = {
    "departments": "department, name\nservice, 客服部",
    "employees": """
        employee, name, hired, superior
        E1, 甲, 2024-01-01, E9
        E9, 主管, 2024-01-01,""",
    "assignments": """
        employee, effective_from, post, department
        E1, 2024-01-01, presales_cs, service
        E9, 2024-01-01, cs_supervisor, service""",
    "attendance": "employee, month, scheduled_days, worked_days\nE1, 2026-06, 22, 22",
    "coefficient_tables": """
        coefficient_table, effective_from, at_least, coefficient
        own, 2026-01-01, 0, 0.4
        own, 2026-01-01, 60, 0.6
        own, 2026-01-01, 70, 0.8
        own, 2026-01-01, 80, 1.0
        own, 2026-01-01, 90, 1.1""",
    "pay_plans": """
        subject_kind, subject_id, effective_from, structure, base, performance_pay, coefficient_table
        post, presales_cs, 2026-01-01, performance, 4550, 1950, own""",
    "scorecards": """
        subject_kind, subject_id, indicator, effective_from, role, weight, method, standard_basis, data_source
        post, presales_cs, inquiry_conversion, 2026-01-01, core, 30, percentage, industry, platform_erp
        post, presales_cs, avg_response_time, 2026-01-01, core, 20, percentage, agreed, platform_erp
        post, presales_cs, cs_sales, 2026-01-01, core, 20, percentage, agreed, platform_erp
        post, presales_cs, cs_satisfaction, 2026-01-01, core, 15, step, agreed, platform_erp
        post, presales_cs, qa_score, 2026-01-01, process, 10, step, agreed, daily_register
        post, presales_cs, reply_rate_3min, 2026-01-01, process, 5, step, agreed, platform_erp""",
    "standards": """
        subject_kind, subject_id, indicator, period, standard
        post, presales_cs, inquiry_conversion, 2026, 0.55
        post, presales_cs, avg_response_time, 2026, 30
        post, presales_cs, cs_sales, 2026, 100000
        post, presales_cs, cs_satisfaction, 2026, 4.5
        post, presales_cs, qa_score, 2026, 95
        post, presales_cs, reply_rate_3min, 2026, 0.98""",
    "actuals": """
        subject_kind, subject_id, indicator, period, numerator, denominator, value, source_kind
        employee, E1, inquiry_conversion, 2026-06, 385, 1000, , platform_erp
        employee, E1, avg_response_time, 2026-06, , , 48, platform_erp
        employee, E1, cs_sales, 2026-06, , , 70000, platform_erp
        employee, E1, cs_satisfaction, 2026-06, , , 4.4, platform_erp
        employee, E1, qa_score, 2026-06, , , 90, daily_register
        employee, E1, reply_rate_3min, 2026-06, , , 0.95, platform_erp""",
    "assessments": """
        employee, period, indicator, superior_date
        E1, 2026-06, inquiry_conversion, 2026-07-08
        E1, 2026-06, avg_response_time, 2026-07-08
        E1, 2026-06, cs_sales, 2026-07-08
        E1, 2026-06, cs_satisfaction, 2026-07-08
        E1, 2026-06, qa_score, 2026-07-08
        E1, 2026-06, reply_rate_3min, 2026-07-08""",
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    return written_client(tmp_path_factory.mktemp("presales"), TABLES)


def repaired(client: Client, repairs: Collection[str]) -> Calculation:
    """June with some of the scheme's faults repaired."""
    rows = assessed_rows(client, ["2026-06"])
    conversion = rows["indicator"] == "inquiry_conversion"
    response = rows["indicator"] == "avg_response_time"
    if "response" in repairs:
        rows.loc[response, ["method", "bands_on"]] = ["interval", "actual"]
        rows.loc[response, "bands"] = client.indicator("avg_response_time")["bands"]
    if "standard" in repairs:
        rows.loc[conversion, "standard"] = exact("0.40")
    if "steps" in repairs:
        rows.loc[conversion, "method"] = "step"
        rows.loc[conversion, ["step_size", "step_deduct"]] = [exact("0.01"), exact("0.1")]
    if "table" in repairs:
        own = client.library.coefficient_tables
        own = own[own["coefficient_table"] == "T1"].assign(coefficient_table="own")
        tables = {**client.tables, "coefficient_tables": own}
        client = dataclasses.replace(client, tables=tables)
    return calculate_rows(client, rows)


@pytest.mark.parametrize("case", cases(FILE, "presales"), ids=lambda case: case["id"])
def test_presales_june(client: Client, case: dict[str, Any]) -> None:
    found = repaired(client, case["repairs"])
    assert list(found.totals["total"]) == [exact(case["total"])], case["words"]
    assert list(found.totals["coefficient"]) == [exact(case["coefficient"])]
    assert list(found.pay["pay"]) == [exact(case["pay"])]
    assert list(found.pay["state"]) == ["final"]


def test_fall_is_split_without_regard_to_order(client: Client) -> None:
    (case,) = cases(FILE, "presales_attribution")
    causes = ("response", "standard", "table")
    shares = attribution(causes, lambda done: repaired(client, done).pay["pay"].to_numpy("int64"))
    found = {name: int(share[0]) for name, share in shares.items()}
    assert found == {name: exact(case[name]) for name in causes}, case["words"]
    fall = exact("6500") - exact("5330")
    assert fall - sum(found.values()) == exact(case["actual_result"])


def test_attribution_adds_up_to_the_fen() -> None:
    """0.01 yuan over three causes that only work together: one fen for the first of equals."""
    shares = attribution("abc", lambda done: FEN if len(done) == 3 else 0)
    assert [int(shares[name]) for name in "abc"] == [FEN, 0, 0]


def test_attribution_of_a_column_of_losses() -> None:
    """-100.00 and 100.00 over three equal causes: 33.33 or 33.34 each, in either direction."""
    totals = pd.Series([-100 * 10**6, 100 * 10**6]).to_numpy()
    shares = attribution("abc", lambda done: totals if len(done) == 3 else 0 * totals)
    assert sum(shares.values()).tolist() == totals.tolist()
    assert sorted(int(shares[n][1]) for n in "abc") == [33_330_000, 33_330_000, 33_340_000]
    assert sorted(int(shares[n][0]) for n in "abc") == [-33_340_000, -33_330_000, -33_330_000]


MANAGER = {
    "channels": "channel, name\ntmall, 天猫",
    "departments": "department, name\nsales, 销售",
    "employees": "employee, name, hired\nE2, 乙, 2024-01-01",
    "assignments": "employee, effective_from, post, department, channel\n"
    "E2, 2024-01-01, channel_ops_manager, sales, tmall",
    "attendance": "employee, month, scheduled_days, worked_days\nE2, 2026-06, 22, 22",
    "coefficient_tables": "coefficient_table, effective_from, at_least, coefficient\n"
    "one, 2026-01-01, 0, 1.0",
    "pay_plans": "subject_kind, subject_id, effective_from, structure, base, sales_rate, "
    "commission_from, coefficient_table\n"
    "employee, E2, 2026-01-01, commission_sales, 12500, 0.005, channel, one",
    "scorecards": "subject_kind, subject_id, indicator, effective_from, role, weight, method, "
    "standard_basis, data_source\n"
    "employee, E2, net_sales, 2026-01-01, core, 100, percentage, annual_plan, finance_report",
    "targets": "month, channel, category, measure, amount\n2026-06, tmall, , net_sales, 3600000",
    "actuals": "subject_kind, subject_id, indicator, period, value, source_kind\n"
    "channel, tmall, net_sales, 2026-06, 3450000, finance_report",
    "assessments": "employee, period, indicator, superior_date\nE2, 2026-06, net_sales, 2026-07-08",
}
BRIDGE = (
    "channel, month, backend_sales, non_genuine, refunds, coupons_fees, finance_sales\n"
    "tmall, 2026-06, 4120000, 380000, 210000, 80000, "
)


@pytest.mark.parametrize("finance", ["3450000", ""])
def test_non_genuine_orders_earn_no_commission(tmp_path: Path, finance: str) -> None:
    """3,450,000 x 0.5 % = 17,250 and not 4,120,000 x 0.5 % = 20,600, with the finance figure
    or, where it is blank, with 4,120,000 - 380,000 - 210,000 - 80,000 = 3,450,000."""
    client = written_client(tmp_path, {**MANAGER, "sales_bridge": BRIDGE + finance})
    found = calculate(client, ["2026-06"])
    commission = found.lines[found.lines["line"] == "commission_sales"]
    assert list(commission["amount"]) == [exact("17250.00")]
    assert list(found.pay["pay"]) == [exact("29750.00")]
    assert list(commission["basis_file"]) == ["sales_bridge.csv"]
    assert list(commission["basis_row"]) == [2]


def test_bridge_explains_the_difference(tmp_path: Path) -> None:
    """670,000 of 4,120,000 = 16.2621 %, all explained; 380,000 non-genuine = 9.2233 %."""
    client = written_client(tmp_path, {**MANAGER, "sales_bridge": BRIDGE + "3450000"})
    row = sales_bridge(client.table("sales_bridge")).iloc[0]
    assert row["difference"] == exact("670000")
    assert row["difference_share"] == exact("0.162621")
    assert row["unexplained"] == 0
    assert row["non_genuine_share"] == exact("0.092233")


def test_missing_commission_basis_is_not_zero(tmp_path: Path) -> None:
    found = calculate(written_client(tmp_path, MANAGER), ["2026-06"])
    assert found.pay["pay"].isna().all()
    assert list(found.pay["state"]) == ["missing"]
    assert "C108" in {finding.code for finding in found.findings}
