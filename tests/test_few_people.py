"""Clients with so few people that every sum is somebody's pay: what the open results tell.

A demo client is cut down to one, two, three or four people. Whatever an open table, key
figure, sentence or finding holds is compared with each person's pay, old pay, their
difference and every commission, and with the sums of one and of two people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from ecperf_kit.client import Client, open_client
from ecperf_kit.exact import decimal
from ecperf_kit.outputs.listing import open_list
from ecperf_kit.outputs.wording import Wording
from ecperf_kit.period import Period
from ecperf_kit.rules.pilot import pilot_of
from ecperf_kit.stages import conclude, default_period
from ecperf_kit.stages.result import Sentence, StageResult

LEAST = 3
#: Tables about sales and plans, and means of what causes are worth, all round sums.
_OTHER = ("bridge", "business", "plan_", "progress", "causes")
ROOT = Path(__file__).resolve().parent.parent
PRESALES = ("E025", "E026", "E027", "E028")
#: The people kept, each time with their superiors left out.
TEAMS = {
    "one": PRESALES[:1],
    "two": PRESALES[:2],
    "three": PRESALES[:3],
    "four": PRESALES,
    "three of a post and one more": (*PRESALES[:3], "E029"),
    "manager and two operators": ("E002", "E005", "E006"),
}


def _cut(names: tuple[str, ...]) -> Client:
    client = open_client("qinghe", root=ROOT)
    kept = {
        name: table[table["employee"].isin(names)].reset_index(drop=True)
        for name in ("assignments", "employees", "attendance", "assessments", "pay_history",
                     "interviews", "exam_answers")
        for table in (client.table(name),)
    }  # fmt: skip
    return replace(
        client, tables=MappingProxyType({**client.tables, **kept}), scenarios=(), findings=()
    )


def _private(client: Client) -> set[int]:
    """Amounts of one person and of two together: pay, old pay, change, lines, by month and over
    all months."""
    held = pilot_of(client, default_period("pilot", client).months)
    found: set[int] = set()
    lines = held.calculation.lines
    # what stands in the plan of a post is known of everybody in it
    own = lines[lines["line"].str.startswith(("performance", "commission"))]
    own = own.groupby(["employee", "month"], as_index=False)["amount"].sum()
    pays = held.pay.assign(change_of=held.pay["after"] - held.pay["before"])
    tables = [(own, "amount"), *((pays, name) for name in ("before", "after", "change_of"))]
    for table, column in tables:
        table = table[table[column].notna()]
        wide = table.pivot_table(index="month", columns="employee", values=column, aggfunc="sum")
        wide.loc["all"] = wide.sum()
        for count in (1, 2):
            for names in combinations(wide.columns, count):
                sums = wide[list(names)].dropna().astype("int64").sum(axis=1)
                found |= {abs(int(value)) for value in sums}
        # what at least three people get alike is theirs together
        alike = table.groupby(column)["employee"].nunique()
        found -= {abs(int(value)) for value in alike.index[alike >= LEAST]}
    return found - {0}


def _open(client: Client, report: StageResult) -> Iterator[tuple[str, str]]:
    """Every open sentence and amount as it is printed, with where it stands."""
    wording = Wording(client.library, "en", client)

    def said(value: Any) -> str:
        return wording.say(value) if isinstance(value, Sentence) else ""

    for table in report.tables.values():
        if table.restricted:
            continue
        for column in table.declaration.columns:
            if column.type in ("money", "wan", "sentence"):
                for value in table.frame[column.name]:
                    yield f"{table.name}.{column.name}", wording.cell(value, column.type)
    for sentence in (report.title, report.advice, *report.reasons):
        yield sentence.key, said(sentence)
    for figure in report.figures:
        yield figure.label, wording.cell(figure.value, figure.type)
    for verdict in report.verdicts:
        for part in (verdict.found, verdict.money, verdict.sure):
            yield verdict.question, said(part)
    for action in report.actions:
        for part in (action.what, action.how, action.effect):
            yield "actions", said(part)
    for row in open_list(report.findings, wording).rows:
        yield "findings", " | ".join(map(str, row))


@pytest.mark.parametrize("stage", ["design", "pilot", "rollout", "review"])
@pytest.mark.parametrize("team", TEAMS)
def test_no_open_figure_is_the_pay_of_one_or_two_people(team: str, stage: str) -> None:
    client = _cut(TEAMS[team])
    amounts = {f"{decimal(n):,.2f}" for n in _private(client) - _by_chance(client)}
    told = [
        (where, number)
        for where, text in _open(client, conclude(stage, client))
        for number in re.findall(r"\d[\d,]*\.\d\d(?!\d|%)", text)
        # a cost of all at full attainment: by chance as much as two people's difference
        if number in amounts
        and (stage, number) != ("design", "780.00")
        and not where.startswith(_OTHER)
    ]
    assert told == []


def _by_chance(client: Client) -> set[int]:
    """Figures of the scheme everybody may know: base, performance pay and their sum."""
    plans = client.table("pay_plans")
    found = {int(v) for name in ("base", "performance_pay") for v in plans[name].dropna()}
    both = plans.dropna(subset=["base", "performance_pay"])
    return found | {int(v) for v in both["base"] + both["performance_pay"]}


@pytest.mark.parametrize("team", ["one", "two"])
def test_a_pilot_of_one_or_two_tells_neither_cost_nor_who_moves(team: str) -> None:
    client = _cut(TEAMS[team])
    report = conclude("pilot", client)
    figures = {figure.label: figure.value for figure in report.figures}
    assert figures["pilot.figure.cost"] is None
    assert figures["pilot.figure.falling"] is None
    assert report.table("pay_bins").empty
    by_month = report.table("pay_by_month")
    assert by_month[["before", "after", "amount", "change"]].isna().all().all()
    about_pay = [f for f in report.findings if f.code in ("P101", "P102", "P103", "P104", "P105")]
    assert [f for f in about_pay if not f.subject.startswith("employee:")] == []


def test_who_left_is_not_the_difference_between_two_months_sums() -> None:
    """Xiaoman's anchor leaves in May: April less June would be the anchor's old pay."""
    client = open_client("xiaoman", root=ROOT)
    shown = conclude("pilot", client).table("pay_by_month").set_index("month")
    assert shown["persons"].tolist() == [7, 7, 6]
    assert shown["before"].notna().tolist() == [False, False, True]
    assert shown["after"].notna().tolist() == [False, False, True]


@pytest.mark.parametrize("name", ["qinghe", "xiaoman"])
def test_between_two_months_shown_nobody_or_at_least_three_people_s_pay_differs(name: str) -> None:
    client = open_client(name, root=ROOT)
    held = pilot_of(client, default_period("pilot", client).months)
    table = conclude("pilot", client).table("pay_by_month")
    shown = table.loc[table["before"].notna(), "month"].tolist()
    assert shown
    known = held.pay[held.pay["change"].notna()]
    for one, other in combinations(shown, 2):
        for column in ("before", "after"):
            first, second = (
                dict(known.loc[known["month"] == m, ["employee", column]].itertuples(index=False))
                for m in (one, other)
            )
            differing = [e for e in first.keys() | second if first.get(e) != second.get(e)]
            assert not 0 < len(differing) < LEAST, (one, other, column)


def _payroll(client: Client, month: str) -> Any:
    report = conclude("rollout", replace(client, period=Period.parse(month)))
    (total,) = [figure.value for figure in report.figures if figure.label == "rollout.figure.pay"]
    return total


def test_a_payroll_less_the_month_before_is_not_who_left() -> None:
    """Xiaoman's anchor leaves in May; nobody else's pay changes, so any two months tell it."""
    client = open_client("xiaoman", root=ROOT)
    assert [_payroll(client, month) for month in ("2026-05", "2026-06")] == [None, None]
    assert decimal(_payroll(client, "2026-04").values["pay"]) == 45_000
    whole = open_client("qinghe", root=ROOT)
    assert _payroll(whole, "2026-06") is not None, "many people's pay is another in June"


def test_a_payroll_less_the_pilot_is_not_who_has_no_old_pay() -> None:
    """Without old pay somebody is in the payroll and in the scenarios, not in the comparison."""
    whole = open_client("qinghe", root=ROOT)
    history = whole.table("pay_history")
    fewer = history[history["employee"] != PRESALES[0]].reset_index(drop=True)
    client = replace(whole, tables=MappingProxyType({**whole.tables, "pay_history": fewer}))
    assert _payroll(whole, "2026-06") is not None
    assert _payroll(client, "2026-06") is None
    scenarios = tuple(replace(each, baseline="in_force") for each in whole.scenarios)
    told, kept = (
        conclude("design", replace(each, scenarios=scenarios)).table("scenarios")
        for each in (whole, client)
    )
    assert told["before"].notna().all() and kept["before"].isna().all()
