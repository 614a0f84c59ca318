# ruff: noqa: E501  (tables stand here as in the client's folder)
"""Pay: agreement with the oracle on every cent, the gate, what is missing, before and after."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from pathlib import Path
from typing import Any

import oracle
import pandas as pd
import pytest
from golden_cases import stored
from hypothesis import given, settings
from hypothesis import strategies as st
from test_method_days import BASE as DAYS
from written_client import CONFIG, written_client

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, decimal, exact
from ecperf_kit.library import load_library
from ecperf_kit.method.calculate import Calculation, calculate
from ecperf_kit.method.coefficient import look_up
from ecperf_kit.method.comparison import BINS, compared, comparison
from ecperf_kit.method.costing import rates_against_pool
from ecperf_kit.method.findings import calculation_findings
from ecperf_kit.outputs.wording import Wording

T1 = [("0", "0.5"), ("60", "0.7"), ("70", "0.9"), ("80", "1.0"), ("90", "1.1"), ("95", "1.2")]
BASE = {
    "channels": "channel, name\ntmall, 天猫",
    "departments": "department, name\nsales, 销售",
    "employees": "employee, name, hired\nE1, 甲, 2024-01-01",
    "assignments": "employee, effective_from, post, department, channel\n"
    "E1, 2024-01-01, store_operator, sales, tmall",
    "attendance": "employee, month, scheduled_days, worked_days\nE1, 2026-06, 22, 22",
    "coefficient_tables": "coefficient_table, effective_from, at_least, coefficient\n"
    + "\n".join(f"T1, 2026-01-01, {bound}, {value}" for bound, value in T1),
    "pay_plans": "subject_kind, subject_id, effective_from, structure, base, performance_pay, "
    "coefficient_table, sales_rate, gross_profit_rate, commission_from, over_gate\n"
    "post, store_operator, 2026-01-01, commission_combined, 4321.09, 2345.67, T1, 0.00123, "
    "0.0456, channel,",
    "scorecards": "subject_kind, subject_id, indicator, effective_from, role, weight, method, cap, "
    "zero_below, step_size, step_deduct, bands, bands_on, standard_basis, data_source\n"
    "post, store_operator, gross_profit, 2026-01-01, core, 50, percentage, 1, 0.6, , , , , "
    "agreed, finance_report\n"
    "post, store_operator, promo_roi, 2026-01-01, core, 30, step, , , 0.1, 0.1, , , agreed, "
    "platform_erp\n"
    "post, store_operator, stock_sell_through, 2026-01-01, core, 20, interval, , , , , "
    ">=0.9:100%; >=0.7:55%; else:0%, actual, agreed, platform_erp",
    "standards": "subject_kind, subject_id, indicator, period, standard\n"
    "post, store_operator, gross_profit, 2026, 300000\npost, store_operator, promo_roi, 2026, 5",
    "actuals": "subject_kind, subject_id, indicator, period, value, source_kind\n"
    "channel, tmall, gross_profit, 2026-06, 270000, finance_report\n"
    "channel, tmall, promo_roi, 2026-06, 4.95, platform_erp\n"
    "channel, tmall, stock_sell_through, 2026-06, 0.8, platform_erp",
    "sales_bridge": "channel, month, backend_sales, non_genuine, refunds, coupons_fees, "
    "finance_sales\ntmall, 2026-06, 900000, 0, 0, 0, 900000",
    "assessments": "employee, period, indicator, superior_date\nE1, 2026-06, gross_profit, 2026-07-08"
    "\nE1, 2026-06, promo_roi, 2026-07-08\nE1, 2026-06, stock_sell_through, 2026-07-08",
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Client:
    return written_client(tmp_path_factory.mktemp("pay"), BASE)


def changed(client: Client, table: str, **columns: Any) -> Client:
    """The client with other values in some columns of a table."""
    frame = client.table(table).copy()
    for name, value in columns.items():
        frame[name] = pd.Series(value, index=frame.index).astype(frame[name].dtype)
    return dataclasses.replace(client, tables={**client.tables, table: frame})


MONEY = st.integers(0, 10**9).map(lambda fen: fen * 10_000)
RATE = st.integers(0, MILLION)


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(st.integers(-(10**11), 10**12), st.integers(0, 10**7), st.integers(0, MILLION)),
    st.tuples(MONEY, MONEY, RATE, RATE),
    MONEY,
    st.integers(20, 44),
    st.sampled_from([True, False, None]),
)
def test_every_cent_agrees_with_the_oracle(
    shop: Client,
    actuals: tuple[int, int, int],
    plan: tuple[int, int, int, int],
    sales: int,
    half_days: int,
    gate: bool | None,
) -> None:
    client = changed(shop, "actuals", value=list(actuals))
    base, performance, sales_rate, profit_rate = plan
    client = changed(
        client, "pay_plans", base=base, performance_pay=performance, sales_rate=sales_rate,
        gross_profit_rate=profit_rate, over_gate=pd.array([gate], dtype="boolean"),
    )  # fmt: skip
    client = changed(client, "sales_bridge", finance_sales=sales)
    client = changed(client, "attendance", worked_days=half_days * MILLION // 2)
    found = calculate(client, ["2026-06"])

    profit, roi, sold = (str(decimal(value)) for value in actuals)
    cards = [
        {"weight": "50", "method": "percentage", "actual": profit, "standard": "300000",
         "cap": "1", "zero_below": "0.6"},
        {"weight": "30", "method": "step", "actual": roi, "standard": "5", "step_size": "0.1",
         "step_deduct": "0.1"},
        {"weight": "20", "method": "interval", "actual": sold, "standard": "",
         "bands": ">=0.9:100%; >=0.7:55%; else:0%", "bands_on": "actual"},
    ]  # fmt: skip
    total = oracle.total([oracle.row_score({"direction": "", **row}) for row in cards])
    assert total is not None
    reached = actuals[0] >= exact("300000")
    # an operator is a sales post: the gate is on unless the plan says no
    coefficient = oracle.coefficient(total, T1, gate is not False, reached)
    days = oracle.rounded(oracle.Fraction(half_days, 44), oracle.SIX)
    lines = {
        "base": oracle.line(decimal(base), days),
        "performance": oracle.line(decimal(performance), coefficient, days),
        "commission_sales": oracle.line(decimal(sales), decimal(sales_rate), coefficient, days),
        "commission_gross_profit": oracle.line(
            max(decimal(actuals[0]), Decimal(0)), decimal(profit_rate), coefficient, days
        ),
    }
    amounts = zip(found.lines["line"], found.lines["amount"], strict=True)
    assert {line: decimal(amount) for line, amount in amounts} == lines
    assert decimal(found.totals["total"].iloc[0]) == total
    assert decimal(found.pay["pay"].iloc[0]) == sum(lines.values())


def june(client: Client) -> Calculation:
    return calculate(client, ["2026-06"])


def codes(found: Calculation) -> set[str]:
    return {finding.code for finding in found.findings}


FULL = [exact("300000"), exact("5"), exact("0.9")]


@pytest.mark.parametrize(
    ("actuals", "gate", "coefficient", "gated"),
    [
        (FULL, None, "1.2", False),  # 100 points and the profit reached
        (
            [exact("299999.99"), *FULL[1:]],
            None,
            "1.0",
            True,
        ),  # 99.999998 -> 100.00, but a cent short
        ([exact("299999.99"), *FULL[1:]], False, "1.2", False),
        ([exact("180000"), *FULL[1:]], True, "1.0", False),  # 80 points: 1.0 needs no gate
    ],
)
def test_over_performance_gate(
    shop: Client, actuals: list[int], gate: bool | None, coefficient: str, gated: bool
) -> None:
    client = changed(shop, "actuals", value=actuals)
    client = changed(client, "pay_plans", over_gate=pd.array([gate], dtype="boolean"))
    found = june(client)
    assert list(found.totals["coefficient"]) == [exact(coefficient)]
    assert list(found.totals["gated"]) == [gated]
    assert ("C118" in codes(found)) is gated


def test_a_score_below_the_lowest_band_has_no_coefficient() -> None:
    table = pd.DataFrame({
        "at_least": stored(["60", "80"]), "coefficient": stored(["0.8", "1"]),
        "form": pd.Series(["bands", "bands"], dtype="str"),
    })  # fmt: skip
    assert look_up(stored(["59.99", "60", ""]), table).isna().tolist() == [True, False, True]


def test_a_linear_table_between_its_points() -> None:
    """Half way from 60 (0.6) to 90 (1.1): 0.85; a third: 0.766667; level above and at the top."""
    table = pd.DataFrame({
        "at_least": stored(["60", "90"]), "coefficient": stored(["0.6", "1.1"]),
        "form": pd.Series(["linear", "linear"], dtype="str"),
    })  # fmt: skip
    found = look_up(stored(["75", "70", "90", "99"]), table)
    assert list(found) == list(stored(["0.85", "0.766667", "1.1", "1.1"]))


def test_unconfirmed_rows_make_pay_provisional(shop: Client) -> None:
    found = june(changed(shop, "assessments", superior_date=pd.NaT))
    assert list(found.pay["state"]) == ["provisional"]
    assert found.pay["pay"].notna().all()
    by_line = dict(zip(found.lines["line"], found.lines["state"], strict=True))
    assert by_line["base"] == "final" and by_line["performance"] == "provisional"
    (finding,) = [f for f in found.findings if f.code == "C105"]
    assert (finding.values["rows"], finding.values["people"]) == (3, 1)


def test_a_missing_actual_leaves_pay_open(shop: Client) -> None:
    found = june(changed(shop, "actuals", value=[pd.NA, exact("5"), exact("0.9")]))
    assert found.pay["pay"].isna().all() and list(found.pay["state"]) == ["missing"]
    assert "C119" not in codes(found)
    assert found.lines.loc[found.lines["line"] == "base", "amount"].notna().all()
    assert {"C101", "C108"} <= codes(found)


def test_a_missing_rate_is_not_0(shop: Client) -> None:
    found = june(changed(shop, "pay_plans", structure="commission_sales", sales_rate=pd.NA))
    assert found.pay["pay"].isna().all()
    assert "C113" in codes(found)


def test_no_coefficient_table_in_force(shop: Client) -> None:
    later = changed(shop, "coefficient_tables", effective_from=pd.Timestamp("2026-06-02"))
    found = june(later)
    assert found.totals["coefficient"].isna().all() and found.pay["pay"].isna().all()
    assert "C109" in codes(found)


def test_no_pay_plan_is_an_open_line(shop: Client) -> None:
    found = june(changed(shop, "pay_plans", effective_from=pd.Timestamp("2026-07-01")))
    assert list(found.lines["missing"]) == ["plan"]
    assert list(found.pay["state"]) == ["missing"]


def test_a_past_month_keeps_its_plan(tmp_path: Path) -> None:
    """From July the base is 5,000; June stays 4,000 + 2,000 x 0.5 + 300."""
    plans = DAYS["pay_plans"] + (
        "\n        post, presales_cs, 2026-07-01, performance, 5000, 2000, one, 300"
    )
    found = june(written_client(tmp_path, {**DAYS, "pay_plans": plans}))
    assert list(found.pay["pay"]) == [exact("5300")]


def test_changed_scores_are_told(shop: Client) -> None:
    """270,000 of 300,000 = 45 of 50. The superior gives 50 without, then with, reason and evidence."""
    given = [exact("50"), pd.NA, pd.NA]
    half = changed(shop, "assessments", superior_score=given, override_reason=["断货", None, None])
    found = june(half)
    assert found.rows["row_score"].iloc[0] == exact("45")
    (finding,) = [f for f in found.findings if f.code == "C106"]
    assert (finding.values["given"], finding.values["computed"]) == (exact("50"), exact("45"))
    whole = changed(half, "assessments", override_evidence=["工单 3", None, None])
    found = june(whole)
    assert found.rows["row_score"].iloc[0] == exact("50")
    assert "C107" in codes(found) and "C106" not in codes(found)


def test_other_scores_than_the_data_are_told_once(shop: Client) -> None:
    """50, 30 and 11 given for 45, 27 and 11: 8 points more, one note."""
    given = [exact("50"), exact("30"), exact("11")]
    client = changed(changed(shop, "employees", superior="E9"), "assessments", superior_score=given)
    (finding,) = [f for f in june(client).findings if f.code == "C116"]
    assert (finding.values["people"], finding.values["difference"]) == (1, exact("8"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_finding_can_be_worded(shop: Client, language: str) -> None:
    client = changed(shop, "actuals", value=[pd.NA, exact("5"), exact("0.9")])
    client = changed(client, "assessments", superior_date=pd.NaT)
    client = changed(client, "standards", standard=[exact("0"), pd.NA])
    wording = Wording(client.library, language, client)
    for finding in june(client).findings:
        for part in wording.finding(finding):
            assert part and "{" not in part


def test_every_code_has_its_texts() -> None:
    library = load_library()
    own = [code for code in library.codes if code.startswith("C")]
    assert len(own) == 23
    assert not [text for text in library.missing_texts() if "finding.C" in text]


RAISED: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "C102": [("standards", {"standard": [pd.NA, exact("5")]})],
    "C103": [("standards", {"standard": [0, exact("5")]})],
    "C108": [("sales_bridge", {"month": "2026-05"})],
    "C110": [("scorecards", {"effective_from": pd.Timestamp("2026-07-01")}),
             ("assignments", {"post": "store_operator"})],
    "C111": [("attendance", {"worked_days": exact("9")})],
    "C112": [("attendance", {"month": "2026-05"}), ("employees", {"hired": pd.Timestamp("2026-06-10")})],
    "C114": [("scorecards", {"data_source": "none"}), ("assessments", {"superior_date": pd.NaT})],
    "C115": [("scorecards", {"bands": pd.NA})],
    "C117": [("assignments", {"post": "distribution_specialist"}),
             ("scorecards", {"subject_id": "distribution_specialist"}), ("actuals", {"period": "2026-05"})],
    "C119": [("actuals", {"value": pd.NA})],
}  # fmt: skip


@pytest.mark.parametrize("code", RAISED)
def test_each_fault_is_told(shop: Client, code: str) -> None:
    client = shop
    for table, columns in RAISED[code]:
        client = changed(client, table, **columns)
    found = calculate(client, ["2026-05" if code == "C117" else "2026-06"])
    assert code in codes(found)
    told = [finding for finding in found.findings if finding.code == code]
    for finding in told:
        for language in ("zh", "en"):
            texts = Wording(client.library, language, client).finding(finding)
            assert all(texts) and "{" not in "".join(texts)
    assert code not in codes(june(shop))


def test_findings_need_no_rows(shop: Client) -> None:
    found = calculate(shop, ["2025-06"])
    assert calculation_findings(shop, found.rows, found.totals, found.lines) == []


def test_compared_in_five_bins() -> None:
    """5 % of 6,500 is 325.00: exactly that is still small, a fen more is not."""
    after = ["6175", "6174.99", "6499.99", "6500", "6500.01", "6825", "6825.01", "5330", ""]
    found = compared(stored(["6500"] * 9), stored(after), exact("0.05"))
    assert list(found["bin"])[:8] == [
        "down", "down_much", "down", "unchanged", "up", "up", "up_much", "down_much"
    ]  # fmt: skip
    assert set(found["bin"].dropna()) == set(BINS)
    assert found["change_share"][7] == exact("-0.18")
    assert found.iloc[8].isna().all()


def test_pay_is_held_against_the_same_month_last_year(tmp_path: Path) -> None:
    """Last year's June 6,000 before the shadow month's 6,500; then the latest known month."""
    config = CONFIG + 'pilot_from = "2026-06"\npilot_to = "2026-08"\n'
    history = "employee, month, pay\nE1, 2026-06, 6500\nE1, 2026-05, 6400\nE1, 2025-06, 6000"
    client = written_client(tmp_path / "a", {**DAYS, "pay_history": history}, config)
    row = comparison(client, june(client).pay).iloc[0]
    assert (row["before"], row["before_from"]) == (exact("6000"), "last_year")
    assert row["change"] == exact("-700")

    history = history.replace("\nE1, 2025-06, 6000", "")
    client = written_client(tmp_path / "b", {**DAYS, "pay_history": history}, config)
    row = comparison(client, june(client).pay).iloc[0]
    assert (row["before"], row["before_from"]) == (exact("6500"), "same_month")

    client = written_client(tmp_path / "c", {**DAYS, "pay_history": history})
    row = comparison(client, june(client).pay).iloc[0]
    assert (row["before"], row["before_from"]) == (exact("6400"), "earlier")


def test_rates_are_held_against_the_pool() -> None:
    """0.5 % + 0.8 % + 0.8 % = 2.1 % on Tmall, over 2 %; JD's rate is missing."""
    plans = pd.DataFrame(
        {
            "channel": ["tmall", "tmall", "tmall", "jd"],
            "employee": ["E1", "E2", "E3", "E4"],
            "rate": stored(["0.005", "0.008", "0.008", ""]),
        }
    )
    found = rates_against_pool(plans, exact("0.02")).set_index("channel")
    assert found.loc["tmall", "rates"] == exact("0.021") and found.loc["tmall", "over"]
    assert pd.isna(found.loc["jd", "rates"]) and not found.loc["jd", "over"]
