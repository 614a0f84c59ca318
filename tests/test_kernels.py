"""Forked kernels: each notebook alone in its process, and what becomes of one that goes wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import psutil
import pytest
import zmq
from nbformat.v4 import new_code_cell, new_notebook

from ecperf_kit.period import Period
from ecperf_kit.runner import execute, memory, server
from ecperf_kit.runner.errors import NotStarted, RunStopped, StageFailed
from ecperf_kit.runner.kernel import ENGINES, Engine, default_engine
from ecperf_kit.runner.kernel_process import PRELOAD, Order
from ecperf_kit.runner.plan import Plan, with_memory

pytestmark = [
    pytest.mark.notebook,
    pytest.mark.skipif(not server.usable(), reason="no fork server on this system"),
]

TELL = "def tell(name, value): Path(output, name).write_text(str(value), 'utf-8')"
both = pytest.mark.parametrize("engine", ENGINES)


def _packed(content: bytes) -> Future[bytes]:
    found: Future[bytes] = Future()
    found.set_result(content)
    return found


@pytest.fixture
def root(practice: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A practice in which a report is what its notebook writes: no pages, no client."""

    def write(*about: Any) -> None:
        (about[-1] / "report.html").write_text("page", encoding="utf-8")

    monkeypatch.setattr(execute, "write_pages", write)
    monkeypatch.setattr(execute, "_scheme_hash", lambda client: "0000 0000")
    monkeypatch.setattr(execute, "_begin_snapshot", lambda job: _packed(b""))
    monkeypatch.setattr(execute, "what_goes_in", lambda *about: {})
    return practice


def job(root: Path, *cells: str, stage: str = "pilot", **words: Any) -> execute.Job:
    """A job whose notebook has these code cells."""
    first = new_code_cell(
        'client = ""\nperiod = ""\nlanguage = ""\noutput = ""', metadata={"tags": ["parameters"]}
    )
    import_path = new_code_cell("from pathlib import Path\n" + TELL)
    node = new_notebook(cells=[first, import_path, *map(new_code_cell, cells)])
    path = root / "notebooks" / f"4_{stage}.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(node, path)
    client = SimpleNamespace(name="qinghe")
    client.seen_by = lambda stage: client
    words = {"engine": "forked", **words}
    return execute.Job(root, client, stage, Period.parse("2026-06"), "zh", **words)  # type: ignore[arg-type]


def told(made: execute.Job) -> dict[str, str]:
    """Run a job; what its notebook told."""
    assert execute.make_report(made, force=True)
    return {
        path.name: path.read_text("utf-8")
        for path in made.folder.iterdir()
        if path.name not in ("report.html", "run.json")
    }


def kernels() -> list[psutil.Process]:
    """The kernel processes this process has, forked or stock, that still live."""
    drawing = 0
    if server._converter:  # it serves the next one too
        server._converter[0].started()
        drawing = server._converter[0].pid
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            leads = os.getpgid(process.pid) == process.pid != drawing
            if leads and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def gone(found: Callable[[], list[psutil.Process]], within: float = 60.0) -> bool:
    """Whether nothing is found any more before the time is over."""
    until = time.monotonic() + within
    while found():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


# -- a process of its own -------------------------------------------------------


def test_the_forked_kernel_is_the_default_here_and_stock_where_no_child_may_be_had(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert default_engine() == ("forked" if sys.platform == "linux" else "stock")
    import multiprocessing

    monkeypatch.setitem(multiprocessing.current_process()._config, "daemon", True)  # type: ignore[attr-defined]
    assert default_engine() == "stock"


def test_the_server_has_loaded_everything_before_a_kernel_is_forked() -> None:
    """The standard library's server passes over a module that cannot be imported."""
    kernel = server.take()
    try:
        ready = kernel.begin(Order(dict(os.environ), os.getcwd()))
        assert ready.preloaded, f"{PRELOAD} was not loaded in the server"
        if zmq.has("curve"):
            assert ready.connection["curve_publickey"], "the traffic is encrypted"
    finally:
        server.give_back(kernel)


@both
def test_two_notebooks_see_nothing_of_each_other(root: Path, engine: Engine) -> None:
    made = job(
        root,
        "import os, random, numpy, warnings, ecperf_kit.exact",
        "tell('variable', 'left' in globals())",
        "tell('module', hasattr(ecperf_kit.exact, 'left'))",
        "tell('environment', os.environ.get('LEFT'))",
        "tell('filters', any('left' in str(f[1]) for f in warnings.filters))",
        "tell('folder', os.getcwd())",
        "tell('process', os.getpid())",
        "tell('drawn', (numpy.random.rand(), random.random()))",
        "tell('generator', numpy.random.default_rng().random())",
        "left = ecperf_kit.exact.left = os.environ['LEFT'] = 'here'",
        "os.chdir('/'); warnings.filterwarnings('error', 'left')",
        engine=engine,
    )
    first, second = told(made), told(made)
    for name in ("variable", "module", "filters"):
        assert (first[name], second[name]) == ("False", "False"), name
    assert first["environment"] == second["environment"] == "None"
    assert first["folder"] == second["folder"] == os.getcwd()
    for name in ("process", "drawn", "generator"):
        assert first[name] != second[name], f"{name} is the same in both"


@both
def test_a_notebook_has_the_surroundings_of_the_run(
    root: Path, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ECPERF_TEST_OF_ENVIRONMENT", "被测")
    seen = told(
        job(
            root,
            "import os, sys",
            "tell('folder', os.getcwd())",
            "tell('home', os.environ['ECPERF_HOME'])",
            "tell('variable', os.environ['ECPERF_TEST_OF_ENVIRONMENT'])",
            "tell('pictures', os.environ['MPLBACKEND'])",
            "tell('own', [n for n in os.environ if n.startswith('ECPERF_KIT')])",
            "tell('main', (__name__, vars(sys.modules['__main__']) is globals()))",
            engine=engine,
        )
    )
    assert seen == {
        "folder": str(tmp_path),
        "home": str(root),
        "variable": "被测",
        "pictures": "module://matplotlib_inline.backend_inline",
        "own": "[]",
        "main": "('__main__', True)",
    }


@both
def test_a_warning_is_shown_as_ever(root: Path, engine: Engine, tmp_path: Path) -> None:
    """Also where the driver has silenced warnings: its filters are not the notebook's."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = job(root, "import warnings\nwarnings.warn('look')\nraise ValueError", engine=engine)
        with pytest.raises(StageFailed):
            execute.make_report(made)
    kept = [
        output.text
        for cell in nbformat.read(made.failed_notebook, as_version=4).cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream" and output.name == "stderr"
    ]
    assert len(kept) == 1
    assert kept[0].splitlines()[0].endswith("UserWarning: look")


def test_the_server_takes_no_library_from_the_folder_one_works_in(
    root: Path, tmp_path: Path
) -> None:
    (tmp_path / "pandas.py").write_text("raise ValueError('not it')", encoding="utf-8")
    (root / "pandas.py").write_text("raise ValueError('not it')", encoding="utf-8")
    script = (
        "import os\n"
        "from ecperf_kit.runner import server\n"
        "from ecperf_kit.runner.kernel_process import Order\n"
        "print(server.take().begin(Order(dict(os.environ), os.getcwd())).preloaded)\n"
        "server.stop_server()\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", script], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stdout.strip() == "True", done.stderr


def test_no_key_and_no_data_is_written_to_disk(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No connection file, and the client's snapshot only in memory."""
    for name in ("JUPYTER_RUNTIME_DIR", "TMPDIR", "IPYTHONDIR"):
        folder = tmp_path / name
        folder.mkdir()
        monkeypatch.setenv(name, str(folder))
    told(job(root, "tell('a', 1)"))
    left = [p for p in tmp_path.rglob("*") if p.is_file() and b"_port" in p.read_bytes()]
    assert left == []


def test_a_forked_notebook_reads_what_the_driver_packed(
    good_client: Callable[..., Path], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ecperf_kit.client import open_client
    from ecperf_kit.snapshot import pack

    good_client("firm")
    packed = pack(open_client("firm", "", "zh", root))
    monkeypatch.setattr(execute, "_begin_snapshot", lambda job: _packed(packed))
    (root / "client_data" / "firm" / "client.toml").write_text("not toml", encoding="utf-8")
    seen = told(
        job(
            root,
            "from ecperf_kit import open_client",
            "opened = open_client('firm', '2026-06', 'zh')",
            "tell('rows', len(opened.table('employees')))",
            "tell('period', opened.period.text)",
        )
    )
    assert int(seen["rows"]) > 0
    assert seen["period"] == "2026-06"


# -- what goes wrong -------------------------------------------------------------


@both
@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("raise ValueError('no plan')", r"cell \[5\] failed: ValueError: no plan"),
        ("[0] * (1 << 60)", r"cell \[5\] failed: MemoryError$"),
        ("import sys; sys.exit()", "the notebook stopped before its end"),
        ("import os; os._exit(3)", "the notebook's process ended"),
        (
            "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",  # what the system's own
            "the notebook's process ended: it was killed, as the system does",  # killer does
        ),
        ("while True: pass", "a cell ran longer than 4 s"),
    ],
    ids=["raises", "memory", "exit", "os._exit", "killed", "loops"],
)
def test_a_notebook_that_goes_wrong_takes_only_itself(
    root: Path, engine: Engine, source: str, said: str
) -> None:
    seconds = 4 if "longer" in said else 60
    with ThreadPoolExecutor(1) as other:
        fine = job(
            root, "import time; time.sleep(1)", "tell('a', 1)", stage="review", engine=engine
        )
        beside = other.submit(told, fine)
        bad = job(
            root, "print('so far')", source, "tell('b', 1)", engine=engine, cell_seconds=seconds
        )
        with pytest.raises(StageFailed, match=f"^pilot: {said}"):
            execute.make_report(bad)
        assert beside.result() == {"a": "1"}
    kept = bad.failed_notebook.read_text("utf-8")
    assert "so far" in kept, "the outputs up to the failure are kept"
    assert bad.failed_notebook.parent.name == "restricted"
    assert not bad.folder.exists()
    assert gone(kernels), "its process is left over"


@pytest.mark.skipif(sys.platform != "linux", reason="no limit on a process's data elsewhere")
@pytest.mark.parametrize(
    ("engine", "hungry"),
    [
        # really filled, piece by piece, until there is no more
        ("forked", "while True: kept.append(bytes([1]) * (8 << 20))"),
        # a new Python may reserve a good gigabyte for its libraries: more than that at once
        ("stock", "kept.append(bytearray(4 << 30))"),
    ],
)
def test_a_notebook_that_wants_too_much_memory_fails_and_the_others_go_on(
    root: Path, engine: Engine, hungry: str
) -> None:
    if engine == "forked":
        server.expect(3, at_a_time=2)
    with ThreadPoolExecutor(1) as other:
        work = ("kept = bytes([1]) * (64 << 20)", "import time; time.sleep(1)", "tell('a', 1)")
        beside = other.submit(told, job(root, *work, stage="review", engine=engine, memory=256))
        bad = job(root, "kept = []; print('so far')", hungry, engine=engine, memory=256)
        with pytest.raises(StageFailed, match=r"^pilot: cell \[5\] failed: MemoryError$"):
            execute.make_report(bad)
        assert beside.result() == {"a": "1"}
    assert "so far" in bad.failed_notebook.read_text("utf-8")
    assert not bad.folder.exists()
    after = job(root, "kept = bytearray(4 << 30); tell('c', 1)", stage="exam", engine=engine)
    assert told(after) == {"c": "1"}, "the process that waited has no limit but its own"
    assert gone(kernels)


def test_a_notebooks_share_is_of_the_machine_or_of_the_container(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(total=40_000 << 20))
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(memory, "_CONTAINER", (tmp_path / "absent", limit))
    limit.write_text("max\n", encoding="ascii")
    assert [memory.share(n) for n in (1, 2, 8)] == [32_000, 16_000, 4_000]
    limit.write_text(f"{10_000 << 20}\n", encoding="ascii")
    assert [memory.share(n) for n in (1, 2, 8)] == [8_000, 4_000, memory.LEAST]
    plan = Plan(tmp_path)
    assert with_memory(plan, 2).memory == 4_000
    assert with_memory(Plan(tmp_path, memory=300), 2).memory == 300


def test_what_draws_is_replaced_after_so_many_notebooks_when_nobody_draws_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server, "_DRAWS_FOR", 2)
    server.stop_server()
    first, second = server.take(), server.take()
    assert server._converter is not None
    former, address = server._converter
    former.started()
    third = server.take()
    assert server._converter[0] is not former
    assert server.pictures() not in (None, address)
    server.give_back(first)
    assert not former.lost(), "the second notebook may still draw with it"
    server.give_back(second)
    assert former.wait(10) is not None
    server._converter[0].started()
    assert not server._converter[0].lost()
    server.give_back(third)
    server.stop_server()
    assert gone(kernels)


def test_children_of_a_notebook_end_with_it(root: Path) -> None:
    seen = told(
        job(
            root,
            "import subprocess, sys",
            "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])",
            "tell('child', child.pid)",
        )
    )
    assert gone(lambda: [p for p in kernels() if p.pid == int(seen["child"])])
    assert not psutil.pid_exists(int(seen["child"])) or (
        psutil.Process(int(seen["child"])).status() == psutil.STATUS_ZOMBIE
    )


def test_a_killed_server_fails_clearly_and_the_next_notebook_has_a_new_one(root: Path) -> None:
    told(job(root, "tell('a', 1)"))

    def kill_the_server() -> None:
        while not list(root.rglob("started")):
            time.sleep(0.05)
        for process in psutil.Process().children():
            if "forkserver" in " ".join(process.cmdline()):
                process.kill()

    killer = threading.Thread(target=kill_the_server)
    killer.start()
    with pytest.raises(StageFailed, match="the notebook's process ended"):
        told(job(root, "tell('started', 1)", "import time; time.sleep(60)"))
    killer.join()
    assert told(job(root, "tell('b', 2)")) == {"b": "2"}


def test_a_kernel_that_does_not_start_is_tried_once_more(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, tries = server.Kernel.begin, []

    def first_fails(self: server.Kernel, order: Order) -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise NotStarted("report.fault", fault="gone")
        return begin(self, order)

    monkeypatch.setattr(server.Kernel, "begin", first_fails)
    assert told(job(root, "tell('a', 1)")) == {"a": "1"}

    def all_fail(self: server.Kernel, order: Order) -> Any:
        raise NotStarted("report.fault", fault="gone")

    monkeypatch.setattr(server.Kernel, "begin", all_fail)
    with pytest.raises(StageFailed, match="no process for the notebook: gone"):
        execute.make_report(job(root, "tell('a', 1)"), force=True)
    assert gone(kernels)


@both
def test_a_run_can_be_stopped_from_another_thread(root: Path, engine: Engine) -> None:
    def stop_when_started() -> None:
        while not list(root.rglob("started")):
            time.sleep(0.05)
        execute.stop_all()

    made = job(root, "tell('started', 1)", "import time; time.sleep(300)", engine=engine)
    stopper = threading.Thread(target=stop_when_started)
    stopper.start()
    begun = time.monotonic()
    try:
        with pytest.raises(RunStopped):
            execute.make_report(made)
        assert time.monotonic() - begun < 200
        with pytest.raises(RunStopped):
            execute.make_report(made)
    finally:
        stopper.join()
        execute.go_on()
    assert not made.folder.exists()
    assert list(made.folder.parent.iterdir()) == [], "nothing half made, no failure kept"
    assert gone(kernels)
    assert told(job(root, "tell('a', 1)", engine=engine)) == {"a": "1"}


# -- kernels kept ready ----------------------------------------------------------


def test_announced_notebooks_find_a_kernel_that_waits(root: Path) -> None:
    server.expect(2, at_a_time=1)
    try:
        assert len(server._spares) == 1
        waiting = server._spares[0]
        seen = told(job(root, "import os; tell('process', os.getpid())"))
        assert int(seen["process"]) == waiting.pid
        assert len(server._spares) == 1, "the next one starts while this one runs"
        told(job(root, "tell('a', 1)"))
        assert len(server._spares) == 0
    finally:
        server.stop_server()
    assert gone(kernels)


def test_announcements_can_be_taken_back() -> None:
    server.expect(3, at_a_time=2)
    server.expect(-3)
    assert len(server._spares) == 0
    assert gone(kernels)


def test_interrupting_the_terminal_does_not_reach_a_kernel(root: Path) -> None:
    seen = told(job(root, "import os; tell('group', os.getpgid(0)); tell('session', os.getsid(0))"))
    assert int(seen["group"]) != os.getpgid(0)
    assert int(seen["session"]) != os.getsid(0)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
