"""One client: its facts, its tables and what is wrong with them.

``open_client`` reads a folder once; the result holds no open file and every
fault found, all at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd

from ecperf_kit import view
from ecperf_kit.finding import Finding, Source
from ecperf_kit.intake.asked import without_asked
from ecperf_kit.intake.check import ACCOUNT, checked, choice_words, empty
from ecperf_kit.intake.config import (
    CONFIG,
    OVERRIDES,
    ClientConfig,
    Override,
    parse_toml,
    read_config,
    read_overrides,
)
from ecperf_kit.intake.cross import Data, findings_across
from ecperf_kit.intake.declare import tables as declared_tables
from ecperf_kit.intake.files import SCENARIOS, client_files
from ecperf_kit.intake.folder import read_folder
from ecperf_kit.intake.scenario import Scenario, read_scenarios
from ecperf_kit.library import Library, load_library
from ecperf_kit.period import Period, PeriodError
from ecperf_kit.practice import (
    CLIENTS,
    PracticeError,
    client_folder,
    client_names,
    find_root,
    is_folder_name,
)
from ecperf_kit.snapshot import held_client
from ecperf_kit.view import Declared

__all__ = ["Client", "ClientConfig", "ClientError", "Override", "open_client"]

LANGUAGES = ("zh", "en")
_MAPPINGS = ("tables", "inputs", "files", "lost")
#: What a client keeps beside its fields once it was asked for.
_WORKED_OUT = frozenset({"_indicators", "_names", "_views", "_applied", "_plain"})
#: The table in which the name of an id stands.
_HOMES = {
    "employee": "employees",
    "department": "departments",
    "channel": "channels",
    "product": "product_plan",
}


class ClientError(Exception):
    """The folder cannot be opened as a client; ``findings`` say all that is wrong."""

    def __init__(self, findings: tuple[Finding, ...], language: str = "zh") -> None:
        self.findings = findings
        self.language = language
        super().__init__("\n".join(_worded(finding, language) for finding in findings))


def _without_forms(text: str) -> str:
    return re.sub(r"\{(\w+):\w+\}", r"{\1}", text)


def _worded(finding: Finding, language: str) -> str:
    """A finding in plain words, for a traceback; reports word it with names and figures."""
    texts = load_library().texts(language)
    parts = [texts[f"finding.{finding.code}.{part}"] for part in ("evidence", "remedy")]
    return f"{finding.code}: " + " ".join(
        _without_forms(part).format_map(finding.values) for part in parts
    )


@dataclass(frozen=True, eq=False)
class Client:
    """A client as the stages see it.

    ``tables`` holds every declared table, typed (empty where the folder has
    none); ``present`` names those given; ``rows`` accounts for every row: one
    line per table and file, read = used + set_aside, blank rows apart.
    ``inputs`` are the hashes of the files that were read, ``files`` those of every
    file that was looked at. ``stage`` is the stage whose tables these are, "" for all.
    ``scenarios`` are what is tried on the scheme; they change nothing. ``lost``: what could be
    read of the rows set aside because a cell cannot be read, for tables that have such rows.
    """

    name: str
    folder: Path
    root: Path
    period: Period | None
    language: str
    config: ClientConfig
    tables: Mapping[str, pd.DataFrame]
    present: frozenset[str]
    findings: tuple[Finding, ...]
    library: Library
    overrides: tuple[Override, ...]
    inputs: Mapping[str, str]
    rows: pd.DataFrame
    files: Mapping[str, str] = field(default_factory=dict)
    stage: str = ""
    scenarios: tuple[Scenario, ...] = ()
    lost: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def __getstate__(self) -> dict[str, Any]:
        """What a snapshot holds: all that was read, without the library and what follows."""
        held = {each.name: getattr(self, each.name) for each in fields(self)}
        del held["library"]
        return held | {name: dict(held[name]) for name in _MAPPINGS}

    def __setstate__(self, held: dict[str, Any]) -> None:
        guarded = {name: MappingProxyType(held[name]) for name in _MAPPINGS}
        self.__dict__.update(held | guarded | {"library": load_library()})
        if self.stage:
            declared = Declared(self.stage, self.tables, view.reads()[self.stage])
            self.__dict__["tables"] = declared
            self.__dict__["library"] = view.plain_library(self.library)

    def seen_by(self, stage: str) -> Client:
        """This client as a stage sees it: the tables it declares, and what concerns them.

        Of ``present``, ``findings``, ``rows``, ``inputs`` and ``scenarios`` there is what belongs
        to these tables, and what could not be read or is unknown, which concerns every stage.
        Asking for another table raises :class:`~ecperf_kit.view.UndeclaredTable`.
        """
        if stage == self.stage:
            return self
        if self.stage:
            raise ValueError(f"this client is already seen by the stage {self.stage}")
        views: dict[str, Client] = self.__dict__.setdefault("_views", {})
        if stage not in views:
            views[stage] = self._view(stage)
        return views[stage]

    def _view(self, stage: str) -> Client:
        tables = view.reads()[stage]
        frames = self.__dict__.setdefault("_plain", view.Plain(self.tables))
        seen = object.__new__(type(self))
        own = {n: v for n, v in self.__dict__.items() if n not in _WORKED_OUT}
        own |= {
            "stage": stage,
            "tables": Declared(stage, frames, tables),
            "library": view.plain_library(self.library),
            "present": self.present & tables,
            "scenarios": self.scenarios if SCENARIOS in tables else (),
            "findings": view.concerning(self.findings, tables),
            "rows": view.rows_of(self.rows, tables),
            "inputs": MappingProxyType(view.inputs_of(self, tables)),
        }
        # what method and rules worked out from tables alone is the same for every stage
        own[view.KEPT] = self.__dict__.setdefault("_kept_by_stages", {})
        own[view.SPAN] = self.__dict__.get("_span_of_stages", ())
        seen.__dict__.update(own)
        return seen

    def table(self, name: str) -> pd.DataFrame:
        """A declared table; treat it as read-only."""
        found = self.tables[name]
        view.asked((name,))
        return found

    def with_tables(self, **others: pd.DataFrame) -> Client:
        """This client with other tables; what follows from those that stay is taken over."""
        made = replace(self, tables=MappingProxyType({**self.tables, **others}))
        made.__dict__[view.MADE_FROM] = self
        made.__dict__[view.SPAN] = self.__dict__.get(view.SPAN, ())
        return made

    def threshold(self, id: str) -> Any:
        """A threshold as the client has it: its override, else the library's value."""
        for override in self.overrides:
            if override.id == id:
                return override.value
        return self.library.thresholds[id].value

    @property
    def indicators(self) -> pd.DataFrame:
        """The library's indicators and the client's own, by id, with the same columns."""
        own = self.table("indicators")
        known: list[pd.DataFrame] = self.__dict__.setdefault("_indicators", [])
        if not known:
            known.append(with_own(self.library.indicators, own))
        return known[0]

    def indicator(self, id: str) -> pd.Series:
        """One indicator of the library or of the client. Raises ``KeyError``."""
        found = self.indicators.loc[id]
        assert isinstance(found, pd.Series)
        return found

    def display_name(self, language: str = "") -> str:
        """The firm's name in a language, the client's own by default."""
        if (language or self.language) == "en":
            return self.config.name_en or self.config.name_zh
        return self.config.name_zh

    def label(self, kind: str, id: str, language: str = "") -> str:
        """The name of an indicator, post, employee, department, channel or product.

        An unknown id is shown as it is, and so is one whose table this stage does not read.
        """
        lang = language or self.language
        if kind in ("indicator", "post"):
            frame = self.indicators if kind == "indicator" else self.library.posts
            return str(frame.at[id, f"name_{lang}"]) if id in frame.index else id
        home = _HOMES.get(kind, "")
        if home not in self.tables:
            return id
        table = self.table(home)
        if (kind, lang) not in self._names:
            self._names[kind, lang] = names_of(table, kind, lang)
        return self._names[kind, lang].get(id, id)

    @cached_property
    def _names(self) -> dict[tuple[str, str], dict[str, str]]:
        return {}


def names_of(table: pd.DataFrame, key: str, language: str) -> dict[str, str]:
    """The names of a table's people, departments, channels or products by their id.

    In English the English name where the client gave one, else the name.
    """
    name = table["name"].fillna("").astype("str")
    if language == "en" and "name_en" in table:
        english = table["name_en"].fillna("").astype("str")
        name = name.where(english == "", english)
    return {k: n for k, n in zip(table[key].astype("str"), name, strict=True) if n}


def with_own(library: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """The library's indicators with the client's own behind, in the library's columns.

    An own indicator under an id of the library is reported elsewhere; the library's holds.
    """
    added = own[~own["indicator"].isin(library.index)].set_index("indicator")
    if added.empty:
        return library
    added = added.assign(definition_zh=added["definition"], definition_en=added["definition"])
    added = added.reindex(columns=library.columns)
    for column, kind in library.dtypes.items():
        if column == "subjective":  # what a client measures itself comes from a data source
            added[column] = False
        added[column] = added[column].astype(kind)
    return pd.concat([library, added])


def open_client(
    name: str, period: str = "", language: str = "zh", root: str | Path | None = None
) -> Client:
    """The client ``name`` of the practice, read and checked.

    ``period`` is ``2026-06``, ``2026-Q2``, ``2026``, ``2026-04..2026-09`` or empty
    (each stage then takes its own); ``root`` is the practice root, looked for if
    not given. Faults of the data are in ``findings``; :class:`ClientError` only
    where there is nothing to open: unsafe or unknown name, no readable
    ``client.toml``, no year of the plan, a period that is none.
    """
    library = load_library()
    spoken = language if language in LANGUAGES else "zh"
    base, folder = _folder(name, root, spoken)
    fatal: list[Finding] = []
    if language not in LANGUAGES:
        fatal.append(_fault("D126", name, found=language, expected=" | ".join(LANGUAGES)))
    span: Period | None = None
    try:
        span = Period.parse(period) if period.strip() else None
    except PeriodError:
        fatal.append(_fault("D123", name, found=period))
    # a kernel of the runner has been given what the runner read
    if not fatal and (held := held_client(name, base, language, span)) is not None:
        return held
    path = folder / CONFIG
    if not path.is_file():
        raise ClientError((*fatal, _fault("D115", name, file=CONFIG)), spoken)
    told, faults = _toml(path, CONFIG)
    if told is None:
        raise ClientError((*fatal, *faults), spoken)
    config, config_findings = read_config(told)
    if fatal or not config.dates.plan_year:
        raise ClientError((*fatal, *config_findings), spoken)
    # hashed before reading: a file changed in between is one that differs at the next look
    files = client_files(folder)
    content = read_folder(folder, files)
    findings = [*config_findings, *content.findings]
    overrides, override_findings = _overrides(folder, library)
    texts = [library.texts(each) for each in LANGUAGES]
    tables: dict[str, pd.DataFrame] = {}
    lost: dict[str, pd.DataFrame] = {}
    account: list[dict[str, Any]] = []
    for table in declared_tables().values():
        raws = content.raw.get(table.name, [])
        if not raws:
            tables[table.name] = empty(table)
            continue
        part = checked(table, raws, choice_words(table, texts))
        tables[table.name] = part.frame
        if len(part.lost):
            lost[table.name] = part.lost
        findings += part.findings
        account += part.account
    present = frozenset(content.raw)
    indicators = with_own(library.indicators, tables["indicators"])
    faulty = frozenset(
        (f.source.file, f.source.sheet, f.source.row) for f in findings if f.source.row
    )
    asked = span.first if span else None
    data = Data(name, config, tables, present, library, indicators, faulty, asked)
    across = findings_across(data)
    without_asked(tables, across)
    scenarios, scenario_findings = read_scenarios(folder)
    inputs = {
        file: digest
        for file, digest in files.items()
        if file in (CONFIG, OVERRIDES) or file.startswith(f"{SCENARIOS}/")
    }
    return Client(
        name=name,
        folder=folder,
        root=base,
        period=span,
        language=language,
        config=config,
        tables=MappingProxyType(tables),
        present=present,
        findings=tuple([*findings, *override_findings, *scenario_findings, *across]),
        library=library,
        overrides=overrides,
        inputs=MappingProxyType(dict(sorted((inputs | content.inputs).items()))),
        rows=pd.DataFrame(account, columns=list(ACCOUNT)),
        files=MappingProxyType(files),
        scenarios=scenarios,
        lost=MappingProxyType(lost),
    )


def _folder(name: str, root: str | Path | None, language: str) -> tuple[Path, Path]:
    if not is_folder_name(name):
        raise ClientError((_fault("D114", str(name), found=str(name)),), language)
    try:
        base = Path(root).expanduser().resolve() if root is not None else find_root()
        folder = client_folder(name, base)
    except PracticeError as error:
        raise ClientError(
            (_fault("D125", name, found=error.said_in(language)),), language
        ) from error
    if not folder.is_dir():
        known = ", ".join(client_names(base)) or "–"
        found = f"{CLIENTS}/{name}"
        raise ClientError((_fault("D113", name, found=found, known=known),), language)
    return base, folder


def _fault(code: str, client: str, **values: Any) -> Finding:
    return Finding(code, f"client:{client}", values, Source(str(values.get("file", ""))))


def _toml(path: Path, file: str) -> tuple[dict[str, Any] | None, list[Finding]]:
    try:
        data = path.read_bytes()
    except OSError as error:
        told = {"file": file, "found": error.strerror or type(error).__name__}
        return None, [Finding("D128", f"file:{file}", told, Source(file))]
    return parse_toml(data, file)


def _overrides(folder: Path, library: Library) -> tuple[tuple[Override, ...], list[Finding]]:
    path = folder / OVERRIDES
    if not path.is_file():
        return (), []
    told, faults = _toml(path, OVERRIDES)
    return ((), faults) if told is None else read_overrides(told, library.thresholds)
