"""The library: complete, consistent, and strict about a broken copy of itself."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

import ecperf_kit
from ecperf_kit.library import Library, LibraryError, load_library

PACKAGE = Path(ecperf_kit.__file__).parent
POINT = 1_000_000


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


# -- what must be in it ------------------------------------------------------
def test_counts(library: Library) -> None:
    assert len(library.indicators) == 131
    assert library.posts["count_group"].value_counts().to_dict() == {
        "typical_24": 24,
        "v4_nine": 9,
        "extra": 2,
    }
    assert set(library.scorecards["post"]) == set(library.posts.index)


def test_scorecards_are_sound(library: Library) -> None:
    for post, rows in library.scorecards.groupby("post"):
        core = rows.loc[rows["role"] == "core", "weight"]
        process = rows.loc[rows["role"] == "process", "weight"]
        assert rows["weight"].sum() == 100 * POINT, post
        assert 3 <= len(core) <= 5, post
        assert 1 <= len(process) <= 3, post
        assert core.sum() >= 70 * POINT, post
        assert process.max() <= core.min(), post  # results weigh more than process


def test_every_scorecard_row_serves_a_duty_that_names_it(library: Library) -> None:
    duties = library.duties.set_index("duty")
    for row in library.scorecards.to_dict("records"):
        duty = duties.loc[row["duty"]]
        assert duty["post"] == row["post"]
        assert row["indicator"] in str(duty["indicators"]).split(";"), row


def test_duties_and_limits_per_post(library: Library) -> None:
    table = library.duties.groupby(["post", "kind"]).size().unstack()
    assert table["duty"].between(3, 5).all()
    assert table["authority"].between(1, 3).all()
    assert len(table) == 35


#: base : performance, in percent, of the posts that leave their category's default.
_OWN_MIX = {
    "channel_ops_manager": 50,
    "live_anchor": 60,
    "cs_supervisor": 70,
    "warehouse_supervisor": 70,
    "design_supervisor": 70,
    "promo_supervisor": 70,
    "purchasing_supervisor": 70,
    "inventory_keeper": 80,
    "order_reviewer": 80,
    "ops_assistant": 80,
    "purchasing_specialist": 80,
    "data_analyst": 80,
}
_CATEGORY_MIX = {"A_management": 60, "B_sales": 50, "C_support": 70, "D_functional": 80}


def test_pay_mix_of_the_35_posts(library: Library) -> None:
    for post, row in library.posts.iterrows():
        base = _OWN_MIX.get(str(post), _CATEGORY_MIX[row["category"]])
        assert row["base_share"] == base * POINT // 100, post
        assert row["performance_share"] == (100 - base) * POINT // 100, post
    defaults = library.pay_mix["base_share"].to_dict()
    assert defaults == {name: base * POINT // 100 for name, base in _CATEGORY_MIX.items()}


def test_no_scorecard_of_a_channel_head_uses_a_banned_indicator(library: Library) -> None:
    banned = set(library.bans.loc[library.bans["tag"] == "channel_head", "indicator"])
    assert banned == {"store_conversion", "traffic_uv", "ctr", "ppc", "promo_roi"}
    heads = library.posts.index[library.posts["channel_head"]]
    assert len(heads) == 6
    used = library.scorecards.loc[library.scorecards["post"].isin(heads), "indicator"]
    assert not banned & set(used)


def test_no_scorecard_counts_the_same_data_twice(library: Library) -> None:
    assert frozenset({"ship_accuracy", "mis_ship_rate"}) in library.exclusive
    for post, rows in library.scorecards.groupby("post"):
        for group in library.exclusive:
            assert len(group & set(rows["indicator"])) <= 1, post


def test_commission_posts_with_price_authority_carry_a_margin_or_expense(
    library: Library,
) -> None:
    guards = set(library.thresholds["commission.guard_indicators"].value)  # type: ignore[arg-type]
    posts = library.posts[library.posts["sets_price_or_promotion"]]
    sells = posts[posts["pay_structures"].str.contains("commission_sales")]
    assert len(sells) >= 3
    for post in sells.index:
        own = library.scorecards.loc[library.scorecards["post"] == post, "indicator"]
        assert guards & set(own), post


def test_coefficient_tables(library: Library) -> None:
    tables = library.coefficient_tables
    first = tables[tables["coefficient_table"] == "T1"]
    assert list(first["at_least"]) == [x * POINT for x in (0, 60, 70, 80, 90, 95)]
    assert list(first["coefficient"]) == [
        500_000,
        700_000,
        900_000,
        1_000_000,
        1_100_000,
        1_200_000,
    ]
    assert tables.groupby("coefficient_table")["offered"].first().to_dict() == {
        "T1": True,
        "T2": True,
        "T3": False,
        "T4": True,
    }
    for _, rows in tables.groupby("coefficient_table"):
        assert all(low < high for low, high in pairwise(rows["at_least"]))


def test_seasonality(library: Library) -> None:
    shares = library.seasonality.set_index(["profile", "month"])["share"]
    assert shares["home_textiles", 11] == 200_000  # a fifth of the year in November
    assert shares["snacks", 1] == 120_000
    assert (shares.groupby("profile").sum() == POINT).all()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pay_gap.fall_red", 150_000),
        ("scorecard.total", 100_000_000),
        ("scorecard.core_max", 5_000_000),
        ("conversion.steps", (30_000, 20_000, 30_000)),
        ("pilot.months.partly", 4_000_000),
        ("coefficient.table", "T1"),
    ],
)
def test_thresholds_are_stored_integers_words_or_tuples(
    library: Library, name: str, value: object
) -> None:
    assert library.thresholds[name].value == value


def test_an_override_is_read_in_the_unit_of_its_threshold(library: Library) -> None:
    assert library.thresholds["reserve.share"].read("0.25") == 250_000
    assert library.thresholds["exam.questions_min"].read(30) == 30_000_000
    assert library.thresholds["conversion.steps"].read(["0.02", "0.02"]) == (20_000, 20_000)
    for wrong in ("25%", 0.25, True, ["0.25"], ""):
        with pytest.raises(ValueError):
            library.thresholds["reserve.share"].read(wrong)


def test_thresholds_name_real_indicators_and_posts(library: Library) -> None:
    known = {
        "standard.plan_measures": library.indicators.index,
        "weights.swap_indicators": library.indicators.index,
        "data_truth.jump_indicators": library.indicators.index,
        "commission.guard_indicators": library.indicators.index,
        "pilot.department_posts": library.posts.index,
        "coefficient.over_gate_categories": library.pay_mix.index,
    }
    for name, ids in known.items():
        value = library.thresholds[name].value
        assert isinstance(value, tuple)
        assert set(value) <= set(ids), name


def test_percent_typed_for_a_fraction_is_outside_the_plausible_range(library: Library) -> None:
    rates = library.indicators[library.indicators["unit"] == "ratio"]
    assert (rates["plausible_max"] < 38_500_000).all()  # 38.5 where 0.385 is meant
    typical = library.indicators.dropna(subset=["typical_value"])
    inside = typical["typical_value"].between(typical["plausible_min"], typical["plausible_max"])
    assert inside.all(), typical.index[~inside]


# -- texts -------------------------------------------------------------------
def test_both_languages_say_the_same_things(library: Library) -> None:
    assert library.missing_texts() == []


_INDICATOR_WORDS = (
    "unit",
    "direction",
    "nature",
    "aggregation",
    "data_source",
    "method",
    "standard_basis",
    "cycle",
    "goal",
)


def _words(library: Library) -> set[str]:
    words: set[str] = set()
    for column in ("category", "level", "cycle", "sees_costs"):
        words |= set(library.posts[column])
    for column in [
        "unit",
        "direction",
        "nature",
        "aggregation",
        "data_source",
        "method",
        "standard_basis",
        "cycle",
        "goal",
    ]:
        words |= set(library.indicators[column])
    words |= {part for text in library.posts["pay_structures"] for part in text.split(";")}
    words |= set(library.scorecards["role"]) | set(library.duties["kind"])
    words |= set(library.responsibilities["role"]) | set(library.stages.index)
    words |= {part for text in library.responsibilities["positions"] for part in text.split(";")}
    declared = pd.read_csv(PACKAGE / "intake" / "tables.csv", dtype=str, encoding="utf-8")
    return words | {part for text in declared["choices"].dropna() for part in text.split("|")}


def test_every_enumerated_value_has_a_label(library: Library) -> None:
    texts = library.texts("zh")
    assert [word for word in sorted(_words(library)) if f"label.{word}" not in texts] == []


def test_chinese_is_chinese_and_english_is_english(library: Library) -> None:
    chinese = re.compile(r"[一-鿿]")
    frames = (library.indicators, library.posts, library.duties, library.stages)
    for frame in (*frames, library.responsibilities, library.bans):
        for column in frame.columns:
            if column.endswith("_zh"):
                assert frame[column].str.contains(chinese).all(), column
            if column.endswith("_en"):
                assert not frame[column].str.contains(chinese).any(), column


_WORKING_ID = re.compile(r"\b(S0|S3|W\d\d|M-\d|N-\d|G-\d+)\b|https?://|www\.")


def test_no_working_ids_and_no_links_in_the_package_data() -> None:
    kinds = {".csv", ".toml"}
    for path in PACKAGE.rglob("*"):
        if path.suffix in kinds:
            found = _WORKING_ID.search(path.read_text(encoding="utf-8"))
            assert found is None, f"{path}: {found and found.group()}"


# -- broken copies -----------------------------------------------------------
@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "library"
    shutil.copytree(PACKAGE / "library", folder, ignore=shutil.ignore_patterns("*.py", "__py*"))
    return folder


def _row_of(path: Path, text: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


def _replace(file: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, old
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def _append(file: str, line: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        with (folder / file).open("a", encoding="utf-8") as lines:
            lines.write(line + "\n")

    return change


_BROKEN: dict[str, tuple[Callable[[Path], None], str]] = {
    "unknown column": (
        _replace("posts.csv", "name_zh,", "name_zh,colour,"),
        r"posts\.csv, row 1: unknown column 'colour'",
    ),
    "missing column": (
        _replace("scorecards.csv", ",duty,", ",job,"),
        r"scorecards\.csv, row 1: unknown column 'job'",
    ),
    "missing value": (
        _replace("pay_mix.csv", "B_sales,0.5,", "B_sales,,"),
        r"pay_mix\.csv, row 3, column base_share: the value is missing",
    ),
    "duplicate key": (
        _append(
            "pay_mix.csv", "B_sales,0.5,0.5,assessment article; practice; judgement,2016-01-01"
        ),
        r"pay_mix\.csv, row 6: B_sales stands already in row 3",
    ),
    "unknown indicator": (
        _replace("bans.csv", "traffic_uv", "trafic_uv"),
        r"bans\.csv, row 3: indicator 'trafic_uv' is unknown",
    ),
    "unknown superior": (
        _replace("posts.csv", ",month,cs_supervisor,", ",month,cs_chief,"),
        r"posts\.csv, row \d+: reports_to 'cs_chief' is unknown",
    ),
    "duty of another post": (
        _replace("scorecards.csv", "ecommerce_director.1", "cashier.1"),
        r"scorecards\.csv, row 2: duty 'cashier\.1' belongs to another post",
    ),
    "unknown duty": (
        _replace("scorecards.csv", "ecommerce_director.1", "ecommerce_director.9"),
        r"scorecards\.csv, row 2: duty 'ecommerce_director\.9' is unknown",
    ),
    "weights not 100": (
        _replace("scorecards.csv", "net_sales,core,35,", "net_sales,core,55,"),
        r"scorecards\.csv, row 7: the weights of ecommerce_director .* add up to 120",
    ),
    "overlapping bands": (
        _replace("indicators.csv", "<=45:80%", "<=30:80%"),
        r"indicators\.csv, row \d+, column bands: .*bands overlap",
    ),
    "bands against the direction": (
        _replace("indicators.csv", "<=0.05:100%; <=0.1:50%", ">=0.1:100%; >=0.05:50%"),
        r"indicators\.csv, row \d+: bands against the direction",
    ),
    "parameter of another method": (
        _replace("indicators.csv", ",percentage,1,0.6,,", ",percentage,1,0.6,0.1,"),
        r"indicators\.csv, row 2: step_size with method percentage: leave it blank",
    ),
    "not a number": (
        _replace("pay_mix.csv", "0.5,0.5", "50%,0.5"),
        r"pay_mix\.csv, row 3, column base_share: '50%' is not a number",
    ),
    "shares not 1": (
        _replace("pay_mix.csv", "0.5,0.5", "0.5,0.4"),
        r"pay_mix\.csv, row 3: base_share \+ performance_share must be 1",
    ),
    "season not 1": (
        _replace("seasonality.csv", "snacks,12,0.1", "snacks,12,0.2"),
        r"seasonality\.csv, row 25: the shares of snacks must add up to 1",
    ),
    "unknown origin": (
        _replace("pay_mix.csv", "assessment article; practice", "hearsay; practice"),
        r"pay_mix\.csv, row 2, column origin: .* is not an origin",
    ),
    "coefficients not rising": (
        _replace("coefficients.toml", '["70", "0.9"]', '["70", "0.7"]'),
        r"coefficients\.toml, row \d+, T1: bands must rise strictly",
    ),
    "unknown coefficient key": (
        _replace("coefficients.toml", "offered = true", "ofered = true"),
        r"coefficients\.toml, row \d+, T1: unknown key 'ofered'",
    ),
    "unknown threshold key": (
        _replace("thresholds.toml", 'unit = "persons"', 'units = "persons"'),
        r"thresholds\.toml, row \d+, team\.min_people: unknown key 'units'",
    ),
    "threshold without value": (
        _replace("thresholds.toml", 'value = "5"\n', ""),
        r"thresholds\.toml, row \d+, team\.min_people: value is missing",
    ),
    "threshold as a float": (
        _replace("thresholds.toml", 'value = "5"\n', "value = 0.5\n"),
        r"thresholds\.toml, row \d+, team\.min_people: 0\.5: write the number in quotes",
    ),
    "broken toml": (
        _replace("thresholds.toml", 'value = "5"\n', 'value = "5\n'),
        r"thresholds\.toml: .*line",
    ),
    "unknown severity": (
        _append("findings/zz.csv", "code,name,severity,stage,blocks,clause\nZ101,x,bad,data,row,"),
        r"zz\.csv, row 2, column severity: 'bad': write one of error, warning, note",
    ),
    "code twice": (
        _append(
            "findings/zz.csv",
            "code,name,severity,stage,blocks,clause\nZ101,x,error,data,row,\nZ101,y,error,data,row,",
        ),
        r"zz\.csv, row 3: Z101 stands already in row 2",
    ),
    "empty file": (
        lambda folder: (folder / "bans.csv").write_text("", encoding="utf-8") and None,
        r"bans\.csv, row 1: column 'tag' must stand there once",
    ),
    "missing file": (lambda folder: (folder / "bans.csv").unlink(), r"bans\.csv: the file is mis"),
}


def test_an_unchanged_copy_loads(copy: Path, library: Library) -> None:
    assert load_library(copy).indicators.equals(library.indicators)


@pytest.mark.parametrize("fault", _BROKEN)
def test_a_broken_copy_names_file_and_row(copy: Path, fault: str) -> None:
    change, says = _BROKEN[fault]
    change(copy)
    with pytest.raises(LibraryError, match=says):
        load_library(copy)


def test_a_text_given_twice_is_refused(copy: Path) -> None:
    _append("texts/zh/more.toml", '[label]\ncore = "主要"')(copy)
    with pytest.raises(LibraryError, match=r"zh/more\.toml: label\.core stands already in"):
        load_library(copy).texts("zh")


def test_a_text_missing_in_one_language_is_listed(copy: Path) -> None:
    _append("texts/zh/more.toml", '[extra_area]\nhello = "你好"')(copy)
    assert "en: extra_area.hello" in load_library(copy).missing_texts()


def test_a_code_without_texts_is_listed(copy: Path) -> None:
    _append("findings/zz.csv", "code,name,severity,stage,blocks,clause\nZ101,x,error,data,row,")(
        copy
    )
    assert "zh: finding.Z101.remedy" in load_library(copy).missing_texts()


def test_every_post_reports_up_to_the_enterprise_head(library: Library) -> None:
    above = library.posts["reports_to"].to_dict()
    for post in above:
        chain = [post]
        while chain[-1] != "enterprise_head":
            chain.append(above[chain[-1]])
            assert len(chain) <= 6, chain  # a circle would never end
