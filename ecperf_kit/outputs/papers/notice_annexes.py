"""The annexes of the notice: coefficient tables, scorecards, record of the consultation."""

from __future__ import annotations

import pandas as pd

from ecperf_kit.outputs import formats
from ecperf_kit.outputs.papers.document import Paper
from ecperf_kit.outputs.papers.facts import Facts
from ecperf_kit.outputs.papers.scheme_rows import (
    how_scored,
    rows_of_post,
    standard_said,
    weight_said,
    weight_total,
)
from ecperf_kit.rules.in_force import coefficient_bands, plans, words
from ecperf_kit.rules.organisation import SYNC_MEASURES

#: The meetings that make up the consultation of the staff.
MEETINGS = ("pre_meeting", "all_staff_meeting")


def annexes(facts: Facts, paper: Paper) -> None:
    """Each annex on a page of its own."""
    _open(facts, paper, 1, "coefficients")
    _coefficients(facts, paper)
    _open(facts, paper, 2, "cards")
    _cards(facts, paper)
    _open(facts, paper, 3, "record")
    _record(facts, paper)


def _open(facts: Facts, paper: Paper, number: int, name: str) -> None:
    paper.page_break()
    paper.paragraph(facts.text("notice.annex_number", number=number), use="head", indent=False,
                    align="left", bold=facts.language == "en")  # fmt: skip
    paper.paragraph(facts.text(f"notice.annex.{name}"), use="title", size=18, bold=True,
                    align="centre", indent=False, line=30, after=8)  # fmt: skip


def _coefficients(facts: Facts, paper: Paper) -> None:
    """Every coefficient table in force with the posts it holds for."""
    text = facts.text
    bands, table = coefficient_bands(facts.client), plans(facts.client)
    if bands.empty:
        paper.paragraph(facts.given("coefficient_table", None))
    for name, part in bands.groupby("coefficient_table", sort=True):
        posts = table.loc[(table["coefficient_table"] == name), "post"].dropna().unique()
        named = [facts.words.name("post", post) for post in posts]
        holds = text("notice.table_for", table=name, posts=facts.listed(named))
        paper.paragraph(holds, size=12, line=22, keep=True)
        paper.table([text("score"), text("card.coefficient")], _band_rows(facts, part), (0.6, 0.4),
                    centred=(0, 1))  # fmt: skip
    paper.note(text("notice.table_note"))


def _band_rows(facts: Facts, part: pd.DataFrame) -> list[list[object]]:
    """Score band and coefficient, highest first; points of a line where it is linear."""
    part = part.sort_values("at_least", ascending=False)
    linear = bool((part["form"] == "linear").fillna(False).any())
    rows: list[list[object]] = []
    above: int | None = None
    for row in part.to_dict("records"):
        low = int(row["at_least"])
        if linear:
            said = facts.text("coefficient.at", low=low)
        elif above is None:
            said = facts.text("coefficient.from", low=low)
        elif low <= 0:
            said = facts.text("coefficient.below", high=above)
        else:
            said = facts.text("coefficient.between", low=low, high=above)
        rows.append([said, formats.plain(int(row["coefficient"]), 1)])
        above = low
    return rows


def _cards(facts: Facts, paper: Paper) -> None:
    """The scorecard of every post with people, short enough to be hung out."""
    text = facts.text
    for post in facts.posts:
        rows = rows_of_post(facts, post)
        name = facts.words.name("post", post)
        if rows.empty:
            facts.missing[("scorecard", f"post:{post}")] = None
            continue
        paper.paragraph(name, use="head", size=12, line=22, before=6, indent=False, keep=True,
                        bold=facts.language == "en")  # fmt: skip
        lines: list[list[object]] = [
            [
                facts.words.name("indicator", row["indicator"]),
                facts.words.label(row["role"]),
                weight_said(row),
                standard_said(facts, row, f"post:{post}"),
                how_scored(facts, row),
            ]
            for row in rows.to_dict("records")
        ]
        lines.append([text("total"), "", weight_total(rows), "", ""])
        head = [text(k) for k in ("indicator", "role", "weight", "standard", "how_head")]
        paper.table(head, lines, (0.20, 0.13, 0.11, 0.18, 0.38), centred=(1, 2))
    paper.note(text("notice.cards_note", month=facts.month))


def _record(facts: Facts, paper: Paper) -> None:
    """Who was heard, when, what came of it; fields for what is not on record."""
    text, held = facts.text, facts.client.table("sync_records")
    procedure = [facts.words.label(name) for name in words(facts.client, "law.procedure")]
    paper.paragraph(text("notice.record_opening", steps=facts.listed(procedure)), size=12, line=22)
    rows: list[list[object]] = []
    for measure in MEETINGS:
        records = held[held["measure"] == measure].sort_values("held_on")
        if records.empty:
            facts.missing[(f"meeting.{measure}", "")] = None
            rows.append([facts.words.label(measure), text("date_blank"), "", ""])
        for row in records.to_dict("records"):
            rows.append([
                facts.words.label(measure),
                formats.long_date(row["held_on"], facts.language),
                _attended(facts, row["attended"], measure),
                facts.given(f"outcome.{measure}", row["outcome"]),
            ])  # fmt: skip
    head = [text(f"notice.record.{k}") for k in ("meeting", "date", "attended", "outcome")]
    paper.table(head, rows, (0.2, 0.22, 0.13, 0.45), centred=(2,))
    others = [m for m in SYNC_MEASURES if m not in MEETINGS and (held["measure"] == m).any()]
    if others:
        done = facts.listed([facts.words.label(name) for name in others])
        paper.paragraph(text("notice.record_also", names=done), size=12, line=22)
    for fact in ("consulted_with", "consulted_on", "published_from", "published_to"):
        facts.missing[(fact, "")] = None
    date = text("date_blank")
    paper.facts([
        (text("notice.record.consulted_with"), facts.blank),
        (text("notice.record.consulted_on"), date),
        (text("notice.record.opinions"), ["", "", ""]),
        (text("notice.record.published"), text("span_blank", first=date, last=date)),
    ], columns=1)  # fmt: skip
    line = [text("signature_line"), text("date_line")]
    paper.signatures([
        [text("notice.record.representatives"), *line], [text("notice.record.recorder"), *line],
    ])  # fmt: skip


def _attended(facts: Facts, value: object, measure: str) -> str:
    if formats.missing(value):
        return facts.given(f"attended.{measure}", None)
    return facts.text("persons", count=int(str(value)))
