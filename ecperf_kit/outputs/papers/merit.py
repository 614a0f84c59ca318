"""Promotion criteria to hang out, who may apply, and the rating form for a share of the profit.

Assessment method 2.3 and 2.4: what somebody achieved comes first; criteria are quantified,
public and the same for all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecperf_kit.outputs import formats
from ecperf_kit.outputs.papers.document import Paper
from ecperf_kit.outputs.papers.facts import Facts
from ecperf_kit.outputs.papers.look import FORM
from ecperf_kit.rules.in_force import words
from ecperf_kit.rules.merit import may_apply, sharers

_PURPOSES = ("motivation", "fairness", "stability", "focus")
_DIRECTIONS = ("down", "up", "across", "outside")
_VALUES = ("enterprising", "optimistic", "tough", "stress_resistant", "loyal")
#: Height of a row to fill in, in millimetres.
_TALL = 8


def promotion_criteria(facts: Facts) -> Paper:
    """What promotion is for, its gates with their figures, the dates, how to apply."""
    text = facts.text
    paper = facts.paper(text("merit.file", client=facts.firm), FORM)
    paper.title(text("merit.title"), text("merit.under", day=facts.version, hash=facts.hash))
    paper.heading(text("merit.section.purpose"))
    for name in _PURPOSES:
        paper.paragraph(text(f"merit.purpose.{name}"))
    paper.heading(text("merit.section.gates"))
    figures = {
        "months": facts.count("promotion.tenure_months"),
        "scored": facts.count("promotion.score_months"),
        "mean": facts.number("promotion.average_score"),
        "lowest": facts.number("promotion.lowest_score"),
    }
    gates = words(facts.client, "promotion.gates")
    rows = [
        [str(at), facts.words.label(name), text(f"merit.gate.{name}", **figures)]
        for at, name in enumerate(gates, start=1)
    ]
    head = [text("number"), text("merit.gate_head"), text("merit.wanted")]
    paper.table(head, rows, (0.08, 0.24, 0.68), centred=(0,))
    paper.paragraph(text("merit.mandatory", gate=facts.words.label("business_output")))
    paper.heading(text("merit.section.applying"))
    dates = facts.count("promotion.dates_per_year")
    paper.paragraph(text("merit.dates", dates=dates))
    window = [[str(at), "", "", "", ""] for at in range(1, dates + 1)]
    head = [text("number"), *(text(f"merit.{k}") for k in ("opens", "closes", "posts", "result"))]
    paper.table(head, window, (0.08, 0.2, 0.2, 0.26, 0.26), centred=(0,), height=_TALL)
    paper.paragraph(text("merit.open"))
    published = facts.client.config.elements.promotion_criteria_published
    paper.paragraph(text("merit.published", day=facts.day("promotion_published", published)))
    return paper


def promotion_list(facts: Facts) -> Paper:
    """Whom the data let apply, which gate the others have not reached, and of whom too little
    is known; restricted."""
    text = facts.text
    paper = facts.paper(text("merit.list_file", client=facts.firm), FORM)
    paper.title(text("merit.list_title"), text("merit.under", day=facts.version, hash=facts.hash))
    table = may_apply(facts.client)
    closed, unknown = table["reasons"].map(len) > 0, table["unknown"].map(len) > 0
    counts = {
        "count": int((~closed & ~unknown).sum()),
        "closed": int(closed.sum()),
        "unknown": int((unknown & ~closed).sum()),
        "people": len(table),
    }
    paper.paragraph(text("merit.list_open", **counts))
    order = (closed + 2 * (unknown & ~closed)).sort_values(kind="stable").index
    rows: list[list[object]] = [
        [facts.name(row["employee"]), facts.words.name("post", row["post"]), _count(row["tenure"]),
         _count(row["scored"]), _points(row["mean"]), _points(row["lowest"]), _gate(facts, row)]
        for row in table.loc[order].to_dict("records")
    ]  # fmt: skip
    head = ("name", "post", "merit.tenure", "merit.scored", "merit.mean", "merit.lowest",
            "merit.state")  # fmt: skip
    paper.table(
        [text(name) for name in head], rows, (0.14, 0.2, 0.12, 0.12, 0.1, 0.1, 0.22),
        centred=(2, 3, 4, 5),
    )  # fmt: skip
    paper.note(text("merit.list_note"))
    return paper


def _gate(facts: Facts, row: Mapping[Any, Any]) -> str:
    found = [
        facts.text(f"merit.{said}", gates=facts.listed([facts.words.label(n) for n in row[name]]))
        for said, name in (("not_reached", "reasons"), ("not_known", "unknown"))
        if row[name]
    ]
    return "\n".join(found) or facts.text("merit.may_apply")


def _count(value: Any) -> str:
    return "–" if formats.missing(value) else str(int(value))


def _points(value: Any) -> str:
    return "–" if formats.missing(value) else formats.fixed(int(value), 2)


def dividend_form(facts: Facts, employee: str) -> Paper:
    """The rating form of one person on a dividend plan: service and scores as computed,
    communication in four directions and five values to be rated, the decision; restricted."""
    text = facts.text
    table = sharers(facts.client)
    row = table[table["employee"] == employee].iloc[0]
    name = facts.name(employee)
    paper = facts.paper(text("merit.form_file", name=name), FORM)
    paper.title(text("merit.form_title"), text("merit.under", day=facts.version, hash=facts.hash))
    paper.facts([
        (text("name"), text("card.person", name=name, number=employee)),
        (text("post"), facts.words.name("post", row["post"])),
        (text("merit.kind"), facts.words.label(row["dividend_kind"])),
    ])  # fmt: skip
    paper.paragraph(text(f"merit.kinds.{row['dividend_kind']}"))
    computed = {
        "service": text("merit.form_service", months=_count(row["service"]),
                        wanted=facts.count("dividend.service_months")),
        "scores": text("merit.form_scores", mean=_points(row["mean"]), scored=_count(row["scored"]),
                       wanted=_points(facts.number("dividend.average_score"))),
    }  # fmt: skip
    paper.heading(text("merit.section.computed"))
    for said in computed.values():
        paper.paragraph(said)
    why = [facts.words.label(reason) for reason in row["reasons"]]
    paper.paragraph(
        text("merit.form_lacks", reasons=facts.listed(why)) if why else text("merit.form_speaks")
    )
    for part, items in (("communication", _DIRECTIONS), ("values", _VALUES)):
        paper.heading(text(f"merit.section.{part}"))
        head = [text("merit.item"), text("merit.rating"), text("evidence")]
        rows: list[list[object]] = [[text(f"merit.{part}.{item}"), "", ""] for item in items]
        paper.table(head, rows, (0.4, 0.15, 0.45), height=_TALL)
    paper.paragraph(text("merit.form_note"))
    paper.facts([(text("merit.decision"), ["", ""])], columns=1)
    line = [text("signature_line"), text("date_line")]
    paper.signatures([[text("merit.rated_by"), *line], [text("merit.decided_by"), *line]])
    return paper
