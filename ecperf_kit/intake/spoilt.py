"""Cells of a workbook that look blank to a plain reading, but are not.

A formula whose result was never saved, an error of Excel, the cells under a
merged one: each would be read as a blank, and a blank has a meaning. They are
marked, so that the check of the table reports them and uses none.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any
from xml.etree import ElementTree

NO_RESULT = "D223"
EXCEL_ERROR = "D222"
MERGED = "D224"
#: What shows that a sheet's XML is worth a second reading.
_WORTH = re.compile(rb'<(?:\w+:)?f[ />]|\bt="e"')
_REFERENCE = re.compile(r"([A-Z]+)([0-9]+)")
_ALPHABET = 26
Range = tuple[tuple[int, int], tuple[int, int]]


class Spoilt(str):
    """What stands in a cell that cannot be read, with the ``code`` of the finding."""

    code: str

    def __new__(cls, text: str, code: str) -> Spoilt:
        made = super().__new__(cls, text)
        made.code = code
        return made


def with_spoilt(
    cells: list[list[Any]], spoilt: Sequence[tuple[int, int, Spoilt]], merged: Sequence[Range]
) -> list[list[Any]]:
    """The cells of a sheet with the spoilt ones marked; rows and columns count from 0."""
    for row, column, mark in spoilt:
        while len(cells) <= row:
            cells.append([])
        cells[row] += [""] * (column + 1 - len(cells[row]))
        cells[row][column] = mark
    filled = [i for i, row in enumerate(cells) if any(map(_filled, row))]
    if not filled:
        return cells
    # a row that holds nothing else is a taller row to the eye, not a row that lost a value
    rows, heading = set(filled), filled[0]
    for (top, left), (bottom, right) in merged:
        if top <= heading or not _at(cells, top, left):
            continue
        shown = Spoilt(f"{_letters(left)}{top + 1}:{_letters(right)}{bottom + 1}", MERGED)
        for row in range(top, min(bottom + 1, len(cells))):
            # of several cells beside each other one is named
            column = left + 1 if row == top else left
            if row in rows and column <= right and not _at(cells, row, column):
                cells[row] += [""] * (column + 1 - len(cells[row]))
                cells[row][column] = shown
    return cells


def _at(cells: Sequence[Sequence[Any]], row: int, column: int) -> bool:
    return row < len(cells) and column < len(cells[row]) and _filled(cells[row][column])


def _filled(cell: Any) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def spoilt_cells(path: Path) -> dict[str, list[tuple[int, int, Spoilt]]]:
    """Formulas without a result and errors of Excel by sheet: row and column from 0, mark.

    Of an .xlsx or .xlsm; other workbooks give nothing. Raises ``KeyError``,
    ``BadZipFile`` or ``ParseError`` for an archive that is not whole.
    """
    if not zipfile.is_zipfile(path):
        return {}
    with zipfile.ZipFile(path) as book:
        if "xl/workbook.xml" not in book.namelist():
            return {}
        found = {}
        for sheet, part in _parts(book):
            with book.open(part) as stream:
                worth = _worth_reading(stream)
            if worth:
                with book.open(part) as stream:
                    found[sheet] = list(_spoilt_of(stream))
        return found


def _parts(book: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Every sheet's name with the part of the archive that holds it."""
    relations = ElementTree.fromstring(book.read("xl/_rels/workbook.xml.rels"))
    targets = {str(r.get("Id")): str(r.get("Target")) for r in relations}
    for element in ElementTree.fromstring(book.read("xl/workbook.xml")).iter():
        if _name(element.tag) != "sheet":
            continue
        relation = next((v for k, v in element.attrib.items() if _name(k) == "id"), "")
        target = targets.get(relation, "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        part = posixpath.normpath(part)
        if part in book.namelist():
            yield str(element.get("name")), part


def _worth_reading(stream: IO[bytes]) -> bool:
    rest = b""
    while chunk := stream.read(1 << 20):
        if _WORTH.search(rest + chunk):
            return True
        rest = chunk[-40:]  # a mark may lie across the border of two pieces
    return False


def _spoilt_of(stream: IO[bytes]) -> Iterator[tuple[int, int, Spoilt]]:
    row, column = -1, -1
    for event, element in ElementTree.iterparse(stream, events=("start", "end")):
        name = _name(element.tag)
        if event == "start" and name == "row":
            given = element.get("r")
            row, column = (int(given) - 1 if given else row + 1), -1
        if event == "start" or name not in ("c", "row"):
            continue
        if name == "row":
            element.clear()
            continue
        given = element.get("r")
        column = _column(given) if given else column + 1  # some writers leave the address out
        if mark := _mark(element):
            yield row, column, mark
        element.clear()


def _mark(cell: ElementTree.Element) -> Spoilt | None:
    parts = {_name(part.tag): (part.text or "").strip() for part in cell}
    kind = cell.get("t", "n")
    if kind == "e":
        return Spoilt(parts.get("v") or "#N/A", EXCEL_ERROR)
    # a formula may well give the empty text: then the cell says that it is a text
    if "f" not in parts or parts.get("v") or kind in ("str", "inlineStr"):
        return None
    return Spoilt(f"={parts['f']}", NO_RESULT)


def _name(tag: str) -> str:
    return tag.rpartition("}")[2]


def _column(address: str) -> int:
    match = _REFERENCE.fullmatch(address)
    index = 0
    for letter in match[1] if match else "A":
        index = index * _ALPHABET + ord(letter) - ord("A") + 1
    return index - 1


def _letters(column: int) -> str:
    letters, rest = "", column + 1
    while rest:
        rest, last = divmod(rest - 1, _ALPHABET)
        letters = chr(ord("A") + last) + letters
    return letters
