"""The cards of a month, each row and line of pay as the method has it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from ecperf_kit.exact import MILLION
from ecperf_kit.library.bands import BandsError, parse_bands
from ecperf_kit.method.coefficient import coefficients, gate_is_on
from ecperf_kit.method.corrections import corrections
from ecperf_kit.method.dividend import PHANTOM
from ecperf_kit.method.in_force import in_force
from ecperf_kit.method.lost import with_lost
from ecperf_kit.method.pay import RATED, pay, pay_lines
from ecperf_kit.method.plans import plan_parts
from ecperf_kit.method.scorecards import assessed_rows
from ecperf_kit.method.scoring import score
from ecperf_kit.method.totals import totals
from ecperf_kit.method.unread import spoilt
from ecperf_kit.outputs import formats
from ecperf_kit.outputs.cards.model import SAFE, Card, CardRow, PayLine
from ecperf_kit.period import shift

if TYPE_CHECKING:
    from ecperf_kit.client import Client
    from ecperf_kit.outputs.wording import Wording

_SCORED_LINES = frozenset({"performance", *RATED})
_BONUS = (("high_score", "high_rate"), ("low_score", "low_rate"))
_CYCLE_MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


class Month:
    """One month of a client, scored and paid by the method; ``blank``: without any entry."""

    def __init__(self, client: Client, month: str, wording: Wording, blank: bool) -> None:
        self.client, self.month, self.wording, self.blank = client, month, wording, blank
        rows = assessed_rows(client, [month])
        if blank:
            rows = _emptied(rows)
        self.rows = score(rows)
        self.totals = coefficients(client, totals(self.rows), self.rows)
        self.lines = pay_lines(client, self.totals)
        self.pay = pay(self.lines).set_index("employee")["pay"]
        self.plans = plan_parts(client, [month])
        self.plans = self.plans.assign(gate=gate_is_on(client, self.plans))
        tables = in_force(with_lost(client, "coefficient_tables"), [month], ["coefficient_table"])
        self.tables = dict(list(tables.groupby("coefficient_table")))
        places = ["_file", "_sheet", "_row"]
        self.actuals = client.table("actuals").drop_duplicates(places).set_index(places)

    def card(
        self, employee: str, title: str, about: Sequence[str], sheet: str, *,
        hide_pay: bool = False, person: bool = False, name: str = "", own_plans: bool = False,
    ) -> Card:  # fmt: skip
        """The card of one employee: rows in the order of the scorecard, lines as on a pay slip."""
        rows = self.rows[self.rows["employee"] == employee]
        total = self.totals[self.totals["employee"] == employee].iloc[0]
        plan = self.plans[self.plans["employee"] == employee].iloc[0]
        table = str(total["coefficient_table"]) if pd.notna(total["coefficient_table"]) else ""
        points, linear = self._table(table)
        lines = self.lines[self.lines["employee"] == employee]
        made = [] if plan.isna()["structure"] else [
            self._line(line, hide_pay) for _, line in lines.iterrows()
        ]  # fmt: skip
        amount = _int(self.pay.get(employee))
        complete = bool(made) and all(line.amount is not None for line in made)
        return Card(
            title=title,
            about=tuple(about),
            sheet=sheet,
            rows=tuple(self._row(row) for _, row in rows.iterrows()),
            table_name=table,
            table=points,
            linear=linear,
            uses_coefficient=bool(total["uses_coefficient"]) or pd.isna(plan["structure"]),
            gate=bool(plan["gate"]),
            assessed=bool(rows["assessed"].all()),
            lines=tuple(made),
            bonus=self._bonus(),
            total=_int(total["total"]),
            coefficient=_int(total["coefficient"]),
            pay=amount if complete else None,
            person=person,
            name=name,
            own_plans=own_plans,
            remarks=(
                *self._remarks(),
                *self._not_in_pay(plan),
                *(self._corrected(employee) if person else ()),
            ),
        )

    def _remarks(self) -> tuple[str, ...]:
        """In the pilot's months: whether the new pay is paid at all."""
        dates, pilot = self.client.config.dates, self.client.config.pilot
        piloting = str(dates.pilot_from) <= self.month <= str(dates.pilot_to)
        if not (dates.pilot_from and dates.pilot_to and piloting and pilot.pay):
            return ()
        return (self.wording.text("cards.remark_pilot", pay=pilot.pay),)

    def _not_in_pay(self, plan: pd.Series) -> tuple[str, ...]:
        """A dividend the pay here does not contain, by its kind."""
        kind = plan["dividend_kind"]
        if pd.isna(plan["structure"]) or plan["structure"] != "dividend":
            return ()
        if pd.isna(kind) or kind == PHANTOM:
            return ()
        return (self.wording.text("cards.remark_not_in_pay", kind=kind),)

    def _corrected(self, employee: str) -> tuple[str, ...]:
        """What is settled with the month's pay after an appeal, and is no part of it."""
        rows = corrections(self.client, [self.month])
        amounts = rows.loc[rows["employee"] == employee, "correction"].tolist()
        shown = ("–" if pd.isna(amount) else formats.fixed(int(amount), 2) for amount in amounts)
        return tuple(self.wording.text("cards.remark_correction", amount=each) for each in shown)

    def _bonus(self) -> tuple[tuple[int, int], ...]:
        figure = {n: int(self.client.threshold(f"score_bonus.{n}")) for p in _BONUS for n in p}
        steps = [(figure[bound], figure[rate]) for bound, rate in _BONUS]
        return (*steps, (0, int(self.client.threshold("score_bonus.below_rate"))))

    def _table(self, name: str) -> tuple[tuple[tuple[int, int], ...], bool]:
        table = self.tables.get(name)
        if table is None or spoilt(table).any():
            return (), False
        ordered = table.sort_values("at_least")
        pairs = zip(ordered["at_least"], ordered["coefficient"], strict=True)
        linear = bool((ordered["form"] == "linear").fillna(False).any())
        return tuple((int(bound), int(value)) for bound, value in pairs), linear

    def _line(self, line: pd.Series, hide: bool) -> PayLine:
        rated = line["line"] in RATED
        entry = rated or hide  # typed in: figures of the month, and what must not be printed
        forgotten = entry and (hide or self.blank)
        return PayLine(
            line=str(line["line"]),
            basis=None if forgotten else _int(line["basis"]),
            entry=bool(entry),
            rate=_int(line["rate"]) if rated else None,
            scored=line["line"] in _SCORED_LINES,
            by_total=line["line"] == "score_bonus",
            share=int(line["days_share"]),
            amount=None if forgotten else _int(line["amount"]),
            broken=line["missing"] in ("unreadable", "plan", "figure"),
        )

    def _row(self, row: pd.Series) -> CardRow:
        client, wording = self.client, self.wording
        known = client.indicators
        of = known.loc[row["indicator"]] if row["indicator"] in known.index else None
        overridden = row["row_state"] == "overridden"
        judged = overridden or not row["has_data"]
        bands, usable = _bands(row)
        weight = _int(row["weight"])
        parts = self._parts(row) if not judged else (None, None)
        rating = _int(row["superior_score"]) if judged else None
        return CardRow(
            indicator=str(row["indicator"]),
            name=wording.name("indicator", row["indicator"]),
            definition=_text(of, f"definition_{wording.language}"),
            role=str(row["role"]),
            unit=_text(of, "unit"),
            weight=weight or 0,
            method=str(row["method"]),
            direction=str(row["direction"]),
            key=bool(row["key_result"]),
            judged=bool(judged),
            overridden=bool(overridden),
            pair=_text(of, "aggregation") == "ratio",
            usable=usable and weight is not None,
            bands=bands,
            bands_on=str(row["bands_on"]),
            standard=_int(row["standard"]),
            low=_or(_figure(of, "plausible_min"), -SAFE),
            high=_or(_figure(of, "plausible_max"), SAFE),
            to_date=self._to_date(row),
            actual=None if judged else _int(row["actual"]),
            numerator=parts[0],
            denominator=parts[1],
            rating=None if rating is None else min(max(rating, 0), weight or 0),
            attainment=_int(row["attainment"]),
            score=_int(row["row_score"]),
            met=_met(row) if overridden else None,
            cap=_or(_int(row["cap"]), MILLION),
            zero_below=_or(_int(row["zero_below"]), 0),
            step_size=max(_or(_int(row["step_size"]), MILLION), 1),
            step_deduct=_or(_int(row["step_deduct"]), 0),
        )

    def _parts(self, row: pd.Series) -> tuple[int | None, int | None]:
        """Numerator and denominator of an actual that is one month's own figure."""
        at = (row["actual_file"], row["actual_sheet"], row["actual_row"])
        if self._to_date(row) or pd.isna(row["actual"]) or at not in self.actuals.index:
            return None, None
        found = self.actuals.loc[at, :]
        top, bottom = _int(found["numerator"]), _int(found["denominator"])
        if top is None or bottom is None or bottom <= 0:
            return None, None
        fits = max(abs(top), bottom) <= SAFE * 10 and top % 10 == 0 and bottom % 10 == 0
        return (top, bottom) if fits else (None, None)

    def _to_date(self, row: pd.Series) -> str:
        """The months of a longer cycle up to this one, in words; empty for a month's figure."""
        length = _CYCLE_MONTHS.get(str(row["cycle"]), 1)
        count = (int(self.month[5:7]) - 1) % length
        if length == 1 or count == 0:
            return ""
        text = f"{shift(self.month, -count)}..{self.month}"
        return formats.long_period(text, self.wording.language)


def _emptied(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows as before the month: nothing achieved yet, nothing rated."""
    figures = ["actual", "superior_score", "self_score"]
    words = ["override_reason", "override_evidence", "superior_date"]
    rows = rows.copy()
    rows[figures + words] = rows[figures + words].mask(pd.Series(True, index=rows.index))
    return rows


def _bands(row: pd.Series) -> tuple[Any, bool]:
    """The bands of an interval row, and whether all parameters of the row are there."""
    if pd.isna(row["weight"]) or pd.isna(row["direction"]):
        return None, False
    if row["method"] == "percentage":
        return None, bool(pd.notna(row["cap"]) and pd.notna(row["zero_below"]))
    if row["method"] == "step":
        size = row["step_size"]
        return None, bool(pd.notna(size) and size > 0 and pd.notna(row["step_deduct"]))
    if row["method"] != "interval" or pd.isna(row["bands"]):
        return None, False
    try:
        return parse_bands(str(row["bands"])), True
    except BandsError:
        return None, False


def _met(row: pd.Series) -> bool | None:
    if pd.isna(row["actual"]) or pd.isna(row["standard"]):
        return None
    if row["direction"] == "lower_is_better":
        return bool(row["actual"] <= row["standard"])
    return bool(row["actual"] >= row["standard"])


def _int(value: Any) -> int | None:
    return None if value is None or pd.isna(value) else int(value)


def _or(value: int | None, default: int) -> int:
    return default if value is None else value


def _text(row: pd.Series | None, column: str) -> str:
    if row is None or pd.isna(row[column]):
        return ""
    return str(row[column])


def _figure(row: pd.Series | None, column: str) -> int | None:
    return None if row is None else _int(row[column])
