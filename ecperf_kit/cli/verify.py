"""``ecperf verify``: do reports and client files still agree with the run records?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ecperf_kit.cli.asking import client_argument, existing_client, failure, tell
from ecperf_kit.practice import CLIENTS, REPORTS, find_root
from ecperf_kit.spoken import Saying

if TYPE_CHECKING:
    from ecperf_kit.client import Client


@click.command("verify")
@client_argument
def command(client: str) -> None:
    """Recompute the hashes of CLIENT's reports and files and compare them with run.json.

    A file of the client that changed in tables a report does not read leaves the
    report as good as it was: it is named, with the reason, and counts as no
    difference. Exit code 0 where there is none, 1 where there is one.
    """
    from ecperf_kit.intake.files import client_files
    from ecperf_kit.runner.record import RECORD, differences, read_record

    root = find_root()
    existing_client(client, root)
    folder = root / REPORTS / client
    records = [
        path
        for path in sorted(folder.glob(f"*/*/{RECORD}"))
        if not path.parent.name.startswith(".")
    ]
    if not records:
        raise failure("verify.no_report", client=client, folder=folder)
    files = client_files(root / CLIENTS / client)
    contents = _Contents(client, root)
    found = explained = 0
    for record in records:
        held = read_record(record.parent)
        now = contents.of(held) if held.get("inputs") != files else None
        for row in differences(record.parent, files, now):
            report = row.report.relative_to(folder).as_posix()
            kind, state = Saying(f"verify.{row.kind}"), Saying(f"verify.{row.state}")
            key = "verify.explained" if row.explained else "verify.difference"
            tell(key, report=report, kind=kind, file=row.file, state=state)
            explained += row.explained
            found += not row.explained
    key = "verify.counts_explained" if explained else "verify.counts"
    tell(key, reports=len(records), found=found, explained=explained)
    if found:
        raise click.exceptions.Exit(1)


class _Contents:
    """What reports would read of the client today; it is opened only if a file changed."""

    def __init__(self, name: str, root: Path) -> None:
        self.name, self.root = name, root
        self._opened: Client | None = None

    def of(self, record: Mapping[str, Any]) -> dict[str, Any] | None:
        """The contents of the tables a record names, None where that cannot be said."""
        from ecperf_kit.client import ClientError, open_client
        from ecperf_kit.intake.declare import tables as declared
        from ecperf_kit.runner.contents import content_of_tables

        tables = record.get("content", {}).get("tables")
        if not isinstance(tables, dict) or not declared().keys() >= tables.keys():
            return None
        try:
            if self._opened is None:
                self._opened = open_client(self.name, root=self.root)
        except ClientError:
            return None
        return content_of_tables(self._opened, tables)
