"""The scorecard workbook as a file: a cover that says how to use it, then one sheet per card."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ecperf_kit.outputs import provenance
from ecperf_kit.outputs.cards.cover import write_cover
from ecperf_kit.outputs.cards.model import Card
from ecperf_kit.outputs.cards.sheet import write_card
from ecperf_kit.outputs.cards.style import OPTIONS, Style
from ecperf_kit.outputs.files import write_files
from ecperf_kit.outputs.wording import Wording

if TYPE_CHECKING:
    from ecperf_kit.client import Client


def write_cards(
    client: Client, month: str, path: Path, *, posts: Sequence[str] = (), people: bool = False
) -> Path:
    """The scorecard workbook of a month, written whole or not at all; its path.

    ``month`` is ``2026-06``; a sheet per post (and channel) for filling in, or, with
    ``people``, one per assessed employee with the figures known so far: that one holds
    pay and belongs into a restricted folder. ``posts``: only these. Raises
    ``OutputError`` where the file is open elsewhere.
    """
    from ecperf_kit.outputs.cards.holders import people_cards, post_cards

    wording = Wording(client.library, client.language, client)
    scheme = provenance.scheme_hash(client)
    gather = people_cards if people else post_cards
    named = Style(None, wording, scheme)
    named.sheet_name(wording.text("cards.cover.name"))
    cards, left_out = gather(client, month, posts, named)
    key = "moved" if people else "no_card"
    told = [wording.text(f"cards.cover.{key}", name=name) for name in left_out]
    content = card_bytes(cards, wording, scheme, month=month, left_out=told, restricted=people)
    return write_files({Path(path): content}, wording)[0]


def card_bytes(
    cards: Sequence[Card], wording: Wording, scheme: str, *, month: str = "",
    left_out: Sequence[str] = (), restricted: bool = False,
) -> bytes:  # fmt: skip
    """The xlsx of the given cards; ``left_out`` are sentences for the cover."""
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, OPTIONS) as book:
        book.formats[0].set_font_name("Microsoft YaHei")
        book.formats[0].set_font_size(9)
        title = wording.text("cards.cover.heading")
        if month:
            title = wording.text("cards.file_title", month=month)
        book.set_properties({"title": title, "company": wording.client_name, "author": ""})
        style = Style(book, wording, scheme)
        cover = style.sheet(style.sheet_name(wording.text("cards.cover.name")))
        places = [write_card(style, card) for card in cards]
        write_cover(style, cover, title, cards, places, left_out, restricted)
    return buffer.getvalue()
