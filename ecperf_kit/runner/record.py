"""The run record ``run.json``: what went in, what made the report, what came out.

It lets a reader prove that a report belongs to the client's files of a day, and
lets the runner see that a report need not be made again.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ecperf_kit

if TYPE_CHECKING:
    from ecperf_kit.client import Client

RECORD = "run.json"
#: Packages whose version may change a figure or how a report looks.
WATCHED = (
    "altair", "nbconvert", "numpy", "pandas", "papermill", "vl-convert-python", "xlsxwriter",
)  # fmt: skip


def file_hash(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def package_hash() -> str:
    """One hash over the package's own files: code, library data, texts, templates."""
    package = Path(ecperf_kit.__file__).resolve().parent
    whole = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        inside = path.relative_to(package)
        if path.is_file() and path.suffix != ".pyc" and inside.parts[0] != "_shipped":
            whole.update(f"{inside.as_posix()} {file_hash(path)}\n".encode())
    return whole.hexdigest()


@cache
def versions() -> Mapping[str, str]:
    """The versions of Python, this package and those that shape a report."""
    found = {"python": platform.python_version(), "ecperf_kit": ecperf_kit.__version__}
    return {**found, **{name: metadata.version(name) for name in WATCHED}}


def what_goes_in(client: Client, notebook: Path, parameters: Mapping[str, str]) -> dict[str, Any]:
    """All that decides what a report says, as ``run.json`` holds it."""
    return {
        "parameters": dict(parameters),
        "notebook": {"file": notebook.name, "sha256": file_hash(notebook)},
        "inputs": dict(sorted(client.inputs.items())),
        "overrides": [
            {
                "id": override.id,
                "value": str(override.value),
                "reason": override.reason,
                "approved_by": override.approved_by,
            }
            for override in client.overrides
        ],
        "library": client.library.version,
        "versions": dict(versions()),
        "package_sha256": package_hash(),
    }


def hashes_below(folder: Path) -> dict[str, str]:
    """Every file below a report folder but its record: relative name with ``/`` -> SHA-256."""
    return {
        path.relative_to(folder).as_posix(): file_hash(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != RECORD
    }


def write_record(folder: Path, went_in: Mapping[str, Any], **facts: Any) -> None:
    """Write ``run.json``: what went in, further facts, the hashes of all that came out."""
    record = {**went_in, **facts, "outputs": hashes_below(folder)}
    text = json.dumps(record, ensure_ascii=False, indent=2) + "\n"
    (folder / RECORD).write_text(text, encoding="utf-8")


def read_record(folder: Path) -> dict[str, Any]:
    """The record of a report folder; empty if there is none or it cannot be read."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def unchanged(folder: Path, went_in: Mapping[str, Any]) -> bool:
    """Whether the report in ``folder`` was made from exactly this and its files are as written."""
    record = read_record(folder)
    return all(record.get(key) == value for key, value in went_in.items()) and (
        record.get("outputs") == hashes_below(folder)
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing on disk that is not as the record says."""

    report: Path
    kind: str  # input | output | record
    file: str
    state: str  # changed | missing | added


def differences(folder: Path, inputs_now: Mapping[str, str]) -> list[Difference]:
    """What differs between a report's record and the disk: outputs and the client's files.

    ``inputs_now`` are the hashes of the client's files today, named as the
    record names them.
    """
    record = read_record(folder)
    if not record:
        return [Difference(folder, "record", RECORD, "missing")]
    pairs = (
        ("input", record.get("inputs", {}), inputs_now),
        ("output", record.get("outputs", {}), hashes_below(folder)),
    )
    found = []
    for kind, then, now in pairs:
        for name in sorted({*then, *now}):
            if then.get(name) != now.get(name):
                state = "missing" if name not in now else "added" if name not in then else "changed"
                found.append(Difference(folder, kind, name, state))
    return found
