"""Rows set aside because a cell cannot be read, put back where figures are looked up.

Such a row says nothing, but it is there: what it may have concerned is missing until the
cell is put right, and is never taken from the row that would count without it. What can
be read of its key decides whom it may concern; for what cannot, each key that no other
row of the table has is possible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from ecperf_kit.exact import MILLION
from ecperf_kit.intake.declare import PROVENANCE, SPOILT
from ecperf_kit.intake.declare import tables as declared_tables
from ecperf_kit.method.subjects import BASIS_INDICATOR
from ecperf_kit.period import Period, PeriodError, shift

if TYPE_CHECKING:
    from ecperf_kit.client import Client

Row = dict[str, Any]
#: Begins before every month: of a version whose date is unknown and that stands alone.
_EVER = pd.Timestamp("2000-01-01")
_WHOLE_CARD = 100 * MILLION
#: Stands for a word nobody can read; no row of a client has it.
UNKNOWN = "–"


def with_lost(client: Client, name: str) -> pd.DataFrame:
    """A table with its rows set aside in front, each as spoilt as a row can be.

    A row appears once for every key it may have; where a look-up takes the first row of a
    key, a row that cannot be read goes before one that can. The table itself where no row
    was set aside.
    """
    table = client.table(name)
    if name not in client.lost:  # nearly always
        return table
    return in_front(table, completed(client, name))


def in_front(table: pd.DataFrame, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """The table with rows in front of it, in its columns and types."""
    added = pd.DataFrame(list(rows), columns=table.columns)
    added = added.astype(object).where(added.notna(), None)
    typed = {column: pd.Series(added[column].tolist(), dtype=kind) for column, kind in
             table.dtypes.items()}  # fmt: skip
    return pd.concat([pd.DataFrame(typed), table], ignore_index=True)


def completed(client: Client, name: str) -> list[Row]:
    """The rows set aside of a table, once for every key they may have."""
    keys = declared_tables()[name].keys
    lost, table = client.lost[name], client.table(name)
    lost = lost.drop_duplicates(list(keys))
    taken = set(map(tuple, table[list(keys)].itertuples(index=False)))
    found: list[Row] = []
    for row in lost.to_dict("records"):
        if all(_known(row[key]) for key in keys):
            found.append({str(k): v for k, v in row.items()})
            continue
        # a version whose date is unknown may be any: also one that has a row already
        anew = _known(row.get("effective_from", UNKNOWN))
        # what it says is said of nobody in particular
        said = {*keys, *PROVENANCE, SPOILT}
        blank = {str(k): v if k in said else None for k, v in row.items()}
        for made in _completions(client, name, blank, list(keys)):
            if not anew or tuple(made[key] for key in keys) not in taken:
                found.append(made)
    return found


def _completions(client: Client, name: str, row: Row, keys: list[str]) -> Iterator[Row]:
    """The row with every value its first unreadable part of the key may have, and so on."""
    lacking = [key for key in keys if not _known(row[key])]
    if not lacking:
        yield row
        return
    for value in dict.fromkeys(_values(client, name, lacking[0], row)):
        yield from _completions(client, name, {**row, lacking[0]: value}, keys)


def _known(value: Any) -> bool:
    return not pd.isna(value)


def _values(client: Client, name: str, column: str, row: Row) -> Iterable[Any]:
    """What may have stood in an unreadable part of a key, by what can be read of the row."""
    choices = declared_tables()[name].by_name[column].choices
    if column == "subject_kind":
        own = [kind for kind in choices if row["subject_id"] in _of_kind(client, name, kind)]
        return own or choices
    if column == "subject_id":
        found = _of_kind(client, name, str(row["subject_kind"]))
        return _not_whole(client, row, found) if name == "scorecards" else found
    return choices or _SEARCHED[column](client, name, row)


def _column(client: Client, name: str, column: str) -> list[Any]:
    """The distinct values of a column, of no table a stage does not read."""
    if name not in client.tables:
        return []
    values = client.tables[name][column].dropna()
    return [value for value in values.unique().tolist() if value != ""]


def staff(client: Client) -> list[str]:
    """Everybody a row may be about."""
    named = [_column(client, table, "employee") for table in ("employees", "assignments")]
    return list(dict.fromkeys([*named[0], *named[1]]))


def _of_kind(client: Client, name: str, kind: str) -> list[str]:
    """The subjects of a kind that there are."""
    if kind == "company":
        return [client.name]
    if kind == "employee":
        return staff(client)
    if kind == "post_channel":
        posts, channels = (_of_kind(client, name, each) for each in ("post", "channel"))
        return [f"{post}@{channel}" for post in posts for channel in channels]
    home = {"department": "departments", "channel": "channels"}.get(kind, "assignments")
    own = client.table(name)
    named = own.loc[own["subject_kind"] == kind, "subject_id"].dropna().unique().tolist()
    return list(dict.fromkeys([*_column(client, home, kind), *named]))


def _not_whole(client: Client, row: Row, subjects: list[str]) -> list[str]:
    """Those whose scorecard of the row's day does not add up to 100 without the row."""
    sums = _sums(client)
    key, day = str(row["subject_kind"]), row["effective_from"]
    return [s for s in subjects if not _known(day) or sums.get((key, s, day)) != _WHOLE_CARD]


def _sums(client: Client) -> dict[tuple[str, str, Any], int]:
    """What the weights of each version of a scorecard add up to, by kind, subject and day."""
    cards = client.table("scorecards")
    names = ("subject_kind", "subject_id", "effective_from")
    found: dict[tuple[str, str, Any], int] = {}
    for row in cards[[*names, "weight"]].to_dict("records"):
        key = (str(row[names[0]]), str(row[names[1]]), row[names[2]])
        found[key] = found.get(key, 0) + int(row["weight"])
    return found


def _versions(client: Client, name: str, row: Row) -> Iterable[Any]:
    """The days of the versions a row without a day may belong to."""
    table = client.table(name)
    by = ["coefficient_table"] if name == "coefficient_tables" else ["subject_kind", "subject_id"]
    own = table
    for column in by:  # a subject that is not known either: versions of every one
        own = own[own[column] == row[column]] if _known(row[column]) else own
    days = own["effective_from"].dropna().unique().tolist()
    if name == "scorecards":
        sums = _sums(client)
        known = (str(row["subject_kind"]), str(row["subject_id"]))
        open_ = [day for day in days if sums.get((*known, day)) != _WHOLE_CARD]
        days = open_ or days
    return [pd.Timestamp(day) for day in days] or [_EVER]


def _months(client: Client, name: str, row: Row) -> Iterable[str]:
    column = "month" if "month" in row else "period"
    given = [str(each) for each in _column(client, name, column)]
    year = client.config.dates.plan_year
    spans = []
    for text in [*given, str(year)]:
        try:
            spans += list(Period.parse(text).months)
        except PeriodError:
            continue
    return sorted(set(spans))


def _indicators(client: Client, name: str, row: Row) -> Iterable[str]:
    used = [*_column(client, "scorecards", "indicator"), *_column(client, name, "indicator")]
    return [*used, *BASIS_INDICATOR.values()]


def _channels(client: Client, name: str, row: Row) -> Iterable[str]:
    return [*_column(client, "channels", "channel"), *_column(client, name, "channel")]


def _units(client: Client, name: str, row: Row) -> Iterable[str]:
    return [*_column(client, name, "unit"), *_column(client, "pay_plans", "dividend_unit")]


def _before_the_first(client: Client, name: str, row: Row) -> Iterable[str]:
    """A period just before the unit's first: what came before decides what may be shared."""
    table = client.table(name)
    own = table[table["unit"] == row["unit"]]["quarter"].dropna()
    firsts = [Period.parse(str(text)).first for text in own]
    if not firsts:
        return [f"{client.config.dates.plan_year}-Q1"]
    last = shift(min(firsts), -1)
    return [f"{shift(last, -2)}..{last}"]


_SEARCHED: dict[str, Callable[[Client, str, Row], Iterable[Any]]] = {
    "employee": lambda client, name, row: staff(client),
    "channel": _channels,
    "category": lambda client, name, row: [UNKNOWN],
    "month": _months,
    "period": _months,
    "indicator": _indicators,
    "unit": _units,
    "quarter": _before_the_first,
    "coefficient_table": lambda client, name, row: _column(client, name, "coefficient_table"),
    "effective_from": _versions,
    "at_least": lambda client, name, row: [-1],  # no score: the table as a whole is doubtful
}
