"""What would repair a post whose pay fell: single repairs, all together, and whose fault it was.

Every repair is worked out from the library, none from the post: another scoring
method than the library's, a standard that jumps from history, another
coefficient table than the default.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, Ints, ints, masked, multiply_divide
from ecperf_kit.method.attribution import Repairs, attribution
from ecperf_kit.method.in_force import in_force
from ecperf_kit.method.scorecards import ASSESSED_COLUMNS
from ecperf_kit.method.standards import standard_path
from ecperf_kit.rules.in_force import mapped, number, words
from ecperf_kit.rules.pilot import Pilot, mean
from ecperf_kit.rules.standards import standard_is_jump, standards_against_history
from ecperf_kit.stages.judged import sentences
from ecperf_kit.stages.pilot_bench import Bench, Repair, paid_in_all
from ecperf_kit.stages.result import Sentence

_PATH = 3  # steps of a proposed path that are shown
_MOST_CAUSES = 5  # 2^5 recalculations; beyond, the repairs of a kind count as one


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


#: A post's month to be tried again, for these people only unless they are none.
Wanted = tuple[str, str, tuple[str, ...]]


def trials(pilot: Pilot, wanted: Sequence[Wanted]) -> list[Trial]:
    """The trial of each post's month, of everybody in it or of the named people.

    Months without old pay have no trial. All of them are recalculated together.
    """
    cases = [case for case in (_case(pilot, *one) for one in wanted) if case is not None]
    if not cases:
        return []
    bench = Bench(pilot.client, [case.rows for case in cases])
    for place, case in enumerate(cases):
        bench.remember(place, case.unrepaired)
    _look_for_repairs(pilot.client, bench, cases)
    _raising_the_score(bench, cases)
    bench.work_out([(place, done) for place, case in enumerate(cases) for done in _needed(case)])
    for place, case in enumerate(cases):
        if any(_more_pay(bench, place, pair) for pair in _with_and_without(case)):
            case.helping += case.tables
    return [_tried(bench, place, case) for place, case in enumerate(cases)]


def _needed(case: _Case) -> Iterator[Repairs]:
    """Every set of repairs a trial asks for, whether its table turns out to help or not."""
    for pair in _with_and_without(case):
        yield from pair
    for helping in (case.helping, (*case.helping, *case.tables)):
        yield from (done for _, done in _plan(helping, case.others))
        yield from _sets(helping)


@dataclass
class _Case:
    """A post's month on the bench: its rows, its repairs, and which of them help."""

    post: str
    month: str
    before: pd.Series
    rows: pd.DataFrame
    unrepaired: pd.DataFrame
    repairs: tuple[Repair, ...] = ()
    helping: tuple[Repair, ...] = ()
    others: tuple[Repair, ...] = ()

    @property
    def tables(self) -> tuple[Repair, ...]:
        return tuple(r for r in self.repairs if r.kind == "table")

    def names(self, kind: str) -> Repairs:
        return frozenset(r.name for r in self.repairs if r.kind == kind)


def _case(pilot: Pilot, post: str, month: str, people: tuple[str, ...]) -> _Case | None:
    table = pilot.pay[(pilot.pay["post"] == post) & (pilot.pay["month"] == month)]
    table = table[table["change"].notna()]
    if people:
        table = table[table["employee"].isin(list(people))]
    if table.empty:
        return None
    before = table.set_index("employee")["before"]
    calculation, people_here = pilot.calculation, list(before.index)
    rows, totals, paid = (
        part[(part["month"] == month) & part["employee"].isin(people_here)]
        for part in (calculation.rows, calculation.totals, calculation.pay)
    )
    as_it_was = totals[["employee", "total", "coefficient", "coefficient_table"]].merge(
        paid[["employee", "pay"]], on="employee"
    )
    as_it_was = as_it_was.rename(columns={"total": "score"})
    return _Case(post, month, before, rows[list(ASSESSED_COLUMNS)], as_it_was)


def _tried(bench: Bench, place: int, case: _Case) -> Trial:
    plan = _plan(case.helping, case.others)
    found = [
        bench.result(place, done)[["employee", "score", "coefficient", "pay"]].assign(
            step=step, repair=sentences([said] * len(case.before))
        )
        for step, (said, done) in enumerate(plan)
    ]
    results = pd.concat(found, ignore_index=True)
    causes = _causes(bench, place, case)
    people = tuple(case.before.index)
    return Trial(
        case.post, case.month, people, case.before, case.helping, case.others, results, causes
    )


_Step = tuple[Sentence, Repairs]


def _plan(helping: Sequence[Repair], others: Sequence[Repair]) -> list[_Step]:
    """The steps of a trial: as it was, each repair alone, all together, others on top."""
    steps: list[_Step] = [(Sentence("pilot.repair.none"), frozenset())]
    steps += [(r.said, frozenset({r.name})) for r in helping]
    everything = frozenset(r.name for r in helping)
    if len(helping) > 1:
        steps.append((Sentence("pilot.repair.combined"), everything))
    return steps + [
        (Sentence("pilot.repair.also", {"repair": r.said}), everything | {r.name}) for r in others
    ]


def _sets(helping: tuple[Repair, ...]) -> list[Repairs]:
    """Every set of causes, which the split of the fall over its causes asks for."""
    grouped = _grouped(helping)
    return [
        _repairs_of(grouped, chosen)
        for size in range(len(grouped) + 1)
        for chosen in combinations(grouped, size)
    ]


def _repairs_of(grouped: Mapping[str, tuple[Repair, ...]], chosen: Sequence[str]) -> Repairs:
    return frozenset(r.name for name in chosen for r in grouped[name])


def _causes(bench: Bench, place: int, case: _Case) -> pd.DataFrame:
    """What each cause cost each person; what stays is the actual result."""
    grouped = _grouped(case.helping)
    names = list(grouped)

    def paid(chosen: Repairs) -> Ints:
        return ints(bench.result(place, _repairs_of(grouped, tuple(chosen)))["pay"])

    shares = attribution(names, paid) if names else {}
    after = paid(frozenset(names))
    people = bench.result(place, frozenset())["employee"]
    rest = after - ints(case.before.reindex(people.to_numpy()))
    parts = [(_said(grouped[name]), -shares[name]) for name in names]
    parts.append((Sentence("pilot.cause.result"), rest))
    found = [
        pd.DataFrame(
            {
                "employee": people,
                "cause": sentences([said] * len(people)),
                "order": order,
                "amount": masked(np.asarray(amount, dtype=np.int64), False, people.index),
            }
        )
        for order, (said, amount) in enumerate(parts)
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


# -- which repairs help ----------------------------------------------------------
def _raising_the_score(bench: Bench, cases: Sequence[_Case]) -> None:
    """Sorts methods and standards: those that raise the row's score (as the standard should be).

    Methods that do not are tried on top of the others.
    """
    asked: list[tuple[int, Repairs, str]] = []
    for place, case in enumerate(cases):
        for repair in case.repairs:
            if repair.kind != "table":
                base = case.names("standard") if repair.kind == "method" else frozenset()
                asked.append((place, base, repair.indicator))
                asked.append((place, base | {repair.name}, repair.indicator))
    points = bench.points(asked)
    raised = iter([after > before for before, after in zip(points[::2], points[1::2], strict=True)])
    for case in cases:
        case.helping = tuple(r for r in case.repairs if r.kind != "table" and next(raised))
        case.others = tuple(r for r in case.repairs if r not in case.helping and r.kind == "method")


def _with_and_without(case: _Case) -> list[tuple[Repairs, Repairs]]:
    """A table is tried on the rows as they are, and on those with the repairs that help."""
    if not case.tables:
        return []
    methods = frozenset(r.name for r in case.helping if r.kind == "method")
    sets: tuple[Repairs, ...] = (frozenset(), case.names("standard") | methods)
    return [(done, done | case.names("table")) for done in sets]


def _more_pay(bench: Bench, place: int, pair: tuple[Repairs, Repairs]) -> bool:
    without, with_table = (paid_in_all(bench.result(place, done)) for done in pair)
    return with_table > without


# -- what could be repaired --------------------------------------------------------
def _look_for_repairs(client: Client, bench: Bench, cases: Sequence[_Case]) -> None:
    """All repairs the library offers for the rows of each case."""
    history = standards_against_history(client)
    jumps = history[standard_is_jump(client, history)]
    for place, case in enumerate(cases):
        rows = case.rows.drop_duplicates("indicator")
        found = [*_methods(client, rows), *_standards(client, rows, jumps)]
        used = case.unrepaired["coefficient_table"]
        found += _tables(client, bench, set(used.dropna()), case.month)
        case.repairs = tuple(found)
        bench.known[place] = {r.name: r for r in found}


def _methods(client: Client, rows: pd.DataFrame) -> list[Repair]:
    known = client.library.indicators
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


def _standards(client: Client, rows: pd.DataFrame, jumps: pd.DataFrame) -> list[Repair]:
    if jumps.empty:
        return []
    place = ["_file", "_sheet", "_row"]
    own = rows.rename(columns={
        "standard_file": "_file", "standard_sheet": "_sheet", "standard_row": "_row",
    })  # fmt: skip
    hit = own[["indicator", *place]].merge(
        jumps[["indicator", "actual", "standard", *place]], on=["indicator", *place]
    )
    found = []
    for row in hit.to_dict("records"):
        path = _path(client, str(row["indicator"]), int(row["actual"]))
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


def _path(client: Client, indicator: str, history: int) -> tuple[int, ...]:
    """The standards to come from history on; only ratios have steps of their own."""
    own = client.indicators.loc[indicator]
    if own["unit"] != "ratio":
        return ()
    later = number(client, "conversion.later_step")
    is_conversion = indicator == words(client, "weights.swap_indicators")[0]
    steps = [int(s) for s in client.threshold("conversion.steps")] if is_conversion else []
    sign = -1 if own["direction"] == "lower_is_better" else 1
    return tuple(standard_path(history, [sign * s for s in steps], sign * later, _PATH))


def _tables(client: Client, bench: Bench, used: set[str], month: str) -> list[Repair]:
    """The library's default table, where the plan's own table says otherwise."""
    own = in_force(client.table("coefficient_tables"), [month], ["coefficient_table"])
    columns = ["at_least", "coefficient"]
    advised = bench.default_table[columns].sort_values("at_least").to_numpy().tolist()
    for name in sorted(used):
        part = own[own["coefficient_table"] == name]
        if part[columns].sort_values("at_least").to_numpy().tolist() != advised:
            return [Repair("table", "", Sentence("pilot.repair.table", {"table": name}))]
    return []
