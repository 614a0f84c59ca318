"""What does not fit together about figures: scorecards, standards, actuals, coefficient tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ecperf_kit.exact import MILLION, decimal, divide
from ecperf_kit.finding import Finding
from ecperf_kit.intake.cross_data import Data, day, found_in, rows_of, shown
from ecperf_kit.library.bands import BandsError, parse_bands

_HUNDRED = 100


def before_first_table(data: Data) -> list[Finding]:
    """No plan and no assessment lies before the first coefficient table in force."""
    versions = data.tables["coefficient_tables"]
    if versions.empty:
        return []
    found = []
    versioned = ("coefficient_tables",)
    first = versions.groupby("coefficient_table")["effective_from"].min().rename("first")
    plans = data.tables["pay_plans"].merge(first, left_on="coefficient_table", right_index=True)
    for row in rows_of(plans[plans["effective_from"] < plans["first"]]):
        told = {
            "found": day(row["effective_from"]),
            "first": day(row["first"]),
            "coefficient_table": row["coefficient_table"],
        }
        found.append(found_in("D312", "pay_plans", row, "effective_from", beside=versioned, **told))
    earliest = versions["effective_from"].min()
    assessed = data.tables["assessments"]
    early = assessed["period"] < f"{earliest:%Y-%m}"
    for row in rows_of(assessed[early].drop_duplicates("period")):
        told = {"found": row["period"], "first": day(earliest), "coefficient_table": "–"}
        found.append(found_in("D312", "assessments", row, "period", beside=versioned, **told))
    return found


def measured(data: Data) -> list[Finding]:
    """Every actual has a value or a numerator and a denominator, never both, never half."""
    actuals = data.tables["actuals"]
    value, top, bottom = (actuals[c].notna() for c in ("value", "numerator", "denominator"))
    found = []
    for code, lost, column in (
        ("D315", value & (top | bottom), "value"),
        ("D316", actuals["denominator"].fillna(MILLION) == 0, "denominator"),
        ("D317", ~value & ~(top & bottom), "value"),
    ):
        for row in rows_of(actuals[lost.to_numpy(dtype=bool)]):
            if (row["_file"], row["_sheet"], row["_row"]) in data.faulty:
                continue  # something was typed: what is wrong with it is said already
            told = {
                "indicator": row["indicator"],
                "subject": row["subject_id"],
                "period": row["period"],
            }
            found.append(found_in(code, "actuals", row, column, **told))
    return found


def plausible_rows(data: Data, table: str, column: str) -> pd.DataFrame:
    """The rows of ``table`` outside the plausible range of their indicator.

    Adds ``_value``, ``plausible_min``, ``plausible_max`` and ``_percent``: whether
    the hundredth of a ratio would be plausible, so that percent was meant.
    """
    frame = data.tables[table]
    ranges = data.indicators[["unit", "plausible_min", "plausible_max"]]
    rows = frame.merge(ranges, left_on="indicator", right_index=True, how="inner")
    rows["_value"] = _values(rows, column)
    rows = rows[rows["_value"].notna()]
    low = rows["plausible_min"].fillna(rows["_value"])
    high = rows["plausible_max"].fillna(rows["_value"])
    rows = rows[((rows["_value"] < low) | (rows["_value"] > high)).to_numpy(dtype=bool)].copy()
    hundredth = rows["_value"] // _HUNDRED
    high = rows["plausible_max"].fillna(MILLION)
    low = rows["plausible_min"].fillna(0)
    percent = (rows["unit"] == "ratio") & (rows["_value"] > high)
    percent &= ((hundredth <= high) & (hundredth >= low)).to_numpy(dtype=bool)
    rows["_percent"] = percent.to_numpy(dtype=bool)
    return rows


def _values(rows: pd.DataFrame, column: str) -> pd.Series:
    """What a row says was reached: its value, or numerator by denominator."""
    given = rows[column].copy()
    if column != "value" or rows.empty:
        return given
    parts = given.isna() & rows["numerator"].notna() & (rows["denominator"].fillna(0) != 0)
    if parts.any():
        given[parts] = divide(
            rows.loc[parts, "numerator"].to_numpy(dtype=np.int64),
            rows.loc[parts, "denominator"].to_numpy(dtype=np.int64),
        )
    return given


def plausible(data: Data) -> list[Finding]:
    """What was reached or is asked lies in the indicator's plausible range."""
    found = []
    for table, column in (("actuals", "value"), ("standards", "standard")):
        for row in rows_of(plausible_rows(data, table, column)):
            low, high = row["plausible_min"], row["plausible_max"]
            told = {
                "found": shown(row["_value"]),
                "least": "–" if pd.isna(low) else shown(low),
                "most": "–" if pd.isna(high) else shown(high),
                "indicator": row["indicator"],
                "subject": row["subject_id"],
                "hundredth": f"{(decimal(row['_value']) / _HUNDRED).normalize():f}",
            }
            code = "D314" if row["_percent"] else "D313"
            found.append(found_in(code, table, row, column, beside=("indicators",), **told))
    return found


def weighted(data: Data) -> list[Finding]:
    """Every scorecard row has a weight above 0."""
    cards = data.tables["scorecards"]
    return [
        found_in(
            "D320",
            "scorecards",
            row,
            "weight",
            found=shown(row["weight"]),
            indicator=row["indicator"],
        )
        for row in rows_of(cards[cards["weight"] <= 0])
    ]


def banded(data: Data) -> list[Finding]:
    """Every interval of a scorecard can be read."""
    cards = data.tables["scorecards"]
    found = []
    readable: dict[str, bool] = {}
    for row in rows_of(cards[cards["bands"].notna()]):
        text = str(row["bands"])
        if text not in readable:
            try:
                parse_bands(text)
            except BandsError:
                readable[text] = False
            else:
                readable[text] = True
        if not readable[text]:
            told = {"found": text, "indicator": row["indicator"]}
            found.append(found_in("D321", "scorecards", row, "bands", **told))
    return found


def own_indicators(data: Data) -> list[Finding]:
    """No indicator of the client takes the id of one of the library."""
    own = data.tables["indicators"]
    taken = own[own["indicator"].isin(data.library.indicators.index)]
    return [
        found_in("D322", "indicators", row, "indicator", found=row["indicator"])
        for row in rows_of(taken)
    ]
