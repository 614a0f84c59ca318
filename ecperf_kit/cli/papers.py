"""``ecperf papers``: the Word papers of a client, ready to print and sign."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ecperf_kit.cli.asking import (
    Failed,
    client_argument,
    existing_client,
    language_option,
    period_option,
)
from ecperf_kit.cli.usage import OneOf
from ecperf_kit.practice import REPORTS, find_root

if TYPE_CHECKING:
    from ecperf_kit.client import Client
    from ecperf_kit.outputs.wording import Wording

KIND_NAMES = ("pitch", "job_description", "notice", "rules", "scorecard", "consent", "merit",
              "sign_list")  # fmt: skip


@click.command("papers")
@client_argument
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=OneOf(KIND_NAMES),
    help="Only this kind; may be given several times. Default: all.",
)
@period_option
@language_option
def command(client: str, kinds: tuple[str, ...], period: str, language: str | None) -> None:
    """Write CLIENT's papers into reports/CLIENT/papers: notice, rules, job descriptions,
    scorecards, consents, sponsor pitch, promotion criteria and the list of signatures.

    What is about one person lies in papers/restricted. Facts the client has not given are
    blank lines on the paper and are listed here. While the scheme has errors (ecperf check)
    every page is marked as a draft. Papers are not made while a text of the
    client speaks of last-place elimination or fines.
    """
    root = find_root()
    existing_client(client, root)
    from ecperf_kit.client import open_client
    from ecperf_kit.outputs.wording import Wording
    from ecperf_kit.runner.batch import own_language
    from ecperf_kit.runner.papers import write_papers

    opened = open_client(client, period, language or own_language(client, root), root)
    wording = Wording(opened.library, opened.language, opened)
    _refuse_wording(opened, wording)
    written = write_papers(opened, kinds, root / REPORTS / client / "papers")
    for line in _missing(written.missing, wording):
        click.echo(line)
    for line in _unsigned(opened, wording):
        click.echo(line)
    if written.faults:
        codes = sorted({finding.code for finding in written.faults})
        values = {"count": len(written.faults), "codes": codes}
        click.echo(wording.text("papers.command.draft", **values))
    count = len(written.files)
    click.echo(wording.text("papers.command.made", count=count, hash=written.scheme))
    if written.kept:
        click.echo(wording.text("papers.command.kept", count=written.kept))
    click.echo(str(written.folder))


def _refuse_wording(client: Client, wording: Wording) -> None:
    """No paper is printed with wording that the law does not bear."""
    from ecperf_kit.outputs.listing import place
    from ecperf_kit.rules.papers import unlawful_wording

    grave = 0
    for finding in unlawful_wording(client):
        said = wording.finding(finding)
        click.echo(f"{finding.code} {said.title}  {place(finding.source, wording)}", err=True)
        click.echo(f"    {said.evidence}\n    -> {said.remedy}", err=True)
        grave += client.library.codes[finding.code].severity == "error"
    if grave:
        raise Failed(wording.text("papers.command.refused", count=grave))


def _missing(missing: Sequence[tuple[str, str]], wording: Wording) -> list[str]:
    """One line per fact that a paper leaves blank, with whom it is about or how many."""
    about: dict[str, list[str]] = {}
    for fact, subject in missing:
        about.setdefault(fact, []).append(subject)
    if not about:
        return []
    lines = [wording.text("papers.command.missing")]
    for fact, subjects in about.items():
        name = wording.text(f"papers.fact.{fact}")
        posts = [s for s in subjects if s.startswith("post:")]
        named = [wording.subject(subject) for subject in posts]
        roles = [wording.label(s[5:]) for s in subjects if s.startswith("role:")]
        persons = sum(subject.startswith("employee:") for subject in subjects)
        if persons:
            named.append(wording.text("papers.command.persons", count=persons))
        whom = wording.listed([*named, *roles])
        lines.append(
            f"  - {name}{wording.text('common.separator')}{whom}" if whom else f"  - {name}"
        )
    return lines


def _unsigned(client: Client, wording: Wording) -> list[str]:
    """How many signatures are missing: the gate before the rollout."""
    from ecperf_kit.outputs.papers.facts import paper_month
    from ecperf_kit.rules.papers import unsigned

    table = unsigned(client, paper_month(client))
    lines = []
    for kind, part in table.groupby("paper", sort=True):
        values = {"paper": kind, "count": len(part), "open": int(part["signed_on"].isna().sum())}
        lines.append(wording.text("papers.command.unsigned", **values))
    return lines
