"""One notebook for one client: executed, rendered, recorded, swapped in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecperf_kit.practice import reports_folder
from ecperf_kit.runner.errors import StageFailed
from ecperf_kit.runner.folders import whole_folder
from ecperf_kit.runner.kernel import kernel_manager_class, quiet_logging
from ecperf_kit.runner.notebooks import check_parameters, notebook_of, read_notebook
from ecperf_kit.runner.pages import RESTRICTED, write_pages
from ecperf_kit.runner.record import unchanged, what_goes_in, write_record

if TYPE_CHECKING:
    from ecperf_kit.client import Client
    from ecperf_kit.period import Period

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True)
class Job:
    """One report to make: the notebook of ``stage`` for an opened client and period."""

    root: Path
    client: Client
    stage: str
    period: Period
    language: str

    @property
    def folder(self) -> Path:
        """Where the report goes: ``reports/<client>/<period>/<stage>``."""
        return reports_folder(self.client.name, self.period.folder, self.stage, self.root)

    @property
    def failed_notebook(self) -> Path:
        """Where a failed notebook is kept. It may hold pay, so it lies with the restricted."""
        return self.folder.parent / RESTRICTED / f"{self.stage}.failed.ipynb"


def make_report(job: Job, force: bool = False) -> bool:
    """Make one report; True if it was made, False if the one there is up to date.

    Raises StageFailed (the executed notebook is kept as ``failed_notebook``),
    NotebookError (wrong parameters, no notebook), ReportFolderError (a file is
    open elsewhere). In each case the old report stays as it was.
    """
    path = notebook_of(job.stage, job.root)
    parameters = {
        "client": job.client.name,
        "period": job.period.text,
        "language": job.language,
    }
    went_in = what_goes_in(job.client, path, parameters)
    if not force and unchanged(job.folder, went_in):
        return False
    node = read_notebook(path)
    with whole_folder(job.folder) as fresh:
        parameters["output"] = str(fresh)
        check_parameters(node, path.name, parameters)
        started = datetime.now(UTC)
        executed = _execute(job, node, parameters)
        scheme = _scheme_hash(job.client)
        write_pages(executed, job.client, job.stage, job.period, scheme, fresh)
        write_record(
            fresh,
            went_in,
            scheme=scheme,
            started=started.isoformat(timespec="seconds"),
            finished=datetime.now(UTC).isoformat(timespec="seconds"),
        )
    job.failed_notebook.unlink(missing_ok=True)
    return True


def _execute(job: Job, node: Any, parameters: dict[str, str]) -> Any:
    """The executed notebook; where it fails it is kept and StageFailed raised."""
    from nbclient.exceptions import CellControlSignal
    from papermill.exceptions import PapermillException, PapermillExecutionError
    from papermill.execute import execute_notebook

    quiet_logging()
    seen: list[Any] = []
    try:
        executed = execute_notebook(
            node,
            None,
            parameters=parameters,
            engine_name=_recording_engine(),
            kernel_name="python3",
            language="python",
            progress_bar=False,
            request_save_on_cell_execute=False,
            shutdown_kernel="immediate",
            kernel_manager_class=kernel_manager_class(job.root),
            seen=seen,
        )
        for cell in executed.cells:  # a cell that calls exit() ends a notebook without an error
            if cell.cell_type == "code" and cell.source and cell.execution_count is None:
                raise StageFailed(f"{job.stage}: the notebook stopped before its end")
    except PapermillExecutionError as error:
        _keep_failed(job, seen)
        last = _COLOUR.sub("", f"{error.ename}: {error.evalue}").strip().splitlines()[0]
        raise StageFailed(f"{job.stage}: cell [{error.exec_count}] failed: {last}") from error
    except (PapermillException, CellControlSignal, RuntimeError, TimeoutError) as error:
        _keep_failed(job, seen)
        raise StageFailed(f"{job.stage}: the notebook's process ended: {error}") from error
    except StageFailed:
        _keep_failed(job, seen)
        raise
    return executed


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


def _keep_failed(job: Job, seen: list[Any]) -> None:
    import nbformat

    if seen:
        job.failed_notebook.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(seen[-1], job.failed_notebook)


def _scheme_hash(client: Client) -> str:
    from ecperf_kit.outputs.provenance import scheme_hash

    return scheme_hash(client)
