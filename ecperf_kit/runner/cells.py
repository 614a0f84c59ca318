"""The cells of one notebook, executed by papermill in a kernel of their own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ecperf_kit.runner.errors import NotStarted, StageFailed
from ecperf_kit.runner.kernel import quiet_logging
from ecperf_kit.spoken import Saying

_SIGKILL = 9  # its number, also where the module signal does not know it
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class Cells:
    """A notebook to execute: what it is given, in which kernel, and for how long.

    ``keep_failed`` gets what there is of the notebook where it does not come to its end.
    """

    node: Any
    parameters: Mapping[str, str]
    stage: str
    kernel_manager_class: type[Any]
    cell_seconds: int
    keep_failed: Callable[[Any], None] = field(repr=False)


def executed(cells: Cells) -> Any:
    """A copy of the notebook with its outputs.

    Raises StageFailed where a cell raised, ran longer than ``cell_seconds``, ended the
    process or ended the notebook. A kernel that does not start is tried once more.
    """
    try:
        return _executed(cells)
    except NotStarted:  # another program took its port, or the server was killed
        pass
    try:
        return _executed(cells)
    except NotStarted as error:
        raise StageFailed("report.no_process", stage=cells.stage, fault=error) from error


def _executed(cells: Cells) -> Any:
    from nbclient.exceptions import CellControlSignal, CellTimeoutError
    from papermill.engines import papermill_engines
    from papermill.exceptions import PapermillException, PapermillExecutionError
    from papermill.execute import raise_for_execution_errors

    quiet_logging()
    seen: list[Any] = []

    def failed(how: str, error: Exception | None = None, **values: Any) -> StageFailed:
        if seen:
            cells.keep_failed(seen[-1])
        told = StageFailed(f"report.{how}", stage=cells.stage, **values)
        told.__cause__ = error
        return told

    try:
        done = papermill_engines.execute_notebook_with_engine(
            _recording_engine(),
            _prepared(cells),
            kernel_name="python3",
            progress_bar=False,
            shutdown_kernel="immediate",
            kernel_manager_class=cells.kernel_manager_class,
            execution_timeout=cells.cell_seconds,
            seen=seen,
        )
        raise_for_execution_errors(done, None)
    except PapermillExecutionError as error:
        last = _COLOUR.sub("", f"{error.ename}: {error.evalue}").strip(": \n").splitlines()[0]
        raise failed("cell", error, cell=error.exec_count, fault=last) from error
    except CellTimeoutError as error:
        raise failed("too_long", error, seconds=cells.cell_seconds) from error
    except NotStarted:
        raise
    except (PapermillException, CellControlSignal, RuntimeError, TimeoutError) as error:
        killed = cells.kernel_manager_class.exit_code == -_SIGKILL
        why = Saying("report.killed") if killed else str(error)
        raise failed("ended", error, fault=why) from error
    for cell in done.cells:  # a cell that calls exit() ends a notebook without an error
        if cell.cell_type == "code" and cell.source and cell.execution_count is None:
            raise failed("stopped_early")
    return done


def _prepared(cells: Cells) -> Any:
    """A copy of the notebook with its parameters, as papermill's engine takes it.

    ``papermill.execute_notebook`` does the same by writing the notebook as text and
    reading it, before and after; that text is never needed here.
    """
    from papermill import __version__
    from papermill.execute import remove_error_markers
    from papermill.parameterize import parameterize_notebook

    node = deepcopy(cells.node)
    node.metadata.setdefault("papermill", {})
    facts: dict[str, Any] = {
        "default_parameters": {},
        "parameters": {},
        "environment_variables": {},
    }
    node.metadata["papermill"] = {**facts, "version": __version__, **node.metadata["papermill"]}
    for cell in node.cells:
        cell.metadata.setdefault("tags", [])
        cell.metadata.setdefault("papermill", {})
    if cells.parameters:
        node = parameterize_notebook(
            node,
            dict(cells.parameters),
            kernel_name="python3",
            language="python",
            engine_name=_recording_engine(),
        )
    return remove_error_markers(node)


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
