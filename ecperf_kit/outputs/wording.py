"""Text keys and exact values become sentences in the reader's language.

Templates stand in ``library/texts/<language>``; their fields carry a format
spec, as in ``{amount:yuan}``. Nothing is guessed: an unknown key, a field
without a value or an unknown spec is a :class:`WordingError`.
"""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from ecperf_kit.client import names_of
from ecperf_kit.finding import Finding
from ecperf_kit.outputs import formats
from ecperf_kit.spoken import set_apart
from ecperf_kit.stages.result import Sentence

if TYPE_CHECKING:
    from ecperf_kit.client import Client
    from ecperf_kit.library import Library

_TEN_THOUSAND = 10_000
#: Where the name of an id stands: client table, or library frame, and its name column.
_CLIENT_NAMES = {
    "employee": "employees",
    "superior": "employees",
    "department": "departments",
    "channel": "channels",
    "product": "product_plan",
}


class WordingError(ValueError):
    """A text, a value or a format spec is missing: a fault of the kit, not of the client."""


class FindingText(NamedTuple):
    """What is printed of a finding."""

    title: str
    evidence: str
    remedy: str


class _Formatter(string.Formatter):
    """``str.format`` with the field's own specs."""

    def __init__(self, wording: Wording, key: str) -> None:
        self.wording, self.key = wording, key

    def filled(self, template: str, values: Mapping[str, Any]) -> str:
        """The template with its fields, set apart from the words beside them."""
        said = ""
        for literal, name, spec in _pieces(template):
            said = self.wording.set_apart(said, literal)
            if name is not None:
                value, _ = self.get_field(name, (), values)
                said = self.wording.set_apart(said, self.format_field(value, spec or ""))
        return said

    def get_value(self, key: int | str, args: Any, kwargs: Mapping[str, Any]) -> Any:
        if key not in kwargs:
            raise WordingError(f"text {self.key}: no value for {{{key}}}")
        return kwargs[str(key)]

    def format_field(self, value: Any, format_spec: str) -> str:
        try:
            return self.wording.form(value, format_spec)
        except (TypeError, ValueError) as fault:
            raise WordingError(f"text {self.key}: {value!r} as {format_spec!r}: {fault}") from fault


@cache
def _pieces(template: str) -> tuple[tuple[str, str | None, str | None], ...]:
    """A template taken apart once: literal text, the field behind it, its format spec."""
    parts = string.Formatter().parse(template)
    return tuple((literal, name, spec) for literal, name, spec, _ in parts)


class Wording:
    """The words of one language for one client: texts, names, numbers, findings."""

    def __init__(self, library: Library, language: str, client: Client | None = None) -> None:
        self.library, self.language, self.client = library, language, client
        self.texts = library.texts(language)
        self._names: dict[str, dict[str, str]] = {}

    # -- texts ---------------------------------------------------------------
    def text(self, key: str, /, **values: Any) -> str:
        """The text of a key, its fields filled with ``values``."""
        template = self.texts.get(key)
        if template is None:
            raise WordingError(f"no text {key!r} in {self.language}")
        return _Formatter(self, key).filled(template, values)

    def set_apart(self, before: str, after: str) -> str:
        """Two pieces joined; in Chinese a blank parts words from figures and Latin letters."""
        return set_apart(self.language, before, after)

    def say(self, sentence: Sentence) -> str:
        """A sentence of a stage, worded."""
        return self.text(sentence.key, **sentence.values)

    def finding(self, finding: Finding) -> FindingText:
        """Title, evidence and remedy of a finding."""
        key = f"finding.{finding.code}"
        parts = (self.text(f"{key}.{part}", **finding.values) for part in FindingText._fields)
        return FindingText(*parts)

    def label(self, value: Any) -> str:
        """The words for a choice such as ``commission_sales``: the text ``label.<value>``."""
        return self.text(f"label.{value}")

    # -- names ---------------------------------------------------------------
    def name(self, kind: str, identifier: Any) -> str:
        """The name of an indicator, post, threshold, employee, department or channel.

        An id that nobody knows is shown as it is: findings speak of such ids.
        """
        if formats.missing(identifier):
            return formats.MISSING
        if kind not in self._names:
            self._names[kind] = self._read_names(kind)
        return self._names[kind].get(str(identifier), str(identifier))

    def _read_names(self, kind: str) -> dict[str, str]:
        column = f"name_{self.language}"
        if kind == "indicator":
            source = self.client if self.client is not None else self.library
            frame = source.indicators
            return dict(zip(frame.index.astype(str), frame[column].astype(str), strict=True))
        if kind == "post":
            frame = self.library.posts
            return dict(zip(frame.index.astype(str), frame[column].astype(str), strict=True))
        if kind == "threshold":
            return {k: str(getattr(t, column)) for k, t in self.library.thresholds.items()}
        if kind in _CLIENT_NAMES:
            # a stage that does not read where the name stands shows the id
            if self.client is None or _CLIENT_NAMES[kind] not in self.client.tables:
                return {}
            frame = self.client.table(_CLIENT_NAMES[kind])
            key = "product" if kind == "product" else _CLIENT_NAMES[kind].rstrip("s")
            return names_of(frame, key, self.language)
        raise WordingError(f"no names of kind {kind!r}")

    def subject(self, subject: str) -> str:
        """The name of a finding's subject, ``post:presales_cs`` or ``employee:E017``."""
        kind, _, identifier = subject.partition(":")
        if kind == "post_channel":
            post, _, channel = identifier.partition("@")
            return f"{self.name('post', post)} · {self.name('channel', channel)}"
        if kind in {"client", "company"}:
            return self.client_name
        if kind == "own_card":  # an open table names the post, never the person
            post, _, number = identifier.partition("#")
            key = "subject.own_card_more" if number else "subject.own_card"
            return self.text(key, post=post, number=number)
        if kind == "one_of":
            return self.text("subject.one_of", post=identifier)
        if kind in {"indicator", "post", "threshold", *_CLIENT_NAMES}:
            name = self.name(kind, identifier)
            return f"{identifier} {name}" if kind == "employee" and name != identifier else name
        return self.texts.get(f"table.{identifier}", identifier) or subject

    @property
    def client_name(self) -> str:
        """The client's name in the reader's language."""
        if self.client is None:
            return ""
        return str(getattr(self.client.config, f"name_{self.language}") or self.client.name)

    # -- single values -------------------------------------------------------
    def form(self, value: Any, spec: str) -> str:
        """One value as the format spec says; a missing value is –."""
        if isinstance(value, Sentence):
            return self.say(value)
        kind, _, rest = spec.partition(" ")
        if kind == "list":
            return self.listed([self.form(item, rest) for item in value]) or formats.MISSING
        if kind == "any":
            items = [self.form(item, rest) for item in value]
            return self.listed(items, "or") or formats.MISSING
        if kind == "measured":
            return self.measured(*value)
        if kind == "cell":
            return self.cited(*value)
        if formats.missing(value):
            return formats.MISSING
        if kind == "":
            return self.listed([str(v) for v in value]) if _several(value) else str(value)
        if kind in _NUMBERS:
            return _NUMBERS[kind](int(value))
        if kind == "plural":
            return self.plural(int(value), rest)
        if kind == "wan":
            return self.large_money(int(value))
        if kind == "month":
            return formats.long_month(str(value), self.language)
        if kind == "period":
            return formats.long_period(value, self.language)
        if kind == "date":
            return formats.long_date(value, self.language)
        if kind in {"label", "role", "choice"}:
            return self.label(value)
        if kind == "subject":
            return self.subject(str(value))
        return self.name(kind, value)

    def plural(self, number: int, words: str) -> str:
        """1 person, 3 people for ``person/people``; in Chinese, where words do not change, 3 人."""
        one, _, many = words.partition("/")
        return f"{formats.count(number)} {one if number == 1 else many or one}"

    def measured(self, stored: Any, unit: str) -> str:
        """A figure in the unit of its indicator: 38.5%, 3,000,000.00 元, 48 秒, CNY 12.50."""
        if formats.missing(stored):
            return formats.MISSING
        if unit == "ratio":
            return formats.percent(int(stored))
        if unit == "CNY":
            return self.money(int(stored))
        number = formats.plain(int(stored))
        return number if unit in {"", "count"} else f"{number} {self.text(f'unit.{unit}')}"

    def cited(self, file: str, row: int | None, column: str) -> str:
        """A cell by column, row and file; what has no rows (client.toml) by key and file."""
        if row is None:
            return self.text("findings.key_of", key=column, file=file)
        return self.text("findings.cell_of", column=column, row=row, file=file)

    def money(self, stored: int) -> str:
        """1,170.00 元, or CNY 1,170.00."""
        text = formats.fixed(stored, 2)
        if self.language == "zh":
            return f"{text} {self.text('unit.CNY')}"
        sign, digits = (text[0], text[1:]) if text.startswith(formats.MINUS) else ("", text)
        return f"{sign}CNY {digits}"

    def large_money(self, stored: int) -> str:
        """412.00 万元, or CNY 4,120,000.00."""
        if self.language == "zh":
            wan = formats.fixed(_rounded_division(stored, _TEN_THOUSAND), 2)
            return f"{wan} {self.text('unit.wan')}"
        return self.money(stored)

    def listed(self, items: Sequence[str], last: str = "and") -> str:
        """Items in a row: 甲、乙、丙, or A, B and C."""
        if self.language == "zh":
            return "、".join(items)
        if len(items) < 2:
            return "".join(items)
        return f"{', '.join(items[:-1])} {last} {items[-1]}"

    def cell(self, value: Any, type: str, unit: str = "") -> str:
        """One value of a declared column type, as tables and key figures show it."""
        if formats.missing(value):
            return formats.MISSING
        if type == "wan":
            if self.language == "zh":
                return formats.fixed(_rounded_division(int(value), _TEN_THOUSAND), 2)
            return formats.fixed(int(value), 0)
        if type == "number" and unit == "ratio":
            return formats.percent(int(value))
        if type in _CELLS:
            return _CELLS[type](int(value))
        if type == "date":
            return str(formats.day(value))
        if type in {"month", "period", "text", "id"}:
            return str(value)
        if type in {"level", "severity", "audience", "stage"}:
            return self.text(f"{type}.{value}")
        if type == "bool":
            return self.text("common.yes" if value else "common.no")
        return self.form(value, "" if type == "sentence" else type)

    def unit(self, type: str, unit: str = "") -> str:
        """The unit as a table head shows it, empty if the cells carry it themselves."""
        key = unit or {"money": "CNY", "wan": "wan", "score": "points", "days": "days"}.get(
            type, ""
        )
        if type == "rate" or key in {"ratio", "%", "percent"}:
            return ""
        return self.texts.get(f"unit.{key}", key) if key else ""

    def counted_unit(self, value: str, type: str, unit: str = "") -> str:
        """The unit beside a printed figure: 1 person, 40 people."""
        one = self.texts.get(f"unit_one.{unit}") if value == "1" else None
        return one or self.unit(type, unit)


def _several(value: Any) -> bool:
    return isinstance(value, list | tuple | set | frozenset)


def _rounded_division(stored: int, by: int) -> int:
    """Half-up (away from zero): 1,234,550 yuan are 123.46 wan, never 123.45."""
    size = (abs(stored) * 2 + by) // (2 * by)
    return -size if stored < 0 else size


_NUMBERS = {
    "yuan": lambda v: formats.fixed(v, 2),
    "signed_yuan": lambda v: formats.fixed(v, 2, sign=True),
    "percent": lambda v: formats.percent(v),
    "percent2": lambda v: formats.percent(v, 2),
    "percent3": lambda v: formats.percent(v, 3),
    # a factor of a formula that must give what it says: all decimals it has
    "factor": lambda v: formats.percent(v, max(2, formats.decimals(v * 100))),
    "signed_percent": lambda v: formats.percent(v, sign=True),
    "points": lambda v: formats.fixed(v * 100, 1),
    "signed_points": lambda v: formats.fixed(v * 100, 1, sign=True),
    "score": lambda v: formats.fixed(v, 2),
    "coefficient": lambda v: formats.plain(v, 1),
    "number": lambda v: formats.plain(v),
    "days": lambda v: formats.fixed(v, 1),
    "count": lambda v: formats.count(v),
    "signed_count": lambda v: formats.count(v, sign=True),
}
#: Every format spec a field of a text may carry; ``list`` and ``any`` may be followed by
#: one of them, ``plural`` by its words.
SPECS = frozenset(
    {
        "", "list", "any", "plural", "measured", "cell", "wan", "month", "period", "date", "label",
        "role", "choice", "subject", "indicator", "post", "threshold", *_CLIENT_NAMES, *_NUMBERS,
    }
)  # fmt: skip
_CELLS = {
    "money": _NUMBERS["yuan"],
    "rate": _NUMBERS["percent"],
    "signed_rate": _NUMBERS["signed_percent"],
    "coefficient": _NUMBERS["coefficient"],
    "score": _NUMBERS["score"],
    "number": _NUMBERS["number"],
    "days": _NUMBERS["days"],
    "integer": _NUMBERS["count"],
}
#: Column types whose cells are numbers: right-aligned, tabular.
NUMERIC = frozenset({*_CELLS, "wan"})
#: Column types stored in millionths; an integer is a plain count.
STORED = NUMERIC - {"integer"}
