"""``ecperf init``: start a practice."""

from __future__ import annotations

from pathlib import Path

import click

from ecperf_kit.cli.asking import note_language, tell
from ecperf_kit.cli.usage import OneOf, Place
from ecperf_kit.spoken import LANGUAGES


@click.command("init")
@click.argument("folder", type=Place(path_type=Path, file_okay=False))
@click.option(
    "--lang",
    "language",
    type=OneOf(LANGUAGES),
    default=None,
    is_eager=True,
    callback=note_language,
    help="What the program says at the prompt there. Default: this machine's language.",
)
def command(folder: Path, language: str | None) -> None:
    """Start a practice in FOLDER: notebooks, invented demo clients, a place for reports."""
    from ecperf_kit.runner.starting import start_practice

    root = start_practice(folder, language or "")
    tell("practice.started", folder=root)
    tell("practice.next")
