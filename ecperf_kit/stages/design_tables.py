"""The tables of the design stage: the plan, the scorecards, the standards, the pay."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, divide
from ecperf_kit.finding import Finding
from ecperf_kit.method.standards import standard_path
from ecperf_kit.method.targets import breakdown, seasonal_shares
from ecperf_kit.rules.commission import commission_rates
from ecperf_kit.rules.in_force import cards, number, people
from ecperf_kit.rules.pay import full_attainment, pay_shares
from ecperf_kit.rules.plan import channel_shares, plan_months, plan_year_months
from ecperf_kit.rules.standards import (
    standard_is_jump,
    standards_against_history,
    standards_against_plan,
)
from ecperf_kit.stages.judged import sentences, severity
from ecperf_kit.stages.result import Sentence, StageTable, stage_table

STAGE = "design"
_ABOUT_SCORECARDS = ("S10", "S11", "S133")
_STEPS = ("first", "second", "third")


def tables(client: Client, findings: Iterable[Finding]) -> dict[str, StageTable]:
    """Every table of the stage by name; findings mark the rows they speak of."""
    found = list(findings)
    frames = {
        "plan_check": plan_check(client),
        "plan_months": plan_or_proposal(client),
        "scorecard_check": scorecard_check(client, found),
        "scorecards": _scorecards(client, found),
        "repairs": repairs(client, found),
        "standards_check": _standards(client),
        "standard_steps": standard_steps(client),
        "pay_mix": _pay_mix(client),
        "commission_rates": _commission(client),
        "cost": _cost(client),
    }
    made = {name: stage_table(STAGE, name, frame) for name, frame in frames.items()}
    own = own_cards(client)
    return {
        name: table if table.restricted else _unnamed(table, own) for name, table in made.items()
    }


def own_cards(client: Client) -> dict[str, str]:
    """For open tables: an employee's own scorecard as that of the post, numbered where a
    post has several, ``employee:E002`` -> ``own_card:channel_ops_manager``."""
    rows = cards(client)[["subject", "post"]].drop_duplicates("subject")
    team = people(client)
    posts = dict(zip("employee:" + team["employee"].astype(str), team["post"], strict=True))
    posts |= dict(zip(rows["subject"], rows["post"], strict=True))
    named = pd.Series({k: v for k, v in posts.items() if k.startswith("employee:")}, dtype="str")
    named = named.fillna("")  # somebody nobody knows: a finding says so
    if named.empty:
        return {}
    drawn_up = named[named.index.isin(rows["subject"])]
    number = drawn_up.groupby(drawn_up).cumcount() + 1
    several = drawn_up.duplicated(keep=False)
    ending = ("#" + number.astype(str)).where(several, "").reindex(named.index, fill_value="")
    return dict(zip(named.index.astype(str), "own_card:" + named + ending, strict=True))


def _unnamed(table: StageTable, own: Mapping[str, str]) -> StageTable:
    """An open table without persons: their own scorecards stand under their posts."""
    if "subject" not in table.frame.columns:
        return table
    subject = table.frame["subject"]
    return StageTable(
        table.declaration, table.frame.assign(subject=subject.map(own).fillna(subject))
    )


# -- the plan ----------------------------------------------------------------
def plan_check(client: Client) -> pd.DataFrame:
    """The months' sum of each measure beside every other figure that must equal it."""
    rows: list[tuple[str, str, int, int | None]] = []
    months = plan_year_months(client)
    for measure in client.table("targets")["measure"].dropna().unique():
        plan = plan_months(client, measure)
        plan = plan[plan["month"].isin(months)]
        whole = int(plan.loc[plan["channel"] == "", "amount"].sum())
        by_channel = plan.loc[plan["channel"] != "", "amount"]
        if len(by_channel):
            rows.append((measure, "channels", whole, int(by_channel.sum())))
        if measure == "net_sales":
            rows.append((measure, "annual", whole, client.config.targets.annual_net_sales))
            products = client.table("product_plan")["annual_sales"]
            complete = len(products) > 0 and bool(products.notna().all())
            rows.append((measure, "products", whole, int(products.sum()) if complete else None))
    table = pd.DataFrame(rows, columns=["measure", "key", "plan", "other"])
    for column in ("plan", "other"):
        table[column] = table[column].astype("Int64")
    table["difference"] = table["plan"] - table["other"]
    known = table["other"].notna()
    state = pd.Series("not_given", index=table.index, dtype="str")
    state = state.mask(known & (table["difference"] == 0).fillna(False), "adds_up")
    state = state.mask(known & (table["difference"] != 0).fillna(False), "differs")
    against = sentences((Sentence(f"design.against.{key}") for key in table["key"]), table.index)
    return table.assign(state=state, against=against)


def plan_or_proposal(client: Client) -> pd.DataFrame:
    """The plan by month and channel; with one figure only, a breakdown of it, marked so.

    The proposal follows the client's seasonal profile and the channels' shares of
    sales on record, and adds up to the fen; it is never written to the client.
    """
    plan = plan_months(client)
    plan = plan[plan["month"].isin(plan_year_months(client))]
    state = "in_plan"
    figure = client.config.targets.annual_net_sales
    if plan.empty and figure is not None:
        profile = client.config.pay.seasonality
        year = client.config.dates.plan_year
        months = seasonal_shares(client.library.seasonality, profile, year)
        if len(months):
            shares = channel_shares(client)
            channels = pd.Series(shares, dtype="int64") if shares else None
            plan, state = breakdown(figure, months, channels), "proposal"
    if (plan["channel"] != "").any():  # the channels say it all; their sum stands in plan_check
        plan = plan[plan["channel"] != ""]
    names = [
        Sentence("design.channel.one", {"channel": name})
        if name
        else Sentence("design.channel.all")
        for name in plan["channel"]
    ]
    plan = plan.reset_index(drop=True)
    return plan.assign(channel=sentences(names, plan.index), state=state)


# -- the scorecards ----------------------------------------------------------
def _by_subject(client: Client, findings: Iterable[Finding], grade: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for finding in findings:
        if finding.code.startswith(_ABOUT_SCORECARDS) and severity(client, finding) == grade:
            codes = found.setdefault(finding.subject, [])
            if finding.code not in codes:
                codes.append(finding.code)
    return found


def scorecard_check(client: Client, findings: Iterable[Finding]) -> pd.DataFrame:
    """One row per scorecard: counts, sum of weights, what was found; worst first."""
    found = list(findings)
    rows = cards(client)
    grouped = rows.assign(
        is_core=(rows["role"] == "core").astype("int64"),
        core_weight=rows["weight"].where(rows["role"] == "core", 0),
    ).groupby("subject", as_index=False, sort=False)
    table = grouped.agg(
        core=("is_core", "sum"),
        rows=("indicator", "size"),
        weight=("weight", "sum"),
        core_weight=("core_weight", "sum"),
    )
    table["process"] = table["rows"] - table["core"]
    whole = table["weight"].clip(lower=1).astype("int64")
    table["core_share"] = pd.Series(
        divide(table["core_weight"].astype("int64"), whole), index=table.index
    )
    errors = _by_subject(client, found, "error")
    warnings = _by_subject(client, found, "warning")
    return _with_verdict(table, errors, warnings)


def _with_verdict(
    table: pd.DataFrame, errors: dict[str, list[str]], warnings: dict[str, list[str]]
) -> pd.DataFrame:
    counts = pd.DataFrame({
        "errors": [len(errors.get(s, ())) for s in table["subject"]],
        "warnings": [len(warnings.get(s, ())) for s in table["subject"]],
    }, index=table.index)  # fmt: skip
    named = [
        tuple(
            Sentence(f"finding.{code}.title")
            for code in (*errors.get(subject, ()), *warnings.get(subject, ()))
        )
        for subject in table["subject"]
    ]
    said = [Sentence("design.names", {"names": names}) if names else None for names in named]
    state = pd.Series("sound", index=table.index, dtype="str")
    state = state.mask(counts["warnings"] > 0, "watch").mask(counts["errors"] > 0, "change")
    table = table.assign(
        errors=counts["errors"],
        warnings=counts["warnings"],
        found=sentences(said, table.index),
        state=state,
    )
    order = table.sort_values(["errors", "warnings"], ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def _scorecards(client: Client, findings: Iterable[Finding]) -> pd.DataFrame:
    """The rows in force; a row is marked where a finding names its subject and indicator."""
    marked = {(f.subject, f.values.get("indicator")): severity(client, f) for f in findings}
    rows = cards(client).sort_values("subject", kind="stable")
    words = {"error": "change", "warning": "watch"}
    state = [
        words.get(marked.get(key, ""), "sound")
        for key in zip(rows["subject"], rows["indicator"], strict=True)
    ]
    return rows.assign(state=pd.Series(state, index=rows.index, dtype="str"))


def repairs(client: Client, findings: Iterable[Finding]) -> pd.DataFrame:
    """The library's scorecard for every post whose own has an error: kept, added, dropped."""
    wrong = [
        subject
        for subject in _by_subject(client, findings, "error")
        if subject.startswith(("post:", "employee:"))
    ]
    rows = cards(client)
    now = rows[rows["subject"].isin(wrong)][["subject", "post", "indicator", "role", "weight"]]
    posts = now.drop_duplicates("subject")[["subject", "post"]]
    empty = [s for s in wrong if s.startswith("post:") and s not in set(posts["subject"])]
    posts = pd.concat(
        [posts, pd.DataFrame({"subject": empty, "post": [s.partition(":")[2] for s in empty]})]
    )
    library = client.library.scorecards[["post", "indicator", "role", "weight"]]
    wanted = posts.merge(library.rename(columns={"weight": "proposed"}), on="post")
    both = wanted.merge(
        now.rename(columns={"weight": "now"}),
        on=["subject", "post", "indicator"],
        how="outer",
        suffixes=("", "_now"),
    )
    both["role"] = both["role"].fillna(both["role_now"])
    state = pd.Series("kept", index=both.index, dtype="str")
    state = state.mask(both["now"] != both["proposed"], "reweighted")
    state = state.mask(both["now"].isna(), "added").mask(both["proposed"].isna(), "dropped")
    both["state"] = state
    both = both.sort_values(
        ["subject", "proposed", "indicator"], ascending=[True, False, True], kind="stable"
    )
    return both.reset_index(drop=True)


# -- standards ---------------------------------------------------------------
def _standards(client: Client) -> pd.DataFrame:
    table = standards_against_plan(client)
    same = (table["standard"] == table["plan"]).fillna(False).astype(bool)
    state = pd.Series("off_plan", index=table.index, dtype="str")
    state = state.mask(table["approved"], "approved_change").mask(same, "on_plan")
    return table.assign(state=state.mask(table["plan"].isna(), "no_plan"))


def standard_steps(client: Client) -> pd.DataFrame:
    """Three steps from the last actual for every standard that grows from history (3.5).

    Ratios rise by the method's steps (37 % to 40, 42, 45 %); where lower is better
    they fall by the same steps. Other units have no step of their own: –.
    """
    table = standards_against_history(client).dropna(subset=["actual"]).copy()
    table = table.sort_values("first").drop_duplicates(["subject", "indicator"])
    table = table.reset_index(drop=True)
    steps = client.threshold("conversion.steps")
    later = number(client, "conversion.later_step")
    known = client.indicators
    paths = []
    for row in table[["indicator", "actual"]].to_dict("records"):
        own = known.loc[row["indicator"]]
        lower = own["direction"] == "lower_is_better"
        signed = [-step for step in steps] if lower else list(steps)
        path = standard_path(int(row["actual"]), signed, -later if lower else later, len(_STEPS))
        reachable = own["unit"] == "ratio" and all(0 < value <= MILLION for value in path)
        paths.append(path if reachable else [None] * len(_STEPS))
    proposed = pd.DataFrame(paths, columns=[f"step_{name}" for name in _STEPS], dtype="Int64")
    jump = standard_is_jump(client, table)
    return pd.DataFrame({
        "subject": table["subject"],
        "indicator": table["indicator"],
        "month": table["actual_month"],
        "actual": table["actual"],
        "standard": table["standard"],
        **{name: proposed[f"step_{name}"] for name in _STEPS},
        "state": pd.Series("sound", index=table.index, dtype="str").mask(jump, "jump"),
    })  # fmt: skip


# -- pay ---------------------------------------------------------------------
def _pay_mix(client: Client) -> pd.DataFrame:
    """Base and variable share by category; categories of fewer than three people show none."""
    table = pay_shares(client)
    team = people(client)
    held = team.groupby("category")["employee"].nunique()
    grouped = table.groupby("category")
    mean = grouped["share"].mean()
    posts = grouped["post"].nunique()
    advised = client.library.pay_mix["performance_share"]
    index = [name for name in advised.index if name in posts.index]
    fewest = number(client, "group.min_people") // MILLION
    found = pd.DataFrame({"category": index, "posts": posts.reindex(index).to_list()})
    found["persons"] = pd.Series(held.reindex(index).fillna(0).astype("int64").to_list())
    share = pd.Series([mean.get(name) for name in index], dtype="Float64").round().astype("Int64")
    share = share.where(found["persons"] >= fewest)
    found["performance"] = share
    found["base"] = MILLION - share
    found["advised"] = pd.Series([int(advised[name]) for name in index], dtype="Int64")
    extreme = number(client, "pay_mix.performance_error")
    state = pd.Series("sound", index=found.index, dtype="str")
    state = state.mask((share >= extreme).fillna(False), "change")
    return found.assign(state=state.mask(share.isna(), "not_shown"))


def _commission(client: Client) -> pd.DataFrame:
    table = commission_rates(client)
    said = {
        name: sentences(
            (
                None if pd.isna(rate) else Sentence("design.rate", {"rate": int(rate)})
                for rate in table[name]
            ),
            table.index,
        )
        for name in ("rate", "current_rate")
    }
    return table.assign(**said)


def _cost(client: Client) -> pd.DataFrame:
    cost = full_attainment(client)
    columns = ["persons", "planned", "full", "extra", "share"]
    fewest = number(client, "group.min_people") // MILLION
    if cost is None or cost["persons"] < fewest:
        return pd.DataFrame({name: pd.Series(dtype="Int64") for name in columns})
    return pd.DataFrame([cost], dtype="Int64")
