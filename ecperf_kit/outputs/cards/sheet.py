"""One scorecard on one sheet: head, rows, total, coefficient, lines of pay, signatures."""

from __future__ import annotations

from typing import Any

from ecperf_kit.outputs.cards import notes
from ecperf_kit.outputs.cards.lines import Aside, address
from ecperf_kit.outputs.cards.model import Card
from ecperf_kit.outputs.cards.paying import bound_unit, coefficient_cell, known, total_cells
from ecperf_kit.outputs.cards.paysheet import write_pay
from ecperf_kit.outputs.cards.rows import (
    ASIDE,
    AT,
    BOX,
    COLUMNS,
    FIXED,
    HEAD,
    LAST,
    TABLE,
    shown,
    write_row,
)
from ecperf_kit.outputs.cards.style import (
    ACCENT,
    ENTRY_FILL,
    GREY,
    LINE_HIGH,
    RED,
    Style,
    lines_of,
    number,
    quoted,
)


def write_card(style: Style, card: Card) -> dict[str, str]:
    """Writes the sheet; where its count of open rows, total and coefficient stand."""
    sheet = style.sheet(card.sheet)
    for name, wide in COLUMNS.items():
        sheet.set_column(AT[name], AT[name], wide)
    sheet.set_column(len(COLUMNS), len(COLUMNS), 2)
    sheet.set_column(ASIDE, LAST, 12, None, {"hidden": True})
    _head(style, sheet, card)
    scored = [
        write_row(style, sheet, HEAD + 1 + place, place + 1, row)
        for place, row in enumerate(card.rows)
    ]
    at = HEAD + 1 + len(card.rows)
    aside = Aside(at, ASIDE)
    gaps, total = total_cells(card, scored, aside)
    gaps_now = sum(row.code_now != 0 for row in scored)
    _total(style, sheet, at, card, gaps, gaps_now, total)
    style.hidden(sheet, aside.cells)
    _progress(style, sheet, gaps, gaps_now)
    at += 1
    aside = Aside(at, ASIDE)
    coefficient = coefficient_cell(card, scored, gaps, total, aside, TABLE)
    if card.table:
        unit = bound_unit(card)
        for place, (bound, value) in enumerate(card.table):
            sheet.write_number(at, TABLE + place, bound // unit)
            sheet.write_number(at + 1, TABLE + place, value)
    style.hidden(sheet, aside.cells)
    _coefficient(style, sheet, at, card, coefficient)
    at = write_pay(style, sheet, at + 2, card, gaps, total, coefficient)
    last = _foot(style, sheet, at + 1, card)
    sheet.freeze_panes(HEAD + 1, 2)
    sheet.repeat_rows(HEAD)
    sheet.print_area(0, 0, last, len(COLUMNS) - 1)
    total_at = address(HEAD + 1 + len(card.rows), AT["score"])
    return {
        "gaps": gaps,
        "total": total_at,
        "coefficient": address(HEAD + 2 + len(card.rows), AT["score"]),
    }


def _progress(style: Style, sheet: Any, gaps: str, gaps_now: int) -> None:
    """At the top: how many rows have no score yet."""
    before, _, after = style.wording.text("cards.open_rows", count="#").partition("#")
    done = style.wording.text("cards.all_scored")
    still = "&".join(
        [*([quoted(before)] if before else []), gaps, *([quoted(after)] if after else [])]
    )
    style.formula(
        sheet, 2, AT["how"], f"IF({gaps}=0,{quoted(done)},{still})",
        f"{before}{gaps_now}{after}" if gaps_now else done,
        bold=True, font_color=ACCENT, align="right",
    )  # fmt: skip


def _head(style: Style, sheet: Any, card: Card) -> None:
    wording = style.wording
    style.text(sheet, 0, 0, card.title, bold=True, font_size=16, font_color=ACCENT)
    sheet.set_row(0, 26)
    style.text(sheet, 1, 0, " · ".join(card.about), font_color=GREY)
    if card.person:
        style.text(sheet, 1, AT["how"], wording.text("cards.restricted"), font_color=RED,
                   align="right")  # fmt: skip
    legend = (
        ("indicator", "legend_entry", {"bg_color": ENTRY_FILL, **BOX}),
        ("weight", "legend_formula", BOX),
        ("unit", "legend_fixed", FIXED),
    )
    for column, key, look in legend:
        words = wording.text(f"cards.{key}")
        first = AT[column]
        if column == "indicator":
            style.text(sheet, 2, first, words, align="center", **look)
        else:
            until = first + 1 if column == "weight" else first + 2
            sheet.merge_range(2, first, 2, until, "", style.format(align="center", **look))
            style.text(sheet, 2, first, words, align="center", **look)
    style.text(sheet, 3, AT["indicator"], wording.text("cards.legend_note"), font_color=GREY)
    sheet.set_row(2, 18)
    right = {"weight", "standard", "numerator", "denominator", "entry", "counted", "attainment",
             "score"}  # fmt: skip
    for name, place in AT.items():
        style.text(
            sheet, HEAD, place, wording.text(f"cards.head.{name}"), bold=True, text_wrap=True,
            align="right" if name in right else "left", top=2, bottom=1, font_color=ACCENT,
            indent=0 if name in right or name == "number" else 1,
        )  # fmt: skip
    sheet.set_row(HEAD, 2 * LINE_HIGH + 2)


def _total(
    style: Style, sheet: Any, at: int, card: Card, gaps: str, gaps_now: int, total: str
) -> None:
    wording = style.wording
    look: dict[str, Any] = {"bold": True, "top": 1, "bottom": 1}
    for place in AT.values():
        style.text(sheet, at, place, "", **look)
    style.text(sheet, at, AT["indicator"], wording.text("cards.total"), indent=1, **look)
    weights = f"{address(HEAD + 1, AT['weight'])}:{address(at - 1, AT['weight'])}"
    if card.rows:
        style.formula(
            sheet, at, AT["weight"], f"ROUND(SUM({weights}),6)",
            number(sum(row.weight for row in card.rows)), align="right", **look,
        )  # fmt: skip
    have = known(card, gaps)
    style.formula(
        sheet, at, AT["score"], f'IF({have},{total}/100,"")', shown(card.total),
        num_format="0.00", align="right", font_size=11, **look,
    )  # fmt: skip
    fine = wording.text("cards.total_note")
    missing = wording.text("cards.total_missing" if card.assessed else "cards.total_not_assessed")
    style.formula(
        sheet, at, AT["how"], f"IF({have},{quoted(fine)},{quoted(missing)})",
        missing if gaps_now or not card.assessed else fine, text_wrap=True, top=1, bottom=1,
        font_color=GREY, indent=1,
    )  # fmt: skip
    sheet.set_row(at, 2 * LINE_HIGH + 2)


def _coefficient(style: Style, sheet: Any, at: int, card: Card, coefficient: str | None) -> None:
    wording = style.wording
    style.text(
        sheet,
        at,
        AT["indicator"],
        wording.text("cards.coefficient_label"),
        indent=1,
        bold=True,
        bottom=1,
    )
    for name in list(AT)[2:]:
        style.text(sheet, at, AT[name], "", bottom=1)
    style.text(sheet, at, AT["number"], "", bottom=1)
    if coefficient is not None:
        style.formula(
            sheet, at, AT["score"], f'IF({coefficient}>=0,{coefficient}/1000000,"")',
            shown(card.coefficient), bold=True, num_format="0.0#####", align="right",
            font_size=11, bottom=1,
        )  # fmt: skip
    note = notes.coefficient_note(card, wording)
    style.text(sheet, at, AT["how"], note, text_wrap=True, font_color=GREY, bottom=1,
               indent=1)  # fmt: skip
    sheet.set_row(at, LINE_HIGH * max(2, lines_of(note, COLUMNS["how"])) + 2)


def _foot(style: Style, sheet: Any, at: int, card: Card) -> int:
    wording = style.wording
    for remark in (wording.text("cards.remark_final"), *card.remarks):
        style.text(sheet, at, 0, remark, font_color=GREY)
        at += 1
    style.text(sheet, at + 1, 0, wording.text("cards.signatures"), font_size=10)
    sheet.set_row(at + 1, 30)
    return at + 1
