"""Things made one after the other, each while those before it are worked on."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

_READY = 2  # so many are asked for before the one that is worked on is done


@contextmanager
def ahead(items: Iterator[T]) -> Iterator[Iterator[T]]:
    """The same items in the same order, made in a thread of its own; it begins at once.

    What making an item raises is raised where the item would have come. None is no item.
    """
    with ThreadPoolExecutor(1) as pool:
        # one is being made while one is ready: neither side waits for the other's slow ones
        coming = deque(pool.submit(next, items, None) for _ in range(_READY))

        def in_order() -> Iterator[T]:
            while (item := coming.popleft().result()) is not None:
                coming.append(pool.submit(next, items, None))
                yield item

        try:
            yield in_order()
        finally:
            for each in coming:
                each.cancel()
