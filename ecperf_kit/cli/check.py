"""``ecperf check``: everything that is wrong with a client's files and scheme, at once."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ecperf_kit.cli.asking import (
    client_argument,
    existing_client,
    language_option,
    period_option,
)
from ecperf_kit.cli.usage import OneOf
from ecperf_kit.practice import find_root

if TYPE_CHECKING:
    from ecperf_kit.finding import Finding
    from ecperf_kit.outputs.wording import Wording

FIELDS = (
    "severity", "code", "stage", "subject", "title", "evidence", "remedy",
    "clause", "blocks", "file", "sheet", "row", "column",
)  # fmt: skip


@click.command("check")
@client_argument
@period_option
@click.option(
    "--format",
    "form",
    type=OneOf(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="How findings are printed.",
)
@language_option
def command(client: str, period: str, form: str, language: str | None) -> None:
    """Check CLIENT's files, organisation and scheme: everything at once.

    A report lists of the faults in files only those in tables its stage reads,
    and files that could not be read at all; here they are all together.

    Exit code 0 where there is no error (warnings and notes are allowed), 1
    where there is one, 2 for wrong usage.
    """
    root = find_root()
    existing_client(client, root)
    from ecperf_kit.client import open_client
    from ecperf_kit.outputs.listing import ordered
    from ecperf_kit.outputs.wording import Wording
    from ecperf_kit.rules import check_organisation, check_scheme
    from ecperf_kit.rules.bridges import check_bridges
    from ecperf_kit.runner.batch import own_language

    opened = open_client(client, period, language or own_language(client, root), root)
    wording = Wording(opened.library, opened.language, opened)
    found = (*opened.findings, *check_organisation(opened), *check_scheme(opened))
    if opened.period is not None:
        found = (*found, *check_bridges(opened, opened.period.months))
    findings = ordered(found, wording)
    if form == "text":
        _print_text(findings, wording)
    elif form == "json":
        rows = [finding_row(finding, wording) for finding in findings]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        writer = csv.DictWriter(sys.stdout, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(
            {name: _never_formula(value) for name, value in finding_row(finding, wording).items()}
            for finding in findings
        )
    codes = opened.library.codes
    if any(codes[finding.code].severity == "error" for finding in findings):
        raise click.exceptions.Exit(1)


def finding_row(finding: Finding, wording: Wording) -> dict[str, str | int | None]:
    """One finding as a flat row: the names of ``FIELDS``, texts worded, row a number or None."""
    code = wording.library.codes[finding.code]
    text = wording.finding(finding)
    source = finding.source
    return {
        "severity": code.severity,
        "code": finding.code,
        "stage": code.stage,
        "subject": finding.subject,
        "title": text.title,
        "evidence": text.evidence,
        "remedy": text.remedy,
        "clause": code.clause,
        "blocks": code.blocks,
        "file": source.file,
        "sheet": source.sheet,
        "row": source.row,
        "column": source.column,
    }


def _print_text(findings: Sequence[Finding], wording: Wording) -> None:
    from ecperf_kit.outputs.listing import counts, place

    for finding in findings:
        row = finding_row(finding, wording)
        severity = wording.text(f"severity.{row['severity']}")
        said = f"{severity} {row['code']} {row['title']}"
        click.echo(said + wording.text("common.separator") + wording.subject(finding.subject))
        for line in (place(finding.source, wording), row["evidence"]):
            if line:
                click.echo(f"    {line}")
        click.echo(f"    -> {row['remedy']}\n")
    click.echo(counts(findings, wording))


def _never_formula(value: str | int | None) -> str | int | None:
    """Text a spreadsheet would take for a formula, marked as text."""
    from ecperf_kit.outputs.write import FORMULA_STARTS

    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
