"""From duties to indicators: what a post should be assessed on, and which duty asks for it.

HR-finance article 4.1: a duty becomes an action and the action an indicator, so a post
whose duties change is assessed on something else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from ecperf_kit.exact import MILLION, round_half_up, split

#: Columns of the recommendation.
COLUMNS = ["post", "indicator", "duties", "role", "weight"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How many core and process indicators a scorecard may hold, the points it adds up to
    and the core ones at least, the step weights come in, and the weight of an indicator
    the library gives none for."""

    core: int
    process: int
    total: int
    core_total: int
    step: int
    core_weight: int
    process_weight: int


def recommended(
    duties: pd.DataFrame,
    indicators: pd.DataFrame,
    scorecards: pd.DataFrame,
    limits: Limits,
    banned: Mapping[str, Collection[str]],
    exclusive: Collection[frozenset[str]] = (),
) -> pd.DataFrame:
    """The indicators the duties of each post ask for, each with its duties, role and weight.

    ``duties`` has post, duty and indicators (a tuple of ids, the most telling first), in
    the order of importance; ``indicators`` is indexed by id with ``nature``;
    ``scorecards`` (post, indicator, role, weight) says what the post, or else any post, is
    usually assessed on with which weight; ``banned`` names what a post must not be
    assessed on. Every duty gets its usual indicators, or else its first; measures of the same
    thing (``exclusive``) are taken once. Weights add up to the total, in whole steps.
    """
    usual: dict[str, dict[str, tuple[str, int]]] = {}
    elsewhere: dict[str, int] = {}
    columns = ("post", "indicator", "role", "weight")
    for post, name, role, weight in zip(*(scorecards[c] for c in columns), strict=True):
        usual.setdefault(post, {})[name] = (role, int(weight))
        elsewhere[name] = min(int(weight), elsewhere.get(name, int(weight)))
    nature = dict(zip(indicators.index, indicators["nature"], strict=True))
    asked: dict[str, dict[str, list[str]]] = {}
    for post, duty, names in zip(*(duties[c] for c in ("post", "duty", "indicators")), strict=True):
        own = usual.get(post, {})
        allowed = [n for n in names if n in nature and n not in banned.get(post, ())]
        of_post = asked.setdefault(post, {})
        for name in [n for n in allowed if n in own] or allowed[:1]:
            of_post.setdefault(name, []).append(str(duty))
    found: list[CardRow] = []
    for post, of_post in asked.items():
        own = usual.get(post, {})
        rows = []
        for name, named in _once_each(of_post, exclusive).items():
            core = own[name][0] == "core" if name in own else nature[name] == "result"
            plain = limits.core_weight if core else limits.process_weight
            weight = own[name][1] if name in own else elsewhere.get(name, plain)
            rows.append(CardRow(post, name, tuple(named), "core" if core else "process", weight))
        found += weighted(rows, limits)
    return pd.DataFrame(found, columns=COLUMNS).astype({"weight": "Int64"})


class CardRow(NamedTuple):
    """An indicator of a post's scorecard to be: the duties that ask for it, role, weight."""

    post: str
    indicator: str
    duties: tuple[str, ...]
    role: str
    weight: int


def _once_each(
    asked: Mapping[str, list[str]], exclusive: Collection[frozenset[str]]
) -> dict[str, list[str]]:
    """Of several measures of the same thing the first, with the duties of all of them."""
    chosen: dict[str, list[str]] = {}
    for name, duties in asked.items():
        same = next((c for c in chosen for group in exclusive if {c, name} <= group), None)
        if same is None:
            chosen[name] = list(duties)
        else:
            chosen[same] += [duty for duty in duties if duty not in chosen[same]]
    return chosen


def weighted(rows: list[CardRow], limits: Limits) -> list[CardRow]:
    """As many rows of one scorecard as fit, the heaviest first; weights add up to the total.

    Process indicators keep what is usual as far as the core ones get their share; the core
    ones share the rest.
    """

    def heaviest(role: str, most: int) -> list[CardRow]:
        own = [row for row in rows if row.role == role]
        return sorted(own, key=lambda row: -row.weight)[:most]

    core = heaviest("core", limits.core)
    rest = heaviest("process", limits.process)
    if not core:  # nothing but process indicators: they share it all
        core, rest = rest, []
    if not core:
        return []
    step = limits.step
    rest = [r._replace(weight=max(int(round_half_up(r.weight, step)), step)) for r in rest]
    most = limits.total - limits.core_total
    if sum(row.weight for row in rest) > most:
        rest = _shared(rest, most, step)
    while True:  # nobody's process indicator weighs more than a core one
        core = _shared(core, limits.total - sum(row.weight for row in rest), step)
        heavy = max(rest, key=lambda row: row.weight, default=None)
        if heavy is None or heavy.weight <= min(row.weight for row in core):
            return [*core, *rest]
        lighter = max(heavy.weight - step, step)
        if lighter == heavy.weight:
            return [*core, *rest]
        rest[rest.index(heavy)] = heavy._replace(weight=lighter)


def _shared(rows: list[CardRow], total: int, step: int) -> list[CardRow]:
    """The rows with weights in proportion to their own, in whole steps, adding up to the total.

    Every row gets a step at least, as long as the total has that many.
    """
    weights = [int(w) for w in split(total, [max(row.weight, MILLION) for row in rows], step)]
    while min(weights) < step and max(weights) > step:
        weights[weights.index(max(weights))] -= step
        weights[weights.index(min(weights))] += step
    return [row._replace(weight=w) for row, w in zip(rows, weights, strict=True)]
