"""The six notebooks as files: thin, without outputs, in two languages, one skeleton."""

from __future__ import annotations

import ast
import itertools
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from ecperf_kit import __all__ as public_names
from ecperf_kit.library import load_library
from ecperf_kit.outputs.charts import KINDS
from ecperf_kit.stages.result import STAGES, declarations

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
NOTEBOOKS = [FOLDER / f"{number}_{stage}.ipynb" for number, stage in enumerate(STAGES, 1)]
PARAMETERS = 'client = "qinghe"\nperiod = ""\nlanguage = "zh"\noutput = ""'
#: What a notebook leaves to the kit: functions, loops, conditions, figures, formatting.
FORBIDDEN = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.AsyncFor,
    ast.While, ast.If, ast.IfExp, ast.Try, ast.With, ast.ListComp, ast.SetComp, ast.DictComp,
    ast.GeneratorExp, ast.JoinedStr, ast.BinOp, ast.BoolOp, ast.Compare,
)  # fmt: skip
HAN = re.compile(r"[\u4e00-\u9fff]")
#: Calls every notebook makes, in this order; the stage's own sections stand after the summary.
SKELETON = ["title", "summary", "findings", "data_findings", "files", "provenance"]

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)


def stage_of(path: Path) -> str:
    return path.stem.partition("_")[2]


def read(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def code_cells(path: Path) -> list[Any]:
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def shown(path: Path) -> list[ast.Call]:
    """Every call of ``show`` in the order of the notebook."""
    found = []
    for cell in code_cells(path):
        for node in ast.walk(ast.parse(cell.source)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "show"
            ):
                found.append(node)
    return found


def name_of(call: ast.Call) -> str:
    assert isinstance(call.func, ast.Attribute)
    return call.func.attr


def text(node: ast.expr) -> str:
    assert isinstance(node, ast.Constant) and isinstance(node.value, str)
    return node.value


def test_there_are_six_notebooks_and_no_other() -> None:
    assert sorted(FOLDER.glob("*.ipynb")) == sorted(NOTEBOOKS)


@each_notebook
def test_the_format_is_valid_with_cell_ids_and_the_stock_kernel(path: Path) -> None:
    node = read(path)
    nbformat.validate(node)
    assert (node.nbformat, node.nbformat_minor) >= (4, 5)
    assert node.metadata.kernelspec.name == "python3"
    ids = [cell.id for cell in node.cells]
    assert len(set(ids)) == len(ids)


@each_notebook
def test_no_outputs_are_stored(path: Path) -> None:
    for cell in code_cells(path):
        assert cell.outputs == []
        assert cell.execution_count is None


@each_notebook
def test_a_notebook_holds_no_logic(path: Path) -> None:
    for cell in code_cells(path):
        for node in ast.walk(ast.parse(cell.source)):
            assert not isinstance(node, FORBIDDEN), f"{type(node).__name__}: {cell.source}"


@each_notebook
def test_a_cell_does_one_thing(path: Path) -> None:
    """Parameters are set, the client is opened and the stage is called, else one call a cell."""
    parameters, opening, *others = code_cells(path)
    assert parameters.metadata.tags == ["parameters"]
    assert parameters.source == PARAMETERS
    imports, *calls = ast.parse(opening.source).body
    assert isinstance(imports, ast.ImportFrom) and imports.module == "ecperf_kit"
    assert {alias.name for alias in imports.names} <= set(public_names)
    assert [ast.unparse(call) for call in calls] == [
        "opened = open_client(client, period, language)",
        f"report = {stage_of(path)}(opened)",
    ]
    for cell in others:
        assert not cell.metadata.get("tags"), "only one cell sets parameters"
        body = ast.parse(cell.source).body
        assert len(body) == 1 and isinstance(body[0], ast.Expr), cell.source


@each_notebook
def test_the_skeleton_is_the_same_everywhere(path: Path) -> None:
    names = [name_of(call) for call in shown(path)]
    assert [n for n in names if n in SKELETON] == SKELETON
    own = [i for i, n in enumerate(names) if n not in SKELETON]
    assert own, "a stage shows tables or pictures of its own"
    assert min(own) > names.index("summary") and max(own) < names.index("findings")
    written = [c.source for c in code_cells(path) if "write_stage(" in c.source]
    assert written == ["show.files(write_stage(opened, report, output), opened)"]


@each_notebook
def test_every_shown_table_and_picture_is_declared(path: Path) -> None:
    declared = declarations(stage_of(path))
    told = set()
    for call in shown(path):
        if name_of(call) == "table":
            told.add(text(call.args[2]))
        if name_of(call) != "chart":
            continue
        kind, table = text(call.args[2]), text(call.args[3])
        told.add(table)
        roles = {k.arg: text(k.value) for k in call.keywords if k.arg in KINDS[kind].parts}
        columns = {column.name for column in declared[table].columns}
        for part in KINDS[kind].parts:
            name = roles.get(part, part)
            assert name in columns or (part in KINDS[kind].optional and part not in roles), (
                f"{table} has no column {name} for the part {part} of {kind}"
            )
    assert told <= set(declared)


@each_notebook
def test_named_texts_exist(path: Path) -> None:
    texts = load_library().texts("zh")
    for call in shown(path):
        for keyword in call.keywords:
            if keyword.arg in ("caption", "source", "note"):
                assert text(keyword.value) in texts


@each_notebook
def test_markdown_stands_in_pairs_of_both_languages(path: Path) -> None:
    cells = [cell for cell in read(path).cells if cell.cell_type == "markdown"]
    assert len(cells) % 2 == 0
    for chinese, english in zip(cells[::2], cells[1::2], strict=True):
        assert chinese.metadata.tags[0] == "zh" and english.metadata.tags[0] == "en"
        assert chinese.metadata.tags[1:] == english.metadata.tags[1:]
        assert HAN.search(chinese.source)
        assert not HAN.search(english.source)
        levels = [re.findall(r"^#+ ", cell.source, re.MULTILINE) for cell in (chinese, english)]
        assert levels[0] == levels[1], "headings of the same levels in both languages"


@each_notebook
def test_pairs_stand_together(path: Path) -> None:
    kinds = [
        cell.metadata.get("tags", [""])[0] if cell.cell_type == "markdown" else "code"
        for cell in read(path).cells
    ]
    for before, after in itertools.pairwise(kinds):
        assert (before == "zh") == (after == "en")
