"""What does not fit together across a client's tables: one small check per rule.

Every check yields findings with the file, sheet and row of the offending line.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

import pandas as pd

from ecperf_kit.finding import Finding, Source
from ecperf_kit.intake import (
    cross_figures,
    cross_people,
    cross_plans,
    cross_posts,
    cross_standards,
)
from ecperf_kit.intake.config import CONFIG
from ecperf_kit.intake.cross_data import Data, found_in, rows_of
from ecperf_kit.intake.declare import tables as declared_tables

POST_IN_CHANNEL = "@"
#: The code for an id that is not found, by what the column refers to.
UNKNOWN = {
    "posts.post": "D301",
    "indicators.indicator": "D302",
    "employees.employee": "D303",
    "departments.department": "D305",
    "channels.channel": "D306",
    "coefficient_tables.coefficient_table": "D307",
}
_SUBJECTS = {
    "post": "posts.post",
    "employee": "employees.employee",
    "department": "departments.department",
    "channel": "channels.channel",
}


def findings_across(data: Data) -> list[Finding]:
    """All findings across the tables, in the order of :data:`CHECKS`."""
    return [finding for check in CHECKS for finding in check(data)]


def references(data: Data) -> list[Finding]:
    """Every id a column refers to exists."""
    found = []
    for table in declared_tables().values():
        frame = data.tables[table.name]
        if frame.empty:
            continue
        for column in table.columns:
            if not column.refers_to or (table.name, column.name) == ("employees", "superior"):
                continue
            lost = data.unknown(frame[column.name], column.refers_to)
            if not lost.any():
                continue
            code = UNKNOWN[column.refers_to]
            for row in rows_of(frame[lost]):
                other = column.refers_to.split(".")[0]
                named = {"found": row[column.name], "refers_to": other}
                found.append(found_in(code, table.name, row, column.name, beside=(other,), **named))
    return found


def subjects(data: Data) -> list[Finding]:
    """Every subject of a plan, scorecard, standard or actual exists."""
    found = []
    for table in ("pay_plans", "scorecards", "standards", "actuals"):
        frame = data.tables[table]
        if _all_known(data, frame):
            continue
        for kind, reference in _SUBJECTS.items():
            of_kind = frame[frame["subject_kind"] == kind]
            lost = of_kind[data.unknown(of_kind["subject_id"], reference)]
            for row in rows_of(lost):
                other = reference.split(".")[0]
                named = {"found": row["subject_id"], "refers_to": other}
                code = UNKNOWN[reference]
                found.append(found_in(code, table, row, "subject_id", beside=(other,), **named))
        pairs = frame[frame["subject_kind"] == "post_channel"]
        parts = pairs["subject_id"].str.split(POST_IN_CHANNEL, n=1, expand=True)
        good = pairs["subject_id"].str.count(POST_IN_CHANNEL) == 1
        if len(pairs):
            good &= ~data.unknown(parts[0], "posts.post") & (parts[0] != "")
            if 1 in parts:
                good &= ~data.unknown(parts[1], "channels.channel") & (parts[1] != "")
        companies = frame[
            (frame["subject_kind"] == "company") & (frame["subject_id"] != data.client)
        ]
        for row in rows_of(pd.concat([pairs[~good], companies])):
            named = {"found": row["subject_id"], "kind": row["subject_kind"], "client": data.client}
            found.append(found_in("D323", table, row, "subject_id", beside=("channels",), **named))
    return found


def _all_known(data: Data, frame: pd.DataFrame) -> bool:
    """Whether every subject exists; in doubt not. Few differ, so each is looked up once."""
    pairs = set(zip(frame["subject_kind"].tolist(), frame["subject_id"].tolist(), strict=True))
    for kind, id in pairs:
        if not isinstance(kind, str) or not isinstance(id, str):
            return False
        if kind in _SUBJECTS:
            parts = [(id, _SUBJECTS[kind])] if id else []
        elif kind == "post_channel" and id.count(POST_IN_CHANNEL) == 1:
            post, channel = id.split(POST_IN_CHANNEL)
            parts = [(post, _SUBJECTS["post"]), (channel, _SUBJECTS["channel"])]
        elif kind == "company" and id == data.client:
            parts = []
        else:
            return False
        if any(part not in data.known(reference) for part, reference in parts):
            return False
    return True


def named_in_facts(data: Data) -> list[Finding]:
    """The channels, departments and people that ``client.toml`` names exist, and so does
    the season of the trade."""
    pilot, targets, found = data.config.pilot, data.config.targets, []
    for column, names, reference in (
        ("pilot.channels", pilot.channels, "channels.channel"),
        ("pilot.departments", pilot.departments, "departments.department"),
        ("targets.channel_shares", dict(targets.channel_shares), "channels.channel"),
        ("targets.person_shares", dict(targets.person_shares), "employees.employee"),
    ):
        known = data.known(reference)
        for name in names:
            if name not in known:
                told = {
                    "file": CONFIG,
                    "cell": (CONFIG, None, column),
                    "found": name,
                    "refers_to": reference.split(".")[0],
                    "table": CONFIG,
                }
                source = Source(CONFIG, "", None, column)
                found.append(Finding(UNKNOWN[reference], f"file:{CONFIG}", told, source))
    season, profiles = data.config.pay.seasonality, data.library.seasonality["profile"]
    if season and season not in set(profiles):
        expected = " / ".join(f'"{name}"' for name in profiles.unique())
        said = {"file": CONFIG, "key": "pay.seasonality", "found": season, "expected": expected}
        found.append(
            Finding("D118", f"file:{CONFIG}", said, Source(CONFIG, "", None, "pay.seasonality"))
        )
    return found


def alike(data: Data) -> list[Finding]:
    """No two ids of a table differ only in case, width, blanks or leading zeros."""
    found = []
    for name in ("employees", "departments", "channels", "indicators"):
        frame = data.tables[name]
        key = declared_tables()[name].keys[0]
        same = frame[key].map(_likeness).astype("str")
        marked = frame.assign(_same=same)[same.duplicated(keep=False)]
        first: dict[str, dict[str, Any]] = {}
        for row in rows_of(marked):
            other = first.setdefault(str(row["_same"]), row)
            if other is row:
                continue
            told = {"found": row[key], "first": other[key], "first_row": int(other["_row"])}
            found.append(found_in("D325", name, row, key, **told))
    return found


def _likeness(id: str) -> str:
    return "".join(unicodedata.normalize("NFKC", id).casefold().split()).lstrip("0")


CHECKS: tuple[Callable[[Data], list[Finding]], ...] = (
    references,
    subjects,
    alike,
    named_in_facts,
    cross_people.superiors,
    cross_people.employment,
    cross_people.assigned,
    cross_posts.held_from_the_start,
    cross_posts.one_whole_person,
    cross_people.planned,
    cross_plans.planned_from_the_start,
    cross_people.attended,
    cross_people.measured_in_employment,
    cross_figures.before_first_table,
    cross_figures.measured,
    cross_figures.plausible,
    cross_figures.weighted,
    cross_figures.banded,
    cross_figures.own_indicators,
    cross_standards.contested_standards,
)
