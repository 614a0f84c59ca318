"""The five SMART questions of every indicator on the scorecards in force, answered from the
client's own tables (HR-finance article 3: indicators follow goals, duties and SMART)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, ints
from ecperf_kit.method.actuals import CYCLES
from ecperf_kit.method.expected import PLAN_RATIOS
from ecperf_kit.method.keys import find
from ecperf_kit.method.once import once
from ecperf_kit.method.subjects import KINDS, company_id
from ecperf_kit.rules.duties import duties_of_posts
from ecperf_kit.rules.history import scored_history
from ecperf_kit.rules.in_force import cards, number, people, start_month
from ecperf_kit.rules.scheme import forbidden_rows
from ecperf_kit.rules.standards import (
    standard_is_jump,
    standards_against_history,
    typed_standards,
)

LETTERS = ("specific", "measurable", "attainable", "relevant", "time_bound")
PASSED, FAILED, NOT_KNOWN = "smart_passed", "smart_failed", "smart_not_known"


@dataclass(frozen=True, slots=True)
class Answer:
    """One letter's answer: state, what is said for it (a text key's end) and with which values;
    ``persons``: how many people's results the values tell, 0 for nobody's."""

    state: str
    said: str
    values: Mapping[str, Any] = field(default_factory=dict)
    persons: int = 0


class _History(NamedTuple):
    """How often a scorecard row was due, had figures, and was reached, and by how many people's
    figures that is known."""

    due: int
    known: int
    reached: int
    persons: int


@dataclass(frozen=True, slots=True)
class _Known:
    """What all rows are answered from, each table looked up by key."""

    facts: Mapping[str, Mapping[str, Any]]
    standards: Mapping[tuple[str, str, str], list[Mapping[str, Any]]]
    history: Mapping[tuple[str, str], _History]
    before: Mapping[tuple[str, str], Mapping[str, Any]]
    duties: Mapping[tuple[str, str], str]
    planned: frozenset[str]
    cycles: Mapping[str, str]
    month: str
    missing_share: int
    enough: int
    cut_off: str


@once
def smart(client: Client) -> pd.DataFrame:
    """One row per scorecard row in force: subject, post, indicator and an :class:`Answer` per
    letter of :data:`LETTERS`.

    Attainable is judged by the months on record: a standard never reached fails, so does one
    always reached that could still be raised; with fewer than three figures the last actual
    and the library's typical value stand in, and without these it is not known.
    """
    rows = cards(client)
    known = _known(client)
    holders = _holders(client, rows)
    banned = forbidden_rows(client, rows).tolist()
    names = ("subject", "subject_kind", "subject_id", "post", "indicator", "data_source",
             "standard_basis", "duty")  # fmt: skip
    records = zip(*(rows[name].tolist() for name in names), banned, strict=True)
    found = []
    for values in records:
        row = dict(zip((*names, "banned"), values, strict=True))
        persons, subjects = holders.get(row["subject"], (0, ()))
        standard = _standard(known, row, subjects)
        found.append((
            row["subject"], row["post"], row["indicator"], _specific(known, row),
            _measurable(known, row), _attainable(known, row, standard, persons),
            _relevant(known, row), _time_bound(known, row, standard),
        ))  # fmt: skip
    columns = ["subject", "post", "indicator", *LETTERS]
    return pd.DataFrame(found, columns=columns)


def _known(client: Client) -> _Known:
    facts = client.indicators
    wanted = ["definition_zh", "unit", "subjective", "goal", "cycle", "direction",
              "typical_value", "plausible_min", "plausible_max"]  # fmt: skip
    facts = facts.reindex(columns=wanted)
    standards: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    typed = typed_standards(client)
    columns = ("subject_kind", "subject_id", "indicator", "period", "months", "standard")
    for row in zip(*(typed[name].tolist() for name in columns), strict=True):
        of = {"period": row[3], "months": row[4], "standard": row[5]}
        standards.setdefault((row[0], row[1], row[2]), []).append(of)
    past = standards_against_history(client)
    jumps = standard_is_jump(client, past).tolist()
    keys = ("first", "subject", "indicator", "actual", "standard")
    before: dict[tuple[str, str], dict[str, Any]] = {}
    lines = zip(*(past[name].tolist() for name in keys), jumps, strict=True)
    for _, subject, indicator, actual, value, jump in sorted(lines, key=lambda line: str(line[0])):
        if not (pd.isna(actual) or pd.isna(value)):  # the newest standard stays
            of_last = {"actual": int(actual), "standard": int(value), "jump": jump}
            before[subject, indicator] = of_last
    duties = duties_of_posts(client)
    text = duties[f"text_{client.language}"]
    return _Known(
        facts={
            name: dict(zip(wanted, values, strict=True))
            for name, *values in zip(
                facts.index.tolist(), *(facts[column].tolist() for column in wanted), strict=True
            )
        },
        standards=standards,
        history=_history(client),
        before=before,
        duties=dict(
            zip(zip(duties["post"], duties["duty"], strict=True), text.tolist(), strict=True)
        ),
        planned=frozenset(client.table("targets")["measure"].dropna().unique()),
        cycles={str(p): str(c) for p, c in client.library.posts["cycle"].items()},
        month=start_month(client),
        missing_share=number(client, "scorecard.missing_share_warn"),
        enough=number(client, "standard.history_months") // MILLION,
        cut_off=client.config.pay.cut_off,
    )


def _history(client: Client) -> dict[tuple[str, str], _History]:
    """Of every scorecard row in force what its months of actuals say, by subject and indicator."""
    own = cards(client)
    rows = scored_history(client)
    if rows.empty or own.empty:
        return {}
    at = find(
        [rows[n] for n in ("subject", "indicator")], [own[n] for n in ("subject", "indicator")]
    )
    kept = at >= 0
    rows, at = rows[kept], at[kept]
    lower = (rows["direction"] == "lower_is_better").to_numpy(dtype=bool)
    actual, standard = ints(rows["actual"]), ints(rows["standard"])
    both = (rows["actual"].notna() & rows["standard"].notna()).to_numpy(dtype=bool)
    met = both & np.where(lower, actual <= standard, actual >= standard)
    counts = [np.bincount(at, weights=w, minlength=len(own)).astype(int).tolist()
              for w in (np.ones(len(at)), both, met)]  # fmt: skip
    codes, names = pd.factorize(rows["employee"])
    pairs = np.unique(at[both] * len(names) + codes[both])
    persons = np.bincount(pairs // max(len(names), 1), minlength=len(own)).tolist()
    keys = zip(own["subject"].tolist(), own["indicator"].tolist(), strict=True)
    told = zip(keys, *counts, persons, strict=True)
    return {key: _History(*of) for key, *of in told if of[0]}


def _holders(client: Client, rows: pd.DataFrame) -> dict[str, tuple[int, tuple[str, ...]]]:
    """For every scorecard how many people are under it and the subjects whose standards count,
    in the order of look-up (``employee:E003``, ``post_channel:…``)."""
    team = people(client)
    own = set(rows["subject"])
    company = f"company:{company_id(client)}"
    found: dict[str, dict[str, set[str]]] = {}
    held: dict[str, set[str]] = {}
    names = ("employee", "post", "department", "channel")
    for employee, post, department, channel in zip(
        *(team[name].fillna("").tolist() for name in names), strict=True
    ):
        person = f"employee:{employee}"
        subject = person if person in own else f"post:{post}"
        held.setdefault(subject, set()).add(employee)
        of = found.setdefault(subject, {kind: set() for kind in KINDS})
        of["employee"].add(person)
        of["post"].add(f"post:{post}")
        of["department"].add(f"department:{department}")
        of["company"].add(company)
        if channel:
            of["post_channel"].add(f"post_channel:{post}@{channel}")
            of["channel"].add(f"channel:{channel}")
    told = {s: tuple(n for kind in KINDS for n in sorted(of[kind])) for s, of in found.items()}
    empty = {s: (0, (s, company)) for s in own - set(told)}
    return empty | {s: (len(held[s]), subjects) for s, subjects in told.items()}


def _standard(
    known: _Known, row: Mapping[str, Any], subjects: Sequence[str]
) -> Mapping[str, Any] | None:
    """The standard typed for whoever is under the scorecard: of the first subject that has one
    the version of the month the assessment begins with, else the last."""
    for subject in subjects:
        kind, _, name = subject.partition(":")
        versions = known.standards.get((kind, name, row["indicator"]))
        if versions:
            covering = [v for v in versions if known.month in v["months"]]
            if covering:
                return min(covering, key=lambda v: len(v["months"]))
            return max(versions, key=lambda v: str(v["months"][0]))
    return None


def _specific(known: _Known, row: Mapping[str, Any]) -> Answer:
    defined = known.facts.get(row["indicator"], {}).get("definition_zh")
    if not isinstance(defined, str) or not defined:
        return Answer(FAILED, "undefined")
    if _sourceless(row):
        return Answer(FAILED, "no_source")
    return Answer(PASSED, "defined", {"source": row["data_source"]})


def _sourceless(row: Mapping[str, Any]) -> bool:
    return not isinstance(row["data_source"], str) or row["data_source"] in ("", "none")


def _measurable(known: _Known, row: Mapping[str, Any]) -> Answer:
    if _sourceless(row):
        return Answer(FAILED, "subjective")
    if not isinstance(known.facts.get(row["indicator"], {}).get("unit"), str):
        return Answer(FAILED, "no_unit")
    found = known.history.get((row["subject"], row["indicator"]))
    if found is not None:
        lacking = found.due - found.known
        values = {"due": found.due, "known": found.known, "missing": lacking}
        if lacking * MILLION > known.missing_share * found.due:
            return Answer(FAILED, "gaps", values)
        return Answer(PASSED, "numbers", values)
    if (row["subject"], row["indicator"]) in known.before:
        return Answer(PASSED, "history")
    return Answer(NOT_KNOWN, "no_number", {"source": row["data_source"]})


def _attainable(
    known: _Known, row: Mapping[str, Any], standard: Mapping[str, Any] | None, persons: int
) -> Answer:
    key = (row["subject"], row["indicator"])
    facts = known.facts.get(row["indicator"], {})
    lower = facts.get("direction") == "lower_is_better"
    value = None if standard is None or pd.isna(standard["standard"]) else int(standard["standard"])
    found = known.history.get(key)
    if found is not None and found.known >= known.enough:
        values: dict[str, Any] = {"known": found.known, "reached": found.reached}
        if not found.reached:
            return Answer(FAILED, "never", values, found.persons)
        if found.reached < found.known:
            return Answer(PASSED, "reached", values, found.persons)
        if value is not None and _at_its_limit(facts, value, lower):
            return Answer(PASSED, "at_limit", values, found.persons)
        return Answer(FAILED, "always", values, found.persons)
    unit = facts.get("unit")
    if key in known.before:
        past = known.before[key]
        values = {name: (past[name], unit) for name in ("actual", "standard")}
        state, said = (FAILED, "jump") if past["jump"] else (PASSED, "near")
        return Answer(state, said, values, persons)
    if value is None:
        planned = _by_plan(known, row)
        return Answer(NOT_KNOWN, "plan_only" if planned else "no_standard")
    typical = facts.get("typical_value")
    if typical is None or pd.isna(typical):
        return Answer(NOT_KNOWN, "nothing")
    values = {"standard": (value, unit), "typical": (int(typical), unit)}
    harder = value < typical if lower else value > typical
    return (
        Answer(NOT_KNOWN, "above_typical", values) if harder else Answer(PASSED, "typical", values)
    )


def _at_its_limit(facts: Mapping[str, Any], value: int, lower: bool) -> bool:
    """Whether nothing harder can be asked: no fault at all, or everything in time."""
    if lower:
        return value <= 0
    return facts.get("unit") == "ratio" and value >= MILLION


def _relevant(known: _Known, row: Mapping[str, Any]) -> Answer:
    if row["banned"]:
        return Answer(FAILED, "forbidden")
    duty = row["duty"]
    if not isinstance(duty, str) or not duty:
        return Answer(FAILED, "no_duty")
    values = {"duty": known.duties.get((row["post"], duty), duty)}
    goal = known.facts.get(row["indicator"], {}).get("goal")
    if not isinstance(goal, str) or not goal:
        return Answer(PASSED, "duty", values)
    return Answer(PASSED, "goal", values | {"goal": goal})


def _by_plan(known: _Known, row: Mapping[str, Any]) -> bool:
    """Whether the annual plan says what is expected month by month."""
    needed = PLAN_RATIOS.get(row["indicator"], (row["indicator"],))
    return row["standard_basis"] == "annual_plan" and known.planned.issuperset(needed)


def _time_bound(
    known: _Known, row: Mapping[str, Any], standard: Mapping[str, Any] | None
) -> Answer:
    own = known.facts.get(row["indicator"], {}).get("cycle")
    both = [str(cycle) for cycle in (known.cycles.get(row["post"]), own) if cycle in CYCLES]
    cycle = max(both, key=lambda name: CYCLES[name], default="month")
    values = {"cycle": cycle, "cut_off": known.cut_off}
    if _by_plan(known, row):
        return Answer(PASSED, "by_plan", values)
    if standard is None:
        return Answer(FAILED, "no_period", values)
    return Answer(PASSED, "in_period", values | {"period": standard["period"]})
