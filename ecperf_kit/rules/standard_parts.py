"""Standards in parts: a plan divided among people, and three points of one standard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.finding import Finding
from ecperf_kit.rules.in_force import findings, mapped, measured, people, words
from ecperf_kit.rules.plan import plan_months
from ecperf_kit.rules.standards import typed_standards


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
    named = rows.merge(team[["employee", "post", "channel"]], left_on="subject_id",
                       right_on="employee")  # fmt: skip
    named = named.explode("months").rename(columns={"months": "month"})
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


PART_RULES = (three_points_out_of_order, shares_off_plan)
