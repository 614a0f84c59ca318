"""Can every pay plan be paid at all? What a plan leaves blank that its structure needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.finding import Finding
from ecperf_kit.method.dividend import in_pay
from ecperf_kit.method.pay import RATED
from ecperf_kit.method.unread import spoilt
from ecperf_kit.rules.in_force import findings, plans

#: Structures whose pay no coefficient turns.
_UNSCORED = ("fixed", "score_bonus")
_COMBINED = ("sales_rate", "gross_profit_rate", "net_profit_rate")
_QUARTER_ENDS = ("03", "06", "09", "12")


def plan_lacks_a_figure(client: Client) -> list[Finding]:
    """Pay plans in force that leave blank what their structure is computed from, so that pay
    cannot be computed (2.3): the coefficient table, an amount, a rate, the dividend's unit; or
    whose dividend falls due without a row in the profit ledger."""
    rows = plans(client)
    # what a cell holds that cannot be read is not known: told where it stands
    rows = rows[~spoilt(rows)]
    phantom = in_pay(rows["dividend_kind"]).tolist()
    without = _without_profit(client, rows)
    lacking = [
        (*_blank(row, paid), *((f"profit_ledger ({row['dividend_unit']})",) if due else ()))
        for row, paid, due in zip(rows.to_dict("records"), phantom, without, strict=True)
    ]
    rows = rows.assign(lacking=pd.Series(lacking, index=rows.index, dtype="object"))
    return findings(
        "S149",
        rows[[len(each) > 0 for each in lacking]],
        lambda r: {
            "structure": f"{r['structure']}_structure"
            if r["structure"] in ("performance", "dividend")
            else r["structure"],
            "lacking": r["lacking"],
            "since": r["effective_from"],
        },
    )


def _blank(row: Mapping[Any, Any], phantom: bool) -> Iterator[str]:
    """The columns of a plan that must be filled for its lines to be computed, and are not."""
    structure = row["structure"]
    if pd.isna(structure):
        return
    needed = {rate for rate, structures in RATED.values() if structure in structures}
    if structure == "performance":
        needed = {"performance_pay"}
    if structure == "dividend":
        needed = {"dividend_share", "dividend_unit"} if phantom else set()
    yield from sorted(name for name in needed if pd.isna(row[name]))
    if structure == "commission_combined" and all(pd.isna(row[name]) for name in _COMBINED):
        yield " / ".join(_COMBINED)
    # performance pay of 0 is a line like any other: it waits for its coefficient
    scored = structure != "dividend" or phantom or pd.notna(row["performance_pay"])
    if structure not in _UNSCORED and scored and pd.isna(row["coefficient_table"]):
        yield "coefficient_table"


def _without_profit(client: Client, rows: pd.DataFrame) -> list[bool]:
    """Whether a plan's dividend fell due in a month with actuals, and its unit has no profit."""
    months = client.table("actuals")["period"].dropna().unique()
    ends = [month for month in months if month[-2:] in _QUARTER_ENDS]
    units = set(client.table("profit_ledger")["unit"])
    due = in_pay(rows["dividend_kind"]) & (rows["structure"] == "dividend")
    return [
        bool(paid)
        and pd.notna(unit)
        and unit not in units
        and any(month >= f"{since:%Y-%m}" for month in ends)
        for paid, unit, since in zip(
            due, rows["dividend_unit"], rows["effective_from"], strict=True
        )
    ]


PAYABLE_RULES = (plan_lacks_a_figure,)
