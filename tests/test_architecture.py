"""The house: who may import whom, how long a module may be, what loading the command costs."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
PACKAGE = CHECKOUT / "ecperf_kit"
MODULES = sorted(p for p in PACKAGE.rglob("*.py") if "_shipped" not in p.parts)
#: Rooms from left to right; a module may import its own room and what stands left of it.
ROOMS = (
    ("exact", "period", "finding", "practice", "spoken"),
    ("library",),
    ("intake",),
    ("client", "snapshot", "view"),
    ("method",),
    ("rules",),
    ("stages",),
    ("outputs",),
    ("widgets",),
    ("runner",),
    ("cli",),
)
PLACE = {room: place for place, rooms in enumerate(ROOMS) for room in rooms}
LONGEST = 400
SLOW = ("pandas", "numpy", "papermill", "altair", "nbconvert", "nbformat", "pyarrow", "xlsxwriter")
#: Numbers of a working paper that no reader of the product can look up.
WORKING_IDS = re.compile(r"\b(S0|S3|W\d\d|[MN]-\d+(\.\d+)*-\d+|[MN]-\d\.|G-\d+)\b")


def name_of(module: Path) -> str:
    return module.relative_to(CHECKOUT).as_posix()


def room_of(module: Path) -> str:
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(module: Path) -> set[str]:
    """The rooms of this package a module imports, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module == "ecperf_kit":
            names = [f"ecperf_kit.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [node.module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        found |= {n.split(".")[1] for n in names if n.startswith("ecperf_kit.")}
    return found & set(PLACE)


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_imports_go_to_the_left_only(module: Path) -> None:
    room = room_of(module)
    if room in ("__init__", "__main__"):
        return  # the doors of the house: public names and ``python -m ecperf_kit``
    assert room in PLACE, f"{room} is no room of the house"
    right = {other for other in imported(module) if PLACE[other] > PLACE[room]}
    assert not right, f"{name_of(module)} imports {sorted(right)}, which stand right of {room}"


@pytest.mark.parametrize("room", ["method", "rules"])
def test_the_method_opens_no_file(room: str) -> None:
    opening = {"open", "read_text", "read_bytes", "write_text", "read_csv", "read_excel", "to_csv"}
    for module in (PACKAGE / room).rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                assert called not in opening, f"{name_of(module)}, line {node.lineno}: {called}"


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_a_module_is_short_and_its_public_names_are_described(module: Path) -> None:
    text = module.read_text("utf-8")
    assert text.count("\n") <= LONGEST, f"{text.count(chr(10))} lines: split it"
    tree = ast.parse(text)
    if text.strip():
        assert ast.get_docstring(tree), "the module does not say what it holds"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{node.name} (line {node.lineno}) is not described"


def test_the_command_loads_nothing_heavy() -> None:
    """``ecperf --help`` is quick because of what it does not load."""
    code = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from ecperf_kit.cli import main\n"
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0\n"
        f"print([name for name in {SLOW!r} if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]", done.stdout


def test_importing_the_package_loads_nothing() -> None:
    code = "import sys, ecperf_kit; print(sorted(n for n in sys.modules if 'ecperf_kit.' in n))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_working_numbers_in_the_product() -> None:
    """Clauses are cited as ``assessment method 3.4``, never by the number of a working note."""
    endings = {".py", ".csv", ".toml", ".md", ".ipynb", ".css", ".j2", ".txt"}
    places = [PACKAGE, CHECKOUT / "notebooks", CHECKOUT / "client_data", CHECKOUT / "benchmarks"]
    files = [p for place in places for p in place.rglob("*") if p.suffix in endings]
    files += [p for p in CHECKOUT.iterdir() if p.suffix in {".md", ".toml", ".py"}]
    found = [
        f"{name_of(path)}, line {number}: {match[0]}"
        for path in files
        if ".ipynb_checkpoints" not in path.parts
        for number, line in enumerate(path.read_text("utf-8-sig", "replace").splitlines(), 1)
        if (match := WORKING_IDS.search(line))
    ]
    assert files and not found, found


def test_every_file_of_the_package_is_opened_with_an_encoding() -> None:
    """Windows reads text in its own code page unless told otherwise."""
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            words = {keyword.arg for keyword in node.keywords}
            binary = any(
                isinstance(a, ast.Constant) and isinstance(a.value, str) and "b" in a.value
                for a in node.args
            )
            place = f"{name_of(module)}, line {node.lineno}"
            if called == "read_text":
                assert "encoding" in words or node.args, place
            elif called == "write_text":
                assert "encoding" in words or len(node.args) > 1, place
            elif called == "open" and isinstance(node.func, ast.Name):
                assert "encoding" in words or binary, place


def test_public_names_are_found() -> None:
    import ecperf_kit

    for name in ecperf_kit.__all__:
        assert getattr(ecperf_kit, name) is not None
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        _ = ecperf_kit.nothing_of_the_kind
