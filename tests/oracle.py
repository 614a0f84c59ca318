"""A second calculation of scores and pay, row by row with Decimal, to hold the first against.

It shares no code with the kit beyond the bands' grammar, which it reads itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Any

SIX, TWO = Decimal("0.000001"), Decimal("0.01")


def rounded(value: Fraction, places: Decimal) -> Decimal:
    """Half-up, away from zero."""
    with localcontext() as context:
        context.prec = 60
        scaled = abs(value) / Fraction(places)
        whole = scaled.numerator // scaled.denominator
        if scaled - whole >= Fraction(1, 2):
            whole += 1
        result = Decimal(whole) * places
        return (-result if value < 0 else result).quantize(places, ROUND_HALF_UP)


def bands_share(text: str, value: Fraction) -> Fraction:
    parts = [part.strip() for part in text.split(";")]
    for part in parts:
        limit, share = part.split(":")
        earned = Fraction(share.rstrip("%")) / 100
        if limit == "else":
            return earned
        bound = Fraction(limit[2:])
        if (value <= bound) if limit.startswith("<=") else (value >= bound):
            return earned
    raise AssertionError("no else")


def row_score(row: Mapping[str, Any]) -> Decimal | None:
    """The score of one row with data; None if it cannot be computed."""
    weight = Fraction(row["weight"])
    if not row["actual"]:
        return None
    actual = Fraction(row["actual"])
    standard = Fraction(row["standard"]) if row["standard"] else None
    lower = row["direction"] == "lower_is_better"
    attainment = None
    if standard is not None and standard > 0:
        attainment = 2 - actual / standard if lower else actual / standard
    if row["method"] == "percentage":
        if attainment is None:
            return None
        share = Fraction(0)
        if attainment >= Fraction(row["zero_below"]):
            share = max(min(attainment, Fraction(row["cap"])), Fraction(0))
        return rounded(weight * share, SIX)
    if row["method"] == "step":
        if standard is None:
            return None
        short = max(actual - standard if lower else standard - actual, Fraction(0))
        steps = short / Fraction(row["step_size"])
        whole = -(-steps.numerator // steps.denominator)
        left = max(1 - whole * Fraction(row["step_deduct"]), Fraction(0))
        return rounded(weight * left, SIX)
    value: Fraction | None = actual if row["bands_on"] == "actual" else attainment
    return None if value is None else rounded(weight * bands_share(row["bands"], value), SIX)


def total(scores: Sequence[Decimal | None]) -> Decimal | None:
    if any(score is None for score in scores):
        return None
    added = sum((Fraction(score) for score in scores if score is not None), Fraction(0))
    return rounded(added, TWO)


def coefficient(
    score: Decimal, table: Sequence[tuple[str, str]], gate: bool, reached: bool
) -> Decimal:
    """The coefficient of a total in a table of bands, lowest band first."""
    found = Decimal(table[0][1])
    for bound, value in table:
        if score >= Decimal(bound):
            found = Decimal(value)
    return min(found, Decimal(1)) if gate and not reached else found


def line(*factors: Decimal | str) -> Decimal:
    """One pay line: the exact product, half-up to the fen."""
    product = Fraction(1)
    for factor in factors:
        product *= Fraction(factor)
    return rounded(product, TWO)
