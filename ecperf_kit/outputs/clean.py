"""Only known, harmless HTML and SVG gets into a page; everything else is dropped."""

from __future__ import annotations

import re
import secrets
import xml.etree.ElementTree as ET
from functools import cache
from typing import Any

_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_SVG_SPACE = "http://www.w3.org/2000/svg"
_TAGS = (
    "a abbr b blockquote br caption code col colgroup dd div dl dt em figcaption figure h1 h2 h3 "
    "h4 header hr i img li ol p pre s small span strong sub sup table tbody td tfoot th thead tr "
    "ul"
)
_ATTRIBUTES = {
    "*": {"class", "lang", "title"},
    "a": {"href"},
    "img": {"alt", "src", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
}
_SVG_TAGS = (
    "svg g path rect line circle ellipse polygon polyline text tspan title desc defs clipPath "
    "linearGradient radialGradient stop"
)
_SVG_ATTRIBUTES = (
    "id class role aria-label version width height viewBox x y x1 y1 x2 y2 cx cy r rx ry dx dy d "
    "points transform fill fill-opacity stroke stroke-width stroke-opacity stroke-dasharray "
    "stroke-linecap stroke-linejoin opacity clip-path clip-rule fill-rule text-anchor "
    "dominant-baseline font-size font-family font-weight font-style font-variant offset "
    "stop-color stop-opacity gradientUnits gradientTransform preserveAspectRatio"
)
_SVG_ALLOWED = frozenset(_SVG_TAGS.split())
_SVG_ALLOWED_ATTRIBUTES = frozenset(_SVG_ATTRIBUTES.split())
_LOCAL = re.compile(r"url\(\s*#[\w-]+\s*\)")


def html(text: str) -> str:
    """HTML by the allow-list, the pictures in it cleaned on their own."""
    import nh3

    pictures: list[str] = []
    mark = secrets.token_hex(8)  # nobody can have typed it

    def aside(match: re.Match[str]) -> str:
        pictures.append(svg(match[0]))
        return f"{mark}-{len(pictures) - 1}-"

    rest = _SVG.sub(aside, text)
    kept = nh3.clean(
        rest,
        tags=set(_TAGS.split()),
        clean_content_tags={"script", "style"},
        attributes=_ATTRIBUTES,
        attribute_filter=_allowed,
        url_schemes={"data", "mailto"},
        link_rel=None,
        generic_attribute_prefixes=None,
    )
    return re.sub(rf"{mark}-(\d+)-", lambda m: pictures[int(m[1])], kept)


def _allowed(tag: str, attribute: str, value: str) -> str | None:
    """Links only within the page, pictures only from within the file."""
    if attribute == "href":
        return value if value.startswith("#") else None
    if attribute == "src":
        return value if re.match(r"data:image/(png|jpeg|gif);base64,", value) else None
    return value


def svg(text: str) -> str:
    """SVG by the allow-list: no scripts, styles, links, foreign objects or events."""
    try:
        root = ET.fromstring(text)
    except ET.ParseError:
        return ""
    if _local(root.tag) != "svg":
        return ""
    _prune(root)
    ET.register_namespace("", _SVG_SPACE)
    return ET.tostring(root, encoding="unicode", short_empty_elements=True)


def _local(name: Any) -> str:
    """A tag's own name; nothing for comments and other namespaces."""
    if not isinstance(name, str):
        return ""
    space, _, local = name.rpartition("}")
    return local if space in ("", f"{{{_SVG_SPACE}") else ""


def _prune(element: ET.Element) -> None:
    for child in list(element):
        if _local(child.tag) in _SVG_ALLOWED:
            _prune(child)
        else:
            element.remove(child)
    for name in list(element.attrib):
        value = element.attrib[name]
        outside = "url(" in value.lower() and not _LOCAL.fullmatch(value.strip())
        if name not in _SVG_ALLOWED_ATTRIBUTES or outside:
            del element.attrib[name]


def markdown(text: str) -> str:
    """Markdown as HTML: raw HTML in it is text, bold works beside Chinese punctuation."""
    return html(str(_markdown().render(text)))


@cache
def _markdown() -> Any:
    from markdown_it import MarkdownIt
    from mdit_py_cjk_friendly import cjk_friendly

    return MarkdownIt("commonmark", {"html": False}).enable("table").use(cjk_friendly)
