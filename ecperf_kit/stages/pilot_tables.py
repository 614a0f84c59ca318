"""The tables of the pilot stage: business, pay before and after, bridge, lateness, scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ecperf_kit.exact import FEN, round_half_up
from ecperf_kit.method.bridge import share_of
from ecperf_kit.method.comparison import BINS
from ecperf_kit.rules.in_force import number
from ecperf_kit.rules.pilot import (
    Pilot,
    business,
    fewest,
    graded_pay,
    growth,
    may_tell,
    mean,
)
from ecperf_kit.rules.pilot_data import bridges, commission_effects, worst_bridge
from ecperf_kit.rules.pilot_process import pilot_lateness
from ecperf_kit.rules.pilot_scores import rubber_stamps, score_sheets, uniform
from ecperf_kit.stages.beside_pages import by_person, may_stand
from ecperf_kit.stages.groups import may_show, named, shown_groups, shown_together
from ecperf_kit.stages.judged import sentences
from ecperf_kit.stages.pilot_repairs import Trial, one_share
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
        "superiors": _superiors(pilot),
        "score_strips": _score_strips(pilot),
        "scores_by_post": _scores_by_post(pilot),
        "scores": _scores(pilot),
        "pay_by_person": graded_pay(pilot),
        "repair_persons": _repair_persons(trials),
        "commission_effect": commission_effects(pilot).sort_values(["month", "employee"]),
    }
    return {name: stage_table(STAGE, name, frame) for name, frame in frames.items()}


def _frame(rows: list[dict[str, Any]], numbers: str) -> pd.DataFrame:
    """Rows as a frame that has its columns also when empty; ``numbers`` are stored integers."""
    table = pd.DataFrame(rows)
    for name in numbers.split():
        values = table[name] if name in table else pd.Series(dtype="object")
        table[name] = pd.array([None if pd.isna(v) else int(v) for v in values], dtype="Int64")
    return table


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
        return _frame([], "count").reindex(columns=["month", "label", "count"])
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
    return _frame(rows, "count")


def _pay_by_post(pilot: Pilot) -> pd.DataFrame:
    month = evidence_month(pilot)
    table = graded_pay(pilot)
    table = table[(table["month"] == month) & table["change"].notna()]
    group = shown_groups(pilot.client, table)
    rows = []
    safe = _safe_groups(pilot, table, group)
    for name, part in table.groupby(group, sort=False):
        before, after = mean(part["before"]), mean(part["after"])
        shown = may_show(str(name)) and safe[str(name)]
        change = one_share(after - before, before)
        rows.append({
            "month": month,
            "label": named(str(name), every=group.nunique() == 1),
            "persons": part["employee"].nunique(),
            "before": before if shown else None,
            "after": after if shown else None,
            "change": change if shown else None,
            "level": _pay_level(pilot, part, change) if shown else "unknown",
        })  # fmt: skip
    table = _frame(rows, "persons before after change")
    return (
        table.sort_values("change", kind="stable")
        if len(table)
        else table.reindex(
            columns=["month", "label", "persons", "before", "after", "change", "level"]
        )
    )


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
        before = mean(trial.before)
        for _, part in trial.causes.groupby("order", sort=True):
            amount = mean(part["amount"])
            share = one_share(amount, before)
            rows.append({
                "post": trial.post, "month": trial.month, "cause": part["cause"].iloc[0],
                "amount": amount, "share": share,
            })  # fmt: skip
    table = _frame(rows, "amount share")
    return table.reindex(columns=["post", "month", "cause", "amount", "share"])


def _repair_trial(pilot: Pilot, trials: Sequence[Trial]) -> pd.DataFrame:
    rows = []
    for trial in _shown_trials(pilot, trials):
        for _, part in trial.results.groupby("step", sort=True):
            rows.append({
                "post": trial.post,
                "month": trial.month,
                "persons": len(part),
                "repair": part["repair"].iloc[0],
                "score": mean(part["score"]),
                "coefficient": _mean_coefficient(part),
                "pay": mean(part["pay"]),
                "change": trial.change(int(part["step"].iloc[0])),
            })  # fmt: skip
    columns = ["post", "month", "persons", "repair", "score", "coefficient", "pay", "change"]
    return _frame(rows, "persons score coefficient pay change").reindex(columns=columns)


def _mean_coefficient(part: pd.DataFrame) -> int | None:
    """The mean coefficient to two decimals, as it is shown; None without any."""
    if part["coefficient"].isna().all():
        return None
    return int(round_half_up(mean(part["coefficient"]), FEN))


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
        return _frame([], "amount").reindex(columns=columns)
    rows = []
    for name, sign, role in _BRIDGE:
        value = worst[name]
        if role == "moved" and (pd.isna(value) or value == 0):
            continue
        rows.append({
            "channel": worst["channel"], "month": worst["month"], "label": name,
            "amount": sign * int(value), "role": role,
        })  # fmt: skip
    return _frame(rows, "amount").reindex(columns=columns)


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
        Sentence("pilot.lateness_row", {"department": department, "step": step})
        for department, step in zip(table["department"], table["step"], strict=True)
    ]
    table = table.assign(row=sentences(said, table.index), value=table["late"], total=total)
    order = ["total", "order", "department", "month"]
    return table.sort_values(order, ascending=[False, True, True, True], kind="stable")


# -- scores ------------------------------------------------------------------------
def _superiors(pilot: Pilot) -> pd.DataFrame:
    table = score_sheets(pilot)
    copied = {f.values["superior"]: f.values["months"] for f in rubber_stamps(pilot)}
    few = table["persons"] < fewest(pilot.client)
    months = table["subject"].map(copied).astype("Int64").fillna(0)
    level = pd.Series("fine", index=table.index, dtype="str")
    tight = uniform(pilot, table)
    level = level.mask(tight | (months > 0), "watch")
    level = level.mask((tight & (table["spread"] == 0)).astype(bool), "change").mask(few, "unknown")
    for name in ("computed_low", "computed_high", "given_low", "given_high", "spread",
                 "difference"):  # fmt: skip
        table[name] = table[name].astype("Int64").mask(few)
    said = [Sentence("pilot.superior", {"superior": s}) for s in table["subject"]]
    return table.assign(
        superior=sentences(said, table.index), copied=months, level=level
    ).sort_values("sheets", ascending=False, kind="stable")


def _score_strips(pilot: Pilot) -> pd.DataFrame:
    totals = pilot.calculation.totals
    sheets = score_sheets(pilot)
    sheets = sheets[sheets["persons"] >= fewest(pilot.client)]
    named_as = {
        superior: Sentence("pilot.superior", {"superior": subject})
        for superior, subject in zip(sheets["superior"], sheets["subject"], strict=True)
    }
    both = totals[totals["superior"].isin(list(named_as)) & totals["given_total"].notna()]
    found = []
    for series, column in (("computed_scores", "total"), ("given_scores", "given_total")):
        part = both[both[column].notna()]
        said = [named_as[s] for s in part["superior"]]
        found.append(pd.DataFrame({
            "group": sentences(said, part.index), "series": series, "score": part[column],
            "superior": part["superior"],
        }))  # fmt: skip
    # sorted by score: the order of the rows must not tell whose score it is
    return pd.concat(found).sort_values(["superior", "series", "score"], kind="stable")


def _scores_by_post(pilot: Pilot) -> pd.DataFrame:
    table = pilot.calculation.totals
    table = table[table["total"].notna()]
    group = shown_groups(pilot.client, table)
    rows = []
    for name, part in table.groupby(group, sort=False):
        shown = may_show(str(name))
        figures = {
            "low": int(part["total"].min()),
            "average": mean(part["total"]),
            "high": int(part["total"].max()),
            "coefficient": _mean_coefficient(part),
        }
        rows.append({
            "label": named(str(name), every=group.nunique() == 1),
            "persons": part["employee"].nunique(),
            "sheets": len(part),
            **{k: v if shown else None for k, v in figures.items()},
        })  # fmt: skip
    columns = ["label", "persons", "sheets", "low", "average", "high", "coefficient"]
    table = _frame(rows, "persons sheets low average high coefficient").reindex(columns=columns)
    return table.sort_values("average", kind="stable")


def _scores(pilot: Pilot) -> pd.DataFrame:
    table = pilot.calculation.totals
    return table.assign(difference=table["given_total"] - table["total"])
