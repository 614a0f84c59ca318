"""What the pay sliders compute: another split of the same pay, another coefficient table.

Base and target performance pay together stay what they are; only the share that hangs on
the score moves (assessment method 2.3). Each person's months are paid again by the method.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ecperf_kit.exact import FEN, divide, ints, masked, multiply, round_half_up
from ecperf_kit.method.coefficient import coefficients
from ecperf_kit.method.comparison import BINS, compared
from ecperf_kit.method.pay import pay, pay_lines
from ecperf_kit.method.scorecards import assessed_rows
from ecperf_kit.method.scoring import score
from ecperf_kit.method.totals import totals
from ecperf_kit.rules.in_force import plans

if TYPE_CHECKING:
    from ecperf_kit.client import Client


@dataclass(frozen=True)
class PayTrial:
    """Pay before and after a trial: one row per person and month, and the sums.

    ``rows``: employee, month, before, after, change, change_share, bin; ``bins``: label
    (of :data:`ecperf_kit.method.comparison.BINS`), count of person-months. Person-months
    that cannot be computed count in ``not_computed`` and in nothing else.
    """

    rows: pd.DataFrame
    bins: pd.DataFrame
    before: int
    after: int
    not_computed: int


class PayHistory:
    """The pay plan of one subject and the months of actuals it can be paid on again."""

    def __init__(self, client: Client, subject: str) -> None:
        """Raises KeyError for a subject without performance pay in force."""
        self.client, self.subject = client, subject
        table = plans(client)
        own = table[_linked(table) & (table["subject"] == subject)]
        if own.empty:
            known = ", ".join(pay_subjects(client)) or "–"
            raise KeyError(f"no performance pay in force for {subject!r}; there is: {known}")
        plan = own.iloc[0]
        self.base, self.performance = int(plan["base"]), int(plan["performance_pay"])
        self.share = int(divide(self.performance, self.base + self.performance))
        named = plan["coefficient_table"]
        self.coefficient_table = "" if pd.isna(named) else str(named)
        self.since = plan["effective_from"]
        self.months = sorted(client.table("actuals")["period"].dropna().unique())

    @cached_property
    def coefficient_tables(self) -> tuple[str, ...]:
        """The client's coefficient tables, by name."""
        return tuple(sorted(self.client.table("coefficient_tables")["coefficient_table"].unique()))

    @cached_property
    def _rows(self) -> pd.DataFrame:
        kind, name = self.subject.split(":", 1)
        rows = assessed_rows(self.client, self.months)
        return rows[(rows["post"] if kind == "post" else rows["employee"]) == name]

    @cached_property
    def _paid(self) -> pd.DataFrame:
        return self._paid_by(self.client)

    @cached_property
    def _scored(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        scored = score(self._rows)
        return scored, totals(scored)

    def _paid_by(self, client: Client) -> pd.DataFrame:
        """As ``calculate`` pays, without looking for faults, which no slider tells of."""
        scored, added = self._scored
        return pay(pay_lines(client, coefficients(client, added, scored)))

    def split(self, share: int) -> tuple[int, int]:
        """Base and target performance pay at a performance share, to the fen; the sum stays."""
        whole = self.base + self.performance
        performance = int(round_half_up(multiply(whole, share), FEN))
        return whole - performance, performance

    def trial(self, share: int, coefficient_table: str = "") -> PayTrial:
        """Pay of all months had the plan had this performance share and coefficient table."""
        if (share, coefficient_table or self.coefficient_table) == (
            self.share,
            self.coefficient_table,
        ):
            return self._told(self._paid)
        base, performance = self.split(share)
        table = self.client.table("pay_plans")
        subject = table["subject_kind"] + ":" + table["subject_id"]
        mine = ((subject == self.subject) & (table["effective_from"] == self.since)).to_numpy()
        filled = table.assign(
            base=masked(np.where(mine, base, ints(table["base"])), table["base"].isna()),
            performance_pay=masked(
                np.where(mine, performance, ints(table["performance_pay"])),
                table["performance_pay"].isna() & ~mine,
            ),
            coefficient_table=table["coefficient_table"].mask(
                mine, coefficient_table or self.coefficient_table or np.nan
            ),
        )
        tables = MappingProxyType({**self.client.tables, "pay_plans": filled})
        altered = replace(self.client, tables=tables)
        return self._told(self._paid_by(altered))

    def _told(self, after: pd.DataFrame) -> PayTrial:
        both = self._paid.merge(after, on=["employee", "month"], suffixes=("_before", "_after"))
        small = int(self.client.threshold("pay_gap.small_change"))
        told = compared(both["pay_before"], both["pay_after"], small)
        rows = pd.DataFrame(
            {
                "employee": both["employee"],
                "month": both["month"],
                "before": both["pay_before"],
                "after": both["pay_after"],
            }
        ).join(told)
        known = rows["change"].notna()
        count = rows.loc[known, "bin"].value_counts().reindex(list(BINS), fill_value=0)
        return PayTrial(
            rows,
            pd.DataFrame({"label": list(BINS), "count": count.to_numpy(dtype=np.int64)}),
            int(rows.loc[known, "before"].sum()),
            int(rows.loc[known, "after"].sum()),
            int((~known).sum()),
        )


def pay_subjects(client: Client) -> tuple[str, ...]:
    """Subjects whose pay plan in force has performance pay."""
    table = plans(client)
    return tuple(dict.fromkeys(table.loc[_linked(table), "subject"]))


def _linked(table: pd.DataFrame) -> pd.Series:
    """Which plans have performance pay beside a base that can be read: nothing else can move."""
    return ((table["performance_pay"].fillna(0) > 0) & table["base"].notna()).astype(bool)
