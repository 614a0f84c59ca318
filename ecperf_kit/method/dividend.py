"""The dividend ledger: losses first, then the reserve, the rest may be shared.

Assessment method 2.3: no dividend in a period of loss, later profit makes up
for it first, and not all net profit is distributed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ecperf_kit.exact import FEN, ints, rounded_product
from ecperf_kit.method.unread import spoilt
from ecperf_kit.period import Period, PeriodError, shift

LEDGER_COLUMNS = (
    "unit", "quarter", "payout_month", "profit", "loss_before", "loss_covered", "after_loss",
    "reserve_share", "reserve", "distributable", "loss_carried",
)  # fmt: skip
#: The kind of dividend that is part of pay; what registered shares and options yield is not.
PHANTOM = "phantom_share"


def in_pay(kinds: pd.Series) -> pd.Series:
    """Whether a dividend of each kind is computed as pay; a blank kind is a phantom share.

    Assessment method 2.3: phantom (dry) shares are usual. What registered shares yield is
    decided by the shareholders, what options yield by their agreement.
    """
    return (kinds.isna() | (kinds == PHANTOM)).astype(bool)


def ledger(profits: pd.DataFrame, reserve_share: int) -> pd.DataFrame:
    """One row per unit and quarter, sorted so: what of the profit may be distributed.

    ``profits`` has unit, quarter, profit and reserve_share (missing: the default
    given). A loss is carried on, over the year's end too, until later profit has
    covered it; the reserve (half-up to the fen) is set aside from what is left
    and does not absorb later losses. ``payout_month`` is the quarter's last.
    After a missing profit everything of the unit is missing; so it is after a quarter
    nobody delivered, which may have been a loss, and where two periods overlap. A row with
    a cell that cannot be read has no reserve and nothing to distribute.
    """
    spans = {text: _span(text) for text in profits["quarter"].dropna().unique()}
    frame = profits.assign(
        _first=profits["quarter"].map({t: s[0] for t, s in spans.items()}),
        payout_month=profits["quarter"].map({t: s[1] for t, s in spans.items()}).astype("str"),
    )
    frame = frame.sort_values(["unit", "_first", "payout_month"], kind="stable", ignore_index=True)
    follows = frame["quarter"].map({t: s[2] for t, s in spans.items()})
    follows = follows.groupby(frame["unit"]).shift(1).fillna(frame["_first"])
    broken = (frame["_first"] != follows).fillna(True)
    # of two that overlap neither counts, whichever stands first in the file
    broken |= (frame["_first"].groupby(frame["unit"]).shift(-1) <= frame["payout_month"]).fillna(
        False
    )
    unknown = (frame["profit"].isna() | broken).groupby(frame["unit"]).cummax().astype(bool)
    profit = pd.Series(ints(frame["profit"]), index=frame.index)
    # what is carried is the sum of losses so far, started afresh whenever profit has covered it
    debt = (-profit).groupby(frame["unit"]).cumsum()
    lowest = debt.groupby(frame["unit"]).cummin().clip(upper=0)
    carried = debt - lowest
    before = carried.groupby(frame["unit"]).shift(1, fill_value=0)
    after = np.maximum(profit.to_numpy() - before.to_numpy(), 0)
    covered = np.minimum(before.to_numpy(), np.maximum(profit.to_numpy(), 0))
    share = frame["reserve_share"].fillna(reserve_share)
    reserve = rounded_product(after, ints(share), unit=FEN)
    result = frame.assign(
        loss_before=before,
        loss_covered=covered,
        after_loss=after,
        reserve_share=share,
        reserve=reserve,
        distributable=after - reserve,
        loss_carried=carried,
    )
    for name in ("loss_before", "loss_covered", "after_loss", "reserve", "distributable",
                 "loss_carried"):  # fmt: skip
        result[name] = result[name].astype("Int64").mask(unknown)
    for name in ("reserve_share", "reserve", "distributable"):
        result[name] = result[name].astype("Int64").mask(spoilt(frame))
    provenance = [name for name in ("_file", "_sheet", "_row") if name in result.columns]
    return result[[*LEDGER_COLUMNS, *provenance]]


def _span(text: str) -> tuple[str, str, str]:
    """The first and the last month, and the month that must follow."""
    try:
        period = Period.parse(text)
    except PeriodError:
        return text, text, ""
    return period.first, period.last, shift(period.last, 1)
