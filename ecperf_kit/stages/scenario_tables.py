"""The design report's tables on the client's scenarios; empty where there are none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.method.comparison import BINS
from ecperf_kit.stages.result import Sentence
from ecperf_kit.stages.scenario_shown import Told
from ecperf_kit.stages.scenarios import Outlook, held_against, movers, outlooks, summary, titles

_MONEY = ("before", "after", "change", "change_share")
_WHOLE = {*_MONEY, *BINS, "persons", "months", "not_computed", "faults", "cliff", "attainment",
          "line_change", "in_pilot"}  # fmt: skip


def scenario_tables(client: Client) -> dict[str, pd.DataFrame]:
    """Scenarios at a glance, their cost at other attainments, by group, and by person.

    Sums that would tell, alone or beside one another, what fewer people get than may be
    shown are missing in the open tables.
    """
    found, faults = outlooks(client)
    told, named = Told(client), titles(client)
    tables: dict[str, list[dict[str, object]]] = {"scenarios": [], "costs": [], "groups": []}
    for each in found:
        name = named.get(each.scenario.name, each.scenario.name)
        tables["scenarios"].append({**_line(each, told, named), "scenario": name})
        tables["costs"] += _of(name, _costs(each, named))
        tables["groups"] += _of(name, told.groups(each).to_dict("records"))
    tables["scenarios"] += [{"scenario": fault} for fault in faults]
    people = [
        row
        for each in found
        for row in _of(named.get(each.scenario.name, each.scenario.name), _people(client, each))
    ]
    return {
        "scenarios": _frame(
            tables["scenarios"],
            ("scenario", "author", "reason", "persons", "against", *_MONEY, *BINS,
             "in_pilot", "not_computed", "faults", "cliff"),
        ),
        "scenario_costs": _frame(
            tables["costs"], ("scenario", "attainment", "against", "before", "after", "change")
        ),
        "scenario_groups": _frame(
            tables["groups"], ("scenario", "group", "persons", *BINS, *_MONEY)
        ),
        "scenario_people": _frame(
            people,
            ("scenario", "employee", "post", "months", *_MONEY, "bin", "line", "line_change"),
        ),
    }  # fmt: skip


def _frame(rows: list[dict[str, object]], columns: tuple[str, ...]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(columns))
    return frame.astype({name: "Int64" for name in columns if name in _WHOLE})


def _of(name: str, rows: list[dict[Any, Any]]) -> list[dict[str, object]]:
    return [{"scenario": name, **row} for row in rows]


def _line(found: Outlook, told: Told, named: Mapping[str, str]) -> dict[str, object]:
    line = summary(found) | {"against": held_against(found, named)}
    if not told.sums(found):
        return line | dict.fromkeys((*_MONEY, *BINS, "in_pilot"), pd.NA)
    return line if told.pilot(found) else line | {"in_pilot": pd.NA}


def _costs(found: Outlook, named: Mapping[str, str]) -> list[dict[Any, Any]]:
    """All of them: between one attainment and the next few people's pay moves."""
    rows = found.costs.dropna(subset=["attainment"]).to_dict("records")
    against = held_against(found, named, as_they_were=False)
    return [{**row, "against": against} for row in rows]


def _people(client: Client, found: Outlook) -> list[dict[str, object]]:
    limit = int(client.threshold("pay_gap.small_change")) * 100
    rows = movers(found, len(found.simulation.people)).to_dict("records")
    return [
        {**{str(k): v for k, v in row.items()}, "bin": _bin(str(row["bin"]), limit)} for row in rows
    ]


def _bin(name: str, limit: int) -> Sentence:
    return Sentence(f"pilot.bin.{name}", {"limit": limit})
