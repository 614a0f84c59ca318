"""Performance assessment with performance-linked pay for e-commerce teams.

The way of the data::

    client_data/<client>/   files the client gave and approved
      -> intake             read strictly, every fault becomes a finding
      -> Client             tables, configuration, findings (open_client)
      -> method             scores, coefficients, pay: pure functions, exact numbers
      -> rules              what is wrong with scheme and pilot
      -> stages             what each of the six stages concludes, as named tables
      -> outputs            pages, workbooks, charts, in Chinese or English
      -> reports/<client>/<period>/<stage>/

A notebook uses the names below; each is loaded when it is first used, so that
``import ecperf_kit`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from ecperf_kit.client import open_client
    from ecperf_kit.outputs import show
    from ecperf_kit.outputs.write import write_stage
    from ecperf_kit.stages.design import design
    from ecperf_kit.stages.exam import exam
    from ecperf_kit.stages.organisation import organisation
    from ecperf_kit.stages.pilot import pilot
    from ecperf_kit.stages.review import review
    from ecperf_kit.stages.rollout import rollout
    from ecperf_kit.widgets import pay_tuner, weight_tuner

#: Public name of a stage's function, which sees of a client the tables the stage declares.
_STAGES = ("organisation", "design", "exam", "pilot", "rollout", "review")
#: Other public name -> the module it stands in ("" for the module itself).
_PUBLIC = {
    "open_client": ("ecperf_kit.client", "open_client"),
    "show": ("ecperf_kit.outputs.show", ""),
    "write_stage": ("ecperf_kit.outputs.write", "write_stage"),
    "weight_tuner": ("ecperf_kit.widgets", "weight_tuner"),
    "pay_tuner": ("ecperf_kit.widgets", "pay_tuner"),
}

__all__ = [
    "design",
    "exam",
    "open_client",
    "organisation",
    "pay_tuner",
    "pilot",
    "review",
    "rollout",
    "show",
    "weight_tuner",
    "write_stage",
]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used."""
    if name in _STAGES:
        return import_module("ecperf_kit.stages").stage_function(name)
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _PUBLIC[name]
    loaded = import_module(module)
    return getattr(loaded, attribute) if attribute else loaded


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
