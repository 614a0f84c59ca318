"""From one annual figure a whole plan: months, channels, categories, budget, with assumptions.

A proposal only: it adds up to the fen, says where every share comes from, and becomes
the client's when the client adopts it (assessment method 2.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, divide, ints, rounded_product, split
from ecperf_kit.method.once import once
from ecperf_kit.method.targets import both_ways, seasonal_shares
from ecperf_kit.rules.plan import (
    months_planned,
    plan_months,
    plan_year_months,
    shares_of_channels,
    sold_by_channel,
)

KEYS = ["month", "channel", "category", "measure", "amount"]
#: The budget's own rates in ``client.toml`` and the indicator whose record gives them otherwise.
RATES: Mapping[str, tuple[str, str]] = {
    "gross_profit": ("gross_margin", "gross_margin_rate"),
    "promotion_cost": ("promotion_share", "promo_expense_ratio"),
    "management_cost": ("management_share", ""),
}


@dataclass(frozen=True, slots=True)
class Assumption:
    """On what a part of the proposal rests: ``basis`` given, plan, product_plan, history,
    profile, practice, even or missing, with what is needed to say it."""

    part: str
    basis: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlanProposal:
    """Rows for the client's table ``targets`` (month, channel, category, measure, amount)
    and the assumptions they rest on."""

    rows: pd.DataFrame
    assumptions: tuple[Assumption, ...]


@once
def plan_proposal(client: Client) -> PlanProposal | None:
    """The breakdown a client's plan lacks; nothing where months and channels are planned.

    Without any month the year's figure is divided over months, channels and categories
    and a budget is added; a plan by months alone gets its channels. Sums are exact.
    """
    plan = plan_months(client)
    plan = plan[plan["month"].isin(plan_year_months(client))]
    figure = client.config.targets.annual_net_sales
    if plan.empty:
        return None if figure is None else _whole_plan(client, figure)
    channels, assumed = _channels(client)
    by_month = plan[plan["channel"] == ""].set_index("month")["amount"]
    whole = (plan["channel"] == "").all() and len(channels) > 1
    if not whole or not months_planned(client):
        return None
    rows = _over_channels(by_month.astype("int64"), channels)
    return PlanProposal(rows.assign(category="", measure="net_sales")[KEYS],
                        (Assumption("months", "plan"), assumed))  # fmt: skip


def _whole_plan(client: Client, figure: int) -> PlanProposal:
    seasons, by_month = _months(client)
    channels, by_channel = _channels(client)
    amounts = pd.Series(split(figure, ints(seasons)), index=seasons.index)
    cells = _over_channels(amounts, channels)
    sales, by_category = _over_categories(client, cells)
    budget, rates = _budget(client, figure, cells)
    rows = pd.concat([sales.assign(measure="net_sales"), *budget], ignore_index=True)
    return PlanProposal(rows[KEYS], (by_month, by_channel, by_category, *rates))


# -- months --------------------------------------------------------------------------
def _months(client: Client) -> tuple[pd.Series, Assumption]:
    """Month -> share of the year, and why: given, as an earlier year sold, the trade's
    profile, or evenly for want of anything better."""
    months = plan_year_months(client)
    given = client.config.targets.month_shares
    if len(given) == len(months) and sum(given) > 0:
        return pd.Series(given, index=months), Assumption("months", "given")
    sold = sold_by_month(client)
    for year in range(client.config.dates.plan_year - 1, 1949, -1):
        wanted = [f"{year}{month[4:]}" for month in months]
        if not any(month in sold.index for month in wanted):
            if sold.empty or str(year) < sold.index.min()[:4]:
                break
            continue
        amounts = sold.reindex(wanted)
        if amounts.notna().all() and (amounts > 0).all():
            shares = pd.Series(ints(amounts), index=months)
            return shares, Assumption("months", "history", {"year": str(year)})
    profile = client.config.pay.seasonality
    shares = seasonal_shares(client.library.seasonality, profile, client.config.dates.plan_year)
    if len(shares):
        return shares, Assumption("months", "profile", {"profile": profile})
    return pd.Series(MILLION, index=months), Assumption("months", "even", {"count": len(months)})


def sold_by_month(client: Client) -> pd.Series:
    """Net sales on record by month: the company's, else its channels' sum, else the bridge's.

    A month of which a figure is not known is left out: the others' sum is not the month's.
    """
    rows = client.table("actuals")
    rows = rows[rows["indicator"] == "net_sales"]
    for kind in ("company", "channel"):
        own = rows[rows["subject_kind"] == kind]
        if own["value"].notna().any():
            return _whole_sums(own["value"], own["period"])
    bridge = client.table("sales_bridge")
    return _whole_sums(bridge["finance_sales"], bridge["month"])


def _whole_sums(amounts: pd.Series, months: pd.Series) -> pd.Series:
    """The sum of each month whose amounts are all known."""
    groups = amounts.groupby(months)
    return groups.sum()[groups.count() == groups.size()]


# -- channels and categories ---------------------------------------------------------
def _channels(client: Client) -> tuple[pd.Series, Assumption]:
    """Channel -> share, and why. Empty where there is no channel to divide over."""
    shares, basis = shares_of_channels(client)
    names = tuple(client.table("channels")["channel"])
    if not shares and len(names) > 1:
        shares, basis = dict.fromkeys(names, MILLION), "even"
    elif not shares:
        return pd.Series(dtype="int64"), Assumption("channels", "missing")
    whole = sum(shares.values())
    said: dict[str, Any] = {
        "channels": tuple(shares),
        "shares": tuple(int(divide(share, whole)) for share in shares.values()),
    }
    if basis == "history":
        sold = sold_by_channel(client)
        basis = "history_means" if sold.means else "history"
        months = {"first": sold.months[0], "last": sold.months[-1], "count": len(sold.months)}
        said |= months
    return pd.Series(shares, dtype="int64"), Assumption("channels", basis, said)


def _over_channels(months: pd.Series, channels: pd.Series) -> pd.DataFrame:
    """Every month's amount over the channels: month, channel, amount. The year of a channel
    is its share of the whole year, to the fen, as the product plan has it."""
    if channels.empty:
        return pd.DataFrame({"month": list(months.index), "channel": "", "amount": ints(months)})
    years = split(int(months.sum()), ints(channels))
    return pd.DataFrame(
        {
            "month": np.repeat(list(months.index), len(channels)),
            "channel": list(channels.index) * len(months),
            "amount": both_ways(ints(months), years).ravel(),
        }
    )


def _over_categories(client: Client, cells: pd.DataFrame) -> tuple[pd.DataFrame, Assumption]:
    """Every month's and channel's amount over the categories of the product plan, if it
    has an amount for every product: its channel's own categories where it says channels.
    Months and categories both add up to the channel's."""
    products = client.table("product_plan")
    sums = products["annual_sales"]
    usable = len(products) > 0 and sums.notna().all() and products["category"].notna().all()
    if not usable or int(sums.sum()) <= 0:
        return cells.assign(category=""), Assumption("categories", "missing")
    products = products.assign(channel=products["channel"].fillna(""))
    overall = products.groupby("category")["annual_sales"].sum()
    found = []
    for channel, own_cells in cells.groupby("channel", sort=False):
        own = products[products["channel"] == channel]
        shares = own.groupby("category")["annual_sales"].sum() if len(own) else overall
        shares = shares if int(shares.sum()) > 0 else overall
        amounts = ints(own_cells["amount"])
        if not amounts.any():
            shares = shares.iloc[:1]
        parts = amounts[:, None]
        if len(shares) > 1:
            parts = both_ways(amounts, split(int(amounts.sum()), ints(shares)))
        wide = own_cells.loc[own_cells.index.repeat(len(shares))]
        names = list(shares.index) * len(own_cells)
        found.append(wide.assign(category=names, amount=parts.ravel()))
    rows = pd.concat(found).sort_index(kind="stable").reset_index(drop=True)
    return rows, Assumption("categories", "product_plan", {"names": tuple(overall.index)})


# -- the budget ----------------------------------------------------------------------
def _budget(
    client: Client, figure: int, cells: pd.DataFrame
) -> tuple[list[pd.DataFrame], list[Assumption]]:
    """Gross profit, promotion and management cost by month and channel, each a share of the
    year's sales; net profit is what remains in every cell. What has no rate is left out."""
    frames: list[pd.DataFrame] = []
    assumed: list[Assumption] = []
    found: dict[str, pd.Series] = {}
    for measure in RATES:
        rate, assumption = _rate(client, measure)
        assumed.append(assumption)
        if rate is None:
            continue
        total = int(rounded_product(figure, rate))
        found[measure] = pd.Series(split(total, ints(cells["amount"])), index=cells.index)
    if len(found) == len(RATES):
        costs = found["promotion_cost"] + found["management_cost"]
        found["net_profit"] = found["gross_profit"] - costs
        assumed.append(Assumption("net_profit", "remains"))
    else:
        lacking = tuple(name for name in RATES if name not in found)
        assumed.append(Assumption("net_profit", "missing", {"measures": lacking}))
    for measure, amount in found.items():
        frames.append(cells.assign(category="", measure=measure, amount=amount))
    return frames, assumed


def _rate(client: Client, measure: str) -> tuple[int | None, Assumption]:
    key, indicator = RATES[measure]
    given = getattr(client.config.targets, key)
    if given is not None:
        return given, Assumption(measure, "given_rate", {"rate": given})
    if indicator:
        rows = client.table("actuals")
        # half a ratio is none: its denominator alone would make the rate too low
        rows = rows[(rows["indicator"] == indicator) & rows["numerator"].notna()]
        rows = rows[(rows["denominator"] > 0).fillna(False).astype(bool)]
        if len(rows):
            top, bottom = int(rows["numerator"].sum()), int(rows["denominator"].sum())
            rate = int(divide(top, bottom))
            values = {"rate": rate, "first": rows["period"].min(), "last": rows["period"].max()}
            return rate, Assumption(measure, "history_rate", values)
        typical = client.library.indicators["typical_value"].get(indicator)
        if typical is not None and pd.notna(typical):
            return int(typical), Assumption(measure, "practice_rate", {"rate": int(typical)})
    return None, Assumption(measure, "missing_rate", {"key": f"targets.{key}"})
