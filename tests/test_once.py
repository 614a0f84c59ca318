"""What a trial takes over from the client it was made of, and quick ways beside plain ones."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecperf_kit import view
from ecperf_kit.client import Client, open_client
from ecperf_kit.exact import FEN, LARGEST, MILLION, divide, ints, multiply_divide, round_half_up
from ecperf_kit.finding import Finding
from ecperf_kit.method.calculate import Calculation, calculate
from ecperf_kit.method.coefficient import coefficients
from ecperf_kit.method.keys import Groups, find, ranked
from ecperf_kit.method.once import once
from ecperf_kit.method.pay import pay, pay_lines
from ecperf_kit.method.scenario import AS_IN_FORCE, applied
from ecperf_kit.method.scorecards import assessed_rows
from ecperf_kit.method.scoring import MISSING_STATES, score
from ecperf_kit.method.simulation import ATTAINMENTS, _planned, _selling, months_of, pays_at
from ecperf_kit.method.totals import totals
from ecperf_kit.rules import check_scheme
from ecperf_kit.rules.history import _by_row, scored_history
from ecperf_kit.rules.in_force import cards, number
from ecperf_kit.rules.pilot import Pilot, mean, pilot_of
from ecperf_kit.rules.pilot_process import STEPS, data_late, pilot_lateness, steps_late
from ecperf_kit.rules.rollout import given_totals

ROOT = Path(__file__).resolve().parent.parent


@cache
def demo() -> Client:
    return open_client("qinghe", root=ROOT)


@cache
def calculation() -> Calculation:
    return calculate(demo(), months_of(demo(), AS_IN_FORCE))


ASKED: list[str] = []


@once
def posts_paid(client: Client) -> int:
    ASKED.append("posts_paid")
    return int(client.table("pay_plans")["subject_id"].nunique())


@once
def paid_and_named(client: Client) -> tuple[int, str]:
    ASKED.append("paid_and_named")
    return posts_paid(client), client.label("channel", "tmall")


def test_a_trial_takes_over_what_rests_on_other_tables() -> None:
    client = replace(demo())
    ASKED.clear()
    first = paid_and_named(client)
    cards_halved = client.with_tables(scorecards=client.table("scorecards").head(3))
    assert paid_and_named(cards_halved) == first
    assert ASKED == ["paid_and_named", "posts_paid"]
    one_plan = client.with_tables(pay_plans=client.table("pay_plans").head(1))
    assert paid_and_named(one_plan) == (1, first[1]), "what is within rests on the plans too"
    renamed = client.with_tables(channels=client.table("channels").assign(name="x", name_en="x"))
    assert paid_and_named(renamed) == (first[0], "x")
    assert ASKED.count("posts_paid") == 2, "the plans are the same where channels are renamed"


def test_what_one_trial_works_out_serves_the_next_and_only_where_it_is_the_same() -> None:
    client = replace(demo())
    ASKED.clear()
    trial = client.with_tables(scorecards=client.table("scorecards").head(3))
    deeper = trial.with_tables(pay_plans=client.table("pay_plans").head(1))
    assert posts_paid(deeper) == 1
    assert posts_paid(trial) == posts_paid(client) > 1
    assert ASKED == ["posts_paid"] * 2, "the second serves client and trial"
    plain = replace(client)
    assert posts_paid(plain) == posts_paid(client)
    assert len(ASKED) == 3, "another client shares nothing"


def test_a_client_s_own_indicators_count_as_read() -> None:
    @once
    def known(client: Client) -> int:
        return len(client.indicators)

    client = replace(demo())
    own = client.table("indicators")
    assert known(client) == len(client.library.indicators) + len(own)
    one = pd.concat([own, own.head(0).reindex([0]).assign(indicator="of_our_own")])
    one = one.astype(own.dtypes.to_dict())
    assert known(client.with_tables(indicators=one)) == known(client) + 1


ALTERED = ("scorecards", "pay_plans", "standards", "coefficient_tables", "actuals", "targets",
           "assignments", "sales_bridge")  # fmt: skip


@pytest.mark.parametrize("name", ALTERED)
def test_rules_and_pay_of_a_trial_are_those_of_a_client_worked_out_anew(name: str) -> None:
    """Whatever a table loses, nothing of the unaltered client's results is left over."""
    client = replace(demo())
    check_scheme(client)
    months = months_of(client, AS_IN_FORCE)[-2:]
    calculate(client, months)
    frame = client.table(name)
    less = frame.iloc[: len(frame) // 2]
    trial = client.with_tables(**{name: less})
    anew = replace(client, tables=MappingProxyType({**client.tables, name: less}))
    assert check_scheme(trial) == check_scheme(anew)
    one, other = calculate(trial, months), calculate(anew, months)
    for part in ("rows", "totals", "lines", "pay"):
        pd.testing.assert_frame_equal(getattr(one, part), getattr(other, part))
    assert one.findings == other.findings


# -- several attainments at once ---------------------------------------------------
def plain_pay_at(client: Client, scenario: Any, reached: int) -> pd.DataFrame:
    """One attainment alone, each figure of the rows set by hand."""
    reformed, months = applied(client, scenario), months_of(client, scenario)
    rows = assessed_rows(reformed, months).copy()
    lower = (rows["direction"] == "lower_is_better").tolist()
    actual = [
        pd.NA
        if pd.isna(standard) or not there
        else int(multiply_divide(int(standard), 2 * MILLION - reached if low else reached, MILLION))
        for standard, low, there in zip(rows["standard"], lower, rows["has_data"], strict=True)
    ]
    rows["actual"] = pd.array(actual, dtype="Int64")
    given = [
        0 if pd.isna(w) else int(multiply_divide(int(w), min(reached, MILLION), MILLION))
        for w in rows["weight"]
    ]
    rows["superior_score"] = pd.array(given, dtype="Int64")
    rows["superior_date"] = rows["superior_date"].fillna(pd.Timestamp("2000-01-01"))
    rows["override_reason"] = pd.Series(pd.NA, index=rows.index, dtype="str")
    selling = _selling(reformed, _planned(client.table("targets"), months), reached)
    scored = score(rows)
    lines = pay_lines(selling, coefficients(selling, totals(scored), scored))
    return pay(lines)[["employee", "month", "pay"]]


@pytest.mark.parametrize("reformed", [False, True])
def test_all_attainments_at_once_pay_what_each_alone_pays(reformed: bool) -> None:
    client = demo()
    scenario = client.scenarios[0] if reformed else AS_IN_FORCE
    for reached, found in zip(ATTAINMENTS, pays_at(client, scenario, ATTAINMENTS), strict=True):
        pd.testing.assert_frame_equal(found, plain_pay_at(client, scenario, reached))


# -- plain texts -----------------------------------------------------------------
def test_plain_texts_are_the_same_texts() -> None:
    client = demo()
    for frame in client.tables.values():
        made = view.plain(frame)
        pd.testing.assert_frame_equal(
            made.astype(object), frame.astype(object), check_column_type=False
        )
        assert all(d.storage == "python" for d in made.dtypes if isinstance(d, pd.StringDtype))
    assert client.table("employees")["employee"].dtype.storage == "pyarrow", "as it was read"


def test_a_stage_leaves_the_users_own_setting_as_it_was() -> None:
    before = pd.get_option("mode.string_storage")
    with view.plain_texts():
        assert pd.get_option("mode.string_storage") == "python"
    assert pd.get_option("mode.string_storage") == before


def test_scores_and_pay_are_the_same_on_either_kind_of_text() -> None:
    months = months_of(demo(), AS_IN_FORCE)
    with view.plain_texts():
        seen = calculate(demo().seen_by("pilot"), months)
    for part in ("rows", "totals", "lines", "pay"):
        one, other = getattr(seen, part), getattr(calculation(), part)
        pd.testing.assert_frame_equal(
            one.astype(object), other.astype(object), check_column_type=False
        )
    assert seen.findings == calculation().findings


WORDS = st.lists(st.sampled_from(["a", "b", "ab", "", None]), max_size=12)


def _columns(words: list[Any]) -> list[pd.Series]:
    return [
        pd.Series(words, dtype=pd.StringDtype(storage, na_value=np.nan))
        for storage in ("python", "pyarrow")
    ]


@given(WORDS, WORDS)
def test_keys_are_found_alike_whatever_holds_the_texts(wanted: list[Any], known: list[Any]) -> None:
    expected = [known.index(w) if w is not None and w in known else -1 for w in wanted]
    for rows in _columns(wanted):
        for table in _columns(known):
            assert find([rows], [table]).tolist() == expected


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["x", "y", None]),
                          st.integers(-9, 9)), max_size=15))  # fmt: skip
def test_groups_are_those_of_a_plain_group_by(rows: list[tuple[str, str | None, int]]) -> None:
    expected: dict[tuple[Any, ...], list[int]] = {}
    for one, other, value in sorted(rows, key=lambda r: (r[0], r[1] is None, r[1] or "")):
        expected.setdefault((one, other), []).append(value)
    for kind in ("python", "pyarrow"):
        text = pd.StringDtype(kind, na_value=np.nan)
        frame = pd.DataFrame(rows, columns=["one", "other", "value"])
        frame = frame.astype({"one": text, "other": text, "value": "int64"})
        groups = Groups(frame, ["one", "other"])
        values = frame["value"].to_numpy()
        assert groups.least(values).tolist() == [min(v) for v in expected.values()]
        assert groups.most(values).tolist() == [max(v) for v in expected.values()]
        assert groups.sum(values).tolist() == [sum(v) for v in expected.values()]
        assert groups.sizes().tolist() == [len(v) for v in expected.values()]
        assert len(ranked(frame, ["one"])) == len(rows)


# -- one figure without an array, and rules without pandas ----------------------------
BIG = st.integers(-(10**15), 10**15)


@given(BIG, BIG, BIG.filter(bool))
def test_one_figure_is_rounded_as_a_column_of_them(a: int, b: int, c: int) -> None:
    if abs(a * b) // abs(c) >= LARGEST:
        with pytest.raises(OverflowError):
            multiply_divide(a, b, c)
        return
    column = multiply_divide(np.array([a, a]), b, c)
    assert multiply_divide(a, b, c) == column[0] == column[1]


def test_one_figure_by_nothing_is_refused() -> None:
    with pytest.raises(ZeroDivisionError):
        multiply_divide(1, 1, 0)


def plain_given_totals(client: Client, rows: pd.DataFrame) -> list[Finding]:
    whole = rows[rows["row_score"].notna() & rows["superior_score"].notna() & rows["assessed"]]
    gap = ints(whole["superior_score"]) - round_half_up(ints(whole["row_score"]), FEN)
    whole = whole.assign(gap=gap, superior=whole["superior"].fillna(""))
    by_person = whole.groupby(["month", "superior", "employee"])["gap"].sum().abs().reset_index()
    far = by_person[by_person["gap"] > number(client, "score.data_row_difference")]
    found = []
    for (month, superior), part in far.groupby(["month", "superior"], sort=True):
        values = {"month": month, "superior": superior, "people": len(part),
                  "difference": int(part["gap"].max())}  # fmt: skip
        subject = f"employee:{superior}" if superior else "table:assessments"
        found.append(Finding("R106", subject, values))
    return found


def test_given_totals_as_by_plain_groups() -> None:
    for rows in (calculation().rows, calculation().rows.assign(superior=pd.NA)):
        expected = plain_given_totals(demo(), rows)
        assert expected
        assert given_totals(demo(), replace(calculation(), rows=rows)) == expected


@cache
def pilot() -> Pilot:
    return pilot_of(demo(), ("2026-04", "2026-05", "2026-06", "2026-07", "2026-08", "2026-09"))


def plain_late(step: str, going_on: str, over: str) -> list[Finding]:
    table = pilot_lateness(pilot())
    table = table[table["step"] == step]
    found = []
    for department, part in table.groupby("department", sort=True):
        hit = part[(part["own"] > 0).fillna(False)]
        if hit.empty or mean(hit["own"]) <= number(demo(), "process.late_days_warn"):
            continue
        last = str(hit["month"].max())
        values = {
            "department": department, "step": step, "months": len(hit), "of": len(part),
            "days": mean(hit["own"]), "most": int(hit["own"].max()), "last": last,
        }  # fmt: skip
        code = going_on if last == pilot().months[-1] else over
        found.append(Finding(code, f"department:{department}", values))
    return found


def test_lateness_by_department_as_by_plain_groups() -> None:
    expected = plain_late("data", "P301", "P302")
    assert expected
    assert data_late(pilot()) == expected
    later = [f for step in STEPS[1:] for f in plain_late(step, "P303", "P303")]
    assert steps_late(pilot()) == later


def test_what_months_say_of_each_row_as_by_plain_groups() -> None:
    rows = scored_history(demo())
    rows = rows[rows["has_data"].astype(bool)]
    known = rows["row_score"].notna()
    share = divide(ints(rows["row_score"]), np.maximum(ints(rows["weight"]), 1))
    work = rows[["subject", "indicator"]].assign(
        due=1,
        missing=rows["row_state"].isin(MISSING_STATES).astype("int64"),
        no_standard=(rows["row_state"] == "missing_standard").astype("int64"),
        low=np.where(known, share, MILLION),
        high=np.where(known, share, 0),
        known=known.astype("int64"),
    )
    keys = ["subject", "indicator"]
    plain = work.groupby(keys, as_index=False).agg(
        due=("due", "sum"), missing=("missing", "sum"), no_standard=("no_standard", "sum"),
        known=("known", "sum"), low=("low", "min"), high=("high", "max"),
    )  # fmt: skip
    own = cards(demo())[[*keys, "weight", "_file", "_sheet", "_row"]]
    pd.testing.assert_frame_equal(_by_row(demo()), own.merge(plain, on=keys), check_dtype=False)


def test_the_garbage_collector_is_on_again_after_a_stage_also_after_a_fault() -> None:
    import gc

    from ecperf_kit.stages import conclude

    client = open_client("qinghe", root=ROOT)
    assert gc.isenabled()
    conclude("exam", client)
    assert gc.isenabled()
    with pytest.raises(AttributeError):
        conclude("exam", None)  # type: ignore[arg-type]
    assert gc.isenabled()
    gc.disable()
    try:
        conclude("exam", client)
        assert not gc.isenabled()  # who had switched it off finds it off
    finally:
        gc.enable()
