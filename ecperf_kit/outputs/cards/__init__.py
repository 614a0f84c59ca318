"""The scorecard workbook: actuals are typed in, scores, coefficient and pay follow by formula.

``write_cards`` makes it; ``content`` gathers what stands on a sheet, ``scoring``
and ``paying`` hold the formulas, ``sheet`` and ``cover`` the layout.
"""

from ecperf_kit.outputs.cards.book import card_bytes, write_cards

__all__ = ["card_bytes", "write_cards"]
