"""A Word document as bytes that depend on its contents only, without a trace of who made it."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from typing import Any

#: Zip entries cannot be older; every entry and both dates of the metadata are fixed.
_FIRST_DAY = (1980, 1, 1, 0, 0, 0)
_MADE = dt.datetime(2000, 1, 1)
_APP = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/'
    b'extended-properties"></Properties>'
)
_CONTENT_TYPES = "[Content_Types].xml"


def fixed_bytes(document: Any, title: str, language: str) -> bytes:
    """The .docx file of a document: the same contents give the same bytes.

    Title and language are kept; author, editor, program, dates and the thumbnail of
    the blank template are not.
    """
    _neutral(document, title, language)
    written = io.BytesIO()
    document.save(written)
    packed = io.BytesIO()
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(packed, "w") as target:
        for name in sorted(source.namelist(), key=lambda n: (n != _CONTENT_TYPES, n)):
            entry = zipfile.ZipInfo(name, _FIRST_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0  # else Windows and Linux give different bytes
            target.writestr(entry, source.read(name))
    return packed.getvalue()


def _neutral(document: Any, title: str, language: str) -> None:
    core = document.core_properties
    core.title = title[:255]
    core.language = "zh-CN" if language == "zh" else "en-GB"
    for name in ("author", "last_modified_by", "comments", "keywords", "subject", "category"):
        setattr(core, name, "")
    core.created = core.modified = _MADE
    core.revision = 1
    package = document.part.package
    for key, relation in list(package.rels.items()):
        if relation.reltype.endswith("/thumbnail"):
            del package.rels[key]
        elif relation.reltype.endswith("/extended-properties"):
            relation.target_part._blob = _APP
