"""Six reports: this package against the stock commands, papermill's API and a process pool.

Stock way: for each notebook ``papermill`` and ``jupyter nbconvert --to html``, as
two commands, on the notebooks as shipped. Ours: one ``ecperf run`` in a new process
with no report there before. The stock HTML has no contents, no reader's language and
pay for all to see; what is compared is the work, not the page.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from benchmarks import practice
from benchmarks.rows import Row, ratio, row, seconds, table

GROUP = "six reports"


def _parameters(client: str, out: Path, stage: str) -> dict[str, str]:
    return {"client": client, "period": "", "language": "zh", "output": str(out / stage)}


def _notebook(root: Path, stage: str) -> Path:
    return next((root / "notebooks").glob(f"[1-6]_{stage}.ipynb"))


def stock(root: Path, client: str, out: Path) -> float:
    """Six times ``papermill`` and ``jupyter nbconvert``, one after the other."""
    out.mkdir(parents=True, exist_ok=True)
    whole = 0.0
    for stage in practice.STAGES:
        given = [word for pair in _parameters(client, out, stage).items() for word in ("-r", *pair)]
        made = str(out / f"{stage}.ipynb")
        papermill = [sys.executable, "-m", "papermill", "--kernel", "python3", "--no-progress-bar"]
        whole += practice.command(
            [*papermill, str(_notebook(root, stage)), made, *given], root, out
        )
        to_html = [sys.executable, "-m", "jupyter", "nbconvert", "--to", "html", made]
        whole += practice.command(to_html, root, out)
    return whole


def one_by_api(root: str, client: str, out: str, stage: str) -> None:
    """One notebook by papermill's and nbconvert's Python API with their defaults."""
    import os

    import papermill
    from nbconvert import HTMLExporter

    os.environ["ECPERF_HOME"] = root
    made = Path(out) / f"{stage}.ipynb"
    papermill.execute_notebook(
        str(_notebook(Path(root), stage)),
        str(made),
        parameters=_parameters(client, Path(out), stage),
        kernel_name="python3",
        progress_bar=False,
    )
    html, _ = HTMLExporter().from_filename(str(made))
    made.with_suffix(".html").write_text(html, encoding="utf-8")


def _api(root: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for stage in practice.STAGES:
        one_by_api(str(root), practice.CLIENT, str(out), stage)


def _pool(root: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    # a fresh pool each time, as a script of one's own would start it
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        tasks = [
            pool.submit(one_by_api, str(root), practice.CLIENT, str(out), stage)
            for stage in practice.STAGES
        ]
        for task in tasks:
            task.result()


def _stages_alone(root: Path) -> Callable[[], None]:
    from ecperf_kit import open_client
    from ecperf_kit.stages import conclude

    def run() -> None:
        client = open_client(practice.CLIENT, root=root)
        for stage in practice.STAGES:
            conclude(stage, client)

    return run


def main(full: bool = False) -> list[Row]:
    """The lines on running notebooks; ``full`` repeats the slow ways too."""
    slow, quick = (3, 5) if full else (1, 3)
    with tempfile.TemporaryDirectory() as folder:
        root = practice.start(Path(folder) / "practice")
        out = Path(folder) / "stock"
        run = practice.ecperf("run", practice.CLIENT)

        def cold() -> float:
            practice.forget(root)
            return practice.command(run, root)

        practice.command(practice.ecperf("--help"), root)
        ours = [cold() for _ in range(quick)]
        by_stock = [stock(root, practice.CLIENT, out) for _ in range(slow)]
        apis = [seconds(lambda: _api(root, out)) for _ in range(slow)]
        pools = [seconds(lambda: _pool(root, out)) for _ in range(slow)]
        kernels = [
            (practice.forget(root), practice.command([*run, "--engine", "stock"], root))[1]
            for _ in range(slow)
        ]
        # the reports of the last cold run are needed for the unchanged one
        cold()
        again = [practice.command(run, root) for _ in range(quick)]
        helps = [practice.command(practice.ecperf("--help"), root) for _ in range(5)]
        alone = [seconds(_stages_alone(root)) for _ in range(quick)]
        batch = practice.copies(root, 8)
        eight = []
        for _ in range(slow):
            practice.forget(root)
            eight.append(practice.command(practice.ecperf("run", *batch), root) / len(batch))
    against = ours[: len(by_stock)]
    lines = [
        ratio(GROUP, "one client cold, against the stock commands", by_stock, against),
        ratio(GROUP, "per client of a batch of 8, against the stock commands", by_stock, eight),
        ratio(GROUP, "one client cold, against papermill's and nbconvert's API", apis, against),
        ratio(GROUP, "one client cold, against that API in two processes", pools, against),
        ratio(GROUP, "one client cold, forked against stock kernels", kernels, against),
        ratio(GROUP, "nothing changed, against the stock commands", by_stock, again[:slow]),
        row(GROUP, "stock commands, one client", "s", by_stock),
        row(GROUP, "one client cold", "s", ours),
        row(GROUP, "per client of a batch of 8", "s", eight),
        row(GROUP, "one client, nothing changed", "s", again),
        row(GROUP, "stage functions alone, client opened", "s", alone, "one process, no notebook"),
        row("command line", "ecperf --help", "s", helps),
    ]
    return lines


if __name__ == "__main__":
    print(table(main("--full" in sys.argv[1:])))
