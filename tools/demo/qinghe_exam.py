"""Qinghe Home (invented): the exam before the pilot, answered by everybody who is assessed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ecperf_kit.client import open_client
from ecperf_kit.stages.exam import answer_key, exam_paper, paper_number
from ecperf_kit.stages.exam_marking import LETTERS, examinees

#: What a question asks of a person, in hundredths, from easy to hard.
_HARDNESS = (7, 12, 9, 15, 10, 24, 8, 13, 9, 20)


def _missed(place: int, persons: int, number: int) -> bool:
    """Whether somebody misses a question: knowledge plus a little of the day's form."""
    known = 80 * (place * 7 % persons) // persons
    form = (place * 11 + number * 17) % 20
    return known + form < _HARDNESS[number % len(_HARDNESS)]


def exam_answers(root: Path) -> list[dict[str, Any]]:
    """Answers to the paper the kit makes from the scheme already written under ``root``.

    The paper's number follows from its questions: whoever changes the questions
    or the scheme writes the demo clients anew.
    """
    client = open_client("qinghe", root=root)
    paper = exam_paper(client)
    key = answer_key(paper)
    rows = []
    people = sorted(examinees(client)["employee"])
    for place, employee in enumerate(people):
        for question, right in key.items():
            number = int(str(question))
            missed = _missed(place, len(people), number)
            wrong = LETTERS[(LETTERS.index(right) + 1 + place % 3) % len(LETTERS)]
            rows.append(
                {
                    "paper": paper_number(paper),
                    "employee": employee,
                    "question": number,
                    "answer": wrong if missed else right,
                }
            )
    return rows
