"""Wording that must not stand in a scheme, and papers that must be signed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from test_rules_organisation import _ready

from ecperf_kit.client import Client
from ecperf_kit.intake.config import Override
from ecperf_kit.rules.papers import (
    WORDING,
    consent_of_an_older_plan,
    forbidden,
    rule_texts,
    unlawful_wording,
    unsigned,
)
from tests.scheme_client import codes, plan

BAD = {
    "O180": (
        "连续两月末位淘汰",
        "每季度倒数后三名予以辞退",
        "最后一名直接解除劳动合同，最后一名一律淘汰",
        "Last-place elimination every quarter",
        "the bottom two are dismissed",
    ),
    "O181": (
        "迟到罚款 50 元",
        "迟到不得超过三次否则罚款",
        "没有完成目标的罚款 100 元",
        "无故旷工罚款",
        "罚 200 元",
        "Whoever is late is fined",
        "whoever is not on target is fined CNY 50",
        "a fine of CNY 50",
    ),
    "O182": ("未达标扣款 10%", "当月扣工资", "errors are deducted from wages"),
}
#: What looks alike and is no fault.
GOOD = (
    "不实行末位淘汰",
    "不实行任何形式的末位淘汰和罚款",
    "本公司禁止罚款、扣款",
    "末位淘汰已取消",
    "不罚款，不扣款",
    "控制平台罚款次数",
    "平台扣款由店铺运营跟进",
    "社保个人部分代扣款",
    "淘汰滞销款，及时清仓",
    "优胜者发放奖金",
    "罚球",
    "no last-place elimination, no fines",
    "a low rank does not lead to last-place elimination",
    "reports without fines",
    "the fine detail of product pages is refined",
    "platform fines of the shop",
    "the bottom of the page",
)


@pytest.mark.parametrize("code", BAD)
def test_bad_wording_is_found(code: str) -> None:
    for text in BAD[code]:
        assert code in [found for found, _ in forbidden(_ready(), text)], text


@pytest.mark.parametrize("text", GOOD)
def test_what_only_looks_alike_is_not(text: str) -> None:
    assert forbidden(_ready(), text) == []


def test_a_denial_covers_its_own_clause_only() -> None:
    found = forbidden(_ready(), "不搞末位淘汰，迟到罚款 50 元")
    assert [code for code, _ in found] == ["O181"]


def test_every_text_of_the_scheme_is_read_and_its_place_told() -> None:
    bad = "末位淘汰"
    indicator = {"indicator": "own", "name_zh": bad, "name_en": "rank and yank", "unit": "count",
                 "direction": "higher_is_better", "aggregation": "sum",
                 "data_source": "platform_erp", "definition": f"{bad}人数"}  # fmt: skip
    meeting = {"measure": "pre_meeting", "held_on": "2026-03-01", "outcome": f"同意{bad}"}
    standard = {"subject_kind": "post", "subject_id": "store_operator", "indicator": "net_sales",
                "period": "2026-04", "standard": 1, "evidence": bad}  # fmt: skip
    client = _ready(
        {"targets": {"sales_support": bad, "reward": f"{bad}后发奖"}},
        indicators=[indicator], sync_records=[meeting], standards=[standard],
    )  # fmt: skip
    card = client.table("scorecards").assign(duty=f"{bad}负责人")
    client = replace(
        client,
        tables={**client.tables, "scorecards": card},
        overrides=(Override("score.low", 1, f"为了{bad}", "王总"),),
    )
    found = unlawful_wording(client)
    places = {(f.source.file, f.source.column) for f in found}
    assert places == {
        ("client.toml", "targets.sales_support"), ("client.toml", "targets.reward"),
        ("overrides.toml", ""), ("indicators.csv", "name_zh"), ("indicators.csv", "name_en"),
        ("indicators.csv", "definition"), ("scorecards.csv", "duty"),
        ("standards.csv", "evidence"), ("sync_records.csv", "outcome"),
    }  # fmt: skip
    assert {f.code for f in found} == {"O180"}


def test_the_client_may_say_otherwise_with_reason_and_approval() -> None:
    override = Override("law.fine_words", ("乐捐",), "平台罚款是指标名称的一部分", "王总")
    client = replace(_ready(), overrides=(override,))
    assert forbidden(client, "迟到罚款") == []
    assert [code for code, _ in forbidden(client, "迟到乐捐")] == ["O181"]


def test_our_own_texts_hold_no_such_wording() -> None:
    client = _ready()
    for language in ("zh", "en"):
        for key, text in client.library.texts(language).items():
            if key.startswith(("papers.", "label.")):
                assert forbidden(client, text) == [], key


def test_a_long_text_is_quoted_around_the_word() -> None:
    long = "甲" * 60 + "末位淘汰" + "乙" * 60
    found = unlawful_wording(_ready({"targets": {"reward": long}}))
    assert len(found[0].values["text"]) < 50 and "末位淘汰" in found[0].values["text"]
    assert len(list(rule_texts(_ready()))) >= 2


# -- signatures --------------------------------------------------------------
def _consented(on: str, since: str, **more: Any) -> Client:
    """E1 consented on a day; the post's plan of January was replaced on another."""
    client = _ready(
        pay_plans=[plan("store_operator", 5000, 5000),
                   plan("store_operator", 6000, 4000, effective_from=since, **more)],
        signoffs=[{"paper": "consent", "subject_kind": "employee", "subject_id": "E1",
                   "signed_by": "E1", "signed_on": on}],
    )  # fmt: skip
    return client


def test_a_consent_holds_for_the_plan_it_was_given_for() -> None:
    # signed before the plan of January and replaced in May: the old split
    assert codes(consent_of_an_older_plan(_consented("2025-12-20", "2026-05-01"))) == ["O183"]
    # signed in April for the plan of May, and after it
    assert consent_of_an_older_plan(_consented("2026-04-20", "2026-05-01")) == []
    assert consent_of_an_older_plan(_consented("2026-06-01", "2026-05-01")) == []
    # the new plan is fixed pay again: nothing to agree to
    fixed = _consented("2025-12-20", "2026-05-01", structure="fixed", performance_pay=None)
    assert consent_of_an_older_plan(fixed) == []
    # one plan only
    assert consent_of_an_older_plan(_ready()) == []


def test_the_list_of_signatures_names_each_post_and_person_once() -> None:
    table = unsigned(_ready(signoffs=[]), "2026-04")
    assert table.groupby("paper").size().to_dict() == {"consent": 5, "job_description": 5}
    assert table["signed_on"].isna().all()
    client = _consented("2025-12-20", "2026-05-01")
    table = unsigned(client, "2026-06").set_index("subject_id")
    # only the store operator has a plan that follows the score
    assert list(table.index[table["paper"] == "consent"]) == ["E1"]
    assert table.at["E1", "signed_on"] == pd.Timestamp("2025-12-20")


def test_every_code_has_its_list_of_words() -> None:
    library = _ready().library
    assert all(library.thresholds[name].value for name in WORDING.values())
    assert all(library.codes[code].clause.startswith("assessment method") for code in WORDING)
