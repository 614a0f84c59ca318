"""The sales bridge: from back-end sales to the finance figure, line by line."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ecperf_kit.exact import MILLION, ints, masked, multiply_divide
from ecperf_kit.method.unread import spoilt

BRIDGE_COLUMNS = (
    "channel", "month", "backend_sales", "non_genuine", "refunds", "coupons_fees", "cut_off",
    "finance_sales", "received", "difference", "difference_share", "unexplained",
    "unexplained_share", "non_genuine_share",
)  # fmt: skip


def net_of_bridge(table: pd.DataFrame) -> pd.Series:
    """Back-end sales less non-genuine orders, refunds, coupons and fees and the cut-off.

    A blank cut-off means that nothing shifted between months; every other blank
    makes the figure missing, and so does a cell that cannot be read.
    """
    taken_off = table["non_genuine"] + table["refunds"] + table["coupons_fees"]
    net = table["backend_sales"] - taken_off - table["cut_off"].fillna(0)
    return net.mask(spoilt(table))


def sales_bridge(table: pd.DataFrame) -> pd.DataFrame:
    """One row per channel and month: what the difference consists of, and what is unexplained.

    ``unexplained`` = back-end sales less every line of the bridge less finance
    sales (assessment method 4.4); the shares are of back-end sales, half-up to
    six decimals, missing where a figure is.
    """
    frame = table.sort_values(["channel", "month"], ignore_index=True)
    whole = frame["backend_sales"]
    frame = frame.assign(
        difference=whole - frame["finance_sales"],
        unexplained=net_of_bridge(frame) - frame["finance_sales"],
    )
    frame = frame.assign(
        difference_share=share_of(frame["difference"], whole),
        unexplained_share=share_of(frame["unexplained"], whole),
        non_genuine_share=share_of(frame["non_genuine"], whole),
    )
    return frame[list(BRIDGE_COLUMNS)]


def share_of(part: pd.Series, whole: pd.Series) -> pd.Series:
    """``part / whole`` half-up to six decimals, missing where either is or the whole is 0."""
    missing = (part.isna() | whole.isna() | (whole == 0).fillna(True)).to_numpy(dtype=bool)
    bottom = np.where(missing, MILLION, ints(whole))
    return masked(multiply_divide(ints(part), MILLION, bottom), missing, part.index)
