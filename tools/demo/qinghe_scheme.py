"""Qinghe Home (invented): scorecards, standards and pay plans, as drafted and as repaired."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from tools.demo.cards import LIBRARY, card_row, duty_for, library_card, standards
from tools.demo.qinghe_people import NAMES, PEOPLE, POSTS, planned

RowDict = dict[str, Any]
SINCE = "2026-04-01"
PERIOD = "2026-04..2026-12"
MONTHS = range(4, 13)
#: What may be paid in a month: post -> base, performance pay (70:30 in the draft).
WAGES = {
    "ecommerce_director": ("15000", "10000"),
    "ops_assistant": ("4400", "1100"),
    "promo_specialist": ("5600", "2400"),
    "live_anchor": ("6000", "4000"),
    "live_controller": ("4200", "1800"),
    "content_ops": ("5600", "2400"),
    "video_editor": ("5250", "2250"),
    "design_supervisor": ("7700", "3300"),
    "visual_designer": ("4900", "2100"),
    "photographer": ("4900", "2100"),
    "cs_supervisor": ("6300", "2700"),
    "presales_cs": ("4550", "1950"),
    "aftersales_cs": ("4200", "1800"),
    "product_manager": ("8400", "3600"),
    "purchasing_specialist": ("5200", "1300"),
    "warehouse_supervisor": ("5950", "2550"),
    "picker_packer": ("3850", "1650"),
    "order_reviewer": ("4000", "1000"),
    "accountant": ("5600", "1400"),
    "cashier": ("4400", "1100"),
    "hr_specialist": ("5200", "1300"),
}
ALLOWANCE = {"live_anchor": "500", "picker_packer": "300"}  # make-up; meals on night shifts


def monthly(share: str) -> dict[str, Decimal]:
    """A figure that follows the season: share of the firm's planned sales, April to December."""
    return {f"2026-{m:02d}": planned(m, share) for m in MONTHS}


#: Standards the library leaves to the client; the others are the library's typical values.
FIGURES: dict[str, dict[str, Any]] = {
    # the standard of a row by intervals is where its full band begins
    "ecommerce_director": {"team_goal_attainment": "0.9"},
    "channel_ops_manager": {"team_goal_attainment": "0.9"},
    "store_operator": {"gross_margin_rate": "0.55", "stock_sell_through": "0.6"},
    "product_manager": {
        "gross_margin_rate": "0.55",
        "new_product_sales": monthly("0.09"),
        "product_quality_refund": "0.01",
    },
    "live_anchor": {
        "live_gmv": monthly("0.05"),
        "live_gpm": "900",
        "return_refund_rate": "0.08",
        "live_hours": "120",
    },
    "live_controller": {"live_gmv": monthly("0.15")},
    "promo_specialist": {"promo_sales": monthly("0.15"), "ppc": "1.8", "ctr": "0.045"},
    "content_ops": {
        "content_sales": monthly("0.06"),
        "followers_growth": "3000",
        "content_output": "60",
    },
    "video_editor": {"content_sales": monthly("0.02"), "content_output": "40"},
    "design_supervisor": {"main_image_ctr": "0.05", "team_goal_attainment": "0.9"},
    "visual_designer": {"main_image_ctr": "0.05"},
    "cs_supervisor": {
        "inquiry_conversion": "0.4",
        "dispute_refund_rate": "0.002",
        "team_goal_attainment": "0.9",
    },
    "presales_cs": {
        "cs_sales": {
            "2026-04": "150000", "2026-05": "180000", "2026-06": "300000", "2026-07": "150000",
            "2026-08": "150000", "2026-09": "180000", "2026-10": "200000", "2026-11": "500000",
            "2026-12": "250000",
        },
    },
    "aftersales_cs": {
        "refund_duration": "40",
        "dispute_refund_rate": "0.002",
        "compensation_rate": "0.01",
    },
    "picker_packer": {"pack_volume": "5200", "pack_damage_rate": "0.002"},
    "order_reviewer": {"order_review_error": "0.002"},
}  # fmt: skip


def agreed_by() -> dict[str, str]:
    """Per post (and person) who agreed the standards: the superior and somebody of the post."""
    found: dict[str, str] = {}
    for employee, name, _, superior, post, *_ in reversed(PEOPLE):
        both = f"{NAMES.get(superior, '宋清禾')}、{name}"
        found[post] = found[employee] = both
    return found


def library_cards(leave_out: Iterable[str] = ()) -> list[RowDict]:
    """The library's scorecards of the 23 posts."""
    skipped = set(leave_out)
    return [row for post in POSTS if post not in skipped for row in library_card(post, SINCE)]


def typed_standards(cards: list[RowDict], figures: dict[str, dict[str, Any]]) -> list[RowDict]:
    """The standards of ``cards`` that do not follow the annual plan by themselves."""
    from_plan = {"net_sales", "gross_profit", "net_profit"}
    wanted = [card for card in cards if card["indicator"] not in from_plan]
    return standards(figures, wanted, PERIOD, agreed_by(), "2026-03-18")


def _plan(kind: str, subject: str, structure: str, base: str, **rest: str | bool) -> RowDict:
    return {
        "subject_kind": kind,
        "subject_id": subject,
        "effective_from": SINCE,
        "structure": structure,
        "base": base,
        **rest,
    }


def _gated(post: str) -> bool:
    """Coefficients above 1.0 only with the key result reached: management and sales posts."""
    return str(LIBRARY.posts.loc[post, "category"]) in ("A_management", "B_sales")


# --- the draft ---------------------------------------------------------------------------

DRAFT_OPERATOR = [
    ("net_sales", "50"), ("gross_margin_rate", "20"), ("store_conversion", "20"),
    ("traffic_uv", "15"), ("ppc", "15"),
]  # fmt: skip
DRAFT_MANAGER = [
    ("net_sales", "20"), ("gmv_growth_rate", "10"), ("gross_margin_rate", "10"),
    ("store_conversion", "10"), ("promo_roi", "10"), ("traffic_uv", "10"),
    ("repurchase_rate", "10"), ("dsr_score", "10"), ("new_item_count", "5"),
    ("training_completion", "5"),
]  # fmt: skip
OWN_INDICATORS: list[RowDict] = [
    {
        "indicator": "dsr_score", "name_zh": "店铺DSR评分", "name_en": "Store rating (DSR)",
        "unit": "points", "direction": "higher_is_better", "nature": "result",
        "aggregation": "mean", "data_source": "platform_erp", "plausible_min": "1",
        "plausible_max": "5", "definition": "平台展示的描述、服务、物流三项评分的平均值",
    },
    {
        "indicator": "new_item_count", "name_zh": "新品上架数", "name_en": "New items listed",
        "unit": "count", "direction": "higher_is_better", "nature": "result",
        "aggregation": "sum", "data_source": "platform_erp", "plausible_min": "0",
        "plausible_max": "500", "definition": "当月首次上架的商品款数",
    },
]  # fmt: skip
_OWN_METHODS = {
    "dsr_score": {
        "method": "step", "step_size": "0.1", "step_deduct": "0.1",
        "standard_basis": "own_history", "data_source": "platform_erp",
    },
    "new_item_count": {
        "method": "percentage", "cap": "1", "zero_below": "0.6", "standard_basis": "agreed",
        "data_source": "platform_erp",
    },
}  # fmt: skip


def draft_cards() -> list[RowDict]:
    """The drafted scorecards: two of them wrong, the others the library's."""
    operator, manager = ("post", "store_operator"), ("employee", "E002")
    wrong = [
        card_row(operator, name, "core", weight, SINCE, duty_for("store_operator", name))
        for name, weight in DRAFT_OPERATOR
    ]
    wrong += [
        card_row(
            manager, name, "core", weight, SINCE, duty_for("channel_ops_manager", name),
            _OWN_METHODS.get(name),
        )
        for name, weight in DRAFT_MANAGER
    ]  # fmt: skip
    rows = wrong + library_cards(["store_operator"])
    for row in rows:
        if row["subject_id"] == "presales_cs" and row["indicator"] == "inquiry_conversion":
            row["standard_basis"] = "industry"
    return rows


def draft_figures() -> dict[str, dict[str, Any]]:
    """The drafted standards: pre-sales conversion at the industry's best, June below plan."""
    own = {name: dict(figures) for name, figures in FIGURES.items()}
    own["store_operator"] |= {"traffic_uv": "300000", "ppc": "1.8"}
    own["presales_cs"]["inquiry_conversion"] = "0.55"
    own["E002"] = {
        "gross_margin_rate": "0.55", "traffic_uv": "600000", "dsr_score": "4.8",
        "new_item_count": "20",
    }  # fmt: skip
    return own


def draft_plans() -> list[RowDict]:
    """One ratio of 70:30 for all 40, whatever the post."""
    pay = {post: Decimal(base) + Decimal(rest) for post, (base, rest) in WAGES.items()}
    pay["store_operator"] = Decimal(11000)
    subjects = [("post", post, post, amount) for post, amount in pay.items()]
    subjects += [
        ("employee", employee, "channel_ops_manager", Decimal(amount))
        for employee, amount in (("E002", 25000), ("E003", 20000), ("E004", 15000))
    ]
    return [
        _plan(
            kind, subject, "performance", str(amount * 70 / 100),
            performance_pay=str(amount * 30 / 100), coefficient_table="T1",
            over_gate=_gated(post),
        )
        for kind, subject, post, amount in subjects
    ]  # fmt: skip


# --- the repaired scheme -------------------------------------------------------------------


def repaired_cards() -> list[RowDict]:
    """The library's scorecards; pre-sales by percentages, the accountant's old card."""
    rows = library_cards(["accountant"])
    changes = {
        "inquiry_conversion": {"method": "percentage", "cap": "1", "zero_below": "0.6"},
        "avg_response_time": {"method": "percentage", "cap": "1", "zero_below": "0.6"},
    }
    for row in rows:
        if row["subject_id"] == "presales_cs" and row["indicator"] in changes:
            for name in ("step_size", "step_deduct", "bands", "bands_on"):
                row[name] = ""
            row |= changes[row["indicator"]]
    old = [
        ("report_ontime", "core", "35"), ("report_accuracy", "core", "25"),
        ("tax_ontime", "core", "20"), ("reconciliation_ontime", "process", "20"),
    ]  # fmt: skip
    return rows + [
        card_row(
            ("post", "accountant"), name, role, weight, SINCE, duty_for("accountant", name)
        )
        for name, role, weight in old
    ]  # fmt: skip


def repaired_figures() -> dict[str, dict[str, Any]]:
    """The library's standards; from June the client insists on 55 % conversion."""
    own = {name: dict(figures) for name, figures in FIGURES.items()}
    own["presales_cs"]["inquiry_conversion"] = {
        "2026-04..2026-05": "0.37",
        "2026-06..2026-12": "0.55",
    }
    return own


COEFFICIENTS = {
    "T1": [("0", "0.5"), ("60", "0.7"), ("70", "0.9"), ("80", "1.0"), ("90", "1.1"), ("95", "1.2")],
    "service_own": [("0", "0.4"), ("60", "0.6"), ("70", "0.8"), ("80", "1.0"), ("90", "1.1")],
}


def coefficient_tables(names: Iterable[str]) -> list[RowDict]:
    """The client's coefficient tables, in force from the scheme's first day."""
    return [
        {
            "coefficient_table": name, "effective_from": SINCE, "at_least": at_least,
            "coefficient": coefficient, "form": "bands",
        }
        for name in names
        for at_least, coefficient in COEFFICIENTS[name]
    ]  # fmt: skip


#: Invented market pay of a month: low, median, high; one source is two years old.
MARKET = {
    "live_anchor": ("8500", "10200", "13000"), "store_operator": ("7500", "9000", "11500"),
    "presales_cs": ("5600", "6500", "7600"), "aftersales_cs": ("5300", "6200", "7200"),
    "picker_packer": ("5100", "5700", "6600"), "visual_designer": ("6500", "7600", "9200"),
    "accountant": ("6200", "7300", "8600"),
}  # fmt: skip


def market_pay() -> list[RowDict]:
    """What others pay for some of the posts: the rest is not known."""
    newest = {"as_of": "2026-02-28", "source": "招聘网站（虚构）"}
    older = {"as_of": "2024-11-30", "source": "行业薪酬调查（虚构）"}
    return [
        {"post": post, "low": low, "median": median, "high": high,
         **(older if post == "accountant" else newest)}
        for post, (low, median, high) in MARKET.items()
    ]  # fmt: skip


def repaired_plans() -> list[RowDict]:
    """A mix for each category; channel managers and operators on commission."""
    rows = []
    for post, (base, performance) in WAGES.items():
        table = "service_own" if post == "presales_cs" else "T1"
        rows.append(
            _plan(
                "post", post, "performance", base, performance_pay=performance,
                coefficient_table=table, over_gate=_gated(post),
                benefits=ALLOWANCE.get(post, ""),
            )
        )  # fmt: skip
    shared: dict[str, str | bool] = {"coefficient_table": "T1", "over_gate": True}
    for employee, base, rate in (
        ("E002", "12500", "0.5%"), ("E003", "10000", "0.8%"), ("E004", "7500", "1%"),
    ):  # fmt: skip
        rows.append(
            _plan(
                "employee", employee, "commission_sales", base, commission_from="channel",
                sales_rate=rate, **shared,
            )
        )  # fmt: skip
    for employee in ("E005", "E006"):
        rows.append(
            _plan(
                "employee", employee, "commission_gross_profit", "6500",
                commission_from="employee", gross_profit_rate="2%", **shared,
            )
        )  # fmt: skip
    for employee in ("E007", "E008"):
        rows.append(
            _plan("employee", employee, "performance", "4500", performance_pay="4500", **shared)
        )
    return rows
