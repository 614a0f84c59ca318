"""``ecperf explain``: how one person's pay came about, down to file, sheet and row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ecperf_kit.cli.asking import (
    Refused,
    checked_period,
    client_argument,
    existing_client,
    language_option,
    refusal,
    worded,
)
from ecperf_kit.practice import find_root
from ecperf_kit.spoken import Saying

if TYPE_CHECKING:
    from ecperf_kit.client import Client


@click.command("explain")
@client_argument
@click.argument("employee")
@click.argument("period", callback=checked_period)
@click.option("--scenario", default="", metavar="NAME", help="As scenarios/NAME.toml would pay.")
@language_option
def command(client: str, employee: str, period: str, scenario: str, language: str | None) -> None:
    """Explain EMPLOYEE's pay of PERIOD: lines, scores, standards, actuals and where they stand.

    With --scenario first the pay as it is, then the pay the scenario would give.
    """
    root = find_root()
    existing_client(client, root)
    from ecperf_kit.client import open_client
    from ecperf_kit.outputs.listing import place
    from ecperf_kit.outputs.wording import Wording
    from ecperf_kit.runner.batch import own_language
    from ecperf_kit.stages.explain import explain

    opened = open_client(client, period, language or own_language(client, root), root)
    known = opened.table("employees")["employee"]
    if employee not in set(known):
        raise refusal("explain.no_employee", client=client, found=employee, count=len(known))
    wording = Wording(opened.library, opened.language, opened)
    schemes = [opened]
    if scenario:
        schemes.append(_under(opened, scenario))
    for scheme in schemes:
        if scheme is not opened:
            click.echo("\n" + wording.text("scenario.explained", scenario=scenario))
        for line in explain(scheme, employee):
            where = place(line.source, wording) if line.source else ""
            text = "    " * line.level + wording.say(line.sentence)
            click.echo(f"{text}  [{where}]" if where else text)


def _under(client: Client, name: str) -> Client:
    """The client under one of its scenarios."""
    from ecperf_kit.method.scenario import ScenarioError, applied

    known = {each.name: each for each in client.scenarios}
    if name not in known:
        there = list(known) or Saying("none")
        raise refusal("scenario.unknown", client=client.name, names=name, known=there)
    try:
        return applied(client, known[name])
    except ScenarioError as error:
        raise Refused(worded(error)) from error
