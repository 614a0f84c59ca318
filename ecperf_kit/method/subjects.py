"""Figures looked up by subject: the most specific one that has a figure gives it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ecperf_kit.intake.cross_standards import DECIDING, covered
from ecperf_kit.method.keys import find, taken

if TYPE_CHECKING:
    from ecperf_kit.client import Client

#: The order of look-up: from the person to the whole company.
KINDS = ("employee", "post_channel", "post", "department", "channel", "company")

#: The actual each basis of commission and piece rate is read from.
BASIS_INDICATOR = {
    "commission_sales": "net_sales",
    "commission_gross_profit": "gross_profit",
    "commission_net_profit": "net_profit",
    "piece": "pack_volume",
}


def _ids(kind: str, rows: pd.DataFrame, company: str) -> pd.Series:
    """The id each row would be found under as this kind of subject (missing if none)."""
    if kind in ("employee", "post", "department"):
        return rows[kind]
    if kind == "company":
        return pd.Series(company, index=rows.index, dtype="str")
    channel = rows["channel"].mask(rows["channel"] == "")
    return channel if kind == "channel" else rows["post"] + "@" + channel


def looked_up(
    rows: pd.DataFrame, table: pd.DataFrame, company: str, kinds: Sequence[str] = KINDS
) -> pd.DataFrame:
    """The row of ``table`` each row is measured with: most specific subject first.

    ``rows`` has employee, month, post, department, channel, indicator; ``table``
    has subject_kind, subject_id, indicator, month, each combination once. Yields
    the position in ``table`` (``position``, -1 if none) and ``subject``
    (``kind:id``) in the order and with the index of ``rows``.
    """
    position = np.full(len(rows), -1, dtype=np.int64)
    subject = np.full(len(rows), None, dtype=object)
    kind_of_row = table["subject_kind"].to_numpy(dtype=object)
    for kind in kinds:
        at = np.flatnonzero(kind_of_row == kind)
        open_rows = np.flatnonzero(position < 0)
        if not len(at) or not len(open_rows):
            continue
        ids = _ids(kind, rows, company)
        wanted = [ids, rows["indicator"], rows["month"]]
        known = [table[name] for name in ("subject_id", "indicator", "month")]
        place = find([c.iloc[open_rows] for c in wanted], [c.iloc[at] for c in known])
        hit = open_rows[place >= 0]
        position[hit] = at[place[place >= 0]]
        subject[hit] = f"{kind}:" + ids.to_numpy(dtype=object)[hit]
    return pd.DataFrame(
        {"position": position, "subject": pd.Series(subject, dtype="str", index=rows.index)},
        index=rows.index,
    )


def by_month(table: pd.DataFrame, months: Sequence[str], column: str = "period") -> pd.DataFrame:
    """A table of periods as one row per month covered, the shortest period winning.

    Rows whose period cannot be read are left out (the intake reports them); the
    columns ``month`` and ``_months`` (length of the period) are added, and ``contested``:
    another row of a period just as long says something else of the month, so that neither
    counts. One row per subject, indicator and month.
    """
    wanted = set(months)
    spans = {text: covered(text) for text in table[column].dropna().unique()}
    pairs = pd.DataFrame(
        [(text, month, len(span)) for text, span in spans.items()
         for month in span if month in wanted],
        columns=[column, "month", "_months"],
    ).astype({column: "str", "month": "str", "_months": "int64"})  # fmt: skip
    spread = table.merge(pairs, on=column)
    spread = spread.sort_values("_months", kind="stable")
    key = ["subject_kind", "subject_id", "indicator", "month"]
    contested = _contested(spread, [*key, "_months"])
    return spread.assign(contested=contested).drop_duplicates(key).reset_index(drop=True)


def _contested(spread: pd.DataFrame, key: list[str]) -> pd.Series:
    """Which rows have another of the same key beside them that decides otherwise."""
    contested = pd.Series(False, index=spread.index)
    tied = spread[spread.duplicated(key, keep=False)]
    if tied.empty:  # nearly always
        return contested
    groups = tied.groupby(key, dropna=False)
    for name in DECIDING:
        if name in tied:
            several = groups[name].transform(lambda each: each.nunique(dropna=False)) > 1
            contested.loc[several[several].index] = True
    return contested


def column_at(table: pd.DataFrame, column: str, position: pd.Series) -> pd.Series:
    """A column of ``table`` taken at positions, missing where the position is -1."""
    return taken(table[column], position.to_numpy(), position.index)


def company_id(client: Client) -> str:
    """The subject id of the company as a whole: the client's name."""
    return client.name
