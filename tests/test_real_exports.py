"""Real exports nobody here wrote: the facts they must give. Needs ECPERF_REAL_DATA."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ecperf_kit.client import open_client
from ecperf_kit.intake.imports import import_export

pytestmark = pytest.mark.real_data

AGENTS = ("Diane", "Becky", "Stewart", "Greg", "Jim", "Joe", "Martha", "Dan")


def test_tmall_orders(good_client: Callable[..., Path], practice: Path, real_data: Path) -> None:
    folder = good_client()
    export = real_data / "tmall_orders" / "tmall_order_report.csv"
    result = import_export(folder, [export], channel="tmall")
    (done,) = result.files
    assert [f.code for f in result.findings] == ["D411"]
    assert done.date_basis == "month_of_payment"
    assert done.read == 28_010
    # 28,010 - 24,087 paid = 3,923; six of the paid ones were paid in March
    assert done.set_aside == (("unpaid", 3_923), ("month_not_covered", 6))
    assert done.used == 24_087 - 6
    totals = {(t.total, t.month): t.value for t in done.totals}
    assert totals["paid_gmv", ""] == 2_474_823_070_000
    assert totals["refunds", ""] == 572_335_920_000
    assert totals["net_sales", ""] == 1_902_487_150_000
    assert totals["net_sales", "2020-02"] == 1_902_189_150_000
    assert totals["paid_gmv", ""] - totals["refunds", ""] == totals["net_sales", ""]
    assert result.findings[0].values["amount"] == 298_000_000  # 1,902,487.15 - 1,902,189.15
    actuals = open_client("_good", root=practice).table("actuals").set_index("indicator")
    row = actuals[actuals["subject_id"] == "tmall"].loc["net_sales"]
    assert (row["value"], row["period"]) == (1_902_189_150_000, "2020-02")
    again = import_export(folder, [export], channel="tmall")
    assert [f.code for f in again.findings] == ["D410"]


def test_service_calls(good_client: Callable[..., Path], practice: Path, real_data: Path) -> None:
    folder = good_client()
    export = real_data / "call_center" / "call_center.xlsx"
    refused = import_export(folder, [export])
    assert sorted(f.code for f in refused.findings) == ["D407", "D408"]
    assert not (folder / "imported").exists()
    rows = next(f.values["rows"] for f in refused.findings if f.code == "D408")
    added = "chat_answer_rate,接起率,x,ratio,higher_is_better,process,ratio,platform_erp,,,"
    (folder / "indicators.csv").write_text(f"{rows}\n{added}\n", encoding="utf-8")
    with (folder / "employees.csv").open("a", encoding="utf-8") as people:
        people.writelines(f"A{i},{name},2020-01-01,,E02\n" for i, name in enumerate(AGENTS))
    with (folder / "assignments.csv").open("a", encoding="utf-8") as posts:
        posts.writelines(f"A{i},2020-01-01,aftersales_cs,service,\n" for i in range(len(AGENTS)))
    result = import_export(folder, [export])
    assert result.findings == ()
    (done,) = result.files
    assert (done.read, done.used, done.rows_written) == (5_000, 5_000, 8 * 3 * 4)
    totals = {t.total: t.value for t in done.totals if not t.month}
    assert totals["calls"] == 5_000_000_000
    assert totals["answered"] == 4_054_000_000
    assert totals["resolved"] == 3_646_000_000
    assert round(totals["satisfaction"] / 1_000_000, 4) == 3.4036
    client = open_client("_good", root=practice)
    assert client.findings == ()
    taken = client.table("actuals")
    taken = taken[taken["_file"].str.startswith("imported/")]
    sums = taken.groupby("indicator")[["numerator", "denominator"]].sum()
    assert sums.loc["call_answer_rate"].tolist() == [4_054_000_000, 5_000_000_000]
    assert sums.loc["call_resolve_rate"].tolist() == [3_646_000_000, 4_054_000_000]
    # 13,798 points over 4,054 answered calls: 3.4036
    assert sums.loc["call_satisfaction"].tolist() == [13_798_000_000, 4_054_000_000]
    assert sorted(taken["period"].unique()) == ["2021-01", "2021-02", "2021-03"]
