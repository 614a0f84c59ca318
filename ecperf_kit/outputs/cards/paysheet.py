"""The lines of pay below a scorecard, and their sum."""

from __future__ import annotations

from typing import Any

from ecperf_kit.outputs.cards import notes
from ecperf_kit.outputs.cards.lines import Aside, address
from ecperf_kit.outputs.cards.model import Card, PayLine
from ecperf_kit.outputs.cards.paying import most_of, pay_cells
from ecperf_kit.outputs.cards.rows import ASIDE, AT, BOX, COLUMNS, FIXED, shown
from ecperf_kit.outputs.cards.style import (
    ACCENT,
    ENTRY_FILL,
    GREY,
    LINE_HIGH,
    Style,
    lines_of,
    number,
    quoted,
)

#: What stands in which column of the scorecard above.
_COLUMNS = {
    "item": "indicator", "basis_head": "standard", "rate": "numerator",
    "coefficient": "denominator", "days": "entry", "amount": "score", "note": "how",
}  # fmt: skip
_MONEY = "#,##0.00####"


def write_pay(
    style: Style, sheet: Any, at: int, card: Card, gaps: str, total: str, coefficient: str | None
) -> int:
    """Writes the lines from row ``at`` on; the first row below them."""
    wording = style.wording
    if not card.lines:
        said = wording.text(f"cards.pay.{'own_plans' if card.own_plans else 'none'}")
        style.text(sheet, at, AT["indicator"], said, font_color=GREY)
        return at + 1
    place = {name: AT[column] for name, column in _COLUMNS.items()}
    for column in AT.values():
        style.text(sheet, at, column, "", top=2)
    for name, column in place.items():
        right = name not in ("item", "note")
        style.text(
            sheet, at, column, wording.text(f"cards.pay.{name}"), bold=True, font_color=ACCENT,
            align="right" if right else "left", indent=0 if right else 1, top=2,
        )  # fmt: skip
    ready, amounts = [], []
    for line in card.lines:
        at += 1
        aside = Aside(at, ASIDE)
        basis, rate, days = (address(at, place[name]) for name in ("basis_head", "rate", "days"))
        of_line = (basis, rate, days)
        flag, amount = pay_cells(card, line, of_line, gaps, total, coefficient, aside)
        style.hidden(sheet, aside.cells)
        ready.append(flag)
        amounts.append(amount)
        _line(style, sheet, at, card, line, place, flag, amount, coefficient)
    at += 1
    for column in AT.values():
        style.text(sheet, at, column, "", top=1, bottom=2)
    style.text(
        sheet,
        at,
        place["item"],
        wording.text("cards.pay_total"),
        bold=True,
        indent=1,
        top=1,
        bottom=2,
    )
    complete = "*".join(ready)
    style.formula(
        sheet, at, place["amount"], f'IF({complete}=1,({"+".join(amounts)})/100,"")',
        shown(card.pay), bold=True, num_format="#,##0.00", align="right", font_size=11,
        top=1, bottom=2,
    )  # fmt: skip
    fine, missing = wording.text("cards.pay_total_note"), wording.text("cards.pay_missing")
    style.formula(
        sheet, at, place["note"], f"IF({complete}=1,{quoted(fine)},{quoted(missing)})",
        missing if card.pay is None else fine, font_color=GREY, top=1, bottom=2,
        indent=1, text_wrap=True,
    )  # fmt: skip
    sheet.set_row(at, 2 * LINE_HIGH + 4)
    return at + 1


def _line(
    style: Style, sheet: Any, at: int, card: Card, line: PayLine, place: dict[str, int],
    ready: str, amount: str, coefficient: str | None,
) -> None:  # fmt: skip
    wording = style.wording
    style.text(sheet, at, place["item"], wording.label(line.line), indent=1, **FIXED)
    _basis(style, sheet, at, place["basis_head"], line)
    right = {**FIXED, "align": "right"}
    if line.by_total or line.rate is None:
        style.text(sheet, at, place["rate"], "–", **right)
    else:
        pattern = "General" if line.line == "piece" else "0.0###%"
        look = style.format(num_format=pattern, **right)
        sheet.write_number(at, place["rate"], number(line.rate), look)
    if line.scored and coefficient is not None:
        style.formula(
            sheet, at, place["coefficient"], f'IF({coefficient}>=0,{coefficient}/1000000,"")',
            shown(card.coefficient), num_format="0.0#####", align="right", **BOX,
        )  # fmt: skip
    else:
        style.text(sheet, at, place["coefficient"], "–", **right)
    look = style.format(num_format="0.00%", **right)
    sheet.write_number(at, place["days"], number(line.share), look)
    style.formula(
        sheet, at, place["amount"], f'IF({ready}=1,{amount}/100,"")', shown(line.amount),
        num_format="#,##0.00", bold=True, align="right", **BOX,
    )  # fmt: skip
    style.text(sheet, at, place["note"], notes.line_note(line, wording), font_color=GREY,
               indent=1, text_wrap=True)  # fmt: skip
    note_lines = lines_of(notes.line_note(line, wording), COLUMNS["how"] - 2)
    sheet.set_row(at, LINE_HIGH * note_lines + 4)


def _basis(style: Style, sheet: Any, at: int, column: int, line: PayLine) -> None:
    wording = style.wording
    if not line.entry:
        if line.basis is None:
            style.text(sheet, at, column, "–", align="right", **FIXED)
        else:
            look = style.format(num_format=_MONEY, align="right", **FIXED)
            sheet.write_number(at, column, number(line.basis), look)
        return
    look = style.format(
        num_format=_MONEY, locked=False, bg_color=ENTRY_FILL, align="right", border=1,
        border_color=GREY,
    )  # fmt: skip
    if line.basis is None:
        sheet.write_blank(at, column, None, look)
    else:
        sheet.write_number(at, column, number(line.basis), look)
    most = most_of(line)
    text = wording.text("cards.allowed.amount")
    least = -most if line.rate is not None else 0
    sheet.data_validation(at, column, at, column, {
        "validate": "decimal", "criteria": "between", "minimum": least, "maximum": most,
        "ignore_blank": True, "input_title": wording.text("cards.allowed.title_amount")[:32],
        "input_message": text[:255], "error_type": "stop",
        "error_title": wording.text("cards.allowed.refused")[:32], "error_message": text[:255],
    })  # fmt: skip
