"""``jupyter nbconvert --to ecperf``: the runner's page for a notebook run by hand."""

from __future__ import annotations

import nbformat
from nbconvert.exporters import get_exporter
from traitlets.config import Config


def _executed(language: str) -> nbformat.NotebookNode:
    public = nbformat.v4.new_output(
        "display_data", {"text/html": '<div class="ecperf"><p>大家可看</p></div>'},
        metadata={"ecperf": {"audience": "everybody"}},
    )  # fmt: skip
    closed = nbformat.v4.new_output(
        "display_data", {"text/html": '<div class="ecperf"><p>张三 6500</p></div>'},
        metadata={"ecperf": {"audience": "person"}},
    )  # fmt: skip
    cells = [
        nbformat.v4.new_code_cell(
            f'client = "a"\nlanguage = "{language}"', metadata={"tags": ["parameters"]}
        ),
        nbformat.v4.new_markdown_cell("## 结论", metadata={"tags": ["zh"]}),
        nbformat.v4.new_markdown_cell("## Conclusion", metadata={"tags": ["en"]}),
        nbformat.v4.new_code_cell("secret_source()", outputs=[public, closed]),
    ]
    return nbformat.v4.new_notebook(cells=cells)


def test_the_page_has_the_language_of_the_parameters_and_no_code() -> None:
    exporter = get_exporter("ecperf")()
    html, resources = exporter.from_notebook_node(_executed("en"))
    assert resources["output_extension"] == ".html"
    assert '<html lang="en"' in html
    assert "Conclusion" in html and "结论" not in html
    assert "secret_source" not in html


def test_single_people_stay_out_unless_asked_for() -> None:
    html, _ = get_exporter("ecperf")().from_notebook_node(_executed("zh"))
    assert "大家可看" in html and "6500" not in html
    whole = Config({"EcperfExporter": {"public": False}})
    html, _ = get_exporter("ecperf")(config=whole).from_notebook_node(_executed("zh"))
    assert "6500" in html


def test_papermills_own_parameters_go_before_the_defaults() -> None:
    node = _executed("zh")
    node.cells.insert(
        1,
        nbformat.v4.new_code_cell('language = "en"', metadata={"tags": ["injected-parameters"]}),
    )
    html, _ = get_exporter("ecperf")().from_notebook_node(node)
    assert "Conclusion" in html
