"""Papers that must be signed, and wording that must not stand in a scheme.

A low score or the last place alone never ends employment, and a scheme levies no fines
(assessment method 2.5): texts of the client that say otherwise are findings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.finding import Finding, Source
from ecperf_kit.rules.in_force import SUBJECT, mapped, people, plans, source, words
from ecperf_kit.rules.organisation import job_descriptions
from ecperf_kit.rules.payees import plan_of

#: Code of each kind of wording, with the threshold that lists its words.
WORDING = {
    "O180": "law.dismissal_words",
    "O181": "law.fine_words",
    "O182": "law.deduction_words",
}
#: Texts of a client that become part of the scheme: table and column.
RULE_TEXTS = (
    ("indicators", "name_zh"), ("indicators", "name_en"), ("indicators", "definition"),
    ("scorecards", "duty"), ("standards", "evidence"), ("sync_records", "outcome"),
)  # fmt: skip
_CONFIG_TEXTS = ("sales_support", "reward")
_CLAUSE = re.compile(r"[，。；！？：,;!?\n]|\.\s")
#: Between a denial and the word: a turn ("whoever is not on target is fined") undoes it.
_TURN = re.compile(r"者|则|(?<!形式)的|并|另|同时|\b(?:is|are|be|gets?|will)\b", re.IGNORECASE)
_BARE = ("不", "无", "非")  # deny only what follows at once
_BEFORE, _AFTER = 24, 8  # how far a denial reaches, in characters
_SHOWN = 40  # characters of a text quoted around the word


# -- wording -----------------------------------------------------------------
def forbidden(client: Client, text: str) -> list[tuple[str, str]]:
    """Code and word of each wording in a text that a scheme must not use.

    A word counts unless its clause denies it ("no last-place elimination") or it is part
    of a harmless expression ("platform fines", which the platform levies on the shop).
    """
    harmless = _pattern(words(client, "law.harmless_words"))
    denial = _pattern(words(client, "law.denial_words"))
    found = []
    for clause in _CLAUSE.split(harmless.sub(" ", text)):
        for code, name in WORDING.items():
            for match in _pattern(words(client, name)).finditer(clause):
                if not _denied(clause, match, denial):
                    found.append((code, match[0]))
    return list(dict.fromkeys(found))


def _denied(clause: str, word: re.Match[str], denial: re.Pattern[str]) -> bool:
    """Whether the clause denies the word: shortly before it without a turn, or right after."""
    before = clause[max(word.start() - _BEFORE, 0) : word.start()]
    if before.endswith(_BARE) or denial.search(clause[word.end() : word.end() + _AFTER]):
        return True
    denials = list(denial.finditer(before))
    return bool(denials) and not _TURN.search(before[denials[-1].end() :])


@cache
def _pattern(listed: tuple[str, ...]) -> re.Pattern[str]:
    """Any of the words, longest first; … stands for a few characters between two parts."""
    parts = []
    for word in sorted(listed, key=len, reverse=True):
        part = r".{0,12}?".join(re.escape(piece) for piece in word.split("…"))
        latin = word[0].isascii() and word[-1].isascii()
        parts.append(rf"\b{part}\b" if latin else part)
    return re.compile("|".join(parts) or r"(?!)", re.IGNORECASE)


def rule_texts(client: Client) -> Iterator[tuple[str, str, Source]]:
    """Every text of the client that stands in its scheme: subject, text, place."""
    about = f"client:{client.name}"
    for name in _CONFIG_TEXTS:
        if text := str(getattr(client.config.targets, name)):
            yield about, text, Source("client.toml", column=f"targets.{name}")
    for override in client.overrides:
        yield f"threshold:{override.id}", str(override.reason), Source("overrides.toml")
    for table, column in RULE_TEXTS:
        frame = client.table(table)
        frame = frame[frame[column].notna() & (frame[column] != "")]
        for row in frame.drop_duplicates(column).to_dict("records"):
            yield f"table:{table}", str(row[column]), source(row, column)


def unlawful_wording(client: Client) -> list[Finding]:
    """Last-place elimination, fines and deductions in the client's own rule texts (2.5)."""
    return [
        Finding(code, subject, {"word": word, "text": _excerpt(text, word)}, place)
        for subject, text, place in rule_texts(client)
        for code, word in forbidden(client, text)
    ]


def _excerpt(text: str, word: str) -> str:
    """The words around, for a text may be long."""
    at = max(text.find(word) - _SHOWN // 2, 0)
    part = text[at : at + len(word) + _SHOWN]
    return ("…" if at else "") + part + ("…" if at + len(part) < len(text) else "")


# -- signatures --------------------------------------------------------------
def unsigned(client: Client, month: str) -> pd.DataFrame:
    """The papers that must be signed before the rollout, with ``signed_on`` (NaT if not).

    One row per post (job description) and per person whose pay the scheme changes
    (consent): paper, subject_id, post, signed_on; posts first, each sorted by subject.
    """
    posts = job_descriptions(client).rename(columns={"signed": "signed_on"})
    posts = posts.assign(paper="job_description", subject_id=posts["post"])
    table = plans(client)
    linked = set(table.loc[table["structure"] != "fixed", "subject"])
    team = people(client, month).drop_duplicates("employee")
    team = team[plan_of(team, table).isin(linked)]
    papers = client.table("signoffs")
    papers = papers[(papers["paper"] == "consent") & (papers["subject_kind"] == "employee")]
    signed = papers.groupby("subject_id")["signed_on"].max()
    persons = team.assign(
        paper="consent",
        subject_id=team["employee"],
        signed_on=mapped(team["employee"], signed),
    )
    columns = ["paper", "subject_id", "post", "signed_on"]
    return pd.concat([posts[columns], persons[columns]], ignore_index=True)


def consent_of_an_older_plan(client: Client) -> list[Finding]:
    """Consents signed for a pay plan that a newer one has replaced since (2.3).

    Somebody whose plan changed after the one in force at the signature has agreed to
    the old split only. Counted, not named: who it is stands on the list of signatures.
    """
    papers = client.table("signoffs")
    papers = papers[(papers["paper"] == "consent") & (papers["subject_kind"] == "employee")]
    signed = papers.groupby("subject_id")["signed_on"].max().dropna()
    history = client.table("pay_plans").dropna(subset=["effective_from"])
    begun: dict[tuple[str, str], list[pd.Timestamp]] = {}
    for kind, name, since in history[[*SUBJECT, "effective_from"]].itertuples(index=False):
        begun.setdefault((kind, name), []).append(since)
    now = plans(client).drop_duplicates(SUBJECT)
    columns = [*SUBJECT, "effective_from", "structure"]
    in_force = {
        (kind, name): (since, structure)
        for kind, name, since, structure in now[columns].itertuples(index=False)
    }
    days, stale = signed.to_dict(), 0
    team = people(client).drop_duplicates("employee")
    for employee, post in zip(team["employee"], team["post"], strict=True):
        subject = ("employee", employee)
        subject = subject if subject in in_force else ("post", post)
        if employee not in days or subject not in in_force:
            continue
        since, structure = in_force[subject]
        replaced = any(days[employee] <= start < since for start in begun.get(subject, ()))
        stale += replaced and structure != "fixed"
    if not stale:
        return []
    values = {"count": stale, "signed": len(signed)}
    return [Finding("O183", f"client:{client.name}", values)]


PAPER_RULES = (unlawful_wording, consent_of_an_older_plan)
