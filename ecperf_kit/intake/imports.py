"""Platform exports into a client folder: one file of actuals per import, with its origin.

Nothing is guessed and nothing is added up twice: a channel that is not named,
a name that is not matched, an overlap with what is there already refuses the
import, and then nothing at all is written.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ecperf_kit.finding import Finding, Source
from ecperf_kit.intake import read
from ecperf_kit.intake.accounts import ImportedFile, ImportResult, State, Total
from ecperf_kit.intake.check import checked, choice_words, empty
from ecperf_kit.intake.declare import tables as declared_tables
from ecperf_kit.intake.exports import (
    Export,
    cleaned,
    contradicting,
    exports,
    holds,
    overall,
    raw_tables,
    read_column,
    recognised,
    row_amounts,
)
from ecperf_kit.intake.folder import IMPORTED, read_folder
from ecperf_kit.intake.written import csv_bytes, toml_bytes, write_whole
from ecperf_kit.library import Library, load_library

TABLE = "actuals"
NOT_COVERED = "month_not_covered"
_HASH_DIGITS = 12
_CELLS_NAMED = 20  # a wrong column is clear after so many; the rest is counted
_NAMES_NAMED = 20


@dataclass
class _Import:
    """One file on its way: what was found out about it so far."""

    path: Path
    findings: list[Finding] = field(default_factory=list)
    digest: str = ""
    export: Export | None = None
    actuals: pd.DataFrame = field(default_factory=lambda: empty(declared_tables()[TABLE]))
    read: int = 0
    used: int = 0
    set_aside: list[tuple[str, int]] = field(default_factory=list)
    totals: list[Total] = field(default_factory=list)
    there: str = ""  # the file under the client folder, once it is there
    written: int = 0
    wrote: bool = False

    def report(self, code: str, column: str = "", row: int | None = None, **values: Any) -> None:
        told = {"file": self.path.name, "column": column, "row": row or "–", **values}
        source = Source(self.path.name, "", row, column)
        self.findings.append(Finding(code, f"file:{self.path.name}", told, source))


def import_export(
    client_folder: Path,
    files: Sequence[Path],
    channel: str = "",
    library: Library | None = None,
) -> ImportResult:
    """Takes exports into ``<client_folder>/imported/``, one file of actuals each.

    ``channel`` is the id of the channel an export of a shop belongs to; with one
    channel it may be left out. All files are taken or none: a finding of severity
    error in any of them refuses the whole call. The same file twice changes nothing.
    """
    library = library or load_library()
    known = _client_tables(client_folder, library)
    taken = known[TABLE]
    imports: list[_Import] = []
    for path in files:
        current = _Import(Path(path))
        imports.append(current)
        _read_file(current, client_folder, known, library, channel)
        if current.there:
            continue
        _refuse_overlap(current, taken)
        taken = pd.concat([taken, current.actuals], ignore_index=True)
    refused = any(library.codes[f.code].severity == "error" for i in imports for f in i.findings)
    refused = refused or not _write_all(client_folder, imports)
    accounts = tuple(_account(each, refused) for each in imports)
    return ImportResult(
        accounts,
        tuple(finding for each in imports for finding in each.findings),
        any(account.state == "refused" for account in accounts),
    )


def _client_tables(folder: Path, library: Library) -> dict[str, pd.DataFrame]:
    """The client's tables an import looks at, as far as they can be read."""
    content = read_folder(folder)
    texts = [library.texts(language) for language in ("zh", "en")]
    found = {}
    for name in ("channels", "employees", "indicators", TABLE):
        table = declared_tables()[name]
        raws = content.raw.get(name, [])
        found[name] = checked(table, raws, choice_words(table, texts)).frame
    return found


def _read_file(
    current: _Import,
    folder: Path,
    known: Mapping[str, pd.DataFrame],
    library: Library,
    channel: str,
) -> None:
    """Fills ``current`` from its file, or with the findings why not."""
    declared = exports(library.folder)
    try:
        current.digest = read.sha256(current.path)
        raws = raw_tables(current.path)
    except read.ReadError as error:
        return current.report(error.code, **error.values)
    except OSError as error:
        return current.report("D128", found=error.strerror or type(error).__name__)
    fitting = recognised(raws, declared)
    if not fitting:
        return current.report("D405", known="; ".join(e.first_headings() for e in declared))
    if len(fitting) > 1:
        found = "; ".join(f"{raw.sheet or raw.file} ({e.export})" for e, raw, _ in fitting)
        return current.report("D416", count=len(fitting), found=found)
    export, raw, positions = fitting[0]
    for other in raws:
        if other is not raw:
            place, source = other.place, Source(current.path.name, other.sheet)
            current.findings.append(Finding("D124", f"file:{place}", {"file": place}, source))
    current.export, current.read = export, len(raw.rows)
    target = folder / IMPORTED / _file_name(current)
    if target.is_file():
        current.there = f"{IMPORTED}/{target.name}"
        taken = known[TABLE]
        before = set(taken.loc[taken["_file"] == current.there, "subject_id"])
        if channel and export.subject == "channel" and before and before != {channel}:
            shown = ", ".join(sorted(before))
            return current.report("D418", found=shown, first_file=current.there, channel=channel)
        return current.report("D410", found=current.there)
    _refuse_missing_indicators(current, export, known["indicators"], library)
    columns = _columns(current, export, raw, positions)
    subject = _subjects(current, export, columns, known, channel)
    if any(library.codes[f.code].severity == "error" for f in current.findings):
        return None
    _compute(current, export, columns, subject)
    return None


def _refuse_missing_indicators(
    current: _Import, export: Export, own: pd.DataFrame, library: Library
) -> None:
    known = set(library.indicators.index) | set(own["indicator"])
    lacking = [each.name for each in export.actuals if each.name not in known]
    if not lacking:
        return
    names = [column.name for column in declared_tables()["indicators"].columns]
    common = {"aggregation": "ratio", "data_source": export.source_kind, "nature": "process"}
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    for name in lacking:
        writer.writerow({"indicator": name, **common, **export.own_indicators.get(name, {})})
    current.report("D408", found=", ".join(lacking), rows=text.getvalue().rstrip())


def _columns(
    current: _Import, export: Export, raw: read.RawTable, positions: Mapping[str, int]
) -> dict[str, pd.Series]:
    """The export's columns, typed; unreadable, missing and doubled cells are reported."""
    for heading in export.doubled(raw.headings):
        current.report("D203", heading, raw.heading_row)
    for row, more in raw.too_long.items():
        current.report("D108", "", row, found=more, headings=len(raw.headings))
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
        for i in lost[:_CELLS_NAMED]:
            more = len(lost) - _CELLS_NAMED if i == lost[:_CELLS_NAMED][-1] else 0
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
        heading, found = raw.headings[positions[each.column]], str(keys.iloc[wrong[0]])
        told = {"count": len(wrong), "found": found, "reason": each.reason}
        current.report("D415", heading, int(raw.rows[wrong[0]]), **told)
    return columns


def _subjects(
    current: _Import,
    export: Export,
    columns: Mapping[str, pd.Series],
    known: Mapping[str, pd.DataFrame],
    channel: str,
) -> pd.Series:
    """Whom each row belongs to: the named channel, or the employee its name is matched to."""
    rows = columns[export.key].index
    if export.subject == "channel":
        channels = list(known["channels"]["channel"])
        named = ", ".join(channels) or "–"
        if channel and channel not in channels:
            current.report("D414", found=channel, known=named)
        elif not channel and len(channels) != 1:
            current.report("D406", known=named)
        elif not channel:
            channel = channels[0]
        return pd.Series(channel, index=rows, dtype="str")
    people = known["employees"]
    once = people[~people["name"].duplicated(keep=False)]
    matched = dict(zip(once["name"], once["employee"], strict=True))
    matched |= {employee: employee for employee in people["employee"]}
    names = columns[export.person]
    found = names.map(matched).astype("str")
    lost = sorted(names[found.isna() & names.notna()].unique())
    if lost:
        more = ["…"] if len(lost) > _NAMES_NAMED else []
        heading = export.columns[export.person].headings[0]
        shown = ", ".join([*lost[:_NAMES_NAMED], *more])
        current.report("D407", heading, count=len(lost), found=shown)
    return found


def _compute(
    current: _Import, export: Export, columns: Mapping[str, pd.Series], subject: pd.Series
) -> None:
    """The actuals and totals of the rows that count, and the account of all rows."""
    kept = pd.Series(True, index=subject.index)
    for reason, condition in export.set_aside:
        stays = holds(export, condition, columns)
        current.set_aside.append((reason, int((kept & ~stays).sum())))
        kept &= stays
    months = columns[export.date].dt.strftime("%Y-%m")
    frame = pd.DataFrame({"subject": subject, "month": months})[kept]
    taken = {name: values[kept] for name, values in columns.items()}
    for each in export.totals:
        current.totals.append(Total(each.name, "", overall(export, each, taken)))
    if export.covered_by:
        covered = columns[export.covered_by].dt.strftime("%Y-%m").unique()
        outside = ~frame["month"].isin(covered)
        current.set_aside.append((NOT_COVERED, int(outside.sum())))
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
    current.actuals = _actuals(current, export, frame, taken)


def _actuals(
    current: _Import, export: Export, frame: pd.DataFrame, columns: Mapping[str, pd.Series]
) -> pd.DataFrame:
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
    found = found.rename(columns={"subject": "subject_id", "month": "period"})
    found["subject_kind"] = export.subject
    found["source_kind"] = export.source_kind
    found["source_file"] = current.path.name
    blank = empty(declared_tables()[TABLE])
    found = found.reindex(columns=blank.columns).astype(blank.dtypes)
    found["_file"] = f"{IMPORTED}/{_file_name(current)}"
    return found.sort_values(["subject_id", "period", "indicator"], ignore_index=True)


def _refuse_overlap(current: _Import, taken: pd.DataFrame) -> None:
    keys = list(declared_tables()[TABLE].keys)
    both = current.actuals[keys].merge(taken, on=keys)
    if both.empty:
        return
    first = both.iloc[0]
    place = f"{first['_file']} › {first['_sheet']}" if first["_sheet"] else first["_file"]
    current.report(
        "D413",
        count=len(both),
        found=" + ".join(str(first[key]) for key in keys),
        first_file=str(place),
        first_row="–" if pd.isna(first["_row"]) else int(first["_row"]),
    )


def _file_name(current: _Import) -> str:
    return f"{TABLE}__{current.digest[:_HASH_DIGITS]}.csv"


def _write_all(folder: Path, imports: Sequence[_Import]) -> bool:
    """Writes what each import yields, all or none; whether it did."""
    fresh: list[Path] = []
    for current in imports:
        if current.there or current.export is None:
            continue
        target = folder / IMPORTED / _file_name(current)
        try:
            _write(target, current, fresh)
        except OSError as error:  # open in another program, no right to write, a full disk
            for path in fresh:
                path.unlink(missing_ok=True)
            for each in imports:
                each.written, each.wrote = 0, False
            current.report("D128", found=f"{target.name}: {error.strerror}")
            return False
    return True


def _write(target: Path, current: _Import, fresh: list[Path]) -> None:
    """Writes the actuals and, before them, the note of where they come from."""
    assert current.export is not None
    names = [column.name for column in declared_tables()[TABLE].columns]
    data = csv_bytes(current.actuals[names])
    target.parent.mkdir(exist_ok=True)
    note: dict[str, str | int] = {
        "source_file": current.path.name,
        "source_sha256": current.digest,
        "export": current.export.export,
        "date_basis": current.export.date_basis,
        "rows_read": current.read,
        "rows_used": current.used,
        **{f"rows_set_aside_{reason}": count for reason, count in current.set_aside},
        "written_sha256": hashlib.sha256(data).hexdigest(),
    }
    for path, content in ((target.with_suffix(".toml"), toml_bytes(note)), (target, data)):
        write_whole(path, content)
        fresh.append(path)
    current.there = f"{IMPORTED}/{target.name}"
    current.written, current.wrote = len(current.actuals), True


def _account(current: _Import, refused: bool) -> ImportedFile:
    state: State = "refused" if refused else "imported" if current.wrote else "unchanged"
    return ImportedFile(
        file=current.path.name,
        export=current.export.export if current.export else "",
        state=state,
        written="" if refused else current.there,
        date_basis=current.export.date_basis if current.export else "",
        read=current.read,
        used=current.used,
        set_aside=tuple(current.set_aside),
        months=tuple(sorted(current.actuals["period"].unique())),
        rows_written=current.written,
        totals=tuple(current.totals),
    )
