"""The command ``ecperf``. Each subcommand stands in its own module and is loaded when called.

Exit codes: 0 all is well, 1 errors found or a report failed, 2 wrong usage.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

from ecperf_kit import __version__
from ecperf_kit.cli.asking import refusal, told_errors

#: Subcommand -> module of this package that holds it as ``command``, in the order of the work.
COMMANDS = {
    "init": "init",
    "new": "new",
    "import": "importing",
    "check": "check",
    "simulate": "simulate",
    "calibrate": "calibrate",
    "adopt": "adopt",
    "run": "run",
    "papers": "papers",
    "explain": "explain",
    "cards": "cards",
    "verify": "verify",
    "lab": "lab",
    "demo": "demo",
}


class Ecperf(click.Group):
    """A group that loads its commands when needed and tells known errors in one sentence."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"{__name__}.{COMMANDS[cmd_name]}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            raise refusal("usage.no_command", name=args[0], names=list(COMMANDS))
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with told_errors():
                return super().invoke(ctx)
        except click.UsageError as error:
            from ecperf_kit.cli.usage import in_our_words

            raise in_our_words(error) from error


@click.group(cls=Ecperf, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ecperf")
def main() -> None:
    """Performance assessment with performance-linked pay for e-commerce teams.

    A practice is a folder with client_data/, notebooks/ and reports/. Commands
    look for it from the current folder upwards, or where ECPERF_HOME points.
    """
    for stream in (sys.stdout, sys.stderr):
        # a file or pipe gets UTF-8 everywhere; a terminal shows ? for what it cannot show
        if hasattr(stream, "reconfigure"):
            if stream.isatty():
                stream.reconfigure(errors="replace")
            else:
                stream.reconfigure(encoding="utf-8")
