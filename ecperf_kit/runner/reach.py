"""Which of a client's tables a notebook can reach, read off its code.

The shipped notebooks hand the client to functions that see the tables of one
stage. A consultant's own cell may do anything: then the notebook counts as
reading everything, and is run again when any file of the client changed.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from ecperf_kit import __all__ as public
from ecperf_kit.view import STAGES, reads

_OPEN = "open_client"
#: Functions of Python that reach no file.
_HARMLESS = frozenset({
    "abs", "dict", "display", "enumerate", "len", "list", "max", "min", "print", "range",
    "reversed", "round", "set", "sorted", "str", "sum", "tuple", "zip",
})  # fmt: skip


def tables_reached(notebook: Path) -> frozenset[str] | None:
    """The tables of all stages the notebook asks for; None where its code may read any."""
    try:
        return _reached(notebook.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=16)
def _reached(text: str) -> frozenset[str] | None:
    """The same few notebooks are asked about for every client."""
    try:
        cells = json.loads(text)["cells"]
        sources = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
        tree = ast.parse("\n".join(sources))
    except (ValueError, KeyError, TypeError, SyntaxError):  # a magic is a syntax error
        return None
    code = _Code(tree)
    if not code.is_plain():
        return None
    return frozenset(table for stage in code.stages for table in reads()[stage])


class _Code:
    """The code of a notebook: what it imports, which names hold the client and its results."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.assigned: set[str] = set()
        self.clients: set[str] = set()
        self.reports: set[str] = set()
        self.stages: set[str] = set()
        for targets, value in self._assignments():
            self.assigned |= targets
            called = _called(value)
            if called == _OPEN:
                self.clients |= targets
            elif called in STAGES:
                self.reports |= targets
        self.stages = {name for call in _calls(tree) if (name := _called(call)) in STAGES}

    def _assignments(self) -> Iterator[tuple[set[str], ast.expr]]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Assign):
                yield {t.id for t in node.targets if isinstance(t, ast.Name)}, node.value
            elif isinstance(node, ast.For | ast.comprehension) and isinstance(
                node.target, ast.Name
            ):
                yield {node.target.id}, node.iter

    def is_plain(self) -> bool:
        """Whether the client goes only into functions that see the tables of a stage."""
        allowed = {id(name) for call in _calls(self.tree) for name in self._let_in(call)}
        imported: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom):
                if node.module != "ecperf_kit" or any(
                    alias.asname or alias.name not in public for alias in node.names
                ):
                    return False
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.Import) or (
                isinstance(node, ast.Attribute) and node.attr.startswith("_")
            ):
                return False
        for node in ast.walk(self.tree):
            if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
                continue
            if node.id not in imported | self.assigned | _HARMLESS:
                return False
            if node.id in {_OPEN, *STAGES, *self.clients} and id(node) not in allowed:
                return False
        return True

    def _let_in(self, call: ast.Call) -> Iterator[ast.Name]:
        """The names in a call of which it is known what they reach."""
        names = [a if isinstance(a, ast.Name) else None for a in call.args]
        first, second = (*names, None, None)[:2]
        called = _called(call)
        if called == _OPEN and isinstance(call.func, ast.Name):
            # the client of the parameters and no other
            if first is not None and first.id == "client":
                yield call.func
        elif called in STAGES and isinstance(call.func, ast.Name):
            yield call.func
            if first is not None:
                yield first
        elif isinstance(call.func, ast.Attribute) and call.func.attr == "files":
            if second is not None:
                yield second
        elif first is not None and second is not None and second.id in self.reports:
            yield first


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _called(node: ast.AST) -> str:
    """The name of the function an expression calls; "" if it is no such call."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id
    return ""
