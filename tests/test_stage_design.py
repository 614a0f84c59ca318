"""The design stage: conclusions and proposals, nothing written to the client."""

from __future__ import annotations

from typing import Any

import pytest

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, exact
from ecperf_kit.stages import conclude
from tests.scheme_client import (
    a_client,
    card,
    changed,
    library_card,
    plan,
    staff,
    table_t1,
    year_plan,
)
from tests.stage_checks import worded

CHANNELS = {"tmall": "0.5", "douyin": "0.5"}


def _draft() -> Client:
    """One scorecard of 120 points with forbidden indicators, one standard far off, one sound."""
    wrong = card(
        ("net_sales", "core", 50),
        ("gross_margin_rate", "core", 20),
        ("store_conversion", "core", 20),
        ("traffic_uv", "core", 15),
        ("ppc", "core", 15),
    )
    service: dict[str, Any] = {"subject_kind": "post", "subject_id": "presales_cs"}
    rate = {**service, "indicator": "inquiry_conversion"}
    return a_client(
        config={"dates": {"plan_year": 2026, "pilot_from": "2026-04", "pilot_to": "2026-09"}},
        **staff("store_operator", "presales_cs", "presales_cs", "presales_cs"),
        scorecards=[*wrong, *library_card("presales_cs")],
        targets=year_plan(60_000_000, CHANNELS),
        standards=[{**rate, "period": "2026-06", "standard": "0.55"}],
        actuals=[{**rate, "period": "2026-05", "value": "0.37", "source_kind": "platform_erp"}],
        pay_plans=[plan("store_operator", 5000, 5000), plan("presales_cs", 4550, 1950)],
        coefficient_tables=table_t1(),
    )


def _one_number() -> Client:
    tables = staff("live_anchor", channel="live")
    tables["channels"] = [
        {"channel": "live", "name": "直播间"},
        {"channel": "shelf", "name": "货架"},
    ]
    sold = {"subject_kind": "channel", "indicator": "net_sales", "period": "2025-12"}
    actuals = [
        {**sold, "subject_id": name, "value": value, "source_kind": "platform_erp"}
        for name, value in (("live", 60), ("shelf", 40))
    ]
    return a_client(
        config={"targets": {"annual_net_sales": "6000000"}, "pay": {"seasonality": "snacks"}},
        **tables,
        actuals=actuals,
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_word_is_there(language: str) -> None:
    for client in (_draft(), _one_number(), a_client()):
        assert all(worded(client, conclude("design", client), language))


def test_the_draft_has_one_wrong_scorecard_and_its_repair() -> None:
    report = conclude("design", _draft())
    assert report.title.key == "design.title.errors_standards"
    checked = report.table("scorecard_check").set_index("subject")
    assert checked.at["post:store_operator", "weight"] == 120 * MILLION
    assert checked.at["post:store_operator", "state"] == "change"
    assert checked.at["post:presales_cs", "errors"] == 0
    repair = report.table("repairs").set_index("indicator")
    assert set(repair["subject"]) == {"post:store_operator"}
    assert int(repair["proposed"].sum()) == 100 * MILLION
    assert repair.at["net_sales", "state"] == "reweighted"  # 50 now, 40 in the library
    assert repair.at["gross_margin_rate", "state"] == "kept"
    assert repair.at["ppc", "state"] == "dropped"
    assert repair.at["stock_sell_through", "state"] == "added"


def test_steps_from_37_percent() -> None:
    steps = conclude("design", _draft()).table("standard_steps").iloc[0]
    path = [steps["first"], steps["second"], steps["third"]]
    assert path == [exact("0.40"), exact("0.42"), exact("0.45")]
    assert steps["state"] == "jump"


def test_a_sound_plan_adds_up() -> None:
    check = conclude("design", _draft()).table("plan_check").set_index("measure")
    # the plan is 60 m; nobody gave an annual figure or a product plan beside it
    assert list(check["state"]) == ["adds_up", "not_given", "not_given"]
    assert list(check["plan"]) == [exact("60000000")] * 3


def test_one_number_is_broken_down_to_the_fen_and_marked() -> None:
    report = conclude("design", _one_number())
    assert report.title.key == "design.title.locked"
    months = report.table("plan_months")
    assert set(months["state"]) == {"proposal"}
    assert len(months) == 24
    assert int(months["amount"].sum()) == exact("6000000")
    # January 12 % of 6.0 m is 0.72 m, 60 % of it live: 0.432 m
    january = months[months["month"] == "2026-01"]
    assert sorted(january["amount"]) == [exact("288000"), exact("432000")]


def test_categories_of_one_or_two_people_show_no_pay_mix() -> None:
    mix = conclude("design", _draft()).table("pay_mix").set_index("category")
    # one operator: hidden; three in service: 1,950 of 6,500 is 30 %
    assert mix["performance"].isna()["B_sales"]
    assert mix.at["C_support", "performance"] == exact("0.30")


def test_single_pay_stays_in_restricted_tables() -> None:
    report = conclude("design", _draft())
    assert report.tables["commission_rates"].restricted
    for table in report.tables.values():
        names = {column.name for column in table.declaration.columns}
        if not table.restricted:
            assert "employee" not in names and "expected" not in names


def test_cost_at_full_attainment_is_a_group_figure() -> None:
    # 10,000 + 3 x 6,500 = 29,500, of which pre-sales are told: the operator's is left
    assert conclude("design", _draft()).table("cost").empty
    three = plan("presales_cs", 4550, 1950)
    own = plan("", 5000, None, subject_kind="employee", subject_id="E1", structure="fixed")
    client = changed(_draft(), pay_plans=[three, {**own, "coefficient_table": None}])
    cost = conclude("design", client).table("cost").iloc[0]
    # 3 x 6,500 = 19,500; 3 x 1,950 x 0.2 = 1,170 more
    assert (cost["planned"], cost["extra"]) == (exact("19500"), exact("1170"))


def test_nothing_is_changed_in_the_client() -> None:
    client = _draft()
    before = {name: frame.copy() for name, frame in client.tables.items()}
    conclude("design", client)
    for name, frame in client.tables.items():
        assert frame.equals(before[name]) and list(frame.columns) == list(before[name].columns)


def test_open_tables_name_posts_and_never_persons() -> None:
    own = [
        {**row, "subject_kind": "employee", "subject_id": employee}
        for employee in ("E1", "E2")
        for row in library_card("presales_cs")
    ]
    client = a_client(
        **staff("presales_cs", "presales_cs", "presales_cs"),
        scorecards=[*library_card("presales_cs"), *own],
        coefficient_tables=table_t1(),
    )
    report = conclude("design", client)
    subjects = set(report.table("scorecard_check")["subject"])
    # two of the three have a scorecard of their own, and one post has both
    assert subjects == {
        "post:presales_cs", "own_card:presales_cs#1", "own_card:presales_cs#2",
    }  # fmt: skip
    for table in report.tables.values():
        if not table.restricted and "subject" in table.frame:
            assert not table.frame["subject"].astype(str).str.startswith("employee:").any()


def test_a_ratio_other_than_conversion_rises_by_two_points_or_not_at_all() -> None:
    of = {"subject_kind": "post", "subject_id": "store_operator"}
    rows = (("stock_sell_through", "0.582", "0.60"), ("return_refund_rate", "0.052", "0.05"))
    client = a_client(
        **staff("store_operator", "store_operator", "store_operator"),
        scorecards=card(*((name, "core", 50) for name, _, _ in rows)),
        standards=[
            {**of, "indicator": name, "period": "2026-06", "standard": standard}
            for name, _, standard in rows
        ],
        actuals=[
            {**of, "indicator": name, "period": "2026-05", "value": actual,
             "source_kind": "platform_erp"}
            for name, actual, _ in rows
        ],
    )  # fmt: skip
    steps = conclude("design", client).table("standard_steps").set_index("indicator")
    selling = steps.loc["stock_sell_through", ["first", "second", "third"]]
    assert list(selling) == [exact("0.602"), exact("0.622"), exact("0.642")]
    # two points of 5.2 % would be a jump by the kit's own rule
    assert steps.loc["return_refund_rate", ["first", "second", "third"]].isna().all()
