"""The made-up shop: who works there, in which post and since when, and how its figures vary.

Nothing is drawn at random: the same size gives the same shop on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
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
SERVICE = ("cs_supervisor", "presales_cs")
#: Measured each for himself; everybody else by the figures of the post.
OWN_FIGURES = ("store_operator", "presales_cs", "picker_packer")
_TEAMS_A_CHANNEL = 4
#: What stands for a full standard where the library names no typical value.
_STANDARDS = {
    "CNY": "200000", "count": "20", "days": "20", "hours": "90", "points": "90",
    "ratio": "0.8", "seconds": "40", "times": "3",
}  # fmt: skip
MEASURES = {
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
        part = "service" if self.post(who) in SERVICE else "sales"
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
            return day(self.months[who % len(self.months)], 12)
        return date(2020 + who % 4, 1 + who % 12, 1)

    def left(self, who: int) -> date | None:
        """One in thirty leaves in the middle of one of the later months."""
        if who % 30 == 19 and len(self.months) > 2:
            return day(self.months[-1 - who % (len(self.months) // 2)], 20)
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


def day(month: str, day: int) -> date:
    return date(int(month[:4]), int(month[5:]), day)


def share(*keys: int) -> Decimal:
    """Some share of a standard between 0.86 and 1.16; the same for the same keys."""
    mixed = sum(
        (key + 1) * factor for key, factor in zip(keys, (7919, 104729, 1299709), strict=False)
    )
    return Decimal(86 + mixed % 31) / 100


@cache
def standard_of(indicator: str) -> Decimal:
    known = load_library().indicators.loc[indicator]
    if pd.notna(known["typical_value"]):
        return decimal(known["typical_value"])
    lower = known["unit"] == "ratio" and known["direction"] == "lower_is_better"
    usual = Decimal("0.1" if lower else _STANDARDS[known["unit"]])
    return min(usual, most_of(indicator) * Decimal("0.8"))


def most_of(indicator: str) -> Decimal:
    """The largest plausible figure of an indicator."""
    most = load_library().indicators.at[indicator, "plausible_max"]
    return Decimal("1e9") if pd.isna(most) else decimal(most)


def cards_of_posts() -> dict[str, list[Row]]:
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


def client_name(people: int, months: int) -> str:
    """The name of the folder of a client of this size."""
    return f"people{people}x{months}"
