"""Arrow columns as cells a person would type: what Parquet and bulk reading share."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ecperf_kit.intake.plain import Cells, Mask
from ecperf_kit.intake.read import ReadError, cell_text

if TYPE_CHECKING:
    import pyarrow as pa

_INDEX = re.compile(r"__index_level_[0-9]+__")  # row numbers pandas leaves in a Parquet file


def parquet_schema(path: Path) -> pa.Schema:
    """The columns of a Parquet file. Raises ``ReadError``; its rows are not looked at."""
    import pyarrow.parquet as pq

    with path.open("rb") as stream:
        try:
            return pq.ParquetFile(stream).schema_arrow
        except Exception as error:  # pyarrow raises several unrelated kinds
            raise ReadError("D112") from error


def parquet_columns(schema: pa.Schema) -> list[int]:
    """The places of the columns that hold cells. Raises ``ReadError`` for a nested one."""
    import pyarrow as pa

    found = []
    for place, column in enumerate(schema):
        if _INDEX.fullmatch(column.name):
            continue
        kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
        if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            raise ReadError("D132", column=column.name)
        found.append(place)
    return found


def whole_texts(array: pa.Array | pa.ChunkedArray, heading: str) -> None:
    """Raises ``ReadError`` ``D134`` for the first text whose bytes are no characters."""
    import pyarrow as pa

    chunks = array.chunks if isinstance(array, pa.ChunkedArray) else [array]
    row = 2  # below the headings, which count as row 1
    for chunk in chunks:
        try:
            chunk.validate(full=True)
        except pa.ArrowInvalid as error:
            for at, scalar in enumerate(chunk):
                if not _is_text(scalar):
                    buffer = scalar.as_buffer() if hasattr(scalar, "as_buffer") else None
                    data = buffer.to_pybytes() if buffer is not None else b""
                    found = " ".join(f"{byte:02X}" for byte in data[broken_at(data) :][:4])
                    told = {"row": row + at, "column": heading, "found": found or "–"}
                    raise ReadError("D134", encoding="UTF-8", **told) from error
            raise ReadError("D112") from error
        row += len(chunk)


def _is_text(scalar: pa.Scalar) -> bool:
    try:
        scalar.as_py()
    except UnicodeDecodeError:
        return False
    return True


def broken_at(data: bytes, encoding: str = "utf-8") -> int:
    """Where the first byte stands that is not of an encoding; the length if none is."""
    try:
        data.decode(encoding)
    except UnicodeDecodeError as error:
        return error.start
    return len(data)


def cell_texts(array: pa.Array | pa.ChunkedArray) -> list[str]:
    """The cells of a column one by one, as a person would type them."""
    import pyarrow as pa

    kind = array.type.value_type if pa.types.is_dictionary(array.type) else array.type
    try:
        cells: list[Any] = array.to_pylist()
    except (OverflowError, ValueError):  # a time beyond the calendar stands as its count
        cells = [_cell(scalar) for scalar in array]
    if pa.types.is_float32(kind) or pa.types.is_float16(kind):
        # 0.1 in four bytes is 0.1 as written, not the long figure it widens to
        narrow = np.float32 if pa.types.is_float32(kind) else np.float16
        cells = [None if c is None else float(str(narrow(c))) for c in cells]
    return [cell_text(cell) for cell in cells]


def _cell(scalar: pa.Scalar) -> Any:
    try:
        return scalar.as_py()
    except (OverflowError, ValueError):
        return str(scalar.value)


def text_array(array: pa.Array) -> pa.Array:
    """A column as an array of texts, none missing, each as a person would type the cell."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = array.type
    if pa.types.is_dictionary(kind):
        return text_array(array.dictionary_decode())
    if pa.types.is_string_view(kind):
        array, kind = pc.cast(array, pa.large_string()), pa.large_string()
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        array, kind = pc.cast(array, pa.string()), pa.string()
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return array if not array.null_count else pc.fill_null(array, "")
    return pa.array(cell_texts(array), pa.large_string())


def filled(array: pa.Array) -> Mask:
    """Which cells of a column are not blank."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = array.type
    if pa.types.is_dictionary(kind):
        return filled(array.dictionary_decode())
    if pa.types.is_temporal(kind) and not array.null_count:
        return np.ones(len(array), dtype=bool)
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        if pa.types.is_floating(kind):
            array = pc.if_else(pc.is_nan(array), None, array)
        elif pa.types.is_string_view(kind):
            return filled(pc.cast(array, pa.large_string()))
        return np.asarray(array.is_valid())
    cells = Cells.of(text_array(array))
    if not len(cells.data):
        return cells.filled
    # blanks and signs that may be blanks are below "!" or above "~"
    first = cells.data.take(cells.starts, mode="clip")
    found: Mask = (first - np.uint8(ord("!"))) <= ord("~") - ord("!")
    found &= cells.filled
    for i in np.flatnonzero(~found & cells.filled):
        found[i] = bool(cells.array[int(i)].as_py().strip())
    return found


def filled_rows(columns: list[pa.Array], count: int) -> Mask:
    """Which of ``count`` rows have anything in one of the columns."""
    import pyarrow as pa

    found = np.zeros(count, dtype=bool)
    # a column of times is looked through at once, a short one of texts sooner than a long one
    for array in sorted(
        columns, key=lambda each: (not pa.types.is_temporal(each.type), each.nbytes)
    ):
        rest = np.flatnonzero(~found)
        if not len(rest):
            break
        found[rest] = filled(array if len(rest) == count else array.take(pa.array(rest)))
    return found
