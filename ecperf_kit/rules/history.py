"""What the client's own months say about the scheme: dead rows, missing data, the mean coefficient.

These rules score the months of actuals once, by the method that pays; without actuals
they are silent.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, divide, ints, multiply_divide
from ecperf_kit.finding import Finding
from ecperf_kit.method.calculate import scored_rows, scored_totals
from ecperf_kit.method.keys import Groups
from ecperf_kit.method.once import once
from ecperf_kit.method.scoring import MISSING_STATES, lacks_standard
from ecperf_kit.rules.few import fewest
from ecperf_kit.rules.in_force import cards, findings, number


@once
def scored_history(client: Client) -> pd.DataFrame:
    """The rows of all months with actuals, scored, under the scorecard they belong to.

    Of the period where the client was opened with one; with ``subject``.
    """
    rows = scored_rows(client, _months(client))
    of_person = "employee:" + rows["employee"]
    return rows.assign(
        subject=("post:" + rows["post"]).where(rows["card_kind"] == "post", of_person)
    )


def totals_of_history(client: Client) -> pd.DataFrame:
    """The totals of the same months with their coefficients."""
    return scored_totals(client, _months(client))


def _months(client: Client) -> list[str]:
    months = sorted(client.table("actuals")["period"].dropna().unique())
    if client.period is not None:
        months = [month for month in months if month in client.period.months]
    return months


@once
def _by_row(client: Client) -> pd.DataFrame:
    """One row per scorecard row in force: months it was due, missing, and its least and most
    share of the weight."""
    rows = scored_history(client)[["subject", "indicator", "has_data", *_SCORED]]
    rows = rows[rows["has_data"].astype(bool)]
    weight = np.maximum(ints(rows["weight"]), 1)
    known = rows["row_score"].notna().to_numpy()
    share = multiply_divide(ints(rows["row_score"]), MILLION, weight)
    no_standard = rows["row_state"].isin(["missing_standard"]) | lacks_standard(rows)
    keys = ["subject", "indicator"]
    groups = Groups(rows, keys)
    table = rows[keys].take(groups.first).reset_index(drop=True).assign(
        due=groups.sizes(),
        missing=groups.sum(rows["row_state"].isin(MISSING_STATES).to_numpy(dtype=bool)),
        no_standard=groups.sum(no_standard.to_numpy(dtype=bool)),
        known=groups.sum(known),
        low=groups.least(np.where(known, share, MILLION)),
        high=groups.most(np.where(known, share, 0)),
    )  # fmt: skip
    own = cards(client)[[*keys, "weight", "_file", "_sheet", "_row"]]
    return own.merge(table, on=keys)


_SCORED = ("weight", "row_score", "row_state", "method", "bands_on", "standard")


def dead_weights(client: Client) -> list[Finding]:
    """Rows that earned the same in every month for everybody: points given away, or lost (3.5).

    Of a scorecard that fewer people had than may be shown as a group it is their own score:
    those findings are about each of them, not about the post.
    """
    table = _by_row(client)
    least = number(client, "scorecard.dead_weight_months") // MILLION
    dead = (table["known"] >= least) & (table["low"] == table["high"])
    return findings(
        "S150",
        _of_people_where_few(client, table[dead]),
        lambda r: {
            "indicator": r["indicator"],
            "weight": int(r["weight"]),
            "share": int(r["low"]),
            "months": int(r["known"]),
        },
        "weight",
    )


def _of_people_where_few(client: Client, table: pd.DataFrame) -> pd.DataFrame:
    """The rows, those of a subject of few people once for each of them."""
    scored = scored_history(client)[["subject", "employee"]].drop_duplicates()
    size = scored.groupby("subject")["employee"].transform("size")
    few = scored[size < fewest(client)]
    rows = table.merge(few, on="subject", how="left")
    own = rows["employee"].notna()
    return rows.assign(subject=rows["subject"].mask(own, "employee:" + rows["employee"]))


def rows_without_data(client: Client) -> list[Finding]:
    """Rows whose data were missing too often: what happens then must be agreed beforehand (3.2).

    Here a missing figure is neither 0 nor shared out over the other rows: the total waits.
    """
    table = _by_row(client)
    limit = number(client, "scorecard.missing_share_warn")
    table = table.assign(share=divide(ints(table["missing"]), np.maximum(ints(table["due"]), 1)))
    return findings(
        "S151",
        table[table["share"] > limit],
        lambda r: {
            "indicator": r["indicator"],
            "missing": int(r["missing"]),
            "due": int(r["due"]),
            "share": int(r["share"]),
            "no_standard": int(r["no_standard"]),
        },
    )


def mean_coefficient(client: Client) -> list[Finding]:
    """Coefficients that are far from 1 on average: the table cuts or raises everybody (4.2)."""
    found = totals_of_history(client)
    if found.empty:
        return []
    known = found[found["coefficient"].notna() & found["uses_coefficient"]]
    neutral, far = number(client, "coefficient.neutral"), number(client, "coefficient.mean_far")
    persons = known["employee"].nunique()
    if persons < fewest(client):
        return []
    mean = int(divide(int(known["coefficient"].sum()), len(known) * MILLION))
    if abs(mean - neutral) <= far:
        return []
    values = {"mean": mean, "neutral": neutral, "persons": persons, "months": len(known)}
    return [Finding("S152", f"client:{client.name}", values)]


HISTORY_RULES = (dead_weights, rows_without_data, mean_coefficient)
