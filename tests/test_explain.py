"""From the pay of one person back to the rows: what is said and which rows are named."""

from __future__ import annotations

import csv
import re
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from ecperf_kit.cli import main
from ecperf_kit.client import Client, open_client
from ecperf_kit.finding import Source
from ecperf_kit.library import load_library
from ecperf_kit.outputs.wording import Wording
from ecperf_kit.stages.explain import Step, explain

ROOT = Path(__file__).resolve().parent.parent
JUNE = "2026-06"


@cache
def demo(name: str, language: str = "zh") -> Client:
    return open_client(name, language=language, root=ROOT)


def said(steps: list[Step], client: Client) -> list[str]:
    wording = Wording(client.library, client.language, client)
    return [wording.say(step.sentence) for step in steps]


def line_of(name: str, client: str, **wanted: str) -> int:
    """The row, as Excel counts, of the first line of a demo file with the wanted cells."""
    path = ROOT / "client_data" / client / name
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.reader(file), 1):
            if all(cell in row for cell in wanted.values()):
                return number
    raise AssertionError(f"{name}: no row with {wanted}")


def test_june_of_a_pre_sales_agent_down_to_the_row() -> None:
    # 4,550 + 1,950 x 0.4 = 5,330; 21 + 0 + 14 + 13.5 + 7.5 + 3.5 = 59.5
    client = demo("qinghe")
    steps = explain(client, "E025", JUNE)
    texts = said(steps, client)
    assert "5,330.00 = 4,550.00 + 1,950.00 × 0.4" in texts[0]
    assert steps[0].level == 0
    assert any("59.50 = 21 + 0 + 14 + 13.5 + 7.5 + 3.5" in text for text in texts)
    row = line_of("actuals.csv", "qinghe", e="E025", i="inquiry_conversion", m=JUNE)
    assert Source("actuals.csv", "", row) in [step.source for step in steps]
    files = {step.source.file for step in steps if step.source}
    assert files == {
        "actuals.csv", "standards.csv", "scorecards.csv", "assessments.csv", "pay_plans.csv",
        "coefficient_tables.csv",
    }  # fmt: skip


def test_the_methods_are_put_in_words_with_their_figures() -> None:
    texts = "\n".join(said(explain(demo("qinghe", "en"), "E025", JUNE), demo("qinghe", "en")))
    # 38.5 / 55 = 70 %; 2 - 48 / 30 = 40 %, below 60 %; 98 - 95 = 3 points, three steps of one
    assert "actual 38.50% ÷ standard 55.00% = 70.00%, times weight 30" in texts
    assert "2 − actual 48 seconds ÷ standard 30 seconds = 40.00%, below 60.0%" in texts
    assert "3.00% short of 98.00%, steps of 1.00%: 3 at 10.0% of the weight each" in texts
    assert "Shadow pay" in texts


def test_commission_names_basis_and_plan() -> None:
    client = demo("qinghe", "en")
    steps = explain(client, "E002", JUNE)
    texts = said(steps, client)
    assert "29,750.00 = 12,500.00 + 3,450,000.00 × 0.50% × 1.0" in texts[0]
    files = {step.source.file for step in steps if step.source}
    assert {"sales_bridge.csv", "targets.csv"} <= files


def test_days_worked_are_a_factor() -> None:
    # 12 of 19 days: 63.1579 %; 10,000 x 12 / 19 = 6,315.79
    client = demo("xiaoman")
    first = said(explain(client, "E004", "2026-05"), client)[0]
    assert "6,315.79 = 10,000.00 × 63.1579%" in first


@pytest.mark.parametrize("name", ["rate", "days"])
@pytest.mark.parametrize("stored", [636_364, 909_091, 16_667, 5_000, 1, 1_000_000, 999_999])
def test_a_printed_factor_is_the_factor_that_was_used(name: str, stored: int) -> None:
    """14 of 22 days, 10 of 11, 1.6667 %: whoever multiplies again comes to the same fen."""
    for language in ("zh", "en"):
        printed = Wording(load_library(), language).text(f"explain.{name}", value=stored)
        figure = re.match(r"[0-9.]+%", printed)
        assert figure and Decimal(figure[0][:-1]) * 10_000 == stored


@pytest.mark.parametrize(
    ("employee", "key"),
    [("E999", "explain.unknown"), ("E001", "explain.not_assessed_at_all")],
)
def test_what_cannot_be_explained_says_why(employee: str, key: str) -> None:
    steps = explain(demo("qinghe"), employee, JUNE)
    assert [step.sentence.key for step in steps] == [key]


def test_every_person_and_month_can_be_worded_in_both_languages() -> None:
    for name in ("qinghe", "xiaoman"):
        for language in ("zh", "en"):
            client = demo(name, language)
            for employee in client.table("employees")["employee"].iloc[:9]:
                assert said(explain(client, employee, "2026-05"), client)


def test_the_command_prints_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECPERF_HOME", str(ROOT))
    result = CliRunner().invoke(main, ["explain", "qinghe", "E025", JUNE, "--lang", "zh"])
    assert result.exit_code == 0, result.output
    assert "5,330.00 = 4,550.00 + 1,950.00 × 0.4" in result.output
    assert "actuals.csv" in result.output
