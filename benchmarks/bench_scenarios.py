"""A thousand scenarios on 300 people x 12 months, each a whole payroll to the fen.

Against the plain way: the whole calculation for each scenario. Every scenario changes the
plan of every post and the coefficient table; the pay of some is compared with the plain way.
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

from benchmarks.rows import Row, row, seconds, table
from benchmarks.synthetic import write_client

GROUP = "scenarios"
_NUMBER = 1_000


def main(full: bool = False) -> list[Row]:
    """The lines on what-if payrolls."""
    from ecperf_kit import open_client
    from ecperf_kit.method.payroll import Payroll
    from ecperf_kit.method.scenario import Change, Scenario

    with tempfile.TemporaryDirectory() as folder:
        name = write_client(Path(folder), 300, 12)
        client = open_client(name, "2026", root=folder)
        months = sorted(client.table("actuals")["period"].unique())
        payroll = Payroll(client, months)
        plans = client.table("pay_plans")
        linked = plans[plans["performance_pay"].notna()]
        subjects = sorted(set(linked["subject_kind"] + ":" + linked["subject_id"]))
        named = linked["coefficient_table"].mode()[0]
        drawn = random.Random(7)

        def draw() -> Scenario:
            changes = tuple(
                Change(
                    "pay_plans",
                    subject,
                    {
                        "base": drawn.randrange(3_000, 6_000) * 1_000_000,
                        "performance_pay": drawn.randrange(500, 3_000) * 1_000_000,
                    },
                )
                for subject in subjects
            )
            bands = ((0, drawn.randrange(300_000, 600_000)), (60_000_000, 700_000),
                     (80_000_000, drawn.randrange(900_000, 1_300_000)))  # fmt: skip
            return Scenario("drawn", changes=changes, tables={named: ("bands", bands)})

        scenarios = [draw() for _ in range(_NUMBER)]
        for scenario in scenarios[:3]:
            if (payroll.paid(scenario).pay != payroll.by_calculation(scenario).pay).any():
                raise AssertionError("the fast payroll differs from the whole calculation")

        def all_of_them() -> None:
            for scenario in scenarios:
                payroll.paid(scenario)

        fast = [seconds(all_of_them) for _ in range(5 if full else 2)]
        plain = [seconds(lambda: payroll.by_calculation(scenarios[0])) for _ in range(3)]
    ratios = [one * _NUMBER / whole for one, whole in zip(plain, fast, strict=False)]
    return [
        row(GROUP, "1,000 scenarios, 300 people x 12 months", "s", fast),
        row(GROUP, "the same, against the whole calculation each", "x", ratios),
    ]


if __name__ == "__main__":
    print(table(main("--full" in sys.argv[1:])))
