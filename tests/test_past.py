"""A standard is held against whole months: a joiner's weeks do not make it a jump."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from ecperf_kit.client import Client
from ecperf_kit.exact import exact
from ecperf_kit.outputs.wording import Wording
from ecperf_kit.rules import check_scheme
from ecperf_kit.rules.past import past_actuals
from tests.scheme_client import a_client, card, staff

MARCH, APRIL, MAY = "2026-03", "2026-04", "2026-05"
OF_POST = {"subject_kind": "post", "subject_id": "presales_cs", "indicator": "cs_sales"}


def _sold(employee: str, value: Any, month: str = APRIL, **more: Any) -> dict[str, Any]:
    return {"subject_kind": "employee", "subject_id": employee, "indicator": "cs_sales",
            "period": month, "value": value, "source_kind": "platform_erp"} | more  # fmt: skip


def _client(standard: int, *sold: dict[str, Any], hired: str = "2026-04-16",
            left: str | None = None, people: int = 2, **more: Any) -> Client:  # fmt: skip
    """Pre-sales with a standard for May; the last of them is hired, or leaves, on a day."""
    tables = staff(*["presales_cs"] * people)
    tables["employees"][-1] |= {"hired": hired, "left": left}
    cards = card(("cs_sales", "core", 100), subject="post:presales_cs",
                 standard_basis="own_history")  # fmt: skip
    typed = {**OF_POST, "period": MAY, "standard": standard}
    return a_client(**tables, **more, scorecards=cards, standards=[typed], actuals=sold)


def _jump(client: Client) -> dict[str, Any] | None:
    told = [dict(f.values) for f in check_scheme(client) if f.code == "S131"]
    return told[0] if told else None


def test_a_joiners_half_month_is_half_of_a_month() -> None:
    """30,000 in April, and 15,000 in 15 of its 30 days: 30,000 a month for each of them. The
    mean of what is on record, 22,500, would make 34,000 a jump of 51 %; it is one of 13 %."""
    sold = (_sold("E1", 30_000), _sold("E2", 15_000))
    assert _jump(_client(34_000, *sold)) is None
    told = _jump(_client(35_000, *sold))
    assert told is not None
    assert (told["actual"], told["month"]) == ((exact("30000"), "CNY"), APRIL)
    assert told["relative"] == exact("0.166667")
    # a leaver's the same
    leaving = _client(34_000, *sold, hired="2024-01-01", left="2026-04-15")
    assert _jump(leaving) is None


def test_what_somebody_made_in_too_few_days_is_no_month() -> None:
    """Nine days are too few for a score: E2 does not count, the mean is E1's 30,000."""
    client = _client(34_500, _sold("E1", 30_000), _sold("E2", 1_000), hired="2026-04-22")
    assert _jump(client) is None
    table = past_actuals(client).set_index(["subject_kind", "subject_id"])
    row = table.loc[("post", "presales_cs")]
    assert (row["actual"], row["persons"]) == (exact("30000"), 1)


def test_days_on_leave_count_as_in_scoring() -> None:
    """Eleven of 22 days without pay: 12,000 are 24,000 of a whole month."""
    days = {"employee": "E2", "month": APRIL, "scheduled_days": 22, "worked_days": 11}
    sold = (_sold("E1", 24_000), _sold("E2", 12_000))
    client = _client(27_000, *sold, hired="2024-01-01", attendance=[days])
    assert _jump(client) is None  # 12.5 %, not 50 % of a mean of 18,000


def test_the_month_compared_is_named_and_what_lies_between() -> None:
    """April is on record and cannot be compared, so March is; both are named."""
    sold = (_sold("E1", 30_000, MARCH), _sold("E1", None))
    client = _client(36_000, *sold, hired="2024-01-01", people=1)
    told = _jump(client)
    assert told is not None
    assert (told["month"], told["skipped"]) == (MARCH, (APRIL,))
    (found,) = [f for f in check_scheme(client) if f.code == "S131"]
    said = Wording(client.library, "en", client).finding(found).evidence
    assert "March" in said and "not comparable: April" in said
    told = _jump(_client(36_000, _sold("E1", 30_000, MARCH), hired="2024-01-01", people=1))
    assert told is not None and told["skipped"] == ()


def test_a_ratio_is_compared_as_it_is_and_of_everybody() -> None:
    """20 of 50, and 50 % typed: 45 %, the mean of both; half a month changes no ratio."""
    rows = (
        _sold("E1", None, indicator="inquiry_conversion", numerator=20, denominator=50),
        _sold("E2", "0.5", indicator="inquiry_conversion"),
    )
    table = past_actuals(_client(1, *rows)).set_index(["subject_kind", "indicator"])
    assert table.loc[("post", "inquiry_conversion"), "actual"] == exact("0.45")


@pytest.mark.parametrize(("since", "actual"), [("2026-04-16", "30000"), ("2026-05-01", None)])
def test_what_was_sold_in_another_post_is_not_this_posts(since: str, actual: str | None) -> None:
    """In pre-sales for half of April, or not before May."""
    client = _client(36_000, _sold("E1", 15_000), hired="2024-01-01", people=1)
    posts = staff("cashier", "presales_cs")["assignments"]
    rows = [posts[0], posts[1], {**posts[2], "employee": "E1", "effective_from": since}]
    moved = client.with_tables(assignments=a_client(assignments=rows).table("assignments"))
    table = past_actuals(moved).set_index("subject_kind")["actual"]
    found = table["post"]
    assert pd.isna(found) if actual is None else found == exact(actual)
