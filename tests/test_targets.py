"""From one annual figure to a plan the client adopts, and what the plan must hold."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from click.testing import CliRunner
from hypothesis import settings
from hypothesis import strategies as st

from ecperf_kit import open_client
from ecperf_kit.cli import main
from ecperf_kit.client import Client
from ecperf_kit.exact import FEN, exact
from ecperf_kit.outputs.write import write_stage
from ecperf_kit.rules import check_scheme
from ecperf_kit.rules.organisation import plan_parts, targets_ready
from ecperf_kit.rules.plan import annual_plan
from ecperf_kit.rules.proposal import PlanProposal, plan_proposal
from ecperf_kit.stages import conclude
from tests.scheme_client import a_client, card, codes, staff, year_plan

ROOT = Path(__file__).resolve().parent.parent
FIGURE: dict[str, Any] = {"annual_net_sales": "6000000"}
CHANNELS = [{"channel": "live", "name": "直播间"}, {"channel": "shelf", "name": "货架"}]
SHARES = {"live": "0.6", "shelf": "0.4"}
RATES = {"gross_margin": "0.41", "promotion_share": "0.13", "management_share": "0.1"}


def _client(given: dict[str, Any] | None = None, season: str = "", **rows: Any) -> Client:
    config = {"targets": FIGURE | (given or {}), "pay": {"seasonality": season}}
    return a_client(config=config, **{"channels": CHANNELS, **rows})


def _proposal(client: Client) -> PlanProposal:
    found = plan_proposal(client)
    assert found is not None
    return found


def _bases(client: Client) -> dict[str, str]:
    return {each.part: each.basis for each in _proposal(client).assumptions}


def _sold(year: int, *amounts: int) -> list[dict[str, Any]]:
    """Net sales of the months of a year, split 3 : 1 over two channels."""
    return [
        {"subject_kind": "channel", "subject_id": channel, "indicator": "net_sales",
         "period": f"{year}-{month:02d}", "value": str(amount * part // 4),
         "source_kind": "finance_report"}
        for month, amount in enumerate(amounts, start=1)
        for channel, part in (("live", 3), ("shelf", 1))
    ]  # fmt: skip


def _sales(client: Client) -> dict[tuple[str, str], int]:
    rows = _proposal(client).rows
    rows = rows[rows["measure"] == "net_sales"].groupby(["month", "channel"])["amount"].sum()
    return {key: int(amount) for key, amount in rows.items()}


# --- where the shares come from -------------------------------------------------------------


def test_the_trades_season_and_given_channels() -> None:
    client = _client({"channel_shares": SHARES}, season="snacks")
    sales = _sales(client)
    # 12 % of 6.0 m in January, 60 % of it live
    assert sales["2026-01", "live"] == exact("432000")
    assert sales["2026-11", "shelf"] == exact("360000")
    assert sum(sales.values()) == exact("6000000")
    assert _bases(client)["months"] == "profile" and _bases(client)["channels"] == "given"


def test_a_whole_earlier_year_beats_the_trades_season() -> None:
    amounts = [400_000] * 11 + [1_600_000]  # December is 1.6 of 6.0 m
    client = _client(season="snacks", actuals=_sold(2025, *amounts))
    bases, sales = _bases(client), _sales(client)
    assert (bases["months"], bases["channels"]) == ("history", "history")
    assert sales["2026-12", "live"] == exact("1200000")
    assert sales["2026-01", "shelf"] == exact("100000")


def test_eleven_months_are_no_season() -> None:
    client = _client(season="snacks", actuals=_sold(2025, *[400_000] * 11))
    assert _bases(client)["months"] == "profile"


def test_what_the_client_gives_beats_its_history() -> None:
    months = ["0.5", *["0"] * 10, "0.5"]
    client = _client({"month_shares": months}, actuals=_sold(2025, *[400_000] * 12))
    assert _bases(client)["months"] == "given"
    assert _sales(client)["2026-01", "live"] == exact("2250000")


def test_without_anything_the_split_is_even_and_says_so() -> None:
    client = _client()
    bases = _bases(client)
    assert (bases["months"], bases["channels"]) == ("even", "even")
    assert set(_sales(client).values()) == {exact("250000")}  # 6.0 m over 12 x 2


def test_categories_follow_the_product_plan_of_each_channel() -> None:
    products = [
        {"product": f"P{at}", "name": "货", "category": kind, "channel": channel,
         "annual_sales": amount}
        for at, (kind, channel, amount) in enumerate(
            [("坚果", "live", 300), ("果干", "live", 100), ("坚果", "shelf", 200)]
        )
    ]  # fmt: skip
    client = _client(season="snacks", product_plan=products)
    rows = _proposal(client).rows
    rows = rows[(rows["measure"] == "net_sales") & (rows["month"] == "2026-01")]
    found = rows.set_index(["channel", "category"])["amount"]
    # January 0.72 m: live 400 of 600 of it, of which nuts 300 of 400
    assert found["live", "坚果"] == exact("360000")
    assert found["live", "果干"] == exact("120000")
    assert found["shelf", "坚果"] == exact("240000")
    assert _bases(client)["channels"] == "product_plan"


def test_a_plan_by_months_alone_gets_its_channels_and_keeps_its_months() -> None:
    months = [{**row, "channel": None} for row in year_plan(6_000_000, {"": "1"})]
    client = _client({"channel_shares": SHARES}, targets=months)
    sales = _sales(client)
    assert sales["2026-11", "live"] == exact("720000")  # 20 % of 6.0 m, 60 % of it
    assert _bases(client) == {"months": "plan", "channels": "given"}
    assert plan_proposal(_client(targets=year_plan(6_000_000, SHARES))) is None
    assert plan_proposal(a_client(channels=CHANNELS)) is None  # no figure, nothing to propose


# --- the budget -----------------------------------------------------------------------------


def test_the_budget_rests_on_given_rates_and_closes() -> None:
    client = _client(RATES, season="snacks")
    year = _proposal(client).rows.groupby("measure")["amount"].sum()
    assert year["gross_profit"] == exact("2460000")
    assert year["promotion_cost"] == exact("780000")
    assert year["management_cost"] == exact("600000")
    assert year["net_profit"] == exact("1080000")


def test_a_cost_without_any_basis_gets_no_figure() -> None:
    client = _client({"gross_margin": "0.41"})
    bases = _bases(client)
    assert bases["promotion_cost"] == "practice_rate"  # 15 % is usual
    assert bases["management_cost"] == "missing_rate" and bases["net_profit"] == "missing"
    measures = set(_proposal(client).rows["measure"])
    assert measures == {"net_sales", "gross_profit", "promotion_cost"}


shares = st.integers(0, 10**6).map(lambda millionths: str(Decimal(millionths) / 10**6))


@settings(max_examples=40, deadline=None)
@hypothesis.given(
    fen=st.integers(1, 10**11),
    months=st.lists(shares, min_size=12, max_size=12).filter(lambda s: any(Decimal(x) for x in s)),
    channels=st.lists(shares, min_size=2, max_size=4).filter(lambda s: any(Decimal(x) for x in s)),
    rates=st.tuples(shares, shares, shares),
)
def test_every_sum_is_exact_to_the_fen(
    fen: int, months: list[str], channels: list[str], rates: tuple[str, str, str]
) -> None:
    figure = fen * FEN
    named = {f"c{at}": share for at, share in enumerate(channels)}
    given_rates = dict(zip(RATES, rates, strict=True))
    config = {"annual_net_sales": str(Decimal(fen) / 100), "month_shares": months,
              "channel_shares": named, **given_rates}  # fmt: skip
    rows = _proposal(a_client(config={"targets": config})).rows
    assert not (rows["amount"] % FEN).any()
    wide = rows.pivot_table(index=["month", "channel"], columns="measure", values="amount")
    wide = wide.astype("int64")
    assert int(wide["net_sales"].sum()) == figure
    for measure, rate in zip(("gross_profit", "promotion_cost"), rates, strict=False):
        exactly = Decimal(fen) * Decimal(rate)
        assert abs(Decimal(int(wide[measure].sum()) // FEN) - exactly) <= Decimal("0.5")
    left = wide["gross_profit"] - wide["promotion_cost"] - wide["management_cost"]
    assert (wide["net_profit"] == left).all()


# --- what the design makes of it ------------------------------------------------------------


def test_the_report_says_which_cell_a_posts_standard_follows() -> None:
    client = a_client(
        config={"targets": FIGURE | RATES | {"channel_shares": SHARES},
                "pay": {"seasonality": "snacks"},
                "dates": {"plan_year": 2026, "pilot_from": "2026-06", "pilot_to": "2026-09"}},
        **{**staff("store_operator", channel="live"), "channels": CHANNELS},
        scorecards=card(("net_sales", "core", 60), ("gross_margin_rate", "core", 40)),
    )  # fmt: skip
    report = conclude("design", client)
    found = report.table("post_standards").set_index("indicator")
    # June is 11 % of 6.0 m, 60 % of it live
    assert found.at["net_sales", "standard"] == exact("396000")
    assert found.at["net_sales", "year"] == exact("3600000")
    assert found.at["gross_margin_rate", "standard"] == exact("0.41")
    assert set(found["state"]) == {"proposal"} and set(found["month"]) == {"2026-06"}
    tree = report.table("plan_tree").set_index("id")
    parts = tree.groupby("parent")["amount"].sum()
    assert all(parts[name] == tree.at[name, "amount"] for name in parts.index if name)
    bridge = report.table("plan_bridge")
    assert int(bridge.loc[bridge["role"] == "change", "amount"].sum()) == exact("-4920000")
    assert bridge["amount"].iloc[-1] == exact("1080000")


def test_the_product_plan_agrees_with_every_channel() -> None:
    def sold(live: int, shelf: int) -> Client:
        pair = (("live", live), ("shelf", shelf))
        products = [
            {"product": name, "name": name, "channel": name, "annual_sales": amount}
            for name, amount in pair
        ]
        targets = year_plan(6_000_000, SHARES)
        return a_client(channels=CHANNELS, targets=targets, product_plan=products)

    off = [f for f in check_scheme(sold(3_500_000, 2_500_000)) if f.code == "S135"]
    assert {f.subject for f in off} == {"channel:live", "channel:shelf"}  # the sum is right
    assert "S135" not in codes(check_scheme(sold(3_600_000, 2_400_000)))


def _budgeted(net: str, gross: str = "330") -> Client:
    amounts = (("net_sales", "600"), ("gross_profit", gross), ("promotion_cost", "90"),
               ("management_cost", "192"), ("net_profit", net))  # fmt: skip
    return a_client(targets=[
        {"month": "2026-01", "measure": measure, "amount": amount} for measure, amount in amounts
    ])  # fmt: skip


def test_net_profit_is_at_most_what_the_costs_leave() -> None:
    assert "S165" in codes(check_scheme(_budgeted("48.01")))
    assert "S165" not in codes(check_scheme(_budgeted("48")))  # 330 - 90 - 192
    assert "S165" not in codes(check_scheme(_budgeted("40")))  # other costs the plan does not list
    assert "S165" in codes(check_scheme(_budgeted("48", gross="600.01")))


# --- adopted --------------------------------------------------------------------------------


def test_a_proposed_plan_and_scorecard_become_the_clients(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(ROOT / "practice.toml", tmp_path)
    shutil.copytree(ROOT / "client_data" / "xiaoman", tmp_path / "client_data" / "xiaoman")
    facts = tmp_path / "client_data" / "xiaoman" / "client.toml"
    words = facts.read_text("utf-8").replace("[targets]", '[targets]\nmanagement_share = "0.1"')
    facts.write_text(words, encoding="utf-8")
    monkeypatch.setenv("ECPERF_HOME", str(tmp_path))
    before = open_client("xiaoman", root=tmp_path)
    assert codes(targets_ready(before)) == ["O130"]
    output = tmp_path / "reports" / "xiaoman" / "2026" / "design"
    write_stage(before, conclude("design", before), str(output))
    for name in ("targets", "scorecards"):
        path = output / "proposals" / f"{name}.csv"
        asked = [
            "adopt",
            str(path),
            "--by",
            "金小满",
            "--reason",
            "采用建议",
            "--from",
            "2026-10-01",
        ]
        done = CliRunner().invoke(main, asked)
        assert done.exit_code == 0, done.output
    after = open_client("xiaoman", root=tmp_path)
    assert not after.findings
    assert annual_plan(after)[""] == exact("6000000")
    assert annual_plan(after)["live"] == exact("3600000")
    assert codes(targets_ready(after)) == ["O131"]  # product plan and support are still to come
    assert plan_parts(after)["breakdown"] and plan_parts(after)["budget"]
    found = codes(check_scheme(after))
    assert "S135" not in found and "S165" not in found and "S102" not in found
    assert "S102" in codes(check_scheme(before))
    assert plan_proposal(after) is None
    checked = conclude("design", after).table("plan_check")
    assert set(checked["state"]) == {"adds_up", "not_given"}
