"""Numbers, strictly: what a client may type where a number is wanted.

``1234.5``, ``1,234.50`` (thousands in threes) and ``38.5%`` (0.385 exactly);
full-width digits are accepted and noted. Everything else is a fault of that one
cell. Clean columns take a fast path; only offending cells are looked at singly.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pandas as pd

from ecperf_kit.exact import LARGEST, MILLION
from ecperf_kit.intake.plain import Cells, plain_numbers

NOT_A_NUMBER = "D205"
COMMA = "D206"
DATE_IN_NUMBER = "D207"
TOO_FINE = "D208"
MONEY_TOO_FINE = "D209"
NOT_WHOLE = "D216"
TOO_LARGE = "D219"
PERCENT_NOT_HERE = "D225"
OUT_OF_RANGE = "D221"

_NUMBER = re.compile(r"(-?)([0-9]+|[1-9][0-9]{0,2}(?:,[0-9]{3})+)(\.[0-9]+)?\s?(%?)")
_DATE = re.compile(r"\d{4}[-/.年]\d{1,2}([-/.月]\d{1,2}日?)?.*")
_FEN_PLACES, _PLACES = 2, 6
#: Full-width signs alone: a superscript or circled digit is no way to write a number.
_HALF_WIDTH = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0x2212: "-"}


@dataclass(frozen=True)
class Reading:
    """One column read: ``values`` (missing where blank or faulty), ``faults`` from row
    position to code, ``wide`` the positions written in full-width characters."""

    values: pd.Series
    faults: dict[int, str]
    wide: tuple[int, ...] = ()


def read_number(text: str, places: int = _PLACES, percent: bool = True) -> int | str:
    """The stored integer of one number as typed, or the code of what is wrong with it.

    >>> read_number("38.5%"), read_number("1,234.50"), read_number("12,5")
    (385000, 1234500000, 'D206')

    ``percent`` says whether a percentage can be meant here: it never is of money,
    days or points.
    """
    written = half_width(text)
    match = _NUMBER.fullmatch(written)
    if match is None:
        if _DATE.fullmatch(written):
            return DATE_IN_NUMBER
        return COMMA if re.fullmatch(r"-?[\d.,]*\d,\d[\d.,]*%?", written) else NOT_A_NUMBER
    sign, whole, fraction, sign_of_percent = match.groups()
    number = Decimal(f"{sign}{whole.replace(',', '')}{fraction or ''}")
    if sign_of_percent and not percent:
        return PERCENT_NOT_HERE
    if sign_of_percent:
        number = number.scaleb(-2)
    if abs(number) * MILLION > LARGEST:
        return TOO_LARGE
    scaled = number.scaleb(places)
    if scaled != scaled.to_integral_value():
        return MONEY_TOO_FINE if places == _FEN_PLACES else TOO_FINE
    return int(number.scaleb(_PLACES))


def half_width(text: str) -> str:
    """Full-width digits and signs as the half-width ones a keyboard has."""
    return text.translate(_HALF_WIDTH).strip()


def is_wide(text: str) -> bool:
    """Whether ``text`` holds full-width digits or signs."""
    return half_width(text) != text.strip()


def read_numbers(
    column: pd.Series,
    money: bool = False,
    least: int | None = None,
    most: int | None = None,
    percent: bool = True,
) -> Reading:
    """A column of typed numbers as stored integers (``Int64``).

    ``least`` and ``most`` are the column's declared bounds, both included.
    """
    stored, clean = plain_numbers(Cells.of_column(column))
    missing = ~clean
    faults: dict[int, str] = {}
    wide: list[int] = []
    places = _FEN_PLACES if money else _PLACES
    for i in np.flatnonzero(~clean & (column != "").to_numpy(dtype=bool)):
        text = str(column.iloc[i])
        read = read_number(text, places, percent and not money)
        if isinstance(read, str):
            faults[int(i)] = read
            continue
        stored[i], missing[i] = read, False
        if is_wide(text):
            wide.append(int(i))
    if money:
        for i in np.flatnonzero(clean & (stored % 10 ** (_PLACES - _FEN_PLACES) != 0)):
            faults[int(i)] = MONEY_TOO_FINE
            missing[i] = True
    _bound(stored, missing, faults, least, most)
    return Reading(_int64(stored, missing, column.index), faults, tuple(wide))


def read_integers(column: pd.Series, least: int | None, most: int | None) -> Reading:
    """A column of typed whole numbers, not scaled (``Int64``)."""
    read = read_numbers(column, percent=False)
    missing = read.values.isna().to_numpy(dtype=bool).copy()
    stored = read.values.fillna(0).to_numpy(dtype=np.int64)
    faults = dict(read.faults)
    for i in np.flatnonzero(stored % MILLION != 0):
        faults[int(i)] = NOT_WHOLE
        missing[i] = True
    counts = stored // MILLION
    _bound(counts, missing, faults, least, most)
    return Reading(_int64(counts, missing, column.index), faults, read.wide)


def _bound(
    stored: np.ndarray,
    missing: np.ndarray,
    faults: dict[int, str],
    least: int | None,
    most: int | None,
) -> None:
    outside = np.zeros(len(stored), dtype=bool)
    if least is not None:
        outside |= stored < least
    if most is not None:
        outside |= stored > most
    for i in np.flatnonzero(outside & ~missing):
        faults[int(i)] = OUT_OF_RANGE
        missing[i] = True


def _int64(stored: np.ndarray, missing: np.ndarray, index: pd.Index) -> pd.Series:
    return pd.Series(pd.arrays.IntegerArray(stored.copy(), missing.copy()), index=index)
