"""The design report's tables on the client's scenarios; empty where there are none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.method.comparison import BINS
from ecperf_kit.stages.result import Sentence
from ecperf_kit.stages.scenarios import (
    Outlook,
    may_show_sum,
    movers,
    outlooks,
    shown_by_group,
    summary,
)

_MONEY = ("before", "after", "change", "change_share")


def scenario_tables(client: Client) -> dict[str, pd.DataFrame]:
    """Scenarios at a glance, their cost at other attainments, by group, and by person.

    Sums over fewer people than may be shown are missing in the open tables.
    """
    found, faults = outlooks(client)
    lines = [_line(client, each) for each in found]
    lines += [{"scenario": fault} for fault in faults]
    return {
        "scenarios": _frame(lines, ("scenario", "author", "reason", "persons", *_MONEY, *BINS,
                                    "not_computed", "faults", "cliff")),
        "scenario_costs": _frame(
            [row for each in found for row in _costs(client, each)],
            ("scenario", "attainment", "before", "after", "change"),
        ),
        "scenario_groups": _frame(
            [row for each in found for row in _groups(client, each)],
            ("scenario", "group", "persons", *BINS, *_MONEY),
        ),
        "scenario_people": _frame(
            [row for each in found for row in _people(client, each)],
            ("scenario", "employee", "post", "months", *_MONEY, "bin", "line", "line_change"),
        ),
    }  # fmt: skip


def _frame(rows: list[dict[str, object]], columns: tuple[str, ...]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(columns))
    whole = {*_MONEY, *BINS, "persons", "months", "not_computed", "faults", "cliff",
             "attainment", "line_change"}  # fmt: skip
    return frame.astype({name: "Int64" for name in columns if name in whole})


def _line(client: Client, found: Outlook) -> dict[str, object]:
    line = summary(found)
    if not may_show_sum(client, found):
        line |= dict.fromkeys((*_MONEY, *BINS), pd.NA)
    return line


def _title(found: Outlook) -> str:
    return found.scenario.title or found.scenario.name


def _of(found: Outlook, row: Mapping[Any, Any]) -> dict[str, object]:
    return {"scenario": _title(found)} | {str(name): value for name, value in row.items()}


def _costs(client: Client, found: Outlook) -> list[dict[str, object]]:
    if not may_show_sum(client, found):
        return []
    rows = found.costs.dropna(subset=["attainment"]).to_dict("records")
    return [_of(found, row) for row in rows]


def _groups(client: Client, found: Outlook) -> list[dict[str, object]]:
    rows = shown_by_group(client, found).to_dict("records")
    return [_of(found, row) for row in rows]


def _people(client: Client, found: Outlook) -> list[dict[str, object]]:
    limit = int(client.threshold("pay_gap.small_change")) * 100
    rows = movers(found, len(found.simulation.people)).to_dict("records")
    return [_of(found, row) | {"bin": _bin(str(row["bin"]), limit)} for row in rows]


def _bin(name: str, limit: int) -> Sentence:
    return Sentence(f"pilot.bin.{name}", {"limit": limit})
