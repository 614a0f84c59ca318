"""``ecperf import``: platform exports become actuals of the client, every row accounted for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ecperf_kit.cli.asking import existing_client, language_option
from ecperf_kit.practice import find_root

if TYPE_CHECKING:
    from ecperf_kit.finding import Finding
    from ecperf_kit.intake.imports import ImportedFile
    from ecperf_kit.outputs.wording import Wording


@click.command("import")
@click.argument("client")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)
@click.option(
    "--channel", default="", help="The channel a shop's export belongs to, as in `channels`."
)
@language_option
def command(client: str, files: tuple[Path, ...], channel: str, language: str | None) -> None:
    """Import platform exports into client_data/CLIENT/imported.

    Which export a file is shows in its headings. All files are taken or none;
    the same file twice changes nothing.
    """
    root = find_root()
    folder = existing_client(client, root)
    from ecperf_kit.intake.imports import import_export
    from ecperf_kit.library import load_library
    from ecperf_kit.outputs.listing import ordered
    from ecperf_kit.outputs.wording import Wording
    from ecperf_kit.runner.batch import own_language

    library = load_library()
    wording = Wording(library, language or own_language(client, root))
    result = import_export(folder, files, channel, library)
    for file in result.files:
        for line in account(file, wording):
            click.echo(line)
    for finding in ordered(result.findings, wording):
        click.echo(_told(finding, wording))
    if result.refused:
        click.echo(wording.text("import.line.nothing"), err=True)
        raise click.exceptions.Exit(1)


def account(file: ImportedFile, wording: Wording) -> Iterable[str]:
    """The account of one file in lines: read = used + set aside, date basis, totals."""

    def line(key: str, **values: object) -> str:
        return wording.text(f"import.line.{key}", **values)

    state = wording.text(f"import.state.{file.state}")
    key = "file_written" if file.written else "file"
    yield line(key, file=file.file, state=state, written=str(file.written or ""))
    if not file.export:
        return
    yield "    " + line("export", export=file.export, basis=file.date_basis)
    if file.state == "unchanged":
        return
    aside = "".join(
        line("aside", rows=rows, reason=wording.text(f"import.reason.{reason}"))
        for reason, rows in file.set_aside
        if rows
    )
    rows = line("rows", read=file.read, used=file.used)
    yield f"    {rows}{aside}"
    for total in file.totals:
        name = wording.text(f"import.total.{total.total}")
        month = total.month or line("whole")
        yield "    " + line("total", month=month, name=name, value=total.value)
    yield "    " + line("written", rows=file.rows_written)


def _told(finding: Finding, wording: Wording) -> str:
    text = wording.finding(finding)
    severity = wording.text(f"severity.{wording.library.codes[finding.code].severity}")
    said = wording.text(
        "import.line.finding",
        severity=severity, code=finding.code, title=text.title, evidence=text.evidence,
    )  # fmt: skip
    return f"{said}\n    -> {text.remedy}"
