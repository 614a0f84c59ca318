"""What follows from a client and some months alone is worked out once and kept with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from functools import wraps
from typing import Any, TypeVar, cast

import pandas as pd

_Worked = TypeVar("_Worked", bound=Callable[..., Any])


def once(table: _Worked) -> _Worked:
    """A table (or several, as a dataclass) worked out from a client once and kept with it.

    Many steps ask for the same. Arguments beside the client are words or lists of words
    (months). Each caller gets a copy of its own (copy-on-write), so none disturbs another.
    What is kept is no field of the client: ``dataclasses.replace`` and a snapshot begin
    without it.
    """

    @wraps(table)
    def kept(client: Any, *arguments: Any) -> Any:
        remembered = client.__dict__.setdefault("_rule_tables", {})
        words = (word if isinstance(word, str) else tuple(word) for word in arguments)
        key = (f"{table.__module__}.{table.__qualname__}", *words)
        if key not in remembered:
            remembered[key] = table(client, *arguments)
        return _own(remembered[key])

    return cast(_Worked, kept)


def _own(value: Any) -> Any:
    if isinstance(value, pd.DataFrame):
        return value.copy(deep=False)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: _own(getattr(value, f.name)) for f in fields(value)})
    return value
