"""Files are written whole or not at all: all of a set, or none of it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from ecperf_kit.outputs.wording import Wording

#: The folder of what holds pay or scores of single people.
RESTRICTED = "restricted"
_OTHERS = 0o007


class OutputError(OSError):
    """A report file cannot be written; the message says what to close or free."""


def make_folder(folder: Path) -> None:
    """Make a folder with its parents; a restricted one is closed to strangers from the start.

    Whoever is neither the owner nor of the folder's group cannot look into it, where the
    system knows such rights; on Windows they follow from the folder above.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for place in (folder, *folder.parents):
        if place.name == RESTRICTED:
            mode = place.stat().st_mode
            if mode & _OTHERS:
                with suppress(OSError):  # somebody else's folder keeps its rights
                    place.chmod(mode & 0o7777 & ~_OTHERS)


def write_files(contents: Mapping[Path, bytes], wording: Wording) -> list[Path]:
    """Write all files, each through a temporary file beside it, and return their paths.

    If one cannot be replaced (a workbook open in Excel on Windows), everything is
    put back as it was and :class:`OutputError` names the file.
    """
    mark = secrets.token_hex(4)
    fresh = {target: _beside(target, mark, "new") for target in contents}
    kept: dict[Path, Path] = {}  # old files moved aside, until all new ones stand
    placed: list[Path] = []
    target = Path()
    try:
        for target, content in contents.items():
            make_folder(target.parent)
            fresh[target].write_bytes(content)
        for target in contents:
            if target.exists():
                aside = _beside(target, mark, "old")
                os.replace(target, aside)
                kept[target] = aside
            os.replace(fresh[target], target)
            placed.append(target)
    except OSError as fault:
        for done in placed:
            done.unlink(missing_ok=True)
        for old, aside in kept.items():
            os.replace(aside, old)
        for temporary in fresh.values():
            temporary.unlink(missing_ok=True)
        if isinstance(fault, PermissionError):
            raise OutputError(wording.text("write.open_elsewhere", file=str(target))) from fault
        reason = fault.strerror or str(fault)
        raise OutputError(wording.text("write.no_room", file=str(target), fault=reason)) from fault
    for aside in kept.values():
        aside.unlink(missing_ok=True)
    return list(contents)


def _beside(target: Path, mark: str, kind: str) -> Path:
    return target.with_name(f".{target.name}.{mark}.{kind}")
