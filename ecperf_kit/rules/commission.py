"""Which commission rate fits the pay a sales post expects? Reverse costing, as a proposal."""

from __future__ import annotations

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import FEN, MILLION, divide, multiply, multiply_divide, round_half_up
from ecperf_kit.finding import Finding
from ecperf_kit.method.once import once
from ecperf_kit.rules.in_force import findings, mapped, number, plans
from ecperf_kit.rules.pay import consents, pay_shares, planned_base
from ecperf_kit.rules.payees import by_person_where_few, plan_of

_MONTHS = 12
_ON_PROFIT = ("gross_profit_rate", "net_profit_rate")
_ON_COMMISSION = ("commission_sales", "commission_gross_profit", "commission_combined")


@once
def commission_rates(client: Client) -> pd.DataFrame:
    """The sales commission rate by reverse costing (2.3), one row per pay plan.

    For posts of sales and of channel heads that may draw sales commission and whose
    channel has an annual plan. Columns subject, post, structure, expected (a year's
    base and performance pay), sales (annual plan), base_share, base (a year),
    commission (a year), rate (of sales), monthly_base, current_rate.
    """
    table = pay_shares(client)
    posts = client.library.posts
    offers = posts["pay_structures"].str.contains("commission_sales", regex=False)
    leads = (posts["category"] == "B_sales") | (
        posts["channel_head"] & (posts["level"] == "supervisor")
    )
    table = table[mapped(table["post"], offers & leads).fillna(False).astype(bool)]
    table = table.reset_index(drop=True)
    table["sales"] = planned_base(client, table, "net_sales")
    known = table["base"].notna() & table["variable"].notna()
    table = table[table["sales"].notna() & (table["sales"] > 0) & known]
    whole = table["base"].astype("int64") + table["variable"].astype("int64")
    base_share = MILLION - number(client, "pay_mix.channel_manager_performance")
    expected = whole * _MONTHS
    base = round_half_up(multiply(expected, base_share), FEN)
    commission = expected.to_numpy() - base
    table = table.assign(
        expected=expected,
        base_share=base_share,
        yearly_base=base,
        commission=commission,
        rate=divide(commission, table["sales"].astype("int64")),
        monthly_base=round_half_up(multiply_divide(base, 1, _MONTHS), FEN),
        current_rate=table["sales_rate"],
    )
    return table.reset_index(drop=True)


def commission_proposals(client: Client) -> list[Finding]:
    """Sales posts not yet on commission, with the rate that reverse costing gives (2.3).

    Rate and performance share, times the channel's plan, are a year's pay: of plans by which
    few people are paid each finding is about a person.
    """
    table = by_person_where_few(client, commission_rates(client))
    return findings(
        "S140",
        table[~table["structure"].isin(_ON_COMMISSION)],
        lambda r: {
            "post": r["post"],
            "expected": int(r["expected"]),
            "base": int(r["yearly_base"]),
            "sales": int(r["sales"]),
            "rate": int(r["rate"]),
            "performance_share": MILLION - int(r["base_share"]),
        },
    )


def profit_not_agreed(client: Client) -> list[Finding]:
    """Commission on profit before everybody on it has agreed to the costs that count (2.3).

    The consent names the cost items, their amounts and the way to dispute them.
    """
    table = plans(client)
    profit = (table[list(_ON_PROFIT)].fillna(0) > 0).any(axis=1)
    table = table[profit & (table["structure"] != "fixed")]
    if table.empty:
        return []
    people_of = consents(client)
    subject = plan_of(people_of, plans(client))
    waiting = people_of.assign(subject=subject)[~people_of["signed"]]["subject"].value_counts()
    table = table.assign(open=mapped(table["subject"], waiting).fillna(0).astype("int64"))
    return findings(
        "S173",
        table[table["open"] > 0],
        lambda r: {"post": r["post"], "persons": int(r["open"])},
        "structure",
    )


COMMISSION_RULES = (commission_proposals, profit_not_agreed)
