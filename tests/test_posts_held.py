"""Nobody vanishes from a month: posts from the first day on, shares of one whole person."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from ecperf_kit.client import Client, open_client
from ecperf_kit.exact import exact
from ecperf_kit.finding import Finding
from ecperf_kit.method.calculate import calculate
from ecperf_kit.method.days import parts
from ecperf_kit.stages.rollout import rollout
from ecperf_kit.stages.rollout_tables import pay_list

Maker = Callable[..., Path]
HEAD = "employee,effective_from,post,department,channel,time_share\n"
OTHERS = (
    "E01,2020-01-01,operations_director,office,,\n"
    "E02,2021-05-10,cs_supervisor,service,,\n"
    "E04,2023-03-01,presales_cs,service,tmall,\n"
)


def opened(good_client: Maker, *rows: str, period: str = "", **files: str) -> Client:
    """The good client with these assignments of E03, who was hired on 2022-03-01."""
    text = HEAD + OTHERS + "".join(f"E03,{row}\n" for row in rows)
    folder = good_client(files={"assignments.csv": text, **files})
    return open_client("_good", period, root=folder.parent.parent)


def told(client: Client, *codes: str) -> list[Finding]:
    return [finding for finding in client.findings if finding.code in codes]


def sheet(client: Client, employee: str, month: str) -> dict[str, object]:
    table = pay_list(client, calculate(client, [month]), [month])
    (row,) = table[table["employee"] == employee].to_dict("records")
    return {str(name): value for name, value in row.items()}


# -- from the first day on -----------------------------------------------------------
def test_whoever_has_no_post_yet_stands_in_the_pay_list_with_the_code(good_client: Maker) -> None:
    client = opened(good_client, "2026-06-11,presales_cs,service,tmall,")
    (finding,) = told(client, "D326")
    assert finding.subject == "employee:E03"
    assert finding.source.row == 5
    # there since 2022, the scheme since 1 April 2026, a post since 11 June
    assert (finding.values["since"], finding.values["until"]) == ("2026-04-01", "2026-06-10")
    assert finding.values["months"] == ("2026-04", "2026-05", "2026-06")
    for month in ("2026-04", "2026-05"):
        row = sheet(client, "E03", month)
        assert (row["pay_state"], row["codes"], pd.isna(row["pay"])) == ("no_post", "D326", True)
    # in June part of the month has a post: the row of the post stands, once
    assert sheet(client, "E03", "2026-06")["pay_state"] != "no_post"


def test_the_month_s_run_counts_whoever_has_no_post(good_client: Maker) -> None:
    client = opened(good_client, "2026-06-01,presales_cs,service,tmall,", period="2026-04")
    result = rollout(client.seen_by("rollout"))
    assert result.title.key == "rollout.title.left_out"
    assert "D326" in {finding.code for finding in client.seen_by("rollout").findings}


def test_without_any_assignment_the_pay_list_names_d309(good_client: Maker) -> None:
    client = opened(good_client)
    assert told(client, "D309") and not told(client, "D326")
    row = sheet(client, "E03", "2026-04")
    assert (row["pay_state"], row["codes"]) == ("no_post", "D309")


@pytest.mark.parametrize(
    ("since", "period"),
    [
        ("2022-03-01", ""),
        ("2026-04-01", ""),  # hired long before, a post since the first day of the scheme
        ("2026-04-01", "2026-06"),
        ("2026-04-01", "2025"),  # before the first scorecard nobody is assessed
        ("2026-04-01", "2026-01..2026-06"),
    ],
)
def test_a_post_since_the_scheme_began_is_enough(
    good_client: Maker, since: str, period: str
) -> None:
    client = opened(good_client, f"{since},presales_cs,service,tmall,", period=period)
    assert told(client, "D326") == []
    assert sheet(client, "E03", "2026-04")["pay_state"] != "no_post"


def test_months_asked_for_before_the_pilot_count_where_scorecards_hold(good_client: Maker) -> None:
    """Scorecards since January, a pilot since April: whoever asks for February is told."""
    cards = (
        "subject_kind,subject_id,indicator,effective_from,role,weight,method,standard_basis,"
        "data_source\npost,presales_cs,inquiry_conversion,2026-01-01,core,100,percentage,"
        "own_history,platform_erp\n"
    )
    rows = "2026-04-01,presales_cs,service,tmall,"
    client = opened(good_client, rows, period="2026-02", **{"scorecards.csv": cards})
    (finding,) = told(client, "D326")
    assert (finding.values["since"], finding.values["until"]) == ("2026-02-01", "2026-03-31")


def test_who_left_before_the_first_post_has_no_gap_after_leaving(good_client: Maker) -> None:
    staff = (
        "employee,name,hired,left,superior\nE01,林一,2020-01-01,,\nE02,周二,2021-05-10,,E01\n"
        "E03,吴三,2022-03-01,2026-05-20,E02\nE04,郑四,2023-03-01,2026-05-31,E02\n"
    )
    row = "2026-05-11,presales_cs,service,tmall,"
    client = opened(good_client, row, **{"employees.csv": staff})
    (finding,) = told(client, "D326")
    assert (finding.values["since"], finding.values["until"]) == ("2026-04-01", "2026-05-10")
    table = pay_list(client, calculate(client, ["2026-06"]), ["2026-06"])
    assert "E03" not in set(table["employee"])


# -- one whole person ------------------------------------------------------------------
@pytest.mark.parametrize(
    ("rows", "code", "total"),
    [
        # two posts on one day: 60 % + 60 %
        (("2026-04-01,presales_cs,service,tmall,0.6", "2026-04-01,cs_supervisor,service,,0.6"),
         "D327", "120%"),
        # a blank share is an equal part: 70 % + 50 %
        (("2026-04-01,presales_cs,service,tmall,0.7", "2026-04-01,cs_supervisor,service,,"),
         "D327", "120%"),
        # a second post added later, the first not restated
        (("2022-03-01,presales_cs,service,tmall,", "2026-05-11,cs_supervisor,service,,0.4"),
         "D328", "40%"),
        (("2022-03-01,presales_cs,service,tmall,0.5",), "D328", "50%"),
        (("2026-04-01,presales_cs,service,tmall,0.6", "2026-04-01,cs_supervisor,service,,0.38"),
         "D328", "98%"),
    ],
)  # fmt: skip
def test_shares_that_do_not_make_up_one_person_are_told(
    good_client: Maker, rows: tuple[str, ...], code: str, total: str
) -> None:
    early = () if "2022" in rows[0] else ("2022-03-01,presales_cs,service,tmall,",)
    client = opened(good_client, *early, *rows)
    (finding,) = told(client, "D327", "D328")
    assert (finding.code, finding.values["found"]) == (code, total)
    assert finding.values["employee"] == "E03"
    assert len(finding.values["posts"]) == sum(row[:10] == rows[-1][:10] for row in rows)


@pytest.mark.parametrize(
    "rows",
    [
        ("2022-03-01,presales_cs,service,tmall,0.6", "2022-03-01,cs_supervisor,service,,0.4"),
        ("2022-03-01,presales_cs,service,tmall,", "2022-03-01,cs_supervisor,service,,"),
        # three thirds, written with two decimals: 99 %
        ("2022-03-01,presales_cs,service,tmall,0.33", "2022-03-01,cs_supervisor,service,,0.33",
         "2022-03-01,cashier,service,,0.33"),
        # half-time until the scheme began
        ("2022-03-01,presales_cs,service,tmall,0.5", "2026-04-01,presales_cs,service,tmall,1"),
        # the first post restated with the second one
        ("2022-03-01,presales_cs,service,tmall,", "2026-05-11,presales_cs,service,tmall,0.6",
         "2026-05-11,cs_supervisor,service,,0.4"),
    ],
)  # fmt: skip
def test_shares_of_one_whole_person_are_not(good_client: Maker, rows: tuple[str, ...]) -> None:
    assert told(opened(good_client, *rows), "D327", "D328") == []


def test_a_part_of_the_month_is_split_by_days_whatever_its_shares_add_up_to(
    good_client: Maker,
) -> None:
    """10 days of 31 in one post, 21 in another with 40 %: days decide, not 10 : 8.4."""
    client = opened(
        good_client,
        "2022-03-01,presales_cs,service,tmall,",
        "2026-05-11,cs_supervisor,service,,0.4",
    )
    held = parts(client, ["2026-05"], "pay_plans")
    own = held[held["employee"] == "E03"].set_index("post")["part_share"]
    # 10 / 31 = 0.322580645, half-up; the rest is the other post's
    assert own["presales_cs"] == exact("0.322581")
    assert own["cs_supervisor"] == exact("0.677419")
