"""Rows of a client as the CSV files a consultant would keep: headings, order, encoding."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from ecperf_kit.intake.declare import tables as declared_tables

Row = Mapping[str, Any]
Tables = dict[str, list[dict[str, Any]]]

#: Excel on a Chinese Windows reads a CSV as UTF-8 only with this mark.
ENCODING = "utf-8-sig"


def write_client(
    folder: Path, config: str, tables: Mapping[str, Sequence[Row]], chinese: Iterable[str]
) -> None:
    """``client.toml`` and one CSV file per table that has rows; older tables are removed.

    ``chinese`` names the tables that carry the Chinese headings, the others carry
    the column names. Optional columns nobody filled are left out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.csv"):
        old.unlink()
    with (folder / "client.toml").open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(config)
    in_chinese = set(chinese)
    for name, rows in tables.items():
        if rows:
            _write(folder / f"{name}.csv", name, rows, name in in_chinese)


def _write(path: Path, name: str, rows: Sequence[Row], in_chinese: bool) -> None:
    columns = declared_tables()[name].columns
    unknown = {key for row in rows for key in row} - {column.name for column in columns}
    if unknown:
        raise KeyError(f"{name} has no columns {sorted(unknown)}")
    used = [
        column
        for column in columns
        if column.required or any(_text(row.get(column.name)) for row in rows)
    ]
    with path.open("w", encoding=ENCODING, newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([column.zh if in_chinese else column.name for column in used])
        writer.writerows([_text(row.get(column.name)) for column in used] for row in rows)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return plain(value)
    return str(value)


def plain(number: Decimal) -> str:
    """A number without exponent and without trailing zeros: ``6500``, ``0.385``."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
