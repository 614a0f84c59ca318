"""Who settles a finding, and by when: the same in every report that names it."""

from __future__ import annotations

import datetime as dt

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION
from ecperf_kit.method.in_force import month_end, month_start
from ecperf_kit.period import shift
from ecperf_kit.rules.in_force import number
from ecperf_kit.stages.calendar import working_day, working_days_before
from ecperf_kit.stages.result import Sentence

_LEADER, _VICE = "organisation.who.leader", "organisation.who.vice_leader"
_OWNER, _HEADS = "organisation.who.owner", "organisation.who.heads"
#: The longest prefix of the code decides.
_WHO = {
    "C": _HEADS, "C104": _VICE, "C109": _VICE, "C110": _VICE, "C113": _VICE,
    "E": _VICE, "E103": _HEADS, "E106": _HEADS,
    "O": _LEADER, "O10": _OWNER, "O12": _VICE, "O13": _OWNER,
    "O152": _VICE, "O153": _VICE, "O16": _HEADS,
    "P": _LEADER, "P1": _VICE, "P2": "pilot.who.finance", "P3": _VICE,
    "R": _HEADS, "R102": _VICE, "R105": _OWNER, "R108": _VICE,
    "S": _VICE, "S12": _OWNER, "S130": _LEADER, "S135": _OWNER, "S136": _OWNER, "S163": _OWNER,
}  # fmt: skip
#: What belongs before the pilot, and how many working days before: a threshold, or the eve.
_BEFORE = {"O": "", "O13": "lead.scheme", "S": "lead.scheme", "E": "lead.exam"}


def owner_of(code: str) -> Sentence:
    """Who settles findings of the code."""
    return Sentence(_WHO[max((p for p in _WHO if code.startswith(p)), key=len)])


def due_of(client: Client, code: str, otherwise: str) -> str:
    """The day by which findings of the code are settled (ISO, "" if nobody knows).

    Organisation and scheme are in order before the pilot begins; if figures are on record for
    months after that day, by pay day of the month that follows the last of them: no day lies
    before what it answers to. ``otherwise``: the report's own day, for what arises in its month.
    """
    first = client.config.dates.pilot_from
    prefixes = [prefix for prefix in _BEFORE if code.startswith(prefix)]
    if not first or not prefixes:
        return otherwise
    lead = _BEFORE[max(prefixes, key=len)]
    ahead = number(client, lead) // MILLION if lead else 1
    day = working_days_before(month_start(first).date(), ahead)
    if not code.startswith("E"):  # an exam is sat again before the next pay
        day = _not_before_the_figures(client, day)
    return day.isoformat()


def _not_before_the_figures(client: Client, day: dt.date) -> dt.date:
    months = client.table("actuals")["period"].dropna()
    if months.empty or month_end(str(months.max())).date() <= day:
        return day
    following = month_start(shift(str(months.max()), 1)).date()
    pay_day = number(client, "deadline.pay") // MILLION
    return working_day(following + dt.timedelta(days=pay_day - 1))
