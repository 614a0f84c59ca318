"""Every row of an export that has a fault, as a list to mend the export by.

The findings of an import name the first rows of a kind; here are all of them. The file is
read once more for it, piece by piece, so that memory grows with neither rows nor faults
(but for eight bytes for each row that repeats another).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ecperf_kit.intake import read
from ecperf_kit.intake.exports import contradicting
from ecperf_kit.intake.listing import Piece
from ecperf_kit.intake.plain import Ints
from ecperf_kit.intake.reckoning import NOT_COVERED, Import
from ecperf_kit.intake.tally import Tally
from ecperf_kit.intake.written import whole_file


@dataclass(frozen=True, slots=True)
class Fault:
    """One cell or row at fault: where it stands, what was found, the code of the finding.

    ``wanted`` says what would be right there (text key ``import.instead.<wanted>``): the
    type of the column, or the reason of a contradiction; "" where the code says it all.
    """

    file: str
    sheet: str
    row: int
    column: str
    found: str
    code: str
    wanted: str = ""


class FaultList:
    """The CSV file with a line per fault of the rows of an import, whole or not at all.

    ``worded`` makes a line of a fault; ``there`` says whether the file was written, with
    ``written`` lines below the headings.
    """

    def __init__(
        self, path: Path, headings: Sequence[str], worded: Callable[[Fault], Sequence[str]]
    ) -> None:
        self.path, self.written, self.there = path, 0, False
        self._headings, self._worded = headings, worded

    def write(self, imports: Iterable[Import]) -> None:
        """Writes the list, also where there are no faults. Raises ``OSError``, ``ReadError``."""
        self.written, self.there = 0, False
        with whole_file(self.path) as stream:
            stream.write("\ufeff".encode() + _lines([self._headings]))
            for current in imports:
                for faults in faults_of(current):
                    stream.write(_lines(map(self._worded, faults)))
                    self.written += len(faults)
        self.there = True


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8")


def faults_of(current: Import) -> Iterator[list[Fault]]:
    """The faults of one file in the order of its rows, some at a time.

    Raises ``ReadError``, at the end ``D482`` for a file that is no longer the one imported.
    """
    tally = current.tally
    if tally is None:  # given up before its rows were counted: what a finding says of one
        yield [
            Fault(s.file, s.sheet, s.row, s.column, str(f.values.get("found", "")), f.code)
            for f in current.findings
            if (s := f.source).row is not None
        ]
        return
    listing = tally.listing
    at_heading = [
        Fault(listing.file, listing.sheet, listing.heading_row, heading, heading, "D203")
        for heading in tally.export.doubled(listing.headings)
    ]
    if at_heading:
        yield at_heading
    uncovered = any(rows for reason, rows in current.set_aside if reason == NOT_COVERED)
    if not tally.at_fault and not uncovered:
        return
    for piece in listing.pieces(sorted(set(tally.positions.values()))):
        if found := _in_piece(tally, piece, uncovered):
            yield found
    if not listing.sheet and read.sha256(current.path) != current.digest:
        # what was listed need not be what was imported
        raise read.ReadError("D482", file=current.path.name)


def _in_piece(tally: Tally, piece: Piece, uncovered: bool) -> list[Fault]:
    """The faults of a piece by row, and by column within."""
    listing, export = tally.listing, tally.export
    found: list[tuple[int, int, Fault]] = []  # with row and place of the column

    def add(row: int, shown: str, code: str, at: int = -1, wanted: str = "") -> None:
        heading = listing.headings[at] if at >= 0 else ""
        fault = Fault(listing.file, listing.sheet, row, heading, shown, code, wanted)
        found.append((row, at, fault))

    def add_cells(name: str, places: Ints, code: str, wanted: str = "") -> None:
        texts = tally.shown(piece, name, places)
        for row, text in zip(piece.rows[places].tolist(), texts, strict=True):
            add(row, text, code, tally.positions[name], wanted)

    for row, more in piece.too_long.items():
        add(row, more, "D108")
    for row, number in piece.split.items():
        add(row, number, "D129")
    if len(piece.rows):
        columns, _, held = tally.read_piece(piece)
        lost = dict(tally.lost_in(piece, columns, held))
        for name, places in lost.items():
            add_cells(name, places, "D409", export.columns[name].type)
        if len(tally.repeats):
            add_cells(export.key, np.flatnonzero(np.isin(piece.rows, tally.repeats)), "D412")
        for each, places in zip(export.contradictions, contradicting(export, held), strict=True):
            # a cell that cannot be read contradicts nothing once it is mended
            others = np.setdiff1d(places, lost.get(each.column, ()))
            add_cells(each.column, others, "D415", each.reason)
        if tally.unknown_count:
            add_cells(export.person, tally.nobodys(columns), "D407")
        if uncovered:
            add_cells(export.date, tally.not_covered(columns, held), "D411")
    return [fault for *_, fault in sorted(found, key=lambda each: each[:2])]
