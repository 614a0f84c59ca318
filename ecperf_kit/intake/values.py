"""Dates, months, periods, yes and no, choices and ids, as a client may type them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

import numpy as np
import pandas as pd

from ecperf_kit.intake.numbers import Reading, half_width, is_wide
from ecperf_kit.intake.plain import Cells
from ecperf_kit.period import Period, PeriodError

BAD_DATE = "D211"
BAD_MONTH = "D212"
BAD_PERIOD = "D213"
BAD_BOOL = "D214"
BAD_CHOICE = "D215"
BAD_ID = "D220"

_DATE = re.compile(
    r"\s*([0-9]{4})(?:-([0-9]{1,2})-|/([0-9]{1,2})/|年([0-9]{1,2})月)([0-9]{1,2})日?"
    r"(?: 0?0:00(?::00)?)?\s*"
)
_MONTH = re.compile(r"(\d{4})(?:-|/|年)(\d{1,2})月?")
#: Control characters, blanks without width, marks of direction, a character that got lost.
_INVISIBLE = r"[\x00-\x1f\x7f\xad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\ufffd]"
_YEARS = range(1950, 2100)
_BOOLS = {"yes": True, "是": True, "true": True, "no": False, "否": False, "false": False}


def read_dates(column: pd.Series) -> Reading:
    """Days: 2026-04-01, 2026/4/1, 2026年4月1日 or a date cell of Excel (``datetime64[s]``)."""
    codes, texts = pd.factorize(column)
    days = [_day(half_width(text)) for text in texts]
    values = pd.Series(np.array([*days, None], "datetime64[s]")[codes], column.index)
    return Reading(values, _unread(column, values, BAD_DATE), _wide(column, values))


def read_months(column: pd.Series) -> Reading:
    """Months: 2026-04, 2026/4, 2026年4月 or a date cell on the first of the month (text)."""
    return _each(column, _month, BAD_MONTH)


def read_periods(column: pd.Series) -> Reading:
    """Periods: a month, a quarter, a year or a span of months (text, ``2026-Q2``)."""
    return _each(column, _period, BAD_PERIOD)


def read_bools(column: pd.Series) -> Reading:
    """Yes and no: yes/no, 是/否, true/false (``boolean``)."""
    values = column.str.casefold().map(_BOOLS).astype("boolean")
    return Reading(values, _unread(column, values, BAD_BOOL))


def read_choices(column: pd.Series, words: Mapping[str, str]) -> Reading:
    """Ids of a declared list; ``words`` maps every accepted word, case-folded, to its id."""
    values = _texts(column, lambda text: words.get(text.casefold()))
    return Reading(values, _unread(column, values, BAD_CHOICE))


def read_texts(column: pd.Series) -> Reading:
    """Free text as typed (``str``, missing where blank)."""
    return Reading(column.where(column != ""), {})


def read_ids(column: pd.Series) -> Reading:
    """Ids: text on one line, without characters nobody can see."""
    cells = Cells.of_column(column)
    # plain ASCII is seen: only the other cells are looked at one by one
    odd = cells.rows_with((cells.data < ord(" ")) | (cells.data > ord("~")))
    if not len(odd) and cells.filled.all():
        return Reading(column, {})
    broken = np.zeros(len(column), dtype=bool)
    broken[odd] = column.iloc[odd].str.contains(_INVISIBLE, regex=True)
    values = column.where((column != "") & ~broken)
    return Reading(values, _unread(column, values, BAD_ID))


def _day(text: str) -> date | None:
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year, *months, day = match.groups()
    month = next(found for found in months if found is not None)
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:  # the 31st of June
        return None
    return found if found.year in _YEARS else None


def _month(text: str) -> str | None:
    written = re.sub(r"( 0?0:00(:00)?)$", "", text)
    if day := re.fullmatch(r"(\d{4}[-/]\d{1,2})[-/]0?1", written):
        written = day[1]
    match = _MONTH.fullmatch(written)
    if match is None or not 1 <= int(match[2]) <= 12:
        return None
    return f"{match[1]}-{int(match[2]):02d}"


def _period(text: str) -> str | None:
    try:
        found = Period.parse(text.upper())
    except PeriodError:
        return _month(text)
    return re.sub(r"^(\d{4})Q", r"\1-Q", found.text)


def _each(column: pd.Series, read: Callable[[str], str | None], code: str) -> Reading:
    values = _texts(column, lambda text: read(half_width(text)))
    return Reading(values, _unread(column, values, code), _wide(column, values))


def _texts(column: pd.Series, read: Callable[[str], str | None]) -> pd.Series:
    """Reads every distinct text once: a column of months has few of them."""
    codes, texts = pd.factorize(column)
    found = np.array([*map(read, texts), None], dtype=object)
    return pd.Series(found[codes], column.index, dtype="str")


def _unread(column: pd.Series, values: pd.Series, code: str) -> dict[int, str]:
    missing = values.isna().to_numpy(dtype=bool).nonzero()[0]
    if not len(missing):
        return {}
    typed = column.iloc[missing].tolist()
    return {int(i): code for i, text in zip(missing, typed, strict=True) if text != ""}


def _wide(column: pd.Series, values: pd.Series) -> tuple[int, ...]:
    texts = [text for text in column.unique() if is_wide(text) and re.search("[０-９]", text)]
    if not texts:
        return ()
    found = (column.isin(texts) & values.notna()).to_numpy(dtype=bool)
    return tuple(int(i) for i in found.nonzero()[0])
