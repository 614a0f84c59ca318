"""Small clients written for a test: tables as they would stand in the folder, then opened."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from ecperf_kit.client import Client, open_client

CONFIG = """
name_zh = "测试店"
name_en = "Test shop"
invented = true
[dates]
plan_year = 2026
"""
#: Faults of the data that tests of the calculation write on purpose.
ALLOWED = {"D311", "D312", "D319", "D330"}


def written_client(
    root: Path, tables: Mapping[str, str], config: str = CONFIG, overrides: str = ""
) -> Client:
    """The client ``shop`` of a practice in ``root``; tables are CSV texts, spaces ignored."""
    folder = root / "client_data" / "shop"
    folder.mkdir(parents=True)
    (root / "practice.toml").write_text("", encoding="utf-8")
    (folder / "client.toml").write_text(config, encoding="utf-8")
    if overrides:
        (folder / "overrides.toml").write_text(overrides, encoding="utf-8")
    for name, text in tables.items():
        lines = [
            ",".join(cell.strip() for cell in line.split(","))
            for line in dedent(text).strip().splitlines()
        ]
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    client = open_client("shop", root=root)
    # a slip in the test's own tables must not be taken for a result
    wrong = [finding for finding in client.findings if finding.code not in ALLOWED]
    assert not wrong, wrong
    return client
