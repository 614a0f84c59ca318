"""Parquet exports of every make: whatever its groups and types, a file is told as the whole is.

The plain way they are compared with stands in ``plain_import``.
"""

from __future__ import annotations

import datetime as dt
import random
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plain_import import plain_import
from test_imports_big import same_as_plain, told

from ecperf_kit.intake import parquet
from ecperf_kit.intake.imports import ImportResult, import_export
from ecperf_kit.intake.listing import Sizes
from ecperf_kit.intake.read import ReadError

HEADINGS = ("订单编号", "总金额", "买家实际支付金额", "订单创建时间", "订单付款时间", "退款金额")
FIRST = dt.datetime(2026, 2, 1)
drawn = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def client(tmp_path: Path) -> Path:
    folder = tmp_path / "client"
    folder.mkdir()
    (folder / "channels.csv").write_text("channel,name\ntmall,A\n", encoding="utf-8")
    return folder


Everything = tuple[Any, ...]


def everything(client: Path, path: Path, rows: int = 65_000) -> tuple[ImportResult, Everything]:
    """All an import tells and every file it writes; nothing stays."""
    result = import_export(client, [path], sizes=Sizes(rows=rows))
    written = {p.name: p.read_bytes() for p in client.glob("imported/*")}
    shutil.rmtree(client / "imported", ignore_errors=True)
    return result, (result, told(result.findings), written)


def lines(written: dict[str, bytes]) -> list[tuple[Any, ...]]:
    text = [data.decode() for name, data in written.items() if name.endswith(".csv")]
    return [tuple(line.split(",")) for line in text[0].splitlines()[1:]] if text else []


def optional(values: st.SearchStrategy[Any], rows: int) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.one_of(st.none(), values, values, values), min_size=rows, max_size=rows)


def key_column(draw: st.DrawFn, rows: int) -> pa.Array:
    texts = optional(
        st.one_of(
            st.integers(10**18, 10**18 + 40).map(str),
            st.sampled_from(["", "null", " 7 ", "'8", "单12", "x" * 13, "x" * 70, "a\x00b"]),
        ),
        rows,
    )
    kind = draw(st.sampled_from(["string", "large_string", "int64", "dictionary", "view"]))
    if kind == "int64":
        return pa.array(draw(optional(st.integers(0, 40), rows)), pa.int64())
    held = pa.array(draw(texts), pa.string())
    if kind == "dictionary":
        return held.dictionary_encode()
    return held.cast({"large_string": pa.large_string(), "view": pa.string_view()}.get(kind, kind))


def money_column(draw: st.DrawFn, rows: int) -> pa.Array:
    fen = st.integers(-50, 99_999)
    kind = draw(st.sampled_from(["double", "double", "double", "float", "int", "decimal", "text"]))
    if kind == "decimal":
        return pa.array(draw(optional(fen, rows)), pa.int64()).cast(pa.decimal128(20, 0))
    if kind == "int":
        return pa.array(draw(optional(fen, rows)), pa.int32())
    if kind == "text":
        odd = st.sampled_from(["1,030.50", "80元", "", "-", "1e3", "nan", "５.5"])
        return pa.array(draw(optional(st.one_of(fen.map(lambda n: f"{n / 100}"), odd), rows)))
    odd_floats = st.sampled_from([float("nan"), float("inf"), -0.0, 1e10, 0.1 + 0.2, 1.005])
    values = draw(optional(st.one_of(fen.map(lambda n: n / 100), odd_floats), rows))
    return pa.array(values, pa.float32() if kind == "float" else pa.float64())


def day_column(draw: st.DrawFn, rows: int) -> pa.Array:
    kind = draw(
        st.sampled_from(["s", "ms", "us", "ns", "us", "ms", "zone", "date32", "date64", "text"])
    )
    times = st.integers(0, 40 * 86_400).map(lambda n: FIRST + dt.timedelta(seconds=n))
    odd = st.sampled_from([dt.datetime(1900, 1, 1), dt.datetime(2101, 5, 6), FIRST])
    values = draw(optional(st.one_of(times, times, odd), rows))
    if kind in ("date32", "date64"):
        days = [None if value is None else value.date() for value in values]
        return pa.array(days, pa.date32() if kind == "date32" else pa.date64())
    if kind == "text":
        return pa.array([None if value is None else str(value) for value in values], pa.string())
    if kind == "zone":
        return pa.array(values, pa.timestamp("us")).cast(pa.timestamp("us", "Asia/Shanghai"))
    return pa.array(values, pa.timestamp(kind))


@st.composite
def tables(draw: st.DrawFn) -> pa.Table:
    rows = draw(st.sampled_from([0, 1, 7, 30]))
    columns = {
        HEADINGS[0]: key_column(draw, rows),
        **{name: money_column(draw, rows) for name in (*HEADINGS[1:3], HEADINGS[5])},
        **{name: day_column(draw, rows) for name in HEADINGS[3:5]},
    }
    if draw(st.integers(0, 2)) == 0:  # a plain file, such as most are
        fen = draw(st.lists(st.integers(0, 9_999), min_size=rows, max_size=rows))
        days = [FIRST + dt.timedelta(hours=n) for n in range(rows)]
        plain = pa.array([n / 100 for n in fen], pa.float64())
        columns |= dict.fromkeys((*HEADINGS[1:3], HEADINGS[5]), plain)
        columns |= dict.fromkeys(HEADINGS[3:5], pa.array(days, pa.timestamp("us")))
        columns[HEADINGS[0]] = pa.array([f"{10**18 + n}" for n in range(rows)])
    if draw(st.booleans()):
        columns["收货地址"] = pa.array(["上海", None, "b"] * 10, pa.string())[:rows]
    if draw(st.integers(0, 9)) == 0:
        del columns[draw(st.sampled_from(HEADINGS))]
    return pa.table(columns)


@drawn
@given(tables(), st.sampled_from([1, 4, 9, 1000]), st.sampled_from([1, 5, 65_000]), st.booleans())
def test_groups_are_the_same_as_the_whole(
    client: Path, tmp_path: Path, table: pa.Table, group: int, rows: int, packed: bool
) -> None:
    path = tmp_path / "orders.parquet"
    pq.write_table(table, path, row_group_size=group, compression="zstd" if packed else "snappy")
    result, found = everything(client, path, rows)
    expected = plain_import(path, "tmall_orders", {"": "tmall"})
    same_as_plain(expected, result, lines(found[2]))


def plain_table(rows: int, bad: int = -1) -> pa.Table:
    days = pa.array([FIRST + dt.timedelta(hours=n) for n in range(rows)], pa.timestamp("ms"))
    money = pa.array([float("inf") if n == bad else n / 100 for n in range(rows)])
    keys = pa.array([f"{10**18 + n}" for n in range(rows)])
    return pa.table(
        dict(zip(HEADINGS, (keys, money, money, days, days, pa.array([0.0] * rows)), strict=True))
    )


def test_short_groups_are_read_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "orders.parquet"
    pq.write_table(plain_table(100), path, row_group_size=15)
    asked = []
    real = pq.ParquetFile.read_row_groups

    def noted(self: pq.ParquetFile, groups: list[int], **told: Any) -> pa.Table:
        asked.append(groups)
        return real(self, groups, **told)

    monkeypatch.setattr(pq.ParquetFile, "read_row_groups", noted)
    found = [batch.num_rows for batch in parquet.batches(path, 30, None)]
    assert found == [30, 30, 30, 10]
    assert asked == [[0, 1], [2, 3], [4, 5], [6]]


@pytest.mark.parametrize("broken", [b"\xc3", b"\xff\xfe", b" \x80"])
def test_a_text_of_broken_bytes_is_a_broken_file(
    client: Path, tmp_path: Path, broken: bytes
) -> None:
    table = plain_table(3)
    keys = pa.array([b"1", broken, b"3"], pa.binary())
    held = pa.Array.from_buffers(pa.string(), 3, keys.buffers())
    path = tmp_path / "orders.parquet"
    pq.write_table(table.set_column(0, HEADINGS[0], held), path)
    assert [f.code for f in everything(client, path)[0].findings] == ["D112"]


@pytest.mark.parametrize("seed", range(40))
def test_a_broken_file_is_told_or_read_as_the_whole(
    client: Path, tmp_path: Path, seed: int
) -> None:
    """Bytes changed, cut off or put in, mostly among the rows: nothing but findings."""
    chance = random.Random(seed)
    path = tmp_path / "orders.parquet"
    plain = {"compression": "none", "use_dictionary": False} if seed % 2 else {}
    pq.write_table(plain_table(300), path, row_group_size=100, **plain)
    data = bytearray(path.read_bytes())
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data))
        match chance.randrange(4):
            case 0:
                del data[at : at + 3]
            case 1:
                data[at:at] = b"\xff\x00"
            case _:
                data[at] = chance.randrange(256)
    path.write_bytes(data)
    result, found = everything(client, path, 50)
    assert everything(client, path)[1] == found
    if [f.code for f in result.findings] != ["D112"]:
        same_as_plain(plain_import(path, "tmall_orders", {"": "tmall"}), result, lines(found[2]))


def test_a_time_beyond_the_calendar_is_no_day(client: Path, tmp_path: Path) -> None:
    table = plain_table(3)
    days = pa.array([0, 1_770_000_000, 10**14], pa.timestamp("s"))
    at = table.column_names.index(HEADINGS[3])
    path = tmp_path / "orders.parquet"
    pq.write_table(table.set_column(at, HEADINGS[3], days), path)
    (finding,) = everything(client, path)[0].findings
    assert (finding.code, finding.source.row) == ("D409", 4)
    assert finding.values["found"] == str(10**17)  # in a thousandth of a second, as it is kept
    expected = plain_import(path, "tmall_orders", {"": "tmall"})
    assert told(expected.findings) == told([finding])


def test_long_groups_are_read_in_parts(
    client: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "orders.parquet"
    pq.write_table(plain_table(90, bad=80), path, row_group_size=45)
    wanted = everything(client, path)[1]
    monkeypatch.setattr(parquet, "_LONGEST", 44)
    assert [b.num_rows for b in parquet.batches(path, 20, None)] == [20] * 4 + [10]
    assert everything(client, path, 20)[1] == wanted


def test_no_file_and_no_parquet_are_told(tmp_path: Path) -> None:
    path = tmp_path / "orders.parquet"
    path.write_bytes(b"PAR1 but no more")
    for wrong in (path, tmp_path / "other.parquet"):
        with pytest.raises(ReadError, match="D112"):
            list(parquet.batches(wrong, 10, None))
