"""Which files of a client's folder count, and their hashes: looked at before anything is read.

Needs neither pandas nor the tables' declaration, so that a run in which nothing
changed is over before they would be loaded.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

WORKBOOK = "intake.xlsx"
IMPORTED = "imported"
SCENARIOS = "scenarios"
TABLE_ENDINGS = (".csv", ".parquet")
SHEET_ENDINGS = (".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".et", ".numbers")
TEXT_ENDINGS = (".txt", ".tsv", ".json", ".feather")
_COUNTING = (*TABLE_ENDINGS, *SHEET_ENDINGS, *TEXT_ENDINGS, ".toml")
#: Hidden files, and what Excel leaves beside a workbook that is open.
PASSED_OVER = (".", "~$")
_CHUNK = 1 << 20


def sha256(path: str | Path) -> str:
    """The hash of a file's bytes, in hexadecimal."""
    with open(path, "rb", buffering=0) as stream:
        data = stream.read(_CHUNK)  # nearly every file is smaller: one read and no buffer
        if len(data) < _CHUNK:
            return hashlib.sha256(data).hexdigest()
        whole = hashlib.sha256(data)
        while data := stream.read(_CHUNK):
            whole.update(data)
    return whole.hexdigest()


def client_files(folder: Path) -> dict[str, str]:
    """Every file that reading the folder looks at, also if only to refuse it: name -> SHA-256.

    Those of ``imported/`` and ``scenarios/`` are named so. A folder in a file's
    place and a file that cannot be read have the hash "".
    """
    found: dict[str, str] = {}
    for inside in ("", IMPORTED, SCENARIOS):
        prefix, place = (f"{inside}/", folder / inside) if inside else ("", folder)
        try:
            entries = list(os.scandir(place))
        except (FileNotFoundError, NotADirectoryError):
            continue
        for entry in entries:
            name = entry.name
            # below imported/ every name is looked at, whatever its ending
            if name.startswith(PASSED_OVER) or not (prefix or name.casefold().endswith(_COUNTING)):
                continue
            found[prefix + name] = _hash(entry)
    return dict(sorted(found.items()))


def _hash(entry: os.DirEntry[str]) -> str:
    try:
        return "" if entry.is_dir() else sha256(entry.path)
    except OSError:
        return ""
