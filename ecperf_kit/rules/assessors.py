"""Does everybody have a superior who can assess (assessment method 3.7)?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.finding import Finding
from ecperf_kit.library.sheets import ENTERPRISE_HEAD
from ecperf_kit.method.in_force import month_end, month_start
from ecperf_kit.method.once import once
from ecperf_kit.period import months_between
from ecperf_kit.rules.in_force import main_posts, people, start_month


@once
def superiors(client: Client, month: str) -> dict[str, str]:
    """Everybody at work in a month and the direct superior, "" where none is given."""
    team = people(client, month).drop_duplicates("employee")
    return dict(zip(team["employee"], team["superior"].fillna(""), strict=True))


@once
def heads(client: Client, month: str) -> frozenset[str]:
    """Who needs no superior: whose post reports to the head of the enterprise, who decides
    (the sponsor), and whoever has most people below, directly or through others."""
    above = superiors(client, month)
    tops = {name for name, superior in above.items() if not superior}
    below = Counter(_top(name, above) for name in above if above[name])
    most = max((below[name] for name in tops), default=0)
    posts = client.library.posts["reports_to"]
    held = main_posts(people(client, month))
    staff = client.table("employees")
    decides = set(staff.loc[staff["name"] == client.config.sponsor.name, "employee"])
    return frozenset(
        name
        for name in tops
        if name in decides
        or (most and below[name] == most)
        or posts.get(held.get(name)) == ENTERPRISE_HEAD
    )


def _top(name: str, above: dict[str, str]) -> str:
    """Who stands at the end of somebody's line of superiors; "" where it is a circle."""
    seen = {name}
    while above.get(name):
        name = above[name]
        if name in seen:
            return ""
        seen.add(name)
    return name


def without_assessor(
    client: Client, months: Sequence[str], within: Collection[str] | None = None
) -> tuple[Finding, ...]:
    """Who has no superior in these months (O152), and whose superior is no longer, or not
    yet, employed (O153); only people ``within``, if given.

    The head of the firm rightly has none. A superior who is not on the staff list at all is
    a fault of the files, told there.
    """
    staff = client.table("employees").drop_duplicates("employee")
    days = {
        name: (hired, left)
        for name, hired, left in zip(
            *(staff[n] for n in ("employee", "hired", "left")), strict=True
        )
    }
    none: dict[str, list[str]] = {}
    gone: dict[str, dict[str, list[str]]] = {}
    for month in months:
        top = heads(client, month)
        for name, superior in superiors(client, month).items():
            if within is not None and name not in within:
                continue
            if not superior and name not in top:
                none.setdefault(name, []).append(month)
            elif superior in days and not _employed(*days[superior], month):
                gone.setdefault(superior, {}).setdefault(name, []).append(month)
    found = []
    if none:
        values = {"people": tuple(sorted(none)), "count": len(none), "months": _all(none)}
        found.append(Finding("O152", f"client:{client.name}", values))
    for superior, reports in sorted(gone.items()):
        values = {"people": tuple(sorted(reports)), "count": len(reports), "months": _all(reports)}
        values |= {"superior": superior}
        found.append(Finding("O153", f"client:{client.name}", values))
    return tuple(found)


def _all(months: dict[str, list[str]]) -> tuple[str, ...]:
    return tuple(sorted({month for own in months.values() for month in own}))


def _employed(hired: pd.Timestamp, left: pd.Timestamp, month: str) -> bool:
    """Whether somebody is there in a month; who is hired on a day not known is."""
    begun = pd.isna(hired) or hired <= month_end(month)
    return bool(begun and (pd.isna(left) or left >= month_start(month)))


def nobody_assesses(client: Client) -> list[Finding]:
    """Who will have nobody to assess them, as the assessment begins and in the pilot's months."""
    dates = client.config.dates
    months = {start_month(client)}
    if dates.pilot_from and dates.pilot_to:
        months.update(months_between(dates.pilot_from, dates.pilot_to))
    return list(without_assessor(client, tuple(sorted(months))))


ASSESSOR_RULES = (nobody_assesses,)
