"""A made-up client of any size: ``python -m benchmarks.synthetic FOLDER 300 12``.

Teams of fifteen on a few channels, every pay structure, joiners, leavers, transfers
inside a month, people with two posts, own scorecards and own plans, standards that
jump, figures of people, posts and channels. Nothing is drawn at random: the same size
gives the same files on every machine. The client opens without any finding.
"""

from __future__ import annotations

import csv
import sys
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from ecperf_kit.exact import decimal
from ecperf_kit.library import load_library
from ecperf_kit.period import months_between, shift

LAST_MONTH = "2026-12"
#: A team of fifteen: the first leads the sales half, the fifth the service half.
TEAM = (
    "channel_ops_manager", "store_operator", "store_operator", "store_operator",
    "cs_supervisor", "presales_cs", "presales_cs", "presales_cs", "presales_cs",
    "picker_packer", "picker_packer", "visual_designer", "promo_specialist",
    "live_anchor", "visual_designer",
)  # fmt: skip
_SERVICE = ("cs_supervisor", "presales_cs")
#: Measured each for himself; everybody else by the figures of the post.
_OWN_FIGURES = ("store_operator", "presales_cs", "picker_packer")
_TEAMS_A_CHANNEL = 4
#: What stands for a full standard where the library names no typical value.
_STANDARDS = {
    "CNY": "200000", "count": "20", "days": "20", "hours": "90", "points": "90",
    "ratio": "0.8", "seconds": "40", "times": "3",
}  # fmt: skip
_MEASURES = {
    "net_sales": "1", "gross_profit": "0.5", "net_profit": "0.2", "promotion_cost": "0.1",
    "management_cost": "0.05",
}  # fmt: skip
Row = Mapping[str, Any]


class Shop:
    """The people of the client in order, and what about them follows from their place."""

    def __init__(self, people: int, months: int) -> None:
        if people < len(TEAM) + 2 or months < 1:
            raise ValueError("a client has at least 17 people and one month")
        self.first = shift(LAST_MONTH, 1 - months)
        self.months = months_between(self.first, LAST_MONTH)
        self.count = people
        self.teams = -(-(people - 2) // len(TEAM))
        self.channels = [f"channel{i}" for i in range(1, 2 + (self.teams - 1) // _TEAMS_A_CHANNEL)]

    def ids(self) -> range:
        """The numbers of everybody below the two heads: 3, 4, 5, …"""
        return range(3, self.count + 1)

    def post(self, who: int) -> str:
        return TEAM[(who - 3) % len(TEAM)]

    def team(self, who: int) -> int:
        return (who - 3) // len(TEAM)

    def channel(self, who: int) -> str:
        return self.channels[self.team(who) // _TEAMS_A_CHANNEL]

    def department(self, who: int) -> str:
        part = "service" if self.post(who) in _SERVICE else "sales"
        return f"{part}{self.team(who) + 1}"

    def superior(self, who: int) -> str:
        lead = 3 + self.team(who) * len(TEAM)
        if who == lead:
            return name(1)
        service_lead = lead + TEAM.index("cs_supervisor")
        return name(service_lead if self.post(who) == "presales_cs" else lead)

    def hired(self, who: int) -> date:
        """One in twenty joins in the middle of a month of the scheme."""
        if who % 20 == 7:
            return _day(self.months[who % len(self.months)], 12)
        return date(2020 + who % 4, 1 + who % 12, 1)

    def left(self, who: int) -> date | None:
        """One in thirty leaves in the middle of one of the later months."""
        if who % 30 == 19 and len(self.months) > 2:
            return _day(self.months[-1 - who % (len(self.months) // 2)], 20)
        return None

    def there(self, who: int) -> Iterator[str]:
        """The months of the scheme in which somebody is employed."""
        begin, end = f"{self.hired(who):%Y-%m}", self.left(who)
        for month in self.months:
            if month >= begin and (end is None or month <= f"{end:%Y-%m}"):
                yield month


def name(who: int) -> str:
    """The id of an employee by number."""
    return f"P{who:05d}"


def _day(month: str, day: int) -> date:
    return date(int(month[:4]), int(month[5:]), day)


def _share(*keys: int) -> Decimal:
    """Some share of a standard between 0.86 and 1.16; the same for the same keys."""
    mixed = sum(
        (key + 1) * factor for key, factor in zip(keys, (7919, 104729, 1299709), strict=False)
    )
    return Decimal(86 + mixed % 31) / 100


@cache
def _standard(indicator: str) -> Decimal:
    known = load_library().indicators.loc[indicator]
    if pd.notna(known["typical_value"]):
        return decimal(known["typical_value"])
    lower = known["unit"] == "ratio" and known["direction"] == "lower_is_better"
    usual = Decimal("0.1" if lower else _STANDARDS[known["unit"]])
    return min(usual, _most(indicator) * Decimal("0.8"))


def _most(indicator: str) -> Decimal:
    """The largest plausible figure of an indicator."""
    most = load_library().indicators.at[indicator, "plausible_max"]
    return Decimal("1e9") if pd.isna(most) else decimal(most)


def _cards() -> dict[str, list[Row]]:
    """The library's scorecards of the posts used, with the parameters of its indicators."""
    library = load_library()
    found: dict[str, list[Row]] = {}
    for post in (*dict.fromkeys(TEAM), "ecommerce_director", "hr_specialist"):
        own = library.scorecards[library.scorecards["post"] == post]
        found[post] = [_card(row) for row in own.to_dict("records")]
    return found


def _card(row: Mapping[Any, Any]) -> Row:
    known = load_library().indicators.loc[row["indicator"]]
    figures = {
        column: "" if pd.isna(known[column]) else str(decimal(known[column]))
        for column in ("cap", "zero_below", "step_size", "step_deduct")
    }
    words = {c: known[c] for c in ("method", "standard_basis", "data_source", "bands", "bands_on")}
    words = {c: "" if pd.isna(word) else word for c, word in words.items()}
    weight = str(decimal(row["weight"]))
    kept = {c: row[c] for c in ("indicator", "role", "duty")}
    return {**kept, "weight": weight, **figures, **words}


def _people(shop: Shop) -> dict[str, list[Row]]:
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
            held.append(at | {"effective_from": _day(inside[1], 16), "post": "visual_designer"})
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


def _scheme(shop: Shop, cards: Mapping[str, list[Row]]) -> dict[str, list[Row]]:
    since = _day(shop.first, 1)
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


def _figures(shop: Shop, cards: Mapping[str, list[Row]]) -> dict[str, list[Row]]:
    standards: list[Row] = []
    actuals: list[Row] = []
    span = f"{shop.first}..{LAST_MONTH}" if len(shop.months) > 1 else shop.first
    measured: dict[tuple[str, str], list[tuple[str, Iterable[str]]]] = {}
    for post in cards:
        for row in cards[post]:
            measured[post, str(row["indicator"])] = [("post", shop.months)]
            if row["indicator"] not in _MEASURES:
                standards.append({"subject_kind": "post", "subject_id": post, "period": span,
                                  "indicator": row["indicator"],
                                  "standard": _standard(str(row["indicator"]))})  # fmt: skip
    own = {post: tuple(str(row["indicator"]) for row in cards[post]) for post in _OWN_FIGURES}
    for who in shop.ids():
        for place, indicator in enumerate(own.get(shop.post(who), ())):
            if indicator in _MEASURES:
                standards.append({"subject_kind": "employee", "subject_id": name(who),
                                  "period": span, "indicator": indicator,
                                  "standard": _standard(indicator)})  # fmt: skip
            actuals += [_actual("employee", name(who), indicator, month, who, place, int(month[5:]))
                        for month in shop.there(who)]  # fmt: skip
        if shop.post(who) == "store_operator" and who % 3 == 1:
            actuals += [_actual("employee", name(who), "gross_profit", month, who, 9, 1)
                        for month in shop.there(who)]  # fmt: skip
    for at, (post, indicator) in enumerate(measured):
        if post not in _OWN_FIGURES and indicator not in _MEASURES:
            actuals += [_actual("post", post, indicator, month, at, int(month[5:]))
                        for month in shop.months]  # fmt: skip
    for at, channel in enumerate(shop.channels):
        for measure in ("net_sales", "gross_profit"):
            actuals += [_actual("channel", channel, measure, month, at, int(month[5:]), 2,
                                standard=_planned(measure)) for month in shop.months]  # fmt: skip
    for measure in ("net_sales", "net_profit"):
        whole = _planned(measure) * len(shop.channels)
        actuals += [_actual("company", client_name(shop.count, len(shop.months)), measure, month,
                            int(month[5:]), standard=whole) for month in shop.months]  # fmt: skip
    targets = [
        {"month": month, "channel": channel, "measure": measure, "amount": _planned(measure)}
        for month in shop.months
        for channel in shop.channels
        for measure in _MEASURES
    ]
    return {"standards": standards, "actuals": actuals, "targets": targets,
            "sales_bridge": _bridge(shop), "profit_ledger": _ledger(shop)}  # fmt: skip


def _planned(measure: str) -> Decimal:
    return 3_000_000 * Decimal(_MEASURES[measure])


def _actual(
    kind: str, subject: str, indicator: str, month: str, *keys: int, standard: Decimal | None = None
) -> Row:
    known = load_library().indicators.loc[indicator]
    value = (standard or _standard(indicator)) * _share(*keys)
    value = min(value, _most(indicator))
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
            net = (_planned("net_sales") * _share(at, int(month[5:]), 2)).quantize(Decimal("0.01"))
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


def _course(shop: Shop, cards: Mapping[str, list[Row]]) -> dict[str, list[Row]]:
    """What people wrote down each month: assessments, interviews, the process, old pay."""
    assessments: list[Row] = []
    interviews: list[Row] = []
    history: list[Row] = []
    for who in shop.ids():
        for place, month in enumerate(shop.there(who)):
            after = shift(month, 1)
            for at, row in enumerate(cards[shop.post(who)]):
                given = (Decimal(str(row["weight"])) * _share(who, at, place)).quantize(
                    Decimal("0.1")
                )
                given = min(given, Decimal(str(row["weight"])))
                assessments.append(
                    {"employee": name(who), "period": month, "indicator": row["indicator"],
                     "self_score": row["weight"], "superior_score": given,
                     "assessor": shop.superior(who), "self_date": _day(after, 5),
                     "superior_date": _day(after, 8)}
                )  # fmt: skip
            interviews.append(
                {"employee": name(who), "period": month, "held_on": _day(after, 12),
                 "interviewer": shop.superior(who), "achievements": "达标", "problems": "响应慢",
                 "causes": "排班", "solutions": "调班", "next_targets": "提高一档"}
            )  # fmt: skip
        if who % 20 != 7:
            history += [
                {"employee": name(who), "month": shift(month, -12), "pay": 6000 + 10 * (who % 90)}
                for month in shop.months
                if _day(shift(month, -12), 28) > shop.hired(who)
            ]
    steps = (("data", 5), ("self_assessment", 6), ("superior_review", 8), ("hr_audit", 9),
             ("finance_check", 10), ("publication", 10), ("pay", 15))  # fmt: skip
    departments = ["management", *(f"sales{team + 1}" for team in range(shop.teams))]
    process = [
        {"month": month, "department": department, "step": step, "due": _day(shift(month, 1), due),
         "done": _day(shift(month, 1), due + (len(department) + due) % 3)}
        for month in shop.months for department in departments for step, due in steps
    ]  # fmt: skip
    before = _last_day(shift(shop.first, -1))
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


def _last_day(month: str) -> date:
    return _day(month, monthrange(int(month[:4]), int(month[5:]))[1])


def _round(shop: Shop) -> dict[str, list[Row]]:
    """The committee, the product plan and the meetings before the scheme begins."""
    signed = _day(shift(shop.first, -1), 2)
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
        {"measure": measure, "held_on": _day(shift(shop.first, -1), 5 + i), "attended": shop.count}
        for i, measure in enumerate(("pre_meeting", "all_staff_meeting", "drill"))
    ]
    return {"committee": committee, "product_plan": products, "sync_records": meetings}


def client_name(people: int, months: int) -> str:
    """The name of the folder of a client of this size."""
    return f"people{people}x{months}"


def write_client(root: Path, people: int, months: int = 12) -> str:
    """Writes ``client_data/people300x12`` below the practice ``root`` and yields its name.

    The months end with December 2026; all of them are the pilot's, on every channel,
    and the period of the year covers them. ``practice.toml`` is made if there is none.
    """
    shop, cards = Shop(people, months), _cards()
    called = client_name(people, months)
    folder = root / "client_data" / called
    folder.mkdir(parents=True, exist_ok=True)
    (root / "practice.toml").touch()
    config = f"""name_zh = "{people}人网店"
name_en = "Shop of {people}"
invented = true
[sponsor]
name = "林总"
position = "owner"
signed = {_day(shift(shop.first, -1), 2)}
[dates]
plan_year = 2026
scheme_from = {_day(shop.first, 1)}
pilot_from = "{shop.first}"
pilot_to = "{LAST_MONTH}"
[pilot]
channels = {[*shop.channels]}
departments = ["management"]
pay = "shadow"
[pay]
minimum_wage = "2490"
seasonality = "home_textiles"
[targets]
annual_net_sales = "{36_000_000 * len(shop.channels)}"
"""
    (folder / "client.toml").write_text(config, encoding="utf-8")
    tables = {**_people(shop), **_scheme(shop, cards), **_figures(shop, cards),
              **_course(shop, cards), **_round(shop)}  # fmt: skip
    for table, rows in tables.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows(rows)
    return called


if __name__ == "__main__":
    print(write_client(Path(sys.argv[1]), *map(int, sys.argv[2:4])))
