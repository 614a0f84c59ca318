"""The organisation as a tree, drawn from left to right."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ecperf_kit.outputs import drawing
from ecperf_kit.outputs.tables import escape
from ecperf_kit.outputs.wording import Wording

_HIGH, _GAP, _BETWEEN, _SIZE = 24, 8, 34, 12


def tree(data: pd.DataFrame, heads: Mapping[str, str], wording: Wording) -> str:
    """Boxes joined from superior to post: parts ``id``, ``parent``, ``label`` and maybe ``note``.

    Whoever has no superior in the table stands at the left; a circle of superiors
    is cut where it is first met, so that everybody is drawn once.
    """
    notes = data["note"] if "note" in data else pd.Series("", data.index)
    words = dict(zip(data["id"], zip(data["label"], notes, strict=True), strict=True))
    children: dict[str, list[str]] = {}
    roots: list[str] = []
    for node, parent in zip(data["id"], data["parent"], strict=True):
        known = parent in words and parent != node
        (children.setdefault(parent, []) if known else roots).append(node)
    placed: dict[str, tuple[int, float]] = {}
    lines: list[tuple[str, str]] = []
    row = 0.0

    def place(node: str, depth: int) -> float:
        nonlocal row
        placed[node] = (depth, 0.0)
        heights = []
        for child in children.get(node, []):
            if child not in placed:
                lines.append((node, child))
                heights.append(place(child, depth + 1))
        if heights:
            middle = (heights[0] + heights[-1]) / 2
        else:
            middle, row = row, row + 1
        placed[node] = (depth, middle)
        return middle

    for node in (*roots, *words):  # members of a circle come last
        if node not in placed:
            place(node, 0)

    depths = max((depth for depth, _ in placed.values()), default=0) + 1
    broad = [
        max(_box(*words[n]) for n, (d, _) in placed.items() if d == depth)
        for depth in range(depths)
    ]
    left = [sum(broad[:d]) + d * _BETWEEN for d in range(depths)]
    step = _HIGH + _GAP
    parts = []
    for node, child in lines:
        (d1, y1), (d2, y2) = placed[node], placed[child]
        x1, x2 = left[d1] + _box(*words[node]), left[d2]
        bend = left[d2] - _BETWEEN / 2
        a, b = y1 * step + _HIGH / 2, y2 * step + _HIGH / 2
        parts.append(f'<path d="M{x1:.0f},{a:.1f}H{bend:.0f}V{b:.1f}H{x2:.0f}" fill="none" '
                     f'stroke="{drawing.BEFORE}"/>')  # fmt: skip
    for node, (depth, middle) in placed.items():
        parts.append(_node(words[node], left[depth], middle * step, depth == 0))
    width, height = left[-1] + broad[-1] + 2, row * step
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="-1 -1 {width:.0f} {height + 1:.0f}">{"".join(parts)}</svg>'
    )


def _box(label: str, note: str) -> float:
    width = drawing.text_width(label, _SIZE) + 18
    return width + (drawing.text_width(note, _SIZE - 1) + 8 if note else 0)


def _node(said: tuple[str, str], x: float, y: float, top: bool) -> str:
    label, note = said
    fill, ink = (drawing.ACCENT, "#ffffff") if top else ("#ffffff", drawing.INK)
    aside = ""
    if note:
        at = x + 9 + drawing.text_width(label, _SIZE) + 8
        colour = "#cfe3e8" if top else drawing.MUTED
        aside = (f'<text x="{at:.0f}" y="{y + 16.5:.1f}" font-size="{_SIZE - 1}" '
                 f'fill="{colour}">{escape(note)}</text>')  # fmt: skip
    return (
        f'<rect x="{x:.0f}" y="{y:.1f}" width="{_box(label, note):.0f}" height="{_HIGH}" rx="3" '
        f'fill="{fill}" stroke="{drawing.ACCENT if top else "#c9d0d7"}"/>'
        f'<text x="{x + 9:.0f}" y="{y + 16.5:.1f}" font-size="{_SIZE}" fill="{ink}">'
        f"{escape(label)}</text>{aside}"
    )
