"""What the program says by itself, at the prompt and in errors, in the practice's language.

The sentences stand in ``library/texts/<language>/command.toml``. That one file is read here
and nothing else is loaded, so that every room can use it and the command stays quick.
"""

from __future__ import annotations

import locale
import os
import re
import string
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("zh", "en")
_FOLDER = Path(__file__).resolve().parent / "library" / "texts"
_AREA = "command"
#: Where a Chinese word meets a figure or Latin letter, and the other way round.
_WORD_FIGURE = re.compile(r"[\u3400-\u9fff][0-9A-Za-z+\u2212]")
_FIGURE_WORD = re.compile(r"[0-9A-Za-z%][\u3400-\u9fff]")


class Saying:
    """A text of ``command.toml`` and what it is filled with: texts, whole numbers, lists of
    texts, further sayings. As text it is English; ``said_in`` gives the other language."""

    def __init__(self, key: str, /, **values: Any) -> None:
        faults = {n for n, v in values.items() if isinstance(v, BaseException)}
        plain = {n: str(values[n]) for n in faults if not isinstance(values[n], SaidError)}
        self.key, self.values = key, {**values, **plain}

    def said_in(self, language: str) -> str:
        """The sentence in ``zh`` or ``en``."""
        return said(language, self.key, **self.values)

    def __str__(self) -> str:
        return self.said_in("en")

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))


class SaidError(Exception):
    """An error whose words stand in ``command.toml``: one saying, or several at once."""

    def __init__(self, key: str | Saying, /, *more: Saying, **values: Any) -> None:
        first = Saying(key, **values) if isinstance(key, str) else key
        self.sayings = (first, *more)
        super().__init__(*self.sayings)  # with what it is made again in another process

    def said_in(self, language: str) -> str:
        """The sentences in ``zh`` or ``en``, each on a line."""
        return "\n".join(saying.said_in(language) for saying in self.sayings)

    def __str__(self) -> str:
        return self.said_in("en")


def said(language: str, key: str, /, **values: Any) -> str:
    """The text ``command.<key>`` of a language with its fields filled."""
    template = _texts(language)[f"{_AREA}.{key}"]
    found = ""
    for literal, name, spec, _ in string.Formatter().parse(template):
        found = set_apart(language, found, literal)
        if name is not None:
            found = set_apart(language, found, _filled(language, values[name], spec or ""))
    return found


def set_apart(language: str, before: str, after: str) -> str:
    """Two pieces joined; in Chinese a blank parts words from figures and Latin letters."""
    meet = before[-1:] + after[:1]
    apart = language == "zh" and (_WORD_FIGURE.match(meet) or _FIGURE_WORD.match(meet))
    return f"{before} {after}" if apart else before + after


def _filled(language: str, value: Any, spec: str) -> str:
    kind, _, words = spec.partition(" ")
    if kind == "plural":
        one, _, many = words.partition("/")
        return f"{value:,} {one if value == 1 else many or one}"
    if kind == "count":
        return f"{value:,}"
    if isinstance(value, Saying | SaidError):
        return value.said_in(language)
    if isinstance(value, list | tuple):
        return ("、" if language == "zh" else ", ").join(_filled(language, v, "") for v in value)
    return str(value)


@cache
def _texts(language: str) -> Mapping[str, str]:
    path = _FOLDER / language / f"{_AREA}.toml"
    found: dict[str, str] = {}

    def walk(node: Mapping[str, Any], prefix: str) -> None:
        for key, value in node.items():
            if isinstance(value, dict):
                walk(value, f"{prefix}{key}.")
            else:
                found[prefix + key] = "\n".join(value) if isinstance(value, list) else value

    walk(tomllib.loads(path.read_text(encoding="utf-8")), "")
    return found


def declared_language(path: Path, table: str = "") -> str:
    """``language`` in a TOML file, in one of its tables or outside of them; "" where none can
    be read."""
    try:
        told: Any = tomllib.loads(path.read_text(encoding="utf-8-sig"))
        language = told.get(table, {}).get("language") if table else told.get("language")
    except (OSError, ValueError, AttributeError):  # who needs the file says what is wrong with it
        return ""
    return language if language in LANGUAGES else ""


def machine_language() -> str:
    """The language this machine is set to, for where no practice and no client says one."""
    told = next((v for n in ("LC_ALL", "LC_MESSAGES", "LANG") if (v := os.environ.get(n))), "")
    told = told or locale.getlocale()[0] or ""
    return "zh" if told.casefold().startswith(("zh", "chinese")) else "en"
