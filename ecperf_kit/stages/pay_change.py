"""What the scheme does to one person's pay: before, after, and what a score would mean in yuan.

A full month at full time; what rests on figures nobody plans is left open, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, ints, multiply_divide, round_half_up, rounded_product
from ecperf_kit.method.coefficient import look_up
from ecperf_kit.method.dividend import PHANTOM
from ecperf_kit.rules.in_force import coefficient_bands, number, people, plans
from ecperf_kit.rules.pay import planned_base

#: The scores a consent shows.
SCORES = (60 * MILLION, 80 * MILLION, 100 * MILLION)
_MONTHS = 12
_COMMISSIONS = {
    "commission_sales": ("sales_rate", "net_sales", "commission_sales"),
    "commission_gross_profit": ("gross_profit_rate", "gross_profit", "commission_gross_profit"),
    "commission_net_profit": ("net_profit_rate", "net_profit", "commission_net_profit"),
}
_UNPLANNED = {"piece": ("piece_rate", "piece_rate"), "dividend": ("dividend_share", "dividend")}


@dataclass(frozen=True, slots=True)
class Before:
    """The last month's pay on record before the scheme: stored yuan, ``None`` if not given."""

    month: str
    pay: int
    base: int | None
    variable: int | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the new pay in a full month: ``basis`` x ``rate`` (x coefficient if scored).

    ``basis`` is None where it rests on figures nobody plans (pieces, own sales).
    """

    line: str
    post: str
    basis: int | None
    rate: int
    scored: bool
    share: int
    table: str
    at_one: int | None  # the amount at coefficient 1.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a total would mean: coefficient and gross pay; None where it cannot be said."""

    score: int
    coefficients: tuple[int | None, ...]
    pay: int | None


@dataclass(frozen=True, slots=True)
class PayChange:
    """One person's pay before and after (stored yuan and shares)."""

    employee: str
    posts: tuple[str, ...]
    structures: tuple[str, ...]
    before: Before | None
    lines: tuple[Line, ...]
    base: int | None
    planned: int | None  # gross pay at coefficient 1.0
    variable: int | None
    share: int | None  # of base and variable
    guaranteed: int | None  # base and performance pay at the lowest coefficient
    not_in_pay: str  # kind of a dividend that is no pay: registered_share | stock_option
    outcomes: tuple[Outcome, ...]


def pay_changes(client: Client, month: str) -> dict[str, PayChange]:
    """The change of pay of everybody whose plan follows the score, by employee.

    People and posts of ``month``, plans and coefficient tables as the scheme is judged;
    commission is reckoned on an average month of the annual plan.
    """
    team = people(client, month)
    table = plans(client).drop_duplicates("subject").set_index("subject", drop=False)
    bands = dict(list(coefficient_bands(client).groupby("coefficient_table")))
    found = {}
    for employee, held in team.groupby("employee", sort=True):
        rows = _plans_of(str(employee), held, table)
        if rows is None or set(rows["structure"]) <= {"fixed"}:
            continue
        found[str(employee)] = _change(client, str(employee), rows, bands, month)
    return found


def _plans_of(employee: str, held: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame | None:
    """The person's own plan, else that of each post held, with the share of working time."""
    own = f"employee:{employee}"
    if own in table.index:
        rows = table.loc[[own]].assign(share=MILLION)
        return rows.assign(channel=held.sort_values("time_share")["channel"].iloc[-1])
    rows = held[("post:" + held["post"]).isin(table.index)]
    if rows.empty or len(rows) < len(held):
        return None
    equal = MILLION // len(rows)  # where nobody said otherwise; one post is the whole time
    share = rows["time_share"].fillna(equal).astype("int64").to_list()
    share = [MILLION] if len(rows) == 1 else share
    plan = table.loc[("post:" + rows["post"]).tolist()]
    return plan.assign(share=share, channel=rows["channel"].to_numpy())


def _change(
    client: Client, employee: str, rows: pd.DataFrame, bands: Mapping[Any, pd.DataFrame],
    month: str,
) -> PayChange:  # fmt: skip
    # as the person's own plan, so that commission rests on the channel this person serves
    own = rows.assign(subject_kind="employee", subject_id=employee).reset_index(drop=True)
    bases = {name: planned_base(client, own, name) for _, name, _ in _COMMISSIONS.values()}
    lines = [
        line
        for at, row in enumerate(own.to_dict("records"))
        for line in _lines(row, {name: base.iloc[at] for name, base in bases.items()})
    ]
    bases_known = [line.at_one for line in lines if line.line == "base"]
    base = None if None in bases_known else sum(int(amount or 0) for amount in bases_known)
    scored = [line.at_one for line in lines if line.scored]
    variable = None if None in scored else sum(int(amount or 0) for amount in scored)
    known = None not in (line.at_one for line in lines)
    planned = sum(int(line.at_one or 0) for line in lines) if known else None
    share = None
    if base is not None and variable is not None and base + variable:
        share = _share(variable, base + variable)
    return PayChange(
        employee=employee,
        posts=tuple(dict.fromkeys(own["post"])),
        structures=tuple(dict.fromkeys(own["structure"])),
        before=_before(client, employee, month),
        lines=tuple(lines),
        base=base,
        planned=planned,
        variable=variable,
        share=share,
        guaranteed=_guaranteed(lines, bands),
        not_in_pay=next(
            (kind for kind in map(kind_not_in_pay, own.to_dict("records")) if kind), ""
        ),
        outcomes=tuple(_outcome(client, score, lines, bands) for score in SCORES),
    )


def _share(part: int, whole: int) -> int:
    """To 0.1 %, as shares are shown."""
    return int(round_half_up(multiply_divide(part, MILLION, whole), MILLION // 1000))


def _given(row: Mapping[Any, Any], name: str) -> int | None:
    value = row[name]
    return None if pd.isna(value) else int(value)


def _lines(row: Mapping[Any, Any], bases: Mapping[str, Any]) -> list[Line]:
    """The lines a plan pays, in the order of a pay slip."""
    structure, share = str(row["structure"]), int(row["share"])
    table = "" if pd.isna(row["coefficient_table"]) else str(row["coefficient_table"])
    found: list[Line] = []

    def add(line: str, basis: int | None, rate: int = MILLION, scored: bool = False) -> None:
        amount = None if basis is None else int(rounded_product(basis, rate, share))
        found.append(Line(line, str(row["post"]), basis, rate, scored, share, table, amount))

    add("base", _given(row, "base"))
    performance = _given(row, "performance_pay")
    if structure not in ("fixed", "score_bonus") and performance:
        add("performance", performance, scored=True)
    for line, (rate_name, measure, kind) in _COMMISSIONS.items():
        rate = _given(row, rate_name)
        if rate and structure in (kind, "commission_combined"):
            annual = bases[measure]
            monthly = None if pd.isna(annual) else int(multiply_divide(int(annual), 1, _MONTHS))
            add(line, monthly, rate, scored=True)
    for line, (rate_name, kind) in _UNPLANNED.items():
        rate = _given(row, rate_name)
        if structure == kind and not (line == "dividend" and kind_not_in_pay(row)):
            add(line, None, rate or 0, scored=True)
    if structure == "score_bonus":
        add("score_bonus", _given(row, "base"), 0, scored=True)
    for name in ("bonus", "benefits"):
        if amount := _given(row, name):
            add(name, amount)
    return found


def kind_not_in_pay(row: Mapping[Any, Any]) -> str:
    """The kind of a plan's dividend where it is no pay and not computed here; else ""."""
    kind = row["dividend_kind"]
    if row["structure"] != "dividend" or pd.isna(kind) or kind == PHANTOM:
        return ""
    return str(kind)


def _guaranteed(lines: list[Line], bands: Mapping[Any, pd.DataFrame]) -> int | None:
    """Base and performance pay at the lowest coefficient; None where the base is not known."""
    whole = 0
    for line in lines:
        if line.line == "base":
            if line.at_one is None:
                return None
            whole += line.at_one
        elif line.line == "performance" and line.basis is not None:
            table = bands.get(line.table)
            lowest = 0 if table is None else int(table["coefficient"].min())
            whole += int(rounded_product(line.basis, line.rate, line.share, lowest))
    return whole


def _outcome(
    client: Client, score: int, lines: list[Line], bands: Mapping[Any, pd.DataFrame]
) -> Outcome:
    tables = list(dict.fromkeys(line.table for line in lines if line.scored))
    found = {name: _coefficient(score, bands.get(name)) for name in tables}
    pay: int | None = 0
    for line in lines:
        if line.line == "score_bonus":
            amount = int(rounded_product(line.basis or 0, _bonus_rate(client, score), line.share))
        elif line.at_one is None or (line.scored and found[line.table] is None):
            pay = None
            break
        else:
            factor = found[line.table] if line.scored else MILLION
            amount = int(rounded_product(line.basis, line.rate, line.share, factor))
        pay = (pay or 0) + amount
    return Outcome(score, tuple(found[name] for name in tables), pay)


def _coefficient(score: int, table: pd.DataFrame | None) -> int | None:
    if table is None:
        return None
    value = look_up(pd.Series([score], dtype="Int64"), table).iloc[0]
    return None if pd.isna(value) else int(value)


def _bonus_rate(client: Client, score: int) -> int:
    """The share of base pay a score earns (HR-finance article 4.2)."""
    if score >= number(client, "score_bonus.high_score"):
        return number(client, "score_bonus.high_rate")
    if score >= number(client, "score_bonus.low_score"):
        return number(client, "score_bonus.low_rate")
    return number(client, "score_bonus.below_rate")


def _before(client: Client, employee: str, month: str) -> Before | None:
    history = client.table("pay_history")
    rows = history[(history["employee"] == employee) & (history["month"] < month)]
    rows = rows[rows["pay"].notna()].sort_values("month", kind="stable")
    if rows.empty:
        return None
    last = rows.iloc[-1]
    base, variable = ints(last[["base", "variable"]].astype("Int64"))
    return Before(
        str(last["month"]),
        int(last["pay"]),
        None if pd.isna(last["base"]) else int(base),
        None if pd.isna(last["variable"]) else int(variable),
    )
