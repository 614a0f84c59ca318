"""Clients as tasks of an executor: one task is one client, made on any machine that can see it.

Nothing here knows which executor it is. What is sent is small (names, no data):
the client's files are read, and the reports written, where the worker runs, in
the practice at the same path.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait

from ecperf_kit import practice
from ecperf_kit.runner.errors import RunError
from ecperf_kit.runner.here import run_here
from ecperf_kit.runner.outcome import Outcome
from ecperf_kit.runner.plan import Plan, with_memory
from ecperf_kit.runner.stopping import LOOK, Stop, Stopped, listening
from ecperf_kit.spoken import Saying, said


class WorkerError(RunError):
    """A worker cannot make the reports: it does not see the practice, or runs other versions."""


def run_as_tasks(
    work: Mapping[str, Sequence[str]],
    plan: Plan,
    jobs: int,
    executor: Executor,
    stop: Stop,
    tell: Callable[[Outcome], None],
) -> None:
    """Hand each client of ``work`` to ``executor`` and hear its outcomes when its task ends.

    Raises WorkerError, after which no further task is begun. What a worker has
    begun when ``stop`` is set it ends by itself; its reports come out whole.
    """
    made_with = versions_here()
    pending: dict[Future[list[Outcome]], str] = {}
    try:
        for name, stages in work.items():
            future = executor.submit(make_client, name, tuple(stages), plan, jobs, made_with)
            pending[future] = name
        while pending and not stop:
            for future in wait(pending, timeout=LOOK, return_when=FIRST_COMPLETED).done:
                name = pending.pop(future)
                for outcome in _outcomes(future, name, plan.spoken):
                    tell(outcome)
    finally:
        for future in pending:
            future.cancel()


def _outcomes(future: Future[list[Outcome]], name: str, language: str) -> list[Outcome]:
    try:
        return future.result()
    except WorkerError:
        raise
    except Stopped as stopped:  # Ctrl-C reached the worker too: the next run goes on
        return stopped.outcomes
    except BaseException as error:  # of the executor: every client's own failures are outcomes
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        told = str(error).strip().splitlines()
        fault = f"{type(error).__name__}: {(told or [''])[0]}"
        text = said(language or "en", "report.worker_lost", fault=fault)
        return [Outcome(name, "", "failed", error=text)]


def make_client(
    name: str,
    stages: tuple[str, ...],
    plan: Plan,
    jobs: int,
    made_with: Mapping[str, str],
) -> list[Outcome]:
    """The task: the reports of one client, made where this runs.

    It may be begun again after a worker was lost: what was made by then is
    found up to date, what was half made is cleared away.
    """
    worker = platform.node() or Saying("report.a_worker")
    here = versions_here()
    for package, version in made_with.items():
        if here.get(package) != version:
            there = here.get(package) or Saying("report.worker_not_at_all")
            told = {"worker": worker, "package": package, "there": there, "here": version}
            raise WorkerError("report.worker_version", **told)
    if not practice.client_folder(name, plan.root).is_dir():
        about = {"worker": worker, "client": name, "folder": str(plan.root)}
        raise WorkerError("report.worker_no_client", **about)
    outcomes: list[Outcome] = []
    stop = Stop()
    with listening(stop):
        run_here([(name, stages)], with_memory(plan, jobs), jobs, stop, outcomes.append)
    if stop:
        raise Stopped(outcomes, stop.signal)
    return outcomes


def versions_here() -> dict[str, str]:
    """The versions a report's figures and looks depend on, and the package's own files' hash."""
    from ecperf_kit.runner.record import package_hash, versions

    return {**versions(), "ecperf_kit (its files)": package_hash()[:12]}
