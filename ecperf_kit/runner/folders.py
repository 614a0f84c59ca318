"""A report folder that is there whole or not at all.

Work goes on in ``.<stage>.<process>.tmp`` beside the target. At the end the old
folder is renamed aside, the new one renamed in, the old one deleted. A run that
was killed leaves its hidden folders; the next run of that stage clears them.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ecperf_kit.runner.errors import ReportFolderError


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A fresh folder that takes the place of ``target`` if the block ends well.

    If the block raises, the fresh folder goes and ``target`` stays as it was.
    Raises ReportFolderError where a file of the old report is open elsewhere.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    clear_stale(target)
    fresh = _hidden(target, "tmp")
    fresh.mkdir()
    try:
        yield fresh
        _swap(fresh, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def clear_stale(target: Path) -> None:
    """Delete what killed runs left beside ``target``; bring back a report they had moved aside."""
    pattern = re.compile(rf"\.{re.escape(target.name)}\.(\d+)\.(tmp|old)")
    if not target.parent.is_dir():
        return
    for path in sorted(target.parent.iterdir()):
        match = pattern.fullmatch(path.name)
        if not match:
            continue
        if _at_work(int(match[1]), path):
            raise ReportFolderError(
                f"{target} is being made by another run (process {match[1]}): wait for it to end"
            )
        if match[2] == "old" and not target.exists():
            path.rename(target)
        else:
            shutil.rmtree(path, ignore_errors=True)


def _hidden(target: Path, kind: str) -> Path:
    return target.with_name(f".{target.name}.{os.getpid()}.{kind}")


def _at_work(process: int, folder: Path) -> bool:
    """Whether the process that made ``folder`` still lives (numbers are used again)."""
    import psutil

    if process == os.getpid():
        return False  # batch.py never gives one report to two threads
    try:
        return bool(psutil.Process(process).create_time() <= folder.stat().st_ctime)
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
        raise ReportFolderError(
            f"{target} could not be replaced: one of its files is open in another program "
            "(Excel, Word, a browser, a file manager). Close it and run again; "
            "the old report is unchanged"
        ) from error
    shutil.rmtree(aside, ignore_errors=True)
