"""What follows from a client and some words alone is worked out once and kept with it.

What a scenario or a trial leaves as it is is not worked out again for it: of each value
it is known which tables were read for it.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import fields, is_dataclass, replace
from functools import wraps
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
import pandas as pd

from ecperf_kit import view

_Worked = TypeVar("_Worked", bound=Callable[..., Any])


_ALTERABLE = (pd.DataFrame, pd.Series, dict, list, set)


class _Kept(NamedTuple):
    value: Any
    tables: frozenset[str]


class _Packed(NamedTuple):
    """A kept value as bytes, unpacked when somebody asks for it."""

    content: bytes
    tables: frozenset[str]


def once(function: _Worked) -> _Worked:
    """The function of a client (or a pilot) and of words or numbers, worked out once per owner.

    Many steps ask for the same. Arguments beside the owner are words, numbers or lists of
    words (months). Each caller gets a copy of its own where the value could be altered
    (tables by copy-on-write), so none disturbs another. What is kept is no field of the
    owner: ``dataclasses.replace`` and a snapshot begin without it. A client made by
    ``Client.with_tables`` takes over what needed none of the tables that were replaced.
    """
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def kept(owner: Any, *arguments: Any) -> Any:
        own = owner.__dict__.setdefault(view.KEPT, {})
        words = (a if isinstance(a, str | int) else tuple(a) for a in arguments)
        key = (name, *words)
        found = own.get(key)
        if isinstance(found, _Packed):
            found = own[key] = _Kept(pickle.loads(found.content), found.tables)
        if found is None:
            found = own[key] = _taken_over(owner, key) or _worked_out(owner, key, function)
        view.declared(owner, found.tables)
        view.asked(found.tables)  # whoever asks for this needs the same tables
        return _own(found.value)

    return cast(_Worked, kept)


def by_month(function: _Worked) -> _Worked:
    """``once`` for a table of months, one row of which depends on no other month asked for.

    Where the client says which months are worked out in one go (``view.SPAN``), some of
    them are their rows of the table of all of them: the steps for thirty people take
    nearly the same time for one month as for eighteen.
    """

    @wraps(function)
    def worked(client: Any, months: Sequence[str], *arguments: Any) -> pd.DataFrame:
        span = span_around(client, months)
        if span:
            return rows_of(asked(client, span, *arguments), months)
        return cast(pd.DataFrame, function(client, months, *arguments))

    asked = once(worked)
    return cast(_Worked, asked)


def span_around(client: Any, months: Sequence[str]) -> tuple[str, ...]:
    """The months to work out instead of these, more than they are; else nothing."""
    span: tuple[str, ...] = client.__dict__.get(view.SPAN, ())
    return span if set(months) < set(span) else ()


def rows_of(table: pd.DataFrame, months: Sequence[str]) -> pd.DataFrame:
    """The rows of these months, numbered anew."""
    chosen = table["month"].isin(list(months)).to_numpy(dtype=bool)
    return table.take(np.flatnonzero(chosen)).reset_index(drop=True)


def packed(kept: Mapping[Any, Any], without: Iterable[str] = ()) -> dict[Any, Any]:
    """Kept values as bytes, by key, but those that rest on one of these tables."""
    left_out = set(without)
    return {
        key: _Packed(pickle.dumps(found.value, protocol=pickle.HIGHEST_PROTOCOL), found.tables)
        for key, found in kept.items()
        if left_out.isdisjoint(found.tables)
    }


def _worked_out(owner: Any, key: tuple[Any, ...], function: Callable[..., Any]) -> _Kept:
    with view.asking() as tables:
        value = function(owner, *key[1:])
    found = _Kept(value, frozenset(tables))
    for other in _alike(owner, found.tables):  # the next trial need not work it out either
        other.__dict__.setdefault(view.KEPT, {}).setdefault(key, found)
    return found


def _taken_over(owner: Any, key: tuple[Any, ...]) -> _Kept | None:
    """What a client this one was made from has kept, if all tables it needed are the same."""
    other = owner.__dict__.get(view.MADE_FROM)
    while other is not None:
        found: _Kept | None = other.__dict__.get(view.KEPT, {}).get(key)
        if isinstance(found, _Packed):
            found = _Kept(pickle.loads(found.content), found.tables)
            other.__dict__[view.KEPT][key] = found
        if found is not None and view.same_tables(owner, other, found.tables):
            return found
        other = other.__dict__.get(view.MADE_FROM)
    return None


def _alike(owner: Any, tables: frozenset[str]) -> Iterator[Any]:
    """The clients this one was made from, as far as these tables are the same."""
    other = owner.__dict__.get(view.MADE_FROM)
    while other is not None and view.same_tables(owner, other, tables):
        yield other
        other = other.__dict__.get(view.MADE_FROM)


def _own(value: Any) -> Any:
    if isinstance(value, pd.DataFrame | pd.Series):
        return value.copy(deep=False)
    if isinstance(value, dict):
        return {key: _own(part) for key, part in value.items()}
    if isinstance(value, list | tuple) and any(isinstance(part, _ALTERABLE) for part in value):
        return type(value)(_own(part) for part in value)
    if isinstance(value, list | set):
        return copy(value)
    if is_dataclass(value) and not isinstance(value, type):
        parts = {f.name: getattr(value, f.name) for f in fields(value)}
        frames = {n: _own(p) for n, p in parts.items() if isinstance(p, pd.DataFrame)}
        return replace(value, **frames) if frames else value
    return value
