"""A process that makes reports of the clients it is given; ``drivers`` starts it and says how."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from io import RawIOBase
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

from ecperf_kit.runner.here import run_here
from ecperf_kit.runner.memory import collect_rarely
from ecperf_kit.runner.plan import Plan
from ecperf_kit.runner.stopping import Stop, listening


def main(orders: RawIOBase) -> None:
    """Read the plan and the clients from ``orders``, write outcomes to the standard output."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever prints does not disturb
    collect_rarely()
    plan = json.loads(orders.readline())
    threads = plan.pop("threads")
    stop = Stop()
    lines: Queue[Any] = Queue()

    def listen() -> None:
        for line in orders:
            lines.put(json.loads(line))
        stop.ask(signal.SIGTERM)  # also when the process that started us was killed
        lines.put(None)

    def say(message: Any) -> None:
        try:
            out.write(json.dumps(message).encode() + b"\n")
            out.flush()
        except OSError:
            stop.ask(signal.SIGTERM)

    def clients() -> Iterator[tuple[str, list[str]]]:
        while not stop:
            say("next")
            given = lines.get()
            if given is None:
                return
            yield given[0], given[1]

    Thread(target=listen, daemon=True).start()
    with listening(stop):
        run_here(
            clients(),
            Plan(**{**plan, "root": Path(plan["root"])}),
            threads,
            stop,
            lambda outcome: say(outcome.as_plain()),
            ahead=False,
        )
    out.close()
