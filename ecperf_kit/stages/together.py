"""What several stages of one client need, worked out once for all of them.

Each notebook runs in a process of its own; without this each would check the same scheme
and score the same months again. What is handed on are values of the method and the rules
only, with the tables they rest on: no sentence, table or figure of a report.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from typing import Any

from ecperf_kit import view
from ecperf_kit.client import Client
from ecperf_kit.method.calculate import paid
from ecperf_kit.method.once import packed
from ecperf_kit.period import Period
from ecperf_kit.rules import check_organisation, check_scheme
from ecperf_kit.snapshot import Shared
from ecperf_kit.stages import plain_and_uncollected

#: The stages that judge the scheme by all rules, of the same period unless asked otherwise.
_CHECKING = ("organisation", "design")
#: The stages that score and pay months.
_PAYING = ("design", "pilot", "rollout", "review")


def work_out(client: Client, periods: Mapping[str, Period]) -> Shared:
    """What two or more of these stages need; ``periods`` are theirs, by stage.

    Nothing for a single stage, which works out what it needs itself.
    """
    checking = [periods[stage] for stage in _CHECKING if stage in periods]
    paying = [stage for stage in _PAYING if stage in periods]
    both = len(checking) == len(_CHECKING) and len({period.text for period in checking}) == 1
    if not both and len(paying) < 2:
        return Shared()
    seen = _Watched.of(client, checking[0] if both else None)
    span = _span(client, periods)
    seen.__dict__["_span_of_stages"] = span
    with plain_and_uncollected():
        if len(paying) > 1:
            paid(seen.seen_by(paying[-1]), span)
        if both:
            check_organisation(seen.seen_by(_CHECKING[0]))
            for stage in _CHECKING:
                check_scheme(seen.seen_by(stage))
    kept = seen.__dict__["_kept_by_stages"]
    free = packed(kept, without=(view.PERIOD,))
    bound = packed({key: found for key, found in kept.items() if key not in free})
    frames = seen.__dict__["_plain"]
    plain = {name: pickle.dumps(frames[name], protocol=pickle.HIGHEST_PROTOCOL) for name in frames}
    return Shared(span, free, checking[0].text if both else "", bound, plain)


def _span(client: Client, periods: Mapping[str, Period]) -> tuple[str, ...]:
    """The months of any of the periods up to the last one somebody asks the pay of, and for
    the design, whose sliders score the whole history, every month with actuals."""
    known = set(client.table("actuals")["period"].dropna().astype("str"))
    asked = {periods[stage].last for stage in _PAYING[1:] if stage in periods}
    last = max(asked | known, default="")
    months = {month for period in periods.values() for month in period.months if month <= last}
    return tuple(sorted(months | known if "design" in periods else months))


class _Watched(Client):
    """A client that notes what rests on its period, as it notes tables."""

    @classmethod
    def of(cls, client: Client, period: Period | None) -> _Watched:
        """The client with this period; nothing it had worked out comes with it."""
        held = client.__getstate__()
        watched = object.__new__(cls)
        watched.__dict__.update(held | {"library": client.library, "tables": client.tables})
        watched.__dict__["period"] = period
        return watched

    def __getattribute__(self, name: str) -> Any:
        if name == "period":
            view.asked((view.PERIOD,))
        return super().__getattribute__(name)
