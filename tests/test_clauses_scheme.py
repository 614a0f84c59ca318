"""Scorecards and standards, clause by clause (assessment method 3): each test bears its id."""

from __future__ import annotations

import datetime as dt
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
from golden_cases import scorable
from test_rules_scheme import CASES, SIX, _with
from test_rules_standards import PLAN

from ecperf_kit.client import Client, open_client
from ecperf_kit.exact import exact
from ecperf_kit.intake.adopting import adopt, as_typed
from ecperf_kit.intake.written import csv_bytes
from ecperf_kit.library import load_library
from ecperf_kit.method.scorecards import assessed_rows
from ecperf_kit.method.scoring import score
from ecperf_kit.rules.changes import CHANGE_RULES
from ecperf_kit.rules.scheme import SCORECARD_RULES
from tests.clause_client import JUNE, one_person, paid, told
from tests.scheme_client import a_client, card, changed, library_card, staff

ROOT = Path(__file__).resolve().parent.parent
LIBRARY = load_library()


def _severity(code: str) -> str:
    return LIBRARY.codes[code].severity


def _points(**row: str) -> int:
    return int(score(scorable([row]))["row_score"].iloc[0])


# -- 3.0 and 3.1: parts and indicators ---------------------------------------------------
@pytest.mark.parametrize(
    "part", ["indicator", "data_source", "method", "weight", "standard_basis", "role"]
)
def test_m_3_0_1_a_row_without_a_part_is_an_error(part: str, good_client: Any) -> None:
    made = good_client()
    path = made / "scorecards.csv"
    head, first, *rest = path.read_text("utf-8").splitlines()
    cells = dict(zip(head.split(","), first.split(","), strict=True))
    cells[part] = ""
    path.write_text("\n".join([head, ",".join(cells.values()), *rest]) + "\n", "utf-8")
    found = open_client("_good", root=made.parent.parent).findings
    assert [(f.code, f.source.column, f.source.row) for f in found] == [("D204", part, 2)]
    assert _severity("D204") == "error"


def test_m_3_0_1_standard_cycle_and_assessor() -> None:
    # no standard: no score and an error; no confirmation by an assessor: no final pay
    client = one_person("performance", 5000, performance_pay=2000)
    found = paid(changed(client, standards=[]))
    assert "C102" in {f.code for f in found.findings} and _severity("C102") == "error"
    assert found.pay["pay"].isna().all()
    found = paid(changed(client, assessments=[]))
    assert list(found.pay["state"]) == ["provisional"]
    assert LIBRARY.posts["cycle"].isin(["month", "quarter"]).all()


def test_m_3_1_1_every_indicator_serves_a_target() -> None:
    goals = LIBRARY.indicators["goal"]
    assert goals.isin(["gmv", "cost", "satisfaction"]).all()
    for indicator in ("net_sales", "followers_growth", "inquiry_conversion"):
        assert goals[indicator] == "gmv", indicator
    # the direct ones take the plan's own figure: Tmall's June is 12 % of 30 m
    client = a_client(
        **staff("channel_ops_manager"), scorecards=library_card("channel_ops_manager"),
        targets=PLAN,
    )  # fmt: skip
    rows = assessed_rows(client, [JUNE]).set_index("indicator")
    assert rows.at["net_sales", "standard"] == exact("3600000")
    assert rows.at["net_sales", "standard_from"] == "plan"


def test_m_3_1_2_an_indicator_without_a_duty_is_told() -> None:
    bad, near = CASES["S113"]
    assert "S113" in told(bad, SCORECARD_RULES)
    assert "S113" not in told(near, SCORECARD_RULES)


@pytest.mark.parametrize("indicator", ["traffic_uv", "store_conversion", "ctr", "ppc"])
def test_m_3_1_3_means_are_no_results_of_a_channel(indicator: str) -> None:
    client = _with([*SIX[:3], (indicator, "core", 25)])
    assert "S107" in told(client, SCORECARD_RULES) and _severity("S107") == "error"
    # sales and profit are
    assert "S107" not in told(_with(SIX), SCORECARD_RULES)
    # and whoever answers for no channel may be assessed on it
    other = _with([*SIX[:3], (indicator, "core", 25)], subject="post:copywriter")
    assert "S107" not in told(other, SCORECARD_RULES)


def test_m_3_1_4_high_is_good_but_for_ppc() -> None:
    directions = LIBRARY.indicators["direction"]
    for indicator in ("traffic_uv", "store_conversion", "ctr", "net_sales", "net_profit"):
        assert directions[indicator] == "higher_is_better", indicator
    assert directions["ppc"] == "lower_is_better"
    # a quarter dearer than the standard: 2 - 1.25 = 75 %; a quarter more visitors: the full 20
    less = {"method": "percentage", "weight": "20", "cap": "1", "zero_below": "0.6"}
    dear = _points(**less, actual="1.25", standard="1", direction="lower_is_better")
    many = _points(**less, actual="1.25", standard="1", direction="higher_is_better")
    assert (dear, many) == (exact("15"), exact("20"))


def test_m_3_1_5_process_indicators_count_as_results_of_support_posts() -> None:
    rows = LIBRARY.scorecards.set_index(["post", "indicator"])["role"]
    of_support = {
        ("presales_cs", "inquiry_conversion"), ("presales_cs", "avg_response_time"),
        ("picker_packer", "ship_accuracy"), ("picker_packer", "ship_48h"),
    }  # fmt: skip
    assert {rows[key] for key in of_support} == {"core"}
    posts = LIBRARY.posts["category"]
    used = LIBRARY.scorecards
    named = used[used["indicator"].isin({name for _, name in of_support})]
    # on no sales post; supervisors answer for the same results of their people
    assert "B_sales" not in set(named["post"].map(posts))


@pytest.mark.parametrize("quality", ["professionalism", "communication"])
def test_m_3_1_6_what_nobody_can_measure_is_refused(quality: str) -> None:
    own = {"indicator": quality, "name_zh": "能力", "name_en": "Ability", "unit": "points",
           "direction": "higher_is_better", "aggregation": "mean",
           "data_source": "none"}  # fmt: skip
    rows = card(("inquiry_conversion", "core", 90), subject="post:presales_cs")
    rated = {**rows[0], "indicator": quality, "role": "process", "weight": 10}
    bad = a_client(indicators=[own], scorecards=[*rows, rated | {"data_source": "none"}])
    assert "S111" in told(bad, SCORECARD_RULES) and _severity("S111") == "error"
    measured = rated | {"indicator": "qa_score", "data_source": "daily_register"}
    good = a_client(scorecards=[*rows, measured])
    assert "S111" not in told(good, SCORECARD_RULES)


_RESULTS = ("net_sales", "gross_profit", "gross_margin_rate", "stock_sell_through",
            "promo_expense_ratio", "net_profit")  # fmt: skip
_MEANS = ("plan_ontime", "listing_timeliness", "cross_dept_ontime", "daily_report_timeliness")
_COUNTED = {"S103": "error", "S104": "error", "S105": "warning", "S106": "error"}


@pytest.mark.parametrize(
    ("core", "process", "code"),
    [
        (0, 2, "S104"), (1, 1, "S105"), (2, 1, "S105"), (3, 1, ""), (5, 3, ""),
        (6, 1, "S103"), (4, 4, "S106"), (3, 0, ""),
    ],
)  # fmt: skip
def test_m_3_1_8_three_to_five_results_and_up_to_three_means(
    core: int, process: int, code: str
) -> None:
    rows = [(name, "core", 15) for name in _RESULTS[:core]]
    rows += [(name, "process", 5) for name in _MEANS[:process]]
    assert set(_COUNTED) & set(told(_with(rows), SCORECARD_RULES)) == ({code} if code else set())
    assert {name: _severity(name) for name in _COUNTED} == _COUNTED


# -- 3.2 and 3.3: sources and methods ----------------------------------------------------
def test_m_3_2_1_four_ratings_and_a_poorer_source_is_told() -> None:
    rated = LIBRARY.data_sources[["authoritative", "sustainable", "cheap", "convenient"]]
    least = LIBRARY.thresholds["data_source.rating_min"].value
    below = rated.index[(rated * 1_000_000 < least).any(axis=1)]
    assert list(below) == ["none"]  # and that one is refused for what is rated by impression

    def written(source: str) -> Client:
        return a_client(scorecards=card(("net_sales", "core", 100), data_source=source))

    assert "S160" in told(written("daily_register"), CHANGE_RULES)
    assert "S160" not in told(written("finance_report"), CHANGE_RULES)


@pytest.mark.parametrize(
    ("actual", "points"), [("90", "27"), ("87.3", "26.19"), ("100", "30"), ("120", "30")]
)
def test_m_3_3_1_percentage_is_actual_over_standard(actual: str, points: str) -> None:
    # 30 x 0.9 = 27; 30 x 0.873 = 26.19; never above the weight
    row = {"method": "percentage", "weight": "30", "standard": "100", "cap": "1"}
    assert _points(**row, actual=actual, zero_below="0.6") == exact(points)


@pytest.mark.parametrize(
    ("seconds", "points"), [("30", "20"), ("31", "16"), ("45", "16"), ("46", "12"), ("91", "0")]
)
def test_m_3_3_2_intervals_give_points_by_band(seconds: str, points: str) -> None:
    # 100 %, 80 %, 60 %, 0 of 20 points; within a band nothing changes
    bands = "<=30:100%; <=45:80%; <=60:60%; <=90:30%; else:0%"
    row = {"method": "interval", "weight": "20", "bands": bands, "bands_on": "actual"}
    assert _points(**row, actual=seconds, direction="lower_is_better") == exact(points)


@pytest.mark.parametrize(
    ("actual", "points"), [("0.98", "10"), ("0.975", "9"), ("0.97", "9"), ("0.9699", "8")]
)
def test_m_3_3_3_each_step_short_costs_the_same(actual: str, points: str) -> None:
    # 10 % of 10 points per started step of one percentage point below 98 %
    row = {"method": "step", "weight": "10", "standard": "0.98", "step_size": "0.01"}
    assert _points(**row, actual=actual, step_deduct="0.1") == exact(points)


# -- 3.4: weights --------------------------------------------------------------------------
@pytest.fixture(scope="module")
def adopted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo client after conversion 30 and response 20 changed places from October."""
    root = tmp_path_factory.mktemp("adopted")
    folder = root / "client_data" / "qinghe"
    shutil.copytree(ROOT / "client_data" / "qinghe", folder)
    shutil.copy(ROOT / "practice.toml", root)
    opened = open_client("qinghe", root=root)
    rows = opened.table("scorecards")
    rows = rows[(rows["subject_kind"] == "post") & (rows["subject_id"] == "presales_cs")]
    rows = rows[rows["effective_from"] == rows["effective_from"].max()]
    swapped = {"inquiry_conversion": exact("20"), "avg_response_time": exact("30")}
    weight = rows["indicator"].map(swapped).fillna(rows["weight"]).astype("Int64")
    proposed = rows.assign(weight=weight).drop(columns=["_file", "_sheet", "_row"], errors="ignore")
    proposal = root / "scorecards__swap.csv"
    proposal.write_bytes(csv_bytes(as_typed("scorecards", proposed)))
    reason = "转化已达标，响应仍落后"
    adopt(folder, opened.tables, proposal, "宋清禾", reason, dt.date(2026, 10, 1))
    return root


def test_m_3_4_1_weights_are_dated_and_have_a_reason(adopted: Path) -> None:
    client = open_client("qinghe", root=adopted)
    rows = client.table("scorecards")
    own = rows[(rows["subject_id"] == "presales_cs") & (rows["indicator"] == "inquiry_conversion")]
    weights = own.sort_values("effective_from")[["effective_from", "weight"]]
    assert list(weights["weight"])[-2:] == [exact("30"), exact("20")]
    assert str(weights["effective_from"].iloc[-1].date()) == "2026-10-01"
    scored = assessed_rows(client, ["2026-09"])
    person = scored[(scored["employee"] == "E025") & (scored["indicator"] == "inquiry_conversion")]
    assert list(person["weight"]) == [exact("30")]  # September keeps its own


def test_m_3_4_4_a_change_leaves_a_record(adopted: Path) -> None:
    (note,) = (adopted / "client_data" / "qinghe" / "imported").glob("scorecards__adopted_*.toml")
    record = tomllib.loads(note.read_text("utf-8"))
    assert (record["adopted_by"], record["effective_from"]) == ("宋清禾", "2026-10-01")
    assert record["reason"] == "转化已达标，响应仍落后"


@pytest.mark.parametrize(("share", "raised"), [(69, True), (70, False)])
def test_m_3_4_2_results_carry_at_least_70(share: int, raised: bool) -> None:
    rest = 100 - share
    rows = [("net_sales", "core", share), ("plan_ontime", "process", rest)]
    assert ("S109" in told(_with(rows), SCORECARD_RULES)) is raised


def test_m_3_4_3_in_the_warehouse_right_and_timely_outweigh_5s() -> None:
    weights = LIBRARY.scorecards.set_index(["post", "indicator"])["weight"]["warehouse_supervisor"]
    assert weights["s5_score"] < min(weights["ship_accuracy"], weights["ship_48h"])
    assert weights["ship_accuracy"] + weights["ship_48h"] > 6 * weights["s5_score"]

    def raised(accuracy: int, order: int) -> bool:
        rows = [("ship_accuracy", "core", accuracy), ("ship_48h", "core", 100 - accuracy - order),
                ("s5_score", "process", order)]  # fmt: skip
        client = _with(rows, subject="post:warehouse_supervisor")
        return "S110" in told(client, SCORECARD_RULES)

    assert raised(20, 25) and not raised(25, 25)


@pytest.mark.parametrize(("sales", "raised"), [(60, True), (90, True), (39, True), (40, False)])
def test_m_3_4_6_the_sum_is_100_and_nothing_else(sales: int, raised: bool) -> None:
    # the other five of the card have 60: 120, 150, 99 and 100
    client = _with([("net_sales", "core", sales), *SIX[1:]])
    assert ("S101" in told(client, SCORECARD_RULES)) is raised
    assert _severity("S101") == "error"
