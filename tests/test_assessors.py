"""Who has nobody to assess them is named; the head of the firm rightly has nobody."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from ecperf_kit.client import Client
from ecperf_kit.exact import exact
from ecperf_kit.finding import Finding
from ecperf_kit.method.calculate import calculate
from ecperf_kit.outputs.wording import Wording
from ecperf_kit.rules import check_organisation
from ecperf_kit.rules.assessors import heads
from ecperf_kit.rules.pilot import check_pilot, pilot_of
from ecperf_kit.rules.rollout import check_rollout
from ecperf_kit.stages.exam_marking import examinees
from tests.scheme_client import a_client, card, staff

MAY, JUNE = "2026-05", "2026-06"
POSTS = ("store_operator", "presales_cs", "cashier", "picker_packer")


def _client(posts: tuple[str, ...] = POSTS, head: str = "ecommerce_director",
            sponsor: str = "", **superiors: Any) -> Client:  # fmt: skip
    """E1 to E4 under E0, but for the superiors named; ``head`` is the post E0 holds."""
    tables = staff(*posts)
    tables["assignments"][0]["post"] = head
    for name, superior in superiors.items():
        tables["employees"][int(name[1:])]["superior"] = superior
    dates = {"plan_year": 2026, "pilot_from": MAY, "pilot_to": JUNE}
    config: dict[str, Any] = {"dates": dates, "pilot": {"departments": ["store"]}}
    if sponsor:
        config["sponsor"] = {"name": sponsor, "position": "owner"}
    return a_client(config=config, **tables, scorecards=card(("net_sales", "core", 100)))


def _told(client: Client, code: str) -> list[Finding]:
    return [f for f in check_organisation(client) if f.code == code]


def test_who_has_no_superior_is_named_in_every_stage_that_scores() -> None:
    client = _client(E1=None, E3=None)
    (found,) = _told(client, "O152")
    assert found.values == {"people": ("E1", "E3"), "count": 2, "months": (MAY, JUNE)}
    for language, words in (
        ("zh", "企业一把手可以不填"),
        ("en", "column superior of the employees"),
    ):
        said = Wording(client.library, language, client).finding(found)
        assert words in said.remedy and "E1" in said.evidence
    # of those in the month's run, E1 alone has a scorecard
    (found,) = [f for f in check_rollout(client, calculate(client, [JUNE])) if f.code == "O152"]
    assert found.values == {"people": ("E1",), "count": 1, "months": (JUNE,)}
    (found,) = [f for f in check_pilot(pilot_of(client, (MAY, JUNE))) if f.code == "O152"]
    assert found.values["people"] == ("E1",)


def test_the_head_of_the_firm_has_no_superior() -> None:
    assert _told(_client(), "O152") == []
    assert heads(_client(), MAY) == {"E0"}
    # a small firm: whoever has most people below is the head, whatever the post
    assert _told(_client(head="operations_director"), "O152") == []
    # a second one without: of a post that reports to the head of the enterprise, none needed
    posts = ("store_operator", "presales_cs", "cashier", "finance_director")
    assert _told(_client(posts, E4=None), "O152") == []
    # and the sponsor, who decides, by name
    assert [f.values["people"] for f in _told(_client(E2=None), "O152")] == [("E2",)]
    assert _told(_client(E2=None, sponsor="E2"), "O152") == []


def test_a_supervisor_without_superior_is_not_the_head() -> None:
    """E1 leads E2 alone, E0 leads E3 and E4: E1's own superior is missing."""
    posts = ("cs_supervisor", "presales_cs", "cashier", "picker_packer")
    (found,) = _told(_client(posts, E1=None, E2="E1"), "O152")
    assert found.values["people"] == ("E1",)


@pytest.mark.parametrize(("left", "months"), [
    ("2026-04-30", (MAY, JUNE)), ("2026-05-01", (JUNE,)), ("2026-06-01", ()),
])  # fmt: skip
def test_a_superior_who_has_left_cannot_assess(left: str, months: tuple[str, ...]) -> None:
    client = _client(E2="E1")
    client.table("employees").loc[1, "left"] = pd.Timestamp(left)
    staff_list = client.table("employees").assign(left=lambda t: t["left"])
    staff_list.loc[1, "left"] = pd.Timestamp(left)
    client = client.with_tables(employees=staff_list)
    told = [f.values for f in _told(client, "O153")]
    wanted = {"people": ("E2",), "count": 1, "months": months, "superior": "E1"}
    assert told == ([wanted] if months else [])


def test_who_lacks_a_superior_sits_the_exam_and_the_head_does_not() -> None:
    assert set(examinees(_client(E1=None))["employee"]) == {"E1", "E2", "E3", "E4"}


def test_scores_that_differ_from_the_data_are_told_without_a_superior_too() -> None:
    """80 of 100 give 80 points; 95 were given, and nobody stands in the staff list above E1."""
    row = {"subject_kind": "employee", "subject_id": "E1", "indicator": "net_sales"}
    client = _client(E1=None)
    more = a_client(
        actuals=[{**row, "period": JUNE, "value": 80, "source_kind": "finance_report"}],
        standards=[{**row, "period": JUNE, "standard": 100}],
        assessments=[{"employee": "E1", "period": JUNE, "indicator": "net_sales",
                      "superior_score": 95, "superior_date": "2026-07-05"}],
    )  # fmt: skip
    names = ("actuals", "standards", "assessments")
    client = client.with_tables(**{name: more.table(name) for name in names})
    (found,) = [f for f in calculate(client, [JUNE]).findings if f.code == "C116"]
    assert found.subject == "table:assessments"
    assert (found.values["people"], found.values["difference"]) == (1, exact("15"))
