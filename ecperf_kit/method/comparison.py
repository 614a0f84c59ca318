"""Pay before and after: who gains, who loses, by how much, and what the pay brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ecperf_kit.exact import MILLION, ints, masked, multiply_divide, rounded_product
from ecperf_kit.method.bridge import share_of
from ecperf_kit.method.days import parts
from ecperf_kit.method.keys import find, taken
from ecperf_kit.method.lost import with_lost
from ecperf_kit.method.unread import spoilt
from ecperf_kit.period import shift

if TYPE_CHECKING:
    from ecperf_kit.client import Client

#: Five bins of the change of pay, from much less to much more.
BINS = ("down_much", "down", "unchanged", "up", "up_much")


def pay_before(client: Client, pay: pd.DataFrame) -> pd.DataFrame:
    """Pay with the old pay each month is held against: before, before_from and days_share.

    Same month last year first, because pay follows the season; else the same
    month's pay under the old rules while the pilot does not pay; else the latest
    earlier month. ``before_from``: last_year | same_month | earlier | part_month |
    missing.

    A part month is never held against a full one: only old pay of full months
    counts, and a joiner's or leaver's month meets its ``days_share`` of it, half-up
    to the fen (6,000.00 at 11 of 22 days: 3,000.00). The same month's old pay
    already is that of the same days. ``part_month``: there is old pay, but of no
    full month, so nothing can be said. Old pay from a row with a cell that cannot be
    read is missing, and no other month stands in for it.
    """
    history = with_lost(client, "pay_history").drop_duplicates(["employee", "month"])
    lost = spoilt(history)
    # a row that cannot be read is there, whatever it says
    history = history.assign(lost=lost.astype("Int64"), pay=history["pay"].mask(lost, 0))
    history = history[history["pay"].notna()]
    full = history[_full_months(client, history)]
    year_before = pay["month"].map({m: shift(m, -12) for m in pay["month"].unique()}).astype("str")
    year_ago = _at(full, "pay", pay["employee"], year_before)
    same = _at(history, "pay", pay["employee"], pay["month"])
    shadow = client.config.pilot.pay == "shadow" and bool(client.config.dates.pilot_from)
    inside = pay["month"].between(client.config.dates.pilot_from, client.config.dates.pilot_to)
    same = same.where(inside & shadow)
    earlier = _latest_before(full, pay)
    share = _days_shares(client, pay)
    by_days = _by_days(year_ago, share).fillna(same).fillna(_by_days(earlier, share))
    only = _at(history, "pay", pay["employee"], year_before).fillna(_latest_before(history, pay))
    source = np.select(
        [year_ago.notna(), same.notna(), earlier.notna(), only.notna()],
        ["last_year", "same_month", "earlier", "part_month"],
        default="missing",
    )
    if not history["lost"].any():
        unread = np.zeros(len(pay), dtype=bool)
    else:
        unread = np.select(
            [source == "last_year", source == "same_month", source == "earlier"],
            [
                ints(_at(full, "lost", pay["employee"], year_before)),
                ints(_at(history, "lost", pay["employee"], pay["month"])),
                ints(_latest_before(full, pay, "lost")),
            ],
        ).astype(bool)
    by_days = by_days.mask(unread)
    source = np.where(unread, "missing", source)
    return pay.assign(
        before=by_days,
        before_from=pd.Series(source, index=pay.index, dtype="str"),
        days_share=share,
    )


def _full_months(client: Client, history: pd.DataFrame) -> np.ndarray:
    """Which rows of the old pay are those of a month the person was employed throughout."""
    staff = client.table("employees").drop_duplicates("employee")
    at = find([history["employee"]], [staff["employee"]])
    hired, left = (taken(staff[name], at).to_numpy().astype(_DAY) for name in ("hired", "left"))
    codes, months = pd.factorize(history["month"])
    month = np.array(list(months), dtype="datetime64[M]")
    first, after = (day.astype(_DAY)[codes] for day in (month, month + 1))
    return (hired <= first) & (np.isnat(left) | (left >= after - 1))


_DAY = "datetime64[D]"


def _days_shares(client: Client, pay: pd.DataFrame) -> pd.Series:
    """The share of each month that is paid, as the pay itself counts it."""
    held = parts(client, sorted(pay["month"].unique()), "pay_plans")
    return _at(held, "month_share", pay["employee"], pay["month"]).fillna(MILLION)


def _by_days(old: pd.Series, share: pd.Series) -> pd.Series:
    amount = rounded_product(ints(old), ints(share))
    return masked(amount, old.isna(), old.index)


def _at(table: pd.DataFrame, column: str, employee: pd.Series, month: pd.Series) -> pd.Series:
    at = find([employee, month], [table["employee"], table["month"]])
    return taken(table[column], at, employee.index)


def _latest_before(history: pd.DataFrame, pay: pd.DataFrame, column: str = "pay") -> pd.Series:
    """The latest known old pay from before each person's first month of new pay."""
    first = pay.sort_values("month", kind="stable").drop_duplicates("employee")
    at = find([history["employee"]], [first["employee"]])
    start = taken(first["month"], at, history.index)
    old = history[(history["month"] < start).fillna(False)]
    latest = old.sort_values("month", kind="stable").drop_duplicates("employee", keep="last")
    at = find([pay["employee"]], [latest["employee"]])
    return taken(latest[column], at, pay.index)


def compared(before: pd.Series, after: pd.Series, small: int) -> pd.DataFrame:
    """change (yuan), change_share (of the pay before, six decimals) and bin of each pair.

    Bins (``BINS``) with ``small`` = 5 %: more than 5 % down, up to 5 % down,
    unchanged, up to 5 % up, more than 5 % up; 5 % exactly is still small. Missing
    where either figure is; the share also where the pay before was 0.
    """
    change = (after - before).astype("Int64")
    old, step = ints(before), ints(change)
    much = np.abs(step) > multiply_divide(np.abs(old), small, MILLION)
    place = np.select([(step < 0) & much, step < 0, step == 0, much], [0, 1, 2, 4], default=3)
    bins = pd.Series(np.array(BINS)[place], index=before.index, dtype="str")
    return pd.DataFrame(
        {
            "change": change,
            "change_share": share_of(change, before),
            "bin": bins.mask(change.isna()),
        }
    )


def comparison(client: Client, pay: pd.DataFrame) -> pd.DataFrame:
    """One row per employee and month: before, before_from, days_share, after, change,
    change_share, bin.

    ``pay`` as from ``pay.pay``; sorted by employee and month, state kept.
    """
    small = int(client.threshold("pay_gap.small_change"))
    held = pay_before(client, pay).rename(columns={"pay": "after"})
    result = pd.concat([held, compared(held["before"], held["after"], small)], axis=1)
    wanted = ["employee", "month", "before", "before_from", "days_share", "after", "change",
              "change_share", "bin", "state"]  # fmt: skip
    return result[wanted].sort_values(["employee", "month"], ignore_index=True)


def bonus_efficiency(bonus: pd.Series, gained: pd.Series, cost: pd.Series) -> pd.DataFrame:
    """What each yuan of bonus brings: per_bonus and per_bonus_and_cost, six decimals.

    Bonus 1,000, sales up 20,000, cost up 500: 20 per yuan of bonus, 13.333333 per
    yuan of bonus and cost (HR-finance article 4.2). Missing for a bonus of 0.
    """
    return pd.DataFrame(
        {
            "per_bonus": share_of(gained, bonus),
            "per_bonus_and_cost": share_of(gained, bonus + cost),
        }
    )
