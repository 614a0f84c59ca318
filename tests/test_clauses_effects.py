"""What the assessment has brought, clause by clause (assessment method 1 and 2.5)."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import pytest

from ecperf_kit.client import Client, open_client
from ecperf_kit.exact import exact
from ecperf_kit.library import load_library
from ecperf_kit.method.calculate import calculate
from ecperf_kit.outputs import show
from ecperf_kit.outputs.wording import Wording
from ecperf_kit.stages import conclude
from ecperf_kit.stages.effects import AIMS, MEASURES, Effects, effects
from ecperf_kit.stages.result import StageResult
from ecperf_kit.stages.review_grid import CELLS, people, shown_cells, together
from ecperf_kit.stages.review_tables import with_results
from tests.clause_client import RATED, earned
from tests.scheme_client import a_client, changed, plan, staff, table_t1

ROOT = Path(__file__).resolve().parent.parent
JUNE, MAY = "2026-06", "2026-05"
POST = "channel_ops_manager"
#: Rated totals of three people, May and June: 70 points lost together, then 35.
SCORES = {"E1": (80, 90), "E2": (60, 80), "E3": (90, 95)}


def firm(**tables: Any) -> Client:
    """Three people who are really paid by their scores; tables in ``tables`` replace their own."""
    team = staff(POST, POST, POST)
    team["employees"].append({"employee": "E9", "name": "E9", "hired": "2024-01-01",
                              "left": "2026-06-10"})  # fmt: skip
    own = {"indicator": "expense_accuracy", "name_zh": "报销", "name_en": "Expenses",
           "unit": "points", "direction": "higher_is_better", "aggregation": "mean"}  # fmt: skip
    rated = [
        {"employee": name, "period": month, "indicator": "expense_accuracy", "assessor": "E0",
         "superior_score": points, "superior_date": "2026-12-31"}
        for name, totals in SCORES.items()
        for month, points in zip((MAY, JUNE), totals, strict=True)
    ]  # fmt: skip
    card_row = {**RATED, "indicator": "expense_accuracy"}
    given: dict[str, Any] = {
        **team,
        "indicators": [own],
        "scorecards": [card_row | {"standard_basis": "agreed", "data_source": "none"}],
        "assessments": rated,
        "coefficient_tables": table_t1(),
        "pay_plans": [plan(POST, 5000, 5000, over_gate=False)],
        "pay_history": [
            {"employee": name, "month": month, "pay": 10_000}
            for name in SCORES
            for month in ("2025-05", "2025-06")
        ],
        "targets": [
            {"month": month, "channel": "tmall", "measure": "net_sales", "amount": 1_000_000}
            for month in (MAY, JUNE)
        ],
        "actuals": [
            earned("net_sales", 900_000, MAY), earned("net_sales", 1_100_000, JUNE),
            earned("net_sales", 800_000, "2025-05"), earned("net_sales", 900_000, "2025-06"),
        ],
        "process_log": [
            _step("data", "2026-06-05", "2026-06-05"), _step("pay", "2026-06-15", "2026-06-16"),
            _step("publication", "2026-06-10", "2026-06-08"),
        ],
        "interviews": [
            {"employee": "E1", "period": MAY, "held_on": "2026-06-08", "problems": "慢",
             "solutions": "练", "will": "weak"},
            {"employee": "E2", "period": MAY, "held_on": "2026-06-08", "problems": "慢",
             "solutions": "练", "will": "strong", "value": "worth"},
            {"employee": "E3", "period": MAY, "held_on": "2026-06-08", "problems": "慢"},
        ],
        "appeals": [
            {"employee": "E1", "period": MAY, "raised_on": "2026-06-12", "matter": "a",
             "settled_on": "2026-06-13"},
            {"employee": "E2", "period": MAY, "raised_on": "2026-06-12", "matter": "b"},
        ],
        "signoffs": [
            {"paper": "consent", "subject_kind": "employee", "subject_id": name,
             "signed_by": name, "signed_on": "2026-04-20"}
            for name in ("E1", "E2")
        ],
        "sync_records": [
            {"measure": "training", "held_on": "2026-04-10", "department": "store", "attended": 3}
        ],
    }  # fmt: skip
    config = {"dates": {"plan_year": 2026, "scheme_from": dt.date(2026, 5, 1), "rollout_from": MAY}}
    return a_client(f"{MAY}..{JUNE}", config, **(given | tables))


def _step(step: str, due: str, done: str) -> dict[str, str]:
    return {"month": MAY, "department": "store", "step": step, "due": due, "done": done}


def found(client: Client, *months: str) -> Effects:
    calculation = calculate(client, months or (MAY, JUNE))
    return effects(client, calculation, with_results(calculation.rows))


def measured(client: Client, *months: str) -> dict[str, Any]:
    judged = found(client, *months).judged
    return {one.name: one for own in judged.values() for one in own}


@cache
def of_firm() -> dict[str, Any]:
    return measured(firm())


@cache
def demo(language: str = "zh", period: str = JUNE) -> Client:
    return open_client("qinghe", period, language, root=ROOT)


@cache
def report(language: str = "zh", period: str = JUNE) -> StageResult:
    return conclude("review", demo(language, period))


# --- the two aims -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "aims"),
    [
        ("zh", ("总目标一：达成目标，成本更低", "总目标二：荣损共担，团队成长")),
        ("en", ("Aim 1: targets reached at lower cost",
                "Aim 2: gains and losses shared while the team grows")),
    ],
)  # fmt: skip
def test_m_1_1_the_two_aims_are_headings(language: str, aims: tuple[str, str]) -> None:
    client = demo(language)
    for table, aim in zip(AIMS, aims, strict=True):
        piece = show.table(client, report(language), table)
        assert f"<h3>{aim}</h3>" in piece.html and piece.audience == "everybody"
    glance = report(language).table("effects")
    said = [Wording(client.library, language, client).say(name) for name in glance["name"]]
    assert [said[0], said[4]] == list(aims)


def test_m_1_1_lower_cost_is_sales_per_yuan_of_pay_against_last_year() -> None:
    # May 15,000 + 5,000 x (1.0 + 0.7 + 1.1) = 29,000; June 15,000 + 5,000 x 3.3 = 31,500
    # sales 2.0 m for 60,500 against 1.7 m for 60,000: 120 / 102.85 = 1.166748
    assert of_firm()["cost_pace"].measure.share == exact("1.166748")
    assert of_firm()["cost_pace"].level == "shown"
    assert of_firm()["plan_amount"].measure.share == exact("1")
    assert found(firm()).level("lower_cost") == "shown"


# --- the six effects ----------------------------------------------------------------


def test_m_1_2_six_effects_each_with_evidence_or_not_yet() -> None:
    glance = report().table("effects")
    assert [key.key.rpartition(".")[2] for key in glance["name"]] == [
        "aim_cost", "shared_target", "post_targets", "problems_seen",
        "aim_sharing", "shared_result", "team_growth", "stable_management",
    ]  # fmt: skip
    assert set(glance["level"]) <= {"shown", "partly", "not_yet"}
    # what is not shown says what would show it; what is shown lacks nothing
    assert (glance["to_show"].notna() == (glance["level"] != "shown")).all()


@pytest.mark.parametrize(
    ("measure", "done", "of", "share", "level"),
    [
        ("cells_planned", 2, 24, "0.083333", "not_yet"),  # twelve months of two channels
        ("cells_attained", 1, 2, "0.5", "partly"),
        ("posts_with_standards", 1, 2, "0.5", "not_yet"),  # the head's post has no scorecard
        ("cards_signed", 2, 3, "0.666667", "not_yet"),
        ("problems_agreed", 2, 6, "0.333333", "not_yet"),  # E3's talk names no remedy
        ("misses_closed", 0, 3, "0", "not_yet"),
        ("appeals_settled", 1, 2, "0.5", "partly"),
        ("people_sharing", 3, 3, "1", "shown"),
        # 30,500 of 30,000 paid out, the plan reached to the yuan: 1 - 0.016667
        ("payout_on_plan", None, None, "0.983333", "shown"),
        ("points_regained", None, None, "0.5", "shown"),  # 70 points lost, then 35
        ("gap_closed", None, None, "0.5", "shown"),  # 90 - 60, then 95 - 80
        ("trained", 3, 5, "0.6", "not_yet"),
        ("steps_on_time", 2, 3, "0.666667", "not_yet"),
        ("duties_signed", 0, 1, "0", "not_yet"),
        ("staff_kept", 4, 5, "0.8", "not_yet"),  # E9 left on 10 June
    ],
)
def test_m_1_2_each_measure_by_hand(
    measure: str, done: int | None, of: int | None, share: str, level: str
) -> None:
    one = of_firm()[measure]
    assert (one.measure.done, one.measure.of) == (done, of)
    assert one.measure.share == exact(share)
    assert one.level == level


def test_m_1_2_an_effect_is_shown_when_all_its_measures_are() -> None:
    whole = found(firm())
    assert {effect: whole.level(effect) for own in AIMS.values() for effect in own} == {
        "shared_target": "partly",  # half of the months reached
        "post_targets": "not_yet",
        "problems_seen": "partly",  # half of the appeals settled
        "shared_result": "shown",
        "team_growth": "partly",  # the training is not
        "stable_management": "not_yet",
    }
    assert whole.counts == {"shown": 1, "partly": 3, "not_yet": 2}


#: Emptied tables, with the measures that then say they lack data.
EMPTY = {
    "targets": {"plan_amount", "cells_planned", "cells_attained", "payout_on_plan"},
    "interviews": {"problems_agreed"},
    "process_log": {"steps_on_time"},
    "sync_records": {"trained"},
    "pay_history": {"cost_pace"},
    "pay_plans": {"payout_on_plan", "cost_pace"},
}


@pytest.mark.parametrize("table", EMPTY)
def test_m_1_2_without_the_table_nothing_is_claimed_and_the_reason_told(table: str) -> None:
    client = firm(**{table: []})
    judged = measured(client)
    for name in EMPTY[table]:
        one = judged[name]
        assert (one.level, one.measure.share) == ("not_yet", None), name
        said = Wording(client.library, "en", client).say(one.measure.note)
        assert said and "{" not in said
    lacking = {name for name, one in judged.items() if one.measure.share is None}
    assert lacking >= EMPTY[table] and lacking - EMPTY[table] <= {"people_sharing"}


def test_m_1_2_misses_are_followed_row_by_row() -> None:
    """The same as a plain walk over everybody's rows of the six months."""
    client = demo(period="2026-04..2026-09")
    months = client.period.months if client.period else ()
    calculation = calculate(client, months)
    rows = with_results(calculation.rows)
    walked: dict[tuple[str, str], list[bool]] = {}
    for row in rows.sort_values("month", kind="stable").to_dict("records"):
        if row["assessed"] and pd.notna(row["row_score"]):
            walked.setdefault((row["employee"], row["indicator"]), []).append(bool(row["reached"]))
    again = [(hits, at) for hits in walked.values() for at in range(len(hits) - 1) if not hits[at]]
    closed = sum(any(hits[at + 1 :]) for hits, at in again)
    one = measured(client, *months)["misses_closed"].measure
    assert (one.done, one.of) == (closed, len(again)) and closed > 0
    shuffled = effects(client, calculation, rows.sample(frac=1, random_state=1))
    (same,) = [j for j in shuffled.judged["problems_seen"] if j.name == "misses_closed"]
    assert (same.measure.done, same.measure.of) == (closed, len(again))


def test_m_1_2_nobody_appealed_is_neither_good_nor_bad() -> None:
    assert "appeals_settled" not in measured(firm(appeals=[]))


def test_m_1_2_pay_that_is_only_computed_shows_no_effect() -> None:
    client = firm()
    dates = replace(client.config.dates, rollout_from="")
    judged = measured(replace(client, config=replace(client.config, dates=dates)))
    for name in ("cost_pace", "people_sharing", "payout_on_plan"):
        assert judged[name].level == "not_yet"
        assert judged[name].measure.share == of_firm()[name].measure.share  # shown, not judged


def test_m_1_2_one_month_shows_no_growth() -> None:
    judged = measured(firm(), JUNE)
    assert judged["points_regained"].measure.share is None
    assert judged["gap_closed"].measure.share is None


def test_m_1_2_few_people_are_not_shown_as_a_group() -> None:
    two = [row for row in staff(POST, POST)["assignments"]]
    judged = measured(firm(assignments=two))
    for name in ("cost_pace", "problems_agreed", "misses_closed", "payout_on_plan",
                 "points_regained", "gap_closed"):  # fmt: skip
        assert judged[name].measure.share is None, name


def _rows(table: str) -> list[dict[str, str]]:
    with (ROOT / "client_data" / "qinghe" / f"{table}.csv").open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_m_1_2_the_demo_client_counted_from_its_files() -> None:
    evidence = pd.concat([report().table(aim) for aim in AIMS])
    columns = [evidence[name] for name in ("measure", "done", "of", "share")]
    by_name = {m.key.rpartition(".")[2]: given for m, *given in zip(*columns, strict=True)}
    months = {"2026-04", "2026-05", "2026-06"}
    log = [row for row in _rows("process_log") if row["月份"] in months]
    in_time = sum(row["实际完成日期"] <= row["应完成日期"] for row in log)
    assert by_name["steps_on_time"][:2] == [in_time, len(log)]
    # Tmall: 6, 7 and 12 % of 30 m planned are 7.5 m; 1.74 + 2.03 + 3.45 m were sold
    assert by_name["plan_amount"][2] == exact("0.962667")
    assert by_name["cells_attained"][:2] == [0, 3]
    assert by_name["cells_planned"][:2] == [48, 48]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_m_1_2_the_conclusion_stands_on_page_one_and_in_the_pilot_review(language: str) -> None:
    client = demo(language)
    page = show.summary(client, report(language)).html
    shown = report(language).verdicts[-1]
    assert shown.question == "effects.question" and shown.level == "watch"
    assert sum(shown.found.values[name] for name in ("shown", "partly", "not_yet")) == 6
    assert Wording(client.library, language, client).say(shown.found) in page
    trial = conclude("pilot", open_client("qinghe", "", language, root=ROOT))
    assert len(trial.table("effects")) == 8


def test_every_measure_has_its_bounds_and_words() -> None:
    library = demo().library
    ways = [way.__name__ for own in MEASURES.values() for way in own]
    assert len(ways) == len(set(ways)) == 17
    bounds = {name.removeprefix("effect.") for name in library.thresholds if "effect." in name}
    assert set(ways) == {name for name in bounds if not name.startswith("bonus_")}
    for name in ways:
        low, high = library.thresholds[f"effect.{name}"].value  # type: ignore[misc]
        assert low < high
        for language in ("zh", "en"):
            assert library.texts(language)[f"effects.measure.{name}"]


# --- will and skill -----------------------------------------------------------------


def of_people(client: Client) -> pd.DataFrame:
    calculation = calculate(client, (MAY, JUNE))
    rows = with_results(calculation.rows)
    return people(client, calculation.totals, rows).set_index("employee")


def test_m_2_5_2_who_wants_but_cannot_is_judged_by_value_first() -> None:
    # means: E1 85, E2 70, E3 92.5; skilled from 80
    table = of_people(firm())
    assert dict(table["mean"]) == {"E2": exact("70"), "E1": exact("85"), "E3": exact("92.5")}
    assert dict(table["cell"]) == {"E2": "cannot_strong", "E1": "can_weak", "E3": "can_open"}
    assert list(table["trend"]) == [exact("20"), exact("10"), exact("5")]
    assert [s.key for s in table["advice"]] == [
        "grid.enable.worth", "grid.advice.can_weak", "grid.advice.can_open",
    ]  # fmt: skip
    # hired on 1 January 2024, to the end of June 2026
    assert set(table["service"]) == {30}


@pytest.mark.parametrize(("value", "advice"), [("not_worth", "not_worth"), (None, "open")])
def test_m_2_5_2_the_value_decides_on_enablement(value: str | None, advice: str) -> None:
    talk = {"employee": "E2", "period": JUNE, "held_on": "2026-07-08", "will": "strong"}
    table = of_people(firm(interviews=[talk | {"value": value}]))
    assert table.at["E2", "advice"].key == f"grid.enable.{advice}"


@pytest.mark.parametrize(("value", "advice"), [("not_worth", "_doubted"), (None, "")])
def test_no_promotion_and_no_tasks_against_the_rating(value: str | None, advice: str) -> None:
    # E1 has 85 on average
    talk = {"employee": "E1", "period": JUNE, "held_on": "2026-07-08", "will": "strong"}
    table = of_people(firm(interviews=[talk | {"value": value}]))
    assert table.at["E1", "advice"].key == f"grid.advice.can_strong{advice}"
    # the grid puts nobody on a list of promotions: that is for the gates
    said = Wording(load_library(), "zh").text("grid.advice.can_strong")
    assert "列入" not in said and "晋升门槛" in said


def test_m_2_5_2_the_newest_rating_counts_and_none_of_later_months() -> None:
    def talk(period: str, will: str | None) -> dict[str, Any]:
        return {"employee": "E2", "period": period, "held_on": "2026-07-08", "will": will}

    rows = [talk(JUNE, "weak"), talk("2026-07", "strong"), talk(MAY, "strong")]
    assert of_people(firm(interviews=rows)).at["E2", "cell"] == "cannot_weak"
    # a talk without a rating leaves the earlier one
    rows = [talk(MAY, "strong"), talk(JUNE, None)]
    assert of_people(firm(interviews=rows)).at["E2", "cell"] == "cannot_strong"


@pytest.mark.parametrize(
    ("skill", "cell"),
    [(("80", "80"), "can_strong"), (("80", "79.98"), "cannot_strong")],  # 79.99
)
def test_m_2_5_2_skilled_from_a_mean_of_80(skill: tuple[str, str], cell: str) -> None:
    client = firm()
    given = client.table("assessments").copy()
    for month, points in zip((MAY, JUNE), skill, strict=True):
        here = (given["employee"] == "E2") & (given["period"] == month)
        given.loc[here, "superior_score"] = exact(points)
    client = replace(client, tables=MappingProxyType({**client.tables, "assessments": given}))
    assert of_people(client).at["E2", "cell"] == cell


def test_m_2_5_2_nothing_is_decided_about_who_has_left() -> None:
    def leaving(day: str) -> set[str]:
        client = firm()
        staff_list = client.table("employees").copy()
        staff_list.loc[staff_list["employee"] == "E2", "left"] = pd.Timestamp(day)
        tables = MappingProxyType({**client.tables, "employees": staff_list})
        return set(of_people(replace(client, tables=tables)).index)

    assert leaving("2026-06-30") == {"E1", "E3"}
    assert leaving("2026-07-01") == {"E1", "E2", "E3"}


@pytest.mark.parametrize(
    ("sizes", "shown"),
    [
        ((4, 0, 3, 0, 0, 4), {"cannot_strong": 4, "can_weak": 3, "can_strong": 4}),
        # one in a cell goes with the others that are too few
        ((4, 1, 2, 0, 0, 4), {"cannot_strong": 4, "can_strong": 4, "rest": 3}),
        # one alone takes the smallest of the others along: 11 - 6 - 4 would tell
        ((4, 0, 0, 0, 1, 6), {"can_strong": 6, "rest": 5}),
        ((0, 0, 0, 0, 0, 11), {}),  # all in one cell: that tells of everybody
        ((1, 1, 0, 0, 0, 8), {}),
        ((2, 2, 0, 0, 0, 0), {}),
        ((0, 0, 0, 0, 0, 0), {}),
    ],
)
def test_m_2_5_2_open_counts_tell_of_nobody(sizes: tuple[int, ...], shown: Any) -> None:
    assert shown_cells(dict(zip(CELLS, sizes, strict=True)), 3) == shown
    assert all(size >= 3 for size in shown.values())


def test_m_2_5_2_the_grid_of_persons_is_restricted() -> None:
    for language in ("zh", "en"):
        found_ = report(language)
        assert found_.tables["grid"].restricted and found_.tables["grid_people"].restricted
        assert not found_.tables["grid_counts"].restricted
    counts = report().table("grid_counts")
    assert (counts["people"] >= 3).all() and counts["people"].sum() == 11
    grid = report().table("grid")
    named = [cell.values["people"] for name in ("strong", "weak") for cell in grid[name].dropna()]
    assert sorted(name for cell in named for name in cell) == sorted(
        report().table("grid_people")["employee"]
    )


def test_m_2_5_2_unrated_will_is_asked_for_and_never_guessed() -> None:
    client = firm(interviews=[])
    table = of_people(client).reset_index()
    assert table["will"].isna().all() and set(table["cell"]) == {"can_open", "cannot_open"}
    frames = together(client, table)
    assert frames["grid"]["strong"].isna().all() and frames["grid_counts"].empty
    calm = conclude("review", client)
    verdict = next(v for v in calm.verdicts if v.question == "grid.question")
    assert (verdict.found.key, verdict.level) == ("grid.found.none", "unknown")


def test_ratings_are_read_from_a_workbook_in_words_of_both_languages() -> None:
    from ecperf_kit.intake.check import choice_words
    from ecperf_kit.intake.declare import tables as declared

    texts = [demo().library.texts(language) for language in ("zh", "en")]
    words = choice_words(declared()["interviews"], texts)
    assert words["will"]["强"] == words["will"]["strong"] == "strong"
    assert words["value"]["值得培养"] == words["value"]["worth it"] == "worth"
    plans = choice_words(declared()["pay_plans"], texts)
    assert plans["dividend_kind"]["干股"] == "phantom_share"


def test_nobody_is_no_grid() -> None:
    client = changed(firm(), assignments=[])
    empty = conclude("review", client)
    assert empty.table("grid").empty and empty.table("grid_people").empty
    assert set(empty.table("effects")["level"]) <= {"not_yet", "partly"}
