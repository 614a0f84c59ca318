"""Numbers, dates, names and texts as they are printed."""

from __future__ import annotations

import datetime as dt
import string
import tomllib

import pandas as pd
import pytest
from outputs_sample import client, library

from ecperf_kit.exact import exact
from ecperf_kit.finding import Finding
from ecperf_kit.library.loader import FOLDER
from ecperf_kit.outputs import formats
from ecperf_kit.outputs.wording import SPECS, Wording, WordingError
from ecperf_kit.stages.result import Sentence


def words(language: str = "zh", **texts: str) -> Wording:
    """The sample's words and a few texts of this test."""
    found = Wording(library(), language, client(language))
    found.texts = {**found.texts, **{f"x.{k}": v for k, v in texts.items()}}
    return found


@pytest.mark.parametrize(
    ("stored", "spec", "zh", "en"),
    [
        ("1234.5", "yuan", "1,234.50", "1,234.50"),
        # 0.005 is half a fen and rounds away from zero
        ("0.005", "yuan", "0.01", "0.01"),
        ("-0.005", "yuan", "−0.01", "−0.01"),
        # rounds to nothing: no minus before a zero
        ("-0.004", "yuan", "0.00", "0.00"),
        ("4120000", "wan", "412.00 万元", "CNY 4,120,000.00"),
        # 1,234,550 / 10,000 = 123.455, half-up 123.46
        ("-1234550", "wan", "−123.46 万元", "−CNY 1,234,550.00"),
        ("0.385", "percent", "38.5%", "38.5%"),
        ("0.0055", "percent2", "0.55%", "0.55%"),
        ("-0.18", "signed_percent", "−18.0%", "−18.0%"),
        ("0.036", "signed_percent", "+3.6%", "+3.6%"),
        ("0", "signed_percent", "0.0%", "0.0%"),
        ("0.09", "points", "9.0", "9.0"),
        ("79.385", "score", "79.39", "79.39"),
        ("1", "coefficient", "1.0", "1.0"),
        ("0.85", "coefficient", "0.85", "0.85"),
        ("1234.50", "number", "1,234.5", "1,234.5"),
        ("13.25", "days", "13.3", "13.3"),
    ],
)
def test_numbers_in_sentences(stored: str, spec: str, zh: str, en: str) -> None:
    for language, expected in (("zh", zh), ("en", en)):
        said = words(language, t=f"[{{v:{spec}}}]").text("x.t", v=exact(stored))
        assert said == f"[{expected}]"


def test_dates_months_periods() -> None:
    zh, en = words(), words("en")
    assert zh.form("2026-06", "month") == "2026 年 6 月"
    assert en.form("2026-06", "month") == "June 2026"
    assert zh.form(dt.date(2026, 10, 8), "date") == "2026 年 10 月 8 日"
    assert en.form(pd.Timestamp("2026-10-08"), "date") == "8 October 2026"
    assert zh.form("2026-04..2026-09", "period") == "2026 年 4 月至 9 月"
    assert en.form("2026-04..2026-09", "period") == "April to September 2026"
    assert zh.form("2025-11..2026-02", "period") == "2025 年 11 月至 2026 年 2 月"
    assert en.form("2026-Q2", "period") == "Q2 2026"
    assert zh.form("2026", "period") == "2026 年"
    assert zh.form("not a period", "period") == "not a period"


def test_names_and_lists() -> None:
    zh, en = words(), words("en")
    assert zh.form("presales_cs", "post") == "售前客服"
    assert en.form("net_sales", "indicator") == "Net sales"
    assert zh.form("E001", "employee") == "陈晓"
    assert zh.form("pay_gap.individual_red", "threshold") == "个人收入降幅（红）"
    assert zh.form("E999", "employee") == "E999"  # a finding speaks of an unknown id
    assert zh.form(["presales_cs", "cs_head"], "list post") == "售前客服、客服主管"
    assert en.form(["A", "B", "C"], "list") == "A, B and C"
    assert zh.subject("post_channel:store_operator@tmall") == "店铺运营 · 天猫"
    assert zh.subject("table:actuals") == "实际值"
    assert en.subject("client:sample") == "Qinghe Home"


def test_missing_values_are_dashes_and_never_nought() -> None:
    zh = words()
    for value in (None, pd.NA, float("nan"), pd.NaT):
        assert zh.form(value, "yuan") == "–"
        assert zh.cell(value, "money") == "–"


def test_measured_figures_carry_their_unit() -> None:
    zh, en = words(), words("en")
    assert zh.form((exact("0.4"), "ratio"), "measured") == "40.0%"
    assert zh.form((exact("3000000"), "CNY"), "measured") == "3,000,000.00 元"
    assert en.form((exact("-12.5"), "CNY"), "measured") == "−CNY 12.50"
    assert en.form((exact("48"), "seconds"), "measured") == "48 seconds"


def test_what_is_missing_is_an_error_that_names_the_text() -> None:
    zh = words(need="{amount:yuan}", odd="{amount:furlongs}", bad="{amount:yuan}")
    with pytest.raises(WordingError, match=r"x\.nowhere"):
        zh.text("x.nowhere")
    with pytest.raises(WordingError, match=r"x\.need.*amount"):
        zh.text("x.need")
    with pytest.raises(WordingError, match=r"x\.odd.*furlongs"):
        zh.text("x.odd", amount=1)
    with pytest.raises(WordingError, match=r"x\.bad"):
        zh.text("x.bad", amount="a lot")


def test_client_text_is_never_read_as_a_template() -> None:
    zh = words(t="“{found}”")
    assert zh.text("x.t", found="{secret:yuan} {0}") == "“{secret:yuan} {0}”"


def test_a_sentence_can_stand_in_a_sentence() -> None:
    zh = words(outer="因为{why}。", inner="差 {short:percent}")
    said = zh.text("x.outer", why=Sentence("x.inner", {"short": exact("0.15")}))
    assert said == "因为差 15.0%。"


def test_findings_in_both_languages() -> None:
    finding = Finding("P901", "employee:E002", {"given": exact("98"), "computed": exact("83.2")})
    assert words().finding(finding).evidence == "给分 98.00，算得 83.20"
    assert words("en").finding(finding).title == "Score against data"


def test_common_phrases_are_the_same_in_both_languages() -> None:
    def keys(language: str) -> set[str]:
        path = FOLDER / "texts" / language / "common.toml"
        found = tomllib.loads(path.read_text("utf-8"))
        flat: set[str] = set()

        def walk(node: dict[str, object], prefix: str) -> None:
            for key, value in node.items():
                if isinstance(value, dict):
                    walk(value, f"{prefix}{key}.")
                else:
                    flat.add(prefix + key)

        walk(found, "")
        return flat

    assert keys("zh") == keys("en")


def test_decimals_are_counted_exactly() -> None:
    # 0.123456 needs six, 38.5 one, 40 none
    assert [formats.decimals(exact(t)) for t in ("0.123456", "38.5", "40", "0")] == [6, 1, 0, 0]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_shipped_text_uses_known_specs(language: str) -> None:
    from ecperf_kit.library import load_library

    wrong = [
        f"{key}: {spec}"
        for key, text in load_library().texts(language).items()
        for _, name, spec, _ in string.Formatter().parse(text)
        if name is not None and not set(_kinds(spec or "")) <= SPECS
    ]
    assert not wrong


def _kinds(spec: str) -> list[str]:
    """``plural`` is followed by its words, other specs by one more spec at most."""
    return ["plural"] if spec.startswith("plural ") and "/" in spec else spec.split(" ")


def test_every_spec_is_implemented() -> None:
    zh = words()
    samples = {
        "month": "2026-06", "period": "2026", "date": "2026-06-01", "list": ["a"],
        "measured": (1, "ratio"), "subject": "post:cs_head", "label": "x", "role": "x",
        "choice": "x", "any": ["a"], "cell": ("a.csv", 2, "x"),
    }  # fmt: skip
    zh.texts = {**zh.texts, "label.x": "x"}
    for spec in SPECS:
        assert zh.form(samples.get(spec, 1), spec)


def test_chinese_words_stand_apart_from_figures() -> None:
    zh = words()
    zh.texts = {
        **zh.texts,
        "x.y": "试考从{m:month}到{n:month}，{a}{n:month}{p:percent}的{b}（{n}）",
    }
    said = zh.text("x.y", m="2026-04", n="2026-09", a="天猫店", p=92_000, b="店铺DSR评分")
    # the name of an indicator stays as it is written
    months, rest = said.split("，")
    assert months == "试考从 2026 年 4 月到 2026 年 9 月"
    assert rest == "天猫店 2026 年 9 月 9.2% 的店铺DSR评分（2026-09）"
    en = words("en")
    en.texts = {**en.texts, "x.y": "{a}{b:count}"}
    assert en.text("x.y", a="row", b=3) == "row3"


def test_one_person_and_two_people() -> None:
    en = words("en")
    assert en.form(1, "plural person/people") == "1 person"
    assert en.form(1200, "plural person/people") == "1,200 people"
    assert en.form(["a", "b", "c"], "any") == "a, b or c"
    assert en.counted_unit("1", "integer", "persons") == "person"
    assert en.counted_unit("40", "integer", "persons") == "people"
    assert words().counted_unit("1", "integer", "persons") == "人"


def test_own_scorecards_are_named_by_their_post() -> None:
    assert words().subject("own_card:cs_head") == "客服主管（个人考核表）"
    assert words().subject("one_of:cs_head") == "客服主管（其中一人）"
    assert words("en").subject("own_card:cs_head#2").endswith("(own scorecard 2)")
