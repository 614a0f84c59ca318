"""What a calculation reads stays as it was: no rule may write into the client's own figures."""

from __future__ import annotations

import pandas as pd
import pytest

from ecperf_kit.exact import MILLION, exact, ints
from ecperf_kit.method.bridge import sales_bridge, share_of


def stored(*values: str | None) -> pd.Series:
    return pd.Series([pd.NA if v is None else exact(v) for v in values], dtype="Int64")


def test_a_share_leaves_both_its_figures_as_they_were() -> None:
    """30 / 120 = 25 %; without a part or with a whole of 0 there is no share, and the whole
    stays 900 and 0."""
    part, whole = stored("30", None, "7"), stored("120", "900", "0")
    found = share_of(part, whole)
    assert found.equals(pd.Series([250_000, pd.NA, pd.NA], dtype="Int64"))
    assert part.equals(stored("30", None, "7")) and whole.equals(stored("120", "900", "0"))


def test_a_bridge_without_finance_sales_keeps_its_back_end_sales() -> None:
    """June's finance sales are blank: its back-end sales are still 900, and May's share of
    non-genuine orders is 100 / 1,000 = 10 %."""
    table = pd.DataFrame({
        "channel": "tmall", "month": ["2026-05", "2026-06"],
        "backend_sales": stored("1000", "900"), "non_genuine": stored("100", "45"),
        "refunds": stored("0", "0"), "coupons_fees": stored("0", "0"),
        "cut_off": stored("0", "0"), "finance_sales": stored("900", None),
        "received": stored("900", None),
    })  # fmt: skip
    found = sales_bridge(table)
    assert list(table["backend_sales"]) == [exact("1000"), exact("900")]
    assert list(found["backend_sales"]) == [exact("1000"), exact("900")]
    # 45 / 900 = 5 %: taken of the typed figure
    assert list(found["non_genuine_share"]) == [100_000, 50_000]
    assert found["difference"].isna().tolist() == [False, True]


def test_a_columns_integers_cannot_be_written_through() -> None:
    """Whoever writes into them is stopped; a copy is their own."""
    column = stored("1", "2")
    with pytest.raises(ValueError, match="read-only"):
        ints(column)[0] = 0
    own = ints(column).copy()
    own[0] = 0
    assert list(column) == [MILLION, 2 * MILLION]
