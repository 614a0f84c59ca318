"""What is wrong with a scheme whose pay is made: the errors that make figures of it unusable.

A report of pay computes with the scheme as it is; weights that do not add up or a cap above the
weight give figures all the same. What forbids to pay them is told beside them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.finding import Finding
from ecperf_kit.method.in_force import month_start
from ecperf_kit.method.once import once
from ecperf_kit.period import Period
from ecperf_kit.rules.pay import coefficient_tables, minimum_wage
from ecperf_kit.rules.scheme import weights_not_100
from ecperf_kit.rules.shape import caps_above_weight

#: Rules on scorecards, coefficient tables and plans by which a figure comes about and is wrong.
#: What leaves no figure (no scorecard, a plan without an amount) or no consent, the run of the
#: month says itself.
_RULES: tuple[Callable[[Client], list[Finding]], ...] = (
    weights_not_100,
    caps_above_weight,
    coefficient_tables,
    minimum_wage,
)
_BLOCKED = "subject"
_DATED = ("scorecards", "coefficient_tables", "pay_plans")


@once
def scheme_of_pay(client: Client, months: Sequence[str]) -> tuple[Finding, ...]:
    """What must be put right before the pay of ``months`` is handed over (assessment method 3.4).

    The findings that block their subject, about scorecards, coefficient tables and plans in
    force in any of the months; what holds in several months stands once, as of the last.
    """
    codes = client.library.codes
    found: dict[tuple[object, ...], Finding] = {}
    for month in _with_versions(client, months):
        held = replace(client, period=Period.parse(month))
        for rule in _RULES:
            for finding in rule(held):
                if codes[finding.code].blocks == _BLOCKED:
                    found.setdefault((finding.code, finding.subject, finding.source), finding)
    return tuple(found.values())


def _with_versions(client: Client, months: Sequence[str]) -> list[str]:
    """The last month of each set of versions in force, the newest first."""
    dates = pd.concat([client.table(name)["effective_from"] for name in _DATED]).dropna()
    begun = sorted(set(dates))
    last = {bisect_right(begun, month_start(month)): month for month in sorted(months)}
    return sorted(last.values(), reverse=True)
