"""A client made from scratch for the service-call workbook: eight agents, one scorecard.

Base pay, performance pay, standards and the coefficient table are made up for
the tests; every actual comes from the workbook through ``ecperf import``.
"""

from __future__ import annotations

from pathlib import Path

AGENTS = ("Becky", "Dan", "Diane", "Greg", "Jim", "Joe", "Martha", "Stewart")

FILES = {
    "client.toml": """\
name_zh = "热线服务示例"
name_en = "Service hotline"
invented = true
kind = "pure_ecommerce"

[sponsor]
name = "Owner"
position = "owner"
signed = 2020-12-15

[dates]
plan_year = 2021
scheme_from = 2021-01-01
pilot_from = "2021-01"
pilot_to = "2021-03"

[pilot]
channels = []
departments = ["service"]
previous_system = "similar"
pay = "shadow"

[pay]
minimum_wage = "2000"
""",
    "departments.csv": "department,name,head\nservice,Service,A00\n",
    "employees.csv": "employee,name,hired,superior\nA00,Lead,2019-01-01,\n"
    + "".join(f"A{i:02d},{name},2020-01-01,A00\n" for i, name in enumerate(AGENTS, 1)),
    "assignments.csv": "employee,effective_from,post,department\n"
    "A00,2020-01-01,cs_supervisor,service\n"
    + "".join(f"A{i:02d},2020-01-01,aftersales_cs,service\n" for i in range(1, 9)),
    "coefficient_tables.csv": "coefficient_table,effective_from,at_least,coefficient\n"
    "T1,2021-01-01,0,0.5\nT1,2021-01-01,60,0.7\nT1,2021-01-01,70,0.9\n"
    "T1,2021-01-01,80,1.0\nT1,2021-01-01,90,1.1\nT1,2021-01-01,95,1.2\n",
    "pay_plans.csv": "subject_kind,subject_id,effective_from,structure,base,performance_pay,"
    "coefficient_table\n"
    "post,aftersales_cs,2021-01-01,performance,3500,1500,T1\n"
    "employee,A00,2021-01-01,fixed,9000,,\n",
    "indicators.csv": "indicator,name_zh,name_en,unit,direction,aggregation,data_source,"
    "plausible_min,plausible_max\n"
    "call_answer_rate,电话接通率,Calls answered,ratio,higher_is_better,ratio,platform_erp,0,1\n"
    "call_resolve_rate,电话解决率,Calls resolved,ratio,higher_is_better,ratio,platform_erp,0,1\n"
    "speed_of_answer,平均应答时长,Speed of answer,seconds,lower_is_better,ratio,"
    "platform_erp,0,600\n"
    "call_satisfaction,通话满意度,Call satisfaction,points,higher_is_better,ratio,"
    "platform_erp,1,5\n",
    "scorecards.csv": "subject_kind,subject_id,indicator,effective_from,role,weight,method,cap,"
    "zero_below,step_size,step_deduct,bands,bands_on,standard_basis,data_source\n"
    "post,aftersales_cs,call_answer_rate,2021-01-01,core,30,percentage,1,0.6,,,,,"
    "own_history,platform_erp\n"
    "post,aftersales_cs,speed_of_answer,2021-01-01,core,20,interval,,,,,"
    "<=60:100%; <=70:80%; <=80:60%; else:0%,actual,own_history,platform_erp\n"
    "post,aftersales_cs,call_resolve_rate,2021-01-01,core,30,step,,,0.01,0.1,,,"
    "own_history,platform_erp\n"
    "post,aftersales_cs,call_satisfaction,2021-01-01,process,20,step,,,0.1,0.1,,,"
    "own_history,platform_erp\n",
    "standards.csv": "subject_kind,subject_id,indicator,period,standard\n"
    "post,aftersales_cs,call_answer_rate,2021,0.82\n"
    "post,aftersales_cs,speed_of_answer,2021,60\n"
    "post,aftersales_cs,call_resolve_rate,2021,0.90\n"
    "post,aftersales_cs,call_satisfaction,2021,3.4\n",
    "pay_history.csv": "employee,month,pay\n"
    + "".join(f"A{i:02d},2020-{month},5000\n" for i in range(1, 9) for month in ("10", "11", "12")),
}


def write_service_call_client(folder: Path) -> Path:
    """The client folder, complete but for the actuals."""
    folder.mkdir(parents=True)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder
