"""Numbers, dates and words as a client may type them. Expected values are worked out by hand."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecperf_kit.intake.numbers import read_integers, read_number, read_numbers
from ecperf_kit.intake.values import read_bools, read_dates, read_months, read_periods


def _column(*texts: str) -> pd.Series:
    return pd.Series(list(texts), dtype="str")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("0", 0),
        ("1234.5", 1_234_500_000),  # 1234.5 x 1,000,000
        ("1,234.50", 1_234_500_000),
        ("12,345,678", 12_345_678_000_000),
        ("38.5%", 385_000),  # 0.385 x 1,000,000
        ("38.5 %", 385_000),
        ("100%", 1_000_000),
        ("0.0001%", 1),  # one millionth
        ("-0.5", -500_000),
        ("−0.5", -500_000),  # the minus sign of a typesetter
        ("１２．５", 12_500_000),
        ("３８．５％", 385_000),
        ("1，234.50", 1_234_500_000),  # a full-width comma parts thousands as well
        ("0.000001", 1),
        ("123456789.123456", 123_456_789_123_456),
        ("4611686018427", 4_611_686_018_427_000_000),  # just below the largest, 2 to the 62
    ],
)
def test_number_is_read_exactly(typed: str, stored: int) -> None:
    assert read_number(typed) == stored
    assert read_numbers(_column(typed)).values.tolist() == [stored]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("12,5", "D206"),
        ("1,23,456", "D206"),
        ("1234,567", "D206"),
        ("12.345,67", "D206"),
        ("about 12", "D205"),
        ("12天", "D205"),
        ("1e5", "D205"),
        ("--", "D205"),
        ("¥100", "D205"),
        ("(100)", "D205"),
        (".5", "D205"),
        ("5.", "D205"),
        ("+5", "D205"),
        ("2026-04-01", "D207"),
        ("2026/4/1", "D207"),
        ("2026-04", "D207"),
        ("0.1234567", "D208"),
        ("0.00001%", "D208"),  # a tenth of a millionth
        ("4611686018428", "D219"),  # just above 2 to the 62 millionths
    ],
)
def test_everything_else_is_a_fault_of_its_cell(typed: str, code: str) -> None:
    reading = read_numbers(_column("1", typed, ""))
    assert reading.faults == {1: code}
    assert reading.values.isna().tolist() == [False, True, True]


def test_full_width_digits_are_noted() -> None:
    assert read_numbers(_column("12", "１２", "12")).wide == (1,)


def test_money_goes_to_the_fen() -> None:
    reading = read_numbers(_column("10.25", "10.250", "10.255", "1,000.001"), money=True)
    assert reading.faults == {2: "D209", 3: "D209"}
    assert reading.values[0] == reading.values[1] == 10_250_000


def test_bounds_belong_to_the_range() -> None:
    reading = read_numbers(_column("0", "1", "-0.000001", "1.000001"), least=0, most=1_000_000)
    assert reading.faults == {2: "D221", 3: "D221"}


def test_integers_are_plain_counts() -> None:
    reading = read_integers(_column("7", "1,200", "2.5", "0"), least=1, most=None)
    assert reading.values[:2].tolist() == [7, 1200]
    assert reading.faults == {2: "D216", 3: "D221"}


@given(st.decimals(-4_000_000_000_000, 4_000_000_000_000, places=6))
def test_any_six_decimals_come_out_as_written(number: Decimal) -> None:
    text = f"{number:f}"
    expected = int(number * 1_000_000)
    assert read_numbers(_column(text)).values.tolist() == [expected]
    assert read_number(f"{number:,f}") == expected


def test_dates() -> None:
    column = _column(
        "2026-04-01", "2026/4/1", "2026年4月1日", "2026-04-01 00:00:00", "２０２６-04-01", "",
        "2026-02-29", "2026-04-01 10:30:00", "46113", "1.4.2026", "1026-04-01", "2026-4/1",
    )  # fmt: skip
    reading = read_dates(column)
    assert (reading.values[:5] == pd.Timestamp("2026-04-01")).all()
    assert reading.values.dtype == "datetime64[s]"
    assert reading.faults == dict.fromkeys(range(6, 12), "D211")
    assert reading.wide == (4,)


def test_months() -> None:
    column = _column(
        "2026-04",
        "2026/4",
        "2026年4月",
        "2026-04-01",
        "",
        "2026-04-02",
        "Apr-26",
        "2026-13",
        "2026",
    )
    reading = read_months(column)
    assert reading.values[:4].tolist() == ["2026-04"] * 4
    assert reading.faults == dict.fromkeys(range(5, 9), "D212")


def test_periods() -> None:
    reading = read_periods(
        _column("2026", "2026q2", "2026-Q2", "2026-04", "2026-04..2026-09", "Q2")
    )
    assert reading.values[:5].tolist() == [
        "2026", "2026-Q2", "2026-Q2", "2026-04", "2026-04..2026-09"
    ]  # fmt: skip
    assert reading.faults == {5: "D213"}


def test_yes_and_no() -> None:
    reading = read_bools(_column("yes", "否", "TRUE", "", "1"))
    assert reading.values[:3].tolist() == [True, False, True]
    assert reading.faults == {4: "D214"}
