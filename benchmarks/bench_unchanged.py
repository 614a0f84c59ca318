"""Running again where nothing changed: 200 clients with six reports each, and one client.

The reports are made once, for one client; the other clients are copies of it
whose run records carry their own name and the hashes of their own files, as if
their reports had been made one by one.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks import practice
from benchmarks.rows import Row, row, seconds, table

GROUP = "unchanged"
CLIENTS = 200


def main(full: bool = False) -> list[Row]:
    """The lines on a run in which every report is up to date."""
    repeats = 7 if full else 3
    with tempfile.TemporaryDirectory() as folder:
        root = practice.start(Path(folder) / "practice")
        names = prepared(root, CLIENTS)
        reports = len(names) * len(practice.STAGES)
        checked = [seconds(lambda: _all_fresh(root, names)) for _ in range(repeats)]
        for demo in (root / "client_data").iterdir():
            if demo.name not in names:
                shutil.rmtree(demo)
        every = [practice.command(practice.ecperf("run", "--all"), root) for _ in range(repeats)]
        one = [practice.command(practice.ecperf("run", names[0]), root) for _ in range(repeats)]
    return [
        row(GROUP, f"check of {CLIENTS} clients", "s", checked, f"{reports} reports, in process"),
        row(GROUP, "ecperf run --all", "s", every, f"{reports} reports, new process"),
        row(GROUP, "ecperf run of one client", "s", one, "6 reports, new process"),
    ]


def prepared(root: Path, number: int) -> list[str]:
    """Clients with six reports each: made for the first, copied for the others."""
    from ecperf_kit.intake.files import client_files
    from ecperf_kit.runner.record import RECORD, read_record

    names = practice.copies(root, number)
    practice.command(practice.ecperf("run", names[0]), root)
    made = root / "reports" / names[0]
    for name in names[1:]:
        target = root / "reports" / name
        shutil.copytree(made, target)
        files = client_files(root / "client_data" / name)
        for path in target.rglob(RECORD):
            record = read_record(path.parent)
            record["parameters"]["client"] = name
            text = json.dumps({**record, "inputs": files}, ensure_ascii=False, indent=2)
            path.write_text(text, encoding="utf-8")
    return names


def _all_fresh(root: Path, names: list[str]) -> None:
    from ecperf_kit.runner.fresh import is_fresh

    hashed: dict[str, object] = {}
    for name in names:
        for stage in practice.STAGES:
            assert is_fresh(root, name, stage, "", "zh", hashed=hashed), f"{name} {stage}"


if __name__ == "__main__":
    print(table(main("--full" in sys.argv[1:])))
