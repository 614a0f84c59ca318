"""The first sheet: how to use the workbook, and what its sheets come to so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ecperf_kit.outputs.cards.model import Card
from ecperf_kit.outputs.cards.rows import shown
from ecperf_kit.outputs.cards.style import ACCENT, GREY, LINE_HIGH, RED, Style, lines_of

_WIDTHS = (46, 18, 14, 14, 30)
_STEPS = 5


def write_cover(
    style: Style, sheet: Any, title: str, cards: Sequence[Card],
    places: Sequence[Mapping[str, str]], left_out: Sequence[str], restricted: bool,
) -> None:  # fmt: skip
    """Title, five sentences on use, and a line per sheet: open rows, total, coefficient."""
    wording = style.wording
    for column, wide in enumerate(_WIDTHS):
        sheet.set_column(column, column, wide)
    style.text(sheet, 0, 0, title, bold=True, font_size=16, font_color=ACCENT)
    sheet.set_row(0, 26)
    about = f"{wording.client_name} · {wording.text('cards.scheme', hash=style.scheme)}"
    style.text(sheet, 1, 0, about, font_color=GREY)
    if restricted:
        style.text(sheet, 2, 0, wording.text("cards.restricted"), font_color=RED)
    style.text(sheet, 3, 0, wording.text("cards.cover.how"), bold=True, font_color=ACCENT)
    row = 4
    for step in range(1, _STEPS + 1):
        row = _sentence(style, sheet, row, f"{step}. {wording.text(f'cards.cover.step{step}')}")
    row += 1
    for column, key in enumerate(("sheet", "gaps", "total", "coefficient")):
        style.text(
            sheet, row, column, wording.text(f"cards.cover.{key}"), bold=True, font_color=ACCENT,
            top=2, bottom=1, align="right" if column else "left",
        )  # fmt: skip
    for card, place in zip(cards, places, strict=True):
        row += 1
        link, name = style.format(font_color=ACCENT, underline=1, text_wrap=True), card.name
        sheet.write_url(row, 0, f"internal:'{card.sheet}'!A1", link, name or card.sheet)
        sheet.set_row(row, LINE_HIGH * lines_of(name, _WIDTHS[0]) + 2)
        gaps = sum(each.score is None for each in card.rows)
        values = {"gaps": gaps, "total": shown(card.total), "coefficient": shown(card.coefficient)}
        patterns = {"gaps": "0", "total": "0.00", "coefficient": "0.0#####"}
        for column, (key, value) in enumerate(values.items(), start=1):
            style.formula(
                sheet, row, column, f"'{card.sheet}'!{place[key]}", value,
                num_format=patterns[key], align="right",
            )  # fmt: skip
    if not cards:
        row += 1
        style.text(sheet, row, 0, wording.text("cards.cover.nothing"), font_color=GREY)
    if left_out:
        row += 2
        style.text(
            sheet, row, 0, wording.text("cards.cover.left_out"), bold=True, font_color=ACCENT
        )
        for sentence in left_out:
            row = _sentence(style, sheet, row + 1, sentence) - 1
    sheet.print_area(0, 0, row, len(_WIDTHS) - 1)


def _sentence(style: Style, sheet: Any, row: int, text: str) -> int:
    """A sentence across the sheet, as high as it needs; the next row."""
    look = style.format(text_wrap=True)
    sheet.merge_range(row, 0, row, len(_WIDTHS) - 1, "", look)
    style.text(sheet, row, 0, text, text_wrap=True)
    sheet.set_row(row, LINE_HIGH * lines_of(text, sum(_WIDTHS)) + 4)
    return row + 1
