"""From a stage table to a picture: which column plays which part, and the exact words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from ecperf_kit.exact import MILLION
from ecperf_kit.outputs import drawing, formats, pictures, tables
from ecperf_kit.outputs.tree import tree
from ecperf_kit.outputs.wording import Wording
from ecperf_kit.stages.result import Column


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of picture: its parts (words, values, days, raw keys), the optional ones."""

    draw: Callable[[pd.DataFrame, Mapping[str, str], Wording], Any]
    words: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    optional: frozenset[str] = frozenset()
    one_row_each: bool = False  # the label names the row, so two rows need two labels

    @property
    def parts(self) -> tuple[str, ...]:
        return (*self.words, *self.values, *self.days, *self.keys)


def _kind(draw: Any, *, optional: str = "", one_row_each: bool = False, **parts: str) -> Kind:
    named: dict[str, Any] = {name: tuple(text.split()) for name, text in parts.items()}
    return Kind(draw, optional=frozenset(optional.split()), one_row_each=one_row_each, **named)


KINDS: Mapping[str, Kind] = {
    "bins": _kind(pictures.bins, words="label", values="count", one_row_each=True),
    "dumbbell": _kind(
        pictures.dumbbell, words="label", values="before after change", keys="level",
        optional="change level", one_row_each=True,
    ),
    "bridge": _kind(
        pictures.bridge, words="label", values="amount", keys="role", one_row_each=True
    ),
    "strips": _kind(pictures.strips, words="group series", values="score"),
    "heat": _kind(pictures.heat, words="row column", values="value"),
    "bars": _kind(
        pictures.bars, words="label", values="value standard", keys="level",
        optional="standard level", one_row_each=True,
    ),
    "gantt": _kind(
        pictures.gantt, words="label note", days="start end", keys="level",
        optional="note level", one_row_each=True,
    ),
    "stacked": _kind(pictures.stacked, words="month part", values="value"),
    "tree": _kind(tree, words="label note", keys="id parent", optional="note"),
}  # fmt: skip


class Drawn(NamedTuple):
    """A picture, and how many rows are not in it because a value is missing."""

    svg: str
    left_out: int


def draw(
    kind: str,
    frame: pd.DataFrame,
    declared: Iterable[Column],
    roles: Mapping[str, str],
    wording: Wording,
    caption: str,
    *,
    narrow: bool = False,
) -> Drawn:
    """The picture of a frame as SVG.

    ``roles`` maps a part of the kind to a column; a part not named takes the column
    of its own name. Rows keep their order; rows without a needed value are left out and counted.
    """
    shape = KINDS[kind]
    unknown = set(roles) - set(shape.parts)
    if unknown:
        raise KeyError(f"a {kind} picture has no part {sorted(unknown)}: {shape.parts}")
    columns = {column.name: column for column in declared}
    data, heads = prepared(shape, frame, columns, roles, wording)
    left_out = len(frame) - len(data)
    if data.empty:
        return Drawn("", left_out)
    drawn = shape.draw(data, heads, wording)
    if isinstance(drawn, str):
        return Drawn(drawing.finished(drawn, caption), left_out)
    return Drawn(drawing.to_svg(drawn, caption, narrow=narrow), left_out)


def prepared(
    shape: Kind,
    frame: pd.DataFrame,
    columns: Mapping[str, Column],
    roles: Mapping[str, str],
    wording: Wording,
) -> tuple[pd.DataFrame, dict[str, str]]:
    """The frame in the picture's parts: words, floats with their exact text, days."""
    found: dict[str, Any] = {}
    heads: dict[str, str] = {}
    units = tables.indicator_units(frame, wording)
    value = roles.get("value", "value")
    for part in shape.parts:
        name = roles.get(part, part)
        if name not in columns:
            if part in shape.optional and part not in roles:
                continue
            raise KeyError(f"no column {name!r} for the part {part!r}")
        column = columns[name]
        if part == "standard" and part not in roles and column.type != columns[value].type:
            continue  # a standard in another unit does not belong on the same scale
        heads[part] = tables.heading(column, wording)
        if part in shape.values:
            found[part] = _shown(frame[name], column, wording)
            found[f"{part}_text"] = tables.cells(frame[name], column, wording, units)
        elif part in shape.days:
            found[part] = pd.to_datetime(frame[name])
        elif part in shape.keys:
            found[part] = frame[name].astype("string").fillna("")
        elif column.type == "month":
            found[part] = _months(frame[name], wording)
        else:
            found[part] = tables.cells(frame[name], column, wording, units)
    data = pd.DataFrame({k: pd.Series(list(v)) for k, v in found.items()})
    needed = [p for p in (*shape.values, *shape.days) if p in data and p not in shape.optional]
    if shape.draw is not pictures.heat:  # an empty cell of a heat map is shown as –
        data = data.dropna(subset=needed).reset_index(drop=True)
    if shape.one_row_each:
        again = data.groupby("label").cumcount()
        data["label"] = data["label"].where(
            again == 0, data["label"] + " " + (again + 1).astype(str)
        )
    return data, heads


def _shown(values: pd.Series, column: Column, wording: Wording) -> pd.Series:
    """Floats in the unit that is shown: 万元 in Chinese, per cent for rates."""
    numbers = values.astype("Float64").astype("float64")
    if column.type == "integer":
        return numbers
    if column.type == "wan" and wording.language == "zh":
        return numbers / (MILLION * 10_000)
    percent = column.type in {"rate", "signed_rate"} or column.unit == "ratio"
    return numbers / (MILLION / 100 if percent else MILLION)


def _months(values: pd.Series, wording: Wording) -> list[str]:
    months = values.astype(str).tolist()
    one_year = len({m[:4] for m in months}) == 1
    return [formats.short_month(m, wording.language) if one_year else m for m in months]
