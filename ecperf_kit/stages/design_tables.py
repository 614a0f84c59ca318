"""The tables of the design stage: scorecards, standards, pay; those of the plan stand apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, divide, masked, multiply_divide
from ecperf_kit.finding import Finding
from ecperf_kit.rules.commission import commission_rates
from ecperf_kit.rules.duties import card_against_duties, duties_of_posts, recommendation
from ecperf_kit.rules.in_force import cards, main_posts, number, people
from ecperf_kit.rules.merged_cards import merged_cards
from ecperf_kit.rules.pay import one_ratio, pay_shares, told_cost
from ecperf_kit.rules.pay_fit import ratio_tolerance
from ecperf_kit.rules.payees import may_sum, plan_of
from ecperf_kit.stages.design_checks import check_tables
from ecperf_kit.stages.design_plan import plan_tables
from ecperf_kit.stages.design_standards import standards_tables
from ecperf_kit.stages.judged import sentences, severity
from ecperf_kit.stages.result import Sentence, StageTable, stage_table
from ecperf_kit.stages.scenario_tables import scenario_tables

STAGE = "design"
_ABOUT_SCORECARDS = ("S10", "S11", "S133")
_SHOWN = MILLION // 1000  # shares are shown to 0.1 %


def tables(
    client: Client, findings: Iterable[Finding], repaired: pd.DataFrame
) -> dict[str, StageTable]:
    """Every table of the stage by name; findings mark the rows they speak of, ``repaired``
    are the scorecards proposed (see ``repairs``)."""
    found = list(findings)
    frames = {
        **plan_tables(client),
        **scenario_tables(client),
        **check_tables(client, faulty_cards(client, found)),
        "duty_indicators": duty_indicators(client),
        "scorecard_check": scorecard_check(client, found),
        "scorecards": _scorecards(client, found),
        "repairs": repaired,
        **standards_tables(client),
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
    post has several, ``employee:E002`` -> ``own_card:channel_ops_manager``; so is who holds
    several posts and needs one. Anybody else is one of their post, ``one_of:presales_cs``."""
    rows = cards(client)[["subject", "post"]].drop_duplicates("subject")
    team = people(client)
    main = main_posts(team)
    posts = dict(zip("employee:" + main.index.astype(str), main, strict=True))
    posts |= dict(zip(rows["subject"], rows["post"], strict=True))
    named = pd.Series({k: v for k, v in posts.items() if k.startswith("employee:")}, dtype="str")
    named = named.fillna("")  # somebody nobody knows: a finding says so
    if named.empty:
        return {}
    drawn_up = named[named.index.isin(rows["subject"])]
    number = drawn_up.groupby(drawn_up).cumcount() + 1
    several = drawn_up.duplicated(keep=False)
    ending = ("#" + number.astype(str)).where(several, "").reindex(named.index, fill_value="")
    joint = "employee:" + team.loc[team["employee"].duplicated(), "employee"].astype(str)
    own = named.index.isin(rows["subject"]) | named.index.isin(joint)
    kind = pd.Series("one_of:", index=named.index, dtype="str").mask(own, "own_card:")
    return dict(zip(named.index.astype(str), kind + named + ending, strict=True))


def _unnamed(table: StageTable, own: Mapping[str, str]) -> StageTable:
    """An open table without persons: their own scorecards stand under their posts."""
    if "subject" not in table.frame.columns:
        return table
    subject = table.frame["subject"]
    return StageTable(
        table.declaration, table.frame.assign(subject=subject.map(own).fillna(subject))
    )


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


def faulty_cards(client: Client, findings: Iterable[Finding]) -> tuple[str, ...]:
    """The scorecards with an error: ``post:store_operator``, ``employee:E002``."""
    wrong = _by_subject(client, findings, "error")
    return tuple(sorted(s for s in wrong if s.startswith(("post:", "employee:"))))


def repairs(client: Client, findings: Iterable[Finding]) -> pd.DataFrame:
    """A scorecard for every post whose own has an error: kept, added, dropped.

    The library's, or, where the client agreed other duties for the post, the one these
    duties ask for; of somebody in several posts theirs merged by time share.
    """
    wrong = faulty_cards(client, findings)
    rows = cards(client)
    now = rows[rows["subject"].isin(wrong)][["subject", "post", "indicator", "role", "weight"]]
    posts = now.drop_duplicates("subject")[["subject", "post"]]
    empty = [s for s in wrong if s.startswith("post:") and s not in set(posts["subject"])]
    posts = pd.concat(
        [posts, pd.DataFrame({"subject": empty, "post": [s.partition(":")[2] for s in empty]})]
    )
    columns = ["post", "indicator", "role", "weight"]
    library, by_duties = client.library.scorecards[columns], recommendation(client)[columns]
    own = by_duties["post"].isin(client.table("duties")["post"])
    library = library[~library["post"].isin(by_duties.loc[own, "post"])]
    library = pd.concat([library, by_duties[own]])
    wanted = posts.merge(library.rename(columns={"weight": "proposed"}), on="post")
    merged = merged_cards(client, wrong)
    merged = merged[merged["subject"].isin(wrong) & merged["proposed"].notna()]
    wanted = pd.concat([wanted[~wanted["subject"].isin(merged["subject"])],
                        merged[["subject", "post", "indicator", "role", "proposed"]]])  # fmt: skip
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


def duty_indicators(client: Client) -> pd.DataFrame:
    """Where a post's scorecard and its duties disagree, with the duty that asks; the whole
    recommendation of a post that has anything to add (HR-finance article 4.1)."""
    table = card_against_duties(client)
    wrong = table["state"].isin(["add", "not_asked"])
    table = table[table["post"].isin(table.loc[wrong, "post"])].reset_index(drop=True)
    duties = duties_of_posts(client).set_index(["post", "duty"])[f"text_{client.language}"]
    said = [
        Sentence("design.asked_by", {"duties": tuple(duties[post, name] for name in named)})
        if named
        else None
        for post, named in zip(table["post"], table["duties"], strict=True)
    ]
    order = {"add": 0, "not_asked": 1, "second_choice": 2, "agrees": 3}
    table = table.assign(why=sentences(said, table.index), order=table["state"].map(order))
    return table.sort_values(["post", "order", "indicator"], kind="stable", ignore_index=True)


# -- pay ---------------------------------------------------------------------
def _pay_mix(client: Client) -> pd.DataFrame:
    """Base and variable share by category, the mean of the people paid by the plans.

    Whoever is on several plans of a category counts once, by the post with most time. Shares
    are rounded to 0.1 % before the base is taken from 1, so that both add up as they are
    shown; fewer than three people whose share is known show none, nor does a category where
    one or two are left beside the plans of three and more: those stand in ``pay_fit``.
    """
    table = pay_shares(client).drop_duplicates("subject")
    team = people(client).sort_values("time_share", ascending=False, kind="stable")
    team = team.assign(subject=plan_of(team, table)).drop_duplicates(["employee", "category"])
    paid = team.merge(table[["subject", "share"]], on="subject")
    posts = table.groupby("category")["post"].nunique()
    advised = client.library.pay_mix["performance_share"]
    index = [name for name in advised.index if name in posts.index]
    grouped = paid.groupby("category")["share"]
    persons, known, total = (
        part.reindex(index).fillna(0).astype("int64").to_numpy()
        for part in (grouped.size(), grouped.count(), grouped.sum())
    )
    found = pd.DataFrame({
        "category": index, "posts": posts.reindex(index).to_list(), "persons": persons,
        "counted": known,
    })  # fmt: skip
    mean = multiply_divide(total, 1, np.maximum(known, 1) * _SHOWN) * _SHOWN
    counted = paid[paid["share"].notna()]
    plans = [counted.loc[counted["category"] == name, "subject"] for name in index]
    told = np.array([may_sum(client, plan) for plan in plans], dtype=bool)
    share = masked(mean, ~told, found.index)
    found["performance"] = share
    found["base"] = MILLION - share
    found["advised"] = pd.Series([int(advised[name]) for name in index], dtype="Int64")
    extreme = number(client, "pay_mix.performance_error")
    state = pd.Series("sound", index=found.index, dtype="str")
    off = (share - found["advised"]).abs() > ratio_tolerance(client)
    state = state.mask(off.fillna(False), "change" if one_ratio(client) else "watch")
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
    cost = told_cost(client)
    columns = ["persons", "planned", "full", "extra", "share"]
    if cost is None:
        return pd.DataFrame({name: pd.Series(dtype="Int64") for name in columns})
    return pd.DataFrame([cost], dtype="Int64")
