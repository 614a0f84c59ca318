"""Does the budget close: gross profit less its costs is what the plan calls net profit?"""

from __future__ import annotations

from typing import Any

from ecperf_kit.client import Client
from ecperf_kit.finding import Finding
from ecperf_kit.rules.plan import plan_months, plan_year_months

MEASURES = ("net_sales", "gross_profit", "promotion_cost", "management_cost", "net_profit")


Cells = dict[tuple[str, str], dict[str, int]]


def budget_cells(client: Client) -> Cells:
    """The plan year's measures by month and channel ("" where the plan has no channels):
    (month, channel) -> measure -> amount."""
    months = set(plan_year_months(client))
    cells: Cells = {}
    for measure in MEASURES:
        plan = plan_months(client, measure)
        columns = (plan[name].tolist() for name in ("month", "channel", "amount"))
        rows = [row for row in zip(*columns, strict=True) if row[0] in months]
        whole = not any(channel for _, channel, _ in rows)
        for month, channel, amount in rows:
            if whole or channel:
                cells.setdefault((month, channel), {})[measure] = int(amount)
    return cells


def budget_does_not_close(client: Client) -> list[Finding]:
    """More net profit planned than gross profit leaves after promotion and management cost,
    or more gross profit than sales (2.1: the target rests on a financial budget). Less is no
    fault: the plan need not list every cost. One finding per channel, the first cell named."""
    wrong: dict[str, list[dict[str, Any]]] = {}
    for (month, channel), cell in sorted(budget_cells(client).items()):
        sales, gross, net = (cell.get(n) for n in ("net_sales", "gross_profit", "net_profit"))
        promotion, management = cell.get("promotion_cost"), cell.get("management_cost")
        remains = None
        if gross is not None and promotion is not None and management is not None:
            remains = gross - promotion - management
        over = net is not None and remains is not None and net > remains
        if over or (gross is not None and sales is not None and gross > sales):
            said = {"where": month, "gross": gross, "sales": sales, "remains": remains, "net": net}
            wrong.setdefault(channel, []).append(said)
    return [
        Finding(
            "S165",
            f"channel:{channel}" if channel else f"client:{client.name}",
            found[0] | {"count": len(found)},
        )
        for channel, found in wrong.items()
    ]


BUDGET_RULES = (budget_does_not_close,)
