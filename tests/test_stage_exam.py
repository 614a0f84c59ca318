"""The exam stage: a paper from the client's own scheme, and marked answers."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from types import MappingProxyType

import pandas as pd
import pytest

from ecperf_kit.client import Client
from ecperf_kit.exact import exact
from ecperf_kit.outputs.wording import Wording
from ecperf_kit.stages import conclude
from ecperf_kit.stages.exam import _fingerprint, answer_key, exam_paper, paper_number
from ecperf_kit.stages.exam_marking import letter, marked
from ecperf_kit.stages.exam_questions import questions
from tests.scheme_client import (
    a_client,
    changed,
    codes,
    library_card,
    plan,
    staff,
    table_t1,
    year_plan,
)
from tests.stage_checks import worded

POSTS = ("store_operator", "presales_cs", "picker_packer", "cashier")


def _client(weights: str = "2026-01-01") -> Client:
    return a_client(
        config={"dates": {"plan_year": 2026, "pilot_from": "2026-04", "pilot_to": "2026-09"}},
        **staff(*POSTS),
        scorecards=[row for post in POSTS for row in library_card(post, effective_from=weights)],
        pay_plans=[plan(post, 7000, 3000) for post in POSTS],
        coefficient_tables=table_t1(),
        targets=year_plan(60_000_000, {"tmall": "0.5", "douyin": "0.5"}),
    )


def _answered(client: Client, wrong: dict[str, int], paper: str = "") -> Client:
    """Everybody right but for the first ``wrong[employee]`` questions, answered with the next
    letter."""
    key = answer_key(exam_paper(client))
    paper = paper or paper_number(exam_paper(client))
    rows = [
        {
            "paper": paper,
            "employee": name,
            "question": question,
            "answer": "BCDA"["ABCD".index(right)] if question <= count else right,
        }
        for name, count in wrong.items()
        for question, right in key.items()
    ]
    return changed(client, exam_answers=rows)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_word_is_there(language: str) -> None:
    client = _client()
    for each in (client, _answered(client, {"E1": 0, "E2": 9, "E3": 2}), a_client()):
        assert all(worded(each, conclude("exam", each), language))


def test_twenty_questions_with_four_different_options() -> None:
    client = _client()
    report = conclude("exam", client)
    paper = report.table("paper")
    assert len(paper) == 20
    for language in ("zh", "en"):
        wording = Wording(client.library, language, client)
        asked = [wording.say(s) for s in paper["ask"]]
        assert len(set(asked)) == 20
        for row in paper[["a", "b", "c", "d"]].to_numpy():
            assert len({wording.say(option) for option in row}) == 4
    assert report.table("topics")["questions"].sum() == 20
    assert len(report.table("topics")) == 6


def test_the_same_scheme_gives_the_same_paper_and_another_one_another() -> None:
    assert exam_paper(_client()) == exam_paper(_client())
    assert paper_number(exam_paper(_client())) != paper_number(exam_paper(_client("2026-02-01")))


def test_row_order_does_not_matter() -> None:
    client = _client()
    tables = dict(client.tables)
    tables["scorecards"] = tables["scorecards"].iloc[::-1].reset_index(drop=True)
    turned = changed(client)
    object.__setattr__(turned, "tables", tables)
    assert paper_number(exam_paper(turned)) == paper_number(exam_paper(client))


def test_right_answers_are_those_of_the_method() -> None:
    pool = questions(_client(), Random(1))
    by_ask = {}
    for same in pool.values():
        for question in same:
            values = question.ask.values
            by_ask[question.ask.key, values.get("post"), values.get("indicator")] = question
    # response 45 s: second band, 80 % of 20 = 16
    response = by_ask["exam.ask.interval", "presales_cs", "avg_response_time"]
    assert response.options[0].values["value"] == exact("16")
    # conversion: one and a half steps short count as two, 10 % of 30 each: 24
    conversion = by_ask["exam.ask.step", "presales_cs", "inquiry_conversion"]
    assert conversion.options[0].values["value"] == exact("24")
    # net sales at 90 % of the standard: 36 of 40
    sales = by_ask["exam.ask.percentage", "store_operator", "net_sales"]
    assert sales.options[0].values["value"] == exact("36")


def test_coefficients_and_pay_of_the_examples() -> None:
    pool = questions(_client(), Random(1))["score_and_pay"]
    coefficient = {
        q.ask.values["score"]: q.options[0].values["value"]
        for q in pool
        if q.ask.key == "exam.ask.coefficient"
    }
    assert coefficient[exact("90")] == exact("1.1")
    assert coefficient[exact("89.99")] == exact("1.0")
    assert coefficient[exact("59.99")] == exact("0.5")
    pay = {
        (q.ask.key, q.ask.values["coefficient"]): q.options[0].values["value"]
        for q in pool
        if "coefficient" in q.ask.values
    }
    # 5,000 + 2,000 x 0.9 = 6,800; 5,000 + 1,000,000 x 0.5 % x 1.2 = 11,000
    assert pay["exam.ask.pay_performance", exact("0.9")] == exact("6800")
    assert pay["exam.ask.pay_commission", exact("1.2")] == exact("11000")


def test_the_key_is_restricted_and_the_paper_holds_no_answer() -> None:
    report = conclude("exam", _client())
    assert report.tables["answer_key"].restricted and report.tables["persons"].restricted
    assert not report.tables["paper"].restricted
    assert not {"answer", "right", "why"} & set(report.table("paper").columns)


def test_too_thin_a_scheme_yields_no_full_paper() -> None:
    report = conclude("exam", a_client())
    assert codes(report.findings) == ["E101"]
    assert report.title.key == "exam.title.short"


def test_marks() -> None:
    # of 20 questions E1 gets all, E2 four wrong (80 %: passed), E3 five wrong (75 %: failed)
    client = _answered(_client(), {"E1": 0, "E2": 4, "E3": 5})
    report = conclude("exam", client)
    persons = report.table("persons").set_index("employee")
    assert list(persons["right"]) == [20, 16, 15]
    assert list(persons["state"]) == ["passed", "passed", "failed"]
    # two of three passed: 66.7 % below 80 %; E4 did not come
    raised = codes(report.findings)
    assert raised == ["E103", "E104", "E106"]
    hard = next(f.values["questions"] for f in report.findings if f.code == "E104")
    assert hard == (1, 2, 3, 4)
    share = next(f.values["share"] for f in report.findings if f.code == "E103")
    assert share == exact("0.666667")
    # the first four questions: one of three right, wrong by two of three, more than 40 %
    items = report.table("item_statistics")
    assert list(items["right"].iloc[:5]) == [exact("0.333333")] * 4 + [exact("0.666667")]
    assert list(items["state"].iloc[[0, 5]]) == ["teach_again", "understood"]


def test_discrimination_is_the_correlation_with_the_rest() -> None:
    # Three questions, four people: 1 and 2 right for E1 and E2, 3 right for E3 and E4.
    # Question 3 (0, 0, 1, 1) against the rest (2, 2, 0, 0): -1. Question 1 (1, 1, 0, 0)
    # against questions 2 + 3 (1, 1, 1, 1): the rest does not vary, nothing can be said.
    client = _client()
    key = answer_key(exam_paper(client)).iloc[:3]
    right = {1: "E1 E2", 2: "E1 E2", 3: "E3 E4"}
    rows = [
        {
            "paper": "P",
            "employee": name,
            "question": q,
            "answer": letter_ if name in right[int(q)] else "BCDA"["ABCD".index(letter_)],
        }
        for name in ("E1", "E2", "E3", "E4")
        for q, letter_ in key.items()
    ]
    items = marked(changed(client, exam_answers=rows), "P", key).items
    assert items["discrimination"].isna().tolist() == [True, True, False]
    assert items["discrimination"].iloc[2] == exact("-1")


def test_a_question_that_the_better_ones_miss_is_named() -> None:
    # E1 and E2 miss question 1 only, E3 and E4 have question 1 right and miss 2 to 5
    client = _client()
    key = answer_key(exam_paper(client))
    missed = {"E1": {1}, "E2": {1}, "E3": {2, 3, 4, 5}, "E4": {2, 3, 4, 5}}
    rows = [
        {
            "paper": paper_number(exam_paper(client)),
            "employee": name,
            "question": q,
            "answer": "BCDA"["ABCD".index(right)] if q in wrong else right,
        }
        for name, wrong in missed.items()
        for q, right in key.items()
    ]
    report = conclude("exam", changed(client, exam_answers=rows))
    blind = next(f.values["questions"] for f in report.findings if f.code == "E105")
    assert blind == (1,)


def test_answers_to_an_older_paper_are_set_aside() -> None:
    client = _answered(_client(), {"E1": 0}, paper="K-000000")
    report = conclude("exam", client)
    finding = next(f for f in report.findings if f.code == "E102")
    assert finding.values["answers"] == 20
    assert report.table("persons").empty
    assert report.title.key == "exam.title.ready"


def test_small_groups_show_no_share() -> None:
    report = conclude("exam", _answered(_client(), {"E1": 0, "E2": 0}))
    assert report.table("departments")["passed"].isna().all()
    assert report.table("item_statistics")["right"].isna().all()


def test_letters_of_any_width() -> None:
    assert [letter(text) for text in (" a", "Ｂ", "c ", "E", "", None)] == [
        "A",
        "B",
        "C",
        "",
        "",
        "",
    ]


def test_a_column_nobody_filled_leaves_the_paper_as_it_is() -> None:
    """A later version that knows more columns must not make printed papers unmarkable."""
    client = _client()
    frame = client.table("standards").assign(added=pd.NA)
    more = replace(client, tables=MappingProxyType({**client.tables, "standards": frame}))
    assert _fingerprint(more) == _fingerprint(client)
    filled = frame.assign(added="x")
    other = replace(client, tables=MappingProxyType({**client.tables, "standards": filled}))
    assert len(filled) == 0 or _fingerprint(other) != _fingerprint(client)
