"""Assessed rows recalculated with any set of repairs: many sets, many posts, in few passes.

The calculation takes whole columns, so all sets asked for together are laid below
each other, told apart by a column ``trial``, and scored and paid in one pass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import ints, masked
from ecperf_kit.method.attribution import Repairs
from ecperf_kit.method.coefficient import coefficients
from ecperf_kit.method.pay import pay, pay_lines
from ecperf_kit.method.scoring import score
from ecperf_kit.method.totals import totals
from ecperf_kit.rules.in_force import mapped
from ecperf_kit.stages.result import Sentence

#: A case (by its number) with a set of repairs.
Asked = tuple[int, Repairs]
_OF_THE_METHOD = ["method", "cap", "zero_below", "step_size", "step_deduct", "bands", "bands_on"]
_TABLE = "library_default"


@dataclass(frozen=True, slots=True)
class Repair:
    """One thing to repair: ``kind`` method | standard | table, its indicator, how it is said."""

    kind: str
    indicator: str
    said: Sentence
    standards: tuple[int, ...] = ()  # the path proposed for a standard

    @property
    def name(self) -> str:
        return f"{self.kind}:{self.indicator}"


class Bench:
    """The assessed rows of several cases, recalculated with repairs; each set once.

    ``rows[n]`` are the rows of case n (a month of some people); ``known[n]`` its
    repairs by name, given once they are known.
    """

    def __init__(self, client: Client, rows: Sequence[pd.DataFrame]) -> None:
        self.client = client
        sizes = [len(part) for part in rows]
        self._starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        self._all = pd.concat(rows, ignore_index=True)
        self._indicators = self._all["indicator"].to_numpy(dtype=object)
        self.known: list[Mapping[str, Repair]] = [{} for _ in rows]
        self._done: dict[Asked, pd.DataFrame] = {}

    def remember(self, case: int, result: pd.DataFrame) -> None:
        """What a case gives without repairs, where it has been calculated already."""
        self._done[case, frozenset()] = result

    def result(self, case: int, repaired: Repairs) -> pd.DataFrame:
        """employee, score, coefficient, coefficient_table and pay, sorted by employee."""
        self.work_out([(case, repaired)])
        return self._done[case, repaired]

    def work_out(self, asked: Sequence[Asked]) -> None:
        """Works out the results of all sets asked for that are not known yet."""
        new = [one for one in dict.fromkeys(asked) if one not in self._done]
        retabled = [one for one in new if any(n.startswith("table:") for n in one[1])]
        as_it_is = [one for one in new if one not in set(retabled)]
        if as_it_is:
            self._paid(self.client, as_it_is)
        if retabled:
            self._paid(self._with_table, retabled)

    def points(self, asked: Sequence[tuple[int, Repairs, str]]) -> list[int]:
        """The sum of the row scores of one indicator, for each set of repairs asked for."""
        if not asked:
            return []
        scored = score(self._repaired([(case, repaired) for case, repaired, _ in asked]))
        scores, names = ints(scored["row_score"]), scored["indicator"].to_numpy(dtype=object)
        trial = scored["trial"].to_numpy()
        own = np.array([indicator for *_, indicator in asked], dtype=object)[trial]
        sums = np.zeros(len(asked), dtype=np.int64)
        np.add.at(sums, trial, np.where(names == own, scores, 0))
        return [int(value) for value in sums]

    def _paid(self, client: Client, asked: Sequence[Asked]) -> None:
        added = totals(score(self._repaired(asked)))
        looked_up = coefficients(client, added, self._all.iloc[:0])
        paid = pay(pay_lines(client, looked_up))[["employee", "month", "trial", "pay"]]
        names = ["employee", "month", "trial", "total", "coefficient", "coefficient_table"]
        table = looked_up[names].merge(paid, on=["employee", "month", "trial"])
        table = table.rename(columns={"total": "score"}).drop(columns="month")
        table = table.sort_values(["trial", "employee"], kind="stable")
        parts = dict(list(table.groupby("trial", sort=False)))
        for place, one in enumerate(asked):
            part = parts.get(place, table.iloc[:0])
            self._done[one] = part.drop(columns="trial").reset_index(drop=True)

    def _repaired(self, asked: Sequence[Asked]) -> pd.DataFrame:
        """The rows of each case and set, below each other, with their place in ``asked``: trial."""
        spans = [range(*self._starts[case : case + 2]) for case, _ in asked]
        rows = self._all.take(np.concatenate([np.asarray(s, dtype=np.int64) for s in spans]))
        rows = rows.reset_index(drop=True)
        trial = np.repeat(np.arange(len(asked)), [len(span) for span in spans])
        standard = ints(rows["standard"]).copy()
        unknown = rows["standard"].isna().to_numpy(copy=True)
        other_method = np.zeros(len(rows), dtype=bool)
        for place, (case, repaired) in enumerate(asked):
            at = np.flatnonzero(trial == place)
            names = self._indicators[spans[place].start : spans[place].stop]
            for repair in (self.known[case][name] for name in repaired):
                here = at[names == repair.indicator]
                if repair.kind == "method":
                    other_method[here] = True
                elif repair.kind == "standard":
                    standard[here], unknown[here] = repair.standards[0], False
        rows = rows.assign(trial=trial, standard=masked(standard, unknown))
        library = self.client.library.indicators
        for column in _OF_THE_METHOD if other_method.any() else ():
            advised = mapped(rows["indicator"], library[column])
            rows[column] = rows[column].mask(other_method, advised)
        return rows

    # -- the library's coefficient table -----------------------------------------
    @cached_property
    def default_table(self) -> pd.DataFrame:
        """The bands of the library's default coefficient table."""
        tables = self.client.library.coefficient_tables
        return tables[tables["coefficient_table"] == self.client.threshold("coefficient.table")]

    @cached_property
    def _with_table(self) -> Client:
        """The client with every plan on the library's default table."""
        own = self.client.table("coefficient_tables")
        default = self.default_table.reindex(columns=own.columns).assign(coefficient_table=_TABLE)
        plans = self.client.table("pay_plans")
        named = plans["coefficient_table"].mask(plans["coefficient_table"].notna(), _TABLE)
        both = pd.concat([own, default.astype(own.dtypes.to_dict())], ignore_index=True)
        return self.client.with_tables(
            coefficient_tables=both, pay_plans=plans.assign(coefficient_table=named)
        )


def paid_in_all(result: pd.DataFrame) -> int:
    """The sum of the pay of a result, as far as it is known."""
    return int(ints(result["pay"]).sum())
