"""The building blocks of a Word paper: A4 page, fonts, headings, tables, signature fields.

Client text goes in as text runs only: control characters and marks of direction are
taken out, nothing of it can become a field, a link or XML.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ecperf_kit.outputs.papers.look import RED, Look, plain_text
from ecperf_kit.outputs.papers.packing import fixed_bytes
from ecperf_kit.outputs.papers.typefaces import prepare_fonts, set_font

_GREY = "6B7280"


class Paper:
    """One Word paper as it is written, from top to bottom."""

    def __init__(self, language: str, title: str, foot: str, look: Look, mark: str = "") -> None:
        from docx import Document
        from docx.enum.section import WD_ORIENT
        from docx.shared import Mm

        look = look.spoken(language)
        self.language, self.look, self.name = language, look, plain_text(title)
        self.document: Any = Document()
        section = self.document.sections[0]
        size = (297, 210) if look.landscape else (210, 297)
        section.page_width, section.page_height = Mm(size[0]), Mm(size[1])
        if look.landscape:
            section.orientation = WD_ORIENT.LANDSCAPE
        top, right, bottom, left = look.margins
        section.top_margin, section.bottom_margin = Mm(top), Mm(bottom)
        section.left_margin, section.right_margin = Mm(left), Mm(right)
        section.footer_distance = Mm(min(bottom - 8, 18))
        self.width = size[0] - left - right
        prepare_fonts(self.document, look.body, language)
        self._foot(foot)
        if mark:
            self._head(section, mark)

    def run(
        self, paragraph: Any, text: object, use: str = "body", size: float = 0,
        bold: bool = False, colour: str = "",
    ) -> Any:  # fmt: skip
        """A run of harmless text at the end of a paragraph."""
        from docx.shared import Pt, RGBColor

        run = paragraph.add_run(plain_text(text))
        set_font(run._r.get_or_add_rPr(), use, self.language)
        run.font.size = Pt(size or self.look.body)
        run.bold = bold or None
        if colour:
            run.font.color.rgb = RGBColor.from_string(colour)
        return run

    # -- paragraphs --------------------------------------------------------------
    def paragraph(
        self, text: object = "", *, use: str = "body", size: float = 0, bold: bool = False,
        colour: str = "", align: str = "", indent: bool | None = None, line: float = 0,
        before: float = 0, after: float = 0, keep: bool = False, right: float = 0, apart: float = 0,
    ) -> Any:  # fmt: skip
        """A paragraph; ``align`` left | centre | right, spaces in points.

        Never justified: an office program that squeezes a full line drops the mark at its end.

        ``apart``: how far the characters stand from each other, in points.
        """
        paragraph = self.document.add_paragraph()
        self._shape(paragraph, align or "left", line or self.look.line, before, after)
        if keep:
            paragraph.paragraph_format.keep_with_next = True
        if right:
            from docx.shared import Mm

            paragraph.paragraph_format.right_indent = Mm(right)
        if self.look.indent if indent is None else indent:
            self._indent(paragraph, size or self.look.body)
        if text != "":
            run = self.run(paragraph, text, use, size, bold, colour)
            if apart:
                _spread(run, apart)
        return paragraph

    def gap(self, points: float, keep: bool = False) -> Any:
        """An empty line of exactly this height."""
        from docx.enum.text import WD_LINE_SPACING
        from docx.shared import Pt

        paragraph = self.document.add_paragraph()
        form = paragraph.paragraph_format
        form.space_before = form.space_after = Pt(0)
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(points)
        form.keep_with_next = keep or None
        return paragraph

    def _shape(
        self, paragraph: Any, align: str, line: float, before: float = 0, after: float = 0
    ) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
        from docx.shared import Pt

        form = paragraph.paragraph_format
        form.space_before, form.space_after = Pt(before), Pt(after)
        places = {"left": "LEFT", "centre": "CENTER", "right": "RIGHT"}
        form.alignment = getattr(WD_ALIGN_PARAGRAPH, places[align])
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.AT_LEAST, Pt(line)

    def _indent(self, paragraph: Any, size: float) -> None:
        from docx.oxml.ns import qn

        if self.language != "zh":
            return
        indent = paragraph._p.get_or_add_pPr().get_or_add_ind()
        indent.set(qn("w:firstLineChars"), "200")
        indent.set(qn("w:firstLine"), str(int(size * 40)))  # two characters, in twentieths

    def title(self, text: object, small: object = "") -> None:
        """The title in the middle, with a smaller line under it."""
        after = 4 if small else self.look.title / 2
        self.paragraph(
            text, use="title", size=self.look.title, bold=True, align="centre", indent=False,
            line=self.look.title * 1.5, after=after, keep=True,
        )  # fmt: skip
        if small:
            self.paragraph(
                small, size=self.look.body - 1, colour=_GREY, align="centre", indent=False,
                after=self.look.title / 3,
            )  # fmt: skip

    def heading(self, text: object) -> None:
        """A section heading that stays with what follows; shown in the navigation pane."""
        paragraph = self.paragraph(
            text, use="head", bold=self.language == "en", before=self.look.body / 2, after=2,
            keep=True, align="left",
        )  # fmt: skip
        _outline(paragraph)

    def note(self, text: object) -> None:
        """A remark in small grey type."""
        self.paragraph(text, size=self.look.table - 0.5, colour=_GREY, indent=False,
                       line=self.look.table * 1.5, before=3, after=4, align="left")  # fmt: skip

    def page_break(self) -> None:
        """What follows begins on a new page."""
        self.gap(1).paragraph_format.page_break_before = True

    def rule(self, colour: str, points: float, keep: bool = False) -> None:
        """A line across the page."""
        from docx.oxml import parse_xml
        from docx.oxml.ns import nsdecls

        paragraph = self.gap(4, keep)
        border = (
            f'<w:pBdr {nsdecls("w")}><w:bottom w:val="single" w:sz="{int(points * 8)}" '
            f'w:space="1" w:color="{colour}"/></w:pBdr>'
        )
        properties = paragraph._p.get_or_add_pPr()
        properties.insert_element_before(
            parse_xml(border), "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind",
            "w:jc", "w:outlineLvl",
        )  # fmt: skip

    # -- head and foot ----------------------------------------------------------------------
    def _head(self, section: Any, mark: str) -> None:
        """A warning in red above every page."""
        from docx.shared import Mm

        section.header_distance = Mm(min(self.look.margins[0] - 8, 15))
        paragraph = section.header.paragraphs[0]
        paragraph.style = self.document.styles["Normal"]
        self.run(paragraph, mark, "table", 9, bold=True, colour=RED)

    def _foot(self, foot: str) -> None:
        from docx.enum.text import WD_TAB_ALIGNMENT
        from docx.shared import Mm

        paragraph = self.document.sections[0].footer.paragraphs[0]
        stops = paragraph.paragraph_format.tab_stops
        stops.add_tab_stop(Mm(self.width), WD_TAB_ALIGNMENT.RIGHT)
        paragraph.style = self.document.styles["Normal"]
        self.run(paragraph, foot, "table", 8.5, colour=_GREY)
        self.run(paragraph, "", "table", 8.5)._r.append(_tab())
        self.run(paragraph, "— ", "table", 8.5, colour=_GREY)
        for part in _page_number():
            self.run(paragraph, "", "table", 8.5, colour=_GREY)._r.append(part)
        self.run(paragraph, " —", "table", 8.5, colour=_GREY)

    def bytes(self) -> bytes:
        """The finished paper; the same contents give the same bytes."""
        return fixed_bytes(self.document, self.name, self.language)

    # -- tables --------------------------------------------------------------------
    def table(
        self, head: Sequence[object], rows: Sequence[Sequence[object]], widths: Sequence[float],
        numeric: Sequence[int] = (), centred: Sequence[int] = (), height: float = 0,
    ) -> None:  # fmt: skip
        """A ruled table; ``widths`` are shares of the page, the head repeats on each page."""
        from ecperf_kit.outputs.papers.grid import fill_table

        fill_table(self, head, rows, widths, numeric, centred, height)

    def facts(self, pairs: Sequence[tuple[object, object]], columns: int = 2) -> None:
        """Labels with their values, ``columns`` pairs to a line."""
        from ecperf_kit.outputs.papers.grid import fill_facts

        fill_facts(self, pairs, columns)

    def signatures(self, fields: Sequence[Sequence[object]], columns: int = 2) -> None:
        """Signature fields side by side: each a list of lines, kept on one page."""
        from ecperf_kit.outputs.papers.grid import fill_signatures

        fill_signatures(self, fields, columns)


def _spread(run: Any, points: float) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    spacing = OxmlElement("w:spacing")
    spacing.set(qn("w:val"), str(int(points * 20)))
    run._r.get_or_add_rPr().insert_element_before(
        spacing, "w:w", "w:kern", "w:position", "w:sz", "w:szCs", "w:highlight", "w:u", "w:lang"
    )


def _outline(paragraph: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    level = OxmlElement("w:outlineLvl")
    level.set(qn("w:val"), "0")
    paragraph._p.get_or_add_pPr().append(level)


def _tab() -> Any:
    from docx.oxml import OxmlElement

    return OxmlElement("w:tab")


def _page_number() -> list[Any]:
    """The field of the page number: ours alone, client text never gets here."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    parts = []
    for kind in ("begin", "instr", "separate", "text", "end"):
        if kind == "instr":
            part = OxmlElement("w:instrText")
            part.text = "PAGE"
        elif kind == "text":
            part = OxmlElement("w:t")
            part.text = "1"
        else:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), kind)
        parts.append(part)
    return parts
