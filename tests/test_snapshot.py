"""A packed client is the opened one, table by table; without one the folder is read."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from ecperf_kit import client as clients
from ecperf_kit.client import Client, ClientError, open_client
from ecperf_kit.snapshot import hold, pack, release
from ecperf_kit.view import UndeclaredTable

ROOT = Path(__file__).resolve().parent.parent
BAD = Path(__file__).resolve().parent / "bad_clients"


@pytest.fixture(autouse=True)
def nothing_held() -> Iterator[None]:
    """Every test begins and ends without a held client."""
    release()
    yield
    release()


@pytest.fixture
def unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on, reading a folder is a failure."""

    def refused(*_: object) -> None:
        raise AssertionError("the folder was read")

    for name in ("read_folder", "client_files", "read_config"):
        monkeypatch.setattr(clients, name, refused)


def assert_same(one: Client, other: Client) -> None:
    """Equal in everything a stage or a report may ask for."""
    assert list(one.tables) == list(other.tables)
    for name in one.tables:
        pd.testing.assert_frame_equal(one.table(name), other.table(name), check_exact=True)
        assert one.table(name).dtypes.equals(other.table(name).dtypes)
    pd.testing.assert_frame_equal(one.rows, other.rows)
    pd.testing.assert_frame_equal(one.indicators, other.indicators)
    for name in (
        "name", "folder", "root", "language", "config", "present", "findings", "overrides",
        "inputs", "files", "stage",
    ):  # fmt: skip
        assert getattr(one, name) == getattr(other, name), name
    assert one.library is other.library


@pytest.mark.parametrize("name", ["qinghe", "qinghe_draft", "xiaoman"])
def test_an_unpacked_client_equals_the_opened_one(
    name: str, request: pytest.FixtureRequest
) -> None:
    opened = open_client(name, "2026-05", "en", ROOT)
    hold(pack(opened))
    request.getfixturevalue("unreadable")
    held = open_client(name, "2026-05", "en", ROOT)
    assert held is not opened
    assert_same(held, opened)
    assert held.period == opened.period


@pytest.mark.parametrize("bad", sorted(p.name for p in BAD.iterdir() if p.name != "_good"))
def test_faults_of_every_kind_can_be_packed(bad: str, practice: Path) -> None:
    folder = practice / "client_data" / "shop"
    shutil.copytree(BAD / bad, folder)
    try:
        opened = open_client("shop", root=practice)
    except ClientError:
        return  # there is no client to pack
    hold(pack(opened))
    shutil.rmtree(folder)
    folder.mkdir()
    assert_same(open_client("shop", root=practice), opened)


def test_the_period_is_read_anew_and_a_wrong_one_refused(
    good_client: Callable[..., Path], practice: Path
) -> None:
    good_client()
    hold(pack(open_client("_good", "2026", root=practice)))
    assert open_client("_good", root=practice).period is None
    quarter = open_client("_good", "2026-Q2", root=practice).period
    assert quarter is not None and quarter.months == ("2026-04", "2026-05", "2026-06")
    with pytest.raises(ClientError, match="D123"):
        open_client("_good", "2026-13", root=practice)


def test_another_name_root_or_language_is_read_from_its_folder(
    good_client: Callable[..., Path], practice: Path, tmp_path: Path
) -> None:
    folder = good_client()
    good_client("other", {"client.toml": 'name_zh = "乙"\n[dates]\nplan_year = 2026\n'})
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(practice, elsewhere)
    hold(pack(open_client("_good", root=practice)))
    shutil.rmtree(folder)
    folder.mkdir()
    assert open_client("_good", root=practice).config.name_zh == "样例小店", "this one is held"
    assert open_client("other", root=practice).config.name_zh == "乙"
    assert open_client("_good", root=elsewhere).root == elsewhere
    with pytest.raises(ClientError, match="D115"):
        open_client("_good", language="en", root=practice)


def test_nothing_held_reads_the_folder_again(
    good_client: Callable[..., Path], practice: Path
) -> None:
    folder = good_client()
    hold(pack(open_client("_good", root=practice)))
    path = folder / "client.toml"
    path.write_text(path.read_text("utf-8").replace("样例小店", "新名店"), encoding="utf-8")
    assert open_client("_good", root=practice).config.name_zh == "样例小店"
    release()
    assert open_client("_good", root=practice).config.name_zh == "新名店"


def test_what_one_caller_alters_no_other_sees(
    good_client: Callable[..., Path], practice: Path
) -> None:
    good_client()
    hold(pack(open_client("_good", root=practice)))
    first = open_client("_good", root=practice)
    first.table("actuals").loc[:, "value"] = pd.NA
    assert open_client("_good", root=practice).table("actuals")["value"].notna().any()
    with pytest.raises(TypeError):
        first.tables["actuals"] = first.table("actuals")  # type: ignore[index]


def test_what_a_stage_sees_stays_so_when_packed(
    good_client: Callable[..., Path], practice: Path
) -> None:
    good_client()
    seen = open_client("_good", root=practice).seen_by("exam")
    hold(pack(seen))
    again = open_client("_good", root=practice)
    assert_same(again, seen)
    with pytest.raises(UndeclaredTable, match="exam reads the table sales_bridge"):
        again.table("sales_bridge")
