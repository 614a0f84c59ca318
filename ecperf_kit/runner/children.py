"""Processes forked from the kernel server: the kernels themselves and the picture converter."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from ecperf_kit.runner.errors import NotStarted

START_SECONDS = 60.0


class Child:
    """A process forked from the server, started in a thread of its own; looks like a Popen."""

    stdin = stdout = stderr = None

    def __init__(self, ensure_server: Callable[[], None], target: Any, *words: Any) -> None:
        self._ensure_server, self._target, self._words = ensure_server, target, words
        self._process: Any = None
        self._error: BaseException | None = None
        self._ended, self._killed = threading.Event(), False
        self._thread = threading.Thread(target=self._start, name="kernel start", daemon=True)
        self._thread.start()

    def _start(self) -> None:
        try:
            self._ensure_server()
            context = multiprocessing.get_context("forkserver")
            process = context.Process(target=self._target, args=self._words)
            process.start()
            self._process = process
            if self._ended.is_set():  # ended while it was being started
                self.kill()
        except BaseException as error:  # told in the thread that waits for the process
            self._error = error

    def started(self) -> None:
        """Wait until there is a process. Raises NotStarted."""
        self._thread.join(START_SECONDS)
        if self._error is not None:
            raise NotStarted("report.fault", fault=self._error) from self._error
        if self._process is None:
            raise NotStarted("report.no_child", seconds=f"{START_SECONDS:.0f}")

    @property
    def pid(self) -> int:
        """The number of the process, which is that of its group too."""
        return int(self._process.pid)

    def lost(self) -> bool:
        """Whether it could not be started or has ended."""
        return self._error is not None or (self._process is not None and self.poll() is not None)

    def poll(self) -> int | None:
        """The exit code; None while it runs."""
        code: int | None = self._process.exitcode
        return code

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for the end of the process and yield its exit code."""
        self._process.join(timeout)
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Send a signal to the process."""
        os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the process and all it started, whatever state it is in."""
        self._ended.set()
        if self._process is None or self._killed:
            return
        self._killed = True  # its number may be another's later
        with suppress(OSError):
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except ProcessLookupError:  # it has not left our group yet
                if self.poll() is None:
                    os.kill(self.pid, signal.SIGKILL)


def sent_within(seconds: float, send: Callable[[], None]) -> None:
    """Send what may be more than a pipe holds; whoever does not take it is not waited for.

    Raises NotStarted after ``seconds``, and whatever ``send`` raises. The thread left behind
    ends when the pipe is closed or the process killed.
    """
    failed: list[BaseException] = []

    def work() -> None:
        try:
            send()
        except BaseException as error:
            failed.append(error)

    sending = threading.Thread(target=work, name="send", daemon=True)
    sending.start()
    sending.join(seconds)
    if failed:
        raise failed[0]
    if sending.is_alive():
        raise NotStarted("report.silent", seconds=f"{seconds:.0f}")


class Kernel(Child):
    """A kernel process, which listens by itself and waits to be given a notebook."""

    def __init__(self, ensure_server: Callable[[], None]) -> None:
        from ecperf_kit.runner.kernel_process import serve

        self._pipe, self._theirs = multiprocessing.get_context("forkserver").Pipe()
        words = (self._theirs, os.getpid(), dict(os.environ), os.getcwd())
        super().__init__(ensure_server, serve, *words)

    def _start(self) -> None:
        super()._start()
        self._theirs.close()  # so that we hear when the process has ended

    def begin(self, order: Any) -> Any:
        """Wait until the kernel listens and give it its notebook's surroundings.

        Yields the ``Ready`` with the connection. Raises NotStarted.
        """
        self.started()
        try:
            if not self._pipe.poll(START_SECONDS):
                raise NotStarted("report.silent", seconds=f"{START_SECONDS:.0f}")
            ready = self._pipe.recv()
            if ready.error:
                raise NotStarted("report.fault", fault=ready.error)
            sent_within(START_SECONDS, lambda: self._pipe.send(order))
        except (EOFError, OSError) as error:
            raise NotStarted("report.not_listening") from error
        return ready

    def kill(self) -> None:
        """End the process and all it started; close the pipe to it."""
        super().kill()
        with suppress(OSError):
            self._pipe.close()
