"""Being asked to stop: Ctrl-C, a closed terminal, the end of a service.

The first signal only leaves a mark, which the run sees within a second: it ends
the notebooks at work, waits until nothing half made is left, and raises
``Stopped``. Further signals change nothing, so that impatience harms nothing.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from ecperf_kit.runner.outcome import Outcome

#: The signals that ask a run to stop; those the system has.
ASKING = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
#: Seconds between two looks at the mark while there is nothing else to do.
LOOK = 0.25


class Stop:
    """The mark: set once by a signal or by the program, seen by all threads."""

    def __init__(self) -> None:
        self.signal = int(signal.SIGINT)
        self._asked = threading.Event()

    def __bool__(self) -> bool:
        return self._asked.is_set()

    def ask(self, number: int = signal.SIGINT, frame: FrameType | None = None) -> None:
        """Leave the mark; what came first counts."""
        if not self:
            self.signal = int(number)
            self._asked.set()


class Stopped(KeyboardInterrupt):
    """The run was asked to stop; ``outcomes`` are the reports it came to the end of."""

    def __init__(self, outcomes: list[Outcome], number: int = signal.SIGINT) -> None:
        super().__init__(outcomes, number)
        self.outcomes = outcomes
        self.signal = number


@contextmanager
def listening(stop: Stop) -> Iterator[None]:
    """Signals leave the mark while the block runs; only the main thread can take them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {}
    for number in ASKING:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup leaves SIGHUP
            before[number] = signal.signal(number, stop.ask)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
