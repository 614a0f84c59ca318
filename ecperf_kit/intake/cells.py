"""The cells of an export's column in their type: in bulk what is plain, strictly the rest.

Every distinct text that is not plain goes through :func:`exports.read_column`, as a person
would have it read; so a column reads the same however many of its cells are plain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ecperf_kit.exact import MILLION
from ecperf_kit.intake.arrow import text_array
from ecperf_kit.intake.exports import Export, ExportColumn, Typed, cleaned, read_column
from ecperf_kit.intake.plain import (
    Cells,
    Ints,
    hashes,
    plain_months,
    plain_numbers,
    plain_words,
)

if TYPE_CHECKING:
    import pyarrow as pa

_FEN_STEPS = 10_000  # millionths in a fen
_LARGEST_PLAIN = 1e9
_PLACES = 6
_FIRST_DAY, _AFTER_LAST_DAY = np.datetime64("1950-01-01"), np.datetime64("2100-01-01")
_YEAR_0_TO_1970 = 1970 * 12


@dataclass(frozen=True)
class Keys:
    """The keys of rows: a number per key that tells two apart, and the texts to be sure."""

    numbers: np.ndarray
    texts: pa.Array


def typed(export: Export, column: ExportColumn, array: pa.Array) -> Typed:
    """A column of a piece of an export in its type."""
    if column.name == export.key:
        raise ValueError("a key is read by keys()")
    bulk = _from_types(column, array)
    if bulk is not None and not (rest := np.flatnonzero(~bulk.given & ~bulk.blank)).size:
        return bulk
    if bulk is None:
        texts = text_array(array)
        bulk, rest = _plain(column, texts)
    else:
        texts = text_array(array.take(rest))
    if not rest.size:
        return bulk
    odd = texts if len(texts) == rest.size else texts.take(rest)
    coded = odd.dictionary_encode()
    told = stripped(coded.dictionary.to_pylist())
    clean = cleaned(export, told)
    reading = read_column(column, clean)
    at = coded.indices.to_numpy()
    given = reading.values.notna().to_numpy(dtype=bool)
    words = bulk.words
    values = bulk.values.copy()
    if column.type == "text":
        known = {word: i for i, word in enumerate(words)}
        codes = [known.setdefault(str(word), len(known)) for word in clean]
        values[rest], words = np.asarray(codes, dtype=np.int64)[at], tuple(known)
    else:
        values[rest] = _numbers(column, reading.values)[at]
    is_given, is_blank = bulk.given.copy(), bulk.blank.copy()
    is_given[rest] = given[at]
    is_blank[rest] = (clean == "").to_numpy(dtype=bool)[at]
    return Typed(values, is_given, is_blank, words)


def keys(export: Export, array: pa.Array) -> tuple[Typed, Keys]:
    """The keys of a piece: which rows have one, and what tells them apart."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = text_array(array)
    cells = Cells.of(texts)
    clean = plain_words(cells)
    blanks = [str(word) for word in export.cleaning.get("blank", ())]
    short = cells.lengths <= max((len(word.encode()) for word in blanks), default=0)
    if (short & clean).any():
        clean &= ~np.asarray(pc.is_in(texts, pa.array(blanks, texts.type)))
    rest = np.flatnonzero(~clean & (cells.lengths > 0))
    if rest.size:
        told = cleaned(export, stripped(texts.take(pa.array(rest)).to_pylist()))
        mask = np.zeros(len(texts), dtype=bool)
        mask[rest] = True
        new = pa.array(told.tolist(), texts.type)
        texts = pc.replace_with_mask(texts, pa.array(mask), new)
        cells = Cells.of(texts)
    given = cells.lengths > 0
    numbers = hashes(cells)
    return Typed(np.zeros(len(given), dtype=np.int64), given, ~given), Keys(numbers, texts)


def stripped(texts: Sequence[str]) -> pd.Series:
    """Texts without the blanks around them, as every cell of a file is read."""
    return pd.Series([text.strip() for text in texts], dtype="str")


def _plain(column: ExportColumn, texts: pa.Array) -> tuple[Typed, Ints]:
    """What is plain among texts, and the places of the cells that are not."""
    cells = Cells.of(texts)
    blank = cells.lengths == 0
    match column.type:
        case "money" | "number":
            values, clean = plain_numbers(cells)
            if column.type == "money":
                clean &= values % _FEN_STEPS == 0
        case "date":
            values, clean = plain_months(cells)
        case _:
            values, clean = np.zeros(len(blank), dtype=np.int64), np.zeros(len(blank), dtype=bool)
    return Typed(values, clean, blank), np.flatnonzero(~clean & ~blank)


def _numbers(column: ExportColumn, values: pd.Series) -> Ints:
    """What the strict reader gives, as integers; 0 where it gives nothing."""
    if column.type == "date":
        months = values.dt.year * 12 + values.dt.month - 1
        return months.fillna(0).to_numpy(dtype=np.int64)
    return values.to_numpy(dtype=np.int64, na_value=0)


def _from_types(column: ExportColumn, array: pa.Array) -> Typed | None:
    """A column that was no text in its file (Parquet), as far as it can be taken over."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = array.type
    if column.type in ("money", "number"):
        if pa.types.is_float64(kind):
            return _floats(array, column.type == "money")
        if pa.types.is_decimal(kind) and 0 <= kind.scale <= _PLACES:
            return _plain(column, pc.fill_null(pc.cast(array, pa.string()), ""))[0]
    naive = pa.types.is_timestamp(kind) and kind.tz is None
    if (naive or pa.types.is_date(kind)) and column.type == "date":
        return _days(array)
    return None


def _floats(array: pa.Array, money: bool) -> Typed:
    """Floats as what they are written as: with at most six decimals and 15 digits."""
    floats = array.to_numpy(zero_copy_only=False)
    blank = np.isnan(floats)
    usual = np.abs(np.where(blank, 0, floats)) < _LARGEST_PLAIN
    stored = np.rint(np.where(usual & ~blank, floats, 0) * MILLION).astype(np.int64)
    clean = usual & ~blank & (stored / MILLION == floats)
    if money:
        clean &= stored % _FEN_STEPS == 0
    return Typed(np.where(clean, stored, 0), clean, blank)


def _days(array: pa.Array) -> Typed:
    days = array.to_numpy(zero_copy_only=False)
    if days.dtype.kind != "M":
        days = days.astype("M8[D]")
    blank = np.isnat(days)
    clean = ~blank & (days >= _FIRST_DAY) & (days < _AFTER_LAST_DAY)
    months = days.astype("M8[M]").astype(np.int64) + _YEAR_0_TO_1970
    return Typed(np.where(clean, months, 0), clean, blank)
