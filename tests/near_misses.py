"""For each rule on the organisation and the scheme, a client that comes close and is sound in it.

A near miss lies on the right side of the rule's limit by the smallest step a client can
write, or has the one thing the bad client of ``code_cases`` lacks. Rules whose bad client
and near miss stand together (``CASES`` of the rules' own tests) are taken from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import code_cases as bad
import pandas as pd
from test_rules_checker import CASES as CHECKER
from test_rules_organisation import COMMITTEE, CONFIG, _pilot, _ready
from test_rules_pay import CASES as PAY
from test_rules_pay import _commission
from test_rules_scheme import CASES as SCORECARDS
from test_rules_standards import PLAN, _actual, _standard

from ecperf_kit.client import Client
from tests.scheme_client import a_client, card, library_card, plan, staff, table_t1

Maker = Callable[[], Client]


def _signed(paper: str, name: str, day: str) -> dict[str, Any]:
    kind = "post" if paper == "job_description" else "employee"
    told = {"subject_kind": kind, "subject_id": name, "signed_by": "双方", "signed_on": day}
    return {"paper": paper, **told}


def _consented(*plans: dict[str, Any], mode: str = "real") -> Client:
    """Everybody whose pay the plans change has signed; paid by ``mode``."""
    team = [f"E{at}" for at in range(1, len(plans) + 1)]
    client = bad._paid(*plans, signoffs=[_signed("consent", name, "2026-03-01") for name in team])
    return replace(
        client,
        config=replace(client.config, pilot=replace(client.config.pilot, pay=mode)),
    )


def _old_and_new_plan(signed_on: str) -> Client:
    """Two plans of one post, January and May, and a consent of that day."""
    client = bad._agreed_to_the_old_plan()
    signed = client.table("signoffs").copy()
    signed.loc[signed["paper"] == "consent", "signed_on"] = pd.Timestamp(signed_on)
    return replace(client, tables=MappingProxyType({**client.tables, "signoffs": signed}))


def _rated_with_data() -> Client:
    """The soft indicator again, rated on a record somebody can look up."""
    client = bad._rated_without_data()
    rows = client.table("scorecards").copy()
    rows.loc[rows["indicator"] == "attitude", "data_source"] = "manual"
    return replace(client, tables=MappingProxyType({**client.tables, "scorecards": rows}))


def _one_post_after_the_other() -> Client:
    """Both posts with a scorecard each, held one after the other."""
    tables = staff("live_controller")
    first = tables["assignments"][1]
    tables["assignments"].append({**first, "post": "video_editor", "effective_from": "2025-07-01"})
    cards = [*library_card("live_controller"), *library_card("video_editor")]
    return a_client(**tables, scorecards=cards)


def _everything_told() -> Client:
    measures = ("pre_meeting", "all_staff_meeting", "training", "exam", "drill")
    return _ready(sync_records=[{"measure": name, "held_on": "2026-03-20"} for name in measures])


def _service(standard: dict[str, Any], *actuals: dict[str, Any], basis: str) -> Client:
    return bad._asking(standard, *actuals, basis=basis)


def _duty(**more: Any) -> Client:
    duty = {"post": "presales_cs", "duty": "回访", "text": "回访老客户"}
    rows = library_card("presales_cs")
    return a_client(**staff("presales_cs"), scorecards=rows, duties=[duty | more])


def _full_cost(persons: int, top: str = "1.2") -> Client:
    """So many cashiers at work, the head aside; the highest coefficient is ``top``."""
    bands = [row for row in table_t1() if float(row["coefficient"]) <= float(top)]
    return bad._paid(
        plan("cashier", 4000, 1000),
        coefficient_tables=bands,
        **staff(*["cashier"] * persons),
    )


AGREED = {"agreed_by": "客服主管、李四", "agreed_on": "2026-03-01"}
DIRECTOR = {"member": "电商总监", "role": "leader", "position": "director"}
TEAM_OF_FIVE = staff("store_operator", "presales_cs", "cashier", "picker_packer")

ORGANISATION: Mapping[str, Maker] = {
    # a director leads in a firm that sells online only
    "O101": lambda: _ready({"kind": "pure_ecommerce"}, committee=[DIRECTOR, *COMMITTEE[1:]]),
    "O102": _ready,
    "O103": _ready,
    "O104": _ready,
    "O110": lambda: _pilot("2026-07", "2026-09", "similar"),  # three months just do
    "O111": lambda: _pilot("2026-04", "2026-09", channels=["tmall"]),
    "O112": lambda: _pilot("2026-04", "2026-09", departments=["design", "store"]),
    "O113": lambda: _pilot("2026-04", "2026-09", channels=["tmall", "douyin"]),
    "O114": lambda: _pilot("2026-04", "2026-09"),  # six months where nothing was before
    "O115": _ready,
    "O116": lambda: _pilot("2026-04", "2026-09"),
    "O117": lambda: _pilot("2026-05", "2026-07", "similar"),  # one of three months is a peak
    "O120": _ready,
    "O130": lambda: _ready({"targets": {**CONFIG["targets"], "annual_net_sales": "60000000"}}),
    "O131": _ready,
    "O132": lambda: bad._one_number(),  # the owner's figure is at least one
    # pay follows the score: one element is in place, no longer nothing at all
    "O140": lambda: bad._one_number(config={"elements": {}}, signoffs=[], pay_plans=bad._fixed(0)),
    "O141": lambda: bad._elements("enablement_plan"),
    "O142": lambda: bad._elements("promotion_criteria_published"),
    "O143": _ready,
    "O150": lambda: _ready(**TEAM_OF_FIVE),  # five with the head
    "O151": _ready,
    "O152": _ready,  # the head has no superior, and needs none
    "O153": lambda: bad.reporting_to("E1", "2026-09-01"),  # there in every month of the pilot
    # one row by hand of two is 50 % and allowed
    "O160": lambda: _ready(scorecards=card(("plan_ontime", "core", 50), ("net_sales", "core", 50))),
    "O170": _everything_told,
    "O180": lambda: bad._worded("不搞末位淘汰，季度评优发奖金"),
    "O181": lambda: bad._worded("迟到不罚款，计入出勤指标"),
    "O182": lambda: bad._worded("未完成任务不扣款，绩效工资按得分计算"),
    "O183": lambda: _old_and_new_plan("2026-05-01"),  # signed on the day the new plan begins
}  # fmt: skip

SCHEME: Mapping[str, Maker] = {
    "S111": _rated_with_data,
    "S115": _one_post_after_the_other,
    "S116": _one_post_after_the_other,
    "S117": lambda: a_client(**staff("cashier"), scorecards=library_card("cashier")),
    "S128": lambda: _consented(plan("cashier", 4000, 1000)),
    "S129": lambda: _consented(plan("cashier", 4000, 1000), mode="shadow"),
    # the plan of June is 3.6 m to the fen; a correction approved and published may leave it
    "S130": lambda: bad._sales_standard("3600000"),
    # 37 % -> 42 % is five points: a step, not a jump
    "S131": lambda: _service(_standard("0.42"), _actual("0.37"), basis="own_history"),
    "S132": lambda: _service(_standard("0.55"), basis="own_history"),
    "S133": lambda: a_client(
        **staff("presales_cs"),
        scorecards=library_card("presales_cs"),
        standards=[_standard("30", "avg_response_time")],
    ),
    "S134": lambda: _service(_standard("0.40", **AGREED), basis="agreed"),
    "S135": lambda: a_client(
        targets=PLAN,
        product_plan=[{"product": "P1", "name": "被套", "annual_sales": "60000000"}],
    ),
    "S136": lambda: a_client(targets=PLAN),
    "S139": lambda: _full_cost(3, top="1.0"),  # nobody can earn more than planned
    "S140": lambda: bad._paid(
        _commission("channel_ops_manager", "17500", sales_rate="0.005"), targets=PLAN
    ),
    # fixed pay needs neither table nor performance pay
    "S149": lambda: bad._paid(plan("cashier", 4000, structure="fixed", coefficient_table=None)),
    "S163": lambda: bad.budgeted(gap=12),  # December is planned by none of them: S136
    "S165": lambda: bad._budget("4800000"),  # 33.0 m less 9.0 m and 19.2 m
    "S166": lambda: _duty(indicators="repurchase_rate"),
    "S167": lambda: _service(_standard("0.40", threshold="0.39"), basis="own_history"),
    "S168": lambda: bad.personal_standards("1000000", "800000"),
    "S169": lambda: bad.sharing_a_plan("0.25", "0.75"),
    "S153": lambda: bad.sharing_a_plan("0.99", "0.01"),
    # a director is core; a year of service to the day
    "S170": lambda: bad._paid(bad._sharing("operations_director")),
    "S171": lambda: bad._paid(bad._sharing("operations_director")),
    # a phantom share is part of pay; a point of weight makes one row the key result
    "S180": lambda: bad._paid(
        bad._sharing("operations_director") | {"dividend_kind": "phantom_share"}
    ),
    "S118": lambda: bad.capped("1"),
    "S119": lambda: bad.capped(general="1"),
    "S154": lambda: bad.later_table(*range(6)),
    "S164": lambda: bad.later_table(*range(6)),
    "S181": lambda: bad._card(*bad._core(36, 35, 14), *bad._process(15)),
    # all three alike: nobody pays more or less
    "S190": lambda: a_client(
        market_pay=[
            {
                "post": "presales_cs",
                "as_of": "2026-02-28",
                "low": 6500,
                "median": 6500,
                "high": 6500,
                "source": "招聘网站",
            }
        ]
    ),
    "S172": lambda: bad._card(*bad._core(40, 20, 20), ("repurchase_rate", "core", 20)),
    "S173": lambda: _consented(
        _commission("store_operator", "5000", "commission_gross_profit", gross_profit_rate="0.02")
    ),
}


def paired() -> dict[str, Client]:
    """The near misses that stand beside their bad client in the rules' own tests."""
    together: dict[str, Any] = {**SCORECARDS, **PAY, **CHECKER}
    return {code: near for code, (_, near) in together.items()}
