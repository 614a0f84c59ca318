"""The performance coefficient: the total looked up in the table in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ecperf_kit.exact import MILLION, Ints, ints, masked, multiply_divide
from ecperf_kit.method.in_force import in_force
from ecperf_kit.method.keys import find, numbered, pairs, taken
from ecperf_kit.method.lost import with_lost
from ecperf_kit.method.plans import plan_parts
from ecperf_kit.method.totals import sheet_key
from ecperf_kit.method.unread import spoilt

if TYPE_CHECKING:
    from ecperf_kit.client import Client


def look_up(scores: pd.Series, table: pd.DataFrame) -> pd.Series:
    """The coefficient of each total in one version of a coefficient table.

    ``scores`` rounded to two decimals; ``table`` with at_least, coefficient and
    form. Bands: the highest lower bound the score reaches (bounds belong to
    their band). Linear: a straight line through the points, level beyond the
    last, half-up to six decimals. Missing for a missing score, below the lowest
    bound, and where a cell of the table cannot be read.
    """
    ordered = table.sort_values("at_least")
    bounds, coefficients = ints(ordered["at_least"]), ints(ordered["coefficient"])
    value = ints(scores)
    if not len(bounds) or spoilt(table).any():
        return masked(np.zeros(len(scores), dtype=np.int64), True, scores.index)
    at = np.searchsorted(bounds, value, side="right") - 1
    below = at < 0
    low = np.maximum(at, 0)
    result = coefficients[low]
    if (ordered["form"] == "linear").fillna(False).any():
        high = np.minimum(low + 1, len(bounds) - 1)
        width = np.where(high > low, bounds[high] - bounds[low], 1)
        rise = coefficients[high] - coefficients[low]
        result = result + multiply_divide(rise, value - bounds[low], width)
    return masked(result, below | scores.isna().to_numpy(), scores.index)


def coefficients(client: Client, totals: pd.DataFrame, scored: pd.DataFrame) -> pd.DataFrame:
    """The totals with coefficient_table, coefficient and gated, one row per employee and month.

    A coefficient above 1.0 needs the key result indicator to have reached its
    standard where the plan's gate is on (default: management and sales posts);
    ``gated`` marks those it cut to 1.0. Not assessed for too few days: 1.0.
    Missing where the total is missing, where the plan names no table or the
    table is not in force. ``scored`` is not needed beyond ``totals`` and may be
    empty; its key results already stand in ``key_reached``. Several totals of one
    employee and month are told apart by a column ``trial`` (what-if results).
    """
    key = sheet_key(totals)
    months = sorted(totals["month"].unique())
    by_part = part_coefficients(client, plan_parts(client, months), totals)
    main = by_part[by_part["main"]].iloc[::-1]  # of two main parts the later one counts
    at = find([totals[name] for name in key], [main[name] for name in key])
    found = totals.reset_index(drop=True).assign(
        coefficient_table=taken(main["coefficient_table"], at),
        coefficient=taken(main["coefficient"], at),
    )
    if not len(main):
        return found.assign(gated=False, uses_coefficient=False)
    flags = {name: main[name].to_numpy(dtype=bool) for name in ("gated", "uses_coefficient")}
    return found.assign(**{name: (at >= 0) & flag[at] for name, flag in flags.items()})


def gate_is_on(client: Client, plans: pd.DataFrame) -> np.ndarray:
    """Whether each plan's coefficient goes above 1.0 only with the key result reached.

    The plan's own word (``over_gate``); where it says nothing, what holds for the
    ``category`` of its post (assessment method 4.2).
    """
    categories = list(client.threshold("coefficient.over_gate_categories"))
    own = plans["over_gate"].astype("boolean")
    said = own.to_numpy(dtype=bool, na_value=False)
    return np.where(own.isna(), plans["category"].isin(categories).to_numpy(dtype=bool), said)


def part_coefficients(client: Client, plans: pd.DataFrame, totals: pd.DataFrame) -> pd.DataFrame:
    """The plan parts of assessed employees with total, state, coefficient and gated."""
    same = ["employee", "month"]
    part, total = pairs([plans[name] for name in same], [totals[name] for name in same])
    own = [*sheet_key(totals)[2:], "total", "state", "key_reached"]
    held = plans.take(part).reset_index(drop=True)
    held = held.assign(**{name: taken(totals[name], total) for name in own})
    coefficient, unknown = _looked_up(with_lost(client, "coefficient_tables"), held)
    reached = held["key_reached"].to_numpy(dtype=bool)
    cut = gate_is_on(client, held) & ~reached & ~unknown & (coefficient > MILLION)
    # a row that cannot be read: neither table nor gate is known, and the pay says so
    known = held["unread_row"].isna() & held["structure"].notna()
    uses = (known & ~held["structure"].isin(["fixed", "score_bonus"])).to_numpy(dtype=bool)
    few_days = (held["state"] == "not_assessed").to_numpy(dtype=bool)
    at_one = cut | few_days
    return held.assign(
        coefficient=masked(
            np.where(at_one, MILLION, coefficient), (unknown & ~at_one) | ~uses, held.index
        ),
        gated=cut & uses,
        uses_coefficient=uses,
    )


def _looked_up(tables: pd.DataFrame, held: pd.DataFrame) -> tuple[Ints, np.ndarray]:
    """The coefficient of each part's total in the version of its table in force, and its gaps."""
    versions = in_force(tables, sorted(held["month"].unique()), ["coefficient_table"])
    key = ["month", "coefficient_table"]
    at = find([held[name] for name in key], [versions[name] for name in key])
    coefficient = np.zeros(len(held), dtype=np.int64)
    unknown = np.ones(len(held), dtype=bool)
    # months with one version of a table in force are looked up together
    version = numbered([versions["coefficient_table"], versions["effective_from"]])
    month = numbered([versions["month"]])
    own = np.where(at >= 0, version[at], -1) if len(versions) else at
    for number in np.unique(own[own >= 0]):
        rows = np.flatnonzero(own == number)
        bands = versions[(version == number) & (month == month[version == number][0])]
        found = look_up(held["total"].iloc[rows], bands)
        coefficient[rows], unknown[rows] = ints(found), found.isna()
    return coefficient, unknown
