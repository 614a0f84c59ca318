"""Standards, cycle and assessors, clause by clause (assessment method 3.5 to 3.7)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from papers_read import said
from test_method_pay import BASE
from test_papers import small
from test_rules_scheme import _with
from test_rules_standards import APPROVED, _actual, _service, _standard
from written_client import written_client

from ecperf_kit.client import Client
from ecperf_kit.exact import exact
from ecperf_kit.intake.declare import tables
from ecperf_kit.library import load_library
from ecperf_kit.method.scorecards import assessed_rows
from ecperf_kit.outputs.papers.facts import Facts
from ecperf_kit.outputs.papers.scorecard import scorecard_of_person
from ecperf_kit.rules import check_scheme
from ecperf_kit.rules.changes import CHANGE_RULES
from ecperf_kit.rules.scheme import SCORECARD_RULES
from ecperf_kit.rules.standards import STANDARD_RULES
from ecperf_kit.stages import conclude
from tests.clause_client import JUNE, paid, told
from tests.scheme_client import a_client, card, library_card, staff

LIBRARY = load_library()


def _severity(code: str) -> str:
    return LIBRARY.codes[code].severity


@pytest.mark.parametrize(("month", "standard"), [(JUNE, "0.40"), ("2026-07", "0.37")])
def test_m_3_5_1_the_expected_value_of_the_period(month: str, standard: str) -> None:
    client = _service(
        [_standard("0.37", period="2026"), _standard("0.40", period=JUNE)],
        [_actual("0.38", period=month)],
    )
    assert list(assessed_rows(client, [month])["standard"]) == [exact(standard)]


_TWO_MILLION = [
    {"month": "2026-07", "channel": "tmall", "measure": "net_sales", "amount": 2_000_000}
]


def _july(standard: str, **more: Any) -> Client:
    typed = _standard(
        standard, "net_sales", period="2026-07", subject_kind="post_channel",
        subject_id="channel_ops_manager@tmall", **more,
    )  # fmt: skip
    cards = library_card("channel_ops_manager")
    tables = {**staff("channel_ops_manager"), "scorecards": cards}
    return a_client(**tables, targets=_TWO_MILLION, standards=[typed])


def test_m_3_5_2_standards_of_sales_follow_the_plan() -> None:
    def standard_from(client: Client) -> tuple[int, str]:
        row = assessed_rows(client, ["2026-07"]).set_index("indicator").loc["net_sales"]
        return int(row["standard"]), str(row["standard_from"])

    # whatever is typed: what the plan says is what counts
    for typed in ("1500000", "2000000", "2500000"):
        assert standard_from(_july(typed)) == (exact("2000000"), "plan")


@pytest.mark.parametrize(
    ("standard", "raised"), [("1500000", True), ("2500000", True), ("2000000", False)]
)
def test_m_3_5_3_two_million_planned_are_two_million_assessed(standard: str, raised: bool) -> None:
    assert ("S130" in told(_july(standard), STANDARD_RULES)) is raised
    assert _severity("S130") == "error"


@pytest.mark.parametrize("lacking", ["", *APPROVED])
def test_m_3_5_4_applied_evidenced_approved_published(lacking: str) -> None:
    steps = {key: value for key, value in APPROVED.items() if key != lacking}
    client = _july("1500000", **steps)
    assert ("S130" in told(client, STANDARD_RULES)) is bool(lacking)
    rows = assessed_rows(client, ["2026-07"]).set_index("indicator")
    counted = "2000000" if lacking else "1500000"
    assert rows.at["net_sales", "standard"] == exact(counted)


def test_m_3_5_5_industry_figures_need_history_beside_them() -> None:
    asked = _service([_standard("0.55")], [], standard_basis="industry")
    assert "S132" in told(asked, STANDARD_RULES) and _severity("S132") == "warning"
    own = _service([_standard("0.40")], [_actual("0.37")], standard_basis="industry")
    assert "S132" not in told(own, STANDARD_RULES)


@pytest.mark.parametrize(
    ("typed", "flagged"), [("0.40", False), ("0.42", False), ("0.45", True), ("0.55", True)]
)
def test_m_3_5_7_from_37_to_40_42_45_and_never_55_at_once(typed: str, flagged: bool) -> None:
    # from 37 %: 3 and 5 points are steps (42 is 13.5 % more), 8 and 18 points are jumps
    client = _service([_standard(typed)], [_actual("0.37")])
    assert ("S131" in told(client, STANDARD_RULES)) is flagged


def test_m_3_5_7_the_steps_are_proposed() -> None:
    client = _service([_standard("0.55")], [_actual("0.37")])
    (step,) = conclude("design", client).table("standard_steps_people").to_dict("records")
    path = [step["first"], step["second"], step["third"]]
    assert path == [exact("0.40"), exact("0.42"), exact("0.45")]


@pytest.mark.parametrize("indicator", ["followers_growth", "content_output"])
@pytest.mark.parametrize(
    ("given", "raised"),
    [
        ({}, True),
        ({"agreed_by": "内容主管、李四"}, True),
        ({"agreed_on": "2026-03-01"}, True),
        ({"agreed_by": "内容主管、李四", "agreed_on": "2026-03-01"}, False),
    ],
)
def test_m_3_5_8_an_agreed_value_has_names_and_date(
    indicator: str, given: dict[str, str], raised: bool
) -> None:
    typed = _standard("500", indicator, subject_id="content_ops", **given)
    rows = card((indicator, "core", 100), subject="post:content_ops", standard_basis="agreed")
    client = a_client(**staff("content_ops"), scorecards=rows, standards=[typed])
    assert ("S134" in told(client, STANDARD_RULES)) is raised


def test_m_3_5_9_conversion_37_and_sales_of_1350000_what_next() -> None:
    # conversion: one step up, 40 %; sales: what the plan says of next month, not 1,350,000 and more
    sold = _actual("1350000", "net_sales", period=JUNE, subject_kind="channel", subject_id="tmall")
    people = staff("presales_cs", "channel_ops_manager")
    client = a_client(
        **people,
        scorecards=[*library_card("presales_cs"), *library_card("channel_ops_manager")],
        targets=[*_TWO_MILLION, {**_TWO_MILLION[0], "month": JUNE, "amount": 1_500_000}],
        standards=[_standard("0.37", period=JUNE)],
        actuals=[_actual("0.37", period=JUNE), sold],
    )
    steps = conclude("design", client).table("standard_steps_people").set_index("indicator")
    assert steps.at["inquiry_conversion", "first"] == exact("0.40")
    rows = assessed_rows(client, [JUNE, "2026-07"]).set_index(["indicator", "month"])
    assert rows.at[("net_sales", JUNE), "actual"] == exact("1350000")
    assert rows.at[("net_sales", "2026-07"), "standard"] == exact("2000000")


# -- 3.6 and 3.7: cycle and assessors --------------------------------------------------------
@pytest.mark.parametrize(
    ("indicator", "raised"),
    [("new_product_success", True), ("new_product_sales", False), ("net_sales", False)],
)
def test_m_3_6_1_half_years_are_for_departments(indicator: str, raised: bool) -> None:
    # settles by the half-year, by the quarter, by the month; scorecards are for people
    assert tables()["scorecards"].by_name["subject_kind"].choices == ("employee", "post")
    client = _with([(indicator, "core", 100)], subject="post:product_manager")
    assert ("S172" in told(client, SCORECARD_RULES)) is raised
    assert _severity("S172") == "warning"


@pytest.mark.parametrize("post", ["product_manager", "distribution_specialist", "crm_specialist"])
def test_m_3_6_2_long_work_is_assessed_by_the_quarter(post: str) -> None:
    assert LIBRARY.posts.at[post, "cycle"] == "quarter"


@pytest.mark.parametrize("post", ["store_operator", "picker_packer", "aftersales_cs"])
def test_m_3_6_3_short_work_is_assessed_by_the_month(post: str) -> None:
    assert LIBRARY.posts.at[post, "cycle"] == "month"
    labour = [("net_sales", "core", 70), ("labour_dispute", "process", 30)]
    late = _with(labour, subject=f"post:{post}")  # settles by the quarter only
    assert "S114" in told(late, SCORECARD_RULES)


@pytest.fixture(scope="module")
def printed() -> str:
    return said(scorecard_of_person(Facts(small("en")), "E2").bytes())


def test_m_3_7_2_the_own_score_comes_with_evidence_results_gaps_next_step(printed: str) -> None:
    assert "Evidence and remarks" in printed
    assert "Own summary: results, gaps, next step" in printed
    assert {"self_score", "self_evidence"} <= set(tables()["assessments"].by_name)


def test_m_3_7_3_the_superior_confirms_the_data_row_by_row(tmp_path: Path, printed: str) -> None:
    assert "Superior: data checked, what to improve" in printed
    one_open = BASE["assessments"].replace(
        "E1, 2026-06, promo_roi, 2026-07-08", "E1, 2026-06, promo_roi,"
    )
    found = paid(written_client(tmp_path, {**BASE, "assessments": one_open}))
    (finding,) = [f for f in found.findings if f.code == "C105"]
    assert finding.values["rows"] == 1  # two of the three rows are confirmed
    assert list(found.pay["state"]) == ["provisional"]


def test_the_rules_asked_here_are_those_of_the_whole_check() -> None:
    """One whole check beside the parts: the same codes."""
    client = _july("1500000")
    parts = set(told(client, SCORECARD_RULES, STANDARD_RULES, CHANGE_RULES))
    assert "S130" in parts and parts <= {f.code for f in check_scheme(client)}
