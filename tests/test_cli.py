"""The command line: exit codes, one clear sentence, nothing half written."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner, Result
from nbformat.v4 import new_code_cell, new_notebook

from ecperf_kit.cli import COMMANDS, main
from ecperf_kit.practice import HOME

# 30 + 60 = 90: the smallest scheme with an error in it
SCORECARDS = """\
subject_kind,subject_id,indicator,effective_from,role,weight,method,standard_basis,data_source
post,store_operator,net_sales,2026-04-01,core,30,percentage,annual_plan,finance_report
post,store_operator,gross_profit_rate,2026-04-01,core,60,percentage,annual_plan,finance_report
"""
CONFIG = """\
name_zh = "小店"
name_en = "Small Shop"
invented = true
kind = "pure_ecommerce"
language = "en"
[dates]
plan_year = 2026
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A practice with one client, and the current folder inside it."""
    monkeypatch.delenv(HOME, raising=False)
    (tmp_path / "practice.toml").write_text("[practice]\n", encoding="utf-8")
    folder = tmp_path / "client_data" / "shop"
    folder.mkdir(parents=True)
    (folder / "client.toml").write_text(CONFIG, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ecperf(*words: str) -> Result:
    """The command, run in this process; a bug shows as an exception."""
    result = CliRunner().invoke(main, list(words))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_help_names_every_command() -> None:
    result = ecperf("--help")
    assert result.exit_code == 0
    for name in COMMANDS:
        assert f"  {name} " in result.output
        assert ecperf(name, "--help").exit_code == 0


@pytest.mark.parametrize(
    "words",
    [
        ["check", "shop", "--period", "June"],
        ["run", "shop", "--period", "2026-13"],
        ["run", "shop", "--stage", "pilots"],
        ["run"],
        ["check", "shop", "--format", "yaml"],
        ["check", "../shop"],
        ["run", "../shop"],
        ["new", "../shop"],
        ["verify", "../shop"],
        ["explain", "../shop", "E001", "2026-06"],
        ["import", "../shop", "orders.csv"],
        ["run", "shop", "nobody"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_exit_2_and_one_sentence(root: Path, words: list[str]) -> None:
    before = sorted(root.rglob("*"))
    result = ecperf(*words)
    assert result.exit_code == 2, result.output
    assert result.output.count("Error:") == 1
    assert "Traceback" not in result.output
    assert sorted(root.rglob("*")) == before


def test_an_unknown_client_is_told_who_is_there(root: Path) -> None:
    for words in (["check", "shopp"], ["run", "shopp"], ["verify", "shopp"]):
        result = ecperf(*words)
        assert result.exit_code == 2
        assert "Clients here: shop." in result.output


def test_outside_a_practice_the_way_in_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(HOME, raising=False)
    monkeypatch.chdir(tmp_path)
    result = ecperf("check", "shop")
    assert result.exit_code == 2
    assert "ecperf init" in result.output


def test_check_finds_errors_in_three_formats(root: Path) -> None:
    (root / "client_data" / "shop" / "scorecards.csv").write_text(SCORECARDS, encoding="utf-8")
    text = ecperf("check", "shop")
    assert text.exit_code == 1
    as_json = ecperf("check", "shop", "--format", "json")
    assert as_json.exit_code == 1
    rows = json.loads(as_json.stdout)
    weights = [r for r in rows if "90" in r["evidence"] and r["subject"] == "post:store_operator"]
    assert [r["severity"] for r in weights] == ["error"], "weights are 30 + 60 = 90, not 100"
    assert weights[0]["remedy"] and weights[0]["clause"]
    as_csv = ecperf("check", "shop", "--format", "csv", "--lang", "zh")
    listed = list(csv.DictReader(as_csv.stdout.splitlines()))
    assert sorted(r["code"] for r in listed) == sorted(r["code"] for r in rows)


def test_a_client_file_that_is_no_toml_is_one_sentence(root: Path) -> None:
    (root / "client_data" / "shop" / "client.toml").write_text("name_zh = ", encoding="utf-8")
    for words in (["check", "shop"], ["run", "shop", "--stage", "design"]):
        result = ecperf(*words)
        assert result.exit_code == 1
        assert "client.toml" in result.output
        assert "Traceback" not in result.output
    assert not list(root.glob("reports/**/*.html"))


@pytest.mark.notebook
def test_run_makes_what_it_can_and_says_where_it_lies(root: Path) -> None:
    parameters = 'client = ""\nperiod = ""\nlanguage = ""\noutput = ""'
    cells = [
        new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        new_code_cell("from ecperf_kit import open_client, show"),
        new_code_cell("show.data_findings(open_client(client, period, language))"),
        new_code_cell("assert client != 'broken', 'no such luck'"),
    ]
    (root / "notebooks").mkdir()
    nbformat.write(new_notebook(cells=cells), root / "notebooks" / "2_design.ipynb")
    for name in ("broken", "unreadable"):
        shutil.copytree(root / "client_data" / "shop", root / "client_data" / name)
    (root / "client_data" / "unreadable" / "client.toml").write_text("x", encoding="utf-8")
    result = ecperf("run", "--all", "--stage", "design", "--lang", "en")
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert lines[-1] == f"1 made, 0 unchanged, 2 failed. Reports: {root / 'reports'}"
    kept = Path("reports", "broken", "2026", "restricted", "design.failed.ipynb")
    # parameters, those given, import, show: the fifth cell run is the one that fails
    told = f"cell [5] failed: AssertionError: no such luck (the notebook is kept as {kept})"
    assert f"broken: design: {told}" in lines, result.output
    assert any(line.startswith("unreadable: ") for line in lines)
    assert "Traceback" not in result.output
    page = (root / "reports" / "shop" / "2026" / "design" / "report.html").read_text("utf-8")
    assert 'lang="en"' in page and "Small Shop" in page and "assert client" not in page
    again = ecperf("run", "shop", "--stage", "design", "--lang", "en")
    assert again.exit_code == 0
    assert again.output.splitlines()[-1].startswith("0 made, 1 unchanged, 0 failed.")
    assert ecperf("verify", "shop").exit_code == 0


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_new_client_can_be_checked_at_once(root: Path, language: str) -> None:
    words = ["new", "next-client", "--lang", language, "--posts", "store_operator,presales_cs"]
    assert ecperf(*words).exit_code == 0
    folder = root / "client_data" / "next-client"
    assert sorted(p.name for p in folder.iterdir()) == ["client.toml", "intake.xlsx"]
    rows = json.loads(ecperf("check", "next-client", "--format", "json").stdout)
    # its data are not wrong, there are only not enough of them yet
    assert [r for r in rows if r["file"] == "intake.xlsx"] == []
    from ecperf_kit.client import open_client
    from ecperf_kit.exact import exact

    opened = open_client("next-client", language=language, root=root)
    cards = opened.table("scorecards")
    for post in ("store_operator", "presales_cs"):
        assert cards.loc[cards["subject_id"] == post, "weight"].sum() == exact(100)
    bands = opened.table("coefficient_tables")
    at_80 = bands.loc[bands["at_least"] == exact(80), "coefficient"]
    assert list(at_80) == [exact(1)], "the default table: 80 points and more are paid in full"
    again = ecperf(*words)
    assert again.exit_code == 1
    assert "exists already" in again.output


def test_every_commented_line_of_a_new_client_toml_is_a_known_name(root: Path) -> None:
    """A consultant takes the # away: what then stands there is accepted."""
    assert ecperf("new", "next-client", "--lang", "en").exit_code == 0
    path = root / "client_data" / "next-client" / "client.toml"
    lines = path.read_text(encoding="utf-8").split("\n\n", 1)
    facts = [
        line[2:] if line.startswith(("# [", "# ")) and ("=" in line or "[" in line) else line
        for line in lines[1].splitlines()
    ]
    facts = [line for line in facts if not line.endswith('= ""') and '= ""  ' not in line]
    path.write_text("\n".join(facts), encoding="utf-8")
    rows = json.loads(ecperf("check", "next-client", "--format", "json").stdout)
    assert [r for r in rows if r["file"] == "client.toml"] == []


def test_new_refuses_a_post_the_library_does_not_have(root: Path) -> None:
    result = ecperf("new", "next-client", "--posts", "store_operator,astronaut")
    assert result.exit_code == 1
    assert "no post astronaut" in result.output
    assert not (root / "client_data" / "next-client").exists()


def test_a_report_that_was_never_made_cannot_be_verified(root: Path) -> None:
    result = ecperf("verify", "shop")
    assert result.exit_code == 1
    assert "has no report" in result.output


def test_verify_tells_what_changed(root: Path) -> None:
    from ecperf_kit.client import open_client
    from ecperf_kit.runner.record import write_record

    folder = root / "reports" / "shop" / "2026" / "design"
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("as made", encoding="utf-8")
    write_record(folder, {"inputs": dict(open_client("shop", root=root).inputs)})
    assert ecperf("verify", "shop").exit_code == 0
    (folder / "report.html").write_text("as touched", encoding="utf-8")
    (root / "client_data" / "shop" / "client.toml").write_text(
        CONFIG.replace("小店", "大店"), encoding="utf-8"
    )
    result = ecperf("verify", "shop")
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "2026/design: input client.toml is changed since the run",
        "2026/design: output report.html is changed since the run",
        "1 reports checked, 2 differences.",
    ]


def test_a_practice_starts_anywhere_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(HOME, raising=False)
    folder = tmp_path / "顾问 practice"
    assert ecperf("init", str(folder)).exit_code == 0
    assert len(list((folder / "notebooks").glob("[1-6]_*.ipynb"))) == 6
    assert (folder / "client_data" / "qinghe" / "client.toml").is_file()
    assert (folder / "reports").is_dir()
    again = ecperf("init", str(folder))
    assert again.exit_code == 1
    assert "a practice already" in again.output


def test_lab_opens_on_the_notebooks_of_this_practice(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = ecperf("lab")
    assert refused.exit_code == 2
    assert "holds no notebook" in refused.output
    (root / "notebooks").mkdir()
    nbformat.write(new_notebook(), root / "notebooks" / "1_organisation.ipynb")
    started: list[tuple[list[str], dict[str, str]]] = []

    class Lab:
        def __init__(self, words: list[str], env: dict[str, str]) -> None:
            started.append((words, env))

        def wait(self) -> int:
            return 0

    monkeypatch.setattr(subprocess, "Popen", Lab)
    assert ecperf("lab", "--no-browser").exit_code == 0
    words, env = started[0]
    assert words[:3] == [sys.executable, "-m", "jupyterlab"]
    assert f"--ServerApp.root_dir={root}" in words and "--no-browser" in words
    assert env[HOME] == str(root), "kernels find the practice through the environment"


def test_text_goes_through_a_pipe_as_utf8(root: Path) -> None:
    """A Windows pipe would otherwise be written in the machine's code page."""
    done = subprocess.run(
        [sys.executable, "-X", "utf8=0", "-m", "ecperf_kit", "check", "shop", "--lang", "zh"],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"},
        check=False,
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode("utf-8", "replace")
    assert any(ord(letter) > 0x4E00 for letter in done.stdout.decode("utf-8"))


ORDERS = """\
订单编号,总金额,买家实际支付金额,收货地址 ,订单创建时间,订单付款时间 ,退款金额
1,100,100,上海,2020-02-01 10:00:00,2020-02-01 10:05:00,0
2,80,50,上海,2020-02-02 10:00:00,2020-02-02 10:05:00,30
3,60,0,上海,2020-02-03 10:00:00,,0
"""


def test_an_import_accounts_for_every_row(root: Path) -> None:
    folder = root / "client_data" / "shop"
    channels = "channel,name\ntmall,Tmall\n"
    (folder / "channels.csv").write_text(channels, encoding="utf-8")
    (root / "orders.csv").write_text(ORDERS, encoding="utf-8")
    result = ecperf("import", "shop", "orders.csv", "--channel", "tmall")
    assert result.exit_code == 0, result.output
    lines = [line.strip() for line in result.output.splitlines()]
    # three orders, one of them never paid; paid 100 + 50, refunded 30
    assert "rows: 3 read = 2 used + 1 orders not paid" in lines
    assert "export tmall_orders, date basis: month of payment" in lines
    assert "2020-02 net sales (paid by the buyers): 150" in lines
    written = list((folder / "imported").glob("actuals__*.csv"))
    assert len(written) == 1
    chinese = ecperf("import", "shop", "orders.csv", "--channel", "tmall", "--lang", "zh")
    assert "orders.csv：没有变化" in chinese.output
    assert "日期按付款月份" in chinese.output and "date basis" not in chinese.output
    again = ecperf("import", "shop", "orders.csv", "--channel", "tmall")
    assert again.exit_code == 0
    assert "orders.csv: unchanged" in again.output
    assert list((folder / "imported").glob("actuals__*.csv")) == written


def test_a_refused_import_does_not_say_that_rows_were_set_aside(root: Path) -> None:
    """A date that cannot be read refuses the file: three rows read, none taken in."""
    folder = root / "client_data" / "shop"
    (folder / "channels.csv").write_text("channel,name\ntmall,Tmall\n", encoding="utf-8")
    wrong = ORDERS.replace("2020-02-02 10:05:00", "2020-02-32 10:05:00")
    (root / "orders.csv").write_text(wrong, encoding="utf-8")
    told = {"en": "rows: 3 read, none of them taken in", "zh": "行数：读入 3，全部没有采用"}
    for language, line in told.items():
        result = ecperf("import", "shop", "orders.csv", "--channel", "tmall", "--lang", language)
        assert result.exit_code == 1
        lines = [each.strip() for each in result.output.splitlines()]
        assert line in lines
        assert not any("0 used" in each or "采用 0" in each for each in lines)
        assert not any("written" in each or "写入" in each for each in lines)


def test_a_sound_file_beside_a_refused_one_is_not_told_as_used(root: Path) -> None:
    """All files are taken or none: of the sound one's three rows none is taken in either."""
    folder = root / "client_data" / "shop"
    (folder / "channels.csv").write_text("channel,name\ntmall,Tmall\n", encoding="utf-8")
    (root / "orders.csv").write_text(ORDERS, encoding="utf-8")
    (root / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    result = ecperf("import", "shop", "orders.csv", "other.csv", "--channel", "tmall")
    assert result.exit_code == 1
    assert "rows: 3 read, none of them taken in" in result.output
    assert "3 used" not in result.output


def test_an_unknown_export_is_refused_and_nothing_written(root: Path) -> None:
    (root / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    result = ecperf("import", "shop", "other.csv")
    assert result.exit_code == 1
    assert "Nothing was imported." in result.output
    assert "Traceback" not in result.output
    assert not (root / "client_data" / "shop" / "imported").exists()


def test_demo_starts_a_practice_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ecperf_kit.cli import run
    from ecperf_kit.practice import find_root

    asked: list[tuple[tuple[str, ...], Path]] = []

    def make_reports(clients: tuple[str, ...], **rest: object) -> bool:
        asked.append((clients, find_root()))
        return len(asked) < 3

    monkeypatch.setattr(run, "make_reports", make_reports)
    monkeypatch.setenv(HOME, "")  # put back afterwards, whatever the command sets
    monkeypatch.chdir(tmp_path)
    first = tmp_path / "ecperf_demo"
    assert ecperf("demo").exit_code == 0
    assert (first / "client_data" / "qinghe" / "client.toml").is_file()
    monkeypatch.setenv(HOME, "")
    assert ecperf("demo").exit_code == 0, "the second time the same folder serves"
    monkeypatch.setenv(HOME, "")
    monkeypatch.chdir(first)
    assert ecperf("demo").exit_code == 1, "a report that failed"
    assert asked == [(("qinghe",), first)] * 3
    assert not (first / "ecperf_demo").exists()


def test_explain_walks_from_pay_to_file_and_row(root: Path) -> None:
    """The pre-sales agent of the demo client whose June pay falls from 6,500 to 5,330."""
    demo = Path(__file__).resolve().parent.parent / "client_data" / "qinghe"
    shutil.copytree(demo, root / "client_data" / "qinghe")
    with (demo / "assignments.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [list(row.values()) for row in csv.DictReader(file)]
    agents = sorted({row[0] for row in rows if "presales_cs" in row})
    told = [ecperf("explain", "qinghe", agent, "2026-06", "--lang", "en") for agent in agents]
    assert [result.exit_code for result in told] == [0] * len(agents)
    paid = [result.output for result in told if "5,330.00" in result.output]
    assert paid, "base 4,550 + performance pay 1,950 x 0.4 = 5,330.00"
    assert "actuals.csv, row " in paid[0]
    assert "59.50" in paid[0], "21 + 0 + 14 + 13.5 + 7.5 + 3.5 = 59.5 points"
    nobody = ecperf("explain", "qinghe", "E999", "2026-06", "--lang", "en")
    assert nobody.exit_code == 2
    assert "no employee 'E999'" in nobody.output
