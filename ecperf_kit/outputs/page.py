"""The report page: an executed notebook as one self-contained HTML file without code.

Markdown cells in the reader's language and the pieces :mod:`ecperf_kit.outputs.show`
made, every one cleaned by an allow-list; a content security policy forbids the rest.
No script, no font, no picture comes from outside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecperf_kit.outputs import clean
from ecperf_kit.outputs.tables import escape
from ecperf_kit.outputs.wording import Wording
from ecperf_kit.stages.result import RESTRICTED

if TYPE_CHECKING:
    from nbformat import NotebookNode

LANGUAGES = {"zh": "zh-CN", "en": "en"}
_RESTRICTED_TAG = "restricted"
_HEADING = re.compile(r"<h2>(.*?)</h2>", re.DOTALL)
_TAGS = re.compile(r"<[^>]+>")
#: What of an output is shown, best first. No scripts, no widgets, no Mermaid.
_MIMES = ("text/html", "image/svg+xml", "image/png", "text/markdown", "text/plain")


@dataclass(frozen=True, slots=True)
class Page:
    """What the template is filled with; ``body`` and ``style`` are clean already."""

    language: str
    title: str
    style: str
    body: str
    foot: str


def render(
    notebook: NotebookNode | Path,
    *,
    title: str,
    language: str,
    public: bool,
    scheme_hash: str,
    generated: str,
) -> str:
    """The page of an executed notebook.

    ``public`` leaves out what holds pay or scores of single people. ``scheme_hash``
    and ``generated`` (a date) stand in the foot of screen and paper.
    """
    node = _read(notebook) if isinstance(notebook, Path) else notebook
    wording = _wording(language)
    body, left_out = _body(node, language, public)
    if left_out:
        note = wording.text("common.public_left_out", count=left_out)
        body += f'\n<div class="ecperf"><p class="note">{escape(note)}</p></div>'
    body, entries = contents(body)
    if len(entries) > 1:
        body = _with_contents(body, entries, wording.text("common.contents"))
    scheme = wording.text("common.scheme", hash=scheme_hash)
    made = wording.text("common.generated", date=generated)
    page = Page(
        language=LANGUAGES[language],
        title=title,
        style=_style(f"{title} · {scheme}", made),
        body=body,
        foot=f"{title} · {scheme} · {made}",
    )
    return str(_template().render(page=page))


def _read(path: Path) -> Any:
    import nbformat

    return nbformat.read(path, as_version=4)


def write_page(path: Path, html: str) -> None:
    """Write a page in UTF-8 with the same line ends on every system."""
    path.write_bytes(html.encode("utf-8"))


@cache
def _wording(language: str) -> Wording:
    from ecperf_kit.library import load_library

    return Wording(load_library(), language)


@cache
def _template() -> Any:
    """The page's template, compiled once. Every value it is given is escaped by name."""
    from jinja2 import Environment, StrictUndefined

    text = resources.files(__package__).joinpath("page.html.j2").read_text("utf-8")
    environment = Environment(undefined=StrictUndefined, autoescape=False)
    environment.filters["escape_html"] = escape
    return environment.from_string(text)


def _style(foot: str, made: str) -> str:
    """The style sheets, with the running foot of the printed page."""
    package = resources.files(__package__)
    sheets = "".join(package.joinpath(n).read_text("utf-8") for n in ("page.css", "report.css"))
    small = 'font: 8pt "Noto Sans SC", "Microsoft YaHei", "PingFang SC", sans-serif; color: #66727f'
    margins = (
        f'@bottom-left {{ content: "{_css_text(foot)}"; {small} }} '
        f'@bottom-right {{ content: "{_css_text(made)}  ·  " counter(page) " / " counter(pages); '
        f"{small} }}"
    )
    return (
        f"@page {{ size: A4; margin: 14mm 16mm 16mm; {margins} }}\n"
        f"@page landscape {{ size: A4 landscape; }}\n{sheets}"
    )


def _css_text(text: str) -> str:
    """Text inside a CSS string: quotes, angle brackets and line ends lose their meaning."""
    return re.sub(r'["\\<>\x00-\x1f]', lambda m: f"\\{ord(m[0]):x} ", text)


def _body(node: Any, language: str, public: bool) -> tuple[str, int]:
    """The clean HTML of all cells, and how many restricted pieces were left out."""
    parts: list[str] = []
    left_out = 0
    for cell in node.cells:
        tags = set(cell.metadata.get("tags", ()))
        if tags & set(LANGUAGES) and language not in tags:
            continue
        if public and _RESTRICTED_TAG in tags:
            left_out += 1
            continue
        if cell.cell_type == "markdown":
            parts.append(f'<div class="ecperf">{clean.markdown(cell.source)}</div>')
        elif cell.cell_type == "code":
            for audience, html in _outputs(cell.outputs, language):
                if public and audience in RESTRICTED:
                    left_out += 1
                elif parts[-1:] != [html]:  # a picture and its table, both with nothing in them
                    parts.append(html)
    return "\n".join(part for part in parts if part), left_out


def _outputs(outputs: Any, language: str) -> Iterator[tuple[str, str]]:
    """Audience and clean HTML of each output of a cell."""
    for output in outputs:
        if output.output_type == "error":
            fault = f"{output.ename}: {output.evalue}"
            said = _wording(language).text("common.error_in_notebook", fault=fault)
            yield "everybody", f'<p class="failed">{escape(said)}</p>'
        elif output.output_type in {"display_data", "execute_result"}:
            noted = output.metadata.get("ecperf", {}).get("audience", "everybody")
            html = _shown(output.data)
            if html:
                yield noted, html
        elif output.output_type == "stream" and output.name == "stdout":
            yield "everybody", f"<pre>{escape(output.text)}</pre>"


def _shown(data: Any) -> str:
    mime = next((m for m in _MIMES if m in data), None)
    if mime is None:
        return ""
    content = "".join(data[mime])
    if mime == "text/html":
        kept = _clean(content)
        return kept if 'class="ecperf"' in kept else f'<div class="ecperf">{kept}</div>'
    if mime == "image/svg+xml":
        return f"<figure>{clean.svg(content)}</figure>"
    if mime == "image/png":
        kept = re.sub(r"[^A-Za-z0-9+/=]", "", content)
        return f'<figure><img alt="" src="data:image/png;base64,{kept}"></figure>'
    if mime == "text/markdown":
        return f'<div class="ecperf">{clean.markdown(content)}</div>'
    return f"<pre>{escape(content)}</pre>"


@lru_cache(maxsize=64)
def _clean(content: str) -> str:
    """Most pieces stand on both pages of a report, which are made one after the other."""
    return clean.html(content)


def contents(body: str) -> tuple[str, list[tuple[str, str]]]:
    """The body with an ASCII id on each h2, and (id, words) of each in order."""
    entries: list[tuple[str, str]] = []

    def name(match: re.Match[str]) -> str:
        entries.append((f"s{len(entries) + 1}", _TAGS.sub("", match[1])))
        return f'<h2 id="{entries[-1][0]}">{match[1]}</h2>'

    return _HEADING.sub(name, body), entries


def _with_contents(body: str, entries: list[tuple[str, str]], word: str) -> str:
    """The contents go below the title, or to the top where there is none."""
    items = "".join(f'<li><a href="#{at}">{said}</a></li>' for at, said in entries)
    nav = f"<nav><b>{escape(word)}</b><ol>{items}</ol></nav>"
    head, found, rest = body.partition("</header></div>")
    return f"{head}{found}\n{nav}{rest}" if found else f"{nav}\n{body}"
