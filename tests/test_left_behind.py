"""What a run leaves behind or waits for: no packed client, no endless wait, no traceback."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ecperf_kit.period import Period
from ecperf_kit.runner import batch, execute, preparing, server
from ecperf_kit.runner.children import sent_within
from ecperf_kit.runner.errors import NotStarted
from ecperf_kit.runner.preparing import Preparer, Question
from tests.many_clients import WRITE, many_clients, whole_reports

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forked processes: Linux")
#: More than any pipe holds.
MUCH = b"x" * (1 << 22)


@pytest.fixture(autouse=True)
def server_stopped() -> Iterator[None]:
    execute.go_on()
    yield
    server.stop_server()
    execute.go_on()


def test_who_does_not_listen_is_not_waited_for() -> None:
    ours, theirs = multiprocessing.Pipe()
    with pytest.raises(NotStarted, match="it said nothing within 0 s"):
        sent_within(0.2, lambda: ours.send_bytes(MUCH))
    theirs.close()  # the thread that still sends ends now
    ours, theirs = multiprocessing.Pipe()
    heard: list[bytes] = []
    listener = threading.Thread(target=lambda: heard.append(theirs.recv_bytes()))
    listener.start()
    sent_within(60, lambda: ours.send_bytes(MUCH))
    listener.join(60)
    assert heard == [MUCH]
    theirs.close()
    with pytest.raises(OSError):  # what sending itself says is passed on
        sent_within(60, lambda: ours.send_bytes(MUCH))


def test_a_preparing_process_that_hangs_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "START_SECONDS", 0.3)
    child = Preparer(server._ensure_server)
    try:
        child.started()
        time.sleep(0.1)
        os.kill(child.pid, signal.SIGSTOP)
        asked = Question("c", Path(), "zh", MUCH, {"design": Period.parse("2026")})
        assert child.answer(asked, 0.3) == b""
    finally:
        child.kill()


def test_a_child_whose_driver_is_gone_ends_without_a_word() -> None:
    code = (
        "import os\n"
        "from ecperf_kit.runner.kernel_process import end_with_driver\n"
        "gone = os.fork()\n"
        "if not gone: os._exit(0)\n"
        "os.waitpid(gone, 0)\n"
        "end_with_driver(gone)\n"
    )
    # in a process of its own that leads no group, as a forked child does
    done = subprocess.run(
        [sys.executable, "-c", f"import os\nif os.fork():\n os._exit(os.wait()[1])\n{code}"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.stderr == "" and done.returncode == signal.SIGKILL


def _packed() -> list[int]:
    """The sizes of the packed clients that classes of forked kernels still hold."""
    return [
        len(vars(kind)["snapshot"])
        for kind in gc.get_objects()
        if isinstance(kind, type) and kind.__name__ == "Provisioner" and vars(kind)["snapshot"]
    ]


@pytest.mark.notebook
def test_a_packed_client_is_let_go_with_its_kernel_and_each_report_asked_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = many_clients(tmp_path / "practice", 2, WRITE)
    asked: list[str] = []
    real = execute.unchanged

    def unchanged(folder: Path, went_in: Any) -> bool:
        asked.append(folder.name)
        return real(folder, went_in)

    monkeypatch.setattr(execute, "unchanged", unchanged)
    gc.disable()  # classes live until the collector comes by
    try:
        done = batch.run(["c0", "c1"], ["design", "pilot"], root=root, engine="forked")
        assert {outcome.state for outcome in done} == {"made"}, done
        assert _packed() == []
    finally:
        gc.enable()
    assert len(whole_reports(root)) == 4
    assert sorted(asked) == ["design", "design", "pilot", "pilot"]
