"""Who is paid by which pay plan, and which plans are few people's alone: not for open papers."""

from __future__ import annotations

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.method.once import once
from ecperf_kit.rules.few import fewest
from ecperf_kit.rules.in_force import people, plans


def plan_of(team: pd.DataFrame, plans: pd.DataFrame) -> pd.Series:
    """The subject of the pay plan that holds for each of the team: a plan of one's own first."""
    own, of_post = "employee:" + team["employee"], "post:" + team["post"]
    return own.where(own.isin(plans["subject"]), of_post)


@once
def paid_by(client: Client) -> dict[str, frozenset[str]]:
    """The people paid by each plan in force, by its subject: ``post:presales_cs``.

    Somebody with a plan of their own is not paid by the post's.
    """
    return _by_plan(client, people(client))


def _by_plan(client: Client, team: pd.DataFrame) -> dict[str, frozenset[str]]:
    held: dict[str, set[str]] = {}
    for plan, employee in zip(plan_of(team, plans(client)), team["employee"], strict=True):
        held.setdefault(str(plan), set()).add(str(employee))
    return {plan: frozenset(names) for plan, names in held.items()}


def told_plans(client: Client) -> frozenset[str]:
    """The plans open papers may tell: of posts, with ``group.min_people`` people paid by them."""
    return frozenset(
        plan
        for plan, names in paid_by(client).items()
        if plan.startswith("post:") and len(names) >= fewest(client)
    )


def may_sum(client: Client, plan: pd.Series) -> bool:
    """Whether a sum or mean over these people, given by the plan of each, may be told.

    Not over too few people; nor where, less the plans that are told anyway, too few are left,
    for the rest would be their pay.
    """
    least = fewest(client)
    rest = int((~plan.isin(told_plans(client))).sum())
    return len(plan) >= least and not 0 < rest < least


def not_of_few(client: Client, *groups: pd.Series) -> str:
    """The client as subject of a finding with a mean over those paid by each group of plans; or
    the first person of a group of which it is few people's: what is about an employee stays
    out of open papers."""
    team = people(client).drop_duplicates("employee")
    plan = plan_of(team, plans(client))
    for group in groups:
        drawn = plan.isin(group)
        if drawn.any() and not may_sum(client, plan[drawn]):
            return f"employee:{team.loc[drawn, 'employee'].iloc[0]}"
    return f"client:{client.name}"


def by_person_where_few(client: Client, table: pd.DataFrame) -> pd.DataFrame:
    """The plans, those of a post by which fewer than three people are paid once per person.

    What a single person is guaranteed, or draws, is that person's pay: not for open papers.
    A rate is as good as the amount beside the plan it is drawn on. Of a plan that pays nobody
    in the month judged those count who ever held the post: it was their pay.
    """
    least = fewest(client)
    ever = _by_plan(client, client.table("assignments"))
    few = [
        (plan, f"employee:{employee}")
        for plan, names in {**ever, **paid_by(client)}.items()
        if plan.startswith("post:") and len(names) < least
        for employee in sorted(names)
    ]
    whose = pd.DataFrame(few, columns=["subject", "person"]).astype("str")
    joined = table.merge(whose, on="subject", how="left")
    joined["subject"] = joined["person"].fillna(joined["subject"])
    return joined.drop(columns="person").drop_duplicates("subject", ignore_index=True)
