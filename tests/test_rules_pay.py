"""Pay rules: mix, minimum wage, guards, consents, coefficient tables, reverse costing."""

from __future__ import annotations

from typing import Any

import pytest

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, exact
from ecperf_kit.rules import check_scheme
from ecperf_kit.rules.commission import commission_rates
from ecperf_kit.rules.pay import full_attainment
from tests.scheme_client import a_client, card, codes, plan, staff, table_t1, year_plan

WAGE = {"pay": {"minimum_wage": "2490"}}


def _plans(*rows: dict[str, Any], **more: Any) -> Client:
    posts = [str(row["subject_id"]) for row in rows]
    tables = {"coefficient_tables": table_t1(), **staff(*posts), **more}
    return a_client(config=WAGE, pay_plans=rows, **tables)


def _raised(client: Client) -> list[str]:
    return codes(check_scheme(client))


def _values(client: Client, code: str) -> dict[str, Any]:
    return dict(next(f.values for f in check_scheme(client) if f.code == code))


def _commission(
    post: str, base: str, structure: str = "commission_sales", **more: Any
) -> dict[str, Any]:
    return plan(post, base, structure=structure, commission_from="channel", **more)


CASES = {
    "S120": (
        _plans(plan("store_operator", 7000, 3000), plan("accountant", 3500, 1500)),
        _plans(plan("store_operator", 5000, 5000), plan("accountant", 3500, 1500)),
    ),
    # 7,000 of 10,000 is 70 %; 6,990 of 10,000 is 69.9 %
    "S121": (_plans(plan("live_anchor", 3000, 7000)), _plans(plan("live_anchor", 3010, 6990))),
    # 5,010 of 10,000 is 50.1 %; 50 % is allowed
    "S122": (_plans(plan("live_anchor", 4990, 5010)), _plans(plan("live_anchor", 5000, 5000))),
    # sales 30 % beside support 30 % and functional 20 %
    "S123": (
        _plans(
            plan("store_operator", 7000, 3000),
            plan("picker_packer", 3500, 1500),
            plan("cashier", 4000, 1000),
        ),
        _plans(
            plan("store_operator", 6000, 4000),
            plan("picker_packer", 3500, 1500),
            plan("cashier", 4000, 1000),
        ),
    ),
    # 2,200 + 500 x 0.5 = 2,450 below 2,490; 2,240 + 250 = 2,490 is enough
    "S124": (_plans(plan("picker_packer", 2200, 500)), _plans(plan("picker_packer", 2240, 500))),
    # base 2,240 below 2,490, guaranteed just enough
    "S125": (_plans(plan("picker_packer", 2240, 500)), _plans(plan("picker_packer", 2490, 500))),
    "S126": (
        _plans(
            _commission("store_operator", "5000", "commission_net_profit", net_profit_rate="0.02")
        ),
        _plans(
            _commission(
                "ecommerce_director", "9000", "commission_net_profit", net_profit_rate="0.02"
            )
        ),
    ),
    "S127": (
        _plans(
            _commission("store_operator", "5000", sales_rate="0.005"),
            scorecards=card(("net_sales", "core", 100)),
        ),
        _plans(
            _commission("store_operator", "5000", sales_rate="0.005"),
            scorecards=card(("net_sales", "core", 80), ("gross_margin_rate", "core", 20)),
        ),
    ),
    "S137": (
        _plans(plan("cashier", 4000, 1000), coefficient_tables=table_t1()[1:]),
        _plans(plan("cashier", 4000, 1000)),
    ),
    # 1.1 from 90 points on, 1.0 from 95 on
    "S138": (
        _plans(
            plan("cashier", 4000, 1000),
            coefficient_tables=[*table_t1()[:5], {**table_t1()[5], "coefficient": "1.0"}],
        ),
        _plans(plan("cashier", 4000, 1000)),
    ),
}


@pytest.mark.parametrize("code", CASES)
def test_raised_and_not_raised(code: str) -> None:
    bad, near = CASES[code]
    assert code in _raised(bad)
    assert code not in _raised(near)


def test_one_ratio_is_said_once() -> None:
    raised = _raised(CASES["S120"][0])
    assert "S123" not in raised and raised.count("S120") == 1


def test_fixed_pay_of_2100_is_390_short() -> None:
    client = _plans(plan("picker_packer", 2100, structure="fixed", coefficient_table=None))
    values = _values(client, "S124")
    assert values["short"] == exact("390")
    assert "S125" not in _raised(client)


def test_a_post_without_price_authority_needs_no_guard() -> None:
    rows = [_commission("presales_cs", "3500", sales_rate="0.001")]
    assert "S127" not in _raised(
        _plans(*rows, scorecards=card(("cs_sales", "core", 100), subject="post:presales_cs"))
    )


def test_consents_block_real_pay_only() -> None:
    tables = {
        **staff("cashier"),
        "coefficient_tables": table_t1(),
        "pay_plans": [plan("cashier", 4000, 1000)],
    }
    shadow = a_client(config={"pilot": {"pay": "shadow"}}, **tables)
    real = a_client(config={"pilot": {"pay": "real"}}, **tables)
    assert "S129" in _raised(shadow) and "S128" not in _raised(shadow)
    assert "S128" in _raised(real)
    signed = [
        {
            "paper": "consent",
            "subject_kind": "employee",
            "subject_id": "E1",
            "signed_by": "甲",
            "signed_on": "2026-03-01",
        }
    ]
    assert "S128" not in _raised(
        a_client(config={"pilot": {"pay": "real"}}, **tables, signoffs=signed)
    )


def test_cost_at_full_attainment() -> None:
    # three cashiers: 4,000 + 1,000 each is 15,000; at 1.2 each costs 200 more: 600 = 4 %
    client = _plans(plan("cashier", 4000, 1000), **staff("cashier", "cashier", "cashier"))
    values = _values(client, "S139")
    assert (values["planned"], values["extra"]) == (exact("15000"), exact("600"))
    assert values["share"] == exact("0.04")
    # two people would show single pay
    assert "S139" not in _raised(_plans(plan("cashier", 4000, 1000), **staff("cashier", "cashier")))


def test_reverse_costing_of_300000_on_30_million() -> None:
    # 25,000 a month is 300,000 a year; at 1:1 base 150,000 and 150,000 / 30,000,000 = 0.5 %
    client = _plans(
        plan("channel_ops_manager", 17500, 7500),
        targets=year_plan(60_000_000, {"tmall": "0.5", "douyin": "0.5"}),
    )
    row = commission_rates(client).iloc[0]
    assert (row["expected"], row["yearly_base"], row["rate"]) == (
        exact("300000"),
        exact("150000"),
        exact("0.005"),
    )
    assert _values(client, "S140")["rate"] == exact("0.005")


def test_reverse_costing_from_one_figure_and_the_channels_own_sales() -> None:
    # 6.0 m a year, the live channel sold 60 of 100 last year: 3.6 m; 10,000 x 12 = 120,000
    # at 1:1: 60,000 / 3,600,000 = 0.016667
    tables = staff("live_anchor", channel="live")
    tables["channels"] = [{"channel": "live", "name": "直播"}, {"channel": "shelf", "name": "货架"}]
    sold = [
        {
            "subject_kind": "channel",
            "subject_id": name,
            "indicator": "net_sales",
            "period": "2025-12",
            "value": value,
            "source_kind": "platform_erp",
        }
        for name, value in (("live", 60), ("shelf", 40))
    ]
    client = a_client(
        config={"targets": {"annual_net_sales": "6000000"}},
        **tables,
        actuals=sold,
        pay_plans=[plan("live_anchor", 3000, 7000)],
        coefficient_tables=table_t1(),
    )
    assert _values(client, "S140")["rate"] == 16_667
    assert _values(client, "S140")["base"] == 60_000 * MILLION


def test_planned_commission_counts_as_variable_pay() -> None:
    # 0.5 % of 30 m a year is 12,500 a month beside a base of 5,000: 12,500 / 17,500 = 71.4 %
    client = _plans(
        _commission("channel_ops_manager", "5000", sales_rate="0.005"),
        targets=year_plan(60_000_000, {"tmall": "0.5", "douyin": "0.5"}),
    )
    assert _values(client, "S121")["performance"] == exact("0.714")


def test_commission_on_a_persons_own_sales_has_no_channel_plan() -> None:
    # 2 % of the channel's whole plan would be 50,000 a month; the person's own part is unknown
    row = plan(
        "store_operator",
        6500,
        structure="commission_sales",
        commission_from="employee",
        sales_rate="0.02",
    )
    client = _plans(row, targets=year_plan(60_000_000, {"tmall": "0.5", "douyin": "0.5"}))
    assert "S121" not in _raised(client)


def test_a_fixed_plan_of_ones_own_in_a_post_on_performance_pay_needs_no_consent() -> None:
    own = {"subject_kind": "employee", "subject_id": "E1", "structure": "fixed"}
    fixed = plan("cashier", 5000, None, **own)
    pays = [plan("cashier", 4000, 1000), {**fixed, "coefficient_table": None}]
    client = a_client(
        config=WAGE, pay_plans=pays, coefficient_tables=table_t1(), **staff("cashier")
    )
    assert not {"S128", "S129"} & set(_raised(client))
    assert "S129" in _raised(_plans(plan("cashier", 4000, 1000)))


def test_who_has_a_fixed_plan_of_ones_own_costs_no_more_at_full_attainment() -> None:
    """Three of four cashiers: 4,000 + 1,000 x 1.2 each; the fourth's fixed 5,000 never varies."""
    own = {"subject_kind": "employee", "subject_id": "E4", "structure": "fixed"}
    fixed = {**plan("cashier", 5000, None, **own), "coefficient_table": None}
    client = a_client(
        config=WAGE,
        pay_plans=[plan("cashier", 4000, 1000), fixed],
        coefficient_tables=table_t1(),
        **staff("cashier", "cashier", "cashier", "cashier"),
    )
    cost = full_attainment(client)
    assert cost is not None and cost["persons"] == 3
    assert (cost["planned"], cost["full"]) == (exact("15000"), exact("15600"))
