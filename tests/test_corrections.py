"""What a settled appeal changes in pay already handed over is told, and added to nothing.

A appeals about May; it is settled in June with 350.00. June's pay
is 6,800.00 as without the appeal, and 350.00 are settled with it, besides.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from test_lost_rows import JUNE, PAY, opened

from ecperf_kit.client import Client, open_client
from ecperf_kit.exact import exact
from ecperf_kit.method.calculate import calculate
from ecperf_kit.method.corrections import corrections, of_person_and_month
from ecperf_kit.rules.rollout import check_rollout
from ecperf_kit.stages.explain import explain
from ecperf_kit.stages.rollout_tables import pay_list

HEAD = "employee,period,raised_on,matter,settled_on,outcome,correction\n"
MAY = "A,2026-05,2026-06-12,退款重复扣减,2026-06-18,更正,350\n"


def with_appeals(root: Path, rows: str) -> Client:
    opened(root)
    (root / "client_data/shop/appeals.csv").write_text(HEAD + rows, encoding="utf-8")
    return open_client("shop", JUNE, root=root)


def test_a_correction_stands_beside_the_pay_and_in_no_sum(tmp_path: Path) -> None:
    client = with_appeals(tmp_path, MAY)
    calculation = calculate(client, [JUNE])
    listed = pay_list(client, calculation, [JUNE]).set_index("employee")
    assert listed["pay"].to_dict() == PAY
    assert listed.loc["A", "correction"] == exact("350")
    assert listed["correction"].isna().sum() == 3
    (found,) = [f for f in check_rollout(client, calculation) if f.code == "R111"]
    assert found.subject == "employee:A" and found.source.row == 2
    assert found.values["amount"] == exact("350")
    assert (found.values["about"], found.values["month"]) == ("2026-05", JUNE)
    (step,) = [s for s in explain(client, "A", JUNE) if s.sentence.key == "explain.correction"]
    assert step.sentence.values["correction"] == exact("350")
    assert step.source is not None and step.source.row == 2
    assert not [s for s in explain(client, "B", JUNE) if s.sentence.key == "explain.correction"]


@pytest.mark.parametrize(
    ("period", "settled", "month"),
    [
        ("2026-04", "2026-05-18", "2026-05"),  # with the next month's pay
        ("2026-05", "2026-05-30", "2026-06"),  # never with the month's own
        ("2026-03", "2026-06-02", "2026-06"),  # settled late: with the pay of that month
        ("2025-12", "2026-01-09", "2026-01"),
    ],
)
def test_a_correction_is_settled_with_a_later_month(
    tmp_path: Path, period: str, settled: str, month: str
) -> None:
    row = f"A,{period},2026-01-01,x,{settled},y,-12.5\n"
    client = with_appeals(tmp_path, row)
    every = [f"2026-{number:02d}" for number in range(1, 13)]
    found = corrections(client, every)
    assert found[["employee", "month", "period"]].values.tolist() == [["A", month, period]]
    assert found["correction"].tolist() == [exact("-12.50")]


def test_two_corrections_of_a_month_add_up_and_what_cannot_be_read_is_missing(
    tmp_path: Path,
) -> None:
    rows = MAY + "A,2026-04,2026-05-20,x,2026-06-03,y,-50\n"
    rows += "B,2026-05,2026-06-12,x,2026-06-18,y,3O0\n"
    rows += "C,2026-05,2026-06-12,x,,y,100\nD,2026-05,2026-06-12,x,2026-06-18,y,\n"
    client = with_appeals(tmp_path, rows)
    found = of_person_and_month(client, [JUNE]).set_index("employee")["correction"]
    assert found["A"] == exact("300") and pd.isna(found["B"])
    # not settled yet, and settled without an amount
    assert set(found.index) == {"A", "B"}
