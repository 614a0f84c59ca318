"""Rules on the plan and on standards: sums, deviations, jumps, bands, agreements."""

from __future__ import annotations

from typing import Any

from ecperf_kit.client import Client
from ecperf_kit.exact import exact
from ecperf_kit.rules import check_scheme
from ecperf_kit.rules.plan import annual_plan
from tests.scheme_client import a_client, card, codes, library_card, staff, year_plan

PLAN = year_plan(60_000_000, {"tmall": "0.5", "douyin": "0.5"})
APPROVED = {
    "applied_on": "2026-05-20",
    "evidence": "供应商停产通知",
    "approved_by": "总经理",
    "approved_on": "2026-05-25",
    "published_on": "2026-05-28",
}


def _standard(value: str, indicator: str = "inquiry_conversion", **more: Any) -> dict[str, Any]:
    row = {
        "subject_kind": "post",
        "subject_id": "presales_cs",
        "indicator": indicator,
        "period": "2026-06",
        "standard": value,
    }
    return row | more


def _actual(
    value: str | None, indicator: str = "inquiry_conversion", **more: Any
) -> dict[str, Any]:
    row = {
        "subject_kind": "post",
        "subject_id": "presales_cs",
        "indicator": indicator,
        "period": "2026-05",
        "value": value,
        "source_kind": "platform_erp",
    }
    return row | more


def _of_sales(value: str, **more: Any) -> Client:
    typed = _standard(
        value,
        "net_sales",
        subject_kind="post_channel",
        subject_id="channel_ops_manager@tmall",
        **more,
    )
    return a_client(**staff("channel_ops_manager"), targets=PLAN, standards=[typed])


def _service(standards: list[dict[str, Any]], actuals: list[dict[str, Any]], **more: Any) -> Client:
    cards = card(("inquiry_conversion", "core", 100), subject="post:presales_cs", **more)
    return a_client(**staff("presales_cs"), scorecards=cards, standards=standards, actuals=actuals)


def _raised(client: Client) -> list[str]:
    return codes(check_scheme(client))


def _values(client: Client, code: str) -> dict[str, Any]:
    return dict(next(f.values for f in check_scheme(client) if f.code == code))


def test_june_of_3_million_against_a_plan_of_3_6_million() -> None:
    # 60 m x 50 % x 12 % = 3.60 m; (3.00 - 3.60) / 3.60 = -16.7 %
    values = _values(_of_sales("3000000"), "S130")
    assert values["plan"] == (exact("3600000"), "CNY")
    assert values["gap"] == exact("-0.166667")


def test_following_the_plan_or_an_approved_correction_is_fine() -> None:
    assert "S130" not in _raised(_of_sales("3600000"))
    assert "S130" not in _raised(_of_sales("3000000", **APPROVED))


def test_a_correction_that_was_not_published_is_none() -> None:
    assert "S130" in _raised(_of_sales("3000000", **{**APPROVED, "published_on": None}))


def test_a_quarter_is_compared_with_its_three_months() -> None:
    # April, May, June: 6 + 7 + 12 = 25 % of 30 m = 7.5 m
    assert "S130" not in _raised(_of_sales("7500000", period="2026-Q2"))


def test_37_to_55_is_a_jump_with_one_code_even_on_an_industry_basis() -> None:
    client = _service([_standard("0.55")], [_actual("0.37")], standard_basis="industry")
    assert _raised(client).count("S131") == 1
    assert "S132" not in _raised(client)
    # 18 points on 37 % are 48.6 %
    assert _values(client, "S131")["relative"] == exact("0.486486")


def test_37_to_40_is_no_jump() -> None:
    assert "S131" not in _raised(_service([_standard("0.40")], [_actual("0.37")]))


def test_the_limits_of_a_jump() -> None:
    # five points exactly are allowed (10 % of 50 %), a hundredth of a point more is not
    assert "S131" not in _raised(_service([_standard("0.55")], [_actual("0.50")]))
    assert "S131" in _raised(_service([_standard("0.5501")], [_actual("0.50")]))


def test_the_last_actual_before_the_standard_counts() -> None:
    earlier = [_actual("0.37", period="2026-03"), _actual("0.52", period="2026-05")]
    assert "S131" not in _raised(_service([_standard("0.55")], earlier))


def test_people_stand_for_their_post_by_ratio_of_sums() -> None:
    # 20 of 50 and 54 of 150 conversions: 74 of 200 is 37 %, not the mean of 40 % and 36 %
    tables = staff("presales_cs", "presales_cs")
    sums = [
        _actual(None, subject_kind="employee", subject_id=name, numerator=top, denominator=bottom)
        for name, top, bottom in (("E1", 20, 50), ("E2", 54, 150))
    ]
    client = a_client(
        **tables,
        scorecards=card(("inquiry_conversion", "core", 100), subject="post:presales_cs"),
        standards=[_standard("0.55")],
        actuals=sums,
    )
    assert _values(client, "S131")["actual"] == (exact("0.37"), "ratio")


def test_lower_is_better_jumps_downwards() -> None:
    cards = card(("avg_response_time", "core", 100), subject="post:presales_cs")
    tables = {**staff("presales_cs"), "scorecards": cards}

    def raised(standard: str) -> list[str]:
        return _raised(
            a_client(
                **tables,
                standards=[_standard(standard, "avg_response_time")],
                actuals=[_actual("48", "avg_response_time")],
            )
        )

    assert "S131" in raised("30")  # 18 of 48 s is 37.5 %
    assert "S131" not in raised("42")  # 6 of 48 s is 12.5 %
    assert "S131" not in raised("60")  # easier than before


def test_industry_figure_without_history() -> None:
    assert "S132" in _raised(_service([_standard("0.55")], [], standard_basis="industry"))
    assert "S132" not in _raised(_service([_standard("0.55")], [], standard_basis="own_history"))


def test_full_band_and_standard_must_meet() -> None:
    # the library's response bands give full marks up to 30 s
    cards = library_card("presales_cs")
    for standard, wrong in (("25", True), ("30", False), ("40", True)):
        client = a_client(
            **staff("presales_cs"),
            scorecards=cards,
            standards=[_standard(standard, "avg_response_time")],
        )
        assert ("S133" in _raised(client)) is wrong


def test_an_agreed_standard_names_parties_and_date() -> None:
    signed = {"agreed_by": "客服主管、李四", "agreed_on": "2026-03-01"}
    assert "S134" in _raised(_service([_standard("0.40")], [], standard_basis="agreed"))
    assert "S134" not in _raised(
        _service([_standard("0.40", **signed)], [], standard_basis="agreed")
    )


def test_a_plan_adds_up_to_the_fen() -> None:
    total = [
        {"month": row["month"], "measure": "net_sales", "amount": row["amount"] * 2}
        for row in PLAN[:12]
    ]
    whole = {"targets": {"annual_net_sales": "60000000"}}
    assert "S135" not in _raised(a_client(config=whole, targets=[*PLAN, *total]))
    one_fen = [{**PLAN[0], "amount": "2400000.01"}, *PLAN[1:]]
    client = a_client(config=whole, targets=[*one_fen, *total])
    assert [f.values["difference"] for f in check_scheme(client) if f.code == "S135"] == [
        exact("-0.01")
    ]


def test_the_owners_figure_and_the_product_plan_equal_the_months() -> None:
    products = [{"product": "P1", "name": "被套", "annual_sales": "59999999.99"}]
    client = a_client(targets=PLAN, product_plan=products)
    assert _values(client, "S135")["difference"] == exact("-0.01")
    exactly = [{**products[0], "annual_sales": "60000000"}]
    assert "S135" not in _raised(a_client(targets=PLAN, product_plan=exactly))


def test_missing_months() -> None:
    without_may = [row for row in PLAN if row["month"] != "2026-05"]
    assert _values(a_client(targets=without_may), "S136")["months"] == ("2026-05",)
    assert "S136" not in _raised(a_client(targets=PLAN))


def test_annual_plan_by_channel() -> None:
    assert annual_plan(a_client(targets=PLAN)) == {
        "": exact("60000000"),
        "douyin": exact("30000000"),
        "tmall": exact("30000000"),
    }


def _parts_of_april(*amounts: str) -> list[str]:
    """Two people sell in one channel whose plan for April is 60 m x 50 % x 6 % = 1.8 m."""
    typed = [
        _standard(amount, "net_sales", subject_kind="employee", subject_id=f"E{at}",
                  period="2026-04")
        for at, amount in enumerate(amounts, start=1)
    ]  # fmt: skip
    team = staff("store_operator", "store_operator")
    return codes(check_scheme(a_client(**team, targets=PLAN, standards=typed)))


def test_personal_standards_add_up_to_the_channels_plan() -> None:
    assert "S168" in _parts_of_april("1000000", "799999.99")
    assert not {"S168", "S130"} & set(_parts_of_april("1000000", "800000"))
    assert "S168" not in _parts_of_april("1000000")  # the other answers for the whole channel


def test_who_serves_a_channel_alone_answers_for_its_whole_plan() -> None:
    typed = _standard("1000000", "net_sales", subject_kind="employee", subject_id="E1",
                      period="2026-04")  # fmt: skip
    alone = a_client(**staff("store_operator"), targets=PLAN, standards=[typed])
    assert "S130" in codes(check_scheme(alone))


def _monthly_over_a_quarter(value: str, **more: Any) -> Client:
    """A monthly post's standard for April to June, planned at 1.8, 2.1 and 3.6 million."""
    return _of_sales(value, period="2026-04..2026-06", **more)


def test_a_monthly_standard_over_a_span_is_compared_with_each_month() -> None:
    # 2.0 m a month: 0.2 m over April, 0.1 m under May, 1.6 m under June (-1.6 / 3.6 = -44.4444 %)
    values = _values(_monthly_over_a_quarter("2000000"), "S130")
    assert values["period"] == "2026-06"
    assert values["plan"] == (exact("3600000"), "CNY")
    assert values["gap"] == exact("-0.444444")
    assert values["cycles"] == 3
    assert values["apart"] == exact("1900000")
    # 1.8 m is April's plan to the fen: off in May (-14.3 %) and June (-50 %) only
    values = _values(_monthly_over_a_quarter("1800000"), "S130")
    assert (values["period"], values["gap"]) == ("2026-06", exact("-0.5"))
    assert (values["cycles"], values["apart"]) == (2, exact("2100000"))


def test_the_same_standard_each_month_of_an_even_plan_is_on_plan() -> None:
    even = [{"month": f"2026-{m:02d}", "channel": "tmall", "measure": "net_sales",
             "amount": 2_000_000} for m in (4, 5, 6)]  # fmt: skip

    def typed(value: str) -> Client:
        row = _standard(value, "net_sales", subject_kind="post_channel",
                        subject_id="channel_ops_manager@tmall",
                        period="2026-04..2026-06")  # fmt: skip
        return a_client(**staff("channel_ops_manager"), targets=even, standards=[row])

    assert "S130" not in _raised(typed("2000000"))
    # 2.2 m a month is 10 % over each, not 63 % under the three months' 6 m
    values = _values(typed("2200000"), "S130")
    assert (values["period"], values["gap"]) == ("2026-04", exact("0.1"))
    assert values["apart"] == exact("600000")


def test_a_quarterly_posts_standard_is_compared_with_whole_quarters() -> None:
    # Tmall's quarters: 7.5 m from April to June, 19 % of 30 m = 5.7 m from July to September
    def raised(value: str) -> list[str]:
        row = _standard(value, "net_sales", subject_kind="post_channel",
                        subject_id="ecommerce_director@tmall",
                        period="2026-04..2026-09")  # fmt: skip
        client = a_client(**staff(), targets=PLAN, standards=[row])
        return [f.values["period"] for f in check_scheme(client) if f.code == "S130"]

    assert raised("7500000") == ["2026-07..2026-09"]  # 31.6 % over; the second quarter is met
    assert raised("13200000") == []  # the half-year's plan to the fen
