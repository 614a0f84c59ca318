"""Whole columns of cells in their plainest form: numbers, days and keys without a loop.

A cell written in a way not known here is left to the strict reader, which alone decides
what is a fault; what is read here is what the strict reader makes of it, to the last digit.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ecperf_kit.exact import MILLION

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_MOST_DIGITS = 15  # with at most 15 characters the nearest float tells every digit
_LARGEST_PLAIN = 1e9  # below it, a float times a million is off by less than a half
_PLACES = 6
_WORD = 8
_PADDING = np.zeros(4 * _WORD, dtype=np.uint8)
_LONGEST_KEY = 64  # longer keys are hashed one by one
_FIRST_YEAR, _LAST_YEAR = 1950, 2099
_MIX = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9)  # odd numbers without pattern
_HIGH_BITS = np.uint64(0x8080808080808080)


def _word(text: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(text, "little"))


def _digit_test(pattern: bytes) -> np.uint64:
    """What lifts a byte into its high bit: a digit above 9, any other difference at all."""
    return _word(bytes(0x76 if c == ord("0") else 0x7F for c in pattern))


_YEAR_MONTH, _DAY_HOUR, _TIME = b"0000-00-", b"00 00:00", b"00:00:00"
_ONLY_DAY = np.uint64(0xFFFF)
_FIRST_BYTES = np.array([(1 << (8 * n)) - 1 for n in range(_WORD + 1)], dtype=np.uint64)


@dataclass(frozen=True)
class Cells:
    """A column of texts as its bytes (UTF-8) and where in them each cell begins and ends."""

    array: pa.Array
    data: npt.NDArray[np.uint8]
    starts: Ints
    ends: Ints

    @classmethod
    def of(cls, array: pa.Array) -> Cells:
        """The cells of an Arrow array of strings without missing ones."""
        import pyarrow as pa

        wide = pa.types.is_large_string(array.type)
        kind: Any = np.int64 if wide else np.int32
        _, offsets, data = array.buffers()
        count = len(array)
        if not count or offsets is None:
            none = np.zeros(count, dtype=np.int64)
            return cls(array, np.zeros(0, dtype=np.uint8), none, none)
        at = np.frombuffer(offsets, kind, count + 1, array.offset * np.dtype(kind).itemsize)
        held = np.zeros(0, dtype=np.uint8) if data is None else np.frombuffer(data, np.uint8)
        at = at.astype(np.int64)
        return cls(array, held[at[0] : at[-1]], at[:-1] - at[0], at[1:] - at[0])

    @cached_property
    def lengths(self) -> Ints:
        """How many bytes each cell has."""
        return self.ends - self.starts

    @cached_property
    def padded(self) -> npt.NDArray[np.uint8]:
        """The bytes with some more, so that a word can be read at the end of the last cell."""
        return np.concatenate([self.data, _PADDING])

    @classmethod
    def of_column(cls, column: pd.Series) -> Cells:
        """The cells of a pandas column of texts."""
        import pyarrow as pa

        array = pa.array(column, pa.large_string())
        if isinstance(array, pa.ChunkedArray):
            array = array.combine_chunks()
        if array.null_count:
            array = array.fill_null("")
        return cls.of(array)

    def words(self, at: Ints) -> npt.NDArray[np.uint64]:
        """Eight bytes from each of these places, as one number."""
        data = self.padded
        each = np.ndarray(len(data) - _WORD + 1, "<u8", buffer=data, strides=(1,))
        return each[at]

    def rows_with(self, bad: Mask) -> Ints:
        """The cells in which one of the marked bytes stands."""
        if not bad.any():
            return np.zeros(0, dtype=np.int64)
        return np.unique(np.searchsorted(self.ends, np.flatnonzero(bad), "right"))


def _digits(data: npt.NDArray[np.uint8]) -> Mask:
    return (data - np.uint8(ord("0"))) < 10


def plain_numbers(cells: Cells) -> tuple[Ints, Mask]:
    """Numbers such as ``-178.80`` as stored integers, and which cells are so written.

    At most 15 characters, below 10**9, at most six decimals: the float nearest to such a
    number, times a million and rounded, is the stored integer itself.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    count = len(cells.starts)
    if not len(cells.data):
        return np.zeros(count, dtype=np.int64), np.zeros(count, dtype=bool)
    point, minus = cells.data == ord("."), cells.data == ord("-")
    clean = (cells.lengths > 0) & (cells.lengths <= _MOST_DIGITS)
    clean[cells.rows_with(~(_digits(cells.data) | point | minus))] = False
    first = cells.padded[cells.starts]
    first = np.where(first == ord("-"), cells.padded[cells.starts + 1], first)
    clean &= _digits(first) & _digits(cells.padded[np.maximum(cells.ends - 1, 0)])
    _too_many_decimals(cells, clean)

    def cast() -> npt.NDArray[np.float64]:
        array = cells.array
        if not clean.all():
            array = pc.if_else(pa.array(clean), array, pa.scalar(None, array.type))
        return pc.cast(array, pa.float64()).fill_null(0).to_numpy(zero_copy_only=False)

    try:
        values = cast()
    except pa.ArrowInvalid:  # a second point, a sign in the middle
        minus[cells.starts[cells.lengths > 0]] = False
        clean[cells.rows_with(minus)] = False
        points = np.searchsorted(cells.ends, np.flatnonzero(point), "right")
        clean[points[1:][points[1:] == points[:-1]]] = False
        values = cast()
    clean &= np.abs(values) < _LARGEST_PLAIN
    stored = np.rint(np.where(clean, values, 0) * MILLION).astype(np.int64)
    return stored, clean


def _too_many_decimals(cells: Cells, clean: Mask) -> None:
    """Unmarks cells with more than six characters behind their point."""
    long = np.flatnonzero(clean & (cells.lengths > _PLACES + 2))
    for step in range(1, _MOST_DIGITS - _PLACES - 1):
        at = cells.starts[long] + step
        found = (cells.padded[at] == ord(".")) & (at < cells.ends[long] - _PLACES - 1)
        clean[long[found]] = False


def plain_months(cells: Cells) -> tuple[Ints, Mask]:
    """Days such as ``2026-04-01`` or ``2026-04-01 23:59:00`` as months since the year 0.

    And which cells hold a day of the calendar so written.
    """
    count = len(cells.starts)
    if not len(cells.data):
        return np.zeros(count, dtype=np.int64), np.zeros(count, dtype=bool)
    size = cells.lengths
    clean = (size == 10) | (size == 16) | (size == 19)
    starts = np.where(clean, cells.starts, 0)
    date, odd = _compared(cells.words(starts), _YEAR_MONTH)
    clean &= ~odd
    late = cells.words(starts + _WORD)
    letter = ((late >> np.uint64(16)) & np.uint64(0xFF)) == ord("T")
    if letter.any():
        late = np.where(letter, late ^ np.uint64((ord("T") ^ ord(" ")) << 16), late)
    if (short := size == 10).any():
        late = np.where(short, (late & _ONLY_DAY) | (_word(_DAY_HOUR) & ~_ONLY_DAY), late)
    day_hour, odd = _compared(late, _DAY_HOUR)
    clean &= ~odd
    if (size == 19).any():
        _, odd = _compared(cells.words(starts + 11), _TIME)
        clean &= ~odd | (size != 19)

    date, day_hour = _pairs(date), _pairs(day_hour)
    year = _byte(date, 0) * 100 + _byte(date, 2)
    month, day = _byte(date, 5), _byte(day_hour, 0)
    clean &= (year >= _FIRST_YEAR) & (year <= _LAST_YEAR) & (month >= 1) & (month <= 12)
    months = np.where(clean, year * 12 + month - 1, 0)
    clean &= (day >= 1) & (day <= _month_lengths()[np.where(clean, months - _FIRST_YEAR * 12, 0)])
    return np.where(clean, months, 0), clean


def _pairs(digits: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """In each byte the number of two digits that begins there."""
    return digits * np.uint64(10) + (digits >> np.uint64(8))


def _byte(words: npt.NDArray[np.uint64], place: int) -> Ints:
    return ((words >> np.uint64(8 * place)) & np.uint64(0xFF)).view(np.int64)


def _month_lengths() -> Ints:
    """How many days each month has, from the first year on."""
    first = (_FIRST_YEAR - 1970) * 12
    months = np.arange(first, first + (_LAST_YEAR - _FIRST_YEAR + 1) * 12 + 1)
    days: Ints = months.astype("M8[M]").astype("M8[D]").astype(np.int64)
    return days[1:] - days[:-1]


def _compared(words: npt.NDArray[np.uint64], pattern: bytes) -> tuple[npt.NDArray[np.uint64], Mask]:
    """Eight bytes with the pattern taken off (digits 0 to 9), and where they do not fit it."""
    rest = words ^ _word(pattern)
    odd = ((rest + _digit_test(pattern)) | rest) & _HIGH_BITS
    return rest, odd != 0


def plain_words(cells: Cells) -> Mask:
    """Which cells hold letters, digits, ``-`` and ``_`` of ASCII alone, and at least one."""
    data = cells.data
    letters = ((data | np.uint8(0x20)) - np.uint8(ord("a"))) < 26
    known = _digits(data)
    if not known.all():
        known |= letters | (data == ord("-")) | (data == ord("_"))
    clean = cells.lengths > 0
    clean[cells.rows_with(~known)] = False
    return clean


def hashes(cells: Cells) -> npt.NDArray[np.uint64]:
    """A number of 64 bits for each cell: the same for equal cells, else next to never."""
    length = cells.lengths
    found = length.astype(np.uint64) * np.uint64(_MIX[1])
    long = np.flatnonzero(length > _LONGEST_KEY)
    longest = int(length[length <= _LONGEST_KEY].max(initial=0))
    for at in range(0, longest, _WORD):
        rest = np.clip(length - at, 0, _WORD)
        word = cells.words(np.minimum(cells.starts + at, len(cells.data)))
        mixed = (found ^ (word & _FIRST_BYTES[rest])) * np.uint64(_MIX[0])
        mixed ^= mixed >> np.uint64(29)
        found = np.where(rest > 0, mixed * np.uint64(_MIX[1]), found)
    found ^= found >> np.uint64(32)
    for i in long:
        cell = cells.data[cells.starts[i] : cells.ends[i]].tobytes()
        found[i] = int.from_bytes(hashlib.blake2b(cell, digest_size=_WORD).digest(), "little")
    return found
