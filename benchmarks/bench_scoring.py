"""Scoring a million rows, held against the plainest numpy that gives the same integers."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.rows import Row, ratio, row, seconds, table
from benchmarks.synthetic import write_client
from ecperf_kit.client import open_client
from ecperf_kit.exact import MILLION, ints
from ecperf_kit.library.bands import parse_bands
from ecperf_kit.method.scorecards import assessed_rows
from ecperf_kit.method.scoring import score
from ecperf_kit.method.totals import totals

ROWS = 1_000_000
_MONTH = ["employee", "month"]
_LARGEST = 4_000_000 * MILLION  # beyond, the plain way would wrap around


def rows_of(count: int) -> pd.DataFrame:
    """That many assessed rows: those of a client of 300 people, under ever new names.

    All are scored by data and nobody changed or shared posts, so that the plain way
    need know nothing of rating, days and gaps.
    """
    with tempfile.TemporaryDirectory() as folder:
        name = write_client(Path(folder), 300)
        client = open_client(name, "2026", root=folder)
        rows = assessed_rows(client, client.period.months if client.period else ())
    known = rows[["actual", "standard", "weight"]].notna().all(axis=1) & (rows["standard"] > 0)
    known &= (rows[["actual", "standard"]] < _LARGEST).all(axis=1)
    whole = (rows["part_share"] == MILLION) & rows["assessed"] & rows["has_data"]
    alone = ~rows.duplicated([*_MONTH, "indicator"], keep=False)
    rows = rows[(known & whole & alone).astype(bool)].assign(
        override_reason=pd.NA, override_evidence=pd.NA
    )
    copies = -(-count // len(rows))
    many = pd.concat(
        [rows.assign(employee=rows["employee"] + f"-{i:05d}") for i in range(copies)],
        ignore_index=True,
    )
    many = many.sort_values([*_MONTH, "part_from"], kind="stable", ignore_index=True)
    return many.iloc[:count].astype({"override_reason": "str", "override_evidence": "str"})


def plain_inputs(rows: pd.DataFrame) -> dict[str, Any]:
    """The same rows as plain arrays: whole numbers, numbered methods, bands and totals."""
    numbered, distinct = pd.factorize(rows["bands"])
    figures = ("actual", "standard", "weight", "cap", "zero_below", "step_size", "step_deduct")
    return {
        **{name: ints(rows[name]) for name in figures},
        "method": pd.factorize(rows["method"])[0],
        "methods": list(pd.factorize(rows["method"])[1]),
        "lower": (rows["direction"] == "lower_is_better").to_numpy(dtype=bool),
        "on_attainment": (rows["bands_on"] == "attainment").to_numpy(dtype=bool),
        "bands": numbered,
        "texts": [str(text) for text in distinct],
        "total": rows.groupby(_MONTH, sort=True).ngroup().to_numpy(),
    }


def plain(given: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Row scores and totals by np.select and one bincount, nothing checked on the way.

    Right only while actual and standard stay below 4,000,000 (4e12 stored) and weights
    are whole points; what is missing, rated or overridden is not known here.
    """
    actual, standard, weight = given["actual"], given["standard"], given["weight"]
    points = weight // MILLION
    good = np.where(given["lower"], 2 * standard - actual, actual)
    whole, rest = np.divmod(good * points, standard)
    exactly = whole * MILLION + (2 * rest * MILLION + standard) // (2 * standard)
    limit = points * given["cap"]
    down = good // standard * MILLION + good % standard * MILLION // standard
    reached = down >= given["zero_below"]
    percentage = np.where(reached, np.clip(exactly, 0, limit), 0)
    short = np.where(given["lower"], actual - standard, standard - actual)
    steps = -(-np.maximum(short, 0) // np.maximum(given["step_size"], 1))
    step = points * np.clip(MILLION - steps * given["step_deduct"], 0, MILLION)
    up = -(-good // standard) * MILLION
    up = up - (-good % standard) * MILLION // standard
    conditions, shares = [], []
    for number, text in enumerate(given["texts"]):
        own = given["bands"] == number
        bands = parse_bands(text)
        rising = bands.direction == "at_most"
        value = np.where(given["on_attainment"], up if rising else down, actual)
        for limit_, share in zip(bands.limits, bands.shares, strict=True):
            conditions.append(own & ((value <= limit_) if rising else (value >= limit_)))
            shares.append(share)
        conditions.append(own)
        shares.append(bands.otherwise)
    interval = points * np.select(conditions, shares, 0)
    by_method = {"percentage": percentage, "step": step, "interval": interval}
    scores = np.select(
        [given["method"] == i for i in range(len(given["methods"]))],
        [by_method[name] for name in given["methods"]],
    )
    # sums below 2^53 are exact in floats
    added = np.bincount(given["total"], weights=scores).astype(np.int64)
    return scores, (added + 5000) // 10_000 * 10_000


def main(full: bool = False, count: int = ROWS) -> list[Row]:
    """Ratios of scoring, and of scoring with totals, against the plain way."""
    rows = rows_of(count)
    given = plain_inputs(rows)
    expected, expected_totals = plain(given)
    scored = score(rows)
    assert (ints(scored["row_score"]) == expected).all()
    assert (ints(totals(scored)["total"]) == expected_totals).all()
    repeated = range(9 if full else 5)
    by_numpy, scoring, adding = [], [], []
    for _ in repeated:  # in turn, so that all see the same load of the machine
        by_numpy.append(seconds(lambda: plain(given)))
        scoring.append(seconds(lambda: score(rows)))
        adding.append(seconds(lambda: totals(scored)))
    both = [a + b for a, b in zip(scoring, adding, strict=True)]
    size = f"{count:,} rows; plain numpy = 1"
    return [
        row("scoring", "plain numpy, scores and totals", "s", by_numpy, f"{count:,} rows"),
        row("scoring", "score() and totals()", "s", both, f"{count:,} rows"),
        ratio("scoring", "score() as times the plain way", scoring, by_numpy, size),
        ratio("scoring", "score() and totals() as times the plain way", both, by_numpy, size),
    ]


if __name__ == "__main__":
    print(table(main()))
