"""What commission, piece rate and dividend are computed on.

Sales are those of the finance report, or back-end sales less non-genuine
orders, refunds, coupons and fees (assessment method 2.3): non-genuine orders
never earn commission. A missing basis stays missing, it is never 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from ecperf_kit.method.actuals import monthly_actuals
from ecperf_kit.method.bridge import net_of_bridge
from ecperf_kit.method.dividend import ledger
from ecperf_kit.method.subjects import KINDS, column_at, company_id, looked_up
from ecperf_kit.method.unread import spoilt

if TYPE_CHECKING:
    from ecperf_kit.client import Client

#: The actual each basis is read from.
BASIS_INDICATOR = {
    "commission_sales": "net_sales",
    "commission_gross_profit": "gross_profit",
    "commission_net_profit": "net_profit",
    "piece": "pack_volume",
}
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
    bridged = (lines["line"] == "commission_sales") & lines["commission_from"].isin(
        ["channel", "company"]
    )
    found = found.mask(bridged, _from_bridge(client, lines))
    dividend = lines["line"] == "dividend"
    found = found.mask(dividend, _from_ledger(client, lines))
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


def _from_bridge(client: Client, lines: pd.DataFrame) -> pd.DataFrame:
    """Commissionable sales of each line's channel, or of all channels for the company."""
    table = client.table("sales_bridge").drop_duplicates(["channel", "month"])
    table = table.reset_index(drop=True)
    sales = net_of_bridge(table)
    if client.config.pay.sales_basis == "finance":
        sales = table["finance_sales"].fillna(sales).mask(spoilt(table))
    table = table.assign(sales=sales)
    at = pd.MultiIndex.from_frame(table[["channel", "month"]])
    places = pd.Series(range(len(table)), index=at)
    keys = pd.MultiIndex.from_frame(lines[["channel", "month"]])
    position = pd.Series(places.reindex(keys).fillna(-1).to_numpy(), lines.index).astype("int64")
    company = lines["commission_from"] == "company"
    # a sum of several rows is placed at the first of them
    first = table.reset_index().drop_duplicates("month").set_index("month")["index"]
    position = position.mask(company, lines["month"].map(first).fillna(-1).astype("int64"))
    found = _taken(table, "sales", position)
    whole = table.groupby("month")["sales"].agg(lambda part: part.sum(skipna=False))
    whole = whole[[month for month in whole.index if not _not_delivered(client, table, month)]]
    of_company = lines["month"].map(whole).astype("Int64")
    found["basis"] = found["basis"].mask(company, of_company)
    return found


def _not_delivered(client: Client, table: pd.DataFrame, month: str) -> set[str]:
    """The channels that sell in a month but have no row in its sales bridge.

    Selling: a bridge of this or an earlier month, a plan or an actual of net sales.
    """
    targets, actuals = client.table("targets"), client.table("actuals")
    planned = targets[(targets["month"] == month) & (targets["measure"] == "net_sales")]
    sold = actuals[(actuals["period"] == month) & (actuals["indicator"] == "net_sales")]
    selling = (
        set(table.loc[table["month"] <= month, "channel"])
        | set(planned["channel"].dropna())
        | set(sold.loc[sold["subject_kind"] == "channel", "subject_id"])
    )
    return selling - set(table.loc[table["month"] == month, "channel"]) - {""}


def _from_ledger(client: Client, lines: pd.DataFrame) -> pd.DataFrame:
    """The distributable amount of each line's unit, in the month it is paid out."""
    reserve = client.threshold("reserve.share")
    table = ledger(client.table("profit_ledger"), int(reserve))
    table = table.drop_duplicates(["unit", "payout_month"]).reset_index(drop=True)
    at = pd.MultiIndex.from_frame(table[["unit", "payout_month"]])
    places = pd.Series(range(len(table)), index=at)
    keys = pd.MultiIndex.from_frame(lines[["dividend_unit", "month"]])
    position = pd.Series(places.reindex(keys).fillna(-1).to_numpy(), lines.index).astype("int64")
    return _taken(table, "distributable", position)


def _taken(table: pd.DataFrame, figure: str, position: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "basis": column_at(table, figure, position).astype("Int64"),
            "basis_file": column_at(table, "_file", position),
            "basis_sheet": column_at(table, "_sheet", position),
            "basis_row": column_at(table, "_row", position),
        }
    )
