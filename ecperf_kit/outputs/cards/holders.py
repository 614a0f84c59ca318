"""Whose cards a workbook holds: posts with somebody in the middle of them, or the people."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pandas as pd

from ecperf_kit.exact import MILLION
from ecperf_kit.method.days import SUBJECT, parts
from ecperf_kit.method.in_force import in_force
from ecperf_kit.method.plans import plan_parts
from ecperf_kit.outputs import formats
from ecperf_kit.outputs.cards.content import Month
from ecperf_kit.outputs.cards.model import Card
from ecperf_kit.rules.few import fewest

if TYPE_CHECKING:
    from ecperf_kit.client import Client
    from ecperf_kit.outputs.cards.style import Style

_LONG_AGO = pd.Timestamp("1990-01-01")
_PLACE = ["post", "department", "channel"]
_OWN = frozenset({"employees", "assignments", "attendance", "assessments"})


def post_cards(
    client: Client, month: str, posts: Sequence[str], style: Style
) -> tuple[list[Card], list[str]]:
    """A blank card per post and channel with somebody in it; the posts without a card.

    A plan that pays fewer people than a group may be shown with leaves its amounts to be
    typed in: printed, they would be one person's pay. So does the card of a place where
    everybody has a plan of their own.
    """
    held = parts(client, [month], "scorecards")
    versions = in_force(client.table("scorecards"), [month], SUBJECT)
    of_posts = versions.loc[versions["subject_kind"] == "post", "subject_id"]
    found = held.loc[held["post"].isin(list(of_posts)), _PLACE].drop_duplicates()
    vacant = [post for post in of_posts.drop_duplicates() if post not in set(found["post"])]
    empty = pd.DataFrame({"post": pd.Series(vacant, dtype="str"), "department": "", "channel": ""})
    found = pd.concat([found, empty], ignore_index=True)
    order = {post: place for place, post in enumerate(client.library.posts.index)}
    found = found.sort_values(
        _PLACE, key=lambda c: c.map(order).fillna(len(order)) if c.name == "post" else c.fillna("")
    )
    lacking = [style.wording.name("post", p) for p in posts if p not in set(of_posts)]
    if posts:
        found = found[found["post"].isin(list(posts))]
    if found.empty:
        return [], lacking
    found = found.reset_index(drop=True).assign(employee=[f"~{n}" for n in range(len(found))])
    made = Month(_as_if(client, found), month, style.wording, blank=True)
    hidden, own = _hidden_plans(client, month), _posts_of_own_plans(client, month)
    cards = []
    for holder in found.to_dict("records"):
        if holder["employee"] not in set(made.rows["employee"]):
            continue
        post = str(holder["post"])
        names = _names(style, holder, several=int((found["post"] == post).sum()) > 1)
        cards.append(made.card(
            str(holder["employee"]), style.wording.text("cards.title_post", post=names[0]),
            _about(client, month, style), style.sheet_name(names[1]),
            hide_pay=hidden(holder), name=names[0], own_plans=post in own,
        ))  # fmt: skip
    return cards, lacking


def _posts_of_own_plans(client: Client, month: str) -> set[str]:
    """The posts without a plan in force, whose holders have plans of their own."""
    held = plan_parts(client, [month])
    versions = in_force(client.table("pay_plans"), [month], SUBJECT)
    of_posts = versions.loc[versions["subject_kind"] == "post", "subject_id"]
    return set(held.loc[held["subject_kind"] == "employee", "post"]) - set(of_posts)


def _hidden_plans(client: Client, month: str) -> Callable[[Mapping[Any, Any]], bool]:
    """Whether the amounts of the post's plan are kept off the card of a post in a place."""
    held = plan_parts(client, [month])
    held = held.assign(**{name: held[name].fillna("").astype("str") for name in _PLACE})
    paid = held[held["subject_kind"] == "post"]
    number = paid.groupby("post")["employee"].nunique()
    places = set(paid[_PLACE].itertuples(index=False, name=None))
    taken = set(held["post"])
    least = fewest(client)

    def hidden(card: Mapping[Any, Any]) -> bool:
        place = tuple("" if formats.missing(card[name]) else str(card[name]) for name in _PLACE)
        post = place[0]
        return post in taken and (int(number.get(post, 0)) < least or place not in places)

    return hidden


def people_cards(
    client: Client, month: str, posts: Sequence[str], style: Style
) -> tuple[list[Card], list[str]]:
    """A card per assessed employee with the month's figures; who is left out, by name."""
    made = Month(client, month, style.wording, blank=False)
    pieces = made.rows.groupby("employee", sort=True)[["part_from", "post", "channel"]]
    several = {who for who, part in pieces if len(part.drop_duplicates()) > 1}
    plans = made.plans["employee"].value_counts()
    several |= set(plans.index[plans > 1])
    cards, left_out = [], []
    for who in made.totals["employee"]:
        post = str(made.totals.loc[made.totals["employee"] == who, "post"].iloc[0])
        if posts and post not in posts:
            continue
        name = style.wording.name("employee", who)
        shown = f"{who} {name}" if name != who else str(who)
        if who in several or who not in plans.index:
            left_out.append(shown)
            continue
        title = f"{shown} · {style.wording.name('post', post)}"
        cards.append(made.card(
            str(who), style.wording.text("cards.title_person", name=title),
            _about(client, month, style), style.sheet_name(shown), person=True, name=title,
        ))  # fmt: skip
    return cards, left_out


def _about(client: Client, month: str, style: Style) -> list[str]:
    wording = style.wording
    told = [wording.text(
        "cards.about", client=wording.client_name, hash=style.scheme, month=month,
    )]  # fmt: skip
    if client.config.invented:
        told.append(wording.text("cards.invented"))
    return told


def _names(style: Style, holder: Mapping[Any, Any], several: bool) -> tuple[str, str]:
    """A card's title and the name of its sheet: the post, with channel and department."""
    wording = style.wording
    post = wording.name("post", holder["post"])
    wider = [
        wording.name(kind, holder[kind])
        for kind in ("department", "channel")
        if not formats.missing(holder[kind])
    ]
    title = " · ".join([post, *wider])
    return title, " ".join([post, *wider]) if several else post


def _as_if(client: Client, found: pd.DataFrame) -> Client:
    """The client as if each of these posts were held by one person all the time."""
    people = client.table("employees").iloc[:0].reindex(range(len(found)))
    people["employee"], people["hired"] = found["employee"], _LONG_AGO
    assigned = client.table("assignments").iloc[:0].reindex(range(len(found)))
    for name in ("employee", *_PLACE):
        assigned[name] = found[name]
    assigned["effective_from"], assigned["time_share"] = _LONG_AGO, MILLION
    own = {"employees": people, "assignments": assigned}
    blank = {name: client.table(name).iloc[:0] for name in _OWN - set(own)}
    pilot = replace(client.config.pilot, channels=(), departments=())
    return replace(
        client,
        config=replace(client.config, pilot=pilot),
        tables=MappingProxyType({**client.tables, **blank, **own}),
    )
