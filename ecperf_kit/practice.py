"""The practice: the folder of one consultancy, with its clients and reports.

The practice root is the nearest parent folder holding ``practice.toml``, or
what the environment variable ``ECPERF_HOME`` names.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from ecperf_kit.spoken import SaidError, declared_language, machine_language

MARK = "practice.toml"
HOME = "ECPERF_HOME"
#: Set where notebooks run with nobody at the screen.
UNATTENDED = "ECPERF_UNATTENDED"
CLIENTS = "client_data"
REPORTS = "reports"
#: Names Windows keeps for devices: no folder may carry them, with or without an ending.
RESERVED = frozenset(
    {"CON", "PRN", "AUX", "NUL", *(f"{d}{i}" for d in ("COM", "LPT") for i in range(1, 10))}
)
_LONGEST = 64  # leaves room for the report's own path under Windows' limit of 260
_NAME = re.compile(r"[\w][\w.\- ]*")


class PracticeError(SaidError, ValueError):
    """There is no practice here, or the name cannot be a client's folder."""


def find_root(start: str | Path | None = None) -> Path:
    """The practice root: ``ECPERF_HOME`` if set, else the nearest parent with ``practice.toml``.

    ``start`` is where the search begins (default: the current folder); a given
    ``start`` goes before the environment. Raises :class:`PracticeError`.
    """
    if start is None and (home := os.environ.get(HOME)):
        root = Path(home).expanduser().resolve()
        if not root.is_dir():
            raise PracticeError("practice.home", home=HOME, found=home)
        return root
    here = Path(start or Path.cwd()).expanduser().resolve()
    for folder in (here, *here.parents):
        if (folder / MARK).is_file():
            return folder
    raise PracticeError("practice.no_root", mark=MARK, folder=here, home=HOME)


def is_folder_name(name: str) -> bool:
    """Whether ``name`` is a safe folder name on Windows, macOS and Linux alike."""
    return (
        isinstance(name, str)
        and 0 < len(name) <= _LONGEST
        and _NAME.fullmatch(name) is not None
        and name == name.strip()
        and not name.endswith(".")
        and ".." not in name
        and name.split(".")[0].strip().upper() not in RESERVED
    )


def client_folder(name: str, root: Path | None = None) -> Path:
    """``<root>/client_data/<name>``, which need not exist. Raises for an unsafe name."""
    if not is_folder_name(name):
        raise PracticeError("practice.name", found=name, most=_LONGEST)
    return (root or find_root()) / CLIENTS / name


def spoken_language(root: Path | None, client: str = "") -> str:
    """The language to speak in at the prompt: that of ``practice.toml``, else the client's own,
    else the machine's. ``client`` "" is none in particular, ``root`` None outside a practice."""
    if root is None:
        return machine_language()
    own = root / CLIENTS / client / "client.toml" if is_folder_name(client) else None
    return (
        declared_language(root / MARK, "practice")
        or (declared_language(own) if own is not None else "")
        or machine_language()
    )


def client_names(root: Path | None = None) -> tuple[str, ...]:
    """The names of all clients of the practice, sorted: folders holding ``client.toml``."""
    folder = (root or find_root()) / CLIENTS
    if not folder.is_dir():
        return ()
    return tuple(
        sorted(f.name for f in folder.iterdir() if f.is_dir() and (f / "client.toml").is_file())
    )


def reports_folder(client: str, period: str, stage: str, root: Path | None = None) -> Path:
    """``<root>/reports/<client>/<period>/<stage>``; ``period`` as :attr:`Period.folder`."""
    base = root or find_root()
    client_folder(client, base)
    return base / REPORTS / client / period / stage
