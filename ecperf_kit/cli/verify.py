"""``ecperf verify``: do reports and client files still agree with the run records?"""

from __future__ import annotations

import click

from ecperf_kit.cli.asking import Failed, existing_client
from ecperf_kit.practice import REPORTS, find_root


@click.command("verify")
@click.argument("client")
def command(client: str) -> None:
    """Recompute the hashes of CLIENT's reports and files and compare them with run.json."""
    from ecperf_kit.client import open_client
    from ecperf_kit.runner.record import RECORD, differences

    root = find_root()
    existing_client(client, root)
    folder = root / REPORTS / client
    records = [
        path
        for path in sorted(folder.glob(f"*/*/{RECORD}"))
        if not path.parent.name.startswith(".")
    ]
    if not records:
        raise Failed(f"{client} has no report in {folder}: `ecperf run {client}` makes them")
    inputs = open_client(client, root=root).inputs
    found = 0
    for record in records:
        for row in differences(record.parent, inputs):
            found += 1
            report = row.report.relative_to(folder).as_posix()
            click.echo(f"{report}: {row.kind} {row.file} is {row.state} since the run")
    click.echo(f"{len(records)} reports checked, {found} differences.")
    if found:
        raise click.exceptions.Exit(1)
