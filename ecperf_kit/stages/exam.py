"""Does everybody know the scheme? A paper computed from it, and the marked answers."""

from __future__ import annotations

import hashlib
from random import Random

import numpy as np
import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, divide, round_half_up
from ecperf_kit.finding import SEVERITIES, Finding
from ecperf_kit.method.in_force import month_start
from ecperf_kit.method.once import once
from ecperf_kit.rules.few import fewest
from ecperf_kit.rules.in_force import number, words
from ecperf_kit.stages.calendar import working_days_before
from ecperf_kit.stages.exam_marking import LETTERS, Marked, examinees, marked
from ecperf_kit.stages.exam_questions import OPTIONS, Question, picked, questions
from ecperf_kit.stages.judged import actions, found_or, level_of, of_codes, sentences
from ecperf_kit.stages.result import (
    Action,
    Figure,
    Level,
    Sentence,
    StageResult,
    StageTable,
    Verdict,
    stage_table,
)

STAGE = "exam"
_ACTIONS = 5
_ASKED_OF = ("scorecards", "coefficient_tables", "pay_plans", "standards", "targets")


def exam(client: Client) -> StageResult:
    """A paper of at least twenty questions, its key, and the results if people have sat it.

    The same scheme always gives the same paper; its number changes with any
    question, so that answers to an older paper are recognised.
    """
    paper = exam_paper(client)
    number_of_paper = paper_number(paper)
    key = answer_key(paper)
    results = marked(client, number_of_paper, key)
    team = examinees(client)
    findings = _findings(client, paper, number_of_paper, results, team)
    tables = _tables(client, paper, key, results, team)
    counts = _counts(results, team)
    sat, passed = counts["sat"], counts["passed"]
    least = number(client, "exam.questions_min") // MILLION
    state = "short" if len(paper) < least else "ready" if not sat else "marked"
    share = int(divide(passed * MILLION, sat * MILLION)) if sat else None
    values: dict[str, object] = {
        "questions": len(paper),
        "least": least,
        "paper": number_of_paper,
        "topics": tables["topics"].frame["topic"].size,
        **counts,
        "share": share,
        "pass": number(client, "exam.pass_share"),
    }
    if state == "marked" and passed < len(team):
        state = "resit" if counts["failed"] else "absent"
    return StageResult(
        stage=STAGE,
        title=Sentence(f"exam.title.{state}", values),
        advice=Sentence(f"exam.advice.{state}", values),
        reasons=(
            Sentence("exam.reason.paper", values),
            Sentence("exam.reason.sat" if sat else "exam.reason.not_sat", values),
            _weakest(tables["topics"].frame, values),
        ),
        figures=(
            Figure("exam.figure.questions", len(paper), "integer"),
            Figure("exam.figure.persons", len(team), "integer", "persons"),
            Figure("exam.figure.sat", sat, "integer", "persons"),
            Figure("exam.figure.passed", share, "rate"),
        ),
        verdicts=_verdicts(client, findings, values),
        actions=(
            *_resit(client, counts, findings),
            *actions(client, findings, _due(client), _ACTIONS),
        ),
        tables=tables,
        findings=findings,
    )


@once
def outcome(client: Client) -> dict[str, int]:
    """How many must sit the exam (persons), sat it, passed, failed and are missing."""
    paper = exam_paper(client)
    return _counts(marked(client, paper_number(paper), answer_key(paper)), examinees(client))


def _counts(results: Marked, team: pd.DataFrame) -> dict[str, int]:
    """Of those who must sit it: whoever need not, but did, is not counted."""
    state = results.persons.set_index("employee")["state"].reindex(team["employee"])
    sat, passed = int(state.notna().sum()), int((state == "passed").sum())
    return {
        "persons": len(team), "sat": sat, "passed": passed,
        "failed": sat - passed, "missing": len(team) - sat,
    }  # fmt: skip


def _resit(
    client: Client, counts: dict[str, int], findings: tuple[Finding, ...]
) -> tuple[Action, ...]:
    """Everybody must pass (assessment method 4.3): those who failed are taught and sit again.

    Where so many failed that there is a finding, that one asks for it.
    """
    if not counts["failed"] or of_codes(findings, ("E103",)):
        return ()
    return (
        Action(
            what=Sentence("exam.action.resit", counts),
            how=Sentence("exam.action.resit_how"),
            effect=None,
            owner=Sentence("organisation.who.heads"),
            due=_due(client),
        ),
    )


def _due(client: Client) -> str:
    first = client.config.dates.pilot_from
    if not first:
        return ""
    ahead = number(client, "lead.exam") // MILLION
    return working_days_before(month_start(first).date(), ahead).isoformat()


# -- the paper ---------------------------------------------------------------
def exam_paper(client: Client) -> list[tuple[Question, int]]:
    """The questions with the place (0 to 3) of the right option after shuffling."""
    random = Random(_fingerprint(client))
    pool = questions(client, random)
    least = number(client, "exam.questions_min") // MILLION
    chosen = picked(pool, words(client, "exam.topics"), least)
    paper = []
    for question in chosen:
        order = random.sample(range(OPTIONS), OPTIONS)
        options = tuple(question.options[place] for place in order)
        shuffled = Question(question.topic, question.ask, options, question.why)
        paper.append((shuffled, order.index(0)))
    return paper


def _fingerprint(client: Client) -> str:
    """What the questions are computed from, independent of the order of rows."""
    digest = hashlib.sha256()
    for name in _ASKED_OF:
        frame = client.table(name)
        # a column nobody filled is none: a later version may know more of them
        filled = sorted(
            str(c) for c in frame.columns
            if not str(c).startswith("_")
            and frame[c].notna().any()
            and (frame[c].astype("string") != "").any()
        )  # fmt: skip
        rows = frame[filled].astype("string").fillna("").itertuples(index=False, name=None)
        lines = sorted("\x1f".join(row) for row in rows)
        digest.update("\n".join([name, "\x1f".join(filled), *lines]).encode())
    return digest.hexdigest()


def paper_number(paper: list[tuple[Question, int]]) -> str:
    """The number printed on the paper and asked for with the answers: ``K-3f9c21``."""
    text = "\n".join(f"{q.ask!r}{q.options!r}{place}" for q, place in paper)
    return f"K-{hashlib.sha256(text.encode()).hexdigest()[:6]}"


def answer_key(paper: list[tuple[Question, int]]) -> pd.Series:
    """The right letter of each question, numbered from 1."""
    letters = [LETTERS[place] for _, place in paper]
    return pd.Series(letters, index=range(1, len(paper) + 1), dtype="str")


# -- findings ----------------------------------------------------------------
def _findings(
    client: Client,
    paper: list[tuple[Question, int]],
    number_of_paper: str,
    results: Marked,
    team: pd.DataFrame,
) -> tuple[Finding, ...]:
    about = f"client:{client.name}"
    least = number(client, "exam.questions_min") // MILLION
    found = []
    if len(paper) < least:
        found.append(Finding("E101", about, {"count": len(paper), "least": least}))
    if len(results.foreign):
        papers = tuple(dict.fromkeys(results.foreign["paper"].astype(str)))
        values = {"answers": len(results.foreign), "papers": papers, "paper": number_of_paper}
        found.append(Finding("E102", about, values))
    sat = len(results.persons)
    if not sat:
        return tuple(found)
    passed = int((results.persons["state"] == "passed").sum())
    share = int(divide(passed * MILLION, sat * MILLION))
    needed = number(client, "exam.pass_share")
    if share < needed:
        values = {"persons": sat, "passed": passed, "share": share, "least": needed}
        found.append(Finding("E103", about, values))
    limit = number(client, "exam.wrong_share_retrain")
    hard = results.items[(MILLION - results.items["right"]) > limit]
    if len(hard):
        values = {"questions": tuple(int(q) for q in hard["question"]), "limit": limit}
        found.append(Finding("E104", about, values))
    blind = results.items[(results.items["discrimination"] < 0).fillna(False)]
    if len(blind):
        values = {"questions": tuple(int(q) for q in blind["question"])}
        found.append(Finding("E105", about, values))
    missing = int((~team["employee"].isin(results.persons["employee"])).sum())
    if missing:
        found.append(Finding("E106", about, {"missing": missing, "persons": len(team)}))
    order = client.library.codes
    return tuple(sorted(found, key=lambda f: SEVERITIES.index(order[f.code].severity)))


def _verdicts(
    client: Client, findings: tuple[Finding, ...], values: dict[str, object]
) -> tuple[Verdict, ...]:
    """Is the paper whole, and has everybody understood?"""
    paper, results = of_codes(findings, ("E101",)), of_codes(findings, ("E102", "E103"))
    everybody = values["passed"] == values["persons"]
    results_level: Level = level_of(client, results) if values["sat"] else "unknown"
    if results_level == "fine" and not everybody:
        results_level = "watch"
    known = "exam.reason.not_sat"
    if values["sat"]:
        known = "exam.fine.results" if everybody else "exam.found.results"
    return (
        Verdict(
            "exam.question.paper",
            level_of(client, paper),
            found_or(client, paper, Sentence("exam.fine.paper", values), "judged.first_of"),
            None,
            Sentence("exam.sure.paper"),
        ),
        Verdict(
            "exam.question.results",
            results_level,
            found_or(client, results, Sentence(known, values), "judged.first_of"),
            None,
            Sentence("exam.sure.results", values),
        ),
    )


# -- tables ------------------------------------------------------------------
def _tables(
    client: Client,
    paper: list[tuple[Question, int]],
    key: pd.Series,
    results: Marked,
    team: pd.DataFrame,
) -> dict[str, StageTable]:
    ask = sentences(question.ask for question, _ in paper)
    topic = [question.topic for question, _ in paper]
    base = pd.DataFrame({"question": key.index, "ask": ask, "key": topic})
    base["topic"] = sentences(Sentence(f"exam.topic.{name}") for name in topic)
    options = {
        name: sentences(question.options[place] for question, _ in paper)
        for place, name in enumerate("abcd")
    }
    answers = base.assign(
        answer=key.to_numpy(),
        right=sentences(question.options[place] for question, place in paper),
        why=sentences(question.why for question, _ in paper),
    )
    frames = {
        "paper": base.assign(**options),
        "answer_key": answers,
        "topics": _topics(base, results),
        "item_statistics": _items(client, base, results),
        "departments": _departments(client, team, results),
        "persons": results.persons.sort_values(["department", "employee"]),
    }
    return {name: stage_table(STAGE, name, frame) for name, frame in frames.items()}


def _topics(base: pd.DataFrame, results: Marked) -> pd.DataFrame:
    right = results.items.set_index("question")["right"]
    table = base.assign(right=right.reindex(base["question"]).to_numpy())
    table["right"] = table["right"].astype("Int64")
    grouped = table.groupby("key", sort=False, as_index=False).agg(
        questions=("question", "size"), right=("right", "mean")
    )
    grouped["right"] = grouped["right"].astype("Float64").round().astype("Int64")
    topic = sentences(Sentence(f"exam.topic.{name}") for name in grouped["key"])
    return grouped.assign(topic=topic)


def _items(client: Client, base: pd.DataFrame, results: Marked) -> pd.DataFrame:
    """Shares and discrimination; with fewer than three papers nothing is shown."""
    table = results.items.assign(ask=base["ask"].to_numpy())
    known = table["discrimination"].notna()
    table.loc[known, "discrimination"] = round_half_up(table.loc[known, "discrimination"])
    least = fewest(client)
    if len(results.persons) < least:
        table["right"] = table["right"].mask(table["right"].notna())
        table["discrimination"] = table["discrimination"].mask(table["discrimination"].notna())
    limit = number(client, "exam.wrong_share_retrain")
    state = pd.Series("understood", index=table.index, dtype="str")
    state = state.mask(((MILLION - table["right"]) > limit).fillna(False), "teach_again")
    return table.assign(state=state.mask(table["right"].isna(), "no_answers"))


def _departments(client: Client, team: pd.DataFrame, results: Marked) -> pd.DataFrame:
    """Departments of at least three examinees who handed in show their pass share.

    Not where all passed or all failed, which tells each one's result, nor where the total
    on the same page less the departments shown would tell it of those that are not.
    """
    state = results.persons.set_index("employee")["state"].reindex(team["employee"])
    rows = team.assign(
        sat=state.notna().to_numpy().astype("int64"),
        ok=(state == "passed").to_numpy().astype("int64"),
    )
    table = rows.groupby("department", as_index=False).agg(
        persons=("employee", "size"), sat=("sat", "sum"), ok=("ok", "sum")
    )
    share = divide(table["ok"] * MILLION, table["sat"].clip(lower=1) * MILLION)
    shown = _safe(table["sat"].to_numpy(), table["ok"].to_numpy(), fewest(client))
    return table.assign(passed=pd.Series(share, index=table.index, dtype="Int64").where(shown))


def _safe(sat: np.ndarray, ok: np.ndarray, least: int) -> np.ndarray:
    """Which departments' shares may stand beside the total of them all."""
    if ok.sum() in (0, sat.sum()):  # the total tells everybody's result already
        return sat >= least
    shown = (sat >= least) & (ok > 0) & (ok < sat)
    for at in np.argsort(sat, kind="stable"):
        people, passed = sat[~shown].sum(), ok[~shown].sum()
        if not people or (people >= least and 0 < passed < people):
            break
        shown[at] = False
    return shown


def _weakest(topics: pd.DataFrame, values: dict[str, object]) -> Sentence:
    known = topics.dropna(subset=["right"])
    if known.empty:
        return Sentence("exam.reason.topics", values)
    worst = known.sort_values("right", kind="stable").iloc[0]
    return Sentence("exam.reason.weakest", {"topic": worst["topic"], "right": int(worst["right"])})
