"""The made-up shop's people: who they are, their scheme and their pay plans."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from benchmarks.made_shop import TEAM, Row, Shop, day, name


def people_tables(shop: Shop) -> dict[str, list[Row]]:
    employees: list[Row] = [
        {"employee": name(1), "name": name(1), "hired": date(2018, 3, 1)},
        {"employee": name(2), "name": name(2), "hired": date(2019, 3, 1), "superior": name(1)},
    ]
    held: list[Row] = [
        {"employee": name(1), "effective_from": date(2018, 3, 1), "post": "ecommerce_director",
         "department": "management"},
        {"employee": name(2), "effective_from": date(2019, 3, 1), "post": "hr_specialist",
         "department": "management"},
    ]  # fmt: skip
    attendance: list[Row] = []
    for who in shop.ids():
        employees.append(
            {"employee": name(who), "name": name(who), "hired": shop.hired(who),
             "left": shop.left(who) or "", "superior": shop.superior(who)}
        )  # fmt: skip
        at = {"employee": name(who), "effective_from": shop.hired(who), "post": shop.post(who),
              "department": shop.department(who), "channel": shop.channel(who)}  # fmt: skip
        if who % 40 == 11:  # two posts at the same time
            held += [at | {"time_share": "60%"},
                     at | {"post": "promo_specialist", "time_share": "40%"}]  # fmt: skip
        else:
            held.append(at)
        inside = list(shop.there(who))
        if who % 40 == 21 and len(inside) > 2:  # transferred inside a month
            held.append(at | {"effective_from": day(inside[1], 16), "post": "visual_designer"})
        if who % 3:
            for place, month in enumerate(inside):
                absent = 2 if (who + place) % 17 == 0 else 0
                attendance.append(
                    {"employee": name(who), "month": month, "scheduled_days": 22,
                     "worked_days": 21 - absent, "paid_leave_days": 1}
                )  # fmt: skip
    departments = [{"department": "management", "name": "总经办", "head": name(1)}]
    for team in range(shop.teams):
        lead = 3 + team * len(TEAM)
        departments.append({"department": f"sales{team + 1}", "name": f"销售{team + 1}部",
                            "head": name(lead)})  # fmt: skip
        second = lead + TEAM.index("cs_supervisor")
        if second <= shop.count:
            departments.append({"department": f"service{team + 1}", "name": f"客服{team + 1}部",
                                "head": name(second)})  # fmt: skip
    channels = [{"channel": c, "name": f"渠道{c[7:]}"} for c in shop.channels]
    return {"employees": employees, "assignments": held, "attendance": attendance,
            "departments": departments, "channels": channels}  # fmt: skip


def scheme_tables(shop: Shop, cards: Mapping[str, list[Row]]) -> dict[str, list[Row]]:
    since = day(shop.first, 1)
    scorecards: list[Row] = [
        {"subject_kind": "post", "subject_id": post, "effective_from": since, **row}
        for post, rows in cards.items()
        for row in rows
    ]
    for who in shop.ids():
        if who % 30 == 14:  # an own card
            scorecards += [
                {
                    "subject_kind": "employee",
                    "subject_id": name(who),
                    "effective_from": since,
                    **row,
                }
                for row in cards[shop.post(who)]
            ]
    tables = [
        {"coefficient_table": table, "effective_from": since, "at_least": low,
         "coefficient": coefficient, "form": "linear" if table == "T2" else "bands"}
        for table, bands in {
            "T1": (("0", "0.5"), ("60", "0.7"), ("70", "0.9"), ("80", "1"), ("90", "1.1")),
            "T2": (("0", "0"), ("60", "0.6"), ("100", "1")),
        }.items()
        for low, coefficient in bands
    ]  # fmt: skip
    return {"scorecards": scorecards, "coefficient_tables": tables,
            "pay_plans": _plans(shop, since)}  # fmt: skip


def _plans(shop: Shop, since: date) -> list[Row]:
    base = {"effective_from": since, "coefficient_table": "T1"}
    paid: dict[str, Row] = {
        "ecommerce_director": {"structure": "dividend", "base": 15000, "dividend_unit": "all",
                               "dividend_share": "2%", "performance_pay": 5000},
        "hr_specialist": {"structure": "fixed", "base": 6000},
        "channel_ops_manager": {"structure": "commission_sales", "base": 9000,
                                "commission_from": "channel", "sales_rate": "0.1%"},
        "store_operator": {"structure": "performance", "base": 4500, "performance_pay": 4500},
        "cs_supervisor": {"structure": "performance", "base": 6300, "performance_pay": 2700,
                          "over_gate": "yes"},
        "presales_cs": {"structure": "performance", "base": 4550, "performance_pay": 1950,
                        "coefficient_table": "T2", "bonus": 100},
        "picker_packer": {"structure": "piece_rate", "base": 3000, "piece_rate": "0.8",
                          "benefits": 300},
        "visual_designer": {"structure": "performance", "base": 4900, "performance_pay": 2100},
        "promo_specialist": {"structure": "score_bonus", "base": 5600},
        "live_anchor": {"structure": "commission_combined", "base": 5000, "sales_rate": "0.05%",
                        "gross_profit_rate": "0.1%", "commission_from": "channel"},
    }  # fmt: skip
    plans: list[Row] = [
        {"subject_kind": "post", "subject_id": post, **base, **row} for post, row in paid.items()
    ]
    for who in shop.ids():
        if shop.post(who) == "store_operator" and who % 3 == 1:  # an own plan
            plans.append(
                {"subject_kind": "employee", "subject_id": name(who), **base, "base": 6500,
                 "structure": "commission_gross_profit", "gross_profit_rate": "2%",
                 "commission_from": "employee"}
            )  # fmt: skip
    return plans
