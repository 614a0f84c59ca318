"""The main job on a real export: an empty folder, the service-call workbook, three reports.

The expected pay is worked out by hand from counts of the workbook's rows:

Becky 2021-01: 216 calls, 177 answered, 154 resolved, 11,390 s, ratings 599
  answer rate 177/216 = 0.819444; /0.82 x 30 = 29.979659
  speed 11,390/177 = 64.35 s, band to 70 s: 80 % of 20 = 16
  resolved 154/177 = 0.870056, 0.029944 below 0.90: three started steps, 30 x 0.7 = 21
  rating 599/177 = 3.384181, 0.015819 below 3.4: one started step, 20 x 0.9 = 18
  total 84.98, coefficient 1.0, pay 3,500 + 1,500 x 1.0 = 5,000.00
Becky 2021-02: 0.801887/0.82 x 30 = 29.337329; 16; 30; 18: 93.34, 1.1, 5,150.00
Becky 2021-03: 30; 16; 30; 20: 96.00, 1.2, 5,300.00
Dan 2021-03: 30; 16; 140/163 = 0.858896 five started steps 15; 18: 79.00, 0.9, 4,850.00
"""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from ecperf_kit.cli import main
from ecperf_kit.client import open_client
from ecperf_kit.exact import exact
from ecperf_kit.method.calculate import calculate
from tests.service_call_client import AGENTS, write_service_call_client

pytestmark = pytest.mark.real_data
MONTHS = ("2021-01", "2021-02", "2021-03")


@pytest.fixture(scope="module")
def root(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A practice with the client, its calls imported by the command line."""
    root = tmp_path_factory.mktemp("practice")
    (root / "practice.toml").write_text("", encoding="utf-8")
    write_service_call_client(root / "client_data" / "hotline")
    workbook = real_data / "call_center" / "call_center.xlsx"
    done = _ecperf(root, "import", "hotline", str(workbook), "--lang", "en")
    assert "5,000 read = 5,000 used" in done
    return root


def _ecperf(root: Path, *arguments: str) -> str:
    done = CliRunner().invoke(main, arguments, env={"ECPERF_HOME": str(root)})
    assert done.exit_code == 0, done.output
    return done.output


def test_the_totals_of_the_workbook_arrive_whole(root: Path) -> None:
    actuals = open_client("hotline", root=root).table("actuals")
    of = actuals.groupby("indicator")[["numerator", "denominator"]].sum()
    assert len(actuals) == len(AGENTS) * len(MONTHS) * 4
    answered, resolved = of.loc["call_answer_rate"], of.loc["call_resolve_rate"]
    assert (answered["denominator"], answered["numerator"]) == (exact(5000), exact(4054))
    assert (resolved["denominator"], resolved["numerator"]) == (exact(4054), exact(3646))
    rating = of.loc["call_satisfaction"]
    assert round(rating["numerator"] / rating["denominator"], 4) == 3.4036


def test_nothing_is_wrong_with_the_data(root: Path) -> None:
    client = open_client("hotline", period="2021-01..2021-03", root=root)
    severity = {code: entry.severity for code, entry in client.library.codes.items()}
    assert [f for f in client.findings if severity[f.code] != "note"] == []


@pytest.mark.parametrize(
    ("agent", "month", "total", "coefficient", "pay"),
    [
        ("A01", "2021-01", "84.98", "1.0", "5000"),
        ("A01", "2021-02", "93.34", "1.1", "5150"),
        ("A01", "2021-03", "96", "1.2", "5300"),
        ("A02", "2021-03", "79", "0.9", "4850"),
    ],
)
def test_pay_to_the_cent(
    root: Path, agent: str, month: str, total: str, coefficient: str, pay: str
) -> None:
    calculated = calculate(open_client("hotline", root=root), MONTHS)
    key = ["employee", "month"]
    row = calculated.totals.set_index(key).loc[(agent, month)]
    assert (row["total"], row["coefficient"]) == (exact(total), exact(coefficient))
    paid = calculated.pay.set_index(key).loc[(agent, month)]
    # nobody has confirmed a row: the pay is provisional, never final and never 0
    assert (paid["pay"], paid["state"]) == (exact(pay), "provisional")


def test_the_same_workbook_twice_changes_nothing(root: Path, real_data: Path) -> None:
    folder = root / "client_data" / "hotline" / "imported"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    workbook = real_data / "call_center" / "call_center.xlsx"
    said = _ecperf(root, "import", "hotline", str(workbook), "--lang", "en")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert "unchanged" in said


@pytest.mark.notebook
def test_three_reports(root: Path) -> None:
    stages = ["pilot", "rollout", "review"]
    arguments = [word for stage in stages for word in ("--stage", stage)]
    said = _ecperf(root, "run", "hotline", "--period", "2021-01..2021-03", *arguments)
    reports = root / "reports" / "hotline" / "2021-01_2021-03"
    assert str(reports.parent) in said
    for stage in stages:
        page = (reports / stage / "report.html").read_text(encoding="utf-8")
        assert "热线服务示例" in page
        assert not any(f">{name}<" in page for name in AGENTS), "a person in the public page"
        assert (reports / stage / "run.json").is_file()
