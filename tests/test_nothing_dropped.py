"""A row with money or a person in it stays: what is not known of it is said, never left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
from code_cases import budgeted

from ecperf_kit.client import Client
from ecperf_kit.exact import exact
from ecperf_kit.outputs.wording import Wording
from ecperf_kit.period import Period
from ecperf_kit.rules import check_scheme
from ecperf_kit.rules.in_force import people
from ecperf_kit.rules.organisation import headcount
from ecperf_kit.rules.pay import full_attainment, guaranteed_pay, pay_shares
from ecperf_kit.rules.pilot import check_pilot, pilot_of
from ecperf_kit.rules.pilot_business import business_of_one_year, sales_growth
from ecperf_kit.rules.plan import plan_gaps
from ecperf_kit.stages import conclude
from ecperf_kit.stages.design_plan import planned_cells
from ecperf_kit.stages.rollout import rollout
from ecperf_kit.stages.rollout_progress import progress
from tests.scheme_client import a_client, library_card, plan, staff, table_t1

QUARTER = ("2026-04", "2026-05", "2026-06")


# -- the rollout page: targets of which some months are not known ----------------------------------
def _quarter(planned: dict[str, Any], sold: Any = 100, **more: Any) -> Client:
    """What is planned for Tmall by month of the second quarter; ``sold`` in each of them."""
    measure = more.pop("measure", "net_sales")
    of = {"subject_kind": "channel", "subject_id": "tmall", "source_kind": "finance_report"}
    sales = [
        {**of, "indicator": measure, "period": month, "value": sold}
        for month in ("2026-01", "2026-02", "2026-03", *QUARTER)
        if sold is not None
    ]
    targets = [
        {"month": month, "channel": "tmall", "measure": measure, "amount": amount}
        for month, amount in planned.items()
    ]
    client = a_client(
        period="2026-Q2", **staff("store_operator"), scorecards=library_card("store_operator"),
        targets=[*targets, *more.pop("targets", ())], actuals=[*sales, *more.pop("actuals", ())],
    )  # fmt: skip
    return replace(client, rows=pd.DataFrame({"read": [len(sales)]}))


def _rows(client: Client) -> list[dict[str, Any]]:
    return progress(client, Period.parse("2026-Q2")).to_dict("records")


def _planned(row: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return row["span"], dict(row["planned"].values)


def test_two_months_of_a_quarter_are_not_its_plan_and_stay_in_the_table() -> None:
    quarter, year = _rows(_quarter({"2026-04": 200, "2026-06": 300}))
    assert _planned(quarter) == ("2026-Q2", {"count": 2, "of": 3})
    assert _planned(year) == ("2026", {"count": 2, "of": 12})
    for row in (quarter, year):  # neither 500 nor 0
        assert pd.isna(row["plan"]) and pd.isna(row["share"]) and pd.isna(row["to_go"])
        assert row["level"] == "unknown"
    assert (quarter["actual"], year["actual"]) == (exact("300"), exact("600"))
    said = quarter["said"]
    assert said.key == "rollout.progress.part"
    assert said.values["without"] == ("2026-05",)
    client = _quarter({"2026-04": 200, "2026-06": 300})
    text = Wording(client.library, "en", client).say(said)
    assert "plan known for 2 of 3 months" in text and "300" in text


def test_a_target_that_cannot_be_read_stays_with_what_is_not_known() -> None:
    """April and May cannot be read, there is nothing for June, and nothing is sold."""
    (row,) = _rows(_quarter({"2026-04": None, "2026-05": None}, sold=None))
    assert _planned(row) == ("2026-Q2", {"count": 0, "of": 3})
    assert row["said"].key == "rollout.progress.part_no_actual"
    assert row["said"].values["lacking"] == 3 and pd.isna(row["actual"])


def test_a_target_known_in_part_is_counted_and_not_reached() -> None:
    """Douyin reached its plan of 90; Tmall's May is not known."""
    douyin = [
        {"month": month, "channel": "douyin", "measure": "net_sales", "amount": 30}
        for month in QUARTER
    ]
    sold = [
        {"subject_kind": "channel", "subject_id": "douyin", "indicator": "net_sales",
         "period": month, "value": 30, "source_kind": "finance_report"}
        for month in QUARTER
    ]  # fmt: skip
    client = _quarter({"2026-04": 200, "2026-06": 300}, targets=douyin, actuals=sold)
    report = rollout(client)
    (found,) = [v for v in report.verdicts if v.question == "rollout.question.progress"]
    assert (found.level, found.found.key) == ("unknown", "rollout.found.progress_reached")
    assert found.found.values == {"lacking": 1, "reached": 1}
    whole = _quarter(dict.fromkeys(QUARTER, 100), targets=douyin, actuals=sold)
    (found,) = [v for v in rollout(whole).verdicts if v.question == "rollout.question.progress"]
    assert found.level == "fine"


def test_a_planned_loss_that_grew_stays_in_the_table() -> None:
    """A loss of 30 is planned for the quarter; it became 300: 270 behind, and no share of it."""
    loss = _quarter(dict.fromkeys(QUARTER, -10), sold=-100, measure="net_profit")
    row = _rows(loss)[0]
    assert (row["plan"], row["actual"]) == (exact("-30"), exact("-300"))
    assert row["to_go"] == exact("270") and pd.isna(row["share"]) and row["level"] == "watch"
    (found,) = [v for v in rollout(loss).verdicts if v.question == "rollout.question.progress"]
    assert found.level == "watch"


def test_nothing_planned_and_nothing_sold_is_no_row() -> None:
    assert _rows(_quarter(dict.fromkeys(QUARTER, 0), sold=None)) == []
    (row, _) = _rows(_quarter(dict.fromkeys(QUARTER, 0), sold=5))
    assert (row["plan"], row["actual"], row["level"]) == (0, exact("15"), "fine")


# -- the plan: a part of the year is not the year --------------------------------------------------
def _s163(client: Client) -> list[tuple[str, str, tuple[str, ...]]]:
    told = [f for f in check_scheme(client) if f.code == "S163"]
    return [(f.subject, f.values["measure"], f.values["months"]) for f in told]


def test_a_cost_planned_for_a_part_of_the_year_is_no_share_of_its_sales() -> None:
    """15,000 a month in six of twelve months: 90,000 of 1,200,000 would be 7.5 %, not the 15 %
    a month; the pool would be 100,000 x 12 less too little."""
    client = budgeted(promotion=6)
    lacking = tuple(f"2026-{month:02d}" for month in range(7, 13))
    assert _s163(client) == [("channel:tmall", "promotion_cost", lacking)]
    table = conclude("design", client).table("plan_budget").set_index("measure")
    assert pd.isna(table.at["promotion_cost", "share"])
    assert table.at["promotion_cost", "months"] == 6
    assert table.at["gross_profit", "share"] == exact("0.55")
    bridge = conclude("design", client).table("plan_bridge")
    # 1.2 m - 0.54 m - 0.36 m: promotion of half a year is not taken off
    assert bridge["amount"].tolist()[-1] == exact("300000")
    whole = conclude("design", budgeted()).table("plan_budget").set_index("measure")
    assert whole.at["promotion_cost", "share"] == exact("0.15") and _s163(budgeted()) == []


def test_no_pool_and_no_pay_share_rest_on_a_part_of_the_plan() -> None:
    client = budgeted()
    more = a_client(
        **staff("store_operator"),
        pay_plans=[plan("store_operator", 4000, structure="commission_sales", sales_rate="0.02",
                        commission_from="channel", coefficient_table=None)],
    )  # fmt: skip
    names = ("employees", "assignments", "pay_plans")
    drawing = client.with_tables(**{name: more.table(name) for name in names})
    # a mean month of 100,000 at 2 % is 2,000 beside 4,000
    assert pay_shares(drawing)["share"].tolist() == [exact("0.333")]
    gap = drawing.table("targets")
    may = gap[(gap["measure"] == "net_sales") & (gap["month"] == "2026-05")].index
    for lacking in (
        gap.drop(index=may),
        gap.assign(amount=gap["amount"].mask(gap.index.isin(may))),
    ):
        client = drawing.with_tables(targets=lacking)
        assert pay_shares(client)["share"].isna().all()  # not 1,833 of 5,833, 31.4 %


def test_a_channel_that_opens_later_has_no_gap_and_one_in_its_midst_has() -> None:
    def planned(*months: int) -> Client:
        of = {"measure": "net_sales", "amount": 100}
        rows = [{**of, "month": f"2026-{m:02d}", "channel": "tmall"} for m in range(1, 13)]
        rows += [{**of, "month": f"2026-{m:02d}", "channel": "douyin"} for m in months]
        return a_client(targets=rows)

    assert _s163(planned(*range(6, 13))) == []
    assert _s163(planned(*range(1, 9))) == []  # closed in August
    assert _s163(planned(6, 7, 9, 10, 11, 12)) == [("channel:douyin", "net_sales", ("2026-08",))]
    # all together lacks what one of them lacks
    assert plan_gaps(planned(6, 7, 9))["net_sales", ""] == ("2026-08",)


def test_a_plan_by_channel_in_some_months_keeps_the_others() -> None:
    """The first half is one figure a month, the second is Tmall's and Douyin's."""
    of = {"measure": "net_sales"}
    rows = [{**of, "month": f"2026-{m:02d}", "channel": None, "amount": 100} for m in range(1, 7)]
    rows += [{**of, "month": f"2026-{m:02d}", "channel": name, "amount": 50}
             for m in range(7, 13) for name in ("tmall", "douyin")]  # fmt: skip
    cells = planned_cells(a_client(targets=rows))
    assert int(cells["amount"].sum()) == exact("1200")  # not 600
    assert cells.loc[cells["channel"] == "", "month"].tolist() == [
        f"2026-{m:02d}" for m in range(1, 7)
    ]


# -- people and figures that cannot be read --------------------------------------------------------
def test_who_is_hired_on_a_day_not_known_is_in_the_team() -> None:
    client = a_client(period=QUARTER[-1], **staff("cashier", "cashier"))
    unread = client.table("employees").copy()
    unread.loc[1, "hired"] = pd.NaT
    client = client.with_tables(employees=unread)
    assert set(people(client, QUARTER[-1])["employee"]) == {"E0", "E1", "E2"}
    assert headcount(client, pd.Timestamp("2026-06-01")) == 3


def test_performance_pay_that_cannot_be_read_is_not_fixed_pay() -> None:
    client = a_client(**staff("cashier"), pay_plans=[plan("cashier", 4000, None)])
    unread = client.table("pay_plans").assign(_spoilt=True)
    assert pay_shares(client.with_tables(pay_plans=unread))["share"].isna().all()
    known = a_client(**staff("cashier"), pay_plans=[plan("cashier", 4000, 1000)])
    base = known.table("pay_plans").assign(_spoilt=True)  # another cell of its row
    shares = pay_shares(known.with_tables(pay_plans=base))["share"]
    assert shares.tolist() == [exact("0.2")]


def _two_cashiers(**own: Any) -> Client:
    """One on the post's plan of 4,000 and 1,000, one on her own."""
    hers = {**plan("E2", 4000, 1000), "subject_kind": "employee"} | own
    return a_client(
        config={"pay": {"minimum_wage": "4400"}}, **staff("cashier", "cashier"),
        coefficient_tables=table_t1(), pay_plans=[plan("cashier", 4000, 1000), hers],
    )  # fmt: skip


def test_the_cost_of_the_others_is_not_everybodys() -> None:
    """Two of 4,000 and 1,000, at 1.2 each: 10,000 and 400 more."""
    known = full_attainment(_two_cashiers())
    assert known is not None and (known["persons"], known["full"]) == (2, exact("10400"))
    assert full_attainment(_two_cashiers(coefficient_table="T9")) is None  # a table nobody has
    table = _two_cashiers().table("pay_plans")
    lost = table.index == 1
    unread = table.assign(performance_pay=table["performance_pay"].mask(lost), _spoilt=lost)
    client = _two_cashiers().with_tables(pay_plans=unread)
    assert full_attainment(client) is None  # not 5,200 of one
    # 4,000 and half of 1,000 are above 4,400; of hers it is not known, so not said to be 4,000
    assert guaranteed_pay(client)["guaranteed"].tolist()[0] == exact("4500")
    assert pd.isna(guaranteed_pay(client)["guaranteed"].tolist()[1])
    assert "S124" not in {f.code for f in check_scheme(client)}
    # fixed pay depends on no table
    fixed = full_attainment(_two_cashiers(structure="fixed", coefficient_table=None))
    assert fixed is not None and fixed["persons"] == 1


# -- the pilot: growth of the months both years have -----------------------------------------------
def test_growth_says_which_months_it_leaves_out() -> None:
    """Tmall 100 -> 110 in April; May is new, Douyin has no year before: 10 %, of one month."""
    of = {"subject_kind": "channel", "indicator": "net_sales", "source_kind": "finance_report"}
    sold = [
        {**of, "subject_id": name, "period": month, "value": value}
        for name, month, value in (
            ("tmall", "2025-04", 100), ("tmall", "2026-04", 110), ("tmall", "2026-05", 500),
            ("douyin", "2026-04", 900), ("douyin", "2026-05", 900), ("tmall", "2025-08", 7),
        )
    ]  # fmt: skip
    client = a_client(**staff("store_operator"), scorecards=library_card("store_operator"),
                      actuals=sold)  # fmt: skip
    pilot = pilot_of(client, QUARTER[:2])
    assert sales_growth(pilot) == exact("0.1")
    told = {f.subject: dict(f.values) for f in business_of_one_year(pilot)}
    assert told == {
        "channel:tmall": {"indicator": "net_sales", "months": ("2026-05",), "count": 1,
                          "compared": 1},
        "channel:douyin": {"indicator": "net_sales", "months": ("2026-04", "2026-05"), "count": 2,
                           "compared": 0},
    }  # fmt: skip
    assert "P110" in {f.code for f in check_pilot(pilot)}
