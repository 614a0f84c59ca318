"""What the README's lines on speed are made with: ``python benchmarks/bench_run.py``.

Prints one line each: six reports of the demo client, the help page, and one
stage against the stock commands ``papermill`` and ``jupyter nbconvert``. Works
in a practice of its own in a temporary folder; compare only lines of one run.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

CLIENT = "qinghe"
STAGE = "pilot"


def seconds(words: list[str], root: Path) -> float:
    """How long a command takes in the practice at ``root``; its failure ends the benchmark."""
    environment = {**os.environ, "ECPERF_HOME": str(root)}
    started = perf_counter()
    done = subprocess.run(words, cwd=root, env=environment, capture_output=True, check=False)
    took = perf_counter() - started
    if done.returncode:
        sys.exit(f"{' '.join(words)} failed:\n{done.stderr.decode('utf-8', 'replace')}")
    return took


def main() -> None:
    """Time the commands and print the lines."""
    from ecperf_kit.runner.notebooks import notebook_of
    from ecperf_kit.runner.starting import start_practice

    ecperf = [sys.executable, "-m", "ecperf_kit"]
    with tempfile.TemporaryDirectory() as folder:
        root = start_practice(Path(folder) / "practice")
        help_page = statistics.median(seconds([*ecperf, "--help"], root) for _ in range(5))
        whole = seconds([*ecperf, "run", CLIENT], root)
        again = seconds([*ecperf, "run", CLIENT], root)
        one = seconds([*ecperf, "run", CLIENT, "--stage", STAGE, "--force"], root)
        executed = root / "stock.ipynb"
        given = {"client": CLIENT, "period": "", "language": "zh", "output": str(root / "stock")}
        parameters = [word for name, text in given.items() for word in ("-r", name, text)]
        source = str(notebook_of(STAGE, root))
        papermill = [sys.executable, "-m", "papermill", "--kernel", "python3", "--no-progress-bar"]
        stock = seconds([*papermill, source, str(executed), *parameters], root)
        to_html = [sys.executable, "-m", "jupyter", "nbconvert", "--to", "html", str(executed)]
        stock += seconds(to_html, root)
    print(f"ecperf --help, median of 5: {help_page:.2f} s")
    print(f"ecperf run {CLIENT}, six reports: {whole:.1f} s")
    print(f"ecperf run {CLIENT}, nothing changed: {again:.1f} s")
    print(f"stage {STAGE}: {one:.1f} s, stock commands {stock:.1f} s, ratio {stock / one:.1f}")


if __name__ == "__main__":
    main()
