"""Clients made in memory for the tests of rules and stages: rows as a person writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, exact
from ecperf_kit.intake.check import empty
from ecperf_kit.intake.config import ClientConfig, read_config
from ecperf_kit.intake.declare import NUMERIC, tables
from ecperf_kit.library import load_library
from ecperf_kit.period import Period

Rows = Iterable[Mapping[str, Any]]
SEASON = (
    "0.08",
    "0.04",
    "0.06",
    "0.06",
    "0.07",
    "0.12",
    "0.06",
    "0.06",
    "0.07",
    "0.08",
    "0.20",
    "0.10",
)


def _cell(kind: str, value: Any) -> Any:
    if kind in NUMERIC:
        return exact(str(value))
    return pd.Timestamp(value) if kind == "date" else value


def _table(name: str, rows: Rows) -> pd.DataFrame:
    declared = tables()[name]
    blank = empty(declared)
    written = [
        {
            key: _cell(declared.by_name[key].type, value)
            for key, value in row.items()
            if value is not None
        }
        | {"_file": f"{name}.csv", "_row": place}
        for place, row in enumerate(rows, start=2)
    ]
    frame = pd.DataFrame(written).reindex(columns=blank.columns)
    return frame.astype(blank.dtypes.to_dict())


def a_client(period: str = "", config: Mapping[str, Any] | None = None, **rows: Rows) -> Client:
    """A client of these rows; every other table is empty, the facts are those of ``config``."""
    content = {"name_zh": "测试", "name_en": "Test", "dates": {"plan_year": 2026}}
    facts, faults = read_config({**content, **(config or {})})
    assert not faults, faults
    filled = {name: _table(name, given) for name, given in rows.items()}
    return Client(
        name="test",
        folder=Path(),
        root=Path(),
        period=Period.parse(period) if period else None,
        language="zh",
        config=facts,
        tables=MappingProxyType({n: filled.get(n, empty(t)) for n, t in tables().items()}),
        present=frozenset(filled),
        findings=(),
        library=load_library(),
        overrides=(),
        inputs=MappingProxyType({}),
        rows=pd.DataFrame(),
    )


def changed(client: Client, config: ClientConfig | None = None, **rows: Rows) -> Client:
    """The same client with some tables, or its facts, replaced."""
    filled = {name: _table(name, given) for name, given in rows.items()}
    return replace(
        client,
        tables=MappingProxyType({**client.tables, **filled}),
        config=config or client.config,
    )


def card(
    *rows: tuple[str, str, int], subject: str = "post:store_operator", **more: Any
) -> list[dict[str, Any]]:
    """Rows ``(indicator, role, weight)`` from 2026-01-01, otherwise as the library has them."""
    kind, name = subject.split(":")
    known = load_library().indicators
    found = []
    for indicator, role, weight in rows:
        own = known.loc[indicator]
        row = {
            "subject_kind": kind,
            "subject_id": name,
            "indicator": indicator,
            "effective_from": "2026-01-01",
            "role": role,
            "weight": weight,
            "method": own["method"],
            "standard_basis": own["standard_basis"],
            "data_source": own["data_source"],
            "duty": f"{name}.1",
        }
        for column in ("cap", "zero_below", "step_size", "step_deduct"):
            if pd.notna(own[column]):
                row[column] = str(own[column] / MILLION)
        for column in ("bands", "bands_on"):
            if pd.notna(own[column]):
                row[column] = own[column]
        found.append(row | more)
    return found


def library_card(post: str, **more: Any) -> list[dict[str, Any]]:
    """The library's scorecard of a post as a client's rows."""
    rows = load_library().scorecards
    rows = rows[rows["post"] == post]
    listed = [(r.indicator, r.role, r.weight // MILLION) for r in rows.itertuples()]
    return card(*listed, subject=f"post:{post}", **more)


def staff(
    *posts: str, channel: str = "tmall", department: str = "store"
) -> dict[str, list[dict[str, Any]]]:
    """One person per post (E1, E2, …) under a head E0 who has no superior: tables of people."""
    people = [{"employee": "E0", "name": "甲", "hired": "2020-01-01"}]
    posted = [
        {
            "employee": "E0",
            "effective_from": "2020-01-01",
            "post": "ecommerce_director",
            "department": department,
        }
    ]
    for place, post in enumerate(posts, start=1):
        name = f"E{place}"
        people.append({"employee": name, "name": name, "hired": "2024-01-01", "superior": "E0"})
        posted.append(
            {
                "employee": name,
                "effective_from": "2024-01-01",
                "post": post,
                "department": department,
                "channel": channel,
            }
        )
    return {
        "departments": [{"department": department, "name": "店铺部", "head": "E0"}],
        "channels": [{"channel": "tmall", "name": "天猫"}, {"channel": "douyin", "name": "抖音"}],
        "employees": people,
        "assignments": posted,
    }


def plan(post: str, base: Any, performance: Any = None, **more: Any) -> dict[str, Any]:
    """A post's pay plan from 2026-01-01: performance structure on table T1 by default."""
    row = {
        "subject_kind": "post",
        "subject_id": post,
        "effective_from": "2026-01-01",
        "structure": "performance",
        "base": base,
        "performance_pay": performance,
        "coefficient_table": "T1",
    }
    return row | more


def table_t1() -> list[dict[str, Any]]:
    """The library's default coefficient table as a client's rows."""
    bands = (
        ("0", "0.5"),
        ("60", "0.7"),
        ("70", "0.9"),
        ("80", "1.0"),
        ("90", "1.1"),
        ("95", "1.2"),
    )
    return [
        {
            "coefficient_table": "T1",
            "effective_from": "2026-01-01",
            "at_least": low,
            "coefficient": high,
            "form": "bands",
        }
        for low, high in bands
    ]


def year_plan(
    annual: int, channels: Mapping[str, str], measure: str = "net_sales"
) -> list[dict[str, Any]]:
    """Twelve months by season and channel share; every amount is a whole fen by construction."""
    return [
        {
            "month": f"2026-{month:02d}",
            "channel": channel,
            "measure": measure,
            "amount": annual * Decimal(season) * Decimal(share),
        }
        for channel, share in channels.items()
        for month, season in enumerate(SEASON, start=1)
    ]


def codes(findings: Iterable[Any]) -> list[str]:
    """The codes of findings, sorted."""
    return sorted(finding.code for finding in findings)


def graver(client: Client, findings: Iterable[Any]) -> list[str]:
    """The codes of errors and warnings only."""
    known = client.library.codes
    return codes(f for f in findings if known[f.code].severity != "note")
