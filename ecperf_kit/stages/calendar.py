"""Working days: what falls on a weekend or holiday moves to the next working day."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION
from ecperf_kit.method.in_force import month_end, month_start
from ecperf_kit.period import shift
from ecperf_kit.rules.in_force import number

_SATURDAY = 5
#: The monthly steps in order, each with its threshold ``deadline.<step>``.
MONTHLY_STEPS = (
    "data",
    "self_assessment",
    "superior_review",
    "hr_audit",
    "finance_check",
    "publication",
    "pay",
)


def is_working_day(day: dt.date) -> bool:
    """Whether people work on a day in China, make-up days included.

    Years whose holidays are not announced yet count Monday to Friday.
    """
    from chinese_calendar import is_workday

    try:
        return bool(is_workday(day))
    except NotImplementedError:
        return day.weekday() < _SATURDAY


def working_day(day: dt.date) -> dt.date:
    """The day itself, or the next working day."""
    while not is_working_day(day):
        day += dt.timedelta(days=1)
    return day


def working_days_later(day: dt.date, count: int) -> dt.date:
    """The ``count``-th working day after a day."""
    for _ in range(count):
        day = working_day(day + dt.timedelta(days=1))
    return day


def working_days_before(day: dt.date, count: int = 1) -> dt.date:
    """The ``count``-th working day before a day."""
    for _ in range(count):
        day -= dt.timedelta(days=1)
        while not is_working_day(day):
            day -= dt.timedelta(days=1)
    return day


def monthly_deadlines(client: Client, month: str) -> pd.DataFrame:
    """When a month's assessment is due: step, day, nominal, due, moved (days).

    Calendar days of the following month, moved to the next working day; the end of
    the appeal counts working days from publication.
    """
    following = shift(month, 1)
    rows = []
    for step in MONTHLY_STEPS:
        day = number(client, f"deadline.{step}") // MILLION
        nominal = (month_start(following) + pd.Timedelta(days=day - 1)).date()
        due = working_day(min(nominal, month_end(following).date()))
        rows.append((step, day, nominal, due, (due - nominal).days))
        if step == "publication":
            wait = number(client, "deadline.appeal_working_days") // MILLION
            appeal = working_days_later(due, wait)
            rows.append(("appeal", wait, appeal, appeal, 0))
    table = pd.DataFrame(rows, columns=["step", "day", "nominal", "due", "moved"])
    for column in ("nominal", "due"):
        table[column] = pd.to_datetime(table[column]).astype("datetime64[s]")
    return table
