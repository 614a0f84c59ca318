"""An opened client as bytes, handed from the process that read it to one that reports on it.

The runner opens a client once and gives its six notebooks what it read. The bytes
go through a pipe and never to disk: they hold pay. A notebook opened by hand has
nothing held and reads the client's folder.
"""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ecperf_kit.client import Client


class _Held(NamedTuple):
    name: str
    root: Path
    language: str
    client: bytes


_held: _Held | None = None


def pack(client: Client) -> bytes:
    """An opened client as bytes, without the library, which every process has itself."""
    content = pickle.dumps(client, protocol=pickle.HIGHEST_PROTOCOL)
    held = _Held(client.name, client.root, client.language, content)
    return pickle.dumps(tuple(held), protocol=pickle.HIGHEST_PROTOCOL)


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


def held_client(name: str, root: Path, language: str) -> Client | None:
    """A new copy of the held client if it is this one; else None."""
    if _held is None or (_held.name, _held.root, _held.language) != (name, root, language):
        return None
    client: Client = pickle.loads(_held.client)
    return client
