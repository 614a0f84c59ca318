"""The kinds of pictures, in Vega-Lite: each answers one question and labels itself.

Every function takes a frame whose columns are the picture's parts: words as text,
values as floats in the shown unit, and for each value ``<part>_text``, the exact
text a table would show; ``heads`` gives the heading of a part. It yields the
picture's specification: data, and layers of marks with what each of them shows.
Written as plain data: the library that would check it takes a second to load.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from ecperf_kit.outputs import drawing
from ecperf_kit.outputs.wording import Wording

_WIDTH, _ROW, _LEAST = 560, 27, 240
_PAGE = 740  # what a picture may take without being made smaller
_DAYS_SHOWN = 62  # a calendar of fewer days has dates on its axis, a longer one months
Heads = Mapping[str, str]
Spec = dict[str, Any]
_TYPES = {"N": "nominal", "Q": "quantitative", "T": "temporal"}


#: Bold words are measured in the reader's font: the shipped one has no bold of its own.
_BOLD = {"fontWeight": "bold", "font": drawing.FONTS}


def _shows(column: str, **more: Any) -> Spec:
    """What a property of a mark shows: a column and its kind, ``amount:Q``, and how."""
    field, _, kind = column.partition(":")
    return {"field": field, "type": _TYPES[kind], **more}


def _colour(column: str = "colour") -> Spec:
    return _shows(f"{column}:N", scale=None)


def _mark(kind: str, shown: Mapping[str, Spec], **look: Any) -> Spec:
    """A layer: marks of a kind that look so, and what their properties show."""
    return {"mark": {"type": kind, **look}, "encoding": dict(shown)}


def _values(data: pd.DataFrame) -> Spec:
    """The rows as the converter reads them; a missing value is null."""
    known = data.astype("object").where(data.notna(), None)
    return {"values": known.to_dict("records")}


def _picture(data: pd.DataFrame, width: Any, height: Any, *layers: Spec) -> Spec:
    return {"data": _values(data), "width": width, "height": height, "layer": list(layers)}


def bins(data: pd.DataFrame, heads: Heads, wording: Wording) -> Spec:
    """How many people fall into each bin (losers first): one bar per bin."""
    five = len(data) == len(drawing.FIVE)
    data = data.assign(colour=list(drawing.FIVE) if five else drawing.ACCENT)
    at = {
        "y": _shows("label:N", sort=None, title=None, axis=_named(data["label"])),
        "x": _shows("count:Q", axis=None),
    }
    return _picture(
        data, 270, _ROW * len(data),
        _mark("bar", at | {"color": _colour()}, height=20),
        _mark("text", at | {"text": _shows("count_text:N")}, align="left", dx=6),
    )  # fmt: skip


def dumbbell(data: pd.DataFrame, heads: Heads, wording: Wording) -> Spec:
    """Before and after, one row each: grey and coloured dot, the change in words."""
    data = data.assign(
        colour=_levels(data).replace(drawing.GREEN, drawing.ACCENT),
        right=data[["before", "after"]].max(axis=1),
        said=data["change_text"] if "change_text" in data else data["after_text"],
    )
    legend = wording.text("chart.dots", before=heads["before"], after=heads["after"])
    y = {"y": _shows("label:N", sort=None, title=None, axis=_named(data["label"]))}
    scale = {"zero": False, "nice": True, "padding": 24}
    axis = {"format": ",.0f", "tickCount": 7, "labelFlush": False}
    x = _shows("before:Q", scale=scale, title=legend, axis=axis)
    before, after = _shows("before:Q"), _shows("after:Q")
    said = {"x": _shows("right:Q"), "text": _shows("said:N"), "color": _colour()}
    return _picture(
        data, _left_for(data["label"], [""], _WIDTH), _ROW * len(data),
        _mark("rule", y | {"x": x, "x2": {"field": "after"}}, strokeWidth=3, color="#d9dee4"),
        _mark("circle", y | {"x": before}, size=90, opacity=1, color=drawing.BEFORE),
        _mark("circle", y | {"x": after, "color": _colour()}, size=90, opacity=1),
        _mark("text", y | said, align="left", dx=10, **_BOLD),
    )  # fmt: skip


def bridge(data: pd.DataFrame, heads: Heads, wording: Wording) -> Spec:
    """From one total to another: what was taken away or added on the way."""
    total = data["role"].eq("total")
    change = data["amount"].where(~total, 0.0)
    # a change starts where the sum of the totals' base and the changes so far ends
    start = (
        data["amount"].where(total).ffill().fillna(0.0) + change.groupby(total.cumsum()).cumsum()
    )
    data = data.assign(
        low=(start - change).where(~total, 0.0),
        high=start.where(~total, data["amount"]),
        colour=pd.Series(drawing.GREEN, data.index).mask(change < 0, drawing.RED),
    )
    data.loc[total, "colour"] = drawing.ACCENT
    if total.any():
        data.loc[total.idxmax(), "colour"] = drawing.BEFORE
    data["top"] = data[["low", "high"]].max(axis=1)
    width = max(80, 600 // max(len(data), 1)) if len(data) <= 7 else 80
    data["label"] = [_broken(label, min(width, 112) - 4) for label in data["label"]]
    lines = "split(datum.label, '\\n')"  # a label too long for its bar takes two lines
    axis = {"labelAngle": 0, "labelExpr": lines, "labelColor": drawing.INK}
    x = {"x": _shows("label:N", sort=None, title=None, axis=axis, scale={"padding": 0.35})}
    bars = {"y": _shows("low:Q", axis=None), "y2": {"field": "high"}, "color": _colour()}
    words = {"y": _shows("top:Q"), "text": _shows("amount_text:N")}
    return _picture(
        data, {"step": min(width, 112)}, 180,
        _mark("bar", x | bars),
        _mark("text", x | words, dy=-9, **_BOLD),
    )  # fmt: skip


def strips(data: pd.DataFrame, heads: Heads, wording: Wording) -> Spec:
    """Every score as a line on a strip, in rows of series within groups."""
    rows = data[["group", "series"]].drop_duplicates(ignore_index=True)
    rows = rows.assign(
        order=rows["group"].map({g: i for i, g in enumerate(rows["group"].unique())})
    )
    rows = rows.sort_values("order", kind="stable", ignore_index=True)
    rows["row"] = range(len(rows))
    rows["row"] = rows["row"] + rows["order"] * 0.5  # a little air between the groups
    first = rows.groupby("group", sort=False, as_index=False).agg(row=("row", "mean"))
    shades = {
        s: (drawing.BEFORE, drawing.ACCENT)[i % 2] for i, s in enumerate(rows["series"].unique())
    }
    data = data.merge(rows, on=["group", "series"]).assign(colour=lambda d: d["series"].map(shades))
    height = int((rows["row"].max() + 1) * 18)
    domain = [float(rows["row"].max()) + 0.5, -0.5]
    y = {"y": _shows("row:Q", axis=None, scale={"domain": domain})}
    series_width = max(drawing.text_width(s, 11) for s in rows["series"])
    x = _shows("score:Q", title=heads["score"], scale={"zero": False, "padding": 12},
               axis={"tickCount": 6})  # fmt: skip
    ticks = _mark("tick", y | {"x": x, "color": _colour()},
                  orient="vertical", thickness=2, size=14, opacity=0.75)  # fmt: skip
    beside = {"x": {"value": -8}, "text": _shows("series:N")}
    names = _mark("text", y | beside, align="right", fontSize=11, color=drawing.MUTED)
    beside = {"x": {"value": -20 - series_width}, "text": _shows("group:N")}
    groups = _mark("text", y | beside, align="right", **_BOLD)
    return _picture(
        data, 440, height,
        ticks, names | {"data": _values(rows)}, groups | {"data": _values(first)},
    )  # fmt: skip


def heat(data: pd.DataFrame, heads: Heads, wording: Wording) -> Spec:
    """A figure by row and column (lateness by step and month): the darker the worse."""
    most = max(float(data["value"].max() or 0), 1e-9)
    steps = len(drawing.HEAT)
    level = (data["value"] / most * steps).fillna(-1).clip(upper=steps - 1).astype(int)
    data = data.assign(
        colour=["#ffffff" if at < 0 else drawing.HEAT[at] for at in level],
        ink=[drawing.INK if at < 0 else drawing.HEAT_INK[at] for at in level],
    )
    step = min(64, 520 // max(data["column"].nunique(), 1))
    axis = {"orient": "top", "labelAngle": 0}
    at = {
        "x": _shows("column:N", sort=None, title=None, axis=axis),
        "y": _shows("row:N", sort=None, title=None, axis=_named(data["row"])),
    }
    words = {"text": _shows("value_text:N"), "color": _colour("ink")}
    return _picture(
        data, {"step": step}, {"step": 28},
        _mark("rect", at | {"color": _colour()}, stroke="white", strokeWidth=2),
        _mark("text", at | words),
    )  # fmt: skip


def bars(data: pd.DataFrame, heads: Heads, wording: Wording) -> Spec:
    """One bar per row from zero, with a mark at the standard where there is one."""
    data = data.assign(colour=_levels(data), said=data["value_text"], end=data["value"])
    marked = "standard" in data
    if marked:
        data["end"] = data[["value", "standard"]].max(axis=1)
        data["said"] = [
            wording.text("chart.of_standard", value=value, standard=standard)
            for value, standard in zip(data["value_text"], data["standard_text"], strict=True)
        ]
    data["end"] = data["end"].clip(lower=0)
    width = _left_for(data["label"], data["said"], _WIDTH - 60)
    y = {"y": _shows("label:N", sort=None, title=None, axis=_named(data["label"]))}
    value = _shows("value:Q", axis=None, scale={"zero": True})
    layers = [_mark("bar", y | {"x": value, "color": _colour()}, height=17)]
    if marked:
        standard = y | {"x": _shows("standard:Q")}
        layers.append(_mark("tick", standard, thickness=2.5, size=23, color=drawing.INK))
    words = {"x": _shows("end:Q"), "text": _shows("said:N")}
    layers.append(_mark("text", y | words, align="left", dx=7))
    return _picture(data, width, _ROW * len(data), *layers)


def gantt(data: pd.DataFrame, heads: Heads, wording: Wording) -> Spec:
    """What happens when: a bar from start to end, a diamond where both are one day."""
    moment = data["start"].eq(data["end"])
    one_year = data["start"].min().year == data["end"].max().year
    iso = data.assign(
        start=data["start"].dt.strftime("%Y-%m-%d"),
        # the last day counts: the bar ends where the next day begins
        end=(data["end"] + pd.Timedelta(days=1))
        .where(~moment, data["end"])
        .dt.strftime("%Y-%m-%d"),
        colour=_levels(data),
    )
    short = data["end"].max() - data["start"].min() < pd.Timedelta(days=_DAYS_SHOWN)
    form = wording.text("chart.month_axis") if one_year else "%Y-%m"
    form = wording.text("chart.day_axis") if short else form
    axis = {
        "format": form, "orient": "top", "labelAngle": 0, "labelOverlap": True,
        "tickCount": {"interval": "day", "step": 5} if short else "month",
    }  # fmt: skip
    first = data["start"].min().replace(day=1)  # so that the first month has its name
    scale = {"type": "utc", "domain": [first.strftime("%Y-%m-%d"), iso["end"].max()]}
    x = {"x": _shows("start:T", title=None, scale=scale, axis=axis)}
    rows = _named(iso["label"], labelPadding=12)
    at = {
        "y": _shows("label:N", sort=iso["label"].tolist(), title=None, axis=rows),
        "color": _colour(),
    }
    spans = _mark("bar", at | x | {"x2": {"field": "end"}}, height=14)
    points = _mark("point", at | x, shape="diamond", filled=True, size=110, opacity=1)
    layers = [_only(spans, iso, ~moment), _only(points, iso, moment)]
    if "note" in iso:
        beside = {
            "x": _shows("end:T"), "text": _shows("note:N"), "color": {"value": drawing.MUTED},
        }  # fmt: skip
        layers.append(
            _mark("text", at | beside, align="left", dx=8, fontSize=11, color=drawing.MUTED)
        )
    width = _left_for(iso["label"], iso.get("note", [""]), _WIDTH - 60)
    return _picture(iso, width, _ROW * len(iso), *layers)


def stacked(data: pd.DataFrame, heads: Heads, wording: Wording) -> Spec:
    """A plan by month in parts: bars from zero, the parts named beside the last bar."""
    parts = list(dict.fromkeys(data["part"]))
    shades = {p: drawing.SHADES[i % len(drawing.SHADES)] for i, p in enumerate(parts)}
    data = data.assign(colour=data["part"].map(shades), order=data["part"].map(parts.index))
    data = data.sort_values("order", kind="stable")
    data["high"] = data.groupby("month", sort=False)["value"].cumsum()
    data["low"] = data["high"] - data["value"]
    months = list(dict.fromkeys(data.sort_index()["month"]))
    step = min(60, 540 // max(len(months), 1))
    height = 200
    last = data[data["month"] == months[-1]].copy()
    last["middle"] = _apart(
        (last["low"] + last["high"]) / 2, 15 / height * float(data["high"].max())
    )
    x = {"x": _shows("month:N", sort=months, title=None, axis={"labelAngle": 0})}
    axis = {"format": ",.0f", "tickCount": 4}
    rows = {
        "y": _shows("low:Q", title=heads["value"], axis=axis),
        "y2": {"field": "high"},
        "color": _colour(),
    }
    names = _mark("text", x | {"y": _shows("middle:Q"), "text": _shows("part:N")},
                  align="left", dx=step / 2 + 4)  # fmt: skip
    return _picture(
        data, {"step": step}, height, _mark("bar", x | rows), names | {"data": _values(last)}
    )


def _apart(positions: pd.Series, gap: float) -> pd.Series:
    """Label positions, rising, moved up until they are ``gap`` apart."""
    least, moved = float("-inf"), []
    for position in positions:  # a handful of parts
        least = max(float(position), least + gap)
        moved.append(least)
    return pd.Series(moved, positions.index)


def _named(labels: Iterable[str], **more: Any) -> Spec:
    """The axis of the rows' names, with room for names of rare characters."""
    room = drawing.axis_room(labels)
    return {**more, "minExtent": room} if room else more


def _left_for(labels: Iterable[str], beside: Iterable[str], most: int) -> int:
    """Pixels left for bars between the rows' names and the words at the bars' ends."""
    taken = drawing.room(labels) + drawing.room(beside) + 30
    return round(min(most, max(_LEAST, _PAGE - taken)))


def _broken(label: str, width: float) -> str:
    """A label in as many lines as it needs, broken between words (anywhere in Chinese)."""
    lines = [""]
    for piece in re.findall(r"[^\W\u3400-\u9fff]+\S*\s*|\s*\S\s*", label):
        if lines[-1] and drawing.text_width((lines[-1] + piece).rstrip(), 12) > width:
            lines.append("")
        lines[-1] += piece
    return "\n".join(line.strip() for line in lines)


def _levels(data: pd.DataFrame) -> pd.Series:
    if "level" not in data:
        return pd.Series(drawing.ACCENT, data.index)
    return data["level"].map(drawing.LEVELS).fillna(drawing.ACCENT)


def _only(layer: Spec, data: pd.DataFrame, chosen: pd.Series) -> Spec:
    """A layer of the chosen rows, by their labels."""
    labels = data.loc[chosen, "label"].tolist()
    return {"transform": [{"filter": {"field": "label", "oneOf": labels}}], **layer}
