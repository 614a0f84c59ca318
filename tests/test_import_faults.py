"""The list of all faults of an export: every row, in order, whole or not at all."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ecperf_kit.cli import main
from ecperf_kit.intake.exports import exports
from ecperf_kit.intake.faults import Fault, FaultList
from ecperf_kit.intake.imports import ImportResult, import_export
from ecperf_kit.intake.listing import Sizes
from ecperf_kit.intake.reckoning import Import
from ecperf_kit.intake.tally import Tally
from ecperf_kit.library import load_library

HEAD = "订单编号,总金额,买家实际支付金额,收货地址,订单创建时间,订单付款时间,退款金额"
NAMES = ("file", "sheet", "row", "column", "found", "code", "wanted")


def order(number: object, paid: str = "2.00", day: str = "2026-02-03") -> str:
    return f"{number},{paid},{paid},上海,2026-02-01 10:00:00,{day},0"


def listed(
    tmp_path: Path, rows: list[str], sizes: Sizes | None = None, head: str = HEAD
) -> tuple[ImportResult, list[tuple[str, ...]]]:
    """The result of an import and the lines of its list below the headings."""
    client = tmp_path / "client"
    client.mkdir(exist_ok=True)
    (client / "channels.csv").write_text("channel,name\ntmall,A\n", encoding="utf-8")
    path = tmp_path / "orders.csv"
    path.write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    faults = FaultList(tmp_path / "faults.csv", NAMES, worded)
    result = import_export(client, [path], sizes=sizes or Sizes(), faults=faults)
    with (tmp_path / "faults.csv").open(encoding="utf-8-sig", newline="") as stream:
        lines = [tuple(line) for line in csv.reader(stream)]
    assert lines[0] == NAMES and faults.written == len(lines) - 1
    return result, lines[1:]


def worded(fault: Fault) -> tuple[str, ...]:
    return tuple(str(getattr(fault, name)) for name in NAMES)


@pytest.mark.parametrize("sizes", [Sizes(), Sizes(bytes=1), Sizes(bytes=333)])
def test_every_fault_is_listed_in_the_order_of_rows(tmp_path: Path, sizes: Sizes) -> None:
    gross, paid = "总金额", "买家实际支付金额"
    rows = [order(n) for n in range(400)]
    wanted: list[tuple[int, str, str, str, str]] = []
    for n in range(100, 400, 3):  # a hundred unreadable amounts, in two columns
        rows[n] = order(n, "none")
        wanted += [(n + 2, column, "none", "D409", "money") for column in (gross, paid)]
    rows[41] = f"{order(41)},more"
    wanted.append((43, "", "H: more", "D108", ""))
    rows[43], rows[45] = order(1), order("'1")
    wanted += [(45, "订单编号", "1", "D412", ""), (47, "订单编号", "1", "D412", "")]
    rows[47] = "47,6,500,上海,2026-02-01,2026-02-03"  # one cell less: 6,500 without quotes
    wanted += [(49, "", "6,500", "D129", ""), (49, "退款金额", "", "D409", "money")]
    rows[49] = order(49, day="")
    wanted.append((51, "订单付款时间", "", "D415", "paid_without_day"))
    rows[51] = order(51, "-2.00")  # and what was refunded, 0, is above it
    wanted += [(53, column, "-2.00", "D415", "negative_amount") for column in (gross, paid)]
    wanted.append((53, "退款金额", "0", "D415", "refund_above_gross"))
    rows[53] = order(53, day="2026-02-30")
    wanted.append((55, "订单付款时间", "2026-02-30", "D409", "date"))
    result, lines = listed(tmp_path, rows, sizes)
    assert result.refused
    told = [(int(row), *rest) for _, _, row, *rest in lines]
    assert sorted(told) == sorted(wanted)
    assert [row for row, *_ in told] == sorted(row for row, *_ in wanted)
    assert {line[:2] for line in lines} == {("orders.csv", "")}
    # the findings name some of them and count them all
    counted = Counter((code, column) for _, column, _, code, _ in told)
    named = [f for f in result.findings if f.code == "D412"]
    assert counted["D412", "订单编号"] == named[0].values["count"] == 2
    assert sum(f.code == "D409" for f in result.findings) == 42  # 20 + 20 + 1 + 1


def test_rows_of_a_month_not_covered_are_listed(tmp_path: Path) -> None:
    rows = [order(n) for n in range(30)]
    rows[7] = order(7, day="2026-03-01 10:00:00")
    rows[9] = order(9, day="2026-03-02")
    rows[11] = order(11, "0", day="")  # not paid: no fault, and nothing to mend
    result, lines = listed(tmp_path, rows)
    assert not result.refused
    assert [line[2:] for line in lines] == [
        ("9", "订单付款时间", "2026-03-01 10:00:00", "D411", ""),
        ("11", "订单付款时间", "2026-03-02", "D411", ""),
    ]


def test_a_sound_export_has_an_empty_list(tmp_path: Path) -> None:
    """An old list does not stay behind."""
    _, lines = listed(tmp_path, [order(1, "none")])
    assert len(lines) == 2
    result, lines = listed(tmp_path, [order(1)])
    assert lines == [] and not result.refused


def test_a_file_given_up_early_is_listed_by_its_row(tmp_path: Path) -> None:
    _, lines = listed(tmp_path, [order(1), f'{order(2)},"open'])
    assert [line[2] for line in lines] == ["3"] and [line[5] for line in lines] == ["D111"]
    _, lines = listed(tmp_path, [order(1)], head="a,b")
    assert lines == []


def test_names_not_matched_are_listed_row_by_row(tmp_path: Path) -> None:
    client = tmp_path / "client"
    client.mkdir()
    people = "employee,name,hired\nE01,林一,2020-01-01\n"
    (client / "employees.csv").write_text(people, encoding="utf-8")
    head = (
        "Call Id,Agent,Date,Answered (Y/N),Resolved,Speed of answer in seconds,Satisfaction rating"
    )
    names = ["林一", "林二", "E01", "林三", "林二"]
    rows = [f"{n},{name},2026-04-01,N,N,," for n, name in enumerate(names)]
    _, lines = listed(tmp_path, rows, head=head)
    assert [line[2:] for line in lines] == [
        ("3", "Agent", "林二", "D407", ""),
        ("5", "Agent", "林三", "D407", ""),
        ("6", "Agent", "林二", "D407", ""),
    ]


def test_a_file_changed_before_its_list_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Same length, same time stamp: its content alone tells."""
    listed(tmp_path, [order(1, "none")])
    before = (tmp_path / "faults.csv").read_bytes()
    real, path = FaultList.write, tmp_path / "orders.csv"

    def late(self: FaultList, imports: Sequence[Import]) -> None:
        told = path.stat()
        path.write_bytes(path.read_bytes().replace(b"none", b"1.00", 1))
        os.utime(path, ns=(told.st_atime_ns, told.st_mtime_ns))
        real(self, imports)

    monkeypatch.setattr(FaultList, "write", late)
    faults = FaultList(tmp_path / "faults.csv", NAMES, worded)
    result = import_export(tmp_path / "client", [path], faults=faults)
    (changed,) = [f for f in result.findings if f.code == "D482"]
    assert changed.source.file == "orders.csv" and result.refused and not faults.there
    assert (tmp_path / "faults.csv").read_bytes() == before


def test_a_list_that_cannot_be_finished_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed(tmp_path, [order(1, "none")])
    before = (tmp_path / "faults.csv").read_bytes()
    real = os.replace

    def locked(source: str, target: Path) -> None:
        if Path(target).name == "faults.csv":
            raise PermissionError(13, "Permission denied")
        real(source, target)

    monkeypatch.setattr(os, "replace", locked)
    (tmp_path / "orders.csv").write_text(f"{HEAD}\n{order(1)}\n", encoding="utf-8")
    faults = FaultList(tmp_path / "faults.csv", NAMES, worded)
    result = import_export(tmp_path / "client", [tmp_path / "orders.csv"], faults=faults)
    assert [f.code for f in result.findings if f.code != "D480"] == ["D128"]
    assert result.refused and not faults.there
    assert (tmp_path / "faults.csv").read_bytes() == before
    assert not (tmp_path / "client" / "imported").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".part")]


@pytest.mark.parametrize(
    ("language", "money", "code"),
    [
        ("en", "An amount in yuan with at most two decimals, such as 1234.50", "code"),
        ("zh", "以元为单位、最多两位小数的金额，例如 1234.50", "代码"),
    ],
)
def test_the_command_writes_the_list(
    practice: Path, monkeypatch: pytest.MonkeyPatch, language: str, money: str, code: str
) -> None:
    folder = practice / "client_data" / "shop"
    folder.mkdir(parents=True)
    (folder / "client.toml").write_text('name_zh = "甲"\n', encoding="utf-8")
    (folder / "channels.csv").write_text("channel,name\ntmall,A\n", encoding="utf-8")
    rows = [order(1), order(2, "=1+1"), order(2)]
    (practice / "orders.csv").write_text("\n".join([HEAD, *rows, ""]), encoding="utf-8")
    monkeypatch.chdir(practice)

    def ecperf(*more: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["import", "shop", "orders.csv", "--lang", language, *more])
        return done.exit_code, done.output

    exit_code, said = ecperf("--faults", "faults.csv")
    assert exit_code == 1 and "faults.csv" in said
    with (practice / "faults.csv").open(encoding="utf-8-sig", newline="") as stream:
        head, *lines = csv.reader(stream)
    assert head[-1] == code and len(lines) == 3
    assert [line[2] for line in lines] == ["3", "3", "4"]
    assert lines[0][4] == "'=1+1"  # no formula in a spreadsheet
    assert lines[0][5].startswith(money)
    assert lines[2][6] == "D412" and lines[2][5] and "{" not in lines[2][5]
    for wrong in ("faults.xlsx", "orders.csv", "nowhere/faults.csv"):
        exit_code, said = ecperf("--faults", wrong)
        assert exit_code == 2 and "--faults" in said
    assert (practice / "orders.csv").read_text(encoding="utf-8").startswith(HEAD)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_everything_that_can_be_wrong_has_words(language: str) -> None:
    library = load_library()
    texts = library.texts(language)
    for export in exports(library.folder):
        for wanted in [c.type for c in export.columns.values()] + [
            each.reason for each in export.contradictions
        ]:
            assert texts[f"import.instead.{wanted}"]
    for code in ("D107", "D108", "D111", "D129", "D203", "D407", "D411", "D412", "D419"):
        assert "{" not in texts[f"finding.{code}.remedy"]


def test_a_file_changed_while_it_is_read_is_told_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of it is taken in: what was read may be part of one file and part of another."""
    path = tmp_path / "orders.csv"
    path.write_text(f"{HEAD}\n{order(1)}\n", encoding="utf-8")
    real = Tally.take

    def late(self: Tally, piece: Any) -> None:
        real(self, piece)
        with path.open("a", encoding="utf-8") as stream:
            stream.write(f"{order(2)}\n")

    monkeypatch.setattr(Tally, "take", late)
    (tmp_path / "client").mkdir()
    result = import_export(tmp_path / "client", [path])
    assert [f.code for f in result.findings][-1] == "D482" and result.refused
    assert not (tmp_path / "client" / "imported").exists()
