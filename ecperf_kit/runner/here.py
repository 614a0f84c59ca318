"""Reports made in this process: two or three notebooks at a time, each in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from time import monotonic
from typing import TYPE_CHECKING

from ecperf_kit.runner.outcome import Outcome, failed
from ecperf_kit.runner.plan import Plan, engine_here, jobs_of
from ecperf_kit.runner.stopping import LOOK, Stop

if TYPE_CHECKING:
    from ecperf_kit.runner.execute import Job

Tell = Callable[[Outcome], None]


def run_here(
    work: Iterable[tuple[str, Sequence[str]]],
    plan: Plan,
    jobs: int,
    stop: Stop,
    tell: Tell,
    ahead: bool = True,
) -> None:
    """Make the reports of each (client, stages), ``jobs`` at a time; ``tell`` hears each outcome.

    A client is taken from ``work`` when a thread would soon have nothing to do (not
    ``ahead``: when it has nothing, because others take from the same work), opened
    once and let go when its last report is made, so that two or three opened
    clients are held however many there are. When ``stop`` is set the
    notebooks at work are ended, their reports left as they were, and nothing is
    told of them.
    """
    from ecperf_kit.runner import server
    from ecperf_kit.runner.execute import begin, go_on, stop_all

    pending: set[Future[Outcome | None]] = set()
    announced = 0
    go_on()
    forked = engine_here(plan.engine) == "forked"
    if forked:
        server.start_server()  # it loads while the first client is opened

    def collect(most: int) -> None:
        while len(pending) > most and not stop:
            hear(wait(pending, timeout=LOOK, return_when=FIRST_COMPLETED).done)

    def hear(done: Iterable[Future[Outcome | None]]) -> None:
        for future in list(done):
            pending.discard(future)
            if (outcome := future.result()) is not None:
                tell(outcome)

    pool = ThreadPoolExecutor(max_workers=jobs, thread_name_prefix="report")
    try:
        for name, stages in work:
            items = list(jobs_of(plan, name, stages))
            stale: set[int] = set()
            if forked and not stop:
                jobs_here = [item for item in items if not isinstance(item, Outcome)]
                stale = {id(job) for job in begin(jobs_here, plan.force)}
                del jobs_here
            for item in items:
                if stop:
                    break
                if isinstance(item, Outcome):
                    tell(item)
                else:
                    pending.add(pool.submit(_one_report, item, plan, stop, id(item) in stale))
                    if forked:  # its kernel starts while another's notebook runs
                        server.expect(1, at_a_time=jobs)
                        announced += 1
                del item  # else this frame holds the client until the next is opened
            del items
            collect(most=2 * jobs if ahead else jobs - 1)
            if stop:
                break
        collect(most=0)
    except BaseException:
        stop.ask()  # a fault of ``work`` or ``tell``: nothing is left running behind it
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        pending.difference_update([future for future in pending if future.cancelled()])
        while pending:
            if stop:
                stop_all()
            hear(wait(pending, timeout=LOOK, return_when=FIRST_COMPLETED).done)
        pool.shutdown(wait=True)
        if announced:
            server.expect(-announced)  # kernels of reports that proved to be up to date


def _one_report(job: Job, plan: Plan, stop: Stop, stale: bool = False) -> Outcome | None:
    """The outcome of one job; None if the run was stopped before it came to its end.

    A report known to be ``stale`` is not asked again whether it is up to date.
    """
    from ecperf_kit.runner.execute import make_report

    if stop:
        return None
    started = monotonic()
    try:
        made = make_report(job, plan.force or stale)
    except Exception as error:  # whatever it is, the other reports go on; it is told, not hidden
        if stop:
            return None
        kept = job.failed_notebook if job.failed_notebook.exists() else None
        about = (job.client.name, job.stage, job.period.text, kept)
        return failed(error, *about, language=plan.spoken)
    return Outcome(
        job.client.name,
        job.stage,
        "made" if made else "unchanged",
        job.period.text,
        job.folder,
        monotonic() - started,
    )
