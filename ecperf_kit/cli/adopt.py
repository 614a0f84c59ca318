"""``ecperf adopt``: a proposal becomes the client's, with name, reason and date."""

from __future__ import annotations

from pathlib import Path

import click

from ecperf_kit.cli.asking import answer_for, existing_client, failure, refusal, tell, worded
from ecperf_kit.cli.usage import Day, Place
from ecperf_kit.practice import CLIENTS, REPORTS, find_root


@click.command("adopt")
@click.argument("file", type=Place(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", required=True, metavar="NAME", help="Who adopts it, for the client.")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it stays with the rows.")
@click.option(
    "--from",
    "since",
    required=True,
    type=Day(),
    metavar="DATE",
    help="From when it is in force, e.g. 2026-10-01.",
)
@click.option("--client", default="", help="Whose it is. Default: the client FILE lies with.")
def command(file: Path, by: str, reason: str, since: click.DateTime, client: str) -> None:
    """Make the proposal FILE the client's: a scenario, or a table as CSV.

    FILE is scenarios/NAME.toml of a client, or a table the design report proposes
    (scorecards.csv, pay_plans.csv, coefficient_tables.csv, targets.csv, standards.csv).
    Dated rows are added below client_data/CLIENT/imported with a note of who, why and from
    when; the client's own rows stay. Where a later version would hide the new one, nothing
    is written. Targets and standards carry their own months.
    """
    import datetime as dt

    root = find_root()
    name = client or _client_of(file, root)
    answer_for(name)
    folder = existing_client(name, root)
    from ecperf_kit.client import open_client
    from ecperf_kit.intake.adopting import DATED, AdoptError, adopt
    from ecperf_kit.outputs.wording import Wording
    from ecperf_kit.runner.batch import own_language

    assert isinstance(since, dt.datetime)
    opened = open_client(name, "", own_language(name, root), root)
    try:
        adoptions = adopt(folder, opened.tables, file, by.strip(), reason.strip(), since.date())
    except AdoptError as error:
        wording = Wording(opened.library, opened.language, opened)
        found = [f"{f.code} {' '.join(wording.finding(f)[1:])}" for f in error.findings]
        listed = "\n".join(f"  {fault}" for fault in found or map(worded, error.sayings))
        raise failure("adopt.nothing", faults=listed) from error
    for each in adoptions:
        written = f"{CLIENTS}/{name}/{each.file}"
        key = "adopt.there" if each.there_before else "adopt.rows"
        tell(key, table=each.table, rows=each.rows, file=written)
    if not any(each.table in DATED for each in adoptions):
        tell("adopt.own_months", client=name)
        return
    first = since if since.day == 1 else (since.replace(day=1) + dt.timedelta(days=32))
    tell("adopt.in_force", since=f"{since:%Y-%m-%d}", month=f"{first:%Y-%m}", client=name)


def _client_of(file: Path, root: Path) -> str:
    """The client a file lies with, in ``client_data`` or ``reports``."""
    try:
        parts = file.resolve().relative_to(root).parts
    except ValueError:
        parts = ()
    if len(parts) > 1 and parts[0] in (CLIENTS, REPORTS):
        return parts[1]
    raise refusal("adopt.whose", file=file, folder=root)
