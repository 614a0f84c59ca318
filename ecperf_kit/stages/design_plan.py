"""The plan in the design report: does it add up, what is proposed for it, what follows from it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import divide, ints
from ecperf_kit.method.expected import PLAN_RATIOS
from ecperf_kit.period import month_of
from ecperf_kit.rules.budget import MEASURES
from ecperf_kit.rules.in_force import cards, people, words
from ecperf_kit.rules.plan import plan_months, plan_year_months, products_by_channel
from ecperf_kit.rules.proposal import Assumption, plan_proposal
from ecperf_kit.stages.judged import sentences
from ecperf_kit.stages.result import Sentence

_COSTS = ("promotion_cost", "management_cost")


def plan_tables(client: Client) -> dict[str, pd.DataFrame]:
    """The tables about the plan by name."""
    cells = planned_cells(client)
    return {
        "plan_check": plan_check(client),
        "plan_assumptions": _assumptions(client),
        "plan_months": _plan_months(client, cells),
        "plan_budget": _budget(cells),
        "plan_tree": _tree(client, cells),
        "plan_bridge": _bridge(cells),
        "post_standards": post_standards(client, cells),
    }


def planned_cells(client: Client) -> pd.DataFrame:
    """The plan year by month, channel and measure: month, channel, measure, amount, state.

    ``state`` is in_plan, or proposal for what the client's plan lacks. The channels say it
    all in the months in which there are any; else channel is "".
    """
    parts = []
    for measure in MEASURES:
        plan = plan_months(client, measure)
        plan = plan[plan["month"].isin(plan_year_months(client))]
        parts.append(plan.assign(measure=measure, state="in_plan"))
    proposed = plan_proposal(client)
    if proposed is not None:
        rows = proposed.rows.groupby(["month", "channel", "measure"], as_index=False, sort=False)
        parts.append(rows["amount"].sum().assign(state="proposal"))
    cells = pd.concat(parts, ignore_index=True)
    cells = cells.astype({"month": "str", "channel": "str", "amount": "Int64"})
    at = pd.MultiIndex.from_frame(cells[["month", "measure"]])
    whole = (cells["channel"] == "") & at.isin(at[(cells["channel"] != "").to_numpy(dtype=bool)])
    return cells[~whole][["month", "channel", "measure", "amount", "state"]].reset_index(drop=True)


def _channel(name: str) -> Sentence:
    if not name:
        return Sentence("design.channel.all")
    return Sentence("design.channel.one", {"channel": name})


# -- does it add up --------------------------------------------------------------------
def plan_check(client: Client) -> pd.DataFrame:
    """The months' sum of each measure beside every other figure that must equal it."""
    rows: list[tuple[str, Sentence, int, int | None]] = []
    months = plan_year_months(client)

    def add(measure: str, key: str, plan: int, other: int | None, **values: Any) -> None:
        rows.append((measure, Sentence(f"design.against.{key}", values), plan, other))

    for measure in client.table("targets")["measure"].dropna().unique():
        plan = plan_months(client, measure)
        plan = plan[plan["month"].isin(months)]
        whole = int(plan.loc[plan["channel"] == "", "amount"].sum())
        by_channel = plan.loc[plan["channel"] != "", "amount"]
        if len(by_channel):
            add(measure, "channels", whole, int(by_channel.sum()))
        if measure == "net_sales":
            add(measure, "annual", whole, client.config.targets.annual_net_sales)
            products = client.table("product_plan")["annual_sales"]
            complete = len(products) > 0 and bool(products.notna().all())
            add(measure, "products", whole, int(products.sum()) if complete else None)
            for channel, (given, planned) in products_by_channel(client).items():
                add(measure, "products_of", planned, given, channel=channel)
    table = pd.DataFrame(rows, columns=["measure", "against", "plan", "other"])
    for column in ("plan", "other"):
        table[column] = table[column].astype("Int64")
    table["difference"] = table["plan"] - table["other"]
    known = table["other"].notna()
    state = pd.Series("not_given", index=table.index, dtype="str")
    state = state.mask(known & (table["difference"] == 0).fillna(False), "adds_up")
    state = state.mask(known & (table["difference"] != 0).fillna(False), "differs")
    return table.assign(state=state)


# -- the proposal and its assumptions --------------------------------------------------
def _assumptions(client: Client) -> pd.DataFrame:
    proposed = plan_proposal(client)
    assumed = proposed.assumptions if proposed is not None else ()
    table = pd.DataFrame({"state": [_state(each) for each in assumed]}, dtype="str")
    return table.assign(
        part=sentences((Sentence(f"design.part.{a.part}") for a in assumed), table.index),
        basis=sentences((_basis(a) for a in assumed), table.index),
    )


def _state(assumption: Assumption) -> str:
    if assumption.basis.startswith("missing"):
        return "to_be_given"
    return "given" if assumption.basis.startswith(("given", "plan")) else "assumed"


def _basis(assumption: Assumption) -> Sentence:
    values = dict(assumption.values)
    if "shares" in values:
        pairs = zip(values["channels"], values["shares"], strict=True)
        values["shares"] = tuple(
            Sentence("design.share", {"channel": name, "share": share}) for name, share in pairs
        )
    names = {"months": "months", "channels": "channels", "categories": "categories"}
    area = names.get(assumption.part, "budget")
    return Sentence(f"design.basis.{area}.{assumption.basis}", values)


def _plan_months(client: Client, cells: pd.DataFrame) -> pd.DataFrame:
    """The sales plan by month and channel; what is only proposed is marked so.

    A proposal adds up to the fen; it is never written to the client.
    """
    table = cells[cells["measure"] == "net_sales"].sort_values("month", kind="stable")
    table = table.reset_index(drop=True)
    return table.assign(channel=sentences((_channel(n) for n in table["channel"]), table.index))


def _budget(cells: pd.DataFrame) -> pd.DataFrame:
    """Every measure's year, its share of net sales and the months it is planned for. Planned
    for other months than the sales it is no share of them."""
    table = cells.groupby("measure", sort=False).agg(
        amount=("amount", "sum"), months=("month", "nunique"), state=("state", "last")
    )
    table = table.reindex([m for m in MEASURES if m in table.index])
    sales = int(table["amount"].get("net_sales", 0))
    share = divide(table["amount"].astype("int64"), sales) if sales else None
    table["share"] = pd.Series(share, index=table.index).astype("Int64")
    table["share"] = table["share"].where(table.index.isin(_of_the_same_months(cells)))
    return table.reset_index()


# -- pictures --------------------------------------------------------------------------
def _tree(client: Client, cells: pd.DataFrame) -> pd.DataFrame:
    """The year's sales from the whole to channels and on to categories, or else quarters."""
    sales = cells[cells["measure"] == "net_sales"]
    rows: list[dict[str, Any]] = []

    def node(name: str, parent: str, label: Sentence, amount: int) -> None:
        rows.append({"id": name, "parent": parent, "label": label, "amount": amount,
                     "note": Sentence("design.amount", {"amount": amount})})  # fmt: skip

    if len(sales):
        year = str(client.config.dates.plan_year)
        node("year", "", Sentence("design.node.year", {"year": year}), int(sales["amount"].sum()))
        by_category = _categories(client)
        sums = sales.groupby("channel", as_index=False)[["amount"]].sum()
        largest = sums.sort_values(["amount", "channel"], ascending=[False, True])
        for channel in largest["channel"]:
            own = sales[sales["channel"] == channel]
            name = f"channel:{channel}"
            node(name, "year", _channel(str(channel)), int(own["amount"].sum()))
            of_channel = by_category[by_category["channel"] == channel]
            for category, amount in zip(of_channel["category"], of_channel["amount"], strict=True):
                said = Sentence("design.node.category", {"name": category})
                node(f"{name}:{category}", name, said, int(amount))
            if of_channel.empty:
                quarter = (own["month"].str[5:].astype(int) + 2) // 3
                for number, amount in own["amount"].groupby(quarter).sum().items():
                    said = Sentence("design.node.quarter", {"quarter": number})
                    node(f"{name}:{number}", name, said, int(amount))
    table = pd.DataFrame(rows, columns=["id", "parent", "label", "amount", "note"])
    return table.astype({"id": "str", "parent": "str", "amount": "Int64"})


def _categories(client: Client) -> pd.DataFrame:
    """Channel, category, amount of the year: as targeted, as proposed, or as the product
    plan has it where that agrees with the channel's plan."""
    proposed = plan_proposal(client)
    rows = client.table("targets")
    if proposed is not None:
        rows = proposed.rows
    rows = rows[(rows["measure"] == "net_sales") & rows["month"].isin(plan_year_months(client))]
    rows = rows[rows["category"].fillna("") != ""]
    if rows.empty:
        agreed = [
            name for name, (given, plan) in products_by_channel(client).items() if given == plan
        ]
        products = client.table("product_plan")
        rows = products[products["channel"].isin(agreed)].rename(columns={"annual_sales": "amount"})
    named = rows.assign(channel=rows["channel"].fillna(""), category=rows["category"].fillna(""))
    named = named[named["category"] != ""]
    sums = named.groupby(["channel", "category"], as_index=False, sort=False)[["amount"]].sum()
    return sums.sort_values("amount", ascending=False, kind="stable")


def _of_the_same_months(cells: pd.DataFrame) -> list[str]:
    """The measures planned for just the months net sales are planned for."""
    months = cells.groupby("measure")["month"].agg(frozenset).to_dict()
    return [str(name) for name, own in months.items() if own == months.get("net_sales")]


def _bridge(cells: pd.DataFrame) -> pd.DataFrame:
    """From sales to net profit, as far as the budget goes in all months of the sales; no row
    where no profit is planned."""
    cells = cells[cells["measure"].isin(_of_the_same_months(cells))]
    year = cells.groupby("measure")["amount"].sum()
    rows: list[tuple[Sentence, int, str]] = []
    if {"net_sales", "gross_profit"} <= set(year.index):
        left = int(year["gross_profit"])
        rows = [
            (Sentence("design.bridge.net_sales"), int(year["net_sales"]), "total"),
            (Sentence("design.bridge.goods"), left - int(year["net_sales"]), "change"),
            (Sentence("design.bridge.gross_profit"), left, "total"),
        ]
        for measure in _COSTS:
            if measure in year.index:
                rows.append((Sentence(f"design.bridge.{measure}"), -int(year[measure]), "change"))
                left -= int(year[measure])
        if "net_profit" in year.index:
            profit = int(year["net_profit"])
            if profit != left:
                rows.append((Sentence("design.bridge.other"), profit - left, "change"))
            rows.append((Sentence("design.bridge.net_profit"), profit, "total"))
        else:
            rows.append((Sentence("design.bridge.left"), left, "total"))
    table = pd.DataFrame(rows, columns=["label", "amount", "role"])
    return table.astype({"amount": "Int64", "role": "str"})


# -- what follows from the plan --------------------------------------------------------
def post_standards(client: Client, cells: pd.DataFrame) -> pd.DataFrame:
    """Every scorecard row that follows the annual plan: which cell of it, and its figures.

    One row per subject, channel and indicator: the plan's channel, the first month of
    the assessment with its standard, the year's. Ratios follow two cells (3.5). Who has a
    scorecard and a standard of their own stands with that one.
    """
    measures = words(client, "standard.plan_measures")
    rows = cards(client)
    chosen = rows["indicator"].isin([*measures, *PLAN_RATIOS])
    rows = rows[chosen & (rows["standard_basis"] == "annual_plan")]
    dates = client.config.dates
    start = dates.pilot_from or (month_of(dates.scheme_from) if dates.scheme_from else "")
    months = plan_year_months(client)
    month = start if start in months else months[0]
    planned = _amounts(cells, month)
    states = dict(zip(cells["measure"], cells["state"], strict=True))
    adopted = _adopted(client, month)
    found = []
    for row in _with_channels(client, rows).to_dict("records"):
        needed = PLAN_RATIOS.get(row["indicator"], (row["indicator"],))
        figures = [planned.get((name, row["channel"])) for name in needed]
        known = all(figure is not None for figure in figures)
        year, first = _standard([f for f in figures if f is not None]) if known else (None, None)
        state = states.get(needed[0], "no_plan") if known else "no_plan"
        own = adopted.get((row["subject"], row["indicator"]))
        if own is not None and own != first:  # one's own part of the cell, not the whole of it
            first, year, state = own, None, "part_of_plan"
        cell = {"channel": _channel(row["channel"]), "top": needed[0], "bottom": needed[-1]}
        found.append({
            "subject": row["subject"], "indicator": row["indicator"],
            "cell": Sentence(f"design.cell.{'ratio' if len(needed) > 1 else 'own'}", cell),
            "month": month, "standard": first, "year": year,
            "state": state,
        })  # fmt: skip
    names = ["subject", "indicator", "cell", "month", "standard", "year", "state"]
    table = pd.DataFrame(found, columns=names)
    return table.astype({"standard": "Int64", "year": "Int64"})


def _adopted(client: Client, month: str) -> dict[tuple[str, str], int]:
    """(``employee:…``, indicator) -> the standard typed for that month alone."""
    rows = client.table("standards")
    rows = rows[(rows["subject_kind"] == "employee") & (rows["period"] == month)]
    rows = rows[rows["standard"].notna()]
    names = zip("employee:" + rows["subject_id"].astype(str), rows["indicator"], strict=True)
    return dict(zip(names, ints(rows["standard"]).tolist(), strict=True))


def _amounts(cells: pd.DataFrame, month: str) -> dict[tuple[str, str], tuple[int, int]]:
    """(measure, channel or "" for all) -> the year's amount and the month's."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    rows: Iterable[tuple[str, str, str, int]] = zip(
        *(cells[name] for name in ("month", "channel", "measure", "amount")), strict=True
    )
    for at, channel, measure, amount in rows:
        for name in {channel, ""}:
            year, first = found.get((measure, name), (0, 0))
            own = int(amount) if at == month else 0
            found[measure, name] = (year + int(amount), first + own)
    return found


def _standard(figures: list[tuple[int, int]]) -> tuple[int | None, int | None]:
    """Year and month: the amounts themselves, or top by bottom where there are two."""
    if len(figures) == 1:
        return figures[0]
    (top_year, top_month), (year, month) = figures
    return (
        int(divide(top_year, year)) if year else None,
        int(divide(top_month, month)) if month else None,
    )


def _with_channels(client: Client, rows: pd.DataFrame) -> pd.DataFrame:
    """Each scorecard row once per channel its holders serve; "" where they serve all."""
    team = people(client)
    team = team.assign(channel=team["channel"].fillna(""))
    named = team.assign(subject="employee:" + team["employee"])
    own = named["subject"].isin(rows["subject"])  # whoever has an own card is not under the post's
    held = pd.concat([named, team[~own].assign(subject="post:" + team.loc[~own, "post"])])
    held = held[["subject", "channel"]].drop_duplicates()
    joined = rows[["subject", "indicator"]].merge(held, on="subject", how="left")
    joined["channel"] = joined["channel"].fillna("")
    return joined.sort_values(["subject", "indicator", "channel"], kind="stable")
