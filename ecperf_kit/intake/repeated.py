"""Rows of a table that repeat a key: the first one counts, the others are reported."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ecperf_kit.finding import Finding, Source
from ecperf_kit.intake.declare import PROVENANCE, Table
from ecperf_kit.intake.files import IMPORTED


def without_duplicates(
    table: Table, frame: pd.DataFrame, findings: list[Finding], account: list[dict[str, Any]]
) -> pd.DataFrame:
    """The first row of each key; the others are reported with the row they repeat."""
    keys = list(table.keys)
    repeated = frame.duplicated(keys)
    if not repeated.any():
        return frame
    again = frame[repeated]
    first = frame[~repeated][[*keys, *PROVENANCE]]
    pairs = again.merge(first, on=keys, suffixes=("", "_first"))
    for row in pairs.to_dict("records"):
        files = (str(row["_file_first"]), str(row["_file"]))
        imports = sum(file.startswith(f"{IMPORTED}/") for file in files)
        code = ("D217", "D401", "D402")[imports]
        if imports == 2 and files[0] == files[1]:
            code = "D217"
        told = {
            "file": _place(row["_file"], row["_sheet"]),
            "row": int(row["_row"]),
            "column": " + ".join(keys),
            "found": " + ".join(_shown(row[key]) for key in keys if _shown(row[key])),
            "first_file": _place(row["_file_first"], row["_sheet_first"]),
            "first_row": int(row["_row_first"]),
        }
        source = Source(row["_file"], row["_sheet"], int(row["_row"]), keys[-1])
        findings.append(Finding(code, f"table:{table.name}", told, source, (table.name,)))
    for line in account:
        here = (again["_file"] == line["file"]) & (again["_sheet"] == line["sheet"])
        line["used"] -= int(here.sum())
        line["set_aside"] += int(here.sum())
    return frame[~repeated].reset_index(drop=True)


def _place(file: object, sheet: object) -> str:
    return f"{file} › {sheet}" if sheet else str(file)


def _shown(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return str(value)
