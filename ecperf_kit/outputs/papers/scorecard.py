"""Scorecards to print: of a post, and of a person with room to fill in and sign.

Assessment method 3 and 3.7: the rows of the scheme, self-assessment, superior's review.
"""

from __future__ import annotations

import pandas as pd

from ecperf_kit.outputs.papers.document import Paper
from ecperf_kit.outputs.papers.facts import Facts
from ecperf_kit.outputs.papers.look import SHEET
from ecperf_kit.outputs.papers.over_gate import gate_of_card
from ecperf_kit.outputs.papers.scheme_rows import (
    how_scored,
    rows_of_person,
    rows_of_post,
    source_said,
    standard_said,
    weight_said,
    weight_total,
)
from ecperf_kit.rules.in_force import coefficient_bands, plans
from ecperf_kit.rules.payees import plan_of

#: Height of a row with fields to fill in, in millimetres.
_TALL = 7


def scorecard_of_post(facts: Facts, post: str) -> Paper:
    """The scorecard of a post as it is announced: nothing in it is about one person."""
    text, name = facts.text, facts.words.name("post", post)
    paper = facts.paper(text("card.file", post=name), SHEET)
    paper.title(text("card.title", post=name), _under(facts))
    rows = rows_of_post(facts, post)
    post_table(facts, paper, rows, f"post:{post}")
    paper.note(_notes(facts, rows, {f"post:{post}"}))
    return paper


def post_table(facts: Facts, paper: Paper, rows: pd.DataFrame, subject: str) -> None:
    """The rows of a post's scorecard with standard, scoring and source, and the total."""
    text = facts.text
    lines: list[list[object]] = [
        [
            str(at),
            facts.words.name("indicator", row["indicator"]),
            facts.words.label(row["role"]),
            weight_said(row),
            standard_said(facts, row, subject),
            how_scored(facts, row),
            source_said(facts, row),
        ]
        for at, row in enumerate(rows.to_dict("records"), start=1)
    ]
    lines.append(["", text("total"), "", weight_total(rows), "", "", ""])
    head = ("number", "indicator", "role", "weight", "standard", "how_head", "source")
    paper.table(
        [text(name) for name in head], lines, (0.05, 0.17, 0.10, 0.07, 0.14, 0.34, 0.13),
        centred=(0, 2, 3),
    )  # fmt: skip


def scorecard_of_person(facts: Facts, employee: str) -> Paper:
    """One person's scorecard for a month: own standards, fields for actuals, scores and names."""
    text, words = facts.text, facts.words
    subject = f"employee:{employee}"
    held = facts.team[facts.team["employee"] == employee]
    name = facts.name(employee)
    paper = facts.paper(text("card.person_file", name=name), SHEET)
    paper.title(text("card.person_title"), _under(facts))
    superior = held["superior"].dropna()
    paper.facts([
        (text("name"), text("card.person", name=name, number=employee)),
        (text("post"), facts.listed([words.name("post", p) for p in held["post"]])),
        (text("department"), facts.listed(
            [words.name("department", d) for d in held["department"].dropna().unique()])),
        (text("superior"), facts.name(superior.iloc[0]) if len(superior) else facts.blank),
        (text("card.month"), text("month_blank")),
        (text("scheme"), f"{facts.hash}{text('comma')}{text('version_from', day=facts.version)}"),
    ])  # fmt: skip
    rows = rows_of_person(facts, employee)
    lines: list[list[object]] = [
        [
            words.name("indicator", row["indicator"]),
            weight_said(row),
            standard_said(facts, row, subject),
            how_scored(facts, row),
            source_said(facts, row),
            "", "", "", "",
        ]
        for row in rows.to_dict("records")
    ]  # fmt: skip
    lines.append([text("total"), _whole(facts, rows), "", "", "", "", "", "", ""])
    head = ("indicator", "weight", "standard", "how_head", "source", "actual", "self_score",
            "superior_score", "evidence")  # fmt: skip
    paper.table(
        [text(name) for name in head], lines,
        (0.14, 0.06, 0.10, 0.30, 0.10, 0.07, 0.06, 0.07, 0.10), centred=(1,), height=_TALL,
    )  # fmt: skip
    paper.note(text("card.standard_note", month=facts.month))
    paper.note(_notes(facts, rows, set(plan_of(held, plans(facts.client)))))
    paper.facts(
        [(text("card.coefficient"), ""), (text("card.performance_pay"), ""),
         (text("card.self_said"), ["", ""]), (text("card.superior_said"), ["", ""])],
    )  # fmt: skip
    line = [text("signature_line"), text("date_line")]
    paper.signatures([
        [text("card.sign_self", name=name), *line], [text("card.sign_superior"), *line],
        [text("card.sign_audit"), *line],
    ], columns=3)  # fmt: skip
    return paper


def _under(facts: Facts) -> str:
    return facts.text("card.under", client=facts.firm, day=facts.version, hash=facts.hash)


def _whole(facts: Facts, rows: pd.DataFrame) -> str:
    """The sum of the weights; somebody with several posts has 100 for each of them."""
    each = list(dict.fromkeys(weight_total(part) for _, part in rows.groupby("post")))
    return each[0] if len(each) == 1 else facts.listed(each)


def _notes(facts: Facts, rows: pd.DataFrame, subjects: set[str]) -> str:
    """How totals become pay by these plans: the bands of each table in one line, the gate."""
    said = [facts.text("card.total_note")]
    bands, table = coefficient_bands(facts.client), plans(facts.client)
    if not set(table["subject"]) & subjects:
        holders = set(plan_of(facts.team, table)[facts.team["post"].isin(rows["post"])])
        if any(plan.startswith("employee:") for plan in holders):
            said.append(facts.text("card.own_plans"))
    tables = table.loc[table["subject"].isin(subjects), "coefficient_table"]
    for name in tables.dropna().drop_duplicates():
        part = bands[bands["coefficient_table"] == name].sort_values("at_least")
        if len(part):
            steps = band_words(facts, part)
            said.append(
                facts.text("card.bands", table=name, bands=facts.text("how.joined").join(steps))
            )
    gate = gate_of_card(facts, rows, subjects)
    if gate:
        said.append(gate)
    return ("" if facts.language == "zh" else " ").join(said)


def band_words(facts: Facts, part: pd.DataFrame) -> list[str]:
    """The bands of one coefficient table in words, highest first."""
    part = part.sort_values("at_least", ascending=False)
    pairs = [
        (int(low), int(value))
        for low, value in zip(part["at_least"], part["coefficient"], strict=True)
    ]
    if (part["form"] == "linear").fillna(False).any():
        return [facts.text("coefficient.point", low=low, value=value) for low, value in pairs]
    highs = [None, *(low for low, _ in pairs[:-1])]
    return [_band(facts, low, high, value) for (low, value), high in zip(pairs, highs, strict=True)]


def _band(facts: Facts, low: int, high: int | None, value: int) -> str:
    if high is None:
        return facts.text("coefficient.top", low=low, value=value)
    if low <= 0:
        return facts.text("coefficient.bottom", high=high, value=value)
    return facts.text("coefficient.band", low=low, high=high, value=value)
