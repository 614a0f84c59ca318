"""Is the pay fair and lawful in form? Pay mix, minimum wage, commission guards, coefficients."""

from __future__ import annotations

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import FEN, MILLION, divide, multiply, multiply_divide, round_half_up
from ecperf_kit.finding import Finding
from ecperf_kit.method.once import once
from ecperf_kit.method.pay import PAID_BY
from ecperf_kit.method.unread import spoilt
from ecperf_kit.rules.in_force import (
    cards,
    coefficient_bands,
    findings,
    held_posts,
    mapped,
    number,
    people,
    plans,
    start_month,
    words,
)
from ecperf_kit.rules.payees import by_person_where_few, may_sum, not_of_few, plan_of
from ecperf_kit.rules.plan import annual_plan, plan_gaps

_RATES = {
    "sales_rate": "net_sales",
    "gross_profit_rate": "gross_profit",
    "net_profit_rate": "net_profit",
}
_MONTHS = 12
_THOUSANDTH = MILLION // 1000  # shares are compared as they are shown: to 0.1 %


def _zero_if_missing(column: pd.Series) -> pd.Series:
    return column.astype("Int64").fillna(0).astype("int64")


def planned_commission(client: Client, rows: pd.DataFrame) -> pd.Series:
    """Commission a plan expects in an average month at coefficient 1.0; NA without an annual plan.

    A post's plan is worked out on the mean annual plan of the channels its people serve.
    """
    total = pd.Series(0, index=rows.index, dtype="Int64")
    for rate_column, measure in _RATES.items():
        rate = _zero_if_missing(rows[rate_column])
        base = planned_base(client, rows, measure)
        drawn = pd.Series(
            multiply_divide(_zero_if_missing(base), rate, MILLION * _MONTHS), index=rows.index
        ).astype("Int64")
        total = total + drawn.where(base.notna() | (rate == 0))
    return total


def planned_base(client: Client, rows: pd.DataFrame, measure: str) -> pd.Series:
    """The annual plan of ``measure`` that each pay plan's commission rests on (Int64, NA).

    Of the channel served, also by people who have left since; of the company where the
    plan says so; NA where it rests on a person's or department's own figure, and where the
    plan has gaps (S163): a part of the year is not the year.
    """
    gaps = plan_gaps(client)
    annual = {
        name: amount
        for name, amount in annual_plan(client, measure).items()
        if (measure, name) not in gaps
    }
    team = held_posts(client)
    known = team[team["channel"].notna() & (team["channel"] != "")]
    plan = known["channel"].map(annual).astype("Int64")  # a client without people: text
    served = known.assign(plan=plan).dropna(subset=["plan"])
    of_post = served.groupby("post")["plan"].mean().round().astype("Int64")
    of_person = served.drop_duplicates("employee").set_index("employee")["plan"].astype("Int64")
    is_post = rows["subject_kind"] == "post"
    base = mapped(rows["subject_id"], of_post).where(is_post, mapped(rows["subject_id"], of_person))
    company = rows["commission_from"] == "company"
    own = rows["commission_from"].isin(["employee", "department"])
    return base.mask(company, annual.get("")).mask(own).astype("Int64")


@once
def pay_shares(client: Client) -> pd.DataFrame:
    """The pay plans in force with ``variable`` (month, at coefficient 1.0) and ``share`` of it.

    ``share`` is performance pay plus planned commission over base plus both, to 0.1 %;
    NA where it cannot be planned (piece rates, dividends, no annual plan, a figure that cannot
    be read); 0 for fixed pay.
    """
    rows = plans(client)
    performance = _zero_if_missing(rows["performance_pay"])
    variable = performance + planned_commission(client, rows)
    variable = variable.mask(rows["structure"].isin(["piece_rate", "dividend", "score_bonus"]))
    variable = variable.mask(_not_read(rows))
    variable = variable.mask(rows["structure"] == "fixed", 0)
    whole = variable + rows["base"]
    countable = whole.notna() & (whole > 0)
    share = pd.Series(pd.NA, index=rows.index, dtype="Int64")
    share[countable] = round_half_up(
        divide(variable[countable].astype("int64"), whole[countable].astype("int64")), _THOUSANDTH
    )
    return rows.assign(variable=variable, share=share)


def _not_read(rows: pd.DataFrame) -> pd.Series:
    """Plans that pay by a figure which is not known, for a cell of their row cannot be read."""
    missing = pd.Series(False, index=rows.index)
    for figure, structures in PAID_BY.values():
        if figure == "performance_pay" or figure in _RATES:
            missing |= rows[figure].isna() & rows["structure"].isin(structures)
    return missing & spoilt(rows)


def _linked(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["share"].notna() & (table["share"] > 0)]


def _single_ratio(table: pd.DataFrame) -> bool:
    linked = _linked(table)
    return linked["category"].nunique() > 1 and linked["share"].nunique() == 1


def one_ratio(client: Client) -> bool:
    """Whether posts of different categories all have the same share of variable pay (S120)."""
    return _single_ratio(pay_shares(client))


@once
def one_ratio_for_all(client: Client) -> list[Finding]:
    """The same base : performance ratio for posts of different categories (2.3)."""
    table = _linked(pay_shares(client))
    if not _single_ratio(table):
        return []
    share = int(table["share"].iloc[0])
    team = people(client)
    held = team["post"].isin(table["post"])
    mix = client.library.pay_mix
    values = {
        "base": MILLION - share,
        "performance": share,
        "persons": int(team.loc[held, "employee"].nunique()),
        "categories": tuple(sorted(table["category"].unique())),
        "sales_share": int(mix["performance_share"]["B_sales"]),
        "functional_share": int(mix["performance_share"]["D_functional"]),
    }
    return [Finding("S120", not_of_few(client, table["subject"]), values)]


def performance_share(client: Client) -> list[Finding]:
    """Performance pay of 70 % and more (error) or above 50 % (warning) of the pay (2.3)."""
    table = by_person_where_few(client, pay_shares(client))
    extreme = number(client, "pay_mix.performance_error")
    high = number(client, "pay_mix.performance_warn")
    share = table["share"].fillna(0)
    found = []
    for code, chosen in (
        ("S121", share >= extreme),
        ("S122", (share > high) & (share < extreme)),
    ):
        found += findings(
            code,
            table[chosen],
            lambda r: {
                "base": MILLION - int(r["share"]),
                "performance": int(r["share"]),
                "post": r["post"],
                "extreme": extreme,
                "high": high,
            },
            "performance_pay",
        )
    return found


def sales_share(client: Client) -> list[Finding]:
    """Sales posts whose performance share is not above support and functional posts (2.3)."""
    table = _linked(pay_shares(client))
    if _single_ratio(table):  # said once, by the rule on one ratio for all
        return []
    of_category = table.groupby("category")["share"].mean()
    if "B_sales" not in of_category:
        return []
    sales = of_category["B_sales"]
    found = []
    for other in ("C_support", "D_functional"):
        if other in of_category and sales <= of_category[other]:
            values = {
                "sales": round(sales),
                "other": round(of_category[other]),
                "category": other,
            }
            drawn = (table.loc[table["category"] == c, "subject"] for c in ("B_sales", other))
            found.append(Finding("S123", not_of_few(client, *drawn), values))
    return found


@once
def guaranteed_pay(client: Client) -> pd.DataFrame:
    """The pay plans in force with ``guaranteed``: base and performance pay at the lowest
    coefficient, without commission, pieces, dividend, bonus and benefits. NA where one of
    them is not known."""
    rows = plans(client)
    bands = coefficient_bands(client)
    lowest = bands.groupby("coefficient_table")["coefficient"].min()
    coefficient = _zero_if_missing(mapped(rows["coefficient_table"], lowest).astype("Int64"))
    performance = _zero_if_missing(rows["performance_pay"])
    # fixed pay is paid whole whatever the score
    coefficient = coefficient.mask(rows["structure"] == "fixed", MILLION)
    least = round_half_up(multiply(performance, coefficient), FEN)
    guaranteed = (rows["base"] + least).mask(_not_read(rows))
    return rows.assign(guaranteed=guaranteed, lowest=coefficient)


def minimum_wage(client: Client) -> list[Finding]:
    """Guaranteed pay below the local minimum wage (error), or the base alone (warning)."""
    wage = client.config.pay.minimum_wage
    if wage is None:
        return []
    table = by_person_where_few(client, guaranteed_pay(client))
    below = table["guaranteed"] < wage
    found = []
    for code, chosen in (("S124", below), ("S125", ~below & (table["base"] < wage))):
        found += findings(
            code,
            table[chosen],
            lambda r: {
                "post": r["post"],
                "base": int(r["base"]),
                "guaranteed": int(r["guaranteed"]),
                "wage": wage,
                "short": wage - int(r["guaranteed" if code == "S124" else "base"]),  # noqa: B023
            },
            "base",
        )
    return found


def net_profit_visibility(client: Client) -> list[Finding]:
    """Net-profit commission for a post that may not see all costs (2.3)."""
    table = by_person_where_few(client, plans(client))
    drawn = _zero_if_missing(table["net_profit_rate"])
    sees = mapped(table["post"], client.library.posts["sees_costs"])
    return findings(
        "S126",
        table[(drawn > 0) & sees.notna() & (sees != "all")],
        lambda r: {"post": r["post"], "rate": int(r["net_profit_rate"])},
        "net_profit_rate",
    )


def sales_commission_guard(client: Client) -> list[Finding]:
    """Commission on sales alone for a post that sets prices or promotion spend, without a
    margin or expense indicator on its scorecard (2.3)."""
    table = by_person_where_few(client, plans(client))
    posts = client.library.posts
    rates = {name: _zero_if_missing(table[name]) for name in _RATES}
    only_sales = (rates["sales_rate"] > 0) & (
        rates["gross_profit_rate"] + rates["net_profit_rate"] == 0
    )
    steers = mapped(table["post"], posts["sets_price_or_promotion"]).fillna(False).astype(bool)
    guards = words(client, "commission.guard_indicators")
    rows = cards(client)
    guarded = set(rows.loc[rows["indicator"].isin(guards), "post"])
    return findings(
        "S127",
        table[only_sales & steers & ~table["post"].isin(guarded)],
        lambda r: {"post": r["post"], "rate": int(r["sales_rate"]), "guards": guards},
        "sales_rate",
    )


@once
def consents(client: Client) -> pd.DataFrame:
    """People whose pay the scheme changes, with ``signed``: employee, post, department."""
    team = people(client, start_month(client)).drop_duplicates("employee")
    table = plans(client)
    linked = set(table.loc[table["structure"] != "fixed", "subject"])
    touched = plan_of(team, table).isin(linked)
    papers = client.table("signoffs")
    signed = papers[(papers["paper"] == "consent") & (papers["subject_kind"] == "employee")]
    team = team[touched]
    return team.assign(signed=team["employee"].isin(set(signed["subject_id"])))


def written_consent(client: Client) -> list[Finding]:
    """Splitting a fixed wage needs a signed consent per person before it changes pay."""
    table = consents(client)
    missing = int((~table["signed"]).sum())
    if not missing:
        return []
    rollout = client.config.dates.rollout_from
    rolled_out = bool(rollout and client.period is not None and client.period.first >= rollout)
    paid = client.config.pilot.pay == "real" or rolled_out
    values: dict[str, int | str] = {"missing": missing, "persons": len(table)}
    if not paid:  # in the pilot nobody gets less: simulated, or the higher of the two
        values["pay"] = f"consent_{client.config.pilot.pay}"
    return [Finding("S128" if paid else "S129", f"client:{client.name}", values)]


def coefficient_tables(client: Client) -> list[Finding]:
    """Coefficient tables with a hole below the first band, or that fall as scores rise (4.2)."""
    table = coefficient_bands(client)
    table = table.sort_values(["coefficient_table", "at_least"])
    table = table.assign(
        subject="table:coefficient_tables",
        before=table.groupby("coefficient_table")["coefficient"].shift(),
    )
    first = table.drop_duplicates("coefficient_table")
    found = findings(
        "S137",
        first[first["at_least"] > 0],
        lambda r: {"name": r["coefficient_table"], "at_least": int(r["at_least"])},
        "at_least",
    )
    found += findings(
        "S138",
        table[(table["coefficient"] < table["before"]).fillna(False)],
        lambda r: {
            "name": r["coefficient_table"],
            "at_least": int(r["at_least"]),
            "coefficient": int(r["coefficient"]),
            "before": int(r["before"]),
        },
        "coefficient",
    )
    return found


@once
def _on_performance(client: Client) -> pd.DataFrame:
    """The plan of each of the people whose performance pay depends on a coefficient table, with
    ``top``, its highest coefficient: one row per person, by the plan's subject. ``top`` is NA
    where that table, or the performance pay, is not known."""
    bands = coefficient_bands(client)
    top = bands.groupby("coefficient_table")["coefficient"].max()
    every = plans(client)
    top = mapped(every["coefficient_table"], top).mask(_not_read(every))
    drawn = (_zero_if_missing(every["performance_pay"]) > 0) & every["coefficient_table"].notna()
    table = every.assign(top=top)[drawn | _not_read(every)]
    table = table.drop_duplicates("subject").set_index("subject")
    team = people(client).drop_duplicates("employee")
    plan = plan_of(team, every)  # a fixed plan of one's own holds, not the post's
    return table.reindex(plan[plan.isin(table.index)])


@once
def full_attainment(client: Client) -> dict[str, int] | None:
    """Base and performance pay of all people, and what they cost when everybody scores 100.

    Keys persons, planned, full, extra, share; None if nobody's performance pay depends on
    a coefficient table, or where a base, performance pay or table is not known. Commission
    and dividend rise with the business and are left out.
    """
    drawn = _on_performance(client)
    # the others' cost is not everybody's
    if drawn.empty or drawn[["base", "top"]].isna().any(axis=None):
        return None
    performance = drawn["performance_pay"].astype("int64")
    planned = int((drawn["base"].astype("int64") + performance).sum())
    raised = round_half_up(multiply(performance, drawn["top"].astype("int64")), FEN)
    extra = int(raised.sum()) - int(performance.sum())
    return {
        "persons": len(drawn),
        "planned": planned,
        "full": planned + extra,
        "extra": extra,
        "share": int(divide(extra, planned)) if planned else 0,
    }


def told_cost(client: Client) -> dict[str, int] | None:
    """``full_attainment`` as open papers may tell it: None where it is too few people's, or
    would be so less the pay of the posts whose plans are known."""
    plan = _on_performance(client).index.to_series()
    return full_attainment(client) if may_sum(client, plan) else None


def cost_at_full_attainment(client: Client) -> list[Finding]:
    """What the scheme costs if everybody scores 100: the owner must know and sign it (4.2)."""
    cost = told_cost(client)
    if cost is None or cost["extra"] <= 0:
        return []
    return [Finding("S139", f"client:{client.name}", cost)]


PAY_RULES = (
    one_ratio_for_all,
    performance_share,
    sales_share,
    minimum_wage,
    net_profit_visibility,
    sales_commission_guard,
    written_consent,
    coefficient_tables,
    cost_at_full_attainment,
)
