"""The files of a stage: workbook and CSV tables, open ones apart from restricted ones."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from ecperf_kit.exact import MILLION
from ecperf_kit.outputs.files import OutputError, write_files
from ecperf_kit.outputs.wording import STORED, Wording
from ecperf_kit.stages.result import StageResult, StageTable

if TYPE_CHECKING:
    from ecperf_kit.client import Client

__all__ = ["OutputError", "reports_folder", "write_stage"]

RESTRICTED_FOLDER = "restricted"
#: A text cell that begins so would be taken for a formula when the CSV is opened in Excel.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_WORDED = frozenset({"sentence"})


def write_stage(client: Client, report: StageResult, output: str = "") -> list[Path]:
    """Write the stage's workbook and tables and return their paths.

    Into ``output``, or, if that is empty, into the practice's reports folder:
    ``<stage>.xlsx`` and ``tables/<table>.csv``; what holds pay or scores of single
    people only as ``restricted/<stage>.xlsx`` and ``restricted/tables/<table>.csv``.
    All files are replaced or none; :class:`OutputError` says what to close.
    """
    from ecperf_kit.outputs.workbook import workbook

    wording = Wording(client.library, client.language, client)
    folder = Path(output) if output else reports_folder(client, report.stage)
    closed = folder / RESTRICTED_FOLDER
    open_tables = [t for t in report.tables.values() if not t.restricted]
    closed_tables = [t for t in report.tables.values() if t.restricted]

    contents: dict[Path, bytes] = {
        folder / f"{report.stage}.xlsx": workbook(client, report, open_tables, wording)
    }
    for table in open_tables:
        contents[folder / "tables" / f"{table.name}.csv"] = csv_bytes(table, wording)
    if closed_tables:
        contents[closed / f"{report.stage}.xlsx"] = workbook(
            client, report, closed_tables, wording, restricted=True
        )
    for table in closed_tables:
        contents[closed / "tables" / f"{table.name}.csv"] = csv_bytes(table, wording)
    refuse_misplaced(contents, report, closed)
    return write_files(contents, wording)


def reports_folder(client: Client, stage: str) -> Path:
    """Where a notebook run by hand writes: ``reports/<client>/<period>/<stage>``."""
    from ecperf_kit import practice
    from ecperf_kit.stages import default_period

    period = client.period or default_period(stage, client)
    return practice.reports_folder(client.name, period.folder, stage, client.root)


def refuse_misplaced(contents: dict[Path, bytes], report: StageResult, closed: Path) -> None:
    """Raise ``PermissionError`` if a restricted table would land outside ``restricted/``."""
    names = {f"{t.name}.csv" for t in report.tables.values() if t.restricted}
    for path in contents:
        if path.name in names and closed not in path.parents:
            raise PermissionError(f"{path.name} holds personal pay or scores: only in {closed}")


def csv_bytes(table: StageTable, wording: Wording) -> bytes:
    """A table as CSV: UTF-8 with byte order mark, exact decimals, text never a formula."""
    printed = {
        column.name: _csv_column(table.frame[column.name], column.type, wording)
        for column in table.declaration.columns
    }
    text = io.StringIO(newline="")
    pd.DataFrame(printed).to_csv(text, index=False, lineterminator="\r\n")
    return text.getvalue().encode("utf-8-sig")


def _csv_column(values: pd.Series, type: str, wording: Wording) -> pd.Series:
    if type in STORED:
        return decimal_text(values)
    if type == "integer":
        return values.astype("Int64").astype("string").fillna("")
    if type == "date":
        return pd.to_datetime(values).dt.strftime("%Y-%m-%d").astype("string").fillna("")
    if type in _WORDED:
        values = values.map(lambda v: wording.cell(v, type))
    return harmless(values.astype("string").fillna(""))


def decimal_text(stored: pd.Series) -> pd.Series:
    """Stored integers as exact decimals without trailing zeros: 6500, 0.385, -18.5."""
    whole = stored.astype("Int64")
    size = whole.abs()
    part = (size % MILLION).astype("string").str.zfill(6).str.rstrip("0")
    text = (size // MILLION).astype("string") + part.where(part == "", "." + part)
    return text.where(~(whole < 0).fillna(False), "-" + text).fillna("")


def harmless(texts: pd.Series) -> pd.Series:
    """Texts with a quote mark before whatever Excel would read as a formula."""
    return texts.where(~texts.str.startswith(FORMULA_STARTS).fillna(False), "'" + texts)
