"""One minimal bad client per finding code that is not about the files of a folder.

A case is a client changed in one place, what is asked of it, and the errors and
warnings that come with it of necessity (``also``). Codes of the data (D…) have
folders of their own under ``tests/bad_clients``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from test_method_pay import BASE as SHOP
from test_method_pay import FULL, RAISED, changed
from test_rules_checker import CASES as CHECKER
from test_rules_organisation import COMMITTEE, CONFIG, _pilot, _ready
from test_rules_pay import _commission
from test_rules_scheme import CASES as SCORECARDS
from test_rules_scheme import _two_posts
from test_rules_standards import PLAN, _actual, _standard
from test_stage_exam import _answered
from test_stage_exam import _client as exam_client
from test_stage_rollout import JUNE, configured, without
from test_stage_rollout import changed as june_with
from written_client import written_client

from ecperf_kit.client import Client, open_client
from ecperf_kit.exact import exact
from ecperf_kit.finding import Finding
from ecperf_kit.intake.config import Override
from ecperf_kit.method.calculate import calculate
from ecperf_kit.rules import check_organisation, check_scheme
from ecperf_kit.rules.pilot import check_pilot, pilot_of
from ecperf_kit.rules.rollout import check_rollout
from ecperf_kit.stages import conclude, default_period
from ecperf_kit.stages.calendar import monthly_deadlines, unknown_holidays
from tests.scheme_client import a_client, card, library_card, plan, staff, table_t1, year_plan

ROOT = Path(__file__).resolve().parent.parent
Asked = Callable[[Client], Iterable[Finding]]


@dataclass(frozen=True)
class Case:
    """A client in which the code must be found, and what else errors or warns with it."""

    client: Callable[[], Client]
    asked: Asked
    also: frozenset[str] = field(default_factory=frozenset)


def _cases(asked: Asked, **clients: Any) -> dict[str, Case]:
    """``S101=maker`` or ``S101=(maker, "S105 S109")`` with what comes along."""
    found = {}
    for code, given in clients.items():
        maker, also = given if isinstance(given, tuple) else (given, "")
        found[code] = Case(maker, asked, frozenset(also.split()))
    return found


# --- organisation: everything is in place but for one thing ---------------------------------


def _left(employee: int, day: str) -> Client:
    people = staff("store_operator", "presales_cs", "cashier", "picker_packer")
    people["employees"][employee]["left"] = day
    return _ready(**people)


def reporting_to(superior: str | None, left: str | None = None) -> Client:
    """Everything in place; E2 reports to ``superior``, and E1, employed, may leave on a day."""
    people = staff("store_operator", "presales_cs", "cashier", "picker_packer", "picker_packer")
    people["employees"][2]["superior"] = superior
    people["employees"][1]["left"] = left
    return _ready(**people)


def _elements(left_out: str) -> Client:
    return _ready({"elements": {k: v for k, v in CONFIG["elements"].items() if k != left_out}})


def _fixed(count: int) -> list[dict[str, Any]]:
    posts = ("store_operator", "presales_cs", "cashier", "picker_packer", "ecommerce_director")
    pay = ((5000, 5000), (4550, 1950), (4000, 1000), (3500, 1500), (12000, 8000))
    return [
        plan(post, 5000, structure="fixed") if i < count else plan(post, *pay[i])
        for i, post in enumerate(posts)
    ]


def _one_number(**more: Any) -> Client:
    config = {"targets": {"annual_net_sales": "6000000"}} | more.pop("config", {})
    return _ready(config, targets=[], product_plan=[], **more)


def _peak_months_only() -> Client:
    # Three months of which the client calls two its campaign months; one quiet month is too few.
    client = _pilot("2026-05", "2026-07", "similar")
    client.__dict__["threshold"] = lambda name: (
        (exact("5"), exact("6"), exact("11"))
        if name == "campaign.months"
        else Client.threshold(client, name)
    )
    return client


def _worded(reward: str) -> Client:
    """Everything in place, with these words where the firm speaks of its rewards."""
    return _ready({"targets": {"sales_support": "客服排班加密", "reward": reward}})


def _agreed_to_the_old_plan() -> Client:
    """Consent in December for the plan of January; another plan since May."""
    pays = [plan("store_operator", 5000, 5000), plan("presales_cs", 4550, 1950),
            plan("cashier", 4000, 1000), plan("picker_packer", 3500, 1500),
            plan("ecommerce_director", 12000, 8000),
            plan("store_operator", 6000, 4000, effective_from="2026-05-01")]  # fmt: skip
    posts = [str(row["subject_id"]) for row in pays[:5]]
    told = {"subject_kind": "post", "signed_by": "双方", "signed_on": "2026-03-01"}
    papers = [{"paper": "job_description", "subject_id": post, **told} for post in posts]
    consent = {"paper": "consent", "subject_kind": "employee", "subject_id": "E1"}
    signed = {**consent, "signed_by": "E1", "signed_on": "2025-12-20"}
    return _ready(pay_plans=pays, signoffs=[*papers, signed])


ORGANISATION = _cases(
    check_organisation,
    O101=lambda: _ready(
        committee=[
            {"member": "客服主管", "role": "leader", "position": "department_head"},
            *COMMITTEE[1:],
        ]
    ),
    O102=lambda: _ready({"sponsor": {}}),
    O103=lambda: _ready(committee=COMMITTEE[:3]),
    O104=lambda: _ready(committee=COMMITTEE[1:]),
    O110=lambda: _pilot("2026-04", "2026-05"),
    O111=lambda: _pilot("2026-04", "2026-09", channels=[]),
    O112=lambda: _pilot("2026-04", "2026-09", departments=["design"]),
    O113=lambda: _pilot("2026-04", "2026-09", channels=["tmall", "douyin", "jd"]),
    O114=lambda: _pilot("2026-07", "2026-09"),
    O115=lambda: _ready({"dates": {"plan_year": 2026}}),
    O116=lambda: _pilot("2026-04", "2026-10"),
    O117=_peak_months_only,
    O120=lambda: _ready(signoffs=[]),
    O130=_one_number,
    O131=lambda: _ready({"targets": {"reward": "年终奖金池"}}),
    O132=lambda: _ready({"targets": {}}, targets=[], product_plan=[]),
    O140=(
        lambda: _one_number(config={"elements": {}}, signoffs=[], pay_plans=_fixed(5)),
        "O130",  # without a plan the first element is missing of necessity
    ),
    O141=lambda: _elements("promotion_criteria_published"),
    O142=lambda: _elements("enablement_plan"),
    O143=lambda: _ready(pay_plans=_fixed(1)),
    O150=lambda: _left(2, "2026-03-31"),
    O151=lambda: _left(2, "2026-10-31"),
    O152=lambda: reporting_to(None),
    O153=lambda: reporting_to("E1", "2026-08-31"),  # the pilot ends in September
    O160=lambda: _ready(
        scorecards=card(("plan_ontime", "core", 51), ("net_sales", "core", 49))[:1]
    ),
    O170=lambda: _ready(),
    O180=lambda: _worded("季度末位淘汰，其余发奖金"),
    O181=lambda: _worded("迟到一次罚款 50 元"),
    O182=lambda: _worded("未完成任务的扣款 10%"),
    O183=_agreed_to_the_old_plan,
)

# --- scheme: scorecards, standards, plan, pay --------------------------------------------------

WAGE = {"pay": {"minimum_wage": "2490"}}


def _paid(*plans: dict[str, Any], **more: Any) -> Client:
    """People of these posts on the library's scorecards and table T1, with these plans."""
    posts = [str(row["subject_id"]) for row in plans]
    tables = {
        "coefficient_tables": table_t1(),
        "scorecards": [row for post in posts for row in library_card(post)],
        **staff(*posts),
    }
    return a_client(config=WAGE, pay_plans=plans, **(tables | more))


def _with_pay_mode(mode: str) -> Client:
    client = _paid(plan("cashier", 4000, 1000))
    pilot = replace(client.config.pilot, pay=mode)
    return replace(client, config=replace(client.config, pilot=pilot))


def _unguarded() -> Client:
    rows = (("net_sales", "core", 40), ("stock_sell_through", "core", 30))
    rows = (*rows, ("repurchase_rate", "core", 30))
    row = _commission("store_operator", "5000", sales_rate="0.005")
    return _paid(row, scorecards=card(*rows))


def _rated_without_data() -> Client:
    known = {"unit": "points", "direction": "higher_is_better", "aggregation": "mean"}
    own = {"indicator": "attitude", "name_zh": "工作态度", "name_en": "Attitude", **known}
    rows = library_card("presales_cs")
    rows[0] |= {"weight": rows[0]["weight"] - 10}
    rated = {**rows[0], "indicator": "attitude", "role": "process", "weight": 10}
    rated |= {"data_source": "none"}
    return a_client(indicators=[{**own, "data_source": "none"}], scorecards=[*rows, rated])


def _sharing(post: str) -> dict[str, Any]:
    return plan(post, 8000, structure="dividend", dividend_unit="tmall", dividend_share="0.1")


def _newly_hired(client: Client) -> Client:
    """E1 is there since February 2026: eleven months to the end of the year."""
    staff_list = client.table("employees").copy()
    staff_list.loc[staff_list["employee"] == "E1", "hired"] = pd.Timestamp("2026-02-01")
    return replace(client, tables={**client.tables, "employees": staff_list})


def _own_card_for_two_posts() -> Client:
    rows = (
        ("live_gmv", "core", 40),
        ("live_error_count", "core", 30),
        ("content_output", "core", 30),
    )
    return _two_posts(*card(*rows, subject="employee:E1"))


def _card(*rows: tuple[str, str, int], post: str = "store_operator") -> Client:
    return a_client(scorecards=card(*rows, subject=f"post:{post}"))


def capped(own: str | None = None, general: str | None = None) -> Client:
    """A sound scorecard by percentage, with a cap of its first row or one of all rows."""
    rows = library_card("presales_cs")
    first = next(row for row in rows if row["method"] == "percentage")
    first["cap"] = own
    client = a_client(**staff("presales_cs"), scorecards=rows)
    if general is None:
        return client
    override = Override("scoring.cap", exact(general), "大促", "王总")
    return replace(client, overrides=(override,))


def _core(*weights: int) -> list[tuple[str, str, int]]:
    names = ("net_sales", "gross_margin_rate", "stock_sell_through")
    return [(name, "core", weight) for name, weight in zip(names, weights, strict=True)]


def _process(*weights: int) -> list[tuple[str, str, int]]:
    names = ("plan_ontime", "listing_timeliness", "cross_dept_ontime", "daily_report_timeliness")
    return [(name, "process", weight) for name, weight in zip(names, weights, strict=False)]


def _asking(standard: dict[str, Any], *actuals: dict[str, Any], basis: str) -> Client:
    """Pre-sales on the library's scorecard; conversion rests on ``basis``."""
    rows = library_card("presales_cs")
    for row in rows:
        if row["indicator"] == standard["indicator"]:
            row["standard_basis"] = basis
    tables = {**staff("presales_cs"), "scorecards": rows}
    return a_client(**tables, standards=[standard], actuals=list(actuals))


def budgeted(promotion: int = 12, gap: int | None = None) -> Client:
    """Tmall's plan by month with promotion cost for the first so many months; a month may lack."""
    rows = [
        {"month": f"2026-{month:02d}", "channel": "tmall", "measure": measure, "amount": amount}
        for measure, amount, last in (
            ("net_sales", 100_000, 12), ("gross_profit", 55_000, 12),
            ("promotion_cost", 15_000, promotion), ("management_cost", 30_000, 12),
        )
        for month in range(1, last + 1)
        if month != gap
    ]  # fmt: skip
    return a_client(**staff("cashier"), targets=rows)


def personal_standards(*amounts: str) -> Client:
    """People who sell in one channel whose plan for April is 1.8 m, each with a part of it."""
    typed = [
        {"subject_kind": "employee", "subject_id": f"E{at}", "indicator": "net_sales",
         "period": "2026-04", "standard": amount}
        for at, amount in enumerate(amounts, start=1)
    ]  # fmt: skip
    return a_client(
        **staff("store_operator", "store_operator"),
        scorecards=library_card("store_operator"),
        targets=PLAN,
        standards=typed,
    )


def sharing_a_plan(*shares: str) -> Client:
    """People who sell in one channel, with these agreed shares of its plan for November."""
    return a_client(
        config={
            "dates": {"plan_year": 2026, "pilot_from": "2026-11"},
            "targets": {"person_shares": {f"E{at}": s for at, s in enumerate(shares, start=1)}},
        },
        **staff("store_operator", "store_operator"),
        scorecards=library_card("store_operator"),
        targets=PLAN,
    )


def _budget(net_profit: str) -> Client:
    amounts = {"gross_profit": "33000000", "promotion_cost": "9000000",
               "management_cost": "19200000", "net_profit": net_profit}  # fmt: skip
    halves = {"tmall": "0.5", "douyin": "0.5"}
    rows = [row for name, year in amounts.items() for row in year_plan(int(year), halves, name)]
    return a_client(targets=[*PLAN, *rows])


def _sales_standard(amount: str) -> Client:
    typed = _standard(
        amount,
        "net_sales",
        subject_kind="post_channel",
        subject_id="channel_ops_manager@tmall",
    )
    cards = library_card("channel_ops_manager")
    tables = {**staff("channel_ops_manager"), "scorecards": cards}
    return a_client(**tables, targets=PLAN, standards=[typed])


#: What comes with a client of the checker's cases of necessity.
ALSO: dict[str, tuple[str, ...]] = {
    "S150": ("S151",),  # the other rows have no data at all
    "S152": ("S105",),  # one rated row only
    "S157": ("S117",),
    "S161": ("S117", "S120", "S127", "S136"),
    "S162": ("S117", "S126", "S127", "S136"),
}

SCHEME = _cases(
    check_scheme,
    **{
        code: (lambda code=code: SCORECARDS[code][0])
        for code in ("S101", "S102", "S103", "S104", "S105", "S107", "S108", "S113")
    },
    # four process rows, beside three core rows of 72
    S106=lambda: _card(*_core(30, 22, 20), *_process(7, 7, 7, 7)),
    # 23 + 23 + 23 = 69 of 100 are core
    S109=lambda: _card(*_core(23, 23, 23), *_process(16, 15)),
    # a process row of 16 above a core row of 15
    S110=lambda: _card(*_core(40, 29, 15), *_process(16)),
    S112=lambda: _card(
        ("ship_accuracy", "core", 40),
        ("mis_ship_rate", "core", 40),
        ("pack_damage_rate", "core", 20),
        post="picker_packer",
    ),
    S114=lambda: _card(
        ("recruit_completion", "core", 40),
        ("training_completion", "core", 30),
        ("labour_dispute", "core", 30),
        post="hr_specialist",
    ),
    S111=_rated_without_data,
    S115=lambda: _two_posts(*library_card("live_controller"), *library_card("video_editor")),
    S116=_own_card_for_two_posts,
    S117=lambda: a_client(**staff("cashier")),
    S120=lambda: _paid(plan("store_operator", 7000, 3000), plan("accountant", 3500, 1500)),
    S121=lambda: _paid(plan("live_anchor", 3000, 7000)),
    S122=(lambda: _paid(plan("live_anchor", 4990, 5010)), "S145"),  # 5,010 x 0.2 of 10,000
    S123=lambda: _paid(
        plan("store_operator", 7000, 3000),
        plan("picker_packer", 3500, 1500),
        plan("cashier", 4000, 1000),
    ),
    S124=lambda: _paid(plan("picker_packer", 2200, 500)),
    S125=lambda: _paid(plan("picker_packer", 2240, 500)),
    S126=lambda: _paid(
        _commission("store_operator", "5000", "commission_net_profit", net_profit_rate="0.02")
    ),
    S127=_unguarded,
    S128=lambda: _with_pay_mode("real"),
    S129=lambda: _with_pay_mode("shadow"),
    S130=lambda: _sales_standard("3000000"),  # 60 m x 50 % x 12 % = 3.6 m
    S131=(lambda: _asking(_standard("0.55"), _actual("0.37"), basis="own_history"), "S151"),
    S132=lambda: _asking(_standard("0.55"), basis="industry"),
    S133=lambda: a_client(
        **staff("presales_cs"),
        scorecards=library_card("presales_cs"),
        standards=[_standard("25", "avg_response_time")],
    ),
    S134=lambda: _asking(_standard("0.40"), basis="agreed"),
    S135=lambda: a_client(
        targets=PLAN,
        product_plan=[{"product": "P1", "name": "被套", "annual_sales": "59999999.99"}],
    ),
    S136=lambda: a_client(targets=[row for row in PLAN if row["month"] != "2026-05"]),
    S163=(lambda: budgeted(promotion=11), "S117"),  # no promotion cost in December
    S165=lambda: _budget("5000000"),  # 33.0 m less 9.0 m and 19.2 m leaves 4.8 m
    S166=lambda: a_client(
        **staff("presales_cs"),
        scorecards=library_card("presales_cs"),
        duties=[{"post": "presales_cs", "duty": "回访", "text": "回访老客户"}],
    ),
    S167=lambda: _asking(_standard("0.40", threshold="0.41"), basis="own_history"),
    S168=lambda: personal_standards("1000000", "799999.99"),
    S169=lambda: sharing_a_plan("0.25", "0.5"),
    S153=lambda: sharing_a_plan("1", "0"),
    S137=lambda: _paid(plan("cashier", 4000, 1000), coefficient_tables=table_t1()[1:]),
    S138=lambda: _paid(
        plan("cashier", 4000, 1000),
        coefficient_tables=[*table_t1()[:5], {**table_t1()[5], "coefficient": "1.0"}],
    ),
    S118=lambda: capped("1.000001"),
    S119=lambda: capped(general="1.000001"),
    S154=lambda: later_table(*range(5)),
    S164=lambda: later_table(0),
    S139=lambda: _paid(plan("cashier", 4000, 1000), **staff("cashier", "cashier", "cashier")),
    **{
        code: (lambda code=code: CHECKER[code][0], " ".join(ALSO.get(code, ()))) for code in CHECKER
    },
    S140=lambda: _paid(plan("channel_ops_manager", 17500, 7500), targets=PLAN),
    S149=lambda: _paid(plan("cashier", 4000, 1000, coefficient_table=None)),
    S170=lambda: _paid(_sharing("store_operator")),
    S171=lambda: _newly_hired(_paid(_sharing("operations_director"))),
    S173=lambda: _paid(
        _commission("store_operator", "5000", "commission_gross_profit", gross_profit_rate="0.02")
    ),
    S190=lambda: a_client(
        market_pay=[
            {
                "post": "presales_cs",
                "as_of": "2026-02-28",
                "low": 6600,
                "median": 6500,
                "high": 7600,
                "source": "招聘网站",
            }
        ]
    ),
    S172=lambda: _card(*_core(40, 20, 20), ("new_product_success", "core", 20)),
    S180=lambda: _paid(_sharing("operations_director") | {"dividend_kind": "registered_share"}),
    S181=lambda: _card(*_core(35, 35, 15), *_process(15)),
)

# --- exam ---------------------------------------------------------------------------------------


def _exam(client: Client) -> Iterable[Finding]:
    return conclude("exam", client).findings


def _missed_by_the_better_ones() -> Client:
    """E1 and E2 miss question 1 only; E3 and E4 have it right and miss the next three."""
    client = _answered(exam_client(), {"E1": 0, "E2": 0, "E3": 0, "E4": 0})
    answers = client.table("exam_answers").copy()
    better, first = answers["employee"].isin(["E1", "E2"]), answers["question"] == 1
    wrong = (better & first) | (~better & ~first & (answers["question"] <= 4))
    answers.loc[wrong, "answer"] = answers.loc[wrong, "answer"].map(
        dict(zip("ABCD", "BCDA", strict=True))
    )
    return replace(client, tables={**client.tables, "exam_answers": answers})


EXAM = _cases(
    _exam,
    E101=a_client,
    E102=lambda: _answered(exam_client(), {"E1": 0}, paper="K-000000"),
    # of three who came one fails (15 of 20 right): two thirds are below 80 %
    E103=lambda: _answered(exam_client(), {"E1": 0, "E2": 0, "E3": 5}),
    E104=lambda: _answered(exam_client(), {"E1": 4, "E2": 4, "E3": 0, "E4": 0}),
    E105=_missed_by_the_better_ones,
    E106=lambda: _answered(exam_client(), {"E1": 0}),
)

# --- calculation: one shop, one person, June ----------------------------------------------------


@cache
def _shop() -> Client:
    with TemporaryDirectory() as folder:
        return written_client(Path(folder), SHOP)


def _shop_with(*changes: tuple[str, dict[str, Any]]) -> Client:
    client = _shop()
    for table, columns in changes:
        client = changed(client, table, **columns)
    return client


def _calculated(month: str = JUNE) -> Asked:
    return lambda client: calculate(client, (month,)).findings


def _approved_off_plan() -> Client:
    plan_row = "month, channel, measure, amount\n2026-06, tmall, gross_profit, 360000"
    with TemporaryDirectory() as folder:
        tables = {**SHOP, "targets": plan_row}
        tables["scorecards"] = tables["scorecards"].replace(
            "agreed, finance_report", "annual_plan, finance_report"
        )
        tables["standards"] = (
            "subject_kind, subject_id, indicator, period, standard\n"
            "post, store_operator, gross_profit, 2026-06, 300000\n"
            "post, store_operator, promo_roi, 2026, 5"
        )
        return written_client(Path(folder), tables)


LATER = pd.Timestamp("2026-06-02")
NO_RATES = {"sales_rate": pd.NA, "gross_profit_rate": pd.NA}
#: A missing figure leaves what hangs on it open: told where it is missing and where it is used.
CALCULATION = {
    code: Case(lambda changes=changes: _shop_with(*changes), _calculated(month))
    for code, changes, month in (
        ("C101", [("actuals", {"value": [exact("270000"), pd.NA, exact("0.8")]})], JUNE),
        ("C102", RAISED["C102"], JUNE),
        ("C103", RAISED["C103"], JUNE),
        ("C105", [("assessments", {"superior_date": pd.NaT})], JUNE),
        (
            "C106",
            [("assessments", {"superior_score": [exact("50"), pd.NA, pd.NA],
                              "override_reason": ["断货", None, None]})],
            JUNE,
        ),
        (
            "C107",
            [("assessments", {"superior_score": [exact("50"), pd.NA, pd.NA],
                              "override_reason": ["断货", None, None],
                              "override_evidence": ["工单 3", None, None]})],
            JUNE,
        ),
        ("C108", RAISED["C108"], JUNE),
        ("C109", [("coefficient_tables", {"effective_from": LATER})], JUNE),
        ("C110", RAISED["C110"], JUNE),
        ("C111", RAISED["C111"], JUNE),
        ("C112", RAISED["C112"], JUNE),
        ("C113", [("pay_plans", {"structure": "commission_sales", **NO_RATES})], JUNE),
        ("C114", RAISED["C114"], JUNE),
        ("C115", RAISED["C115"], JUNE),
        (
            "C116",
            [("employees", {"superior": "E9"}),
             ("assessments", {"superior_score": [exact("50"), exact("30"), exact("11")]})],
            JUNE,
        ),
        (
            "C117",  # April of a post that is assessed by the quarter
            [*RAISED["C117"][:2], ("actuals", {"period": "2026-04"}),
             ("assessments", {"period": "2026-04"}),
             ("standards", {"subject_id": "distribution_specialist"}),
             ("pay_plans", {"structure": "performance", "subject_id": "distribution_specialist",
                            **NO_RATES})],
            "2026-04",
        ),
        ("C118", [("actuals", {"value": [exact("299999.99"), *FULL[1:]]})], JUNE),
        ("C119", [*RAISED["C119"], ("pay_plans", {"structure": "performance", **NO_RATES})], JUNE),
        (
            "C120",  # 60 of a weight of 50, with reason and evidence
            [("assessments", {"superior_score": [exact("60"), pd.NA, pd.NA],
                              "override_reason": ["断货", None, None],
                              "override_evidence": ["工单 3", None, None]})],
            JUNE,
        ),
        ("C121", [("pay_plans", {"piece_rate": exact("1")})], JUNE),
        ("C122", [("pay_plans", {"_spoilt": True})], JUNE),
        ("C123", [("sales_bridge", {"finance_sales": exact("-0.01")})], JUNE),
    )
}  # fmt: skip
CALCULATION["C104"] = Case(_approved_off_plan, _calculated())

# --- pilot: the first demo client without its planted faults, and one put back ------------------

TEAM = ["E005", "E006", "E009"]  # of the Tmall manager, E002
SERVICE = ["E025", "E026", "E027", "E028", "E029", "E030"]  # of the head of service, E024
PRESALES = SERVICE[:4]


@cache
def _demo(name: str) -> Client:
    return open_client(name, root=ROOT)


def _with(client: Client, **tables: pd.DataFrame) -> Client:
    return replace(client, tables={**client.tables, **tables})


def _put(frame: pd.DataFrame, column: str, value: Any, **cells: Any) -> pd.DataFrame:
    """``frame`` with one column set (or changed by a function) where cells hold these values."""
    chosen = pd.Series(True, index=frame.index)
    for name, wanted in cells.items():
        chosen &= frame[name].isin(wanted if isinstance(wanted, list) else [wanted])
    assert chosen.any()
    found = frame.copy()
    old = found.loc[chosen, column]
    found.loc[chosen, column] = value(old) if callable(value) else value
    return found


def _months(client: Client) -> tuple[str, ...]:
    return default_period("pilot", client).months


@cache
def _quiet() -> Client:
    """The first demo client with last year's pay as this year's and nothing late or unexplained."""
    client = _demo("qinghe")
    marks = client.table("assessments").copy()
    for column in ("self_score", "superior_score"):
        marks[column] = marks[column].mask(marks[column].notna())
    log = client.table("process_log")
    bridge = _put(client.table("sales_bridge"), "non_genuine", 0, month=JUNE)
    explained = bridge["finance_sales"] + bridge["refunds"] + bridge["coupons_fees"]
    client = _with(
        client,
        assessments=marks,
        process_log=log.assign(done=log["due"]),
        sales_bridge=bridge.assign(backend_sales=explained + bridge["cut_off"].fillna(0)),
        # last year's profit higher than this year's
        actuals=_put(
            client.table("actuals"),
            "value",
            lambda old: old * 2,
            indicator="gross_profit",
            period=[f"2025-{month:02d}" for month in range(4, 10)],
        ),
    )
    now = calculate(client, _months(client)).pay
    year_ago = "2025" + now["month"].str[4:]
    new = pd.Series(now["pay"].to_numpy(), [now["employee"], year_ago])
    history = client.table("pay_history")
    known = new.reindex(pd.MultiIndex.from_frame(history[["employee", "month"]])).to_numpy()
    pay = pd.Series(known, index=history.index, dtype="Int64").fillna(history["pay"])
    return _with(client, pay_history=history.assign(pay=pay))


def _quiet_with(table: str, column: str, value: Any, **cells: Any) -> Client:
    client = _quiet()
    return _with(client, **{table: _put(client.table(table), column, value, **cells)})


def later_table(*bands: int) -> Client:
    """Table T1, and from June these bands of it alone."""
    later = [{**table_t1()[at], "effective_from": "2026-06-01"} for at in bands]
    return _paid(plan("cashier", 4000, 1000), coefficient_tables=[*table_t1(), *later])


def _paid_before(amount: str) -> Client:
    """Pre-sales had this much last June and get 5,330 now."""
    return _quiet_with("pay_history", "pay", exact(amount), employee=PRESALES, month="2025-06")


def _dearer(known: bool) -> Client:
    """Everybody got 4 % less last year: pay rises by 4.17 %, sales fall by 9 %."""
    client = _quiet()
    history = client.table("pay_history")
    cheap = history["pay"] * 96 // 100 // 10_000 * 10_000
    client = _with(client, pay_history=history.assign(pay=cheap))
    if known:
        return client
    sales = client.table("actuals")
    ago = (sales["indicator"] == "net_sales") & (sales["period"] < "2026")
    return _with(client, actuals=sales[~ago].reset_index(drop=True))


def _given(*shares: str, own: str = "") -> Client:
    """The Tmall team's sheets: each person gets one share of every weight, all months."""
    client = _quiet()
    marks, cards = client.table("assessments"), calculate(client, _months(client)).rows
    weight = cards.set_index(["employee", "month", "indicator"])["weight"]
    keys = pd.MultiIndex.from_frame(marks[["employee", "period", "indicator"]])
    weights = pd.Series(weight.reindex(keys).to_numpy(), index=marks.index, dtype="Int64")
    marks = marks.copy()
    for employee, share in zip(TEAM, shares, strict=True):
        here = marks["employee"] == employee
        marks.loc[here, "superior_score"] = weights[here] * exact(share) // 1_000_000
        if own:
            marks.loc[here, "self_score"] = weights[here] * exact(own) // 1_000_000
    return _with(client, assessments=marks)


def _copied() -> Client:
    """The head of service copies the own scores, as in the demo client."""
    client = _quiet()
    marks, planted = client.table("assessments").copy(), _demo("qinghe").table("assessments")
    here = marks["employee"].isin(SERVICE)
    for column in ("self_score", "superior_score"):
        marks.loc[here, column] = planted.loc[here, column]
    return _with(client, assessments=marks)


def _late(step: str, department: str, *months: str) -> Client:
    return _quiet_with(
        "process_log",
        "done",
        lambda old: old + pd.Timedelta(days=10),
        step=step,
        department=department,
        month=list(months),
    )


def _bridge(column: str, change: Callable[[pd.Series], Any]) -> Client:
    return _quiet_with("sales_bridge", column, change, month=JUNE)


def _profit_up() -> Client:
    return _with(_quiet(), actuals=_demo("qinghe").table("actuals"))


def _unknown_old_pay() -> Client:
    history = _quiet().table("pay_history")
    return _with(_quiet(), pay_history=history[history["employee"] != "E025"])


def _old_pay_of_a_part_month() -> Client:
    """E025 began on 10 June 2025, and only that month's old pay is on record."""
    client = _quiet()
    people, history = client.table("employees"), client.table("pay_history")
    kept = (history["employee"] != "E025") | (history["month"] == "2025-06")
    hired = _put(people, "hired", pd.Timestamp("2025-06-10"), employee="E025")
    return _with(client, pay_history=history[kept], employees=hired)


def _one_year_alone() -> Client:
    """Of last June's sales nothing is on record."""
    sales = _quiet().table("actuals")
    june = (sales["indicator"] == "net_sales") & (sales["period"] == "2025-06")
    return _with(_quiet(), actuals=sales[~june].reset_index(drop=True))


def _not_reconciled() -> Client:
    client = _quiet()
    pilot = replace(client.config.pilot, channels=(*client.config.pilot.channels, "pinduoduo"))
    return replace(client, config=replace(client.config, pilot=pilot))


def _followers_jump() -> Client:
    actuals = _quiet().table("actuals")
    two = actuals[actuals["subject_kind"] == "channel"].head(2).copy()
    two["indicator"], two["period"] = "followers_growth", ["2026-05", "2026-06"]
    two["value"] = [exact("3000"), exact("4501")]  # +50.03 %
    return _with(_quiet(), actuals=pd.concat([actuals, two], ignore_index=True))


def _until_august() -> Client:
    actuals = _quiet().table("actuals")
    return _with(_quiet(), actuals=actuals[actuals["period"] <= "2026-08"])


def _piloted(client: Client) -> Iterable[Finding]:
    return check_pilot(pilot_of(client, _months(client)))


PILOT = _cases(
    _piloted,
    P101=lambda: _paid_before("6500"),  # -18 %
    P102=lambda: _paid_before("4400"),  # +21.1 %
    P103=lambda: _paid_before("6000"),  # -11.2 %
    P104=lambda: _paid_before("5700"),  # -6.5 %
    P105=lambda: _dearer(known=True),
    P106=lambda: _dearer(known=False),
    P107=_profit_up,
    P108=_unknown_old_pay,
    P109=_old_pay_of_a_part_month,
    P110=_one_year_alone,
    # one yuan of non-genuine orders is an error by itself
    P201=lambda: _bridge("non_genuine", lambda old: exact("1")),
    P202=lambda: _bridge("backend_sales", lambda old: old * 11 // 10),  # 1 / 11 = 9.1 %
    P203=lambda: _bridge("backend_sales", lambda old: old * 21 // 20),  # 1 / 21 = 4.8 %
    P204=_quiet,
    P205=_quiet,
    P206=_not_reconciled,
    P207=_followers_jump,
    P301=lambda: _late("data", "finance", "2026-08", "2026-09"),
    P302=lambda: _late("data", "finance", "2026-04"),
    P303=lambda: _late("superior_review", "service", "2026-04"),
    P304=(lambda: _late("data", "finance", "2026-04"), "P302"),
    P401=lambda: _given("0.98", "0.98", "0.98"),
    P402=lambda: _given("0.95", "0.96", "0.97"),
    P403=lambda: _given("0.80", "0.81", "0.82"),
    P404=_copied,
    P405=lambda: _given("0.80", "0.85", "0.90", own="0.99"),
    # a firm of eight, all of them in the pilot, whose owner is lenient
    P501=(lambda: _demo("xiaoman"), "P402"),
    P502=(lambda: _demo("xiaoman"), "P402"),
    P503=_until_august,
)

# --- rollout: June of the first demo client, which has notes only -------------------------------


def _june_without(table: str, **cells: str) -> Client:
    return june_with(table, lambda frame: without(frame, **cells))


def _far_apart() -> Client:
    here = {"employee": "E025", "period": JUNE, "indicator": "avg_response_time"}
    return june_with("assessments", lambda t: _put(t, "self_score", exact("5.01"), **here))


def _unconfirmed() -> Client:
    here = {"employee": "E025", "period": JUNE}

    def unconfirm(table: pd.DataFrame) -> pd.DataFrame:
        return _put(_put(table, "superior_date", pd.NaT, **here), "superior_score", pd.NA, **here)

    return june_with("assessments", unconfirm)


ROLLOUT = _cases(
    lambda client: check_rollout(client, calculate(client, (JUNE,))),
    R101=_unconfirmed,
    R102=lambda: june_with("appeals", lambda t: _put(t, "settled_on", pd.NaT, employee="E026")),
    R103=lambda: _june_without("interviews", employee="E025", period=JUNE),
    # in months paid out the demo's non-genuine orders are told beside (P201)
    R104=(
        lambda: configured(
            _june_without("interviews", employee="E025", period=JUNE), rollout_from=JUNE
        ),
        "P201",
    ),
    R105=(
        lambda: configured(
            _june_without("signoffs", paper="consent", subject_id="E025"), pay="real"
        ),
        "P201",
    ),
    R106=lambda: june_with("appeals", lambda t: t),
    R107=_far_apart,
    R108=(lambda: configured(june_with("appeals", lambda t: t), pay="better_of"), "P201"),
    R111=lambda: june_with(
        "appeals",
        lambda t: t.assign(
            period="2026-05", correction=350 * 1_000_000, settled_on=pd.Timestamp(2026, 6, 2)
        ),
    ),
    R109=lambda: june_with(
        "sales_bridge", lambda t: _put(t, "finance_sales", pd.NA, channel="tmall", month=JUNE)
    ),
) | {
    # December of a year whose holidays nobody knows: its pay day lies in the next January
    "R110": Case(
        lambda: a_client("2030-12"),
        lambda client: unknown_holidays(client, monthly_deadlines(client, "2030-12")["due"]),
    )
}

CASES: dict[str, Case] = {
    **ORGANISATION, **SCHEME, **EXAM, **CALCULATION, **PILOT, **ROLLOUT,
}  # fmt: skip
#: Clients in which nothing is wrong: what the cases above are changed from.
SOUND: dict[str, Case] = {
    "organisation": Case(_ready, check_organisation),
    "scheme": Case(lambda: _paid(plan("cashier", 4000, 1000)), check_scheme),
    "exam": Case(exam_client, _exam),
    "calculation": Case(_shop, _calculated()),
    "pilot": Case(_quiet, _piloted),
    "rollout": Case(lambda: june_with("appeals", lambda t: t), ROLLOUT["R101"].asked),
}
