"""What stands on the sheets of a scorecard workbook: cards, their rows and lines of pay."""

from __future__ import annotations

from dataclasses import dataclass, field

from ecperf_kit.exact import MILLION
from ecperf_kit.library.bands import Bands
from ecperf_kit.outputs.formats import decimals

#: Whole numbers up to here survive every sum, comparison and rounding down in Excel, WPS and
#: LibreOffice, which treat numbers alike that agree in 15 digits.
SAFE = 10**14
_FINE, _COARSE = 6, 5  # decimals of a figure; of one that may exceed 100 million


@dataclass(frozen=True, slots=True)
class CardRow:
    """One indicator of a card; numbers are stored integers, ``None`` is missing.

    ``judged``: no data source (or a justified override): the superior's score is typed
    in. ``pair``: a ratio, for which numerator and denominator may be typed instead.
    ``actual``, ``numerator``, ``denominator``, ``rating`` are the entries known already;
    ``attainment`` and ``score`` what the method makes of them. ``met`` settles whether
    an overridden key result reached its standard. ``usable``: all parameters are there.
    """

    indicator: str
    name: str
    definition: str
    role: str
    unit: str
    weight: int
    method: str
    direction: str
    key: bool = False
    judged: bool = False
    overridden: bool = False
    pair: bool = False
    usable: bool = True
    cap: int = MILLION
    zero_below: int = 0
    step_size: int = MILLION
    step_deduct: int = 0
    bands: Bands | None = None
    bands_on: str = "actual"
    standard: int | None = None
    low: int = -SAFE
    high: int = SAFE
    to_date: str = ""
    actual: int | None = None
    numerator: int | None = None
    denominator: int | None = None
    rating: int | None = None
    attainment: int | None = None
    score: int | None = None
    met: bool | None = None

    @property
    def lower(self) -> bool:
        """Whether less is better."""
        return self.direction == "lower_is_better"

    @property
    def quotient(self) -> bool:
        """Whether the score is made from actual / standard."""
        return self.method == "percentage" or (
            self.method == "interval" and self.bands_on == "attainment"
        )

    @property
    def places(self) -> int:
        """The decimals an actual of this row may have: 6, or 5 beyond 100 million."""
        given = [self.standard or 0, self.step_size if self.method == "step" else 0]
        given += list(self.bands.limits) if self.bands is not None else []
        coarse = self.high > SAFE and max(map(decimals, given)) <= _COARSE and not self.pair
        return _COARSE if coarse else _FINE

    @property
    def scale(self) -> int:
        """How many units of the sheet's whole numbers make 1."""
        return int(10**self.places)

    @property
    def limits(self) -> tuple[int, int]:
        """The least and the greatest actual that may be typed."""
        most = SAFE * 10 ** (6 - self.places)
        return max(self.low, -most), min(self.high, most)

    @property
    def standard_missing(self) -> bool:
        """Whether the row cannot be scored for want of a standard."""
        if self.judged or not self.usable:
            return False
        if self.quotient:
            return self.standard is None or self.standard <= 0
        return self.method == "step" and self.standard is None

    @property
    def open(self) -> bool:
        """Whether there is something to type in."""
        return self.judged or (self.usable and not self.standard_missing and not self.too_large)

    @property
    def too_large(self) -> bool:
        """Whether the standard has more digits than a sheet computes exactly."""
        return self.standard is not None and abs(self.standard) * self.scale > SAFE * MILLION


@dataclass(frozen=True, slots=True)
class PayLine:
    """One line of pay: basis x rate x coefficient x share of days, as ``method.pay`` has it.

    ``entry``: the basis is typed in (sales of the month, or an amount an open paper must
    not show). ``by_total``: the rate follows from the total (score bonus).
    """

    line: str
    basis: int | None
    entry: bool
    rate: int | None = None
    scored: bool = False
    by_total: bool = False
    share: int = MILLION
    amount: int | None = None
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """One sheet: whose card, its rows, the coefficient table, the lines of pay, the results."""

    title: str
    about: tuple[str, ...]
    sheet: str
    rows: tuple[CardRow, ...]
    table_name: str = ""
    table: tuple[tuple[int, int], ...] = ()
    linear: bool = False
    uses_coefficient: bool = True
    gate: bool = False
    assessed: bool = True
    lines: tuple[PayLine, ...] = ()
    bonus: tuple[tuple[int, int], ...] = ()  # score bonus: total at least -> rate, best first
    total: int | None = None
    coefficient: int | None = None
    pay: int | None = None
    person: bool = False
    remarks: tuple[str, ...] = field(default=())
    name: str = ""  # whose card, whole, where the sheet's name is cut
    own_plans: bool = False  # of a post in which everybody is paid by a plan of their own
