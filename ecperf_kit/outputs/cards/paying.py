"""The formulas from row scores to pay: total, coefficient, gate, lines of pay.

Whole numbers again: row scores in millionths are added and rounded half-up to
hundredths before any band is looked up; a line of pay is basis x rate x
coefficient x share of days, multiplied in full and rounded half-up once to the fen
(assessment method 2.3).
"""

from __future__ import annotations

from collections.abc import Sequence

from ecperf_kit.exact import FEN, MILLION
from ecperf_kit.outputs.cards.lines import Aside, address, rounded
from ecperf_kit.outputs.cards.model import Card, PayLine
from ecperf_kit.outputs.cards.scoring import Scored
from ecperf_kit.outputs.formats import decimals

_HUNDREDTHS = MILLION // FEN  # the scale of a total
_MONEY_PLACES = 2
_MOST = {2: 10**9, 6: 10**8}  # yuan a basis may have, by its decimals


def total_cells(card: Card, scored: Sequence[Scored], aside: Aside) -> tuple[str, str]:
    """The number of rows without a score, and the total in hundredths (0 where one is missing)."""
    gaps_now = sum(row.code_now != 0 for row in scored)
    gaps = aside.add("+".join(f"({row.code}<>0)" for row in scored) or "0", gaps_now)
    value = sum(row.score_now for row in scored)
    summed, total_now = rounded(f"({'+'.join(row.score for row in scored) or '0'})", value, FEN)
    whole = not gaps_now and card.assessed
    condition = f"{gaps}=0" if card.assessed else "FALSE"
    total = aside.add(f"IF({condition},{summed},0)", total_now if whole else 0)
    return gaps, total


def known(card: Card, gaps: str) -> str:
    """Whether there is a total, as part of a formula."""
    return f"{gaps}=0" if card.assessed and card.rows else "FALSE"


def coefficient_cell(
    card: Card, scored: Sequence[Scored], gaps: str, total: str, aside: Aside, column: int
) -> str | None:
    """The coefficient in millionths, -1 where there is none; ``None`` if the card uses none.

    ``column`` is where the table stands, hidden: bounds in the row of ``aside``, the
    coefficients one row below.
    """
    if not card.uses_coefficient:
        return None
    if not card.assessed:
        return aside.add(str(MILLION), MILLION)
    if not card.table or not card.rows:
        return aside.add("-1", -1)
    unit = bound_unit(card)
    values = [row.score_now for row in scored]
    have = all(row.code_now == 0 for row in scored)
    total_now = (sum(values) + FEN // 2) // FEN * FEN // unit if have else 0
    score = aside.add(f"{total}*{FEN // unit}", total_now)
    last = column + len(card.table) - 1
    bounds = f"{address(aside.row, column)}:{address(aside.row, last)}"
    results = f"{address(aside.row + 1, column)}:{address(aside.row + 1, last)}"
    first_bound = card.table[0][0] // unit
    place_now = sum(bound // unit <= total_now for bound, _ in card.table)
    place = aside.add(f"IF({score}<{first_bound},0,MATCH({score},{bounds},1))", place_now)
    plain_now = card.table[max(place_now, 1) - 1][1]
    found = aside.add(f"INDEX({results},1,MAX({place},1))", plain_now)
    now = plain_now
    if card.linear:
        found, now = _linear(card, aside, found, score, total_now, place, place_now, bounds,
                             results, unit)  # fmt: skip
    if card.gate:
        keys = [row for row, each in zip(scored, card.rows, strict=True) if each.key]
        met_now = all(row.met_now for row in keys)
        met = f"AND({','.join(row.met for row in keys)})" if keys else "TRUE"
        held = aside.add(f"IF({met},1,0)", int(met_now))
        found = aside.add(
            f"IF(AND({held}=0,{found}>{MILLION}),{MILLION},{found})",
            now if met_now else min(now, MILLION),
        )
        now = now if met_now else min(now, MILLION)
    there = have and place_now > 0
    return aside.add(f"IF(AND({gaps}=0,{place}>0),{found},-1)", now if there else -1)


def bound_unit(card: Card) -> int:
    """The unit in which bounds are compared: hundredths, finer where the table is."""
    places = max(_MONEY_PLACES, *(decimals(bound) for bound, _ in card.table))
    return int(10 ** (6 - places))


def _linear(
    card: Card, aside: Aside, low: str, score: str, total_now: int, place: str, place_now: int,
    bounds: str, results: str, unit: int,
) -> tuple[str, int]:  # fmt: skip
    """A straight line to the next point, half-up (away from zero) to six decimals."""
    at = max(place_now, 1) - 1
    after = min(at + 1, len(card.table) - 1)
    (bound, found_now), (next_bound, next_now) = card.table[at], card.table[after]
    width_now = (next_bound - bound) // unit if after > at else 1
    rise_now = next_now - found_now
    far_now = total_now - bound // unit
    following = f"MIN(MAX({place},1)+1,{len(card.table)})"
    begin = aside.add(f"INDEX({bounds},1,MAX({place},1))", bound // unit)
    width = aside.add(f"MAX(1,INDEX({bounds},1,{following})-{begin})", max(width_now, 1))
    rise = aside.add(f"INDEX({results},1,{following})-{low}", rise_now)
    far = aside.add(f"({score}-{begin})", far_now)
    size = abs(rise_now * far_now)
    added_now = (2 * size + width_now) // (2 * width_now)
    sign_now = (rise_now * far_now > 0) - (rise_now * far_now < 0)
    formula = f"{low}+SIGN({rise}*{far})*INT((2*ABS({rise}*{far})+{width})/(2*{width}))"
    now = found_now + sign_now * added_now
    return aside.add(formula, now), now


def places_of(line: PayLine) -> int:
    """Decimals the line's basis may have: two, or six where the known one has more."""
    return _MONEY_PLACES if decimals(line.basis or 0) <= _MONEY_PLACES else 6


def most_of(line: PayLine) -> int:
    """The largest basis in yuan."""
    return _MOST[places_of(line)]


def pay_cells(
    card: Card, line: PayLine, at: tuple[str, str, str], gaps: str, total: str,
    coefficient: str | None, aside: Aside,
) -> tuple[str, str]:  # fmt: skip
    """Whether the line can be computed (1 or 0), and its amount in fen, as hidden cells.

    ``at``: where its basis, its rate and its share of days stand.
    """
    basis, rate_at, days = at
    places = places_of(line)
    scale = 10**places
    most = _MOST[places]
    low = -most if line.entry else 0
    fits = f"IF(ISNUMBER({basis}),IF(AND({basis}>={low},{basis}<={most}),1,0),0)"
    if places == _MONEY_PLACES:
        many = f"ABS(ROUND(N({basis}),6)-ROUND(N({basis}),2))<0.0000005"
        fits = f"IF({many},{fits},0)"
    conditions, ready_now = [fits], line.basis is not None and not line.broken
    if line.broken:
        conditions = ["0"]
    if line.scored:
        conditions.append(f"IF({coefficient}>=0,1,0)" if coefficient else "0")
    if line.by_total and card.assessed:
        conditions.append(f"IF({known(card, gaps)},1,0)")
    ready_now = ready_now and line.amount is not None
    ready = aside.add("*".join(conditions), int(ready_now))
    x_now = max(0, line.basis or 0) * scale // MILLION if ready_now else 0
    x = aside.add(f"IF({ready}=1,ROUND(MAX({basis},0)*{scale},0),0)", x_now)
    rate, rate_now = str(MILLION), line.rate
    if line.rate is not None:
        rate = f"ROUND({rate_at}*{MILLION},0)"
    if line.by_total:
        rate, rate_now = _bonus_rate(card, total)
    coefficient_now = MILLION
    if line.scored and coefficient:
        coefficient_now = card.coefficient if card.coefficient is not None else -1
    c = f"{coefficient}" if line.scored and coefficient else str(MILLION)
    return ready, _product(
        aside, x, x_now, rate, MILLION if rate_now is None else rate_now, c, coefficient_now,
        f"ROUND({days}*{MILLION},0)", line.share, places,
    )  # fmt: skip


def _bonus_rate(card: Card, total: str) -> tuple[str, int]:
    """The share of base pay a total earns; too few days: the lowest, as without a total."""
    *steps, (_, lowest) = card.bonus
    formula, now = str(lowest), lowest
    for bound, rate in reversed(steps):
        formula = f"IF({total}>={bound // FEN},{rate},{formula})"
        if card.total is not None and card.total >= bound:
            now = rate
    return (formula, now) if card.assessed else (str(lowest), lowest)


def _product(
    aside: Aside, x: str, x_now: int, r: str, r_now: int, c: str, c_now: int, share: str,
    share_now: int, places: int,
) -> str:  # fmt: skip
    """Basis x rate x coefficient x share, rounded half-up once to the fen.

    Rate x coefficient x share becomes three numbers of six digits, the basis two; the
    products of one place value are added and carried, as on paper.
    """
    six = MILLION

    def cut(cell: str, now: int) -> tuple[str, int, str, int]:
        high = aside.add(f"INT({cell}/{six})", now // six)
        return high, now // six, aside.add(f"{cell}-{high}*{six}", now % six), now % six

    y_now = c_now * share_now
    y1, y1_now, y0, y0_now = cut(aside.add(f"{c}*{share}", y_now), y_now)
    rate = aside.add(r, r_now)
    t0_now = r_now * y0_now
    carry, carry_now, z0, z0_now = cut(aside.add(f"{rate}*{y0}", t0_now), t0_now)
    t1_now = r_now * y1_now + carry_now
    z2, z2_now, z1, z1_now = cut(aside.add(f"{rate}*{y1}+{carry}", t1_now), t1_now)
    x1, x1_now, x0, x0_now = cut(x, x_now)
    e0 = aside.add(f"INT({x0}*{z0}/{six})", x0_now * z0_now // six)
    e1_now = (x0_now * z1_now + x1_now * z0_now + x0_now * z0_now // six) // six
    e1 = aside.add(f"INT(({x0}*{z1}+{x1}*{z0}+{e0})/{six})", e1_now)
    e2_now = x0_now * z2_now + x1_now * z1_now + e1_now
    top, top_now = f"{x1}*{z2}", x1_now * z2_now
    if places == _MONEY_PLACES:
        part, part_now = rounded(f"{x0}*{z2}+{x1}*{z1}+{e1}", e2_now, six)
        return aside.add(f"{top}+{part}", top_now + part_now)
    e2 = aside.add(f"INT(({x0}*{z2}+{x1}*{z1}+{e1})/{six})", e2_now // six)
    return aside.add(*rounded(f"{top}+{e2}", top_now + e2_now // six, 10**4))
