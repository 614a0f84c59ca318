"""Who does what, who reports to whom, and what the absence of an element leads to."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.library.sheets import COMMITTEE_ROLES
from ecperf_kit.rules.in_force import cards, main_posts, people, start_month, words
from ecperf_kit.rules.organisation import committee_roles, linked_elements, team_size
from ecperf_kit.stages.judged import sentences
from ecperf_kit.stages.result import Sentence

#: Who takes over the part of a role nobody holds: no HR department, a tiny team (4.1).
_STANDS_IN = {"vice_leader": "leader", "secretary": "vice_leader", "member": "leader"}
_LIGHT_STEPS = ("targets", "results", "talk", "no_pay")


# -- the responsibility matrix ---------------------------------------------------------
def responsibilities(client: Client) -> pd.DataFrame:
    """One row per task, a column per committee role: A answers for it, R does it, C is
    asked, I is told; the first row names who holds the role.

    Where nobody holds a role its part goes to whoever stands in; finance has no
    stand-in, for somebody else must check the data (assessment method 4.1).
    """
    roles = committee_roles(client)
    members: dict[str, tuple[str, ...]] = dict(zip(roles["role"], roles["member"], strict=True))
    held = {name: bool(members[name]) for name in COMMITTEE_ROLES}
    goes_to = {name: _stand_in(name, held) for name in COMMITTEE_ROLES}
    first: dict[str, Any] = {"task": Sentence("organisation.raci.held_by")}
    for name in COMMITTEE_ROLES:
        first[name] = _holders(members[name])
    rows = [first]
    table = client.library.raci
    for task in table[table["client_kind"] == client.config.kind].to_dict("records"):
        letters: dict[str, set[str]] = {}
        for name in COMMITTEE_ROLES:
            letters.setdefault(goes_to[name], set()).update(task[name].split("/"))
        row: dict[str, Any] = {
            "task": Sentence("organisation.names.text", {"text": task[f"name_{client.language}"]})
        }
        for name in COMMITTEE_ROLES:
            row[name] = _part(letters.get(name, set()), held[name])
        rows.append(row)
    return pd.DataFrame({
        name: sentences(row[name] for row in rows) for name in ("task", *COMMITTEE_ROLES)
    })  # fmt: skip


def _holders(names: tuple[str, ...]) -> Sentence | None:
    """The first of several by name, the others by number: the committee's table has them all."""
    if len(names) > 2:
        values = {"first": names[0], "count": len(names), "more": len(names) - 1}
        return Sentence("organisation.names.several", values)
    return Sentence("organisation.names.plain", {"names": names}) if names else None


def _stand_in(role: str, held: dict[str, bool]) -> str:
    while not held[role] and role in _STANDS_IN:
        role = _STANDS_IN[role]
    return role


def _part(letters: set[str], held: bool) -> Sentence | None:
    """A before R; who answers or acts need not be asked or told as well."""
    strong = letters & {"A", "R"}
    shown = [name for name in "ARCI" if name in (strong or letters)]
    if not shown:
        return None
    shown = shown if strong else shown[:1]
    key = "letters" if held else "nobody"
    return Sentence(f"organisation.raci.{key}", {"letters": "/".join(shown)})


# -- the chart -------------------------------------------------------------------------
def org_chart(client: Client) -> pd.DataFrame:
    """The posts with people, by whom they report to: id, parent, label, persons, note.

    A node is a post in a department; its superior is whoever most of its people report to.
    """
    month = start_month(client)
    team = people(client, month)
    main = main_posts(team)
    team = team[team["post"] == team["employee"].map(main)].drop_duplicates("employee")
    team = team.assign(id=team["post"] + "@" + team["department"].fillna(""))
    of_person = dict(zip(team["employee"], team["id"], strict=True))
    held: dict[str, list[str]] = {}
    first: dict[str, tuple[str, str]] = {}
    for name, post, department, superior in zip(
        *(team[column] for column in ("id", "post", "department", "superior")), strict=True
    ):
        held.setdefault(name, []).append(of_person.get(superior, ""))
        first.setdefault(name, (post, department))
    rows = []
    for name, parents in held.items():
        above = Counter(sorted(parent for parent in parents if parent not in ("", name)))
        post, department = first[name]
        values = {"department": department, "persons": len(parents)}
        rows.append({
            "id": name, "parent": above.most_common(1)[0][0] if above else "", "label": post,
            "persons": len(parents), "note": Sentence("organisation.chart_note", values),
        })  # fmt: skip
    columns = ["id", "parent", "label", "persons", "note"]
    table = pd.DataFrame(rows, columns=columns)
    return table.astype({"id": "str", "parent": "str", "label": "str", "persons": "Int64"})


# -- symptoms and light mode -----------------------------------------------------------
def symptoms(client: Client) -> pd.DataFrame:
    """What a failing assessment looks like, and the elements whose absence brings it about
    (assessment method 2.0): likely where all of them are missing, possible where some are."""
    table = linked_elements(client)
    missing = set(table.loc[~table["in_place"], "element"])
    copied = len(cards(client)) > 0
    said: dict[str, list[Sentence | None]] = {"symptom": [], "elements": [], "missing": []}
    states = []
    for name in words(client, "symptom.names"):
        behind = words(client, f"symptom.{name}")
        gone = tuple(element for element in behind if element in missing)
        state = "likely" if len(gone) == len(behind) else "possible" if gone else "not_expected"
        if name == "copied" and (not copied or state == "possible"):
            state = "not_expected"  # a score table without anything else, or it is not copied
        states.append(state)
        said["symptom"].append(Sentence(f"organisation.symptom.{name}"))
        said["elements"].append(Sentence("organisation.names.label", {"names": behind}))
        named = Sentence("organisation.names.label", {"names": gone}) if gone else None
        said["missing"].append(named)
    found = pd.DataFrame({"state": states}, dtype="str")
    return found.assign(**{key: sentences(values) for key, values in said.items()})


def light_mode(client: Client) -> pd.DataFrame:
    """What a team of fewer than five does instead; empty for a larger one (assessment
    method 0)."""
    steps = _LIGHT_STEPS if team_size(client) else ()
    return pd.DataFrame({
        "what": sentences(Sentence(f"organisation.light.{name}.what") for name in steps),
        "how": sentences(Sentence(f"organisation.light.{name}.how") for name in steps),
    })  # fmt: skip
