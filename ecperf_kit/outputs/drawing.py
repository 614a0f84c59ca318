"""Static SVG: the colours, the fonts, and what makes a picture safe to put into a page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

ACCENT, BEFORE = "#0f5c6e", "#9aa5b1"
RED, AMBER, GREEN = "#b3261e", "#b7791f", "#2f7d4f"
INK, MUTED, GRID = "#1f2933", "#66727f", "#eef1f4"
LEVELS = {"change": RED, "watch": AMBER, "fine": GREEN, "unknown": BEFORE}
#: Far below to far above: readable in black and white by the words beside the bars.
FIVE = (RED, "#dba19d", "#c9d0d7", "#9dc4ad", GREEN)
HEAT = ("#f3f5f7", "#ecd5b0", "#d6a24e", RED)
HEAT_INK = (INK, INK, INK, "#ffffff")  # readable on each of them
SHADES = (ACCENT, "#5b94a1", "#a9c8cf", "#c9d0d7", BEFORE, "#66727f")

FONT_FOLDER = Path(__file__).resolve().parent / "fonts"
FONT_FILE = FONT_FOLDER / "EcperfSansSC-Regular.otf"
#: The reader's fonts first.
FONTS = "Noto Sans SC, Noto Sans CJK SC, Microsoft YaHei, PingFang SC, Ecperf Sans SC, sans-serif"
#: What labels are measured with: the shipped font is small, so that a picture takes half the
#: time of one measured with a whole Chinese font, and it is the same on every computer.
_MEASURED = "Ecperf Sans SC, sans-serif"
_NARROW = 0.55
_pictures = count(1)  # ids must differ between the pictures of one page
_ID = re.compile(r'(\bid="|url\(#|href="#)([\w-]+)')
_NOISE = re.compile(
    r' aria-hidden="true"| pointer-events="none"| stroke-miterlimit="10"'
    r'| (?:aria-roledescription|role|class|aria-label)="[^"]*"'
    r'|<path(?: class="background")?(?: aria-hidden="true")? d=""[^>]*display="none"></path>'
    r'|<path[^>]* d=""[^>]*/>|<path[^>]* d="M0,0h0v0h0Z"[^>]*/>'
)


@cache
def _converter() -> Any:
    """vl-convert with the shipped font, without which labels are measured wrongly."""
    import vl_convert

    vl_convert.register_font_directory(str(FONT_FOLDER))
    return vl_convert


def to_svg(picture: dict[str, Any], caption: str, *, narrow: bool = False) -> str:
    """A Vega-Lite picture as static SVG with ``caption`` as its alternative text.

    In the report's type sizes and colours, without frame and legend. A ``narrow`` one
    is as high and its words as large, for half the page's width.
    """
    spec = {"config": _LOOK, **picture}
    if narrow:
        spec["width"] = _narrowed(spec["width"])
    return finished(_convert(spec), caption)


def convert(spec: dict[str, Any]) -> str:
    """A Vega-Lite specification as SVG, converted in this process."""
    return str(_converter().vegalite_to_svg(spec, vl_version=_VEGA_LITE))


def convert_by(function: Callable[[dict[str, Any]], str]) -> None:
    """Let ``function`` convert in place of :func:`convert`; it must give the same SVG."""
    global _convert
    _convert = function


_convert: Callable[[dict[str, Any]], str] = convert


def _narrowed(width: Any) -> Any:
    if isinstance(width, dict):  # so many pixels a step
        return {**width, "step": round(width["step"] * _NARROW)}
    return round(width * _NARROW)


def finished(svg: str, caption: str) -> str:
    """SVG with ids of its own, one font declaration and an alternative text in words."""
    from ecperf_kit.outputs.tables import escape

    svg = _NOISE.sub("", svg)
    svg = re.sub(r' font-family="[^"]*"', "", svg)
    mark = f"p{next(_pictures)}-"
    svg = _ID.sub(lambda m: f"{m[1]}{mark}{m[2]}", svg)
    head = f'<svg role="img" aria-label="{escape(caption)}" font-family="{FONTS}"'
    return svg.replace("<svg", head, 1)


_VEGA_LITE = "6.1"  # the version the pictures are written in
_LOOK: dict[str, Any] = {
    "font": _MEASURED,
    "background": "transparent",
    "aria": False,
    "padding": 4,
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelColor": INK,
        "titleColor": MUTED,
        "gridColor": GRID,
        "domain": False,
        "ticks": False,
        "labelPadding": 6,
        "titlePadding": 8,
        "labelLimit": 0,
    },
    "text": {"fontSize": 12, "color": INK},
    "header": {"labelFontSize": 12, "title": None},
}


def text_width(text: str, size: float) -> float:
    """The printed width of a text in pixels, near enough to draw a box around it.

    Characters the shipped font lacks come from the reader's fonts: full width.
    """
    unknown = rare(text)
    wide = sum(1.0 if ord(c) > 0x2E7F or c in unknown else 0.58 for c in text)
    return wide * size


def room(labels: Iterable[str], size: float = 12) -> float:
    """Pixels the longest of some labels needs."""
    return max((text_width(label, size) for label in labels), default=0.0)


def axis_room(labels: Iterable[str]) -> float:
    """Pixels to keep free beside an axis for labels the converter cannot measure, else 0.

    Names of persons hold characters that are in no common font; the reader's
    computer shows them, but here they would be measured as nothing.
    """
    named = list(labels)
    return room(named) if any(map(rare, named)) else 0.0


@cache
def covered() -> frozenset[int]:
    """The characters the shipped font can draw."""
    listed = FONT_FOLDER.joinpath("characters.txt").read_text("utf-8")
    return frozenset(ord(c) for c in listed if c not in "\r\n")


def rare(text: str) -> str:
    """The characters of ``text`` the shipped font cannot draw, each once."""
    return "".join(sorted({c for c in text if ord(c) not in covered() and not c.isspace()}))
