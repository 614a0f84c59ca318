"""Who has signed and who has not: job descriptions by post, consents by person."""

from __future__ import annotations

from ecperf_kit.outputs import formats
from ecperf_kit.outputs.papers.document import Paper
from ecperf_kit.outputs.papers.facts import Facts
from ecperf_kit.outputs.papers.look import FORM
from ecperf_kit.rules.papers import unsigned


def sign_list(facts: Facts) -> Paper:
    """The gate before the rollout as a list to work through; names persons, so restricted."""
    text, words = facts.text, facts.words
    paper = facts.paper(text("signing.file", client=facts.firm), FORM)
    table = unsigned(facts.client, facts.month)
    open_ = table[table["signed_on"].isna()]
    small = text("signing.under", day=facts.version, hash=facts.hash)
    paper.title(text("signing.title"), small)
    for kind in ("job_description", "consent"):
        part = table[table["paper"] == kind]
        lacking = int((open_["paper"] == kind).sum())
        paper.heading(text(f"signing.section.{kind}"))
        key = "signing.open" if lacking else "signing.complete"
        paper.paragraph(text(key, count=len(part), open=lacking))
        rows: list[list[object]] = []
        part = part.sort_values(["signed_on", "subject_id"], na_position="first", kind="stable")
        for at, row in enumerate(part.to_dict("records"), start=1):
            name = "post" if kind == "job_description" else "employee"
            signed = formats.missing(row["signed_on"])
            rows.append([
                str(at),
                words.name(name, row["subject_id"]),
                "" if name == "post" else words.name("post", row["post"]),
                text("signing.unsigned") if signed
                else formats.long_date(row["signed_on"], facts.language),
                "",
            ])  # fmt: skip
        head = [text("number"), text("post" if kind == "job_description" else "name"),
                text("post") if kind == "consent" else text("signing.remark"),
                text("signing.signed_on"), text("signing.signature")]  # fmt: skip
        if kind == "job_description":  # no second name beside a post
            rows = [[*row[:2], row[3], row[4]] for row in rows]
            paper.table([*head[:2], *head[3:]], rows, (0.08, 0.37, 0.3, 0.25), centred=(0, 2))
        else:
            paper.table(head, rows, (0.08, 0.22, 0.25, 0.22, 0.23), centred=(0, 3))
    return paper
