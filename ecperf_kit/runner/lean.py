"""Loading notebook and chart libraries without a part of theirs that is slow and not used."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

#: jsonschema, which nbformat and altair load, checks internationalised web addresses by
#: this grammar where it is installed. Building it takes about a second of every process;
#: neither notebooks nor charts hold such an address.
UNUSED = ("rfc3987_syntax",)


@contextmanager
def leaving_out_unused() -> Iterator[None]:
    """Within the block the modules of :data:`UNUSED` count as not installed.

    jsonschema then loads without that one check. Where they are loaded already
    nothing changes, and after the block they can be imported as always.
    """
    absent = [name for name in UNUSED if name not in sys.modules]
    for name in absent:
        sys.modules[name] = None  # type: ignore[assignment]  # how Python marks "do not import"
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


def load_notebook_libraries() -> None:
    """Import papermill and what it stands on; later imports of them cost nothing."""
    with leaving_out_unused():
        import papermill.execute  # noqa: F401
