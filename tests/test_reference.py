"""The reference pages are generated from the package's data and are fresh."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
_spec = importlib.util.spec_from_file_location("make_reference", ROOT / "tools/make_reference.py")
assert _spec and _spec.loader
reference = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(reference)


@pytest.mark.parametrize("name", reference.PAGES)
def test_page_is_fresh(name: str) -> None:
    written = (ROOT / "docs/reference" / name).read_text(encoding="utf-8")
    assert written == reference.PAGES[name](), "run python tools/make_reference.py"


def test_every_finding_code_has_a_page_entry() -> None:
    from ecperf_kit.library import load_library

    page = (ROOT / "docs/reference/findings.md").read_text(encoding="utf-8")
    assert all(f"\n## {code} " in page for code in load_library().codes)
