"""What may be told of several scenarios side by side, and how they are named and compared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from ecperf_kit import open_client
from ecperf_kit.client import Client
from ecperf_kit.exact import exact
from ecperf_kit.intake.config import Override
from ecperf_kit.method.comparison import compared
from ecperf_kit.method.scenario import HISTORY, Change, Scenario
from ecperf_kit.method.simulation import Simulation
from ecperf_kit.outputs.wording import Wording
from ecperf_kit.stages.scenario_shown import Told
from ecperf_kit.stages.scenario_tables import scenario_tables
from ecperf_kit.stages.scenarios import Outlook, in_the_pilot, outlook

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def client() -> Client:
    opened = open_client("qinghe", root=ROOT)
    return replace(opened, scenarios=())


def _strict(client: Client) -> Client:
    """The same client, who withholds groups whose figures are all the same."""
    same = Override("group.withhold_same", "yes", "董事会决定", "甲")
    return replace(client, overrides=(*client.overrides, same))


def _paid(count: int, more: int = 0) -> list[int]:
    """100, 101, ... for each of some people, with so much more for everybody."""
    return [100 + at + more for at in range(count)]


def _found(
    name: str, before: list[int], after: list[int], posts: list[str] | None = None
) -> Outlook:
    """An outlook of one month with these sums per person, E0, E1, ..."""
    people = pd.DataFrame({"employee": [f"E{at}" for at in range(len(before))]})
    people["post"] = posts or ["presales_cs"] * len(before)
    people["department"], people["channel"] = "cs", ""
    people["before"] = pd.Series(before, dtype="Int64")
    people["after"] = pd.Series(after, dtype="Int64")
    moves = compared(people["before"], people["after"], 50_000)
    people = people.assign(**{column: moves[column] for column in moves})
    months = people.assign(month="2026-06")
    costs = pd.DataFrame({"attainment": [pd.NA], "before": [sum(before)], "after": [sum(after)]})
    reached = (people[["employee", "before", "after"]],)
    simulation = Simulation(months, people, people, 0)
    scenario = Scenario(name, changes=(Change("pay_plans", "post:presales_cs", {"base": 1}),))
    return Outlook(scenario, simulation, costs, reached, (0, 0), (0, 0), ())


def test_two_scenarios_that_differ_by_one_person_are_not_both_told(client: Client) -> None:
    """Ten more for each of six beside 30 more for the last: the 20 more are one person's."""
    before = _paid(6)
    first = _found("a", before, _paid(6, 10))
    like = _found("b", before, [*_paid(5, 10), 135])
    told = Told(client)
    assert told.sums(first) and not told.sums(like)
    assert Told(client).sums(like)  # alone it says nothing about anybody
    assert told.sums(_found("c", before, [*_paid(3, 10), 133, 134, 135]))  # three people's


def test_what_people_who_are_all_paid_the_same_get_is_not_told(client: Client) -> None:
    """600 of six at 100 each, or 660 at 110 each, is what each of them gets."""
    for before, after in (([100] * 6, _paid(6, 10)), (_paid(6), [110] * 6)):
        assert not Told(_strict(client)).sums(_found("a", before, after))
        assert Told(_strict(client)).groups(_found("a", before, after)).empty
        assert Told(client).sums(_found("a", before, after)), "theirs together, unless asked"


def test_a_group_that_would_leave_those_who_are_paid_the_same_is_not_told(client: Client) -> None:
    """Everybody less the three who differ would be three at 100 each."""
    posts = ["presales_cs"] * 3 + ["aftersales_cs"] * 3
    found = _found("a", [100, 100, 100, 101, 102, 103], [110, 111, 112, 113, 114, 115], posts)
    assert set(Told(_strict(client)).groups(found)["cut"]) == {"all", "department", "channel"}
    assert set(Told(client).groups(found)["cut"]) > {"all", "department", "channel"}


def test_a_scenario_on_one_person_more_is_not_told_beside_the_other(client: Client) -> None:
    """Seven people's pay before less six people's is the seventh's."""
    told = Told(client)
    assert told.sums(_found("a", _paid(6), _paid(6, 10)))
    assert not told.sums(_found("b", [*_paid(6), 700], [*_paid(6, 10), 770]))


def test_groups_that_differ_by_one_person_are_left_out(client: Client) -> None:
    before, posts = _paid(8), ["presales_cs"] * 4 + ["aftersales_cs"] * 4
    told = Told(client)
    first = told.groups(_found("a", before, _paid(8, 10), posts))
    assert set(first["cut"]) >= {"all", "post"}
    second = told.groups(_found("b", before, [*_paid(7, 10), 137], posts))
    assert second.empty


def test_what_a_pilot_costs_is_kept_back_where_one_person_loses(client: Client) -> None:
    """Gains of five, loss of one: the sum of the higher ones less the sum after is that loss."""
    found = _found("a", _paid(6), [*_paid(5, 10), 60])
    told = Told(client)
    assert told.sums(found) and not told.pilot(found)


def test_the_higher_of_both_is_taken_month_by_month() -> None:
    """Up 10 in one month and down 30 in the next is 10 more in the pilot, not 0."""
    months = pd.DataFrame(
        {"employee": ["E1", "E1"], "month": ["2026-06", "2026-07"], "before": [100, 100],
         "after": [110, 70], "change": [10, -30]}
    ).astype({"before": "Int64", "after": "Int64", "change": "Int64"})  # fmt: skip
    found = replace(
        _found("a", [100], [110]), simulation=Simulation(months, pd.DataFrame(), months, 0)
    )
    assert in_the_pilot(found).to_dict() == {"E1": 210}


def test_scenarios_of_one_title_are_told_apart(client: Client) -> None:
    reform = Scenario("one", changes=(_raise(),), title="调薪", author="顾问", reason="试算")
    twins = replace(client, scenarios=(reform, replace(reform, name="two")))
    named = list(scenario_tables(twins)["scenarios"]["scenario"])
    assert named == ["调薪 (one)", "调薪 (two)"]


def test_the_paper_says_what_before_is(client: Client) -> None:
    """The pay really paid; at other attainments nothing was, there it is the scheme in force."""
    reform = Scenario("one", changes=(_raise(),), title="调薪", baseline=HISTORY)
    tables = scenario_tables(replace(client, scenarios=(reform,)))
    wording = Wording(client.library, "en", client)
    said = {
        name: {wording.say(each) for each in tables[name]["against"]}
        for name in ("scenarios", "scenario_costs")
    }
    assert said == {
        "scenarios": {"the pay really paid"},
        "scenario_costs": {"the scheme in force"},
    }


def _raise() -> Change:
    return Change("pay_plans", "post:presales_cs", {"base": exact("5000")})


def test_the_sums_at_an_attainment_are_those_of_the_people(client: Client) -> None:
    found = outlook(client, Scenario("one", changes=(_raise(),)), {})
    assert len(found.reached) == len(found.costs) == 4
    for place, paid in enumerate(found.reached):
        assert int(paid["after"].sum()) == found.costs["after"].iloc[place]
        assert not paid["employee"].duplicated().any()
