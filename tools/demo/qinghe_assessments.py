"""Qinghe Home (invented): who scored whom, talks, feedback and appeals of the pilot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tools.demo.cards import LIBRARY, lower_is_better
from tools.demo.marks import mark
from tools.demo.qinghe_figures import FINANCE_DAY, LATE, MONTHS, following
from tools.demo.qinghe_people import NAMES, PEOPLE, planned

RowDict = dict[str, Any]
PILOT = [p[0] for p in PEOPLE if p[6] == "tmall" or p[5] == "service"]
SUPERIOR = {p[0]: p[3] for p in PEOPLE}
POST = {p[0]: p[4] for p in PEOPLE}
#: The Tmall manager gives everybody 98: which rows lose how many of the two points.
GENEROUS = ("E005", "E006", "E009")
_TWO_POINTS = (
    ((2, 1), (3, 1)), ((3, 2),), ((1, 1), (2, 1)), ((2, 2),), ((1, 1), (3, 1)), ((2, 1), (4, 1)),
)  # fmt: skip
#: These employees and their supervisor write the same mark in every line.
ALIKE = ("E025", "E026", "E027", "E028", "E029", "E030")
_CENT = Decimal("0.01")


class Book:
    """The scorecards, standards and actuals of the pilot, looked up by person and month."""

    def __init__(
        self,
        cards: Sequence[RowDict],
        standards: Sequence[RowDict],
        actuals: Sequence[RowDict],
    ) -> None:
        self.cards: dict[str, list[RowDict]] = {}
        for card in cards:
            self.cards.setdefault(card["subject_id"], []).append(card)
        self.standards: dict[tuple[str, str], list[RowDict]] = {}
        for row in standards:
            key = row["subject_id"], row["indicator"]
            self.standards.setdefault(key, []).append(row)
        self.actuals = {(r["subject_id"], r["indicator"], r["period"]): r for r in actuals}

    def standard(self, employee: str, indicator: str, month: str) -> Decimal:
        """The standard that holds: the annual plan of Tmall, else the typed one."""
        number = int(month[5:])
        of_plan = {"net_sales": "0.5", "gross_profit": "0.275"}
        if indicator in of_plan:
            return planned(number, of_plan[indicator])
        for row in self.standards[POST[employee], indicator]:
            first, _, last = row["period"].partition("..")
            if first <= month <= (last or first):
                return Decimal(str(row["standard"]))
        raise KeyError((employee, indicator, month))

    def actual(self, employee: str, indicator: str, month: str) -> Decimal:
        """What was achieved, six decimals for a ratio."""
        for subject in (employee, "service", "tmall"):
            row = self.actuals.get((subject, indicator, month))
            if row is None:
                continue
            if "numerator" in row:
                quotient = Decimal(str(row["numerator"])) / Decimal(str(row["denominator"]))
                return quotient.quantize(Decimal("0.000001"), ROUND_HALF_UP)
            return Decimal(str(row["value"]))
        raise KeyError((employee, indicator, month))

    def marks(self, employee: str, month: str) -> dict[str, Decimal]:
        """The score of each row of a person's card."""
        found = {}
        for card in self.cards[POST[employee]]:
            name = card["indicator"]
            actual, standard = (f(employee, name, month) for f in (self.actual, self.standard))
            found[name] = mark(card, lower_is_better(name), actual, standard)
        return found


def assessments(book: Book) -> list[RowDict]:
    """One row per person, month and indicator of the card."""
    rows = []
    for at, month in enumerate(MONTHS):
        for employee in PILOT:
            earned = book.marks(employee, month)
            own, given = _scores(book.cards[POST[employee]], earned, employee, at)
            for name in earned:
                rows.append(
                    {
                        "employee": employee,
                        "period": month,
                        "indicator": name,
                        "self_score": own[name],
                        "self_evidence": _evidence(book, employee, name, month),
                        "superior_score": given[name],
                        "assessor": SUPERIOR[employee],
                        "comment": _comment(employee),
                        "self_date": following(month, 6),
                        "superior_date": following(month, review_day(employee, at)),
                    }
                )
    return rows


def review_day(employee: str, at: int) -> int:
    """Rows on finance data wait for it: reviewed on day 8, or when finance has delivered."""
    service = employee == "E024" or SUPERIOR[employee] == "E024"
    return 8 if service or at not in LATE else max(FINANCE_DAY[at], 8)


def _scores(
    cards: Sequence[RowDict], earned: Mapping[str, Decimal], employee: str, at: int
) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """What the person and the superior wrote in each line."""
    rounded = {n: value.quantize(_CENT, ROUND_HALF_UP) for n, value in earned.items()}
    if employee in ALIKE:
        return rounded, rounded
    if employee in GENEROUS:
        lost = dict(_TWO_POINTS[at])
        given = {
            card["indicator"]: Decimal(card["weight"]) - lost.get(line, 0)
            for line, card in enumerate(cards)
        }
        first, last = cards[0]["indicator"], cards[-1]["indicator"]
        own = given | {first: given[first] - 1, last: given[last] - (at % 2)}
        return own, given
    # the supervisors see one line a little better than the data, and the director stays with them
    line = cards[at % len(cards)]
    name = line["indicator"]
    own = rounded | {name: min(rounded[name] + 1, Decimal(line["weight"]))}
    return own, rounded


def _evidence(book: Book, employee: str, indicator: str, month: str) -> str:
    unit = str(LIBRARY.indicators.loc[indicator, "unit"])
    pair = [
        _shown(figure, unit)
        for figure in (
            book.actual(employee, indicator, month),
            book.standard(employee, indicator, month),
        )
    ]
    return f"实际 {pair[0]}，标准 {pair[1]}"


def _shown(figure: Decimal, unit: str) -> str:
    if unit == "ratio":
        return f"{(figure * 100).quantize(_CENT, ROUND_HALF_UP).normalize():f}%"
    if unit == "CNY":
        return f"{figure:,.0f} 元"
    return f"{figure.normalize():f}"


def _comment(employee: str) -> str:
    if employee in GENEROUS:
        return "表现不错，继续保持"
    return "同意自评" if employee in ALIKE else "数据已与来源核对"


def _name(indicator: str) -> str:
    return str(LIBRARY.indicators.loc[indicator, "name_zh"])


def interviews(book: Book) -> list[RowDict]:
    """One talk per person and month with the five parts (assessment method 4.6)."""
    rows = []
    for at, month in enumerate(MONTHS):
        for employee in PILOT:
            marks = book.marks(employee, month)
            weights = {c["indicator"]: Decimal(c["weight"]) for c in book.cards[POST[employee]]}
            ranked = sorted(marks, key=lambda name: (marks[name] / weights[name], weights[name]))
            worst, best = ranked[0], ranked[-1]
            low = sum(marks.values()) < 70
            day = 9 if low else max(review_day(employee, at), 12)
            achieved = _evidence(book, employee, best, month)
            short = _evidence(book, employee, worst, month)
            rows.append(
                {
                    "employee": employee,
                    "period": month,
                    "held_on": following(month, day),
                    "interviewer": SUPERIOR[employee],
                    "achievements": f"{_name(best)}：{achieved}",
                    "problems": f"{_name(worst)}：{short}",
                    "causes": CAUSES.get(worst, "日常跟进不够及时，月中没有复查进度"),
                    "solutions": SOLUTIONS.get(worst, "每周一核对进度，偏差当周处理"),
                    "next_targets": f"{_name(worst)}先提高一档，再稳定两个月",
                    "will": WILL.get(employee, "strong") if month in RATED else None,
                    "value": VALUE.get(employee) if month in RATED else None,
                }
            )
    return rows


#: The talks in which superiors rate will, and the value of those who lack skill.
RATED = ("2026-06", "2026-09")
WILL = {"E006": "weak", "E009": "weak", "E030": "weak"}
VALUE = {"E024": "worth", "E025": "worth", "E026": "not_worth"}


CAUSES = {
    "inquiry_conversion": "大促期间咨询集中，推荐话术单一，跟单不及时",
    "avg_response_time": "618 期间排班与咨询高峰错位，新快捷短语未启用",
    "stock_sell_through": "老款占比高，清仓节奏慢",
    "promo_expense_ratio": "大促加大投放，站外引流费用偏高",
    "listing_error_count": "改价未经第二人复核",
    "campaign_signup_rate": "报名资料准备晚于平台截止前一天",
    "refund_duration": "退货入库确认晚，退款审核等待时间长",
    "team_goal_attainment": "组内有成员未达到当月目标",
    "dispute_refund_rate": "品质类纠纷升级前沟通不足",
}
SOLUTIONS = {
    "inquiry_conversion": "按品类整理推荐话术，咨询未下单的当天回访",
    "avg_response_time": "按小时咨询量调整班次，高峰期增加一名机动人员",
    "stock_sell_through": "每两周列出不动销款，与采购商定清仓价",
    "promo_expense_ratio": "按周控制投放预算，低产出计划及时停投",
    "listing_error_count": "改价实行双人复核",
    "campaign_signup_rate": "建立活动日历，提前三天备齐资料",
    "refund_duration": "与仓库约定退货当日入库，退款当日审核",
    "dispute_refund_rate": "升级前由主管先行介入",
}


def feedback() -> list[RowDict]:
    """Short notes between the talks."""
    notes = [
        ("E025", "2026-05-20", "E024", "avg_response_time", "晚班响应比上月快，保持"),
        ("E026", "2026-05-21", "E024", "inquiry_conversion", "未下单客户要当天回访"),
        ("E027", "2026-06-18", "E024", "avg_response_time", "618 当天排队过长，先安抚再推荐"),
        ("E028", "2026-06-18", "E024", "qa_score", "高峰期也要使用规范用语"),
        ("E029", "2026-06-24", "E024", "refund_duration", "大促退货积压，优先处理超过 48 小时的单"),
        ("E030", "2026-07-15", "E024", "fcr", "一次性解决做得比上月好"),
        ("E005", "2026-06-10", "E002", "promo_expense_ratio", "站外投放本周降到预算内"),
        ("E006", "2026-08-12", "E002", "stock_sell_through", "窗帘老款尽快清仓"),
        ("E009", "2026-07-08", "E002", "listing_error_count", "改价前请同事复核一遍"),
        ("E002", "2026-06-25", "E001", "promo_expense_ratio", "大促费用率超出预算，写明原因"),
        ("E024", "2026-07-16", "E001", "avg_response_time", "重新排班后响应明显改善"),
    ]  # fmt: skip
    keys = ("employee", "given_on", "given_by", "indicator", "text")
    return [dict(zip(keys, note, strict=True)) for note in notes]


def appeals() -> list[RowDict]:
    """Two appeals about June, both settled."""
    answer = "数据核对无误，得分维持；响应时长的计分办法列入试考问题，由考核小组复议"
    return [
        {
            "employee": employee,
            "period": "2026-06",
            "raised_on": "2026-07-23",
            "matter": matter,
            "settled_on": "2026-07-27",
            "outcome": answer,
        }
        for employee, matter in (
            ("E026", f"{NAMES['E026']}：响应 48 秒记零分，与实际接待量不符"),
            ("E028", f"{NAMES['E028']}：转化标准 55% 高于历史过多"),
        )
    ]
