"""Do all commission rates of a channel fit into what the channel leaves to be shared?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import divide, multiply
from ecperf_kit.finding import Finding
from ecperf_kit.method.costing import forward_costing, rates_against_pool
from ecperf_kit.method.once import once
from ecperf_kit.method.unread import spoilt
from ecperf_kit.rules.few import fewest
from ecperf_kit.rules.in_force import findings, number, people, plans
from ecperf_kit.rules.payees import plan_of, told_plans
from ecperf_kit.rules.plan import annual_plan, plan_gaps

_MEASURES = {
    "sales_rate": "net_sales",
    "gross_profit_rate": "gross_profit",
    "net_profit_rate": "net_profit",
}
#: How many rates a structure pays by.
_RATES_OF = {
    "commission_sales": 1,
    "commission_gross_profit": 1,
    "commission_net_profit": 1,
    "commission_combined": 2,
}
#: Who draws on figures of one's own draws on each sale once, however many they are.
_OWN = ("employee", "department")


def _pools(client: Client) -> dict[str, int]:
    """The share of each channel's planned sales that may be drawn, by forward costing (2.3).

    Only channels whose plan says sales, gross profit, promotion and management cost for the
    same months (else S163): the pool is what they leave, less the reserve.
    """
    names = ("net_sales", "gross_profit", "promotion_cost", "management_cost")
    plan = {name: annual_plan(client, name) for name in names}
    reserve = number(client, "reserve.share")
    most = number(client, "commission.pool_share_max")
    gaps, found = plan_gaps(client), {}
    for channel in plan["net_sales"]:
        if channel == "" or any(channel not in plan[name] for name in names):
            continue
        if any((name, channel) in gaps for name in names):
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

    One row per person and channel: channel ("" where an assignment names none), employee,
    rate (NA where it is not known), persons (of whom the row is the only one) and why the
    rate is not known (``unknown``, else ""): a profit rate without planned profit, a cell of
    the plan that cannot be read, no channel. Who draws on the company draws on every channel.
    Of those who draw on sales of their own in a post the highest rate counts.
    """
    team = people(client)
    every = plans(client)
    table = every.drop_duplicates("subject").set_index("subject")
    table = table.assign(unread=spoilt(table))
    columns = [*_MEASURES, "commission_from", "structure", "unread"]
    told = ["channel", "employee", "rate", "persons", "unknown"]
    nobody = pd.DataFrame(columns=told).astype({"rate": "Int64", "persons": "int64"})
    if team.empty or table.empty:
        return nobody
    rows = team.assign(subject=plan_of(team, every)).join(table[columns], on="subject")
    given = (rows[list(_MEASURES)].fillna(0) > 0).sum(axis=1)
    wanted = rows["structure"].map(_RATES_OF).fillna(0)
    # what a cell that cannot be read says of a rate is not known
    rows["unread"] = rows["unread"].eq(True) & (given < wanted)
    rows = rows[((given > 0) | rows["unread"]).to_numpy(dtype=bool)]
    plan = {measure: annual_plan(client, measure) for measure in _MEASURES.values()}
    channels = [name for name in plan["net_sales"] if name]
    drawn = []
    for row in rows.to_dict("records"):
        everywhere = row["commission_from"] == "company"
        own_sales = row["commission_from"] in _OWN
        named = "" if pd.isna(row["channel"]) else row["channel"]
        for channel in channels if everywhere else [named]:
            if channel in channels:
                rate, unknown = _share_of_sales(row, channel, plan)
            elif not channel:
                rate, unknown = pd.NA, "rate_no_channel"
            else:
                continue  # of a channel without a plan there is no pool to hold it against
            drawn.append((channel, row["employee"], rate, unknown, own_sales, row["post"]))
    frame = pd.DataFrame(drawn, columns=["channel", "employee", "rate", "unknown", "own", "post"])
    frame["rate"] = frame["rate"].astype("Int64")
    alike = frame.groupby(["channel", "post"])["employee"].transform("nunique")
    frame["persons"] = alike.where(frame["own"].astype(bool), 1).astype("int64")
    shared = frame[~frame["own"].astype(bool)]
    highest = frame.sort_values("rate", ascending=False, na_position="first", kind="stable")
    once_each = highest[highest["own"].astype(bool)].drop_duplicates(["channel", "post"])
    return pd.concat([shared, once_each], ignore_index=True)[told]


def _share_of_sales(
    row: Mapping[Any, Any], channel: str, plan: Mapping[str, Mapping[str, int]]
) -> tuple[Any, str]:
    """A person's rates on sales and profits as one share of the channel's planned sales, or
    why it is not known."""
    if row["unread"]:
        return pd.NA, "rate_unreadable"
    sales = int(plan["net_sales"][channel])
    whole = 0
    for name, measure in _MEASURES.items():
        rate = row[name]
        if pd.isna(rate) or int(rate) == 0:
            continue
        base = plan[measure].get(channel)
        if base is None or sales <= 0:
            return pd.NA, "rate_no_profit_plan"
        whole += int(divide(multiply(int(rate), base), sales))
    return whole, ""


@once
def rates_exceed_pool(client: Client) -> list[Finding]:
    """The rates of all who draw on a channel add up to more than it leaves (2.3); or those
    that are known do not, and some are not known (S162).

    Where fewer people draw than may be shown as a group, or so few beside those whose plan is
    told anyway, the sum is their own rate: the finding is about the first of them, not about
    the channel.
    """
    drawn = drawn_rates(client)
    least = fewest(client)
    team = people(client).drop_duplicates("employee")
    known = plan_of(team, plans(client)).isin(told_plans(client))
    told = set(team.loc[known, "employee"])
    found = []
    nowhere = drawn[drawn["channel"] == ""]
    for channel, pool in _pools(client).items():
        own = drawn[drawn["channel"] == channel]
        # rates are never below 0: what the known ones exceed all of them exceed
        table = rates_against_pool(own[own["rate"].notna()], pool)
        subject = f"channel:{channel}"
        untold = own[~own["employee"].isin(told)]
        few = own if own["persons"].sum() < least else untold
        if 0 < few["persons"].sum() < least:
            subject = f"employee:{few['employee'].iloc[0]}"
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
        lacking = pd.concat([own[own["rate"].isna()], nowhere])
        if len(lacking) and not table["over"].any():
            everybody = pd.concat([own, nowhere])
            values = {
                "channel": channel,
                "drawing": int(everybody["employee"].nunique()),
                "unknown": int(lacking["employee"].nunique()),
                "reasons": tuple(sorted(lacking["unknown"].unique())),
                "pool": pool,
            }
            found.append(Finding("S162", f"channel:{channel}", values))
    return found


POOL_RULES = (rates_exceed_pool,)
