"""The intake workbook is filled in with Excel and read back without loss."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from ecperf_kit.client import open_client
from ecperf_kit.intake.declare import tables
from ecperf_kit.intake.read import read_csv
from ecperf_kit.intake.workbook import write_intake_workbook


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_filled_in_comes_back(
    good_client: Callable[..., Path], practice: Path, language: str
) -> None:
    folder = good_client()
    before = open_client("_good", root=practice)
    book_path = write_intake_workbook(folder / "intake.xlsx", language)
    book = openpyxl.load_workbook(book_path)
    for path in folder.glob("*.csv"):
        raw = read_csv(path, path.name)
        sheet = book[path.stem]
        at = {tables()[path.stem].by_heading[heading]: i for i, heading in enumerate(raw.headings)}
        for column, declared in enumerate(tables()[path.stem].columns, start=1):
            if declared.name in at:
                for row, text in enumerate(raw.cells[at[declared.name]], start=2):
                    sheet.cell(row, column, text)
        path.unlink()
    book.save(book_path)
    after = open_client("_good", root=practice)
    assert after.findings == ()
    assert after.present == before.present
    for name in before.present:
        own = [column.name for column in tables()[name].columns]
        assert after.table(name)[own].equals(before.table(name)[own]), name
        assert set(after.table(name)["_file"]) == {"intake.xlsx"}


def test_blank_workbook_gives_no_table(good_client: Callable[..., Path], practice: Path) -> None:
    folder = good_client()
    write_intake_workbook(folder / "intake.xlsx", "zh")
    client = open_client("_good", root=practice)
    assert client.findings == ()
    assert "targets" not in client.present


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_example_reads_without_a_fault_of_its_cell(
    good_client: Callable[..., Path], practice: Path, language: str
) -> None:
    folder = good_client()
    book_path = write_intake_workbook(folder / "intake.xlsx", language)
    book = openpyxl.load_workbook(book_path)
    texts = open_client("_good", root=practice).library.texts(language)
    examples = book[texts["workbook.examples"]]
    for path in folder.glob("*.csv"):
        path.unlink()
    for i, table in enumerate(tables().values()):
        for column in range(1, len(table.columns) + 1):
            book[table.name].cell(2, column, examples.cell(4 * i + 3, column).value)
    book.save(book_path)
    client = open_client("_good", root=practice)
    assert client.present == set(tables())
    faults = [f for f in client.findings if f.code.startswith("D2")]
    assert faults == []
    assert (client.rows["used"] == 1).all()


def test_choices_and_references_are_drop_downs(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_intake_workbook(tmp_path / "intake.xlsx", "en"))
    sheet = book["employees"]
    offered = {str(v.sqref): v.formula1 for v in sheet.data_validations.dataValidation}
    assert offered == {"E2:E1001": "'employees'!$A$2:$A$1001"}  # the superior is an employee
    assert sheet["A1"].value == "Employee *" and sheet["D1"].value == "Left"
    assert "required" in str(sheet["A1"].comment.text)  # type: ignore[union-attr]
    assert book["_lists"].sheet_state == "hidden"
    plans = book["pay_plans"]
    assert "A2:A1001" in {str(v.sqref) for v in plans.data_validations.dataValidation}


def test_first_rows_are_written_as_a_person_would(
    good_client: Callable[..., Path], practice: Path
) -> None:
    folder = good_client()
    (folder / "pay_plans.csv").unlink()
    plan = {
        "subject_kind": "post",
        "subject_id": "presales_cs",
        "effective_from": dt.date(2026, 4, 1),
        "structure": "performance",
        "base": "4550.25",
        "performance_pay": "1950",
        "coefficient_table": "T1",
    }
    write_intake_workbook(folder / "intake.xlsx", "zh", None, {"pay_plans": [plan]})
    row = open_client("_good", root=practice).table("pay_plans").iloc[0]
    assert (row["subject_kind"], row["structure"]) == ("post", "performance")
    assert (row["base"], row["performance_pay"]) == (4_550_250_000, 1_950_000_000)
    assert row["effective_from"] == pd.Timestamp("2026-04-01")
