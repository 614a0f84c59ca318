"""What a scorecard row earns, worked out with decimals: the marks people wrote down themselves.

Deliberately not the kit's own code, so that the demo clients also cross-check it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

PLACES = Decimal("0.000001")


def mark(card: Mapping[str, Any], lower: bool, actual: Decimal, standard: Decimal) -> Decimal:
    """The score of one row, half-up to six decimals (assessment method 3.3)."""
    weight = Decimal(str(card["weight"]))
    if card["method"] == "percentage":
        reached = 2 - actual / standard if lower else actual / standard
        if reached < Decimal(str(card["zero_below"])):
            return Decimal(0)
        share = min(reached, Decimal(str(card["cap"])))
    elif card["method"] == "step":
        short = max(actual - standard if lower else standard - actual, Decimal(0))
        steps = math.ceil(short / Decimal(str(card["step_size"])))
        share = max(1 - steps * Decimal(str(card["step_deduct"])), Decimal(0))
    else:
        share = _band(str(card["bands"]), actual)
    return (share * weight).quantize(PLACES, ROUND_HALF_UP)


def _band(text: str, actual: Decimal) -> Decimal:
    for part in text.split(";"):
        limit, share = part.strip().split(":")
        value = Decimal(share.strip().rstrip("%")) / 100
        limit = limit.strip()
        if limit == "else":
            return value
        bound = Decimal(limit[2:])
        if (limit[:2] == "<=" and actual <= bound) or (limit[:2] == ">=" and actual >= bound):
            return value
    raise ValueError(f"no band for {actual} in {text}")
