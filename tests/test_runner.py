"""The runner: strict parameters, whole folders, failures that harm nothing else.

Tiny notebooks in practice roots of their own; the real six are run by the
tests of the notebooks.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from ecperf_kit.period import Period
from ecperf_kit.runner import execute
from ecperf_kit.runner.errors import NotebookError, ReportFolderError, StageFailed
from ecperf_kit.runner.folders import whole_folder
from ecperf_kit.runner.notebooks import check_parameters, declared_parameters, notebook_of
from ecperf_kit.runner.record import differences, read_record
from tests.scheme_client import a_client

PARAMETERS = 'client = "qinghe"\nperiod = ""\nlanguage = "zh"\noutput = ""'
WRITE = "from pathlib import Path\nPath(output, 'figures.csv').write_text(client, 'utf-8')"


def notebook(root: Path, stage: str, *sources: str, parameters: str = PARAMETERS) -> Path:
    """A notebook of ``stage`` in the practice at ``root`` with these code cells."""
    cells = [new_code_cell(parameters, metadata={"tags": ["parameters"]})]
    cells += [new_code_cell(source) for source in sources]
    path = root / "notebooks" / f"4_{stage}.ipynb"
    path.parent.mkdir(exist_ok=True)
    nbformat.write(new_notebook(cells=cells), path)
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A practice root whose name has what file names may have: blank, brace, Chinese."""
    root = tmp_path / "顾问 {a}"
    root.mkdir()
    (root / "practice.toml").write_text("[practice]\n", encoding="utf-8")
    return root


def _packed(content: bytes) -> Future[bytes]:
    found: Future[bytes] = Future()
    found.set_result(content)
    return found


@pytest.fixture
def plain_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages without the exporter: these tests are about folders, not about looks."""

    def write(*about: Any) -> None:
        (about[-1] / "report.html").write_text("page", encoding="utf-8")

    monkeypatch.setattr(execute, "write_pages", write)
    monkeypatch.setattr(execute, "_scheme_hash", lambda client: "0000 0000")
    monkeypatch.setattr(execute, "_begin_snapshot", lambda job: _packed(b""))


def job(root: Path, stage: str = "pilot", name: str = "qinghe", **inputs: str) -> execute.Job:
    """A job for a client without a row, said to have been read from these files."""
    files = inputs or {"client.toml": "11"}
    client = replace(a_client(), name=name, root=root, files=files)
    return execute.Job(root, client, stage, Period.parse("2026-04..2026-06"), "zh")


# -- parameters ---------------------------------------------------------------


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def test_parameters_are_read_from_the_tagged_cell(root: Path) -> None:
    node = read(notebook(root, "pilot"))
    assert declared_parameters(node, "n") == {
        "client": "qinghe",
        "period": "",
        "language": "zh",
        "output": "",
    }


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"client": "a", "period": "", "language": "zh", "output": "", "month": "1"}, "month"),
        ({"client": "a", "period": "", "language": "zh"}, "output"),
    ],
    ids=["unknown name", "missing name"],
)
def test_unknown_and_missing_parameters_are_refused(
    root: Path, given: dict[str, str], word: str
) -> None:
    with pytest.raises(NotebookError, match=word):
        check_parameters(read(notebook(root, "pilot")), "4_pilot.ipynb", given)


@pytest.mark.parametrize("line", ["client = open('x')", "client = 1", "import os", "a = b = 'x'"])
def test_a_parameters_cell_holds_texts_only(root: Path, line: str) -> None:
    with pytest.raises(NotebookError, match="line 1"):
        declared_parameters(read(notebook(root, "pilot", parameters=line)), "n")


def test_a_stage_without_notebook_names_the_folder(root: Path) -> None:
    with pytest.raises(NotebookError, match=r"notebooks should hold \[1-6\]_nothing"):
        notebook_of("nothing", root)


# -- one report ---------------------------------------------------------------


@pytest.mark.notebook
def test_a_report_is_made_once_and_again_when_forced_or_changed(
    root: Path, plain_pages: None
) -> None:
    notebook(root, "pilot", WRITE, "import os\nassert Path(os.environ['ECPERF_HOME']).is_dir()")
    folder = root / "reports" / "qinghe" / "2026-04_2026-06" / "pilot"
    assert execute.make_report(job(root))
    assert (folder / "figures.csv").read_text("utf-8") == "qinghe"
    record = read_record(folder)
    assert record["parameters"] == {
        "client": "qinghe",
        "period": "2026-04..2026-06",
        "language": "zh",
    }
    assert set(record["outputs"]) == {"figures.csv", "report.html"}
    assert record["inputs"] == {"client.toml": "11"}
    assert not execute.make_report(job(root)), "nothing changed"
    assert differences(folder, {"client.toml": "11"}) == []
    assert execute.make_report(job(root), force=True)
    assert execute.make_report(job(root, **{"client.toml": "22"})), "a file changed"
    (folder / "figures.csv").write_text("other", encoding="utf-8")
    found = differences(folder, {"client.toml": "22", "actuals.csv": "33"})
    assert [(row.kind, row.file, row.state) for row in found] == [
        ("input", "actuals.csv", "added"),
        ("output", "figures.csv", "changed"),
    ]
    assert execute.make_report(job(root, **{"client.toml": "22"})), "the report was changed"
    assert sorted(p.name for p in folder.parent.iterdir()) == ["pilot"], "nothing left over"


@pytest.mark.notebook
def test_a_failing_notebook_is_kept_and_the_old_report_too(root: Path, plain_pages: None) -> None:
    folder = job(root).folder
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("old", encoding="utf-8")
    notebook(root, "pilot", WRITE, "raise ValueError('no plan\\nfor June')")
    with pytest.raises(StageFailed, match=r"^pilot: cell \[4\] failed: ValueError: no plan$"):
        execute.make_report(job(root))
    assert (folder / "report.html").read_text("utf-8") == "old"
    kept = folder.parent / "restricted" / "pilot.failed.ipynb"
    assert "no plan" in kept.read_text("utf-8")
    assert sorted(p.name for p in folder.parent.iterdir()) == ["pilot", "restricted"]
    notebook(root, "pilot", WRITE)
    assert execute.make_report(job(root))
    assert not kept.exists(), "the failure is over"


@pytest.mark.notebook
@pytest.mark.parametrize(
    "source", ["import os\nos._exit(3)", "raise SystemExit"], ids=["killed", "exit"]
)
def test_a_notebook_that_ends_early_is_no_report(
    root: Path, plain_pages: None, source: str
) -> None:
    notebook(root, "pilot", source, WRITE)
    with pytest.raises(StageFailed, match="pilot"):
        execute.make_report(job(root))
    assert not job(root).folder.exists()
    assert job(root).failed_notebook.exists()


def test_an_unknown_parameter_of_the_notebook_stops_before_any_cell(
    root: Path, plain_pages: None
) -> None:
    notebook(root, "pilot", WRITE, parameters=PARAMETERS + '\nmonth = ""')
    with pytest.raises(NotebookError, match="month"):
        execute.make_report(job(root))
    assert list((root / "reports" / "qinghe" / "2026-04_2026-06").iterdir()) == []


@pytest.mark.notebook
def test_the_kernel_is_this_interpreter_whatever_is_registered(
    root: Path, plain_pages: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = tmp_path / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    broken = {"argv": ["no-such-program", "{connection_file}"], "display_name": "x"}
    spec.write_text(json.dumps({**broken, "language": "python"}), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    notebook(root, "pilot", f"import sys\nassert sys.executable == {sys.executable!r}", WRITE)
    assert execute.make_report(job(root))


# -- folders ------------------------------------------------------------------


def make(folder: Path, text: str) -> None:
    folder.mkdir(parents=True)
    (folder / "report.html").write_text(text, encoding="utf-8")


def test_a_report_open_elsewhere_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "pilot"
    make(target, "old")
    rename = Path.rename

    def refused(self: Path, other: Path) -> Path:
        if self == target:  # what Windows answers while a file below is open
            raise PermissionError(13, "in use")
        return rename(self, other)

    monkeypatch.setattr(Path, "rename", refused)
    with (
        pytest.raises(ReportFolderError, match="open in another program"),
        whole_folder(target) as fresh,
    ):
        (fresh / "report.html").write_text("new", encoding="utf-8")
    assert (target / "report.html").read_text("utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["pilot"]


def test_the_old_report_comes_back_if_the_new_cannot_be_put_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "pilot"
    make(target, "old")
    rename = Path.rename

    def refused(self: Path, other: Path) -> Path:
        if self.name.endswith(".tmp"):
            raise PermissionError(13, "in use")
        return rename(self, other)

    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(ReportFolderError), whole_folder(target):
        pass
    assert (target / "report.html").read_text("utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["pilot"]


def test_what_a_killed_run_left_is_cleared(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    make(tmp_path / f".pilot.{ended.pid}.tmp", "half")
    make(tmp_path / f".pilot.{ended.pid}.old", "moved aside")
    make(tmp_path / f".review.{ended.pid}.tmp", "another stage")
    with pytest.raises(RuntimeError), whole_folder(tmp_path / "pilot"):
        raise RuntimeError
    assert (tmp_path / "pilot" / "report.html").read_text("utf-8") == "moved aside"
    assert sorted(p.name for p in tmp_path.iterdir()) == [f".review.{ended.pid}.tmp", "pilot"]


def test_two_runs_do_not_make_the_same_report(tmp_path: Path) -> None:
    make(tmp_path / f".pilot.{os.getppid()}.tmp", "at work")
    with pytest.raises(ReportFolderError, match="another run"), whole_folder(tmp_path / "pilot"):
        pass


def test_the_record_is_plain_json(root: Path) -> None:
    folder = root / "reports"
    folder.mkdir()
    (folder / "run.json").write_text(json.dumps([1]), encoding="utf-8")
    assert read_record(folder) == {}, "what is no record counts as none"
    assert [row.state for row in differences(folder, {})] == ["missing"]
