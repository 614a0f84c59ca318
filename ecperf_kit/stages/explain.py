"""How one person's pay came about: from the pay down to file, sheet and row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION
from ecperf_kit.finding import Source
from ecperf_kit.method.calculate import Calculation, calculate
from ecperf_kit.method.corrections import corrections
from ecperf_kit.method.dividend import in_pay
from ecperf_kit.method.in_force import in_force
from ecperf_kit.method.paid import better_of
from ecperf_kit.method.plans import plan_parts
from ecperf_kit.rules.rollout import pay_mode
from ecperf_kit.stages import default_period
from ecperf_kit.stages.explain_rows import Row, place, row_steps, source_of
from ecperf_kit.stages.result import Sentence


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way: how deep it lies (0 = the pay), what it says, where it stands."""

    level: int
    sentence: Sentence
    source: Source | None = None


def explain(client: Client, employee: str, month: str = "") -> list[Step]:
    """The way from an employee's pay to the rows it was computed from, month by month.

    ``month`` empty: the months of the client's period, else the month of the rollout
    stage. Pay, its lines (basis x rate x coefficient x days), the coefficient (table,
    band, gate), the total, each row with actual, standard and scorecard. What cannot be
    computed says why; an unknown employee is one step that says so.
    """
    staff = client.table("employees")["employee"]
    if employee not in set(staff):
        values = {"employee": employee, "count": len(staff)}
        return [Step(0, Sentence("explain.unknown", values))]
    months = (month,) if month else default_period("rollout", client).months
    calculation = calculate(client, months)
    return [step for each in months for step in _month(client, calculation, employee, each)]


def _of(frame: pd.DataFrame, employee: str, month: str) -> list[Row]:
    chosen = frame[(frame["employee"] == employee) & (frame["month"] == month)]
    return [{str(k): v for k, v in row.items()} for row in chosen.to_dict("records")]


def _month(client: Client, calculation: Calculation, employee: str, month: str) -> Iterator[Step]:
    totals = _of(calculation.totals, employee, month)
    who = {"employee": employee, "month": month}
    if not totals:
        yield Step(0, Sentence("explain.not_assessed_at_all", who))
        return
    total = totals[0]
    lines = _of(calculation.lines, employee, month)
    yield from _pay(client, _of(calculation.pay, employee, month), lines, who | total)
    for line in lines:
        yield from _line(line)
    yield from _not_in_pay(client, employee, month)
    yield from _corrections(client, employee, month)
    if not any(line["missing"] in ("plan", "unreadable") for line in lines):
        yield from _coefficient(client, total)
    rows = _of(calculation.rows, employee, month)
    yield from _total(total, rows)
    several = len({(row["part_from"], row["post"]) for row in rows}) > 1
    part = None
    for row in rows:
        if several and (row["part_from"], row["post"]) != part:
            part = (row["part_from"], row["post"])
            values = {"post": row["post"], "from": row["part_from"], "share": row["part_share"]}
            yield Step(2, Sentence("explain.part", values))
        for depth, sentence, source in row_steps(client, row):
            yield Step(2 + depth, sentence, source)


# -- pay ---------------------------------------------------------------------
def _pay(client: Client, pays: list[Row], lines: list[Row], who: Row) -> Iterator[Step]:
    if not pays or pd.isna(pays[0]["pay"]):
        names = dict.fromkeys(line["line"] for line in lines if line["state"] == "missing")
        lacking = [Sentence("explain.name_of_line", {"line": name}) for name in names]
        yield Step(0, Sentence("explain.no_pay", {**who, "lines": tuple(lacking)}))
    else:
        parts = _folded("plus", [_formula(line) for line in lines])
        yield Step(0, Sentence("explain.pay", {**who, "pay": pays[0]["pay"], "parts": parts}))
        if pays[0]["state"] == "provisional":
            yield Step(1, Sentence("explain.provisional"))
    mode = pay_mode(client, who["month"])
    yield Step(1, Sentence(f"explain.mode.{mode}"))
    if mode == "better_of":
        yield from _better_of(client, pays, who["month"])


def _better_of(client: Client, pays: list[Row], month: str) -> Iterator[Step]:
    """Old pay, new pay and the higher of them; or that they cannot be compared."""
    for row in better_of(client, pd.DataFrame(pays), [month]).to_dict("records"):
        found = {str(name): value for name, value in row.items()}
        key = "better_of_unknown" if pd.isna(found["paid"]) else "better_of"
        source = place(found, "old")
        yield Step(2, Sentence(f"explain.{key}", found), source if source.file else None)


def _folded(key: str, parts: Sequence[Sentence]) -> Sentence:
    return reduce(lambda left, right: Sentence(f"explain.{key}", {"left": left, "right": right}),
                  parts)  # fmt: skip


def _formula(line: Row) -> Sentence:
    """Basis x rate x coefficient x days, without the factors that do not count."""
    piece = line["line"] == "piece"
    factors = [_number("count" if piece else "yuan", line["basis"])]
    if pd.notna(line["rate"]):
        factors.append(_number("yuan" if piece else "rate", line["rate"]))
    if pd.notna(line["coefficient"]):
        factors.append(_number("coefficient", line["coefficient"]))
    if pd.notna(line["days_share"]) and line["days_share"] != MILLION:
        factors.append(_number("days", line["days_share"]))
    return _folded("times", factors)


def _number(kind: str, value: Any) -> Sentence:
    return Sentence(f"explain.{kind}", {"value": value})


def _line(line: Row) -> Iterator[Step]:
    where = place(line, "plan")
    if line["state"] == "missing":
        yield Step(1, Sentence(f"explain.line_without.{line['missing']}", dict(line)), where)
        return
    yield Step(1, Sentence("explain.line", {**line, "formula": _formula(line)}), where)
    basis = place(line, "basis")
    if basis.file:
        kind = "count" if line["line"] == "piece" else "yuan"
        values = {"line": line["line"], "basis": _number(kind, line["basis"])}
        yield Step(2, Sentence("explain.basis", values), basis)


def _not_in_pay(client: Client, employee: str, month: str) -> Iterator[Step]:
    """A dividend on registered shares or options stands in no line of the pay."""
    held = plan_parts(client, [month])
    held = held[(held["employee"] == employee) & (held["structure"] == "dividend")]
    for row in held[~in_pay(held["dividend_kind"])].to_dict("records"):
        own = {str(name): value for name, value in row.items()}
        values = {"kind": own["dividend_kind"]}
        yield Step(1, Sentence("explain.dividend_not_in_pay", values), place(own, "plan"))


def _corrections(client: Client, employee: str, month: str) -> Iterator[Step]:
    """What appeals about earlier months change: settled with this month's pay, in no sum."""
    for row in _of(corrections(client, [month]), employee, month):
        yield Step(1, Sentence("explain.correction", row), source_of(row))


# -- coefficient and total ---------------------------------------------------
def _coefficient(client: Client, total: Row) -> Iterator[Step]:
    if not total["uses_coefficient"]:
        yield Step(1, Sentence("explain.no_coefficient"))
        return
    if total["state"] == "not_assessed":
        minimum = client.threshold("assessed.min_days")
        yield Step(1, Sentence("explain.too_few_days", {"minimum": minimum}))
        return
    if pd.isna(total["coefficient"]):
        yield Step(1, Sentence("explain.coefficient_missing", dict(total)))
        return
    name, month = total["coefficient_table"], total["month"]
    table = in_force(client.table("coefficient_tables"), [month], ["coefficient_table"])
    table = table[table["coefficient_table"] == name].sort_values("at_least")
    reached = table[table["at_least"] <= total["total"]]
    band: Mapping[str, Any] = {str(k): v for k, v in reached.iloc[-1].items()}
    linear = bool((table["form"] == "linear").fillna(False).any())
    values = {
        "total": total["total"],
        "table": name,
        "at_least": band["at_least"],
        "band": band["coefficient"],
        "coefficient": total["coefficient"],
    }
    key = "explain.coefficient_linear" if linear else "explain.coefficient_band"
    yield Step(1, Sentence(key, values), source_of(band))
    if total["gated"]:
        yield Step(2, Sentence("explain.gated", {"band": band["coefficient"]}))


def _total(total: Row, rows: list[Row]) -> Iterator[Step]:
    if pd.isna(total["total"]):
        key = "not_assessed" if total["state"] == "not_assessed" else "no_total"
        yield Step(1, Sentence(f"explain.{key}", {"missing": total["missing"]}))
        return
    if len({(row["part_from"], row["post"]) for row in rows}) > 1:
        yield Step(1, Sentence("explain.total_by_days", {"total": total["total"]}))
        return
    parts = _folded("plus", [_number("score", row["row_score"]) for row in rows])
    yield Step(1, Sentence("explain.total", {"total": total["total"], "parts": parts}))
