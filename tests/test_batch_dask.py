"""``ecperf run --dask``: two workers of a local cluster, one of them killed while it works."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from many_clients import CHECKOUT, WAIT, WRITE, command, contents, many_clients, until
from many_clients import whole_reports as whole

from ecperf_kit.cli import main
from ecperf_kit.practice import HOME

pytestmark = pytest.mark.notebook
STAGES = ("--stage", "design", "--stage", "exam")


class Cluster:
    """A scheduler and two workers: one like clusters start them, daemonic, and one that is not."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.processes = folder, []  # type: ignore[var-annotated]
        where = folder / "scheduler.json"
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", where)
        until(where.exists)
        self.address = str(json.loads(where.read_text("utf-8"))["address"])
        self._start("worker", self.address, "--nthreads", "1", "--local-directory", folder)
        self.lost = self._start(
            "worker", self.address, "--nthreads", "1", "--local-directory", folder, "--no-nanny"
        )

    def _start(self, *words: Any) -> subprocess.Popen[bytes]:
        environment = {k: v for k, v in os.environ.items() if k != HOME}
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", *map(str, words), "--no-dashboard"],
                env=environment | {"PYTHONPATH": str(CHECKOUT)}, stdout=log, stderr=log,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def close(self) -> None:
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    pytest.importorskip("distributed")
    folder = tmp_path / "cluster"
    folder.mkdir()
    cluster = Cluster(folder)
    try:
        yield cluster
    finally:
        cluster.close()


def test_a_worker_killed_at_work_loses_nothing(tmp_path: Path, cluster: Cluster) -> None:
    root = many_clients(tmp_path / "shared", 3, WAIT, WRITE)
    (root / "client_data" / "c2" / "client.toml").write_text("x", encoding="utf-8")
    running = command(root, "run", "--all", *STAGES, "--dask", cluster.address)
    until(lambda: len(list(root.glob("*.at_work"))) == 2 or running.poll() is not None)
    cluster.lost.kill()
    time.sleep(0.5)
    (root / "go").touch()
    out, err = running.communicate(timeout=120)
    assert out.startswith("4 made, 0 unchanged, 1 failed."), out + err
    assert running.returncode == 1 and "\nc2: " in err
    assert len(whole(root)) == 4
    again = command(root, "run", "c0", "c1", *STAGES)
    out, err = again.communicate(timeout=120)
    assert out.startswith("0 made, 4 unchanged, 0 failed."), "what the cluster made is up to date"
    here = many_clients(tmp_path / "here", 2, WAIT, WRITE)
    (here / "go").touch()
    local = command(here, "run", "--all", *STAGES)
    assert local.wait(120) == 0
    assert contents(here) == contents(root)


# -- what is told when it cannot be ---------------------------------------------------------


def refused(root: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(HOME, str(root))
    result = CliRunner().invoke(
        main, ["run", "c0", "--lang", "en", "--stage", "design", "--dask", address]
    )
    assert result.exit_code == 1
    told = [line for line in result.output.splitlines() if line.startswith("Error: ")]
    assert len(told) == 1 and "Traceback" not in result.output, result.output
    return told[0]


def test_without_distributed_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    told = refused(many_clients(tmp_path / "p", 1), "tcp://127.0.0.1:8786", monkeypatch)
    assert told == "Error: --dask needs the package distributed: `pip install ecperf_kit[dask]`"


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "no address"])
def test_without_a_scheduler_its_address_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("ecperf_kit.cli.cluster.PATIENCE", 1)
    told = refused(many_clients(tmp_path / "p", 1), address, monkeypatch)
    assert told.startswith(f"Error: no Dask scheduler answers at {address} within 1 s")
