"""What all commands share: how a wrong request is answered, and options they have in common.

The answer comes in the language asked for with ``--lang``, else in the practice's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TypeVar

import click

from ecperf_kit.period import Period, PeriodError
from ecperf_kit.practice import (
    PracticeError,
    client_folder,
    client_names,
    find_root,
    spoken_language,
)
from ecperf_kit.spoken import LANGUAGES, SaidError, Saying, said

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
#: Where a command's context keeps what was asked for, also after the command has failed.
_LANGUAGE, _CLIENT = "ecperf_kit.language", "ecperf_kit.client"


class Told(click.ClickException):
    """An error in the language spoken here."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.language = tongue()

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the sentence on stderr."""
        click.echo(said(self.language, "error", message=self.format_message()), file, err=True)


class Refused(Told):
    """The request cannot be meant as it stands: exit code 2."""

    exit_code = 2


class Failed(Told):
    """The request is clear, but it could not be done: exit code 1."""

    exit_code = 1


def refusal(key: str, /, **values: Any) -> Refused:
    """The refusal with a text of ``command.toml``."""
    return Refused(speak(key, **values))


def failure(key: str, /, **values: Any) -> Failed:
    """The failure with a text of ``command.toml``."""
    return Failed(speak(key, **values))


def tongue() -> str:
    """The language of what is said now: that of ``--lang``, else the practice's, else the
    client's, else the machine's."""
    context = click.get_current_context(silent=True)
    known = context.meta if context is not None else {}
    if asked := known.get(_LANGUAGE):
        return str(asked)
    try:
        return spoken_language(find_root(), known.get(_CLIENT, ""))
    except PracticeError:
        return spoken_language(None)


def speak(key: str, /, **values: Any) -> str:
    """A text of ``command.toml`` in the language spoken here."""
    return said(tongue(), key, **values)


def tell(key: str, /, err: bool = False, **values: Any) -> None:
    """Print such a text."""
    click.echo(speak(key, **values), err=err)


def worded(saying: Saying | SaidError) -> str:
    """A saying or an error in the language spoken here."""
    return saying.said_in(tongue())


@contextmanager
def told_errors() -> Iterator[None]:
    """Known errors become one sentence and an exit code; a bug stays a traceback."""
    try:
        yield
    except (PracticeError, PeriodError) as error:
        raise Refused(worded(error)) from error
    except SaidError as error:
        raise Failed(worded(error)) from error
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
        known = list(client_names(root)) or Saying("none_yet")
        raise refusal("practice.no_client", found=name, folder=root, known=known)
    return folder


def checked_period(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """A period as the user wrote it, refused if it is none."""
    if value:
        try:
            Period.parse(value)
        except PeriodError as error:
            raise click.BadParameter(worded(error)) from error
    return value


def client_argument(command: Decorated) -> Decorated:
    """``CLIENT``, whose language may be the one to answer in."""
    return click.argument("client", is_eager=True, callback=_noted(_CLIENT))(command)


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
    from ecperf_kit.cli.usage import OneOf

    return click.option(
        "--lang",
        "language",
        type=OneOf(LANGUAGES),
        default=None,
        is_eager=True,
        callback=note_language,
        help="Chinese or English. Default: the language in client.toml.",
    )(command)


def answer_for(client: str) -> None:
    """Say whose language may be the one to answer in, where no argument does."""
    if (context := click.get_current_context(silent=True)) is not None:
        context.meta[_CLIENT] = client


def note_client(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> Any:
    """Of several clients none is the one to answer for."""
    ctx.meta[_CLIENT] = value[0] if len(value) == 1 else ""
    return value


def note_language(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
    """Remember the language asked for."""
    return _noted(_LANGUAGE)(ctx, param, value)


def _noted(key: str) -> Callable[[click.Context, click.Parameter, Any], Any]:
    def note(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
        ctx.meta[key] = value
        return value

    return note
