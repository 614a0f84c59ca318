"""The process that prepares what notebooks share: it answers, fails alone and leaves nothing."""

from __future__ import annotations

import csv
import pickle
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import nbformat
import psutil
import pytest

from ecperf_kit.client import Client, open_client
from ecperf_kit.period import Period
from ecperf_kit.runner import execute, server
from ecperf_kit.runner.plan import Plan, jobs_of
from ecperf_kit.runner.preparing import Preparer, Question
from ecperf_kit.snapshot import Shared, pack
from ecperf_kit.stages.together import work_out

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forked processes: Linux")

ROOT = Path(__file__).resolve().parent.parent
YEAR, JUNE = Period.parse("2026"), Period.parse("2026-06")
BOTH = {"organisation": YEAR, "design": YEAR}


@pytest.fixture(autouse=True)
def server_stopped() -> Iterator[None]:
    execute.go_on()
    yield
    server.stop_server()
    execute.go_on()


@pytest.fixture(scope="module")
def client() -> Client:
    return open_client("xiaoman", root=ROOT)


def question(client: Client, **other: object) -> Question:
    asked = Question(client.name, ROOT, client.language, pack(client), BOTH)
    return replace(asked, **other)


def test_what_it_answers_is_what_is_worked_out_here(client: Client) -> None:
    told = server.worked_out(question(client), 60.0)
    shared, here = pickle.loads(told), work_out(client, BOTH)
    assert isinstance(shared, Shared)
    assert (shared.span, shared.period) == (here.span, here.period)
    assert list(shared.kept) == list(here.kept) and list(shared.of_period) == list(here.of_period)
    assert not server._preparing, "it is gone when it has answered"


def test_where_it_fails_there_is_nothing_and_no_process_is_left(client: Client) -> None:
    before = len(psutil.Process().children(recursive=True))
    assert server.worked_out(question(client, periods={"pilot": None, "review": None}), 60.0) == b""
    assert server.worked_out(question(client, name="nobody"), 60.0) == b""
    assert server.worked_out(question(client, snapshot=b"spoilt"), 60.0) == b""
    assert not server._preparing
    until = time.monotonic() + 60
    # the server itself and multiprocessing's tracker may have come
    while len(psutil.Process().children(recursive=True)) > before + 2:
        assert time.monotonic() < until, "a process is left"
        time.sleep(0.05)


def test_who_waits_no_longer_gets_nothing(client: Client) -> None:
    assert server.worked_out(question(client), 0.0) == b""


def test_a_stopped_run_does_not_wait_for_it(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = threading.Event()
    true = Preparer.started

    def started(self: Preparer) -> None:
        true(self)
        asked.set()

    monkeypatch.setattr(Preparer, "started", started)
    # it is never asked anything: the pipe stays silent until the process is ended
    monkeypatch.setattr(Preparer, "_ask", lambda self, question: None)
    answer: Future[bytes] = Future()
    waiting = threading.Thread(
        target=lambda: answer.set_result(server.worked_out(question(client), 60.0))
    )
    waiting.start()
    assert asked.wait(30)
    server.stop_server()
    assert answer.result(10) == b""
    waiting.join()


def test_a_client_is_packed_once_for_all_its_notebooks(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Question] = []

    def worked_out(question: Question, seconds: float) -> bytes:
        asked.append(question)
        return b"shared"

    monkeypatch.setattr(server, "worked_out", worked_out)
    jobs = [job for job in jobs_of(Plan(ROOT, language="zh"), "xiaoman", ("design", "rollout"))]
    assert all(isinstance(job, execute.Job) for job in jobs)
    packing = [execute._begin_snapshot(job) for job in jobs]  # type: ignore[arg-type]
    results = {future.result(30) for future in packing if future is not None}
    assert len(results) == 1 and len(asked) == 1
    assert pickle.loads(results.pop())[-1] == b"shared"
    assert set(asked[0].periods) == {"design", "rollout"}
    (alone,) = jobs_of(Plan(ROOT, language="zh"), "xiaoman", ("design",))
    single = execute._begin_snapshot(alone)  # type: ignore[arg-type]
    assert single is not None and pickle.loads(single.result(30))[-1] == b"" and len(asked) == 1


@pytest.mark.parametrize(
    ("fresh", "prepared"),
    [
        ((), {"design", "exam", "rollout"}),
        (("exam",), {"design", "rollout"}),
        (("exam", "design"), None),
        (("exam", "design", "rollout"), None),
    ],
)
def test_only_what_the_stages_out_of_date_share_is_prepared(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    fresh: tuple[str, ...],
    prepared: set[str] | None,
) -> None:
    asked: list[Question] = []
    monkeypatch.setattr(server, "worked_out", lambda question, seconds: asked.append(question))
    monkeypatch.setattr(execute, "unchanged", lambda folder, went_in: folder.name in fresh)
    own = replace(client)
    jobs = [
        execute.Job(ROOT, own, stage, period, "zh")
        for stage, period in (("design", YEAR), ("exam", YEAR), ("rollout", JUNE))
    ]
    execute.begin(jobs)
    if own in execute._packed:
        execute._packed[own].result(30)
    for job in jobs:  # a stage that is made joins what was begun, and begins nothing of its own
        packing = execute._begin_snapshot(job) if len(fresh) < len(jobs) else None
        assert packing is None or packing is execute._packed[own]
    assert [set(question.periods) for question in asked] == ([prepared] if prepared else [])
    if len(fresh) == len(jobs):
        execute.begin(jobs, force=True)
        execute._packed[own].result(30)
        assert set(asked[-1].periods) == {"design", "exam", "rollout"}, "all are made again"


def test_a_notebook_with_code_of_its_own_gets_nothing_worked_out_before(
    practice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It alters the plans first: pay must be the same whatever other reports are made with it."""
    shutil.copytree(ROOT / "client_data" / "xiaoman", practice / "client_data" / "xiaoman")
    shutil.copytree(ROOT / "notebooks", practice / "notebooks", dirs_exist_ok=True)
    path = practice / "notebooks" / "5_rollout.ipynb"
    node = nbformat.read(path, as_version=4)
    (cell,) = [cell for cell in node.cells if "report = rollout(opened)" in cell.source]
    altered = 'opened.table("pay_plans").loc[:, "base"] = 1_000_000_000\nreport = '
    cell.source = cell.source.replace("report = ", altered)
    nbformat.write(node, path)
    stages = ("organisation", "design", "rollout")
    jobs = [job for job in jobs_of(Plan(practice, language="zh"), "xiaoman", stages)]
    asked: list[Question] = []
    true = server.worked_out

    def worked_out(question: Question, seconds: float) -> bytes:
        asked.append(question)
        return true(question, seconds)

    monkeypatch.setattr(server, "worked_out", worked_out)
    execute.begin(jobs, force=True)  # type: ignore[arg-type]
    made = jobs[-1]
    assert isinstance(made, execute.Job) and execute.make_report(made, force=True)
    assert [set(question.periods) for question in asked] == [{"organisation", "design"}]
    text = (made.folder / "restricted" / "tables" / "pay_list.csv").read_text("utf-8-sig")
    bases = {row["base"] for row in csv.DictReader(text.splitlines()) if row["base"]}
    assert bases == {"1000"}, "1,000.00 yuan, as the notebook says"


def test_a_report_is_made_without_what_could_not_be_prepared(
    tmp_path: Path, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "worked_out", lambda question, seconds: b"")
    monkeypatch.setattr(execute, "reports_folder", lambda *words: tmp_path / "report")
    job = execute.Job(ROOT, client, "rollout", JUNE, "zh", together=BOTH)
    assert execute.make_report(job, force=True)
    assert (tmp_path / "report" / "report.html").is_file()
