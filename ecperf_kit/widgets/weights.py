"""The weight tuner: move one weight, the others give way, the history is scored again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ecperf_kit.exact import MILLION, exact, masked, multiply_divide, round_half_up
from ecperf_kit.outputs import tables
from ecperf_kit.outputs.show import wording_of
from ecperf_kit.outputs.tables import Head, Printed, escape
from ecperf_kit.stages.result import Column
from ecperf_kit.widgets.tuning import CardHistory, balanced, largest, subjects
from ecperf_kit.widgets.view import Tuner

if TYPE_CHECKING:
    from ecperf_kit.client import Client

_STEP = 0.5  # points


class WeightTuner(Tuner):
    """Sliders for the weights of one scorecard; their sum stays what it is (3.4)."""

    def __init__(self, client: Client, subject: str = "") -> None:
        """``subject`` as ``post:presales_cs`` or ``employee:E003``, by default the largest.

        KeyError for a subject without a scorecard in force.
        """
        super().__init__(wording_of(client))
        self.client = client
        self._sliders: list[Any] = []
        self._fixed: list[Any] = []
        self._moving = False
        self.choose(subject or largest(client, subjects(client)))

    def choose(self, subject: str) -> None:
        """Turn to another scorecard."""
        self.history = CardHistory(self.client, subject)
        self.weights = self.history.weights.copy()

    def move(self, indicator: str, points: str) -> None:
        """Set one weight, as a slider does: ``move("inquiry_conversion", "35")``."""
        self._move(self.history.indicators.index(indicator), exact(points))

    def reset(self, *_: Any) -> None:
        """Back to the weights in force."""
        self.weights = self.history.weights.copy()
        self._follow()

    def _move(self, place: int, value: int) -> None:
        fixed = [at for at, box in enumerate(self._fixed) if box.value]
        self.weights = balanced(self.weights, place, value, fixed)
        self._follow()

    def _follow(self) -> None:
        self._moving = True
        for slider, weight in zip(self._sliders, self.weights.tolist(), strict=False):
            slider.value = weight / MILLION
        self._moving = False
        self.refresh()

    def _controls(self) -> list[Any]:
        from ipywidgets import Button, VBox

        button = Button(description=self.wording.text("widgets.reset"))
        button.on_click(self.reset)
        box = VBox(self._rows())

        def chosen(change: Any) -> None:
            self.choose(change["new"])
            box.children = self._rows()
            self.refresh()

        picker = self._picker(subjects(self.client), self.history.subject, chosen)
        return [picker, box, button]

    def _rows(self) -> list[Any]:
        from ipywidgets import Checkbox, FloatSlider, HBox, Layout

        say = self.wording.text
        rows = []
        self._sliders, self._fixed = [], []
        for place, indicator in enumerate(self.history.indicators):
            slider = FloatSlider(
                value=self.weights[place] / MILLION,
                max=float(self.weights.sum() / MILLION),
                step=_STEP,
                description=self.wording.name("indicator", indicator),
                continuous_update=False,
                readout_format=".1f",
                style={"description_width": "14em"},
                layout=Layout(width="36em"),
            )
            box = Checkbox(description=say("widgets.fixed"), indent=False)
            slider.observe(self._on_slider(place), names="value")
            self._sliders.append(slider)
            self._fixed.append(box)
            rows.append(HBox([slider, box]))
        return rows

    def _on_slider(self, place: int) -> Any:
        def moved(change: Any) -> None:
            if not self._moving:
                self._move(place, exact(f"{change['new']:.6f}"))

        return moved

    def _html(self) -> str:
        say = self.wording.text
        name = self.wording.subject(self.history.subject)
        parts = [f"<h3>{escape(say('widgets.weights_title', subject=name))}</h3>"]
        if (self.weights == self.history.weights).all():
            parts.append(self._as_in_force())
        parts.append(tables.render(self._weights_table(), css="small"))
        parts.append(self._faults())
        told = self.history.rescored(self.weights)
        if told.empty:
            return "".join([*parts, f'<p class="note">{escape(say("widgets.no_history"))}</p>'])
        known = told["change"].notna()
        moved = int((told["change"].fillna(0) != 0).sum())
        parts.append(
            f"<p>{escape(say('widgets.rescored', rows=int(known.sum()), moved=moved))}</p>"
        )
        parts.append(tables.render(self._people(told)))
        gaps = int((~known).sum())
        if gaps:
            parts.append(f'<p class="note">{escape(say("widgets.not_scored", rows=gaps))}</p>')
        return "".join(parts)

    def _weights_table(self) -> Printed:
        say = self.wording.text
        heads = (
            Head(say("widgets.indicator")),
            Head(say("widgets.weight_before"), numeric=True),
            Head(say("widgets.weight_after"), numeric=True),
        )
        frame = pd.DataFrame({"before": self.history.weights, "after": self.weights})
        points = Column("weight", "number", "", "", "")
        before, after = (
            tables.cells(frame[c].astype("Int64"), points, self.wording, None) for c in frame
        )
        names = [self.wording.name("indicator", i) for i in self.history.indicators]
        return Printed(heads, tuple(zip(names, before, after, strict=True)))

    def _people(self, told: pd.DataFrame) -> Printed:
        """Each person's mean total before and after, and the months whose coefficient moves."""
        say = self.wording.text
        known = told[told["change"].notna()]
        moved = known["coefficient_before"] != known["coefficient_after"]
        mean = known.assign(moved=moved.fillna(False)).groupby("employee", sort=True)
        frame = pd.DataFrame(
            {
                "employee": list(mean.groups),
                "before": _mean(mean["before"]),
                "after": _mean(mean["after"]),
                "moved": mean["moved"].sum().to_numpy(dtype=np.int64),
            }
        )
        frame["change"] = frame["after"] - frame["before"]
        columns = [
            Column("employee", "employee", "", say("widgets.employee"), say("widgets.employee")),
            *(
                Column(n, t, "", say(f"widgets.{n}"), say(f"widgets.{n}"))
                for n, t in (
                    ("before", "score"),
                    ("after", "score"),
                    ("change", "score"),
                    ("moved", "integer"),
                )
            ),
        ]
        return tables.printed_frame(frame, columns, self.wording)

    def _faults(self) -> str:
        found = self.history.faults(self.weights)
        if not found:
            return f"<p>{escape(self.wording.text('widgets.sound'))}</p>"
        items = []
        for finding in found:
            title, evidence, _ = self.wording.finding(finding)
            severity = self.history.client.library.codes[finding.code].severity
            word = self.wording.text(f"severity.{severity}").capitalize()
            said = f"{word} · {title}{self.wording.text('common.separator')}{evidence}"
            items.append(f"<li>{escape(said)}</li>")
        return f"<ul>{''.join(items)}</ul>"


def _mean(groups: Any) -> pd.Series:
    """The mean of each group in whole hundredths of a point."""
    total, count = groups.sum().astype("int64"), groups.count().astype("int64")
    return masked(round_half_up(multiply_divide(total, 1, count)), False)
