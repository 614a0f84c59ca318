"""A report folder that is there whole or not at all.

Work goes on in ``.<stage>.<machine>.<process>.tmp`` beside the target. At the
end the old folder is renamed aside, the new one renamed in, the old one
deleted. A run that was killed leaves its hidden folders; the next run of that
stage clears them. Whether a run is dead is seen from its process number on the
same machine; of another machine, with which the storage is shared, from its
folder's time, which a live run renews every few seconds.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic, sleep

from ecperf_kit.runner.errors import ReportFolderError

#: Seconds between two signs of life of a folder in the making.
BEAT = 5.0
#: Seconds without one after which a run on another machine counts as dead. Network
#: storage may show a folder's time up to a minute late.
SILENCE = 90.0
_LONGEST_NAME = 15  # of a machine, as Windows has it: paths there are short
_in_the_making: set[Path] = set()  # by this process
_looking = Lock()


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A fresh folder that takes the place of ``target`` if the block ends well.

    If the block raises, the fresh folder goes and ``target`` stays as it was.
    Raises ReportFolderError where another run makes the same report, or where a
    file of the old report is open elsewhere.
    """
    target = target.absolute()
    with _looking:
        if target in _in_the_making:
            raise _busy(target, os.getpid(), machine())
        _in_the_making.add(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        clear_stale(target)
        fresh = _hidden(target, "tmp")
        fresh.mkdir()
        try:
            with _signs_of_life(fresh):
                yield fresh
            _swap(fresh, target)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    finally:
        _in_the_making.discard(target)


def clear_stale(target: Path) -> None:
    """Delete what killed runs left beside ``target``; bring back a report they had moved aside.

    Raises ReportFolderError if the run that made it still lives; with a run on
    another machine it takes up to SILENCE seconds to see that it does not.
    """
    pattern = re.compile(rf"\.{re.escape(target.name)}\.(?:([\w-]+)\.)?(\d+)\.(tmp|old)")
    if not target.parent.is_dir():
        return
    for path in sorted(target.parent.iterdir()):
        match = pattern.fullmatch(path.name)
        if not match:
            continue
        where, process = match[1] or machine(), int(match[2])
        alive = _at_work(process, path) if where == machine() else _beats(path)
        if alive:
            raise _busy(target, process, where)
        if match[3] == "old" and path.exists() and not target.exists():
            path.rename(target)
        else:
            shutil.rmtree(path, ignore_errors=True)


@cache
def machine() -> str:
    """This machine's name as it stands in file names, at most 15 letters, digits or ``-``."""
    name = re.sub(r"[^A-Za-z0-9]+", "-", platform.node()).strip("-") or "machine"
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{name[: _LONGEST_NAME - 7]}-{hashlib.sha256(name.encode()).hexdigest()[:6]}"


def _busy(target: Path, process: int, where: str) -> ReportFolderError:
    told = {"folder": target, "process": process}
    if where == machine():
        return ReportFolderError("report.busy", **told)
    return ReportFolderError("report.busy_elsewhere", machine=where, **told)


def _hidden(target: Path, kind: str) -> Path:
    return target.with_name(f".{target.name}.{machine()}.{os.getpid()}.{kind}")


@contextmanager
def _signs_of_life(folder: Path) -> Iterator[None]:
    """Renew the folder's time every few seconds: how other machines see that we are at work."""
    ended = Event()

    def beat() -> None:
        while not ended.wait(BEAT):
            with suppress(OSError):
                os.utime(folder)

    thread = Thread(target=beat, name="signs of life", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _beats(folder: Path) -> bool:
    """Whether the folder's time moves while we watch; no clocks of two machines are compared."""
    first = _time_of(folder)
    until = monotonic() + SILENCE
    while first is not None and monotonic() < until:
        sleep(min(1.0, BEAT))
        now = _time_of(folder)
        if now != first:
            return now is not None  # gone: the other run has ended
    return False


def _time_of(folder: Path) -> int | None:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return None


def _at_work(process: int, folder: Path) -> bool:
    """Whether the process that made ``folder`` still lives (numbers are used again)."""
    import psutil

    if process == os.getpid():
        return False  # what this process has in the making was looked up before
    try:
        maker = psutil.Process(process)
        if maker.status() == psutil.STATUS_ZOMBIE:  # dead, and its parent has not looked yet
            return False
        return bool(maker.create_time() <= folder.stat().st_ctime)
    except (psutil.Error, OSError):
        return False


def _swap(fresh: Path, target: Path) -> None:
    aside = _hidden(target, "old")
    try:
        if target.exists():
            target.rename(aside)
        try:
            fresh.rename(target)
        except OSError:
            if aside.exists():
                aside.rename(target)
            raise
    except PermissionError as error:
        raise ReportFolderError("report.open_elsewhere", folder=target) from error
    shutil.rmtree(aside, ignore_errors=True)
