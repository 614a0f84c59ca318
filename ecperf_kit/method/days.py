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

from ecperf_kit.exact import MILLION, Ints, divide, ints, masked, multiply_divide
from ecperf_kit.method.in_force import in_force, month_end, month_start
from ecperf_kit.method.keys import find, numbered, taken
from ecperf_kit.method.lost import with_lost
from ecperf_kit.method.lost_people import people_and_posts
from ecperf_kit.method.once import by_month
from ecperf_kit.method.unread import PLACE, first_place, places

if TYPE_CHECKING:
    from ecperf_kit.client import Client

SUBJECT = ["subject_kind", "subject_id"]
_COLUMNS = ["employee", "month", "part_from", "post", "department", "channel", "time_share"]


@by_month
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
    versions = in_force(with_lost(client, table), months, SUBJECT)
    held = _with_subject(held, versions)
    held = _one_post_for_own(held)
    held = _with_shares(client, held)
    posts = client.library.posts
    category = find([held["post"]], [posts.index.to_series()])
    return held.assign(category=taken(posts["category"], category, held.index))


def held_together(client: Client, months: Sequence[str]) -> pd.DataFrame:
    """The posts of everybody who holds several at the same time: one row per employee, month,
    ``part_from`` and post, with department and channel, also those no scorecard is kept for."""
    held = _held(client, months)
    several = held.duplicated(["employee", "month", "part_from"], keep=False)
    return held.loc[several, ["employee", "month", "part_from", "post", "department", "channel"]]


def _held(client: Client, months: Sequence[str]) -> pd.DataFrame:
    """Each assignment cut to the days of each month in which the person was employed."""
    people, assigned = people_and_posts(client)
    assigned = assigned.sort_values(["employee", "effective_from"])
    assigned = assigned.reset_index(drop=True)
    since = assigned["effective_from"].to_numpy().astype(_DAY)
    until = _until(pd.factorize(assigned["employee"])[0], since)
    people = people.drop_duplicates("employee")
    person = find([assigned["employee"]], [people["employee"]])
    known = np.flatnonzero(person >= 0)
    hired, left = (
        people[name].to_numpy().astype(_DAY)[person[known]] for name in ("hired", "left")
    )
    begin, end = np.fmax(since[known], hired), np.fmin(until[known], left)
    spans = [_cut_to_month(begin, end, month) for month in months]
    row = np.concatenate([np.zeros(0, dtype=np.int64), *(span[0] for span in spans)])
    first = np.concatenate([np.zeros(0, dtype=_DAY), *(span[1] for span in spans)])
    days = np.concatenate([np.zeros(0, dtype=np.int64), *(span[2] for span in spans)])
    named = np.repeat(np.array(list(months), dtype=object), [len(span[0]) for span in spans])
    long = np.repeat(np.array([_length(m) for m in months], dtype=np.int64),
                     [len(span[0]) for span in spans])  # fmt: skip
    # rows lie by employee already: what is left is the month, then the day
    ranks = np.unique(named.astype("U7"), return_inverse=True)[1]
    who = pd.factorize(assigned["employee"])[0][known][row]
    order = np.lexsort((first, ranks, who))
    at, person = known[row[order]], person[known][row[order]]
    unread = _unread(assigned, people, at, person)
    held = assigned[[c for c in _COLUMNS if c not in ("month", "part_from")]].take(at)
    held = held.reset_index(drop=True).assign(
        month=pd.Series(named[order], dtype="str"),
        part_from=pd.Series(first[order]).astype(assigned["effective_from"].dtype),
        days=days[order],
        month_days=long[order],
        superior=taken(people["superior"], person),
        **{name: unread[name] for name in PLACE},
    )
    # one part of a month that cannot be read: neither can the shares of the others
    if held[PLACE].notna().any(axis=None):
        whole = held.groupby(["employee", "month"])[PLACE].transform("first")
        held = first_place(held, whole)
    return held[[*_COLUMNS, "days", "month_days", "superior", *PLACE]]


_DAY = "datetime64[D]"


def _until(employee: Ints, since: np.ndarray) -> np.ndarray:
    """The day before each person's next assignment; rows lie by employee and day."""
    until = np.full(len(since), "NaT", dtype=_DAY)
    if not len(since):
        return until
    day = since.astype(np.int64)
    other = (employee[1:] != employee[:-1]) | (day[1:] != day[:-1])
    starts = np.flatnonzero(np.append(True, other))
    following = np.full(len(starts), "NaT", dtype=_DAY)
    same = employee[starts[1:]] == employee[starts[:-1]]
    following[:-1][same] = since[starts[1:]][same] - np.timedelta64(1, "D")
    until[:] = np.repeat(following, np.diff(np.append(starts, len(since))))
    return until


def _cut_to_month(begin: np.ndarray, end: np.ndarray, month: str) -> tuple[Ints, np.ndarray, Ints]:
    """Which rows have days in a month, the first of these days, and how many."""
    first, last = (
        day.to_datetime64().astype(_DAY) for day in (month_start(month), month_end(month))
    )
    row = np.flatnonzero((begin <= last) & (np.isnat(end) | (end >= first)))
    since, until = np.maximum(begin[row], first), np.fmin(end[row], last)
    days = (until - since).astype(np.int64) + 1
    return row[days > 0], since[days > 0], days[days > 0]


def _length(month: str) -> int:
    return (month_end(month) - month_start(month)).days + 1


def _unread(assigned: pd.DataFrame, people: pd.DataFrame, at: Ints, person: Ints) -> pd.DataFrame:
    """Where the assignment's row, else the person's, has a cell that cannot be read."""
    of_row = places(assigned).take(at).reset_index(drop=True)
    of_person = places(people).take(person).reset_index(drop=True)
    return first_place(of_row, of_person)


def _with_subject(held: pd.DataFrame, versions: pd.DataFrame) -> pd.DataFrame:
    """Whose version is in force for each part: the employee's own, else the post's."""
    kind = np.full(len(held), None, dtype=object)
    of_version = versions["subject_kind"].to_numpy(dtype=object)
    for subject in ("post", "employee"):
        known = versions[of_version == subject]
        place = find([held["month"], held[subject]], [known["month"], known["subject_id"]])
        kind[place >= 0] = subject
    ids = np.full(len(held), None, dtype=object)
    for subject in ("post", "employee"):
        own = kind == subject
        ids[own] = held[subject].to_numpy(dtype=object)[own]
    return held.assign(
        subject_kind=pd.Series(kind, index=held.index, dtype="str"),
        subject_id=pd.Series(ids, index=held.index, dtype="str"),
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
    attendance = with_lost(client, "attendance").drop_duplicates(key)
    of_days = find([held[k] for k in key], [attendance[k] for k in key])
    held = first_place(held, _places_at(attendance, of_days))
    scheduled, worked_days, leave = (
        taken(attendance[name], of_days) for name in ("scheduled_days", "worked_days",
                                                      "paid_leave_days")
    )  # fmt: skip
    month, days = numbered([held[k] for k in key]), held["days"].to_numpy(dtype=np.int64)
    together = numbered([held[k] for k in (*key, "part_from")])
    # calendar days employed: posts held at the same time count once
    once_only = np.zeros(len(held), dtype=bool)
    once_only[np.unique(together, return_index=True)[1]] = True
    employed = _sums(month, np.where(once_only, days, 0))
    worked = worked_days + leave.fillna(0)
    attended = (worked.notna() & (scheduled > 0).fillna(False)).to_numpy(dtype=bool)
    top = np.where(attended, ints(worked), employed * MILLION)
    month_days = held["month_days"].to_numpy(dtype=np.int64)
    bottom = np.where(attended, ints(scheduled), month_days * MILLION)
    month_share = np.clip(divide(top, bottom), 0, MILLION)

    # shares of time: calendar days x share of working time, equal shares where none is given
    equal = MILLION // _sums(together, np.ones(len(held), dtype=np.int64))
    given = held["time_share"]
    share = np.where(given.notna(), ints(given), equal)
    share = np.maximum(share, 1)
    # posts held together share their days, whatever their shares add up to
    weight = multiply_divide(days * MILLION, share, _sums(together, share))
    until, whole = _cumulated(month, weight), _sums(month, weight)
    minimum = client.threshold("assessed.min_days")
    held = held.assign(
        month_share=masked(month_share, False, held.index),
        days_share=_in_turn(month_share, until, weight, whole, held.index),
        part_share=_in_turn(np.full(len(held), MILLION), until, weight, whole, held.index),
        share_from=pd.Series(np.where(attended, "attendance", "calendar"), held.index, dtype="str"),
        assessed=pd.Series(top >= minimum, index=held.index, dtype="boolean"),
        main=_last_largest(month, weight),
    )
    return held.drop(columns=["days", "month_days", "time_share"])


def _places_at(table: pd.DataFrame, position: Ints) -> pd.DataFrame:
    found = places(table)
    return pd.DataFrame({name: taken(found[name], position) for name in PLACE})


def _sums(group: Ints, values: Ints) -> Ints:
    """For each row the sum over its group."""
    number = np.unique(group, return_inverse=True)[1]
    total = np.zeros(number.max(initial=-1) + 1, dtype=np.int64)
    np.add.at(total, number, values)
    return total[number]


def _cumulated(group: Ints, values: Ints) -> Ints:
    """For each row the sum over its group up to it."""
    order = np.argsort(group, kind="stable")
    sums = np.cumsum(values[order])
    begins = np.flatnonzero(np.diff(group[order], prepend=-2))
    before = np.repeat(sums[begins] - values[order][begins], np.diff(np.append(begins, len(group))))
    result = np.empty_like(sums)
    result[order] = sums - before
    return result


def _last_largest(group: Ints, values: Ints) -> np.ndarray:
    """True for one row of each group: that with the largest value, the last of equals."""
    order = np.lexsort((np.arange(len(group)), values, group))
    last = np.flatnonzero(np.diff(group[order], append=-2))
    chosen = np.zeros(len(group), dtype=bool)
    chosen[order[last]] = True
    return chosen


def _in_turn(total: Ints, until: Ints, weight: Ints, whole: Ints, index: pd.Index) -> pd.Series:
    """``total`` split over the parts of a month; cumulated rounding makes the parts add up."""
    after = multiply_divide(total, until, whole)
    before = multiply_divide(total, until - weight, whole)
    return masked(after - before, False, index)
