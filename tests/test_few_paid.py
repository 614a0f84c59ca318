"""Plans and results of few people: a plan counts by whom it pays, a sum by what it leaves.

Two operators and a third with a plan of her own; four in pre-sales and a fifth with a plan of
his own, at 7,500 a month; two packers.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pandas as pd
import pytest

from ecperf_kit.client import Client
from ecperf_kit.exact import exact
from ecperf_kit.outputs.cards import write_cards
from ecperf_kit.outputs.listing import about_person, open_list
from ecperf_kit.outputs.papers.facts import Facts
from ecperf_kit.outputs.papers.pitch import _cost
from ecperf_kit.outputs.wording import Wording
from ecperf_kit.rules import check_scheme
from ecperf_kit.rules.pay import full_attainment
from ecperf_kit.rules.payees import told_plans
from ecperf_kit.rules.shape import cliffs
from ecperf_kit.stages import conclude
from ecperf_kit.stages.scenario_shown import Told
from tests.scheme_client import (
    a_client,
    card,
    changed,
    library_card,
    plan,
    staff,
    table_t1,
    year_plan,
)

TEAM = ("store_operator",) * 3 + ("presales_cs",) * 5 + ("picker_packer",) * 2


def _own(employee: str, base: int, performance: int | None, **more: Any) -> dict[str, Any]:
    own = {"subject_kind": "employee", "subject_id": employee}
    return plan("", base, performance, **{**own, **more})


def _fixed(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "structure": "fixed", "coefficient_table": None}


#: E3 and E8 have plans of their own, E8's is 5,200 + 2,300 = 7,500.
OF_E8 = _own("E8", 5200, 2300)
OPERATORS = [plan("store_operator", 4600, 4600), _own("E3", 4333, 2917)]
PRESALES = plan("presales_cs", 3850, 1650)


def _shop(*plans: dict[str, Any], **more: Any) -> Client:
    tables = staff(*TEAM)
    tables["assignments"][3]["channel"] = "douyin"  # E3
    cards = [r for post in dict.fromkeys(TEAM) for r in library_card(post)]
    filled = {
        "targets": year_plan(9_600_000, {"tmall": "0.7", "douyin": "0.3"}),
        "scorecards": cards,
        "coefficient_tables": table_t1(),
        **more,
    }
    return a_client(**tables, **filled, pay_plans=plans)


# -- a total that leaves one person's pay ------------------------------------------------------
LEAVES_ONE = (PRESALES, OF_E8, _fixed(plan("store_operator", 9200)))
#: With a second and a third plan of their own three people are left: 9,250 + 7,500 + 7,000.
LEAVES_THREE = (*LEAVES_ONE, _own("E1", 4625, 4625), _own("E9", 3500, 3500))


def test_a_cost_that_is_one_persons_less_the_posts_plans_is_not_told() -> None:
    """5 people, 4 x 5,500 + 7,500 = 29,500: less the 22,000 of pre-sales it is E8's pay."""
    client = _shop(*LEAVES_ONE)
    whole = full_attainment(client)
    assert whole is not None and whole["planned"] == exact("29500")
    report = conclude("design", client)
    assert report.table("cost").empty
    told = {figure.label: figure.value for figure in report.figures}
    assert told["design.figure.cost"] is None
    assert all(verdict.money is None for verdict in report.verdicts)
    assert "S139" not in {finding.code for finding in report.findings}
    assert not any(reason.key == "design.reason.pay_cost" for reason in report.reasons)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_paper_for_the_owner_tells_neither_sum_nor_share(language: str) -> None:
    client = replace(_shop(*LEAVES_ONE), language=language)
    facts = Facts(client)
    said = _cost(facts)
    assert "29,500" not in said and "1,780" not in said and "6.0" not in said
    assert said == facts.text("pitch.cost_few")


def test_a_cost_that_leaves_three_people_is_told() -> None:
    # 29,500 + 9,250 + 7,000 = 45,750; (4 x 1,650 + 2,300 + 4,625 + 3,500) x 0.2 = 3,405
    cost = conclude("design", _shop(*LEAVES_THREE)).table("cost").iloc[0]
    assert (cost["planned"], cost["extra"]) == (exact("45750"), exact("3405"))


# -- whom a plan pays ------------------------------------------------------------------------
def test_a_plan_is_told_by_whom_it_pays_not_by_who_holds_the_post() -> None:
    """Three operators, one with a plan of her own: the post's plan is two people's."""
    assert told_plans(_shop(PRESALES, OF_E8, *OPERATORS)) == {"post:presales_cs"}
    assert told_plans(_shop(*LEAVES_ONE)) == {"post:presales_cs", "post:store_operator"}


def test_the_steepest_step_told_is_of_a_plan_that_pays_several() -> None:
    """4,600 x 0.2 = 920 is the operators', 1,650 x 0.2 = 330 that of pre-sales."""
    client = _shop(PRESALES, OF_E8, *OPERATORS)
    table = cliffs(client)
    shared = table[table["subject"].str.startswith("post:")]
    assert list(shared["amount"]) == [exact("330")]
    open_ = [f for f in check_scheme(client) if f.code in ("S145", "S146") and not about_person(f)]
    assert [f.values["amount"] for f in open_] == [exact("330")]


def _printed(client: Client, folder: Path) -> dict[str, set[Any]]:
    path = write_cards(client, "2026-06", folder / "cards.xlsx")
    book = openpyxl.load_workbook(path)
    return {
        sheet.title: {cell.value for line in sheet.iter_rows() for cell in line}
        for sheet in book.worksheets[1:]
    }


def _with(printed: dict[str, set[Any]], amount: int) -> int:
    return sum(amount in cells for cells in printed.values())


def test_the_card_of_a_post_does_not_print_a_plan_of_two(tmp_path: Path) -> None:
    printed = _printed(_shop(PRESALES, OF_E8, *OPERATORS), tmp_path)
    assert _with(printed, 4600) == 0
    assert _with(printed, 3850) == 1


def test_nor_does_the_card_of_a_place_where_nobody_has_the_plan(tmp_path: Path) -> None:
    """A fourth operator on tmall makes three paid by the post's plan; E3 on douyin is not."""
    tables = staff(*TEAM, "store_operator")
    tables["assignments"][3]["channel"] = "douyin"
    client = a_client(
        **tables,
        scorecards=library_card("store_operator"),
        coefficient_tables=table_t1(),
        pay_plans=OPERATORS,
    )
    printed = _printed(client, tmp_path)
    assert len(printed) == 2
    assert _with(printed, 4600) == 1


# -- means -------------------------------------------------------------------------------------
def test_a_mean_share_beside_a_told_plan_does_not_give_the_last_ones() -> None:
    """Pre-sales 30 % of four and E8's 30.7 %: the mean of five would give his."""
    mix = conclude("design", _shop(PRESALES, OF_E8)).table("pay_mix").set_index("category")
    assert mix["performance"].isna()["C_support"]
    # E7's and E9's are not known either: three people's, (2 x 30 + 2 x 40 + 20) / 5 = 32 %
    three = [_own("E6", 3000, 2000), _own("E7", 3000, 2000), _own("E8", 4000, 1000)]
    mix = conclude("design", _shop(PRESALES, *three)).table("pay_mix").set_index("category")
    assert mix.at["C_support", "performance"] == exact("0.32")


def _raised(post: str, of: dict[str, str]) -> Client:
    """A standard of 95 % after actuals of a ratio by these people of the post."""
    row = {"indicator": "ship_48h", "period": "2026-05", "source_kind": "platform_erp"}
    cards = [{**r, "standard_basis": "own_history"} for r in library_card("picker_packer")]
    cards = [{**r, "subject_id": post} for r in cards]
    typed = {"subject_kind": "post", "subject_id": post, "indicator": "ship_48h",
             "period": "2026-06", "standard": "0.95"}  # fmt: skip
    actuals = [{**row, "subject_kind": "employee", "subject_id": name, "value": value}
               for name, value in of.items()]  # fmt: skip
    return _shop(PRESALES, scorecards=cards, standards=[typed], actuals=actuals)


@pytest.mark.parametrize(
    ("post", "of", "open_"),
    [
        # 80 % and 70 %, either of two works out the other's from 75 %
        ("picker_packer", {"E9": "0.8", "E10": "0.7"}, False),
        # five in pre-sales, but only two have figures
        ("presales_cs", {"E4": "0.8", "E5": "0.7"}, False),
        ("presales_cs", {"E4": "0.8", "E5": "0.7", "E6": "0.75"}, True),
    ],
)
def test_what_two_people_reached_is_told_to_their_superiors(
    post: str, of: dict[str, str], open_: bool
) -> None:
    client = _raised(post, of)
    report = conclude("design", client)
    shown, kept = (report.table(name) for name in ("standard_steps", "standard_steps_people"))
    assert report.tables["standard_steps_people"].restricted
    assert (len(shown), len(kept)) == ((1, 0) if open_ else (0, 1))
    assert (shown if open_ else kept).iloc[0]["actual"] == exact("0.75")
    (jump,) = [finding for finding in check_scheme(client) if finding.code == "S131"]
    assert about_person(jump) is not open_


def test_a_verdict_names_what_is_one_persons_without_the_figures() -> None:
    """One cashier's guaranteed 2,000 + 500 x 0.5 = 2,250 is below the minimum wage."""
    client = a_client(
        config={"pay": {"minimum_wage": "2490"}},
        **staff("cashier"),
        coefficient_tables=table_t1(),
        pay_plans=[plan("cashier", 2000, 500)],
    )
    found = {v.question: v.found for v in conclude("design", client).verdicts}
    assert found["design.question.pay"].key == "finding.S124.title"


@pytest.mark.parametrize(("others", "told"), [(1, False), (2, False), (3, True)])
def test_a_wage_bill_at_an_attainment_is_not_one_persons_less_the_known_plans(
    others: int, told: bool
) -> None:
    """At 100 % three in pre-sales get 5,500 each: of the bill the others' pay is left."""
    team = ("presales_cs", "presales_cs", "presales_cs", "cashier", "accountant", "hr_specialist")
    team = team[: 3 + others]
    client = a_client(
        **staff(*team),
        coefficient_tables=table_t1(),
        pay_plans=[PRESALES, *(plan(post, 5000, 1000) for post in team[3:])],
    )
    paid = pd.DataFrame({"employee": [f"E{at}" for at in range(1, len(team) + 1)]})
    paid["before"] = pd.Series([5500] * 3 + [6000] * others, dtype="Int64")
    paid["after"] = paid["before"] + 100
    found = SimpleNamespace(reached=(paid, paid))
    assert Told(client).at(found, 1) is told  # type: ignore[arg-type]
    assert Told(client).at(found, 0)  # type: ignore[arg-type]


def test_how_many_people_may_be_shown_is_asked_in_one_place() -> None:
    package = Path(__file__).resolve().parent.parent / "ecperf_kit"
    asking = [
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if '"group.min_people"' in path.read_text(encoding="utf-8")
    ]
    # the rules on paper only quote the figure
    assert sorted(asking) == ["outputs/papers/implementation.py", "rules/few.py"]


# -- rates and shares, which with a plan that is told are an amount ------------------------------
_OPERATOR = plan("store_operator", 3000, 7000)


def _alone(number: int, *rows: dict[str, Any]) -> Client:
    """So many operators on tmall, whose plan is 9,600,000 a year."""
    return a_client(
        config={"pay": {"minimum_wage": "2490"}},
        **staff(*("store_operator",) * number),
        scorecards=card(("net_sales", "core", 100)),
        coefficient_tables=table_t1(),
        targets=year_plan(9_600_000, {"tmall": "1"}),
        pay_plans=rows or [_OPERATOR],
    )


_DRAWING = plan("store_operator", 5000, sales_rate="0.01", structure="commission_sales")
_ON_NET = plan("store_operator", 5000, net_profit_rate="0.01", structure="commission_net_profit")


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize(
    ("code", "row"),
    [
        # 10,000 x 12 x 50 % / 9,600,000 = 0.625 %: the rate times the plan is half a year's pay
        ("S140", _OPERATOR),
        ("S121", _OPERATOR),
        ("S122", plan("store_operator", 4000, 6000)),
        ("S126", _ON_NET),
        ("S127", _DRAWING),
    ],
)
def test_a_rate_of_a_plan_of_few_people_is_told_person_by_person(
    code: str, row: dict[str, Any], number: int
) -> None:
    client = _alone(number, row)
    found = [f for f in check_scheme(client) if f.code == code]
    if number == 3:
        assert [f.subject for f in found] == ["post:store_operator"]
    else:
        assert [f.subject for f in found] == [f"employee:E{n}" for n in range(1, number + 1)]
    if code == "S140":
        assert {f.values["rate"] for f in found} == {exact("0.00625")}


def test_the_open_page_does_not_print_the_rate_of_the_only_holder() -> None:
    client = _alone(1)
    wording = Wording(client.library, "zh", client)
    report = conclude("design", client)
    printed = str(open_list(report.findings, wording).rows)
    assert "S140" in printed and "0.625%" not in printed and "70.0%" not in printed
    assert "0.625%" in str(open_list(conclude("design", _alone(3)).findings, wording).rows)


def test_who_has_left_before_the_month_judged_was_paid_by_the_plan_all_the_same() -> None:
    people = staff("store_operator", "store_operator")
    for row in people["employees"][1:]:
        row["left"] = "2026-06-30"
    known = a_client(
        **people,
        scorecards=library_card("store_operator"),
        coefficient_tables=table_t1(),
        targets=year_plan(9_600_000, {"tmall": "1"}),
        pay_plans=[_OPERATOR],
    )
    found = [f for f in check_scheme(known) if f.code == "S140"]
    assert [f.subject for f in found] == ["employee:E1", "employee:E2"]


def test_a_channels_rates_less_those_of_a_plan_told_are_one_persons() -> None:
    """Three draw 1 % by the post's plan, which is told; 4 % in all leave the fourth's own 1 %."""
    own = _own("E4", 5000, None, sales_rate="0.01", structure="commission_sales")
    costs = {"gross_profit": 300_000, "promotion_cost": 200_000, "management_cost": 50_000}
    plans = [row for name, sum_ in costs.items() for row in year_plan(sum_, {"tmall": "1"}, name)]
    rates = {}
    for name, rows in {"told": [_DRAWING], "left": [_DRAWING, own]}.items():
        client = a_client(
            **staff(*("store_operator",) * 4),
            targets=[*year_plan(9_600_000, {"tmall": "1"}), *plans],
            pay_plans=rows,
        )
        (rates[name],) = [f for f in check_scheme(client) if f.code == "S161"]
    assert rates["told"].subject == "channel:tmall"
    assert rates["told"].values["rates"] == rates["left"].values["rates"] == exact("0.04")
    assert rates["left"].subject == "employee:E4"


@pytest.mark.parametrize(("sellers", "told"), [(2, False), (3, True)])
def test_mean_shares_of_a_category_of_few_people_are_not_told(sellers: int, told: bool) -> None:
    """Operators 20 %, pre-sales 30 %: the operators' mean is what each of two has."""
    client = a_client(
        **staff(*("store_operator",) * sellers, *("presales_cs",) * 3),
        coefficient_tables=table_t1(),
        pay_plans=[plan("store_operator", 8000, 2000), PRESALES],
    )
    (found,) = [f for f in check_scheme(client) if f.code == "S123"]
    assert found.subject == ("client:test" if told else "employee:E1")
    # one share for both categories is everybody's own
    alike = changed(client, pay_plans=[plan("store_operator", 7000, 3000), PRESALES])
    (found,) = [f for f in check_scheme(alike) if f.code == "S120"]
    assert about_person(found) is not told
