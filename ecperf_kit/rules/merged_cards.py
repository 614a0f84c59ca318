"""One scorecard for somebody who works in several posts, merged by time share.

A proposal (assessment method 3.0 and 3.1): at most five core and three process indicators,
weights adding up to 100, the role of each indicator kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION
from ecperf_kit.method.once import once
from ecperf_kit.method.recommend import CardRow, Limits, weighted
from ecperf_kit.rules.duties import card_limits
from ecperf_kit.rules.in_force import cards, people

#: How an indicator is scored stands with the row of a client's scorecard.
SCORING = (
    "method", "cap", "zero_below", "step_size", "step_deduct", "bands", "bands_on",
    "standard_basis", "data_source",
)  # fmt: skip
COLUMNS = ("subject", "post", "indicator", "role", "posts", "now", "proposed", "state", "duty",
           *SCORING)  # fmt: skip


@dataclass(slots=True)
class _Part:
    """An indicator of the merged scorecard: what each post puts to its weight."""

    row: Mapping[str, Any]
    posts: dict[str, int]
    roles: dict[str, int]

    @property
    def weight(self) -> int:
        return sum(self.posts.values())

    @property
    def role(self) -> str:
        return max(self.roles, key=lambda role: (self.roles[role], role == "core"))


@once
def merged_cards(client: Client, faulty: tuple[str, ...] = ()) -> pd.DataFrame:
    """The merged scorecard of everybody in several posts: one row per person and indicator.

    Columns: subject, post (the main one), indicator, role, posts (tuple, of those that asked
    for it), now and proposed (weights, NA where not there), state (kept | reweighted | added |
    dropped | left_out, which is more than a scorecard holds), duty and how the row is scored.
    Each post's own scorecard is merged, the library's where it has none or its own is among
    the ``faulty`` ones (``post:…``).
    """
    team = people(client)
    team = team[team["employee"].duplicated(keep=False)]
    rows = cards(client)
    known = _by_card(rows) if len(team) else {}
    limits = card_limits(client)
    banned = _banned(client)
    found: list[dict[str, Any]] = []
    for employee, posts in _shares(team).items():
        if len(posts) < 2:
            continue
        subject, post = f"employee:{employee}", next(iter(posts))
        own = known.get(subject, [])
        now = {str(row["indicator"]): int(row["weight"]) for row in own}
        source = {p: _card_of(client, known, p, set(faulty)) for p in posts}
        parts = _merged(client, posts, source, banned.get(post, frozenset()))
        chosen = {row.indicator: row.weight for row in _chosen(parts, posts, limits)}
        ordered = sorted(parts, key=lambda name: (-chosen.get(name, 0), -parts[name].weight))
        for name in ordered:
            part = parts[name]
            found.append({
                **part.row, "subject": subject, "post": post, "indicator": name,
                "role": part.role, "posts": tuple(part.posts), "now": now.get(name),
                "proposed": chosen.get(name), "state": _state(now.get(name), chosen.get(name)),
            })  # fmt: skip
        for row in (row for row in own if row["indicator"] not in parts):
            of = {"subject": subject, "post": post, "posts": (), "now": row["weight"]}
            found.append({**row, **of, "proposed": None, "state": "dropped"})
    table = pd.DataFrame(found, columns=list(COLUMNS))
    kinds = {name: rows[name].dtype for name in SCORING}
    return table.astype({**kinds, "now": "Int64", "proposed": "Int64", "state": "str",
                         "subject": "str", "post": "str"})  # fmt: skip


def _state(now: int | None, proposed: int | None) -> str:
    if proposed is None:
        return "left_out" if now is None else "dropped"
    if now is None:
        return "added"
    return "kept" if now == proposed else "reweighted"


def _shares(team: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Person -> post -> time share, the greatest first; alike where one is not given."""
    found: dict[str, dict[str, int]] = {}
    unknown: set[str] = set()
    names = ("employee", "post", "time_share")
    for employee, post, share in zip(*(team[n].tolist() for n in names), strict=True):
        of = found.setdefault(employee, {})
        of[post] = of.get(post, 0) + (0 if pd.isna(share) else int(share))
        if pd.isna(share):
            unknown.add(employee)
    return {
        employee: dict.fromkeys(of, MILLION)
        if employee in unknown or not any(of.values())
        else dict(sorted(of.items(), key=lambda item: -item[1]))
        for employee, of in found.items()
    }


def _banned(client: Client) -> dict[str, frozenset[str]]:
    """Post -> what it must not be assessed on: of posts that answer for a channel."""
    posts, bans = client.library.posts, client.library.bans
    names = ("tag", "severity", "indicator")
    forbidden = frozenset(
        indicator
        for tag, severity, indicator in zip(*(bans[n].tolist() for n in names), strict=True)
        if tag == "channel_head" and severity == "forbidden"
    )
    heads = posts.index[posts["channel_head"].astype(bool)]
    return {str(post): forbidden for post in heads}


def _merged(
    client: Client,
    posts: Mapping[str, int],
    source: Mapping[str, Sequence[Mapping[str, Any]]],
    banned: frozenset[str],
) -> dict[str, _Part]:
    """What the posts' scorecards ask for together, every weight times its post's time share.

    Measures of the same thing count once, under the first of them; what the main post must
    not be assessed on is left out.
    """
    whole = sum(posts.values())
    exclusive = client.library.exclusive
    parts: dict[str, _Part] = {}
    for post, share in posts.items():
        for row in source[post]:
            name = str(row["indicator"])
            if name in banned:
                continue
            alike = (n for n in parts for group in exclusive if {n, name} <= group)
            name = name if name in parts else next(alike, name)
            part = parts.setdefault(name, _Part(row, {}, {}))
            # exact in Python's integers: half-up to the stored millionth
            weight = (2 * int(row["weight"]) * share + whole) // (2 * whole)
            part.posts[post] = part.posts.get(post, 0) + weight
            part.roles[row["role"]] = part.roles.get(row["role"], 0) + weight
    return parts


def _by_card(rows: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """Scorecard -> its rows."""
    found: dict[str, list[dict[str, Any]]] = {}
    for subject, row in zip(rows["subject"].tolist(), _records(rows), strict=True):
        found.setdefault(subject, []).append(row)
    return found


def _card_of(
    client: Client, known: Mapping[str, list[dict[str, Any]]], post: str, faulty: set[str]
) -> list[dict[str, Any]]:
    """A post's scorecard as rows: the client's where it has a sound one, else the library's."""
    subject = f"post:{post}"
    if subject in known and subject not in faulty:
        return known[subject]
    library = client.library.scorecards
    library = library[library["post"] == post][["indicator", "role", "weight", "duty"]]
    scoring = client.indicators.reindex(columns=list(SCORING))
    return _records(library.join(scoring, on="indicator"))


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    names = ["indicator", "role", "weight", "duty", *SCORING]
    values = zip(*(rows[name].tolist() for name in names), strict=True)
    return [dict(zip(names, row, strict=True)) for row in values]


def _chosen(
    parts: Mapping[str, _Part], posts: Sequence[str] | Mapping[str, int], limits: Limits
) -> list[CardRow]:
    """As many indicators as a scorecard holds, the heaviest first, with weights; every post
    keeps the heaviest core one of its own."""
    by_weight = sorted(parts, key=lambda name: -parts[name].weight)
    core = [name for name in by_weight if parts[name].role == "core"]
    first = [next((n for n in core if post in parts[n].posts), "") for post in posts]
    core = list(dict.fromkeys([*(n for n in first if n), *core]))[: limits.core]
    rest = [name for name in by_weight if parts[name].role == "process"][: limits.process]
    return weighted(
        [CardRow("", name, (), parts[name].role, parts[name].weight) for name in (*core, *rest)],
        limits,
    )
