"""Marked exam papers: who passed, and what each question tells (classical item statistics)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, divide
from ecperf_kit.rules.assessors import heads
from ecperf_kit.rules.in_force import number, people, reference_month

LETTERS = "ABCD"
_FEWEST = 3  # below three papers a correlation says nothing


@dataclass(frozen=True)
class Marked:
    """``answers``: employee, question, right (bool), only answers to this paper;
    ``foreign``: answers to another paper or question; ``persons`` and ``items`` are tables."""

    answers: pd.DataFrame
    foreign: pd.DataFrame
    persons: pd.DataFrame
    items: pd.DataFrame


def examinees(client: Client) -> pd.DataFrame:
    """Everybody but the heads of the firm, whom nobody assesses: employee, department.

    Who lacks a superior on file is assessed all the same, and sits the exam.
    """
    team = people(client).drop_duplicates("employee")
    team = team[~team["employee"].isin(heads(client, reference_month(client)))]
    return team[["employee", "department"]].reset_index(drop=True)


def letter(answer: Any) -> str:
    """A typed answer as A to D, whatever its width or case; empty if it is none."""
    text = unicodedata.normalize("NFKC", str(answer)).strip().upper() if pd.notna(answer) else ""
    return text if text in LETTERS and text else ""


def marked(client: Client, paper: str, key: pd.Series) -> Marked:
    """The answers to ``paper`` marked with ``key`` (question -> letter).

    A question left blank counts as wrong; the last of two answers to one question
    counts. Whoever handed in nothing is not in ``persons``.
    """
    given = client.table("exam_answers")
    own = (given["paper"] == paper) & given["question"].isin(key.index)
    foreign = given[~own]
    answers = given.loc[own, ["employee", "question", "answer"]]
    answers = answers.drop_duplicates(["employee", "question"], keep="last")
    typed = answers["answer"].map(letter).astype("str")
    wanted = key.reindex(answers["question"].astype("int64")).to_numpy()
    answers = answers.assign(letter=typed, right=typed.to_numpy() == wanted)
    return Marked(
        answers.reset_index(drop=True),
        foreign.reset_index(drop=True),
        _persons(client, answers, len(key)),
        _items(answers, key),
    )


def _persons(client: Client, answers: pd.DataFrame, count: int) -> pd.DataFrame:
    grouped = answers.assign(answered=answers["letter"] != "").groupby("employee", as_index=False)
    table = grouped.agg(answered=("answered", "sum"), right=("right", "sum"))
    for column in ("answered", "right"):
        table[column] = table[column].astype("int64")
    table["share"] = pd.Series(
        divide(table["right"] * MILLION, max(count, 1) * MILLION), index=table.index
    )
    passed = table["share"] >= number(client, "exam.pass_share")
    table["state"] = passed.map({True: "passed", False: "failed"})
    team = examinees(client).set_index("employee")["department"]
    department = team.reindex(table["employee"]).to_numpy()
    return table.assign(department=pd.Series(department, index=table.index, dtype="str"))


def _items(answers: pd.DataFrame, key: pd.Series) -> pd.DataFrame:
    """Share right of those who handed in, and the correlation with the rest of the paper.

    The rest leaves the question itself out, so that a short paper does not flatter it.
    """
    wide = answers.pivot(index="employee", columns="question", values="right")
    wide = wide.reindex(columns=key.index).fillna(False).astype("float64")
    handed_in = len(wide)
    table = pd.DataFrame({"question": key.index, "answered": 0})
    table["right"] = pd.Series(pd.NA, index=table.index, dtype="Int64")
    table["discrimination"] = pd.Series(pd.NA, index=table.index, dtype="Int64")
    if not handed_in:
        return table
    counts = answers[answers["letter"] != ""].groupby("question").size()
    table["answered"] = counts.reindex(key.index).fillna(0).astype("int64").to_numpy()
    right = wide.sum().astype("int64").to_numpy()
    table["right"] = pd.Series(divide(right * MILLION, handed_in * MILLION), dtype="Int64")
    if handed_in >= _FEWEST:
        rest = pd.DataFrame({q: wide.sum(axis=1) - wide[q] for q in wide.columns})
        spread = (wide.std() > 0) & (rest.std() > 0)
        varied = [question for question in wide.columns if spread[question]]
        found = {q: wide[q].corr(rest[q]) for q in varied}
        values = [found.get(question) for question in key.index]
        table["discrimination"] = pd.Series(
            [pd.NA if v is None else round(v * MILLION) for v in values], dtype="Int64"
        )
    return table
