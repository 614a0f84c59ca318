"""The organisation stage: conclusion, calendar, gates, readiness."""

from __future__ import annotations

import datetime as dt

import pytest

from ecperf_kit.stages import STAGES, conclude, default_period
from ecperf_kit.stages.calendar import (
    is_working_day,
    monthly_deadlines,
    working_day,
    working_days_before,
    working_days_later,
)
from tests.scheme_client import a_client
from tests.stage_checks import worded
from tests.test_rules_organisation import COMMITTEE, POSTS, _ready


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_word_is_there(language: str) -> None:
    for client in (_ready(), _ready({"sponsor": {}}, committee=[], signoffs=[]), a_client()):
        assert all(worded(client, conclude("organisation", client), language))


def test_a_closed_gate_is_the_title() -> None:
    wrong = [{**COMMITTEE[0], "position": "staff"}, *COMMITTEE[1:]]
    report = conclude("organisation", _ready(committee=wrong))
    assert report.title.key == "organisation.title.closed"
    assert len(report.reasons) == 3
    gates = report.table("gates").set_index("stage")
    assert gates.at["organisation", "state"] == "gate_closed"
    assert [v.level for v in report.verdicts] == ["change", "fine", "fine", "fine"]


def test_a_ready_firm_may_go_on() -> None:
    client = _ready()
    report = conclude("organisation", client)
    assert report.title.key == "organisation.title.ready"
    assert report.table("gates").set_index("stage").at["organisation", "state"] == "gate_open"
    assert list(report.table("readiness")["state"]) == ["in_place"] * 5
    posts = report.table("job_descriptions")
    assert len(posts) == len(POSTS) + 1 and (posts["state"] == "signed").all()
    assert report.actions == ()


def test_deadlines_move_to_the_next_working_day() -> None:
    # 5 May 2026 is a holiday (Labour Day until the 5th); Saturday 9 May is a make-up working
    # day; 10 May is a Sunday. Three working days after Monday 11 May: 12, 13, 14 May.
    table = monthly_deadlines(_ready(), "2026-04").set_index("step")
    due = {step: day.date() for step, day in table["due"].items()}
    assert due["data"] == dt.date(2026, 5, 6)
    assert due["hr_audit"] == dt.date(2026, 5, 9)
    assert due["publication"] == dt.date(2026, 5, 11)
    assert due["appeal"] == dt.date(2026, 5, 14)
    assert due["pay"] == dt.date(2026, 5, 15)
    assert table.at["data", "moved"] == 1


def test_working_days() -> None:
    assert not is_working_day(dt.date(2026, 10, 1))
    friday, monday = dt.date(2026, 6, 12), dt.date(2026, 6, 15)
    assert working_day(dt.date(2026, 6, 13)) == monday
    assert working_days_later(friday, 1) == monday
    assert working_days_before(monday, 2) == dt.date(2026, 6, 11)
    # holidays of a far year are not announced: Monday to Friday
    assert is_working_day(dt.date(2099, 10, 1))
    assert not is_working_day(dt.date(2099, 10, 3))


def test_the_calendar_leads_up_to_the_pilot() -> None:
    table = conclude("organisation", _ready()).table("calendar")
    starts = [day.date() for day in table["start"]]
    pilot = starts.index(dt.date(2026, 4, 1))
    assert starts[: pilot + 1] == sorted(starts[: pilot + 1])
    assert (table["end"] >= table["start"]).all()


def test_the_vice_leaders_post_is_not_hidden_by_a_blank() -> None:
    report = conclude("organisation", _ready(committee=[COMMITTEE[0]]))
    states = report.table("committee").set_index("role")["state"]
    assert states["leader"] == "in_place" and states["vice_leader"] == "missing"


def test_default_periods() -> None:
    client = _ready()
    assert default_period("design", client).text == "2026"
    assert default_period("pilot", client).text == "2026-04..2026-09"
    assert default_period("rollout", client).text == "2026-12"
    sold = {"subject_kind": "company", "subject_id": "test", "indicator": "net_sales", "value": 1}
    rows = [{**sold, "period": m, "source_kind": "finance_report"} for m in ("2026-06", "2026-05")]
    assert default_period("review", a_client(actuals=rows)).text == "2026-06"
    assert default_period("exam", a_client("2026-Q2")).text == "2026-Q2"
    with pytest.raises(KeyError):
        conclude("bonus", client)
    assert len(STAGES) == 6


def test_an_open_step_waits_for_the_late_one_before_it() -> None:
    # signed on 20 March: job descriptions, due in February, cannot be asked for before that
    config = {"sponsor": {"name": "王总", "position": "owner", "signed": "2026-03-20"}}
    table = conclude("organisation", _ready(config, signoffs=[])).table("calendar")
    assert table["start"].iloc[1].date() == table["end"].iloc[1].date() == dt.date(2026, 3, 20)
    assert (table["start"].iloc[:8] >= table["start"].iloc[0]).all()
