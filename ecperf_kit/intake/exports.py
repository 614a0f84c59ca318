"""The platform exports the library knows: how to recognise and clean each, and what it yields.

One declaration per export in ``library/exports/*.toml``. A file is recognised
by its headings alone; its name says nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecperf_kit.exact import MILLION, divide, exact
from ecperf_kit.intake.declare import plain
from ecperf_kit.intake.numbers import Reading, read_numbers
from ecperf_kit.intake.values import read_bools, read_dates, read_texts
from ecperf_kit.library.reading import LibraryError

if TYPE_CHECKING:
    from ecperf_kit.intake.listing import Listing

Mask = npt.NDArray[np.bool_]

_TIME_OF_DAY = r"[ T]\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?$"
_YES_NO = {"y": "yes", "n": "no"}
_TYPES = ("text", "money", "number", "date", "yes_no")
_KEYS = frozenset(
    {
        *("export", "name_zh", "name_en", "origin", "effective_from", "source_kind", "subject"),
        *("person", "key", "date", "date_basis", "covered_by", "uncovered_amount", "cleaning"),
        *("columns", "conditions", "contradictions", "set_aside", "totals", "actuals"),
        "own_indicators",
    }
)


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A column of an export: accepted headings, type, and where it must be filled."""

    name: str
    headings: tuple[str, ...]
    type: str
    may_be_blank: bool
    required_where: str


@dataclass(frozen=True, slots=True)
class Typed:
    """A column of rows in its type: integers, and which rows have one.

    Money and numbers are stored integers, days count from 1970-01-01, yes is 1;
    a text is its place among ``words``. A cell neither given nor blank is unreadable.
    """

    values: npt.NDArray[np.int64]
    given: Mask
    blank: Mask
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """A sum of a column, or a count of rows, over the rows where all conditions hold."""

    sum: str
    where: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Yield:
    """What an export says of an indicator (or a total): a value, or numerator by denominator."""

    name: str
    value: Measure | None
    numerator: Measure | None
    denominator: Measure | None


@dataclass(frozen=True, slots=True)
class Contradiction:
    """What no row of an export can say: ``condition`` holds although ``unless`` does not."""

    reason: str
    column: str  # the one to name
    condition: str
    unless: str  # "" for never


@dataclass(frozen=True)
class Export:
    """One declared export; see the comments in its file."""

    export: str
    name_zh: str
    name_en: str
    source_kind: str
    subject: str
    person: str
    key: str
    date: str
    date_basis: str
    covered_by: str
    uncovered_amount: str
    cleaning: Mapping[str, Any]
    columns: Mapping[str, ExportColumn]
    conditions: Mapping[str, Mapping[str, Any]]
    contradictions: tuple[Contradiction, ...]
    set_aside: tuple[tuple[str, str], ...]  # reason, condition that keeps a row
    totals: tuple[Yield, ...]
    actuals: tuple[Yield, ...]
    own_indicators: Mapping[str, Mapping[str, str]]

    def positions(self, headings: tuple[str, ...]) -> dict[str, int] | None:
        """Where each column stands among ``headings``; nothing if one is lacking."""
        at = {plain(heading): i for i, heading in reversed(list(enumerate(headings)))}
        found: dict[str, int] = {}
        for column in self.columns.values():
            places = [at[plain(h)] for h in column.headings if plain(h) in at]
            if not places:
                return None
            found[column.name] = places[0]
        return found

    def doubled(self, headings: tuple[str, ...]) -> list[str]:
        """The headings of needed columns that stand more than once, so that any may be meant."""
        given = [plain(heading) for heading in headings]
        taken = (self.positions(headings) or {}).values()
        return [headings[at] for at in taken if given.count(given[at]) > 1]

    def first_headings(self) -> str:
        """The export with the columns it needs, as a user can look for them."""
        return f"{self.export} ({', '.join(c.headings[0] for c in self.columns.values())})"


@cache
def exports(folder: Path) -> tuple[Export, ...]:
    """All declared exports of a library folder. Raises ``LibraryError`` for a wrong one."""
    found = []
    for path in sorted((folder / "exports").glob("*.toml")):
        with path.open("rb") as stream:
            told = tomllib.load(stream)
        try:
            found.append(_export(told))
        except (KeyError, TypeError, ValueError) as error:
            raise LibraryError(f"exports/{path.name}: {error}") from error
    return tuple(found)


def _export(told: Mapping[str, Any]) -> Export:
    if unknown := sorted(told.keys() - _KEYS):
        raise ValueError(f"unknown keys {', '.join(unknown)}")
    columns = {
        name: ExportColumn(
            name,
            tuple(entry["headings"]),
            entry["type"],
            entry.get("may_be_blank", False),
            entry.get("required_where", ""),
        )
        for name, entry in told["columns"].items()
    }
    for column in columns.values():
        if column.type not in _TYPES:
            raise ValueError(f"column {column.name}: type {column.type!r} is none of {_TYPES}")
    export = Export(
        export=told["export"],
        name_zh=told["name_zh"],
        name_en=told["name_en"],
        source_kind=told["source_kind"],
        subject=told["subject"],
        person=told.get("person", ""),
        key=told["key"],
        date=told["date"],
        date_basis=told["date_basis"],
        covered_by=told.get("covered_by", ""),
        uncovered_amount=told.get("uncovered_amount", ""),
        cleaning=told.get("cleaning", {}),
        columns=MappingProxyType(columns),
        conditions=MappingProxyType(told.get("conditions", {})),
        contradictions=tuple(
            Contradiction(e["reason"], e["column"], e["condition"], e.get("unless", ""))
            for e in told.get("contradictions", [])
        ),
        set_aside=tuple((e["reason"], e["unless"]) for e in told.get("set_aside", [])),
        totals=tuple(_yield(e["total"], e, "of", "by") for e in told["totals"]),
        actuals=tuple(_yield(e["indicator"], e, "value", "") for e in told["actuals"]),
        own_indicators=MappingProxyType(told.get("own_indicators", {})),
    )
    _check(export)
    return export


def _yield(name: str, entry: Mapping[str, Any], value: str, by: str) -> Yield:
    if by and by in entry:  # a total that is a mean
        return Yield(name, None, _measure(entry[value]), _measure(entry[by]))
    if value in entry:
        return Yield(name, _measure(entry[value]), None, None)
    return Yield(name, None, _measure(entry["numerator"]), _measure(entry["denominator"]))


def _measure(entry: Mapping[str, Any]) -> Measure:
    if "sum" in entry:
        return Measure(entry["sum"], tuple(entry.get("where", ())))
    return Measure("", tuple(entry["count"]))


def _check(export: Export) -> None:
    """Every column and condition an export names is declared in it."""
    named = {export.key, export.date, export.person, export.covered_by, export.uncovered_amount}
    named |= {str(c["column"]) for c in export.conditions.values()}
    named |= {str(c.get("above_column", "")) for c in export.conditions.values()}
    named |= {each.column for each in export.contradictions}
    held = {name for each in export.contradictions for name in (each.condition, each.unless)}
    held |= {keep for _, keep in export.set_aside}
    held |= {c.required_where for c in export.columns.values()}
    for each in (*export.totals, *export.actuals):
        for measure in (each.value, each.numerator, each.denominator):
            if measure is not None:
                named.add(measure.sum)
                held |= set(measure.where)
    lost = sorted((named - {""}) - export.columns.keys()) + sorted(
        (held - {""}) - export.conditions.keys()
    )
    if lost:
        raise ValueError(f"not declared: {', '.join(lost)}")


def recognised(
    listings: Sequence[Listing], known: tuple[Export, ...]
) -> list[tuple[Export, Listing, dict[str, int]]]:
    """The exports a file can be, each with its list and columns: one, if all is well."""
    return [
        (export, listing, positions)
        for export in known
        for listing in listings
        if (positions := export.positions(listing.headings)) is not None
    ]


def cleaned(export: Export, column: pd.Series) -> pd.Series:
    """A raw column without what the platform puts around its values."""
    for mark in export.cleaning.get("before", ()):
        column = column.str.removeprefix(mark)
    for mark in export.cleaning.get("after", ()):
        column = column.str.removesuffix(mark)
    column = column.str.strip()
    return column.where(~column.isin(export.cleaning.get("blank", ())), "")


def read_column(column: ExportColumn, typed: pd.Series) -> Reading:
    """A cleaned column in its type; times of day are cut off dates."""
    match column.type:
        case "money" | "number":
            return read_numbers(typed, column.type == "money")
        case "date":
            return read_dates(typed.str.replace(_TIME_OF_DAY, "", regex=True))
        case "yes_no":
            short = typed.str.casefold()
            return read_bools(short.where(~short.isin(_YES_NO), short.map(_YES_NO)))
    return read_texts(typed)


def holds(export: Export, name: str, columns: Mapping[str, Typed]) -> Mask:
    """Row by row, whether a declared condition holds (False where its column is blank)."""
    told = export.conditions[name]
    column = columns[told["column"]]
    if told.get("filled"):
        return column.given
    if "yes" in told:
        return column.given & (column.values == int(told["yes"]))
    if "below" in told:
        return column.given & (column.values < exact(told["below"]))
    if "above_column" in told:
        other = columns[told["above_column"]]
        return column.given & other.given & (column.values > other.values)
    return column.given & (column.values > exact(told["above"]))


def contradicting(export: Export, held: Mapping[str, Mask]) -> list[npt.NDArray[np.int64]]:
    """For each contradiction of an export, the positions of the rows where it holds."""
    found = []
    for each in export.contradictions:
        against = held[each.condition]
        if each.unless:
            against = against & ~held[each.unless]
        found.append(np.flatnonzero(against))
    return found


def row_amounts(
    measure: Measure, columns: Mapping[str, Typed], held: Mapping[str, Mask], count: int
) -> npt.NDArray[np.int64]:
    """What each of ``count`` rows adds to a measure: a stored integer, or 1 where rows count."""
    counted = np.ones(count, dtype=bool)
    for condition in measure.where:
        counted &= held[condition]
    if not measure.sum:
        return counted.astype(np.int64)
    column = columns[measure.sum]
    return np.where(counted & column.given, column.values, 0)


def stored(measure: Measure, amount: int) -> int:
    """A sum as a stored integer, also where rows were counted."""
    return amount if measure.sum else amount * MILLION


def overall(each: Yield, sums: Mapping[Measure, int]) -> int:
    """A yield from the sums of its measures (stored integers); 0 where nothing divides."""
    if each.value is not None:
        return sums[each.value]
    assert each.numerator is not None and each.denominator is not None
    top, bottom = sums[each.numerator], sums[each.denominator]
    return int(divide(top, bottom)) if bottom else 0
