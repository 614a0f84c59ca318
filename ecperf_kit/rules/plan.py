"""Does the annual plan add up over months, channels, categories and products?"""

from __future__ import annotations

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import divide, multiply
from ecperf_kit.finding import Finding
from ecperf_kit.period import Period
from ecperf_kit.rules.in_force import findings, once


@once
def plan_months(client: Client, measure: str = "net_sales") -> pd.DataFrame:
    """The plan of a measure: columns month, channel ("" = all), amount, parts.

    ``amount`` is the row without a category, or the sum of the categories; ``parts``
    is the sum of the finer rows where both are given (NA otherwise).
    """
    rows = client.table("targets")
    rows = rows[rows["measure"] == measure]
    rows = rows.assign(channel=rows["channel"].fillna(""), category=rows["category"].fillna(""))
    whole, finer = rows[rows["category"] == ""], rows[rows["category"] != ""]
    keys = ["month", "channel"]
    by_channel = _whole_or_parts(whole, finer, keys)
    totals = _whole_or_parts(
        by_channel[by_channel["channel"] == ""],
        by_channel[by_channel["channel"] != ""].assign(channel=""),
        keys,
    )
    named = by_channel[by_channel["channel"] != ""]
    plan = pd.concat([totals, named], ignore_index=True)
    return plan.sort_values(["month", "channel"]).reset_index(drop=True)


def _whole_or_parts(whole: pd.DataFrame, parts: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    amount = whole.groupby(keys)["amount"].sum()
    finer = parts.groupby(keys)["amount"].sum()
    both = pd.DataFrame({"given": amount, "parts": finer}, dtype="Int64")
    both["amount"] = both["given"].fillna(both["parts"])
    both["parts"] = both["parts"].where(both["given"].notna())
    return both.drop(columns="given").reset_index()


def plan_year_months(client: Client) -> tuple[str, ...]:
    """The twelve months of the plan year."""
    return Period.parse(str(client.config.dates.plan_year)).months


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
    """Each channel's share of the net sales on record (stored fractions), or nothing."""
    rows = client.table("actuals")
    rows = rows[(rows["subject_kind"] == "channel") & (rows["indicator"] == "net_sales")]
    sums = rows.groupby("subject_id")["value"].sum()
    if sums.empty:
        bridge = client.table("sales_bridge")
        sums = bridge.groupby("channel")["finance_sales"].sum()
    whole = int(sums.sum()) if len(sums) else 0
    if whole <= 0:
        return {}
    return {str(name): int(divide(int(value), whole)) for name, value in sums.items()}


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
    return found


def _product_plan(client: Client) -> int | None:
    """The annual sales of the product plan, if every product has them."""
    rows = client.table("product_plan")
    if rows.empty or rows["annual_sales"].isna().any():
        return None
    return int(rows["annual_sales"].sum())


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
)
