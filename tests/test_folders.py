"""Report folders on storage that several machines share."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from many_clients import until

from ecperf_kit.runner import folders
from ecperf_kit.runner.errors import ReportFolderError
from ecperf_kit.runner.folders import clear_stale, machine, whole_folder


@pytest.fixture(autouse=True)
def short_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "BEAT", 0.05)
    monkeypatch.setattr(folders, "SILENCE", 2.0)


def test_the_folder_in_the_making_names_machine_and_process_and_shows_life(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "pilot") as fresh:
        assert fresh.name == f".pilot.{machine()}.{os.getpid()}.tmp"
        os.utime(fresh, (1, 1))
        until(lambda: fresh.stat().st_mtime > 1)
    assert [p.name for p in tmp_path.iterdir()] == ["pilot"]
    assert not [t for t in threading.enumerate() if t.name == "signs of life"]


def test_a_live_run_of_another_machine_is_not_taken_for_dead(tmp_path: Path) -> None:
    # the number is that of no process here, or of any: it says nothing about the other machine
    other = tmp_path / ".pilot.node-7.4194303.tmp"
    other.mkdir()
    with (
        folders._signs_of_life(other),
        pytest.raises(ReportFolderError, match=r"process 4194303 on the machine node-7\)"),
        whole_folder(tmp_path / "pilot"),
    ):
        pass
    assert other.is_dir()


def test_a_lost_machines_leftovers_are_cleared_when_they_stay_silent(tmp_path: Path) -> None:
    pid = os.getpid()  # a living process here, which is beside the point
    half, aside = tmp_path / f".pilot.node-7.{pid}.tmp", tmp_path / f".pilot.node-7.{pid}.old"
    half.mkdir()
    aside.mkdir()
    (aside / "report.html").write_text("old", encoding="utf-8")
    began = time.monotonic()
    clear_stale(tmp_path / "pilot")
    assert time.monotonic() - began >= 2.0, "watched before it was taken for dead"
    assert [p.name for p in tmp_path.iterdir()] == ["pilot"]
    assert (tmp_path / "pilot" / "report.html").read_text("utf-8") == "old"


def test_a_run_that_ends_while_it_is_watched_is_no_obstacle(tmp_path: Path) -> None:
    other = tmp_path / ".pilot.node-7.12.tmp"
    other.mkdir()
    timer = threading.Timer(0.2, other.rename, [tmp_path / "pilot"])
    timer.start()
    clear_stale(tmp_path / "pilot")
    timer.join()
    assert [p.name for p in tmp_path.iterdir()] == ["pilot"]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no zombies")
def test_a_killed_process_nobody_has_waited_for_is_not_at_work(tmp_path: Path) -> None:
    killed = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    (tmp_path / f".pilot.{machine()}.{killed.pid}.tmp").mkdir()
    with pytest.raises(ReportFolderError):
        clear_stale(tmp_path / "pilot")
    killed.kill()
    until(lambda: psutil.Process(killed.pid).status() == psutil.STATUS_ZOMBIE)
    clear_stale(tmp_path / "pilot")
    assert not list(tmp_path.iterdir())
    killed.wait()


def test_two_threads_do_not_make_the_same_report(tmp_path: Path) -> None:
    target = tmp_path / "pilot"
    with (
        whole_folder(target),
        pytest.raises(ReportFolderError, match=f"another run \\(process {os.getpid()}\\)"),
        whole_folder(target),
    ):
        pass
    with whole_folder(target):
        pass


@pytest.mark.parametrize("node", ["vm", "DESKTOP-A1", "a.b_c", "数据", "", "x" * 40])
def test_a_machines_name_is_short_and_safe(monkeypatch: pytest.MonkeyPatch, node: str) -> None:
    monkeypatch.setattr("platform.node", lambda: node)
    machine.cache_clear()
    try:
        assert 0 < len(machine()) <= 15
        assert all(c.isascii() and (c.isalnum() or c == "-") for c in machine())
    finally:
        machine.cache_clear()


def test_long_names_of_machines_stay_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    names = set()
    for number in range(10):
        monkeypatch.setattr("platform.node", lambda n=number: f"ip-10-0-0-1{n}.internal.example")
        machine.cache_clear()
        names.add(machine())
    machine.cache_clear()
    assert len(names) == 10
