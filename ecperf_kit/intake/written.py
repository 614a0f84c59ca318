"""Import files on disk: text cells, the note of origin, files written whole or not at all."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd

from ecperf_kit.exact import decimal


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """A table of stored integers and texts as the CSV a person would type (UTF-8)."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(frame.columns)
    for row in frame.itertuples(index=False):
        writer.writerow([_typed(value) for value in row])
    return text.getvalue().encode("utf-8")


def toml_bytes(note: Mapping[str, str | int]) -> bytes:
    """A flat note as TOML (UTF-8); texts are escaped."""
    return "".join(f"{key} = {_toml(value)}\n" for key, value in note.items()).encode("utf-8")


def _typed(value: Any) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, (int, np.integer)):
        return f"{decimal(int(value)).normalize():f}"
    return str(value)


def _toml(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in escaped) + '"'


def write_whole(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all."""
    with whole_file(path) as stream:
        stream.write(data)


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write that is there whole or not at all: a temporary one beside it, renamed."""
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
