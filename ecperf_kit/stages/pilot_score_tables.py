"""Scores in a pilot: what superiors give, what the data give, by post and by person."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ecperf_kit.exact import FEN, round_half_up
from ecperf_kit.rules.few import alike, fewest
from ecperf_kit.rules.pilot import Pilot, mean
from ecperf_kit.rules.pilot_scores import rubber_stamps, score_sheets, uniform
from ecperf_kit.stages.groups import may_show, named, shown_groups
from ecperf_kit.stages.judged import sentences
from ecperf_kit.stages.result import Sentence


def stored_frame(rows: list[dict[str, Any]], numbers: str) -> pd.DataFrame:
    """Rows as a frame that has its columns also when empty; ``numbers`` are stored integers."""
    table = pd.DataFrame(rows)
    for name in numbers.split():
        values = table[name] if name in table else pd.Series(dtype="object")
        table[name] = pd.array([None if pd.isna(v) else int(v) for v in values], dtype="Int64")
    return table


def mean_of_different(pilot: Pilot, values: pd.Series) -> int | None:
    """The mean of single people's figures; None where all are the same and so withheld."""
    return None if alike(pilot.client, values) else mean(values)


def mean_coefficient(pilot: Pilot, part: pd.DataFrame) -> int | None:
    """The mean coefficient to two decimals, as it is shown; None without any or where all have
    the same."""
    if part["coefficient"].isna().all() or alike(pilot.client, part["coefficient"]):
        return None
    return int(round_half_up(mean(part["coefficient"]), FEN))


def superiors(pilot: Pilot) -> pd.DataFrame:
    """Each superior: sheets, people, and how far given and computed scores lie apart (points)."""
    table = score_sheets(pilot)
    copied = {f.values["superior"]: f.values["months"] for f in rubber_stamps(pilot)}
    few = table["persons"] < fewest(pilot.client)
    months = table["subject"].map(copied).astype("Int64").fillna(0)
    level = pd.Series("fine", index=table.index, dtype="str")
    tight = uniform(pilot, table)
    level = level.mask(tight | (months > 0), "watch")
    level = level.mask((tight & (table["spread"] == 0)).astype(bool), "change").mask(few, "unknown")
    for name in ("spread", "computed_spread", "difference"):
        table[name] = table[name].astype("Int64").mask(few)
    said = [Sentence("pilot.superior", {"superior": s}) for s in table["subject"]]
    return table.assign(
        superior=sentences(said, table.index), copied=months, level=level
    ).sort_values("sheets", ascending=False, kind="stable")


def score_strips(pilot: Pilot) -> pd.DataFrame:
    """Every sheet under a superior of enough people, computed and given; restricted."""
    totals = pilot.calculation.totals
    sheets = score_sheets(pilot)
    sheets = sheets[sheets["persons"] >= fewest(pilot.client)]
    named_as = {
        superior: Sentence("pilot.superior", {"superior": subject})
        for superior, subject in zip(sheets["superior"], sheets["subject"], strict=True)
    }
    both = totals[totals["superior"].isin(list(named_as)) & totals["given_total"].notna()]
    found = []
    for series, column in (("computed_scores", "total"), ("given_scores", "given_total")):
        part = both[both[column].notna()]
        said = [named_as[s] for s in part["superior"]]
        found.append(pd.DataFrame({
            "group": sentences(said, part.index), "series": series, "score": part[column],
            "superior": part["superior"],
        }))  # fmt: skip
    # every sheet is one person's score: beside the means of posts one could tell whose
    return pd.concat(found).sort_values(["superior", "series", "score"], kind="stable")


def scores_by_post(pilot: Pilot) -> pd.DataFrame:
    """Mean score and coefficient of the posts, small ones together; neither lowest nor highest,
    which are one person's, nor a mean of people who all have the same."""
    table = pilot.calculation.totals
    table = table[table["total"].notna()]
    group = shown_groups(pilot.client, table)
    rows = []
    for name, part in table.groupby(group, sort=False):
        shown = may_show(str(name))
        figures = {
            "average": mean_of_different(pilot, part["total"]),
            "coefficient": mean_coefficient(pilot, part),
        }
        rows.append({
            "label": named(str(name), every=group.nunique() == 1),
            "persons": part["employee"].nunique(),
            "sheets": len(part),
            **{k: v if shown else None for k, v in figures.items()},
        })  # fmt: skip
    columns = ["label", "persons", "sheets", "average", "coefficient"]
    table = stored_frame(rows, "persons sheets average coefficient").reindex(columns=columns)
    return table.sort_values("average", kind="stable")


def scores(pilot: Pilot) -> pd.DataFrame:
    """Computed, given and own score of each person and month; restricted."""
    table = pilot.calculation.totals
    return table.assign(difference=table["given_total"] - table["total"])
