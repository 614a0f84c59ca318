"""What travels with the package: the six notebooks and the invented demo clients.

In a checkout (editable installation) they are the folders beside the package.
The wheel holds the same files under ``_shipped/``; ``setup.py`` puts them there
when it is built, so that version control has them once.
"""

from __future__ import annotations

from pathlib import Path

import ecperf_kit

#: The demo clients; every name, person and figure in them is invented.
DEMO_CLIENTS = ("qinghe", "qinghe_draft", "xiaoman")
#: What a practice must never copy along.
LEFT_OUT = ("__pycache__", ".ipynb_checkpoints", "*.failed.ipynb")


def shipped_folder() -> Path:
    """The folder that holds ``notebooks/`` and ``client_data/`` as this version ships them."""
    package = Path(ecperf_kit.__file__).resolve().parent
    in_wheel = package / "_shipped"
    return in_wheel if in_wheel.is_dir() else package.parent
