"""The Word papers: what stands in them, in both languages, under one hash."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from papers_read import lines, parts, rows, said
from test_rules_organisation import _ready

from ecperf_kit.client import Client, open_client
from ecperf_kit.outputs.papers import KINDS, make_papers
from ecperf_kit.outputs.papers.consent import consent
from ecperf_kit.outputs.papers.facts import Facts
from ecperf_kit.outputs.papers.implementation import implementation_rules
from ecperf_kit.outputs.papers.job_description import job_description
from ecperf_kit.outputs.papers.notice import notice
from ecperf_kit.outputs.papers.scorecard import scorecard_of_person, scorecard_of_post
from ecperf_kit.outputs.provenance import scheme_hash
from tests.scheme_client import a_client, library_card

ROOT = Path(__file__).resolve().parent.parent
POSTS = ("store_operator", "presales_cs", "cashier", "picker_packer", "ecommerce_director")
LANGUAGES = ("zh", "en")
WORKING = re.compile(r"\b(S0|S3|W\d\d|[MN]-\d|G-\d+)\b")


@cache
def qinghe(language: str = "zh") -> Facts:
    return Facts(open_client("qinghe", language=language, root=ROOT))


def small(language: str = "zh", **more: Any) -> Client:
    """Five people on the library's scorecards."""
    cards = [row for post in POSTS for row in library_card(post)]
    return replace(_ready(**{"scorecards": cards, **more}), language=language)


@cache
def made(language: str) -> dict[str, bytes]:
    return make_papers(small(language)).files


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_is_made_and_nothing_is_left_unfilled(language: str) -> None:
    papers, client = made(language), small(language)
    # posts twice, people twice, four single papers, promotion and who may apply
    assert len(papers) == 5 + 5 + 5 + 5 + 4 + 2
    theirs = set(client.display_name()).union(
        *(str(value) for name in ("employees", "departments", "channels", "committee")
          for column in client.table(name) for value in client.table(name)[column])
    )  # fmt: skip
    for name, paper in papers.items():
        text = said(paper)
        assert scheme_hash(client) in "".join(lines(paper, "word/footer1.xml")), name
        for wrong in ("{", "}", "<NA>", "papers.", "label."):
            assert wrong not in text, (name, wrong)
        assert not re.search(r"\b(None|nan|NaT)\b", text), name
        assert not WORKING.search(text), name
        if language == "en":
            # Chinese stands there only where the client wrote it
            foreign = set(re.findall(r"[\u3400-\u9fff]", text)) - theirs
            assert not foreign, (name, foreign)
        else:
            # nothing English but the names of this client and the hash
            words = set(re.findall(r"[A-Za-z]{5,}", text)) - {"Test"}
            assert not words, (name, words)


def test_the_kinds_of_the_command_are_those_there_are() -> None:
    from ecperf_kit.cli.papers import KIND_NAMES

    assert tuple(KINDS) == KIND_NAMES


def test_one_weight_changes_the_hash_on_all_papers() -> None:
    client = small()
    cards = client.table("scorecards").copy()
    first = cards.index[:2]
    cards.loc[first, "weight"] = cards.loc[first, "weight"] + [1_000_000, -1_000_000]
    other = replace(client, tables={**client.tables, "scorecards": cards})
    before, after = scheme_hash(client), scheme_hash(other)
    assert before != after
    papers = make_papers(other).files
    assert set(papers) == set(made("zh"))
    for name, paper in papers.items():
        assert after in said(paper) and before not in said(paper), name
        assert paper != made("zh")[name], name


def test_the_same_scheme_gives_the_same_bytes_without_a_trace_of_its_maker() -> None:
    again = make_papers(small()).files
    assert again == made("zh")
    for paper in again.values():
        with zipfile.ZipFile(io.BytesIO(paper)) as packed:
            assert {entry.date_time[0] for entry in packed.infolist()} == {1980}
            names = packed.namelist()
            core = packed.read("docProps/core.xml").decode()
            app = packed.read("docProps/app.xml").decode()
        assert names[0] == "[Content_Types].xml" and not [n for n in names if "thumbnail" in n]
        assert "python" not in core and "Microsoft" not in app
        assert re.search(r"<dc:creator>\s*</dc:creator>|<dc:creator/>", core)
        assert "2000-01-01" in core


def test_what_is_about_one_person_lies_apart() -> None:
    # staff are called E1 to E4 and 甲
    for name, paper in made("zh").items():
        personal = name.startswith("restricted/")
        assert personal == ("consent" in name or "_list" in name or "/E" in name)
        if name.startswith("scorecards/"):
            assert not re.search(r"E\d|甲", said(paper)), name


# -- single papers, by the demo client -----------------------------------------
def test_a_job_description_links_each_duty_to_its_indicators() -> None:
    paper = job_description(qinghe(), "store_operator").bytes()
    text, table = said(paper), rows(paper)
    for fact in ("店铺运营专员", "销售岗", "运营部", "渠道运营主管", "4 人", "月度"):
        assert fact in text
    assert "2026 年 4 月 1 日起施行" in text and qinghe().hash in text
    duties = [row for row in table if len(row) == 5]
    assert duties[0] == ["序号", "岗位职责", "由哪些指标考核", "考核标准", "权重"]
    first = ["1", "负责店铺日常运营，完成销售额与毛利率目标"]
    # net sales differ by channel, so the post shows none
    assert duties[1] == [*first, "实际销售额", "按渠道或本人，见个人考核表", "40"]
    assert duties[2] == ["", "", "毛利率", "55%", "20"]
    assert sum(int(row[4]) for row in duties[1:]) == 100
    assert "5,000 元以下的推广支出可自行审批" in text
    assert text.count("签字：") == 2 and text.count("日期：") == 2
    assert "任职人：" in text and "直属上司：陆嘉禾" not in text  # two superiors: a blank
    english = said(job_description(qinghe("en"), "presales_cs").bytes())
    assert "Direct superior: 林静好" in english and "Reports to" in english


def test_the_notice_has_all_its_sections_and_annexes() -> None:
    paper = notice(qinghe()).bytes()
    text = said(paper)
    sections = (
        "一、制定原因", "二、考核目的", "三、适用范围", "四、组织机构", "五、考核原则",
        "六、考核指标与权重", "七、数据来源与截止", "八、考核流程与时间", "九、绩效系数与薪酬",
        "十、申诉", "十一、试考与施行", "十二、民主程序与公示",
    )  # fmt: skip
    at = [text.index(section) for section in sections]
    assert at == sorted(at)
    for fact in (
        "青禾家居文件", "青禾家居发〔2026〕＿＿＿号", "关于印发《青禾家居绩效考核方案》的通知",
        "6,000.00 万元", "23 个岗位", "40 人", "组长：宋清禾", "每月 2,490.00 元",
        "2026 年 4 月至 2026 年 9 月", "天猫旗舰店、客服部", "3 个工作日", "青禾家居（盖章）",
        "2026 年 3 月 30 日", "抄送：各部门", "附件 3", "部门负责人意见 6 条", "职工代表",
    ):  # fmt: skip
        assert fact in text, fact
    table = rows(paper)
    assert ["95 分及以上", "1.2"] in table and ["不足 60 分", "0.5"] in table
    # the client's own table for service, beside the library's
    assert ["不足 60 分", "0.4"] in table and ["90 分及以上", "1.1"] in table
    assert "系数表 service_own，适用岗位：售前客服。" in text
    assert sum(row[0] == "合计" and row[2] == "100" for row in table) == 23
    red = b"C8102E"
    with zipfile.ZipFile(io.BytesIO(paper)) as packed:
        assert packed.read("word/document.xml").count(red) == 2  # the name and the line


def test_the_calendar_moves_to_working_days() -> None:
    table = rows(implementation_rules(qinghe()).bytes())
    months = {row[0]: row[1:] for row in table if len(row) == 9}
    assert list(months) == ["月份", "4 月", "5 月", "6 月", "7 月", "8 月", "9 月"]
    # 5 May 2026 is a holiday; Saturday 9 May works in place of one; three days from the 11th
    assert months["4 月"][0] == "5月6日" and months["4 月"][3] == "5月9日"
    assert months["4 月"][4] == "5月11日"  # the 10th is a Sunday
    assert months["4 月"][5:] == ["5月11日", "5月14日", "5月15日"]
    english = said(implementation_rules(qinghe("en")).bytes())
    assert "6 May" in english and "day 5 of the next month" in english


def test_a_scorecard_says_how_each_row_is_scored() -> None:
    table = rows(scorecard_of_post(qinghe(), "presales_cs").bytes())
    assert table[1][:5] == ["1", "询单转化率", "核心指标", "30", "37%"]
    assert table[1][5] == "实际÷标准×权重，最高 100%；达成率低于 60% 不得分"
    assert table[2][5].startswith("（2−实际÷标准）×权重")
    assert table[4][5] == "比标准每差 0.1 分扣权重的 10%，不足一档按一档，扣完为止"
    assert table[7][3] == "100"
    person = scorecard_of_person(qinghe(), "E025").bytes()
    text = said(person)
    assert "赵语微（E025）" in text and "林静好" in text and "＿＿＿＿年＿＿月" in text
    assert text.count("签字：") == 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_consent_shows_what_changes_for_this_person(language: str) -> None:
    # pre-sales: 6,500 fixed becomes 4,550 + 1,950; own table 0.6 at 60, 1.0 at 80, 1.1 at 100
    # 4,550 + 1,950 x 0.6 = 5,720; x 1.1 = 6,695; lowest 0.4: 4,550 + 780 = 5,330
    paper = consent(qinghe(language), "E025").bytes()
    table = {row[0]: row[1:] for row in rows(paper) if len(row) in (3, 4)}
    zh = language == "zh"
    assert table["固定部分（底薪）" if zh else "Fixed part (base pay)"] == ["6,500.00", "4,550.00"]
    assert table["浮动部分" if zh else "Variable part"] == ["0.00", "1,950.00"]
    assert table["浮动部分占比" if zh else "Share of the variable part"] == ["0.0%", "30.0%"]
    assert table["月应发合计" if zh else "Gross pay a month"] == ["6,500.00", "6,500.00"]
    points = "{} 分" if zh else "{} points"
    assert table[points.format(60)] == ["0.6", "1,170.00", "5,720.00"]
    assert table[points.format(80)] == ["1.0", "1,950.00", "6,500.00"]
    assert table[points.format(100)] == ["1.1", "2,145.00", "6,695.00"]
    text = said(paper)
    assert "5,330.00" in text and "2,490.00" in text and "赵语微" in text
    assert text.count("签字：" if zh else "Signature:") == 2


GATE = "系数高于 1.0 以“实际销售额”达到考核标准为前提；未达到的，系数按 1.0 计。"


def test_whoever_needs_the_key_result_for_more_than_one_is_told_so() -> None:
    """The director's plan asks for it, the assistant's does not; both tables reach 1.2."""
    facts = qinghe()
    plans = facts.client.table("pay_plans").set_index("subject_id")["over_gate"]
    assert plans["ecommerce_director"] and not plans["ops_assistant"]
    for paper in (consent(facts, "E001"), scorecard_of_person(facts, "E001"),
                  scorecard_of_post(facts, "ecommerce_director")):  # fmt: skip
        assert GATE in said(paper.bytes())
    team = facts.team.set_index("post")["employee"]
    assistant = team[["ops_assistant"]].iloc[0]
    for paper in (consent(facts, assistant), scorecard_of_person(facts, assistant),
                  scorecard_of_post(facts, "ops_assistant")):  # fmt: skip
        assert "系数高于 1.0" not in said(paper.bytes())
    for paper in (notice(facts), implementation_rules(facts)):
        (line,) = (line for line in lines(paper.bytes()) if "系数高于 1.0" in line)
        assert "关键结果指标" in line and "按 1.0 计" in line
        posts = line.split("适用岗位：")[1]
        assert "电商总监" in posts and "运营助理" not in posts
    english = said(consent(qinghe("en"), "E001").bytes())
    assert "A coefficient above 1.0 requires that “Net realised sales”" in english


def test_where_nothing_goes_above_one_no_gate_is_told() -> None:
    bands = [(0, "0.5"), (80, "1")]
    facts = Facts(small(coefficient_tables=[
        {"coefficient_table": "T9", "effective_from": "2026-01-01", "form": "bands",
         "at_least": low, "coefficient": value} for low, value in bands
    ]))  # fmt: skip
    assert "系数高于 1.0" not in said(implementation_rules(facts).bytes())


def test_while_the_scheme_has_errors_every_page_is_a_draft() -> None:
    """xiaoman has a scorecard of ten core rows, 70 % variable pay, a base below the minimum."""
    facts = Facts(open_client("xiaoman", language="zh", root=ROOT))
    assert {"S102", "S121", "S124"} <= {finding.code for finding in facts.faults}
    count = len(facts.faults)
    for paper in (notice(facts), scorecard_of_post(facts, "presales_cs")):
        head = "".join(lines(paper.bytes(), "word/header1.xml"))
        assert head == f"草案：方案还有 {count} 项必须改的问题，改好并重新生成后才能公布、签署"
    assert qinghe().faults == ()
    assert not [name for name in parts(notice(qinghe()).bytes()) if "header" in name]


def test_a_consent_to_commission_says_what_it_rests_on() -> None:
    # 30 m a year / 12 x 0.5 % = 12,500; x 0.7 = 8,750; base 12,500
    table = {r[0]: r[1:] for r in rows(consent(qinghe(), "E002").bytes()) if len(r) in (3, 4)}
    assert table["60 分"] == ["0.7", "8,750.00", "21,250.00"]
    assert table["浮动部分"][1] == "12,500.00（实际销售额×0.5%×系数，按年度计划月均测算）"
    # own gross profit is not planned: 10,000 x 2 % x 0.7 = 140
    table = {r[0]: r[1:] for r in rows(consent(qinghe(), "E005").bytes()) if len(r) in (3, 4)}
    assert table["60 分"] == ["0.7", "每 1 万元业绩 140.00 元", "随业绩"]
    assert table["月应发合计"] == ["11,450.00", "随业绩"]


def test_pay_below_the_minimum_wage_is_said_on_the_consent() -> None:
    client = small()
    pay = replace(client.config.pay, minimum_wage=6_000_000_000)
    facts = Facts(replace(client, config=replace(client.config, pay=pay)))
    # pre-sales: 4,550 + 1,950 x 0.5 = 5,525 guaranteed, 475 short of 6,000
    text = said(consent(facts, "E2").bytes())
    assert "5,525.00 元" in text and "少 475.00 元" in text


# -- what was not given ----------------------------------------------------------
def test_missing_facts_are_blanks_and_named() -> None:
    found = make_papers(small()).missing
    names = {fact for fact, _ in found}
    assert {"document_number", "issue_date", "rollout_date", "minimum_wage", "old_pay",
            "meeting.pre_meeting", "consulted_with"} <= names  # fmt: skip
    assert ("old_pay", "employee:E1") in found
    text = said(made("zh")["restricted/consents/E1.docx"])
    assert "变更前" in text and "＿＿＿＿" in text
    for language in LANGUAGES:  # each has words in both languages
        texts = small().library.texts(language)
        assert all(f"papers.fact.{name}" in texts for name in names)


def test_a_client_that_gave_nothing_still_gets_its_forms() -> None:
    papers = make_papers(a_client())
    assert set(papers.files) == {"pitch.docx", "notice.docx", "implementation_rules.docx",
                                 "restricted/sign_list.docx", "promotion.docx"}  # fmt: skip
    assert {"target", "committee", "pilot_dates", "sponsor"} <= {f for f, _ in papers.missing}


def test_what_a_client_typed_is_text_and_nothing_else() -> None:
    wild = '</w:t>&<b>\x00\x0b{PAGE}\u202eolleh {x:yuan} =1+1\n"'
    client = small()
    people = client.table("employees").assign(name=wild)
    committee = client.table("committee").assign(member=wild)
    client = replace(
        client,
        tables={**client.tables, "employees": people, "committee": committee},
        config=replace(client.config, name_zh=wild),
    )
    kinds = ["notice", "rules", "consent", "scorecard"]
    for name, paper in make_papers(client, kinds).files.items():
        opened = parts(paper)  # every part is XML
        if "consents" in name or name == "notice.docx":
            assert '</w:t>&<b>{PAGE}olleh {x:yuan} =1+1 "' in said(paper), name
        assert "\u202e" not in said(paper)
        w = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
        fields = [f.text for part in opened.values() for f in part.iter(f"{w}instrText")]
        assert fields == ["PAGE"], name  # the number in the foot, and no other field


def test_a_number_that_cannot_name_a_file_does_not() -> None:
    client = small()
    tables = {}
    for name in ("employees", "assignments"):
        frame = client.table(name).copy()
        for column in ("employee", "superior"):
            if column in frame:
                frame[column] = frame[column].replace({"E1": "../../E1"})
        tables[name] = frame
    papers = make_papers(replace(client, tables={**client.tables, **tables}), ["consent"])
    assert "restricted/consents/row_2.docx" in papers.files
    assert not [name for name in papers.files if ".." in name]


def test_somebody_on_two_posts_has_both_and_the_pay_of_both() -> None:
    client = small()
    more = client.table("assignments")
    two = more[more["employee"] == "E1"].assign(post="cashier", time_share=400_000)
    more = pd.concat([more, two], ignore_index=True)
    chosen = (more["employee"] == "E1") & (more["post"] == "store_operator")
    more.loc[chosen, "time_share"] = 600_000
    client = replace(client, tables={**client.tables, "assignments": more})
    # 5,000 x 0.6 + 4,000 x 0.4 = 4,600 base; 5,000 x 0.6 + 1,000 x 0.4 = 3,400 performance
    change = Facts(client).changes["E1"]
    assert (change.base, change.variable) == (4_600_000_000, 3_400_000_000)
    assert change.share == 425_000  # 3,400 of 8,000
    # table T1: 0.7 at 60, 1.2 at 100
    assert [o.pay for o in change.outcomes] == [6_980_000_000, 8_000_000_000, 8_680_000_000]
