"""Pay as a list of lines: base, performance pay, commission, piece rate, dividend, bonus.

Every structure is regulated by the performance coefficient (assessment method
2.3). Each line is rounded half-up to 0.01 yuan once; pay is the sum of the
rounded lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ecperf_kit.exact import MILLION, Ints, ints, masked, rounded_product
from ecperf_kit.method.coefficient import part_coefficients
from ecperf_kit.method.commission import commission_basis
from ecperf_kit.method.plans import plan_parts
from ecperf_kit.period import Period

if TYPE_CHECKING:
    from ecperf_kit.client import Client

LINE_COLUMNS = (
    "employee", "month", "line", "post", "channel", "structure", "basis", "rate", "coefficient",
    "days_share", "amount", "plan_file", "plan_sheet", "plan_row",
    "basis_file", "basis_sheet", "basis_row", "state", "missing",
)  # fmt: skip
#: The lines in the order of a pay slip.
LINES = (
    "base", "performance", "commission_sales", "commission_gross_profit",
    "commission_net_profit", "piece", "dividend", "score_bonus", "bonus", "benefits",
)  # fmt: skip
#: Lines that need a basis from the client's figures, the plan's rate, and the structures they
#: belong to; ``commission_combined`` pays every commission whose rate the plan gives.
RATED = {
    "commission_sales": ("sales_rate", ("commission_sales",)),
    "commission_gross_profit": ("gross_profit_rate", ("commission_gross_profit",)),
    "commission_net_profit": ("net_profit_rate", ("commission_net_profit",)),
    "piece": ("piece_rate", ("piece_rate",)),
    "dividend": ("dividend_share", ("dividend",)),
}
_COMBINED = ("commission_sales", "commission_gross_profit", "commission_net_profit")
_SCORED = (
    "performance", "commission_sales", "commission_gross_profit", "commission_net_profit",
    "commission_combined", "piece_rate", "dividend",
)  # fmt: skip
#: Each figure of a plan that only some structures pay: its line, column and those structures.
PAID_BY: dict[str, tuple[str, tuple[str, ...]]] = {
    "performance": ("performance_pay", _SCORED),
    **{
        line: (rate, (*structures, "commission_combined") if line in _COMBINED else structures)
        for line, (rate, structures) in RATED.items()
    },
}
#: What is agreed for the person and not for the days: only a transfer splits it.
_WHOLE = ("dividend", "bonus", "benefits")


def pay_lines(client: Client, totals_with_coefficient: pd.DataFrame) -> pd.DataFrame:
    """One row per employee, month and line of pay, sorted so, lines as on a pay slip.

    ``amount`` = basis x rate x coefficient x days_share where these are given,
    half-up to the fen; missing where one of them is, never 0, and ``missing``
    says which (unreadable | plan | figure | basis | coefficient). Base, performance pay and
    the commission on figures of a group count by the days worked; own sales and
    pieces already are those of the days worked. A loss earns no commission.
    ``state``: final | provisional | missing. Gross pay; before tax and insurance.
    """
    totals = totals_with_coefficient
    months = sorted(totals["month"].unique())
    held = part_coefficients(client, plan_parts(client, months), totals)
    found = [
        _base(held),
        _performance(held),
        _rated(client, held),
        _score_bonus(client, held),
        _fixed(held, "bonus"),
        _fixed(held, "benefits"),
    ]
    lines = pd.concat([part for part in found if len(part)] or found[:1], ignore_index=True)
    lines = _with_amount(lines)
    order = lines["line"].map({name: place for place, name in enumerate(LINES)})
    lines = lines.assign(_order=order).sort_values(
        ["employee", "month", "_order", "part_from"], kind="stable", ignore_index=True
    )
    return lines[list(LINE_COLUMNS)]


def pay(lines: pd.DataFrame) -> pd.DataFrame:
    """Gross pay per employee and month: the sum of the lines, missing if one is.

    Columns employee, month, pay, state (final | provisional | missing).
    """
    work = lines[["employee", "month"]].assign(
        pay=ints(lines["amount"]),
        gap=lines["amount"].isna(),
        open=lines["state"] == "provisional",
    )
    grouped = work.groupby(["employee", "month"], sort=True)
    result = grouped.agg(pay=("pay", "sum"), gap=("gap", "any"), open=("open", "any")).reset_index()
    state = np.select([result["gap"], result["open"]], ["missing", "provisional"], "final")
    return pd.DataFrame(
        {
            "employee": result["employee"],
            "month": result["month"],
            "pay": masked(result["pay"], result["gap"], result.index),
            "state": pd.Series(state, index=result.index, dtype="str"),
        }
    )


def _line(held: pd.DataFrame, line: str, **columns: Any) -> pd.DataFrame:
    """The given parts as lines of one kind, without basis, rate and coefficient to begin with."""
    empty = pd.Series(pd.NA, index=held.index, dtype="Int64")
    nowhere = pd.Series(pd.NA, index=held.index, dtype="str")
    start: dict[str, Any] = {
        "line": pd.Series(line, index=held.index, dtype="str"),
        "basis": empty,
        "rate": empty,
        "basis_file": nowhere,
        "basis_sheet": nowhere,
        "basis_row": empty,
        "by_score": False,
        "rate_needed": False,
        "share": held["part_share"] if line in _WHOLE else held["days_share"],
    }
    return held.assign(**{**start, **columns})


def _base(held: pd.DataFrame) -> pd.DataFrame:
    return _line(held, "base", basis=held["base"])


def _performance(held: pd.DataFrame) -> pd.DataFrame:
    """Performance pay x coefficient; for other structures only where the plan gives some."""
    structure = held["structure"]
    wanted = (structure == "performance") | (
        held["performance_pay"].notna() & ~structure.isin(["fixed", "score_bonus"])
    )
    part = held[wanted.fillna(False).astype(bool) & structure.notna()]
    return _line(part, "performance", basis=part["performance_pay"], by_score=True)


def _rated(client: Client, held: pd.DataFrame) -> pd.DataFrame:
    """Commission, piece rate and dividend: basis x rate x coefficient."""
    found = []
    source = _commission_from(held)
    for line, (rate, structures) in RATED.items():
        wanted = held["structure"].isin(list(structures))
        if line in _COMBINED:
            wanted |= (held["structure"] == "commission_combined") & held[rate].notna()
        if line == _COMBINED[0]:  # no rate at all: the plan lacks a figure, and the line says so
            wanted |= (held["structure"] == "commission_combined") & (
                held[[RATED[name][0] for name in _COMBINED]].isna().all(axis=1)
            )
        if line == "dividend":
            wanted &= _paid_out(client, held)
        part = held[wanted.astype(bool)]
        own = source[part.index] == "employee"
        share = part["part_share"].where(own, part["days_share"])
        columns = {"share": share} if line not in _WHOLE else {}
        found.append(_line(
            part, line, rate=part[rate], by_score=True, rate_needed=True,
            commission_from=source[part.index], **columns,
        ))  # fmt: skip
    lines = pd.concat(found)
    lines = commission_basis(client, lines.reset_index(drop=True))
    lines["basis"] = lines["basis"].clip(lower=0)  # a loss earns nothing and costs nothing
    return lines


def _commission_from(held: pd.DataFrame) -> pd.Series:
    """Whose figures count; unless the plan says: own pieces, the channel, else the company."""
    named = held["commission_from"].copy()
    named = named.mask(named.isna() & (held["structure"] == "piece_rate"), "employee")
    has_channel = held["channel"].notna() & (held["channel"] != "")
    return named.mask(named.isna() & has_channel, "channel").fillna("company")


def _paid_out(client: Client, held: pd.DataFrame) -> pd.Series:
    """Whether the dividend of each part's unit falls due in the month.

    Due in the last month of every period of the unit's ledger; at the end of a
    quarter the ledger knows nothing of too, so that a figure nobody delivered
    shows as missing.
    """
    profits = client.table("profit_ledger")
    spans = {text: Period.parse(text).months for text in profits["quarter"].dropna().unique()}
    covered = {
        (unit, month)
        for unit, text in zip(profits["unit"], profits["quarter"], strict=True)
        for month in spans.get(text, ())
    }
    ends = {
        (unit, spans[text][-1])
        for unit, text in zip(profits["unit"], profits["quarter"], strict=True)
        if text in spans
    }
    at = pd.MultiIndex.from_frame(held[["dividend_unit", "month"]])
    quarter_end = held["month"].str[-2:].isin(["03", "06", "09", "12"]).to_numpy(dtype=bool)
    due = at.isin(list(ends)) | (quarter_end & ~at.isin(list(covered)))
    return pd.Series(due, index=held.index)


def _score_bonus(client: Client, held: pd.DataFrame) -> pd.DataFrame:
    """The share of base pay that the score earns (HR-finance article 4.2)."""
    part = held[(held["structure"] == "score_bonus").fillna(False).astype(bool)]
    limit = {name: client.threshold(f"score_bonus.{name}") for name in _BONUS_FIGURES}
    total = part["total"]
    rate = np.select(
        [
            (total >= limit["high_score"]).fillna(False).astype(bool),
            (total >= limit["low_score"]).fillna(False).astype(bool),
        ],
        [limit["high_rate"], limit["low_rate"]],
        default=limit["below_rate"],
    )
    none = total.isna() & (part["state"] != "not_assessed")
    return _line(
        part, "score_bonus", basis=part["base"], rate=masked(rate, none, part.index),
        rate_needed=True, by_score=True,
    )  # fmt: skip


_BONUS_FIGURES = ("high_score", "high_rate", "low_score", "low_rate", "below_rate")


def _fixed(held: pd.DataFrame, name: str) -> pd.DataFrame:
    part = held[held[name].notna()]
    return _line(part, name, basis=part[name])


def _with_amount(lines: pd.DataFrame) -> pd.DataFrame:
    uses = (lines["by_score"] & (lines["line"] != "score_bonus")).astype(bool)
    no_coefficient = uses & lines["coefficient"].isna()
    rate_needed = lines["rate_needed"].astype(bool)
    no_rate = rate_needed & lines["rate"].isna()
    no_plan = lines["structure"].isna()
    no_basis = lines["basis"].isna()
    from_plan = lines["line"].isin(["base", "performance", "score_bonus"])
    missing = np.select(
        [
            lines["unread_row"].notna(),
            no_plan,
            (no_rate & (lines["line"] != "score_bonus")) | (no_basis & from_plan),
            no_basis,
            no_coefficient | no_rate,
        ],
        ["unreadable", "plan", "figure", "basis", "coefficient"],
        default="",
    )
    amount = rounded_product(
        ints(lines["basis"]),
        _or_one(lines["rate"], rate_needed),
        _or_one(lines["coefficient"], uses),
        ints(lines["share"]),
    )
    gap = missing != ""
    open_ = lines["by_score"].astype(bool) & (lines["state"] == "provisional")
    return lines.assign(
        amount=masked(amount, gap, lines.index),
        coefficient=lines["coefficient"].where(uses),
        days_share=lines["share"],
        missing=pd.Series(missing, index=lines.index, dtype="str"),
        state=pd.Series(
            np.select([gap, open_], ["missing", "provisional"], "final"), lines.index, dtype="str"
        ),
    )


def _or_one(factor: pd.Series, used: pd.Series) -> Ints:
    return np.where(used.to_numpy(dtype=bool), ints(factor), MILLION)
