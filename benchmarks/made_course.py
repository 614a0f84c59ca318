"""The made-up shop's course of the year: assessments, interviews, the process, signatures."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from benchmarks.made_shop import Row, Shop, client_name, day, name, share
from ecperf_kit.period import shift


def course_tables(shop: Shop, cards: Mapping[str, list[Row]]) -> dict[str, list[Row]]:
    """What people wrote down each month: assessments, interviews, the process, old pay."""
    assessments: list[Row] = []
    interviews: list[Row] = []
    history: list[Row] = []
    for who in shop.ids():
        for place, month in enumerate(shop.there(who)):
            after = shift(month, 1)
            for at, row in enumerate(cards[shop.post(who)]):
                given = (Decimal(str(row["weight"])) * share(who, at, place)).quantize(
                    Decimal("0.1")
                )
                given = min(given, Decimal(str(row["weight"])))
                assessments.append(
                    {"employee": name(who), "period": month, "indicator": row["indicator"],
                     "self_score": row["weight"], "superior_score": given,
                     "assessor": shop.superior(who), "self_date": day(after, 5),
                     "superior_date": day(after, 8)}
                )  # fmt: skip
            interviews.append(
                {"employee": name(who), "period": month, "held_on": day(after, 12),
                 "interviewer": shop.superior(who), "achievements": "达标", "problems": "响应慢",
                 "causes": "排班", "solutions": "调班", "next_targets": "提高一档"}
            )  # fmt: skip
        if who % 20 != 7:
            history += [
                {"employee": name(who), "month": shift(month, -12), "pay": 6000 + 10 * (who % 90)}
                for month in shop.months
                if day(shift(month, -12), 28) > shop.hired(who)
            ]
    steps = (("data", 5), ("self_assessment", 6), ("superior_review", 8), ("hr_audit", 9),
             ("finance_check", 10), ("publication", 10), ("pay", 15))  # fmt: skip
    departments = ["management", *(f"sales{team + 1}" for team in range(shop.teams))]
    process = [
        {"month": month, "department": department, "step": step, "due": day(shift(month, 1), due),
         "done": day(shift(month, 1), due + (len(department) + due) % 3)}
        for month in shop.months for department in departments for step, due in steps
    ]  # fmt: skip
    before = last_day(shift(shop.first, -1))
    signed: list[Row] = [
        {"paper": "scheme", "subject_kind": "client", "subject_id": client_name(
            shop.count, len(shop.months)), "signed_by": name(1), "signed_on": before},
        *({"paper": "job_description", "subject_kind": "post", "subject_id": post,
           "signed_by": name(1), "signed_on": before} for post in cards),
        *({"paper": "consent", "subject_kind": "employee", "subject_id": name(who),
           "signed_by": name(who), "signed_on": before} for who in range(1, shop.count + 1)),
    ]  # fmt: skip
    return {"assessments": assessments, "interviews": interviews, "pay_history": history,
            "process_log": process, "signoffs": signed}  # fmt: skip


def last_day(month: str) -> date:
    return day(month, monthrange(int(month[:4]), int(month[5:]))[1])


def round_tables(shop: Shop) -> dict[str, list[Row]]:
    """The committee, the product plan and the meetings before the scheme begins."""
    signed = day(shift(shop.first, -1), 2)
    committee = [
        {"member": "林总", "role": "leader", "position": "owner", "signed": signed},
        {"member": name(2), "role": "vice_leader", "position": "hr_head", "employee": name(2),
         "signed": signed},
        {"member": name(3), "role": "member", "position": "department_head", "employee": name(3),
         "department": "sales1", "signed": signed},
        {"member": "外账", "role": "finance", "position": "outside_bookkeeper", "signed": signed},
    ]  # fmt: skip
    products = [
        {"product": f"{channel}-{i}", "name": f"商品{i}", "channel": channel, "launch": shop.first,
         "annual_sales": 12_000_000}
        for channel in shop.channels for i in range(1, 4)
    ]  # fmt: skip
    meetings = [
        {"measure": measure, "held_on": day(shift(shop.first, -1), 5 + i), "attended": shop.count}
        for i, measure in enumerate(("pre_meeting", "all_staff_meeting", "drill"))
    ]
    return {"committee": committee, "product_plan": products, "sync_records": meetings}
