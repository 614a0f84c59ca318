"""The two example effects on the client's own figures: illustrative, in report and command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import divide
from ecperf_kit.method.what_if import (
    LEVERS,
    Lever,
    changed,
    effect_share,
    permitted,
    raised,
)
from ecperf_kit.rules.few import of_few
from ecperf_kit.rules.in_force import number
from ecperf_kit.rules.plan import annual_plan
from ecperf_kit.rules.proposal import sold_by_month
from ecperf_kit.stages.result import Sentence

_YEAR = 12
#: From whom the level of an indicator is taken, the widest first.
_WIDEST = ("company", "channel", "department", "post", "post_channel", "employee")
COLUMNS = ("lever", "level", "raised", "measure", "base", "amount", "effect", "change", "after",
           "state")  # fmt: skip


def what_if(client: Client, rises: Mapping[str, int] | None = None) -> pd.DataFrame:
    """One row per example effect: what rises by how much, what may follow, in share and money.

    ``rises``: stored fractions by lever (conversion, fcr); the article's own examples
    without it. Figures that are not on record are missing. Every row is illustrative.
    A rise beyond what is ``permitted`` is carried to that limit, and its row says so.
    """
    rows = []
    for name, lever in LEVERS.items():
        if rises is not None and name not in rises:
            continue
        asked = number(client, lever.rise) if rises is None else rises[name]
        level, low, high = _range(client, lever)
        rise = min(max(asked, low), high)
        amount, base = _amount(client, lever)
        change = None if amount is None else _changed(client, lever, amount, rise)
        rows.append({
            "lever": _lever(name, rise, asked),
            "level": level,
            "raised": None if level is None else raised(lever, level, rise),
            "measure": Sentence("design.what_if.measure", {"indicator": lever.measure}),
            "base": base,
            "amount": amount,
            "effect": effect_share(lever, rise, lambda n: number(client, n)),
            "change": change,
            "after": None if amount is None or change is None else amount + change,
            "state": "illustrative",
        })  # fmt: skip
    said = {"lever", "measure", "base", "state"}
    kinds = {name: "object" if name in said else "Int64" for name in COLUMNS}
    columns = {n: pd.Series([r[n] for r in rows], dtype=kind) for n, kind in kinds.items()}
    return pd.DataFrame(columns).astype({"state": "str"})


def beyond(client: Client, rises: Mapping[str, int]) -> list[Sentence]:
    """Which of these rises mean nothing, for a share would leave 0 to 100 % or more than all
    would be lost or saved: each with the range that does."""
    found = []
    for name, rise in rises.items():
        level, low, high = _range(client, LEVERS[name])
        if not low <= rise <= high:
            values = {"rise": rise, "low": low, "high": high, "level": level}
            found.append(Sentence(f"design.what_if.beyond.{name}", values))
    return found


def _range(client: Client, lever: Lever) -> tuple[int | None, int, int]:
    """The indicator's level, and the greatest fall and rise from there."""
    level = _level(client, lever.indicator)
    return level, *permitted(lever, level, lambda name: number(client, name))


def _lever(name: str, rise: int, asked: int) -> Sentence:
    down = "_down" if rise < 0 else ""
    said = Sentence(f"design.what_if.{name}{down}", {"rise": abs(rise)})
    return said if rise == asked else Sentence("design.what_if.limited", {"lever": said})


def _changed(client: Client, lever: Lever, amount: int, rise: int) -> int:
    return changed(amount, lever, rise, lambda name: number(client, name))


def _level(client: Client, indicator: str) -> int | None:
    """The indicator's last figure on record of the widest subject that has one; single people's
    figures are nobody's level."""
    by_kind: dict[str, dict[str, list[tuple[Any, ...]]]] = {}
    for kind, month, *figures in _record(client, indicator):
        by_kind.setdefault(kind, {}).setdefault(month, []).append(tuple(figures))
    for kind in _WIDEST[:-1]:
        if kind not in by_kind:
            continue
        last = by_kind[kind][max(by_kind[kind])]
        parts = [row for row in last if not (pd.isna(row[2]) or pd.isna(row[3]))]
        whole = sum(int(low) for *_, low in parts)
        if of_few(client, kind, [name for name, *_ in (parts if whole > 0 else last)]):
            continue
        if whole > 0:
            return int(divide(sum(int(top) for *_, top, _ in parts), whole))
        if len(last) == 1 and not pd.isna(last[0][1]):
            return int(last[0][1])
    return None


def _record(client: Client, indicator: str) -> list[tuple[Any, ...]]:
    """The indicator's rows on record: subject's kind, month, subject, value and its two parts."""
    rows = client.table("actuals")
    rows = rows.take(np.flatnonzero((rows["indicator"] == indicator).to_numpy(dtype=bool)))
    names = ("subject_kind", "period", "subject_id", "value", "numerator", "denominator")
    return list(zip(*(rows[name].tolist() for name in names), strict=True))


def _amount(client: Client, lever: Lever) -> tuple[int | None, Sentence]:
    """The money the effect is shown on and where it comes from: the year's plan, else the last
    twelve months on record."""
    if lever.measure == "net_sales":
        plan = annual_plan(client).get("")
        if plan is not None:
            year = str(client.config.dates.plan_year)
            return plan, Sentence("design.what_if.base.plan", {"year": year})
        sold = sold_by_month(client)
        months = {str(month): int(amount) for month, amount in sold.items()}
    else:
        months = _recorded(client, lever.measure)
    if not months:
        return None, Sentence("design.what_if.base.none")
    last = sorted(months)[-_YEAR:]
    values: dict[str, Any] = {"first": last[0], "last": last[-1], "count": len(last)}
    return sum(months[month] for month in last), Sentence("design.what_if.base.months", values)


def _recorded(client: Client, indicator: str) -> dict[str, int]:
    """A sum on record by month, of the widest subjects that have it."""
    rows = [row for row in _record(client, indicator) if not pd.isna(row[3])]
    kind = next((kind for kind in _WIDEST if any(row[0] == kind for row in rows)), "")
    found: dict[str, int] = {}
    whose: dict[str, list[str]] = {}
    for own, month, name, value, *_ in rows:
        if own == kind:
            found[month] = found.get(month, 0) + int(value)
            whose.setdefault(month, []).append(name)
    return {m: amount for m, amount in found.items() if not of_few(client, kind, whose[m])}
