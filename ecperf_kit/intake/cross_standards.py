"""Standards that contradict each other: two of the same length for one month."""

from __future__ import annotations

import pandas as pd

from ecperf_kit.finding import Finding
from ecperf_kit.intake.cross_data import Data, found_in, rows_of, shown
from ecperf_kit.period import Period, PeriodError

#: What two rows of a standard must agree in for it not to matter which of them counts.
DECIDING = ("standard", "applied_on", "evidence", "approved_by", "approved_on", "published_on")
SUBJECT = ["subject_kind", "subject_id", "indicator"]


def covered(text: str) -> tuple[str, ...]:
    """The months of a period as typed; none where it cannot be read."""
    try:
        return Period.parse(text).months
    except PeriodError:
        return ()


def contested_standards(data: Data) -> list[Finding]:
    """No month has two standards of equally long periods that say different things.

    A shorter period comes before a longer one, so only the shortest of each month count.
    """
    table = data.tables["standards"]
    table = table[table.duplicated(SUBJECT, keep=False)]
    if table.empty:
        return []
    months = {text: covered(text) for text in table["period"].dropna().unique()}
    found = []
    for _, part in table.groupby(SUBJECT, sort=False):
        shortest: dict[str, list[int]] = {}
        rows = rows_of(part)
        for at, row in enumerate(rows):
            for month in months.get(row["period"], ()):
                held = shortest.setdefault(month, [at])
                length = len(months[row["period"]]), len(months[rows[held[0]]["period"]])
                if length[0] < length[1]:
                    shortest[month] = [at]
                elif length[0] == length[1] and at not in held:
                    held.append(at)
        clashes: dict[tuple[int, int], list[str]] = {}
        for month in sorted(shortest):
            first, *others = shortest[month]
            for at in others:
                if _decides(rows[at]) != _decides(rows[first]):
                    clashes.setdefault((first, at), []).append(month)
        for (first, at), overlap in clashes.items():
            found.append(_told(rows[first], rows[at], overlap))
    return found


def _decides(row: dict[str, object]) -> tuple[object, ...]:
    return tuple(None if pd.isna(row[name]) else row[name] for name in DECIDING)  # type: ignore[call-overload]


def _told(first: dict[str, object], row: dict[str, object], overlap: list[str]) -> Finding:
    told = {
        "indicator": row["indicator"],
        "subject": row["subject_id"],
        "first_row": int(first["_row"]),  # type: ignore[call-overload]
        "first_period": first["period"],
        "first": _figure(first["standard"]),
        "period": row["period"],
        "found": _figure(row["standard"]),
        "months": tuple(overlap),
    }
    return found_in("D329", "standards", row, "period", **told)


def _figure(stored: object) -> str:
    return "–" if pd.isna(stored) else shown(stored)  # type: ignore[call-overload]
