"""What must be settled before a month's pay is handed over."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import FEN, ints, round_half_up
from ecperf_kit.finding import Finding
from ecperf_kit.method.bridge import net_of_bridge
from ecperf_kit.method.calculate import Calculation
from ecperf_kit.method.corrections import corrections
from ecperf_kit.method.keys import Groups
from ecperf_kit.method.once import once
from ecperf_kit.method.paid import better_of
from ecperf_kit.rules.assessors import without_assessor
from ecperf_kit.rules.bridges import commission_on_open_bridges as on_open_bridges
from ecperf_kit.rules.in_force import findings, number
from ecperf_kit.rules.merit import dividend_not_in_pay

_KEY = ["employee", "month"]


def pay_mode(client: Client, month: str) -> str:
    """How a month is paid: ``shadow``, ``better_of`` or ``real``.

    In the pilot as the client decided; from the rollout on the new pay is real.
    A month that belongs to neither is computed and shown only.
    """
    dates = client.config.dates
    if dates.rollout_from and month >= str(dates.rollout_from):
        return "real"
    first, last = dates.pilot_from, dates.pilot_to
    if first and last and str(first) <= month <= str(last):
        return str(client.config.pilot.pay)
    return "shadow"


def paid_out(client: Client, months: Iterable[str]) -> tuple[str, ...]:
    """Those of ``months`` whose computed pay is handed over, or held against the old pay."""
    return tuple(month for month in months if pay_mode(client, month) != "shadow")


def in_rollout(client: Client, month: str) -> bool:
    """Whether a month belongs to the full rollout."""
    begun = client.config.dates.rollout_from
    return bool(begun and month >= str(begun))


def low_scores(client: Client, totals: pd.DataFrame) -> pd.DataFrame:
    """The totals below ``score.low`` with the day of the talk (``held_on``), lowest first."""
    low = totals[(totals["total"] < number(client, "score.low")).fillna(False).astype(bool)]
    low = low.merge(talks(client), on=_KEY, how="left")
    return low.sort_values(["month", "total", "employee"], ignore_index=True)


@once
def talks(client: Client) -> pd.DataFrame:
    """The talks on record: employee, month, held_on (the first of several)."""
    table = client.table("interviews")
    held = table[table["held_on"].notna()].rename(columns={"period": "month"})
    return held.sort_values("held_on").drop_duplicates(_KEY)[[*_KEY, "held_on"]]


def open_appeals(client: Client, last: str) -> pd.DataFrame:
    """Appeals about months up to ``last`` without an outcome, with ``late``.

    ``late``: the month's pay is already handed over, or a later month is running;
    what is owed settles as the next month's correction.
    """
    table = client.table("appeals")
    table = table[(table["period"] <= last) & table["settled_on"].isna()]
    log = client.table("process_log")
    paid = log.loc[(log["step"] == "pay") & log["done"].notna(), "month"]
    late = (table["period"] < last) | table["period"].isin(set(paid))
    return table.assign(late=late.astype(bool))


def without_consent(client: Client, employees: pd.Series) -> set[str]:
    """Those of ``employees`` whose plan changes pay and who have not signed a consent."""
    papers = client.table("signoffs")
    signed = papers[(papers["paper"] == "consent") & (papers["subject_kind"] == "employee")]
    return set(employees) - set(signed["subject_id"])


def provisional_pay(client: Client, calculation: Calculation) -> list[Finding]:
    """Months with scores nobody confirmed: their pay is provisional."""
    table = calculation.pay
    open_ = table[table["state"] == "provisional"]
    return [
        Finding("R101", f"client:{client.name}", {"month": month, "people": len(part)})
        for month, part in open_.groupby("month", sort=True)
    ]


def appeals_too_long(client: Client, calculation: Calculation) -> list[Finding]:
    """Appeals still open when their month is paid or over."""
    months = calculation.totals["month"]
    if months.empty:
        return []
    table = open_appeals(client, str(months.max()))
    table = table[table["late"]].assign(subject=lambda t: "employee:" + t["employee"])
    return findings(
        "R102",
        table,
        lambda r: {
            "employee": r["employee"],
            "month": r["period"],
            "raised": r["raised_on"],
            "matter": r["matter"],
        },
        "settled_on",
    )


def corrections_to_settle(client: Client, calculation: Calculation) -> list[Finding]:
    """Settled appeals whose amount is due with the pay of these months, besides it (4.5)."""
    rows = corrections(client, sorted(calculation.totals["month"].unique()))
    return findings(
        "R111",
        rows.assign(subject="employee:" + rows["employee"]),
        lambda r: {
            "employee": r["employee"],
            "month": r["month"],
            "about": r["period"],
            "settled": r["settled_on"],
            "amount": None if pd.isna(r["correction"]) else int(r["correction"]),
        },
        "correction",
    )


def low_without_talk(client: Client, calculation: Calculation) -> list[Finding]:
    """Scores below the low mark without a talk: a note in the pilot, later a warning."""
    table = low_scores(client, calculation.totals)
    table = table[table["held_on"].isna()]
    low = number(client, "score.low")
    return [
        Finding(
            "R104" if in_rollout(client, row["month"]) else "R103",
            f"employee:{row['employee']}",
            {
                "employee": row["employee"],
                "month": row["month"],
                "total": int(row["total"]),
                "low": low,
            },
        )
        for row in table.to_dict("records")
    ]


def real_pay_without_consent(client: Client, calculation: Calculation) -> list[Finding]:
    """Months paid under the new scheme although a written consent is missing."""
    changed = calculation.lines[calculation.lines["structure"] != "fixed"]
    found = []
    for month, part in changed.groupby("month", sort=True):
        people = part["employee"].drop_duplicates()
        missing = without_consent(client, people)
        if missing and pay_mode(client, str(month)) != "shadow":
            values = {"month": month, "missing": len(missing), "persons": len(people)}
            found.append(Finding("R105", f"client:{client.name}", values))
    return found


def given_totals(client: Client, calculation: Calculation) -> list[Finding]:
    """Superiors whose totals differ from the computed ones, row scores read to the hundredth."""
    rows = calculation.rows[["month", "superior", "employee", *_GIVEN]]
    whole = rows[rows["row_score"].notna() & rows["superior_score"].notna() & rows["assessed"]]
    gap = ints(whole["superior_score"]) - round_half_up(ints(whole["row_score"]), FEN)
    whole = whole.assign(superior=whole["superior"].fillna(""))
    sheets = Groups(whole, ["month", "superior", "employee"])
    sums = np.abs(sheets.sum(gap))
    far = np.flatnonzero(sums > number(client, "score.data_row_difference"))
    heads = whole[["month", "superior"]].take(sheets.first[far])
    gaps: dict[tuple[str, str], list[int]] = {}
    for month, superior, amount in zip(
        heads["month"], heads["superior"], sums[far].tolist(), strict=True
    ):
        gaps.setdefault((month, superior), []).append(amount)
    found = []
    for (month, superior), part in sorted(gaps.items()):
        values: dict[str, Any] = {
            "month": month, "superior": superior, "people": len(part), "difference": max(part),
        }  # fmt: skip
        subject = f"employee:{superior}" if superior else "table:assessments"
        found.append(Finding("R106", subject, values))
    return found


_GIVEN = ["row_score", "superior_score", "assessed"]


def self_and_superior(client: Client, calculation: Calculation) -> list[Finding]:
    """People whose own total and the superior's are far apart."""
    limit = number(client, "score.self_superior_difference")
    table = calculation.totals
    gap = (table["self_total"] - table["given_total"]).abs()
    table = table[(gap > limit).fillna(False).astype(bool)]
    table = table.assign(subject="employee:" + table["employee"])
    return findings(
        "R107",
        table,
        lambda r: {
            "employee": r["employee"],
            "month": r["month"],
            "self": int(r["self_total"]),
            "given": int(r["given_total"]),
            "limit": limit,
        },
    )


def old_pay_missing(client: Client, calculation: Calculation) -> list[Finding]:
    """People to be paid the better of old and new whose old pay of the month is not known."""
    table = calculation.pay
    months = [m for m in table["month"].unique() if pay_mode(client, str(m)) == "better_of"]
    table = better_of(client, table, months)
    table = table[table["month"].isin(months) & table["old_pay"].isna()]
    table = table.assign(subject="employee:" + table["employee"])
    return findings("R108", table, lambda r: {"employee": r["employee"], "month": r["month"]})


def net_of_bridge_used(client: Client, calculation: Calculation) -> list[Finding]:
    """Months whose sales commission rests on the net of the bridge, as finance has no sales."""
    commission = calculation.lines["line"] == "commission_sales"
    if client.config.pay.sales_basis != "finance" or not commission.any():
        return []
    months = set(calculation.lines.loc[commission, "month"])
    bridge = client.table("sales_bridge")
    used = bridge["finance_sales"].isna() & net_of_bridge(bridge).notna()
    rows = bridge[used & bridge["month"].isin(months)].sort_values(["channel", "month"])
    by_channel = rows.groupby("channel", sort=True)["month"].agg(tuple)
    first = rows.drop_duplicates("channel")
    return findings(
        "R109",
        first.assign(subject="channel:" + first["channel"]),
        lambda r: {"channel": r["channel"], "months": by_channel[r["channel"]]},
        "finance_sales",
    )


def dividends_not_in_pay(client: Client, calculation: Calculation) -> list[Finding]:
    """Dividends of registered shares and options: the month's pay does not contain them (2.3)."""
    return dividend_not_in_pay(client)


def nobody_assesses(client: Client, calculation: Calculation) -> list[Finding]:
    """Whose scores of these months nobody can confirm or give (3.7)."""
    totals = calculation.totals
    months = tuple(sorted(totals["month"].unique()))
    return list(without_assessor(client, months, set(totals["employee"])))


def commission_on_open_bridges(client: Client, calculation: Calculation) -> list[Finding]:
    """Bridges of months paid out that hold non-genuine orders or do not close (4.4)."""
    months = calculation.lines["month"].unique()
    return on_open_bridges(client, calculation, paid_out(client, months))


MonthRule = Callable[[Client, Calculation], list[Finding]]
MONTH_RULES: tuple[MonthRule, ...] = (
    real_pay_without_consent,
    old_pay_missing,
    appeals_too_long,
    corrections_to_settle,
    low_without_talk,
    provisional_pay,
    given_totals,
    self_and_superior,
    net_of_bridge_used,
    commission_on_open_bridges,
    dividends_not_in_pay,
    nobody_assesses,
)


def check_rollout(client: Client, calculation: Calculation) -> tuple[Finding, ...]:
    """All findings about a run of some months, in the order of ``MONTH_RULES``."""
    return tuple(f for rule in MONTH_RULES for f in rule(client, calculation))
