"""A row that cannot be read is there: nobody is paid as if nobody had written it.

One cell after another of a sound client is spoilt. Whoever's pay rests on the row is not
paid until it is put right; everybody else is paid to the cent as before.

Four people in June 2026. A (store_operator of tmall) is paid by sales: score 100 (net sales
80,000 of the plan's 30,000 + 50,000), 4,000 + 2,000 x 1 + 1 % of 80,000 = 6,800. B
(data_analyst): 5,000 + 1,000 = 6,000. C (presales_cs) has a scorecard and a plan of her own:
6,000 + 10 % of what may be shared of shop1. Of Q1 a loss of 10,000 is carried on, Q2 earned
50,000: 40,000 less 20 % = 32,000, 10 % = 3,200; 9,200. D (picker_packer) packs 10,000 parcels at
0.50 and has 3,000 base: 8,000.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from textwrap import dedent

import pandas as pd
import pytest
from written_client import CONFIG

from ecperf_kit.client import Client, open_client
from ecperf_kit.exact import exact
from ecperf_kit.intake.declare import tables
from ecperf_kit.method.calculate import calculate
from ecperf_kit.method.comparison import comparison
from ecperf_kit.stages.rollout_tables import pay_list

JUNE = "2026-06"
PAY = {"A": exact("6800"), "B": exact("6000"), "C": exact("9200"), "D": exact("8000")}
SHOP = {
    "channels": "channel,name\ntmall,天猫\njd,京东",
    "departments": "department,name\nsales,销售",
    "employees": """
        employee,name,hired,left,superior
        A,甲,2024-01-01,,
        B,乙,2024-01-01,,
        C,丙,2024-01-01,,
        D,丁,2024-01-01,,""",
    "assignments": """
        employee,effective_from,post,department,channel,time_share
        A,2024-01-01,store_operator,sales,tmall,
        B,2024-01-01,data_analyst,sales,,
        C,2024-01-01,presales_cs,sales,,
        D,2024-01-01,picker_packer,sales,,""",
    "attendance": """
        employee,month,scheduled_days,worked_days,paid_leave_days
        A,2026-06,22,22,
        B,2026-06,22,22,
        C,2026-06,22,22,
        D,2026-06,22,22,""",
    "coefficient_tables": """
        coefficient_table,effective_from,at_least,coefficient,form
        T1,2026-01-01,0,0.5,bands
        T1,2026-01-01,80,1,bands
        T2,2026-01-01,0,0.5,bands
        T2,2026-01-01,80,1,bands""",
    "pay_plans": """
        subject_kind,subject_id,effective_from,structure,base,performance_pay,coefficient_table,over_gate,commission_from,sales_rate,piece_rate,dividend_unit,dividend_share
        post,store_operator,2026-01-01,commission_sales,4000,2000,T1,no,channel,0.01,,,
        post,data_analyst,2026-01-01,performance,4000,1000,T2,no,,,,,
        post,data_analyst,2026-05-01,performance,5000,1000,T2,no,,,,,
        post,presales_cs,2026-01-01,performance,3000,1000,T2,no,,,,,
        employee,C,2026-01-01,dividend,6000,,T2,no,,,,shop1,0.1
        post,picker_packer,2026-01-01,piece_rate,3000,,T2,no,employee,,0.5,,""",
    "scorecards": """
        subject_kind,subject_id,indicator,effective_from,role,weight,method,cap,zero_below,standard_basis,data_source
        post,store_operator,net_sales,2026-01-01,core,60,percentage,1,0,annual_plan,finance_report
        post,store_operator,promo_roi,2026-01-01,core,40,percentage,1,0,agreed,platform_erp
        post,data_analyst,promo_roi,2026-01-01,core,100,percentage,1,0,agreed,platform_erp
        post,presales_cs,promo_roi,2026-01-01,core,100,percentage,1,0,agreed,platform_erp
        employee,C,store_conversion,2026-01-01,core,100,percentage,1,0,agreed,platform_erp
        post,picker_packer,pack_damage_rate,2026-01-01,core,100,percentage,1,0,agreed,platform_erp""",
    "standards": """
        subject_kind,subject_id,indicator,period,standard
        post,store_operator,promo_roi,2026,5
        post,data_analyst,promo_roi,2026,3
        employee,B,promo_roi,2026-06,5
        post,picker_packer,pack_damage_rate,2026,0.01
        employee,C,store_conversion,2026,0.02""",
    "targets": """
        month,channel,category,measure,amount
        2026-06,tmall,bed,net_sales,30000
        2026-06,tmall,bath,net_sales,50000""",
    "actuals": """
        subject_kind,subject_id,indicator,period,value,numerator,denominator,source_kind
        channel,tmall,net_sales,2026-06,80000,,,finance_report
        post,data_analyst,promo_roi,2026-06,3,,,platform_erp
        employee,A,promo_roi,2026-06,5,,,platform_erp
        employee,B,promo_roi,2026-06,5,,,platform_erp
        employee,C,store_conversion,2026-06,0.02,,,platform_erp
        employee,D,pack_damage_rate,2026-06,0.01,,,platform_erp
        employee,D,pack_volume,2026-06,10000,,,daily_register""",
    "sales_bridge": """
        channel,month,backend_sales,non_genuine,refunds,coupons_fees,cut_off,finance_sales,received
        tmall,2026-06,90000,0,10000,0,0,80000,70000""",
    "assessments": """
        employee,period,indicator,self_score,superior_score,override_reason,override_evidence,superior_date
        A,2026-06,net_sales,,60,,,2026-07-08
        A,2026-06,promo_roi,,40,,,2026-07-08
        B,2026-06,promo_roi,,100,,,2026-07-08
        C,2026-06,store_conversion,,100,,,2026-07-08
        D,2026-06,pack_damage_rate,,100,,,2026-07-08""",
    "profit_ledger": """
        unit,quarter,profit,reserve_share
        shop1,2026-Q1,-10000,0.2
        shop1,2026-Q2,50000,0.2""",
}  # fmt: skip
#: Whose pay rests on each row of a table, by hand; whoever's key cannot be read may be others.
ALL = "ABCD"
CONCERNS = {
    "employees": ["A", "B", "C", "D"],
    "assignments": ["A", "B", "C", "D"],
    "attendance": ["A", "B", "C", "D"],
    "coefficient_tables": ["A", "A", "BCD", "BCD"],
    # a plan no longer in force, and one behind a plan of one's own, concern nobody
    "pay_plans": ["A", "", "B", "", "C", "D"],
    "scorecards": ["A", "A", "B", "", "C", "D"],
    "standards": ["A", "", "B", "D", "C"],
    "targets": ["A", "A"],
    "actuals": ["A", "", "A", "B", "C", "D", "D"],
    "sales_bridge": ["A"],
    "profit_ledger": ["C", "C"],
}
Grid = list[list[str]]


def grid(name: str) -> Grid:
    return list(csv.reader(io.StringIO("\n".join(
        line.strip() for line in dedent(SHOP[name]).strip().splitlines()
    ))))  # fmt: skip


def opened(root: Path, name: str = "", rows: Grid | None = None) -> Client:
    """The shop, one of its tables replaced."""
    folder = root / "client_data" / "shop"
    folder.mkdir(parents=True, exist_ok=True)
    (root / "practice.toml").write_text("", encoding="utf-8")
    (folder / "client.toml").write_text(CONFIG, encoding="utf-8")
    for table in SHOP:
        written = io.StringIO()
        csv.writer(written, lineterminator="\n").writerows(
            rows if table == name and rows else grid(table)
        )
        (folder / f"{table}.csv").write_text(written.getvalue(), encoding="utf-8")
    return open_client("shop", "2026-06", root=root)


def spoilt(name: str, row: int, column: str, cell: str) -> Grid:
    rows = grid(name)
    rows[row + 1][rows[0].index(column)] = cell
    return rows


def paid(client: Client) -> tuple[dict[str, object], dict[str, str]]:
    """Pay and codes by person, as the pay list has them."""
    listed = pay_list(client, calculate(client, [JUNE]), [JUNE])
    assert not listed["employee"].duplicated().any()
    assert set(listed["employee"]) <= set(PAY)
    codes = listed["codes"].fillna("").tolist()
    return dict(zip(listed["employee"], listed["pay"], strict=True)), dict(
        zip(listed["employee"], codes, strict=True)
    )


def required(name: str) -> list[tuple[str, bool]]:
    """The columns a row cannot do without, and whether they are part of its key."""
    return [
        (c.name, c.key) for c in tables()[name].columns if c.required and c.name in grid(name)[0]
    ]


def not_paid(client: Client) -> set[str]:
    """Who is not paid, each with a code; everybody else is paid as in the sound shop."""
    pay, codes = paid(client)
    missing = {who for who in PAY if pd.isna(pay.get(who, pd.NA))}
    assert {who: pay[who] for who in PAY if who not in missing} == {
        who: PAY[who] for who in PAY if who not in missing
    }
    assert all(codes.get(who) for who in missing), codes
    return missing


def test_the_shop_is_sound_and_paid_to_the_cent(tmp_path: Path) -> None:
    client = opened(tmp_path)
    assert not [f for f in client.findings if f.code.startswith("D2")]
    assert not client.lost
    assert not_paid(client) == set()


#: One row after the other for the columns of a table: each of both is spoilt at least once.
SPOILT = [
    (name, row % len(CONCERNS[name]), column, key, "" if row % 3 == 2 else "#N/A")
    for name in sorted(CONCERNS)
    for row, (column, key) in enumerate(required(name), start=len(name))
]


@pytest.mark.parametrize(("name", "row", "column", "key", "cell"), SPOILT)
def test_whoever_needs_a_row_that_cannot_be_read_is_not_paid(
    tmp_path: Path, name: str, row: int, column: str, key: bool, cell: str
) -> None:
    client = opened(tmp_path, name, spoilt(name, row, column, cell))
    assert any(f.source.row == row + 2 for f in client.findings)
    concerned, missing = set(CONCERNS[name][row]), not_paid(client)
    # a key that cannot be read: those the row was about are among those not paid
    assert concerned <= missing if key else concerned == missing


@pytest.mark.parametrize(
    ("name", "row", "column", "who"),
    [
        # four people, three of whom have attendance: it is the fourth's, whoever's it says
        ("attendance", 2, "employee", "C"),
        # every other scorecard of the day adds up to 100
        ("scorecards", 1, "subject_id", "A"),
        # the plan of May of a post: any post may have got a new one in May
        ("pay_plans", 2, "subject_id", "ABD"),
        # whoever has no plan of their own may have got one, C has
        ("pay_plans", 4, "subject_id", "ABCD"),
        # a table of two bands, neither of T1 nor of T2 is whole
        ("profit_ledger", 0, "unit", "C"),
    ],
)
def test_a_key_that_cannot_be_read_may_be_any_that_is_not_there(
    tmp_path: Path, name: str, row: int, column: str, who: str
) -> None:
    assert not_paid(opened(tmp_path, name, spoilt(name, row, column, "#N/A"))) == set(who)


def test_a_file_without_a_required_column_is_no_empty_file(tmp_path: Path) -> None:
    # without its worked days nobody's attendance is known: nobody is paid for a full month
    rows = [row[:3] + row[4:] for row in grid("attendance")]
    client = opened(tmp_path, "attendance", rows)
    assert "D201" in {f.code for f in client.findings}
    assert not_paid(client) == set(ALL)


def test_a_transfer_on_a_day_that_cannot_be_read_leaves_no_month_certain(tmp_path: Path) -> None:
    rows = [*grid("assignments"), ["B", "2026-06-1l", "store_operator", "sales", "tmall", ""]]
    client = opened(tmp_path, "assignments", rows)
    assert not_paid(client) == {"B"}
    found = [f for f in calculate(client, [JUNE]).findings if f.code == "C122"]
    assert [(f.subject, f.source.file, f.source.row) for f in found] == [
        ("employee:B", "assignments.csv", 6)
    ]


def test_old_pay_set_aside_is_not_replaced_by_another_months(tmp_path: Path) -> None:
    # June of last year cannot be read; May of this year must not take its place
    opened(tmp_path)
    (tmp_path / "client_data/shop/pay_history.csv").write_text(
        "employee,month,pay\nA,2025-06,7OOO\nA,2026-05,8000\nB,2025-06,5000\n", encoding="utf-8"
    )
    client = open_client("shop", "2026-06", root=tmp_path)
    held = comparison(client, calculate(client, [JUNE]).pay).set_index("employee")
    assert pd.isna(held.loc["A", "before"]) and held.loc["A", "before_from"] == "missing"
    assert held.loc["B", "before"] == exact("5000")
