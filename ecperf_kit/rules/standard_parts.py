"""Standards in parts: a plan divided among people, and three points of one standard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, split
from ecperf_kit.finding import Finding
from ecperf_kit.intake.cross_data import shown
from ecperf_kit.rules.in_force import findings, mapped, measured, people, words
from ecperf_kit.rules.plan import plan_months
from ecperf_kit.rules.plan_parts import GIVEN, NOTHING, SCALED, Agreed, plan_parts
from ecperf_kit.rules.standards import shortest_last, typed_standards

_TEN_THOUSANDTH = MILLION // 10_000


def three_points(client: Client) -> pd.DataFrame:
    """Typed standards with a threshold or a stretch beside them, with ``in_order``: from the
    easiest to the hardest, downwards where lower is better (3.5). No score uses them."""
    rows = typed_standards(client)
    rows = rows[rows["threshold"].notna() | rows["stretch"].notna()].reset_index(drop=True)
    lower = mapped(rows["indicator"], client.indicators["direction"]) == "lower_is_better"
    sign = pd.Series(1, index=rows.index, dtype="Int64").mask(lower.fillna(False), -1)
    harder = sign * (rows["standard"] - rows["threshold"])
    further = sign * (rows["stretch"] - rows["standard"])
    wrong = (harder <= 0).fillna(False) | (further <= 0).fillna(False)
    return rows.assign(in_order=~wrong.astype(bool))


def three_points_out_of_order(client: Client) -> list[Finding]:
    """Threshold, standard and stretch that do not get harder in that order (3.5)."""
    rows = three_points(client)
    return findings(
        "S167",
        rows[~rows["in_order"]],
        lambda r: {
            "indicator": r["indicator"],
            "period": r["period"],
            **{name: _point(client, r, name) for name in ("threshold", "standard", "stretch")},
        },
        "threshold",
    )


def _point(client: Client, row: Mapping[Any, Any], name: str) -> tuple[int | None, str]:
    unit = str(client.indicators.at[row["indicator"], "unit"])
    return (None if pd.isna(row[name]) else int(row[name])), unit


def shares_off_plan(client: Client) -> list[Finding]:
    """People of one post and channel who each have a sales standard of their own, where
    these do not add up to the channel's plan (2.1: targets are broken down to people)."""
    rows = typed_standards(client)
    of_person = rows["subject_kind"] == "employee"
    measures = words(client, "standard.plan_measures")
    rows = rows[of_person & rows["indicator"].isin(measures) & rows["standard"].notna()]
    if rows.empty:
        return []
    team = people(client).assign(channel=lambda t: t["channel"].fillna(""))
    held = team.groupby(["post", "channel"])["employee"].nunique()
    named = shortest_last(rows).merge(
        team[["employee", "post", "channel"]], left_on="subject_id", right_on="employee"
    )
    named = named.explode("months").rename(columns={"months": "month"})
    # a month of its own replaces the same month of a year's standard, as in scoring
    same = ["subject_id", "post", "channel", "indicator", "month"]
    named = named.drop_duplicates(same, keep="last")
    key = ["post", "channel", "indicator", "month"]
    sums = named.groupby(key, as_index=False).agg(
        parts=("standard", "sum"), persons=("subject_id", "nunique")
    )
    plan = pd.concat([plan_months(client, name).assign(indicator=name) for name in measures]).drop(
        columns="parts"
    )
    both = sums.merge(plan, on=["indicator", "channel", "month"])
    everybody = mapped(pd.Series(list(zip(both["post"], both["channel"], strict=True))), held)
    whole = (both["persons"] > 1) & (both["persons"] == everybody.to_numpy())
    off = both[whole & (both["parts"] != both["amount"])]
    count = off.groupby(key[:3])["month"].transform("size")
    first = off.assign(count=count, subject="post:" + off["post"]).drop_duplicates(key[:3])
    return findings(
        "S168",
        first,
        lambda r: {
            "indicator": r["indicator"],
            "channel": r["channel"],
            "month": r["month"],
            "persons": int(r["persons"]),
            "parts": measured(client, r, "parts"),
            "plan": measured(client, r, "amount"),
            "count": int(r["count"]),
        },
    )


def shares_not_whole(client: Client) -> list[Finding]:
    """Agreed shares of a channel's plan that are not given for everybody who carries it, or
    do not add up to 1 (2.1): what is agreed must be the whole plan, no more and no less."""
    found: dict[tuple[str, ...], Finding] = {}
    for group in plan_parts(client).agreed:
        if group.basis == GIVEN:
            continue
        names = tuple(group.shares)
        values = {
            "post": group.post,
            "channel": group.channel,
            "shares": tuple(_pair(name, share) for name, share in group.shares.items()),
            "total": group.total,
            "used": f"shares_{group.basis}",
            "example": "{ " + ", ".join(_example(group)) + " }",
        }
        # the shares of single people: a matter of theirs, not for open papers
        found.setdefault(
            (group.post, group.channel, *names), Finding("S169", f"employee:{names[0]}", values)
        )
    return list(found.values())


def _pair(name: str, share: int | None) -> str:
    return f"{name} = {'–' if share is None else shown(share)}"


def _example(group: Agreed) -> list[str]:
    """The shares as they might be written: in the same proportion, or with a gap to fill."""
    shares: Mapping[str, int | None] = group.shares
    if group.basis == SCALED:
        whole = split(MILLION, [share or 0 for share in shares.values()], _TEN_THOUSANDTH)
        shares = dict(zip(shares, (int(part) for part in whole), strict=True))
    return [f'{n} = "{"…" if share is None else shown(share)}"' for n, share in shares.items()]


def parts_of_nothing(client: Client) -> list[Finding]:
    """People whose part of a channel's plan would be 0, for their agreed share is or because
    they sold nothing in the months all have on record: nobody can be measured by 0 (3.5)."""
    found_parts = plan_parts(client)
    rows = found_parts.parts[found_parts.parts["basis"] == NOTHING]
    key = ["employee", "post", "channel", "indicator"]
    by_shares = {
        (group.post, group.channel, group.indicator)
        for group in found_parts.agreed
        if group.basis in (GIVEN, SCALED)
    }
    found = []
    for (employee, post, channel, indicator), own in rows.groupby(key, sort=True):
        values = {
            "post": post,
            "channel": channel,
            "indicator": indicator,
            "month": own["month"].min(),
            "count": len(own),
            "ground": "part_by_shares"
            if (post, channel, indicator) in by_shares
            else "part_by_history",
        }
        found.append(Finding("S153", f"employee:{employee}", values))
    return found


PART_RULES = (three_points_out_of_order, shares_off_plan, shares_not_whole, parts_of_nothing)
