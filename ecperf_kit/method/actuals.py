"""What was achieved: the actual of each assessed row, to date where the cycle is longer.

Ratios over several months are ratios of sums, never averages of ratios.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ecperf_kit.exact import MILLION, Ints, divide, ints, masked
from ecperf_kit.method.keys import find, taken
from ecperf_kit.method.lost import with_lost
from ecperf_kit.method.once import once
from ecperf_kit.method.subjects import column_at, company_id, looked_up
from ecperf_kit.method.unread import spoilt
from ecperf_kit.period import shift

if TYPE_CHECKING:
    from ecperf_kit.client import Client

#: Months in a cycle; everything else counts as a month.
CYCLES = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
KEY = ["subject_kind", "subject_id", "indicator", "month"]


@once
def monthly_actuals(client: Client, months: Sequence[str]) -> pd.DataFrame:
    """One row per subject, indicator and month of the actuals, with ``actual``.

    ``actual`` is numerator / denominator where both are given (half-up to six
    decimals; missing if the denominator is 0), else the value. Missing where a cell of
    the row cannot be read.
    """
    table = with_lost(client, "actuals").rename(columns={"period": "month"})
    table = table[table["month"].isin(list(months))].drop_duplicates(KEY).reset_index(drop=True)
    figures = ["value", "numerator", "denominator"]
    lost = spoilt(table)
    if lost.any():
        table[figures] = table[figures].mask(lost)
    actual, missing = _quotient(table["numerator"], table["denominator"])
    paired = (table["numerator"].notna() & table["denominator"].notna()).to_numpy()
    value = np.where(paired, actual, ints(table["value"]))
    gaps = np.where(paired, missing, table["value"].isna().to_numpy())
    return table.assign(actual=masked(value, gaps, table.index))


def months_needed(months: Sequence[str]) -> list[str]:
    """The months and the eleven before each: a cycle may have begun that early."""
    return sorted({shift(month, -back) for month in months for back in range(12)})


def with_actuals(client: Client, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with actual, actual_subject, actual_file, actual_sheet and actual_row.

    ``rows`` has employee, month, post, department, channel, indicator and
    ``elapsed`` (months of the cycle up to this month, 1 for a monthly cycle).
    """
    months = months_needed(sorted(rows["month"].unique())) if len(rows) else []
    table = monthly_actuals(client, months)
    found = looked_up(rows, table, company_id(client))
    position = found["position"]
    rows = rows.assign(
        actual=column_at(table, "actual", position),
        actual_subject=found["subject"],
        actual_file=column_at(table, "_file", position),
        actual_sheet=column_at(table, "_sheet", position),
        actual_row=column_at(table, "_row", position),
    )
    longer = (rows["elapsed"] > 1) & (position >= 0)
    if longer.any():
        to_date = _to_date(client, rows[longer], table, position[longer])
        rows["actual"] = rows["actual"].where(~longer, to_date)
    return rows


def _to_date(
    client: Client, rows: pd.DataFrame, table: pd.DataFrame, position: pd.Series
) -> pd.Series:
    """The actual over the months of the cycle up to each row's month; missing if one is."""
    aggregation = rows["indicator"].map(client.indicators["aggregation"])
    key = table[["subject_kind", "subject_id", "indicator"]].take(position.to_numpy())
    key = key.set_index(rows.index)
    elapsed = rows["elapsed"].to_numpy(dtype=np.int64)
    sums = {name: np.zeros(len(rows), dtype=np.int64) for name in _SUMMED}
    gaps = {name: np.zeros(len(rows), dtype=bool) for name in _SUMMED}
    for back in range(int(elapsed.max())):
        month = rows["month"].map({m: shift(m, -back) for m in rows["month"].unique()})
        of_month = key.assign(month=month.astype("str"))
        at = find([of_month[name] for name in KEY], [table[name] for name in KEY])
        within = back < elapsed
        for name in _SUMMED:
            then = taken(table[name], at)
            sums[name] += np.where(within, ints(then), 0)
            gaps[name] |= within & then.isna().to_numpy()
    ratio, no_ratio = _quotient(
        masked(sums["numerator"], gaps["numerator"]),
        masked(sums["denominator"], gaps["denominator"]),
    )
    mean = divide(sums["actual"], elapsed * MILLION)
    chosen = [
        (aggregation == kind).to_numpy(dtype=bool, na_value=False)
        for kind in ("sum", "ratio", "mean")
    ]
    use_ratio = chosen[1] | (chosen[2] & ~no_ratio)
    value = np.select(
        [chosen[0], use_ratio, chosen[2]],
        [sums["actual"], ratio, mean],
        default=ints(rows["actual"]),
    )
    missing = np.select(
        [chosen[0], use_ratio, chosen[2]],
        [gaps["actual"], no_ratio, gaps["actual"]],
        default=rows["actual"].isna().to_numpy(),
    )
    return masked(value, missing, rows.index)


_SUMMED = ("actual", "numerator", "denominator")


def _quotient(numerator: pd.Series, denominator: pd.Series) -> tuple[Ints, np.ndarray]:
    missing = (numerator.isna() | denominator.isna()).to_numpy()
    bottom = ints(denominator)
    missing = missing | (bottom == 0)
    return divide(ints(numerator), np.where(missing, MILLION, bottom)), missing
