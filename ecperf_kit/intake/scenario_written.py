"""Writing a scenario file, in the form ``intake.scenario`` reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ecperf_kit.exact import decimal
from ecperf_kit.intake.files import SCENARIOS
from ecperf_kit.intake.scenario import HISTORY, IN_FORCE, Scenario
from ecperf_kit.intake.written import toml_bytes, write_whole
from ecperf_kit.practice import is_folder_name
from ecperf_kit.spoken import SaidError


class ScenarioNameError(SaidError):
    """The name cannot be a file's, or there is a scenario of this name already."""


def scenario_path(folder: Path, name: str) -> Path:
    """Where a new scenario of this name goes. Raises as ``write_scenario`` does."""
    if not is_folder_name(name) or name in (IN_FORCE, HISTORY):
        raise ScenarioNameError("scenario.name", found=name)
    path = folder / SCENARIOS / f"{name}.toml"
    if path.exists():
        raise ScenarioNameError("scenario.exists", file=path)
    return path


def write_scenario(folder: Path, name: str, author: str, reason: str, scenario: Scenario) -> Path:
    """Write a scenario file into a client's folder, whole or not at all; never over another.

    Raises ScenarioNameError.
    """
    path = scenario_path(folder, name)
    path.parent.mkdir(exist_ok=True)
    lines = [toml_bytes({"title": name, "author": author, "reason": reason}).decode("utf-8")]
    if scenario.months:
        span = f"{scenario.months[0]}..{scenario.months[-1]}"
        lines.append(toml_bytes({"months": span}).decode("utf-8"))
    for change in scenario.changes:
        figures = {"subject": change.subject, "indicator": change.indicator}
        texts = {k: _written(v) for k, v in (*figures.items(), *change.values.items()) if v != ""}
        lines.append(f"\n[[{change.table}]]\n{toml_bytes(texts).decode('utf-8')}")
    for table, (form, pairs) in scenario.tables.items():
        bands = ", ".join(f'["{_written(at)}", "{_written(value)}"]' for at, value in pairs)
        head = toml_bytes({"coefficient_table": table, "form": form}).decode("utf-8")
        lines.append(f"\n[[coefficient_tables]]\n{head}bands = [{bands}]\n")
    write_whole(path, "".join(lines).encode("utf-8"))
    return path


def _written(value: Any) -> str:
    """A value as a person writes it: stored numbers as decimals."""
    return f"{decimal(value).normalize():f}" if isinstance(value, int) else str(value)
