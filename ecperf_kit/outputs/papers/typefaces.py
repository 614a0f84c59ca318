"""The fonts of a Word paper: Chinese and Western side by side, with stand-ins."""

from __future__ import annotations

from typing import Any

#: Chinese fonts by their use: name in Windows and WPS, and what stands in for it elsewhere.
FONTS_ZH = {"body": "仿宋", "head": "黑体", "title": "宋体", "table": "宋体"}
ALTERNATIVES = {
    "仿宋": "FangSong,FangSong_GB2312,STFangsong,Noto Serif CJK SC",
    "黑体": "SimHei,STHeiti,Noto Sans CJK SC",
    "宋体": "SimSun,STSong,Songti SC,Noto Serif CJK SC",
}
_LATIN = "Times New Roman"
#: What follows ``w:compat`` in the settings, by the order the format demands.
_AFTER_COMPAT = (
    "w:docVars", "w:rsids", "m:mathPr", "w:attachedSchema", "w:themeFontLang",
    "w:clrSchemeMapping", "w:doNotIncludeSubdocsInStats", "w:shapeDefaults",
    "w:doNotEmbedSmartTags", "w:decimalSymbol", "w:listSeparator",
)  # fmt: skip


def prepare_fonts(document: Any, size: float, language: str) -> None:
    """Sets fonts, languages and the form of the blank template; nothing of its theme is left."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    styles = document.styles
    defaults = styles.element.find(qn("w:docDefaults"))
    for fonts in defaults.iter(qn("w:rFonts")):
        for name in list(fonts.attrib):
            del fonts.attrib[name]
    spoken = OxmlElement("w:lang")
    for key, value in (("val", "en-GB"), ("eastAsia", "zh-CN")):
        spoken.set(qn(f"w:{key}"), value)
    for properties in defaults.iter(qn("w:rPr")):
        for old in properties.findall(qn("w:lang")):
            properties.remove(old)
        properties.append(spoken)
    normal = styles["Normal"]
    normal.font.size = Pt(size)
    set_font(normal.element.get_or_add_rPr(), "body", language)
    table = document.part.part_related_by(
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/fontTable"
    )
    names = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/>'
        f'<w:family w:val="{"swiss" if name == "黑体" else "roman"}"/></w:font>'
        for name, other in ALTERNATIVES.items()
    )
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    table._blob = f"<w:fonts {space}>{names}</w:fonts>".encode()
    settings = document.settings.element
    for old in settings.findall(qn("w:compat")):
        settings.remove(old)
    compat, mode = OxmlElement("w:compat"), OxmlElement("w:compatSetting")
    for key, value in (
        ("name", "compatibilityMode"),
        ("uri", "http://schemas.microsoft.com/office/word"),
        ("val", "15"),
    ):
        mode.set(qn(f"w:{key}"), value)
    compat.append(mode)
    settings.insert_element_before(compat, *_AFTER_COMPAT)


def set_font(properties: Any, use: str, language: str) -> None:
    """The fonts of a run or style, by what it is used for (body, head, title, table)."""
    from docx.oxml.ns import qn

    fonts = properties.get_or_add_rFonts()
    for key in ("ascii", "hAnsi", "cs"):
        fonts.set(qn(f"w:{key}"), _LATIN)
    fonts.set(qn("w:eastAsia"), FONTS_ZH[use])
    if language == "zh":  # quotation marks and dashes in the Chinese font too
        fonts.set(qn("w:hint"), "eastAsia")
