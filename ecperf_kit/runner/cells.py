"""The cells of one notebook, executed by papermill in a kernel of their own."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from ecperf_kit.runner.errors import NotStarted, StageFailed
from ecperf_kit.runner.kernel import quiet_logging

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def executed(
    node: Any,
    parameters: dict[str, str],
    stage: str,
    kernel_manager_class: type[Any],
    cell_seconds: int,
    keep_failed: Callable[[Any], None],
) -> Any:
    """A copy of the notebook with its outputs.

    Raises StageFailed where a cell raised, ran longer than ``cell_seconds``, ended the
    process or ended the notebook; ``keep_failed`` gets what there is of it then. A
    kernel that does not start is tried once more.
    """
    try:
        return _executed(node, parameters, stage, kernel_manager_class, cell_seconds, keep_failed)
    except NotStarted:  # another program took its port, or the server was killed
        pass
    try:
        return _executed(node, parameters, stage, kernel_manager_class, cell_seconds, keep_failed)
    except NotStarted as error:
        raise StageFailed(f"{stage}: no process for the notebook: {error}") from error


def _executed(
    node: Any,
    parameters: dict[str, str],
    stage: str,
    kernel_manager_class: type[Any],
    cell_seconds: int,
    keep_failed: Callable[[Any], None],
) -> Any:
    from nbclient.exceptions import CellControlSignal, CellTimeoutError
    from papermill.exceptions import PapermillException, PapermillExecutionError
    from papermill.execute import execute_notebook

    quiet_logging()
    seen: list[Any] = []

    def failed(said: str, error: Exception | None = None) -> StageFailed:
        if seen:
            keep_failed(seen[-1])
        told = StageFailed(f"{stage}: {said}")
        told.__cause__ = error
        return told

    try:
        done = execute_notebook(
            node,
            None,
            parameters=parameters,
            engine_name=_recording_engine(),
            kernel_name="python3",
            language="python",
            progress_bar=False,
            request_save_on_cell_execute=False,
            shutdown_kernel="immediate",
            kernel_manager_class=kernel_manager_class,
            execution_timeout=cell_seconds,
            seen=seen,
        )
    except PapermillExecutionError as error:
        last = _COLOUR.sub("", f"{error.ename}: {error.evalue}").strip(": \n").splitlines()[0]
        raise failed(f"cell [{error.exec_count}] failed: {last}", error) from error
    except CellTimeoutError as error:
        raise failed(f"a cell ran longer than {cell_seconds} s", error) from error
    except NotStarted:
        raise
    except (PapermillException, CellControlSignal, RuntimeError, TimeoutError) as error:
        raise failed(f"the notebook's process ended: {error}", error) from error
    for cell in done.cells:  # a cell that calls exit() ends a notebook without an error
        if cell.cell_type == "code" and cell.source and cell.execution_count is None:
            raise failed("the notebook stopped before its end")
    return done


@cache
def _recording_engine() -> str:
    """papermill's own engine, which also hands out the notebook when the kernel dies."""
    from papermill.engines import NBClientEngine, papermill_engines

    class RecordingEngine(NBClientEngine):
        @classmethod
        def execute_managed_notebook(
            cls, nb_man: Any, kernel_name: str, seen: list[Any], **kw: Any
        ) -> Any:
            seen.append(nb_man.nb)
            return super().execute_managed_notebook(nb_man, kernel_name, **kw)

    papermill_engines.register("ecperf", RecordingEngine)
    return "ecperf"
