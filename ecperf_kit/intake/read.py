"""Files to raw tables: every cell as text, each row with the number Excel shows for it.

Nothing is interpreted here. CSV in UTF-8 (with or without mark) or GB18030,
Parquet, and the sheets of an Excel workbook come out alike.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecperf_kit.intake.spoilt import Spoilt, spoilt_cells, with_spoilt

_EXCEL_DIGITS = ".15g"  # Excel itself keeps 15 significant digits: 0.1 + 0.2 is typed 0.3
LONGEST_CELL = 1_000_000
_MARK = b"\xef\xbb\xbf"
_BYTES_SHOWN = 4  # as many as the longest character has
_CELLS_SHOWN = 3
_WORKBOOK_MARKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # xlsx (zip), xls
_SEPARATORS = (";", "\t", "；", "，", "|")
_THOUSANDS = re.compile(r"-?[1-9][0-9]{0,2}")
_REST = re.compile(r"[0-9]{3}(\.[0-9]+)?")
_REPLACED = "\ufffd"
_LONG_IN_UTF8 = "\u0800"  # from here on a character takes three bytes


class ReadError(Exception):
    """A file or sheet cannot be read as a table; ``code`` and ``values`` make the finding."""

    def __init__(self, code: str, **values: Any) -> None:
        super().__init__(f"{code} {values}")
        self.code, self.values = code, values


@dataclass(frozen=True)
class RawTable:
    """The text cells below one heading line.

    ``cells`` has the columns 0, 1, … in the order of ``headings`` and one row per
    row that is not wholly blank; ``rows`` holds their Excel row numbers;
    ``too_long`` maps Excel rows to the cells beyond the headings (``F: 5``), ``split``
    to the number that seems parted at its comma, so that all behind it is shifted;
    ``spoilt`` maps Excel row and column to the code of what is wrong with the cell.
    """

    file: str
    sheet: str
    headings: tuple[str, ...]
    heading_row: int
    cells: pd.DataFrame
    rows: npt.NDArray[np.int64]
    blank: int
    too_long: dict[int, str]
    split: dict[int, str] = field(default_factory=dict)
    spoilt: dict[tuple[int, int], str] = field(default_factory=dict)

    def spoilt_in(self, column: int) -> dict[int, str]:
        """From the position of a row to the code, for one column."""
        codes = {row: code for (row, at), code in self.spoilt.items() if at == column}
        at = np.flatnonzero(np.isin(self.rows, list(codes))) if codes else ()
        return {int(i): codes[int(self.rows[i])] for i in at}

    @property
    def place(self) -> str:
        """File, and sheet if there is one, as a reader looks for it."""
        return f"{self.file} › {self.sheet}" if self.sheet else self.file


def sha256(path: Path) -> str:
    """The hash of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def decoded(data: bytes) -> str:
    """The text of a file: UTF-8 with or without mark, else GB18030; strictly."""
    unlike_text(data)
    broken: dict[str, int] = {}
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            marked = encoding == "utf-8-sig" and data.startswith(_MARK)
            broken[encoding] = error.start + len(_MARK) * marked
            continue
        if encoding != "utf-8-sig" and _broken_utf8(data):
            break
        if "\x00" not in text:
            return text
        broken[encoding] = data.index(b"\x00")
        break
    # told of the encoding that it is but for a few bytes
    wide, lost = wide_and_lost(data)
    utf8 = "gb18030" not in broken or data.startswith(_MARK) or wide >= lost
    encoding = "utf-8-sig" if utf8 and "utf-8-sig" in broken else "gb18030"
    raise _broken_cell(data, broken.get(encoding, min(broken.values())), encoding)


def _broken_cell(data: bytes, at: int, encoding: str) -> ReadError:
    """The error that names the cell in which a byte is of no character."""
    before = data[:at].decode(encoding)
    csv.field_size_limit(max(LONGEST_CELL, len(before) + 2))
    # the letter stands for the byte: it belongs to the last record, also at its beginning
    records = list(csv.reader(io.StringIO(f"{before}x", newline="")))
    csv.field_size_limit(LONGEST_CELL)
    headings = next(record for record in records if any(cell.strip() for cell in record))
    place = len(records[-1]) - 1
    known = headings is not records[-1] and place < len(headings)
    column = headings[place].strip() if known else ""
    found = " ".join(f"{byte:02X}" for byte in data[at : at + _BYTES_SHOWN])
    told = {"row": len(records), "column": column or column_letters(place), "found": found}
    return ReadError("D134", **told, encoding="UTF-8" if encoding != "gb18030" else "GB18030")


def column_letters(place: int) -> str:
    """What a spreadsheet calls a column, the first being 0: 0 is A, 26 is AA."""
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _broken_utf8(data: bytes) -> bool:
    """Whether bytes are UTF-8 with a few broken characters: as GB18030 every name would change.

    In true GB18030 next to no sequence is a long character of UTF-8.
    """
    if data.startswith(_MARK):
        return True
    wide, lost = wide_and_lost(data)
    return wide > lost


def wide_and_lost(data: bytes) -> tuple[int, int]:
    """How many long characters of UTF-8 bytes hold, and how many broken ones."""
    text = data.decode("utf-8", errors="replace")
    return sum(c >= _LONG_IN_UTF8 and c != _REPLACED for c in text), text.count(_REPLACED)


def unlike_text(data: bytes) -> None:
    """Raises :class:`ReadError` where the first bytes of a file are those of no CSV file."""
    if data.startswith(_WORKBOOK_MARKS):
        raise ReadError("D110")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ReadError("D107")


def with_commas(text: str) -> None:
    """Raises :class:`ReadError` where the first line has other separators than commas."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    if "," not in first and any(mark in first for mark in _SEPARATORS):
        raise ReadError("D106")


def read_csv(path: Path, file: str) -> RawTable:
    """The table of a CSV file with commas. Raises :class:`ReadError`."""
    text = decoded(path.read_bytes())
    with_commas(text)
    csv.field_size_limit(LONGEST_CELL)
    records: list[list[str]] = []
    try:
        records.extend(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise ReadError("D111", row=len(records) + 1) from error
    return raw_table(records, file, "", separated=True)


def read_parquet(path: Path, file: str) -> RawTable:
    """The table of a Parquet file; its headings count as row 1, as in a CSV."""
    import pyarrow.parquet as pq

    from ecperf_kit.intake.arrow import cell_texts, parquet_columns, whole_texts

    with path.open("rb") as stream:
        try:
            held = pq.read_table(stream)
        except Exception as error:  # pyarrow raises several unrelated kinds
            raise ReadError("D112") from error
    places = parquet_columns(held.schema)
    headings = [held.schema.field(place).name for place in places]
    columns = []
    for heading, place in zip(headings, places, strict=True):
        whole_texts(held.column(place), heading)
        columns.append(cell_texts(held.column(place)))
    records = zip(*columns, strict=True)
    return raw_table([headings, *map(list, records)], file, "")


def sheets(path: Path) -> dict[str, list[list[Any]]]:
    """All sheets of a workbook by name, each cell where Excel has it. Raises ReadError."""
    from python_calamine import CalamineWorkbook

    path.open("rb").close()  # a file that is locked is not one that is broken
    try:
        spoilt = spoilt_cells(path)
        with CalamineWorkbook.from_path(str(path)) as book:
            found = {}
            for name in book.sheet_names:
                sheet = book.get_sheet_by_name(name)
                # the empty area is kept, so that the first row is row 1
                cells = sheet.to_python(skip_empty_area=False)
                merged = sheet.merged_cell_ranges or ()
                found[name] = with_spoilt(cells, spoilt.get(name, ()), merged)
            return found
    except Exception as error:  # a broken archive shows in many ways
        raise ReadError("D103") from error


def sheet_names(path: Path) -> tuple[str, ...]:
    """The names of a workbook's sheets; none where it cannot be opened."""
    from python_calamine import CalamineWorkbook

    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            return tuple(book.sheet_names)
    except Exception:  # what cannot be opened is not read in any case
        return ()


def sheet_table(cells: Sequence[Sequence[Any]], file: str, sheet: str) -> RawTable:
    """The table on one sheet: the first row that is not blank holds the headings."""
    return raw_table([[cell_text(cell) for cell in row] for row in cells], file, sheet)


def raw_table(
    records: Sequence[Sequence[str]], file: str, sheet: str, separated: bool = False
) -> RawTable:
    """Records of text as a raw table; wholly blank ones are counted and left out.

    ``separated`` says that commas part the cells, and may have parted a number.
    """
    spoilt = {
        (i + 1, at): cell.code
        for i, record in enumerate(() if separated else records)
        for at, cell in enumerate(record)
        if isinstance(cell, Spoilt)
    }
    filled = next((i for i, record in enumerate(records) if any(c.strip() for c in record)), None)
    if filled is None:
        raise ReadError("D104")
    headings = heading_cells(records[filled])
    body = body_lines(
        records[filled + 1 :], filled + 2, len(headings), len(records[filled]), separated
    )
    columns: Iterable[Sequence[str]] = (
        zip(*body.lines, strict=True) if body.lines else [[]] * len(headings)
    )
    cells = pd.DataFrame({i: pd.array(list(c), dtype="str") for i, c in enumerate(columns)})
    last = body.rows[-1] if body.rows else filled + 1
    return RawTable(
        file=file,
        sheet=sheet,
        headings=headings,
        heading_row=filled + 1,
        cells=cells,
        rows=np.asarray(body.rows, dtype=np.int64),
        blank=last - filled - 1 - len(body.rows),
        too_long=body.too_long,
        split=body.split,
        spoilt=spoilt,
    )


@dataclass(frozen=True)
class Lines:
    """Rows of text cells as wide as their headings, none wholly blank; see :class:`RawTable`."""

    lines: list[list[str]]
    rows: list[int]
    too_long: dict[int, str]
    split: dict[int, str]


def heading_cells(record: Sequence[str]) -> tuple[str, ...]:
    """The headings of a heading line, without blank cells at its end."""
    headings = [cell.strip() for cell in record]
    while headings and not headings[-1]:
        headings.pop()
    return tuple(headings)


def body_lines(
    records: Sequence[Sequence[str]], first: int, width: int, written: int, separated: bool
) -> Lines:
    """Records below the headings, the first of them in row ``first`` of the file.

    ``width`` counts the headings, ``written`` the cells of the heading line as it stands.
    """
    found = Lines([], [], {}, {})
    for row, cells in enumerate(records, first):
        record = [cell.strip() for cell in cells]
        if not any(record):
            continue
        if len(record) > width and any(record[width:]):
            found.too_long[row] = _beyond(record, width)
        elif separated and len(record) != written and (number := _split_number(record)):
            found.split[row] = number
        if len(record) != width:
            record = record[:width] + [""] * (width - len(record))
        found.lines.append(record)
        found.rows.append(row)
    return found


def _beyond(record: Sequence[str], width: int) -> str:
    """The first filled cells beyond the headings, each with its column."""
    filled = [(at, record[at]) for at in range(width, len(record)) if record[at]]
    shown = [f"{column_letters(at)}: {text}" for at, text in filled[:_CELLS_SHOWN]]
    return ", ".join([*shown, "…"] if len(filled) > len(shown) else shown)


def _split_number(record: Sequence[str]) -> str:
    """Two cells of a row that are one number parted at its comma (``6,500``); "" if none are."""
    for left, right in pairwise(record):
        if _THOUSANDS.fullmatch(left) and _REST.fullmatch(right):
            return f"{left},{right}"
    return ""


def cell_text(cell: Any) -> str:
    """One cell as the text a person would type: 1001.0 is ``1001``, a midnight is a date."""
    if isinstance(cell, str):
        return cell
    if cell is None or cell is pd.NaT or cell is pd.NA:
        return ""
    if isinstance(cell, (bool, np.bool_)):
        return "true" if cell else "false"
    if isinstance(cell, (float, np.floating)):
        if np.isnan(cell):
            return ""
        return _plain_number(Decimal(format(float(cell), _EXCEL_DIGITS)))
    if isinstance(cell, Decimal):
        return _plain_number(cell)
    if isinstance(cell, dt.datetime):
        return str(cell.date()) if cell.time() == dt.time() else cell.isoformat(" ", "seconds")
    return str(cell)


def _plain_number(number: Decimal) -> str:
    if not number.is_finite():
        return str(number)
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
