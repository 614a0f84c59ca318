"""Practices with several small clients and six light notebooks, for the tests of many reports."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from ecperf_kit.practice import HOME
from ecperf_kit.runner.record import RECORD, hashes_below, read_record

CHECKOUT = Path(__file__).resolve().parent.parent
GOOD = Path(__file__).resolve().parent / "bad_clients" / "_good"
STAGES = ("organisation", "design", "exam", "pilot", "rollout", "review")
PARAMETERS = 'client = "qinghe"\nperiod = ""\nlanguage = "zh"\noutput = ""'
WRITE = "from pathlib import Path\nPath(output, 'figures.csv').write_text(client + period, 'utf-8')"
#: Says that it is at work, then waits for a file ``go`` in the practice.
WAIT = """
import os, time
from pathlib import Path
home = Path(os.environ["ECPERF_HOME"])
(home / f"{client}.at_work").touch()
while not (home / "go").exists():
    time.sleep(0.05)
"""


def many_clients(root: Path, count: int, *cells: str) -> Path:
    """A practice at ``root`` with clients ``c0``, ``c1``, ... and notebooks of these cells."""
    (root / "notebooks").mkdir(parents=True)
    (root / "practice.toml").write_text("", encoding="utf-8")
    for number, stage in enumerate(STAGES, 1):
        node = new_notebook(cells=[new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})])
        node.cells += [new_code_cell(source) for source in cells]
        nbformat.write(node, root / "notebooks" / f"{number}_{stage}.ipynb")
    for number in range(count):
        shutil.copytree(GOOD, root / "client_data" / f"c{number}")
    return root


def command(root: Path, *words: str) -> subprocess.Popen[str]:
    """``ecperf`` at work in the practice, in a process group of its own."""
    environment = {k: v for k, v in os.environ.items() if k != HOME}
    environment |= {"PYTHONPATH": str(CHECKOUT), "PYTHONUTF8": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "ecperf_kit", *words],
        cwd=root, env=environment, text=True, encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def until(true: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until something is so; fail if it does not come about."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


def whole_reports(root: Path) -> list[Path]:
    """The report folders of the practice, each proved to be whole; nothing else lies there."""
    reports = sorted(path.parent for path in root.glob(f"reports/*/*/*/{RECORD}"))
    for report in reports:
        assert read_record(report)["outputs"] == hashes_below(report)
        assert (report / "figures.csv").is_file() and (report / "report.html").is_file()
    stages = [p for p in root.glob("reports/*/*/*") if p.name != "restricted"]
    assert sorted(stages) == reports, "a half report or a hidden folder"
    return reports


def contents(root: Path) -> dict[str, str]:
    """Relative file -> hash of all reports, without the records: they hold times."""
    found = hashes_below(root / "reports")
    return {file: digest for file, digest in found.items() if not file.endswith(RECORD)}
