"""How the pilot's business did against the same months of the year before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ecperf_kit.exact import MILLION, multiply_divide
from ecperf_kit.finding import Finding
from ecperf_kit.method.bridge import share_of
from ecperf_kit.method.once import once
from ecperf_kit.period import shift

if TYPE_CHECKING:
    from ecperf_kit.rules.pilot import Pilot

BUSINESS = ("net_sales", "gross_profit")


@once
def business(pilot: Pilot) -> pd.DataFrame:
    """Net sales and gross profit of the pilot's channels against the same months a year before.

    One row per channel ("" for the company, where no channel is on record),
    indicator and month with figures of both years: now, before.
    """
    both = _both_years(pilot)
    return both[both["now"].notna() & both["before"].notna()].reset_index(drop=True)


def _both_years(pilot: Pilot) -> pd.DataFrame:
    """``business`` with the months of which one of the two figures is missing."""
    client = pilot.client
    table = client.table("actuals")
    table = table[table["indicator"].isin(BUSINESS) & table["value"].notna()]
    channels = list(client.config.pilot.channels)
    of_channel = table[table["subject_kind"] == "channel"]
    if channels:
        of_channel = of_channel[of_channel["subject_id"].isin(channels)]
    table = of_channel if len(of_channel) else table[table["subject_kind"] == "company"]
    name = table["subject_id"].where(table["subject_kind"] == "channel", "")
    table = table.assign(channel=name)[["channel", "indicator", "period", "value"]]
    now = table[table["period"].isin(pilot.months)].rename(columns={"value": "now"})
    ago = table.assign(period=table["period"].map(lambda m: shift(m, 12)))
    ago = ago[ago["period"].isin(pilot.months)].rename(columns={"value": "before"})
    both = now.merge(ago, on=["channel", "indicator", "period"], how="outer")
    return both.rename(columns={"period": "month"}).sort_values(
        ["channel", "indicator", "month"], ignore_index=True
    )


def growth(table: pd.DataFrame) -> pd.DataFrame:
    """``business`` summed over its months: channel, indicator, now, before, change, months."""
    summed = table.groupby(["channel", "indicator"], as_index=False).agg(
        now=("now", "sum"), before=("before", "sum"), months=("month", "nunique")
    )
    return summed.assign(change=share_of(summed["now"] - summed["before"], summed["before"]))


@once
def sales_growth(pilot: Pilot) -> int | None:
    """Growth of net sales over the pilot against last year; None where it is not on record."""
    table = business(pilot)
    table = table[table["indicator"] == "net_sales"]
    before = int(table["before"].sum())
    if before <= 0:
        return None
    return int(multiply_divide(int(table["now"].sum()) - before, MILLION, before))


def business_of_one_year(pilot: Pilot) -> list[Finding]:
    """Figures of this year or of the year before alone: the growth told leaves them out (4.4)."""
    both = _both_years(pilot)
    whole = both["now"].notna() & both["before"].notna()
    told = set(both.loc[whole, "indicator"])
    found = []
    for (channel, indicator), part in both.groupby(["channel", "indicator"], sort=True):
        alone = part.loc[~whole.loc[part.index], "month"]
        if len(alone) and indicator in told:
            about = f"channel:{channel}" if channel else f"client:{pilot.client.name}"
            values = {"indicator": indicator, "months": tuple(alone), "count": len(alone)}
            found.append(Finding("P110", about, values | {"compared": len(part) - len(alone)}))
    return found
