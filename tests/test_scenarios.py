"""Scenarios: read strictly, applied without touching the client, paid by the method, adopted."""

from __future__ import annotations

import datetime as dt
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pytest
from click.testing import CliRunner

from ecperf_kit import open_client
from ecperf_kit.cli import main
from ecperf_kit.exact import exact
from ecperf_kit.intake.adopting import AdoptError, adopt
from ecperf_kit.intake.scenario import read_scenario, read_scenarios
from ecperf_kit.method.calculate import calculate
from ecperf_kit.method.scenario import (
    AS_IN_FORCE,
    HISTORY,
    Change,
    Scenario,
    ScenarioError,
    applied,
)
from ecperf_kit.method.simulation import by_group, cost_at, pay_at, simulate

ROOT = Path(__file__).resolve().parent.parent
POST = "post:presales_cs"
#: 6,500 as 4,550 + 1,950 becomes 3,900 + 2,600.
FORTY = Scenario(
    "forty",
    author="顾问",
    reason="浮动太少",
    changes=(Change("pay_plans", POST, {"base": exact("3900"), "performance_pay": exact("2600")}),),
)
TEXT = """
title = "售前浮动四成"
author = "顾问"
reason = "浮动太少"
[[pay_plans]]
subject = "post:presales_cs"
base = "3900"
performance_pay = 2600
"""
BAD = """
auther = "x"
months = "2026-13"
baseline = "nope"
[[pay_plans]]
subject = "presales_cs"
base = "four"
basee = "1"
sales_rate = "150%"
[[scorecards]]
subject = "post:presales_cs"
bands = ">=1:100%"
[[coefficient_tables]]
bands = [["60", "0.5"], ["0", "0.7"]]
"""


@pytest.fixture(scope="module")
def client():
    return open_client("qinghe", root=ROOT)


@pytest.fixture(scope="module")
def forty(client):
    return simulate(client, FORTY)


@pytest.fixture
def practice(tmp_path):
    shutil.copytree(ROOT / "client_data" / "qinghe", tmp_path / "client_data" / "qinghe")
    shutil.copy(ROOT / "practice.toml", tmp_path)
    folder = tmp_path / "client_data" / "qinghe" / "scenarios"
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / "forty.toml").write_text(TEXT, encoding="utf-8")
    return tmp_path


def test_a_file_is_read_as_it_stands(practice):
    path = practice / "client_data" / "qinghe" / "scenarios" / "forty.toml"
    scenario, findings = read_scenario(path)
    assert findings == []
    assert scenario is not None
    assert scenario.title == "售前浮动四成"
    assert scenario.changes == FORTY.changes


def test_all_faults_of_a_file_at_once(tmp_path):
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (folder / "bad.toml").write_text(BAD, encoding="utf-8")
    scenario, findings = read_scenario(folder / "bad.toml")
    assert scenario is None
    told = {(f.code, str(f.values["key"])) for f in findings}
    assert told == {
        ("D117", "auther"),
        ("D119", "author"),
        ("D119", "reason"),
        ("D118", "months"),
        ("D118", "pay_plans[1].subject"),
        ("D118", "pay_plans[1].base"),
        ("D117", "pay_plans[1].basee"),
        ("D118", "pay_plans[1].sales_rate"),
        ("D119", "scorecards[1].indicator"),
        ("D118", "scorecards[1].bands"),
        ("D119", "coefficient_tables[1].coefficient_table"),
        ("D118", "coefficient_tables[1].bands"),
    }
    assert all(f.source.file == "scenarios/bad.toml" for f in findings)


def test_an_unknown_baseline_is_told(tmp_path):
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (folder / "one.toml").write_text(f'baseline = "nope"\n{TEXT}', encoding="utf-8")
    (folder / "two.toml").write_text(f'baseline = "one"\n{TEXT}', encoding="utf-8")
    found, findings = read_scenarios(tmp_path)
    assert found == ()  # what a missing one is the baseline of cannot be tried either
    assert [(f.code, f.values["found"]) for f in findings] == [("D118", "nope"), ("D118", "one")]


def test_applying_leaves_the_client_alone(client):
    before = client.table("pay_plans").copy()
    reformed = applied(client, FORTY)
    pd.testing.assert_frame_equal(client.table("pay_plans"), before)
    plans = reformed.table("pay_plans")
    own = plans[plans["subject_id"] == "presales_cs"]
    assert list(own["base"]) == [exact("3900")] * len(own)


def test_what_cannot_be_applied_is_told_all_at_once(client):
    scenario = Scenario(
        "x",
        changes=(
            Change("pay_plans", "post:nobody", {"base": 0}),
            Change("scorecards", POST, {"weight": 0}, "net_sales"),
        ),
    )
    with pytest.raises(ScenarioError) as error:
        applied(client, scenario)
    assert len(error.value.sayings) == 2


def test_a_person_gets_a_plan_of_their_own(client):
    change = Change("pay_plans", "employee:E025", {"base": exact("5000")})
    reformed = applied(client, Scenario("x", changes=(change,)))
    june = calculate(reformed, ["2026-06"]).lines
    base = june[june["line"] == "base"].set_index("employee")["amount"]
    assert base["E025"] == exact("5000")
    assert base["E026"] == exact("4550")


def test_a_month_paid_under_the_reform(forty):
    """June, coefficient 0.4: 4,550 + 780 = 5,330 before, 3,900 + 1,040 = 4,940 after."""
    june = forty.months.set_index(["employee", "month"]).loc[("E025", "2026-06")]
    assert (june["before"], june["after"]) == (exact("5330"), exact("4940"))
    assert june["change"] == exact("-390")


def test_exchanging_baseline_and_reform_turns_every_sign(client, forty):
    swapped = simulate(client, AS_IN_FORCE, FORTY)
    both = forty.months.merge(swapped.months, on=["employee", "month"], suffixes=("", "_swapped"))
    assert len(both) == len(forty.months)
    assert (both["change"] == -both["change_swapped"]).all()
    people = forty.people.merge(swapped.people, on="employee", suffixes=("", "_swapped"))
    assert (people["change"] == -people["change_swapped"]).all()


def test_the_lines_make_up_the_change(forty):
    sums = forty.lines.groupby("employee")["change"].sum()
    people = forty.people.set_index("employee")["change"]
    assert (sums.reindex(people.index) == people).all()


def test_groups_add_up_to_all(forty):
    whole = by_group(forty.people).iloc[0]
    for name in ("post", "department", "channel"):
        parts = by_group(forty.people, name)
        assert parts["persons"].sum() == whole["persons"]
        assert parts["change"].sum() == whole["change"]
        assert parts["down"].sum() == whole["down"]
    assert whole["persons"] == len(forty.people)


def test_cost_at_full_attainment_is_worked_out_by_hand(client):
    """Four people, coefficient 1.1 at 100 points: 4 x (4,550 + 1,950 x 1.1) = 26,780 a month."""
    only = Scenario("x", months=("2026-06",), changes=FORTY.changes)
    saved = cost_at(client, Scenario("y", months=("2026-06",)), 1_000_000)
    tried = cost_at(client, only, 1_000_000)
    # 4 x (3,900 + 2,600 x 1.1) = 27,040: 260 more than in force
    assert tried - saved == exact("260")


def test_history_as_the_baseline(client):
    scenario = Scenario("x", baseline=HISTORY, months=("2026-06",), changes=FORTY.changes)
    told = simulate(client, scenario)
    june = told.people.set_index("employee").loc["E025"]
    assert june["before"] == exact("6500")  # June last year
    assert june["after"] == exact("4940")


def test_adopting_writes_dated_rows_and_keeps_the_old_ones(practice):
    folder = practice / "client_data" / "qinghe"
    kept = {path.name: path.read_bytes() for path in folder.glob("*.csv")}
    opened = open_client("qinghe", root=practice)
    path = folder / "scenarios" / "forty.toml"
    adoptions = adopt(folder, opened.tables, path, "宋清禾", "浮动太少", dt.date(2026, 10, 1))
    assert [(each.table, each.rows) for each in adoptions] == [("pay_plans", 1)]
    assert {path.name: path.read_bytes() for path in folder.glob("*.csv")} == kept
    note = tomllib.loads((folder / adoptions[0].file).with_suffix(".toml").read_text("utf-8"))
    assert (note["adopted_by"], note["reason"]) == ("宋清禾", "浮动太少")
    assert note["effective_from"] == "2026-10-01"
    again = open_client("qinghe", root=practice)
    assert [f.code for f in again.findings] == [f.code for f in opened.findings]
    plans = again.table("pay_plans")
    own = plans[plans["subject_id"] == "presales_cs"].sort_values("effective_from")
    assert list(own["base"])[-2:] == [exact("4550"), exact("3900")]
    september, october = (
        calculate(again, [month]).lines.query("line == 'base' and employee == 'E025'")["basis"]
        for month in ("2026-09", "2026-10")
    )
    assert list(september) == [exact("4550")]
    assert list(october) == [exact("3900")]


def test_adopting_twice_is_adopting_once(practice):
    folder = practice / "client_data" / "qinghe"
    path = folder / "scenarios" / "forty.toml"
    for there in (False, True):
        opened = open_client("qinghe", root=practice)
        found = adopt(folder, opened.tables, path, "甲", "乙", dt.date(2026, 10, 1))
        assert [each.there_before for each in found] == [there]
    assert len(list((folder / "imported").glob("*.csv"))) == 1


def test_a_later_version_refuses_what_it_would_hide(practice):
    folder = practice / "client_data" / "qinghe"
    opened = open_client("qinghe", root=practice)
    plans = opened.table("pay_plans")
    since = plans.loc[plans["subject_id"] == "presales_cs", "effective_from"].max().date()
    with pytest.raises(AdoptError, match="would hide"):
        path = folder / "scenarios" / "forty.toml"
        adopt(folder, opened.tables, path, "甲", "乙", since)
    assert not (folder / "imported").exists()


def test_targets_are_added_only_where_there_are_none(practice):
    folder = practice / "client_data" / "qinghe"
    opened = open_client("qinghe", root=practice)
    first = opened.table("targets").iloc[0]
    line = f"{first['month']},{first['channel']},{first['category'] or ''},{first['measure']},1\n"
    path = practice / "targets.csv"
    head = "month,channel,category,measure,amount\n"
    path.write_text(head + line.replace("nan", ""), encoding="utf-8")
    with pytest.raises(AdoptError, match="are there already"):
        adopt(folder, opened.tables, path, "甲", "乙", dt.date(2026, 10, 1))
    path.write_text(f"{head}2028-01,tmall,,net_sales,1000000\n", encoding="utf-8")
    found = adopt(folder, opened.tables, path, "甲", "乙", dt.date(2026, 10, 1))
    assert [(each.table, each.rows) for each in found] == [("targets", 1)]


def test_the_command_names_client_rows_and_place(practice, monkeypatch):
    monkeypatch.setenv("ECPERF_HOME", str(practice))
    path = practice / "client_data" / "qinghe" / "scenarios" / "forty.toml"
    words = ["adopt", str(path), "--by", "宋清禾", "--reason", "试考后调整", "--from", "2026-10-01"]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    assert "pay_plans：1 行，client_data/qinghe/imported/pay_plans__adopted_" in done.output
    path.write_text(BAD, encoding="utf-8")
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 1
    assert done.output.count("D11") == 12


def test_explaining_a_persons_pay_under_a_scenario(practice, monkeypatch):
    monkeypatch.setenv("ECPERF_HOME", str(practice))
    words = ["explain", "qinghe", "E025", "2026-06", "--lang", "en", "--scenario"]
    done = CliRunner().invoke(main, [*words, "forty"])
    assert done.exit_code == 0, done.output
    now, under = done.output.split("Under the scenario forty:")
    assert "5,330.00" in now and "4,940.00" in under
    done = CliRunner().invoke(main, [*words, "fifty"])
    assert done.exit_code == 2
    assert "there: forty" in done.output


def test_the_demo_scenario_is_the_pilots_repaired_june(client):
    """28.875 + 12 + 14 + 13.5 + 7.5 + 3.5 = 79.38 points, coefficient 0.9: 6,305.00, not 6,500."""
    (scenario,) = client.scenarios
    told = simulate(client, scenario)
    june = told.months.set_index(["employee", "month"]).loc[("E025", "2026-06")]
    assert (june["before"], june["after"]) == (exact("6500"), exact("6305"))
    assert june["change"] == exact("-195")


def _with(client, **tables):
    return replace(client, tables=MappingProxyType({**client.tables, **tables}))


def test_a_plan_by_categories_costs_what_the_same_plan_given_whole_costs(client):
    """Each amount halved over two categories; and on either basis the plan is net already."""
    plan = client.table("targets")
    halves = [plan.assign(amount=plan["amount"] // 2, category=name) for name in ("a", "b")]
    assert (plan["amount"] % 2 == 0).all()
    parts = _with(client, targets=pd.concat(halves, ignore_index=True))
    config = replace(client.config, pay=replace(client.config.pay, sales_basis="backend_net"))
    june = Scenario("june", months=("2026-06",))
    for reached in (800_000, 1_000_000):
        cost = cost_at(client, june, reached)
        assert cost_at(parts, june, reached) == cost
        assert cost_at(replace(client, config=config), june, reached) == cost


def test_commission_at_eighty_per_cent_rests_on_the_plan(client):
    """Tmall's June plan 3,600,000 x 0.8 x 0.5 % = 14,400 before the coefficient."""
    june = Scenario("june", months=("2026-06",))
    paid = pay_at(client, june, 800_000).set_index("employee")["pay"]
    whole = pay_at(client, june, 1_000_000).set_index("employee")["pay"]
    in_force = calculate(client, ["2026-06"]).lines
    base = in_force.query("employee == 'E002' and line == 'base'")["amount"].iloc[0]
    coefficients = {(paid["E002"] - base) / exact("14400"), (whole["E002"] - base) / exact("18000")}
    assert coefficients <= {0.5, 0.7, 0.9, 1.0, 1.1, 1.2}
