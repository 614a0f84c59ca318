"""How a paper looks: sizes and margins, blanks to fill in, and text made harmless."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

#: A visible line to fill in by hand.
BLANK = "＿＿＿＿＿＿"
BLANK_EN = "____________"
RED = "C8102E"
_LATIN_LINE, _LATIN_SMALLER = 0.84, 0.5
#: Characters that XML forbids, invisible ones, and marks that turn the direction of text.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufffe\uffff\ud800-\udfff]"
)
_BREAKS = re.compile(r"\s*[\r\n\t\u2028\u2029]+\s*")


def plain_text(value: object) -> str:
    """Any text as one harmless line."""
    return _BREAKS.sub(" ", _UNSAFE.sub("", str(value))).strip()


@dataclass(frozen=True, slots=True)
class Look:
    """Sizes in points and margins (top, right, bottom, left) in millimetres."""

    body: float = 11
    line: float = 20
    table: float = 9.5
    title: float = 18
    margins: tuple[float, float, float, float] = (22, 20, 20, 22)
    indent: bool = False
    landscape: bool = False
    cell: float = 1.45  # the height of a line in a table, as times its type

    def spoken(self, language: str) -> Look:
        """The same in a language: Latin letters need less space between the lines, and
        English says in more words what Chinese says in few."""
        if language == "zh":
            return self
        return replace(
            self,
            line=self.line * _LATIN_LINE,
            table=self.table - _LATIN_SMALLER,
            cell=self.cell * _LATIN_LINE,
        )


NOTICE = Look(body=16, line=28, table=9.5, title=22, margins=(37, 26, 32, 28), indent=True)
#: In English 16 points would look like a poster.
NOTICE_EN = Look(body=12, line=19, table=9, title=18, margins=(30, 26, 26, 28))
RULES = Look(body=12, line=23, table=10, title=20, margins=(25, 24, 22, 26), indent=True)
SHEET = Look(body=9.5, line=14, table=9, title=15, margins=(11, 15, 14, 15), landscape=True)
FORM = Look(body=10, line=15.5, table=9.5, title=17, margins=(14, 20, 17, 20))
