"""What a commission may cost: forward from the price, backward from the pay expected.

Assessment method 2.3. All figures are stored integers.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ecperf_kit.exact import MILLION, divide, ints, masked, multiply_divide, round_half_up
from ecperf_kit.method.keys import Groups


@dataclass(frozen=True, slots=True)
class ForwardCosting:
    """What is left of the price for everybody who draws commission."""

    margin: int
    residual: int
    reserve: int
    pool: int


@dataclass(frozen=True, slots=True)
class ReverseCosting:
    """Base pay (yuan a year) and commission rate that give the pay expected."""

    base: int
    commission: int
    rate: int


def forward_costing(
    price: int, product_cost: int, promotion: int, other_cost: int, reserve_share: int = 0
) -> ForwardCosting:
    """Margin after promotion, what other costs leave of it, the reserve, the pool to share.

    ``other_cost``: management before commission, fixed, stock and finance cost.
    Price 100, product 40, promotion 30, other 20: margin 30, residual 10. The
    reserve is a share of the residual, half-up to six decimals; a loss leaves no
    pool.
    """
    margin = price - product_cost - promotion
    residual = margin - other_cost
    reserve = int(multiply_divide(max(residual, 0), reserve_share, MILLION))
    return ForwardCosting(margin, residual, reserve, max(residual, 0) - reserve)


def reverse_costing(
    expected_pay: int, annual_base: int, base_part: int = 1, commission_part: int = 1
) -> ReverseCosting:
    """The base and the rate that together give ``expected_pay`` on ``annual_base``.

    300,000 a year expected on sales of 30,000,000, base and commission 1:1: base
    150,000 and 0.5 %. ``annual_base`` is the year's sales or profit the rate is
    applied to; base half-up to the fen, rate half-up to six decimals.
    """
    whole = base_part + commission_part
    base = int(round_half_up(multiply_divide(expected_pay, base_part, whole)))
    commission = expected_pay - base
    return ReverseCosting(base, commission, int(divide(commission, annual_base)))


def rates_against_pool(plans: pd.DataFrame, pool_share: int) -> pd.DataFrame:
    """Per channel the rates of all who draw, added up, against the share that may be drawn.

    ``plans``: channel, employee, rate. Yields channel, drawing (persons), rates,
    pool_share, over (True where more is promised than there is); a missing rate
    makes the sum missing.
    """
    work = plans.loc[plans["channel"].notna(), ["channel", "rate"]]
    groups = Groups(work, ["channel"])
    sums, gap = groups.sum(ints(work["rate"])), groups.sum(work["rate"].isna().to_numpy()) > 0
    return work[["channel"]].take(groups.first).reset_index(drop=True).assign(
        drawing=groups.sizes(),
        rates=masked(sums, gap),
        pool_share=pool_share,
        over=(sums > pool_share) & ~gap,
    )  # fmt: skip
