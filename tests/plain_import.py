"""The plain way to import an export: one file read whole, pandas column by column.

It is what bulk reading by pieces must equal, finding by finding and cent by cent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ecperf_kit.exact import MILLION, divide, exact
from ecperf_kit.finding import Finding, Source
from ecperf_kit.intake import read
from ecperf_kit.intake.accounts import Total
from ecperf_kit.intake.exports import (
    Contradiction,
    Export,
    Measure,
    Yield,
    cleaned,
    exports,
    read_column,
)
from ecperf_kit.library import load_library

CELLS_NAMED = 20


@dataclass
class PlainImport:
    """What the plain way makes of one file."""

    file: str
    findings: list[Finding] = field(default_factory=list)
    read: int = 0
    blank: int = 0
    used: int = 0
    set_aside: list[tuple[str, int]] = field(default_factory=list)
    totals: list[Total] = field(default_factory=list)
    actuals: list[tuple[Any, ...]] = field(default_factory=list)

    def report(self, code: str, column: str = "", row: int | None = None, **values: Any) -> None:
        told = {"file": self.file, "column": column, "row": row or "–", **values}
        source = Source(self.file, "", row, column)
        self.findings.append(Finding(code, f"file:{self.file}", told, source))


def plain_import(
    path: Path, export_name: str, subjects: Mapping[str, str], cut_off: str = "calendar"
) -> PlainImport:
    """The import of a file known to be this export; ``subjects`` as Tally has them."""
    current = PlainImport(path.name)
    library = load_library()
    export = next(e for e in exports(library.folder) if e.export == export_name)
    try:
        if path.suffix == ".parquet":
            raw = read.read_parquet(path, path.name)
        else:
            raw = read.read_csv(path, path.name)
    except read.ReadError as error:
        current.report(error.code, **error.values)
        return current
    positions = export.positions(raw.headings)
    if positions is None:
        current.report("D405")
        return current
    current.read, current.blank = len(raw.rows), raw.blank
    columns = _columns(current, export, raw, positions)
    if export.subject == "channel":
        subject = pd.Series(subjects[""], index=columns[export.key].index, dtype="str")
    else:
        subject = columns[export.person].map(dict(subjects)).astype("str")
        names = columns[export.person]
        if lost := sorted(names[subject.isna() & names.notna()].unique()):
            more = ["…"] if len(lost) > CELLS_NAMED else []
            heading = export.columns[export.person].headings[0]
            shown = ", ".join([*lost[:CELLS_NAMED], *more])
            current.report("D407", heading, count=len(lost), found=shown)
    if not current.findings:
        _compute(current, export, columns, subject, cut_off)
    return current


def _months(days: pd.Series, cut_off: str) -> pd.Series:
    """The month each day belongs to, ``2026-04``."""
    later = (days.dt.day > 25) & (cut_off == "26_25")
    first = days.dt.to_period("M").dt.to_timestamp()
    return first.where(~later, first + pd.offsets.MonthBegin(1)).dt.strftime("%Y-%m")


def _in_part(current: PlainImport, days: pd.Series, cut_off: str) -> None:
    """Tells the months of which days are lacking before the first or after the last row."""
    seen = days.dropna().dt.normalize().drop_duplicates().sort_values()
    if seen.empty:
        return
    usual = max([gap.days - 1 for gap in seen.diff().dropna()], default=0)
    every = pd.Series(pd.date_range("1949-12-01", "2100-02-28"))
    months = _months(every, cut_off)
    for month in sorted(set(_months(seen, cut_off))):
        span = every[months == month]
        before, after = span[span < seen.iloc[0]], span[span > seen.iloc[-1]]
        gaps = [gap for gap in (before, after) if len(gap) > usual]
        if gaps:
            missing = [sorted({str(g.iloc[0].date()), str(g.iloc[-1].date())}) for g in gaps]
            told = {"missing": ", ".join("..".join(each) for each in missing)}
            told |= {"first": str(span.iloc[0].date()), "last": str(span.iloc[-1].date())}
            current.report("D480", month=month, cut_off=cut_off, **told)


def _columns(
    current: PlainImport, export: Export, raw: read.RawTable, positions: Mapping[str, int]
) -> dict[str, pd.Series]:
    """The export's columns, typed; unreadable, missing and doubled cells are reported."""
    for heading in export.doubled(raw.headings):
        current.report("D203", heading, raw.heading_row)
    for row, more in raw.too_long.items():
        current.report("D108", more.partition(":")[0], row, found=more, headings=len(raw.headings))
    for row, number in raw.split.items():
        current.report("D129", "", row, found=number)
    typed = {n: cleaned(export, raw.cells[p]) for n, p in positions.items()}
    readings = {n: read_column(export.columns[n], text) for n, text in typed.items()}
    columns = {n: reading.values for n, reading in readings.items()}
    for name, reading in readings.items():
        column = export.columns[name]
        wanted = pd.Series(not column.may_be_blank, index=typed[name].index)
        if column.required_where:
            wanted = holds(export, column.required_where, columns)
        blank = (typed[name] == "") & wanted
        spoilt = raw.spoilt_in(positions[name])
        lost = sorted({*reading.faults, *spoilt, *(int(i) for i in np.flatnonzero(blank))})
        heading = raw.headings[positions[name]]
        for i in lost[:CELLS_NAMED]:
            more = len(lost) - CELLS_NAMED if i == lost[:CELLS_NAMED][-1] else 0
            found = str(typed[name].iloc[i]) + (f" … (+{more})" if more > 0 else "")
            current.report("D409", heading, int(raw.rows[i]), found=found)
    keys = columns[export.key]
    again = np.flatnonzero(keys.duplicated() & keys.notna())
    if len(again):
        first = int(again[0])
        heading = raw.headings[positions[export.key]]
        count, found = len(again), str(keys.iloc[first])
        current.report("D412", heading, int(raw.rows[first]), count=count, found=found)
    for each, wrong in contradicting(export, columns):
        heading, found = (
            raw.headings[positions[each.column]],
            "–" if pd.isna(keys.iloc[wrong[0]]) else str(keys.iloc[wrong[0]]),
        )
        told = {"count": len(wrong), "found": found, "reason": each.reason}
        current.report("D415", heading, int(raw.rows[wrong[0]]), **told)
    return columns


def _compute(
    current: PlainImport,
    export: Export,
    columns: Mapping[str, pd.Series],
    subject: pd.Series,
    cut_off: str,
) -> None:
    """The actuals and totals of the rows that count, and the account of all rows."""
    kept = pd.Series(True, index=subject.index)
    for reason, condition in export.set_aside:
        stays = holds(export, condition, columns)
        current.set_aside.append((reason, int((kept & ~stays).sum())))
        kept &= stays
    months = _months(columns[export.date], cut_off)
    frame = pd.DataFrame({"subject": subject, "month": months})[kept]
    taken = {name: values[kept] for name, values in columns.items()}
    for each in export.totals:
        current.totals.append(Total(each.name, "", overall(export, each, taken)))
    if export.covered_by:
        covered = _months(columns[export.covered_by], cut_off).unique()
        outside = ~frame["month"].isin(covered)
        current.set_aside.append(("month_not_covered", int(outside.sum())))
        if outside.any():
            amount = taken[export.uncovered_amount][outside].sum()
            current.report(
                "D411",
                count=int(outside.sum()),
                months=", ".join(sorted(frame.loc[outside, "month"].unique())),
                basis=export.date_basis,
                amount=int(amount),
            )
            frame = frame[~outside]
            taken = {name: values[~outside] for name, values in taken.items()}
    current.used = len(frame)
    for month, rows in frame.groupby("month").groups.items():
        part = {name: values.loc[rows] for name, values in taken.items()}
        for each in export.totals:
            current.totals.append(Total(each.name, str(month), overall(export, each, part)))
    current.actuals = _actuals(export, frame, taken)
    _in_part(current, columns[export.covered_by or export.date], cut_off)


def _actuals(
    export: Export, frame: pd.DataFrame, columns: Mapping[str, pd.Series]
) -> list[tuple[Any, ...]]:
    """One row per subject, month and indicator; a ratio without cases gives no row."""
    groups = [frame["subject"], frame["month"]]
    parts = []
    for each in export.actuals:
        measures = {
            "value": each.value,
            "numerator": each.numerator,
            "denominator": each.denominator,
        }
        given = {
            name: row_amounts(export, measure, columns).groupby(groups).sum().astype("Int64")
            for name, measure in measures.items()
            if measure is not None
        }
        part = pd.DataFrame(given)
        if "denominator" in given:
            part = part[part["denominator"] != 0]
        parts.append(part.reset_index().assign(indicator=each.name))
    found = pd.concat(parts, ignore_index=True)
    found = found.sort_values(["subject", "month", "indicator"])
    for name in ("value", "numerator", "denominator"):
        if name not in found:
            found[name] = pd.NA
    wanted = ["subject", "month", "indicator", "value", "numerator", "denominator"]
    return [
        tuple(None if pd.isna(cell) else cell for cell in line)
        for line in found[wanted].astype(object).itertuples(index=False)
    ]


def holds(export: Export, name: str, columns: Mapping[str, pd.Series]) -> pd.Series:
    """Row by row, whether a declared condition holds (False where its column is blank)."""
    told = export.conditions[name]
    column = columns[told["column"]]
    if told.get("filled"):
        return column.notna()
    if "yes" in told:
        return (column == told["yes"]).fillna(False).astype(bool)
    if "below" in told:
        return (column < exact(told["below"])).fillna(False).astype(bool)
    if "above_column" in told:
        return (column > columns[told["above_column"]]).fillna(False).astype(bool)
    return (column > exact(told["above"])).fillna(False).astype(bool)


def contradicting(
    export: Export, columns: Mapping[str, pd.Series]
) -> list[tuple[Contradiction, list[int]]]:
    """What an export says against itself, each with the positions of the rows that do."""
    found = []
    for each in export.contradictions:
        against = holds(export, each.condition, columns)
        if each.unless:
            against &= ~holds(export, each.unless, columns)
        if rows := [int(i) for i in against.to_numpy().nonzero()[0]]:
            found.append((each, rows))
    return found


def row_amounts(export: Export, measure: Measure, columns: Mapping[str, pd.Series]) -> pd.Series:
    """What each row adds to a measure (stored integers)."""
    counted = pd.Series(True, index=columns[export.key].index)
    for condition in measure.where:
        counted &= holds(export, condition, columns)
    if not measure.sum:
        return counted.astype("int64") * MILLION
    return columns[measure.sum].where(counted, 0).fillna(0).astype("int64")


def overall(export: Export, each: Yield, columns: Mapping[str, pd.Series]) -> int:
    """A yield over all rows given, as one stored integer; 0 where nothing is divided by."""
    if each.value is not None:
        return int(row_amounts(export, each.value, columns).sum())
    assert each.numerator is not None and each.denominator is not None
    top = int(row_amounts(export, each.numerator, columns).sum())
    bottom = int(row_amounts(export, each.denominator, columns).sum())
    return int(divide(top, bottom)) if bottom else 0
