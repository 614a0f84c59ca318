"""Totals: the scores of a scorecard added up for each employee and month."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ecperf_kit.exact import FEN, Ints, ints, masked, multiply_divide, round_half_up
from ecperf_kit.method.keys import Groups

TOTAL_COLUMNS = (
    "employee", "month", "post", "department", "channel", "category", "superior",
    "total", "given_total", "self_total", "state", "missing", "days_share", "key_reached",
)  # fmt: skip
_SCORES = {"total": "row_score", "given_total": "superior_score", "self_total": "self_score"}


def sheet_key(table: pd.DataFrame) -> list[str]:
    """What tells one total from another: employee and month, and the trial where there are any."""
    return ["employee", "month", *(name for name in ("trial",) if name in table.columns)]


def totals(scored: pd.DataFrame) -> pd.DataFrame:
    """One row per employee and month, sorted so: the total and how sure it is.

    ``total`` adds the row scores (six decimals each) and is rounded half-up to
    two decimals, before any band is looked up; missing if a row is.
    ``given_total`` and ``self_total`` add the superior's and the own scores
    likewise. Somebody transferred inside the month has the totals of both posts
    weighted by days and stands under the post with most days.

    ``state``: final | provisional (a row is not confirmed) | incomplete
    (``missing`` rows have no score) | not_assessed (too few days).
    ``key_reached``: every key result indicator reached its standard.

    Rows with a column ``trial`` (the same rows with other standards or methods)
    yield the totals of each trial, with that column.
    """
    key = sheet_key(scored)
    parts = Groups(scored, [*key, "part_from", "post", "channel"])
    frame = scored[[*_HEAD, *key[2:]]].take(parts.first).reset_index(drop=True)
    for name, column in _SCORES.items():
        frame[name] = parts.sum(ints(scored[column]))
        frame[f"no_{name}"] = parts.sum(scored[column].isna().to_numpy()) > 0
    key_missed = scored["key_result"].to_numpy(dtype=bool) & ~_reached(scored)
    frame["missing"] = parts.sum(scored["row_score"].isna().to_numpy())
    frame["unconfirmed"] = parts.sum((scored["row_state"] == "unconfirmed").to_numpy(dtype=bool))
    frame["key_missed"] = parts.sum(key_missed)
    return _by_month(frame)


_HEAD = ["employee", "month", "post", "department", "channel", "category", "superior",
         "days_share", "part_share", "assessed", "main"]  # fmt: skip


def _reached(scored: pd.DataFrame) -> np.ndarray:
    """Whether each row's actual reached its standard; without one, whether it scored in full."""
    lower = (scored["direction"] == "lower_is_better").to_numpy(dtype=bool, na_value=False)
    actual, standard = ints(scored["actual"]), ints(scored["standard"])
    known = (scored["actual"].notna() & scored["standard"].notna()).to_numpy()
    met = np.where(lower, actual <= standard, actual >= standard)
    full = (scored["row_score"] >= scored["weight"]).fillna(False).to_numpy(dtype=bool)
    return np.where(known, met, full)


def _by_month(frame: pd.DataFrame) -> pd.DataFrame:
    """Parts of a month weighted by days into one row per employee and month."""
    key = sheet_key(frame)
    months = Groups(frame, key)
    sizes = months.sizes()
    share = ints(frame["part_share"])
    weight = np.zeros_like(share)
    weight[months.order] = np.repeat(months.sum(share), sizes)
    # the part with most days names the month; among the rows of a month it comes first
    leading = np.lexsort((~frame["main"].to_numpy(dtype=bool), _group_of(months, sizes)))
    result = frame.iloc[leading[months.starts]][[*_HEAD[:7], *key[2:]]].reset_index(drop=True)
    assessed = months.sum(~frame["assessed"].to_numpy(dtype=bool)) == 0
    for name in _SCORES:
        score = months.sum(multiply_divide(ints(frame[name]), share, np.maximum(weight, 1)))
        gap = (months.sum(frame[f"no_{name}"].to_numpy()) > 0) | ~assessed
        result[name] = masked(round_half_up(score, FEN), gap)
    missing, unconfirmed = (months.sum(ints(frame[n])) for n in ("missing", "unconfirmed"))
    state = np.select(
        [~assessed, missing > 0, unconfirmed > 0],
        ["not_assessed", "incomplete", "provisional"],
        default="final",
    )
    result = result.assign(
        missing=missing,
        state=pd.Series(state, dtype="str"),
        days_share=masked(months.sum(ints(frame["days_share"])), False),
        key_reached=months.sum(ints(frame["key_missed"])) == 0,
    )
    return result[[*TOTAL_COLUMNS, *key[2:]]]


def _group_of(groups: Groups, sizes: Ints) -> Ints:
    """The number of the group each row belongs to."""
    numbers = np.zeros(len(groups.order), dtype=np.int64)
    numbers[groups.order] = np.repeat(np.arange(len(sizes)), sizes)
    return numbers
