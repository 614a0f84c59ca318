"""Writes the invented demo clients under ``client_data``: run it from the checkout.

    python -m tools.make_demo_clients

The committed CSV files are what counts; this program says how they came about.
The same library gives the same files.
"""

from __future__ import annotations

from pathlib import Path

from tools.demo import qinghe, xiaoman
from tools.demo.qinghe_exam import exam_answers
from tools.demo.writing import write_client

PRACTICE = Path(__file__).resolve().parent.parent
ROOT = PRACTICE / "client_data"


def main() -> None:
    """The folders of all demo clients, written anew."""
    write_client(ROOT / "qinghe_draft", qinghe.DRAFT_CONFIG, qinghe.draft(), qinghe.CHINESE)
    repaired = qinghe.repaired()
    write_client(ROOT / "qinghe", qinghe.CONFIG, repaired, qinghe.CHINESE)
    # the exam is made from the scheme just written
    repaired["exam_answers"] = exam_answers(PRACTICE)
    write_client(ROOT / "qinghe", qinghe.CONFIG, repaired, qinghe.CHINESE)
    write_client(ROOT / "xiaoman", xiaoman.CONFIG, xiaoman.tables(), xiaoman.CHINESE)


if __name__ == "__main__":
    main()
