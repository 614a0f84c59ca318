"""Rows of the client's tables with a cell that cannot be read.

Such a cell is not a blank one: whatever needs the row is missing until the cell is put
right, and is never computed as if nothing had been typed there.
"""

from __future__ import annotations

import pandas as pd

from ecperf_kit.intake.declare import SPOILT

#: Where the row stands that keeps somebody's month from being paid.
PLACE = ["unread_file", "unread_sheet", "unread_row"]


def spoilt(table: pd.DataFrame) -> pd.Series:
    """True for each row with a cell that could not be read, with the index of the table.

    Tables made in memory have no such column, and no such rows.
    """
    if SPOILT not in table.columns:
        return pd.Series(False, index=table.index, dtype="bool")
    lost = table[SPOILT].to_numpy(dtype=bool, na_value=False)
    return pd.Series(lost, index=table.index, copy=False)


def places(table: pd.DataFrame) -> pd.DataFrame:
    """The columns ``PLACE``: file, sheet and row of each spoilt row, missing for the others."""
    lost = spoilt(table)
    some = bool(lost.any())
    found = {}
    for name in PLACE:
        column = name.removeprefix("unread")
        kind = "Int64" if column == "_row" else "str"
        given = table[column] if some and column in table.columns else None
        blank = pd.Series(pd.NA, index=table.index, dtype=kind)
        found[name] = blank if given is None else given.astype(kind).where(lost)  # type: ignore[call-overload]
    return pd.DataFrame(found, index=table.index)


def first_place(held: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """``held`` with the places of ``others`` (same index) where it has none of its own."""
    # nearly always: nothing to look through row by row
    if all(others[name].isna().all() for name in PLACE):
        return held
    none = held["unread_row"].isna()
    return held.assign(**{name: held[name].where(~none, others[name]) for name in PLACE})
