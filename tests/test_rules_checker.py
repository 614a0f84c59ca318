"""The checker's rules on shape, changes, pool and history: a bad client and a near miss each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
import pytest

from ecperf_kit.client import Client
from ecperf_kit.exact import exact
from ecperf_kit.library import load_library
from ecperf_kit.rules import check_scheme
from ecperf_kit.rules.pool import drawn_rates
from ecperf_kit.rules.shape import cliffs
from tests.scheme_client import a_client, library_card, plan, staff, table_t1

MONTHS = [f"2026-{month:02d}" for month in range(1, 13)]


def _presales(**changed: Any) -> list[dict[str, Any]]:
    """The library's pre-sales card, with the row of one indicator changed."""
    rows = library_card("presales_cs")
    for row in rows:
        row |= changed.get(row["indicator"], {})
    return rows


def _banded(indicator: str, bands: str, **more: Any) -> Client:
    own = {"method": "interval", "bands": bands, "bands_on": "actual"}
    return a_client(scorecards=_presales(**{indicator: own | more}))


def _on_table(performance: str, *bands: tuple[str, str], form: str = "bands", base: str = "4000"):
    """Three cashiers, their plan on a table of these bands."""
    rows = [
        {"coefficient_table": "T9", "effective_from": "2026-01-01", "at_least": low,
         "coefficient": high, "form": form}
        for low, high in bands
    ]  # fmt: skip
    return a_client(
        **staff("cashier", "cashier", "cashier"),
        scorecards=library_card("cashier"),
        pay_plans=[plan("cashier", base, performance, coefficient_table="T9")],
        coefficient_tables=rows,
    )


def _weighing(points: str) -> Client:
    rows = library_card("presales_cs")
    heaviest = max(rows, key=lambda row: row["weight"])
    rest = exact(str(rows[-1]["weight"])) - exact(points)
    rows[-1] |= {"weight": points}
    heaviest["weight"] = str((exact(str(heaviest["weight"])) + rest) / 1_000_000)
    return a_client(scorecards=rows)


def _structured(structure: str, **more: Any) -> Client:
    return a_client(
        **staff("store_operator"),
        scorecards=library_card("store_operator"),
        pay_plans=[plan("store_operator", 6000, 2000, structure=structure, **more)],
        coefficient_tables=table_t1(),
    )


def _history(values: Iterable[str | None], **more: Any) -> Client:
    """One person in pre-sales whose satisfaction of each month is given, nothing else is."""
    rows = [
        {"subject_kind": "employee", "subject_id": "E1", "indicator": "cs_satisfaction",
         "period": month, "value": value, "source_kind": "platform_erp"}
        for month, value in zip(MONTHS, values, strict=False)
    ]  # fmt: skip
    typed = {"subject_kind": "post", "subject_id": "presales_cs", "indicator": "cs_satisfaction",
             "period": "2026", "standard": "5"}  # fmt: skip
    tables = {
        **staff("presales_cs"),
        "scorecards": library_card("presales_cs"),
        "standards": [typed],
        "actuals": rows,
    }
    return a_client(**(tables | more))


def _one_row(post: str, coefficient: str, persons: int = 3) -> Client:
    """People on one rated row of 100 points and a table that gives each score this coefficient."""
    team = staff(*[post] * persons)
    people = [row["employee"] for row in team["employees"][1:]]
    rated = [
        {"employee": name, "period": "2026-04", "indicator": "expense_accuracy",
         "superior_score": "100", "superior_date": "2026-05-08", "assessor": "E0"}
        for name in people
    ]  # fmt: skip
    actual = {"subject_kind": "employee", "subject_id": people[0], "indicator": "net_sales",
              "period": "2026-04", "value": "1", "source_kind": "finance_report"}  # fmt: skip
    card_row = {"subject_kind": "post", "subject_id": post, "indicator": "expense_accuracy",
                "effective_from": "2026-01-01", "role": "core", "weight": 100,
                "method": "percentage", "standard_basis": "agreed", "data_source": "none",
                "duty": "d"}  # fmt: skip
    own = {"indicator": "expense_accuracy", "name_zh": "报销", "name_en": "Expenses",
           "unit": "points", "direction": "higher_is_better", "aggregation": "mean"}  # fmt: skip
    bands = {"coefficient_table": "T9", "effective_from": "2026-01-01", "at_least": "0",
             "coefficient": coefficient, "form": "bands"}  # fmt: skip
    return a_client(
        **team,
        indicators=[own],
        scorecards=[card_row],
        actuals=[actual],
        assessments=rated,
        coefficient_tables=[bands],
        pay_plans=[plan(post, 4000, 1000, coefficient_table="T9")],
    )


def _campaign(swapped: int, signed: str = "2026-05-20", since: str = "2026-06-01") -> Client:
    """A card of four core rows; in June this many of them give way to others."""
    names = ["net_sales", "gross_margin_rate", "stock_sell_through", "repurchase_rate"]
    others = ["gross_profit", "promo_expense_ratio", "net_profit"]
    base = {"subject_kind": "post", "subject_id": "store_operator", "role": "core", "weight": 25,
            "method": "percentage", "standard_basis": "agreed", "data_source": "platform_erp",
            "duty": "d"}  # fmt: skip
    before = [base | {"indicator": name, "effective_from": "2026-01-01"} for name in names]
    june = [*others[:swapped], *names[swapped:]]
    after = [base | {"indicator": name, "effective_from": since} for name in june]
    papers = [
        {"paper": "scheme", "subject_kind": "client", "subject_id": "test", "signed_by": "甲",
         "signed_on": day}
        for day in ("2025-12-20", signed)
    ]  # fmt: skip
    return a_client(scorecards=[*before, *after], signoffs=papers)


def _assessed_by(name: str) -> Client:
    row = {"employee": "E1", "period": "2026-04", "indicator": "net_sales",
           "superior_score": "30", "assessor": name}  # fmt: skip
    return a_client(**staff("store_operator", "cashier"), assessments=[row])


def _bridged(cut_off: str, *differences: str) -> Client:
    rows = [
        {"channel": "tmall", "month": month, "backend_sales": 100, "non_genuine": 0, "refunds": 0,
         "coupons_fees": 0, "cut_off": difference, "finance_sales": 90}
        for month, difference in zip(MONTHS, differences, strict=False)
    ]  # fmt: skip
    return a_client(config={"pay": {"cut_off": cut_off}}, sales_bridge=rows)


def _sourced(source: str) -> Client:
    rows = {"inquiry_conversion": {"data_source": source}}
    return a_client(scorecards=_presales(**rows))


def _pooled(rate: str, *posts: str, commission_from: str = "channel") -> Client:
    """A channel of 1,000,000 a year: product 450,000, promotion 150,000, management 300,000:
    100,000 are left; less the reserve of 20 % that is 8 % of the sales."""
    plan_rows = [
        {"month": "2026-01", "channel": "tmall", "measure": measure, "amount": amount}
        for measure, amount in (
            ("net_sales", 1_000_000),
            ("gross_profit", 550_000),
            ("promotion_cost", 150_000),
            ("management_cost", 300_000),
        )
    ]
    plans = [
        plan(post, 4000, structure="commission_sales", sales_rate=rate,
             commission_from=commission_from)
        for post in dict.fromkeys(posts)
    ]  # fmt: skip
    return a_client(**staff(*posts), targets=plan_rows, pay_plans=plans)


def _on_net_profit(planned: int | None, *more: str) -> Client:
    """Half of the channel's net profit and 2.7 % of its sales for one each, the operators."""
    client = _pooled("0.027", "store_operator", *more)
    own = {**plan("E1", 4000, structure="commission_net_profit", net_profit_rate="0.5"),
           "subject_kind": "employee"}  # fmt: skip
    profit = {"month": "2026-01", "channel": "tmall", "measure": "net_profit"}
    rows = a_client(
        pay_plans=[own], targets=[profit | {"amount": planned}] if planned is not None else []
    )
    joined = {
        name: pd.concat([client.table(name), rows.table(name)], ignore_index=True)
        for name in ("pay_plans", "targets")
    }
    return client.with_tables(**joined)


CASES: dict[str, tuple[Client, Client]] = {
    # slower answers would earn more; the near miss has the right sign
    "S141": (
        _banded("avg_response_time", ">=30:100%; >=20:50%; else:0%"),
        _banded("avg_response_time", "<=30:100%; <=45:50%; else:0%"),
    ),
    # 90 is no fraction; 0.9 is, and so is attainment of 1.2
    "S142": (
        _banded("inquiry_conversion", ">=90:100%; >=80:50%; else:0%"),
        _banded("inquiry_conversion", ">=0.9:100%; >=0.8:50%; else:0%"),
    ),
    # no rate is above 1; a rate of exactly 1 can be reached
    "S143": (
        _banded("inquiry_conversion", ">=1.01:100%; >=0.8:50%; else:0%"),
        _banded("inquiry_conversion", ">=1:100%; >=0.8:50%; else:0%"),
    ),
    "S144": (_weighing("4.5"), _weighing("5")),
    # 1,000 x 0.51 = 510 of 5,000 is 10.2 %; 1,000 x 0.5 = 500 is 10 %, which is allowed
    "S145": (
        _on_table("1000", ("0", "0.49"), ("60", "1.0")),
        _on_table("1000", ("0", "0.5"), ("60", "1.0")),
    ),
    # a straight line has no step
    "S146": (
        _on_table("1000", ("0", "0.8"), ("60", "1.0")),
        _on_table("1000", ("0", "0.8"), ("60", "1.0"), form="linear"),
    ),
    "S147": (
        _on_table("1000", ("0", "0.9"), ("100.01", "1.0")),
        _on_table("1000", ("0", "0.9"), ("100", "1.0")),
    ),
    # with a commission more sales are paid for although the score stays
    "S148": (
        _structured("performance"),
        _structured("commission_sales", sales_rate="0.005", commission_from="channel"),
    ),
    # 4.8 of 5 six times; the near miss differs once
    "S150": (_history(["4.8"] * 6), _history(["4.8"] * 5 + ["4.9"])),
    # every row but satisfaction lacks data; where all rows have it nothing is said of that row
    "S151": (_history(["4.8", None, "4.8"]), a_client(scorecards=library_card("presales_cs"))),
    # three people at 0.89: 0.11 from 1; at 0.9 it is 0.10, which is allowed
    "S152": (_one_row("cashier", "0.89"), _one_row("cashier", "0.9")),
    "S155": (_campaign(3), _campaign(2)),
    # signed on the first day is too late; the day before is in time
    "S156": (_campaign(1, signed="2026-06-01"), _campaign(1, signed="2026-05-31")),
    "S157": (_assessed_by("E2"), _assessed_by("E0")),
    # every month a difference; one month without is a matter of late orders
    "S158": (_bridged("calendar", "5", "7"), _bridged("calendar", "5", "0")),
    "S159": (_bridged("26_25", "0", "0"), _bridged("26_25", "0", "3")),
    "S160": (_sourced("daily_register"), _sourced("finance_report")),
    # two people at 4.1 % draw 8.2 %; at 4 % exactly the 8 % there are
    "S161": (
        _pooled("0.041", "store_operator", "promo_specialist"),
        _pooled("0.04", "store_operator", "promo_specialist"),
    ),
    # a share of a net profit nobody has planned; with the plan it is 2.5 % of 8 %
    "S162": (_on_net_profit(None), _on_net_profit(50_000)),
}  # fmt: skip


def _codes(client: Client) -> set[str]:
    return {finding.code for finding in check_scheme(client)}


@pytest.mark.parametrize("code", CASES)
def test_raised_and_not_raised(code: str) -> None:
    bad, near = CASES[code]
    assert code in _codes(bad)
    assert code not in _codes(near)


@pytest.mark.parametrize("post", sorted(load_library().scorecards["post"].unique()))
def test_no_scorecard_of_the_library_has_a_faulty_shape(post: str) -> None:
    client = a_client(scorecards=library_card(post))
    severity = {f.code: client.library.codes[f.code].severity for f in check_scheme(client)}
    new = {code for code, how in severity.items() if code >= "S141" and how != "note"}
    assert not new


def test_a_cliff_is_told_in_yuan() -> None:
    table = cliffs(CASES["S145"][0])
    assert list(table["amount"]) == [exact("510")]
    assert list(table["at"]) == [exact("60")]
    assert list(table["share"]) == [exact("0.102")]


def test_who_draws_on_their_own_sales_draws_on_each_sale_once() -> None:
    client = _pooled("0.05", "store_operator", "store_operator", commission_from="employee")
    assert list(drawn_rates(client)["rate"]) == [exact("0.05")]
    assert "S161" not in _codes(client)


def test_who_draws_on_the_company_draws_on_every_channel() -> None:
    client = _pooled("0.05", "store_operator", commission_from="company")
    assert list(drawn_rates(client)["channel"]) == ["tmall"]


def test_missing_data_are_counted_per_row() -> None:
    found = [f for f in check_scheme(CASES["S151"][0]) if f.code == "S151"]
    by_row = {f.values["indicator"]: (f.values["missing"], f.values["due"]) for f in found}
    assert by_row["cs_satisfaction"] == (1, 3)
    assert by_row["inquiry_conversion"] == (3, 3)


def _s162(client: Client) -> list[tuple[int, int, tuple[str, ...]]]:
    told = [f.values for f in check_scheme(client) if f.code == "S162"]
    return [(int(v["drawing"]), int(v["unknown"]), v["reasons"]) for v in told]


def test_a_rate_that_is_not_known_is_said_and_never_taken_for_none() -> None:
    assert _s162(_on_net_profit(None)) == [(1, 1, ("rate_no_profit_plan",))]
    # 2.7 % of E2 beside it; four of them exceed 8 % whatever E1 draws
    assert _s162(_on_net_profit(None, "store_operator")) == [(2, 1, ("rate_no_profit_plan",))]
    many = _on_net_profit(None, *["store_operator"] * 3)
    (over,) = [f for f in check_scheme(many) if f.code == "S161"]
    assert (over.values["drawing"], over.values["rates"]) == (3, exact("0.081"))
    assert _s162(many) == []
    # 50,000 of 1,000,000 planned: half of it is 2.5 % of sales, with 2.7 % less than 8 %
    assert _s162(_on_net_profit(50_000, "store_operator")) == []


def test_a_rate_in_a_cell_that_cannot_be_read_is_not_known() -> None:
    client = _pooled("0.04", "store_operator", "promo_specialist")
    table = client.table("pay_plans")
    first = table.index == 0
    unread = table.assign(sales_rate=table["sales_rate"].mask(first), _spoilt=first)
    assert _s162(client.with_tables(pay_plans=unread)) == [(2, 1, ("rate_unreadable",))]
    # the base cannot be read: the rate is known all the same
    base = table.assign(base=table["base"].mask(first), _spoilt=first)
    assert _s162(client.with_tables(pay_plans=base)) == []


def test_who_draws_and_serves_no_channel_is_not_forgotten() -> None:
    client = _pooled("0.04", "store_operator", "promo_specialist")
    posts = client.table("assignments")
    nowhere = posts.assign(channel=posts["channel"].mask(posts["employee"] == "E2"))
    assert _s162(client.with_tables(assignments=nowhere)) == [(2, 1, ("rate_no_channel",))]


def test_of_two_who_sell_for_themselves_the_higher_rate_counts() -> None:
    """E1 3 %, E2 with a plan of her own 9 %: on one sale 9 % may be drawn, more than 8 %."""
    client = _pooled("0.03", "store_operator", "store_operator", commission_from="employee")
    own = {**plan("E2", 4000, structure="commission_sales", sales_rate="0.09",
                  commission_from="employee"), "subject_kind": "employee"}  # fmt: skip
    rows = pd.concat([client.table("pay_plans"), a_client(pay_plans=[own]).table("pay_plans")])
    dearer = client.with_tables(pay_plans=rows.reset_index(drop=True))
    assert list(drawn_rates(dearer)["rate"]) == [exact("0.09")]
    assert "S161" in _codes(dearer)
