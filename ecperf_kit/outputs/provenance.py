"""What a paper was computed from: the scheme's hash, input files, versions, overrides."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from ecperf_kit import __version__
from ecperf_kit.method.once import once
from ecperf_kit.outputs.wording import Wording

if TYPE_CHECKING:
    from ecperf_kit.client import Client

#: What makes up the scheme: who is measured by what, against what, for how much.
SCHEME_TABLES = ("scorecards", "coefficient_tables", "pay_plans", "standards")


class Changed(NamedTuple):
    """A parameter the client changed, beside the library's value."""

    id: str
    name: str
    library: str
    client: str
    reason: str
    approved_by: str


@once
def scheme_hash(client: Client) -> str:
    """The fingerprint of the scheme in force, as printed on every paper: ``3f9c 21ab``.

    Independent of the order of rows and of the file a row stands in. Every paper bears
    it, so every stage reads these tables.
    """
    digest = hashlib.sha256()
    for name in SCHEME_TABLES:
        digest.update(f"[{name}]\n".encode())
        digest.update(canonical(client.table(name)).encode())
    for override in sorted(client.overrides, key=lambda o: str(o.id)):
        digest.update(f"{override.id}={override.value}\n".encode())
    found = digest.hexdigest()
    return f"{found[:4]} {found[4:8]}"


def canonical(frame: pd.DataFrame) -> str:
    """A table as text that depends only on its contents: columns and rows sorted."""
    filled: dict[str, list[str]] = {}
    for name in sorted(c for c in frame.columns if not str(c).startswith("_")):
        texts = _texts(frame[name])
        # a column nobody filled is the same as none
        if any(text is not None for text in texts) and any(text != "" for text in texts):
            filled[name] = [text or "" for text in texts]
    rows = zip(*filled.values(), strict=True) if filled else ((),) * len(frame)
    lines = sorted("\x1f".join(row) for row in rows)
    return "\n".join(["\x1f".join(filled), *lines]) + "\n"


def _texts(values: pd.Series) -> list[str | None]:
    """Each value as pandas writes it, None where there is none.

    Columns as a client's tables have them are taken value by value: converting a whole
    column costs far more than a table of some hundred rows is worth.
    """
    kind = values.dtype
    if isinstance(kind, pd.Int64Dtype | pd.BooleanDtype):
        return [None if value is pd.NA else str(value) for value in values.tolist()]
    if isinstance(kind, pd.StringDtype):
        return [value if isinstance(value, str) else None for value in values.tolist()]
    if isinstance(kind, np.dtype) and kind.kind == "M":
        moments = values.to_numpy()
        days = moments.astype("datetime64[D]")
        if ((days == moments) | np.isnat(moments)).all():  # else pandas writes the hour too
            return [None if day == "NaT" else day for day in days.astype(str).tolist()]
    return [text if isinstance(text, str) else None for text in values.astype("string").tolist()]


def versions(client: Client) -> dict[str, str]:
    """Package and library version."""
    return {"package": __version__, "library": str(client.library.version)}


def changed(client: Client, wording: Wording) -> tuple[Changed, ...]:
    """The client's overrides beside the library's values, worded."""
    found = []
    for override in client.overrides:
        threshold = client.library.thresholds.get(override.id)
        unit = threshold.unit if threshold is not None else ""
        found.append(
            Changed(
                override.id,
                wording.name("threshold", override.id),
                _value(threshold.value, unit, wording) if threshold is not None else "",
                _value(override.value, unit, wording),
                str(override.reason),
                str(override.approved_by),
            )
        )
    return tuple(found)


def assumptions(client: Client, wording: Wording) -> list[str]:
    """The bases chosen in ``client.toml``, in words."""
    config = client.config
    return [
        wording.text(f"assumption.sales_basis.{config.pay.sales_basis}"),
        wording.text(f"assumption.cut_off.{config.pay.cut_off}"),
    ]


def _value(value: object, unit: str, wording: Wording) -> str:
    if isinstance(value, tuple | list):
        return wording.listed([_value(v, unit, wording) for v in value])
    if isinstance(value, int) and not isinstance(value, bool):
        text = wording.cell(value, "number", unit)
        word = wording.unit("number", unit)
        return f"{text} {word}" if word else text
    return str(value)
