"""One count of a thing on the whole page: title, card, figures and table tell the same."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from types import MappingProxyType, SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION
from ecperf_kit.finding import Finding
from ecperf_kit.intake.check import choice_words
from ecperf_kit.intake.declare import tables
from ecperf_kit.method.calculate import calculate
from ecperf_kit.outputs import listing
from ecperf_kit.outputs.tables import title
from ecperf_kit.outputs.wording import Wording
from ecperf_kit.outputs.workbook import _number
from ecperf_kit.period import Period
from ecperf_kit.stages import conclude, default_period
from ecperf_kit.stages.exam import _safe
from ecperf_kit.stages.exam_questions import _scores
from ecperf_kit.stages.result import StageResult, Verdict
from ecperf_kit.stages.rollout_tables import pay_lines
from tests.scheme_client import a_client
from tests.test_stage_rollout import changed, configured, demo, without


def _of_month(name: str, month: str) -> Client:
    return replace(demo(name), period=Period.parse(month))


def _card(report: StageResult, question: str) -> Verdict:
    return next(v for v in report.verdicts if v.question.endswith(f"question.{question}"))


def _said(client: Client, sentence: Any) -> str:
    return Wording(client.library, "zh", client).say(sentence)


# --- who is due, computed, left out ---------------------------------------------------------


def test_whoever_has_no_scorecard_is_due_and_all_are_not_computed() -> None:
    # eleven are due in September too; without the assistant's card ten are computed
    client = changed("scorecards", lambda t: without(t, subject_id="ops_assistant"))
    client = replace(client, period=Period.parse("2026-09"))
    report = conclude("rollout", client)
    card = _card(report, "computed")
    figure = next(f.value for f in report.figures if f.label == "rollout.figure.computed")
    assert _said(client, report.title).startswith("应算 11 人次，算出 10 人次")
    assert _said(client, card.found) == "应算 11 人次，算出 10 人次，1 人次算不出来"
    assert (figure.values["done"], figure.values["parts"]) == (10, 11)
    assert card.level == "watch"
    pays = report.table("pay_list")["pay"]
    assert (len(pays), int(pays.notna().sum())) == (11, 10)


def test_a_missing_actual_makes_the_card_red_with_both_numbers() -> None:
    def lose(table: pd.DataFrame) -> pd.DataFrame:
        return without(table, subject_id="E025", indicator="cs_sales", period="2026-06")

    client = changed("actuals", lose)
    report = conclude("rollout", client)
    card = _card(report, "computed")
    assert card.level == "change"
    assert _said(client, card.found).startswith("应算 11 人次，算出 10 人次，1 人次算不出来；")
    assert _said(client, report.title).startswith("应算 11 人次，有 1 人次")


def test_nothing_of_nothing_is_never_fine() -> None:
    # in February forty people worked and nobody had a scorecard yet
    client = _of_month("qinghe_draft", "2026-02")
    report = conclude("rollout", client)
    assert (report.title.values["all"], report.title.values["computed"]) == (40, 0)
    assert _card(report, "computed").level == "change"
    assert _card(report, "confirmed").level == "unknown"
    assert "fine" not in {v.level for v in report.verdicts}
    gates = report.table("gates").set_index("name" if "name" in report.table("gates") else "gate")
    empty = gates[gates["of"] == 0]
    assert len(empty) and set(empty["state"]) == {"unknown"}


def test_rows_without_a_score_are_not_confirmed() -> None:
    # April: scorecards, but no actuals yet
    report = conclude("rollout", _of_month("qinghe_draft", "2026-04"))
    assert report.title.values["computed"] == 0 < report.title.values["all"]
    assert _card(report, "confirmed").level == "unknown"


def test_the_history_before_the_scheme_is_not_the_month_looked_at() -> None:
    draft = replace(demo("qinghe_draft"), period=None)
    assert draft.table("actuals")["period"].max() == "2026-02"
    assert f"{draft.config.dates.scheme_from:%Y-%m}" == "2026-04"
    for stage in ("rollout", "review"):
        assert default_period(stage, draft).text == "2026-04"
    # without a scheme's date the pilot's; without both the last month of the history
    undated = configured(draft, scheme_from=None)
    assert default_period("rollout", undated).text == undated.config.dates.pilot_from
    assert default_period("rollout", configured(undated, pilot_from="")).text == "2026-02"


# --- talks and proposals of a month without scores ---------------------------------------------


def test_no_lowest_score_to_begin_with_where_nobody_has_a_score() -> None:
    client = _of_month("qinghe_draft", "2026-04")
    report = conclude("review", client)
    told = [_said(client, s) for s in (report.title, report.advice, *report.reasons)]
    assert report.title.values["lowest_open"] == 0 < report.title.values["open"]
    assert not [text for text in told if "得分最低" in text or " 0 项" in text]
    levels = {name: _card(report, name).level for name in ("results", "standards", "weights")}
    assert set(levels.values()) == {"unknown"}


def test_open_talks_on_low_scores_are_still_named_first() -> None:
    # E025 has 59.5 in June: below 60, so among the lowest
    def forget(table: pd.DataFrame) -> pd.DataFrame:
        return without(table, employee="E025", period="2026-06")

    client = changed("interviews", forget)
    report = conclude("review", client)
    assert (report.title.values["open"], report.title.values["lowest_open"]) == (1, 1)
    assert "先谈得分最低的" in _said(client, report.title)


# --- the exam ------------------------------------------------------------------------------------


def test_no_department_s_result_follows_from_the_total() -> None:
    # sat and passed: 8 of 10, 5 of 6; two and two that all passed stay behind with 4 of 4
    # passed, so the smaller shown one joins them: 9 of 10 tell nobody's result
    sat, ok = np.array([10, 6, 2, 2]), np.array([8, 5, 2, 2])
    assert _safe(sat, ok, 3).tolist() == [True, False, False, False]
    # of the two behind one failed: one of two is nobody's own result, but two are too few
    assert _safe(np.array([10, 6, 2]), np.array([8, 5, 1]), 3).tolist() == [True, False, False]
    # three behind, of whom one failed
    assert _safe(np.array([10, 6, 2, 1]), np.array([8, 5, 1, 1]), 3).tolist() == [
        True, True, False, False,
    ]  # fmt: skip
    # all of a department failed: each one's result; it goes behind with the smallest other
    assert _safe(np.array([10, 6, 4]), np.array([8, 5, 0]), 3).tolist() == [True, False, False]
    # everybody passed: the total says so already
    assert _safe(np.array([10, 2]), np.array([10, 2]), 3).tolist() == [True, False]


def test_an_example_is_a_figure_that_can_be() -> None:
    client = replace(demo(), period=None)
    asked = 0
    for question in _scores(client, Random(1)):
        values = question.ask.values
        (standard, unit), (actual, _) = values["standard"], values["actual"]
        if unit == "count":
            assert standard % MILLION == 0 == actual % MILLION, values
            asked += 1
        if unit == "ratio":  # as precise as it is printed, and no rate above the whole
            assert standard % 1000 == 0 == actual % 1000
            assert max(standard, actual) <= MILLION, values
    assert asked
    # two violations where none is allowed, 25 % of 10 points each: 10 x (1 - 2 x 0.25)
    violations = [
        q for q in _scores(client, Random(1))
        if q.ask.values["indicator"] == "content_violation"
    ]  # fmt: skip
    assert violations
    for question in violations:
        assert question.ask.values["standard"][0] == 0
        assert question.ask.values["actual"][0] == 2 * MILLION
        weight = question.ask.values["weight"]
        assert question.options[0].values["value"] == weight // 2


# --- one word for one thing ------------------------------------------------------------------


def test_pay_day_may_be_typed_as_the_calendar_has_it() -> None:
    library = demo().library
    table = tables()["process_log"]
    words = choice_words(table, [library.texts(language) for language in ("zh", "en")])["step"]
    # as the calendar and the lateness map say, and as older workbooks offered it
    assert {words[typed] for typed in ("发薪", "pay day", "薪酬", "pay")} == {"pay"}
    rows = conclude("pilot", replace(demo(), period=None)).table("lateness")["row"]
    told = {_said(demo(), sentence).rpartition("· ")[2] for sentence in rows}
    assert "发薪" in told and "薪酬" not in told


# --- the pilot's card, captions and list of findings --------------------------------------------


def _whole() -> Client:
    return replace(demo(), period=None)


def _with(client: Client, **tables_: pd.DataFrame) -> Client:
    return replace(client, tables=MappingProxyType({**client.tables, **tables_}))


def test_two_late_entries_are_not_in_time() -> None:
    log = _whole().table("process_log").copy()
    log["done"] = log["due"]  # all 66 in time, then two of them two and three days late
    log.loc[log.index[:2], "done"] += pd.to_timedelta([2, 3], unit="D")
    card = _card(conclude("pilot", _with(_whole(), process_log=log)), "process")
    assert card.level == "watch"
    assert _said(demo(), card.found) == "流程日志 66 条里有 2 条迟到，最多迟 3.0 天。"
    log["done"] = log["due"]
    assert _card(conclude("pilot", _with(_whole(), process_log=log)), "process").level == "fine"


def test_confirmed_without_a_score_of_their_own_is_not_unscored() -> None:
    given = _whole().table("assessments").copy()
    given["superior_score"] = given["superior_score"].mask(given["superior_score"].notna())
    report = conclude("pilot", _with(_whole(), assessments=given))
    card = _card(report, "formality")
    assert card.level == "unknown"
    assert _said(demo(), card.found).startswith("主管只确认了数据得分，没有另外打分")


def test_captions_name_the_month() -> None:
    client = _whole()
    report = conclude("pilot", client)
    wording = Wording(client.library, "zh", client)
    english = Wording(client.library, "en", client)
    bins = report.tables["pay_bins"]
    # in June four of the eleven lose clearly, in no other month so many
    assert title(bins, wording) == "应发升降的人数（2026 年 6 月）"
    assert title(bins, english) == "People by change of pay (June 2026)"
    empty = replace(bins, frame=bins.frame.iloc[:0])
    assert title(empty, wording) == "应发升降的人数"
    assert title(empty, english) == "People by change of pay"
    labels = [wording.text(f.label, **f.values) for f in report.figures]
    assert labels[0] == "应发合计（2026 年 4 月至 9 月，较试考前）"
    assert labels[2] == "应发明显下降的人（2026 年 6 月）"
    assert not [text for text in labels if "最多的月份" in text or "最大的月份" in text]


def test_one_fault_of_many_months_is_one_row_of_the_page_and_many_in_the_workbook() -> None:
    client = _whole()
    wording = Wording(client.library, "zh", client)

    def lacking(month: str, indicator: str, post: str = "presales_cs") -> Finding:
        values = {"month": month, "post": post, "indicator": indicator, "people": 4}
        return Finding("C101", f"post:{post}", values)

    found = [lacking(f"2026-0{m}", i) for m in (4, 5, 6) for i in ("cs_sales", "csat")]
    other = [lacking("2026-04", "net_sales", "store_operator")]
    ordered = listing.ordered([*found, *other], wording)
    rows = listing.page_list(ordered, wording, open_=True).rows
    assert len(rows) == 2 and len(listing.open_list(ordered, wording).rows) == 7
    text = str(rows[0][4])
    assert text.startswith("共 6 处：2026 年 4 月、2026 年 5 月、2026 年 6 月；客服询单成交额、")
    assert str(rows[0][5]).startswith("每处照此办理：") and "共" not in str(rows[1][4])[:2]
    # persons' cases stay a number in the open list, and are joined in the restricted one
    own = [
        Finding("C118", "employee:E002", {"employee": "E002", "month": m, "total": 91 * MILLION})
        for m in ("2026-04", "2026-05", "2026-07")
    ]
    assert "陆嘉禾" not in str(listing.page_list(own, wording, open_=True).rows)
    (row,) = listing.page_list(own, wording, open_=False).rows
    assert str(row[4]).startswith("共 3 处：2026 年 4 月、2026 年 5 月、2026 年 7 月。例如：")


def test_the_verdict_counts_the_same_fault_as_one() -> None:
    # 11 of the 66 person-months lose an actual: April to September of one indicator
    client = _whole()
    actuals = without(client.table("actuals"), subject_id="E025", indicator="cs_sales")
    report = conclude("pilot", _with(client, actuals=actuals))
    months = sum(f.code == "C101" for f in report.findings)
    assert months == 6
    reasons = [_said(client, s) for s in report.reasons]
    told = [text for text in reasons if "缺少实际值" in text]
    assert told in ([], ["缺少实际值（6 处）。"])


def test_sales_alone_make_no_bridge_to_profit() -> None:
    sales = {"month": "2026-01", "measure": "net_sales"}
    alone = a_client(targets=[{**sales, "amount": "600", "channel": "tmall"}])
    assert conclude("design", alone).table("plan_bridge").empty
    profit = {"month": "2026-01", "measure": "gross_profit", "amount": "330"}
    bridge = conclude("design", a_client(targets=[{**sales, "amount": "600"}, profit]))
    # 600 of sales less 270 of goods leave 330
    amounts = bridge.table("plan_bridge")["amount"].tolist()
    assert amounts[:3] == [600 * MILLION, -270 * MILLION, 330 * MILLION]


# --- units ---------------------------------------------------------------------------------------


def test_a_commission_is_a_share_of_money_and_a_piece_has_a_price() -> None:
    lines = calculate(demo(), ("2026-06",)).lines.copy()
    lines = lines.assign(basis=1_200 * MILLION, rate=MILLION // 200)
    lines.loc[lines.index[0], "line"] = "piece"
    lines.loc[lines.index[0], "rate"] = 2 * MILLION
    lines.loc[lines.index[1], "line"] = "commission_sales"
    table = pay_lines(SimpleNamespace(lines=lines))
    piece = table[table["line"] == "piece"].iloc[0]
    assert (piece["pieces"], piece["price"]) == (1_200 * MILLION, 2 * MILLION)
    assert pd.isna(piece["basis"]) and pd.isna(piece["rate"])
    drawn = table[table["line"] == "commission_sales"].iloc[0]
    assert (drawn["basis"], drawn["rate"]) == (1_200 * MILLION, 5_000)  # 0.5 % of 1,200 yuan
    assert pd.isna(drawn["pieces"]) and pd.isna(drawn["price"])


@pytest.mark.parametrize(
    ("stored", "text", "number", "pattern"),
    [
        (495_000_000_000, "495,000.00 元", 495_000, '#,##0.00" 元";"−"#,##0.00" 元"'),
        (150_000, "15.0%", 0.15, '#,##0.0%;"−"#,##0.0%'),
        (12_500_000, "CNY 12.50", 12.5, '"CNY "#,##0.00;"−""CNY "#,##0.00'),
        (-5_000_000, "−CNY 5.00", -5, '"CNY "#,##0.00;"−""CNY "#,##0.00'),
        (60_000_000, "60", 60, '#,##0;"−"#,##0'),
    ],
)
def test_figures_of_several_units_in_one_column_keep_their_unit(
    stored: int, text: str, number: float, pattern: str
) -> None:
    assert _number(stored, "number", text, "zh", True) == (number, pattern)


def test_nobody_s_pay_adds_up_to_nothing_and_not_to_0() -> None:
    report = conclude("rollout", _of_month("qinghe_draft", "2026-04"))
    assert next(f.value for f in report.figures if f.label == "rollout.figure.pay") is None
