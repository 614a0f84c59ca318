"""``ecperf simulate``: what a scenario would do to the client's own people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from ecperf_kit.cli.asking import (
    Refused,
    client_argument,
    existing_client,
    failure,
    language_option,
    refusal,
    speak,
)
from ecperf_kit.practice import find_root
from ecperf_kit.spoken import Saying

if TYPE_CHECKING:
    from ecperf_kit.outputs.wording import Wording
    from ecperf_kit.stages.scenario_shown import Told
    from ecperf_kit.stages.scenarios import Outlook

_MOVERS = 10
_CAUSES = 8


@click.command("simulate")
@client_argument
@click.argument("names", nargs=-1, metavar="[SCENARIO]...")
@click.option("--people", is_flag=True, help="Also who moves most, by name: for entitled readers.")
@click.option(
    "--what-if",
    "rises",
    multiple=True,
    metavar="LEVER=RISE",
    help="An example effect instead: conversion=3% or fcr=5%, a fall as -3%. Illustrative only.",
)
@language_option
def command(
    client: str,
    names: tuple[str, ...],
    people: bool,
    rises: tuple[str, ...],
    language: str | None,
) -> None:
    """Pay before and after under the scenarios in client_data/CLIENT/scenarios.

    A scenario is a small file NAME.toml: title, author, reason, baseline (in_force,
    history or another scenario), months, and the figures that change. All of the
    client's scenarios if none is named. Nothing of the client is changed; `ecperf adopt`
    makes a scenario the client's.

    With --what-if no pay is computed: it shows on the client's own figures what the
    article's two example effects would give for another rise of conversion or of
    first-contact resolution (fcr).
    """
    wanted = _wanted(rises)
    if wanted and (names or people):
        raise refusal("scenario.alone")
    root = find_root()
    existing_client(client, root)
    from ecperf_kit.client import open_client
    from ecperf_kit.outputs.wording import Wording
    from ecperf_kit.runner.batch import own_language
    from ecperf_kit.stages.scenarios import outlook

    opened = open_client(client, "", language or own_language(client, root), root)
    wording = Wording(opened.library, opened.language, opened)
    if wanted:
        from ecperf_kit.stages.what_if import beyond

        if absurd := beyond(opened, wanted):
            raise Refused("\n".join(wording.say(sentence) for sentence in absurd))
        for line in illustrated(opened, wanted, wording):
            click.echo(line)
        return
    known = {each.name: each for each in opened.scenarios}
    unread = [f for f in opened.findings if f.source.file.startswith("scenarios/")]
    for finding in unread:
        title, evidence, remedy = wording.finding(finding)
        click.echo(f"{finding.code} {title}: {evidence} {remedy}", err=True)
    unknown = [name for name in names if name not in known]
    if unknown or not known:
        there, lost = list(known) or Saying("none"), unknown or Saying("scenario.at_all")
        raise failure("scenario.unknown", client=client, names=lost, known=there)
    from ecperf_kit.stages.scenario_shown import Told

    shown = Told(opened)
    for name in names or known:
        found = outlook(opened, known[name], known)
        for line in told(found, wording, opened, people, shown):
            click.echo(line)
    if unread:
        raise click.exceptions.Exit(1)


def _wanted(rises: tuple[str, ...]) -> dict[str, int]:
    """The rise of each lever asked for. Raises Refused, also where one is asked for twice."""
    wanted: dict[str, int] = {}
    for text in rises:
        name, rise = _rise(text)
        if name in wanted:
            raise refusal("scenario.twice", lever=name)
        wanted[name] = rise
    return wanted


def _rise(text: str) -> tuple[str, int]:
    """A lever and its rise from ``conversion=3%``. Raises Refused."""
    from ecperf_kit.intake.numbers import read_number
    from ecperf_kit.method.what_if import LEVERS

    name, _, typed = text.partition("=")
    rise = read_number(typed) if typed else ""
    if name not in LEVERS or not isinstance(rise, int):
        raise refusal("scenario.what_if", found=text,
                      levers=speak("scenario.or").join(f"{n}=3%" for n in LEVERS))  # fmt: skip
    return name, rise


def illustrated(client: Any, rises: Mapping[str, int], wording: Wording) -> list[str]:
    """The example effects in lines, under the sentence that says what they are."""
    import pandas as pd

    from ecperf_kit.stages.what_if import what_if

    lines = [wording.text("design.what_if.head")]
    for row in what_if(client, rises).to_dict("records"):
        values = {str(k): None if k != "base" and pd.isna(v) else v for k, v in row.items()}
        key = "unknown" if values["amount"] is None else "line"
        lines.append(wording.text(f"design.what_if.{key}", **values))
    return lines


def told(found: Outlook, wording: Wording, client: Any, people: bool, shown: Told) -> list[str]:
    """An outlook in lines: money first, then who gains and loses, then what to look at.

    ``shown`` knows what was told of other scenarios: with ``people`` all is told.
    """
    from ecperf_kit.stages.scenarios import (
        held_against,
        movers,
        summary,
        titles,
        unpayable,
        untouched,
    )

    say, line, names = wording.text, summary(found), titles(client)
    line["scenario"] = names.get(found.scenario.name, line["scenario"])
    paid, planned = (wording.say(held_against(found, names, each)) for each in (True, False))
    separator = say("common.separator")
    bins = _bins(wording, client)
    lines = [
        say("scenario.head", scenario=line["scenario"], author=line["author"]),
        say("scenario.reason", reason=line["reason"]),
        say("scenario.held_against", against=paid),
    ]
    if not line["persons"]:
        lines.append(say("scenario.nobody"))
    elif people or shown.sums(found):
        lines += _sums(found, line, wording, bins)
        if people or shown.pilot(found):
            lines.append(say("scenario.in_pilot", amount=line["in_pilot"]))
        may = [people or shown.at(found, place) for place in range(len(found.costs))]
        if paid != planned:
            lines.append(say("scenario.costs_against", against=planned))
        lines += _costs(found, wording, may)
    else:
        lines.append(say("scenario.few_people"))
    if nobody := untouched(found):
        named = wording.listed([wording.subject(subject) for subject in nobody])
        lines.append(say("scenario.untouched", subjects=named))
    if waiting := unpayable(found):
        named = wording.listed([wording.subject(subject) for subject in waiting])
        lines.append(say("scenario.unpayable", subjects=named))
    if line["not_computed"]:
        lines.append(say("scenario.not_computed", rows=line["not_computed"]))
    lines += _causes(found, wording)
    lines.append(say("scenario.cliff", before=found.cliff[0], after=found.cliff[1]))
    if found.below_wage[1]:
        lines.append(say("scenario.below_wage", count=found.below_wage[1]))
    for row in shown.groups(found).to_dict("records"):
        if row["cut"] == "all":
            continue
        counts = ", ".join(f"{word} {row[name]}" for name, word in bins.items() if row[name])
        values = {k: int(row[k]) for k in ("persons", "change")}
        head = say("scenario.group", group=wording.say(row["group"]), **values)
        lines.append(f"  {head}{separator}{counts}")
    lines += _faults(found, wording, people)
    if people:
        lines += [_mover(row, wording) for row in movers(found, _MOVERS).to_dict("records")]
    return [*lines, ""]


def _bins(wording: Wording, client: Any) -> dict[str, str]:
    from ecperf_kit.method.comparison import BINS

    limit = int(client.threshold("pay_gap.small_change")) * 100
    return {name: wording.text(f"pilot.bin.{name}", limit=limit) for name in BINS}


def _causes(found: Outlook, wording: Wording) -> list[str]:
    """What the pay that cannot be computed waits for."""
    said = [wording.say(cause) for cause in found.causes]
    if not said:
        return []
    more = [wording.text("scenario.more_causes", count=len(said) - _CAUSES)]
    listed = wording.listed(said if len(said) <= _CAUSES else said[:_CAUSES] + more)
    return [wording.text("scenario.causes", causes=listed)]


def _sums(
    found: Outlook, line: Mapping[str, Any], wording: Wording, bins: Mapping[str, str]
) -> list[str]:
    """Everybody's money and the number of gainers and losers."""
    money = {k: line[k] for k in ("before", "after", "change", "persons")}
    return [
        wording.text("scenario.money", **money),
        "  ".join(f"{word} {line[name]}" for name, word in bins.items()),
    ]


def _costs(found: Outlook, wording: Wording, may: list[bool]) -> list[str]:
    """The wage bill at other attainments."""
    lines = []
    rows = found.costs[may].dropna(subset=["attainment", "change"])
    for row in rows.to_dict("records"):
        values = {k: int(row[k]) for k in ("attainment", "before", "after", "change")}
        lines.append(wording.text("scenario.cost_at", **values))
    return lines


def _faults(found: Outlook, wording: Wording, people: bool) -> list[str]:
    """New faults of the scheme; those about one person are counted, for they quote pay."""
    lines, hidden = [], 0
    for finding in found.new_faults:
        if finding.subject.startswith("employee:") and not people:
            hidden += 1
            continue
        title, evidence, _ = wording.finding(finding)
        separator = wording.text("common.separator")
        lines.append(f"  {finding.code} {title}{separator}{evidence}")
    if hidden:
        lines.append("  " + wording.text("scenario.faults_of_people", count=hidden))
    return lines


def _mover(row: Mapping[Any, Any], wording: Wording) -> str:
    import pandas as pd

    values: dict[str, Any] = {k: int(row[k]) for k in ("before", "after", "change")}
    values |= {"employee": row["employee"], "post": row["post"]}
    if pd.isna(row["line_change"]):  # pay really paid is known as a whole, not by lines
        return "  " + wording.text("scenario.mover_whole", **values)
    values |= {"line": wording.label(row["line"]), "line_change": int(row["line_change"])}
    return "  " + wording.text("scenario.mover", **values)
