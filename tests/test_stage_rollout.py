"""The month's run: pay that is certain, provisional or missing, gates, progress, calendar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import pytest

from ecperf_kit.client import Client, open_client
from ecperf_kit.exact import exact
from ecperf_kit.finding import Finding, Source
from ecperf_kit.method.calculate import calculate
from ecperf_kit.outputs import show
from ecperf_kit.outputs.wording import Wording
from ecperf_kit.period import Period, months_between
from ecperf_kit.rules.rollout import check_rollout
from ecperf_kit.stages.result import StageResult
from ecperf_kit.stages.rollout import rollout

ROOT = Path(__file__).resolve().parent.parent
JUNE = "2026-06"
PRESALES = ["E025", "E026", "E027", "E028"]


@cache
def demo(name: str = "qinghe", language: str = "zh") -> Client:
    return open_client(name, JUNE, language, root=ROOT)


@cache
def run() -> StageResult:
    return rollout(demo())


def changed(table: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Client:
    """The demo client of June with one table changed."""
    client = demo()
    frame = change(client.table(table).copy())
    return replace(client, tables=MappingProxyType({**client.tables, table: frame}))


def configured(client: Client, **pilot_or_dates: Any) -> Client:
    pilot = {k: v for k, v in pilot_or_dates.items() if k == "pay"}
    dates = {k: v for k, v in pilot_or_dates.items() if k != "pay"}
    config = replace(
        client.config,
        pilot=replace(client.config.pilot, **pilot),
        dates=replace(client.config.dates, **dates),
    )
    return replace(client, config=config)


def without(table: pd.DataFrame, **cells: str) -> pd.DataFrame:
    chosen = pd.Series(True, index=table.index)
    for column, value in cells.items():
        chosen &= (table[column] == value).fillna(False)
    assert chosen.any()
    return table[~chosen].reset_index(drop=True)


def of(report: StageResult, table: str, employee: str) -> pd.Series:
    frame = report.table(table)
    rows = frame[frame["employee"] == employee]
    assert len(rows) == 1
    return rows.iloc[0]


def codes(report: StageResult) -> list[str]:
    return [finding.code for finding in report.findings]


def say(report: StageResult, sentence: Any) -> str:
    return Wording(demo().library, "zh", demo()).say(sentence)


def gate(report: StageResult, name: str) -> pd.Series:
    table = report.table("gates")
    chosen = [sentence.key == f"rollout.gate.{name}" for sentence in table["gate"]]
    return table[chosen].iloc[0]


# --- the pay list ---------------------------------------------------------------


@pytest.mark.parametrize("employee", PRESALES)
def test_pay_of_june_in_parts(employee: str) -> None:
    # 4,550 + 1,950 x 0.4 = 5,330; nothing else in the plan
    row = of(run(), "pay_list", employee)
    assert (row["base"], row["performance"]) == (exact("4550"), exact("780"))
    assert row["pay"] == exact("5330")
    assert pd.isna(row["commission"]) and pd.isna(row["codes"])
    assert row["mode"].key == "rollout.mode.shadow"


def test_everybody_is_computed_and_nothing_is_paid_in_a_shadow_month() -> None:
    assert run().title.key == "rollout.title.shadow"
    assert len(run().table("pay_list")) == 11
    assert run().table("pay_list")["pay"].notna().all()


def test_a_missing_actual_leaves_the_person_out_and_never_makes_0() -> None:
    client = changed(
        "actuals", lambda t: without(t, subject_id="E025", indicator="cs_sales", period=JUNE)
    )
    report = rollout(client)
    row = of(report, "pay_list", "E025")
    assert pd.isna(row["pay"]) and pd.isna(row["performance"])
    assert row["codes"] == "C101"
    assert report.title.key == "rollout.title.left_out"
    total = next(f.value for f in report.figures if f.label == "rollout.figure.pay")
    assert total.values["left_out"] == 1
    whole = next(f.value for f in run().figures if f.label == "rollout.figure.pay")
    assert whole - total.values["pay"] == exact("5330")
    assert gate(report, "actuals")["open"] == 1


def test_unconfirmed_rows_make_the_pay_provisional() -> None:
    def unconfirm(table: pd.DataFrame) -> pd.DataFrame:
        here = (table["employee"] == "E025") & (table["period"] == JUNE)
        table["superior_score"] = table["superior_score"].mask(here)
        table["superior_date"] = table["superior_date"].mask(here)
        return table

    report = rollout(changed("assessments", unconfirm))
    row = of(report, "pay_list", "E025")
    assert row["pay"] == exact("5330")
    assert row["state"].key == "rollout.state.provisional"
    assert report.title.key == "rollout.title.provisional"
    assert codes(report).count("R101") == 1
    assert gate(report, "unconfirmed")["open"] == 6  # the six rows of the scorecard


def test_several_months_show_the_last_in_front() -> None:
    client = replace(demo(), period=Period.parse("2026-04..2026-06"))
    months = rollout(client).table("pay_list")["month"].drop_duplicates().to_list()
    assert months == [JUNE, "2026-05", "2026-04"]


# --- findings and gates ---------------------------------------------------------------


def test_a_fault_in_the_files_keeps_pay_from_being_handed_over() -> None:
    sound = run()
    assert (gate(sound, "data")["open"], gate(sound, "data")["state"]) == (0, "gate_open")
    fault = Finding("D206", "table:pay_plans", {}, Source("pay_plans.csv", "", 3, "base"))
    note = Finding("D210", "table:pay_plans", {}, Source("pay_plans.csv", "", 4, "base"))
    broken = rollout(replace(demo(), findings=(fault, note)))
    # the note does not count, the error does
    assert (gate(broken, "data")["open"], gate(broken, "data")["state"]) == (1, "gate_closed")


def test_the_month_is_over_and_the_appeal_is_open() -> None:
    def reopen(table: pd.DataFrame) -> pd.DataFrame:
        table["settled_on"] = table["settled_on"].mask(table["employee"] == "E026")
        return table

    report = rollout(changed("appeals", reopen))
    assert [f.subject for f in report.findings if f.code == "R102"] == ["employee:E026"]
    assert gate(report, "appeals")["open"] == 1
    assert gate(report, "appeals")["of"] == 2


@pytest.mark.parametrize(("rolled_out", "code"), [(None, "R103"), (JUNE, "R104")])
def test_a_low_score_needs_a_talk(rolled_out: str | None, code: str) -> None:
    client = changed("interviews", lambda t: without(t, employee="E025", period=JUNE))
    report = rollout(configured(client, rollout_from=rolled_out))
    found = [f.subject for f in report.findings if f.code in ("R103", "R104")]
    assert found == ["employee:E025"]
    assert code in codes(report)
    low = report.table("low_scores")
    assert low["employee"].to_list() == PRESALES  # 59.5 is below 60
    assert low["state"].to_list() == ["open", "done", "done", "done"]


@pytest.mark.parametrize(("pay", "stopped"), [("real", True), ("shadow", False)])
def test_real_pay_without_consent_is_an_error(pay: str, stopped: bool) -> None:
    client = changed("signoffs", lambda t: without(t, paper="consent", subject_id="E025"))
    report = rollout(configured(client, pay=pay))
    assert ("R105" in codes(report)) is stopped
    assert gate(report, "consents")["open"] == 1
    assert (report.title.key == "rollout.title.consent") is stopped


def test_own_and_superiors_scores_more_than_5_points_apart() -> None:
    def praise(table: pd.DataFrame) -> pd.DataFrame:
        here = (table["employee"] == "E025") & (table["period"] == JUNE)
        here &= table["indicator"] == "avg_response_time"
        table.loc[here, "self_score"] = exact("5.01")  # the superior gave 0
        return table

    client = changed("assessments", praise)
    found = [f for f in check_rollout(client, calculate(client, (JUNE,))) if f.code == "R107"]
    assert [f.subject for f in found] == ["employee:E025"]


def test_the_superior_who_gives_98_is_noted_by_the_total() -> None:
    # 98 - 83 = 15.00 for the assistant, rows read to the hundredth
    found = [f for f in run().findings if f.code == "R106"]
    assert [(f.subject, f.values["difference"]) for f in found] == [("employee:E002", exact("15"))]


@pytest.mark.parametrize("name", ["qinghe", "xiaoman"])
def test_the_demo_clients_get_notes_only(name: str) -> None:
    client = demo(name)
    dates = client.config.dates
    months = months_between(str(dates.pilot_from), str(dates.pilot_to))
    found = check_rollout(client, calculate(client, months))
    assert {client.library.codes[f.code].severity for f in found} <= {"note"}


# --- progress, scores by post, calendar ----------------------------------------------------------


def test_85_percent_done_15_percent_to_go() -> None:
    # plan of June 3,600,000; 85 % are 3,060,000
    def slower(table: pd.DataFrame) -> pd.DataFrame:
        here = (table["subject_id"] == "tmall") & (table["indicator"] == "net_sales")
        table.loc[here & (table["period"] == JUNE), "value"] = exact("3060000")
        return table

    report = rollout(changed("actuals", slower))
    table = report.table("progress")
    row = table[(table["measure"] == "net_sales") & (table["span"] == JUNE)].iloc[0]
    assert (row["share"], row["to_go"]) == (exact("0.85"), exact("540000"))
    assert "完成 85.0%，还差 15.0%" in say(report, row["said"])


def test_5000_of_100000_are_95000_to_go() -> None:
    def slow(table: pd.DataFrame) -> pd.DataFrame:
        here = (table["subject_id"] == "E025") & (table["indicator"] == "cs_sales")
        table.loc[here & (table["period"] == JUNE), "value"] = exact("5000")
        return table

    client = changed("actuals", slow)
    standards = client.table("standards").copy()
    here = standards["indicator"] == "cs_sales"
    standards.loc[here, "standard"] = exact("100000")
    client = replace(client, tables=MappingProxyType({**client.tables, "standards": standards}))
    report = rollout(client)
    table = report.table("progress_person")
    row = table[(table["employee"] == "E025") & (table["indicator"] == "cs_sales")].iloc[0]
    text = say(report, row["said"])
    assert "完成 5.0%，还差 95.0%" in text
    assert "还差 95,000.00 元" in text


def test_posts_with_few_people_stand_together() -> None:
    # four pre-sales of 59.5 each: their mean would be everybody's score; the other seven share
    # six posts, none with three people
    table = run().table("scores_by_post")
    assert table["persons"].to_list() == [4, 7]
    assert pd.isna(table["value"].iloc[0]) and table["value"].iloc[1] > exact("59.5")
    assert table["label"].iloc[1].key == "rollout.small_posts"


def test_steps_late_in_june() -> None:
    # 5 July 2026 is a Sunday: due on the 6th; finance delivered on the 20th, 14 days late
    table = (
        run()
        .table("calendar")
        .set_index(
            pd.Index(
                [sentence.key.rsplit(".", 1)[1] for sentence in run().table("calendar")["label"]]
            )
        )
    )
    assert str(table.at["data", "end"])[:10] == "2026-07-06"
    assert table.at["data", "late"] == 14
    assert table.at["self_assessment", "late"] == 0
    assert str(table.at["lowest_talks", "end"])[:10] == "2026-07-09"  # talks were held that day
    assert table.at["lowest_talks", "late"] == 0


# --- what the public sees ---------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
def test_open_papers_name_nobody_and_every_table_can_be_shown(language: str) -> None:
    client = demo("qinghe", language)
    report = rollout(client)
    names = set(client.table("employees")["name"])
    shown = [show.title(client, report), show.summary(client, report)]
    shown += [show.table(client, report, name) for name in report.tables]
    show.findings(client, report)
    for piece in shown:
        if piece.audience not in ("person", "superior"):
            assert not [name for name in names if name in piece.html]


def test_a_total_of_fewer_than_three_people_is_not_shown() -> None:
    client = demo()
    few = client.table("assignments")
    few = few[few["employee"].isin(["E025", "E026"])].reset_index(drop=True)
    staff = client.table("employees")
    staff = staff[staff["employee"].isin(few["employee"])].reset_index(drop=True)
    tables = {**client.tables, "assignments": few, "employees": staff}
    client = replace(client, tables=MappingProxyType(tables))
    report = rollout(client)
    assert len(report.table("pay_list")) == 2
    assert next(f.value for f in report.figures if f.label == "rollout.figure.pay") is None
    assert report.table("scores_by_post")["value"].isna().all()


def test_nobody_to_assess() -> None:
    client = replace(demo(), period=Period.parse("2026-02"))
    assert rollout(client).title.key in ("rollout.title.nobody", "rollout.title.left_out")


def test_without_a_pay_plan_the_code_says_so() -> None:
    client = changed("pay_plans", lambda t: without(t, subject_id="ops_assistant"))
    row = of(rollout(client), "pay_list", "E009")
    assert pd.isna(row["pay"]) and row["codes"] == "D311"
