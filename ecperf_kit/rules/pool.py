"""Do all commission rates of a channel fit into what the channel leaves to be shared?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, divide, multiply
from ecperf_kit.finding import Finding
from ecperf_kit.method.costing import forward_costing, rates_against_pool
from ecperf_kit.method.once import once
from ecperf_kit.rules.in_force import findings, number, people, plans
from ecperf_kit.rules.payees import plan_of
from ecperf_kit.rules.plan import annual_plan

_MEASURES = {
    "sales_rate": "net_sales",
    "gross_profit_rate": "gross_profit",
    "net_profit_rate": "net_profit",
}
#: Who draws on figures of one's own draws on each sale once, however many they are.
_OWN = ("employee", "department")


def _pools(client: Client) -> dict[str, int]:
    """The share of each channel's planned sales that may be drawn, by forward costing (2.3).

    Only channels whose plan says sales, gross profit, promotion and management cost: the
    pool is what they leave, less the reserve.
    """
    names = ("net_sales", "gross_profit", "promotion_cost", "management_cost")
    plan = {name: annual_plan(client, name) for name in names}
    reserve = number(client, "reserve.share")
    most = number(client, "commission.pool_share_max")
    found = {}
    for channel in plan["net_sales"]:
        if channel == "" or any(channel not in plan[name] for name in names):
            continue
        sales, profit, promotion, management = (int(plan[name][channel]) for name in names)
        if sales <= 0:
            continue
        left = forward_costing(sales, sales - profit, promotion, management, reserve)
        found[channel] = int(multiply(divide(left.pool, sales), most))
    return found


@once
def drawn_rates(client: Client) -> pd.DataFrame:
    """Everybody who draws commission, with the rate as a share of the channel's planned sales.

    One row per person and channel: channel, employee, rate (NA where a profit rate has no
    planned profit), persons (of whom the row is the only one). Who draws on the company
    draws on every channel.
    """
    team = people(client)
    every = plans(client)
    table = every.drop_duplicates("subject").set_index("subject")
    columns = [*_MEASURES, "commission_from"]
    told = ["channel", "employee", "rate", "persons"]
    nobody = pd.DataFrame(columns=told).astype({"rate": "Int64", "persons": "int64"})
    if team.empty or table.empty:
        return nobody
    rows = team.assign(subject=plan_of(team, every)).join(table[columns], on="subject")
    rates = rows[list(_MEASURES)].fillna(0)
    rows = rows[(rates > 0).any(axis=1).to_numpy()]
    plan = {measure: annual_plan(client, measure) for measure in _MEASURES.values()}
    channels = [name for name in plan["net_sales"] if name]
    drawn = []
    for row in rows.to_dict("records"):
        everywhere = row["commission_from"] == "company"
        for channel in channels if everywhere else [row["channel"]]:
            if channel in channels:
                rate = _share_of_sales(row, channel, plan)
                own_sales = row["commission_from"] in _OWN
                drawn.append((channel, row["employee"], rate, own_sales, row["post"]))
    frame = pd.DataFrame(drawn, columns=["channel", "employee", "rate", "own", "post"])
    frame["rate"] = frame["rate"].astype("Int64")
    alike = frame.groupby(["channel", "post"])["employee"].transform("nunique")
    frame["persons"] = alike.where(frame["own"].astype(bool), 1).astype("int64")
    shared = frame[~frame["own"].astype(bool)]
    once_each = frame[frame["own"].astype(bool)].drop_duplicates(["channel", "post"])
    return pd.concat([shared, once_each], ignore_index=True)[told]


def _share_of_sales(
    row: Mapping[Any, Any], channel: str, plan: Mapping[str, Mapping[str, int]]
) -> Any:
    """A person's rates on sales and profits as one share of the channel's planned sales."""
    sales = int(plan["net_sales"][channel])
    whole = 0
    for name, measure in _MEASURES.items():
        rate = row[name]
        if pd.isna(rate) or int(rate) == 0:
            continue
        base = plan[measure].get(channel)
        if base is None or sales <= 0:
            return pd.NA
        whole += int(divide(multiply(int(rate), base), sales))
    return whole


@once
def rates_exceed_pool(client: Client) -> list[Finding]:
    """The rates of all who draw on a channel add up to more than it leaves (2.3).

    Where fewer people draw than may be shown as a group, the sum is their own rate: the
    finding is about the first of them, not about the channel.
    """
    drawn = drawn_rates(client)
    fewest = number(client, "group.min_people") // MILLION
    found = []
    for channel, pool in _pools(client).items():
        own = drawn[drawn["channel"] == channel]
        table = rates_against_pool(own, pool)
        subject = f"channel:{channel}"
        if len(own) and own["persons"].sum() < fewest:
            subject = f"employee:{own['employee'].iloc[0]}"
        found += findings(
            "S161",
            table[table["over"]].assign(subject=subject),
            lambda r: {
                "channel": r["channel"],
                "drawing": int(r["drawing"]),
                "rates": int(r["rates"]),
                "pool": int(r["pool_share"]),
            },
        )
    return found


POOL_RULES = (rates_exceed_pool,)
