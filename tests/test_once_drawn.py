"""Trials of drawn changes, one made of another: what they take over is what they would work out.

Each is held against a client with the same tables that has nothing kept.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ecperf_kit import view
from ecperf_kit.client import Client, open_client
from ecperf_kit.method.calculate import calculate
from ecperf_kit.method.once import once
from ecperf_kit.method.scenario import AS_IN_FORCE
from ecperf_kit.method.simulation import months_of, simulate
from ecperf_kit.rules import check_organisation, check_scheme
from ecperf_kit.rules.merged_cards import merged_cards
from ecperf_kit.rules.plan_parts import plan_parts

ROOT = Path(__file__).resolve().parent.parent


@cache
def demo() -> Client:
    return open_client("qinghe", root=ROOT)


def _parts_of(found: Any) -> tuple[Any, ...]:
    return tuple(getattr(found, name) for name in found.__dataclass_fields__)


def _calculated(client: Client) -> Any:
    return _parts_of(calculate(client, months_of(demo(), AS_IN_FORCE)[-2:]))


ASKED: dict[str, Callable[[Client], Any]] = {
    "scheme": check_scheme,
    "organisation": check_organisation,
    "calculation": _calculated,
    "merged": merged_cards,
    "parts": lambda client: tuple(getattr(plan_parts(client), n) for n in ("groups", "parts")),
    "simulation": lambda client: _parts_of(simulate(client, demo().scenarios[0])),
}


def _answer(ask: Callable[[Client], Any], client: Client) -> Any:
    try:
        return ask(client)
    except Exception as error:  # a change may leave nothing to compute with: then for both
        return type(error).__name__, str(error)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, pd.DataFrame):
        return isinstance(other, pd.DataFrame) and one.equals(other)
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


def _changed(frame: pd.DataFrame, draw: random.Random) -> pd.DataFrame:
    """Some rows less, one column in another order, or some of its cells empty."""
    count = len(frame)
    column = draw.choice([name for name in frame.columns if not str(name).startswith("_")])
    match draw.choice(["fewer", "exchanged", "empty"]):
        case "fewer":
            return frame.iloc[[at for at in range(count) if draw.random() < 0.7]]
        case "exchanged":
            order = draw.sample(range(count), count)
            return frame.assign(**{column: frame[column].array.take(order)})
        case _:
            gone = pd.Series([draw.random() < 0.4 for _ in range(count)], index=frame.index)
            return frame.assign(**{column: frame[column].mask(gone)})


@pytest.mark.parametrize("seed", range(3))
def test_a_chain_of_trials_tells_what_clients_without_anything_kept_tell(seed: int) -> None:
    draw = random.Random(seed)
    made = [replace(demo())]
    names = sorted(name for name, frame in demo().tables.items() if len(frame))
    for ask in ASKED.values():
        _answer(ask, made[0])
    for _ in range(6):
        parent, name = draw.choice(made), draw.choice(names)
        trial = parent.with_tables(**{name: _changed(parent.tables[name], draw)})
        for asked in draw.sample(sorted(ASKED), 2):
            found, anew = (_answer(ASKED[asked], c) for c in (trial, replace(trial)))
            assert _same(found, anew), (asked, name)
        made.append(trial)


def test_what_is_kept_is_not_altered_by_who_got_it_however_it_is_nested() -> None:
    @once
    def told(client: Client) -> Any:
        frame = client.table("channels")
        return {"a": [[1], [2]]}, [{"b": 1}], (frame[["channel"]].copy(),)

    client = replace(demo())
    nested, listed, frames = told(client)
    nested["a"][0].append(9)
    listed[0]["b"] = 9
    frames[0]["channel"] = "x"
    again = told(client)
    assert again[:2] == ({"a": [[1], [2]]}, [{"b": 1}])
    assert again[2][0]["channel"].tolist() == demo().table("channels")["channel"].tolist()


def test_a_stage_does_not_take_what_another_read_in_tables_it_does_not_declare() -> None:
    @once
    def answers(client: Client) -> int:
        return len(client.table("exam_answers"))

    client = replace(demo())
    assert answers(client.seen_by("exam")) == len(client.table("exam_answers"))
    with pytest.raises(view.UndeclaredTable):
        answers(client.seen_by("design"))


def test_what_stages_share_rests_on_nothing_that_differs_from_stage_to_stage() -> None:
    """Method and rules ask a client for tables, never for what a stage sees otherwise."""
    differs = re.compile(r"client\.(stage|present|findings|scenarios|rows|inputs|label)\b")
    found = [
        f"{path.name}: {hit[0]}"
        for folder in ("method", "rules")
        for path in sorted((ROOT / "ecperf_kit" / folder).glob("*.py"))
        for hit in differs.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []
