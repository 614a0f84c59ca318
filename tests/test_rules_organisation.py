"""Organisation rules: sponsor, committee, linked elements, pilot, team, data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ecperf_kit.client import Client, open_client
from ecperf_kit.exact import exact
from ecperf_kit.rules import check_organisation
from ecperf_kit.rules.organisation import committee_roles, linked_elements
from tests.scheme_client import a_client, card, codes, graver, plan, staff, table_t1, year_plan

POSTS = ("store_operator", "presales_cs", "cashier", "picker_packer")
COMMITTEE = [
    {"member": "王总", "role": "leader", "position": "owner"},
    {"member": "人事主管", "role": "vice_leader", "position": "hr_head"},
    {"member": "运营主管", "role": "member", "position": "department_head", "employee": "E0"},
    {"member": "会计", "role": "finance", "position": "finance_head"},
]
CONFIG: dict[str, Any] = {
    "sponsor": {"name": "王总", "position": "owner", "signed": "2026-01-10"},
    "dates": {"plan_year": 2026, "pilot_from": "2026-04", "pilot_to": "2026-09"},
    "pilot": {"channels": ["tmall"], "departments": ["store"], "previous_system": "none"},
    "targets": {"sales_support": "客服排班加密", "reward": "年终奖金池"},
    "elements": {
        "promotion_criteria_published": "2026-03-10",
        "incentive_rules_published": "2026-03-10",
        "enablement_plan": "2026-03-10",
    },
}


def _dated(config: dict[str, Any]) -> dict[str, Any]:
    import datetime as dt

    def dates(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: dates(inner) for key, inner in value.items()}
        if isinstance(value, str) and len(value) == 10 and value[4] == value[7] == "-":
            return dt.date.fromisoformat(value)
        return value

    return {key: dates(value) for key, value in config.items()}


def _ready(config: dict[str, Any] | None = None, **rows: Any) -> Client:
    """Everything in place: a near miss of every organisation rule."""
    tables: dict[str, Any] = {
        **staff(*POSTS),
        "committee": COMMITTEE,
        "targets": [
            *year_plan(60_000_000, {"tmall": "0.5", "douyin": "0.5"}),
            *year_plan(9_000_000, {"tmall": "0.5", "douyin": "0.5"}, "promotion_cost"),
        ],
        "product_plan": [{"product": "P1", "name": "被套", "annual_sales": "60000000"}],
        "pay_plans": [
            plan("store_operator", 5000, 5000),
            plan("presales_cs", 4550, 1950),
            plan("cashier", 4000, 1000),
            plan("picker_packer", 3500, 1500),
            plan("ecommerce_director", 12000, 8000),
        ],
        "coefficient_tables": table_t1(),
        "scorecards": card(("net_sales", "core", 100)),
        "signoffs": [
            {
                "paper": "job_description",
                "subject_kind": "post",
                "subject_id": post,
                "signed_by": "双方",
                "signed_on": "2026-03-01",
            }
            for post in (*POSTS, "ecommerce_director")
        ],
    }
    merged = {**CONFIG, **(config or {})}
    return a_client(config=_dated(merged), **{**tables, **rows})


def _values(client: Client, code: str) -> dict[str, Any]:
    return dict(next(f.values for f in check_organisation(client) if f.code == code))


def _raised(client: Client) -> list[str]:
    return codes(check_organisation(client))


def _only(client: Client) -> list[str]:
    return graver(client, check_organisation(client))


def test_a_well_prepared_firm_raises_no_error_or_warning() -> None:
    assert _only(_ready()) == []
    assert linked_elements(_ready())["in_place"].all()


def test_a_supervisor_cannot_lead() -> None:
    wrong = [
        {"member": "客服主管", "role": "leader", "position": "department_head"},
        *COMMITTEE[1:],
    ]
    # the missing signature is the same fault: one code
    assert _only(_ready({"sponsor": {}}, committee=wrong)) == ["O101"]


def test_somebody_must_lead() -> None:
    assert _only(_ready(committee=COMMITTEE[1:])) == ["O104"]


def test_the_right_leader_must_sign() -> None:
    assert _only(_ready({"sponsor": {}})) == ["O102"]


@pytest.mark.parametrize("left_out", ["vice_leader", "member", "finance"])
def test_a_missing_role(left_out: str) -> None:
    rest = [row for row in COMMITTEE if row["role"] != left_out]
    client = _ready(committee=rest)
    assert _only(client) == ["O103"]
    assert _values(client, "O103")["roles"] == (left_out,)


def test_a_tiny_team_does_with_owner_secretary_and_bookkeeper() -> None:
    tiny = [
        {"member": "老板", "role": "leader", "position": "owner", "employee": "E0"},
        {"member": "运营", "role": "secretary", "position": "staff", "employee": "E1"},
        {"member": "代账会计", "role": "finance", "position": "outside_bookkeeper"},
    ]
    client = _ready(committee=tiny)
    assert "O103" not in _raised(client)
    assert committee_roles(client).loc["vice_leader", "state"] == "fallback"
    # without the secretary nobody organises
    assert "O103" in _raised(_ready(committee=[tiny[0], tiny[2]]))


def test_an_omnichannel_firm_wants_its_head_not_a_director() -> None:
    director = [{"member": "电商总监", "role": "leader", "position": "director"}, *COMMITTEE[1:]]
    assert "O101" in _raised(_ready({"kind": "omnichannel"}, committee=director))
    assert "O101" not in _raised(_ready({"kind": "pure_ecommerce"}, committee=director))


def test_one_number_is_no_plan() -> None:
    figure = {"targets": {"annual_net_sales": "6000000"}}
    client = _ready(figure, targets=[], product_plan=[])
    assert _only(client) == ["O130"]
    assert _values(client, "O130")["amount"] == exact("6000000")
    assert _only(_ready({"targets": {}}, targets=[], product_plan=[])) == ["O132"]


def test_a_plan_without_budget() -> None:
    sales = year_plan(60_000_000, {"tmall": "0.5", "douyin": "0.5"})
    client = _ready(targets=sales)
    assert _only(client) == ["O131"]
    assert _values(client, "O131")["parts"] == ("budget",)


def test_unsigned_job_descriptions_are_counted() -> None:
    two = [
        {
            "paper": "job_description",
            "subject_kind": "post",
            "subject_id": post,
            "signed_by": "双方",
            "signed_on": "2026-03-01",
        }
        for post in POSTS[:2]
    ]
    client = _ready(signoffs=two)
    assert _only(client) == ["O120"]
    values = _values(client, "O120")
    assert (values["signed"], values["posts"]) == (2, 5)


def test_nothing_in_place_is_said_once() -> None:
    fixed = [plan(post, 5000, structure="fixed") for post in (*POSTS, "ecommerce_director")]
    client = _ready(
        {"targets": {"annual_net_sales": "6000000"}, "elements": {}},
        targets=[],
        product_plan=[],
        signoffs=[],
        pay_plans=fixed,
    )
    assert _only(client) == ["O130", "O140"]


@pytest.mark.parametrize(
    ("left_out", "code"),
    [
        ("promotion_criteria_published", "O141"),
        ("incentive_rules_published", "O142"),
        ("enablement_plan", "O142"),
    ],
)
def test_single_elements(left_out: str, code: str) -> None:
    elements = {key: day for key, day in CONFIG["elements"].items() if key != left_out}
    assert _only(_ready({"elements": elements})) == [code]


def test_fixed_pay_is_not_linked() -> None:
    client = _ready()
    plans = [
        plan("store_operator", 5000, structure="fixed"),
        plan("presales_cs", 4550, 1950),
        plan("cashier", 4000, 1000),
        plan("picker_packer", 3500, 1500),
        plan("ecommerce_director", 12000, 8000),
    ]
    assert _only(_ready(pay_plans=plans)) == ["O143"]
    assert "O143" not in _raised(client)


def _pilot(first: str, last: str, before: str = "none", **more: Any) -> Client:
    pilot = {**CONFIG["pilot"], "previous_system": before, **more}
    return _ready(
        {"dates": {"plan_year": 2026, "pilot_from": first, "pilot_to": last}, "pilot": pilot}
    )


def test_pilot_length() -> None:
    assert _only(_pilot("2026-04", "2026-05")) == ["O110"]
    assert _only(_pilot("2026-07", "2026-09")) == ["O114"]  # three months, six advised
    assert _only(_pilot("2026-07", "2026-09", "similar")) == []
    assert _only(_pilot("2026-04", "2026-10")) == ["O116"]
    assert _raised(_ready({"dates": {"plan_year": 2026}})).count("O115") == 1


def test_pilot_area() -> None:
    assert _only(_pilot("2026-04", "2026-09", channels=[])) == ["O111"]
    assert _only(_pilot("2026-04", "2026-09", departments=["design"])) == ["O112"]
    three = ["tmall", "douyin", "jd"]
    assert _only(_pilot("2026-04", "2026-09", channels=three)) == ["O113"]


def test_design_team_for_one_month_has_three_faults_and_no_more() -> None:
    client = _pilot("2026-04", "2026-04", channels=[], departments=["design"])
    assert _only(client) == ["O110", "O111", "O112"]


def test_peak_months_alone_prove_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    client = _pilot("2026-05", "2026-07", "similar")  # June is a peak month: two quiet ones left
    assert "O117" not in _raised(client)
    import ecperf_kit.client as home

    real = home.Client.threshold
    peaks = (exact("5"), exact("6"), exact("11"))
    monkeypatch.setattr(
        home.Client,
        "threshold",
        lambda self, name: peaks if name == "campaign.months" else real(self, name),
    )
    assert "O117" in _raised(_pilot("2026-05", "2026-07", "similar"))


def test_team_of_four_and_team_that_falls_to_four() -> None:
    four = staff(*POSTS[:3])
    assert "O150" in _raised(_ready(**four))
    assert "O150" not in _raised(_ready())  # five with the head
    leaving = staff(*POSTS)
    leaving["employees"][2]["left"] = "2026-10-31"
    client = _ready(**leaving)
    assert _only(client) == ["O151"]
    values = _values(client, "O151")
    assert (values["from"], values["count"], str(values["day"])) == (5, 4, "2026-11-01")


def test_data_by_hand_is_counted_per_person() -> None:
    # two assessed rows by hand of three is 66.7 %, one of two is 50 % and allowed
    hand = [
        ("plan_ontime", "core", 40),
        ("listing_error_count", "core", 30),
        ("net_sales", "core", 30),
    ]
    client = _ready(scorecards=card(*hand))
    assert _only(client) == ["O160"]
    assert _values(client, "O160")["share"] == exact("0.666667")
    assert "O160" not in _raised(
        _ready(scorecards=card(("plan_ontime", "core", 50), ("net_sales", "core", 50)))
    )


def test_open_information_sync_is_a_note() -> None:
    done = [{"measure": name, "held_on": "2026-03-20"} for name in ("pre_meeting", "training")]
    assert _values(_ready(sync_records=done), "O170")["measures"] == (
        "all_staff_meeting",
        "exam",
        "drill",
    )


def test_a_plan_year_is_judged_by_the_people_it_begins_with() -> None:
    """Eight people in April of whom four leave by August: the team falls below five later on."""
    client = open_client("xiaoman", "2026", root=Path(__file__).resolve().parent.parent)
    codes = {finding.code for finding in check_organisation(client)}
    assert "O151" in codes and "O150" not in codes
