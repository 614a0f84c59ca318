"""Whether a report is up to date, seen from files alone: no client is opened for it.

Nothing heavy is loaded either. The same files, notebook, versions and package
give the same report, and the same period where none was asked for. Where a file
changed the client must be opened: then :mod:`ecperf_kit.runner.record` compares
what the stage reads.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

from ecperf_kit.intake.files import client_files, sha256
from ecperf_kit.period import Period, PeriodError
from ecperf_kit.practice import REPORTS, PracticeError, client_folder
from ecperf_kit.runner.errors import NotebookError
from ecperf_kit.runner.notebooks import notebook_of
from ecperf_kit.runner.record import (
    RECORD,
    latest_inputs,
    package_hash,
    read_record,
    same_outputs,
    versions,
)

#: What one run has hashed already: a client's files for all its stages, a notebook for all clients.
Hashed = dict[str, Any]
_Found = TypeVar("_Found")


def is_fresh(
    root: Path,
    client_name: str,
    stage: str,
    period_text: str,
    language: str,
    hashed: Hashed | None = None,
) -> Path | None:
    """The folder of the report if it is up to date, else None.

    ``period_text`` is the period as asked for, "" for the stage's own; ``language``
    is ``zh`` or ``en``. ``hashed`` is kept by the caller for one run: what stands in it
    is not hashed again. Outputs are looked at by name and size; that their bytes
    are as written is what ``ecperf verify`` proves. Anything odd gives None: the
    way through the opened client says what is wrong.
    """
    hashed = {} if hashed is None else hashed
    asked = period_text.strip()
    try:
        notebook = _once(hashed, f"notebook {root} {stage}", lambda: _notebook(stage, root))
        folder = client_folder(client_name, root)
    except (NotebookError, PracticeError, OSError):
        return None
    files: Mapping[str, str] | None = None
    for report in _reports(root / REPORTS / client_name, stage, asked):
        record = read_record(report)
        parameters = record.get("parameters", {})
        if (
            parameters.get("client") != client_name
            or parameters.get("language") != language
            or (parameters.get("period") != asked if asked else "" not in record.get("asked", ()))
            or record.get("notebook") != notebook
            or record.get("package_sha256") != package_hash()
            or record.get("versions") != versions()
        ):
            continue
        if files is None:
            files = _once(hashed, f"files {folder}", lambda: client_files(folder))
        if latest_inputs(record) == files and same_outputs(report, record):
            return report
    return None


def period_of(report: Path) -> str:
    """The period of a report as its record has it: ``2026-04..2026-06``."""
    return str(read_record(report).get("parameters", {}).get("period", ""))


def _once(hashed: Hashed, key: str, compute: Callable[[], _Found]) -> _Found:
    if key not in hashed:
        hashed[key] = compute()
    return cast(_Found, hashed[key])


def _notebook(stage: str, root: Path) -> dict[str, str]:
    path = notebook_of(stage, root)
    return {"file": path.name, "sha256": sha256(path)}


def _reports(folder: Path, stage: str, asked: str) -> Iterator[Path]:
    """The report folders that may answer: the one of the period, or all where none is named."""
    if asked:
        try:
            yield folder / Period.parse(asked).folder / stage
        except PeriodError:
            return
        return
    try:
        periods = sorted(entry.name for entry in os.scandir(folder))
    except OSError:
        return
    for period in periods:
        report = folder / period / stage
        if (report / RECORD).is_file():
            yield report
