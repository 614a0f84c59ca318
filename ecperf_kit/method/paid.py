"""What is handed over while the pilot pays the better of old and new."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ecperf_kit.exact import ints, masked
from ecperf_kit.method.lost import with_lost
from ecperf_kit.method.unread import spoilt

if TYPE_CHECKING:
    from ecperf_kit.client import Client

_KEY = ["employee", "month"]


def better_of(client: Client, pay: pd.DataFrame, months: Collection[str]) -> pd.DataFrame:
    """The pay with old_pay and paid (yuan) in ``months``, and old_file, old_sheet, old_row.

    ``pay`` has employee, month and pay. ``old_pay`` is what the pay history gives for the
    same month, under the rules as they were; ``paid`` is the higher of the two (5,330.00
    new, 6,500.00 old: 6,500.00). Where either is unknown ``paid`` is missing, for what is
    unknown may be the higher one; in other months both columns are missing.
    """
    history = with_lost(client, "pay_history").drop_duplicates(_KEY)
    history = history.assign(pay=history["pay"].mask(spoilt(history)))
    history = history[[*_KEY, "pay", "_file", "_sheet", "_row"]].rename(columns={
        "pay": "old_pay", "_file": "old_file", "_sheet": "old_sheet", "_row": "old_row",
    })  # fmt: skip
    history = history[history["month"].isin(list(months))]
    held = pay.merge(history, on=_KEY, how="left")
    held.index = pay.index
    old = held["old_pay"].astype("Int64")
    unknown = (old.isna() | pay["pay"].isna() | ~pay["month"].isin(list(months))).to_numpy()
    paid = masked(np.maximum(ints(old), ints(pay["pay"].astype("Int64"))), unknown, pay.index)
    return held.assign(old_pay=old, paid=paid)
