"""Ctrl-C, the end of a service, kill -9: finished reports stay, nothing half made, no orphan."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from many_clients import WAIT, WRITE, command, many_clients, until, whole_reports

from ecperf_kit.runner.stopping import Stop, listening

pytestmark = [
    pytest.mark.notebook,
    pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX systems"),
]
STAGES = ("--stage", "design", "--stage", "exam")
#: The first client is made at once, the others wait until told to go on.
FIRST_ONLY = f"if client != 'c0':\n{WAIT}".replace("\n", "\n    ")


def children(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def gone(processes: list[psutil.Process]) -> bool:
    return not [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def at_work(root: Path, *words: str, clients: int = 2) -> subprocess.Popen[str]:
    """The command when the first client is made and ``clients`` clients' notebooks wait."""
    running = command(root, "run", "--all", *STAGES, *words)

    def there() -> bool:
        assert running.poll() is None, running.communicate()
        made = len(list(root.glob("reports/c0/*/*/run.json")))
        return made == 2 and len(list(root.glob("*.at_work"))) == clients

    until(there)
    return running


@pytest.mark.parametrize(
    ("number", "words", "clients"),
    [
        (signal.SIGINT, ("--jobs", "2"), 1),
        (signal.SIGTERM, ("--jobs", "4"), 2),
        (signal.SIGINT, ("--engine", "stock"), 1),
    ],
    ids=["Ctrl-C", "SIGTERM, several processes", "Ctrl-C, stock engine"],
)
def test_a_stopped_run_leaves_whole_reports_and_the_next_goes_on(
    tmp_path: Path, number: signal.Signals, words: tuple[str, ...], clients: int
) -> None:
    root = many_clients(tmp_path / "practice", 3, FIRST_ONLY, WRITE)
    running = at_work(root, *words, clients=clients)
    started = children(running)
    assert started
    running.send_signal(number)
    time.sleep(0.2)
    running.send_signal(signal.SIGINT)  # the impatient
    running.send_signal(number)
    out, err = running.communicate(timeout=120)
    assert running.returncode == 128 + number
    assert out.splitlines() == [
        f"Stopped: 2 made, 0 unchanged, 0 failed, 4 not made. Reports: {root / 'reports'}",
        "Finished reports stay; the same command goes on from here.",
    ]
    assert "Traceback" not in err
    assert {path.parents[1].name for path in whole_reports(root)} == {"c0"}
    assert not list(root.rglob("*.failed.ipynb")), "what was ended did not fail"
    until(lambda: gone(started))
    (root / "go").touch()
    again = command(root, "run", "--all", *STAGES, *words)
    out, err = again.communicate(timeout=120)
    assert again.returncode == 0, err
    assert out.startswith("4 made, 2 unchanged, 0 failed.")
    assert "up to date: 2 reports of 1 client" in err
    assert len(whole_reports(root)) == 6


@pytest.mark.parametrize("jobs", ["2", "4"])
def test_a_killed_run_leaves_no_process_and_what_it_left_is_cleared(
    tmp_path: Path, jobs: str
) -> None:
    root = many_clients(tmp_path / "practice", 3, FIRST_ONLY, WRITE)
    running = at_work(root, "--jobs", jobs, clients=2 if jobs == "4" else 1)
    started = children(running)
    running.kill()
    running.communicate()
    until(lambda: gone(started))
    (root / "go").touch()
    again = command(root, "run", "--all", *STAGES, "--jobs", jobs)
    out, err = again.communicate(timeout=120)
    assert again.returncode == 0, err
    assert out.startswith("4 made, 2 unchanged, 0 failed.")
    assert len(whole_reports(root)) == 6


def test_clients_of_a_killed_process_go_to_a_new_one(tmp_path: Path) -> None:
    root = many_clients(tmp_path / "practice", 3, FIRST_ONLY, WRITE)
    running = at_work(root, "--jobs", "4")
    makers = psutil.Process(running.pid).children()
    assert len(makers) == 2
    makers[0].kill()
    (root / "go").touch()
    out, err = running.communicate(timeout=120)
    assert running.returncode == 0, err
    assert out.startswith("6 made, 0 unchanged, 0 failed.")
    assert len(whole_reports(root)) == 6


def test_a_second_run_of_the_same_report_is_told_who_makes_it(tmp_path: Path) -> None:
    root = many_clients(tmp_path / "practice", 1, WAIT, WRITE)
    words = ("run", "c0", "--stage", "design")
    first = command(root, *words)
    until(lambda: (root / "c0.at_work").exists())
    second = command(root, *words)
    _, err = second.communicate(timeout=120)
    assert second.returncode == 1
    assert f"is being made by another run (process {first.pid}): wait for it to end" in err
    (root / "go").touch()
    out, _ = first.communicate(timeout=120)
    assert out.startswith("1 made, 0 unchanged, 0 failed.")
    assert len(whole_reports(root)) == 1


def test_only_the_first_signal_counts_and_handlers_come_back() -> None:
    before = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]
    stop = Stop()
    with listening(stop):
        assert not stop
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
        assert stop and stop.signal == signal.SIGTERM
    assert before == [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM)]


def test_what_is_ignored_stays_ignored_and_threads_take_no_signals() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with listening(Stop()):
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    seen: list[bool] = []

    def elsewhere() -> None:
        with listening(Stop()):
            seen.append(signal.getsignal(signal.SIGINT) is before)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert seen == [True]
