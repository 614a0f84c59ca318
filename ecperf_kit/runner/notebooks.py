"""The six notebooks: where each stands, and the parameters its cell declares."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from ecperf_kit.runner.errors import NotebookError
from ecperf_kit.runner.shipped import shipped_folder
from ecperf_kit.spoken import Saying

#: Cell tag by which papermill knows the cell that sets parameters.
PARAMETERS_TAG = "parameters"


def notebook_of(stage: str, root: Path) -> Path:
    """The notebook of a stage: the practice's own copy, else the one shipped with the package.

    The file is ``<number>_<stage>.ipynb``; the number only sorts the list.
    """
    for folder in (root / "notebooks", shipped_folder() / "notebooks"):
        found = sorted(folder.glob(f"[0-9]_{stage}.ipynb"))
        if len(found) > 1:
            names = [path.name for path in found]
            raise NotebookError("notebook.two", folder=folder, stage=stage, names=names)
        if found:
            return found[0]
    raise NotebookError("notebook.missing", stage=stage, folder=root / "notebooks")


def read_notebook(path: Path) -> Any:
    """The notebook as nbformat's node, in format 4.5 or later; treat it as read-only."""
    try:
        return _parsed(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NotebookError("notebook.unreadable", file=path, fault=error) from error


@lru_cache(maxsize=16)
def _parsed(text: str) -> Any:
    """The same few notebooks are read for every client."""
    import nbformat

    return nbformat.reads(text, as_version=4)


def declared_parameters(node: Any, name: str) -> dict[str, str]:
    """The names and defaults in the one cell tagged ``parameters``: ``name = "text"`` lines."""
    cells = [c for c in node.cells if PARAMETERS_TAG in c.metadata.get("tags", [])]
    if len(cells) != 1:
        raise NotebookError("notebook.parameters", file=name, count=len(cells))
    declared: dict[str, str] = {}
    for statement in ast.parse(cells[0].source).body:
        if isinstance(statement, ast.AnnAssign):
            target: ast.expr | None = statement.target
        elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
        else:
            target = None
        value = getattr(statement, "value", None)
        if not (
            isinstance(target, ast.Name)
            and isinstance(value, ast.Constant)
            and isinstance(value.value, str)
        ):
            raise NotebookError("notebook.text_only", file=name, line=statement.lineno)
        declared[target.id] = value.value
    return declared


def check_parameters(node: Any, name: str, given: Mapping[str, str]) -> None:
    """Refuse names the notebook does not declare, and declared names not given.

    papermill itself only warns of an unknown name and runs on with the default
    client: a report of the wrong firm.
    """
    declared = declared_parameters(node, name)
    unknown = [key for key in given if key not in declared]
    missing = [key for key in declared if key not in given]
    if unknown or missing:
        pairs = (("notebook.not_declared", unknown), ("notebook.not_given", missing))
        faults = [Saying(key, names=names) for key, names in pairs if names]
        told = list(declared) or Saying("none")
        raise NotebookError("notebook.disagree", file=name, faults=faults, declared=told)
