"""Thresholds and gap defaults: every figure the rules use, with unit, clause and origin."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ecperf_kit.exact import decimal
from ecperf_kit.library.reading import LibraryError, line_of, number, origin, read_toml

ThresholdValue = int | str | tuple[int, ...] | tuple[str, ...]
#: Units whose values are stored integers; ``text`` holds words, ``words`` a list of words.
NUMBER_UNITS = (
    "ratio", "percentage_points", "coefficient", "points", "CNY", "days", "hours", "months",
    "persons", "count", "times", "rating",
)  # fmt: skip
_KEYS = ("value", "unit", "clause", "origin", "effective_from", "name_zh", "name_en")
#: Why a client cannot override a threshold: it illustrates, the calculation itself is made so,
#: or ``client.toml`` says it (label ``settled_<word>``).
SETTLED = ("example", "method", "pay_sales_basis", "pay_cut_off", "pilot_pay")


class WrongValue(ValueError):
    """What was written cannot be a threshold's value; ``label`` names the text that says why."""

    def __init__(self, label: str, message: str) -> None:
        super().__init__(message)
        self.label = label


@dataclass(frozen=True, slots=True)
class Threshold:
    """One figure of the method: ``value`` is a stored integer (every number counts
    millionths, counts of things too), a word, or a tuple of either. ``settled`` is one of
    ``SETTLED`` where no override can change anything, else empty; ``among`` the only words
    there are, where the code knows no others."""

    id: str
    value: ThresholdValue
    unit: str
    clause: str
    origin: str
    effective_from: datetime.date
    name_zh: str
    name_en: str
    settled: str = ""
    among: tuple[str, ...] = ()

    def name(self, language: str) -> str:
        """The name in ``zh`` or ``en``."""
        return self.name_zh if language == "zh" else self.name_en

    def example(self) -> str:
        """How a value is written in ``overrides.toml``: the library's own, or all words known."""
        values = self.among or (self.value if isinstance(self.value, tuple) else (self.value,))
        said = [
            f'"{v if isinstance(v, str) else format(decimal(v).normalize(), "f")}"' for v in values
        ]
        return f"[{', '.join(said)}]" if isinstance(self.value, tuple) else said[0]

    def read(self, written: object) -> ThresholdValue:
        """Another value for this threshold, as an override writes it.

        Numbers as text or whole numbers (``"0.15"``, ``5``), lists for lists.
        Raises :class:`WrongValue` with what to write.
        """
        value = read_value(written, self.unit)
        if isinstance(value, tuple) != isinstance(self.value, tuple):
            if isinstance(self.value, tuple):
                raise WrongValue("override_list", f"{self.id} takes a list")
            raise WrongValue("override_one", f"{self.id} takes one value")
        if self.among and not set(value if isinstance(value, tuple) else (value,)) <= {*self.among}:
            known = ", ".join(self.among)
            raise WrongValue("override_among", f"{self.id} knows the words {known}")
        return value


def read_value(written: object, unit: str) -> ThresholdValue:
    """The value of a threshold in its unit; :class:`WrongValue` says what to write."""
    if isinstance(written, list):
        if not written:
            raise WrongValue("override_empty", "an empty list: write at least one value")
        if unit == "words":
            return tuple(_word(part) for part in written)
        return tuple(_number(part) for part in written)
    if unit in ("text", "words"):
        return _word(written)
    return _number(written)


def _word(written: object) -> str:
    if not isinstance(written, str) or not written.strip():
        raise WrongValue("override_word", f"{written!r} is not a word: write it in quotes")
    return written


def _number(written: object) -> int:
    if isinstance(written, bool) or not isinstance(written, str | int):
        wanted = 'write the number in quotes, for example "0.15"'
        raise WrongValue("override_number", f"{written!r}: {wanted}")
    try:
        return number(str(written))
    except ValueError as error:
        raise WrongValue("override_number", f"{written!r} {error}") from error


def read_thresholds(path: Path) -> dict[str, Threshold]:
    """All thresholds of ``thresholds.toml`` by their dotted id, in the order of the file."""
    found: dict[str, Threshold] = {}
    for name, entry in _leaves(read_toml(path), ""):
        found[name] = _threshold(name, entry, path)
    if not found:
        raise LibraryError(f"{path.name}, row 1: no thresholds: write at least one")
    return found


def _leaves(node: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for key, value in node.items():
        name = f"{prefix}{key}"
        if not isinstance(value, dict):
            raise LibraryError(f"thresholds.toml: {name}: write [{name}] with value, unit, …")
        if any(not isinstance(inner, dict) for inner in value.values()) or not value:
            yield name, value
        else:
            yield from _leaves(value, f"{name}.")


def _threshold(name: str, entry: Mapping[str, Any], path: Path) -> Threshold:
    at = f"{path.name}, row {line_of(path, f'[{name}]')}, {name}"
    if unknown := [key for key in entry if key not in (*_KEYS, "settled", "among")]:
        raise LibraryError(f"{at}: unknown key {unknown[0]!r}: the keys are {', '.join(_KEYS)}")
    if absent := [key for key in _KEYS if entry.get(key) in (None, "")]:
        raise LibraryError(f"{at}: {absent[0]} is missing: write it")
    unit, since = entry["unit"], entry["effective_from"]
    if unit not in (*NUMBER_UNITS, "text", "words"):
        raise LibraryError(f"{at}: unit {unit!r}: write one of {', '.join(NUMBER_UNITS)}, text")
    if not isinstance(since, datetime.date):
        raise LibraryError(f"{at}: effective_from {since!r}: write a date without quotes")
    settled = entry.get("settled", "")
    if settled not in ("", *SETTLED):
        raise LibraryError(f"{at}: settled {settled!r}: write one of {', '.join(SETTLED)}")
    try:
        value, source = read_value(entry["value"], unit), origin(entry["origin"])
    except ValueError as error:
        raise LibraryError(f"{at}: {error}") from error
    return Threshold(
        name, value, unit, entry["clause"], source, since, entry["name_zh"], entry["name_en"],
        settled, tuple(entry.get("among", ())),
    )  # fmt: skip
