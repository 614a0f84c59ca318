"""What stands in a Word paper, read from its XML by other means than the kit's."""

from __future__ import annotations

import io
import re
import zipfile
from xml.etree import ElementTree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def parts(paper: bytes) -> dict[str, ElementTree.Element]:
    """Every XML part of the paper, parsed."""
    with zipfile.ZipFile(io.BytesIO(paper)) as packed:
        assert packed.testzip() is None
        return {
            name: ElementTree.fromstring(packed.read(name))
            for name in packed.namelist()
            if name.endswith((".xml", ".rels"))
        }


def lines(paper: bytes, part: str = "word/document.xml") -> list[str]:
    """The paragraphs of the body in order, cells of tables among them."""
    root = parts(paper)[part]
    return ["".join(t.text or "" for t in p.iter(f"{W}t")) for p in root.iter(f"{W}p")]


def said(paper: bytes) -> str:
    """The whole text with its foot."""
    feet = [name for name in parts(paper) if re.fullmatch(r"word/footer\d*\.xml", name)]
    return "\n".join(line for name in ("word/document.xml", *feet) for line in lines(paper, name))


def rows(paper: bytes) -> list[list[str]]:
    """The rows of all tables as lists of cell texts."""
    root = parts(paper)["word/document.xml"]
    return [
        ["".join(t.text or "" for t in cell.iter(f"{W}t")) for cell in row.iter(f"{W}tc")]
        for row in root.iter(f"{W}tr")
    ]
