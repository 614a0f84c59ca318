"""The sliders in a real browser: JupyterLab, a notebook run by hand, a slider moved."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from ecperf_kit.practice import HOME, UNATTENDED

pytestmark = [pytest.mark.office, pytest.mark.notebook]
ROOT = Path(__file__).resolve().parent.parent
CELL = """
from types import SimpleNamespace
from ecperf_kit import open_client
from ecperf_kit.widgets import pay_tuner, weight_tuner
opened = open_client("qinghe", language="en")
design = SimpleNamespace(stage="design")
"""
CALLS = (
    'weight_tuner(opened, design, "post:presales_cs")',
    'pay_tuner(opened, design, "post:presales_cs")',
)


def _notebook(path: Path) -> None:
    import nbformat

    cells = [nbformat.v4.new_code_cell(source.strip()) for source in (CELL, *CALLS)]
    node = nbformat.v4.new_notebook(cells=cells)
    node.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(node, path)


@pytest.fixture
def lab(tmp_path):
    """A JupyterLab on a practice with the demo client; its address and token."""
    shutil.copytree(ROOT / "client_data" / "qinghe", tmp_path / "client_data" / "qinghe")
    shutil.copy(ROOT / "practice.toml", tmp_path)
    _notebook(tmp_path / "tuning.ipynb")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **{k: v for k, v in os.environ.items() if k != UNATTENDED},
        HOME: str(tmp_path),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
    }
    words = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}", "--allow-root"),
        *("--IdentityProvider.token=tuning", f"--ServerApp.root_dir={tmp_path}"),
        *("--ServerApp.port_retries=0", "--LabApp.news_url="),
    ]
    with (tmp_path / "lab.log").open("wb") as log:
        server = subprocess.Popen(words, env=environment, stdout=log, stderr=log)
    try:
        base = f"http://127.0.0.1:{port}"
        _wait_for(f"{base}/api/status?token=tuning", server, tmp_path / "lab.log")
        yield base
    finally:
        server.terminate()
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(240):
        assert server.poll() is None, log.read_text("utf-8")
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                json.load(answer)
                return
        except OSError:
            time.sleep(0.25)
    pytest.fail(f"JupyterLab did not answer:\n{log.read_text('utf-8')}")


def test_moving_a_slider_scores_the_history_again(lab):
    browser_of = pytest.importorskip("playwright.sync_api").sync_playwright
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("Chromium is not installed")
    with browser_of() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1300, "height": 3000})
        page.goto(f"{lab}/lab/tree/tuning.ipynb?token=tuning&reset", timeout=120_000)
        page.wait_for_selector(".jp-NotebookPanel .jp-CodeCell", timeout=120_000)
        # cells run before the kernel is there are lost without a word
        page.get_by_text("| Idle").wait_for(timeout=120_000)
        page.locator(".jp-CodeCell .cm-content").first.click()
        for _ in range(3):
            page.keyboard.press("Shift+Enter")
        sliders = page.locator(".jupyter-widgets.widget-slider")
        sliders.nth(6).wait_for(timeout=120_000)  # six weights and the performance share
        weights = page.locator(".widget-readout")
        assert [weights.nth(at).inner_text() for at in range(6)] == [
            "30.0", "20.0", "20.0", "15.0", "10.0", "5.0",
        ]  # fmt: skip

        weights.nth(0).click()
        weights.nth(0).fill("45")
        weights.nth(0).press("Enter")
        # the kernel moves the others one after another: wait until the last has come
        page.wait_for_function(
            "() => { const said = [...document.querySelectorAll('.widget-readout')].slice(0, 6)"
            ".map(each => Number(each.innerText));"
            " return said[1] === 15.5 && said.reduce((sum, each) => sum + each, 0) === 100 }",
            timeout=60_000,
        )
        assert weights.nth(0).inner_text() == "45.0"
        page.get_by_role("cell", name="45.0").first.wait_for(timeout=60_000)

        share = weights.nth(6)
        share.click()
        share.fill("50")
        share.press("Enter")
        said = page.get_by_text(re.compile(r"tried 50.0\s?%: base 3,250.00"))
        said.wait_for(timeout=60_000)
        keep = os.environ.get("ECPERF_KEEP_PICTURES")
        if keep:
            page.screenshot(path=str(Path(keep) / "tuner.png"))
        browser.close()
