"""Whole columns of cells in their plainest form: numbers and keys without a loop.

A cell written in a way not known here is left to the strict reader, which alone decides
what is a fault; what is read here is what the strict reader makes of it, to the last digit.
Days are read in :mod:`dates`.
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
Words = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]

_MOST_DIGITS = 15  # with at most 15 characters the nearest float tells every digit
_LARGEST_PLAIN = 1e9  # below it, a float times a million is off by less than a half
WORD = 8
_PADDING = np.zeros(4 * WORD, dtype=np.uint8)
_LONGEST_KEY = 64  # longer keys are hashed one by one
_MIX = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9)  # odd numbers without pattern
_FIRST_BYTES = np.array([(1 << (8 * n)) - 1 for n in range(WORD + 1)], dtype=np.uint64)


@dataclass(frozen=True)
class Cells:
    """A column of texts as its bytes (UTF-8) and where in them each cell begins and ends."""

    array: pa.Array
    data: npt.NDArray[np.uint8]
    offsets: Any  # whole numbers, one more than cells: where each begins, and the last ends

    @classmethod
    def of(cls, array: pa.Array) -> Cells:
        """The cells of an Arrow array of strings without missing ones."""
        import pyarrow as pa

        wide = pa.types.is_large_string(array.type)
        kind: Any = np.int64 if wide else np.int32
        _, offsets, data = array.buffers()
        count = len(array)
        if not count or offsets is None:
            none = np.zeros(count + 1, dtype=np.int64)
            return cls(array, np.zeros(0, dtype=np.uint8), none)
        at = np.frombuffer(offsets, kind, count + 1, array.offset * np.dtype(kind).itemsize)
        held = np.zeros(0, dtype=np.uint8) if data is None else np.frombuffer(data, np.uint8)
        return cls(array, held[at[0] : at[-1]], at - at[0] if at[0] else at)

    @property
    def starts(self) -> Any:
        """Where each cell begins."""
        return self.offsets[:-1]

    @property
    def ends(self) -> Any:
        """Where each cell ends."""
        return self.offsets[1:]

    @cached_property
    def lengths(self) -> Any:
        """How many bytes each cell has."""
        return self.offsets[1:] - self.offsets[:-1]

    @cached_property
    def filled(self) -> Mask:
        """Which cells have a byte at least."""
        return self.lengths > 0

    @cached_property
    def width(self) -> int:
        """How many bytes every cell has that has any; 0 where they differ or there are none."""
        most = int(self.lengths.max(initial=0))
        return most if np.count_nonzero(self.filled) * most == len(self.data) else 0

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

    def words(self, at: Any) -> Words:
        """Eight bytes from each of these places, as one number."""
        data = self.padded
        each = np.ndarray(len(data) - WORD + 1, "<u8", buffer=data, strides=(1,))
        return each[at]

    def words_within(self, at: int) -> Words:
        """Eight bytes from this place in each cell that is not empty; all are ``width`` long."""
        count = len(self.data) // self.width
        return np.ndarray(count, "<u8", self.data, at, strides=(self.width,)).copy()

    def rows_with(self, bad: Mask) -> Ints:
        """The cells in which one of the marked bytes stands."""
        if not bad.any():
            return np.zeros(0, dtype=np.int64)
        rows = np.searchsorted(self.ends, np.flatnonzero(bad), "right")
        return rows[np.concatenate([[True], rows[1:] != rows[:-1]])]


def _digits(data: npt.NDArray[np.uint8]) -> Mask:
    return (data - np.uint8(ord("0"))) < 10


def plain_numbers(cells: Cells, parts: int = MILLION) -> tuple[Ints, Mask]:
    """Numbers such as ``-178.80`` as stored integers, and which cells are so written.

    At most 15 characters, below 10**9, a whole number of ``parts`` (at most millionths):
    the float nearest to such a number tells which, and no other number has that float.
    """
    count = len(cells.offsets) - 1
    if not len(cells.data):
        return np.zeros(count, dtype=np.int64), np.zeros(count, dtype=bool)
    # "-", ".", "/" and the digits follow one another; with "/" there is no float
    odd = (cells.data - np.uint8(ord("-"))) > ord("9") - ord("-")
    clean: Mask = cells.filled & (cells.lengths <= _MOST_DIGITS)
    clean[cells.rows_with(odd)] = False
    point, minus = cells.data == ord("."), cells.data == ord("-")
    if point.any():  # a digit before and behind it
        clean &= ~point.take(cells.starts, mode="clip")
        clean &= ~point.take(cells.ends - 1, mode="clip")
    if minus.any():
        minus[:-1] &= point[1:]
        minus[-1] = False
        clean[cells.rows_with(minus)] = False
    values = _floats(cells, clean)
    if values is None:  # a second point, a sign in the middle, a stroke
        clean[_ill_formed(cells, point)] = False
        values = _floats(cells, clean)
        assert values is not None
    return whole_parts(values, clean, parts)


def whole_parts(values: npt.NDArray[np.float64], clean: Mask, parts: int) -> tuple[Ints, Mask]:
    """Floats as stored integers where they are ``clean``, and those that are whole parts.

    Below 10**9 a number of at most six decimals has at most 15 digits, so no two of them
    have the same float: one whose float is that of a whole number of parts is that number.
    """
    if not clean.all():
        values = np.where(clean, values, 0)
    clean = clean & (np.abs(values) < _LARGEST_PLAIN)
    if not clean.all():
        values = np.where(clean, values, 0)
    whole = values * parts
    np.rint(whole, out=whole)
    clean &= whole / parts == values
    stored = whole.astype(np.int64)
    if parts != MILLION:
        stored *= MILLION // parts
    return stored, clean


def _floats(cells: Cells, clean: Mask) -> npt.NDArray[np.float64] | None:
    """The cells marked clean as floats (any float elsewhere); nothing if one of them is none."""
    import pyarrow as pa
    import pyarrow.compute as pc

    array = cells.array
    if not clean.all():  # the others are missing; no byte is copied for that
        bits = np.concatenate([np.zeros(array.offset, dtype=bool), clean])
        given = pa.py_buffer(np.packbits(bits, bitorder="little"))
        buffers = [given, *array.buffers()[1:]]
        array = pa.Array.from_buffers(array.type, len(array), buffers, -1, array.offset)
    try:
        held = pc.cast(array, pa.float64())
    except pa.ArrowInvalid:
        return None
    return np.frombuffer(held.buffers()[1], np.float64, len(held), held.offset * WORD)


def _ill_formed(cells: Cells, point: Mask) -> Ints:
    """Cells with two points, a stroke, or a sign that stands not first or alone."""
    wrong = cells.data == ord("-")
    wrong[cells.starts[cells.lengths > 1]] = False
    wrong |= cells.data == ord("/")
    points = np.searchsorted(cells.ends, np.flatnonzero(point), "right")
    again = points[1:][points[1:] == points[:-1]]
    return np.concatenate([cells.rows_with(wrong), again])


def plain_words(cells: Cells) -> Mask:
    """Which cells hold letters, digits, ``-`` and ``_`` of ASCII alone, and at least one."""
    data = cells.data
    known = _digits(data)
    if known.all():
        return cells.filled
    letters = ((data | np.uint8(0x20)) - np.uint8(ord("a"))) < 26
    known |= letters | (data == ord("-")) | (data == ord("_"))
    clean = cells.filled.copy()
    clean[cells.rows_with(~known)] = False
    return clean


def hashes(cells: Cells) -> Words:
    """A number of 64 bits for each cell: the same for equal cells, else next to never."""
    if WORD <= cells.width <= _LONGEST_KEY:
        return _hashes_of_width(cells)
    length = cells.lengths
    found = length.astype(np.uint64) * np.uint64(_MIX[1])
    long = np.flatnonzero(length > _LONGEST_KEY)
    longest = int(length[length <= _LONGEST_KEY].max(initial=0))
    for at in range(0, longest, WORD):
        rest = np.clip(length - at, 0, WORD)
        word = cells.words(np.minimum(cells.starts + at, len(cells.data)))
        word &= _FIRST_BYTES[rest]
        mixed = _mixed(found, word)
        found = np.where(rest > 0, mixed, found)
    found ^= found >> np.uint64(32)
    for i in long:
        cell = cells.data[cells.starts[i] : cells.ends[i]].tobytes()
        found[i] = int.from_bytes(hashlib.blake2b(cell, digest_size=WORD).digest(), "little")
    return found


def _mixed(found: Any, word: Words) -> Words:
    """A number for what was found so far and one more word, in its place."""
    word ^= found
    word *= np.uint64(_MIX[0])
    word ^= word >> np.uint64(29)
    word *= np.uint64(_MIX[1])
    return word


def _hashes_of_width(cells: Cells) -> Words:
    """The same numbers where all cells have the same length, but for empty ones."""
    found: Any = np.uint64((cells.width * _MIX[1]) & (2**64 - 1))
    for at in range(0, cells.width, WORD):
        beyond = max(at + WORD - cells.width, 0)
        word = cells.words_within(at - beyond)
        if beyond:
            word >>= np.uint64(8 * beyond)
        found = _mixed(found, word)
    found ^= found >> np.uint64(32)
    if len(found) == len(cells.filled):
        return found
    every = np.zeros(len(cells.filled), dtype=np.uint64)
    every[cells.filled] = found
    return every
