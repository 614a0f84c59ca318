"""The tables of the review: interview sheets, next standards, weights, what was reached."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, divide, ints, masked, multiply_divide
from ecperf_kit.method.in_force import month_start
from ecperf_kit.method.standards import jumps, proposed_standards, swapped_weights
from ecperf_kit.period import month_of, shift
from ecperf_kit.rules.few import fewest
from ecperf_kit.rules.in_force import number
from ecperf_kit.rules.rollout import talks as talks_on_record
from ecperf_kit.stages.calendar import working_day
from ecperf_kit.stages.judged import records, sentences
from ecperf_kit.stages.result import Sentence

Row = dict[str, Any]
KEY = ["employee", "month"]
_SHOWN = 3  # rows an interview sheet dwells on; the others stand in the table of rows
_LEVELS = {
    "plan": "fine",
    "raised": "fine",
    "raised_far": "watch",
    "stepwise": "change",
    "kept": "watch",
    "at_limit": "fine",
    "step_missing": "watch",
}


def with_results(rows: pd.DataFrame) -> pd.DataFrame:
    """Scored rows with ``reached`` (NA without actual or standard) and ``lost`` points."""
    lower = (rows["direction"] == "lower_is_better").fillna(False).astype(bool)
    better = rows["actual"] >= rows["standard"]
    reached = (rows["actual"] <= rows["standard"]).where(lower, better).astype("boolean")
    full = (rows["row_score"] >= rows["weight"]).astype("boolean")
    lost = (rows["weight"] - rows["row_score"]).clip(lower=0)
    return rows.assign(reached=reached.fillna(full), lost=lost)


# -- talks ---------------------------------------------------------------------
def talks(client: Client, totals: pd.DataFrame) -> pd.DataFrame:
    """Who is talked with and when: open talks first, lowest scores first.

    The lowest scores (``talk.lowest_count`` of a month, and all below ``score.low``)
    are due before the others.
    """
    table = totals.merge(talks_on_record(client), on=KEY, how="left")
    place = table.groupby("month")["total"].rank(method="min")
    lowest = (place <= number(client, "talk.lowest_count") / MILLION) | (
        table["total"] < number(client, "score.low")
    )
    table["lowest"] = lowest.fillna(False).astype(bool)
    due = {
        (month, first): _due(client, month, "lowest_talks" if first else "other_talks")
        for month in table["month"].unique()
        for first in (True, False)
    }
    at = zip(table["month"], table["lowest"], strict=True)
    table["due"] = pd.Series([due[key] for key in at], table.index, dtype="datetime64[s]")
    table["state"] = table["held_on"].notna().map({True: "done", False: "open"}).astype("str")
    order = table.assign(held=table["held_on"].notna())
    return order.sort_values(["held", "total", "employee"], ignore_index=True)


def _due(client: Client, month: str, name: str) -> pd.Timestamp:
    day = number(client, f"deadline.{name}") // MILLION
    first = month_start(shift(month, 1))
    return pd.Timestamp(working_day((first + pd.Timedelta(days=day - 1)).date()))


# -- next standards and weights ---------------------------------------------------
def next_standards(client: Client, scored: pd.DataFrame) -> pd.DataFrame:
    """Each person's next standards with the reason; a proposal until approved and published."""
    table = proposed_standards(client, scored)
    units = client.indicators["unit"]
    ratio = table["indicator"].map(units).eq("ratio").fillna(False)
    limits = [number(client, f"standard.jump_{name}") for name in ("points", "relative")]
    far = jumps(table["proposed"], table["standard"], limits[0], limits[1], ratio)
    table["basis"] = table["basis"].mask((table["basis"] == "raised") & far, "raised_far")
    table["level"] = table["basis"].map(_LEVELS).astype("str")
    known = {name: str(unit) for name, unit in units.items()}
    table["reason"] = sentences(
        (_reason(row, known.get(row["indicator"], "")) for row in records(table, _PROPOSAL)),
        table.index,
    )
    return table


_PROPOSAL = ["indicator", "standard", "actual", "proposed", "basis"]


def _reason(row: Row, unit: str) -> Sentence:
    values = {name: (row[name], unit) for name in ("standard", "actual", "proposed")}
    return Sentence(f"review.basis.{row['basis']}", values | {"indicator": row["indicator"]})


def weights(client: Client, rows: pd.DataFrame) -> pd.DataFrame:
    """Core weights to be exchanged: the heavier indicator is reached, a lighter one lags.

    Reached: by everybody with that scorecard in the last month. Lagging: by nobody in
    each of the last ``weights.swap_min_misses`` months (assessment method 3.4).
    """
    core = rows[(rows["role"] == "core") & rows["main"]]
    own = core["card_kind"] == "employee"
    core = core.assign(
        subject=("employee:" + core["employee"]).where(own, "post:" + core["post"]),
        met=core["reached"].fillna(False).astype(bool),
    )
    cards: dict[str, list[Row]] = {}
    lines = core[core["subject"].notna()]
    for row in records(lines, ["subject", "month", "indicator", "weight", "met"]):
        cards.setdefault(row["subject"], []).append(row)
    misses = number(client, "weights.swap_min_misses") // MILLION
    found = [line for subject in sorted(cards) for line in _swap(subject, cards[subject], misses)]
    columns = ["subject", "indicator", "now", "proposed", "reason"]
    table = pd.DataFrame(found, columns=columns)
    return table.astype({"now": "Int64", "proposed": "Int64"})


def _swap(subject: str, rows: Sequence[Row], misses: int) -> list[tuple[Any, ...]]:
    """The exchange within one scorecard, from its core rows of all months and people."""
    months = sorted({row["month"] for row in rows})
    if len(months) < misses:
        return []
    weight: dict[str, int] = {}
    reached: dict[str, bool] = {}
    lagging: dict[str, bool] = {}
    recent = set(months[-misses:])
    for row in rows:
        name = row["indicator"]
        # a weight that cannot be read is exchanged for none
        if row["month"] == months[-1] and pd.notna(row["weight"]):
            weight.setdefault(name, row["weight"])
            reached[name] = reached.get(name, True) and row["met"]
        if row["month"] in recent:
            lagging[name] = lagging.get(name, True) and not row["met"]
    sure = [name for name in weight if reached[name] or lagging.get(name, False)]
    now = pd.Series([weight[name] for name in sure], pd.Index(sure, dtype="str"), dtype="Int64")
    proposed = swapped_weights(now, pd.Series([reached[name] for name in sure], now.index))
    changed = [name for name in sure if proposed[name] != now[name]]
    if len(changed) < 2:
        return []
    up = max(changed, key=lambda name: int(proposed[name] - now[name]))
    down = min(changed, key=lambda name: int(proposed[name] - now[name]))
    values = {
        "reached": down, "lagging": up, "months": misses,
        "heavy": int(now[down]), "light": int(now[up]),
    }  # fmt: skip
    reason = Sentence("review.swap", values)
    return [(subject, name, int(now[name]), int(proposed[name]), reason) for name in changed]


# -- interview sheets -------------------------------------------------------------
def interview_sheets(
    client: Client, held: pd.DataFrame, rows: pd.DataFrame, standards: pd.DataFrame
) -> pd.DataFrame:
    """One sheet per person and month in the order of ``held``, in five parts.

    What was reached, what lost most points, what to ask about it, what was agreed last
    time and said since, and the next targets (assessment method 4.6).
    """
    units = client.indicators["unit"].to_dict()
    by_person: dict[tuple[str, str], list[Row]] = {}
    for row in records(rows, [*KEY, *_OF_A_SHEET]):
        by_person.setdefault((row["employee"], row["month"]), []).append(row)
    targets: dict[str, dict[str, Row]] = {}
    for row in records(standards, ["employee", "indicator", "reason"]):
        targets.setdefault(row["employee"], {})[row["indicator"]] = row
    before = _by_employee(client.table("interviews").sort_values("period", kind="stable"))
    notes = _by_employee(client.table("feedback").sort_values("given_on"))
    sheets = [
        _sheet(
            by_person.get((employee, month), []),
            targets.get(employee, {}),
            before.get(employee, []),
            notes.get(employee, []),
            month,
            units,
        )
        for employee, month in zip(held["employee"], held["month"], strict=True)
    ]
    parts = ("achievements", "problems", "causes", "solutions", "next_targets", "recorded")
    return held.assign(**{name: sentences((s[name] for s in sheets), held.index) for name in parts})


_OF_A_SHEET = ("indicator", "lost", "reached", "weight", "actual", "standard", "row_score")


def _by_employee(table: pd.DataFrame) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in records(table):
        found.setdefault(row["employee"], []).append(row)
    return found


def _sheet(
    rows: list[Row],
    targets: dict[str, Row],
    before: list[Row],
    notes: list[Row],
    month: str,
    units: dict[Any, Any],
) -> dict[str, Sentence | None]:
    # thousands of sheets of a few rows each: pd.isna would take most of the time
    known = [row for row in rows if row["lost"] is not pd.NA]
    good = [r for r in known if r["reached"] is True or not r["lost"]]
    good = sorted(good, key=lambda r: -r["weight"])[:_SHOWN]
    bad = sorted((r for r in known if r["lost"]), key=lambda r: -r["lost"])[:_SHOWN]
    lacking = [row for row in rows if row["lost"] is pd.NA]
    earlier = [row for row in before if row["period"] < month][-1:]
    here = [row for row in before if row["period"] == month][-1:]
    recent = [row for row in notes if month_of(row["given_on"]) >= month][-_SHOWN:]
    problems = [Sentence("review.row", _row_values(row, units)) for row in bad]
    problems += [Sentence("review.row_missing", {"indicator": r["indicator"]}) for r in lacking]
    solutions = [Sentence("review.agreed", {"month": r["period"], "text": r["solutions"]})
                 for r in earlier if pd.notna(r["solutions"])]  # fmt: skip
    solutions += [Sentence("review.note", {"date": r["given_on"], "text": r["text"]})
                  for r in recent]  # fmt: skip
    aims = [targets[r["indicator"]]["reason"] for r in bad if r["indicator"] in targets]
    return {
        "achievements": _joined(
            (Sentence("review.row", _row_values(row, units)) for row in good), "no_achievement"
        ),
        "problems": _joined(problems, "no_problem"),
        "causes": _asked(bad),
        "solutions": _joined(solutions, "nothing_before"),
        "next_targets": _joined(aims, "keep_targets"),
        "recorded": Sentence("review.recorded", _record_values(here[0])) if here else None,
    }


def _joined(parts: Iterable[Sentence], otherwise: str) -> Sentence:
    said: Sentence | None = None
    for part in parts:
        said = part if said is None else Sentence("review.then", {"first": said, "next": part})
    return Sentence(f"review.{otherwise}") if said is None else said


def _asked(bad: list[Row]) -> Sentence:
    if not bad:
        return Sentence("review.no_question")
    return Sentence("review.ask", {"indicators": tuple(row["indicator"] for row in bad)})


def _row_values(row: Row, units: dict[Any, Any]) -> dict[str, Any]:
    unit = units.get(row["indicator"], "")
    return {
        "indicator": row["indicator"],
        "actual": (row["actual"], unit),
        "standard": (row["standard"], unit),
        "score": row["row_score"],
        "weight": row["weight"],
    }


def _record_values(row: Row) -> dict[str, Any]:
    names = ("problems", "causes", "solutions", "next_targets")
    return {"date": row["held_on"], **{name: row[name] for name in names}}


# -- what was reached, without names -------------------------------------------------
def reached_by(client: Client, rows: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """People, share that reached the standard and points lost each, by the given columns.

    Only groups of at least ``group.min_people`` persons; most points lost first.
    """
    known = rows[rows["row_score"].notna() & rows["assessed"]]
    known = known.assign(hit=known["reached"].fillna(False).astype("int64"))
    table = known.groupby(list(by), sort=True).agg(
        persons=("employee", "nunique"),
        rows=("employee", "size"),
        hit=("hit", "sum"),
        sum=("lost", "sum"),
        weights=("weight", "sum"),
        least=("weight", "min"),
        most=("weight", "max"),
    ).reset_index()  # fmt: skip
    least = fewest(client)
    table = table[table["persons"] >= least].reset_index(drop=True)
    count = np.maximum(table["rows"].to_numpy(dtype=np.int64), 1)
    total, whole = (ints(table[name].astype("Int64")) for name in ("sum", "weights"))
    hit = divide(table["hit"].to_numpy(dtype=np.int64), count)
    shares = {
        "reached": hit,
        "missed": MILLION - hit,
        "lost": multiply_divide(total, 1, count),
        "share": divide(total, np.maximum(whole, 1)),
    }
    columns = {name: masked(values, False, table.index) for name, values in shares.items()}
    one_weight = table["least"] == table["most"]
    table = table.assign(weight=table["least"].astype("Int64").where(one_weight), **columns)
    return table.sort_values("lost", ascending=False, kind="stable", ignore_index=True)


def beside_the_whole(
    client: Client, rows: pd.DataFrame, table: pd.DataFrame, by: str
) -> pd.DataFrame:
    """``table`` (``reached_by`` an indicator and ``by``) as it may stand beside each indicator's
    whole: where what is left out would be fewer than ``group.min_people`` people's, the
    smallest others of the indicator are left out with it."""
    known = rows[rows["row_score"].notna() & rows["assessed"]]
    of: dict[tuple[str, str], set[str]] = {}
    for name, part, employee in zip(known["indicator"], known[by], known["employee"], strict=True):
        of.setdefault((name, part), set()).add(employee)
    least = fewest(client)
    told = set(zip(table["indicator"], table[by], strict=True))
    dropped: set[tuple[str, str]] = set()
    for indicator in dict.fromkeys(known["indicator"]):
        groups = sorted((key for key in of if key[0] == indicator), key=lambda key: len(of[key]))
        hidden = [key for key in groups if key not in told]
        for key in [key for key in groups if key in told]:
            if not hidden or len(set().union(*(of[k] for k in hidden))) >= least:
                break
            hidden.append(key)
            dropped.add(key)
    keys = zip(table["indicator"], table[by], strict=True)
    kept = np.array([key not in dropped for key in keys], dtype=bool)
    return table[kept].reset_index(drop=True)
