"""What the checks across tables share: the data they look at, and how they report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ecperf_kit.exact import decimal
from ecperf_kit.finding import Finding, Source
from ecperf_kit.intake.config import ClientConfig
from ecperf_kit.intake.declare import tables
from ecperf_kit.library import Library


@dataclass(frozen=True)
class Data:
    """What the checks look at: the typed tables, the facts, the library."""

    client: str
    config: ClientConfig
    tables: Mapping[str, pd.DataFrame]
    present: frozenset[str]
    library: Library
    indicators: pd.DataFrame  # the library's and the client's own
    faulty: frozenset[tuple[str, str, int]]  # file, sheet and row of cells not readable
    asked: str | None = None  # the first month asked for, if a period was named

    def known(self, reference: str) -> frozenset[str]:
        """The ids that exist for ``posts.post``, ``employees.employee`` and so on."""
        if reference == "posts.post":
            return frozenset(self.library.posts.index)
        if reference == "indicators.indicator":
            return frozenset(self.indicators.index)
        table, column = reference.split(".")
        return frozenset(self.tables[table][column])

    def unknown(self, given: pd.Series, reference: str) -> pd.Series:
        """Row by row, whether ``given`` is filled with an id that does not exist."""
        # compared as a set of distinct ids: looking up each row is slow on long tables
        lost = {id for id in given.unique() if isinstance(id, str)} - self.known(reference) - {""}
        return given.isin(lost) if lost else pd.Series(False, index=given.index)


def found_in(
    code: str,
    table: str,
    row: Mapping[str, Any],
    column: str,
    about: str = "",
    beside: Sequence[str] = (),
    **more: Any,
) -> Finding:
    """A finding about one row of a client table, compared with the tables ``beside``.

    What stands ``beside`` and is no table of the client (the library's posts) is left out.
    """
    file, sheet = str(row["_file"]), str(row["_sheet"])
    place = f"{file} › {sheet}" if sheet else file
    told = {"file": place, "row": int(row["_row"]), "column": column, "table": table, **more}
    told["cell"] = (place, int(row["_row"]), column)
    source = Source(file, sheet, int(row["_row"]), column)
    compared = tuple(name for name in beside if name in tables() and name != table)
    return Finding(code, about or f"table:{table}", told, source, (table, *compared))


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The offending rows only: few, looked at singly."""
    if frame.empty:
        return []
    return frame.to_dict("records")  # type: ignore[return-value]


def shown(stored: Any) -> str:
    """A stored number as a person types it."""
    return f"{decimal(stored).normalize():f}"


def day(value: Any) -> str:
    """A day as a person types it."""
    return f"{value:%Y-%m-%d}"


def scheme_start(data: Data) -> pd.Timestamp:
    """The first day anybody can be assessed on: pilot, scheme, else the plan's year."""
    dates = data.config.dates
    if dates.pilot_from:
        return pd.Timestamp(f"{dates.pilot_from}-01")
    return pd.Timestamp(dates.scheme_from or f"{dates.plan_year}-01-01")
