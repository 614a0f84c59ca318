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
    no actual: what is done is then missing. A target of which some months are not known stays
    too, without a plan and a share: ``planned`` says how many months are. ``recorded`` is
    whether actuals of the channel and measure are on record at all; where they are, a missing
    one is a gap. The year is shown where every month since its beginning has an actual, else
    what is left would be overstated. A plan of 0 and less has no share to be done; nothing
    planned and nothing on record is no row.
    """
    year = Period.parse(str(client.config.dates.plan_year))
    so_far = tuple(month for month in year.months if month <= period.last)
    parts = [_progress_of(client, str(period), period.months, period.months)]
    if so_far and period.months != year.months:
        of_year = _progress_of(client, str(year), year.months, so_far)
        of_year = of_year[of_year["actual"].notna()].assign(level="unknown")
        parts.append(of_year.assign(asked=False))
    table = pd.concat(parts, ignore_index=True)
    rank = table["actual"].isna() * 2 + table["share"].isna()
    table = table.iloc[rank.argsort(kind="stable")].reset_index(drop=True)
    if table.empty:
        table = table.reindex(columns=_PROGRESS_COLUMNS)
    return table


#: ``asked``: of the period itself, so that what is missing stays to be judged.
_PROGRESS_COLUMNS = [
    "channel_id", "channel", "measure", "span", "plan", "planned", "actual", "share", "to_go",
    "said", "label", "level", "recorded", "asked",
]  # fmt: skip


def _progress_of(
    client: Client, span: str, planned: Sequence[str], done: Sequence[str]
) -> pd.DataFrame:
    key = ["channel", "measure"]
    actuals = _of_channels(monthly_actuals(client, done))
    actuals = actuals[actuals["actual"].notna()]
    recorded = pd.MultiIndex.from_frame(_of_channels(client.table("actuals"))[key])
    sums = actuals.groupby(key)["actual"].agg(["sum", "count"]).reset_index()
    table = _planned(client, planned).merge(sums, on=key, how="left")
    table = table.assign(known=table["count"].fillna(0).astype("Int64"), months=len(done))
    something = ((table["plan"] != 0) | (table["known"] > 0)).fillna(True).to_numpy(dtype=bool)
    table = table[something].reset_index(drop=True)
    open_ = (table["known"] < len(done)).to_numpy(dtype=bool)
    part = table["plan"].isna().to_numpy(dtype=bool)
    actual, amount = ints(table["sum"].astype("Int64").mask(open_)), ints(table["plan"])
    share = divide(actual, np.maximum(amount, 1))
    to_go = np.maximum(amount - actual, 0)
    judged = np.where(to_go == 0, "fine", "watch")
    table = table.assign(
        span=span,
        channel_id=table["channel"],
        actual=masked(actual, open_, table.index),
        share=masked(share, open_ | part | (amount <= 0), table.index),
        to_go=masked(to_go, open_ | part, table.index),
        recorded=pd.MultiIndex.from_frame(table[key]).isin(recorded),
        level=np.where(open_ | part, "unknown", judged),
        asked=True,
        of=len(planned),
    )
    rows = table.to_dict("records")
    table["said"] = sentences((_progress_said(row) for row in rows), table.index)
    table["planned"] = sentences(
        (Sentence("rollout.planned", {"count": row["plan_months"], "of": row["of"]})
         for row in rows),
        table.index,
    )  # fmt: skip
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
    what is given whole is not added to its categories. ``plan_months`` of them are known,
    ``lacking`` are the others; the plan that lacks a month is missing."""
    targets = client.table("targets")
    named = targets.assign(channel=targets["channel"].fillna(""))[["channel", "measure", "month"]]
    named = named[named["measure"].notna()]
    parts = [
        plan_months(client, str(measure)).assign(measure=measure)
        for measure in sorted(targets["measure"].dropna().unique())
    ]
    columns = ["channel", "measure", "plan", "plan_months", "lacking"]
    if not parts:
        return pd.DataFrame(columns=columns).astype({"plan": "Int64"})
    wanted = list(dict.fromkeys(months))
    known = pd.concat(parts, ignore_index=True)
    # a target that cannot be read is one all the same
    asked = pd.concat([known, named])[["channel", "measure", "month"]]
    asked = asked.loc[asked["month"].isin(wanted), ["channel", "measure"]].drop_duplicates()
    asked = asked.merge(named[["channel", "measure"]].drop_duplicates())
    found = []
    for row in asked.sort_values(["channel", "measure"]).to_dict("records"):
        own = known[(known["channel"] == row["channel"]) & (known["measure"] == row["measure"])]
        of = dict(zip(own["month"], own["amount"], strict=True))
        lacking = tuple(month for month in wanted if month not in of)
        whole = None if lacking else sum(int(of[month]) for month in wanted)
        count = len(wanted) - len(lacking)
        found.append((row["channel"], row["measure"], whole, count, lacking))
    return pd.DataFrame(found, columns=columns).astype({"plan": "Int64"})


def _channel_said(channel: str) -> Sentence:
    if not channel:
        return Sentence("rollout.all_channels")
    return Sentence("rollout.channel", {"channel": channel})


def _progress_said(row: dict[Any, Any]) -> Sentence:
    values = {name: row[name] for name in ("plan", "actual", "to_go")}
    lacking = int(row["months"]) - int(row["known"])
    if pd.isna(row["plan"]):
        of = {"count": row["plan_months"], "of": row["of"], "without": row["lacking"]}
        if lacking:
            return Sentence("rollout.progress.part_no_actual", of | {"lacking": lacking})
        return Sentence("rollout.progress.part", of | {"actual": row["actual"]})
    if lacking:
        return Sentence("rollout.progress.no_actual", {"plan": row["plan"], "lacking": lacking})
    if pd.isna(row["share"]):
        state = "reached" if row["to_go"] == 0 else "short"
        return Sentence(f"rollout.progress.no_share_{state}", values)
    share = int(str(row["share"]))
    values |= {"share": share, "left": MILLION - share}
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
