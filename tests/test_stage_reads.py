"""Each stage declares the tables it reads: no table too few, none too many, and sees no other."""

from __future__ import annotations

import ast
import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pytest
from code_cases import CASES

import ecperf_kit
from ecperf_kit.client import Client, open_client
from ecperf_kit.finding import Finding
from ecperf_kit.intake.declare import tables as declared_tables
from ecperf_kit.intake.files import SCENARIOS
from ecperf_kit.method.calculate import calculate
from ecperf_kit.outputs import show, wording
from ecperf_kit.outputs.provenance import SCHEME_TABLES
from ecperf_kit.outputs.write import write_stage
from ecperf_kit.stages import conclude, default_period, scenario_tables
from ecperf_kit.stages.judged import graded
from ecperf_kit.stages.result import STAGES
from ecperf_kit.view import UndeclaredTable, reads
from ecperf_kit.widgets.pay_tuning import PayHistory, pay_subjects

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "ecperf_kit"
DEMOS = ("qinghe", "qinghe_draft", "xiaoman")
#: Any paper may name a person, a department or a channel, if no demo client makes it do so.
NAMES = {"employees", "departments", "channels"}
#: What decides pay: from these the scores, the coefficient and every pay line are computed.
PAYING = ("pilot", "rollout", "review")


@contextmanager
def listened() -> Iterator[set[str]]:
    """The tables asked for, by a stage or for the names in its papers, while this is open."""
    touched: set[str] = set()
    table, names = Client.table, wording.Wording._read_names
    outlooks = scenario_tables.outlooks

    def heard(self: Client, name: str) -> pd.DataFrame:
        touched.add(name)
        return table(self, name)

    def named(self: wording.Wording, kind: str) -> dict[str, str]:
        if kind in wording._CLIENT_NAMES:
            touched.add(wording._CLIENT_NAMES[kind])
        return names(self, kind)

    def tried(client: Client) -> object:
        touched.add(SCENARIOS)
        return outlooks(client)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scenario_tables, "outlooks", tried)
        patch.setattr(Client, "table", heard)
        patch.setattr(wording.Wording, "_read_names", named)
        yield touched


@cache
def touched_by(stage: str) -> frozenset[str]:
    """Every table a stage's figures, papers and sliders ask for, over all demo clients and
    one that has signed the pilot report: only then its gates ask for the pilot's data."""
    found: set[str] = set()
    for name in (*DEMOS, None):
        # a new one: nothing is remembered with it
        client = open_client(name or DEMOS[0], root=ROOT)
        if name is None:
            papers = client.table("signoffs")
            more = papers[:1].assign(paper="pilot_report")
            tables = {**client.tables, "signoffs": pd.concat([papers, more], ignore_index=True)}
            client = replace(client, tables=MappingProxyType(tables))
        with listened() as touched, pytest.MonkeyPatch.context() as patch:
            patch.setattr("ecperf_kit.outputs.write.write_files", lambda contents, said: [])
            report = conclude(stage, client)
            for piece in (show.title, show.summary, show.findings, show.data_findings):
                piece(client, report)
            for table in report.tables:
                show.table(client, report, table)
            show.provenance(client, report)
            write_stage(client, report, "unused")
            if stage == "design":  # its notebook has sliders for weights and pay
                seen = client.seen_by(stage)
                plans = seen.table("pay_plans").drop_duplicates("structure")
                kinds = plans["subject_kind"] + ":" + plans["subject_id"]
                for subject in kinds[kinds.isin(pay_subjects(seen))]:  # one per pay structure
                    PayHistory(seen, subject).trial(300_000)
        found |= touched
    return frozenset(found)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_reads_what_it_declares_and_declares_what_it_reads(stage: str) -> None:
    assert touched_by(stage) <= reads()[stage], "else a change there would be overlooked"
    assert reads()[stage] - touched_by(stage) <= NAMES, "else it is run again for nothing"


@pytest.mark.parametrize("code", CASES)
def test_no_case_of_any_code_makes_a_stage_read_more(code: str) -> None:
    """The rules of the stage in which the code is told find it on what that stage sees."""
    case = CASES[code]
    client = case.client()
    stage = client.library.codes[code].stage
    assert stage in STAGES
    assert code in {finding.code for finding in case.asked(client.seen_by(stage))}


def test_the_declaration_is_in_order() -> None:
    with (PACKAGE / "stages" / "reads.csv").open(encoding="utf-8", newline="") as file:
        lines = [(row["stage"], row["table"]) for row in csv.DictReader(file)]
    assert len(lines) == len(set(lines))
    assert lines == sorted(lines, key=lambda line: (STAGES.index(line[0]), line[1]))
    assert {table for _, table in lines} == {*declared_tables(), SCENARIOS}, "one nobody reads"
    assert set(reads()) == set(STAGES)
    assert all(reads()[stage].issuperset(SCHEME_TABLES) for stage in STAGES), "on every paper"


def test_a_stage_that_decides_on_pay_sees_all_that_pay_depends_on() -> None:
    with listened() as touched:
        for name in DEMOS:
            client = open_client(name, root=ROOT)
            calculate(client, [default_period("pilot", client).last])
    assert {"actuals", "assessments", "pay_plans", "scorecards", "attendance"} <= touched
    for stage in PAYING:
        assert touched <= reads()[stage]


@cache
def sound() -> Client:
    return open_client("qinghe", root=ROOT)


def test_an_undeclared_table_is_refused_by_name() -> None:
    seen = sound().seen_by("exam")
    for ask in (seen.table, seen.tables.__getitem__):
        with pytest.raises(UndeclaredTable, match=r"exam reads the table sales_bridge.*reads\.csv"):
            ask("sales_bridge")
    assert "sales_bridge" not in seen.tables and "scorecards" in seen.tables
    altered = replace(seen, tables={**seen.tables})
    with pytest.raises(KeyError):
        altered.table("sales_bridge")
    assert seen.seen_by("exam") is seen and sound().seen_by("exam") is seen
    with pytest.raises(ValueError, match="already seen by the stage exam"):
        seen.seen_by("pilot")


@pytest.mark.parametrize("stage", STAGES)
def test_every_way_to_a_stage_goes_through_its_view(
    stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ecperf_kit import stages

    asked: list[str] = []

    def seen_by(self: Client, name: str) -> Client:
        asked.append(name)
        raise InterruptedError

    monkeypatch.setattr(Client, "seen_by", seen_by)
    for function in (getattr(ecperf_kit, stage), stages.stage_function(stage)):
        with pytest.raises(InterruptedError):
            function(sound())
    with pytest.raises(InterruptedError):
        conclude(stage, sound())
    assert asked == [stage] * 3
    assert getattr(ecperf_kit, stage).__doc__, "help() in a notebook"


def test_names_of_tables_a_stage_does_not_read_are_shown_as_ids() -> None:
    client = sound()
    product = client.table("product_plan")["product"].iloc[0]
    assert client.label("product", product) != product
    assert client.seen_by("rollout").label("product", product) == product
    words = wording.Wording(client.library, "zh", client.seen_by("rollout"))
    assert words.name("product", product) == product


# -- findings, rows, files ------------------------------------------------------


def codes(client: Client, stage: str) -> list[str]:
    return sorted(finding.code for finding in client.seen_by(stage).findings)


def stages_that_tell(client: Client, code: str) -> set[str]:
    return {stage for stage in STAGES if code in codes(client, stage)}


def having(*tables: str) -> set[str]:
    return {stage for stage in STAGES if reads()[stage].intersection(tables)}


ANSWERS = "paper,employee,question,answer,taken_on\nK-1,E01,one,A,2026-03-20\n"


@pytest.mark.parametrize(
    ("file", "text", "code", "tables"),
    [
        ("sync_records.csv", "measure,held_on\nbriefing,2026-13-40\n", "D211", ["sync_records"]),
        ("committee.csv", "member,role,position,employee\n甲,leader,owner,E99\n", "D303",
         ["committee", "employees"]),
        ("feedback.csv", "feedback\n", "D201", ["feedback"]),
        ("exam_answers.csv", 'paper,"employee\n', "D111", None),
        ("salaries.csv", "a,b\n1,2\n", "D101", None),
        ("overrides.toml", '[[override]]\nid = "pay_gap.group"\n', "D121", None),
    ],
    ids=["in a table", "between two", "without a column", "not readable", "unknown", "override"],
)  # fmt: skip
def test_a_fault_is_told_where_its_table_is_read_and_everywhere_if_it_has_none(
    good_client: Callable[..., Path],
    practice: Path,
    file: str,
    text: str,
    code: str,
    tables: list[str] | None,
) -> None:
    good_client(files={file: text})
    client = open_client("_good", root=practice)
    assert code in [finding.code for finding in client.findings]
    assert stages_that_tell(client, code) == (having(*tables) if tables else set(STAGES))


def test_every_fault_in_a_table_says_which() -> None:
    """A fault about a row is about a table; only files and facts concern everything."""
    for folder in sorted((ROOT / "tests" / "bad_clients").iterdir()):
        try:
            client = open_client(folder.name, root=_practice_of(folder))
        except Exception:  # there is no client to look at
            continue
        for finding in client.findings:
            if finding.subject.startswith("table:") or finding.source.row:
                assert finding.tables, (folder.name, finding)
            assert set(finding.tables) <= set(declared_tables())


@cache
def _practice_root() -> Path:
    import tempfile

    root = Path(tempfile.mkdtemp())
    (root / "practice.toml").write_text("", encoding="utf-8")
    (root / "client_data").symlink_to(ROOT / "tests" / "bad_clients")
    return root


def _practice_of(folder: Path) -> Path:
    return _practice_root()


@pytest.mark.parametrize("table", sorted(declared_tables()))
def test_an_error_in_a_table_pay_depends_on_closes_the_gate(table: str) -> None:
    """The gate and the pilot's condition count the errors in what the stage sees."""
    fault = Finding("D206", f"table:{table}", {}, tables=(table,))
    client = replace(sound(), findings=(fault,))
    for stage in PAYING:
        seen = client.seen_by(stage)
        assert bool(graded(seen, seen.findings, "error")) == (table in reads()[stage])


def test_rows_and_files_are_those_of_the_tables() -> None:
    client = sound()
    for stage in STAGES:
        seen = client.seen_by(stage)
        assert set(seen.rows["table"]) == reads()[stage] & set(client.rows["table"])
        assert seen.present == client.present & reads()[stage]
        files = set(client.rows.loc[client.rows["table"].isin(reads()[stage]), "file"])
        assert files <= set(seen.inputs) <= set(client.inputs)
        assert {"client.toml"} <= set(seen.inputs)
    assert "exam_answers.csv" in client.seen_by("exam").inputs
    assert "exam_answers.csv" not in client.seen_by("rollout").inputs


def test_method_and_rules_look_at_tables_only() -> None:
    """What they remember is shared by all stages, so it may not depend on what one sees."""
    seen_by_one = {"findings", "rows", "present", "inputs", "files", "stage"}
    for room in ("method", "rules"):
        for module in (PACKAGE / room).rglob("*.py"):
            for node in ast.walk(ast.parse(module.read_text("utf-8"))):
                if isinstance(node, ast.Attribute) and node.attr in seen_by_one:
                    owner = ast.unparse(node.value)
                    place = f"{module.name}, line {node.lineno}"
                    assert owner.split(".")[-1] != "client", f"{place}: {owner}.{node.attr}"
