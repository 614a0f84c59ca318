"""Values the client is asked about before anything is computed with them."""

from __future__ import annotations

import pandas as pd

from ecperf_kit.finding import Finding


def without_asked(tables: dict[str, pd.DataFrame], across: list[Finding]) -> None:
    """Takes out the values that cannot be computed with before the client has answered.

    Percent typed for a fraction, a value beside its own parts, a denominator of 0:
    they are asked about, never guessed.
    """
    asked: dict[str, set[tuple[str, str, int]]] = {}
    for finding in across:
        if finding.code in ("D314", "D315", "D316"):
            source = finding.source
            place = (source.file, source.sheet, int(source.row or 0))
            asked.setdefault(str(finding.values["table"]), set()).add(place)
    for table, places in asked.items():
        frame = tables[table].copy()
        index = pd.MultiIndex.from_frame(frame[["_file", "_sheet", "_row"]])
        values = [
            c for c in ("value", "numerator", "denominator", "standard") if c in frame.columns
        ]
        frame.loc[index.isin(list(places)), values] = pd.NA
        tables[table] = frame
