"""A list to import, piece by piece: so many rows at a time, whatever the file is.

A CSV or Parquet file is never held whole; a sheet of a workbook is, as its form wants it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from ecperf_kit.intake import read
from ecperf_kit.intake.arrow import filled_rows, parquet_columns, parquet_schema
from ecperf_kit.intake.parquet import batches
from ecperf_kit.intake.separated import read_heading, read_pieces
from ecperf_kit.intake.stream import Seen

if TYPE_CHECKING:
    import pyarrow as pa

_SHEET_ENDINGS = (".xlsx", ".xlsm", ".xls")
_FIRST_ROWS = 2  # the headings of a Parquet file count as row 1, as in a CSV


@dataclass(frozen=True)
class Sizes:
    """How much of a file is held at a time: bytes of a CSV file, rows of a Parquet file."""

    bytes: int = 4_000_000
    rows: int = 100_000


@dataclass(frozen=True)
class Piece:
    """Some rows of a list that are not wholly blank, as :class:`read.RawTable` has them.

    ``cells`` maps the place of a wanted column among the headings to its Arrow array;
    ``rows`` are the numbers Excel shows.
    """

    cells: Mapping[int, pa.Array]
    rows: npt.NDArray[np.int64]
    too_long: Mapping[int, str] = field(default_factory=dict)
    split: Mapping[int, str] = field(default_factory=dict)
    spoilt: Mapping[tuple[int, int], str] = field(default_factory=dict)

    def spoilt_in(self, column: int) -> list[int]:
        """The positions of the rows whose cell in a column holds no value of its own."""
        rows = [row for (row, at) in self.spoilt if at == column]
        return [int(i) for i in np.flatnonzero(np.isin(self.rows, rows))] if rows else []


class Pieces(Protocol):
    """The rows of a list some at a time, in their order."""

    def __call__(self, wanted: Sequence[int], seen: Seen | None = None) -> Iterator[Piece]:
        """The pieces for these columns; ``seen`` is given what is read of a CSV file."""


@dataclass(frozen=True)
class Listing:
    """Headings, and the pieces below them, for the places of the columns that are wanted.

    Whoever asks for the pieces may be given every byte of a CSV file as it is read.
    """

    file: str
    sheet: str
    headings: tuple[str, ...]
    heading_row: int
    pieces: Pieces

    @property
    def place(self) -> str:
        """File, and sheet if there is one, as a reader looks for it."""
        return f"{self.file} › {self.sheet}" if self.sheet else self.file


def listings(path: Path, sizes: Sizes, gb18030: bool = False) -> list[Listing]:
    """The lists of a file to import: one of CSV or Parquet, one per filled sheet of a workbook.

    ``gb18030`` says that a CSV file was found not to be UTF-8. Raises ``ReadError``.
    """
    ending = path.suffix.casefold()
    if ending in _SHEET_ENDINGS:
        found = []
        for sheet, cells in read.sheets(path).items():
            try:
                found.append(_of_sheet(read.sheet_table(cells, path.name, sheet)))
            except read.ReadError:
                continue  # an empty sheet beside the filled one
        if not found:
            raise read.ReadError("D104")
        return found
    if ending == ".parquet":
        return [_of_parquet(path, sizes.rows)]
    headings, row = read_heading(path, sizes.bytes, gb18030)

    def pieces(wanted: Sequence[int], seen: Seen | None = None) -> Iterator[Piece]:
        found = read_pieces(path, wanted, sizes.bytes, gb18030, seen)
        for cells, rows, too_long, split in found:
            yield Piece(cells, rows, too_long, split)

    return [Listing(path.name, "", headings, row, pieces)]


def _of_sheet(raw: read.RawTable) -> Listing:
    def pieces(wanted: Sequence[int], seen: Seen | None = None) -> Iterator[Piece]:
        import pyarrow as pa

        cells = {at: pa.array(raw.cells[at], pa.large_string()) for at in wanted}
        cells = {
            at: a.combine_chunks() if isinstance(a, pa.ChunkedArray) else a
            for at, a in cells.items()
        }
        yield Piece(cells, raw.rows, raw.too_long, raw.split, raw.spoilt)

    return Listing(raw.file, raw.sheet, raw.headings, raw.heading_row, pieces)


def _of_parquet(path: Path, rows: int) -> Listing:
    schema = parquet_schema(path)
    places = parquet_columns(schema)
    names = [schema.field(place).name for place in places]
    headings = read.heading_cells(names)
    if not headings:
        raise read.ReadError("D104")

    def pieces(wanted: Sequence[int], seen: Seen | None = None) -> Iterator[Piece]:
        import pyarrow as pa

        # columns are asked for by name; where a name stands twice or looks like a path, all are
        plain = all(schema.names.count(names[at]) == 1 and "." not in names[at] for at in wanted)
        first = _FIRST_ROWS
        for batch in batches(path, rows, [names[at] for at in wanted] if plain else None):
            count = batch.num_rows
            cells = {at: batch.column(names[at] if plain else places[at]) for at in wanted}
            numbers = np.arange(first, first + count, dtype=np.int64)
            filled = filled_rows(list(cells.values()), count)
            if not filled.all():
                filled = _filled_anywhere(path, rows, places, first - _FIRST_ROWS, count)
                at_rows = pa.array(np.flatnonzero(filled))
                cells = {at: array.take(at_rows) for at, array in cells.items()}
            first += count
            yield Piece(cells, numbers[filled])

    return Listing(path.name, "", headings, 1, pieces)


def _filled_anywhere(
    path: Path, rows: int, places: Sequence[int], first: int, count: int
) -> npt.NDArray[np.bool_]:
    """Which of ``count`` rows from ``first`` on have anything in any column of the file."""
    found, at = np.zeros(count, dtype=bool), 0
    for batch in batches(path, rows, None):
        low, high = max(at, first), min(at + batch.num_rows, first + count)
        if low < high:
            part = batch.slice(low - at, high - low)
            columns = [part.column(place) for place in places]
            found[low - first : high - first] = filled_rows(columns, high - low)
        at += batch.num_rows
    return found
