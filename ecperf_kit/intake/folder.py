"""A client folder to raw tables: which files are tables, and which are not."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ecperf_kit.finding import Finding, Source
from ecperf_kit.intake import read
from ecperf_kit.intake.config import CONFIG, OVERRIDES, parse_toml
from ecperf_kit.intake.declare import REQUIRED_TABLES, plain, tables
from ecperf_kit.intake.files import (
    IMPORTED,
    PASSED_OVER,
    SHEET_ENDINGS,
    TABLE_ENDINGS,
    TEXT_ENDINGS,
    WORKBOOK,
    sha256,
)

#: Sheets of the intake workbook that hold no table and are never read.
UNREAD_SHEETS = ("说明", "读我", "readme", "guide")
UNREAD_PREFIXES = ("examples", "示例", "_")


@dataclass
class Content:
    """What a folder holds: raw tables by name, faults of files, hashes of all files read."""

    raw: dict[str, list[read.RawTable]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    inputs: dict[str, str] = field(default_factory=dict)
    notes_of_imports: dict[str, dict[str, Any]] = field(default_factory=dict)
    hashes: Mapping[str, str] = field(default_factory=dict)  # known before reading

    def report(
        self, code: str, file: str, sheet: str = "", tables: tuple[str, ...] = (), **values: Any
    ) -> None:
        """Adds a finding about a file or sheet; ``tables`` where it could be read as those."""
        place = f"{file} › {sheet}" if sheet else file
        source = Source(file, sheet, values.get("row"), str(values.get("column", "")))
        told = {"file": place, "row": "–", **values}
        self.findings.append(Finding(code, f"file:{place}", told, source, tables))

    def take(self, table: str, reading: Callable[[], read.RawTable], file: str, sheet: str) -> None:
        """Adds a raw table, or the finding why it cannot be read."""
        try:
            found = reading()
        except read.ReadError as error:
            self.report(error.code, file, sheet, **error.values)
            self.raw.setdefault(table, [])
            return
        except OSError as error:
            self.report("D128", file, sheet, found=error.strerror or type(error).__name__)
            self.raw.setdefault(table, [])
            return
        self.raw.setdefault(table, []).append(found)


def read_folder(folder: Path, hashes: Mapping[str, str] | None = None) -> Content:
    """The raw tables of a client folder with every fault of its files.

    Sub-folders other than ``imported/`` are not looked into: raw material may
    lie there. A table that stands in two places is read from the first only.
    ``hashes`` are those of :func:`~ecperf_kit.intake.files.client_files`, if known.
    """
    content = Content(hashes=hashes or {})
    homes: dict[str, list[tuple[str, str]]] = {}
    for path in sorted(folder.iterdir(), key=lambda p: p.name.casefold()):
        if path.name.startswith(PASSED_OVER) or (path.is_dir() and not _named_as_table(path)):
            continue  # a folder in a table's place fails on reading, as it should
        _take_file(content, path, homes)
    for table, places in homes.items():
        if len(places) > 1:
            named = [f"{file} › {sheet}" if sheet else file for file, sheet in places]
            values = {"table": table, "file": named[0], "others": ", ".join(named[1:])}
            source = Source(*places[1])
            content.findings.append(Finding("D105", f"table:{table}", values, source, (table,)))
    _take_imports(content, folder / IMPORTED)
    for table in REQUIRED_TABLES:
        if table not in content.raw:
            content.report("D109", f"{table}.csv", table=table)
    return content


def _named_as_table(path: Path) -> bool:
    if path.name.casefold() == WORKBOOK:
        return True
    return path.suffix.casefold() in TABLE_ENDINGS and path.stem.casefold() in tables()


def _looks_like_intake(path: Path) -> bool:
    """Whether a workbook seems filled in as the intake: by its name, or by its sheets."""
    if path.name.casefold().startswith(Path(WORKBOOK).stem):
        return True
    return any(sheet.strip().casefold() in tables() for sheet in read.sheet_names(path))


def _take_file(content: Content, path: Path, homes: dict[str, list[tuple[str, str]]]) -> None:
    name, stem, ending = path.name, path.stem.casefold(), path.suffix.casefold()
    if name in (CONFIG, OVERRIDES):
        return
    if name.casefold() == WORKBOOK:
        _take_workbook(content, path, homes)
    elif ending in TABLE_ENDINGS:
        if stem not in tables():
            content.report("D101", name, suggestion=_nearest(stem))
            return
        _hash(content, path, name)
        homes.setdefault(stem, []).append((name, ""))
        if len(homes[stem]) == 1:
            reading = read.read_csv if ending == ".csv" else read.read_parquet
            content.take(stem, lambda: reading(path, name), name, "")
    elif (table := _table_in_another_form(path)) in tables():
        content.report("D102", name, table=table)
        content.raw.setdefault(table, [])
    elif table == Path(WORKBOOK).stem or (ending in SHEET_ENDINGS and _looks_like_intake(path)):
        content.report("D130", name)
    elif ending in (*SHEET_ENDINGS, ".toml"):
        content.report("D124", name)


def _table_in_another_form(path: Path) -> str:
    """What a file of a form that is not read would be, by its name: a table, ``intake`` or ""."""
    ending, inner = path.suffix.casefold(), Path(path.stem)
    known = SHEET_ENDINGS + TEXT_ENDINGS
    if ending == ".txt" and inner.suffix.casefold() in (*known, *TABLE_ENDINGS):
        return inner.stem.casefold()  # Windows hides the last ending
    return path.stem.casefold() if ending in known else ""


def _take_workbook(content: Content, path: Path, homes: dict[str, list[tuple[str, str]]]) -> None:
    name = path.name
    _hash(content, path, name)
    try:
        sheets = read.sheets(path)
    except read.ReadError as error:
        content.report(error.code, name, **error.values)
        return
    except OSError as error:
        content.report("D128", name, found=error.strerror or type(error).__name__)
        return
    titles = {t.title(lang).casefold(): t.name for t in tables().values() for lang in ("zh", "en")}
    for sheet, cells in sheets.items():
        word = sheet.strip().casefold()
        if word in UNREAD_SHEETS or word.startswith(UNREAD_PREFIXES):
            continue
        table = word if word in tables() else titles.get(word)
        lines = [row for row in cells if any(read.cell_text(cell).strip() for cell in row)]
        filled = len(lines)
        if table is None:
            if filled:
                content.report("D101", name, sheet, suggestion=_nearest(word))
            continue
        if filled == 0 or (filled == 1 and _headings(table, lines[0])):
            continue  # a sheet of the blank workbook nobody filled in
        homes.setdefault(table, []).append((name, sheet))
        if len(homes[table]) == 1:
            content.take(table, lambda s=sheet, c=cells: read.sheet_table(c, name, s), name, sheet)  # type: ignore[misc]


def _headings(table: str, line: list[Any]) -> bool:
    """Whether the one line of a sheet is its heading line: then the table is not given."""
    return any(plain(read.cell_text(cell)) in tables()[table].by_heading for cell in line)


def _take_imports(content: Content, folder: Path) -> None:
    """Adds ``imported/<table>__<hash>.csv``, each with the ``.toml`` that tells its origin."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        file = f"{IMPORTED}/{path.name}"
        if path.name.startswith(PASSED_OVER):
            continue
        if path.suffix != ".csv":
            if path.suffix != ".toml":
                content.report("D124", file)
            elif not path.with_suffix(".csv").is_file():
                _hash(content, path, file)
                told, _ = parse_toml(path.read_bytes(), file)
                content.report("D417", file, found=str((told or {}).get("source_file", "–")))
            continue
        table = path.stem.split("__")[0]
        if table not in tables() or "__" not in path.stem:
            content.report("D101", file, suggestion=_nearest(table))
            continue
        digest = _hash(content, path, file)
        note = path.with_suffix(".toml")
        if not note.is_file():
            content.report("D403", file, tables=(table,), found=note.name)
        else:
            _hash(content, note, f"{IMPORTED}/{note.name}")
            told, faults = parse_toml(note.read_bytes(), f"{IMPORTED}/{note.name}")
            content.findings.extend(faults)
            if told is not None:
                content.notes_of_imports[file] = told
                if told.get("written_sha256") != digest:
                    changed = str(told.get("source_file", ""))
                    content.report("D404", file, tables=(table,), found=changed)
        content.take(table, lambda p=path, f=file: read.read_csv(p, f), file, "")  # type: ignore[misc]


def _hash(content: Content, path: Path, name: str) -> str:
    digest = content.hashes.get(name)
    if digest is None:
        try:
            digest = sha256(path)
        except OSError:
            digest = ""
    content.inputs[name] = digest
    return digest


def _nearest(name: str) -> str:
    close = difflib.get_close_matches(name, list(tables()), 3, 0.6)
    return ", ".join(close or tables())
