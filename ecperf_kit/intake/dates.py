"""Whole columns of days in their plainest form, as days since 1970-01-01, without a loop.

As in :mod:`plain`: what is written otherwise is left to the strict reader, and what is
read here is what the strict reader makes of it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from ecperf_kit.intake.cut_off import AFTER_LAST_DAY, FIRST_DAY, FIRST_YEAR, LAST_YEAR
from ecperf_kit.intake.plain import WORD, Cells, Ints, Mask, Words

if TYPE_CHECKING:
    import pyarrow as pa

_HIGH_BITS = np.uint64(0x8080808080808080)
_NO_DAY = -(1 << 31)
_DAYS = 32  # places for the days of a month
#: How many steps of a unit of time a day has.
_PER_DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}


def _word(text: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(text, "little"))


def _digit_test(pattern: bytes) -> np.uint64:
    """What lifts a byte into its high bit: a digit above 9, any other difference at all."""
    return _word(bytes(0x76 if c == ord("0") else 0x7F for c in pattern))


_YEAR_MONTH, _DAY_HOUR, _TIME, _MONTH_DAY = b"0000-00-", b"00 00:00", b"00:00:00", b"00-00-00"
_ONLY_DAY = np.uint64(0xFFFF)
_DATE, _MINUTE, _SECOND = 10, 16, 19  # how long 2026-04-01 23:59:00 and its beginnings are


def plain_days(cells: Cells) -> tuple[Ints, Mask]:
    """The days of cells such as ``2026-04-01`` or ``2026-04-01 23:59:00``; the time is dropped.

    And which cells hold a day of the calendar so written.
    """
    count = len(cells.offsets) - 1
    if not len(cells.data):
        return np.zeros(count, dtype=np.int64), np.zeros(count, dtype=bool)
    if cells.width in (_DATE, _MINUTE, _SECOND) and (found := _of_width(cells)) is not None:
        if len(found) == count:
            return found, cells.filled
        days = np.zeros(count, dtype=np.int64)
        days[cells.filled] = found
        return days, cells.filled
    return _of_any_width(cells)


def _of_width(cells: Cells) -> Ints | None:
    """The days of cells of one length, without the empty ones; nothing unless all are plain."""
    date, odd = _compared(cells.words_within(0), _YEAR_MONTH)
    if cells.width == _DATE:
        late, more = _compared(cells.words_within(2), _MONTH_DAY)
        late >>= np.uint64(6 * WORD)
    else:
        late, more = _compared(cells.words_within(WORD), _DAY_HOUR)
    odd |= more
    if cells.width == _SECOND:
        odd |= _compared(cells.words_within(11), _TIME)[1]
    if np.bitwise_or.reduce(odd) & _HIGH_BITS:
        return None
    day = _byte(_pairs(late), 0)
    if int(day.max()) >= _DAYS:
        return None
    if (date == date[0]).all():  # as in most pieces of a list that is in order
        date = date[:1]
    months = _months(_pairs(date))
    if int(months.min()) < 0 or int(months.max()) >= _months_known():
        return None
    day += months * _DAYS
    days = _days_by_month().take(day)
    return None if int(days.min()) == _NO_DAY else days


def _of_any_width(cells: Cells) -> tuple[Ints, Mask]:
    size = cells.lengths
    clean = (size == _DATE) | (size == _MINUTE) | (size == _SECOND)
    starts = np.where(clean, cells.starts, 0)
    date, odd = _compared(cells.words(starts), _YEAR_MONTH)
    late = cells.words(starts + WORD)
    letter = ((late >> np.uint64(16)) & np.uint64(0xFF)) == ord("T")
    if letter.any():
        late = np.where(letter, late ^ np.uint64((ord("T") ^ ord(" ")) << 16), late)
    if (short := size == _DATE).any():
        late = np.where(short, (late & _ONLY_DAY) | (_word(_DAY_HOUR) & ~_ONLY_DAY), late)
    day_hour, more = _compared(late, _DAY_HOUR)
    odd |= more
    clean &= (odd & _HIGH_BITS) == 0
    if (size == _SECOND).any():
        _, odd = _compared(cells.words(starts + 11), _TIME)
        clean &= ((odd & _HIGH_BITS) == 0) | (size != _SECOND)
    months, day = _months(_pairs(date)), _byte(_pairs(day_hour), 0)
    clean &= (months >= 0) & (months < _months_known()) & (day < _DAYS)
    days = _days_by_month().take(np.where(clean, months * _DAYS + day, 0))
    clean &= days != _NO_DAY
    return np.where(clean, days, 0), clean


def _compared(words: Words, pattern: bytes) -> tuple[Words, Words]:
    """Eight bytes with the pattern taken off (digits 0 to 9), and high bits where they differ."""
    rest = words ^ _word(pattern)
    odd = rest + _digit_test(pattern)
    odd |= rest
    return rest, odd


def _pairs(digits: Words) -> Words:
    """In each byte the number of two digits that begins there."""
    pairs = digits * np.uint64(10)
    pairs += digits >> np.uint64(8)
    return pairs


def _months(pairs: Words) -> Ints:
    """Months since the first year, from the pairs of ``0000-00-``; none has a month 0 or 13."""
    year = _byte(pairs, 0) * 100 + _byte(pairs, 2)
    month = _byte(pairs, 5) - 1
    months = (year - FIRST_YEAR) * 12 + month
    if ((month < 0) | (month > 11)).any():
        months[(month < 0) | (month > 11)] = -1
    return months


def _byte(words: Words, place: int) -> Ints:
    moved = words >> np.uint64(8 * place) if place else words
    return (moved & np.uint64(0xFF)).view(np.int64)


def _months_known() -> int:
    return (LAST_YEAR - FIRST_YEAR + 1) * 12


@cache
def _days_by_month() -> Ints:
    """The days since 1970 of each month's days 0 to 31; ``_NO_DAY`` where there is none."""
    first = np.datetime64(f"{FIRST_YEAR}-01", "M")
    months = np.arange(first, first + _months_known() + 1)
    starts: Ints = months.astype("M8[D]").astype(np.int64)
    day = np.arange(_DAYS)
    there = (day >= 1) & (day <= (starts[1:] - starts[:-1])[:, None])
    return np.where(there, starts[:-1, None] + day - 1, _NO_DAY).ravel()


def days_of_times(array: pa.Array) -> tuple[Ints, Mask, Mask]:
    """The days of a column of time stamps without zone, or of dates (Parquet).

    With which of them are days of the years known, and which are missing.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = array.type
    blank = np.zeros(len(array), dtype=bool)
    if array.null_count:
        blank = np.asarray(array.is_null())
    if pa.types.is_date32(kind):
        short = np.frombuffer(array.buffers()[1], np.int32, len(array), array.offset * 4)
        days: Ints = short.astype(np.int64)
    else:
        if not pa.types.is_timestamp(kind):
            array = pc.cast(array, pa.timestamp("ms"))
        held = np.frombuffer(array.buffers()[1], np.int64, len(array), array.offset * WORD)
        days = held // _PER_DAY[array.type.unit]
    if len(days) and days.min() >= FIRST_DAY and days.max() < AFTER_LAST_DAY:
        return days, ~blank, blank
    clean = (days >= FIRST_DAY) & (days < AFTER_LAST_DAY)
    clean &= ~blank
    return np.where(clean, days, 0), clean, blank
