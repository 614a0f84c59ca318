"""What an import tells: an account of every row and totals to check against the platform."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ecperf_kit.finding import Finding

State = Literal["imported", "unchanged", "refused"]


@dataclass(frozen=True, slots=True)
class Total:
    """A figure to check against the platform: of all rows counted, or of one month."""

    total: str  # text key ``import.total.<total>``
    month: str  # "" for all rows
    value: int  # stored integer


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """The account of one file: read = used + all that was set aside, without blank rows."""

    file: str
    export: str
    state: State
    written: str  # the file under the client folder, "" if none
    date_basis: str  # text key ``label.<date_basis>``
    cut_off: str  # text key ``label.<cut_off>``: how the client closes its months
    days: tuple[str, str]  # the first and the last day of the rows, "" if none
    read: int
    used: int
    set_aside: tuple[tuple[str, int], ...]  # text key ``import.reason.<reason>``, rows
    blank: int  # rows between the headings and the last one that hold nothing
    months: tuple[str, ...]
    rows_written: int
    totals: tuple[Total, ...]


@dataclass(frozen=True)
class ImportResult:
    """What an import did: one account per file, and the findings."""

    files: tuple[ImportedFile, ...]
    findings: tuple[Finding, ...]
    refused: bool
