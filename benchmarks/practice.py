"""A practice for measuring: the demo client, and as many copies of it as are asked for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from time import perf_counter

CLIENT = "qinghe"
STAGES = ("organisation", "design", "exam", "pilot", "rollout", "review")


def start(folder: Path) -> Path:
    """A new practice with notebooks and demo clients in ``folder``."""
    from ecperf_kit.runner.starting import start_practice

    return start_practice(folder)


def copies(root: Path, number: int) -> list[str]:
    """So many copies of the demo client; what its files say of itself carries the new name."""
    names = [f"{CLIENT}{each:03d}" for each in range(1, number + 1)]
    for name in names:
        target = root / "client_data" / name
        if target.exists():
            continue
        shutil.copytree(root / "client_data" / CLIENT, target)
        signed = target / "signoffs.csv"
        text = signed.read_text(encoding="utf-8-sig").replace(f",{CLIENT},", f",{name},")
        signed.write_text(text, encoding="utf-8")
    return names


def command(words: list[str], root: Path, folder: Path | None = None) -> float:
    """The seconds a command takes in the practice at ``root``; its failure ends the benchmark."""
    environment = {**os.environ, "ECPERF_HOME": str(root)}
    started = perf_counter()
    done = subprocess.run(
        words, cwd=folder or root, env=environment, capture_output=True, check=False
    )
    took = perf_counter() - started
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace")
        sys.exit(f"{' '.join(words)} failed:\n{said}")
    return took


def ecperf(*words: str) -> list[str]:
    """The command line of this package, as a new process."""
    return [sys.executable, "-m", "ecperf_kit", *words]


def forget(root: Path) -> None:
    """Delete the reports: nothing is there that could be skipped."""
    shutil.rmtree(root / "reports", ignore_errors=True)
    (root / "reports").mkdir()
