"""Periods: a month, a quarter, a year or a span of months, and nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ecperf_kit.spoken import SaidError

_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
_SPAN = re.compile(rf"({_MONTH.pattern})\.\.({_MONTH.pattern})")


class PeriodError(SaidError, ValueError):
    """The text is not a period."""


@dataclass(frozen=True, slots=True)
class Period:
    """``months`` in order, each ``YYYY-MM``; ``text`` as the user wrote it."""

    text: str
    months: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read ``2026-06``, ``2026-Q2``, ``2026`` or ``2026-04..2026-09``."""
        written = text.strip()
        if _MONTH.fullmatch(written):
            return cls(written, (written,))
        if match := re.fullmatch(r"(\d{4})-?Q([1-4])", written):
            first = (int(match[2]) - 1) * 3 + 1
            return cls(written, tuple(f"{match[1]}-{first + i:02d}" for i in range(3)))
        if re.fullmatch(r"\d{4}", written):
            return cls(written, tuple(f"{written}-{i:02d}" for i in range(1, 13)))
        if (match := _SPAN.fullmatch(written)) and match[1] <= match[2]:
            return cls(written, months_between(match[1], match[2]))
        raise PeriodError("period.none", found=text)

    @property
    def first(self) -> str:
        """The first month."""
        return self.months[0]

    @property
    def last(self) -> str:
        """The last month."""
        return self.months[-1]

    @property
    def folder(self) -> str:
        """The period as a folder name on every system."""
        return self.text.replace("..", "_")

    def __str__(self) -> str:
        return self.text


def months_between(first: str, last: str) -> tuple[str, ...]:
    """All months from ``first`` to ``last``, both included."""
    year, month = int(first[:4]), int(first[5:])
    found = []
    while (text := f"{year:04d}-{month:02d}") <= last:
        found.append(text)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return tuple(found)


def shift(month: str, by: int) -> str:
    """The month ``by`` months later (earlier if negative): ``shift("2026-01", -12)``."""
    count = int(month[:4]) * 12 + int(month[5:]) - 1 + by
    return f"{count // 12:04d}-{count % 12 + 1:02d}"


def month_of(date: object) -> str:
    """The month of a date: ``YYYY-MM``."""
    return str(date)[:7]
