"""Standards for somebody in several posts with one scorecard: whose count, and whose do not."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, exact
from ecperf_kit.method.calculate import calculate
from ecperf_kit.method.scorecards import assessed_rows
from tests.scheme_client import a_client, card, changed, staff

JUNE = "2026-06"
#: Conversion is a ratio, response time a mean, effective calls a sum.
ROWS = (
    ("live_error_count", "core", 40),
    ("inquiry_conversion", "core", 30),
    ("avg_response_time", "core", 30),
)


def _typed(subject: str, indicator: str, standard: Any, period: str = JUNE) -> dict[str, Any]:
    kind, _, name = subject.partition(":")
    return {"subject_kind": kind, "subject_id": name, "indicator": indicator, "period": period,
            "standard": standard}  # fmt: skip


def _both(*standards: dict[str, Any], rows: Any = ROWS, **more: Any) -> Client:
    """E1: a live controller (60 %) and pre-sales (40 %) with one scorecard of their own."""
    posts = ("live_controller", "presales_cs", *more.pop("also", ()))
    tables = staff(*posts)
    shares = ("0.6", "0.4", "0.3")
    tables["assignments"] = [
        {**row, "employee": "E1", "time_share": share, **more.pop("posted", {})}
        for row, share in zip(tables["assignments"][1:], shares, strict=False)
    ]
    own = card(*rows, subject="employee:E1")
    return a_client(**tables, scorecards=own, standards=list(standards), **more)


def _found(client: Client, month: str = JUNE) -> dict[str, tuple[int | None, str]]:
    rows = assessed_rows(client, [month])
    return {
        name: (None if pd.isna(standard) else int(standard), source)
        for name, standard, source in zip(
            rows["indicator"], rows["standard"], rows["standard_subject"].fillna(""), strict=True
        )
    }


def test_a_ratio_and_a_mean_of_the_other_post_count() -> None:
    client = _both(
        _typed("post:presales_cs", "inquiry_conversion", "0.40"),
        _typed("post_channel:presales_cs@tmall", "avg_response_time", 30),
    )
    found = _found(client)
    assert found["inquiry_conversion"] == (exact("0.40"), "post:presales_cs")
    assert found["avg_response_time"] == (exact("30"), "post_channel:presales_cs@tmall")
    rows = assessed_rows(client, [JUNE]).set_index("indicator")
    # where it stands is told, for explain and reports
    assert rows.loc["inquiry_conversion", "standard_file"] == "standards.csv"
    assert rows.loc["inquiry_conversion", "standard_row"] == 2
    assert rows.loc["inquiry_conversion", "standard_from"] == "typed"


def test_another_month_or_post_gives_nothing() -> None:
    later = _typed("post:presales_cs", "inquiry_conversion", "0.40", "2026-07")
    assert _found(_both(later))["inquiry_conversion"][0] is None
    assert _found(_both(later), "2026-07")["inquiry_conversion"][0] == exact("0.40")
    elsewhere = _typed("post:aftersales_cs", "inquiry_conversion", "0.40")
    assert _found(_both(elsewhere))["inquiry_conversion"][0] is None


def test_a_sum_of_the_other_post_is_not_what_a_part_of_its_time_must_reach() -> None:
    rows = (("live_error_count", "core", 60), ("content_output", "core", 40))
    made = [
        {"subject_kind": "employee", "subject_id": "E1", "indicator": name, "period": JUNE,
         "value": 10, "source_kind": "platform_erp"}
        for name, *_ in rows
    ]  # fmt: skip
    client = _both(_typed("post:presales_cs", "content_output", 20), rows=rows, actuals=made)
    assert client.indicators.at["content_output", "aggregation"] == "sum"
    assert _found(client)["content_output"] == (None, "")
    assert "C102" in {f.code for f in calculate(client, (JUNE,)).findings}


def test_what_is_there_already_goes_first() -> None:
    other = _typed("post:presales_cs", "inquiry_conversion", "0.40")
    for subject, value in (
        ("employee:E1", "0.35"), ("post:live_controller", "0.36"), ("channel:tmall", "0.37"),
        ("company:test", "0.38"),
    ):  # fmt: skip
        found = _found(_both(other, _typed(subject, "inquiry_conversion", value)))
        assert found["inquiry_conversion"] == (exact(value), subject)


def test_two_other_posts_that_differ_decide_nothing() -> None:
    conversion = _typed("post:presales_cs", "inquiry_conversion", "0.40")

    def with_third(standard: str) -> int | None:
        third = _typed("post:aftersales_cs", "inquiry_conversion", standard)
        client = _both(conversion, third, also=("aftersales_cs",))
        return _found(client)["inquiry_conversion"][0]

    assert with_third("0.38") is None
    assert with_third("0.40") == exact("0.40")


def test_somebody_with_the_posts_own_scorecards_is_measured_as_before() -> None:
    tables = staff("live_controller", "presales_cs")
    tables["assignments"] = [
        {**row, "employee": "E1", "time_share": share}
        for row, share in zip(tables["assignments"][1:], ("0.6", "0.4"), strict=True)
    ]
    controller = card(("inquiry_conversion", "core", 100), subject="post:live_controller")
    service = card(("inquiry_conversion", "core", 100), subject="post:presales_cs")
    client = a_client(
        **tables, scorecards=[*controller, *service],
        standards=[_typed("post:presales_cs", "inquiry_conversion", "0.40")],
    )  # fmt: skip
    rows = assessed_rows(client, [JUNE]).set_index("post")
    assert rows.loc["presales_cs", "standard"] == exact("0.40")
    assert pd.isna(rows.loc["live_controller", "standard"])


def test_the_score_and_the_total_follow() -> None:
    """36 % of 40 % of 30 points are 27; response 30 s of 30 s all 30; no error of 2 all 40."""
    of = {"subject_kind": "employee", "subject_id": "E1", "period": JUNE,
          "source_kind": "platform_erp"}  # fmt: skip
    plain = {"method": "percentage", "cap": "1", "zero_below": "0.6"}
    rows = [
        {**row, **plain, "bands": None, "bands_on": None, "step_size": None, "step_deduct": None}
        for row in card(*ROWS, subject="employee:E1")
    ]
    client = _both(
        _typed("post:presales_cs", "inquiry_conversion", "0.40"),
        _typed("post:presales_cs", "avg_response_time", 30),
        _typed("post:live_controller", "live_error_count", 2),
        actuals=[
            {**of, "indicator": "inquiry_conversion", "numerator": 36, "denominator": 100},
            {**of, "indicator": "avg_response_time", "value": 30},
            {**of, "indicator": "live_error_count", "value": 0},
        ],
    )
    scored = calculate(changed(client, scorecards=rows), (JUNE,))
    assert scored.totals["total"].tolist() == [97 * MILLION]
