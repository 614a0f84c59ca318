"""The six notebooks as the command runs them, on the demo clients in a practice of their own."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from ecperf_kit.client import open_client
from ecperf_kit.outputs.page import LANGUAGES
from ecperf_kit.practice import HOME
from ecperf_kit.stages.result import RESTRICTED, STAGES, declarations

pytestmark = pytest.mark.notebook

ROOT = Path(__file__).resolve().parent.parent
RUNS = (("qinghe", "zh"), ("qinghe", "en"), ("qinghe_draft", "zh"), ("xiaoman", "zh"))
HAN = re.compile(r"[\u3400-\u9fff]+")
KEYS = re.compile(
    r"\b(?:pilot|design|organisation|exam|rollout|review|finding|findings|label|common|chart"
    r"|stage|level|provenance|assumption|unit)\.(?!xlsx\b|html\b)[a-z_]+[a-z_.]*"
)
#: Where a public page may carry an address: names of drawing standards, never fetched.
NAMESPACES = re.compile(r'"http://www\.w3\.org/[\w/]+"')

Reports = Callable[[str, str], Path]
each_run = pytest.mark.parametrize(("name", "language"), RUNS)


def ecperf(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != HOME}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, "-m", "ecperf_kit", *words],
        cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=600,
    )  # fmt: skip


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reports]:
    """The reports folder of a client run in a language; all clients of a language run once."""
    base = tmp_path_factory.mktemp("practices")

    @cache
    def run(language: str) -> Path:
        practice = base / f"顾问 {language}"
        begun = ecperf("init", str(practice), folder=base)
        assert begun.returncode == 0, begun.stderr
        names = [name for name, spoken in RUNS if spoken == language]
        done = ecperf("run", *names, "--lang", language, "--jobs", "2", folder=practice)
        assert done.returncode == 0, done.stdout + done.stderr
        count = len(STAGES) * len(names)
        made = {
            "zh": f"新做 {count} 份，未变 0 份，失败 0 份",
            "en": f"{count} made, 0 unchanged, 0 failed",
        }[language]
        assert made in done.stdout.splitlines()[-1]
        return practice / "reports"

    yield lambda name, language: run(language) / name


def stage_folders(reports: Path) -> dict[str, Path]:
    return {path.name: path for path in reports.glob("*/*") if path.is_dir()}


def text_of(page: str) -> str:
    body = re.sub(r"<style.*?</style>", " ", page.split("<body", 1)[1], flags=re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", " ", body))


def pages(reports: Path) -> dict[str, str]:
    found = {
        path.relative_to(reports).as_posix(): path.read_text("utf-8")
        for path in reports.rglob("report.html")
    }
    assert len(found) == 2 * len(STAGES)
    return found


@each_run
def test_every_stage_leaves_all_its_files(name: str, language: str, reports: Reports) -> None:
    folders = stage_folders(reports(name, language))
    assert set(folders) == set(STAGES)
    for stage, folder in folders.items():
        tables = declarations(stage)
        closed = {t for t, d in tables.items() if d.audience in RESTRICTED}
        shown = set(re.findall(r'"([a-z_]+)"', (_sources(stage)))) & set(tables)
        assert shown, stage
        there = {path.stem for path in (folder / "tables").glob("*.csv")}
        there_closed = {path.stem for path in (folder / "restricted" / "tables").glob("*.csv")}
        assert shown - closed <= there and shown & closed <= there_closed
        assert not there & closed and there_closed <= closed
        files = {path.relative_to(folder).as_posix() for path in folder.rglob("*")}
        assert {"report.html", "restricted/report.html", f"{stage}.xlsx", "run.json"} <= files
        assert ("restricted/" + f"{stage}.xlsx" in files) is bool(closed)
        assert not [path for path in files if "failed" in path or path.endswith(".ipynb")]
        record = json.loads((folder / "run.json").read_text("utf-8"))
        assert record["parameters"]["client"] == name
        assert record["parameters"]["language"] == language
        assert set(record["inputs"]) >= {"client.toml", "employees.csv"}


def _sources(stage: str) -> str:
    path = ROOT / "notebooks" / f"{STAGES.index(stage) + 1}_{stage}.ipynb"
    cells = json.loads(path.read_text("utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


@each_run
def test_pages_are_whole_and_offline(name: str, language: str, reports: Reports) -> None:
    for path, page in pages(reports(name, language)).items():
        assert f'<html lang="{LANGUAGES[language]}">' in page, path
        assert "://" not in NAMESPACES.sub("", page), path
        assert not re.search(r"<(?:script|link|iframe|object)\b|@import|url\(", page), path
        text = text_of(page)
        for word in ("Traceback", "open_client(", "write_stage(", "\u25a1", "\ufffd", "<NA>"):
            assert word not in text, path
        # "None" is also an English word
        wrong = r"\b(?:nan|NaN|NaT|Sentence|Int64)\b" + (r"|None" if language == "zh" else "")
        assert not re.search(wrong, text), path
        assert not KEYS.findall(text), path
        assert "{" not in text and "}" not in text, path


def _client_words(name: str) -> str:
    """Every Chinese word the client itself wrote: names, remarks, evidence, its own texts."""
    client = open_client(name, language="en", root=ROOT)
    told = [(ROOT / "client_data" / name / "client.toml").read_text("utf-8")]
    for frame in client.tables.values():
        for column in frame.columns:
            if frame[column].dtype == "str":
                told += frame[column].dropna().unique().tolist()
    told += [text for each in client.scenarios for text in (each.title, each.author, each.reason)]
    return "\n".join(told)


def test_english_pages_hold_no_chinese_but_the_clients_own(reports: Reports) -> None:
    own = _client_words("qinghe")
    for path, page in pages(reports("qinghe", "en")).items():
        foreign = [words for words in HAN.findall(text_of(page)) if words not in own]
        assert not foreign, path


def test_the_two_languages_tell_the_same_figures(reports: Reports) -> None:
    """Percentages and amounts of the pilot's page: the same set in Chinese and in English."""
    figures = []
    for language in ("zh", "en"):
        folder = stage_folders(reports("qinghe", language))["pilot"]
        text = text_of((folder / "report.html").read_text("utf-8"))
        figures.append(set(re.findall(r"[−+]?\d[\d,]*\.\d%", text)))
    assert figures[0] and figures[0] == figures[1]


def test_key_figures_stand_in_prose_and_tables(reports: Reports) -> None:
    folder = stage_folders(reports("qinghe", "zh"))["pilot"]
    public = text_of((folder / "report.html").read_text("utf-8"))
    # pre-sales in June: 6,500 x (1 - 18 %) = 5,330
    for figure in ("5,330.00", "−18.0%"):
        assert figure in public
    tables = {p.stem: p.read_text("utf-8-sig") for p in (folder / "tables").glob("*.csv")}
    assert "5330" in tables["pay_by_post"] and "6500" in tables["pay_by_post"]
    assert "3450000" in tables["bridge_months"] and "4120000" in tables["bridge_months"]
    closed = folder / "restricted"
    effect = (closed / "tables" / "commission_effect.csv").read_text("utf-8-sig")
    assert {"17250", "20600", "3350"} <= set(re.split(r"[,\s]+", effect))


def test_the_managers_commission_stands_in_restricted_papers_only(reports: Reports) -> None:
    folder = stage_folders(reports("qinghe", "zh"))["pilot"]
    assert "17,250.00" in text_of((folder / "restricted" / "report.html").read_text("utf-8"))
    for page in reports("qinghe", "zh").rglob("report.html"):
        if page.parent.name != "restricted":
            assert "17,250" not in page.read_text("utf-8")
    for table in reports("qinghe", "zh").rglob("tables/*.csv"):
        if table.parent.parent.name != "restricted":
            assert "17250" not in re.split(r"[,\r\n]+", table.read_text("utf-8-sig"))
