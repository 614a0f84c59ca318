"""The connection to a Dask cluster: the one place that knows of ``distributed``."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

import click

from ecperf_kit.cli.asking import Failed

#: Seconds a scheduler may take to answer.
PATIENCE = 5


@contextmanager
def dask_executor(address: str) -> Iterator[Executor]:
    """The cluster whose scheduler is at ``address``, as an executor of ``concurrent.futures``."""
    try:
        from distributed import Client
    except ImportError as error:
        raise Failed(
            "--dask needs the package distributed: `pip install ecperf_kit[dask]`"
        ) from error
    for name in ("distributed", "tornado"):  # failures are told by us
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        cluster = Client(address, timeout=PATIENCE)
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        raise Failed(
            f"no Dask scheduler answers at {address} within {PATIENCE} s: "
            "start one with `dask scheduler`, which says its address"
        ) from error
    try:
        if not cluster.scheduler_info(n_workers=-1)["workers"]:
            click.echo(
                f"the cluster at {address} has no worker yet: the clients wait for the first",
                err=True,
            )
        # not pure: a client sent a second time is a new task, whatever became of the first
        yield cluster.get_executor(pure=False)
    finally:
        cluster.close(timeout=PATIENCE)
