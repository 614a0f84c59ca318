"""Are figures about fewer people than open papers may show?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION
from ecperf_kit.rules.in_force import number, people


def fewest(client: Client) -> int:
    """How many people a group has at least, if it is to be shown as one."""
    return number(client, "group.min_people") // MILLION


def alike(client: Client, values: pd.Series) -> bool:
    """Whether a mean or a sum of single people's figures is withheld since all are the same.

    What three people or more get alike is theirs together, and an owner needs it to decide;
    a client who wants each one's figure hidden sets ``group.withhold_same``.
    """
    if client.threshold("group.withhold_same") != "yes":
        return False
    return values.nunique() == 1  # NA is none of them


def of_few(client: Client, kind: str, names: Sequence[str]) -> bool:
    """Whether a figure of these subjects of a kind is one of fewer people than may be shown."""
    if kind in ("company", "channel"):  # the firm's business, whoever serves it
        return False
    held = set(names)
    if kind != "employee":
        team = people(client)
        post, at = team["post"].fillna(""), "@" + team["channel"].fillna("")
        of = {"department": team["department"], "post": post, "post_channel": post + at}[kind]
        held = set(team.loc[of.isin(names), "employee"])
    return len(held) < fewest(client)


def tells_few(client: Client, table: pd.DataFrame) -> pd.Series:
    """Which rows tell what fewer people than may be shown reached.

    ``table`` has subject_kind, subject_id and ``persons``, whose own figures the row's is
    made of (0 where it was entered as the subject's). Their number counts beside that of
    the people under the subject: of four in a post only two may have figures.
    """
    keys = list(zip(table["subject_kind"], table["subject_id"], strict=True))
    few = {key: of_few(client, key[0], [key[1]]) for key in dict.fromkeys(keys)}
    made_of = (table["persons"] > 0) & (table["persons"] < fewest(client))
    told = pd.Series([few[key] for key in keys], index=table.index, dtype="bool")
    return told | made_of.fillna(False).astype(bool)


def about_few(client: Client, table: pd.DataFrame) -> pd.Series:
    """The subjects of the rows; of those that tell what few people reached the first of these
    people, for findings about an employee stay out of open papers."""
    team = people(client)
    team = team.assign(post_channel=team["post"] + "@" + team["channel"].fillna(""))
    first: dict[tuple[str, str], str] = {}
    for kind in ("post", "post_channel", "department"):
        for name, employee in zip(team[kind], team["employee"], strict=True):
            first.setdefault((kind, name), f"employee:{employee}")
    told = zip(table["subject_kind"], table["subject_id"], table["subject"], strict=True)
    whose = [first.get((kind, name), subject) for kind, name, subject in told]
    few = tells_few(client, table)
    return table["subject"].where(~few, pd.Series(whose, index=table.index, dtype="str"))
