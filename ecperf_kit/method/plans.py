"""The pay plan in force for each part of a month, and the coefficient it uses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from ecperf_kit.intake.declare import SPOILT
from ecperf_kit.method.days import SUBJECT, parts
from ecperf_kit.method.in_force import in_force
from ecperf_kit.method.keys import find, taken
from ecperf_kit.method.lost import with_lost
from ecperf_kit.method.once import by_month
from ecperf_kit.method.unread import PLACE, first_place, places

if TYPE_CHECKING:
    from ecperf_kit.client import Client


@by_month
def plan_parts(client: Client, months: Sequence[str]) -> pd.DataFrame:
    """One row per employee, month and post held, with the columns of its pay plan.

    The employee's own plan, else the post's; ``structure`` and all plan columns
    are missing where no plan is in force. ``plan_file``, ``plan_sheet`` and
    ``plan_row`` say where the plan stands. The columns of ``parts`` come first; the
    place of a row that cannot be read in full may be the plan's.
    """
    held = parts(client, months, "pay_plans")
    plans = in_force(with_lost(client, "pay_plans"), months, SUBJECT)
    key = ["month", *SUBJECT]
    position = find([held[k] for k in key], [plans[k] for k in key])
    unread = places(plans)
    left_out = {*key, "effective_from", SPOILT}
    columns = {_CALLED.get(c, c): plans[c] for c in plans.columns if c not in left_out}
    found = held.assign(**{name: taken(column, position) for name, column in columns.items()})
    return first_place(found, pd.DataFrame({name: taken(unread[name], position) for name in PLACE}))


_CALLED = {"_file": "plan_file", "_sheet": "plan_sheet", "_row": "plan_row"}
