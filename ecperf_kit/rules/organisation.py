"""Who carries the assessment, are the five linked elements there, is the pilot well laid?"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, divide, round_half_up
from ecperf_kit.finding import Finding
from ecperf_kit.method.in_force import month_start
from ecperf_kit.method.once import once
from ecperf_kit.period import months_between
from ecperf_kit.rules.in_force import cards, mapped, number, people, plans, start_month, words
from ecperf_kit.rules.pay import one_ratio_for_all, pay_shares
from ecperf_kit.rules.plan import missing_months, plan_months

SYNC_MEASURES = ("pre_meeting", "all_staff_meeting", "training", "exam", "drill")
_BUDGET = ("promotion_cost", "management_cost")


def _about(client: Client) -> str:
    return f"client:{client.name}"


# -- the committee -----------------------------------------------------------
@once
def committee_roles(client: Client) -> pd.DataFrame:
    """The roles a firm of this kind needs and who holds them (assessment method 4.1).

    One row per role: role, required, wanted (positions), member, position, state
    (in_place | fallback | wrong | missing | not_needed).
    """
    roles = client.library.responsibilities
    roles = roles[roles["client_kind"] == client.config.kind]
    members = client.table("committee")
    found = []
    for role in roles.to_dict("records"):
        held = members[members["role"] == role["role"]]
        first, second = _parts(role["positions"]), _parts(role["fallback_positions"])
        positions = set(held["position"])
        if positions & set(first):
            state = "in_place"
        elif positions & set(second):
            state = "fallback"
        else:
            state = "missing" if held.empty else "wrong"
        found.append(
            {
                "role": role["role"],
                "required": bool(role["required"]),
                "wanted": first + second,
                "member": tuple(held["member"]),
                "position": tuple(held["position"]),
                "state": state,
            }
        )
    table = pd.DataFrame(found).set_index("role", drop=False)
    return _with_fallbacks(client, table)


def _parts(text: object) -> tuple[str, ...]:
    return tuple(str(text).split(";")) if isinstance(text, str) and text else ()


def _with_fallbacks(client: Client, table: pd.DataFrame) -> pd.DataFrame:
    """Small firms: no HR head, so the leader organises with a secretary; a team whose
    heads all sit in the committee needs no further members; a clerk is then needed."""
    state = dict(table["state"])
    has_secretary = bool(table["member"]["secretary"])
    leader_fits = set(table["position"]["leader"]) & set(table["wanted"]["vice_leader"])
    if state["vice_leader"] == "missing" and has_secretary and leader_fits:
        state["vice_leader"] = "fallback"
    if state["member"] == "missing":
        heads = set(client.table("departments")["head"].dropna()) - {""}
        if not heads - set(client.table("committee")["employee"].dropna()):
            state["member"] = "fallback"
    if not has_secretary and state["vice_leader"] != "fallback":
        state["secretary"] = "not_needed"
    return table.assign(state=table["role"].map(state))


def sponsor_signed(client: Client) -> dt.date | None:
    """The day the decision maker signed, from the facts or the signed papers."""
    if client.config.sponsor.signed is not None:
        return client.config.sponsor.signed
    papers = client.table("signoffs")
    dates = papers.loc[papers["paper"] == "sponsor", "signed_on"].dropna()
    return None if dates.empty else pd.Timestamp(dates.min()).date()


def sponsorship(client: Client) -> list[Finding]:
    """Gate 1: the committee is led by somebody who decides, and that person has signed (4.1)."""
    leader = committee_roles(client).loc["leader"]
    signed = sponsor_signed(client)
    if leader["state"] == "missing":
        return [Finding("O104", _about(client), {"wanted": leader["wanted"]})]
    if leader["state"] == "wrong":
        values = {
            "members": leader["member"],
            "positions": leader["position"],
            "wanted": leader["wanted"],
            "signed": signed,
        }
        return [Finding("O101", _about(client), values)]
    if signed is None:
        return [Finding("O102", _about(client), {"leader": leader["member"]})]
    return []


def committee_incomplete(client: Client) -> list[Finding]:
    """Roles of the committee that nobody suitable holds, apart from the leader (4.1)."""
    table = committee_roles(client)
    needed = table["required"] | (table["role"] == "secretary")
    gaps = table[(table["role"] != "leader") & needed & table["state"].isin(["wrong", "missing"])]
    if gaps.empty:
        return []
    wanted = tuple(dict.fromkeys(name for names in gaps["wanted"] for name in names))
    return [
        Finding("O103", _about(client), {"roles": tuple(gaps["role"]), "wanted": wanted}),
    ]


# -- the five linked elements ------------------------------------------------
@once
def plan_parts(client: Client) -> dict[str, bool]:
    """Which parts of a plan are there (assessment method 2.1), by the library's names."""
    rows = plan_months(client)
    targets = client.config.targets
    measures = set(client.table("targets")["measure"])
    there = {
        "annual_target": targets.annual_net_sales is not None or len(rows) > 0,
        "breakdown": len(rows) > 0
        and not missing_months(client)
        and bool((rows["channel"] != "").any()),
        "budget": bool(measures & set(_BUDGET)),
        "product_plan": len(client.table("product_plan")) > 0,
        "sales_support": bool(targets.sales_support),
        "reward": bool(targets.reward),
    }
    return {part: there[part] for part in words(client, "readiness.plan_parts")}


@once
def job_descriptions(client: Client) -> pd.DataFrame:
    """The posts with people: post, persons, signed (date or NaT), sorted by post."""
    papers = client.table("signoffs")
    papers = papers[(papers["paper"] == "job_description") & (papers["subject_kind"] == "post")]
    signed = papers.groupby("subject_id")["signed_on"].min()
    table = (
        people(client, start_month(client))
        .groupby("post", as_index=False)
        .agg(persons=("employee", "nunique"))
    )
    return table.assign(signed=mapped(table["post"], signed))


def _pay_parts(client: Client) -> dict[str, bool]:
    team = people(client, start_month(client)).drop_duplicates("employee")
    table = plans(client)
    subjects = set(table["subject"])
    own, of_post = "employee:" + team["employee"], "post:" + team["post"]
    extreme = number(client, "pay_mix.performance_error")
    return {
        "everybody_has_a_plan": len(table) > 0
        and bool((own.isin(subjects) | of_post.isin(subjects)).all()),
        "pay_follows_score": len(table) > 0 and not (table["structure"] == "fixed").any(),
        "ratios_differ": len(table) > 0 and not one_ratio_for_all(client),
        "ratio_not_extreme": len(table) > 0
        and not (pay_shares(client)["share"].fillna(0) >= extreme).any(),
    }


@once
def linked_elements(client: Client) -> pd.DataFrame:
    """The five linked elements of an assessment (2.0): one row each, in the method's order.

    Columns element, done and parts (counts), there and missing (tuples of part names;
    posts for the duties), score (0 to 100 points: the share of the parts there), in_place.
    """
    elements = client.config.elements
    posts = job_descriptions(client)
    unsigned = tuple(posts.loc[posts["signed"].isna(), "post"])
    parts = {
        "targets": plan_parts(client),
        "pay": _pay_parts(client),
        "promotion": {"promotion_criteria": elements.promotion_criteria_published is not None},
        "incentive": {
            "incentive_rules": elements.incentive_rules_published is not None,
            "enablement_plan": elements.enablement_plan is not None,
        },
    }
    found = []
    for element in words(client, "readiness.elements"):
        if element == "duties":
            done, count, missing = len(posts) - len(unsigned), len(posts), unsigned
            held = tuple(posts.loc[posts["signed"].notna(), "post"])
        else:
            there = parts[element]
            done, count = sum(there.values()), len(there)
            held = tuple(name for name, given in there.items() if given)
            missing = tuple(name for name, given in there.items() if not given)
        in_place = count > 0 and done == count
        score = int(round_half_up(divide(100 * done, count), MILLION)) if count else 0
        found.append((element, done, count, held, missing, score, in_place))
    columns = ["element", "done", "parts", "there", "missing", "score", "in_place"]
    return pd.DataFrame(found, columns=columns)


def elements_in_place(client: Client) -> list[Finding]:
    """What of the five elements is missing: all at once, or each by itself (2.0 to 2.5)."""
    table = linked_elements(client)
    state = dict(zip(table["element"], table["in_place"], strict=True))
    if not any(state.values()):
        values = {"elements": tuple(table["element"]), "count": len(table)}
        return [Finding("O140", _about(client), values)]
    missing = dict(zip(table["element"], table["missing"], strict=True))
    found = []
    posts = job_descriptions(client)
    if not state["duties"] and len(posts):
        values = {
            "signed": int(posts["signed"].notna().sum()),
            "posts": len(posts),
            "unsigned": missing["duties"],
        }
        found.append(Finding("O120", _about(client), values))
    for element, code in (("promotion", "O141"), ("incentive", "O142")):
        if not state[element]:
            found.append(Finding(code, _about(client), {"parts": missing[element]}))
    fixed = {"everybody_has_a_plan", "pay_follows_score"} & set(missing["pay"])
    if fixed:
        table = plans(client)
        values = {
            "fixed": int((table["structure"] == "fixed").sum()),
            "plans": len(table),
        }
        found.append(Finding("O143", _about(client), values))
    return found


def targets_ready(client: Client) -> list[Finding]:
    """Without a broken-down plan the design is locked (2.1): one number is not a plan."""
    parts = plan_parts(client)
    missing = tuple(part for part, there in parts.items() if not there)
    if not parts["annual_target"]:
        return [Finding("O132", _about(client))]
    if not len(plan_months(client)):
        values = {"amount": client.config.targets.annual_net_sales, "parts": missing}
        return [Finding("O130", _about(client), values)]
    if missing:
        return [Finding("O131", _about(client), {"parts": missing})]
    return []


# -- the pilot ---------------------------------------------------------------
def pilot_months(client: Client) -> tuple[str, ...]:
    """The months of the planned pilot; empty if it is not dated."""
    dates = client.config.dates
    if not dates.pilot_from or not dates.pilot_to:
        return ()
    return months_between(dates.pilot_from, dates.pilot_to)


def pilot_length(client: Client) -> list[Finding]:
    """Three to six months, longer the less there was before, not only peak months (4.4)."""
    months = pilot_months(client)
    if not months:
        return [Finding("O115", _about(client))]
    length = len(months) * MILLION
    before = client.config.pilot.previous_system
    least, most = number(client, "pilot.months_min"), number(client, "pilot.months_max")
    advised = number(client, f"pilot.months.{before}")
    values = {
        "first": months[0],
        "last": months[-1],
        "months": length,
        "least": least,
        "most": most,
        "advised": advised,
        "before": before,
    }
    if length < least:
        return [Finding("O110", _about(client), values)]
    found = []
    if length > most:
        found.append(Finding("O116", _about(client), values))
    elif length < advised:
        found.append(Finding("O114", _about(client), values))
    peaks = client.threshold("campaign.months")
    assert isinstance(peaks, tuple)
    quiet = [month for month in months if int(month[5:]) * MILLION not in peaks]
    wanted = number(client, "pilot.non_peak_months_min")
    if len(quiet) * MILLION < wanted:
        values = {"quiet": len(quiet), "wanted": wanted}
        found.append(Finding("O117", _about(client), values))
    return found


def pilot_area(client: Client) -> list[Finding]:
    """One or two sales channels, and customer service or the warehouse (4.4)."""
    months = pilot_months(client)
    if not months:
        return []
    pilot = client.config.pilot
    names = {"channels": pilot.channels, "departments": pilot.departments}
    found = []
    if not pilot.channels:
        found.append(Finding("O111", _about(client), names))
    most = number(client, "pilot.channels_max")
    if len(pilot.channels) * MILLION > most:
        found.append(
            Finding("O113", _about(client), names | {"count": len(pilot.channels), "most": most})
        )
    team = people(client, months[0])
    inside = team[team["department"].isin(pilot.departments)]
    if not inside["post"].isin(words(client, "pilot.department_posts")).any():
        found.append(Finding("O112", _about(client), names))
    return found


# -- the team, its data, what everybody knows --------------------------------
def headcount(client: Client, day: pd.Timestamp) -> int:
    """People employed on a day, the owner included if on the staff list."""
    staff = client.table("employees")
    there = (staff["hired"].isna() | (staff["hired"] <= day)) & (
        staff["left"].isna() | (staff["left"] >= day)
    )
    return int(there.sum())


def team_size(client: Client) -> list[Finding]:
    """Fewer than five people, now or by the leaving dates on file: manage informally (0)."""
    first = month_start(start_month(client))
    least = number(client, "team.min_people") // MILLION
    count = headcount(client, first)
    if count < least:
        return [Finding("O150", _about(client), {"count": count, "least": least})]
    left = client.table("employees")["left"].dropna()
    for day in sorted(left[left >= first].unique()):
        after = pd.Timestamp(day) + pd.Timedelta(days=1)
        if (falls_to := headcount(client, after)) < least:
            values = {"from": count, "count": falls_to, "day": after.date(), "least": least}
            return [Finding("O151", _about(client), values)]
    return []


def data_by_hand(client: Client) -> list[Finding]:
    """More than half of what people are assessed on is written down by hand (3.2).

    Counted per person and scorecard row, so that a post of many weighs more.
    """
    table = hand_share(client)
    if table is None or table["share"] <= number(client, "data_source.register_share_warn"):
        return []
    return [Finding("O160", _about(client), table)]


@once
def hand_share(client: Client) -> dict[str, int] | None:
    """Scorecard rows kept by daily register among all: rows, hand, share; None without any."""
    rows = cards(client)
    team = people(client, start_month(client)).drop_duplicates("employee")
    own = set(rows.loc[rows["subject_kind"] == "employee", "subject_id"])
    subject = ("employee:" + team["employee"]).where(
        team["employee"].isin(own), "post:" + team["post"]
    )
    persons = subject.value_counts()
    weight = mapped(rows["subject"], persons).fillna(0).astype("int64")
    whole = int(weight.sum())
    if not whole:
        return None
    by_hand = int(weight[rows["data_source"] == "daily_register"].sum())
    return {"rows": whole, "hand": by_hand, "share": int(divide(by_hand, whole))}


def sync_open(client: Client) -> list[Finding]:
    """Measures of the information sync that are not on record yet (4.3)."""
    held = set(client.table("sync_records")["measure"])
    open_ = tuple(name for name in SYNC_MEASURES if name not in held)
    return [Finding("O170", _about(client), {"measures": open_})] if open_ else []


ORGANISATION_RULES = (
    sponsorship,
    committee_incomplete,
    targets_ready,
    elements_in_place,
    pilot_length,
    pilot_area,
    team_size,
    data_by_hand,
    sync_open,
)
