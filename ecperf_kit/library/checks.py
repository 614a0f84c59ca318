"""What must hold across the library's files; the first fault found is raised."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from ecperf_kit.exact import MILLION
from ecperf_kit.library.bands import parse_bands
from ecperf_kit.library.reading import LibraryError
from ecperf_kit.library.sheets import COMMITTEE_ROLES, ENTERPRISE_HEAD, PAY_STRUCTURES, POSITIONS

_FULL = 100 * MILLION


def check_library(sheets: Mapping[str, pd.DataFrame]) -> None:
    """Raise ``LibraryError`` naming file and row for the first fault across the sheets."""
    _check_references(sheets)
    _check_methods(sheets["indicators"])
    _check_shares(sheets)
    _check_scorecards(sheets["scorecards"], sheets["duties"])


def _wrong(file: str, row: object, message: str) -> LibraryError:
    return LibraryError(f"{file}.csv, row {row}: {message}")


def _known(file: str, frame: pd.DataFrame, column: str, known: Iterable[str], remedy: str) -> None:
    """Every id in ``column`` (ids joined by ;) is one of ``known``."""
    allowed = set(known)
    for row, text in zip(frame["_row"], frame[column], strict=True):
        for part in str(text).split(";") if pd.notna(text) else ():
            if part not in allowed:
                raise _wrong(file, row, f"{column} {part!r} is unknown: {remedy}")


def _check_references(sheets: Mapping[str, pd.DataFrame]) -> None:
    indicators, posts, duties = sheets["indicators"], sheets["posts"], sheets["duties"]
    known = indicators["indicator"]
    for file, column in (
        ("scorecards", "indicator"), ("duties", "indicators"), ("bans", "indicator"),
        ("exclusive", "indicator"),
    ):  # fmt: skip
        _known(file, sheets[file], column, known, "write an id of indicators.csv")
    for file in ("scorecards", "duties"):
        _known(file, sheets[file], "post", posts["post"], "write an id of posts.csv")
    superiors = [*posts["post"], ENTERPRISE_HEAD]
    remedy = f"write an id of posts.csv or {ENTERPRISE_HEAD}"
    _known("posts", posts, "reports_to", superiors, remedy)
    structures = ", ".join(PAY_STRUCTURES)
    _known("posts", posts, "pay_structures", PAY_STRUCTURES, f"write some of {structures}")
    own = duties.loc[duties["kind"] == "duty", "duty"]
    _known("scorecards", sheets["scorecards"], "duty", own, "write a duty of duties.csv")
    roles = sheets["responsibilities"]
    _known("responsibilities", roles, "role", COMMITTEE_ROLES, "write a committee role")
    for column in ("positions", "fallback_positions"):
        _known("responsibilities", roles, column, POSITIONS, f"write {', '.join(POSITIONS)}")


_PARAMETERS = {
    "percentage": ("cap", "zero_below"),
    "step": ("step_size", "step_deduct"),
    "interval": ("bands", "bands_on"),
}


def _check_methods(indicators: pd.DataFrame) -> None:
    """Each method has its own parameters and no others; bands run the indicator's way."""
    for row in indicators.to_dict("records"):
        wanted = _PARAMETERS[row["method"]]
        for column in (name for names in _PARAMETERS.values() for name in names):
            given = pd.notna(row[column])
            if given != (column in wanted):
                verb = "leave it blank" if given else "write it"
                raise _wrong(
                    "indicators", row["_row"], f"{column} with method {row['method']}: {verb}"
                )
        if row["plausible_min"] >= row["plausible_max"]:
            raise _wrong("indicators", row["_row"], "plausible_min must lie below plausible_max")
        if row["subjective"] != (row["data_source"] == "none"):
            raise _wrong(
                "indicators", row["_row"], "subjective is yes exactly where data_source is none"
            )
        if row["method"] == "interval":
            at_least = row["bands_on"] == "attainment" or row["direction"] == "higher_is_better"
            if (parse_bands(row["bands"]).direction == "at_least") != at_least:
                raise _wrong(
                    "indicators", row["_row"],
                    f"bands against the direction: use {'>=' if at_least else '<='}",
                )  # fmt: skip


def _check_shares(sheets: Mapping[str, pd.DataFrame]) -> None:
    for file in ("posts", "pay_mix"):
        frame = sheets[file]
        off = frame[(frame["base_share"] + frame["performance_share"]) != MILLION]
        if len(off):
            raise _wrong(file, off["_row"].iloc[0], "base_share + performance_share must be 1")
    for profile, frame in sheets["seasonality"].groupby("profile"):
        row = frame["_row"].iloc[-1]
        if sorted(frame["month"]) != list(range(1, 13)):
            raise _wrong("seasonality", row, f"{profile} must have the months 1 to 12 once each")
        if frame["share"].sum() != MILLION:
            raise _wrong("seasonality", row, f"the shares of {profile} must add up to 1")


def _check_scorecards(scorecards: pd.DataFrame, duties: pd.DataFrame) -> None:
    """Weights add up to 100 per post and version; a row serves a duty of its own post."""
    post_of = duties.set_index("duty")["post"]
    foreign = scorecards[scorecards["duty"].map(post_of) != scorecards["post"]]
    if len(foreign):
        row = foreign.iloc[0]
        raise _wrong(
            "scorecards", row["_row"],
            f"duty {row['duty']!r} belongs to another post: write a duty of {row['post']}",
        )  # fmt: skip
    for (post, since), rows in scorecards.groupby(["post", "effective_from"], sort=False):
        total = int(rows["weight"].sum())
        if total != _FULL:
            raise _wrong(
                "scorecards", rows["_row"].iloc[-1],
                f"the weights of {post} from {since:%Y-%m-%d} add up to {total / MILLION:g}, "
                "not 100: change a weight",
            )  # fmt: skip
