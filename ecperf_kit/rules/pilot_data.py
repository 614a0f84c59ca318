"""Is the pilot's data true: back-end against finance sales, and figures that jump."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ecperf_kit.exact import ints, masked, rounded_product
from ecperf_kit.finding import Finding
from ecperf_kit.method.actuals import monthly_actuals
from ecperf_kit.method.bridge import share_of
from ecperf_kit.method.once import once
from ecperf_kit.period import shift
from ecperf_kit.rules.bridges import bridge_rows, non_genuine, unexplained
from ecperf_kit.rules.few import fewest
from ecperf_kit.rules.in_force import number, words
from ecperf_kit.rules.pilot import Pilot, PilotRule

Row = Mapping[str, Any]


@once
def bridges(pilot: Pilot) -> pd.DataFrame:
    """The sales bridge of the pilot's channels and months, one row each."""
    return bridge_rows(pilot.client, pilot.months, pilot.client.config.pilot.channels)


def worst_bridge(pilot: Pilot) -> pd.Series | None:
    """The channel and month furthest apart: by non-genuine orders, else by the difference."""
    table = bridges(pilot).dropna(subset=["difference_share"])
    if table.empty:
        return None
    ordered = table.sort_values(
        ["non_genuine_share", "difference_share"], ascending=False, kind="stable"
    )
    return ordered.iloc[0]


@once
def commission_effects(pilot: Pilot) -> pd.DataFrame:
    """Commission on a channel's sales as paid and as it would be on back-end sales.

    One row per employee and month that draws on a bridge: channel, basis, backend,
    rate, coefficient, amount, on_backend, over (yuan too much).
    """
    lines = pilot.calculation.lines
    drawn = lines[(lines["line"] == "commission_sales") & lines["amount"].notna()]
    both = drawn.merge(bridges(pilot), on=["channel", "month"])
    both = both[(both["basis"] < both["backend_sales"]).fillna(False)].reset_index(drop=True)
    factors = ("backend_sales", "rate", "coefficient", "days_share")
    on_backend = rounded_product(*(ints(both[name]) for name in factors))
    return both.assign(
        backend=both["backend_sales"],
        on_backend=masked(on_backend, False, both.index),
        over=masked(on_backend, False, both.index) - both["amount"],
    )


def non_genuine_orders(pilot: Pilot) -> list[Finding]:
    """Non-genuine orders above nothing are an error by themselves (4.4)."""
    return non_genuine(pilot.client, bridges(pilot))


def unexplained_difference(pilot: Pilot) -> list[Finding]:
    """What of the difference between back-end and finance sales no line explains (4.4)."""
    return unexplained(pilot.client, bridges(pilot))


def commission_on_backend(pilot: Pilot) -> list[Finding]:
    """What commission on back-end sales would have cost too much, per channel (2.3).

    Of one or two people's commission it tells how much they are paid, for the sales stand
    beside it: theirs is a matter of each of them.
    """
    table = commission_effects(pilot)
    found = []
    for channel, part in table.groupby("channel", sort=True):
        by_month = part.groupby("month")["over"].sum()
        month = by_month.reset_index().sort_values("over", kind="stable")["month"].iloc[-1]
        there = part[part["month"] == month]
        whose = {f"channel:{channel}": there}
        if there["employee"].nunique() < fewest(pilot.client):
            whose = {f"employee:{name}": own for name, own in there.groupby("employee", sort=True)}
        for subject, own in whose.items():
            values = {
                "channel": channel,
                "month": month,
                "paid": int(own["amount"].sum()),
                "backend": int(own["on_backend"].sum()),
                "over": int(own["over"].sum()),
            }
            found.append(Finding("P204", subject, values))
    return found


def bridge_missing(pilot: Pilot) -> list[Finding]:
    """Pilot channels whose sales nobody has reconciled (4.4)."""
    there = set(bridges(pilot)[["channel", "month"]].itertuples(index=False, name=None))
    found = []
    for channel in pilot.client.config.pilot.channels:
        missing = [m for m in pilot.months if (channel, m) not in there]
        if missing:
            values = {"channel": channel, "months": len(missing), "first": missing[0]}
            found.append(Finding("P206", f"channel:{channel}", values))
    return found


def sudden_jumps(pilot: Pilot) -> list[Finding]:
    """Follower figures that jump from one month to the next are questioned (4.4)."""
    client = pilot.client
    months = sorted({*pilot.months, shift(pilot.months[0], -1)})
    table = monthly_actuals(client, months)
    table = table[table["indicator"].isin(words(client, "data_truth.jump_indicators"))]
    key = ["subject_kind", "subject_id", "indicator"]
    ago = table.assign(month=table["month"].map(lambda m: shift(m, 1)))
    both = table.merge(ago[[*key, "month", "actual"]], on=[*key, "month"], suffixes=("", "_ago"))
    rise = share_of(both["actual"] - both["actual_ago"], both["actual_ago"])
    limit = number(client, "data_truth.jump")
    both = both.assign(rise=rise)[(rise > limit).fillna(False).astype(bool)]
    return [
        Finding(
            "P207",
            f"{row['subject_kind']}:{row['subject_id']}",
            {"indicator": row["indicator"], "month": row["month"], "rise": int(row["rise"])},
        )
        for row in both.to_dict("records")
    ]


DATA_RULES: tuple[PilotRule, ...] = (
    non_genuine_orders,
    unexplained_difference,
    commission_on_backend,
    bridge_missing,
    sudden_jumps,
)
