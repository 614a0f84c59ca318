"""``ecperf run``: the reports of one client, some, or all."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from ecperf_kit.cli.asking import (
    existing_client,
    language_option,
    note_client,
    period_option,
    refusal,
    speak,
    tell,
    tongue,
)
from ecperf_kit.cli.usage import OneOf, Whole
from ecperf_kit.practice import REPORTS, client_names, find_root

if TYPE_CHECKING:
    from ecperf_kit.runner.kernel import Engine
    from ecperf_kit.runner.outcome import Outcome

STAGE_NAMES = ("organisation", "design", "exam", "pilot", "rollout", "review")


@click.command("run")
@click.argument("clients", nargs=-1, metavar="CLIENT...", is_eager=True, callback=note_client)
@click.option("--all", "all_clients", is_flag=True, help="Every client of this practice.")
@click.option(
    "--stage",
    "stages",
    multiple=True,
    type=OneOf(STAGE_NAMES),
    help="Only this stage; may be given several times. Default: all six.",
)
@period_option
@language_option
@click.option("--force", is_flag=True, help="Make reports again even where nothing changed.")
@click.option(
    "--jobs",
    type=Whole(1, 256),
    default=None,
    help="Notebooks at a time. Default: one per processor, at least 2; with --dask, 2 per client.",
)
@click.option(
    "--engine",
    type=OneOf(["forked", "stock"]),
    default=None,
    help="How notebooks get their process: forked from a loaded one (fast), or each a new one "
    "(everywhere). Default: forked where it works. The reports are the same.",
)
@click.option(
    "--memory",
    type=Whole(256),
    metavar="MB",
    default=None,
    help="Memory one notebook may take beyond what it starts with (Linux); a cell that wants "
    "more fails, the others go on. Default: its share of four fifths of this machine's.",
)
@click.option(
    "--dask",
    "scheduler",
    metavar="ADDRESS",
    default="",
    help="Send the clients to the Dask cluster whose scheduler is at ADDRESS, like "
    "tcp://host:8786. Its workers must see this practice under the same path.",
)
def command(
    clients: tuple[str, ...],
    all_clients: bool,
    stages: tuple[str, ...],
    period: str,
    language: str | None,
    force: bool,
    jobs: int | None,
    engine: Engine | None,
    memory: int | None,
    scheduler: str,
) -> None:
    """Run the notebooks and leave reports in reports/CLIENT/PERIOD/STAGE.

    A report whose files and versions have not changed is not made again. One
    client's failure does not stop the others. After Ctrl-C finished reports
    stay, and the next run goes on from there.
    """
    root = find_root()
    if all_clients:
        clients = client_names(root)
        if not clients:
            raise refusal("practice.no_clients", folder=root)
    elif not clients:
        raise refusal("run.no_name")
    for name in clients:
        existing_client(name, root)
    if not make_reports(
        clients,
        stages,
        period,
        language or "",
        force,
        jobs or 0,
        engine or "",
        scheduler,
        memory or 0,
    ):
        raise click.exceptions.Exit(1)


def make_reports(
    clients: tuple[str, ...],
    stages: tuple[str, ...] = (),
    period: str = "",
    language: str = "",
    force: bool = False,
    jobs: int = 0,
    engine: Engine | Literal[""] = "",
    scheduler: str = "",
    memory: int = 0,
) -> bool:
    """Run, show progress, tell failures; the last line says where the reports lie.

    False if a report failed. After Ctrl-C or SIGTERM the exit code is 128 and the
    signal's number, as shells have it.
    """
    from ecperf_kit.cli.cluster import dask_executor
    from ecperf_kit.runner.batch import Stopped, run
    from ecperf_kit.runner.memory import collect_rarely
    from ecperf_kit.runner.progress import Progress

    collect_rarely()
    root = find_root()
    names = tuple(dict.fromkeys(clients))
    per_client = len(set(stages)) or len(STAGE_NAMES)
    asked = len(names) * per_client
    where = root / REPORTS / names[0] if len(names) == 1 else root / REPORTS
    try:
        with dask_executor(scheduler) if scheduler else nullcontext() as executor:
            progress = Progress(len(names), per_client, language=tongue())
            try:
                outcomes = run(
                    names,
                    stages,
                    period,
                    language,
                    force,
                    jobs,
                    root,
                    progress,
                    engine,
                    executor,
                    memory,
                )
            finally:
                progress.close()
    except Stopped as stopped:
        counts = _told(stopped.outcomes, root)
        undone = asked - sum(per_client if not o.stage else 1 for o in stopped.outcomes)
        tell("run.stopped", counts=counts, undone=undone, folder=where)
        tell("run.goes_on")
        if scheduler:
            tell("run.workers_end")
        raise click.exceptions.Exit(128 + stopped.signal) from stopped
    counts = _told(outcomes, root)
    tell("run.done", counts=counts, folder=where)
    return not any(outcome.state == "failed" for outcome in outcomes)


def _told(outcomes: list[Outcome], root: Path) -> str:
    """Each failure in one sentence, on stderr; the counts of all outcomes are given back."""
    failed = [outcome for outcome in outcomes if outcome.state == "failed"]
    for outcome in failed:
        kept = outcome.failed_notebook
        # most sentences of a stage begin with its name
        named = outcome.error.startswith((f"{outcome.stage}:", f"{outcome.stage}："))
        fault = outcome.error
        if outcome.stage and not named:
            fault = speak("run.of_stage", stage=outcome.stage, fault=fault)
        told = {"client": outcome.client, "fault": fault}
        if kept:
            tell("run.failed_kept", err=True, file=kept.relative_to(root), **told)
        else:
            tell("run.failed", err=True, **told)
        if outcome.trace:
            click.echo(outcome.trace, err=True)
    made = sum(outcome.state == "made" for outcome in outcomes)
    same = sum(outcome.state == "unchanged" for outcome in outcomes)
    return speak("run.counts", made=made, same=same, failed=len(failed))
