"""A second payroll for the demo clients: plain Python from the CSV files, to the cent.

It reads the clients' files and the library's lists with the csv module, counts with
fractions and shares no code with the kit; only the pay list it is held against is the
kit's. A figure it does not know how to read fails the test instead of being skipped.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[1]
KIT = ROOT / "ecperf_kit"
Row = Mapping[str, str]
Pay = dict[tuple[str, str], Decimal | None]
PILOTS = {
    "qinghe": ("2026-04..2026-09", {"tmall"}, {"service"}),
    "xiaoman": ("2026-04..2026-06", {"live", "shelf"}, {"shop"}),
    "qinghe_draft": ("2026-04..2026-04", set(), {"design"}),
}
SUBJECTS = ("employee", "post_channel", "post", "department", "channel", "company")
PLAN_MEASURES = {"net_sales", "gross_profit", "net_profit"}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@cache
def library(name: str, key: str) -> dict[str, dict[str, str]]:
    return {row[key]: row for row in rows_of(KIT / "library" / f"{name}.csv")}


@cache
def names_of_columns(table: str) -> dict[str, str]:
    declared = rows_of(KIT / "intake/tables.csv")
    return {row["zh"]: row["column"] for row in declared if row["table"] == table and row["column"]}


def number(text: str | None) -> Fraction | None:
    """3600000, 0.5% or nothing at all."""
    if not text:
        return None
    return Fraction(text.removesuffix("%")) / (100 if text.endswith("%") else 1)


def sure(text: str | None) -> Fraction:
    found = number(text)
    assert found is not None
    return found


def half_up(value: Fraction, places: int) -> Fraction:
    scaled = abs(value) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Fraction(whole if value >= 0 else -whole, 10**places)


def covered(period: str) -> list[str]:
    """The months of 2026-06, 2026-Q2, 2026 or 2026-04..2026-09."""
    if ".." in period:
        first, last = period.split("..")
    elif "Q" in period:
        year, quarter = period.split("-Q")
        first, last = f"{year}-{3 * int(quarter) - 2:02d}", f"{year}-{3 * int(quarter):02d}"
    elif len(period) == 4:
        first, last = f"{period}-01", f"{period}-12"
    else:
        first = last = period
    found, (year_, month) = [], map(int, first.split("-"))
    while (text := f"{year_:04d}-{month:02d}") <= last:
        found.append(text)
        year_, month = (year_ + 1, 1) if month == 12 else (year_, month + 1)
    return found


def day(text: str) -> date:
    return date.fromisoformat(text)


class Payroll:
    """One client's files, and the pay they mean."""

    def __init__(self, name: str, root: Path = ROOT) -> None:
        self.name = name
        self.tables: dict[str, list[dict[str, str]]] = {}
        for path in sorted((root / "client_data" / name).glob("*.csv")):
            known = names_of_columns(path.stem)
            self.tables[path.stem] = [
                {known.get(title, title): cell.strip() for title, cell in row.items()}
                for row in rows_of(path)
            ]

    def table(self, name: str) -> list[dict[str, str]]:
        return self.tables.get(name, [])

    def version(
        self, table: str, month: str, subjects: list[tuple[str, str]]
    ) -> list[dict[str, str]]:
        """The rows in force on the first of the month of the first subject that has any."""
        for kind, subject in subjects:
            own = [
                row
                for row in self.table(table)
                if (row["subject_kind"], row["subject_id"]) == (kind, subject)
                and row["effective_from"] <= f"{month}-01"
            ]
            if own:
                latest = max(row["effective_from"] for row in own)
                return [row for row in own if row["effective_from"] == latest]
        return []

    # -- people and days ---------------------------------------------------------
    def posts(self, employee: str, month: str) -> list[dict[str, str]]:
        """The posts held at the same time; nobody in the demo data is transferred."""
        begun = [row for row in self.table("assignments") if row["employee"] == employee]
        assert len({row["effective_from"] for row in begun}) == 1
        return [row for row in begun if row["effective_from"][:7] <= month]

    def days(self, person: Row, month: str) -> tuple[Fraction, Fraction]:
        """The share of the month, and the days that count for being assessed."""
        for row in self.table("attendance"):
            if (row["employee"], row["month"]) == (person["employee"], month):
                worked = sure(row["worked_days"]) + (number(row.get("paid_leave_days")) or 0)
                return half_up(min(worked / sure(row["scheduled_days"]), Fraction(1)), 6), worked
        year, number_ = map(int, month.split("-"))
        first = date(year, number_, 1)
        last = date(year + number_ // 12, number_ % 12 + 1, 1) - timedelta(days=1)
        begin = max(first, day(person["hired"]))
        end = min(last, day(person["left"])) if person.get("left") else last
        there = Fraction((end - begin).days + 1)
        return half_up(there / last.day, 6), there

    # -- scores --------------------------------------------------------------------
    def figure(self, table: str, held: Row, indicator: str, month: str) -> tuple[str, Row] | None:
        """The row of the most specific subject that covers the month, the shortest period first."""
        channel = held.get("channel", "")
        ids = {
            "employee": held["employee"],
            "post_channel": f"{held['post']}@{channel}" if channel else None,
            "post": held["post"],
            "department": held["department"],
            "channel": channel or None,
            "company": self.name,
        }
        for kind in SUBJECTS:
            found = [
                row
                for row in self.table(table)
                if (row["subject_kind"], row["subject_id"], row["indicator"])
                == (kind, ids[kind], indicator)
                and month in covered(row["period"])
            ]
            if found:
                return kind, min(found, key=lambda row: len(covered(row["period"])))
        return None

    def planned(self, channel: str, measure: str, month: str) -> Fraction | None:
        rows = [
            row
            for row in self.table("targets")
            if (row["month"], row["measure"]) == (month, measure)
            and (not channel or row.get("channel") == channel)
        ]
        assert not any(row.get("category") for row in rows)
        return sum((sure(row["amount"]) for row in rows), Fraction(0)) if rows else None

    def actual(self, held: Row, indicator: str, month: str) -> tuple[str, Fraction] | None:
        found = self.figure("actuals", held, indicator, month)
        if found is None:
            return None
        kind, row = found
        if row.get("numerator"):
            return kind, half_up(sure(row["numerator"]) / sure(row["denominator"]), 6)
        return kind, sure(row["value"])

    def standard(
        self, card: Row, held: Row, month: str, kind: str, share: Fraction
    ) -> Fraction | None:
        known = library("indicators", "indicator")[card["indicator"]]
        found = self.figure("standards", held, card["indicator"], month)
        typed = sure(found[1]["standard"]) if found else None
        own = kind == "employee"
        if card["standard_basis"] == "annual_plan" and card["indicator"] in PLAN_MEASURES:
            plan = self.planned(held.get("channel", ""), card["indicator"], month)
            if plan is not None and not (own and typed is not None):
                assert typed is None or typed == plan, "no deviation was approved in the demo data"
                typed = plan
        if (
            typed is not None
            and own
            and (known["aggregation"], known["nature"]) == ("sum", "result")
        ):
            typed = half_up(typed * share, 6)
        return typed

    def row_score(
        self, card: Row, held: Row, month: str, share: Fraction
    ) -> tuple[Fraction, bool] | None:
        """The score of one row and whether its standard was reached."""
        known = library("indicators", "indicator")[card["indicator"]]
        posts = library("posts", "post")[held["post"]]
        assert known["cycle"] in ("", "month") and posts["cycle"] == "month"
        assert card["data_source"] != "none"
        measured = self.actual(held, card["indicator"], month)
        if measured is None:
            return None
        kind, actual = measured
        weight = sure(card["weight"])
        standard = self.standard(card, held, month, kind, share)
        lower = known["direction"] == "lower_is_better"
        reached = (
            None if standard is None else (actual <= standard if lower else actual >= standard)
        )
        attainment = None
        if standard:
            attainment = 2 - actual / standard if lower else actual / standard
        if card["method"] == "percentage":
            assert attainment is not None
            part = min(attainment, sure(card["cap"]))
            earned = (
                max(part, Fraction(0)) if attainment >= sure(card["zero_below"]) else Fraction(0)
            )
        elif card["method"] == "step":
            assert standard is not None
            short = max(actual - standard if lower else standard - actual, Fraction(0))
            steps = -((-short / sure(card["step_size"])) // 1)
            earned = max(1 - steps * sure(card["step_deduct"]), Fraction(0))
        else:
            assert card["method"] == "interval"
            value = actual if card["bands_on"] in ("", "actual") else attainment
            assert value is not None
            earned = self.band(card["bands"], value)
        found = half_up(weight * earned, 6)
        return found, found >= weight if reached is None else reached

    @staticmethod
    def band(text: str, value: Fraction) -> Fraction:
        for part in text.split(";"):
            limit, earned = part.strip().split(":")
            if (
                limit == "else"
                or (limit.startswith("<=") and value <= sure(limit[2:]))
                or (limit.startswith(">=") and value >= sure(limit[2:]))
            ):
                return sure(earned)
        raise AssertionError(text)

    def total(self, held: Row, month: str, share: Fraction) -> tuple[Fraction | None, bool] | None:
        """The total and whether the key result was reached; None without a scorecard."""
        subjects = [("employee", held["employee"]), ("post", held["post"])]
        cards = self.version("scorecards", month, subjects)
        if not cards:
            return None
        scores = [self.row_score(card, held, month, share) for card in cards]
        if any(score is None for score in scores):
            return None, False
        core = [i for i, card in enumerate(cards) if card["role"] == "core"]
        key = max(core, key=lambda i: (sure(cards[i]["weight"]), -i))
        known = [score for score in scores if score is not None]
        return half_up(sum((score for score, _ in known), Fraction(0)), 2), known[key][1]

    def coefficient(
        self, plan: Row, held: Row, total: Fraction, reached: bool, month: str
    ) -> Fraction:
        begun = [
            row
            for row in self.table("coefficient_tables")
            if row["coefficient_table"] == plan["coefficient_table"]
            and row["effective_from"] <= f"{month}-01"
        ]
        latest = max(row["effective_from"] for row in begun)
        bands = sorted(
            (sure(row["at_least"]), sure(row["coefficient"]))
            for row in begun
            if row["effective_from"] == latest
        )
        below = [band for band in bands if band[0] <= total]
        above = [band for band in bands if band[0] > total]
        found = below[-1][1]
        if "linear" in {row["form"] for row in begun} and above:
            (low, start), (high, end) = below[-1], above[0]
            found = half_up(start + (end - start) * (total - low) / (high - low), 6)
        category = library("posts", "post")[held["post"]]["category"]
        gate = {"yes": True, "no": False}.get(
            plan.get("over_gate", ""), category in ("A_management", "B_sales")
        )
        return min(found, Fraction(1)) if gate and not reached else found

    # -- pay -------------------------------------------------------------------------
    def pay(self, person: Row, month: str) -> Decimal | None:
        """Gross pay of one person and month, None where it cannot be computed."""
        held = max(
            self.posts(person["employee"], month),
            key=lambda row: sure(row.get("time_share") or "1"),
        )
        share, counted = self.days(person, month)
        scored = self.total(held, month, share)
        if scored is None:
            return None
        total, reached = scored
        subjects = [("employee", held["employee"]), ("post", held["post"])]
        (plan,) = self.version("pay_plans", month, subjects)
        lines = [sure(plan["base"]) * share]
        structure = plan["structure"]
        if structure != "fixed":
            if counted < 10:
                coefficient = Fraction(1)
            elif total is None:
                return None
            else:
                coefficient = self.coefficient(plan, held, total, reached, month)
            if structure == "performance":
                lines.append(sure(plan["performance_pay"]) * coefficient * share)
            elif structure == "commission_sales":
                assert plan["commission_from"] == "channel"
                (bridge,) = [
                    row
                    for row in self.table("sales_bridge")
                    if (row["channel"], row["month"]) == (held["channel"], month)
                ]
                sales = sure(bridge["finance_sales"])
                lines.append(sales * sure(plan["sales_rate"]) * coefficient * share)
            elif structure == "commission_combined":
                assert plan["commission_from"] == "channel" and not plan.get("net_profit_rate")
                lines += [
                    basis * sure(plan[rate]) * coefficient * share
                    for basis, rate in self.combined(held, month)
                ]
            elif structure == "piece_rate":
                found = self.figure("actuals", held, "pack_volume", month)
                assert found is not None and found[0] == "employee"
                lines.append(sure(found[1]["value"]) * sure(plan["piece_rate"]) * coefficient)
            elif structure == "score_bonus":
                assert total is not None
                lines.append(sure(plan["base"]) * self.bonus_rate(total) * share)
            else:
                assert (structure, plan["commission_from"]) == (
                    "commission_gross_profit",
                    "employee",
                )
                found = self.figure("actuals", held, "gross_profit", month)
                assert found is not None and found[0] == "employee"
                profit = max(sure(found[1]["value"]), Fraction(0))
                lines.append(profit * sure(plan["gross_profit_rate"]) * coefficient)
        lines += [sure(plan[name]) for name in ("bonus", "benefits") if plan.get(name)]
        added = sum((half_up(line, 2) for line in lines), Fraction(0))
        return Decimal(added.numerator) / Decimal(added.denominator)

    def combined(self, held: Row, month: str) -> list[tuple[Fraction, str]]:
        """What each rate of a combined commission is applied to, a loss counting as nothing."""
        place = (held["channel"], month)
        (bridge,) = [r for r in self.table("sales_bridge") if (r["channel"], r["month"]) == place]
        (profit,) = [
            row
            for row in self.table("actuals")
            if (row["subject_kind"], row["subject_id"], row["period"]) == ("channel", *place)
            and row["indicator"] == "gross_profit"
        ]
        sales = sure(bridge["finance_sales"])
        return [
            (max(sales, Fraction(0)), "sales_rate"),
            (max(sure(profit["value"]), Fraction(0)), "gross_profit_rate"),
        ]

    @staticmethod
    def bonus_rate(total: Fraction) -> Fraction:
        """90 points and more earn 15 % of base pay, 80 and more 10 %, less nothing."""
        return Fraction(15 if total >= 90 else 10 if total >= 80 else 0, 100)

    def everybody(self, months: list[str], channels: set[str], departments: set[str]) -> Pay:
        """All people of the pilot's area who are employed on a day of the month."""
        found: Pay = {}
        for month in months:
            for person in self.table("employees"):
                held = self.posts(person["employee"], month)
                there = person["hired"][:7] <= month and (
                    not person.get("left") or person["left"][:7] >= month
                )
                inside = any(
                    row.get("channel") in channels or row["department"] in departments
                    for row in held
                )
                if there and inside:
                    found[person["employee"], month] = self.pay(person, month)
        return found


def kit_pay(name: str, period: str, root: Path = ROOT) -> Pay:
    """What the kit's pay list says, every person and month of the period."""
    from ecperf_kit.client import open_client
    from ecperf_kit.stages.rollout import rollout

    table = rollout(open_client(name, period, root=root)).table("pay_list")
    found: Pay = {}
    for row in table.to_dict("records"):
        key = (row["employee"], row["month"])
        assert key not in found, f"{key} stands twice in the pay list"
        found[key] = None if pd.isna(row["pay"]) else Decimal(int(row["pay"])) / 1_000_000
    return found


@pytest.mark.parametrize("name", PILOTS)
def test_every_person_and_month_agrees_to_the_cent(name: str) -> None:
    period, channels, departments = PILOTS[name]
    expected = Payroll(name).everybody(covered(period), channels, departments)
    assert kit_pay(name, period) == expected
    assert len(expected) == {"qinghe": 66, "xiaoman": 23, "qinghe_draft": 4}[name]


def test_the_second_payroll_knows_the_worked_example() -> None:
    """Pre-sales in June: 4,550 + 1,950 x 0.4 = 5,330.00."""
    expected = Payroll("qinghe").everybody(["2026-06"], {"tmall"}, {"service"})
    assert expected["E025", "2026-06"] == Decimal("5330.00")


#: Posts of the made-up client that are measured and paid month by month.
MONTHLY = {
    "channel_ops_manager", "store_operator", "cs_supervisor", "presales_cs", "picker_packer",
    "visual_designer", "promo_specialist", "live_anchor",
}  # fmt: skip


@pytest.mark.parametrize(("people", "months"), [(47, 3), (66, 5)])
def test_a_made_up_client_agrees_to_the_cent(people: int, months: int, tmp_path: Path) -> None:
    """Every pay structure, own plans and cards, joiners and leavers, tables with lines."""
    from benchmarks.synthetic import write_client

    name = write_client(tmp_path, people, months)
    payroll = Payroll(name, tmp_path)
    held: dict[str, list[Row]] = {}
    for row in payroll.table("assignments"):
        held.setdefault(row["employee"], []).append(row)
    # whom the second payroll can judge: one post at a time, the same in all months
    known = {who for who, rows in held.items() if len(rows) == 1 and rows[0]["post"] in MONTHLY}
    period = f"2026-{13 - months:02d}..2026-12"
    everybody = kit_pay(name, period, tmp_path)
    paid = {key: pay for key, pay in everybody.items() if key[0] in known}
    people_of = {row["employee"]: row for row in payroll.table("employees")}
    assert paid == {(who, month): payroll.pay(people_of[who], month) for who, month in paid}
    assert len(paid) > 0.7 * people * months
    assert sum(pay is not None for pay in paid.values()) > 0.9 * len(paid)
