"""What a run is asked for, apart from which clients; the same for all of them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from ecperf_kit import practice
from ecperf_kit.runner.memory import share
from ecperf_kit.runner.outcome import Outcome, failed

if TYPE_CHECKING:
    from ecperf_kit.runner.execute import Job
    from ecperf_kit.runner.kernel import Engine


@dataclass(frozen=True, slots=True)
class Plan:
    """Period, language and engine as asked for: "" takes the default of stage, client, process.

    ``memory`` is what one notebook may take, in MB; 0 takes the machine's share.
    """

    root: Path
    period: str = ""
    language: str = ""
    force: bool = False
    engine: Engine | Literal[""] = ""
    memory: int = 0
    spoken: str = ""  # the language failures are told in


def jobs_of(plan: Plan, name: str, stages: Sequence[str]) -> Iterator[Job | Outcome]:
    """The jobs of a client, which is opened once; a failed Outcome where there is none."""
    from ecperf_kit.client import open_client
    from ecperf_kit.runner.execute import Job
    from ecperf_kit.stages import default_period

    language = plan.language or own_language(name, plan.root)
    try:
        client = open_client(name, plan.period, language, plan.root)
    except Exception as error:  # whatever it is, the other clients go on; it is told, not hidden
        yield failed(error, name, language=plan.spoken)
        return
    engine = engine_here(plan.engine)
    periods = {}
    for stage in stages:
        try:
            periods[stage] = default_period(stage, client)
        except Exception as error:
            yield failed(error, name, stage, language=plan.spoken)
    for stage, period in periods.items():
        yield Job(
            plan.root, client, stage, period, client.language,
            engine=engine, asked=plan.period, memory=plan.memory, together=periods,
        )  # fmt: skip


def with_memory(plan: Plan, at_a_time: int) -> Plan:
    """The plan with a share of this machine's memory where none was asked for."""
    return plan if plan.memory else replace(plan, memory=share(at_a_time))


def engine_here(asked: Engine | Literal[""]) -> Engine:
    """The engine of this process: the one asked for, where it can be used here.

    A daemonic process, as clusters start their workers, may have no children of
    the kind a forked kernel is: it takes the stock engine, whatever is asked.
    """
    from multiprocessing import current_process

    from ecperf_kit.runner.kernel import default_engine

    possible = default_engine()
    if asked == "forked" and current_process().daemon:
        return possible
    return asked or possible


def own_language(name: str, root: Path) -> str:
    """The language in a client's ``client.toml``; ``zh`` where none can be read."""
    try:
        text = (practice.client_folder(name, root) / "client.toml").read_text(encoding="utf-8-sig")
        language = tomllib.loads(text).get("language")
    except (OSError, ValueError):  # open_client says what is wrong with the file
        return "zh"
    return language if language in ("zh", "en") else "zh"
