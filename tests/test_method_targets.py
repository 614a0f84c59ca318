# ruff: noqa: E501  (tables stand here as in the client's folder)
"""Targets broken down, next standards proposed, ratios from the plan."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from golden_cases import stored
from hypothesis import given
from hypothesis import strategies as st
from test_golden_presales import TABLES as PRESALES
from written_client import written_client

from ecperf_kit.exact import FEN, MILLION, exact
from ecperf_kit.library import load_library
from ecperf_kit.method.calculate import calculate
from ecperf_kit.method.standards import next_standard, proposed_standards, swapped_weights
from ecperf_kit.method.targets import breakdown, progress, seasonal_shares

CHANNELS = pd.Series([exact("0.5"), exact("0.25"), exact("0.15"), exact("0.1")],
                     index=["tmall", "douyin", "jd", "pdd"])  # fmt: skip


def test_the_year_by_month_and_channel() -> None:
    """60 m: June 12 % = 7.2 m, of which Tmall half = 3.6 m; November 20 % = 12 m; Tmall 30 m."""
    months = seasonal_shares(load_library().seasonality, "home_textiles", 2026)
    plan = breakdown(exact("60000000"), months, CHANNELS)
    by_month = plan.groupby("month")["amount"].sum()
    assert by_month["2026-06"] == exact("7200000")
    assert by_month["2026-11"] == exact("12000000")
    tmall = plan[plan["channel"] == "tmall"].set_index("month")["amount"]
    assert tmall["2026-06"] == exact("3600000") and tmall.sum() == exact("30000000")
    assert plan["amount"].sum() == exact("60000000") and len(plan) == 48


def test_six_million_of_the_second_shop() -> None:
    """January 12 % = 720,000, June 11 % = 660,000, November 15 % = 900,000."""
    plan = breakdown(exact("6000000"), seasonal_shares(load_library().seasonality, "snacks", 2026))
    amount = plan.set_index("month")["amount"]
    assert [amount[f"2026-{m}"] for m in ("01", "06", "11")] == [
        exact("720000"), exact("660000"), exact("900000")
    ]  # fmt: skip


@given(st.integers(1, 10**12), st.lists(st.integers(0, MILLION), min_size=12, max_size=12))
def test_no_fen_is_lost(fen: int, shares: list[int]) -> None:
    months = pd.Series([share + 1 for share in shares], index=range(1, 13))
    plan = breakdown(fen * FEN, months, CHANNELS)
    assert plan["amount"].sum() == fen * FEN
    whole = breakdown(fen * FEN, months).set_index("month")["amount"]
    assert (plan.groupby("month", sort=False)["amount"].sum() == whole).all()
    assert (plan["amount"] % FEN == 0).all()


def test_progress_ahead_and_unknown() -> None:
    found = progress(stored(["110", "", "5"]), stored(["100", "100", "0"]))
    assert list(found.iloc[0]) == [exact("1.1"), 0, 0, exact("10")]
    assert found.iloc[1].isna().all()
    assert pd.isna(found.loc[2, "reached"])


def test_next_standard() -> None:
    steps = [exact("0.03"), exact("0.02"), exact("0.03")]
    path = [
        next_standard(exact("0.37"), exact(now), reached, steps, exact("0.02"))
        for now, reached in [("0.40", True), ("0.40", False), ("0.42", True), ("0.45", True)]
    ]
    assert path == [exact("0.42"), exact("0.40"), exact("0.45"), exact("0.47")]


def test_standards_proposed_from_own_history(tmp_path: Path) -> None:
    """37 % in May, 40.5 % in June against 40 %: reached, next 42 %. The 3-minute rate (95 %
    against 98 %) stays. Sales of 100,000 were reached, but how far to raise them is to be agreed."""
    tables = dict(PRESALES)
    tables["standards"] = tables["standards"].replace("0.55", "0.40")
    tables["actuals"] = (
        tables["actuals"].replace("385, 1000", "405, 1000").replace("70000", "100000")
    )
    tables["actuals"] += (
        "\n        employee, E1, inquiry_conversion, 2026-05, 370, 1000, , platform_erp"
    )
    client = written_client(tmp_path, tables)
    found = proposed_standards(client, calculate(client, ["2026-06"]).rows).set_index("indicator")
    conversion = found.loc["inquiry_conversion"]
    assert (conversion["proposed"], conversion["basis"]) == (exact("0.42"), "raised")
    assert found.loc["reply_rate_3min", "basis"] == "kept"
    assert found.loc["reply_rate_3min", "proposed"] == exact("0.98")
    assert found.loc["cs_sales", "basis"] == "step_missing"


def test_a_jump_is_taken_back_to_the_path(tmp_path: Path) -> None:
    """37 % in May, standard 55 %, 38.5 % reached: the path from 37 % is 40, 42, 45; next is 40 %."""
    tables = dict(PRESALES)
    tables["actuals"] += (
        "\n        employee, E1, inquiry_conversion, 2026-05, 370, 1000, , platform_erp"
    )
    client = written_client(tmp_path, tables)
    found = proposed_standards(client, calculate(client, ["2026-06"]).rows).set_index("indicator")
    conversion = found.loc["inquiry_conversion"]
    assert (conversion["proposed"], conversion["basis"]) == (exact("0.40"), "stepwise")


def test_weights_stay_when_nothing_is_to_gain() -> None:
    weights = stored(["30", "20"])
    for reached in ([False, True], [True, True], [False, False]):
        assert list(swapped_weights(weights, pd.Series(reached))) == list(weights)


@pytest.mark.parametrize(
    ("standard", "actual", "basis", "proposed"),
    [
        ("0.98", "0.99", "raised", "1"),  # 98 + 2 points = 100 %
        ("1", "1", "at_limit", "1"),  # there is no more than all of it
        ("0.9997", "1", "at_limit", "0.9997"),  # 100.0 % to 100.0 %, as everybody reads it
        ("1.05", "1.1", "at_limit", "1.05"),  # held back at 100 % it would even fall
    ],
)
def test_a_rate_at_its_limit_is_not_raised(
    tmp_path: Path, standard: str, actual: str, basis: str, proposed: str
) -> None:
    scored = _scored("reply_rate_3min", "higher_is_better", standard, actual)
    found = proposed_standards(written_client(tmp_path, PRESALES), scored).iloc[0]
    assert (found["basis"], found["proposed"]) == (basis, exact(proposed))


def test_nothing_of_what_should_not_be_is_a_limit_too(tmp_path: Path) -> None:
    scored = _scored("complaint_rate", "lower_is_better", "0", "0")
    found = proposed_standards(written_client(tmp_path, PRESALES), scored).iloc[0]
    assert (found["basis"], found["proposed"]) == ("at_limit", 0)


def test_a_standard_not_reached_is_never_stepped_back_upwards(tmp_path: Path) -> None:
    """37 % at first, standard 55 %, 54 % reached: the step above 54 % is 56 %, more than now."""
    tables = dict(PRESALES)
    tables["actuals"] = tables["actuals"].replace("385, 1000", "540, 1000")
    tables["actuals"] += (
        "\n        employee, E1, inquiry_conversion, 2026-05, 370, 1000, , platform_erp"
    )
    client = written_client(tmp_path, tables)
    found = proposed_standards(client, calculate(client, ["2026-06"]).rows).set_index("indicator")
    conversion = found.loc["inquiry_conversion"]
    assert (conversion["proposed"], conversion["basis"]) == (exact("0.55"), "kept")


def _scored(indicator: str, direction: str, standard: str, actual: str) -> pd.DataFrame:
    """One scored row of E1 in June."""
    row = {
        "employee": "E1", "month": "2026-06", "indicator": indicator, "direction": direction,
        "standard_from": "post", "actual_subject": "employee:E1",
        "standard": exact(standard), "actual": exact(actual),
    }  # fmt: skip
    return pd.DataFrame([row]).astype({"standard": "Int64", "actual": "Int64"})
