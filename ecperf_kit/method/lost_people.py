"""People and the posts they hold, where a row about them cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from ecperf_kit.intake.declare import PROVENANCE, SPOILT
from ecperf_kit.method.lost import UNKNOWN, in_front

if TYPE_CHECKING:
    from ecperf_kit.client import Client

Row = dict[str, Any]
_LOST = ("employees", "assignments")


def people_and_posts(client: Client) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables employees and assignments, with what was set aside of either in front.

    Somebody whose own row is set aside is there all the same, as spoilt. A post held from
    a day that cannot be read makes every month of the person uncertain. A row that does not
    say whose it is belongs to those who hold no post on its day; if all do, to any of them.
    """
    people, assigned = client.table("employees"), client.table("assignments")
    if not any(name in client.lost for name in _LOST):  # nearly always
        return people, assigned
    of_people = _people(client, people, assigned)
    people = in_front(people, of_people)
    doubtful: list[Row] = []
    posts: list[Row] = []
    if "assignments" in client.lost:
        for row in _records(client.lost["assignments"]):
            if pd.isna(row["employee"]):
                posts += _of_anybody(people, assigned, row)
                continue
            own = assigned[assigned["employee"] == row["employee"]]
            if pd.notna(row["effective_from"]):
                posts.append({**row, "post": _post(own, row)})
            elif len(own):
                doubtful += _as_person(people, row)
            else:
                posts += [
                    {**row, "effective_from": person["hired"], "post": _post(own, row)}
                    for person in _as_person(people, row)
                ]
    return in_front(people, doubtful), in_front(assigned, posts)


def _people(client: Client, people: pd.DataFrame, assigned: pd.DataFrame) -> list[Row]:
    if "employees" not in client.lost:
        return []
    rows = _records(client.lost["employees"])
    named = {row["employee"] for row in rows if pd.notna(row["employee"])}
    nameless = [
        who
        for who in assigned["employee"].dropna().unique().tolist()
        if who not in named and not (people["employee"] == who).any()
    ]
    found = [row for row in rows if pd.notna(row["employee"])]
    for row in rows:
        if pd.isna(row["employee"]):
            found += [{**row, "employee": who} for who in nameless]
    return found


def _of_anybody(people: pd.DataFrame, assigned: pd.DataFrame, row: Row) -> list[Row]:
    """The row for everybody it may be about."""
    day = row["effective_from"]
    found: list[Row] = []
    everybody: list[Row] = []
    for person in _records(people.drop_duplicates("employee")):
        begun: Any = person["hired"] if pd.isna(day) else day
        if pd.isna(begun) or (pd.notna(person["left"]) and person["left"] < begun):
            continue
        own = assigned[assigned["employee"] == person["employee"]]
        made = {**row, "employee": person["employee"], "effective_from": begun}
        held = own[own["effective_from"] <= begun].sort_values("effective_from", kind="stable")
        if not len(held):
            # whose first post it is; it cannot be that of people hired later
            if pd.isna(person["hired"]) or person["hired"] <= begun or not len(own):
                found.append({**made, "post": _post(own, row)})
            continue
        last = _records(held.tail(1))[0]
        if last["effective_from"] == begun and last["post"] == row["post"]:
            continue
        kept = {name: last[name] for name in ("post", "department", "channel")}
        everybody.append({**made, **kept})
    return found or everybody


def _post(own: pd.DataFrame, row: Row) -> str:
    """The post of a row; where it cannot be read, the one held before it, else the next."""
    if pd.notna(row["post"]):
        return str(row["post"])
    held = own.sort_values("effective_from", kind="stable")
    before = held[held["effective_from"] <= row["effective_from"]]
    known = [*before["post"].tolist()[::-1], *held["post"].tolist()]
    return str(known[0]) if known else UNKNOWN


def _as_person(people: pd.DataFrame, row: Row) -> list[Row]:
    """The person a row is about, standing at the place of the row."""
    own = _records(people[people["employee"] == row["employee"]].head(1))
    place = {name: row[name] for name in PROVENANCE}
    return [{**person, **place, SPOILT: True} for person in own]


def _records(table: pd.DataFrame) -> list[Row]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]
