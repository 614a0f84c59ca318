"""The pay plan in force for each part of a month, and the coefficient it uses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from ecperf_kit.intake.declare import SPOILT
from ecperf_kit.method.days import SUBJECT, parts
from ecperf_kit.method.in_force import in_force
from ecperf_kit.method.unread import PLACE, first_place, places

if TYPE_CHECKING:
    from ecperf_kit.client import Client


def plan_parts(client: Client, months: Sequence[str]) -> pd.DataFrame:
    """One row per employee, month and post held, with the columns of its pay plan.

    The employee's own plan, else the post's; ``structure`` and all plan columns
    are missing where no plan is in force. ``plan_file``, ``plan_sheet`` and
    ``plan_row`` say where the plan stands. The columns of ``parts`` come first; the
    place of a row that cannot be read in full may be the plan's.
    """
    held = parts(client, months, "pay_plans")
    plans = in_force(client.table("pay_plans"), months, SUBJECT).drop_duplicates(
        ["month", *SUBJECT]
    )
    plans = plans.rename(columns={"_file": "plan_file", "_sheet": "plan_sheet", "_row": "plan_row"})
    of_plan = {name: f"plan_{name}" for name in PLACE}
    plans = plans.join(places(plans.rename(columns=_ORIGIN)).rename(columns=of_plan))
    plans = plans.drop(columns=["effective_from", SPOILT], errors="ignore")
    found = held.merge(plans, on=["month", *SUBJECT], how="left").reset_index(drop=True)
    theirs = found[list(of_plan.values())].set_axis(PLACE, axis=1)
    return first_place(found, theirs).drop(columns=list(of_plan.values()))


_ORIGIN = {"plan_file": "_file", "plan_sheet": "_sheet", "plan_row": "_row"}
