"""The texts of each language: all ``texts/<lang>/*.toml`` as one flat set of dotted keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ecperf_kit.library.reading import LibraryError, read_toml

LANGUAGES = ("zh", "en")
#: What every finding code says, in both languages.
FINDING_PARTS = ("title", "evidence", "remedy")


def read_texts(folder: Path, language: str) -> dict[str, str]:
    """The texts of one language by dotted key, e.g. ``label.percentage``.

    A list of texts is one text of several lines. A key that two files give, and
    anything that is not a text, is a ``LibraryError``.
    """
    if language not in LANGUAGES:
        raise LibraryError(f"language {language!r}: write one of {', '.join(LANGUAGES)}")
    found: dict[str, str] = {}
    home: dict[str, str] = {}
    for path in sorted((folder / language).glob("*.toml")):
        name = f"{language}/{path.name}"
        for key, value in _flat(read_toml(path), ""):
            if not isinstance(value, str) or not value:
                raise LibraryError(f"{name}: {key} is not a text: write it in quotes")
            if key in found:
                raise LibraryError(f"{name}: {key} stands already in {home[key]}: delete one")
            found[key], home[key] = value, name
    if not found:
        raise LibraryError(f"texts/{language}: no texts: the folder holds no *.toml")
    return found


def _flat(node: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in node.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        elif isinstance(value, list) and all(isinstance(line, str) for line in value):
            yield f"{prefix}{key}", "\n".join(value)
        else:
            yield f"{prefix}{key}", value


def missing_texts(texts: Mapping[str, Mapping[str, str]], codes: Iterable[str]) -> list[str]:
    """What is missing, as ``en: finding.D101.remedy``: keys of one language that the
    other lacks, and parts of finding texts that no language has. Sorted."""
    wanted = {f"finding.{code}.{part}" for code in codes for part in FINDING_PARTS}
    for entries in texts.values():
        wanted |= set(entries)
    return sorted(
        f"{language}: {key}" for language, entries in texts.items() for key in wanted - set(entries)
    )
