"""A text file in blocks of whole lines and its encoding, however long it is.

The encoding is the one the whole file would be read in: UTF-8 with or without mark, else
GB18030; a file of which neither is true is refused at the line with the first broken byte.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path

import numpy as np

from ecperf_kit.intake.arrow import broken_at
from ecperf_kit.intake.read import ReadError, unlike_text, wide_and_lost

_MARK = b"\xef\xbb\xbf"
_LONGEST_LINE = 64_000_000
_SLICE = 1 << 16
_DECISIVE = 10_000  # so many characters more of one kind settle what the file is


Seen = Callable[[bytes], None]


class OtherEncodingError(Exception):
    """What seemed UTF-8 turns out to be GB18030: the file is to be read again as such."""


def line_end(data: bytes) -> int:
    """Where the last whole line of ``data`` ends; 0 if none does."""
    return data.rfind(b"\n") + 1 or data.rfind(b"\r", 0, len(data) - 1) + 1


def text_blocks(
    path: Path, size: int, gb18030: bool = False, seen: Seen | None = None
) -> Iterator[tuple[bytes, str]]:
    """The file without its mark in blocks of whole lines, about ``size`` bytes each.

    With each block comes its encoding: ``utf-8``, which it is, or ``gb18030``, which is for
    the reader to check (line ends, commas and quotes are what they are before decoding).
    ``seen`` is given every byte of the file in its order, as it is read.
    Raises :class:`ReadError` ``D107`` after the last line before a broken one, and
    :class:`OtherEncodingError`, never with ``gb18030``.
    """
    encoding = "gb18030" if gb18030 else ""
    marked = False
    for number, block in enumerate(_line_blocks(path, size)):
        if seen is not None:
            seen(block)
        data = block
        if number == 0:
            unlike_text(data)
            marked = data.startswith(_MARK)
            data = data.removeprefix(_MARK)
        if (broken := data.find(b"\x00")) >= 0:
            data = data[: line_end(data[:broken])]
        if encoding != "gb18030" and not data.isascii():
            before, encoding = encoding, "utf-8"
            if not _is_utf8(data):
                if not marked and _reads_as_gb18030(path, size):
                    if before:
                        raise OtherEncodingError
                    encoding = "gb18030"
                else:
                    broken = broken_at(data, "utf-8")
                    data = data[: line_end(data[:broken])]
        yield data, encoding or "utf-8"
        if broken >= 0:
            raise ReadError("D107")


def _line_blocks(path: Path, size: int) -> Iterator[bytes]:
    """The bytes of a file in blocks of whole lines; the first is small, for the headings.

    Where a block ends is looked up first, so that no block is ever copied.
    """
    with path.open("rb", buffering=0) as stream:
        total, start = os.fstat(stream.fileno()).st_size, 0
        length = min(size, _SLICE)
        while start < total:
            end = start + length
            if end < total:
                tail = max(start, end - _SLICE)
                end = tail + line_end(_read(stream, tail, end))
            if end == start or (end < total and end <= tail):  # no line ends here: look further
                if length > _LONGEST_LINE:
                    raise ReadError("D111")
                length *= 2
                continue
            yield _read(stream, start, min(end, total))
            start, length = end, size


def _read(stream: FileIO, start: int, end: int) -> bytes:
    """The bytes from one place to another, or to the end of the file."""
    stream.seek(start)
    data = stream.read(end - start)
    while len(data) < end - start and (more := stream.read(end - start - len(data))):
        data += more
    return data


def _is_utf8(data: bytes) -> bool:
    """Whether bytes are UTF-8; much faster than decoding them."""
    import pyarrow as pa

    ends = np.array([0, len(data)], dtype=np.int64)
    text = pa.LargeStringArray.from_buffers(1, pa.py_buffer(ends), pa.py_buffer(data))
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _reads_as_gb18030(path: Path, size: int) -> bool:
    """Whether a file that is not UTF-8 is GB18030 rather than UTF-8 with broken characters.

    Looks at no more of the file than settles the question.
    """
    ahead = 0
    for data in _line_blocks(path, size):
        start = 0
        while start < len(data):
            end = data.find(b"\n", start + _SLICE) + 1 or len(data)
            wide, lost = wide_and_lost(data[start:end])
            ahead += wide - lost
            if abs(ahead) > _DECISIVE:
                return ahead < 0
            start = end
    return ahead <= 0
