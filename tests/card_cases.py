"""Drawn scorecards for the workbook's formulas, and the workbook as LibreOffice computes it."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from math import gcd
from pathlib import Path
from typing import Any

import pandas as pd
from python_calamine import CalamineWorkbook

from ecperf_kit.exact import MILLION, divide, exact
from ecperf_kit.library import load_library, parse_bands
from ecperf_kit.method.scoring import score
from ecperf_kit.outputs.cards.model import CardRow

WRONG = 987_654.0  # what is planted as the value of every formula before LibreOffice computes it
SOFFICE = shutil.which("soffice")
_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode"
 oor:op="fuse"><value>0</value></prop></item></oor:items>
"""
_BANDS = (
    "<=30:100%; <=45:80%; <=60:60%; <=90:30%; else:0%",
    ">=0.9:100%; >=0.8:80%; >=0.7:60%; else:0%",
    "<=0:100%; <=1:90%; <=2:60%; else:0%",
    ">=0.333333:100%; >=-0.000001:33.3333%; else:12.5%",
)
_WEIGHTS = ("5", "10", "12.5", "20", "30", "35", "33.333333", "7.000001", "100")


def recalculated(source: Path, folder: Path) -> Path:
    """The workbook with every formula computed anew by LibreOffice, whatever stood there."""
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_RECALCULATE, encoding="utf-8")
    out = folder / "computed"
    command = ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless"]
    command += ["--convert-to", "xlsx", "--outdir", str(out), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return out / source.name


class Sheets:
    """Cell values of a workbook; rows and columns from 0; an empty cell is an empty text."""

    def __init__(self, path: Path) -> None:
        self.book = CalamineWorkbook.from_path(path)
        self._read: dict[str, list[list[Any]]] = {}

    def __call__(self, sheet: str, row: int, column: int) -> Any:
        if sheet not in self._read:
            found = self.book.get_sheet_by_name(sheet)
            self._read[sheet] = found.to_python(skip_empty_area=False)
        rows = self._read[sheet]
        return rows[row][column] if row < len(rows) and column < len(rows[row]) else ""

    def stored(self, sheet: str, row: int, column: int) -> int | None:
        """A number as a stored integer, missing where the cell shows nothing."""
        value = self(sheet, row, column)
        return None if value == "" else round(float(value) * MILLION)


def _row(indicator: pd.Series, method: str, draw: random.Random) -> CardRow:
    unit, low = str(indicator["unit"]), int(indicator["plausible_min"])
    high = int(indicator["plausible_max"])
    top = min(high, draw.choice((10**6, 10**9, 10**13, 10**15)))
    decimals = 6 if top <= 10**13 else draw.choice((0, 2, 5))
    grain = 10 ** (6 - decimals)
    standard = max(grain, draw.randrange(1, max(2, top // 2 // grain)) * grain)
    cap = exact(draw.choice(("1", "1", "1.2", "1.05")))
    row = CardRow(
        indicator=str(indicator.name), name="n", definition="", role="core", unit=unit,
        weight=exact(draw.choice(_WEIGHTS)), method=method, direction=str(indicator["direction"]),
        cap=cap, zero_below=exact(draw.choice(("0.6", "0.6", "0", "0.85", "0.333333"))),
        step_size=max(grain, standard // draw.choice((3, 20, 100)) // grain * grain),
        step_deduct=exact(draw.choice(("0.1", "0.2", "0.333333", "0.05"))),
        bands=parse_bands(draw.choice(_BANDS)) if method == "interval" else None,
        bands_on=draw.choice(("actual", "attainment")), standard=standard, low=low, high=high,
        pair=str(indicator["aggregation"]) == "ratio",
    )  # fmt: skip
    if row.bands is not None and row.bands_on == "actual":
        row = replace(row, standard=None if draw.random() < 0.3 else standard)
    return row


def _actuals(row: CardRow, draw: random.Random) -> Iterator[int]:
    """Figures anywhere, and on each side of every edge the row has."""
    grain = MILLION // row.scale
    low, high = row.limits
    yield draw.randrange(low // grain, high // grain + 1) * grain
    yield low
    standard = row.standard or MILLION
    edges = [standard, (row.standard or 0) * 2]
    if row.method == "percentage" or row.bands_on == "attainment":
        shares = [row.zero_below, row.cap, draw.randrange(600_000, 1_000_000)]
        if row.bands is not None:
            shares = list(row.bands.limits)
        for share in shares:
            edge = standard * share // MILLION
            edges.append(2 * standard - edge if row.lower else edge)
    elif row.method == "step":
        count = draw.randrange(1, 12)
        edges += [standard + (count if row.lower else -count) * row.step_size]
    if row.bands is not None and row.bands_on == "actual":
        edges = list(row.bands.limits)
    for edge in edges:
        for beside in (-grain, 0, grain):
            value = edge // grain * grain + beside
            if low <= value <= high:
                yield value


def _ties(draw: random.Random) -> Iterator[CardRow]:
    """Scores exactly half a millionth between two: standard = 2 x weight x t, odd actuals."""
    for weight in (7_000_000, 12_500_000, 33_333_333, 40_000_000):
        for _ in range(6):
            t = draw.randrange(1, 10**14 // (4 * weight))
            odd = 2 * draw.randrange(weight * 6 // 10, weight) + 1
            for beside in (-1, 0, 1):
                actual = t * odd + beside
                for direction in ("higher_is_better", "lower_is_better"):
                    attained = actual if direction[0] == "h" else 2 * 2 * weight * t - actual
                    yield CardRow(
                        indicator="tie", name="n", definition="", role="core", unit="days",
                        weight=weight, method="percentage", direction=direction,
                        zero_below=600_000, standard=2 * weight * t, actual=attained, low=0,
                    )  # fmt: skip


def _hair(draw: random.Random) -> Iterator[CardRow]:
    """Quotients a hair (1 / twice the standard) beside a tie: no binary fraction tells them.

    actual x weight = (standard +- 1) / 2 modulo the standard; likewise for numerator x
    1,000,000 and the denominator.
    """
    made = 0
    while made < 80:
        weight = draw.choice((7_000_000, 12_500_000, 33_333_333, 40_000_000, 99_999_999))
        standard = draw.randrange(10**12, 5 * 10**13) | 1
        if gcd(weight, standard) > 1:
            continue
        half = (standard + draw.choice((-1, 1))) // 2
        actual = half * pow(weight, -1, standard) % standard
        if actual < standard * 6 // 10:
            continue
        made += 1
        lower = made % 2 == 0
        yield CardRow(
            indicator="hair", name="n", definition="", role="core", unit="days", weight=weight,
            method="percentage", direction="lower_is_better" if lower else "higher_is_better",
            zero_below=600_000, standard=standard, low=0,
            actual=2 * standard - actual if lower else actual,
        )  # fmt: skip
        bottom = draw.randrange(10**11, 10**14) | 1
        if gcd(bottom, MILLION) == 1:
            half = (bottom + draw.choice((-1, 1))) // 2
            top = half * pow(MILLION, -1, bottom) % bottom
            parts = {"numerator": top * 10, "denominator": bottom * 10}
            yield CardRow(
                indicator="pair", name="n", definition="", role="core", unit="ratio",
                weight=100 * MILLION, method="percentage", direction="higher_is_better",
                standard=MILLION, low=0, high=MILLION, pair=True,
                actual=int(divide(top, bottom)), **parts,
            )  # fmt: skip


def drawn_rows(seed: int = 20_261_122) -> list[CardRow]:
    """Every indicator of the library by every method, with all edges, and exact ties."""
    draw = random.Random(seed)
    found = [*_ties(draw), *_hair(draw)]
    for _, indicator in load_library().indicators.iterrows():
        for method in ("percentage", "step", "interval"):
            row = _row(indicator, method, draw)
            while row.too_large:  # refused with a message: tested elsewhere
                row = _row(indicator, method, draw)
            values = list(_actuals(row, draw))
            chosen = values if draw.random() < 0.2 else draw.sample(values, min(3, len(values)))
            for value in chosen:
                made = replace(row, actual=value)
                if row.pair and abs(value) < 10**9 and draw.random() < 0.6:
                    made = _with_parts(made, value, draw)
                found.append(made)
    return found


def _with_parts(row: CardRow, value: int, draw: random.Random) -> CardRow:
    """The row with numerator and denominator (two decimals) instead of their ratio."""
    bottom = draw.choice((20_000, draw.randrange(1, 10**7), draw.randrange(1, 10**11))) * 10_000
    top = value * (bottom // 10_000) // MILLION * 10_000 + draw.choice((0, 10_000))
    if abs(top) > 10**15 or bottom > 10**15:
        return row
    actual = int(divide(top, bottom))
    low, high = row.limits
    if not low <= actual <= high:
        return row
    return replace(row, numerator=top, denominator=bottom, actual=actual)


def scored(rows: list[CardRow]) -> list[CardRow]:
    """The rows with attainment and score as the method computes them."""

    def column(name: str) -> pd.Series:
        return pd.Series([getattr(r, name) for r in rows], dtype="Int64")

    words = {
        name: pd.Series([getattr(r, name) for r in rows], dtype="str")
        for name in ("method", "direction", "bands_on")
    }
    numbers = ("actual", "standard", "weight", "cap", "zero_below", "step_size", "step_deduct")
    frame = pd.DataFrame({
        **words, **{name: column(name) for name in numbers},
        "bands": pd.Series([str(r.bands) if r.bands else None for r in rows], dtype="str"),
        "has_data": [not r.judged for r in rows],
        "superior_score": column("rating"),
        "superior_date": pd.Timestamp("2026-07-08"),
        "override_reason": pd.Series(pd.NA, index=range(len(rows)), dtype="str"),
        "override_evidence": pd.Series(pd.NA, index=range(len(rows)), dtype="str"),
    })  # fmt: skip
    done = score(frame)
    return [
        replace(
            row,
            attainment=None if pd.isna(a) or row.judged else int(a),
            score=None if pd.isna(s) else int(s),
        )
        for row, a, s in zip(rows, done["attainment"], done["row_score"], strict=True)
    ]
