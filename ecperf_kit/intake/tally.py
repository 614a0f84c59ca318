"""An export counted up piece by piece: sums per subject and month, and all that is wrong.

What is kept grows with subjects, months and eight bytes per row (the keys), not with the
file; of faults the first few are kept with their rows, and the number of all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ecperf_kit.intake.arrow import text_array
from ecperf_kit.intake.cells import Keys, keys, stripped, typed
from ecperf_kit.intake.exports import (
    Export,
    Measure,
    Typed,
    cleaned,
    contradicting,
    holds,
    row_amounts,
)
from ecperf_kit.intake.listing import Listing, Piece
from ecperf_kit.intake.plain import Cells, Ints, Mask, hashes

if TYPE_CHECKING:
    import pyarrow as pa

NAMED = 20  # what is wrong is clear after so many; the rest is counted
NO_MONTH = -1
_NO_LATER = 12 * 10_000
_SUM_LIMIT = 2**62
_GROUPS_IN_BULK = 1 << 20
_SUSPECTS_AT_ONCE = 2_000_000


@dataclass
class Named:
    """The first few rows of a kind with what was found there, and the number of all."""

    count: int = 0
    first: list[tuple[int, str]] = field(default_factory=list)

    def add(self, rows: Ints, found: Iterable[str]) -> None:
        """Counts rows; ``found`` is asked only for as many as are kept."""
        room = NAMED - len(self.first)
        self.count += len(rows)
        if room > 0:
            self.first += list(zip((int(row) for row in rows[:room]), found, strict=False))


@dataclass
class Group:
    """What the rows of one subject and month come to."""

    rows: int
    sums: dict[Measure, int]

    def add(self, other: Group) -> None:
        """Adds what more rows come to."""
        self.rows += other.rows
        for measure, amount in other.sums.items():
            self.sums[measure] += amount


class Tally:
    """The account of one list; :meth:`take` its pieces in order, then :meth:`repeated`.

    ``subjects`` maps what stands in the column of persons to a subject; for an export of a
    channel it maps "" to it. Rows are counted per subject and month (since the year 0,
    ``NO_MONTH`` if none) when nothing sets them aside.
    """

    def __init__(
        self,
        export: Export,
        listing: Listing,
        positions: Mapping[str, int],
        subjects: Mapping[str, str],
    ) -> None:
        self.export, self.listing, self.positions = export, listing, positions
        self.read = 0
        self.last_row = listing.heading_row
        self.too_long, self.split = Named(), Named()
        self.lost = {name: Named() for name in export.columns}
        self.contradictions = [Named() for _ in export.contradictions]
        self.set_aside = [0 for _ in export.set_aside]
        self.covered: set[int] = set()
        self.groups: dict[tuple[str, int], Group] = {}
        self.unknown: list[str] = []  # the first few in order
        self._unknown = np.zeros(0, dtype=np.uint64)
        self._subjects = subjects
        self._keys: list[npt.NDArray[np.uint64]] = []
        self._measures = _measures(export)

    @property
    def blank(self) -> int:
        """How many rows between the headings and the last row are wholly blank."""
        return self.last_row - self.listing.heading_row - self.read

    def take(self, piece: Piece) -> None:
        """Counts one piece; nothing of it is kept."""
        count = len(piece.rows)
        _add(self.too_long, piece.too_long)
        _add(self.split, piece.split)
        if not count:
            return
        self.read += count
        self.last_row = int(piece.rows[-1])
        columns, key = self._typed(piece)
        held = {name: holds(self.export, name, columns) for name in self.export.conditions}
        self._count_lost(piece, columns, held)
        for named, rows in zip(self.contradictions, contradicting(self.export, held), strict=True):
            named.add(piece.rows[rows], _texts(key.texts, rows))
        self._keys.append(key.numbers[columns[self.export.key].given])
        if self.export.covered_by:
            column = columns[self.export.covered_by]
            self.covered.update(np.unique(_months(column)).tolist())
        kept = np.ones(count, dtype=bool)
        for i, (_, condition) in enumerate(self.export.set_aside):
            stays = held[condition]
            self.set_aside[i] += int(np.count_nonzero(kept & ~stays))
            kept &= stays
        self._add_up(columns, held, kept)

    def _typed(self, piece: Piece) -> tuple[dict[str, Typed], Keys]:
        columns: dict[str, Typed] = {}
        for name, position in self.positions.items():
            array = piece.cells[position]
            if name == self.export.key:
                columns[name], found = keys(self.export, array)
            else:
                columns[name] = typed(self.export, self.export.columns[name], array)
        return columns, found

    def _count_lost(
        self, piece: Piece, columns: Mapping[str, Typed], held: Mapping[str, Mask]
    ) -> None:
        """Counts the cells that are unreadable, or blank where they must not be."""
        for name, column in columns.items():
            told = self.export.columns[name]
            lost = ~column.given & ~column.blank
            if told.required_where:
                lost |= column.blank & held[told.required_where]
            elif not told.may_be_blank:
                lost |= column.blank
            position = self.positions[name]
            lost[piece.spoilt_in(position)] = True
            rows = np.flatnonzero(lost)
            if rows.size:
                array = piece.cells[position]
                self.lost[name].add(piece.rows[rows], self._shown(array, rows))

    def _shown(self, array: pa.Array, rows: Ints) -> Iterator[str]:
        import pyarrow as pa

        few = text_array(array.take(pa.array(rows[:NAMED]))).to_pylist()
        yield from (str(text) for text in cleaned(self.export, stripped(few)))

    def _add_up(self, columns: Mapping[str, Typed], held: Mapping[str, Mask], kept: Mask) -> None:
        """Adds the rows that count to their groups."""
        count = len(kept)
        months = _months(columns[self.export.date])
        subjects, codes = self._subject_codes(columns, len(kept))
        # place 0 of each subject is for rows without a month
        low = int(np.min(months, where=months != NO_MONTH, initial=_NO_LATER)) - 1
        wide = max(int(months.max()) - low, 0) + 1
        place = codes * wide + np.where(months == NO_MONTH, 0, months - low)
        if len(subjects) * wide > _GROUPS_IN_BULK:
            used, place = np.unique(place, return_inverse=True)
        else:
            used = np.arange(len(subjects) * wide)
        place = np.where(kept, place, len(used))  # one more place, for what is set aside
        rows = np.bincount(place, minlength=len(used) + 1)[:-1]
        sums = {
            measure: _sums(row_amounts(measure, columns, held, count), place, len(used) + 1)
            for measure in self._measures
        }
        for i in np.flatnonzero(rows):
            subject, month = divmod(int(used[i]), wide)
            amounts = {measure: int(column[i]) for measure, column in sums.items()}
            group = Group(int(rows[i]), amounts)
            name = (subjects[subject], month + low if month else NO_MONTH)
            if name in self.groups:
                self.groups[name].add(group)
            else:
                self.groups[name] = group

    def _subject_codes(self, columns: Mapping[str, Typed], count: int) -> tuple[list[str], Ints]:
        """The subjects of the rows by their place in a list; who is not known is noted."""
        if self.export.subject == "channel":
            return [self._subjects.get("", "")], np.zeros(count, dtype=np.int64)
        people = columns[self.export.person]
        if lost := sorted({word for word in people.words if word and word not in self._subjects}):
            self.unknown = sorted({*self.unknown, *lost[: NAMED + 1]})[: NAMED + 1]
            self._unknown = np.union1d(self._unknown, hashes(Cells.of(text_array(_array(lost)))))
        return [self._subjects.get(word, "") for word in people.words] or [""], people.values

    @property
    def unknown_count(self) -> int:
        """How many different names stand in the column of persons that are no subject."""
        return len(self._unknown)

    def repeated(self) -> tuple[int, int, str]:
        """How many rows repeat the key of an earlier one, the first of them, and its key.

        Equal numbers only raise the suspicion: the keys themselves are read again.
        """
        numbers = np.concatenate(self._keys) if self._keys else np.zeros(0, dtype=np.uint64)
        self._keys = []
        numbers.sort()
        again = numbers[1:][numbers[1:] == numbers[:-1]]
        del numbers
        count, first, shown = 0, 0, ""
        suspects = np.unique(again)
        shares = -(-2 * len(again) // _SUSPECTS_AT_ONCE)
        for share in np.array_split(suspects, shares) if shares else ():
            some, row, key = self._confirmed(share)
            count += some
            if some and (not first or row < first):
                first, shown = row, key
        return count, first, shown

    def _confirmed(self, suspects: npt.NDArray[np.uint64]) -> tuple[int, int, str]:
        """The same for the keys with one of these numbers, by the keys as they stand."""
        import pyarrow as pa
        import pyarrow.compute as pc

        texts: list[pa.Array] = []
        rows: list[Ints] = []
        position = self.positions[self.export.key]
        for piece in self.listing.pieces(sorted(self.positions.values())):
            _, key = keys(self.export, piece.cells[position])
            at = np.minimum(np.searchsorted(suspects, key.numbers), len(suspects) - 1)
            held = np.flatnonzero((suspects[at] == key.numbers) & np.asarray(_given(key.texts)))
            texts.append(pc.cast(key.texts.take(pa.array(held)), pa.large_string()))
            rows.append(piece.rows[held])
        codes = pa.concat_arrays(texts).dictionary_encode().indices.to_numpy()
        _, first_at = np.unique(codes, return_index=True)
        repeats = np.ones(len(codes), dtype=bool)
        repeats[first_at] = False
        found = np.flatnonzero(repeats)
        if not found.size:
            return 0, 0, ""
        key_text = pa.concat_arrays(texts)[int(found[0])].as_py()
        return len(found), int(np.concatenate(rows)[found[0]]), key_text


def _array(texts: list[str]) -> pa.Array:
    import pyarrow as pa

    return pa.array(texts, pa.large_string())


def _given(texts: pa.Array) -> Mask:
    return Cells.of(texts).lengths > 0


def _add(named: Named, told: Mapping[int, object]) -> None:
    if told:
        named.add(np.fromiter(told, dtype=np.int64), (str(value) for value in told.values()))


def _texts(texts: pa.Array, rows: Ints) -> Iterator[str]:
    for row in rows:
        yield texts[int(row)].as_py() or "–"


def _months(column: Typed) -> Ints:
    return np.where(column.given, column.values, NO_MONTH)


def _measures(export: Export) -> tuple[Measure, ...]:
    """All that is added up of an export, each once."""
    found = {Measure(export.uncovered_amount, ()): None} if export.uncovered_amount else {}
    for each in (*export.totals, *export.actuals):
        parts = (each.value, each.numerator, each.denominator)
        found |= {measure: None for measure in parts if measure is not None}
    return tuple(found)


def _sums(amounts: Ints, place: Ints, size: int) -> Ints | list[int]:
    """Exact sums per place."""
    most = max(abs(int(amounts.max())), abs(int(amounts.min())))
    if most * len(amounts) < _SUM_LIMIT:
        found = np.zeros(size, dtype=np.int64)
        np.add.at(found, place, amounts)
        return found
    exact = [0] * size
    for at, amount in zip(place.tolist(), amounts.tolist(), strict=True):
        exact[at] += amount
    return exact
