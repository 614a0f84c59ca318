"""Imports of platform exports: an order list taken in with its account, against bare reading.

A bare reader is one call of a library that turns the same file into typed columns in memory,
with all its threads and its fastest way to guess types: amounts as floats, both times as time
stamps, order ids as whole numbers (CSV; texts in Parquet, as they stand there), places as
texts. pyarrow reads from the path by ``csv.read_csv`` and ``parquet.read_table``, pandas by
``read_csv`` (``parse_dates`` for both times) and ``read_parquet``, polars, where it is
installed, by ``read_csv`` (``try_parse_dates``) and ``read_parquet``. It checks nothing: a
``1e3`` or a ``nan`` among the amounts is a number to it, and a 30 February makes its column one
of texts.

Ours reads the same file without the column of places (no declaration uses it; its bytes are
checked all the same), makes exact integers of the amounts, days of the times and 64-bit
numbers of the order ids, and with that the hash of the file, every check of a row, the search
for repeated orders, the account, the totals and the files of the client. The fastest bare
reader of each repetition is what it is compared with, in seconds and in seconds of CPU.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.rows import Row, row, seconds, table

GROUP = "import"
HEADINGS = (
    "订单编号",
    "总金额",
    "买家实际支付金额",
    "收货地址 ",
    "订单创建时间",
    "订单付款时间 ",
    "退款金额",
)
MONEY, DAYS = (1, 2, 6), (4, 5)
PLACES = ("上海", "内蒙古自治区", "北京", "广东省", "四川省", "江苏省", "浙江省")
FAULTS = 25  # unreadable amounts in the faulty file
MILLION = 1_000_000
FORMS = ("utf-8", "gb18030", "parquet")
REPETITIONS = 9
_PART = 200_000
_CHILD = """
import json, sys, time
from pathlib import Path
from ecperf_kit.intake.imports import import_export
started = time.perf_counter()
(done,) = import_export(Path(sys.argv[1]), [Path(sys.argv[2])], "tmall").files
took = time.perf_counter() - started
try:
    # of this program alone: the kernel's other figure counts what the parent had before
    words = Path("/proc/self/status").read_text().split()
    most = int(words[words.index("VmHWM:") + 1]) * 1024
except (OSError, ValueError):
    import psutil
    told = psutil.Process().memory_info()
    most = getattr(told, "peak_wset", told.rss)
print(json.dumps([done.read, done.used, took, most]))
"""


def orders(path: Path, form: str, rows: int, faults: int = 0) -> int:
    """Writes an order list of so many rows; how many of them are paid for.

    With ``faults``, as many amounts at even distances are no numbers.
    """
    random = np.random.default_rng(rows)
    paid_rows = 0
    bad = set(np.linspace(0, rows - 1, faults, dtype=int).tolist())
    writer = _ParquetFile(path) if form == "parquet" else _CsvFile(path, form)
    with writer as write:
        for first in range(0, rows, _PART):
            count = min(_PART, rows - first)
            gross = random.integers(100, 1_000_000, count)  # fen
            paid = random.random(count) < 0.86
            refund = np.where(paid & (random.random(count) < 0.2), gross // 2, 0)
            start = np.datetime64("2026-02-01") + random.integers(0, 28 * 86_399, count).astype(
                "timedelta64[s]"
            )
            places = np.array(PLACES)[random.integers(0, len(PLACES), count)]
            write(first, gross, paid, refund, start, places, bad)
            paid_rows += int(paid.sum())
    return paid_rows


class _CsvFile:
    def __init__(self, path: Path, encoding: str) -> None:
        self._file = path.open("w", encoding=encoding, newline="")
        self._file.write(",".join(HEADINGS) + "\n")

    def __enter__(self) -> Callable[..., None]:
        return self._write

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def _write(self, first, gross, paid, refund, start, places, bad) -> None:  # type: ignore[no-untyped-def]
        days = np.char.replace(np.datetime_as_string(start), "T", " ")
        given = np.where(paid, days, "")
        net = np.where(paid, gross - refund, 0)
        cells = zip(gross, net, places, days, given, refund, strict=True)
        self._file.writelines(
            f"{10**18 + first + i},{'?' if first + i in bad else f'{g / 100}'},{n / 100},"
            f"{place},{day},{on},{r / 100}\n"
            for i, (g, n, place, day, on, r) in enumerate(cells)
        )


class _ParquetFile:
    def __init__(self, path: Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        types = [
            pa.string(),
            pa.float64(),
            pa.float64(),
            pa.string(),
            pa.timestamp("s"),
            pa.timestamp("s"),
            pa.float64(),
        ]
        self._schema = pa.schema(list(zip(HEADINGS, types, strict=True)))
        self._file = pq.ParquetWriter(path, self._schema)

    def __enter__(self) -> Callable[..., None]:
        return self._write

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def _write(self, first, gross, paid, refund, start, places, bad) -> None:  # type: ignore[no-untyped-def]
        import pyarrow as pa

        net = np.where(paid, gross - refund, 0) / 100
        keys = [str(10**18 + first + i) for i in range(len(gross))]
        spoilt = np.array([first + i in bad for i in range(len(gross))])
        columns = [
            pa.array(keys),
            pa.array(np.where(spoilt, np.inf, gross / 100)),
            pa.array(net),
            pa.array(places.tolist()),
            pa.array(start),
            pa.array(start, mask=~paid),
            pa.array(refund / 100),
        ]
        self._file.write_table(pa.table(columns, schema=self._schema))


def readers(path: Path, form: str) -> dict[str, Callable[[], object]]:
    """Ways to read the file into typed columns, by name; polars where it is installed."""
    import pandas as pd
    import pyarrow.csv
    import pyarrow.parquet

    found: dict[str, Callable[[], object]] = {}
    if form == "parquet":
        found["pyarrow"] = lambda: pyarrow.parquet.read_table(path)
        found["pandas"] = lambda: pd.read_parquet(path)
    else:
        options = pyarrow.csv.ReadOptions(encoding=form)
        found["pyarrow"] = lambda: pyarrow.csv.read_csv(path, options)
        days = [HEADINGS[at] for at in DAYS]
        found["pandas C"] = lambda: pd.read_csv(path, encoding=form, parse_dates=days)
    try:
        import polars
    except ImportError:
        return found
    if form == "parquet":
        found["polars"] = lambda: polars.read_parquet(path)
    else:
        of = "utf8" if form == "utf-8" else form
        found["polars"] = lambda: polars.read_csv(path, encoding=of, try_parse_dates=True)
    return found


def client(folder: Path) -> Path:
    """An empty client with one channel."""
    folder.mkdir(parents=True)
    (folder / "channels.csv").write_text("channel,name\ntmall,A\n", encoding="utf-8")
    return folder


def taken_in(folder: Path, path: Path, rows: int, used: int, faults: int) -> tuple[float, float]:
    """How long an import into a new client takes, in seconds and in seconds of CPU.

    What it tells is what was written.
    """
    from ecperf_kit.intake.imports import import_export

    home = client(folder)
    results = []
    took = timed(lambda: results.append(import_export(home, [path], "tmall")))
    (done,) = results[0].files
    assert done.read == rows, done.read
    assert done.used == (0 if faults else used), done.used
    named = sum(finding.code == "D409" for finding in results[0].findings)
    assert named == min(faults, 20), named
    return took


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds, and seconds of CPU of all threads of this process."""
    before = time.process_time()
    took = seconds(work)
    return took, time.process_time() - before


def one_form(folder: Path, form: str, faults: int = 0) -> list[Row]:
    """The lines of one kind of file with a million rows."""
    path = folder / f"orders.{'parquet' if form == 'parquet' else 'csv'}"
    used = orders(path, form, MILLION, faults)
    ways = readers(path, form)
    ratios: list[float] = []
    of_cpu: list[float] = []
    own: list[float] = []
    ours: list[float] = []
    fastest: list[str] = []
    for repetition in range(REPETITIONS + 1):
        gc.collect()
        bare = {name: timed(read) for name, read in ways.items()}
        took, cpu = taken_in(folder / f"client{repetition}", path, MILLION, used, faults)
        if repetition:  # the first one loads libraries and fills the file cache
            name = min(bare, key=lambda each: bare[each][0])
            fastest.append(name)
            ours.append(took)
            ratios.append(took / bare[name][0])
            of_cpu.append(cpu / bare[name][1])
            own.append(took / bare["pyarrow"][0])
    path.unlink()
    for made in folder.glob("client*"):
        _remove(made)
    what = f"1,000,000 rows, {form}" + (f", {faults} faults" if faults else "")
    against = max(set(fastest), key=fastest.count)
    found = [
        row(GROUP, what, "x slower", ratios, f"than the fastest bare reader ({against})"),
        row(GROUP, what, "x CPU", of_cpu, f"of the fastest bare reader ({against})"),
    ]
    if against != "pyarrow":  # which reads the file for us
        found.append(row(GROUP, what, "x slower", own, "than the bare reader of pyarrow"))
    return [*found, row(GROUP, what, "s", ours, "checked and accounted for")]


def ten_millions(folder: Path, form: str) -> list[Row]:
    """Time and peak memory of an import of 10,000,000 rows in a process of its own."""
    rows = 10 * MILLION
    path = folder / f"orders.{'parquet' if form == 'parquet' else 'csv'}"
    used = orders(path, form, rows)
    home = client(folder / "client")
    command = [sys.executable, "-c", _CHILD, str(home), str(path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    read, counted, took, most = json.loads(said)
    assert (read, counted) == (rows, used), (read, counted, used)
    path.unlink()
    _remove(home)
    what = f"10,000,000 rows, {form}"
    return [
        row(GROUP, what, "s", [took], "in a process of its own"),
        row(GROUP, what, "MB", [most / 1e6], "peak memory of that process"),
    ]


def _remove(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder)


def main(full: bool = False) -> list[Row]:
    """The lines of the table; ``full`` adds imports of ten million rows."""
    found: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for form in FORMS:
            found += one_form(folder, form)
        found += one_form(folder, "utf-8", FAULTS)
        if full:
            for form in FORMS:
                found += ten_millions(folder, form)
    return found


if __name__ == "__main__":
    print(table(main("--full" in sys.argv)))
