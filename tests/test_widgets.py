"""The sliders: sums that stay, totals and pay that agree with the method, no widget in a report."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecperf_kit import open_client
from ecperf_kit.exact import MILLION, decimal, exact
from ecperf_kit.method.calculate import calculate
from ecperf_kit.method.scoring import score
from ecperf_kit.practice import UNATTENDED
from ecperf_kit.widgets.pay_mix import PayTuner
from ecperf_kit.widgets.pay_tuning import PayHistory, pay_subjects
from ecperf_kit.widgets.tuning import CardHistory, balanced, subjects
from ecperf_kit.widgets.weights import WeightTuner

ROOT = Path(__file__).resolve().parent.parent
CARD = "post:presales_cs"


@pytest.fixture(scope="module")
def client():
    return open_client("qinghe", root=ROOT)


def points(*given: str) -> np.ndarray:
    return np.array([exact(each) for each in given], dtype=np.int64)


def test_the_others_give_way_in_proportion():
    # 30 -> 40: the other 70 lose 10; 20 -> 60 x 20/70 = 17.14 -> 17 (half points), and so on
    after = balanced(points("30", "20", "20", "15", "10", "5"), 0, exact("40"))
    assert after[0] == exact("40")
    assert after.sum() == exact("100")
    assert list(after[1:3]) == [exact("17")] * 2


def test_a_fixed_weight_stays_and_limits_the_others():
    start = points("30", "20", "50")
    after = balanced(start, 0, exact("70"), fixed=[2])
    assert list(after) == list(points("50", "0", "50"))  # 70 do not fit beside the fixed 50


def test_with_all_others_fixed_nothing_moves():
    start = points("30", "20", "50")
    assert list(balanced(start, 0, exact("10"), fixed=[1, 2])) == list(start)


def test_others_that_have_nothing_share_equally():
    assert list(balanced(points("100", "0", "0"), 0, exact("50"))) == list(points("50", "25", "25"))


@given(
    weights=st.lists(st.integers(0, 200), min_size=2, max_size=8).filter(lambda w: sum(w) > 0),
    data=st.data(),
)
def test_the_sum_stays_and_no_weight_is_negative(weights, data):
    start = np.array(weights, dtype=np.int64) * (MILLION // 2)
    moved = data.draw(st.integers(0, len(weights) - 1))
    fixed = data.draw(st.sets(st.integers(0, len(weights) - 1)))
    after = balanced(start, moved, data.draw(st.integers(-5, 150)) * MILLION, fixed)
    assert after.sum() == start.sum()
    assert (after >= 0).all()
    assert all(after[at] == start[at] for at in fixed if at != moved)


def test_weights_in_force_change_nothing(client):
    history = CardHistory(client, CARD)
    told = history.rescored(history.weights)
    assert len(told) == 24  # four people, April to September
    assert (told["change"] == 0).all()
    assert (told["coefficient_before"] == told["coefficient_after"]).all()
    again = history._beside(history._looked_up(score(history.rows)))
    pd.testing.assert_frame_equal(told, again)


def test_rescored_totals_are_those_of_the_bands_worked_out_by_hand(client):
    """Each row earns a share of its weight, whatever the method: share x new weight."""
    history = CardHistory(client, CARD)
    weights = points("45", "15", "15", "12.5", "8", "4.5")
    told = history.rescored(weights).set_index(["employee", "month"])["after"]
    rows = history.before_rows
    share = {
        (r.employee, r.month, r.indicator): decimal(r.row_score) / decimal(r.weight)
        for r in rows.itertuples()
    }
    for employee, month in told.index:
        total = sum(
            (
                (share[employee, month, name] * decimal(weight)).quantize(
                    Decimal("0.000001"), ROUND_HALF_UP
                )
                for name, weight in zip(history.indicators, weights.tolist(), strict=True)
            ),
            Decimal(0),
        )
        assert decimal(told[employee, month]) == total.quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_faults_of_the_rules_are_seen_while_a_weight_moves(client):
    history = CardHistory(client, CARD)
    lopsided = points("5", "5", "5", "5", "40", "40")
    codes = {finding.code for finding in history.faults(lopsided)}
    assert {"S109", "S110"} <= codes  # 20 of 100 on core; process above core
    assert not {"S109", "S110"} & {finding.code for finding in history.faults(history.weights)}


def test_an_unknown_subject_is_told_with_those_there_are(client):
    with pytest.raises(KeyError, match="post:presales_cs"):
        CardHistory(client, "post:nobody")
    with pytest.raises(KeyError, match="post:presales_cs"):
        PayHistory(client, "post:nobody")


def test_pay_in_force_changes_nothing(client):
    history = PayHistory(client, CARD)
    trial = history.trial(history.share)
    assert (trial.rows["change"] == 0).all()
    assert trial.before == trial.after
    assert trial.bins.set_index("label")["count"].to_dict() == {
        "down_much": 0, "down": 0, "unchanged": 24, "up": 0, "up_much": 0,
    }  # fmt: skip


def test_half_of_the_pay_on_the_score(client):
    """6,500 a month; June's coefficient 0.4: 3,250 + 3,250 x 0.4 = 4,550, not 5,330."""
    history = PayHistory(client, CARD)
    assert history.split(exact("0.5")) == (exact("3250"), exact("3250"))
    rows = history.trial(exact("0.5")).rows.set_index(["employee", "month"])
    june = rows.loc[("E025", "2026-06")]
    assert june["before"] == exact("5330")
    assert june["after"] == exact("4550")
    assert june["bin"] == "down_much"


def test_a_trial_is_what_the_method_pays_for_the_changed_plan(client):
    history = PayHistory(client, CARD)
    trial = history.trial(exact("0.4"))
    plans = client.table("pay_plans").copy()
    at = (plans["subject_id"] == "presales_cs") & (plans["effective_from"] == history.since)
    plans.loc[at, ["base", "performance_pay"]] = [exact("3900"), exact("2600")]
    changed = replace(client, tables=MappingProxyType({**client.tables, "pay_plans": plans}))
    paid = calculate(changed, history.months).pay
    wanted = trial.rows[["employee", "month", "after"]].rename(columns={"after": "pay"})
    both = wanted.merge(paid, on=["employee", "month"], suffixes=("", "_paid"))
    assert len(both) == 24
    assert (both["pay"] == both["pay_paid"]).all()


def test_posts_of_one_and_people_with_plans_of_their_own_can_be_tried(client):
    for subject in subjects(client)[::8]:
        history = CardHistory(client, subject)
        assert history.rescored(history.weights)["change"].fillna(0).eq(0).all(), subject
    for subject in (*pay_subjects(client)[::12], "employee:E007"):
        history = PayHistory(client, subject)
        assert history.trial(history.share).before == history.trial(history.share).after, subject


def test_a_report_run_shows_the_table_and_no_widget(client, monkeypatch):
    monkeypatch.setenv(UNATTENDED, "1")
    for tuner in (WeightTuner(client, CARD), PayTuner(client, CARD)):
        data, metadata = tuner._repr_mimebundle_()
        assert set(data) == {"text/html", "text/plain"}
        assert metadata == {"ecperf": {"audience": "person"}}
        assert "<table" in data["text/html"]


def test_sliders_follow_each_other(client, monkeypatch):
    monkeypatch.delenv(UNATTENDED, raising=False)
    tuner = WeightTuner(client, CARD)
    data, _ = tuner._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    tuner._sliders[0].value = 45.0
    assert sum(slider.value for slider in tuner._sliders) == 100
    assert "45.0" in tuner._shown.value
    tuner._fixed[0].value = True
    tuner._sliders[1].value = 30.0
    assert tuner._sliders[0].value == 45.0
    tuner.reset()
    assert list(tuner.weights) == list(tuner.history.weights)
    pay = PayTuner(client, CARD)
    assert pay.widget is not None
    slider, _menu = pay._controls_of_plan
    slider.value = 50.0
    assert pay.share == exact("0.5")
    assert "3,250.00" in pay._shown.value
