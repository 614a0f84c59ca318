"""The sponsor pitch: one page for the decision maker, made from the diagnosis.

Assessment method 4.1: what assessment does for business, targets and team, at what
cost, and what is asked of the owner.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecperf_kit.finding import Finding
from ecperf_kit.method.in_force import month_start
from ecperf_kit.outputs import formats
from ecperf_kit.outputs.papers.document import Paper
from ecperf_kit.outputs.papers.facts import Facts
from ecperf_kit.outputs.papers.look import FORM
from ecperf_kit.rules import check_organisation, check_scheme
from ecperf_kit.rules.organisation import (
    committee_roles,
    headcount,
    linked_elements,
    pilot_months,
    sponsor_signed,
)
from ecperf_kit.rules.pay import full_attainment, told_cost

#: More than that does not fit on the page.
_FAULTS = 4
_BENEFITS = ("targets", "pay", "team")


def pitch(facts: Facts) -> Paper:
    """Where the firm stands, what assessment brings, what it costs, what is asked, on one page."""
    text = facts.text
    paper = facts.paper(text("pitch.file", client=facts.firm), FORM)
    elements = linked_elements(facts.client)
    in_place = int(elements["in_place"].sum())
    values = {"client": facts.firm, "done": in_place, "parts": len(elements)}
    state = "ready" if in_place == len(elements) else "gaps"
    paper.title(text(f"pitch.title.{state}"), text("pitch.under", **values))
    paper.heading(text("pitch.section.state"))
    rows = [
        [facts.words.label(row["element"]), text("pitch.of", done=row["done"], parts=row["parts"]),
         _element(facts, row)]
        for row in elements.to_dict("records")
    ]  # fmt: skip
    head = [text(f"pitch.{k}") for k in ("element", "in_place", "missing")]
    paper.table(head, rows, (0.2, 0.14, 0.66), centred=(1,))
    for line in _faults(facts):
        paper.paragraph(line)
    paper.heading(text("pitch.section.gain"))
    for name in _BENEFITS:
        paper.paragraph(text(f"pitch.gain.{name}", **_gain(facts)))
    paper.heading(text("pitch.section.cost"))
    paper.paragraph(_cost(facts))
    paper.heading(text("pitch.section.asked"))
    for at in range(1, 4):
        paper.paragraph(text(f"pitch.asked_{at}", **_gain(facts)))
    config = facts.client.config
    paper.paragraph(text(f"pitch.kind.{config.kind}"))
    # who leads without being able to decide is not who must sign this
    decides = committee_roles(facts.client).loc["leader", "state"] != "wrong"
    name = facts.given("sponsor", config.sponsor.name if decides else "")
    date = sponsor_signed(facts.client) if decides else None
    said = text("pitch.signed_on", day=date) if date else text("date_line")
    paper.signatures([[text("pitch.sponsor", name=name), text("signature_line"), said]], columns=1)
    return paper


def _element(facts: Facts, row: Mapping[Any, Any]) -> str:
    """What is missing of an element; of the duties only how many posts."""
    missing = tuple(row["missing"])
    if row["in_place"]:
        return facts.text("pitch.nothing_missing")
    if row["element"] == "duties":
        return facts.text("pitch.posts_unsigned", count=len(missing))
    if not missing:
        return facts.text("pitch.not_given")
    return facts.listed([facts.words.label(name) for name in missing])


def _faults(facts: Facts) -> list[str]:
    """The gravest findings of organisation and scheme by their titles, and how many there are."""
    codes = facts.client.library.codes
    found: list[Finding] = [*check_organisation(facts.client), *check_scheme(facts.client)]
    errors = [f for f in found if codes[f.code].severity == "error"]
    warnings = [f for f in found if codes[f.code].severity == "warning"]
    titles = dict.fromkeys(facts.words.finding(f).title for f in (*errors, *warnings))
    if not titles:
        return [facts.text("pitch.no_faults")]
    values = {"errors": len(errors), "warnings": len(warnings)}
    names = facts.listed(list(titles)[:_FAULTS])
    key = "pitch.faults" if errors else "pitch.only_warnings"
    return [facts.text(key, names=names, **values)]


def _gain(facts: Facts) -> dict[str, object]:
    client = facts.client
    target = client.config.targets.annual_net_sales
    months = pilot_months(client)
    return {
        "target": facts.words.large_money(target) if target is not None
        else facts.given("target", None),
        "year": client.config.dates.plan_year,
        "people": headcount(client, month_start(facts.month)),
        "posts": len(facts.posts),
        "pilot": facts.text("pitch.pilot", first=months[0], last=months[-1], count=len(months))
        if months else facts.given("pilot_dates", None),
    }  # fmt: skip


def _cost(facts: Facts) -> str:
    """What the scheme costs when everybody scores 100: the owner must know it."""
    cost = told_cost(facts.client)
    if cost is None:
        few = full_attainment(facts.client) is not None
        return facts.text("pitch.cost_few" if few else "pitch.cost_open")
    values = {name: facts.words.money(cost[name]) for name in ("planned", "full", "extra")}
    share = formats.percent(cost["share"])
    return facts.text("pitch.cost", persons=cost["persons"], share=share, **values)
