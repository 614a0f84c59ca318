"""Which rate, base or coefficient table meets a cost, an income or a mean coefficient?

The figure asked for rises or falls steadily with the one that is turned, so the answer is
found by halving, on a grid a scheme can be written in (whole yuan, hundredths of a per
cent, half points); every trial is a whole payroll by the method. Assessment method 2.3,
4.2 and 4.4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from ecperf_kit.exact import FEN, MILLION, multiply, multiply_divide, round_half_up
from ecperf_kit.method.in_force import in_force
from ecperf_kit.method.payroll import Paid, Payroll
from ecperf_kit.method.scenario import Change, Scenario
from ecperf_kit.method.simulation import months_of
from ecperf_kit.spoken import SaidError, Saying

if TYPE_CHECKING:
    from ecperf_kit.client import Client

#: What may be turned: a commission rate, the base, the share that hangs on the score, a
#: table's scores all moved by so many points, its coefficients all multiplied.
Knob = Literal[
    "sales_rate", "gross_profit_rate", "net_profit_rate", "base", "performance_share",
    "table_shift", "table_scale",
]  # fmt: skip
#: What is to be met: the wage bill of the months, the mean pay a month, the mean coefficient.
Aim = Literal["cost", "pay", "coefficient"]
#: From, to and the step of each knob, stored integers.
GRID: Mapping[str, tuple[int, int, int]] = {
    "sales_rate": (0, 200_000, 100),
    "gross_profit_rate": (0, 500_000, 100),
    "net_profit_rate": (0, 500_000, 100),
    "base": (0, 100_000 * MILLION, MILLION),
    "performance_share": (0, MILLION, 1_000),
    "table_shift": (-30 * MILLION, 30 * MILLION, MILLION // 2),
    "table_scale": (500_000, 1_500_000, 1_000),
}
_OF_TABLE = ("table_shift", "table_scale")


@dataclass(frozen=True)
class Calibration:
    """The figure found, what it reaches, and what lies beside it.

    ``met`` is False where the target lies outside what the knob can do: the nearest end is
    given then. ``sensitivity``: value, reached and the wage bill for the steps around;
    ``scenario`` holds the figure, ready to be tried or adopted. ``persons`` are those whose
    pay it turns; ``not_computed`` person-months have no pay and count nowhere.
    """

    knob: str
    value: int
    reached: int
    target: int
    met: bool
    sensitivity: pd.DataFrame
    scenario: Scenario
    persons: int = 0
    not_computed: int = 0


class CalibrationError(SaidError, ValueError):
    """The subject has nothing this knob could turn, or nothing was paid in the months."""


def calibrate(
    client: Client,
    subject: str,
    knob: Knob,
    aim: Aim,
    target: int,
    months: tuple[str, ...] = (),
) -> Calibration:
    """The value of ``knob`` that brings ``aim`` closest to ``target`` from below.

    ``subject`` is ``post:presales_cs``, ``employee:E003`` or, for tables, the table's name.
    The cost counts everybody, pay and coefficient the subject's own people. Raises
    CalibrationError.
    """
    trial = _Trial(client, subject, knob, aim, Scenario("calibrated", months=months))
    low, high, step = GRID[knob]
    first, last = trial.reached(low), trial.reached(high)
    if first == last and trial.idle(low, high):
        told = {"knob": knob, "subject": subject, "aim": Saying(f"calibrate.{aim}")}
        raise CalibrationError("calibrate.idle", months=trial.span(), **told)
    rising = last >= first
    places = (high - low) // step
    if not min(first, last) <= target <= max(first, last):
        at = 0 if (target < first) == rising else places
        return trial.result(low + at * step, target, met=False)
    below, above = (0, places) if rising else (places, 0)
    while abs(above - below) > 1:
        middle = (below + above) // 2
        if trial.reached(low + middle * step) <= target:
            below = middle
        else:
            above = middle
    if trial.reached(low + above * step) <= target:
        below = above
    return trial.result(low + below * step, target, met=True)


class _Trial:
    """Payrolls with one figure turned, each computed once."""

    def __init__(self, client: Client, subject: str, knob: Knob, aim: Aim, frame: Scenario) -> None:
        self.client, self.subject, self.knob, self.aim = client, subject, knob, aim
        self.months = months_of(client, frame)
        if not self.months:
            raise CalibrationError("calibrate.no_months")
        self.payroll = Payroll(client, self.months)
        self.known: dict[int, Paid] = {}
        self.frame = frame
        self.turn = self._table_turner() if knob in _OF_TABLE else self._plan_turner()

    def scenario(self, value: int) -> Scenario:
        changed = self.turn(value)
        return Scenario(
            self.frame.name,
            months=self.frame.months,
            changes=changed.changes,
            tables=changed.tables,
        )

    def paid(self, value: int) -> Paid:
        if value not in self.known:
            self.known[value] = self.payroll.paid(self.scenario(value))
        return self.known[value]

    def reached(self, value: int) -> int:
        found = self.paid(value)
        if self.aim == "cost":
            return found.cost
        return self._mean_pay(found) if self.aim == "pay" else self._mean_coefficient(found)

    def result(self, value: int, target: int, met: bool) -> Calibration:
        low, high, step = GRID[self.knob]
        around = [value + place * step for place in (-10, -5, -1, 0, 1, 5, 10)]
        rows = [
            (each, self.reached(each), self.paid(each).cost)
            for each in around
            if low <= each <= high
        ]
        sensitivity = pd.DataFrame(rows, columns=["value", "reached", "cost"]).astype("Int64")
        found = self.paid(value)
        return Calibration(
            self.knob, value, self.reached(value), target, met, sensitivity, self.scenario(value),
            int(self._turned().nunique()), int((~found.known).sum()),
        )  # fmt: skip

    def idle(self, low: int, high: int) -> bool:
        """Whether no person's pay or coefficient is another at the other end of the knob."""
        ends = self.paid(low), self.paid(high)
        if self.aim == "coefficient":
            return bool((ends[0].coefficient == ends[1].coefficient).all())
        same = (ends[0].pay == ends[1].pay) & (ends[0].known == ends[1].known)
        return bool(same.all())

    def _turned(self) -> pd.Series:
        """The people whose pay differs between the ends of the knob."""
        low, high, _ = GRID[self.knob]
        ends = self.paid(low), self.paid(high)
        return self.payroll.sheets.loc[ends[0].pay != ends[1].pay, "employee"]

    def _mine(self, frame: pd.DataFrame) -> np.ndarray:
        """Rows of the subject's people; for a table, of those whose coefficient it gives."""
        kind, _, name = self.subject.partition(":")
        if kind in ("employee", "post"):
            return (frame[kind] == name).to_numpy(dtype=bool, na_value=False)
        parts = self.payroll.parts
        using = parts[(parts["coefficient_table"] == self.subject).fillna(False).astype(bool)]
        if "coefficient_table" in frame.columns:
            return frame.index.isin(using.index)
        at = pd.MultiIndex.from_frame(frame[["employee", "month"]])
        return at.isin(pd.MultiIndex.from_frame(using[["employee", "month"]]))

    def _mean_pay(self, found: Paid) -> int:
        mine = self._mine(self.payroll.sheets) & found.known
        if not mine.any():
            raise self._error("nobody_paid", months=self.span())
        whole, count = int(found.pay[mine].sum()), int(mine.sum())
        return int(round_half_up(int(multiply_divide(whole, 1, count)), FEN))

    def _mean_coefficient(self, found: Paid) -> int:
        parts = self.payroll.parts
        main = parts["main"].to_numpy(dtype=bool)
        mine = self._mine(parts) & main & (found.coefficient >= 0)
        if not mine.any():
            raise self._error("no_coefficient", months=self.span())
        return int(multiply_divide(int(found.coefficient[mine].sum()), 1, int(mine.sum())))

    def span(self) -> str | Saying:
        told = "..".join(dict.fromkeys((*self.months[:1], *self.months[-1:])))
        return told or Saying("calibrate.no_month")

    def _error(self, key: str, **values: Any) -> CalibrationError:
        return CalibrationError(f"calibrate.{key}", subject=self.subject, **values)

    def _plan_turner(self) -> Callable[[int], Scenario]:
        plans = in_force(
            self.client.table("pay_plans"), self.months[-1:], ["subject_kind", "subject_id"]
        )
        own = plans[(plans["subject_kind"] + ":" + plans["subject_id"]) == self.subject]
        if own.empty:
            # who has no own plan is paid by the post's
            known = sorted(plans["subject_kind"] + ":" + plans["subject_id"])
            raise self._error("no_plan", known=known or Saying("calibrate.nobody"))
        plan = own.iloc[0]
        if pd.isna(plan["base"]):
            raise self._error("no_base")
        whole = int(plan["base"]) + (
            0 if pd.isna(plan["performance_pay"]) else int(plan["performance_pay"])
        )

        def turned(value: int) -> Scenario:
            figures: dict[str, int] = {str(self.knob): value}
            if self.knob == "performance_share":
                performance = int(round_half_up(multiply(whole, value), FEN))
                figures = {"base": whole - performance, "performance_pay": performance}
            return Scenario("", changes=(Change("pay_plans", self.subject, figures),))

        return turned

    def _table_turner(self) -> Callable[[int], Scenario]:
        bands = in_force(
            self.client.table("coefficient_tables"), self.months[-1:], ["coefficient_table"]
        )
        own = bands[bands["coefficient_table"] == self.subject].sort_values("at_least")
        if own.empty:
            known = sorted(bands["coefficient_table"].unique()) or "–"
            raise CalibrationError("calibrate.no_table", table=self.subject, known=known)
        form = "linear" if (own["form"] == "linear").fillna(False).any() else "bands"
        pairs = [(int(a), int(c)) for a, c in zip(own["at_least"], own["coefficient"], strict=True)]

        def turned(value: int) -> Scenario:
            if self.knob == "table_shift":
                # moving all limits down by a point gives each score a higher coefficient
                moved = [(max(at - value, 0) if at else 0, c) for at, c in pairs]
            else:
                moved = [(at, int(multiply(c, value))) for at, c in pairs]
            best = dict(moved)  # of two limits at 0 the higher band holds
            return Scenario("", tables={self.subject: (form, tuple(sorted(best.items())))})

        return turned
