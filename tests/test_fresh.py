"""What need not be made again: seen from files, else from the tables a stage reads."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from nbformat.v4 import new_code_cell, new_notebook

from ecperf_kit.cli import main
from ecperf_kit.client import Client, open_client
from ecperf_kit.intake.files import client_files
from ecperf_kit.practice import HOME
from ecperf_kit.runner import execute, fresh, record
from ecperf_kit.runner.contents import content_of_tables, table_hash
from ecperf_kit.runner.errors import StageFailed
from ecperf_kit.runner.fresh import is_fresh, period_of
from ecperf_kit.runner.notebooks import notebook_of
from ecperf_kit.runner.reach import tables_reached
from ecperf_kit.stages import default_period
from ecperf_kit.stages.result import STAGES
from ecperf_kit.view import reads

ROOT = Path(__file__).resolve().parent.parent
SHOP = "_good"


@pytest.fixture
def root(good_client: Callable[..., Path], practice: Path) -> Path:
    """A practice with one small client and the shipped notebooks."""
    good_client()
    shutil.copytree(ROOT / "notebooks", practice / "notebooks")
    return practice


def opened(root: Path, asked: str = "") -> Client:
    return open_client(SHOP, asked, root=root)


def goes_in(root: Path, stage: str, asked: str = "") -> dict[str, object]:
    client = opened(root, asked)
    period = default_period(stage, client).text
    parameters = {"client": SHOP, "period": period, "language": "zh"}
    return record.what_goes_in(client, notebook_of(stage, root), parameters, asked)


def made(root: Path, stage: str = "rollout", asked: str = "") -> Path:
    """A report folder as the runner leaves it, its notebook not executed."""
    went_in = goes_in(root, stage, asked)
    period = default_period(stage, opened(root, asked)).folder
    folder = root / "reports" / SHOP / period / stage
    (folder / "tables").mkdir(parents=True)
    (folder / "report.html").write_text("page", encoding="utf-8")
    (folder / "tables" / "gates.csv").write_text("a,b\n", encoding="utf-8")
    record.write_record(folder, went_in, scheme="0000 0000")
    return folder


def ask(root: Path, stage: str = "rollout", asked: str = "", language: str = "zh") -> Path | None:
    return is_fresh(root, SHOP, stage, asked, language)


def change(root: Path, file: str, old: str, new: str) -> None:
    path = root / "client_data" / SHOP / file
    text = path.read_text("utf-8-sig")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


# -- files first ----------------------------------------------------------------


def test_a_report_answers_for_the_period_it_was_asked_for(root: Path) -> None:
    folder = made(root)
    period = period_of(folder)
    assert ask(root) == folder
    assert ask(root, asked=period) == folder, "its own period by name"
    assert ask(root, asked="2031-01") is None
    assert ask(root, asked="no period") is None
    assert ask(root, language="en") is None
    assert ask(root, stage="pilot") is None
    assert is_fresh(root, "nobody", "rollout", "", "zh") is None


def test_a_report_of_a_named_period_is_not_taken_for_the_stages_own(root: Path) -> None:
    folder = made(root, asked="2026-05")
    assert ask(root, asked="2026-05") == folder
    assert ask(root) is None, "which period is the stage's own was not asked"


@pytest.mark.parametrize(
    "harm",
    [
        lambda folder: (folder / "tables" / "gates.csv").unlink(),
        lambda folder: (folder / "report.html").write_text("pag", "utf-8"),
        lambda folder: (folder / "more.html").write_text("x", "utf-8"),
        lambda folder: (folder / "run.json").unlink(),
        lambda folder: (folder / "run.json").write_text('{"parameters": ', "utf-8"),
        lambda folder: (folder / "run.json").write_text("[]", "utf-8"),
    ],
    ids=["deleted", "shortened", "added", "no record", "half a record", "no such record"],
)
def test_a_report_that_is_not_whole_is_made_again(
    root: Path, harm: Callable[[Path], object]
) -> None:
    folder = made(root)
    harm(folder)
    assert ask(root) is None
    assert not record.unchanged(folder, goes_in(root, "rollout"))


@pytest.mark.parametrize(
    "harm",
    [
        lambda root: change(root, "client.toml", "invented = true", "invented = false"),
        lambda root: (root / "client_data" / SHOP / "new.csv").write_text("a\n", "utf-8"),
        lambda root: (root / "client_data" / SHOP / "actuals.csv").unlink(),
        lambda root: _edit_notebook(root),
    ],
    ids=["client.toml", "a new file", "a file gone", "the notebook"],
)
def test_what_goes_in_counts(root: Path, harm: Callable[[Path], object]) -> None:
    folder = made(root)
    harm(root)
    assert ask(root) is None
    assert not record.unchanged(folder, goes_in(root, "rollout"))


def _edit_notebook(root: Path) -> None:
    path = notebook_of("rollout", root)
    path.write_text(path.read_text("utf-8").replace("low_scores", "appeals"), "utf-8")


@pytest.mark.parametrize("name", ["package_hash", "versions"])
def test_another_version_makes_it_again(
    root: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = made(root)
    for module in (fresh, record):
        monkeypatch.setattr(module, name, lambda: {"python": "4"})
    assert ask(root) is None
    assert not record.unchanged(folder, goes_in(root, "rollout"))


def test_papers_lying_by_do_not_count(root: Path) -> None:
    folder = made(root)
    shop = root / "client_data" / SHOP
    for name in ("contract.pdf", ".hidden.csv", "~$intake.xlsx"):
        (shop / name).write_text("x", encoding="utf-8")
    (shop / "raw").mkdir()
    (shop / "raw" / "export.csv").write_text("x", encoding="utf-8")
    assert ask(root) == folder


def test_nothing_heavy_is_loaded_and_no_client_opened(root: Path) -> None:
    made(root)
    code = (
        "import sys; from pathlib import Path\n"
        "from ecperf_kit.runner.fresh import is_fresh\n"
        f"assert is_fresh(Path({str(root)!r}), {SHOP!r}, 'rollout', '', 'zh')\n"
        "heavy = ('pandas', 'numpy', 'papermill', 'nbformat', 'ecperf_kit.client')\n"
        "print([name for name in heavy if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_each_file_is_hashed_once_a_run(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for stage in ("rollout", "review"):
        made(root, stage)
    count: list[Path] = []
    hashing = fresh.client_files
    monkeypatch.setattr(fresh, "client_files", lambda f: count.append(f) or hashing(f))
    hashed: dict[str, object] = {}
    for stage in ("rollout", "review", "rollout"):
        assert is_fresh(root, SHOP, stage, "", "zh", hashed=hashed)
    assert len(count) == 1
    change(root, "client.toml", "invented = true", "invented = false")
    assert ask(root) is None, "without a memory nothing is taken from the last look"


# -- then tables ------------------------------------------------------------------


@cache
def demo_contents(stage: str) -> dict[str, object]:
    return record.content_of(open_client("qinghe", root=ROOT), notebook_of(stage, ROOT))


@pytest.mark.parametrize(
    ("table", "old", "new"),
    [
        ("pay_history", "E025", "E025 "),
        ("exam_answers", ",1,A", ",1,B"),
        ("feedback", "2026-05-20", "2026-05-19"),
        ("pay_plans", "", ""),
    ],
)
def test_a_change_reaches_the_stages_that_read_its_table_and_no_other(
    practice: Path, table: str, old: str, new: str
) -> None:
    folder = practice / "client_data" / "qinghe"
    shutil.copytree(ROOT / "client_data" / "qinghe", folder)
    path = folder / f"{table}.csv"
    lines = path.read_text("utf-8-sig").splitlines()
    if table in ("pay_plans", "pay_history"):  # a salary: the last amount of the last line
        head, line = lines[0].split(","), lines[-1].split(",")
        place = max(i for i, cell in enumerate(line) if cell.replace(".", "").isdigit())
        assert head[place], "a money column"
        line[place] = str(round(float(line[place]) + 1))
        lines[-1] = ",".join(line)
    else:
        at = next(i for i, line in enumerate(lines) if old in line)
        lines[at] = lines[at].replace(old, new, 1)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    client = open_client("qinghe", root=practice)
    reached = {
        stage
        for stage in STAGES
        if record.content_of(client, notebook_of(stage, ROOT)) != demo_contents(stage)
    }
    assert reached == {stage for stage in STAGES if table in reads()[stage]}
    expected = {
        # the gates of the organisation ask for the conditions of the pilot, and a scenario
        # may be held against the old pay
        "pay_history": {"organisation", "design", "pilot", "rollout", "review"},
        "exam_answers": {"exam", "organisation"},  # the exam gate: has everybody passed?
        "feedback": {"review"},
        "pay_plans": set(STAGES),  # all six speak of the pay plan: the exam asks about it too
    }
    assert reached == expected[table]


@pytest.mark.parametrize("text", ['title = "another"', "not readable ["])
def test_a_scenario_reaches_the_stages_that_read_scenarios_and_no_other(
    practice: Path, text: str
) -> None:
    folder = practice / "client_data" / "qinghe"
    shutil.copytree(ROOT / "client_data" / "qinghe", folder)
    (folder / "scenarios").mkdir(exist_ok=True)
    (folder / "scenarios" / "another.toml").write_text(text, encoding="utf-8")
    client = open_client("qinghe", root=practice)
    told = [finding for finding in client.findings if "another" in finding.source.file]
    assert told, "no author, no reason: a fault of the file"
    for stage in STAGES:
        seen, reached = client.seen_by(stage), stage == "design"
        same = record.content_of(client, notebook_of(stage, ROOT)) == demo_contents(stage)
        assert same != reached
        assert all(fault in seen.findings for fault in told) == reached
        assert ("scenarios/another.toml" in seen.inputs) == reached, "as the page lists files"
        assert bool(seen.scenarios) == (reached and bool(client.scenarios))


def test_a_file_changed_where_the_stage_does_not_read_leaves_the_report(root: Path) -> None:
    folder = made(root)
    before = record.read_record(folder)
    shop = root / "client_data" / SHOP
    (shop / "feedback.csv").write_text(
        "employee,given_on,given_by,indicator,text\nE03,2026-05-20,E01,,好\n", encoding="utf-8"
    )
    assert ask(root) is None, "files first: one is new"
    went_in = goes_in(root, "rollout")
    assert record.unchanged(folder, went_in)
    assert not record.unchanged(folder, goes_in(root, "review"))
    record.note_unchanged(folder, went_in)
    assert ask(root) == folder, "the next run need not open the client"
    after = record.read_record(folder)
    assert after["inputs"] == before["inputs"], "what it was made from, as it says itself"
    assert after["still"]["inputs"] == client_files(shop)
    assert record.differences(folder, client_files(shop))[0].state == "added"
    record.note_unchanged(folder, went_in)
    assert record.read_record(folder) == after


def test_the_stages_own_period_is_asked_for_again_with_other_files(root: Path) -> None:
    """Noted for a named period, a report no longer answers where none is named."""
    folder = made(root)
    period = period_of(folder)
    (root / "client_data" / SHOP / "feedback.csv").write_text(
        "employee,given_on,given_by,indicator,text\n", encoding="utf-8"
    )
    named = goes_in(root, "rollout", period)
    assert record.unchanged(folder, named)
    record.note_unchanged(folder, named)
    assert ask(root, asked=period) == folder
    assert ask(root) is None
    record.note_unchanged(folder, goes_in(root, "rollout"))
    assert ask(root) == folder


def test_a_comment_in_the_facts_changes_nothing_a_fact_does(root: Path) -> None:
    folder = made(root)
    change(root, "client.toml", "invented = true", "invented = true  # as agreed")
    assert ask(root) is None and record.unchanged(folder, goes_in(root, "rollout"))
    change(root, "client.toml", "invented = true", "invented = false")
    assert not record.unchanged(folder, goes_in(root, "rollout"))


def test_every_kind_of_change_changes_the_hash_of_a_table(root: Path) -> None:
    table = opened(root).table("actuals")
    value = int(table["value"].dropna().iloc[0])
    filled = table["value"].first_valid_index()
    others = [
        table.iloc[::-1],
        table.iloc[:-1],
        table.rename(columns={"value": "valeur"}),
        table.assign(value=table["value"].fillna(0)),
        table.assign(value=table["value"].mask(table.index == filled, value + 1)),
        table.assign(_row=table["_row"] + 1),
        table.assign(_file="intake.xlsx"),
        table.assign(indicator=table["indicator"].str.upper()),
        table.assign(indicator=table["indicator"].mask(table.index == 0)),
        table.assign(subject_id=table["indicator"], indicator=table["subject_id"]),
        table.assign(_spoilt=True),
    ]
    assert table_hash(table.copy()) == table_hash(table)
    assert len({table_hash(other) for other in (table, *others)}) == len(others) + 1


def test_the_same_content_from_another_reading_has_the_same_hash(root: Path) -> None:
    for stage in STAGES:
        one, two = (content_of_tables(opened(root), reads()[stage]) for _ in range(2))
        assert one == two
    assert set(one["tables"]) == reads()["review"]


# -- what a notebook can reach ------------------------------------------------------


PARAMETERS = 'client = "qinghe"\nperiod = ""\nlanguage = "zh"\noutput = ""'
USUAL = (
    "from ecperf_kit import exam, open_client, show, write_stage\n"
    "opened = open_client(client, period, language)\nreport = exam(opened)",
    "show.title(opened, report)",
    "show.files(write_stage(opened, report, output), opened)",
)


def notebook(folder: Path, *cells: str, stage: str = "exam") -> Path:
    path = folder / f"3_{stage}.ipynb"
    first = new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})
    nbformat.write(new_notebook(cells=[first, *map(new_code_cell, cells)]), path)
    return path


@pytest.mark.parametrize("stage", STAGES)
def test_the_shipped_notebooks_reach_their_stage_only(stage: str) -> None:
    assert tables_reached(notebook_of(stage, ROOT)) == reads()[stage]


@pytest.mark.parametrize(
    "cell",
    ["for name in report.tables:\n    print(name, len(report.table(name)))",
     "show.table(opened, report, 'topics', rows=3)"],
)  # fmt: skip
def test_a_cell_on_the_result_reaches_nothing_more(tmp_path: Path, cell: str) -> None:
    assert tables_reached(notebook(tmp_path, *USUAL, cell)) == reads()["exam"]


def test_two_stages_reach_the_tables_of_both(tmp_path: Path) -> None:
    more = "from ecperf_kit import pilot\nother = pilot(opened)\nshow.summary(opened, other)"
    path = notebook(tmp_path, *USUAL, more)
    assert tables_reached(path) == reads()["exam"] | reads()["pilot"]


@pytest.mark.parametrize(
    "cell",
    [
        "opened.table('actuals')", "again = opened\nagain.tables", "show.data_findings(opened)",
        "show.client_table(opened, 'actuals')", "import pandas as pd", "open('x.csv').read()",
        "from pathlib import Path", "from ecperf_kit.client import open_client as other",
        "second = open_client('xiaoman', period, language)", "%matplotlib inline",
        "def f(c): return c.rows\nf(opened)", "[c.inputs for c in [opened]]",
        "report.__class__", "show.title(*[opened, report])", "(lambda: opened)()",
        "__import__('os').listdir()",
    ],
)  # fmt: skip
def test_a_cell_that_may_read_anything_reaches_everything(tmp_path: Path, cell: str) -> None:
    assert tables_reached(notebook(tmp_path, *USUAL, cell)) is None


def test_a_notebook_that_reads_everything_goes_by_files(root: Path) -> None:
    notebook(root / "notebooks", *USUAL, "opened.rows")
    (root / "notebooks" / "3_exam.ipynb").replace(notebook_of("exam", root))
    folder = made(root, "exam")
    assert ask(root, "exam") == folder
    change(root, "client.toml", "invented = true", "invented = true  # as agreed")
    assert not record.unchanged(folder, goes_in(root, "exam"))


# -- runs and proofs ------------------------------------------------------------------


@pytest.mark.notebook
def test_a_failed_run_marks_nothing_as_done(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (root / "notebooks").glob("3_*.ipynb"):
        path.unlink()
    monkeypatch.setattr(
        execute, "write_pages", lambda *about: (about[-1] / "report.html").write_text("p", "utf-8")
    )
    sound = notebook(root / "notebooks", "1").read_bytes()
    client = opened(root)
    job = execute.Job(root, client, "exam", default_period("exam", client), "zh")
    assert execute.make_report(job) and ask(root, "exam") == job.folder
    notebook(root / "notebooks", "1 / 0")
    with pytest.raises(StageFailed):
        execute.make_report(job)
    assert ask(root, "exam") is None, "the old report is there, but not of this notebook"
    notebook_of("exam", root).write_bytes(sound)
    assert ask(root, "exam") == job.folder
    assert not execute.make_report(job)
    assert execute.make_report(job, force=True)


@pytest.fixture
def verified(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[str]]]:
    monkeypatch.setenv(HOME, str(root))

    def lines() -> list[str]:
        result = CliRunner().invoke(main, ["verify", SHOP])
        assert result.exit_code == (", 0 differences" not in result.output), result.output
        return result.output.splitlines()

    yield lines


def test_verify_explains_a_file_in_which_the_report_reads_nothing_new(
    root: Path, verified: Callable[[], list[str]]
) -> None:
    period = made(root, "rollout").parent.name
    made(root, "review")
    assert verified() == ["2 reports checked, 0 differences."]
    (root / "client_data" / SHOP / "feedback.csv").write_text(
        "employee,given_on,given_by,indicator,text\nE03,2026-05-20,E01,,好\n", encoding="utf-8"
    )
    assert verified() == [
        f"{period}/review: input feedback.csv is added since the run",
        f"{period}/rollout: input feedback.csv is added since the run,"
        " but not in what this report reads",
        "2 reports checked, 1 differences (1 more in what the reports do not read).",
    ]


def test_verify_sees_what_the_quick_look_does_not(
    root: Path, verified: Callable[[], list[str]]
) -> None:
    folder = made(root)
    (folder / "report.html").write_text("gape", encoding="utf-8")
    assert ask(root) == folder
    assert verified()[0].endswith("output report.html is changed since the run")


def test_the_record_is_plain_json_with_sizes(root: Path) -> None:
    folder = made(root)
    held = json.loads((folder / "run.json").read_text("utf-8"))
    assert held["sizes"] == {"report.html": 4, "tables/gates.csv": 4}
    assert held["asked"] == [""]
    assert held["inputs"] == client_files(root / "client_data" / SHOP)
    assert [p.name for p in folder.iterdir() if p.name.startswith(".")] == []
