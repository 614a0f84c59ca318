"""The performance coefficient: the total looked up in the table in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ecperf_kit.exact import MILLION, ints, masked, multiply_divide
from ecperf_kit.method.in_force import in_force
from ecperf_kit.method.plans import plan_parts
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
    empty; its key results already stand in ``key_reached``.
    """
    months = sorted(totals["month"].unique())
    by_part = part_coefficients(client, plan_parts(client, months), totals)
    main = by_part[by_part["main"]].drop_duplicates(["employee", "month"], keep="last")
    columns = ["employee", "month", "coefficient_table", "coefficient", "gated", "uses_coefficient"]
    result = totals.merge(main[columns], on=["employee", "month"], how="left")
    for name in ("gated", "uses_coefficient"):
        result[name] = result[name].fillna(False).astype(bool)
    return result


def part_coefficients(client: Client, plans: pd.DataFrame, totals: pd.DataFrame) -> pd.DataFrame:
    """The plan parts of assessed employees with total, state, coefficient and gated."""
    columns = ["employee", "month", "total", "state", "key_reached"]
    held = plans.merge(totals[columns], on=["employee", "month"], how="inner")
    months = sorted(held["month"].unique())
    tables = in_force(client.table("coefficient_tables"), months, ["coefficient_table"])
    versions = dict(list(tables.groupby(["month", "coefficient_table"])))
    coefficient = pd.Series(pd.NA, index=held.index, dtype="Int64")
    for key, part in held.groupby(["month", "coefficient_table"]):
        if key in versions:
            coefficient.loc[part.index] = look_up(part["total"], versions[key])
    categories = client.threshold("coefficient.over_gate_categories")
    by_category = held["category"].isin(list(categories)).astype("boolean")
    gate = held["over_gate"].astype("boolean").fillna(by_category)
    cut = gate & ~held["key_reached"] & (coefficient > MILLION).fillna(False)
    cut = cut.astype(bool)
    # a row that cannot be read: neither table nor gate is known, and the pay says so
    known = held["unread_row"].isna()
    uses = known & held["structure"].notna() & ~held["structure"].isin(["fixed", "score_bonus"])
    coefficient = coefficient.mask(cut, MILLION)
    coefficient = coefficient.mask(held["state"] == "not_assessed", MILLION)
    return held.assign(coefficient=coefficient.where(uses), gated=cut & uses, uses_coefficient=uses)
