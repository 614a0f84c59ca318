"""Xiaoman Snacks (invented): eight people, the owner leads, no plan, three pilot months."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tools.demo.cards import (
    LIBRARY,
    actual,
    card_row,
    duty_for,
    history,
    library_card,
    standards,
)
from tools.demo.writing import Tables
from tools.demo.xiaoman_figures import (
    CHANNEL_SALES,
    CHANNEL_SALES_2025,
    DAYS,
    FIGURES,
    MONTHS,
    NOTEBOOKS,
    STANDARDS,
)

RowDict = dict[str, Any]
SINCE = "2026-04-01"
WISH = "2026-07-01"
CHINESE = ("employees", "assignments", "actuals", "pay_plans", "committee", "attendance")

CONFIG = """\
# 说明：虚构客户，仅作演示。企业、人员与数字均为编造；方案与试考故意带有问题。
# An invented client, for demonstration only; scheme and pilot are faulty on purpose.
name_zh = "小满食品"
name_en = "Xiaoman Snacks"
kind = "pure_ecommerce"
language = "zh"
invented = true

[sponsor]
name = "金小满"
position = "owner"
signed = 2026-03-16

[dates]
plan_year = 2026
scheme_from = 2026-04-01
pilot_from = "2026-04"
pilot_to = "2026-06"

[pilot]
channels = ["live", "shelf"]
departments = ["shop"]
previous_system = "none"
pay = "shadow"

[pay]
minimum_wage = "2490"
seasonality = "snacks"

[targets]
annual_net_sales = "6000000"
"""

OWNER = "E001"
# id, name, hired, left, superior; three more leave after the pilot
PEOPLE = [
    ("E001", "金小满", "2021-05-20", "", ""),
    ("E002", "梁知秋", "2022-03-07", "", "E001"),
    ("E003", "杜若溪", "2024-02-26", "2026-07-15", "E001"),
    ("E004", "夏星眠", "2023-06-12", "2026-05-20", "E001"),
    ("E005", "万里晴", "2023-09-18", "", "E001"),
    ("E006", "俞小棠", "2023-11-06", "2026-07-31", "E001"),
    ("E007", "孟初九", "2024-04-15", "2026-08-31", "E001"),
    ("E008", "丁满仓", "2022-08-29", "", "E001"),
]
# employee, post, channel, share of time
ASSIGNMENTS = [
    ("E001", "ecommerce_director", "", "100%"),
    ("E002", "store_operator", "shelf", "100%"),
    ("E003", "ops_assistant", "shelf", "100%"),
    ("E004", "live_anchor", "live", "100%"),
    ("E005", "live_controller", "live", "60%"),
    ("E005", "video_editor", "live", "40%"),
    ("E006", "presales_cs", "", "100%"),
    ("E007", "aftersales_cs", "", "100%"),
    ("E008", "picker_packer", "", "100%"),
]
POST = {a[0]: a[1] for a in reversed(ASSIGNMENTS)}
PAY = {
    "store_operator": "10000", "ops_assistant": "5500", "live_anchor": "10000",
    "live_controller": "7000", "presales_cs": "5200", "aftersales_cs": "5200",
    "picker_packer": "2100",
}  # fmt: skip
#: Fourteen rows on one card, all allowed for a channel post, together 100.
OPERATOR = [
    ("net_sales", "core", "14"), ("gross_margin_rate", "core", "10"),
    ("promo_expense_ratio", "core", "10"), ("stock_sell_through", "core", "8"),
    ("return_refund_rate", "core", "7"), ("listing_timeliness", "core", "7"),
    ("overstock_ratio", "core", "6"), ("listing_error_count", "core", "6"),
    ("campaign_signup_rate", "core", "6"), ("campaign_gmv_attain", "core", "6"),
    ("plan_ontime", "process", "5"), ("daily_report_timeliness", "process", "5"),
    ("cross_dept_ontime", "process", "5"), ("plan_pass_rate", "process", "5"),
]  # fmt: skip
#: Controller 60 % and short video 40 % joined to one card of five and three rows.
JOINED = [
    ("live_gmv", "core", "20", "live_controller"),
    ("live_error_count", "core", "20", "live_controller"),
    ("live_prep_ontime", "core", "15", "live_controller"),
    ("content_output", "core", "15", "video_editor"),
    ("content_completion", "core", "10", "video_editor"),
    ("live_review", "process", "10", "live_controller"),
    ("content_ontime", "process", "5", "video_editor"),
    ("content_violation", "process", "5", "video_editor"),
]
LIBRARY_POSTS = ("ops_assistant", "live_anchor", "presales_cs", "aftersales_cs", "picker_packer")
#: What the owner wrote down: 95, 96 or 97 for everybody, month by month.
RATED = {
    "E002": (97, 96, 97), "E003": (95, 96, 96), "E004": (97, 96), "E005": (96, 96, 95),
    "E006": (95, 95, 96), "E007": (96, 95, 95), "E008": (96, 97, 96),
}  # fmt: skip


def tables() -> Tables:
    """The whole folder."""
    cards = _cards()
    typed = _standards(cards)
    platform = [card | {"data_source": "daily_register"} for card in cards]
    return {
        "channels": [
            {"channel": "live", "name": "直播间", "name_en": "Live room", "platform": "抖音"},
            {"channel": "shelf", "name": "货架店铺", "name_en": "Shelf store", "platform": "淘宝"},
        ],
        "departments": [
            {"department": "shop", "name": "电商部", "name_en": "E-commerce", "head": OWNER}
        ],
        "employees": [
            dict(zip(("employee", "name", "hired", "left", "superior"), p, strict=True))
            for p in PEOPLE
        ],
        "assignments": [
            {
                "employee": employee,
                "effective_from": "2025-01-01",
                "post": post,
                "department": "shop",
                "channel": channel,
                "time_share": share,
            }
            for employee, post, channel, share in ASSIGNMENTS
        ],
        "committee": _committee(),
        "scorecards": platform,
        "coefficient_tables": _coefficients(),
        "pay_plans": list(_pay_plans()),
        "standards": typed,
        "actuals": _actuals(typed, platform),
        "assessments": list(_assessments(cards)),
        "attendance": _attendance(),
        "pay_history": list(_pay_history()),
        "sales_bridge": _bridge(),
        "sync_records": _sync(),
        "process_log": list(_process()),
        "interviews": list(_interviews()),
    }


def _cards() -> list[RowDict]:
    operator, joined = ("post", "store_operator"), ("employee", "E005")
    rows = [
        card_row(operator, name, role, weight, SINCE, duty_for("store_operator", name))
        for name, role, weight in OPERATOR
    ]
    rows += [
        card_row(joined, name, role, weight, SINCE, duty_for(post, name))
        for name, role, weight, post in JOINED
    ]
    for post in LIBRARY_POSTS:
        rows += library_card(post, SINCE)
    return rows


def _standards(cards: list[RowDict]) -> list[RowDict]:
    names = {p[0]: p[1] for p in PEOPLE}
    agreed = {POST[e]: f"{names[OWNER]}、{names[e]}" for e in POST} | {
        "E005": f"{names[OWNER]}、{names['E005']}"
    }
    wanted = [card for card in cards if card["indicator"] not in ("gross_profit", "net_profit")]
    return standards(STANDARDS, wanted, "2026-04..2026-06", agreed, "2026-03-25")


def _committee() -> list[RowDict]:
    signed = "2026-03-16"
    rows = [
        ("金小满", "leader", "owner", "E001", "shop"),
        ("梁知秋", "secretary", "staff", "E002", "shop"),
        ("邱明算", "finance", "outside_bookkeeper", "", ""),
    ]
    keys = ("member", "role", "position", "employee", "department")
    return [dict(zip(keys, row, strict=True)) | {"signed": signed} for row in rows]


def _coefficients() -> list[RowDict]:
    bounds = ("0", "60", "70", "80", "90", "95")
    coefficients = ("0.5", "0.7", "0.9", "1.0", "1.1", "1.2")
    return [
        {
            "coefficient_table": "T1", "effective_from": SINCE, "at_least": at_least,
            "coefficient": coefficient, "form": "bands",
        }
        for at_least, coefficient in zip(bounds, coefficients, strict=True)
    ]  # fmt: skip


def _pay_plans() -> Iterator[RowDict]:
    """Everything fixed; from July the owner wants 3:7 for the operator and the anchor."""
    for post, base in PAY.items():
        # whoever works in two posts has one pay plan, like one scorecard
        joined = post == "live_controller"
        yield {
            "subject_kind": "employee" if joined else "post",
            "subject_id": "E005" if joined else post,
            "effective_from": SINCE, "structure": "fixed", "base": base,
        }  # fmt: skip
    for post in ("store_operator", "live_anchor"):
        yield {
            "subject_kind": "post", "subject_id": post, "effective_from": WISH,
            "structure": "performance", "base": "3000", "performance_pay": "7000",
            "coefficient_table": "T1", "over_gate": True,
        }  # fmt: skip


def _pay_history() -> Iterator[RowDict]:
    for employee in RATED:
        for at in range(len(RATED[employee])):
            month, base = f"2025{MONTHS[at][4:]}", PAY[POST[employee]]
            if (employee, at) == ("E004", 1):
                # left in May: held against what the old rules paid for 12 of 19 days
                month, base = MONTHS[at], "6315.79"
            yield {
                "employee": employee, "month": month, "pay": base, "base": base, "variable": "0",
            }  # fmt: skip


def _actuals(typed: list[RowDict], cards: list[RowDict]) -> list[RowDict]:
    rows = history(typed, cards, "2026-03", "0.97", "2026-04-02")
    hand = "daily_register"
    for at, month in enumerate(MONTHS):
        for channel in ("live", "shelf"):
            for year, sales in ((2025, CHANNEL_SALES_2025), (2026, CHANNEL_SALES)):
                rows.append(
                    actual(
                        "channel", channel, "net_sales", f"{year}{month[4:]}",
                        str(sales[channel][at]), hand, NOTEBOOKS["sales"], 3 + at, _handed(month),
                    )
                )  # fmt: skip
    lines = dict.fromkeys(NOTEBOOKS, 1)
    for at, month in enumerate(MONTHS):
        for employee, indicators in FIGURES.items():
            if at >= len(RATED[employee]):
                continue
            book = "live" if employee in ("E004", "E005") else "shop"
            for indicator, figures in indicators.items():
                lines[book] += 1
                value = figures[at]
                pair = (str(value[0]), str(value[1])) if isinstance(value, tuple) else str(value)
                rows.append(
                    actual(
                        "employee", employee, indicator, month, pair, hand, NOTEBOOKS[book],
                        lines[book], _handed(month),
                    )
                )  # fmt: skip
    for row in rows:
        row["source_kind"] = hand
    return rows


def _bridge() -> list[RowDict]:
    """Clean: refunds and coupons explain everything between back-end and books."""
    rows = []
    for at, month in enumerate(MONTHS):
        for channel, sales in CHANNEL_SALES.items():
            refunds, coupons = sales[at] * 15 // 1000, sales[at] // 100
            rows.append(
                {
                    "channel": channel, "month": month, "non_genuine": 0, "refunds": refunds,
                    "backend_sales": sales[at] + refunds + coupons, "coupons_fees": coupons,
                    "cut_off": 0, "finance_sales": sales[at],
                }
            )  # fmt: skip
    return rows


def _handed(month: str) -> str:
    return f"2026-{int(month[5:]) + 1:02d}-03"


def _assessments(cards: list[RowDict]) -> Iterator[RowDict]:
    """The owner takes a few points off here and there and arrives at 95 to 97."""
    for at, month in enumerate(MONTHS):
        day = f"2026-{int(month[5:]) + 1:02d}"
        for employee, totals in RATED.items():
            if at >= len(totals):
                continue
            mine = [c for c in cards if c["subject_id"] in (employee, POST[employee])]
            given = {c["indicator"]: Decimal(c["weight"]) for c in mine}
            names = list(given)
            for point in range(100 - totals[at]):
                given[names[(point + at) % len(names)]] -= 1
            for line, name in enumerate(names):
                yield {
                    "employee": employee,
                    "period": month,
                    "indicator": name,
                    "self_score": given[name] - (1 if line in (0, 1) else 0),
                    "self_evidence": "见登记本",
                    "superior_score": given[name],
                    "assessor": OWNER,
                    "comment": "辛苦了",
                    "self_date": f"{day}-06",
                    "superior_date": f"{day}-08",
                }


def _attendance() -> list[RowDict]:
    rows = []
    for at, month in enumerate(MONTHS):
        for employee, totals in RATED.items():
            if at < len(totals):
                worked = 12 if (employee, at) == ("E004", 1) else DAYS[at]
                rows.append(
                    {
                        "employee": employee, "month": month, "scheduled_days": DAYS[at],
                        "worked_days": worked, "paid_leave_days": 0,
                    }
                )  # fmt: skip
    return rows


def _sync() -> list[RowDict]:
    return [
        {
            "measure": "pre_meeting", "held_on": "2026-03-17", "attended": 2,
            "outcome": "与运营、外聘会计商定登记办法",
        },
        {
            "measure": "all_staff_meeting", "held_on": "2026-03-20", "attended": 8,
            "outcome": "宣布试考三个月，全员参加",
        },
    ]  # fmt: skip


def _process() -> Iterator[RowDict]:
    due = {"data": 5, "self_assessment": 6, "superior_review": 8, "finance_check": 10, "pay": 15}
    done = {"data": 3, "self_assessment": 6, "superior_review": 8, "finance_check": 10, "pay": 15}
    for month in MONTHS:
        after = f"2026-{int(month[5:]) + 1:02d}"
        for step, day in due.items():
            yield {
                "month": month, "department": "shop", "step": step,
                "due": f"{after}-{day:02d}", "done": f"{after}-{done[step]:02d}",
            }  # fmt: skip


def _interviews() -> Iterator[RowDict]:
    for at, month in enumerate(MONTHS):
        for employee, totals in RATED.items():
            if at < len(totals) and (employee, at) != ("E004", 1):
                post = str(LIBRARY.posts.loc[POST[employee], "name_zh"])
                yield {
                    "employee": employee,
                    "period": month,
                    "held_on": f"2026-{int(month[5:]) + 1:02d}-09",
                    "interviewer": OWNER,
                    "achievements": f"{post}本月工作按时完成",
                    "problems": "登记本有漏记，次日才补",
                    "causes": "全靠手工登记，忙时顾不上",
                    "solutions": "改为每日下班前导出平台数据",
                    "next_targets": "登记无漏项",
                }
