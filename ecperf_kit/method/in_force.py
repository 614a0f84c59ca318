"""Which version of a dated table is in force in a month."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ecperf_kit.period import shift


def month_start(month: str) -> pd.Timestamp:
    """The first day of a month."""
    return pd.Timestamp(f"{month}-01")


def month_end(month: str) -> pd.Timestamp:
    """The last day of a month."""
    return month_start(shift(month, 1)) - pd.Timedelta(days=1)


def in_force(table: pd.DataFrame, months: Sequence[str], by: list[str]) -> pd.DataFrame:
    """The rows in force in each month, with a column ``month`` in front.

    All rows of a subject (``by``) with one ``effective_from`` are one version;
    in force is the latest version that began on or before the first day of the
    month. One row per month x row of the version, in the order of the table.
    """
    found = []
    for month in months:
        begun = table[table["effective_from"] <= month_start(month)]
        latest = begun.groupby(by, dropna=False)["effective_from"].transform("max")
        version = begun[begun["effective_from"] == latest]
        found.append(version.assign(month=pd.Series(month, index=version.index, dtype="str")))
    return _joined(found, table.assign(month=pd.Series(dtype="str")).iloc[:0])


def _joined(parts: list[pd.DataFrame], empty: pd.DataFrame) -> pd.DataFrame:
    full = [part for part in parts if len(part)]
    return pd.concat(full, ignore_index=True) if full else empty
