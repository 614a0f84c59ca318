"""Working days: what falls on a weekend or holiday moves to the next working day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION
from ecperf_kit.finding import Finding
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


def holidays_known(year: int) -> bool:
    """Whether the public holidays and make-up days of a year are in the working calendar."""
    from chinese_calendar import is_workday

    try:
        is_workday(dt.date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def unknown_holidays(client: Client, days: Iterable[Any]) -> list[Finding]:
    """That due dates (days, timestamps, ISO texts; missing ones are no dates) fall in years
    whose holidays nobody knows yet: there only Saturdays and Sundays are kept clear of."""
    given = pd.to_datetime(pd.Series(list(days), dtype="object").replace("", None)).dropna()
    at = [int(day.year) for day in given.drop_duplicates()]
    years = [year for year in sorted(set(at)) if not holidays_known(year)]
    if not years:
        return []
    values = {"years": tuple(map(str, years)), "count": sum(year in years for year in at)}
    return [Finding("R110", f"client:{client.name}", values)]


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
