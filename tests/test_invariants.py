"""What must not matter: when a month is run, in which order rows stand, how files are kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from ecperf_kit.cli import main
from ecperf_kit.client import Client, open_client
from ecperf_kit.intake.declare import tables as declared_tables
from ecperf_kit.method.calculate import Calculation, calculate
from ecperf_kit.outputs.write import write_stage
from ecperf_kit.practice import HOME
from ecperf_kit.rules import check_scheme
from ecperf_kit.stages import conclude

ROOT = Path(__file__).resolve().parent.parent
CLIENT = "qinghe"
JUNE = "2026-06"
PLACES = ["_file", "_sheet", "_row"]
#: What a calculation says of where its figures stand: it differs with the kind of file.
KEYS = ("employee", "month", "indicator", "line")
ORIGINS = ("_file", "_sheet", "_row")


@cache
def demo() -> Client:
    return open_client(CLIENT, JUNE, root=ROOT)


@cache
def pay() -> Calculation:
    return calculate(demo(), (JUNE,))


def plain(frame: pd.DataFrame) -> pd.DataFrame:
    """A calculated table without the places in files."""
    return frame[[c for c in frame.columns if not c.endswith(ORIGINS)]]


def assert_same_pay(found: Calculation) -> None:
    for part in ("rows", "totals", "lines", "pay"):
        keys = [c for c in KEYS if c in getattr(pay(), part)]
        tables = [
            plain(getattr(each, part)).sort_values(keys, kind="stable", ignore_index=True)
            for each in (found, pay())
        ]
        pd.testing.assert_frame_equal(*tables, obj=part)


# --- a closed month ------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["design", "pilot", "rollout", "review"])
def test_a_closed_month_run_again_writes_the_same_bytes(stage: str, tmp_path: Path) -> None:
    written = []
    for turn in ("first", "second"):
        client = open_client(CLIENT, JUNE, root=ROOT)
        write_stage(client, conclude(stage, client), str(tmp_path / turn))
        folder = tmp_path / turn
        files = sorted(folder.rglob("*.csv"))
        written.append({path.relative_to(folder): path.read_bytes() for path in files})
    assert written[0] == written[1]
    assert len(written[0]) > 2


def test_later_months_leave_a_closed_month_alone() -> None:
    """Without the actuals and marks of July to September, June's pay is the same."""
    client = demo()
    actuals, marks = client.table("actuals"), client.table("assessments")
    earlier = {
        **client.tables,
        "actuals": actuals[actuals["period"] <= JUNE].reset_index(drop=True),
        "assessments": marks[marks["period"] <= JUNE].reset_index(drop=True),
    }
    assert len(earlier["actuals"]) < len(actuals)
    assert_same_pay(calculate(replace(client, tables=earlier), (JUNE,)))


# --- the order of rows -------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    "names",
    [
        ("actuals",),
        ("assessments",),
        ("scorecards",),
        ("standards", "targets", "sales_bridge"),
        ("employees", "assignments", "attendance", "pay_plans", "coefficient_tables"),
    ],
    ids="-".join,
)
def test_the_order_of_rows_does_not_matter(names: tuple[str, ...], seed: int) -> None:
    client = demo()
    mixed = {
        name: client.table(name).sample(frac=1, random_state=seed).reset_index(drop=True)
        for name in names
    }
    if len(client.table(names[0])) > 5:
        assert not mixed[names[0]].equals(client.table(names[0]))
    turned = replace(client, tables={**client.tables, **mixed})
    assert_same_pay(calculate(turned, (JUNE,)))
    told, usual = (
        sorted((f.code, f.subject) for f in check_scheme(each)) for each in (turned, client)
    )
    assert told == usual


# --- the kind of file -----------------------------------------------------------------------------


def _raw(name: str) -> pd.DataFrame:
    path = ROOT / "client_data" / CLIENT / f"{name}.csv"
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def _as_utf8(folder: Path, name: str) -> None:
    _raw(name).to_csv(folder / f"{name}.csv", index=False, encoding="utf-8")


def _as_gb18030(folder: Path, name: str) -> None:
    _raw(name).to_csv(folder / f"{name}.csv", index=False, encoding="gb18030")


def _as_parquet(folder: Path, name: str) -> None:
    _raw(name).to_parquet(folder / f"{name}.parquet", index=False)


def _number(cell: str) -> float | None:
    if not cell:
        return None
    return float(cell[:-1]) / 100 if cell.endswith("%") else float(cell)


def _typed(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Numbers as numbers and dates as dates, as a person's workbook has them."""
    known = {
        label: column.type
        for column in declared_tables()[name].columns
        for label in (column.name, column.zh, column.en)
    }
    typed = {}
    for column in frame.columns:
        kind = known[column.strip()]
        if kind in ("money", "rate", "number", "integer", "score", "coefficient", "days"):
            typed[column] = [_number(cell) for cell in frame[column]]
        elif kind == "date":
            typed[column] = [pd.Timestamp(cell) if cell else None for cell in frame[column]]
        else:
            typed[column] = [cell or None for cell in frame[column]]
    return pd.DataFrame(typed, dtype=object)


def _as_workbook(folder: Path, names: list[str]) -> None:
    with pd.ExcelWriter(folder / "intake.xlsx", engine="xlsxwriter") as book:
        for name in names:
            _typed(_raw(name), name).to_excel(book, sheet_name=name, index=False)


def _written(root: Path, form: str) -> Client:
    folder = root / "client_data" / CLIENT
    folder.mkdir(parents=True)
    (root / "practice.toml").write_text("", encoding="utf-8")
    shutil.copy(ROOT / "client_data" / CLIENT / "client.toml", folder)
    names = sorted(path.stem for path in (ROOT / "client_data" / CLIENT).glob("*.csv"))
    single: dict[str, Callable[[Path, str], None]] = {
        "utf-8": _as_utf8, "gb18030": _as_gb18030, "parquet": _as_parquet,
    }  # fmt: skip
    if form == "xlsx":
        _as_workbook(folder, names)
    else:
        for name in names:
            single[form](folder, name)
    return open_client(CLIENT, JUNE, root=root)


@pytest.mark.parametrize("form", ["utf-8", "gb18030", "parquet", "xlsx"])
def test_the_kind_of_file_does_not_matter(form: str, tmp_path: Path) -> None:
    client = _written(tmp_path, form)
    assert client.findings == demo().findings == ()
    for name, frame in demo().tables.items():
        pd.testing.assert_frame_equal(
            client.table(name).drop(columns=PLACES), frame.drop(columns=PLACES), obj=name
        )
    assert_same_pay(calculate(client, (JUNE,)))


# --- wrong words and encodings ----------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ("run", CLIENT, "--stage", "pilots"),
        ("run", CLIENT, "--stage", "试考"),
        ("run", CLIENT, "--period", "2026-13"),
        ("run", CLIENT, "--period", "juni"),
        ("run", CLIENT, "--lang", "de"),
        ("check", CLIENT, "--period", "2026-00"),
        ("run", "qing_he"),
        ("runn", CLIENT),
    ],
    ids=" ".join,
)
def test_misspelled_words_are_usage_errors(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv(HOME, raising=False)
    result = CliRunner().invoke(main, list(words))
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_every_file_is_opened_with_its_encoding(tmp_path: Path) -> None:
    """Under a locale that is not UTF-8 nothing may be opened without naming the encoding."""
    code = (
        "import sys; from pathlib import Path; from ecperf_kit import open_client, write_stage; "
        "from ecperf_kit.stages import conclude; "
        f"client = open_client({CLIENT!r}, {JUNE!r}, 'zh', Path(sys.argv[1])); "
        "print(len(write_stage(client, conclude('rollout', client), sys.argv[2])))"
    )
    # only this package's own files count: other packages may warn as they like
    strict = ["-X", "warn_default_encoding", "-W", "error::EncodingWarning"]
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONUTF8", HOME)}
    environment |= {"PYTHONPATH": str(ROOT), "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, *strict, "-c", code, str(ROOT), str(tmp_path)],
        cwd=tmp_path, env=environment, capture_output=True, text=True, encoding="utf-8",
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 5
