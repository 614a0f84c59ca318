"""The worked examples of ``tests/golden``: read, and turned into stored columns."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ecperf_kit.exact import exact

GOLDEN = Path(__file__).with_name("golden")


def cases(file: str, kind: str) -> list[dict[str, Any]]:
    """All cases of a kind in a golden file."""
    with (GOLDEN / file).open("rb") as opened:
        found = [case for case in tomllib.load(opened)["case"] if case["kind"] == kind]
    assert found, f"no case of kind {kind}"
    return found


def stored(numbers: Iterable[str]) -> pd.Series:
    """Numbers written as text as a stored column; empty text is missing."""
    return pd.Series([exact(n) if n else None for n in numbers], dtype="Int64")


_NUMBERS = ("weight", "actual", "standard", "cap", "zero_below", "step_size", "step_deduct",
            "self_score", "superior_score")  # fmt: skip
_TEXTS = ("method", "direction", "bands", "bands_on", "override_reason", "override_evidence")
_START = {"direction": "higher_is_better", "superior_score": "0"}


def scorable(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows as ``score`` and ``totals`` take them, confirmed by the superior; gaps where blank."""
    listed = [{**_START, **row} for row in rows]
    frame = pd.DataFrame(index=range(len(listed)))
    for name in _NUMBERS:
        frame[name] = stored([row.get(name, "") for row in listed])
    for name in _TEXTS:
        frame[name] = pd.Series([row.get(name) for row in listed], dtype="str")
    frame["superior_date"] = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[s]")
    frame["has_data"] = [bool(row.get("has_data", True)) for row in listed]
    frame["key_result"] = [bool(row.get("key_result", False)) for row in listed]
    for name in ("employee", "month", "post", "department", "channel", "category", "superior"):
        start = {"month": "2026-06"}.get(name, name)
        frame[name] = pd.Series([row.get(name, start) for row in listed], dtype="str")
    frame["part_from"] = pd.Timestamp("2026-06-01")
    frame["days_share"] = stored([row.get("days_share", "1") for row in listed])
    frame["part_share"] = stored([row.get("part_share", "1") for row in listed])
    frame["assessed"] = pd.Series([row.get("assessed", True) for row in listed], dtype="boolean")
    frame["main"] = True
    return frame
