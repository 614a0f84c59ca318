"""The design's verdicts rest on what is known, and are never milder than the tables beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ecperf_kit.client import Client, open_client
from ecperf_kit.exact import MILLION, exact
from ecperf_kit.method.calculate import calculate
from ecperf_kit.outputs.listing import open_list
from ecperf_kit.outputs.wording import Wording
from ecperf_kit.rules import check_scheme
from ecperf_kit.rules.pay_fit import pay_fit
from ecperf_kit.rules.pilot import pilot_of
from ecperf_kit.stages import conclude
from ecperf_kit.stages.design import _state
from ecperf_kit.stages.pilot_verdicts import _pay
from ecperf_kit.stages.proposals import pay_plan_rows
from ecperf_kit.stages.result import Sentence, StageResult, Verdict
from ecperf_kit.stages.settled import due_of, owner_of
from tests.scheme_client import a_client, card, plan, staff, table_t1, year_plan
from tests.stage_checks import worded

ROOT = Path(__file__).resolve().parent.parent
MARKET = {"post": "presales_cs", "as_of": "2026-02-28", "low": "5600", "median": "6500",
          "high": "7600", "source": "招聘网站"}  # fmt: skip


def _verdict(report: StageResult, name: str) -> Verdict:
    return next(v for v in report.verdicts if v.question == f"design.question.{name}")


# -- standards ----------------------------------------------------------------------------------
#: By the plan; by 5 % steps; at a rate; by intervals of its own figure, which are its standard.
ROWS = (
    ("net_sales", "core", 40),
    ("store_conversion", "core", 25),
    ("traffic_uv", "core", 25),
    ("avg_response_time", "process", 10),
)


def _operators(*standards: dict[str, Any], **more: Any) -> Client:
    tables: dict[str, Any] = {
        "config": {"dates": {"plan_year": 2026, "pilot_from": "2026-04"}},
        "scorecards": card(*ROWS),
        "targets": year_plan(9_600_000, {"tmall": "1"}),
        "coefficient_tables": table_t1(),
        "pay_plans": [plan("store_operator", 5000, 5000)],
    }
    of_post = {"subject_kind": "post", "subject_id": "store_operator", "period": "2026-04"}
    typed = [of_post | row for row in standards]
    return a_client(**staff(*("store_operator",) * 3), standards=typed, **(tables | more))


CONVERSION = {"indicator": "store_conversion", "standard": "0.03"}
VISITORS = {"indicator": "traffic_uv", "standard": "300000"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_rows_without_a_standard_must_change_and_are_counted(language: str) -> None:
    """Of four rows the plan gives one, the intervals another: two lack theirs."""
    client = _operators()
    report = conclude("design", client)
    found = _verdict(report, "standards")
    assert (found.level, found.found.key) == ("change", "design.found.no_standard")
    assert (found.found.values["lacking"], found.found.values["rows"]) == (2, 4)
    assert report.title.key == "design.title.errors_standards"  # E0 has no scorecard either
    assert report.title.values["lacking"] == 2
    assert report.actions[0].what.values["lacking"] == 2
    assert report.actions[0].how.values["posts"] == ("store_operator",)
    assert all(worded(client, report, language))


def test_how_sure_says_how_many_were_compared() -> None:
    # net_sales with the plan: one of four, fewer than half
    one = _verdict(conclude("design", _operators(CONVERSION, VISITORS)), "standards")
    assert (one.level, one.sure.key) == ("fine", "design.sure.standards_part_low")
    assert (one.sure.values["compared"], one.sure.values["rows"]) == (1, 4)
    # with March's conversion of the post there are two of four
    past = {"subject_kind": "post", "subject_id": "store_operator", "period": "2026-03",
            "indicator": "store_conversion", "value": "0.029",
            "source_kind": "platform_erp"}  # fmt: skip
    own = [r | {"standard_basis": "own_history"} if r["indicator"] == "store_conversion" else r
           for r in card(*ROWS)]  # fmt: skip
    two = _operators(CONVERSION, VISITORS, scorecards=own, actuals=[past])
    assert _verdict(conclude("design", two), "standards").sure.values["compared"] == 2


def test_standards_nothing_can_be_held_against_are_not_judged() -> None:
    client = _operators(CONVERSION, VISITORS, scorecards=card(*ROWS[1:]), targets=[])
    found = _verdict(conclude("design", client), "standards")
    assert (found.level, found.found.key) == ("unknown", "design.found.not_compared")
    assert found.sure.key == "design.sure.standards_none"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((True, True, True, True, "change"), "locked"),
        ((False, True, True, True, "fine"), "errors_standards"),
        ((False, True, True, False, "change"), "errors"),
        ((False, False, True, True, "change"), "standards"),
        ((False, False, True, False, "change"), "pay"),
        ((False, False, True, False, "watch"), "watch"),
        ((False, False, False, False, "watch"), "watch_pay"),
        ((False, False, False, False, "fine"), "sound"),
    ],
)
def test_the_title_says_the_gravest(given: tuple[Any, ...], said: str) -> None:
    assert _state(*given) == said


# -- pay ----------------------------------------------------------------------------------------
def _service(*plans: dict[str, Any], number: int = 3, **more: Any) -> Client:
    return a_client(
        config={"dates": {"plan_year": 2026, "pilot_from": "2026-04"}},
        **staff(*("presales_cs",) * number),
        targets=year_plan(60_000_000, {"tmall": "1"}),
        coefficient_tables=table_t1(),
        pay_plans=plans,
        **more,
    )


@pytest.mark.parametrize(
    ("low", "level"),
    [("5600", "fine"), ("6500.01", "change")],  # 4,550 + 1,950 = 6,500
)
def test_pay_below_the_market_is_no_sound_pay(low: str, level: str) -> None:
    row = MARKET | {"low": low, "median": "6600"}
    report = conclude("design", _service(plan("presales_cs", 4550, 1950), market_pay=[row]))
    found = _verdict(report, "pay")
    assert found.level == level
    asked = [action for action in report.actions if action.what.key == "design.found.unfit_one"]
    assert len(asked) == (level == "change")
    if asked:
        assert found.found.values["post"] == "presales_cs"
        assert report.title.values["plans"] == 1


def test_of_a_plan_of_two_people_only_the_number_is_told() -> None:
    row = MARKET | {"low": "6500.01", "median": "6600"}
    report = conclude("design", _service(plan("presales_cs", 4550, 1950), number=2,
                                         market_pay=[row]))  # fmt: skip
    found = _verdict(report, "pay")
    assert (found.level, found.found.key) == ("change", "design.found.unfit_change")
    assert found.found.values == {"plans": 1}


def test_a_share_far_off_is_to_be_watched() -> None:
    # 40.5 % of 6,500 where 30 % are advised: more than ten points
    report = conclude("design", _service(plan("presales_cs", "3867.5", "2632.5")))
    assert _verdict(report, "pay").level == "watch"
    mix = report.table("pay_mix").set_index("category")
    assert mix.at["C_support", "state"] == "watch"
    near = conclude("design", _service(plan("presales_cs", 3900, 2600)))  # 40 %
    assert near.table("pay_mix").set_index("category").at["C_support", "state"] == "sound"


def test_one_ratio_for_all_is_mended_for_all() -> None:
    """Operators and accountants both at 30 %: 50 % and 20 % are advised, also for the latter."""
    client = a_client(
        **staff(*("store_operator",) * 3, *("accountant",) * 3, *("presales_cs",) * 3),
        targets=year_plan(60_000_000, {"tmall": "1"}),
        coefficient_tables=table_t1(),
        pay_plans=[plan(post, 7000, 3000)
                   for post in ("store_operator", "accountant", "presales_cs")],
    )  # fmt: skip
    mix = conclude("design", client).table("pay_mix").set_index("category")["state"]
    assert dict(mix) == {"B_sales": "change", "D_functional": "change", "C_support": "sound"}
    rows = pay_plan_rows(client).set_index("subject_id")
    assert rows.at["accountant", "performance_pay"] == exact("2000")
    assert rows.at["store_operator", "performance_pay"] == exact("5000")
    assert "presales_cs" not in rows.index
    fit = pay_fit(client).set_index("subject")["post_fit"]
    assert [fit[f"post:{name}"].level for name in ("accountant", "presales_cs")] == [
        "watch",
        "fine",
    ]


# -- steps --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("actual", "steps"),
    [
        # two points above 92.15 % would be 94.15 %, below the 95 % in force: 95, 97, 99
        ("0.9215", ("0.95", "0.97", "0.99")),
        # two points above 94 % are 96 %: from there on as before
        ("0.935", ("0.955", "0.975", "0.995")),
    ],
)
def test_no_step_goes_back_behind_the_standard_in_force(
    actual: str, steps: tuple[str, ...]
) -> None:
    of_post = {"subject_kind": "post", "subject_id": "picker_packer", "indicator": "ship_48h"}
    client = a_client(
        **staff(*("picker_packer",) * 3),
        scorecards=card(("ship_48h", "core", 100), subject="post:picker_packer",
                        standard_basis="own_history"),
        standards=[{**of_post, "period": "2026-04", "standard": "0.95"}],
        actuals=[{**of_post, "period": "2026-03", "value": actual,
                  "source_kind": "platform_erp"}],
    )  # fmt: skip
    (row,) = conclude("design", client).table("standard_steps").to_dict("records")
    assert tuple(row[name] for name in ("first", "second", "third")) == tuple(map(exact, steps))


# -- consents -----------------------------------------------------------------------------------
@pytest.mark.parametrize("mode", ["shadow", "better_of"])
def test_consents_outstanding_say_what_is_paid_meanwhile(mode: str) -> None:
    client = a_client(
        config={"pilot": {"pay": mode}},
        **staff("cashier"),
        coefficient_tables=table_t1(),
        pay_plans=[plan("cashier", 4000, 1000)],
    )
    (found,) = [f for f in conclude("design", client).findings if f.code == "S129"]
    assert found.values["pay"] == f"consent_{mode}"
    said = client.library.texts("zh")[f"label.{found.values['pay']}"]
    assert ("取高" in said) is (mode == "better_of") and ("试算" in said) is (mode == "shadow")


# -- nothing hides behind something else that is missing ----------------------------------------
def test_a_standard_missing_beside_the_actual_is_told_at_once() -> None:
    """April: visits on record; conversion (by steps) has neither figure, the response time
    (by intervals of its own) needs no standard."""
    visits = {"subject_kind": "post", "subject_id": "store_operator", "indicator": "traffic_uv",
              "period": "2026-04", "value": "300000", "source_kind": "platform_erp"}  # fmt: skip
    client = _operators(VISITORS, actuals=[visits], targets=[])
    found = calculate(client, ("2026-04",)).findings
    lacking = {
        code: {f.values["indicator"] for f in found if f.code == code} for code in ("C101", "C102")
    }
    assert lacking["C101"] == {"net_sales", "store_conversion", "avg_response_time"}
    assert lacking["C102"] == {"net_sales", "store_conversion"}
    told = {f.values["indicator"]: f.values for f in check_scheme(client) if f.code == "S151"}
    # three operators, one month each
    assert told["store_conversion"]["missing"] == told["store_conversion"]["no_standard"] == 3
    assert told["avg_response_time"]["no_standard"] == 0


# -- who and by when ----------------------------------------------------------------------------
def _of_code(code: str, last: str = "") -> tuple[str, str]:
    sold = {"subject_kind": "channel", "subject_id": "tmall", "indicator": "net_sales",
            "period": last, "value": 1, "source_kind": "platform_erp"}  # fmt: skip
    client = a_client(
        config={"dates": {"plan_year": 2026, "pilot_from": "2026-04", "pilot_to": "2026-06"}},
        **staff("store_operator"),
        actuals=[sold] if last else [],
    )
    return owner_of(code).key, due_of(client, code, "2026-07-06")


def test_one_owner_and_one_day_for_a_code_whatever_the_report() -> None:
    # the pilot begins on Wednesday 1 April 2026: its eve is 31 March
    assert _of_code("O121") == ("organisation.who.vice_leader", "2026-03-31")
    assert _of_code("O130") == ("organisation.who.owner", _of_code("S135")[1])
    assert _of_code("O130", "2026-02")[1] == _of_code("S135")[1] < "2026-04"
    # figures of May answer to pay day after May: 15 June 2026, a Monday
    assert {_of_code(code, "2026-05")[1] for code in ("O121", "O130", "S131")} == {"2026-06-15"}
    # what arises in the month keeps the report's own day
    assert _of_code("C101", "2026-05") == ("organisation.who.heads", "2026-07-06")


# -- remedies of single people's cases ------------------------------------------------------------
def test_a_remedy_with_one_persons_figures_is_told_neither_on_the_page_nor_in_the_list() -> None:
    """Nine rows of her own: five core, four process."""
    own = card(("net_sales", "core", 30), ("gross_margin_rate", "core", 20),
               ("store_conversion", "core", 10), ("traffic_uv", "core", 10), ("ppc", "core", 10),
               ("plan_ontime", "process", 5), ("avg_response_time", "process", 5),
               ("ship_48h", "process", 5), ("ship_accuracy", "process", 5),
               subject="employee:E1")  # fmt: skip
    report = conclude("design", _operators(scorecards=[*card(*ROWS), *own]))
    (action,) = [a for a in report.actions if a.what.key == "finding.S102.title"]
    assert action.how == Sentence("findings.persons_remedy", {"count": 1})
    client = _operators()
    rows = open_list(report.findings, Wording(client.library, "zh", client)).rows
    (row,) = [row for row in rows if row[1] == "S102"]
    assert "涉及 1 人，各人怎么改见受限文件。" in row


# -- the other reports of the small demo client -------------------------------------------------
def test_the_pilot_says_what_a_first_effect_rests_on() -> None:
    """Xiaoman's sales are above last year's; nobody's pay follows anything before July."""
    report = conclude("pilot", open_client("xiaoman", period="2026-04..2026-06", root=ROOT))
    row = report.table("conditions").iloc[-1]
    assert row["level"] == "fine"
    assert row["missing"].key == "pilot.ground.effect_net_sales"
    sold = open_client("xiaoman", root=ROOT).table("actuals")
    sold = sold[(sold["indicator"] == "net_sales") & (sold["subject_kind"] == "channel")]
    of = [sold.loc[sold["period"].isin([f"{y}-0{m}" for m in (4, 5, 6)]), "value"].sum()
          for y in (2026, 2025)]  # fmt: skip
    assert row["missing"].values["change"] == round((of[0] - of[1]) * MILLION / of[1])
    # the report tells the scheme's own errors first; this is the question's own answer
    months = ("2026-04", "2026-05", "2026-06")
    pay = _pay(pilot_of(open_client("xiaoman", root=ROOT), months), [], [])
    assert (pay.level, pay.found.key) == ("unknown", "pilot.found.not_linked")


def test_the_organisations_title_counts_what_the_page_asks_for() -> None:
    report = conclude("organisation", open_client("xiaoman", root=ROOT))
    assert report.title.key == "organisation.title.blocked"
    # the target is one figure, no element in place: errors; pilot short, few people, by hand
    assert report.title.values["count"] == len(report.actions) == 5
    assert (report.title.values["errors"], report.title.values["done"]) == (2, 0)
