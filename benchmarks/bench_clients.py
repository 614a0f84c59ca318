"""How a run grows with the clients: seconds, their slope, memory of the driver and of the kernels.

One ``ecperf run`` with nothing there before, in a new process; while it runs its
memory is looked at several times a second. The slope is that of the line through
the logarithms: 1 means twice the clients take twice as long.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path
from time import perf_counter, sleep

from benchmarks import practice
from benchmarks.rows import Row, row, table

GROUP = "many clients"
#: Clients at a time a run is measured with, and how often.
QUICK, FULL = (1, 4), (1, 10, 100)
REPETITIONS = {1: 2, 4: 1, 10: 1, 100: 1}
LOOK = 0.2
MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Run:
    """One run: seconds, peak memory in MB, processor seconds of the driver and of all."""

    seconds: float
    driver: float
    children: float
    driver_cpu: float


def measured(root: Path, names: Sequence[str], *words: str) -> Run:
    """Run the clients and watch; what a failing run says ends the benchmark."""
    import psutil

    practice.forget(root)
    environment = {**os.environ, "ECPERF_HOME": str(root)}
    driver = children = cpu = 0.0
    with tempfile.TemporaryFile() as said:
        started = perf_counter()
        running = subprocess.Popen(
            [*practice.ecperf("run", *names), *words], cwd=root, env=environment,
            stdout=said, stderr=said,
        )  # fmt: skip
        watched = psutil.Process(running.pid)
        while running.poll() is None:
            try:
                times = watched.cpu_times()
                driver, cpu = max(driver, memory(watched)), times.user + times.system
                below = watched.children(recursive=True)
                children = max(children, sum(memory(child) for child in below))
            except psutil.Error:
                pass  # it has just ended
            sleep(LOOK)
        took = perf_counter() - started
        if running.returncode:
            said.seek(0)
            sys.exit(said.read().decode("utf-8", "replace"))
    return Run(took, driver / MEGABYTE, children / MEGABYTE, cpu)


def memory(process: object) -> float:
    """Bytes of a process, of pages shared with others its part; all of them where that is unknown.

    A forked kernel shares most pages with the server it comes from: counted in
    full they would be counted many times.
    """
    import psutil

    assert isinstance(process, psutil.Process)
    try:
        told = process.memory_full_info()
    except psutil.Error:
        return 0.0
    return float(getattr(told, "pss", told.rss))


def slope(points: Sequence[tuple[int, float]]) -> float:
    """The slope of the line of least squares through the logarithms."""
    xs, ys = [log(n) for n, _ in points], [log(value) for _, value in points]
    middle_x, middle_y = statistics.fmean(xs), statistics.fmean(ys)
    rise = sum((x - middle_x) * (y - middle_y) for x, y in zip(xs, ys, strict=True))
    return rise / sum((x - middle_x) ** 2 for x in xs)


def growth(counts: Sequence[int], *words: str) -> list[Row]:
    """The lines for runs of so many clients each."""
    rows: list[Row] = []
    middle: dict[int, Run] = {}
    with tempfile.TemporaryDirectory() as folder:
        root = practice.start(Path(folder) / "practice")
        names = practice.copies(root, max(counts))
        for number in counts:
            runs = [measured(root, names[:number], *words) for _ in range(REPETITIONS[number])]
            middle[number] = sorted(runs, key=lambda run: run.seconds)[len(runs) // 2]
            note = f"{number} client{'s' * (number > 1)} x 6 reports, cold"
            each = [run.seconds / number for run in runs]
            rows += [
                row(GROUP, "seconds per client", "s", each, note),
                row(GROUP, "peak memory of the driver", "MB", [r.driver for r in runs], note),
                row(GROUP, "peak memory of server and kernels", "MB", [r.children for r in runs],
                    note),
                row(GROUP, "driver's processor seconds per second", "x",
                    [r.driver_cpu / r.seconds for r in runs], note),
            ]  # fmt: skip
    few, many = min(counts), max(counts)
    line = slope([(number, run.seconds) for number, run in middle.items()])
    grown = middle[many].driver / middle[few].driver
    kernels = middle[many].children / middle[few].children
    against = f"{many} against {few}"
    return [
        *rows,
        row(GROUP, "slope of seconds over clients (log-log)", "1", [line], f"{few} to {many}"),
        row(GROUP, "growth of the driver's memory", "x", [grown], against),
        row(GROUP, "growth of the kernels' memory", "x", [kernels], against),
    ]


def main(full: bool = False) -> list[Row]:
    """The lines of this part; ``full`` takes up to 100 clients."""
    return growth(FULL if full else QUICK)


if __name__ == "__main__":
    print(table(main("--full" in sys.argv)))
