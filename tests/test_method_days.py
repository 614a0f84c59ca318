# ruff: noqa: E501  (tables stand here as in the client's folder)
"""Joiners, leavers, leave, transfers and several posts count by days."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from written_client import written_client

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, exact
from ecperf_kit.method.calculate import Calculation, calculate
from ecperf_kit.method.days import parts

BASE = {
    "departments": "department, name\nservice, 客服",
    "employees": "employee, name, hired, left\nE1, 甲, 2024-01-01,",
    "assignments": """
        employee, effective_from, post, department, time_share
        E1, 2024-01-01, presales_cs, service,""",
    "coefficient_tables": """
        coefficient_table, effective_from, at_least, coefficient
        one, 2026-01-01, 0, 0.5
        one, 2026-01-01, 80, 1.0
        two, 2026-01-01, 0, 0.6
        two, 2026-01-01, 85, 1.1""",
    "pay_plans": """
        subject_kind, subject_id, effective_from, structure, base, performance_pay, coefficient_table, bonus
        post, presales_cs, 2026-01-01, performance, 4000, 2000, one, 300
        post, aftersales_cs, 2026-01-01, performance, 5000, 1000, two,""",
    "scorecards": """
        subject_kind, subject_id, indicator, effective_from, role, weight, method, cap, zero_below, standard_basis, data_source
        post, presales_cs, inquiry_conversion, 2026-01-01, core, 100, percentage, 1, 0, own_history, platform_erp
        post, aftersales_cs, cs_satisfaction, 2026-01-01, core, 100, percentage, 1, 0, own_history, platform_erp""",
    "standards": """
        subject_kind, subject_id, indicator, period, standard
        post, presales_cs, inquiry_conversion, 2026, 0.40
        post, aftersales_cs, cs_satisfaction, 2026, 5""",
    "actuals": """
        subject_kind, subject_id, indicator, period, value, source_kind
        employee, E1, inquiry_conversion, 2026-06, 0.24, platform_erp
        employee, E1, cs_satisfaction, 2026-06, 4.5, platform_erp""",
    "assessments": """
        employee, period, indicator, superior_date
        E1, 2026-06, inquiry_conversion, 2026-07-08
        E1, 2026-06, cs_satisfaction, 2026-07-08""",
}
TRANSFER = """
    employee, effective_from, post, department, time_share
    E1, 2024-01-01, presales_cs, service,
    E1, 2026-06-11, aftersales_cs, service,"""
TOGETHER = """
    employee, effective_from, post, department, time_share
    E1, 2024-01-01, presales_cs, service, 0.6
    E1, 2024-01-01, aftersales_cs, service, 0.4"""


def opened(root: Path, **tables: str) -> Client:
    return written_client(root, {**BASE, **tables})


def june(root: Path, **tables: str) -> Calculation:
    return calculate(opened(root, **tables), ["2026-06"])


def amounts(found: Calculation) -> dict[str, list[str]]:
    return {
        line: [str(a / 10_000) if not pd.isna(a) else "" for a in part["amount"]]
        for line, part in found.lines.groupby("line")
    }


def codes(found: Calculation) -> set[str]:
    return {finding.code for finding in found.findings}


def test_a_full_month(tmp_path: Path) -> None:
    """0.24 / 0.40 = 60 points: 0.5; 4,000 + 1,000 + 300."""
    found = june(tmp_path)
    assert list(found.pay["pay"]) == [exact("5300")]
    assert codes(found) == set()


def test_leave_without_pay_counts_down_and_paid_leave_does_not(tmp_path: Path) -> None:
    """(17 + 3) of 22 days = 0.909091: base 3,636.36; performance 2,000 x 0.5 x 0.909091 = 909.09."""
    found = june(
        tmp_path,
        attendance="employee, month, scheduled_days, worked_days, paid_leave_days\n"
        "E1, 2026-06, 22, 17, 3",
    )
    by_line = dict(zip(found.lines["line"], found.lines["amount"], strict=True))
    assert by_line == {
        "base": exact("3636.36"), "performance": exact("909.09"), "bonus": exact("300")
    }  # fmt: skip
    assert found.totals["days_share"].tolist() == [909_091]


def test_a_joiner_without_attendance_counts_by_the_calendar(tmp_path: Path) -> None:
    """Hired on 16 June: 15 of 30 days; base 2,000; performance 2,000 x 0.5 x 0.5 = 500; bonus 300."""
    found = june(
        tmp_path,
        employees="employee, name, hired, left\nE1, 甲, 2026-06-16,",
        assignments=BASE["assignments"].replace("2024-01-01", "2026-06-16"),
    )
    assert list(found.pay["pay"]) == [exact("2800")]
    assert "C112" in codes(found)


def test_a_leaver_counts_to_the_last_day(tmp_path: Path) -> None:
    """Left on 12 June: 12 of 30 days = 0.4: base 1,600, performance 400, bonus 300."""
    found = june(tmp_path, employees="employee, name, hired, left\nE1, 甲, 2024-01-01, 2026-06-12")
    assert list(found.pay["pay"]) == [exact("2300")]
    assert june_after(tmp_path / "later").empty


def june_after(root: Path) -> pd.DataFrame:
    """July of somebody who left in June."""
    client = opened(root, employees="employee, name, hired, left\nE1, 甲, 2024-01-01, 2026-06-12")
    return calculate(client, ["2026-07"]).totals


def test_too_few_days_are_not_assessed(tmp_path: Path) -> None:
    """9.5 of 22 days: no score; base 4,000 x 0.431818 = 1,727.27; performance at 1.0: 863.64; 300."""
    found = june(
        tmp_path,
        attendance="employee, month, scheduled_days, worked_days\nE1, 2026-06, 22, 9.5",
    )
    total = found.totals.iloc[0]
    assert total["state"] == "not_assessed" and pd.isna(total["total"])
    assert total["coefficient"] == MILLION
    assert list(found.pay["pay"]) == [exact("1727.27") + exact("863.64") + exact("300")]
    assert "C111" in codes(found)


def test_ten_days_are_assessed(tmp_path: Path) -> None:
    attendance = "employee, month, scheduled_days, worked_days\nE1, 2026-06, 22, 10"
    assert list(june(tmp_path, attendance=attendance).totals["state"]) == ["final"]


def test_a_transfer_splits_the_month_by_days(tmp_path: Path) -> None:
    """10 days at 60 points, 20 days at 90: (600 + 1,800) / 30 = 80. First post: table one 1.0,
    second: table two 0.6. Base 4,000/3 = 1,333.33 and 5,000 x 2/3 = 3,333.34 (shares 0.333333 and
    0.666667); performance 2,000 x 1.0 x 0.333333 = 666.67, 1,000 x 0.6 x 0.666667 = 400.00; bonus
    300 x 0.333333 = 100.00."""
    found = june(tmp_path, assignments=TRANSFER)
    total = found.totals.iloc[0]
    assert total["total"] == exact("80")
    assert total["post"] == "aftersales_cs"  # most days
    assert amounts(found) == {
        "base": ["133333.0", "333334.0"],
        "performance": ["66667.0", "40000.0"],
        "bonus": ["10000.0"],
    }
    assert found.lines["days_share"].groupby(found.lines["line"]).sum()["base"] == MILLION


def test_two_posts_at_once_count_by_share_of_time(tmp_path: Path) -> None:
    """60 x 0.6 + 90 x 0.4 = 72; table one 0.5, table two 0.6: base 2,400 + 2,000; performance
    2,000 x 0.5 x 0.6 = 600 and 1,000 x 0.6 x 0.4 = 240; bonus 300 x 0.6 = 180."""
    found = june(tmp_path, assignments=TOGETHER)
    assert list(found.totals["total"]) == [exact("72")]
    assert list(found.pay["pay"]) == [exact("5420")]


def test_one_own_card_and_plan_for_two_posts(tmp_path: Path) -> None:
    """An own card and plan hold for the whole person: 60 points, 6,000 + 1,000 x 0.5."""
    own_card = (
        BASE["scorecards"]
        + """
        employee, E1, inquiry_conversion, 2026-01-01, core, 100, percentage, 1, 0, own_history, platform_erp"""
    )
    own_plan = (
        BASE["pay_plans"] + "\n        employee, E1, 2026-01-01, performance, 6000, 1000, one,"
    )
    found = june(tmp_path, assignments=TOGETHER, scorecards=own_card, pay_plans=own_plan)
    assert list(found.totals["total"]) == [exact("60")]
    assert list(found.pay["pay"]) == [exact("6500")]


def test_shares_of_parts_add_up(tmp_path: Path) -> None:
    """Three posts of 10 days in a month of 20/22 days: the parts add up to 0.909091."""
    client = opened(
        tmp_path,
        assignments=TRANSFER + "\n    E1, 2026-06-21, presales_cs, service,",
        attendance="employee, month, scheduled_days, worked_days\nE1, 2026-06, 22, 20",
    )
    held = parts(client, ["2026-06"], "scorecards")
    assert len(held) == 3 and held["days_share"].sum() == 909_091
    assert held["part_share"].sum() == MILLION
    assert list(held["main"]) == [False, False, True]  # of equals the latest


def test_own_result_standard_counts_for_the_days_worked(tmp_path: Path) -> None:
    """Own sales 50,000 in 11 of 22 days against 100,000 a month: 100,000 x 0.5, so 100 points;
    the conversion of the same days is a rate and keeps its standard."""
    found = june(
        tmp_path,
        attendance="employee, month, scheduled_days, worked_days\nE1, 2026-06, 22, 11",
        scorecards="""
            subject_kind, subject_id, indicator, effective_from, role, weight, method, cap, zero_below, standard_basis, data_source
            post, presales_cs, cs_sales, 2026-01-01, core, 50, percentage, 1, 0, agreed, platform_erp
            post, presales_cs, inquiry_conversion, 2026-01-01, core, 50, percentage, 1, 0, own_history, platform_erp""",
        standards="""
            subject_kind, subject_id, indicator, period, standard
            post, presales_cs, inquiry_conversion, 2026, 0.40
            post, presales_cs, cs_sales, 2026, 100000""",
        actuals="""
            subject_kind, subject_id, indicator, period, value, source_kind
            employee, E1, inquiry_conversion, 2026-06, 0.24, platform_erp
            employee, E1, cs_sales, 2026-06, 50000, platform_erp""",
    )  # fmt: skip
    assert list(found.rows["row_score"]) == [exact("50"), exact("30")]
    assert list(found.rows["standard_days_share"]) == [exact("0.5"), MILLION]
