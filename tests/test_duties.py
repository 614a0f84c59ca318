"""From duties to indicators, three points of a standard, and who does what."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, exact
from ecperf_kit.library import load_library
from ecperf_kit.library.sheets import COMMITTEE_ROLES
from ecperf_kit.method.recommend import Limits, recommended
from ecperf_kit.outputs.wording import Wording
from ecperf_kit.rules import check_scheme
from ecperf_kit.rules.duties import card_against_duties, duties_of_posts, recommendation
from ecperf_kit.stages import conclude
from tests.scheme_client import a_client, codes, graver, library_card, staff

LIBRARY = load_library()
LIMITS = Limits(5, 3, 100 * MILLION, 70 * MILLION, 5 * MILLION, 10 * MILLION, 5 * MILLION)


def _duties(**changed: tuple[str, ...]) -> pd.DataFrame:
    """All duties of the library, some measured by something else (None leaves one out)."""
    rows = LIBRARY.duties[LIBRARY.duties["kind"] == "duty"]
    rows = rows.assign(indicators=[tuple(str(text).split(";")) for text in rows["indicators"]])
    named = {name.replace("__", "."): given for name, given in changed.items()}
    own = [named.get(d, i) for d, i in zip(rows["duty"], rows["indicators"], strict=True)]
    return rows.assign(indicators=own)


def _recommended(duties: pd.DataFrame, **banned: frozenset[str]) -> pd.DataFrame:
    return recommended(
        duties, LIBRARY.indicators, LIBRARY.scorecards, LIMITS, banned, LIBRARY.exclusive
    )


def _weights(found: pd.DataFrame, post: str) -> dict[str, int]:
    own = found[found["post"] == post]
    return {n: int(w) // MILLION for n, w in zip(own["indicator"], own["weight"], strict=True)}


def test_the_librarys_duties_ask_for_the_librarys_scorecards() -> None:
    found = _recommended(_duties())
    for post, card in LIBRARY.scorecards.groupby("post"):
        wanted = {n: int(w) // MILLION for n, w in zip(card["indicator"], card["weight"],
                                                       strict=True)}  # fmt: skip
        assert _weights(found, str(post)) == wanted, post


def test_another_duty_brings_other_indicators_with_the_reason() -> None:
    before = _recommended(_duties())
    after = _recommended(_duties(store_operator__3=("inventory_turnover_days",)))
    gone = set(_weights(before, "store_operator")) - set(_weights(after, "store_operator"))
    come = set(_weights(after, "store_operator")) - set(_weights(before, "store_operator"))
    # stock_sell_through and listing_timeliness served the duty that is measured otherwise now
    assert gone == {"stock_sell_through", "listing_timeliness"}
    assert come == {"inventory_turnover_days"}
    row = after[(after["post"] == "store_operator") & after["indicator"].isin(come)].iloc[0]
    assert row["duties"] == ("store_operator.3",) and row["role"] == "core"
    for post in after["post"].unique():
        assert sum(_weights(after, post).values()) == 100
        assert all(weight % 5 == 0 for weight in _weights(after, post).values())
    others = before["post"] != "store_operator"
    assert (
        before[others]
        .reset_index(drop=True)
        .equals(after[after["post"] != "store_operator"].reset_index(drop=True))
    )


def test_what_a_post_must_not_be_assessed_on_is_never_recommended() -> None:
    duties = _duties(store_operator__3=("traffic_uv", "stock_sell_through"))
    found = _recommended(duties, store_operator=frozenset({"traffic_uv"}))
    assert "traffic_uv" not in _weights(found, "store_operator")
    assert "stock_sell_through" in _weights(found, "store_operator")


def test_two_measures_of_the_same_thing_are_taken_once() -> None:
    same = sorted(LIBRARY.exclusive[0])[:2]
    duties = pd.DataFrame({
        "post": "picker_packer", "duty": ["a", "b"], "indicators": [(same[0],), (same[1],)],
    })  # fmt: skip
    found = _recommended(duties)
    assert list(found["indicator"]) == same[:1]
    assert found["duties"].iloc[0] == ("a", "b")


def test_never_more_than_five_and_three() -> None:
    results = LIBRARY.indicators.index[LIBRARY.indicators["nature"] == "result"]
    rest = LIBRARY.indicators.index[LIBRARY.indicators["nature"] == "process"]
    names = [*results[:12], *rest[:8]]
    duties = pd.DataFrame({
        "post": "cashier", "duty": [f"d{at}" for at in range(20)],
        "indicators": [(name,) for name in names],
    })  # fmt: skip
    found = _recommended(duties)
    assert (found["role"] == "core").sum() == 5 and (found["role"] == "process").sum() == 3
    assert int(found["weight"].sum()) == 100 * MILLION


def _with_duties(*rows: tuple[str, str, str]) -> Client:
    own = [
        {"post": post, "duty": duty, **({"indicators": names} if names else {})}
        for post, duty, names in rows
    ]
    return a_client(**staff("presales_cs"), scorecards=library_card("presales_cs"), duties=own)


def test_a_clients_own_duties_replace_those_of_the_post() -> None:
    plain = a_client(**staff("presales_cs"), scorecards=library_card("presales_cs"))
    assert set(card_against_duties(plain)["state"]) == {"agrees"}
    client = _with_duties(("presales_cs", "presales_cs.1", ""), ("presales_cs", "回访", "fcr"))
    duties = duties_of_posts(client)
    assert list(duties.loc[duties["post"] == "presales_cs", "duty"]) == ["presales_cs.1", "回访"]
    found = _weights(recommendation(client), "presales_cs")
    assert "fcr" in found and sum(found.values()) == 100
    table = conclude("design", client).table("duty_indicators").set_index("indicator")
    assert table.at["fcr", "state"] == "add"
    assert table.at["fcr", "why"].values == {"duties": ("回访",)}
    assert "not_asked" in set(table["state"])
    proposed = {each.table: each for each in conclude("design", client).proposals}
    rows = proposed["scorecards"].frame
    assert set(rows["indicator"]) == set(found) and int(rows["weight"].sum()) == 100 * MILLION
    assert rows.set_index("indicator").at["fcr", "duty"] == "回访"
    assert not conclude("design", plain).proposals


def test_a_duty_without_a_usable_indicator_is_told() -> None:
    assert "S166" in codes(check_scheme(_with_duties(("presales_cs", "回访", ""))))
    assert "S166" in codes(check_scheme(_with_duties(("presales_cs", "回访", "fcrr;fcr"))))
    assert "S166" not in codes(check_scheme(_with_duties(("presales_cs", "回访", "fcr"))))
    assert "S166" not in codes(check_scheme(_with_duties(("presales_cs", "presales_cs.1", ""))))


def _points(indicator: str, *three: str | None) -> Client:
    row = dict(zip(("threshold", "standard", "stretch"), three, strict=True))
    typed = {"subject_kind": "post", "subject_id": "presales_cs", "indicator": indicator,
             "period": "2026-06"}  # fmt: skip
    return a_client(
        **staff("presales_cs"),
        scorecards=library_card("presales_cs"),
        standards=[typed | {k: v for k, v in row.items() if v is not None}],
    )


@pytest.mark.parametrize(
    ("indicator", "three", "wrong"),
    [
        ("inquiry_conversion", ("0.37", "0.40", "0.45"), False),
        ("inquiry_conversion", ("0.37", "0.40", None), False),
        ("inquiry_conversion", (None, "0.40", "0.40"), True),
        ("inquiry_conversion", ("0.41", "0.40", "0.45"), True),
        ("avg_response_time", ("45", "30", "20"), False),
        ("avg_response_time", ("20", "30", "45"), True),
    ],
)
def test_three_points_get_harder_in_the_indicators_direction(
    indicator: str, three: tuple[str | None, str, str | None], wrong: bool
) -> None:
    client = _points(indicator, *three)
    assert ("S167" in codes(check_scheme(client))) == wrong
    table = conclude("design", client).table("three_points")
    assert list(table["state"]) == ["out_of_order" if wrong else "in_order"]
    assert table["standard"].iloc[0] == exact(three[1])


def test_three_points_change_no_finding_but_their_own() -> None:
    plain = graver(*(lambda c: (c, check_scheme(c)))(_points("inquiry_conversion", None, "0.40",
                                                             None)))  # fmt: skip
    three = _points("inquiry_conversion", "0.37", "0.40", "0.45")
    assert graver(three, check_scheme(three)) == plain


# --- who does what --------------------------------------------------------------------------


def test_every_task_has_one_who_answers_and_somebody_who_acts() -> None:
    for task in LIBRARY.raci.to_dict("records"):
        letters = [task[role].split("/") for role in COMMITTEE_ROLES]
        assert sum("A" in each for each in letters) == 1, task
        assert any("R" in each for each in letters), task
    assert set(LIBRARY.raci["client_kind"]) == {"omnichannel", "pure_ecommerce"}


def _matrix(kind: str, *members: tuple[str, str, str]) -> dict[str, dict[str, str]]:
    rows = [{"member": name, "role": role, "position": held} for name, role, held in members]
    client = a_client(config={"kind": kind}, **staff("presales_cs"), committee=rows)
    table = conclude("organisation", client).table("responsibilities")
    words = Wording(client.library, "zh", client)
    return {
        words.cell(row["task"], "sentence"): {
            role: words.cell(row[role], "sentence") for role in COMMITTEE_ROLES
        }
        for row in table.to_dict("records")
    }


def test_without_personnel_the_leader_takes_its_part_and_finance_stays_apart() -> None:
    full = _matrix("omnichannel", ("甲", "leader", "owner"), ("乙", "vice_leader", "hr_head"),
                   ("丙", "finance", "finance_head"))  # fmt: skip
    assert full["由谁担任"]["leader"] == "甲"
    assert full["受理申诉"]["leader"] == "A" and full["受理申诉"]["vice_leader"] == "R"
    tiny = _matrix("pure_ecommerce", ("甲", "leader", "owner"), ("乙", "secretary", "staff"))
    assert tiny["受理申诉"]["leader"] == "A/R" and tiny["受理申诉"]["vice_leader"] == "–"
    # nobody else may stand in for the check of data and pay
    assert tiny["核对数据真实性"]["finance"] == "A（无人）"


def _organised(**config: Any) -> dict[str, pd.DataFrame]:
    client = a_client(config=config, **staff("presales_cs", "presales_cs", "cashier"))
    report = conclude("organisation", client)
    return {name: table.frame for name, table in report.tables.items()}


def test_the_chart_joins_posts_to_their_superiors() -> None:
    chart = _organised()["org_chart"].set_index("label")
    assert chart.at["presales_cs", "persons"] == 2
    assert chart.at["presales_cs", "parent"] == chart.at["ecommerce_director", "id"]
    assert chart.at["ecommerce_director", "parent"] == ""


def test_readiness_is_scored_and_names_what_proves_it() -> None:
    ready = _organised(targets={"annual_net_sales": "100", "reward": "奖金"})["readiness"]
    ready = ready.set_index("element")
    assert ready.at["targets", "score"] == 33 * MILLION  # two of six parts
    assert ready.at["targets", "state"] == "partly_there"
    assert ready.at["targets", "evidence"].values["names"] == ("annual_target", "reward")
    assert ready.at["promotion", "score"] == 0 and ready.at["promotion", "evidence"] is None


def test_symptoms_follow_from_what_is_missing() -> None:
    import datetime as dt

    day = dt.date(2026, 3, 1)
    rules = {"incentive_rules_published": day, "enablement_plan": day}
    found = _organised(elements={**rules, "promotion_criteria_published": day})["symptoms"]
    state = dict(zip((s.key.rsplit(".", 1)[1] for s in found["symptom"]), found["state"],
                     strict=True))  # fmt: skip
    assert state["mess"] == "likely"  # neither targets nor duties
    assert state["complaints"] == "possible"  # pay is missing, promotion and incentive are not
    assert state["copied"] == "not_expected"  # no score table to have been copied
    assert _organised()["light_mode"].shape[0] == 4  # four people on the staff list
