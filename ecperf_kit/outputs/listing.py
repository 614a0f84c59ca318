"""The list of findings: worst first, with persons' cases kept apart from the open list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from ecperf_kit.finding import SEVERITIES, Finding, Source
from ecperf_kit.outputs.tables import Head, Printed, Tag, without_blank_columns
from ecperf_kit.outputs.wording import Wording

#: The findings told in one row, by the id of the first of them.
Joined = Mapping[int, Sequence[Finding]]
_MANY = 3  # of the same kind are told in one row of a page
#: The colour of a severity, as the verdicts have it.
_LEVEL = {"error": "change", "warning": "watch", "note": "unknown"}


def about_person(finding: Finding) -> bool:
    """Whether the finding speaks of one employee: such cases stay out of open papers."""
    return finding.subject.partition(":")[0] == "employee"


def ordered(findings: Iterable[Finding], wording: Wording) -> list[Finding]:
    """Errors, then warnings, then notes; by code and subject within."""
    codes = wording.library.codes
    rank = {severity: i for i, severity in enumerate(SEVERITIES)}
    return sorted(
        findings,
        key=lambda f: (rank[codes[f.code].severity], f.code, f.subject, f.source.row or 0),
    )


def counts(findings: Sequence[Finding], wording: Wording) -> str:
    """How many errors, warnings and notes, in words."""
    found = Counter(wording.library.codes[f.code].severity for f in findings)
    return wording.text("findings.counts", **{s: found[s] for s in SEVERITIES})


def place(source: Source, wording: Wording) -> str:
    """Where a fault stands: file, sheet, row as Excel counts it, column; of keys the key."""
    if not source.file:
        return ""
    parts = [source.file]
    if source.sheet:
        parts.append(wording.text("findings.at_sheet", sheet=source.sheet))
    if source.row is not None:
        parts.append(wording.text("findings.at_row", row=source.row))
    if source.column and source.file.endswith(".toml"):
        parts.append(wording.text("findings.at_key", key=source.column))
    elif source.column:
        parts.append(wording.text("findings.at_column", column=source.column))
    return "".join(parts)


def open_list(
    findings: Sequence[Finding], wording: Wording, joined: Joined = MappingProxyType({})
) -> Printed:
    """All findings, those about single employees as one row per code with their number."""
    rows: list[tuple[str | Tag, ...]] = []
    persons: dict[str, list[Finding]] = {}
    for finding in findings:
        if about_person(finding):
            persons.setdefault(finding.code, []).append(finding)
    seen: set[str] = set()
    for finding in findings:
        if not about_person(finding):
            rows.append(_row(finding, wording, joined))
        elif finding.code not in seen:
            seen.add(finding.code)
            number = len({f.subject for f in persons[finding.code]})
            text = wording.texts
            key = f"finding.{finding.code}"
            rows.append(
                (
                    _severity(finding.code, wording),
                    finding.code,
                    wording.text("findings.persons", count=number),
                    text.get(f"{key}.title", finding.code),
                    wording.text("findings.persons_evidence", count=number),
                    _remedy_of_many(persons[finding.code], wording),
                    "",
                )
            )
    return without_blank_columns(Printed(_heads(wording), tuple(rows)))


def page_list(findings: Sequence[Finding], wording: Wording, open_: bool) -> Printed:
    """The list for a page: the same fault of one subject in many months in one row.

    The row has their number, the months and the indicators, and the first of them as the
    example; workbook, ``tables`` and ``ecperf check`` list each. ``open_``: single
    employees' cases only as their number.
    """
    same: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        if "month" in finding.values and not (open_ and about_person(finding)):
            same.setdefault((finding.code, finding.subject), []).append(finding)
    joined = {key: found for key, found in same.items() if len(found) >= _MANY}
    first = {id(found[0]): found for found in joined.values()}
    more = {id(f) for found in joined.values() for f in found[1:]}
    kept = [finding for finding in findings if id(finding) not in more]
    shown = open_list(kept, wording, first) if open_ else full_list(kept, wording, first)
    return without_blank_columns(shown)


def full_list(
    findings: Iterable[Finding], wording: Wording, joined: Joined = MappingProxyType({})
) -> Printed:
    """Every finding with its evidence and place."""
    rows = tuple(_row(f, wording, joined) for f in findings)
    return without_blank_columns(Printed(_heads(wording), rows))


def _remedy_of_many(findings: Sequence[Finding], wording: Wording) -> str:
    """The remedy, if it is the same for all: a remedy with a person's figures stays closed."""
    remedies = {wording.finding(f).remedy for f in findings}
    template = wording.texts.get(f"finding.{findings[0].code}.remedy", "")
    if len(remedies) == 1 and "{" not in template:
        return remedies.pop()
    return wording.text("findings.persons_remedy", count=len({f.subject for f in findings}))


def _heads(wording: Wording) -> tuple[Head, ...]:
    names = ("severity", "code", "subject", "title", "evidence", "remedy", "source")
    return tuple(
        Head(wording.text(f"findings.{n}"), short=n in ("severity", "code")) for n in names
    )


def _severity(code: str, wording: Wording) -> Tag:
    severity = wording.library.codes[code].severity
    return Tag(wording.text(f"severity.{severity}"), _LEVEL[severity])


def _row(finding: Finding, wording: Wording, joined: Joined) -> tuple[str | Tag, ...]:
    text = wording.finding(finding)
    same = joined.get(id(finding), ())
    if same:
        indicators = list(dict.fromkeys(f.values.get("indicator") for f in same))
        evidence = wording.text(
            "findings.joined" if None in indicators else "findings.joined_of",
            count=len(same),
            months=sorted({str(f.values["month"]) for f in same}),
            indicators=indicators,
            first=text.evidence,
        )
        remedy = text.remedy
        if len({wording.finding(f).remedy for f in same}) > 1:
            remedy = wording.text("findings.joined_remedy", first=remedy)
        text = text._replace(evidence=evidence, remedy=remedy)
    return (
        _severity(finding.code, wording),
        finding.code,
        wording.subject(finding.subject),
        text.title,
        text.evidence,
        text.remedy,
        place(finding.source, wording),
    )
