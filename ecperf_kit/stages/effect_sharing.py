"""What the client's own tables say of the second aim: sharing while the team grows.

Assessment method 1. Where the new pay is only computed, nothing has been shared yet.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ecperf_kit.exact import MILLION, ints, multiply_divide, rounded_product
from ecperf_kit.method.in_force import month_end, month_start
from ecperf_kit.stages.effect_measures import FULL, Looked, Measure, lacking, of_all
from ecperf_kit.stages.result import Sentence


def people_sharing(look: Looked) -> Measure:
    """People assessed whose pay follows the result."""
    lines = look.calculation.lines
    lines = lines.loc[lines["month"] == look.last, ["employee", "structure"]]
    shared = lines.loc[lines["structure"].notna() & (lines["structure"] != "fixed"), "employee"]
    found = of_all(shared.nunique(), lines["employee"].nunique(), "pay_plans")
    return found if look.paid else _only_computed(found)


def payout_on_plan(look: Looked) -> Measure:
    """How near the performance pay handed out comes to the plan reached: 1 is in step."""
    lines = look.calculation.lines
    own = lines.loc[
        (lines["line"] == "performance") & lines["amount"].notna(),
        ["employee", "basis", "days_share", "amount"],
    ]
    if own["employee"].nunique() < look.fewest:
        return lacking("performance_pay")
    if look.plan_reached is None:
        return lacking("sales" if look.plan else "plan")
    whole = int(rounded_product(ints(own["basis"]), ints(own["days_share"])).sum())
    if not whole:
        return lacking("performance_pay")
    payout = int(multiply_divide(int(own["amount"].sum()), MILLION, whole))
    values = {"payout": payout, "plan": look.plan_reached}
    made_of = Sentence(f"effects.made_of.{'payout' if look.paid else 'payout_shadow'}", values)
    share = MILLION - abs(payout - look.plan_reached)
    return Measure(share=share, note=made_of, counts=look.paid)


def _only_computed(measure: Measure) -> Measure:
    note = Sentence("effects.made_of.shadow")
    return Measure(measure.done, measure.of, measure.share, measure.note or note, counts=False)


def points_regained(look: Looked) -> Measure:
    """Of the points lost per person in the first month, those no longer lost in the last."""
    first, last = look.both_ends
    if len(look.months) < 2:
        return lacking("one_month")
    if len(first) < look.fewest:
        return lacking("few")
    lost, still = (int((FULL - totals).sum()) for totals in (first, last))
    if not lost:
        return lacking("nothing_lost")
    count = len(first)
    values = {"before": _mean(lost, count), "after": _mean(still, count), "persons": count}
    share = int(multiply_divide(lost - still, MILLION, lost))
    return Measure(share=share, note=Sentence("effects.made_of.points", values))


def gap_closed(look: Looked) -> Measure:
    """By how much the distance between highest and lowest total has shrunk."""
    first, last = look.both_ends
    if len(look.months) < 2:
        return lacking("one_month")
    if len(first) < look.fewest:
        return lacking("few")
    gap, still = int(np.ptp(first)), int(np.ptp(last))
    if not gap:
        return lacking("no_gap")
    wider = Sentence("effects.made_of.wider") if still > gap else None
    return Measure(share=int(multiply_divide(gap - still, MILLION, gap)), note=wider)


def _mean(whole: int, count: int) -> int:
    return int(multiply_divide(whole, 1, count))


def trained(look: Looked) -> Measure:
    """Staff reached by the assessment training, department by department."""
    table = look.client.table("sync_records")
    held = table[(table["measure"] == "training") & table["attended"].notna()]
    if held.empty:
        return lacking("training")
    best: dict[str, int] = {}
    for department, attended in zip(held["department"].fillna(""), held["attended"], strict=True):
        best[department] = max(best.get(department, 0), int(attended))
    if not look.months:
        return lacking("nobody")
    there = _staff(look, month_start(look.last), month_end(look.last))
    return of_all(min(sum(best.values()), len(there)), len(there), "nobody")


def _staff(look: Looked, begin: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """Who was employed between two days."""
    staff = look.client.table("employees")
    return staff[(staff["hired"] <= end) & (staff["left"].isna() | (staff["left"] >= begin))]


def steps_on_time(look: Looked) -> Measure:
    """Steps of the months looked at that were done by their day."""
    log = look.client.table("process_log")
    log = log[log["month"].isin(look.months) & log["due"].notna()]
    in_time = (log["done"] <= log["due"]).fillna(False)
    return of_all(int(in_time.sum()), len(log), "process_log")


def duties_signed(look: Looked) -> Measure:
    """Posts of the people assessed whose job description is signed."""
    papers = look.client.table("signoffs")
    kinds = (papers["paper"] == "job_description") & (papers["subject_kind"] == "post")
    signed = set(papers.loc[kinds & papers["signed_on"].notna(), "subject_id"])
    totals = look.calculation.totals
    posts = set(totals.loc[totals["month"] == look.last, "post"].dropna())
    return of_all(len(posts & signed), len(posts), "nobody")


def staff_kept(look: Looked) -> Measure:
    """Staff of the first month's beginning who are still there at the last month's end."""
    if not look.months:
        return lacking("nobody")
    begin, end = month_start(look.months[0]), month_end(look.last)
    staff = _staff(look, begin, begin)
    if len(staff) < look.fewest:
        return lacking("few")
    return of_all(int((staff["left"].isna() | (staff["left"] > end)).sum()), len(staff), "nobody")
