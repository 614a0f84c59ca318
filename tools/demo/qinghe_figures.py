"""Qinghe Home (invented): what the eleven people of the pilot achieved, April to September 2026.

The figures are chosen so that the scores can be worked out by hand; see the
answer key of the tests. Each list has one figure per pilot month.
"""

from __future__ import annotations

from typing import Any

from tools.demo.cards import LIBRARY, actual

RowDict = dict[str, Any]
MONTHS = ("2026-04", "2026-05", "2026-06", "2026-07", "2026-08", "2026-09")
#: Finance delivered on this day of the following month; day 5 was due.
FINANCE_DAY = (18, 5, 20, 17, 5, 4)
LATE = (0, 2, 3)

# --- Tmall: net sales 9 % below, gross profit 6 % above the same months of last year --------
NET_SALES = (1740000, 2030000, 3450000, 1730000, 1740000, 2050000)  # 12,740,000
GROSS_PROFIT = (956500, 1116000, 1883200, 951600, 946600, 1120900)  # 6,974,800
PROMOTION = (268000, 316000, 609000, 290000, 296000, 342000)
NET_SALES_2025 = (1920000, 2240000, 3780000, 1910000, 1900000, 2250000)  # 14,000,000
GROSS_PROFIT_2025 = (902400, 1052800, 1776600, 897700, 893000, 1057500)  # 6,580,000
#: back-end, non-genuine, refunds, coupons and fees, received
BRIDGE = (
    (1788000, 0, 32000, 16000, 1727000),
    (2085500, 0, 37000, 18500, 2014000),
    (4120000, 380000, 210000, 80000, 3424000),
    (1776500, 0, 31000, 15500, 1718000),
    (1787000, 0, 30000, 17000, 1727000),
    (2105000, 0, 36000, 19000, 2035000),
)
#: The gross profit of each operator's own product lines: 24 % and 22 % of the channel.
OWN_GROSS_PROFIT = {
    "E005": (229600, 267800, 452000, 228400, 227200, 269000),
    "E006": (210400, 245500, 414300, 209400, 208300, 246600),
}
#: employee -> indicator -> one figure per month; pairs are numerator and denominator
TMALL: dict[str, dict[str, tuple[Any, ...]]] = {
    "E002": {
        "stock_sell_through": (
            (116, 200), (117, 200), (114, 200), (118, 200), (122, 200), (116, 200),
        ),
        "team_goal_attainment": ((3, 4), (3, 4), (4, 5), (4, 5), (3, 4), (4, 5)),
        "plan_ontime": ((19, 20), (20, 20), (19, 20), (20, 20), (19, 20), (19, 20)),
    },
    "E005": {
        "stock_sell_through": ((56, 100), (54, 100), (56, 100), (54, 100), (58, 100), (56, 100)),
        "listing_timeliness": ((46, 50), (47, 50), (47, 50), (47, 50), (47, 50), (47, 50)),
        "plan_ontime": ((19, 20), (20, 20), (19, 20), (19, 20), (18, 20), (20, 20)),
    },
    "E006": {
        "stock_sell_through": ((52, 100), (52, 100), (54, 100), (52, 100), (54, 100), (50, 100)),
        "listing_timeliness": ((46, 50), (47, 50), (46, 50), (45, 50), (46, 50), (46, 50)),
        "plan_ontime": ((18, 20), (19, 20), (18, 20), (18, 20), (19, 20), (19, 20)),
    },
    "E009": {
        "listing_timeliness": ((47, 50), (47, 50), (46, 50), (48, 50), (46, 50), (47, 50)),
        "campaign_signup_rate": ((19, 20), (18, 20), (18, 20), (19, 20), (20, 20), (20, 20)),
        "listing_error_count": (1, 1, 1, 1, 1, 1),
        "daily_report_timeliness": (
            (97, 100), (97, 100), (97, 100), (95, 100), (97, 100), (98, 100),
        ),
        "cross_dept_ontime": ((44, 50), (45, 50), (45, 50), (44, 50), (45, 50), (44, 50)),
    },
}  # fmt: skip

# --- service -----------------------------------------------------------------------------------
#: inquiries answered and orders from them
INQUIRIES: dict[str, tuple[tuple[int, int], ...]] = {
    "E025": ((555, 1500), (555, 1500), (770, 2000), (770, 2000), (781, 2000), (792, 2000)),
    "E026": ((703, 2000), (592, 1600), (847, 2200), (759, 2000), (770, 2000), (781, 2000)),
    "E027": ((555, 1500), (518, 1400), (693, 1800), (781, 2000), (770, 2000), (770, 2000)),
    "E028": ((555, 1500), (629, 1700), (924, 2400), (561, 1500), (759, 2000), (770, 2000)),
}
RESPONSE = {
    "E025": ("36", "39", "48", "33", "33", "31.5"),
    "E026": ("39", "39", "48", "34.5", "33", "33"),
    "E027": ("36", "36", "48", "33", "31.5", "33"),
    "E028": ("37.5", "36", "48", "36", "34.5", "33"),
}
CS_SALES = {  # of 150,000; 180,000; 300,000; 150,000; 150,000; 180,000
    "E025": (120000, 144000, 210000, 142500, 142500, 180000),
    "E026": (120000, 144000, 210000, 135000, 142500, 171000),
    "E027": (135000, 153000, 210000, 142500, 150000, 171000),
    "E028": (127500, 153000, 210000, 150000, 135000, 171000),
}
SATISFACTION = {
    "E025": ("4.4", "4.4", "4.4", "4.5", "4.5", "4.5"),
    "E026": ("4.4", "4.3", "4.4", "4.4", "4.4", "4.4"),
    "E027": ("4.4", "4.4", "4.4", "4.5", "4.5", "4.5"),
    "E028": ("4.3", "4.4", "4.4", "4.4", "4.4", "4.4"),
    "E029": ("4.4", "4.4", "4.3", "4.4", "4.5", "4.4"),
    "E030": ("4.4", "4.4", "4.3", "4.4", "4.4", "4.4"),
}
QUALITY = {
    "E025": (93, 93, 90, 94, 94, 95),
    "E026": (92, 92, 90, 93, 94, 94),
    "E027": (93, 93, 90, 94, 94, 94),
    "E028": (92, 92, 90, 93, 93, 93),
}
THREE_MINUTES = {  # of 100 sampled hours
    "E025": (97, 97, 95, 97, 98, 98),
    "E026": (96, 97, 95, 97, 98, 97),
    "E027": (97, 97, 95, 98, 98, 98),
    "E028": (96, 97, 95, 97, 96, 97),
}
AFTERSALES: dict[str, dict[str, tuple[Any, ...]]] = {
    "E029": {
        "refund_duration": (44, 46, 48, 44, 42, 42),
        "dispute_refund_rate": ((5, 2000), (5, 2000), (6, 2000), (5, 2000), (5, 2000), (5, 2000)),
        "fcr": ((176, 200), (178, 200), (174, 200), (178, 200), (178, 200), (174, 200)),
        "aftersale_audit_24h": ((49, 50), (49, 50), (48, 50), (49, 50), (49, 50), (50, 50)),
        "compensation_rate": (
            (1100, 100000), (1100, 100000), (1200, 100000), (1200, 100000), (1100, 100000),
            (1100, 100000),
        ),
    },
    "E030": {
        "refund_duration": (46, 46, 46, 44, 44, 42),
        "dispute_refund_rate": ((5, 2000), (6, 2000), (6, 2000), (5, 2000), (5, 2000), (5, 2000)),
        "fcr": ((176, 200), (176, 200), (176, 200), (176, 200), (178, 200), (178, 200)),
        "aftersale_audit_24h": ((49, 50), (49, 50), (48, 50), (49, 50), (49, 50), (49, 50)),
        "compensation_rate": (
            (1200, 100000), (1100, 100000), (1200, 100000), (1100, 100000), (1200, 100000),
            (1100, 100000),
        ),
    },
}  # fmt: skip
SUPERVISOR = {
    "avg_response_time": ("37.1", "37.5", "48", "34.1", "33", "32.6"),
    "cs_satisfaction": ("4.4", "4.4", "4.3", "4.4", "4.5", "4.5"),
    "qa_score": ("92.5", "92.5", "90", "93.5", "93.8", "94"),
    "team_goal_attainment": ((5, 6), (5, 6), (5, 6), (5, 6), (5, 6), (5, 6)),
}

SOURCES = {
    "finance_report": "天猫渠道经营报表",
    "platform_erp": "平台后台数据导出",
    "daily_register": "部门登记台账",
}


def recorded(month_at: int, source_kind: str) -> str:
    """The day a month's figure was handed over: finance as delivered, others on day 3."""
    day = FINANCE_DAY[month_at] if source_kind == "finance_report" else 3
    return following(MONTHS[month_at], day)


def following(month: str, day: int) -> str:
    """A day of the month after ``month``: ``2026-07-08``."""
    return f"{month[:5]}{int(month[5:]) + 1:02d}-{day:02d}"


def last_year(month: str) -> str:
    """The same month of the year before."""
    return f"{int(month[:4]) - 1}{month[4:]}"


class Sheet:
    """Collects actuals; each source file counts its own rows."""

    def __init__(self) -> None:
        self.rows: list[RowDict] = []
        self._lines: dict[str, int] = {}

    def add(self, kind: str, subject: str, indicator: str, at: int, value: Any) -> None:
        """One figure of pilot month number ``at``."""
        source = str(LIBRARY.indicators.loc[indicator, "data_source"])
        self._add(kind, subject, indicator, MONTHS[at], value, source, recorded(at, source))

    def earlier(self, kind: str, subject: str, indicator: str, at: int, value: Any) -> None:
        """The figure of the same month last year."""
        source = str(LIBRARY.indicators.loc[indicator, "data_source"])
        day = "2026-02-10"
        self._add(kind, subject, indicator, last_year(MONTHS[at]), value, source, day)

    def _add(
        self, kind: str, subject: str, indicator: str, month: str, value: Any, source: str, day: str
    ) -> None:
        file = f"{SOURCES[source]} {month}.xlsx"
        line = self._lines[file] = self._lines.get(file, 1) + 1
        if isinstance(value, tuple):
            value = (str(value[0]), str(value[1]))
        elif not isinstance(value, str):
            value = str(value)
        self.rows.append(actual(kind, subject, indicator, month, value, source, file, line, day))


def actuals() -> list[RowDict]:
    """What was achieved in the pilot, and what Tmall sold in the same months last year."""
    sheet = Sheet()
    for at in range(len(MONTHS)):
        sheet.earlier("channel", "tmall", "net_sales", at, NET_SALES_2025[at])
        sheet.earlier("channel", "tmall", "gross_profit", at, GROSS_PROFIT_2025[at])
    for at in range(len(MONTHS)):
        _tmall(sheet, at)
        _service(sheet, at)
    return sheet.rows


def _tmall(sheet: Sheet, at: int) -> None:
    sales = NET_SALES[at]
    sheet.add("channel", "tmall", "net_sales", at, sales)
    sheet.add("channel", "tmall", "gross_profit", at, GROSS_PROFIT[at])
    sheet.add("channel", "tmall", "gross_margin_rate", at, (GROSS_PROFIT[at], sales))
    sheet.add("channel", "tmall", "promo_expense_ratio", at, (PROMOTION[at], sales))
    for employee, figures in OWN_GROSS_PROFIT.items():
        sheet.add("employee", employee, "gross_profit", at, figures[at])
    for employee, indicators in TMALL.items():
        for indicator, figures in indicators.items():
            sheet.add("employee", employee, indicator, at, figures[at])


def _service(sheet: Sheet, at: int) -> None:
    orders = sum(pairs[at][0] for pairs in INQUIRIES.values())
    asked = sum(pairs[at][1] for pairs in INQUIRIES.values())
    disputes = [AFTERSALES[e]["dispute_refund_rate"][at] for e in AFTERSALES]
    both = (sum(d[0] for d in disputes), sum(d[1] for d in disputes))
    sheet.add("department", "service", "inquiry_conversion", at, (orders, asked))
    sheet.add("department", "service", "dispute_refund_rate", at, both)
    for indicator, figures in SUPERVISOR.items():
        sheet.add("department", "service", indicator, at, figures[at])
    for employee in INQUIRIES:
        sheet.add("employee", employee, "inquiry_conversion", at, INQUIRIES[employee][at])
        sheet.add("employee", employee, "avg_response_time", at, RESPONSE[employee][at])
        sheet.add("employee", employee, "cs_sales", at, CS_SALES[employee][at])
        sheet.add("employee", employee, "cs_satisfaction", at, SATISFACTION[employee][at])
        sheet.add("employee", employee, "qa_score", at, QUALITY[employee][at])
        sampled = (THREE_MINUTES[employee][at], 100)
        sheet.add("employee", employee, "reply_rate_3min", at, sampled)
    for employee, indicators in AFTERSALES.items():
        sheet.add("employee", employee, "cs_satisfaction", at, SATISFACTION[employee][at])
        for indicator, figures in indicators.items():
            sheet.add("employee", employee, indicator, at, figures[at])


def sales_bridge() -> list[RowDict]:
    """Tmall's back-end sales and what leads from them to the finance figure."""
    columns = ("backend_sales", "non_genuine", "refunds", "coupons_fees", "received")
    return [
        {"channel": "tmall", "month": month, "cut_off": 0, "finance_sales": NET_SALES[at]}
        | dict(zip(columns, BRIDGE[at], strict=True))
        for at, month in enumerate(MONTHS)
    ]
