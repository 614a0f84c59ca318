"""A fault of a whole file still names its place: row, column and what was found there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ecperf_kit.client import Client, open_client
from ecperf_kit.finding import Finding
from ecperf_kit.intake.read import ReadError, column_letters, decoded
from ecperf_kit.outputs.wording import Wording

Good = Callable[..., Path]
HEAD = "employee,month,scheduled_days,worked_days\n"


def _worded(client: Client, finding: Finding, language: str) -> str:
    return " ".join(Wording(client.library, language, client).finding(finding))


@pytest.mark.parametrize(
    "place,letters", [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")]
)
def test_columns_have_the_letters_of_a_spreadsheet(place: int, letters: str) -> None:
    assert column_letters(place) == letters


@pytest.mark.parametrize(
    "data,row,column,found,encoding",
    [
        # the byte is that of no character of UTF-8, beside one that is
        ("a,b\n客,2\n".encode() + b"x,\xff3\n", 3, "b", "FF 33 0A", "UTF-8"),
        # at the beginning of a record, behind a blank line and a cell on two lines
        ('a,b\n\n"客\n户",2\n'.encode() + b"\xff,3\n", 4, "a", "FF 2C 33 0A", "UTF-8"),
        # in GB18030 a lead byte before the end of the line
        ("姓名,b\n张三,1\n李四,2\n".encode("gb18030") + b"\xcd\n", 4, "姓名", "CD 0A", "GB18030"),
        # with the mark of UTF-8
        (b"\xef\xbb\xbfa,b\n1,\xff\n", 2, "b", "FF 0A", "UTF-8"),
        # in the headings themselves the column has no name yet
        (b"\xef\xbb\xbfa,\xff\n1,2\n", 1, "B", "FF 0A 31 2C", "UTF-8"),
        # beyond the headings
        ("a,客\n".encode() + b"1,2,\xff\n", 2, "C", "FF 0A", "UTF-8"),
        # a byte 0
        (b"a,b\n1,2\x00\n", 2, "b", "00 0A", "UTF-8"),
    ],
)  # fmt: skip
def test_a_broken_byte_is_told_with_its_cell(
    data: bytes, row: int, column: str, found: str, encoding: str
) -> None:
    with pytest.raises(ReadError) as error:
        decoded(data)
    told = {"row": row, "column": column, "found": found, "encoding": encoding}
    assert (error.value.code, error.value.values) == ("D134", told)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_sentence_names_the_cell(good_client: Good, practice: Path, language: str) -> None:
    folder = good_client()
    (folder / "attendance.csv").write_bytes(f"{HEAD}E03,2026-04,22,".encode() + b"\xff1\n")
    client = open_client("_good", root=practice)
    (found,) = [f for f in client.findings if f.code == "D134"]
    place = {"zh": "attendance.csv 第 2 行 worked_days 列", "en": "Column worked_days in row 2 of"}
    assert place[language] in _worded(client, found, language)
    assert "FF 31 0A" in _worded(client, found, language)


def test_broken_texts_of_a_parquet_file_are_told_with_row_and_column(
    good_client: Good, practice: Path
) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = good_client()
    (folder / "attendance.csv").unlink(missing_ok=True)
    ends = pa.py_buffer(b"".join(n.to_bytes(4, "little") for n in (0, 3, 7)))
    names = pa.StringArray.from_buffers(2, ends, pa.py_buffer(b"E03E0\xff\xfe"))
    rest = {"month": ["2026-04"] * 2, "scheduled_days": [22, 22], "worked_days": [21, 20]}
    pq.write_table(pa.table({"employee": names, **rest}), folder / "attendance.parquet")
    found = [f for f in open_client("_good", root=practice).findings if f.code.startswith("D1")]
    assert [(f.code, f.source.file, f.source.row, f.source.column) for f in found] == [
        ("D134", "attendance.parquet", 3, "employee")
    ]
    assert found[0].values["found"] == "FF FE"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_cells_beyond_the_headings_are_told_with_column_and_content(
    good_client: Good, practice: Path, kind: str
) -> None:
    folder = good_client()
    (folder / "attendance.csv").unlink(missing_ok=True)
    rows = [HEAD.strip().split(","), ["E03", "2026-04", "22", "21"],
            ["E04", "2026-04", "22", "20", "", "9", "x"]]  # fmt: skip
    if kind == "csv":
        text = "".join(",".join(row) + "\n" for row in rows)
        (folder / "attendance.csv").write_text(text, encoding="utf-8")
    else:
        import xlsxwriter

        with xlsxwriter.Workbook(folder / "intake.xlsx") as book:
            sheet = book.add_worksheet("attendance")
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    client = open_client("_good", root=practice)
    (found,) = [f for f in client.findings if f.code == "D108"]
    assert (found.source.row, found.source.column) == (3, "F")
    assert "(F: 9, G: x)" in _worded(client, found, "en")
    assert "（F: 9, G: x）" in _worded(client, found, "zh")
    used = client.rows.set_index("table").loc["attendance"]
    assert (used["read"], used["used"], used["set_aside"]) == (2, 1, 1)


def test_a_quote_without_its_partner_is_told_with_its_row(
    good_client: Good, practice: Path
) -> None:
    folder = good_client()
    text = f'{HEAD}E03,2026-04,22,21\n\nE04,2026-04,22,"20\nE05,2026-04,22,20\n'
    (folder / "attendance.csv").write_text(text, encoding="utf-8")
    (found,) = [f for f in open_client("_good", root=practice).findings if f.code == "D111"]
    assert found.source.row == 4
