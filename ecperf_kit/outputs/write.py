"""The files of a stage: workbook and CSV tables, open ones apart from restricted ones."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from ecperf_kit.exact import MILLION
from ecperf_kit.outputs.files import OutputError, write_files
from ecperf_kit.outputs.wording import STORED, Wording
from ecperf_kit.stages.result import Proposal, StageResult, StageTable

if TYPE_CHECKING:
    from ecperf_kit.client import Client

__all__ = ["OutputError", "reports_folder", "write_stage"]

RESTRICTED_FOLDER = "restricted"
#: Rows in the form of a client's own tables, as ``ecperf adopt`` takes them.
PROPOSALS_FOLDER = "proposals"
#: A text cell that begins so would be taken for a formula when the CSV is opened in Excel.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_WORDED = frozenset({"sentence"})


def write_stage(client: Client, report: StageResult, output: str = "") -> list[Path]:
    """Write the stage's workbook and tables and return their paths.

    Into ``output``, or, if that is empty, into the practice's reports folder:
    ``<stage>.xlsx`` and ``tables/<table>.csv``; what holds pay or scores of single
    people only as ``restricted/<stage>.xlsx`` and ``restricted/tables/<table>.csv``. What the
    stage proposes for a table of the client goes to ``proposals/<table>.csv``.
    All files are replaced or none; :class:`OutputError` says what to close.
    """
    from ecperf_kit.outputs.workbook import workbook

    client = client.seen_by(report.stage)
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
    for proposal in report.proposals:
        place = closed if proposal.restricted else folder
        contents[place / PROPOSALS_FOLDER / f"{proposal.table}.csv"] = _adoptable(proposal)
    refuse_misplaced(contents, report, closed)
    return write_files(contents, wording)


def _adoptable(proposal: Proposal) -> bytes:
    """A proposal as the client would type it: read by ``ecperf adopt``, so nothing is quoted."""
    from ecperf_kit.intake.adopting import as_typed
    from ecperf_kit.intake.written import csv_bytes as written

    return written(as_typed(proposal.table, proposal.frame))


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
    columns = table.declaration.columns
    printed = [_csv_column(table.frame[column.name], column.type, wording) for column in columns]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.name for column in columns])
    writer.writerows(zip(*printed, strict=True))
    return text.getvalue().encode("utf-8-sig")


def _csv_column(values: pd.Series, type: str, wording: Wording) -> list[str]:
    """The texts of a column, one by one: a table is small, and converting columns is not cheap."""
    if type in STORED:
        return decimal_text(values)
    if type == "integer":
        return ["" if pd.isna(v) else str(int(v)) for v in values.tolist()]
    if type == "date":
        days = pd.to_datetime(values).dt.strftime("%Y-%m-%d")
        return days.astype("string").fillna("").tolist()
    if type in _WORDED:
        return harmless([wording.cell(value, type) for value in values.tolist()])
    if not isinstance(values.dtype, pd.StringDtype):
        values = values.astype("string")
    return harmless([text if isinstance(text, str) else "" for text in values.tolist()])


def decimal_text(stored: pd.Series) -> list[str]:
    """Stored integers as exact decimals without trailing zeros: 6500, 0.385, -18.5."""
    return ["" if pd.isna(value) else _decimal(int(value)) for value in stored.tolist()]


def _decimal(stored: int) -> str:
    whole, part = divmod(abs(stored), MILLION)
    text = f"{whole}.{part:06d}".rstrip("0") if part else str(whole)
    return f"-{text}" if stored < 0 else text


def harmless(texts: Iterable[str]) -> list[str]:
    """Texts with a quote mark before whatever Excel would read as a formula."""
    return [f"'{text}" if text.startswith(FORMULA_STARTS) else text for text in texts]
