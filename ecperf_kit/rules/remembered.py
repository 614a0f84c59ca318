"""What follows from a client (or a pilot) alone is worked out once and kept with it.

Nothing outlives its owner and two owners share nothing: a client altered with
``dataclasses.replace`` is another owner, which works everything out anew.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import wraps
from typing import Any, TypeVar, cast

import pandas as pd

_Rule = TypeVar("_Rule", bound=Callable[..., Any])


def remembered(function: _Rule) -> _Rule:
    """The function of a client or pilot (and of words or numbers), worked out once per owner.

    Each caller gets a copy of its own where the value could be altered
    (tables by copy-on-write), so none disturbs another.
    """
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def kept(owner: Any, *arguments: Any) -> Any:
        known = owner.__dict__.setdefault("_remembered", {})
        key = (name, *arguments)
        if key not in known:
            known[key] = function(owner, *arguments)
        return _own(known[key])

    return cast(_Rule, kept)


def _own(value: Any) -> Any:
    if isinstance(value, pd.DataFrame | pd.Series):
        return value.copy(deep=False)
    return copy(value) if isinstance(value, dict | list | set) else value
