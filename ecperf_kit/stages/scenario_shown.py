"""What a paper for many may tell of scenarios: never a sum that is a few people's by subtraction.

Sums are told one after another, scenario by scenario. Each is held against all that were
told before: where two of them differ in the pay of fewer people than may be shown
(``group.min_people``), their difference is those people's pay, and the later one is kept
back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import ints
from ecperf_kit.method.simulation import by_group
from ecperf_kit.rules.few import alike, fewest
from ecperf_kit.rules.in_force import mapped, people, plans
from ecperf_kit.rules.payees import may_sum, plan_of
from ecperf_kit.stages.beside_pages import differ, may_stand, sums_of_pilot
from ecperf_kit.stages.groups import may_show, named, shown_groups, shown_together
from ecperf_kit.stages.result import Sentence
from ecperf_kit.stages.scenarios import Outlook, in_the_pilot

#: How the groups are cut; "" is everybody.
CUTS = ("", "post", "department", "channel")


class Told:
    """The sums told so far, as what each person contributes to them (stored yuan)."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._least = fewest(client)
        self._told: dict[tuple[str, str], list[pd.Series]] = {}

    def sums(self, found: Outlook) -> bool:
        """Whether the sums over everybody in the months as they were may be told; they then are."""
        people = found.simulation.people
        if not len(people) or not self._safe_moves(people):
            return False
        sides = _sides(people)
        months = sorted(found.simulation.months["month"].unique())
        if not may_stand(self._client, sides, sums_of_pilot(self._client, months)):
            return False
        return self._tell(("", ""), *sides)

    def at(self, found: Outlook, place: int) -> bool:
        """The same of the sums at an attainment, the row ``place`` of ``costs``.

        At an attainment (all rows but the first) everybody on a known plan is paid what
        follows from it: less these the sums must not be too few people's.
        """
        paid = found.reached[place]
        if not len(paid) or not self._safe_moves(paid):
            return False
        if place and not may_sum(self._client, self._plans(paid)):
            return False
        return self._tell(("", ""), *_sides(paid))

    def pilot(self, found: Outlook) -> bool:
        """The same of what a pilot that pays the higher of both costs."""
        people = found.simulation.people
        return len(people) > 0 and self._tell(("", ""), *_sides(people), in_the_pilot(found))

    def groups(self, found: Outlook) -> pd.DataFrame:
        """People and money by group; columns as of ``by_group`` with ``cut``.

        Posts, departments and channels of too few people are left out or merged, and so
        is every group that would tell, by subtraction from the others, what too few people
        get or what their pay changes by; ``group`` is a sentence. A cut in which a group
        differs from an earlier scenario's by too few people is left out whole.
        """
        people = found.simulation.people
        parts = [self._cut(people, cut) for cut in CUTS]
        groups = pd.concat(parts, ignore_index=True)
        masks = list(groups.pop("mask"))
        moved = (people["change"] != 0).to_numpy(dtype=bool)
        keep = np.array([mask.any() for mask in masks], dtype=bool)
        keep &= np.array(shown_together(masks, moved, self._least), dtype=bool)
        keep &= ~np.array([_paid_alike(self._client, people[mask]) for mask in masks], dtype=bool)
        _leave_nobody_alone(self._client, people, groups["cut"], masks, keep)
        for cut in dict.fromkeys(groups["cut"]):
            about = "" if cut == "all" else cut
            at = np.flatnonzero((groups["cut"] == cut).to_numpy(dtype=bool) & keep)
            vectors = {
                (about, str(groups["key"].iloc[place])): _sides(people[masks[place]])
                for place in at
            }
            if all(self._may(key, *two) for key, two in vectors.items()):
                for key, two in vectors.items():
                    self._told.setdefault(key, []).extend(two)
            else:
                keep[at] = False
        return groups[keep].drop(columns="key").reset_index(drop=True)

    def _cut(self, people: pd.DataFrame, cut: str) -> pd.DataFrame:
        if cut == "post":
            people = people.assign(post=shown_groups(self._client, people))
        table = by_group(people, cut)
        told = [may_show(group) if cut == "post" else True for group in table["group"]]
        of = people[cut] if cut else pd.Series("", index=people.index)
        masks = [
            ((of.isna() if pd.isna(group) else of == group) & may).to_numpy(dtype=bool)
            for group, may in zip(table["group"], told, strict=True)
        ]
        names = [_named(cut, group) for group in table["group"]]
        return table.assign(
            key=table["group"].fillna("").astype("str"),
            group=pd.Series(names, dtype="object"),
            cut=cut or "all",
            mask=pd.Series(masks, dtype="object"),
        )

    def _plans(self, paid: pd.DataFrame) -> pd.Series:
        """The pay plan of each person of a sum; missing for who has left since."""
        team = people(self._client).drop_duplicates("employee")
        plan = plan_of(team, plans(self._client))
        return mapped(paid["employee"], plan.set_axis(team["employee"]))

    def _safe_moves(self, people: pd.DataFrame) -> bool:
        """Not where there are too few people, or so few whose pay moves that the sum is theirs,
        or where all are paid the same."""
        if _paid_alike(self._client, people):
            return False
        moved = (people["before"] != people["after"]).to_numpy(dtype=bool, na_value=True)
        return shown_together([np.ones(len(people), bool)], moved, self._least)[0]

    def _tell(self, key: tuple[str, str], *vectors: pd.Series) -> bool:
        if not self._may(key, *vectors):
            return False
        self._told.setdefault(key, []).extend(vectors)
        return True

    def _may(self, key: tuple[str, str], *vectors: pd.Series) -> bool:
        known = [*self._told.get(key, ()), *vectors]
        new = range(len(known) - len(vectors), len(known))
        return not any(
            0 < differ(known[earlier], known[later]) < self._least
            for later in new
            for earlier in range(later)
        )


def _paid_alike(client: Client, people: pd.DataFrame) -> bool:
    """Whether a sum over these people tells each one's pay."""
    return alike(client, people["before"]) or alike(client, people["after"])


def _leave_nobody_alone(
    client: Client,
    people: pd.DataFrame,
    cuts: pd.Series,
    masks: Sequence[np.ndarray],
    keep: np.ndarray,
) -> None:
    """Leaves the smallest groups of a cut out until what everybody's sum less the groups kept
    gives is not the pay of people who are all paid the same."""
    for cut in dict.fromkeys(cuts):
        there = np.flatnonzero((cuts == cut).to_numpy()).tolist()
        at = sorted(there, key=lambda i: int(masks[i].sum()))
        for place in at:
            kept = [masks[i] for i in at if keep[i]]
            if not kept or not _paid_alike(client, people[~np.any(kept, axis=0)]):
                break
            keep[place] = False


def _sides(people: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    names = people["employee"].to_numpy()
    return (
        pd.Series(ints(people["before"]), index=names),
        pd.Series(ints(people["after"]), index=names),
    )


def _named(cut: str, group: Any) -> Sentence:
    if not cut:
        return Sentence("scenario.everybody")
    if cut == "post":
        return named(group)
    if pd.isna(group) or not group:
        return Sentence("scenario.no_channel")
    return Sentence(f"scenario.{cut}", {cut: str(group)})
