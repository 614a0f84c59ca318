# ruff: noqa: E501  (tables stand here as in the client's folder)
"""A cell that cannot be read is no blank: nothing is paid as if it had been left empty.

The shop has three people paid by two plans. A is the sales side, B an analyst of another
post, so that a fault in what only A needs leaves B paid to the cent.

A (store_operator of tmall): base 4,000 + 2,000 x 1.0 + 1 % of 100,000 x 1.0 + benefits 300
+ dividend 10 % of (50,000 - 20 % reserve) = 4,000 + 2,000 + 1,000 + 300 = 7,300; the
dividend stands in a case of its own. B (data_analyst): 5,000 + 1,000 x 1.0 = 6,000.
"""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pandas as pd
import pytest
from written_client import CONFIG

from ecperf_kit.client import Client, open_client
from ecperf_kit.exact import exact
from ecperf_kit.method.calculate import Calculation, calculate
from ecperf_kit.method.comparison import comparison
from ecperf_kit.method.paid import better_of
from ecperf_kit.outputs.provenance import scheme_hash

JUNE = "2026-06"
PAY = {"A": exact("7300"), "B": exact("6000")}
SHOP = {
    "channels": "channel,name\ntmall,天猫",
    "departments": "department,name\nsales,销售",
    "employees": "employee,name,hired,left,superior\nA,甲,2024-01-01,,\nB,乙,2024-01-01,,",
    "assignments": """
        employee,effective_from,post,department,channel,time_share
        A,2024-01-01,store_operator,sales,tmall,
        B,2024-01-01,data_analyst,sales,,""",
    "attendance": """
        employee,month,scheduled_days,worked_days,paid_leave_days
        A,2026-06,22,22,
        B,2026-06,22,22,""",
    "coefficient_tables": """
        coefficient_table,effective_from,at_least,coefficient,form
        T1,2026-01-01,0,0.5,bands
        T1,2026-01-01,80,1,bands
        T2,2026-01-01,0,0.5,bands
        T2,2026-01-01,80,1,bands""",
    "pay_plans": """
        subject_kind,subject_id,effective_from,structure,base,performance_pay,coefficient_table,over_gate,commission_from,sales_rate,dividend_unit,dividend_share,benefits
        post,store_operator,2026-01-01,commission_sales,4000,2000,T1,no,channel,0.01,,,300
        post,data_analyst,2026-01-01,performance,5000,1000,T2,no,,,,,""",
    "scorecards": """
        subject_kind,subject_id,indicator,effective_from,role,weight,method,cap,zero_below,standard_basis,data_source
        post,store_operator,gross_profit,2026-01-01,core,100,percentage,1,0.6,agreed,finance_report
        post,data_analyst,promo_roi,2026-01-01,core,100,percentage,1,0.6,agreed,platform_erp""",
    "standards": """
        subject_kind,subject_id,indicator,period,standard
        post,store_operator,gross_profit,2026,300000
        post,data_analyst,promo_roi,2026,5""",
    "actuals": """
        subject_kind,subject_id,indicator,period,value,numerator,denominator,source_kind
        employee,A,gross_profit,2026-06,300000,,,finance_report
        employee,B,promo_roi,2026-06,5,,,platform_erp""",
    "sales_bridge": """
        channel,month,backend_sales,non_genuine,refunds,coupons_fees,cut_off,finance_sales,received
        tmall,2026-06,120000,0,10000,0,0,100000,90000""",
    "assessments": """
        employee,period,indicator,self_score,superior_score,override_reason,override_evidence,superior_date
        A,2026-06,gross_profit,,100,,,2026-07-08
        B,2026-06,promo_roi,,100,,,2026-07-08""",
    "pay_history": "employee,month,pay,base\nA,2026-06,9000,4000\nB,2026-06,5000,4000",
    "profit_ledger": "unit,quarter,profit,reserve_share\nshop1,2026-Q2,50000,0.2",
}  # fmt: skip


def opened(root: Path, **changes: tuple[str, str]) -> Client:
    """The shop with some text of a table replaced, faults and all."""
    folder = root / "client_data" / "shop"
    folder.mkdir(parents=True)
    (root / "practice.toml").write_text("", encoding="utf-8")
    (folder / "client.toml").write_text(CONFIG, encoding="utf-8")
    for name, text in SHOP.items():
        table = "\n".join(line.strip() for line in dedent(text).strip().splitlines()) + "\n"
        if name in changes:
            old, new = changes[name]
            assert table.count(old) == 1, (name, old)
            table = table.replace(old, new)
        (folder / f"{name}.csv").write_text(table, encoding="utf-8")
    return open_client("shop", root=root)


def paid(found: Calculation) -> dict[str, object]:
    return dict(zip(found.pay["employee"], found.pay["pay"], strict=True))


def told(client: Client, table: str) -> list[tuple[str, int | None]]:
    """Codes and rows of the findings about what is typed in a table."""
    return [(f.code, f.source.row) for f in client.findings if f.source.file == f"{table}.csv"]


def test_the_shop_is_sound_and_paid_to_the_cent(tmp_path: Path) -> None:
    client = opened(tmp_path)
    assert not [f for f in client.findings if f.code.startswith("D2")]
    assert paid(calculate(client, [JUNE])) == PAY
    assert not any(frame["_spoilt"].any() for frame in client.tables.values())


PLAN = "commission_sales,4000,2000,T1,no,channel,0.01,,,300"
CASES = [
    # table, what stands there, what is typed instead, code of the finding, its row, code of the calculation
    ("pay_plans", PLAN, PLAN + "元", "D205", 2, "C122"),
    ("pay_plans", "4000,2000,T1", "4000,195O,T1", "D205", 2, "C122"),
    ("pay_plans", "T1,no,channel", "T1,maybe,channel", "", 2, "C122"),
    ("employees", "A,甲,2024-01-01,,", "A,甲,2024-01-01,2026/13/1,", "", 2, "C122"),
    ("assignments", "sales,tmall,", "sales,tmall,half", "D205", 2, "C122"),
    ("attendance", "A,2026-06,22,22,", "A,2026-06,22,22,x", "D205", 2, "C122"),
    ("sales_bridge", "0,100000,90000", "0,10O000,90000", "D205", 2, "C108"),
    ("sales_bridge", "10000,0,0,100000", "10000,0,O,", "D205", 2, "C108"),
    ("scorecards", "gross_profit,2026-01-01,core,100,percentage,1,0.6", "gross_profit,2026-01-01,core,100,percentage,l,0.6", "D205", 2, "C115"),
    ("coefficient_tables", "T1,2026-01-01,80,1,bands", "T1,2026-01-01,80,1,curve", "", 3, "C109"),
    ("actuals", "2026-06,300000,,", "2026-06,300000,x,", "D205", 2, "C119"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "old", "new", "code", "row", "follows"), CASES)
def test_what_needs_an_unreadable_cell_is_not_paid_without_it(
    tmp_path: Path, table: str, old: str, new: str, code: str, row: int, follows: str
) -> None:
    client = opened(tmp_path, **{table: (old, new)})
    found = [(c, r) for c, r in told(client, table) if c.startswith("D2")]
    assert len(found) == 1 and found[0][1] == row
    assert not code or found[0][0] == code
    assert list(client.table(table)["_spoilt"]).count(True) == 1
    calculation = calculate(client, [JUNE])
    assert pd.isna(paid(calculation)["A"])
    assert paid(calculation)["B"] == PAY["B"]
    about = [f for f in calculation.findings if f.code in (follows, "C101")]
    assert about
    if follows == "C122":
        source = about[0].source
        assert (source.file, source.row) == (f"{table}.csv", row)
        assert about[0].subject == "employee:A" and about[0].values["row"] == row
        lines = calculation.lines.set_index("employee").loc["A"]
        assert set(lines["missing"]) == {"unreadable"} and lines["amount"].isna().all()


def test_a_dividend_is_not_paid_by_a_reserve_that_cannot_be_read(tmp_path: Path) -> None:
    # 50,000 less 20 % = 40,000 to share; 10 % x 1.0 = 4,000, and 4,000 + 2,000 + 300 besides
    plan = PLAN.replace("commission_sales", "dividend").replace("0.01,,,", ",shop1,0.1,")
    sound = opened(tmp_path / "sound", pay_plans=(PLAN, plan))
    assert paid(calculate(sound, [JUNE])) == {**PAY, "A": exact("10300")}
    ledger = ("50000,0.2", "50000,2O%")
    client = opened(tmp_path / "bad", pay_plans=(PLAN, plan), profit_ledger=ledger)
    assert ("D205", 2) in told(client, "profit_ledger")
    found = calculate(client, [JUNE])
    assert pd.isna(paid(found)["A"]) and paid(found)["B"] == PAY["B"]
    assert "C108" in {f.code for f in found.findings}


@pytest.mark.parametrize("cells", [",90,断货,工单 3,2026/13/8", "x,90,断货,工单 3,2026-07-08"])
def test_a_row_of_an_assessment_that_cannot_be_read_is_not_confirmed(
    tmp_path: Path, cells: str
) -> None:
    # the override to 90 is not used, and the 100 of the data is provisional
    client = opened(
        tmp_path, assessments=("gross_profit,,100,,,2026-07-08", f"gross_profit,{cells}")
    )
    assert len([c for c, r in told(client, "assessments") if r == 2]) == 1
    found = calculate(client, [JUNE])
    rows = found.rows.set_index("employee")
    assert rows.loc["A", "row_state"] == "unconfirmed" and rows.loc["B", "row_state"] == "computed"
    states = found.pay.set_index("employee")["state"]
    assert (states["A"], states["B"]) == ("provisional", "final")
    assert paid(found) == PAY
    assert "C105" in {f.code for f in found.findings}


def test_old_pay_from_a_row_that_cannot_be_read_is_missing(tmp_path: Path) -> None:
    client = opened(tmp_path, pay_history=("A,2026-06,9000,4000", "A,2026-06,9000,4OOO"))
    assert told(client, "pay_history") == [("D205", 2)]
    found = calculate(client, [JUNE])
    handed = better_of(client, found.pay, [JUNE]).set_index("employee")
    assert pd.isna(handed.loc["A", "paid"]) and pd.isna(handed.loc["A", "old_pay"])
    assert handed.loc["B", "paid"] == PAY["B"]


def test_no_other_month_stands_in_for_old_pay_that_cannot_be_read(tmp_path: Path) -> None:
    # June of last year cannot be read; May of this year, 8,000, must not take its place
    rows = "A,2025-06,7000,4OOO\nA,2026-05,8000,4000\nB,2025-06,5000,4000"
    old = "A,2026-06,9000,4000\nB,2026-06,5000,4000"
    client = opened(tmp_path, pay_history=(old, rows))
    held = comparison(client, calculate(client, [JUNE]).pay).set_index("employee")
    assert pd.isna(held.loc["A", "before"]) and held.loc["A", "before_from"] == "missing"
    assert held.loc["B", "before"] == exact("5000")


def test_whether_a_row_can_be_read_is_no_part_of_the_scheme(tmp_path: Path) -> None:
    blank = opened(
        tmp_path / "blank",
        scorecards=(
            "gross_profit,2026-01-01,core,100,percentage,1,",
            "gross_profit,2026-01-01,core,100,percentage,,",
        ),
    )
    typed = opened(
        tmp_path / "typed",
        scorecards=(
            "gross_profit,2026-01-01,core,100,percentage,1,",
            "gross_profit,2026-01-01,core,100,percentage,l,",
        ),
    )
    assert scheme_hash(blank) == scheme_hash(typed)
