"""A client as one stage sees it: the tables it declares, and what concerns them.

``stages/reads.csv`` says which tables a stage reads. A change in any other table
cannot change its report, so the report need not be made again; that holds only
because nothing else can be reached here.
"""

from __future__ import annotations

import csv
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from ecperf_kit.finding import Finding
from ecperf_kit.intake.files import SCENARIOS

if TYPE_CHECKING:
    import pandas as pd

    from ecperf_kit.client import Client
    from ecperf_kit.library import Library

#: The stages in the order of the work; here, so that to name them costs no import of pandas.
STAGES = ("organisation", "design", "exam", "pilot", "rollout", "review")

#: Where a client keeps what was worked out from it, which client it was made from, and the
#: months that are worked out in one go.
KEPT, MADE_FROM, SPAN = "_kept", "_made_from", "_span"
#: What a value rests on besides tables, noted as if it were one (``Client.watched``).
PERIOD = "(period)"


class UndeclaredTable(LookupError):
    """A stage asks for a table it does not declare: a fault of the program, not of the client."""

    def __init__(self, stage: str, table: str) -> None:
        super().__init__(
            f"the stage {stage} reads the table {table} without declaring it: "
            f"stages/reads.csv needs the line {stage},{table}"
        )


@cache
def reads() -> Mapping[str, frozenset[str]]:
    """The tables each stage declares to read, by stage; ``scenarios`` for that folder's files."""
    # not as a resource of ecperf_kit.stages: naming a package there would import it
    text = resources.files(__package__).joinpath("stages/reads.csv").read_text("utf-8")
    found: dict[str, set[str]] = {}
    for row in csv.DictReader(text.splitlines()):
        found.setdefault(row["stage"], set()).add(row["table"])
    return {stage: frozenset(tables) for stage, tables in found.items()}


class Declared(Mapping[str, Any]):
    """A client's tables as far as ``stage`` declares them; asking for another one raises."""

    def __init__(
        self, stage: str, tables: Mapping[str, pd.DataFrame], names: Collection[str]
    ) -> None:
        self._stage, self._tables = stage, tables
        self._names = {name: None for name in tables if name in names}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._names:
            raise UndeclaredTable(self._stage, name)
        return self._tables[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class Plain(Mapping[str, Any]):
    """A client's tables with plain texts, each made when it is first asked for."""

    def __init__(
        self, tables: Mapping[str, pd.DataFrame], made: Mapping[str, pd.DataFrame] | None = None
    ) -> None:
        self._tables, self._given = tables, made or {}
        self._made: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._made:
            given = self._given[name] if name in self._given else plain(self._tables[name])
            # two threads may both have made one: all see the same
            self._made.setdefault(name, given)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)


def concerning(findings: Iterable[Finding], tables: Collection[str]) -> tuple[Finding, ...]:
    """The findings about any of these tables, and those of which it is not known."""
    wanted = set(tables)
    return tuple(f for f in findings if not f.tables or not wanted.isdisjoint(f.tables))


def rows_of(rows: pd.DataFrame, tables: Collection[str]) -> pd.DataFrame:
    """The account of the rows of these tables."""
    return rows[rows["table"].isin(list(tables))] if len(rows) else rows


def inputs_of(client: Client, tables: Collection[str]) -> dict[str, str]:
    """The files that gave any of these tables, and those that gave none at all."""
    gave: dict[str, set[str]] = {}
    for line in client.rows.to_dict("records"):  # one per table and file: a few dozen
        gave.setdefault(str(line["file"]), set()).add(str(line["table"]))
    wanted = set(tables)

    def counts(file: str) -> bool:
        if file.startswith(f"{SCENARIOS}/"):
            return SCENARIOS in wanted
        # the note of an imported file goes with the file itself
        given = gave.get(file) or gave.get(f"{file.removesuffix('.toml')}.csv", set())
        return not given or not wanted.isdisjoint(given)

    return {file: digest for file, digest in client.inputs.items() if counts(file)}


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its texts as Python's own strings: the quicker ones in many small steps."""
    import numpy as np
    import pandas as pd

    text = pd.StringDtype("python", na_value=np.nan)
    made = frame.copy(deep=False)
    for place, (_, column) in enumerate(frame.items()):
        if column.dtype == "str":
            codes, words = pd.factorize(column.array)  # each word is made once, not each cell
            cells = np.append(np.asarray(words, dtype=object), np.nan)[codes]
            made.isetitem(place, pd.array(cells, dtype=text))
    made.columns = frame.columns.astype(text)
    if made.index.dtype == "str":
        made.index = made.index.astype(text)
    return made


def plain_library(library: Library) -> Library:
    """The library with plain texts, made once for each library."""
    import pandas as pd

    known: list[Library] = library.__dict__.setdefault("_plain", [])
    if not known:
        given = ((each.name, getattr(library, each.name)) for each in fields(library))
        frames = {name: plain(value) for name, value in given if isinstance(value, pd.DataFrame)}
        known.append(replace(library, **frames))  # type: ignore[arg-type]
    return known[0]


@contextmanager
def plain_texts() -> Iterator[None]:
    """Texts made inside are Python's own strings; outside the user's own setting stands."""
    import pandas as pd

    with pd.option_context("mode.string_storage", "python"):
        yield


class _Asking(threading.local):
    """The tables read so far for each value that is being worked out, the innermost last."""

    def __init__(self) -> None:
        self.open: list[set[str]] = []


_now = _Asking()


@contextmanager
def asking() -> Iterator[set[str]]:
    """The names of the tables read inside, all of them once the block is left."""
    tables: set[str] = set()
    _now.open.append(tables)
    try:
        yield tables
    finally:
        _now.open.pop()


def asked(tables: Iterable[str]) -> None:
    """Says which tables are read: whatever is being worked out just now rests on them."""
    if _now.open:
        _now.open[-1].update(tables)


def declared(owner: Any, names: Iterable[str]) -> None:
    """Raises UndeclaredTable where a stage takes what rests on tables it does not declare.

    Another stage may have worked it out: then no table is asked for that would raise.
    """
    tables = owner.__dict__.get("tables")
    if isinstance(tables, Declared):
        for name in names:
            if name not in tables and name != PERIOD:
                tables[name]


def same_tables(one: Client, other: Client, names: Iterable[str]) -> bool:
    """Whether both clients hold the very same tables of these names, and the same period."""
    mine, theirs = one.tables, other.tables
    return all(
        one.period == other.period
        if n == PERIOD
        else n in mine and n in theirs and mine[n] is theirs[n]
        for n in names
    )
