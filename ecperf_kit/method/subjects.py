"""Figures looked up by subject: the most specific one that has a figure gives it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from ecperf_kit.period import Period, PeriodError

if TYPE_CHECKING:
    from ecperf_kit.client import Client

#: The order of look-up: from the person to the whole company.
KINDS = ("employee", "post_channel", "post", "department", "channel", "company")


def subject_ids(rows: pd.DataFrame, company: str) -> dict[str, pd.Series]:
    """For each kind of subject the id each row would be found under (missing if none)."""
    channel = rows["channel"].mask(rows["channel"] == "")
    return {
        "employee": rows["employee"],
        "post_channel": rows["post"] + "@" + channel,
        "post": rows["post"],
        "department": rows["department"],
        "channel": channel,
        "company": pd.Series(company, index=rows.index, dtype="str"),
    }


def looked_up(
    rows: pd.DataFrame, table: pd.DataFrame, company: str, kinds: Sequence[str] = KINDS
) -> pd.DataFrame:
    """The row of ``table`` each row is measured with: most specific subject first.

    ``rows`` has employee, month, post, department, channel, indicator; ``table``
    has subject_kind, subject_id, indicator, month, each combination once. Yields
    the position in ``table`` (``position``, -1 if none) and ``subject``
    (``kind:id``) in the order and with the index of ``rows``.
    """
    position = pd.Series(-1, index=rows.index, dtype="int64")
    subject = pd.Series(pd.NA, index=rows.index, dtype="str")
    ids = subject_ids(rows, company)
    for kind in kinds:
        of_kind = table["subject_kind"] == kind
        if not of_kind.any():
            continue
        open_rows = position < 0
        known = pd.DataFrame(
            {
                "id": table.loc[of_kind, "subject_id"],
                "indicator": table.loc[of_kind, "indicator"],
                "month": table.loc[of_kind, "month"],
                "_at": of_kind.to_numpy().nonzero()[0],
            }
        )
        wanted = pd.DataFrame(
            {
                "id": ids[kind][open_rows],
                "indicator": rows.loc[open_rows, "indicator"],
                "month": rows.loc[open_rows, "month"],
            }
        )
        wanted = wanted[wanted["id"].notna()]
        at = wanted.merge(known, on=["id", "indicator", "month"], how="left")["_at"]
        at.index = wanted.index
        hit = at[at.notna()].astype("int64")
        position.loc[hit.index] = hit
        subject.loc[hit.index] = kind + ":" + ids[kind][hit.index]
    return pd.DataFrame({"position": position, "subject": subject})


def by_month(table: pd.DataFrame, months: Sequence[str], column: str = "period") -> pd.DataFrame:
    """A table of periods as one row per month covered, the shortest period winning.

    Rows whose period cannot be read are left out (the intake reports them); the
    columns ``month`` and ``_months`` (length of the period) are added. One row
    per subject, indicator and month.
    """
    wanted = set(months)
    lengths = {text: _months(text) for text in table[column].dropna().unique()}
    pairs = pd.DataFrame(
        [(text, month, len(covered)) for text, covered in lengths.items()
         for month in covered if month in wanted],
        columns=[column, "month", "_months"],
    ).astype({column: "str", "month": "str", "_months": "int64"})  # fmt: skip
    spread = table.merge(pairs, on=column)
    spread = spread.sort_values("_months", kind="stable")
    key = ["subject_kind", "subject_id", "indicator", "month"]
    return spread.drop_duplicates(key).reset_index(drop=True)


def _months(text: str) -> tuple[str, ...]:
    try:
        return Period.parse(text).months
    except PeriodError:
        return ()


def column_at(table: pd.DataFrame, column: str, position: pd.Series) -> pd.Series:
    """A column of ``table`` taken at positions, missing where the position is -1."""
    values = table[column].reset_index(drop=True)
    taken = values.reindex(position.where(position >= 0, len(values) + 1).to_numpy())
    taken.index = position.index
    return taken


def company_id(client: Client) -> str:
    """The subject id of the company as a whole: the client's name."""
    return client.name
