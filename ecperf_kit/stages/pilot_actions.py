"""What must change after a pilot: what, how, with the computed effect, by whom and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce

from ecperf_kit.client import Client
from ecperf_kit.finding import Finding
from ecperf_kit.rules.pilot import Pilot
from ecperf_kit.rules.pilot_scores import superior_subjects
from ecperf_kit.stages.judged import graded, how_of, of_codes, said, what_of
from ecperf_kit.stages.pilot_repairs import Trial
from ecperf_kit.stages.result import Action, Sentence
from ecperf_kit.stages.settled import due_of, owner_of

_MOST = 8
#: By when the other findings are mended: the longest prefix of the code decides.
_DUE = {
    "P": "other_talks",
    "P1": "pay",
    "P2": "finance_check",
    "P3": "finance_check",
}


def pilot_actions(
    pilot: Pilot, findings: Sequence[Finding], trials: Sequence[Trial], due: Mapping[str, str]
) -> tuple[Action, ...]:
    """One action per cause, errors first; notes ask for nothing."""
    return (*_by_grade(pilot, findings, trials, due, "error"),
            *_by_grade(pilot, findings, trials, due, "warning"))[:_MOST]  # fmt: skip


def must_mend(pilot: Pilot, findings: Sequence[Finding], trials: Sequence[Trial]) -> int:
    """How many of the actions, counted from the first, mend an error."""
    due = dict.fromkeys(_DUE.values(), "")
    return min(len(_by_grade(pilot, findings, trials, due, "error")), _MOST)


def _by_grade(
    pilot: Pilot,
    findings: Sequence[Finding],
    trials: Sequence[Trial],
    due: Mapping[str, str],
    grade: str,
) -> list[Action]:
    own = graded(pilot.client, findings, grade)
    tried = [t for t in trials if _open(t, own)]
    found = [_scorecard(pilot, t, due["pay"]) for t in tried]
    found += _commission(own, findings, due["finance_check"])
    found += _scores(pilot, own, due["other_talks"])
    told = {f"post:{t.post}" for t in tried}
    codes = {"P201", "P401", "P402", "P403"}
    for finding in own:
        if finding.code in codes or (finding.code == "P101" and finding.subject in told):
            continue
        codes.add(finding.code)
        same = [f for f in own if f.code == finding.code]
        found.append(_other(pilot.client, same, due))
    return found


def _open(trial: Trial, findings: Sequence[Finding]) -> bool:
    """Whether the trial may be told to all: the post is large enough to be a finding itself."""
    return any(f.subject == f"post:{trial.post}" for f in of_codes(findings, ("P101",)))


def _scorecard(pilot: Pilot, trial: Trial, due: str) -> Action:
    how = tuple(
        Sentence("pilot.how.path", {"indicator": r.indicator, "path": r.standards})
        if r.kind == "standard"
        else r.said
        for r in trial.helping
    )
    effect = None
    if len(trial.helping):
        combined = len(trial.helping) + (1 if len(trial.helping) > 1 else 0)
        effect = Sentence(
            "pilot.effect.pay", {"before": trial.change(0), "after": trial.change(combined)}
        )
    superiors = pilot.pay.loc[pilot.pay["post"] == trial.post, "superior"].dropna()
    owner = Sentence("organisation.who.vice_leader")
    if len(superiors):
        subject = superior_subjects(pilot)[superiors.mode().iloc[0]]
        owner = Sentence("pilot.superior", {"superior": subject})
    return Action(
        what=Sentence("pilot.what.scorecard", {"post": trial.post}),
        how=reduce(_then, how) if how else Sentence("pilot.how.look"),
        effect=effect,
        owner=owner,
        due=due,
    )


def _then(first: Sentence, following: Sentence) -> Sentence:
    return Sentence("pilot.how.then", {"first": first, "next": following})


def _commission(own: Sequence[Finding], findings: Sequence[Finding], due: str) -> list[Action]:
    effects = {f.subject: f.values for f in of_codes(findings, ("P204",))}
    found = []
    for finding in of_codes(own, ("P201",)):
        values = effects.get(finding.subject)
        found.append(
            Action(
                what=Sentence("pilot.what.commission", {"channel": finding.values["channel"]}),
                how=Sentence("pilot.how.commission"),
                effect=Sentence("pilot.effect.commission", values) if values else None,
                owner=Sentence("pilot.who.finance"),
                due=due,
            )
        )
    return found


def _scores(pilot: Pilot, findings: Sequence[Finding], due: str) -> list[Action]:
    subjects = superior_subjects(pilot)
    staff = pilot.client.table("employees").drop_duplicates("employee").set_index("employee")
    above = {subjects[s]: staff["superior"].get(s) for s in subjects}
    found = []
    for finding in of_codes(findings, ("P401", "P402", "P403")):
        superior = above.get(finding.values["superior"])
        owner = Sentence("organisation.who.leader")
        if isinstance(superior, str) and superior in subjects:
            owner = Sentence("pilot.superior", {"superior": subjects[superior]})
        one = finding.values["given_low"] == finding.values["given_high"]
        public = not finding.subject.startswith("employee:")
        effect = Sentence(f"pilot.effect.{'score' if one else 'scores'}", finding.values)
        found.append(
            Action(
                what=Sentence("pilot.what.scores", finding.values),
                how=said(finding, "remedy"),
                effect=effect if public else None,
                owner=owner,
                due=due,
            )
        )
    return found


def _other(client: Client, same: Sequence[Finding], due: Mapping[str, str]) -> Action:
    finding = same[0]
    days = [p for p in _DUE if finding.code.startswith(p)]
    own = due[_DUE[max(days, key=len)]] if days else due["pay"]
    return Action(
        what=what_of(same),
        how=how_of(client, same),
        effect=None,
        owner=owner_of(finding.code),
        due=due_of(client, finding.code, own),
    )
