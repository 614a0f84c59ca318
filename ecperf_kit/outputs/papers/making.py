"""All papers of a client, or those of some kinds, as named files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from ecperf_kit.client import Client
from ecperf_kit.finding import Finding
from ecperf_kit.outputs.papers.consent import consent
from ecperf_kit.outputs.papers.document import Paper
from ecperf_kit.outputs.papers.facts import Facts
from ecperf_kit.outputs.papers.implementation import implementation_rules
from ecperf_kit.outputs.papers.job_description import job_description
from ecperf_kit.outputs.papers.merit import dividend_form, promotion_criteria, promotion_list
from ecperf_kit.outputs.papers.notice import notice
from ecperf_kit.outputs.papers.pitch import pitch
from ecperf_kit.outputs.papers.scorecard import scorecard_of_person, scorecard_of_post
from ecperf_kit.outputs.papers.sign_list import sign_list
from ecperf_kit.practice import is_folder_name
from ecperf_kit.rules.merit import sharers

RESTRICTED = "restricted"
Named = Iterator[tuple[str, Paper]]


@dataclass(frozen=True)
class Papers:
    """The papers by path inside the papers folder, and what the client has not given.

    ``missing``: fact (text ``papers.fact.<name>``) and subject, in the order of the papers.
    ``faults``: errors for which every page is marked as a draft.
    """

    files: dict[str, bytes]
    scheme: str
    missing: tuple[tuple[str, str], ...] = field(default=())
    faults: tuple[Finding, ...] = field(default=())


def _one(name: str, make: Callable[[Facts], Paper]) -> Callable[[Facts], Named]:
    return lambda facts: iter([(name, make(facts))])


def _job_descriptions(facts: Facts) -> Named:
    for post in facts.posts:
        yield f"job_descriptions/{post}.docx", job_description(facts, post)


def _scorecards(facts: Facts) -> Named:
    for post in facts.posts:
        if (facts.rows["post"] == post).any():
            yield f"scorecards/{post}.docx", scorecard_of_post(facts, post)
    for employee in dict.fromkeys(facts.rows["employee"]):
        name = _file_name(facts, employee)
        yield f"{RESTRICTED}/scorecards/{name}.docx", scorecard_of_person(facts, employee)


def _consents(facts: Facts) -> Named:
    for employee in facts.changes:
        yield f"{RESTRICTED}/consents/{_file_name(facts, employee)}.docx", consent(facts, employee)


def _merit(facts: Facts) -> Named:
    yield "promotion.docx", promotion_criteria(facts)
    if len(facts.team):
        yield f"{RESTRICTED}/promotion_list.docx", promotion_list(facts)
    for employee in sharers(facts.client)["employee"]:
        name = _file_name(facts, employee)
        yield f"{RESTRICTED}/dividend/{name}.docx", dividend_form(facts, employee)


def _file_name(facts: Facts, employee: str) -> str:
    """The employee's number, or the place on the staff list where it cannot name a file."""
    if is_folder_name(employee):
        return employee
    numbers = list(facts.client.table("employees")["employee"])
    return f"row_{numbers.index(employee) + 1}"


#: Kind -> what makes its papers, in the order in which a scheme needs them.
KINDS: dict[str, Callable[[Facts], Named]] = {
    "pitch": _one("pitch.docx", pitch),
    "job_description": _job_descriptions,
    "notice": _one("notice.docx", notice),
    "rules": _one("implementation_rules.docx", implementation_rules),
    "scorecard": _scorecards,
    "consent": _consents,
    "merit": _merit,
    "sign_list": _one(f"{RESTRICTED}/sign_list.docx", sign_list),
}


def make_papers(client: Client, kinds: Sequence[str] = ()) -> Papers:
    """The papers of these kinds (default: all) in the client's language.

    What holds one person's pay, scores or signature lies under ``restricted/``.
    Nothing is written; the same client gives the same bytes.
    """
    facts = Facts(client)
    files: dict[str, bytes] = {}
    for kind in kinds or KINDS:
        for name, paper in KINDS[kind](facts):
            assert not PurePosixPath(name).is_absolute()
            files[name] = paper.bytes()
    return Papers(files, facts.hash, tuple(facts.missing), facts.faults)
