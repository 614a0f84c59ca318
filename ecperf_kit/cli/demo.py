"""``ecperf demo``: the six stages for an invented firm."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ecperf_kit.cli.asking import answer_for, failure, language_option
from ecperf_kit.practice import HOME, MARK, PracticeError, client_names, find_root

DEMO = "qinghe"
FOLDER = "ecperf_demo"


@click.command("demo")
@language_option
@click.option("--force", is_flag=True, help="Make reports again even where nothing changed.")
def command(language: str | None, force: bool) -> None:
    """Make the six reports of the invented demo client qinghe.

    Works in the practice you are in; where that has no such client, a practice
    is started in ./ecperf_demo.
    """
    from ecperf_kit.cli.run import make_reports

    try:
        root = find_root()
        at_home = DEMO in client_names(root)
    except PracticeError:
        at_home = False
    if not at_home:
        root = Path.cwd() / FOLDER
        if not (root / MARK).is_file():
            from ecperf_kit.runner.starting import start_practice

            start_practice(root)
        if DEMO not in client_names(root):
            raise failure("practice.no_demo", folder=root, client=DEMO)
        os.environ[HOME] = str(root)
    answer_for(DEMO)
    if not make_reports((DEMO,), language=language or "", force=force):
        raise click.exceptions.Exit(1)
