"""Scores: agreement with the row-by-row oracle, and what must hold for any figures."""

from __future__ import annotations

from typing import Any

import oracle
import pandas as pd
from golden_cases import scorable
from hypothesis import given, settings
from hypothesis import strategies as st

from ecperf_kit.exact import MILLION, decimal, exact
from ecperf_kit.method.scoring import score
from ecperf_kit.method.totals import totals

BANDS = (
    "<=30:100%; <=45:80%; <=60:60%; <=90:30%; else:0%",
    ">=0.9:100%; >=0.8:80%; >=0.5:12.5%; else:0%",
)


def text(stored: int) -> str:
    return f"{decimal(stored):f}"


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    """One confirmed row with data: any method, direction and size."""
    method = draw(st.sampled_from(["percentage", "step", "interval"]))
    size = draw(st.sampled_from([MILLION, 100 * MILLION, 10**13]))
    figures = st.integers(-size // 10, size)
    gap = st.booleans() if draw(st.integers(0, 9)) == 0 else st.just(False)
    return {
        "method": method,
        "direction": draw(st.sampled_from(["higher_is_better", "lower_is_better"])),
        "weight": text(draw(st.integers(1, 100)) * MILLION // draw(st.sampled_from([1, 3]))),
        "actual": "" if draw(gap) else text(draw(figures)),
        "standard": "" if draw(gap) else text(draw(figures)),
        "cap": draw(st.sampled_from(["1", "1.1", "1.5"])),
        "zero_below": draw(st.sampled_from(["0", "0.6", "0.333333"])),
        "step_size": text(max(size // draw(st.sampled_from([10, 37, 1000])), 1)),
        "step_deduct": draw(st.sampled_from(["0.1", "0.05", "0.333333"])),
        "bands": draw(st.sampled_from(BANDS)),
        "bands_on": draw(st.sampled_from(["actual", "attainment"])),
    }


@settings(max_examples=300, deadline=None)
@given(st.lists(rows(), min_size=1, max_size=8))
def test_agrees_with_the_oracle(listed: list[dict[str, Any]]) -> None:
    scored = score(scorable(listed))
    expected = [oracle.row_score(row) for row in listed]
    found = [None if pd.isna(value) else decimal(value) for value in scored["row_score"]]
    assert found == expected
    total = totals(scored)["total"].iloc[0]
    assert (None if pd.isna(total) else decimal(total)) == oracle.total(expected)


@settings(max_examples=200, deadline=None)
@given(rows(), st.integers(0, 10**12))
def test_a_better_actual_never_lowers_a_score(row: dict[str, Any], better: int) -> None:
    if not row["actual"]:
        return
    lower = row["direction"] == "lower_is_better"
    # bands that run against the direction of the indicator are a fault of the scheme
    row["bands"] = BANDS[0] if lower and row["bands_on"] == "actual" else BANDS[1]
    moved = exact(row["actual"]) + (-better if lower else better)
    scores = score(scorable([row, {**row, "actual": text(moved)}]))["row_score"]
    if scores.notna().all():
        assert scores[1] >= scores[0]


@settings(max_examples=100, deadline=None)
@given(st.lists(rows(), min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(listed: list[dict[str, Any]], random: Any) -> None:
    frame = scorable(listed)
    order = list(range(len(frame)))
    random.shuffle(order)
    straight = score(frame)
    shuffled = score(frame.iloc[order]).sort_index()
    columns = ["attainment", "row_score", "row_state"]
    pd.testing.assert_frame_equal(straight[columns], shuffled[columns])
    pd.testing.assert_frame_equal(totals(straight), totals(straight.iloc[order]))


@settings(max_examples=100, deadline=None)
@given(rows())
def test_a_score_lies_between_0_and_weight_times_cap(row: dict[str, Any]) -> None:
    (value,) = score(scorable([row]))["row_score"]
    if not pd.isna(value):
        cap = exact(row["cap"]) if row["method"] == "percentage" else MILLION
        top = exact(row["weight"]) * cap
        assert 0 <= value <= top // MILLION + 1


DATA = {
    "method": "percentage", "weight": "40", "actual": "80", "standard": "100",
    "cap": "1", "zero_below": "0.6",
}  # fmt: skip


def state(**changes: Any) -> tuple[str, int | None]:
    """State and counted score of the row above (80 % of 40 = 32) with some changes."""
    scored = score(scorable([{**DATA, **changes}])).iloc[0]
    value = scored["row_score"]
    return scored["row_state"], None if pd.isna(value) else int(value)


def test_the_computed_score_binds() -> None:
    assert state(superior_score="39") == ("computed", exact("32"))


def test_an_override_needs_reason_and_evidence() -> None:
    both = {"override_reason": "系统故障", "override_evidence": "工单 17"}
    assert state(superior_score="36", **both) == ("overridden", exact("36"))
    for name in both:
        assert state(superior_score="36", **{name: both[name]}) == ("computed", exact("32"))
    assert state(superior_score="", **both) == ("unconfirmed", exact("32"))


def test_rows_without_data_have_the_superiors_score() -> None:
    assert state(has_data=False, superior_score="35") == ("rated", exact("35"))
    assert state(has_data=False, superior_score="") == ("missing_rating", None)
    # at most the weight
    assert state(has_data=False, superior_score="55") == ("rated", exact("40"))


def test_what_is_missing_is_never_0() -> None:
    assert state(actual="") == ("missing_actual", None)
    assert state(standard="") == ("missing_standard", None)
    assert state(standard="0") == ("missing_standard", None)
    assert state(standard="-5") == ("missing_standard", None)
    assert state(zero_below="") == ("missing_parameter", None)
    assert state(method="step") == ("missing_parameter", None)
    assert state(method="interval", bands_on="actual") == ("missing_parameter", None)
    assert state(superior_score="") == ("unconfirmed", exact("32"))


def test_a_missing_row_leaves_the_total_open() -> None:
    scored = score(scorable([DATA, {**DATA, "actual": ""}]))
    total = totals(scored).iloc[0]
    assert pd.isna(total["total"]) and total["state"] == "incomplete" and total["missing"] == 1


def test_an_unconfirmed_row_makes_the_total_provisional() -> None:
    total = totals(score(scorable([DATA, {**DATA, "superior_score": ""}]))).iloc[0]
    assert total["total"] == exact("64") and total["state"] == "provisional"
    assert pd.isna(total["given_total"])


def test_no_rows_no_totals() -> None:
    empty = scorable([DATA]).iloc[:0]
    assert totals(score(empty)).empty
