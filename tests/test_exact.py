"""Exact numbers against Python's own integers, fractions and decimals."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ecperf_kit.exact import (
    FEN,
    LARGEST,
    MILLION,
    decimal,
    divide,
    divide_down,
    divide_up,
    exact,
    masked,
    multiply_divide,
    round_half_up,
    rounded_product,
    split,
)

ANY = st.integers(-LARGEST, LARGEST)
USUAL = st.integers(-(10**13), 10**13)


def half_up(value: Fraction) -> int:
    size = abs(value)
    whole = size.numerator // size.denominator
    whole += size - whole >= Fraction(1, 2)
    return -whole if value < 0 else whole


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("6500.00", 6_500_000_000),
        ("0.385", 385_000),
        ("-0.0000005", -1),
        ("0.0000004", 0),
        (7, 7_000_000),
    ],
)
def test_exact(text: str | int, stored: int) -> None:
    assert exact(text) == stored


def test_exact_refuses_floats_and_giants() -> None:
    with pytest.raises(TypeError, match="as text"):
        exact(0.1)  # type: ignore[arg-type]
    with pytest.raises(OverflowError):
        exact("1e20")


@given(ANY, ANY, ANY)
def test_multiply_divide_is_exact_for_any_size(a: int, b: int, c: int) -> None:
    assume(c != 0)
    true = half_up(Fraction(a * b, c))
    if abs(a * b) // abs(c) >= LARGEST:
        with pytest.raises(OverflowError):
            multiply_divide(a, b, c)
    else:
        assert int(multiply_divide(a, b, c)) == true


@given(st.lists(st.tuples(USUAL, USUAL, st.integers(1, 10**13)), min_size=1, max_size=30))
def test_multiply_divide_of_columns(rows: list[tuple[int, int, int]]) -> None:
    rows = [row for row in rows if abs(row[0] * row[1]) // row[2] < LARGEST]
    assume(rows)
    a, b, c = (np.array(column) for column in zip(*rows, strict=True))
    assert multiply_divide(a, b, c).tolist() == [half_up(Fraction(x * y, z)) for x, y, z in rows]


@pytest.mark.parametrize(
    ("a", "b", "c", "result"),
    [
        (1, 1, 2, 1),  # 0.5 half-up
        (-1, 1, 2, -1),  # away from zero
        (1, 1, 3, 0),
        (5, 1, 3, 2),
        (LARGEST - 1, LARGEST, LARGEST, LARGEST - 1),
        (LARGEST, LARGEST, LARGEST, LARGEST),
        (2**61, 3, 2**61, 3),
        (3_600_000_000_000, 30_000_000, 4_000_000_000_000, 27_000_000),
    ],
)
def test_multiply_divide_by_hand(a: int, b: int, c: int, result: int) -> None:
    if result >= LARGEST:
        with pytest.raises(OverflowError):
            multiply_divide(a, b, c)
    else:
        assert int(multiply_divide(a, b, c)) == result


def test_division_by_zero_is_an_error() -> None:
    with pytest.raises(ZeroDivisionError):
        divide([1, 2], [1, 0])


@given(USUAL, st.integers(-(10**13), 10**13).filter(bool))
def test_divide_up_and_down_enclose_the_quotient(a: int, b: int) -> None:
    true = Fraction(a * MILLION, b)
    down, up = int(divide_down(a, b)), int(divide_up(a, b))
    assert down <= true <= up
    assert true - down < 1 and up - true < 1


@given(ANY, st.sampled_from([1, FEN, MILLION]))
def test_round_half_up(value: int, unit: int) -> None:
    assert int(round_half_up(value, unit)) == half_up(Fraction(value, unit)) * unit


@given(
    st.integers(0, 10**13),
    st.integers(0, MILLION),
    st.integers(0, 2 * MILLION),
    st.integers(0, MILLION),
)
def test_rounded_product_rounds_once(basis: int, rate: int, coefficient: int, share: int) -> None:
    true = decimal(basis) * decimal(rate) * decimal(coefficient) * decimal(share)
    fen = half_up(Fraction(true) * 100)
    assert int(rounded_product(basis, rate, coefficient, share)) == fen * FEN


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, MILLION), min_size=1, max_size=24))
def test_split_adds_up_and_stays_close(fen: int, shares: list[int]) -> None:
    assume(sum(shares) > 0)
    total = fen * FEN
    parts = split(total, shares)
    assert int(parts.sum()) == total
    for part, share in zip(parts, shares, strict=True):
        assert abs(Fraction(int(part)) - Fraction(total * share, sum(shares))) < FEN


def test_split_by_hand() -> None:
    """1.00 over three: 0.34, 0.33, 0.33; the first of equals gets the fen left over."""
    assert [decimal(p) for p in split(exact("1.00"), [1, 1, 1])] == [
        Decimal("0.34"), Decimal("0.33"), Decimal("0.33")
    ]  # fmt: skip


def test_split_refuses_what_has_no_answer() -> None:
    with pytest.raises(ValueError, match="more than 0"):
        split(FEN, [0, 0])
    with pytest.raises(ValueError, match="multiple"):
        split(1, [1])


def test_masked_keeps_gaps() -> None:
    column = masked([1, 2, 3], [False, True, False], pd.Index([7, 8, 9]))
    assert column.isna().tolist() == [False, True, False]
    assert column.dtype == "Int64" and column[9] == 3
