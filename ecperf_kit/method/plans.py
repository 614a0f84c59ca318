"""The pay plan in force for each part of a month, and the coefficient it uses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from ecperf_kit.method.days import SUBJECT, parts
from ecperf_kit.method.in_force import in_force

if TYPE_CHECKING:
    from ecperf_kit.client import Client


def plan_parts(client: Client, months: Sequence[str]) -> pd.DataFrame:
    """One row per employee, month and post held, with the columns of its pay plan.

    The employee's own plan, else the post's; ``structure`` and all plan columns
    are missing where no plan is in force. ``plan_file``, ``plan_sheet`` and
    ``plan_row`` say where the plan stands. The columns of ``parts`` come first.
    """
    held = parts(client, months, "pay_plans")
    plans = in_force(client.table("pay_plans"), months, SUBJECT).drop_duplicates(
        ["month", *SUBJECT]
    )
    plans = plans.rename(columns={"_file": "plan_file", "_sheet": "plan_sheet", "_row": "plan_row"})
    return held.merge(
        plans.drop(columns="effective_from"), on=["month", *SUBJECT], how="left"
    ).reset_index(drop=True)
