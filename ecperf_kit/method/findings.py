"""What the calculation found: figures that are missing, and what was counted otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ecperf_kit.exact import FEN, MILLION, ints, round_half_up
from ecperf_kit.finding import Finding, Source
from ecperf_kit.method.keys import Groups, find
from ecperf_kit.method.pay import PAID_BY
from ecperf_kit.method.plans import plan_parts
from ecperf_kit.method.scorecards import unassessed
from ecperf_kit.method.scoring import lacks_standard

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
    not_divisible = (state == "missing_standard") & standard.notna()
    no_actual = _part(scored, state == "missing_actual")
    empty = _months_without_actuals(scored)
    in_empty = no_actual["month"].isin(empty)
    # both lacking is told at once; a month without any actual says so alone
    no_standard = lacks_standard(scored) & (
        (state == "missing_standard") | ~scored["month"].isin(empty)
    )
    return [
        *_by_month(_part(no_actual, in_empty), "C119"),
        *_by_post(_part(no_actual, ~in_empty), "C101"),
        *_by_post(_part(scored, no_standard), "C102"),
        *_by_post(_part(scored, not_divisible), "C103", standard="standard"),
        *_by_post(
            _part(scored, scored["standard_ignored"].notna()),
            "C104",
            typed="standard_ignored",
            plan="standard",
        ),
        *_by_superior(_part(scored, (state == "unconfirmed") & scored["assessed"]), "C105"),
        *_override_findings(scored),
        *_above_weight_findings(scored),
        *_by_superior(_part(scored, state == "missing_rating"), "C114"),
        *_by_post(_part(scored, state == "missing_parameter"), "C115"),
        *_difference_findings(scored),
        *_by_post(_part(scored, scored["to_date"]), "C117"),
    ]


def pay_findings(totals: pd.DataFrame, lines: pd.DataFrame) -> list[Finding]:
    """Findings about coefficients and pay lines."""
    lacking = lines[lines["missing"].isin(["basis", "figure"])]
    key = ["employee", "month", "line"]
    # what the first line of a kind lacks is said once, for all posts of the month
    heads = lines.drop_duplicates(key) if len(lacking) else lacking
    first = heads[heads["missing"].isin(["basis", "figure"])]
    plan = ("plan_file", "plan_sheet", "plan_row")
    no_table = totals["uses_coefficient"] & totals["coefficient"].isna() & totals["total"].notna()
    return [
        *_each(first[first["missing"] == "basis"], "C108", _line_values, plan, ["line"]),
        *_each(totals[no_table], "C109", _table_values, None, ["coefficient_table"]),
        *_each(first[first["missing"] == "figure"], "C113", _line_values, plan, ["line"]),
        *_below_zero(lines),
        *_each(
            totals[totals["gated"]],
            "C118",
            lambda row: {**_who(row), "total": row["total"]},
            columns=["total"],
        ),
    ]


def _below_zero(lines: pd.DataFrame) -> list[Finding]:
    """Commission and pieces on a negative basis (refunds of earlier months): 0 is paid.

    A loss of a dividend's unit is made up for in its ledger and is no case of this.
    """
    below = _part(lines, lines["below_zero"].notna() & (lines["line"] != "dividend"))
    if below.empty:
        return []
    kinds, channels = below["commission_from"].tolist(), below["channel"].tolist()
    staff = below["employee"].tolist()
    subjects = {
        "channel": [f"channel:{name}" for name in channels],
        "employee": [f"employee:{name}" for name in staff],
        "company": ["company:"] * len(below),
    }
    other = ["table:actuals"] * len(below)
    of = [subjects.get(kind, other)[at] for at, kind in enumerate(kinds)]
    # two posts of a month that draw on the same figure are told once
    below = below.assign(of=of).drop_duplicates(["employee", "month", "line", "of"])
    place = ("basis_file", "basis_sheet", "basis_row")
    columns = ["line", "of", "below_zero"]
    return _each(
        below, "C123",
        lambda row: {**_line_values(row), "of": row["of"], "basis": row["below_zero"]},
        place, columns,
    )  # fmt: skip


def _unassessed_findings(client: Client, months: Sequence[str]) -> list[Finding]:
    lacking = unassessed(client, months).drop_duplicates(["employee", "month"])
    return _each(lacking, "C110", _post_values, columns=["post"])


def _day_findings(client: Client, scored: pd.DataFrame, totals: pd.DataFrame) -> list[Finding]:
    minimum = client.threshold("assessed.min_days")
    few = totals[totals["state"] == "not_assessed"]
    parts = Groups(scored, ["employee", "month", "part_from", "post"])
    columns = ["employee", "month", "share_from", "month_share"]
    months = scored[columns].take(np.sort(parts.first))
    # where others have attendance, a full month without any is an assumption too
    recorded = months["month"].isin(set(client.table("attendance")["month"]))
    by_calendar = (months["share_from"] == "calendar") & (
        (months["month_share"] < MILLION) | recorded
    )
    calendar = months[by_calendar].drop_duplicates(["employee", "month"])
    return [
        *_each(few, "C111", lambda row: {**_who(row), "minimum": minimum}),
        *_each(calendar, "C112", _share_values, columns=["month_share"]),
    ]


def _unread_findings(client: Client, totals: pd.DataFrame, months: Sequence[str]) -> list[Finding]:
    """Months that are not paid because a row they need has a cell that cannot be read."""
    held = plan_parts(client, months)
    held = held[held["unread_row"].notna()]
    lost = _with_total(held, totals).drop_duplicates(["employee", "month"])

    def values(row: Row) -> dict[str, Any]:
        sheet = row["unread_sheet"]
        file = f"{row['unread_file']} › {sheet}" if sheet else row["unread_file"]
        return {**_who(row), "file": file, "row": row["unread_row"]}

    return _each(lost, "C122", values, ("unread_file", "unread_sheet", "unread_row"))


def _with_total(held: pd.DataFrame, totals: pd.DataFrame) -> pd.DataFrame:
    """The parts of those who have a total in the month."""
    key = ["employee", "month"]
    return held[find([held[k] for k in key], [totals[k] for k in key]) >= 0]


def _unpaid_figures(client: Client, totals: pd.DataFrame, months: Sequence[str]) -> list[Finding]:
    """Amounts and rates of a plan in force that its pay structure does not pay."""
    held = _with_total(plan_parts(client, months), totals)
    held = held[held["structure"].notna()].drop_duplicates(["plan_file", "plan_sheet", "plan_row"])
    found = []
    figures = [figure for figure, _ in PAID_BY.values()]
    named = ["structure", "subject_kind", "subject_id", "plan_file", "plan_sheet", "plan_row"]
    for row in _records(held[[*named, *dict.fromkeys(figures)]]):
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

    columns = ["indicator", "superior_score", "computed_score", "override_reason",
               "override_evidence"]  # fmt: skip

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
        *_each(_part(scored, refused), "C106", values, place, columns),
        *_each(_part(scored, used), "C107", reasoned, place, columns),
    ]


def _above_weight_findings(scored: pd.DataFrame) -> list[Finding]:
    """Superior's scores that count and are above the row's weight: only the weight counts."""
    by_superior = scored["row_state"].isin(["rated", "overridden"])
    above = by_superior & (scored["superior_score"] > scored["weight"]).fillna(False)
    place = ("assessment_file", "assessment_sheet", "assessment_row")

    def values(row: Row) -> dict[str, Any]:
        figures = {"given": row["superior_score"], "weight": row["weight"]}
        return {**_who(row), "indicator": row["indicator"], **figures}

    columns = ["indicator", "superior_score", "weight"]
    return _each(_part(scored, above.astype(bool)), "C120", values, place, columns)


def _difference_findings(scored: pd.DataFrame) -> list[Finding]:
    """Superior's scores of rows with data that differ, to the hundredth, from the data's."""
    columns = ["superior", "month", "employee", "computed_score", "superior_score"]
    rows = _part(
        scored[columns],
        (scored["row_state"] == "computed")
        & scored["superior_score"].notna()
        & scored["override_reason"].isna()
        & scored["override_evidence"].isna(),
    )
    shown = round_half_up(rows["computed_score"].astype("int64"), FEN)
    rows = rows.assign(difference=(rows["superior_score"].astype("int64") - shown).abs())
    rows = rows[rows["difference"] > 0]
    if rows.empty:
        return []
    rows = rows.assign(superior=rows["superior"].fillna(""))
    people = Groups(rows, ["superior", "month", "employee"])
    by_person = people.sum(ints(rows["difference"]))
    heads = rows[["superior", "month", "employee"]].take(people.first)
    groups = Groups(heads, ["superior", "month"])
    largest = np.maximum.reduceat(by_person[groups.order], groups.starts).tolist()
    counted = zip(
        heads["superior"].take(groups.first), heads["month"].take(groups.first),
        groups.sizes(), largest, strict=True,
    )  # fmt: skip
    return [
        Finding(
            "C116",
            f"employee:{superior}" if superior else "table:assessments",
            {"superior": superior, "month": month, "people": int(count), "difference": most},
        )
        for superior, month, count, most in counted
    ]


def _part(rows: pd.DataFrame, chosen: pd.Series) -> pd.DataFrame:
    """The chosen rows; mostly there are none, which costs next to nothing."""
    at = np.flatnonzero(chosen.to_numpy(dtype=bool))
    return rows.take(at) if len(at) else rows.iloc[:0]


def _months_without_actuals(scored: pd.DataFrame) -> list[str]:
    """The months in which no row with a data source has an actual."""
    known = scored["actual"][scored["has_data"]].notna().groupby(scored["month"]).any()
    return [str(month) for month in known.index[~known]]


def _by_month(rows: pd.DataFrame, code: str) -> list[Finding]:
    return [
        Finding(code, "table:actuals", {"month": first["month"], "people": people, "rows": count})
        for first, people, count in _counted(rows, ["month"])
    ]


def _by_post(rows: pd.DataFrame, code: str, **columns: str) -> list[Finding]:
    """One finding per month, post and indicator, with the number of people concerned."""
    place = "standard" if columns else "card"
    where = (f"{place}_file", f"{place}_sheet", f"{place}_row")
    found = []
    for first, people, _ in _counted(rows, _GROUP, [*columns.values(), *where]):
        values = {
            **{name: first[name] for name in _GROUP},
            "people": people,
            **{name: _plain(first[column]) for name, column in columns.items()},
        }
        found.append(Finding(code, f"post:{first['post']}", values, _source(first, where)))
    return found


def _by_superior(rows: pd.DataFrame, code: str) -> list[Finding]:
    if rows.empty:
        return []
    found = []
    filled = rows[["month", "employee"]].assign(superior=rows["superior"].fillna(""))
    for first, people, count in _counted(filled, ["month", "superior"]):
        superior = first["superior"]
        values = {"month": first["month"], "superior": superior, "rows": count, "people": people}
        subject = f"employee:{superior}" if superior else "table:assessments"
        found.append(Finding(code, subject, values))
    return found


def _counted(
    rows: pd.DataFrame, key: list[str], more: Sequence[str] = ()
) -> list[tuple[Row, int, int]]:
    """Per group, in the order of its key: its first row, how many people, how many rows."""
    if rows.empty:
        return []
    people = Groups(rows, [*key, "employee"])
    groups = Groups(rows[key].take(people.first), key)
    rows_of = groups.sum(people.sizes())
    first = np.minimum.reduceat(people.first, groups.starts)
    heads = _records(rows[[*key, *more]].take(first))
    return list(zip(heads, groups.sizes().tolist(), rows_of.tolist(), strict=True))


def _each(
    rows: pd.DataFrame,
    code: str,
    values: Callable[[Row], Mapping[str, Any]],
    place: tuple[str, str, str] | None = None,
    columns: Sequence[str] = (),
) -> list[Finding]:
    """One finding per row; ``values`` sees employee, month, ``place`` and the columns named."""
    if rows.empty:
        return []
    found = []
    kept = dict.fromkeys(["employee", "month", *columns, *(place or ())])
    for row in _records(rows[list(kept)]):
        filled = {name: _plain(value) for name, value in values(row).items()}
        where = _source(row, place) if place else Source()
        found.append(Finding(code, f"employee:{row['employee']}", filled, where))
    return found


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as plain mappings from column to value."""
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]


def _who(row: Row) -> dict[str, Any]:
    return {"month": row["month"], "employee": row["employee"]}


def _post_values(row: Row) -> dict[str, Any]:
    return {**_who(row), "post": row["post"]}


def _share_values(row: Row) -> dict[str, Any]:
    return {**_who(row), "share": row["month_share"]}


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
