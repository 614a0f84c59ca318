"""How far a run is and how long it will take: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import monotonic
from typing import Any

from ecperf_kit.runner.outcome import Outcome
from ecperf_kit.spoken import Saying, said

#: Reports up to which each one made gets its line; of more, a line comes every so often.
FEW = 24
SECONDS_BETWEEN = 10.0
#: Reports before an estimate is given: the first ones hold what starting costs.
ENOUGH = 5


class Progress:
    """Hears each outcome and says on stderr what became of it.

    Reports that are up to date are only counted, and told of in one line. The
    remaining time is what the reports made so far took, for those still to make.
    """

    def __init__(
        self,
        clients: int,
        stages: int,
        clock: Callable[[], float] = monotonic,
        bar: Any = None,
        language: str = "en",
    ) -> None:
        self._language = language
        self._stages = stages
        self._total = self._left = clients * stages
        self._same: dict[str, int] = {}
        self._counted_same = False
        self._worked = 0  # made or failed: what takes time
        self._clock, self._begun = clock, clock()
        self._told = float("-inf")
        self._bar = bar
        if bar is None and sys.stderr.isatty():
            from tqdm import tqdm

            # smoothing 0: reports differ tenfold, the last few say little about the rest
            self._bar = tqdm(
                total=self._total, unit="report", leave=False, dynamic_ncols=True, smoothing=0
            )

    def __call__(self, outcome: Outcome) -> None:
        """Count one outcome; a client that could not be opened stands for all its stages."""
        count = 1 if outcome.stage else self._stages
        self._left -= count
        if outcome.state == "unchanged" and not self._worked:
            self._same[outcome.client] = self._same.get(outcome.client, 0) + 1
            if self._bar is not None:  # they took no time: the estimate is of the others
                self._bar.total -= 1
            return
        if not self._worked:
            self._tell_same()
        self._worked += count
        if self._bar is not None:
            self._bar.set_postfix_str(self._line(outcome), refresh=False)
            self._bar.update(count)
            return
        now = self._clock()
        due = self._total <= FEW or now >= self._told + SECONDS_BETWEEN or not self._left
        if due or outcome.state == "failed":
            self._told = now
            told = {"report": self._line(outcome), "left": self._remaining(now)}
            done = self._total - self._left
            self._print(self._said("line", done=done, total=self._total, **told))

    def close(self) -> None:
        """Take the bar away; tell of reports that are up to date if nothing else was told."""
        if self._bar is not None:
            self._bar.close()
        self._tell_same()

    def _tell_same(self) -> None:
        if self._bar is None and self._same and not self._counted_same:
            reports, clients = sum(self._same.values()), len(self._same)
            self._print(self._said("same", reports=reports, clients=clients))
        self._counted_same = True

    def _remaining(self, now: float) -> str:
        if not self._left or self._worked < ENOUGH:
            return ""
        seconds = (now - self._begun) / self._worked * self._left
        return self._said("left", duration=_duration(seconds))

    def _line(self, outcome: Outcome) -> str:
        what = " ".join(part for part in (outcome.client, outcome.stage, outcome.period) if part)
        return self._said(outcome.state, report=what, seconds=f"{outcome.seconds:.1f}")

    def _said(self, key: str, **values: Any) -> str:
        return said(self._language, f"progress.{key}", **values)

    def _print(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)


def _duration(seconds: float) -> Saying:
    """About how long, in words a person plans by."""
    if seconds < 90:
        return Saying("progress.seconds", number=max(1, round(seconds)))
    minutes = round(seconds / 60)
    if minutes < 90:
        return Saying("progress.minutes", number=minutes)
    return Saying("progress.hours", number=f"{minutes / 60:.1f}")
