"""The kinds of pictures, in Altair: each answers one question and labels itself.

Every function takes a frame whose columns are the picture's parts: words as
text, values as floats in the shown unit, and for each value ``<part>_text``, the
exact text a table would show. ``heads`` gives the heading of a part.
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


def bins(data: pd.DataFrame, heads: Heads, wording: Wording) -> Any:
    """How many people fall into each bin (losers first): one bar per bin."""
    import altair as alt

    five = len(data) == len(drawing.FIVE)
    data = data.assign(colour=list(drawing.FIVE) if five else drawing.ACCENT)
    base = alt.Chart(data, width=270, height=_ROW * len(data)).encode(
        y=alt.Y("label:N", sort=None, title=None, axis=_named(data["label"])),
        x=alt.X("count:Q", axis=None),
    )
    bars = base.mark_bar(height=20).encode(color=alt.Color("colour:N", scale=None))
    return bars + base.mark_text(align="left", dx=6).encode(text="count_text:N")


def dumbbell(data: pd.DataFrame, heads: Heads, wording: Wording) -> Any:
    """Before and after, one row each: grey and coloured dot, the change in words."""
    import altair as alt

    data = data.assign(
        colour=_levels(data).replace(drawing.GREEN, drawing.ACCENT),
        right=data[["before", "after"]].max(axis=1),
        said=data["change_text"] if "change_text" in data else data["after_text"],
    )
    legend = wording.text("chart.dots", before=heads["before"], after=heads["after"])
    y = alt.Y("label:N", sort=None, title=None, axis=_named(data["label"]))
    scale = alt.Scale(zero=False, nice=True, padding=24)
    width = _left_for(data["label"], [""], _WIDTH)
    base = alt.Chart(data, width=width, height=_ROW * len(data)).encode(y=y)
    axis = alt.Axis(format=",.0f", tickCount=7, labelFlush=False)
    line = base.mark_rule(strokeWidth=3, color="#d9dee4").encode(
        x=alt.X("before:Q", scale=scale, title=legend, axis=axis), x2="after:Q"
    )
    before = base.mark_circle(size=90, opacity=1, color=drawing.BEFORE).encode(x="before:Q")
    after = base.mark_circle(size=90, opacity=1).encode(
        x="after:Q", color=alt.Color("colour:N", scale=None)
    )
    words = base.mark_text(align="left", dx=10, fontWeight="bold").encode(
        x="right:Q", text="said:N", color=alt.Color("colour:N", scale=None)
    )
    return line + before + after + words


def bridge(data: pd.DataFrame, heads: Heads, wording: Wording) -> Any:
    """From one total to another: what was taken away or added on the way."""
    import altair as alt

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
    axis = alt.Axis(labelAngle=0, labelExpr=lines, labelColor=drawing.INK)
    base = alt.Chart(data, width=alt.Step(min(width, 112)), height=180).encode(
        x=alt.X("label:N", sort=None, title=None, axis=axis, scale=alt.Scale(padding=0.35))
    )
    bars = base.mark_bar().encode(
        y=alt.Y("low:Q", axis=None), y2="high:Q", color=alt.Color("colour:N", scale=None)
    )
    return bars + base.mark_text(dy=-9, fontWeight="bold").encode(y="top:Q", text="amount_text:N")


def strips(data: pd.DataFrame, heads: Heads, wording: Wording) -> Any:
    """Every score as a line on a strip, in rows of series within groups."""
    import altair as alt

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
    y = alt.Y("row:Q", axis=None, scale=alt.Scale(domain=[rows["row"].max() + 0.5, -0.5]))
    series_width = max(drawing.text_width(s, 11) for s in rows["series"])
    x = alt.X("score:Q", title=heads["score"], scale=alt.Scale(zero=False, padding=12),
              axis=alt.Axis(tickCount=6))  # fmt: skip
    ticks = (
        alt.Chart(data, width=440, height=height)
        .mark_tick(orient="vertical", thickness=2, size=14, opacity=0.75)
        .encode(x=x, y=y, color=alt.Color("colour:N", scale=None))
    )
    names = (
        alt.Chart(rows).mark_text(align="right", fontSize=11, color=drawing.MUTED)
        .encode(y=y, x=alt.value(-8), text="series:N")
    )  # fmt: skip
    groups = (
        alt.Chart(first).mark_text(align="right", fontWeight="bold")
        .encode(y=y, x=alt.value(-20 - series_width), text="group:N")
    )  # fmt: skip
    return ticks + names + groups


def heat(data: pd.DataFrame, heads: Heads, wording: Wording) -> Any:
    """A figure by row and column (lateness by step and month): the darker the worse."""
    import altair as alt

    most = max(float(data["value"].max() or 0), 1e-9)
    steps = len(drawing.HEAT)
    level = (data["value"] / most * steps).fillna(-1).clip(upper=steps - 1).astype(int)
    data = data.assign(
        colour=["#ffffff" if at < 0 else drawing.HEAT[at] for at in level],
        ink=[drawing.INK if at < 0 else drawing.HEAT_INK[at] for at in level],
    )
    x = alt.X("column:N", sort=None, title=None, axis=alt.Axis(orient="top", labelAngle=0))
    base = alt.Chart(
        data, width=alt.Step(min(64, 520 // max(data["column"].nunique(), 1))),
        height=alt.Step(28),
    ).encode(x=x, y=alt.Y("row:N", sort=None, title=None, axis=_named(data["row"])))  # fmt: skip
    cells = base.mark_rect(stroke="white", strokeWidth=2).encode(
        color=alt.Color("colour:N", scale=None)
    )
    words = base.mark_text().encode(text="value_text:N", color=alt.Color("ink:N", scale=None))
    return cells + words


def bars(data: pd.DataFrame, heads: Heads, wording: Wording) -> Any:
    """One bar per row from zero, with a mark at the standard where there is one."""
    import altair as alt

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
    base = alt.Chart(data, width=width, height=_ROW * len(data)).encode(
        y=alt.Y("label:N", sort=None, title=None, axis=_named(data["label"]))
    )
    layers = [
        base.mark_bar(height=17).encode(
            x=alt.X("value:Q", axis=None, scale=alt.Scale(zero=True)),
            color=alt.Color("colour:N", scale=None),
        )
    ]
    if marked:
        tick = base.mark_tick(thickness=2.5, size=23, color=drawing.INK)
        layers.append(tick.encode(x="standard:Q"))
    layers.append(base.mark_text(align="left", dx=7).encode(x="end:Q", text="said:N"))
    return alt.layer(*layers)


def gantt(data: pd.DataFrame, heads: Heads, wording: Wording) -> Any:
    """What happens when: a bar from start to end, a diamond where both are one day."""
    import altair as alt

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
    axis = alt.Axis(
        format=form, orient="top", tickCount=alt.TimeIntervalStep(interval="day", step=5)
        if short else "month", labelAngle=0, labelOverlap=True,
    )  # fmt: skip
    first = data["start"].min().replace(day=1)  # so that the first month has its name
    scale = alt.Scale(type="utc", domain=[first.strftime("%Y-%m-%d"), iso["end"].max()])
    x = alt.X("start:T", title=None, scale=scale, axis=axis)
    width = _left_for(iso["label"], iso.get("note", [""]), _WIDTH - 60)
    base = alt.Chart(iso, width=width, height=_ROW * len(iso)).encode(
        y=alt.Y(
            "label:N",
            sort=iso["label"].tolist(),
            title=None,
            axis=_named(iso["label"], labelPadding=12),
        ),
        color=alt.Color("colour:N", scale=None),
    )
    spans = base.transform_filter(_rows(iso, ~moment)).mark_bar(height=14).encode(x=x, x2="end:T")
    points = base.transform_filter(_rows(iso, moment)).mark_point(
        shape="diamond", filled=True, size=110, opacity=1
    ).encode(x=x)  # fmt: skip
    layers = [spans, points]
    if "note" in iso:
        layers.append(
            base.mark_text(align="left", dx=8, fontSize=11, color=drawing.MUTED).encode(
                x="end:T", text="note:N", color=alt.value(drawing.MUTED)
            )
        )
    return alt.layer(*layers)


def stacked(data: pd.DataFrame, heads: Heads, wording: Wording) -> Any:
    """A plan by month in parts: bars from zero, the parts named beside the last bar."""
    import altair as alt

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
    base = alt.Chart(data, width=alt.Step(step), height=height)
    x = alt.X("month:N", sort=months, title=None, axis=alt.Axis(labelAngle=0))
    rows = base.mark_bar().encode(
        x=x,
        y=alt.Y("low:Q", title=heads["value"], axis=alt.Axis(format=",.0f", tickCount=4)),
        y2="high:Q",
        color=alt.Color("colour:N", scale=None),
    )
    names = alt.Chart(last).mark_text(align="left", dx=step / 2 + 4).encode(
        x=x, y="middle:Q", text="part:N"
    )  # fmt: skip
    return rows + names


def _apart(positions: pd.Series, gap: float) -> pd.Series:
    """Label positions, rising, moved up until they are ``gap`` apart."""
    least, moved = float("-inf"), []
    for position in positions:  # a handful of parts
        least = max(float(position), least + gap)
        moved.append(least)
    return pd.Series(moved, positions.index)


def _named(labels: Iterable[str], **more: Any) -> Any:
    """The axis of the rows' names, with room for names of rare characters."""
    import altair as alt

    room = drawing.axis_room(labels)
    if room:
        more["minExtent"] = room
    return alt.Axis(**more)


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


def _rows(data: pd.DataFrame, chosen: pd.Series) -> Any:
    import altair as alt

    return alt.FieldOneOfPredicate(field="label", oneOf=data.loc[chosen, "label"].tolist())
