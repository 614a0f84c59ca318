"""``ecperf new``: a new client's folder."""

from __future__ import annotations

import click

from ecperf_kit.cli.asking import tell
from ecperf_kit.cli.usage import OneOf


@click.command("new")
@click.argument("client")
@click.option(
    "--kind",
    type=OneOf(["pure_ecommerce", "omnichannel"]),
    default="pure_ecommerce",
    show_default=True,
    help="Kind of firm: it decides who carries the undertaking.",
)
@click.option(
    "--lang",
    "language",
    type=OneOf(["zh", "en"]),
    default="zh",
    show_default=True,
    help="Language of the workbook, the notes and the reports.",
)
@click.option(
    "--posts",
    default="",
    metavar="POST,POST...",
    help="Fill scorecards and coefficient tables for these posts from the library, "
    "e.g. store_operator,presales_cs.",
)
def command(client: str, kind: str, language: str, posts: str) -> None:
    """Make client_data/CLIENT with client.toml and intake.xlsx to fill in."""
    from ecperf_kit.exact import decimal
    from ecperf_kit.library import load_library
    from ecperf_kit.practice import find_root
    from ecperf_kit.runner.first_scheme import pay_mix
    from ecperf_kit.runner.starting import start_client

    chosen = tuple(dict.fromkeys(post.strip() for post in posts.split(",") if post.strip()))
    folder = start_client(client, find_root(), kind, language, chosen)
    tell("new.made", folder=folder)
    for post, shares in pay_mix(load_library(), chosen).items():
        base, performance = (f"{decimal(share):.0%}" for share in shares)
        tell("new.mix", post=post, base=base, performance=performance)
    tell("new.next", client=client)
