"""Periods are read strictly: four forms and nothing else."""

from __future__ import annotations

import pytest

from ecperf_kit.period import Period, PeriodError, months_between, shift


@pytest.mark.parametrize(
    ("text", "first", "last", "count", "folder"),
    [
        ("2026-06", "2026-06", "2026-06", 1, "2026-06"),
        ("2026-Q2", "2026-04", "2026-06", 3, "2026-Q2"),
        ("2026-Q4", "2026-10", "2026-12", 3, "2026-Q4"),
        ("2026", "2026-01", "2026-12", 12, "2026"),
        ("2025-11..2026-02", "2025-11", "2026-02", 4, "2025-11_2026-02"),
    ],
)
def test_the_four_forms(text: str, first: str, last: str, count: int, folder: str) -> None:
    period = Period.parse(f" {text} ")
    assert (period.first, period.last, len(period.months)) == (first, last, count)
    assert (period.folder, str(period)) == (folder, text)


@pytest.mark.parametrize(
    "text",
    ["", "2026-13", "2026-00", "2026-6", "26-06", "2026-Q5", "2026-06..2026-05", "2026-06..",
     "2026-06..2026-13", "June", "2026/06", "../x"],
)  # fmt: skip
def test_anything_else_is_refused_and_the_forms_are_named(text: str) -> None:
    with pytest.raises(PeriodError, match="2026-06, 2026-Q2, 2026 or"):
        Period.parse(text)


def test_months_are_counted_over_the_turn_of_the_year() -> None:
    assert months_between("2025-12", "2026-01") == ("2025-12", "2026-01")
    assert shift("2026-01", -1) == "2025-12"
    assert shift("2026-12", 1) == "2027-01"
    assert shift("2026-06", -12) == "2025-06"
