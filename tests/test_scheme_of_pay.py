"""Pay by a scheme with errors: told where it is made; months without a plan; negative months."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pytest
from code_cases import capped
from test_method_pay import BASE, changed
from written_client import written_client

from ecperf_kit.client import Client
from ecperf_kit.exact import MILLION, exact
from ecperf_kit.finding import Finding
from ecperf_kit.method.calculate import calculate
from ecperf_kit.outputs.wording import Wording
from ecperf_kit.period import Period
from ecperf_kit.rules import check_scheme
from ecperf_kit.rules.scheme_of_pay import scheme_of_pay
from ecperf_kit.stages import conclude

JUNE = "2026-06"
CONFIG = """
name_zh = "测试店"
name_en = "Test shop"
invented = true
[dates]
plan_year = 2026
scheme_from = 2026-01-01
rollout_from = "2026-01"
"""


def _shop(folder: Path, **tables: str) -> Client:
    client = written_client(folder, {**BASE, **tables}, CONFIG)
    return replace(client, period=Period.parse(JUNE))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Client:
    return _shop(tmp_path_factory.mktemp("scheme"))


def _weights(client: Client, *weights: int) -> Client:
    return changed(client, "scorecards", weight=[exact(str(w)) for w in weights])


def _codes(findings: tuple[Finding, ...] | list[Finding]) -> list[str]:
    return [f.code for f in findings]


def _own(client: Client, findings: tuple[Finding, ...]) -> list[str]:
    return [f.code for f in findings if f.code[0] == "S"]


# -- errors of the scheme where pay is made ------------------------------------------------------
@pytest.mark.parametrize("stage", ["rollout", "pilot"])
def test_weights_of_90_are_told_where_pay_is_made(shop: Client, stage: str) -> None:
    sound, wrong = conclude(stage, shop), conclude(stage, _weights(shop, 40, 30, 20))
    assert _own(shop, sound.findings) == []
    assert _own(shop, wrong.findings) == ["S101"]
    verdict = wrong.verdicts[0]
    assert verdict.level == "change" and verdict.found.key == "judged.scheme"
    wording = Wording(shop.library, "en", shop)
    assert wording.say(verdict.found) == (
        "The scheme must be put right before these figures are paid: Weights do not add up to 100"
    )


def test_the_title_never_says_ready(shop: Client) -> None:
    signed = pd.DataFrame(
        {
            "paper": ["consent"], "subject_kind": ["employee"], "subject_id": ["E1"],
            "signed_by": ["双方"], "signed_on": [pd.Timestamp("2026-01-01")],
        }
    )  # fmt: skip
    blank = shop.table("signoffs")
    signed = signed.reindex(columns=blank.columns).astype(blank.dtypes.to_dict())
    agreed = replace(shop, tables=MappingProxyType({**shop.tables, "signoffs": signed}))
    assert conclude("rollout", agreed).title.key != "rollout.title.scheme"
    report = conclude("rollout", _weights(agreed, 60, 40, 20))
    assert report.title.key == "rollout.title.scheme"
    assert report.advice.key == "rollout.advice.scheme"
    assert report.table("pay_list")["pay"].notna().all()


def test_a_figure_is_the_same_with_the_finding(shop: Client) -> None:
    wrong = _weights(shop, 40, 30, 20)
    listed = conclude("rollout", wrong).table("pay_list")["pay"].tolist()
    assert listed == calculate(wrong, [JUNE]).pay["pay"].tolist()


def test_the_version_of_each_month_counts(shop: Client) -> None:
    """Weights of 90 from January, 100 from June: told for May, and for May to June once."""
    old = _weights(shop, 40, 30, 20).table("scorecards")
    new = shop.table("scorecards").assign(effective_from=pd.Timestamp("2026-06-01"))
    both = replace(
        shop, tables=MappingProxyType({**shop.tables, "scorecards": pd.concat([old, new])})
    )
    assert _codes(scheme_of_pay(both, (JUNE,))) == []
    assert _codes(scheme_of_pay(both, ("2026-05",))) == ["S101"]
    assert _codes(scheme_of_pay(both, ("2026-04", "2026-05", JUNE))) == ["S101"]


def test_what_only_a_design_asks_for_stays_there(shop: Client) -> None:
    found = _codes(scheme_of_pay(shop, (JUNE,)))
    assert set(_codes(check_scheme(shop))) - set(found) and found == []


# -- caps ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(("cap", "told"), [("1", False), ("1.000001", True), ("1.5", True)])
def test_a_cap_above_the_weight_is_an_error(cap: str, told: bool) -> None:
    assert ("S118" in _codes(check_scheme(capped(cap)))) is told
    assert ("S119" in _codes(check_scheme(capped(general=cap)))) is told
    assert "S118" not in _codes(check_scheme(capped(general=cap)))


def test_a_cap_of_steps_caps_nothing(shop: Client) -> None:
    """The cap belongs to the percentage method; the second row is scored by steps."""
    cap = pd.array([MILLION, 2 * MILLION, pd.NA], dtype="Int64")
    assert "S118" not in _codes(scheme_of_pay(changed(shop, "scorecards", cap=cap), (JUNE,)))
    cap = pd.array([2 * MILLION, pd.NA, pd.NA], dtype="Int64")
    assert "S118" in _codes(scheme_of_pay(changed(shop, "scorecards", cap=cap), (JUNE,)))


def test_a_cap_is_told_where_pay_is_made(shop: Client) -> None:
    cap = pd.array([2 * MILLION, pd.NA, pd.NA], dtype="Int64")
    report = conclude("rollout", changed(shop, "scorecards", cap=cap))
    assert _own(shop, report.findings) == ["S118"] and report.verdicts[0].level == "change"


# -- months without a plan -----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("begun", "months"),
    [
        ("2026-01-01", None),
        ("2026-02-01", ("2026-01",)),
        ("2026-07-01", ("2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06")),
    ],
)
def test_a_plan_after_the_first_month_is_told_with_its_months(
    tmp_path: Path, begun: str, months: tuple[str, ...] | None
) -> None:
    client = _shop(tmp_path, pay_plans=BASE["pay_plans"].replace("2026-01-01", begun))
    found = [f for f in client.findings if f.code == "D330"]
    assert [f.values["months"] for f in found] == ([] if months is None else [months])
    assert "D311" not in _codes(client.findings)
    if months is not None:
        assert found[0].subject == "employee:E1"
    row = conclude("rollout", client).table("pay_list").iloc[0]
    later = months is not None and JUNE in months
    assert pd.isna(row["pay"]) is later
    assert (row["codes"] == "D330") is later


def test_only_the_months_somebody_is_there_count(tmp_path: Path) -> None:
    """Employed from 10 March to 20 April, the plan from July: March and April."""
    staff = "employee, name, hired, left\nE1, 甲, 2026-03-10, 2026-04-20"
    posts = BASE["assignments"].replace("2024-01-01", "2026-03-10")
    plans = BASE["pay_plans"].replace("2026-01-01", "2026-07-01")
    client = _shop(tmp_path, employees=staff, assignments=posts, pay_plans=plans,
                   attendance="employee, month, scheduled_days, worked_days",
                   assessments="employee, period, indicator, superior_date")  # fmt: skip
    found = [f for f in client.findings if f.code == "D330"]
    assert [f.values["months"] for f in found] == [("2026-03", "2026-04")]


def test_a_plan_of_ones_own_covers_the_months(tmp_path: Path) -> None:
    own = BASE["pay_plans"].split("\n")
    later = own[1].replace("2026-01-01", "2026-07-01")
    first = own[1].replace("post, store_operator", "employee, E1")
    client = _shop(tmp_path, pay_plans="\n".join([own[0], later, first]))
    assert "D330" not in _codes(client.findings)


# -- negative months -----------------------------------------------------------------------------
@pytest.mark.parametrize(("sales", "told"), [("0", False), ("0.01", False), ("-300000", True)])
def test_a_negative_month_is_told_and_pays_nothing(shop: Client, sales: str, told: bool) -> None:
    client = changed(shop, "sales_bridge", finance_sales=exact(sales))
    found = calculate(client, [JUNE])
    lines = found.lines[found.lines["line"] == "commission_sales"]
    assert lines["amount"].tolist() == [0]  # 0.01 x 0.123 % is less than half a fen
    below = [f for f in found.findings if f.code == "C123"]
    assert bool(below) is told
    if told:
        assert below[0].values == {
            "month": JUNE, "employee": "E1", "line": "commission_sales", "of": "channel:tmall",
            "basis": -300_000 * MILLION,
        }  # fmt: skip
        assert below[0].source.file == "sales_bridge.csv"
        text = Wording(client.library, "en", client).finding(below[0])
        assert "0 is paid" in text.evidence and "−300,000" in text.evidence
        assert "C123" in _codes(conclude("rollout", client).findings)
        assert "C123" in _codes(conclude("pilot", client).findings)


def test_a_loss_of_profit_is_told_too(shop: Client) -> None:
    value = [exact("-1"), exact("4.95"), exact("0.8")]
    found = calculate(changed(shop, "actuals", value=value), [JUNE]).findings
    assert [f.values["line"] for f in found if f.code == "C123"] == ["commission_gross_profit"]
