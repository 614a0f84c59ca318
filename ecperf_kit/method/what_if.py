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
    ``most`` names the threshold beyond which the example is not carried ("" for none).
    """

    name: str
    indicator: str
    measure: str
    rise: str
    effect: str
    per_one: bool
    relative: bool
    sign: int
    most: str = ""


LEVERS: Mapping[str, Lever] = {
    lever.name: lever
    for lever in (
        Lever(
            "conversion", "inquiry_conversion", "net_sales", "elasticity.conversion_rise",
            "elasticity.conversion_gmv", per_one=True, relative=True, sign=1,
            most="elasticity.conversion_most",
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
    ``rise`` lies within ``permitted``.
    """
    effect = threshold(lever.effect)
    if lever.per_one:
        found = int(multiply(rise, effect))
    else:
        found = int(multiply_divide(rise, effect, threshold(lever.rise)))
    return lever.sign * found


def permitted(lever: Lever, level: int | None, threshold: Threshold) -> tuple[int, int]:
    """The greatest fall and the greatest rise that mean something (stored fractions).

    No share lies below 0 or above the whole, and no more than all of the measure is lost or
    saved: conversion of 40 % may fall by half of itself (no sales are left then) and rise by
    the whole of it; first contact resolution of 85 % rises by 15 points at most. Where the
    ``level`` is not known, any share may be it.
    """
    if lever.relative:
        low, high = -MILLION, threshold(lever.most) if lever.most else MILLION
        if level:
            high = min(high, (MILLION - level) * MILLION // level)
    else:
        low, high = (-MILLION, MILLION) if level is None else (-level, MILLION - level)
    effect = threshold(lever.effect)
    if effect > 0:
        whole = (MILLION if lever.per_one else threshold(lever.rise)) * MILLION // effect
        low, high = (max(low, -whole), high) if lever.sign > 0 else (low, min(high, whole))
    return min(low, 0), max(high, 0)


def raised(lever: Lever, level: int, rise: int) -> int:
    """The indicator after the rise: 40 % by 1 % of itself is 40.4 %, 85 % by 5 points 90 %."""
    return level + (int(multiply(level, rise)) if lever.relative else rise)


def changed(amount: int, lever: Lever, rise: int, threshold: Threshold) -> int:
    """What an amount of money may change by, to the fen: 1,000,000 by +2 % is +20,000."""
    return int(round_half_up(multiply(amount, effect_share(lever, rise, threshold)), FEN))
