"""``ecperf cards``: the scorecard workbook for department heads to fill in."""

from __future__ import annotations

import click

from ecperf_kit.cli.asking import (
    client_argument,
    existing_client,
    language_option,
    refusal,
    speak,
    worded,
)
from ecperf_kit.period import Period, PeriodError
from ecperf_kit.practice import REPORTS, find_root

#: Beside the periods' folders: a workbook is not a report of a stage.
FOLDER, RESTRICTED = "cards", "restricted"


def checked_month(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """One month as the user wrote it, refused if it is none."""
    if not value:
        return ""
    try:
        months = Period.parse(value).months
    except PeriodError as error:
        raise click.BadParameter(worded(error)) from error
    if len(months) > 1:
        raise click.BadParameter(speak("period.one_month", found=value, month=months[0]))
    return months[0]


@click.command("cards")
@client_argument
@click.option(
    "--month",
    default="",
    callback=checked_month,
    metavar="MONTH",
    help="For example 2026-06. Default: the latest month with actuals.",
)
@click.option("--post", "posts", multiple=True, help="Only this post; may be given several times.")
@click.option("--people", is_flag=True, help="Also a sheet per person, in the restricted folder.")
@language_option
def command(
    client: str, month: str, posts: tuple[str, ...], people: bool, language: str | None
) -> None:
    """Write CLIENT's scorecards as a workbook with live formulas.

    reports/CLIENT/cards/scorecards-MONTH.xlsx holds a blank sheet per post to fill
    in; with --people, restricted/scorecards-people-MONTH.xlsx holds each person's
    scores and pay.
    """
    root = find_root()
    existing_client(client, root)
    from ecperf_kit.client import open_client
    from ecperf_kit.outputs.cards import write_cards
    from ecperf_kit.runner.batch import own_language

    opened = open_client(client, month, language or own_language(client, root), root)
    unknown = [post for post in posts if post not in opened.library.posts.index]
    if unknown:
        raise refusal("cards.no_post", found=unknown[0])
    if not month:
        known = opened.table("actuals")["period"].dropna()
        months = sorted(text for text in known.unique() if len(str(text)) == len("2026-06"))
        if not months:
            raise refusal("cards.no_actuals", client=client)
        month = str(months[-1])
    folder = root / REPORTS / client / FOLDER
    click.echo(write_cards(opened, month, folder / f"scorecards-{month}.xlsx", posts=posts))
    if people:
        closed = folder / RESTRICTED / f"scorecards-people-{month}.xlsx"
        click.echo(write_cards(opened, month, closed, posts=posts, people=True))
