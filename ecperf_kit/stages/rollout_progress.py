"""What is done of the plan and of each person's standards, and what is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, divide, ints, masked
from ecperf_kit.method.actuals import monthly_actuals
from ecperf_kit.method.calculate import Calculation
from ecperf_kit.period import Period
from ecperf_kit.rules.plan import plan_months
from ecperf_kit.stages.judged import records, sentences
from ecperf_kit.stages.result import Sentence


def progress(client: Client, period: Period) -> pd.DataFrame:
    """Done of the plan by channel and measure: in the period, and in the plan year.

    Actuals of the channel itself. What is planned for the period stays where a month of it has
    no actual: what is done is then missing. ``recorded`` is whether actuals of the channel and
    measure are on record at all; where they are, a missing one is a gap. The year is shown
    where every month since its beginning has an actual, else what is left would be
    overstated. A plan of 0 and less has no share to be done.
    """
    year = Period.parse(str(client.config.dates.plan_year))
    so_far = tuple(month for month in year.months if month <= period.last)
    spans = [(period, period.months, period.months)]
    if so_far and period.months != year.months:
        spans.append((year, year.months, so_far))
    parts = [_progress_of(client, str(span), planned, done) for span, planned, done in spans]
    parts[1:] = [part[part["actual"].notna()] for part in parts[1:]]
    table = pd.concat(parts, ignore_index=True)
    table = table.sort_values("actual", key=pd.isna, kind="stable", ignore_index=True)
    if table.empty:
        table = table.reindex(columns=_PROGRESS_COLUMNS)
    return table


_PROGRESS_COLUMNS = [
    "channel_id", "channel", "measure", "span", "plan", "actual", "share", "to_go", "said",
    "label", "level", "recorded",
]  # fmt: skip


def _progress_of(
    client: Client, span: str, planned: Sequence[str], done: Sequence[str]
) -> pd.DataFrame:
    key = ["channel", "measure"]
    plan = _planned(client, planned)
    actuals = _of_channels(monthly_actuals(client, done))
    actuals = actuals[actuals["actual"].notna()]
    recorded = pd.MultiIndex.from_frame(_of_channels(client.table("actuals"))[key])
    sums = actuals.groupby(key)["actual"].agg(["sum", "count"]).reset_index()
    table = plan[plan["plan"] > 0].merge(sums, on=key, how="left")
    table = table.assign(known=table["count"].fillna(0).astype("Int64"), months=len(done))
    open_ = (table["known"] < len(done)).to_numpy(dtype=bool)
    actual, amount = ints(table["sum"].astype("Int64").mask(open_)), ints(table["plan"])
    share = divide(actual, np.maximum(amount, 1))
    to_go = np.maximum(amount - actual, 0)
    judged = np.where(to_go == 0, "fine", "watch")
    table = table.assign(
        span=span,
        channel_id=table["channel"],
        actual=masked(actual, open_, table.index),
        share=masked(share, open_, table.index),
        to_go=masked(to_go, open_, table.index),
        recorded=pd.MultiIndex.from_frame(table[key]).isin(recorded),
        level=np.where(open_ | (span == str(planned[0])[:4]), "unknown", judged),
    )
    table["said"] = sentences(
        (_progress_said(row) for row in table.to_dict("records")), table.index
    )
    table["channel"] = sentences((_channel_said(name) for name in table["channel_id"]), table.index)
    table["label"] = sentences(
        (
            Sentence("rollout.measure_of", {"channel": _channel_said(c), "measure": m, "span": s})
            for c, m, s in zip(table["channel_id"], table["measure"], table["span"], strict=True)
        ),
        table.index,
    )
    return table[_PROGRESS_COLUMNS]


def _of_channels(actuals: pd.DataFrame) -> pd.DataFrame:
    """The actuals of channels and the company with ``channel`` and ``measure`` as plans name
    them."""
    own = actuals[actuals["subject_kind"].isin(["channel", "company"])]
    channel = own["subject_id"].where(own["subject_kind"] == "channel", "")
    return own.assign(channel=channel, measure=own["indicator"])


def _planned(client: Client, months: Sequence[str]) -> pd.DataFrame:
    """The plan of all these months together by channel and measure, as targets name them:
    what is given whole is not added to its categories, and a plan that lacks a month is not
    the plan of the span."""
    targets = client.table("targets")
    named = targets.assign(channel=targets["channel"].fillna(""))[["channel", "measure"]]
    parts = [
        plan_months(client, str(measure)).assign(measure=measure)
        for measure in sorted(targets["measure"].dropna().unique())
    ]
    columns = ["channel", "measure", "plan"]
    if not parts:
        return pd.DataFrame(columns=columns).astype({"plan": "Int64"})
    table = pd.concat(parts, ignore_index=True)
    table = table[table["month"].isin(list(months))]
    sums = table.groupby(["channel", "measure"], as_index=False).agg(
        plan=("amount", "sum"), months=("month", "nunique")
    )
    sums = sums[sums["months"] == len(set(months))]
    return sums.merge(named.drop_duplicates(), on=["channel", "measure"])[columns]


def _channel_said(channel: str) -> Sentence:
    if not channel:
        return Sentence("rollout.all_channels")
    return Sentence("rollout.channel", {"channel": channel})


def _progress_said(row: dict[Any, Any]) -> Sentence:
    if pd.isna(row["actual"]):
        lacking = int(row["months"]) - int(row["known"])
        return Sentence("rollout.progress.no_actual", {"plan": row["plan"], "lacking": lacking})
    share = int(str(row["share"]))
    values = {
        "share": share,
        "left": MILLION - share,
        "actual": row["actual"],
        "plan": row["plan"],
        "to_go": row["to_go"],
    }
    return Sentence(f"rollout.progress.{'reached' if share >= MILLION else 'short'}", values)


def progress_person(client: Client, calculation: Calculation) -> pd.DataFrame:
    """Each person's indicators with data in the last month: what is done, what is left."""
    rows = calculation.rows
    rows = rows[rows["has_data"] & (rows["month"] == rows["month"].max())].reset_index(drop=True)
    units = client.indicators["unit"]
    lower = rows["direction"] == "lower_is_better"
    gap = (rows["actual"] - rows["standard"]).where(lower, rows["standard"] - rows["actual"])
    shown = rows.assign(gap=gap, unit=rows["indicator"].map(units).astype("str"))
    said = [_person_said(row) for row in records(shown, _OF_A_PERSON)]
    return rows.assign(said=sentences(said, rows.index))


_OF_A_PERSON = ["gap", "unit", "actual", "standard", "direction", "attainment"]


def _person_said(row: Mapping[str, Any]) -> Sentence:
    if pd.isna(row["gap"]):
        return Sentence("rollout.person.unknown")
    unit = row["unit"]
    values = {
        "actual": (row["actual"], unit),
        "standard": (row["standard"], unit),
        "gap": (row["gap"], unit),
        "points": row["gap"],
    }
    if row["gap"] <= 0:
        return Sentence("rollout.person.reached", values)
    if row["direction"] == "lower_is_better":
        return Sentence(f"rollout.person.above{'_ratio' if unit == 'ratio' else ''}", values)
    if unit == "ratio" or pd.isna(row["attainment"]):
        return Sentence(f"rollout.person.short{'_ratio' if unit == 'ratio' else ''}", values)
    share = row["attainment"]
    return Sentence("rollout.person.share", {**values, "share": share, "left": MILLION - share})
