"""What the client's own tables say of the first aim: targets reached at lower cost.

Assessment method 1: two aims of the whole and six effects on the firm. A measure is a
share; the higher, the more of the effect is shown. Where a table is missing or too few
people are there, it has none and says why: an effect is never claimed without evidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, Ints, ints, multiply_divide
from ecperf_kit.method.calculate import Calculation
from ecperf_kit.method.keys import Groups, find
from ecperf_kit.method.unread import spoilt
from ecperf_kit.period import shift
from ecperf_kit.rules.few import fewest
from ecperf_kit.rules.plan import plan_months, plan_year_months
from ecperf_kit.rules.rollout import pay_mode, without_consent
from ecperf_kit.stages.result import Sentence

_SALES = "net_sales"
_NO_SCORECARD = "C110"
FULL = 100 * MILLION


@dataclass(frozen=True, slots=True)
class Measure:
    """``done`` of ``of`` where things are counted; ``share`` is a stored fraction.

    ``share`` is None where nothing can be said, ``note`` then says why; else it may say what
    the share is made of. ``counts`` is False where the share is no evidence yet.
    """

    done: int | None = None
    of: int | None = None
    share: int | None = None
    note: Sentence | None = None
    counts: bool = True


def lacking(name: str) -> Measure:
    """A measure that nothing can be said of, and why."""
    return Measure(note=Sentence(f"effects.lacking.{name}"))


def of_all(done: int, whole: int, otherwise: str) -> Measure:
    """A share of things counted; lacking where there are none."""
    if not whole:
        return lacking(otherwise)
    return Measure(int(done), int(whole), int(multiply_divide(int(done), MILLION, int(whole))))


class Looked:
    """The months looked at, with the scored rows (``reached``, ``lost``), totals and pay."""

    def __init__(self, client: Client, calculation: Calculation, rows: pd.DataFrame) -> None:
        self.client, self.calculation, self.rows = client, calculation, rows
        self.months = tuple(sorted(calculation.totals["month"].unique()))
        self.fewest = fewest(client)

    @property
    def last(self) -> str:
        """The last month looked at."""
        return self.months[-1] if self.months else ""

    @cached_property
    def enough(self) -> bool:
        """Whether so many people were assessed that they may be shown as a group."""
        return self.calculation.totals["employee"].nunique() >= self.fewest

    @cached_property
    def paid(self) -> bool:
        """Whether in any of the months the new pay was really paid."""
        return any(pay_mode(self.client, month) != "shadow" for month in self.months)

    # -- plan and sales ------------------------------------------------------------
    @cached_property
    def plan(self) -> Mapping[tuple[str, str], int]:
        """Planned sales by month and channel ("" where the plan has no channels)."""
        table = plan_months(self.client)
        if (table["channel"] != "").any():
            table = table[table["channel"] != ""]
        keys = zip(table["month"], table["channel"], strict=True)
        return dict(zip(keys, table["amount"].astype("int64"), strict=True))

    @cached_property
    def sales(self) -> dict[tuple[str, str], int]:
        """All sales on record by month and channel ("" for the company)."""
        table = self.client.table("actuals")
        table = table[table["indicator"] == _SALES]
        known = table["value"].notna() & table["subject_kind"].isin(["channel", "company"])
        table = table[known & ~spoilt(table)]
        channel = table["subject_id"].where(table["subject_kind"] == "channel", "")
        keys = zip(table["period"], channel, strict=True)
        return dict(zip(keys, table["value"].astype("int64"), strict=True))

    @cached_property
    def sold(self) -> dict[tuple[str, str], int]:
        """Sales of the months looked at."""
        return {key: amount for key, amount in self.sales.items() if key[0] in self.months}

    @cached_property
    def plan_reached(self) -> int | None:
        """Sales as a share of the plan, over the cells of month and channel with both."""
        both = [key for key, amount in self.plan.items() if key in self.sold and amount > 0]
        whole = sum(self.plan[key] for key in both)
        if not whole:
            return None
        return int(multiply_divide(sum(self.sold[key] for key in both), MILLION, whole))

    # -- people ------------------------------------------------------------------
    @cached_property
    def both_ends(self) -> tuple[Ints, Ints]:
        """Totals of the first and of the last month, of those who have one in both."""
        totals = self.calculation.totals
        known = totals.loc[totals["total"].notna(), ["employee", "month", "total"]]
        first = known[known["month"].isin(self.months[:1])]
        last = known[known["month"] == self.last]
        at = find([first["employee"]], [last["employee"]])
        there = at >= 0
        return ints(first["total"])[there], ints(last["total"])[at[there]]


# -- aim: targets reached at lower cost -------------------------------------------------
def plan_amount(look: Looked) -> Measure:
    """Sales as a share of the plan."""
    if not look.plan:
        return lacking("plan")
    return lacking("sales") if look.plan_reached is None else Measure(share=look.plan_reached)


def cost_pace(look: Looked) -> Measure:
    """Sales per yuan of pay, this year against last year: above 1, pay costs less.

    Channels with sales, and people with pay of full months, in both years.
    """
    if not look.enough:
        return lacking("few")
    both = [(m, c) for m, c in look.sold if look.sales.get((shift(m, -12), c), 0) > 0]
    if not both:
        return lacking("last_year")
    before, after, persons = _pay_of_both_years(look, sorted({month for month, _ in both}))
    if persons < look.fewest or not before or not after:
        return lacking("old_pay")
    now = sum(look.sold[key] for key in both)
    then = sum(look.sales[shift(month, -12), channel] for month, channel in both)
    change = {
        "pay": int(multiply_divide(after - before, MILLION, before)),
        "sales": int(multiply_divide(now - then, MILLION, then)),
    }
    kind = "cost_pace" if look.paid else "cost_shadow"
    share = _half_up(now * before * MILLION, then * after)
    return Measure(share=share, note=Sentence(f"effects.made_of.{kind}", change), counts=look.paid)


def _pay_of_both_years(look: Looked, months: list[str]) -> tuple[int, int, int]:
    """Pay of the same full months last year and now, and of how many people; nobody where
    a month has none: cost and sales must be of the same months."""
    pay, old = look.calculation.pay, look.client.table("pay_history")
    staff = look.client.table("employees").drop_duplicates("employee")
    year_ago = {month: shift(month, -12) for month in months}
    pay = pay[pay["month"].isin(months) & pay["pay"].notna()]
    old = old[old["month"].isin(list(year_ago.values())) & old["pay"].notna() & ~spoilt(old)]
    then = pay["month"].map(year_ago)
    at = find([pay["employee"], then], [old["employee"], old["month"]])
    person = find([pay["employee"]], [staff["employee"]])
    hired = staff["hired"].to_numpy("datetime64[D]")[person]
    left = staff["left"].to_numpy("datetime64[D]")[person]
    full = (hired <= then.to_numpy("datetime64[M]").astype("datetime64[D]")) & ~(
        left < (pay["month"].to_numpy("datetime64[M]") + 1).astype("datetime64[D]") - 1
    )
    there = (at >= 0) & (person >= 0) & full
    chosen = pay[there]
    if set(chosen["month"]) != set(months):
        return 0, 0, 0
    before = int(ints(old["pay"])[at[there]].sum())
    return before, int(chosen["pay"].sum()), chosen["employee"].nunique()


def _half_up(top: int, bottom: int) -> int:
    return (2 * top + bottom) // (2 * bottom)


def cells_planned(look: Looked) -> Measure:
    """Months and channels of the plan year that have a target of their own."""
    channels = set(look.client.table("channels")["channel"].dropna())
    channels |= {channel for _, channel in look.plan if channel}
    months = plan_year_months(look.client)
    wanted = {(month, channel) for month in months for channel in channels or {""}}
    return of_all(len(wanted & set(look.plan)), len(wanted) if look.plan else 0, "plan")


def cells_attained(look: Looked) -> Measure:
    """Months and channels with figures of both in which the plan was reached."""
    if not look.plan:
        return lacking("plan")
    both = [key for key in look.plan if key in look.sold]
    return of_all(sum(look.sold[key] >= look.plan[key] for key in both), len(both), "sales")


def posts_with_standards(look: Looked) -> Measure:
    """Posts to be assessed in the last month whose every row with data has its standard."""
    rows = look.rows[["post", "standard", "has_data", "assessed"]]
    rows = rows[(look.rows["month"] == look.last) & rows["assessed"].astype(bool)]
    open_ = set(rows.loc[rows["standard"].isna() & rows["has_data"].astype(bool), "post"])
    without = {
        str(finding.values["post"])
        for finding in look.calculation.findings
        if finding.code == _NO_SCORECARD and finding.values["month"] == look.last
    }
    posts = set(rows["post"].dropna())
    return of_all(len(posts - open_ - without), len(posts | without), "nobody")


def cards_signed(look: Looked) -> Measure:
    """People assessed who signed a consent to the scheme."""
    staff = look.calculation.totals["employee"].drop_duplicates()
    return of_all(len(staff) - len(without_consent(look.client, staff)), len(staff), "nobody")


def problems_agreed(look: Looked) -> Measure:
    """Sheets that lost points with a talk on record that names problem and remedy."""
    if not look.enough:
        return lacking("few")
    totals = look.calculation.totals
    sheets = totals.loc[(totals["total"] < FULL).fillna(False), ["employee", "month"]]
    talks = look.client.table("interviews")
    if talks.empty:
        return lacking("interviews")
    talks = talks[talks["held_on"].notna() & talks["problems"].notna() & talks["solutions"].notna()]
    at = find([sheets["employee"], sheets["month"]], [talks["employee"], talks["period"]])
    return of_all(int((at >= 0).sum()), len(sheets), "nothing_lost")


def misses_closed(look: Looked) -> Measure:
    """Missed standards that were reached in a later month, of those looked at again."""
    if not look.enough:
        return lacking("few")
    rows, sheets = look.rows, Groups(look.rows, ["employee", "month"])
    heads = rows[["employee", "month"]].take(sheets.first)
    place = {month: at for at, month in enumerate(look.months)}
    sizes, scored = sheets.sizes(), rows["row_score"].notna() & rows["assessed"].astype(bool)
    person = np.repeat(pd.factorize(heads["employee"])[0], sizes)
    month = np.repeat(heads["month"].map(place).to_numpy(), sizes)
    indicator, names = pd.factorize(rows["indicator"].array.take(sheets.order))
    at = np.flatnonzero(scored.to_numpy(dtype=bool)[sheets.order] & (indicator >= 0))
    row, month = (person * max(len(names), 1) + indicator)[at], month[at]
    hit = rows["reached"].to_numpy(dtype=bool, na_value=False)[sheets.order][at]
    latest, reached = (np.full(row.max(initial=-1) + 1, -1, dtype=np.int64) for _ in range(2))
    np.maximum.at(latest, row, month)
    np.maximum.at(reached, row[hit], month[hit])
    again = ~hit & (latest[row] > month)
    return of_all(int((again & (reached[row] > month)).sum()), int(again.sum()), "no_second_look")


def appeals_settled(look: Looked) -> Measure | None:
    """Appeals with the day they were settled; nothing to measure where nobody appealed."""
    table = look.client.table("appeals")
    table = table[table["period"].isin(look.months)]
    if table.empty:
        return None
    return of_all(int(table["settled_on"].notna().sum()), len(table), "nobody")
