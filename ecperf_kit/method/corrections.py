"""What settled appeals change in pay already handed over: paid besides, in no sum of the kit.

An appeal settled after its month was paid is made good with a later month's pay. The kit
cannot know whether the month appealed against was computed anew as well (then its pay here
holds the difference already), so that the amount is told beside the pay and never added.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from ecperf_kit.method.lost import with_lost
from ecperf_kit.method.unread import spoilt
from ecperf_kit.period import shift

if TYPE_CHECKING:
    from ecperf_kit.client import Client

COLUMNS = ("employee", "month", "period", "settled_on", "correction", "_file", "_sheet", "_row")


def corrections(client: Client, months: Sequence[str]) -> pd.DataFrame:
    """One row per settled appeal with an amount, by the month whose pay it is settled with.

    That is the month after the one appealed against; where it was settled later still, the
    month it was settled in. ``correction`` in yuan (stored), missing where a cell of the
    row cannot be read. Assessment method 4.5.
    """
    table = with_lost(client, "appeals")
    lost = spoilt(table)
    table = table[table["settled_on"].notna() & (lost | (table["correction"].fillna(0) != 0))]
    settled = table["settled_on"].dt.strftime("%Y-%m").astype("str")
    following = table["period"].map({p: shift(p, 1) for p in table["period"].unique()})
    month = settled.where(settled > following.astype("str"), following).astype("str")
    found = table.assign(month=month, correction=table["correction"].mask(lost[table.index]))
    found = found[found["month"].isin(list(months))]
    return found.sort_values(["month", "employee", "period"], ignore_index=True)[list(COLUMNS)]


def of_person_and_month(client: Client, months: Sequence[str]) -> pd.DataFrame:
    """employee, month and the sum of the corrections settled with it, missing if one is."""
    rows = corrections(client, months)
    sums = rows.groupby(["employee", "month"])["correction"].agg(lambda own: own.sum(skipna=False))
    return sums.astype("Int64").reset_index()
