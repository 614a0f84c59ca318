"""What every paper says of a client: names, dates, the scheme in force, and what was not given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION
from ecperf_kit.finding import Finding
from ecperf_kit.method.in_force import month_start
from ecperf_kit.method.scorecards import assessed_rows
from ecperf_kit.outputs import formats
from ecperf_kit.outputs.papers.document import Paper
from ecperf_kit.outputs.papers.look import BLANK, BLANK_EN, Look
from ecperf_kit.outputs.provenance import scheme_hash
from ecperf_kit.outputs.wording import Wording
from ecperf_kit.period import month_of, shift
from ecperf_kit.rules import check_scheme
from ecperf_kit.rules.in_force import cards, number, people, plans, start_month
from ecperf_kit.stages.pay_change import PayChange, pay_changes


class Facts:
    """A client as its papers need it; notes every fact that a paper leaves blank.

    ``missing`` holds (fact, subject): the name of a fact (text ``papers.fact.<name>``)
    and whom it is about (``post:…``, ``employee:…``; empty for the firm).
    """

    def __init__(self, client: Client) -> None:
        self.client = client
        self.words = Wording(client.library, client.language, client)
        self.language = client.language
        self.hash = scheme_hash(client)
        self.month = paper_month(client)
        self.missing: dict[tuple[str, str], None] = {}
        self.blank = BLANK if self.language == "zh" else BLANK_EN

    # -- words -------------------------------------------------------------------
    def text(self, key: str, /, **values: Any) -> str:
        """A text of the papers."""
        return self.words.text(f"papers.{key}", **values)

    def number(self, name: str) -> int:
        """A threshold as the client has it, stored."""
        return number(self.client, name)

    def count(self, name: str) -> int:
        """A threshold that is a count."""
        return number(self.client, name) // MILLION

    def given(self, fact: str, value: Any, subject: str = "") -> str:
        """The value, or a blank line to fill in by hand, noted as missing."""
        text = "" if formats.missing(value) else str(value)
        if text:
            return text
        self.missing[(fact, subject)] = None
        return self.blank

    def day(self, fact: str, value: Any, subject: str = "") -> str:
        """A date in words, or a blank to fill in."""
        if not formats.missing(value):
            return formats.long_date(value, self.language)
        self.missing[(fact, subject)] = None
        return self.text("date_blank")

    def paper(self, title: str, look: Look) -> Paper:
        """A new paper with the firm's name and the scheme's hash in its foot.

        While the scheme has errors, every page says that it is a draft.
        """
        foot = self.text("foot", client=self.firm, hash=self.hash)
        mark = self.text("draft", count=len(self.faults)) if self.faults else ""
        return Paper(self.language, title, foot, look, mark)

    @cached_property
    def faults(self) -> tuple[Finding, ...]:
        """What must be put right before the scheme is published: errors of data and scheme."""
        found = (*self.client.findings, *check_scheme(self.client))
        codes = self.client.library.codes
        return tuple(f for f in found if codes[f.code].severity == "error")

    @cached_property
    def firm(self) -> str:
        """The firm's name in the language of the paper."""
        return self.words.client_name

    def listed(self, names: Sequence[str]) -> str:
        """Names in a row."""
        return self.words.listed(list(names))

    # -- the scheme ----------------------------------------------------------------
    @property
    def version(self) -> str:
        """Since when the newest part of the scheme holds."""
        return formats.long_date(month_start(self.month), self.language)

    @cached_property
    def team(self) -> pd.DataFrame:
        """Who works in which post in the month of the papers."""
        return people(self.client, self.month)

    @cached_property
    def rows(self) -> pd.DataFrame:
        """Everybody's scorecard rows in the month, with parameters and standards.

        Also of those outside the pilot, for the papers are the whole scheme's.
        """
        dates = replace(self.client.config.dates, pilot_from="", pilot_to="")
        config = replace(self.client.config, dates=dates)
        return assessed_rows(replace(self.client, config=config), (self.month,))

    @cached_property
    def card_cells(self) -> dict[tuple[str, str], dict[Any, Any]]:
        """The client's scorecard rows by subject (``post:…``, ``employee:…``) and indicator."""
        rows = cards(self.client).to_dict("records")
        return {(str(row["subject"]), str(row["indicator"])): row for row in rows}

    @cached_property
    def changes(self) -> dict[str, PayChange]:
        """What the scheme changes in each person's pay."""
        return pay_changes(self.client, self.month)

    @cached_property
    def posts(self) -> list[str]:
        """The posts with people, in the order of the library."""
        held = set(self.team["post"])
        return [post for post in self.client.library.posts.index if post in held]

    @property
    def issued(self) -> dt.date | None:
        """The day the decision maker signed the scheme, if on record."""
        return self.signed("scheme")

    def signed(self, paper: str, subject: str = "") -> dt.date | None:
        """The latest signature under a paper of this kind (and subject)."""
        table = self.client.table("signoffs")
        table = table[table["paper"] == paper]
        if subject:
            table = table[table["subject_id"] == subject]
        days = table["signed_on"].dropna()
        return None if days.empty else pd.Timestamp(days.max()).date()

    def name(self, employee: Any) -> str:
        """A person's name, or the number where none is known."""
        return self.words.name("employee", employee)


def paper_month(client: Client) -> str:
    """The first month in which the whole scheme as judged is in force and people begin with it."""
    begun = [start_month(client)]
    if client.period is None:
        for table in (cards(client), plans(client)):
            since = table["effective_from"].max()
            if pd.notna(since):  # a scheme that begins within a month holds from the next
                begun.append(shift(month_of(since - pd.Timedelta(days=1)), 1))
    return max(begun)
