"""What is worked out once per client or pilot: nothing stale, nothing shared between two."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pytest

from ecperf_kit.client import Client, open_client
from ecperf_kit.exact import MILLION
from ecperf_kit.method.once import once
from ecperf_kit.rules import check_organisation, check_scheme
from ecperf_kit.rules.organisation import committee_roles, plan_parts
from ecperf_kit.rules.pay import full_attainment
from ecperf_kit.rules.pilot import Pilot, graded_pay, pilot_of
from ecperf_kit.rules.pilot_data import bridges
from ecperf_kit.rules.plan import annual_plan, plan_months
from ecperf_kit.rules.standards import standards_against_history

ROOT = Path(__file__).resolve().parent.parent


@cache
def demo() -> Client:
    return open_client("qinghe", root=ROOT)


def with_table(client: Client, name: str, frame: pd.DataFrame) -> Client:
    return replace(client, tables=MappingProxyType({**client.tables, name: frame}))


class Owner:
    def __init__(self, value: int) -> None:
        self.value, self.asked = value, 0


@once
def worked_out(owner: Owner, by: int = 1) -> dict[str, int]:
    owner.asked += 1
    return {"found": owner.value * by}


def test_worked_out_once_for_each_owner_and_argument() -> None:
    one, other = Owner(2), Owner(5)
    assert [worked_out(one), worked_out(one), worked_out(one, 3)] == [
        {"found": 2}, {"found": 2}, {"found": 6},
    ]  # fmt: skip
    assert worked_out(other) == {"found": 5}
    assert (one.asked, other.asked) == (2, 1)


def test_what_one_caller_does_to_his_copy_reaches_no_other() -> None:
    owner = Owner(2)
    worked_out(owner)["found"] = 99
    assert worked_out(owner) == {"found": 2}
    client = demo()
    table = standards_against_history(client)
    before = table["standard"].tolist()
    table["standard"] = 0
    table.loc[table.index[0], "actual"] = 1
    assert standards_against_history(client)["standard"].tolist() == before
    plan = annual_plan(client)
    plan.clear()
    assert annual_plan(client)


def test_an_altered_client_sees_no_old_results() -> None:
    client = replace(demo())
    codes = {f.code for f in check_scheme(client)}
    assert "S101" not in codes  # every scorecard adds up to 100
    cards = client.table("scorecards")
    heavier = cards.assign(weight=cards["weight"] + MILLION)
    altered = with_table(client, "scorecards", heavier)
    assert "S101" in {f.code for f in check_scheme(altered)}
    assert {f.code for f in check_scheme(client)} == codes


def test_an_altered_plan_committee_and_pay_are_judged_anew() -> None:
    client = replace(demo())
    whole, roles, cost = plan_months(client), committee_roles(client), full_attainment(client)
    assert len(whole)
    assert cost is not None
    assert plan_parts(client)["breakdown"]
    assert not check_organisation(client) or roles.at["leader", "state"] != "missing"
    empty = with_table(client, "targets", client.table("targets").iloc[:0])
    empty = with_table(empty, "committee", client.table("committee").iloc[:0])
    plans = client.table("pay_plans")
    empty = with_table(empty, "pay_plans", plans.assign(performance_pay=pd.NA).astype(plans.dtypes))
    assert plan_months(empty).empty
    assert committee_roles(empty).at["leader", "state"] == "missing"
    assert "O104" in {f.code for f in check_organisation(empty)}
    assert full_attainment(empty) is None
    assert full_attainment(client) == cost


def test_two_pilots_of_one_client_keep_their_own_months() -> None:
    client = demo()
    early, late = pilot_of(client, ["2026-04"]), pilot_of(client, ["2026-06"])
    for pilot, month in ((early, "2026-04"), (late, "2026-06"), (early, "2026-04")):
        assert set(bridges(pilot)["month"]) == {month}
        assert set(graded_pay(pilot)["month"]) == {month}


def test_a_pilot_altered_by_hand_is_graded_anew() -> None:
    pilot: Pilot = pilot_of(demo(), ["2026-06"])
    assert "fall_red" in set(graded_pay(pilot)["grade"])
    none = pilot.pay.assign(change_share=0)
    none["change_share"] = none["change_share"].astype("Int64")
    assert set(graded_pay(replace(pilot, pay=none))["grade"]) == {"fine"}


def plain_plan(client: Client, measure: str) -> pd.DataFrame:
    """The plan by month and channel by grouping, as it was first written."""
    rows = client.table("targets")
    rows = rows[rows["measure"] == measure]
    rows = rows.assign(channel=rows["channel"].fillna(""), category=rows["category"].fillna(""))
    whole, finer = rows[rows["category"] == ""], rows[rows["category"] != ""]

    def joined(given: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
        keys = ["month", "channel"]
        both = pd.DataFrame(
            {"given": given.groupby(keys)["amount"].sum(),
             "parts": parts.groupby(keys)["amount"].sum()}, dtype="Int64",
        )  # fmt: skip
        both["amount"] = both["given"].fillna(both["parts"])
        both["parts"] = both["parts"].where(both["given"].notna())
        return both.drop(columns="given").reset_index()

    by_channel = joined(whole, finer)
    named = by_channel[by_channel["channel"] != ""]
    totals = joined(by_channel[by_channel["channel"] == ""], named.assign(channel=""))
    plan = pd.concat([totals, named], ignore_index=True)
    return plan.sort_values(["month", "channel"]).reset_index(drop=True)


@pytest.mark.parametrize("case", ["as given", "only channels", "categories", "nothing"])
def test_the_plan_is_that_of_grouping(case: str) -> None:
    client = demo()
    targets = client.table("targets")
    if case == "only channels":
        targets = targets[targets["channel"].fillna("") != ""]
    elif case == "categories":
        finer = targets.assign(category="bedding", amount=targets["amount"] // 3)
        targets = pd.concat([targets.iloc[::2], finer], ignore_index=True)
    elif case == "nothing":
        targets = targets.iloc[:0]
    altered = with_table(client, "targets", targets)
    for measure in ("net_sales", "gross_profit"):
        pd.testing.assert_frame_equal(
            plan_months(altered, measure),
            plain_plan(altered, measure),
            check_dtype=len(targets) > 0,
        )
