# ruff: noqa: E501  (tables stand here as in the client's folder)
"""Who is measured by what: versions in force, subjects, standards, the plan, cycles."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from written_client import CONFIG, written_client

from ecperf_kit.client import Client
from ecperf_kit.exact import exact
from ecperf_kit.method.calculate import calculate
from ecperf_kit.method.in_force import in_force
from ecperf_kit.method.scorecards import ASSESSED_COLUMNS, assessed_rows

BASE = {
    "channels": "channel, name\ntmall, 天猫\ndouyin, 抖音",
    "departments": "department, name\nsales, 销售\nservice, 客服",
    "employees": "employee, name, hired\nE1, 甲, 2024-01-01\nE2, 乙, 2024-01-01",
    "assignments": """
        employee, effective_from, post, department, channel
        E1, 2024-01-01, store_operator, sales, tmall
        E2, 2024-01-01, presales_cs, service,""",
    "scorecards": """
        subject_kind, subject_id, indicator, effective_from, role, weight, method, standard_basis, data_source
        post, store_operator, net_sales, 2026-01-01, core, 60, percentage, annual_plan, finance_report
        post, store_operator, return_refund_rate, 2026-01-01, core, 40, step, own_history, platform_erp
        post, presales_cs, inquiry_conversion, 2026-01-01, core, 100, step, own_history, platform_erp""",
    "targets": """
        month, channel, category, measure, amount
        2026-06, tmall, bedding, net_sales, 1200000
        2026-06, tmall, towels, net_sales, 800000
        2026-06, douyin, , net_sales, 500000""",
    "standards": """
        subject_kind, subject_id, indicator, period, standard
        post, store_operator, return_refund_rate, 2026, 0.06
        post, presales_cs, inquiry_conversion, 2026, 0.37
        post, presales_cs, inquiry_conversion, 2026-Q2, 0.40
        post, presales_cs, inquiry_conversion, 2026-05, 0.42""",
    "actuals": """
        subject_kind, subject_id, indicator, period, numerator, denominator, value, source_kind
        channel, tmall, net_sales, 2026-06, , , 1900000, finance_report
        company, shop, net_sales, 2026-06, , , 2400000, finance_report
        post_channel, store_operator@tmall, return_refund_rate, 2026-06, 1, 3, , platform_erp
        department, service, inquiry_conversion, 2026-06, , , 0.38, platform_erp
        employee, E2, inquiry_conversion, 2026-05, , , 0.41, platform_erp""",
}


def opened(root: Path, config: str = CONFIG, **tables: str) -> Client:
    return written_client(root, {**BASE, **tables}, config)


def one(rows: pd.DataFrame, indicator: str, month: str = "2026-06") -> pd.Series:
    (row,) = rows[(rows["indicator"] == indicator) & (rows["month"] == month)].to_dict("records")
    return pd.Series(row)


def test_rows_are_declared_and_sorted(tmp_path: Path) -> None:
    rows = assessed_rows(opened(tmp_path), ["2026-06", "2026-05"])
    assert tuple(rows.columns) == ASSESSED_COLUMNS
    assert [*zip(rows["employee"], rows["month"], rows["indicator"], strict=True)] == [
        ("E1", "2026-05", "net_sales"), ("E1", "2026-05", "return_refund_rate"),
        ("E1", "2026-06", "net_sales"), ("E1", "2026-06", "return_refund_rate"),
        ("E2", "2026-05", "inquiry_conversion"), ("E2", "2026-06", "inquiry_conversion"),
    ]  # fmt: skip
    assert rows.groupby(["employee", "month"])["key_result"].sum().eq(1).all()
    assert one(rows, "net_sales")["key_result"]


def test_no_scorecard_no_rows(tmp_path: Path) -> None:
    client = opened(tmp_path)
    assert assessed_rows(client, ["2025-12"]).empty  # before the first version
    found = calculate(client, ["2025-12"])
    assert found.totals.empty and found.pay.empty


def test_the_version_of_the_month_counts() -> None:
    table = pd.DataFrame(
        {
            "subject": ["a", "a", "b"],
            "effective_from": pd.to_datetime(["2026-01-01", "2026-06-01", "2026-06-02"]),
            "weight": [1, 2, 3],
        }
    )
    found = in_force(table, ["2026-05", "2026-06"], ["subject"])
    assert [*zip(found["month"], found["weight"], strict=True)] == [("2026-05", 1), ("2026-06", 2)]


def test_the_most_specific_subject_and_the_shortest_period_win(tmp_path: Path) -> None:
    rows = assessed_rows(opened(tmp_path), ["2026-05", "2026-06", "2026-07"])
    # June: no own actual, so the department's; May: her own
    assert one(rows, "inquiry_conversion")["actual_subject"] == "department:service"
    assert one(rows, "inquiry_conversion", "2026-05")["actual"] == exact("0.41")
    # the month beats the quarter, the quarter the year
    standards = {m: one(rows, "inquiry_conversion", m)["standard"] for m in rows["month"].unique()}
    assert standards == {
        "2026-05": exact("0.42"), "2026-06": exact("0.40"), "2026-07": exact("0.37")
    }  # fmt: skip
    # a ratio is numerator / denominator, half-up to six decimals, and can be traced
    returned = one(rows, "return_refund_rate")
    assert returned["actual"] == 333_333
    assert (returned["actual_file"], returned["actual_row"]) == ("actuals.csv", 4)
    assert one(rows, "net_sales")["actual_subject"] == "channel:tmall"


def test_the_standard_follows_the_plan_of_the_channel(tmp_path: Path) -> None:
    """1,200,000 + 800,000 = 2,000,000 for Tmall; Douyin's 500,000 is not hers."""
    row = one(assessed_rows(opened(tmp_path), ["2026-06"]), "net_sales")
    assert (row["standard"], row["standard_from"]) == (exact("2000000"), "plan")


E8 = """
    subject_kind, subject_id, indicator, period, standard, applied_on, evidence, approved_by, approved_on, published_on
    post, store_operator, return_refund_rate, 2026, 0.06, , , , ,
    channel, tmall, net_sales, 2026-06, {standard}, {approval}"""
APPROVED = "2026-05-10, 断货说明, 总经理, 2026-05-12, 2026-05-15"


@pytest.mark.parametrize("standard", ["1500000", "2500000"])
def test_a_standard_off_the_plan_does_not_count(tmp_path: Path, standard: str) -> None:
    """Plan 2,000,000: 1,500,000 or 2,500,000 without approval is never calculated (E8)."""
    client = opened(tmp_path, standards=E8.format(standard=standard, approval=", , , ,"))
    found = calculate(client, ["2026-06"])
    row = one(found.rows, "net_sales")
    assert row["standard"] == exact("2000000")
    assert row["standard_ignored"] == exact(standard)
    (finding,) = [f for f in found.findings if f.code == "C104"]
    assert (finding.values["typed"], finding.values["plan"]) == (exact(standard), exact("2000000"))
    assert finding.source.row == 3 or finding.source.file == ""


def test_an_approved_correction_counts(tmp_path: Path) -> None:
    client = opened(tmp_path, standards=E8.format(standard="1500000", approval=APPROVED))
    row = one(assessed_rows(client, ["2026-06"]), "net_sales")
    assert (row["standard"], row["standard_from"]) == (exact("1500000"), "approved")


@pytest.mark.parametrize("missing", range(5))
def test_every_step_of_the_approval_is_needed(tmp_path: Path, missing: int) -> None:
    steps = APPROVED.split(", ")
    steps[missing] = ""
    client = opened(tmp_path, standards=E8.format(standard="1500000", approval=", ".join(steps)))
    assert one(assessed_rows(client, ["2026-06"]), "net_sales")["standard_from"] == "plan"


def test_pilot_months_take_in_the_pilot_only(tmp_path: Path) -> None:
    config = (
        CONFIG + 'pilot_from = "2026-06"\npilot_to = "2026-08"\n[pilot]\nchannels = ["tmall"]\n'
    )
    rows = assessed_rows(opened(tmp_path, config), ["2026-05", "2026-06"])
    by_month = rows.groupby("month")["employee"].unique().map(list).to_dict()
    assert by_month == {"2026-05": ["E1", "E2"], "2026-06": ["E1"]}


def test_own_card_beats_the_posts(tmp_path: Path) -> None:
    cards = (
        BASE["scorecards"]
        + """
        employee, E2, avg_response_time, 2026-06-01, core, 100, interval, own_history, platform_erp"""
    )
    rows = assessed_rows(opened(tmp_path, scorecards=cards), ["2026-05", "2026-06"])
    of_e2 = rows[rows["employee"] == "E2"]
    assert list(of_e2["indicator"]) == ["inquiry_conversion", "avg_response_time"]
    assert list(of_e2["card_kind"]) == ["post", "employee"]


QUARTER = {
    "employees": "employee, name, hired\nE1, 甲, 2024-01-01",
    "scorecards": """
        subject_kind, subject_id, indicator, effective_from, role, weight, method, standard_basis, data_source
        employee, E1, net_sales, 2026-01-01, core, 50, percentage, annual_plan, finance_report
        employee, E1, return_refund_rate, 2026-01-01, core, 50, step, own_history, platform_erp""",
    "assignments": """
        employee, effective_from, post, department, channel
        E1, 2024-01-01, distribution_specialist, sales, tmall""",
    "targets": """
        month, channel, category, measure, amount
        2026-04, tmall, , net_sales, 1000000
        2026-05, tmall, , net_sales, 2000000
        2026-06, tmall, , net_sales, 3000000""",
    "standards": """
        subject_kind, subject_id, indicator, period, standard
        employee, E1, return_refund_rate, 2026, 0.06""",
    "actuals": """
        subject_kind, subject_id, indicator, period, numerator, denominator, value, source_kind
        channel, tmall, net_sales, 2026-04, , , 900000, finance_report
        channel, tmall, net_sales, 2026-05, , , 1900000, finance_report
        channel, tmall, net_sales, 2026-06, , , 3200000, finance_report
        channel, tmall, return_refund_rate, 2026-04, 1, 10, , platform_erp
        channel, tmall, return_refund_rate, 2026-05, 5, 90, , platform_erp""",
}


def test_a_longer_cycle_is_scored_to_date(tmp_path: Path) -> None:
    """May: sales 900,000 + 1,900,000 = 2,800,000 against 1,000,000 + 2,000,000; returns
    (1 + 5) / (10 + 90) = 6 %, not the mean of 10 % and 5.56 %."""
    rows = assessed_rows(opened(tmp_path, **QUARTER), ["2026-04", "2026-05", "2026-06"])
    april, may, june = (one(rows, "net_sales", m) for m in ("2026-04", "2026-05", "2026-06"))
    assert (april["actual"], april["standard"]) == (exact("900000"), exact("1000000"))
    assert (may["actual"], may["standard"]) == (exact("2800000"), exact("3000000"))
    assert (june["actual"], june["standard"]) == (exact("6000000"), exact("6000000"))
    assert [april["to_date"], may["to_date"], june["to_date"]] == [True, True, False]
    assert one(rows, "return_refund_rate", "2026-05")["actual"] == exact("0.06")
    # June's returns were not delivered: missing, not the ratio of two months
    assert pd.isna(one(rows, "return_refund_rate", "2026-06")["actual"])


def test_a_missing_month_of_a_cycle_is_missing(tmp_path: Path) -> None:
    tables = dict(QUARTER)
    tables["actuals"] = "\n".join(
        line for line in tables["actuals"].splitlines() if "net_sales, 2026-04" not in line
    )
    rows = assessed_rows(opened(tmp_path, **tables), ["2026-05"])
    assert pd.isna(one(rows, "net_sales", "2026-05")["actual"])


def test_a_cycle_begins_with_the_scheme(tmp_path: Path) -> None:
    """Scheme from May: May alone counts, 1,900,000 against 2,000,000."""
    cards = QUARTER["scorecards"].replace("2026-01-01", "2026-05-01")
    rows = assessed_rows(opened(tmp_path, **{**QUARTER, "scorecards": cards}), ["2026-05"])
    row = one(rows, "net_sales", "2026-05")
    assert (row["actual"], row["standard"]) == (exact("1900000"), exact("2000000"))


def test_missing_figures_are_findings(tmp_path: Path) -> None:
    """July: nothing was delivered and nothing planned."""
    found = calculate(opened(tmp_path), ["2026-05", "2026-07"])
    told = [(f.code, f.values["month"], f.values.get("indicator")) for f in found.findings]
    missing = [one for one in told if one[0] in ("C101", "C119")]
    # May: only the conversion of E2 is there
    assert missing == [
        ("C119", "2026-07", None),
        ("C101", "2026-05", "net_sales"),
        ("C101", "2026-05", "return_refund_rate"),
    ]
