"""What of the past divides a plan: which months, of which channels, and by whose time."""

from __future__ import annotations

from typing import Any

import pytest

from ecperf_kit.client import Client
from ecperf_kit.exact import exact
from ecperf_kit.outputs.wording import Wording
from ecperf_kit.rules import check_scheme
from ecperf_kit.rules.plan import channel_shares, sold_by_channel
from ecperf_kit.rules.plan_parts import plan_parts
from ecperf_kit.rules.proposal import plan_proposal
from ecperf_kit.stages import conclude
from tests.scheme_client import a_client, library_card, staff

FIGURE = {"targets": {"annual_net_sales": "1000000"}}


def _sold(channel: str, month: str, value: Any) -> dict[str, Any]:
    return {"subject_kind": "channel", "subject_id": channel, "indicator": "net_sales",
            "period": month, "value": value, "source_kind": "finance_report"}  # fmt: skip


def _client(*rows: dict[str, Any], **more: Any) -> Client:
    return a_client(config=FIGURE, actuals=rows, **more)


def _months(year: int) -> list[str]:
    return [f"{year}-{month:02d}" for month in range(1, 13)]


def test_the_newest_twelve_months_divide_the_year_among_channels() -> None:
    """Two years ago all was Tmall's; last year 30 : 10 a month, so three quarters to one."""
    old = [_sold("tmall", month, 1_000) for month in _months(2024)]
    old += [_sold("douyin", month, 0) for month in _months(2024)]
    new = [_sold(name, month, value) for month in _months(2025)
           for name, value in (("tmall", 30), ("douyin", 10))]  # fmt: skip
    client = _client(*old, *new)
    assert channel_shares(client) == {"tmall": exact("0.75"), "douyin": exact("0.25")}
    assert sold_by_channel(client).months == tuple(_months(2025))
    proposed = plan_proposal(client)
    assert proposed is not None
    (said,) = [each for each in proposed.assumptions if each.part == "channels"]
    assert said.basis == "history"
    told = {name: said.values[name] for name in ("first", "last", "count")}
    assert told == {"first": "2025-01", "last": "2025-12", "count": 12}
    shown = conclude("design", client).table("plan_assumptions")["basis"]
    text = [Wording(client.library, "en", client).say(basis) for basis in shown]
    assert any("newest 12 months" in line and "December 2025" in line for line in text)


def test_only_months_of_which_every_channel_is_known_count() -> None:
    """Douyin opened in November, October is Tmall's alone, December's Douyin is not known."""
    rows = [_sold("tmall", month, 100) for month in _months(2025)]
    rows += [_sold("douyin", "2025-11", 100), _sold("douyin", "2025-12", None)]
    found = sold_by_channel(_client(*rows))
    assert (dict(found.amounts), found.months) == (
        {"tmall": exact("100"), "douyin": exact("100")}, ("2025-11",)
    )  # fmt: skip


def test_without_a_month_of_all_channels_their_monthly_means_count() -> None:
    """Tmall 300 in three months, Douyin 100 in another one: 100 a month for each of them."""
    rows = [_sold("tmall", month, 100) for month in _months(2025)[:3]]
    client = _client(*rows, _sold("douyin", "2025-06", 100))
    assert channel_shares(client) == {"tmall": exact("0.5"), "douyin": exact("0.5")}
    proposed = plan_proposal(client)
    assert proposed is not None
    (said,) = [each for each in proposed.assumptions if each.part == "channels"]
    assert (said.basis, said.values["count"]) == ("history_means", 4)


def test_the_bridge_gives_the_same_where_it_is_all_there_is() -> None:
    rows = [
            {"month": month, "channel": name, "finance_sales": value}
            for month in ("2024-12", *_months(2025))
            for name, value in (("tmall", 30 if month > "2025" else 500), ("douyin", 10))
    ]  # fmt: skip
    client = a_client(config=FIGURE, sales_bridge=rows)
    assert channel_shares(client) == {"tmall": exact("0.75"), "douyin": exact("0.25")}


# -- evenly among people, by the time they give ---------------------------------------------------
def _sellers(*times: str | None, config: dict[str, Any] | None = None, **more: Any) -> Client:
    """Sellers of a channel whose plan for November is 1,000,000.01, with their time share."""
    tables = staff(*["store_operator"] * len(times))
    tables["assignments"] = [
        tables["assignments"][0],
        *({**row, "time_share": time} for row, time in zip(tables["assignments"][1:], times,
                                                           strict=True)),
    ]  # fmt: skip
    tables["assignments"] += more.pop("posts", [])
    target = {"month": "2026-11", "channel": "tmall", "measure": "net_sales"}
    dates = {"dates": {"plan_year": 2026, "pilot_from": "2026-11"}}
    return a_client(
        config={**dates, **(config or {})}, **tables, scorecards=library_card("store_operator"),
        targets=[{**target, "amount": "1000000.01"}], **more,
    )  # fmt: skip


def _fen(client: Client) -> list[int]:
    return [int(amount) // 10_000 for amount in plan_parts(client).parts["standard"]]


def _bases(client: Client) -> list[str]:
    found = plan_parts(client)
    assert set(found.parts["basis"]) == set(found.groups["basis"])
    return list(found.groups["basis"])


def test_evenly_is_by_the_time_each_gives_the_post() -> None:
    """100,000,001 fen by 1 : 0.6 : 0.4: 50,000,000.5, 30,000,000.3 and 20,000,000.2."""
    client = _sellers(None, "0.6", "0.4")
    assert _fen(client) == [50_000_001, 30_000_000, 20_000_000]
    assert _bases(client) == ["time"]
    shown = conclude("design", client).table("plan_parts")["basis"]
    assert [basis.key for basis in shown] == ["design.parts.basis.time"]
    # alike is even, whatever the share
    assert _fen(_sellers("0.5", "0.5")) == [50_000_001, 50_000_000]
    assert _bases(_sellers("0.5", "0.5")) == ["even"]


def test_two_posts_without_time_shares_are_half_a_person_each() -> None:
    """E2 is pre-sales too and nobody says for how long: half her time."""
    other = staff("cashier", "presales_cs")["assignments"][2]
    client = _sellers(None, None, posts=[other])
    assert _fen(client) == [66_666_667, 33_333_334]
    assert _bases(client) == ["time"]


def test_what_is_left_of_a_plan_is_shared_by_time_too() -> None:
    """E1 has 400,000 of her own; what is left goes by 0.6 : 0.4: 360,000.006 and 240,000.004."""
    own = {"subject_kind": "employee", "subject_id": "E1", "indicator": "net_sales",
           "period": "2026-11", "standard": 400_000}  # fmt: skip
    assert _fen(_sellers(None, "0.6", "0.4", standards=[own])) == [36_000_001, 24_000_000]


def test_a_joiners_part_is_that_of_a_whole_month() -> None:
    """Scoring reduces it to the days: reduced here as well it would be so twice."""
    client = _sellers(None, None)
    staff_list = client.table("employees").copy()
    staff_list.loc[2, "hired"] = staff_list.loc[2, "hired"].replace(year=2026, month=11, day=16)
    joined = client.with_tables(employees=staff_list)
    assert _fen(joined) == [50_000_001, 50_000_000] and _bases(joined) == ["even"]


def test_agreed_shares_that_do_not_serve_say_what_is_done_instead() -> None:
    shares = {"targets": {"person_shares": {"E1": "0.5"}}}
    (found,) = [f for f in check_scheme(_sellers(None, "0.6", config=shares)) if f.code == "S169"]
    assert found.values["used"] == "shares_time"


@pytest.mark.parametrize(("older", "parts"), [
    ("2024-12", [25_000_000, 75_000_001]), ("2025-02", [50_000_001, 50_000_000]),
])  # fmt: skip
def test_people_are_compared_in_their_newest_twelve_months(older: str, parts: list[int]) -> None:
    """1 : 3 in twelve months of 2025; a month before them does not count, one more among them
    replaces the oldest: 11 of 1 : 3 and 23 : 1 are 34 : 34."""
    newest = _months(2025) if older < "2025" else [*_months(2025)[2:], "2026-01"]
    rows = [(month, 1, 3) for month in newest] + [(older, 23, 1)]
    sold = [
        {"subject_kind": "employee", "subject_id": name, "indicator": "net_sales",
         "period": month, "value": value, "source_kind": "finance_report"}
        for month, *values in rows for name, value in zip(("E1", "E2"), values, strict=True)
    ]  # fmt: skip
    client = _sellers(None, None, actuals=sold)
    assert _fen(client) == parts and _bases(client) == ["history"]
