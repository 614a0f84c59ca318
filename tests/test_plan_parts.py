"""A channel's plan divided among its people, to the fen, and scorecards merged by time share."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from test_rules_scheme import _two_posts

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, exact
from ecperf_kit.intake.adopting import adopt, as_typed
from ecperf_kit.intake.config import read_config
from ecperf_kit.intake.scenario import Scenario, curve_rows
from ecperf_kit.intake.written import csv_bytes
from ecperf_kit.method.scorecards import assessed_rows
from ecperf_kit.rules import check_scheme
from ecperf_kit.rules.merged_cards import merged_cards
from ecperf_kit.rules.plan_parts import plan_parts
from ecperf_kit.stages import conclude
from ecperf_kit.stages.result import Proposal
from tests.scheme_client import a_client, card, changed, library_card, staff

CONFIG = {"dates": {"plan_year": 2026, "pilot_from": "2026-11"}}
#: One fen more than can be divided by three: 1,000,000.01 in November, 0.02 in December.
PLAN = [
    {"month": month, "channel": "tmall", "measure": "net_sales", "amount": amount}
    for month, amount in (("2026-10", 500), ("2026-11", "1000000.01"), ("2026-12", "0.02"))
]


def _sold(employee: str, month: str, value: Any, **more: Any) -> dict[str, Any]:
    row = {"subject_kind": "employee", "subject_id": employee, "indicator": "net_sales"}
    return {**row, "period": month, "value": value, "source_kind": "finance_report", **more}


def _typed(employee: str, value: Any, month: str = "2026-11") -> dict[str, Any]:
    return {"subject_kind": "employee", "subject_id": employee, "indicator": "net_sales",
            "period": month, "standard": value}  # fmt: skip


def _sellers(people: int = 3, config: dict[str, Any] | None = None, **more: Any) -> Client:
    tables: dict[str, Any] = {
        **staff(*["store_operator"] * people),
        "scorecards": library_card("store_operator"),
        "targets": PLAN,
    }
    return a_client(config={**CONFIG, **(config or {})}, **(tables | more))


def _parts(client: Client) -> dict[str, list[int]]:
    """Month -> the parts in fen, in the order of the people."""
    parts = plan_parts(client).parts
    grouped = parts.groupby("month")["standard"]
    return {str(month): [int(v) // 10_000 for v in values] for month, values in grouped}


def _bases(client: Client) -> list[str]:
    return plan_parts(client).groups["basis"].tolist()


def test_nothing_known_is_divided_evenly_and_marked_so() -> None:
    client = _sellers()
    # 100,000,001 fen by three: 33,333,333.67 each, the odd two fen to the first two;
    # October lies before the assessment begins
    assert _parts(client) == {
        "2026-11": [33_333_334, 33_333_334, 33_333_333], "2026-12": [1, 1, 0],
    }  # fmt: skip
    assert _bases(client) == ["even"]
    assert plan_parts(client).groups["year"].tolist() == [exact("1000000.03")]


def test_what_each_sold_divides_it_in_the_months_all_have() -> None:
    sold = [
        _sold("E1", "2026-08", 300), _sold("E2", "2026-08", 100), _sold("E3", "2026-08", 100),
        _sold("E1", "2026-09", 100), _sold("E2", "2026-09", 100), _sold("E3", "2026-09", 100),
        _sold("E1", "2026-07", 9_999),  # the others were not there yet
    ]  # fmt: skip
    client = _sellers(actuals=sold)
    # 400 : 200 : 200 of 100,000,001 fen: 50,000,000.5, 25,000,000.25 twice
    assert _parts(client)["2026-11"] == [50_000_001, 25_000_000, 25_000_000]
    assert _bases(client) == ["history"]


def test_agreed_shares_go_before_what_was_sold() -> None:
    sold = [_sold(name, "2026-08", value) for name, value in (("E1", 300), ("E2", 100))]
    shares = {"targets": {"person_shares": {"E1": "0.25", "E2": "0.75"}}}
    client = _sellers(2, shares, actuals=sold)
    assert _parts(client)["2026-11"] == [25_000_000, 75_000_001]
    assert _bases(client) == ["given"]
    # agreed for one of them only: not for the group
    only = {"targets": {"person_shares": {"E1": "0.25"}}}
    assert _bases(_sellers(2, only, actuals=sold)) == ["history"]


def test_a_figure_known_of_the_channel_alone_is_carried_together() -> None:
    whole = _sold("tmall", "2026-08", 900, subject_kind="channel")
    client = _sellers(actuals=[whole])
    assert _bases(client) == ["together"] and plan_parts(client).parts.empty
    # one of them has figures of their own: theirs can be measured
    assert _bases(_sellers(actuals=[whole, _sold("E1", "2026-08", 1)])) == ["even"]


def test_who_has_a_standard_keeps_it_and_the_others_share_the_rest() -> None:
    client = _sellers(standards=[_typed("E1", 400_000)])
    # 60,000,001 fen are left for two
    assert _parts(client)["2026-11"] == [30_000_001, 30_000_000]
    # more is promised than planned: nothing to share out that month
    assert set(_parts(_sellers(standards=[_typed("E1", 2_000_000)]))) == {"2026-12"}


def test_who_serves_a_channel_alone_or_without_plan_gets_no_part() -> None:
    for client in (_sellers(1), _sellers(targets=[]), a_client()):
        assert plan_parts(client).groups.empty and plan_parts(client).parts.empty
    leaver = staff("store_operator", "store_operator", "store_operator")
    leaver["employees"][3]["left"] = "2026-11-30"
    parts = _parts(_sellers(**leaver))
    assert len(parts["2026-11"]) == 3 and parts["2026-12"] == [1, 1]


def test_a_standard_of_who_is_gone_takes_nothing_from_the_plan() -> None:
    leaver = staff("store_operator", "store_operator", "store_operator")
    leaver["employees"][3]["left"] = "2026-11-30"
    standards = [_typed("E3", "0.01", month) for month in ("2026-11", "2026-12")]
    parts = _parts(_sellers(**leaver, standards=standards))
    assert parts == {"2026-11": [50_000_000, 50_000_000], "2026-12": [1, 1]}


def test_a_standard_finer_than_the_fen_leaves_whole_fen_to_the_others() -> None:
    # 1,000,000.01 less 400,000.005 is 600,000.005: no more than the plan is given out
    client = _sellers(standards=[_typed("E1", "400000.005")])
    assert _parts(client)["2026-11"] == [30_000_000, 30_000_000]


def _proposal(client: Client, table: str) -> Proposal:
    return next(p for p in conclude("design", client).proposals if p.table == table)


def test_the_proposal_is_adopted_and_then_assessed(tmp_path: Path) -> None:
    client = _sellers(actuals=[_sold(n, "2026-11", 300_000) for n in ("E1", "E2", "E3")])
    proposal = _proposal(client, "standards")
    assert proposal.restricted  # what one person must reach
    path = tmp_path / "standards.csv"
    path.write_bytes(csv_bytes(as_typed("standards", proposal.frame)))
    (found,) = adopt(tmp_path, client.tables, path, "林总", "按人分解", dt.date(2026, 11, 1))
    assert (found.table, found.rows) == ("standards", 6)
    adopted = changed(client, standards=[
        {**row, "standard": str(int(row["standard"]) / MILLION)}
        for row in proposal.frame.dropna(axis="columns").to_dict("records")
    ])  # fmt: skip
    rows = assessed_rows(adopted, ["2026-11"])
    own = rows[rows["indicator"] == "net_sales"]
    assert own["standard"].sum() == exact("1000000.01")
    assert not {"S130", "S168"} & {f.code for f in check_scheme(adopted)}
    assert plan_parts(adopted).parts.empty  # nothing is left to divide


def test_each_persons_part_stands_in_a_restricted_table() -> None:
    report = conclude("design", _sellers())
    assert report.tables["plan_part_people"].restricted
    assert "employee" not in report.table("plan_parts").columns
    assert report.table("plan_parts")["persons"].tolist() == [3]


# -- one scorecard for several posts -------------------------------------------------------


def _merged(client: Client, faulty: tuple[str, ...] = ()) -> dict[str, tuple[str, int]]:
    table = merged_cards(client, faulty)
    table = table[table["proposed"].notna()]
    return {
        name: (role, int(weight) // MILLION)
        for name, role, weight in zip(
            table["indicator"], table["role"], table["proposed"], strict=True
        )
    }


def test_two_scorecards_merge_in_proportion_of_the_time() -> None:
    client = _two_posts(
        *card(("live_gmv", "core", 70), ("live_review", "process", 30),
              subject="post:live_controller"),
        *card(("content_sales", "core", 50), ("content_output", "core", 50),
              subject="post:video_editor"),
    )  # fmt: skip
    # 60 % of the time: 42 and 18; 40 %: 20 and 20. The process row rounds to 20 of the 30 that
    # process may have; 42 : 20 : 20 of the other 80 is 41.0, 19.5, 19.5: in steps of five
    assert _merged(client) == {
        "live_gmv": ("core", 40), "content_sales": ("core", 20), "content_output": ("core", 20),
        "live_review": ("process", 20),
    }  # fmt: skip


def test_no_more_than_five_and_three_and_each_post_keeps_its_first() -> None:
    found = _merged(_two_posts_from_the_library())
    roles = [role for role, _ in found.values()]
    assert roles.count("core") <= 5 and roles.count("process") <= 3
    assert sum(weight for _, weight in found.values()) == 100
    assert sum(weight for role, weight in found.values() if role == "core") >= 70
    heaviest = max(w for role, w in found.values() if role == "process")
    assert heaviest <= min(w for role, w in found.values() if role == "core")


def test_a_post_of_little_time_keeps_its_heaviest_core_indicator() -> None:
    many = ("live_gmv", "live_gpm", "live_avg_stay", "live_prep_ontime", "live_error_count")
    client = _two_posts(
        *card(*((name, "core", 20) for name in many), subject="post:live_controller"),
        *card(("content_sales", "core", 60), ("content_output", "core", 40),
              subject="post:video_editor"),
    )  # fmt: skip
    shares = pd.array([exact("0.9"), exact("0.1")], dtype="Int64")
    posted = client.table("assignments").assign(time_share=shares)
    # 18 each and 6 and 4: the fifth place is the other post's; of twenty steps of five points
    # 18 : 18 : 18 : 18 : 6 is 4.6 four times and 1.5: the odd three steps go to the first three
    found = _merged(changed_table(client, "assignments", posted))
    assert sorted((w for _, w in found.values()), reverse=True) == [25, 25, 25, 20, 5]
    assert found["content_sales"] == ("core", 5) and "content_output" not in found


def test_what_the_main_post_must_not_be_assessed_on_is_left_out() -> None:
    assert {"ppc", "ctr"} <= {row["indicator"] for row in library_card("promo_specialist")}
    tables = staff("channel_ops_manager", "promo_specialist")
    tables["assignments"] = [
        {**row, "employee": "E1", "time_share": share}
        for row, share in zip(tables["assignments"][1:], ("0.6", "0.4"), strict=True)
    ]
    client = a_client(**tables, scorecards=[*library_card("channel_ops_manager"),
                                            *library_card("promo_specialist")])  # fmt: skip
    found = _merged(client)
    assert not {"ppc", "ctr"} & set(found) and "promo_roi" in found
    assert sum(weight for _, weight in found.values()) == 100


def _two_posts_from_the_library(*shares: str) -> Client:
    client = _two_posts(*library_card("live_controller"), *library_card("video_editor"))
    if not shares:
        return client
    posted = client.table("assignments").assign(
        time_share=pd.array([exact(share) for share in shares], dtype="Int64")
    )
    return changed_table(client, "assignments", posted)


def changed_table(client: Client, name: str, frame: pd.DataFrame) -> Client:
    from dataclasses import replace

    return replace(client, tables={**client.tables, name: frame})


def test_the_same_indicator_of_two_posts_counts_once() -> None:
    of = {"live_controller": "live_prep_ontime", "video_editor": "content_output"}
    both = [
        card(("net_sales", "core", 60), (other, "core", 40), subject=f"post:{post}")
        for post, other in of.items()
    ]
    found = merged_cards(_two_posts(*both[0], *both[1])).set_index("indicator")
    # 36 + 24 from both, 24 from the first, 16 from the second
    assert found.at["net_sales", "posts"] == ("live_controller", "video_editor")
    assert found["proposed"].sum() == 100 * MILLION
    assert found.at["net_sales", "proposed"] == 60 * MILLION
    # measures of the same thing: the first post's, with the weight of both
    alike = _two_posts(
        *card(("ship_accuracy", "core", 50), ("live_gmv", "core", 50),
              subject="post:live_controller"),
        *card(("mis_ship_rate", "core", 50), ("content_output", "core", 50),
              subject="post:video_editor"),
    )  # fmt: skip
    assert "mis_ship_rate" not in _merged(alike)
    assert _merged(alike)["ship_accuracy"][1] == 50


@pytest.mark.parametrize("shares", [("0.6", "0.4"), ("0.9", "0.1"), ("0.5", "0.5")])
def test_the_proposed_scorecard_passes_the_checker(shares: tuple[str, str]) -> None:
    client = _two_posts_from_the_library(*shares)
    before = {f.code for f in check_scheme(client) if f.subject == "employee:E1"}
    assert "S115" in before
    proposal = next(p for p in conclude("design", client).proposals
                    if p.table == "scorecards" and p.restricted)  # fmt: skip
    frame = proposal.frame
    assert set(frame["subject_id"]) == {"E1"} and frame["weight"].sum() == 100 * MILLION
    kept = client.table("scorecards")
    merged = changed_table(
        client, "scorecards",
        pd.concat([kept, frame.reindex(columns=kept.columns).astype(kept.dtypes.to_dict())],
                  ignore_index=True),
    )  # fmt: skip
    codes = client.library.codes
    after = {f.code for f in check_scheme(merged)
             if f.subject == "employee:E1" and codes[f.code].severity != "note"}  # fmt: skip
    assert after == set()


def test_a_sound_scorecard_of_ones_own_is_compared_and_left() -> None:
    own = card(("live_gmv", "core", 60), ("content_sales", "core", 40), subject="employee:E1")
    both = [*library_card("live_controller"), *library_card("video_editor")]
    client = _two_posts(*both, *own)
    report = conclude("design", client)
    table = report.table("merged_cards").set_index("indicator")
    assert set(report.table("merged_cards")["subject"]) == {"own_card:live_controller"}
    assert table.at["live_gmv", "now"] == 60 * MILLION
    assert not any(p.restricted for p in report.proposals if p.table == "scorecards")


def test_a_faulty_scorecard_of_a_post_is_merged_as_the_library_has_it() -> None:
    wrong = card(("live_gmv", "core", 120), subject="post:live_controller")
    client = _two_posts(*wrong, *library_card("video_editor"))
    assert "live_prep_ontime" not in _merged(client)
    assert "live_prep_ontime" in _merged(client, ("post:live_controller",))


# -- a scenario's coefficient table as rows -------------------------------------------------


def test_a_scenarios_curve_is_the_same_rows_tried_and_adopted() -> None:
    scenario = Scenario("s", tables={"T9": ("bands", ((0, 500_000), (60_000_000, MILLION)))})
    like = a_client().table("coefficient_tables")
    rows = curve_rows(scenario, dt.date(2026, 5, 1), like)
    assert list(rows.columns) == list(like.columns) and rows.dtypes.equals(like.dtypes)
    assert rows["at_least"].tolist() == [0, 60 * MILLION]
    assert rows["coefficient"].tolist() == [500_000, MILLION]
    assert set(rows["effective_from"]) == {pd.Timestamp("2026-05-01")}


def _shared(**shares: str) -> dict[str, Any]:
    return {"targets": {"person_shares": shares}}


def _told(client: Client, code: str) -> list[dict[str, Any]]:
    return [dict(f.values, subject=f.subject) for f in check_scheme(client) if f.code == code]


def test_shares_that_are_not_the_whole_are_told_and_marked_as_scaled() -> None:
    client = _sellers(2, _shared(E1="0.25", E2="0.5"))
    # 1 : 2 of 100,000,001 fen: 33,333,333.67 and 66,666,667.33
    assert _parts(client)["2026-11"] == [33_333_334, 66_666_667]
    assert _bases(client) == ["scaled"]
    assert set(plan_parts(client).parts["basis"]) == {"scaled"}
    (told,) = _told(client, "S169")
    assert told["subject"] == "employee:E1"  # single people's shares: not in the open list
    assert (told["post"], told["channel"]) == ("store_operator", "tmall")
    assert told["shares"] == ("E1 = 0.25", "E2 = 0.5") and told["total"] == exact("0.75")
    assert told["example"] == '{ E1 = "0.3333", E2 = "0.6667" }'
    basis = conclude("design", client).table("plan_parts")["basis"].tolist()
    assert [said.key for said in basis] == ["design.parts.basis.scaled"]


def test_shares_of_some_of_them_are_told_with_what_is_used_instead() -> None:
    (told,) = _told(_sellers(3, _shared(E1="0.5", E2="0.5")), "S169")
    assert told["shares"] == ("E1 = 0.5", "E2 = 0.5", "E3 = –")
    assert (told["total"], told["used"]) == (MILLION, "shares_even")
    assert told["example"] == '{ E1 = "0.5", E2 = "0.5", E3 = "…" }'
    sold = [_sold(name, "2026-08", 100) for name in ("E1", "E2")]
    (told,) = _told(_sellers(2, _shared(E1="0.5"), actuals=sold), "S169")
    assert told["used"] == "shares_history"


def test_shares_that_are_the_whole_or_of_nobody_here_are_not_told() -> None:
    for shares in ({"E1": "0.25", "E2": "0.75"}, {"E0": "0.5"}, {}):
        assert _told(_sellers(2, _shared(**shares)), "S169") == []


def test_who_sold_nothing_is_told_and_marked_not_given_a_silent_plan_of_nothing() -> None:
    sold = [_sold("E1", "2026-08", 300), _sold("E2", "2026-08", 0), _sold("E3", "2026-08", 100)]
    client = _sellers(actuals=sold)
    parts = plan_parts(client).parts
    by_person = dict(zip(parts["employee"], parts["basis"], strict=True))
    assert by_person == {"E1": "history", "E2": "nothing", "E3": "history"}
    (told,) = _told(client, "S153")
    assert (told["subject"], told["ground"]) == ("employee:E2", "part_by_history")
    assert (told["month"], told["count"]) == ("2026-11", 2)  # November and December
    (told,) = _told(_sellers(2, _shared(E1="1", E2="0")), "S153")
    assert (told["subject"], told["ground"]) == ("employee:E2", "part_by_shares")
    # a share of 0 beside one that is missing decides nothing: the history does
    two = [_sold("E1", "2026-08", 300), _sold("E2", "2026-08", 0)]
    (told,) = _told(_sellers(2, _shared(E2="0"), actuals=two), "S153")
    assert told["ground"] == "part_by_history"


def test_what_is_left_for_people_without_a_share_is_divided_evenly_and_marked_so() -> None:
    sold = [_sold("E1", "2026-08", 300), _sold("E2", "2026-08", 0), _sold("E3", "2026-08", 0)]
    client = _sellers(actuals=sold, standards=[_typed("E1", 400_000)])
    parts = plan_parts(client).parts
    november = parts[parts["month"] == "2026-11"]
    # E1 has a standard of their own; 60,000,001 fen are left for two who sold nothing
    assert november["employee"].tolist() == ["E2", "E3"]
    assert november["standard"].tolist() == [exact("300000.01"), exact("300000.00")]
    assert november["basis"].tolist() == ["even", "even"]


def test_what_to_write_for_shares_of_people_names_people_and_of_channels_channels() -> None:
    wrong = {"person_shares": {"E1": "half"}, "channel_shares": {"tmall": "half"}}
    _, found = read_config({"name_zh": "测试", "dates": {"plan_year": 2026}, "targets": wrong})
    expected = {f.values["key"]: f.values["expected"] for f in found}
    assert expected == {
        "targets.person_shares": '{ E005 = "0.6", E006 = "0.4" }',
        "targets.channel_shares": '{ live = "0.6", shelf = "0.4" }',
    }
