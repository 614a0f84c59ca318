"""The implementation rules: who does what, when, and how it is counted (assessment method 4.2)."""

from __future__ import annotations

import pandas as pd

from ecperf_kit.outputs import formats
from ecperf_kit.outputs.papers.document import Paper
from ecperf_kit.outputs.papers.facts import Facts
from ecperf_kit.outputs.papers.look import RULES
from ecperf_kit.outputs.papers.notice import numeral
from ecperf_kit.outputs.papers.over_gate import gated_posts
from ecperf_kit.outputs.papers.scheme_rows import share_said
from ecperf_kit.period import months_between, shift
from ecperf_kit.rules.in_force import words
from ecperf_kit.rules.organisation import committee_roles, pilot_months
from ecperf_kit.stages.calendar import monthly_deadlines

#: How many months of dates a page takes.
_MONTHS = 12
_STEPS = (
    "data", "self_assessment", "superior_review", "hr_audit", "finance_check", "publication",
    "appeal", "pay",
)  # fmt: skip


def implementation_rules(facts: Facts) -> Paper:
    """Roles, monthly calendar with dates, scoring, review, appeal, pay and changes."""
    text = facts.text
    paper = facts.paper(text("rules.file", client=facts.firm), RULES)
    small = text("rules.under", day=facts.version, hash=facts.hash)
    paper.title(text("rules.title", client=facts.firm), small)
    sections = {
        "general": _general, "roles": _roles, "calendar": _calendar, "scoring": _scoring,
        "review": _review, "appeal": _appeal, "pay": _pay, "days": _days, "low": _low,
        "changes": _changes, "records": _records,
    }  # fmt: skip
    for at, (name, write) in enumerate(sections.items(), start=1):
        title = text(f"rules.section.{name}")
        paper.heading(f"{numeral(at)}、{title}" if facts.language == "zh" else f"{at}. {title}")
        write(facts, paper)
    line = [text("signature_line"), text("date_line")]
    paper.signatures([
        [text("rules.approved"), *line], [text("rules.drafted"), *line],
    ])  # fmt: skip
    return paper


def _general(facts: Facts, paper: Paper) -> None:
    paper.paragraph(facts.text("rules.general_1", client=facts.firm, hash=facts.hash))
    paper.paragraph(facts.text("rules.general_2"))


def _roles(facts: Facts, paper: Paper) -> None:
    """The committee's roles with names and duties, then everybody else's part."""
    text, words = facts.text, facts.words
    table = committee_roles(facts.client)
    known = facts.client.library.responsibilities
    known = known[known["client_kind"] == facts.client.config.kind].set_index("role")
    rows: list[list[object]] = []
    for row in table.to_dict("records"):
        role = str(row["role"])
        if not row["member"] and not row["required"]:
            continue
        names = facts.listed(row["member"]) if row["member"] else ""
        rows.append([
            words.label(role), facts.given("committee", names, f"role:{role}"),
            known.at[role, f"duties_{facts.language}"],
        ])  # fmt: skip
    for who in ("superiors", "everybody"):
        rows.append([text(f"rules.role.{who}"), text("rules.each"), text(f"rules.duty.{who}")])
    head = [text("rules.role.head"), text("name"), text("rules.duty.head")]
    paper.table(head, rows, (0.16, 0.28, 0.56))


def calendar_months(facts: Facts) -> list[str]:
    """The months the calendar shows: the pilot's, else twelve from the start of the scheme."""
    months = pilot_months(facts.client)
    if months and months[-1] >= facts.month:
        return list(months)[:_MONTHS]
    return list(months_between(facts.month, shift(facts.month, _MONTHS - 1)))


def _calendar(facts: Facts, paper: Paper) -> None:
    """Who does what by which day, then the dates of each month, moved to working days."""
    text = facts.text
    rows: list[list[object]] = []
    for step in _STEPS:
        name = "appeal_working_days" if step == "appeal" else step
        day = facts.count(f"deadline.{name}")
        key = "rules.day_appeal" if step == "appeal" else "rules.day"
        rows.append([
            facts.words.text(f"organisation.deadline.{step}"), text(f"rules.who.{step}"),
            text(key, day=day), text(f"rules.what.{step}"),
        ])  # fmt: skip
    head = [text(f"rules.calendar.{k}") for k in ("step", "who", "due", "what")]
    paper.table(head, rows, (0.16, 0.20, 0.20, 0.44))
    paper.paragraph(text("rules.calendar_note"))
    dates: list[list[object]] = []
    for month in calendar_months(facts):
        table = monthly_deadlines(facts.client, month).set_index("step")["due"]
        dates.append([formats.short_month(month, facts.language),
                      *(_short_day(facts, table[step]) for step in _STEPS)])  # fmt: skip
    names = [facts.words.text(f"organisation.deadline.{step}") for step in _STEPS]
    paper.table([text("rules.calendar.month"), *names], dates, [0.08, *([0.92 / 8] * 8)],
                centred=range(9))  # fmt: skip


def _short_day(facts: Facts, day: pd.Timestamp) -> str:
    month = formats.short_month(f"{day.year}-{day.month:02d}", facts.language)
    # no blanks: eight dates stand in a line
    return f"{day.month}月{day.day}日" if facts.language == "zh" else f"{day.day} {month}"


def _scoring(facts: Facts, paper: Paper) -> None:
    values = {
        "cap": share_said(facts.number("scoring.cap")),
        "zero": share_said(facts.number("scoring.zero_below")),
        "deduct": share_said(facts.number("scoring.step_deduct")),
        "row": facts.number("scoring.row_places"), "total": facts.number("scoring.total_places"),
    }  # fmt: skip
    for name in ("percentage", "interval", "step", "rounding"):
        paper.paragraph(facts.text(f"rules.scoring.{name}", **values))


def _review(facts: Facts, paper: Paper) -> None:
    gap = facts.number("score.self_superior_difference")
    for at in range(1, 4):
        paper.paragraph(facts.text(f"rules.review_{at}", gap=gap))


def _appeal(facts: Facts, paper: Paper) -> None:
    days = facts.count("deadline.appeal_working_days")
    paper.paragraph(facts.text("rules.appeal", days=days))


def _pay(facts: Facts, paper: Paper) -> None:
    mode = facts.client.config.pilot.pay
    paper.paragraph(facts.text("rules.pay_1"))
    gate = gated_posts(facts)
    if gate:
        paper.paragraph(gate)
    paper.paragraph(facts.text(f"notice.pilot_pay.{mode}"))
    paper.paragraph(facts.text("rules.pay_2"))


def _days(facts: Facts, paper: Paper) -> None:
    """Joiners, leavers, leave and transfers."""
    paper.paragraph(facts.text("rules.days", least=facts.number("assessed.min_days")))
    leave = [facts.words.label(name) for name in words(facts.client, "leave.counts_as_worked")]
    paper.paragraph(facts.text("rules.leave", names=facts.listed(leave)))


def _low(facts: Facts, paper: Paper) -> None:
    ladder = [facts.words.label(name) for name in words(facts.client, "incentive.ladder")]
    low = facts.number("score.low")
    paper.paragraph(facts.text("rules.low", low=low, ladder=facts.listed(ladder)))
    paper.paragraph(facts.text("notice.low_score"))


def _changes(facts: Facts, paper: Paper) -> None:
    most = facts.number("campaign.swap_core_max")
    paper.paragraph(facts.text("rules.changes_1"))
    paper.paragraph(facts.text("rules.changes_2", most=most))


def _records(facts: Facts, paper: Paper) -> None:
    fewest = facts.count("group.min_people")
    paper.paragraph(facts.text("rules.records", fewest=fewest))
