"""Scenario files: figures of the scheme changed on trial, by somebody, for a reason.

``client_data/<client>/scenarios/<name>.toml``. Read as strictly as the client's own tables:
every fault is named with file, key, what was found and what to write; a file with a fault
is not tried at all.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from ecperf_kit.exact import MILLION, decimal
from ecperf_kit.finding import Finding, Source
from ecperf_kit.intake.config import parse_toml, stored_number
from ecperf_kit.intake.declare import NUMERIC, Column, tables
from ecperf_kit.intake.files import SCENARIOS
from ecperf_kit.intake.numbers import read_number
from ecperf_kit.library.bands import BandsError, parse_bands
from ecperf_kit.period import Period, PeriodError
from ecperf_kit.spoken import Saying

#: The baseline of a scenario: the scheme in force, or the pay really paid.
IN_FORCE, HISTORY = "in_force", "history"
#: What a scenario may change, table by table; everything else is the client's to change.
CHANGEABLE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "pay_plans": (
            "structure", "base", "performance_pay", "coefficient_table", "over_gate",
            "commission_from", "sales_rate", "gross_profit_rate", "net_profit_rate",
            "piece_rate", "bonus", "benefits",
        ),
        "scorecards": (
            "weight", "method", "cap", "zero_below", "step_size", "step_deduct", "bands",
            "bands_on",
        ),
        "standards": ("standard",),
    }
)  # fmt: skip
_BY_INDICATOR = ("scorecards", "standards")
_REQUIRED = ("author", "reason")
_TEXTS = ("title", "author", "reason", "baseline", "months")
_TABLES = "coefficient_tables"
_TABLE_KEYS = ("coefficient_table", "form", "bands")
_FORMS = ("bands", "linear")


@dataclass(frozen=True)
class Change:
    """New figures of one row: its table, subject (``post:presales_cs``), indicator, columns.

    Numbers are stored integers; ``indicator`` is "" for pay plans.
    """

    table: str
    subject: str
    values: Mapping[str, Any]
    indicator: str = ""


@dataclass(frozen=True)
class Scenario:
    """What is tried: changes and whole coefficient tables, with author and reason.

    ``tables``: name -> (form, pairs of score and coefficient), stored integers.
    ``baseline``: ``in_force``, ``history`` or the name of another scenario. ``months``
    empty: all months with actuals.
    """

    name: str
    title: str = ""
    author: str = ""
    reason: str = ""
    baseline: str = IN_FORCE
    months: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    tables: Mapping[str, tuple[str, tuple[tuple[int, int], ...]]] = field(default_factory=dict)


#: The scheme as it is: a scenario that changes nothing.
AS_IN_FORCE = Scenario(IN_FORCE)


def read_scenarios(folder: Path) -> tuple[tuple[Scenario, ...], list[Finding]]:
    """The scenarios of a client's folder in the order of their names, and what is wrong.

    What is wrong concerns the stages that read scenarios and no other.
    """
    found, findings = [], []
    place = folder / SCENARIOS
    paths = sorted(place.glob("*.toml")) if place.is_dir() else []
    for path in paths:
        scenario, faults = read_scenario(path)
        findings += faults
        if scenario is not None:
            found.append(scenario)
    known, faults = _with_baseline(found, findings)
    return known, [replace(fault, tables=(SCENARIOS,)) for fault in faults]


def _with_baseline(
    found: list[Scenario], findings: list[Finding]
) -> tuple[tuple[Scenario, ...], list[Finding]]:
    """The scenarios whose baseline is another readable one; what has none falls out in turn."""
    while True:
        names = {each.name for each in found} | {IN_FORCE, HISTORY}
        lost = [each for each in found if each.baseline not in names - {each.name}]
        if not lost:
            return tuple(found), findings
        for each in lost:
            reading = _Reading(f"{SCENARIOS}/{each.name}.toml")
            reading.wrong("baseline", each.baseline, " | ".join(sorted(names - {each.name})))
            findings += reading.findings
        found = [each for each in found if each not in lost]


def read_scenario(path: Path) -> tuple[Scenario | None, list[Finding]]:
    """One scenario file; nothing and the findings, all at once, where something is wrong."""
    reading = _Reading(f"{SCENARIOS}/{path.name}")
    try:
        content, faults = parse_toml(path.read_bytes(), reading.file)
    except OSError as error:
        told = {"file": reading.file, "found": error.strerror or type(error).__name__}
        return None, [Finding("D128", f"file:{reading.file}", told, Source(reading.file))]
    if content is None:
        return None, faults
    scenario = reading.scenario(path.stem, content)
    return (None if reading.findings else scenario), reading.findings


class _Reading:
    """One file being read: its name in findings, and those gathered so far."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []

    def wrong(self, key: str, found: object, expected: str) -> None:
        """The value of a key is not what it must be."""
        values = {"file": self.file, "key": key, "found": str(found), "expected": expected}
        self._add("D118", values)

    def _unknown(self, key: str, known: tuple[str, ...]) -> None:
        close = difflib.get_close_matches(key.rpartition(".")[2], known, 1, 0.6)
        suggestion = ", ".join(close or known)
        self._add("D117", {"file": self.file, "key": key, "suggestion": suggestion})

    def _missing(self, key: str) -> None:
        self._add("D119", {"file": self.file, "key": key})

    def _add(self, code: str, values: Mapping[str, Any]) -> None:
        where = Source(self.file, column=str(values.get("key", "")))
        self.findings.append(Finding(code, f"file:{self.file}", values, where))

    def scenario(self, name: str, content: Mapping[str, Any]) -> Scenario:
        for key in content:
            if key not in (*_TEXTS, *CHANGEABLE, _TABLES):
                self._unknown(str(key), (*_TEXTS, *CHANGEABLE, _TABLES))
        if name in (IN_FORCE, HISTORY):  # what these baselines mean stays clear
            self.wrong("name", name, f"!= {IN_FORCE}, {HISTORY}")
        texts = {key: self._text(content, key) for key in _TEXTS}
        changes = [
            change
            for table in CHANGEABLE
            for change in self._changes(table, content.get(table, []))
        ]
        curves = self._curves(content.get(_TABLES, []))
        if not changes and not curves and not self.findings:
            self._missing(" | ".join((*CHANGEABLE, _TABLES)))
        return Scenario(
            name=name,
            title=texts["title"] or name,
            author=texts["author"],
            reason=texts["reason"],
            baseline=texts["baseline"] or IN_FORCE,
            months=self._months(texts["months"]),
            changes=tuple(changes),
            tables=curves,
        )

    def _text(self, content: Mapping[str, Any], key: str) -> str:
        value = content.get(key, "")
        if not isinstance(value, str):
            self.wrong(key, value, '"…"')
            return ""
        if key in _REQUIRED and not value.strip():
            self._missing(key)
        return value.strip()

    def _months(self, text: str) -> tuple[str, ...]:
        try:
            return Period.parse(text).months if text else ()
        except PeriodError:
            self.wrong("months", text, '"2026-04..2026-09"')
            return ()

    def _entries(self, key: str, given: Any) -> list[Mapping[str, Any]]:
        if isinstance(given, list) and all(isinstance(each, Mapping) for each in given):
            return given
        self.wrong(key, given, f"[[{key}]]")
        return []

    def _changes(self, table: str, given: Any) -> list[Change]:
        found = []
        first: dict[tuple[str, str, str], str] = {}
        declared = tables()[table]
        for place, entry in enumerate(self._entries(table, given), start=1):
            key = f"{table}[{place}]"
            named = ("subject", "indicator") if table in _BY_INDICATOR else ("subject",)
            subject, indicator = (str(entry.get(n, "")).strip() for n in ("subject", "indicator"))
            kinds = declared.by_name["subject_kind"].choices
            kind, _, name = subject.partition(":")
            if kind not in kinds or not name:
                self.wrong(f"{key}.subject", subject, " | ".join(f'"{k}:…"' for k in kinds))
            if table in _BY_INDICATOR and not indicator:
                self._missing(f"{key}.indicator")
            values = {}
            for column, value in entry.items():
                if column in named:
                    continue
                if column not in CHANGEABLE[table]:
                    self._unknown(f"{key}.{column}", CHANGEABLE[table])
                    continue
                values[column] = self._typed(f"{key}.{column}", declared.by_name[column], value)
                place_before = first.setdefault((subject, indicator, column), f"{key}.{column}")
                if place_before != f"{key}.{column}":  # which of the two is meant?
                    self.wrong(f"{key}.{column}", value, f"1 x {subject} {column}: {place_before}")
            if not values:
                self._missing(f"{key}: {' | '.join(CHANGEABLE[table])}")
            found.append(Change(table, subject, values, indicator))
        return found

    def _typed(self, key: str, column: Column, value: Any) -> Any:
        """A value as the client's tables hold it; a finding where it is none."""
        if column.type == "bool":
            if not isinstance(value, bool):
                self.wrong(key, value, "true | false")
            return value
        if column.type in NUMERIC:
            number = self._number(value)
            if number is None:
                self.wrong(key, value, f'"{column.example or "0"}"')
            elif not _inside(number, column):
                self.wrong(key, value, _range(column))
            return number
        if not isinstance(value, str) or not value.strip():
            self.wrong(key, value, '"…"')
            return value
        if column.choices and value not in column.choices:
            self.wrong(key, value, " | ".join(f'"{choice}"' for choice in column.choices))
        if column.name == "bands":
            try:
                parse_bands(value)
            except BandsError as error:
                self.wrong(key, value, str(error))
        return value.strip()

    @staticmethod
    def _number(value: Any) -> int | None:
        if isinstance(value, str):
            read = read_number(value)  # "40%" is a rate as in the tables
            return read if isinstance(read, int) else None
        return stored_number(value)

    def _curves(self, given: Any) -> dict[str, tuple[str, tuple[tuple[int, int], ...]]]:
        found = {}
        for place, entry in enumerate(self._entries(_TABLES, given), start=1):
            key = f"{_TABLES}[{place}]"
            for name in entry:
                if name not in _TABLE_KEYS:
                    self._unknown(f"{key}.{name}", _TABLE_KEYS)
            name, form = str(entry.get("coefficient_table", "")), entry.get("form", _FORMS[0])
            if not name.strip():
                self._missing(f"{key}.coefficient_table")
            elif name.strip() in found:
                self.wrong(f"{key}.coefficient_table", name, f"1 x {name.strip()}")
            if form not in _FORMS:
                self.wrong(f"{key}.form", form, " | ".join(f'"{each}"' for each in _FORMS))
            pairs = self._pairs(f"{key}.bands", entry.get("bands"))
            found[name.strip()] = (str(form), pairs)
        return found

    def _pairs(self, key: str, given: Any) -> tuple[tuple[int, int], ...]:
        form = '[["0", "0.5"], ["60", "0.7"]]'
        good = isinstance(given, list) and given and all(
            isinstance(pair, list) and len(pair) == 2 for pair in given
        )  # fmt: skip
        if not good:
            self.wrong(key, given, form)
            return ()
        pairs = [tuple(self._number(each) for each in pair) for pair in given]
        if any(number is None or number < 0 for pair in pairs for number in pair):
            self.wrong(key, given, form)
            return ()
        scores = [pair[0] for pair in pairs]
        if scores != sorted(set(scores)):  # type: ignore[type-var]
            self.wrong(key, given, f"{form}: scores that rise")
        return tuple(pairs)  # type: ignore[arg-type]


def _inside(number: int, column: Column) -> bool:
    low = column.least is None or number >= column.least
    return low and (column.most is None or number <= column.most)


def _range(column: Column) -> str:
    ends = (column.least, column.most)
    low, high = ("" if end is None else f"{_plain(decimal(end))}" for end in ends)
    return f"{low} … {high}".strip()


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def table_faults(
    scenario: Scenario, plans: pd.DataFrame, curves: pd.DataFrame
) -> tuple[Saying, ...]:
    """Coefficient tables a scenario changes in vain, or names without there being any.

    ``plans`` as they are under the scenario, ``curves`` the client's own tables.
    """
    named = set(plans["coefficient_table"].dropna())
    there = {*curves["coefficient_table"].dropna(), *scenario.tables}
    wanted = {
        str(change.values["coefficient_table"])
        for change in scenario.changes
        if "coefficient_table" in change.values
    }
    known, all_there = sorted(named & there) or "–", sorted(there) or "–"
    return (
        *(Saying("scenario.no_plan_uses", table=name, known=known)
          for name in scenario.tables if name not in named),
        *(Saying("scenario.no_table", table=name, known=all_there)
          for name in sorted(wanted - there)),
    )  # fmt: skip


def curve_rows(scenario: Scenario, since: Any, like: pd.DataFrame) -> pd.DataFrame:
    """A scenario's coefficient tables as rows from a day on, in the form of ``like``."""
    rows = [
        (name, pd.Timestamp(since), at_least, coefficient, form)
        for name, (form, pairs) in scenario.tables.items()
        for at_least, coefficient in pairs
    ]
    names = ["coefficient_table", "effective_from", "at_least", "coefficient", "form"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.reindex(columns=like.columns).astype(like.dtypes.to_dict())


def main_posts(assignments: pd.DataFrame, employee: str) -> pd.DataFrame:
    """A person's assignments by day, of posts held at once the one with most time."""
    held = assignments[assignments["employee"] == employee]
    held = held[held["effective_from"].notna()]
    shares = held["time_share"].fillna(MILLION)
    held = held.assign(_share=shares).sort_values("_share", ascending=False, kind="stable")
    held = held.sort_values("effective_from", kind="stable")
    return held.drop_duplicates("effective_from").drop(columns="_share")
