"""An empty section says which it is: data to fill in, figures withheld, or truly nothing."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from ecperf_kit.client import Client, open_client
from ecperf_kit.intake.declare import tables as declared_tables
from ecperf_kit.outputs import show
from ecperf_kit.outputs.nothing import rests, why_empty
from ecperf_kit.outputs.wording import Wording
from ecperf_kit.outputs.workbook import workbook
from ecperf_kit.stages import default_period, stage_function
from ecperf_kit.stages.result import RESTRICTED, STAGES, StageResult, declarations
from ecperf_kit.view import reads

ROOT = Path(__file__).resolve().parent.parent
Good = Callable[..., Path]


def _at(root: Path | None, name: str, stage: str, language: str) -> tuple[Client, StageResult]:
    period = default_period(stage, open_client(name, "", language, root))
    client = open_client(name, period.text, language, root)
    return client, stage_function(stage)(client)


def _why(root: Path | None, name: str, stage: str, table: str, language: str) -> str:
    client, report = _at(root, name, stage, language)
    assert report.tables[table].frame.empty, f"{table} is not empty"
    return why_empty(client, report, table, Wording(client.library, language, client))


def test_what_tables_rest_on_is_declared_by_names_there_are() -> None:
    read = reads()
    for (stage, table), rest in rests().items():
        known = declarations(stage)
        assert table in known
        for need in (each for alternatives in rest.needs for each in alternatives):
            if need == "targets.annual_net_sales":
                continue
            name, _, column = need.partition(".")
            assert name in read[stage], f"{stage} does not read {name}"
            assert not column or column in declared_tables()[name].by_name
        if rest.behind:
            name, _, column = rest.behind.partition(".")
            assert known[name].audience in RESTRICTED
            assert not column or column in {each.name for each in known[name].columns}


@pytest.mark.parametrize(
    "stage,table,zh,en",
    [
        ("pilot", "lateness", "流程日志（process_log）", "Process log (process_log)"),
        ("pilot", "pay_by_post", "历史薪酬（pay_history）", "Pay history (pay_history)"),
        ("design", "plan_tree", "（targets）或 client.toml", "(targets) or annual_net_sales"),
        ("review", "grid_counts", "（interviews）的 will 列", "column will of Interviews"),
    ],
)
def test_what_to_fill_in_is_named(
    good_client: Good, practice: Path, stage: str, table: str, zh: str, en: str
) -> None:
    good_client()
    said = _why(practice, "_good", stage, table, "zh")
    assert said.startswith("还没有数据，请填写：") and zh in said
    said = _why(practice, "_good", stage, table, "en")
    assert said.startswith("No data yet: please fill in ") and en in said


def test_figures_withheld_are_told_with_their_restricted_page(
    good_client: Good, practice: Path
) -> None:
    """Two people with scores: data are there, and shown to entitled readers only."""
    good_client()
    client, report = _at(practice, "_good", "review", "zh")
    assert len(report.tables["sheet_rows"].frame)
    said = why_empty(client, report, "by_post", Wording(client.library, "zh", client))
    assert said.startswith("不是缺数据") and said.endswith("「面谈用的逐行得分」。")
    client, report = _at(practice, "_good", "review", "en")
    shown = show.table(client, report, "by_post").html
    assert "withheld" in shown and "“Rows behind the interview sheets”" in shown


def test_a_month_without_rows_is_told_with_the_month(good_client: Good, practice: Path) -> None:
    good_client()
    client = open_client("_good", "2027-01", "zh", practice)
    report = stage_function("review")(client)
    said = why_empty(client, report, "by_post", Wording(client.library, "zh", client))
    assert said == "2027 年 1 月没有数据，请补这一期间的行：实际值（actuals）。"


def test_true_nothing_keeps_its_own_sentence() -> None:
    assert _why(ROOT, "qinghe", "review", "weights", "en") == "No weights need to change places."
    assert _why(ROOT, "qinghe", "design", "merged_cards", "zh") == "没有一人多岗的人。"


def test_the_workbook_says_the_same(good_client: Good, practice: Path, tmp_path: Path) -> None:
    from python_calamine import CalamineWorkbook

    good_client()
    client, report = _at(practice, "_good", "pilot", "en")
    said = why_empty(client, report, "lateness", Wording(client.library, "en", client))
    path = tmp_path / "pilot.xlsx"
    path.write_bytes(
        workbook(client, report, [report.tables["lateness"]], Wording(client.library, "en", client))
    )
    book = CalamineWorkbook.from_path(str(path))
    cells = [str(c) for name in book.sheet_names for r in book.get_sheet_by_name(name).to_python()
             for c in r]  # fmt: skip
    assert said in cells


def _shown() -> set[tuple[str, str]]:
    """Every table and picture the notebooks show."""
    found = set()
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        code = "\n".join("".join(cell["source"]) for cell in cells)
        for pattern in (r'show\.table\(\s*opened,\s*report,\s*"(\w+)"',
                        r'show\.chart\(\s*opened,\s*report,\s*"\w+",\s*"(\w+)"'):  # fmt: skip
            found |= {(path.stem[2:], name) for name in re.findall(pattern, code)}
    return found


@pytest.mark.parametrize("name", ["qinghe", "xiaoman", "_good"])
def test_no_section_is_empty_without_a_reason_of_its_own(
    good_client: Good, practice: Path, name: str
) -> None:
    if name == "_good":
        good_client()
    root = practice if name == "_good" else ROOT
    shown = _shown()
    assert len(shown) > 60
    for stage in STAGES:
        client, report = _at(root, name, stage, "en")
        wording = Wording(client.library, "en", client)
        vague = wording.text("common.empty_table")
        for table in (t for t in report.tables if (stage, t) in shown):
            if report.tables[table].frame.empty:
                assert why_empty(client, report, table, wording) != vague, (stage, table)


def test_the_file_names_each_table_once() -> None:
    text = (ROOT / "ecperf_kit" / "outputs" / "empty.csv").read_text("utf-8")
    rows = [(row["stage"], row["table"]) for row in csv.DictReader(text.splitlines())]
    assert len(rows) == len(set(rows)) == len(rests())
