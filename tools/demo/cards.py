"""Scorecards, standards and what the people before the pilot achieved, from the library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ecperf_kit.exact import decimal
from ecperf_kit.library import load_library

LIBRARY = load_library()
RowDict = dict[str, Any]
PARAMETERS = ("cap", "zero_below", "step_size", "step_deduct", "bands", "bands_on")
_NUMBERS = ("cap", "zero_below", "step_size", "step_deduct")


def card_row(
    subject: tuple[str, str],
    indicator: str,
    role: str,
    weight: str,
    since: str,
    duty: str = "",
    own: Mapping[str, Any] | None = None,
    **changes: str,
) -> RowDict:
    """One scorecard row with the library's method; ``own`` describes a client's own
    indicator, ``changes`` replace single columns (``method``, ``cap`` …)."""
    known = own or LIBRARY.indicators.loc[indicator].to_dict()
    row: RowDict = {
        "subject_kind": subject[0],
        "subject_id": subject[1],
        "indicator": indicator,
        "effective_from": since,
        "role": role,
        "weight": weight,
        "method": known["method"],
        "standard_basis": known["standard_basis"],
        "data_source": known["data_source"],
        "duty": duty,
    }
    if "method" not in changes:
        for name in PARAMETERS:
            row[name] = _parameter(known.get(name), name)
    return row | changes


def _parameter(value: Any, name: str) -> Any:
    if value is None or value != value or str(value) in ("", "<NA>"):
        return ""
    if name in _NUMBERS and not isinstance(value, str):
        return decimal(int(value))
    return value


def library_card(post: str, since: str, subject: tuple[str, str] | None = None) -> list[RowDict]:
    """The library's scorecard of a post, as the client's own rows from ``since``."""
    rows = LIBRARY.scorecards[LIBRARY.scorecards["post"] == post]
    return [
        card_row(
            subject or ("post", post),
            row["indicator"],
            row["role"],
            plain_weight(row["weight"]),
            since,
            row["duty"],
        )
        for row in rows.to_dict("records")
    ]


def plain_weight(stored: int) -> str:
    """A stored weight as typed: ``30``."""
    return f"{decimal(int(stored)).normalize():f}"


def duty_for(post: str, indicator: str) -> str:
    """The duty of the post an indicator serves: the library's, else the post's first duty."""
    duties = LIBRARY.duties[(LIBRARY.duties["post"] == post) & (LIBRARY.duties["kind"] == "duty")]
    for row in duties.to_dict("records"):
        if indicator in str(row["indicators"]).split(";"):
            return str(row["duty"])
    return str(duties["duty"].iloc[0])


def standards(
    figures: Mapping[str, Mapping[str, str | Mapping[str, str]]],
    cards: Sequence[RowDict],
    period: str,
    agreed_by: Mapping[str, str],
    agreed_on: str,
) -> list[RowDict]:
    """One row per scorecard row whose standard is typed.

    ``figures`` holds post -> indicator -> figure, or period -> figure. Standards that
    were agreed carry both names and the date (assessment method 3.5).
    """
    found: list[RowDict] = []
    for card in cards:
        subject = card["subject_kind"], card["subject_id"]
        figure = figures.get(subject[1], {}).get(card["indicator"])
        if figure is None:
            figure = _typical(card["indicator"])
        if figure is None:
            continue
        periods = figure if isinstance(figure, Mapping) else {period: figure}
        for span, value in periods.items():
            row: RowDict = {
                "subject_kind": subject[0],
                "subject_id": subject[1],
                "indicator": card["indicator"],
                "period": span,
                "standard": value,
            }
            if card["standard_basis"] == "agreed":
                row |= {"agreed_by": agreed_by[subject[1]], "agreed_on": agreed_on}
            found.append(row)
    return found


def _typical(indicator: str) -> str | None:
    if indicator not in LIBRARY.indicators.index:
        return None
    stored: Any = LIBRARY.indicators.loc[indicator, "typical_value"]
    return None if str(stored) == "<NA>" else str(decimal(int(stored)))


def history(
    rows: Iterable[RowDict], cards: Sequence[RowDict], month: str, share: str, recorded: str
) -> list[RowDict]:
    """What was achieved before, where a standard rests on own history.

    ``share`` is how much of the standard was reached: 0.97 (for lower-is-better
    indicators the figure was that much worse). One row per subject and indicator.
    """
    basis = {
        (c["subject_kind"], c["subject_id"], c["indicator"]): c["data_source"]
        for c in cards
        if c["standard_basis"] == "own_history"
    }
    found: dict[tuple[str, str, str], RowDict] = {}
    for row in rows:
        key = row["subject_kind"], row["subject_id"], row["indicator"]
        if key in basis and key not in found:
            lower = lower_is_better(row["indicator"])
            factor = 2 - Decimal(share) if lower else Decimal(share)
            achieved = Decimal(str(row["standard"])) * factor
            if indicator_unit(row["indicator"]) == "count":
                achieved = achieved.quantize(Decimal(1))
            found[key] = actual(
                *key, month, achieved, basis[key], f"{month} 历史数据汇总.xlsx", len(found) + 2,
                recorded,
            )  # fmt: skip
    return list(found.values())


def indicator_unit(indicator: str) -> str:
    """The unit of a library indicator, blank for a client's own."""
    known = LIBRARY.indicators["unit"]
    return str(known[indicator]) if indicator in known.index else ""


def lower_is_better(indicator: str) -> bool:
    """Whether less is better; a client's own indicators here are all the more the better."""
    known = LIBRARY.indicators["direction"]
    return bool(indicator in known.index and known[indicator] == "lower_is_better")


def actual(
    kind: str,
    subject: str,
    indicator: str,
    month: str,
    value: Decimal | str | tuple[str, str],
    source_kind: str,
    file: str,
    row: int,
    recorded: str,
) -> RowDict:
    """One actual; a pair is numerator and denominator, and a ratio always gets a pair."""
    found: RowDict = {
        "subject_kind": kind,
        "subject_id": subject,
        "indicator": indicator,
        "period": month,
        "source_kind": source_kind,
        "source_file": file,
        "source_row": row,
        "recorded": recorded,
    }
    ratio = (
        indicator in LIBRARY.indicators.index
        and LIBRARY.indicators.loc[indicator, "aggregation"] == "ratio"
    )
    if isinstance(value, tuple):
        return found | {"numerator": value[0], "denominator": value[1]}
    if ratio:
        cases = Decimal(10000)
        part = (Decimal(value) * cases).quantize(Decimal(1), rounding=ROUND_HALF_UP)
        return found | {"numerator": part, "denominator": cases}
    return found | {"value": Decimal(value).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)}
