"""The one shape of a finding, used by every room.

A finding is data: a code, whom it is about, the values its text is filled
with, and where it comes from. Severity, clause and what it blocks stand in the
library under the code; the sentences stand in the texts of each language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["error", "warning", "note"]
Blocks = Literal["nothing", "row", "subject", "stage"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a figure or a fault stands: file, sheet, row as Excel counts it, column."""

    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong or worth knowing.

    ``subject`` is ``kind:id`` (``employee:E017``, ``post:store_operator``,
    ``table:actuals``, ``client:qinghe``); ``values`` fill the texts of the code.
    ``tables`` names the client's tables it is about, in a comparison all that are
    compared; empty where that is not known, so that it concerns everything.
    """

    code: str
    subject: str
    values: Mapping[str, Any] = field(default_factory=dict)
    source: Source = Source()
    tables: tuple[str, ...] = ()
