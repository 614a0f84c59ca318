"""The standards in the design report: against the plan, and raised step by step."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, divide, ints, masked
from ecperf_kit.method.standards import standard_path
from ecperf_kit.rules.few import tells_few
from ecperf_kit.rules.in_force import main_posts, mapped, number, people
from ecperf_kit.rules.standard_parts import three_points
from ecperf_kit.rules.standards import (
    part_of_a_person,
    standard_is_jump,
    standards_against_history,
    standards_against_plan,
)

_STEPS = ("first", "second", "third")


def standards_tables(client: Client) -> dict[str, pd.DataFrame]:
    """The tables about standards by name."""
    return {
        "standards_check": _standards(client),
        **_steps_shown(client),
        "three_points": _three_points(client),
    }


def _standards(client: Client) -> pd.DataFrame:
    table = standards_against_plan(client)
    same = (table["standard"] == table["plan"]).fillna(False).astype(bool)
    state = pd.Series("off_plan", index=table.index, dtype="str")
    state = state.mask(table["approved"], "approved_change")
    state = state.mask(same, "on_plan").mask(table["plan"].isna(), "no_plan")
    # one of several parts of a plan is not off it: their sum is judged (S168)
    part = part_of_a_person(client, table) & ~same & table["plan"].notna()
    table = table.assign(state=state)
    if not part.any():
        return table
    return pd.concat([table[~part], _parts_together(client, table[part])], ignore_index=True)


def _parts_together(client: Client, parts: pd.DataFrame) -> pd.DataFrame:
    """The parts several people of a post have of a channel's plan: their sum beside it, by post
    and channel; ``part_of_plan`` where not everybody who carries it has a standard."""
    team = people(client)
    main = main_posts(team)
    carrying = team[team["post"] == mapped(team["employee"], main)]
    held = carrying.assign(channel=carrying["channel"].fillna(""))
    everybody = held.groupby(["post", "channel"])["employee"].nunique().to_dict()
    named = parts.assign(post=mapped(parts["subject_id"], main))
    key = ["post", "channel", "indicator", "period", "compared", "plan"]
    sums = named.groupby(key, as_index=False, sort=False).agg(
        standard=("standard", "sum"), persons=("subject_id", "nunique")
    )
    places = list(zip(sums["post"], sums["channel"], strict=True))
    whole = sums["persons"] == pd.Series([everybody.get(at, 0) for at in places], dtype="int64")
    amount = ints(sums["plan"])
    gap = divide(ints(sums["standard"]) - amount, np.where(amount == 0, MILLION, amount))
    state = pd.Series("off_plan", index=sums.index, dtype="str")
    state = state.mask(sums["standard"] == sums["plan"], "on_plan").mask(~whole, "part_of_plan")
    subjects = [f"post_channel:{post}@{name}" if name else f"post:{post}" for post, name in places]
    return sums.assign(
        subject=pd.Series(subjects, dtype="str"),
        gap=masked(gap, ~whole | (amount == 0), sums.index),
        state=state,
    )


def standard_steps(client: Client) -> pd.DataFrame:
    """Three steps from the last actual for every standard that grows from history (3.5).

    Conversion rises by the method's steps (37 % to 40, 42, 45 %), other ratios by its later
    step; where lower is better they fall. A standard in force that is harder than the first step,
    and no jump, is the first step itself. No path is shown that jumps by the kit's own
    rule, nor one for other units, which have no step of their own: –. ``few``: the actual
    is that of fewer people than open papers may show.
    """
    table = standards_against_history(client).dropna(subset=["actual"]).copy()
    table = table.sort_values("first", kind="stable").drop_duplicates(["subject", "indicator"])
    table = table.reset_index(drop=True)
    conversion = client.threshold("weights.swap_indicators")[0]
    steps = client.threshold("conversion.steps")
    later = number(client, "conversion.later_step")
    far = number(client, "standard.jump_relative")
    known = client.indicators
    jump = standard_is_jump(client, table)
    paths = []
    columns = (table[name].tolist() for name in ("indicator", "actual", "standard"))
    for indicator, past, in_force, too_far in zip(*columns, jump.tolist(), strict=True):
        own, actual = known.loc[indicator], int(past)
        sign = -1 if own["direction"] == "lower_is_better" else 1
        methods = indicator == conversion
        signed = [sign * step for step in steps] if methods else []
        path = standard_path(actual, signed, sign * later, len(_STEPS))
        if not (too_far or pd.isna(in_force)) and sign * (int(in_force) - path[0]) > 0:
            # the one in force is a step already: no proposal goes back behind it
            path = [int(in_force), *standard_path(int(in_force), [], sign * later, 2)]
        reachable = own["unit"] == "ratio" and all(0 < value <= MILLION for value in path)
        reachable &= methods or later * MILLION <= far * min(actual, *path)
        paths.append(path if reachable else [None] * len(_STEPS))
    proposed = pd.DataFrame(paths, columns=[f"step_{name}" for name in _STEPS], dtype="Int64")
    return pd.DataFrame({
        "subject": table["subject"],
        "indicator": table["indicator"],
        "month": table["actual_month"],
        "actual": table["actual"],
        "standard": table["standard"],
        **{name: proposed[f"step_{name}"] for name in _STEPS},
        "state": pd.Series("sound", index=table.index, dtype="str").mask(jump, "jump"),
        "few": tells_few(client, table),
    })  # fmt: skip


def _steps_shown(client: Client) -> dict[str, pd.DataFrame]:
    """The steps for everybody, and those from what few people reached for their superiors."""
    table = standard_steps(client)
    few = table.pop("few")
    parts = {"standard_steps": table[~few], "standard_steps_people": table[few]}
    return {name: part.reset_index(drop=True) for name, part in parts.items()}


def _three_points(client: Client) -> pd.DataFrame:
    """Standards with a threshold or a stretch beside them."""
    table = three_points(client)
    return table.assign(state=table["in_order"].map({True: "in_order", False: "out_of_order"}))
