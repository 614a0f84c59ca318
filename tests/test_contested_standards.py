"""Two standards of equally long periods for one month: told, and neither counts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from ecperf_kit.client import Client, open_client
from ecperf_kit.exact import exact
from ecperf_kit.finding import Finding
from ecperf_kit.method.calculate import calculate

Maker = Callable[..., Path]
HEAD = "subject_kind,subject_id,indicator,period,standard,approved_by\n"
OF_POST = "post,presales_cs,chat_answer_rate,2026-Q2,0.9,\n"
WHOSE = "post_channel,presales_cs@tmall,inquiry_conversion"


def opened(good_client: Maker, *rows: str) -> Client:
    text = HEAD + "".join(f"{WHOSE},{row}\n" for row in rows) + OF_POST
    folder = good_client(files={"standards.csv": text})
    return open_client("_good", root=folder.parent.parent)


def told(client: Client) -> list[Finding]:
    return [finding for finding in client.findings if finding.code == "D329"]


def april(client: Client) -> pd.Series:
    rows = calculate(client, ["2026-04"]).rows
    own = rows[(rows["employee"] == "E03") & (rows["indicator"] == "inquiry_conversion")]
    return own.iloc[0]


@pytest.mark.parametrize("turned", [False, True])
def test_neither_of_two_counts_in_whatever_order_they_stand(
    good_client: Maker, turned: bool
) -> None:
    rows = ["2026-04..2026-12,0.40,", "2026-01..2026-09,0.42,"]
    client = opened(good_client, *(reversed(rows) if turned else rows))
    (finding,) = told(client)
    assert (finding.values["first_row"], finding.source.row) == (2, 3)
    assert finding.values["months"] == tuple(f"2026-0{month}" for month in range(4, 10))
    row = april(client)
    assert (row["row_state"], row["standard_from"]) == ("missing_standard", "missing")
    assert pd.isna(row["standard"])
    result = calculate(client, ["2026-04"])
    (total,) = result.totals.loc[result.totals["employee"] == "E03", "total"]
    (pay,) = result.pay.loc[result.pay["employee"] == "E03", "pay"]
    assert pd.isna(total) and pd.isna(pay)


@pytest.mark.parametrize(
    ("rows", "standard"),
    [
        # the month comes before both of nine months; outside it they do not overlap
        (("2026-04..2026-12,0.40,", "2026-04,0.41,"), "0.41"),
        (("2026-03..2026-04,0.40,", "2026-04..2026-05,0.42,", "2026-04,0.41,"), "0.41"),
        # one ends where the other begins
        (("2026-02..2026-04,0.40,", "2026-05..2026-07,0.42,"), "0.40"),
        # the same figure twice is no contradiction
        (("2026-04..2026-12,0.40,", "2026-01..2026-09,0.40,"), "0.40"),
        # of another length
        (("2026-04..2026-12,0.40,", "2026-01..2026-10,0.42,"), "0.40"),
    ],
)
def test_a_shorter_period_or_an_end_settles_it(
    good_client: Maker, rows: tuple[str, ...], standard: str
) -> None:
    client = opened(good_client, *rows)
    assert told(client) == []
    assert april(client)["standard"] == exact(standard)


def test_the_same_figure_of_which_one_is_approved_is_a_contradiction(good_client: Maker) -> None:
    client = opened(good_client, "2026-04..2026-12,0.40,", "2026-01..2026-09,0.40,总经理")
    assert len(told(client)) == 1
    assert pd.isna(april(client)["standard"])


def test_three_of_one_length_are_told_against_the_first(good_client: Maker) -> None:
    rows = ("2026-03..2026-05,0.40,", "2026-04..2026-06,0.42,", "2026-02..2026-04,0.44,")
    found = told(opened(good_client, *rows))
    # April: all three; May: the first two; March: the first and the third
    assert sorted((f.source.row, f.values["months"]) for f in found) == [
        (3, ("2026-04", "2026-05")),
        (4, ("2026-03", "2026-04")),
    ]
