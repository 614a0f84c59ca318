"""What a report says depends on, as hashes: the tables it reads and what is known of them.

Two folders with the same contents give the same report, however their files
differ: another sheet of the workbook changed, a comment in ``client.toml``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from ecperf_kit.intake.files import SCENARIOS
from ecperf_kit.view import concerning, rows_of

if TYPE_CHECKING:
    from ecperf_kit.client import Client

_known: WeakKeyDictionary[Client, dict[str, str]] = WeakKeyDictionary()


def content_of_tables(client: Client, tables: Collection[str]) -> dict[str, Any]:
    """The hash of each of these tables, and one of the facts, overrides, faults and accounts.

    A table counts with the file, sheet and row of each line, for reports show them.
    ``scenarios`` among the tables are the files of that folder.
    """
    known = _known.setdefault(client, {})
    for name in tables:
        if name in known:
            continue
        if name == SCENARIOS:
            known[name] = hashlib.sha256(repr(client.scenarios).encode()).hexdigest()
        else:
            known[name] = table_hash(client.table(name))
            if name in client.lost:  # what may have stood there keeps figures back
                known[name] += table_hash(client.lost[name])
    about = hashlib.sha256()
    for part in (
        client.config,
        client.overrides,
        sorted(client.present.intersection(tables)),
        concerning(client.findings, tables),
        table_hash(rows_of(client.rows, tables)),
    ):
        about.update(f"{part!r}\n".encode())
    return {"tables": {name: known[name] for name in sorted(tables)}, "facts": about.hexdigest()}


def table_hash(frame: pd.DataFrame) -> str:
    """The hash of a table: columns, types and every value in its place."""
    whole = hashlib.sha256()
    for name in frame.columns:
        values = frame[name]
        whole.update(f"{name} {values.dtype} {len(values)}\n".encode())
        for part in _parts(values):
            whole.update(part)
    return whole.hexdigest()


def _parts(values: pd.Series) -> list[bytes]:
    """The values as bytes that are the same for equal values and for no others."""
    kind = values.dtype
    if isinstance(kind, pd.Int64Dtype | pd.BooleanDtype):
        missing = values.isna().to_numpy()
        plain = values.to_numpy(dtype=np.int64, na_value=0)
        return [np.packbits(missing).tobytes(), plain.tobytes()]
    if kind.kind in "Mm":
        return [str(kind).encode(), values.to_numpy().view(np.int64).tobytes()]
    if kind.kind in "iufb":
        return [values.to_numpy().tobytes()]
    # a list of texts with null for what is missing: quoting keeps them apart
    texts = [None if missing else str(value) for value, missing in zip(
        values.tolist(), values.isna().tolist(), strict=True
    )]  # fmt: skip
    return [json.dumps(texts, ensure_ascii=False).encode("utf-8", "surrogatepass")]
