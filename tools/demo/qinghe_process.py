"""Qinghe Home (invented): pay before, attendance, deadlines, signatures, information sync."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tools.demo.qinghe_assessments import PILOT
from tools.demo.qinghe_figures import FINANCE_DAY, LATE, MONTHS, following, last_year
from tools.demo.qinghe_people import DEPARTMENTS, NAMES, OWNER, PEOPLE, POSTS
from tools.demo.qinghe_scheme import WAGES

RowDict = dict[str, Any]
#: Gross pay of the same months last year where it followed the season.
SEASONAL = {
    "E002": (20700, 22100, 28900, 20600, 20700, 22100),
    "E003": (17500, 18600, 24300, 17400, 17600, 18700),
    "E004": (13100, 13900, 18200, 13000, 13100, 14000),
    "E005": (10700, 11450, 15000, 10700, 10650, 11450),
    "E006": (10350, 11000, 14300, 10300, 10300, 11000),
    "E007": (8400, 8700, 10600, 8400, 8400, 8800),
    "E008": (8300, 8600, 10400, 8300, 8300, 8700),
}
SCHEDULED = (21, 19, 21, 23, 21, 22)
#: employee, month number: days of paid leave
PAID_LEAVE = {("E025", 1): 2, ("E029", 3): 1, ("E005", 4): 3, ("E009", 0): 1, ("E027", 5): 1}
DUE = {
    "data": 5, "self_assessment": 6, "superior_review": 8, "hr_audit": 9,
    "finance_check": 10, "publication": 10, "pay": 15,
}  # fmt: skip
SINCE_SIGNED = "2026-03-20"


def pay_history() -> list[RowDict]:
    """Gross pay of the same months last year: the old pay, already of the same season."""
    rows = []
    for employee, _, _, _, post, *_ in PEOPLE:
        for at, month in enumerate(MONTHS):
            if employee in SEASONAL:
                paid = SEASONAL[employee][at]
                base: Any = {"E002": 12000, "E003": 10000, "E004": 7500}.get(employee, 6500)
            else:
                base = sum(Decimal(part) for part in WAGES[post])
                paid = base
            rows.append(
                {
                    "employee": employee,
                    "month": last_year(month),
                    "pay": paid,
                    "base": base,
                    "variable": paid - base,
                }
            )
    return rows


def attendance() -> list[RowDict]:
    """Days of the eleven people of the pilot: nobody missed a day without pay."""
    return [
        {
            "employee": employee,
            "month": month,
            "scheduled_days": SCHEDULED[at],
            "worked_days": SCHEDULED[at] - PAID_LEAVE.get((employee, at), 0),
            "paid_leave_days": PAID_LEAVE.get((employee, at), 0),
        }
        for at, month in enumerate(MONTHS)
        for employee in PILOT
    ]


def process_log() -> list[RowDict]:
    """Each step of each month: finance data came late three times, and what waits for it."""
    rows = []
    for at, month in enumerate(MONTHS):
        late = at in LATE
        data = FINANCE_DAY[at]
        done = [
            ("data", "finance", data),
            ("data", "service", 3),
            ("data", "operations", 4),
            ("self_assessment", "operations", 6),
            ("self_assessment", "service", 6),
            ("superior_review", "operations", data if late else 8),
            ("superior_review", "service", 8),
            ("hr_audit", "hr", data + 1 if late else 9),
            ("finance_check", "finance", data + 1 if late else 10),
            ("publication", "hr", data + 2 if late else 10),
            # wages are paid on the old basis: a late shadow calculation does not delay them
            ("pay", "finance", 15),
        ]
        rows += [
            {
                "month": month,
                "department": department,
                "step": step,
                "due": following(month, DUE[step]),
                "done": following(month, day),
            }
            for step, department, day in done
        ]
    return rows


def signoffs(posts: list[str], consents: list[str]) -> list[RowDict]:
    """Job descriptions of ``posts`` and pay consents of ``consents``, signed by the people."""
    holder = {p[4]: p[0] for p in reversed(PEOPLE)}

    def paper(name: str, kind: str, subject: str, by: str, on: str) -> RowDict:
        return {
            "paper": name, "subject_kind": kind, "subject_id": subject, "signed_by": by,
            "signed_on": on, "version": "2026-03",
        }  # fmt: skip

    rows = [
        paper("job_description", "post", post, NAMES[holder[post]], SINCE_SIGNED) for post in posts
    ]
    return rows + [
        paper("consent", "employee", employee, NAMES[employee], "2026-03-26")
        for employee in consents
    ]


def sponsor_papers(client: str) -> list[RowDict]:
    """What the owner signed: the mandate and the scheme."""
    return [
        {
            "paper": name, "subject_kind": "client", "subject_id": client, "signed_by": OWNER,
            "signed_on": on, "version": "2026-03",
        }
        for name, on in (("sponsor", "2026-03-02"), ("scheme", "2026-03-30"))
    ]  # fmt: skip


def sync_records() -> list[RowDict]:
    """The five measures of the information sync (assessment method 4.3)."""
    rows: list[RowDict] = [
        {
            "measure": "pre_meeting", "held_on": "2026-03-05", "attended": 11,
            "outcome": "部门负责人意见 6 条，采纳 4 条；客服响应口径按客户意见保留",
        },
        {
            "measure": "all_staff_meeting", "held_on": "2026-03-12", "attended": 40,
            "outcome": "宣布考核目的、流程与试考范围，现场答疑 9 条",
        },
    ]  # fmt: skip
    for department in DEPARTMENTS:
        count = sum(1 for p in PEOPLE if p[5] == department)
        rows.append(
            {
                "measure": "training", "held_on": "2026-03-16", "department": department,
                "attended": count, "outcome": "指标、计分与薪酬核算举例讲解",
            }
        )  # fmt: skip
    rows += [
        {
            "measure": "exam", "held_on": "2026-03-20", "attended": 40,
            "outcome": "全员闭卷考试，成绩见考试答卷",
        },
        {
            "measure": "drill", "held_on": "2026-03-25", "attended": 11,
            "outcome": "用 2 月数据走完一遍流程，发现数据表填写错误 3 处，已修正模板",
        },
    ]  # fmt: skip
    return rows


SIGNED_IN_DRAFT = POSTS[:12]
