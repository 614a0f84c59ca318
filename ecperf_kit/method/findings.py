"""What the calculation found: figures that are missing, and what was counted otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from ecperf_kit.exact import FEN, MILLION, round_half_up
from ecperf_kit.finding import Finding, Source
from ecperf_kit.method.pay import PAID_BY
from ecperf_kit.method.plans import plan_parts
from ecperf_kit.method.scorecards import unassessed

if TYPE_CHECKING:
    from ecperf_kit.client import Client

Row = Mapping[str, Any]
_GROUP = ["month", "post", "indicator"]
#: Structures named like one of their lines.
_STRUCTURES = {name: f"{name}_structure" for name in ("performance", "dividend")}


def calculation_findings(
    client: Client,
    scored: pd.DataFrame,
    totals: pd.DataFrame,
    lines: pd.DataFrame,
    months: Sequence[str] = (),
) -> list[Finding]:
    """All findings of a calculation, one per fact rather than one per row.

    ``scored``, ``totals`` (with coefficient) and ``lines`` as in ``Calculation``.
    What concerns a whole post stands once for the post, with the number of people.
    ``months``: those asked for, if there may be some without any total.
    """
    months = months or sorted(totals["month"].unique())
    return [
        *scoring_findings(scored),
        *_unassessed_findings(client, months),
        *_day_findings(client, scored, totals),
        *_unread_findings(client, totals, months),
        *_unpaid_figures(client, totals, months),
        *pay_findings(totals, lines),
    ]


def scoring_findings(scored: pd.DataFrame) -> list[Finding]:
    """Findings about scored rows: missing figures, unconfirmed and changed scores."""
    state, standard = scored["row_state"], scored["standard"]
    no_standard = (state == "missing_standard") & standard.isna()
    not_divisible = (state == "missing_standard") & standard.notna()
    no_actual = scored[state == "missing_actual"]
    empty = _months_without_actuals(scored)
    return [
        *_by_month(no_actual[no_actual["month"].isin(empty)], "C119"),
        *_by_post(no_actual[~no_actual["month"].isin(empty)], "C101"),
        *_by_post(scored[no_standard], "C102"),
        *_by_post(scored[not_divisible], "C103", standard="standard"),
        *_by_post(
            scored[scored["standard_ignored"].notna()],
            "C104",
            typed="standard_ignored",
            plan="standard",
        ),
        *_by_superior(scored[(state == "unconfirmed") & scored["assessed"]], "C105"),
        *_override_findings(scored),
        *_above_weight_findings(scored),
        *_by_superior(scored[state == "missing_rating"], "C114"),
        *_by_post(scored[state == "missing_parameter"], "C115"),
        *_difference_findings(scored),
        *_by_post(scored[scored["to_date"]], "C117"),
    ]


def pay_findings(totals: pd.DataFrame, lines: pd.DataFrame) -> list[Finding]:
    """Findings about coefficients and pay lines."""
    first = lines.drop_duplicates(["employee", "month", "line"])
    plan = ("plan_file", "plan_sheet", "plan_row")
    no_table = totals["uses_coefficient"] & totals["coefficient"].isna() & totals["total"].notna()
    return [
        *_each(first[first["missing"] == "basis"], "C108", _line_values, plan),
        *_each(totals[no_table], "C109", _table_values),
        *_each(first[first["missing"] == "figure"], "C113", _line_values, plan),
        *_each(totals[totals["gated"]], "C118", lambda row: {**_who(row), "total": row["total"]}),
    ]


def _unassessed_findings(client: Client, months: Sequence[str]) -> list[Finding]:
    lacking = unassessed(client, months).drop_duplicates(["employee", "month"])
    return _each(lacking, "C110", lambda row: {**_who(row), "post": row["post"]})


def _day_findings(client: Client, scored: pd.DataFrame, totals: pd.DataFrame) -> list[Finding]:
    minimum = client.threshold("assessed.min_days")
    few = totals[totals["state"] == "not_assessed"]
    months = scored.drop_duplicates(["employee", "month", "part_from", "post"])
    # where others have attendance, a full month without any is an assumption too
    recorded = months["month"].isin(set(client.table("attendance")["month"]))
    by_calendar = (months["share_from"] == "calendar") & (
        (months["month_share"] < MILLION) | recorded
    )
    calendar = months[by_calendar].drop_duplicates(["employee", "month"])
    return [
        *_each(few, "C111", lambda row: {**_who(row), "minimum": minimum}),
        *_each(calendar, "C112", lambda row: {**_who(row), "share": row["month_share"]}),
    ]


def _unread_findings(client: Client, totals: pd.DataFrame, months: Sequence[str]) -> list[Finding]:
    """Months that are not paid because a row they need has a cell that cannot be read."""
    held = plan_parts(client, months).merge(totals[["employee", "month"]])
    lost = held[held["unread_row"].notna()].drop_duplicates(["employee", "month"])

    def values(row: Row) -> dict[str, Any]:
        sheet = row["unread_sheet"]
        file = f"{row['unread_file']} › {sheet}" if sheet else row["unread_file"]
        return {**_who(row), "file": file, "row": row["unread_row"]}

    return _each(lost, "C122", values, ("unread_file", "unread_sheet", "unread_row"))


def _unpaid_figures(client: Client, totals: pd.DataFrame, months: Sequence[str]) -> list[Finding]:
    """Amounts and rates of a plan in force that its pay structure does not pay."""
    held = plan_parts(client, months).merge(totals[["employee", "month"]])
    held = held[held["structure"].notna()].drop_duplicates(["plan_file", "plan_sheet", "plan_row"])
    found = []
    for row in _records(held):
        unpaid = tuple(
            line
            for line, (figure, structures) in PAID_BY.items()
            if pd.notna(row[figure]) and row[figure] and row["structure"] not in structures
        )
        if unpaid:
            subject = f"{row['subject_kind']}:{row['subject_id']}"
            values = {
                "structure": _STRUCTURES.get(row["structure"], row["structure"]),
                "lines": unpaid,
            }
            where = _source(row, ("plan_file", "plan_sheet", "plan_row"))
            found.append(Finding("C121", subject, values, where))
    return found


def _override_findings(scored: pd.DataFrame) -> list[Finding]:
    place = ("assessment_file", "assessment_sheet", "assessment_row")
    tried = scored["override_reason"].notna() | scored["override_evidence"].notna()
    used = scored["row_state"] == "overridden"
    refused = tried & ~used & scored["has_data"] & scored["superior_score"].notna()

    def values(row: Row) -> dict[str, Any]:
        return {
            **_who(row),
            "indicator": row["indicator"],
            "given": row["superior_score"],
            "computed": row["computed_score"],
        }

    def reasoned(row: Row) -> dict[str, Any]:
        told = {"reason": row["override_reason"], "evidence": row["override_evidence"]}
        return {**values(row), **told}

    return [
        *_each(scored[refused], "C106", values, place),
        *_each(scored[used], "C107", reasoned, place),
    ]


def _above_weight_findings(scored: pd.DataFrame) -> list[Finding]:
    """Superior's scores that count and are above the row's weight: only the weight counts."""
    by_superior = scored["row_state"].isin(["rated", "overridden"])
    above = by_superior & (scored["superior_score"] > scored["weight"]).fillna(False)
    place = ("assessment_file", "assessment_sheet", "assessment_row")

    def values(row: Row) -> dict[str, Any]:
        figures = {"given": row["superior_score"], "weight": row["weight"]}
        return {**_who(row), "indicator": row["indicator"], **figures}

    return _each(scored[above.astype(bool)], "C120", values, place)


def _difference_findings(scored: pd.DataFrame) -> list[Finding]:
    """Superior's scores of rows with data that differ, to the hundredth, from the data's."""
    rows = scored[
        (scored["row_state"] == "computed")
        & scored["superior_score"].notna()
        & scored["override_reason"].isna()
        & scored["override_evidence"].isna()
    ]
    shown = round_half_up(rows["computed_score"].astype("int64"), FEN)
    rows = rows.assign(difference=(rows["superior_score"].astype("int64") - shown).abs())
    rows = rows[rows["difference"] > 0]
    found = []
    for (superior, month), part in rows.groupby(["superior", "month"], sort=True):
        by_person = part.groupby("employee")["difference"].sum()
        values = {
            "superior": superior, "month": month, "people": len(by_person),
            "difference": int(by_person.max()),
        }  # fmt: skip
        found.append(Finding("C116", f"employee:{superior}", values))
    return found


def _months_without_actuals(scored: pd.DataFrame) -> list[str]:
    """The months in which no row with a data source has an actual."""
    known = scored[scored["has_data"]]["actual"].notna().groupby(scored["month"]).any()
    return [str(month) for month in known.index[~known]]


def _by_month(rows: pd.DataFrame, code: str) -> list[Finding]:
    found = []
    for month, part in rows.groupby("month", sort=True):
        people = int(part["employee"].nunique())
        values = {"month": month, "people": people, "rows": len(part)}
        found.append(Finding(code, "table:actuals", values))
    return found


def _by_post(rows: pd.DataFrame, code: str, **columns: str) -> list[Finding]:
    """One finding per month, post and indicator, with the number of people concerned."""
    found = []
    for (month, post, indicator), part in rows.groupby(_GROUP, sort=True):
        first = part.iloc[0]
        values = {
            "month": month, "post": post, "indicator": indicator,
            "people": int(part["employee"].nunique()),
            **{name: _plain(first[column]) for name, column in columns.items()},
        }  # fmt: skip
        place = "standard" if columns else "card"
        where = _source(first, (f"{place}_file", f"{place}_sheet", f"{place}_row"))
        found.append(Finding(code, f"post:{post}", values, where))
    return found


def _by_superior(rows: pd.DataFrame, code: str) -> list[Finding]:
    found = []
    grouped = rows.assign(superior=rows["superior"].fillna("")).groupby(["month", "superior"])
    for (month, superior), part in grouped:
        values = {
            "month": month, "superior": superior, "rows": len(part),
            "people": int(part["employee"].nunique()),
        }  # fmt: skip
        subject = f"employee:{superior}" if superior else "table:assessments"
        found.append(Finding(code, subject, values))
    return found


def _each(
    rows: pd.DataFrame,
    code: str,
    values: Callable[[Row], Mapping[str, Any]],
    place: tuple[str, str, str] | None = None,
) -> list[Finding]:
    found = []
    for row in _records(rows):
        filled = {name: _plain(value) for name, value in values(row).items()}
        where = _source(row, place) if place else Source()
        found.append(Finding(code, f"employee:{row['employee']}", filled, where))
    return found


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as plain mappings from column to value."""
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]


def _who(row: Row) -> dict[str, Any]:
    return {"month": row["month"], "employee": row["employee"]}


def _line_values(row: Row) -> dict[str, Any]:
    return {**_who(row), "line": row["line"]}


def _table_values(row: Row) -> dict[str, Any]:
    table = row["coefficient_table"]
    return {**_who(row), "table": "–" if pd.isna(table) else table}


def _plain(value: Any) -> Any:
    """A table's value as plain Python, None where it is missing."""
    if value is None or pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value


def _source(row: Any, place: tuple[str, str, str]) -> Source:
    file, sheet, line = (_plain(row[name]) for name in place)
    return Source(file or "", sheet or "", None if line is None else int(line))
