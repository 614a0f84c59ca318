"""The quick ways of the calculation give what the plain ones give.

Keys compared as numbers against a plain search, groups against dictionaries, versions in
force against a loop over rows, products and quotients against fractions; what is kept
with a client stays with it.
"""

from __future__ import annotations

import pickle
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecperf_kit.client import Client, open_client
from ecperf_kit.exact import (
    FEN,
    LARGEST,
    MILLION,
    divide,
    divide_down,
    divide_up,
    ints,
    multiply_divide,
    quotients,
    rounded_product,
)
from ecperf_kit.method.calculate import calculate
from ecperf_kit.method.days import parts
from ecperf_kit.method.in_force import in_force
from ecperf_kit.method.keys import Groups, find, numbered, pairs, ranked
from ecperf_kit.method.plans import plan_parts

ROOT = Path(__file__).resolve().parent.parent
MONTHS = ["2026-04", "2026-05", "2026-06"]
WORDS = st.sampled_from(["", "a", "b", "ab", None])
KEYS = st.lists(st.tuples(WORDS, WORDS), max_size=12)


def columns(keys: list[tuple[Any, ...]], width: int = 2) -> list[pd.Series]:
    return [pd.Series([key[i] for key in keys], dtype="str") for i in range(width)]


def filled(key: tuple[Any, ...]) -> bool:
    return all(part is not None for part in key)


# --- keys -----------------------------------------------------------------------------------


@given(KEYS, KEYS)
def test_rows_are_found_by_the_first_equal_key(rows: Any, table: Any) -> None:
    expected = [table.index(key) if filled(key) and key in table else -1 for key in rows]
    assert find(columns(rows), columns(table)).tolist() == expected


@given(KEYS, KEYS)
def test_pairs_are_those_of_two_loops(rows: Any, table: Any) -> None:
    expected = [
        (i, j)
        for i, own in enumerate(rows)
        for j, other in enumerate(table)
        if own == other and filled(own)
    ]
    left, right = pairs(columns(rows), columns(table))
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == expected


@given(st.lists(st.tuples(WORDS, WORDS, st.integers(-9, 9)), max_size=15))
def test_groups_add_up_as_a_dictionary_does(rows: Any) -> None:
    keys = [row[:2] for row in rows]
    frame = pd.DataFrame(dict(zip("ab", columns(keys), strict=True)))
    groups = Groups(frame, ["a", "b"])
    sums: dict[Any, int] = {}
    for *key, value in rows:
        sums[tuple(key)] = sums.get(tuple(key), 0) + value
    # in the order of the key, what is missing last
    order = sorted(sums, key=lambda key: [(part is None, part or "") for part in key])
    assert groups.sum(np.array([row[2] for row in rows], dtype=np.int64)).tolist() == [
        sums[key] for key in order
    ]
    assert groups.first.tolist() == [keys.index(key) for key in order]
    assert groups.sizes().tolist() == [keys.count(key) for key in order]


@given(KEYS)
def test_ranking_is_a_stable_sort(keys: Any) -> None:
    frame = pd.DataFrame(dict(zip("ab", columns(keys), strict=True)))
    expected = sorted(
        range(len(keys)), key=lambda i: [(part is None, part or "") for part in keys[i]]
    )
    assert ranked(frame, ["a", "b"]).tolist() == expected


def test_keys_of_very_many_combinations_do_not_wrap_around() -> None:
    """2,048 values in each of six columns: 2^66 keys, of which 64 bits would confuse some."""
    keys = [(str(i),) * 6 for i in range(2048)] + [(str(i), *"00000") for i in range(1, 2048)]
    numbers = numbered(columns(keys + keys, 6))
    assert (numbers[: len(keys)] == numbers[len(keys) :]).all()
    assert len(set(numbers.tolist())) == len(keys)


# --- versions in force ----------------------------------------------------------------------

DAYS = st.sampled_from(["2026-03-31", "2026-04-01", "2026-04-15", "2026-05-01", "2026-07-01", None])


@given(st.lists(st.tuples(st.sampled_from(["x", "y"]), DAYS), max_size=10))
def test_versions_in_force_are_those_a_person_would_pick(rows: Any) -> None:
    table = pd.DataFrame(
        {
            "subject": pd.Series([row[0] for row in rows], dtype="str"),
            "effective_from": pd.Series([row[1] for row in rows], dtype="datetime64[s]"),
            "place": range(len(rows)),
        }
    )
    expected = []
    for month in MONTHS:
        begun = [(s, d) for s, d in rows if d is not None and d <= f"{month}-01"]
        for place, (subject, day) in enumerate(rows):
            own = [d for s, d in begun if s == subject]
            if day is not None and own and day == max(own):
                expected.append((place, month))
    found = in_force(table, MONTHS, ["subject"])
    assert list(zip(found["place"], found["month"], strict=True)) == expected


# --- exact numbers --------------------------------------------------------------------------

NUMBERS = st.integers(-(2**62), 2**62) | st.integers(-(10**13), 10**13) | st.integers(-2, 2)


def half_up(value: Fraction) -> int:
    whole = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return whole if value >= 0 else -whole


@given(st.lists(NUMBERS, min_size=1, max_size=4))
def test_products_of_any_size_are_rounded_once(factors: list[int]) -> None:
    exactly = Fraction(MILLION)
    for factor in factors:
        exactly *= Fraction(factor, MILLION)
    expected = half_up(exactly / FEN) * FEN
    if abs(expected) > LARGEST:
        with pytest.raises(OverflowError):
            rounded_product(*factors)
    else:
        assert int(rounded_product(*factors)) == expected


@given(NUMBERS, NUMBERS.filter(bool))
def test_one_division_gives_all_three_roundings(a: int, b: int) -> None:
    exactly = Fraction(a, b) * MILLION
    if abs(exactly) + 1 > LARGEST:
        with pytest.raises(OverflowError):
            quotients(a, b)
        return
    expected = (half_up(exactly), exactly.__floor__(), exactly.__ceil__())
    assert tuple(int(x) for x in quotients(a, b)) == expected
    assert (int(divide(a, b)), int(divide_down(a, b)), int(divide_up(a, b))) == expected


def test_large_and_small_products_side_by_side() -> None:
    """One row too wide for 64 bits must not spoil its neighbours."""
    pay = np.array([6_500 * MILLION, 2**61 + 1, 1, -(2**61) - 1])
    share = np.array([909_091, MILLION, 5_000, MILLION])
    # 6,500.00 x 0.909091 = 5,909.0915 -> 5,909.09; 0.000001 x 0.005 -> 0
    exactly = [5_909_090_000, half_up(Fraction(2**61 + 1, FEN)) * FEN, 0]
    assert rounded_product(pay, share).tolist() == [*exactly, -exactly[1]]
    assert multiply_divide(pay, share, share).tolist() == pay.tolist()


# --- what is kept with a client -------------------------------------------------------------


@pytest.fixture(scope="module")
def client() -> Client:
    return open_client("xiaoman", "2026-04..2026-06", root=ROOT)


def test_what_a_caller_does_to_its_table_disturbs_nobody(client: Client) -> None:
    first = plan_parts(client, MONTHS)
    first["base"] = pd.Series(0, index=first.index, dtype="Int64")
    first.loc[:, "post"] = "other"
    again = plan_parts(client, tuple(MONTHS))
    assert (again["base"] > 0).any() and "other" not in set(again["post"])
    pd.testing.assert_frame_equal(again, plan_parts.__wrapped__(client, MONTHS))  # type: ignore[attr-defined]


def test_other_months_and_other_tables_are_other_answers(client: Client) -> None:
    assert set(parts(client, MONTHS[:1], "scorecards")["month"]) == set(MONTHS[:1])
    assert set(parts(client, MONTHS, "scorecards")["month"]) == set(MONTHS)
    for table in ("scorecards", "pay_plans"):
        plainly = parts.__wrapped__(client, MONTHS, table)  # type: ignore[attr-defined]
        pd.testing.assert_frame_equal(parts(client, MONTHS, table), plainly)


def test_a_changed_client_is_calculated_anew(client: Client) -> None:
    before = calculate(client, MONTHS).pay
    plans = client.table("pay_plans")
    raised = plans.assign(base=plans["base"] + 100 * MILLION)
    tables = MappingProxyType({**client.tables, "pay_plans": raised})
    after = calculate(replace(client, tables=tables), MONTHS).pay
    known = before["pay"].notna().to_numpy()
    assert (ints(after["pay"])[known] > ints(before["pay"])[known]).all()
    pd.testing.assert_frame_equal(calculate(client, MONTHS).pay, before)


def test_a_snapshot_holds_nothing_that_was_worked_out(client: Client) -> None:
    calculate(client, MONTHS)
    again = pickle.loads(pickle.dumps(client))
    assert not [name for name in again.__dict__ if name.startswith("_")]
