"""A later version of a coefficient table that lost bands of the one before.

Rows of one date are a whole version: whoever writes down only the band that changes takes all
others away (assessment method 4.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecperf_kit.client import Client
from ecperf_kit.finding import Finding
from ecperf_kit.rules.in_force import findings

_TABLE = "coefficient_table"


def bands_lost(client: Client) -> list[Finding]:
    """Versions with a single band after one of several, and those with fewer bands."""
    rows = client.table("coefficient_tables")
    rows = rows[rows[_TABLE].notna() & rows["effective_from"].notna()]
    grouped = rows.groupby([_TABLE, "effective_from"], sort=True)
    table = grouped.agg(
        bands=("at_least", "nunique"),
        _file=("_file", "first"),
        _sheet=("_sheet", "first"),
        _row=("_row", "first"),
    ).reset_index()
    former = table.groupby(_TABLE)[["bands", "effective_from"]].shift()
    table = table.assign(
        subject="table:coefficient_tables", before=former["bands"], since=former["effective_from"]
    )
    table = table[(table["bands"] < table["before"]).astype(bool)]
    single = table["bands"] == 1
    found: list[Finding] = []
    for code, part in (("S164", table[single]), ("S154", table[~single])):
        found += findings(code, part, _values, "effective_from")
    return found


def _values(row: Mapping[Any, Any]) -> dict[str, object]:
    return {
        "name": row[_TABLE],
        "from": row["effective_from"],
        "bands": int(row["bands"]),
        "before": int(row["before"]),
        "since": row["since"],
    }


VERSION_RULES = (bands_lost,)
