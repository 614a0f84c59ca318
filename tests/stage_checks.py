"""What holds for every stage result: it can be worded, and it names nobody's pay in the open."""

from __future__ import annotations

from ecperf_kit.client import Client
from ecperf_kit.outputs.wording import Wording
from ecperf_kit.stages.result import StageResult


def worded(client: Client, report: StageResult, language: str) -> list[str]:
    """Every sentence, figure, finding and cell of a result in words; raises if one cannot be."""
    wording = Wording(client.library, language, client)
    said = [wording.say(s) for s in (report.title, report.advice, *report.reasons)]
    said += [
        wording.text(f.label, **f.values) + wording.cell(f.value, f.type, f.unit)
        for f in report.figures
    ]
    for verdict in report.verdicts:
        said.append(wording.text(verdict.question))
        said += [wording.say(s) for s in (verdict.found, verdict.sure, verdict.money) if s]
    for action in report.actions:
        said += [
            wording.say(s) for s in (action.what, action.how, action.owner, action.effect) if s
        ]
    for finding in report.findings:
        said += wording.finding(finding)
    for table in report.tables.values():
        for column in table.declaration.columns:
            values = table.frame[column.name].tolist()
            said += [wording.cell(value, column.type, column.unit) for value in values]
    return said
