"""What was reached in the months on record, put on the basis of whole months."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, divide, ints
from ecperf_kit.method.actuals import monthly_actuals
from ecperf_kit.method.days import parts
from ecperf_kit.method.once import once
from ecperf_kit.rules.in_force import held_posts, mapped

_KEY = ["subject_kind", "subject_id", "indicator", "period"]
_FIGURES = ["actual", "numerator", "denominator"]


@once
def past_actuals(client: Client) -> pd.DataFrame:
    """Actuals by subject, indicator, period (month); people's also as their post's.

    Columns ``actual`` (NA where nothing of the month can be compared) and ``persons``, of
    whose own figures a post's is made. A ratio of which everybody has numerator and
    denominator is the ratio of the sums, anything else the mean over the people (a standard
    for a post is a standard for each of them). What adds up over days (sales, pieces) counts
    as that of a whole month in the post: joiners', leavers' and part posts' by their days, as
    standards are in scoring; with too few days for a score it does not count.
    """
    months = sorted(client.table("actuals")["period"].dropna().unique())
    rows = monthly_actuals(client, months).rename(columns={"month": "period"})
    half = rows["numerator"].isna() | rows["denominator"].isna()
    halves = {name: rows[name].mask(half) for name in ("numerator", "denominator")}
    rows = rows.assign(**halves, person=pd.Series(pd.NA, index=rows.index, dtype="str"))
    rows = rows[[*_KEY, *_FIGURES, "person"]]
    of_people = rows[rows["subject_kind"] == "employee"]
    team = held_posts(client)[["employee", "post", "channel"]]
    held = of_people.merge(team, left_on="subject_id", right_on="employee")
    held["person"] = held["employee"]
    adds_up = mapped(rows["indicator"], client.indicators["aggregation"]) == "sum"
    summed = set(rows.loc[adds_up.fillna(False).astype(bool), "indicator"])
    rows["actual"] = _whole_month(client, rows, summed, months)
    held["actual"] = _whole_month(client, held, summed, months)
    as_post = held.assign(subject_kind="post", subject_id=held["post"])
    here = held[held["channel"].notna() & (held["channel"] != "")]
    as_channel = here.assign(
        subject_kind="post_channel", subject_id=here["post"] + "@" + here["channel"]
    )
    every = [frame[[*_KEY, *_FIGURES, "person"]] for frame in (rows, as_post, as_channel)]
    return _together(pd.concat(every, ignore_index=True))


def _whole_month(
    client: Client, rows: pd.DataFrame, summed: set[str], months: list[str]
) -> pd.Series:
    """The figures of ``rows`` as those of a whole month; ``rows`` with ``post`` in that post.

    Where nobody says where somebody was in a month, it is taken to be a whole one.
    """
    chosen = (rows["subject_kind"] == "employee") & rows["indicator"].isin(summed)
    if not chosen.any():
        return rows["actual"]
    spent = parts(client, months, "scorecards")
    there = spent.groupby(["employee", "month"])["assessed"].first()
    by = ["employee", "month", *(["post"] if "post" in rows.columns else [])]
    shares = spent.groupby(by)["days_share"].sum()
    columns = ["subject_id", "period", *by[2:]]
    found = pd.MultiIndex.from_frame(rows[columns])
    person = pd.MultiIndex.from_frame(rows[["subject_id", "period"]])
    known = person.isin(there.index)
    share = ints(pd.Series(shares.reindex(found).to_numpy(), dtype="Int64"))
    enough = there.reindex(person).fillna(False).to_numpy(dtype=bool)
    share = np.where(known, np.where(enough, share, 0), MILLION)
    actual = rows["actual"].mask(chosen & (share == 0))
    whole = pd.Series(divide(ints(actual), np.maximum(share, 1)), rows.index, dtype="Int64")
    return actual.mask(chosen & (share > 0) & actual.notna(), whole)


def _together(rows: pd.DataFrame) -> pd.DataFrame:
    none = rows["actual"].isna()
    # whose figure does not count is not one of the people it is made of
    rows = rows.assign(paired=rows["numerator"].notna() | none, person=rows["person"].mask(none))
    table = rows.groupby(_KEY).agg(
        mean=("actual", "mean"),
        top=("numerator", "sum"),
        bottom=("denominator", "sum"),
        paired=("paired", "all"),
        counted=("actual", "count"),
        persons=("person", "nunique"),
    )
    table["actual"] = table["mean"].round().astype("Int64")
    ratio = table["paired"] & (table["counted"] > 0) & (table["bottom"].fillna(0) > 0)
    if ratio.any():
        top, bottom = (table.loc[ratio, name].astype("int64") for name in ("top", "bottom"))
        table.loc[ratio, "actual"] = divide(top, bottom)
    table["persons"] = table["persons"].astype("Int64")
    return table.reset_index()[[*_KEY, "actual", "persons"]]
