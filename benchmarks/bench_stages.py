"""All tables of the six stages: on the demo client, and as people grow (30, 300, 3,000).

``python -m benchmarks.bench_stages``; with ``--full`` 3,000 people too. A line per stage
and size, each repetition on a client nobody has asked anything yet; the slope of the
log-log line says how the time grows (1: in proportion).
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from math import log
from pathlib import Path

from benchmarks.rows import Row, row, seconds, table
from benchmarks.synthetic import write_client
from ecperf_kit.client import Client, open_client
from ecperf_kit.stages import STAGES, conclude

DEMO = "qinghe"
MONTHS = 12
_PERIOD = "2026"  # the year of a made-up client
ALL = "all six stages"
_REPEATED = 5
_GROUP = "stages"


def stage_seconds(client: Client, repeated: int = _REPEATED) -> dict[str, list[float]]:
    """Seconds per stage, and of all six together, of each repetition; the first is not counted."""
    found: dict[str, list[float]] = {stage: [] for stage in (*STAGES, ALL)}
    for turn in range(repeated + 1):
        fresh = replace(client)  # what is worked out once stays with the client it belongs to
        took = {stage: seconds(partial(conclude, stage, fresh)) for stage in STAGES}
        if turn:  # the first turn loads modules
            for stage, value in took.items():
                found[stage].append(value)
            found[ALL].append(sum(took.values()))
    return found


def slope(sizes: Sequence[int], values: Sequence[float]) -> float:
    """The slope of the straight line through the logarithms: 1 is growth in proportion."""
    across, up = [log(size) for size in sizes], [log(value) for value in values]
    middle, height = sum(across) / len(across), sum(up) / len(up)
    rise = sum((a - middle) * (b - height) for a, b in zip(across, up, strict=True))
    return rise / sum((a - middle) ** 2 for a in across)


def main(full: bool = False) -> list[Row]:
    """A line per stage for the demo client and each size, then the slopes."""
    sizes = (30, 300, 3000) if full else (30, 300)
    rows = [
        row(_GROUP, f"{stage}: {DEMO}", "s", values)
        for stage, values in stage_seconds(open_client(DEMO, root=_checkout())).items()
    ]
    medians: dict[str, list[float]] = {stage: [] for stage in (*STAGES, ALL)}
    with tempfile.TemporaryDirectory() as folder:
        for people in sizes:
            name = write_client(Path(folder), people, MONTHS)
            client = open_client(name, _PERIOD, root=folder)
            repeated = 2 if people > 300 else _REPEATED
            for stage, values in stage_seconds(client, repeated).items():
                line = row(_GROUP, f"{stage}: {people:,} people x {MONTHS} months", "s", values)
                rows.append(line)
                medians[stage].append(line.median)
    said = " to ".join(f"{size:,}" for size in (sizes[0], sizes[-1]))
    for stage, values in medians.items():
        rows.append(row(_GROUP, f"{stage}: slope", "", [slope(sizes, values)], f"{said} people"))
    return rows


def _checkout() -> Path:
    return Path(__file__).resolve().parent.parent


if __name__ == "__main__":
    print(table(main("--full" in sys.argv)))
