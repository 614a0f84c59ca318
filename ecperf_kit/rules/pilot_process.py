"""Does the pilot's process keep its dates, and whose delay is it?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ecperf_kit.exact import MILLION, ints
from ecperf_kit.finding import Finding
from ecperf_kit.method.once import once
from ecperf_kit.rules.in_force import number, people
from ecperf_kit.rules.pilot import Pilot, PilotRule, mean_of

#: The steps of a month in order; each waits for those before it.
STEPS = (
    "data",
    "self_assessment",
    "superior_review",
    "hr_audit",
    "finance_check",
    "publication",
    "pay",
)
_ON_TIME = "perf_data_ontime"


def lateness(log: pd.DataFrame) -> pd.DataFrame:
    """The process log with ``late`` and ``own`` (days, stored) and ``state``.

    ``late``: days after the due date, 0 if in time, missing while open. ``own``:
    the days a department lost itself, that is beyond the longest delay of the
    steps before it in the month.
    ``state``: on_time | late | open.
    """
    order = log["step"].map({name: i for i, name in enumerate(STEPS)})
    table = log.assign(order=order).sort_values(
        ["month", "order", "department"], kind="stable", ignore_index=True
    )
    days = (table["done"] - table["due"]).dt.days
    late = days.clip(lower=0)
    # the largest delay of the steps before, as far as they are on record
    by_step = late.groupby([table["month"], table["order"]]).max().fillna(0)
    before = by_step.groupby(level="month").cummax()
    before = before.groupby(level="month").shift(fill_value=0)
    handed = before.reindex(pd.MultiIndex.from_frame(table[["month", "order"]])).to_numpy()
    own = (late - handed).clip(lower=0)
    state = np.select([days.isna(), days > 0], ["open", "late"], "on_time")
    return table.assign(
        late=(late * MILLION).astype("Int64"),
        own=(own * MILLION).astype("Int64"),
        state=pd.Series(state, index=table.index, dtype="str"),
    )


@once
def pilot_lateness(pilot: Pilot) -> pd.DataFrame:
    """``lateness`` of the pilot's months."""
    log = pilot.client.table("process_log")
    return lateness(log[log["month"].isin(pilot.months)])


@once
def _days_lost(pilot: Pilot) -> dict[str, dict[str, list[tuple[str, int]]]]:
    """Month and days lost (0 while open) by step and department, departments in their order."""
    table = pilot_lateness(pilot)
    found: dict[str, dict[str, list[tuple[str, int]]]] = {}
    table = table[["step", "department", "month", "own"]].dropna(subset=["step", "department"])
    columns = (*(table[name].tolist() for name in table.columns[:3]), ints(table["own"]).tolist())
    for step, department, month, own in sorted(zip(*columns, strict=True), key=lambda r: r[:2]):
        found.setdefault(step, {}).setdefault(department, []).append((month, own))
    return found


def data_late(pilot: Pilot) -> list[Finding]:
    """Data delivered late stretches the whole cycle (4.4): error while it goes on."""
    return _late(pilot, "data", "P301", "P302")


def steps_late(pilot: Pilot) -> list[Finding]:
    """Departments that lose time themselves, apart from the delay they are handed (4.4)."""
    found = []
    for step in STEPS[1:]:
        found += _late(pilot, step, "P303", "P303")
    return found


def _late(pilot: Pilot, step: str, going_on: str, over: str) -> list[Finding]:
    warn = number(pilot.client, "process.late_days_warn")
    found = []
    for department, part in _days_lost(pilot).get(step, {}).items():
        hit = [(month, own) for month, own in part if own > 0]
        own = [days for _, days in hit]
        if not hit or mean_of(own) <= warn:
            continue
        last = max(month for month, _ in hit)
        values = {
            "department": department,
            "step": step,
            "months": len(hit),
            "of": len(part),
            "days": mean_of(own),
            "most": max(own),
            "last": last,
        }
        code = going_on if last == pilot.months[-1] else over
        found.append(Finding(code, f"department:{department}", values))
    return found


def card_without_deadline(pilot: Pilot) -> list[Finding]:
    """Who delivers data late is not measured by delivering it in time (3.1)."""
    client = pilot.client
    late = {f.values["department"] for f in data_late(pilot)}
    team = people(client, pilot.months[-1])
    advised = client.library.scorecards
    posts = set(advised.loc[advised["indicator"] == _ON_TIME, "post"])
    cards = client.table("scorecards")
    has = set(cards.loc[cards["indicator"] == _ON_TIME, "subject_id"])
    concerned = team[team["department"].isin(late) & team["post"].isin(posts - has)]
    concerned = concerned[~concerned["employee"].isin(has)].drop_duplicates("post")
    return [
        Finding(
            "P304",
            f"post:{row['post']}",
            {"post": row["post"], "indicator": _ON_TIME, "department": row["department"]},
        )
        for row in concerned.to_dict("records")
    ]


PROCESS_RULES: tuple[PilotRule, ...] = (data_late, steps_late, card_without_deadline)
