"""One key result per scorecard: the gate on over-performance must know which one counts.

The key result is the core row with the greatest weight (assessment method 3.4).
"""

from __future__ import annotations

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.finding import Finding
from ecperf_kit.method.coefficient import gate_is_on
from ecperf_kit.rules.in_force import cards, findings, mapped, plans, words

#: Structures no coefficient regulates: a gate on it changes nothing there.
_WITHOUT_COEFFICIENT = ("fixed", "score_bonus")


def key_result_tied(client: Client) -> list[Finding]:
    """Core rows that tie for the greatest weight where the gate on coefficients above 1 is on.

    One finding per scorecard, at the row that counts now: the one that stands first.
    """
    rows = cards(client)
    rows = rows[(rows["role"] == "core") & rows["weight"].notna()]
    heaviest = rows[rows["weight"] == rows.groupby("subject")["weight"].transform("max")]
    names = heaviest.groupby("subject")["indicator"].agg(tuple)
    first = heaviest.drop_duplicates("subject")
    tied = first["subject"].map(names).map(len) > 1
    return findings(
        "S181",
        first[tied.astype(bool) & first["post"].isin(_gated_posts(client, first["post"]))],
        lambda r: {
            "first": r["indicator"],
            "others": names[r["subject"]][1:],
            "weight": int(r["weight"]),
        },
        "weight",
    )


def _gated_posts(client: Client, posts: pd.Series) -> set[str]:
    """Posts where somebody's coefficient goes above 1 only with the key result reached."""
    gated = gated_plans(client)
    rows = plans(client)
    unplanned = posts[~posts.isin(rows["post"])].dropna()
    category = mapped(unplanned, client.library.posts["category"])
    categories = words(client, "coefficient.over_gate_categories")
    return {*gated["post"], *unplanned[category.isin(categories)]}


def gated_plans(client: Client) -> pd.DataFrame:
    """The plans in force whose coefficient goes above 1.0 only with the key result reached."""
    rows = plans(client)
    return rows[gate_is_on(client, rows) & ~rows["structure"].isin(_WITHOUT_COEFFICIENT)]


KEY_RESULT_RULES = (key_result_tied,)
