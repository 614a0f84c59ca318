"""Every worked example of the method gives the figure it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from golden_cases import cases, scorable, stored
from written_client import CONFIG, written_client

from ecperf_kit.exact import decimal, exact
from ecperf_kit.library import load_library
from ecperf_kit.method.calculate import calculate
from ecperf_kit.method.coefficient import look_up
from ecperf_kit.method.comparison import bonus_efficiency
from ecperf_kit.method.costing import forward_costing, reverse_costing
from ecperf_kit.method.dividend import ledger
from ecperf_kit.method.scoring import score
from ecperf_kit.method.standards import jumps, standard_path, swapped_weights
from ecperf_kit.method.targets import progress
from ecperf_kit.method.totals import totals

FILE = "worked_examples.toml"


def golden(kind: str) -> Any:
    found = cases(FILE, kind)
    return pytest.mark.parametrize("case", found, ids=[case["id"] for case in found])


def test_all_examples_are_there() -> None:
    """E8 (a standard off the plan) needs a client and stands in test_method_lookup."""
    kinds = ("score", "total", "pay", "reverse_costing", "forward_costing", "standard_path",
             "weight_swap", "bonus_efficiency", "progress", "ledger")  # fmt: skip
    ids = {case["id"] for kind in kinds for case in cases(FILE, kind)}
    assert {f"E{n}" for n in range(1, 20)} - ids == {"E8"}


@golden("score")
def test_score(case: dict[str, Any]) -> None:
    scored = score(scorable([case["row"]])).iloc[0]
    assert decimal(scored["row_score"]) == decimal(exact(case["score"])), case["words"]
    if "attainment" in case:
        assert scored["attainment"] == exact(case["attainment"])


@golden("total")
def test_total(case: dict[str, Any]) -> None:
    total = totals(score(scorable(case["rows"])))
    assert list(total["total"]) == [exact(case["total"])], case["words"]


@golden("coefficient")
def test_coefficient(case: dict[str, Any]) -> None:
    tables = load_library().coefficient_tables
    table = tables[tables["coefficient_table"] == case["table"]]
    found = look_up(stored(case["scores"]), table)
    assert list(found) == list(stored(case["coefficients"])), case["words"]


@golden("pay")
def test_pay(case: dict[str, Any], tmp_path: Path) -> None:
    """Through the whole chain: one person at 100 points (or as given), a table with one band."""
    plan = case["plan"]
    basis, points = case.get("basis", ""), case.get("score", "100")
    pieces = plan["structure"] == "piece_rate"
    actual = f"{float(points) / 100:.6f}"
    tables = {
        "channels": "channel, name\ntmall, 天猫",
        "departments": "department, name\nsales, 销售",
        "employees": "employee, name, hired\nE1, 甲, 2020-01-01",
        "assignments": "employee, effective_from, post, department, channel\n"
        "E1, 2020-01-01, store_operator, sales, tmall",
        "attendance": "employee, month, scheduled_days, worked_days\nE1, 2026-06, 22, 22",
        "coefficient_tables": "coefficient_table, effective_from, at_least, coefficient\n"
        f"one, 2026-01-01, 0, {case['coefficient']}",
        "pay_plans": "subject_kind, subject_id, effective_from, coefficient_table, over_gate, "
        + "".join(f"{key}, " for key in plan)
        + "commission_from\nemployee, E1, 2026-01-01, one, no, "
        + "".join(f"{value}, " for value in plan.values())
        + ("employee" if pieces else "channel"),
        "scorecards": "subject_kind, subject_id, indicator, effective_from, role, weight, method, "
        "cap, zero_below, standard_basis, data_source\n"
        "employee, E1, reply_rate_3min, 2026-01-01, core, 100, percentage, 1, 0, "
        "own_history, platform_erp",
        "standards": "subject_kind, subject_id, indicator, period, standard\n"
        "employee, E1, reply_rate_3min, 2026, 1",
        "actuals": "subject_kind, subject_id, indicator, period, value, source_kind\n"
        f"employee, E1, reply_rate_3min, 2026-06, {actual}, platform_erp\n"
        + (
            f"channel, tmall, gross_profit, 2026-06, {basis}, finance_report\n"
            f"channel, tmall, net_profit, 2026-06, {basis}, finance_report\n"
            + (f"employee, E1, pack_volume, 2026-06, {basis}, daily_register\n" if pieces else "")
            if basis
            else ""
        ),
        "assessments": "employee, period, indicator, superior_date\n"
        "E1, 2026-06, reply_rate_3min, 2026-07-08",
    }
    if basis and plan["structure"] == "dividend":
        tables["profit_ledger"] = (
            f"unit, quarter, profit, reserve_share\ntmall, 2026-Q2, {basis}, 0"
        )
    if basis and plan["structure"].startswith("commission") and not basis.startswith("-"):
        tables["sales_bridge"] = (
            "channel, month, backend_sales, non_genuine, refunds, coupons_fees, finance_sales\n"
            f"tmall, 2026-06, {basis}, 0, 0, 0, {basis}"
        )
    found = calculate(written_client(tmp_path, tables, CONFIG), ["2026-06"])
    amounts = dict(zip(found.lines["line"], found.lines["amount"], strict=True))
    assert amounts == {line: exact(amount) for line, amount in case["lines"].items()}, case["words"]
    assert list(found.pay["pay"]) == [exact(case["pay"])]
    assert list(found.pay["state"]) == ["final"]


@golden("reverse_costing")
def test_reverse_costing(case: dict[str, Any]) -> None:
    figures = (exact(case["expected_pay"]), exact(case["annual_base"]), *case["parts"])
    found = reverse_costing(*figures)
    assert (found.base, found.rate) == (exact(case["base"]), exact(case["rate"])), case["words"]
    assert found.base + found.commission == figures[0]


@golden("forward_costing")
def test_forward_costing(case: dict[str, Any]) -> None:
    found = forward_costing(*map(exact, case["figures"]), exact(case["reserve_share"]))
    for name in ("margin", "residual", "reserve", "pool"):
        assert getattr(found, name) == exact(case[name]), case["words"]


@golden("standard_path")
def test_standard_path(case: dict[str, Any]) -> None:
    steps = [exact(step) for step in case["steps"]]
    path = standard_path(exact(case["history"]), steps, exact(case["later"]), len(case["path"]))
    assert path == [exact(value) for value in case["path"]], case["words"]


@golden("jump")
def test_jump(case: dict[str, Any]) -> None:
    library = load_library()
    limits = [library.thresholds[f"standard.jump_{name}"].value for name in ("points", "relative")]
    proposed, history = stored(case["proposed"]), stored(case["history"])
    found = jumps(proposed, history, *limits, pd.Series(True, index=history.index))
    assert list(found) == case["flagged"], case["words"]


@golden("weight_swap")
def test_weight_swap(case: dict[str, Any]) -> None:
    names = list(case["weights"])
    weights = stored(case["weights"].values()).set_axis(names)
    reached = pd.Series(case["reached"], dtype="boolean").reindex(names)
    swapped = swapped_weights(weights, reached)
    assert dict(swapped) == {n: exact(w) for n, w in case["swapped"].items()}, case["words"]
    assert swapped.sum() == weights.sum()


@golden("bonus_efficiency")
def test_bonus_efficiency(case: dict[str, Any]) -> None:
    found = bonus_efficiency(*(stored([case[name]]) for name in ("bonus", "gained", "cost")))
    for name in ("per_bonus", "per_bonus_and_cost"):
        assert list(found[name]) == [exact(case[name])], case["words"]


@golden("progress")
def test_progress(case: dict[str, Any]) -> None:
    found = progress(stored([case["actual"]]), stored([case["target"]]))
    for name in ("reached", "short", "to_go"):
        assert list(found[name]) == [exact(case[name])], case["words"]


@golden("ledger")
def test_ledger(case: dict[str, Any]) -> None:
    profits = stored(case["profits"])
    # one after the other from 2026-Q3, over the year's end: after a hole nothing is known
    quarters = [f"{2026 + (i + 2) // 4}-Q{(i + 2) % 4 + 1}" for i in range(len(profits))]
    table = pd.DataFrame(
        {
            "unit": pd.Series(["tmall"] * len(profits), dtype="str"),
            "quarter": pd.Series(quarters, dtype="str"),
            "profit": profits,
            "reserve_share": pd.Series([pd.NA] * len(profits), dtype="Int64"),
        }
    )
    found = ledger(table.iloc[::-1], exact("0.2"))
    for name in ("distributable", "loss_carried", "reserve"):
        assert list(found[name]) == list(stored(case[name])), case["words"]
