"""The run record ``run.json``: what went in, what made the report, what came out.

It lets a reader prove that a report belongs to the client's files of a day, and
lets the runner see that a report need not be made again: the files are the same,
or what the stage reads from them is.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ecperf_kit
from ecperf_kit.intake.files import sha256 as file_hash

if TYPE_CHECKING:
    from ecperf_kit.client import Client

__all__ = [
    "RECORD",
    "Difference",
    "content_of",
    "differences",
    "file_hash",
    "hashes_below",
    "latest_inputs",
    "note_unchanged",
    "package_hash",
    "read_record",
    "same_outputs",
    "unchanged",
    "versions",
    "what_goes_in",
    "write_record",
]

RECORD = "run.json"
#: Packages whose version may change a figure or how a report looks.
WATCHED = (
    "nbconvert", "numpy", "pandas", "papermill", "vl-convert-python", "xlsxwriter",
)  # fmt: skip
#: Written in the package folder by Python or an installer, and no part of what it does.
_NOT_OURS = ("_shipped", "__pycache__")
#: What may differ while a report stays as good as it was.
_MAY_DIFFER = ("inputs", "asked")


@cache
def package_hash() -> str:
    """One hash over the package's own files: code, library data, texts, templates."""
    package = os.path.dirname(os.path.abspath(ecperf_kit.__file__))
    whole = hashlib.sha256()
    for inside, path in sorted(_files_below(package, "", _NOT_OURS)):
        if not inside.endswith(".pyc"):
            whole.update(f"{inside} {file_hash(path)}\n".encode())
    return whole.hexdigest()


def _files_below(
    folder: str | Path, prefix: str = "", passed_over: Collection[str] = ()
) -> Iterator[tuple[str, str]]:
    """Each file below a folder: its name inside with ``/``, and its path."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name not in passed_over:
                    yield from _files_below(entry.path, f"{prefix}{entry.name}/", passed_over)
            else:
                yield prefix + entry.name, entry.path


@cache
def versions() -> Mapping[str, str]:
    """The versions of Python, this package and those that shape a report."""
    found = {"python": platform.python_version(), "ecperf_kit": ecperf_kit.__version__}
    return {**found, **{name: metadata.version(name) for name in WATCHED}}


def what_goes_in(
    client: Client, notebook: Path, parameters: Mapping[str, str], asked: str = ""
) -> dict[str, Any]:
    """All that decides what a report says, as ``run.json`` holds it.

    ``asked`` is the period as it was asked for, "" where the stage took its own.
    ``inputs`` are the client's files, ``content`` what the notebook can reach of them.
    """
    return {
        "parameters": dict(parameters),
        "asked": [asked],
        "notebook": {"file": notebook.name, "sha256": file_hash(notebook)},
        "inputs": dict(sorted(client.files.items())),
        "content": content_of(client, notebook),
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


def content_of(client: Client, notebook: Path) -> dict[str, Any]:
    """The hashes of what a notebook reads of a client; the files' own where that is unknown."""
    from ecperf_kit.runner.contents import content_of_tables
    from ecperf_kit.runner.reach import tables_reached

    tables = tables_reached(notebook)
    if tables is None:
        return {"files": dict(sorted(client.files.items()))}
    return content_of_tables(client, tables)


def hashes_below(folder: Path) -> dict[str, str]:
    """Every file below a report folder but its record: relative name with ``/`` -> SHA-256."""
    found = sorted(_files_below(folder)) if folder.is_dir() else []
    return {name: file_hash(path) for name, path in found if name != RECORD}


def sizes_below(folder: Path) -> dict[str, int]:
    """The size in bytes of every file below a report folder but its record."""
    found = sorted(_files_below(folder))
    return {name: os.stat(path).st_size for name, path in found if name != RECORD}


def write_record(folder: Path, went_in: Mapping[str, Any], **facts: Any) -> None:
    """Write ``run.json``: what went in, further facts, the hashes of all that came out."""
    came_out = {"outputs": hashes_below(folder), "sizes": sizes_below(folder)}
    _write(folder, {**went_in, **facts, **came_out})


def _write(folder: Path, record: Mapping[str, Any]) -> None:
    """The record takes the old one's place in one step: a half one would count as none."""
    text = json.dumps(record, ensure_ascii=False, indent=2) + "\n"
    part = folder / f".{RECORD}.{os.getpid()}"  # left over, it makes the report again
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, folder / RECORD)
    finally:
        part.unlink(missing_ok=True)


def read_record(folder: Path) -> dict[str, Any]:
    """The record of a report folder; empty if there is none or it cannot be read."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def latest_inputs(record: Mapping[str, Any]) -> Mapping[str, str]:
    """The client's files as they were when the report was last seen to be up to date."""
    found = record.get("still", {}).get("inputs", record.get("inputs"))
    return found if isinstance(found, dict) else {}


def same_outputs(folder: Path, record: Mapping[str, Any]) -> bool:
    """Whether every file of the report is there with the size it had, and no other.

    Their hashes are what ``ecperf verify`` looks at.
    """
    try:
        return bool(record.get("sizes") == sizes_below(folder))
    except OSError:
        return False


def unchanged(folder: Path, went_in: Mapping[str, Any]) -> bool:
    """Whether making the report in ``folder`` again from this would change nothing in it.

    Files of the client may have changed where the stage does not read them.
    """
    record = read_record(folder)
    return all(
        record.get(key) == value for key, value in went_in.items() if key not in _MAY_DIFFER
    ) and same_outputs(folder, record)


def note_unchanged(folder: Path, went_in: Mapping[str, Any]) -> None:
    """Note in the record of an unchanged report the files it is good for now.

    ``inputs`` stay those the report was made from and names; ``still`` holds the
    newer ones, so that the next run need not open the client to see that they do.
    """
    record = read_record(folder)
    asked = list(record.get("asked", []))
    newer = latest_inputs(record) != went_in["inputs"]
    if newer:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        record["still"] = {"on": now, "inputs": went_in["inputs"]}
        # other files may give the stage another period of its own
        asked = [text for text in asked if text]
    added = [text for text in went_in["asked"] if text not in asked]
    if newer or added:
        record["asked"] = [*asked, *added]
        _write(folder, record)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing on disk that is not as the record says.

    ``explained`` where a file of the client changed, but nothing the report reads.
    """

    report: Path
    kind: str  # input | output | record
    file: str
    state: str  # changed | missing | added
    explained: bool = False


def differences(
    folder: Path, inputs_now: Mapping[str, str], content_now: Mapping[str, Any] | None = None
) -> list[Difference]:
    """What differs between a report's record and the disk: outputs and the client's files.

    ``inputs_now`` are the hashes of the client's files today, named as the record
    names them; ``content_now`` is what the report would read from them, None where
    that is not known.
    """
    record = read_record(folder)
    if not record:
        return [Difference(folder, "record", RECORD, "missing")]
    same = content_now is not None and content_now == record.get("content")
    pairs = (
        ("input", record.get("inputs", {}), inputs_now),
        ("output", record.get("outputs", {}), hashes_below(folder)),
    )
    found = []
    for kind, then, now in pairs:
        for name in sorted({*then, *now}):
            if then.get(name) != now.get(name):
                state = "missing" if name not in now else "added" if name not in then else "changed"
                explained = same and kind == "input"
                found.append(Difference(folder, kind, name, state, explained))
    return found
