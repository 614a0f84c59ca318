"""One row of a scorecard: fixed cells, cells to fill, formulas and their hidden workings."""

from __future__ import annotations

from typing import Any

from ecperf_kit.outputs.cards import notes
from ecperf_kit.outputs.cards.entries import Entries
from ecperf_kit.outputs.cards.lines import Aside, address
from ecperf_kit.outputs.cards.model import CardRow
from ecperf_kit.outputs.cards.scoring import Scored, score_row
from ecperf_kit.outputs.cards.style import (
    ENTRY_FILL,
    FIXED_FILL,
    GREY,
    LINE,
    LINE_HIGH,
    RED,
    Style,
    lines_of,
    number,
    quoted,
)

#: Columns from A: what each holds and how many characters wide it is.
COLUMNS = {
    "number": 5, "indicator": 19, "role": 8, "weight": 8, "standard": 14, "unit": 7,
    "numerator": 12, "denominator": 12, "entry": 15, "counted": 14, "attainment": 11,
    "score": 13, "state": 13, "how": 54,
}  # fmt: skip
AT = {name: place for place, name in enumerate(COLUMNS)}
HEAD = 4  # the row of the column heads, from 0
ASIDE = len(COLUMNS) + 1  # the first hidden column
TABLE = ASIDE + 40  # where the coefficient table stands
LAST = TABLE + 60
BOX = {"border": 1, "border_color": LINE}
FIXED = {**BOX, "bg_color": FIXED_FILL}
_PERCENT, _MONEY, _ANY = "0.0###%", "#,##0.00####", "General"


def write_row(style: Style, sheet: Any, at: int, count: int, row: CardRow) -> Scored:
    """One indicator: fixed cells, entry cells, formulas and their workings."""
    wording = style.wording
    cell = {name: address(at, place) for name, place in AT.items()}
    entries = Entries(
        cell["weight"], cell["standard"], cell["numerator"], cell["denominator"], cell["entry"]
    )
    aside = Aside(at, ASIDE)
    scored = score_row(row, entries, aside)
    style.hidden(sheet, aside.cells)
    note, unit = notes.how_scored(row, wording), notes.unit_name(row, wording)
    pattern = {"ratio": _PERCENT, "CNY": _MONEY}.get("" if row.judged else row.unit, _ANY)
    role = "key" if row.key else row.role
    words = {
        "number": str(count), "indicator": row.name, "unit": unit,
        "role": wording.text(f"cards.role.{role}"), "how": note,
    }  # fmt: skip
    for name, text in words.items():
        centre = "center" if name == "number" else "left"
        indent = 0 if name == "number" else 1
        style.text(sheet, at, AT[name], text, text_wrap=True, align=centre, indent=indent, **FIXED)
    if row.definition:
        sheet.write_comment(
            at, AT["indicator"], row.definition,
            {"x_scale": 2.4, "y_scale": 1.2, "font_name": "Microsoft YaHei", "font_size": 9},
        )  # fmt: skip
    sheet.write_number(at, AT["weight"], number(row.weight), style.format(**FIXED))
    if row.standard is None or row.judged:
        style.text(sheet, at, AT["standard"], "–", align="right", **FIXED)
    else:
        look = style.format(num_format=pattern, **FIXED)
        sheet.write_number(at, AT["standard"], number(row.standard), look)
    _entries(style, sheet, at, row, pattern)
    ok = f"{scored.code}=0"
    now = scored.code_now == 0
    box = {**BOX, "align": "right"}
    counted, counted_now = '""', shown(None)
    if row.open and not row.judged:
        counted = f'IF({ok},{scored.actual}/{row.scale},"")'
        counted_now = shown(row.actual) if now else ""
    style.formula(sheet, at, AT["counted"], counted, counted_now, num_format=pattern, **box)
    attained_now = shown(row.attainment) if now and scored.attainment != '""' else ""
    style.formula(
        sheet, at, AT["attainment"], scored.attainment, attained_now, num_format="0.00%", **box
    )
    score_now = shown(row.score) if now else ""
    style.formula(
        sheet, at, AT["score"], f'IF({ok},{scored.score}/1000000,"")', score_now,
        num_format="0.00", bold=True, **box,
    )  # fmt: skip
    said = notes.problems(wording)
    choice = ",".join(map(quoted, said))
    style.formula(
        sheet, at, AT["state"], f"CHOOSE({scored.code}+1,{choice})", said[scored.code_now],
        text_wrap=True, align="left", indent=1, **BOX,
    )  # fmt: skip
    alert = style.format(font_color=RED, bold=True)
    sheet.conditional_format(
        at, AT["state"], at, AT["state"],
        {"type": "formula", "criteria": f"={scored.code}>1", "format": alert},
    )  # fmt: skip
    high = max(
        lines_of(note, COLUMNS["how"] - 1), lines_of(row.name, COLUMNS["indicator"] - 2),
        lines_of(unit, COLUMNS["unit"] - 2),
        max(lines_of(text, COLUMNS["state"] - 2) for text in said[:8]),
    )  # fmt: skip
    sheet.set_row(at, LINE_HIGH * max(high, 2) + 4)
    return scored


def shown(stored: int | None) -> float | str:
    """What a formula shows now: a number, or nothing."""
    return "" if stored is None else number(stored)


def _entries(style: Style, sheet: Any, at: int, row: CardRow, pattern: str) -> None:
    """The cells to fill: coloured, unlocked, with what may be typed; the others greyed."""
    open_row = row.open
    pair = row.pair and open_row and not row.judged
    values = {
        "numerator": row.numerator if pair else None,
        "denominator": row.denominator if pair else None,
        "entry": row.rating if row.judged else row.actual,
    }
    if pair and row.numerator is not None and row.denominator is not None:
        values["entry"] = None  # the ratio follows from its parts
    for name, value in values.items():
        open_cell = open_row if name == "entry" else pair
        if not open_cell:
            style.text(sheet, at, AT[name], "", align="right", **FIXED)
            continue
        look = style.format(
            num_format=pattern if name == "entry" else "General", locked=False,
            bg_color=ENTRY_FILL, align="right", border=1, border_color=GREY,
        )  # fmt: skip
        if value is None:
            sheet.write_blank(at, AT[name], None, look)
        else:
            sheet.write_number(at, AT[name], number(value), look)
        sheet.data_validation(at, AT[name], at, AT[name], _validation(style, row, name))


def _validation(style: Style, row: CardRow, name: str) -> dict[str, Any]:
    """What may be typed, told on entering the cell and on a wrong entry."""
    wording = style.wording
    kind = "" if name == "entry" and not row.judged else "_rating" if row.judged else f"_{name}"
    text = notes.allowed(row, wording) if name == "entry" else wording.text(f"cards.allowed.{name}")
    low, high = (0, row.weight) if row.judged else row.limits
    limits: dict[str, Any] = {
        "entry": {"criteria": "between", "minimum": number(low), "maximum": number(high)},
        "numerator": {"criteria": "between", "minimum": -(10**9), "maximum": 10**9},
        "denominator": {"criteria": "between", "minimum": 0.00001, "maximum": 10**9},
    }[name]
    return {
        "validate": "decimal", **limits, "ignore_blank": True,
        "input_title": wording.text(f"cards.allowed.title{kind}")[:32], "input_message": text[:255],
        "error_title": wording.text("cards.allowed.refused")[:32], "error_message": text[:255],
        "error_type": "stop",
    }  # fmt: skip
