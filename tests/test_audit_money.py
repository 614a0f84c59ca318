# ruff: noqa: E501  (tables stand here as in the client's folder)
"""What an auditor found: cents, lost amounts and silent assumptions, each with its arithmetic."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from golden_cases import stored
from test_method_days import BASE, TRANSFER
from written_client import CONFIG, written_client

from ecperf_kit.exact import exact
from ecperf_kit.method.calculate import Calculation, calculate
from ecperf_kit.method.dividend import ledger
from ecperf_kit.method.paid import better_of
from ecperf_kit.outputs.wording import Wording
from ecperf_kit.period import Period
from ecperf_kit.rules.rollout import check_rollout
from ecperf_kit.stages.explain import explain
from ecperf_kit.stages.rollout import rollout

OPERATOR = {
    **BASE,
    "channels": "channel, name\ntmall, 天猫\njd, 京东",
    "assignments": "employee, effective_from, post, department, channel\n"
    "E1, 2024-01-01, store_operator, service, tmall",
    "scorecards": "subject_kind, subject_id, indicator, effective_from, role, weight, method, cap, zero_below, standard_basis, data_source\n"
    "post, store_operator, net_sales, 2026-01-01, core, 100, percentage, 1, 0.6, annual_plan, finance_report",
    "standards": "subject_kind, subject_id, indicator, period, standard",
    "actuals": "subject_kind, subject_id, indicator, period, value, source_kind\n"
    "channel, tmall, net_sales, 2026-06, 900, finance_report\n"
    "company, shop, net_sales, 2026-06, 900, finance_report",
    "assessments": "employee, period, indicator, superior_date\nE1, 2026-06, net_sales, 2026-07-08",
    "targets": "month, channel, measure, amount\n2026-06, tmall, net_sales, 1000",
    "pay_plans": "subject_kind, subject_id, effective_from, structure, base, performance_pay, coefficient_table\n"
    "post, store_operator, 2026-01-01, performance, 4000, 2000, one",
}
COMMISSION = (
    "subject_kind, subject_id, effective_from, structure, base, coefficient_table, sales_rate, commission_from\n"
    "post, store_operator, 2026-01-01, commission_sales, 4000, one, 0.01, company"
)
BRIDGE = "channel, month, backend_sales, non_genuine, refunds, coupons_fees, finance_sales\n"


def june(root: Path, base: dict[str, str] = BASE, **tables: str) -> Calculation:
    return calculate(written_client(root, {**base, **tables}), ["2026-06"])


def codes(found: Calculation) -> list[str]:
    return sorted({finding.code for finding in found.findings})


def amount(found: Calculation, line: str) -> Any:
    (value,) = found.lines.loc[found.lines["line"] == line, "amount"]
    return value


# -- the plan behind a standard ------------------------------------------------------------
@pytest.mark.parametrize(
    ("channel", "targets"),
    [
        # the channel's 1,000 and the same 1,000 by category
        ("tmall", "2026-06, tmall, , net_sales, 1000\n2026-06, tmall, 床品, net_sales, 600\n2026-06, tmall, 毛巾, net_sales, 400"),
        # the company's 1,000 and the same 1,000 by channel, one of them by category
        ("", "2026-06, , , net_sales, 1000\n2026-06, tmall, , net_sales, 600\n2026-06, jd, 床品, net_sales, 150\n2026-06, jd, 毛巾, net_sales, 250"),
        # by category only: 600 + 400
        ("tmall", "2026-06, tmall, 床品, net_sales, 600\n2026-06, tmall, 毛巾, net_sales, 400"),
        # by channel only: 600 + 400
        ("", "2026-06, tmall, , net_sales, 600\n2026-06, jd, , net_sales, 400"),
    ],
)  # fmt: skip
def test_a_plan_given_whole_and_in_parts_counts_once(
    tmp_path: Path, channel: str, targets: str
) -> None:
    """900 of 1,000 = 90 points, coefficient 1.0: 4,000 + 2,000. Counted twice it was 45 %: 0 points."""
    found = june(
        tmp_path,
        OPERATOR,
        assignments=OPERATOR["assignments"].replace("tmall", channel),
        targets="month, channel, category, measure, amount\n" + targets,
    )
    assert list(found.rows["standard"]) == [exact("1000")]
    assert list(found.totals["total"]) == [exact("90")]
    assert list(found.pay["pay"]) == [exact("6000")]


# -- days ----------------------------------------------------------------------------------
QUARTER = {
    **BASE,
    "assignments": "employee, effective_from, post, department\nE1, 2024-01-01, product_manager, service",
    "pay_plans": "subject_kind, subject_id, effective_from, structure, base, performance_pay, coefficient_table\n"
    "post, product_manager, 2026-01-01, performance, 4000, 2000, one",
    "scorecards": "subject_kind, subject_id, indicator, effective_from, role, weight, method, cap, zero_below, standard_basis, data_source\n"
    "post, product_manager, new_product_sales, 2026-01-01, core, 100, percentage, 1, 0, agreed, finance_report",
    "standards": "subject_kind, subject_id, indicator, period, standard\npost, product_manager, new_product_sales, 2026, 300",
    "actuals": "subject_kind, subject_id, indicator, period, value, source_kind\n"
    + "\n".join(f"employee, E1, new_product_sales, 2026-0{m}, {v}, finance_report" for m, v in ((4, 90), (5, 90), (6, 20))),
    "assessments": "employee, period, indicator, superior_date\nE1, 2026-06, new_product_sales, 2026-07-08",
}  # fmt: skip


def test_absence_reduces_its_own_month_of_a_quarter(tmp_path: Path) -> None:
    """Full in April and May, 11 of 22 days in June: (1 + 1 + 0.5) / 3 = 0.833333 of 300 is 249.9999.

    200 reached: 200 / 249.9999 = 80.000032 -> 80.00 points, coefficient 1.0. With June's half
    taken of the whole quarter the standard was 150 and the score 100.
    """
    found = june(
        tmp_path,
        QUARTER,
        attendance="employee, month, scheduled_days, worked_days\nE1, 2026-04, 21, 21\n"
        "E1, 2026-05, 19, 19\nE1, 2026-06, 22, 11",
    )
    assert list(found.rows["standard"]) == [exact("249.9999")]
    assert list(found.totals["total"]) == [exact("80")]


def test_absence_early_in_a_quarter_is_not_forgotten(tmp_path: Path) -> None:
    """0 of 21 days in April, then full: 2 / 3 = 0.666667 of 300 = 200.0001; 200 reached = 99.99995."""
    found = june(
        tmp_path,
        QUARTER,
        attendance="employee, month, scheduled_days, worked_days\nE1, 2026-04, 21, 0\n"
        "E1, 2026-05, 19, 19\nE1, 2026-06, 22, 22",
    )
    assert list(found.rows["standard"]) == [exact("200.0001")]
    assert list(found.totals["total"]) == [exact("100")]


def test_a_joiner_of_the_quarter_keeps_the_first_months_share(tmp_path: Path) -> None:
    """Hired on 16 May: two months of 300 / 3 = 200; (16 / 31 + 1) / 2 = (0.516129 + 1) / 2 =
    0.7580645 -> 0.758065, so 151.613; 110 reached = 72.553145 -> 72.55 points."""
    found = june(
        tmp_path,
        QUARTER,
        employees="employee, name, hired\nE1, 甲, 2026-05-16",
        assignments=QUARTER["assignments"].replace("2024-01-01", "2026-05-16"),
        actuals="\n".join(
            line for line in QUARTER["actuals"].splitlines() if "2026-04" not in line
        ),
    )
    assert list(found.rows["standard"]) == [exact("151.613")]
    assert list(found.totals["total"]) == [exact("72.55")]


def test_a_person_missing_from_the_months_attendance_is_told(tmp_path: Path) -> None:
    """E2's days are recorded, E1's are not: paid in full by the calendar, and said so."""
    two = {
        "employees": "employee, name, hired\nE1, 甲, 2024-01-01\nE2, 乙, 2024-01-01",
        "assignments": BASE["assignments"] + "\n        E2, 2024-01-01, presales_cs, service,",
        "attendance": "employee, month, scheduled_days, worked_days\nE2, 2026-06, 22, 22",
    }
    found = june(tmp_path, **two)
    told = {f.subject for f in found.findings if f.code == "C112"}
    assert told == {"employee:E1"}


def test_no_scheduled_days_is_a_fault_of_the_data(tmp_path: Path) -> None:
    """0 of 0 days is no share: it was a full month's pay without a word."""
    from ecperf_kit.client import open_client

    written_client(tmp_path, BASE)
    table = tmp_path / "client_data/shop/attendance.csv"
    table.write_text(
        "employee,month,scheduled_days,worked_days\nE1,2026-06,0,0\n", encoding="utf-8"
    )
    assert [f.code for f in open_client("shop", root=tmp_path).findings] == ["D221"]


# -- pay plans -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("plan", "lines"),
    [
        ("fixed, 4000, 2000, , , ", ("performance",)),
        ("performance, 4000, 2000, one, 0.01, ", ("commission_sales",)),
        ("score_bonus, 4000, 2000, , , 0.02", ("performance", "commission_gross_profit")),
        ("performance, 4000, 2000, one, 0, ", ()),  # a rate of 0 pays nothing anyway
        ("fixed, 4000, , , , ", ()),
    ],
)
def test_a_figure_the_structure_does_not_pay_is_told(
    tmp_path: Path, plan: str, lines: tuple[str, ...]
) -> None:
    found = june(
        tmp_path,
        pay_plans="subject_kind, subject_id, effective_from, structure, base, performance_pay, coefficient_table, sales_rate, gross_profit_rate\n"
        f"post, presales_cs, 2026-01-01, {plan}",
    )
    told = [f for f in found.findings if f.code == "C121"]
    assert [f.values["lines"] for f in told] == ([lines] if lines else [])
    if told:
        assert (told[0].source.file, told[0].source.row) == ("pay_plans.csv", 2)


def test_combined_commission_without_any_rate_leaves_pay_open(tmp_path: Path) -> None:
    """Base 4,000 alone is not the pay of somebody on commission."""
    found = june(
        tmp_path,
        OPERATOR,
        pay_plans="subject_kind, subject_id, effective_from, structure, base, coefficient_table\n"
        "post, store_operator, 2026-01-01, commission_combined, 4000, one",
        sales_bridge=BRIDGE + "tmall, 2026-06, 900, 0, 0, 0, 900",
    )
    assert found.pay["pay"].isna().all()
    assert "C113" in codes(found)


# -- what commission and dividend are computed on ---------------------------------------------
def test_company_sales_lack_a_channel(tmp_path: Path) -> None:
    """JD had a bridge in May and none in June: 900 x 1 % = 9.00 is not the company's commission."""
    found = june(
        tmp_path, OPERATOR, pay_plans=COMMISSION,
        sales_bridge=BRIDGE + "tmall, 2026-05, 900, 0, 0, 0, 900\njd, 2026-05, 700, 0, 0, 0, 700\n"
        "tmall, 2026-06, 900, 0, 0, 0, 900",
    )  # fmt: skip
    assert pd.isna(amount(found, "commission_sales"))
    assert found.pay["pay"].isna().all() and "C108" in codes(found)


def test_company_sales_of_all_channels(tmp_path: Path) -> None:
    """(700 + 900) x 1 % x 1.0 = 16.00, placed at the first row of June; JD opens in June."""
    found = june(
        tmp_path, OPERATOR, pay_plans=COMMISSION,
        sales_bridge=BRIDGE + "tmall, 2026-05, 500, 0, 0, 0, 500\njd, 2026-06, 700, 0, 0, 0, 700\n"
        "tmall, 2026-06, 900, 0, 0, 0, 900",
    )  # fmt: skip
    assert amount(found, "commission_sales") == exact("16")
    (line,) = found.lines[found.lines["line"] == "commission_sales"].to_dict("records")
    assert (line["basis_file"], line["basis_row"]) == ("sales_bridge.csv", 3)


def profits(*rows: tuple[str, str]) -> pd.DataFrame:
    return pd.DataFrame({
        "unit": pd.Series(["u"] * len(rows), dtype="str"),
        "quarter": pd.Series([row[0] for row in rows], dtype="str"),
        "profit": stored([row[1] for row in rows]),
        "reserve_share": stored([""] * len(rows)),
    })  # fmt: skip


def test_a_quarter_nobody_delivered_may_have_been_a_loss() -> None:
    """Q3's 3,000 less a reserve of 20 % would be 2,400; with Q2 unknown nobody can say."""
    found = ledger(profits(("2026-Q1", "1000"), ("2026-Q3", "3000")), exact("0.2"))
    assert found["distributable"].tolist() == [exact("800"), pd.NA]


def test_overlapping_periods_of_profit_are_not_added() -> None:
    """Q1 and Q2 again as a half-year: which of them was meant, nobody can say."""
    rows = profits(("2026-Q1", "-1000"), ("2026-Q2", "3000"), ("2026-01..2026-06", "2000"))
    found = ledger(rows, exact("0.2"))
    assert found["distributable"].isna().all()


@pytest.mark.parametrize("turned", [False, True])
def test_one_quarter_twice_in_two_ways_counts_neither_time(turned: bool) -> None:
    """Q2 with 400,000 and its three months with 900,000; Q1 before them stands: 800."""
    twice = [("2026-Q2", "400000"), ("2026-04..2026-06", "900000")]
    rows = profits(("2026-Q1", "1000"), *(reversed(twice) if turned else twice))
    found = ledger(rows, exact("0.2"))
    assert found["distributable"].tolist() == [exact("800"), pd.NA, pd.NA]


def test_a_loss_is_carried_over_the_years_end() -> None:
    """Q4 -1,000; Q1 3,000: (3,000 - 1,000) x 0.8 = 1,600."""
    found = ledger(profits(("2026-Q4", "-1000"), ("2027-Q1", "3000")), exact("0.2"))
    assert list(found["distributable"]) == [0, exact("1600")]


# -- ratings ---------------------------------------------------------------------------------
@pytest.mark.parametrize(("given", "told"), [("100", False), ("150", True)])
def test_a_rating_above_the_weight_is_told(tmp_path: Path, given: str, told: bool) -> None:
    """150 of 100 counts 100, as the total is at most 100; the superior hears of it."""
    found = june(
        tmp_path,
        scorecards="\n".join(BASE["scorecards"].splitlines()[:-1]).replace("platform_erp", "none"),
        assessments=f"employee, period, indicator, superior_score, superior_date\nE1, 2026-06, inquiry_conversion, {given}, 2026-07-08",
    )
    assert list(found.totals["total"]) == [exact("100")]
    assert ("C120" in codes(found)) is told


# -- the pay list ------------------------------------------------------------------------------
PILOT = (
    CONFIG
    + 'pilot_from = "2026-06"\npilot_to = "2026-08"\n[pilot]\ndepartments = ["service"]\npay = "better_of"\n'
)


def test_a_transfer_from_a_post_without_scorecard_stands_once_in_the_pay_list(
    tmp_path: Path,
) -> None:
    only_first = "\n".join(BASE["scorecards"].splitlines()[:-1])
    client = written_client(
        tmp_path, {**BASE, "assignments": TRANSFER, "scorecards": only_first}, PILOT
    )
    report = rollout(replace(client, period=Period.parse("2026-06")))
    assert list(report.table("pay_list")["employee"]) == ["E1"]


@pytest.mark.parametrize(
    ("old", "paid"),
    [
        ("5299.99", "5300"),  # new: 4,000 + 2,000 x 0.5 + 300 = 5,300.00
        ("5300.01", "5300.01"),
        ("", ""),  # nobody knows which is higher: not 0, not the new pay
    ],
)
def test_the_better_of_old_and_new(tmp_path: Path, old: str, paid: str) -> None:
    history = "employee, month, pay\nE1, 2026-05, 9999" + (f"\nE1, 2026-06, {old}" if old else "")
    signed = "paper, subject_kind, subject_id, signed_by, signed_on\nconsent, employee, E1, 甲, 2026-05-20"
    client = written_client(tmp_path, {**BASE, "pay_history": history, "signoffs": signed}, PILOT)
    client = replace(client, period=Period.parse("2026-06"))
    report = rollout(client)
    (row,) = report.table("pay_list").to_dict("records")
    assert row["pay"] == exact("5300")
    known = [None if pd.isna(row[name]) else int(row[name]) for name in ("old_pay", "paid")]
    assert known == [exact(text) if text else None for text in (old, paid)]
    missing = [f.code for f in report.findings if f.code == "R108"]
    assert missing == ([] if paid else ["R108"])
    assert ("R108" in str(row["codes"])) is not bool(paid)
    assert report.title.key == ("rollout.title.better_of" if paid else "rollout.title.not_compared")
    keys = [step.sentence.key for step in explain(client, "E1", "2026-06")]
    assert ("explain.better_of" if paid else "explain.better_of_unknown") in keys
    for language in ("zh", "en"):
        wording = Wording(client.library, language, client)
        said = [wording.say(step.sentence) for step in explain(client, "E1", "2026-06")]
        said += [wording.say(report.title), wording.say(report.advice)]
        assert not [text for text in said if "{" in text]


def test_the_better_of_needs_the_new_pay_too(tmp_path: Path) -> None:
    """Without June's actual the new pay is unknown; the old 6,500 is not paid out as the better."""
    client = written_client(
        tmp_path,
        {**BASE, "pay_history": "employee, month, pay\nE1, 2026-06, 6500",
         "actuals": BASE["actuals"].replace("2026-06", "2026-05")},
        PILOT,
    )  # fmt: skip
    found = calculate(client, ["2026-06"])
    held = better_of(client, found.pay, ["2026-06"])
    assert held["paid"].isna().all() and list(held["old_pay"]) == [exact("6500")]
    assert "R108" not in {f.code for f in check_rollout(client, found)}


# -- limits that must hold ---------------------------------------------------------------------
@pytest.mark.parametrize(
    ("actual", "total", "coefficient"),
    [
        # standard 1: the actual x 100 is the score; total half-up to 2 decimals before the bands
        ("0.89995", "90", "1.1"),  # 89.995 -> 90.00
        ("0.899949", "89.99", "1.0"),  # 89.9949
        ("0.8", "80", "1.0"),
        ("0.799949", "79.99", "0.9"),
    ],
)
def test_bands_are_looked_up_with_the_rounded_total(
    tmp_path: Path, actual: str, total: str, coefficient: str
) -> None:
    bands = "\n".join(
        f"one, 2026-01-01, {low}, {value}"
        for low, value in (("0", "0.5"), ("60", "0.7"), ("70", "0.9"), ("80", "1"), ("90", "1.1"))
    )
    found = june(
        tmp_path,
        standards=BASE["standards"].replace("0.40", "1"),
        actuals=BASE["actuals"].replace("0.24", actual),
        coefficient_tables="coefficient_table, effective_from, at_least, coefficient\n"
        + bands + "\ntwo, 2026-01-01, 0, 1",
        pay_plans=BASE["pay_plans"].replace("coefficient_table, bonus", "coefficient_table, bonus, over_gate")
        .replace("one, 300", "one, 300, no").replace("two,", "two, ,"),
    )  # fmt: skip
    assert list(found.totals["total"]) == [exact(total)]
    assert list(found.totals["coefficient"]) == [exact(coefficient)]


def test_below_the_lowest_band_there_is_no_pay_and_a_finding(tmp_path: Path) -> None:
    """60 points in a table that begins at 60.01: neither 0 nor 1."""
    found = june(
        tmp_path,
        coefficient_tables="coefficient_table, effective_from, at_least, coefficient\n"
        "one, 2026-01-01, 60.01, 0.7\none, 2026-01-01, 80, 1\ntwo, 2026-01-01, 0, 1",
    )
    assert found.totals["coefficient"].isna().all() and found.pay["pay"].isna().all()
    assert "C109" in codes(found)


def test_one_persons_missing_actual_leaves_the_others_alone(tmp_path: Path) -> None:
    """E1 lacks the actual, E2 has 60 points: 4,000 + 1,000 + 300; E1 has no pay and is not lost."""
    found = june(
        tmp_path,
        employees="employee, name, hired\nE1, 甲, 2024-01-01\nE2, 乙, 2024-01-01",
        assignments=BASE["assignments"] + "\n        E2, 2024-01-01, presales_cs, service,",
        actuals=BASE["actuals"].replace("E1, inquiry", "E2, inquiry"),
        assessments=BASE["assessments"].replace("E1, 2026-06, inquiry", "E2, 2026-06, inquiry"),
    )
    pays = dict(zip(found.pay["employee"], found.pay["pay"], strict=True))
    assert pd.isna(pays["E1"]) and pays["E2"] == exact("5300")
    assert [f.values["people"] for f in found.findings if f.code == "C101"] == [1]
