"""What stages of one client share is what each would have worked out for itself.

Months worked out in one go against the same months asked for one by one, whole stages with
what was prepared for them against stages that had nothing, and what happens where the
process that prepares it fails.
"""

from __future__ import annotations

import pickle
import random
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import pytest

from benchmarks.synthetic import write_client
from ecperf_kit import view
from ecperf_kit.client import Client, ClientError, open_client
from ecperf_kit.method.actuals import months_needed
from ecperf_kit.method.calculate import Paid, calculate, paid, scored_rows, scored_totals
from ecperf_kit.method.days import parts
from ecperf_kit.method.once import once, packed
from ecperf_kit.method.plans import plan_parts
from ecperf_kit.method.scorecards import assessed_rows
from ecperf_kit.period import Period
from ecperf_kit.rules import check_organisation, check_scheme
from ecperf_kit.snapshot import Shared, hold, pack, release
from ecperf_kit.stages import STAGES, conclude, default_period, plain_and_uncollected
from ecperf_kit.stages.result import StageResult
from ecperf_kit.stages.together import work_out
from tests.code_cases import CASES

ROOT = Path(__file__).resolve().parent.parent
CLIENTS = ("qinghe", "qinghe_draft", "xiaoman")
SPAN = Period.parse("2025-03..2026-12").months


@pytest.fixture(autouse=True)
def nothing_held() -> Iterator[None]:
    release()
    yield
    release()


@cache
def opened(name: str) -> Client:
    return open_client(name, root=ROOT)


def spanning(client: Client, span: tuple[str, ...]) -> Client:
    """A copy that works out these months in one go."""
    copy = replace(client)
    copy.__dict__[view.SPAN] = span
    return copy


def periods(client: Client) -> dict[str, Period]:
    return {stage: default_period(stage, client) for stage in STAGES}


def assert_same(one: Any, other: Any) -> None:
    """Equal in rows, order, types and values."""
    if isinstance(one, pd.DataFrame):
        # by their words: a sentence may hold a figure that is not there, which equals nothing
        words = [name for name in one.columns if one[name].dtype == object]
        pd.testing.assert_frame_equal(one.drop(columns=words), other.drop(columns=words))
        assert repr(one.to_dict("list")) == repr(other.to_dict("list"))
        assert list(one.dtypes) == list(other.dtypes)
    else:
        assert one == other


# -- months in one go ---------------------------------------------------------------


@pytest.mark.parametrize("name", CLIENTS)
def test_months_worked_out_in_one_go_are_those_asked_for_by_themselves(name: str) -> None:
    drawn = random.Random(name)
    for _ in range(4):
        months = tuple(sorted(drawn.sample(SPAN, drawn.choice([1, 1, 2, 4, 9]))))
        wide, narrow = spanning(opened(name), SPAN), replace(opened(name))
        for ask in (assessed_rows, scored_rows, scored_totals, plan_parts):
            assert_same(ask(wide, months), ask(narrow, months))
        for table in ("scorecards", "pay_plans"):
            assert_same(parts(wide, months, table), parts(narrow, months, table))
        one, other = calculate(wide, months), calculate(narrow, months)
        for part in ("rows", "totals", "lines", "pay", "findings"):
            assert_same(getattr(one, part), getattr(other, part))


def test_transfers_two_posts_and_long_cycles_do_not_hang_on_the_months_asked_for(
    tmp_path: Path,
) -> None:
    """A made-up firm with every pay structure; months with gaps between them too."""
    client = open_client(write_client(tmp_path, 30), root=tmp_path)
    wide = spanning(client, SPAN)
    for months in (("2026-12",), ("2026-02", "2026-09"), SPAN[10:13], (SPAN[0], SPAN[-1])):
        one, other = calculate(wide, months), calculate(replace(client), months)
        for part in ("rows", "totals", "lines", "pay", "findings"):
            assert_same(getattr(one, part), getattr(other, part))
    assert len(one.rows) and (one.rows["cycle"] != "month").any()


def test_a_quarter_to_date_is_found_whatever_other_months_are_asked_for() -> None:
    """Each month with the eleven before it, not only the first: a year's cycle needs them."""
    assert months_needed(["2026-09", "2025-01"]) == [
        *Period.parse("2024-02..2025-01").months,
        *Period.parse("2025-10..2026-09").months,
    ]


@pytest.mark.parametrize("code", sorted(code for code in CASES if code[0] == "C"))
def test_what_a_calculation_finds_is_the_same_in_one_go(code: str) -> None:
    """Every case of a figure missing, changed or unconfirmed that a test has."""
    client = CASES[code].client()
    known = client.table("actuals")["period"].dropna().astype("str")
    span = tuple(sorted(set(known) | set(SPAN)))
    for month in sorted(set(known))[-3:] or ["2026-06"]:
        one = calculate(spanning(client, span), (month,))
        other = calculate(replace(client), (month,))
        assert one.findings == other.findings
        assert_same(one.pay, other.pay)


def test_a_trial_of_such_a_client_is_paid_like_any_other() -> None:
    client = spanning(opened("qinghe"), SPAN)
    months = SPAN[-5:-3]
    before = paid(client, months)
    fewer = client.table("pay_plans").head(9)
    trial, anew = client.with_tables(pay_plans=fewer), replace(opened("qinghe"))
    anew = anew.with_tables(pay_plans=fewer)
    assert trial.__dict__[view.SPAN] == SPAN
    assert_same(paid(trial, months).pay, paid(anew, months).pay)
    assert not paid(trial, months).pay.equals(before.pay)


def test_nothing_is_found_without_pay_being_the_same_with_findings() -> None:
    client = replace(opened("qinghe_draft"))
    found, alone = calculate(client, SPAN), paid(client, SPAN)
    assert isinstance(found, Paid) and found.findings
    for part in ("rows", "totals", "lines", "pay"):
        assert_same(getattr(found, part), getattr(alone, part))


# -- whole stages ---------------------------------------------------------------------


def concluded(name: str, snapshot: bytes, asked: dict[str, Period]) -> dict[str, StageResult]:
    """Each stage of a client unpacked anew, as in a process of its own."""
    found = {}
    for stage, period in asked.items():
        hold(snapshot)
        found[stage] = conclude(stage, open_client(name, period.text, root=ROOT))
    release()
    return found


@pytest.mark.parametrize("asked", ["", "2026-Q2"])
@pytest.mark.parametrize("name", CLIENTS)
def test_a_stage_with_what_was_prepared_concludes_what_it_would_alone(
    name: str, asked: str
) -> None:
    client = opened(name)
    wanted = periods(client)
    if asked:
        wanted = dict.fromkeys(STAGES, Period.parse(asked))
    alone = pack(client)
    shared = work_out(client, wanted)
    assert shared.kept and shared.of_period and shared.span
    with_it = pack(client, pickle.dumps(shared))
    one, other = concluded(name, with_it, wanted), concluded(name, alone, wanted)
    for stage in STAGES:
        for said in ("title", "advice", "reasons", "figures", "verdicts", "actions", "findings"):
            mine, theirs = getattr(one[stage], said), getattr(other[stage], said)
            assert repr(mine) == repr(theirs), (stage, said)
        assert list(one[stage].tables) == list(other[stage].tables)
        for title, table in other[stage].tables.items():
            assert_same(one[stage].tables[title].frame, table.frame)
        assert len(one[stage].proposals) == len(other[stage].proposals)
        for mine, theirs in zip(one[stage].proposals, other[stage].proposals, strict=True):
            assert (mine.table, mine.restricted) == (theirs.table, theirs.restricted)
            assert_same(mine.frame, theirs.frame)


def test_what_was_prepared_is_used_and_nothing_of_it_worked_out_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = opened("qinghe")
    wanted = periods(client)
    shared = work_out(client, wanted)
    hold(pack(client, pickle.dumps(shared)))
    from ecperf_kit.method import once as kept

    asked: list[str] = []
    true = kept._worked_out

    def counted(owner: Any, key: tuple[Any, ...], function: Any) -> Any:
        name = key[0].rpartition(".")[2]
        # some months of the span are the rows of what was prepared for all of them
        asked.append(f"{name} of all" if key[1:2] == (shared.span,) else name)
        return true(owner, key, function)

    monkeypatch.setattr(kept, "_worked_out", counted)
    held = open_client("qinghe", wanted["organisation"].text, root=ROOT)
    conclude("organisation", held)
    assert not {"check_scheme", "check_organisation", "assessed_rows"} & set(asked)
    assert not [name for name in asked if name.endswith("of all")]
    conclude("pilot", open_client("qinghe", wanted["pilot"].text, root=ROOT))
    assert "check_scheme" in asked, "of another period: worked out there"
    assert "calculate" in asked and "pay_shares" in asked
    assert not {"assessed_rows", "plan_parts"} <= set(asked)


def test_what_rests_on_the_period_is_given_to_stages_of_that_period_alone() -> None:
    client = opened("qinghe")
    year, quarter = Period.parse("2026"), Period.parse("2026-Q2")
    shared = work_out(client, {"organisation": year, "design": year, "pilot": quarter})
    assert shared.period == "2026"
    names = {key[0].rpartition(".")[2] for key in shared.of_period}
    assert {"check_scheme", "pay_shares", "plans"} <= names
    free = {key[0].rpartition(".")[2] for key in shared.kept}
    assert {"assessed_rows", "paid", "plan_parts"} <= free
    assert not names & {"paid"} and not free & {"check_scheme"}
    for period, more in ((year, True), (quarter, False), (None, False)):
        other = replace(client)
        shared.give(other, period)
        kept = other.__dict__["_kept_by_stages"]
        assert len(kept) == len(shared.kept) + (len(shared.of_period) if more else 0)


def test_a_value_that_asks_for_the_period_deep_down_is_known_to() -> None:
    @once
    def within(client: Client) -> str:
        return client.period.text if client.period else ""

    @once
    def around(client: Client) -> str:
        return within(client) + str(len(client.table("targets")))

    from ecperf_kit.stages.together import _Watched

    watched = _Watched.of(opened("qinghe"), Period.parse("2026"))
    seen = watched.seen_by("design")
    around(seen)
    once_more = seen.__dict__[view.KEPT]
    marks = {key[0].rpartition(".")[2]: found.tables for key, found in once_more.items()}
    assert marks["within"] == {view.PERIOD} and marks["around"] == {view.PERIOD, "targets"}
    assert packed(once_more, without=(view.PERIOD,)) == {}


def test_nothing_is_prepared_for_one_stage_or_for_stages_with_nothing_in_common() -> None:
    client = opened("qinghe")
    year, month = Period.parse("2026"), Period.parse("2026-06")
    assert work_out(client, {"organisation": year}) == Shared()
    assert work_out(client, {"exam": year, "review": month}) == Shared()
    assert work_out(client, {"organisation": year, "design": month}).of_period == {}
    both = work_out(client, {"rollout": month, "review": month})
    assert both.kept and not both.of_period


def test_a_client_without_actuals_shares_the_check_of_its_scheme() -> None:
    whole = opened("qinghe")
    none = whole.table("actuals").head(0)
    client = replace(whole, tables=MappingProxyType({**whole.tables, "actuals": none}))
    year = Period.parse("2026")
    shared = work_out(client, {"organisation": year, "design": year})
    assert shared.span == () and any("check_scheme" in key[0] for key in shared.of_period)


def test_a_trial_takes_over_what_rests_on_the_period_if_it_is_the_same() -> None:
    client = replace(opened("qinghe"), period=Period.parse("2026"))
    work_out(client, periods(client)).give(client, client.period)
    seen = client.seen_by("design")
    trial = seen.with_tables(targets=seen.table("targets").head(3))
    assert view.same_tables(trial, seen, {view.PERIOD, "scorecards"})
    other = replace(trial, period=Period.parse("2026-06"))
    assert not view.same_tables(other, seen, {view.PERIOD})
    assert not view.same_tables(trial, seen, {view.PERIOD, "targets"})


def test_the_client_is_left_as_it_was() -> None:
    client = replace(opened("xiaoman"))
    before = set(client.__dict__)
    work_out(client, periods(client))
    assert set(client.__dict__) == before


def test_what_is_prepared_holds_whatever_is_wrong_with_a_client() -> None:
    """Of the cases the codes have each fourth: prepared or not, the faults are the same."""
    of_scheme = sorted(code for code in CASES if code[0] in "OS")
    for code, case in ((code, CASES[code]) for code in of_scheme[::4]):
        try:
            client = case.client()
        except ClientError:
            continue
        year = client.period or Period.parse(str(client.config.dates.plan_year))
        shared = work_out(client, {"organisation": year, "design": year, "pilot": year})
        told = replace(client, period=year)
        shared.give(told, year)
        alone = replace(client, period=year)
        with plain_and_uncollected():
            for stage, check in (("organisation", check_organisation), ("design", check_scheme)):
                assert check(told.seen_by(stage)) == check(alone.seen_by(stage)), code
