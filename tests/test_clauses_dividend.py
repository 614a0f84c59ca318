"""Dividends, clause by clause (assessment method 2.3): how much, when, and for whom."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from papers_read import said

from ecperf_kit.client import Client
from ecperf_kit.exact import exact
from ecperf_kit.outputs.cards.content import Month
from ecperf_kit.outputs.papers import make_papers
from ecperf_kit.outputs.papers.consent import consent
from ecperf_kit.outputs.papers.facts import Facts
from ecperf_kit.outputs.papers.merit import dividend_form
from ecperf_kit.outputs.wording import Wording
from ecperf_kit.rules.merit import MERIT_RULES, sharers
from ecperf_kit.rules.rollout import check_rollout
from ecperf_kit.stages.explain import explain
from ecperf_kit.stages.rollout_tables import pay_list
from tests.clause_client import (
    JUNE,
    lines_of,
    one_person,
    paid,
    profit_of,
    rated_person,
    stored,
    told,
)
from tests.scheme_client import plan


def _dividend(share: str, coefficient: Any = 1, **quarters: int) -> Client:
    return one_person(
        "dividend", 10_000, coefficient=coefficient, dividend_unit="tmall", dividend_share=share,
        benefits=300, tables={"profit_ledger": profit_of("tmall", **quarters)},
    )  # fmt: skip


def test_m_2_3_31_base_share_coefficient_benefits() -> None:
    # 10,000 + 200,000 x 5 % x 1.1 + 300 = 10,000 + 11,000 + 300 = 21,300
    found = paid(_dividend("0.05", "1.1", **{"y2026_Q2": 200_000}))
    assert lines_of(found) == stored(base=10_000, dividend=11_000, benefits=300)
    assert list(found.pay["pay"]) == [exact("21300")]


@pytest.mark.parametrize(
    ("period", "month"),
    [("2026-Q2", JUNE), ("2026-01..2026-06", JUNE), ("2026", "2026-12")],
)
def test_m_2_3_33_paid_by_quarter_half_year_or_year(period: str, month: str) -> None:
    # 100,000 x 10 % = 10,000 in the last month only; base 8,000 every month
    ledger = [{"unit": "tmall", "quarter": period, "profit": 100_000, "reserve_share": 0}]
    months = ("2026-05", month)
    client = one_person(
        "dividend", 8000, months=months, dividend_unit="tmall", dividend_share="0.1",
        tables={"profit_ledger": ledger},
    )  # fmt: skip
    found = paid(client, *months)
    drawn = found.lines[found.lines["line"] == "dividend"]
    assert [*zip(drawn["month"], drawn["amount"], strict=True)] == [(month, exact("10000"))]
    assert dict(found.pay.set_index("month")["pay"]) == {
        "2026-05": exact("8000"), month: exact("18000"),
    }  # fmt: skip


def test_m_2_3_34_later_profit_makes_up_the_loss_first() -> None:
    # Q1 100,000: 10 % = 10,000. Q2 loss of 60,000: nothing. Q3 100,000 - 60,000 = 40,000: 4,000
    months = ("2026-03", "2026-06", "2026-09")
    quarters = {"y2026_Q1": 100_000, "y2026_Q2": -60_000, "y2026_Q3": 100_000}
    client = one_person(
        "dividend", 8000, months=months, dividend_unit="tmall", dividend_share="0.1",
        tables={"profit_ledger": profit_of("tmall", **quarters)},
    )  # fmt: skip
    lines = paid(client, *months).lines
    drawn = lines[lines["line"] == "dividend"].set_index("month")["amount"]
    assert dict(drawn) == dict(zip(months, map(exact, ("10000", "0", "4000")), strict=True))


@pytest.mark.parametrize(("reserve", "amount"), [("0.2", 16_000), ("0.5", 10_000), (None, 16_000)])
def test_m_2_3_35_part_of_the_profit_is_kept(reserve: str | None, amount: int) -> None:
    # 200,000 less 20 % (also where the client says nothing) is 160,000, less 50 % 100,000; 10 %
    row = {"unit": "tmall", "quarter": "2026-Q2", "profit": 200_000, "reserve_share": reserve}
    client = one_person(
        "dividend", 8000, dividend_unit="tmall", dividend_share="0.1",
        tables={"profit_ledger": [row]},
    )  # fmt: skip
    assert lines_of(paid(client))["dividend"] == exact(str(amount))


def test_m_2_3_36_ten_per_cent_of_300000() -> None:
    # 10,000 + 300,000 x 10 % x 1.0 = 10,000 + 30,000 = 40,000
    ledger = {"profit_ledger": profit_of("tmall", y2026_Q2=300_000)}
    found = paid(
        one_person("dividend", 10_000, dividend_unit="tmall", dividend_share="0.1", tables=ledger)
    )
    assert lines_of(found) == stored(base=10_000, dividend=30_000)
    assert list(found.pay["pay"]) == [exact("40000")]


# -- which kind ---------------------------------------------------------------------------
def _of_kind(kind: str | None, **more: Any) -> Client:
    ledger = {"profit_ledger": profit_of("tmall", y2026_Q2=300_000)}
    return one_person(
        "dividend", 10_000, dividend_unit="tmall", dividend_share="0.1", dividend_kind=kind,
        benefits=300, tables=ledger, **more,
    )  # fmt: skip


@pytest.mark.parametrize("kind", [None, "phantom_share"])
def test_m_2_3_32_phantom_dividends_are_computed(kind: str | None) -> None:
    # 10,000 + 300,000 x 10 % + 300
    found = paid(_of_kind(kind))
    assert lines_of(found) == stored(base=10_000, dividend=30_000, benefits=300)
    assert "S180" not in told(_of_kind(kind), MERIT_RULES)


@pytest.mark.parametrize("kind", ["registered_share", "stock_option"])
def test_m_2_3_32_other_kinds_are_told_and_never_a_silent_zero(kind: str) -> None:
    client = _of_kind(kind)
    found = paid(client)
    assert lines_of(found) == stored(base=10_000, benefits=300)  # no line of 0 either
    assert list(found.pay["pay"]) == [exact("10300")] and list(found.pay["state"]) == ["final"]
    assert client.table("profit_ledger")["profit"].notna().all()
    (note,) = [f for rule in MERIT_RULES for f in rule(client) if f.code == "S180"]
    assert note.subject == "post:channel_ops_manager" and note.source.row == 2
    for language, lawyer, tax in (("zh", "律师", "税"), ("en", "lawyer", "tax")):
        text = Wording(client.library, language, client).finding(note)
        assert Wording(client.library, language).label(kind) in text.evidence
        assert lawyer in text.remedy and tax in text.remedy
    assert "S180" in {finding.code for finding in check_rollout(client, found)}
    steps = [step.sentence for step in explain(client, "E1", JUNE)]
    (step,) = [said_ for said_ in steps if said_.key == "explain.dividend_not_in_pay"]
    assert Wording(client.library, "zh").label(kind) in Wording(client.library, "zh").say(step)
    # the pay list has a dash where the dividend would stand
    assert pay_list(client, found, (JUNE,))["dividend"].isna().all()


@pytest.mark.parametrize("kind", [None, "phantom_share", "registered_share", "stock_option"])
def test_m_2_3_32_the_scorecard_sheet_says_what_its_pay_leaves_out(kind: str | None) -> None:
    client = _of_kind(kind)
    words = Wording(client.library, "zh", client)
    card = Month(client, JUNE, words, blank=False).card("E1", "t", (), "s")
    told_ = [remark for remark in card.remarks if "不在这张表的应发之内" in remark]
    assert len(told_) == (kind in ("registered_share", "stock_option"))
    assert ("dividend" in {line.line for line in card.lines}) is not bool(told_)


def test_m_2_3_32_without_a_share_only_a_phantom_dividend_lacks_a_figure() -> None:
    def state(kind: str) -> list[str]:
        client = one_person(
            "dividend", 10_000, dividend_unit="tmall", dividend_kind=kind,
            tables={"profit_ledger": profit_of("tmall", y2026_Q2=300_000)},
        )  # fmt: skip
        return list(paid(client).pay["state"])

    assert state("phantom_share") == ["missing"]
    assert state("registered_share") == ["final"]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (None, {"zh": "干股只分红", "en": "A phantom share gives a dividend only"}),
        ("registered_share", {"zh": "实股（注册股）", "en": "Registered share"}),
        ("stock_option", {"zh": "行权和收益按授予协议", "en": "follow the agreement"}),
    ],
)
def test_m_2_3_32_the_papers_name_the_kind(kind: str | None, words: dict[str, str]) -> None:
    for language, expected in words.items():
        row = plan("operations_director", 8000, structure="dividend", dividend_unit="tmall",
                   dividend_share="0.1", dividend_kind=kind)  # fmt: skip
        row |= {"subject_kind": "employee", "subject_id": "E1"}
        client = rated_person("", "2024-01-01", pay_plans=[row])
        client = replace(client, language=language)
        assert expected in said(dividend_form(Facts(client), "E1").bytes())
        consent_text = said(consent(Facts(client), "E1").bytes())
        formula = {"zh": "可分配额×约定比例×系数", "en": "distributable amount"}[language]
        separately = {"zh": "不属于工资", "en": "it is not pay"}[language]
        assert (formula in consent_text) is (kind is None)
        assert (separately in consent_text) is (kind is not None)
        if kind:  # a pay that does not vary: dashes, neither 0.00 nor 0 %
            assert Wording(client.library, language).label(kind) in consent_text
            assert " 0.00" not in consent_text and "0.0%" not in consent_text


# -- for whom -------------------------------------------------------------------------------
def _sharer(
    kind: str = "employee",
    post: str = "operations_director",
    hired: str = "2024-01-01",
    since: str = "2026-01-01",
    scores: str = "",
) -> Client:
    """E1 on a dividend plan since ``since``."""
    row = plan(post, 8000, structure="dividend", dividend_unit="tmall", dividend_share="0.1")
    row |= {"subject_kind": kind, "subject_id": "E1" if kind == "employee" else post}
    return rated_person(scores, hired, post, pay_plans=[row | {"effective_from": since}])


def _why(client: Client) -> tuple[str, ...]:
    told_of = [f for rule in MERIT_RULES for f in rule(client) if f.code == "S171"]
    return told_of[0].values["reasons"] if told_of else ()


@pytest.mark.parametrize(
    ("kind", "post", "raised"),
    [
        ("post", "store_operator", True),  # everybody in the store
        ("employee", "store_operator", False),  # one of them, chosen by name
        ("post", "operations_director", False),
        ("post", "channel_ops_manager", False),
    ],
)
def test_m_2_3_37_a_dividend_is_never_for_all(kind: str, post: str, raised: bool) -> None:
    assert ("S170" in told(_sharer(kind, post), MERIT_RULES)) is raised


def test_m_2_3_37_who_shares_is_listed_with_the_reason() -> None:
    (row,) = sharers(_sharer(hired="2026-01-01", since="2026-06-01", scores="80 80")).to_dict(
        "records"
    )
    # January and February 2026 in service, a mean of 80: neither speaks for it
    assert (row["employee"], row["subject"]) == ("E1", "employee:E1")
    assert (row["service"], row["mean"]) == (2, exact("80"))
    assert row["reasons"] == ("tenure", "business_output")


@pytest.mark.parametrize(
    ("hired", "since", "reasons"),
    [
        # scored to the end of February 2026: twelve months on 1 March 2025, eleven a day later
        ("2025-03-01", "2026-01-01", ()),
        ("2025-03-02", "2026-01-01", ("tenure",)),
        # agreed at the interview: a plan of one's own from the month of hiring
        ("2026-01-05", "2026-02-01", ()),
        ("2026-01-05", "2026-02-02", ("tenure",)),
    ],
)
def test_m_2_3_38_service_but_for_who_was_hired_with_it(
    hired: str, since: str, reasons: tuple[str, ...]
) -> None:
    assert _why(_sharer(hired=hired, since=since, scores="90 90")) == reasons


@pytest.mark.parametrize(
    ("scores", "reasons"),
    [
        ("85 85", ()),
        ("90 79.98", ("business_output",)),  # 84.99
        ("", ()),  # nothing scored yet: nothing is said
        ("10 85 85 85 85 85 85", ()),  # six months count, January does not
    ],
)
def test_m_2_3_39_the_average_score_counts(scores: str, reasons: tuple[str, ...]) -> None:
    assert _why(_sharer(scores=scores)) == reasons


@cache
def _form(language: str) -> str:
    client = replace(
        _sharer(hired="2026-01-01", since="2026-06-01", scores="80 80"), language=language
    )
    return said(dividend_form(Facts(client), "E1").bytes())


def test_m_2_3_40_communication_in_four_directions_is_rated() -> None:
    # the form is made for whoever is on a dividend plan, and says what the data say first
    assert "restricted/dividend/E1.docx" in make_papers(_sharer(), ["merit"]).files
    text = _form("en")
    for words in ("Down:", "Up:", "Across:", "Outside:", "inquiry", "Service: 2 months"):
        assert words in text, words
    assert "80.00" in text and "Business output" in text


def test_m_2_3_41_five_values_are_rated() -> None:
    for words in ("进取", "乐观", "皮实", "抗压", "忠诚"):
        assert words in _form("zh"), words
    for words in ("Enterprising", "Optimistic", "Tough", "Bears pressure", "Loyal"):
        assert words in _form("en"), words
