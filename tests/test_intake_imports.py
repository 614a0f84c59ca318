"""Imports of platform exports, on small files whose arithmetic stands beside them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ecperf_kit.client import open_client
from ecperf_kit.intake.imports import ImportResult, import_export

HEAD = "订单编号,总金额,买家实际支付金额,收货地址 ,订单创建时间,订单付款时间 ,退款金额\n"
ORDERS = (
    HEAD
    + '="1",100.00元,80.00,上海,2026-02-01 10:00:00,2026-02-01 10:01:00,20.00\n'
    + '="2",50,50,北京,2026-02-28 23:59:00,2026-03-01 00:00:05,0\n'
    + '="3",70,0,北京,2026-02-10 00:00:00,,0\n'
    + '="4","1,030.50",1030.50,北京,2026-02-11 00:00:00,2026-02-11 08:00:00,0\n'
)
CALLS = (
    "Call Id,Agent,Date,Answered (Y/N),Resolved,Speed of answer in seconds,Satisfaction rating\n"
    "1,吴三,2026-04-01,Y,Y,10,5\n"
    "2,吴三,2026-04-02,Y,N,20,2\n"
    "3,吴三,2026-04-03,N,N,,\n"
    "4,E04,2026-04-03,N,N,,\n"
)
OWN = (
    "indicator,name_zh,name_en,unit,direction,aggregation,data_source\n"
    "chat_answer_rate,接起率,Chats answered,ratio,higher_is_better,ratio,platform_erp\n"
    "call_answer_rate,甲,A,ratio,higher_is_better,ratio,platform_erp\n"
    "call_resolve_rate,乙,B,ratio,higher_is_better,ratio,platform_erp\n"
    "speed_of_answer,丙,C,seconds,lower_is_better,ratio,platform_erp\n"
    "call_satisfaction,丁,D,points,higher_is_better,ratio,platform_erp\n"
)
Run = Callable[..., ImportResult]


def _codes(result: ImportResult) -> list[str]:
    return [finding.code for finding in result.findings]


@pytest.fixture
def run(good_client: Callable[..., Path], tmp_path: Path) -> Run:
    """Imports texts as files into the good client, made at the first call."""
    made: list[Path] = []

    def go(*texts: str, channel: str = "", files: dict[str, str] | None = None) -> ImportResult:
        if not made:
            made.append(good_client(files=files))
        paths = []
        for number, text in enumerate(texts):
            path = tmp_path / f"export{number}.csv"
            path.write_text(text, encoding="gb18030", newline="")
            paths.append(path)
        return import_export(made[0], paths, channel)

    return go


def _imported(practice: Path) -> list[Path]:
    return sorted((practice / "client_data" / "_good").glob("imported/*"))


def test_orders_by_month_of_payment(run: Run, practice: Path) -> None:
    result = run(ORDERS)
    assert _codes(result) == ["D411"]
    (done,) = result.files
    # four rows: one unpaid, one paid in March, which the file does not cover
    assert (done.read, done.used) == (4, 2)
    assert done.set_aside == (("unpaid", 1), ("month_not_covered", 1))
    assert done.date_basis == "month_of_payment" and done.months == ("2026-02",)
    totals = {(t.total, t.month): t.value for t in done.totals}
    assert totals["paid_gmv", ""] == 1_180_500_000  # 100 + 50 + 1030.50
    assert totals["net_sales", ""] == 1_160_500_000  # 80 + 50 + 1030.50
    assert totals["net_sales", "2026-02"] == 1_110_500_000  # 80 + 1030.50
    assert totals["refunds", ""] == 20_000_000
    client = open_client("_good", root=practice)
    assert client.findings == ()
    actuals = client.table("actuals")
    taken = actuals[actuals["_file"].str.startswith("imported/")].set_index("indicator")
    assert set(taken["subject_id"]) == {"tmall"} and set(taken["period"]) == {"2026-02"}
    assert taken.loc["net_sales", "value"] == 1_110_500_000
    # one of the two orders paid in February was refunded
    assert taken.loc["return_refund_rate", "numerator"] == 1_000_000
    assert taken.loc["return_refund_rate", "denominator"] == 2_000_000
    assert set(taken["source_file"]) == {"export0.csv"}


def test_same_file_twice_changes_nothing(run: Run, practice: Path) -> None:
    run(ORDERS)
    before = {path: path.read_bytes() for path in _imported(practice)}
    again = run(ORDERS)
    assert _codes(again) == ["D410"]
    assert [done.state for done in again.files] == ["unchanged"]
    assert {path: path.read_bytes() for path in _imported(practice)} == before
    assert len(before) == 2


def test_overlap_with_another_import_is_refused(run: Run, practice: Path) -> None:
    run(ORDERS)
    result = run(ORDERS.replace('="1"', '="9"'))
    assert _codes(result) == ["D411", "D413"]
    assert result.refused and [done.state for done in result.files] == ["refused"]
    assert len(_imported(practice)) == 2


def test_overlap_with_a_typed_value_is_refused(run: Run, practice: Path) -> None:
    typed = (
        "subject_kind,subject_id,indicator,period,value,source_kind\n"
        "channel,tmall,net_sales,2026-02,1,finance_report\n"
    )
    result = run(ORDERS, files={"actuals.csv": typed})
    assert _codes(result) == ["D411", "D413"]
    found = result.findings[1].values
    assert (found["first_file"], found["first_row"], found["count"]) == ("actuals.csv", 2, 1)
    assert _imported(practice) == []


def test_one_bad_file_refuses_all(run: Run, practice: Path) -> None:
    result = run(ORDERS, "a,b\n1,2\n")
    assert _codes(result) == ["D411", "D405"]
    assert [done.state for done in result.files] == ["refused", "refused"]
    assert _imported(practice) == []


@pytest.mark.parametrize(("channel", "code"), [("", "D406"), ("pdd", "D414")])
def test_channel_is_never_guessed(run: Run, channel: str, code: str) -> None:
    two = "channel,name\ntmall,天猫店\njd,京东店\n"
    assert _codes(run(ORDERS, channel=channel, files={"channels.csv": two})) == [code]


def test_named_channel_is_taken(run: Run) -> None:
    two = "channel,name\ntmall,天猫店\njd,京东店\n"
    result = run(ORDERS, channel="tmall", files={"channels.csv": two})
    assert _codes(result) == ["D411"] and not result.refused


def test_unreadable_cell_is_named(run: Run, practice: Path) -> None:
    result = run(ORDERS.replace("80.00", "八十"))
    (finding,) = [f for f in result.findings if f.code == "D409"]
    assert (finding.source.row, finding.source.column) == (2, "买家实际支付金额")
    assert finding.values["found"] == "八十"
    assert _imported(practice) == []


def test_order_that_stands_twice(run: Run) -> None:
    result = run(ORDERS.replace('="4"', '="2"'))
    (finding,) = result.findings
    assert finding.code == "D412"
    assert (finding.source.row, finding.values["count"], finding.values["found"]) == (5, 1, "2")


def test_calls_per_agent_and_month(run: Run, practice: Path) -> None:
    result = run(CALLS, files={"indicators.csv": OWN})
    assert _codes(result) == ["D480"]  # of April the first three days
    (done,) = result.files
    assert (done.read, done.used, done.set_aside) == (4, 4, ())
    totals = {t.total: t.value for t in done.totals if not t.month}
    # two of four answered, one resolved; ratings 5 and 2 have the mean 3.5
    assert totals == {
        "calls": 4_000_000,
        "answered": 2_000_000,
        "resolved": 1_000_000,
        "satisfaction": 3_500_000,
    }
    actuals = open_client("_good", root=practice).table("actuals")
    taken = actuals[actuals["_file"].str.startswith("imported/")]
    parts = {
        (row["subject_id"], row["indicator"]): (row["numerator"], row["denominator"])
        for row in taken.to_dict("records")
    }
    assert parts == {
        ("E03", "call_answer_rate"): (2_000_000, 3_000_000),
        ("E03", "call_resolve_rate"): (1_000_000, 2_000_000),
        ("E03", "speed_of_answer"): (30_000_000, 2_000_000),  # 10 + 20 seconds
        ("E03", "call_satisfaction"): (7_000_000, 2_000_000),
        # nobody answered E04's call: a rate of 0, and nothing said of speed or rating
        ("E04", "call_answer_rate"): (0, 1_000_000),
    }


def test_answered_call_without_a_rating_is_a_fault(run: Run) -> None:
    result = run(CALLS.replace("Y,N,20,2", "Y,N,20,"), files={"indicators.csv": OWN})
    assert [(f.code, f.source.row, f.source.column) for f in result.findings] == [
        ("D409", 3, "Satisfaction rating")
    ]


def test_unmatched_and_doubled_names_are_refused(run: Run) -> None:
    people = "employee,name,hired\nE01,林一,2020-01-01\nE02,吴三,2020-01-01\nE03,吴三,2020-01-01\n"
    result = run(CALLS, files={"indicators.csv": OWN, "employees.csv": people})
    (finding,) = result.findings
    assert finding.code == "D407"
    assert finding.values["found"] == "E04, 吴三"  # E04 is gone, two people are called 吴三


def test_missing_own_indicators_come_with_the_rows_to_add(run: Run, practice: Path) -> None:
    result = run(CALLS)
    (finding,) = result.findings
    assert finding.code == "D408"
    rows = str(finding.values["rows"])
    assert rows.count("\n") == 4
    # what is told to add is itself a table without faults
    (practice / "client_data" / "_good" / "indicators.csv").write_text(
        rows + "\nchat_answer_rate,接起率,x,ratio,higher_is_better,process,ratio,platform_erp,,,\n",
        encoding="utf-8",
    )
    assert open_client("_good", root=practice).findings == ()
    assert _codes(run(CALLS)) == ["D480"]


def test_missing_file_is_a_finding(good_client: Callable[..., Path], tmp_path: Path) -> None:
    result = import_export(good_client(), [tmp_path / "gone.csv"])
    assert _codes(result) == ["D128"] and result.refused


def test_file_that_cannot_be_written_leaves_nothing_half(
    run: Run, practice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.replace

    def locked(source: str, target: Path) -> None:
        if Path(target).suffix == ".csv":
            raise PermissionError(13, "Permission denied")
        real(source, target)

    monkeypatch.setattr(os, "replace", locked)
    result = run(ORDERS)
    assert _codes(result) == ["D411", "D128"]
    assert result.refused and result.files[0].rows_written == 0
    assert _imported(practice) == []


def test_stopped_while_writing_leaves_nothing_half(
    run: Run, practice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C between the note and the figures: the note goes as well."""
    real = os.replace

    def stopped(source: str, target: Path) -> None:
        if Path(target).suffix == ".csv":
            raise KeyboardInterrupt
        real(source, target)

    monkeypatch.setattr(os, "replace", stopped)
    with pytest.raises(KeyboardInterrupt):
        run(ORDERS)
    assert _imported(practice) == []
    assert not list(practice.rglob("*.part"))
