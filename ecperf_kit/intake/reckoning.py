"""What the tally of an export comes to: findings, the account of its rows, totals, actuals."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ecperf_kit.finding import Finding, Source
from ecperf_kit.intake.accounts import Total
from ecperf_kit.intake.check import empty
from ecperf_kit.intake.cut_off import CALENDAR, day, month_name, span_of_month
from ecperf_kit.intake.declare import tables as declared_tables
from ecperf_kit.intake.exports import Export, Measure, overall, stored
from ecperf_kit.intake.folder import IMPORTED
from ecperf_kit.intake.tally import NAMED, NO_MONTH, Group, Named, Tally

TABLE = "actuals"
NOT_COVERED = "month_not_covered"
_HASH_DIGITS = 12
_PARTS = ("value", "numerator", "denominator")


@dataclass
class Import:
    """One file on its way: what was found out about it so far."""

    path: Path
    findings: list[Finding] = field(default_factory=list)
    digest: str = ""
    export: Export | None = None
    actuals: pd.DataFrame = field(default_factory=lambda: empty(declared_tables()[TABLE]))
    read: int = 0
    blank: int = 0
    used: int = 0
    set_aside: list[tuple[str, int]] = field(default_factory=list)
    totals: list[Total] = field(default_factory=list)
    there: str = ""  # the file under the client folder, once it is there
    written: int = 0
    wrote: bool = False
    cut_off: str = CALENDAR
    tally: Tally | None = None

    @property
    def days(self) -> tuple[str, str]:
        """The first and the last day of the rows, by which the file was drawn; "" if none."""
        if self.tally is None or not len(days := self.tally.days):
            return "", ""
        return str(day(int(days[0]))), str(day(int(days[-1])))

    @property
    def target(self) -> str:
        """The name of the file of actuals it becomes: the same for the same content."""
        return f"{TABLE}__{self.digest[:_HASH_DIGITS]}.csv"

    def report(self, code: str, column: str = "", row: int | None = None, **values: Any) -> None:
        told = {"file": self.path.name, "column": column, "row": row or "–", **values}
        source = Source(self.path.name, "", row, column)
        self.findings.append(Finding(code, f"file:{self.path.name}", told, source))


def report_rows(current: Import, tally: Tally) -> None:
    """Reports unreadable, missing and doubled cells: the first few of a kind, and how many."""
    export, listing, positions = tally.export, tally.listing, tally.positions
    for heading in export.doubled(listing.headings):
        current.report("D203", heading, listing.heading_row)
    width = len(listing.headings)
    for row, found in _named(tally.too_long):
        current.report("D108", found.partition(":")[0], row, found=found, headings=width)
    for row, found in _named(tally.split):
        current.report("D129", "", row, found=found)
    for name, lost in tally.lost.items():
        for row, found in _named(lost):
            current.report("D409", listing.headings[positions[name]], row, found=found)
    count, row, found = tally.repeated()
    if count:
        heading = listing.headings[positions[export.key]]
        current.report("D412", heading, row, count=count, found=found)
    for each, wrong in zip(export.contradictions, tally.contradictions, strict=True):
        if wrong.count:
            heading, (row, found) = listing.headings[positions[each.column]], wrong.first[0]
            told = {"count": wrong.count, "found": found, "reason": each.reason}
            current.report("D415", heading, row, **told)


def _named(rows: Named) -> Iterator[tuple[int, str]]:
    """The rows to name; with the last of them goes the number of those not named."""
    for i, (row, found) in enumerate(rows.first, 1):
        more = rows.count - len(rows.first) if i == len(rows.first) else 0
        yield row, found + (f" … (+{more})" if more else "")


def report_subjects(
    current: Import, tally: Tally, known: Mapping[str, pd.DataFrame], channel: str
) -> None:
    """Reports a channel that is not named or not known, and names that are not matched."""
    export = tally.export
    if export.subject == "channel":
        channels = list(known["channels"]["channel"])
        named = ", ".join(channels) or "–"
        if channel and channel not in channels:
            current.report("D414", found=channel, known=named)
        elif not channel and len(channels) != 1:
            current.report("D406", known=named)
    elif tally.unknown:
        heading = export.columns[export.person].headings[0]
        more = ["…"] if tally.unknown_count > NAMED else []
        shown = ", ".join([*tally.unknown[:NAMED], *more])
        current.report("D407", heading, count=tally.unknown_count, found=shown)


def account_rows(current: Import, tally: Tally) -> None:
    """The actuals and totals of the rows that count, and the account of all rows."""
    export, groups = tally.export, tally.groups
    reasons = [reason for reason, _ in export.set_aside]
    current.set_aside = list(zip(reasons, tally.set_aside, strict=True))
    _totals(current, export, "", groups.values())
    if export.covered_by:
        outside = {key: group for key, group in groups.items() if key[1] not in tally.covered}
        count = sum(group.rows for group in outside.values())
        current.set_aside.append((NOT_COVERED, count))
        if count:
            amount = Measure(export.uncovered_amount, ())
            current.report(
                "D411",
                count=count,
                months=", ".join(sorted({_month(month) for _, month in outside})),
                basis=export.date_basis,
                amount=sum(group.sums[amount] for group in outside.values()),
            )
        groups = {key: group for key, group in groups.items() if key not in outside}
    current.used = sum(group.rows for group in groups.values())
    for month in sorted({month for _, month in groups} - {NO_MONTH}):
        part = [group for (_, other), group in groups.items() if other == month]
        _totals(current, export, _month(month), part)
    current.actuals = _actuals(current, export, groups)


def report_parts(current: Import, tally: Tally) -> None:
    """Reports months of which the file seems to cover only a part.

    A month at the edge of the file lacks days when more of them are without a row than
    ever are in a line within the file: a shop may have sold nothing on some days.
    """
    days = tally.days
    if not len(days):
        return
    usual = int(np.diff(days).max(initial=1)) - 1
    edges = {month: span_of_month(month, tally.cut_off) for month in tally.covered}
    one = dt.timedelta(1)
    first, last = day(int(days[0])), day(int(days[-1]))
    for month in sorted(edges):
        start, end = edges[month]
        gaps = []
        if (first - start).days > usual:
            gaps.append((start, first - one))
        if (end - last).days > usual:
            gaps.append((last + one, end))
        if gaps:
            missing = ", ".join(f"{a}" if a == b else f"{a}..{b}" for a, b in gaps)
            span: dict[str, Any] = {"first": str(start), "last": str(end), "missing": missing}
            current.report("D480", month=month_name(month), cut_off=tally.cut_off, **span)


def _month(month: int) -> str:
    return "–" if month == NO_MONTH else month_name(month)


def _totals(current: Import, export: Export, month: str, groups: Iterable[Group]) -> None:
    sums: dict[Measure, int] = defaultdict(int)
    for group in groups:
        for measure, amount in group.sums.items():
            sums[measure] += stored(measure, amount)
    current.totals += [Total(each.name, month, overall(each, sums)) for each in export.totals]


def _actuals(
    current: Import, export: Export, groups: Mapping[tuple[str, int], Group]
) -> pd.DataFrame:
    """One row per subject, month and indicator; a ratio without cases gives no row."""
    blank = empty(declared_tables()[TABLE])
    rows: list[dict[Any, Any]] = []
    for (subject, month), group in groups.items():
        for each in export.actuals:
            parts = {
                "value": each.value,
                "numerator": each.numerator,
                "denominator": each.denominator,
            }
            told = {
                name: stored(measure, group.sums[measure])
                for name, measure in parts.items()
                if measure is not None
            }
            if month != NO_MONTH and told.get("denominator") != 0:
                line = {"subject_id": subject, "period": _month(month), "indicator": each.name}
                rows.append(line | told)
    rows.sort(key=lambda line: (line["subject_id"], line["period"], line["indicator"]))
    common: dict[Any, Any] = {
        "subject_kind": export.subject,
        "source_kind": export.source_kind,
        "source_file": current.path.name,
        "_file": f"{IMPORTED}/{current.target}",
    }
    columns = {
        name: pd.array([common.get(name, line.get(name)) for line in rows], dtype=kind)
        for name, kind in blank.dtypes.items()
    }
    return pd.DataFrame(columns, copy=False)
