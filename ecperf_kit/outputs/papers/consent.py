"""One person's consent to the new pay split: what changes, in yuan, with signature fields.

Splitting a fixed wage changes the labour contract: it needs a written consent per person
(assessment method 2.3 and 4.2). All figures are those of a full month at full time.
"""

from __future__ import annotations

import pandas as pd

from ecperf_kit.exact import MILLION, rounded_product
from ecperf_kit.outputs import formats
from ecperf_kit.outputs.papers.document import Paper
from ecperf_kit.outputs.papers.facts import Facts
from ecperf_kit.outputs.papers.look import FORM
from ecperf_kit.outputs.papers.over_gate import gate_of_card
from ecperf_kit.outputs.papers.scheme_rows import rows_of_person
from ecperf_kit.rules.in_force import coefficient_bands, plans
from ecperf_kit.rules.payees import plan_of
from ecperf_kit.stages.pay_change import Line, Outcome, PayChange

_TEN_THOUSAND = 10_000 * MILLION


def consent(facts: Facts, employee: str) -> Paper:
    """The consent of one employee whose pay the scheme changes. Restricted."""
    text, words = facts.text, facts.words
    change = facts.changes[employee]
    subject = f"employee:{employee}"
    held = facts.team[facts.team["employee"] == employee]
    name = facts.name(employee)
    paper = facts.paper(text("consent.file", name=name), FORM)
    paper.title(text("consent.title"), text("consent.under", day=facts.version, hash=facts.hash))
    hired = facts.client.table("employees").set_index("employee")["hired"].get(employee)
    paper.facts([
        (text("consent.firm"), facts.firm), (text("name"), name),
        (text("consent.number"), employee),
        (text("post"), facts.listed([words.name("post", p) for p in held["post"]])),
        (text("department"), facts.listed(
            [words.name("department", d) for d in held["department"].dropna().unique()])),
        (text("consent.hired"), facts.day("hired", hired, subject)),
    ])  # fmt: skip
    paper.paragraph(text("consent.opening", client=facts.firm, hash=facts.hash,
                         day=facts.version))  # fmt: skip
    paper.heading(text("consent.section.change"))
    _change(facts, paper, change)
    paper.heading(text("consent.section.scores"))
    _scores(facts, paper, change)
    paper.heading(text("consent.section.terms"))
    for line in _terms(facts, change):
        paper.paragraph(line)
    paper.heading(text("consent.section.signed"))
    paper.paragraph(text("consent.choice"), keep=True)
    paper.paragraph(text("consent.tick"), keep=True)
    sign = [text("signature_line"), text("date_line")]
    paper.signatures([
        [text("consent.employee", name=name), *sign],
        [text("consent.for_firm", client=facts.firm), *sign],
    ])  # fmt: skip
    paper.note(text("consent.lawyer"))
    return paper


def _yuan(stored: int | None) -> str:
    return formats.MISSING if stored is None else formats.fixed(stored, 2)


def _change(facts: Facts, paper: Paper, change: PayChange) -> None:
    """Before beside after: structure, base, variable part, its share, gross pay."""
    text, before = facts.text, change.before
    subject = f"employee:{change.employee}"
    old: dict[str, str] = {}
    if before is None:
        facts.missing[("old_pay", subject)] = None
        old = dict.fromkeys(("structure", "base", "variable", "share", "pay"), facts.blank)
    else:
        parts = before.base is not None and before.variable is not None
        whole = (before.base or 0) + (before.variable or 0)
        share = int(rounded_share(before.variable or 0, whole)) if parts and whole else None
        fixed = parts and not before.variable
        old = {
            "structure": text(f"consent.old.{'fixed' if fixed else 'split'}")
            if parts else facts.given("old_split", None, subject),
            "base": facts.given("old_split", _yuan(before.base) if parts else "", subject),
            "variable": facts.given("old_split", _yuan(before.variable) if parts else "", subject),
            "share": facts.given(
                "old_split", "" if share is None else formats.percent(share), subject),
            "pay": _yuan(before.pay),
        }  # fmt: skip
    month = formats.long_month(before.month, facts.language) if before else ""
    new = {
        "structure": _structure(facts, change),
        "base": _yuan(change.base),
        "variable": _variable(facts, change),
        "share": _share_said(facts, change),
        "pay": text("consent.by_result") if change.planned is None else _yuan(change.planned),
    }  # fmt: skip
    rows = [[text(f"consent.row.{name}"), old[name], new[name]] for name in old]
    extra = [line for line in change.lines if line.line in ("bonus", "benefits")]
    rows += [
        [text("consent.row.extra", line=line.line), formats.MISSING, _yuan(line.at_one)]
        for line in extra
    ]
    head = [text("consent.item"), text("consent.before", month=month) if month
            else text("consent.before_open"), text("consent.after")]  # fmt: skip
    paper.table(head, rows, (0.34, 0.3, 0.36), numeric=(1, 2))
    paper.note(text("consent.change_note"))


def rounded_share(part: int, whole: int) -> int:
    """A share of stored amounts, to 0.1 %."""
    from ecperf_kit.exact import multiply_divide, round_half_up

    return int(round_half_up(multiply_divide(part, MILLION, whole), MILLION // 1000))


def _structure(facts: Facts, change: PayChange) -> str:
    said = facts.listed([facts.words.label(name) for name in change.structures])
    if not change.not_in_pay:
        return said
    return facts.text("consent.outside_pay", structure=said, kind=change.not_in_pay)


def _share_said(facts: Facts, change: PayChange) -> str:
    if not any(line.scored for line in change.lines):  # nothing varies: no share, not 0 %
        return formats.MISSING
    if change.share is None:
        return facts.text("consent.by_result")
    return formats.percent(change.share)


def _variable(facts: Facts, change: PayChange) -> str:
    scored = [line for line in change.lines if line.scored]
    if not scored:
        return formats.MISSING
    if change.variable is not None and all(line.line == "performance" for line in scored):
        return _yuan(change.variable)
    said = [_formula(facts, line) for line in scored]
    joined = facts.text("how.joined").join(said)
    if change.variable is None:
        return joined
    return facts.text("consent.average", amount=change.variable, formula=joined)


def _formula(facts: Facts, line: Line) -> str:
    if line.line == "performance":
        return facts.text("consent.formula.performance", amount=line.basis)
    if line.line == "piece":
        return facts.text("consent.formula.piece", rate=line.rate)
    if line.line == "score_bonus":
        return facts.text("consent.formula.score_bonus")
    return facts.text(f"consent.formula.{line.line}", rate=formats.plain(line.rate * 100) + "%")


def _scores(facts: Facts, paper: Paper, change: PayChange) -> None:
    """What 60, 80 and 100 points would mean."""
    text = facts.text
    rows = [
        [text("consent.points", score=outcome.score), _coefficients(facts, outcome, change),
         *_amounts(facts, outcome, change)]
        for outcome in change.outcomes
    ]  # fmt: skip
    unplanned = change.planned is None
    head = [text("score"), text("card.coefficient"),
            text("consent.part.unplanned" if unplanned else "consent.part.planned"),
            text("consent.part.pay")]  # fmt: skip
    paper.table(head, rows, (0.16, 0.2, 0.36, 0.28), centred=(0, 1), numeric=(2, 3))
    commission = any(line.line.startswith("commission") for line in change.lines)
    key = "unplanned" if unplanned else "commission" if commission else "performance"
    paper.note(text(f"consent.scores_note.{key}"))
    held = facts.team[facts.team["employee"] == change.employee]
    paid = set(plan_of(held, plans(facts.client)))
    gate = gate_of_card(facts, rows_of_person(facts, change.employee), paid)
    if gate:
        paper.note(gate)


def _coefficients(facts: Facts, outcome: Outcome, change: PayChange) -> str:
    scored = [line for line in change.lines if line.scored]
    if not scored or any(line.line == "score_bonus" for line in scored):
        return formats.MISSING
    said = [formats.plain(value, 1) for value in outcome.coefficients if value is not None]
    if len(said) < len(outcome.coefficients) or not said:
        return facts.given("coefficient_table", None, f"employee:{change.employee}")
    return facts.listed(said)


def _amounts(facts: Facts, outcome: Outcome, change: PayChange) -> list[str]:
    """The variable part and the gross pay; per 10,000 yuan where the figures are not planned."""
    if outcome.pay is not None and not any(line.scored for line in change.lines):
        return [formats.MISSING, _yuan(outcome.pay)]
    if outcome.pay is not None:
        fixed = sum(int(line.at_one or 0) for line in change.lines if not line.scored)
        return [_yuan(outcome.pay - fixed), _yuan(outcome.pay)]
    open_lines = [line for line in change.lines if line.scored and line.at_one is None]
    coefficient = next((value for value in outcome.coefficients if value is not None), None)
    if coefficient is None:
        return [facts.blank, facts.blank]
    said = [
        facts.text("consent.per_piece" if line.line == "piece" else "consent.per_wan", amount=int(
            rounded_product(MILLION if line.line == "piece" else _TEN_THOUSAND, line.rate,
                            coefficient, line.share)))
        for line in open_lines
    ]  # fmt: skip
    return [facts.text("how.joined").join(said), facts.text("consent.by_result")]


#: Structures whose commission may rest on a profit: what it counts must be agreed.
_ON_PROFIT = {"commission_gross_profit", "commission_net_profit", "commission_combined"}


def _terms(facts: Facts, change: PayChange) -> list[str]:
    text, config = facts.text, facts.client.config
    days = facts.count("deadline.appeal_working_days")
    found = [text("consent.term.scheme", days=days), _wage(facts, change)]
    if _ON_PROFIT & set(change.structures):
        found.append(text("consent.term.profit"))
    if change.not_in_pay:
        found.append(text("consent.term.not_in_pay", kind=change.not_in_pay))
    if config.dates.rollout_from:
        found.append(text("consent.term.from", month=config.dates.rollout_from))
    else:
        facts.missing[("rollout_date", "")] = None
        found.append(text("consent.term.from_open"))
    if config.dates.pilot_from and config.dates.pilot_to:
        found.append(text(f"notice.pilot_pay.{config.pilot.pay}"))
    found.append(text("consent.term.low"))
    found.append(text("consent.term.overtime"))
    found.append(text("consent.term.rest"))
    return [f"{at}. {line}" for at, line in enumerate(found, start=1)]


def _wage(facts: Facts, change: PayChange) -> str:
    """The guaranteed part beside the local minimum wage; says so where it lies below."""
    wage = facts.client.config.pay.minimum_wage
    words = facts.words
    if change.guaranteed is None:  # the plan's base is not known: a blank, never 0
        said = facts.given("minimum_wage", None) if wage is None else words.money(wage)
        return facts.text("consent.term.wage_open", guaranteed=formats.MISSING, wage=said)
    guaranteed = words.money(change.guaranteed)
    if wage is None:
        open_ = facts.given("minimum_wage", None)
        return facts.text("consent.term.wage_open", guaranteed=guaranteed, wage=open_)
    tables = coefficient_bands(facts.client)
    names = {line.table for line in change.lines if line.line == "performance"}
    lowest = tables.loc[tables["coefficient_table"].isin(names), "coefficient"].min()
    values = {
        "guaranteed": guaranteed, "wage": words.money(wage),
        "lowest": None if pd.isna(lowest) else int(lowest),
    }  # fmt: skip
    if change.guaranteed < wage:
        values["short"] = words.money(wage - change.guaranteed)
        return facts.text("consent.term.wage_below", **values)
    key = "wage" if values["lowest"] is not None else "wage_base"
    return facts.text(f"consent.term.{key}", **values)
