"""An opened client as bytes, handed from the process that read it to one that reports on it.

The runner opens a client once and gives its six notebooks what it read, and what several
of them need and was worked out once. The bytes go through a pipe and never to disk: they
hold pay. A notebook opened by hand has nothing held and reads the client's folder.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ecperf_kit import view

if TYPE_CHECKING:
    import pandas as pd

    from ecperf_kit.client import Client
    from ecperf_kit.period import Period


class Shared(NamedTuple):
    """What was worked out once for several stages of a client.

    ``kept`` are values by key, each packed by ``method.once``, for every period;
    ``of_period`` those that hold for ``period`` alone. ``span`` are the months worked out
    in one go, ``plain`` the packed tables with plain texts.
    """

    span: tuple[str, ...] = ()
    kept: Mapping[Any, Any] = {}
    period: str = ""
    of_period: Mapping[Any, Any] = {}
    plain: Mapping[str, bytes] = {}

    def give(self, client: Client, period: Period | None) -> None:
        """Puts it where the stages of a client opened with ``period`` find it."""
        same = period is not None and period.text == self.period
        client.__dict__["_kept_by_stages"] = {**self.kept, **(self.of_period if same else {})}
        client.__dict__["_span_of_stages"] = self.span
        client.__dict__["_plain"] = view.Plain(client.tables, Unread(self.plain))


class Unread(Mapping[str, Any]):
    """Packed tables, each unpacked when it is first asked for."""

    def __init__(self, packed: Mapping[str, bytes]) -> None:
        self._packed, self._read = packed, dict[str, Any]()

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._read:
            self._read.setdefault(name, pickle.loads(self._packed[name]))
        found: pd.DataFrame = self._read[name]
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._packed)

    def __len__(self) -> int:
        return len(self._packed)


class _Held(NamedTuple):
    name: str
    root: Path
    language: str
    client: bytes
    tables: Mapping[str, bytes]
    shared: bytes


_held: _Held | None = None


def pack(client: Client, shared: bytes = b"") -> bytes:
    """An opened client as bytes, without the library, which every process has itself.

    ``shared`` is a packed ``Shared`` of this client.
    """
    tables = {name: _packed(table) for name, table in client.tables.items()}
    content = _packed(replace(client, tables={}))
    held = _Held(client.name, client.root, client.language, content, tables, shared)
    return _packed(tuple(held))


def _packed(value: Any) -> bytes:
    return pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)


def hold(data: bytes) -> None:
    """Put a packed client where ``open_client`` finds it in this process, in place of the last.

    Only for bytes this program packed itself: unpacking them runs what they say.
    """
    global _held
    _held = _Held(*pickle.loads(data))


def release() -> None:
    """Hold nothing any more: ``open_client`` reads folders again."""
    global _held
    _held = None


def held_client(name: str, root: Path, language: str, period: Period | None) -> Client | None:
    """A new copy of the held client with this period if it is this one; else None."""
    if _held is None or (_held.name, _held.root, _held.language) != (name, root, language):
        return None
    empty: Client = pickle.loads(_held.client)
    tables: Mapping[str, Any] = Unread(_held.tables)
    if empty.stage:
        tables = view.Declared(empty.stage, tables, view.reads()[empty.stage])
    client = replace(empty, period=period, tables=tables)
    if _held.shared:
        shared: Shared = pickle.loads(_held.shared)
        shared.give(client, period)
    return client
