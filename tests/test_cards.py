"""The scorecard workbook as a file: what may be typed, what is told, who may see it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from card_cases import SOFFICE, Sheets, recalculated
from click.testing import CliRunner

from ecperf_kit.cli import main
from ecperf_kit.client import Client, open_client
from ecperf_kit.exact import MILLION, exact
from ecperf_kit.library import load_library, parse_bands
from ecperf_kit.outputs.cards import card_bytes, write_cards
from ecperf_kit.outputs.cards.model import Card, CardRow, PayLine
from ecperf_kit.outputs.cards.notes import how_scored
from ecperf_kit.outputs.cards.rows import AT, COLUMNS, HEAD
from ecperf_kit.outputs.provenance import scheme_hash
from ecperf_kit.outputs.wording import Wording

ROOT = Path(__file__).resolve().parent.parent
MONTH = "2026-06"
ENTRY = "FFF3C4"
office = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")


def demo(language: str = "zh") -> Client:
    return open_client("qinghe", MONTH, language, ROOT)


def words(language: str = "zh") -> Wording:
    return Wording(load_library(), language)


def row(**more: Any) -> CardRow:
    given: dict[str, Any] = {
        "indicator": "x", "name": "响应时长", "definition": "", "role": "core", "unit": "seconds",
        "weight": exact("20"), "method": "percentage", "direction": "lower_is_better",
        "zero_below": exact("0.6"), "standard": exact("30"), "low": 0, "high": exact("3600"),
    }  # fmt: skip
    return CardRow(**(given | more))


def ratio(**more: Any) -> CardRow:
    given = {"unit": "ratio", "direction": "higher_is_better", "standard": exact("0.4"),
             "pair": True, "high": MILLION, "weight": exact("30")}  # fmt: skip
    return row(**(given | more))


@pytest.fixture(scope="module", params=["zh", "en"])
def books(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("cards")
    client = demo(request.param)
    posts = write_cards(client, MONTH, folder / "posts.xlsx")
    people = write_cards(client, MONTH, folder / "restricted" / "people.xlsx", people=True)
    return client, openpyxl.load_workbook(posts), openpyxl.load_workbook(people)


def cards_of(book: Any) -> Iterator[Any]:
    yield from book.worksheets[1:]


def test_only_coloured_cells_can_be_typed_into(books: Any) -> None:
    _, *both = books
    for book in both:
        for sheet in book.worksheets:
            assert sheet.protection.sheet and not sheet.protection.password
            for line in sheet.iter_rows():
                for cell in line:
                    coloured = cell.fill.fgColor.rgb == f"FF{ENTRY}"
                    legend = cell.row == 3
                    assert cell.protection.locked is not (coloured and not legend), cell
        for sheet in cards_of(book):
            open_cells = [c for line in sheet.iter_rows() for c in line if not c.protection.locked]
            validated = {at for rule in sheet.data_validations.dataValidation
                         for at in str(rule.sqref).split()}  # fmt: skip
            assert open_cells and {c.coordinate for c in open_cells} == validated
            assert not any(str(c.value).startswith("=") for c in open_cells)


def test_every_sheet_bears_the_scheme_and_prints_on_landscape_a4(books: Any) -> None:
    client, *both = books
    for book in both:
        for sheet in book.worksheets:
            assert scheme_hash(client) in sheet.oddFooter.left.text
            assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
            assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
            assert sheet.sheet_properties.pageSetUpPr.fitToPage
        for sheet in cards_of(book):
            assert sheet.print_title_rows == f"${HEAD + 1}:${HEAD + 1}"
            texts = [str(c.value) for line in sheet.iter_rows() for c in line if c.value]
            assert any(scheme_hash(client) in text for text in texts)
            assert any("____" in text or "＿＿＿" in text for text in texts)
            hidden = [d for d in sheet.column_dimensions.values() if d.hidden]
            assert hidden and min(d.min for d in hidden) > len(COLUMNS)


def test_formulas_are_those_every_program_knows(books: Any) -> None:
    allowed = {
        "IF", "AND", "OR", "ROUND", "INT", "ABS", "SIGN", "MAX", "MIN", "N", "SUM", "COUNT",
        "COUNTA", "ISNUMBER", "INDEX", "MATCH", "CHOOSE",
    }  # fmt: skip
    _, *both = books
    used = set()
    for book in both:
        for sheet in book.worksheets:
            for line in sheet.iter_rows():
                for cell in line:
                    if cell.data_type == "f":
                        formula = re.sub(r'"[^"]*"', "", cell.value)
                        used |= set(re.findall(r"([A-Z][A-Z.]*)\(", formula))
                        assert "{" not in formula and len(formula) < 8000
    assert used <= allowed, used - allowed


def test_a_post_sheet_is_blank_and_names_nobody(books: Any) -> None:
    client, posts, _ = books
    names = set(client.table("employees")["name"])
    for sheet in cards_of(posts):
        for line in sheet.iter_rows():
            for cell in line:
                if not cell.protection.locked:
                    assert cell.value is None
                assert str(cell.value) not in names


def test_pay_of_a_small_group_is_not_printed(books: Any) -> None:
    """One director: base and performance pay would be that person's; four agents: printed."""
    client, posts, _ = books
    wording = Wording(client.library, client.language, client)

    def amounts(post: str) -> list[Any]:
        sheet = posts[wording.name("post", post)]
        base = wording.label("base")
        line = next(c.row for c in sheet["B"] if c.value == base)
        return [sheet.cell(line + n, AT["standard"] + 1).value for n in (0, 1)]

    assert amounts("ecommerce_director") == [None, None]
    assert amounts("presales_cs") == [4550, 1950]


def test_people_show_what_the_method_computed_even_without_computing(tmp_path: Path) -> None:
    """E025 in June: total 59.50, coefficient 0.4, 4,550 + 1,950 x 0.4 = 5,330.00."""
    path = write_cards(demo(), MONTH, tmp_path / "people.xlsx", people=True)
    seen = Sheets(path)
    sheet = next(name for name in seen.book.sheet_names if name.startswith("E025"))
    at = HEAD + 1
    while seen(sheet, at, 0) != "":
        at += 1
    assert [seen(sheet, at + n, AT["score"]) for n in (0, 1, 4, 5, 6)] == [
        59.5, 0.4, 4550, 780, 5330,
    ]  # fmt: skip


EVIL = ("=1+1", "+1", "-1", "@SUM(A1)", '="x"&A1', "=cmd|' /C calc'!A0")


def test_names_never_become_formulas(tmp_path: Path) -> None:
    rows = tuple(row(name=name, definition=name, unit=name) for name in EVIL)
    card = Card(title="=1+1", about=EVIL, sheet="S", rows=rows, table_name='=A1&"', linear=False,
                table=((0, MILLION),), remarks=EVIL)  # fmt: skip
    path = tmp_path / "evil.xlsx"
    path.write_bytes(card_bytes([card], words(), "0000 0000", left_out=EVIL))
    sheet = openpyxl.load_workbook(path)["S"]
    for place, name in enumerate(EVIL, start=HEAD + 2):
        cell = sheet.cell(place, AT["indicator"] + 1)
        assert (cell.value, cell.data_type) == (name, "s" if cell.data_type == "s" else "f")
    xml = _part(path, "xl/worksheets/sheet2.xml")
    assert not [f for f in re.findall(r"<f>([^<]*)</f>", xml) if "cmd" in f or f == "1+1"]


def _part(path: Path, name: str) -> str:
    import zipfile

    return zipfile.ZipFile(path).read(name).decode("utf-8")


#: What is typed into a card of one row, and what the sheet then says: the code of the row.
TYPED: tuple[tuple[str, CardRow, dict[str, Any], str, float | None], ...] = (
    ("nothing", row(), {}, "blank", None),
    ("zero is a figure", row(), {"entry": 0}, "scored", 20.0),
    ("text", row(), {"entry": "约30"}, "not_a_number", None),
    ("a blank", row(), {"entry": " "}, "not_a_number", None),
    ("number as text", row(), {"entry": "30"}, "not_a_number", None),
    ("too small", row(), {"entry": -1}, "out_of_range", None),
    ("too large", row(), {"entry": 3600.000001}, "out_of_range", None),
    ("the largest", row(), {"entry": 3600}, "scored", 0.0),
    ("at the zero line", row(), {"entry": 42}, "scored", 12.0),
    ("beyond it", row(), {"entry": 42.01}, "scored", 0.0),
    ("the ratio itself", ratio(), {"entry": 0.385}, "scored", 28.875),
    ("its two parts", ratio(), {"numerator": 77, "denominator": 200}, "scored", 28.875),
    ("half a pair", ratio(), {"numerator": 77}, "half_pair", None),
    ("the other half", ratio(), {"denominator": 200}, "half_pair", None),
    ("both ways", ratio(), {"numerator": 1, "denominator": 2, "entry": 0.5}, "both", None),
    ("denominator 0", ratio(), {"numerator": 1, "denominator": 0}, "denominator", None),
    ("text in a pair", ratio(), {"numerator": "a", "denominator": 2}, "not_a_number", None),
    ("pair out of range", ratio(), {"numerator": 3, "denominator": 2}, "out_of_range", None),
    ("six decimals in a pair", ratio(), {"numerator": 0.123456, "denominator": 1}, "decimals",
     None),
    ("no standard", row(standard=None), {}, "no_standard", None),
    ("standard 0", row(standard=0), {}, "no_standard", None),
    ("no parameter", row(usable=False), {}, "no_parameter", None),
    ("too many digits", row(unit="CNY", standard=exact("123456789.123456"), high=10**15),
     {}, "too_large", None),
    ("a rating", row(judged=True), {"entry": 17.5}, "scored", 17.5),
    ("a rating above the weight", row(judged=True), {"entry": 20.5}, "out_of_range", None),
    ("no rating", row(judged=True), {}, "blank", None),
    ("on a limit", row(method="interval", bands=parse_bands("<=30:100%; <=45:80%; else:0%"),
                       standard=None), {"entry": 45}, "scored", 16.0),
)  # fmt: skip


@pytest.mark.office
@office
@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_typed_is_scored_or_told(tmp_path: Path, language: str) -> None:
    """Typed into the blank workbook as a person would, then computed by LibreOffice."""
    lines = (
        PayLine("performance", exact("1000"), False, scored=True),
        PayLine("commission_sales", None, True, rate=exact("0.005"), scored=True),
    )
    cards = [
        Card(title=name, about=("a",), sheet=f"S{n}", rows=(each,), table=((0, MILLION // 2),
             (exact("15"), MILLION)), lines=lines)
        for n, (name, each, *_) in enumerate(TYPED)
    ]  # fmt: skip
    path = tmp_path / "typed.xlsx"
    path.write_bytes(card_bytes(cards, words(language), "0000 0000"))
    book = openpyxl.load_workbook(path)
    for n, (_, _, typed, *_) in enumerate(TYPED):
        for column, value in typed.items():
            cell = book[f"S{n}"].cell(HEAD + 2, AT[column] + 1)
            assert not cell.protection.locked
            cell.value = value
        if n % 2:
            book[f"S{n}"].cell(HEAD + 2 + 5 + 1, AT["standard"] + 1).value = 100_000
    book.save(path)
    seen = Sheets(recalculated(path, tmp_path))
    for n, (name, each, _, code, score) in enumerate(TYPED):
        sheet, at = f"S{n}", HEAD + 1
        assert seen(sheet, at, AT["state"]) == words(language).text(f"cards.code.{code}"), name
        found = seen(sheet, at, AT["score"])
        assert found == ("" if score is None else score), name
        total = "" if score is None else 28.88 if score == 28.875 else score
        assert seen(sheet, at + 1, AT["score"]) == total, name
        coefficient = "" if score is None else (1.0 if score >= 15 else 0.5)
        assert seen(sheet, at + 2, AT["score"]) == coefficient, name
        own = "" if score is None else 1000 * float(coefficient)
        assert seen(sheet, at + 5, AT["score"]) == own, name
        earned = "" if score is None or n % 2 == 0 else 500 * float(coefficient)
        assert seen(sheet, at + 6, AT["score"]) == earned, name
        whole = "" if earned == "" else float(own) + float(earned)
        assert seen(sheet, at + 7, AT["score"]) == whole, name
        assert each.score is None


@pytest.mark.office
@office
def test_no_formula_errors_anywhere(tmp_path: Path) -> None:
    for people in (False, True):
        folder = tmp_path / str(people)
        folder.mkdir()
        path = write_cards(demo(), MONTH, folder / "book.xlsx", people=people)
        seen = Sheets(recalculated(path, folder))
        for name in seen.book.sheet_names:
            for line in seen.book.get_sheet_by_name(name).to_python(skip_empty_area=False):
                assert not [v for v in line if isinstance(v, str) and v.startswith("#")], name


def test_notes_say_the_rule_with_its_own_figures() -> None:
    zh, en = words("zh"), words("en")
    step = ratio(method="step", step_size=exact("0.01"), step_deduct=exact("0.1"))
    assert "达到 40% 得满分；每低 1 个百分点扣 3 分" in how_scored(step, zh)
    assert "each 1 percentage point below costs 3 (10% of the weight)" in how_scored(step, en)
    assert "高于 42 秒" in how_scored(row(), zh)
    assert "more than 42 seconds" in how_scored(row(), en)
    bands = row(method="interval", bands=parse_bands("<=30:100%; <=45:80%; else:0%"))
    assert "≤ 30 秒得 20 分、≤ 45 秒得 16 分，其余 0 分" in how_scored(bands, zh)
    assert "2026 年 4 月至 6 月" in how_scored(replace(row(), to_date="2026 年 4 月至 6 月"), zh)


def test_the_front_sheet_names_every_sheet_whole(books: Any) -> None:
    """Sheet names end after 31 characters: two posts must not look alike in the list."""
    client, posts, _ = books
    front = [str(line[0].value) for line in posts.worksheets[0].iter_rows() if line[0].value]
    operators = [name for name in front if words(client.language).name("post", "store_operator")
                 in name]  # fmt: skip
    named = "name" if client.language == "zh" else "name_en"
    wanted = set(client.table("channels")[named])
    assert len(operators) == len(set(operators)) >= 3
    assert all(any(channel in name for channel in wanted) for name in operators)


def test_a_post_whose_holders_have_plans_of_their_own_says_so(tmp_path: Path) -> None:
    """The post's plan is made the own plan of each of the four who hold the post."""
    client = demo()
    plans = client.table("pay_plans")
    of_post = (plans["subject_kind"] == "post") & (plans["subject_id"] == "presales_cs")
    held = client.table("assignments")
    people = held.loc[held["post"] == "presales_cs", "employee"].drop_duplicates()
    assert of_post.any() and len(people) >= 3
    own = [plans[of_post].assign(subject_kind="employee", subject_id=who) for who in people]
    changed = client.with_tables(pay_plans=pd.concat([plans[~of_post], *own]))
    book = openpyxl.load_workbook(write_cards(changed, MONTH, tmp_path / "posts.xlsx"))
    told = {
        sheet.title: [str(c.value) for line in sheet.iter_rows() for c in line if c.value]
        for sheet in cards_of(book)
    }
    said = "薪酬方案按人约定，金额见本人的评分表。"
    assert said in told["售前客服"]
    assert "没有生效的薪酬方案，金额不算。" not in told["售前客服"]
    others = [name for name, cells in told.items() if said in cells and name != "售前客服"]
    assert all(name.startswith(("渠道运营主管", "店铺运营专员")) for name in others), "as given"


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    (tmp_path / "practice.toml").write_text("", encoding="utf-8")
    shutil.copytree(ROOT / "client_data" / "qinghe", tmp_path / "client_data" / "qinghe")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ECPERF_HOME", raising=False)
    run = CliRunner().invoke
    done = run(main, ["cards", "qinghe", "--month", MONTH, "--post", "presales_cs"])
    assert done.exit_code == 0, done.output
    folder = tmp_path / "reports" / "qinghe" / "cards"
    assert [p.name for p in folder.rglob("*")] == [f"scorecards-{MONTH}.xlsx"]
    assert len(openpyxl.load_workbook(folder / f"scorecards-{MONTH}.xlsx").sheetnames) == 2
    done = run(main, ["cards", "qinghe", "--post", "presales_cs", "--people", "--lang", "en"])
    assert done.exit_code == 0, done.output
    assert list((folder / "restricted").glob("scorecards-people-*.xlsx"))
    for wrong in (["--month", "2026-Q2"], ["--month", "x"], ["--post", "nobody"]):
        assert run(main, ["cards", "qinghe", *wrong]).exit_code == 2
