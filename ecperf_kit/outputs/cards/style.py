"""One scorecard workbook in the making: formats, page set-up, protection, safe texts."""

from __future__ import annotations

import re
from typing import Any

from ecperf_kit.exact import MILLION
from ecperf_kit.outputs.cards.lines import Cell
from ecperf_kit.outputs.formats import width
from ecperf_kit.outputs.wording import Wording

INK, GREY, ACCENT, LINE, RED = "#1f2933", "#66727f", "#0f5c6e", "#d9dee4", "#b3261e"
ENTRY_FILL, FIXED_FILL = "#fff3c4", "#f3f5f7"
LINE_HIGH = 13.0  # points a line of text takes
_BANNED = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")
_LONGEST_NAME = 31
_LONGEST_CELL = 32_767
#: No client text may become a formula, a link or a number.
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


class Style:
    """Writes into one workbook: each format is made once."""

    def __init__(self, book: Any, wording: Wording, scheme: str) -> None:
        self.book, self.wording, self.scheme = book, wording, scheme
        self._formats: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._taken: set[str] = set()

    def format(self, **properties: Any) -> Any:
        """A format of the house: Microsoft YaHei 9, locked unless said otherwise."""
        base = {
            "font_name": "Microsoft YaHei", "font_size": 9, "font_color": INK, "valign": "vcenter",
        }  # fmt: skip
        key = tuple(sorted((base | properties).items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(dict(key))
        return self._formats[key]

    def sheet_name(self, wished: str) -> str:
        """A name Excel allows, used once: no brackets, at most 31 characters."""
        plain = _BANNED.sub(" ", wished).strip() or "-"
        name, number = plain[:_LONGEST_NAME].strip(), 2
        while name.casefold() in self._taken:
            ending = f" {number}"
            name, number = plain[: _LONGEST_NAME - len(ending)].strip() + ending, number + 1
        self._taken.add(name.casefold())
        return name

    def sheet(self, name: str) -> Any:
        """A new sheet: A4 landscape, one page wide, protected without a password."""
        sheet = self.book.add_worksheet(name)
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.center_horizontally()
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.hide_gridlines(2)
        left = f"{self.wording.client_name} · {self.wording.text('cards.scheme', hash=self.scheme)}"
        left = left.replace("&", "&&")  # a single & is a command there
        sheet.set_footer(f"&L&8{left}&R&8{self.wording.text('cards.page')}")
        sheet.protect("", {"format_columns": True, "format_rows": True})
        return sheet

    def text(self, sheet: Any, row: int, column: int, text: str, **properties: Any) -> None:
        """Words as words, whatever they begin with."""
        sheet.write_string(row, column, text[:_LONGEST_CELL], self.format(**properties))

    def formula(
        self, sheet: Any, row: int, column: int, formula: str, value: Any, **properties: Any
    ) -> None:
        """A formula with the value it has now."""
        sheet.write_formula(row, column, f"={formula}", self.format(**properties), value)

    def hidden(self, sheet: Any, cells: list[Cell]) -> None:
        """The workings of a row."""
        style = self.format(font_color=GREY)
        for cell in cells:
            sheet.write_formula(cell.row, cell.column, cell.formula, style, cell.value)


def number(stored: int) -> float:
    """A stored integer as the number of a cell: the nearest there is."""
    return stored / MILLION


def lines_of(text: str, columns: float) -> int:
    """How many lines a text takes in a cell so many characters wide, a little to spare."""
    return sum(max(1, -(-width(line) // max(int(columns) - 1, 1))) for line in text.split("\n"))


def quoted(text: str) -> str:
    """A text within a formula."""
    return '"' + text.replace('"', '""') + '"'
