"""In plain words: how a row is scored, what may be typed, what is wrong with an entry."""

from __future__ import annotations

from ecperf_kit.exact import multiply, multiply_divide
from ecperf_kit.outputs import formats
from ecperf_kit.outputs.cards.entries import CODES
from ecperf_kit.outputs.cards.model import Card, CardRow, PayLine
from ecperf_kit.outputs.wording import Wording

_PER_CENT = 100


def unit_name(row: CardRow, wording: Wording) -> str:
    """The word of the unit column: 元, 秒, 比率; a client's own unit as it stands."""
    if row.judged:
        return wording.text("label.points")
    if row.unit == "ratio":
        return wording.text("cards.ratio")
    return wording.texts.get(f"label.{row.unit}", row.unit)


def measured(stored: int, row: CardRow, wording: Wording) -> str:
    """A figure of the row with its unit: 38.5%, 30 秒, 3,000,000 元."""
    if row.unit == "ratio":
        return _percent(stored)
    number = formats.plain(stored)
    if row.unit == "CNY":
        return wording.text("cards.money", amount=number)
    name = unit_name(row, wording)
    return wording.text("cards.measured", amount=number, unit=name)


def _percent(stored: int) -> str:
    return formats.plain(stored * _PER_CENT) + "%"


def _distance(stored: int, row: CardRow, wording: Wording) -> str:
    """A step: one percentage point, not one per cent of the figure."""
    if row.unit != "ratio":
        return measured(stored, row, wording)
    amount = formats.plain(stored * _PER_CENT)
    return wording.text(f"cards.percentage_point{'s' if amount != '1' else ''}", amount=amount)


def how_scored(row: CardRow, wording: Wording) -> str:
    """The note of a row: its rule with its own figures, two or three short sentences."""
    said = [_rule(row, wording)]
    if row.key:
        said.append(wording.text("cards.how.key"))
    if row.to_date:
        said.append(wording.text("cards.how.to_date", months=row.to_date))
    between = "" if wording.language == "zh" else " "
    return between.join(said)


def _rule(row: CardRow, wording: Wording) -> str:
    most = formats.plain(row.weight)
    if row.overridden:
        return wording.text("cards.how.overridden", most=most)
    if row.judged:
        return wording.text("cards.how.judged", most=most)
    if not row.usable:
        return wording.text("cards.how.no_parameter")
    if row.standard_missing:
        return wording.text("cards.how.no_standard")
    if row.too_large:
        return wording.text("cards.how.too_large")
    way = "lower" if row.lower else "higher"
    if row.method == "step":
        return wording.text(
            f"cards.how.step_{way}",
            standard=measured(row.standard or 0, row, wording),
            size=_distance(row.step_size, row, wording),
            deduct=_percent(row.step_deduct),
            points=formats.plain(int(multiply(row.weight, row.step_deduct))),
        )
    if row.method == "interval":
        return _bands(row, wording)
    values = {
        "most": formats.plain(int(multiply(row.weight, row.cap))),
        "zero": _percent(row.zero_below),
        "edge": "",
    }
    if row.standard is not None:
        edge = int(multiply_divide(row.standard, row.zero_below, 10**6))
        if row.lower:
            edge = 2 * row.standard - edge
        values["edge"] = measured(edge, row, wording)
    return wording.text(f"cards.how.percentage_{way}", **values)


def _bands(row: CardRow, wording: Wording) -> str:
    bands = row.bands
    assert bands is not None
    attained = row.bands_on == "attainment"
    sign = "≤ " if bands.direction == "at_most" else "≥ "
    parts = []
    for limit, share in zip(bands.limits, bands.shares, strict=True):
        edge = _percent(limit) if attained else measured(limit, row, wording)
        points = formats.plain(int(multiply(row.weight, share)))
        parts.append(wording.text("cards.how.band", limit=sign + edge, points=points))
    rest = formats.plain(int(multiply(row.weight, bands.otherwise)))
    said = wording.text("cards.how.bands", bands=parts, rest=rest)
    if not attained:
        return said
    way = "lower" if row.lower else "higher"
    between = "" if wording.language == "zh" else " "
    return wording.text(f"cards.how.attained_{way}") + between + said


def allowed(row: CardRow, wording: Wording) -> str:
    """What may be typed into the row's entry cell."""
    low, high = (0, row.weight) if row.judged else row.limits
    if row.judged:
        return wording.text("cards.allowed.rating", most=formats.plain(high))
    ends = {"low": measured(low, row, wording), "high": measured(high, row, wording)}
    text = wording.text("cards.allowed.range", **ends)
    if row.unit == "ratio":
        text += wording.text("cards.allowed.percent")
    return text


def problems(wording: Wording) -> list[str]:
    """The words for each code of an entry, in the order of ``CODES``."""
    return [wording.text(f"cards.code.{code}") for code in CODES]


def coefficient_note(card: Card, wording: Wording) -> str:
    """The coefficient table in one line, and the gate."""
    if not card.uses_coefficient:
        return wording.text("cards.coefficient.unused")
    if not card.assessed:
        return wording.text("cards.coefficient.not_assessed")
    if card.own_plans:
        return wording.text("cards.coefficient.own_plans")
    if not card.table:
        return wording.text("cards.coefficient.no_table")
    points = [
        wording.text(
            "cards.coefficient.point", score=formats.plain(bound), value=formats.plain(value, 1)
        )
        for bound, value in card.table
    ]
    form = "linear" if card.linear else "bands"
    said = [wording.text(f"cards.coefficient.{form}", name=card.table_name, points=points)]
    if card.gate and any(row.key for row in card.rows):
        said.append(wording.text("cards.coefficient.gate"))
    return ("" if wording.language == "zh" else " ").join(said)


def line_note(line: PayLine, wording: Wording) -> str:
    """Where the basis of a line of pay comes from."""
    if line.broken:
        return wording.text("cards.pay.broken")
    if line.entry:
        kind = "basis" if line.rate is not None else "own"
        return wording.text(f"cards.pay.{kind}")
    return wording.text("cards.pay.by_total" if line.by_total else "cards.pay.plan")
