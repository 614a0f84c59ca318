"""The whole calculation, from scorecards to pay, as a list of steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from ecperf_kit.finding import Finding
from ecperf_kit.method.coefficient import coefficients
from ecperf_kit.method.findings import calculation_findings
from ecperf_kit.method.once import once
from ecperf_kit.method.pay import pay, pay_lines
from ecperf_kit.method.scorecards import assessed_rows
from ecperf_kit.method.scoring import score
from ecperf_kit.method.totals import totals

if TYPE_CHECKING:
    from ecperf_kit.client import Client


@dataclass(frozen=True)
class Calculation:
    """Scores and pay of some months: rows, totals, lines, pay, and what was found.

    ``rows``: one per employee, month and indicator, scored. ``totals``: one per
    employee and month, with the coefficient. ``lines``: one per line of pay.
    ``pay``: one per employee and month.
    """

    rows: pd.DataFrame
    totals: pd.DataFrame
    lines: pd.DataFrame
    pay: pd.DataFrame
    findings: tuple[Finding, ...]


@once
def calculate(client: Client, months: Sequence[str]) -> Calculation:
    """Scores, coefficients and gross pay of all assessed employees in ``months``."""
    scored = scored_rows(client, months)
    return _calculated(client, scored, scored_totals(client, months), months)


@once
def scored_rows(client: Client, months: Sequence[str]) -> pd.DataFrame:
    """The assessed rows of ``months``, scored."""
    return score(assessed_rows(client, months))


@once
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
    return _calculated(client, scored, coefficients(client, totals(scored), scored), months)


def _calculated(
    client: Client, scored: pd.DataFrame, looked_up: pd.DataFrame, months: Sequence[str]
) -> Calculation:
    lines = pay_lines(client, looked_up)
    found = calculation_findings(client, scored, looked_up, lines, months)
    return Calculation(scored, looked_up, lines, pay(lines), tuple(found))
