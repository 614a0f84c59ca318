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
from ecperf_kit.intake.dates import days_of_times, plain_days
from ecperf_kit.intake.exports import Export, ExportColumn, Typed, cleaned, read_column
from ecperf_kit.intake.plain import (
    Cells,
    Ints,
    hashes,
    plain_numbers,
    plain_words,
    whole_parts,
)
from ecperf_kit.intake.read import ReadError

if TYPE_CHECKING:
    import pyarrow as pa

_FEN = 100  # parts of a yuan
_PLACES = 6
_MOST_KNOWN = 20_000
_EPOCH = pd.Timestamp("1970-01-01")


@dataclass(frozen=True)
class Keys:
    """The keys of rows: a number per key that tells two apart, and the texts to be sure."""

    numbers: np.ndarray
    texts: pa.Array


@dataclass(frozen=True, slots=True)
class Strict:
    """What the strict reader makes of one text: its number, if any, and it without marks."""

    value: int
    given: bool
    clean: str


def typed(
    export: Export, column: ExportColumn, array: pa.Array, known: dict[str, Strict] | None = None
) -> Typed:
    """A column of a piece of an export in its type.

    ``known`` keeps what was read strictly of the column, for the pieces that follow.
    """
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
    read = _strictly(export, column, coded.dictionary, {} if known is None else known)
    at = coded.indices.to_numpy()
    words = bulk.words
    values, given, blank = bulk.values.copy(), bulk.given.copy(), bulk.blank.copy()
    if column.type == "text":
        places = {word: i for i, word in enumerate(words)}
        codes = [places.setdefault(each.clean, len(places)) for each in read]
        words = tuple(places)
    else:
        codes = [each.value for each in read]
    values[rest] = np.array(codes, dtype=np.int64)[at]
    given[rest] = np.array([each.given for each in read], dtype=bool)[at]
    blank[rest] = np.array([not each.clean for each in read], dtype=bool)[at]
    return Typed(values, given, blank, words)


def _strictly(
    export: Export, column: ExportColumn, texts: pa.Array, known: dict[str, Strict]
) -> list[Strict]:
    """Different texts through the strict reader, each of them once."""
    import pyarrow as pa

    cells = texts.to_pylist()
    if fresh := [cell for cell in cells if cell not in known]:
        if len(known) + len(fresh) > _MOST_KNOWN:
            known.clear()
            fresh = cells
        clean = cleaned_texts(export, pa.array(fresh, texts.type)).to_pylist()
        reading = read_column(column, pd.Series(clean, dtype="str"))
        given = reading.values.notna().tolist()
        values = [0] * len(fresh)
        if column.type != "text":
            values = _numbers(column, reading.values).tolist()
        known |= dict(zip(fresh, map(Strict, values, given, clean), strict=True))
    return [known[cell] for cell in cells]


def keys(export: Export, array: pa.Array) -> tuple[Typed, Keys]:
    """The keys of a piece: which rows have one, and what tells them apart."""
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = text_array(array)
    cells = Cells.of(texts)
    clean = plain_words(cells)
    blanks = [str(word) for word in export.cleaning.get("blank", ())]
    longest = max((len(word.encode()) for word in blanks), default=0)
    if cells.width <= longest and (clean & (cells.lengths <= longest)).any():
        clean = clean & ~np.asarray(pc.is_in(texts, pa.array(blanks, texts.type)))
    rest = np.flatnonzero(cells.filled & ~clean)
    if rest.size == len(texts):
        texts = cleaned_texts(export, texts)
    elif rest.size:
        mask = np.zeros(len(texts), dtype=bool)
        mask[rest] = True
        new = cleaned_texts(export, texts.take(pa.array(rest)))
        texts = pc.replace_with_mask(texts, pa.array(mask), new)
    if rest.size:
        cells = Cells.of(texts)
    given = cells.filled
    numbers = hashes(cells)
    return Typed(np.zeros(len(given), dtype=np.int64), given, ~given), Keys(numbers, texts)


def stripped(texts: Sequence[str]) -> pd.Series:
    """Texts without the blanks around them, as every cell of a file is read."""
    return pd.Series([text.strip() for text in texts], dtype="str")


def cleaned_texts(export: Export, texts: pa.Array) -> pa.Array:
    """Texts as :func:`exports.cleaned` has them, stripped first; in bulk without odd blanks.

    Raises ``ReadError`` ``D112`` for bytes that are no text, as a Parquet file may hold them.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        texts.validate(full=True)
    except pa.ArrowInvalid as error:
        raise ReadError("D112") from error
    data = Cells.of(texts).data
    # the blanks of other scripts begin with one of four bytes
    if (data <= ord(" ")).any() or ((data == 0xC2) | ((data >= 0xE1) & (data <= 0xE3))).any():
        told = cleaned(export, stripped(texts.to_pylist()))
        return pa.array(told.tolist(), texts.type)
    found = texts
    for mark in export.cleaning.get("before", ()):
        found = _without(found, mark, True)
    for mark in export.cleaning.get("after", ()):
        found = _without(found, mark, False)
    blank = pc.is_in(found, pa.array(export.cleaning.get("blank", ()), texts.type))
    return pc.if_else(blank, "", found) if pc.any(blank).as_py() else found


def _without(texts: pa.Array, mark: str, first: bool) -> pa.Array:
    """Texts without a mark where it stands first, or last."""
    import pyarrow as pa
    import pyarrow.compute as pc

    marked = pc.starts_with(texts, mark) if first else pc.ends_with(texts, mark)
    here = np.asarray(marked)
    if not mark or not here.any():
        return texts
    cells, size = Cells.of(texts), len(mark.encode())
    places = cells.starts[here] if first else cells.ends[here] - size
    keep = np.ones(len(cells.data), dtype=bool)
    for step in range(size):
        keep[places + step] = False
    offsets = cells.offsets.copy()
    offsets[1:] -= np.cumsum(here, dtype=offsets.dtype) * size
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(cells.data[keep])]
    return pa.Array.from_buffers(texts.type, len(texts), buffers, 0)


def _plain(column: ExportColumn, texts: pa.Array) -> tuple[Typed, Ints]:
    """What is plain among texts, and the places of the cells that are not."""
    cells = Cells.of(texts)
    blank = ~cells.filled
    match column.type:
        case "money" | "number":
            values, clean = plain_numbers(cells, _parts(column))
        case "date":
            values, clean = plain_days(cells)
        case _:
            values, clean = np.zeros(len(blank), dtype=np.int64), np.zeros(len(blank), dtype=bool)
    return Typed(values, clean, blank), np.flatnonzero(~(clean | blank))


def _parts(column: ExportColumn) -> int:
    return _FEN if column.type == "money" else MILLION


def _numbers(column: ExportColumn, values: pd.Series) -> Ints:
    """What the strict reader gives, as integers; 0 where it gives nothing."""
    if column.type == "date":
        since = (values - _EPOCH).dt.days.fillna(0)
        return np.asarray(since, dtype=np.int64)
    return values.to_numpy(dtype=np.int64, na_value=0)


def _from_types(column: ExportColumn, array: pa.Array) -> Typed | None:
    """A column that was no text in its file (Parquet), as far as it can be taken over."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = array.type
    if column.type in ("money", "number"):
        if pa.types.is_float64(kind):
            return _floats(array, _parts(column))
        if pa.types.is_decimal(kind) and 0 <= kind.scale <= _PLACES:
            return _plain(column, pc.fill_null(pc.cast(array, pa.string()), ""))[0]
    naive = pa.types.is_timestamp(kind) and kind.tz is None
    if (naive or pa.types.is_date(kind)) and column.type == "date":
        return Typed(*days_of_times(array))
    return None


def _floats(array: pa.Array, parts: int) -> Typed:
    """Floats as what they are written as: with at most six decimals and 15 digits."""
    floats = array.to_numpy(zero_copy_only=False)  # missing ones are no numbers
    blank = np.isnan(floats)
    values, clean = whole_parts(floats, ~blank, parts)
    return Typed(values, clean, blank)
