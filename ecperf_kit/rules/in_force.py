"""What of a client's scheme is in force: scorecards, pay plans, people and their posts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.finding import Finding, Source
from ecperf_kit.method.in_force import in_force, month_end, month_start
from ecperf_kit.method.once import once
from ecperf_kit.period import month_of

SUBJECT = ["subject_kind", "subject_id"]
_MONTHS_OF_YEAR = 12


def number(client: Client, name: str) -> int:
    """A threshold that is one number, as a stored integer."""
    value = client.threshold(name)
    if not isinstance(value, int):
        raise TypeError(f"threshold {name} is not one number")
    return value


def words(client: Client, name: str) -> tuple[str, ...]:
    """A threshold that is a list of words."""
    value = client.threshold(name)
    return (value,) if isinstance(value, str) else tuple(str(part) for part in value)


def mapped(keys: pd.Series, table: pd.Series) -> pd.Series:
    """What ``table`` (indexed by key) holds for each key, missing where it holds nothing.

    Keeps the type of ``table`` also when it is empty, which ``Series.map`` does not.
    """
    found = table.reindex(keys.to_numpy())
    found.index = keys.index
    return found


def reference_month(client: Client) -> str:
    """The month whose scheme is judged: the period's last, else the newest known.

    Without a period that is December of the plan year, or the month in which the
    newest version of a scorecard or pay plan begins, if that is later.
    """
    if client.period is not None:
        return client.period.last
    months = [f"{client.config.dates.plan_year}-12"]
    for name in ("scorecards", "pay_plans"):
        since = client.table(name)["effective_from"].max()
        if pd.notna(since):
            months.append(month_of(since))
    return max(months)


def start_month(client: Client) -> str:
    """The month whose people an assessment begins with: the period's last, else the first
    of the pilot, of the scheme, or the month judged. A whole year is no moment: within it
    too the pilot's or the scheme's first month counts."""
    dates, period = client.config.dates, client.period
    begun = dates.pilot_from or (month_of(dates.scheme_from) if dates.scheme_from else "")
    if period is None:
        return begun or reference_month(client)
    whole_year = len(period.months) == _MONTHS_OF_YEAR
    return begun if whole_year and begun in period.months else period.last


@once
def held_posts(client: Client, month: str = "") -> pd.DataFrame:
    """The newest assignments on a month's last day: one row per employee and post."""
    rows = client.table("assignments")
    rows = rows[rows["effective_from"] <= month_end(month or reference_month(client))]
    latest = rows.groupby("employee")["effective_from"].transform("max")
    return rows[rows["effective_from"] == latest]


@once
def people(client: Client, month: str = "") -> pd.DataFrame:
    """Who works in which post in a month: one row per employee and post.

    Columns employee, post, department, channel, time_share, superior, category;
    leavers of earlier months and joiners of later ones are left out. Who is hired on a day
    not known is taken to have been there, as in scoring.
    """
    month = month or reference_month(client)
    staff = client.table("employees")
    there = (staff["hired"].isna() | (staff["hired"] <= month_end(month))) & (
        staff["left"].isna() | (staff["left"] >= month_start(month))
    )
    rows = held_posts(client, month).merge(staff.loc[there, ["employee", "superior"]])
    rows["category"] = mapped(rows["post"], client.library.posts["category"])
    wanted = ["employee", "post", "department", "channel", "time_share", "superior", "category"]
    return rows[wanted].sort_values(["employee", "post"]).reset_index(drop=True)


def main_posts(team: pd.DataFrame) -> pd.Series:
    """The post each employee gives most time to, indexed by employee."""
    ranked = team.sort_values("time_share", ascending=False, kind="stable")
    return ranked.drop_duplicates("employee").set_index("employee")["post"]


def _version(client: Client, table: str, by: list[str]) -> pd.DataFrame:
    return in_force(client.table(table), [reference_month(client)], by).drop(columns="month")


@once
def coefficient_bands(client: Client) -> pd.DataFrame:
    """The bands of the client's coefficient tables in force."""
    return _version(client, "coefficient_tables", ["coefficient_table"])


def _with_post(client: Client, rows: pd.DataFrame) -> pd.DataFrame:
    of_person = mapped(rows["subject_id"], main_posts(people(client)))
    rows = rows.copy()
    rows["post"] = rows["subject_id"].where(rows["subject_kind"] == "post", of_person)
    rows["subject"] = rows["subject_kind"] + ":" + rows["subject_id"]
    return rows.reset_index(drop=True)


@once
def cards(client: Client) -> pd.DataFrame:
    """The scorecard rows in force, with ``subject`` (``post:store_operator``) and ``post``."""
    return _with_post(client, _version(client, "scorecards", SUBJECT))


@once
def plans(client: Client) -> pd.DataFrame:
    """The pay plans in force, with ``subject``, ``post`` and the post's ``category``."""
    rows = _with_post(client, _version(client, "pay_plans", SUBJECT))
    rows["category"] = mapped(rows["post"], client.library.posts["category"])
    return rows


def measured(client: Client, row: Mapping[Any, Any], column: str) -> tuple[int, str]:
    """A stored figure of a row with the unit of the row's indicator, for the texts."""
    return int(row[column]), str(client.indicators.at[row["indicator"], "unit"])


def source(row: Mapping[Any, Any], column: str = "") -> Source:
    """Where a client row stands in its file."""
    line = row.get("_row")
    return Source(
        file=_text(row.get("_file")),
        sheet=_text(row.get("_sheet")),
        row=None if line is None or pd.isna(line) else int(line),
        column=column,
    )


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value)


def findings(
    code: str,
    rows: pd.DataFrame,
    values: Callable[[Mapping[Any, Any]], Mapping[str, Any]],
    column: str = "",
) -> list[Finding]:
    """One finding per row of ``rows``, which has a ``subject`` column."""
    if rows.empty:  # nearly always: making no records of many columns takes its time too
        return []
    return [
        Finding(code, str(row["subject"]), values(row), source(row, column))
        for row in rows.to_dict("records")
    ]
