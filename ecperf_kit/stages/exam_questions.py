"""Questions computed from a client's own scheme, each with plausible wrong answers.

A wrong answer is what a typical mistake gives: the neighbouring band, a step too
few, the weight forgotten, another day of the calendar.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, divide, multiply, round_half_up
from ecperf_kit.library.bands import parse_bands
from ecperf_kit.method.coefficient import look_up
from ecperf_kit.method.scoring import score
from ecperf_kit.rules.in_force import cards, coefficient_bands, number, plans, reference_month
from ecperf_kit.rules.organisation import pilot_months
from ecperf_kit.rules.plan import plan_months
from ecperf_kit.stages.calendar import monthly_deadlines
from ecperf_kit.stages.result import Sentence

OPTIONS = 4
_SOURCES = ("finance_report", "platform_erp", "daily_register", "none")
_TENTH = 10


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its options; the first option is the right one until it is shuffled."""

    topic: str
    ask: Sentence
    options: tuple[Sentence, ...]
    why: Sentence


def questions(client: Client, random: Random) -> dict[str, list[Question]]:
    """All questions the scheme yields, by topic (assessment method 4.3), in a drawn order."""
    found: dict[str, list[Question]] = {}
    for source in (_sources, _rows, _scores, _coefficients, _pay, _dates, _targets, _review):
        for question in source(client, random):
            found.setdefault(question.topic, []).append(question)
    for same in found.values():
        random.shuffle(same)
    return found


def _value(kind: str, value: Any) -> Sentence:
    return Sentence(f"exam.value.{kind}", {"value": value})


def _asked(
    topic: str, name: str, values: dict[str, Any], kind: str, right: Any, wrong: Iterable[Any]
) -> Iterator[Question]:
    """The question, if enough different wrong answers are left."""
    others = [value for value in dict.fromkeys(wrong) if value != right]
    if len(others) >= OPTIONS - 1:
        options = tuple(_value(kind, value) for value in (right, *others[: OPTIONS - 1]))
        answer = {"right": options[0]}
        yield Question(
            topic,
            Sentence(f"exam.ask.{name}", values),
            options,
            Sentence(f"exam.why.{name}", values | answer),
        )


def _post_cards(client: Client) -> pd.DataFrame:
    """The scorecard rows of posts, in the order in which questions are drawn from them."""
    rows = cards(client)
    rows = rows[rows["subject_kind"] == "post"].sort_values(["subject_id", "indicator"])
    return rows.reset_index(drop=True)


def _post_rows(client: Client) -> list[dict[Any, Any]]:
    return _post_cards(client).to_dict("records")


def _sources(client: Client, random: Random) -> Iterator[Question]:
    """Where do the data of an indicator come from?"""
    for row in _post_rows(client):
        values = {"post": row["post"], "indicator": row["indicator"]}
        right = row["data_source"]
        yield from _asked("data_sources", "source", values, "source", right, _SOURCES)


def _rows(client: Client, random: Random) -> Iterator[Question]:
    """What stands on a post's scorecard, and with which weight?"""
    rows = _post_rows(client)
    by_post: dict[str, list[dict[Any, Any]]] = {}
    for row in rows:
        by_post.setdefault(row["post"], []).append(row)
    everything = sorted({row["indicator"] for row in rows})
    for post, own in by_post.items():
        names = [row["indicator"] for row in own]
        for row in own:
            weight = int(row["weight"])
            others = [int(o["weight"]) for o in own]
            near = [weight + 5 * MILLION, weight + 10 * MILLION, max(weight - 5 * MILLION, MILLION)]
            values = {"post": post, "indicator": row["indicator"]}
            wrong = [*dict.fromkeys(others), *near]
            yield from _asked("self_assessment", "weight", values, "number", weight, wrong)
        foreign = [name for name in everything if name not in names]
        if foreign:
            right, three = random.choice(foreign), random.sample(names, min(len(names), 3))
            yield from _asked(
                "self_assessment", "foreign", {"post": post}, "indicator", right, three
            )


# -- scores and coefficients -------------------------------------------------
def _example(row: dict[Any, Any], own: dict[Any, Any]) -> tuple[int, int] | None:
    """A standard and an actual that falls a little short of it, for one scorecard row.

    ``own`` is the row's indicator: its unit, direction, typical value and plausible range.
    None where no such pair can be: pieces are whole, rates as precise as they are printed,
    and both within the plausible range.
    """
    typical, lower = own["typical_value"], own["direction"] == "lower_is_better"
    standard = int(typical) if pd.notna(typical) else _assumed(own["unit"], lower)
    if row["method"] == "step" and pd.notna(row["step_size"]):
        short = int(row["step_size"]) * 3 // 2  # one whole step and a started one
    elif row["method"] == "interval" and isinstance(row["bands"], str):
        bands = parse_bands(row["bands"])
        if row["bands_on"] == "attainment" or len(bands.limits) < 2:
            return None
        return bands.limits[0], bands.limits[1]  # the edge of the second band belongs to it
    else:
        short = standard // _TENTH
    grain = _GRAINS.get(own["unit"], 1)
    short = -(-short // grain) * grain
    actual = standard + short if lower else standard - short
    least = 0 if pd.isna(own["plausible_min"]) else max(int(own["plausible_min"]), 0)
    most = own["plausible_max"]
    step = 0 if row["method"] != "step" or pd.isna(row["step_size"]) else int(row["step_size"])
    whole = standard % grain == 0 and step % grain == 0
    within = least <= min(standard, actual) and (
        pd.isna(most) or max(standard, actual) <= int(most)
    )
    return (standard, actual) if short and actual > 0 and whole and within else None


_GRAINS = {"count": MILLION, "ratio": MILLION // 1000}  # pieces are whole, rates read as 0.1 %


def _assumed(unit: str, lower: bool) -> int:
    """A standard for an example where the library has no typical value."""
    if unit == "ratio":
        return (10 if lower else 50) * MILLION // 100
    return (100_000 if unit == "CNY" else 100) * MILLION


_OF_AN_INDICATOR = ["unit", "direction", "typical_value", "plausible_min", "plausible_max"]
_UNRATED = ("superior_date", "override_reason", "override_evidence")


def _scores(client: Client, random: Random) -> Iterator[Question]:
    """How many points does an actual earn by the row's own method?"""
    rows = _post_cards(client)
    own = client.indicators[_OF_AN_INDICATOR].to_dict("index")
    examples = [_example(row, own[row["indicator"]]) for row in rows.to_dict("records")]
    used = [place for place, example in enumerate(examples) if example is not None]
    table = rows.iloc[used].reset_index(drop=True)
    # all examples are scored at once: the calculation takes whole columns
    for name, at in (("standard", 0), ("actual", 1)):
        numbers = [example[at] for example in examples if example is not None]
        table[name] = pd.Series(numbers, dtype="Int64")
    table = table.assign(
        direction=[own[indicator]["direction"] for indicator in table["indicator"]],
        has_data=True,
        superior_score=pd.Series(pd.NA, table.index, dtype="Int64"),
        **dict.fromkeys(_UNRATED),
    )
    for row in score(table).to_dict("records"):
        if pd.isna(row["computed_score"]):
            continue
        right, weight = int(round_half_up(row["computed_score"])), int(row["weight"])
        attainment = int(row["attainment"]) if pd.notna(row["attainment"]) else 0
        by_attainment = int(round_half_up(multiply(weight, attainment)))
        tenth = weight // _TENTH
        steps = [right + tenth, right - tenth, right + 2 * tenth]
        wrong = [weight, by_attainment, *steps, attainment * 100, 0]
        unit = own[row["indicator"]]["unit"]
        values = {
            "post": row["post"],
            "indicator": row["indicator"],
            "weight": weight,
            "standard": (row["standard"], unit),
            "actual": (row["actual"], unit),
            "cap": row["cap"],
            "zero_below": row["zero_below"],
            "step": (row["step_size"], unit),
            "deduct": row["step_deduct"],
            "bands": row["bands"],
        }
        usable = [value for value in wrong if 0 <= value <= 100 * MILLION]
        yield from _asked("calculation", row["method"], values, "score", right, usable)


def _tables(client: Client) -> Iterator[tuple[str, pd.DataFrame]]:
    used = set(plans(client)["coefficient_table"].dropna())
    for name, bands in coefficient_bands(client).groupby("coefficient_table"):
        if name in used or not used:
            yield str(name), bands


def _coefficients(client: Client, random: Random) -> Iterator[Question]:
    """Which coefficient belongs to a score, at the edges of the bands above all?"""
    several = len(list(_tables(client))) > 1
    for name, bands in _tables(client):
        known = [int(value) for value in sorted(bands["coefficient"].unique())]
        for edge in sorted(int(value) for value in bands["at_least"]):
            for total in (edge, edge - MILLION // 100):
                if not 0 < total <= 100 * MILLION:
                    continue
                found = look_up(pd.Series([total], dtype="Int64"), bands).iloc[0]
                if pd.isna(found):  # below the lowest band: a fault, and no question
                    continue
                right = int(found)
                near = sorted(known, key=lambda value: (abs(value - right), value))
                wrong = [*near, right + MILLION // _TENTH, right - MILLION // _TENTH]
                values = {"score": total, "table": name}
                ask = "coefficient_of" if several else "coefficient"
                yield from _asked("score_and_pay", ask, values, "coefficient", right, wrong)


def _pay(client: Client, random: Random) -> Iterator[Question]:
    """What does an invented person earn? Never a real one's pay."""
    base = number(client, "exam.example_base")
    performance = number(client, "exam.example_performance")
    sales, rate = number(client, "exam.example_sales"), number(client, "exam.example_rate")
    commission = int(multiply(sales, rate))
    for _, bands in _tables(client):
        for coefficient in sorted({int(value) for value in bands["coefficient"]}):
            for name, part in (("performance", performance), ("commission", commission)):
                drawn = int(round_half_up(multiply(part, coefficient)))
                values = {
                    "base": base,
                    "performance": performance,
                    "sales": sales,
                    "rate": rate,
                    "coefficient": coefficient,
                }
                wrong = [
                    int(multiply(base + part, coefficient)),  # base multiplied as well
                    base + part,  # coefficient forgotten
                    int(multiply(base, coefficient)) + part,  # base multiplied instead
                    drawn,  # base forgotten
                ]
                right = base + drawn
                yield from _asked("score_and_pay", f"pay_{name}", values, "yuan", right, wrong)
        break  # one table's examples show it


# -- calendar, targets, assessors --------------------------------------------
def _dates(client: Client, random: Random) -> Iterator[Question]:
    """When is which step due in the first month, days off counted?"""
    months = pilot_months(client) or (reference_month(client),)
    table = monthly_deadlines(client, months[0])
    days = [pd.Timestamp(day).date() for day in table["due"]]
    for step, day in zip(table["step"], days, strict=True):
        others = sorted(set(days) - {day}, key=lambda other: (abs((other - day).days), other))
        values = {"month": months[0], "step": Sentence(f"organisation.deadline.{step}")}
        yield from _asked("process", "due", values, "date", day, others)
    for name, threshold in (
        ("appeal", "deadline.appeal_working_days"),
        ("days", "assessed.min_days"),
    ):
        right = number(client, threshold) // MILLION
        wrong = [right + 2, right + 4, max(right - 2, 1), right + 7]
        yield from _asked("process", name, {}, "days", right, wrong)


def _targets(client: Client, random: Random) -> Iterator[Question]:
    """What does the plan demand, and may a standard leave it?"""
    plan = plan_months(client)
    months = sorted(plan["month"].unique())
    by_key = {(r["month"], r["channel"]): int(r["amount"]) for r in plan.to_dict("records")}
    for (month, channel), amount in by_key.items():
        if not channel:
            continue
        annual = sum(by_key.get((m, channel), 0) for m in months)
        neighbours = [by_key[m, channel] for m in months if (m, channel) in by_key]
        wrong = [
            by_key.get((month, ""), 0),
            int(round_half_up(divide(annual, 12 * MILLION))),
            *neighbours,
        ]
        values = {"month": month, "channel": channel}
        yield from _asked("targets", "plan", values, "wan", amount, [w for w in wrong if w > 0])
    for row in _post_rows(client):
        if row["standard_basis"] in ("annual_plan", "own_history", "agreed"):
            values = {"post": row["post"], "indicator": row["indicator"]}
            bases = ("annual_plan", "own_history", "industry", "agreed")
            right = row["standard_basis"]
            yield from _asked("targets", "basis", values, "label", right, bases)
    yield from _worded("targets", "correction")


def _worded(topic: str, name: str) -> Iterator[Question]:
    """A question whose answers are words of the texts: ``exam.option.<name>.<n>``, 1 is right."""
    options = tuple(Sentence(f"exam.option.{name}_{place}") for place in range(1, OPTIONS + 1))
    yield Question(topic, Sentence(f"exam.ask.{name}"), options, Sentence(f"exam.why.{name}"))


def _review(client: Client, random: Random) -> Iterator[Question]:
    """Who assesses, and what counts when two figures differ?"""
    basis = client.config.pay.sales_basis
    draws = plans(client)["sales_rate"].astype("Int64").fillna(0)
    if (draws > 0).any():
        yield from _worded("data_sources", f"sales_{basis}")
    for name in ("assessors", "computed_binds", "self_evidence"):
        yield from _worded("self_assessment", name)
    yield from _worded("calculation", "total")
    yield from _worded("process", "late_data")


def picked(pool: dict[str, list[Question]], topics: Sequence[str], count: int) -> list[Question]:
    """``count`` questions, a topic at a time in turn, as far as each has some."""
    order = [*topics, *sorted(set(pool) - set(topics))]
    left = {topic: list(pool.get(topic, ())) for topic in order}
    found: list[Question] = []
    while len(found) < count and any(left.values()):
        for topic in order:
            if left[topic] and len(found) < count:
                found.append(left[topic].pop(0))
    return sorted(found, key=lambda question: order.index(question.topic))
