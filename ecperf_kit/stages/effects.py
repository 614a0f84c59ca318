"""The effect report: two aims and six effects on the firm, each with evidence and a verdict.

Assessment method 1. An effect is shown where each of its measures is beyond the upper
bound of the library, partly where one of them is beyond a bound, else not yet; measures
without data count as not yet, and say what is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.method.calculate import Calculation
from ecperf_kit.stages import effect_measures as cost
from ecperf_kit.stages import effect_sharing as sharing
from ecperf_kit.stages.effect_measures import Looked, Measure
from ecperf_kit.stages.judged import sentences
from ecperf_kit.stages.result import Level, Sentence, Verdict

SHOWN, PARTLY, NOT_YET = "shown", "partly", "not_yet"
Way = Callable[[Looked], Measure | None]
#: The measures of the first aim itself, and of each of the six effects, in their order.
MEASURES: Mapping[str, tuple[Way, ...]] = {
    "lower_cost": (cost.plan_amount, cost.cost_pace),
    "shared_target": (cost.cells_planned, cost.cells_attained),
    "post_targets": (cost.posts_with_standards, cost.cards_signed),
    "problems_seen": (cost.problems_agreed, cost.misses_closed, cost.appeals_settled),
    "shared_result": (sharing.people_sharing, sharing.payout_on_plan),
    "team_growth": (sharing.points_regained, sharing.gap_closed, sharing.trained),
    "stable_management": (sharing.steps_on_time, sharing.duties_signed, sharing.staff_kept),
}
#: The two aims, each with the effects that serve it.
AIMS: Mapping[str, tuple[str, ...]] = {
    "aim_cost": ("shared_target", "post_targets", "problems_seen"),
    "aim_sharing": ("shared_result", "team_growth", "stable_management"),
}
#: What an aim as a whole is judged by: measures of its own, or those of its main effects.
_WHOLE = {"aim_cost": ("lower_cost",), "aim_sharing": ("shared_result", "team_growth")}
_COLUMNS = ("effect", "measure", "done", "of", "share", "wanted", "level", "note")


@dataclass(frozen=True, slots=True)
class Judged:
    """A measure with its bounds and verdict: shown | partly | not_yet."""

    effect: str
    name: str
    measure: Measure
    partly: int
    wanted: int
    level: str


@dataclass(frozen=True, slots=True)
class Effects:
    """The evidence by effect, in order, and the months it was taken from."""

    months: tuple[str, ...]
    judged: Mapping[str, tuple[Judged, ...]]

    def level(self, *effects: str) -> str:
        """The verdict on the measures of these effects together."""
        levels = {one.level for effect in effects for one in self.judged[effect]}
        if not levels or levels == {NOT_YET}:
            return NOT_YET
        return SHOWN if levels == {SHOWN} else PARTLY

    @property
    def counts(self) -> dict[str, int]:
        """How many of the six effects are shown, partly shown, not yet shown."""
        levels = [self.level(effect) for effects in AIMS.values() for effect in effects]
        return {name: levels.count(name) for name in (SHOWN, PARTLY, NOT_YET)}


def effects(client: Client, calculation: Calculation, rows: pd.DataFrame) -> Effects:
    """All effects over the months of a calculation, whose scored rows have reached and lost."""
    look = Looked(client, calculation, rows)
    found = {}
    for effect, ways in MEASURES.items():
        measured = [(way.__name__, way(look)) for way in ways]
        found[effect] = tuple(
            _judged(client, effect, name, measure)
            for name, measure in measured
            if measure is not None
        )
    return Effects(look.months, found)


def _judged(client: Client, effect: str, name: str, measure: Measure) -> Judged:
    partly, wanted = _bounds(client, name)
    level = NOT_YET
    if measure.share is not None and measure.counts and measure.share >= partly:
        level = SHOWN if measure.share >= wanted else PARTLY
    return Judged(effect, name, measure, partly, wanted, level)


def _bounds(client: Client, name: str) -> tuple[int, int]:
    value = client.threshold(f"effect.{name}")
    if not isinstance(value, tuple) or len(value) != 2:
        raise TypeError(f"threshold effect.{name} takes two numbers")
    return int(value[0]), int(value[1])


# -- tables -------------------------------------------------------------------------------
def tables(found: Effects) -> dict[str, pd.DataFrame]:
    """``effects``, the glance over aims and effects, and the evidence under each aim."""
    frames = {"effects": glance(found)}
    for aim, own in AIMS.items():
        whole = tuple(name for name in _WHOLE[aim] if name not in own)
        frames[aim] = _evidence([one for name in (*whole, *own) for one in found.judged[name]])
    return frames


def glance(found: Effects) -> pd.DataFrame:
    """One row per aim and effect: name, level, evidence, to_show."""
    rows = []
    for aim, own in AIMS.items():
        rows.append(_aim_row(found, aim))
        for effect in own:
            rows.append(_row(f"effects.effect.{effect}", found.level(effect),
                             found.judged[effect]))  # fmt: skip
    columns = {name: [row[name] for row in rows] for name in ("name", "evidence", "to_show")}
    frame = pd.DataFrame({name: sentences(values) for name, values in columns.items()})
    return frame.assign(level=[row["level"] for row in rows])


def _aim_row(found: Effects, aim: str) -> dict[str, Any]:
    """An aim by its own measures, or by the verdicts on its main effects below it."""
    names, level = _WHOLE[aim], found.level(*_WHOLE[aim])
    if not set(names) & set(AIMS[aim]):
        judged = [one for name in names for one in found.judged[name]]
        return _row(f"effects.aim.{aim}", level, judged)
    said = (
        Sentence("effects.level_of", {"effect": Sentence(f"effects.effect.{name}"),
                                      "level": Sentence(f"level.{found.level(name)}")})
        for name in names
    )  # fmt: skip
    to_show = None if level == SHOWN else Sentence("effects.to_show.below")
    return {"name": Sentence(f"effects.aim.{aim}"), "level": level, "evidence": _joined(said),
            "to_show": to_show}  # fmt: skip


def _row(name: str, level: str, judged: Sequence[Judged]) -> dict[str, Any]:
    known = [one for one in judged if one.measure.share is not None]
    open_ = [one for one in judged if one.level != SHOWN]
    said = _joined(_said(one) for one in known) if known else Sentence("effects.no_evidence")
    return {
        "name": Sentence(name),
        "level": level,
        "evidence": said,
        "to_show": _joined(map(_wanted, open_)) if open_ else None,
    }


def _said(one: Judged) -> Sentence:
    values = {"measure": _name(one), "done": one.measure.done, "of": one.measure.of,
              "share": one.measure.share}  # fmt: skip
    return Sentence(f"effects.said.{'share' if one.measure.of is None else 'count'}", values)


def _wanted(one: Judged) -> Sentence:
    """What would show it: the data that are missing, real pay, or a higher share."""
    if one.measure.share is None:
        return Sentence("effects.to_show.data", {"measure": _name(one), "why": one.measure.note})
    if not one.measure.counts:
        return Sentence("effects.to_show.paid", {"measure": _name(one), "wanted": one.wanted})
    return Sentence("effects.to_show.more", {"measure": _name(one), "wanted": one.wanted})


def _name(one: Judged) -> Sentence:
    return Sentence(f"effects.measure.{one.name}")


def _joined(parts: Iterable[Sentence]) -> Sentence:
    return reduce(lambda a, b: Sentence("effects.then", {"first": a, "next": b}), parts)


def _evidence(judged: Sequence[Judged]) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "effect": sentences(Sentence(f"effects.effect.{one.effect}") for one in judged),
            "measure": sentences(_name(one) for one in judged),
            "done": pd.Series([one.measure.done for one in judged], dtype="Int64"),
            "of": pd.Series([one.measure.of for one in judged], dtype="Int64"),
            "share": pd.Series([one.measure.share for one in judged], dtype="Int64"),
            "wanted": pd.Series([one.wanted for one in judged], dtype="Int64"),
            "level": [one.level for one in judged],
            "note": sentences(one.measure.note for one in judged),
        }
    )
    return frame[list(_COLUMNS)]


# -- verdict ------------------------------------------------------------------------------
def verdict(found: Effects) -> Verdict:
    """The conclusion on page one: how many of the six effects are shown, and the two aims."""
    aims = {aim: found.level(*_WHOLE[aim]) for aim in AIMS}
    level: Level = "unknown"
    said = Sentence("effects.no_evidence")
    if found.months:
        words = {aim: Sentence(f"level.{name}") for aim, name in aims.items()}
        said, level = Sentence("effects.conclusion", {**found.counts, **words}), _level(found, aims)
    sure = Sentence("effects.sure", {"months": len(found.months)})
    return Verdict("effects.question", level, said, None, sure)


def _level(found: Effects, aims: Mapping[str, str]) -> Level:
    whole = found.counts[SHOWN] == sum(map(len, AIMS.values())) and set(aims.values()) == {SHOWN}
    return "fine" if whole else "watch"
