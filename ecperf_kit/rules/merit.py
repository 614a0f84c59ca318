"""Who has earned a promotion or a share of the profit: service, level and scores.

Both look at what somebody achieved first: long service, good communication or the right
values alone do not suffice (assessment method 2.3 and 2.4).
"""

from __future__ import annotations

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, ints, multiply_divide
from ecperf_kit.finding import Finding
from ecperf_kit.method.dividend import PHANTOM, in_pay
from ecperf_kit.method.in_force import month_end
from ecperf_kit.method.once import once
from ecperf_kit.rules.history import totals_of_history
from ecperf_kit.rules.in_force import (
    findings,
    main_posts,
    mapped,
    number,
    people,
    plans,
    start_month,
    words,
)
from ecperf_kit.rules.payees import plan_of

_YEAR = 12
_DIVIDEND = "dividend"


@once
def standing(client: Client) -> pd.DataFrame:
    """How everybody at work stands after the last scored month.

    One row per employee, sorted so: employee, post, level, service and tenure (whole months
    since hiring, and at the present level), scored (months with a total among the last ones
    that count), mean and lowest of those (stored points, NA without a total).
    """
    scored = totals_of_history(client)
    known = scored[scored["total"].notna()]
    month = str(known["month"].max()) if len(known) else start_month(client)
    team = people(client, month)
    post = main_posts(team).sort_index()
    table = pd.DataFrame({"employee": post.index.astype("str"), "post": post.array})
    table["level"] = mapped(table["post"], client.library.posts["level"])
    staff = client.table("employees").drop_duplicates("employee").set_index("employee")
    until = month_end(month)
    table["service"] = _months(mapped(table["employee"], staff["hired"]), until)
    table["tenure"] = _months(mapped(table["employee"], _at_level(client, until)), until)
    counted = number(client, "promotion.score_months") // MILLION
    last = sorted(known["month"].unique())[-counted:]
    grouped = known[known["month"].isin(last)].groupby("employee")["total"]
    count, whole = grouped.size().astype("int64"), grouped.sum()
    mean = pd.Series(multiply_divide(ints(whole), 1, count), index=count.index, dtype="Int64")
    table["scored"] = mapped(table["employee"], count).fillna(0).astype("Int64")
    table["mean"] = mapped(table["employee"], mean)
    table["lowest"] = mapped(table["employee"], grouped.min().astype("Int64"))
    return table


def _months(since: pd.Series, until: pd.Timestamp) -> pd.Series:
    """Whole months from each day to the last day of a month; NA without a day."""
    until = until + pd.Timedelta(days=1)
    months = (until.year - since.dt.year) * _YEAR + until.month - since.dt.month
    return (months - (since.dt.day > until.day)).astype("Int64")


def _at_level(client: Client, until: pd.Timestamp) -> pd.Series:
    """Since when each employee has been at the present level, whatever the post."""
    rows = client.table("assignments")
    rows = rows[rows["effective_from"] <= until]
    rows = rows.sort_values(["employee", "effective_from"], kind="stable")
    level = mapped(rows["post"], client.library.posts["level"]).fillna("")
    before = level.groupby(rows["employee"]).shift()
    changed = rows[(level != before).fillna(True)]
    return changed.groupby("employee")["effective_from"].max()


# -- promotion ---------------------------------------------------------------------------
@once
def may_apply(client: Client) -> pd.DataFrame:
    """``standing`` with the gates of a promotion that data can judge (tenure,
    business_output): ``reasons``, those not reached, and ``unknown``, those nobody can judge
    yet. Who has either may not apply: nobody does without the scores (2.4).

    A month below the lowest score closes the gate at once; a mean does when all the months
    that count are scored.
    """
    table = standing(client)
    months = number(client, "promotion.score_months") // MILLION
    enough = table["scored"] >= months
    poor = (table["mean"] < number(client, "promotion.average_score")) & enough
    too_low = (table["lowest"] < number(client, "promotion.lowest_score")).fillna(False)
    closed = {
        "tenure": table["tenure"] < number(client, "promotion.tenure_months") // MILLION,
        "business_output": poor.fillna(False) | too_low,
    }
    open_ = {"tenure": table["tenure"].isna(), "business_output": ~enough & ~too_low}
    return table.assign(
        reasons=_reasons({n: c.fillna(False) for n, c in closed.items()}, table.index),
        unknown=_reasons(open_, table.index),
    )


def _reasons(closed: dict[str, pd.Series], index: pd.Index) -> pd.Series:
    gates = {name: column.fillna(True).astype(bool) for name, column in closed.items()}
    named = [tuple(n for n, column in gates.items() if column[at]) for at in index]
    return pd.Series(named, index=index, dtype="object")


# -- dividend ----------------------------------------------------------------------------
def _dividend_plans(client: Client) -> pd.DataFrame:
    table = plans(client)
    return table[table["structure"] == _DIVIDEND]


@once
def sharers(client: Client) -> pd.DataFrame:
    """Everybody on a dividend plan: ``standing`` with subject (of the plan), dividend_kind,
    reasons (what does not speak for it yet) and where the plan stands (assessment method 2.3).

    Service does not count for whoever was hired with the dividend: a plan of one's own
    since the month of hiring. Without a score nothing is said of the scores.
    """
    drawn = _dividend_plans(client).drop_duplicates("subject").set_index("subject")
    table = standing(client)
    subject = plan_of(table, plans(client))
    table = table.assign(subject=subject)[subject.isin(drawn.index)].reset_index(drop=True)
    for name in ("subject_kind", "_file", "_sheet", "_row"):
        if name in drawn:
            table[name] = mapped(table["subject"], drawn[name])
    table["dividend_kind"] = mapped(table["subject"], drawn["dividend_kind"]).fillna(PHANTOM)
    closed = {
        "tenure": (table["service"] < number(client, "dividend.service_months") // MILLION)
        & ~_hired_with_it(client, table),
        "business_output": (table["mean"] < number(client, "dividend.average_score")).fillna(False),
    }
    return table.assign(reasons=_reasons(closed, table.index))


def _hired_with_it(client: Client, table: pd.DataFrame) -> pd.Series:
    rows = client.table("pay_plans")
    rows = rows[(rows["structure"] == _DIVIDEND) & (rows["subject_kind"] == "employee")]
    first = mapped(table["employee"], rows.groupby("subject_id")["effective_from"].min())
    staff = client.table("employees").drop_duplicates("employee").set_index("employee")
    hired = mapped(table["employee"], staff["hired"])
    return (first <= hired + pd.offsets.MonthBegin(1)).fillna(False).astype(bool)


def dividend_for_a_whole_post(client: Client) -> list[Finding]:
    """A dividend for everybody in a post below the core (2.3): it is for named people."""
    table = _dividend_plans(client)
    if table.empty:
        return []
    level = mapped(table["post"], client.library.posts["level"])
    core = words(client, "dividend.levels")
    return findings(
        "S170",
        table[(table["subject_kind"] == "post") & level.notna() & ~level.isin(core)],
        lambda r: {"post": r["post"], "levels": core},
        "structure",
    )


def dividend_not_earned(client: Client) -> list[Finding]:
    """Somebody shares in the profit without the service or the scores for it (2.3)."""
    if _dividend_plans(client).empty:
        return []
    table = sharers(client)
    table = table.assign(subject="employee:" + table["employee"])
    wanted = number(client, "dividend.service_months")
    least = number(client, "dividend.average_score")
    return findings(
        "S171",
        table[table["reasons"].map(len) > 0],
        lambda r: {
            "reasons": r["reasons"],
            "service": int(r["service"]),
            "wanted": wanted,
            "mean": None if pd.isna(r["mean"]) else int(r["mean"]),
            "least": least,
        },
        "structure",
    )


def dividend_not_in_pay(client: Client) -> list[Finding]:
    """A dividend on registered shares or options: not pay, and not computed here (2.3)."""
    table = _dividend_plans(client)
    return findings(
        "S180",
        table[~in_pay(table["dividend_kind"])],
        lambda r: {"post": r["post"], "kind": r["dividend_kind"], "computed": PHANTOM},
        "dividend_kind",
    )


MERIT_RULES = (dividend_for_a_whole_post, dividend_not_earned, dividend_not_in_pay)
