"""Does a pay plan fit performance, post, market and target? Four checks, with what is proposed
(assessment method 2.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import FEN, MILLION, divide, multiply, round_half_up
from ecperf_kit.finding import Finding
from ecperf_kit.method.in_force import month_end
from ecperf_kit.method.once import once
from ecperf_kit.period import shift
from ecperf_kit.rules.in_force import coefficient_bands, findings, number, people, start_month
from ecperf_kit.rules.pay import one_ratio, pay_shares
from ecperf_kit.rules.payees import paid_by
from ecperf_kit.rules.plan import annual_plan
from ecperf_kit.rules.pool import rates_exceed_pool

CHECKS = ("performance", "post", "market", "target")
#: The columns of the table that hold them.
COLUMNS = tuple(f"{name}_fit" for name in CHECKS)
_MONTHS = 12
_RATES = ("sales_rate", "gross_profit_rate", "net_profit_rate")


@dataclass(frozen=True, slots=True)
class Fit:
    """One check's verdict (fine, watch, change, unknown), the end of the key of what is said,
    and the values it is said with."""

    level: str
    said: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Known:
    """What every plan is held against."""

    posts: Mapping[str, Mapping[str, Any]]
    coefficients: Mapping[str, tuple[int, int]]
    market: Mapping[str, Mapping[str, Any]]
    sales: int | None
    over_pool: frozenset[str]
    channels: Mapping[str, frozenset[str]]
    month: str
    tolerance: int  # 0 where one ratio for all has to go: then only what is advised fits
    extreme: int
    most: int
    oldest: str


@once
def pay_fit(client: Client) -> pd.DataFrame:
    """One row per pay plan in force: subject, post, persons paid by it, whole (a month's base
    and variable pay at the target), share (variable, NA where it cannot be planned), the
    proposed share with base and variable for the same whole, and a :class:`Fit` per check
    in the :data:`COLUMNS`.
    """
    table = pay_shares(client).drop_duplicates("subject").reset_index(drop=True)
    held = paid_by(client)
    known = _known(client, held)
    names = ["subject", "post", "structure", "base", "variable", "share", "coefficient_table",
             *_RATES]  # fmt: skip
    found = []
    for values in zip(*(table[name].tolist() for name in names), strict=True):
        plan: dict[str, Any] = {
            n: None if pd.isna(v) else v for n, v in zip(names, values, strict=True)
        }
        persons = len(held.get(str(plan["subject"]), ()))
        whole = None if plan["variable"] is None else int(plan["base"]) + int(plan["variable"])
        proposed = _proposed(known, plan)
        base = variable = None
        if whole is not None and proposed is not None:
            if proposed == plan["share"]:  # as it is, to the fen
                base, variable = int(plan["base"]), int(plan["variable"])
            else:
                variable = int(round_half_up(multiply(whole, proposed), FEN))
                base = whole - variable
        found.append((
            plan["subject"], plan["post"], persons, whole, plan["share"], proposed, base, variable,
            _performance(known, plan), _post(known, plan), _market(known, plan, whole),
            _target(known, plan, whole, persons),
        ))  # fmt: skip
    figures = ["persons", "whole", "share", "proposed", "proposed_base", "proposed_variable"]
    frame = pd.DataFrame(found, columns=["subject", "post", *figures, *COLUMNS])
    return frame.astype({name: "Int64" for name in figures} | {"subject": "str", "post": "str"})


def _known(client: Client, held: Mapping[str, frozenset[str]]) -> _Known:
    posts = client.library.posts[["pay_structures", "performance_share"]]
    bands = coefficient_bands(client)
    ends = bands.groupby("coefficient_table")["coefficient"].agg(["min", "max"])
    team = people(client)
    served = dict(zip(team["employee"], team["channel"].fillna(""), strict=True))
    month = start_month(client)
    age = number(client, "market_pay.max_age_months") // MILLION
    return _Known(
        posts={
            str(name): {"pay_structures": structures, "performance_share": int(share)}
            for name, structures, share in zip(
                posts.index, *(posts[column].tolist() for column in posts), strict=True
            )
        },
        coefficients={
            str(name): (int(low), int(high))
            for name, low, high in zip(ends.index, ends["min"], ends["max"], strict=True)
        },
        market=_market_rows(client),
        sales=annual_plan(client).get(""),
        over_pool=frozenset(f.values["channel"] for f in rates_exceed_pool(client)),
        channels={s: frozenset(served[name] for name in names) for s, names in held.items()},
        month=month,
        tolerance=ratio_tolerance(client),
        extreme=number(client, "pay_mix.performance_error"),
        most=number(client, "pay.full_attainment_max"),
        oldest=month_end(shift(month, -age)).strftime("%Y-%m-%d"),
    )


def ratio_tolerance(client: Client) -> int:
    """How far a variable share may be off the advised one: not at all where all categories have
    one ratio, for it is no proof that some of them are near theirs (S120)."""
    return 0 if one_ratio(client) else number(client, "pay_mix.tolerance")


def _in_order(table: pd.DataFrame) -> pd.Series:
    return (table["low"] <= table["median"]) & (table["median"] <= table["high"])


def _market_rows(client: Client) -> dict[str, Mapping[str, Any]]:
    """Each post's newest market pay whose three figures are in order."""
    table = client.table("market_pay")
    table = table[_in_order(table).fillna(False).astype(bool)].sort_values("as_of", kind="stable")
    rows = table[["post", "as_of", "low", "median", "high", "source"]].to_dict("records")
    return {str(row["post"]): {str(k): v for k, v in row.items()} for row in rows}


def _proposed(known: _Known, plan: Mapping[str, Any]) -> int | None:
    """The variable share to be had: as it is where the post's check passes, else the advised."""
    advised = known.posts.get(plan["post"], {}).get("performance_share")
    if plan["share"] is None or advised is None:
        return plan["share"]
    near = abs(int(plan["share"]) - int(advised)) <= known.tolerance
    return int(plan["share"] if near and plan["share"] else advised)


def _performance(known: _Known, plan: Mapping[str, Any]) -> Fit:
    """What part of the pay depends on the score, and how far the score moves it (2.3)."""
    if plan["structure"] == "fixed" or plan["share"] == 0:
        return Fit("change", "fixed")
    if plan["structure"] == "score_bonus":
        return Fit("fine", "by_score")
    ends = known.coefficients.get(plan["coefficient_table"] or "")
    if ends is None:
        return Fit("change", "no_coefficient")
    if ends[0] == ends[1]:
        return Fit("change", "flat", {"coefficient": ends[0]})
    if plan["share"] is None:
        return Fit("unknown", "not_planned", {"structure": plan["structure"]})
    share = int(plan["share"])
    least, most = (MILLION - share + int(multiply(share, end)) for end in ends)
    return Fit("fine", "moves", {"share": share, "least": least, "most": most})


def _post(known: _Known, plan: Mapping[str, Any]) -> Fit:
    """Structure and variable share against what the method advises for the post."""
    post = known.posts.get(plan["post"])
    if post is None:
        return Fit("unknown", "no_post")
    advised = tuple(str(post["pay_structures"]).split(";"))
    share, wanted = plan["share"], int(post["performance_share"])
    values = {"structure": plan["structure"], "advised": advised, "wanted": wanted, "share": share}
    if share is not None and share >= known.extreme:
        return Fit("change", "extreme", values | {"limit": known.extreme})
    if plan["structure"] not in advised:
        return Fit("watch", "structure", values)
    if share is None:
        return Fit("unknown", "share_not_planned", values)
    if abs(int(share) - wanted) > known.tolerance:
        return Fit("watch", "share", values)
    return Fit("fine", "fits", values)


def _market(known: _Known, plan: Mapping[str, Any], whole: int | None) -> Fit:
    """The month's pay at the target against what others pay for the post; never guessed."""
    row = known.market.get(plan["post"])
    if row is None:
        return Fit("unknown", "no_data")
    if whole is None:
        return Fit("unknown", "pay_not_planned")
    values = {"source": row["source"], "as_of": row["as_of"]}
    median = int(row["median"])
    if not median:
        return Fit("unknown", "no_data")
    values["ratio"] = int(divide(whole, median))
    if row["as_of"].strftime("%Y-%m-%d") < known.oldest:
        return Fit("watch", "old", values)
    if whole < row["low"]:
        return Fit("change", "below", values)
    if whole > row["high"]:
        return Fit("watch", "above", values)
    return Fit("fine", "within", values)


def _target(known: _Known, plan: Mapping[str, Any], whole: int | None, persons: int) -> Fit:
    """What the pay costs of the planned sales, and how far full scores would raise it."""
    draws = any(plan[name] for name in _RATES)
    if draws and known.channels.get(plan["subject"], frozenset()) & known.over_pool:
        return Fit("change", "pool")
    if known.sales is None or known.sales <= 0:
        return Fit("unknown", "no_plan")
    if whole is None or plan["share"] is None:
        return Fit("unknown", "pay_not_planned")
    if not persons:
        return Fit("unknown", "nobody")
    most = known.coefficients.get(plan["coefficient_table"] or "", (MILLION, MILLION))[1]
    extra = int(multiply(int(plan["share"]), max(most - MILLION, 0)))
    values = {
        "cost": int(divide(whole * persons * _MONTHS, known.sales)),
        "extra": extra,
        "limit": known.most,
    }
    return Fit("watch", "dear", values) if extra > known.most else Fit("fine", "affordable", values)


def market_pay_out_of_order(client: Client) -> list[Finding]:
    """Market pay whose low, median and high do not rise: no pay is held against it (2.3)."""
    table = client.table("market_pay")
    if table.empty:
        return []
    table = table.assign(subject="post:" + table["post"])
    return findings(
        "S190",
        table[~_in_order(table).fillna(False).astype(bool)],
        lambda r: {"post": r["post"], "as_of": r["as_of"], "source": r["source"]},
        "median",
    )


PAY_FIT_RULES = (market_pay_out_of_order,)
