"""People as groups that may be shown: small posts are merged until nobody stands alone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.rules.few import fewest
from ecperf_kit.stages.result import Sentence

_REST, _SMALL = "rest:", "small:"


def shown_groups(client: Client, table: pd.DataFrame) -> pd.Series:
    """The group each row of ``table`` (employee, post, department) is shown under.

    ``post:<post>`` where enough people hold it, ``department:<department>`` for
    the small posts of a department that are enough together, ``rest:`` for all
    others; where these are too few, the smallest other group goes with them, for all less
    what is shown would be theirs. ``small:`` where there is no other group.
    """
    least = fewest(client)
    keys = table.drop_duplicates("employee", keep="last").set_index("employee")
    post, department = keys["post"].fillna(""), keys["department"].fillna("")
    group = "post:" + post
    group = group.mask(_size(group) < least, "department:" + department)
    group = group.mask(_size(group) < least, _REST)
    group = group.mask(_size(group) < least, _SMALL)
    others = group[group != _SMALL].value_counts().sort_index().sort_values(kind="stable")
    if (group == _SMALL).any() and len(others):
        group = group.mask(group.isin([_SMALL, others.index[0]]), _REST)
    found = group.reindex(table["employee"].to_numpy())
    found.index = table.index
    return found


def _size(group: pd.Series) -> pd.Series:
    return group.map(group.value_counts())


def named(group: str, every: bool = False) -> Sentence:
    """A group's name; ``every``: it is the only one."""
    kind, _, name = group.partition(":")
    if kind == "post":
        return Sentence("pilot.group.post", {"post": name})
    if every:
        return Sentence("pilot.group.everybody")
    if kind == "department":
        return Sentence("pilot.group.department", {"department": name})
    return Sentence("pilot.group.others")


def may_show(group: str) -> bool:
    """Whether figures of the group may stand in a paper for many."""
    return not group.startswith(_SMALL)


def shown_together(groups: Sequence[np.ndarray], moved: np.ndarray, least: int) -> list[bool]:
    """Which of the groups may be shown beside those before them.

    A group is a mask over people, ``moved`` marks those whose figure changes. Left out is
    every group that is too small itself, or from which, with the sums shown before, those
    of fewer than ``least`` people follow: a post of nine of a department's ten people.
    """
    shown: list[np.ndarray] = []
    verdicts = []
    for group in groups:
        trial = np.array([*shown, group], dtype=bool)
        safe = not (_told_apart(trial, least) or _told_apart(trial[:, moved], least))
        verdicts.append(safe)
        if safe:
            shown.append(group)
    return verdicts


def _told_apart(groups: np.ndarray, least: int) -> bool:
    """Whether sums over the groups yield something about fewer than ``least`` people alone.

    That is so where a combination of the groups' rows is zero for everybody else: then the
    projection on the rows has the eigenvalue 1 within those few.
    """
    alike, sizes = np.unique(groups.T, axis=0, return_counts=True)
    covered = alike.any(axis=1)
    alike, sizes = alike[covered], sizes[covered]
    if not len(alike):
        return False
    # people that are in the same groups cannot be told apart from each other
    rows = alike.T * np.sqrt(sizes)
    projection = np.linalg.pinv(rows) @ rows
    few = np.flatnonzero(sizes < least)
    for count in range(1, least):
        chosen = [c for c in combinations(few, count) if sizes[list(c)].sum() < least]
        if chosen:
            at = np.array(chosen)
            block = projection[at[:, :, None], at[:, None, :]]
            if (np.linalg.eigvalsh(block)[:, -1] > 1 - _NEARLY).any():
                return True
    return False


_NEARLY = 1e-9
