"""One row of a scorecard in words: its method with its figures, and where they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION
from ecperf_kit.finding import Source
from ecperf_kit.method.expected import PLAN_RATIOS
from ecperf_kit.stages.result import Sentence

Row = dict[str, Any]
Part = tuple[int, Sentence, Source | None]


def place(row: Mapping[str, Any], name: str) -> Source:
    """Where ``name`` (actual, standard, card, plan …) of a calculated row stands."""
    return _source(*(row[f"{name}_{part}"] for part in ("file", "sheet", "row")))


def source_of(row: Mapping[str, Any]) -> Source:
    """Where a row of a client's table stands."""
    return _source(row["_file"], row["_sheet"], row["_row"])


def _source(file: Any, sheet: Any, line: Any) -> Source:
    known = ["" if pd.isna(value) else str(value) for value in (file, sheet)]
    return Source(known[0], known[1], None if pd.isna(line) else int(line))


def row_steps(client: Client, row: Row) -> Iterator[Part]:
    """Depth, sentence and place: the row's score first, then what it was computed from."""
    unit = str(client.indicators["unit"].get(row["indicator"], ""))
    values = {
        **row,
        "actual": measure(row["actual"], unit),
        "standard": measure(row["standard"], unit),
        "size": measure(row["step_size"], unit),
    }
    yield 0, Sentence("explain.row", {**values, "how": _how(row, values, unit)}), None
    if row["has_data"]:
        if pd.notna(row["actual"]):
            key = "actual_to_date" if _to_date(row) else "actual"
            yield 1, Sentence(f"explain.{key}", values), place(row, "actual")
        if pd.notna(row["standard"]):
            yield from _standard(client, row, values, unit)
    yield 1, Sentence("explain.card", values), place(row, "card")
    if pd.notna(row["assessment_file"]):
        yield 1, Sentence("explain.assessment", values), place(row, "assessment")


def measure(value: Any, unit: str) -> tuple[Any, str] | Sentence:
    """A figure in its unit; a ratio to a hundredth of a per cent, for steps may be that small."""
    if unit == "ratio" and pd.notna(value):
        return Sentence("explain.ratio", {"value": value})
    return (value, unit)


def _to_date(row: Row) -> bool:
    return bool(row["cycle"] != "month")


def _how(row: Row, values: Mapping[str, Any], unit: str) -> Sentence:
    """The method in words, with the figures it used."""
    state = row["row_state"]
    if state not in ("computed", "unconfirmed"):
        return Sentence(f"explain.how.{state}", values)
    shown = Sentence(f"explain.how.{_method(row)}", _method_values(row, values, unit))
    return Sentence("explain.how.unconfirmed", {"how": shown}) if state == "unconfirmed" else shown


def _method(row: Row) -> str:
    lower = row["direction"] == "lower_is_better"
    if row["method"] == "interval":
        return "interval_attainment" if row["bands_on"] == "attainment" else "interval"
    if row["method"] == "step":
        short = _short(row, lower)
        return "step" if short > 0 else "step_reached"
    side = "_lower" if lower else ""
    if row["attainment"] < row["zero_below"]:
        return f"percentage_zero{side}"
    return f"percentage_capped{side}" if row["attainment"] > row["cap"] else f"percentage{side}"


def _short(row: Row, lower: bool) -> int:
    gap = row["actual"] - row["standard"] if lower else row["standard"] - row["actual"]
    return int(gap)


def _method_values(row: Row, values: Mapping[str, Any], unit: str) -> dict[str, Any]:
    found = dict(values)
    found["share"] = int(row["row_score"]) * MILLION // max(int(row["weight"]), 1)
    if row["method"] == "step":
        short = _short(row, row["direction"] == "lower_is_better")
        found["short"] = measure(short, unit)
        found["steps"] = -(-max(short, 0) // max(int(row["step_size"]), 1))
    return found


def _standard(client: Client, row: Row, values: Mapping[str, Any], unit: str) -> Iterator[Part]:
    origin = row["standard_from"]
    if origin != "plan":
        yield 1, Sentence(f"explain.standard.{origin}", values), place(row, "standard")
    else:
        targets = client.table("targets")
        measures = PLAN_RATIOS.get(row["indicator"], (row["indicator"],))
        rows = targets[(targets["month"] == row["month"]) & targets["measure"].isin(measures)]
        if pd.notna(row["channel"]) and row["channel"]:
            rows = rows[rows["channel"] == row["channel"]]
        for finer in ("channel", "category"):  # what is given whole is not added to its parts
            whole = rows[rows[finer].fillna("") == ""]
            rows = whole if len(whole) else rows
        first = source_of(rows.iloc[0].to_dict()) if len(rows) else None
        yield 1, Sentence("explain.standard.plan", {**values, "rows": len(rows)}), first
    if row["standard_days_share"] != MILLION:
        yield 1, Sentence("explain.standard.days", {"share": row["standard_days_share"]}), None
    if pd.notna(row["standard_ignored"]):
        ignored = {**values, "ignored": measure(row["standard_ignored"], unit)}
        yield 1, Sentence("explain.standard.ignored", ignored), None
