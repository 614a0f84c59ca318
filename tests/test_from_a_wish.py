"""From the owner's one figure with nothing but the papers at hand: what then went wrong once."""

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from ecperf_kit.cli import main
from ecperf_kit.client import Client
from ecperf_kit.exact import FEN, exact, split
from ecperf_kit.method.targets import both_ways
from ecperf_kit.outputs.listing import full_list
from ecperf_kit.outputs.wording import Wording
from ecperf_kit.rules import check_organisation, check_scheme
from ecperf_kit.rules.proposal import plan_proposal
from ecperf_kit.stages import conclude
from ecperf_kit.stages.design_tables import own_cards
from tests.scheme_client import a_client, changed, library_card, staff, table_t1

CHANNELS = [{"channel": "live", "name": "直播间"}, {"channel": "shelf", "name": "货架"}]


# --- the proposed breakdown -----------------------------------------------------------------
def test_a_table_adds_up_both_ways() -> None:
    rows = both_ways(_fen([5, 5]), _fen([5, 5]))  # 2.5 fen in each cell
    assert (rows // FEN).tolist() == [[3, 2], [2, 3]]


@given(
    st.lists(st.integers(0, 10**12), min_size=1, max_size=12),
    st.lists(st.integers(0, 10**9), min_size=1, max_size=5),
)
def test_every_table_adds_up_both_ways(lines: list[int], shares: list[int]) -> None:
    if not sum(lines) or not sum(shares):
        return
    rows = _fen(lines)
    columns = split(int(rows.sum()), shares)
    cells = both_ways(rows, columns)
    assert cells.sum(axis=1).tolist() == rows.tolist()
    assert cells.sum(axis=0).tolist() == columns.tolist()
    assert int(cells.min()) >= 0 and not (cells % FEN).any()


@pytest.mark.parametrize(("rows", "columns"), [([1], [2]), ([0], [0]), ([-1, 2], [1])])
def test_what_cannot_add_up_is_refused(rows: list[int], columns: list[int]) -> None:
    with pytest.raises(ValueError, match="rows and columns"):
        both_ways(_fen(rows), _fen(columns))


def _fen(values: list[int]):  # type: ignore[no-untyped-def]
    import numpy as np

    return np.array(values, dtype=np.int64) * FEN


def test_the_proposed_plan_agrees_with_the_product_plan_to_the_fen() -> None:
    products = [
        {"product": f"P{at}", "name": "货", "category": kind, "channel": channel,
         "annual_sales": "10000000"}
        for at, (kind, channel) in enumerate((("a", "live"), ("b", "shelf")))
    ]  # fmt: skip
    config = {"targets": {"annual_net_sales": "20000000"}}  # 1,666,666.67 in most months
    proposal = plan_proposal(a_client(config=config, channels=CHANNELS, product_plan=products))
    assert proposal is not None
    rows = proposal.rows[proposal.rows["measure"] == "net_sales"]
    assert set(rows.groupby("channel")["amount"].sum()) == {exact("10000000")}
    adopted = rows.assign(amount=rows["amount"] // FEN / 100).astype({"amount": "str"})
    client = a_client(
        config=config, channels=CHANNELS, product_plan=products, targets=adopted.to_dict("records")
    )
    assert "S135" not in {finding.code for finding in check_scheme(client)}


# --- the design report ----------------------------------------------------------------------
def _verdicts(client: Client) -> dict[str, str]:
    result = conclude("design", client)
    return {verdict.question: verdict.level for verdict in result.verdicts}


def test_what_nobody_entered_is_not_called_sound() -> None:
    without = a_client(scorecards=library_card("presales_cs"), **staff("presales_cs"))
    found = _verdicts(without)
    assert found["design.question.standards"] == "change", "no row has a standard"
    assert found["design.question.pay"] == "unknown"
    keys = [reason.key for reason in conclude("design", without).reasons]
    assert "design.reason.no_pay" in keys and "design.reason.pay" not in keys
    plan = {"subject_kind": "post", "subject_id": "presales_cs", "effective_from": "2026-01-01",
            "structure": "performance", "base": "4550", "performance_pay": "1950",
            "coefficient_table": "T1"}  # fmt: skip
    paid = a_client(
        scorecards=library_card("presales_cs"), pay_plans=[plan], coefficient_tables=table_t1(),
        **staff("presales_cs"),
    )  # fmt: skip
    assert _verdicts(paid)["design.question.pay"] != "unknown"


def test_a_joint_card_stands_under_the_post_with_most_time() -> None:
    people = staff("ops_assistant")
    *others, first = people["assignments"]
    people["assignments"] = [
        *others,
        {**first, "time_share": "0.6"},
        {**first, "post": "visual_designer", "time_share": "0.4"},
    ]
    own = own_cards(a_client(**people))
    assert own[f"employee:{first['employee']}"] == "own_card:ops_assistant"
    # whoever holds one post and has no scorecard of their own is not said to have one
    alone = own_cards(a_client(**staff("ops_assistant")))
    assert alone["employee:E1"] == "one_of:ops_assistant"


def test_a_missing_standard_is_not_called_missing_data() -> None:
    actuals = [
        {"subject_kind": "post", "subject_id": "presales_cs", "indicator": "cs_satisfaction",
         "period": month, "value": "4.8", "source_kind": "platform_erp"}
        for month in ("2026-04", "2026-05")
    ]  # fmt: skip
    client = a_client(
        scorecards=library_card("presales_cs"), actuals=actuals, **staff("presales_cs")
    )
    found = {f.values["indicator"]: f.values for f in check_scheme(client) if f.code == "S151"}
    assert (found["cs_satisfaction"]["missing"], found["cs_satisfaction"]["no_standard"]) == (2, 2)
    assert found["qa_score"]["no_standard"] == 2  # nobody recorded it, nobody set a standard


def test_one_of_several_parts_is_not_off_the_plan() -> None:
    people = staff("store_operator", "store_operator")
    held = [{**row, "channel": "live"} for row in people["assignments"]]
    names = [row["employee"] for row in held if row["post"] == "store_operator"]
    parts = [
        {"subject_kind": "employee", "subject_id": name, "indicator": "net_sales",
         "period": "2026-04", "standard": amount}
        for name, amount in zip(names, ("60", "40"), strict=True)
    ]  # fmt: skip
    target = {"month": "2026-04", "channel": "live", "measure": "net_sales", "amount": "100"}
    client = a_client(
        **people | {"assignments": held, "channels": CHANNELS},
        targets=[target], standards=parts,
        scorecards=library_card("store_operator"),
    )  # fmt: skip
    table = conclude("design", client).tables["standards_check"].frame
    # 60 and 40 are the channel's 100: one row, of the post in the channel
    (row,) = table.to_dict("records")
    assert (row["subject"], row["standard"]) == ("post_channel:store_operator@live", exact("100"))
    assert (row["state"], row["gap"]) == ("on_plan", 0)
    half = changed(client, standards=parts[:1])  # the other has none yet
    (row,) = conclude("design", half).tables["standards_check"].frame.to_dict("records")
    assert (row["state"], row["standard"]) == ("part_of_plan", exact("60"))
    assert pd.isna(row["gap"])
    less = changed(client, standards=[parts[0], {**parts[1], "standard": "30"}])
    (row,) = conclude("design", less).tables["standards_check"].frame.to_dict("records")
    assert (row["state"], row["standard"], row["gap"]) == ("off_plan", exact("90"), exact("-0.1"))


# --- on the command line --------------------------------------------------------------------
@pytest.fixture
def practice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("ECPERF_HOME", raising=False)
    _run("init", str(tmp_path / "practice"))
    monkeypatch.chdir(tmp_path / "practice")
    _run("new", "maple", "--lang", "en", "--posts", "presales_cs")
    return Path(os.getcwd())


def _run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def test_names_in_the_facts_that_do_not_exist_are_told(practice: Path) -> None:
    path = practice / "client_data" / "maple" / "client.toml"
    facts = path.read_text(encoding="utf-8")
    facts = facts.replace("# [pay] ", "[pay] ").replace("# [targets]", "[targets]")
    assert '# seasonality = ""' in facts
    facts = facts.replace('# seasonality = ""', 'seasonality = "home_textile"')
    facts = facts.replace("# person_shares = {}", 'person_shares = { E33 = "1" }')
    facts = facts.replace("# channel_shares = {}", 'channel_shares = { tmal = "1" }')
    path.write_text(facts, encoding="utf-8")
    said = _run("check", "maple").output
    assert 'pay.seasonality in client.toml is "home_textile"' in said
    assert '"home_textiles"' in said
    assert 'targets.person_shares in client.toml holds "E33"' in said
    assert 'targets.channel_shares in client.toml holds "tmal"' in said
    assert "client.toml, key targets.person_shares" in said
    chinese = _run("check", "maple", "--lang", "zh").output
    assert "文件 client.toml 的键 targets.person_shares 填的是“E33”" in chinese
    assert "client.toml 的键 targets.channel_shares" in chinese
    for printed in (said, chinese):  # a file of keys has neither rows nor columns
        assert "row –" not in printed and "第 – 行" not in printed
        assert "column targets" not in printed and "targets.person_shares 列" not in printed


def test_pages_and_workbooks_place_a_key_by_its_name() -> None:
    # both print a finding's place as the list of findings has it
    config = {"targets": {"reward": "末位淘汰"}}
    client = a_client(config=config)
    told = [f for f in check_organisation(client) if f.code == "O180"]
    for language, said in (
        ("en", "client.toml, key targets.reward"),
        ("zh", "client.toml 的键 targets.reward"),
    ):
        printed = full_list(told, Wording(client.library, language, client))
        assert [row[-1] for row in printed.rows] == [said]


def test_a_proposal_with_chinese_headings_is_adopted(practice: Path) -> None:
    proposal = practice / "pay_plans.csv"
    heading = "适用对象,对象编号,生效日期,薪酬结构,底薪"
    proposal.write_text(f"{heading}\npost,presales_cs,2026-01-01,fixed,5x\n", encoding="utf-8")
    how = ("--client", "maple", "--by", "Lin", "--reason", "r", "--from", "2026-05-01")
    refused = _run("adopt", str(proposal), *how)
    assert refused.exit_code != 0
    assert '"底薪" in row 2 of pay_plans.csv holds "5x", which is not a number' in refused.output
    proposal.write_text(f"{heading}\npost,presales_cs,2026-01-01,fixed,5000\n", encoding="utf-8")
    assert "pay_plans: 1 row," in _run("adopt", str(proposal), *how).output
    proposal.write_text(
        "适用对象,对象编号,薪酬结构,底薪\npost,presales_cs,fixed,5\n", encoding="utf-8"
    )
    assert "has no column" in _run("adopt", str(proposal), *how).output
