"""Commission on sales nobody has reconciled is told in every month it is paid, and marked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pytest
from click.testing import CliRunner
from test_method_pay import BASE
from written_client import CONFIG, written_client

from ecperf_kit.cli import main
from ecperf_kit.client import Client
from ecperf_kit.finding import Finding
from ecperf_kit.method.calculate import calculate
from ecperf_kit.rules.rollout import check_rollout
from ecperf_kit.stages.rollout import rollout
from ecperf_kit.stages.rollout_tables import pay_list

JUNE = "2026-06"
ROLLOUT = CONFIG + f'rollout_from = "{JUNE}"\n'
HEAD = "channel, month, backend_sales, non_genuine, refunds, coupons_fees, finance_sales\n"


def opened(root: Path, finance: str, non_genuine: str = "0", month: str = JUNE) -> Client:
    """A month of real pay: commission on 0.9 m of back-end sales, as finance reports them."""
    bridge = HEAD + f"tmall, {month}, 900000, {non_genuine}, 0, 0, {finance}"
    return written_client(root, {**BASE, "sales_bridge": bridge}, ROLLOUT)


def told(client: Client) -> list[Finding]:
    found = check_rollout(client, calculate(client, [JUNE]))
    return [finding for finding in found if finding.code.startswith("P2")]


@pytest.mark.parametrize(
    ("finance", "non_genuine", "codes", "state"),
    [
        ("900000", "0", [], "final"),
        ("873000", "0", [], "final"),  # 27,000 of 900,000: 3 % exactly, the line itself
        ("872999", "0", ["P203"], "bridge_open"),
        ("990000", "0", ["P202"], "bridge_open"),  # a tenth more than the bridge leaves
        ("899999", "1", ["P201"], "final"),  # taken out of the sales, and the bridge closes
        ("900000", "380000", ["P201", "P202"], "bridge_open"),
    ],
)
def test_real_pay_on_sales_that_are_not_reconciled(
    tmp_path: Path, finance: str, non_genuine: str, codes: list[str], state: str
) -> None:
    client = opened(tmp_path, finance, non_genuine)
    assert [finding.code for finding in told(client)] == codes
    (row,) = pay_list(client, calculate(client, [JUNE]), [JUNE]).to_dict("records")
    assert row["pay_state"] == state
    assert row["codes"] == codes[-1] if state == "bridge_open" else pd.isna(row["codes"])
    # the amount is known, and shown; it is not yet what is settled
    assert pd.notna(row["pay"])


def test_the_month_s_report_says_so_in_front(tmp_path: Path) -> None:
    result = rollout(opened(tmp_path, "990000").seen_by("rollout"))
    assert result.title.key == "rollout.title.consent"  # a consent is missing before all
    signed = pd.DataFrame(
        {"paper": ["consent"], "subject_kind": ["employee"], "subject_id": ["E1"],
         "signed_by": ["E1"], "signed_on": [pd.Timestamp("2026-05-20")]}
    )  # fmt: skip
    client = opened(tmp_path / "signed", "990000")
    papers = client.table("signoffs")
    signed = signed.reindex(columns=papers.columns).astype(papers.dtypes.to_dict())
    client = replace(client, tables=MappingProxyType({**client.tables, "signoffs": signed}))
    result = rollout(client.seen_by("rollout"))
    assert result.title.key == "rollout.title.bridge_open"
    assert result.title.values["bridge_open"] == 1
    assert "P202" in {finding.code for finding in result.findings}


def test_in_a_shadow_month_nothing_is_paid_on_it(tmp_path: Path) -> None:
    """Nobody is paid by the month: the pilot's report speaks of its bridge."""
    bridge = HEAD + f"tmall, {JUNE}, 900000, 0, 0, 0, 990000"
    client = written_client(tmp_path, {**BASE, "sales_bridge": bridge}, CONFIG)
    assert told(client) == []
    (row,) = pay_list(client, calculate(client, [JUNE]), [JUNE]).to_dict("records")
    assert row["pay_state"] == "final"


def test_a_bridge_no_commission_is_paid_on_is_left_alone(tmp_path: Path) -> None:
    assert told(opened(tmp_path, "990000", month="2026-05")) == []
    fixed = BASE["pay_plans"].replace("commission_combined", "performance")
    bridge = HEAD + f"tmall, {JUNE}, 900000, 0, 0, 0, 990000"
    tables = {**BASE, "pay_plans": fixed, "sales_bridge": bridge}
    assert told(written_client(tmp_path / "fixed", tables, ROLLOUT)) == []


def test_commission_on_the_company_s_sales_rests_on_every_channel(tmp_path: Path) -> None:
    plans = BASE["pay_plans"].replace("0.0456, channel,", "0.0456, company,")
    bridge = (
        HEAD + f"douyin, {JUNE}, 100000, 0, 0, 0, 80000\ntmall, {JUNE}, 900000, 0, 0, 0, 900000"
    )
    channels = BASE["channels"] + "\ndouyin, 抖音"
    tables = {**BASE, "pay_plans": plans, "sales_bridge": bridge, "channels": channels}
    tables["actuals"] += f"\ncompany, shop, gross_profit, {JUNE}, 300000, finance_report"
    client = written_client(tmp_path, tables, ROLLOUT)
    assert [(f.code, f.subject) for f in told(client)] == [("P202", "channel:douyin")]
    (row,) = pay_list(client, calculate(client, [JUNE]), [JUNE]).to_dict("records")
    assert (row["pay_state"], row["codes"]) == ("bridge_open", "P202")


def test_the_check_of_a_period_tells_it_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(tmp_path, "990000")
    monkeypatch.chdir(tmp_path)
    asked = CliRunner().invoke(main, ["check", "shop", "--period", JUNE, "--format", "csv"])
    assert ",P202," in asked.output
    asked = CliRunner().invoke(main, ["check", "shop", "--period", "2026-05", "--format", "csv"])
    assert ",P202," not in asked.output
