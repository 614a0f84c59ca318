"""The six gates look at what their conditions say, not only at what is on record."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pytest

from ecperf_kit.client import Client, open_client
from ecperf_kit.period import Period
from ecperf_kit.stages import conclude
from ecperf_kit.stages.exam import answer_key, exam_paper

ROOT = Path(__file__).resolve().parent.parent


@cache
def demo() -> Client:
    return open_client("qinghe", "", "zh", root=ROOT)


def with_tables(**tables: pd.DataFrame) -> Client:
    return replace(demo(), tables=MappingProxyType({**demo().tables, **tables}))


def gate(client: Client, stage: str) -> tuple[str, dict[str, object]]:
    """The state of a gate, and what it lacks: the end of each text key with its count."""
    row = conclude("organisation", client).table("gates").set_index("stage").loc[stage]
    gaps = row["missing"].values["names"] if row["missing"] is not None else ()
    return row["state"], {g.key.rpartition(".")[2]: g.values.get("count") for g in gaps}


# --- exam ------------------------------------------------------------------------------------
@cache
def all_right() -> pd.DataFrame:
    """The answers of the demo as if everybody had got everything right."""
    answers = demo().table("exam_answers")
    key = answer_key(exam_paper(demo().seen_by("exam")))
    return answers.assign(answer=answers["question"].astype("int64").map(key).astype("str"))


def test_the_exam_gate_opens_when_everybody_has_passed() -> None:
    client = with_tables(exam_answers=all_right())
    assert gate(client, "exam") == ("gate_open", {})
    report = conclude("exam", client)
    assert report.title.key == "exam.title.marked"
    assert report.verdicts[1].level == "fine" and not report.actions


def test_one_who_failed_keeps_the_exam_gate_closed() -> None:
    # five of twenty wrong: 75 % right, 80 % are needed
    answers = all_right().copy()
    wrong = (answers["employee"] == "E005") & (answers["question"].astype("int64") <= 5)
    assert wrong.sum() == 5
    answers.loc[wrong, "answer"] = ""
    client = with_tables(exam_answers=answers)
    assert gate(client, "exam") == ("gate_closed", {"failed": 1})
    report = conclude("exam", client)
    assert report.title.key == "exam.title.resit"
    # the card says what the title says, and it is among what must change
    assert report.verdicts[1].level == "watch"
    assert report.verdicts[1].found.key == "exam.found.results"
    assert [a.what.key for a in report.actions] == ["exam.action.resit"]


def test_one_who_was_absent_keeps_the_exam_gate_closed() -> None:
    answers = all_right()
    client = with_tables(exam_answers=answers[answers["employee"] != "E005"])
    assert gate(client, "exam") == ("gate_closed", {"not_sat": 1})


def test_without_answers_nobody_has_passed() -> None:
    client = with_tables(exam_answers=demo().table("exam_answers")[:0])
    assert gate(client, "exam") == ("gate_closed", {"results": None})


# --- review ----------------------------------------------------------------------------------
SIGNED = pd.Timestamp("2026-10-20")


def reviewed(held_on: str = "2026-10-08", signed_on: pd.Timestamp = SIGNED) -> Client:
    """Everybody of September talked with on a day; the scheme signed on another."""
    talks, papers = demo().table("interviews"), demo().table("signoffs").copy()
    talks = talks.assign(held_on=talks["held_on"].mask(talks["period"] == "2026-09",
                                                       pd.Timestamp(held_on)))  # fmt: skip
    papers.loc[papers["paper"] == "scheme", "signed_on"] = signed_on
    return with_tables(interviews=talks, signoffs=papers)


def test_the_review_gate_opens_after_the_talks_and_a_new_approval() -> None:
    assert gate(reviewed(), "review") == ("gate_open", {})


def test_nobody_knows_whether_the_next_standards_are_published() -> None:
    # approved in March, before the pilot: nothing is known of the standards after September
    client = reviewed(signed_on=pd.Timestamp("2026-03-30"))
    assert gate(client, "review") == ("gate_unknown", {"next_standards": None})


def test_a_talk_that_is_missing_or_late_keeps_the_review_gate_closed() -> None:
    client = reviewed()
    talks = client.table("interviews")
    gone = (talks["period"] == "2026-09") & (talks["employee"] == "E005")
    assert gone.sum() == 1
    tables = {**client.tables, "interviews": talks[~gone].reset_index(drop=True)}
    client = replace(client, tables=MappingProxyType(tables))
    assert gate(client, "review") == ("gate_closed", {"talks_open": 1})
    # eleven people, all in November: later than any day in October
    assert gate(reviewed("2026-11-20", pd.Timestamp("2026-11-21")), "review") == (
        "gate_closed", {"talks_late": 11},
    )  # fmt: skip


# --- pilot, rollout and design ---------------------------------------------------------------
def test_the_review_gate_asks_for_the_last_month_whatever_the_report_is_about() -> None:
    year = replace(reviewed(), period=Period.parse("2026"))
    assert gate(year, "review") == ("gate_open", {})


def signed_too(*papers: str) -> Client:
    rows = demo().table("signoffs")
    more = [rows[rows["paper"] == "scheme"].assign(paper=paper) for paper in papers]
    return with_tables(signoffs=pd.concat([rows, *more], ignore_index=True))


def test_a_signature_alone_does_not_end_a_pilot() -> None:
    # the pilot's own report says which conditions are not met
    table = conclude("pilot", demo()).table("conditions")
    open_ = {c.key.rpartition(".")[2]: level for c, level in
             zip(table["condition"], table["level"], strict=True) if level != "fine"}  # fmt: skip
    assert "solved" in open_ and "length" not in open_
    for stage, wanted in (("pilot", {"solved"}), ("rollout", set(open_))):
        client = signed_too("pilot_report", "rollout")
        row = conclude("organisation", client).table("gates").set_index("stage").loc[stage]
        named = {g.values["names"][0].key.rpartition(".")[2]
                 for g in row["missing"].values["names"]}  # fmt: skip
        assert (row["state"], named) == ("gate_closed", wanted), stage


@pytest.mark.parametrize("table", ["standards", "pay_plans"])
def test_a_scheme_without_standards_or_pay_is_not_approved(table: str) -> None:
    client = with_tables(**{table: demo().table(table)[:0]})
    state, gaps = gate(client, "design")
    assert state == "gate_closed" and "nothing" in gaps
