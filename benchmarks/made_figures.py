"""The made-up shop's figures: standards, actuals, the plan, the sales bridge, the profits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from benchmarks.made_shop import (
    LAST_MONTH,
    MEASURES,
    OWN_FIGURES,
    Row,
    Shop,
    client_name,
    most_of,
    name,
    share,
    standard_of,
)
from ecperf_kit.library import load_library


def figure_tables(shop: Shop, cards: Mapping[str, list[Row]]) -> dict[str, list[Row]]:
    standards: list[Row] = []
    actuals: list[Row] = []
    span = f"{shop.first}..{LAST_MONTH}" if len(shop.months) > 1 else shop.first
    measured: dict[tuple[str, str], list[tuple[str, Iterable[str]]]] = {}
    for post in cards:
        for row in cards[post]:
            measured[post, str(row["indicator"])] = [("post", shop.months)]
            if row["indicator"] not in MEASURES:
                standards.append({"subject_kind": "post", "subject_id": post, "period": span,
                                  "indicator": row["indicator"],
                                  "standard": standard_of(str(row["indicator"]))})  # fmt: skip
    own = {post: tuple(str(row["indicator"]) for row in cards[post]) for post in OWN_FIGURES}
    for who in shop.ids():
        for place, indicator in enumerate(own.get(shop.post(who), ())):
            if indicator in MEASURES:
                standards.append({"subject_kind": "employee", "subject_id": name(who),
                                  "period": span, "indicator": indicator,
                                  "standard": standard_of(indicator)})  # fmt: skip
            actuals += [_actual("employee", name(who), indicator, month, who, place, int(month[5:]))
                        for month in shop.there(who)]  # fmt: skip
        if shop.post(who) == "store_operator" and who % 3 == 1:
            actuals += [_actual("employee", name(who), "gross_profit", month, who, 9, 1)
                        for month in shop.there(who)]  # fmt: skip
    for at, (post, indicator) in enumerate(measured):
        if post not in OWN_FIGURES and indicator not in MEASURES:
            actuals += [_actual("post", post, indicator, month, at, int(month[5:]))
                        for month in shop.months]  # fmt: skip
    for at, channel in enumerate(shop.channels):
        for measure in ("net_sales", "gross_profit"):
            actuals += [_actual("channel", channel, measure, month, at, int(month[5:]), 2,
                                standard=planned(measure)) for month in shop.months]  # fmt: skip
    for measure in ("net_sales", "net_profit"):
        whole = planned(measure) * len(shop.channels)
        actuals += [_actual("company", client_name(shop.count, len(shop.months)), measure, month,
                            int(month[5:]), standard=whole) for month in shop.months]  # fmt: skip
    targets = [
        {"month": month, "channel": channel, "measure": measure, "amount": planned(measure)}
        for month in shop.months
        for channel in shop.channels
        for measure in MEASURES
    ]
    return {"standards": standards, "actuals": actuals, "targets": targets,
            "sales_bridge": _bridge(shop), "profit_ledger": _ledger(shop)}  # fmt: skip


def planned(measure: str) -> Decimal:
    return 3_000_000 * Decimal(MEASURES[measure])


def _actual(
    kind: str, subject: str, indicator: str, month: str, *keys: int, standard: Decimal | None = None
) -> Row:
    known = load_library().indicators.loc[indicator]
    value = (standard or standard_of(indicator)) * share(*keys)
    value = min(value, most_of(indicator))
    row = {"subject_kind": kind, "subject_id": subject, "indicator": indicator, "period": month,
           "source_kind": known["data_source"]}  # fmt: skip
    if known["unit"] == "ratio" and known["aggregation"] == "ratio":
        return row | {"numerator": (value * 1000).quantize(Decimal(1)), "denominator": 1000}
    whole = Decimal(1) if known["unit"] == "count" else Decimal("0.01")
    return row | {"value": value.quantize(whole)}


def _bridge(shop: Shop) -> list[Row]:
    rows: list[Row] = []
    for at, channel in enumerate(shop.channels):
        for month in shop.months:
            net = (planned("net_sales") * share(at, int(month[5:]), 2)).quantize(Decimal("0.01"))
            rows.append(
                {"channel": channel, "month": month, "backend_sales": net + 180_000,
                 "non_genuine": 20_000, "refunds": 100_000, "coupons_fees": 60_000, "cut_off": 0,
                 "finance_sales": net, "received": net - 30_000}
            )  # fmt: skip
    return rows


def _ledger(shop: Shop) -> list[Row]:
    quarters = dict.fromkeys(f"{m[:4]}-Q{(int(m[5:]) + 2) // 3}" for m in shop.months)
    profits = (-200_000, 500_000, 300_000, 800_000)
    return [{"unit": "all", "quarter": quarter, "profit": profits[i % 4]}
            for i, quarter in enumerate(quarters)]  # fmt: skip
