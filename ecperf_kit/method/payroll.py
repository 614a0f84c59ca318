"""One payroll, paid again and again under other figures: what sliders and calibration need.

The parts of every month, their totals and the bases of commission are worked out once.
A scenario that changes figures of pay plans or whole coefficient tables then costs some
milliseconds; any other goes through the whole calculation. Both give the same pay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ecperf_kit.exact import MILLION, Ints, ints, masked, multiply_divide, rounded_product
from ecperf_kit.method.calculate import calculate
from ecperf_kit.method.coefficient import gate_is_on
from ecperf_kit.method.keys import Groups
from ecperf_kit.method.pay import paid_parts, unpriced
from ecperf_kit.method.scenario import Scenario, applied
from ecperf_kit.method.scorecards import assessed_rows
from ecperf_kit.method.scoring import score
from ecperf_kit.method.totals import totals

if TYPE_CHECKING:
    from ecperf_kit.client import Client

#: Figures of a plan a line takes as its basis, and those it takes as its rate.
_BASIS = {
    "base": ("base", "score_bonus"),
    "performance_pay": ("performance",),
    "bonus": ("bonus",),
    "benefits": ("benefits",),
}
_RATE = {
    "sales_rate": ("commission_sales",),
    "gross_profit_rate": ("commission_gross_profit",),
    "net_profit_rate": ("commission_net_profit",),
    "piece_rate": ("piece",),
}


@dataclass(frozen=True)
class Paid:
    """Pay of every sheet (employee and month), in the order of ``Payroll.sheets``.

    ``known`` is False where it cannot be computed; ``pay`` is 0 there and counts nowhere.
    ``coefficient`` is that of each part that uses one (``Payroll.parts``), -1 elsewhere.
    """

    pay: Ints
    known: np.ndarray
    coefficient: Ints

    @property
    def cost(self) -> int:
        """The sum of all pay that can be computed, stored."""
        return int(self.pay[self.known].sum())


class Payroll:
    """The months of a client, ready to be paid under one scenario after another."""

    def __init__(self, client: Client, months: Sequence[str]) -> None:
        self.client, self.months = client, tuple(months)
        sums = totals(score(assessed_rows(client, self.months)))
        held, kinds = paid_parts(client, sums)
        lines = unpriced(client, held, kinds)
        self.parts = held
        self._part = np.concatenate([kind.parts for kind in kinds])
        self._line = lines["line"].to_numpy(dtype=object)
        groups = Groups(lines, ["employee", "month"])
        self.sheets = lines[["employee", "month", "post"]].take(groups.first)
        self.sheets = self.sheets.reset_index(drop=True)
        self._order, self._starts = groups.order, groups.starts
        self._basis, self._rate = ints(lines["basis"]), ints(lines["rate"])
        self._share = ints(lines["share"])
        needed = lines["rate_needed"].to_numpy(dtype=bool)
        bonus = self._line == "score_bonus"
        self._scored = lines["by_score"].to_numpy(dtype=bool) & ~bonus
        self._rate = np.where(needed, self._rate, MILLION)
        # what is missing whatever the figures are: a plan, a basis, a rate, a readable row
        self._gap = (
            lines["unread_row"].notna().to_numpy()
            | lines["structure"].isna().to_numpy()
            | lines["basis"].isna().to_numpy()
            | (needed & lines["rate"].isna().to_numpy())
        )
        self._coefficient = ints(held["coefficient"])
        self._unknown = held["coefficient"].isna().to_numpy()
        self._gate = _gates(client, held)
        self._names = held["coefficient_table"].to_numpy(dtype=object, na_value="")
        self._total = ints(held["total"])
        self._no_total = held["total"].isna().to_numpy()
        self._given: dict[tuple[str, str], bool] = {}
        self._places: dict[tuple[str, str], Ints] = {}

    def paid(self, scenario: Scenario) -> Paid:
        """Everybody's pay under a scenario. Raises ScenarioError as ``applied`` does."""
        if not self._is_plain(scenario):
            return self.by_calculation(scenario)
        basis, rate = self._basis.copy(), self._rate.copy()
        names = self._names
        for change in scenario.changes:
            for column, value in change.values.items():
                at = self._lines_of(change.subject, column)
                if column in _BASIS:
                    basis[at] = value
                elif column in _RATE:
                    rate[at] = value
                else:
                    names = names.copy()
                    names[at] = value
        coefficient, unknown = self._coefficients(scenario, names)
        used = np.where(self._scored, coefficient[self._part], MILLION)
        amount = rounded_product(basis, rate, used, self._share)
        gap = self._gap | (self._scored & unknown[self._part])
        whole = np.add.reduceat(np.where(gap, 0, amount)[self._order], self._starts)
        lost = np.logical_or.reduceat(gap[self._order], self._starts)
        uses = self._gate.uses & ~unknown
        return Paid(np.where(lost, 0, whole), ~lost, np.where(uses, coefficient, -1))

    def frame(self, paid: Paid) -> pd.DataFrame:
        """employee, month, post, pay (missing where it cannot be computed)."""
        return self.sheets.assign(pay=masked(paid.pay, ~paid.known))

    def _is_plain(self, scenario: Scenario) -> bool:
        """Whether a scenario only changes figures that lines already have, or tables."""
        if not len(self._starts):
            return False
        for change in scenario.changes:
            if change.table != "pay_plans":
                return False
            if not all(self._has(change.subject, column) for column in change.values):
                return False
            named = change.values.get("coefficient_table")
            if named is not None and named not in scenario.tables:
                return False  # a table of the client's own: its version depends on the month
        return True

    def _has(self, subject: str, column: str) -> bool:
        """Whether every plan of a subject has a figure there, so that no line comes or goes."""
        key = (subject, column)
        if key not in self._given:
            plans = self.client.table("pay_plans")
            own = plans[(plans["subject_kind"] + ":" + plans["subject_id"]) == subject]
            known = column in (*_BASIS, *_RATE, "coefficient_table")
            self._given[key] = known and len(own) > 0 and bool(own[column].notna().all())
        return self._given[key]

    def _lines_of(self, subject: str, column: str) -> Ints:
        """The lines (for a table's name the parts) that take a figure of a subject's plan."""
        key = (subject, column)
        if key not in self._places:
            kind, _, name = subject.partition(":")
            held = self.parts
            own = (held["subject_kind"] == kind) & (held["subject_id"] == name)
            chosen = own.to_numpy(dtype=bool, na_value=False)
            if column != "coefficient_table":
                lines = (*_BASIS.get(column, ()), *_RATE.get(column, ()))
                chosen = chosen[self._part] & np.isin(self._line.astype(str), lines)
            self._places[key] = np.flatnonzero(chosen)
        return self._places[key]

    def _coefficients(self, scenario: Scenario, names: np.ndarray) -> tuple[Ints, np.ndarray]:
        coefficient, unknown = self._coefficient, self._unknown
        if not scenario.tables:
            return coefficient, unknown
        coefficient, unknown = coefficient.copy(), unknown.copy()
        total, lost = self._total, self._no_total
        for name, (form, pairs) in scenario.tables.items():
            at = np.flatnonzero(names == name)
            found, below = _looked_up(total[at], form, pairs)
            gap = below | lost[at]
            cut = self._gate.cut[at] & ~gap & (found > MILLION)
            at_one = cut | self._gate.few_days[at]
            coefficient[at] = np.where(at_one, MILLION, found)
            unknown[at] = (gap & ~at_one) | ~self._gate.uses[at]
        return coefficient, unknown

    def by_calculation(self, scenario: Scenario) -> Paid:
        """The same by the whole calculation, whatever the scenario changes."""
        found = calculate(applied(self.client, scenario), self.months)
        keys = pd.MultiIndex.from_frame(self.sheets[["employee", "month"]])
        pay = found.pay.set_index(["employee", "month"])["pay"].reindex(keys)
        main = found.totals.set_index(["employee", "month"])
        own = pd.MultiIndex.from_frame(self.parts[["employee", "month"]])
        uses = main["uses_coefficient"].reindex(own).fillna(False).to_numpy(dtype=bool)
        coefficient = main["coefficient"].reindex(own)
        known = pay.notna().to_numpy()
        gone = ~uses | coefficient.isna().to_numpy()
        return Paid(np.where(known, ints(pay), 0), known, np.where(gone, -1, ints(coefficient)))


@dataclass(frozen=True)
class _Gates:
    """For each part: whether a coefficient above 1 is cut, whether few days make it 1."""

    cut: np.ndarray
    few_days: np.ndarray
    uses: np.ndarray


def _gates(client: Client, held: pd.DataFrame) -> _Gates:
    reached = held["key_reached"].to_numpy(dtype=bool)
    return _Gates(
        gate_is_on(client, held) & ~reached,
        (held["state"] == "not_assessed").to_numpy(dtype=bool),
        held["uses_coefficient"].to_numpy(dtype=bool),
    )


def _looked_up(total: Ints, form: str, pairs: Sequence[tuple[int, int]]) -> tuple[Ints, np.ndarray]:
    """The coefficients of totals in a table, and which lie below its lowest bound."""
    bounds, values = (np.array([pair[n] for pair in pairs], dtype=np.int64) for n in (0, 1))
    at = np.searchsorted(bounds, total, side="right") - 1
    low = np.maximum(at, 0)
    found = values[low]
    if form == "linear":
        high = np.minimum(low + 1, len(bounds) - 1)
        width = np.where(high > low, bounds[high] - bounds[low], 1)
        found = found + multiply_divide(values[high] - values[low], total - bounds[low], width)
    return found, at < 0
