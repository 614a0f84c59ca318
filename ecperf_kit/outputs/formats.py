"""Stored integers as printed text: thousands in threes, half-up, a true minus sign.

One home for the look of numbers, so that a figure in a sentence and the same
figure in a table are the same characters.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import Any

import pandas as pd

from ecperf_kit.exact import MILLION
from ecperf_kit.period import Period, PeriodError

MINUS = "\N{MINUS SIGN}"
MISSING = "–"  # never 0, never an empty cell
_PLACES = 6  # decimals of a stored integer
_MONTHS_EN = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def missing(value: Any) -> bool:
    """Whether a single value is NA, NaN, NaT, None or empty text."""
    kind = type(value)
    if kind is int or kind is str:  # nearly every cell there is
        return kind is str and value == ""
    if value is None or value is pd.NA or (isinstance(value, str) and value == ""):
        return True
    if isinstance(value, list | tuple | set | frozenset | dict):
        return False
    return bool(pd.isna(value)) if pd.api.types.is_scalar(value) else False


def fixed(stored: int, places: int, *, sign: bool = False) -> str:
    """``fixed(-1234_500_000, 2)`` is −1,234.50; with ``sign`` a gain shows its plus."""
    unit = 10 ** (_PLACES - places)
    size = (abs(int(stored)) + unit // 2) // unit  # half-up, away from zero
    whole, part = divmod(size, 10**places)
    digits = f"{whole:,}.{part:0{places}d}" if places else f"{whole:,}"
    if size == 0:
        return digits
    return (MINUS if stored < 0 else "+" if sign else "") + digits


def plain(stored: int, least: int = 0) -> str:
    """As many decimals as the number has, at least ``least``: 0.9, 38.5, 1,234."""
    return fixed(stored, max(decimals(stored), least))


def decimals(stored: int) -> int:
    """How many decimals the number needs, 0 to 6."""
    size, places = abs(int(stored)), _PLACES
    while places and size % 10 == 0:
        size //= 10
        places -= 1
    return places


def percent(stored: int, places: int = 1, *, sign: bool = False) -> str:
    """A stored fraction as per cent: ``percent(-180_000)`` is −18.0%."""
    return fixed(int(stored) * 100, places, sign=sign) + "%"


def count(number: int, *, sign: bool = False) -> str:
    """A plain count: 24,087."""
    return fixed(int(number) * MILLION, 0, sign=sign)


def day(value: Any) -> dt.date:
    """The calendar day of a date, timestamp or ``YYYY-MM-DD`` text."""
    return pd.Timestamp(value).date()


def long_date(value: Any, language: str) -> str:
    """2026 年 10 月 8 日, or 8 October 2026."""
    date = day(value)
    if language == "zh":
        return f"{date.year} 年 {date.month} 月 {date.day} 日"
    return f"{date.day} {_MONTHS_EN[date.month - 1]} {date.year}"


def long_month(month: str, language: str) -> str:
    """2026 年 6 月, or June 2026."""
    year, number = int(month[:4]), int(month[5:7])
    return f"{year} 年 {number} 月" if language == "zh" else f"{_MONTHS_EN[number - 1]} {year}"


def short_month(month: str, language: str) -> str:
    """6 月, or Jun: for the heads of pictures that stay within a year."""
    number = int(month[5:7])
    return f"{number} 月" if language == "zh" else _MONTHS_EN[number - 1][:3]


def long_period(period: str | Period, language: str) -> str:
    """2026 年 4 月至 9 月, 2026 年第 2 季度, 2026 年; text that is no period stays as it is."""
    try:
        found = period if isinstance(period, Period) else Period.parse(str(period))
    except PeriodError:
        return str(period)
    first, last, year = found.first, found.last, found.first[:4]
    zh = language == "zh"
    if first == last:
        return long_month(first, language)
    if len(found.months) == 12 and first.endswith("-01"):
        return f"{year} 年" if zh else year
    if "Q" in found.text:
        quarter = (int(first[5:]) + 2) // 3
        return f"{year} 年第 {quarter} 季度" if zh else f"Q{quarter} {year}"
    if zh:
        same_year = last[:4] == year
        end = f"{int(last[5:])} 月" if same_year else long_month(last, language)
        return f"{long_month(first, language)}至 {end}"
    start = _MONTHS_EN[int(first[5:]) - 1] if last[:4] == year else long_month(first, language)
    return f"{start} to {long_month(last, language)}"


def width(text: str) -> int:
    """Printed width in characters: a Chinese character takes two."""
    if text.isascii():
        return len(text)
    return len(text) + sum(unicodedata.east_asian_width(c) in "WF" for c in text)
