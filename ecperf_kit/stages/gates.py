"""The six gates between the stages: what is still missing for each (assessment method 4.0).

A gate looks at what its condition says, with the functions of the stage it closes, not
only whether something is on record. What nobody can know yet does not open it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.finding import Finding
from ecperf_kit.method.calculate import paid
from ecperf_kit.method.in_force import month_end
from ecperf_kit.rules import check_scheme
from ecperf_kit.rules.in_force import reference_month
from ecperf_kit.rules.organisation import (
    SYNC_MEASURES,
    job_descriptions,
    linked_elements,
    pilot_months,
)
from ecperf_kit.rules.pay import consents
from ecperf_kit.rules.pilot import check_pilot, pilot_of
from ecperf_kit.stages.exam import outcome
from ecperf_kit.stages.judged import graded, of_codes
from ecperf_kit.stages.pilot_conditions import Condition, conditions, scheme_errors
from ecperf_kit.stages.pilot_verdicts import verdicts
from ecperf_kit.stages.result import Sentence
from ecperf_kit.stages.review_tables import talks

#: What the paper and the organisation's own errors say; closed as long as one is missing.
_FIRST = ("O101", "O102", "O103", "O104")
_TO_APPROVE = ("scorecards", "standards", "pay_plans")
#: The conditions of the pilot (assessment method 4.4); the rollout asks for all of them (4.5).
_OF_THE_PILOT = ("length", "solved")


class _Missing:
    """What each gate lacks: ``closed`` what is not there, ``open`` what nobody can say yet."""

    def __init__(self, stages: Iterable[str]) -> None:
        self.closed: dict[str, list[Sentence]] = {name: [] for name in stages}
        self.open: dict[str, list[Sentence]] = {name: [] for name in self.closed}

    def lacks(
        self,
        stage: str,
        key: str,
        condition: object,
        kind: Literal["closed", "open"] = "closed",
        **values: object,
    ) -> None:
        if condition:
            of = self.closed if kind == "closed" else self.open
            of[stage].append(Sentence(f"organisation.lacks.{key}", values))


def gates(client: Client, findings: Iterable[Finding]) -> pd.DataFrame:
    """The six gates: stage, gate, proof, missing and state (gate_open, gate_closed, or
    gate_unknown where nothing is known to be missing, but not all can be known yet)."""
    stages = client.library.stages
    found = _Missing(stages.index)
    _organisation(client, findings, found)
    _design(client, found)
    _exam(client, found)
    _pilot_and_rollout(client, found)
    _review(client, found)
    rows = []
    for stage, closed in found.closed.items():
        gaps = (*closed, *found.open[stage])
        said = Sentence("organisation.names.sentences", {"names": gaps}) if gaps else None
        state = "gate_closed" if closed else "gate_unknown" if gaps else "gate_open"
        gate = stages.at[stage, f"gate_{client.language}"]
        rows.append((stage, gate, stages.at[stage, f"proof_{client.language}"], said, state))
    return pd.DataFrame(rows, columns=["stage", "gate", "proof", "missing", "state"])


def on_record(client: Client, paper: str) -> bool:
    """Whether a paper is among the signatures."""
    return bool((client.table("signoffs")["paper"] == paper).any())


def _organisation(client: Client, findings: Iterable[Finding], found: _Missing) -> None:
    first = of_codes(list(findings), _FIRST)
    found.lacks("organisation", "sponsor", graded(client, first, "error"))
    found.lacks("organisation", "committee", of_codes(first, ("O103",)))
    elements = linked_elements(client)
    lacking = tuple(elements.loc[~elements["in_place"], "element"])
    found.lacks("organisation", "elements", lacking, names=lacking)


def _design(client: Client, found: _Missing) -> None:
    empty = tuple(name for name in _TO_APPROVE if client.table(name).empty)
    nothing = tuple(Sentence(f"organisation.lacks.no_{name}") for name in empty)
    found.lacks("design", "nothing", nothing, names=nothing)
    errors = len(graded(client, check_scheme(client), "error"))
    found.lacks("design", "errors", errors, count=errors)
    found.lacks("design", "scheme", not on_record(client, "scheme"))


def _exam(client: Client, found: _Missing) -> None:
    held = set(client.table("sync_records")["measure"])
    open_ = tuple(name for name in SYNC_MEASURES if name not in held)
    found.lacks("exam", "measures", open_, names=open_)
    if client.table("exam_answers").empty:
        found.lacks("exam", "results", True)
        return
    result = outcome(client)
    found.lacks("exam", "failed", result["failed"], count=result["failed"])
    found.lacks("exam", "not_sat", result["missing"], count=result["missing"])


def _pilot_and_rollout(client: Client, found: _Missing) -> None:
    report, approved = on_record(client, "pilot_report"), on_record(client, "rollout")
    found.lacks("pilot", "pilot_report", not report)
    found.lacks("rollout", "rollout", not approved)
    posts, people = job_descriptions(client), consents(client)
    unsigned = int(posts["signed"].isna().sum())
    found.lacks("rollout", "posts", unsigned, count=unsigned)
    unagreed = int((~people["signed"]).sum())
    found.lacks("rollout", "consents", unagreed, count=unagreed)
    # without the signatures both are closed, and the pilot's own report says the rest
    if not (report or approved):
        return
    for condition in _conditions(client):
        name = (Sentence(f"pilot.condition.{condition.name}"),)
        kind: Literal["closed", "open"] = "open" if condition.level == "unknown" else "closed"
        for stage in ("pilot", "rollout"):
            asked = stage == "rollout" or condition.name in _OF_THE_PILOT
            found.lacks(stage, "pilot", asked and not condition.met, kind, names=name)


def _conditions(client: Client) -> tuple[Condition, ...]:
    """The conditions of the pilot over its own months, as its report judges them."""
    held = pilot_of(client, pilot_months(client) or (reference_month(client),))
    findings = check_pilot(held)
    return conditions(held, findings, verdicts(held, findings, ()), scheme_errors(held))


def _review(client: Client, found: _Missing) -> None:
    if client.table("interviews").empty:
        found.lacks("review", "interviews", True)
        return
    # the last month with actuals, whatever period this report is asked for
    known = client.table("actuals")["period"].dropna()
    month = str(known.max()) if len(known) else reference_month(client)
    table = talks(client, paid(client, (month,)).totals)
    if table.empty:
        found.lacks("review", "nobody_scored", True, "open", month=month)
    held = table["held_on"].notna()
    waiting, late = int((~held).sum()), int((table["held_on"] > table["due"]).sum())
    found.lacks("review", "talks_open", waiting, month=month, count=waiting)
    found.lacks("review", "talks_late", late, month=month, count=late)
    papers = client.table("signoffs")
    days = papers.loc[papers["paper"] == "scheme", "signed_on"]
    after = bool((days > month_end(month)).any())
    found.lacks("review", "next_standards", not after, "open", month=month)
