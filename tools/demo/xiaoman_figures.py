"""Xiaoman Snacks (invented): standards and what the seven people achieved, April to June 2026."""

from __future__ import annotations

from typing import Any

MONTHS = ("2026-04", "2026-05", "2026-06")
DAYS = (21, 19, 21)
NOTEBOOKS = {
    "live": "练习本一（直播）",
    "shop": "练习本二（店铺客服仓库）",
    "sales": "练习本三（销售流水）",
}
#: Net sales by channel: live 60 %, shelf 40 % in every month.
CHANNEL_SALES = {"live": (210000, 276000, 378000), "shelf": (140000, 184000, 252000)}
CHANNEL_SALES_2025 = {"live": (198000, 264000, 360000), "shelf": (132000, 176000, 240000)}

STANDARDS: dict[str, dict[str, Any]] = {
    "store_operator": {
        "net_sales": "180000",
        "gross_margin_rate": "0.42",
        "promo_expense_ratio": "0.12",
        "return_refund_rate": "0.05",
    },
    "E005": {"live_gmv": "280000", "content_output": "30"},
    "live_anchor": {
        "live_gmv": "280000",
        "live_gpm": "800",
        "return_refund_rate": "0.06",
        "live_hours": "110",
    },
    "presales_cs": {"cs_sales": "60000"},
    "aftersales_cs": {
        "refund_duration": "40",
        "dispute_refund_rate": "0.002",
        "compensation_rate": "0.01",
    },
    "picker_packer": {"pack_volume": "4500", "pack_damage_rate": "0.002"},
}

#: employee -> indicator -> one figure per month; pairs are numerator and denominator.
#: The operator's net sales are those of the shelf channel.
FIGURES: dict[str, dict[str, tuple[Any, ...]]] = {
    "E002": {
        "gross_margin_rate": ((57400, 140000), (75440, 184000), (103320, 252000)),
        "promo_expense_ratio": ((18200, 140000), (23920, 184000), (35280, 252000)),
        "stock_sell_through": ((29, 50), (27, 50), (28, 50)),
        "return_refund_rate": ((60, 1000), (55, 1000), (60, 1000)),
        "listing_timeliness": ((47, 50), (46, 50), (47, 50)),
        "overstock_ratio": ((6, 100), (7, 100), (7, 100)),
        "listing_error_count": (1, 1, 1),
        "campaign_signup_rate": ((19, 20), (18, 20), (18, 20)),
        "campaign_gmv_attain": ((46, 50), (48, 50), (49, 50)),
        "plan_ontime": ((19, 20), (20, 20), (19, 20)),
        "daily_report_timeliness": ((96, 100), (97, 100), (96, 100)),
        "cross_dept_ontime": ((45, 50), (44, 50), (45, 50)),
        "plan_pass_rate": ((4, 5), (4, 5), (3, 4)),
    },
    "E003": {
        "listing_timeliness": ((46, 50), (47, 50), (47, 50)),
        "campaign_signup_rate": ((18, 20), (19, 20), (19, 20)),
        "listing_error_count": (1, 1, 1),
        "daily_report_timeliness": ((96, 100), (97, 100), (97, 100)),
        "cross_dept_ontime": ((44, 50), (45, 50), (44, 50)),
    },
    "E004": {
        "live_gmv": (238000, 162000),
        "live_gpm": (720, 744),
        "live_avg_stay": (240, 250),
        "live_follow_rate": ((52, 1000), (55, 1000)),
        "return_refund_rate": ((75, 1000), (70, 1000)),
        "live_hours": (112, 68),
        "live_violation": (0, 0),
    },
    "E005": {
        "live_gmv": (210000, 276000, 378000),
        "live_error_count": (2, 2, 2),
        "live_prep_ontime": ((19, 20), (19, 20), (18, 20)),
        "content_output": (25, 26, 27),
        "content_completion": ((28, 100), (27, 100), (27, 100)),
        "live_review": ((19, 20), (19, 20), (19, 20)),
        "content_ontime": ((18, 20), (19, 20), (19, 20)),
        "content_violation": (0, 0, 0),
    },
    "E006": {
        "inquiry_conversion": ((390, 1000), (385, 1000), (390, 1000)),
        "avg_response_time": (38, 36, 44),
        "cs_sales": (51000, 54000, 54000),
        "cs_satisfaction": ("4.4", "4.5", "4.4"),
        "qa_score": (93, 92, 93),
        "reply_rate_3min": ((97, 100), (97, 100), (96, 100)),
    },
    "E007": {
        "refund_duration": (46, 44, 46),
        "dispute_refund_rate": ((5, 2000), (5, 2000), (5, 2000)),
        "fcr": ((176, 200), (176, 200), (176, 200)),
        "cs_satisfaction": ("4.4", "4.4", "4.3"),
        "aftersale_audit_24h": ((49, 50), (49, 50), (49, 50)),
        "compensation_rate": ((1100, 100000), (1100, 100000), (1200, 100000)),
    },
    "E008": {
        "ship_accuracy": ((4988, 5000), (4990, 5000), (4986, 5000)),
        "ship_48h": ((94, 100), (94, 100), (93, 100)),
        "pack_volume": (4050, 4185, 4410),
        "pack_damage_rate": ((12, 5000), (11, 5000), (13, 5000)),
        "s5_score": (88, 88, 86),
    },
}
