"""What does not fit together about posts held: from the first day on, and as one whole person."""

from __future__ import annotations

import pandas as pd

from ecperf_kit.exact import MILLION, decimal
from ecperf_kit.finding import Finding
from ecperf_kit.intake.cross_data import Data, day, found_in, rows_of, scheme_start
from ecperf_kit.period import months_between

_STAFF = ("employees",)
_TOLERANCE = "time_share.tolerance"


def first_day(data: Data) -> pd.Timestamp:
    """The first day posts are needed for: the scheme's, or that of the months asked for.

    Months before the first scorecard are nobody's: whoever asks for them finds no score.
    """
    start = scheme_start(data)
    first_card = data.tables["scorecards"]["effective_from"].min()
    if data.asked is None or pd.isna(first_card):
        return start
    return min(start, max(pd.Timestamp(f"{data.asked}-01"), first_card))


def held_from_the_start(data: Data) -> list[Finding]:
    """Whoever has a post has one from the first day, of the employment or of the scheme, on."""
    assignments = data.tables["assignments"]
    rows = assignments.sort_values("effective_from", kind="stable").drop_duplicates("employee")
    people = data.tables["employees"][["employee", "hired", "left"]].drop_duplicates("employee")
    rows = rows.merge(people, on="employee")
    start = first_day(data)
    rows["_since"] = rows["hired"].where(rows["hired"] > start, start)
    before = rows["effective_from"] - pd.Timedelta(days=1)
    rows["_until"] = before.where(rows["left"].isna() | (before <= rows["left"]), rows["left"])
    found = []
    for row in rows_of(rows[(rows["_since"] <= rows["_until"]).fillna(False)]):
        since, until = row["_since"], row["_until"]
        told = {
            "employee": row["employee"],
            "hired": day(row["hired"]),
            "found": day(row["effective_from"]),
            "since": day(since),
            "until": day(until),
            "months": months_between(f"{since:%Y-%m}", f"{until:%Y-%m}"),
        }
        subject = f"employee:{row['employee']}"
        found.append(
            found_in("D326", "assignments", row, "effective_from", subject, _STAFF, **told)
        )
    return found


def one_whole_person(data: Data) -> list[Finding]:
    """The time shares of the posts somebody holds at the same time add up to 1.

    A share left blank counts as an equal part. What begins later replaces all posts held
    before, so a second post added without the first one restated leaves less than 1.
    """
    rows = data.tables["assignments"].sort_values(["employee", "effective_from"], kind="stable")
    if rows["time_share"].isna().all():  # nearly always: everybody has one post
        return []
    key = ["employee", "effective_from"]
    equal = MILLION // rows.groupby(key)["post"].transform("size")
    rows["_share"] = rows["time_share"].fillna(equal).astype("int64")
    rows["_sum"] = rows.groupby(key)["_share"].transform("sum")
    # posts held to the day before the next ones
    since = rows[key].drop_duplicates()
    following = since.groupby("employee")["effective_from"].shift(-1)
    rows = rows.merge(since.assign(_next=following), on=key)
    tolerance = data.library.thresholds[_TOLERANCE].value
    off = (rows["_sum"] - MILLION).abs() > tolerance
    off &= rows["_next"].isna() | (rows["_next"] > first_day(data))
    people = data.tables["employees"][["employee", "left"]].drop_duplicates("employee")
    rows = rows[off].merge(people, on="employee")
    rows = rows[rows["left"].isna() | (rows["left"] >= first_day(data))]
    found = []
    for _, part in rows.groupby(key, sort=True):
        held = rows_of(part)
        told = {
            "employee": held[0]["employee"],
            "since": day(held[0]["effective_from"]),
            "posts": tuple(row["post"] for row in held),
            "shares": ", ".join(_percent(row["_share"]) for row in held),
            "found": _percent(held[0]["_sum"]),
        }
        code = "D327" if held[0]["_sum"] > MILLION else "D328"
        subject = f"employee:{held[0]['employee']}"
        # the last of them: what was added last is what to look at first
        found.append(found_in(code, "assignments", held[-1], "time_share", subject, **told))
    return found


def _percent(stored: int) -> str:
    return f"{(decimal(stored) * 100).normalize():f}%"
