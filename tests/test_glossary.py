"""One word per concept: the names of library and texts are those of the field."""

from __future__ import annotations

import pytest

from ecperf_kit.library import load_library

INDICATORS = {
    "net_sales": ("实际销售额", "Net realised sales"),
    "gross_margin_rate": ("毛利率", "Gross margin rate"),
    "net_profit": ("净利", "Net profit"),
    "stock_sell_through": ("库存动销率", "Active-SKU rate"),
    "inventory_turnover_days": ("库存周转天数", "Inventory turnover days"),
    "promo_expense_ratio": ("推广费用率", "Promotion expense ratio"),
    "promo_roi": ("投产比", "Return on promotion spend (ROI)"),
    "inquiry_conversion": ("询单转化率", "Inquiry-to-order conversion"),
    "fcr": ("一次性解决率", "First-contact resolution"),
    "cs_satisfaction": ("客户满意度", "Customer satisfaction"),
    "repurchase_rate": ("复购率", "Repurchase rate"),
    "ship_accuracy": ("发货准确率", "Shipping accuracy"),
    "mis_ship_rate": ("错发漏发率", "Mis-ship and omission rate"),
    "ctr": ("点击率", "Click-through rate"),
    "ppc": ("平均点击花费", "Cost per click (PPC)"),
    "followers_growth": ("粉丝增长量", "Follower growth"),
    "live_gpm": ("千次观看成交金额", "Sales per thousand views (GPM)"),
}
POSTS = {
    "operations_director": ("运营总监", "Operations director"),
    "ops_assistant": ("运营助理", "Operations assistant"),
    "live_controller": ("直播场控", "Live-stream controller"),
    "purchasing_supervisor": ("产品采购主管", "Purchasing supervisor"),
}
LABELS = {
    "leader": ("组长", "Committee leader"),
    "vice_leader": ("副组长", "Committee vice leader"),
    "member": ("组员", "Committee member"),
    "enterprise_head": ("企业负责人", "Enterprise head"),
    "pre_meeting": ("通气会", "Pre-alignment meeting"),
    "all_staff_meeting": ("全员同步会", "All-staff kick-off meeting"),
    "training": ("绩效考核培训", "Assessment training"),
    "exam": ("绩效考核考试", "Assessment exam"),
    "drill": ("绩效考核演练", "Full-process drill"),
    "pilot": ("试考", "Pilot"),
    "rollout": ("全面铺开", "Full rollout"),
    "review": ("复盘", "Review"),
    "core": ("核心指标", "Core indicator"),
    "process": ("过程指标", "Process indicator"),
    "result": ("结果指标", "Result indicator"),
    "finance_report": ("财务报表", "Finance report"),
    "daily_register": ("日常登记", "Daily register"),
    "percentage": ("百分率法", "Percentage method"),
    "interval": ("区间计分法", "Interval method"),
    "step": ("递增递减法", "Step method"),
    "self_assessment": ("自评", "Self-assessment"),
    "superior_review": ("上级复评审核", "Superior review"),
    "base": ("底薪", "Base pay"),
    "performance_structure": ("绩效制", "Performance-pay structure"),
    "commission_structure": ("提成制", "Commission structure"),
    "dividend_structure": ("分红制", "Dividend structure"),
    "commission_sales": ("销售额提成", "Sales commission"),
    "commission_gross_profit": ("毛利润提成", "Gross-profit commission"),
    "commission_net_profit": ("净利润提成", "Net-profit commission"),
    "commission_combined": ("组合提成", "Combined commission"),
    "single": ("单一计提", "Single crediting"),
    "multiple": ("重复计提", "Multiple crediting"),
    "piece_rate": ("计件", "Piece rate"),
    "amoeba": ("阿米巴", "Amoeba unit accounting"),
    "promotion": ("晋升通道", "Promotion path"),
    "job_description": ("岗位说明书", "Job description"),
    "authority": ("权限范围", "Authority limit"),
    "breakdown": ("目标拆解", "Target breakdown"),
    "publication": ("公示", "Publication"),
    "A_management": ("管理岗", "Management post"),
    "B_sales": ("销售岗", "Sales post"),
    "C_support": ("支持岗", "Support post"),
    "D_functional": ("行政职能岗", "Administrative-functional post"),
    "minimum_wage": ("最低工资标准", "Local minimum wage"),
}


@pytest.mark.parametrize("indicator", INDICATORS)
def test_indicators_bear_the_words_of_the_field(indicator: str) -> None:
    row = load_library().indicators.loc[indicator]
    assert (row["name_zh"], row["name_en"]) == INDICATORS[indicator]


@pytest.mark.parametrize("post", POSTS)
def test_posts_bear_the_words_of_the_field(post: str) -> None:
    row = load_library().posts.loc[post]
    assert (row["name_zh"], row["name_en"]) == POSTS[post]


@pytest.mark.parametrize("value", LABELS)
def test_labels_bear_the_words_of_the_field(value: str) -> None:
    library, key = load_library(), f"label.{value}"
    assert (library.texts("zh")[key], library.texts("en")[key]) == LABELS[value]
