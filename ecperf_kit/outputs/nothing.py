"""Why a table or picture is empty: data lack, figures are withheld, or there is nothing to say.

``empty.csv`` says for each table of a stage which of the client's tables it is made of
(``needs``; ``a|b``: one of them; ``table.column``: a column of it; ``targets.annual_net_sales``
of client.toml) and which table for entitled readers holds the same figures (``behind``).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

from ecperf_kit.outputs import tables
from ecperf_kit.outputs.wording import Wording

if TYPE_CHECKING:
    from ecperf_kit.client import Client
    from ecperf_kit.stages.result import StageResult

_OF_CONFIG = "targets.annual_net_sales"
_TIMES = ("period", "month")


class Rests(NamedTuple):
    """What a table rests on: needs, each with its alternatives, and the table behind it."""

    needs: tuple[tuple[str, ...], ...] = ()
    behind: str = ""


@cache
def rests() -> Mapping[tuple[str, str], Rests]:
    """``empty.csv`` by stage and table."""
    text = resources.files(__package__).joinpath("empty.csv").read_text("utf-8")
    return {
        (row["stage"], row["table"]): Rests(
            tuple(tuple(need.split("|")) for need in row["needs"].split()), row["behind"]
        )
        for row in csv.DictReader(text.splitlines())
    }


def why_empty(client: Client, report: StageResult, name: str, wording: Wording) -> str:
    """The sentence in place of an empty table: what to fill in, or where the figures are."""
    known = rests().get((report.stage, name), Rests())
    lacking = [need for need in known.needs if not any(_given(client, each) for each in need)]
    if lacking:
        return wording.text("common.empty_lacking", tables=[_named(n, wording) for n in lacking])
    if _holds(report, known.behind):
        found = report.tables[known.behind.partition(".")[0]]
        return wording.text("common.empty_withheld", title=tables.title(found, wording))
    elsewhen = [n[0] for n in known.needs if len(n) == 1 and not _in_period(client, n[0])]
    if elsewhen:
        told = [_named((each,), wording) for each in elsewhen]
        return wording.text("common.empty_period", tables=told, period=client.period)
    return wording.texts.get(f"empty.{report.stage}.{name}") or wording.text("common.empty_table")


def not_given(table: str, wording: Wording) -> str:
    """The sentence in place of a table the client has not filled in."""
    return wording.text("common.empty_not_given", table=_named((table,), wording))


def _given(client: Client, need: str) -> bool:
    if need == _OF_CONFIG:
        return client.config.targets.annual_net_sales is not None
    table, _, column = need.partition(".")
    frame = client.table(table)
    return bool(frame[column].notna().any()) if column else not frame.empty


def _holds(report: StageResult, behind: str) -> bool:
    table, _, column = behind.partition(".")
    if table not in report.tables:
        return False
    frame = report.tables[table].frame
    return bool(frame[column].notna().any()) if column else not frame.empty


def _in_period(client: Client, need: str) -> bool:
    """Whether a table without times, or one with a row in the months asked for."""
    from ecperf_kit.period import Period, PeriodError

    if client.period is None or "." in need:
        return True
    frame = client.table(need)
    at = next((column for column in _TIMES if column in frame.columns), "")
    if not at:
        return True
    for text in frame[at].dropna().unique():
        try:
            if not set(client.period.months).isdisjoint(Period.parse(str(text)).months):
                return True
        except PeriodError:
            continue
    return False


def _named(need: tuple[str, ...], wording: Wording) -> str:
    """A need as a person finds it: the table's title and name, its column, the line in
    client.toml."""
    said = []
    for each in need:
        if each == _OF_CONFIG:
            said.append(wording.text("common.line_of_config", key="annual_net_sales"))
            continue
        table, _, column = each.partition(".")
        title = wording.texts.get(f"table.{table}", table)
        key = "common.column_of_table" if column else "common.name_of_table"
        said.append(wording.text(key, title=title, table=table, column=column))
    return wording.text("common.or_else").join(said)
