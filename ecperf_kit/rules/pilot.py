"""What a pilot shows: pay gaps, cost against sales, and every other pilot rule in one list.

The rules take a :class:`Pilot` (scores and pay of its months beside the old pay).
Rules on data, process and scores stand in modules of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, ints, multiply_divide
from ecperf_kit.finding import SEVERITIES, Finding
from ecperf_kit.method.calculate import Calculation, calculate
from ecperf_kit.method.comparison import comparison
from ecperf_kit.method.once import once
from ecperf_kit.rules.assessors import without_assessor
from ecperf_kit.rules.few import alike, fewest
from ecperf_kit.rules.in_force import number, people
from ecperf_kit.rules.pilot_business import (
    BUSINESS,
    business,
    business_of_one_year,
    growth,
    sales_growth,
)

_PROFIT_LINES = ("commission_gross_profit", "commission_net_profit")


@dataclass(frozen=True, eq=False)
class Pilot:
    """The months of a pilot that have figures: scores, pay, and pay against the old pay.

    ``pay`` has one row per employee and month: before (by the days of the month),
    before_from, days_share, after, change, change_share, bin, state, with post,
    department, channel and superior.
    """

    client: Client
    months: tuple[str, ...]
    planned: int
    calculation: Calculation
    pay: pd.DataFrame


PilotRule = Callable[[Pilot], list[Finding]]


def pilot_of(client: Client, months: Sequence[str]) -> Pilot:
    """The pilot in ``months``: only those in its dates, and only up to the last actual."""
    dates = client.config.dates
    inside = tuple(
        m for m in months if (dates.pilot_from or m) <= m <= (dates.pilot_to or m)
    ) or tuple(months)
    known = client.table("actuals")["period"].dropna()
    reached = tuple(m for m in inside if len(known) and m <= known.max()) or inside
    result = calculate(client, reached)
    columns = ["employee", "month", "post", "department", "channel", "superior"]
    compared = comparison(client, result.pay).merge(
        result.totals[columns], on=["employee", "month"], how="left"
    )
    return Pilot(client, reached, len(inside), result, compared)


def check_pilot(pilot: Pilot) -> tuple[Finding, ...]:
    """All findings about a pilot, those of the calculation included, gravest first."""
    from ecperf_kit.rules.pilot_data import DATA_RULES
    from ecperf_kit.rules.pilot_process import PROCESS_RULES
    from ecperf_kit.rules.pilot_scores import SCORE_RULES

    rules: tuple[PilotRule, ...] = (*PAY_RULES, *DATA_RULES, *PROCESS_RULES, *SCORE_RULES)
    found = [finding for rule in rules for finding in rule(pilot)]
    found += without_assessor(pilot.client, pilot.months, set(pilot.pay["employee"]))
    found += pilot.calculation.findings
    codes = pilot.client.library.codes
    return tuple(sorted(found, key=lambda f: (SEVERITIES.index(codes[f.code].severity), f.code)))


def mean(values: pd.Series) -> int:
    """The mean of stored values, half-up to the last stored place."""
    return mean_of(values.dropna().tolist())


def mean_of(values: Sequence[int]) -> int:
    """The mean of known values, half-up; 0 of none."""
    return int(multiply_divide(sum(values), 1, max(len(values), 1)))


# -- pay gaps ----------------------------------------------------------------
@once
def graded_pay(pilot: Pilot) -> pd.DataFrame:
    """``pilot.pay`` with ``grade``: fall_red, rise_red, watched, fine, or unknown.

    Red: a fall of 15 % or more, any change beyond 20 %; watched beyond 10 %
    (assessment method 4.4).
    """
    client, table = pilot.client, pilot.pay
    share = table["change_share"]
    fall = number(client, "pay_gap.fall_red")
    red, yellow = (number(client, f"pay_gap.individual_{c}") for c in ("red", "yellow"))
    grade = pd.Series("fine", index=table.index, dtype="str")
    for name, chosen in (
        ("watched", share.abs() > yellow),
        ("rise_red", share > red),
        ("fall_red", (share <= -fall) | (share < -red)),
        ("unknown", share.isna()),
    ):
        grade = grade.mask(chosen.fillna(False).astype(bool), name)
    return table.assign(grade=grade)


def _subjects(pilot: Pilot, table: pd.DataFrame) -> pd.Series:
    """Whom a row's finding speaks of: the post, or the person where the post is too small."""
    persons = pilot.pay.groupby("post")["employee"].nunique()
    small = table["post"].map(persons) < fewest(pilot.client)
    return ("post:" + table["post"]).mask(small, "employee:" + table["employee"])


def pay_gaps(pilot: Pilot) -> list[Finding]:
    """One finding per post (or person of a small post): the gravest, with its worst month."""
    table = graded_pay(pilot)[list(_GRADED)]
    table = table.assign(subject=_subjects(pilot, table))
    found = []
    for subject, part in table.groupby("subject", sort=True):
        for code, grade in (("P101", "fall_red"), ("P102", "rise_red"), ("P103", "watched")):
            hit = part[part["grade"] == grade]
            if len(hit):
                found += _told_of(pilot, code, str(subject), hit)
                break
        else:
            found += _group_gap(pilot, str(subject), part)
    return found


def _told_of(pilot: Pilot, code: str, subject: str, rows: pd.DataFrame) -> list[Finding]:
    """The gap of a post; of each person where the post's mean would be one or two people's pay.

    So it would be by subtraction, beside the mean of the whole post that month: where only one
    or two others are in it, the whole post's gap is told if it is as grave, else each person's.
    """
    gap = _gap(pilot, rows)
    if subject.startswith("employee:"):
        return [Finding(code, subject, gap)]
    least = fewest(pilot.client)
    if gap["people"] >= least:
        graded = graded_pay(pilot)
        whole = graded[(graded["post"] == gap["post"]) & (graded["month"] == gap["month"])]
        whole = whole[whole["change_share"].notna()]
        if not 0 < whole["employee"].nunique() - gap["people"] < least:
            return [Finding(code, subject, gap)]
        together = _gap(pilot, whole)
        if code in _grades(pilot, together["change"]):
            return [Finding(code, subject, {**together, "months": gap["months"]})]
    return [
        Finding(code, f"employee:{name}", _gap(pilot, own))
        for name, own in rows.groupby("employee", sort=True)
    ]


def _grades(pilot: Pilot, change: int) -> tuple[str, ...]:
    """The codes a change of pay of this share stands under."""
    client = pilot.client
    red, yellow = (number(client, f"pay_gap.individual_{c}") for c in ("red", "yellow"))
    limits = {
        "P101": change <= -number(client, "pay_gap.fall_red") or change < -red,
        "P102": change > red,
        "P103": abs(change) > yellow,
        "P104": abs(change) > number(client, "pay_gap.group"),
    }
    return tuple(code for code, beyond in limits.items() if beyond)


_GRADED = ("employee", "month", "post", "before", "after", "change_share", "grade")


def worst_month(rows: pd.DataFrame) -> str:
    """The month with the largest mean change, the earlier of equals."""
    means = _by_month(rows)
    return max(means, key=lambda month: abs(means[month]))


def _by_month(rows: pd.DataFrame) -> dict[str, int]:
    """The mean change of each month, the earliest first."""
    found: dict[str, list[int]] = {}
    share = rows["change_share"]
    known = share.notna().to_numpy()
    for month, value, there in zip(rows["month"], ints(share).tolist(), known, strict=True):
        found.setdefault(month, []).extend([value] if there else [])
    return {month: mean_of(found[month]) for month in sorted(found)}


def _gap(pilot: Pilot, rows: pd.DataFrame) -> dict[str, Any]:
    month = worst_month(rows)
    there = rows[rows["month"] == month]
    before, after = mean(there["before"]), mean(there["after"])
    return {
        "post": there["post"].iloc[0],
        "month": month,
        "people": int(there["employee"].nunique()),
        "months": int(rows["month"].nunique()),
        "before": before,
        "after": after,
        "amount": after - before,
        "change": mean(there["change_share"]),
        # then the mean is each one's pay: the amounts stay out of open papers
        "alike": any(alike(pilot.client, there[name]) for name in ("before", "after")),
    }


def _group_gap(pilot: Pilot, subject: str, rows: pd.DataFrame) -> list[Finding]:
    if not subject.startswith("post:") or rows["change_share"].isna().all():
        return []
    limit = number(pilot.client, "pay_gap.group")
    known = rows[rows["change_share"].notna()]
    if not any(abs(value) > limit for value in _by_month(known).values()):
        return []
    return _told_of(pilot, "P104", subject, known)


# -- cost and business ---------------------------------------------------------
@once
def pay_cost(pilot: Pilot) -> dict[str, int] | None:
    """before, after, amount and change of everybody's pay over the pilot, of how many people it
    is and whose of them moves; None without old pay."""
    known = pilot.pay[pilot.pay["change"].notna()]
    before, after = int(known["before"].sum()), int(known["after"].sum())
    if before <= 0:
        return None
    change = int(multiply_divide(after - before, MILLION, before))
    persons = int(known["employee"].nunique())
    moved = int(known.loc[known["change"] != 0, "employee"].nunique())
    return {
        "before": before, "after": after, "amount": after - before, "change": change,
        "people": persons, "moved": moved,
    }  # fmt: skip


def may_tell(client: Client, people: int, moved: int) -> bool:
    """Whether a sum of pay before and after may be told: it is not one or two people's, nor is
    its change."""
    return people >= fewest(client) and (moved == 0 or moved >= fewest(client))


def cost_without_growth(pilot: Pilot) -> list[Finding]:
    """Pay that costs more without more business is added cost (4.4)."""
    cost, sales = pay_cost(pilot), sales_growth(pilot)
    if cost is None or cost["change"] <= number(pilot.client, "pay_gap.cost_up"):
        return []
    about = f"client:{pilot.client.name}"
    if not may_tell(
        pilot.client, cost["people"], cost["moved"]
    ):  # the sum would be one or two people's pay
        about = f"employee:{pilot.pay.loc[pilot.pay['change'].notna(), 'employee'].iloc[0]}"
    if sales is None:
        return [Finding("P106", about, cost)]
    if sales >= number(pilot.client, "pay_gap.sales_growth"):
        return []
    return [Finding("P105", about, {**cost, "sales": sales})]


def profit_up_sales_down(pilot: Pilot) -> list[Finding]:
    """Profit rises while sales fall where people draw commission on profit (2.3)."""
    change = growth(business(pilot)).set_index(["channel", "indicator"])["change"]
    lines = pilot.calculation.lines
    drawing = lines[lines["line"].isin(_PROFIT_LINES)]
    limit = number(pilot.client, "profit_commission.sales_fall")
    found = []
    for channel in sorted({str(c) for c, _ in change.index}):
        sales, profit = (change.get((channel, name)) for name in BUSINESS)
        there = drawing[drawing["channel"] == channel] if channel else drawing
        if pd.isna(sales) or pd.isna(profit) or there.empty:
            continue
        if profit > 0 and sales < -limit:
            values = {
                "channel": channel,
                "sales": int(sales),
                "profit": int(profit),
                "posts": tuple(sorted(there["post"].unique())),
            }
            about = f"channel:{channel}" if channel else f"client:{pilot.client.name}"
            found.append(Finding("P107", about, values))
    return found


def no_old_pay(pilot: Pilot) -> list[Finding]:
    """People without old pay, or with old pay of a part month only: no before and after (4.4)."""
    unknown = pilot.pay[pilot.pay["before"].isna()]
    part = unknown["before_from"] == "part_month"
    found = []
    for code, rows in (("P108", unknown[~part]), ("P109", unknown[part])):
        if len(rows):
            values = {"people": int(rows["employee"].nunique()), "sheets": len(rows)}
            found.append(Finding(code, "table:pay_history", values))
    return found


# -- the lay of the pilot --------------------------------------------------------
def no_control_group(pilot: Pilot) -> list[Finding]:
    """Everybody is in the pilot: nobody is left to compare with (4.4)."""
    assessed = set(pilot.pay["employee"])
    team = people(pilot.client, pilot.months[-1])
    heads = set(team["superior"].dropna()) | set(team.loc[team["superior"].isna(), "employee"])
    if not assessed or set(team["employee"]) - assessed - heads:
        return []
    return [Finding("P501", f"client:{pilot.client.name}", {"people": len(assessed)})]


def leaver_without_cover(pilot: Pilot) -> list[Finding]:
    """Somebody left a post too small to hide one person's figures (4.4)."""
    staff = pilot.client.table("employees")
    left = staff[staff["left"].notna() & staff["employee"].isin(set(pilot.pay["employee"]))]
    month = left["left"].dt.strftime("%Y-%m")
    left = left.assign(month=month)[month.isin(list(pilot.months))]
    held = pilot.pay.drop_duplicates("employee", keep="last").set_index("employee")["post"]
    persons = pilot.pay.groupby("post")["employee"].nunique()
    found = []
    for row in left.to_dict("records"):
        post = str(held[row["employee"]])
        if persons[post] < fewest(pilot.client):
            values = {"month": row["month"], "post": post, "people": int(persons[post])}
            found.append(Finding("P502", f"employee:{row['employee']}", values))
    return found


def still_running(pilot: Pilot) -> list[Finding]:
    """The pilot has not come to its end: what is said holds for the months so far (4.4)."""
    done = len(pilot.months)
    if done >= pilot.planned:
        return []
    values = {"done": done, "planned": pilot.planned, "month": pilot.months[-1]}
    return [Finding("P503", f"client:{pilot.client.name}", values)]


PAY_RULES: tuple[PilotRule, ...] = (
    pay_gaps,
    cost_without_growth,
    profit_up_sales_down,
    no_old_pay,
    business_of_one_year,
    no_control_group,
    leaver_without_cover,
    still_running,
)
