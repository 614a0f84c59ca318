"""``ecperf explain``: how one person's pay came about, down to file, sheet and row."""

from __future__ import annotations

import click

from ecperf_kit.cli.asking import Refused, checked_period, existing_client, language_option
from ecperf_kit.practice import find_root


@click.command("explain")
@click.argument("client")
@click.argument("employee")
@click.argument("period", callback=checked_period)
@language_option
def command(client: str, employee: str, period: str, language: str | None) -> None:
    """Explain EMPLOYEE's pay of PERIOD: lines, scores, standards, actuals and where they stand."""
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
        raise Refused(
            f"{client} has no employee {employee!r}: write the number in the table employees, "
            f"which holds {len(known)}"
        )
    wording = Wording(opened.library, opened.language, opened)
    for line in explain(opened, employee):
        where = place(line.source, wording) if line.source else ""
        text = "    " * line.level + wording.say(line.sentence)
        click.echo(f"{text}  [{where}]" if where else text)
