"""Wrong usage in the practice's language: what click finds, in our words.

The values of options say themselves what may be written; what click's parser finds
(an unknown option, a missing name) is worded by ``in_our_words``.
"""

from __future__ import annotations

import re
from typing import IO, Any

import click

from ecperf_kit.cli.asking import speak, tongue
from ecperf_kit.spoken import Saying, said

_EXTRA = re.compile(r"\((.*)\)$")


class Misused(click.UsageError):
    """A request that cannot be read, told with the command's own usage line: exit code 2."""

    def __init__(self, message: str, ctx: click.Context | None) -> None:
        super().__init__(message, ctx)
        self.language = tongue()

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the sentence on stderr, below the usage line."""
        if self.ctx is not None:
            click.echo(self.ctx.get_usage(), file, err=True)
            path = self.ctx.command_path
            click.echo(said(self.language, "usage.try_help", command=path) + "\n", file, err=True)
        click.echo(said(self.language, "error", message=self.format_message()), file, err=True)


def in_our_words(error: click.UsageError) -> click.ClickException:
    """The error of click's parser with a text of ours; one not known here stays as it is."""
    message = _message(error)
    return Misused(message, error.ctx) if message else error


def _message(error: click.UsageError) -> str:
    if isinstance(error, click.MissingParameter) and error.param is not None:
        name = error.param.get_error_hint(error.ctx).replace("'", "")
        return speak(f"usage.missing_{error.param.param_type_name}", name=name)
    if isinstance(error, click.BadParameter):
        hint = error.param_hint
        if hint is None and error.param is not None:
            hint = error.param.get_error_hint(error.ctx)
        name = hint if isinstance(hint, str) else " / ".join(hint or ())
        return speak("usage.invalid", name=name.replace("'", ""), why=error.message)
    if isinstance(error, click.NoSuchOption):
        near = error.possibilities
        perhaps = Saying("usage.perhaps", names=list(near)) if near else ""
        return speak("usage.no_option", name=error.option_name, perhaps=perhaps)
    if isinstance(error, click.BadOptionUsage):
        params = error.ctx.command.params if error.ctx is not None else []
        flags = {name for p in params if getattr(p, "is_flag", False) for name in p.opts}
        kind = "flag" if error.option_name in flags else "value"
        return speak(f"usage.option_{kind}", name=error.option_name)
    if type(error) is click.UsageError and (match := _EXTRA.search(error.message)):
        return speak("usage.extra", words=match[1])
    return ""


class _Spoken:
    """A type of click's that says in our words what it does not take."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value as click's own type makes it of what was written."""
        try:
            return super().convert(value, param, ctx)  # type: ignore[misc]
        except click.BadParameter as error:
            told = self.fault(value)
            raise click.BadParameter(speak(told[0], **told[1]), ctx, param) from error

    def fault(self, value: Any) -> tuple[str, dict[str, Any]]:
        """The text, and its values, for what cannot be taken."""
        raise NotImplementedError


class OneOf(_Spoken, click.Choice):
    """One of a few words."""

    def fault(self, value: Any) -> tuple[str, dict[str, Any]]:
        """What may be written instead."""
        return "usage.choice", {"found": value, "known": list(self.choices)}


class Whole(_Spoken, click.IntRange):
    """A whole number within bounds."""

    def fault(self, value: Any) -> tuple[str, dict[str, Any]]:
        """No number, or one out of bounds."""
        if not re.fullmatch(r"[+-]?\d+", str(value)):
            return "usage.number", {"found": value}
        key = "usage.least" if self.max is None else "usage.most"
        return key, {"found": value, "least": self.min, "most": self.max}


class Day(_Spoken, click.DateTime):
    """A day as 2026-10-01."""

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d"])

    def fault(self, value: Any) -> tuple[str, dict[str, Any]]:
        """How a day is written."""
        return "usage.date", {"found": value}


class Place(_Spoken, click.Path):
    """A file or folder, as click's own ``Path`` is told."""

    def fault(self, value: Any) -> tuple[str, dict[str, Any]]:
        """Not there, or the one where the other is due."""
        from pathlib import Path

        if self.exists and not Path(value).exists():
            return "usage.no_file", {"found": value}
        return f"usage.a_{'file' if self.file_okay is False else 'folder'}", {"found": value}
