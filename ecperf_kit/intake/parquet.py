"""The rows of a Parquet file some at a time, groups of them being read ahead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecperf_kit.intake.ahead import ahead
from ecperf_kit.intake.read import ReadError

if TYPE_CHECKING:
    import pyarrow as pa

_LONGEST = 1_200_000  # rows of a group that are held at a time; longer ones are read in parts
_LARGEST = 200_000_000  # and their bytes


def batches(path: Path, rows: int, columns: Sequence[str] | None) -> Iterator[pa.RecordBatch]:
    """The rows in their order, at most so many at a time, of all columns or those named.

    Raises :class:`ReadError` ``D112`` for a broken file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pa.OSFile(str(path)) as stream:  # read without waiting for Python
            file = pq.ParquetFile(stream)
            shares = _shares(file.metadata, rows)
            if shares is None:
                yield from map(_without_views, file.iter_batches(rows, columns=columns))
                return
        with ahead(_read(path, file.metadata, columns, shares)) as tables:
            for table in tables:
                yield from map(_without_views, table.to_batches(rows))
    except Exception as error:  # a broken file shows in many ways
        raise ReadError("D112") from error


def _without_views(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The same rows, texts in a form of which rows can be taken."""
    import pyarrow as pa

    for place, field in enumerate(batch.schema):
        if pa.types.is_string_view(field.type):
            texts = batch.column(place).cast(pa.large_string())
            batch = batch.set_column(place, field.with_type(pa.large_string()), texts)
    return batch


def _shares(about: Any, rows: int) -> list[list[int]] | None:
    """The groups of a file in shares of so many rows at least; nothing where one is too large."""
    shares: list[list[int]] = [[]]
    held = 0
    for place in range(about.num_row_groups):
        group = about.row_group(place)
        if group.num_rows > _LONGEST or group.total_byte_size > _LARGEST:
            return None
        if held >= rows:
            shares.append([])
            held = 0
        shares[-1].append(place)
        held += group.num_rows
    return shares if shares[-1] else []


def _read(
    path: Path, about: Any, columns: Sequence[str] | None, shares: Sequence[Sequence[int]]
) -> Iterator[pa.Table]:
    """The rows of each share of the groups, whose places ``about`` tells."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pa.OSFile(str(path)) as stream:
        file = pq.ParquetFile(stream, metadata=about)
        for groups in shares:
            yield file.read_row_groups(groups, columns=columns)
