"""Every clause that is a rule, an example or a formula has a test that names it, or is a known gap.

``clauses.csv`` lists the clauses of the organisation and the design with their tests.
"""

from __future__ import annotations

import csv
import importlib
import inspect
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).resolve().parent
#: How many rules, examples and formulas each section has.
SECTIONS = {
    "M-1": 3, "M-2.0": 1, "M-2.1": 5, "M-2.2": 3, "M-2.3": 39, "M-2.4": 3, "M-2.5": 2,
    "M-3.0": 1, "M-3.1": 7, "M-3.2": 1, "M-3.3": 3, "M-3.4": 6, "M-3.5": 9, "M-3.6": 3,
    "M-3.7": 2, "M-4.1": 3, "M-4.2": 1, "N-2.1": 5, "N-2.2": 3, "N-3": 10, "N-5": 1,
}  # fmt: skip
#: What the product does not do yet: a clause that gets its test must leave this list.
GAPS: set[str] = set()
_NAMED = re.compile(r"test_([mn](?:_\d+)+)_[a-z]")


def _listed() -> list[dict[str, str]]:
    with (TESTS / "clauses.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


CLAUSES = _listed()
TESTED = [row for row in CLAUSES if row["test"]]


def _cases(function: Any) -> set[str]:
    """The names pytest gives the cases of a test with one parameter set."""
    found: set[str] = set()
    for mark in getattr(function, "pytestmark", []):
        if mark.name == "parametrize":
            named = mark.kwargs.get("ids") or [str(value) for value in mark.args[1]]
            found |= {str(name) for name in named}
    return found


def _said(name: str) -> str:
    """``test_m_2_3_19_half`` speaks of M-2.3-19; digits alone, as names have no points."""
    found = _NAMED.match(name)
    return found[1] if found else ""


def _digits(clause: str) -> str:
    return clause.lower().replace("-", "_").replace(".", "_")


def test_every_clause_is_listed_once() -> None:
    ids = [row["id"] for row in CLAUSES]
    assert len(ids) == len(set(ids)) == 111
    assert Counter(clause.rpartition("-")[0] for clause in ids) == SECTIONS
    assert {row["type"] for row in CLAUSES} == {"rule", "example", "formula"}


@pytest.mark.parametrize("row", TESTED, ids=[row["id"] for row in TESTED])
def test_the_tests_of_a_clause_exist(row: dict[str, str]) -> None:
    assert not row["reason"]
    for test in row["test"].split():
        file, _, name = test.partition("::")
        name, _, case = name.partition("[")
        assert (TESTS / file).is_file()
        function = getattr(importlib.import_module(file.removesuffix(".py")), name)
        assert inspect.isfunction(function) and name.startswith("test_")
        assert function.__module__.endswith(file.removesuffix(".py"))  # not one brought in
        if case:
            assert case.removesuffix("]") in _cases(function)


def test_a_test_that_names_a_clause_stands_in_the_list() -> None:
    by_digits = {_digits(row["id"]): row for row in CLAUSES}
    assert len(by_digits) == len(CLAUSES)
    named = set()
    for path in sorted(TESTS.glob("test_clauses_*.py")):
        for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.MULTILINE):
            if _said(name):
                row = by_digits[_said(name)]
                assert f"{path.name}::{name}" in row["test"].split(), name
                named.add(row["id"])
    # all but those older tests prove
    assert {row["id"] for row in TESTED} - named == {"M-3.4-5", "M-3.5-6"}


def test_gaps_are_known_and_have_a_reason() -> None:
    open_ = [row for row in CLAUSES if not row["test"]]
    assert {row["id"] for row in open_} == GAPS
    assert all(len(row["reason"]) > 20 for row in open_)
