"""``ecperf init``: start a practice."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def command(folder: Path) -> None:
    """Start a practice in FOLDER: notebooks, invented demo clients, a place for reports."""
    from ecperf_kit.runner.starting import start_practice

    root = start_practice(folder)
    click.echo(f"Practice started in {root}")
    click.echo("Next: go to that folder and run `ecperf demo`, or `ecperf new CLIENT`.")
