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

TEMPLATES = Path(__file__).parent / "templates"


def start_practice(folder: Path) -> Path:
    """Make ``folder`` a practice: ``practice.toml``, notebooks, demo clients, reports.

    What already stands in the folder is left alone. Raises RunError if it is
    a practice already or cannot be written.
    """
    root = folder.expanduser().resolve()
    if (root / MARK).exists():
        raise RunError(f"{root} is a practice already: it holds {MARK}")
    shipped = shipped_folder()
    try:
        for name in ("notebooks", *(f"{CLIENTS}/{client}" for client in DEMO_CLIENTS)):
            if (shipped / name).is_dir() and not (root / name).exists():
                ignored = shutil.ignore_patterns(*LEFT_OUT)
                shutil.copytree(shipped / name, root / name, ignore=ignored)
        (root / CLIENTS).mkdir(parents=True, exist_ok=True)
        (root / REPORTS).mkdir(exist_ok=True)
        # last: a folder is a practice only when all of it is there
        (root / MARK).write_text(_filled("practice.toml"), encoding="utf-8")
    except OSError as error:
        raise RunError(f"no practice could be started in {root}: {error.strerror}") from error
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
        raise RunError(f"{folder} exists already: choose another name, or work in it")
    library = load_library()
    known = library.posts.index
    unknown = [post for post in posts if post not in known]
    if unknown:
        raise RunError(
            f"the library has no post {', '.join(unknown)}. Posts: {', '.join(sorted(known))}"
        )
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
