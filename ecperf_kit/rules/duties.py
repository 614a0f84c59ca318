"""The duties of every post with people, and the indicators those duties ask for.

A client who agreed other duties than the library's enters them in the table ``duties``;
for a post named there these are all of its duties (HR-finance article 4.1).
"""

from __future__ import annotations

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION
from ecperf_kit.finding import Finding
from ecperf_kit.method.once import once
from ecperf_kit.method.recommend import Limits, recommended
from ecperf_kit.rules.in_force import cards, findings, mapped, number, people, start_month


@once
def duties_of_posts(client: Client) -> pd.DataFrame:
    """One row per post and duty: post, duty, text_zh, text_en, indicators (tuple of ids).

    The client's own where it entered any for the post, else the library's. A duty
    known to the library by its id keeps the library's words and indicators where the client
    gives none.
    """
    library = client.library.duties
    library = library[library["kind"] == "duty"]
    columns = ["post", "duty", "text_zh", "text_en", "indicators"]
    own = client.table("duties")
    known = library.set_index("duty")
    said = own["text"].where(own["text"].fillna("") != "")
    named = own["indicators"].where(own["indicators"].fillna("") != "")
    own = own.assign(
        text_zh=said.fillna(mapped(own["duty"], known["text_zh"])).fillna(own["duty"]),
        text_en=said.fillna(mapped(own["duty"], known["text_en"])).fillna(own["duty"]),
        indicators=named.fillna(mapped(own["duty"], known["indicators"])),
    )
    rows = pd.concat([own[columns], library[~library["post"].isin(own["post"])][columns]])
    split = [_parts(text) for text in rows["indicators"]]
    return rows.assign(indicators=pd.Series(split, index=rows.index, dtype="object")).reset_index(
        drop=True
    )


def _parts(text: object) -> tuple[str, ...]:
    if not isinstance(text, str):
        return ()
    return tuple(part.strip() for part in text.replace("；", ";").split(";") if part.strip())


@once
def recommendation(client: Client) -> pd.DataFrame:
    """The indicators each post with people should have by its duties (see ``recommended``)."""
    team = people(client, start_month(client))
    duties = duties_of_posts(client)
    duties = duties[duties["post"].isin(team["post"])]
    posts = client.library.posts
    bans = client.library.bans
    bans = bans[(bans["tag"] == "channel_head") & (bans["severity"] == "forbidden")]
    heads = posts.index[posts["channel_head"].astype(bool)]
    return recommended(
        duties,
        client.indicators,
        client.library.scorecards,
        card_limits(client),
        {str(post): frozenset(bans["indicator"]) for post in heads},
        client.library.exclusive,
    )


def card_limits(client: Client) -> Limits:
    """What a scorecard may hold and in which steps its weights come."""
    step = number(client, "recommend.weight_step")
    return Limits(
        core=number(client, "scorecard.core_max") // MILLION,
        process=number(client, "scorecard.process_max") // MILLION,
        total=number(client, "scorecard.total"),
        core_total=number(client, "scorecard.core_weight_min"),
        step=step,
        core_weight=2 * step,
        process_weight=step,
    )


@once
def card_against_duties(client: Client) -> pd.DataFrame:
    """Posts whose scorecard and duties disagree: what each side has that the other lacks.

    One row per post and indicator of either: post, indicator, duties (tuple, of the
    recommendation), role, now, proposed (weights, NA where not there), state (agrees | add |
    not_asked). Posts without a scorecard of their own are left out.
    """
    rows = cards(client)
    rows = rows[rows["subject_kind"] == "post"][["post", "indicator", "role", "weight"]]
    team = people(client, start_month(client))
    rows = rows[rows["post"].isin(team["post"])]
    wanted = recommendation(client)
    wanted = wanted[wanted["post"].isin(rows["post"])]
    both = wanted.merge(
        rows.rename(columns={"weight": "now", "role": "role_now"}),
        on=["post", "indicator"],
        how="outer",
    ).rename(columns={"weight": "proposed"})
    both["role"] = both["role"].fillna(both["role_now"])
    asked = _asked_at_all(client, both)
    state = pd.Series("agrees", index=both.index, dtype="str")
    state = state.mask(both["now"].isna(), "add")
    # on the card and named by a duty, though the duty has another one it is usually measured by
    state = state.mask(both["proposed"].isna() & ~asked, "not_asked")
    state = state.mask(both["proposed"].isna() & asked, "second_choice")
    both["duties"] = [named if isinstance(named, tuple) else () for named in both["duties"]]
    return both.assign(state=state).drop(columns="role_now")


def _asked_at_all(client: Client, rows: pd.DataFrame) -> pd.Series:
    """Which post x indicator any of the post's duties names."""
    duties = duties_of_posts(client)[["post", "indicators"]].explode("indicators")
    named = set(zip(duties["post"], duties["indicators"], strict=True))
    pairs = zip(rows["post"], rows["indicator"], strict=True)
    return pd.Series([pair in named for pair in pairs], index=rows.index, dtype="bool")


def duty_unmeasured(client: Client) -> list[Finding]:
    """A duty the client agreed that names no indicator the kit knows (HR-finance 4.1)."""
    own = client.table("duties")
    if own.empty:
        return []
    known = set(client.indicators.index)
    rows = duties_of_posts(client)
    rows = rows[rows["post"].isin(own["post"])]
    unknown = [tuple(n for n in names if n not in known) for names in rows["indicators"]]
    lacking = [not set(names) & known for names in rows["indicators"]]
    rows = rows.assign(subject="post:" + rows["post"])
    rows["unknown"] = pd.Series(unknown, index=rows.index, dtype="object")
    places = own.drop_duplicates(["post", "duty"])[["post", "duty", "_file", "_sheet", "_row"]]
    wrong = rows[pd.Series(lacking, index=rows.index, dtype="bool") | rows["unknown"].map(bool)]
    return findings(
        "S166",
        wrong.merge(places, on=["post", "duty"], how="left"),
        lambda r: {"duty": r["duty"], "unknown": r["unknown"], "post": r["post"]},
        "indicators",
    )


DUTY_RULES = (duty_unmeasured,)
