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
from ecperf_kit.intake.cells import Keys, Strict, cleaned_texts, keys, typed
from ecperf_kit.intake.cut_off import (
    AFTER_LAST_DAY,
    CALENDAR,
    FIRST_DAY,
    months_of,
    months_of_days,
)
from ecperf_kit.intake.exports import (
    Export,
    Measure,
    Typed,
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
    channel it maps "" to it. Rows are counted per subject and month (since the year 0, by
    the client's ``cut_off``; ``NO_MONTH`` if none) when nothing sets them aside.
    """

    def __init__(
        self,
        export: Export,
        listing: Listing,
        positions: Mapping[str, int],
        subjects: Mapping[str, str],
        cut_off: str = CALENDAR,
    ) -> None:
        self.export, self.listing, self.positions = export, listing, positions
        self.cut_off = cut_off
        self.read = 0
        self.last_row = listing.heading_row
        self.too_long, self.split = Named(), Named()
        self.lost = {name: Named() for name in export.columns}
        self.contradictions = [Named() for _ in export.contradictions]
        self.set_aside = [0 for _ in export.set_aside]
        self._seen = np.zeros(AFTER_LAST_DAY - FIRST_DAY, dtype=bool)
        self.groups: dict[tuple[str, int], Group] = {}
        self.unknown: list[str] = []  # the first few in order
        self._unknown = np.zeros(0, dtype=np.uint64)
        self._subjects = subjects
        self._keys = np.empty(0, dtype=np.uint64)  # with room for more
        self._keys_held = 0
        self._known: dict[str, dict[str, Strict]] = {name: {} for name in export.columns}
        self._measures = _measures(export)
        #: The rows that repeat the key of an earlier one, once :meth:`repeated` was asked.
        self.repeats: Ints = np.zeros(0, dtype=np.int64)

    @property
    def blank(self) -> int:
        """How many rows between the headings and the last row are wholly blank."""
        return self.last_row - self.listing.heading_row - self.read

    @property
    def at_fault(self) -> bool:
        """Whether any row has a fault, once :meth:`repeated` was asked."""
        named = (self.too_long, self.split, *self.lost.values(), *self.contradictions)
        return any(each.count for each in named) or bool(len(self.repeats) or self.unknown_count)

    @property
    def days(self) -> Ints:
        """The days (since 1970-01-01) by which the file was drawn, each that has a row."""
        return np.flatnonzero(self._seen) + FIRST_DAY

    @property
    def covered(self) -> set[int]:
        """The months in which these days lie."""
        return set(months_of_days(self.cut_off)[self._seen].tolist())

    def take(self, piece: Piece) -> None:
        """Counts one piece; nothing of it is kept."""
        count = len(piece.rows)
        _add(self.too_long, piece.too_long)
        _add(self.split, piece.split)
        if not count:
            return
        self.read += count
        self.last_row = int(piece.rows[-1])
        columns, key, held = self.read_piece(piece)
        for name, rows in self.lost_in(piece, columns, held):
            room = NAMED - len(self.lost[name].first)
            self.lost[name].add(piece.rows[rows], self.shown(piece, name, rows[:room]))
        for named, rows in zip(self.contradictions, contradicting(self.export, held), strict=True):
            named.add(piece.rows[rows], _texts(key.texts, rows))
        named_rows = columns[self.export.key].given
        self._keep(key.numbers if named_rows.all() else key.numbers[named_rows])
        drawn = columns[self.export.covered_by or self.export.date]
        self._seen[
            (drawn.values if drawn.given.all() else drawn.values[drawn.given]) - FIRST_DAY
        ] = True
        kept = np.ones(count, dtype=bool)
        for i, (_, condition) in enumerate(self.export.set_aside):
            stays = held[condition]
            self.set_aside[i] += int(np.count_nonzero(kept & ~stays))
            kept &= stays
        self._add_up(columns, held, kept)

    def _keep(self, numbers: npt.NDArray[np.uint64]) -> None:
        """Keeps the numbers of keys; room for them is made now and then, not at the end."""
        held = self._keys_held + len(numbers)
        if held > len(self._keys):
            room = np.empty(held + held // 2, dtype=np.uint64)
            room[: self._keys_held] = self._keys[: self._keys_held]
            self._keys = room
        self._keys[self._keys_held : held] = numbers
        self._keys_held = held

    def read_piece(self, piece: Piece) -> tuple[dict[str, Typed], Keys, dict[str, Mask]]:
        """The columns of a piece in their types, its keys, and where each condition holds."""
        columns: dict[str, Typed] = {}
        for name, position in self.positions.items():
            array = piece.cells[position]
            if name == self.export.key:
                columns[name], found = keys(self.export, array)
            else:
                known, column = self._known[name], self.export.columns[name]
                columns[name] = typed(self.export, column, array, known)
        held = {name: holds(self.export, name, columns) for name in self.export.conditions}
        return columns, found, held

    def lost_in(
        self, piece: Piece, columns: Mapping[str, Typed], held: Mapping[str, Mask]
    ) -> Iterator[tuple[str, Ints]]:
        """By column, the places of cells that are unreadable, or blank where they must not be."""
        for name, column in columns.items():
            told = self.export.columns[name]
            lost = ~(column.given | column.blank)
            if told.required_where:
                lost |= column.blank & held[told.required_where]
            elif not told.may_be_blank:
                lost |= column.blank
            lost[piece.spoilt_in(self.positions[name])] = True
            rows = np.flatnonzero(lost)
            if rows.size:
                yield name, rows

    def shown(self, piece: Piece, name: str, places: Ints) -> list[str]:
        """What stands in a column at these places of a piece, as it is told."""
        import pyarrow as pa

        if not len(places):
            return []
        texts = text_array(piece.cells[self.positions[name]].take(pa.array(places)))
        cells: list[str] = texts.to_pylist()
        known = self._known[name]
        if all(cell in known for cell in cells):
            return [known[cell].clean for cell in cells]
        found: list[str] = cleaned_texts(self.export, texts).to_pylist()
        return found

    def nobodys(self, columns: Mapping[str, Typed]) -> Ints:
        """The places of the rows that name a person who is no subject."""
        people = columns[self.export.person]
        lost = [bool(word) and word not in self._subjects for word in people.words]
        return np.flatnonzero(np.array(lost, dtype=bool)[people.values] & people.given)

    def not_covered(self, columns: Mapping[str, Typed], held: Mapping[str, Mask]) -> Ints:
        """The places of the rows that would count but for the month they belong to."""
        date = columns[self.export.date]
        apart = ~np.isin(months_of(date.values, self.cut_off), list(self.covered))
        for _, condition in self.export.set_aside:
            apart &= held[condition]
        return np.flatnonzero(apart & date.given)

    def _add_up(self, columns: Mapping[str, Typed], held: Mapping[str, Mask], kept: Mask) -> None:
        """Adds the rows that count to their groups."""
        count, date = len(kept), columns[self.export.date]
        subjects, codes = self._subject_codes(columns, count)
        days, dated = date.values, kept
        if not date.given.all():  # any day that is there does for those that are not
            days = np.where(date.given, days, days[int(date.given.argmax())])
            dated = kept & date.given
        ends = np.array([days.min(), days.max()])
        low, high = months_of(ends, self.cut_off).tolist()
        if len(subjects) == 1 and low == high and np.array_equal(dated, kept):
            self._add(subjects[0], low, self._group(columns, held, kept))
            return
        months = np.where(date.given, months_of(days, self.cut_off), NO_MONTH)
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
            self._add(subjects[subject], month + low if month else NO_MONTH, group)

    def _add(self, subject: str, month: int, group: Group) -> None:
        if not group.rows:
            return
        if (subject, month) in self.groups:
            self.groups[subject, month].add(group)
        else:
            self.groups[subject, month] = group

    def _group(self, columns: Mapping[str, Typed], held: Mapping[str, Mask], kept: Mask) -> Group:
        """What the kept rows come to, all of one subject and month."""
        sums: dict[Measure, int] = {}
        for measure in self._measures:
            counted = kept
            for condition in measure.where:
                counted = counted & held[condition]
            if measure.sum:
                column = columns[measure.sum]
                sums[measure] = _sum(column.values, counted & column.given)
            else:
                sums[measure] = int(np.count_nonzero(counted))
        return Group(int(np.count_nonzero(kept)), sums)

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
        numbers = self._keys[: self._keys_held]
        self._keys, self._keys_held = np.empty(0, dtype=np.uint64), 0
        numbers.sort()
        again = numbers[1:][numbers[1:] == numbers[:-1]]
        del numbers
        first, shown = 0, ""
        suspects = np.unique(again)
        shares = -(-2 * len(again) // _SUSPECTS_AT_ONCE)
        found = [self.repeats]
        for share in np.array_split(suspects, shares) if shares else ():
            rows, key = self._confirmed(share)
            found.append(rows)
            if len(rows) and (not first or rows[0] < first):
                first, shown = int(rows[0]), key
        self.repeats = np.sort(np.concatenate(found))
        return len(self.repeats), first, shown

    def _confirmed(self, suspects: npt.NDArray[np.uint64]) -> tuple[Ints, str]:
        """The repeats among the keys with one of these numbers, and the first key repeated."""
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
            return np.zeros(0, dtype=np.int64), ""
        return np.concatenate(rows)[found], pa.concat_arrays(texts)[int(found[0])].as_py()


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


def _measures(export: Export) -> tuple[Measure, ...]:
    """All that is added up of an export, each once."""
    found = {Measure(export.uncovered_amount, ()): None} if export.uncovered_amount else {}
    for each in (*export.totals, *export.actuals):
        parts = (each.value, each.numerator, each.denominator)
        found |= {measure: None for measure in parts if measure is not None}
    return tuple(found)


def _sum(values: Ints, counted: Mask) -> int:
    """The exact sum of the values that count."""
    most = max(abs(int(values.max())), abs(int(values.min())))
    if most * len(values) < _SUM_LIMIT:
        return int((values if counted.all() else values * counted).sum())
    return sum(values[counted].tolist())


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
