"""The papers folder and the command: whole or not at all, one scheme, nothing unlawful."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from test_papers import small

from ecperf_kit.cli import main
from ecperf_kit.client import Client
from ecperf_kit.runner import papers as folder_of_papers
from ecperf_kit.runner.papers import write_papers

Made = Callable[..., Path]


def _all(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.docx")}


def _reweighted(client: Client) -> Client:
    cards = client.table("scorecards").copy()
    first = cards.index[:2]
    cards.loc[first, "weight"] = cards.loc[first, "weight"] + [1_000_000, -1_000_000]
    return replace(client, tables={**client.tables, "scorecards": cards})


def test_one_kind_joins_the_others_of_the_same_scheme_only(tmp_path: Path) -> None:
    target = tmp_path / "papers"
    write_papers(small(), ["pitch"], target)
    again = write_papers(small(), ["notice"], target)
    assert again.kept == 1 and set(_all(target)) == {"pitch.docx", "notice.docx"}
    # one weight differs: the pitch of the old scheme goes
    other = write_papers(_reweighted(small()), ["notice"], target)
    assert other.kept == 0 and set(_all(target)) == {"notice.docx"}
    # so it does in another language
    write_papers(_reweighted(small("en")), ["pitch"], target)
    assert set(_all(target)) == {"pitch.docx"}


def test_the_record_names_the_scheme_and_no_person(tmp_path: Path) -> None:
    target = tmp_path / "papers"
    written = write_papers(small(), ["pitch", "consent"], target)
    record = json.loads((target / "papers.json").read_text(encoding="utf-8"))
    assert record["basis"]["scheme"] == written.scheme
    assert set(record["files"]) == {"pitch.docx"}
    assert len([name for name in _all(target) if name.startswith("restricted/consents/")]) == 5


def test_a_fault_half_way_leaves_the_old_papers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "papers"
    write_papers(small(), ["pitch"], target)
    before = _all(target)

    def broken(folder: Path) -> dict[str, str]:
        raise OSError("no room")

    monkeypatch.setattr(folder_of_papers, "_hashes", broken)
    with pytest.raises(OSError, match="no room"):
        write_papers(_reweighted(small()), ["pitch", "notice"], target)
    assert _all(target) == before
    assert [p.name for p in tmp_path.iterdir()] == ["papers"]


# -- the command ---------------------------------------------------------------
def _run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["papers", *arguments], env={"ECPERF_HOME": str(root)})


def test_the_command_writes_and_says_what_is_missing(good_client: Made, practice: Path) -> None:
    good_client("shop")
    done = _run(practice, "shop", "--kind", "notice", "--kind", "sign_list", "--lang", "zh")
    assert done.exit_code == 0, done.output
    folder = practice / "reports" / "shop" / "papers"
    assert (folder / "notice.docx").is_file()
    assert (folder / "restricted" / "sign_list.docx").is_file()
    assert "发文字号" in done.output and "未签" in done.output and "已生成 2 份文件" in done.output
    english = _run(practice, "shop", "--kind", "notice", "--lang", "en")
    assert "1 paper made" in english.output and "Number of the notice" in english.output


def test_the_command_refuses_unlawful_wording(good_client: Made, practice: Path) -> None:
    folder = good_client("shop")
    config = folder / "client.toml"
    text = config.read_text(encoding="utf-8")
    bad = 'reward = "末位淘汰，迟到罚款"'
    text = text.replace("[targets]", f"[targets]\n{bad}") if "[targets]" in text else (
        f"{text}\n[targets]\n{bad}\n"
    )  # fmt: skip
    config.write_text(text, encoding="utf-8")
    done = _run(practice, "shop", "--kind", "pitch", "--lang", "zh")
    assert done.exit_code == 1
    assert "O180" in done.output and "O181" in done.output and "client.toml" in done.output
    assert not (practice / "reports" / "shop" / "papers").exists()
    # denied, the same words are harmless
    config.write_text(text.replace("末位淘汰，迟到罚款", "不搞末位淘汰，不罚款"), encoding="utf-8")
    assert _run(practice, "shop", "--kind", "pitch").exit_code == 0


def test_an_unknown_client_or_kind_is_refused(practice: Path) -> None:
    assert _run(practice, "nobody").exit_code == 2
    assert _run(practice, "nobody", "--kind", "poster").exit_code == 2
