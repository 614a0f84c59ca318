"""A proposal becomes the client's: dated rows beside the old ones, with who, why and from when.

A scenario, or a CSV in the form of one of the client's own tables. The rows are written to
``imported/`` with a note of origin, as imports are; the client's own files stay as they are,
and so do the versions of the scheme they hold.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ecperf_kit.exact import decimal
from ecperf_kit.finding import Finding, Source
from ecperf_kit.intake.check import checked, choice_words
from ecperf_kit.intake.declare import NUMERIC, PROVENANCE, SPOILT, tables
from ecperf_kit.intake.files import IMPORTED, sha256
from ecperf_kit.intake.read import ReadError, read_csv
from ecperf_kit.intake.scenario import (
    Scenario,
    curve_rows,
    main_posts,
    read_scenario,
    table_faults,
)
from ecperf_kit.intake.written import csv_bytes, toml_bytes, write_whole
from ecperf_kit.library import load_library
from ecperf_kit.spoken import SaidError, Saying

#: The dated tables a proposal may add a version to, and what names the version's subject.
DATED: Mapping[str, tuple[str, ...]] = {
    "scorecards": ("subject_kind", "subject_id"),
    "pay_plans": ("subject_kind", "subject_id"),
    "coefficient_tables": ("coefficient_table",),
}
#: Tables without versions, to which rows may be added where there are none yet.
ADDED = ("targets", "standards")
_SINCE = "effective_from"
_SHORT = 12  # hexadecimal digits in a file's name


class AdoptError(SaidError):
    """The proposal cannot be adopted; its ``sayings`` say all that is wrong. Nothing is written.

    ``findings`` are the same faults where the file itself cannot be read cell by cell.
    """

    def __init__(self, *faults: Saying, findings: Sequence[Finding] = ()) -> None:
        super().__init__(*faults)
        self.findings = tuple(findings)


@dataclass(frozen=True, slots=True)
class Adoption:
    """What was written: the table, the file below the client's folder, its rows."""

    table: str
    file: str
    rows: int
    there_before: bool


def adopt(
    folder: Path,
    known: Mapping[str, pd.DataFrame],
    proposal: Path,
    by: str,
    reason: str,
    since: dt.date,
) -> list[Adoption]:
    """Write a proposal's rows as the client's, in force from ``since``.

    ``known`` are the client's tables as opened. Old rows stay; a version that begins on
    the same day or later than ``since`` refuses the adoption, for it would hide what was
    adopted. Raises AdoptError with all faults at once.
    """
    lacking = [
        Saying(f"adopt.{what}") for what, text in (("by_whom", by), ("why", reason)) if not text
    ]
    if lacking:
        raise AdoptError(*lacking)
    frames = _proposed(known, proposal, since)
    contents = {table: csv_bytes(as_typed(table, frame)) for table, frame in frames.items()}
    faults = [
        fault
        for table, frame in frames.items()
        for fault in _in_the_way(table, frame, known, _file_name(table, contents[table]))
    ]
    if faults:
        raise AdoptError(*faults)
    note = {
        "source_file": proposal.name,
        "source_sha256": sha256(proposal),
        "adopted_by": by,
        "reason": reason,
        "effective_from": since.isoformat(),
    }
    return _write(folder, frames, contents, note)


def _file_name(table: str, data: bytes) -> str:
    return f"{table}__adopted_{hashlib.sha256(data).hexdigest()[:_SHORT]}.csv"


def _proposed(
    known: Mapping[str, pd.DataFrame], proposal: Path, since: dt.date
) -> dict[str, pd.DataFrame]:
    if proposal.suffix.casefold() == ".toml":
        scenario, findings = read_scenario(proposal)
        if scenario is None:
            raise _refused(findings)
        return _of_scenario(known, scenario, since)
    if proposal.suffix.casefold() == ".csv":
        return _of_table(proposal, since)
    raise AdoptError(Saying("adopt.kind", file=proposal.name))


def _of_table(proposal: Path, since: dt.date) -> dict[str, pd.DataFrame]:
    table = proposal.stem.split("__")[0].casefold()
    if table not in (*DATED, *ADDED):
        raise AdoptError(Saying("adopt.table", file=proposal.name, tables=[*DATED, *ADDED]))
    try:
        raw = read_csv(proposal, proposal.name)
    except ReadError as error:
        told = {"file": proposal.name, **error.values}
        fault = Finding(error.code, f"file:{proposal.name}", told, Source(proposal.name))
        raise _refused([fault]) from error
    library = load_library()
    declared = tables()[table]
    words = choice_words(declared, [library.texts(language) for language in ("zh", "en")])
    part = checked(declared, [raw], words)
    if part.findings:
        raise _refused(part.findings)
    frame = part.frame.drop(columns=[*PROVENANCE, SPOILT], errors="ignore")
    if frame.empty:
        raise AdoptError(Saying("adopt.no_row", file=proposal.name))
    if table in DATED:
        frame = frame.assign(effective_from=pd.Timestamp(since))
    twice = frame[frame.duplicated(list(declared.keys))]
    if len(twice):
        first = " + ".join(str(twice.iloc[0][key]) for key in declared.keys if key != _SINCE)
        told = {"file": proposal.name, "rows": len(twice), "first": first, "since": since}
        raise AdoptError(Saying("adopt.twice", **told))
    return {table: frame}


def _refused(findings: Sequence[Finding]) -> AdoptError:
    """The error of a file that cannot be read; each finding in one line."""
    return AdoptError(*map(_said, findings), findings=findings)


def _said(finding: Finding) -> Saying:
    """A finding in one line: place, code and what was found."""
    source = finding.source
    row = Saying("adopt.at_row", row=source.row) if source.row else ""
    told = [f"{k} {v}" for k, v in finding.values.items() if k not in ("file", "table")]
    return Saying("adopt.finding", file=source.file, row=row, code=finding.code, told=told)


def _of_scenario(
    known: Mapping[str, pd.DataFrame], scenario: Scenario, since: dt.date
) -> dict[str, pd.DataFrame]:
    """The whole new version of every subject a scenario touches."""
    faults: list[Saying] = []
    versions: dict[tuple[str, str], pd.DataFrame] = {}
    # posts first, as the scenario is tried: a first plan of one's own is the post's to be
    for change in sorted(scenario.changes, key=lambda each: each.subject.startswith("employee:")):
        if change.table not in DATED:
            faults.append(Saying("adopt.undated", table=change.table, subject=change.subject))
            continue
        key = (change.table, change.subject)
        if key not in versions:
            faults += _unreadable(known, change.table, change.subject, since)
            versions[key] = _in_force(known, change.table, change.subject, since, versions)
        frame = versions[key]
        at = pd.Series(True, index=frame.index)
        if change.indicator:
            at = frame["indicator"] == change.indicator
        if not at.any():
            what = f"{change.subject} {change.indicator}".strip()
            told = {"table": change.table, "subject": what, "since": since}
            faults.append(Saying("adopt.no_row_of", **told))
            continue
        for column, value in change.values.items():
            frame.loc[at, column] = value
    plans = [v for (table, _), v in versions.items() if table == "pay_plans"]
    plans.append(known["pay_plans"])
    faults += table_faults(scenario, pd.concat(plans), known["coefficient_tables"])
    if faults:
        raise AdoptError(*faults)
    found: dict[str, pd.DataFrame] = {}
    for (table, _), frame in versions.items():
        dated = frame.assign(effective_from=pd.Timestamp(since))
        found[table] = pd.concat([found[table], dated]) if table in found else dated
    if scenario.tables:
        plain = known["coefficient_tables"].drop(columns=[*PROVENANCE, SPOILT], errors="ignore")
        found["coefficient_tables"] = curve_rows(scenario, since, plain)
    return found


def _in_force(
    known: Mapping[str, pd.DataFrame],
    table: str,
    subject: str,
    since: dt.date,
    versions: Mapping[tuple[str, str], pd.DataFrame],
) -> pd.DataFrame:
    """The rows of a subject in force on a day; a person's first own ones are the post's.

    Those of the post as they will be, where ``versions`` has them already.
    """
    frame = known[table]
    kind, _, name = subject.partition(":")
    rows = _version(frame, kind, name, since)
    if rows.empty and kind == "employee":
        post = _post(known, name, since)
        coming = versions.get((table, f"post:{post}"))
        rows = _version(frame, "post", post, since) if coming is None else coming
        rows = rows.assign(
            subject_kind=pd.Series(kind, index=rows.index, dtype="str"),
            subject_id=pd.Series(name, index=rows.index, dtype="str"),
        )
    return rows.drop(columns=[*PROVENANCE, SPOILT], errors="ignore").copy()


def _post(known: Mapping[str, pd.DataFrame], employee: str, day: dt.date) -> str:
    """The post a person holds on a day, the one with most time of several; "" without any."""
    held = main_posts(known["assignments"], employee)
    posts = held.loc[held["effective_from"] <= pd.Timestamp(day), "post"].tail(1)
    return str(posts.iloc[0]) if len(posts) else ""


def _unreadable(
    known: Mapping[str, pd.DataFrame], table: str, subject: str, since: dt.date
) -> list[Saying]:
    """Rows to be copied with a cell nobody could read: the copy would come out blank."""
    kind, _, name = subject.partition(":")
    rows = _version(known[table], kind, name, since)
    if rows.empty and kind == "employee":
        rows = _version(known[table], "post", _post(known, name, since), since)
    if SPOILT not in rows.columns:
        return []
    lost = rows[rows[SPOILT].fillna(False).astype(bool)]
    return [
        Saying("adopt.unreadable", file=row["_file"], row=row["_row"])
        for row in lost.to_dict("records")
    ]


def _version(frame: pd.DataFrame, kind: str, name: str, since: dt.date) -> pd.DataFrame:
    rows = frame[(frame["subject_kind"] == kind) & (frame["subject_id"] == name)]
    rows = rows[rows["effective_from"] <= pd.Timestamp(since)]
    return rows[rows["effective_from"] == rows["effective_from"].max()]


def _in_the_way(
    table: str, frame: pd.DataFrame, known: Mapping[str, pd.DataFrame], file: str
) -> list[Saying]:
    """What of the client's rows would clash with the adopted ones or hide them.

    Rows of ``file`` do not: they are these very ones, adopted before.
    """
    own = known[table]
    own = own[own["_file"].astype(str) != f"{IMPORTED}/{file}"]
    if table in ADDED:
        keys = list(tables()[table].keys)
        both = frame[keys].fillna("").merge(own[keys].fillna(""), on=keys)
        if both.empty:
            return []
        first = " + ".join(str(value) for value in both.iloc[0] if value)
        return [Saying("adopt.there_already", table=table, rows=len(both), first=first)]
    names = list(DATED[table])
    mine = frame[names].drop_duplicates()
    since = frame["effective_from"].max()
    later = own[own["effective_from"] >= since].merge(mine, on=names)
    return [
        Saying(
            "adopt.hides",
            table=table,
            subject=" ".join(map(str, key if isinstance(key, tuple) else (key,))),
            begins=f"{group['effective_from'].min():%Y-%m-%d}",
            file=group["_file"].iloc[0],
            row=group["_row"].iloc[0],
            since=f"{since:%Y-%m-%d}",
        )
        for key, group in later.groupby(names, sort=True)
    ]


def _write(
    folder: Path,
    frames: Mapping[str, pd.DataFrame],
    contents: Mapping[str, bytes],
    note: Mapping[str, str],
) -> list[Adoption]:
    """All files or none: note first, then the rows."""
    place = folder / IMPORTED
    place.mkdir(exist_ok=True)
    written: list[Path] = []
    found = []
    try:
        for table, frame in frames.items():
            data = contents[table]
            target = place / _file_name(table, data)
            there = target.is_file()
            if not there:
                told: dict[str, str | int] = {**note, "rows": len(frame)}
                told["written_sha256"] = hashlib.sha256(data).hexdigest()
                for path, content in (
                    (target.with_suffix(".toml"), toml_bytes(told)),
                    (target, data),
                ):
                    write_whole(path, content)
                    written.append(path)
            found.append(Adoption(table, f"{IMPORTED}/{target.name}", len(frame), there))
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        raise AdoptError(Saying("adopt.not_written", file=place, fault=error.strerror)) from error
    return found


def as_typed(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """A client table's rows as a person would type them: dates, plain numbers, yes and no,
    blanks; the declared columns in their order."""
    shown = {}
    for column in tables()[table].columns:
        values = frame[column.name]
        if column.type == "date":
            cells = values.dt.strftime("%Y-%m-%d")
        elif column.type in NUMERIC:
            cells = values.map(lambda v: f"{decimal(int(v)).normalize():f}", na_action="ignore")
        elif column.type == "bool":
            cells = values.map({True: "yes", False: "no"}, na_action="ignore")
        else:
            cells = values
        shown[column.name] = cells.astype("object").where(cells.notna(), "").astype("str")
    return pd.DataFrame(shown)
