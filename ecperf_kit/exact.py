"""Exact numbers: 64-bit integers that count millionths.

Money, rates, scores and measured values all use this one scale: 6,500.00 yuan
is 6_500_000_000, 38.5 % is 385_000, 59.5 points is 59_500_000. Whole columns
are added and compared as integers, so no cent depends on binary fractions.
Rounding is half-up (away from zero) and happens only where a function here is
called.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

MILLION = 1_000_000  # the scale: how many units of a stored integer make 1
FEN = 10_000  # one fen (0.01 yuan), one hundredth of a point
_CLOSE = float(2**49)  # quotients below this are exact in one step
_FITS = float(2**61)  # products below this may be added to without wrapping around
LARGEST = 2**62  # magnitudes above this are refused, never wrapped around

Ints = npt.NDArray[np.int64]


def exact(number: str | int | Decimal) -> int:
    """The stored integer of one number, e.g. ``exact("38.5")`` is 38_500_000.

    More than six decimals are rounded half-up. Floats are refused: write the
    number as text.
    """
    if isinstance(number, float):
        raise TypeError(f"write {number!r} as text: a float is not exact")
    scaled = (Decimal(number) * MILLION).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    if abs(scaled) > LARGEST:
        raise OverflowError(f"{number} is too large")
    return int(scaled)


def decimal(stored: int) -> Decimal:
    """The number a stored integer means: ``decimal(38_500_000)`` is 38.5."""
    return Decimal(int(stored)) / MILLION


def as_float(stored: pd.Series) -> pd.Series:
    """The nearest floats of a stored column, for pictures and workbook cells only."""
    return stored.astype("Float64") / MILLION


def round_half_up(stored: Any, unit: int = FEN) -> Ints:
    """Stored values rounded half-up (away from zero) to a multiple of ``unit``."""
    values = np.asarray(stored, dtype=np.int64)
    size = np.abs(values)
    return np.sign(values) * ((size + unit // 2) // unit) * unit


def multiply_divide(a: Any, b: Any, c: Any) -> Ints:
    """``a * b / c`` of stored integers, rounded half-up, without overflow.

    Plain integers in, plain integers out: the caller sees to the scales
    (two stored numbers multiplied: ``c = MILLION``). ``c`` must not be 0.
    """
    if type(a) is type(b) is type(c) is int and c:  # one figure: no arrays are needed for it
        quotient, left = divmod(abs(a * b), abs(c))
        if quotient < LARGEST:
            near = quotient + (left >= abs(c) - left)
            return np.asarray(near if (a * b < 0) == (c < 0) else -near, dtype=np.int64)
    sign, whole, rest, divisor = _divided(a, b, c)
    return np.asarray(sign * (whole + (rest >= divisor - rest)), dtype=np.int64)


def divide_down(a: Any, b: Any) -> Ints:
    """The quotient of two stored numbers rounded down (towards minus infinity) to six decimals.

    A quotient reaches a limit of six decimals exactly when its rounded-down
    value does: this is how limits are tested without a rounding in the way.
    """
    sign, whole, rest, _ = _divided(a, MILLION, b)
    return np.where(sign < 0, -whole - (rest > 0), whole).astype(np.int64)


def quotients(a: Any, b: Any) -> tuple[Ints, Ints, Ints]:
    """The quotient of two stored numbers to six decimals: rounded half-up, down and up.

    As ``divide``, ``divide_down`` and ``divide_up``, by one division.
    """
    sign, whole, rest, divisor = _divided(a, MILLION, b)
    below, more = sign < 0, rest > 0
    near = sign * (whole + (rest >= divisor - rest))
    down = np.where(below, -whole - more, whole)
    up = np.where(below, -whole, whole + more)
    return tuple(np.asarray(x, dtype=np.int64) for x in (near, down, up))  # type: ignore[return-value]


def divide_up(a: Any, b: Any) -> Ints:
    """The quotient of two stored numbers rounded up (towards plus infinity) to six decimals."""
    return -divide_down(-np.asarray(a, dtype=np.int64), b)


def _divided(a: Any, b: Any, c: Any) -> tuple[Ints, Ints, Ints, Ints]:
    """Sign, whole part and remainder of ``|a| * |b| / |c|``, and ``|c|``; all exact."""
    a, b, c = np.broadcast_arrays(*(np.asarray(x, dtype=np.int64) for x in (a, b, c)))
    if (c == 0).any():
        raise ZeroDivisionError("division by a standard or total of 0")
    shape = a.shape
    a, b, c = (np.atleast_1d(x) for x in (a, b, c))
    sign = np.sign(a) * np.sign(b) * np.sign(c)
    a, b, c = np.abs(a), np.abs(b), np.abs(c)
    near = a.astype(np.float64) * b / c
    # Below this the nearest float misses the quotient by less than 1; the true
    # remainder is then small and comes out right although the products wrap around.
    close = (near < _CLOSE) & (c < LARGEST // 2)
    all_close = bool(close.all())
    whole = (near if all_close else np.where(close, near, 0.0)).astype(np.int64)
    rest = a * b - whole * c
    low, high = close & (rest < 0), close & (rest >= c)
    if low.any() or high.any():
        whole = whole - low + high
        rest = rest + np.where(low, c, 0) - np.where(high, c, 0)
    if not all_close:
        for i in np.flatnonzero(~close):
            quotient, remainder = divmod(int(a[i]) * int(b[i]), int(c[i]))
            if quotient >= LARGEST:
                raise OverflowError(f"{a[i]} x {b[i]} / {c[i]} is too large")
            whole[i], rest[i] = quotient, remainder
    return tuple(x.reshape(shape) for x in (sign, whole, rest, c))  # type: ignore[return-value]


def rounded_product(*factors: Any, unit: int = FEN) -> Ints:
    """The product of stored numbers, rounded half-up once to a multiple of ``unit``.

    One rounding at the end, as ``ROUND(a*b*c, 2)`` in a workbook: a pay line of
    basis x rate x coefficient x share never gathers roundings on the way.
    """
    arrays = np.broadcast_arrays(*(np.atleast_1d(np.asarray(x, dtype=np.int64)) for x in factors))
    negative = np.logical_xor.reduce([array < 0 for array in arrays])
    top = np.full(arrays[0].shape, MILLION, dtype=np.int64)
    bottom = np.full(arrays[0].shape, unit, dtype=np.int64)
    large = np.zeros(arrays[0].shape, dtype=bool)
    for array in arrays:
        # in lowest terms (0.9 is 9 / 10) the products of pay nearly always fit 64 bits
        common = np.gcd(array, MILLION)
        part = np.abs(array) // common
        large |= top.astype(np.float64) * part >= _FITS
        large |= bottom.astype(np.float64) * (MILLION // common) >= _FITS
        top, bottom = top * part, bottom * (MILLION // common)
    size = (top + bottom // 2) // np.where(large, 1, bottom)
    for place in zip(*np.nonzero(large), strict=True):  # whatever does not fit: Python's integers
        whole = prod(abs(int(array[place])) for array in arrays)
        divisor = MILLION ** (len(arrays) - 1) * unit
        exactly = (2 * whole + divisor) // (2 * divisor)
        if exactly * unit > LARGEST:
            raise OverflowError("a product of pay figures is too large")
        size[place] = exactly
    if size.size and size.max() > LARGEST // unit:
        raise OverflowError("a product of pay figures is too large")
    result = np.where(negative, -size, size) * unit
    return result.reshape(np.broadcast_shapes(*(np.shape(x) for x in factors)))


def multiply(a: Any, b: Any) -> Ints:
    """The product of two stored numbers as a stored number, half-up to six decimals."""
    return multiply_divide(a, b, MILLION)


def divide(a: Any, b: Any) -> Ints:
    """The quotient of two stored numbers as a stored number, half-up to six decimals."""
    return multiply_divide(a, MILLION, b)


def split(total: int, shares: Any, unit: int = FEN) -> Ints:
    """``total`` divided in proportion to ``shares``, the parts adding up exactly.

    Each part is a multiple of ``unit``; what rounding down leaves over goes,
    one unit each, to the parts with the largest remainder (the first of equals).
    ``total`` must be a multiple of ``unit``; a negative total is split likewise.
    """
    weights = [int(share) for share in np.asarray(shares, dtype=np.int64)]
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("shares must not be negative and must add up to more than 0")
    if int(total) % unit:
        raise ValueError(f"{decimal(total)} is not a multiple of {decimal(unit)}")
    units = abs(int(total)) // unit
    parts, rests = zip(*(divmod(units * weight, whole) for weight in weights), strict=True)
    order = sorted(range(len(weights)), key=lambda i: (-rests[i], i))
    given = set(order[: units - sum(parts)])
    sign = -1 if total < 0 else 1
    return np.array([sign * unit * (p + (i in given)) for i, p in enumerate(parts)], dtype=np.int64)


def ints(column: pd.Series) -> Ints:
    """A stored column as plain integers, 0 where it is missing: mask it with ``isna``.

    To read only: without gaps these are the column's own cells, so writing here would change
    the client's figures. Take a ``copy`` to write.
    """
    found = column.to_numpy(dtype=np.int64, na_value=0).view()
    found.flags.writeable = False
    return found


def masked(values: Any, missing: Any, index: pd.Index | None = None) -> pd.Series:
    """Plain integers as a stored column (``Int64``), missing where ``missing`` says so."""
    gaps = np.broadcast_to(np.asarray(missing, dtype=bool), np.shape(values))
    array = pd.arrays.IntegerArray(np.asarray(values, dtype=np.int64).copy(), gaps.copy())
    return pd.Series(array, index=index)
