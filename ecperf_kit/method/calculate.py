"""The whole calculation, from scorecards to pay, as a list of steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import pandas as pd

from ecperf_kit.finding import Finding
from ecperf_kit.method.coefficient import coefficients
from ecperf_kit.method.findings import calculation_findings
from ecperf_kit.method.once import by_month, once, rows_of, span_around
from ecperf_kit.method.pay import pay, pay_lines
from ecperf_kit.method.scorecards import assessed_rows
from ecperf_kit.method.scoring import score
from ecperf_kit.method.totals import totals

if TYPE_CHECKING:
    from ecperf_kit.client import Client


@dataclass(frozen=True)
class Paid:
    """Scores and pay of some months.

    ``rows``: one per employee, month and indicator, scored. ``totals``: one per
    employee and month, with the coefficient. ``lines``: one per line of pay.
    ``pay``: one per employee and month.
    """

    rows: pd.DataFrame
    totals: pd.DataFrame
    lines: pd.DataFrame
    pay: pd.DataFrame


@dataclass(frozen=True)
class Calculation(Paid):
    """Scores and pay of some months, and what was found."""

    findings: tuple[Finding, ...]


@once
def calculate(client: Client, months: Sequence[str]) -> Calculation:
    """Scores, coefficients and gross pay of all assessed employees in ``months``."""
    return _with_findings(client, paid(client, months), months)


@once
def paid(client: Client, months: Sequence[str]) -> Paid:
    """The same without a word on what was found: for schemes that are only tried."""
    span = span_around(client, months)
    if span:
        whole = paid(client, span)
        return Paid(*(rows_of(getattr(whole, each.name), months) for each in fields(Paid)))
    return _paid(client, scored_rows(client, months), scored_totals(client, months))


@by_month
def scored_rows(client: Client, months: Sequence[str]) -> pd.DataFrame:
    """The assessed rows of ``months``, scored."""
    return score(assessed_rows(client, months))


@by_month
def scored_totals(client: Client, months: Sequence[str]) -> pd.DataFrame:
    """The totals of ``months`` with their coefficients."""
    scored = scored_rows(client, months)
    return coefficients(client, totals(scored), scored)


def calculate_rows(client: Client, rows: pd.DataFrame, months: Sequence[str] = ()) -> Calculation:
    """The same from given assessed rows: what would be, had a standard or a method been another.

    ``rows`` as from ``assessed_rows``, changed by the caller; another coefficient
    table or pay plan is tried with ``dataclasses.replace(client, tables=...)``.
    """
    scored = score(rows)
    found = _paid(client, scored, coefficients(client, totals(scored), scored))
    return _with_findings(client, found, months)


def _paid(client: Client, scored: pd.DataFrame, looked_up: pd.DataFrame) -> Paid:
    lines = pay_lines(client, looked_up)
    return Paid(scored, looked_up, lines, pay(lines))


def _with_findings(client: Client, found: Paid, months: Sequence[str]) -> Calculation:
    said = calculation_findings(client, found.rows, found.totals, found.lines, months)
    return Calculation(found.rows, found.totals, found.lines, found.pay, tuple(said))
