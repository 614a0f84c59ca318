"""Qinghe Home (invented): its 40 people, its annual plan, its committee, its products."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ecperf_kit.exact import decimal
from tools.demo.cards import LIBRARY
from tools.demo.writing import Tables

RowDict = dict[str, Any]
YEAR = 2026
ANNUAL_SALES = Decimal(60_000_000)
CHANNELS = {  # id: name, platform, share of the plan, English name
    "tmall": ("天猫旗舰店", "天猫", "0.50", "Tmall store"),
    "douyin": ("抖音直播间", "抖音", "0.25", "Douyin live"),
    "jd": ("京东店", "京东", "0.15", "JD store"),
    "pdd": ("拼多多店", "拼多多", "0.10", "Pinduoduo store"),
}
MEASURES = {  # share of net sales
    "net_sales": "1",
    "gross_profit": "0.55",
    "promotion_cost": "0.15",
    "management_cost": "0.32",
    "net_profit": "0.08",
}
DEPARTMENTS = {  # id: name, head, English name
    "management": ("总经办", "E001", "Management"),
    "operations": ("运营部", "E002", "Operations"),
    "live": ("直播部", "E003", "Live streaming"),
    "promotion": ("推广部", "E011", "Promotion"),
    "content": ("内容部", "E017", "Content"),
    "design": ("设计部", "E020", "Design"),
    "service": ("客服部", "E024", "Customer service"),
    "product": ("产品采购部", "E031", "Products and purchasing"),
    "warehouse": ("仓储部", "E033", "Warehouse"),
    "finance": ("财务部", "E038", "Finance"),
    "hr": ("人事部", "E040", "Human resources"),
}
OWNER = "宋清禾"
# id, name, hired, superior, post, department, channel
PEOPLE = [
    ("E001", "沈知远", "2018-03-01", "", "ecommerce_director", "management", ""),
    ("E002", "陆嘉禾", "2019-05-06", "E001", "channel_ops_manager", "operations", "tmall"),
    ("E003", "秦若川", "2020-08-17", "E001", "channel_ops_manager", "live", "douyin"),
    ("E004", "何明澈", "2020-11-02", "E001", "channel_ops_manager", "operations", "jd"),
    ("E005", "苏景行", "2021-03-08", "E002", "store_operator", "operations", "tmall"),
    ("E006", "唐以宁", "2022-02-21", "E002", "store_operator", "operations", "tmall"),
    ("E007", "方子墨", "2021-09-13", "E004", "store_operator", "operations", "jd"),
    ("E008", "罗亦晨", "2022-06-06", "E004", "store_operator", "operations", "pdd"),
    ("E009", "许念安", "2023-04-10", "E002", "ops_assistant", "operations", "tmall"),
    ("E010", "邵雨桐", "2023-10-16", "E004", "ops_assistant", "operations", "jd"),
    ("E011", "韩立言", "2020-04-13", "E001", "promo_specialist", "promotion", ""),
    ("E012", "彭思齐", "2022-07-11", "E001", "promo_specialist", "promotion", ""),
    ("E013", "叶舒窈", "2022-03-14", "E003", "live_anchor", "live", "douyin"),
    ("E014", "温可欣", "2022-09-05", "E003", "live_anchor", "live", "douyin"),
    ("E015", "白星野", "2023-05-22", "E003", "live_anchor", "live", "douyin"),
    ("E016", "程一诺", "2022-03-14", "E003", "live_controller", "live", "douyin"),
    ("E017", "顾南乔", "2021-06-07", "E001", "content_ops", "content", ""),
    ("E018", "段子昂", "2022-08-15", "E017", "video_editor", "content", ""),
    ("E019", "魏时雨", "2023-03-06", "E017", "video_editor", "content", ""),
    ("E020", "江以沫", "2019-09-02", "E001", "design_supervisor", "design", ""),
    ("E021", "余清越", "2021-04-19", "E020", "visual_designer", "design", ""),
    ("E022", "戴承宇", "2022-10-10", "E020", "visual_designer", "design", ""),
    ("E023", "石远帆", "2021-11-15", "E020", "photographer", "design", ""),
    ("E024", "林静好", "2019-07-15", "E001", "cs_supervisor", "service", ""),
    ("E025", "赵语微", "2021-02-22", "E024", "presales_cs", "service", ""),
    ("E026", "孙若彤", "2022-05-09", "E024", "presales_cs", "service", ""),
    ("E027", "钱朗月", "2022-11-07", "E024", "presales_cs", "service", ""),
    ("E028", "李沐阳", "2023-08-14", "E024", "presales_cs", "service", ""),
    ("E029", "周亦安", "2021-07-05", "E024", "aftersales_cs", "service", ""),
    ("E030", "吴清扬", "2023-02-13", "E024", "aftersales_cs", "service", ""),
    ("E031", "郑博闻", "2020-03-16", "E001", "product_manager", "product", ""),
    ("E032", "冯启明", "2021-05-17", "E031", "purchasing_specialist", "product", ""),
    ("E033", "陈守正", "2018-10-08", "E001", "warehouse_supervisor", "warehouse", ""),
    ("E034", "褚大勇", "2020-06-01", "E033", "picker_packer", "warehouse", ""),
    ("E035", "卫长青", "2022-04-18", "E033", "picker_packer", "warehouse", ""),
    ("E036", "蒋百川", "2023-09-04", "E033", "picker_packer", "warehouse", ""),
    ("E037", "施晓岚", "2021-08-23", "E033", "order_reviewer", "warehouse", ""),
    ("E038", "姜怀瑾", "2019-01-07", "E001", "accountant", "finance", ""),
    ("E039", "柳絮宁", "2022-01-10", "E038", "cashier", "finance", ""),
    ("E040", "岳明珠", "2020-09-21", "E001", "hr_specialist", "hr", ""),
]
NAMES = {person[0]: person[1] for person in PEOPLE}
POSTS = list(dict.fromkeys(person[4] for person in PEOPLE))
# product, name, English name, category, channel, launch, planned annual sales
PRODUCTS = [
    ("TM-01", "长绒棉四件套", "Long-staple cotton set", "床品", "tmall", "2024-09", "10200000"),
    ("TM-02", "新疆棉被芯", "Xinjiang cotton quilt", "床品", "tmall", "2023-08", "7800000"),
    ("TM-03", "遮光窗帘", "Blackout curtain", "窗帘", "tmall", "2024-03", "5400000"),
    ("TM-04", "乳胶枕", "Latex pillow", "枕芯", "tmall", "2025-03", "4200000"),
    (
        "TM-05",
        "2026 秋冬磨毛系列",
        "Brushed series autumn and winter 2026",
        "床品",
        "tmall",
        "2026-08",
        "2400000",
    ),
    ("DY-01", "直播专供四件套", "Live-only four-piece set", "床品", "douyin", "2024-10", "7500000"),
    ("DY-02", "加厚毛毯", "Thick blanket", "毯类", "douyin", "2024-09", "4500000"),
    ("DY-03", "凉感夏被", "Cooling summer quilt", "床品", "douyin", "2026-04", "3000000"),
    ("JD-01", "京东自有四件套", "JD own four-piece set", "床品", "jd", "2024-05", "4800000"),
    ("JD-02", "乳胶床垫薄垫", "Thin latex mattress pad", "床垫", "jd", "2025-02", "4200000"),
    ("PD-01", "纯棉毛巾组合", "Cotton towel bundle", "毛巾", "pdd", "2023-06", "3600000"),
    ("PD-02", "居家抱枕", "Home cushion", "枕芯", "pdd", "2024-04", "2400000"),
]


def organisation() -> Tables:
    """Channels, departments, people and who works in which post since 2026-01-01."""
    return {
        "channels": [
            {"channel": name, "name": title, "name_en": english, "platform": platform}
            for name, (title, platform, _, english) in CHANNELS.items()
        ],
        "departments": [
            {"department": name, "name": title, "name_en": english, "head": head}
            for name, (title, head, english) in DEPARTMENTS.items()
        ],
        "employees": [
            {"employee": p[0], "name": p[1], "hired": p[2], "superior": p[3]} for p in PEOPLE
        ],
        "assignments": [
            {
                "employee": p[0],
                "effective_from": max("2025-01-01", p[2]),
                "post": p[4],
                "department": p[5],
                "channel": p[6],
                "time_share": "100%",
            }
            for p in PEOPLE
        ],
    }


def month_share(month: int) -> Decimal:
    """The month's share of the annual plan: 0.12 for June."""
    rows = LIBRARY.seasonality
    chosen = rows[(rows["profile"] == "home_textiles") & (rows["month"] == month)]
    return decimal(int(chosen["share"].iloc[0]))


def planned(month: int, share: str = "1") -> Decimal:
    """The month's planned net sales of a part of the firm, in yuan."""
    return ANNUAL_SALES * month_share(month) * Decimal(share)


def plan() -> Tables:
    """The annual plan by month and channel, and the product plan."""
    targets = [
        {
            "month": f"{YEAR}-{month:02d}",
            "channel": channel,
            "measure": measure,
            "amount": planned(month, about[2]) * Decimal(share),
        }
        for month in range(1, 13)
        for channel, about in CHANNELS.items()
        for measure, share in MEASURES.items()
    ]
    keys = ("product", "name", "name_en", "category", "channel", "launch", "annual_sales")
    products = [dict(zip(keys, product, strict=True)) for product in PRODUCTS]
    return {"targets": targets, "product_plan": products}


def committee(leader: RowDict) -> list[RowDict]:
    """The committee (assessment method 4.1): ``leader`` first, then the same people."""
    signed = "2026-03-02"
    heads = ("E002", "E003", "E011", "E017", "E020", "E024", "E031", "E033")
    in_department = {p[0]: p[5] for p in PEOPLE}

    def member(employee: str, role: str, position: str) -> RowDict:
        return {
            "member": NAMES[employee],
            "role": role,
            "position": position,
            "employee": employee,
            "department": in_department[employee],
            "signed": signed,
        }

    rows = [leader, member("E040", "vice_leader", "hr_head"), member("E001", "member", "director")]
    rows += [
        member(head, "member", "department_head")
        for head in heads
        if head != leader.get("employee")
    ]
    return [*rows, member("E038", "finance", "finance_head"), member("E039", "secretary", "clerk")]
