"""What commission, piece rate and dividend are computed on.

Sales are those of the finance report, or back-end sales less non-genuine
orders, refunds, coupons and fees (assessment method 2.3): non-genuine orders
never earn commission. A missing basis stays missing, it is never 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ecperf_kit.method.actuals import monthly_actuals
from ecperf_kit.method.bridge import net_of_bridge
from ecperf_kit.method.dividend import ledger
from ecperf_kit.method.keys import find
from ecperf_kit.method.lost import with_lost
from ecperf_kit.method.subjects import BASIS_INDICATOR, KINDS, column_at, company_id, looked_up
from ecperf_kit.method.unread import spoilt

if TYPE_CHECKING:
    from ecperf_kit.client import Client

_NOTHING = ["basis", "basis_file", "basis_sheet", "basis_row"]


def commission_basis(client: Client, lines: pd.DataFrame) -> pd.DataFrame:
    """The lines with basis and where it stands (basis_file, basis_sheet, basis_row).

    ``lines`` has line (one of ``BASIS_INDICATOR`` or dividend), month, employee,
    post, department, channel, commission_from, dividend_unit. Sales of a channel
    or the company come from the sales bridge, everything else from the actuals
    of the subject named by ``commission_from``, dividends from the profit ledger.
    """
    months = sorted(lines["month"].unique())
    found = _from_actuals(client, lines, months)
    bridge, ledger_table = (with_lost(client, t) for t in ("sales_bridge", "profit_ledger"))
    of_bridge = lines["commission_from"].isin(["channel", "company"])
    bridged = (lines["line"] == "commission_sales") & of_bridge
    if bridged.any():
        found = found.mask(bridged, _from_bridge(client, lines, bridge))
    dividend = lines["line"] == "dividend"
    if dividend.any():
        found = found.mask(dividend, _from_ledger(client, lines, ledger_table))
    return lines.assign(**{name: found[name] for name in _NOTHING})


def _from_actuals(client: Client, lines: pd.DataFrame, months: list[str]) -> pd.DataFrame:
    table = monthly_actuals(client, months)
    wanted = lines.assign(indicator=lines["line"].map(BASIS_INDICATOR).astype("str"))
    position = pd.Series(-1, index=lines.index, dtype="int64")
    for kind in KINDS:
        chosen = wanted["commission_from"] == kind
        if chosen.any():
            at = looked_up(wanted[chosen], table, company_id(client), (kind,))
            position.loc[at.index] = at["position"]
    return _taken(table, "actual", position)


def _from_bridge(client: Client, lines: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Commissionable sales of each line's channel, or of all channels for the company."""
    table = table.drop_duplicates(["channel", "month"]).reset_index(drop=True)
    sales = net_of_bridge(table)
    if client.config.pay.sales_basis == "finance":
        sales = table["finance_sales"].fillna(sales).mask(spoilt(table))
    table = table.assign(sales=sales)
    at = find([lines["channel"], lines["month"]], [table["channel"], table["month"]])
    company = (lines["commission_from"] == "company").to_numpy(dtype=bool)
    # a sum of several rows is placed at the first of them
    at = np.where(company, find([lines["month"]], [table["month"]]), at)
    found = _taken(table, "sales", pd.Series(at, index=lines.index))
    if not company.any():
        return found
    whole = table.groupby("month")["sales"].agg(lambda part: part.sum(skipna=False))
    lacking = _not_delivered(client, table)
    whole = whole[[month for month in whole.index if month not in lacking]]
    found["basis"] = found["basis"].mask(company, lines["month"].map(whole).astype("Int64"))
    return found


def _not_delivered(client: Client, table: pd.DataFrame) -> set[str]:
    """The months in which a channel sells that has no row in the month's sales bridge.

    Selling: a bridge of this or an earlier month, a plan or an actual of net sales.
    """
    targets, actuals = client.table("targets"), client.table("actuals")
    planned = targets[(targets["measure"] == "net_sales") & targets["channel"].notna()]
    sold = actuals[(actuals["indicator"] == "net_sales") & (actuals["subject_kind"] == "channel")]
    selling = {*_pairs(planned, "month", "channel"), *_pairs(sold, "period", "subject_id")}
    delivered = _pairs(table, "month", "channel")
    begun: set[str] = set()
    lacking = set()
    for month in sorted({month for month, _ in delivered}):
        own = {channel for at, channel in delivered if at == month}
        begun |= own
        wanted = begun | {channel for at, channel in selling if at == month}
        if wanted - own - {""}:
            lacking.add(month)
    return lacking


def _pairs(table: pd.DataFrame, month: str, channel: str) -> set[tuple[str, str]]:
    return set(zip(table[month], table[channel], strict=True))


def _from_ledger(client: Client, lines: pd.DataFrame, profits: pd.DataFrame) -> pd.DataFrame:
    """The distributable amount of each line's unit, in the month it is paid out."""
    table = ledger(profits, int(client.threshold("reserve.share")))
    key = ["unit", "payout_month"]
    at = find([lines["dividend_unit"], lines["month"]], [table[name] for name in key])
    return _taken(table, "distributable", pd.Series(at, index=lines.index))


def _taken(table: pd.DataFrame, figure: str, position: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "basis": column_at(table, figure, position).astype("Int64"),
            "basis_file": column_at(table, "_file", position),
            "basis_sheet": column_at(table, "_sheet", position),
            "basis_row": column_at(table, "_row", position),
        }
    )
