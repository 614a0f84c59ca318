"""Is the pilot taken seriously: how superiors and people score, against what the data say."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ecperf_kit.exact import MILLION
from ecperf_kit.finding import Finding
from ecperf_kit.method.keys import Groups
from ecperf_kit.method.once import once
from ecperf_kit.rules.few import fewest
from ecperf_kit.rules.in_force import number
from ecperf_kit.rules.pilot import Pilot, PilotRule


@once
def superior_subjects(pilot: Pilot) -> dict[str, str]:
    """Each superior as a subject for open papers: the post, with its channel if there is one."""
    held = pilot.client.table("assignments").sort_values("effective_from", kind="stable")
    latest = held.drop_duplicates("employee", keep="last").set_index("employee")
    found = {}
    for superior in pilot.calculation.totals["superior"].dropna().unique():
        if superior not in latest.index:
            found[superior] = f"employee:{superior}"
            continue
        post, channel = latest.loc[superior, "post"], latest.loc[superior, "channel"]
        named = isinstance(channel, str) and channel
        found[superior] = f"post_channel:{post}@{channel}" if named else f"post:{post}"
    return found


@once
def score_sheets(pilot: Pilot) -> pd.DataFrame:
    """One row per superior: how many sheets of how many people, and how the scores spread.

    Columns superior, subject, sheets, persons, computed_low, computed_high,
    given_low, given_high, spread, computed_spread, difference (largest between given and
    computed), far (sheets on which self and superior differ much). Lowest and highest are
    single people's scores: not for open papers, which tell how far they lie apart.
    """
    totals = pilot.calculation.totals
    sheets = totals[totals["superior"].notna() & totals["given_total"].notna()]
    apart = number(pilot.client, "score.self_superior_difference")
    sheets = sheets.assign(
        gap=(sheets["given_total"] - sheets["total"]).abs(),
        far=((sheets["given_total"] - sheets["self_total"]).abs() > apart).fillna(False),
    )
    table = sheets.groupby("superior", as_index=False).agg(
        sheets=("month", "size"),
        persons=("employee", "nunique"),
        months=("month", "nunique"),
        computed_low=("total", "min"),
        computed_high=("total", "max"),
        given_low=("given_total", "min"),
        given_high=("given_total", "max"),
        difference=("gap", "max"),
        far=("far", "sum"),
    )
    subject = table["superior"].map(superior_subjects(pilot)).astype("str")
    return table.assign(
        spread=table["given_high"] - table["given_low"],
        computed_spread=table["computed_high"] - table["computed_low"],
        subject=subject,
    )


def uniform(pilot: Pilot, table: pd.DataFrame) -> pd.Series:
    """Which superiors of ``score_sheets`` give scores in a band that the work does not explain.

    Enough sheets, and a narrow band given. A team whose computed scores lie as
    close together, each near the score given, has been assessed as it worked.
    """
    least = number(pilot.client, "formality.min_sheets") // MILLION
    narrow = number(pilot.client, "formality.range_max")
    tight = (table["sheets"] >= least) & (table["spread"] <= narrow)
    explained = (table["computed_spread"] <= narrow) & (table["difference"] <= narrow)
    return (tight & ~explained.fillna(False)).fillna(False).astype(bool)


def _about(pilot: Pilot, row: dict[str, Any]) -> str:
    """Scores of fewer than three people are theirs alone: such a finding is not for all."""
    if row["persons"] < fewest(pilot.client):
        return f"employee:{row['superior']}"
    return str(row["subject"])


def uniform_scores(pilot: Pilot) -> list[Finding]:
    """A superior who gives everybody (nearly) the same score has not assessed (4.4).

    The same score on every sheet is an error, a narrow band a warning, named
    leniency where the band lies high; none of them where the data say the same.
    """
    table = score_sheets(pilot)
    high = number(pilot.client, "score.high_uniform")
    found = []
    for row in _records(table[uniform(pilot, table)]):
        lenient = row["given_low"] >= high
        code = "P401" if row["spread"] == 0 else "P402" if lenient else "P403"
        names = ("sheets", "months", "difference", "spread", "computed_spread")
        scores = ("given_low", "given_high", "computed_low", "computed_high")
        about = {"superior": row["subject"], "people": int(row["persons"])}
        values = {**about, **{n: _plain(row[n]) for n in (*names, *scores)}}
        found.append(Finding(code, _about(pilot, row), values))
    return found


def rubber_stamps(pilot: Pilot) -> list[Finding]:
    """The superior's score equals the own one in every line for months on end (3.7)."""
    rows = pilot.calculation.rows[["superior", "month", "self_score", "superior_score"]]
    rows = rows[rows["superior"].notna()]
    same = (rows["self_score"] == rows["superior_score"]).fillna(False).to_numpy(dtype=bool)
    by_month = Groups(rows, ["superior", "month"])
    copied = rows[["superior", "month"]].take(by_month.first).reset_index(drop=True)
    copied = copied.assign(lines=by_month.sizes())[by_month.sum(~same) == 0]
    periods = number(pilot.client, "score.identical_periods") // MILLION
    subjects, totals = superior_subjects(pilot), pilot.calculation.totals
    found = []
    for superior, part in copied.groupby("superior", sort=True):
        if len(part) < periods:
            continue
        sheets = totals[(totals["superior"] == superior) & totals["month"].isin(part["month"])]
        subject = subjects[str(superior)]
        values = {
            "superior": subject,
            "months": len(part),
            "people": int(sheets["employee"].nunique()),
            "sheets": len(sheets),
            "lines": int(part["lines"].sum()),
        }
        found.append(Finding("P404", subject, values))
    return found


def far_from_own_score(pilot: Pilot) -> list[Finding]:
    """Self and superior differ by more than five points: one of them does not know the work."""
    table = score_sheets(pilot)
    apart = number(pilot.client, "score.self_superior_difference")
    return [
        Finding(
            "P405",
            _about(pilot, row),
            {
                "superior": row["subject"],
                "far": int(row["far"]),
                "sheets": int(row["sheets"]),
                "limit": apart,
            },
        )
        for row in _records(table[table["far"] > 0])
    ]


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items()} for row in table.to_dict("records")]


def _plain(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


SCORE_RULES: tuple[PilotRule, ...] = (uniform_scores, rubber_stamps, far_from_own_score)
