"""The official notice of the scheme in red-header form, with its annexes.

Assessment method 4.2: reason, aim, scope, committee, principles, indicators and weights,
data source and cut-off, process and dates, coefficient and pay, appeal, pilot and start,
publication; the coefficient table and the scorecards are published together with it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ecperf_kit.outputs import formats
from ecperf_kit.outputs.papers.document import Paper
from ecperf_kit.outputs.papers.facts import Facts
from ecperf_kit.outputs.papers.look import NOTICE, NOTICE_EN, RED
from ecperf_kit.outputs.papers.notice_annexes import MEETINGS, annexes
from ecperf_kit.outputs.papers.over_gate import gated_posts
from ecperf_kit.rules.organisation import committee_roles, pilot_months, plan_parts
from ecperf_kit.stages.calendar import MONTHLY_STEPS

_NUMERALS = "一二三四五六七八九十"
_LARGEST = 54  # points of the firm's name above the red line
_APART = 6  # points between its characters


def notice(facts: Facts) -> Paper:
    """The notice with coefficient tables, scorecards and the record of the consultation."""
    text = facts.text
    look = NOTICE if facts.language == "zh" else NOTICE_EN
    paper = facts.paper(text("notice.file", client=facts.firm), look)
    _head(facts, paper)
    paper.paragraph(
        text("notice.title", client=facts.firm), use="title", size=paper.look.title, bold=True,
        align="centre", indent=False, line=look.title * 1.5, before=16, after=14,
    )  # fmt: skip
    paper.paragraph(text("notice.to"), indent=False, align="left")
    held = (facts.client.table("sync_records")["measure"].isin(MEETINGS)).any()
    opening = "notice.opening" if held else "notice.opening_unheard"
    paper.paragraph(text(opening, client=facts.firm))
    for at, (name, lines) in enumerate(_sections(facts), start=1):
        title = text(f"notice.section.{name}")
        paper.heading(f"{numeral(at)}、{title}" if facts.language == "zh" else f"{at}. {title}")
        for line in lines:
            paper.paragraph(line)
    _end(facts, paper)
    annexes(facts, paper)
    _printed_by(facts, paper)
    return paper


def numeral(at: int) -> str:
    """1 is 一, 12 is 十二: the numbers of sections."""
    if at <= 10:
        return _NUMERALS[at - 1]
    return "十" + _NUMERALS[at - 11]


def _year(facts: Facts) -> int:
    return facts.issued.year if facts.issued else facts.client.config.dates.plan_year


def _head(facts: Facts, paper: Paper) -> None:
    """The firm's name in red, the number, the red line."""
    name = facts.text("notice.header", client=facts.firm)
    room = paper.width * 72 / 25.4
    wide = 1.9 if facts.language == "zh" else 1.4  # letters are wider than half a character
    size = int(min(_LARGEST, (room - _APART * len(name)) * wide / formats.width(name)))
    paper.paragraph(name, use="title", size=size, bold=True, colour=RED, align="centre",
                    indent=False, line=size * 1.3, after=16, apart=_APART)  # fmt: skip
    facts.missing[("document_number", "")] = None
    paper.paragraph(facts.text("notice.number", client=facts.firm, year=_year(facts)),
                    align="centre", indent=False)  # fmt: skip
    paper.rule(RED, 2.25)


def _sections(facts: Facts) -> Iterator[tuple[str, list[str]]]:
    """Each section with its paragraphs, in the order of the notice."""
    text, config, words = facts.text, facts.client.config, facts.words
    target = config.targets.annual_net_sales
    amount = words.large_money(target) if target is not None else facts.given("target", None)
    plan = "notice.reason" if plan_parts(facts.client).get("breakdown") else "notice.reason_open"
    yield "reason", [text(plan, year=config.dates.plan_year, target=amount)]
    yield "aim", [text("notice.aim_1"), text("notice.aim_2")]
    departments = [words.name("department", d) for d in facts.team["department"].unique()]
    scope = {
        "departments": facts.listed(departments), "posts": len(facts.posts),
        "people": int(facts.team["employee"].nunique()),
    }  # fmt: skip
    yield "scope", [text("notice.scope", **scope)]
    yield "committee", [text("notice.committee"), *_members(facts)]
    yield "principles", [text(f"notice.principle_{at}") for at in range(1, 5)]
    limits = {
        "core": facts.number("scorecard.core_max"),
        "process": facts.number("scorecard.process_max"),
        "share": facts.number("scorecard.core_weight_min"),
        "total": facts.number("scorecard.total"),
    }
    yield "indicators", [text("notice.indicators", **limits), text("notice.methods")]
    yield (
        "data",
        [
            text("notice.data"),
            words.text(f"assumption.sales_basis.{config.pay.sales_basis}"),
            words.text(f"assumption.cut_off.{config.pay.cut_off}"),
        ],
    )
    yield "process", [text("notice.process"), *_steps(facts), text("notice.process_note")]
    gate = gated_posts(facts)
    yield "pay", [
        text("notice.coefficient"), *([gate] if gate else []), text("notice.pay"), _wage(facts),
        text("notice.low_score"),
    ]  # fmt: skip
    days = facts.count("deadline.appeal_working_days")
    yield "appeal", [text("notice.appeal", days=days)]
    yield "start", _start(facts)
    yield "publication", [text("notice.publication")]


def _members(facts: Facts) -> list[str]:
    """The committee by role, each with the names on record."""
    table = committee_roles(facts.client)
    found = []
    for row in table.to_dict("records"):
        if not row["member"] and not row["required"]:
            continue
        names = facts.listed(row["member"]) if row["member"] else ""
        names = facts.given("committee", names, f"role:{row['role']}")
        role = facts.words.label(row["role"])
        found.append(facts.text("notice.member", role=role, names=names))
    return found


def _steps(facts: Facts) -> list[str]:
    return [
        facts.text(
            f"notice.step.{step}", number=at, day=facts.count(f"deadline.{step}"),
            days=facts.count("deadline.appeal_working_days"),
        )
        for at, step in enumerate(MONTHLY_STEPS, start=1)
    ]  # fmt: skip


def _wage(facts: Facts) -> str:
    wage = facts.client.config.pay.minimum_wage
    said = facts.words.money(wage) if wage is not None else facts.given("minimum_wage", None)
    return facts.text("notice.wage", wage=said)


def _start(facts: Facts) -> list[str]:
    """Pilot and start of the scheme, as dated by the client."""
    config, found = facts.client.config, []
    months = pilot_months(facts.client)
    if months:
        words = facts.words
        scope = [words.name("channel", c) for c in config.pilot.channels]
        scope += [words.name("department", d) for d in config.pilot.departments]
        values = {
            "first": months[0], "last": months[-1], "count": len(months),
            "scope": facts.given("pilot_scope", facts.listed(scope)),
        }  # fmt: skip
        found.append(facts.text("notice.pilot", **values))
        found.append(facts.text(f"notice.pilot_pay.{config.pilot.pay}"))
    else:
        facts.missing[("pilot_dates", "")] = None
        found.append(facts.text("notice.pilot_open"))
    rollout = config.dates.rollout_from
    if rollout:
        found.append(facts.text("notice.rollout", month=rollout))
    else:
        facts.missing[("rollout_date", "")] = None
        found.append(facts.text("notice.rollout_open"))
    found.append(facts.text("notice.version", day=facts.version, hash=facts.hash))
    return found


def _end(facts: Facts, paper: Paper) -> None:
    """List of annexes, then the firm's name over the date, with room for the seal."""
    names = [facts.text(f"notice.annex.{name}") for name in ("coefficients", "cards", "record")]
    names.append(facts.text("notice.annex.rules"))
    for at, name in enumerate(names, start=1):
        key = "notice.annexes_first" if at == 1 else "notice.annexes_next"
        paper.paragraph(facts.text(key, number=at, name=name), before=14 if at == 1 else 0)
    paper.paragraph(facts.text("notice.seal", client=facts.firm), align="right", indent=False,
                    before=42, right=14, keep=True)  # fmt: skip
    paper.paragraph(facts.day("issue_date", facts.issued), align="right", indent=False, right=14)


def _printed_by(facts: Facts, paper: Paper) -> None:
    """The block at the foot of the last page: copies to, printed by, date."""
    paper.gap(12, keep=True)
    paper.rule("000000", 1, keep=True)
    size = paper.look.body - 2
    for key in ("copies", "printed"):
        said = facts.text(
            f"notice.{key}", client=facts.firm, day=facts.day("issue_date", facts.issued)
        )
        paper.paragraph(said, size=size, indent=False, align="left", line=22, keep=True)
        paper.rule("000000", 0.5 if key == "copies" else 1, keep=key == "copies")
