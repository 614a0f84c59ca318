"""What the design proposes, in the form of the client's own tables: the client may adopt it."""

from __future__ import annotations

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.intake.declare import tables as declared_tables
from ecperf_kit.method.in_force import month_start
from ecperf_kit.rules.duties import card_against_duties, recommendation
from ecperf_kit.rules.proposal import plan_proposal
from ecperf_kit.stages.result import Proposal

#: How an indicator is scored stands with the indicator in the library, with the row at a client.
_SCORING = [
    "method", "cap", "zero_below", "step_size", "step_deduct", "bands", "bands_on",
    "standard_basis", "data_source",
]  # fmt: skip


def proposals(client: Client, repaired: pd.DataFrame) -> tuple[Proposal, ...]:
    """The plan's breakdown, and the scorecards that repair the faulty ones (``repairs``) or
    follow from duties the client agreed; scorecards of single people apart."""
    found = []
    plan = plan_proposal(client)
    if plan is not None:
        found.append(Proposal("targets", plan.rows))
    rows = scorecard_rows(client, repaired)
    for kind, restricted in (("post", False), ("employee", True)):
        own = rows[rows["subject_kind"] == kind]
        if len(own):
            found.append(Proposal("scorecards", own.reset_index(drop=True), restricted))
    return tuple(found)


def scorecard_rows(client: Client, repaired: pd.DataFrame) -> pd.DataFrame:
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
    return rows[[column.name for column in declared_tables()["scorecards"].columns]]


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
