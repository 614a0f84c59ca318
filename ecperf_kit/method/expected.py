"""What is expected: the standard of each assessed row, from the annual plan or as agreed.

Sales-type standards follow the annual plan strictly; a different typed one is a
request to deviate and counts only once applied for, evidenced, approved and
published (assessment method 3.5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ecperf_kit.exact import MILLION, divide, ints, masked, multiply, multiply_divide
from ecperf_kit.method.days import held_together, parts
from ecperf_kit.method.keys import Groups, find, numbered, pairs, taken
from ecperf_kit.method.lost import with_lost
from ecperf_kit.method.subjects import by_month, column_at, company_id, looked_up
from ecperf_kit.method.unread import spoilt
from ecperf_kit.period import shift

if TYPE_CHECKING:
    from ecperf_kit.client import Client

#: Ratios of two plan measures: the plan gives their standard where none is typed.
PLAN_RATIOS = {
    "gross_margin_rate": ("gross_profit", "net_sales"),
    "promo_expense_ratio": ("promotion_cost", "net_sales"),
}
_APPROVAL = ["applied_on", "evidence", "approved_by", "approved_on", "published_on"]


def with_standards(client: Client, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with standard, standard_from, standard_ignored and where it stands.

    ``standard_from``: plan | typed | approved (a deviation that went through all
    steps) | missing. ``standard_ignored`` is a typed figure off the plan that
    does not count; is a cell of its row unreadable, the approval may be there, and the
    standard is missing; so it is where two rows of equally long periods contradict each
    other. The standard of a sum over a longer cycle is its share for the months so far,
    or, typed for less than a cycle (each month), what those months' standards add up
    to; the standard of a person's own result is reduced to the
    days worked (``standard_days_share`` below 1). Somebody in several posts with a
    scorecard of their own is held to another post's ratio or mean where nothing else gives
    one; a sum is not: what a whole post must reach is no measure of a part of its time.
    """
    table = by_month(with_lost(client, "standards"), sorted(rows["month"].unique()))
    found = looked_up(rows, table, company_id(client))
    plan = _plan(client, rows)
    aggregation = rows["indicator"].map(client.indicators["aggregation"])
    summed = aggregation.eq("sum").fillna(False)
    open_ = (found["position"] < 0) & plan.isna() & aggregation.isin(["ratio", "mean"])
    found = _of_other_posts(client, rows, table, found, open_.to_numpy(dtype=bool))
    position = found["position"]
    typed = column_at(table, "standard", position)
    part = multiply_divide(ints(typed), rows["elapsed"], rows["cycle_months"])
    longer = (summed & typed.notna() & (rows["cycle_months"] > 1)).astype(bool)
    typed = typed.where(~summed | typed.isna(), masked(part, False, rows.index))
    contested = column_at(table, "contested", position).eq(True).fillna(False).astype(bool)
    if longer.any():
        added = _added_up(client, rows[longer])
        typed = typed.mask(longer & added["applies"].reindex(rows.index, fill_value=False),
                           added["standard"].reindex(rows.index))  # fmt: skip
        contested |= (added["applies"] & added["unclear"]).reindex(rows.index, fill_value=False)

    measures = client.threshold("standard.plan_measures")
    on_plan = rows["indicator"].isin(list(measures)) & (rows["standard_basis"] == "annual_plan")
    in_full = rows["actual_subject"].str.startswith("employee:").fillna(False)
    # a typed standard of a person's own sales breaks the plan down to that person
    strict = on_plan & plan.notna() & ~(in_full & typed.notna())
    approved = pd.concat([column_at(table, c, position).notna() for c in _APPROVAL], axis=1)
    deviates = strict & typed.notna() & (typed != plan).fillna(False)
    allowed = deviates & approved.all(axis=1)
    by_plan = (strict & ~allowed) | (typed.isna() & plan.notna())
    table = table.assign(unread=spoilt(table))
    unread = column_at(table, "unread", position).eq(True).fillna(False).astype(bool)
    standard = typed.mask(by_plan, plan).mask(
        (deviates & ~allowed & unread) | (unread & typed.isna()) | contested
    )
    source = np.select(
        [standard.isna(), by_plan, allowed], ["missing", "plan", "approved"], default="typed"
    )
    by_days = (in_full & summed & rows["own_result"]).astype(bool)
    share = _own_share(client, rows, by_days).where(by_days, MILLION)
    standard = masked(multiply(ints(standard), ints(share)), standard.isna().to_numpy(), rows.index)
    return rows.assign(
        standard=standard,
        standard_from=pd.Series(source, index=rows.index, dtype="str"),
        standard_ignored=typed.where(deviates & ~allowed & ~unread),
        standard_days_share=share,
        standard_subject=found["subject"].mask(by_plan),
        standard_file=column_at(table, "_file", position).mask(by_plan),
        standard_sheet=column_at(table, "_sheet", position).mask(by_plan),
        standard_row=column_at(table, "_row", position).mask(by_plan),
    )


#: A number every count of months up to a year divides: sums of parts stay whole numbers.
_PARTS = 27720


def _added_up(client: Client, rows: pd.DataFrame) -> pd.DataFrame:
    """Standards typed for less than a cycle, added over the months of the cycle so far.

    A standard of one month counts whole in it, one of a few months in equal parts, one of
    a cycle or more with its month's part of the cycle. ``standard`` is missing if a month
    has none; ``applies``: a month has one of less than a cycle; ``unclear``: a month has two
    that contradict each other, or one that cannot be read.
    """
    months = set(rows["month"].unique())
    most = int(rows["elapsed"].max())
    needed = sorted({shift(month, -back) for month in months for back in range(most)})
    table = by_month(with_lost(client, "standards"), needed)
    table = table.assign(unclear=table["contested"] | spoilt(table))
    cycle, elapsed = (rows[name].to_numpy(dtype=np.int64) for name in ("cycle_months", "elapsed"))
    sums = np.zeros(len(rows), dtype=object)  # Python's integers: no product is too large
    gaps, applies, unclear = (np.zeros(len(rows), dtype=bool) for _ in range(3))
    for back in range(most):
        month = rows["month"].map({each: shift(each, -back) for each in months}).astype("str")
        position = looked_up(rows.assign(month=month), table, company_id(client))["position"]
        typed = column_at(table, "standard", position)
        length = ints(column_at(table, "_months", position))
        within, there = back < elapsed, (position >= 0).to_numpy()
        over = np.where(there, np.minimum(length, cycle), 1)
        part = ints(typed).astype(object) * (_PARTS // over).astype(object)
        sums += np.where(within, part, 0)
        gaps |= within & typed.isna().to_numpy()
        applies |= within & there & (length < cycle)
        open_ = column_at(table, "unclear", position).eq(True).fillna(False)
        unclear |= within & open_.to_numpy(dtype=bool)
    total = np.array([int(multiply_divide(each, 1, _PARTS)) for each in sums], dtype=np.int64)
    found = pd.DataFrame({"applies": applies, "unclear": unclear}, index=rows.index)
    return found.assign(standard=masked(total, gaps, rows.index))


def _of_other_posts(
    client: Client, rows: pd.DataFrame, table: pd.DataFrame, found: pd.DataFrame, open_: np.ndarray
) -> pd.DataFrame:
    """``found`` with the standards of the other posts somebody holds at the same time, for the
    rows of a scorecard of their own that are ``open_``; where two posts differ, none."""
    at = np.flatnonzero(open_ & (rows["card_kind"] == "employee").to_numpy(dtype=bool))
    if not len(at):
        return found
    key = ["employee", "month", "part_from"]
    posts = held_together(client, sorted(rows["month"].iloc[at].unique()))
    row, post = pairs([rows[k].iloc[at] for k in key], [posts[k] for k in key])
    if not len(row):
        return found
    asked = posts.take(post).reset_index(drop=True)
    asked = asked.assign(indicator=rows["indicator"].iloc[at].iloc[row].to_numpy())
    there = looked_up(asked, table, company_id(client), ("post_channel", "post"))
    there = there.assign(row=at[row], standard=column_at(table, "standard", there["position"]))
    there = there[there["position"] >= 0]
    differ = there.groupby("row")["standard"].transform(lambda each: each.nunique(dropna=False))
    first = there[differ == 1].drop_duplicates("row")
    position = found["position"].to_numpy(copy=True)
    subject = found["subject"].to_numpy(dtype=object, copy=True)
    position[first["row"]], subject[first["row"]] = first["position"], first["subject"]
    return found.assign(
        position=position, subject=pd.Series(subject, dtype="str", index=found.index)
    )


def _own_share(client: Client, rows: pd.DataFrame, chosen: pd.Series) -> pd.Series:
    """The share of the cycle to date in which each employee was measured by each indicator.

    Of the month itself the days under the indicator; of a cycle's earlier months all
    days worked, for the person's own figure of those months counts too. Absence in one
    month of a quarter reduces that month's part of the standard and no other.
    """
    same = numbered([rows["employee"], rows["month"], rows["indicator"]])
    _, number = np.unique(same, return_inverse=True)
    sums = np.zeros(len(rows), dtype=np.int64)
    np.add.at(sums, number, ints(rows["days_share"]))
    share = masked(sums[number], False, rows.index)
    longer = chosen & (rows["elapsed"] > 1)
    if not longer.any():
        return share
    part = rows[longer]
    elapsed = part["elapsed"].to_numpy(dtype=np.int64)
    months = part["month"].unique()
    earlier = {shift(month, -back) for month in months for back in range(1, int(elapsed.max()))}
    held = parts(client, sorted(earlier), "scorecards")
    added = ints(share[longer])
    for back in range(1, int(elapsed.max())):
        month = part["month"].map({m: shift(m, -back) for m in months}).astype("str")
        at = find([part["employee"], month], [held["employee"], held["month"]])
        worked = taken(held["month_share"], at)
        added = added + np.where(back < elapsed, ints(worked), 0)
    mean = divide(added, elapsed * MILLION)
    return share.mask(longer, masked(mean, False, part.index).reindex(rows.index))


def _plan(client: Client, rows: pd.DataFrame) -> pd.Series:
    """The annual plan's figure for each row's channel (all channels without one), to date."""
    # many rows ask for the same figure: each is worked out once
    few = rows[["month", "channel", "indicator", "elapsed"]].assign(
        channel=rows["channel"].fillna("")
    )
    _, first, again = np.unique(
        numbered([few[name] for name in few.columns]), return_index=True, return_inverse=True
    )
    few = few.take(first).reset_index(drop=True)
    sums = _plan_sums(with_lost(client, "targets"))
    amount = _plan_to_date(sums, few, few["indicator"])
    top, bottom = (
        _plan_to_date(sums, few, few["indicator"].map(
            {name: pair[place] for name, pair in PLAN_RATIOS.items()}
        ).astype("str"))
        for place in (0, 1)
    )  # fmt: skip
    missing = (top.isna() | bottom.isna() | (bottom == 0).fillna(True)).to_numpy(dtype=bool)
    ratio = divide(ints(top), np.where(missing, MILLION, ints(bottom)))
    return taken(amount.fillna(masked(ratio, missing)), again, rows.index)


def _plan_to_date(sums: _Plan, rows: pd.DataFrame, measure: pd.Series) -> pd.Series:
    """The planned amounts of a measure added over the months of the cycle so far."""
    elapsed = rows["elapsed"].to_numpy(dtype=np.int64)
    total = np.zeros(len(rows), dtype=np.int64)
    missing = np.zeros(len(rows), dtype=bool)
    for back in range(int(elapsed.max()) if len(elapsed) else 0):
        within = back < elapsed
        month = rows["month"].map({m: shift(m, -back) for m in rows["month"].unique()})
        amount = _plan_at(sums, month.astype("str"), rows["channel"], measure)
        total += np.where(within, ints(amount), 0)
        missing |= within & amount.isna().to_numpy()
    return masked(total, missing)


_Plan = tuple[pd.DataFrame, pd.DataFrame]


def _plan_sums(targets: pd.DataFrame) -> _Plan:
    """The plan by month, channel and measure, and by month and measure.

    What is given whole is not added to its parts: a channel's plan is its row without a
    category, else the sum of its categories; the company's is the row without a channel,
    else the sum of the channels. Where an amount that counts cannot be read, the figure is
    missing: what is left of it is not the plan.
    """
    rows = targets.assign(
        **{name: targets[name].fillna("") for name in ("channel", "category")},
        amount=targets["amount"].mask(spoilt(targets)),
    )
    of_channel = _whole_or_sum(rows, ["month", "channel", "measure"], "category")
    return of_channel, _whole_or_sum(of_channel, ["month", "measure"], "channel")


def _whole_or_sum(rows: pd.DataFrame, key: list[str], finer: str) -> pd.DataFrame:
    """The key with ``amount``: of the rows that give the whole, else of the finer ones."""
    whole = (rows[finer] == "").to_numpy(dtype=bool)
    groups = Groups(rows, key)
    given = groups.sum(whole) > 0
    amount, gap = ints(rows["amount"]), rows["amount"].isna().to_numpy()
    sums, gaps = (
        np.where(given, groups.sum(np.where(whole, each, 0)), groups.sum(np.where(whole, 0, each)))
        for each in (amount, gap)
    )
    heads = rows[key].take(groups.first).reset_index(drop=True)
    return heads.assign(amount=masked(sums, gaps > 0))


def _plan_at(sums: _Plan, month: pd.Series, channel: pd.Series, measure: pd.Series) -> pd.Series:
    own, whole = sums
    names = ("month", "channel", "measure")
    at = find([month, channel, measure], [own[name] for name in names])
    of_channel = taken(own["amount"], at)
    at = find([month, measure], [whole["month"], whole["measure"]])
    return of_channel.where(channel != "", taken(whole["amount"], at))
