"""``ecperf lab``: JupyterLab on the notebooks of this practice."""

from __future__ import annotations

import os
import subprocess
import sys

import click

from ecperf_kit.cli.asking import refusal
from ecperf_kit.practice import HOME, find_root


@click.command("lab")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
def command(no_browser: bool) -> None:
    """Open JupyterLab on the notebooks; Run All makes the same report as `ecperf run`."""
    root = find_root()
    if not any((root / "notebooks").glob("*.ipynb")):
        raise refusal("practice.no_notebook", folder=root / "notebooks")
    words = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root}"]
    words.append("--LabApp.default_url=/lab/tree/notebooks")
    if no_browser:
        words.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        words.append("--allow-root")  # in a container there is nobody else to be
    lab = subprocess.Popen(words, env={**os.environ, HOME: str(root)})
    while True:
        try:
            code = lab.wait()
            break
        except KeyboardInterrupt:
            continue  # Ctrl-C reaches JupyterLab too, which asks before it stops
    if code:
        raise click.exceptions.Exit(1)
