"""What would repair a post whose pay fell: single repairs, all together, and whose fault it was.

Every repair is worked out from the library, none from the post: another scoring
method than the library's, a standard that jumps from history, another
coefficient table than the default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, Ints, ints, masked, multiply_divide
from ecperf_kit.method.attribution import Repairs, attribution
from ecperf_kit.method.coefficient import coefficients
from ecperf_kit.method.in_force import in_force
from ecperf_kit.method.pay import pay, pay_lines
from ecperf_kit.method.scorecards import ASSESSED_COLUMNS
from ecperf_kit.method.scoring import score
from ecperf_kit.method.standards import standard_path
from ecperf_kit.method.totals import totals
from ecperf_kit.rules.in_force import mapped, number, words
from ecperf_kit.rules.pilot import Pilot, mean
from ecperf_kit.rules.standards import standard_is_jump, standards_against_history
from ecperf_kit.stages.judged import sentences
from ecperf_kit.stages.result import Sentence

_OF_THE_METHOD = ["method", "cap", "zero_below", "step_size", "step_deduct", "bands", "bands_on"]
_PATH = 3  # steps of a proposed path that are shown
_MOST_CAUSES = 5  # 2^5 recalculations; beyond, the repairs of a kind count as one
_TABLE = "library_default"


@dataclass(frozen=True, slots=True)
class Repair:
    """One thing to repair: ``kind`` method | standard | table, its indicator, how it is said."""

    kind: str
    indicator: str
    said: Sentence
    standards: tuple[int, ...] = ()  # the path proposed for a standard

    @property
    def name(self) -> str:
        return f"{self.kind}:{self.indicator}"


@dataclass(frozen=True)
class Trial:
    """A post's worst month, tried again with repairs.

    ``helping`` repairs raise the score or the pay and are split as causes;
    ``others`` are tried on top. ``results``: one row per step of the trial and
    employee (repair, employee, score, coefficient, pay). ``causes``: one row per
    cause and employee with the pay it cost.
    """

    post: str
    month: str
    people: tuple[str, ...]
    before: pd.Series
    helping: tuple[Repair, ...]
    others: tuple[Repair, ...]
    results: pd.DataFrame
    causes: pd.DataFrame

    def change(self, step: int) -> int | None:
        """The mean change of pay against the old pay at a step of the trial (-1: the last)."""
        steps = self.results["step"].drop_duplicates().to_list()
        part = self.results[self.results["step"] == steps[step]].set_index("employee")["pay"]
        return one_share(mean(part) - mean(self.before), mean(self.before))


def one_share(part: int, whole: int) -> int | None:
    """``part / whole`` half-up to six decimals; None for a whole of 0."""
    return int(multiply_divide(part, MILLION, whole)) if whole else None


def trial(pilot: Pilot, post: str, month: str, people: tuple[str, ...] = ()) -> Trial | None:
    """The trial of a post's month, of everybody in it or of ``people``; None without old pay."""
    table = pilot.pay[(pilot.pay["post"] == post) & (pilot.pay["month"] == month)]
    table = table[table["change"].notna()]
    if people:
        table = table[table["employee"].isin(list(people))]
    if table.empty:
        return None
    before = table.set_index("employee")["before"]
    rows = pilot.calculation.rows
    rows = rows[(rows["month"] == month) & rows["employee"].isin(list(before.index))]
    bench = _Bench(pilot.client, rows[list(ASSESSED_COLUMNS)].reset_index(drop=True))
    repairs = bench.repairs(month)
    helping = tuple(r for r in repairs if bench.helps(r, repairs))
    others = tuple(r for r in repairs if r not in helping and r.kind == "method")
    steps: list[tuple[Sentence, Repairs]] = [(Sentence("pilot.repair.none"), frozenset())]
    steps += [(r.said, frozenset({r.name})) for r in helping]
    everything = frozenset(r.name for r in helping)
    if len(helping) > 1:
        steps.append((Sentence("pilot.repair.combined"), everything))
    steps += [
        (Sentence("pilot.repair.also", {"repair": r.said}), everything | {r.name}) for r in others
    ]
    found = [
        bench.result(done).assign(step=i, repair=sentences([said] * len(before)))
        for i, (said, done) in enumerate(steps)
    ]
    results = pd.concat(found, ignore_index=True)
    causes = _causes(bench, helping, before)
    return Trial(post, month, tuple(before.index), before, helping, others, results, causes)


def _causes(bench: _Bench, helping: tuple[Repair, ...], before: pd.Series) -> pd.DataFrame:
    """What each cause cost each person; what stays is the actual result."""
    grouped = _grouped(helping)
    names = list(grouped)

    def paid(chosen: Repairs) -> Ints:
        done = frozenset(r.name for name in chosen for r in grouped[name])
        return ints(bench.result(done)["pay"])

    shares = attribution(names, paid) if names else {}
    after = paid(frozenset(names))
    people = bench.result(frozenset())["employee"]
    rest = after - ints(before.reindex(people.to_numpy()))
    parts = [(_said(grouped[name]), -shares[name]) for name in names]
    parts.append((Sentence("pilot.cause.result"), rest))
    found = [
        pd.DataFrame(
            {
                "employee": people,
                "cause": sentences([said] * len(people)),
                "order": place,
                "amount": masked(np.asarray(amount, dtype=np.int64), False, people.index),
            }
        )
        for place, (said, amount) in enumerate(parts)
    ]
    return pd.concat(found, ignore_index=True)


def _grouped(helping: tuple[Repair, ...]) -> dict[str, tuple[Repair, ...]]:
    if len(helping) <= _MOST_CAUSES:
        return {r.name: (r,) for r in helping}
    kinds = dict.fromkeys(r.kind for r in helping)
    return {kind: tuple(r for r in helping if r.kind == kind) for kind in kinds}


def _said(repairs: tuple[Repair, ...]) -> Sentence:
    first = repairs[0]
    if len(repairs) > 1:
        indicators = tuple(r.indicator for r in repairs)
        return Sentence(f"pilot.cause.{first.kind}s", {"indicators": indicators})
    return Sentence(f"pilot.cause.{first.kind}", {"indicator": first.indicator})


class _Bench:
    """The rows of a month, recalculated with any set of repairs; each set once."""

    def __init__(self, client: Client, rows: pd.DataFrame) -> None:
        self.client, self.rows = client, rows
        self.known: dict[str, Repair] = {}
        self.done: dict[Repairs, pd.DataFrame] = {}

    def repairs(self, month: str) -> tuple[Repair, ...]:
        """All repairs the library offers for these rows."""
        found = [*self._methods(), *self._standards(), *self._tables(month)]
        self.known = {r.name: r for r in found}
        return tuple(found)

    def result(self, repaired: Repairs) -> pd.DataFrame:
        """employee, score, coefficient and pay with these repairs, sorted by employee."""
        if repaired not in self.done:
            client = self._with_table() if any(n.startswith("table:") for n in repaired) else None
            client = client or self.client
            scored = score(self._repaired(repaired))
            looked_up = coefficients(client, totals(scored), scored)
            paid = pay(pay_lines(client, looked_up))[["employee", "pay"]]
            table = looked_up[["employee", "total", "coefficient"]].merge(paid, on="employee")
            self.done[repaired] = table.rename(columns={"total": "score"})
        return self.done[repaired]

    def helps(self, repair: Repair, repairs: tuple[Repair, ...]) -> bool:
        """Whether a repair raises the row's score (as the standard should be), or the pay."""
        standards = frozenset(r.name for r in repairs if r.kind == "standard")
        if repair.kind == "table":
            methods = frozenset(
                r.name for r in repairs if r.kind == "method" and self.helps(r, repairs)
            )
            sets: tuple[Repairs, ...] = (frozenset(), standards | methods)
            return any(
                _sum(self.result(s | {repair.name}), "pay") > _sum(self.result(s), "pay")
                for s in sets
            )
        base = standards if repair.kind == "method" else frozenset()
        return self._points(base | {repair.name}, repair) > self._points(base, repair)

    def _points(self, repaired: Repairs, repair: Repair) -> int:
        scored = score(self._repaired(repaired))
        return _sum(scored[scored["indicator"] == repair.indicator], "row_score")

    def _repaired(self, repaired: Repairs) -> pd.DataFrame:
        rows = self.rows.copy()
        library = self.client.library.indicators
        for repair in (self.known[name] for name in sorted(repaired)):
            here = rows["indicator"] == repair.indicator
            if repair.kind == "method":
                for column in _OF_THE_METHOD:
                    value = library.at[repair.indicator, column]
                    rows[column] = rows[column].mask(here, value)
            elif repair.kind == "standard":
                rows["standard"] = rows["standard"].mask(here, repair.standards[0])
        return rows

    # -- what could be repaired ------------------------------------------------
    def _methods(self) -> list[Repair]:
        known = self.client.library.indicators
        rows = self.rows.drop_duplicates("indicator")
        advised = mapped(rows["indicator"], known["method"])
        other = rows[(advised.notna() & (advised != rows["method"])).astype(bool)]
        return [
            Repair(
                "method",
                str(indicator),
                Sentence(
                    "pilot.repair.method",
                    {"indicator": indicator, "method": known.at[indicator, "method"]},
                ),
            )
            for indicator in other["indicator"]
        ]

    def _standards(self) -> list[Repair]:
        client = self.client
        table = standards_against_history(client)
        table = table[standard_is_jump(client, table)]
        place = ["_file", "_sheet", "_row"]
        own = self.rows.drop_duplicates("indicator").rename(columns={
            "standard_file": "_file", "standard_sheet": "_sheet", "standard_row": "_row",
        })  # fmt: skip
        hit = own[["indicator", *place]].merge(
            table[["indicator", "actual", "standard", *place]], on=["indicator", *place]
        )
        found = []
        for row in hit.to_dict("records"):
            path = self._path(str(row["indicator"]), int(row["actual"]))
            if path:
                values = {
                    "indicator": row["indicator"],
                    "standard": int(row["standard"]),
                    "proposed": path[0],
                    "path": path,
                }
                said = Sentence("pilot.repair.standard", values)
                found.append(Repair("standard", str(row["indicator"]), said, path))
        return found

    def _path(self, indicator: str, history: int) -> tuple[int, ...]:
        """The standards to come from history on; only ratios have steps of their own."""
        client = self.client
        own = client.indicators.loc[indicator]
        if own["unit"] != "ratio":
            return ()
        later = number(client, "conversion.later_step")
        is_conversion = indicator == words(client, "weights.swap_indicators")[0]
        steps = [int(s) for s in client.threshold("conversion.steps")] if is_conversion else []
        sign = -1 if own["direction"] == "lower_is_better" else 1
        return tuple(standard_path(history, [sign * s for s in steps], sign * later, _PATH))

    def _tables(self, month: str) -> list[Repair]:
        """The library's default table, where the plan's own table says otherwise."""
        used = set(coefficients(
            self.client, totals(score(self.rows)), self.rows.iloc[:0]
        )["coefficient_table"].dropna())  # fmt: skip
        own = in_force(self.client.table("coefficient_tables"), [month], ["coefficient_table"])
        columns = ["at_least", "coefficient"]
        advised = self._default()[columns].sort_values("at_least").to_numpy().tolist()
        for name in sorted(used):
            part = own[own["coefficient_table"] == name]
            if part[columns].sort_values("at_least").to_numpy().tolist() != advised:
                return [Repair("table", "", Sentence("pilot.repair.table", {"table": name}))]
        return []

    def _default(self) -> pd.DataFrame:
        tables = self.client.library.coefficient_tables
        name = self.client.threshold("coefficient.table")
        return tables[tables["coefficient_table"] == name]

    def _with_table(self) -> Client:
        """The client with every plan on the library's default table."""
        own = self.client.table("coefficient_tables")
        default = self._default().reindex(columns=own.columns).assign(coefficient_table=_TABLE)
        plans = self.client.table("pay_plans")
        named = plans["coefficient_table"].mask(plans["coefficient_table"].notna(), _TABLE)
        tables: Mapping[str, Any] = {
            **self.client.tables,
            "coefficient_tables": pd.concat(
                [own, default.astype(own.dtypes.to_dict())], ignore_index=True
            ),
            "pay_plans": plans.assign(coefficient_table=named),
        }
        return replace(self.client, tables=MappingProxyType(dict(tables)))


def _sum(table: pd.DataFrame, column: str) -> int:
    return int(table[column].fillna(0).sum())
