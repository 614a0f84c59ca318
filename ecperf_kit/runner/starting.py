"""Starting: a new practice, a new client's folder."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from string import Template

from ecperf_kit import __version__
from ecperf_kit.practice import CLIENTS, MARK, REPORTS, client_folder
from ecperf_kit.runner.errors import RunError
from ecperf_kit.runner.first_scheme import first_scheme
from ecperf_kit.runner.shipped import DEMO_CLIENTS, LEFT_OUT, shipped_folder
from ecperf_kit.spoken import machine_language

TEMPLATES = Path(__file__).parent / "templates"


def start_practice(folder: Path, language: str = "") -> Path:
    """Make ``folder`` a practice: ``practice.toml``, notebooks, demo clients, reports.

    ``language`` is what the program speaks there; "" takes the machine's. What already
    stands in the folder is left alone. Raises RunError if it is
    a practice already or cannot be written.
    """
    root = folder.expanduser().resolve()
    if (root / MARK).exists():
        raise RunError("practice.there_already", folder=root, mark=MARK)
    shipped = shipped_folder()
    try:
        for name in ("notebooks", *(f"{CLIENTS}/{client}" for client in DEMO_CLIENTS)):
            if (shipped / name).is_dir() and not (root / name).exists():
                ignored = shutil.ignore_patterns(*LEFT_OUT)
                shutil.copytree(shipped / name, root / name, ignore=ignored)
        (root / CLIENTS).mkdir(parents=True, exist_ok=True)
        (root / REPORTS).mkdir(exist_ok=True)
        # last: a folder is a practice only when all of it is there
        text = _filled("practice.toml", language=language or machine_language())
        (root / MARK).write_text(text, encoding="utf-8")
    except OSError as error:
        raise RunError("practice.not_started", folder=root, fault=error.strerror) from error
    return root


def start_client(
    name: str, root: Path, kind: str, language: str, posts: tuple[str, ...] = ()
) -> Path:
    """A new client's folder with ``client.toml`` and ``intake.xlsx``; both whole or nothing.

    ``posts`` are those whose scorecards the workbook is filled with from the
    library. Raises RunError if the folder exists, PracticeError if the name
    cannot be a folder's.
    """
    from ecperf_kit.intake.workbook import write_intake_workbook
    from ecperf_kit.library import load_library

    folder = client_folder(name, root)
    if folder.exists():
        raise RunError("new.exists", folder=folder)
    library = load_library()
    known = library.posts.index
    unknown = [post for post in posts if post not in known]
    if unknown:
        raise RunError("new.no_post", posts=unknown, known=sorted(known))
    fresh = folder.with_name(f".{name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        year = str(date.today().year)
        facts = {"client": name, "kind": kind, "language": language, "year": year}
        text = _filled(f"client.{language}.toml", **facts)
        (fresh / "client.toml").write_text(text, encoding="utf-8")
        rows = first_scheme(library, posts, date.today().replace(month=1, day=1)) if posts else {}
        write_intake_workbook(fresh / "intake.xlsx", language, library, rows)
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return folder


def _filled(template: str, **values: str) -> str:
    from ecperf_kit.library import load_library

    text = (TEMPLATES / template).read_text(encoding="utf-8")
    facts = {"version": __version__, "library": load_library().version, **values}
    return Template(text).substitute(facts)
