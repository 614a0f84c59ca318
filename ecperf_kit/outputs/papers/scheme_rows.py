"""The rows of a scorecard in words: indicator, weight, standard, how it is scored, source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ecperf_kit.exact import MILLION
from ecperf_kit.library.bands import parse_bands
from ecperf_kit.outputs import formats
from ecperf_kit.outputs.papers.facts import Facts

Row = Mapping[Any, Any]


def rows_of_post(facts: Facts, post: str) -> pd.DataFrame:
    """The post's scorecard: one row per indicator, ``standards`` those of its holders.

    Where holders have own scorecards instead, those of the first of them.
    """
    rows = facts.rows[facts.rows["post"] == post]
    shared = rows[rows["card_kind"] == "post"]
    rows = shared if len(shared) else rows
    if rows.empty:
        return rows.assign(standards=pd.Series(dtype="object"))
    first = rows[rows["employee"] == rows["employee"].iloc[0]].drop_duplicates("indicator")
    known = rows[rows["standard"].notna()].groupby("indicator")["standard"].unique()
    return first.assign(standards=[tuple(known.get(name, ())) for name in first["indicator"]])


def rows_of_person(facts: Facts, employee: str) -> pd.DataFrame:
    """The person's scorecard rows, of every post held, with the own standard."""
    rows = facts.rows[facts.rows["employee"] == employee]
    own = [() if pd.isna(value) else (int(value),) for value in rows["standard"]]
    return rows.assign(standards=pd.Series(own, index=rows.index, dtype="object"))


def of_card(facts: Facts, row: Row, column: str) -> str:
    """What the client's scorecard says of a row beyond its scoring: ``duty``, ``data_source``."""
    kind = str(row["card_kind"])
    value = facts.card_cells.get((f"{kind}:{row[kind]}", str(row["indicator"])), {}).get(column)
    return "" if formats.missing(value) else str(value)


def unit_of(facts: Facts, indicator: Any) -> str:
    """The unit of an indicator, empty for one nobody knows."""
    return str(facts.client.indicators["unit"].get(indicator, ""))


def measured(facts: Facts, value: Any, indicator: Any) -> str:
    """A figure in the unit of its indicator; a ratio with as many decimals as it has."""
    unit = unit_of(facts, indicator)
    if unit == "ratio":
        return formats.plain(int(value) * 100) + "%"
    if unit == "CNY" and int(value) % MILLION == 0:  # whole yuan: a narrow column stays readable
        amount = formats.plain(int(value))
        return (
            f"CNY {amount}"
            if facts.language == "en"
            else f"{amount} {facts.words.text('unit.CNY')}"
        )
    return facts.words.measured(int(value), unit)


def standard_said(facts: Facts, row: Row, subject: str) -> str:
    """The standard; "by person" where holders differ; a blank where none was given."""
    values = row["standards"]
    if len(values) > 1:
        return facts.text("by_person")
    if not row["has_data"]:
        return formats.MISSING
    if not values:
        return facts.given("standard", None, subject)
    return measured(facts, values[0], row["indicator"])


def how_scored(facts: Facts, row: Row) -> str:
    """How the points of a row come about, with the row's own parameters."""
    if not row["has_data"]:
        return facts.text("how.rated")
    lower = row["direction"] == "lower_is_better"
    if row["method"] == "interval":
        return _bands_said(facts, row)
    if row["method"] == "step":
        if pd.isna(row["step_size"]) or pd.isna(row["step_deduct"]):
            return facts.blank
        size = measured(facts, row["step_size"], row["indicator"])
        if unit_of(facts, row["indicator"]) == "ratio":
            points = formats.plain(int(row["step_size"]) * 100)
            several = "percentage_point" if points == "1" else "percentage_points"
            size = facts.text(f"how.{several}", points=points)
        return facts.text("how.step", size=size, deduct=share_said(row["step_deduct"]))
    name = "how.percentage_lower" if lower else "how.percentage"
    said = facts.text(name, cap=share_said(row["cap"]))
    if pd.notna(row["zero_below"]) and int(row["zero_below"]) > 0:
        said += facts.text("how.zero", zero=share_said(row["zero_below"]))
    return said


def _bands_said(facts: Facts, row: Row) -> str:
    if not isinstance(row["bands"], str):
        return facts.blank
    bands = parse_bands(row["bands"])
    sign = "≤" if bands.direction == "at_most" else "≥"
    attained = row["bands_on"] == "attainment"
    said = []
    for limit, share in zip(bands.limits, bands.shares, strict=True):
        edge = formats.percent(limit, 0) if attained else measured(facts, limit, row["indicator"])
        said.append(facts.text("how.band", sign=sign, limit=edge, share=share_said(share)))
    said.append(facts.text("how.otherwise", share=share_said(bands.otherwise)))
    joined = facts.text("how.joined").join(said)
    return facts.text("how.attainment", bands=joined) if attained else joined


def share_said(stored: Any) -> str:
    """A share with as many decimals as it has: 100%, 12.5%; – where none was given."""
    return formats.MISSING if pd.isna(stored) else formats.plain(int(stored) * 100) + "%"


def source_said(facts: Facts, row: Row) -> str:
    """The data source of a row."""
    found = of_card(facts, row, "data_source")
    return facts.words.label(found) if found else formats.MISSING


def weight_said(row: Row) -> str:
    """The weight in points."""
    return formats.plain(int(row["weight"]))


def weight_total(rows: pd.DataFrame) -> str:
    """The sum of the weights in points."""
    return formats.plain(int(rows["weight"].sum()))
