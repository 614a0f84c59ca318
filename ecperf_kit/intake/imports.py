"""Platform exports into a client folder: one file of actuals per import, with its origin.

Nothing is guessed and nothing is added up twice: a channel that is not named,
a name that is not matched, an overlap with what is there already refuses the
import, and then nothing at all is written.
"""

from __future__ import annotations

import csv
import hashlib
import io
import tomllib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from ecperf_kit.finding import Finding, Source
from ecperf_kit.intake import read
from ecperf_kit.intake.accounts import ImportedFile, ImportResult, State
from ecperf_kit.intake.ahead import ahead
from ecperf_kit.intake.check import checked, choice_words
from ecperf_kit.intake.config import CONFIG, parse_toml, read_config
from ecperf_kit.intake.cut_off import CALENDAR, CUT_OFFS
from ecperf_kit.intake.declare import tables as declared_tables
from ecperf_kit.intake.exports import Export, exports, recognised
from ecperf_kit.intake.faults import FaultList
from ecperf_kit.intake.filehash import FileHash
from ecperf_kit.intake.folder import IMPORTED, read_folder
from ecperf_kit.intake.listing import Sizes, listings
from ecperf_kit.intake.reckoning import (
    TABLE,
    Import,
    account_rows,
    report_parts,
    report_rows,
    report_subjects,
)
from ecperf_kit.intake.stream import OtherEncodingError
from ecperf_kit.intake.tally import Tally
from ecperf_kit.intake.written import csv_bytes, toml_bytes, write_whole
from ecperf_kit.library import Library, load_library

#: What of ``client.toml`` must be sound before a day is placed in a month.
_CHANGED = "D482"  # the file is no longer the one the import began with
_CUT_OFF_KEYS = ("pay", "pay.cut_off")


def import_export(
    client_folder: Path,
    files: Sequence[Path],
    channel: str = "",
    library: Library | None = None,
    sizes: Sizes = Sizes(),  # noqa: B008 - frozen
    faults: FaultList | None = None,
) -> ImportResult:
    """Takes exports into ``<client_folder>/imported/``, one file of actuals each.

    ``channel`` is the id of the channel an export of a shop belongs to; with one
    channel it may be left out. Days are placed in months by the client's cut-off
    (assessment method 2.3). All files are taken or none: a finding of severity
    error in any of them refuses the whole call. The same file twice changes nothing.
    ``sizes`` says how much of a file is held at a time; no result depends on it.
    ``faults`` is written with every row that has a fault, also where nothing is imported.
    """
    library = library or load_library()
    cut_off, findings = _cut_off(client_folder)
    task = _Task(client_folder, library, channel, sizes, cut_off)
    taken: list[pd.DataFrame] = []
    imports: list[Import] = []
    for path in files:
        current = Import(Path(path), cut_off=cut_off)
        imports.append(current)
        _read_file(current, task)
        if current.there:
            continue
        _refuse_overlap(current, [task.known[TABLE], *taken])
        taken.append(current.actuals)
    if faults is not None:
        findings += _list_faults(imports, faults)
    found = [*findings, *(finding for each in imports for finding in each.findings)]
    refused = any(library.codes[finding.code].severity == "error" for finding in found)
    if not refused and not _write_all(client_folder, imports):
        refused = True
        found = [*findings, *(finding for each in imports for finding in each.findings)]
    accounts = tuple(_account(each, refused) for each in imports)
    stopped = refused or any(account.state == "refused" for account in accounts)
    return ImportResult(accounts, tuple(found), stopped)


@dataclass(frozen=True)
class _Task:
    """What every file of one call is read with."""

    folder: Path
    library: Library
    channel: str
    sizes: Sizes
    cut_off: str

    @cached_property
    def known(self) -> Mapping[str, pd.DataFrame]:
        """The client's tables an import looks at, as far as they can be read."""
        content = read_folder(self.folder)
        texts = [self.library.texts(language) for language in ("zh", "en")]
        found = {}
        for name in ("channels", "employees", "indicators", TABLE):
            table = declared_tables()[name]
            raws = content.raw.get(name, [])
            found[name] = checked(table, raws, choice_words(table, texts)).frame
        return found


def _cut_off(folder: Path) -> tuple[str, list[Finding]]:
    """How the client closes its months, and why that cannot be read.

    Without a ``client.toml`` months are the calendar's, as in one that says nothing of it.
    """
    try:
        data = (folder / CONFIG).read_bytes()
    except FileNotFoundError:
        return CALENDAR, []
    except OSError as error:
        found = error.strerror or type(error).__name__
        told = {"file": CONFIG, "found": found}
        return CALENDAR, [Finding("D128", f"file:{CONFIG}", told, Source(CONFIG))]
    content, findings = parse_toml(data, CONFIG)
    if content is None:
        return CALENDAR, findings
    config, findings = read_config(content)
    return config.pay.cut_off, [f for f in findings if f.values["key"] in _CUT_OFF_KEYS]


def _read_file(current: Import, task: _Task) -> None:
    """Fills ``current`` from its file, or with the findings why not."""
    with ThreadPoolExecutor(1) as pool:
        try:
            before = current.path.stat()
            try:
                _read_as(current, FileHash(current.path, pool), task, False)
            except OtherEncodingError:
                current.findings.clear()
                _read_as(current, FileHash(current.path, pool), task, True)
            after = current.path.stat()
        except read.ReadError as error:
            row = error.values.get("row")
            code = "D419" if error.code == "D107" and row else error.code
            return current.report(code, **error.values)
        except UnicodeDecodeError:  # a Parquet file with broken bytes in a text
            return current.report("D112")
        except OSError as error:
            return current.report("D128", found=error.strerror or type(error).__name__)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        return current.report(_CHANGED)
    return None


def _read_as(current: Import, digest: FileHash, task: _Task, gb18030: bool) -> None:
    declared = exports(task.library.folder)
    lists = listings(current.path, task.sizes, gb18030)
    fitting = recognised(lists, declared)
    if not fitting:
        return current.report("D405", known="; ".join(e.first_headings() for e in declared))
    if len(fitting) > 1:
        found = "; ".join(f"{each.sheet or each.file} ({e.export})" for e, each, _ in fitting)
        return current.report("D416", count=len(fitting), found=found)
    export, listing, positions = fitting[0]
    for other in lists:
        if other is not listing:
            place, source = other.place, Source(current.path.name, other.sheet)
            current.findings.append(Finding("D124", f"file:{place}", {"file": place}, source))
    current.export = export
    before = (task.folder / IMPORTED).is_dir()  # so that the file may be there
    wanted = sorted(set(positions.values()))
    with ahead(listing.pieces(wanted, None if before else digest.seen)) as pieces:
        known = task.known  # while the first rows are read
        if before:
            current.digest = digest.result()
            if _is_there(current, export, task):
                return None
        _refuse_missing_indicators(current, export, known["indicators"], task.library)
        subjects = _subjects(export, known, task.channel)
        tally = Tally(export, listing, positions, subjects, task.cut_off)
        for piece in pieces:
            digest.begin()  # by now it is known whether the reader gives what it reads
            tally.take(piece)
    current.tally, current.read, current.blank = tally, tally.read, tally.blank
    current.digest = digest.result()
    report_rows(current, tally)
    report_subjects(current, tally, known, task.channel)
    if not any(task.library.codes[f.code].severity == "error" for f in current.findings):
        account_rows(current, tally)
        report_parts(current, tally)
    return None


def _list_faults(imports: Sequence[Import], faults: FaultList) -> list[Finding]:
    """Writes the list of faults, or the finding why it cannot be written."""
    try:
        faults.write(imports)
    except read.ReadError as error:  # read once more, the file is another by now
        file = str(error.values.get("file", faults.path.name))
        return [Finding(_CHANGED, f"file:{file}", {"file": file}, Source(file))]
    except OSError as error:
        file = faults.path.name
        told = {"file": file, "found": error.strerror or type(error).__name__}
        return [Finding("D128", f"file:{file}", told, Source(file))]
    return []


def _is_there(current: Import, export: Export, task: _Task) -> bool:
    """Whether the same file was imported before; if so, that is reported."""
    target = task.folder / IMPORTED / current.target
    if not target.is_file():
        return False
    current.there = f"{IMPORTED}/{target.name}"
    note = _note(target.with_suffix(".toml"))
    current.read = note["rows_read"] if isinstance(note.get("rows_read"), int) else 0
    # an import of a time when nothing else was known went by the calendar
    placed_by = str(note.get("cut_off", CALENDAR))
    taken, channel = task.known[TABLE], task.channel
    before = set(taken.loc[taken["_file"] == current.there, "subject_id"])
    if channel and export.subject == "channel" and before and before != {channel}:
        shown = ", ".join(sorted(before))
        current.report("D418", found=shown, first_file=current.there, channel=channel)
    elif placed_by != task.cut_off and placed_by in CUT_OFFS:
        current.report("D481", found=placed_by, first_file=current.there, cut_off=task.cut_off)
    else:
        current.report("D410", found=current.there)
    return True


def _note(path: Path) -> dict[str, Any]:
    """What an earlier import noted about its file; nothing where that cannot be read."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}


def _refuse_missing_indicators(
    current: Import, export: Export, own: pd.DataFrame, library: Library
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


def _subjects(export: Export, known: Mapping[str, pd.DataFrame], channel: str) -> dict[str, str]:
    """Whose the rows are: the one channel, or the employee a name or id stands for."""
    if export.subject == "channel":
        channels = list(known["channels"]["channel"])
        return {"": channel or (channels[0] if len(channels) == 1 else "")}
    people = known["employees"]
    once = people[~people["name"].duplicated(keep=False)]
    matched = dict(zip(once["name"], once["employee"], strict=True))
    return matched | {employee: employee for employee in people["employee"]}


def _refuse_overlap(current: Import, tables: Sequence[pd.DataFrame]) -> None:
    filled = [table for table in tables if len(table)]
    if not filled:
        return
    keys = list(declared_tables()[TABLE].keys)
    both = current.actuals[keys].merge(pd.concat(filled, ignore_index=True), on=keys)
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


def _write_all(folder: Path, imports: Sequence[Import]) -> bool:
    """Writes what each import yields, all or none; whether it did."""
    fresh: list[Path] = []
    for current in imports:
        if current.there or current.export is None:
            continue
        target = folder / IMPORTED / current.target
        try:
            _write(target, current, fresh)
        except OSError as error:  # open in another program, no right to write, a full disk
            for path in fresh:
                path.unlink(missing_ok=True)
            for each in imports:
                each.written, each.wrote = 0, False
            current.report("D128", found=f"{target.name}: {error.strerror}")
            return False
        except BaseException:  # stopped by the user: what another file brought goes as well
            for path in fresh:
                path.unlink(missing_ok=True)
            raise
    return True


def _write(target: Path, current: Import, fresh: list[Path]) -> None:
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
        "cut_off": current.cut_off,
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


def _account(current: Import, refused: bool) -> ImportedFile:
    state: State = "refused" if refused else "imported" if current.wrote else "unchanged"
    return ImportedFile(
        file=current.path.name,
        export=current.export.export if current.export else "",
        state=state,
        written="" if refused else current.there,
        date_basis=current.export.date_basis if current.export else "",
        cut_off=current.cut_off,
        days=current.days,
        read=current.read,
        used=current.used,
        set_aside=tuple(current.set_aside),
        blank=current.blank,
        months=tuple(sorted(current.actuals["period"].unique())),
        rows_written=current.written,
        totals=tuple(current.totals),
    )
