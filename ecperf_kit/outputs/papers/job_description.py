"""The job description of a post: purpose, duties, what each is assessed by, authority limits.

Assessment method 2.2 and HR-finance article 2.2: duties, authority limits and
performance links, agreed by both sides and signed.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from ecperf_kit.library.sheets import ENTERPRISE_HEAD
from ecperf_kit.outputs.papers.document import Paper
from ecperf_kit.outputs.papers.facts import Facts
from ecperf_kit.outputs.papers.look import FORM
from ecperf_kit.outputs.papers.scheme_rows import (
    of_card,
    rows_of_post,
    standard_said,
    weight_said,
)
from ecperf_kit.rules.duties import duties_of_posts


def job_description(facts: Facts, post: str) -> Paper:
    """The paper of one post, to be signed by whoever holds it and by the superior."""
    text, words = facts.text, facts.words
    own = facts.client.library.posts.loc[post]
    rows = rows_of_post(facts, post)
    held = facts.team[facts.team["post"] == post]
    name = words.name("post", post)
    paper = facts.paper(text("job.file", post=name), FORM)
    paper.title(text("job.title"), facts.firm)
    departments = [words.name("department", d) for d in held["department"].dropna().unique()]
    paper.facts(
        [
            (text("job.post"), name),
            (text("job.category"), words.label(own["category"])),
            (text("job.department"), facts.listed(departments)),
            (text("job.superior_post"), superior_post(facts, post)),
            (text("job.persons"), text("persons", count=held["employee"].nunique())),
            (text("job.cycle"), words.label(own["cycle"])),
            (text("version"), text("version_from", day=facts.version)),
            (text("scheme"), facts.hash),
        ]
    )
    paper.heading(text("job.purpose"))
    steps = str(own[f"steps_{facts.language}"]).split(";")
    core = rows[rows["role"] == "core"]["indicator"]
    results = [words.name("indicator", name) for name in core]
    flow = (" — " if facts.language == "en" else "—").join(steps)
    if results:
        paper.paragraph(text("job.purpose_said", steps=flow, results=facts.listed(results)))
    else:
        facts.missing[("scorecard", f"post:{post}")] = None
        paper.paragraph(text("job.purpose_open", steps=flow))
    paper.heading(text("job.duties"))
    paper.table(
        [text("number"), text("job.duty"), text("job.assessed_by"), text("job.standard"),
         text("weight")],
        _duties(facts, post, rows),
        (0.07, 0.40, 0.23, 0.18, 0.12), centred=(0, 4),
    )  # fmt: skip
    paper.note(text("job.duties_note", month=facts.month))
    paper.heading(text("job.limits"))
    limits = _library(facts, post, "authority")
    numbered = [(str(at), limit) for at, limit in enumerate(limits["text"], start=1)]
    paper.table([text("number"), text("job.limit")], numbered, (0.07, 0.93), centred=(0,))
    paper.note(text("job.limits_note"))
    paper.heading(text("job.signed"))
    paper.paragraph(text("job.gains"))
    paper.signatures([
        _signature(facts, "holder", held["employee"]),
        _signature(facts, "superior", held["superior"]),
    ])  # fmt: skip
    return paper


def superior_post(facts: Facts, post: str) -> str:
    """The post above, by the people who hold this one, else as the library has it."""
    held = facts.team[facts.team["post"] == post]
    above = facts.team[facts.team["employee"].isin(set(held["superior"].dropna()))]["post"]
    posts = list(dict.fromkeys(above))
    if len(posts) == 1 and posts[0] != post:
        return facts.words.name("post", posts[0])
    named = str(facts.client.library.posts.at[post, "reports_to"])
    if named == ENTERPRISE_HEAD:
        return facts.words.label(named)
    return facts.words.name("post", named)


def _library(facts: Facts, post: str, kind: str) -> pd.DataFrame:
    table = facts.client.library.duties
    table = table[(table["post"] == post) & (table["kind"] == kind)]
    return table.assign(text=table[f"text_{facts.language}"])


def _duties(facts: Facts, post: str, rows: pd.DataFrame) -> list[list[object]]:
    """Each duty with the indicators that assess it; the client's own duties behind."""
    linked: dict[str, list[dict[Any, Any]]] = {}
    for row in rows.to_dict("records"):
        linked.setdefault(of_card(facts, row, "duty"), []).append(row)
    known = duties_of_posts(facts.client)  # the client's own, or else the library's
    known = known[known["post"] == post]
    texts = dict(zip(known["duty"], known[f"text_{facts.language}"], strict=True))
    for duty in linked:
        if duty not in texts:  # in the client's own words, or none at all
            foreign = facts.client.library.duties.set_index("duty")[f"text_{facts.language}"]
            subject = f"post:{post}"
            texts[duty] = foreign.get(duty) or facts.given("duty", duty, subject)
    found: list[list[object]] = []
    for at, (duty, said) in enumerate(texts.items(), start=1):
        own = linked.get(duty, [])
        if not own:
            found.append([str(at), said, facts.text("job.not_scored"), "–", "–"])
        for place, row in enumerate(own):
            found.append([
                *((str(at), said) if place == 0 else (None, None)),
                facts.words.name("indicator", row["indicator"]),
                standard_said(facts, row, f"post:{post}"),
                weight_said(row),
            ])  # fmt: skip
    return found


def _signature(facts: Facts, who: str, employees: pd.Series) -> list[str]:
    """One signature field; the name is printed where it can only be one."""
    names = list(dict.fromkeys(employees.dropna()))
    name = facts.name(names[0]) if len(names) == 1 else facts.blank
    if not names and who == "superior":  # nobody above on the staff list
        name = facts.blank
    return [
        facts.text(f"job.{who}", name=name),
        facts.text("signature_line"),
        facts.text("date_line"),
    ]
