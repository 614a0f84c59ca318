"""Is each scorecard sound? Weights, number and choice of indicators, who has one.

Every rule yields findings about the scorecards in force in the reference month;
none opens a file. Clauses stand in the library beside each code.
"""

from __future__ import annotations

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, divide
from ecperf_kit.finding import Finding
from ecperf_kit.method.once import once
from ecperf_kit.rules.in_force import cards, findings, mapped, number, people

_CYCLES = ("month", "quarter", "half_year", "year")


@once
def _per_card(client: Client) -> pd.DataFrame:
    """One row per scorecard: rows and weights, core and process, and its first source."""
    rows = cards(client)
    for role in ("core", "process"):
        rows[role] = (rows["role"] == role).astype("int64")
        rows[f"{role}_weight"] = rows["weight"].where(rows["role"] == role, 0)
    first = {name: (name, "first") for name in ("_file", "_sheet", "_row") if name in rows}
    return rows.groupby("subject", as_index=False, sort=False).agg(
        post=("post", "first"),
        rows=("indicator", "size"),
        core=("core", "sum"),
        process=("process", "sum"),
        weight=("weight", "sum"),
        core_weight=("core_weight", "sum"),
        **first,
    )


def _count(client: Client, name: str) -> int:
    return number(client, name) // MILLION


def _too_many(client: Client, table: pd.DataFrame) -> pd.Series:
    allowed = _count(client, "scorecard.core_max") + _count(client, "scorecard.process_max")
    return table["rows"] > allowed


def weights_not_100(client: Client) -> list[Finding]:
    """Scorecards whose weights do not add up to exactly 100 (assessment method 3.4)."""
    total = number(client, "scorecard.total")
    table = _per_card(client)
    return findings(
        "S101",
        table[table["weight"] != total],
        lambda r: {
            "weight": int(r["weight"]),
            "total": total,
            "difference": int(r["weight"]) - total,
            "rows": int(r["rows"]),
        },
        "weight",
    )


def kept_indicators(client: Client, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of scorecards that fit 5 core + 3 process: banned ones go first, then the
    lightest."""
    ranked = rows.assign(banned=_ban(client, rows).notna())
    ranked = ranked.sort_values(["banned", "weight"], ascending=[True, False], kind="stable")
    place = ranked.groupby(["subject", "role"]).cumcount()
    core, process = _count(client, "scorecard.core_max"), _count(client, "scorecard.process_max")
    limit = pd.Series(core, index=ranked.index).where(ranked["role"] == "core", process)
    return rows.loc[ranked.index[(place < limit) & ~ranked["banned"]].sort_values()]


def too_many_indicators(client: Client) -> list[Finding]:
    """More rows than five core and three process together, with the ones to drop (3.1)."""
    table = _per_card(client)
    table = table[_too_many(client, table)]
    if table.empty:
        return []
    rows = cards(client)
    kept = kept_indicators(client, rows)
    dropped = rows.drop(kept.index).sort_values("weight", kind="stable")
    names = dropped.groupby("subject")["indicator"].agg(tuple)
    return findings(
        "S102",
        table,
        lambda r: {
            "rows": int(r["rows"]),
            "core": int(r["core"]),
            "process": int(r["process"]),
            "core_max": _count(client, "scorecard.core_max"),
            "process_max": _count(client, "scorecard.process_max"),
            "dropped": names.get(r["subject"], ()),
        },
    )


def core_count(client: Client) -> list[Finding]:
    """More than five core indicators, none at all, or only one or two (3.1)."""
    most, few = _count(client, "scorecard.core_max"), _count(client, "scorecard.core_min_warn")
    table = _per_card(client)
    table = table[~_too_many(client, table)]
    found = []
    for code, bad in (
        ("S103", table["core"] > most),
        ("S104", table["core"] == 0),
        ("S105", table["core"].between(1, few - 1)),
    ):
        found += findings(
            code,
            table[bad],
            lambda r: {"core": int(r["core"]), "core_max": most, "core_min": few},
        )
    return found


def process_count(client: Client) -> list[Finding]:
    """More than three process indicators (3.1)."""
    most = _count(client, "scorecard.process_max")
    table = _per_card(client)
    return findings(
        "S106",
        table[(table["process"] > most) & ~_too_many(client, table)],
        lambda r: {"process": int(r["process"]), "process_max": most},
    )


def _ban(client: Client, rows: pd.DataFrame) -> pd.Series:
    """``forbidden``, ``discouraged`` or NA for each scorecard row."""
    bans = client.library.bans
    heads = bans[bans["tag"] == "channel_head"].set_index("indicator")["severity"]
    is_head = mapped(rows["post"], client.library.posts["channel_head"]).fillna(False).astype(bool)
    return mapped(rows["indicator"], heads).where(is_head)


def forbidden_rows(client: Client, rows: pd.DataFrame) -> pd.Series:
    """Which scorecard rows hold what a post that answers for a channel must not be assessed on."""
    return (_ban(client, rows) == "forbidden").fillna(False).astype(bool)


def banned_indicators(client: Client) -> list[Finding]:
    """Traffic, conversion, clicks on posts that answer for a channel: results count there (3.1)."""
    rows = cards(client)
    ban = _ban(client, rows)
    found = []
    for code, severity in (("S107", "forbidden"), ("S108", "discouraged")):
        found += findings(
            code,
            rows[ban == severity],
            lambda r: {"indicator": r["indicator"], "weight": int(r["weight"]), "post": r["post"]},
            "indicator",
        )
    return found


def core_share(client: Client) -> list[Finding]:
    """Core indicators that carry less than 70 of 100 points (3.4: heavy on results)."""
    least = number(client, "scorecard.core_weight_min")
    total = number(client, "scorecard.total")
    table = _per_card(client)
    table = table[(table["core"] > 0) & (table["weight"] > 0)]
    # a share of what is there: a scorecard of 120 points is judged like one of 100
    share = pd.Series(divide(table["core_weight"], table["weight"]), index=table.index)
    table = table.assign(share=share)
    wanted = int(divide(least, total))
    return findings(
        "S109", table[share < wanted], lambda r: {"share": int(r["share"]), "least": wanted}
    )


def process_above_core(client: Client) -> list[Finding]:
    """A process indicator that weighs more than a core one (3.4)."""
    rows = cards(client)
    lightest = rows[rows["role"] == "core"].groupby("subject")["weight"].min()
    rows = rows.assign(lightest=mapped(rows["subject"], lightest))
    above = (rows["role"] == "process") & (rows["weight"] > rows["lightest"]).fillna(False)
    return findings(
        "S110",
        rows[above],
        lambda r: {
            "indicator": r["indicator"],
            "weight": int(r["weight"]),
            "lightest": int(r["lightest"]),
        },
        "weight",
    )


def subjective_without_data(client: Client) -> list[Finding]:
    """Indicators nobody can measure, scored without a data source (3.1)."""
    rows = cards(client)
    known = client.indicators
    soft = known["subjective"].astype("boolean").fillna(False) | (known["data_source"] == "none")
    soft_row = mapped(rows["indicator"], soft).fillna(False).astype(bool)
    return findings(
        "S111",
        rows[soft_row & (rows["data_source"] == "none")],
        lambda r: {"indicator": r["indicator"], "weight": int(r["weight"])},
        "data_source",
    )


def counted_twice(client: Client) -> list[Finding]:
    """Two indicators of one scorecard that measure the same thing."""
    rows = cards(client)
    found = []
    for group in client.library.exclusive:
        same = rows[rows["indicator"].isin(group)]
        same = same[same["subject"].duplicated(keep=False)]
        if same.empty:
            continue
        pairs = same.groupby("subject", as_index=False).agg(
            indicators=("indicator", lambda names: tuple(sorted(names))), weight=("weight", "sum")
        )
        found += findings(
            "S112",
            pairs[pairs["indicators"].map(len) > 1],
            lambda r: {"indicators": r["indicators"], "weight": int(r["weight"])},
        )
    return found


def rows_without_duty(client: Client) -> list[Finding]:
    """Scorecard rows that name no duty of the job description they serve (2.2)."""
    rows = cards(client)
    orphans = rows[rows["duty"].isna() | (rows["duty"] == "")]
    table = orphans.groupby("subject", as_index=False).agg(indicators=("indicator", tuple))
    return findings("S113", table, lambda r: {"indicators": r["indicators"]})


def longer_cycle(client: Client) -> list[Finding]:
    """Indicators that settle more slowly than the post is assessed (3.6): scored to date."""
    rows = cards(client)
    rank = {name: place for place, name in enumerate(_CYCLES)}
    post = mapped(rows["post"], client.library.posts["cycle"])
    known = client.indicators
    if "cycle" not in known:
        return []
    own = mapped(rows["indicator"], known["cycle"])
    late = rows[own.map(rank) > post.map(rank)]
    table = (
        late.assign(cycle=post)
        .groupby("subject", as_index=False)
        .agg(indicators=("indicator", tuple), cycle=("cycle", "first"))
    )
    return findings("S114", table, lambda r: {"indicators": r["indicators"], "cycle": r["cycle"]})


def cycle_of_departments(client: Client) -> list[Finding]:
    """Half-yearly and yearly figures on the scorecard of people (3.6): those are a
    department's; people are assessed by the month or the quarter."""
    known = client.indicators
    if "cycle" not in known:
        return []
    rows = cards(client)
    cycle = mapped(rows["indicator"], known["cycle"])
    slow = cycle.isin(_CYCLES[_CYCLES.index("quarter") + 1 :])
    return findings(
        "S172",
        rows.assign(cycle=cycle)[slow.fillna(False).astype(bool)],
        lambda r: {"indicator": r["indicator"], "cycle": r["cycle"]},
        "indicator",
    )


def several_posts(client: Client) -> list[Finding]:
    """Somebody works in several posts: one scorecard of their own must join them (3.0, 3.1)."""
    team = people(client).sort_values("time_share", ascending=False, kind="stable")
    team = team[team["employee"].duplicated(keep=False)]
    if team.empty:
        return []
    table = team.groupby("employee", as_index=False).agg(
        posts=("post", tuple), shares=("time_share", tuple)
    )
    table = table[table["posts"].map(len) > 1]
    rows = cards(client)
    own = rows[rows["subject_kind"] == "employee"].groupby("subject_id").size()
    table = table.assign(
        subject="employee:" + table["employee"], rows=mapped(table["employee"], own)
    )
    found = []
    for code, chosen in (("S115", table["rows"].isna()), ("S116", table["rows"].notna())):
        found += findings(
            code,
            table[chosen],
            lambda r: {
                "posts": r["posts"],
                "shares": tuple(int(share) for share in r["shares"] if pd.notna(share)),
                "rows": None if pd.isna(r["rows"]) else int(r["rows"]),
            },
        )
    return found


def without_scorecard(client: Client) -> list[Finding]:
    """Posts with people whom a superior could assess but who have no scorecard (3.0)."""
    team = people(client)
    # whoever has no superior is not assessed: nobody could review the score (3.7)
    team = team[team["superior"].notna() & (team["superior"] != "")]
    team = team[~team["employee"].duplicated(keep=False)]
    subjects = set(cards(client)["subject"])
    covered = ("post:" + team["post"]).isin(subjects) | ("employee:" + team["employee"]).isin(
        subjects
    )
    table = team[~covered].groupby("post", as_index=False).agg(persons=("employee", "size"))
    table = table.assign(subject="post:" + table["post"])
    return findings("S117", table, lambda r: {"post": r["post"], "persons": int(r["persons"])})


SCORECARD_RULES = (
    weights_not_100,
    too_many_indicators,
    core_count,
    process_count,
    banned_indicators,
    core_share,
    process_above_core,
    subjective_without_data,
    counted_twice,
    rows_without_duty,
    longer_cycle,
    cycle_of_departments,
    several_posts,
    without_scorecard,
)
