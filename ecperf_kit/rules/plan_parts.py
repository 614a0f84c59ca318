"""A channel's plan that several people of a post carry, divided among them to the fen.

A proposal (assessment method 2.1 and 3.5): by the shares agreed, else as each of them sold,
else evenly by their time, with the ground each part rests on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import FEN, MILLION, divide, split
from ecperf_kit.method.once import once
from ecperf_kit.rules.in_force import cards, number, people, start_month, words
from ecperf_kit.rules.plan import plan_months, plan_year_months
from ecperf_kit.rules.standards import shortest_last, typed_standards

GIVEN, HISTORY, EVEN, TOGETHER = "given", "history", "even", "together"
#: Evenly, by the time each gives the post and channel.
TIME = "time"
#: Agreed shares that do not add up to 1, and a part of nothing.
SCALED, NOTHING = "scaled", "nothing"
_GROUPS = ("post", "channel", "indicator", "persons", "basis", "year")
_PARTS = ("post", "channel", "indicator", "employee", "month", "share", "standard", "basis")


@dataclass(frozen=True, slots=True)
class Agreed:
    """The shares agreed (stored, None where none is) for the people who carry a channel's
    plan of a measure together, and on what ground it is divided in the end."""

    post: str
    channel: str
    indicator: str
    shares: Mapping[str, int | None]
    basis: str

    @property
    def total(self) -> int:
        """What the shares add up to."""
        return sum(share or 0 for share in self.shares.values())


@dataclass(frozen=True, slots=True)
class PlanParts:
    """``groups``: post, channel, indicator, persons, basis, year (the months' plan together).
    ``parts``: the same with employee, month, share and standard. ``basis`` is given, scaled
    (agreed, but not adding up to 1), history, even or time; in ``groups`` also together for what
    the whole channel alone is measured by, in ``parts`` also nothing for a part of 0.
    ``agreed``: every group of which somebody has an agreed share."""

    groups: pd.DataFrame
    parts: pd.DataFrame
    agreed: tuple[Agreed, ...] = ()


@once
def plan_parts(client: Client) -> PlanParts:
    """Each person's part of the plan from the month the assessment begins with.

    For every post of which several people serve one channel, and every measure of the plan
    on their scorecards: month by month the parts add up to the channel's plan to the fen.
    Who has a standard of their own for a month keeps it; the others share what is left.
    Evenly is by the time each gives the post and channel. A part is that of a whole month:
    scoring reduces it to the days worked, so that it is not reduced here for joiners too.
    """
    months = [month for month in plan_year_months(client) if month >= start_month(client)]
    teams, plans = _teams(client), _plans(client)
    if not teams or not plans:
        return PlanParts(_frame([], _GROUPS), _frame([], _PARTS))
    measured, typed, there = _measured(client), _typed(client), _employed(client)
    on_card, written = _on_card(client), dict(client.config.targets.person_shares)
    newest = number(client, "plan.person_history_months") // MILLION
    agreed: list[Agreed] = []
    groups: list[tuple[Any, ...]] = []
    parts: list[tuple[Any, ...]] = []
    for (post, channel), everybody in teams.items():
        for measure, names in _assessed(client, on_card, post, everybody).items():
            plan = plans.get((measure, channel), {})
            if len(names) < 2 or not any(month in plan for month in months):
                continue
            sold = measured.get(measure, {})
            if not any(name in sold for name in names) and f"channel:{channel}" in sold:
                whole = sum(plan.get(month, 0) for month in months)
                groups.append((post, channel, measure, len(names), TOGETHER, whole))
                continue
            time = {name: everybody[name] for name in names}
            shares, basis = _shares(written, time, sold, newest)
            if any(name in written for name in names):
                of_group = {name: written.get(name) for name in names}
                agreed.append(Agreed(post, channel, measure, of_group, basis))
            found: list[tuple[Any, ...]] = []
            for month in months:
                here = [n for n in names if _there(there.get(n), month)]
                own = {n: typed[n, measure, month] for n in here if (n, measure, month) in typed}
                open_ = [n for n in here if n not in own]
                left = plan.get(month, -1) - sum(own.values())
                if not open_ or left < 0:
                    continue
                of, ground = [shares[name] for name in open_], basis
                if sum(of) <= 0:
                    of = [time[name] for name in open_]
                    ground = _by_time(time)
                amounts = split(left - left % FEN, of)  # a standard may have more decimals
                found += [
                    (post, channel, measure, name, month, int(divide(share, sum(of))), int(amount),
                     ground if share else NOTHING)
                    for name, share, amount in zip(open_, of, amounts, strict=True)
                ]  # fmt: skip
            if found:
                told = sum(plan[month] for month in dict.fromkeys(row[4] for row in found))
                groups.append((post, channel, measure, len(names), basis, told))
                parts += found
    return PlanParts(_frame(groups, _GROUPS), _frame(parts, _PARTS), tuple(agreed))


def _frame(rows: Sequence[tuple[Any, ...]], columns: Sequence[str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(columns))
    whole = {"persons", "year", "share", "standard"}
    return frame.astype({name: "Int64" if name in whole else "str" for name in columns})


def _teams(client: Client) -> dict[tuple[str, str], dict[str, int]]:
    """The people of each post and channel with their share of working time in it, where there
    are several, as the assessment begins. Equal shares of their posts where none is given."""
    team = people(client, start_month(client))
    posts = team.groupby("employee")["post"].transform("size").to_numpy(dtype=np.int64)
    time = team["time_share"].fillna(pd.Series(MILLION // posts, index=team.index))
    named = (team[name].fillna("").tolist() for name in ("post", "channel", "employee"))
    found: dict[tuple[str, str], dict[str, int]] = {}
    for post, channel, employee, share in zip(*named, time.tolist(), strict=True):
        if channel:
            own = found.setdefault((post, channel), {})
            own[employee] = own.get(employee, 0) + max(int(share), 1)
    return {key: held for key, held in sorted(found.items()) if len(held) > 1}


def _on_card(client: Client) -> dict[str, set[str]]:
    """Scorecard -> its indicators that follow the annual plan."""
    found: dict[str, set[str]] = {}
    rows = cards(client)
    names = ("subject", "indicator", "standard_basis")
    for subject, indicator, basis in zip(*(rows[n].tolist() for n in names), strict=True):
        own = found.setdefault(subject, set())
        if basis == "annual_plan":
            own.add(indicator)
    return found


def _assessed(
    client: Client, on_card: Mapping[str, set[str]], post: str, team: Iterable[str]
) -> dict[str, list[str]]:
    """Which of a post's people each measure of the plan is on the scorecard of."""
    under = {n: f"employee:{n}" if f"employee:{n}" in on_card else f"post:{post}" for n in team}
    return {
        measure: [n for n in team if measure in on_card.get(under[n], ())]
        for measure in words(client, "standard.plan_measures")
    }


def _plans(client: Client) -> dict[tuple[str, str], dict[str, int]]:
    """(measure, channel) -> month -> what is planned, where that is more than nothing."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for measure in words(client, "standard.plan_measures"):
        plan = plan_months(client, measure)
        columns = (plan[name].tolist() for name in ("month", "channel", "amount"))
        for month, channel, amount in zip(*columns, strict=True):
            if channel and amount > 0:
                found.setdefault((measure, channel), {})[month] = int(amount)
    return found


def _measured(client: Client) -> dict[str, dict[str, dict[str, int]]]:
    """Measure -> person or ``channel:…`` -> month -> figure on record."""
    rows = client.table("actuals")
    wanted = rows["indicator"].isin(words(client, "standard.plan_measures"))
    wanted &= rows["subject_kind"].isin(["employee", "channel"])
    rows = rows.take(np.flatnonzero(wanted.to_numpy(dtype=bool)))
    found: dict[str, dict[str, dict[str, int]]] = {}
    names = ("indicator", "subject_kind", "subject_id", "period", "value")
    for measure, kind, name, month, value in zip(*(rows[n].tolist() for n in names), strict=True):
        if not pd.isna(value):
            subject = name if kind == "employee" else f"channel:{name}"
            found.setdefault(measure, {}).setdefault(subject, {})[month] = int(value)
    return found


def _typed(client: Client) -> dict[tuple[str, str, str], int]:
    """(person, measure, month) -> the standard of their own they have already; of two the one
    for the shorter period, as in scoring."""
    rows = shortest_last(typed_standards(client))
    measures = words(client, "standard.plan_measures")
    rows = rows[(rows["subject_kind"] == "employee") & rows["indicator"].isin(measures)]
    names = ("subject_id", "indicator", "months", "standard")
    return {
        (name, measure, month): int(value)
        for name, measure, months, value in zip(*(rows[n].tolist() for n in names), strict=True)
        if not pd.isna(value)
        for month in months
    }


def _employed(client: Client) -> dict[str, tuple[str, str]]:
    """Person -> the first and last month of employment ("" where open)."""
    staff = client.table("employees")
    hired, left = (staff[name].dt.strftime("%Y-%m").fillna("") for name in ("hired", "left"))
    return {
        name: (first, last)
        for name, first, last in zip(
            staff["employee"].tolist(), hired.tolist(), left.tolist(), strict=True
        )
    }


def _there(employed: tuple[str, str] | None, month: str) -> bool:
    """Whether somebody is employed in a month at all."""
    first, last = employed or ("", "")
    return first <= month and (not last or last >= month)


def _shares(
    agreed: Mapping[str, int],
    time: Mapping[str, int],
    sold: Mapping[str, Mapping[str, int]],
    newest: int,
) -> tuple[dict[str, int], str]:
    """Everybody's share and its ground: agreed for all of them, or what they sold in the
    ``newest`` months on record for all of them, or alike, by their time."""
    names = list(time)
    whole = sum(agreed.get(name, 0) for name in names)
    if all(name in agreed for name in names) and whole > 0:
        return {name: agreed[name] for name in names}, GIVEN if whole == MILLION else SCALED
    if all(name in sold for name in names):
        common = sorted(set.intersection(*(set(sold[name]) for name in names)))[-newest:]
        sums = {name: sum(sold[name][month] for month in common) for name in names}
        if common and min(sums.values()) >= 0 and sum(sums.values()) > 0:
            return sums, HISTORY
    return dict(time), _by_time(time)


def _by_time(time: Mapping[str, int]) -> str:
    return EVEN if len(set(time.values())) == 1 else TIME
