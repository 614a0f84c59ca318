"""May a pilot go over into full rollout: the conditions for it (assessment method 4.5).

The pilot has ended and lasted long enough, what it showed is solved, its figures
are complete and confirmed, scheme and organisation are sound, a first effect is visible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from ecperf_kit.exact import MILLION
from ecperf_kit.finding import Finding
from ecperf_kit.method.bridge import share_of
from ecperf_kit.rules import check_organisation, check_scheme
from ecperf_kit.rules.few import fewest
from ecperf_kit.rules.in_force import number
from ecperf_kit.rules.organisation import pilot_months
from ecperf_kit.rules.pilot import Pilot, mean
from ecperf_kit.rules.pilot_business import business
from ecperf_kit.rules.scheme_of_pay import scheme_of_pay
from ecperf_kit.stages.judged import graded, of_codes, said
from ecperf_kit.stages.pilot_verdicts import QUESTIONS, public, unconfirmed
from ecperf_kit.stages.result import Level, Sentence, Verdict

REASONS = 4  # more than that nobody reads
_TITLES = 3  # errors of a scheme named by their titles
#: Too short is told in months by the length, not once more as an error of the organisation.
_LENGTH = "O110"
#: What is said of these is short enough to be a reason as it stands.
_SHORT = ("pilot.found.pay", "pilot.found.pay_only", "pilot.found.persons")


@dataclass(frozen=True)
class Condition:
    """One condition: ``length``, ``solved``, ``figures``, ``scheme`` or ``effect``.

    ``level``: fine if it is met, change if not, unknown where nobody can say.
    ``reasons``: what is missing, the most important first; none if it is met. ``ground``:
    what a condition that is met rests on, where that cannot be seen elsewhere.
    """

    name: str
    level: Level
    reasons: tuple[Sentence, ...]
    state: str = ""  # what the review concludes if nothing graver is missing
    ground: Sentence | None = None

    @property
    def met(self) -> bool:
        return self.level == "fine"


def scheme_errors(pilot: Pilot) -> tuple[Finding, ...]:
    """The errors of organisation and scheme that a rollout would take along, and those of the
    scheme by which the pilot's months were computed."""
    client = pilot.client
    found = (*check_organisation(client), *check_scheme(client))
    known = {(f.code, f.subject) for f in found}
    past = scheme_of_pay(client, pilot.months)
    found += tuple(f for f in past if (f.code, f.subject) not in known)
    return tuple(f for f in graded(client, found, "error") if f.code != _LENGTH)


def conditions(
    pilot: Pilot, findings: Sequence[Finding], judged: Sequence[Verdict], scheme: Sequence[Finding]
) -> tuple[Condition, ...]:
    """The conditions in the order in which they are looked at."""
    return (
        _length(pilot, findings),
        _solved(pilot, findings, judged),
        _figures(pilot),
        _scheme(scheme),
        _effect(pilot),
    )


def reasons(
    pilot: Pilot,
    findings: Sequence[Finding],
    judged: Sequence[Verdict],
    held: Sequence[Condition],
    otherwise: Sequence[Sentence],
) -> tuple[Sentence, ...]:
    """At most four: each condition that is not met, then its further reasons, then the rest."""
    missing = [c for c in held if not c.met]
    ranked = [reason for c in missing for reason in c.reasons]
    firsts = [c.reasons[0] for c in missing]
    chosen = [*firsts, *(r for r in ranked if r not in firsts)][:REASONS]
    listed = [r for r in ranked if r in chosen]
    if of_codes(findings, ("P501",)):
        listed.append(Sentence("pilot.reason.no_control"))
    more = (*_told(pilot, findings, judged, "watch"), *otherwise)
    listed += [reason for reason in more if reason not in listed]
    return tuple(listed[:REASONS])


def missing_months(pilot: Pilot) -> int:
    """How many months the pilot lacks of the length advised for this client."""
    client = pilot.client
    advised = number(client, f"pilot.months.{client.config.pilot.previous_system}") // MILLION
    return max(advised - _months(pilot), 0)


def _months(pilot: Pilot) -> int:
    """The months piloted so far, also where only some of them are looked at."""
    dated = [m for m in pilot_months(pilot.client) if m <= pilot.months[-1]]
    return max(len(dated), len(pilot.months))


def _length(pilot: Pilot, findings: Sequence[Finding]) -> Condition:
    running = of_codes(findings, ("P503",))
    if running:
        told = Sentence("pilot.reason.running", running[0].values)
        return Condition("length", "change", (told,), "running")
    lacking, done = missing_months(pilot), _months(pilot)
    if lacking:
        told = Sentence("pilot.reason.length", {"done": done, "advised": done + lacking})
        return Condition("length", "change", (told,), "extend")
    if of_codes(check_organisation(pilot.client), ("O117",)):
        return Condition("length", "change", (Sentence("pilot.reason.peak"),), "extend")
    return Condition("length", "fine", ())


def _solved(pilot: Pilot, findings: Sequence[Finding], judged: Sequence[Verdict]) -> Condition:
    grave = graded(pilot.client, of_codes(findings, ("P", "C")), "error")
    if not grave:
        return Condition("solved", "fine", ())
    told = _told(pilot, findings, judged, "change")
    other = Sentence("pilot.reason.title", {"title": said(grave[0], "title")})
    return Condition("solved", "change", tuple(told) or (other,), "extend")


def _told(
    pilot: Pilot, findings: Sequence[Finding], judged: Sequence[Verdict], level: str
) -> list[Sentence]:
    """Each question with a verdict of this level in one short sentence."""
    found = []
    for name, verdict in zip(QUESTIONS, judged, strict=True):
        if verdict.level != level:
            continue
        worst = public(pilot.client, of_codes(findings, QUESTIONS[name]))
        if verdict.found.key in _SHORT or not worst:
            found.append(verdict.found)
        elif worst[0].code.startswith("P"):
            found.append(Sentence(f"pilot.short.{worst[0].code}", worst[0].values))
        else:
            same = len(of_codes(worst, (worst[0].code,)))
            values = {"title": said(worst[0], "title"), "count": same}
            found.append(Sentence(f"pilot.reason.title{'s' if same > 1 else ''}", values))
    return found


def _figures(pilot: Pilot) -> Condition:
    """Scores and pay that are all there, and confirmed."""
    key = ["employee", "month"]
    totals = pilot.calculation.totals
    gaps = [totals.loc[totals["state"] == "incomplete", key], pilot.pay.loc[_unpaid(pilot), key]]
    lacking = len(pd.concat(gaps).drop_duplicates())
    found = []
    if lacking:
        values = {"sheets": lacking, "of": len(totals)}
        found.append(Sentence("pilot.reason.incomplete", values))
    open_ = unconfirmed(pilot)
    if open_ is not None:
        found.append(open_)
    if totals.empty:
        found.append(Sentence("pilot.reason.no_scores"))
    # while a fault in the files is open, a row may be missing from what was used
    faults = graded(pilot.client, pilot.client.findings, "error")
    if faults:
        found.append(Sentence("pilot.reason.data", {"count": len(faults)}))
    if not found:
        return Condition("figures", "fine", ())
    state = "incomplete" if lacking or faults else "provisional"
    return Condition("figures", "change", tuple(found), state)


def _unpaid(pilot: Pilot) -> pd.Series:
    return pilot.pay["after"].isna()


def _scheme(scheme: Sequence[Finding]) -> Condition:
    found = []
    for name, prefix in (("organisation", "O"), ("scheme", "S")):
        codes = {f.code: said(f, "title") for f in of_codes(scheme, (prefix,))}
        titles = tuple(codes.values())
        if titles:
            more = "_more" if len(titles) > _TITLES else ""
            values = {"names": titles[:_TITLES], "count": len(titles)}
            found.append(Sentence(f"pilot.reason.{name}{more}", values))
    return Condition("scheme", "change" if found else "fine", tuple(found), "mend")


def _effect(pilot: Pilot) -> Condition:
    """First effect: business above last year and none of it below, else rising scores."""
    told, level = _business(pilot) or _scores(pilot) or (Sentence("pilot.reason.no_effect"), None)
    if level is None:
        return Condition("effect", "unknown", (told,), "no_effect")
    if level != "fine":
        return Condition("effect", level, (told,), "no_effect")
    name = told.key.removeprefix("pilot.reason.")
    return Condition(
        "effect", level, (), "no_effect", Sentence(f"pilot.ground.{name}", told.values)
    )


def _business(pilot: Pilot) -> tuple[Sentence, Level] | None:
    table = business(pilot).groupby("indicator")[["now", "before"]].sum()
    change = share_of(table["now"] - table["before"], table["before"]).dropna()
    if change.empty:
        return None
    worst = str(change.astype("int64").idxmin())
    seen = change.min() >= 0 and change.max() > 0
    told = Sentence(f"pilot.reason.effect_{worst}", {"change": int(change[worst])})
    return told, "fine" if seen else "change"


def _scores(pilot: Pilot) -> tuple[Sentence, Level] | None:
    """The mean score of those who are there in the first and in the last month."""
    first, last = pilot.months[0], pilot.months[-1]
    table = pilot.calculation.totals
    known = table[table["total"].notna()].pivot(index="employee", columns="month", values="total")
    if first == last or not {first, last} <= set(known.columns):
        return None
    both = known[[first, last]].dropna()
    if len(both) < fewest(pilot.client):
        return None
    values = {"first": mean(both[first]), "last": mean(both[last])}
    seen = values["last"] > values["first"]
    return Sentence("pilot.reason.effect_scores", values), "fine" if seen else "change"
