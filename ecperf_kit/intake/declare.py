"""What the tables of a client folder are made of: declared once, in ``tables.csv``.

Columns go by their ids everywhere in the kit; a client's file may head them by
the id, in Chinese or in English.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from types import MappingProxyType

from ecperf_kit.exact import exact

#: Without these no stage can say anything; the other tables are asked for by the stages.
REQUIRED_TABLES = ("departments", "employees", "assignments")
#: Where a row came from: beside every client table's own columns.
PROVENANCE = ("_file", "_sheet", "_row")
#: True where a cell of the row could not be read: what needs the row is not computed.
SPOILT = "_spoilt"
NUMERIC = frozenset({"number", "money", "rate"})


@dataclass(frozen=True, slots=True)
class Column:
    """One declared column.

    ``type``: id, text, choice, date, month, period, bool, integer, number, money or
    rate. ``least`` and ``most`` bound it (stored integers; plain ones for ``integer``).
    """

    name: str
    type: str
    unit: str
    required: bool
    key: bool
    refers_to: str
    choices: tuple[str, ...]
    least: int | None
    most: int | None
    example: str
    zh: str
    en: str

    def heading(self, language: str) -> str:
        """The column's heading in ``zh`` or ``en``."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True)
class Table:
    """One declared table and its columns in order."""

    name: str
    zh: str
    en: str
    columns: tuple[Column, ...]

    def title(self, language: str) -> str:
        """The table's title in ``zh`` or ``en``."""
        return self.zh if language == "zh" else self.en

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        """The columns by id."""
        return MappingProxyType({column.name: column for column in self.columns})

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The ids of the columns that together name a row."""
        return tuple(column.name for column in self.columns if column.key)

    @cached_property
    def by_heading(self) -> Mapping[str, str]:
        """From every accepted heading (id, Chinese, English; see :func:`plain`) to the id."""
        found: dict[str, str] = {}
        for column in self.columns:
            for heading in (column.name, column.zh, column.en):
                if found.setdefault(plain(heading), column.name) != column.name:
                    raise ValueError(f"tables.csv: two columns of {self.name} go by {heading!r}")
        return MappingProxyType(found)


def plain(heading: str) -> str:
    """A heading as it is compared: without outer blanks, mark of required (*), or
    case, without what cannot be seen, and with full-width signs read as half-width ones."""
    seen = "".join(letter for letter in heading if unicodedata.category(letter) != "Cf")
    return unicodedata.normalize("NFKC", seen).strip().rstrip("*").strip().casefold()


def _bound(text: str, kind: str) -> int | None:
    if not text:
        return None
    return int(text) if kind == "integer" else exact(text)


@cache
def tables() -> Mapping[str, Table]:
    """All declared tables of a client folder by name, in the order of ``tables.csv``."""
    text = resources.files(__package__).joinpath("tables.csv").read_text(encoding="utf-8")
    titles: dict[str, tuple[str, str]] = {}
    columns: dict[str, list[Column]] = {}
    for row in csv.DictReader(text.splitlines()):
        if not row["column"]:
            titles[row["table"]] = (row["zh"], row["en"])
            columns[row["table"]] = []
            continue
        columns[row["table"]].append(
            Column(
                name=row["column"],
                type=row["type"],
                unit=row["unit"],
                required=row["required"] == "yes",
                key=row["key"] == "yes",
                refers_to=row["refers_to"],
                choices=tuple(row["choices"].split("|")) if row["choices"] else (),
                least=_bound(row["least"], row["type"]),
                most=_bound(row["most"], row["type"]),
                example=row["example"],
                zh=row["zh"],
                en=row["en"],
            )
        )
    return MappingProxyType(
        {name: Table(name, *titles[name], tuple(columns[name])) for name in columns}
    )
