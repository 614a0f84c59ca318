"""One line of the table of measurements, and how a repeated measurement becomes one."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured, in ``unit`` ("x" for a ratio), over some repetitions.

    ``group`` gathers lines that belong together; ``note`` says against what, or
    how large the input was.
    """

    group: str
    what: str
    unit: str
    minimum: float
    median: float
    maximum: float
    note: str = ""


def row(group: str, what: str, unit: str, values: Iterable[float], note: str = "") -> Row:
    """A line from the figures of the repetitions."""
    seen = sorted(values)
    return Row(group, what, unit, seen[0], statistics.median(seen), seen[-1], note)


def ratio(
    group: str, what: str, plain: Sequence[float], ours: Sequence[float], note: str = ""
) -> Row:
    """How many times as fast ours is as the plain way; repetition by repetition."""
    return row(group, what, "x", [a / b for a, b in zip(plain, ours, strict=True)], note)


def seconds(function: Callable[[], object]) -> float:
    """How long one call takes."""
    started = perf_counter()
    function()
    return perf_counter() - started


def table(rows: Sequence[Row]) -> str:
    """The lines as a Markdown table."""
    lines = [
        "| group | what | unit | minimum | median | maximum | note |",
        "|---|---|---|---:|---:|---:|---|",
    ]
    for each in rows:
        figures = " | ".join(_figure(v) for v in (each.minimum, each.median, each.maximum))
        lines.append(f"| {each.group} | {each.what} | {each.unit} | {figures} | {each.note} |")
    return "\n".join(lines)


def _figure(value: float) -> str:
    return f"{value:.3g}" if abs(value) < 100 else f"{value:,.0f}"
