"""Rows and cells that must not be lost or changed in silence, on files as people write them.

Every case is a file a person can really hand in; what must be said of it, with
the row Excel shows, stands beside it.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from test_intake_imports import CALLS, HEAD, ORDERS, OWN

from ecperf_kit.cli import main
from ecperf_kit.client import Client, ClientError, open_client
from ecperf_kit.intake.imports import ImportResult, import_export
from ecperf_kit.intake.numbers import read_number

PAY = ("employee", "month", "pay", "base", "variable")
Good = Callable[..., Path]


def told(client: Client, *codes: str) -> list[tuple[str, str, int | None, str]]:
    """Code, sheet, row and column of the findings (of these codes, or all)."""
    return [
        (f.code, f.source.sheet, f.source.row, f.source.column)
        for f in client.findings
        if not codes or f.code in codes
    ]


def codes(client: Client) -> list[str]:
    return [finding.code for finding in client.findings]


@pytest.fixture
def pay_sheet(good_client: Good, practice: Path) -> Callable[..., Client]:
    """The good client with the sheet pay_history, changed by ``edit`` before it is saved."""

    def make(rows: Sequence[Sequence[Any]], edit: Callable[[Any], None] | None = None) -> Client:
        folder = good_client()
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.title = "pay_history"
        for row in rows:
            sheet.append(list(row))
        if edit:
            edit(sheet)
        book.save(folder / "intake.xlsx")
        return open_client("_good", root=practice)

    return make


@pytest.fixture
def pay_csv(good_client: Good, practice: Path) -> Callable[[str], Client]:
    def make(text: str) -> Client:
        good_client(files={"pay_history.csv": text})
        return open_client("_good", root=practice)

    return make


# --- what Excel holds but a plain reading shows as a blank ---------------------------------


def test_formula_without_result_is_not_a_blank(pay_sheet: Callable[..., Client]) -> None:
    client = pay_sheet([PAY, ("E03", "2026-03", 6500, "=4000+550", 1950)])
    assert told(client) == [("D223", "pay_history", 2, "base")]
    assert client.findings[0].values["found"] == "=4000+550"
    assert client.table("pay_history")["pay"].tolist() == [6_500_000_000]


def test_formula_without_result_in_a_key_or_text_sets_the_row_aside(
    pay_sheet: Callable[..., Client],
) -> None:
    client = pay_sheet([PAY, ('="E"&"03"', "2026-03", 6500), ("E04", "2026-03", 6500)])
    assert told(client) == [("D223", "pay_history", 2, "employee")]
    assert client.table("pay_history")["_row"].tolist() == [3]


def test_row_of_formulas_without_results_is_not_a_blank_row(
    pay_sheet: Callable[..., Client],
) -> None:
    client = pay_sheet([PAY, ("=A9", "=B9", "=C9"), ("E04", "2026-03", 6500)])
    assert {(code, row) for code, _, row, _ in told(client)} == {("D223", 2)}
    (line,) = client.rows[client.rows["table"] == "pay_history"].to_dict("records")
    assert (line["read"], line["used"], line["set_aside"]) == (2, 1, 1)


def test_error_cell_of_excel_is_not_a_blank(pay_sheet: Callable[..., Client]) -> None:
    def edit(sheet: Any) -> None:
        sheet["D2"].value, sheet["D2"].data_type = "#N/A", "e"

    client = pay_sheet([PAY, ("E03", "2026-03", 6500, 1, 1950)], edit)
    assert told(client) == [("D222", "pay_history", 2, "base")]
    assert client.findings[0].values["found"] == "#N/A"


def test_error_typed_as_key_is_no_id(pay_csv: Callable[[str], Client]) -> None:
    client = pay_csv("employee,month,pay\n#REF!,2026-03,1\nE04,2026-03,2\n")
    assert told(client) == [("D222", "", 2, "employee")]
    assert client.table("pay_history")["employee"].tolist() == ["E04"]


def test_merged_cells_are_told(pay_sheet: Callable[..., Client]) -> None:
    rows = [PAY, ("E03", "2026-03", 6500, 4550), ("E04", "2026-03", 6400, None)]
    client = pay_sheet(rows, lambda sheet: sheet.merge_cells("D2:D3"))
    assert told(client) == [("D224", "pay_history", 3, "base")]
    assert client.findings[0].values["found"] == "D2:D3"


def test_merged_title_beside_the_table_is_no_fault(pay_sheet: Callable[..., Client]) -> None:
    rows = [PAY, ("E03", "2026-03", 6500)]
    client = pay_sheet(rows, lambda sheet: sheet.merge_cells("A9:E9"))
    assert codes(client) == []


def test_text_formula_with_an_empty_result_is_a_blank(good_client: Good, practice: Path) -> None:
    import xlsxwriter

    folder = good_client()
    whole = folder / "raw" / "whole.xlsx"
    whole.parent.mkdir()
    with xlsxwriter.Workbook(whole) as book:
        sheet = book.add_worksheet("pay_history")
        sheet.write_row(0, 0, PAY)
        sheet.write_row(1, 0, ("E03", "2026-03", 6500))
        sheet.write_formula(1, 3, '=IF(1=1,"",1)', None, "EMPTY")
        sheet.write_formula(1, 4, "=1900+50", None, 1950)
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(folder / "intake.xlsx", "w") as new:
        for name in old.namelist():  # Excel saves the result as a text without letters
            new.writestr(name, old.read(name).replace(b"<v>EMPTY</v>", b"<v></v>"))
    client = open_client("_good", root=practice)
    assert codes(client) == []
    assert client.table("pay_history")["variable"].tolist() == [1_950_000_000]


# --- numbers ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("0,385", "D206"),  # a decimal comma, never 385
        ("012,345", "D206"),
        ("10²", "D205"),  # never 102
        ("①", "D205"),
        ("1e5", "D205"),
        ("1,23,456.00", "D206"),
        ("￥1,200", "D205"),
        ("1200元", "D205"),
        ("1 000", "D205"),
        ("--", "D205"),
        ("N/A", "D205"),
        ("nan", "D205"),
        ("inf", "D205"),
        ("%", "D205"),
    ],
)
def test_what_is_no_number_is_never_read_as_one(typed: str, code: str) -> None:
    assert read_number(typed) == code


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("－５", -5_000_000), ("１，２００．５", 1_200_500_000), ("12 ％", 120_000), ("-0", 0)],
)
def test_full_width_numbers_are_read(typed: str, stored: int) -> None:
    assert read_number(typed) == stored


def test_percent_is_no_money_days_or_points(good_client: Good, practice: Path) -> None:
    good_client(
        files={
            "pay_history.csv": "employee,month,pay,base\nE03,2026-03,6500,70%\n",
            "attendance.csv": "employee,month,scheduled_days,worked_days,paid_leave_days\n"
            "E03,2026-04,22,21,100%\n",
            "assessments.csv": "employee,period,indicator,self_score\n"
            "E03,2026-04,inquiry_conversion,95%\n",
            "sync_records.csv": "measure,held_on,attended\ntraining,2026-03-01,600%\n",
        }
    )
    client = open_client("_good", root=practice)
    assert sorted((code, column) for code, _, _, column in told(client)) == [
        ("D225", "attended"),
        ("D225", "base"),
        ("D225", "paid_leave_days"),
        ("D225", "self_score"),
    ]


# --- CSV ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "row",
    [
        "E03,2026-03,6,500,,",  # six cells below five headings, the last ones blank
        "E03,2026-03,6,500",  # fewer cells than headings
        "E03,2026-03,6,500.00,,",
    ],
)
def test_thousands_without_quotes_do_not_shift_a_row(
    row: str, pay_csv: Callable[[str], Client]
) -> None:
    client = pay_csv("employee,month,pay,base,variable\nE04,2026-03,7,7,\n" + row + "\n")
    assert told(client) == [("D129", "", 3, "")]
    assert client.table("pay_history")["employee"].tolist() == ["E04"]


def test_trailing_commas_are_harmless(pay_csv: Callable[[str], Client]) -> None:
    client = pay_csv("employee,month,pay,base\nE04,2026-03,6500,4550,,\nE03,2026-03,1\n")
    assert codes(client) == []


def test_utf8_with_one_broken_character_is_not_read_as_gb18030(
    good_client: Good, practice: Path
) -> None:
    folder = good_client()
    path = folder / "departments.csv"
    text = "department,name,head\nservice,客服,E02\noffice,经办,E01\n".encode()
    # the last byte of 客 is wrong: the rest still pairs up to characters of GB18030
    path.write_bytes(text.replace("客".encode(), "客".encode()[:2] + b"\xe1"))
    with pytest.raises(UnicodeDecodeError):
        path.read_bytes().decode("utf-8")
    assert path.read_bytes().decode("gb18030")
    found = [f for f in open_client("_good", root=practice).findings if f.code == "D134"]
    # two bytes of 客 are left, and the last one belongs to no character
    assert [(f.source.file, f.source.row, f.source.column) for f in found] == [
        ("departments.csv", 2, "name")
    ]
    assert found[0].values["found"].startswith("E5 AE E1")


def test_gb18030_with_rare_characters_is_read(good_client: Good, practice: Path) -> None:
    folder = good_client()
    text = (folder / "employees.csv").read_text(encoding="utf-8").replace("吴三", "𠮷㐱鑫")
    (folder / "employees.csv").write_bytes(text.encode("gb18030"))
    client = open_client("_good", root=practice)
    assert codes(client) == [] and "𠮷㐱鑫" in set(client.table("employees")["name"])


def test_rows_count_as_in_excel_after_blank_lines_and_line_breaks_in_cells(
    pay_csv: Callable[[str], Client],
) -> None:
    client = pay_csv(
        'employee,month,pay\r\n\r\n"E\n03",2026-03,1\n\rE04,2026-03,x\r\nE04,2026-04,5\n'
    )
    # rows: 2 blank, 3 an id on two lines, 4 blank (a lone line feed), 5 the x
    assert told(client, "D220", "D205") == [
        ("D220", "", 3, "employee"),
        ("D205", "", 5, "pay"),
    ]


@pytest.mark.parametrize("separator", [";", "\t", "|", "，"])
def test_other_separators_are_told(separator: str, pay_csv: Callable[[str], Client]) -> None:
    assert codes(pay_csv(separator.join(PAY[:3]) + "\n")) == ["D106"]


# --- ids ----------------------------------------------------------------------------------


def test_invisible_characters_in_an_id_are_told(pay_csv: Callable[[str], Client]) -> None:
    client = pay_csv("employee,month,pay\nE03\u200b,2026-03,1\n")
    assert told(client) == [("D220", "", 2, "employee")]


@pytest.mark.parametrize("other", ["e03", "Ｅ03", "E 03"])
def test_ids_that_look_alike_are_told(other: str, good_client: Good, practice: Path) -> None:
    folder = good_client()
    with (folder / "employees.csv").open("a", encoding="utf-8", newline="") as stream:
        stream.write(f"{other},另一人,2023-03-01,2023-12-31,E02\n")
    client = open_client("_good", root=practice)
    (found,) = [f for f in client.findings if f.code == "D325"]
    assert (found.source.row, found.values["found"], found.values["first"]) == (6, other, "E03")


# --- files and folders --------------------------------------------------------------------


def test_folder_named_as_a_table_is_told(good_client: Good, practice: Path) -> None:
    folder = good_client()
    (folder / "pay_history.csv").mkdir()
    found = open_client("_good", root=practice).findings
    assert [(f.code, f.source.file) for f in found] == [("D128", "pay_history.csv")]


@pytest.mark.skipif(os.name == "nt", reason="Windows needs a right of its own for links")
def test_broken_link_named_as_a_table_is_told(good_client: Good, practice: Path) -> None:
    folder = good_client()
    (folder / "pay_history.csv").symlink_to(folder / "gone.csv")
    assert codes(open_client("_good", root=practice)) == ["D128"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("pay_history.numbers", "D102"),
        ("pay_history.csv.txt", "D102"),
        ("intake.numbers", "D130"),
        ("intake.xlsm.txt", "D130"),
        ("override.toml", "D124"),
    ],
)
def test_tables_in_other_forms_are_told(
    name: str, code: str, good_client: Good, practice: Path
) -> None:
    folder = good_client()
    (folder / name).write_bytes(b"PK\x03\x04")
    found = open_client("_good", root=practice).findings
    assert [(f.code, f.source.file) for f in found] == [(code, name)]


def test_second_intake_workbook_is_an_error(good_client: Good, practice: Path) -> None:
    folder = good_client()
    book = openpyxl.Workbook()
    book.active.title = "pay_history"
    for row in (PAY, ("E03", "2026-03", 6500)):
        book.active.append(list(row))
    book.save(folder / "intake (1).xlsx")
    (folder / "~$intake.xlsx").write_bytes(b"lock")
    found = open_client("_good", root=practice).findings
    assert [(f.code, f.source.file) for f in found] == [("D130", "intake (1).xlsx")]


def test_workbook_that_cannot_be_opened_is_called_locked_not_broken(
    good_client: Good, practice: Path
) -> None:
    folder = good_client()
    (folder / "intake.xlsx").mkdir()
    assert codes(open_client("_good", root=practice)) == ["D128"]


def test_sheet_of_one_row_without_headings_is_not_passed_over(
    pay_sheet: Callable[..., Client],
) -> None:
    assert set(codes(pay_sheet([("E03", "2026-03", 6500)]))) == {"D201", "D202"}


def test_sheet_with_headings_and_stray_blanks_is_a_table_not_given(
    pay_sheet: Callable[..., Client],
) -> None:
    client = pay_sheet([PAY, (None, " ", None)])
    assert codes(client) == [] and "pay_history" not in client.present


@pytest.mark.parametrize("content", ["名称".encode("gb18030"), "a = 1".encode("utf-16")])
def test_client_toml_in_another_encoding(content: bytes, good_client: Good, practice: Path) -> None:
    folder = good_client()
    (folder / "client.toml").write_bytes(b'name_zh = "' + content + b'"\n')
    with pytest.raises(ClientError) as error:
        open_client("_good", root=practice)
    assert [f.code for f in error.value.findings] == ["D131"]


def test_client_toml_that_cannot_be_read(
    good_client: Good, practice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good_client()
    whole = Path.read_bytes

    def locked(path: Path) -> bytes:
        if path.name == "client.toml":
            raise PermissionError(13, "Permission denied")
        return whole(path)

    monkeypatch.setattr(Path, "read_bytes", locked)
    with pytest.raises(ClientError) as error:
        open_client("_good", root=practice)
    assert [f.code for f in error.value.findings] == ["D128"]


@pytest.mark.parametrize("text", ["override = [1, 2]", 'override = ["x"]', "override = 3"])
def test_overrides_of_the_wrong_kind(text: str, good_client: Good, practice: Path) -> None:
    good_client(files={"overrides.toml": text + "\n"})
    assert set(codes(open_client("_good", root=practice))) == {"D117"}


# --- Parquet ------------------------------------------------------------------------------


def test_parquet_keeps_its_index_columns(good_client: Good, practice: Path) -> None:
    folder = good_client()
    frame = pd.DataFrame(
        {"employee": ["E03"], "month": ["2026-03"], "pay": [6500.0], "base": [0.1]}
    )
    frame.set_index(["employee", "base"]).to_parquet(folder / "pay_history.parquet")
    client = open_client("_good", root=practice)
    assert codes(client) == []
    assert client.table("pay_history")["base"].tolist() == [100_000]


def test_parquet_integers_beside_blanks_stay_whole(good_client: Good, practice: Path) -> None:
    folder = good_client()
    table = pa.table(
        {
            "measure": ["training", "exam"],
            "held_on": ["2026-03-01", "2026-03-02"],
            "outcome": pa.array([20260301000000012345 // 1000, None], pa.int64()),
            "attended": pa.array([6, None], pa.int64()),
        }
    )
    pq.write_table(table, folder / "sync_records.parquet")
    client = open_client("_good", root=practice)
    assert codes(client) == []
    assert client.table("sync_records")["outcome"].tolist()[0] == "20260301000000012"


def test_parquet_of_every_plain_kind(good_client: Good, practice: Path) -> None:
    from decimal import Decimal

    folder = good_client()
    table = pa.table(
        {
            "employee": pa.array(["E03", "E04"]).dictionary_encode(),
            "month": pa.array([datetime(2026, 3, 1)] * 2, pa.timestamp("ms", "Asia/Shanghai")),
            "pay": pa.array([Decimal("6500.10"), Decimal("1.00")], pa.decimal128(12, 2)),
            "base": pa.array([0.1, None], pa.float32()),
        }
    )
    pq.write_table(table, folder / "pay_history.parquet")
    # an instant of a zone is told in that zone: 2026-03-01 00:00 UTC is 08:00 in Shanghai
    client = open_client("_good", root=practice)
    assert told(client) == [("D212", "", 2, "month"), ("D212", "", 3, "month")]


def test_parquet_of_short_floats_is_read_as_typed(good_client: Good, practice: Path) -> None:
    folder = good_client()
    table = pa.table(
        {"employee": ["E03"], "month": ["2026-03"], "pay": pa.array([6500.1], pa.float32())}
    )
    pq.write_table(table, folder / "pay_history.parquet")
    client = open_client("_good", root=practice)
    assert codes(client) == []
    assert client.table("pay_history")["pay"].tolist() == [6_500_100_000]


def test_parquet_column_of_lists_is_told(good_client: Good, practice: Path) -> None:
    folder = good_client()
    table = pa.table({"measure": ["training"], "held_on": ["2026-03-01"], "outcome": [["a", "b"]]})
    pq.write_table(table, folder / "sync_records.parquet")
    assert told(open_client("_good", root=practice)) == [("D132", "", None, "outcome")]


# --- imports ------------------------------------------------------------------------------


@pytest.fixture
def run(good_client: Good, tmp_path: Path) -> Callable[..., ImportResult]:
    made: list[Path] = []

    def go(*texts: str, files: dict[str, str] | None = None) -> ImportResult:
        if not made:
            made.append(good_client(files=files))
        paths = []
        for number, text in enumerate(texts):
            path = tmp_path / f"订单 {number}.csv"
            path.write_text(text, encoding="gb18030", newline="")
            paths.append(path)
        return import_export(made[0], paths)

    return go


def _import_codes(result: ImportResult) -> list[tuple[str, int | None]]:
    return [(finding.code, finding.source.row) for finding in result.findings]


def _ok(number: int, paid: str = "80.00", address: str = "上海", refund: str = "0") -> str:
    day = "2026-02-01 10:00:00"
    return f'="{number}",100.00,{paid},{address},{day},{day},{refund}\n'


def test_import_row_shifted_by_a_comma_is_refused(run: Callable[..., ImportResult]) -> None:
    # the address holds a comma: every later cell stands one column too far right
    result = run(HEAD + _ok(1) + _ok(2, address="上海,浦东"))
    assert ("D108", 3) in _import_codes(result) and result.refused


def test_import_paid_without_a_day_of_payment_is_refused(run: Callable[..., ImportResult]) -> None:
    row = '="2",50,50,北京,2026-02-28 23:59:00,,0\n'
    result = run(HEAD + _ok(1) + row)
    assert _import_codes(result) == [("D415", 3)] and result.refused


def test_import_totals_row_is_refused(run: Callable[..., ImportResult]) -> None:
    result = run(HEAD + _ok(1) + "合计,100.00,80.00,,,,0\n")
    assert result.refused and {row for _, row in _import_codes(result)} == {3}


@pytest.mark.parametrize(
    ("paid", "refund"),
    [("-5", "0"), ("80", "-1"), ("80", "100.01")],
)
def test_import_impossible_amounts_are_refused(
    paid: str, refund: str, run: Callable[..., ImportResult]
) -> None:
    result = run(HEAD + _ok(1) + _ok(2, paid=paid, refund=refund))
    assert _import_codes(result) == [("D415", 3)] and result.refused


def test_import_column_twice_is_refused(run: Callable[..., ImportResult]) -> None:
    head = HEAD.replace("\n", ",买家实际支付金额\n")
    result = run(head + _ok(1).replace("\n", ",70\n"))
    assert [code for code, _ in _import_codes(result)] == ["D203"] and result.refused


def test_import_with_columns_added_and_in_another_order(run: Callable[..., ImportResult]) -> None:
    text = (
        "备注,退款金额,订单付款时间,订单创建时间,买家实际支付金额,总金额,订单编号\n"
        "x,20,2026-02-01 10:01:00,2026-02-01 10:00:00,80,100,1\n"
    )
    (done,) = run(text).files
    assert {(t.total, t.value) for t in done.totals if t.month} == {
        ("paid_gmv", 100_000_000),
        ("refunds", 20_000_000),
        ("net_sales", 80_000_000),
    }


def _order_book(path: Path, *sheets: Sequence[Sequence[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets, start=1):
        sheet = book.create_sheet(f"{number}月")
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


HEADINGS = [cell.strip() for cell in HEAD.strip().split(",")]
ROW = ["1", 100, 80, "上海", datetime(2026, 2, 1, 10), datetime(2026, 2, 1, 10, 1), 20]


def test_import_workbook_with_two_lists_is_told_as_such(good_client: Good, tmp_path: Path) -> None:
    path = _order_book(tmp_path / "a.xlsx", [HEADINGS, ROW], [HEADINGS, ["2", *ROW[1:]]])
    result = import_export(good_client(), [path])
    assert [code for code, _ in _import_codes(result)] == ["D416"]


def test_import_tells_the_sheets_it_does_not_read(good_client: Good, tmp_path: Path) -> None:
    path = _order_book(tmp_path / "a.xlsx", [HEADINGS, ROW], [["2", *ROW[1:]]])
    result = import_export(good_client(), [path])
    # and that there are orders of one day only
    assert [(f.code, f.source.sheet) for f in result.findings] == [("D124", "2月"), ("D480", "")]
    assert not result.refused


def test_import_cell_of_a_formula_without_result_is_refused(
    good_client: Good, tmp_path: Path
) -> None:
    row = ["2", 100, 80, "上海", *ROW[4:6], "=10+10"]
    path = _order_book(tmp_path / "a.xlsx", [HEADINGS, ROW, row])
    result = import_export(good_client(), [path])
    assert _import_codes(result) == [("D409", 3)] and result.refused


def test_import_day_of_payment_from_a_formula_without_result_is_refused(
    good_client: Good, tmp_path: Path
) -> None:
    row = ["2", 100, 0, "上海", ROW[4], "=NOW()", 0]
    path = _order_book(tmp_path / "a.xlsx", [HEADINGS, ROW, row])
    result = import_export(good_client(), [path])
    assert _import_codes(result) == [("D409", 3)] and result.refused


@pytest.mark.skipif(os.name == "nt", reason="rights of a folder")
def test_import_into_a_place_that_cannot_be_written(good_client: Good, tmp_path: Path) -> None:
    folder = good_client()
    (folder / "imported").write_text("a file in the way", encoding="utf-8")
    path = tmp_path / "a.csv"
    path.write_text(ORDERS, encoding="utf-8")
    result = import_export(folder, [path])
    assert "D128" in [code for code, _ in _import_codes(result)] and result.refused


def test_import_of_two_files_is_undone_if_the_second_cannot_be_written(
    run: Callable[..., ImportResult], practice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ecperf_kit.intake import imports

    written: list[Path] = []
    whole = imports.write_whole

    def full(path: Path, data: bytes) -> None:
        if len(written) == 3:  # note and table of the first file, note of the second
            raise OSError(28, "No space left on device")
        whole(path, data)
        written.append(path)

    monkeypatch.setattr(imports, "write_whole", full)
    march = (HEAD + _ok(7)).replace("2026-02", "2026-03")
    result = run(HEAD + _ok(1), march)
    assert result.refused
    assert [file.state for file in result.files] == ["refused", "refused"]
    assert [file.rows_written for file in result.files] == [0, 0]
    imported = practice / "client_data" / "_good" / "imported"
    assert list(imported.iterdir()) == []


def test_import_deleted_by_hand_is_told(run: Callable[..., ImportResult], practice: Path) -> None:
    run(HEAD + _ok(1))
    folder = practice / "client_data" / "_good" / "imported"
    (table,) = folder.glob("*.csv")
    table.unlink()
    found = open_client("_good", root=practice).findings
    assert [(f.code, f.source.file) for f in found] == [
        ("D417", f"imported/{table.with_suffix('.toml').name}")
    ]


def test_export_dropped_into_imported_is_told(good_client: Good, practice: Path) -> None:
    folder = good_client()
    (folder / "imported").mkdir()
    _order_book(folder / "imported" / "2月.xlsx", [HEADINGS, ROW])
    found = open_client("_good", root=practice).findings
    assert [(f.code, f.source.file) for f in found] == [("D124", "imported/2月.xlsx")]


def test_same_file_for_another_channel_is_not_called_done(
    good_client: Good, tmp_path: Path
) -> None:
    folder = good_client(files={"channels.csv": "channel,name\ntmall,天猫店\njd,京东店\n"})
    path = tmp_path / "a.csv"
    path.write_text(HEAD + _ok(1), encoding="utf-8")
    assert not import_export(folder, [path], "tmall").refused
    again = import_export(folder, [path], "jd")
    assert [code for code, _ in _import_codes(again)] == ["D418"] and again.refused


def test_import_agents_named_alike_are_asked_about(run: Callable[..., ImportResult]) -> None:
    people = (
        "employee,name,hired,left,superior\nE01,林一,2020-01-01,,\nE02,周二,2021-05-10,,E01\n"
        "E03,吴三,2022-03-01,,E02\nE04,吴三,2023-03-01,2026-05-31,E02\n"
    )
    result = run(CALLS, files={"indicators.csv": OWN, "employees.csv": people})
    assert [code for code, _ in _import_codes(result)] == ["D407"]


def test_command_line_tells_without_a_traceback(
    good_client: Good, practice: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = good_client("客户 甲")
    (folder / "pay_history.csv").write_bytes(b"employee,month,pay\nE03,2026-03,\x00\n")
    monkeypatch.setenv("ECPERF_HOME", str(practice))
    path = tmp_path / "二月 订单.csv"
    path.write_text(ORDERS, encoding="utf-16")
    told = {"D134": ["check", "客户 甲"], "D107": ["import", "客户 甲", str(path)]}
    for code, arguments in told.items():
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 1, result.output
        assert isinstance(result.exception, SystemExit) and code in result.output
