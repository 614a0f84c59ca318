"""The one grammar of bands: ``<=30:100%; <=45:80%; else:0%`` and ``>=0.9:100%; else:0%``.

Limits are in the unit of the indicator (or attainment, as the scorecard says);
the percentages are shares of the row's weight. The same sentence stands in the
library, in a client's scorecard and in the workbook.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Literal

from ecperf_kit.exact import MILLION, decimal, exact

BandsDirection = Literal["at_most", "at_least"]
_BAND = re.compile(r"(<=|>=)(-?\d+(?:\.\d{1,6})?):(\d+(?:\.\d{1,4})?)%")
_ELSE = re.compile(r"else:(\d+(?:\.\d{1,4})?)%")
_FORM = "write for example <=30:100%; <=45:80%; else:0%"


class BandsError(ValueError):
    """The text is not a usable list of bands; the message says what to write."""


@dataclass(frozen=True, slots=True)
class Bands:
    """Full bands in the order of the text; stored integers, best band first.

    ``at_most``: limits rise and a value belongs to the first limit it does not
    exceed. ``at_least``: limits fall and a value belongs to the first limit it
    reaches. Everything else gets ``otherwise``.
    """

    direction: BandsDirection
    limits: tuple[int, ...]
    shares: tuple[int, ...]
    otherwise: int

    def share(self, value: int) -> int:
        """The stored share of the weight that a stored value earns."""
        for limit, share in zip(self.limits, self.shares, strict=True):
            if value <= limit if self.direction == "at_most" else value >= limit:
                return share
        return self.otherwise

    def __str__(self) -> str:
        sign = "<=" if self.direction == "at_most" else ">="
        pairs = zip(self.limits, self.shares, strict=True)
        parts = [f"{sign}{_plain(limit)}:{_percent(share)}" for limit, share in pairs]
        return "; ".join([*parts, f"else:{_percent(self.otherwise)}"])


def parse_bands(text: str) -> Bands:
    """Read one list of bands, e.g. ``<=30:100%; <=45:80%; <=60:60%; else:0%``.

    Raises ``BandsError`` for another form, mixed directions, limits that overlap
    or stand in the wrong order, a worse band that earns more, shares above
    100 % and a missing ``else``. Spaces do not matter.
    """
    parts = [part.replace(" ", "") for part in text.split(";") if part.strip()]
    if not parts:
        raise BandsError(f"no bands given: {_FORM}")
    last = _ELSE.fullmatch(parts[-1])
    if last is None:
        raise BandsError(f"{text!r} does not end with what everything else earns: {_FORM}")
    signs: list[str] = []
    limits: list[int] = []
    shares: list[int] = []
    for part in parts[:-1]:
        match = _BAND.fullmatch(part)
        if match is None:
            raise BandsError(f"{part!r} is not a band: {_FORM}")
        signs.append(match[1])
        limits.append(exact(match[2]))
        shares.append(exact(match[3]) // 100)
    if not signs:
        raise BandsError(f"{text!r} has no band before else: {_FORM}")
    if len(set(signs)) > 1:
        raise BandsError(f"{text!r} mixes <= and >=: use one of them throughout")
    direction: BandsDirection = "at_most" if signs[0] == "<=" else "at_least"
    otherwise = exact(last[1]) // 100
    _check_order(text, direction, limits, [*shares, otherwise])
    return Bands(direction, tuple(limits), tuple(shares), otherwise)


def _check_order(text: str, direction: str, limits: list[int], shares: list[int]) -> None:
    for before, after in itertools.pairwise(limits):
        if before == after:
            raise BandsError(f"{text!r} gives the limit {_plain(before)} twice: bands overlap")
        if (before < after) != (direction == "at_most"):
            wanted = "rise" if direction == "at_most" else "fall"
            raise BandsError(
                f"{text!r}: {_plain(after)} after {_plain(before)} can never apply: "
                f"with {'<=' if direction == 'at_most' else '>='} the limits must {wanted}"
            )
    for before, after in itertools.pairwise(shares):
        if after > before:
            raise BandsError(f"{text!r}: a worse band earns more ({_percent(after)})")
    if shares[0] > MILLION:
        raise BandsError(f"{text!r}: a band cannot earn more than 100%")


def _plain(stored: int) -> str:
    text = f"{decimal(stored):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _percent(stored: int) -> str:
    return f"{_plain(stored * 100)}%"
