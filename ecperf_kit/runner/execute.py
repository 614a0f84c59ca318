"""One notebook for one client: executed, rendered, recorded, swapped in."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from ecperf_kit.practice import reports_folder
from ecperf_kit.runner import server
from ecperf_kit.runner.errors import RunStopped, StageFailed
from ecperf_kit.runner.folders import whole_folder
from ecperf_kit.runner.kernel import (
    Engine,
    default_engine,
    kernel_manager_class,
    stop_stock_kernels,
)
from ecperf_kit.runner.lean import load_notebook_libraries
from ecperf_kit.runner.notebooks import check_parameters, notebook_of, read_notebook
from ecperf_kit.runner.pages import RESTRICTED, write_pages
from ecperf_kit.runner.reach import tables_reached
from ecperf_kit.runner.record import note_unchanged, unchanged, what_goes_in, write_record

if TYPE_CHECKING:
    from ecperf_kit.client import Client
    from ecperf_kit.period import Period

#: The longest a single cell may take: far more than any stage needs for hundreds of people.
CELL_SECONDS = 600

_stopped = threading.Event()
_packing = threading.Lock()
_packed: WeakKeyDictionary[Client, Future[bytes]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Job:
    """One report to make: the notebook of ``stage`` for an opened client and period."""

    root: Path
    client: Client
    stage: str
    period: Period
    language: str
    engine: Engine = field(default_factory=default_engine)
    cell_seconds: int = CELL_SECONDS
    memory: int = 0  # MB the notebook may take beyond what it starts with; 0: no limit
    asked: str = ""  # the period as asked for; "" where the stage takes its own
    #: The stages of this client that are asked for, with their periods: what several of them
    #: need is worked out once.
    together: Mapping[str, Period] = field(default_factory=dict)

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
    open elsewhere), RunStopped. In each case the old report stays as it was.
    """
    path = notebook_of(job.stage, job.root)
    parameters = _parameters(job)
    went_in = what_goes_in(job.client, path, parameters, job.asked)
    if not force and unchanged(job.folder, went_in):
        note_unchanged(job.folder, went_in)
        return False
    packing = _begin_snapshot(job)  # by another process, while the libraries load here
    load_notebook_libraries()
    node = read_notebook(path)
    with whole_folder(job.folder) as fresh:
        parameters["output"] = str(fresh)
        check_parameters(node, path.name, parameters)
        started = datetime.now(UTC)
        executed = _execute(job, node, parameters, packing)
        scheme = _scheme_hash(job.client.seen_by(job.stage))
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


def _execute(job: Job, node: Any, parameters: dict[str, str], packing: Future[bytes] | None) -> Any:
    """The executed notebook; where it fails it is kept and StageFailed raised."""
    from ecperf_kit.runner.cells import Cells, executed

    def keep(failed: Any) -> None:
        import nbformat

        from ecperf_kit.outputs.files import make_folder

        if not _stopped.is_set():
            make_folder(job.failed_notebook.parent)
            nbformat.write(failed, job.failed_notebook)

    snapshot = packing.result() if packing is not None else b""
    manager = kernel_manager_class(job.root, job.engine, snapshot, job.memory)
    _refuse_if_stopped(job)
    try:
        return executed(Cells(node, parameters, job.stage, manager, job.cell_seconds, keep))
    except StageFailed:
        _refuse_if_stopped(job)
        raise
    finally:
        if job.engine == "forked":
            manager.let_go()


def stop_all() -> None:
    """End the notebooks now running in this process, and let no further one begin.

    Callable from any thread. Each ``make_report`` at work raises RunStopped within
    about a second and leaves no half report.
    """
    _stopped.set()
    stop_stock_kernels()
    server.stop_server()


def go_on() -> None:
    """Let notebooks begin again after ``stop_all``; what starts a run calls it first."""
    _stopped.clear()


def _refuse_if_stopped(job: Job) -> None:
    if _stopped.is_set():
        raise RunStopped("report.stopped", stage=job.stage)


def begin(jobs: Sequence[Job], force: bool = False) -> list[Job]:
    """Let what these jobs of one client share be worked out, before a thread is free for them.

    Only what the reports that are out of date share, and nothing where there is but one.
    Yields those jobs, so that they need not be asked again.
    """
    stale = [job for job in jobs if force or not _up_to_date(job)]
    sharing = [job for job in stale if not _own_code(job)]
    if sharing:
        together = {job.stage: job.period for job in sharing}
        _begin_snapshot(replace(sharing[0], together=together))
    return stale


def _own_code(job: Job) -> bool:
    """Whether the notebook does more than the shipped one: it may alter the client's tables
    before its stage works with them, and what others share was worked out without that."""
    return tables_reached(notebook_of(job.stage, job.root)) is None


def _up_to_date(job: Job) -> bool:
    try:
        path = notebook_of(job.stage, job.root)
        return unchanged(job.folder, what_goes_in(job.client, path, _parameters(job), job.asked))
    except Exception:  # told when the report is made
        return False


def _parameters(job: Job) -> dict[str, str]:
    """What the notebook is given, but for the folder it writes to."""
    return {"client": job.client.name, "period": job.period.text, "language": job.language}


def _begin_snapshot(job: Job) -> Future[bytes] | None:
    """The packed client, with what its notebooks share; packed once for all of them."""
    if job.engine != "forked":
        return None
    if _own_code(job):
        own: Future[bytes] = Future()
        own.set_result(_pack(replace(job, together={})))
        return own
    with _packing:
        found = _packed.get(job.client)
        if found is not None:
            return found
        found = _packed[job.client] = Future()

    def work() -> None:
        try:
            found.set_result(_pack(job))
        except BaseException as error:  # those who wait must not wait for ever
            found.set_exception(error)

    threading.Thread(target=work, name="pack", daemon=True).start()
    return found


def _pack(job: Job) -> bytes:
    from ecperf_kit.runner.preparing import Question
    from ecperf_kit.snapshot import pack

    client, alone = job.client, pack(job.client)
    if len(job.together) < 2 or _stopped.is_set():
        return alone
    about = (client.name, job.root, client.language)
    question = Question(*about, alone, job.together, job.memory)
    try:
        shared = server.worked_out(question, job.cell_seconds)
        return pack(client, shared) if shared else alone
    except Exception:  # no memory, no thread: each notebook works out what it needs
        return alone


def _scheme_hash(client: Client) -> str:
    from ecperf_kit.outputs.provenance import scheme_hash

    return scheme_hash(client)
