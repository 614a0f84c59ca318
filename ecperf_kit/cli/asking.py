"""What all commands share: how a wrong request is answered, and options they have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from ecperf_kit.period import Period, PeriodError
from ecperf_kit.practice import PracticeError, client_folder, client_names, find_root

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class Refused(click.ClickException):
    """The request cannot be meant as it stands: exit code 2."""

    exit_code = 2


class Failed(click.ClickException):
    """The request is clear, but it could not be done: exit code 1."""

    exit_code = 1


@contextmanager
def told_errors() -> Iterator[None]:
    """Known errors become one sentence and an exit code; a bug stays a traceback."""
    try:
        yield
    except (PracticeError, PeriodError) as error:
        raise Refused(str(error)) from error
    except click.ClickException:
        raise
    except Exception as error:
        from ecperf_kit.runner.errors import is_told

        if not is_told(error):
            raise
        raise Failed(str(error)) from error


def existing_client(name: str, root: Path | None = None) -> Path:
    """The folder of a client of this practice; refused with the list of those there are."""
    root = find_root() if root is None else root
    folder = client_folder(name, root)
    if not folder.is_dir():
        known = ", ".join(client_names(root)) or "none yet"
        raise Refused(
            f"there is no client {name!r} in {root}. Clients here: {known}. "
            f"`ecperf new {name}` makes a new one"
        )
    return folder


def checked_period(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """A period as the user wrote it, refused if it is none."""
    if value:
        try:
            Period.parse(value)
        except PeriodError as error:
            raise click.BadParameter(str(error)) from error
    return value


def period_option(command: Decorated) -> Decorated:
    """``--period``: a month, quarter, year or span."""
    return click.option(
        "--period",
        default="",
        callback=checked_period,
        metavar="PERIOD",
        help="2026-06, 2026-Q2, 2026 or 2026-04..2026-09. Default: made from the client's dates.",
    )(command)


def language_option(command: Decorated) -> Decorated:
    """``--lang``: the language of texts; the client's own if not given."""
    return click.option(
        "--lang",
        "language",
        type=click.Choice(["zh", "en"]),
        default=None,
        help="Chinese or English. Default: the language in client.toml.",
    )(command)
