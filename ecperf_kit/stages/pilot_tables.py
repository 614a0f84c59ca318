"""The tables of the pilot stage: business, pay before and after, bridge, lateness, scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ecperf_kit.method.bridge import share_of
from ecperf_kit.method.comparison import BINS
from ecperf_kit.rules.few import alike, fewest
from ecperf_kit.rules.in_force import number
from ecperf_kit.rules.pilot import Pilot, graded_pay, may_tell, mean
from ecperf_kit.rules.pilot_business import business, growth
from ecperf_kit.rules.pilot_data import bridges, commission_effects, worst_bridge
from ecperf_kit.rules.pilot_process import pilot_lateness
from ecperf_kit.stages import pilot_score_tables as score_tables
from ecperf_kit.stages.beside_pages import by_person, may_stand
from ecperf_kit.stages.groups import may_show, named, shown_groups, shown_together
from ecperf_kit.stages.judged import sentences
from ecperf_kit.stages.pilot_repairs import Trial, one_share
from ecperf_kit.stages.pilot_score_tables import (
    mean_coefficient,
    mean_of_different,
    stored_frame,
)
from ecperf_kit.stages.result import Sentence, StageTable, stage_table

STAGE = "pilot"
_BRIDGE = (
    ("backend_sales", 1, "total"),
    ("non_genuine", -1, "moved"),
    ("refunds", -1, "moved"),
    ("coupons_fees", -1, "moved"),
    ("cut_off", -1, "moved"),
    ("unexplained", -1, "moved"),
    ("finance_sales", 1, "total"),
)


def tables(pilot: Pilot, trials: Sequence[Trial]) -> dict[str, StageTable]:
    """Every table of the stage by name."""
    frames = {
        "business": growth(business(pilot)).sort_values(["channel", "indicator"], ascending=False),
        "pay_by_month": _pay_by_month(pilot),
        "pay_bins": _pay_bins(pilot),
        "pay_by_post": _pay_by_post(pilot),
        "causes": _causes(pilot, trials),
        "repair_trial": _repair_trial(pilot, trials),
        "bridge": _bridge(pilot),
        "bridge_months": _bridge_months(pilot),
        "lateness": _lateness(pilot),
        "superiors": score_tables.superiors(pilot),
        "score_strips": score_tables.score_strips(pilot),
        "scores_by_post": score_tables.scores_by_post(pilot),
        "scores": score_tables.scores(pilot),
        "pay_by_person": graded_pay(pilot),
        "repair_persons": _repair_persons(trials),
        "commission_effect": commission_effects(pilot).sort_values(["month", "employee"]),
    }
    return {name: stage_table(STAGE, name, frame) for name, frame in frames.items()}


# -- pay -----------------------------------------------------------------------
def evidence_month(pilot: Pilot) -> str:
    """The month in which most people lose clearly; without any, the last one."""
    lost = pilot.pay[pilot.pay["bin"] == BINS[0]]
    if lost.empty:
        return pilot.months[-1]
    table = lost.groupby("month").agg(people=("employee", "size"), change=("change_share", mean))
    ordered = table.sort_values(["people", "change"], ascending=[False, True], kind="stable")
    return str(ordered.index[0])


def _known(pilot: Pilot) -> pd.DataFrame:
    return pilot.pay[pilot.pay["change"].notna()]


def _pay_by_month(pilot: Pilot) -> pd.DataFrame:
    table = (
        _known(pilot)
        .groupby("month", as_index=False)
        .agg(persons=("employee", "nunique"), before=("before", "sum"), after=("after", "sum"))
    )
    few = _withheld(pilot, table) | ~table["month"].isin(_side_by_side(pilot, table))
    few |= table["month"].isin(_all_alike(pilot, _known(pilot).groupby("month")))
    table["amount"] = table["after"] - table["before"]
    table["change"] = share_of(table["amount"], table["before"])
    for name in ("before", "after", "amount", "change"):
        table[name] = table[name].astype("Int64").mask(few)
    return table


def _withheld(pilot: Pilot, months: pd.DataFrame) -> pd.Series:
    """The months whose sums are not shown: where too few people are in it or too few people's
    pay moves; and where these are too few together, so that the sum of the pilot less the
    other months would be theirs, the smallest others with them."""
    known = _known(pilot)
    there, moved = (
        part.groupby("month")["employee"].agg(set).to_dict()
        for part in (known, known[known["change"] != 0])
    )

    def may(together: Sequence[str]) -> bool:
        sizes = [len(set().union(*(of.get(m, ()) for m in together))) for of in (there, moved)]
        return may_tell(pilot.client, *sizes)

    by_size = months.sort_values("persons", kind="stable")["month"].tolist()
    hidden = [month for month in by_size if not may([month])]
    for month in [month for month in by_size if month not in hidden]:
        if not hidden or may(hidden):
            break
        hidden.append(month)
    return months["month"].isin(hidden)


def _side_by_side(pilot: Pilot, months: pd.DataFrame) -> list[str]:
    """The months whose sums may stand beside each other, the one of the evidence first.

    Where only one or two people's pay is another in one month than in the other (somebody
    left, joined or was on leave), the difference of the two sums is theirs.
    """
    known, first = _known(pilot), evidence_month(pilot)
    shown: list[str] = []
    told: dict[str, list[pd.Series]] = {"before": [], "after": []}
    for month in sorted(months["month"], key=lambda each: (each != first, each)):
        of_month = known[known["month"] == month]
        own = {name: by_person(of_month, name) for name in told}
        if all(may_stand(pilot.client, [own[name]], told[name]) for name in told):
            shown.append(month)
            for name, sums in told.items():
                sums.append(own[name])
    return shown


def _pay_bins(pilot: Pilot) -> pd.DataFrame:
    month = evidence_month(pilot)
    there = _known(pilot)
    there = there[there["month"] == month]
    if len(there) < fewest(pilot.client):  # how one or two people's pay moves is theirs
        return stored_frame([], "count").reindex(columns=["month", "label", "count"])
    counts = there["bin"].value_counts()
    limit = {"limit": 100 * number(pilot.client, "pay_gap.small_change")}  # in per cent
    rows = [
        {
            "month": month,
            "label": Sentence(f"pilot.bin.{name}", limit),
            "count": counts.get(name, 0),
        }
        for name in BINS
    ]
    return stored_frame(rows, "count")


def _pay_by_post(pilot: Pilot) -> pd.DataFrame:
    month = evidence_month(pilot)
    table = graded_pay(pilot)
    table = table[(table["month"] == month) & table["change"].notna()]
    group = shown_groups(pilot.client, table)
    rows = []
    safe = _safe_groups(pilot, table, group)
    same = _all_alike(pilot, table.groupby(group))
    _not_alone(pilot, table, group, same, safe)
    for name, part in table.groupby(group, sort=False):
        before, after = mean(part["before"]), mean(part["after"])
        shown = may_show(str(name)) and safe[str(name)]
        told = shown and name not in same
        change = one_share(after - before, before)
        rows.append({
            "month": month,
            "label": named(str(name), every=group.nunique() == 1),
            "persons": part["employee"].nunique(),
            "before": before if told else None,
            "after": after if told else None,
            "change": change if shown else None,
            "level": _pay_level(pilot, part, change) if shown else "unknown",
        })  # fmt: skip
    table = stored_frame(rows, "persons before after change")
    return (
        table.sort_values("change", kind="stable")
        if len(table)
        else table.reindex(
            columns=["month", "label", "persons", "before", "after", "change", "level"]
        )
    )


def _all_alike(pilot: Pilot, groups: Any) -> list[str]:
    """The groups in which everybody had, or has, the same pay: their mean is each one's."""
    return [str(name) for name, part in groups if _paid_alike(pilot, part)]


def _paid_alike(pilot: Pilot, people: pd.DataFrame) -> bool:
    return alike(pilot.client, people["before"]) or alike(pilot.client, people["after"])


def _not_alone(
    pilot: Pilot, table: pd.DataFrame, group: pd.Series, same: Sequence[str], safe: dict[str, bool]
) -> None:
    """Leaves the smallest other groups out of ``safe`` until what the month's sum less the
    groups shown gives is not the pay of people who are all paid the same."""
    sizes = group.value_counts().sort_index().sort_values(kind="stable")
    for name in sizes.index:
        hidden = [n for n in sizes.index if n in same or not (safe[n] and may_show(n))]
        rest = table[group.isin(hidden)]
        if not _paid_alike(pilot, rest):
            return
        safe[name] = safe[name] and name in same


def _safe_groups(pilot: Pilot, table: pd.DataFrame, group: pd.Series) -> dict[str, bool]:
    """Which groups' means tell, beside the month's sum and each other, no single person's pay
    or its change; whole posts go first, for findings speak of them."""
    size = group.value_counts().to_dict()
    names = sorted(map(str, size), key=lambda n: (not n.startswith("post:"), -size[n], n))
    masks = [np.ones(len(table), dtype=bool)]
    masks += [(group == name).to_numpy(dtype=bool) for name in names]
    moved = (table["change"] != 0).to_numpy(dtype=bool)
    told = shown_together(masks, moved, fewest(pilot.client))
    return dict(zip(names, told[1:], strict=True))


def _pay_level(pilot: Pilot, part: pd.DataFrame, change: int | None) -> str:
    if part["grade"].isin(["fall_red", "rise_red"]).any():
        return "change"
    moved = change is not None and abs(change) > number(pilot.client, "pay_gap.group")
    return "watch" if moved or (part["grade"] == "watched").any() else "fine"


# -- repairs ---------------------------------------------------------------------
def _shown_trials(pilot: Pilot, trials: Sequence[Trial]) -> list[Trial]:
    return [t for t in trials if len(t.people) >= fewest(pilot.client)]


def _causes(pilot: Pilot, trials: Sequence[Trial]) -> pd.DataFrame:
    rows = []
    for trial in _shown_trials(pilot, trials):
        before, told = mean(trial.before), not _same_pay(pilot, trial)
        for _, part in trial.causes.groupby("order", sort=True):
            amount = mean(part["amount"])
            share = one_share(amount, before)
            rows.append({
                "post": trial.post, "month": trial.month, "cause": part["cause"].iloc[0],
                "amount": amount if told else None, "share": share,
            })  # fmt: skip
    table = stored_frame(rows, "amount share")
    return table.reindex(columns=["post", "month", "cause", "amount", "share"])


def _repair_trial(pilot: Pilot, trials: Sequence[Trial]) -> pd.DataFrame:
    rows = []
    for trial in _shown_trials(pilot, trials):
        told = not _same_pay(pilot, trial)
        for _, part in trial.results.groupby("step", sort=True):
            rows.append({
                "post": trial.post,
                "month": trial.month,
                "persons": len(part),
                "repair": part["repair"].iloc[0],
                "score": mean_of_different(pilot, part["score"]),
                "coefficient": mean_coefficient(pilot, part),
                "pay": mean_of_different(pilot, part["pay"]) if told else None,
                "change": trial.change(int(part["step"].iloc[0])),
            })  # fmt: skip
    columns = ["post", "month", "persons", "repair", "score", "coefficient", "pay", "change"]
    return stored_frame(rows, "persons score coefficient pay change").reindex(columns=columns)


def _same_pay(pilot: Pilot, trial: Trial) -> bool:
    """Whether all were paid the same before or in the month: with the changes shown, any amount
    of the trial would tell each one's pay."""
    now = trial.results[trial.results["step"] == trial.results["step"].min()]
    return alike(pilot.client, trial.before) or alike(pilot.client, now["pay"])


def _repair_persons(trials: Sequence[Trial]) -> pd.DataFrame:
    columns = ["employee", "month", "repair", "score", "coefficient", "pay", "change"]
    found = []
    for trial in trials:
        before = trial.before.reindex(trial.results["employee"].to_numpy())
        before.index = trial.results.index
        change = share_of((trial.results["pay"] - before).astype("Int64"), before)
        found.append(trial.results.assign(month=trial.month, change=change)[columns])
    empty = pd.DataFrame(columns=columns)
    table = pd.concat(found, ignore_index=True) if found else empty
    return table.sort_values("employee", kind="stable")


# -- data ------------------------------------------------------------------------
def _bridge(pilot: Pilot) -> pd.DataFrame:
    worst = worst_bridge(pilot)
    columns = ["channel", "month", "label", "amount", "role"]
    if worst is None:
        return stored_frame([], "amount").reindex(columns=columns)
    rows = []
    for name, sign, role in _BRIDGE:
        value = worst[name]
        if role == "moved" and (pd.isna(value) or value == 0):
            continue
        rows.append({
            "channel": worst["channel"], "month": worst["month"], "label": name,
            "amount": sign * int(value), "role": role,
        })  # fmt: skip
    return stored_frame(rows, "amount").reindex(columns=columns)


def _bridge_months(pilot: Pilot) -> pd.DataFrame:
    table = bridges(pilot)
    red, yellow = (number(pilot.client, f"data_truth.{name}") for name in ("red", "yellow"))
    share = table["unexplained_share"].abs()
    level = pd.Series("fine", index=table.index, dtype="str")
    level = level.mask((share > yellow).fillna(False).astype(bool), "watch")
    bad = (share > red).fillna(False) | (
        table["non_genuine"] > number(pilot.client, "data_truth.non_genuine_max")
    ).fillna(False)
    level = level.mask(bad.astype(bool), "change").mask(share.isna(), "unknown")
    return table.assign(level=level)


# -- process -----------------------------------------------------------------------
def _lateness(pilot: Pilot) -> pd.DataFrame:
    """Steps that were late at least once first, by how late they were; months in order."""
    table = pilot_lateness(pilot)
    key = [table["department"], table["step"]]
    total = table["late"].fillna(0).groupby(key).transform("sum")
    said = [
        Sentence(
            "pilot.lateness_row",
            {"department": department, "step": Sentence(f"organisation.deadline.{step}")},
        )
        for department, step in zip(table["department"], table["step"], strict=True)
    ]
    table = table.assign(row=sentences(said, table.index), value=table["late"], total=total)
    order = ["total", "order", "department", "month"]
    return table.sort_values(order, ascending=[False, True, True, True], kind="stable")
