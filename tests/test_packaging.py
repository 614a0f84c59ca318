"""The wheel: everything a practice needs travels with it, and nothing of a real client."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
DATA_ENDINGS = {".csv", ".toml", ".md", ".css", ".j2", ".ttf", ".otf", ".txt", ".typed"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel built from a copy of what version control would hold."""
    import shutil

    source = tmp_path_factory.mktemp("source") / "ecperf"
    ignored = shutil.ignore_patterns(
        ".git", ".venv", "reports", "build", "*.egg-info", "__pycache__", ".*_cache", "tests"
    )
    shutil.copytree(CHECKOUT, source, ignore=ignored)
    (source / "client_data" / "real_client").mkdir()
    (source / "client_data" / "real_client" / "client.toml").write_text("", encoding="utf-8")
    target = tmp_path_factory.mktemp("wheel")
    build = (
        "from setuptools import build_meta; import sys; print(build_meta.build_wheel(sys.argv[1]))"
    )
    subprocess.run(
        [sys.executable, "-c", build, str(target)], cwd=source, check=True, capture_output=True
    )
    return next(target.glob("*.whl"))


def test_the_wheel_holds_the_package_the_notebooks_and_the_demo_clients(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    data = {
        p.relative_to(CHECKOUT).as_posix()
        for p in (CHECKOUT / "ecperf_kit").rglob("*")
        if p.is_file() and (p.suffix in DATA_ENDINGS or p.suffix == ".py")
    }
    assert data - names == set()
    for notebook in (CHECKOUT / "notebooks").glob("*.ipynb"):
        assert f"ecperf_kit/_shipped/notebooks/{notebook.name}" in names
    for client in ("qinghe", "qinghe_draft", "xiaoman"):
        assert f"ecperf_kit/_shipped/client_data/{client}/client.toml" in names
    assert not [n for n in names if "real_client" in n], "only the invented clients travel"
    assert not [n for n in names if n.startswith("tests/")]


@pytest.mark.notebook
def test_an_installed_wheel_starts_a_practice_outside_any_checkout(
    wheel: Path, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    environment = {**os.environ, "PYTHONPATH": str(site)}
    environment.pop("ECPERF_HOME", None)

    def ecperf(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ecperf_kit", *words],
            cwd=folder,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    where = "import ecperf_kit; print(ecperf_kit.__file__)"
    found = subprocess.run(
        [sys.executable, "-c", where], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert str(site) in found.stdout, "the wheel's package is the one that runs"
    started = ecperf("init", "practice", folder=tmp_path)
    assert started.returncode == 0, started.stderr
    practice = tmp_path / "practice"
    done = ecperf("run", "qinghe", "--stage", "organisation", folder=practice)
    assert done.returncode == 0, done.stderr
    pages = list((practice / "reports" / "qinghe").glob("*/organisation/report.html"))
    assert len(pages) == 1
    assert str(practice / "reports" / "qinghe") in done.stdout.splitlines()[-1]


@pytest.mark.parametrize(("demand", "code"), [("1", 1), ("", 0)], ids=["demanded", "at home"])
def test_a_skipped_test_fails_where_it_is_demanded(tmp_path: Path, demand: str, code: int) -> None:
    text = "import pytest\ndef test_one(): pytest.skip('no data')\ndef test_two(): pass\n"
    (tmp_path / "test_it.py").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.demanded", "-c", os.devnull, str(tmp_path)],
        cwd=CHECKOUT,
        env={**os.environ, "ECPERF_DEMAND": demand, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == code, done.stdout
    assert ("DEMANDED BUT SKIPPED" in done.stdout) == bool(demand)
    assert "1 passed, 1 skipped" in done.stdout.splitlines()[-1]
