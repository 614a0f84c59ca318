"""What a stage concludes: named tables, verdicts and sentences, not yet formatted.

A sentence is a text key with the values it is filled with; the outputs room
words it in the reader's language. A table's columns are declared in
``stages/declared/<stage>.csv`` with type, unit, audience and headings.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal

import pandas as pd

from ecperf_kit.finding import Finding
from ecperf_kit.view import STAGES

__all__ = [
    "RESTRICTED",
    "STAGES",
    "Action",
    "Audience",
    "Column",
    "Figure",
    "Level",
    "Proposal",
    "Sentence",
    "StageResult",
    "StageTable",
    "TableDeclaration",
    "Verdict",
    "declarations",
    "stage_table",
]
Audience = Literal["everybody", "committee", "owner", "superior", "person"]
#: Papers for these readers hold pay or scores of single people: they lie in ``restricted/``.
RESTRICTED: frozenset[str] = frozenset({"superior", "person"})
Level = Literal["change", "watch", "fine", "unknown"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text key and its values: ``Sentence("pilot.pay_gap.fall", {"post": "presales_cs"})``."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """One declared column of a stage table."""

    name: str
    type: str
    unit: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class TableDeclaration:
    """A stage table: who may see it, its titles, its columns in order."""

    name: str
    audience: Audience
    zh: str
    en: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class StageTable:
    """A named table: exact values (stored integers) in declared columns."""

    declaration: TableDeclaration
    frame: pd.DataFrame

    @property
    def name(self) -> str:
        return self.declaration.name

    @property
    def restricted(self) -> bool:
        return self.declaration.audience in RESTRICTED


@dataclass(frozen=True, slots=True)
class Figure:
    """A key figure: a value with its type and the text key of its label.

    ``values`` fill the label: the month or months the figure is about.
    """

    label: str
    value: Any
    type: str
    unit: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one question: level, what was found, money at stake, how sure and why."""

    question: str
    level: Level
    found: Sentence
    money: Sentence | None
    sure: Sentence


@dataclass(frozen=True, slots=True)
class Action:
    """What must change: what, how, by whom, by when, with the computed effect."""

    what: Sentence
    how: Sentence
    effect: Sentence | None
    owner: Sentence
    due: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """Rows in the form of one of the client's own tables, for the client to adopt.

    They stand beside the report and change nothing until then; ``restricted`` where
    they name single people.
    """

    table: str
    frame: pd.DataFrame
    restricted: bool = False


@dataclass(frozen=True, slots=True)
class StageResult:
    """All a stage concludes. The title is the conclusion, not the topic."""

    stage: str
    title: Sentence
    advice: Sentence
    reasons: tuple[Sentence, ...]
    figures: tuple[Figure, ...]
    verdicts: tuple[Verdict, ...]
    actions: tuple[Action, ...]
    tables: Mapping[str, StageTable]
    findings: tuple[Finding, ...]
    proposals: tuple[Proposal, ...] = ()

    def table(self, name: str) -> pd.DataFrame:
        """The frame of a named table, for a notebook that goes on from here."""
        return self.tables[name].frame


@cache
def declarations(stage: str) -> Mapping[str, TableDeclaration]:
    """The declared tables of a stage, in the order of the file.

    ``declared/<stage>.csv``: table, audience, column, type, unit, zh, en. A row
    with an empty column names the table itself (audience and titles).
    """
    text = resources.files(__package__).joinpath(f"declared/{stage}.csv").read_text("utf-8")
    found: dict[str, dict[str, Any]] = {}
    for row in csv.DictReader(text.splitlines()):
        table = found.setdefault(row["table"], {"columns": []})
        if row["column"]:
            names = ("type", "unit", "zh", "en")
            table["columns"].append(Column(row["column"], *(row[n] for n in names)))
        else:
            table.update(audience=row["audience"], zh=row["zh"], en=row["en"])
    return {
        name: TableDeclaration(name, t["audience"], t["zh"], t["en"], tuple(t["columns"]))
        for name, t in found.items()
    }


def stage_table(stage: str, name: str, frame: pd.DataFrame) -> StageTable:
    """``frame`` as a declared table: its columns are exactly the declared ones, in that order."""
    declared = declarations(stage)[name]
    wanted = [column.name for column in declared.columns]
    missing = [column for column in wanted if column not in frame.columns]
    if missing:
        raise KeyError(f"{stage}.{name} lacks the declared columns {missing}")
    shown = frame[wanted]
    if not shown.index.equals(pd.RangeIndex(len(shown))) or shown.index.name is not None:
        shown = shown.reset_index(drop=True)
    return StageTable(declared, shown)
