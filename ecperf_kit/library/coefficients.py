"""The coefficient tables: what a score makes of the performance pay."""

from __future__ import annotations

import datetime
import itertools
from pathlib import Path
from typing import Any

import pandas as pd

from ecperf_kit.library.reading import LibraryError, line_of, number, origin, read_toml

_KEYS = ("name_zh", "name_en", "form", "offered", "scale", "effective_from", "origin", "bands")
COLUMNS = (
    "coefficient_table", "form", "at_least", "coefficient", "effective_from", "origin",
    "offered", "scale", "name_zh", "name_en",
)  # fmt: skip


def read_coefficient_tables(path: Path) -> pd.DataFrame:
    """One row per table x band, bands ascending; ``at_least`` in points, both stored integers.

    ``form`` bands: the coefficient of the highest lower bound the total reaches.
    ``form`` linear: a straight line through the points, level beyond the last.
    Tables that are not ``offered`` belong to a score ``scale`` beyond 100.
    """
    rows: list[dict[str, Any]] = []
    for name, entry in read_toml(path).items():
        rows.extend(_bands(name, entry, path))
    if not rows:
        raise LibraryError(f"{path.name}, row 1: no coefficient tables: write at least one")
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    for column in ("at_least", "coefficient", "scale"):
        frame[column] = frame[column].astype("Int64")
    for column in ("coefficient_table", "form", "origin", "name_zh", "name_en"):
        frame[column] = frame[column].astype("str")
    frame["offered"] = frame["offered"].astype("boolean")
    frame["effective_from"] = frame["effective_from"].astype("datetime64[s]")
    return frame


def _bands(name: str, entry: Any, path: Path) -> list[dict[str, Any]]:
    at = f"{path.name}, row {line_of(path, f'[{name}]')}, {name}"
    if not isinstance(entry, dict):
        raise LibraryError(f"{at}: write [{name}] with {', '.join(_KEYS)}")
    if unknown := [key for key in entry if key not in _KEYS]:
        raise LibraryError(f"{at}: unknown key {unknown[0]!r}: the keys are {', '.join(_KEYS)}")
    if absent := [key for key in _KEYS if entry.get(key) in (None, "", [])]:
        raise LibraryError(f"{at}: {absent[0]} is missing: write it")
    if entry["form"] not in ("bands", "linear"):
        raise LibraryError(f"{at}: form {entry['form']!r}: write bands or linear")
    if not isinstance(entry["offered"], bool):
        raise LibraryError(f"{at}: offered {entry['offered']!r}: write true or false")
    if not isinstance(entry["effective_from"], datetime.date):
        raise LibraryError(f"{at}: effective_from: write a date without quotes")
    shared = {key: entry[key] for key in ("form", "offered", "name_zh", "name_en")}
    try:
        shared |= {"origin": origin(entry["origin"]), "scale": number(entry["scale"])}
        pairs = [(number(low), number(value)) for low, value in entry["bands"]]
    except (ValueError, TypeError) as error:
        raise LibraryError(f'{at}: {error}: write for example bands = [["0", "0.5"]]') from error
    if pairs[0][0] != 0:
        raise LibraryError(f"{at}: the first band must begin at 0, else low scores have none")
    for (low, value), (next_low, next_value) in itertools.pairwise(pairs):
        if next_low <= low or next_value <= value:
            raise LibraryError(
                f"{at}: bands must rise strictly in score and coefficient: "
                "put them in order and merge equal ones"
            )
    since = pd.Timestamp(entry["effective_from"])
    return [
        {
            "coefficient_table": name,
            "at_least": low,
            "coefficient": value,
            "effective_from": since,
            **shared,
        }
        for low, value in pairs
    ]
