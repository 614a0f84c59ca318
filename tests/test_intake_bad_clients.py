"""One minimal bad client per fault of the data: exactly that finding, at exactly that place.

A case holds what differs from the good client, and ``expected.toml``: the files
to remove, and the findings with file, sheet, row and column.
"""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from ecperf_kit.client import Client, open_client
from ecperf_kit.finding import Finding
from ecperf_kit.library import load_library

CASES = Path(__file__).resolve().parent / "bad_clients"
BAD = sorted(folder for folder in CASES.iterdir() if re.match(r"D\d{3}_", folder.name))
#: Codes no folder alone can raise: raised on opening, by an import or by the system.
ELSEWHERE = {
    "D105",  # a table as CSV and as sheet: test_intake_read
    *("D113", "D114", "D115", "D123", "D125", "D126"),  # test_client
    "D128",  # a file locked by another program: test_intake_read
    *("D405", "D406", "D407", "D408", "D409", "D410"),  # test_intake_imports
    *("D411", "D412", "D413", "D414"),
    *("D415", "D416", "D418"),  # test_audit_intake
    "D419",  # test_imports_big
    *("D480", "D481"),  # test_clauses_imports
    "D482",  # test_import_faults
}


def _place(finding: Finding) -> tuple[str, str, str, int | None, str]:
    source = finding.source
    return (finding.code, source.file, source.sheet, source.row, source.column)


def _opened(folder: Path, practice: Path) -> Client:
    target = practice / "client_data" / "_good"
    shutil.copytree(CASES / "_good", target)
    expected = tomllib.loads((folder / "expected.toml").read_text(encoding="utf-8"))
    shutil.copytree(folder, target, dirs_exist_ok=True)
    for name in (*expected.get("remove", []), "expected.toml"):
        (target / name).unlink()
    return open_client("_good", root=practice)


@pytest.mark.parametrize("folder", BAD, ids=lambda folder: folder.name)
def test_bad_client_raises_its_finding_and_no_other(folder: Path, practice: Path) -> None:
    expected = tomllib.loads((folder / "expected.toml").read_text(encoding="utf-8"))
    wanted = [
        (f["code"], f["file"], f.get("sheet", ""), f.get("row"), f["column"])
        for f in expected["finding"]
    ]
    client = _opened(folder, practice)
    assert sorted(map(str, map(_place, client.findings))) == sorted(map(str, wanted))
    assert folder.name[:4] in {code for code, *_ in wanted}
    assert _untold(client.findings) == []
    rows = client.rows
    assert (rows["read"] == rows["used"] + rows["set_aside"]).all()


def _untold(findings: Iterable[Finding]) -> list[str]:
    """Texts that ask for a value their finding does not carry."""
    library = load_library()
    return [
        f"{finding.code} {language} {part}"
        for finding in findings
        for language in ("zh", "en")
        for part in ("title", "evidence", "remedy")
        if set(re.findall(r"\{(\w+)", library.texts(language)[f"finding.{finding.code}.{part}"]))
        - set(finding.values)
    ]


def test_every_code_of_the_data_has_a_case() -> None:
    codes = {code for code in load_library().codes if code.startswith("D")}
    assert codes - {folder.name[:4] for folder in BAD} == ELSEWHERE


def test_good_client_has_nothing_wrong(good_client: Callable[..., Path], practice: Path) -> None:
    good_client()
    assert open_client("_good", root=practice).findings == ()


def test_all_faults_are_told_at_once(good_client: Callable[..., Path], practice: Path) -> None:
    good_client(
        files={
            "attendance.csv": "employee,month,scheduled_days,worked_days\n"
            'E03,2026-04,22,"12,5"\nE04,2026-13,22,x\n',
            "employees.csv": "employee,name,hired,superior\nE01,林一,2020-01-01,E99\n",
        }
    )
    codes = [finding.code for finding in open_client("_good", root=practice).findings]
    assert {"D206", "D212", "D205", "D304", "D303"} <= set(codes)
