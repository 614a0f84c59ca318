"""A client as one stage sees it: the tables it declares, and what concerns them.

``stages/reads.csv`` says which tables a stage reads. A change in any other table
cannot change its report, so the report need not be made again; that holds only
because nothing else can be reached here.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from ecperf_kit.finding import Finding

if TYPE_CHECKING:
    import pandas as pd

    from ecperf_kit.client import Client

#: The stages in the order of the work; here, so that to name them costs no import of pandas.
STAGES = ("organisation", "design", "exam", "pilot", "rollout", "review")


class UndeclaredTable(LookupError):
    """A stage asks for a table it does not declare: a fault of the program, not of the client."""

    def __init__(self, stage: str, table: str) -> None:
        super().__init__(
            f"the stage {stage} reads the table {table} without declaring it: "
            f"stages/reads.csv needs the line {stage},{table}"
        )


@cache
def reads() -> Mapping[str, frozenset[str]]:
    """The tables each stage declares to read, by stage."""
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
        self._stage, self._tables = stage, {n: tables[n] for n in tables if n in names}

    def __getitem__(self, name: str) -> pd.DataFrame:
        try:
            return self._tables[name]
        except KeyError:
            raise UndeclaredTable(self._stage, name) from None

    def __contains__(self, name: object) -> bool:
        return name in self._tables

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
        # the note of an imported file goes with the file itself
        given = gave.get(file) or gave.get(f"{file.removesuffix('.toml')}.csv", set())
        return not given or not wanted.isdisjoint(given)

    return {file: digest for file, digest in client.inputs.items() if counts(file)}
