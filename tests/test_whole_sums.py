"""A sum of which a part is not known is no sum, and nothing is counted twice."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import exact
from ecperf_kit.method.scorecards import assessed_rows
from ecperf_kit.period import Period
from ecperf_kit.rules import check_scheme
from ecperf_kit.rules.pay import full_attainment
from ecperf_kit.rules.plan import plan_months
from ecperf_kit.rules.plan_parts import plan_parts
from ecperf_kit.rules.proposal import plan_proposal, sold_by_month
from ecperf_kit.stages.pay_change import pay_changes
from ecperf_kit.stages.rollout_progress import progress
from tests.scheme_client import a_client, card, library_card, plan, staff, table_t1

JUNE = "2026-06"


def _target(amount: Any, channel: str = "tmall", **more: Any) -> dict[str, Any]:
    return {"month": JUNE, "channel": channel, "measure": "net_sales", "amount": amount, **more}


def _planned(*targets: dict[str, Any], **more: Any) -> Client:
    people = staff("store_operator")
    cards = library_card("store_operator")
    return a_client(**people, scorecards=cards, targets=list(targets), **more)


def _standard(client: Client) -> int | None:
    rows = assessed_rows(client, [JUNE]).set_index("indicator")
    found = rows.loc["net_sales", "standard"]
    return None if pd.isna(found) else int(found)


def _months(client: Client) -> dict[str, int]:
    table = plan_months(client)
    return dict(zip(table["channel"], table["amount"].astype("int64"), strict=True))


def test_what_is_left_of_a_plan_is_not_the_plan() -> None:
    both = (_target(300, category="A"), _target(200, category="B"))
    assert _standard(_planned(*both)) == exact("500")
    assert _months(_planned(*both)) == {"": exact("500"), "tmall": exact("500")}
    half = (_target(300, category="A"), _target(None, category="B"))
    assert _standard(_planned(*half)) is None  # not 300
    assert _months(_planned(*half)) == {}
    # the whole is given: an unreadable category beside it does no harm
    whole = (_target(500), *half)
    assert _standard(_planned(*whole)) == exact("500")
    # a channel that is not known leaves the others theirs, and the firm's sum open
    other = (_target(500), _target(None, "douyin"))
    assert _standard(_planned(*other)) == exact("500")
    assert _months(_planned(*other)) == {"tmall": exact("500")}


def _typed(standard: Any, period: str, employee: str = "E1") -> dict[str, Any]:
    return {"subject_kind": "employee", "subject_id": employee, "indicator": "net_sales",
            "period": period, "standard": standard}  # fmt: skip


def test_a_month_of_its_own_replaces_the_same_month_of_a_years_standard() -> None:
    config = {"dates": {"plan_year": 2026, "pilot_from": JUNE}}
    for order in (1, -1):
        own = [_typed(100, JUNE), _typed(300, "2026")][::order]
        two = staff("store_operator", "store_operator")
        tables: dict[str, Any] = {
            **two, "scorecards": library_card("store_operator"), "targets": [_target(500)],
        }  # fmt: skip
        parts = plan_parts(a_client(config=config, **tables, standards=own)).parts
        # E1 keeps 100 of 500, not 300: E2 gets 400
        assert list(zip(parts["employee"], parts["standard"], strict=True)) == [
            ("E2", exact("400"))
        ]
        # 100 and 400 are the plan: the year's 300 does not count beside June's 100
        typed = [*own, _typed(400, JUNE, "E2")]
        client = a_client(config=config, **tables, standards=typed)
        june = [f for f in check_scheme(client) if f.code == "S168" and f.values["month"] == JUNE]
        assert june == []


def _sold(channel: str, month: str, value: Any) -> dict[str, Any]:
    return {"subject_kind": "channel", "subject_id": channel, "indicator": "net_sales",
            "period": month, "value": value, "source_kind": "finance_report"}  # fmt: skip


def test_a_month_of_which_a_channel_is_not_known_is_no_month() -> None:
    client = a_client(actuals=[
        _sold("tmall", "2026-05", 300), _sold("douyin", "2026-05", 100),
        _sold("tmall", JUNE, 300), _sold("douyin", JUNE, None),
    ])  # fmt: skip
    assert sold_by_month(client).to_dict() == {"2026-05": exact("400")}


def test_half_a_ratio_does_not_lower_the_proposed_budget() -> None:
    of = {"subject_kind": "channel", "subject_id": "tmall", "indicator": "gross_margin_rate",
          "source_kind": "finance_report"}  # fmt: skip
    rows = [
        {**of, "period": "2026-04", "numerator": 55, "denominator": 100},
        {**of, "period": "2026-05", "numerator": None, "denominator": 100},
    ]
    config = {"targets": {"annual_net_sales": "1000"}}
    proposed = plan_proposal(a_client(config=config, actuals=rows))
    assert proposed is not None
    said = {each.part: each.values for each in proposed.assumptions}
    assert said["gross_profit"]["rate"] == exact("0.55")  # not 55 of 200


def test_progress_counts_a_plan_once_and_only_a_whole_one() -> None:
    targets = [_target(500), _target(300, category="A"), _target(200, category="B")]
    client = _planned(*targets, actuals=[_sold("tmall", JUNE, 400)])
    (row,) = progress(client, Period.parse(JUNE)).to_dict("records")
    # 400 of 500 are 80 %, not 400 of 1,000
    assert (row["plan"], row["share"], row["to_go"]) == (exact("500"), exact("0.8"), exact("100"))
    two = Period.parse("2026-05..2026-06")
    sold = [_sold("tmall", "2026-05", 400), _sold("tmall", JUNE, 400)]
    # May has no plan: June's 500 are not the plan of both months
    (row,) = progress(_planned(*targets, actuals=sold), two).to_dict("records")
    assert pd.isna(row["plan"]) and pd.isna(row["share"]) and row["actual"] == exact("800")


def test_a_base_that_is_not_known_is_not_0_in_a_consent() -> None:
    people = staff("store_operator")
    cards = card(("net_sales", "core", 100))
    tables: dict[str, Any] = {**people, "scorecards": cards, "coefficient_tables": table_t1()}
    known = pay_changes(a_client(**tables, pay_plans=[plan("store_operator", 5000, 2000)]), JUNE)
    assert known["E1"].base == exact("5000")
    assert known["E1"].guaranteed == exact("6000")  # 5,000 and half of 2,000
    client = a_client(**tables, pay_plans=[plan("store_operator", None, 2000)])
    change = pay_changes(client, JUNE)["E1"]
    assert (change.base, change.guaranteed, change.share, change.planned) == (None,) * 4
    # nor does it stop the scheme check, or count in what everybody costs
    assert full_attainment(client) is None
