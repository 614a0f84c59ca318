"""Files of every accepted kind give the same table; rows carry Excel's own numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from ecperf_kit.client import open_client
from ecperf_kit.intake import read
from ecperf_kit.intake.check import dtype_of
from ecperf_kit.intake.declare import tables

HEADED = "工号,月份,应出勤天数,实际出勤天数\nE03,2026-04,22,21\n"


def _attendance(root: Path) -> pd.DataFrame:
    client = open_client("_good", root=root)
    assert [f.code for f in client.findings] == []
    return client.table("attendance")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_in_every_encoding(
    good_client: Callable[..., Path], practice: Path, encoding: str
) -> None:
    (good_client() / "attendance.csv").write_bytes(HEADED.encode(encoding))
    row = _attendance(practice).iloc[0]
    assert (row["employee"], row["worked_days"], row["_row"]) == ("E03", 21_000_000, 2)


def test_parquet_reads_like_csv(good_client: Callable[..., Path], practice: Path) -> None:
    folder = good_client()
    (folder / "attendance.csv").unlink()
    pd.DataFrame(
        {
            "employee": ["E03", "E04"],
            "month": [dt.date(2026, 4, 1), dt.date(2026, 4, 1)],
            "scheduled_days": [22, 22],
            "worked_days": [0.1 + 0.2, 20.5],
        }
    ).to_parquet(folder / "attendance.parquet")
    table = _attendance(practice)
    assert table["worked_days"].tolist() == [300_000, 20_500_000]  # 15 digits: 0.3
    assert table["month"].tolist() == ["2026-04", "2026-04"]
    assert table["_row"].tolist() == [2, 3]


def test_sheet_keeps_excel_rows_between_blank_ones(
    good_client: Callable[..., Path], practice: Path
) -> None:
    folder = good_client()
    (folder / "attendance.csv").unlink()
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "attendance"
    for column, heading in enumerate(["Employee", "Month", "Scheduled days", "Worked days"], 1):
        sheet.cell(2, column, heading)
    for row, values in {
        4: ["E03", dt.date(2026, 4, 1), 22, 21],
        7: ["E04", "2026-04", 22, "2O"],
    }.items():
        for column, value in enumerate(values, 1):
            sheet.cell(row, column, value)
    book.create_sheet("示例").append(["any", "thing"])
    book.save(folder / "intake.xlsx")
    client = open_client("_good", root=practice)
    assert [(f.code, f.source.file, f.source.sheet, f.source.row) for f in client.findings] == [
        ("D205", "intake.xlsx", "attendance", 7)  # 2O with the letter O
    ]
    assert client.table("attendance")["_row"].tolist() == [4]
    account = client.rows.set_index("table").loc["attendance"]
    # rows 3, 5 and 6 are blank; row 2 is the heading; 4 is used, 7 set aside
    assert account[["read", "used", "set_aside", "blank"]].tolist() == [2, 1, 1, 3]


def test_same_table_as_csv_and_as_sheet(good_client: Callable[..., Path], practice: Path) -> None:
    folder = good_client()
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "channels"
    sheet.append(["channel", "name"])
    sheet.append(["tmall", "天猫店"])
    book.save(folder / "intake.xlsx")
    client = open_client("_good", root=practice)
    assert [(f.code, f.source.file, f.source.sheet) for f in client.findings] == [
        ("D105", "intake.xlsx", "channels")
    ]
    assert len(client.table("channels")) == 1


def test_locked_file_is_a_finding(
    good_client: Callable[..., Path], practice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good_client()
    real = Path.read_bytes

    def locked(path: Path) -> bytes:
        if path.name == "attendance.csv":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", locked)
    client = open_client("_good", root=practice)
    assert [(f.code, f.source.file) for f in client.findings] == [("D128", "attendance.csv")]


def test_every_table_is_there_with_its_types(
    good_client: Callable[..., Path], practice: Path
) -> None:
    good_client()
    client = open_client("_good", root=practice)
    assert set(client.tables) == set(tables())
    for name, table in tables().items():
        frame = client.table(name)
        origin = ["_file", "_sheet", "_row", "_spoilt"]
        assert list(frame.columns) == [*(c.name for c in table.columns), *origin]
        assert str(frame["_spoilt"].dtype) == "boolean" and not frame["_spoilt"].any()
        for column in table.columns:
            assert str(frame[column.name].dtype) == dtype_of(column), (name, column.name)
    assert "targets" not in client.present and "actuals" in client.present


def test_blank_key_is_empty_text_and_blank_text_is_missing(
    good_client: Callable[..., Path], practice: Path
) -> None:
    good_client(files={"targets.csv": "month,measure,amount\n2026-04,net_sales,100\n"})
    targets = open_client("_good", root=practice).table("targets")
    assert targets.loc[0, "channel"] == ""
    assert targets.loc[0, "amount"] == 100_000_000


def test_choices_are_accepted_by_their_label(
    good_client: Callable[..., Path], practice: Path
) -> None:
    folder = good_client()
    path = folder / "scorecards.csv"
    text = path.read_text(encoding="utf-8").replace(",core,60", ",核心指标,60")
    path.write_text(text, encoding="utf-8")
    client = open_client("_good", root=practice)
    if client.library.texts("zh").get("label.core") == "核心指标":
        assert client.table("scorecards")["role"].tolist() == ["core", "core"]
    else:
        assert [f.code for f in client.findings] == ["D215"]


def test_cells_of_excel_read_as_typed() -> None:
    assert read.cell_text(1001.0) == "1001"
    assert read.cell_text(0.1 + 0.2) == "0.3"
    assert read.cell_text(1e15) == "1000000000000000"
    assert read.cell_text(dt.datetime(2026, 4, 1)) == "2026-04-01"
    assert read.cell_text(dt.datetime(2026, 4, 1, 10, 30)) == "2026-04-01 10:30:00"
    assert read.cell_text(True) == "true"
    assert read.cell_text(None) == ""


def test_line_breaks_in_a_cell_do_not_shift_the_rows(
    good_client: Callable[..., Path], practice: Path
) -> None:
    text = (
        'product,name,annual_sales\nP1,"two\nlines",100\n\n,,\nP2,床单,x\n'  # row 5 as Excel counts
    )
    good_client(files={"product_plan.csv": text})
    client = open_client("_good", root=practice)
    assert [(f.code, f.source.row, f.source.column) for f in client.findings] == [
        ("D205", 5, "annual_sales")
    ]
    # annual_sales is not required: the row is used, its figure missing
    assert client.table("product_plan")["_row"].tolist() == [2, 5]
    assert client.rows.set_index("table").loc["product_plan", "blank"] == 2
