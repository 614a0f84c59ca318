"""People as groups that may be shown: small posts are merged until nobody stands alone."""

from __future__ import annotations

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.rules.pilot import fewest
from ecperf_kit.stages.result import Sentence

_REST = "rest:"


def shown_groups(client: Client, table: pd.DataFrame) -> pd.Series:
    """The group each row of ``table`` (employee, post, department) is shown under.

    ``post:<post>`` where enough people hold it, ``department:<department>`` for
    the small posts of a department that are enough together, ``rest:`` for all
    others, ``small:`` where even these are too few to be shown.
    """
    least = fewest(client)
    keys = table.drop_duplicates("employee", keep="last").set_index("employee")
    post, department = keys["post"].fillna(""), keys["department"].fillna("")
    group = "post:" + post
    group = group.mask(_size(group) < least, "department:" + department)
    group = group.mask(_size(group) < least, _REST)
    group = group.mask(_size(group) < least, "small:")
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
    return not group.startswith("small:")
