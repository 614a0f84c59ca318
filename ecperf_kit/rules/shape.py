"""Do the scoring rules themselves hold water? Direction, units, bands nobody can reach, cliffs.

Gaps, overlaps and worse bands that earn more cannot be written down at all: the grammar
of bands refuses them when a file is read. What can be written and is still wrong is here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import FEN, MILLION, divide, ints, multiply, round_half_up
from ecperf_kit.finding import Finding
from ecperf_kit.library.bands import Bands, BandsError, parse_bands
from ecperf_kit.rules.in_force import (
    cards,
    coefficient_bands,
    findings,
    mapped,
    number,
    once,
    plans,
)
from ecperf_kit.rules.payees import by_person_where_few


def _read(text: str) -> Bands | None:
    try:
        return parse_bands(text)
    except BandsError:  # reported with file and row where the cell was read
        return None


@once
def _banded(client: Client) -> pd.DataFrame:
    """Scorecard rows by intervals: with direction, unit, plausible range and bands' ends."""
    rows = cards(client)
    rows = rows[(rows["method"] == "interval") & rows["bands"].notna()].reset_index(drop=True)
    known = {text: _read(text) for text in rows["bands"].unique()}
    readable = [text for text, bands in known.items() if bands is not None]
    rows = rows[rows["bands"].isin(readable)].reset_index(drop=True)
    own = client.indicators
    for name in ("direction", "unit", "plausible_min", "plausible_max"):
        rows[name] = mapped(rows["indicator"], own[name])
    bands = [known[text] for text in rows["bands"]]
    rows["by_attainment"] = (rows["bands_on"] == "attainment").fillna(False)
    rows["at_least"] = [b is not None and b.direction == "at_least" for b in bands]
    for name, at in (("first", 0), ("last", -1)):
        limits = [b.limits[at] if b is not None else pd.NA for b in bands]
        rows[name] = pd.Series(limits, index=rows.index, dtype="Int64")
    return rows


def _in_percent(client: Client) -> pd.Series:
    """Which of ``_banded`` write per cents where a fraction is meant: >=90 for 90 %."""
    rows = _banded(client)
    highest = rows[["first", "last"]].max(axis=1)
    fraction = (rows["unit"] == "ratio") | rows["by_attainment"]
    limit = number(client, "data.ratio_looks_like_percent")
    return (fraction & (highest > limit)).fillna(False).astype(bool)


def against_direction(client: Client) -> list[Finding]:
    """Bands that pay for the worse end: >= where lower is better, <= where higher is (3.3)."""
    rows = _banded(client)
    # attainment already counts upwards whatever the indicator's direction
    upwards = (rows["direction"] != "lower_is_better") | rows["by_attainment"]
    return findings(
        "S141",
        rows[rows["at_least"] != upwards],
        lambda r: {"indicator": r["indicator"], "bands": r["bands"], "direction": r["direction"]},
        "bands",
    )


def in_another_unit(client: Client) -> list[Finding]:
    """Bands of a ratio written in per cent, so that no fraction ever reaches them (3.3)."""
    rows = _banded(client)
    return findings(
        "S142",
        rows[_in_percent(client)],
        lambda r: {"indicator": r["indicator"], "bands": r["bands"]},
        "bands",
    )


def out_of_reach(client: Client) -> list[Finding]:
    """Bands no plausible value reaches, or that every plausible value reaches (3.3)."""
    rows = _banded(client)
    rows = rows[~rows["by_attainment"] & ~_in_percent(client)]
    least, most = rows["plausible_min"], rows["plausible_max"]
    best, easiest = rows["first"], rows["last"]
    # at_least: limits fall from best to easiest; at_most: they rise
    unreachable = (best > most).where(rows["at_least"], best < least)
    always = (easiest <= least).where(rows["at_least"], easiest >= most)
    dead = (unreachable | always).fillna(False).astype(bool)
    return findings(
        "S143",
        rows[dead],
        lambda r: {
            "indicator": r["indicator"],
            "bands": r["bands"],
            "least": (int(r["plausible_min"]), str(r["unit"])),
            "most": (int(r["plausible_max"]), str(r["unit"])),
        },
        "bands",
    )


def weightless(client: Client) -> list[Finding]:
    """Rows too light to move anything: below five points of the hundred (3.4)."""
    rows = cards(client)
    least = number(client, "scorecard.weight_min")
    return findings(
        "S144",
        rows[rows["weight"] < least],
        lambda r: {"indicator": r["indicator"], "weight": int(r["weight"]), "least": least},
        "weight",
    )


@once
def cliffs(client: Client) -> pd.DataFrame:
    """What 0.01 of a score can move, per pay plan: the greatest step of its coefficient table.

    Columns of the plan with at (score), step (coefficient), amount (yuan a month) and
    share (of base and performance pay); linear tables have no cliff. Posts of few people
    stand once per person, whose pay it is.
    """
    bands = coefficient_bands(client)
    bands = bands[(bands["form"] != "linear").fillna(True).astype(bool)]
    bands = bands.sort_values(["coefficient_table", "at_least"], kind="stable")
    before = bands.groupby("coefficient_table")["coefficient"].shift()
    bands = bands.assign(step=(bands["coefficient"] - before).abs()).dropna(subset=["step"])
    steep = bands.sort_values("step", ascending=False, kind="stable")
    steep = steep.drop_duplicates("coefficient_table").set_index("coefficient_table")
    table = by_person_where_few(client, plans(client))
    table = table[(table["performance_pay"].fillna(0) > 0).astype(bool)].reset_index(drop=True)
    table["at"] = mapped(table["coefficient_table"], steep["at_least"])
    table["step"] = mapped(table["coefficient_table"], steep["step"])
    table = table[table["step"].notna() & (table["step"] > 0)].reset_index(drop=True)
    performance = ints(table["performance_pay"])
    amount = round_half_up(multiply(performance, ints(table["step"])), FEN)
    table["amount"] = pd.Series(amount, dtype="Int64")
    table["share"] = pd.Series(divide(amount, ints(table["base"]) + performance), dtype="Int64")
    return table


def coefficient_cliffs(client: Client) -> list[Finding]:
    """A hundredth of a point that moves a tenth of the pay (warning); else the steepest (note).

    A step is how every table of bands works; the owner should know what the steepest
    one moves (assessment method 4.2).
    """
    table = cliffs(client)
    limit = number(client, "coefficient.cliff_share")
    # a plan that is far too variable altogether is told as that
    whole = ints(table["base"]) + ints(table["performance_pay"])
    variable = divide(ints(table["performance_pay"]), np.maximum(whole, 1))
    table = table[variable < number(client, "pay_mix.performance_error")]
    steep = table["share"] > limit

    def values(row: Mapping[Any, Any]) -> dict[str, Any]:
        return {
            "name": row["coefficient_table"],
            "at": int(row["at"]),
            "step": int(row["step"]),
            "amount": int(row["amount"]),
            "share": int(row["share"]),
            "limit": limit,
        }

    found = findings("S145", table[steep.fillna(False).astype(bool)], values, "coefficient_table")
    if not found and len(table):
        shared = table[table["subject"].str.startswith("post:")]
        most = shared.sort_values("share", ascending=False, kind="stable").head(1)
        found = findings("S146", most, values, "coefficient_table")
    return found


def dead_coefficients(client: Client) -> list[Finding]:
    """Coefficient bands that begin above the highest total a scorecard can give (4.2)."""
    total = number(client, "scorecard.total")
    cap = number(client, "scoring.cap")
    rows = cards(client)
    caps = rows["cap"].fillna(cap).where(rows["method"] == "percentage", MILLION)
    most = rows.assign(most=multiply(ints(rows["weight"]), ints(caps)))
    reachable = int(most.groupby("subject")["most"].sum().max()) if len(rows) else total
    bands = coefficient_bands(client)
    used = set(by_person_where_few(client, plans(client))["coefficient_table"].dropna())
    dead = bands[(bands["at_least"] > max(reachable, total)).fillna(False)]
    dead = dead[dead["coefficient_table"].isin(used)].assign(subject="table:coefficient_tables")
    return findings(
        "S147",
        dead.drop_duplicates("coefficient_table"),
        lambda r: {
            "name": r["coefficient_table"],
            "at_least": int(r["at_least"]),
            "reachable": max(reachable, total),
        },
        "at_least",
    )


def hidden_over_achievement(client: Client) -> list[Finding]:
    """The heaviest result stops counting at its standard, and no commission pays beyond (3.3)."""
    rows = cards(client)
    core = rows[rows["role"] == "core"].sort_values("weight", ascending=False, kind="stable")
    top = core.drop_duplicates("subject")
    cap = top["cap"].fillna(number(client, "scoring.cap"))
    capped = (top["method"] == "percentage") & (cap <= MILLION)
    by_plan = top["standard_basis"] == "annual_plan"
    table = by_person_where_few(client, plans(client))
    rewarded = set(table.loc[table["structure"] == "performance", "post"].dropna())
    hidden = top[capped.fillna(False) & by_plan & top["post"].isin(rewarded)]
    if hidden.empty:
        return []
    values = {
        "indicators": tuple(sorted(set(hidden["indicator"]))),
        "posts": tuple(sorted(set(hidden["post"]))),
    }
    return [Finding("S148", f"client:{client.name}", values)]


def caps_above_weight(client: Client) -> list[Finding]:
    """Caps above the whole weight, of one row or of all: with one a total may exceed 100 (3.4).

    Indicators of the client's own have no cap, those of the library none above 1.
    """
    rows = cards(client)
    above = (rows["method"] == "percentage") & (rows["cap"] > MILLION)
    found = findings(
        "S118",
        rows[above.fillna(False).astype(bool)],
        lambda r: {"indicator": r["indicator"], "cap": int(r["cap"])},
        "cap",
    )
    general = number(client, "scoring.cap")
    if general > MILLION:
        found.append(Finding("S119", f"client:{client.name}", {"cap": general}))
    return found


SHAPE_RULES = (
    against_direction,
    in_another_unit,
    out_of_reach,
    weightless,
    coefficient_cliffs,
    dead_coefficients,
    hidden_over_achievement,
    caps_above_weight,
)
