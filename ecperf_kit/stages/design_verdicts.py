"""How the design stage judges standards and pay: on what share of them anything is known, and
as gravely as the tables beside the verdict do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.finding import Finding
from ecperf_kit.method.once import once
from ecperf_kit.rules.in_force import cards
from ecperf_kit.rules.pay_fit import CHECKS, COLUMNS, Fit, pay_fit
from ecperf_kit.rules.payees import told_plans
from ecperf_kit.rules.smart import smart
from ecperf_kit.stages.judged import found_or, level_of
from ecperf_kit.stages.result import Action, Level, Sentence, Verdict
from ecperf_kit.stages.settled import due_of, owner_of

_GRAVEST: tuple[Level, ...] = ("change", "watch")
#: What SMART says of a row whose standard was held against the plan or the firm's own past.
_COMPARED = ("reached", "never", "always", "at_limit", "near", "jump")


@dataclass(frozen=True, slots=True)
class Known:
    """Of how many scorecard rows the standard is known, and of how many it was compared."""

    rows: int
    lacking: int
    compared: int
    posts: tuple[str, ...]  # whose scorecards lack standards

    @property
    def values(self) -> dict[str, int]:
        return {"rows": self.rows, "lacking": self.lacking, "compared": self.compared}


@once
def standards_known(client: Client) -> Known:
    """The rows of the scorecards in force by what is known of their standards.

    A row lacks its standard where it cannot be scored without: one scored by intervals of
    its own figure has it in the intervals.
    """
    table = smart(client)
    rows = cards(client)
    method = rows["method"].fillna("").astype(str)
    by_itself = (method == "interval") & (rows["bands_on"].fillna("") != "attainment")
    free = set(zip(rows.loc[by_itself, "subject"], rows.loc[by_itself, "indicator"], strict=True))
    keys = list(zip(table["subject"], table["indicator"], strict=True))
    said = [
        (attainable.said, dated.said)
        for attainable, dated in zip(table["attainable"], table["time_bound"], strict=True)
    ]
    lacking = [
        dated == "no_period" and key not in free for key, (_, dated) in zip(keys, said, strict=True)
    ]
    compared = sum(dated == "by_plan" or past in _COMPARED for past, dated in said)
    posts = table["post"][pd.Series(lacking, index=table.index, dtype="bool")].dropna()
    return Known(len(table), sum(lacking), compared, tuple(dict.fromkeys(posts)))


def standards_verdict(
    client: Client, own: Sequence[Finding], nothing: Verdict | None, money: Sentence | None
) -> Verdict:
    """Whether the standards are right, as far as there are any (assessment method 3.5).

    ``nothing``: the verdict where there is nothing at all. What lacks a standard cannot be
    scored: that must change. How sure: by the share of rows that were compared.
    """
    known = standards_known(client)
    if not known.rows and nothing is not None:
        return nothing
    level, values = level_of(client, own), known.values
    told = found_or(client, own, Sentence("design.fine.standards"), "judged.first_of")
    fine = level == "fine"
    if known.lacking:
        lacking = Sentence("design.found.no_standard", values)
        told = lacking if fine else Sentence("design.found.and", {"first": lacking, "rest": told})
        level = "change"
    elif fine and not known.compared:
        level, told = "unknown", Sentence("design.found.not_compared")
    half = 2 * known.compared < known.rows
    grade = "none" if not known.compared else "part_low" if half else "part"
    sure = "standards" if known.compared == known.rows else f"standards_{grade}"
    return Verdict(
        "design.question.standards", level, told, money, Sentence(f"design.sure.{sure}", values)
    )


def missing_standards(client: Client) -> tuple[Action, ...]:
    """The standards that must be set before anybody can be scored, with the posts concerned."""
    known = standards_known(client)
    if not known.lacking:
        return ()
    return (
        Action(
            what=Sentence("design.action.standards", known.values),
            how=Sentence("design.action.standards_how", {"posts": known.posts}),
            effect=None,
            owner=owner_of("S130"),
            due=due_of(client, "S130", ""),
        ),
    )


@dataclass(frozen=True, slots=True)
class Unfit:
    """Plans that do not fit, by the worst of their four checks; ``told`` may be told to all."""

    level: Level
    plans: int
    told: tuple[tuple[str, str, Fit], ...] = ()  # post, check, what was found


@once
def unfit_plans(client: Client) -> Unfit:
    """The pay plans that must change, or where none must those to watch (2.3)."""
    table = pay_fit(client)
    open_ = told_plans(client)
    rows = zip(table["subject"], table["post"], *(table[name] for name in COLUMNS), strict=True)
    plans: Counter[str] = Counter()
    told: dict[str, list[tuple[str, str, Fit]]] = {}
    for subject, post, *fits in rows:
        plans.update({fit.level for fit in fits})
        if subject in open_:
            for check, fit in zip(CHECKS, fits, strict=True):
                told.setdefault(fit.level, []).append((str(post), check, fit))
    for level in _GRAVEST:
        if plans[level]:
            return Unfit(level, plans[level], tuple(told.get(level, ())))
    return Unfit("fine", 0)


def pay_verdict(client: Client, own: Sequence[Finding], money: Sentence | None) -> Verdict:
    """Whether the pay is fair, lawful, and fits: never milder than the plans' own checks."""
    level = level_of(client, own)
    told = found_or(client, own, Sentence("design.fine.pay"), "judged.first_of")
    unfit = unfit_plans(client)
    order = ("fine", "watch", "change")
    if order.index(unfit.level) > order.index(level):
        level, told = unfit.level, unfit_found(client)
    return Verdict("design.question.pay", level, told, money, Sentence("design.sure.pay"))


def unfit_found(client: Client) -> Sentence:
    """What does not fit: the evidence where it is one plan's that may be told, else how many."""
    unfit = unfit_plans(client)
    if unfit.plans == len(unfit.told) == 1:
        post, check, fit = unfit.told[0]
        said = Sentence(f"design.fit.{check}.{fit.said}", fit.values)
        return Sentence("design.found.unfit_one", {"post": post, "said": said})
    return Sentence(f"design.found.unfit_{unfit.level}", {"plans": unfit.plans})


def unfit_action(client: Client) -> tuple[Action, ...]:
    """That the plans which do not fit are changed, or kept with the owner's reason."""
    unfit = unfit_plans(client)
    if unfit.level != "change":
        return ()
    return (
        Action(
            what=unfit_found(client),
            how=Sentence("design.action.unfit_how"),
            effect=None,
            owner=owner_of("S12"),
            due=due_of(client, "S12", ""),
        ),
    )
