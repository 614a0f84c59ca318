"""What the command says by itself follows the practice's language; no sentence stands in code."""

from __future__ import annotations

import ast
import pickle
import re
import shutil
import string
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from ecperf_kit import spoken
from ecperf_kit.cli import main
from ecperf_kit.practice import HOME, PracticeError, spoken_language
from ecperf_kit.runner.errors import StageFailed
from ecperf_kit.runner.outcome import failed
from ecperf_kit.spoken import SaidError, Saying, said

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "ecperf_kit"
HAN = re.compile(r"[\u3400-\u9fff]")
#: Two words of small letters side by side: a sentence, or part of one.
SENTENCE = re.compile(r"[a-z]{2,},? [a-z]{2,}")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Chinese practice with a client that says no language, on an English machine."""
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setenv(HOME, str(tmp_path))
    (tmp_path / "practice.toml").write_text('[practice]\nlanguage = "zh"\n', encoding="utf-8")
    shutil.copytree(ROOT / "tests" / "bad_clients" / "_good", tmp_path / "client_data" / "shop")
    (tmp_path / "empty.csv").write_text("", encoding="utf-8")
    return tmp_path


WRONG = [
    ("check", "shopp"),
    ("check", "shop", "--period", "June"),
    ("check", "shop", "--format", "yaml"),
    ("check",),
    ("check", "shop", "more"),
    ("check", "shop", "--langue", "zh"),
    ("check", "../shop"),
    ("chek", "shop"),
    ("run",),
    ("run", "shop", "--stage", "pilots"),
    ("run", "shop", "--jobs", "0"),
    ("run", "shop", "--jobs", "x"),
    ("run", "shop", "--memory", "1"),
    ("run", "shop", "--engine", "warp"),
    ("run", "shop", "--force=1"),
    ("run", "shop", "--jobs"),
    ("run", "shop", "--dask", "no address", "--stage", "design"),
    ("simulate", "shop"),
    ("simulate", "shop", "nothing"),
    ("simulate", "shop", "--what-if", "conversion=x"),
    ("simulate", "shop", "--what-if", "conversion=3%", "--what-if", "conversion=4%"),
    ("simulate", "shop", "--what-if", "conversion=3%", "--people"),
    ("calibrate", "shop", "post:x", "base"),
    ("calibrate", "shop", "post:x", "base", "--cost", "a"),
    ("calibrate", "shop", "post:x", "base", "--cost", "1", "--save", "x"),
    ("calibrate", "shop", "post:x", "base", "--cost", "1", "--save", "a/b", "--by", "x"),
    ("calibrate", "shop", "post:x", "base", "--cost", "1", "--period", "2026-05"),
    ("calibrate", "shop", "T9", "table_scale", "--cost", "1", "--period", "2026-05"),
    ("calibrate", "shop", "post:x", "colour", "--cost", "1"),
    ("explain", "shop", "E999", "2026-05"),
    ("explain", "shop", "E999", "May"),
    ("cards", "shop", "--month", "2026"),
    ("cards", "shop", "--month", "x"),
    ("cards", "shop", "--post", "astronaut", "--month", "2026-05"),
    ("papers", "shop", "--kind", "poem"),
    ("import", "shop", "empty.csv"),
    ("import", "shop", "nowhere.csv"),
    ("import", "shop", "empty.csv", "--faults", "x.txt"),
    ("adopt", "nowhere.csv", "--by", "x", "--reason", "y", "--from", "2026-10-01"),
    ("adopt", "empty.csv", "--by", "x", "--reason", "y", "--from", "soon"),
    ("adopt", "empty.csv", "--by", "x", "--reason", "y", "--from", "2026-10-01"),
    ("adopt", "empty.csv", "--client", "shop", "--by", "x", "--reason", "y",
     "--from", "2026-10-01"),
    ("verify", "shop"),
    ("new", "shop"),
    ("new", "shop2", "--posts", "astronaut"),
    ("lab",),
]  # fmt: skip


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_a_chinese_practice_is_answered_in_chinese(
    root: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecperf_kit.cli.cluster.PATIENCE", 0.1)
    monkeypatch.chdir(root)
    result = CliRunner().invoke(main, list(words))
    assert isinstance(result.exception, SystemExit) and result.exit_code in (1, 2), result.output
    told = [line for line in result.output.splitlines() if line and not line.startswith("Usage")]
    assert told and all(HAN.search(line) for line in told), result.output
    assert "Error" not in result.output


def test_the_language_asked_for_comes_first(root: Path) -> None:
    for words in (["check", "shop", "--period", "June"], ["explain", "shop", "E999", "2026-05"]):
        result = CliRunner().invoke(main, [*words, "--lang", "en"])
        assert "Error: " in result.output and not HAN.search(result.output), result.output


def test_the_clients_language_counts_where_the_practice_names_none(root: Path) -> None:
    (root / "practice.toml").write_text("[practice]\n", encoding="utf-8")
    assert spoken_language(root) == "en", "the machine's"
    config = root / "client_data" / "shop" / "client.toml"
    text = re.sub(r'language = "\w+"\n', "", config.read_text("utf-8"))
    config.write_text('language = "zh"\n' + text, encoding="utf-8")
    assert (spoken_language(root, "shop"), spoken_language(root, "../shop")) == ("zh", "en")
    config.write_text("=", encoding="utf-8")  # whoever opens the client is told of it
    assert spoken_language(root, "shop") == "en"


def test_outside_a_practice_the_machine_says_the_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(HOME, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "ecperf init 文件夹" in CliRunner().invoke(main, ["check", "shop"]).output
    monkeypatch.setenv("LC_ALL", "C")
    assert "ecperf init FOLDER" in CliRunner().invoke(main, ["check", "shop"]).output


def test_a_new_practice_keeps_the_language_it_is_started_with(tmp_path: Path) -> None:
    told = CliRunner().invoke(main, ["init", str(tmp_path / "x"), "--lang", "zh"]).output
    assert told.startswith("工作区已建好：")
    assert spoken_language(tmp_path / "x") == "zh"
    again = CliRunner().invoke(main, ["init", str(tmp_path / "x"), "--lang", "zh"])
    assert again.exit_code == 1 and "已经是工作区" in again.output


def test_a_failed_report_is_told_in_the_language_of_the_run() -> None:
    error = StageFailed("report.cell", stage="pilot", cell=4, fault="ValueError: no plan")
    assert failed(error, "c", "pilot").error == "pilot: cell [4] failed: ValueError: no plan"
    told = failed(error, "c", "pilot", language="zh").error
    assert told == "pilot：第 [4] 个代码格出错：ValueError: no plan"


def test_an_error_keeps_its_words_on_the_way_from_another_process() -> None:
    cause = SaidError("report.silent", seconds=60)
    error = StageFailed("report.no_process", stage="exam", fault=cause)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is StageFailed
    assert (
        str(again)
        == str(error)
        == ("exam: no process for the notebook: it said nothing within 60 s")
    )
    assert again.said_in("zh") == "exam：没有进程可运行笔记本：60 秒内没有动静"
    several = SaidError(Saying("adopt.by_whom"), Saying("adopt.why"))
    assert str(pickle.loads(pickle.dumps(several))) == "say by whom\nsay why"
    assert str(PracticeError("practice.name", found="../x", most=64)).startswith("'../x' cannot")


def test_lists_and_numbers_are_said_as_the_language_has_them() -> None:
    told = {"made": 1, "same": 2, "failed": 0}
    assert said("en", "run.counts", **told) == "1 made, 2 unchanged, 0 failed"
    assert said("zh", "run.counts", **told) == "新做 1 份，未变 2 份，失败 0 份"
    assert said("zh", "progress.same", reports=1200, clients=200) == (
        "无需重做：200 个客户的 1,200 份报告"
    )
    assert said("en", "progress.same", reports=1, clients=1) == "up to date: 1 report of 1 client"
    assert said("zh", "usage.choice", found="x", known=["a", "b"]).endswith("请从中选一个：a、b。")


# -- nothing is said in code ----------------------------------------------------------------


def _texts(language: str) -> dict[str, str]:
    folder = PACKAGE / "library" / "texts" / language
    flat: dict[str, str] = {}

    def walk(node: dict[str, object], prefix: str) -> None:
        for key, value in node.items():
            if isinstance(value, dict):
                walk(value, f"{prefix}{key}.")
            else:
                flat[prefix + key] = str(value)

    walk(tomllib.loads((folder / "command.toml").read_text("utf-8")), "")
    return flat


def test_both_languages_fill_in_the_same_values() -> None:
    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    zh, en = _texts("zh"), _texts("en")
    assert zh.keys() == en.keys() and len(zh) > 100
    assert {k: fields(v) for k, v in zh.items()} == {k: fields(v) for k, v in en.items()}


def test_every_text_is_said_somewhere_and_every_key_has_its_text() -> None:
    """Keys stand in the code as they are, or behind the name of their group."""
    code = "\n".join(p.read_text("utf-8") for p in PACKAGE.rglob("*.py"))
    keys = [key.removeprefix("command.") for key in _texts("en")]
    # the last part of a key, where the code puts it together
    groups = ("usage", "calibrate", "verify", "progress", "report", "adopt", "run", "notebook")
    made = [g for g in groups if re.search(rf'f"{g}\.(\w+_)?\{{', code)]
    lost = [key for key in keys if f'"{key}"' not in code and key.partition(".")[0] not in made]
    assert not lost
    rooms = "|".join(sorted({key.partition(".")[0] for key in keys}))
    asked = re.findall(rf'"((?:{rooms})\.(?!toml"|css"|html"|json")[a-z_]+)"', code)
    said_here = {key for key in asked if key not in _others()}
    assert said_here and not said_here - set(keys), said_here - set(keys)


def _others() -> set[str]:
    """Keys of the other texts, and names that only look like keys."""
    from ecperf_kit.library import load_library

    library = load_library()
    return {*library.texts("en"), *library.thresholds}


@pytest.mark.parametrize("room", ["cli", "runner"])
def test_no_sentence_stands_in_the_code(room: str) -> None:
    """What is printed or raised is a key of the texts; help for developers is documentation."""
    found = []
    for module in sorted((PACKAGE / room).rglob("*.py")):
        for call in ast.walk(ast.parse(module.read_text("utf-8"))):
            if not isinstance(call, ast.Call):
                continue
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            says = name in {"echo", "print", "Refused", "Failed", "BadParameter", "fail", "Outcome",
                            "ClickException", "UsageError", "Misused"}  # fmt: skip
            if not says and not name.endswith(("Error", "Failed", "Started", "Stopped")):
                continue
            parts = [a for arg in [*call.args, *(k.value for k in call.keywords)]
                     for a in ast.walk(arg)]  # fmt: skip
            texts = [p.value for p in parts if isinstance(p, ast.Constant)]
            found += [
                f"{module.name}, line {call.lineno}: {text}"
                for text in texts
                if isinstance(text, str) and (SENTENCE.search(text) or HAN.search(text))
            ]
    assert not found, found


def test_no_sentence_stands_among_the_commands() -> None:
    """In cli/ not even apart from the call that prints it: only help and descriptions are."""
    found = []
    for module in sorted((PACKAGE / "cli").glob("*.py")):
        tree = ast.parse(module.read_text("utf-8"))
        passed: set[ast.AST] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                passed |= {
                    part for k in node.keywords if k.arg in ("help", "metavar")
                    for part in ast.walk(k.value)
                }  # fmt: skip
            elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                passed.add(node.value)  # a docstring
        found += [
            f"{module.name}, line {node.lineno}: {node.value}"
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and node not in passed
            and isinstance(node.value, str)
            and (SENTENCE.search(node.value) or HAN.search(node.value))
        ]  # fmt: skip
    assert not found, found


def test_speaking_loads_no_table_library() -> None:
    assert not {"pandas", "ecperf_kit.library"} & set(
        re.findall(r"^(?:from|import) (\S+)", Path(spoken.__file__).read_text("utf-8"), re.M)
    )
