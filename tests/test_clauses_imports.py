"""Imports by the client's cut-off: each order's day in the month the client settles it in."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from ecperf_kit.intake.cut_off import day, month_name, months_of_days, span_of_month
from ecperf_kit.intake.imports import ImportResult, import_export

HEAD = "订单编号,总金额,买家实际支付金额,收货地址,订单创建时间,订单付款时间,退款金额\n"
#: A day, and the months it belongs to by the calendar and from the 26th to the 25th.
BOUNDARIES = {
    "2026-03-25 23:59:59": ("2026-03", "2026-03"),
    "2026-03-26 00:00:00": ("2026-03", "2026-04"),
    "2026-03-31 23:59:59": ("2026-03", "2026-04"),
    "2026-04-01 00:00:00": ("2026-04", "2026-04"),
    "2025-12-25 23:59:59": ("2025-12", "2025-12"),
    "2025-12-26 00:00:00": ("2025-12", "2026-01"),
    "2025-12-31": ("2025-12", "2026-01"),
    "2026-01-01 00:00": ("2026-01", "2026-01"),
    "2026-02-25T23:59:59": ("2026-02", "2026-02"),
    "2026-02-28 23:59:59": ("2026-02", "2026-03"),
    "2028-02-28": ("2028-02", "2028-03"),
    "2028-02-29 12:00:00": ("2028-02", "2028-03"),
    "2028/2/26 0:00": ("2028-02", "2028-03"),
}


def _client(folder: Path, cut_off: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "channels.csv").write_text("channel,name\ntmall,Tmall\n", encoding="utf-8")
    text = f'name_zh = "甲"\n[pay]\ncut_off = "{cut_off}"\n'
    (folder / "client.toml").write_text(text, encoding="utf-8")
    return folder


def _orders(path: Path, days: list[tuple[str, str]]) -> Path:
    """An order of one yuan, two, four ... for each pair of day of order and of payment."""
    lines = [
        f"{n},{2**n}.00,{2**n}.00,上海,{made},{paid},0\n" for n, (made, paid) in enumerate(days)
    ]
    path.write_text(HEAD + "".join(lines), encoding="utf-8")
    return path


def _sales(result: ImportResult) -> dict[str, int]:
    """Net sales by month, in yuan."""
    (done,) = result.files
    return {t.month: t.value // 10**6 for t in done.totals if t.total == "net_sales" and t.month}


@pytest.mark.parametrize("written", ["text", "time stamps"])
@pytest.mark.parametrize(("place", "cut_off"), [(0, "calendar"), (1, "26_25")])
def test_m_2_3_17_each_day_is_placed_by_the_clients_cut_off(
    tmp_path: Path, place: int, cut_off: str, written: str
) -> None:
    client = _client(tmp_path / "client", cut_off)
    path = _orders(tmp_path / "orders.csv", [(made, made) for made in BOUNDARIES])
    if written == "time stamps":
        import pandas as pd

        frame = pd.read_csv(path, dtype={"订单编号": "str"})
        for name in ("订单创建时间", "订单付款时间"):
            frame[name] = pd.to_datetime(frame[name], format="mixed")
        path = tmp_path / "orders.parquet"
        frame.to_parquet(path)
    expected: dict[str, int] = {}
    for n, months in enumerate(BOUNDARIES.values()):
        expected[months[place]] = expected.get(months[place], 0) + 2**n
    result = import_export(client, [path])
    (done,) = result.files
    assert _sales(result) == expected
    assert (done.read, done.used, done.cut_off) == (len(BOUNDARIES), len(BOUNDARIES), cut_off)
    assert done.days == ("2025-12-25", "2028-02-29")
    (note,) = client.glob("imported/*.toml")
    assert f'cut_off = "{cut_off}"' in note.read_text(encoding="utf-8")


def test_every_day_lies_in_the_span_of_its_month() -> None:
    """By the definition: the 26th of one month to the 25th of the next, without a hole."""
    assert span_of_month(2026 * 12, "26_25") == (dt.date(2025, 12, 26), dt.date(2026, 1, 25))
    assert span_of_month(2028 * 12 + 1, "calendar") == (dt.date(2028, 2, 1), dt.date(2028, 2, 29))
    placed = months_of_days("26_25")
    for at in range(0, len(placed), 11):
        one = dt.date(1950, 1, 1) + dt.timedelta(at)
        later = one + dt.timedelta(10) if one.day > 25 else one
        assert month_name(int(placed[at])) == f"{later:%Y-%m}"
        first, last = span_of_month(int(placed[at]), "26_25")
        if 1950 < one.year < 2099:
            assert first <= one <= last
            assert (first.day, last.day) == (26, 25)
    assert day(-1) == dt.date(1969, 12, 31)


def test_a_day_outside_is_set_aside_by_the_clients_months(tmp_path: Path) -> None:
    """The file was drawn from 26 February to 25 March: paid on the 26th is the next month."""
    client = _client(tmp_path / "client", "26_25")
    made = ["2026-02-26", "2026-03-05", "2026-03-15", "2026-03-25"]
    paid = ["2026-02-26", "2026-03-05", "2026-03-15", "2026-03-26 00:00:00"]
    path = _orders(tmp_path / "orders.csv", list(zip(made, paid, strict=True)))
    result = import_export(client, [path])
    assert [f.code for f in result.findings] == ["D411"]
    assert result.findings[0].values["months"] == "2026-04"
    assert _sales(result) == {"2026-03": 7}
    assert result.files[0].set_aside == (("unpaid", 0), ("month_not_covered", 1))


def test_part_of_a_month_is_told(tmp_path: Path) -> None:
    """A file of February for a client that closes on the 25th is part of two months."""
    client = _client(tmp_path / "client", "26_25")
    days = [f"2026-02-{number:02d}" for number in range(1, 29)]
    path = _orders(tmp_path / "orders.csv", [(each, each) for each in days])
    result = import_export(client, [path])
    told = [(f.code, f.values["month"], f.values["missing"]) for f in result.findings]
    assert told == [
        ("D480", "2026-02", "2026-01-26..2026-01-31"),
        ("D480", "2026-03", "2026-03-01..2026-03-25"),
    ]
    assert not result.refused
    # 25 and 3 orders: 2^25 - 1 yuan, and what is left of 2^28 - 1
    assert _sales(result) == {"2026-02": 2**25 - 1, "2026-03": 2**28 - 2**25}
    calendar = import_export(_client(tmp_path / "other", "calendar"), [path])
    assert calendar.findings == ()


def test_days_without_orders_are_usual_where_the_file_has_as_many_inside(tmp_path: Path) -> None:
    client = _client(tmp_path / "client", "calendar")
    days = ["2026-02-03", "2026-02-06", "2026-02-26"]  # 19 days without a row in between
    path = _orders(tmp_path / "orders.csv", [(each, each) for each in days])
    assert import_export(client, [path]).findings == ()
    days = ["2026-02-04", "2026-02-06", "2026-02-08", "2026-02-10", "2026-02-12"]
    path = _orders(tmp_path / "orders.csv", [(each, each) for each in days])
    (finding,) = import_export(_client(tmp_path / "other", "calendar"), [path]).findings
    assert finding.values["missing"] == "2026-02-01..2026-02-03, 2026-02-13..2026-02-28"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ('[pay]\ncut_off = "25_24"\n', ["D118"]),
        ("pay = 1\n", ["D118"]),
        ("[pay\n", ["D116"]),
        ('[pay]\nminimum_wage = "x"\n', []),
        ("", []),
    ],
)
def test_an_unread_cut_off_is_not_taken_as_the_calendars(
    tmp_path: Path, text: str, codes: list[str]
) -> None:
    client = _client(tmp_path / "client", "calendar")
    (client / "client.toml").write_text(text, encoding="utf-8")
    path = _orders(tmp_path / "orders.csv", [("2026-02-01", "2026-02-01")])
    result = import_export(client, [path])
    found = [f.code for f in result.findings if f.code != "D480"]
    assert (found, result.refused) == (codes, bool(codes))
    assert (client / "imported").exists() is not bool(codes)


def test_a_file_taken_in_by_another_cut_off_is_refused(tmp_path: Path) -> None:
    client = _client(tmp_path / "client", "calendar")
    path = _orders(tmp_path / "orders.csv", [("2026-02-01", "2026-02-28"), ("2026-02-28",) * 2])
    import_export(client, [path])
    before = {each: each.read_bytes() for each in client.glob("imported/*")}
    _client(client, "26_25")
    again = import_export(client, [path])
    assert [f.code for f in again.findings] == ["D481"] and again.refused
    values = again.findings[0].values
    assert (values["found"], values["cut_off"]) == ("calendar", "26_25")
    assert {each: each.read_bytes() for each in client.glob("imported/*")} == before
    for each in before:  # as the finding says
        each.unlink()
    assert _sales(import_export(client, [path])) == {"2026-03": 3}
