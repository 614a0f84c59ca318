"""No process outlives the run: not after Ctrl-C, not after kill, not where nobody cleans up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from ecperf_kit.runner import server
from ecperf_kit.runner.kernel import ENGINES, Engine

pytestmark = [
    pytest.mark.notebook,
    pytest.mark.skipif(not server.usable(), reason="no fork server on this system"),
]

#: A driver as users write it: a script, and without the guard for its main module.
SCRIPT = """
import sys
from pathlib import Path
print("loaded", flush=True)
from types import SimpleNamespace
import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from ecperf_kit.runner import server
from ecperf_kit.runner.cells import Cells, executed
from ecperf_kit.runner.kernel import kernel_manager_class
cells = [new_code_cell("import os, time, subprocess, sys"),
         new_code_cell("subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(99)'])"),
         new_code_cell("Path = __import__('pathlib').Path; Path('started').write_text('1')"),
         new_code_cell(sys.argv[2])]
server.expect(3) if sys.argv[1] == "forked" else None
manager = kernel_manager_class(Path.cwd(), sys.argv[1])
executed(Cells(new_notebook(cells=cells), {}, "pilot", manager, 90, lambda node: None))
print("done", flush=True)
"""
LONG = "time.sleep(99)"
ends_in = pytest.mark.parametrize("engine", ENGINES)


@pytest.fixture
def driver(tmp_path: Path) -> Iterator[list[subprocess.Popen[str]]]:
    """Drivers a test started; what is left of them is ended after it."""
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        process.kill()
        process.wait()


def start(folder: Path, engine: Engine, cell: str) -> subprocess.Popen[str]:
    script = folder / "driver.py"
    script.write_text(SCRIPT, encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, str(script), engine, cell],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,  # a terminal of its own, so to speak
    )


def at_work(process: subprocess.Popen[str], folder: Path) -> list[psutil.Process]:
    """All processes of a driver whose notebook has begun."""
    until = time.monotonic() + 60
    while not (folder / "started").exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.05)
    return psutil.Process(process.pid).children(recursive=True)


def living(processes: list[psutil.Process]) -> list[list[str]]:
    return [
        process.cmdline()
        for process in processes
        if process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    ]


@ends_in
@pytest.mark.parametrize("way", ["terminal", "driver alone", "SIGTERM", "SIGKILL"])
def test_nothing_is_left_when_the_driver_is_ended(
    tmp_path: Path, engine: Engine, way: str, driver: list[subprocess.Popen[str]]
) -> None:
    process = start(tmp_path, engine, LONG)
    driver.append(process)
    found = at_work(process, tmp_path)
    assert len(found) >= (6 if engine == "forked" else 2), "server, tracker, kernels, a child"
    if way == "terminal":
        os.killpg(process.pid, signal.SIGINT)
    else:
        name = {"driver alone": "SIGINT", "SIGTERM": "SIGTERM", "SIGKILL": "SIGKILL"}[way]
        process.send_signal(getattr(signal, name))
    process.wait(60)
    until = time.monotonic() + 60
    while living(found) and time.monotonic() < until:
        time.sleep(0.1)
    left = living(found)
    if engine == "stock":  # ipykernel ends itself, not what the notebook started
        for child in found:
            if child.is_running():
                child.kill()
        left = [words for words in left if "ipykernel" in " ".join(words)]
    assert left == []


def test_a_script_without_guard_runs_once_and_its_kernels_end_with_it(
    tmp_path: Path, driver: list[subprocess.Popen[str]]
) -> None:
    process = start(tmp_path, "forked", "'all well'")
    driver.append(process)
    found = at_work(process, tmp_path)
    said, faults = process.communicate(timeout=60)
    assert process.returncode == 0, faults
    assert said.split() == ["loaded", "done"], "the script is not run again in a kernel"
    assert faults == "", "nothing is said on the screen"
    until = time.monotonic() + 60
    while living(found) and time.monotonic() < until:
        time.sleep(0.1)
    assert living(found) == []


@pytest.mark.parametrize("started_as", ["module", "package"])
def test_the_main_module_of_the_driver_is_not_run_again(tmp_path: Path, started_as: str) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "__init__.py").write_text("", encoding="utf-8")
    name = {"module": "run", "package": "__main__"}[started_as]
    (folder / f"{name}.py").write_text(SCRIPT, encoding="utf-8")
    module = {"module": "mine.run", "package": "mine"}[started_as]
    done = subprocess.run(
        [sys.executable, "-m", module, "forked", "'all well'"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["loaded", "done"]
