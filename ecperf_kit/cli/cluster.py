"""The connection to a Dask cluster: the one place that knows of ``distributed``."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from ecperf_kit.cli.asking import failure, tell

#: Seconds a scheduler may take to answer.
PATIENCE = 5


@contextmanager
def dask_executor(address: str) -> Iterator[Executor]:
    """The cluster whose scheduler is at ``address``, as an executor of ``concurrent.futures``."""
    try:
        from distributed import Client
    except ImportError as error:
        raise failure("run.dask_missing") from error
    for name in ("distributed", "tornado"):  # failures are told by us
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        cluster = Client(address, timeout=PATIENCE)
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        raise failure("run.no_scheduler", address=address, seconds=PATIENCE) from error
    try:
        if not cluster.scheduler_info(n_workers=-1)["workers"]:
            tell("run.no_worker", err=True, address=address)
        # not pure: a client sent a second time is a new task, whatever became of the first
        yield cluster.get_executor(pure=False)
    finally:
        cluster.close(timeout=PATIENCE)
