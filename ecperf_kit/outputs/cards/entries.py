"""The formulas that read what was typed: is it a number, is it allowed, which actual is it.

An actual becomes a whole number (mostly of millionths). A ratio may be typed as
numerator and denominator; the quotient is rounded half-up to six decimals as the
method does it: estimated, then put right by its exact remainder.
"""

from __future__ import annotations

from dataclasses import dataclass

from ecperf_kit.exact import MILLION, decimal
from ecperf_kit.outputs.cards.lines import Aside
from ecperf_kit.outputs.cards.model import CardRow

#: What is wrong with an entry, by the number the hidden cell shows; 0 is all right.
CODES = (
    "scored", "blank", "not_a_number", "out_of_range", "decimals", "both", "half_pair",
    "denominator", "no_standard", "no_parameter", "too_large",
)  # fmt: skip
CODE = {name: number for number, name in enumerate(CODES)}
#: Whole numbers are split here: both parts times a weight stay below 15 digits.
SPLIT = 10**7
_PAIR = 10**5  # numerator and denominator have at most five decimals
_PAIR_MOST = 10**9


@dataclass(frozen=True, slots=True)
class Entries:
    """Where a row's cells stand."""

    weight: str
    standard: str
    numerator: str
    denominator: str
    entry: str


def plain(stored: int) -> str:
    """A stored integer as a number of a formula: 0.385, 30, -1.5."""
    text = f"{decimal(stored):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def scaled(stored: int, row: CardRow) -> int:
    """A stored integer in the whole numbers the row's formulas use."""
    return stored * row.scale // MILLION


def _checked(cell: str, low: int, high: int, places: int) -> str:
    """The code of one number: within its range, not too many decimals."""
    fine = "0"
    if places < 6:
        many = f"ABS(ROUND({cell},6)-ROUND({cell},{places}))>0.0000005"
        fine = f"IF({many},{CODE['decimals']},0)"
    outside = f"OR({cell}<{plain(low)},{cell}>{plain(high)})"
    return f"IF({outside},{CODE['out_of_range']},{fine})"


def code_of(value: int | None, low: int, high: int) -> int:
    """The code a known figure has at writing."""
    if value is None:
        return CODE["blank"]
    return 0 if low <= value <= high else CODE["out_of_range"]


def actual_cells(row: CardRow, at: Entries, aside: Aside) -> tuple[str, str, int, int]:
    """Code and actual (in units of the row's scale), both as cells and as they are now."""
    low, high = row.limits
    single = _checked(at.entry, low, high, row.places)
    if not row.pair:
        now = code_of(row.actual, low, high)
        code = aside.add(f"IF(COUNTA({at.entry})=0,1,IF(ISNUMBER({at.entry}),{single},2))", now)
        value = scaled(row.actual or 0, row) if now == 0 else 0
        actual = aside.add(f"IF({code}=0,ROUND({at.entry}*{row.scale},0),0)", value)
        return code, actual, now, value
    return _of_pair(row, at, aside, single)


def _of_pair(row: CardRow, at: Entries, aside: Aside, single: str) -> tuple[str, str, int, int]:
    """Numerator / denominator half-up to six decimals, or the ratio as typed."""
    top, bottom, cell = at.numerator, at.denominator, at.entry
    low, high = row.limits
    typed = row.numerator is not None and row.denominator is not None
    most = _PAIR_MOST * MILLION
    pair_checked = (
        f"IF({bottom}<=0,{CODE['denominator']},IF(OR(ABS({top})>{_PAIR_MOST},"
        f"{bottom}>{_PAIR_MOST}),{CODE['out_of_range']},"
        f"IF(ABS(ROUND({top},6)-ROUND({top},5))+ABS(ROUND({bottom},6)-ROUND({bottom},5))"
        f">0.0000005,{CODE['decimals']},0)))"
    )
    every = f"{top},{bottom},{cell}"
    if typed:
        assert row.numerator is not None and row.denominator is not None
        first_now = 0 if row.denominator > 0 else CODE["denominator"]
        if max(abs(row.numerator), row.denominator) > most:
            first_now = CODE["out_of_range"]
    else:
        first_now = code_of(row.actual, low, high)
    first = aside.add(
        f"IF(COUNTA({every})=0,1,IF(COUNT({every})<COUNTA({every}),2,"
        f"IF(COUNTA({top},{bottom})=0,{single},IF(COUNTA({cell})>0,{CODE['both']},"
        f"IF(COUNTA({top},{bottom})=1,{CODE['half_pair']},{pair_checked})))))",
        first_now,
    )
    paired = typed and first_now == 0
    use = aside.add(f"IF(AND({first}=0,COUNT({top},{bottom})=2),1,0)", int(paired))
    n_now = abs(row.numerator or 0) * _PAIR // MILLION if paired else 0
    m_now = (row.denominator or 0) * _PAIR // MILLION if paired else 1
    n = aside.add(f"IF({use}=1,ROUND(ABS({top})*{_PAIR},0),0)", n_now)
    m = aside.add(f"IF({use}=1,MAX(1,ROUND({bottom}*{_PAIR},0)),1)", m_now)
    whole = aside.add(f"INT({n}/{m})", n_now // m_now)
    rest = aside.add(f"{n}-{whole}*{m}", n_now % m_now)
    guess_now = int(n_now % m_now / m_now * MILLION + 0.5)
    guess = aside.add(f"INT({rest}/{m}*{MILLION}+0.5)", guess_now)
    high_rest, high_m = f"INT({rest}/{SPLIT})", f"INT({m}/{SPLIT})"
    over_now = n_now % m_now * MILLION - guess_now * m_now
    over = aside.add(
        f"({high_rest}*{MILLION}-{high_m}*{guess})*{SPLIT}"
        f"+(({rest}-{high_rest}*{SPLIT})*{MILLION}-({m}-{high_m}*{SPLIT})*{guess})",
        over_now,
    )
    true_now = guess_now + (2 * over_now >= m_now) - (2 * over_now < -m_now)
    sign = -1 if (row.numerator or 0) < 0 else 1
    value = sign * (n_now // m_now * MILLION + true_now)
    typed_now = 0 if paired or first_now else (row.actual or 0)
    put_right = f"IF(2*{over}>={m},1,IF(2*{over}<-{m},-1,0))"
    actual = aside.add(
        f"IF({use}=1,SIGN({top})*({whole}*{MILLION}+{guess}+{put_right}),"
        f"IF({first}=0,ROUND({cell}*{MILLION},0),0))",
        value if paired else typed_now,
    )
    last_now = first_now or code_of(value if paired else typed_now, low, high)
    code = aside.add(
        f"IF({first}<>0,{first},IF(OR({actual}<{low},{actual}>{high}),{CODE['out_of_range']},0))",
        last_now,
    )
    return code, actual, last_now, value if paired else typed_now
