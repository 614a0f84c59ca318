"""Many reports: two notebooks at a time, and one client's failure stops no other."""

from __future__ import annotations

import sys
import tomllib
import traceback
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Literal

from ecperf_kit import practice
from ecperf_kit.runner.errors import is_told

State = Literal["made", "unchanged", "failed"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one report. ``stage`` is "" where the client could not be opened."""

    client: str
    stage: str
    state: State
    period: str = ""
    folder: Path | None = None
    seconds: float = 0.0
    error: str = ""
    trace: str = ""  # of a bug; a failed notebook carries its own
    failed_notebook: Path | None = None


def run(
    clients: Sequence[str],
    stages: Sequence[str] = (),
    period: str = "",
    language: str = "",
    force: bool = False,
    jobs: int = 2,
    root: Path | None = None,
    tell: Callable[[Outcome], None] = lambda outcome: None,
) -> list[Outcome]:
    """Make the reports of ``stages`` (all six if none is named) for each client.

    One outcome per report, in the order of clients and stages. ``period`` ""
    takes each stage's default, ``language`` "" the client's own. ``tell`` hears
    each outcome as it comes, always in the calling thread.
    """
    root = practice.find_root() if root is None else root
    pending: dict[Future[Outcome], int] = {}
    outcomes: dict[int, Outcome] = {}

    def collect(most: int) -> None:
        while len(pending) > most:
            for future in wait(pending, return_when=FIRST_COMPLETED).done:
                outcomes[pending.pop(future)] = outcome = future.result()
                tell(outcome)

    pool = ThreadPoolExecutor(max_workers=max(1, jobs), thread_name_prefix="report")
    try:
        for number, item in enumerate(_jobs(clients, stages, period, language, root)):
            if isinstance(item, Outcome):
                outcomes[number] = item
                tell(item)
                continue
            pending[pool.submit(_one_report, item, force)] = number
            collect(most=2 * jobs)  # so that few opened clients are held at a time
        collect(most=0)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return [outcomes[number] for number in sorted(outcomes)]


def _jobs(
    clients: Iterable[str], stages: Sequence[str], period: str, language: str, root: Path
) -> Iterable[object]:
    """The jobs client by client, each client opened once; a failed Outcome where it cannot be."""
    from ecperf_kit.client import open_client
    from ecperf_kit.runner.execute import Job
    from ecperf_kit.stages import default_period
    from ecperf_kit.stages.result import STAGES

    wanted = [stage for stage in STAGES if not stages or stage in stages]
    for name in dict.fromkeys(clients):
        try:
            client = open_client(name, period, language or own_language(name, root), root)
        except Exception as error:
            yield failed(error, name)
            continue
        for stage in wanted:
            try:
                yield Job(root, client, stage, default_period(stage, client), client.language)
            except Exception as error:
                yield failed(error, name, stage)


def own_language(name: str, root: Path) -> str:
    """The language in a client's ``client.toml``; ``zh`` where none can be read."""
    try:
        text = (practice.client_folder(name, root) / "client.toml").read_text(encoding="utf-8-sig")
        language = tomllib.loads(text).get("language")
    except (OSError, ValueError):  # open_client says what is wrong with the file
        return "zh"
    return language if language in ("zh", "en") else "zh"


def _one_report(job: object, force: bool) -> Outcome:
    from ecperf_kit.runner.execute import Job, make_report

    assert isinstance(job, Job)
    started = monotonic()
    try:
        made = make_report(job, force)
    except Exception as error:  # whatever it is, the other reports go on; it is told, not hidden
        kept = job.failed_notebook if job.failed_notebook.exists() else None
        return failed(error, job.client.name, job.stage, job.period.text, kept)
    state: State = "made" if made else "unchanged"
    name, period = job.client.name, job.period.text
    return Outcome(name, job.stage, state, period, job.folder, monotonic() - started)


def failed(
    error: Exception, client: str, stage: str = "", period: str = "", kept: Path | None = None
) -> Outcome:
    """The outcome of a failure: one sentence, and for a bug its traceback."""
    if is_told(error):
        return Outcome(client, stage, "failed", period, error=str(error), failed_notebook=kept)
    trace = "".join(traceback.format_exception(error))
    text = f"{type(error).__name__}: {error}"
    return Outcome(client, stage, "failed", period, error=text, trace=trace, failed_notebook=kept)


class Progress:
    """A progress bar on a terminal, one plain line per report elsewhere; both to stderr."""

    def __init__(self, total: int) -> None:
        self._total, self._done, self._bar = total, 0, None
        if sys.stderr.isatty():
            from tqdm import tqdm

            self._bar = tqdm(total=total, unit="report", leave=False, dynamic_ncols=True)

    def __call__(self, outcome: Outcome) -> None:
        """Count one outcome and say what became of it."""
        self._done += 1
        what = " ".join(part for part in (outcome.client, outcome.stage, outcome.period) if part)
        line = f"{what}: {outcome.state}"
        if outcome.state == "made":
            line += f" in {outcome.seconds:.1f} s"
        if self._bar is None:
            print(f"[{self._done}/{self._total}] {line}", file=sys.stderr, flush=True)
        else:
            self._bar.set_postfix_str(line)
            self._bar.update()

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()
