"""Sliders for the design notebook: what another weight or pay mix would do to the own history.

In JupyterLab the controls move; without a browser the same cell shows the scheme as it
is, as a table. Nothing here changes a file of the client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ecperf_kit.client import Client
    from ecperf_kit.stages.result import StageResult

__all__ = ["pay_tuner", "weight_tuner"]


def weight_tuner(client: Client, report: StageResult, subject: str = "") -> Any:
    """Sliders for the weights of a scorecard, scored again on the client's own history.

    ``subject`` as ``post:presales_cs`` or ``employee:E003``, by default the card of most
    people. A sentence where the client has no scorecard in force.
    """
    from ecperf_kit.widgets.tuning import subjects
    from ecperf_kit.widgets.weights import WeightTuner

    seen = client.seen_by(report.stage)
    if not subjects(seen):
        return _nothing(client, "widgets.no_card")
    return WeightTuner(seen, subject)


def pay_tuner(client: Client, report: StageResult, subject: str = "") -> Any:
    """Sliders for the pay mix and the coefficient table, paid again on the own history.

    ``subject`` as ``post:presales_cs`` or ``employee:E003``, by default the plan of most
    people. A sentence where nobody's plan has performance pay.
    """
    from ecperf_kit.widgets.pay_mix import PayTuner
    from ecperf_kit.widgets.pay_tuning import pay_subjects

    seen = client.seen_by(report.stage)
    if not pay_subjects(seen):
        return _nothing(client, "widgets.no_plan")
    return PayTuner(seen, subject)


def _nothing(client: Client, key: str) -> Any:
    from ecperf_kit.outputs.show import Shown, wording_of
    from ecperf_kit.outputs.tables import escape

    said = wording_of(client).text(key)
    return Shown(f"<p>{escape(said)}</p>", "everybody", said)
