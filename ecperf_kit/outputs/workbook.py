"""The stage's workbook: a cover with the conclusion, then one sheet per table."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from ecperf_kit.exact import MILLION
from ecperf_kit.outputs import formats, listing, provenance, tables
from ecperf_kit.outputs.formats import width
from ecperf_kit.outputs.nothing import why_empty
from ecperf_kit.outputs.wording import NUMERIC, Wording
from ecperf_kit.stages.result import Column, StageResult, StageTable

if TYPE_CHECKING:
    from ecperf_kit.client import Client

_INK, _GREY, _ACCENT, _LINE = "#1f2933", "#66727f", "#0f5c6e", "#d9dee4"
_LEVELS = {
    "change": "#b3261e", "watch": "#b7791f", "fine": "#2f7d4f", "unknown": "#66727f",
    "shown": "#2f7d4f", "partly": "#b7791f", "not_yet": "#66727f",
}  # fmt: skip
_LONGEST = 32_767  # characters an Excel cell can hold
_COVER = (36, 30)  # widths of the cover's columns: names, words
_LINE_HIGH = 15  # points a line of text takes
_NARROW, _BROAD = 8, 46  # column widths in characters
_A4_HOLDS = 200  # characters across a landscape page before its type gets too small
_MEASURED = 400  # rows looked at for a column's width
_ENDS = re.compile(r"([\d,.]*\d%?)")  # a figure between what stands before and after it
_BANNED = re.compile(r"[\[\]:*?/\\']")
#: No client text may become a formula, a link or a number.
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_TEN_THOUSAND = 10_000


def workbook(
    client: Client,
    report: StageResult,
    shown: Sequence[StageTable],
    wording: Wording,
    *,
    restricted: bool = False,
) -> bytes:
    """The xlsx of a stage with the given tables.

    The restricted one lists every finding, the open one puts those about single
    employees together.
    """
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, _OPTIONS) as book:
        book.formats[0].set_font_name("Microsoft YaHei")
        book.formats[0].set_font_size(10)
        book.set_properties(
            {"title": wording.say(report.title), "company": wording.client_name, "author": ""}
        )
        writer = _Writer(book, wording, provenance.scheme_hash(client))
        names = writer.names(shown)
        _cover(writer, client, report, shown, names, restricted)
        for table in shown:
            nothing = why_empty(client, report, table.name, wording) if table.frame.empty else ""
            _table_sheet(writer, names[table.name], table, nothing)
        found = listing.ordered((*client.findings, *report.findings), wording)
        listed = (
            listing.full_list(found, wording) if restricted else listing.open_list(found, wording)
        )
        _printed_sheet(writer, wording.text("book.findings"), listed)
    return buffer.getvalue()


class _Writer:
    """One workbook in the making: its formats, each made once, and its page set-up."""

    def __init__(self, book: Any, wording: Wording, scheme: str) -> None:
        self.book, self.wording, self.scheme = book, wording, scheme
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def format(self, **properties: Any) -> Any:
        base = {
            "font_name": "Microsoft YaHei",
            "font_size": 10,
            "font_color": _INK,
            "valign": "top",
        }
        key = tuple(sorted((base | properties).items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(dict(key))
        return self._formats[key]

    def names(self, shown: Sequence[StageTable]) -> dict[str, str]:
        """A sheet name for each table: its title, as far as Excel allows it."""
        taken = {self.wording.text(k).casefold() for k in ("book.cover", "book.findings")}
        found = {}
        for table in shown:
            title = _BANNED.sub(" ", self.title(table)).strip()[:31] or table.name[:31]
            number = 2
            name = title
            while name.casefold() in taken:
                name, number = f"{title[:28]} {number}", number + 1
            taken.add(name.casefold())
            found[table.name] = name
        return found

    def title(self, table: StageTable) -> str:
        return tables.title(table, self.wording)

    def sheet(self, name: str) -> Any:
        sheet = self.book.add_worksheet(name)
        sheet.set_paper(9)  # A4
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        sheet.hide_gridlines(2)
        left = _plain_foot(
            f"{self.wording.client_name} · {self.wording.text('book.foot', hash=self.scheme)}"
        )
        sheet.set_footer(f"&L&8{left}&R&8{self.wording.text('book.page')}")
        return sheet

    def text(self, sheet: Any, row: int, column: int, text: str, **properties: Any) -> None:
        sheet.write_string(row, column, text[:_LONGEST], self.format(**properties))


def _plain_foot(text: str) -> str:
    return text.replace("&", "&&")  # a single & is a command there


def _cover(
    writer: _Writer,
    client: Client,
    report: StageResult,
    shown: Sequence[StageTable],
    names: dict[str, str],
    restricted: bool,
) -> None:
    wording = writer.wording
    sheet = writer.sheet(wording.text("book.cover"))
    sheet.set_column(0, 0, _COVER[0])
    sheet.set_column(1, 4, _COVER[1])
    put, row = writer.text, 0
    put(sheet, row, 0, wording.say(report.title), bold=True, font_size=16, font_color=_ACCENT)
    sheet.set_row(row, 26)
    about = [wording.client_name, wording.text(f"stage.{report.stage}")]
    if client.period is not None:
        about.append(formats.long_period(client.period, wording.language))
    if client.config.invented:
        about.append(wording.text("common.invented"))
    put(sheet, 1, 0, " · ".join(about), font_color=_GREY)
    put(sheet, 2, 0, wording.text("common.gross_note"), font_color=_GREY)
    row = 4
    if restricted:
        put(sheet, 3, 0, wording.text("common.restricted_note"), font_color=_LEVELS["change"])

    def head(key: str, *others: str) -> None:
        nonlocal row
        for at, text in enumerate([wording.text(key), *others]):
            put(sheet, row, at, text, bold=True, bottom=1, font_color=_ACCENT)
        row += 1

    def line(*texts: str, colour: str = _INK) -> None:
        nonlocal row
        for at, text in enumerate(texts):
            put(sheet, row, at, text, text_wrap=True, font_color=colour if at == 0 else _INK)
        high = max(_lines(text, _COVER[min(at, 1)]) for at, text in enumerate(texts))
        sheet.set_row(row, _LINE_HIGH * high + 1)
        row += 1

    head("common.recommendation")
    put(sheet, row, 0, wording.say(report.advice), bold=True)
    row += 1
    for reason in report.reasons:
        put(sheet, row, 0, f"• {wording.say(reason)}")
        row += 1
    row += 1
    head("book.figures")
    for figure in report.figures:
        value = wording.cell(figure.value, figure.type, figure.unit)
        unit = wording.counted_unit(value, figure.type, figure.unit)
        line(wording.text(figure.label, **figure.values), f"{value} {unit}".strip())
    row += 1
    if report.verdicts:
        money = any(verdict.money for verdict in report.verdicts)
        parts = ("found", "money", "sure") if money else ("found", "sure")
        head("common.verdicts", *(wording.text(f"common.{part}") for part in parts))
        for verdict in report.verdicts:
            word = wording.text(f"level.{verdict.level}")
            at_stake = wording.say(verdict.money) if verdict.money else formats.MISSING
            line(
                f"{wording.text(verdict.question)} [{word}]",
                wording.say(verdict.found),
                *((at_stake,) if money else ()),
                wording.say(verdict.sure),
                colour=_LEVELS[verdict.level],
            )
        row += 1
    if report.actions:
        head(
            "common.actions",
            *(wording.text(f"common.{k}") for k in ("how", "effect", "owner", "due")),
        )
        for action in report.actions:
            effect = wording.say(action.effect) if action.effect else formats.MISSING
            line(
                wording.say(action.what),
                wording.say(action.how),
                effect,
                wording.say(action.owner),
                action.due,
            )
        row += 1
    head("book.tables", wording.text("book.title"), wording.text("book.rows"))
    for table in shown:
        line(names[table.name], writer.title(table), formats.count(len(table.frame)))
    row += 1
    head("provenance.heading")
    versions = provenance.versions(client)
    line(wording.text("provenance.scheme"), writer.scheme)
    line(wording.text("provenance.library"), versions["library"])
    line(wording.text("provenance.package"), versions["package"])
    for name, digest in client.inputs.items():
        line(name, digest[:12])
    changed = provenance.changed(client, wording)
    if changed:
        row += 1
        columns = ("library_value", "client_value", "reason", "approved_by")
        head("provenance.overrides", *(wording.text(f"provenance.{c}") for c in columns))
        for change in changed:
            line(change.name, change.library, change.client, change.reason, change.approved_by)


def _lines(text: str, columns: float) -> int:
    """How many lines a text takes in a cell so many characters wide, a little to spare."""
    return sum(max(1, -(-width(line) // max(int(columns) - 2, 1))) for line in text.split("\n"))


def _table_sheet(writer: _Writer, name: str, table: StageTable, nothing: str) -> None:
    wording, frame = writer.wording, table.frame
    sheet = writer.sheet(name)
    writer.text(sheet, 0, 0, writer.title(table), bold=True, font_size=13, font_color=_ACCENT)
    sheet.set_row(0, 24)
    units = tables.indicator_units(frame, wording)
    high: dict[int, int] = {}  # rows of more than one line
    whole = 0.0
    for at, column in enumerate(table.declaration.columns):
        head = tables.heading(column, wording)
        numeric = column.type in NUMERIC
        writer.text(
            sheet, 1, at, head, bold=True, top=2, bottom=1, text_wrap=True,
            align="right" if numeric else "left", indent=0 if numeric else min(at, 1),
        )  # fmt: skip
        texts = _write_column(writer, sheet, at, frame[column.name], column, units)
        wide = [*map(width, texts[:_MEASURED] if numeric else texts)]
        widest = max([width(head) / (2 if numeric else 1), *wide[:_MEASURED]])
        broad = min(max(widest + 2, _NARROW), _BROAD)
        sheet.set_column(at, at, broad)
        whole += broad
        # wrapped cells: excel does not measure them
        shown = [(head, width(head)), *(() if numeric else zip(texts, wide, strict=True))]
        for row, (text, characters) in enumerate(shown, start=1):
            lines = _lines(text, broad) if "\n" in text or characters > broad - 2 else 1
            if lines > high.get(row, 1):
                high[row] = lines
    for row, lines in high.items():
        sheet.set_row(row, _LINE_HIGH * lines + 1)
    if whole > _A4_HOLDS:
        sheet.set_paper(8)  # A3: on A4 it would be too small to read
    last = len(table.declaration.columns) - 1
    if frame.empty:
        writer.text(sheet, 2, 0, nothing, font_color=_GREY)
    else:
        sheet.autofilter(1, 0, 1 + len(frame), last)
    sheet.freeze_panes(2, 1)
    sheet.repeat_rows(0, 1)


def _write_column(
    writer: _Writer, sheet: Any, at: int, values: pd.Series, column: Column, units: pd.Series | None
) -> list[str]:
    """Write one column below its head; the texts returned are for its width only."""
    texts = tables.cells(values, column, writer.wording, units)
    kind = column.type
    if kind not in NUMERIC and kind != "date":
        style = writer.format(text_wrap=True, align="left", indent=min(at, 1))
        for row, text in enumerate(texts, start=2):
            sheet.write_string(row, at, text[:_LONGEST], style)
        return texts
    blank = writer.format(align="right", font_color=_GREY)
    styles: dict[str, Any] = {}
    day = writer.format(num_format="yyyy-mm-dd", align="left", indent=min(at, 1))
    for row, (value, text) in enumerate(zip(values.tolist(), texts, strict=True), start=2):
        if formats.missing(value):
            sheet.write_string(row, at, formats.MISSING, blank)
        elif kind == "date":
            sheet.write_datetime(row, at, pd.Timestamp(value).to_pydatetime(), day)
        else:
            mixed = kind == "number" and units is not None and not column.unit
            number, pattern = _number(int(value), kind, text, writer.wording.language, mixed)
            if pattern not in styles:
                styles[pattern] = writer.format(num_format=pattern)
            sheet.write_number(row, at, number, styles[pattern])
    return texts


def _number(stored: int, kind: str, text: str, language: str, mixed: bool) -> tuple[float, str]:
    """The cell's number and a number format that shows the same characters as the page.

    ``mixed``: figures of several units in one column, each with its own: 495,000.00 元.
    """
    if kind == "integer":
        return stored, _pattern("#,##0")
    value = stored / MILLION
    if kind == "wan" and language == "zh":
        value /= _TEN_THOUSAND
    percent = text.endswith("%")
    digits = re.match(r"[^0-9]*[\d,]*\.?(\d*)", text)
    places = len(digits[1]) if digits else 0
    pattern = "#,##0" + ("." + "0" * places if places else "") + ("%" if percent else "")
    if mixed:
        before, after = (re.sub(r'[0-9,.%"\u2212-]', "", end) for end in _ENDS.split(text, 1)[::2])
        pattern = f'"{before}"{pattern}' if before else pattern
        pattern = f'{pattern}"{after}"' if after else pattern
    return value, _pattern(pattern, plus=text.startswith("+") or kind.startswith("signed"))


def _pattern(pattern: str, *, plus: bool = False) -> str:
    """Negative numbers with a true minus sign, as in the report."""
    if plus:
        return f'+{pattern};"{formats.MINUS}"{pattern};{pattern}'
    return f'{pattern};"{formats.MINUS}"{pattern}'


def _printed_sheet(writer: _Writer, name: str, printed: tables.Printed) -> None:
    sheet = writer.sheet(name)
    for at, head in enumerate(printed.heads):
        writer.text(sheet, 0, at, head.title, bold=True, top=2, bottom=1)
        widest = width(head.title)
        for row, line in enumerate(printed.rows, start=1):
            cell = line[at]
            if at == 0:
                words = (c.word if isinstance(c, tables.Tag) else c for c in line)
                sheet.set_row(row, _LINE_HIGH * max(_lines(w, _BROAD) for w in words) + 1)
            if isinstance(cell, tables.Tag):
                writer.text(sheet, row, at, cell.word, font_color=_LEVELS[cell.level], bold=True)
                widest = max(widest, width(cell.word))
            else:
                writer.text(sheet, row, at, cell, text_wrap=True)
                widest = max(widest, width(cell))
        sheet.set_column(at, at, min(max(widest + 2, _NARROW), _BROAD))
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
