"""What papers say of the gate: more than coefficient 1.0 only with the key result reached.

Assessment method 4.2: whoever is paid by a rule can read it in the notice, the scorecard and
the own consent.
"""

from __future__ import annotations

import pandas as pd

from ecperf_kit.exact import MILLION
from ecperf_kit.outputs.papers.facts import Facts
from ecperf_kit.rules.in_force import coefficient_bands
from ecperf_kit.rules.key_result import gated_plans


def _gated(facts: Facts) -> pd.DataFrame:
    """The plans with the gate on whose coefficient table goes above 1.0 at all."""
    bands, gated = coefficient_bands(facts.client), gated_plans(facts.client)
    above = bands.loc[bands["coefficient"] > MILLION, "coefficient_table"]
    return gated[gated["coefficient_table"].isin(above)]


def gated_posts(facts: Facts) -> str:
    """The rule for the whole firm, with the posts it holds for; empty where for none."""
    held = set(_gated(facts)["post"].dropna())
    names = [facts.words.name("post", post) for post in facts.posts if post in held]
    return facts.text("gate.posts", posts=facts.listed(names)) if names else ""


def gate_of_card(facts: Facts, rows: pd.DataFrame, plans: set[str]) -> str:
    """The rule for one scorecard, naming its key results; empty where it does not hold.

    ``rows`` are the scorecard's, ``plans`` the subjects of the plans that pay by it.
    """
    key = rows.loc[rows["key_result"].astype(bool), "indicator"].drop_duplicates()
    if key.empty or not plans & set(_gated(facts)["subject"]):
        return ""
    names = [facts.words.name("indicator", indicator) for indicator in key]
    return facts.text("gate.one" if len(names) == 1 else "gate.several",
                      indicators=facts.listed(names))  # fmt: skip
