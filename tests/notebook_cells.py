"""A notebook's cells run in this process: the same calls as in a kernel, without the kernel."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output

from ecperf_kit.client import Client
from ecperf_kit.stages.result import STAGES, StageResult

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Ran:
    """What a notebook made: its client and report, the executed cells, the files in ``folder``."""

    client: Client
    report: StageResult
    node: Any
    folder: Path


def run_cells(stage: str, client: str, language: str, folder: Path) -> Ran:
    """Run the cells of a stage's notebook; the current folder lies in the practice."""
    path = ROOT / "notebooks" / f"{STAGES.index(stage) + 1}_{stage}.ipynb"
    space: dict[str, Any] = {}
    given = {"client": client, "period": "", "language": language, "output": str(folder)}
    cells = []
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "code":
            cells.append(cell)
            continue
        body = ast.parse(cell.source).body
        if cell.metadata.get("tags") == ["parameters"]:
            space |= given
        elif len(body) == 1 and isinstance(body[0], ast.Expr):
            shown = eval(cell.source, space)
            parts = getattr(shown, "parts", (shown,))
            outputs = []
            for part in parts:
                data, metadata = part._repr_mimebundle_()
                outputs.append(new_output("display_data", data=data, metadata=metadata))
            cells.append(new_code_cell(cell.source, outputs=outputs))
        else:
            exec(cell.source, space)
    return Ran(space["opened"], space["report"], new_notebook(cells=cells), folder)
