"""One loader for what the method knows: indicators, posts, scorecards, thresholds, texts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from ecperf_kit.finding import Blocks, Severity
from ecperf_kit.library.checks import check_library
from ecperf_kit.library.coefficients import read_coefficient_tables
from ecperf_kit.library.reading import LibraryError, read_sheet, read_toml
from ecperf_kit.library.sheets import FINDING_CODES, SHEETS
from ecperf_kit.library.texts import LANGUAGES, missing_texts, read_texts
from ecperf_kit.library.thresholds import Threshold, read_thresholds

FOLDER = Path(__file__).resolve().parent
_CODE = re.compile(r"[A-Z]\d{3}")


@dataclass(frozen=True, slots=True)
class FindingCode:
    """What stands behind a code: severity, stage, what it blocks, the clause it checks."""

    code: str
    name: str
    severity: Severity
    stage: str
    blocks: Blocks
    clause: str


@dataclass(frozen=True)
class Library:
    """All the method knows, read once and checked; tables hold stored integers.

    ``indicators``, ``posts``, ``pay_mix``, ``data_sources`` and ``stages`` are
    indexed by their id, the others have it as a column. Treat every table as
    read-only: the default library is shared by all who load it.
    """

    folder: Path
    version: str
    indicators: pd.DataFrame
    posts: pd.DataFrame
    duties: pd.DataFrame
    scorecards: pd.DataFrame
    coefficient_tables: pd.DataFrame
    pay_mix: pd.DataFrame
    seasonality: pd.DataFrame
    data_sources: pd.DataFrame
    bans: pd.DataFrame
    exclusive: tuple[frozenset[str], ...]
    stages: pd.DataFrame
    responsibilities: pd.DataFrame
    raci: pd.DataFrame
    thresholds: Mapping[str, Threshold]
    codes: Mapping[str, FindingCode]

    def texts(self, language: str) -> Mapping[str, str]:
        """Every text of ``zh`` or ``en`` by its dotted key, e.g. ``label.percentage``."""
        return _texts(self.folder / "texts", language)

    def missing_texts(self) -> list[str]:
        """Texts that one language lacks, and parts of finding texts nobody wrote; sorted."""
        return missing_texts({lang: self.texts(lang) for lang in LANGUAGES}, self.codes)


def load_library(folder: Path | None = None) -> Library:
    """The library of the package, or of another folder in the same form.

    The package's own library is read once per process. Raises ``LibraryError``
    naming file and row for unknown columns or keys, missing values, duplicate
    keys, unknown references, weights that do not add up and broken bands.
    """
    return _default() if folder is None else _load(folder)


@cache
def _default() -> Library:
    return _load(FOLDER)


@cache
def _texts(folder: Path, language: str) -> Mapping[str, str]:
    return MappingProxyType(read_texts(folder, language))


def _load(folder: Path) -> Library:
    sheets = {name: read_sheet(folder / f"{name}.csv", sheet) for name, sheet in SHEETS.items()}
    check_library(sheets)
    coefficient_tables = read_coefficient_tables(folder / "coefficients.toml")
    thresholds = read_thresholds(folder / "thresholds.toml")
    for frame in sheets.values():
        del frame["_row"]
    groups = sheets["exclusive"].groupby("exclusive_group", sort=False)["indicator"]
    return Library(
        folder=folder,
        version=_version(folder / "library.toml"),
        indicators=sheets["indicators"].set_index("indicator"),
        posts=sheets["posts"].set_index("post"),
        duties=sheets["duties"],
        scorecards=sheets["scorecards"],
        coefficient_tables=coefficient_tables,
        pay_mix=sheets["pay_mix"].set_index("category"),
        seasonality=sheets["seasonality"],
        data_sources=sheets["data_sources"].set_index("data_source"),
        bans=sheets["bans"],
        exclusive=tuple(frozenset(members) for _, members in groups),
        stages=sheets["stages"].set_index("stage"),
        responsibilities=sheets["responsibilities"],
        raci=sheets["raci"],
        thresholds=MappingProxyType(thresholds),
        codes=MappingProxyType(_codes(folder / "findings")),
    )


def _version(path: Path) -> str:
    entries = read_toml(path)
    version = entries.get("version")
    if set(entries) != {"version"} or not isinstance(version, str) or not version:
        raise LibraryError(f'{path.name}, row 1: write version = "2026.11" and nothing else')
    return version


def _codes(folder: Path) -> dict[str, FindingCode]:
    found: dict[str, FindingCode] = {}
    home: dict[str, str] = {}
    for path in sorted(folder.glob("*.csv")):
        frame = read_sheet(path, FINDING_CODES)
        for row in frame.fillna({"clause": ""}).to_dict("records"):
            code = str(row["code"])
            if not _CODE.fullmatch(code):
                raise LibraryError(
                    f"{path.name}, row {row['_row']}: code {code!r}: write a letter and "
                    "three digits, for example D101"
                )
            if code in found:
                raise LibraryError(
                    f"{path.name}, row {row['_row']}: code {code} stands already in "
                    f"{home[code]}: take another number"
                )
            found[code] = FindingCode(
                code, row["name"], row["severity"], row["stage"], row["blocks"], row["clause"]
            )
            home[code] = path.name
    return found
