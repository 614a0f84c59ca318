"""What other pages of the same client tell of the same people: no two sums may differ by a few.

A total on one page less a total on another is the pay of whoever is in one of them alone:
somebody without old pay is in the payroll and not in the pilot's comparison, somebody who
left is in last month's payroll. Fewer than ``group.min_people`` are kept back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import ints
from ecperf_kit.method.calculate import paid
from ecperf_kit.method.comparison import comparison
from ecperf_kit.method.once import once
from ecperf_kit.period import shift
from ecperf_kit.rules.few import alike, fewest


def differ(one: pd.Series, other: pd.Series) -> int:
    """How many people contribute different amounts to two sums; nobody's is 0."""
    return int((one.sub(other, fill_value=0) != 0).sum())


def may_stand(client: Client, own: Iterable[pd.Series], others: Sequence[pd.Series]) -> bool:
    """Whether sums may be told beside others: each pair differs by nobody or by enough people.

    Each sum as what every person contributes to it (stored yuan, by employee).
    """
    least = fewest(client)
    return not any(0 < differ(one, other) < least for one in own for other in others)


def may_add_up(client: Client, pay: pd.DataFrame, months: Sequence[str]) -> bool:
    """Whether the sum of ``pay`` (employee, month, pay, no gaps) over ``months`` may be told.

    Beside the pilot's sum of these months, the payroll of as many before, and the sums of
    shorter spans: April to June less April to May is June. So each month's sum must be one
    that may be told by itself; no span with another month then gives that one away.
    """
    spans = [list(months), *([month] for month in months if len(months) > 1)]
    return all(_may_tell(client, pay[pay["month"].isin(span)], span) for span in spans)


def _may_tell(client: Client, pay: pd.DataFrame, months: Sequence[str]) -> bool:
    own = by_person(pay, "pay")
    if not len(own):  # adds nothing to any span
        return True
    others = [*sums_of_pilot(client, months), *sums_before(client, months)]
    return (
        len(own) >= fewest(client) and not alike(client, own) and may_stand(client, [own], others)
    )


@once
def sums_of_pilot(client: Client, months: Sequence[str]) -> tuple[pd.Series, ...]:
    """What each person contributes to the pilot page's pay before and after over ``months``.

    Whether they are months of the pilot or not: the page can be made for any.
    """
    if not months:
        return ()
    held = comparison(client, paid(client, months).pay)
    return tuple(by_person(held[held["change"].notna()], name) for name in ("before", "after"))


@once
def sums_before(client: Client, months: Sequence[str]) -> tuple[pd.Series, ...]:
    """The same of the payroll of as many months just before, where anybody had pay then."""
    earlier = sorted(shift(month, -len(months)) for month in months)
    pay = paid(client, earlier).pay
    pay = pay[pay["pay"].notna()]
    return (by_person(pay, "pay"),) if len(pay) else ()


def by_person(rows: pd.DataFrame, name: str) -> pd.Series:
    """What each person contributes to the sum of a column without gaps, by employee."""
    return pd.Series(ints(rows[name]), index=rows["employee"].to_numpy()).groupby(level=0).sum()
