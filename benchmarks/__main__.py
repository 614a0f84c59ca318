"""All measurements, one table: ``python -m benchmarks``, with ``--full`` the long ones too."""

from __future__ import annotations

import platform
import sys
from datetime import date
from importlib import import_module, metadata
from os import cpu_count
from time import perf_counter

from benchmarks.rows import Row, table

PARTS = (
    "bench_run",
    "bench_unchanged",
    "bench_clients",
    "bench_stages",
    "bench_scoring",
    "bench_scenarios",
    "bench_import",
    "bench_outputs",
)
PACKAGES = ("papermill", "nbclient", "nbconvert", "ipykernel", "pandas", "numpy", "pyarrow")


def conditions() -> str:
    """Date, machine and versions: a table without them says nothing."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    return (
        f"{date.today():%d %B %Y}, {cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}, {versions}"
    )


def main(words: list[str]) -> None:
    """Run the parts named (all if none is) and print their lines as they come, then the table."""
    full = "--full" in words
    parts = [word for word in words if word in PARTS] or list(PARTS)
    print(conditions(), file=sys.stderr, flush=True)
    rows: list[Row] = []
    for name in parts:
        started = perf_counter()
        rows += import_module(f"benchmarks.{name}").main(full)
        took = perf_counter() - started
        print(f"{name}: {took:.0f} s", file=sys.stderr, flush=True)
    print(f"{conditions()}\n\n{table(rows)}")


if __name__ == "__main__":
    main(sys.argv[1:])
