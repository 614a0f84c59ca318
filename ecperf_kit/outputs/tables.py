"""Tables of a page: three lines, numbers right-aligned with equal decimals, all text escaped."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ecperf_kit.outputs import formats
from ecperf_kit.outputs.wording import NUMERIC, Wording
from ecperf_kit.stages.result import Column, StageTable

ROWS = 15  # more rows than these go to the workbook
_WIDE, _LANDSCAPE = 9, 13  # columns: beyond, smaller type; beyond, a landscape page in print
_UNBROKEN, _UNBROKEN_HEAD = 14, 8  # widths in characters that stay on one line
_UNIT = re.compile(r"(.+?)(（[^（）]+）|\([^()]+\))$")
_MONTH = "{month}"
_OF_MONTH = re.compile(r"\s?[（(][^（）()]*\{month\}[^（）()]*[）)]")
_PARAGRAPH, _LONG_COLUMNS = 60, 3  # characters; columns of paragraphs beside each other
_RATE_STEPS = (1_000, 100)  # 0.1 % and 0.01 % as stored fractions


@dataclass(frozen=True, slots=True)
class Head:
    """The head of one printed column."""

    title: str
    numeric: bool = False
    short: bool = False  # dates and codes: never broken over two lines


@dataclass(frozen=True, slots=True)
class Tag:
    """A word with the colour of its level: the word says it, the colour repeats it."""

    word: str
    level: str


@dataclass(frozen=True, slots=True)
class Printed:
    """A table ready to print: heads and worded cells, still unescaped."""

    heads: tuple[Head, ...]
    rows: tuple[tuple[str | Tag, ...], ...]


def escape(text: Any) -> str:
    """Text made harmless for HTML and SVG, in content and in attributes."""
    return html.escape(str(text), quote=True)


def cells(
    values: pd.Series, column: Column, wording: Wording, units: pd.Series | None
) -> list[str]:
    """The worded cells of one column; numbers of a column share their decimals.

    ``units`` holds each row's indicator unit where a column mixes indicators:
    there every number is shown in its own unit.
    """
    kind = column.type
    items = values.tolist()
    if kind == "number" and units is not None and not column.unit:
        return [
            wording.measured(value, "" if formats.missing(unit) else str(unit))
            for value, unit in zip(items, units.tolist(), strict=True)
        ]
    present = [int(v) for v in items if not formats.missing(v)] if kind in NUMERIC else []
    if kind in {"coefficient", "number"} and column.unit != "ratio":
        places = max((formats.decimals(v) for v in present), default=0)
        places = max(places, 1 if kind == "coefficient" else 0)
        return [_or_missing(v, lambda n: formats.fixed(n, places)) for v in items]
    if kind in {"rate", "signed_rate"}:
        typed = all(v % _RATE_STEPS[1] == 0 for v in present)
        places = 2 if typed and any(v % _RATE_STEPS[0] for v in present) else 1
        sign = kind == "signed_rate"
        return [_or_missing(v, lambda n: formats.percent(n, places, sign=sign)) for v in items]
    if kind == "days" and not any(map(formats.decimals, present)):
        return [_or_missing(v, lambda n: formats.fixed(n, 0)) for v in items]
    known: dict[Any, str] = {}  # ids and labels repeat: word each once
    worded = []
    for value in items:
        try:
            if value not in known:
                known[value] = wording.cell(value, kind, column.unit)
            worded.append(known[value])
        except TypeError:  # a sentence or list has no hash
            worded.append(wording.cell(value, kind, column.unit))
    return worded


def _or_missing(value: Any, show: Any) -> str:
    return formats.MISSING if formats.missing(value) else str(show(int(value)))


def title(table: StageTable, wording: Wording) -> str:
    """A table's title in the reader's language, with the month it is about where it says so."""
    declared = table.declaration
    said = declared.zh if wording.language == "zh" else declared.en
    if _MONTH not in said:
        return said
    months = set(table.frame["month"].dropna()) if "month" in table.frame else set()
    if len(months) != 1:
        return _OF_MONTH.sub("", said)
    return said.replace(_MONTH, formats.long_month(str(*months), wording.language))


def heading(column: Column, wording: Wording) -> str:
    """A column's heading in the reader's language, with its unit."""
    name = column.zh if wording.language == "zh" else column.en
    unit = wording.unit(column.type, column.unit)
    if not unit or unit.casefold() == name.casefold():  # "People (people)" says it twice
        return name
    return wording.text("common.unit_in_head", name=name, unit=unit)


def indicator_units(frame: pd.DataFrame, wording: Wording) -> pd.Series | None:
    """The unit of each row's indicator, or None if the table has no indicators."""
    if "indicator" not in frame.columns:
        return None
    source = wording.client if wording.client is not None else wording.library
    known = source.indicators["unit"]
    return frame["indicator"].map(known)


def printed(
    table: StageTable,
    wording: Wording,
    rows: int | None = None,
    columns: Sequence[str] | None = None,
) -> Printed:
    """The first ``rows`` rows (all if None) of a stage table, in the given columns, worded."""
    frame = table.frame if rows is None else table.frame.head(rows)
    return printed_frame(frame, table.declaration.columns, wording, columns)


def printed_frame(
    frame: pd.DataFrame,
    declared: Iterable[Column],
    wording: Wording,
    columns: Sequence[str] | None = None,
) -> Printed:
    """A frame in its declared columns, or in those named, worded."""
    by_name = {column.name: column for column in declared}
    chosen = [by_name[name] for name in columns or by_name]
    units = indicator_units(frame, wording)
    heads, shown = [], []
    for column in chosen:
        if column.type == "level":
            words: list[Any] = [
                formats.MISSING if formats.missing(v) else Tag(wording.cell(v, "level"), str(v))
                for v in frame[column.name]
            ]
        else:
            words = cells(frame[column.name], column, wording, units)
        heads.append(
            Head(
                heading(column, wording),
                numeric=column.type in NUMERIC,
                short=column.type
                in {"date", "month", "period", "id", "employee", "label", "level"},
            )
        )
        shown.append(words)
    return Printed(tuple(heads), tuple(zip(*shown, strict=True)))


def without_missing_columns(table: Printed) -> tuple[Printed, tuple[str, ...]]:
    """A table without the columns that are – in every row; the heads of these.

    A table that fits the page keeps all but its figures, and a single row all of its cells.
    """
    wide = len(table.heads) > _WIDE
    if not wide and len(table.rows) < 2:
        return table, ()
    kept = [
        i
        for i, head in enumerate(table.heads)
        if any(row[i] != formats.MISSING for row in table.rows) or not (wide or head.numeric)
    ]
    left_out = tuple(h.title for i, h in enumerate(table.heads) if i not in kept)
    rows = tuple(tuple(row[i] for i in kept) for row in table.rows)
    return Printed(tuple(table.heads[i] for i in kept), rows), left_out


def render(table: Printed, *, css: str = "") -> str:
    """The HTML of a table; everything in it is text."""
    if sum(_is_long(table, at) for at in range(len(table.heads))) >= _LONG_COLUMNS:
        return _records(table)
    wide = " wide" if len(table.heads) > _WIDE else ""
    wide += " landscape" if len(table.heads) > _LANDSCAPE else ""
    classes = [
        ' class="num"' if head.numeric else ' class="short"' if _whole(table, at) else ""
        for at, head in enumerate(table.heads)
    ]
    head = "".join(
        f'<th class="{_head_class(h)}" scope="col">{_head(h.title)}</th>' for h in table.heads
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td{c}>{_cell(v)}</td>" for v, c in zip(row, classes, strict=True))
        + "</tr>"
        for row in table.rows
    )
    extra = f" {css}" if css else ""
    return (
        f'<div class="scroll{wide}"><table class="lines{extra}">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _is_long(table: Printed, at: int) -> bool:
    """Whether a column holds whole paragraphs."""
    return any(_printed_width(row[at]) > _PARAGRAPH for row in table.rows)


def _records(table: Printed) -> str:
    """One block per row, for tables of paragraphs: side by side they would be unreadable."""
    long = [at for at in range(len(table.heads)) if not table.heads[at].numeric and (
        _is_long(table, at) or not _whole(table, at))]  # fmt: skip
    blocks = []
    for row in table.rows:
        head = " · ".join(
            f"{escape(table.heads[at].title)} {_cell(value)}" if table.heads[at].numeric
            else _cell(value)
            for at, value in enumerate(row) if at not in long
        )  # fmt: skip
        said = "".join(f"<dt>{escape(table.heads[at].title)}</dt><dd>{_cell(row[at])}</dd>"
                       for at in long)  # fmt: skip
        blocks.append(f'<div class="record"><h4>{head}</h4><dl>{said}</dl></div>')
    return "".join(blocks)


def _whole(table: Printed, at: int) -> bool:
    """Whether a column is narrow enough never to break its words over two lines."""
    head = table.heads[at]
    return head.short or all(_printed_width(row[at]) <= _UNBROKEN for row in table.rows)


def _head(title: str) -> str:
    """A heading whose unit in brackets stays whole on its line."""
    found = _UNIT.match(title)
    if not found or formats.width(found[2]) > _UNBROKEN:
        return escape(title)
    return f'{escape(found[1])}<span class="unit">{escape(found[2])}</span>'


def _head_class(head: Head) -> str:
    short = formats.width(head.title) <= _UNBROKEN_HEAD
    return ("num" if head.numeric else "text") + (" short" if short else "")


def _printed_width(value: str | Tag) -> int:
    return formats.width(value.word if isinstance(value, Tag) else value)


def _cell(value: str | Tag) -> str:
    if isinstance(value, Tag):
        return tag(value.word, value.level)
    return escape(value).replace("\n", "<br>")


def tag(word: str, level: str) -> str:
    """A word in the colour of its level."""
    return f'<span class="tag {escape(level)}">{escape(word)}</span>'


def without_blank_columns(table: Printed) -> Printed:
    """The table without columns that have no text in any row."""
    kept = [i for i in range(len(table.heads)) if any(row[i] != "" for row in table.rows)]
    return Printed(
        tuple(table.heads[i] for i in kept),
        tuple(tuple(row[i] for i in kept) for row in table.rows),
    )


def has_missing(table: Printed) -> bool:
    """Whether a figure or date is –, so that the table needs the note saying why.

    In a column of words – only means that there is nothing to say.
    """
    figures = [i for i, head in enumerate(table.heads) if head.numeric or head.short]
    return any(row[i] == formats.MISSING for row in table.rows for i in figures)
