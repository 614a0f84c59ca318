"""Scores of scorecard rows by the three scoring methods, whole columns at a time.

Percentage, interval and step (assessment method 3.3). A score is never below 0
nor above the weight x cap; whether a limit is reached is decided on the exact
quotient, never on a rounded one.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecperf_kit.exact import (
    LARGEST,
    MILLION,
    Ints,
    ints,
    masked,
    multiply,
    multiply_divide,
    quotients,
)
from ecperf_kit.library.bands import parse_bands

STATES = (
    "computed", "rated", "overridden", "unconfirmed",
    "missing_actual", "missing_standard", "missing_parameter", "missing_rating",
)  # fmt: skip
#: States whose row has no score: the total leaves it out and says so.
MISSING_STATES = ("missing_actual", "missing_standard", "missing_parameter", "missing_rating")
_STATE = {name: code for code, name in enumerate(STATES)}


def score(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with attainment, computed_score, row_score and row_state, in the same order.

    ``rows`` as from ``assessed_rows``. ``attainment`` is actual / standard
    (2 - actual / standard where lower is better), half-up to six decimals;
    ``computed_score`` is what the data give, half-up to six decimals, missing if
    not computable; ``row_score`` is what counts: the computed score of a row
    with data, the superior's of a row without data or of a justified override
    (reason and evidence). ``row_state``:

    - ``computed``, ``rated`` (superior's score, no data source), ``overridden``
    - ``unconfirmed``: computed, but the superior has not confirmed it yet
    - ``missing_actual``, ``missing_standard`` (also a standard of 0 or less where
      a quotient is needed), ``missing_parameter``, ``missing_rating``: no score
    """
    has_data = rows["has_data"].to_numpy(dtype=bool)
    computed, gaps, attainment, no_attainment = _computed(rows)
    given, no_given = ints(rows["superior_score"]), rows["superior_score"].isna().to_numpy()
    dated = rows["superior_date"].notna().to_numpy()
    weight = ints(rows["weight"])
    no_weight = rows["weight"].isna().to_numpy()
    reasons = rows["override_reason"].notna() & rows["override_evidence"].notna()
    override = has_data & reasons.to_numpy(dtype=bool) & ~no_given
    state = np.select(
        [
            no_weight,
            ~has_data & no_given,
            ~has_data,
            override,
            gaps > 0,
            no_given & ~dated,
        ],
        [
            _STATE["missing_parameter"],
            _STATE["missing_rating"],
            _STATE["rated"],
            _STATE["overridden"],
            gaps,
            _STATE["unconfirmed"],
        ],
        default=_STATE["computed"],
    )
    by_superior = (state == _STATE["rated"]) | (state == _STATE["overridden"])
    counted = np.where(by_superior, np.clip(given, 0, weight), computed)
    missing = state >= _STATE["missing_actual"]
    return rows.assign(
        attainment=masked(attainment, no_attainment, rows.index),
        computed_score=masked(computed, (gaps > 0) | ~has_data, rows.index),
        row_score=masked(counted, missing, rows.index),
        row_state=_labels(state, rows.index),
    )


def _labels(state: Ints, index: pd.Index) -> pd.Series:
    names = pd.Index(STATES, dtype="str")
    return pd.Series(names.take(state).array, index=index)


def _computed(rows: pd.DataFrame) -> tuple[Ints, Ints, Ints, np.ndarray]:
    """Score by data, the state code of what is missing (0 = nothing), attainment, its gaps."""
    method = rows["method"]
    is_step = (method == "step").to_numpy(dtype=bool, na_value=False)
    is_interval = (method == "interval").to_numpy(dtype=bool, na_value=False)
    is_percentage = (method == "percentage").to_numpy(dtype=bool, na_value=False)
    on_attainment = is_interval & (rows["bands_on"] == "attainment").to_numpy(
        dtype=bool, na_value=False
    )
    lower = (rows["direction"] == "lower_is_better").to_numpy(dtype=bool, na_value=False)
    actual, no_actual = ints(rows["actual"]), rows["actual"].isna().to_numpy()
    standard, no_standard = ints(rows["standard"]), rows["standard"].isna().to_numpy()
    weight, no_weight = ints(rows["weight"]), rows["weight"].isna().to_numpy()

    # a quotient by a standard of 0 or less has no meaning: step or interval must be used
    no_quotient = no_actual | no_standard | (standard <= 0)
    base = np.where(no_quotient, MILLION, standard)
    good = np.where(no_quotient, 0, np.where(lower, 2 * standard - actual, actual))
    # a standard of next to nothing must not stop the others: attainment ends at a million-fold
    most = np.where(base < LARGEST // MILLION, base, LARGEST // MILLION) * MILLION
    good = np.clip(good, -most, most)
    attainment, down, up = quotients(good, base)

    value = np.zeros(len(rows), dtype=np.int64)
    no_parameter = no_weight | rows["direction"].isna().to_numpy()
    no_parameter |= ~(is_step | is_interval | is_percentage)
    if is_percentage.any():
        at = is_percentage
        cap, zero_below = ints(rows["cap"]), ints(rows["zero_below"])
        value[at] = _percentage(good[at], base[at], weight[at], cap[at], down[at] >= zero_below[at])
        no_parameter |= at & (rows["cap"].isna() | rows["zero_below"].isna()).to_numpy()
    if is_step.any():
        at = is_step
        short = np.where(lower, actual - standard, standard - actual)
        size, deduct = ints(rows["step_size"]), ints(rows["step_deduct"])
        value[at] = _step(short[at], np.maximum(size[at], 1), deduct[at], weight[at])
        no_parameter |= at & ((size <= 0) | rows["step_deduct"].isna().to_numpy())
    if is_interval.any():
        share, no_bands = _band_share(rows["bands"], is_interval, on_attainment, actual, down, up)
        value[is_interval] = multiply(weight[is_interval], share[is_interval])
        no_parameter |= is_interval & no_bands
    needs_standard = (is_percentage | on_attainment) & (no_standard | (standard <= 0))
    needs_standard |= is_step & no_standard
    gaps = np.select(
        [no_parameter, no_actual, needs_standard],
        [_STATE["missing_parameter"], _STATE["missing_actual"], _STATE["missing_standard"]],
        default=0,
    )
    return value, gaps, attainment, no_quotient


def lacks_standard(rows: pd.DataFrame) -> pd.Series:
    """Which scored rows cannot be scored for want of a standard (3.5), also where the actual is
    missing too: their state names the actual alone. Intervals of the figure itself need none."""
    method, on = rows["method"], rows["bands_on"]
    needs = method.isin(["percentage", "step"])
    needs |= method.isin(["interval"]) & on.isin(["attainment"])
    both = rows["row_state"].isin(["missing_actual"]) & needs
    return (both | rows["row_state"].isin(["missing_standard"])) & rows["standard"].isna()


def _percentage(
    good: Ints, base: Ints, weight: Ints, cap: Ints, reached: npt.NDArray[np.bool_]
) -> Ints:
    """Attainment x weight, at most cap x weight, 0 below the zero line.

    Rounded once, from the exact quotient. ``reached``: not below the zero line;
    42.00 s against 30 s reaches 60 % exactly and scores, 42.01 s does not.
    """
    share = multiply_divide(good, weight, base)
    return np.where(reached, np.clip(share, 0, multiply(weight, cap)), 0)


def _step(short: Ints, size: Ints, deduct: Ints, weight: Ints) -> Ints:
    """The weight less one deduction per step short of the standard; a started step is whole."""
    steps = np.clip(-(-np.maximum(short, 0) // size), 0, MILLION)
    left = np.clip(MILLION - steps * np.minimum(deduct, MILLION), 0, MILLION)
    return multiply(weight, left)


def _band_share(
    texts: pd.Series,
    chosen: np.ndarray,
    on_attainment: np.ndarray,
    actual: Ints,
    down: Ints,
    up: Ints,
) -> tuple[Ints, np.ndarray]:
    """The share of the weight each interval row earns, and where the bands are missing."""
    share = np.zeros(len(actual), dtype=np.int64)
    where = np.flatnonzero(chosen)
    codes, distinct = pd.factorize(texts.iloc[where])
    missing = np.zeros(len(actual), dtype=bool)
    missing[where[codes < 0]] = True
    order = np.argsort(codes, kind="stable")
    ends = np.searchsorted(codes[order], np.arange(len(distinct) + 1))
    for number, text in enumerate(distinct):
        at = where[order[ends[number] : ends[number + 1]]]
        bands = parse_bands(str(text))
        shares = np.array([*bands.shares, bands.otherwise], dtype=np.int64)
        rising = bands.direction == "at_most"
        # limits have six decimals: rounding towards the worse side decides them exactly
        quotient = up[at] if rising else down[at]
        measured = np.where(on_attainment[at], quotient, actual[at])
        limits = np.array(bands.limits, dtype=np.int64)
        if rising:
            share[at] = shares[np.searchsorted(limits, measured, side="left")]
        else:
            share[at] = shares[np.searchsorted(-limits, -measured, side="left")]
    return share, missing
