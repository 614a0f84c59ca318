"""The page: self-contained, harmless, in one language, for its readers only."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import nbformat
import pytest
from outputs_sample import EVIL, client, library, report

from ecperf_kit.outputs import charts, clean, drawing, page, show, tables
from ecperf_kit.outputs.wording import Wording

PICTURES: list[tuple[str, str, dict[str, str]]] = [
    ("bins", "bins", {}),
    ("dumbbell", "pay_by_post", {"label": "post"}),
    ("bridge", "bridge", {}),
    ("heat", "lateness", {"row": "step", "column": "month", "value": "late"}),
    ("strips", "scores", {}),
    ("bars", "progress", {"label": "indicator", "value": "done"}),
    ("gantt", "calendar", {"label": "step", "start": "from", "end": "to", "note": "who"}),
    ("tree", "posts", {"label": "post", "parent": "above", "note": "people"}),
    ("stacked", "plan", {"part": "channel", "value": "amount"}),
]


@pytest.fixture(autouse=True)
def sample_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "_wording", lambda language: Wording(library(), language))


def output_cell(*shown: Any) -> Any:
    outputs = []
    for piece in shown:
        for part in piece.parts if isinstance(piece, show.ShownParts) else [piece]:
            data, metadata = part._repr_mimebundle_()
            outputs.append(nbformat.v4.new_output("display_data", data=data, metadata=metadata))
    return nbformat.v4.new_code_cell("secret_code()", outputs=outputs)


def markdown_cell(text: str, *tags: str) -> Any:
    cell = nbformat.v4.new_markdown_cell(text)
    cell.metadata["tags"] = list(tags)
    return cell


@cache
def notebook(language: str) -> Any:
    c, r = client(language), report()
    pictures = [show.chart(c, r, kind, table, **roles) for kind, table, roles in PICTURES]
    return nbformat.v4.new_notebook(
        cells=[
            output_cell(show.title(c, r), show.summary(c, r)),
            markdown_cell(f"## 证据\n\n**得分：**89分 {EVIL} [x](javascript:alert(1))", "zh"),
            markdown_cell("## Evidence", "en"),
            output_cell(*pictures, *(show.table(c, r, name) for name in r.tables)),
            markdown_cell("only for some", "restricted"),
            output_cell(show.data_findings(c), show.findings(c, r), show.provenance(c, r)),
        ]
    )


def rendered(language: str = "zh", public: bool = True, node: Any = None) -> str:
    return page.render(
        node or notebook(language),
        title=f'青禾 "{EVIL}"',
        language=language,
        public=public,
        scheme_hash="3f9c 21ab",
        generated="2026-10-08",
    )


@pytest.mark.parametrize("language", ["zh", "en"])
def test_page_is_one_small_file_that_asks_for_nothing(language: str) -> None:
    html = rendered(language)
    assert len(html.encode()) < 250_000
    assert not re.findall(r"(?:https?:)?//(?!www\.w3\.org/2000/svg)[\w.]+", html)
    assert not re.search(r"<(?:script|link|iframe|object|img)\b|\bon\w+\s*=\s*[\"']|@import", html)
    assert "default-src 'none'" in html
    assert f'<html lang="{page.LANGUAGES[language]}">' in html
    assert "secret_code" not in html
    assert html.count("<svg") == len(PICTURES)


def test_client_text_is_text(language: str = "zh") -> None:
    html = rendered(language, public=False)
    assert EVIL not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "javascript:" not in html.replace("(javascript:alert(1))", "")
    assert "<strong>得分：</strong>89分" in html


def test_languages_are_apart() -> None:
    zh, en = rendered("zh"), rendered("en")
    assert "证据</h2>" in zh and "Evidence</h2>" not in zh
    assert "Evidence</h2>" in en and "证据</h2>" not in en
    assert "−18.0%" in zh and "−18.0%" in en
    assert "建议：" in zh and "Advice: " in en


def test_open_page_leaves_persons_out_and_says_so() -> None:
    public, full = rendered(public=True), rendered(public=False)
    for closed in ("陈晓", "E002", "算得 83.20", "only for some"):
        assert closed not in public
        assert closed in full
    # the pay list, the list of persons' findings, and the tagged cell
    assert "3 项内容没有放进本页" in public
    assert "没有放进本页" not in full


def test_contents_link_to_ascii_ids() -> None:
    html = rendered()
    links = re.findall(r'<a href="#(\w+)">', html)
    assert links == [f"s{i + 1}" for i in range(len(links))] and len(links) == 3
    assert all(f'<h2 id="{at}">' in html for at in links)


def test_foot_of_paper() -> None:
    style = rendered().split("<style>")[1].split("</style>")[0]
    assert "方案 3f9c 21ab" in style and "counter(pages)" in style and "size: A4" in style
    assert "<" not in style  # a title cannot leave the style sheet
    assert page._css_text('"\\\n') == "\\22 \\5c \\a "


def test_planted_scripts_are_inert() -> None:
    planted = {
        "text/html": '<b onclick="x()">b</b><script>x()</script><img src=x onerror=x()>'
        '<a href="https://example.org">l</a><iframe src="//example.org"></iframe>'
        '<style>@import "//example.org"</style><svg onload="x()"><script>x()</script>'
        '<a href="javascript:x()"><text>t</text></a><g fill="url(http://example.org)"/></svg>'
    }
    svg = {"image/svg+xml": '<svg xmlns="http://www.w3.org/2000/svg"><foreignObject/><g/></svg>'}
    cell = nbformat.v4.new_code_cell(
        outputs=[nbformat.v4.new_output("display_data", data=d) for d in (planted, svg)]
    )
    html = rendered(node=nbformat.v4.new_notebook(cells=[cell])).split("<main>")[1]
    for word in ("script", "onclick", "onerror", "onload", "example", "iframe", "foreign"):
        assert word not in html.replace("&lt;script", "").replace("&lt;/script", "")


def test_broken_svg_is_dropped() -> None:
    assert clean.svg("<svg><g></svg>") == ""
    assert clean.html("<p>a</p><svg><g></svg><p>b</p>") == "<p>a</p><p>b</p>"


def test_failed_cell_is_said() -> None:
    fault = nbformat.v4.new_output("error", ename="KeyError", evalue="<b>", traceback=[])
    node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[fault])])
    assert "KeyError: &lt;b&gt;" in rendered(node=node)


@pytest.mark.parametrize(("kind", "table", "roles"), PICTURES)
def test_pictures_speak_for_themselves(kind: str, table: str, roles: dict[str, str]) -> None:
    shown = show.chart(client(), report(), kind, table, **roles)
    assert shown.html.startswith('<figure><svg role="img" aria-label="')
    assert "数据来源：" in shown.html
    ids = re.findall(r'\bid="([^"]+)"', shown.html)
    again = show.chart(client(), report(), kind, table, **roles).html
    assert not set(ids) & set(re.findall(r'\bid="([^"]+)"', again))


def svg_texts(kind: str, table: str, **roles: str) -> list[str]:
    html = show.chart(client(), report(), kind, table, **roles).html
    return re.findall(r"<text[^>]*>([^<]*)</text>", html)


def test_pictures_show_the_exact_figures() -> None:
    texts = svg_texts("bridge", "bridge")
    assert {"412.00", "−38.00", "345.00", "非真实订单"} <= set(texts)
    assert {"−18.0%", "+3.6%", "售前客服"} <= set(
        svg_texts("dumbbell", "pay_by_post", label="post")
    )
    assert "–" in svg_texts("heat", "lateness", row="step", column="month", value="late")


def test_bridge_starts_where_the_last_step_ended() -> None:
    found = report().tables["bridge"]
    words = Wording(library(), "zh", client())
    columns = {c.name: c for c in found.declaration.columns}
    data, heads = charts.prepared(charts.KINDS["bridge"], found.frame, columns, {}, words)
    spec = charts.pictures.bridge(data, heads, words)
    drawn = spec["data"]["values"]
    # 412 - 38 = 374, - 21 = 353, - 8 = 345
    assert [(round(r["low"]), round(r["high"])) for r in drawn] == [
        (0, 412), (412, 374), (374, 353), (353, 345), (0, 345),
    ]  # fmt: skip


def test_rows_without_a_value_are_counted_not_hidden() -> None:
    html = show.chart(client(), report(), "dumbbell", "pay_by_post", label="post").html
    assert "另有 1 行没有画出" in html


def test_a_circle_of_superiors_is_drawn_once() -> None:
    import pandas as pd

    from ecperf_kit.outputs.tree import tree

    data = pd.DataFrame({"id": list("abc"), "parent": ["b", "a", ""], "label": ["甲", "乙", "丙"]})
    svg = tree(data, {}, Wording(library(), "zh"))
    assert [svg.count(f">{name}<") for name in "甲乙丙"] == [1, 1, 1]


def test_unknown_part_or_column_is_an_error() -> None:
    with pytest.raises(KeyError, match="height"):
        show.chart(client(), report(), "bins", "bins", height="count")
    with pytest.raises(KeyError, match="nowhere"):
        show.chart(client(), report(), "bins", "bins", label="nowhere")


def test_long_tables_say_how_many_rows_there_are() -> None:
    html = show.table(client(), report(), "pay_list").html
    assert html.count("<tr>") == 1 + tables.ROWS
    assert "共 18 行，这里列出前 15 行" in html


def test_numbers_of_a_column_share_their_decimals() -> None:
    html = show.table(client(), report(), "progress").html
    assert re.findall(r'class="num">([^<]*)<', html) == [
        "345,000.00 元", "380,000.00 元", "90.8%", "0.90",
        "40.5%", "45.0%", "90.0%", "1.00", "38.5 秒", "–", "–", "0.85",
    ]  # fmt: skip


def test_shown_pieces_carry_their_audience() -> None:
    c, r = client(), report()
    _, metadata = show.table(c, r, "pay_list")._repr_mimebundle_()
    assert metadata == {"ecperf": {"audience": "person"}}
    both = show.beside(show.chart(c, r, "bins", "bins"), show.table(c, r, "pay_list"))
    assert both.audience == "person"


def test_files_are_named_within_their_folder(tmp_path: Any) -> None:
    (tmp_path / "tables").mkdir()
    paths = [tmp_path / "pilot.xlsx", tmp_path / "tables" / "x.csv"]
    for path in paths:
        path.write_bytes(b"1" * 2000)
    html = show.files(paths, client()).html
    assert ">tables/x.csv<" in html and str(tmp_path) not in html


def test_shipped_font_can_draw_every_text() -> None:
    from ecperf_kit.library.loader import FOLDER

    for path in sorted((FOLDER / "texts").rglob("*.toml")):
        missing = drawing.rare(path.read_text("utf-8"))
        assert not missing, f"{path.name}: {missing}"
    assert drawing.rare("陈𬭚") == "𬭚"


def test_list_of_characters_is_that_of_the_font() -> None:
    fonttools = pytest.importorskip("fontTools.ttLib")
    font = fonttools.TTFont(drawing.FONT_FILE)
    assert {c for c in font.getBestCmap() if chr(c) not in "\r\n"} == drawing.covered()
    assert font["name"].getDebugName(1) == "Ecperf Sans SC"
    assert (drawing.FONT_FOLDER / "OFL.txt").read_text("utf-8").count("SIL OPEN FONT LICENSE") == 1


def _brightness(colour: str) -> float:
    """Relative luminance as web accessibility guidelines define it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_words_on_every_shade_of_a_heat_map_can_be_read() -> None:
    import pandas as pd

    # 100 is the most: four shades begin at 0, 25, 50 and 75 per cent of it
    values = [0.0, 24.9, 25.0, 50.0, 74.9, 75.0, 100.0]
    data = pd.DataFrame({
        "row": "a", "column": list("abcdefg"), "value": values, "value_text": "x",
    })  # fmt: skip
    spec = charts.pictures.heat(data, {}, Wording(library(), "zh"))
    drawn = spec["data"]["values"]
    assert [drawing.HEAT.index(r["colour"]) for r in drawn] == [0, 0, 1, 2, 2, 3, 3]
    for row in drawn:
        light, dark = sorted((_brightness(row["colour"]), _brightness(row["ink"])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, row["colour"]


def test_rare_names_have_room_beside_a_chart() -> None:
    # Latin letters are 0.58 wide, characters the font lacks 1.0, whatever their number
    assert drawing.text_width("陈𬭚", 10) == 20
    assert drawing.text_width("ab", 10) == pytest.approx(11.6)
    assert drawing.axis_room(["张三"]) == 0
    assert drawing.axis_room(["张三", "陈𬭚李四五"]) == 60


def test_long_labels_break_instead_of_being_cut() -> None:
    from ecperf_kit.outputs.pictures import _broken

    # 12 px letters of 0.58: 108 px hold 15 of them
    assert _broken("Coupons and platform fees", 108) == "Coupons and\nplatform fees"
    assert _broken("优惠券与平台费用", 60) == "优惠券与平\n台费用"


def test_no_money_no_line() -> None:
    from dataclasses import replace

    c, r = client(), report()
    bare = replace(r, verdicts=tuple(replace(v, money=None) for v in r.verdicts))
    assert ">金额<" in show.summary(c, r).html
    assert ">金额<" not in show.summary(c, bare).html


def test_restricted_files_are_only_counted(tmp_path: Any) -> None:
    paths = [tmp_path / "pilot.xlsx", tmp_path / "restricted" / "pay_list.csv"]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"1")
    html = show.files(paths, client()).html
    assert "pilot.xlsx" in html and "pay_list" not in html and "另有 1 个" in html


def test_tables_of_paragraphs_become_blocks() -> None:
    heads = (tables.Head("姓名"), tables.Head("总分", numeric=True), *map(tables.Head, "甲乙丙"))
    table = tables.Printed(heads, (("张三", "85.00", *("长" * 40,) * 3),))
    html = tables.render(table)
    assert "<table" not in html and "<h4>张三 · 总分 85.00</h4>" in html
    assert "<dt>乙</dt>" in html


def test_wide_tables_leave_out_columns_without_content() -> None:
    heads = tuple(tables.Head(str(i)) for i in range(10))
    table = tables.Printed(heads, (("–", "a") * 5, ("–", "–") * 5))
    kept, left_out = tables.without_missing_columns(table)
    assert left_out == ("0", "2", "4", "6", "8") and kept.rows[0] == ("a",) * 5
    narrow = tables.Printed(heads[:9], (("–",) * 9,))
    assert tables.without_missing_columns(narrow) == (narrow, ())
    figures = (tables.Head("a"), tables.Head("b", numeric=True), tables.Head("c"))
    withheld = tables.Printed(figures, (("x", "–", "–"), ("y", "–", "–")))
    assert tables.without_missing_columns(withheld) == (
        tables.Printed((figures[0], figures[2]), (("x", "–"), ("y", "–"))),
        ("b",),
    )


def test_units_in_headings_stay_whole() -> None:
    table = tables.Printed((tables.Head("改后结果（试算）"), tables.Head("<b> (CNY)")), ())
    html = tables.render(table)
    assert '改后结果<span class="unit">（试算）</span>' in html
    assert '&lt;b&gt; <span class="unit">(CNY)</span>' in html
