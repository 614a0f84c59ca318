"""Writing a stage's workbook and CSV files, against pandas' own writer for the same tables.

pandas writes the bare values into one workbook; ours has two workbooks where a stage
holds pay, names, formats, notes, print set-up and a CSV file for each table beside.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks import practice
from benchmarks.rows import Row, ratio, row, seconds, table

GROUP = "workbooks"


def main(full: bool = False) -> list[Row]:
    """The lines on writing the six stages of the demo client."""
    import pandas as pd

    from ecperf_kit import open_client, write_stage
    from ecperf_kit.stages import conclude

    repeats = 7 if full else 3
    with tempfile.TemporaryDirectory() as folder:
        root = practice.start(Path(folder) / "practice")
        client = open_client(practice.CLIENT, root=root)
        reports = [conclude(stage, client) for stage in practice.STAGES]

        def ours() -> None:
            for report in reports:
                write_stage(client, report, str(Path(folder) / "ours" / report.stage))

        def bare() -> None:
            for report in reports:
                target = Path(folder) / f"{report.stage}.xlsx"
                with pd.ExcelWriter(target, engine="xlsxwriter") as book:
                    for name, shown in report.tables.items():
                        plain = shown.frame.astype("str")
                        plain.to_excel(book, sheet_name=name[:31], index=False)

        ours()
        bare()
        mine = [seconds(ours) for _ in range(repeats)]
        plain = [seconds(bare) for _ in range(repeats)]
    return [
        ratio(GROUP, "six stages written, against DataFrame.to_excel", plain, mine),
        row(GROUP, "six stages written", "s", mine),
    ]


if __name__ == "__main__":
    print(table(main("--full" in sys.argv[1:])))
