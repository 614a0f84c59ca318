"""Raw tables to typed ones: every cell against its column's declaration.

A faulty cell is reported and read as missing, and so is one of Excel without a value
of its own (an error, a formula never calculated, a cell under a merged one). Its row
is set aside only if the key or a required value is lost with it, else marked in
``_spoilt``, so that nothing is computed as if the cell were blank. Rows read = rows used
+ rows set aside. What could be read of a row set aside is kept (``Checked.lost``): whatever
it may have concerned is not computed as if the row did not exist.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from ecperf_kit.exact import decimal
from ecperf_kit.finding import Finding, Source
from ecperf_kit.intake import numbers, values
from ecperf_kit.intake.declare import NUMERIC, SPOILT, Column, Table, plain, tables
from ecperf_kit.intake.misplaced import headings_below, without_totals
from ecperf_kit.intake.numbers import Reading
from ecperf_kit.intake.read import RawTable, column_letters
from ecperf_kit.intake.repeated import without_duplicates
from ecperf_kit.intake.spoilt import EXCEL_ERROR

#: One row per file of a table: what became of its rows.
ACCOUNT = ("table", "file", "sheet", "read", "used", "set_aside", "blank")
#: Versions of a scheme begin with a month; people may move on any day.
MONTHLY_VERSIONS = frozenset({"coefficient_tables", "pay_plans", "scorecards"})
_EXCEL_ERRORS = frozenset(
    {
        *("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#GETTING_DATA"),
        *("#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!"),
    }
)
_DTYPES = {"date": "datetime64[s]", "bool": "boolean", "integer": "Int64"}
Words = Mapping[str, Mapping[str, str]]  # column id -> accepted word, case-folded -> choice


@dataclass
class Checked:
    """A typed table with its findings and the account of its rows.

    ``lost``: the rows set aside because a cell cannot be read, with the columns of the
    table; a cell of the key that cannot be read is missing, every row is ``_spoilt``.
    """

    frame: pd.DataFrame
    findings: list[Finding]
    account: list[dict[str, Any]]
    lost: pd.DataFrame


def dtype_of(column: Column) -> str:
    """The pandas type a declared column is kept in."""
    return "Int64" if column.type in NUMERIC else _DTYPES.get(column.type, "str")


def empty(table: Table) -> pd.DataFrame:
    """The table without rows, with all columns and their types."""
    return _empty(table.name).copy(deep=False)  # what is written to it is its own


@cache
def _empty(name: str) -> pd.DataFrame:
    table = tables()[name]
    types = {c.name: dtype_of(c) for c in table.columns}
    types |= {"_file": "str", "_sheet": "str", "_row": "Int64", SPOILT: "boolean"}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in types.items()})


def choice_words(table: Table, texts: Sequence[Mapping[str, str]]) -> Words:
    """What may be typed for each choice: its id, or its label in either language.

    A label that two choices of one column share stands for neither.
    """
    found: dict[str, dict[str, str]] = {}
    for column in table.columns:
        labels: dict[str, set[str]] = {}
        for choice in column.choices:
            for text in texts:
                for key in (f"label.{choice}", f"typed.{column.name}.{choice}"):
                    if label := text.get(key):
                        labels.setdefault(label.strip().casefold(), set()).add(choice)
        words = {label: meant.pop() for label, meant in labels.items() if len(meant) == 1}
        words |= {choice.casefold(): choice for choice in column.choices}
        found[column.name] = words
    return found


def checked(table: Table, raws: Sequence[RawTable], words: Words) -> Checked:
    """The typed table of all files that give it, in their order."""
    parts = [_checked_rows(table, raw, words) for raw in raws]
    findings = [finding for part in parts for finding in part.findings]
    account = [line for part in parts for line in part.account]
    frame, lost = (_joined(table, [getattr(part, name) for part in parts]) for name in _FRAMES)
    if len(frame):
        frame = without_duplicates(table, frame, findings, account)
    return Checked(frame, findings, account, lost)


_FRAMES = ("frame", "lost")


def _joined(table: Table, frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return empty(table)
    return filled[0] if len(filled) == 1 else pd.concat(filled, ignore_index=True)


def _checked_rows(table: Table, raw: RawTable, words: Words) -> Checked:
    """A file without its rows of totals, which are told and set aside: they are nobody's."""
    body, totals = without_totals(raw)
    part = _checked_file(table, body, words)
    for row, (at, word) in totals.items():
        heading = raw.headings[at] or column_letters(at)
        told = {"file": raw.place, "row": row, "column": heading, "found": word}
        source = Source(raw.file, raw.sheet, row, heading)
        part.findings.append(Finding("D136", f"table:{table.name}", told, source, (table.name,)))
    for name in ("read", "set_aside"):
        part.account[0][name] += len(totals)
    return part


def _checked_file(table: Table, raw: RawTable, words: Words) -> Checked:
    findings: list[Finding] = []
    positions = _positions(table, raw, findings)
    frame = empty(table)
    line = {
        "table": table.name,
        "file": raw.file,
        "sheet": raw.sheet,
        "read": len(raw.rows),
        "used": 0,
        "set_aside": len(raw.rows),
        "blank": raw.blank,
    }
    lacking = [c for c in table.columns if c.required and c.name not in positions]
    if lacking and (row := headings_below(table, raw)) is not None:
        told = {"file": raw.place, "row": row, "first": raw.heading_row}
        source = Source(raw.file, raw.sheet, row)
        one = Finding("D135", f"table:{table.name}", told, source, (table.name,))
        return Checked(frame, [one], [line], _all_lost(table, raw, {}, words))
    for column in lacking:
        shown = f"{column.name} / {column.zh} / {column.en}"
        findings.append(_finding("D201", table, raw, None, column, shown, wanted=shown))
    if lacking:
        return Checked(frame, findings, [line], _all_lost(table, raw, positions, words))
    kept = np.ones(len(raw.rows), dtype=bool)
    for row, more in raw.too_long.items():
        kept &= raw.rows != row
        values_ = {"file": raw.place, "row": row, "found": more, "headings": len(raw.headings)}
        source = Source(raw.file, raw.sheet, row, more.partition(":")[0])
        findings.append(Finding("D108", f"table:{table.name}", values_, source, (table.name,)))
    for row, number in raw.split.items():
        kept &= raw.rows != row
        told = {"file": raw.place, "row": row, "found": number}
        source = Source(raw.file, raw.sheet, row)
        findings.append(Finding("D129", f"table:{table.name}", told, source, (table.name,)))
    read: dict[str, pd.Series] = {}
    unread = np.zeros(len(raw.rows), dtype=bool)
    faults: dict[str, list[int]] = {}
    for column in table.columns:
        if column.name not in positions:
            continue
        typed = raw.cells[positions[column.name]]
        spoilt = raw.spoilt_in(positions[column.name])
        reading = _without(_read(column, typed, words.get(column.name, {})), typed, spoilt)
        unread[list(reading.faults)] = True
        faults[column.name] = list(reading.faults)
        heading = raw.headings[positions[column.name]]
        findings += _cell_findings(table, raw, column, heading, typed, reading, kept, words)
        if column.required:
            blank = (typed == "").to_numpy(dtype=bool) & kept
            findings += [
                _finding("D204", table, raw, int(raw.rows[i]), column, heading)
                for i in np.flatnonzero(blank)
            ]
            kept &= reading.values.notna().to_numpy(dtype=bool)
        elif column.key:
            # an unreadable key is not a blank one
            faulty = np.zeros(len(kept), dtype=bool)
            faulty[list(reading.faults)] = True
            kept &= ~faulty
        read[column.name] = reading.values
    frame = _assembled(table, raw, read, kept, unread)
    line |= {"used": len(frame), "set_aside": len(raw.rows) - len(frame)}
    _monthly(table, raw, frame, findings)
    return Checked(frame, findings, [line], _lost(table, raw, read, kept, faults))


def _all_lost(
    table: Table, raw: RawTable, positions: Mapping[str, int], words: Words
) -> pd.DataFrame:
    """What can be read of the rows of a file without a required column."""
    read, faults = {}, {}
    for name, position in positions.items():
        typed = raw.cells[position]
        reading = _read(table.by_name[name], typed, words.get(name, {}))
        reading = _without(reading, typed, raw.spoilt_in(position))
        read[name], faults[name] = reading.values, list(reading.faults)
    return _lost(table, raw, read, np.zeros(len(raw.rows), dtype=bool), faults)


def _lost(
    table: Table,
    raw: RawTable,
    read: Mapping[str, pd.Series],
    kept: np.ndarray,
    faults: Mapping[str, Sequence[int]],
) -> pd.DataFrame:
    """The rows not kept; of their keys what cannot be read is missing, not blank."""
    if kept.all():
        return empty(table)
    rows = np.flatnonzero(~kept)
    found = _assembled(table, raw, read, ~kept, np.ones(len(kept), dtype=bool))
    for column in table.columns:
        if column.key and dtype_of(column) == "str":
            blank = (found[column.name] == "").to_numpy(dtype=bool) & column.required
            bad = np.isin(rows, list(faults.get(column.name, ())))
            found[column.name] = found[column.name].mask(blank | bad)
    return found


def _positions(table: Table, raw: RawTable, findings: list[Finding]) -> dict[str, int]:
    """Where each declared column stands; unknown, doubled and nameless ones are reported."""
    found: dict[str, int] = {}
    unknown: list[tuple[int, str]] = []
    for position, heading in enumerate(raw.headings):
        name = table.by_heading.get(plain(heading))
        if name is None:
            if heading or (raw.cells[position] != "").any():
                unknown.append((position, heading))
        elif name in found:
            shown = table.by_name[name]
            findings.append(_finding("D203", table, raw, raw.heading_row, shown, heading))
        else:
            found[name] = position
    absent = {h: n for h, n in table.by_heading.items() if n not in found}
    for position, heading in unknown:
        close = difflib.get_close_matches(plain(heading), list(absent), 3, 0.6)
        names = list(dict.fromkeys(absent[c] for c in close)) or list(
            dict.fromkeys(absent.values())
        )
        values_ = {
            "file": raw.place,
            "row": raw.heading_row,
            "column": heading or column_letters(position),
            "suggestion": ", ".join(names) or "–",
        }
        source = Source(raw.file, raw.sheet, raw.heading_row, heading)
        findings.append(Finding("D202", f"table:{table.name}", values_, source, (table.name,)))
    return found


def _read(column: Column, typed: pd.Series, words: Mapping[str, str]) -> Reading:
    bounds = (column.least, column.most)
    match column.type:
        case "money":
            return numbers.read_numbers(typed, True, *bounds)
        case "number" | "rate":
            return numbers.read_numbers(typed, False, *bounds, percent=not column.unit)
        case "integer":
            return numbers.read_integers(typed, *bounds)
        case "date":
            return values.read_dates(typed)
        case "month":
            return values.read_months(typed)
        case "period":
            return values.read_periods(typed)
        case "bool":
            return values.read_bools(typed)
        case "choice":
            return values.read_choices(typed, words)
        case "id":
            return values.read_ids(typed)
    return values.read_texts(typed)


def _without(reading: Reading, typed: pd.Series, spoilt: Mapping[int, str]) -> Reading:
    """A reading without the cells that hold no value of their own, Excel's errors among them."""
    errors = np.flatnonzero(typed.isin(_EXCEL_ERRORS).to_numpy(dtype=bool))
    faults = {int(i): EXCEL_ERROR for i in errors} | dict(spoilt)
    if not faults:
        return reading
    lost = np.zeros(len(typed), dtype=bool)
    lost[list(faults)] = True
    wide = tuple(i for i in reading.wide if i not in faults)
    return Reading(reading.values.mask(lost), {**reading.faults, **faults}, wide)


def _cell_findings(
    table: Table,
    raw: RawTable,
    column: Column,
    heading: str,
    typed: pd.Series,
    reading: Reading,
    kept: np.ndarray,
    words: Words,
) -> list[Finding]:
    found = []
    more: dict[str, Any] = {}
    if column.choices:
        more["choices"] = ", ".join(column.choices)
    if column.least is not None or column.most is not None:
        more |= {"least": _bound(column, column.least), "most": _bound(column, column.most)}
    for i, code in sorted(reading.faults.items()):
        cell = str(typed.iloc[i])
        found.append(
            _finding(code, table, raw, int(raw.rows[i]), column, heading, found=cell, **more)
        )
    if reading.wide:
        first = reading.wide[0]
        cell, row = str(typed.iloc[first]), int(raw.rows[first])
        count = len(reading.wide)
        found.append(_finding("D210", table, raw, row, column, heading, found=cell, count=count))
    return found


def _bound(column: Column, bound: int | None) -> str:
    if bound is None:
        return "–"
    if column.type == "integer":
        return str(bound)
    return f"{decimal(bound).normalize():f}"


def _finding(
    code: str,
    table: Table,
    raw: RawTable,
    row: int | None,
    column: Column,
    heading: str,
    **more: Any,
) -> Finding:
    line = raw.heading_row if row is None else row
    told = {"file": raw.place, "row": line, "column": heading, **more}
    source = Source(raw.file, raw.sheet, line, column.name)
    return Finding(code, f"table:{table.name}", told, source, (table.name,))


def _assembled(
    table: Table,
    raw: RawTable,
    read: Mapping[str, pd.Series],
    kept: np.ndarray,
    unread: np.ndarray,
) -> pd.DataFrame:
    count, whole = int(kept.sum()), bool(kept.all())
    columns: dict[str, Any] = {}
    for column in table.columns:
        kind = dtype_of(column)
        if column.name in read:
            taken = read[column.name].array
            taken = taken if whole else taken[kept]
            if taken.dtype != kind:
                taken = taken.astype(kind)
        else:
            taken = pd.array([None] * count, dtype=kind)  # type: ignore[call-overload]
        if column.key and kind == "str" and taken.isna().any():
            taken = taken.fillna("")
        columns[column.name] = taken
    columns["_file"] = pd.array([raw.file] * count, dtype="str")
    columns["_sheet"] = pd.array([raw.sheet] * count, dtype="str")
    columns["_row"] = pd.array(raw.rows[kept], dtype="Int64")
    columns[SPOILT] = pd.array(unread[kept], dtype="boolean")
    return pd.DataFrame(columns)


def _monthly(table: Table, raw: RawTable, frame: pd.DataFrame, findings: list[Finding]) -> None:
    """Reports versions of the scheme that do not begin with a month."""
    if table.name not in MONTHLY_VERSIONS or frame.empty:
        return
    column = table.by_name["effective_from"]
    for row, day in frame.loc[
        frame["effective_from"].dt.day != 1, ["_row", "effective_from"]
    ].itertuples(index=False):
        told = {"found": f"{day:%Y-%m-%d}", "first": f"{day:%Y-%m}-01"}
        findings.append(_finding("D218", table, raw, int(row), column, column.name, **told))
