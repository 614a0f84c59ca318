"""The formulas that score one row, exact to the last digit in every spreadsheet program.

A spreadsheet computes with binary fractions, and treats numbers alike that agree in
15 digits. So the formulas use whole numbers only (an actual in millionths, a weight
in millionths of a point), split in two where a product would exceed 15 digits: a
quotient is estimated, its remainder computed exactly, and the estimate put right by
one where the remainder says so. What comes out is what ``method.scoring`` computes,
also exactly on the edge of a band (assessment method 3.3).
"""

from __future__ import annotations

from dataclasses import dataclass

from ecperf_kit.exact import MILLION, decimal
from ecperf_kit.outputs.cards.entries import (
    CODE,
    SPLIT,
    Entries,
    actual_cells,
    code_of,
    plain,
    scaled,
)
from ecperf_kit.outputs.cards.lines import Aside, rounded
from ecperf_kit.outputs.cards.model import CardRow

_WEIGHT_SPLIT = 10**4


@dataclass(frozen=True, slots=True)
class Scored:
    """Where a row's hidden results stand, and the values they have at writing."""

    code: str
    score: str
    actual: str
    attainment: str
    met: str
    code_now: int
    score_now: int
    met_now: bool


def score_row(row: CardRow, at: Entries, aside: Aside) -> Scored:
    """The hidden cells of one row: code of the entry, actual, score in millionths."""
    weight = aside.add(f"ROUND({at.weight}*{MILLION},0)", row.weight)
    if row.judged:
        return _judged(row, at, aside, weight)
    if not row.usable or row.too_large or row.standard_missing:
        gap = "no_standard" if row.standard_missing else "too_large"
        gap = gap if row.usable else "no_parameter"
        code = aside.add(str(CODE[gap]), CODE[gap])
        nothing = aside.add("0", 0)
        return Scored(code, nothing, nothing, '""', "FALSE", CODE[gap], 0, False)
    code, actual, code_now, now = actual_cells(row, at, aside)
    scale = row.scale
    standard_now = scaled(row.standard or 0, row)
    standard = aside.add(f"ROUND(N({at.standard})*{scale},0)", standard_now)
    good, good_now = actual, now
    if row.lower:
        good = aside.add(f"2*{standard}-{actual}", 2 * standard_now - now)
        good_now = 2 * standard_now - now
    if row.method == "step":
        score, value = _step(row, aside, weight, actual, now, standard, standard_now)
    elif row.method == "interval" and row.bands_on != "attainment":
        score, value = _banded(row, aside, weight, actual, now)
    else:
        halves = _halves(aside, good, good_now, standard, standard_now)
        if row.method == "interval":
            score, value = _banded_quotient(row, aside, weight, halves)
        else:
            score, value = _percentage(row, aside, weight, halves)
    score = aside.add(f"IF({code}=0,{score},0)", value if code_now == 0 else 0)
    attainment = '""'
    if row.standard is not None and row.standard > 0:
        limited = f"MAX(-{MILLION},MIN({MILLION},{good}/{standard}))"
        attainment = f'IF({code}=0,ROUND({limited},6),"")'
    if row.standard is not None:
        better = "<=" if row.lower else ">="
        met_now = now <= standard_now if row.lower else now >= standard_now
        met = f"{actual}{better}{standard}"
    else:
        met, met_now = f"{score}>={weight}", value >= row.weight
    return Scored(code, score, actual, attainment, met, code_now, value, met_now)


def _judged(row: CardRow, at: Entries, aside: Aside, weight: str) -> Scored:
    cell = at.entry
    checked = f"IF(OR({cell}<0,ROUND({cell}*{MILLION},0)>{weight}),{CODE['out_of_range']},0)"
    now = code_of(row.rating, 0, row.weight)
    code = aside.add(
        f"IF(COUNTA({cell})=0,1,IF(ISNUMBER({cell}),{checked},{CODE['not_a_number']}))", now
    )
    value = row.rating or 0 if now == 0 else 0
    score = aside.add(f"IF({code}=0,ROUND({cell}*{MILLION},0),0)", value)
    if row.met is not None:
        met, met_now = ("TRUE" if row.met else "FALSE"), row.met
    else:
        met, met_now = f"{score}>={weight}", value >= row.weight
    return Scored(code, score, score, '""', met, now, value, met_now)


def _step(
    row: CardRow, aside: Aside, weight: str, actual: str, now: int, standard: str, then: int
) -> tuple[str, int]:
    short = f"{actual}-{standard}" if row.lower else f"{standard}-{actual}"
    size = scaled(row.step_size, row)
    steps_now = min(MILLION, max(0, -(-((now - then) if row.lower else (then - now)) // size)))
    # the steps a started one counts whole: rounding down the negative rounds up
    steps = aside.add(f"MAX(0,MIN({MILLION},-INT(-({short})/{size})))", steps_now)
    deduct = min(row.step_deduct, MILLION)
    left = max(0, MILLION - steps_now * deduct)
    share = aside.add(f"MAX(0,{MILLION}-{steps}*{deduct})", left)
    return rounded(f"{weight}*{share}", row.weight * left, MILLION)


def _banded(row: CardRow, aside: Aside, weight: str, actual: str, now: int) -> tuple[str, int]:
    """The share of the band the actual lies in; limits belong to the better band."""
    bands = row.bands
    assert bands is not None
    sign = "<=" if bands.direction == "at_most" else ">="
    limits = [scaled(limit, row) for limit in bands.limits]
    formula, value = str(bands.otherwise), bands.otherwise
    for limit, share in reversed(list(zip(limits, bands.shares, strict=True))):
        formula = f"IF({actual}{sign}{limit},{share},{formula})"
        value = share if (now <= limit if sign == "<=" else now >= limit) else value
    share_cell = aside.add(formula, value)
    return rounded(f"{weight}*{share_cell}", row.weight * value, MILLION)


@dataclass(frozen=True, slots=True)
class _Halves:
    """Attained and standard, whole and split in two, as cells and as they are now."""

    good: str
    base: str
    good_high: str
    good_low: str
    base_high: str
    base_low: str
    good_now: int
    base_now: int

    def against(self, limit: int) -> str:
        """A number with the sign of attained x 1,000,000 - standard x limit, in a formula."""
        return (
            f"(({self.good_high}*{MILLION}-{self.base_high}*{limit})*{SPLIT}"
            f"+({self.good_low}*{MILLION}-{self.base_low}*{limit}))"
        )


def _halves(aside: Aside, good: str, good_now: int, base: str, base_now: int) -> _Halves:
    good_high = aside.add(f"INT({good}/{SPLIT})", good_now // SPLIT)
    good_low = aside.add(f"{good}-{good_high}*{SPLIT}", good_now % SPLIT)
    base_high = aside.add(f"INT({base}/{SPLIT})", base_now // SPLIT)
    base_low = aside.add(f"{base}-{base_high}*{SPLIT}", base_now % SPLIT)
    return _Halves(good, base, good_high, good_low, base_high, base_low, good_now, base_now)


def _banded_quotient(row: CardRow, aside: Aside, weight: str, halves: _Halves) -> tuple[str, int]:
    bands = row.bands
    assert bands is not None
    sign = "<=" if bands.direction == "at_most" else ">="
    formula, value = str(bands.otherwise), bands.otherwise
    for limit, share in reversed(list(zip(bands.limits, bands.shares, strict=True))):
        formula = f"IF({halves.against(limit)}{sign}0,{share},{formula})"
        gap = halves.good_now * MILLION - halves.base_now * limit
        value = share if (gap <= 0 if sign == "<=" else gap >= 0) else value
    share_cell = aside.add(formula, value)
    return rounded(f"{weight}*{share_cell}", row.weight * value, MILLION)


def _percentage(row: CardRow, aside: Aside, weight: str, halves: _Halves) -> tuple[str, int]:
    """Attained / standard x weight, at most cap x weight, 0 below the zero line."""
    good, base = halves.good_now, halves.base_now
    most, most_now = rounded(f"{weight}*{row.cap}", row.weight * row.cap, MILLION)
    far = plain(row.cap + MILLION)  # so far above the cap no rounding matters
    inside = good > 0 and good / base < float(decimal(row.cap + MILLION))
    guess_now = int(good / base * row.weight + 0.5) if inside else 0
    guess = aside.add(
        f"IF(AND({halves.good}>0,{halves.good}/{halves.base}<{far}),"
        f"INT({halves.good}/{halves.base}*{weight}+0.5),0)",
        guess_now,
    )
    guess_high = aside.add(f"INT({guess}/{_WEIGHT_SPLIT})", guess_now // _WEIGHT_SPLIT)
    guess_low = aside.add(f"{guess}-{guess_high}*{_WEIGHT_SPLIT}", guess_now % _WEIGHT_SPLIT)
    weight_high = aside.add(f"INT({weight}/{_WEIGHT_SPLIT})", row.weight // _WEIGHT_SPLIT)
    weight_low = aside.add(f"{weight}-{weight_high}*{_WEIGHT_SPLIT}", row.weight % _WEIGHT_SPLIT)
    parts = []
    for good_part, base_part in (
        (halves.good_high, halves.base_high),
        (halves.good_low, halves.base_low),
    ):
        parts.append(
            f"(({good_part}*{weight_high}-{base_part}*{guess_high})*{_WEIGHT_SPLIT}"
            f"+({good_part}*{weight_low}-{base_part}*{guess_low}))"
        )
    over = aside.add(f"{parts[0]}*{SPLIT}+{parts[1]}", good * row.weight - guess_now * base)
    put_right = f"IF(2*{over}>={halves.base},1,IF(2*{over}<-{halves.base},-1,0))"
    formula = (
        f"IF(OR({halves.good}<=0,{halves.against(row.zero_below)}<0),0,"
        f"IF({halves.good}/{halves.base}>={far},{most},MIN({most},{guess}+{put_right})))"
    )
    reached = good * MILLION >= base * row.zero_below
    exact_now = (2 * good * row.weight + base) // (2 * base)
    return formula, min(most_now, exact_now) if reached and good > 0 else 0
