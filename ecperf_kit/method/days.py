"""Who held which post in a month, and for which share of the month's pay.

Joiners, leavers, leave and transfers count by days: paid leave counts as
worked, a transfer splits the month by calendar days, several posts at the same
time split it by their share of working time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ecperf_kit.exact import MILLION, divide, ints, masked, multiply_divide
from ecperf_kit.method.in_force import in_force, month_end, month_start
from ecperf_kit.method.unread import PLACE, first_place, places

if TYPE_CHECKING:
    from ecperf_kit.client import Client

SUBJECT = ["subject_kind", "subject_id"]
_COLUMNS = ["employee", "month", "part_from", "post", "department", "channel", "time_share"]


def parts(client: Client, months: Sequence[str], table: str) -> pd.DataFrame:
    """One row per employee, month and post held in it, sorted by employee, month, date.

    ``table`` (``scorecards`` or ``pay_plans``) decides how posts held at the same
    time are treated: somebody with an own card or plan holds only the post with
    most time, everybody else each post by its share of time.

    Columns: employee, month, part_from, post, department, channel, category,
    superior; ``month_share`` (of the month's pay: attendance, or calendar days
    employed), ``days_share`` (of this part; the parts add up to the month),
    ``part_share`` (of the employee's own time; adds up to 1), ``share_from``
    (attendance | calendar), ``assessed`` (enough days worked for a score),
    ``main`` (the part with most days, the later of equals), ``subject_kind`` and
    ``subject_id`` (whose card or plan is in force: employee | post | missing);
    ``unread_file``, ``unread_sheet``, ``unread_row``: a row of the person, the post held or
    the attendance with a cell that cannot be read, so that the month cannot be paid.
    """
    held = _held(client, months)
    versions = in_force(client.table(table), months, SUBJECT)
    held = _with_subject(held, versions)
    held = _one_post_for_own(held)
    held = _with_shares(client, held)
    posts = client.library.posts
    held["category"] = held["post"].map(posts["category"]).astype("str")
    return held


def _held(client: Client, months: Sequence[str]) -> pd.DataFrame:
    """Each assignment cut to the days of each month in which the person was employed."""
    assigned = client.table("assignments").sort_values(["employee", "effective_from"])
    assigned = assigned.reset_index(drop=True)
    assigned = assigned.join(places(assigned))
    starts = assigned[["employee", "effective_from"]].drop_duplicates()
    until = starts.groupby("employee")["effective_from"].shift(-1) - pd.Timedelta(days=1)
    assigned = assigned.merge(starts.assign(until=until), on=["employee", "effective_from"])
    people = client.table("employees").drop_duplicates("employee")
    staff = people[["employee", "hired", "left", "superior"]]
    assigned = assigned.merge(staff, on="employee")
    of_person = places(people).set_index(people["employee"]).reindex(assigned["employee"])
    assigned = first_place(assigned, of_person.set_axis(assigned.index))
    begin = assigned[["effective_from", "hired"]].max(axis=1)
    end = assigned[["until", "left"]].min(axis=1)
    # no months: one before all employment, so that the columns are there all the same
    found = [_cut_to_month(assigned, begin, end, month) for month in months or ["1900-01"]]
    held = pd.concat(found, ignore_index=True)
    held = held[held["days"] > 0]
    # one part of a month that cannot be read: neither can the shares of the others
    whole = held.groupby(["employee", "month"])[PLACE].transform("first")
    held = first_place(held, whole)
    return held[[*_COLUMNS, "days", "month_days", "superior", *PLACE]].sort_values(
        ["employee", "month", "part_from"], kind="stable", ignore_index=True
    )


def _cut_to_month(
    assigned: pd.DataFrame, begin: pd.Series, end: pd.Series, month: str
) -> pd.DataFrame:
    first, last = month_start(month), month_end(month)
    part = assigned[(begin <= last) & (end.isna() | (end >= first))]
    since = begin[part.index].mask(begin < first, first)
    until = end[part.index].mask(end.isna() | (end > last), last)
    return part.assign(
        month=pd.Series(month, index=part.index, dtype="str"),
        part_from=since,
        days=(until - since).dt.days + 1,
        month_days=(last - first).days + 1,
    )


def _with_subject(held: pd.DataFrame, versions: pd.DataFrame) -> pd.DataFrame:
    """Whose version is in force for each part: the employee's own, else the post's."""
    known = versions[["month", *SUBJECT]].drop_duplicates()
    kind = pd.Series(pd.NA, index=held.index, dtype="str")
    for subject, column in (("post", "post"), ("employee", "employee")):
        ids = known[known["subject_kind"] == subject]
        keys = pd.MultiIndex.from_frame(ids[["month", "subject_id"]])
        there = pd.MultiIndex.from_frame(held[["month", column]]).isin(keys)
        kind = kind.mask(there, subject)
    own = (kind == "employee").fillna(False)
    return held.assign(
        subject_kind=kind, subject_id=held["post"].mask(own, held["employee"]).where(kind.notna())
    )


def _one_post_for_own(held: pd.DataFrame) -> pd.DataFrame:
    """Posts held at the same time under one own card or plan become the main one."""
    ranked = held.assign(_rank=held["time_share"].fillna(MILLION))
    ranked = ranked.sort_values("_rank", ascending=False, kind="stable")
    first = ~ranked.duplicated(["employee", "month", "part_from"])
    keep = (ranked["subject_kind"] != "employee") | first
    kept = ranked[keep.fillna(True)].sort_index().drop(columns="_rank")
    return kept.reset_index(drop=True)


def _with_shares(client: Client, held: pd.DataFrame) -> pd.DataFrame:
    key = ["employee", "month"]
    attendance = client.table("attendance").drop_duplicates(key)
    columns = [*key, "scheduled_days", "worked_days", "paid_leave_days"]
    of_attendance = pd.MultiIndex.from_frame(attendance[key])
    place = places(attendance).set_index(of_attendance)
    place = place.reindex(pd.MultiIndex.from_frame(held[key])).set_axis(held.index)
    held = first_place(held, place)
    held = held.merge(attendance[columns], on=key, how="left")
    # calendar days employed: posts held at the same time count once
    dated = held.drop_duplicates([*key, "part_from"])
    employed = dated.groupby(key, sort=False)["days"].sum().rename("employed").reset_index()
    held = held.merge(employed, on=key)
    worked = held["worked_days"] + held["paid_leave_days"].fillna(0)
    attended = worked.notna() & (held["scheduled_days"] > 0).fillna(False)
    top = np.where(attended, ints(worked.fillna(0)), held["employed"].to_numpy() * MILLION)
    bottom = np.where(attended, ints(held["scheduled_days"].fillna(1)), 0)
    bottom = np.where(attended, bottom, held["month_days"].to_numpy() * MILLION)
    month_share = np.clip(divide(top, bottom), 0, MILLION)

    # shares of time: calendar days x share of working time, equal shares where none is given
    together = held.groupby([*key, "part_from"], sort=False)["post"].transform("size")
    share = held["time_share"].fillna(pd.Series(MILLION // together, index=held.index))
    weight = held["days"].to_numpy(dtype=np.int64) * np.maximum(ints(share), 1)
    until = pd.Series(weight, index=held.index).groupby([held[k] for k in key]).cumsum()
    whole = pd.Series(weight, index=held.index).groupby([held[k] for k in key]).transform("sum")
    minimum = client.threshold("assessed.min_days")
    held = held.assign(
        month_share=masked(month_share, False, held.index),
        days_share=_in_turn(month_share, until, weight, whole, held.index),
        part_share=_in_turn(np.full(len(held), MILLION), until, weight, whole, held.index),
        share_from=pd.Series(np.where(attended, "attendance", "calendar"), held.index, dtype="str"),
        assessed=pd.Series(top >= minimum, index=held.index, dtype="boolean"),
        _weight=weight,
    )
    latest = held.iloc[::-1]["_weight"].groupby([held[k] for k in key]).idxmax()
    held["main"] = held.index.isin(latest)
    dropped = ["_weight", "employed", "worked_days", "paid_leave_days", "scheduled_days"]
    return held.drop(columns=[*dropped, "days", "month_days", "time_share"])


def _in_turn(
    total: np.ndarray, until: pd.Series, weight: np.ndarray, whole: pd.Series, index: pd.Index
) -> pd.Series:
    """``total`` split over the parts of a month; cumulated rounding makes the parts add up."""
    after = multiply_divide(total, until.to_numpy(), whole.to_numpy())
    before = multiply_divide(total, until.to_numpy() - weight, whole.to_numpy())
    return masked(after - before, False, index)
