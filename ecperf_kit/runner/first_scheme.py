"""The library's scheme for chosen posts, as first rows of a new client's own tables.

From then on the client's tables are the scheme: complete, dated, and theirs to
change; a later library changes nothing in them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from ecperf_kit.library import Library

#: The coefficient table a new client starts with; the others are offered in the library.
FIRST_COEFFICIENT_TABLE = "T1"
#: How an indicator is scored stands with the indicator in the library, with the row at a client.
_SCORING = (
    "method", "cap", "zero_below", "step_size", "step_deduct", "bands", "bands_on",
    "standard_basis", "data_source",
)  # fmt: skip

Rows = Sequence[Mapping[str, Any]]


def first_scheme(library: Library, posts: Sequence[str], start: date) -> dict[str, Rows]:
    """Rows of ``coefficient_tables`` and ``scorecards``, in force from ``start``.

    One row per band and per post x indicator. Values are plain: a date, a
    number as text (``"0.9"``), text; blank ones are left out.
    """
    bands = library.coefficient_tables
    bands = _in_force(bands[bands["coefficient_table"] == FIRST_COEFFICIENT_TABLE], start)
    columns = ["coefficient_table", "at_least", "coefficient", "form"]
    coefficient_tables = [{**row, "effective_from": start} for row in _plain(bands[columns])]

    cards = library.scorecards
    scorecards: list[dict[str, Any]] = []
    for post in posts:
        card = _in_force(cards[cards["post"] == post], start)
        card = card[["indicator", "role", "weight", "duty"]]
        card = card.join(library.indicators[list(_SCORING)], on="indicator")
        scorecards += [
            {"subject_kind": "post", "subject_id": post, "effective_from": start, **row}
            for row in _plain(card)
        ]
    return {"coefficient_tables": coefficient_tables, "scorecards": scorecards}


def pay_mix(library: Library, posts: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Each post's shares of base and performance pay in the library (stored fractions)."""
    shares = library.posts.loc[list(posts), ["base_share", "performance_share"]]
    return {str(post): (int(base), int(rest)) for post, base, rest in shares.itertuples()}


def _in_force(rows: pd.DataFrame, day: date) -> pd.DataFrame:
    begun = rows[rows["effective_from"].dt.date <= day]
    return begun[begun["effective_from"] == begun["effective_from"].max()]


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows with stored integers as decimal texts and without what is blank."""
    import pandas as pd

    from ecperf_kit.exact import decimal

    rows: list[dict[str, Any]] = []
    for record in frame.to_dict("records"):
        row = {}
        for name, value in record.items():
            if not pd.isna(value):
                row[str(name)] = value if isinstance(value, str) else f"{decimal(value):f}"
        rows.append(row)
    return rows
