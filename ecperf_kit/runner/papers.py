"""The papers folder of a client: written whole or not at all, never of two schemes."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from ecperf_kit.client import Client
from ecperf_kit.finding import Finding
from ecperf_kit.outputs.files import make_folder
from ecperf_kit.outputs.papers import make_papers
from ecperf_kit.outputs.papers.making import RESTRICTED
from ecperf_kit.outputs.provenance import versions
from ecperf_kit.runner.folders import whole_folder

RECORD = "papers.json"


@dataclass(frozen=True)
class Written:
    """Where the papers lie, which were made, how many hold from before, what makes them drafts."""

    folder: Path
    files: tuple[str, ...]
    kept: int
    scheme: str
    missing: tuple[tuple[str, str], ...]
    faults: tuple[Finding, ...]


def write_papers(client: Client, kinds: Sequence[str], folder: Path) -> Written:
    """Make the papers of these kinds (default: all) and swap the folder in.

    Papers of other kinds made before stay only if they come from the same inputs,
    versions and language: one folder never holds papers of two schemes. ``papers.json``
    says what the papers were made from.
    """
    made = make_papers(client, kinds)
    basis = {
        "client": client.name,
        "language": client.language,
        "period": client.period.text if client.period is not None else "",
        "scheme": made.scheme,
        **versions(client),
        "inputs": dict(sorted(client.inputs.items())),
    }
    kept = 0
    with whole_folder(folder) as fresh:
        if kinds and _basis(folder) == basis:
            shutil.copytree(folder, fresh, dirs_exist_ok=True)
            kept = sum(
                path.relative_to(fresh).as_posix() not in made.files
                for path in fresh.rglob("*.docx")
            )
        for name, content in made.files.items():
            path = fresh / PurePosixPath(name)
            make_folder(path.parent)
            path.write_bytes(content)
        record = {"basis": basis, "files": _hashes(fresh)}
        text = json.dumps(record, ensure_ascii=False, indent=2) + "\n"
        (fresh / RECORD).write_text(text, encoding="utf-8", newline="\n")
    return Written(folder, tuple(made.files), kept, made.scheme, made.missing, made.faults)


def _basis(folder: Path) -> Any:
    """What the papers there were made from; nothing where there are none."""
    try:
        return json.loads((folder / RECORD).read_text(encoding="utf-8")).get("basis")
    except (OSError, ValueError, AttributeError):
        return None


def _hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of each paper outside the restricted folder: its files are named by persons."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*.docx"))
        if RESTRICTED not in path.relative_to(folder).parts
    }
