"""Repairs tried in one pass give what each of them gives tried alone, by the plain way."""

from __future__ import annotations

from functools import cache
from itertools import combinations
from pathlib import Path

import pandas as pd
import pytest

from ecperf_kit.client import open_client
from ecperf_kit.method.attribution import Repairs
from ecperf_kit.method.coefficient import coefficients
from ecperf_kit.method.pay import pay, pay_lines
from ecperf_kit.method.scorecards import ASSESSED_COLUMNS
from ecperf_kit.method.scoring import score
from ecperf_kit.method.totals import totals
from ecperf_kit.rules.pilot import Pilot, pilot_of
from ecperf_kit.stages.pilot_bench import Bench, Repair
from ecperf_kit.stages.pilot_repairs import trials
from ecperf_kit.stages.result import Sentence

ROOT = Path(__file__).resolve().parent.parent
_METHOD = ["method", "cap", "zero_below", "step_size", "step_deduct", "bands", "bands_on"]
_RESULT = ["employee", "score", "coefficient", "pay"]


@cache
def held() -> Pilot:
    return pilot_of(open_client("qinghe", root=ROOT), ["2026-04", "2026-05", "2026-06"])


def rows_of(post: str, month: str) -> pd.DataFrame:
    rows = held().calculation.rows
    chosen = rows[(rows["post"] == post) & (rows["month"] == month)]
    return chosen[list(ASSESSED_COLUMNS)]


def repairs_of(rows: pd.DataFrame) -> dict[str, Repair]:
    """Another method for each of two indicators, another standard for one of them."""
    known = held().client.library.indicators
    found = []
    for indicator in [i for i in rows["indicator"].unique() if i in known.index][:2]:
        found.append(Repair("method", indicator, Sentence("x")))
    found.append(Repair("standard", found[0].indicator, Sentence("x"), (400_000,)))
    found.append(Repair("table", "", Sentence("x")))
    return {r.name: r for r in found}


def plain(
    bench: Bench, rows: pd.DataFrame, known: dict[str, Repair], done: Repairs
) -> pd.DataFrame:
    """One set of repairs: the rows altered one by one, then the whole calculation."""
    rows, library = rows.copy(), held().client.library.indicators
    for repair in (known[name] for name in sorted(done)):
        here = rows["indicator"] == repair.indicator
        if repair.kind == "method":
            for column in _METHOD:
                rows[column] = rows[column].mask(here, library.at[repair.indicator, column])
        elif repair.kind == "standard":
            rows["standard"] = rows["standard"].mask(here, repair.standards[0])
    retabled = any(name.startswith("table:") for name in done)
    client = bench._with_table if retabled else held().client
    scored = score(rows.reset_index(drop=True))
    looked_up = coefficients(client, totals(scored), scored)
    paid = pay(pay_lines(client, looked_up))[["employee", "pay"]]
    table = looked_up[["employee", "total", "coefficient"]].merge(paid, on="employee")
    return table.rename(columns={"total": "score"})[_RESULT]


def test_every_set_of_repairs_in_one_pass() -> None:
    cases = [("presales_cs", "2026-06"), ("store_operator", "2026-05"), ("presales_cs", "2026-04")]
    rows = [rows_of(*case) for case in cases]
    assert all(len(part) for part in rows)
    bench = Bench(held().client, rows)
    known = [repairs_of(part) for part in rows]
    bench.known = list(known)
    asked = [
        (place, frozenset(chosen))
        for place, names in enumerate(known)
        for size in range(len(names) + 1)
        for chosen in combinations(names, size)
    ]
    bench.work_out(asked)
    different = set()
    for place, done in asked:
        result = bench.result(place, done)[_RESULT]
        expected = plain(bench, rows[place], known[place], done)
        pd.testing.assert_frame_equal(result, expected)
        different.add((place, *result["pay"]))
    assert len(different) > len(cases)  # the repairs do change something


def test_points_of_an_indicator_are_those_of_its_rows_alone() -> None:
    rows = [rows_of("presales_cs", "2026-06"), rows_of("store_operator", "2026-05")]
    bench = Bench(held().client, rows)
    indicator = str(rows[1]["indicator"].iloc[0])
    scored = held().calculation.rows
    own = scored[(scored["post"] == "store_operator") & (scored["month"] == "2026-05")]
    expected = int(own.loc[own["indicator"] == indicator, "row_score"].sum())
    assert bench.points([(1, frozenset(), indicator), (0, frozenset(), "no_such")]) == [expected, 0]
    assert bench.points([]) == []


def test_trials_together_are_the_trials_one_by_one() -> None:
    wanted = [("presales_cs", "2026-06", ()), ("store_operator", "2026-05", ())]
    together = trials(held(), wanted)
    assert [t.post for t in together] == ["presales_cs", "store_operator"]
    for one, found in zip(wanted, together, strict=True):
        (alone,) = trials(held(), [one])
        assert (alone.helping, alone.others) == (found.helping, found.others)
        pd.testing.assert_frame_equal(alone.results, found.results)
        pd.testing.assert_frame_equal(alone.causes, found.causes)


@pytest.mark.parametrize("post", ["nobody_holds_this", "presales_cs"])
def test_no_trial_without_old_pay(post: str) -> None:
    assert trials(held(), [(post, "1999-01", ())]) == []
