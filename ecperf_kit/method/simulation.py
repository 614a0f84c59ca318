"""Pay before and after on the client's own people and months, under two schemes.

The groups of gain and loss are fixed at the baseline's pay. Differences in yuan are those
of two payrolls, so exchanging baseline and reform turns the sign of each and nothing else;
shares and bins have another base then and need not mirror.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ecperf_kit.exact import MILLION, divide, ints, masked, multiply_divide, round_half_up
from ecperf_kit.method.calculate import Paid, paid
from ecperf_kit.method.coefficient import coefficients
from ecperf_kit.method.comparison import BINS, compared, pay_before
from ecperf_kit.method.pay import pay, pay_lines
from ecperf_kit.method.scenario import AS_IN_FORCE, HISTORY, Scenario, ScenarioError, applied
from ecperf_kit.method.scorecards import assessed_rows
from ecperf_kit.method.scoring import score
from ecperf_kit.method.totals import totals
from ecperf_kit.spoken import Saying

if TYPE_CHECKING:
    from ecperf_kit.client import Client

#: How far the plan is reached in the cost at other attainments, as stored fractions.
ATTAINMENTS = (800_000, MILLION, 1_200_000)
_HEAD = ["employee", "post", "department", "channel"]


@dataclass(frozen=True)
class Simulation:
    """Two payrolls side by side.

    ``months``: employee, month, post, department, channel, before, after, change.
    ``people``: one row per person over all months both payrolls know: before, after,
    change, change_share, bin, months. ``lines``: employee, line, before, after, change.
    ``not_computed``: person-months one of the two cannot pay; they count nowhere else.
    """

    months: pd.DataFrame
    people: pd.DataFrame
    lines: pd.DataFrame
    not_computed: int


def months_of(client: Client, scenario: Scenario) -> tuple[str, ...]:
    """The months a scenario is tried on: its own, else all with actuals."""
    if scenario.months:
        return scenario.months
    return tuple(sorted(client.table("actuals")["period"].dropna().unique()))


def simulate(client: Client, reform: Scenario, baseline: Scenario = AS_IN_FORCE) -> Simulation:
    """Everybody's pay under a reform against a baseline scheme, month by month.

    A reform whose ``baseline`` is ``history`` is held against the pay really paid
    (the same month of the year before first, as the pilot compares). Raises
    ScenarioError where a scenario does not fit the client.
    """
    months = months_of(client, reform)
    if not months:
        fault = Saying("scenario.no_months")
        raise ScenarioError("scenario.of", scenario=reform.name, fault=fault)
    after = paid(applied(client, reform), months)
    if reform.baseline == HISTORY and baseline is AS_IN_FORCE:
        return _against_history(client, after)
    return between(paid(applied(client, baseline), months), after, _small(client))


def between(before: Paid, after: Paid, small: int) -> Simulation:
    """Two calculations of the same months side by side; ``small`` as in ``compared``."""
    if before.pay.empty and after.pay.empty:
        return _nobody()
    key = ["employee", "month"]
    both = before.pay[[*key, "pay"]].merge(
        after.pay[[*key, "pay"]], on=key, how="outer", suffixes=("_before", "_after"), sort=True
    )
    both = both.rename(columns={"pay_before": "before", "pay_after": "after"})
    lines = [
        found.lines.groupby(["employee", "month", "line"], as_index=False, sort=True)
        .agg(amount=("amount", "sum"))
        .rename(columns={"amount": name})
        for name, found in (("before", before), ("after", after))
    ]
    parts = lines[0].merge(lines[1], on=["employee", "month", "line"], how="outer", sort=True)
    # a line one scheme does not have is nothing; months it cannot be computed in do not count
    parts = parts.fillna({"before": 0, "after": 0})
    return _told(both, parts, after.totals, small)


def _against_history(client: Client, after: Paid) -> Simulation:
    if after.pay.empty:
        return _nobody()
    held = pay_before(client, after.pay)
    both = held.rename(columns={"pay": "after"})[["employee", "month", "before", "after"]]
    lines = after.lines.groupby(["employee", "month", "line"], as_index=False, sort=True).agg(
        after=("amount", "sum")
    )
    lines["before"] = pd.Series(pd.NA, index=lines.index, dtype="Int64")
    return _told(both, lines, after.totals, _small(client))


def _nobody() -> Simulation:
    """Two payrolls without a person in them."""

    def blank(**types: str) -> pd.DataFrame:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in types.items()})

    where = dict.fromkeys(_HEAD[1:], "str")
    money = dict.fromkeys(("before", "after", "change"), "Int64")
    return Simulation(
        blank(employee="str", month="str", **where, **money),
        blank(employee="str", **where, months="int64", **money, change_share="Int64", bin="str"),
        blank(employee="str", line="str", **money),
        0,
    )


def _told(both: pd.DataFrame, lines: pd.DataFrame, totals: pd.DataFrame, small: int) -> Simulation:
    where = totals[["employee", "month", *_HEAD[1:]]].drop_duplicates(["employee", "month"])
    months = both.merge(where, on=["employee", "month"], how="left")
    months["change"] = (months["after"] - months["before"]).astype("Int64")
    known = months[months["change"].notna()]
    sums = known.groupby("employee", sort=True).agg(
        post=("post", "last"),
        department=("department", "last"),
        channel=("channel", "last"),
        months=("month", "size"),
        before=("before", "sum"),
        after=("after", "sum"),
    )
    people = sums.reset_index()
    people = pd.concat([people, compared(people["before"], people["after"], small)], axis=1)
    counted = lines.merge(known[["employee", "month"]], on=["employee", "month"])
    grouped = counted.groupby(["employee", "line"], sort=True)[["before", "after"]]
    sides = grouped.sum(min_count=1).reset_index()  # what is not known by lines stays unknown
    sides["change"] = (sides["after"] - sides["before"]).astype("Int64")
    wanted = ["employee", "month", *_HEAD[1:], "before", "after", "change"]
    return Simulation(
        months[wanted].reset_index(drop=True), people, sides, int(months["change"].isna().sum())
    )


def by_group(people: pd.DataFrame, group: str = "") -> pd.DataFrame:
    """People and money by ``post``, ``department`` or ``channel`` (all together for "").

    One row per group: group, persons, before, after, change, change_share and a column
    per bin with its number of people.
    """
    work = people.assign(group=people[group] if group else "")
    work = work.assign(**{name: (work["bin"] == name).astype("int64") for name in BINS})
    table = work.groupby("group", as_index=False, sort=True, dropna=False).agg(
        persons=("employee", "size"),
        before=("before", "sum"),
        after=("after", "sum"),
        **{name: (name, "sum") for name in BINS},
    )
    table["change"] = (table["after"] - table["before"]).astype("Int64")
    base = ints(table["before"])
    share = divide(ints(table["change"]), np.where(base == 0, MILLION, base))
    table["change_share"] = masked(share, base == 0, table.index)
    return table


def cost_at(client: Client, scenario: Scenario, reached: int) -> int:
    """The wage bill of the scenario's months had everybody reached ``reached`` of the standard.

    ``reached`` is a stored fraction: 0.8, 1, 1.2. Every figure with data lies that far from
    its standard (below it by as much where lower is better), rated rows get that share of
    their weight at most; commission rests on that share of the plan. Person-months that
    cannot be paid for want of a plan count nowhere.
    """
    return int(pay_at(client, scenario, reached)["pay"].dropna().sum())


def pay_at(
    client: Client, scenario: Scenario, reached: int, months: Sequence[str] = ()
) -> pd.DataFrame:
    """The pay of ``cost_at``: employee, month, pay, missing where it cannot be computed.

    Two schemes are compared on the person-months both can pay.
    """
    return pays_at(client, scenario, (reached,), months)[0]


def pays_at(
    client: Client, scenario: Scenario, reached: Sequence[int], months: Sequence[str] = ()
) -> tuple[pd.DataFrame, ...]:
    """``pay_at`` for each of several attainments, all of them in one go."""
    reformed = applied(client, scenario)
    months = months or months_of(client, scenario)
    scored = score(_reaching(assessed_rows(reformed, months), reached))
    looked_up = coefficients(reformed, totals(scored), scored)
    sums = _planned(client.table("targets"), months)
    selling = [_selling(reformed, sums, each) for each in reached]
    paid = pay(pay_lines(reformed, looked_up, selling))[["employee", "month", "pay", "trial"]]
    return tuple(
        paid[paid["trial"] == trial].drop(columns="trial").reset_index(drop=True)
        for trial in range(len(reached))
    )


def _reaching(rows: pd.DataFrame, attainments: Sequence[int]) -> pd.DataFrame:
    """Assessed rows whose actuals lie at a share of their standards, once for each (``trial``)."""
    where = ("_file", "_sheet", "_row")  # where a figure stands does not matter here
    rows = rows[[name for name in rows.columns if not str(name).endswith(where)]]
    trial = np.repeat(np.arange(len(attainments)), len(rows))
    rows = rows.take(np.tile(np.arange(len(rows)), len(attainments))).reset_index(drop=True)
    reached = np.array(attainments, dtype=np.int64)[trial]
    lower = (rows["direction"] == "lower_is_better").to_numpy(dtype=bool, na_value=False)
    standard = ints(rows["standard"])
    share = np.where(lower, 2 * MILLION - reached, reached)
    actual = multiply_divide(standard, share, MILLION)
    given = multiply_divide(ints(rows["weight"]), np.minimum(reached, MILLION), MILLION)
    has_data = rows["has_data"].to_numpy(dtype=bool)
    everywhere = np.ones(len(rows), dtype=bool)
    dated = rows["superior_date"].mask(rows["superior_date"].isna(), pd.Timestamp("2000-01-01"))
    return rows.assign(
        actual=masked(actual, rows["standard"].isna() | ~has_data, rows.index),
        superior_score=masked(given, False, rows.index),
        superior_date=dated,
        override_reason=rows["override_reason"].mask(everywhere),
        override_evidence=rows["override_evidence"].mask(everywhere),
        trial=trial,
    )


def _selling(client: Client, sums: pd.Series, reached: int) -> Client:
    """The client with each channel's sales and profits at a share of the plan."""
    bridge = client.table("sales_bridge")
    at = pd.MultiIndex.from_frame(bridge[["channel", "month"]].assign(measure="net_sales"))
    planned = pd.Series(sums.reindex(at).array, index=bridge.index).astype("Int64")
    known = planned.notna()
    sold = masked(
        round_half_up(multiply_divide(ints(planned), reached, MILLION)), ~known, bridge.index
    )
    # the plan is of net sales: on either basis nothing comes off it any more
    replaced = bridge.assign(
        backend_sales=sold.where(known, bridge["backend_sales"]),
        finance_sales=sold.where(known, bridge["finance_sales"]),
        **{name: bridge[name].mask(known, 0) for name in _COMES_OFF},
    )
    return client.with_tables(sales_bridge=replaced, actuals=_profits(client, sums, reached))


_COMES_OFF = ("non_genuine", "refunds", "coupons_fees", "cut_off")


def _planned(plan: pd.DataFrame, months: Sequence[str]) -> pd.Series:
    """The plan by channel, month and measure: as given whole, else the sum of its categories."""
    plan = plan[plan["month"].isin(list(months))]
    whole = (plan["category"].fillna("") == "").astype(bool)
    keys = ["channel", "month", "measure"]
    by_part, given = (plan[rows].groupby(keys)["amount"].sum() for rows in (~whole, whole))
    return given.combine_first(by_part)


def _profits(client: Client, sums: pd.Series, reached: int) -> pd.DataFrame:
    """The actuals with the channels' profits at a share of the plan."""
    actuals = client.table("actuals")
    at = pd.MultiIndex.from_frame(actuals[["subject_id", "period", "indicator"]])
    planned = pd.Series(sums.reindex(at).array, index=actuals.index).astype("Int64")
    profit = actuals["indicator"].isin(["gross_profit", "net_profit"])
    chosen = profit & (actuals["subject_kind"] == "channel") & planned.notna()
    value = masked(multiply_divide(ints(planned), reached, MILLION), planned.isna(), actuals.index)
    return actuals.assign(value=value.where(chosen, actuals["value"]))


def _small(client: Client) -> int:
    return int(client.threshold("pay_gap.small_change"))
