"""Pay, clause by clause (assessment method 2.3): each test bears the id of its clause."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from papers_read import said
from test_rules_checker import _bridged, _pooled
from test_rules_organisation import _ready

from ecperf_kit.client import Client
from ecperf_kit.exact import exact
from ecperf_kit.intake.declare import tables
from ecperf_kit.library import load_library
from ecperf_kit.method.bridge import sales_bridge
from ecperf_kit.method.calibration import calibrate
from ecperf_kit.method.costing import forward_costing, reverse_costing
from ecperf_kit.outputs.papers.consent import consent
from ecperf_kit.outputs.papers.facts import Facts
from ecperf_kit.rules.changes import CHANGE_RULES
from ecperf_kit.rules.commission import COMMISSION_RULES
from ecperf_kit.rules.organisation import ORGANISATION_RULES
from ecperf_kit.rules.pay import PAY_RULES
from ecperf_kit.rules.pool import POOL_RULES, drawn_rates, rates_exceed_pool
from tests.clause_client import (
    JUNE,
    bridge,
    earned,
    lines_of,
    one_person,
    paid,
    profit_of,
    stored,
    told,
)
from tests.scheme_client import a_client, plan, staff, table_t1


def _scheme(*plans: dict[str, Any], **more: Any) -> list[str]:
    posts = [str(row["subject_id"]) for row in plans]
    rows = {"coefficient_tables": table_t1(), **staff(*posts), **more}
    return told(a_client(pay_plans=plans, **rows), PAY_RULES)


def test_m_2_3_1_good_results_earn_more_and_pay_without_effect_is_told() -> None:
    # performance pay 2,000 at 0.5 is 1,000, at 1.2 it is 2,400: 1,400 more for the better score
    poor = paid(one_person("performance", 5000, coefficient="0.5", performance_pay=2000))
    good = paid(one_person("performance", 5000, coefficient="1.2", performance_pay=2000))
    assert int(good.pay["pay"].iloc[0] - poor.pay["pay"].iloc[0]) == exact("1400")
    posts = ("store_operator", "presales_cs", "cashier", "picker_packer", "ecommerce_director")
    fixed = _ready(pay_plans=[plan(post, 5000, structure="fixed") for post in posts])
    assert "O143" in told(fixed, ORGANISATION_RULES)
    assert "O143" not in told(_ready(), ORGANISATION_RULES)


def test_m_2_3_2_four_people_may_manage_by_feeling_five_may_not() -> None:
    four = _ready(**staff("store_operator", "presales_cs", "cashier"))  # three and their head
    assert "O150" in told(four, ORGANISATION_RULES)
    assert "O150" not in told(_ready(), ORGANISATION_RULES)


def test_m_2_3_4_base_performance_bonus_benefits() -> None:
    # 5,000 + 2,000 x 0.9 + 500 + 300 = 7,600
    client = one_person(
        "performance", 5000, coefficient="0.9", performance_pay=2000, bonus=500, benefits=300
    )
    found = paid(client)
    assert lines_of(found) == stored(base=5000, performance=1800, bonus=500, benefits=300)
    assert list(found.pay["pay"]) == [exact("7600")]


@pytest.mark.parametrize("coefficient", ["0.5", "1.2"])
def test_m_2_3_5_bonus_and_benefits_are_lines_the_coefficient_leaves_alone(
    coefficient: str,
) -> None:
    client = one_person(
        "performance", 5000, coefficient=coefficient, performance_pay=1000, bonus=500, benefits=300
    )
    lines = lines_of(paid(client))
    assert (lines["bonus"], lines["benefits"]) == (exact("500"), exact("300"))


def test_m_2_3_8_one_ratio_for_the_whole_firm_is_an_error() -> None:
    # 30 % everywhere; the near miss differs for sales only
    same = [plan("store_operator", 7000, 3000), plan("accountant", 3500, 1500)]
    assert "S120" in _scheme(*same)
    assert load_library().codes["S120"].severity == "error"
    assert "S120" not in _scheme(plan("store_operator", 6000, 4000), same[1])


@pytest.mark.parametrize("other", ["picker_packer", "accountant"])
def test_m_2_3_9_sales_have_the_higher_share(other: str) -> None:
    # sales 30 % beside 40 %: wrong; sales 50 % beside 40 %: right (a third category keeps 20 %)
    third = plan("presales_cs" if other == "accountant" else "cashier", 4000, 1000)
    lower = plan("store_operator", 7000, 3000)
    assert "S123" in _scheme(lower, plan(other, 3000, 2000), third)
    higher = plan("store_operator", 5000, 5000)
    assert "S123" not in _scheme(higher, plan(other, 3000, 2000), third)


@pytest.mark.parametrize(
    ("base", "performance", "code"),
    [(3000, 7000, "S121"), (4000, 6000, "S122"), (5000, 5000, "")],
)
def test_m_2_3_10_three_to_seven_is_rejected(base: int, performance: int, code: str) -> None:
    raised = {"S121", "S122"} & set(_scheme(plan("live_anchor", base, performance)))
    assert raised == ({code} if code else set())
    severity = {name: load_library().codes[name].severity for name in ("S121", "S122")}
    assert severity == {"S121": "error", "S122": "warning"}


def test_m_2_3_12_the_coefficient_multiplies_the_commission() -> None:
    # 5,000 + 1,000,000 x 0.5 % x 0.9 + 500 + 300 = 5,000 + 4,500 + 800 = 10,300
    client = one_person(
        "commission_sales", 5000, coefficient="0.9", sales_rate="0.005", bonus=500, benefits=300,
        tables={"sales_bridge": [bridge(1_000_000)]},
    )  # fmt: skip
    found = paid(client)
    assert lines_of(found) == stored(base=5000, commission_sales=4500, bonus=500, benefits=300)
    assert list(found.pay["pay"]) == [exact("10300")]


def test_m_2_3_13_who_is_usually_on_commission() -> None:
    offered = load_library().posts["pay_structures"].map(lambda names: set(names.split(";")))
    for post in ("channel_ops_manager", "store_operator", "presales_cs"):
        assert "commission_sales" in offered[post], post
    assert "piece_rate" in offered["picker_packer"]
    for post in ("cashier", "accountant", "hr_specialist"):
        assert offered[post] == {"performance"}, post


def test_m_2_3_14_commission_on_actual_sales_can_be_chosen() -> None:
    assert "commission_sales" in tables()["pay_plans"].by_name["structure"].choices
    client = one_person(
        "commission_sales", 0, sales_rate="0.01", tables={"sales_bridge": [bridge(200_000)]}
    )
    assert lines_of(paid(client))["commission_sales"] == exact("2000")


#: Back-end 1,000,000 less 40,000 non-genuine, 100,000 refunds, 10,000 fees is 850,000;
#: finance books 845,000.
_BRIDGE = bridge(
    1_000_000, non_genuine=40_000, refunds=100_000, coupons_fees=10_000, finance_sales=845_000
)


@pytest.mark.parametrize(("basis", "amount"), [("finance", 8450), ("backend_net", 8500)])
def test_m_2_3_15_what_counts_as_sales_is_fixed(basis: str, amount: int) -> None:
    client = one_person(
        "commission_sales", 0, sales_rate="0.01", config={"pay": {"sales_basis": basis}},
        tables={"sales_bridge": [_BRIDGE]},
    )  # fmt: skip
    assert lines_of(paid(client))["commission_sales"] == exact(str(amount))
    # the bridge shows the way: 155,000 between the two, 5,000 of it unexplained
    row = sales_bridge(client.table("sales_bridge")).iloc[0]
    assert (row["difference"], row["unexplained"]) == (exact("155000"), exact("5000"))


def test_m_2_3_16_late_items_go_to_the_next_month() -> None:
    # 30,000 settled after the cut: June 970,000, July 1,030,000, together 2,000,000 at 1 %
    months = (JUNE, "2026-07")
    moved = [bridge(1_000_000, cut_off=30_000), bridge(1_000_000, "2026-07", cut_off=-30_000)]
    client = one_person(
        "commission_sales", 0, sales_rate="0.01", months=months,
        config={"pay": {"sales_basis": "backend_net"}}, tables={"sales_bridge": moved},
    )  # fmt: skip
    found = paid(client, *months).lines
    amounts = found[found["line"] == "commission_sales"].set_index("month")["amount"]
    assert dict(amounts) == {JUNE: exact("9700"), "2026-07": exact("10300")}
    # a cut on the 25th with no line that moves anything is told
    assert "S159" in told(_bridged("26_25", "0", "0"), CHANGE_RULES)


def test_m_2_3_19_half_a_per_cent_of_a_million() -> None:
    # 5,000 + 1,000,000 x 0.5 % x 1.0 = 5,000 + 5,000 = 10,000
    sold = {"sales_bridge": [bridge(1_000_000)]}
    found = paid(one_person("commission_sales", 5000, sales_rate="0.005", tables=sold))
    assert lines_of(found) == stored(base=5000, commission_sales=5000)
    assert list(found.pay["pay"]) == [exact("10000")]


@pytest.mark.parametrize(
    ("structure", "signed", "raised"),
    [
        ("gross_profit", False, True),
        ("net_profit", True, False),
        ("sales", False, False),
    ],
)
def test_m_2_3_20_costs_are_open_and_agreed_before_profit_is_shared(
    structure: str, signed: bool, raised: bool
) -> None:
    rate = {f"{structure}_rate": "0.02", "commission_from": "channel"}
    drawn = plan("ecommerce_director", 9000, structure=f"commission_{structure}", **rate)
    paper = {"paper": "consent", "subject_kind": "employee", "subject_id": "E1",
             "signed_by": "甲", "signed_on": "2026-03-01"}  # fmt: skip
    people = staff("ecommerce_director")
    people["assignments"][0]["post"] = "hr_admin_supervisor"  # E0 draws nothing
    client = a_client(**people, pay_plans=[drawn], signoffs=[paper] if signed else [])
    assert ("S173" in told(client, COMMISSION_RULES)) is raised
    if signed:
        return
    for language, words in (("en", "item and amount"), ("zh", "科目与金额")):
        text = said(consent(Facts(replace(client, language=language)), "E1").bytes())
        assert (words in text) is (structure != "sales")


def test_m_2_3_21_profit_is_for_those_who_may_know_all_costs() -> None:
    posts = load_library().posts
    offered = posts["pay_structures"].str.split(";")
    profit = posts[offered.map(lambda names: "commission_net_profit" in names)]
    assert set(profit.index) == {"ecommerce_director", "operations_director"}
    assert set(profit["level"]) == {"director"} and set(profit["sees_costs"]) == {"all"}


def test_m_2_3_22_an_operator_sees_product_and_promotion_cost_only() -> None:
    sees = load_library().posts["sees_costs"]
    assert sees["store_operator"] == "product_and_promotion"

    def raised(post: str, kind: str) -> bool:
        rate = {f"{kind}_rate": "0.02"}
        drawn = plan(post, 5000, structure=f"commission_{kind}", commission_from="channel", **rate)
        return "S126" in _scheme(drawn)

    assert raised("store_operator", "net_profit")
    assert not raised("store_operator", "gross_profit")
    assert not raised("ecommerce_director", "net_profit")
    assert load_library().codes["S126"].severity == "error"


def test_m_2_3_24_two_per_cent_of_the_gross_profit() -> None:
    # 5,000 + 300,000 x 2 % x 1.0 = 5,000 + 6,000 = 11,000
    won = {"actuals": [earned("gross_profit", 300_000)]}
    found = paid(one_person("commission_gross_profit", 5000, gross_profit_rate="0.02", tables=won))
    assert lines_of(found) == stored(base=5000, commission_gross_profit=6000)
    assert list(found.pay["pay"]) == [exact("11000")]


def _combined(kind: str) -> Client:
    figures = {"sales_bridge": [bridge(1_000_000)], "actuals": [earned(kind, 300_000)]}
    return one_person(
        "commission_combined", 5000, sales_rate="0.003", tables=figures, **{f"{kind}_rate": "0.01"}
    )


@pytest.mark.parametrize("kind", ["gross_profit", "net_profit"])
def test_m_2_3_25_sales_and_profit_at_two_rates(kind: str) -> None:
    # 5,000 + 1,000,000 x 0.3 % + 300,000 x 1 % = 5,000 + 3,000 + 3,000 = 11,000
    lines = {"base": 5000, "commission_sales": 3000, f"commission_{kind}": 3000}
    found = paid(_combined(kind))
    assert lines_of(found) == stored(**lines)
    assert list(found.pay["pay"]) == [exact("11000")]


@pytest.mark.parametrize(
    ("rate", "posts", "over"),
    [
        # what is left of 1,000,000 after cost is 8 %: two people at 4 % fit, three do not
        ("0.04", ("store_operator", "promo_specialist"), False),
        ("0.04", ("store_operator", "promo_specialist", "presales_cs"), True),
        ("0.026", ("store_operator", "promo_specialist", "presales_cs"), False),
    ],
)
def test_m_2_3_26_the_rate_rests_on_volume_cost_and_heads(
    rate: str, posts: tuple[str, ...], over: bool
) -> None:
    assert ("S161" in told(_pooled(rate, *posts), POOL_RULES)) is over


def test_m_2_3_26_dearer_goods_leave_less_to_share() -> None:
    # product cost up by 50,000: 50,000 left, less 20 % reserve = 4 % of sales; 8 % were drawn
    client = _pooled("0.04", "store_operator", "promo_specialist")
    assert "S161" not in told(client, POOL_RULES)
    targets = client.table("targets").copy()
    targets.loc[targets["measure"] == "gross_profit", "amount"] = exact("500000")
    dearer = replace(client, tables={**client.tables, "targets": targets})
    assert "S161" in told(dearer, POOL_RULES)


def test_m_2_3_27_ten_of_a_hundred_are_left() -> None:
    # 100 - 40 - 30 = 30; 30 - 20 = 10; a fifth kept as reserve: 8 to divide
    found = forward_costing(*map(exact, ("100", "40", "30", "20")), exact("0.2"))
    chain = (found.margin, found.residual, found.reserve, found.pool)
    assert chain == tuple(map(exact, ("30", "10", "2", "8")))


def test_m_2_3_28_all_rates_of_a_channel_are_added_up() -> None:
    # three people at 2.7 % on the same channel: 8.1 % of 8 %
    client = _pooled("0.027", "store_operator", "promo_specialist", "presales_cs")
    (finding,) = rates_exceed_pool(client)
    assert (finding.code, finding.subject) == ("S161", "channel:tmall")
    assert int(drawn_rates(client)["rate"].sum()) == exact("0.081")
    assert load_library().codes["S161"].severity == "error"
    # two operators who draw on their own sales each draw once on every sale
    alone = _pooled("0.05", "store_operator", "store_operator", commission_from="employee")
    assert int(drawn_rates(alone)["rate"].sum()) == exact("0.05")


def test_m_2_3_29_an_income_of_300000_on_30_million() -> None:
    found = reverse_costing(exact("300000"), exact("30000000"))
    assert (found.base, found.commission) == (exact("150000"), exact("150000"))
    assert found.rate == exact("0.005")


def test_m_2_3_30_the_same_with_sales_and_profit() -> None:
    # 25,000 a month: base 12,500; 2,500,000 x 0.25 % = 6,250; the rest, 6,250, on a gross
    # profit of 250,000 is 2.5 %
    client = one_person(
        "commission_combined", 12_500, sales_rate="0.0025", gross_profit_rate="0.01",
        tables={"sales_bridge": [bridge(2_500_000)], "actuals": [earned("gross_profit", 250_000)]},
    )  # fmt: skip
    found = calibrate(
        client, "post:channel_ops_manager", "gross_profit_rate", "pay", exact("25000"), (JUNE,)
    )
    assert found.met
    assert (found.value, found.reached) == (exact("0.025"), exact("25000"))


def test_m_2_3_42_amoeba_is_advice_and_never_computed() -> None:
    posts = load_library().posts
    assert "amoeba" in posts.at["ecommerce_director", "pay_structures"].split(";")
    assert "amoeba" not in tables()["pay_plans"].by_name["structure"].choices
    for language in ("zh", "en"):
        assert load_library().texts(language)["label.amoeba"]


@pytest.mark.parametrize(
    ("structure", "line", "figures"),
    [
        ("performance", "performance", {"performance_pay": 2000}),
        ("commission_sales", "commission_sales", {"sales_rate": "0.002"}),
        ("commission_gross_profit", "commission_gross_profit", {"gross_profit_rate": "0.002"}),
        ("commission_net_profit", "commission_net_profit", {"net_profit_rate": "0.002"}),
        ("commission_combined", "commission_sales", {"sales_rate": "0.002"}),
        ("piece_rate", "piece", {"piece_rate": "0.02", "commission_from": "employee"}),
        ("dividend", "dividend", {"dividend_unit": "tmall", "dividend_share": "0.02"}),
    ],
)
def test_m_2_3_43_the_score_moves_pay_in_every_structure(
    structure: str, line: str, figures: dict[str, Any]
) -> None:
    """2,000 at coefficient 1.0 (0.2 % of 1,000,000; 100,000 pieces at 0.02; 2 % of 100,000)."""
    profits = [earned(name, 1_000_000) for name in ("gross_profit", "net_profit")]
    packed = earned("pack_volume", 100_000, subject_kind="employee", subject_id="E1")
    given = {
        "sales_bridge": [bridge(1_000_000)],
        "profit_ledger": profit_of("tmall", y2026_Q2=100_000),
    }
    for coefficient, amount in (("1", "2000"), ("0.7", "1400")):
        given["actuals"] = [*profits, packed]
        client = one_person(structure, 5000, coefficient=coefficient, tables=given, **figures)
        assert lines_of(paid(client))[line] == exact(amount)


@pytest.mark.parametrize(("score", "pay"), [("59.99", "6000"), ("80", "7000"), ("95", "7400")])
def test_m_2_3_43_the_band_of_the_score_decides(score: str, pay: str) -> None:
    # table T1: 0.5 below 60, 1.0 from 80, 1.2 from 95: 5,000 + 2,000 x the coefficient
    client = one_person(
        "performance", 5000, score=score, performance_pay=2000, coefficient_table="T1",
        tables={"coefficient_tables": table_t1()},
    )  # fmt: skip
    assert list(paid(client).pay["pay"]) == [exact(pay)]
