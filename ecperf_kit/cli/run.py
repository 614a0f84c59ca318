"""``ecperf run``: the reports of one client, some, or all."""

from __future__ import annotations

import click

from ecperf_kit.cli.asking import Refused, existing_client, language_option, period_option
from ecperf_kit.practice import REPORTS, client_names, find_root

STAGE_NAMES = ("organisation", "design", "exam", "pilot", "rollout", "review")


@click.command("run")
@click.argument("clients", nargs=-1, metavar="CLIENT...")
@click.option("--all", "all_clients", is_flag=True, help="Every client of this practice.")
@click.option(
    "--stage",
    "stages",
    multiple=True,
    type=click.Choice(STAGE_NAMES),
    help="Only this stage; may be given several times. Default: all six.",
)
@period_option
@language_option
@click.option("--force", is_flag=True, help="Make reports again even where nothing changed.")
@click.option(
    "--jobs", type=click.IntRange(1, 64), default=2, show_default=True, help="Notebooks at a time."
)
def command(
    clients: tuple[str, ...],
    all_clients: bool,
    stages: tuple[str, ...],
    period: str,
    language: str | None,
    force: bool,
    jobs: int,
) -> None:
    """Run the notebooks and leave reports in reports/CLIENT/PERIOD/STAGE.

    A report whose files and versions have not changed is not made again. One
    client's failure does not stop the others.
    """
    root = find_root()
    if all_clients:
        clients = client_names(root)
        if not clients:
            raise Refused(f"there is no client in {root}: `ecperf new NAME` makes one")
    elif not clients:
        raise Refused("name one client or more, or write --all")
    for name in clients:
        existing_client(name, root)
    if not make_reports(clients, stages, period, language or "", force, jobs):
        raise click.exceptions.Exit(1)


def make_reports(
    clients: tuple[str, ...],
    stages: tuple[str, ...] = (),
    period: str = "",
    language: str = "",
    force: bool = False,
    jobs: int = 2,
) -> bool:
    """Run, show progress, tell failures; the last line says where the reports lie."""
    from ecperf_kit.runner.batch import Progress, run

    root = find_root()
    progress = Progress(len(clients) * (len(set(stages)) or len(STAGE_NAMES)))
    try:
        outcomes = run(clients, stages, period, language, force, jobs, root, progress)
    finally:
        progress.close()
    failed = [outcome for outcome in outcomes if outcome.state == "failed"]
    for outcome in failed:
        kept = outcome.failed_notebook
        note = f" (the notebook is kept as {kept.relative_to(root)})" if kept else ""
        click.echo(f"{outcome.client}: {outcome.error}{note}", err=True)
        if outcome.trace:
            click.echo(outcome.trace, err=True)
    made = sum(outcome.state == "made" for outcome in outcomes)
    same = sum(outcome.state == "unchanged" for outcome in outcomes)
    where = root / REPORTS / clients[0] if len(clients) == 1 else root / REPORTS
    click.echo(f"{made} made, {same} unchanged, {len(failed)} failed. Reports: {where}")
    return not failed
