"""A control and what it shows: sliders where there is a browser, else the table alone."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ecperf_kit.outputs.show import Shown, style
from ecperf_kit.outputs.tables import escape
from ecperf_kit.practice import UNATTENDED
from ecperf_kit.stages.result import Audience

if TYPE_CHECKING:
    from ecperf_kit.outputs.wording import Wording

_VIEW = "application/vnd.jupyter.widget-view+json"


class Tuner(ABC):
    """What a cell shows: a page's HTML always, and the sliders where somebody can move them.

    Subclasses say what the HTML is for the present setting (``_html``) and build the
    controls (``_controls``). Scores and pay of single people: for entitled readers.
    """

    audience: Audience = "person"

    def __init__(self, wording: Wording) -> None:
        self.wording = wording
        self._widget: Any = None
        self._shown: Any = None

    @abstractmethod
    def _html(self) -> str:
        """The result under the present setting."""

    @abstractmethod
    def _controls(self) -> list[Any]:
        """What is moved, in order from above."""

    @property
    def widget(self) -> Any:
        """The controls above the result; made when they are first asked for."""
        if self._widget is None:
            from ipywidgets import HTML, VBox

            self._shown = HTML(self._framed())
            self._widget = VBox([*self._controls(), self._shown])
        return self._widget

    def refresh(self, *_: Any) -> None:
        """Compute and show the result again after a control was moved."""
        if self._shown is not None:
            self._shown.value = self._framed()

    def _picker(self, subjects: Sequence[str], now: str, chosen: Callable[[Any], None]) -> Any:
        """A list of the subjects to choose from, by name."""
        from ipywidgets import Dropdown, Layout

        picker = Dropdown(
            options=[(self.wording.subject(name), name) for name in subjects],
            value=now,
            description=self.wording.text("widgets.subject"),
            layout=Layout(width="36em"),
            style={"description_width": "14em"},
        )
        picker.observe(chosen, names="value")
        return picker

    def _as_in_force(self) -> str:
        return f'<p class="note">{escape(self.wording.text("widgets.as_in_force"))}</p>'

    def _framed(self) -> str:
        return f'<style>{style()}</style><div class="ecperf">{self._html()}</div>'

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = Shown(self._html(), self.audience)._repr_mimebundle_()
        bundle: dict[str, Any] = dict(data)
        if not os.environ.get(UNATTENDED):  # a report run has nobody to move a slider
            view = {"version_major": 2, "version_minor": 0, "model_id": self.widget.model_id}
            bundle[_VIEW] = view
        return bundle, metadata
