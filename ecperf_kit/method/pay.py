"""Pay as a list of lines: base, performance pay, commission, piece rate, dividend, bonus.

Every structure is regulated by the performance coefficient (assessment method
2.3). Each line is rounded half-up to 0.01 yuan once; pay is the sum of the
rounded lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ecperf_kit.exact import MILLION, Ints, ints, masked, rounded_product
from ecperf_kit.method.coefficient import part_coefficients
from ecperf_kit.method.commission import commission_basis
from ecperf_kit.method.dividend import in_pay
from ecperf_kit.method.keys import Groups, ranked, taken
from ecperf_kit.method.lost import with_lost
from ecperf_kit.method.plans import plan_parts
from ecperf_kit.method.totals import sheet_key
from ecperf_kit.period import Period

if TYPE_CHECKING:
    from ecperf_kit.client import Client

LINE_COLUMNS = (
    "employee", "month", "line", "post", "channel", "structure", "basis", "rate", "coefficient",
    "days_share", "amount", "plan_file", "plan_sheet", "plan_row",
    "basis_file", "basis_sheet", "basis_row", "state", "missing", "commission_from", "below_zero",
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


def pay_lines(
    client: Client, totals_with_coefficient: pd.DataFrame, by_trial: Sequence[Client] = ()
) -> pd.DataFrame:
    """One row per employee, month and line of pay, sorted so, lines as on a pay slip.

    ``amount`` = basis x rate x coefficient x days_share where these are given,
    half-up to the fen; missing where one of them is, never 0, and ``missing``
    says which (unreadable | plan | figure | basis | coefficient). Base, performance pay and
    the commission on figures of a group count by the days worked; own sales and
    pieces already are those of the days worked. A loss earns no commission.
    ``state``: final | provisional | missing. Gross pay; before tax and insurance.
    Totals with a column ``trial`` yield the lines of each trial, with that column;
    ``by_trial`` are the clients in whose figures each trial's bases are looked up.
    """
    totals = totals_with_coefficient
    held, kinds = paid_parts(client, totals)
    lines = _joined(held, kinds)
    if by_trial:
        parts = (lines[lines["trial"] == trial] for trial in range(len(by_trial)))
        lines = pd.concat(
            [
                _with_basis(selling, part.reset_index(drop=True))
                for selling, part in zip(by_trial, parts, strict=True)
            ],
            ignore_index=True,
        )
    else:
        lines = _with_basis(client, lines)
    lines = _with_amount(lines)
    order = lines["line"].map({name: place for place, name in enumerate(LINES)})
    key = [*sheet_key(totals), "_order", "part_from"]
    lines = lines.assign(_order=order)
    lines = lines.take(ranked(lines, key)).reset_index(drop=True)
    return lines[[*LINE_COLUMNS, *sheet_key(totals)[2:]]]


def paid_parts(client: Client, totals: pd.DataFrame) -> tuple[pd.DataFrame, list[Kind]]:
    """The plan parts of the months with coefficient, and the kinds of line each part has."""
    months = sorted(totals["month"].unique())
    held = part_coefficients(client, plan_parts(client, months), totals)
    held = held.assign(commission_from=_commission_from(held))
    kinds = [
        _base(held),
        _performance(held),
        *_rated(held, _paid_out(client, held)),
        _score_bonus(client, held),
        _fixed(held, "bonus"),
        _fixed(held, "benefits"),
    ]
    return held, kinds


def unpriced(client: Client, held: pd.DataFrame, kinds: Sequence[Kind]) -> pd.DataFrame:
    """The lines of all kinds with basis, rate and share, without amount; kind by kind."""
    return _with_basis(client, _joined(held, kinds))


def pay(lines: pd.DataFrame) -> pd.DataFrame:
    """Gross pay per employee and month: the sum of the lines, missing if one is.

    Columns employee, month, pay, state (final | provisional | missing), and trial if
    the lines have it.
    """
    key = sheet_key(lines)
    groups = Groups(lines, key)
    gap = groups.sum(lines["amount"].isna().to_numpy()) > 0
    open_ = groups.sum((lines["state"] == "provisional").to_numpy(dtype=bool)) > 0
    state = np.select([gap, open_], ["missing", "provisional"], "final")
    return lines[key].take(groups.first).reset_index(drop=True).assign(
        pay=masked(groups.sum(ints(lines["amount"])), gap), state=pd.Series(state, dtype="str")
    )  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """The lines of one kind: the parts that have one, and the figures it is made of.

    ``basis``, ``rate`` and ``share`` are columns of all parts; without a basis it is
    looked up in the client's figures, or missing.
    """

    line: str
    parts: Ints
    share: pd.Series
    basis: pd.Series | None = None
    rate: pd.Series | None = None
    by_score: bool = False
    rate_needed: bool = False


def _kind(held: pd.DataFrame, line: str, chosen: Any, **figures: Any) -> Kind:
    share = held["part_share"] if line in _WHOLE else held["days_share"]
    at = np.flatnonzero(np.asarray(chosen, dtype=bool))
    return Kind(**{"line": line, "parts": at, "share": share, **figures})


def _base(held: pd.DataFrame) -> Kind:
    return _kind(held, "base", np.ones(len(held)), basis=held["base"])


def _performance(held: pd.DataFrame) -> Kind:
    """Performance pay x coefficient; for other structures only where the plan gives some."""
    structure = held["structure"]
    given = held["performance_pay"].notna() & ~structure.isin(["fixed", "score_bonus"])
    wanted = ((structure == "performance") | given) & structure.notna()
    return _kind(held, "performance", wanted, basis=held["performance_pay"], by_score=True)


def _rated(held: pd.DataFrame, due: pd.Series) -> list[Kind]:
    """Commission, piece rate and dividend: basis x rate x coefficient."""
    found = []
    own = held["commission_from"] == "employee"
    by_days = held["part_share"].where(own, held["days_share"])
    combined = held["structure"] == "commission_combined"
    for line, (rate, structures) in RATED.items():
        wanted = held["structure"].isin(list(structures))
        if line in _COMBINED:
            wanted |= combined & held[rate].notna()
        if line == _COMBINED[0]:  # no rate at all: the plan lacks a figure, and the line says so
            wanted |= combined & held[[RATED[name][0] for name in _COMBINED]].isna().all(axis=1)
        if line == "dividend":
            wanted &= due & in_pay(held["dividend_kind"])
        share = {} if line in _WHOLE else {"share": by_days}
        found.append(
            _kind(held, line, wanted, rate=held[rate], by_score=True, rate_needed=True, **share)
        )
    return found


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
    profits = with_lost(client, "profit_ledger")
    if not (held["structure"] == "dividend").any():
        return pd.Series(False, index=held.index)
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


def _score_bonus(client: Client, held: pd.DataFrame) -> Kind:
    """The share of base pay that the score earns (HR-finance article 4.2)."""
    limit = {name: client.threshold(f"score_bonus.{name}") for name in _BONUS_FIGURES}
    total, unknown = ints(held["total"]), held["total"].isna().to_numpy()
    rate = np.select(
        [
            (total >= limit["high_score"]) & ~unknown,
            (total >= limit["low_score"]) & ~unknown,
        ],
        [limit["high_rate"], limit["low_rate"]],
        default=limit["below_rate"],
    )
    none = unknown & (held["state"] != "not_assessed").to_numpy(dtype=bool)
    return _kind(
        held, "score_bonus", held["structure"] == "score_bonus", basis=held["base"],
        rate=masked(rate, none, held.index), rate_needed=True, by_score=True,
    )  # fmt: skip


_BONUS_FIGURES = ("high_score", "high_rate", "low_score", "low_rate", "below_rate")


def _fixed(held: pd.DataFrame, name: str) -> Kind:
    return _kind(held, name, held[name].notna(), basis=held[name])


def _joined(held: pd.DataFrame, kinds: Sequence[Kind]) -> pd.DataFrame:
    """The lines of all kinds, without amount: the part's columns taken once, the figures beside."""
    at = np.concatenate([kind.parts for kind in kinds])
    sizes = [len(kind.parts) for kind in kinds]

    def column(name: str) -> pd.Series:
        columns = [(getattr(kind, name), kind.parts) for kind in kinds]
        values = [np.zeros(len(p), np.int64) if c is None else ints(c)[p] for c, p in columns]
        gaps = [np.ones(len(p), bool) if c is None else c.isna().to_numpy()[p] for c, p in columns]
        return masked(np.concatenate(values), np.concatenate(gaps))

    def flag(name: str) -> np.ndarray:
        return np.repeat([bool(getattr(kind, name)) for kind in kinds], sizes)

    kept = [name for name in (*_OF_THE_PART, "trial") if name in held.columns]
    return held[kept].take(at).reset_index(drop=True).assign(
        line=pd.Series(np.repeat([kind.line for kind in kinds], sizes).astype(object), dtype="str"),
        basis=column("basis"), rate=column("rate"), share=column("share"),
        by_score=flag("by_score"), rate_needed=flag("rate_needed"),
    )  # fmt: skip


_OF_THE_PART = (
    "employee", "month", "part_from", "post", "department", "channel", "structure",
    "coefficient", "state", "commission_from", "dividend_unit", "unread_row",
    "plan_file", "plan_sheet", "plan_row",
)  # fmt: skip


def _with_basis(client: Client, lines: pd.DataFrame) -> pd.DataFrame:
    """The lines with the basis of commission, piece rate and dividend, and where it stands."""
    rated = np.flatnonzero(lines["line"].isin(list(RATED)).to_numpy(dtype=bool))
    found = commission_basis(client, lines.take(rated).reset_index(drop=True))
    at = np.full(len(lines), -1, dtype=np.int64)
    at[rated] = np.arange(len(rated))
    basis, gap = ints(lines["basis"]).copy(), lines["basis"].isna().to_numpy(copy=True)
    # a loss earns nothing and costs nothing; what it was is told
    figure = ints(found["basis"])
    basis[rated], gap[rated] = np.maximum(figure, 0), found["basis"].isna()
    below, none = np.zeros(len(lines), dtype=np.int64), np.ones(len(lines), dtype=bool)
    below[rated], none[rated] = figure, gap[rated] | (figure >= 0)
    places = ("basis_file", "basis_sheet", "basis_row")
    return lines.assign(
        basis=masked(basis, gap),
        below_zero=masked(below, none),
        **{name: taken(found[name], at) for name in places},
    )


def _with_amount(lines: pd.DataFrame) -> pd.DataFrame:
    by_score, rate_needed = lines["by_score"].to_numpy(), lines["rate_needed"].to_numpy()
    line = lines["line"]
    bonus = (line == "score_bonus").to_numpy(dtype=bool)
    uses = by_score & ~bonus
    no_coefficient = uses & lines["coefficient"].isna().to_numpy()
    no_rate = rate_needed & lines["rate"].isna().to_numpy()
    no_basis = lines["basis"].isna().to_numpy()
    from_plan = line.isin(["base", "performance", "score_bonus"]).to_numpy(dtype=bool)
    missing = np.select(
        [
            lines["unread_row"].notna(),
            lines["structure"].isna(),
            (no_rate & ~bonus) | (no_basis & from_plan),
            no_basis,
            no_coefficient | no_rate,
        ],
        ["unreadable", "plan", "figure", "basis", "coefficient"],
        default="",
    )
    amount = rounded_product(
        ints(lines["basis"]),
        np.where(rate_needed, ints(lines["rate"]), MILLION),
        np.where(uses, ints(lines["coefficient"]), MILLION),
        ints(lines["share"]),
    )
    gap = missing != ""
    open_ = by_score & (lines["state"] == "provisional").to_numpy(dtype=bool)
    state = np.select([gap, open_], ["missing", "provisional"], "final")
    return lines.assign(
        amount=masked(amount, gap),
        coefficient=lines["coefficient"].where(uses),
        days_share=lines["share"],
        missing=pd.Series(missing, dtype="str"),
        state=pd.Series(state, dtype="str"),
    )
