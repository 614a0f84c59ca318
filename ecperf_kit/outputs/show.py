"""What a notebook calls to show something: each returns HTML with its audience noted.

The report page drops what its readers may not see by that note
(output metadata ``{"ecperf": {"audience": ...}}``).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from ecperf_kit.outputs import formats, listing, tables
from ecperf_kit.outputs import provenance as origin_of
from ecperf_kit.outputs.nothing import not_given, why_empty
from ecperf_kit.outputs.tables import escape
from ecperf_kit.outputs.wording import Wording
from ecperf_kit.outputs.write import RESTRICTED_FOLDER
from ecperf_kit.stages.result import Audience, Column, Figure, StageResult, StageTable

if TYPE_CHECKING:
    from ecperf_kit.client import Client


class Shown:
    """A piece of a report: HTML in a notebook, with the audience in the output's metadata."""

    def __init__(self, html: str, audience: Audience = "everybody", text: str = "") -> None:
        self.html, self.audience, self.text = html, audience, text

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, str], dict[str, Any]]:
        body = f'<div class="ecperf">{self.html}</div>'
        return {"text/html": body, "text/plain": self.text}, {"ecperf": {"audience": self.audience}}

    def __repr__(self) -> str:
        return self.text or f"<{type(self).__name__} for {self.audience}>"


class ShownParts:
    """Several pieces for different readers, each an output of its own."""

    def __init__(self, parts: Sequence[Shown]) -> None:
        self.parts = tuple(parts)

    def _ipython_display_(self) -> None:
        from IPython.display import display

        for part in self.parts:
            display(part)


_LONG_FIGURE = 12  # characters: longer ones are set smaller and may break
#: From the widest circle of readers to the narrowest.
_NARROWER: tuple[Audience, ...] = ("everybody", "committee", "owner", "superior", "person")


@cache
def style() -> str:
    """The style of all pieces, scoped under ``.ecperf``."""
    return resources.files(__package__).joinpath("report.css").read_text("utf-8")


def wording_of(client: Client) -> Wording:
    """The words for this client in the language it was opened with."""
    return Wording(client.library, client.language, client)


def title(client: Client, report: StageResult) -> Shown:
    """The conclusion as the title, with client, stage, period and the scheme's hash."""
    client = client.seen_by(report.stage)
    wording = wording_of(client)
    said = wording.say(report.title)
    about = [wording.client_name, wording.text(f"stage.{report.stage}")]
    about.append(formats.long_period(_period(client, report), wording.language))
    if client.config.invented:
        about.append(wording.text("common.invented"))
    hashed = wording.text("common.scheme", hash=origin_of.scheme_hash(client))
    body = (
        f"<header><div><h1>{escape(said)}</h1>"
        f'<p class="sub">{escape(" · ".join(about))}</p></div>'
        f'<p class="sub right">{escape(hashed)}</p></header>'
    )
    return Shown(f"<style>{style()}</style>{body}", "everybody", said)


def _period(client: Client, report: StageResult) -> Any:
    if client.period is not None:
        return client.period
    from ecperf_kit.stages import default_period

    return default_period(report.stage, client)


def summary(client: Client, report: StageResult) -> Shown:
    """Page one: the advice and its reasons, key figures, verdicts, what must change."""
    wording = wording_of(client.seen_by(report.stage))
    parts = [_advice(report, wording), _figures(report.figures, wording)]
    if report.verdicts:
        parts.append(f"<h2>{escape(wording.text('common.verdicts'))}</h2>")
        parts.append(_verdicts(report, wording))
    if report.actions:
        parts.append(f"<h2>{escape(wording.text('common.actions'))}</h2>")
        parts.append(tables.render(_actions(report, wording), css="actions"))
    return Shown("".join(parts), "owner", wording.say(report.advice))


def _advice(report: StageResult, wording: Wording) -> str:
    levels = {str(verdict.level) for verdict in report.verdicts}
    if "conditions" in report.tables:  # an unmet condition is no good news, whatever the verdicts
        levels |= set(report.tables["conditions"].frame["level"])
    mood = "fine" if levels == {"fine"} else "watch" if levels else "unknown"
    reasons = "".join(f"<li>{escape(wording.say(r))}</li>" for r in report.reasons)
    head = wording.text("common.recommendation") + wording.text("common.separator")
    return (
        f'<div class="advice {mood}"><p class="said">{escape(head)}'
        f"{escape(wording.say(report.advice))}</p>"
        + (f"<ol>{reasons}</ol>" if reasons else "")
        + "</div>"
    )


def _figures(figures: Iterable[Figure], wording: Wording) -> str:
    cards = []
    for figure in figures:
        value = wording.cell(figure.value, figure.type, figure.unit)
        missing = value == formats.MISSING
        unit = "" if missing else wording.counted_unit(value, figure.type, figure.unit)
        before = wording.language == "en" and unit == "CNY"
        number = f"<b>{escape(value)}</b>"
        small = f"<i>{escape(unit)}</i>" if unit else ""
        shown = f"{small} {number}" if before else f"{number} {small}"
        label = escape(wording.text(figure.label, **figure.values))
        long = " long" if formats.width(value) > _LONG_FIGURE else ""
        cards.append(f'<div class="figure{long}">{shown.strip()}<span>{label}</span></div>')
    return f'<div class="figures">{"".join(cards)}</div>' if cards else ""


def _verdicts(report: StageResult, wording: Wording) -> str:
    names = {key: wording.text(f"common.{key}") for key in ("found", "money", "sure")}
    cards = []
    for verdict in report.verdicts:
        said = {"found": wording.say(verdict.found)}
        if verdict.money:  # no line where no money is at stake
            said["money"] = wording.say(verdict.money)
        said["sure"] = wording.say(verdict.sure)
        lines = "".join(f"<dt>{escape(names[k])}</dt><dd>{escape(v)}</dd>" for k, v in said.items())
        word = tables.tag(wording.text(f"level.{verdict.level}"), verdict.level)
        cards.append(
            f'<div class="card {verdict.level}"><h3>{escape(wording.text(verdict.question))}'
            f" {word}</h3><dl>{lines}</dl></div>"
        )
    return f'<div class="cards">{"".join(cards)}</div>'


def _actions(report: StageResult, wording: Wording) -> tables.Printed:
    names = ("what", "how", "effect", "owner", "due")
    heads = tuple(tables.Head(wording.text(f"common.{n}"), short=n == "due") for n in names)
    rows = tuple(
        (
            wording.say(action.what),
            wording.say(action.how),
            wording.say(action.effect) if action.effect else formats.MISSING,
            wording.say(action.owner),
            action.due,
        )
        for action in report.actions
    )
    return tables.Printed(heads, rows)


def data_findings(
    client: Client, report: StageResult | None = None, rows: int = tables.ROWS
) -> Shown | ShownParts:
    """What is wrong with the data: how many of each weight, then the worst ones.

    With ``report`` only what concerns the tables its stage reads, and files that could
    not be read at all; ``ecperf check`` lists everything.
    """
    client = client if report is None else client.seen_by(report.stage)
    return _listed(client, client.findings, "findings.data_none", rows)


def findings(
    client: Client, report: StageResult, rows: int = 2 * tables.ROWS
) -> Shown | ShownParts:
    """What the stage found wrong, worst first; single employees' cases for their readers only."""
    return _listed(client.seen_by(report.stage), report.findings, "findings.none", rows)


def _listed(client: Client, found: Iterable[Any], none: str, rows: int) -> Shown | ShownParts:
    wording = wording_of(client)
    ordered = listing.ordered(found, wording)
    if not ordered:
        said = wording.text(none)
        return Shown(f"<p>{escape(said)}</p>", "everybody", said)
    said = listing.counts(ordered, wording)
    body = f"<p>{escape(said)}</p>" + _limited(
        listing.page_list(ordered, wording, open_=True), rows, wording
    )
    public = Shown(body, "everybody", said)
    cases = [f for f in ordered if listing.about_person(f)]
    if not cases:
        return public
    note = f'<p class="note">{escape(wording.text("common.restricted_note"))}</p>'
    closed = note + _limited(listing.page_list(cases, wording, open_=False), rows, wording)
    return ShownParts([public, Shown(closed, "person", said)])


def _limited(printed: tables.Printed, rows: int, wording: Wording) -> str:
    shown = tables.Printed(printed.heads, printed.rows[:rows])
    body = tables.render(shown, css="findings")
    if len(printed.rows) > rows:
        body += _note(wording.text("common.more_rows", rows=len(printed.rows), shown=rows))
    return body


def _note(text: str) -> str:
    return f'<p class="note">{escape(text)}</p>'


def table(
    client: Client,
    report: StageResult,
    name: str,
    rows: int = tables.ROWS,
    columns: Sequence[str] | None = None,
    note: str = "",
) -> Shown:
    """The first rows of a named table of the stage, with its title and how many there are.

    ``columns`` picks some of the declared ones; ``note`` is the text key of a
    sentence below. The audience is the table's.
    """
    wording = wording_of(client.seen_by(report.stage))
    found = report.tables[name]
    audience = found.declaration.audience
    head = f"<h3>{escape(_title(found, wording))}</h3>"
    if found.frame.empty:
        return _nothing(client, report, name, _title(found, wording))
    printed, blank = tables.without_missing_columns(tables.printed(found, wording, rows, columns))
    notes = []
    if len(found.frame) > rows:
        notes.append(wording.text("common.more_rows", rows=len(found.frame), shown=rows))
    if tables.has_missing(printed):
        notes.append(wording.text("common.missing_note"))
    if blank:
        notes.append(wording.text("common.empty_columns", names=blank))
    if note:
        notes.append(wording.text(note))
    if found.restricted:
        notes.append(wording.text("common.restricted_note"))
    space = "" if wording.language == "zh" else " "
    below = _note(space.join(notes)) if notes else ""
    return Shown(head + tables.render(printed) + below, audience, _title(found, wording))


def _nothing(client: Client, report: StageResult, name: str, head: str) -> Shown:
    """Why a table or picture has nothing in it; a picture and its table say it alike."""
    said = why_empty(client, report, name, wording_of(client.seen_by(report.stage)))
    audience = report.tables[name].declaration.audience
    return Shown(f"<h3>{escape(head)}</h3>{_note(said)}", audience, head)


def _title(found: StageTable, wording: Wording) -> str:
    return tables.title(found, wording)


def chart(
    client: Client,
    report: StageResult,
    kind: str,
    table: str,
    caption: str = "",
    source: str = "",
    where: str = "",
    narrow: bool = False,
    **roles: str,
) -> Shown:
    """A picture of a named table: one question, its caption, its source.

    ``kind`` is one of :data:`ecperf_kit.outputs.charts.KINDS`; ``roles`` say which
    column plays which part (``label="post", before="pay_before"``) and default to
    the part's own name. ``caption`` and ``source`` are text keys, by default the
    table's title and the table itself; ``where`` is a pandas query that picks rows;
    ``narrow`` pictures fit beside another.
    """
    from ecperf_kit.outputs import charts

    wording = wording_of(client.seen_by(report.stage))
    found = report.tables[table]
    frame = found.frame.query(where) if where else found.frame
    said = wording.text(caption) if caption else _title(found, wording)
    origin = wording.text("common.source_table", table=_title(found, wording), rows=len(frame))
    origin = wording.text(source) if source else origin
    audience = found.declaration.audience
    drawn = charts.draw(kind, frame, found.declaration.columns, roles, wording, said, narrow=narrow)
    if not drawn.svg:
        return _nothing(client, report, table, said)
    lacking = wording.text("common.not_drawn", rows=drawn.left_out) if drawn.left_out else ""
    return Shown(figure(drawn.svg, said, origin, wording, lacking), audience, said)


def figure(svg: str, caption: str, source: str, wording: Wording, lacking: str = "") -> str:
    """A picture with what it answers, where it comes from and what it could not show."""
    origin = wording.text("common.source", source=source) if source else ""
    below = "".join(f'<span class="source">{escape(t)}</span>' for t in (origin, lacking) if t)
    return f"<figure>{svg}<figcaption>{escape(caption)}{below}</figcaption></figure>"


def beside(left: Shown, right: Shown) -> Shown:
    """Two pieces side by side (one below the other on a phone), for the narrower audience."""
    audience = max(left.audience, right.audience, key=_NARROWER.index)
    body = f'<div class="two"><div>{left.html}</div><div>{right.html}</div></div>'
    return Shown(body, audience, " · ".join(t for t in (left.text, right.text) if t))


def client_table(client: Client, name: str, rows: int = tables.ROWS) -> Shown:
    """The first rows of a table as the client gave it, under its declared headings."""
    from ecperf_kit.intake.declare import tables as declared_tables

    wording = wording_of(client)
    declared = [Column(c.name, c.type, c.unit, c.zh, c.en) for c in declared_tables()[name].columns]
    frame: pd.DataFrame = client.table(name)
    personal = any(column.name == "employee" for column in declared)
    audience: Audience = "person" if personal else "everybody"
    if frame.empty:
        return Shown(_note(not_given(name, wording)), audience)
    printed = tables.printed_frame(frame.head(rows), declared, wording)
    more = ""
    if len(frame) > rows:
        more = _note(wording.text("common.more_rows", rows=len(frame), shown=rows))
    return Shown(tables.render(printed) + more, audience)


def files(paths: Iterable[Path], client: Client) -> Shown:
    """The files written, named within their folder; restricted ones only by their number."""
    wording = wording_of(client)
    written = [Path(p) for p in paths]
    base = Path(os.path.commonpath([p.parent for p in written])) if written else Path()
    found = [p for p in written if RESTRICTED_FOLDER not in p.relative_to(base).parts]
    heads = (
        tables.Head(wording.text("files.file")),
        tables.Head(wording.text("files.size"), numeric=True),
    )
    rows = tuple(
        (p.relative_to(base).as_posix(), formats.count(-(-p.stat().st_size // 1024))) for p in found
    )
    body = tables.render(tables.Printed(heads, rows), css="small")
    if len(written) > len(found):
        body += _note(wording.text("files.restricted", count=len(written) - len(found)))
    return Shown(body, "everybody")


def provenance(client: Client, report: StageResult) -> Shown:
    """What the paper was computed from: scheme, versions, basis, overrides, input files.

    Scheme and files as far as the stage reads them.
    """
    client = client.seen_by(report.stage)
    wording = wording_of(client)
    say = wording.text
    versions = origin_of.versions(client)
    basis = [say("common.gross_note"), *origin_of.assumptions(client, wording)]
    facts = [
        (say("provenance.scheme"), origin_of.scheme_hash(client)),
        (
            say("provenance.period"),
            formats.long_period(_period(client, report), wording.language),
        ),
        (say("provenance.library"), versions["library"]),
        (say("provenance.package"), f"ecperf_kit {versions['package']}"),
        (say("provenance.assumptions"), ("" if wording.language == "zh" else " ").join(basis)),
    ]
    listed = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in facts)
    parts = [f'<dl class="facts">{listed}</dl>']
    changed = origin_of.changed(client, wording)
    if changed:
        names = ("parameter", "library_value", "client_value", "reason", "approved_by")
        heads = tuple(tables.Head(say(f"provenance.{n}")) for n in names)
        lines = tuple((c.name, c.library, c.client, c.reason, c.approved_by) for c in changed)
        parts.append(f"<h3>{escape(say('provenance.overrides'))}</h3>")
        parts.append(tables.render(tables.Printed(heads, lines), css="small"))
    else:
        parts.append(_note(say("provenance.no_overrides")))
    if client.inputs:
        items = "".join(
            f"<li>{escape(name)} <span>{escape(digest[:12])}</span></li>"
            for name, digest in client.inputs.items()
        )
        parts.append(f"<h3>{escape(say('provenance.inputs'))}</h3>")
        parts.append(_note(say("provenance.fingerprint")) + f'<ul class="prints">{items}</ul>')
    return Shown("".join(parts), "everybody", facts[0][1])
