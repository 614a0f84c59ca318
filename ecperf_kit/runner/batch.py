"""Many reports: what is up to date is left alone, the rest is made several at a time.

From a script, with any executor of the interface ``concurrent.futures``::

    from concurrent.futures import ProcessPoolExecutor
    from ecperf_kit.runner.batch import run

    if __name__ == "__main__":
        with ProcessPoolExecutor(4) as executor:
            outcomes = run(["first", "second"], executor=executor, jobs=2)

Without ``executor`` this process and further ones it starts make the reports;
then the script needs no ``if __name__ == "__main__"``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ecperf_kit import practice
from ecperf_kit.runner.outcome import Outcome, State, failed
from ecperf_kit.runner.plan import Plan, own_language, with_memory
from ecperf_kit.runner.stopping import Stop, Stopped, listening

if TYPE_CHECKING:
    from ecperf_kit.runner.kernel import Engine

__all__ = ["Outcome", "State", "Stopped", "default_jobs", "failed", "own_language", "run"]

#: Notebooks at a time by one process. Its own share (opening the client, messages, pages)
#: is about a third of the work, so that a fourth would mostly wait for it.
PER_PROCESS = 3


def default_jobs() -> int:
    """Notebooks at a time where nothing is said: one per processor, two at least."""
    if hasattr(os, "sched_getaffinity"):  # what this process may use of the machine
        return max(2, len(os.sched_getaffinity(0)))
    return max(2, os.cpu_count() or 2)


def run(
    clients: Sequence[str],
    stages: Sequence[str] = (),
    period: str = "",
    language: str = "",
    force: bool = False,
    jobs: int = 0,
    root: Path | None = None,
    tell: Callable[[Outcome], None] = lambda outcome: None,
    engine: Engine | Literal[""] = "",
    executor: Executor | None = None,
    memory: int = 0,
) -> list[Outcome]:
    """Make the reports of ``stages`` (all six if none is named) for each client.

    One outcome per report, in the order of clients and stages; one client's
    failure stops no other. ``period`` "" takes each stage's default, ``language``
    "" the client's own, ``engine`` "" the fastest kernel there is, ``jobs`` 0
    a notebook per processor, ``memory`` (MB a notebook may take) 0 its share of four
    fifths of the machine's. ``tell`` hears each outcome as it comes, in the
    calling thread; what is up to date comes first and opens no client.

    With ``executor`` each client is one task of it, making ``jobs`` notebooks at
    a time (0: two); the practice must lie where its workers find it under the
    same path. Raises WorkerError if they do not, or run other versions.

    Raises Stopped, a KeyboardInterrupt, after a first Ctrl-C or SIGTERM: what
    was made is whole, no kernel is left; the next run goes on from there.
    """
    root = (practice.find_root() if root is None else Path(root)).resolve()
    only = clients[0] if len(clients) == 1 else ""
    spoken = language or practice.spoken_language(root, only)
    plan = Plan(root, period, language, force, engine, memory, spoken)
    wanted = _in_order(stages)
    outcomes: list[Outcome] = []
    stop = Stop()

    def hear(outcome: Outcome) -> None:
        outcomes.append(outcome)
        tell(outcome)

    with listening(stop):
        names = list(dict.fromkeys(clients))
        work = _what_is_to_do(names, wanted, plan, stop, hear)
        if work and not stop:
            if executor is not None:
                from ecperf_kit.runner.tasks import run_as_tasks

                run_as_tasks(work, plan, jobs or 2, executor, stop, hear)
            else:
                _run_on_this_machine(work, plan, jobs or default_jobs(), stop, hear)
    places = {name: place for place, name in enumerate(names)}
    order = {"": -1} | {stage: place for place, stage in enumerate(wanted)}
    outcomes.sort(key=lambda outcome: (places[outcome.client], order[outcome.stage]))
    if stop:
        raise Stopped(outcomes, stop.signal)
    return outcomes


def _in_order(stages: Sequence[str]) -> tuple[str, ...]:
    from ecperf_kit.view import STAGES  # loads no pandas: the server's start comes first

    return tuple(stage for stage in STAGES if not stages or stage in stages)


def _what_is_to_do(
    names: Sequence[str],
    stages: tuple[str, ...],
    plan: Plan,
    stop: Stop,
    tell: Callable[[Outcome], None],
) -> dict[str, tuple[str, ...]]:
    """Client -> stages whose report is not up to date; of the others ``tell`` hears."""
    if plan.force:
        return dict.fromkeys(names, stages)
    from ecperf_kit.runner.fresh import Hashed, is_fresh, period_of

    hashed: Hashed = {}
    work: dict[str, tuple[str, ...]] = {}
    for name in names:
        if stop:
            break
        language = plan.language or own_language(name, plan.root)
        due = []
        for stage in stages:
            folder = is_fresh(plan.root, name, stage, plan.period, language, hashed=hashed)
            if folder is None:
                due.append(stage)
            else:
                tell(Outcome(name, stage, "unchanged", period_of(folder), folder))
        if due:
            work[name] = tuple(due)
    return work


def _run_on_this_machine(
    work: dict[str, tuple[str, ...]],
    plan: Plan,
    jobs: int,
    stop: Stop,
    tell: Callable[[Outcome], None],
) -> None:
    """In this process, or in several of the kind where one could not keep its kernels busy."""
    jobs = min(jobs, sum(map(len, work.values())))
    plan = with_memory(plan, jobs)
    processes = min(-(-jobs // PER_PROCESS), len(work))
    if processes == 1:
        from ecperf_kit.runner.here import run_here

        run_here(work.items(), plan, jobs, stop, tell)
    else:
        from ecperf_kit.runner.drivers import run_in_processes

        threads = [jobs // processes + (n < jobs % processes) for n in range(processes)]
        run_in_processes(work, plan, threads, stop, tell)
