"""Workbooks and CSV files: exact, harmless, apart by reader, whole or not at all."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from outputs_sample import EVIL, client, money, report

from ecperf_kit.client import open_client
from ecperf_kit.outputs import provenance, write
from ecperf_kit.outputs.wording import Wording
from ecperf_kit.outputs.write import OutputError, csv_bytes, decimal_text, write_stage
from ecperf_kit.stages import conclude
from ecperf_kit.stages.result import RESTRICTED


def wording(language: str = "zh") -> Wording:
    found = client(language)
    return Wording(found.library, language, found)


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def test_exact_decimals() -> None:
    texts = decimal_text(money("6500", "0.385", "-18.5", "-0.000001", None, "0"))
    assert texts == ["6500", "0.385", "-18.5", "-0.000001", "", "0"]


def test_files_by_reader(tmp_path: Path) -> None:
    paths = write_stage(client(), report(), str(tmp_path))
    found = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert {p.relative_to(tmp_path).as_posix() for p in paths} == found
    assert {"pilot.xlsx", "tables/pay_by_post.csv", "restricted/pilot.xlsx"} <= found
    assert "restricted/tables/pay_list.csv" in found
    assert "tables/pay_list.csv" not in found


def test_csv_is_for_excel_and_its_texts_are_never_formulas(tmp_path: Path) -> None:
    write_stage(client(), report(), str(tmp_path))
    path = tmp_path / "restricted/tables/pay_list.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    found = rows(path)
    assert [r["note"] for r in found[:3]] == ["'=1+1", EVIL, "'@SUM(A1)"]
    # numbers stay numbers, negative ones too; a missing one is empty, not 0
    assert [r["pay"] for r in found[:3]] == ["5330", "-12.5", ""]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_formula_starts(text: str) -> None:
    assert write.harmless([text, "a=1", ""]) == ["'" + text, "a=1", ""]


def test_sentences_in_csv_are_worded() -> None:
    text = csv_bytes(report().tables["progress"], wording()).decode("utf-8-sig")
    # 345,000 / 380,000 = 0.907895; the rest is 0.092105
    assert "完成 90.8%，差 9.2%" in text
    assert "2026-10-05" in text


def test_a_restricted_table_outside_its_folder_is_refused(tmp_path: Path) -> None:
    assert "person" in RESTRICTED
    misplaced = {tmp_path / "tables" / "pay_list.csv": b""}
    with pytest.raises(PermissionError, match="pay_list"):
        write.refuse_misplaced(misplaced, report(), tmp_path / "restricted")


def test_a_file_open_elsewhere_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_stage(client(), report(), str(tmp_path))
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    for path in before:
        path.write_bytes(b"old " + path.name.encode())
    before = {p: p.read_bytes() for p in before}
    held = tmp_path / "tables" / "lateness.csv"
    real = os.replace

    def busy(source: Any, target: Any) -> None:
        if Path(source) == held or Path(target) == held:
            raise PermissionError(13, "in use")
        real(source, target)

    monkeypatch.setattr("os.replace", busy)
    with pytest.raises(OutputError, match=r"lateness\.csv.*关闭"):
        write_stage(client(), report(), str(tmp_path))
    monkeypatch.undo()
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


def test_an_empty_output_means_the_practice(tmp_path: Path) -> None:
    (tmp_path / "practice.toml").write_text("", encoding="utf-8")
    folder = tmp_path / "client_data" / "sample"
    folder.mkdir(parents=True)
    paths = write_stage(client(folder=folder), report())
    assert tmp_path / "reports/sample/2026-04_2026-09/pilot/pilot.xlsx" in paths


@pytest.mark.parametrize("language", ["zh", "en"])
def test_workbook(tmp_path: Path, language: str) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    write_stage(client(language), report(), str(tmp_path))
    book = openpyxl.load_workbook(tmp_path / "pilot.xlsx")
    first, last = ("封面", "问题清单") if language == "zh" else ("Cover", "Findings")
    assert book.sheetnames[0] == first and book.sheetnames[-1] == last
    sheet = book["各岗位应发对比" if language == "zh" else "Gross pay by post"]
    heads = [cell.value for cell in sheet[2]]
    assert heads[2] == ("试考前（元）" if language == "zh" else "Before (CNY)")
    assert sheet["C3"].value == 6500 and sheet["C3"].number_format == '#,##0.00;"−"#,##0.00'
    assert sheet["E3"].value == -0.18 and "%" in sheet["E3"].number_format
    assert sheet["C8"].value == "–"  # missing
    assert sheet.freeze_panes == "B3"
    assert sheet.page_setup.orientation == "landscape" and sheet.page_setup.paperSize == 9
    assert provenance.scheme_hash(client()) in sheet.oddFooter.left.text
    cover = [c.value for row in book[first].iter_rows() for c in row if c.value]
    assert any("20.0%" in str(v) for v in cover) and any("15.0%" in str(v) for v in cover)


def test_workbook_holds_no_formula_and_no_person(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    write_stage(client(), report(), str(tmp_path))
    for path in (tmp_path / "pilot.xlsx", tmp_path / "restricted" / "pilot.xlsx"):
        book = openpyxl.load_workbook(path)
        cells = [c for sheet in book for row in sheet.iter_rows() for c in row]
        assert not [c for c in cells if c.data_type == "f" or c.hyperlink]
        texts = [str(c.value) for c in cells]
        assert any(EVIL in t for t in texts)  # as text
        assert ("陈晓" in texts) == ("restricted" in path.parts)


@pytest.mark.office
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_workbook_opens_and_prints(tmp_path: Path) -> None:
    write_stage(client(), report(), str(tmp_path))
    command = ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"]
    command += ["--convert-to", "pdf", "--outdir", str(tmp_path), str(tmp_path / "pilot.xlsx")]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert (tmp_path / "pilot.pdf").stat().st_size > 10_000


def test_a_table_too_wide_for_a4_prints_on_a3(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    demo = open_client("qinghe", root=Path(__file__).resolve().parent.parent)
    write_stage(demo, conclude("design", demo), str(tmp_path))
    book = openpyxl.load_workbook(tmp_path / "restricted" / "design.xlsx")
    papers = set()
    for sheet in book.worksheets[1:-1]:
        # widths with the cell's margin, which is less than a character; equal ones once
        each = sheet.column_dimensions.values()
        across = sum(column.width * (column.max - column.min + 1) for column in each)
        across -= 0.72 * sum(column.max - column.min + 1 for column in each)
        assert sheet.page_setup.paperSize == (8 if across > 200 else 9), (sheet.title, across)
        papers.add(sheet.page_setup.paperSize)
    assert papers == {8, 9}


def test_scheme_hash_sees_contents_not_order() -> None:
    one = pd.DataFrame({"a": ["x", "y"], "b": pd.array([1, None], "Int64"), "_row": [2, 3]})
    other = one.iloc[::-1].assign(_row=[9, 8], c="")[["c", "b", "a", "_row"]]
    assert provenance.canonical(one) == provenance.canonical(other)
    assert provenance.canonical(one) != provenance.canonical(one.assign(b=2))
    found = provenance.scheme_hash(client())
    assert len(found) == 9 and found[4] == " "
    assert found == provenance.scheme_hash(client("en"))
