"""The demo clients: each shows its answer key and nothing else, and the key figures to the cent.

``answer_key.csv`` names the finding codes of every case; the figures here were
worked out by hand, the arithmetic stands beside them.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pytest

from ecperf_kit.client import Client, open_client
from ecperf_kit.exact import MILLION, exact
from ecperf_kit.finding import Finding
from ecperf_kit.library import load_library
from ecperf_kit.method.attribution import Repairs, attribution
from ecperf_kit.method.calculate import Calculation, calculate, calculate_rows
from ecperf_kit.method.scorecards import assessed_rows
from ecperf_kit.period import months_between
from ecperf_kit.rules import check_organisation, check_scheme
from ecperf_kit.rules.pilot import check_pilot, pilot_of
from ecperf_kit.stages.exam import exam

ROOT = Path(__file__).resolve().parent.parent
DEMOS = ("qinghe_draft", "qinghe", "xiaoman")
PRESALES = ("E025", "E026", "E027", "E028")
JUNE = "2026-06"


@cache
def demo(name: str) -> Client:
    return open_client(name, root=ROOT)


@cache
def piloted(name: str) -> Calculation:
    return calculate(demo(name), pilot_months(name))


def pilot_months(name: str) -> tuple[str, ...]:
    dates = demo(name).config.dates
    return months_between(dates.pilot_from, dates.pilot_to)


def with_table(client: Client, name: str, frame: pd.DataFrame) -> Client:
    return replace(client, tables=MappingProxyType({**client.tables, name: frame}))


def of(frame: pd.DataFrame, employee: str, month: str, column: str) -> int:
    chosen = frame[(frame["employee"] == employee) & (frame["month"] == month)]
    assert len(chosen) == 1
    return int(chosen[column].iloc[0])


# --- the answer key ---------------------------------------------------------------------------


def answer_key(name: str) -> list[dict[str, str]]:
    text = (ROOT / "tests" / "answer_key.csv").read_text(encoding="utf-8")
    return [row for row in csv.DictReader(text.splitlines()) if row["client"] == name]


@cache
def raised(name: str) -> tuple[Finding, ...]:
    """All that the data, the scheme, the organisation and, if it ran, the pilot show."""
    client = demo(name)
    found = (*client.findings, *check_scheme(client), *check_organisation(client))
    if "assessments" in client.present:
        found += check_pilot(pilot_of(client, pilot_months(name)))
    return found


@pytest.mark.parametrize("name", DEMOS)
def test_errors_and_warnings_are_those_of_the_answer_key_and_no_others(name: str) -> None:
    codes = load_library().codes
    grave = {f.code for f in raised(name) if codes[f.code].severity != "note"}
    assert grave == {row["code"] for row in answer_key(name) if row["severity"] != "note"}


@pytest.mark.parametrize("name", DEMOS)
def test_every_case_of_the_answer_key_is_found(name: str) -> None:
    assert {row["code"] for row in answer_key(name)} <= {f.code for f in raised(name)}


def test_the_answer_key_has_every_case() -> None:
    text = (ROOT / "tests" / "answer_key.csv").read_text(encoding="utf-8")
    cases = {row["case"] for row in csv.DictReader(text.splitlines())}
    wanted = {f"1-D{n}" for n in range(1, 9)} | {f"1-P{n}" for n in range(1, 7)}
    wanted |= {f"3-D{n}" for n in range(1, 9)} | {f"3-P{n}" for n in range(1, 5)}
    assert cases == wanted


def test_the_draft_has_each_fault_where_it_was_planted() -> None:
    found = {(f.code, f.subject, f.values.get("indicator", "")) for f in raised("qinghe_draft")}
    operator, manager = "post:store_operator", "employee:E002"
    for indicator in ("store_conversion", "traffic_uv", "ppc"):
        assert ("S107", operator, indicator) in found
    assert {("S107", manager, "store_conversion"), ("S107", manager, "traffic_uv")} <= found
    assert ("S108", manager, "promo_roi") in found
    weights = next(f.values for f in raised("qinghe_draft") if f.code == "S101")
    assert weights["weight"] == exact("120")  # 50 + 20 + 20 + 15 + 15
    off_plan = next(f.values for f in raised("qinghe_draft") if f.code == "S130")
    assert off_plan["gap"] == -166667  # 3.00 of 3.60 m: -16.6667 %


# --- the folders ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", DEMOS)
def test_all_demo_clients_say_that_they_are_invented(name: str) -> None:
    assert demo(name).config.invented
    assert "虚构" in (ROOT / "client_data" / name / "client.toml").read_text("utf-8")


def test_the_draft_and_the_repaired_scheme_are_about_the_same_forty_people_in_23_posts() -> None:
    draft, repaired = demo("qinghe_draft"), demo("qinghe")
    assert len(draft.table("employees")) == 40
    assert draft.table("assignments")["post"].nunique() == 23
    columns = ["employee", "name", "hired", "superior"]
    pd.testing.assert_frame_equal(
        draft.table("employees")[columns], repaired.table("employees")[columns]
    )


def test_the_small_client_has_eight_people_and_seven_seven_six_sheets() -> None:
    assert len(demo("xiaoman").table("employees")) == 8
    totals = piloted("xiaoman").totals
    assert totals.groupby("month").size().to_list() == [7, 7, 6]
    assert (totals["state"] == "final").all()


def test_the_exam_answers_belong_to_the_paper_made_from_the_scheme() -> None:
    """If not, the questions or the scheme changed: python -m tools.make_demo_clients."""
    result = exam(demo("qinghe"))
    codes = load_library().codes
    assert [f.code for f in result.findings if codes[f.code].severity != "note"] == []
    assert len(result.table("persons")) == 39  # everybody but the director, who has no superior


# --- the figures of the answer key ------------------------------------------------------------


@pytest.mark.parametrize("employee", PRESALES)
def test_june_rows_of_pre_sales(employee: str) -> None:
    # conversion 38.5 of 55 %: 0.7 x 30; 48 s against 30 s: attainment 0.4, below 0.6 -> 0;
    # sales 70 %: 0.7 x 20; 4.4 of 4.5, one step: 15 x 0.9; quality 90 of 95, five steps of
    # 5 %: 10 x 0.75; 95 of 98 %, three steps of 10 %: 5 x 0.7
    expected = {
        "inquiry_conversion": "21",
        "avg_response_time": "0",
        "cs_sales": "14",
        "cs_satisfaction": "13.5",
        "qa_score": "7.5",
        "reply_rate_3min": "3.5",
    }
    rows = piloted("qinghe").rows
    rows = rows[(rows["employee"] == employee) & (rows["month"] == JUNE)]
    scores = dict(zip(rows["indicator"], rows["row_score"].astype(int), strict=True))
    assert scores == {name: exact(value) for name, value in expected.items()}


@pytest.mark.parametrize("employee", PRESALES)
def test_june_pay_of_pre_sales_falls_by_18_percent(employee: str) -> None:
    # 21 + 0 + 14 + 13.5 + 7.5 + 3.5 = 59.5 -> 0.4; 4,550 + 1,950 x 0.4 = 5,330.00
    # 5,330 / 6,500 - 1 = -0.18
    result = piloted("qinghe")
    assert of(result.totals, employee, JUNE, "total") == exact("59.5")
    assert of(result.totals, employee, JUNE, "coefficient") == exact("0.4")
    assert of(result.pay, employee, JUNE, "pay") == exact("5330")
    history = demo("qinghe").table("pay_history")
    assert of(history, employee, "2025-06", "pay") == exact("6500")


def _repaired(repairs: Repairs, employee: str = "E025") -> Calculation:
    """June with some of the three causes repaired (and conversion by steps on request)."""
    client = demo("qinghe")
    rows = assessed_rows(client, (JUNE,))
    rows = rows[rows["employee"] == employee].reset_index(drop=True)
    known = client.library.indicators
    for name, indicator in (("response", "avg_response_time"), ("steps", "inquiry_conversion")):
        if name in repairs:
            here = rows["indicator"] == indicator
            for column in ("method", "bands", "bands_on", "step_size", "step_deduct"):
                rows.loc[here, column] = known.loc[indicator, column]
    if "standard" in repairs:
        rows.loc[rows["indicator"] == "inquiry_conversion", "standard"] = exact("0.4")
    if "table" in repairs:
        plans = client.table("pay_plans").copy()
        plans.loc[plans["subject_id"] == "presales_cs", "coefficient_table"] = "T1"
        client = with_table(client, "pay_plans", plans)
    return calculate_rows(client, rows)


@pytest.mark.parametrize(
    ("repairs", "total", "coefficient", "pay"),
    [
        # response by intervals: 48 s is in "up to 60 s", 60 % of 20 = 12 more: 71.5 -> 0.8
        ({"response"}, "71.5", "0.8", "6110"),
        # standard 40 %: 0.9625 x 30 = 28.875 instead of 21: 67.375 -> 67.38 -> 0.6
        ({"standard"}, "67.38", "0.6", "5720"),
        # the default table pays 0.5 below 60
        ({"table"}, "59.5", "0.5", "5525"),
        # 28.875 + 12 + 14 + 13.5 + 7.5 + 3.5 = 79.375 -> 79.38 -> 0.9; 4,550 + 1,755
        ({"response", "standard", "table"}, "79.38", "0.9", "6305"),
        # conversion by steps: 1.5 points short, two started steps: 24 + 50.5 = 74.5 -> 0.9
        ({"response", "standard", "table", "steps"}, "74.5", "0.9", "6305"),
    ],
)
def test_repairs_of_june(repairs: set[str], total: str, coefficient: str, pay: str) -> None:
    result = _repaired(frozenset(repairs))
    assert of(result.totals, "E025", JUNE, "total") == exact(total)
    assert of(result.totals, "E025", JUNE, "coefficient") == exact(coefficient)
    assert of(result.pay, "E025", JUNE, "pay") == exact(pay)


def test_the_fall_split_over_its_causes_in_no_order() -> None:
    # pay with the repairs: none 5,330; R 6,110; S 5,720; T 5,525; RS 6,110; RT 6,305;
    # ST 5,915; RST 6,305. Mean over the six orders: response 585, standard 195, table 195;
    # what stays, 6,500 - 6,305 = 195, is the actual result. Together 1,170.
    def value(repairs: Repairs) -> int:
        return of(_repaired(repairs).pay, "E025", JUNE, "pay")

    shares = attribution(("response", "standard", "table"), value)
    assert {name: int(share) for name, share in shares.items()} == {
        "response": exact("585"),
        "standard": exact("195"),
        "table": exact("195"),
    }
    assert exact("6500") - value(frozenset({"response", "standard", "table"})) == exact("195")


def test_outside_june_everybody_stays_within_the_yellow_limits() -> None:
    client, result = demo("qinghe"), piloted("qinghe")
    history = client.table("pay_history")
    old = {(e, f"2026{m[4:]}"): int(p) for e, m, p in history[["employee", "month", "pay"]].values}
    for employee, month, new in result.pay[["employee", "month", "pay"]].itertuples(index=False):
        if month == JUNE and employee in PRESALES:
            continue
        assert abs(int(new) - old[employee, month]) * 20 <= old[employee, month]  # within 5 %


def test_the_tmall_manager_is_paid_on_finance_sales() -> None:
    # 0.5 % of 3.45 m, not of 4.12 m (20,600); the coefficient is 1.0; base 12,500
    result = piloted("qinghe")
    lines = result.lines[(result.lines["employee"] == "E002") & (result.lines["month"] == JUNE)]
    commission = lines[lines["line"] == "commission_sales"]
    assert commission["basis"].astype(int).to_list() == [exact("3450000")]
    assert commission["coefficient"].astype(int).to_list() == [MILLION]
    assert commission["amount"].astype(int).to_list() == [exact("17250")]
    assert of(result.pay, "E002", JUNE, "pay") == exact("29750")


def test_the_tmall_manager_gives_98_while_the_data_give_83_to_91() -> None:
    totals = piloted("qinghe").totals
    team = totals[totals["superior"] == "E002"]
    assert len(team) == 18  # two operators and one assistant, six months
    assert (team["given_total"] == exact("98")).all()
    assert team["total"].min() == exact("83")  # the assistant's June: 24 + 20 + 20 + 9 + 10
    assert team["total"].max() == exact("91")  # and September: 27 + 25 + 20 + 10 + 9


def test_service_copies_the_own_scores_in_every_line() -> None:
    rows = piloted("qinghe").rows
    team = rows[rows["superior"] == "E024"]
    assert team["employee"].nunique() == 6
    assert (team["self_score"] == team["superior_score"]).all()


def test_finance_data_came_13_days_late_on_average() -> None:
    log = demo("qinghe").table("process_log")
    data = log[(log["step"] == "data") & (log["department"] == "finance")]
    days = (data["done"] - data["due"]).dt.days
    assert sorted(days[days > 0]) == [12, 13, 15]  # day 17, 18, 20 instead of day 5: 40 / 3


def test_tmall_sells_less_and_earns_more_than_last_year() -> None:
    rows = demo("qinghe").table("actuals")
    rows = rows[(rows["subject_kind"] == "channel") & (rows["subject_id"] == "tmall")]
    rows = rows.assign(year=rows["period"].str[:4])
    sums = rows.groupby(["indicator", "year"])["value"].sum()
    # 12.74 of 14.00 m: -9 %; 6.9748 of 6.58 m: +6 %
    assert sums["net_sales", "2026"] * 100 == sums["net_sales", "2025"] * 91
    assert sums["gross_profit", "2026"] * 100 == sums["gross_profit", "2025"] * 106


def test_the_small_owner_gives_everybody_95_to_97() -> None:
    totals = piloted("xiaoman").totals
    assert set(totals["given_total"]) == {exact("95"), exact("96"), exact("97")}
    assert (totals["total"] < exact("95")).all()


def test_the_anchor_is_paid_for_twelve_of_nineteen_days() -> None:
    # 12 / 19 = 0.631579; 10,000 x 0.631579 = 6,315.79
    assert of(piloted("xiaoman").pay, "E004", "2026-05", "pay") == exact("6315.79")


# --- what every client must hold ------------------------------------------------------------


@pytest.mark.parametrize("name", ["qinghe_draft", "qinghe"])
def test_months_channels_and_products_add_up_to_the_year(name: str) -> None:
    client = demo(name)
    sales = client.table("targets")
    sales = sales[sales["measure"] == "net_sales"]
    assert sales["amount"].sum() == exact("60000000")
    by_month = sales.groupby("month")["amount"].sum()
    assert by_month[JUNE] == exact("7200000")  # 12 %
    assert by_month["2026-11"] == exact("12000000")  # 20 %
    by_channel = sales.groupby("channel")["amount"].sum()
    assert by_channel["tmall"] == exact("30000000")
    june = sales[(sales["month"] == JUNE) & (sales["channel"] == "tmall")]
    assert june["amount"].to_list() == [exact("3600000")]
    by_product = client.table("product_plan").groupby("channel")["annual_sales"].sum()
    assert by_product.to_dict() == by_channel.to_dict()


@pytest.mark.parametrize("name", ["qinghe", "xiaoman"])
def test_every_published_scorecard_adds_up_to_100(name: str) -> None:
    cards = demo(name).table("scorecards")
    weights = cards.groupby(["subject_kind", "subject_id", "effective_from"])["weight"].sum()
    assert (weights == exact("100")).all()


def test_a_deviation_nobody_approved_is_never_calculated_with() -> None:
    rows = assessed_rows(demo("qinghe_draft"), (JUNE,))
    manager = rows[(rows["employee"] == "E002") & (rows["indicator"] == "net_sales")]
    assert manager["standard"].to_list() == [exact("3600000")]
    assert manager["standard_ignored"].to_list() == [exact("3000000")]


@pytest.mark.parametrize("basis", ["finance", "backend_net"])
def test_non_genuine_sales_never_enter_commission(basis: str) -> None:
    client = demo("qinghe")
    config = replace(client.config, pay=replace(client.config.pay, sales_basis=basis))
    bridge = client.table("sales_bridge").copy()
    for column in ("backend_sales", "non_genuine"):
        bridge[column] = bridge[column] + exact("1000000")
    inflated = with_table(replace(client, config=config), "sales_bridge", bridge)
    pay = calculate(inflated, (JUNE,)).pay
    assert of(pay, "E002", JUNE, "pay") == exact("29750")


@pytest.mark.parametrize("name", ["qinghe", "xiaoman"])
def test_a_superior_without_reason_and_evidence_changes_no_pay(name: str) -> None:
    client = demo(name)
    marks = client.table("assessments").copy()
    marks["superior_score"] = marks["superior_score"].mask(marks["superior_score"].notna(), 0)
    other = calculate(with_table(client, "assessments", marks), pilot_months(name))
    pd.testing.assert_frame_equal(other.pay, piloted(name).pay)


@pytest.mark.parametrize("name", ["qinghe", "xiaoman"])
def test_a_closed_month_run_again_gives_the_same(name: str) -> None:
    again = calculate(open_client(name, root=ROOT), pilot_months(name))
    for part in ("rows", "totals", "lines", "pay"):
        pd.testing.assert_frame_equal(getattr(again, part), getattr(piloted(name), part))
    assert again.findings == piloted(name).findings
