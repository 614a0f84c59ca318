"""Each scorecard rule: a scheme that raises it, and one just inside that does not."""

from __future__ import annotations

from typing import Any

import pytest

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION
from ecperf_kit.library import load_library
from ecperf_kit.rules import check_scheme
from tests.scheme_client import a_client, card, codes, graver, library_card, staff

SIX = [
    ("net_sales", "core", 40),
    ("gross_margin_rate", "core", 20),
    ("stock_sell_through", "core", 15),
    ("promo_expense_ratio", "core", 15),
    ("listing_timeliness", "process", 5),
    ("plan_ontime", "process", 5),
]
SERVICE = "post:presales_cs"


def _with(
    rows: list[tuple[str, str, int]], subject: str = "post:store_operator", **more: Any
) -> Client:
    return a_client(scorecards=card(*rows, subject=subject, **more))


def _raised(client: Client) -> list[str]:
    return codes(check_scheme(client))


def _values(client: Client, code: str) -> dict[str, Any]:
    return dict(next(f.values for f in check_scheme(client) if f.code == code))


CASES = {
    # 40+20+15+15+5+6 = 101 against 100
    "S101": (_with([*SIX[:5], ("plan_ontime", "process", 6)]), _with(SIX)),
    # nine rows against eight
    "S102": (
        _with(
            [
                (f, "core", 14)
                for f in (
                    "net_sales",
                    "gross_profit",
                    "gross_margin_rate",
                    "stock_sell_through",
                    "promo_expense_ratio",
                )
            ]
            + [
                (f, "process", 7)
                for f in ("plan_ontime", "listing_timeliness", "cross_dept_ontime")
            ]
            + [("daily_report_timeliness", "process", 9)]
        ),
        _with(
            [
                (f, "core", 14)
                for f in (
                    "net_sales",
                    "gross_profit",
                    "gross_margin_rate",
                    "stock_sell_through",
                    "promo_expense_ratio",
                )
            ]
            + [
                (f, "process", 10)
                for f in ("plan_ontime", "listing_timeliness", "cross_dept_ontime")
            ]
        ),
    ),
    # six core rows against five, eight rows in all or fewer
    "S103": (
        _with(
            [
                (f, "core", 15)
                for f in (
                    "net_sales",
                    "gross_profit",
                    "gross_margin_rate",
                    "stock_sell_through",
                    "promo_expense_ratio",
                )
            ]
            + [("net_profit", "core", 25)]
        ),
        _with(
            [
                (f, "core", 20)
                for f in (
                    "net_sales",
                    "gross_profit",
                    "gross_margin_rate",
                    "stock_sell_through",
                    "promo_expense_ratio",
                )
            ]
        ),
    ),
    "S104": (_with([("plan_ontime", "process", 100)]), _with([("net_sales", "core", 100)])),
    "S105": (
        _with([("net_sales", "core", 60), ("gross_margin_rate", "core", 40)]),
        _with(
            [
                ("net_sales", "core", 40),
                ("gross_margin_rate", "core", 30),
                ("net_profit", "core", 30),
            ]
        ),
    ),
    "S106": (
        _with(
            [
                ("net_sales", "core", 60),
                *[
                    (f, "process", 10)
                    for f in (
                        "plan_ontime",
                        "listing_timeliness",
                        "cross_dept_ontime",
                        "daily_report_timeliness",
                    )
                ],
            ]
        ),
        _with(
            [
                ("net_sales", "core", 70),
                *[
                    (f, "process", 10)
                    for f in ("plan_ontime", "listing_timeliness", "cross_dept_ontime")
                ],
            ]
        ),
    ),
    # conversion is a result for the copywriter, not for whoever answers for a channel
    "S107": (
        _with([*SIX[:3], ("store_conversion", "core", 25)]),
        _with([*SIX[:3], ("store_conversion", "core", 25)], subject="post:copywriter"),
    ),
    "S108": (
        _with([*SIX[:3], ("promo_roi", "core", 25)]),
        _with([*SIX[:3], ("promo_roi", "core", 25)], subject="post:promo_specialist"),
    ),
    # 69 of 100 against 70 of 100
    "S109": (
        _with(
            [
                ("net_sales", "core", 69),
                ("plan_ontime", "process", 16),
                ("listing_timeliness", "process", 15),
            ]
        ),
        _with(
            [
                ("net_sales", "core", 70),
                ("plan_ontime", "process", 15),
                ("listing_timeliness", "process", 15),
            ]
        ),
    ),
    # a process row of 16 above a core row of 15; 15 beside 15 is allowed
    "S110": (
        _with(
            [("net_sales", "core", 69), ("net_profit", "core", 15), ("plan_ontime", "process", 16)]
        ),
        _with(
            [("net_sales", "core", 70), ("net_profit", "core", 15), ("plan_ontime", "process", 15)]
        ),
    ),
    "S112": (
        _with(
            [("ship_accuracy", "core", 60), ("mis_ship_rate", "core", 40)],
            subject="post:picker_packer",
        ),
        _with(
            [("ship_accuracy", "core", 60), ("pack_damage_rate", "core", 40)],
            subject="post:picker_packer",
        ),
    ),
    "S113": (_with(SIX, duty=""), _with(SIX)),
    # labour disputes settle by the quarter, the post is assessed by the month
    "S114": (
        _with(
            [("recruit_completion", "core", 70), ("labour_dispute", "process", 30)],
            subject="post:hr_specialist",
        ),
        _with(
            [("recruit_completion", "core", 70), ("training_completion", "process", 30)],
            subject="post:hr_specialist",
        ),
    ),
}


@pytest.mark.parametrize("code", CASES)
def test_raised_and_not_raised(code: str) -> None:
    bad, near = CASES[code]
    assert code in _raised(bad)
    assert code not in _raised(near)


def test_library_scheme_is_sound() -> None:
    posts = list(load_library().posts.index)
    client = a_client(**staff(*posts), scorecards=[r for p in posts for r in library_card(p)])
    assert graver(client, check_scheme(client)) == []


def test_weights_of_120_and_three_forbidden() -> None:
    # 50 + 20 + 20 + 15 + 15 = 120, twenty more than 100
    client = _with(
        [
            ("net_sales", "core", 50),
            ("gross_margin_rate", "core", 20),
            ("store_conversion", "core", 20),
            ("traffic_uv", "core", 15),
            ("ppc", "core", 15),
        ]
    )
    assert graver(client, check_scheme(client)) == ["S101", "S107", "S107", "S107"]
    values = _values(client, "S101")
    assert (values["weight"], values["difference"]) == (120 * MILLION, 20 * MILLION)


def test_ten_indicators_drop_the_banned_and_the_lightest() -> None:
    # ten core rows, five may stay: the two forbidden and ROI go, then the two lightest (6 and 7)
    rows = [
        ("net_sales", 20),
        ("gmv_growth_rate", 6),
        ("gross_margin_rate", 15),
        ("store_conversion", 9),
        ("promo_roi", 9),
        ("traffic_uv", 9),
        ("repurchase_rate", 8),
        ("cs_satisfaction", 9),
        ("new_product_sales", 8),
        ("training_completion", 7),
    ]
    client = _with(
        [(name, "core", weight) for name, weight in rows], subject="post:channel_ops_manager"
    )
    assert graver(client, check_scheme(client)) == ["S102", "S107", "S107", "S108"]
    assert set(_values(client, "S102")["dropped"]) == {
        "store_conversion",
        "traffic_uv",
        "promo_roi",
        "gmv_growth_rate",
        "training_completion",
    }


def test_rating_without_data_is_refused_but_a_measured_row_may_be_confirmed_by_hand() -> None:
    own = [
        {
            "indicator": "attitude",
            "name_zh": "工作态度",
            "name_en": "Attitude",
            "unit": "points",
            "direction": "higher_is_better",
            "aggregation": "mean",
            "data_source": "none",
        }
    ]
    rows = card(("inquiry_conversion", "core", 90), subject=SERVICE)
    rated = {
        **rows[0],
        "indicator": "attitude",
        "role": "process",
        "weight": 10,
        "data_source": "none",
    }
    assert "S111" in _raised(a_client(indicators=own, scorecards=[*rows, rated]))
    measured = {**rated, "indicator": "qa_score"}
    assert "S111" not in _raised(a_client(scorecards=[*rows, measured]))


def _two_posts(*cards: dict[str, Any]) -> Client:
    tables = staff("live_controller", "video_editor")
    tables["assignments"] = [
        {**row, "employee": "E1", "time_share": share}
        for row, share in zip(tables["assignments"][1:], ("0.6", "0.4"), strict=True)
    ]
    return a_client(**tables, scorecards=cards)


def test_two_posts_need_one_scorecard_of_their_own() -> None:
    both = [*library_card("live_controller"), *library_card("video_editor")]
    assert "S115" in _raised(_two_posts(*both))
    own = card(
        ("live_error_count", "core", 60), ("content_output", "core", 40), subject="employee:E1"
    )
    raised = _raised(_two_posts(*both, *own))
    assert "S115" not in raised and "S116" in raised


def test_people_without_scorecard_are_reported_once_per_post() -> None:
    client = a_client(
        **staff("accountant", "accountant", "cashier"), scorecards=library_card("cashier")
    )
    missing = [f for f in check_scheme(client) if f.code == "S117"]
    # E0 has no superior and is not assessed; two accountants are one finding
    assert [(f.subject, f.values["persons"]) for f in missing] == [("post:accountant", 2)]


def test_the_newest_version_of_the_period_counts() -> None:
    wrong = card(("net_sales", "core", 90), effective_from="2026-01-01")
    right = card(("net_sales", "core", 100), effective_from="2026-07-01")
    assert "S101" not in _raised(a_client(scorecards=[*wrong, *right]))
    assert "S101" in _raised(a_client("2026-06", scorecards=[*wrong, *right]))
