"""Fixtures shared by all tests: where real exports lie, and small practices to work in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# a busy machine is no fault: nothing is timed in a test
_PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("desk", **_PATIENT)
# a build is made of what was committed, not of the day's draws; at the desk examples are new
settings.register_profile("build", derandomize=True, **_PATIENT)
settings.load_profile("build" if os.environ.get("ECPERF_DEMAND") else "desk")

TESTS = Path(__file__).resolve().parent
GOOD_CLIENT = TESTS / "bad_clients" / "_good"
REAL_DATA = "ECPERF_REAL_DATA"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real exports, named by ECPERF_REAL_DATA; the test is skipped without it."""
    named = os.environ.get(REAL_DATA, "")
    if not named:
        pytest.skip(f"{REAL_DATA} is not set: real exports are not at hand")
    folder = Path(named).resolve()
    assert folder.is_dir(), f"{REAL_DATA} names {named}, which is not a folder"
    return folder


@pytest.fixture
def practice(tmp_path: Path) -> Path:
    """An empty practice root of its own."""
    root = tmp_path / "practice"
    (root / "client_data").mkdir(parents=True)
    (root / "practice.toml").write_text("", encoding="utf-8")
    return root


@pytest.fixture
def good_client(practice: Path) -> Callable[..., Path]:
    """Makes ``client_data/<name>`` in the practice: a minimal client in which nothing is wrong.

    ``files`` maps file names to texts that replace or add to what is there.
    """

    def make(name: str = "_good", files: dict[str, str] | None = None) -> Path:
        folder = practice / "client_data" / name
        shutil.copytree(GOOD_CLIENT, folder)
        for file, text in (files or {}).items():
            target = folder / file
            target.parent.mkdir(exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="")
        return folder

    return make
