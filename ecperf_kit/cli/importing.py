"""``ecperf import``: platform exports become actuals of the client, every row accounted for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ecperf_kit.cli.asking import client_argument, existing_client, language_option
from ecperf_kit.cli.usage import Place
from ecperf_kit.practice import find_root

if TYPE_CHECKING:
    from ecperf_kit.finding import Finding
    from ecperf_kit.intake.faults import Fault, FaultList
    from ecperf_kit.intake.imports import ImportedFile
    from ecperf_kit.outputs.wording import Wording


@click.command("import")
@client_argument
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)
@click.option(
    "--channel", default="", help="The channel a shop's export belongs to, as in `channels`."
)
@click.option(
    "--faults",
    "faults_file",
    type=Place(path_type=Path, dir_okay=False),
    help="Write every row at fault to this CSV file, with what to write instead.",
)
@language_option
def command(
    client: str,
    files: tuple[Path, ...],
    channel: str,
    faults_file: Path | None,
    language: str | None,
) -> None:
    """Import platform exports into client_data/CLIENT/imported.

    Which export a file is shows in its headings. All files are taken or none;
    the same file twice changes nothing. Days are placed in months by the
    cut-off in client.toml.
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
    faults = _fault_list(faults_file, files, wording) if faults_file else None
    result = import_export(folder, files, channel, library, faults=faults)
    for file in result.files:
        for line in account(file, wording):
            click.echo(line)
    for finding in ordered(result.findings, wording):
        click.echo(_told(finding, wording))
    if faults is not None and faults.there:
        told = {"rows": faults.written, "file": faults.path.name}
        click.echo(wording.text("import.line.faults", **told))
    if result.refused:
        click.echo(wording.text("import.line.nothing"), err=True)
        raise click.exceptions.Exit(1)


def account(file: ImportedFile, wording: Wording) -> Iterable[str]:
    """The account of one file in lines: read = used + set aside, date basis, totals.

    Of a file that is refused no row is used: how many were read, and that none is taken in.
    """

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
    first, last = file.days
    key = "cut_off_days" if first else "cut_off"
    yield "    " + line(key, cut_off=file.cut_off, first=first, last=last)
    if file.state == "refused":
        yield "    " + line("rows_refused" if file.read else "rows_unread", read=file.read)
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


def _fault_list(path: Path, files: Sequence[Path], wording: Wording) -> FaultList:
    """The list to write to ``path``; it must not take the place of a file to import."""
    from ecperf_kit.intake.faults import FaultList
    from ecperf_kit.outputs.write import harmless

    if path.suffix.casefold() != ".csv":
        raise click.BadParameter(wording.text("import.fault.ending"), param_hint="--faults")
    if any(path.resolve() == file.resolve() for file in files):
        raise click.BadParameter(wording.text("import.fault.own_file"), param_hint="--faults")
    if not path.absolute().parent.is_dir():
        raise click.BadParameter(wording.text("import.fault.no_folder"), param_hint="--faults")

    def worded(fault: Fault) -> Sequence[str]:
        told = (fault.file, fault.sheet, fault.column, fault.found)
        file, sheet, column, found = harmless(told)
        return file, sheet, str(fault.row), column, found, instead(fault), fault.code

    def instead(fault: Fault) -> str:
        key = f"import.instead.{fault.wanted}" if fault.wanted else f"finding.{fault.code}.remedy"
        return wording.text(key)

    names = ("file", "sheet", "row", "column", "found", "instead", "code")
    return FaultList(path, [wording.text(f"import.fault.{name}") for name in names], worded)


def _told(finding: Finding, wording: Wording) -> str:
    text = wording.finding(finding)
    severity = wording.text(f"severity.{wording.library.codes[finding.code].severity}")
    said = wording.text(
        "import.line.finding",
        severity=severity, code=finding.code, title=text.title, evidence=text.evidence,
    )  # fmt: skip
    return f"{said}\n    -> {text.remedy}"
