"""An invented client and stage result for the tests of the outputs room.

The figures are those of a small textile firm's pilot; the texts stand here, so that
these tests do not change when a stage's texts do.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd

from ecperf_kit.exact import exact
from ecperf_kit.finding import Finding, Source
from ecperf_kit.library.loader import FOLDER, FindingCode
from ecperf_kit.library.reading import read_toml
from ecperf_kit.library.texts import _flat
from ecperf_kit.library.thresholds import Threshold
from ecperf_kit.period import Period
from ecperf_kit.stages.result import (
    Action,
    Column,
    Figure,
    Sentence,
    StageResult,
    StageTable,
    TableDeclaration,
    Verdict,
)

TEXTS: dict[str, dict[str, str]] = {
    "zh": {
        "t.title": "试考复盘：还不宜全面铺开",
        "t.advice": "延长试考两个月，改好三件事再定",
        "t.reason1": "售前客服因计分方法与标准失当，应发下降 {fall:percent}。",
        "t.reason2": "提成按未核实的后台销售额会多付 {amount:yuan} 元。",
        "t.reason3": "天猫主管六个月一律给 {score:score} 分。",
        "t.q1": "薪酬差异", "t.q2": "数据失真", "t.q3": "流程混乱", "t.q4": "流于形式",
        "t.found1": "{post:post} {people:count} 人应发变动 {change:signed_percent}",
        "t.found2": "{channel:channel} {month:month} 后台 {backend:wan}，财务 {finance:wan}",
        "t.found3": "财务数据前三个月平均迟到 {late:days} 天，7 月起已按时",
        "t.found4": "{people:count} 次评分全是 {score:score}；数据行算出 83 至 91",
        "t.money1": "每人每月少 {amount:yuan} 元", "t.money2": "提成会多付 {amount:yuan} 元",
        "t.money4": "绩效工资约多算 {amount:yuan} 元",
        "t.sure": "高：逐行可复算，样本 {rows:count} 次",
        "t.what1": "售前考核表", "t.what2": "提成口径",
        "t.how1": "响应时长改区间计分；转化标准逐步调到 45%",
        "t.how2": "以财务口径为准，非真实订单不计提",
        "t.effect1": "应发 {before:signed_percent} → {after:signed_percent}",
        "t.owner1": "客服主管", "t.owner2": "财务",
        "t.k1": "人工成本（较去年同月）", "t.k2": "净销售额", "t.k3": "收入下降超过 5% 的人",
        "t.k4": "多付提成", "t.k5": "财务数据平均迟到",
        "t.dots": "各岗位试考前后的月应发；红色为降幅超过 15%",
        "t.sentence": "完成 {done:percent}，差 {short:percent}",
        "finding.D901.title": "数字写法不对",
        "finding.D901.evidence": "“{found}”不是数字", "finding.D901.remedy": "写成 1234.5",
        "finding.P901.title": "评分与数据不符",
        "finding.P901.evidence": "给分 {given:score}，算得 {computed:score}",
        "finding.P901.remedy": "按数据行得分更正",
    },
    "en": {
        "t.title": "Pilot: not yet ready for full rollout",
        "t.advice": "Pilot two more months, mend three things, then decide",
        "t.reason1": "Pre-sales pay falls by {fall:percent} through an unfit scoring method.",
        "t.reason2": "Commission on unverified sales would overpay by CNY {amount:yuan}.",
        "t.reason3": "One superior has given {score:score} to everybody for six months.",
        "t.q1": "Pay gaps", "t.q2": "Wrong data", "t.q3": "Muddled process", "t.q4": "Empty form",
        "t.found1": "{post:post}, {people:count} people: gross pay {change:signed_percent}",
        "t.found2": "{channel:channel}, {month:month}: shop {backend:wan}, finance {finance:wan}",
        "t.found3": "Finance data came {late:days} days late for three months, on time since July",
        "t.found4": "{people:count} scores, all {score:score}; the data gives 83 to 91",
        "t.money1": "CNY {amount:yuan} less per person and month",
        "t.money2": "Commission CNY {amount:yuan} too high",
        "t.money4": "Performance pay about CNY {amount:yuan} too high",
        "t.sure": "High: every row can be recomputed, {rows:count} cases",
        "t.what1": "Pre-sales scorecard", "t.what2": "Commission base",
        "t.how1": "Score response time in bands; raise the conversion standard step by step",
        "t.how2": "Use finance figures; no commission on non-genuine orders",
        "t.effect1": "Gross pay {before:signed_percent} → {after:signed_percent}",
        "t.owner1": "Service head", "t.owner2": "Finance",
        "t.k1": "Labour cost, on last year", "t.k2": "Net sales", "t.k3": "People losing over 5%",
        "t.k4": "Commission overpaid", "t.k5": "Finance data late by",
        "t.dots": "Monthly gross pay by post before and after; red: down by more than 15%",
        "t.sentence": "{done:percent} done, {short:percent} short",
        "finding.D901.title": "Not a number",
        "finding.D901.evidence": "“{found}” is not a number", "finding.D901.remedy": "Write 1234.5",
        "finding.P901.title": "Score against data",
        "finding.P901.evidence": "given {given:score}, computed {computed:score}",
        "finding.P901.remedy": "Correct it to the computed score",
    },
}  # fmt: skip
EVIL = "<script>alert(1)</script>"
POSTS = {
    "presales_cs": ("售前客服", "Pre-sales service"),
    "aftersales_cs": ("售后客服", "After-sales service"),
    "cs_head": ("客服主管", "Service head"),
    "store_operator": ("店铺运营", "Store operator"),
    "operations_head": ("运营主管", "Operations head"),
    "operations_assistant": ("运营助理", "Operations assistant"),
}


def common(language: str) -> dict[str, str]:
    """The phrases every report shares, by dotted key."""
    return dict(_flat(read_toml(FOLDER / "texts" / language / "common.toml"), ""))


def library() -> Any:
    """The method library's common texts, with the sample's own codes, posts and texts."""
    posts = pd.DataFrame.from_dict(POSTS, orient="index", columns=["name_zh", "name_en"])
    indicators = pd.DataFrame(
        {
            "name_zh": ["净销售额", "询单转化率", "首次响应时长"],
            "name_en": ["Net sales", "Enquiry conversion", "First response time"],
            "unit": ["CNY", "ratio", "seconds"],
        },
        index=pd.Index(["net_sales", "conversion", "response"], name="indicator"),
    )
    share = Threshold(
        "pay_gap.individual_red", 200_000, "ratio", "", "judgement",
        pd.Timestamp("2016-01-01").date(), "个人收入降幅（红）", "Individual fall (red)",
    )  # fmt: skip
    return SimpleNamespace(
        version="2026.11",
        posts=posts,
        indicators=indicators,
        thresholds={share.id: share},
        codes={
            "D901": FindingCode("D901", "not_a_number", "error", "organisation", "row", ""),
            "P901": FindingCode("P901", "score_off", "warning", "pilot", "nothing", ""),
        },
        texts=lambda language: {**common(language), **TEXTS[language]},
    )


def client(language: str = "zh", folder: Path = Path("client_data/sample")) -> Any:
    """A client of eleven people; one name and one file name try to be markup."""
    shelf = library()
    tables = {
        "employees": pd.DataFrame(
            {"employee": ["E001", "E002", "E003"], "name": ["陈晓", EVIL, "周静"]}
        ),
        "departments": pd.DataFrame({"department": ["service"], "name": ["客服部"]}),
        "product_plan": pd.DataFrame({"product": ["P1"], "name": ["四件套"]}),
        "channels": pd.DataFrame({"channel": ["tmall"], "name": ["天猫"]}),
        "scorecards": pd.DataFrame(
            {
                "subject_id": ["presales_cs", "presales_cs"],
                "indicator": ["conversion", "response"],
                "weight": pd.array([exact("40"), exact("30")], "Int64"),
                "_row": pd.array([2, 3], "Int64"),
            }
        ),
    }
    sample = SimpleNamespace(
        name="sample",
        folder=folder,
        root=folder.parent.parent,
        period=Period.parse("2026-04..2026-09"),
        language=language,
        config=SimpleNamespace(
            name_zh="青禾家居",
            name_en="Qinghe Home",
            invented=True,
            pay=SimpleNamespace(sales_basis="finance", cut_off="calendar"),
        ),
        library=shelf,
        indicators=shelf.indicators,
        tables=tables,
        table=lambda name: tables.get(name, pd.DataFrame()),
        inputs={"actuals.csv": "ab" * 32, f"{EVIL}.xlsx": "cd" * 32},
        overrides=(
            SimpleNamespace(
                id="pay_gap.individual_red",
                value=150_000,
                reason="去年同月有大促",
                approved_by="陈",
            ),
        ),
        findings=(
            Finding(
                "D901",
                "table:actuals",
                {"found": EVIL},
                Source("intake.xlsx", "actuals", 12, "value"),
            ),
        ),
    )
    sample.seen_by = lambda stage: sample  # every stage sees all of the little there is
    return sample


def money(*texts: str | None) -> pd.Series:
    """Stored numbers; None is missing."""
    return pd.Series([None if t is None else exact(t) for t in texts], dtype="Int64")


def _table(
    name: str, audience: str, titles: tuple[str, str], columns: str, frame: Any
) -> StageTable:
    declared = tuple(Column(*text.split("|")) for text in columns.split("; "))
    return StageTable(TableDeclaration(name, audience, *titles, declared), pd.DataFrame(frame))  # type: ignore[arg-type]


def report() -> StageResult:
    """A pilot's result with every kind of cell, one restricted table and one long one."""
    months = [f"2026-{m:02d}" for m in range(4, 10)]
    tables = [
        _table(
            "pay_by_post",
            "owner",
            ("各岗位应发对比", "Gross pay by post"),
            "post|post||岗位|Post; people|integer|people|人数|People; before|money||试考前|Before; "
            "after|money||试考后|After; change|signed_rate||变动|Change; level|level||判断|Verdict",
            {
                "post": list(POSTS),
                "people": pd.array([4, 2, 1, 2, 1, 1], "Int64"),
                "before": money("6500", "6200", "8500", "9800", "16000", None),
                "after": money("5330", "5983", "8330", "10152.8", "16896", "5600.05"),
                "change": money("-0.18", "-0.035", "-0.02", "0.036", "0.056", None),
                "level": ["change", "fine", "fine", "fine", "watch", "unknown"],
            },
        ),
        _table(
            "bins",
            "owner",
            ("收入变动的人数分布", "How many gain and lose"),
            "label|text||变动|Change; count|integer|people|人数|People",
            {
                "label": ["降 5% 以上", "降 5% 以内", "基本不变", "升 5% 以内", "升 5% 以上"],
                "count": pd.array([4, 2, 2, 2, 1], "Int64"),
            },
        ),
        _table(
            "bridge",
            "owner",
            ("天猫 6 月销售额对账", "Tmall sales, June"),
            "label|text||项目|Item; amount|wan||金额|Amount; role|id||类|Role",
            {
                "label": ["后台销售额", "非真实订单", "退款", "优惠券与平台费", "财务口径"],
                "amount": money("4120000", "-380000", "-210000", "-80000", "3450000"),
                "role": ["total", "change", "change", "change", "total"],
            },
        ),
        _table(
            "lateness",
            "owner",
            ("各环节迟到天数", "Days late by step"),
            "step|text||环节|Step; month|month||月份|Month; late|days||迟到|Late",
            {
                "step": [s for s in ("财务数据", "自评", "主管复评", "薪酬核对") for _ in months],
                "month": months * 4,
                "late": money(
                    *[
                        "13",
                        "15",
                        "12",
                        "2",
                        "1",
                        "0",
                        "0",
                        "1",
                        "0",
                        "0",
                        "0",
                        "1",
                        "2",
                        "4",
                        "3",
                        "3",
                        "2",
                        "2",
                        "10",
                        "12",
                        "9",
                    ],
                    "1",
                    "0",
                    None,
                ),
            },
        ),
        _table(
            "scores",
            "owner",
            ("主管给分与数据得分", "Scores given and computed"),
            "group|text||评分人|Superior; series|text||来源|From; score|score||得分|Score",
            {
                "group": (["天猫运营主管"] * 6 + ["客服主管"] * 8),
                "series": ["数据行算出", "主管给出"] * 3 + ["数据行算出", "主管给出"] * 4,
                "score": money(
                    *[
                        "83.2",
                        "98",
                        "88.1",
                        "98",
                        "91",
                        "98",
                        "79.4",
                        "84",
                        "82.5",
                        "86.1",
                        "90.3",
                        "88",
                        "74.2",
                        "79",
                    ]
                ),
            },
        ),
        _table(
            "progress",
            "owner",
            ("完成进度", "Progress"),
            "indicator|indicator||指标|Indicator; actual|number||实际|Actual; "
            "standard|number||标准|Standard; done|rate||完成率|Done; said|sentence||说明|In words; "
            "due|date||截止|Due; factor|coefficient||系数|Coefficient",
            {
                "indicator": ["net_sales", "conversion", "response"],
                "actual": money("345000", "0.405", "38.5"),
                "standard": money("380000", "0.45", None),
                "done": money("0.907895", "0.9", None),
                "said": [Sentence("t.sentence", {"done": 907_895, "short": 92_105})] * 3,
                "due": pd.to_datetime(["2026-10-05", "2026-10-05", None]),
                "factor": money("0.9", "1", "0.85"),
            },
        ),
        _table(
            "calendar",
            "everybody",
            ("铺开日程", "Rollout calendar"),
            "step|text||步骤|Step; from|date||开始|From; to|date||结束|To; who|text||负责|Who",
            {
                "step": ["修订考核表", "通气会", "全员同步会", "考试与演练", "第一个考核月"],
                "from": pd.to_datetime(
                    ["2026-10-08", "2026-10-16", "2026-10-20", "2026-10-21", "2026-11-01"]
                ),
                "to": pd.to_datetime(
                    ["2026-10-15", "2026-10-16", "2026-10-20", "2026-10-30", "2026-11-30"]
                ),
                "who": ["人事", "企业负责人", "企业负责人", "部门主管", "部门主管"],
            },
        ),
        _table(
            "posts",
            "everybody",
            ("组织结构", "Organisation"),
            "post|post||岗位|Post; id|id||编号|Id; above|id||上级|Reports to; "
            "people|text||人数|People",
            {
                "post": [
                    "operations_head",
                    "store_operator",
                    "operations_assistant",
                    "cs_head",
                    "presales_cs",
                    "aftersales_cs",
                ],
                "id": list("abcdef"),
                "above": ["", "a", "b", "a", "d", "d"],
                "people": ["1 人", "2 人", "1 人", "1 人", "4 人", "2 人"],
            },
        ),
        _table(
            "plan",
            "everybody",
            ("全年净销售额计划", "Net sales plan"),
            "month|month||月份|Month; channel|text||渠道|Channel; amount|wan||净销售额|Net sales",
            {
                "month": [f"2026-{m:02d}" for m in range(1, 13) for _ in range(3)],
                "channel": ["天猫", "京东", "抖音"] * 12,
                "amount": money(
                    *[str(v * (1 + m % 4)) for m in range(12) for v in (900000, 400000, 250000)]
                ),
            },
        ),
        _table(
            "pay_list",
            "person",
            ("应发明细", "Pay list"),
            "employee|employee||姓名|Employee; month|month||月份|Month; note|text||备注|Note; "
            "pay|money||应发|Gross pay",
            {
                "employee": ["E001", "E002", "E003"] * 6,
                "month": months * 3,
                "note": ["=1+1", EVIL, "@SUM(A1)"] * 6,
                "pay": money(*["5330", "-12.5", None] * 6),
            },
        ),
    ]
    return StageResult(
        stage="pilot",
        title=Sentence("t.title"),
        advice=Sentence("t.advice"),
        reasons=(
            Sentence("t.reason1", {"fall": exact("0.18")}),
            Sentence("t.reason2", {"amount": exact("3350")}),
            Sentence("t.reason3", {"score": exact("98")}),
        ),
        figures=(
            Figure("t.k1", exact("0.012"), "signed_rate"),
            Figure("t.k2", exact("0.041"), "signed_rate"),
            Figure("t.k3", "4 / 11", "text"),
            Figure("t.k4", exact("3350"), "money"),
            Figure("t.k5", exact("13.3"), "days"),
        ),
        verdicts=(
            Verdict(
                "t.q1",
                "change",
                Sentence(
                    "t.found1", {"post": "presales_cs", "people": 4, "change": exact("-0.18")}
                ),
                Sentence("t.money1", {"amount": exact("1170")}),
                Sentence("t.sure", {"rows": 24}),
            ),
            Verdict(
                "t.q2",
                "change",
                Sentence(
                    "t.found2",
                    {
                        "channel": "tmall",
                        "month": "2026-06",
                        "backend": exact("4120000"),
                        "finance": exact("3450000"),
                    },
                ),
                Sentence("t.money2", {"amount": exact("3350")}),
                Sentence("t.sure", {"rows": 5}),
            ),
            Verdict(
                "t.q3",
                "watch",
                Sentence("t.found3", {"late": exact("13.3")}),
                None,
                Sentence("t.sure", {"rows": 96}),
            ),
            Verdict(
                "t.q4",
                "change",
                Sentence("t.found4", {"people": 18, "score": exact("98")}),
                Sentence("t.money4", {"amount": exact("2940")}),
                Sentence("t.sure", {"rows": 36}),
            ),
        ),
        actions=(
            Action(
                Sentence("t.what1"),
                Sentence("t.how1"),
                Sentence("t.effect1", {"before": exact("-0.18"), "after": exact("-0.03")}),
                Sentence("t.owner1"),
                "2026-10-15",
            ),
            Action(
                Sentence("t.what2"), Sentence("t.how2"), None, Sentence("t.owner2"), "2026-10-12"
            ),
        ),
        tables={t.name: t for t in tables},
        findings=(
            Finding("P901", "employee:E002", {"given": exact("98"), "computed": exact("83.2")}),
            Finding("P901", "post:presales_cs", {"given": exact("98"), "computed": exact("85")}),
        ),
    )
