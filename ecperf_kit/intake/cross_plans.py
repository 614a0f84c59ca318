"""Months in which somebody is assessed before any pay plan is in force: no pay can be computed."""

from __future__ import annotations

import pandas as pd

from ecperf_kit.finding import Finding
from ecperf_kit.intake.cross_data import Data, day, found_in, rows_of
from ecperf_kit.intake.cross_posts import first_day
from ecperf_kit.period import month_of, months_between, shift

_BESIDE = ("pay_plans", "scorecards", "employees")
_HOLDER = {"employee": "employee", "post": "post"}


def planned_from_the_start(data: Data) -> list[Finding]:
    """Whoever is assessed has a pay plan, of his own or of his post, from the first month on.

    Scorecards and plans hold from the first month that begins with them in force; who has no
    plan at all is another finding. Months of the pilot count for those in its area.
    """
    if not {"pay_plans", "scorecards"} <= data.present:
        return []
    rows = data.tables["assignments"].sort_values("effective_from", kind="stable")
    rows = rows.assign(
        _card=_first(data.tables["scorecards"], rows), _plan=_first(data.tables["pay_plans"], rows)
    )
    # nearly always the plans begin with the scorecards or before
    late = rows["_plan"].notna() & rows["_card"].notna() & (rows["_plan"] > rows["_card"])
    if not late.any():
        return []
    key = ["employee", "effective_from"]
    since = rows[key].drop_duplicates()
    following = since.groupby("employee")["effective_from"].shift(-1)
    people = data.tables["employees"][["employee", "hired", "left"]].drop_duplicates("employee")
    rows = rows[late].merge(since.assign(_next=following), on=key).merge(people, on="employee")
    found = []
    for row in rows_of(rows.drop_duplicates(["employee", "post", "effective_from"])):
        begun = [row["effective_from"], row["hired"], first_day(data)]
        since = max(day_ for day_ in begun if pd.notna(day_))
        ends = [row["left"], row["_next"] - pd.Timedelta(days=1)]
        until = min((day_ for day_ in ends if pd.notna(day_)), default=pd.Timestamp.max)
        first = max(_whole(row["_card"]), month_of(since))
        last = min(shift(_whole(row["_plan"]), -1), month_of(until))
        if first > last:
            continue
        months = tuple(m for m in months_between(first, last) if _assessed(data, row, m))
        if not months:
            continue
        told = {
            "employee": row["employee"],
            "post": row["post"],
            "since": months[0],
            "found": day(row["_plan"]),
            "months": months,
        }
        subject = f"employee:{row['employee']}"
        found.append(
            found_in("D330", "assignments", row, "effective_from", subject, _BESIDE, **told)
        )
    return found


def _first(table: pd.DataFrame, rows: pd.DataFrame) -> pd.Series:
    """The first day of any version for each row's employee or post; missing where there is none."""
    found = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[ns]")
    for kind, column in _HOLDER.items():
        own = table[table["subject_kind"] == kind].groupby("subject_id")["effective_from"].min()
        begun = own.reindex(rows[column]).set_axis(rows.index).astype("datetime64[ns]")
        found = found.where((found <= begun) | begun.isna(), begun)
    return found


def _whole(begun: pd.Timestamp) -> str:
    """The first month that begins with a version of this day in force."""
    month = month_of(begun)
    return month if begun.day == 1 else shift(month, 1)


def _assessed(data: Data, row: dict[str, object], month: str) -> bool:
    """Whether the month counts for the row: in the pilot only what lies in its area."""
    dates, pilot = data.config.dates, data.config.pilot
    if not (dates.pilot_from and dates.pilot_to and (pilot.channels or pilot.departments)):
        return True
    if not str(dates.pilot_from) <= month <= str(dates.pilot_to):
        return True
    return row["channel"] in pilot.channels or row["department"] in pilot.departments
