"""A CSV file piece by piece: the rows ``csv.reader`` gives, in bulk wherever that is the same.

Bulk reading takes lines with as many cells as the heading line, without quotes or with
quotes that plainly open and close cells. Anything else goes through ``csv.reader`` itself.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ecperf_kit.intake import read
from ecperf_kit.intake.ahead import ahead
from ecperf_kit.intake.arrow import broken_at, filled_rows
from ecperf_kit.intake.plain import Cells
from ecperf_kit.intake.stream import Seen, line_end, text_blocks

if TYPE_CHECKING:
    import pyarrow as pa

#: Cells by wanted column, row numbers, rows that are too long, rows with a parted number.
CsvPiece = tuple[
    dict[int, "pa.Array"], npt.NDArray[np.int64], dict[int, str], dict[int, str]
]  # fmt: skip

_LINE_FEED, _RETURN, _COMMA, _QUOTE = b'\n\r,"'
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_MARK = b"\xef\xbb\xbf"
_LONGEST_IN_BULK = read.LONGEST_CELL // 2
_PARTS = 32  # lines with other cell counts are searched for in so many parts of a piece
_LONGEST_REST = 4 * read.LONGEST_CELL + (1 << 16)  # an open quote further back is not closed


@dataclass(frozen=True)
class _Layout:
    """What of each line is wanted: of ``written`` cells, the first ``width`` with headings."""

    written: int
    width: int
    wanted: tuple[int, ...]
    encoding: str


def read_heading(path: Path, size: int, gb18030: bool = False) -> tuple[tuple[str, ...], int]:
    """The headings of a CSV file and the row they stand in. Raises ``ReadError``."""
    record, row, _ = _heading(text_blocks(path, size, gb18030))
    return read.heading_cells(record), row


def read_pieces(
    path: Path,
    wanted: Sequence[int],
    size: int,
    gb18030: bool = False,
    seen: Seen | None = None,
) -> Iterator[CsvPiece]:
    """The rows below the headings, about ``size`` bytes of them at a time.

    ``seen`` is given every byte of the file in its order, as it is read.
    Raises ``ReadError``, with the row where a broken one can be named.
    """
    with ahead(text_blocks(path, size, gb18030, seen)) as blocks:
        record, at, below = _heading(blocks)
        layout = _Layout(len(record), len(read.heading_cells(record)), tuple(wanted), below[1])
        carried = b""
        try:
            for block, encoding in chain([below], blocks):
                layout = replace(layout, encoding=encoding)
                data = carried + block
                done, count, piece = _take(data, layout, at + 1, False)
                at, carried = at + count, data[done:]
                if piece is not None:
                    yield piece
        except read.ReadError as error:
            raise read.ReadError(error.code, **{"row": at + 1, **error.values}) from error
    if carried:
        _, _, piece = _take(carried, layout, at + 1, True)
        if piece is not None:
            yield piece


def _heading(blocks: Iterator[tuple[bytes, str]]) -> tuple[list[str], int, tuple[bytes, str]]:
    """The first record that is not blank, its row, and what follows of the blocks read."""
    csv.field_size_limit(read.LONGEST_CELL)
    data, encoding = b"", "utf-8"
    ends = chain(((block, of, False) for block, of in blocks), [(b"", "", True)])
    for block, of, final in ends:
        data, encoding = data + block, of or encoding
        read.with_commas(_first_line(data, encoding))
        taken: list[bytes] = []
        reader = csv.reader(_lines(data, encoding, taken), strict=True)
        try:
            for row, record in enumerate(reader, 1):
                if any(cell.strip() for cell in record):
                    if not final and not taken[-1].endswith((b"\n", b"\r")):
                        break  # the line may go on in the next block
                    return record, row, (data[sum(map(len, taken)) :], encoding)
        except csv.Error as error:
            if final or len(data) > _LONGEST_REST:
                raise read.ReadError("D111") from error
        except UnicodeDecodeError as error:
            raise read.ReadError("D107") from error
    raise read.ReadError("D104")


def _lines(data: bytes, encoding: str, taken: list[bytes]) -> Iterator[str]:
    """Line by line, each noted as bytes when it is asked for."""
    for line in _LINE.finditer(data):
        if line[0]:
            taken.append(line[0])
            yield line[0].decode(encoding)


def _first_line(data: bytes, encoding: str) -> str:
    """The first lines, as many as needed for one that is not blank."""
    end = 1 << 12
    while end < len(data) and not data[:end].strip():
        end *= 2
    return data[:end].decode(encoding, errors="ignore")


def _take(
    data: bytes, layout: _Layout, first: int, final: bool
) -> tuple[int, int, CsvPiece | None]:
    """Whole records of ``data``: how many bytes and records they are, and the piece.

    ``first`` is the row of the first of them. What is no whole record yet is left, unless
    the file ends with it.
    """
    body = data if final else data[: line_end(data)]
    quoted = False
    if _QUOTE in body:
        marks = np.frombuffer(body, np.uint8)
        quotes = np.flatnonzero(marks == _QUOTE)
        before = np.where(quotes > 0, marks[quotes - 1], _LINE_FEED)
        opening = np.isin(before, (_LINE_FEED, _RETURN, _COMMA))
        if opening.any():  # a quote inside a cell is a character like any other
            after = np.where(
                quotes + 1 < len(marks), marks[np.minimum(quotes + 1, len(marks) - 1)], _LINE_FEED
            )
            closing = np.isin(after, (_LINE_FEED, _RETURN, _COMMA))
            if not (opening[0::2].all() and closing[1::2].all()):
                return _take_singly(data, body, layout, first, final)
            quoted = True
            if len(quotes) % 2:  # the last cell goes on
                if final or len(body) - quotes[-1] > _LONGEST_REST:
                    return _take_singly(data, body, layout, first, final)
                body = body[: line_end(body[: quotes[-1]])]
    if not body:
        return 0, 0, None
    found = _bulk(body, layout, first, quoted)
    if found is not None:
        return len(body), found[0], found[1]
    if quoted or len(body) < _PARTS:
        return _take_singly(data, body, layout, first, final)
    return _in_parts(body, layout, first)


def _in_parts(body: bytes, layout: _Layout, first: int) -> tuple[int, int, CsvPiece | None]:
    """Lines without quoted cells, of which some cannot be read in bulk."""
    pieces, count, start = [], 0, 0
    while start < len(body):
        end = start + line_end(body[start : start + len(body) // _PARTS])
        if end == start:
            end = body.find(b"\n", start) + 1 or len(body)
        part = body[start:end]
        found = _bulk(part, layout, first + count, False) or _singly(part, layout, first + count)
        count, start = count + found[0], end
        pieces.append(found[1])
    return len(body), count, _joined(pieces)


def _bulk(body: bytes, layout: _Layout, first: int, quoted: bool) -> tuple[int, CsvPiece] | None:
    """Lines read in bulk; nothing where one of them is not as expected."""
    import pyarrow as pa
    import pyarrow.csv as pc

    if body.startswith(_MARK) or _has_long_line(body):
        return None
    names = [str(i) for i in range(layout.written)]
    taken = [*layout.wanted, *range(layout.width, layout.written)]
    if layout.encoding != "utf-8":
        taken = list(range(layout.written))  # every cell of the file must be decoded
    try:
        table = pc.read_csv(
            pa.py_buffer(body),
            # in one block: the columns need not be put together, and the work of the piece
            # before goes on beside it
            pc.ReadOptions(column_names=names, block_size=len(body) + 1, use_threads=False),
            pc.ParseOptions(
                quote_char='"' if quoted else False,
                newlines_in_values=quoted,
                ignore_empty_lines=False,  # they count as rows: left to csv.reader
            ),
            pc.ConvertOptions(
                include_columns=[str(i) for i in taken],
                column_types={name: pa.string() for name in names},
                check_utf8=False,  # blocks in UTF-8 are checked, others below
            ),
        )
        if any(column.num_chunks > 1 for column in table.columns):
            return None
        columns = {at: _whole(table.column(i)) for i, at in enumerate(taken)}
        if layout.encoding != "utf-8":
            columns = {at: _in_utf8(array, layout.encoding) for at, array in columns.items()}
    except (pa.ArrowInvalid, UnicodeDecodeError):
        return None
    count = table.num_rows
    cells = {at: columns[at] for at in layout.wanted}
    beyond = [columns[at] for at in taken if at >= layout.width]
    if not filled_rows(list(cells.values()), count).all():
        return None
    if beyond and filled_rows(beyond, count).any():
        return None
    return count, (cells, np.arange(first, first + count, dtype=np.int64), {}, {})


def _whole(column: pa.ChunkedArray) -> pa.Array:
    """A column in one array, without copying it."""
    return column.chunk(0) if column.num_chunks else column.combine_chunks()


def _in_utf8(array: pa.Array, encoding: str) -> pa.Array:
    """A column of another encoding in UTF-8; each different cell is decoded once."""
    import pyarrow as pa

    if Cells.of(array).data.tobytes().isascii():
        return array
    coded = array.cast(pa.binary()).dictionary_encode()
    cells = coded.dictionary.to_pylist()
    decoded = [cell.decode(encoding) for cell in cells]
    return pa.array(decoded, pa.string()).take(coded.indices)


def _has_long_line(body: bytes) -> bool:
    """Whether a line may hold a cell beyond the limit, which csv.reader alone knows."""
    steps = range(0, len(body), _LONGEST_IN_BULK)
    return any(
        len(body) - at >= _LONGEST_IN_BULK and body.find(b"\n", at, at + _LONGEST_IN_BULK) < 0
        for at in steps
    )


def _take_singly(
    data: bytes, body: bytes, layout: _Layout, first: int, final: bool
) -> tuple[int, int, CsvPiece | None]:
    """Records through ``csv.reader``; one that is not closed waits for more of the file."""
    lines = io.StringIO(_decoded(body, layout, first), newline="").readlines()
    records: list[list[str]] = []
    reader = csv.reader(lines, strict=True)
    taken = 0
    try:
        for record in reader:
            records.append(record)
            taken = reader.line_num
    except csv.Error as error:
        rest = sum(len(line.encode(layout.encoding)) for line in lines[taken:])
        unclosed = reader.line_num == len(lines) and "end of data" in str(error)
        if final or not unclosed or rest > _LONGEST_REST:
            raise read.ReadError("D111", row=first + len(records)) from error
        return len(body) - rest, len(records), _piece(records, layout, first)
    return len(body), len(records), _piece(records, layout, first)


def _decoded(body: bytes, layout: _Layout, first: int) -> str:
    """Whole records as text, or the row in which a byte is broken."""
    broken = broken_at(body, layout.encoding)
    if broken < len(body):
        before = body[: line_end(body[:broken])].decode(layout.encoding)
        try:
            count = sum(1 for _ in csv.reader(io.StringIO(before, newline="")))
        except csv.Error as error:
            raise read.ReadError("D111") from error
        raise read.ReadError("D107", row=first + count)
    return body.decode(layout.encoding)


def _singly(part: bytes, layout: _Layout, first: int) -> tuple[int, CsvPiece]:
    """Whole lines without quoted cells through ``csv.reader``."""
    try:
        text = io.StringIO(_decoded(part, layout, first), newline="")
        records = list(csv.reader(text, strict=True))
    except csv.Error as error:
        raise read.ReadError("D111") from error
    return len(records), _piece(records, layout, first)


def _piece(records: Sequence[Sequence[str]], layout: _Layout, first: int) -> CsvPiece:
    import pyarrow as pa

    body = read.body_lines(records, first, layout.width, layout.written, separated=True)
    columns = list(zip(*body.lines, strict=True)) or [()] * layout.width
    cells = {at: pa.array(columns[at], pa.string()) for at in layout.wanted}
    return cells, np.asarray(body.rows, dtype=np.int64), body.too_long, body.split


def _joined(pieces: Sequence[CsvPiece]) -> CsvPiece:
    import pyarrow as pa

    cells = {at: pa.concat_arrays([piece[0][at] for piece in pieces]) for at in pieces[0][0]}
    too_long: dict[int, str] = {}
    split: dict[int, str] = {}
    for piece in pieces:
        too_long |= piece[2]
        split |= piece[3]
    return cells, np.concatenate([piece[1] for piece in pieces]), too_long, split
