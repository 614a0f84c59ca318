"""The intake workbook: what a client fills in with Excel, one sheet per table.

Headings carry notes, choices and references drop-downs; examples stand on
sheets of their own, which are never read.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ecperf_kit.intake.check import choice_words
from ecperf_kit.intake.declare import NUMERIC, Column, Table, tables
from ecperf_kit.library import Library, load_library

#: Rows below the headings that are formatted and offer drop-downs.
ROWS = 1000
LISTS = "_lists"
_TEXT = frozenset({"id", "text", "month", "period", "choice", "bool"})
_AS_TYPED = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_YES_NO = {"zh": ("是", "否"), "en": ("yes", "no")}
_WIDE, _NARROW = 26, 14
_LINES = ("sheets", "required", "units", "lists", "examples")


def write_intake_workbook(
    path: Path,
    language: str = "zh",
    library: Library | None = None,
    rows: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
) -> Path:
    """Writes the intake workbook in ``zh`` or ``en``, whole or not at all.

    Sheets go by the tables' ids; every heading may be read back in either language.
    ``rows`` are first rows by table: dates, numbers as text, choices by their ids.
    """
    import xlsxwriter

    library = library or load_library()
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    os.close(handle)
    try:
        with xlsxwriter.Workbook(name, _AS_TYPED) as book:
            _Writer(book, language, library, rows or {}).write()
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path


class _Writer:
    """One workbook being written: its formats, its lists, its language."""

    def __init__(
        self,
        book: Any,
        language: str,
        library: Library,
        rows: Mapping[str, Sequence[Mapping[str, Any]]],
    ) -> None:
        self.book, self.language, self.library, self.rows = book, language, library, rows
        self.texts = library.texts(language)
        border = {"border": 1, "border_color": "#B8C2CC", "valign": "vcenter"}
        self.required = book.add_format(
            {**border, "bold": True, "bg_color": "#1F4E79", "font_color": "#FFFFFF"}
        )
        self.optional = book.add_format({**border, "bold": True, "bg_color": "#DDE6EE"})
        self.text = book.add_format({"num_format": "@"})
        self.date = book.add_format({"num_format": "yyyy-mm-dd"})
        self.plain = book.add_format({})
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.lists: dict[tuple[str, ...], str] = {}

    def write(self) -> None:
        """All sheets in their order; the lists last, for all others point to them."""
        self._guide()
        for table in tables().values():
            self._table(table)
        self._examples()
        self._ids()
        self._lists()

    def _guide(self) -> None:
        sheet = self.book.add_worksheet(self.texts["workbook.guide"])
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 90)
        sheet.write_string(0, 0, self.texts["workbook.guide_title"], self.title)
        for i, line in enumerate(_LINES, start=2):
            sheet.write_string(i, 1, self.texts[f"workbook.line.{line}"], self.wrapped)
        first = len(_LINES) + 3
        sheet.write_string(first, 0, self.texts["workbook.table"], self.required)
        sheet.write_string(first, 1, self.texts["workbook.content"], self.required)
        for i, table in enumerate(tables().values(), start=first + 1):
            sheet.write_string(i, 0, table.name)
            held = " · ".join(c.heading(self.language) for c in table.columns)
            sheet.write_string(i, 1, f"{table.title(self.language)}: {held}", self.wrapped)

    def _table(self, table: Table) -> None:
        sheet = self.book.add_worksheet(table.name)
        sheet.freeze_panes(1, 0)
        sheet.set_row(0, 24)
        for i, column in enumerate(table.columns):
            kind = self.text if column.type in _TEXT else self.plain
            width = _WIDE if column.type == "text" else _NARROW
            sheet.set_column(i, i, width, self.date if column.type == "date" else kind)
            heading = self._heading(column)
            sheet.write_string(0, i, heading, self.required if column.required else self.optional)
            sheet.write_comment(0, i, self._note(column), {"x_scale": 1.6, "y_scale": 1.2})
            if source := self._source(column, table):
                sheet.data_validation(
                    1,
                    i,
                    ROWS,
                    i,
                    {
                        "validate": "list",
                        "source": source,
                        "error_title": heading[:32],
                        "error_message": self.texts["workbook.choose"],
                        # a person may be typed here before he stands in his own table
                        "error_type": "warning" if column.refers_to else "stop",
                    },
                )

            for row, given in enumerate(self.rows.get(table.name, ()), start=1):
                if column.name in given:
                    self._cell(sheet, row, i, column, given[column.name])

    def _cell(self, sheet: Any, row: int, at: int, column: Column, value: Any) -> None:
        """One given value, written as a person would type it."""
        if column.choices:
            value = self._words(column)[column.choices.index(value)]
        if column.type == "date":
            sheet.write_datetime(row, at, value, self.date)
        elif column.type in NUMERIC:
            sheet.write_number(row, at, float(value))
        else:
            sheet.write_string(row, at, value, self.text)

    def _heading(self, column: Column) -> str:
        return column.heading(self.language) + (" *" if column.required else "")

    def _note(self, column: Column) -> str:
        text = self.texts
        lines = [text["workbook.required" if column.required else "workbook.optional"]]
        if column.unit:
            lines.append(f"{text['workbook.unit']}: {column.unit}")
        if column.choices:
            lines.append(f"{text['workbook.choices']}: {', '.join(self._words(column))}")
        if column.example:
            lines.append(f"{text['workbook.examples']}: {column.example}")
        return "\n".join([*lines, f"({column.name})"])

    def _words(self, column: Column) -> tuple[str, ...]:
        """The choices in the workbook's language where each reads back as itself."""
        owner = next(t for t in tables().values() if any(c is column for c in t.columns))
        both = [self.library.texts(language) for language in ("zh", "en")]
        words: Mapping[str, str] = choice_words(owner, both)[column.name]
        shown = []
        for choice in column.choices:
            label = self.texts.get(f"label.{choice}", choice)
            label = self.texts.get(f"typed.{column.name}.{choice}", label).strip()
            shown.append(label if words.get(label.casefold()) == choice else choice)
        return tuple(shown)

    def _source(self, column: Column, table: Table) -> str:
        """What a cell of the column is chosen from, as an Excel range; "" for free cells."""
        if column.choices:
            return self._list(self._words(column))
        if column.type == "bool":
            return self._list(_YES_NO[self.language])
        if column.refers_to == "posts.post":
            return self._list(tuple(self.library.posts.index))
        if column.refers_to == "indicators.indicator":
            return ""  # the library's and the client's own: no one range holds both
        if not column.refers_to:
            return ""
        other, name = column.refers_to.split(".")
        at = [c.name for c in tables()[other].columns].index(name)
        letter = chr(ord("A") + at)
        return f"='{other}'!${letter}$2:${letter}${ROWS + 1}"

    def _list(self, words: tuple[str, ...]) -> str:
        if words not in self.lists:
            letter = _letters(len(self.lists))
            self.lists[words] = f"='{LISTS}'!${letter}$1:${letter}${len(words)}"
        return self.lists[words]

    def _lists(self) -> None:
        sheet = self.book.add_worksheet(LISTS)
        for i, words in enumerate(self.lists):
            for row, word in enumerate(words):
                sheet.write_string(row, i, word)
        sheet.hide()

    def _examples(self) -> None:
        sheet = self.book.add_worksheet(self.texts["workbook.examples"])
        sheet.set_column(0, 20, _NARROW)
        row = 0
        for table in tables().values():
            sheet.write_string(row, 0, f"{table.name}  {table.title(self.language)}", self.title)
            for i, column in enumerate(table.columns):
                mark = self.required if column.required else self.optional
                sheet.write_string(row + 1, i, self._heading(column), mark)
                shown = column.example
                if column.choices and shown:
                    shown = self._words(column)[column.choices.index(shown)]
                elif column.type == "bool" and shown:
                    shown = _YES_NO[self.language][("yes", "no").index(shown)]
                sheet.write_string(row + 2, i, shown, self.text)
            row += 4

    def _ids(self) -> None:
        """The ids of the library's posts and indicators with their names, to copy from."""
        sheet = self.book.add_worksheet(f"{self.texts['workbook.examples']} ids")
        name = f"name_{self.language}"
        self._column_pair(sheet, 0, self.library.posts.index, self.library.posts[name])
        indicators = self.library.indicators
        self._column_pair(sheet, 3, indicators.index, indicators[name])

    def _column_pair(self, sheet: Any, at: int, ids: Iterable[str], names: Iterable[str]) -> None:
        sheet.set_column(at, at + 1, _WIDE)
        for row, (id_, name) in enumerate(zip(ids, names, strict=True)):
            sheet.write_string(row, at, str(id_), self.text)
            sheet.write_string(row, at + 1, str(name), self.text)


def _letters(index: int) -> str:
    """The letters of an Excel column counted from 0: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
