"""Rows found by their keys: text keys become whole numbers once, and those are compared.

The same as a merge or a look-up in an index of several levels, for a fraction of the
time; a key that is missing in part is found nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ecperf_kit.exact import LARGEST, Ints


def numbered(columns: Sequence[pd.Series | np.ndarray]) -> Ints:
    """A number per row, the same for rows with the same key; -1 where a part of it is missing."""
    size = len(columns[0])
    numbers, most = np.zeros(size, dtype=np.int64), 1
    missing = np.zeros(size, dtype=bool)
    for column in columns:
        codes, distinct = pd.factorize(column)
        missing |= codes < 0
        if most * max(len(distinct), 1) > LARGEST:  # never wrap around: number afresh
            _, numbers = np.unique(numbers, return_inverse=True)
            most = size
        numbers = numbers * max(len(distinct), 1) + codes
        most *= max(len(distinct), 1)
    return np.where(missing, -1, numbers)


def find(rows: Sequence[pd.Series], table: Sequence[pd.Series]) -> Ints:
    """For each row the position of the first row of ``table`` with the same key, else -1.

    ``rows`` and ``table`` give the columns of the key in the same order.
    """
    wanted, known = _compared(rows, table)
    if not len(known):
        return np.full(len(wanted), -1, dtype=np.int64)
    order = np.argsort(known, kind="stable")
    at = np.searchsorted(known[order], wanted)  # the leftmost, which is the first of equals
    found = order[np.minimum(at, len(known) - 1)]
    return np.where((known[found] == wanted) & (wanted >= 0), found, -1)


def pairs(rows: Sequence[pd.Series], table: Sequence[pd.Series]) -> tuple[Ints, Ints]:
    """All pairs of a row and a row of ``table`` with the same key, as two lists of positions.

    In the order of the rows, for each row in the order of the table: an inner join.
    """
    wanted, known = _compared(rows, table)
    order = np.argsort(known, kind="stable")
    low = np.searchsorted(known[order], wanted, side="left")
    high = np.searchsorted(known[order], wanted, side="right")
    count = np.where(wanted >= 0, high - low, 0)
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(np.arange(len(wanted)), count), order[np.repeat(low, count) + within]


def _compared(rows: Sequence[pd.Series], table: Sequence[pd.Series]) -> tuple[Ints, Ints]:
    """Numbers of the keys on both sides, the same for the same key; -1 where missing."""
    both = [_below(*pair) for pair in zip(rows, table, strict=True)]
    numbers = numbered(both)
    return numbers[: len(rows[0])], numbers[len(rows[0]) :]


def _below(rows: pd.Series, table: pd.Series) -> pd.Series | np.ndarray:
    """Both columns one below the other."""
    if all(_is_plain(column) for column in (rows, table)):
        return np.concatenate([column.to_numpy(dtype=object) for column in (rows, table)])
    return pd.concat([rows, table], ignore_index=True)


def _is_plain(column: pd.Series) -> bool:
    return isinstance(column.dtype, pd.StringDtype) and column.dtype.storage == "python"


def ranked(frame: pd.DataFrame, key: Sequence[str]) -> Ints:
    """The order that sorts the rows by their key, equal ones as they lie; what is missing last."""
    return np.lexsort([_ranks(frame[name]) for name in reversed(key)])


def _ranks(column: pd.Series) -> Ints:
    codes, distinct = pd.factorize(column, sort=True)
    return np.where(codes < 0, len(distinct), codes)


class Groups:
    """Rows put together by a key, groups in its order: where each begins, and sums over them."""

    def __init__(self, frame: pd.DataFrame, key: Sequence[str]) -> None:
        # Rows of a group mostly lie together: only the first of each run need be compared.
        begins = np.append(np.ones(min(len(frame), 1), dtype=bool), _changes(frame, key))
        runs = np.flatnonzero(begins)
        lengths = np.diff(np.append(runs, len(frame)))
        heads = frame[list(key)].take(runs)
        self._in_order = _rises(heads, key)
        by_key = np.arange(len(runs)) if self._in_order else ranked(heads, key)
        # in order every run is a group of its own; else equal keys now lie side by side
        starts_group = np.ones(len(runs), dtype=bool)
        if not self._in_order:
            starts_group[1:] = _changes(heads.take(by_key), key)
        #: The rows in the order of their groups, and where in this order each group begins.
        self.order = _spread(runs[by_key], lengths[by_key])
        before = np.cumsum(lengths[by_key]) - lengths[by_key]
        self.starts = before[starts_group]
        #: The first row of each group.
        self.first = self.order[self.starts]

    def sum(self, values: np.ndarray) -> Ints:
        """The sum of each group."""
        return self._over(np.add, values)

    def least(self, values: np.ndarray) -> Ints:
        """The least value of each group."""
        return self._over(np.minimum, values)

    def most(self, values: np.ndarray) -> Ints:
        """The greatest value of each group."""
        return self._over(np.maximum, values)

    def _over(self, by: np.ufunc, values: np.ndarray) -> Ints:
        if not len(self.starts):
            return np.zeros(0, dtype=np.int64)
        numbers = values.astype(np.int64, copy=False)
        return by.reduceat(numbers if self._in_order else numbers[self.order], self.starts)

    def sizes(self) -> Ints:
        """How many rows each group has."""
        return np.diff(np.append(self.starts, len(self.order)))


def _differs(column: pd.Series) -> np.ndarray:
    """For each row but the first, whether its value is another than that of the row before."""
    words = _words(column)
    if words is not None:
        return np.asarray(words[1:] != words[:-1], dtype=bool)
    now, before = column.array[1:], column.array[:-1]
    differs = np.asarray(now != before, dtype=bool)
    if not column.hasnans:
        return differs
    return differs & ~np.asarray(pd.isna(now) & pd.isna(before), dtype=bool)


def _words(column: pd.Series) -> np.ndarray | None:
    """A column of texts none of which is missing as an array to compare directly; else None."""
    if not _is_plain(column):
        return None
    words = column.to_numpy(dtype=object)
    return None if pd.isna(words).any() else words


def _changes(frame: pd.DataFrame, key: Sequence[str]) -> np.ndarray:
    """For each row but the first, whether its key is another than that of the row before."""
    none = np.zeros(max(len(frame) - 1, 0), dtype=bool)
    return np.logical_or.reduce([none, *(_differs(frame[name]) for name in key)])


def _rises(frame: pd.DataFrame, key: Sequence[str]) -> bool:
    """Whether the keys never fall from row to row; what is missing comes last."""
    decided = np.zeros(max(len(frame) - 1, 0), dtype=bool)
    for name in key:
        words = _words(frame[name])
        cells = frame[name].array if words is None else words
        now, before = cells[1:], cells[:-1]
        below = np.asarray(now < before, dtype=bool)
        if words is None and frame[name].hasnans:
            lost, lost_before = (np.asarray(pd.isna(part), dtype=bool) for part in (now, before))
            below = (below | lost_before) & ~lost
        if (below & ~decided).any():
            return False
        decided |= _differs(frame[name])
    return True


def _spread(begins: Ints, lengths: Ints) -> Ints:
    """The places of runs one after another: begins 5 and 0, lengths 2 and 3: 5 6 0 1 2."""
    after = np.cumsum(lengths)
    return np.arange(lengths.sum()) + np.repeat(begins - (after - lengths), lengths)


def taken(column: pd.Series, position: Ints, index: pd.Index | None = None) -> pd.Series:
    """The values of a column at positions, missing where the position is -1."""
    return pd.Series(column.array.take(position, allow_fill=True), index=index, copy=False)
