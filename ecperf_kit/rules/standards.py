"""Do the standards follow the plan, the client's own history and their own intervals?"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, divide, ints
from ecperf_kit.finding import Finding
from ecperf_kit.library.bands import BandsError, parse_bands
from ecperf_kit.method.actuals import CYCLES
from ecperf_kit.method.once import once
from ecperf_kit.period import Period, shift
from ecperf_kit.rules.few import about_few
from ecperf_kit.rules.in_force import (
    cards,
    findings,
    main_posts,
    mapped,
    measured,
    number,
    people,
    words,
)
from ecperf_kit.rules.past import past_actuals
from ecperf_kit.rules.plan import plan_months

_OF_HISTORY = ["subject_kind", "subject_id", "indicator"]


@once
def typed_standards(client: Client) -> pd.DataFrame:
    """The typed standards that touch the period, with subject, first and months."""
    rows = client.table("standards").reset_index(drop=True)
    spans = {text: Period.parse(text).months for text in rows["period"].dropna().unique()}
    rows = rows.assign(
        months=rows["period"].map(spans),
        first=rows["period"].map({text: months[0] for text, months in spans.items()}),
    )
    rows["subject"] = rows["subject_kind"] + ":" + rows["subject_id"]
    if client.period is not None:
        wanted = set(client.period.months)
        touched = [bool(wanted & set(months)) for months in rows["months"]]
        rows = rows[pd.Series(touched, index=rows.index, dtype="bool")]
    return rows.reset_index(drop=True)


def shortest_last(rows: pd.DataFrame) -> pd.DataFrame:
    """Typed standards with those of longer periods first: a later one replaces an earlier."""
    lengths = rows["months"].map(len)
    return rows.take(np.argsort(-lengths.to_numpy(dtype=np.int64), kind="stable"))


def _channel_of(client: Client, rows: pd.DataFrame) -> pd.Series:
    """The channel whose plan a standard's subject answers for; "" for all channels."""
    team = people(client)
    team = team.assign(channel=team["channel"].fillna(""))
    of_person = team.drop_duplicates("employee").set_index("employee")["channel"]
    # a post that serves one channel answers for it, one that serves several for all of them
    served = (
        team[team["channel"] != ""]
        .groupby("post")["channel"]
        .agg(lambda names: names.iloc[0] if names.nunique() == 1 else "")
    )
    kind, name = rows["subject_kind"], rows["subject_id"]
    channel = pd.Series("", index=rows.index, dtype="str")
    for chosen, value in (
        ("channel", name),
        ("post_channel", name.str.split("@").str[1]),
        ("employee", mapped(name, of_person)),
        ("post", mapped(name, served)),
    ):
        channel = channel.mask(kind == chosen, value)
    return channel.fillna("").astype("str")


@once
def standards_against_plan(client: Client) -> pd.DataFrame:
    """Typed standards of plan measures beside the plan: one row each.

    A standard holds for every cycle of its subject within its period: a month's figure is
    compared with each month's plan, a quarterly post's with each quarter's. Columns of the
    standard and ``compared`` (the cycle farthest from the plan), ``plan`` (its plan, NA
    without one), ``gap`` (fraction of the plan), ``cycles`` (how many are off), ``apart`` (what
    they are off together), ``approved`` (applied for, evidenced, approved and published). A
    figure that is the whole period's plan to the fen is on plan.
    """
    rows = typed_standards(client)
    measures = words(client, "standard.plan_measures")
    rows = rows[rows["indicator"].isin(measures)].reset_index(drop=True)
    rows["channel"] = _channel_of(client, rows)
    planned: dict[tuple[str, str], dict[str, int]] = {}
    for measure in measures:
        plan = plan_months(client, measure)
        months, channels, amounts = (plan[name] for name in ("month", "channel", "amount"))
        for month, channel, amount in zip(months, channels, ints(amounts), strict=True):
            planned.setdefault((measure, channel), {})[month] = int(amount)
    columns = ("indicator", "channel", "months", "period", "standard")
    typed = zip(*(rows[name].tolist() for name in columns), _cycles(client, rows), strict=True)
    found = [
        _beside_plan(planned.get((measure, channel), {}), months, period, standard, length)
        for measure, channel, months, period, standard, length in typed
    ]
    beside = pd.DataFrame(found, columns=["compared", "plan", "cycles", "apart"], index=rows.index)
    rows = rows.assign(
        **{name: beside[name].astype("Int64") for name in ("plan", "cycles", "apart")}
    )
    rows["compared"] = beside["compared"].astype("str")
    usable = rows["plan"].notna() & (rows["plan"] != 0) & rows["standard"].notna()
    rows["gap"] = pd.Series(pd.NA, index=rows.index, dtype="Int64")
    gap = rows.loc[usable, "standard"] - rows.loc[usable, "plan"]
    if usable.any():
        rows.loc[usable, "gap"] = divide(
            gap.astype("int64"), rows.loc[usable, "plan"].astype("int64")
        )
    proof = ["applied_on", "evidence", "approved_by", "approved_on", "published_on"]
    rows["approved"] = rows[proof].notna().all(axis=1) & (rows["evidence"].fillna("") != "")
    return rows


def _cycles(client: Client, rows: pd.DataFrame) -> list[int]:
    """How many months each standard's subject is assessed on at a time: 3 for a quarterly post."""
    main = main_posts(people(client))
    name = rows["subject_id"].str.split("@").str[0]
    post = mapped(name, main).where(rows["subject_kind"] == "employee", name)
    post = post.where(rows["subject_kind"].isin(["employee", "post", "post_channel"]))
    cycle = mapped(post, client.library.posts["cycle"])
    return [CYCLES.get(word, 1) if isinstance(word, str) else 1 for word in cycle.tolist()]


def _beside_plan(
    plan: Mapping[str, int], months: tuple[str, ...], period: str, standard: Any, length: int
) -> tuple[str, int | None, int | None, int | None]:
    """The cycle of a standard's period farthest from its plan: its name and plan, how many
    cycles are off, and what they are off together."""
    cells = [(m, (m,)) for m in months] if length == 1 else _whole_cycles(months, length)
    cells = [cell for cell in cells or [(period, months)] if all(m in plan for m in cell[1])]
    if pd.isna(standard) or not cells:
        return period, None, None, None
    if all(m in plan for m in months) and sum(plan[m] for m in months) == standard:
        return period, int(standard), 0, 0
    sums = {name: sum(plan[m] for m in cell) for name, cell in cells}
    off = {name: abs(int(standard) - amount) for name, amount in sums.items()}
    # relative to the plan, as the gap is shown; of equals the first
    worst = max(off, key=lambda name: Fraction(off[name], abs(sums[name]) or 1))
    name = worst if off[worst] and len(cells) > 1 else period
    return name, sums[worst], sum(gap > 0 for gap in off.values()), sum(off.values())


def _whole_cycles(months: tuple[str, ...], length: int) -> list[tuple[str, tuple[str, ...]]]:
    """The cycles (quarters, half-years, years) that lie whole within the months."""
    starts = [m for m in months if (int(m[5:]) - 1) % length == 0]
    cells = [(first, tuple(shift(first, at) for at in range(length))) for first in starts]
    whole = [(first, cell) for first, cell in cells if set(cell) <= set(months)]
    return [(f"{first}..{cell[-1]}", cell) for first, cell in whole]


def standard_off_plan(client: Client) -> list[Finding]:
    """A sales standard that leaves the annual plan without an approved correction (3.5)."""
    table = standards_against_plan(client)
    tolerance = number(client, "standard.plan_tolerance")
    off = (table["standard"] != table["plan"]) & (table["gap"].abs() >= tolerance)
    off &= ~part_of_a_person(client, table)  # their sum is judged (see rules.standard_parts)
    return findings(
        "S130",
        table[off.fillna(False).astype(bool) & ~table["approved"]],
        lambda r: {
            "indicator": r["indicator"],
            "period": r["compared"],
            "standard": measured(client, r, "standard"),
            "plan": measured(client, r, "plan"),
            "gap": int(r["gap"]),
            "cycles": int(r["cycles"]),
            "apart": int(r["apart"]),
        },
        "standard",
    )


def part_of_a_person(client: Client, rows: pd.DataFrame) -> pd.Series:
    """Which standards are one person's part of a plan that several people of a post share."""
    team = people(client)
    shared = team.assign(channel=team["channel"].fillna("")).groupby(["post", "channel"])
    several = shared["employee"].transform("nunique") > 1
    alike = rows["subject_id"].isin(team.loc[several, "employee"])
    return (rows["subject_kind"] == "employee") & alike


def _bases(client: Client, rows: pd.DataFrame) -> pd.Series:
    """On what each standard rests: its scorecard's word, else the indicator's."""
    card = cards(client)
    of_card = card.drop_duplicates(["post", "indicator"]).set_index(["post", "indicator"])
    of_indicator = card.drop_duplicates("indicator").set_index("indicator")["standard_basis"]
    team = people(client).drop_duplicates("employee").set_index("employee")["post"]
    name = rows["subject_id"].str.split("@").str[0]
    post = mapped(name, team).fillna(name)
    keys = pd.MultiIndex.from_arrays([post, rows["indicator"]])
    basis = pd.Series(of_card["standard_basis"].reindex(keys).to_numpy(), index=rows.index)
    basis = basis.fillna(mapped(rows["indicator"], of_indicator))
    known = client.indicators
    if "standard_basis" in known:
        basis = basis.fillna(mapped(rows["indicator"], known["standard_basis"]))
    return basis.astype("str")


@once
def standards_against_history(client: Client) -> pd.DataFrame:
    """Typed standards that should grow from history, beside the last actual before them.

    One row per subject, indicator and standard's period with ``basis``, ``actual``,
    ``actual_month`` (NA without history), ``rise`` (how much harder), ``relative``, and
    ``persons``, of how many people's own figures a post's actual is made (0: entered as its).
    Where nothing is on record before the standard begins, its own first month counts. Part
    months count as whole ones, or not at all (see :func:`past_actuals`).
    """
    rows = typed_standards(client)
    rows["basis"] = _bases(client, rows)
    rows = rows[rows["basis"].isin(["own_history", "industry"])].reset_index(drop=True)
    rows["line"] = rows.index
    past = past_actuals(client).dropna(subset=["actual"])
    past = past.rename(columns={"period": "actual_month"})
    joined = rows[["line", "first", *_OF_HISTORY]].merge(past, on=_OF_HISTORY)
    joined = joined.sort_values("actual_month", kind="stable")
    before = joined[joined["actual_month"] < joined["first"]]
    later = joined[joined["actual_month"] >= joined["first"]]
    last = pd.concat([before.drop_duplicates("line", keep="last"), later.drop_duplicates("line")])
    last = last.drop_duplicates("line").set_index("line")
    rows["actual"] = mapped(rows["line"], last["actual"]).astype("Int64")
    rows["actual_month"] = mapped(rows["line"], last["actual_month"])
    rows["persons"] = mapped(rows["line"], last["persons"]).astype("Int64")
    lower = mapped(rows["indicator"], client.indicators["direction"]) == "lower_is_better"
    rise = rows["standard"] - rows["actual"]
    rows["rise"] = rise.where(~lower, -rise)
    usable = rows["rise"].notna() & (rows["actual"] != 0)
    rows["relative"] = pd.Series(pd.NA, index=rows.index, dtype="Int64")
    if usable.any():
        rows.loc[usable, "relative"] = divide(
            rows.loc[usable, "rise"].astype("int64"), rows.loc[usable, "actual"].astype("int64")
        )
    return rows.drop(columns="line")


def standard_is_jump(client: Client, table: pd.DataFrame) -> pd.Series:
    """Which rows of ``standards_against_history`` ask for more than 5 points or 15 % (3.5)."""
    points, relative = (
        number(client, "standard.jump_points"),
        number(client, "standard.jump_relative"),
    )
    is_ratio = mapped(table["indicator"], client.indicators["unit"]) == "ratio"
    jump = (is_ratio & (table["rise"] > points)) | (table["relative"] > relative)
    return jump.fillna(False).astype(bool)


def standard_jumps(client: Client) -> list[Finding]:
    """A standard more than 5 points or 15 % above the last actual (3.5): one finding per
    subject and indicator; an industry figure that does not jump is reported by itself.

    Where the actual is that of fewer people than may be shown, the finding is about the first
    of them, not about their post: either of two works out the other's from a mean.
    """
    table = standards_against_history(client).sort_values("first", kind="stable")
    jump = standard_is_jump(client, table)
    keys = ["subject", "indicator"]
    worst = table[jump].drop_duplicates(keys).reset_index(drop=True)
    worst["_at"] = worst.index
    skipped = _months_not_comparable(client, worst)
    found = findings(
        "S131",
        worst.assign(subject=about_few(client, worst)),
        lambda r: {
            "indicator": r["indicator"],
            "period": r["period"],
            "standard": measured(client, r, "standard"),
            "actual": measured(client, r, "actual"),
            "month": r["actual_month"],
            "skipped": skipped.get(r["_at"], ()),
            "relative": int(r["relative"]) if pd.notna(r["relative"]) else None,
            "basis": r["basis"],
        },
        "standard",
    )
    told = pd.MultiIndex.from_frame(worst[keys])
    outside = table[(table["basis"] == "industry") & table["actual"].isna()]
    outside = outside[~pd.MultiIndex.from_frame(outside[keys]).isin(told)].drop_duplicates(keys)
    found += findings(
        "S132",
        outside,
        lambda r: {
            "indicator": r["indicator"],
            "period": r["period"],
            "standard": measured(client, r, "standard"),
        },
        "standard",
    )
    return found


def _months_not_comparable(client: Client, rows: pd.DataFrame) -> dict[int, tuple[str, ...]]:
    """Of each row, by ``_at``, the months between its actual and its standard that are on
    record without anything to compare: part months of too few days, cells not readable."""
    past = past_actuals(client)
    gaps = past[past["actual"].isna()].drop(columns=["actual", "persons"])
    found = rows.merge(gaps.rename(columns={"period": "gap"}), on=_OF_HISTORY)
    found = found[(found["gap"] > found["actual_month"]) & (found["gap"] < found["first"])]
    found = found.sort_values("gap")
    months: dict[int, tuple[str, ...]] = {}
    for at, month in zip(found["_at"].tolist(), found["gap"].tolist(), strict=True):
        months[at] = (*months.get(at, ()), month)
    return months


def full_band_limit(text: str) -> int | None:
    """The value from which a row by intervals earns its whole weight, if there is one."""
    try:
        bands = parse_bands(text)
    except BandsError:
        return None
    full = [
        limit for limit, share in zip(bands.limits, bands.shares, strict=True) if share == MILLION
    ]
    return full[-1] if full else None


def band_against_standard(client: Client) -> list[Finding]:
    """Intervals on the actual value whose full band begins elsewhere than the standard (3.3)."""
    card = cards(client)
    card = card[
        (card["method"] == "interval") & (card["bands_on"].fillna("actual") != "attainment")
    ]
    limits = {text: full_band_limit(text) for text in card["bands"].dropna().unique()}
    card = card.assign(limit=card["bands"].map(limits).astype("Int64"))
    rows = typed_standards(client)
    team = people(client).drop_duplicates("employee").set_index("employee")["post"]
    name = rows["subject_id"].str.split("@").str[0]
    rows = rows.assign(post=mapped(name, team).fillna(name))[
        ["post", "indicator", "standard", "period"]
    ]
    both = card.merge(rows, on=["post", "indicator"])
    off = both[(both["limit"] != both["standard"]).fillna(False)]
    return findings(
        "S133",
        off.drop_duplicates(["subject", "indicator"]),
        lambda r: {
            "indicator": r["indicator"],
            "bands": r["bands"],
            "limit": measured(client, r, "limit"),
            "standard": measured(client, r, "standard"),
            "period": r["period"],
        },
        "bands",
    )


def agreed_without_agreement(client: Client) -> list[Finding]:
    """Standards by agreement that do not say between whom and when (3.5)."""
    rows = typed_standards(client)
    rows = rows[_bases(client, rows) == "agreed"]
    unsigned = rows[rows["agreed_by"].isna() | rows["agreed_on"].isna()]
    table = unsigned.groupby("subject", as_index=False).agg(
        indicators=("indicator", lambda names: tuple(dict.fromkeys(names)))
    )
    return findings("S134", table, lambda r: {"indicators": r["indicators"]})


STANDARD_RULES = (
    standard_off_plan,
    standard_jumps,
    band_against_standard,
    agreed_without_agreement,
)
