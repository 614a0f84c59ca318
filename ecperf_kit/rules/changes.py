"""Changes of the scheme and who applies it: campaign scorecards, assessors, cut-off."""

from __future__ import annotations

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION
from ecperf_kit.finding import Finding
from ecperf_kit.rules.in_force import SUBJECT, cards, findings, mapped, number

_CALENDAR = "calendar"


def _versions(client: Client) -> pd.DataFrame:
    """Each version of a scorecard beside the one before it: subject, since, the core
    indicators of both, and where it stands."""
    rows = client.table("scorecards")
    rows = rows[rows["effective_from"].notna()]
    core = rows["indicator"].where(rows["role"] == "core")
    grouped = rows.assign(core=core).groupby([*SUBJECT, "effective_from"], sort=True)
    table = grouped.agg(
        core=("core", lambda names: frozenset(names.dropna())),
        _file=("_file", "first"),
        _sheet=("_sheet", "first"),
        _row=("_row", "first"),
    ).reset_index()
    before = table.groupby(SUBJECT)[["core", "effective_from"]].shift()
    table["core_before"], table["since_before"] = before["core"], before["effective_from"]
    table["subject"] = table["subject_kind"] + ":" + table["subject_id"]
    return table[table["since_before"].notna()].reset_index(drop=True)


def _of_campaign(client: Client) -> pd.DataFrame:
    """Versions that begin in a campaign month."""
    months = {int(month) // MILLION for month in client.threshold("campaign.months")}
    table = _versions(client)
    return table[table["effective_from"].dt.month.isin(months)].reset_index(drop=True)


def campaign_swaps(client: Client) -> list[Finding]:
    """More core indicators exchanged for a campaign than may be (HR-finance article 5)."""
    most = number(client, "campaign.swap_core_max") // MILLION
    table = _of_campaign(client)
    pairs = zip(table["core"], table["core_before"], strict=True)
    table["swapped"] = [tuple(sorted(now - then)) for now, then in pairs]
    return findings(
        "S155",
        table[table["swapped"].map(len) > most],
        lambda r: {
            "since": r["effective_from"],
            "indicators": r["swapped"],
            "count": len(r["swapped"]),
            "most": most,
        },
        "indicator",
    )


def campaign_unpublished(client: Client) -> list[Finding]:
    """A campaign's scorecard in force before the changed scheme was signed (HR-finance 5)."""
    papers = client.table("signoffs")
    signed = papers.loc[papers["paper"] == "scheme", "signed_on"].dropna()
    table = _of_campaign(client)
    spans = zip(table["since_before"], table["effective_from"], strict=True)
    told = [bool(((signed > start) & (signed < end)).any()) for start, end in spans]
    return findings(
        "S156",
        table[~pd.Series(told, index=table.index, dtype="bool")],
        lambda r: {"since": r["effective_from"]},
        "effective_from",
    )


def assessor_not_superior(client: Client) -> list[Finding]:
    """Scores given by somebody who is not the direct superior (assessment method 3.7)."""
    rows = client.table("assessments")
    rows = rows[rows["assessor"].notna() & rows["superior_score"].notna()]
    staff = client.table("employees").drop_duplicates("employee").set_index("employee")
    superior = mapped(rows["employee"], staff["superior"])
    other = rows[superior.notna() & (rows["assessor"] != superior)].assign(superior=superior)
    sheets = other.drop_duplicates(["employee", "period"])
    table = sheets.groupby(["employee", "assessor", "superior"], as_index=False).agg(
        sheets=("period", "size"),
        _file=("_file", "first"),
        _sheet=("_sheet", "first"),
        _row=("_row", "first"),
    )
    return findings(
        "S157",
        table.assign(subject="employee:" + table["employee"]),
        lambda r: {
            "assessor": r["assessor"],
            "superior": r["superior"],
            "sheets": int(r["sheets"]),
        },
        "assessor",
    )


def cut_off_mismatch(client: Client) -> list[Finding]:
    """Finance closes on the 25th, the platform shows calendar months, and no line joins them;
    or calendar months that still have a cut-off difference every time (2.3)."""
    rows = client.table("sales_bridge")
    rows = rows[rows["finance_sales"].notna()]
    if rows.empty:
        return []
    line = rows["cut_off"].fillna(0)
    by_calendar = client.config.pay.cut_off == _CALENDAR
    at_fault = line != 0 if by_calendar else line == 0
    if not at_fault.all():  # one month's late orders are no second cut-off
        return []
    values = {"cut_off": client.config.pay.cut_off, "months": len(rows)}
    return [Finding("S158" if by_calendar else "S159", f"client:{client.name}", values)]


def poor_sources(client: Client) -> list[Finding]:
    """Rows on data that are harder to get than what the library knows for them (3.2)."""
    rated = client.library.data_sources
    marks = rated[["authoritative", "sustainable", "cheap", "convenient"]]
    rows = cards(client)
    usual = mapped(rows["indicator"], client.indicators["data_source"])
    # poorer: in no respect better than the usual source, and worse in one
    worse = {
        (one, other)
        for one in marks.index
        for other in marks.index
        if one != other and (marks.loc[one] <= marks.loc[other]).all() and one != "none"
    }
    pairs = list(zip(rows["data_source"], usual, strict=True))
    poorer = pd.Series([pair in worse for pair in pairs], index=rows.index, dtype="bool")
    table = rows.assign(usual=usual)[poorer]
    keys = ["subject", "data_source", "usual"]
    table = table.groupby(keys, as_index=False).agg(
        indicators=("indicator", tuple),
        _file=("_file", "first"),
        _sheet=("_sheet", "first"),
        _row=("_row", "first"),
    )
    return findings(
        "S160",
        table,
        lambda r: {
            "indicators": r["indicators"],
            "source": r["data_source"],
            "usual": r["usual"],
        },
        "data_source",
    )


CHANGE_RULES = (
    campaign_swaps,
    campaign_unpublished,
    assessor_not_superior,
    cut_off_mismatch,
    poor_sources,
)
