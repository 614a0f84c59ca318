"""What stands in a sheet beside its rows: a title above the headings, a row of totals."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import numpy as np

from ecperf_kit.intake.declare import Table, plain
from ecperf_kit.intake.read import RawTable

#: How a row of totals begins, as people write it; blanks and colons aside.
_TOTALS = frozenset(
    ("合计", "总计", "小计", "总和", "共计", "total", "grandtotal", "subtotal", "sum")
)
_LOOKED_AT = 10  # rows below the first that may be the headings


def without_totals(raw: RawTable) -> tuple[RawTable, dict[int, tuple[int, str]]]:
    """A table without its rows of totals, and those: row, the column it says so in, its word.

    A row of totals is one whose first filled cell is the word and nothing else.
    """
    found: dict[int, tuple[int, str]] = {}
    filled = (raw.cells != "").to_numpy(dtype=bool)
    if not filled.size:
        return raw, found
    first = filled.argmax(axis=1)
    kept = np.ones(len(raw.rows), dtype=bool)
    for column in np.unique(first):
        cells = raw.cells[int(column)]
        for at in np.flatnonzero((first == column) & filled[:, column]):
            text = str(cells.iloc[int(at)])
            if len(text) <= _LONGEST and _word(text) in _TOTALS:
                found[int(raw.rows[at])] = (int(column), text)
                kept[at] = False
    if not found:
        return raw, found
    return replace(
        raw,
        cells=raw.cells[kept].reset_index(drop=True),
        rows=raw.rows[kept],
        too_long={row: more for row, more in raw.too_long.items() if row not in found},
        split={row: number for row, number in raw.split.items() if row not in found},
    ), found


_LONGEST = 2 * max(map(len, _TOTALS))


def _word(text: str) -> str:
    plainly = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in plainly if not letter.isspace() and letter not in ":.")


def headings_below(table: Table, raw: RawTable) -> int | None:
    """The row, below the first, that holds the headings of all required columns; None if none."""
    wanted = {column.name for column in table.columns if column.required}
    for at in range(min(_LOOKED_AT, len(raw.rows))):
        row = int(raw.rows[at])
        cells = [str(cell) for cell in raw.cells.iloc[at] if cell]
        # below a title of one cell the other headings stand beyond the width of the table
        beyond = raw.too_long.get(row, "").split(", ")[0].partition(": ")[2]
        here = [table.by_heading.get(plain(cell)) for cell in (*cells, beyond) if cell]
        if wanted <= set(here) or (beyond and None not in here):
            return row
    return None
