"""From findings to verdicts and actions: the same way in every stage before the pilot."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.finding import SEVERITIES, Finding
from ecperf_kit.stages.result import Action, Level, Sentence
from ecperf_kit.stages.settled import due_of, owner_of

_LEVEL: Mapping[str, Level] = {"error": "change", "warning": "watch", "note": "fine"}


def sentences(items: Iterable[Sentence | None], index: pd.Index | None = None) -> pd.Series:
    """Sentences as a column of a stage table."""
    return pd.Series(list(items), index=index, dtype="object")


def records(table: pd.DataFrame, columns: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The rows of a table (in the given columns, or all) as dictionaries of plain values.

    As ``to_dict("records")``, but a column at a time: tables grow with people and months.
    """
    names = list(columns) or [str(name) for name in table.columns]
    values = zip(*(table[name].tolist() for name in names), strict=True)
    return [dict(zip(names, row, strict=True)) for row in values]


def severity(client: Client, finding: Finding) -> str:
    """error, warning or note."""
    return client.library.codes[finding.code].severity


def graded(client: Client, findings: Iterable[Finding], wanted: str) -> list[Finding]:
    """The findings of one severity."""
    return [finding for finding in findings if severity(client, finding) == wanted]


def of_codes(findings: Iterable[Finding], codes: Sequence[str]) -> list[Finding]:
    """The findings under codes that begin so."""
    return [finding for finding in findings if finding.code.startswith(tuple(codes))]


def level_of(client: Client, findings: Iterable[Finding]) -> Level:
    """change with an error among them, watch with a warning, else fine."""
    found = {severity(client, finding) for finding in findings}
    for grade in SEVERITIES:
        if grade in found:
            return _LEVEL[grade]
    return "fine"


def said(finding: Finding, part: str) -> Sentence:
    """Title, evidence or remedy of a finding as a sentence."""
    return Sentence(f"finding.{finding.code}.{part}", finding.values)


def flaws_of_scheme(findings: Iterable[Finding]) -> Sentence | None:
    """The scheme's own errors by their titles: what is computed with them is not to be paid."""
    titles = dict.fromkeys(said(f, "title").key for f in of_codes(findings, ("S",)))
    names = tuple(Sentence(title) for title in titles)
    return Sentence("judged.scheme", {"names": names}) if names else None


def found_or(
    client: Client, findings: Sequence[Finding], otherwise: Sentence, many: str
) -> Sentence:
    """The gravest finding's evidence, how many there are beside it, or that all is well.

    What speaks of one employee is only named: everybody reads a verdict.
    """
    grave = [f for f in findings if severity(client, f) != "note"]
    if not grave:
        return otherwise
    first = min(grave, key=lambda f: SEVERITIES.index(severity(client, f)))
    if len(grave) == 1:
        return said(first, "title" if first.subject.startswith("employee:") else "evidence")
    return Sentence(many, {"first": said(first, "title"), "count": len(grave)})


def actions(
    client: Client,
    findings: Iterable[Finding],
    due: str,
    limit: int,
    effects: Mapping[str, Sentence] | None = None,
) -> tuple[Action, ...]:
    """What must change, gravest first, one action per code; ``due`` is the report's own day,
    for what has no other. Where all cases of a code are single employees', how it is mended
    stands with them: everybody reads an action."""
    ordered = sorted(
        (f for f in findings if severity(client, f) != "note"),
        key=lambda f: SEVERITIES.index(severity(client, f)),
    )
    chosen: dict[str, list[Finding]] = {}
    for finding in ordered:
        chosen.setdefault(finding.code, []).append(finding)
    found = []
    for code, same in list(chosen.items())[:limit]:
        found.append(
            Action(
                what=what_of(same),
                how=how_of(client, same),
                effect=(effects or {}).get(code),
                owner=owner_of(code),
                due=due_of(client, code, due),
            )
        )
    return tuple(found)


def what_of(same: Sequence[Finding]) -> Sentence:
    """The title of findings of one code, with their number."""
    what = said(same[0], "title")
    if len(same) == 1:
        return what
    return Sentence("judged.several", {"title": what, "count": len(same)})


def how_of(client: Client, same: Sequence[Finding]) -> Sentence:
    """The remedy: of a case that is not one employee's, or one without their figures; of
    several that differ, the first's as an example."""
    shared = [f for f in same if not f.subject.startswith("employee:")]
    template = client.library.texts(client.language).get(f"finding.{same[0].code}.remedy", "")
    if shared:
        first = said(shared[0], "remedy")
        many = len(shared) > 1 and "{" in template
        return Sentence("findings.joined_remedy", {"first": first}) if many else first
    if "{" not in template:
        return said(same[0], "remedy")
    persons = len({f.subject for f in same})
    return Sentence("findings.persons_remedy", {"count": persons})
