"""Many notebooks at a time on one machine: several processes, each with two or three.

One process can keep about three kernels busy; on a machine with many processors
the clients are split over more of them. They are started like any program, not
by ``multiprocessing``: nothing of the calling script is run again in them.

Lines of JSON go both ways. To the process: the search path, the plan, then a
client and its stages whenever it asks for ``next``, ``null`` when there are no
more. From it: ``next`` and the outcomes. When its input ends, because we were
asked to stop or were killed, it stops its notebooks and leaves nothing half made.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from queue import Empty, Queue
from threading import Thread
from time import monotonic
from typing import Any

from ecperf_kit.runner.outcome import Outcome
from ecperf_kit.runner.plan import Plan
from ecperf_kit.runner.stopping import LOOK, Stop
from ecperf_kit.spoken import said

_START = (
    "import json, sys; lines = open(0, 'rb', buffering=0); "  # no buffer: nothing is locked
    "sys.path[:] = json.loads(lines.readline()); "
    "from ecperf_kit.runner.driver import main; main(lines)"
)
#: Seconds a process that was asked to stop may take to put things in order.
PATIENCE = 60.0
#: Processes that may end unexpectedly before no further one is started.
LOSSES = 3


class _Driver:
    """A process that makes reports, and the clients it was given and has not ended."""

    def __init__(self, plan: Plan, threads: int, news: Queue[tuple[_Driver, Any]]) -> None:
        self.threads = threads
        self.given: dict[str, set[str]] = {}
        apart: dict[str, Any] = {"start_new_session": True}  # Ctrl-C comes to us alone
        if sys.platform == "win32":
            apart = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-c", _START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            **apart,
        )
        self.say(sys.path)
        facts = {name: getattr(plan, name) for name in plan.__slots__}
        self.say({**facts, "root": str(plan.root), "threads": threads})
        Thread(target=self._listen, args=(news,), daemon=True).start()

    def say(self, message: Any) -> None:
        """Write one line; a process that is gone is noticed elsewhere."""
        assert self.process.stdin is not None
        with suppress(OSError, ValueError):
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            self.process.stdin.flush()

    def stop(self) -> None:
        """Ask it to stop at once."""
        assert self.process.stdin is not None
        with suppress(OSError):
            self.process.stdin.close()

    def _listen(self, news: Queue[tuple[_Driver, Any]]) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                news.put((self, json.loads(line)))
        self.process.wait()
        news.put((self, None))


def run_in_processes(
    work: Mapping[str, Sequence[str]],
    plan: Plan,
    threads: Sequence[int],
    stop: Stop,
    tell: Callable[[Outcome], None],
) -> None:
    """Make the reports of ``work`` in one process for each number of notebooks at a time.

    Each process takes the next client when it has room, so that none waits for
    another. The clients of a process that was killed go to a new one, once.
    """
    todo = deque((name, tuple(stages)) for name, stages in work.items())
    news: Queue[tuple[_Driver, Any]] = Queue()
    drivers = {_Driver(plan, number, news) for number in threads}
    tried_again: set[str] = set()
    losses, told_to_stop = 0, 0.0
    try:
        while drivers:
            if stop and not told_to_stop:
                told_to_stop = monotonic()
                for driver in drivers:
                    driver.stop()
            if told_to_stop and monotonic() > told_to_stop + PATIENCE:
                break
            try:
                driver, message = news.get(timeout=LOOK)
            except Empty:
                continue
            if message == "next":
                given = todo.popleft() if todo and not stop else None
                if given:
                    driver.given[given[0]] = set(given[1])
                driver.say(given)
            elif message is not None:
                outcome = Outcome.from_plain(message)
                left = driver.given.get(outcome.client, set())
                left.discard(outcome.stage)
                if not left or not outcome.stage:
                    driver.given.pop(outcome.client, None)
                tell(outcome)
            else:
                drivers.discard(driver)
                if stop or not (driver.process.returncode or driver.given):
                    continue
                losses += 1
                for name, left in driver.given.items():
                    if name in tried_again:
                        for stage in left:
                            tell(_lost(plan, name, stage, driver.process.returncode))
                    else:
                        tried_again.add(name)
                        todo.append((name, tuple(s for s in work[name] if s in left)))
                if todo and losses <= LOSSES:
                    drivers.add(_Driver(plan, driver.threads, news))
                elif todo and not drivers:
                    for name, stages in todo:
                        for stage in stages:
                            tell(_lost(plan, name, stage, driver.process.returncode))
    finally:
        for driver in drivers:  # only after a fault of ``tell``, or one that hangs
            driver.stop()
            try:
                driver.process.wait(timeout=0.0 if told_to_stop else PATIENCE)
            except subprocess.TimeoutExpired:
                driver.process.kill()


def _lost(plan: Plan, name: str, stage: str, code: int | None) -> Outcome:
    text = said(plan.spoken or "en", "report.lost", stage=stage, code=code)
    return Outcome(name, stage, "failed", error=text)
