"""The fast payroll and the whole calculation give the same pay; calibration hits its target."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecperf_kit import open_client
from ecperf_kit.exact import MILLION, exact, ints
from ecperf_kit.method.calculate import calculate
from ecperf_kit.method.calibration import GRID, CalibrationError, calibrate
from ecperf_kit.method.payroll import Payroll
from ecperf_kit.method.scenario import AS_IN_FORCE, Change, Scenario, applied

ROOT = Path(__file__).resolve().parent.parent
MONTHS = ("2026-04", "2026-05", "2026-06")
SUBJECTS = ("post:presales_cs", "post:aftersales_cs", "post:ops_assistant", "employee:E007")


@pytest.fixture(scope="module")
def client():
    return open_client("qinghe", root=ROOT)


@pytest.fixture(scope="module")
def payroll(client):
    return Payroll(client, MONTHS)


def plainly(client, payroll, scenario):
    """Pay of each sheet by the whole calculation, missing as -1."""
    pay = calculate(applied(client, scenario), MONTHS).pay.set_index(["employee", "month"])["pay"]
    at = pd.MultiIndex.from_frame(payroll.sheets[["employee", "month"]])
    return ints(pay.reindex(at).fillna(-1))


def fast(payroll, scenario):
    paid = payroll.paid(scenario)
    return np.where(paid.known, paid.pay, -1)


fen = st.integers(0, 2_000_000).map(lambda n: n * 10_000)
plan_changes = st.builds(
    lambda subject, values: Change("pay_plans", subject, values),
    st.sampled_from(SUBJECTS),
    st.fixed_dictionaries({"base": fen}, optional={"performance_pay": fen}),
)
curves = st.builds(
    lambda form, first, rises: (
        form,
        tuple(
            (score * MILLION, coefficient)
            for score, coefficient in zip(
                (first, 60, 70, 80, 90), np.cumsum([400_000, *rises]).tolist(), strict=True
            )
        ),
    ),
    st.sampled_from(["bands", "linear"]),
    st.sampled_from([0, 30]),
    st.lists(st.integers(0, 300_000), min_size=4, max_size=4),
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    changes=st.lists(plan_changes, max_size=3),
    tables=st.dictionaries(st.sampled_from(["T1", "service_own"]), curves, max_size=2),
)
def test_the_fast_way_pays_what_the_whole_calculation_pays(client, payroll, changes, tables):
    scenario = Scenario("drawn", changes=tuple(changes), tables=tables)
    assert (fast(payroll, scenario) == plainly(client, payroll, scenario)).all()


def test_as_in_force(client, payroll):
    assert (fast(payroll, AS_IN_FORCE) == plainly(client, payroll, AS_IN_FORCE)).all()


@pytest.mark.parametrize(
    "change",
    [
        Change("pay_plans", "post:presales_cs", {"structure": "fixed"}),
        Change("pay_plans", "post:presales_cs", {"bonus": exact("100")}),  # a line that is new
        Change("pay_plans", "employee:E025", {"base": exact("5000")}),  # no plan of one's own yet
        Change("scorecards", "post:presales_cs", {"weight": exact("40")}, "inquiry_conversion"),
    ],
)
def test_what_the_fast_way_cannot_do_goes_the_whole_way(client, payroll, change):
    scenario = Scenario("x", changes=(change,))
    assert not payroll._is_plain(scenario)
    assert (fast(payroll, scenario) == plainly(client, payroll, scenario)).all()


def test_a_plan_moved_to_another_table_of_the_scenario(client, payroll):
    change = Change("pay_plans", "post:presales_cs", {"coefficient_table": "N"})
    scenario = Scenario("x", changes=(change,), tables={"N": ("bands", ((0, exact("0.7")),))})
    assert payroll._is_plain(scenario)
    assert (fast(payroll, scenario) == plainly(client, payroll, scenario)).all()
    june = payroll.frame(payroll.paid(scenario)).set_index(["employee", "month"])["pay"]
    assert june["E025", "2026-06"] == exact("5915")  # 4,550 + 1,950 x 0.7


def test_base_for_an_expected_income(client):
    """Mean pay of pre-sales moves yuan for yuan with the base."""
    in_force = calibrate(client, "post:presales_cs", "base", "pay", exact("6000"), MONTHS)
    more = calibrate(client, "post:presales_cs", "base", "pay", exact("6100"), MONTHS)
    assert in_force.met and more.met
    assert more.value - in_force.value == exact("100")
    assert 0 <= exact("6000") - in_force.reached < exact("1")


def test_a_scaled_table_reaches_a_mean_coefficient_of_one(client):
    found = calibrate(client, "service_own", "table_scale", "coefficient", MILLION, MONTHS)
    assert found.met
    step = GRID["table_scale"][2]
    beside = found.sensitivity.set_index("value")["reached"]
    assert found.reached <= MILLION < beside[found.value + step]


def test_a_target_out_of_reach_gives_the_nearest_end(client):
    found = calibrate(
        client, "post:presales_cs", "performance_share", "pay", exact("99999"), MONTHS
    )
    assert not found.met
    assert found.value in GRID["performance_share"][:2]


def test_the_scenario_found_pays_what_was_said(client, payroll):
    found = calibrate(client, "post:presales_cs", "base", "cost", exact("300000"), MONTHS)
    assert payroll.paid(found.scenario).cost == found.reached <= exact("300000")
    whole = plainly(client, payroll, found.scenario)
    assert whole[whole >= 0].sum() == found.reached


def test_what_cannot_be_turned_is_refused(client):
    with pytest.raises(CalibrationError, match="no pay plan"):
        calibrate(client, "post:nobody", "base", "pay", exact("1"), MONTHS)
    with pytest.raises(CalibrationError, match="service_own"):
        calibrate(client, "T77", "table_shift", "coefficient", MILLION, MONTHS)
