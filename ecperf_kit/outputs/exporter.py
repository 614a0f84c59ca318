"""The report page for nbconvert: ``jupyter nbconvert --to ecperf FILE.ipynb``.

For a notebook that was run by hand in JupyterLab. The page is the runner's own, without
what shows single people; ``--EcperfExporter.public=False`` keeps that in.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from nbconvert.exporters import Exporter
from traitlets import Bool, default

from ecperf_kit.outputs.formats import long_date
from ecperf_kit.outputs.page import LANGUAGES, render


class EcperfExporter(Exporter):
    """An executed notebook as the kit's self-contained page, for nbconvert."""

    public = Bool(True, help="Leave out what shows pay or scores of single people.").tag(
        config=True
    )
    export_from_notebook = "ecperf report"
    output_mimetype = "text/html"

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(self, nb: Any, resources: Any = None, **kw: Any) -> Any:
        """The page and nbconvert's resources; the language is that of the parameters cell."""
        node, resources = super().from_notebook_node(nb, resources, **kw)
        language = _language(node)
        html = render(
            node,
            title=str(resources.get("metadata", {}).get("name", "")),
            language=language,
            public=self.public,
            scheme_hash="–",
            generated=long_date(date.today(), language),
        )
        return html, resources


def _language(node: Any) -> str:
    """What the cells with parameters set as ``language``; papermill's own comes last."""
    found = "zh"
    for cell in node.cells:
        if {"parameters", "injected-parameters"}.intersection(cell.metadata.get("tags", [])):
            for line in cell.source.splitlines():
                name, _, value = line.partition("=")
                if name.strip() == "language" and value.strip().strip("\"'") in LANGUAGES:
                    found = value.strip().strip("\"'")
    return found
