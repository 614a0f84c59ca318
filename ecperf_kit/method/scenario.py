"""A client with a scenario's figures in place of its own.

A scenario never touches the client's files. Applied to a client it yields another client
whose scheme has the changed figures in every version that was in force; everything else,
staff, actuals, scores given, is the client's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ecperf_kit.intake.scenario import (
    AS_IN_FORCE,
    CHANGEABLE,
    HISTORY,
    IN_FORCE,
    Change,
    Scenario,
    curve_rows,
    main_posts,
    table_faults,
)
from ecperf_kit.spoken import SaidError, Saying

if TYPE_CHECKING:
    from ecperf_kit.client import Client
__all__ = [
    "AS_IN_FORCE",
    "CHANGEABLE",
    "HISTORY",
    "IN_FORCE",
    "Change",
    "Scenario",
    "ScenarioError",
    "applied",
]


class ScenarioError(SaidError, ValueError):
    """A change that cannot be applied to this client; its ``sayings`` say all that is wrong."""


def applied(client: Client, scenario: Scenario) -> Client:
    """The client with the scenario's figures in place of its own.

    A person without a plan or scorecard of their own gets a copy of the post's with the
    changes. Raises ScenarioError, all faults at once, where a subject or an indicator has
    no row to change.
    """
    if not scenario.changes and not scenario.tables:
        return client
    # the same scenario is asked for again and again: what follows from it is kept with it
    known: dict[int, tuple[Scenario, Client]] = client.__dict__.setdefault("_applied", {})
    if id(scenario) in known:
        return known[id(scenario)][1]
    reformed = _reformed(client, scenario)
    known[id(scenario)] = (scenario, reformed)
    return reformed


def _reformed(client: Client, scenario: Scenario) -> Client:
    tables = dict(client.tables)
    faults: list[Saying] = []
    # posts first: whoever gets a plan of their own gets the post's as it will be
    for change in sorted(scenario.changes, key=lambda each: each.subject.startswith("employee:")):
        frame, fault = _changed(client, tables[change.table], change)
        tables[change.table] = frame
        faults += fault
    faults += table_faults(scenario, tables["pay_plans"], client.table("coefficient_tables"))
    if faults:
        raise ScenarioError(
            *(Saying("scenario.of", scenario=scenario.name, fault=f) for f in faults)
        )
    if scenario.tables:
        tables["coefficient_tables"] = _with_tables(tables["coefficient_tables"], scenario)
    changed = {name: frame for name, frame in tables.items() if frame is not client.tables[name]}
    return client.with_tables(**changed)


def _changed(
    client: Client, frame: pd.DataFrame, change: Change
) -> tuple[pd.DataFrame, tuple[Saying, ...]]:
    kind, _, name = change.subject.partition(":")
    at = (frame["subject_kind"] == kind) & (frame["subject_id"] == name)
    if not at.any() and kind == "employee" and change.table != "standards":
        frame = _with_own(client, frame, name)
        at = (frame["subject_kind"] == kind) & (frame["subject_id"] == name)
    if change.indicator:
        at &= frame["indicator"] == change.indicator
    if not at.any():
        what = f"{change.subject} {change.indicator}".strip()
        return frame, (Saying("scenario.no_row", table=change.table, subject=what),)
    frame = frame.copy()
    for column, value in change.values.items():
        frame.loc[at, column] = value
    return frame, ()


def _with_own(client: Client, frame: pd.DataFrame, employee: str) -> pd.DataFrame:
    """The table with a copy of the rows of the person's latest post, as the person's own.

    After a transfer they begin with the first whole month in that post: earlier months were
    paid and scored by another post's rows and stay so.
    """
    held = main_posts(client.table("assignments"), employee)
    if held.empty:
        return frame
    post = held["post"].iloc[-1]
    rows = frame[(frame["subject_kind"] == "post") & (frame["subject_id"] == post)]
    others = held.loc[held["post"] != post, "effective_from"]
    if len(others):
        since = held.loc[held["effective_from"] > others.iloc[-1], "effective_from"].iloc[0]
        rows = _beginning(rows, since + pd.offsets.MonthBegin(0))
    own = rows.assign(
        subject_kind=pd.Series("employee", index=rows.index, dtype="str"),
        subject_id=pd.Series(employee, index=rows.index, dtype="str"),
    )
    return pd.concat([frame, own], ignore_index=True)


def _beginning(rows: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """The versions in force from a day on; the one in force on it begins there."""
    begun = rows.loc[rows["effective_from"] <= day, "effective_from"].max()
    kept = rows[(rows["effective_from"] > day) | (rows["effective_from"] == begun)]
    since = kept["effective_from"].mask(kept["effective_from"] <= day, day)
    return kept.assign(effective_from=since.astype(rows["effective_from"].dtype))


def _with_tables(frame: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """The coefficient tables with those of the scenario in place of all their versions."""
    kept = frame[~frame["coefficient_table"].isin(list(scenario.tables))]
    since = frame["effective_from"].min()
    begins = since if pd.notna(since) else pd.Timestamp("2000-01-01")
    added = curve_rows(scenario, begins, frame)
    return pd.concat([kept, added], ignore_index=True) if len(kept) else added
