"""What a scenario would do: people, groups and money before and after, and who moves most.

Used by the design report, for every scenario in the client's folder, and by
``ecperf simulate``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import divide, ints
from ecperf_kit.finding import Finding
from ecperf_kit.method.comparison import BINS
from ecperf_kit.method.once import once
from ecperf_kit.method.scenario import (
    AS_IN_FORCE,
    HISTORY,
    IN_FORCE,
    Scenario,
    ScenarioError,
    applied,
)
from ecperf_kit.method.simulation import (
    ATTAINMENTS,
    Simulation,
    months_of,
    pays_at,
    simulate,
)
from ecperf_kit.rules import check_scheme
from ecperf_kit.rules.pay import guaranteed_pay
from ecperf_kit.rules.shape import cliffs
from ecperf_kit.stages.result import Sentence
from ecperf_kit.stages.uncomputed import why_uncomputed, without_card


@dataclass(frozen=True)
class Outlook:
    """One scenario worked out on the client's own people and months.

    ``costs``: attainment (stored fraction, missing for the months as they were), before,
    after, change, held against the baseline scheme (the one in force where the months as they
    were are held against the pay really paid). ``reached``: what each person contributes to
    each row of ``costs`` (employee, before, after). ``below_wage``: plans that guarantee less
    than the minimum wage, before and after. ``cliff``: the greatest sum 0.01 points can move
    in a plan of several people, before and after.
    ``new_faults``: errors and warnings the reform has and the baseline has not.
    ``causes``: what the person-months wait for that one of the two cannot pay. ``no_card``:
    posts the scenario changes that are not assessed for want of a scorecard.
    """

    scenario: Scenario
    simulation: Simulation
    costs: pd.DataFrame
    reached: tuple[pd.DataFrame, ...]
    below_wage: tuple[int, int]
    cliff: tuple[int, int]
    new_faults: tuple[Finding, ...]
    causes: tuple[Sentence, ...] = ()
    no_card: frozenset[str] = frozenset()


def baseline_of(scenario: Scenario, known: Mapping[str, Scenario]) -> Scenario:
    """The scheme a scenario is held against: the one in force, or another scenario."""
    if scenario.baseline in (IN_FORCE, HISTORY):
        return AS_IN_FORCE
    return known[scenario.baseline]


def outlook(client: Client, scenario: Scenario, known: Mapping[str, Scenario]) -> Outlook:
    """A scenario against its baseline. Raises ScenarioError where it does not fit the client."""
    baseline = baseline_of(scenario, known)
    simulation = simulate(client, scenario, baseline)
    months = months_of(client, scenario)
    paid = (
        simulation.people[["employee", "before", "after"]],
        *_both_paid(client, baseline, scenario, months),
    )
    rows = [(at, *_sums(each)) for at, each in zip((pd.NA, *ATTAINMENTS), paid, strict=True)]
    costs = pd.DataFrame(rows, columns=["attainment", "before", "after"]).astype("Int64")
    both = applied(client, baseline), applied(client, scenario)
    return Outlook(
        scenario,
        simulation,
        costs.assign(change=costs["after"] - costs["before"]),
        paid,
        (_below_wage(both[0]), _below_wage(both[1])),
        (_cliff(both[0]), _cliff(both[1])),
        _new_faults(*both),
        why_uncomputed(client, (baseline, scenario), simulation, months),
        frozenset(without_card(client, scenario, simulation, months)),
    )


def _sums(people: pd.DataFrame) -> tuple[Any, Any]:
    """Everybody's pay before and after; missing, not 0, where nobody can be compared."""
    if people.empty:
        return pd.NA, pd.NA
    return int(people["before"].sum()), int(people["after"].sum())


def _both_paid(
    client: Client, baseline: Scenario, scenario: Scenario, months: tuple[str, ...]
) -> Iterator[pd.DataFrame]:
    """What both pay each person at each attainment, in the months both can pay."""
    paid = (
        _paid_in_force(client, months)
        if each is AS_IN_FORCE
        else pays_at(client, each, ATTAINMENTS, months)
        for each in (baseline, scenario)
    )
    for before, after in zip(*paid, strict=True):
        yield _of_both(before, after)


def _of_both(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    both = before.merge(after, on=["employee", "month"], suffixes=("_before", "_after"))
    both = both.rename(columns={"pay_before": "before", "pay_after": "after"})
    both = both.dropna(subset=["before", "after"])
    return both.groupby("employee", as_index=False, sort=True)[["before", "after"]].sum()


@once
def _paid_in_force(client: Client, months: tuple[str, ...]) -> tuple[pd.DataFrame, ...]:
    """What every scenario is held against, worked out once."""
    return pays_at(client, AS_IN_FORCE, ATTAINMENTS, months)


def _below_wage(client: Client) -> int:
    wage = client.config.pay.minimum_wage
    return 0 if wage is None else int((guaranteed_pay(client)["guaranteed"] < wage).sum())


def _cliff(client: Client) -> int:
    """Of the plans several people share: the step of a single person's is that person's pay."""
    table = cliffs(client)
    table = table[table["subject"].str.startswith("post:")]
    return int(table["amount"].max()) if len(table) else 0


def _new_faults(before: Client, after: Client) -> tuple[Finding, ...]:
    """What the rules find in the reformed scheme and do not find in the baseline."""
    known = {(f.code, f.subject) for f in check_scheme(before)}
    codes = before.library.codes
    return tuple(
        f
        for f in check_scheme(after)
        if codes[f.code].severity != "note" and (f.code, f.subject) not in known
    )


def untouched(found: Outlook) -> tuple[str, ...]:
    """Subjects a scenario changes that nobody is paid or scored by in these months.

    Their change costs nothing there because it meets nobody, not because it is free.
    """
    met = _met(found.simulation.months) | found.no_card
    return tuple(name for name in _changes(found) if name not in met)


def unpayable(found: Outlook) -> tuple[str, ...]:
    """Subjects a scenario changes whose people are there, but whose pay cannot be computed in
    any of these months under both schemes: what the change would cost is not known."""
    months = found.simulation.months
    there = _met(months) | found.no_card
    paid = _met(months[months["change"].notna()])
    return tuple(name for name in _changes(found) if name in there and name not in paid)


def _met(months: pd.DataFrame) -> set[str]:
    return {*("post:" + months["post"].dropna()), *("employee:" + months["employee"])}


def _changes(found: Outlook) -> list[str]:
    subjects = dict.fromkeys(change.subject for change in found.scenario.changes)
    return [name for name in subjects if name.startswith(("post:", "employee:"))]


def outlooks(client: Client) -> tuple[tuple[Outlook, ...], tuple[str, ...]]:
    """Every scenario of the client worked out, and those that do not fit it, in words."""
    known = {each.name: each for each in client.scenarios}
    found: list[Outlook] = []
    faults: list[str] = []
    for scenario in client.scenarios:
        try:
            found.append(outlook(client, scenario, known))
        except ScenarioError as error:
            faults += [saying.said_in(client.language) for saying in error.sayings]
    return tuple(found), tuple(faults)


def titles(client: Client) -> dict[str, str]:
    """What each scenario is called in a paper: its title, with the file's name if two share it."""
    plain = {each.name: each.title or each.name for each in client.scenarios}
    known = list(plain.values())
    return {
        name: f"{title} ({name})" if known.count(title) > 1 else title
        for name, title in plain.items()
    }


def held_against(found: Outlook, named: Mapping[str, str], as_they_were: bool = True) -> Sentence:
    """What ``before`` is: the scheme in force, the pay really paid, or another scenario.

    At other attainments than the real ones nothing was ever paid: there a scenario whose
    baseline is the history is held against the scheme in force.
    """
    name = found.scenario.baseline
    if name == HISTORY and not as_they_were:
        name = IN_FORCE
    if name in (IN_FORCE, HISTORY):
        return Sentence(f"scenario.against.{name}")
    return Sentence("scenario.against.other", {"scenario": named.get(name, name)})


def in_the_pilot(found: Outlook) -> pd.Series:
    """What each person is paid if every month the higher of both is: stored yuan by employee."""
    months = found.simulation.months
    known = months[months["change"].notna()]
    higher = np.maximum(ints(known["before"]), ints(known["after"]))
    return pd.Series(higher, index=known["employee"].to_numpy()).groupby(level=0).sum()


def summary(found: Outlook) -> dict[str, object]:
    """One line on a scenario: whose, why, people, months, money and the bins.

    ``in_pilot``: how much more than before is paid while the higher of both is.
    """
    people = found.simulation.people
    before, after = _sums(people)
    line: dict[str, object] = {
        "scenario": found.scenario.title or found.scenario.name,
        "author": found.scenario.author,
        "reason": found.scenario.reason,
        "persons": len(people),
        "before": before,
        "after": after,
        "change": after - before,
        "change_share": int(divide(after - before, before)) if len(people) and before else pd.NA,
        "in_pilot": int(in_the_pilot(found).sum()) - before if len(people) else pd.NA,
        "not_computed": found.simulation.not_computed,
        "faults": len(found.new_faults),
        "below_wage": found.below_wage[1],
        "cliff": found.cliff[1],
    }
    return line | {name: int((people["bin"] == name).sum()) for name in BINS}


def movers(found: Outlook, most: int) -> pd.DataFrame:
    """Who moves most, in yuan, with the line of pay that moves them: restricted reading.

    Columns of ``people`` with line and line_change, missing against pay really paid.
    """
    people = found.simulation.people
    size = people["change"].abs()
    people = people.assign(_size=size).sort_values(["_size", "employee"], ascending=[False, True])
    lines = found.simulation.lines.dropna(subset=["change"])
    lines = lines.assign(_size=lines["change"].abs()).sort_values("_size", ascending=False)
    top = lines.drop_duplicates("employee").set_index("employee")
    chosen = people[people["_size"] > 0].head(most).drop(columns="_size")
    return chosen.assign(
        line=chosen["employee"].map(top["line"]),
        line_change=chosen["employee"].map(top["change"]).astype("Int64"),
    ).reset_index(drop=True)
