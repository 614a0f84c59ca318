"""The two folders of Qinghe Home (invented): the drafted scheme and the repaired one."""

from __future__ import annotations

from tools.demo import qinghe_process as process
from tools.demo.cards import actual, history
from tools.demo.qinghe_assessments import (
    Book,
    appeals,
    assessments,
    feedback,
    interviews,
)
from tools.demo.qinghe_figures import actuals, sales_bridge
from tools.demo.qinghe_people import NAMES, OWNER, PEOPLE, POSTS, committee, organisation, plan
from tools.demo.qinghe_scheme import (
    OWN_INDICATORS,
    coefficient_tables,
    draft_cards,
    draft_figures,
    draft_plans,
    market_pay,
    repaired_cards,
    repaired_figures,
    repaired_plans,
    typed_standards,
)
from tools.demo.writing import Tables

CHINESE = (
    "employees", "assignments", "departments", "attendance", "pay_history", "targets",
    "scorecards", "standards", "assessments", "interviews", "process_log", "sync_records",
    "market_pay",
)  # fmt: skip

_FACTS = """\
kind = "pure_ecommerce"
language = "zh"
invented = true

[sponsor]
{sponsor}

[dates]
plan_year = 2026
scheme_from = 2026-04-01
{dates}

[pilot]
{pilot}

[pay]
minimum_wage = "2490"
sales_basis = "finance"
cut_off = "calendar"
seasonality = "home_textiles"

[targets]
annual_net_sales = "60000000"
sales_support = "大促备货、设计与客服排班随月度计划配套"
reward = "绩效工资与提成按本方案，年终奖另行核定"

[elements]
promotion_criteria_published = 2026-03-10
incentive_rules_published = 2026-03-10
enablement_plan = 2026-03-12
"""

DRAFT_CONFIG = """\
# 说明：虚构客户，仅作演示。企业、人员与数字均为编造；本文件夹是修订前的方案，故意带有缺陷。
# An invented client, for demonstration only: the scheme before its repair, faulty on purpose.
name_zh = "青禾家居（修订前）"
name_en = "Qinghe Home (before repair)"
""" + _FACTS.format(
    sponsor=f'name = "{NAMES["E024"]}"\nposition = "department_head"\nsigned = 2026-03-02',
    dates='pilot_from = "2026-04"\npilot_to = "2026-04"',
    pilot='channels = []\ndepartments = ["design"]\nprevious_system = "none"\npay = "shadow"',
)

CONFIG = """\
# 说明：虚构客户，仅作演示。企业、人员与数字均为编造；试考数据故意带有问题。
# An invented client, for demonstration only; the pilot shows problems on purpose.
name_zh = "青禾家居"
name_en = "Qinghe Home"
""" + _FACTS.format(
    sponsor=f'name = "{OWNER}"\nposition = "owner"\nsigned = 2026-03-02',
    dates='pilot_from = "2026-04"\npilot_to = "2026-09"',
    pilot=(
        'channels = ["tmall"]\ndepartments = ["service"]\nprevious_system = "none"\npay = "shadow"'
    ),
)


def draft() -> Tables:
    """The drafted scheme: eight faults, nothing else wrong."""
    cards = draft_cards()
    standards = typed_standards(cards, draft_figures())
    past = history(standards, cards, "2026-02", "0.97", "2026-03-10")
    # conversion is a post's own history: the only figure on file is that of May last year
    past.append(
        actual(
            "post", "presales_cs", "inquiry_conversion", "2025-05", ("2294", "6200"),
            "platform_erp", "平台后台数据导出 2025-05.xlsx", 2, "2026-02-10",
        )
    )  # fmt: skip
    standards.append(
        {
            "subject_kind": "channel", "subject_id": "tmall", "indicator": "net_sales",
            "period": "2026-06", "standard": "3000000",
        }
    )  # fmt: skip
    leader = {
        "member": NAMES["E024"], "role": "leader", "position": "department_head",
        "employee": "E024", "department": "service", "signed": "2026-03-02",
    }  # fmt: skip
    return {
        **organisation(),
        **plan(),
        "indicators": OWN_INDICATORS,
        "committee": committee(leader),
        "scorecards": cards,
        "coefficient_tables": coefficient_tables(["T1"]),
        "pay_plans": draft_plans(),
        "standards": standards,
        "actuals": past,
        "pay_history": process.pay_history(),
        "signoffs": process.signoffs(process.SIGNED_IN_DRAFT, [p[0] for p in PEOPLE]),
        "sync_records": process.sync_records()[:1],
    }


def repaired() -> Tables:
    """The repaired scheme and six months of pilot in Tmall and customer service."""
    cards = repaired_cards()
    standards = typed_standards(cards, repaired_figures())
    figures = actuals()
    past = history(standards, cards, "2026-03", "0.97", "2026-04-10")
    book = Book(cards, standards, figures)
    leader = {
        "member": OWNER, "role": "leader", "position": "owner", "signed": "2026-03-02",
    }  # fmt: skip
    return {
        **organisation(),
        **plan(),
        "committee": committee(leader),
        "scorecards": cards,
        "coefficient_tables": coefficient_tables(["T1", "service_own"]),
        "pay_plans": repaired_plans(),
        "market_pay": market_pay(),
        "standards": standards,
        "actuals": past + figures,
        "assessments": assessments(book),
        "attendance": process.attendance(),
        "pay_history": process.pay_history(),
        "sales_bridge": sales_bridge(),
        "process_log": process.process_log(),
        "signoffs": process.sponsor_papers("qinghe")
        + process.signoffs(POSTS, [p[0] for p in PEOPLE]),
        "sync_records": process.sync_records(),
        "interviews": interviews(book),
        "feedback": feedback(),
        "appeals": appeals(),
    }
