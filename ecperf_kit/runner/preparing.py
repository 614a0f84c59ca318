"""What several notebooks of one client need, worked out once by a process of its own.

Forked from the kernel server like a kernel, for one client, and gone when it has answered.
Where it fails or takes too long, each notebook works out for itself what it needs: the
report is the same, only later.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from ecperf_kit.period import Period
from ecperf_kit.runner.children import START_SECONDS, Child, sent_within
from ecperf_kit.runner.errors import NotStarted


@dataclass(frozen=True, slots=True)
class Question:
    """The client, packed, and the stages that are to be reported on, with their periods."""

    name: str
    root: Path
    language: str
    snapshot: bytes = field(repr=False)
    periods: Mapping[str, Period]
    memory: int = 0  # MB it may take beyond what it starts with; 0: no limit


class Preparer(Child):
    """The process: is asked once, answers once."""

    def __init__(self, ensure_server: Callable[[], None]) -> None:
        self._pipe, self._theirs = multiprocessing.get_context("forkserver").Pipe()
        super().__init__(ensure_server, serve, self._theirs, os.getpid())

    def _start(self) -> None:
        super()._start()
        self._theirs.close()  # so that we hear when the process has ended

    def answer(self, question: Question, seconds: float) -> bytes:
        """A packed ``snapshot.Shared``; nothing where there is none."""
        try:
            self.started()
            sent_within(START_SECONDS, lambda: self._ask(question))
            return self._pipe.recv_bytes() if self._pipe.poll(seconds) else b""
        except (NotStarted, EOFError, OSError):
            return b""

    def _ask(self, question: Question) -> None:
        self._pipe.send(question)

    def kill(self) -> None:
        """End the process; close the pipe to it."""
        super().kill()
        with suppress(OSError):
            self._pipe.close()


def serve(pipe: Connection, driver: int) -> None:
    """The whole life of the process: hear the question, work it out, answer."""
    from ecperf_kit.client import open_client
    from ecperf_kit.runner.kernel_process import end_with_driver
    from ecperf_kit.runner.memory import collect_rarely, limit_here
    from ecperf_kit.snapshot import hold
    from ecperf_kit.stages.together import work_out

    end_with_driver(driver)
    collect_rarely()
    try:
        question: Question = pipe.recv()
    except (EOFError, OSError):
        return
    limit_here(question.memory)
    with suppress(Exception):  # each notebook comes upon it again, and says what and where
        hold(question.snapshot)
        client = open_client(question.name, "", question.language, question.root)
        shared = work_out(client, question.periods)
        pipe.send_bytes(pickle.dumps(shared, protocol=pickle.HIGHEST_PROTOCOL))
    pipe.close()
