"""The tables of a Word paper: ruled tables, facts in boxes, signature fields."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecperf_kit.outputs.papers.document import Paper

_HEAD_FILL = "EFF3F5"
_TWIPS_A_MM = 56.6929
#: What follows a shade and a merge among the properties of a cell: Word minds the order.
_AFTER_SHADE = ("w:noWrap", "w:tcMar", "w:textDirection", "w:tcFitText", "w:vAlign", "w:hideMark")
_AFTER_MERGE = ("w:tcBorders", "w:shd", *_AFTER_SHADE)
_ON_ONE_PAGE = 12  # rows of a table that is not broken
_SIGNING = 12  # points of the largest type in signature fields


def fill_table(
    paper: Paper, head: Sequence[object], rows: Sequence[Sequence[object]],
    widths: Sequence[float], numeric: Sequence[int], centred: Sequence[int], height: float,
) -> None:  # fmt: skip
    """A table with lines around every cell; numbers to the right, the head repeated.

    A cell that is None belongs to the cell above it. A short table stands on one page: a
    renderer that breaks one after a kept heading may lose the rows that follow.
    """
    table = _new(paper, len(head), widths)
    _row(paper, table, head, bold=True, fill=_HEAD_FILL, centred=range(len(head)), repeat=True)
    for row, below in itertools.zip_longest(rows, rows[1:], fillvalue=[""] * len(head)):
        begins = {at for at, text in enumerate(below) if text is None and row[at] is not None}
        _row(paper, table, row, numeric=numeric, centred=centred, height=height, begins=begins)
    if len(rows) <= _ON_ONE_PAGE:
        _kept_together(table)
    _after(paper)


def fill_facts(paper: Paper, pairs: Sequence[tuple[object, object]], columns: int) -> None:
    """Labels on grey beside their values; the last line may have fewer pairs."""
    one = (0.18, 0.32) if columns == 2 else (0.22, 0.78)
    table = _new(paper, 2 * columns, one * columns)
    for at in range(0, len(pairs), columns):
        some = [*pairs[at : at + columns]]
        some += [("", "")] * (columns - len(some))
        cells = [text for pair in some for text in pair]
        _row(paper, table, cells, shaded={i: _HEAD_FILL for i in range(0, 2 * columns, 2)})
    _after(paper)


def fill_signatures(paper: Paper, fields: Sequence[Sequence[object]], columns: int) -> None:
    """Fields side by side without lines, kept together on one page."""
    size = min(paper.look.body, _SIGNING)
    table = _new(paper, columns, [1 / columns] * columns, ruled=False)
    for at in range(0, len(fields), columns):
        row = table.add_row()
        _unbroken(row)
        for cell, lines in zip(row.cells, fields[at : at + columns], strict=False):
            for place, text in enumerate(lines):
                paragraph = cell.paragraphs[0] if place == 0 else cell.add_paragraph()
                paper._shape(paragraph, "left", size * 1.75)
                paragraph.paragraph_format.keep_with_next = True
                paper.run(paragraph, text, "body", size, bold=place == 0 and len(lines) > 2)
    _after(paper)


def _new(paper: Paper, columns: int, widths: Sequence[float], ruled: bool = True) -> Any:
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.oxml.ns import qn
    from docx.shared import Mm

    table = paper.document.add_table(rows=0, cols=columns)
    if ruled:
        table.style = paper.document.styles["Table Grid"]
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    whole = sum(widths)
    wide = [paper.width * width / whole for width in widths]
    for column, width in zip(table.columns, wide, strict=True):
        column.width = Mm(width)
    # renderers differ in whether they trust the grid or the cells: both are given
    table._widths = wide
    properties = table._tbl.tblPr
    found = properties.find(qn("w:tblW"))
    if found is not None:
        found.set(qn("w:type"), "dxa")
        found.set(qn("w:w"), str(int(paper.width * _TWIPS_A_MM)))
    return table


def _row(
    paper: Paper, table: Any, cells: Sequence[object], *, bold: bool = False, fill: str = "",
    numeric: Sequence[int] = (), centred: Sequence[int] = (), repeat: bool = False,
    height: float = 0, shaded: dict[int, str] | None = None, begins: Collection[int] = (),
) -> None:  # fmt: skip
    from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Mm

    row = table.add_row()
    _unbroken(row)
    if height:
        row.height = Mm(height)
    if repeat:
        row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for place, (cell, text) in enumerate(zip(row.cells, cells, strict=True)):
        if text is None or place in begins:
            _joined(cell, place in begins)
        cell.width = Mm(table._widths[place])
        cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        paint = fill or (shaded or {}).get(place, "")
        if paint:
            shade = OxmlElement("w:shd")
            for key, value in (("val", "clear"), ("color", "auto"), ("fill", paint)):
                shade.set(qn(f"w:{key}"), value)
            cell._tc.get_or_add_tcPr().insert_element_before(shade, *_AFTER_SHADE)
        lines = text if isinstance(text, list | tuple) else ["" if text is None else text]
        align = "centre" if place in centred else "right" if place in numeric else "left"
        for at, line in enumerate(lines):
            paragraph = cell.paragraphs[0] if at == 0 else cell.add_paragraph()
            paper._shape(paragraph, align, paper.look.table * paper.look.cell, 1.5, 1.5)
            use = "head" if bold or (shaded and place in shaded) else "table"
            paper.run(paragraph, line, use, paper.look.table,
                      bold=use == "head" and paper.language == "en")  # fmt: skip


def _joined(cell: Any, first: bool) -> None:
    """Marks a cell as the first, or as a later part, of one that runs down several rows."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    merge = OxmlElement("w:vMerge")
    if first:
        merge.set(qn("w:val"), "restart")
    cell._tc.get_or_add_tcPr().insert_element_before(merge, *_AFTER_MERGE)


def _kept_together(table: Any) -> None:
    """No page ends inside the table: each row stays with the next."""
    for row in list(table.rows)[:-1]:
        for cell in row.cells:
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.keep_with_next = True


def _unbroken(row: Any) -> None:
    """A row is never cut in two at the end of a page."""
    from docx.oxml import OxmlElement

    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _after(paper: Paper) -> None:
    """Word joins two tables that follow each other: a thin paragraph keeps them apart."""
    paper.gap(7)
