"""The tables of the month's run: pay list, scores, progress, gates, calendar."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, ints, masked, multiply_divide, round_half_up
from ecperf_kit.method.calculate import Calculation
from ecperf_kit.method.corrections import of_person_and_month
from ecperf_kit.method.in_force import month_start
from ecperf_kit.method.paid import better_of
from ecperf_kit.method.scorecards import unassessed, unassigned
from ecperf_kit.period import shift
from ecperf_kit.rules.bridges import pay_on_open_bridges
from ecperf_kit.rules.few import fewest
from ecperf_kit.rules.in_force import number
from ecperf_kit.rules.organisation import job_descriptions
from ecperf_kit.rules.rollout import (
    low_scores,
    open_appeals,
    paid_out,
    pay_mode,
    talks,
    without_consent,
)
from ecperf_kit.stages.calendar import monthly_deadlines, working_day
from ecperf_kit.stages.judged import graded, sentences
from ecperf_kit.stages.result import Sentence

KEY = ["employee", "month"]
#: The columns of the pay list and the lines each adds up.
_PAY_COLUMNS = {
    "base": ("base",),
    "performance": ("performance",),
    "commission": ("commission_sales", "commission_gross_profit", "commission_net_profit"),
    "piece": ("piece",),
    "dividend": ("dividend",),
    "bonus": ("score_bonus", "bonus"),
    "benefits": ("benefits",),
}
#: What stands behind a missing score or line: the code of its finding.
_ROW_CODES = {
    "missing_actual": "C101",
    "missing_standard": "C102",
    "missing_parameter": "C115",
    "missing_rating": "C114",
}
_LINE_CODES = {
    "unreadable": "C122",
    "plan": "D311",
    "basis": "C108",
    "figure": "C113",
    "coefficient": "C109",
}
_NO_SCORECARD = "C110"
_NO_POST, _NO_POST_YET = "D309", "D326"
_NO_PLAN_YET = "D330"
_NO_OLD_PAY = "R108"


def said_by(keys: pd.Series, prefix: str) -> pd.Series:
    """A column of keys as sentences ``<prefix>.<key>``."""
    said = {key: Sentence(f"{prefix}.{key}") for key in keys.unique()}
    return sentences((said[key] for key in keys), keys.index)


# -- pay ---------------------------------------------------------------------
def pay_list(client: Client, calculation: Calculation, months: Sequence[str]) -> pd.DataFrame:
    """One row per person and month, the last month in front: parts of pay, pay and state.

    ``pay_state``: final, provisional, bridge_open where commission rests on sales nobody has
    reconciled, missing, no_scorecard for people in the area assessed without one, or no_post
    for those employed without an assignment. Where pay cannot be computed it is missing, and
    ``codes`` name the findings that say why. ``paid`` is what is handed over: the pay itself,
    in months of better_of the higher of ``old_pay`` and pay; missing in shadow months and
    where the two cannot be compared. ``correction``: what settled appeals about earlier
    months change, paid besides and in none of the sums.
    """
    totals = calculation.totals[[*KEY, "post", "total", "coefficient"]]
    lines = calculation.lines
    table = totals.merge(calculation.pay.rename(columns={"state": "pay_state"}), on=KEY, how="left")
    at = pd.MultiIndex.from_frame(table[KEY])
    place = at.get_indexer(pd.MultiIndex.from_frame(lines[KEY]))
    for column, kinds in _PAY_COLUMNS.items():
        chosen = lines["line"].isin(kinds).to_numpy(dtype=bool) & (place >= 0)
        table[column] = _sums(lines.loc[chosen, "amount"], place[chosen], table.index)
    lacking = unassessed(client, list(months)).drop_duplicates(KEY)[[*KEY, "post"]]
    # transferred from or to a post without a scorecard: the other post's total stands already
    listed = pd.MultiIndex.from_frame(lacking[KEY]).isin(at)
    lacking = lacking[~listed]
    lacking = lacking.assign(pay_state="no_scorecard", code=_NO_SCORECARD)
    nowhere = unassigned(client, list(months))
    nowhere["code"] = np.where(nowhere["later"], _NO_POST_YET, _NO_POST)
    nowhere = nowhere[[*KEY, "code"]].assign(pay_state="no_post")
    lacking = pd.concat([lacking, nowhere], ignore_index=True)
    table = pd.concat([table, lacking.drop(columns="code")], ignore_index=True)
    table["pay_state"] = table["pay_state"].fillna("missing").astype("str")
    table = table.merge(_codes(client, calculation, lacking), on=KEY, how="left")
    table["codes"] = table["codes"].where(table["pay"].isna())
    table = _with_open_bridges(client, calculation, table, paid_out(client, months))
    table["mode_key"] = table["month"].map({m: pay_mode(client, m) for m in months}).astype("str")
    compared = [month for month in months if pay_mode(client, month) == "better_of"]
    table = better_of(client, table, compared)
    table["paid"] = table["paid"].mask(table["mode_key"] == "real", table["pay"])
    uncompared = (table["mode_key"] == "better_of") & table["old_pay"].isna()
    table["codes"] = table["codes"].mask(
        uncompared, (table["codes"].fillna("") + f" {_NO_OLD_PAY}").str.strip()
    )
    table = table.merge(of_person_and_month(client, months), on=KEY, how="left")
    table = table.assign(
        state=said_by(table["pay_state"], "rollout.state"),
        mode=said_by(table["mode_key"], "rollout.mode"),
    )
    return _last_in_front(table, "post")


def _with_open_bridges(
    client: Client, calculation: Calculation, table: pd.DataFrame, months: Sequence[str]
) -> pd.DataFrame:
    """The pay list with those marked whose commission rests on a bridge that does not close."""
    held = pay_on_open_bridges(client, calculation, months)
    code = table[KEY].merge(held, on=KEY, how="left")["code"].set_axis(table.index)
    open_ = code.notna() & table["pay"].notna()
    return table.assign(
        pay_state=table["pay_state"].mask(open_, "bridge_open"),
        codes=table["codes"].mask(open_, code),
    )


def _sums(amounts: pd.Series, place: np.ndarray, index: pd.Index) -> pd.Series:
    """The amounts added up at their places; missing without any, and where one is missing."""
    sums, known = np.zeros(len(index), dtype=np.int64), np.zeros(len(index), dtype=bool)
    np.add.at(sums, place, ints(amounts))
    known[place] = True
    known[place[amounts.isna().to_numpy()]] = False
    return masked(sums, ~known, index)


def _last_in_front(table: pd.DataFrame, *then: str) -> pd.DataFrame:
    """The last month first; within a month by the given columns and employee."""
    order = table.sort_values(["employee"], kind="stable")
    for column in reversed(then):
        order = order.sort_values(column, kind="stable")
    return order.sort_values("month", ascending=False, kind="stable", ignore_index=True)


def _codes(client: Client, calculation: Calculation, lacking: pd.DataFrame) -> pd.DataFrame:
    """Employee, month and the codes of what is missing, separated by blanks."""
    rows, lines = calculation.rows, calculation.lines
    states = rows["row_state"].map(_ROW_CODES)
    indivisible = (rows["row_state"] == "missing_standard") & rows["standard"].notna()
    total_missing = calculation.totals.loc[calculation.totals["total"].isna(), KEY]
    reasons = lines["missing"].map(_LINE_CODES)
    plans = client.table("pay_plans")
    ids = {kind: set(part) for kind, part in plans.groupby("subject_kind")["subject_id"]}
    later = lines["employee"].isin(ids.get("employee", ())) | lines["post"].isin(
        ids.get("post", ())
    )
    reasons = reasons.mask((lines["missing"] == "plan") & later, _NO_PLAN_YET)
    # without a total there is no coefficient to look up: the rows say what is missing
    without = pd.MultiIndex.from_frame(lines[KEY]).isin(pd.MultiIndex.from_frame(total_missing))
    reasons = reasons.mask((lines["missing"] == "coefficient") & without)
    found = pd.concat([
        rows[KEY].assign(code=states.mask(indivisible, "C103")),
        lines[KEY].assign(code=reasons),
        lacking[[*KEY, "code"]],
    ]).dropna(subset=["code"]).drop_duplicates().sort_values([*KEY, "code"])  # fmt: skip
    joined = found.groupby(KEY)["code"].agg(" ".join)
    return joined.rename("codes").reset_index()


def pay_lines(calculation: Calculation) -> pd.DataFrame:
    """The lines of pay with the place of the plan they follow."""
    lines = calculation.lines
    pieces = lines["line"] == "piece"  # pieces at a price; all else is money, and a share
    lines = lines.assign(
        pieces=lines["basis"].where(pieces),
        basis=lines["basis"].mask(pieces),
        price=lines["rate"].where(pieces),
        rate=lines["rate"].mask(pieces),
        file=lines["plan_file"],
        row=lines["plan_row"],
        state=said_by(lines["state"], "rollout.state"),
    )
    return lines.sort_values("month", ascending=False, kind="stable", ignore_index=True)


# -- scores ------------------------------------------------------------------
def scores(calculation: Calculation) -> pd.DataFrame:
    """Totals by person, the last month in front."""
    totals = calculation.totals
    totals = totals.assign(state=said_by(totals["state"], "rollout.score_state"))
    return _last_in_front(totals, "post")


def scores_by_post(client: Client, calculation: Calculation) -> pd.DataFrame:
    """Mean totals by post and month; posts with few people stand together.

    A group of fewer than ``group.min_people`` persons has no mean, fewer totals than that
    show none, nor do totals that are all the same: the mean would be each one's.
    """
    totals = calculation.totals
    least = fewest(client)
    size = totals.groupby(["month", "post"])["employee"].transform("nunique")
    totals = totals.assign(group=totals["post"].where(size >= least, ""))
    grouped = totals.groupby(["month", "group"], sort=True)
    table = grouped.agg(
        persons=("employee", "nunique"), scored=("total", "count"), sum=("total", "sum"),
        kinds=("total", "nunique"),
    ).reset_index()  # fmt: skip
    few = ((table["scored"] < least) | (table["kinds"] <= 1)).to_numpy(dtype=bool)
    count = np.maximum(ints(table["scored"].astype("Int64")), 1)
    mean = round_half_up(multiply_divide(ints(table["sum"].astype("Int64")), 1, count))
    table["value"] = masked(mean, few, table.index)
    table["label"] = sentences(
        (
            Sentence("rollout.post", {"post": group}) if group else Sentence("rollout.small_posts")
            for group in table["group"]
        ),
        table.index,
    )
    table["last"] = table["group"] == ""
    order = table.sort_values(["last", "value"], ascending=[True, False], kind="stable")
    return order.sort_values("month", ascending=False, kind="stable", ignore_index=True)


# -- gates -------------------------------------------------------------------
def gates(
    client: Client, calculation: Calculation, months: Sequence[str], progress: pd.DataFrame
) -> pd.DataFrame:
    """What must be settled before pay is handed over: open cases of all, and what to do.

    Actuals are complete where the scored rows have theirs, and the channels' targets
    (``progress``) of which actuals are on record at all.
    """
    totals, rows = calculation.totals, calculation.rows
    # while a fault in the files is open, a row may be missing from what was used
    faults = graded(client, client.findings, "error")
    changed = calculation.lines[calculation.lines["structure"] != "fixed"]
    people = changed["employee"].drop_duplicates()
    real = any(pay_mode(client, month) != "shadow" for month in months)
    posts = job_descriptions(client)
    posts = posts[posts["post"].isin(set(totals["post"]))]
    state = rows["row_state"]
    missing = state.isin(["missing_actual", "missing_standard", "missing_parameter"])
    lacking = unassessed(client, list(months)).drop_duplicates(KEY)
    tracked = progress[progress["recorded"].astype(bool)]
    targets = tracked.drop_duplicates(["channel_id", "measure"])
    unmeasured = int(tracked["actual"].isna().sum())
    appeals = client.table("appeals")
    appeals = appeals[appeals["period"].isin(list(months))]
    open_ = open_appeals(client, months[-1])
    low = low_scores(client, totals)
    cases = [
        ("consents", len(without_consent(client, people)), len(people)),
        ("job_descriptions", int(posts["signed"].isna().sum()), len(posts)),
        ("data", len(faults), int(client.rows["read"].sum())),
        ("actuals", int(missing.sum()) + unmeasured, len(rows) + len(targets)),
        ("ratings", int((state == "missing_rating").sum()), int((~rows["has_data"]).sum())),
        ("unconfirmed", int((state == "unconfirmed").sum()), len(rows)),
        ("scorecards", len(lacking), len(totals) + len(lacking)),
        ("appeals", len(open_), max(len(appeals), len(open_))),
        ("talks", int(low["held_on"].isna().sum()), len(low)),
    ]
    table = pd.DataFrame(cases, columns=["name", "open", "of"])
    closed = table["open"] > 0
    what = [
        Sentence(f"rollout.gate_todo.{name}" if shut else "rollout.gate_fine")
        for name, shut in zip(table["name"], closed, strict=True)
    ]
    if not real and cases[0][1]:  # nobody is paid by it yet: a consent is needed only before
        what[0] = Sentence("rollout.gate_todo.consents_later")
    state = closed.map({True: "gate_closed", False: "gate_open"})
    if totals.empty:  # nothing of nothing is not done: nobody has been scored yet
        empty = table["of"] == 0
        state = state.mask(empty, "unknown")
        nothing = Sentence("rollout.gate_nothing")
        what = [nothing if none else told for none, told in zip(empty, what, strict=True)]
    return table.assign(
        gate=said_by(table["name"], "rollout.gate"),
        state=state,
        what=sentences(what, table.index),
    )


# -- calendar, talks, appeals --------------------------------------------------
def calendar(client: Client, calculation: Calculation, month: str) -> pd.DataFrame:
    """The month's steps by due day, with the day the last department was done and lateness.

    Talks on low scores have an earlier day of their own, where there are any.
    """
    table = monthly_deadlines(client, month)[["step", "due"]]
    following = month_start(shift(month, 1))
    low = low_scores(client, calculation.totals)
    low = low[low["month"] == month]
    for step in ("lowest_talks", "other_talks") if len(low) else ("other_talks",):
        day = number(client, f"deadline.{step}") // MILLION
        due = working_day((following + pd.Timedelta(days=day - 1)).date())
        table.loc[len(table)] = [step, pd.Timestamp(due)]
    log = client.table("process_log")
    log = log[log["month"] == month]
    last = log.groupby("step")["done"].agg(lambda days: days.max(skipna=False))
    done = pd.Series(last.reindex(table["step"]).array, table.index)
    people = calculation.totals.loc[calculation.totals["month"] == month, KEY]
    held = people.merge(talks(client), on=KEY, how="left")["held_on"]
    done = done.mask(table["step"] == "lowest_talks", low["held_on"].max(skipna=False))
    done = done.mask(table["step"] == "other_talks", held.max(skipna=False))
    table["done"] = pd.to_datetime(done).astype("datetime64[s]")
    table = table.sort_values("due", kind="stable", ignore_index=True)
    late = (table["done"] - table["due"]).dt.days.clip(lower=0)
    known = table["done"].notna()
    key = np.where(~known, "open", np.where(late.fillna(0) > 0, "late", "in_time"))
    level = pd.Series(key, table.index).map({"open": "unknown", "late": "watch", "in_time": "fine"})
    names = [
        Sentence(f"{'rollout' if step.endswith('talks') else 'organisation'}.deadline.{step}")
        for step in table["step"]
    ]
    start = table["due"].shift().fillna(following).astype("datetime64[s]")
    return table.assign(
        label=sentences(names, table.index),
        start=start,
        end=table["due"],
        late=late.astype("Int64"),
        note=said_by(pd.Series(key, table.index), "rollout.step_state"),
        level=level,
        state=key,
    )


def low_table(client: Client, calculation: Calculation) -> pd.DataFrame:
    """People below the low mark, lowest first, and whether a talk is on record."""
    low = low_scores(client, calculation.totals)
    return low.assign(state=low["held_on"].notna().map({True: "done", False: "open"}))


def appeals(client: Client, months: Sequence[str]) -> pd.DataFrame:
    """Appeals about the months of the run, and older ones that are still open."""
    table = client.table("appeals")
    chosen = table["period"].isin(list(months)) | (
        (table["period"] <= months[-1]) & table["settled_on"].isna()
    )
    table = table[chosen].sort_values("raised_on", ignore_index=True)
    return table.assign(state=table["settled_on"].notna().map({True: "done", False: "open"}))
