"""The pay tuner: another performance share, another coefficient table, pay before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from ecperf_kit.exact import MILLION, exact, masked
from ecperf_kit.outputs import charts, tables
from ecperf_kit.outputs.show import figure, wording_of
from ecperf_kit.outputs.tables import escape
from ecperf_kit.stages.result import Column
from ecperf_kit.widgets.pay_tuning import PayHistory, PayTrial, pay_subjects
from ecperf_kit.widgets.tuning import largest
from ecperf_kit.widgets.view import Tuner

if TYPE_CHECKING:
    from ecperf_kit.client import Client

_PERCENT = 100


class PayTuner(Tuner):
    """Sliders for the pay mix of one subject: the sum of base and performance pay stays (2.3)."""

    def __init__(self, client: Client, subject: str = "") -> None:
        """``subject`` as ``post:presales_cs`` or ``employee:E003``, by default the largest.

        KeyError for a subject without performance pay in force.
        """
        super().__init__(wording_of(client))
        self.client = client
        self._controls_of_plan: tuple[Any, ...] = ()
        self._moving = False
        self.choose(subject or largest(client, pay_subjects(client)))

    def choose(self, subject: str) -> None:
        """Turn to another pay plan."""
        self.history = PayHistory(self.client, subject)
        self.share, self.table = self.history.share, self.history.coefficient_table

    def move(self, share: str, coefficient_table: str = "") -> None:
        """Set the performance share, as the slider does: ``move("0.4")``."""
        self.share = exact(share)
        self.table = coefficient_table or self.table
        self._follow()

    def reset(self, *_: Any) -> None:
        """Back to the plan in force."""
        self.share, self.table = self.history.share, self.history.coefficient_table
        self._follow()

    def trial(self) -> PayTrial:
        """Pay of the own history under the present setting."""
        return self.history.trial(self.share, self.table)

    def _follow(self) -> None:
        self._moving = True
        for control, value in zip(self._controls_of_plan, self._settings(), strict=False):
            control.value = value
        self._moving = False
        self.refresh()

    def _settings(self) -> tuple[float, str]:
        return round(self.share * _PERCENT / MILLION, 1), self.table

    def _controls(self) -> list[Any]:
        from ipywidgets import Button, Dropdown, FloatSlider, Layout

        say = self.wording.text
        wide = Layout(width="36em")
        named = {"description_width": "14em"}
        share, table = self._settings()
        slider = FloatSlider(
            value=share, max=100.0, step=0.5, description=say("widgets.performance_share"),
            continuous_update=False, readout_format=".1f", style=named, layout=wide,
        )  # fmt: skip
        names = self.history.coefficient_tables
        menu = Dropdown(
            options=list(names), value=table if table in names else None,
            description=say("widgets.coefficient_table"), style=named, layout=wide,
        )  # fmt: skip
        self._controls_of_plan = (slider, menu)
        slider.observe(self._on_share, names="value")
        menu.observe(self._on_table, names="value")
        button = Button(description=say("widgets.reset"))
        button.on_click(self.reset)

        def chosen(change: Any) -> None:
            self.choose(change["new"])
            self._follow()

        picker = self._picker(pay_subjects(self.client), self.history.subject, chosen)
        return [picker, slider, menu, button]

    def _on_share(self, change: Any) -> None:
        if not self._moving:
            self.share = exact(f"{change['new']:.4f}") // _PERCENT
            self.refresh()

    def _on_table(self, change: Any) -> None:
        if not self._moving and change["new"]:
            self.table = change["new"]
            self.refresh()

    def _html(self) -> str:
        say = self.wording.text
        trial = self.trial()
        name = self.wording.subject(self.history.subject)
        base, performance = self.history.split(self.share)
        said = say(
            "widgets.mix",
            share_before=self.history.share,
            share=self.share,
            base=base,
            performance=performance,
            table=self.table or "–",
        )
        parts = [f"<h3>{escape(say('widgets.pay_title', subject=name))}</h3><p>{escape(said)}</p>"]
        if (self.share, self.table) == (self.history.share, self.history.coefficient_table):
            parts.append(self._as_in_force())
        if trial.rows["change"].notna().any():
            sums = say(
                "widgets.cost",
                before=trial.before,
                after=trial.after,
                change=trial.after - trial.before,
            )
            parts.append(f"<p>{escape(sums)}</p>{self._bins(trial)}")
            parts.append(tables.render(self._people(trial)))
        else:
            parts.append(f'<p class="note">{escape(say("widgets.no_history"))}</p>')
        if trial.not_computed:
            text = say("widgets.not_paid", rows=trial.not_computed)
            parts.append(f'<p class="note">{escape(text)}</p>')
        return "".join(parts)

    def _bins(self, trial: PayTrial) -> str:
        say = self.wording.text
        limit = int(self.client.threshold("pay_gap.small_change")) * _PERCENT
        words = [say(f"pilot.bin.{label}", limit=limit) for label in trial.bins["label"]]
        frame = trial.bins.assign(label=pd.Series(words, dtype="str"))
        columns = [
            Column("label", "text", "", say("widgets.change"), say("widgets.change")),
            Column("count", "integer", "", say("widgets.months"), say("widgets.months")),
        ]
        caption = say("widgets.bins")
        drawn = charts.draw("bins", frame, columns, {}, self.wording, caption, narrow=True)
        return figure(drawn.svg, caption, "", self.wording)

    def _people(self, trial: PayTrial) -> tables.Printed:
        """Each person's pay of all months before and after."""
        known = trial.rows[trial.rows["change"].notna()]
        sums = known.groupby("employee", sort=True)[["before", "after", "change"]].sum()
        frame = pd.DataFrame({"employee": list(sums.index)})
        for name in ("before", "after", "change"):
            frame[name] = masked(sums[name].to_numpy(dtype="int64"), False)
        heads = {
            "employee": "widgets.employee",
            "before": "widgets.pay_before",
            "after": "widgets.pay_after",
            "change": "widgets.change",
        }
        columns = []
        for name, key in heads.items():
            kind = "employee" if name == "employee" else "money"
            head = self.wording.text(key)
            columns.append(Column(name, kind, "", head, head))
        return tables.printed_frame(frame, columns, self.wording)
