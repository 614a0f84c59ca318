"""Two example effects of the HR-finance article, article 3, as arithmetic: illustrations only.

Conversion one per cent higher may bring two per cent more sales; first contact resolution
five points higher may save a tenth of the after-sale cost. They are examples, not findings
about a client, and no score or pay is computed from them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ecperf_kit.exact import FEN, MILLION, multiply, multiply_divide, round_half_up

Threshold = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Lever:
    """What is raised (``indicator``), what may follow (``measure``), and the library's figures.

    ``rise`` and ``effect`` name thresholds: the example's rise and what it may bring.
    ``per_one``: the effect is that many times the rise; else it is for the whole rise.
    ``relative``: the indicator rises by a share of itself, else by points.
    """

    name: str
    indicator: str
    measure: str
    rise: str
    effect: str
    per_one: bool
    relative: bool
    sign: int


LEVERS: Mapping[str, Lever] = {
    lever.name: lever
    for lever in (
        Lever(
            "conversion", "inquiry_conversion", "net_sales", "elasticity.conversion_rise",
            "elasticity.conversion_gmv", per_one=True, relative=True, sign=1,
        ),
        Lever(
            "fcr", "fcr", "aftersale_cost", "elasticity.fcr_rise", "elasticity.fcr_cost",
            per_one=False, relative=False, sign=-1,
        ),
    )
}  # fmt: skip


def effect_share(lever: Lever, rise: int, threshold: Threshold) -> int:
    """By what share the measure may change for a rise (stored fractions), signed.

    Conversion +1 %: +2 %; +3 %: +6 %. First contact resolution +5 points: -10 %.
    No more than all of it can be lost or saved.
    """
    effect = threshold(lever.effect)
    if lever.per_one:
        found = int(multiply(rise, effect))
    else:
        found = int(multiply_divide(rise, effect, threshold(lever.rise)))
    return max(lever.sign * found, -MILLION)


def raised(lever: Lever, level: int, rise: int) -> int:
    """The indicator after the rise: 40 % by 1 % of itself is 40.4 %, 85 % by 5 points 90 %.

    Both are shares of a whole: 98 % by 5 points is 100 %.
    """
    found = level + (int(multiply(level, rise)) if lever.relative else rise)
    return min(max(found, 0), MILLION)


def changed(amount: int, lever: Lever, rise: int, threshold: Threshold) -> int:
    """What an amount of money may change by, to the fen: 1,000,000 by +2 % is +20,000."""
    return int(round_half_up(multiply(amount, effect_share(lever, rise, threshold)), FEN))
