"""A change of pay split over its causes without regard to the order of repair."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np

from ecperf_kit.exact import FEN, Ints

Repairs = frozenset[str]


def attribution(causes: Sequence[str], value: Callable[[Repairs], Any]) -> dict[str, Ints]:
    """The share of each cause in ``value(all) - value(none)``, averaged over all orders.

    ``value`` gives the pay (stored integers, one or a whole column) with a set of
    causes repaired; it is asked once for each of the 2^k sets. A cause's share is
    the mean of what its repair adds, over all k! orders in which the causes could
    be repaired. The means are exact; what lies between whole fen goes to the
    largest remainders, so that the shares add up to the change.
    """
    names = tuple(causes)
    values = {
        frozenset(chosen): np.asarray(value(frozenset(chosen)), dtype=np.int64)
        for size in range(len(names) + 1)
        for chosen in combinations(names, size)
    }
    return _split(names, values)


def _split(names: tuple[str, ...], values: Mapping[Repairs, Ints]) -> dict[str, Ints]:
    count = len(names)
    orders = factorial(count)
    added = []
    for name in names:
        total = np.zeros(np.shape(values[frozenset()]), dtype=object)
        for repaired, before in values.items():
            if name in repaired:
                continue
            ways = factorial(len(repaired)) * factorial(count - len(repaired) - 1)
            total = total + ways * (values[repaired | {name}] - before).astype(object)
        added.append(np.asarray(total, dtype=object))
    unit = orders * FEN
    whole = np.array([part // unit for part in added], dtype=object)
    rest = np.array([part - down * unit for part, down in zip(added, whole, strict=True)])
    change = values[frozenset(names)] - values[frozenset()]
    left = change.astype(object) // FEN - whole.sum(axis=0)
    # one fen more for the largest remainders; of equal ones the cause named first
    place = np.argsort(np.argsort(-rest.astype(np.float64), axis=0, kind="stable"), axis=0)
    result = (whole + (place < left)) * FEN
    return {name: np.asarray(result[i], dtype=np.int64) for i, name in enumerate(names)}
