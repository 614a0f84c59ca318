"""Will and skill: who wants but cannot, what that person is worth, and what to do about it.

Assessment method 2.5: judge the value of those who want but cannot, then decide on
enablement. Skill is computed from the scores; will and value are rated in the talk by
the superior (``interviews.will`` and ``interviews.value``) and never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, multiply_divide
from ecperf_kit.method.in_force import month_end
from ecperf_kit.method.keys import Groups
from ecperf_kit.rules.few import fewest
from ecperf_kit.rules.in_force import number
from ecperf_kit.stages.judged import sentences
from ecperf_kit.stages.result import Level, Sentence, Verdict

CAN, CANNOT = "can", "cannot"
_WILLS = ("strong", "weak", "open")
#: Cells in the order of what is to be decided: those who want but cannot come first.
CELLS = (
    "cannot_strong", "cannot_weak", "can_weak", "cannot_open", "can_open", "can_strong",
)  # fmt: skip
_REST = "rest"
_YEAR = 12


def people(client: Client, totals: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """One row per person with a total who is still there, in the order of ``CELLS``, lowest
    mean first.

    employee, post, superior, mean and trend (last total less the first, NA with a single
    one), reached (share of the rows that met their standard), service (whole months since
    hiring), will and value as last rated, cell, advice. ``totals`` and ``rows`` (with
    ``reached``) are those of the months looked at.
    """
    last = str(totals["month"].max()) if len(totals) else ""
    there = totals["total"].notna() & ~totals["employee"].isin(_gone(client, last))
    known = totals.loc[there, ["employee", "post", "superior", "total"]]
    scores: dict[str, list[int]] = {}
    where: dict[str, tuple[Any, Any]] = {}
    columns = (known[name].tolist() for name in ("employee", "post", "superior", "total"))
    for employee, post, superior, total in zip(*columns, strict=True):
        scores.setdefault(employee, []).append(int(total))
        where[employee] = (post, superior)
    rated = {name: _last_rated(client, name, last) for name in ("will", "value")}
    reached, service = _reached(rows), _service(client, last)
    wanted = number(client, "grid.skill_score")
    found = []
    for employee, own in scores.items():
        mean = (2 * sum(own) + len(own)) // (2 * len(own))  # half-up; totals are never below 0
        will, value = rated["will"].get(employee), rated["value"].get(employee)
        cell = f"{CAN if mean >= wanted else CANNOT}_{will or 'open'}"
        found.append(
            {
                "employee": employee,
                "post": where[employee][0],
                "superior": where[employee][1],
                "mean": mean,
                "trend": own[-1] - own[0] if len(own) > 1 else None,
                "reached": reached.get(employee),
                "service": service.get(employee),
                "will": will,
                "value": value,
                "cell": cell,
            }
        )
    found.sort(key=lambda r: (CELLS.index(r["cell"]), r["mean"], r["employee"]))
    table = pd.DataFrame(found, columns=_PERSON)
    table = table.astype({name: "Int64" for name in ("mean", "trend", "reached", "service")})
    return table.assign(advice=sentences(map(_advice, found), table.index))


_PERSON = [
    "employee", "post", "superior", "mean", "trend", "reached", "service", "will", "value", "cell",
]  # fmt: skip


def _advice(row: Mapping[str, Any]) -> Sentence:
    """What the cell asks for; who wants but cannot is helped by what the person is worth.

    Who may apply for promotion is not said here: that is for the gates of ``rules.merit``.
    """
    if row["cell"] == "can_strong" and row["value"] == "not_worth":
        return Sentence("grid.advice.can_strong_doubted")
    if row["cell"] != CELLS[0]:
        return Sentence(f"grid.advice.{row['cell']}")
    return Sentence(f"grid.enable.{row['value'] or 'open'}")


def _gone(client: Client, last: str) -> list[str]:
    """Who left by the end of a month: nothing is to be decided about them any more."""
    staff = client.table("employees")
    return [] if not last else staff.loc[staff["left"] <= month_end(last), "employee"].tolist()


def _last_rated(client: Client, name: str, last: str) -> dict[str, str]:
    """The newest rating of each person up to a month."""
    talks = client.table("interviews")
    talks = talks[talks[name].notna() & (talks["period"] <= last)]
    talks = talks[["employee", "period", name]].sort_values("period", kind="stable")
    return dict(zip(talks["employee"], talks[name], strict=True))


def _reached(rows: pd.DataFrame) -> dict[str, int]:
    """The share of each person's scored rows that met the standard."""
    groups = Groups(rows, ["employee"])
    names = rows["employee"].take(groups.first)
    known = rows["row_score"].notna().to_numpy() & rows["reached"].notna().to_numpy()
    hit = rows["reached"].to_numpy(dtype=bool, na_value=False) & known
    done, whole = groups.sum(hit), groups.sum(known)
    shares = multiply_divide(done, MILLION, np.maximum(whole, 1))
    return {str(n): int(s) for n, s, of in zip(names, shares, whole, strict=True) if of}


def _service(client: Client, last: str) -> dict[str, int]:
    """Whole months of service at the end of a month."""
    staff = client.table("employees")
    staff = staff[staff["hired"].notna()]
    if not last:
        return {}
    until = month_end(last) + pd.Timedelta(days=1)
    hired = staff["hired"].dt
    months = (until.year - hired.year) * _YEAR + until.month - hired.month
    months -= (hired.day > until.day).astype("int64")
    return {str(name): int(m) for name, m in zip(staff["employee"], months, strict=True)}


# -- tables -------------------------------------------------------------------------------
def grid(table: pd.DataFrame) -> pd.DataFrame:
    """The grid itself: a row per skill, a column per will, each cell with its people."""
    found = {}
    for will in _WILLS:
        cells = [table.loc[table["cell"] == f"{skill}_{will}", "employee"] for skill in _SKILLS]
        found[will] = sentences(
            Sentence("grid.people", {"people": tuple(cell), "count": len(cell)})
            if len(cell) else None
            for cell in cells
        )  # fmt: skip
    skills = sentences(Sentence(f"grid.skill.{skill}") for skill in _SKILLS)
    frame = pd.DataFrame({"skill": skills, **found})
    return frame if len(table) else frame[:0]


_SKILLS = (CAN, CANNOT)


def counts(client: Client, table: pd.DataFrame) -> pd.DataFrame:
    """How many people each cell has, for everybody: cell, people, advice.

    Cells with fewer than ``group.min_people`` are added up; where these are too few
    together, the smallest other cell goes with them. Nothing is shown where all would
    be in one group: that would tell of everybody.
    """
    sizes = table["cell"].value_counts()
    shown = shown_cells({c: int(sizes.get(c, 0)) for c in CELLS}, fewest(client))
    return pd.DataFrame(
        {
            "cell": sentences(Sentence(f"grid.cell.{cell}") for cell in shown),
            "people": pd.Series(list(shown.values()), dtype="Int64"),
            "advice": sentences(
                None if cell == _REST else Sentence(f"grid.advice.{cell}") for cell in shown
            ),
        }
    )


def shown_cells(sizes: Mapping[str, int], least: int) -> dict[str, int]:
    """The cells that may be shown with their sizes, the others together as ``rest``."""
    large = {cell: size for cell, size in sizes.items() if size >= least}
    rest = sum(size for cell, size in sizes.items() if cell not in large)
    if 0 < rest < least and large:
        smallest = min(reversed(large), key=lambda cell: large[cell])
        rest += large.pop(smallest)
    shown = large | ({_REST: rest} if rest else {})
    return shown if len(shown) > 1 else {}


# -- verdict ------------------------------------------------------------------------------
def verdict(client: Client, table: pd.DataFrame) -> Verdict:
    """Whose will is rated; how many want but cannot, where so many may be shown."""
    rated = int(table["will"].notna().sum())
    sizes = table["cell"].value_counts()
    shown = shown_cells({c: int(sizes.get(c, 0)) for c in CELLS}, fewest(client))
    values = {"rated": rated, "people": len(table), "enable": shown.get(CELLS[0])}
    level: Level = "unknown" if not rated else "watch" if rated < len(table) else "fine"
    said = "none" if not rated else "rated" if values["enable"] is None else "enable"
    if CELLS[0] in shown:
        level = "watch"
    found = Sentence(f"grid.found.{said}", values)
    return Verdict("grid.question", level, found, None, Sentence("grid.sure"))


def together(client: Client, table: pd.DataFrame) -> Mapping[str, pd.DataFrame]:
    """The three tables of the grid: cells with names, people with advice, open counts."""
    columns: Sequence[str] = [*_PERSON, "advice"]
    return {"grid": grid(table), "grid_people": table[list(columns)],
            "grid_counts": counts(client, table)}  # fmt: skip
