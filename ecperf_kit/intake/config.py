"""``client.toml`` and ``overrides.toml``: the client's facts and its deviations, strictly read.

An unknown key, a value of the wrong kind or a missing key is a finding; the
rest is read all the same.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from decimal import Decimal
from typing import Any, get_type_hints

from ecperf_kit.exact import LARGEST, MILLION, exact
from ecperf_kit.finding import Finding, Source
from ecperf_kit.intake.numbers import read_number
from ecperf_kit.library.thresholds import Threshold, WrongValue

CONFIG = "client.toml"
OVERRIDES = "overrides.toml"


def _kind(kind: str, *choices: str) -> dict[str, Any]:
    """What a key of ``client.toml`` may hold: the values to choose from, of shares an example."""
    return {"kind": kind, "choices": choices}


@dataclass(frozen=True)
class Sponsor:
    """Who stands for the scheme: name, position, and the day of the signature."""

    name: str = field(default="", metadata=_kind("text"))
    position: str = field(default="", metadata=_kind("text"))
    signed: dt.date | None = field(default=None, metadata=_kind("date"))


@dataclass(frozen=True)
class Dates:
    """The plan's year and the months the pilot and the rollout run (``YYYY-MM`` or "")."""

    plan_year: int = field(default=0, metadata=_kind("year"))
    scheme_from: dt.date | None = field(default=None, metadata=_kind("date"))
    pilot_from: str = field(default="", metadata=_kind("month"))
    pilot_to: str = field(default="", metadata=_kind("month"))
    rollout_from: str = field(default="", metadata=_kind("month"))


@dataclass(frozen=True)
class Pilot:
    """What the pilot covers and whether it pays (assessment method 4.4)."""

    channels: tuple[str, ...] = field(default=(), metadata=_kind("list"))
    departments: tuple[str, ...] = field(default=(), metadata=_kind("list"))
    previous_system: str = field(
        default="none", metadata=_kind("choice", "none", "very_different", "partly", "similar")
    )
    pay: str = field(default="shadow", metadata=_kind("choice", "shadow", "better_of", "real"))


@dataclass(frozen=True)
class Pay:
    """The local minimum wage (stored integer) and what commission is reckoned on."""

    minimum_wage: int | None = field(default=None, metadata=_kind("number"))
    sales_basis: str = field(default="finance", metadata=_kind("choice", "finance", "backend_net"))
    cut_off: str = field(default="calendar", metadata=_kind("choice", "calendar", "26_25"))
    seasonality: str = field(default="", metadata=_kind("text"))


@dataclass(frozen=True)
class Targets:
    """The owner's figure for the year and the other two parts of a plan.

    The shares (stored integers) say how a proposal divides the figure, the rates what of
    sales its budget is; nothing else reads them.
    """

    annual_net_sales: int | None = field(default=None, metadata=_kind("number"))
    sales_support: str = field(default="", metadata=_kind("text"))
    reward: str = field(default="", metadata=_kind("text"))
    month_shares: tuple[int, ...] = field(default=(), metadata=_kind("months"))
    channel_shares: tuple[tuple[str, int], ...] = field(
        default=(), metadata=_kind("shares", '{ live = "0.6", shelf = "0.4" }')
    )
    person_shares: tuple[tuple[str, int], ...] = field(
        default=(), metadata=_kind("shares", '{ E005 = "0.6", E006 = "0.4" }')
    )
    gross_margin: int | None = field(default=None, metadata=_kind("rate"))
    promotion_share: int | None = field(default=None, metadata=_kind("rate"))
    management_share: int | None = field(default=None, metadata=_kind("rate"))


@dataclass(frozen=True)
class Elements:
    """The days on which what no table shows was settled."""

    promotion_criteria_published: dt.date | None = field(default=None, metadata=_kind("date"))
    incentive_rules_published: dt.date | None = field(default=None, metadata=_kind("date"))
    enablement_plan: dt.date | None = field(default=None, metadata=_kind("date"))


@dataclass(frozen=True)
class Campaign:
    """A major campaign whose days are looked at by themselves."""

    name: str = field(default="", metadata=_kind("text"))
    first_day: dt.date | None = field(default=None, metadata=_kind("date"))
    last_day: dt.date | None = field(default=None, metadata=_kind("date"))


@dataclass(frozen=True)
class ClientConfig:
    """The facts of one client, as ``client.toml`` holds them."""

    name_zh: str = field(default="", metadata=_kind("required"))
    name_en: str = field(default="", metadata=_kind("text"))
    invented: bool = field(default=False, metadata=_kind("bool"))
    kind: str = field(
        default="pure_ecommerce", metadata=_kind("choice", "pure_ecommerce", "omnichannel")
    )
    language: str = field(default="zh", metadata=_kind("choice", "zh", "en"))
    sponsor: Sponsor = field(default_factory=Sponsor)
    dates: Dates = field(default_factory=Dates)
    pilot: Pilot = field(default_factory=Pilot)
    pay: Pay = field(default_factory=Pay)
    targets: Targets = field(default_factory=Targets)
    elements: Elements = field(default_factory=Elements)
    campaign: Campaign = field(default_factory=Campaign)


@dataclass(frozen=True, slots=True)
class Override:
    """A threshold the client set otherwise than the library, with reason and approval."""

    id: str
    value: Any
    reason: str
    approved_by: str


def parse_toml(data: bytes, file: str) -> tuple[dict[str, Any] | None, list[Finding]]:
    """The content of a TOML file, or nothing and the finding that says why."""
    try:
        # decimal fractions stay exact: 0.05 is 0.05
        return tomllib.loads(data.decode("utf-8-sig"), parse_float=Decimal), []
    except UnicodeDecodeError:
        return None, [Finding("D131", f"file:{file}", {"file": file}, Source(file))]
    except tomllib.TOMLDecodeError as error:
        values = {"file": file, "found": str(error)}
        return None, [Finding("D116", f"file:{file}", values, Source(file))]


def read_config(content: Mapping[str, Any]) -> tuple[ClientConfig, list[Finding]]:
    """The client's facts and what is wrong with them."""
    findings: list[Finding] = []
    config = _section(ClientConfig, content, "", findings)
    dates = config.dates
    if dates.pilot_from and dates.pilot_to and dates.pilot_from > dates.pilot_to:
        found = f"{dates.pilot_from} > {dates.pilot_to}"
        findings.append(_wrong("dates.pilot_to", found, f">= {dates.pilot_from}"))
    if not dates.plan_year and not any(f.values.get("key") == "dates.plan_year" for f in findings):
        findings.append(_missing("dates.plan_year"))
    return config, findings


def _section(kind: type, content: Mapping[str, Any], prefix: str, findings: list[Finding]) -> Any:
    types = get_type_hints(kind)
    known = {f.name: f for f in fields(kind)}
    for key in content:
        if key not in known:
            close = difflib.get_close_matches(str(key), known, 1, 0.6)
            values = {
                "file": CONFIG,
                "key": prefix + str(key),
                "suggestion": ", ".join(prefix + name for name in close or known),
            }
            where = Source(CONFIG, column=prefix + str(key))
            findings.append(Finding("D117", f"file:{CONFIG}", values, where))
    given: dict[str, Any] = {}
    for name, declared in known.items():
        key, value = prefix + name, content.get(name)
        section = types[name]
        if isinstance(section, type) and is_dataclass(section):
            if value is not None and not isinstance(value, Mapping):
                findings.append(_wrong(key, value, f"[{key}]"))
            table = value if isinstance(value, Mapping) else {}
            given[name] = _section(section, table, f"{key}.", findings)
            continue
        if value is None:
            if declared.metadata["kind"] == "required":
                findings.append(_missing(key))
            continue
        read, expected = _value(declared, value)
        if expected:
            findings.append(_wrong(key, value, expected))
        else:
            given[name] = read
    return kind(**given)


def _value(declared: Field[Any], value: Any) -> tuple[Any, str]:
    """The value of one key as it is kept, or what should stand there instead."""
    kind, choices = declared.metadata["kind"], declared.metadata["choices"]
    assert declared.default is not MISSING
    if kind in ("text", "required"):
        good = isinstance(value, str) and (kind == "text" or bool(value.strip()))
        return (value.strip(), "") if good else (None, '"…"')
    if kind == "choice":
        return (value, "") if value in choices else (None, " | ".join(f'"{c}"' for c in choices))
    if kind == "bool":
        return (value, "") if isinstance(value, bool) else (None, "true | false")
    if kind == "year":
        good = isinstance(value, int) and not isinstance(value, bool) and 1950 < value < 2100
        return (value, "") if good else (None, "2026")
    if kind == "date":
        good = isinstance(value, dt.date) and not isinstance(value, dt.datetime)
        return (value, "") if good else (None, "2026-04-01")
    if kind == "month":
        good = isinstance(value, str) and re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value)
        return (value, "") if good else (None, '"2026-04"')
    if kind == "list":
        good = isinstance(value, list) and all(isinstance(v, str) and v.strip() for v in value)
        return (tuple(v.strip() for v in value), "") if good else (None, '["…", "…"]')
    if kind == "months":
        shares = [stored_number(v) for v in value] if isinstance(value, list) else []
        # an empty list is what stands in a new client.toml: nothing given
        good = value == [] or (len(shares) == 12 and all(s is not None and s >= 0 for s in shares))
        return (tuple(shares), "") if good else (None, '["0.08", "0.04", …] (12)')
    if kind == "shares":
        pairs = value.items() if isinstance(value, Mapping) else ()
        named = [(str(name), stored_number(part)) for name, part in pairs]
        good = isinstance(value, Mapping) and all(s is not None and s >= 0 for _, s in named)
        return (tuple(named), "") if good else (None, choices[0])
    number = stored_number(value)
    if kind == "rate":
        good = number is not None and 0 <= number <= MILLION
        return (number, "") if good else (None, '"0.55"')
    return (number, "") if number is not None and number >= 0 else (None, '"2490.00"')


def stored_number(value: Any) -> int | None:
    """A number in TOML (text or figure) as a stored integer; nothing if it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, Decimal)):
        good = Decimal(value).is_finite() and abs(Decimal(value)) * 1_000_000 <= LARGEST
        return exact(value) if good else None
    if isinstance(value, str):
        read = read_number(value, percent=False)
        return read if isinstance(read, int) else None
    return None


def _wrong(key: str, value: Any, expected: str) -> Finding:
    values = {"file": CONFIG, "key": key, "found": str(value), "expected": expected}
    return Finding("D118", f"file:{CONFIG}", values, Source(CONFIG, column=key))


def _missing(key: str) -> Finding:
    values = {"file": CONFIG, "key": key}
    return Finding("D119", f"file:{CONFIG}", values, Source(CONFIG, column=key))


def read_overrides(
    content: Mapping[str, Any], thresholds: Mapping[str, Threshold]
) -> tuple[tuple[Override, ...], list[Finding]]:
    """The client's overrides (``[[override]]`` with id, value, reason, approved_by).

    One that is not complete, unknown or unreadable is reported and has no effect.
    """
    findings: list[Finding] = []
    found: dict[str, Override] = {}

    def report(code: str, name: str, **values: Any) -> None:
        values = {"file": OVERRIDES, "key": name, **values}
        where = Source(OVERRIDES, column=name)
        findings.append(Finding(code, f"threshold:{name}", values, where))

    for key in content:
        if key != "override":
            report("D117", str(key), suggestion="[[override]]")
    entries = content.get("override", [])
    if not isinstance(entries, list) or not all(isinstance(e, Mapping) for e in entries):
        report("D117", "override", suggestion="[[override]]")
        return (), findings
    wanted = {f.name for f in fields(Override)}
    for entry in entries:
        name = str(entry.get("id", ""))
        for key in entry.keys() - wanted:
            report("D117", f"{name}.{key}", suggestion=", ".join(sorted(wanted)))
        lacking = [k for k in ("id", "reason", "approved_by") if not str(entry.get(k, "")).strip()]
        lacking += [] if "value" in entry else ["value"]
        if lacking:
            report("D121", name or "?", lacking=", ".join(lacking))
        if not name:
            continue
        if name not in thresholds:
            close = difflib.get_close_matches(name, list(thresholds), 3, 0.5)
            report("D120", name, suggestion=", ".join(close) or "–")
            continue
        if lacking:
            continue
        if thresholds[name].settled:
            report("D133", name, settled=f"settled_{thresholds[name].settled}")
            continue
        if name in found:
            report("D127", name)
            continue
        try:
            value = thresholds[name].read(_written(entry["value"]))
        except WrongValue as error:
            example = thresholds[name].example()
            report("D122", name, found=str(entry["value"]), expected=error.label, example=example)
            continue
        reason, approver = str(entry["reason"]).strip(), str(entry["approved_by"]).strip()
        found[name] = Override(name, value, reason, approver)
    return tuple(found.values()), findings


def _written(value: Any) -> Any:
    """An override's value as the library's own are written: decimal fractions as text."""
    if isinstance(value, list):
        return [_written(part) for part in value]
    return str(value) if isinstance(value, Decimal) else value
