"""What the design proposes, in the form of the client's own tables: the client may adopt it."""

from __future__ import annotations

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.intake.declare import tables as declared_tables
from ecperf_kit.method.in_force import month_start
from ecperf_kit.method.keys import find
from ecperf_kit.rules.duties import card_against_duties, recommendation
from ecperf_kit.rules.in_force import plans
from ecperf_kit.rules.merged_cards import SCORING, merged_cards
from ecperf_kit.rules.pay_fit import pay_fit
from ecperf_kit.rules.plan_parts import plan_parts
from ecperf_kit.rules.proposal import plan_proposal
from ecperf_kit.stages.result import Proposal

_SCORING = list(SCORING)


def proposals(
    client: Client, repaired: pd.DataFrame, faulty: tuple[str, ...] = ()
) -> tuple[Proposal, ...]:
    """The plan's breakdown, people's parts of a channel's plan, pay divided otherwise, and the
    scorecards that repair the ``faulty`` ones (``repairs``) or follow from duties the client
    agreed; pay and what names single people apart."""
    found = []
    plan = plan_proposal(client)
    if plan is not None:
        found.append(Proposal("targets", plan.rows))
    parts = standard_rows(client)
    if len(parts):
        found.append(Proposal("standards", parts, restricted=True))
    pay = pay_plan_rows(client)
    if len(pay):
        found.append(Proposal("pay_plans", pay, restricted=True))
    rows = scorecard_rows(client, repaired, faulty)
    for kind, restricted in (("post", False), ("employee", True)):
        own = rows[rows["subject_kind"] == kind]
        if len(own):
            found.append(Proposal("scorecards", own.reset_index(drop=True), restricted))
    return tuple(found)


def standard_rows(client: Client) -> pd.DataFrame:
    """People's parts of a channel's plan as rows of the client's table ``standards``."""
    parts = plan_parts(client).parts
    rows = parts.rename(columns={"employee": "subject_id", "month": "period"})
    rows = rows.assign(subject_kind=pd.Series("employee", index=rows.index, dtype="str"))
    names = [column.name for column in declared_tables()["standards"].columns]
    kinds = client.table("standards").dtypes
    return rows.reindex(columns=names).astype({name: kinds[name] for name in names})


def pay_plan_rows(client: Client) -> pd.DataFrame:
    """Performance plans whose variable share is off the advised one, with base and performance
    pay divided as proposed, as rows of the client's table ``pay_plans``."""
    fit = pay_fit(client)
    off = (fit["proposed"] != fit["share"]) & fit["proposed_base"].notna()
    fit = fit[off.fillna(False).astype(bool)]
    rows = plans(client).drop_duplicates("subject")
    rows = rows[(rows["structure"] == "performance") & rows["subject"].isin(fit["subject"])]
    at = find([rows["subject"]], [fit["subject"]])
    rows = rows.assign(
        base=fit["proposed_base"].take(at).array,
        performance_pay=fit["proposed_variable"].take(at).array,
        effective_from=_start(client),
    )
    return rows[[column.name for column in declared_tables()["pay_plans"].columns]]


def scorecard_rows(
    client: Client, repaired: pd.DataFrame, faulty: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Proposed scorecards as rows of the client's table ``scorecards``, whole cards only."""
    wanted = repaired.dropna(subset=["proposed"])[["subject", "post", "indicator", "role"]]
    wanted = wanted.assign(weight=repaired["proposed"])
    table = card_against_duties(client)
    changed = table["state"].isin(["add", "not_asked"])
    changed &= table["post"].isin(client.table("duties")["post"])
    by_duties = recommendation(client)
    by_duties = by_duties[by_duties["post"].isin(table.loc[changed, "post"])]
    by_duties = by_duties.assign(subject="post:" + by_duties["post"])
    by_duties = by_duties[~by_duties["subject"].isin(wanted["subject"])]
    rows = pd.concat([wanted, by_duties[list(wanted.columns)]], ignore_index=True)
    kind = rows["subject"].str.partition(":")
    known = client.indicators.reindex(columns=_SCORING)
    rows = rows.assign(
        subject_kind=kind[0] if len(rows) else "",
        subject_id=kind[2] if len(rows) else "",
        effective_from=_start(client),
        duty=_duties(client, rows),
    ).join(known, on="indicator")
    rows = _as_merged(rows, merged_cards(client, faulty))
    return rows[[column.name for column in declared_tables()["scorecards"].columns]]


def _as_merged(rows: pd.DataFrame, merged: pd.DataFrame) -> pd.DataFrame:
    """The rows of people in several posts scored as their posts' scorecards score them."""
    keys, columns = ["subject", "indicator"], ["duty", *_SCORING]
    if merged.empty:
        return rows
    at = find([rows[key] for key in keys], [merged[key] for key in keys])
    here = at >= 0
    given = merged.take(at[here])
    for column in columns:
        values = rows[column].copy()
        values[here] = given[column].to_numpy()
        rows = rows.assign(**{column: values})
    return rows


def _start(client: Client) -> pd.Timestamp:
    """The day the scheme begins; whoever adopts the rows names the day they do."""
    dates = client.config.dates
    if dates.scheme_from:
        return pd.Timestamp(dates.scheme_from)
    return month_start(dates.pilot_from or f"{dates.plan_year}-01")


def _duties(client: Client, rows: pd.DataFrame) -> list[str]:
    """The duty each row serves: of the recommendation, else of the library's scorecard."""
    library = client.library.scorecards
    named = {
        (post, indicator): duty
        for post, indicator, duty in zip(
            library["post"], library["indicator"], library["duty"], strict=True
        )
    }
    advised = recommendation(client)
    for post, indicator, duties in zip(
        advised["post"], advised["indicator"], advised["duties"], strict=True
    ):
        named[post, indicator] = duties[0]
    pairs = zip(rows["post"], rows["indicator"], strict=True)
    return [str(named.get(pair, "")) for pair in pairs]
