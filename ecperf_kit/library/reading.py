"""Strict reading of the library's own CSV and TOML files.

Every cell has a declared type; what does not fit is a ``LibraryError`` that
names the file, the row as Excel counts it, the column and what to write.
"""

from __future__ import annotations

import csv
import datetime
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from ecperf_kit.exact import exact
from ecperf_kit.library.bands import BandsError, parse_bands

ORIGINS = ("assessment article", "HR article", "practice", "judgement")
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_.]*")
_NUMBER = re.compile(r"-?\d+(\.\d{1,6})?")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class LibraryError(ValueError):
    """A library file is wrong; the message names file and row and what to write."""


@dataclass(frozen=True, slots=True)
class Field:
    """One declared column: its type, whether it may be blank, its allowed values."""

    type: str
    optional: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One declared CSV file: the columns in order and those that make a row unique."""

    fields: Mapping[str, Field]
    key: tuple[str, ...]


def field_of(text: str) -> Field:
    """A column from its short form: ``number?``, ``choice:core|process``, ``text``."""
    kind, _, choices = text.partition(":")
    allowed = tuple(choices.split("|")) if choices else ()
    return Field(kind.rstrip("?"), kind.endswith("?"), allowed)


def read_sheet(path: Path, sheet: Sheet) -> pd.DataFrame:
    """The rows of one declared CSV file with exact dtypes, plus ``_row`` (header is row 1)."""
    if not path.is_file():
        raise LibraryError(f"{path.name}: the file is missing")
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))
    header = rows[0] if rows else []
    wanted = list(sheet.fields)
    if unknown := [name for name in header if name not in sheet.fields]:
        raise LibraryError(
            f"{path.name}, row 1: unknown column {unknown[0]!r}: the columns are "
            + ", ".join(wanted)
        )
    if absent := [name for name in wanted if header.count(name) != 1]:
        raise LibraryError(f"{path.name}, row 1: column {absent[0]!r} must stand there once")
    if len(rows) < 2:
        raise LibraryError(f"{path.name}, row 2: no rows: write at least one")
    columns: dict[str, list[Any]] = {name: [] for name in wanted}
    seen: dict[tuple[str, ...], int] = {}
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(header):
            raise LibraryError(
                f"{path.name}, row {number}: {len(row)} cells under {len(header)} columns: "
                "quote texts that hold a comma"
            )
        cells = dict(zip(header, row, strict=True))
        for name, declared in sheet.fields.items():
            columns[name].append(_cell(cells[name], declared, path.name, number, name))
        key = tuple(cells[name] for name in sheet.key)
        if key in seen:
            raise LibraryError(
                f"{path.name}, row {number}: {' / '.join(key)} stands already in row "
                f"{seen[key]}: delete one of the two"
            )
        seen[key] = number
    frame = pd.DataFrame(
        {
            name: pd.Series(values, dtype=_DTYPE.get(sheet.fields[name].type, "str"))
            for name, values in columns.items()
        }
    )
    frame["_row"] = pd.Series(range(2, len(rows) + 1), dtype="Int64")
    return frame


_DTYPE = {"number": "Int64", "integer": "Int64", "yes_no": "boolean", "date": "datetime64[s]"}


def _cell(text: str, declared: Field, file: str, row: int, column: str) -> Any:
    at = f"{file}, row {row}, column {column}"
    if not text.strip():
        if declared.optional:
            return None
        raise LibraryError(f"{at}: the value is missing: write a {declared.type}")
    if text != text.strip():
        raise LibraryError(f"{at}: {text!r} begins or ends with a blank: remove it")
    if declared.type == "choice" and text not in declared.choices:
        raise LibraryError(f"{at}: {text!r}: write one of {', '.join(declared.choices)}")
    try:
        return _READ.get(declared.type, str)(text)
    except BandsError as error:
        raise LibraryError(f"{at}: {error}") from error
    except ValueError as error:
        raise LibraryError(f"{at}: {text!r} {error}") from error


def number(text: str) -> int:
    """The stored integer of ``0.385`` or ``30``; anything else is a ``ValueError``."""
    if not _NUMBER.fullmatch(text):
        raise ValueError("is not a number: write for example 0.385")
    return exact(Decimal(text))


def _integer(text: str) -> int:
    if not text.isdecimal():
        raise ValueError("is not a whole number: write for example 6")
    return int(text)


def _yes_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError("is neither yes nor no: write one of the two")
    return text == "yes"


def _date(text: str) -> pd.Timestamp:
    if not _DATE.fullmatch(text):
        raise ValueError("is not a date: write for example 2016-01-01")
    return pd.Timestamp(datetime.date.fromisoformat(text))


def _id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError("is not an id: use letters, digits, _ and .")
    return text


def _ids(text: str) -> str:
    for part in text.split(";"):
        _id(part)
    return text


def _bands(text: str) -> str:
    parse_bands(text)
    return text


def origin(text: str) -> str:
    """One or more of the allowed origins, joined by ``; ``."""
    for part in text.split("; "):
        if part not in ORIGINS:
            raise ValueError(f"is not an origin: write one or more of {', '.join(ORIGINS)}")
    return text


_READ: Mapping[str, Callable[[str], Any]] = {
    "number": number,
    "integer": _integer,
    "yes_no": _yes_no,
    "date": _date,
    "id": _id,
    "ids": _ids,
    "bands": _bands,
    "origin": origin,
}


def read_toml(path: Path) -> dict[str, Any]:
    """The content of one TOML file; a missing or broken file is a ``LibraryError``."""
    if not path.is_file():
        raise LibraryError(f"{path.name}: the file is missing")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise LibraryError(f"{path.name}: {error}") from error


def line_of(path: Path, marker: str) -> int:
    """The first line of a text file that holds ``marker`` (1 if none does)."""
    for number_, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if marker in line:
            return number_
    return 1
