"""What does not fit together about people: superiors, employment, posts, pay plans, days."""

from __future__ import annotations

import pandas as pd

from ecperf_kit.finding import Finding
from ecperf_kit.intake.cross_data import Data, day, found_in, rows_of, scheme_start, shown

_STAFF = ("employees",)


def superiors(data: Data) -> list[Finding]:
    """Every superior is an employee, and nobody is his own superior, over however many steps."""
    employees = data.tables["employees"]
    known = set(employees["employee"])
    given = employees["superior"].notna()
    found = [
        found_in(
            "D304",
            "employees",
            row,
            "superior",
            f"employee:{row['employee']}",
            found=row["superior"],
        )
        for row in rows_of(employees[given & ~employees["superior"].isin(known)])
    ]
    above = dict(zip(employees["employee"], employees["superior"].where(given, ""), strict=True))
    seen: set[str] = set()
    for start in above:
        path: list[str] = []
        here = start
        while here in above and here not in seen:
            seen.add(here)
            path.append(here)
            here = above[here]
        if here in path:
            circle = [*path[path.index(here) :], here]
            row = rows_of(employees[employees["employee"] == here])[0]
            told = {"found": " → ".join(circle), "employee": here}
            found.append(found_in("D308", "employees", row, "superior", f"employee:{here}", **told))
    return found


def employment(data: Data) -> list[Finding]:
    """Nobody leaves before the first day, and assignments lie within the employment."""
    employees = data.tables["employees"]
    found = []
    for row in rows_of(employees[employees["left"] < employees["hired"]]):
        told = {"found": day(row["left"]), "hired": day(row["hired"])}
        found.append(
            found_in("D324", "employees", row, "left", f"employee:{row['employee']}", **told)
        )
    # of a life that ends before it begins nothing more can be said
    sound = employees[~(employees["left"] < employees["hired"])]
    assignments = data.tables["assignments"].merge(
        sound[["employee", "hired", "left"]], on="employee"
    )
    start = assignments["effective_from"]
    outside = (start < assignments["hired"]) | (start > assignments["left"])
    for row in rows_of(assignments[outside]):
        told = {
            "found": day(row["effective_from"]),
            "hired": day(row["hired"]),
            "left": "–" if pd.isna(row["left"]) else day(row["left"]),
            "employee": row["employee"],
        }
        subject = f"employee:{row['employee']}"
        found.append(
            found_in("D310", "assignments", row, "effective_from", subject, _STAFF, **told)
        )
    return found


def assigned(data: Data) -> list[Finding]:
    """Everybody who is there when the scheme begins has a post."""
    if not {"employees", "assignments"} <= data.present:
        return []
    employees = data.tables["employees"]
    there = employees["left"].isna() | (employees["left"] >= scheme_start(data))
    lost = there & ~employees["employee"].isin(data.tables["assignments"]["employee"])
    return [
        found_in(
            "D309",
            "employees",
            row,
            "employee",
            f"employee:{row['employee']}",
            ("assignments",),
            employee=row["employee"],
        )
        for row in rows_of(employees[lost])
    ]


def planned(data: Data) -> list[Finding]:
    """Everybody the scheme assesses has a pay plan, of his own or of his post."""
    if not {"pay_plans", "scorecards"} <= data.present:
        return []
    plans, cards = data.tables["pay_plans"], data.tables["scorecards"]
    pilot, assignments = data.config.pilot, data.tables["assignments"]
    employees = data.tables["employees"]
    there = employees["left"].isna() | (employees["left"] >= scheme_start(data))
    scope = assignments["employee"].isin(employees.loc[there, "employee"])
    if data.config.dates.pilot_from and (pilot.channels or pilot.departments):
        scope &= assignments["channel"].isin(pilot.channels) | assignments["department"].isin(
            pilot.departments
        )
    scope &= _covered(cards, assignments) & ~_covered(plans, assignments)
    lost = assignments[scope].drop_duplicates(["employee", "post"])
    return [
        found_in(
            "D311",
            "assignments",
            row,
            "employee",
            f"employee:{row['employee']}",
            ("pay_plans", "scorecards", *_STAFF),
            employee=row["employee"],
            post=row["post"],
        )
        for row in rows_of(lost)
    ]


def _covered(plans: pd.DataFrame, assignments: pd.DataFrame) -> pd.Series:
    own = plans.loc[plans["subject_kind"] == "employee", "subject_id"]
    post = plans.loc[plans["subject_kind"] == "post", "subject_id"]
    return assignments["employee"].isin(own) | assignments["post"].isin(post)


def attended(data: Data) -> list[Finding]:
    """Nobody works, or is on paid leave, more days than were scheduled."""
    days = data.tables["attendance"]
    counted = days["worked_days"] + days["paid_leave_days"].fillna(0)
    over = (counted > days["scheduled_days"]).to_numpy(dtype=bool)
    rows = days.assign(_counted=counted)[over]
    return [
        found_in(
            "D318",
            "attendance",
            row,
            "worked_days",
            f"employee:{row['employee']}",
            employee=row["employee"],
            month=row["month"],
            found=shown(row["_counted"]),
            scheduled=shown(row["scheduled_days"]),
        )
        for row in rows_of(rows)
    ]


def measured_in_employment(data: Data) -> list[Finding]:
    """No actual of a person lies before the first or after the last month of employment."""
    actuals = data.tables["actuals"]
    own = actuals[actuals["subject_kind"] == "employee"].merge(
        data.tables["employees"][["employee", "hired", "left"]],
        left_on="subject_id",
        right_on="employee",
    )
    hired, left = own["hired"].dt.strftime("%Y-%m"), own["left"].dt.strftime("%Y-%m")
    outside = (own["period"] < hired) | (left.notna() & (own["period"] > left.fillna("")))
    found = []
    for row in rows_of(own[outside]):
        told = {
            "employee": row["subject_id"],
            "found": row["period"],
            "hired": day(row["hired"]),
            "left": "–" if pd.isna(row["left"]) else day(row["left"]),
        }
        subject = f"employee:{row['subject_id']}"
        found.append(found_in("D319", "actuals", row, "period", subject, _STAFF, **told))
    return found
