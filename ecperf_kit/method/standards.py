"""Next standards and weights: raised step by step from one's own history.

Assessment method 3.5: industry figures are a reference only; a standard rises
from what was reached. Assessment method 3.4: weights follow the present focus.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ecperf_kit.exact import MILLION, ints, masked, multiply_divide, round_half_up
from ecperf_kit.method.actuals import monthly_actuals

if TYPE_CHECKING:
    from ecperf_kit.client import Client


_SHOWN = MILLION // 1000  # ratios are shown as per cent with one decimal


def standard_path(history: int, steps: Sequence[int], later: int, count: int) -> list[int]:
    """The standards to come, each for when the one before is reached.

    37 % with steps of 3, 2 and 3 points: 40, 42, 45 %, then ``later`` more each time.
    """
    rises = [*steps, *[later] * max(count - len(steps), 0)][:count]
    return [history + int(rise) for rise in np.cumsum(np.array(rises, dtype=np.int64))]


def next_standard(
    history: int, standard: int, reached: bool, steps: Sequence[int], later: int
) -> int:
    """The standard after ``standard`` on the path from ``history``.

    Not reached: it stays. Reached: the next on the path that is higher.
    """
    if not reached:
        return standard
    path = standard_path(history, steps, later, len(steps))
    higher = [value for value in path if value > standard]
    return higher[0] if higher else standard + later


def jumps(
    proposed: pd.Series, history: pd.Series, points: int, relative: int, ratio: pd.Series
) -> pd.Series:
    """Where a standard leaves history behind: by more than ``points`` or ``relative`` of it.

    The rise counts in either direction. The limit in points applies where
    ``ratio`` is true (figures that are fractions). 37 % to 55 % is a jump, 37 %
    to 40 % is not.
    """
    rise = (proposed - history).abs()
    known = (history.notna() & (history != 0)).fillna(False).to_numpy(dtype=bool)
    base = np.where(known, np.abs(ints(history)), MILLION)
    share = masked(multiply_divide(ints(rise), MILLION, base), ~known | rise.isna(), rise.index)
    far = (share > relative).fillna(False) | (ratio & (rise > points).fillna(False))
    return far.astype(bool)


def proposed_standards(client: Client, scored: pd.DataFrame) -> pd.DataFrame:
    """The next standard of each person's indicators, from the latest scored month.

    One row per employee and indicator, sorted so: month, standard, actual,
    reached, proposed, basis:

    - ``plan``: follows the annual plan, nothing to propose
    - ``raised``: reached, the next step (conversion has its own steps, other
      ratios rise by the later step, or fall where lower is better)
    - ``stepwise``: not reached and a jump against history; back to the next step
      above what was achieved
    - ``kept``: not reached
    - ``at_limit``: reached, and nothing better can be asked: all of a ratio, none of what
      should not be
    - ``step_missing``: reached, but how far to raise it is to be agreed
    """
    key = ["employee", "indicator"]
    known = scored[scored["actual"].notna() & scored["standard"].notna()]
    last = known.sort_values("month", kind="stable").drop_duplicates(key, keep="last")
    lower = (last["direction"] == "lower_is_better").to_numpy(dtype=bool)
    actual, standard = ints(last["actual"]), ints(last["standard"])
    reached = np.where(lower, actual <= standard, actual >= standard)
    ratio = last["indicator"].map(client.indicators["unit"]).eq("ratio").fillna(False)
    by_plan = (last["standard_from"] == "plan").to_numpy(dtype=bool)
    start = first_actuals(client, last).fillna(last["actual"])
    limits = [int(client.threshold(f"standard.jump_{name}")) for name in ("points", "relative")]
    far = jumps(last["standard"], start, limits[0], limits[1], ratio).to_numpy()
    on_path = ratio.to_numpy(dtype=bool) & ~lower
    later = int(client.threshold("conversion.later_step"))
    down = ratio.to_numpy(dtype=bool) & lower & (standard > later)
    basis = np.select(
        [by_plan, reached & (on_path | down), reached, far & on_path],
        ["plan", "raised", "step_missing", "stepwise"],
        default="kept",
    )
    proposed = np.where((basis == "raised") & down, standard - later, standard)
    beyond = np.where(basis == "stepwise", actual, standard)
    for steps, chosen in _paths(client, last):
        at = np.isin(basis, ["raised", "stepwise"]) & on_path & chosen
        proposed[at] = [
            min(next_standard(int(first), int(now), True, steps, later), MILLION)
            for first, now in zip(start[at], beyond[at], strict=True)
        ]
    # a step that leads no further, as it is shown, is none
    onward = round_half_up(proposed, _SHOWN) - round_half_up(standard, _SHOWN)
    basis = np.where((basis == "raised") & on_path & (onward <= 0), "at_limit", basis)
    basis = np.where((basis == "step_missing") & lower & (standard <= 0), "at_limit", basis)
    basis = np.where((basis == "stepwise") & (onward >= 0), "kept", basis)
    proposed = np.where(np.isin(basis, ["at_limit", "kept"]), standard, proposed)
    return pd.DataFrame(
        {
            "employee": last["employee"],
            "indicator": last["indicator"],
            "month": last["month"],
            "standard": last["standard"],
            "actual": last["actual"],
            "reached": pd.Series(reached, index=last.index, dtype="boolean"),
            "proposed": masked(proposed, False, last.index),
            "basis": pd.Series(basis, index=last.index, dtype="str"),
        }
    ).sort_values(key, ignore_index=True)


def _paths(client: Client, rows: pd.DataFrame) -> list[tuple[tuple[int, ...], np.ndarray]]:
    """The steps of a path and the rows that rise by them: conversion, then all others."""
    conversion = client.threshold("weights.swap_indicators")[0]
    is_conversion = (rows["indicator"] == conversion).to_numpy(dtype=bool)
    return [(tuple(client.threshold("conversion.steps")), is_conversion), ((), ~is_conversion)]


def first_actuals(client: Client, rows: pd.DataFrame) -> pd.Series:
    """The first known actual of each row's subject and indicator: where its path began."""
    months = sorted(client.table("actuals")["period"].dropna().unique())
    actuals = monthly_actuals(client, months)
    actuals = actuals[actuals["actual"].notna()].sort_values("month", kind="stable")
    subject = actuals["subject_kind"] + ":" + actuals["subject_id"]
    first = actuals.assign(subject=subject).drop_duplicates(["subject", "indicator"])
    starts = first.set_index(["subject", "indicator"])["actual"]
    at = pd.MultiIndex.from_frame(rows[["actual_subject", "indicator"]])
    return pd.Series(starts.reindex(at).array, index=rows.index).astype("Int64")


def swapped_weights(weights: pd.Series, reached: pd.Series) -> pd.Series:
    """The heaviest reached indicator and the heaviest one still lagging exchange weights.

    Conversion 30 (reached) and response 20 (not): 20 and 30. Nothing changes
    unless the reached one is heavier; the total never does.
    """
    met = reached.fillna(False).astype(bool)
    if not met.any() or met.all():
        return weights
    size, done = ints(weights), met.to_numpy()
    top = int(np.argmax(np.where(done, size, -1)))
    lagging = int(np.argmax(np.where(done, -1, size)))
    if size[top] <= size[lagging]:
        return weights
    order = np.arange(len(size))
    order[[top, lagging]] = lagging, top
    return pd.Series(weights.array[order], index=weights.index)
