"""Open papers name nobody and show nobody's pay: pages, tables and workbooks of six stages.

The notebooks' cells run in this process. What may not stand in the open is worked
out from the calculation: every single person's gross pay and commission, and what
a group of fewer than three people earns together or on average.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from notebook_cells import ROOT, Ran, run_cells

from ecperf_kit.client import open_client
from ecperf_kit.exact import decimal, exact
from ecperf_kit.method.calculate import calculate
from ecperf_kit.outputs.page import render
from ecperf_kit.stages import default_period
from ecperf_kit.stages.result import STAGES

CLIENTS = ("qinghe", "qinghe_draft", "xiaoman")
LEAST = 3  # people a group has that is shown as one
GROUPS = (["post"], ["department"], ["channel"], ["superior"], ["post", "channel"])
PRIVATE_LINES = ("performance", "commission_", "dividend", "piece", "score_bonus")
#: Of a single person, unless a public table is about at least three.
PERSONAL_TYPES = {"score", "coefficient"}
FEW_COLUMNS = ("persons", "people")

#: Figures that are something else and by chance as large as somebody's pay, with what they are.
BY_CHANCE = {
    # the year's plan and the cost of its goods, in units of 10,000 yuan
    ("design", "qinghe"): {"6,000.00", "6000", "2,700.00", "2700"},
    # pay of made-up persons in questions
    ("exam", "qinghe"): {"5,000.00", "8,500.00"},
    ("exam", "qinghe_draft"): {"5,000.00", "8,400.00", "8,500.00", "9,000.00"},
    ("exam", "xiaoman"): {"7,000.00", "10,000.00"},
    ("pilot", "xiaoman"): {"2100"},  # coupons and fees of the live channel in April
}

each_stage = pytest.mark.parametrize("stage", STAGES)
each_client = pytest.mark.parametrize("name", CLIENTS)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("privacy")


@pytest.fixture(autouse=True)
def in_the_practice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@cache
def ran(stage: str, name: str, folder: Path) -> Ran:
    return run_cells(stage, name, "zh", folder / name / stage)


@dataclass(frozen=True)
class Private:
    """What may not be read in the open: names, numbers of people, amounts in millionths."""

    names: frozenset[str]
    numbers: frozenset[str]
    amounts: frozenset[int]


@cache
def private(name: str) -> Private:
    client = open_client(name, root=ROOT)
    people = client.table("employees")
    found: set[int] = set()
    for stage in ("pilot", "rollout"):
        result = calculate(client, default_period(stage, client).months)
        lines = result.lines[result.lines["line"].str.startswith(PRIVATE_LINES)]
        for table, column in ((result.pay, "pay"), (lines, "amount")):
            table = table[table[column].notna()]
            holders = table.groupby(column)["employee"].nunique()
            found |= {int(amount) for amount in holders.index[holders < LEAST]}
        found |= _small_groups(result.pay, result.totals)
    old = client.table("pay_history").dropna(subset=["pay"])
    holders = old.groupby("pay")["employee"].nunique()
    found |= {int(amount) for amount in holders.index[holders < LEAST]}
    return Private(
        frozenset(people["name"].dropna()), frozenset(people["employee"]), frozenset(found - {0})
    )


def _small_groups(pay: pd.DataFrame, totals: pd.DataFrame) -> set[int]:
    """Sum and mean of the pay of every group of fewer than three, month by month."""
    who = totals[["employee", "month", "post", "department", "channel", "superior"]]
    table = pay.merge(who, on=["employee", "month"])
    table = table[table["pay"].notna()].fillna({"channel": "", "superior": ""})
    found: set[int] = set()
    for group in GROUPS:
        sums = table.groupby([*group, "month"])["pay"].agg(["sum", "size"])
        few = sums[sums["size"] < LEAST]
        found |= {int(value) for value in few["sum"]}
        found |= {int(row["sum"]) // int(row["size"]) for _, row in few.iterrows()}
    return found


def written(amounts: frozenset[int]) -> set[str]:
    """The ways an amount may be printed: 29,750.00 and 29,750 and 29750, with a minus or not."""
    found = set()
    for amount in amounts:
        value = abs(decimal(amount))
        whole = value == value.to_integral_value()
        found.add(f"{value:,.2f}")
        if value >= 1000:  # small whole numbers stand for many other things
            found |= {f"{value:.2f}", *((f"{value:,.0f}", f"{value:.0f}") if whole else ())}
            found.add(format(value.normalize(), "f"))
    return found


def text_of(page: str) -> str:
    body = page.split("<main", 1)[1]
    body = re.sub(r"<style.*?</style>", " ", body, flags=re.DOTALL)
    body = re.sub(r"<text[^>]*>[\d,]*000</text>", " ", body)  # marks of an axis
    return html.unescape(re.sub(r"<[^>]+>", " ", body))


def numbers_in(text: str) -> set[str]:
    """The numbers of a text; amounts of 10,000 yuan (the year's plan) are nobody's pay."""
    text = re.sub(r"[\d,.]+\s*万元?", " ", text)
    return set(re.findall(r"(?<![\d.,])\d[\d,]*(?:\.\d+)?(?![\d,]*\d)", text))


def public_page(made: Ran) -> str:
    return render(
        made.node, title="t", language="zh", public=True, scheme_hash="0", generated="2026-10-08"
    )


def public_cells(made: Ran) -> str:
    """Every cell of the open workbook and the open CSV tables, one a line."""
    from python_calamine import CalamineWorkbook

    told = []
    for path in sorted(made.folder.glob("*.xlsx")):
        book = CalamineWorkbook.from_path(str(path))
        for sheet in book.sheet_names:
            for row in book.get_sheet_by_name(sheet).to_python():
                told += [f"{cell:.6f}" if isinstance(cell, float) else str(cell) for cell in row]
    for path in sorted((made.folder / "tables").glob("*.csv")):
        told += re.split(r"[\r\n]+", path.read_text("utf-8-sig").replace(",", "\n"))
    told = [re.sub(r"^(-?\d+)\.0+$|^(-?\d+\.\d*?)0+$", r"\1\2", cell) for cell in told]
    return "\n".join(told)


def told_in_public(stage: str, name: str, folder: Path) -> dict[str, str]:
    made = ran(stage, name, folder)
    return {"page": text_of(public_page(made)), "files": public_cells(made)}


def committee(name: str) -> set[str]:
    """Whom the organisation stage names: the committee, in public by its purpose."""
    client = open_client(name, root=ROOT)
    return {*client.table("committee")["member"].dropna(), client.config.sponsor.name}


@each_client
@each_stage
def test_nobody_is_named(stage: str, name: str, folders: Path) -> None:
    known = private(name)
    names = known.names - (committee(name) if stage == "organisation" else set())
    for where, text in told_in_public(stage, name, folders).items():
        assert not [person for person in names if person in text], where
        words = set(re.findall(r"\w+", text))
        assert not words & known.numbers, where


@each_client
@each_stage
def test_nobodys_pay_is_shown(stage: str, name: str, folders: Path) -> None:
    private_numbers = written(private(name).amounts)
    for where, text in told_in_public(stage, name, folders).items():
        found = numbers_in(text) & private_numbers
        assert not found - BY_CHANCE.get((stage, name), set()), where


@each_client
@each_stage
def test_groups_of_fewer_than_three_show_no_score_and_no_pay(
    stage: str, name: str, folders: Path
) -> None:
    for table in ran(stage, name, folders).report.tables.values():
        counts = [c for c in FEW_COLUMNS if c in table.frame]
        if table.restricted or not counts:
            continue
        few = table.frame[table.frame[counts[0]].fillna(0) < LEAST]
        for column in table.declaration.columns:
            money = column.type == "money" and stage in ("pilot", "rollout", "review")
            if money or column.type in PERSONAL_TYPES:
                assert few[column.name].isna().all(), f"{table.name}.{column.name}"


@each_client
@each_stage
def test_what_is_restricted_lies_under_restricted(stage: str, name: str, folders: Path) -> None:
    made = ran(stage, name, folders)
    closed = {t.name for t in made.report.tables.values() if t.restricted}
    for path in made.folder.rglob("*.csv"):
        parts = path.relative_to(made.folder).parts
        if "proposals" in parts:  # rows for the client's own tables, of single people or not
            # a post's pay plan is the pay of whoever holds it alone
            personal = path.stem == "pay_plans" or "\nemployee," in path.read_text("utf-8")
            assert personal is ("restricted" in parts)
        else:
            assert (path.stem in closed) is ("restricted" in parts)
    for table in made.report.tables.values():
        kinds = {column.type for column in table.declaration.columns}
        assert table.restricted or stage == "organisation" or "employee" not in kinds


def test_the_check_finds_what_must_not_be_shown(folders: Path) -> None:
    """The restricted page of the pilot and the month's pay list fail every one of these checks."""
    pilot = ran("pilot", "qinghe", folders)
    whole = text_of(
        render(pilot.node, title="t", language="zh", public=False, scheme_hash="0", generated="d")
    )
    known = private("qinghe")
    assert "17,250.00" in written(known.amounts) and "17,250.00" in whole
    assert numbers_in(whole) & written(known.amounts)
    assert [person for person in known.names if person in whole]
    assert exact("29750") in known.amounts  # June of the Tmall manager, alone in the post
    # 5,330.00 is the pay of four people: a post of four may be shown
    assert exact("5330") not in known.amounts
    closed = pilot.folder / "restricted" / "tables" / "pay_by_person.csv"
    assert "29750" in closed.read_text("utf-8-sig")
