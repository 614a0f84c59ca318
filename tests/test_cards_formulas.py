"""Every formula of the scorecard workbook computes what the method computes, to the last digit."""

from __future__ import annotations

import random
from dataclasses import replace
from math import gcd
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from card_cases import SOFFICE, WRONG, Sheets, drawn_rows, recalculated, scored

from ecperf_kit.client import open_client
from ecperf_kit.exact import FEN, MILLION, exact, round_half_up, rounded_product
from ecperf_kit.library import load_library, parse_bands
from ecperf_kit.method.calculate import calculate
from ecperf_kit.method.coefficient import look_up
from ecperf_kit.outputs.cards import card_bytes, write_cards
from ecperf_kit.outputs.cards.entries import Entries
from ecperf_kit.outputs.cards.lines import Aside, address
from ecperf_kit.outputs.cards.model import Card, CardRow, PayLine
from ecperf_kit.outputs.cards.rows import ASIDE, AT, HEAD
from ecperf_kit.outputs.cards.scoring import score_row
from ecperf_kit.outputs.cards.style import Style
from ecperf_kit.outputs.wording import Wording

ROOT = Path(__file__).resolve().parent.parent
ENTRIES = Entries("$D$6", "$E$6", "$G$6", "$H$6", "$I$6")
PER_SHEET = 40


def wording(language: str = "zh") -> Wording:
    return Wording(load_library(), language)


def judged(rating: int | None, weight: str = "100", **more: Any) -> CardRow:
    return CardRow(
        indicator="r", name="n", definition="", role="core", unit="points", weight=exact(weight),
        method="percentage", direction="higher_is_better", judged=True, rating=rating,
        score=rating, **more,
    )  # fmt: skip


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every formula is written with a wrong value: only a computed one can be right."""
    formula, hidden = Style.formula, Style.hidden

    def wrong(self: Style, sheet: Any, row: int, column: int, text: str, value: Any, **k: Any):
        del value
        formula(self, sheet, row, column, text, WRONG, **k)

    def wrong_too(self: Style, sheet: Any, cells: Any) -> None:
        hidden(self, sheet, [cell._replace(value=WRONG) for cell in cells])

    monkeypatch.setattr(Style, "formula", wrong)
    monkeypatch.setattr(Style, "hidden", wrong_too)


def sheets_of(rows: list[CardRow]) -> list[Card]:
    return [
        Card(title="t", about=("a",), sheet=f"S{n}", rows=tuple(rows[n : n + PER_SHEET]),
             uses_coefficient=False)
        for n in range(0, len(rows), PER_SHEET)
    ]  # fmt: skip


def test_values_at_writing_are_those_of_the_method() -> None:
    """What a program shows that does not recalculate; also the hidden workings end there."""
    rows = scored(drawn_rows())
    assert len(rows) > 1500
    for row in rows:
        made = score_row(row, ENTRIES, Aside(5, ASIDE))
        if row.score is None:
            assert made.code_now > 1, row
        else:
            assert (made.code_now, made.score_now) == (0, row.score), row


@pytest.mark.parametrize(
    ("case", "row", "expected"),
    [
        ("E14", {"method": "percentage", "standard": "0.40", "actual": "0.385"}, "28.875"),
        ("E16", {"method": "step", "standard": "0.40", "actual": "0.385", "step_size": "0.01",
                 "step_deduct": "0.1"}, "24"),
        ("E19", {"method": "step", "standard": "0.98", "actual": "0.95", "step_size": "0.01",
                 "step_deduct": "0.1", "weight": "5"}, "3.5"),
        ("42.00 s against 30 s", {"method": "percentage", "standard": "30", "actual": "42",
                                  "direction": "lower_is_better", "weight": "20"}, "12"),
        ("42.01 s against 30 s", {"method": "percentage", "standard": "30", "actual": "42.01",
                                  "direction": "lower_is_better", "weight": "20"}, "0"),
    ],
)  # fmt: skip
def test_examples_worked_by_hand(case: str, row: dict[str, str], expected: str) -> None:
    figures = {"weight": "30", "zero_below": "0.6", **row}
    words = {k: figures.pop(k) for k in ("method", "direction") if k in figures}
    made = CardRow(
        indicator=case, name="n", definition="", role="core", unit="ratio",
        **{"direction": "higher_is_better", **words}, **{k: exact(v) for k, v in figures.items()},
    )  # fmt: skip
    assert score_row(made, ENTRIES, Aside(5, ASIDE)).score_now == exact(expected)


@pytest.mark.office
@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
@pytest.mark.usefixtures("planted")
def test_row_scores_in_libreoffice(tmp_path: Path) -> None:
    rows = scored(drawn_rows())
    cards = sheets_of(rows)
    path = tmp_path / "rows.xlsx"
    path.write_bytes(card_bytes(cards, wording(), "0000 0000"))
    assert Sheets(path)("S0", HEAD + 1, AT["score"]) == WRONG
    seen = Sheets(recalculated(path, tmp_path))
    for card in cards:
        for place, row in enumerate(card.rows, start=HEAD + 1):
            assert seen.stored(card.sheet, place, AT["score"]) == row.score, row
            if row.score is not None:
                assert seen.stored(card.sheet, place, AT["counted"]) == row.actual, row
                attained = row.attainment if row.standard and row.standard > 0 else None
                found = seen.stored(card.sheet, place, AT["attainment"])
                if attained is not None and abs(attained) < 10**9:
                    assert found == attained, row
        # hidden workings: those computed are those written for programs that do not compute
        for place, row in enumerate(card.rows, start=HEAD + 1):
            if row.indicator in ("hair", "tie", "pair"):
                continue  # first estimates may differ by one, and are put right
            at = [address(place, AT[n]) for n in ("weight", "standard", "numerator",
                                                  "denominator", "entry")]  # fmt: skip
            aside = Aside(place, ASIDE)
            score_row(row, Entries(*at), aside)
            for cell in aside.cells:
                value = seen(card.sheet, cell.row, cell.column)
                assert value == pytest.approx(cell.value, rel=1e-12), (cell, row)


def _table(name: str) -> tuple[tuple[tuple[int, int], ...], bool, pd.DataFrame]:
    tables = load_library().coefficient_tables
    table = tables[tables["coefficient_table"] == name]
    points = sorted(zip(table["at_least"], table["coefficient"], strict=True))
    return tuple((int(a), int(b)) for a, b in points), table["form"].iloc[0] == "linear", table


def totals_cards(draw: random.Random) -> list[Card]:
    """Totals on and around every bound of every table, half-up at the second decimal; pay."""
    cards = []
    for name in ("T1", "T2", "T3", "T4"):
        points, linear, table = _table(name)
        table = table.assign(_spoilt=False)
        wanted = {0, exact("100"), exact("89.994999"), exact("89.995"), exact("33.335")}
        for bound, _ in points:
            wanted |= {bound + d for d in (-5_001, -5_000, -4_999, -1, 0, 1, 5_000)}
        wanted |= {draw.randrange(0, 100 * MILLION) for _ in range(25)}
        for summed in sorted(w for w in wanted if 0 <= w <= 200 * MILLION):
            first = draw.randrange(0, summed + 1)
            rows = (judged(first, "100", key=True), judged(summed - first, "100"))
            rows = tuple(replace(row, weight=200 * MILLION) for row in rows)
            total = int(round_half_up(summed))
            found = look_up(pd.Series([total], dtype="Int64"), table)[0]
            coefficient = None if pd.isna(found) else int(found)
            gate = draw.random() < 0.3
            if gate and coefficient is not None:
                coefficient = min(coefficient, MILLION)  # the rating is below the weight
            cards.append(_with_pay(
                Card(title="t", about=("a",), sheet=f"{name} {len(cards)}", rows=rows,
                     table_name=name, table=points, linear=linear, gate=gate, total=total,
                     coefficient=coefficient), draw,
            ))  # fmt: skip
    return cards


def _with_pay(card: Card, draw: random.Random) -> Card:
    coefficient = card.coefficient or 0
    share = draw.choice((MILLION, 954_545, 333_333, draw.randrange(0, MILLION)))
    base, own = draw.randrange(10**5, 5 * 10**6) * FEN, draw.randrange(10**5, 10**6) * FEN
    fine = draw.randrange(10**9, 10**13)
    basis, rate = draw.randrange(0, 10**11) * FEN, draw.randrange(1, 100_000)
    pieces, each = draw.randrange(0, 10**5) * MILLION, draw.choice((350_000, 1_234_567))
    if hair := _hair(coefficient, draw):
        basis, rate, share = hair
    loss = -draw.randrange(1, 10**9) * FEN
    lines = [
        ("base", base, None, False), ("performance", own, None, True),
        ("performance", fine, None, True), ("commission_sales", basis, rate, True),
        ("piece", pieces, each, True), ("commission_net_profit", loss, rate, True),
    ]  # fmt: skip
    made = []
    for line, amount, of_rate, by_score in lines:
        factors = (max(amount, 0), of_rate or MILLION, coefficient if by_score else MILLION, share)
        product = int(rounded_product(*factors)[()])
        made.append(PayLine(
            line=line, basis=amount, entry=of_rate is not None, rate=of_rate, scored=by_score,
            share=share, amount=None if by_score and card.coefficient is None else product,
        ))  # fmt: skip
    amounts = [line.amount for line in made]
    pay = None if None in amounts else sum(a for a in amounts if a is not None)
    return replace(card, lines=tuple(made), pay=pay)


def _hair(coefficient: int, draw: random.Random) -> tuple[int, int, int] | None:
    """Basis, rate and share of days whose product with the coefficient lies a hair off half a fen.

    Fen x rate x coefficient x share = half +- 1 of their last decimal, modulo one fen.
    """
    whole = MILLION**3
    while coefficient and coefficient % 10 == 0:
        coefficient, whole = coefficient // 10, whole // 10
    if gcd(coefficient, 10) > 1:
        return None
    for _ in range(20_000):
        rate, share = draw.randrange(1, 100_000), draw.randrange(1, MILLION)
        if gcd(rate * share, 10) > 1:
            continue
        factors = pow(coefficient * rate * share, -1, whole)
        fen = (whole // 2 + draw.choice((-1, 1))) * factors % whole
        if fen < 10**11:
            return fen * FEN, rate, share
    return None


def check_card(seen: Sheets, card: Card) -> None:
    at = HEAD + 1 + len(card.rows)
    assert seen.stored(card.sheet, at, AT["score"]) == card.total, card.sheet
    if card.uses_coefficient:
        assert seen.stored(card.sheet, at + 1, AT["score"]) == card.coefficient, card.sheet
    for place, line in enumerate(card.lines, start=at + 4):
        assert seen.stored(card.sheet, place, AT["score"]) == line.amount, (card.sheet, line)
    if card.lines:
        assert seen.stored(card.sheet, at + 4 + len(card.lines), AT["score"]) == card.pay


@pytest.mark.office
@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
@pytest.mark.usefixtures("planted")
def test_totals_coefficients_and_pay_in_libreoffice(tmp_path: Path) -> None:
    cards = totals_cards(random.Random(7))
    assert len(cards) > 200
    path = tmp_path / "totals.xlsx"
    path.write_bytes(card_bytes(cards, wording(), "0000 0000"))
    seen = Sheets(recalculated(path, tmp_path))
    for card in cards:
        check_card(seen, card)


def _key(direction: str, actual: str | None, standard: str | None = "30", **more: Any) -> CardRow:
    return CardRow(
        indicator="k", name="n", definition="", role="core", unit="seconds", weight=exact("4"),
        method="interval", direction=direction, key=True,
        bands=parse_bands("<=10:100%; else:50%"), low=0, high=exact("100"),
        standard=None if standard is None else exact(standard),
        actual=None if actual is None else exact(actual), **more,
    )  # fmt: skip


#: The key result beside a rating of 96: T1 gives 1.2, the gate 1.0 while it is short.
GATED: tuple[tuple[str, CardRow, str], ...] = (
    ("at the standard", _key("higher_is_better", "30"), "1.2"),
    ("a hair below", _key("higher_is_better", "29.999999"), "1.0"),
    ("above", _key("higher_is_better", "31"), "1.2"),
    ("lower: at the standard", _key("lower_is_better", "30"), "1.2"),
    ("lower: a hair above", _key("lower_is_better", "30.000001"), "1.0"),
    ("no standard, in full", _key("lower_is_better", "10", None), "1.2"),
    ("no standard, in part", _key("lower_is_better", "10.000001", None), "1.0"),
    ("overridden, reached", judged(exact("2"), "4", key=True, met=True), "1.2"),
    ("overridden, short", judged(exact("4"), "4", key=True, met=False), "1.0"),
)


@pytest.mark.office
@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
@pytest.mark.usefixtures("planted")
def test_gate_score_bonus_and_too_few_days_in_libreoffice(tmp_path: Path) -> None:
    """Worked by hand; E10: 92 points of 8,000 earn 1,200; E11: 85 of 10,000 earn 1,000."""
    points, _, _ = _table("T1")
    cards = [
        Card(title=name, about=("a",), sheet=f"G{n}", rows=(row, judged(exact("96"))),
             table=points, gate=True, lines=(PayLine("performance", exact("0.05"), False,
             scored=True),))
        for n, (name, row, _) in enumerate(GATED)
    ]  # fmt: skip
    bonus = ((exact("90"), exact("0.15")), (exact("80"), exact("0.1")), (0, 0))
    earned = {
        "92": ("8000", 1200.0),
        "85": ("10000", 1000.0),
        "89.5": ("10000", 1000.0),
        "79.994": ("8000", 0.0),
        "79.995": ("8000", 800.0),
        "89.995": ("8000", 1200.0),
    }
    for total, (base, _) in earned.items():
        line = PayLine("score_bonus", exact(base), False, by_total=True)
        cards.append(
            Card(
                title=total,
                about=("a",),
                sheet=f"B{total}",
                bonus=bonus,
                rows=(judged(exact(total)),),
                uses_coefficient=False,
                lines=(line,),
            )
        )
    few = PayLine("performance", exact("1950"), False, scored=True, share=exact("0.333333"))
    cards.append(Card(title="few", about=("a",), sheet="F", rows=(judged(None),), table=points,
                      assessed=False, lines=(few,)))  # fmt: skip
    path = tmp_path / "gate.xlsx"
    path.write_bytes(card_bytes(cards, wording(), "0000 0000"))
    seen = Sheets(recalculated(path, tmp_path))
    for n, (name, _, coefficient) in enumerate(GATED):
        assert seen(f"G{n}", HEAD + 4, AT["score"]) == float(coefficient), name
        # 0.05 yuan x 1.2 = 0.06; x 1.0 = 0.05
        assert seen(f"G{n}", HEAD + 7, AT["score"]) == (0.06 if coefficient == "1.2" else 0.05)
    for total, (_, amount) in earned.items():
        assert seen(f"B{total}", HEAD + 6, AT["score"]) == amount, total
    # 1,950 x 1.0 x 0.333333 = 649.99935
    assert (seen("F", HEAD + 2, AT["score"]), seen("F", HEAD + 3, AT["score"])) == ("", 1.0)
    assert seen("F", HEAD + 6, AT["score"]) == 650.0


@pytest.mark.office
@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
@pytest.mark.usefixtures("planted")
@pytest.mark.parametrize(("name", "month"), [("qinghe", "2026-06"), ("xiaoman", "2026-06")])
def test_a_month_of_a_demo_client_in_libreoffice(tmp_path: Path, name: str, month: str) -> None:
    """The people's sheets, recomputed, are the month as the method computes it."""
    client = open_client(name, month, "zh", ROOT)
    path = write_cards(client, month, tmp_path / "people.xlsx", people=True)
    seen = Sheets(recalculated(path, tmp_path))
    done = calculate(client, [month])
    pay = done.pay.set_index("employee")["pay"]
    names = client.table("employees").set_index("employee")["name"]
    compared = 0
    for _, total in done.totals.iterrows():
        sheet = f"{total['employee']} {names[total['employee']]}"
        if sheet not in seen.book.sheet_names:
            continue
        compared += 1
        rows = done.rows[done.rows["employee"] == total["employee"]]
        lines = done.lines[done.lines["employee"] == total["employee"]]
        at = HEAD + 1 + len(rows)
        expected = [_stored(value) for value in rows["row_score"]]
        found = [seen.stored(sheet, HEAD + 1 + n, AT["score"]) for n in range(len(rows))]
        assert found == expected, sheet
        assert seen.stored(sheet, at, AT["score"]) == _stored(total["total"])
        assert seen.stored(sheet, at + 1, AT["score"]) == _stored(total["coefficient"])
        amounts = [seen.stored(sheet, at + 4 + n, AT["score"]) for n in range(len(lines))]
        assert amounts == [_stored(value) for value in lines["amount"]], sheet
        whole = seen.stored(sheet, at + 4 + len(lines), AT["score"])
        assert whole == _stored(pay[total["employee"]])
    assert compared >= 5


def _stored(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)
