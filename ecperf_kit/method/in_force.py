"""Which version of a dated table is in force in a month."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ecperf_kit.exact import Ints
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
    since = table["effective_from"].to_numpy()
    subject = _subjects(table, by)
    places = [_version(since, subject, month_start(month).to_datetime64()) for month in months]
    at = np.concatenate(places) if places else np.zeros(0, dtype=np.int64)
    if not len(at):
        return table.iloc[:0].assign(month=pd.Series(dtype="str"))
    named = np.repeat(np.array(list(months), dtype=object), [len(place) for place in places])
    rows = table.take(at).reset_index(drop=True)
    return rows.assign(month=pd.Series(named, dtype="str"))


def _subjects(table: pd.DataFrame, by: list[str]) -> Ints:
    """The number of each row's subject; a missing id is an id like others."""
    number = np.zeros(len(table), dtype=np.int64)
    for name in by:
        codes, distinct = pd.factorize(table[name])
        number = number * (len(distinct) + 1) + codes + 1
    return np.unique(number, return_inverse=True)[1]


def _version(since: np.ndarray, subject: Ints, day: np.datetime64) -> Ints:
    """The positions of the rows in force on a day: per subject those that began last."""
    begun = np.flatnonzero(since <= day)  # a date that is not known has not begun
    latest = np.zeros(subject.max(initial=-1) + 1, dtype=np.int64)
    began = since[begun].astype("datetime64[s]").astype(np.int64)
    latest[:] = np.iinfo(np.int64).min
    np.maximum.at(latest, subject[begun], began)
    return begun[began == latest[subject[begun]]]
