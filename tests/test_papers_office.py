"""The papers as an office program prints them: pages, text, nothing cut off."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from test_papers import ROOT, qinghe

from ecperf_kit.client import open_client
from ecperf_kit.outputs.papers.consent import consent
from ecperf_kit.outputs.papers.facts import Facts
from ecperf_kit.outputs.papers.implementation import implementation_rules
from ecperf_kit.outputs.papers.notice import notice
from ecperf_kit.outputs.papers.pitch import pitch

pytestmark = pytest.mark.office
OFFICE = shutil.which("soffice") or shutil.which("libreoffice")


def _printed(
    papers: dict[str, bytes], folder: Path, order: str = "-layout"
) -> dict[str, tuple[int, str]]:
    """Each paper as pages and text, converted by LibreOffice in one go."""
    if OFFICE is None or shutil.which("pdftotext") is None:
        pytest.skip("LibreOffice and pdftotext are not installed")
    for name, paper in papers.items():
        (folder / f"{name}.docx").write_bytes(paper)
    profile = (folder / "profile").as_uri()
    written = [str(folder / f"{name}.docx") for name in papers]
    command = [OFFICE, f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf",
               "--outdir", str(folder), *written]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    found = {}
    for name in papers:
        pdf = str(folder / f"{name}.pdf")
        text = subprocess.run(
            ["pdftotext", order, pdf, "-"], check=True, capture_output=True
        ).stdout.decode("utf-8")
        found[name] = (text.count("\f"), text)
    return found


def test_the_papers_print_as_they_should(tmp_path: Path) -> None:
    zh, en = qinghe(), qinghe("en")
    papers = {
        "pitch_zh": pitch(zh).bytes(), "pitch_en": pitch(en).bytes(),
        "consent": consent(zh, "E025").bytes(), "notice": notice(zh).bytes(),
    }  # fmt: skip
    printed = _printed(papers, tmp_path)
    assert printed["pitch_zh"][0] == printed["pitch_en"][0] == 1  # the sponsor pitch is one page
    assert printed["consent"][0] <= 2
    pages, text = printed["notice"]
    each = text.split("\f")
    assert "青禾家居文件" in each[0].replace(" ", "") and pages >= 6
    assert all(zh.hash in page for page in each[:pages])  # the foot of every page
    assert [f"—{at}—" in page.replace(" ", "") for at, page in enumerate(each[:pages], 1)] == (
        [True] * pages
    )
    assert "6,695.00" in printed["consent"][1]
    assert "抄送" in each[pages - 1]  # the printer's block stands on the last page


def _between_pages(facts: Facts) -> str:
    """What stands between two pages of a paper, without blanks, as a pattern."""
    foot = facts.text("foot", client=facts.firm, hash=facts.hash)
    mark = facts.text("draft", count=len(facts.faults)) if facts.faults else ""
    pieces = (re.escape(re.sub(r"\s", "", each)) for each in (foot, mark) if each)
    return "|".join([f"{next(pieces)}—\\d+—", *pieces])


def test_no_row_is_lost_where_a_page_ends_and_no_mark_where_a_line_does(tmp_path: Path) -> None:
    from docx import Document

    papers: dict[str, bytes] = {}
    apart: dict[str, str] = {}
    for client in ("qinghe", "xiaoman"):
        for language in ("zh", "en"):
            facts = Facts(open_client(client, language=language, root=ROOT))
            papers[f"notice_{client}_{language}"] = notice(facts).bytes()
            papers[f"rules_{client}_{language}"] = implementation_rules(facts).bytes()
            apart |= dict.fromkeys(list(papers)[-2:], _between_pages(facts))
    printed = _printed(papers, tmp_path, "-raw")
    for name, paper in papers.items():
        text = re.sub(apart[name], "", re.sub(r"\s", "", printed[name][1]))
        first = Counter(
            re.sub(r"\s", "", row.cells[0].text)
            for table in Document(io.BytesIO(paper)).tables
            for row in table.rows
        )
        lost = [said for said, times in first.items() if len(said) > 2 and text.count(said) < times]
        assert len(first) > 10 and lost == [], name
        lines = (re.sub(r"\s", "", each.text) for each in Document(io.BytesIO(paper)).paragraphs)
        assert [line for line in lines if len(line) > 20 and line not in text] == [], name
