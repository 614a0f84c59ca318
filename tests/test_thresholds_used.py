"""A threshold a client may change changes something: the code asks for it."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

import ecperf_kit
from ecperf_kit.client import open_client
from ecperf_kit.library import load_library
from ecperf_kit.outputs.wording import Wording

PACKAGE = Path(ecperf_kit.__file__).parent


@cache
def _named() -> tuple[frozenset[str], tuple[str, ...]]:
    """The texts of the code, and patterns of those put together from a fixed beginning."""
    texts: set[str] = set()
    patterns: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
            if isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(part.value) if isinstance(part, ast.Constant) else "[^.]+"
                    for part in node.values
                ]
                if re.match(r"[a-z_]+\\\.", parts[0]):
                    patterns.add("".join(parts))
    return frozenset(texts), tuple(patterns)


def test_what_a_client_may_change_is_asked_for() -> None:
    texts, patterns = _named()
    unread = [
        name
        for name, entry in load_library().thresholds.items()
        if not entry.settled
        and name not in texts
        and not any(re.fullmatch(pattern, name) for pattern in patterns)
    ]
    assert unread == [], "mark it as settled or use it"


def _said(tmp_path: Path, language: str, *lines: str) -> list[str]:
    home = tmp_path / "client_data" / "c"
    home.mkdir(parents=True)
    (tmp_path / "practice.toml").write_text("", "utf-8")
    good = Path(__file__).parent / "bad_clients" / "_good"
    for path in good.iterdir():
        (home / path.name).write_bytes(path.read_bytes())
    text = "\n".join(("[[override]]", *lines, 'reason = "r"', 'approved_by = "a"'))
    (home / "overrides.toml").write_text(text, "utf-8")
    client = open_client("c", language=language, root=tmp_path)
    assert client.overrides == ()
    wording = Wording(client.library, language, client)
    return [
        ("" if language == "zh" else " ").join(
            wording.text(f"finding.{f.code}.{part}", **f.values) for part in ("evidence", "remedy")
        )
        for f in client.findings
        if f.source and f.source.file == "overrides.toml"
    ]


@pytest.mark.parametrize(
    ("language", "lines", "wanted"),
    [
        (
            "zh",
            ('id = "commission.cut_off"', 'value = "26_25"'),
            "文件 overrides.toml 要改“commission.cut_off”，没有采用："
            "它由 client.toml 的 [pay] cut_off 决定。从 overrides.toml 中删去这一项。",
        ),
        (
            "en",
            ('id = "scoring.total_places"', 'value = "1"'),
            'overrides.toml sets "scoring.total_places"; it has no effect: the calculation and '
            "the rules are fixed by the method, another figure would change nothing. "
            "Delete this entry from overrides.toml.",
        ),
        (
            "zh",
            ('id = "coefficient.over_gate_categories"', 'value = ["B_sale"]'),
            "文件 overrides.toml 把“coefficient.over_gate_categories”定为“['B_sale']”，"
            "没有采用：有方法库不认识的词。"
            '照方法库的形式来写，例如 value = ["A_management", "B_sales", '
            '"C_support", "D_functional"]。',
        ),
        (
            "zh",
            ('id = "score.low"', 'value = "little"'),
            "文件 overrides.toml 把“score.low”定为“little”，没有采用：这一项要写成引号里的数。"
            '照方法库的形式来写，例如 value = "60"。',
        ),
    ],
)
def test_an_override_without_effect_is_told(
    tmp_path: Path, language: str, lines: tuple[str, ...], wanted: str
) -> None:
    assert _said(tmp_path, language, *lines) == [wanted]
