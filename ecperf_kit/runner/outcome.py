"""What became of one report: made, unchanged or failed, and how a failure is told."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from ecperf_kit.runner.errors import is_told
from ecperf_kit.spoken import SaidError

State = Literal["made", "unchanged", "failed"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one report. ``stage`` is "" where the client could not be opened."""

    client: str
    stage: str
    state: State
    period: str = ""
    folder: Path | None = None
    seconds: float = 0.0
    error: str = ""
    trace: str = ""  # of a bug; a failed notebook carries its own
    failed_notebook: Path | None = None

    def as_plain(self) -> dict[str, Any]:
        """The outcome as JSON has it; ``from_plain`` reads it."""
        plain = asdict(self)
        for name in ("folder", "failed_notebook"):
            plain[name] = None if plain[name] is None else str(plain[name])
        return plain

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Outcome:
        """An outcome as ``as_plain`` gave it."""
        paths = {
            name: None if plain[name] is None else Path(plain[name])
            for name in ("folder", "failed_notebook")
        }
        return cls(**{**plain, **paths})


def failed(
    error: Exception,
    client: str,
    stage: str = "",
    period: str = "",
    kept: Path | None = None,
    language: str = "",
) -> Outcome:
    """The outcome of a failure: one sentence, in ``language``, and for a bug its traceback."""
    if is_told(error):
        said = error.said_in(language or "en") if isinstance(error, SaidError) else str(error)
        return Outcome(client, stage, "failed", period, error=said, failed_notebook=kept)
    trace = "".join(traceback.format_exception(error))
    text = f"{type(error).__name__}: {error}"
    return Outcome(client, stage, "failed", period, error=text, trace=trace, failed_notebook=kept)
