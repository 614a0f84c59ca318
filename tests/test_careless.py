"""Files as a careless bookkeeper leaves them: the money is right, or the fault has its place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from ecperf_kit.client import Client, open_client
from ecperf_kit.exact import exact

Good = Callable[..., Path]
HEAD = ["employee", "month", "pay"]
ONE, TWO = ["E03", "2026-03", 6500], ["E04", "2026-03", 6200]
PAID = {"E03": exact("6500"), "E04": exact("6200")}


@pytest.fixture
def book(good_client: Good, practice: Path) -> Callable[..., Client]:
    """The good client with a sheet of pay history of these rows, opened."""

    def make(rows: Sequence[Sequence[Any]], sheet: str = "pay_history", **merged: str) -> Client:
        folder = good_client()
        with xlsxwriter.Workbook(folder / "intake.xlsx") as written:
            page = written.add_worksheet(sheet)
            day = written.add_format({"num_format": "yyyy-mm-dd"})
            for at, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, dt.date):
                        page.write_datetime(at, column, dt.datetime(*cell.timetuple()[:3]), day)
                    elif cell is not None:
                        page.write(at, column, cell)
            for span, text in merged.items():
                page.merge_range(span.replace("_", ":"), text)
        return open_client("_good", root=practice)

    return make


def told(client: Client) -> list[tuple[str, int | None, str]]:
    return [
        (f.code, f.source.row, f.source.column)
        for f in client.findings
        if f.source.file == "intake.xlsx"
    ]


def paid(client: Client) -> dict[str, int]:
    table = client.table("pay_history")
    return {str(k): int(v) for k, v in zip(table["employee"], table["pay"], strict=True)}


def counted(client: Client) -> tuple[int, int, int]:
    row = client.rows.set_index("table").loc["pay_history"]
    return int(row["read"]), int(row["used"]), int(row["set_aside"])


@pytest.mark.parametrize(
    "total,column",
    [
        (["合计", None, 12700], "employee"),
        (["合计", "2026-03", 12700], "employee"),
        ([None, "合 计：", 12700], "month"),
        (["Total", "2026-03", 12700], "employee"),
        (["小计", None, None], "employee"),
    ],
)
def test_a_row_of_totals_is_nobodys_pay(
    book: Callable[..., Client], total: list[Any], column: str
) -> None:
    client = book([HEAD, ONE, TWO, total])
    assert told(client) == [("D136", 4, column)]
    assert paid(client) == PAID and counted(client) == (3, 2, 1)
    assert client.lost["pay_history"].empty if "pay_history" in client.lost else True


def test_a_name_that_holds_the_word_is_no_total(book: Callable[..., Client]) -> None:
    client = book([HEAD, ONE, ["合计组", "2026-03", 6200]])
    assert "D136" not in [code for code, *_ in told(client)]
    assert counted(client) == (2, 2, 0)


@pytest.mark.parametrize(
    "above",
    [
        [["2026年工资表", None, None]],
        [["人员", None, "金额"]],
        [["清禾商贸", None, None], ["制表：林一", None, "单位：元"]],
    ],
)
def test_headings_below_a_title_are_told_in_one_finding(
    book: Callable[..., Client], above: list[list[Any]]
) -> None:
    client = book([*above, HEAD, ONE, TWO])
    assert told(client) == [("D135", len(above) + 1, "")]
    read = len(above) + 2  # what stands below the first row
    assert paid(client) == {} and counted(client) == (read, 0, read)


def test_a_second_line_of_headings_is_told_by_cell(book: Callable[..., Client]) -> None:
    client = book([HEAD, ["编号", "年月", "元"], ONE, TWO])
    assert told(client) == [("D212", 2, "month"), ("D205", 2, "pay")]
    assert paid(client) == PAID and counted(client) == (3, 2, 1)


def test_what_cannot_be_seen_in_a_heading_does_not_count(book: Callable[..., Client]) -> None:
    client = book([["employee ", "\u200bmonth", "\u3000pay\ufeff"], ONE, TWO])
    assert told(client) == [] and paid(client) == PAID


def test_a_column_without_a_name_is_told_by_its_letter(book: Callable[..., Client]) -> None:
    client = book([["employee", None, "month", "pay"], ["E03", "x", "2026-03", 6500]])
    (found,) = [f for f in client.findings if f.source.file == "intake.xlsx"]
    assert (found.code, found.values["column"]) == ("D202", "B")
    assert paid(client) == {"E03": exact("6500")}


@pytest.mark.parametrize("cell", ["￥6,500.00", "6500元", "0.65万", "(6500)", "6 500", "无", True])
def test_money_with_words_or_signs_is_told_and_never_guessed(
    book: Callable[..., Client], cell: object
) -> None:
    client = book([HEAD, ["E03", "2026-03", cell], TWO])
    assert told(client) == [("D205", 2, "pay")]
    assert paid(client) == {"E04": exact("6200")} and counted(client) == (2, 1, 1)


@pytest.mark.parametrize("cell", ["6,500.50", " 6500.50\u3000", "６５００．５０", 6500.5])
def test_money_written_in_other_ways_is_the_same_money(
    book: Callable[..., Client], cell: object
) -> None:
    client = book([HEAD, ["E03", "2026-03", cell], TWO])
    assert paid(client) == {**PAID, "E03": exact("6500.5")}
    assert {code for code, *_ in told(client)} <= {"D210"}


@pytest.mark.parametrize("cell", ["2026年3月", dt.date(2026, 3, 1), "2026/3", "2026-3"])
def test_months_that_can_only_be_meant_one_way_are_read(
    book: Callable[..., Client], cell: object
) -> None:
    client = book([HEAD, ["E03", cell, 6500], TWO])
    assert told(client) == [] and set(client.table("pay_history")["month"]) == {"2026-03"}


@pytest.mark.parametrize("cell", [46082, 2026.1, 202603, "26-03", dt.date(2026, 3, 15)])
def test_months_that_could_be_another_are_told(book: Callable[..., Client], cell: object) -> None:
    """2026.1 may be January or October; a day in the middle is no month."""
    client = book([HEAD, ["E03", cell, 6500], TWO])
    assert told(client) == [("D212", 2, "month")] and counted(client) == (2, 1, 1)


@pytest.mark.parametrize("name", ["~$intake.xlsx", ".~intake.xlsx"])
def test_the_lock_of_an_open_workbook_is_passed_over(
    good_client: Good, practice: Path, name: str
) -> None:
    folder = good_client()
    (folder / name).write_bytes(b"\x05somebody")
    assert open_client("_good", root=practice).findings == ()


def test_an_old_or_locked_workbook_names_what_to_do(good_client: Good, practice: Path) -> None:
    folder = good_client()
    # an old .xls and a workbook with a password both begin like this
    (folder / "intake.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    client = open_client("_good", root=practice)
    assert told(client) == [("D103", None, "")]
    assert "密码" in client.library.texts("zh")["finding.D103.remedy"]
