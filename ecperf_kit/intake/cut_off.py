"""Days into the months a client settles by: the calendar's, or the 26th to the 25th.

With the second, 26 December 2025 to 25 January 2026 is the month 2026-01
(assessment method 2.3). Days count from 1970-01-01, months from the year 0.
"""

from __future__ import annotations

import datetime as dt
from functools import cache

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

CALENDAR, FROM_THE_26TH = "calendar", "26_25"
CUT_OFFS = (CALENDAR, FROM_THE_26TH)
FIRST_YEAR, LAST_YEAR = 1950, 2099
_LAST_DAY = 25
_EPOCH = dt.date(1970, 1, 1)
FIRST_DAY = (dt.date(FIRST_YEAR, 1, 1) - _EPOCH).days
AFTER_LAST_DAY = (dt.date(LAST_YEAR + 1, 1, 1) - _EPOCH).days


@cache
def months_of_days(cut_off: str) -> Ints:
    """The month of each day from ``FIRST_DAY`` on, as the client settles it."""
    if cut_off not in CUT_OFFS:
        raise ValueError(f"cut-off {cut_off!r} is none of {CUT_OFFS}")
    days = np.arange(FIRST_DAY, AFTER_LAST_DAY).astype("M8[D]")
    starts = days.astype("M8[M]")
    months: Ints = starts.astype(np.int64) + 1970 * 12
    if cut_off == FROM_THE_26TH:
        months = months + ((days - starts.astype("M8[D]")).astype(np.int64) >= _LAST_DAY)
    months.setflags(write=False)
    return months


def months_of(days: Ints, cut_off: str) -> Ints:
    """The months of days, all between ``FIRST_DAY`` and the last day of ``LAST_YEAR``."""
    table = months_of_days(cut_off)
    low, high = (int(table[int(day) - FIRST_DAY]) for day in (days.min(), days.max()))
    if low == high:  # as it is in most pieces of a list that is in order
        return np.full(len(days), low, dtype=np.int64)
    return table[days - FIRST_DAY]


def span_of_month(month: int, cut_off: str) -> tuple[dt.date, dt.date]:
    """The first and the last day of a month."""
    table = months_of_days(cut_off)
    first, after = np.searchsorted(table, [month, month + 1])
    return day(int(first) + FIRST_DAY), day(int(after) - 1 + FIRST_DAY)


def day(number: int) -> dt.date:
    """The day that is so many after 1970-01-01."""
    return _EPOCH + dt.timedelta(number)


def month_name(month: int) -> str:
    """``2026-04`` for the month of this number."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"
