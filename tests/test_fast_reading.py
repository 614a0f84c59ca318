"""The quick ways of reading a client give what the plain ones in pandas give."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecperf_kit.client import Client, open_client
from ecperf_kit.intake import cross
from ecperf_kit.intake.cross_data import Data
from ecperf_kit.intake.numbers import half_width
from ecperf_kit.intake.values import read_choices, read_dates, read_ids
from ecperf_kit.outputs.provenance import canonical

ROOT = Path(__file__).resolve().parent.parent
DEMOS = ("qinghe", "qinghe_draft", "xiaoman")
_DATE = (
    r"^\s*([0-9]{4})(?:-([0-9]{1,2})-|/([0-9]{1,2})/|年([0-9]{1,2})月)([0-9]{1,2})日?"
    r"(?: 0?0:00(?::00)?)?\s*$"
)
DAYS = st.sampled_from([
    "", "2026-04-01", "2026/4/1", "2026年4月1日", " 2026-04-01 ", "2026-04-01 00:00:00",
    "2026-04-01 0:00", "2026-04-31", "1949-12-31", "1950-01-01", "2099-12-31", "2100-01-01",
    "２０２６-０４-０１", "２０２６－０４－０１", "2026年４月1日", "٢٠٢٦-٠٤-٠١", "2026-02-29",
    "2028-02-29", "0001-01-01", "2026-00-10", "2026-13-10", "2026-1-00", "abc", "2026-04",
    "2026.04.01", "2026-04/01", "2026年4月1", "2026-04-01T00:00", "　2026-4-1", "2026-04-1²",
])  # fmt: skip
TEXTS = st.sampled_from(["", "post", "Post", "岗位", "other", "a\tb", "E001", "é", "a\u200bb"])
WORDS = {"post": "post", "岗位": "post"}


@given(st.lists(DAYS, max_size=8))
def test_days_are_those_pandas_finds(typed: list[str]) -> None:
    column = pd.Series(typed, dtype="str")
    part = column.map(half_width).astype("str").str.extract(_DATE).astype("str")
    month = part[1].fillna(part[2]).fillna(part[3])
    iso = part[0] + "-" + month.str.zfill(2) + "-" + part[4].str.zfill(2)
    days = pd.to_datetime(iso, format="%Y-%m-%d", errors="coerce").dt.as_unit("s")
    plain = days.where((days >= "1950-01-01") & (days < "2100-01-01"))
    found = read_dates(column)
    pd.testing.assert_series_equal(found.values, plain, check_names=False)
    assert set(found.faults) == {i for i, t in enumerate(typed) if t and pd.isna(plain[i])}


@given(st.lists(TEXTS, max_size=8))
def test_choices_and_ids_are_those_pandas_finds(typed: list[str]) -> None:
    column = pd.Series(typed, dtype="str")
    chosen = read_choices(column, WORDS)
    plain = column.str.casefold().map(WORDS).astype("str")
    pd.testing.assert_series_equal(chosen.values, plain)
    assert set(chosen.faults) == {i for i, t in enumerate(typed) if t and pd.isna(plain[i])}
    ids = read_ids(column)
    broken = {i for i, t in enumerate(typed) if t in ("a\tb", "a\u200bb")}
    kept = [None if i in broken or not t else t for i, t in enumerate(typed)]
    pd.testing.assert_series_equal(ids.values, pd.Series(kept, dtype="str"))
    assert set(ids.faults) == broken


def plain_canonical(frame: pd.DataFrame) -> str:
    columns = sorted(c for c in frame.columns if not str(c).startswith("_"))
    filled = [c for c in columns if frame[c].notna().any() and (frame[c].astype(str) != "").any()]
    text = frame[filled].astype("string").fillna("")
    lines = sorted("\x1f".join(row) for row in text.itertuples(index=False, name=None))
    return "\n".join(["\x1f".join(filled), *lines]) + "\n"


@pytest.mark.parametrize("name", DEMOS)
def test_every_table_has_the_same_plain_text(name: str) -> None:
    for frame in open_client(name, root=ROOT).tables.values():
        assert canonical(frame) == plain_canonical(frame)


@pytest.mark.parametrize(
    "columns",
    [
        {"a": ["", None]},
        {"a": ["", ""], "b": [None, None]},
        {"a": []},
        {},
        {"n": [1.5, None], "i": [1, 2], "yes": [True, False], "_row": [1, 2]},
        {"day": [pd.Timestamp("2026-01-01"), pd.NaT]},
        {"hour": [pd.Timestamp("2026-01-01 03:00"), pd.NaT]},
        {"text": pd.array(["", None], dtype="string")},
    ],
    ids=["blank", "nothing", "no rows", "no columns", "numbers", "days", "hours", "na text"],
)
def test_other_columns_have_the_same_plain_text(columns: dict[str, object]) -> None:
    frame = pd.DataFrame(columns)
    assert canonical(frame) == plain_canonical(frame)


SUBJECTS = [
    ("post", "no_such_post"), ("employee", "E999"), ("department", ""), ("channel", "nowhere"),
    ("post_channel", "store_operator"), ("post_channel", "store_operator@nowhere"),
    ("post_channel", "@"), ("company", "another"), ("company", "qinghe"),
    ("post", "store_operator"), ("employee", None), (None, "E001"), ("unknown", "E001"),
]  # fmt: skip


@pytest.fixture(scope="module")
def demo() -> Client:
    return open_client("qinghe", root=ROOT)


@pytest.mark.parametrize(("kind", "subject"), SUBJECTS)
def test_a_quick_look_at_the_subjects_misses_none(
    demo: Client, kind: str | None, subject: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = dict(demo.tables)
    frame = tables["standards"].copy()
    frame.loc[3, ["subject_kind", "subject_id"]] = [kind, subject]
    tables["standards"] = frame
    data = Data(
        demo.name, demo.config, tables, demo.present, demo.library, demo.indicators, frozenset()
    )
    quick = cross.subjects(data)
    monkeypatch.setattr(cross, "_all_known", lambda data, frame: False)
    assert quick == cross.subjects(data)
    assert not cross.subjects(replace(data, tables=demo.tables))
