"""What is wrong with a scheme and its organisation: one small function per rule.

A rule takes a client and yields findings. ``SCHEME`` and ``ORGANISATION`` list
them; code, severity, clause and what a finding blocks stand in the library.
The rules on a running pilot take scores and pay and stand in ``rules.pilot``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from ecperf_kit.client import Client
from ecperf_kit.finding import SEVERITIES, Finding
from ecperf_kit.method.once import once
from ecperf_kit.rules.assessors import ASSESSOR_RULES
from ecperf_kit.rules.budget import BUDGET_RULES
from ecperf_kit.rules.changes import CHANGE_RULES
from ecperf_kit.rules.commission import COMMISSION_RULES
from ecperf_kit.rules.duties import DUTY_RULES
from ecperf_kit.rules.history import HISTORY_RULES
from ecperf_kit.rules.key_result import KEY_RESULT_RULES
from ecperf_kit.rules.merit import MERIT_RULES
from ecperf_kit.rules.organisation import ORGANISATION_RULES
from ecperf_kit.rules.papers import PAPER_RULES
from ecperf_kit.rules.pay import PAY_RULES
from ecperf_kit.rules.pay_fit import PAY_FIT_RULES
from ecperf_kit.rules.payable import PAYABLE_RULES
from ecperf_kit.rules.plan import PLAN_RULES
from ecperf_kit.rules.pool import POOL_RULES
from ecperf_kit.rules.scheme import SCORECARD_RULES
from ecperf_kit.rules.shape import SHAPE_RULES
from ecperf_kit.rules.standard_parts import PART_RULES
from ecperf_kit.rules.standards import STANDARD_RULES
from ecperf_kit.rules.versions import VERSION_RULES

Rule = Callable[[Client], list[Finding]]

SCHEME: tuple[Rule, ...] = (
    *SCORECARD_RULES,
    *PLAN_RULES,
    *STANDARD_RULES,
    *PART_RULES,
    *PAY_RULES,
    *PAYABLE_RULES,
    *COMMISSION_RULES,
    *SHAPE_RULES,
    *CHANGE_RULES,
    *POOL_RULES,
    *HISTORY_RULES,
    *BUDGET_RULES,
    *DUTY_RULES,
    *MERIT_RULES,
    *PAY_FIT_RULES,
    *KEY_RESULT_RULES,
    *VERSION_RULES,
)
ORGANISATION: tuple[Rule, ...] = (*ORGANISATION_RULES, *ASSESSOR_RULES, *PAPER_RULES)


@once
def check_scheme(client: Client) -> tuple[Finding, ...]:
    """All findings about targets, scorecards, standards and pay plans, gravest first."""
    return _found(SCHEME, client)


@once
def check_organisation(client: Client) -> tuple[Finding, ...]:
    """All findings about sponsor, committee, linked elements and pilot, gravest first."""
    return _found(ORGANISATION, client)


_once = cache(once)


def _found(rules: tuple[Rule, ...], client: Client) -> tuple[Finding, ...]:
    # rule by rule: a what-if asks again only those that read what it changes
    found = [finding for rule in rules for finding in _once(rule)(client)]
    codes = client.library.codes
    return tuple(sorted(found, key=lambda f: (SEVERITIES.index(codes[f.code].severity), f.code)))
