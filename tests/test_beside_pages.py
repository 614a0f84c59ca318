"""No open sum tells one person's pay by subtraction from another page of the same client.

Five analysts are paid 5,000, 5,100, 5,200, 5,300 and 5,400 every month from April to June
2026: a base and 1,000 for 100 points. A to D earn 20,600 together; E's 5,400 are the
difference wherever E is in one of two sums.
"""

from __future__ import annotations

from pathlib import Path

from ecperf_kit.client import Client, open_client
from ecperf_kit.exact import exact
from ecperf_kit.stages.rollout import rollout

MONTHS = ("2026-04", "2026-05", "2026-06")
STAFF = "ABCDE"
CONFIG = """
name_zh = "测试店"
name_en = "Test shop"
invented = true
[dates]
plan_year = 2026
rollout_from = "2026-04"
"""


def shop(root: Path, joined: str, with_old_pay: str) -> Client:
    """The analysts, E from ``joined`` on; last year's pay is known of some."""
    folder = root / "client_data" / "shop"
    folder.mkdir(parents=True)
    (root / "practice.toml").write_text("", encoding="utf-8")
    (folder / "client.toml").write_text(CONFIG, encoding="utf-8")
    since = dict.fromkeys(STAFF, "2024-01-01") | {"E": joined}
    tables = {
        "departments": ["department,name", "data,数据"],
        "employees": [
            "employee,name,hired,superior",
            *(f"{who},{who},{day},{'A' if who != 'A' else ''}" for who, day in since.items()),
        ],
        "assignments": [
            "employee,effective_from,post,department",
            *(f"{who},{day},data_analyst,data" for who, day in since.items()),
        ],
        "coefficient_tables": [
            "coefficient_table,effective_from,at_least,coefficient,form",
            "T1,2026-01-01,0,0.5,bands",
            "T1,2026-01-01,80,1,bands",
        ],
        "pay_plans": [
            "subject_kind,subject_id,effective_from,structure,base,performance_pay,coefficient_table",
            *(
                f"employee,{who},2026-01-01,performance,{4000 + 100 * place},1000,T1"
                for place, who in enumerate(STAFF)
            ),
        ],
        "scorecards": [
            "subject_kind,subject_id,indicator,effective_from,role,weight,method,cap,zero_below,"
            "standard_basis,data_source",
            "post,data_analyst,promo_roi,2026-01-01,core,100,percentage,1,0,agreed,platform_erp",
        ],
        "standards": [
            "subject_kind,subject_id,indicator,period,standard",
            "post,data_analyst,promo_roi,2026,5",
        ],
        "actuals": [
            "subject_kind,subject_id,indicator,period,value,source_kind",
            *(f"post,data_analyst,promo_roi,{month},5,platform_erp" for month in MONTHS),
        ],
        "pay_history": [
            "employee,month,pay",
            *(f"{who},2025-{month[5:]},4{number}00" for month in MONTHS
              for number, who in enumerate(with_old_pay)),
        ],
    }  # fmt: skip
    for name, lines in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return open_client("shop", "2026-05", root=root)


def told(root: Path, period: str) -> object:
    """The payroll on the open rollout page of a period."""
    client = open_client("shop", period, root=root)
    figures = rollout(client.seen_by("rollout")).figures
    return next(each.value for each in figures if each.label == "rollout.figure.pay")


def test_the_payroll_is_told_where_no_page_differs_from_it(tmp_path: Path) -> None:
    shop(tmp_path, "2024-01-01", STAFF)
    assert told(tmp_path, "2026-05") == exact("26000")
    assert told(tmp_path, "2026-04..2026-06") == exact("78000")


def test_nobody_without_old_pay_is_the_difference_to_the_pilots_page(tmp_path: Path) -> None:
    # the pilot's page of May compares four, the payroll is that of five; no month is a pilot's
    shop(tmp_path, "2024-01-01", "ABCD")
    assert told(tmp_path, "2026-05") is None


def test_no_month_is_what_two_spans_differ_by(tmp_path: Path) -> None:
    shop(tmp_path, "2026-06-01", "ABCD")
    assert told(tmp_path, "2026-05") == exact("20600")
    # June less May would be E: neither June is told nor any span with June, less May told
    assert told(tmp_path, "2026-06") is None
    assert told(tmp_path, "2026-05..2026-06") is None
    assert told(tmp_path, "2026-04..2026-06") is None
    assert told(tmp_path, "2026-04..2026-05") == exact("41200")
