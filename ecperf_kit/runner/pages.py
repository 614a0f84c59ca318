"""The two pages of a report: the open one, and the one for entitled readers."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecperf_kit.client import Client
    from ecperf_kit.period import Period

REPORT = "report.html"
RESTRICTED = "restricted"
_one_at_a_time = Lock()  # one exporter, its template compiled once, serves all threads


def write_pages(
    executed: Any, client: Client, stage: str, period: Period, scheme: str, folder: Path
) -> None:
    """``report.html`` without, ``restricted/report.html`` with what shows single persons."""
    from ecperf_kit.outputs.files import make_folder
    from ecperf_kit.outputs.formats import long_date, long_period
    from ecperf_kit.outputs.page import render, write_page
    from ecperf_kit.outputs.wording import Wording

    language = client.language
    wording = Wording(client.library, language, client)
    about = (
        client.display_name(),
        wording.text(f"stage.{stage}"),
        long_period(period, language),
    )
    for target, public in ((folder / REPORT, True), (folder / RESTRICTED / REPORT, False)):
        make_folder(target.parent)
        with _one_at_a_time:
            page = render(
                executed,
                title=" · ".join(about),
                language=language,
                public=public,
                scheme_hash=scheme,
                generated=long_date(date.today(), language),
            )
        write_page(target, page)
