"""Both engines make the same report, and both converters the same picture."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from ecperf_kit.client import Client, open_client
from ecperf_kit.outputs import drawing
from ecperf_kit.runner import execute, server
from ecperf_kit.runner.converter import Pictures
from ecperf_kit.runner.kernel import Engine
from ecperf_kit.runner.shipped import shipped_folder
from ecperf_kit.stages import default_period
from ecperf_kit.stages.result import STAGES

pytestmark = [
    pytest.mark.notebook,
    pytest.mark.skipif(not server.usable(), reason="no fork server on this system"),
]

#: What differs between any two runs: process numbers in the names of cells and folders.
PASSING = re.compile(r"ipykernel_\d+/\d+\.py|\.\w+\.\d+\.tmp|0x[0-9a-f]{6,}")
BAR: dict[str, Any] = {
    "data": {"values": [{"a": "甲", "b": 2.5}, {"a": "乙", "b": None}]},
    "mark": "bar",
    "width": 120,
    "encoding": {
        "x": {"field": "b", "type": "quantitative"},
        "y": {"field": "a", "type": "nominal"},
    },
}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Client:
    """The demo client in a practice of its own."""
    root = tmp_path_factory.mktemp("same") / "practice"
    shutil.copytree(shipped_folder() / "client_data" / "qinghe", root / "client_data" / "qinghe")
    shutil.copytree(shipped_folder() / "notebooks", root / "notebooks")
    (root / "practice.toml").write_text("", encoding="utf-8")
    return open_client("qinghe", "", "zh", root)


def run(
    client: Client, stage: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> tuple[list[list[Any]], dict[str, Any]]:
    """All outputs of a notebook's cells, and the files of its report."""
    kept: list[Any] = []
    write_pages = execute.write_pages

    def keep(node: Any, *about: Any) -> None:
        kept.append(node)
        write_pages(node, *about)

    monkeypatch.setattr(execute, "write_pages", keep)
    period = default_period(stage, client)
    # what the stages share is worked out for the forked kernels; a stock one knows nothing of it
    together = {each: default_period(each, client) for each in STAGES}
    made = execute.Job(client.root, client, stage, period, "zh", engine=engine, together=together)
    assert execute.make_report(made, force=True)
    monkeypatch.undo()
    files = {
        path.relative_to(made.folder).as_posix(): _content(path)
        for path in made.folder.rglob("*")
        if path.is_file()
    }
    return [_plain(cell) for cell in kept[0].cells], files


def _content(path: Path) -> Any:
    """The bytes of a file; a workbook's parts without the moment it was written."""
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    written = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
    parts["docProps/core.xml"] = written.sub(rb"\1", parts["docProps/core.xml"])
    return parts


def _plain(cell: Any) -> list[Any]:
    outputs = json.loads(json.dumps([cell.source, cell.get("outputs", [])]))
    return json.loads(PASSING.sub("·", json.dumps(outputs)))


@pytest.mark.parametrize("stage", STAGES)
def test_both_engines_make_the_same_report(
    opened: Client, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells, files = run(opened, stage, "forked", monkeypatch)
    stock_cells, stock_files = run(opened, stage, "stock", monkeypatch)
    assert len(cells) > 10
    assert sum(bool(outputs) for _, outputs in cells) > 5
    for (source, outputs), (_, stock) in zip(cells, stock_cells, strict=True):
        assert outputs == stock, source
    assert sorted(files) == sorted(stock_files)
    record = json.loads(files.pop("run.json")), json.loads(stock_files.pop("run.json"))
    for told in record:
        for passing in ("started", "finished"):
            told.pop(passing)
        for of_files in ("outputs", "sizes"):
            about = told.get(of_files, {})
            told[of_files] = {k: v for k, v in about.items() if not k.endswith(".xlsx")}
    assert record[0] == record[1]
    different = [name for name in files if files[name] != stock_files[name]]
    assert different == []


# -- pictures --------------------------------------------------------------------


def test_the_shared_converter_gives_the_picture_the_kernel_would() -> None:
    server.take().kill()
    address = server.pictures()
    if address is None:
        pytest.skip("no shared converter on this system")
    assert repr(address.key) not in repr(address)
    asked = Pictures(address)
    until_it_listens(asked)
    assert asked(BAR) == drawing.convert(BAR)
    assert "甲" in asked(BAR)
    wrong = {"data": {}, "mark": "no such mark"}
    with pytest.raises(ValueError) as here:
        drawing.convert(wrong)
    with pytest.raises(ValueError) as there:
        asked(wrong)
    assert str(there.value) == str(here.value)


def until_it_listens(asked: Pictures) -> None:
    """Wait for the first answer; before it listens a kernel converts by itself."""
    import time

    address = asked._address
    for _ in range(200):
        asked._address = address
        asked(BAR)
        if asked._address is not None:
            return
        time.sleep(0.1)
    raise AssertionError("the converter never listened")


def test_without_the_converter_a_kernel_draws_by_itself() -> None:
    server.take().kill()
    address = server.pictures()
    if address is None or server._converter is None:
        pytest.skip("no shared converter on this system")
    asked = Pictures(address)
    until_it_listens(asked)
    server._converter[0].kill()
    server._converter[0].wait(10)
    assert asked(BAR) == drawing.convert(BAR), "it died while we were connected"
    assert Pictures(address)(BAR) == drawing.convert(BAR), "it was dead before"
    server.take().kill()
    assert server.pictures() not in (None, address), "the next kernel has a new one"


def test_only_who_knows_the_key_is_answered() -> None:
    from multiprocessing import AuthenticationError
    from multiprocessing.connection import Client as Asking

    server.take().kill()
    address = server.pictures()
    if address is None:
        pytest.skip("no shared converter on this system")
    until_it_listens(Pictures(address))
    with pytest.raises((AuthenticationError, EOFError, OSError)):
        Asking(address.name, "AF_UNIX", authkey=os.urandom(32))
    assert Pictures(address)(BAR) == drawing.convert(BAR), "and it goes on"
