"""A made-up client of any size: ``python -m benchmarks.synthetic FOLDER 300 12``.

Teams of fifteen on a few channels, every pay structure, joiners, leavers, transfers
inside a month, people with two posts, own scorecards and own plans, standards that
jump, figures of people, posts and channels. Nothing is drawn at random: the same size
gives the same files on every machine. The client opens without any finding.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from benchmarks.made_course import course_tables, round_tables
from benchmarks.made_figures import figure_tables
from benchmarks.made_people import people_tables, scheme_tables
from benchmarks.made_shop import LAST_MONTH, Shop, cards_of_posts, client_name, day
from ecperf_kit.period import shift


def write_client(root: Path, people: int, months: int = 12) -> str:
    """Writes ``client_data/people300x12`` below the practice ``root`` and yields its name.

    The months end with December 2026; all of them are the pilot's, on every channel,
    and the period of the year covers them. ``practice.toml`` is made if there is none.
    """
    shop, cards = Shop(people, months), cards_of_posts()
    called = client_name(people, months)
    folder = root / "client_data" / called
    folder.mkdir(parents=True, exist_ok=True)
    (root / "practice.toml").touch()
    config = f"""name_zh = "{people}人网店"
name_en = "Shop of {people}"
invented = true
[sponsor]
name = "林总"
position = "owner"
signed = {day(shift(shop.first, -1), 2)}
[dates]
plan_year = 2026
scheme_from = {day(shop.first, 1)}
pilot_from = "{shop.first}"
pilot_to = "{LAST_MONTH}"
[pilot]
channels = {[*shop.channels]}
departments = ["management"]
pay = "shadow"
[pay]
minimum_wage = "2490"
seasonality = "home_textiles"
[targets]
annual_net_sales = "{36_000_000 * len(shop.channels)}"
"""
    (folder / "client.toml").write_text(config, encoding="utf-8")
    tables = {**people_tables(shop), **scheme_tables(shop, cards), **figure_tables(shop, cards),
              **course_tables(shop, cards), **round_tables(shop)}  # fmt: skip
    for table, rows in tables.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows(rows)
    return called


if __name__ == "__main__":
    print(write_client(Path(sys.argv[1]), *map(int, sys.argv[2:4])))
