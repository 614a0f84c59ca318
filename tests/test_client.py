"""Opening a client: names, facts, overrides, periods, and what cannot be opened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from ecperf_kit import practice as practices
from ecperf_kit.client import ClientError, open_client
from ecperf_kit.outputs.wording import Wording
from tests.scheme_client import a_client, staff


@pytest.mark.parametrize(
    "name",
    ["../x", "..", ".", "", "a/b", "a\\b", "C:x", "con", "NUL.txt", "lpt1", "x.", " x", "x ",
     "a\nb", "a*b", "a?b", "-rf", "x" * 65, ".hidden"],
)  # fmt: skip
def test_unsafe_name_is_refused(practice: Path, name: str) -> None:
    with pytest.raises(ClientError) as caught:
        open_client(name, root=practice)
    assert [f.code for f in caught.value.findings] == ["D114"]
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("name", ["qinghe", "青禾家居", "client-2_b", "a.b", "2026"])
def test_usual_names_are_safe(name: str) -> None:
    assert practices.is_folder_name(name)


def test_unknown_client_names_those_there_are(
    good_client: Callable[..., Path], practice: Path
) -> None:
    good_client("qinghe")
    with pytest.raises(ClientError, match="qinghe") as caught:
        open_client("qinge", root=practice)
    assert [f.code for f in caught.value.findings] == ["D113"]


def test_all_reasons_not_to_open_come_at_once(
    good_client: Callable[..., Path], practice: Path
) -> None:
    good_client(files={"client.toml": 'name_en = "Shop"\nkinds = "x"\n'})
    with pytest.raises(ClientError) as caught:
        open_client("_good", period="2026-13", root=practice)
    assert sorted(f.code for f in caught.value.findings) == ["D117", "D119", "D119", "D123"]
    with pytest.raises(ClientError, match="D126"):
        open_client("_good", language="de", root=practice)


def test_folder_without_readable_facts(good_client: Callable[..., Path], practice: Path) -> None:
    folder = good_client()
    (folder / "client.toml").write_text("name_zh = ", encoding="utf-8")
    with pytest.raises(ClientError, match="D116"):
        open_client("_good", root=practice)
    (folder / "client.toml").unlink()
    with pytest.raises(ClientError, match="D115"):
        open_client("_good", language="en", root=practice)


def test_facts_are_typed(good_client: Callable[..., Path], practice: Path) -> None:
    good_client(
        files={
            "client.toml": 'name_zh = "甲"\nname_en = "A"\nkind = "omnichannel"\n'
            '[sponsor]\nname = "林"\nposition = "owner"\nsigned = 2026-03-02\n'
            "[dates]\nplan_year = 2026\n[targets]\n"
            'annual_net_sales = "6,000,000"\n[pay]\nminimum_wage = 2490.5\n'
        }
    )
    client = open_client("_good", "2026-Q2", "en", root=practice)
    config = client.config
    assert config.sponsor.signed == dt.date(2026, 3, 2)
    assert config.targets.annual_net_sales == 6_000_000_000_000
    assert config.pay.minimum_wage == 2_490_500_000  # 2490.5: the fraction stays exact
    assert config.pilot.pay == "shadow" and config.pilot.channels == ()
    assert client.period is not None and client.period.months == ("2026-04", "2026-05", "2026-06")
    assert client.display_name() == "A" and client.display_name("zh") == "甲"


def test_override_holds_instead_of_the_library(
    good_client: Callable[..., Path], practice: Path
) -> None:
    good_client(
        files={
            "overrides.toml": '[[override]]\nid = "pay_gap.group"\nvalue = 0.04\n'
            'reason = "董事会决定"\napproved_by = "林一"\n'
        }
    )
    client = open_client("_good", root=practice)
    assert client.findings == ()
    assert client.threshold("pay_gap.group") == 40_000
    assert client.library.thresholds["pay_gap.group"].value == 50_000
    assert client.threshold("pay_gap.fall_red") == 150_000
    assert client.overrides[0].approved_by == "林一"


def test_own_indicators_stand_beside_the_library(
    good_client: Callable[..., Path], practice: Path
) -> None:
    good_client()
    client = open_client("_good", root=practice)
    assert client.indicator("chat_answer_rate")["plausible_max"] == 1_000_000
    assert list(client.indicators.columns) == list(client.library.indicators.columns)
    assert client.indicators.dtypes.equals(client.library.indicators.dtypes)
    assert client.label("indicator", "chat_answer_rate", "en") == "Chats answered"
    assert client.label("employee", "E03") == "吴三"
    assert client.label("channel", "nowhere") == "nowhere"


def test_values_asked_about_are_not_computed_with(
    good_client: Callable[..., Path], practice: Path
) -> None:
    folder = good_client()
    path = folder / "actuals.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("38.5%", "38.5").replace("385,1000", "385,0"), encoding="utf-8")
    client = open_client("_good", root=practice)
    assert sorted(f.code for f in client.findings) == ["D314", "D316"]
    actuals = client.table("actuals").set_index(["subject_id", "indicator"])
    asked = actuals.loc[[("E04", "inquiry_conversion"), ("E03", "inquiry_conversion")]]
    assert asked[["value", "numerator", "denominator"]].isna().all(axis=None)


def test_inputs_are_hashed(good_client: Callable[..., Path], practice: Path) -> None:
    folder = good_client()
    before = open_client("_good", root=practice).inputs
    assert set(before) == {path.name for path in folder.iterdir()}
    with (folder / "actuals.csv").open("a", encoding="utf-8") as stream:
        stream.write("company,_good,net_sales,2026-05,1,,,finance_report,x\n")
    after = open_client("_good", root=practice).inputs
    assert {name for name in before if before[name] != after[name]} == {"actuals.csv"}


def test_practice_root(practice: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    inside = practice / "client_data"
    assert practices.find_root(inside) == practice
    monkeypatch.chdir(inside)
    monkeypatch.delenv(practices.HOME, raising=False)
    assert practices.find_root() == practice
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setenv(practices.HOME, str(elsewhere))
    assert practices.find_root() == elsewhere
    with pytest.raises(practices.PracticeError):
        practices.find_root(elsewhere)
    monkeypatch.setenv(practices.HOME, str(tmp_path / "nowhere"))
    with pytest.raises(ClientError, match="D125"):
        open_client("qinghe")


def test_an_english_name_is_used_in_english_where_the_client_gave_one() -> None:
    tables = staff("cashier")
    tables["channels"][0]["name_en"] = "Tmall store"
    client = a_client(**tables)
    said = {language: Wording(client.library, language, client) for language in ("zh", "en")}
    assert said["en"].name("channel", "tmall") == client.label("channel", "tmall", "en")
    assert said["en"].name("channel", "tmall") == "Tmall store"
    assert said["zh"].name("channel", "tmall") == "天猫"
    assert said["en"].name("channel", "douyin") == "抖音"  # no English name given
    assert client.label("channel", "tmall") == "天猫"
