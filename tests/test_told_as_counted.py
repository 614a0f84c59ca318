"""What a page tells of how many: counted over the rows and people it speaks of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import exact
from ecperf_kit.period import Period
from ecperf_kit.stages import conclude
from ecperf_kit.stages.rollout import rollout
from ecperf_kit.stages.rollout_progress import progress
from tests.scheme_client import a_client, library_card, plan, staff, table_t1


# -- the design page: base and variable pay --------------------------------------------------------
def _mix(*plans: dict[str, Any], posts: list[str]) -> pd.Series:
    client = a_client(**staff(*posts), pay_plans=list(plans), coefficient_tables=table_t1())
    return conclude("design", client).table("pay_mix").set_index("category").loc["C_support"]


def test_the_pay_mix_is_of_people_not_of_plans() -> None:
    """Five on 60 : 40 and three on 70 : 30 are (5 x 40 % + 3 x 30 %) / 8 = 36.25 % variable,
    shown as 36.3 % and 63.7 %, which are 100 %; over the two plans it would be 35 %."""
    row = _mix(
        plan("presales_cs", 6000, 4000), plan("aftersales_cs", 7000, 3000),
        posts=["presales_cs"] * 5 + ["aftersales_cs"] * 3,
    )  # fmt: skip
    assert (row["performance"], row["base"]) == (exact("0.363"), exact("0.637"))
    assert (row["persons"], row["counted"]) == (8, 8)


def test_the_pay_mix_says_of_how_many_it_is() -> None:
    """Of eight, the three on piece rates have no share: it is that of five, 40 %."""
    pieces = {**plan("aftersales_cs", 3000), "structure": "piece_rate", "piece_rate": "0.5"}
    row = _mix(
        plan("presales_cs", 6000, 4000), pieces,
        posts=["presales_cs"] * 5 + ["aftersales_cs"] * 3,
    )  # fmt: skip
    assert (row["performance"], row["persons"], row["counted"]) == (exact("0.4"), 8, 5)


def test_the_pay_mix_is_not_told_where_it_would_tell_one_persons() -> None:
    """Five on a plan whose share stands elsewhere and one on a plan of her own: the mean of
    six would be hers."""
    own = {**plan("E6", 7000, 3000), "subject_kind": "employee"}
    row = _mix(plan("presales_cs", 6000, 4000), own, posts=["presales_cs"] * 6)
    assert pd.isna(row["performance"]) and pd.isna(row["base"])
    assert row["state"] == "not_shown"


# -- the design page: standards that follow from the plan ------------------------------------------
def test_an_own_standard_is_not_the_whole_channels_plan() -> None:
    """The channel's April is 1,000; she has a scorecard of her own and 400 of it."""
    own = [
        {**row, "subject_kind": "employee", "subject_id": "E1"}
        for row in library_card("store_operator")
    ]
    mine = {"subject_kind": "employee", "subject_id": "E1", "indicator": "net_sales",
            "period": "2026-04", "standard": 400}  # fmt: skip
    client = a_client(
        config={"dates": {"plan_year": 2026, "pilot_from": "2026-04", "pilot_to": "2026-06"}},
        **staff("store_operator", "store_operator"),
        scorecards=[*library_card("store_operator"), *own], standards=[mine],
        targets=[{"month": "2026-04", "channel": "tmall", "measure": "net_sales", "amount": 1000}],
    )  # fmt: skip
    table = conclude("design", client).table("post_standards")
    rows = table[table["indicator"] == "net_sales"].set_index("subject")
    of_post, her = rows.loc["post:store_operator"], rows.loc["own_card:store_operator"]
    assert (of_post["standard"], of_post["state"]) == (exact("1000"), "in_plan")
    assert (her["standard"], her["state"]) == (exact("400"), "part_of_plan")
    assert pd.isna(her["year"])


# -- the rollout page: progress against the plan ---------------------------------------------------
JUNE = "2026-06"


def _two_channels(sold: dict[str, Any], may: Any = 200) -> Client:
    """Two channels planned for 500 and 300 in June, with what each sold; both sold in May."""
    of = {"subject_kind": "channel", "indicator": "net_sales", "source_kind": "finance_report"}
    rows = [
        *((month, "tmall", value) for month, value in (("2026-05", 200), (JUNE, sold["tmall"]))),
        *(((("2026-05", "douyin", may),)) if may is not None else ()),
        *(((JUNE, "douyin", sold["douyin"]),) if "douyin" in sold else ()),
    ]
    client = a_client(
        period=JUNE, **staff(*["store_operator"] * 3), scorecards=library_card("store_operator"),
        targets=[
            {"month": JUNE, "channel": name, "measure": "net_sales", "amount": amount}
            for name, amount in (("tmall", 500), ("douyin", 300))
        ],
        actuals=[{**of, "period": m, "subject_id": name, "value": v} for m, name, v in rows],
    )  # fmt: skip
    return replace(client, rows=pd.DataFrame({"read": [len(rows)]}))


def _told(client: Client) -> tuple[str, str, Any]:
    report = rollout(client)
    (found,) = [v for v in report.verdicts if v.question == "rollout.question.progress"]
    return found.level, found.found.key, found.found.values


def test_a_target_without_an_actual_stays_in_the_table() -> None:
    rows = progress(_two_channels({"tmall": 500}), Period.parse(JUNE)).set_index("channel_id")
    assert dict(rows["plan"]) == {"tmall": exact("500"), "douyin": exact("300")}
    tmall, douyin = rows.loc["tmall"], rows.loc["douyin"]
    assert (tmall["share"], tmall["to_go"], tmall["level"]) == (exact("1"), 0, "fine")
    assert douyin[["actual", "share", "to_go"]].isna().all() and douyin["level"] == "unknown"
    assert douyin["said"].key == "rollout.progress.no_actual"
    assert douyin["said"].values == {"plan": exact("300"), "lacking": 1}


def test_a_target_without_an_actual_is_not_reached() -> None:
    one = {"lacking": 1, "reached": 1}
    reached = "rollout.found.progress_reached"
    assert _told(_two_channels({"tmall": 500})) == ("unknown", reached, one)
    level, key, values = _told(_two_channels({"tmall": 400}))
    assert (level, key) == ("watch", "rollout.found.progress_some")
    assert (values["count"], values["lacking"]) == (1, 1)
    unknown = ("unknown", "rollout.found.progress_unknown", {"lacking": 2, "reached": 0})
    assert _told(_two_channels({"tmall": None})) == unknown
    both = _told(_two_channels({"tmall": 500, "douyin": 300}))
    assert both[:2] == ("fine", "rollout.fine.progress")
    # whose actuals are not on record at all: told, and no gap in those that are
    assert _told(_two_channels({"tmall": 500}, may=None)) == ("fine", reached, one)


def test_actuals_are_not_complete_while_a_target_lacks_its_own() -> None:
    one, none, never = (
        rollout(client).tables["gates"].frame.iloc[3]
        for client in (
            _two_channels({"tmall": 500}),
            _two_channels({"tmall": 500, "douyin": 300}),
            _two_channels({"tmall": 500}, may=None),
        )
    )
    assert one["gate"].key == "rollout.gate.actuals" and one["state"] == "gate_closed"
    assert (one["open"] - none["open"], one["of"] - none["of"]) == (1, 0)
    assert (never["open"] - none["open"], never["of"] - none["of"]) == (0, -1)
