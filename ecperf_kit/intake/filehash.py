"""The content hash of a file that is being read, worked out beside the reading."""

from __future__ import annotations

import hashlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from ecperf_kit.intake import read

_WAITING = 4  # blocks kept for their hash at a time


class FileHash:
    """The SHA-256 of a file: of what its reader was given, or of the file read once more.

    ``pool`` has one thread, so that blocks are taken in their order.
    """

    def __init__(self, path: Path, pool: ThreadPoolExecutor) -> None:
        self._path, self._pool = path, pool
        self._whole: Future[str] | None = None
        self._blocks = hashlib.sha256()
        self._waiting: deque[Future[None]] = deque()
        self._is_read = False

    def seen(self, block: bytes) -> None:
        """Takes the next bytes of the file; from the first call on it is not read for the hash."""
        self._is_read = True
        self._waiting.append(self._pool.submit(self._blocks.update, block))
        if len(self._waiting) > _WAITING:
            self._waiting.popleft().result()

    def begin(self) -> None:
        """Begins to read the file for its hash, where nothing was given or begun."""
        if self._whole is None and not self._is_read:
            self._whole = self._pool.submit(read.sha256, self._path)

    def result(self) -> str:
        """The hash, once all of the file was given or read."""
        self.begin()
        if self._whole is not None:
            return self._whole.result()
        while self._waiting:
            self._waiting.popleft().result()
        return self._blocks.hexdigest()
