"""One module per stage: what it concludes, as sentences, verdicts and named tables.

Each stage is a function from a client to a ``StageResult``; they are imported
when they are first used.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ecperf_kit.period import Period
from ecperf_kit.stages.result import STAGES
from ecperf_kit.view import plain_texts

if TYPE_CHECKING:
    from ecperf_kit.client import Client
    from ecperf_kit.stages.design import design
    from ecperf_kit.stages.exam import exam
    from ecperf_kit.stages.organisation import organisation
    from ecperf_kit.stages.pilot import pilot
    from ecperf_kit.stages.result import StageResult
    from ecperf_kit.stages.review import review
    from ecperf_kit.stages.rollout import rollout

__all__ = [
    "STAGES",
    "conclude",
    "default_period",
    "design",
    "exam",
    "organisation",
    "pilot",
    "review",
    "rollout",
]
_OF_THE_PLAN = ("organisation", "design", "exam")


class _Stage:
    """A stage's function, imported when it is first called."""

    def __init__(self, name: str) -> None:
        self.__name__ = name

    def __call__(self, client: Client) -> StageResult:
        return conclude(self.__name__, client)


def conclude(stage: str, client: Client) -> StageResult:
    """What a stage concludes for a client, of which it sees the tables it declares."""
    return stage_function(stage)(client)


@cache
def stage_function(stage: str) -> Callable[[Client], StageResult]:
    """A stage's function as everybody calls it: on the tables ``reads.csv`` declares for it."""
    if stage not in STAGES:
        raise KeyError(f"no stage {stage!r}: the stages are {', '.join(STAGES)}")
    function: Callable[[Client], StageResult]
    function = getattr(import_module(f"{__name__}.{stage}"), stage)

    @wraps(function)
    def seen(client: Client) -> StageResult:
        with plain_and_uncollected():
            return function(client.seen_by(stage))

    return seen


@contextmanager
def plain_and_uncollected() -> Iterator[None]:
    """Plain texts and no search for garbage inside: thousands of sentences and rows are made
    and kept, and looking through them again and again for circles takes a tenth of a stage's
    time."""
    was = gc.isenabled()
    gc.disable()
    try:
        with plain_texts():
            yield
    finally:
        if was:
            gc.enable()


def default_period(stage: str, client: Client) -> Period:
    """The period a stage speaks of: the client's own, or what its dates give.

    Organisation, design and exam take the plan year, the pilot its months, rollout
    and review the last month with actuals (else the last month of the plan year),
    but none before the scheme is in force: the history is not scored.
    """
    if client.period is not None:
        return client.period
    dates = client.config.dates
    year = Period.parse(str(dates.plan_year))
    if stage in _OF_THE_PLAN:
        return year
    if stage == "pilot":
        if dates.pilot_from and dates.pilot_to:
            return Period.parse(f"{dates.pilot_from}..{dates.pilot_to}")
        return year
    months = client.table("actuals")["period"].dropna()
    last = str(months.max()) if len(months) else year.last
    begun = dates.scheme_from.isoformat()[:7] if dates.scheme_from else dates.pilot_from
    return Period.parse(max(last, begun))


def __getattr__(name: str) -> Any:
    if name in STAGES:
        return _Stage(name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
