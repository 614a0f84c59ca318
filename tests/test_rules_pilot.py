"""The pilot's rules at their limits, and on the demo clients to the figure."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from ecperf_kit.client import Client, open_client
from ecperf_kit.exact import exact
from ecperf_kit.finding import Finding
from ecperf_kit.method.comparison import compared, comparison
from ecperf_kit.outputs.wording import Wording
from ecperf_kit.rules.pilot import (
    Pilot,
    check_pilot,
    cost_without_growth,
    no_old_pay,
    pay_cost,
    pay_gaps,
    pilot_of,
)
from ecperf_kit.rules.pilot_data import non_genuine_orders, unexplained_difference
from ecperf_kit.rules.pilot_process import data_late, lateness, pilot_lateness, steps_late
from ecperf_kit.rules.pilot_scores import rubber_stamps, uniform_scores
from ecperf_kit.stages import default_period
from tests.scheme_client import a_client

ROOT = Path(__file__).resolve().parent.parent
MONTHS = ("2026-04", "2026-05", "2026-06")
CONFIG = {
    "dates": {"plan_year": 2026, "pilot_from": "2026-04", "pilot_to": "2026-06"},
    "pilot": {"channels": ["tmall"], "departments": ["service"]},
}


def a_pilot(
    pay: pd.DataFrame | None = None,
    totals: pd.DataFrame | None = None,
    rows: pd.DataFrame | None = None,
    **tables: Any,
) -> Pilot:
    calculation: Any = SimpleNamespace(totals=totals, rows=rows, lines=None, findings=())
    frame = pd.DataFrame() if pay is None else pay
    return Pilot(a_client(config=CONFIG, **tables), MONTHS, 3, calculation, frame)


def paid(before: str, *after: str, post: str = "presales_cs") -> pd.DataFrame:
    """June's pay of one person per figure, all from the same old pay."""
    old = pd.Series([exact(before)] * len(after), dtype="Int64")
    new = pd.Series([exact(each) for each in after], dtype="Int64")
    table = pd.DataFrame({
        "employee": [f"E{i}" for i in range(1, len(after) + 1)],
        "month": "2026-06", "post": post, "before": old, "after": new,
    })  # fmt: skip
    return pd.concat([table, compared(old, new, exact("0.05"))], axis=1)


def codes(found: list[Finding]) -> list[str]:
    return [finding.code for finding in found]


# --- pay ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("8500", ["P101"]),  # 10,000 to 8,500 is -15.00 %: the limit itself is red
        ("8501", ["P103"]),  # -14.99 %
        ("9000", ["P104"]),  # -10 % is not beyond 10 %, but the whole post moved beyond 5 %
        ("9500", []),  # -5 % is not beyond 5 %
        ("10000", []),
        ("11001", ["P103"]),  # +10.01 %
        ("12000", ["P103"]),  # +20 % is not beyond 20 %
        ("12001", ["P102"]),  # +20.01 %
    ],
)
def test_limits_of_the_pay_gap(after: str, expected: list[str]) -> None:
    assert codes(pay_gaps(a_pilot(paid("10000", after, after, after)))) == expected


def test_a_red_post_is_reported_once_with_its_worst_people_only() -> None:
    found = pay_gaps(a_pilot(paid("10000", "8000", "8400", "8200", *["10000"] * 3)))
    assert codes(found) == ["P101"] and found[0].subject == "post:presales_cs"
    # 8,000, 8,400 and 8,200: -20 %, -16 % and -18 %, on average -18 %
    assert found[0].values["people"] == 3
    assert found[0].values["change"] == exact("-0.18")


def test_one_or_two_people_of_a_larger_post_are_told_each_as_themselves() -> None:
    """The mean of the people beyond the line would be single people's pay in an open page."""
    found = pay_gaps(a_pilot(paid("10000", "8000", "10000", "10000", "10000")))
    assert [(f.code, f.subject) for f in found] == [("P101", "employee:E1")]


def test_the_rest_of_a_post_is_not_told_by_subtraction() -> None:
    """Three of four fall: beside the mean of all four, theirs would tell the fourth's pay."""
    # 8,000, 8,400, 8,200 and 10,000: on average 8,650, a fall of 13.5 %: not 15 %, each by itself
    found = pay_gaps(a_pilot(paid("10000", "8000", "8400", "8200", "10000")))
    assert [(f.code, f.subject) for f in found] == [
        ("P101", "employee:E1"), ("P101", "employee:E2"), ("P101", "employee:E3"),
    ]  # fmt: skip
    # 8,000 three times and 9,900: on average 8,475, a fall of 15.25 %: told of the whole post
    (whole,) = pay_gaps(a_pilot(paid("10000", "8000", "8000", "8000", "9900")))
    assert (whole.code, whole.subject) == ("P101", "post:presales_cs")
    assert (whole.values["people"], whole.values["after"]) == (4, exact("8475"))
    # three of six: three others stand beside them
    (three,) = pay_gaps(a_pilot(paid("10000", "8000", "8400", "8200", *["10000"] * 3)))
    assert (three.values["people"], three.values["change"]) == (3, exact("-0.18"))


def test_cost_of_two_people_is_not_told_of_the_firm() -> None:
    figures = [("2025-06", "1000000"), ("2026-06", "1000000")]
    actuals = [
        {"subject_kind": "channel", "subject_id": "tmall", "indicator": "net_sales",
         "period": month, "value": value}
        for month, value in figures
    ]  # fmt: skip
    pay = paid("10000", "10400", "10400", "10400")
    pay.loc[2, ["before", "change", "change_share"]] = pd.NA  # a third without old pay
    pay["change_share"] = pay["change_share"].astype("Int64")
    pilot = a_pilot(pay, actuals=actuals)
    assert pay_cost(pilot) == {
        "before": exact("20000"), "after": exact("20800"), "amount": exact("800"),
        "change": exact("0.04"), "people": 2, "moved": 2,
    }  # fmt: skip
    for told in (cost_without_growth(pilot), cost_without_growth(a_pilot(pay))):
        assert [f.subject for f in told] == ["employee:E1"]
    everybody = a_pilot(paid("10000", "10400", "10400", "10400"), actuals=actuals)
    assert [f.subject for f in cost_without_growth(everybody)] == ["client:test"]


def test_pay_of_two_people_is_a_matter_of_each_of_them() -> None:
    found = pay_gaps(a_pilot(paid("10000", "8000", "8000")))
    assert [f.subject for f in found] == ["employee:E1", "employee:E2"]


@pytest.mark.parametrize(
    ("after", "sales", "expected"),
    [
        ("10300", "1020000", []),  # +3.0 % is not more than 3 %
        ("10301", "1029999", ["P105"]),  # +3.01 % pay, +2.9999 % sales
        ("10301", "1030000", []),  # +3 % sales
    ],
)
def test_more_pay_needs_more_sales(after: str, sales: str, expected: list[str]) -> None:
    figures = [("2025-06", "1000000"), ("2026-06", sales)]
    actuals = [
        {"subject_kind": "channel", "subject_id": "tmall", "indicator": "net_sales",
         "period": month, "value": value}
        for month, value in figures
    ]  # fmt: skip
    pilot = a_pilot(paid("10000", after, after, after), actuals=actuals)
    assert codes(cost_without_growth(pilot)) == expected


STAFF = [
    {"employee": "E1", "name": "甲", "hired": "2020-01-01"},
    {"employee": "E2", "name": "乙", "hired": "2025-06-16"},
]
HELD = [
    {"employee": each, "effective_from": "2025-06-16", "post": "presales_cs",
     "department": "service", "time_share": "1"}
    for each in ("E1", "E2")
]  # fmt: skip


def held_against(history: list[tuple[str, str, str]], worked: str = "22") -> pd.DataFrame:
    """June's pay of 3,100.00 each beside the old pay; 22 days scheduled."""
    client = a_client(
        config=CONFIG,
        employees=STAFF,
        assignments=HELD,
        attendance=[
            {"employee": each, "month": "2026-06", "scheduled_days": "22", "worked_days": worked}
            for each in ("E1", "E2")
        ],
        pay_history=[dict(zip(("employee", "month", "pay"), row, strict=True)) for row in history],
    )
    pay = pd.DataFrame({
        "employee": ["E1", "E2"], "month": "2026-06", "state": "final",
        "pay": pd.Series([exact("3100")] * 2, dtype="Int64"),
    })  # fmt: skip
    return comparison(client, pay).set_index("employee")


def test_a_part_month_meets_its_part_of_the_old_pay() -> None:
    row = held_against([("E1", "2025-06", "6000")], worked="11").loc["E1"]
    # 11 of 22 days: 6,000.00 x 0.5 = 3,000.00; 3,100.00 is +3.3333 %
    assert (row["before"], row["before_from"]) == (exact("3000"), "last_year")
    assert row["days_share"] == exact("0.5") and row["change_share"] == 33333
    full = held_against([("E1", "2025-06", "6000")]).loc["E1"]
    assert full["before"] == exact("6000") and full["days_share"] == exact("1")


def test_the_old_pay_of_the_same_month_is_already_that_of_its_days() -> None:
    row = held_against([("E1", "2026-06", "3200")], worked="11").loc["E1"]
    assert (row["before"], row["before_from"]) == (exact("3200"), "same_month")


def test_old_pay_of_a_part_month_is_held_against_nothing() -> None:
    # E2 joined on 16 June 2025: that June is half a month, and the next one full
    june = [("E2", "2025-06", "3000")]
    row = held_against(june).loc["E2"]
    assert pd.isna(row["before"]) and row["before_from"] == "part_month"
    assert pd.isna(row["change_share"])
    row = held_against([*june, ("E2", "2025-07", "6000")]).loc["E2"]
    assert (row["before"], row["before_from"]) == (exact("6000"), "earlier")


def test_people_left_out_of_the_pay_gap_are_counted() -> None:
    compared_to = held_against([("E2", "2025-06", "3000")]).reset_index()
    found = {f.code: f.values["people"] for f in no_old_pay(a_pilot(compared_to))}
    assert found == {"P108": 1, "P109": 1}  # E1 has no old pay at all, E2 that of half a month
    assert pay_gaps(a_pilot(compared_to.assign(post="presales_cs"))) == []


# --- data ---------------------------------------------------------------------------------


def bridge(finance: str, non_genuine: str = "0") -> Pilot:
    row = {"channel": "tmall", "month": "2026-06", "backend_sales": "1000000",
           "non_genuine": non_genuine, "refunds": "50000", "coupons_fees": "0",
           "finance_sales": finance}  # fmt: skip
    return a_pilot(sales_bridge=[row])


@pytest.mark.parametrize(
    ("finance", "expected"),
    [
        # back-end 1,000,000 less refunds 50,000 = 950,000; what is missing to that is unexplained
        ("920000", ["P205"]),  # 30,000 = 3 % is not beyond 3 %
        ("919999", ["P203"]),
        ("870000", ["P203"]),  # 80,000 = 8 % is not beyond 8 %
        ("869999", ["P202"]),
    ],
)
def test_limits_of_the_unexplained_difference(finance: str, expected: list[str]) -> None:
    assert codes(unexplained_difference(bridge(finance))) == expected


def test_one_yuan_of_non_genuine_orders_is_an_error_even_if_explained() -> None:
    assert codes(non_genuine_orders(bridge("949999", "1"))) == ["P201"]
    assert codes(unexplained_difference(bridge("949999", "1"))) == []
    assert non_genuine_orders(bridge("950000")) == []


# --- process ------------------------------------------------------------------------------


def step(month: str, department: str, name: str, due: str, done: str | None) -> dict[str, Any]:
    return {"month": month, "department": department, "step": name, "due": due, "done": done}


def test_who_waits_for_late_data_is_not_late() -> None:
    pilot = a_pilot(process_log=[
        step("2026-04", "finance", "data", "2026-05-05", "2026-05-15"),
        step("2026-04", "service", "superior_review", "2026-05-08", "2026-05-18"),
        step("2026-04", "hr", "hr_audit", "2026-05-09", "2026-05-23"),
        step("2026-05", "hr", "hr_audit", "2026-06-09", None),
    ])  # fmt: skip
    table = pilot_lateness(pilot).set_index(["month", "step"])
    # review: 10 days late, 10 of them handed on; audit: 14 days late, 4 its own
    assert table.loc[("2026-04", "superior_review"), "own"] == 0
    assert table.loc[("2026-04", "hr_audit"), "own"] == exact("4")
    assert table.loc[("2026-05", "hr_audit"), "state"] == "open"
    assert [f.subject for f in steps_late(pilot)] == ["department:hr"]  # 4 days are beyond 3


@pytest.mark.parametrize(
    ("done", "expected"),
    [
        ({"2026-04": "2026-05-08", "2026-06": "2026-07-05"}, []),  # 3 days are not beyond 3
        ({"2026-04": "2026-05-09", "2026-06": "2026-07-05"}, ["P302"]),  # 4 days, in time since
        ({"2026-04": "2026-05-05", "2026-06": "2026-07-09"}, ["P301"]),  # still late at the end
    ],
)
def test_data_late_once_or_still(done: dict[str, str], expected: list[str]) -> None:
    due = {"2026-04": "2026-05-05", "2026-06": "2026-07-05"}
    log = [step(month, "finance", "data", due[month], day) for month, day in done.items()]
    assert codes(data_late(a_pilot(process_log=log))) == expected


def test_an_empty_log_is_no_delay() -> None:
    assert lateness(a_pilot(process_log=[]).client.table("process_log")).empty


# --- scores -------------------------------------------------------------------------------


def sheets(*given: str, computed: tuple[str, ...] = ()) -> Pilot:
    """Sheets of three people under one superior, computed 70 each unless said."""
    count = len(given)
    computed = computed or ("70",) * count
    totals = pd.DataFrame({
        "employee": [f"E{i % 3}" for i in range(count)],
        "month": [MONTHS[i // 3 % 3] for i in range(count)],
        "superior": "S1",
        "total": pd.Series([exact(each) for each in computed], dtype="Int64"),
        "given_total": pd.Series([exact(each) for each in given], dtype="Int64"),
        "self_total": pd.Series([exact("70")] * count, dtype="Int64"),
    })  # fmt: skip
    held = [{"employee": "S1", "effective_from": "2026-01-01", "post": "cs_supervisor",
             "department": "service", "time_share": "1"}]  # fmt: skip
    return a_pilot(totals=totals, assignments=held)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["98"] * 6, ["P401"]),
        (["98"] * 5, []),  # five sheets are too few to judge
        (["95", "95", "96", "97", "97", "97"], ["P402"]),  # two points apart, all high
        (["80", "80", "81", "82", "82", "82"], ["P403"]),
        (["80", "80", "81", "82", "82", "83"], []),  # three points apart
    ],
)
def test_superiors_who_give_everybody_the_same(given: list[str], expected: list[str]) -> None:
    assert codes(uniform_scores(sheets(*given))) == expected


@pytest.mark.parametrize(
    ("computed", "given", "expected"),
    [
        # the work itself lies within two points, and each score given within two of it
        (["95", "96", "97", "95", "96", "97"], ["97"] * 6, []),
        (["95", "96", "97", "95", "96", "97"], ["95", "96", "97", "96", "96", "96"], []),
        # 94.99 to 97 is more than two points apart: one score for all hides that
        (["94.99", "96", "97", "95", "96", "97"], ["96"] * 6, ["P401"]),
        # as close together, but 2.01 points above the work
        (["94.99", "96", "96", "95", "96", "96"], ["97"] * 6, ["P401"]),
        (["80", "80", "80", "81", "81", "81"], ["83.01", "82", "82", "82", "82", "82"], ["P403"]),
    ],
)
def test_a_team_that_works_alike_may_be_scored_alike(
    computed: list[str], given: list[str], expected: list[str]
) -> None:
    assert codes(uniform_scores(sheets(*given, computed=tuple(computed)))) == expected


@pytest.mark.parametrize(("months", "expected"), [(2, []), (3, ["P404"])])
def test_copied_for_three_months(months: int, expected: list[str]) -> None:
    pilot = sheets(*["80"] * 9)
    rows = pilot.calculation.totals[["employee", "month", "superior"]].copy()
    rows["self_score"] = pd.Series([exact("80")] * 9, dtype="Int64")
    rows["superior_score"] = rows["self_score"].where(rows["month"].isin(MONTHS[:months]), 0)
    calculation: Any = SimpleNamespace(totals=pilot.calculation.totals, rows=rows)
    copied = Pilot(pilot.client, MONTHS, 3, calculation, pilot.pay)
    assert codes(rubber_stamps(copied)) == expected


# --- the demo clients ---------------------------------------------------------------------


@cache
def demo(name: str) -> tuple[Client, tuple[Finding, ...]]:
    client = open_client(name, root=ROOT)
    return client, check_pilot(pilot_of(client, default_period("pilot", client).months))


def one(name: str, code: str) -> Finding:
    found = [f for f in demo(name)[1] if f.code == code]
    assert len(found) == 1, code
    return found[0]


def test_the_first_demo_client_to_the_figure() -> None:
    gap = one("qinghe", "P101")
    assert (gap.subject, gap.values["month"]) == ("post:presales_cs", "2026-06")
    assert gap.values["people"] == 4
    # 5,330 of 6,500: -1,170, -18 %
    assert gap.values["amount"] == exact("-1170") and gap.values["change"] == exact("-0.18")
    orders = one("qinghe", "P201").values
    # 0.38 of 4.12 m back-end is 9.2233 %; 0.67 of 4.12 m is 16.2621 %
    assert orders["share"] == exact("0.092233")
    assert orders["difference_share"] == exact("0.162621")
    # 0.5 % of 4.12 m is 20,600; of 3.45 m 17,250
    commission = one("qinghe", "P204")
    assert commission.values["over"] == exact("3350")
    assert commission.subject == "employee:E002"  # theirs alone: not for the open page
    late = one("qinghe", "P302").values
    # 13, 15 and 12 days: 40 / 3
    assert (late["months"], late["days"]) == (3, exact("13.333333"))
    same = one("qinghe", "P401").values
    assert (same["sheets"], same["people"]) == (18, 3)
    assert (same["given_low"], same["computed_low"]) == (exact("98"), exact("83"))
    assert same["difference"] == exact("15")
    assert one("qinghe", "P404").values["sheets"] == 36  # six people, six months
    alert = one("qinghe", "P107").values
    assert (alert["sales"], alert["profit"]) == (exact("-0.09"), exact("0.06"))


def test_the_second_demo_client_to_the_figure() -> None:
    lenient = one("xiaoman", "P402").values
    assert (lenient["sheets"], lenient["people"]) == (20, 7)  # 7 + 7 + 6
    assert (lenient["given_low"], lenient["given_high"]) == (exact("95"), exact("97"))
    assert one("xiaoman", "P501").values["people"] == 7
    assert one("xiaoman", "P502").subject.startswith("employee:")  # not for open papers


@pytest.mark.parametrize("name", ["qinghe", "xiaoman"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_open_findings_name_nobody_and_no_pay_of_a_single_person(name: str, language: str) -> None:
    client, found = demo(name)
    wording = Wording(client.library, language, client)
    told = " ".join(
        part for f in found if not f.subject.startswith("employee:") for part in wording.finding(f)
    )
    people = client.table("employees")
    assert not [person for person in people["name"] if person in told]
    assert not [number for number in people["employee"] if number in told]
    # the one channel manager's commission, paid and on back-end sales
    assert "17,250" not in told and "20,600" not in told
