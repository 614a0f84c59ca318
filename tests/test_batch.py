"""Many reports: what fails stops nothing else, what is fresh is left alone, memory is bounded."""

from __future__ import annotations

import subprocess
import sys
import time
import weakref
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from many_clients import CHECKOUT, STAGES, WRITE, command, contents, many_clients, whole_reports

from ecperf_kit.runner import batch, drivers, execute, fresh, here, tasks
from ecperf_kit.runner.errors import StageFailed
from ecperf_kit.runner.outcome import Outcome
from ecperf_kit.runner.plan import Plan
from ecperf_kit.runner.progress import Progress
from ecperf_kit.runner.stopping import Stop, Stopped

States = list[tuple[str, str, str]]


def states(outcomes: list[Outcome]) -> States:
    return [(o.client, o.stage, o.state) for o in outcomes]


# -- what comes out, whoever makes it ---------------------------------------------------


@pytest.mark.notebook
@pytest.mark.parametrize("jobs", [2, 4], ids=["this process", "several processes"])
def test_one_failure_stops_no_other(tmp_path: Path, jobs: int) -> None:
    check = "assert (client, period[:4]) != ('c1', '2026') or 'pilot' not in output, 'no scheme'"
    root = many_clients(tmp_path / "顾问 {a}", 4, check, WRITE)
    (root / "client_data" / "c2" / "client.toml").write_text("x", encoding="utf-8")
    heard: list[Outcome] = []
    wanted = ["pilot", "design"]
    outcomes = batch.run(["c3", "c1", "c2", "c0"], wanted, jobs=jobs, root=root, tell=heard.append)
    assert states(outcomes) == [
        ("c3", "design", "made"),
        ("c3", "pilot", "made"),
        ("c1", "design", "made"),
        ("c1", "pilot", "failed"),
        ("c2", "", "failed"),
        ("c0", "design", "made"),
        ("c0", "pilot", "made"),
    ], "in the order asked for, whatever came first"
    assert sorted(states(heard)) == sorted(states(outcomes))
    failed = outcomes[3]
    assert failed.error.startswith("pilot: cell [3] failed: AssertionError: no scheme")
    assert failed.failed_notebook is not None and failed.failed_notebook.is_file()
    assert not failed.trace and not outcomes[4].trace
    assert len(whole_reports(root)) == 5
    again = batch.run(["c0", "c3"], wanted, jobs=jobs, root=root)
    assert [o.state for o in again] == ["unchanged"] * 4
    assert {(o.period, o.folder) for o in again} == {
        (o.period, o.folder) for o in outcomes if o.client in ("c0", "c3")
    }


@pytest.mark.notebook
def test_several_processes_make_the_same_reports(tmp_path: Path) -> None:
    roots = [many_clients(tmp_path / name, 3, WRITE) for name in ("one", "many")]
    stages = ("design", "exam")
    for root, jobs in zip(roots, (1, 5), strict=True):
        made = batch.run(["c0", "c1", "c2"], stages, jobs=jobs, root=root)
        assert states(made) == [(f"c{n}", stage, "made") for n in range(3) for stage in stages]
    assert contents(roots[0]) == contents(roots[1])
    assert len(contents(roots[0])) == 3 * 2 * 3  # figures, page, restricted page


def script(root: Path, text: str) -> subprocess.CompletedProcess[str]:
    path = root / "make.py"
    path.write_text(text, encoding="utf-8")
    return subprocess.run(
        [sys.executable, str(path)], cwd=root, env={"PYTHONPATH": str(CHECKOUT), "PATH": ""},
        capture_output=True, text=True, encoding="utf-8", timeout=120,
    )  # fmt: skip


@pytest.mark.notebook
def test_from_a_script_with_a_process_pool(tmp_path: Path) -> None:
    root = many_clients(tmp_path / "practice", 2, WRITE)
    done = script(
        root,
        "from concurrent.futures import ProcessPoolExecutor\n"
        "from ecperf_kit.runner.batch import run\n"
        "if __name__ == '__main__':\n"
        "    with ProcessPoolExecutor(2) as executor:\n"
        "        outcomes = run(['c0', 'c1'], ['design', 'exam'], executor=executor)\n"
        "    print([o.state for o in outcomes])\n",
    )
    assert done.stdout.strip() == "['made', 'made', 'made', 'made']", done.stderr
    assert len(whole_reports(root)) == 4


@pytest.mark.notebook
@pytest.mark.parametrize("jobs", [2, 4])
def test_from_a_script_that_guards_nothing(tmp_path: Path, jobs: int) -> None:
    root = many_clients(tmp_path / "practice", 2, WRITE)
    done = script(
        root,
        "print('begun')\n"
        "from ecperf_kit.runner.batch import run\n"
        f"print([o.state for o in run(['c0', 'c1'], ['design', 'exam'], jobs={jobs})])\n",
    )
    lines = done.stdout.splitlines()
    assert lines == ["begun", "['made', 'made', 'made', 'made']"], done.stderr


# -- freshness first, few clients held --------------------------------------------------


def test_what_is_fresh_opens_no_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str, str, str]] = []

    def is_fresh(root: Path, name: str, stage: str, period: str, language: str, hashed: Any) -> Any:
        asked.append((name, stage, period, language))
        return None if (name, stage) == ("c1", "exam") else root / "reports" / name / "x" / stage

    worked: list[Any] = []
    monkeypatch.setattr(fresh, "is_fresh", is_fresh)
    monkeypatch.setattr(fresh, "period_of", lambda folder: "2026-05")
    monkeypatch.setattr(here, "run_here", lambda work, *rest: worked.extend(work))
    root = many_clients(tmp_path / "p", 2)
    outcomes = batch.run(["c0", "c1"], language="en", root=root)
    assert len(asked) == 12 and {a[2:] for a in asked} == {("", "en")}
    assert worked == [("c1", ("exam",))]
    assert len(outcomes) == 11 and {o.period for o in outcomes} == {"2026-05"}
    worked.clear()
    asked.clear()
    batch.run(["c0", "c1"], force=True, root=root)
    assert not asked and worked == [("c0", STAGES), ("c1", STAGES)]


class _Opened:
    name = "c"


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_few_opened_clients_are_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    held: weakref.WeakSet[_Opened] = weakref.WeakSet()
    most: list[int] = []

    def jobs_of(plan: Plan, name: str, stages: Any) -> Any:
        client = _Opened()
        held.add(client)
        for stage in stages:
            yield SimpleNamespace(
                client=client, stage=stage, period=SimpleNamespace(text="x"), folder=tmp_path
            )

    def make_report(job: Any, force: bool) -> bool:
        most.append(len(held))
        time.sleep(0.001)
        return True

    monkeypatch.setattr(here, "jobs_of", jobs_of)
    monkeypatch.setattr(execute, "make_report", make_report)
    heard: list[Outcome] = []
    work = [(f"c{n}", STAGES) for n in range(40)]
    here.run_here(work, Plan(tmp_path, engine="stock"), jobs, Stop(), heard.append)
    assert len(heard) == 240
    assert max(most) <= 3
    assert not held, "a client is let go with its last report"


@pytest.mark.parametrize(
    ("jobs", "clients", "threads"),
    [
        (2, 40, None),
        (3, 40, None),
        (4, 40, [2, 2]),
        (16, 40, [3, 3, 3, 3, 2, 2]),
        (16, 1, None),
        (64, 2, [6, 6]),
    ],
)
def test_how_notebooks_are_split_over_processes(
    monkeypatch: pytest.MonkeyPatch, jobs: int, clients: int, threads: list[int] | None
) -> None:
    split: list[Any] = []
    monkeypatch.setattr(here, "run_here", lambda *rest: split.append(None))
    monkeypatch.setattr(
        drivers, "run_in_processes", lambda w, p, threads, *r: split.append(threads)
    )
    work = {f"c{n}": STAGES for n in range(clients)}
    batch._run_on_this_machine(work, Plan(Path()), jobs, Stop(), lambda outcome: None)
    assert split == [threads]


def test_a_run_in_which_nothing_changed_loads_no_pandas() -> None:
    """Nor does one that makes reports, before its kernels' server was started."""
    script = (
        "import sys\n"
        "from ecperf_kit.runner.batch import run\n"
        "assert run([]) == []\n"
        "from ecperf_kit.runner import execute, fresh, here\n"
        "assert not {'pandas', 'papermill'}.intersection(sys.modules), 'slow to begin'\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=CHECKOUT, check=True, timeout=60)


@pytest.mark.notebook
@pytest.mark.skipif(sys.platform != "linux", reason="no limit on a process's data elsewhere")
@pytest.mark.parametrize("jobs", ["2", "4"], ids=["one process", "two processes"])
def test_the_memory_a_notebook_may_take_can_be_set(tmp_path: Path, jobs: str) -> None:
    eats = "if client == 'c0':\n    kept = [bytes([1]) * (32 << 20) for _ in range(16)]"
    root = many_clients(tmp_path / "practice", 2, eats, WRITE)
    words = ("--stage", "design", "--stage", "exam", "--jobs", jobs, "--memory")
    for memory, made in (("300", {"c1"}), ("900", {"c0", "c1"})):
        running = command(root, "run", "--all", *words, memory)
        _, err = running.communicate(timeout=120)
        assert running.returncode == (len(made) == 1), err
        assert {path.parents[1].name for path in whole_reports(root)} == made
        assert err.count("cell [3] failed: MemoryError") == (2 if len(made) == 1 else 0)


# -- processes that end -----------------------------------------------------------------


def test_processes_that_cannot_begin_are_told_and_not_tried_for_ever(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(drivers, "_START", "import sys; sys.exit(3)")
    heard: list[Outcome] = []
    work = {"c0": ("design", "exam"), "c1": ("design",)}
    drivers.run_in_processes(work, Plan(tmp_path), [2, 2], Stop(), heard.append)
    assert states(heard) == [
        ("c0", "design", "failed"),
        ("c0", "exam", "failed"),
        ("c1", "design", "failed"),
    ]
    assert "exit code 3" in heard[0].error


@pytest.mark.parametrize("twice", [False, True])
def test_a_client_whose_process_was_killed_is_tried_once_more(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, twice: bool
) -> None:
    """The process tells of c0's design, then dies; the next one gets what was left of c0."""
    mark = tmp_path / "mark"
    done = Outcome("c0", "design", "made").as_plain()
    program = f"""
import json, os, pathlib, sys
sys.stdin.readline(); sys.stdin.readline()
mark = pathlib.Path({str(mark)!r})
first = not mark.exists()
def say(what): print(json.dumps(what), flush=True)
while True:
    say("next")
    given = json.loads(sys.stdin.readline())
    if given is None: break
    if first:
        mark.touch(); say({done!r}); os._exit(9)
    if {twice!r}: os._exit(8)
    for stage in given[1]: say({{**{done!r}, "client": given[0], "stage": stage}})
"""
    monkeypatch.setattr(drivers, "_START", program)
    heard: list[Outcome] = []
    work = {"c0": ("design", "exam")}
    drivers.run_in_processes(work, Plan(tmp_path), [1], Stop(), heard.append)
    last = "failed" if twice else "made"
    assert states(heard) == [("c0", "design", "made"), ("c0", "exam", last)]


def test_a_fault_of_who_listens_leaves_no_process(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import psutil

    outcome = Outcome("c0", "design", "made").as_plain()
    tells = f"import json, sys; print(json.dumps({outcome!r}), flush=True); sys.stdin.read()"
    monkeypatch.setattr(drivers, "_START", tells)

    def tell(outcome: Outcome) -> None:
        raise ZeroDivisionError

    before = set(psutil.Process().children())
    with pytest.raises(ZeroDivisionError):
        drivers.run_in_processes({"c0": ("design",)}, Plan(tmp_path), [1], Stop(), tell)
    assert not [p for p in set(psutil.Process().children()) - before if p.status() != "zombie"]


# -- tasks of an executor ---------------------------------------------------------------


class _Lost(Executor):
    """An executor whose workers are lost for one client."""

    def submit(self, function: Any, name: str, *rest: Any, **kw: Any) -> Future[Any]:  # type: ignore[override]
        future: Future[Any] = Future()
        if name == "c0":
            future.set_exception(RuntimeError("the worker died\nwith details"))
        else:
            future.set_result([Outcome(name, "design", "made")])
        return future


def test_what_an_executor_loses_is_told_in_one_sentence(tmp_path: Path) -> None:
    root = many_clients(tmp_path / "p", 2)
    outcomes = batch.run(["c0", "c1"], ["design"], root=root, executor=_Lost())
    assert states(outcomes) == [("c0", "", "failed"), ("c1", "design", "made")]
    assert outcomes[0].error == "the worker gave nothing back: RuntimeError: the worker died"


def test_a_worker_with_other_versions_or_without_the_practice_is_refused(tmp_path: Path) -> None:
    root = many_clients(tmp_path / "p", 1)
    here_now = tasks.versions_here()
    with pytest.raises(tasks.WorkerError, match=r"has ecperf_kit .*, the machine .* 0\.0\.1"):
        tasks.make_client("c0", STAGES, Plan(root), 2, {**here_now, "ecperf_kit": "0.0.1"})
    elsewhere = Plan(tmp_path / "elsewhere")
    with pytest.raises(tasks.WorkerError, match=r"finds no client c0 in .*elsewhere.* same path"):
        tasks.make_client("c0", STAGES, elsewhere, 2, here_now)
    with ThreadPoolExecutor(1) as pool, pytest.raises(tasks.WorkerError):
        tasks.run_as_tasks({"c0": STAGES}, elsewhere, 2, pool, Stop(), lambda outcome: None)


def test_a_stopped_run_takes_back_what_no_worker_has_begun(tmp_path: Path) -> None:
    futures: list[Future[Any]] = []
    stop = Stop()

    class Waiting(Executor):
        def submit(self, *words: Any, **kw: Any) -> Future[Any]:  # type: ignore[override]
            futures.append(Future())
            stop.ask()
            return futures[-1]

    work = {"c0": STAGES, "c1": STAGES}
    tasks.run_as_tasks(work, Plan(tmp_path), 2, Waiting(), stop, lambda outcome: None)
    assert futures and all(future.cancelled() for future in futures)


def test_being_stopped_travels_between_processes() -> None:
    import pickle

    stopped = pickle.loads(pickle.dumps(Stopped([Outcome("c0", "design", "made")], 15)))
    assert stopped.signal == 15 and states(stopped.outcomes) == [("c0", "design", "made")]
    outcome = Outcome("c", "exam", "failed", failed_notebook=Path("a/b"))
    assert Outcome.from_plain(outcome.as_plain()) == outcome


# -- how far it is ----------------------------------------------------------------------


def told(outcomes: list[Outcome], clients: int, stages: int, step: float, capsys: Any) -> list[str]:
    now = [0.0]
    progress = Progress(clients, stages, clock=lambda: now[0])
    for outcome in outcomes:
        now[0] += 0.0 if outcome.state == "unchanged" else step
        progress(outcome)
    progress.close()
    lines: list[str] = capsys.readouterr().err.splitlines()
    return lines


def test_progress_of_one_client_is_a_line_per_report(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = [Outcome("a", stage, "made", "2026", seconds=1.25) for stage in STAGES[:5]]
    outcomes.append(Outcome("a", "review", "failed", "2026-06"))
    lines = told(outcomes, 1, 6, 2.0, capsys)
    assert lines[0] == "[1/6] a organisation 2026: made in 1.2 s"
    # five took 10 s: the sixth takes about 2 s
    assert lines[4] == "[5/6] a rollout 2026: made in 1.2 s; about 2 s left"
    assert lines[5] == "[6/6] a review 2026-06: failed"


def test_unchanged_reports_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    same = [Outcome(f"c{n}", stage, "unchanged") for n in range(200) for stage in STAGES]
    assert told(same, 200, 6, 1.0, capsys) == ["up to date: 1,200 reports of 200 clients"]
    mixed = [*same[:6], Outcome("new", "", "failed")]
    assert told(mixed, 2, 6, 1.0, capsys) == [
        "up to date: 6 reports of 1 client",
        "[12/12] new: failed",
    ]


def test_of_many_reports_a_line_comes_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    made = [Outcome("c", "exam", "made", seconds=1.0) for _ in range(600)]
    made[33] = Outcome("bad", "exam", "failed")
    lines = told(made, 100, 6, 1.0, capsys)
    assert lines[0] == "[1/600] c exam: made in 1.0 s"
    assert lines[1] == "[11/600] c exam: made in 1.0 s; about 10 min left"  # 589 s
    assert "[34/600] bad exam: failed; about 9 min left" in lines  # 566 s: each took 1 s
    assert lines[-1] == "[600/600] c exam: made in 1.0 s"
    assert 60 <= len(lines) <= 63


def test_a_bar_counts_only_what_takes_time() -> None:
    bar = SimpleNamespace(total=12, done=0, close=lambda: None, set_postfix_str=lambda *a, **k: 0)
    bar.update = lambda count: setattr(bar, "done", bar.done + count)
    progress = Progress(2, 6, bar=bar)
    for stage in STAGES:
        progress(Outcome("same", stage, "unchanged"))
    progress(Outcome("other", "exam", "made"))
    assert (bar.total, bar.done) == (6, 1)


def test_the_error_of_a_bug_keeps_its_trace_and_names_the_stage(tmp_path: Path) -> None:
    from ecperf_kit.cli.run import _told

    told_one = batch.failed(
        StageFailed("report.cell", stage="pilot", cell=2, fault="x"), "c", "pilot"
    )
    bug = batch.failed(ZeroDivisionError("x"), "c", "exam")
    assert not told_one.trace and "ZeroDivisionError" in bug.trace
    assert _told([told_one, bug], tmp_path) == "0 made, 0 unchanged, 2 failed"


def test_there_are_always_two_notebooks_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: {0}, raising=False)
    assert batch.default_jobs() == 2
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: set(range(12)), raising=False)
    assert batch.default_jobs() == 12


def test_a_daemonic_worker_takes_the_stock_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    from ecperf_kit.runner.plan import engine_here

    assert engine_here("stock") == "stock"
    monkeypatch.setattr("multiprocessing.current_process", lambda: SimpleNamespace(daemon=True))
    assert engine_here("") == engine_here("forked") == "stock"
