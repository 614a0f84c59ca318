# ruff: noqa: E501  (tables stand here as in the client's folder)
"""Sums over a quarter: standards typed per month are added, those of a quarter are its share."""

from __future__ import annotations

from pathlib import Path

import pytest
from written_client import CONFIG, written_client

from ecperf_kit.exact import exact
from ecperf_kit.method.scorecards import assessed_rows

QUARTER = ("2026-04", "2026-05", "2026-06")
TABLES = {
    "departments": "department, name\nsales, 销售",
    "employees": "employee, name, hired\nE1, 甲, 2024-01-01",
    "assignments": "employee, effective_from, post, department, channel\nE1, 2024-01-01, product_manager, sales, ",
    "scorecards": """
        subject_kind, subject_id, indicator, effective_from, role, weight, method, standard_basis, data_source
        post, product_manager, new_channel_count, 2026-01-01, core, 100, percentage, agreed, daily_register""",
    "actuals": """
        subject_kind, subject_id, indicator, period, value, source_kind
        employee, E1, new_channel_count, 2026-04, 1, daily_register
        employee, E1, new_channel_count, 2026-05, 1, daily_register
        employee, E1, new_channel_count, 2026-06, 1, daily_register""",
}


def standards(root: Path, **typed: str) -> dict[str, int | None]:
    """Month -> the standard to date, of these periods and figures."""
    rows = [
        f"post, product_manager, new_channel_count, {period.replace('_', '-').replace('to', '..')}, {figure}"
        for period, figure in typed.items()
    ]
    head = "subject_kind, subject_id, indicator, period, standard"
    tables = {
        **TABLES,
        "standards": "\n".join([head, *(row.replace("p2026", "2026") for row in rows)]),
    }
    table = assessed_rows(written_client(root, tables, CONFIG), QUARTER)
    assert list(table["cycle"].unique()) == ["quarter"]
    found = zip(table["month"], table["standard"], table["standard_from"], strict=True)
    return {month: None if source == "missing" else int(value) for month, value, source in found}


@pytest.mark.parametrize(
    ("typed", "to_date"),
    [
        # each month's own: 2, 2 + 2, 2 + 2 + 2
        ({"p2026_04": "2", "p2026_05": "2", "p2026_06": "2"}, ("2", "4", "6")),
        # unequal months: 1, 1 + 2, 1 + 2 + 3
        ({"p2026_04": "1", "p2026_05": "2", "p2026_06": "3"}, ("1", "3", "6")),
        # one figure for the quarter, or for each quarter of the year: a third, two thirds, all
        ({"p2026_Q2": "6"}, ("2", "4", "6")),
        ({"p2026": "6"}, ("2", "4", "6")),
        # 4 for two months, half of it each, and 3 for June
        ({"p2026_04to2026_05": "4", "p2026_06": "3"}, ("2", "4", "7")),
        # 6 for the quarter, but 5 in May: 6/3, 2 + 5, 2 + 5 + 2
        ({"p2026_Q2": "6", "p2026_05": "5"}, ("2", "7", "9")),
        # a third each of 1 for the year's quarters, half-up: no figure of a month is rounded first
        ({"p2026": "1"}, ("0.333333", "0.666667", "1")),
        # April and June without May: June cannot be held to what is not known of May
        ({"p2026_04": "2", "p2026_06": "2"}, ("2", None, None)),
    ],
)  # fmt: skip
def test_the_standard_to_date_is_that_of_the_months_so_far(
    tmp_path: Path, typed: dict[str, str], to_date: tuple[str | None, ...]
) -> None:
    wanted = [None if figure is None else exact(figure) for figure in to_date]
    assert list(standards(tmp_path, **typed).values()) == wanted
