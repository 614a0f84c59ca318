"""Work analysis, job descriptions and indicators of the HR-finance article, clause by clause."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from golden_cases import scorable
from papers_read import rows as rows_of
from papers_read import said
from test_explain import JUNE, demo
from test_explain import said as words_of
from test_papers import small
from test_rules_organisation import _ready
from test_rules_scheme import SIX, _with
from test_stage_rollout import changed as june_with
from test_stage_rollout import codes as codes_of
from test_stage_rollout import configured, without
from test_stage_rollout import rollout as concluded

from ecperf_kit.exact import exact
from ecperf_kit.library import load_library
from ecperf_kit.method.scoring import score
from ecperf_kit.outputs.papers.facts import Facts
from ecperf_kit.outputs.papers.job_description import job_description
from ecperf_kit.outputs.wording import Wording
from ecperf_kit.rules.duties import recommendation
from ecperf_kit.rules.scheme import SCORECARD_RULES
from ecperf_kit.stages import conclude
from ecperf_kit.stages.explain import explain
from tests.clause_client import told
from tests.scheme_client import a_client, card, staff

LIBRARY = load_library()
INDICATORS = LIBRARY.indicators


@cache
def _paper(post: str) -> bytes:
    return job_description(Facts(small("en")), post).bytes()


def _linked(*posts: str) -> set[str]:
    rows = LIBRARY.duties[LIBRARY.duties["post"].isin(posts)]
    return {name for names in rows["indicators"].dropna() for name in names.split(";") if name}


def _steps(post: str) -> list[str]:
    return str(LIBRARY.posts.at[post, "steps_zh"]).split(";")


# -- work analysis -------------------------------------------------------------------------
def test_n_2_1_1_every_post_has_the_steps_of_its_process() -> None:
    for column in ("steps_zh", "steps_en"):
        steps = LIBRARY.posts[column].str.split(";")
        assert (steps.map(len) >= 3).all()
    # and they stand on the job description
    assert "customer asks" in said(_paper("presales_cs"))


def test_n_2_1_2_operations_select_list_promote_convert_review() -> None:
    for post in ("store_operator", "channel_ops_manager"):
        assert _steps(post) == ["选品", "上架", "推广", "转化", "复盘"]


def test_n_2_1_3_service_asked_solved_improved() -> None:
    assert _steps("presales_cs") == ["客户咨询", "问题解决", "反馈优化"]


def test_n_2_1_4_warehouse_received_picked_packed_shipped_after_sale() -> None:
    assert _steps("warehouse_supervisor") == ["订单接收", "拣货", "打包", "发货", "售后"]
    assert _steps("picker_packer") == _steps("warehouse_supervisor")[:4]


@pytest.mark.parametrize(
    ("post", "indicators"),
    [("copywriter", "store_conversion"), ("aftersales_cs", "fcr;cs_satisfaction")],
)
def test_n_2_1_8_a_duty_becomes_an_indicator(post: str, indicators: str) -> None:
    # the client gives the post one duty of its own: its indicators follow from that duty alone
    duty = {"post": post, "duty": f"{post}.own", "text": "本岗职责", "indicators": indicators}
    client = a_client(**staff(post), duties=[duty])
    found = recommendation(client)
    own = found[found["post"] == post]
    assert indicators.split(";")[0] in set(own["indicator"])
    assert set(own["indicator"]) <= set(indicators.split(";"))
    assert {names for row in own["duties"] for names in row} == {duty["duty"]}
    assert int(own["weight"].sum()) == exact("100")


def test_n_2_2_2_operations_grow_sales_and_approve_up_to_5000() -> None:
    text = said(_paper("store_operator"))
    assert "5,000" in text and "3. Authority limits" in text
    # what the post answers for: sales and what promotion costs of them; growth, conversion and
    # return on promotion are there to be measured, but on a channel post they are refused or
    # advised against, for the assessment method goes before the HR-finance article
    assert {"net_sales", "promo_expense_ratio"} <= _linked("store_operator")
    raised = {}
    for name in ("gmv_growth_rate", "store_conversion", "promo_roi"):
        client = _with([*SIX[:3], (name, "core", 25)])
        raised[name] = {"S107", "S108"} & set(told(client, SCORECARD_RULES))
    assert raised == {
        "gmv_growth_rate": set(), "store_conversion": {"S107"}, "promo_roi": {"S108"},
    }  # fmt: skip


def test_n_2_2_3_service_solves_and_compensates_up_to_100() -> None:
    assert "CNY 100 a case" in said(_paper("presales_cs"))
    linked = _linked("presales_cs", "aftersales_cs")
    assert {"avg_response_time", "cs_satisfaction", "fcr"} <= linked
    named = {row[2] for row in rows_of(_paper("presales_cs")) if len(row) == 5}
    assert {"Average response time", "Customer satisfaction"} <= named


@pytest.mark.parametrize(("seconds", "lost"), [("30", "0"), ("30.01", "4"), ("48", "8")])
def test_n_2_2_4_above_30_seconds_costs_points(seconds: str, lost: str) -> None:
    # 20 points: 100 % up to 30 s, 80 % up to 45 s, 60 % up to 60 s
    bands = INDICATORS.at["avg_response_time", "bands"]
    row = {"method": "interval", "weight": "20", "actual": seconds, "bands": bands,
           "bands_on": "actual", "direction": "lower_is_better"}  # fmt: skip
    points = int(score(scorable([row]))["row_score"].iloc[0])
    assert exact("20") - points == exact(lost)


def test_n_2_2_4_everybody_can_read_how_work_changed_the_score() -> None:
    # 48 s against 30 s: 2 - 1.6 = 40 %, below the zero line of 60 %
    client = demo("qinghe", "en")
    texts = "\n".join(words_of(explain(client, "E025", JUNE), client))
    assert "2 − actual 48 seconds ÷ standard 30 seconds = 40.00%" in texts


# -- indicators ----------------------------------------------------------------------------
def test_n_3_2_each_indicator_serves_one_of_three_goals() -> None:
    goals = INDICATORS["goal"]
    assert set(goals) == {"gmv", "cost", "satisfaction"} and goals.notna().all()
    named = {"net_sales": "gmv", "warehouse_cost_ratio": "cost", "cs_satisfaction": "satisfaction"}
    assert {name: goals[name] for name in named} == named


def _holds(*values: tuple[str, str, str]) -> None:
    for name, value, direction in values:
        assert INDICATORS.at[name, "typical_value"] == exact(value), name
        assert INDICATORS.at[name, "direction"] == f"{direction}_is_better", name


def test_n_3_3_operations_core() -> None:
    _holds(
        ("gmv_growth_rate", "0.12", "higher"),
        ("store_conversion", "0.03", "higher"),
        ("promo_roi", "5", "higher"),
    )
    assert INDICATORS.at["gmv_growth_rate", "cycle"] == "quarter"


def test_n_3_4_operations_auxiliary() -> None:
    _holds(("plan_pass_rate", "0.8", "higher"), ("collab_page_days", "2", "lower"))
    assert INDICATORS.at["collab_page_days", "unit"] == "days"


def test_n_3_5_service() -> None:
    _holds(
        ("avg_response_time", "30", "lower"),
        ("cs_satisfaction", "4.5", "higher"),
        ("fcr", "0.9", "higher"),
        ("aftersale_audit_24h", "1", "higher"),
    )
    assert INDICATORS.at["avg_response_time", "unit"] == "seconds"


def test_n_3_6_warehouse() -> None:
    _holds(
        ("ship_48h", "0.95", "higher"),
        ("mis_ship_rate", "0.001", "lower"),
        ("warehouse_cost_ratio", "0.05", "lower"),
        ("inventory_turnover_days", "30", "lower"),
    )


def test_n_3_8_an_impression_is_replaced_by_what_can_be_counted() -> None:
    own = {"indicator": "teamwork", "name_zh": "团队协作", "name_en": "Teamwork", "unit": "points",
           "direction": "higher_is_better", "aggregation": "mean",
           "data_source": "none"}  # fmt: skip
    rows = card(("inquiry_conversion", "core", 90), subject="post:presales_cs")
    rated = {**rows[0], "indicator": "teamwork", "role": "process", "weight": 10}
    rated |= {"data_source": "none"}
    client = a_client(indicators=[own], scorecards=[*rows, rated])
    (finding,) = [f for rule in SCORECARD_RULES for f in rule(client) if f.code == "S111"]
    *_, remedy = Wording(client.library, "en", client).finding(finding)
    assert "cross-department tasks on time" in remedy
    counted = rated | {"indicator": "cross_dept_ontime", "data_source": "daily_register"}
    better = a_client(indicators=[own], scorecards=[*rows, counted])
    assert "S111" not in told(better, SCORECARD_RULES)


def test_n_3_9_teamwork() -> None:
    _holds(("cross_dept_ontime", "0.9", "higher"), ("cross_dept_praise", "0.85", "higher"))


def test_n_3_10_innovation() -> None:
    _holds(("effective_suggestions", "2", "higher"), ("suggestion_effect", "0.012", "higher"))
    cycles = INDICATORS.loc[["effective_suggestions", "suggestion_effect"], "cycle"]
    assert set(cycles) == {"quarter"}


# -- the system follows, the manager solves ---------------------------------------------------
def test_n_5_3_every_alert_has_an_owner_and_a_day() -> None:
    bare: dict[str, Any] = {"sponsor": {}, "targets": {}}
    report = conclude("organisation", _ready(bare, signoffs=[], product_plan=[]))
    assert len(report.actions) >= 3
    for action in report.actions:
        assert action.owner is not None and action.due, action.what.key


def test_n_5_3_a_low_score_waits_for_the_talk() -> None:
    # without the talk it is told; with the talk on record it is not
    silent = june_with("interviews", lambda t: without(t, employee="E025", period=JUNE))
    assert "R104" in codes_of(concluded(configured(silent, rollout_from=JUNE)))
    talked = june_with("interviews", lambda t: t)
    assert "R104" not in codes_of(concluded(configured(talked, rollout_from=JUNE)))
