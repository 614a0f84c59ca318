"""Imports by pieces: whatever the pieces, the account is that of the file read whole.

Pieces here are a few dozen bytes or seven rows, so that every row, cell, quote and character
crosses a border somewhere. The plain way they are compared with stands in ``plain_import``.
"""

from __future__ import annotations

import hashlib
import shutil
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plain_import import PlainImport, plain_import

from ecperf_kit.finding import Finding
from ecperf_kit.intake import plain, tally
from ecperf_kit.intake.ahead import ahead
from ecperf_kit.intake.arrow import filled, text_array
from ecperf_kit.intake.cells import cleaned_texts, typed
from ecperf_kit.intake.cut_off import CUT_OFFS
from ecperf_kit.intake.exports import Export, ExportColumn, cleaned, exports, read_column
from ecperf_kit.intake.imports import ImportResult, import_export
from ecperf_kit.intake.listing import Sizes
from ecperf_kit.intake.numbers import Reading, read_number
from ecperf_kit.library import load_library

HEAD = "订单编号,总金额,买家实际支付金额,收货地址 ,订单创建时间,订单付款时间 ,退款金额"
CALLS = "Call Id,Agent,Date,Answered (Y/N),Resolved,Speed of answer in seconds,Satisfaction rating"
PEOPLE = {"林一": "E01", "吴三": "E03", "E01": "E01", "E03": "E03"}
OWN = (
    "indicator,name_zh,name_en,unit,direction,aggregation,data_source\n"
    "call_answer_rate,甲,A,ratio,higher_is_better,ratio,platform_erp\n"
    "call_resolve_rate,乙,B,ratio,higher_is_better,ratio,platform_erp\n"
    "speed_of_answer,丙,C,seconds,lower_is_better,ratio,platform_erp\n"
    "call_satisfaction,丁,D,points,higher_is_better,ratio,platform_erp\n"
)
#: From a few bytes (every line a piece of its own) to the file in one piece.
SMALL = (Sizes(bytes=1, rows=1), Sizes(bytes=90, rows=7), Sizes(bytes=333, rows=20))
WHOLE = Sizes()
quick = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
Import = Callable[..., ImportResult]


@pytest.fixture
def client(tmp_path: Path) -> Path:
    folder = tmp_path / "client"
    folder.mkdir()
    (folder / "channels.csv").write_text("channel,name\ntmall,天猫店\n", encoding="utf-8")
    people = "employee,name,hired\nE01,林一,2020-01-01\nE03,吴三,2020-01-01\n"
    (folder / "employees.csv").write_text(people, encoding="utf-8")
    (folder / "indicators.csv").write_text(OWN, encoding="utf-8")
    return folder


def closes_by(client: Path, cut_off: str) -> None:
    (client / "client.toml").write_text(f'[pay]\ncut_off = "{cut_off}"\n', encoding="utf-8")


def take(client: Path, path: Path, sizes: Sizes) -> tuple[ImportResult, list[tuple[Any, ...]]]:
    """The result of an import and the actuals it wrote; nothing stays."""
    result = import_export(client, [path], sizes=sizes)
    written = [p for p in client.glob("imported/*.csv")]
    frame = pd.read_csv(written[0], dtype="str").fillna("") if written else pd.DataFrame()
    shutil.rmtree(client / "imported", ignore_errors=True)
    return result, [tuple(row) for row in frame.itertuples(index=False)]


def told(findings: list[Finding] | tuple[Finding, ...]) -> list[tuple[Any, ...]]:
    return [
        (
            *(f.code, f.source.row, f.source.column, str(f.values.get("found"))),
            *(f.values.get(name) for name in ("count", "amount", "months", "month", "missing")),
        )
        for f in findings
    ]


def in_numbers(cell: object) -> int | None:
    if cell is None or cell == "":
        return None
    read = read_number(str(cell)) if isinstance(cell, str) else int(cell)  # type: ignore[call-overload]
    assert isinstance(read, int)
    return read


def same_as_plain(
    expected: PlainImport, result: ImportResult, written: list[tuple[Any, ...]]
) -> None:
    (done,) = result.files
    wanted = told(expected.findings)
    found = told(result.findings)
    if wanted and wanted[0][0] in ("D107", "D111", "D134"):  # the row is told in addition
        # a heading line that is spoilt itself is told as one nobody knows
        assert [f[0] for f in found] in (["D107"], ["D111"], ["D419"], ["D405"])
        return
    if wanted and wanted[0][0] in ("D405", "D104", "D106"):
        assert [f[0] for f in found] == [wanted[0][0]]
        return
    assert found == wanted
    assert (done.read, done.blank, done.used) == (expected.read, expected.blank, expected.used)
    assert done.set_aside == tuple(expected.set_aside)
    assert list(done.totals) == expected.totals
    assert done.read == done.used + sum(rows for _, rows in done.set_aside) or result.refused
    lines = [
        (subject, period, indicator, in_numbers(value), in_numbers(top), in_numbers(bottom))
        for _, subject, indicator, period, value, top, bottom, *_ in written
    ]
    assert sorted(lines) == sorted(expected.actuals)


amounts = st.one_of(
    st.integers(-50, 99_999).map(lambda fen: f"{fen / 100:.2f}"),
    st.sampled_from(["0", "12", "1,030.50", "80元", "￥5", "５.5", " 7.25 ", "", "-", "八十", "1e3",
                     "0,385", "12.345", ".5", "5.", "1.2.3", "1-2", "--1", "12%", "999999999.99",
                     "1000000000", "4611686018428", "00012.50", "0.1234567", '="6.50"', "+1",
                     "0.100000000000000", "123456789012.10"]),
)  # fmt: skip
days = st.one_of(
    st.dates(pd.Timestamp("2026-01-20").date(), pd.Timestamp("2026-03-10").date()).map(str),
    st.datetimes(pd.Timestamp("2026-01-20"), pd.Timestamp("2026-03-10")).map(
        lambda t: t.strftime("%Y-%m-%d %H:%M:%S")
    ),
    st.sampled_from(["", "", "2026-02-03 04:05", "2026-02-03T04:05:06", "2026/2/3 0:00", "null",
                     "2026年2月3日", "2026-02-30", "2026-13-01", "1949-12-31", "2100-01-01", "-",
                     "2026-02-03 04:05:06.5", "2026-02-03 99:99:99", "２０２６-02-03",
                     "2026-02-0x"]),
)  # fmt: skip
keys = st.one_of(
    st.integers(1, 40).map(str),
    st.integers(10**18, 10**18 + 30).map(lambda n: f'="{n}"'),
    st.sampled_from(["", "'7", "\t8", " 9 ", "null", "--", "单12", "x" * 70, "x" * 71]),
)
places = st.sampled_from(["上海", "", "a b", "内蒙古自治区", "é"])


@st.composite
def lines(draw: st.DrawFn) -> str:
    """A line of an order list: mostly sound, at times broken in one way or another."""
    cells = [draw(keys), draw(amounts), draw(amounts), draw(places), draw(days), draw(days),
             draw(amounts)]  # fmt: skip
    if draw(st.integers(0, 3)):  # mostly a plain row, so that sums are reached
        fen = draw(st.integers(0, 10_000))
        number = draw(st.integers(100, 10**6))
        day = draw(st.sampled_from(["2026-02-10 10:00:00", "2026-02-28", "2026-03-01 00:00:01"]))
        cells = [
            str(number),
            f"{fen / 100}",
            f"{fen / 100}",
            "上海",
            "2026-02-10 10:00:00",
            day,
            "0",
        ]
    match draw(st.integers(0, 30)):
        case 0:
            return ""
        case 1:
            return ",,,,,,"
        case 2:
            return " ,\u3000,,,,,"
        case 3:
            return ",".join([*cells, "more"])
        case 4:
            return ",".join(cells[:5])
        case 5:
            cells[3] = '"two\nlines, ""and"" more"'
        case 6:
            return ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
        case 7:
            cells[3] = '5" screen'
        case 8:
            return ",".join([*cells, "", ""])
        case 9:
            cells[3] = '"\n\r\n"'
        case 10:
            cells[3] = '"open'
        case 11:
            return f"1,6,500,{cells[3]},2026-02-10"
        case 12:
            return "\r".join([",".join(cells), ""])
    return ",".join(f'"{cell}"' if "," in cell else cell for cell in cells)


@quick
@given(
    st.lists(lines(), max_size=25),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.sampled_from(["", "\n", "\n,,,\n"]),
    st.sampled_from(["", ",", ",,x"]),
    st.sampled_from(CUT_OFFS),
)
def test_pieces_are_the_same_as_the_whole(
    client: Path, tmp_path: Path, rows: list[str], encoding: str, end: str, last: bool,
    before: str, after: str, cut_off: str,
) -> None:  # fmt: skip
    closes_by(client, cut_off)
    text = before + end.join([HEAD + after, *rows]) + (end if last else "")
    path = tmp_path / "orders.csv"
    path.write_bytes(text.encode(encoding))
    expected = plain_import(path, "tmall_orders", {"": "tmall"}, cut_off)
    for sizes in (WHOLE, *SMALL):
        same_as_plain(expected, *take(client, path, sizes))


@quick
@given(
    st.lists(
        st.tuples(
            st.integers(1, 60).map(str),
            st.sampled_from(["林一", "吴三", "E01", "e01", " E03 ", "某人", "", "-"]),
            st.sampled_from(
                ["2026-04-01", "2026-05-02", "2026/4/3", "2026-04-31", "", "2026-04-26"]
            ),
            st.sampled_from(["Y", "N", "y", "是", "yes", "maybe", ""]),
            st.sampled_from(["Y", "N", "no"]),
            st.sampled_from(["10", "20.5", "", "x", "3,600"]),
            st.sampled_from(["5", "3", "", "１"]),
        ),
        max_size=30,
    ),
    st.sampled_from(CUT_OFFS),
)
def test_pieces_of_calls_are_the_same_as_the_whole(
    client: Path, tmp_path: Path, rows: list[tuple[str, ...]], cut_off: str
) -> None:
    closes_by(client, cut_off)
    path = tmp_path / "calls.csv"
    quoted = [",".join(f'"{c}"' if "," in c else c for c in row) for row in rows]
    path.write_text("\n".join([CALLS, *quoted, ""]), encoding="utf-8")
    expected = plain_import(path, "service_calls", PEOPLE, cut_off)
    for sizes in (WHOLE, *SMALL):
        same_as_plain(expected, *take(client, path, sizes))


@quick
@given(
    st.lists(lines(), min_size=1, max_size=12),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
    st.lists(
        st.tuples(
            st.integers(0, 2000), st.sampled_from([b"\xff", b"\x00", b"\xe4", b"\x80", b'"'])
        ),
        min_size=1,
        max_size=2,
    ),
)
def test_broken_bytes_are_found_in_pieces_as_in_the_whole(
    client: Path, tmp_path: Path, rows: list[str], encoding: str, breaks: list[tuple[int, bytes]]
) -> None:
    data = "\n".join([HEAD, *rows, ""]).encode(encoding)
    for at, byte in breaks:
        data = data[: at % len(data)] + byte + data[at % len(data) :]
    path = tmp_path / "orders.csv"
    path.write_bytes(data)
    expected = plain_import(path, "tmall_orders", {"": "tmall"})
    for sizes in (WHOLE, *SMALL):
        same_as_plain(expected, *take(client, path, sizes))


def order(number: object, paid: str = "2.00", day: str = "2026-02-03", more: str = "上海") -> str:
    return f"{number},{paid},{paid},{more},2026-02-01 10:00:00,{day},0"


def orders(tmp_path: Path, rows: list[str], encoding: str = "utf-8") -> Path:
    path = tmp_path / "orders.csv"
    path.write_bytes("\n".join([HEAD, *rows, ""]).encode(encoding))
    return path


@pytest.mark.parametrize("sizes", [WHOLE, *SMALL])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_broken_byte_is_told_with_its_row(
    client: Path, tmp_path: Path, encoding: str, sizes: Sizes
) -> None:
    rows = [order(n, more='"two\nlines"' if n == 3 else "上海") for n in range(200)]
    data = "\n".join([HEAD, *rows, ""]).encode(encoding)
    # order 150 stands in row 152: below the headings, the two lines of order 3 are one row
    data = data.replace(b"\n150,2.00", b"\n150,2\xff00")
    path = tmp_path / "orders.csv"
    path.write_bytes(data)
    result, written = take(client, path, sizes)
    assert [(f.code, f.source.row) for f in result.findings] == [("D419", 152)]
    assert result.refused and not written


@pytest.mark.parametrize("sizes", [WHOLE, *SMALL])
def test_a_file_whose_first_lines_are_also_utf8_is_read_as_gb18030(
    client: Path, tmp_path: Path, sizes: Sizes
) -> None:
    """Two bytes of GB18030 can be a character of UTF-8; the rest of the file tells."""
    names = ["通"] * 20 + ["四川"] * 20
    assert "通".encode("gb18030").decode("utf-8") != "通"  # so it can
    rows = [f"{n},{name},2026-04-01,Y,Y,10,5" for n, name in enumerate(names)]
    path = tmp_path / "calls.csv"
    path.write_bytes("\n".join([CALLS, *rows, ""]).encode("gb18030"))
    result, _ = take(client, path, sizes)
    (finding,) = result.findings
    assert (finding.code, finding.values["count"]) == ("D407", 2)
    assert finding.values["found"] == "四川, 通"


@pytest.mark.parametrize("sizes", [WHOLE, *SMALL])
def test_repeats_across_pieces(client: Path, tmp_path: Path, sizes: Sizes) -> None:
    rows = [order(n) for n in range(100)]
    rows[60] = order(5)
    rows[80] = order(5)
    rows[90] = order("'7")  # the mark before a number is none of it
    result, _ = take(client, orders(tmp_path, rows), sizes)
    assert told(result.findings) == [("D412", 62, "订单编号", "5", 3, *[None] * 4)]


@pytest.mark.parametrize("sizes", [WHOLE, *SMALL])
def test_keys_that_only_look_alike_are_no_repeats(
    client: Path, tmp_path: Path, sizes: Sizes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All keys under suspicion, in three shares: the keys themselves decide."""
    from ecperf_kit.intake import cells

    monkeypatch.setattr(cells, "hashes", lambda column: column.lengths.astype(np.uint64) % 3)
    monkeypatch.setattr(tally, "_SUSPECTS_AT_ONCE", 60)
    rows = [order("1" * (n % 17 + 1) + f"x{n}") for n in range(70)]
    result, written = take(client, orders(tmp_path, rows), sizes)
    assert {f.code for f in result.findings} == {"D480"} and written
    rows[69] = rows[30]
    rows[50] = rows[11]
    result, _ = take(client, orders(tmp_path, rows), sizes)
    key = rows[11].split(",")[0]
    assert told(result.findings) == [("D412", 52, "订单编号", key, 2, *[None] * 4)]


@pytest.mark.parametrize("sizes", [WHOLE, *SMALL])
def test_of_many_faults_some_are_named_and_all_counted(
    client: Path, tmp_path: Path, sizes: Sizes
) -> None:
    rows = [order(n, "none") for n in range(300)]
    rows[40:90] = [f"{order(n)},beyond" for n in range(40, 90)]
    result, _ = take(client, orders(tmp_path, rows), sizes)
    found = {
        code: [f for f in result.findings if (f.code, f.source.column) == code]
        for code in (("D108", "H"), ("D409", "总金额"), ("D409", "买家实际支付金额"))
    }
    assert {code: len(f) for code, f in found.items()} == dict.fromkeys(found, 20)
    # 300 rows less the 50 that are sound but for a cell too many
    assert found["D409", "总金额"][-1].values["found"] == "none … (+230)"
    assert found["D108", "H"][-1].values["found"] == "H: beyond … (+30)"
    assert [f.source.row for f in found["D108", "H"]] == list(range(42, 62))


@pytest.mark.parametrize("most", [0, 2, 5])
def test_odd_cells_read_before_are_forgotten_and_read_again(
    client: Path, tmp_path: Path, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ecperf_kit.intake import cells

    monkeypatch.setattr(cells, "_MOST_KNOWN", most)
    odd = ["80元", "八十", "-", "￥5", "1e3", "５.5", "80元", "", "￥5"]
    path = orders(tmp_path, [order(n, odd[n % len(odd)]) for n in range(60)])
    expected = plain_import(path, "tmall_orders", {"": "tmall"})
    for sizes in (WHOLE, *SMALL):
        same_as_plain(expected, *take(client, path, sizes))


def test_blank_rows_are_counted(client: Path, tmp_path: Path) -> None:
    rows = [order(1), "", ",,,,,,", order(2), "", "", order(3), "", ""]
    result, _ = take(client, orders(tmp_path, rows), Sizes(bytes=40))
    assert (result.files[0].read, result.files[0].blank) == (3, 4)


def test_wrong_heading_line_in_pieces(client: Path, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("\n".join(["a;b", *[order(n) for n in range(50)]]), encoding="utf-8")
    assert [f.code for f in take(client, path, SMALL[0])[0].findings] == ["D106"]
    path.write_text("\n".join(["a,b", *[order(n) for n in range(50)]]), encoding="utf-8")
    assert [f.code for f in take(client, path, SMALL[0])[0].findings] == ["D405"]


@pytest.mark.parametrize("kind", ["text", "typed", "decimals"])
@pytest.mark.parametrize("sizes", [WHOLE, *SMALL])
def test_parquet_is_the_same_as_csv(client: Path, tmp_path: Path, kind: str, sizes: Sizes) -> None:
    rng = np.random.default_rng(3)
    fen = rng.integers(0, 10**7, 300)
    seconds = pd.to_timedelta(rng.integers(0, 10**6, 300), "s")
    frame = pd.DataFrame(
        {
            "订单编号": [f"{10**18 + n}" for n in range(300)],
            "总金额": fen / 100,
            "买家实际支付金额": fen / 100,
            "收货地址 ": "上海",
            "订单创建时间": pd.Timestamp("2026-02-01") + seconds,
            "订单付款时间 ": pd.Timestamp("2026-02-02") + seconds,
            "退款金额": np.where(rng.random(300) < 0.2, fen // 2 / 100, 0.0),
        }
    )  # fmt: skip
    frame.loc[::7, ["订单付款时间 "]] = pd.NaT
    frame.loc[::7, ["买家实际支付金额"]] = 0.0
    csv_path = orders(tmp_path, frame.to_csv(index=False, header=False).splitlines())
    path = tmp_path / "orders.parquet"
    if kind == "text":
        text = pd.read_csv(csv_path, dtype="str").fillna("")
        text.insert(0, "row", pd.Series(["a"] * 300, dtype="category"))
        text.to_parquet(path)
    elif kind == "decimals":
        table = pa.Table.from_pandas(frame)
        for at in (1, 2, 6):
            name = table.column_names[at]
            table = table.set_column(at, name, table.column(at).cast(pa.decimal128(12, 2)))
        pq.write_table(table, path)
    else:
        frame.to_parquet(path)
    wanted, lines_ = take(client, csv_path, WHOLE)
    found, written = take(client, path, sizes)
    assert wanted.files[0].used == int(frame["订单付款时间 "].notna().sum()) and lines_
    assert told(found.findings) == told(wanted.findings)
    assert found.files[0].totals == wanted.files[0].totals
    assert found.files[0].set_aside == wanted.files[0].set_aside
    assert [line[:7] for line in written] == [line[:7] for line in lines_]


@pytest.mark.parametrize("sizes", [WHOLE, *SMALL])
def test_faulty_parquet_is_told_as_the_whole(client: Path, tmp_path: Path, sizes: Sizes) -> None:
    frame = pd.DataFrame(
        {
            "订单编号": ["1", "2", None, "2", None, "6", "7"],
            "总金额": [1.0, 0.1 + 0.2, None, 1e10, None, np.inf, 1.005],
            "买家实际支付金额": [1.0, 0.3, None, 1e10, None, 4, 5],
            "收货地址 ": [None, None, None, None, "x", None, None],
            "订单创建时间": pd.to_datetime(["2026-02-01"] * 2 + [""] + ["2026-02-01 10:00"]
                                     + ["", "1900-01-01", "2026-02-01"], format="ISO8601"),
            "订单付款时间 ": pd.to_datetime(["2026-02-01"] * 2 + [""] + ["2026-02-01"]
                                      + [""] + ["2026-03-01"] * 2).date,
            "退款金额": [0, 0, None, 0, None, 0, 0],
        }
    )  # fmt: skip
    path = tmp_path / "orders.parquet"
    frame.to_parquet(path)
    same_as_plain(plain_import(path, "tmall_orders", {"": "tmall"}), *take(client, path, sizes))


def known(name: str) -> Export:
    return next(e for e in exports(load_library().folder) if e.export == name)


@quick
@given(st.sampled_from(["money", "number", "date", "yes_no", "text"]), st.data())
def test_bulk_reading_of_a_column_is_the_strict_one(kind: str, data: st.DataObject) -> None:
    """Cell by cell: the same values, the same faults, in whatever company a cell stands."""
    odd = st.text("0123456789.,-+% 元￥¥5０eE", max_size=18)
    cells = data.draw(st.lists(st.one_of(amounts, days, odd, st.text(max_size=4)), max_size=30))
    same_as_strict(kind, cells)


NUMBERS = """-.5 .5 5. -5. - --1 1- 1-2 1/2 / 1.2.3 .. -. 0.1234567 0.1000000 0.0000001 0.000001
    1e3 nan inf 123456789.12345 999999999.99 999999999.999999 1000000000 -999999999.9999 -0 -0.00
    000000000000012 +1 0x10 12345678901234.5 1234567890123456 0.1000000000000 0.01 0.001 -12.34
    1.005 8.285 1.15 123456.789 -0.07"""
DAYS = """2026-02-03 2028-02-29 2026-02-29 2026-00-10 2026-13-01 2026-04-31 2026-04-00 1949-12-31
    1950-01-01 2099-12-31 2100-01-01 2026-12-26 2026/12/26 20x6-12-26 2026-12-9x 2026-04-99
    2026-04-32 9999-99-99 :026-04-01"""
TIMES = ("", " 04:05", "T04:05", " 23:59:59", "T23:59:59", " 99:99:99", " 0405Z", " 04-05",
         " 04:05:0x", " 4:05:06", "x04:05:06")  # fmt: skip


@pytest.mark.parametrize("kind", ["money", "number"])
def test_each_way_to_write_a_number_is_read_strictly(kind: str) -> None:
    for cell in NUMBERS.split():
        same_as_strict(kind, [cell])
        same_as_strict(kind, ["7.25", cell, "-80"])


@pytest.mark.parametrize("time", TIMES)
def test_each_way_to_write_a_day_is_read_strictly(time: str) -> None:
    good = "2026-02-28" + time
    for day in DAYS.split():
        same_as_strict("date", [day + time])
        same_as_strict("date", [good, "", day + time, good])
    same_as_strict("date", [good, "2026-02-28", good])


@quick
@given(st.data())
def test_days_of_one_length_are_the_strict_ones(data: st.DataObject) -> None:
    """Columns in which all filled cells are equally long are read by another way."""
    day = st.sampled_from(DAYS.split()) if data.draw(st.booleans()) else st.dates(
        pd.Timestamp("1950-01-01").date(), pd.Timestamp("2099-12-31").date()
    ).map(str)  # fmt: skip
    time = data.draw(st.sampled_from(TIMES))
    few = data.draw(st.lists(day, max_size=3 if data.draw(st.booleans()) else 20))
    cells = data.draw(st.lists(st.sampled_from([*[each + time for each in few], ""]), max_size=30))
    same_as_strict("date", cells)


@quick
@given(st.sampled_from(["money", "number"]), st.data())
def test_numbers_with_points_and_signs_are_the_strict_ones(kind: str, data: st.DataObject) -> None:
    sign = st.text("0123456789.-/", max_size=16)
    fine = st.decimals(-(10**9), 10**9, places=data.draw(st.integers(0, 8))).map(str)
    blank = st.just("") if data.draw(st.booleans()) else fine
    cells = data.draw(st.lists(st.one_of(fine, sign, blank), max_size=30))
    same_as_strict(kind, cells)
    same_as_strict(kind, data.draw(st.lists(fine, max_size=30)))


def same_as_strict(kind: str, cells: list[str]) -> None:
    export = known("tmall_orders")
    stripped = pd.Series([cell.strip() for cell in cells], dtype="str")
    clean = cleaned(export, stripped)
    strict = read_column(ExportColumn("x", (), kind, True, ""), clean)
    column = ExportColumn("x", (), kind, True, "")
    bulk = typed(export, column, pa.array(cells, pa.string()))
    part = typed(export, column, pa.array(["7.5", *cells, "-2"], pa.large_string())[1:-1])
    assert (part.given.tolist(), part.values.tolist()) == (
        bulk.given.tolist(),
        bulk.values.tolist(),
    )
    if kind in ("money", "number"):  # the strict reader of columns has bulk reading within
        money = kind == "money"
        single = [read_number(cell, 2 if money else 6, not money) for cell in clean]
        numbers = [None if isinstance(number, str) else number for number in single]
        strict = Reading(pd.Series(numbers, dtype="Int64"), {})
    assert bulk.given.tolist() == strict.values.notna().tolist()
    assert bulk.blank.tolist() == (clean == "").tolist()
    for at in np.flatnonzero(bulk.given):
        value, number = strict.values.iloc[at], int(bulk.values[at])
        match kind:
            case "date":
                assert number == (value - pd.Timestamp("1970-01-01")).days
            case "text":
                assert bulk.words[number] == value
            case _:
                assert number == int(value)


@settings(max_examples=300)
@given(
    st.lists(
        st.one_of(
            st.tuples(
                st.sampled_from(["", '="', "'", '="="', "'\t", "\t", '"']),
                st.sampled_from(["", "12", "-", "--", "null", "a b", "单", "\u3000", "é", "\x1c"]),
                st.sampled_from(["", '"', "元", '"元', '元"', "元元", " 元"]),
            ).map("".join),
            st.text('="元1 \t\u3000\xa0\x85-', max_size=5),
        ),
        max_size=8,
    ),
    st.booleans(),
)
def test_marks_come_off_in_bulk_as_one_by_one(cells: list[str], wide: bool) -> None:
    export = known("tmall_orders")
    texts = pa.array(["x", *cells], pa.large_string() if wide else pa.string())[1:]
    one_by_one = cleaned(export, pd.Series([cell.strip() for cell in cells], dtype="str"))
    assert cleaned_texts(export, texts).to_pylist() == one_by_one.tolist()
    for cell in cells:  # each in company of its own kind
        alike = pa.array([cell, cell], texts.type)
        assert (
            cleaned_texts(export, alike).to_pylist()
            == 2 * cleaned(export, pd.Series([cell.strip()], dtype="str")).tolist()
        )


@given(st.lists(st.text(max_size=70), max_size=20), st.integers(0, 5))
def test_equal_keys_have_equal_numbers(cells: list[str], cut: int) -> None:
    """Also in another array, at another place, beside other keys."""
    one = plain.hashes(plain.Cells.of(pa.array(cells, pa.string())))
    other = plain.hashes(plain.Cells.of(pa.array(["z" * cut, *cells], pa.large_string())[1:]))
    assert one.tolist() == other.tolist()
    assert len(set(one.tolist())) == len(set(cells))


@given(
    st.integers(1, 70).flatmap(
        lambda width: st.lists(st.text("01a-", min_size=width, max_size=width), max_size=20)
    ),
    st.booleans(),
)
def test_keys_of_one_length_have_the_numbers_they_have_among_others(
    cells: list[str], blanks: bool
) -> None:
    cells = [*cells, "", *cells[:3]] if blanks else cells
    one = plain.hashes(plain.Cells.of(pa.array(cells, pa.string())))
    other = plain.hashes(plain.Cells.of(pa.array([*cells, "another"], pa.string())))
    assert one.tolist() == other.tolist()[:-1]
    assert len(set(one.tolist())) == len(set(cells))


@given(st.lists(st.one_of(st.none(), st.text(" \u3000\t\x1c\x85a", max_size=3)), max_size=20))
def test_blank_is_what_strip_leaves_nothing_of(cells: list[str | None]) -> None:
    array = pa.array(cells, pa.string())
    assert filled(array).tolist() == [bool((cell or "").strip()) for cell in cells]
    assert text_array(array).to_pylist() == [cell or "" for cell in cells]


@pytest.fixture
def slow_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine stops after the first pieces."""
    real = tally.Tally.take
    seen: list[int] = []

    def stop(self: tally.Tally, piece: Any) -> None:
        seen.append(1)
        if len(seen) > 3:
            raise KeyboardInterrupt
        real(self, piece)

    monkeypatch.setattr(tally.Tally, "take", stop)
    yield


def test_interrupted_import_leaves_nothing(client: Path, tmp_path: Path, slow_disk: None) -> None:
    before = sorted(client.rglob("*"))
    path = orders(tmp_path, [order(n) for n in range(100)])
    with pytest.raises(KeyboardInterrupt):
        import_export(client, [path], sizes=SMALL[1])
    assert sorted(client.rglob("*")) == before


def test_re_import_of_a_file_in_pieces(client: Path, tmp_path: Path) -> None:
    path = orders(tmp_path, [order(n) for n in range(100)])
    first = import_export(client, [path], sizes=SMALL[1])
    again = import_export(client, [path], sizes=WHOLE)
    assert first.files[0].state == "imported"
    assert [f.code for f in again.findings] == ["D410"]
    assert (again.files[0].state, again.files[0].read) == ("unchanged", 100)


@pytest.mark.parametrize("sizes", [WHOLE, *SMALL])
@pytest.mark.parametrize("kind", ["utf-8", "utf-8-sig", "gb18030", "late gb18030", "parquet"])
def test_the_hash_is_that_of_the_whole_file(
    client: Path, tmp_path: Path, kind: str, sizes: Sizes
) -> None:
    """However it is come by: block by block of a CSV file, also of one begun anew."""
    rows = [order(n) for n in range(100)]
    if kind == "late gb18030":  # the first names would do in UTF-8
        rows[:20] = [order(n, more="通") for n in range(20)]
    path = orders(tmp_path, rows, "gb18030" if "gb" in kind else "utf-8")
    if kind == "utf-8-sig":
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    elif kind == "parquet":
        text = pd.read_csv(path, dtype="str").fillna("")
        path = tmp_path / "orders.parquet"
        text.to_parquet(path)
    import_export(client, [path], sizes=sizes)
    (note,) = client.glob("imported/*.toml")
    wanted = hashlib.sha256(path.read_bytes()).hexdigest()
    assert tomllib.loads(note.read_text("utf-8"))["source_sha256"] == wanted
    assert note.stem == f"actuals__{wanted[:12]}"


def test_items_made_ahead_come_in_order_and_raise_in_their_place() -> None:
    def items() -> Iterator[int]:
        yield from range(5)
        raise ValueError("sixth")

    seen: list[int] = []
    with pytest.raises(ValueError, match="sixth"), ahead(items()) as coming:
        seen.extend(coming)
    assert seen == [0, 1, 2, 3, 4]
    with ahead(items()) as coming:
        assert [next(coming), next(coming)] == [0, 1]  # the others are not waited for
