"""Does the annual plan add up over months, channels, categories and products?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, divide, multiply
from ecperf_kit.finding import Finding
from ecperf_kit.method.once import once
from ecperf_kit.method.unread import spoilt
from ecperf_kit.period import Period
from ecperf_kit.rules.in_force import findings, number


@once
def plan_months(client: Client, measure: str = "net_sales") -> pd.DataFrame:
    """The plan of a measure: columns month, channel ("" = all), parts, amount.

    ``amount`` is the row without a category, or the sum of the categories; ``parts``
    is the sum of the finer rows where both are given (NA otherwise). Where an amount that
    counts cannot be read the figure is left out: what is left of it is not the plan.
    """
    rows = client.table("targets")
    rows = rows[(rows["measure"] == measure) & rows["month"].notna()]
    whole: _Sums = {}
    finer: _Sums = {}
    columns = (rows[name].fillna("").tolist() for name in ("month", "channel", "category"))
    amounts = rows["amount"].mask(spoilt(rows)).tolist()
    for month, channel, category, amount in zip(*columns, amounts, strict=True):
        _add(finer if category else whole, (month, channel), amount)
    of_channel = _whole_or_parts(whole, finer)
    given = {key: amount for key, (_, amount) in of_channel.items() if not key[1]}
    channels: _Sums = {}
    for (month, channel), (_, amount) in of_channel.items():
        if channel:
            _add(channels, (month, ""), amount)
    plan = {key: figures for key, figures in of_channel.items() if key[1]}
    plan |= _whole_or_parts(given, channels)
    keys = sorted(key for key, (_, amount) in plan.items() if amount is not None)
    return pd.DataFrame(
        {
            "month": pd.Series([month for month, _ in keys], dtype="str"),
            "channel": pd.Series([channel for _, channel in keys], dtype="str"),
            "parts": pd.Series([plan[key][0] for key in keys], dtype="Int64"),
            "amount": pd.Series([plan[key][1] for key in keys], dtype="Int64"),
        }
    )


#: The sum by month and channel; None where a part of it is not known.
_Sums = dict[tuple[str, str], int | None]


def _add(sums: _Sums, key: tuple[str, str], amount: Any) -> None:
    before = sums.get(key, 0)
    sums[key] = None if before is None or pd.isna(amount) else before + int(amount)


def _whole_or_parts(
    whole: _Sums, parts: _Sums
) -> dict[tuple[str, str], tuple[int | None, int | None]]:
    """For each month and channel the sum of the parts beside a given figure, and the figure."""
    found: dict[tuple[str, str], tuple[int | None, int | None]] = {}
    for key in (*whole, *(key for key in parts if key not in whole)):
        found[key] = (parts.get(key), whole[key]) if key in whole else (None, parts[key])
    return found


def plan_year_months(client: Client) -> tuple[str, ...]:
    """The twelve months of the plan year."""
    return Period.parse(str(client.config.dates.plan_year)).months


@once
def annual_plan(client: Client, measure: str = "net_sales") -> dict[str, int]:
    """The plan year's amount by channel, "" for all channels; empty without any plan.

    With nothing but the owner's figure, net sales are shared out as the channels
    really sold (see :func:`channel_shares`).
    """
    plan = plan_months(client, measure)
    plan = plan[plan["month"].isin(plan_year_months(client))]
    annual = {
        str(name): int(sum_) for name, sum_ in plan.groupby("channel")["amount"].sum().items()
    }
    figure = client.config.targets.annual_net_sales
    if annual or measure != "net_sales" or figure is None:
        return annual
    shares = channel_shares(client)
    return {"": figure} | {name: int(multiply(figure, share)) for name, share in shares.items()}


def channel_shares(client: Client) -> dict[str, int]:
    """Each channel's share of the year (stored fractions), or nothing: as the client gave it,
    as the product plan has it, or of the net sales of the newest months on record."""
    amounts, _ = shares_of_channels(client)
    whole = sum(amounts.values())
    return {name: int(divide(amount, whole)) for name, amount in amounts.items()}


@once
def shares_of_channels(client: Client) -> tuple[dict[str, int], str]:
    """The channels in proportion, and whence: given, product_plan or history ("" if unknown)."""
    given = dict(client.config.targets.channel_shares)
    if sum(given.values()) > 0:
        return given, "given"
    products = client.table("product_plan")
    complete = products["annual_sales"].notna().all() and products["channel"].notna().all()
    if len(products) and complete and int(products["annual_sales"].sum()) > 0:
        sums = products.groupby("channel")["annual_sales"].sum()
        return {str(name): int(amount) for name, amount in sums.items()}, "product_plan"
    sold = dict(sold_by_channel(client).amounts)
    if sum(sold.values()) <= 0 or min(sold.values()) < 0:
        return {}, ""
    return sold, "history"


@dataclass(frozen=True, slots=True)
class Sold:
    """What each channel sold in ``months``, in proportion: their sums, or each channel's mean
    over those of them it has a figure of, where there is no month all have (``means``)."""

    amounts: Mapping[str, int]
    months: tuple[str, ...] = ()
    means: bool = False


@once
def sold_by_channel(client: Client) -> Sold:
    """Net sales by channel in the newest months on record (``plan.channel_history_months``):
    of the channels, else of the sales bridge. Only months of which every channel is known
    count, so that none looks small for want of a month."""
    actuals = client.table("actuals")
    own = (actuals["subject_kind"] == "channel") & (actuals["indicator"] == "net_sales")
    rows = actuals[own & actuals["value"].notna() & ~spoilt(actuals)]
    rows = rows.rename(columns={"subject_id": "channel", "period": "month", "value": "amount"})
    if rows.empty:
        rows = client.table("sales_bridge").rename(columns={"finance_sales": "amount"})
        rows = rows[rows["amount"].notna() & ~spoilt(rows)]
    newest = sorted(rows["month"].dropna().unique())
    newest = newest[-(number(client, "plan.channel_history_months") // MILLION) :]
    rows = rows[rows["month"].isin(newest)]
    if rows.empty:
        return Sold({})
    known = rows.groupby("month")["channel"].nunique()
    common = known.index[known == rows["channel"].nunique()]
    if len(common):
        sums = rows[rows["month"].isin(common)].groupby("channel")["amount"].sum()
        amounts = {str(name): int(amount) for name, amount in sums.items()}
        return Sold(amounts, tuple(str(month) for month in common))
    groups = rows.groupby("channel")["amount"]
    lengths = rows.groupby("channel")["month"].nunique()
    amounts = {str(name): int(each.sum()) // int(lengths[name]) for name, each in groups}
    return Sold(amounts, tuple(newest), means=True)


def plan_adds_up(client: Client) -> list[Finding]:
    """Months, channels, categories, products and the owner's figure agree to the fen (2.1)."""
    found: list[Finding] = []
    subject = f"client:{client.name}"
    for measure in client.table("targets")["measure"].dropna().unique():
        plan = plan_months(client, measure)
        off = plan[(plan["parts"] != plan["amount"]).fillna(False)]
        off = off.assign(subject=("channel:" + off["channel"]).where(off["channel"] != "", subject))
        found += findings(
            "S135",
            off,
            lambda r: {
                "measure": measure,  # noqa: B023
                "where": r["month"],
                "given": int(r["amount"]),
                "parts": int(r["parts"]),
                "difference": int(r["amount"]) - int(r["parts"]),
            },
        )
    year = str(client.config.dates.plan_year)
    plan = plan_months(client)
    months = plan[plan["month"].isin(plan_year_months(client))]
    total = int(months.loc[months["channel"] == "", "amount"].sum())
    figure = client.config.targets.annual_net_sales
    whole_year = not missing_months(client)
    for given in (figure, _product_plan(client)):
        if len(months) and whole_year and given is not None and given != total:
            values = {"measure": "net_sales", "where": year, "given": given, "parts": total}
            found.append(Finding("S135", subject, values | {"difference": given - total}))
    if whole_year:
        for channel, (given, total) in products_by_channel(client).items():
            if given != total:
                values = {"measure": "net_sales", "where": year, "given": given, "parts": total}
                values["difference"] = given - total
                found.append(Finding("S135", f"channel:{channel}", values))
    return found


def products_by_channel(client: Client) -> dict[str, tuple[int, int]]:
    """The product plan's sales and the plan's by channel, where every product names a
    channel and has an amount and the plan has channels (assessment method 2.1)."""
    products = client.table("product_plan")
    plan = plan_months(client)
    plan = plan[plan["month"].isin(plan_year_months(client)) & (plan["channel"] != "")]
    known = products["annual_sales"].notna().all() and products["channel"].notna().all()
    if products.empty or plan.empty or not known:
        return {}
    given = products.groupby("channel")["annual_sales"].sum()
    sums = plan.groupby("channel")["amount"].sum()
    names = sorted({*given.index, *sums.index})
    return {str(n): (int(given.get(n, 0)), int(sums.get(n, 0))) for n in names}


def _product_plan(client: Client) -> int | None:
    """The annual sales of the product plan, if every product has them."""
    rows = client.table("product_plan")
    if rows.empty or rows["annual_sales"].isna().any():
        return None
    return int(rows["annual_sales"].sum())


@once
def plan_gaps(client: Client) -> dict[tuple[str, str], tuple[str, ...]]:
    """(measure, channel) -> the months of the plan year its plan lacks: those between its first
    and its last month, of a budget those in which the channel's sales are planned. Of all
    channels together ("") also what one of them lacks, unless the whole is given."""
    year = plan_year_months(client)
    planned: dict[tuple[str, str], set[str]] = {}
    given: dict[tuple[str, str], set[str]] = {}
    for measure in client.table("targets")["measure"].dropna().unique():
        plan = plan_months(client, measure)
        plan = plan[plan["month"].isin(year)]
        for month, channel, parts in zip(
            plan["month"], plan["channel"], plan["parts"].notna(), strict=True
        ):
            planned.setdefault((measure, channel), set()).add(month)
            if parts:
                given.setdefault((measure, channel), set()).add(month)
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for (measure, channel), months in planned.items():
        wanted = planned.get(("net_sales", channel), set()) if measure != "net_sales" else set()
        first, last = min(months | wanted), max(months | wanted)
        lacking = [m for m in year if first <= m <= last and m not in months]
        if wanted:
            lacking = [m for m in lacking if m in wanted]
        if lacking:
            found[measure, channel] = tuple(lacking)
    for measure in dict.fromkeys(measure for measure, _ in planned):
        own = {m for (of, name), months in found.items() if of == measure and name for m in months}
        own -= given.get((measure, ""), set())
        own |= set(found.get((measure, ""), ()))
        if own and (measure, "") in planned:
            found[measure, ""] = tuple(sorted(own))
    return found


def plan_has_gaps(client: Client) -> list[Finding]:
    """Months in the midst of a plan, or of a channel's sales, that have no amount (2.1): the
    year's sum is not the year's. What only follows from a channel's gap is said there."""
    gaps = plan_gaps(client)
    of_channels = {
        (measure, month)
        for (measure, channel), months in gaps.items()
        if channel
        for month in months
    }
    absent = set(missing_months(client))  # told as such (S136)
    found = []
    for (measure, channel), months in gaps.items():
        left = tuple(
            m
            for m in months
            if (channel or (measure, m) not in of_channels)
            and not (measure == "net_sales" and m in absent)
        )
        if left:
            about = f"channel:{channel}" if channel else f"client:{client.name}"
            values = {"measure": measure, "months": left, "count": len(left)}
            found.append(Finding("S163", about, values))
    return found


def months_planned(client: Client) -> bool:
    """Has every month of the plan year a sales target?"""
    return not missing_months(client)


def missing_months(client: Client) -> tuple[str, ...]:
    """Months of the plan year without a sales target."""
    known = set(plan_months(client)["month"])
    return tuple(month for month in plan_year_months(client) if month not in known)


def plan_months_missing(client: Client) -> list[Finding]:
    """Months of the plan year that have no sales target (2.1)."""
    absent = missing_months(client)
    if not absent or len(plan_months(client)) == 0:
        return []
    values = {"months": absent, "count": len(absent), "year": str(client.config.dates.plan_year)}
    return [Finding("S136", f"client:{client.name}", values)]


PLAN_RULES = (
    plan_adds_up,
    plan_months_missing,
    plan_has_gaps,
)
