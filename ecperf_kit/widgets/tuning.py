"""What the sliders compute: a scorecard's own history under other weights.

The months that were scored with the same indicators are scored again; everything goes
through the method the pay goes through, so a slider and a later report agree.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ecperf_kit.exact import MILLION, Ints, ints, masked, multiply_divide, split
from ecperf_kit.method.coefficient import coefficients
from ecperf_kit.method.scorecards import assessed_rows
from ecperf_kit.method.scoring import score
from ecperf_kit.method.totals import totals
from ecperf_kit.rules import check_scheme
from ecperf_kit.rules.in_force import cards, people

if TYPE_CHECKING:
    from ecperf_kit.client import Client
    from ecperf_kit.finding import Finding

_SCORES = ("self_score", "superior_score")


def balanced(
    weights: Ints, moved: int, value: int, fixed: Collection[int] = (), unit: int = MILLION // 2
) -> Ints:
    """The weights after one of them was set: the others give or take, the sum stays.

    ``weights`` are stored points, ``moved`` and ``fixed`` places in them. What the moved
    one gains the free ones lose in proportion to what they have (equally where all have
    0), in steps of ``unit`` (half a point). It stops where the fixed ones leave no more.
    """
    whole = int(weights.sum())
    kept = [place for place in fixed if place != moved]
    free = [place for place in range(len(weights)) if place != moved and place not in kept]
    held = int(weights[kept].sum())
    result = weights.copy()
    if not free:  # nobody to give or take: the moved one stays what it must be
        result[moved] = whole - held
        return result
    result[moved] = min(max(value // unit * unit, 0), whole - held)
    rest = whole - held - int(result[moved])
    shares = weights[free]
    # a rest that is no multiple of the step keeps its odd part on the first free one
    odd = rest % unit
    parts = split(rest - odd, shares if shares.sum() else np.ones_like(shares), unit)
    parts[0] += odd
    result[free] = parts
    return result


def subjects(client: Client) -> tuple[str, ...]:
    """The scorecards in force, as ``post:presales_cs`` or ``employee:E003``.

    Without those one of whose weights is missing or cannot be read: it is not 0.
    """
    rows = cards(client)
    lost = set(rows.loc[rows["weight"].isna(), "subject"])
    return tuple(name for name in dict.fromkeys(rows["subject"]) if name not in lost)


def largest(client: Client, names: Sequence[str]) -> str:
    """The subject that applies to most people; the first of equals. KeyError without any."""
    if not names:
        raise KeyError("no scorecard or pay plan is in force")
    posts = people(client)["post"].value_counts()
    size = {f"post:{post}": int(count) for post, count in posts.items()}
    return max(names, key=lambda name: size.get(name, 0))


class CardHistory:
    """One scorecard, its weights, and the months of actuals it can be scored on again."""

    def __init__(self, client: Client, subject: str) -> None:
        """Raises KeyError for a subject without a scorecard in force."""
        self.client, self.subject = client, subject
        own = cards(client)
        own = own[own["subject"] == subject]
        if own.empty or own["weight"].isna().any():
            known = ", ".join(subjects(client))
            raise KeyError(f"no scorecard in force for {subject!r}; there are: {known}")
        self.indicators = tuple(own["indicator"])
        self.weights: Ints = ints(own["weight"])
        self.since = own["effective_from"].iloc[0]
        kind, name = subject.split(":", 1)
        months = sorted(client.table("actuals")["period"].dropna().unique())
        rows = assessed_rows(client, months)
        at = rows["post"] if kind == "post" else rows["employee"]
        rows = rows[(rows["card_kind"] == kind) & (at == name)]
        self.rows = rows[_same_indicators(rows, self.indicators)].reset_index(drop=True)
        self.before_rows = score(self.rows)
        self.before = self._looked_up(self.before_rows)

    def rescored(self, weights: Ints) -> pd.DataFrame:
        """One row per person and month: employee, month, before, after, change,
        coefficient_before, coefficient_after.

        Points given by a superior for rows without data are taken in proportion to the
        row's weight. Missing where a total cannot be computed.
        """
        place = {name: at for at, name in enumerate(self.indicators)}
        at = self.rows["indicator"].map(place).to_numpy(dtype=np.int64)
        old, new = ints(self.rows["weight"]), weights[at]
        if (old == new).all() and (old > 0).all():  # as the cell is first shown, and in a report
            return self._beside(self.before)
        changed: dict[str, Any] = {"weight": masked(new, False, self.rows.index)}
        for name in _SCORES:
            given = self.rows[name]
            scaled = multiply_divide(ints(given), new, np.maximum(old, 1))
            changed[name] = masked(scaled, given.isna(), self.rows.index)
        return self._beside(self._looked_up(score(self.rows.assign(**changed))))

    def _beside(self, after: pd.DataFrame) -> pd.DataFrame:
        both = self.before.merge(after, on=["employee", "month"], suffixes=("_before", "_after"))
        both = both.rename(columns={"total_before": "before", "total_after": "after"})
        both["change"] = (both["after"] - both["before"]).astype("Int64")
        wanted = ["employee", "month", "before", "after", "change"]
        return both[[*wanted, "coefficient_before", "coefficient_after"]]

    def faults(self, weights: Ints) -> tuple[Finding, ...]:
        """What the scheme's rules find wrong with this scorecard under other weights."""
        if (weights == self.weights).all():
            return tuple(f for f in check_scheme(self.client) if f.subject == self.subject)
        place = dict(zip(self.indicators, weights.tolist(), strict=True))
        table = self.client.table("scorecards")
        subject = table["subject_kind"] + ":" + table["subject_id"]
        mine = (subject == self.subject) & (table["effective_from"] == self.since)
        changed = table["indicator"].map(place).where(mine).fillna(table["weight"])
        tables = {**self.client.tables, "scorecards": table.assign(weight=changed.astype("Int64"))}
        altered = replace(self.client, tables=MappingProxyType(tables))
        return tuple(f for f in check_scheme(altered) if f.subject == self.subject)

    def _looked_up(self, scored: pd.DataFrame) -> pd.DataFrame:
        looked_up = coefficients(self.client, totals(scored), scored)
        return looked_up[["employee", "month", "total", "coefficient"]]


def _same_indicators(rows: pd.DataFrame, indicators: tuple[str, ...]) -> np.ndarray:
    """Rows of the months whose scorecard has exactly these indicators."""
    key = ["employee", "month", "part_from"]
    known = rows["indicator"].isin(indicators)
    groups = [rows[name] for name in key]
    count = known.groupby(groups).transform("sum")
    size = known.groupby(groups).transform("size")
    same = (count == len(indicators)) & (size == len(indicators))
    return same.to_numpy(dtype=bool)
