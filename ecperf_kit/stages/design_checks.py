"""The design report's check lists: SMART by indicator, pay by post in four columns, a plan's
parts by person, scorecards merged from several posts, the example effects."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION
from ecperf_kit.rules.few import fewest
from ecperf_kit.rules.in_force import number
from ecperf_kit.rules.merged_cards import merged_cards
from ecperf_kit.rules.pay_fit import CHECKS, COLUMNS, Fit, pay_fit
from ecperf_kit.rules.plan_parts import plan_parts
from ecperf_kit.rules.smart import FAILED, LETTERS, NOT_KNOWN, Answer, smart
from ecperf_kit.stages.judged import sentences
from ecperf_kit.stages.result import Sentence
from ecperf_kit.stages.what_if import what_if

WITHHELD, _KEPT_BACK = "smart_withheld", "design.smart.withheld"
_WORST = {"change": 0, "watch": 1, "unknown": 2, "fine": 3}


def check_tables(client: Client, faulty: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    """The tables of the check lists by name; ``faulty`` are the scorecards with an error."""
    return {
        **smart_tables(client),
        **pay_tables(client),
        **part_tables(client),
        "merged_cards": merged(client, faulty),
        "what_if": what_if(client),
    }


# -- SMART -----------------------------------------------------------------------------
def smart_tables(client: Client) -> dict[str, pd.DataFrame]:
    """The five letters of every indicator, worst first: scorecards of posts for everybody,
    without figures on how fewer people did than may be shown; those of few people whole,
    with single people's own, for their superiors (HR-finance article 3)."""
    table = smart(client)
    own = table["subject"].str.startswith("employee:")
    least = fewest(client)
    few = pd.Series(
        [any(0 < answer.persons < least for answer in row) for row in _answers(table)],
        index=table.index,
        dtype="bool",
    )
    return {"smart": _said(table[~own], least), "smart_people": _said(table[own | few], 0)}


def _worst_first(table: pd.DataFrame, least: int) -> pd.DataFrame:
    """By how many letters failed, then by how many are not known; only what may be said counts."""
    states = [[_state(answer, least) for answer in row] for row in _answers(table)]
    failed = [row.count(FAILED) for row in states]
    lacking = [row.count(NOT_KNOWN) for row in states]
    return table.take(sorted(range(len(table)), key=lambda at: (-failed[at], -lacking[at])))


def _state(answer: Answer, least: int) -> str:
    """Passed, failed, not known; withheld where it tells how fewer than ``least`` people did."""
    return WITHHELD if 0 < answer.persons < least else answer.state


def _answers(table: pd.DataFrame) -> list[tuple[Answer, ...]]:
    return list(zip(*(table[letter].tolist() for letter in LETTERS), strict=True))


def _said(table: pd.DataFrame, least: int) -> pd.DataFrame:
    """The answers in words; what tells the results of fewer than ``least`` people is not said."""
    table = _worst_first(table, least).reset_index(drop=True)
    rows = _answers(table)
    told = [
        [_evidence(letter, answer, least) for letter, answer in zip(LETTERS, row, strict=True)]
        for row in rows
    ]
    columns: dict[str, Any] = {}
    for at, letter in enumerate(LETTERS):
        columns[letter] = pd.Series([_state(row[at], least) for row in rows], dtype="str")
        columns[f"{letter}_why"] = sentences((row[at] for row in told), table.index)
    why = [_why(row, said) for row, said in zip(rows, told, strict=True)]
    return table[["subject", "indicator"]].assign(**columns, why=sentences(why, table.index))


def _evidence(letter: str, answer: Answer, least: int) -> Sentence:
    if 0 < answer.persons < least:
        return Sentence(_KEPT_BACK)
    return Sentence(f"design.smart.of.{letter}.{answer.said}", answer.values)


def _why(row: tuple[Answer, ...], told: list[Sentence]) -> Sentence:
    """What speaks against the row: the evidence of each letter that did not pass."""
    found = [
        Sentence(f"design.smart.{letter}", {"said": said})
        for letter, answer, said in zip(LETTERS, row, told, strict=True)
        if answer.state in (FAILED, NOT_KNOWN) or said.key == _KEPT_BACK
    ]
    if not found:
        return Sentence("design.smart.all")
    whole = found.pop()
    while found:
        whole = Sentence("design.smart.and", {"first": found.pop(), "rest": whole})
    return whole


# -- pay -------------------------------------------------------------------------------
def pay_tables(client: Client) -> dict[str, pd.DataFrame]:
    """The pay proposal with its four checks: posts of enough people in shares for the owner,
    every plan with its amounts for superiors (2.3). Worst first."""
    table = pay_fit(client)
    worst = [
        sorted(_WORST[fit.level] for fit in row)
        for row in zip(*(table[name].tolist() for name in COLUMNS), strict=True)
    ]
    table = table.take(sorted(range(len(table)), key=lambda at: worst[at]))
    table = table.reset_index(drop=True)
    for name, column in zip(CHECKS, COLUMNS, strict=True):
        fits = table[column].tolist()
        table[f"{name}_level"] = pd.Series([fit.level for fit in fits], dtype="str")
        table[name] = sentences((_fit(name, fit) for fit in fits), table.index)
    open_ = table["subject"].str.startswith("post:") & (table["persons"] >= fewest(client))
    return {"pay_fit": table[open_], "pay_fit_plans": table}


def _fit(check: str, fit: Fit) -> Sentence:
    return Sentence(f"design.fit.{check}.{fit.said}", fit.values)


# -- a plan's parts, merged scorecards ---------------------------------------------------
def part_tables(client: Client) -> dict[str, pd.DataFrame]:
    """Who shares a channel's plan and on what ground; each person's part for superiors."""
    found = plan_parts(client)
    months = number(client, "plan.person_history_months") // MILLION
    return {
        "plan_parts": _with_basis(found.groups, months),
        "plan_part_people": _with_basis(found.parts, months),
    }


def _with_basis(table: pd.DataFrame, months: int) -> pd.DataFrame:
    said = (Sentence(f"design.parts.basis.{basis}", {"months": months}) for basis in table["basis"])
    return table.assign(basis=sentences(said, table.index))


def merged(client: Client, faulty: tuple[str, ...]) -> pd.DataFrame:
    """The merged scorecards with the posts each indicator comes from."""
    table = merged_cards(client, faulty)
    said = (
        Sentence("design.merged.from", {"posts": posts}) if posts else None
        for posts in table["posts"]
    )
    return table.assign(posts=sentences(said, table.index))
