"""Do back-end and finance sales agree: what a month's commission is computed on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.finding import Finding
from ecperf_kit.method.bridge import sales_bridge
from ecperf_kit.method.calculate import Calculation
from ecperf_kit.rules.in_force import number

_WHERE = ["channel", "month"]


def bridge_rows(
    client: Client, months: Sequence[str], channels: Sequence[str] = ()
) -> pd.DataFrame:
    """The sales bridges of these months, one row per channel and month; of some channels."""
    table = client.table("sales_bridge")
    table = table[table["month"].isin(list(months))]
    if channels:
        table = table[table["channel"].isin(list(channels))]
    return sales_bridge(table.drop_duplicates(_WHERE))


def non_genuine(client: Client, table: pd.DataFrame) -> list[Finding]:
    """Non-genuine orders above nothing are an error by themselves (4.4)."""
    most = number(client, "data_truth.non_genuine_max")
    hit = table[(table["non_genuine"] > most).fillna(False)]
    found = []
    for channel, part in hit.groupby("channel", sort=True):
        worst = part.sort_values("non_genuine", kind="stable").iloc[-1]
        values = {
            **figures(worst),
            "amount": int(worst["non_genuine"]),
            "share": _plain(worst["non_genuine_share"]),
            "months": len(part),
        }
        found.append(Finding("P201", f"channel:{channel}", values))
    return found


def unexplained_code(client: Client, table: pd.DataFrame) -> pd.Series:
    """For each bridge the code of what it leaves unexplained: P202 (far), P203, or missing."""
    red, yellow = (number(client, f"data_truth.{name}") for name in ("red", "yellow"))
    size = table["unexplained_share"].abs()
    far, some = ((size > line).fillna(False).astype(bool) for line in (red, yellow))
    code = pd.Series(None, index=table.index, dtype="str")
    return code.mask(some, "P203").mask(far, "P202")


def unexplained(client: Client, table: pd.DataFrame) -> list[Finding]:
    """What of the difference between back-end and finance sales no line explains (4.4)."""
    yellow = number(client, "data_truth.yellow")
    table = table.assign(size=table["unexplained_share"].abs())
    table = table.assign(code=unexplained_code(client, table))
    found = []
    for channel, part in table[table["size"].notna()].groupby("channel", sort=True):
        worst = part.sort_values("size", kind="stable").iloc[-1]
        values = {
            **figures(worst),
            "unexplained": int(worst["unexplained"]),
            "share": int(worst["unexplained_share"]),
        }
        if pd.notna(worst["code"]):
            found.append(Finding(worst["code"], f"channel:{channel}", values))
        elif (part["difference_share"] > yellow).any() and (part["non_genuine"] <= 0).all():
            widest = part.sort_values("difference_share", kind="stable").iloc[-1]
            found.append(Finding("P205", f"channel:{channel}", figures(widest)))
    return found


def check_bridges(client: Client, months: Sequence[str]) -> list[Finding]:
    """Bridges of these months that hold non-genuine orders or do not close (4.4)."""
    return _open_or_false(client, bridge_rows(client, months))


def commission_on_open_bridges(
    client: Client, calculation: Calculation, months: Sequence[str]
) -> list[Finding]:
    """The same of the bridges that commission of some months is paid on."""
    return _open_or_false(client, bridges_paid_on(client, calculation, months))


def _open_or_false(client: Client, table: pd.DataFrame) -> list[Finding]:
    open_ = [finding for finding in unexplained(client, table) if finding.code != "P205"]
    return [*non_genuine(client, table), *open_]


def figures(row: Any) -> dict[str, Any]:
    """What a finding tells of a bridge."""
    return {
        "channel": row["channel"],
        "month": row["month"],
        "backend": _plain(row["backend_sales"]),
        "finance": _plain(row["finance_sales"]),
        "difference": _plain(row["difference"]),
        "difference_share": _plain(row["difference_share"]),
    }


def _plain(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


# -- what commission is paid on ------------------------------------------------------
def _drawn(calculation: Calculation, months: Sequence[str]) -> pd.DataFrame:
    """The lines of these months paid by sales of a channel or of the company."""
    lines = calculation.lines
    of_bridge = lines["commission_from"].isin(["channel", "company"])
    sales = (lines["line"] == "commission_sales") & lines["month"].isin(list(months))
    return lines[sales & of_bridge]


def bridges_paid_on(
    client: Client, calculation: Calculation, months: Sequence[str]
) -> pd.DataFrame:
    """The sales bridges that commission of these months is computed on."""
    lines = _drawn(calculation, months)
    table = bridge_rows(client, sorted(lines["month"].unique()))
    of_channel = lines[lines["commission_from"] == "channel"]
    pairs = set(zip(of_channel["channel"], of_channel["month"], strict=True))
    whole = set(lines.loc[lines["commission_from"] == "company", "month"])
    kept = [
        month in whole or (channel, month) in pairs
        for channel, month in zip(table["channel"], table["month"], strict=True)
    ]
    return table[np.array(kept, dtype=bool)].reset_index(drop=True)


def pay_on_open_bridges(
    client: Client, calculation: Calculation, months: Sequence[str]
) -> pd.DataFrame:
    """Whose commission rests on a bridge that does not close: employee, month, code."""
    table = bridges_paid_on(client, calculation, months)
    table = table.assign(code=unexplained_code(client, table)).dropna(subset=["code"])
    lines = _drawn(calculation, months)[["employee", "month", "channel", "commission_from"]]
    lines = lines.assign(channel=lines["channel"].fillna(""))
    own = lines[lines["commission_from"] == "channel"]
    both = [
        own.merge(table[[*_WHERE, "code"]], on=_WHERE),
        lines[lines["commission_from"] == "company"].merge(table[["month", "code"]], on="month"),
    ]
    found = pd.concat(both)[["employee", "month", "code"]].drop_duplicates()
    # the graver of several
    return found.sort_values("code").drop_duplicates(["employee", "month"], ignore_index=True)
