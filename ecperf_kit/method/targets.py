"""The annual target broken down to months and channels, every sum exact to the fen."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ecperf_kit.exact import FEN, MILLION, Ints, ints, split
from ecperf_kit.method.bridge import share_of


def breakdown(annual: int, months: pd.Series, channels: pd.Series | None = None) -> pd.DataFrame:
    """One row per month (x channel): month, channel, amount; all amounts add up to ``annual``.

    ``months`` (month -> seasonal share) and ``channels`` (channel -> share) are
    stored shares in their order. The year is divided over the months, each month
    over the channels; what rounding leaves over goes, a fen each, to the largest
    remainders (assessment method 2.1: breakdown by time and channel).
    """
    by_month = split(annual, ints(months))
    if channels is None:
        return pd.DataFrame(
            {
                "month": pd.Series(list(months.index), dtype="str"),
                "channel": pd.Series([""] * len(months), dtype="str"),
                "amount": pd.Series(by_month, dtype="Int64"),
            }
        )
    shares = ints(channels)
    cells = np.concatenate([split(int(amount), shares) for amount in by_month])
    return pd.DataFrame(
        {
            "month": pd.Series(np.repeat(list(months.index), len(channels)), dtype="str"),
            "channel": pd.Series(list(channels.index) * len(months), dtype="str"),
            "amount": pd.Series(cells, dtype="Int64"),
        }
    )


def both_ways(rows: Ints, columns: Ints) -> Ints:
    """A table of whole fen (rows x columns) whose rows and columns both add up as given.

    Each cell is in proportion to its row and its column; what rounding down leaves over
    goes, a fen each, to the largest remainders whose row and column still lack one. Raises
    ValueError where the sums of rows and columns differ, or one is negative or no whole fen.
    """
    sums = [int(value) for value in (*rows, *columns)]
    whole = sum(sums[: len(rows)]) // FEN
    if sum(sums[: len(rows)]) != sum(sums[len(rows) :]) or min(sums) < 0 or whole <= 0:
        raise ValueError("rows and columns must have one sum above 0 and no negative part")
    if any(value % FEN for value in sums):
        raise ValueError("rows and columns must be whole fen")
    wide = [value // FEN for value in sums]
    lines, files = wide[: len(rows)], wide[len(rows) :]
    cells, rests = [], []
    for at, line in enumerate(lines):  # plain integers: the products pass 64 bits
        pairs = [divmod(line * file, whole) for file in files]
        cells.append([part for part, _ in pairs])
        rests += [(-rest, at, to) for to, (_, rest) in enumerate(pairs)]
    lacking = [line - sum(cells[at]) for at, line in enumerate(lines)]
    short = [file - sum(row[to] for row in cells) for to, file in enumerate(files)]
    places = [(at, to) for _, at, to in sorted(rests)]
    for most in (1, whole):  # a fen each in turn; what then is left, wherever both lack it
        for at, to in places:
            more = min(lacking[at], short[to], most)
            cells[at][to] += more
            lacking[at] -= more
            short[to] -= more
    return np.array(cells, dtype=np.int64) * FEN


def seasonal_shares(seasonality: pd.DataFrame, profile: str, year: int) -> pd.Series:
    """The months of a year with their shares of the annual plan in a seasonal profile."""
    rows = seasonality[seasonality["profile"] == profile].sort_values("month")
    months = [f"{year}-{int(month):02d}" for month in rows["month"]]
    return pd.Series(ints(rows["share"]), index=months)


def progress(actual: pd.Series, target: pd.Series) -> pd.DataFrame:
    """How far a target is reached: reached and short (shares of the target), to_go, ahead.

    85 of 100: 85 % reached, 15 % short, 15 to go; 110 of 100: nothing short or
    to go, 10 ahead. Missing where actual or target is, shares also for a target
    of 0 (HR-finance article 4.1 and 4.3).
    """
    reached = share_of(actual, target)
    left = (target - actual).astype("Int64")
    return pd.DataFrame(
        {
            "reached": reached,
            "short": (MILLION - reached).clip(lower=0),
            "to_go": left.clip(lower=0),
            "ahead": (-left).clip(lower=0),
        }
    )
