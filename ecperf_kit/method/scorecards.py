"""The rows to be scored: who is measured by what, against which standard, with which actual."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ecperf_kit.exact import Ints
from ecperf_kit.method.actuals import CYCLES, with_actuals
from ecperf_kit.method.days import SUBJECT, parts
from ecperf_kit.method.expected import with_standards
from ecperf_kit.method.in_force import in_force, month_end, month_start
from ecperf_kit.method.keys import find, pairs, ranked, taken
from ecperf_kit.method.lost import with_lost
from ecperf_kit.method.once import by_month
from ecperf_kit.method.unread import spoilt

if TYPE_CHECKING:
    from ecperf_kit.client import Client

#: The columns of ``assessed_rows`` in order.
ASSESSED_COLUMNS = (
    "employee", "month", "post", "department", "channel", "category", "superior",
    "indicator", "role", "weight", "method", "direction", "cap", "zero_below", "step_size",
    "step_deduct", "bands", "bands_on", "standard", "standard_from", "actual",
    "actual_subject", "actual_file", "actual_sheet", "actual_row", "has_data", "key_result",
    "self_score", "superior_score", "override_reason", "override_evidence", "superior_date",
    "days_share", "month_share", "part_share", "share_from", "assessed", "main", "part_from",
    "cycle", "to_date", "standard_basis", "standard_ignored", "standard_days_share",
    "standard_subject", "standard_file", "standard_sheet", "standard_row",
    "card_kind", "card_file", "card_sheet", "card_row",
    "assessment_file", "assessment_sheet", "assessment_row",
)  # fmt: skip
_PARAMETERS = ("cap", "zero_below", "step_size", "step_deduct", "bands", "bands_on")
#: Parameters with a general default, and the method that uses them.
_DEFAULTS = {"cap": "percentage", "zero_below": "percentage", "step_deduct": "step"}
_ASSESSMENT = [
    "self_score", "superior_score", "override_reason", "override_evidence", "superior_date",
]  # fmt: skip


@by_month
def assessed_rows(client: Client, months: Sequence[str]) -> pd.DataFrame:
    """One row per employee, month and indicator of the scorecard in force.

    Employees with an assignment and a scorecard in force; in the pilot's months
    only those in its channels or departments. Somebody transferred inside the
    month has the rows of each post, with the days of each (``part_from``,
    ``days_share``). Numbers are stored integers; a missing actual or standard
    stays missing. Columns: ``ASSESSED_COLUMNS``; sorted by employee, month,
    part_from and the order of the scorecard.
    """
    held = parts(client, months, "scorecards")
    held = held[in_scope(client, held) & held["subject_kind"].notna()]
    cards = _cards(client, months)
    key = ["month", *SUBJECT]
    of_part, of_card = pairs([held[k] for k in key], [cards[k] for k in key])
    added = cards.drop(columns=key).take(of_card).reset_index(drop=True)
    rows = held.take(of_part).reset_index(drop=True).assign(**{str(n): c for n, c in added.items()})
    order = ranked(rows, ["employee", "month", "part_from", "_order"])
    rows = rows.take(order).reset_index(drop=True)
    rows = _with_parameters(client, rows)
    rows = _with_cycle(client, rows)
    rows = with_actuals(client, rows)
    rows = with_standards(client, rows)
    rows = _with_assessments(client, rows)
    return rows[list(ASSESSED_COLUMNS)]


def unassessed(client: Client, months: Sequence[str]) -> pd.DataFrame:
    """Assigned employees in scope without a scorecard: employee, month, post, category."""
    held = parts(client, months, "scorecards")
    lacking = held[in_scope(client, held) & held["subject_kind"].isna()]
    return lacking[["employee", "month", "post", "category"]].reset_index(drop=True)


def unassigned(client: Client, months: Sequence[str]) -> pd.DataFrame:
    """Who is employed in a month and holds no post in it: employee, month, later.

    Only months in which a scorecard is in force, and in pilot months only those whose first
    post (``later``: there is one) belongs to the pilot's area, or who never have a post.
    """
    people = client.table("employees").drop_duplicates("employee")
    begun = client.table("scorecards")["effective_from"].min()
    months = [month for month in months if pd.notna(begun) and month_end(month) >= begun]
    held = parts(client, months, "scorecards")
    first = client.table("assignments").sort_values("effective_from", kind="stable")
    first = first.drop_duplicates("employee").set_index("employee")[["department", "channel"]]
    found = []
    for month in months:
        there = (people["hired"] <= month_end(month)) & (
            people["left"].isna() | (people["left"] >= month_start(month))
        )
        there &= ~people["employee"].isin(held.loc[held["month"] == month, "employee"])
        found.append(people.loc[there, ["employee"]].assign(month=month))
    if not found:
        return pd.DataFrame({"employee": [], "month": [], "later": []}).astype(
            {"employee": "str", "month": "str", "later": "bool"}
        )
    rows = pd.concat(found, ignore_index=True).astype({"month": "str"})
    rows = rows.join(first, on="employee").assign(later=rows["employee"].isin(first.index))
    rows = rows[in_scope(client, rows) | ~rows["later"]]
    return rows[["employee", "month", "later"]].reset_index(drop=True)


def in_scope(client: Client, held: pd.DataFrame) -> pd.Series:
    """True where a row belongs to the assessment: in pilot months only the pilot's area."""
    dates, pilot = client.config.dates, client.config.pilot
    channels, departments = list(pilot.channels), list(pilot.departments)
    everybody = pd.Series(True, index=held.index)
    if not dates.pilot_from or not dates.pilot_to or not (channels or departments):
        return everybody
    piloting = (held["month"] >= str(dates.pilot_from)) & (held["month"] <= str(dates.pilot_to))
    inside = held["channel"].isin(channels) | held["department"].isin(departments)
    return (~piloting | inside).astype(bool)


def _cards(client: Client, months: Sequence[str]) -> pd.DataFrame:
    """The scorecard rows in force in each month, with the key result indicator marked."""
    cards = in_force(with_lost(client, "scorecards"), months, SUBJECT)
    cards = cards.rename(columns={
        "_file": "card_file", "_sheet": "card_sheet", "_row": "card_row",
    })  # fmt: skip
    cards["_order"] = np.arange(len(cards))
    # nobody knows who is to score a row whose source cannot be read
    cards["weight"] = cards["weight"].mask(spoilt(cards) & cards["data_source"].isna())
    cards["has_data"] = cards["data_source"].notna() & (cards["data_source"] != "none")
    core = cards[cards["role"] == "core"]
    heaviest = core.sort_values(["weight", "_order"], ascending=[False, True])
    first = heaviest.drop_duplicates(["month", *SUBJECT])["_order"]
    cards["key_result"] = cards["_order"].isin(first)
    cards["scheme_from"] = cards.pop("effective_from")
    return cards


def _with_parameters(client: Client, rows: pd.DataFrame) -> pd.DataFrame:
    """Direction from the indicator; a blank parameter is the indicator's, then the default.

    The indicator's own parameter is taken only if the row uses its method. A row with a
    cell that cannot be read has no parameters: what was typed there is not known.
    """
    known = client.indicators
    at = find([rows["indicator"]], [known.index.to_series()])
    wanted = ["method", "direction", "nature", "cycle", *_PARAMETERS]
    of_row = pd.DataFrame({name: taken(known[name], at) for name in wanted}, index=rows.index)
    same = (rows["method"] == of_row["method"]).fillna(False).astype(bool)
    filled = {}
    for name in _PARAMETERS:
        filled[name] = rows[name].where(rows[name].notna() | ~same, of_row[name])
    for name, method in _DEFAULTS.items():
        default = client.threshold(f"scoring.{name}")
        blank = filled[name].isna() & (rows["method"] == method).fillna(False).astype(bool)
        filled[name] = filled[name].mask(blank, default)
    interval = (rows["method"] == "interval").fillna(False).astype(bool)
    filled["bands_on"] = filled["bands_on"].mask(filled["bands_on"].isna() & interval, "actual")
    lost = spoilt(rows)
    filled = {name: column.mask(lost) for name, column in filled.items()}
    return rows.assign(
        direction=of_row["direction"].astype("str"),
        own_result=(of_row["nature"] == "result").fillna(False).astype(bool),
        indicator_cycle=of_row["cycle"].astype("str"),
        card_kind=rows["subject_kind"],
        **filled,
    )


def _with_cycle(client: Client, rows: pd.DataFrame) -> pd.DataFrame:
    """The cycle of each row, how many of its months count, and whether it is still running.

    The longer of the post's and the indicator's cycle; scored each month on the
    cycle to date, which begins with the cycle, the scheme or the employment,
    whichever is latest.
    """
    posts = client.library.posts["cycle"]
    of_post = _months(taken(posts, find([rows["post"]], [posts.index.to_series()])))
    length = np.maximum(_months(rows["indicator_cycle"]), of_post)
    codes, months = pd.factorize(rows["month"])
    count = np.array([_count(month) for month in months], dtype=np.int64)[codes]
    staff = client.table("employees").drop_duplicates("employee")
    hired = taken(staff["hired"], find([rows["employee"]], [staff["employee"]]))
    # who is hired on a day not known is taken to have been there; so a later scheme counts
    begun = np.fmax(hired.to_numpy(), rows["scheme_from"].to_numpy())
    begun_count = begun.astype("datetime64[M]").astype(np.int64) + _count("1970-01")
    begin = np.maximum(count - count % length, np.minimum(begun_count, count))
    names = np.array([*CYCLES], dtype=object)
    return rows.assign(
        cycle=pd.Series(names[np.searchsorted(_LENGTHS, length)], rows.index, dtype="str"),
        cycle_months=length,
        elapsed=count - begin + 1,
        to_date=(count % length) != length - 1,
    )


_LENGTHS = np.array([*CYCLES.values()], dtype=np.int64)


def _months(cycle: pd.Series) -> Ints:
    """The months of each cycle; 1 for what is none."""
    codes, names = pd.factorize(cycle)
    return np.array([*(CYCLES.get(name, 1) for name in names), 1], dtype=np.int64)[codes]


def _count(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7]) - 1


def _with_assessments(client: Client, rows: pd.DataFrame) -> pd.DataFrame:
    key = ["employee", "month", "indicator"]
    table = client.table("assessments").rename(columns={
        "period": "month", "_file": "assessment_file",
        "_sheet": "assessment_sheet", "_row": "assessment_row",
    })  # fmt: skip
    at = find([rows[k] for k in key], [table[k] for k in key])
    wanted = [*_ASSESSMENT, "assessment_file", "assessment_sheet", "assessment_row"]
    merged = rows.assign(**{name: taken(table[name], at, rows.index) for name in wanted})
    lost = np.append(spoilt(table).to_numpy(dtype=bool), False)  # the last: not in the table
    unread = lost[at] & merged["has_data"].to_numpy(dtype=bool)
    if not unread.any():
        return merged
    # not confirmed before the cell is put right; a rating of a row without data stands
    for name in ("superior_score", "superior_date", "override_reason", "override_evidence"):
        merged[name] = merged[name].mask(unread)
    return merged
