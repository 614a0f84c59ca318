"""The pilot review: its conclusion, its figures to the cent, and what it must not show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import pytest

from ecperf_kit.client import Client, open_client
from ecperf_kit.exact import exact
from ecperf_kit.finding import Finding, Source
from ecperf_kit.intake.config import Override
from ecperf_kit.outputs import show
from ecperf_kit.outputs.tables import title
from ecperf_kit.outputs.wording import Wording
from ecperf_kit.rules.pilot import pilot_of
from ecperf_kit.stages import default_period, pilot, pilot_tables
from ecperf_kit.stages.pilot_verdicts import overpaid
from ecperf_kit.stages.result import Sentence, StageResult, declarations

ROOT = Path(__file__).resolve().parent.parent


@cache
def demo(name: str, language: str = "zh") -> tuple[Client, StageResult]:
    client = open_client(name, language=language, root=ROOT)
    return client, pilot(client)


def said(client: Client, cell: Any) -> str:
    wording = Wording(client.library, client.language, client)
    return wording.say(cell) if isinstance(cell, Sentence) else str(cell)


def stored(frame: pd.DataFrame, column: str) -> list[int]:
    return [int(value) for value in frame[column]]


# --- the first demo client ------------------------------------------------------------------


def test_the_review_says_not_yet_with_a_verdict_on_each_question() -> None:
    _, report = demo("qinghe")
    assert report.title.key == "pilot.title.extend"
    levels = {v.question.rpartition(".")[2]: v.level for v in report.verdicts}
    assert levels == {"pay": "change", "data": "change", "process": "watch", "formality": "change"}


def test_the_key_figures() -> None:
    _, report = demo("qinghe")
    figures = {f.label.rpartition(".")[2]: f.value for f in report.figures}
    # old pay of April to September: 94,250 + 97,050 + 110,700 + 94,100 + 94,150 + 97,050
    # = 587,300; by the scheme 95,425 + 98,341 + 107,446 + 95,406 + 95,590 + 99,047
    # = 591,255; 3,955 / 587,300 = 0.6734 %
    assert figures["cost"] == 6734
    assert figures["sales"] == exact("-0.09")  # 12.74 of 14.00 m
    assert figures["falling"].values == {"done": 4, "parts": 11}
    assert figures["difference"] == exact("0.162621")  # 0.67 of 4.12 m
    assert figures["late"] == exact("13.333333")  # (13 + 15 + 12) / 3


def test_the_five_bins_of_june() -> None:
    # four pre-sales -18 %; supervisor and one after-sales -3 %; assistant and the other
    # after-sales as before; manager and two operators up 2.9 to 3.6 %
    client, report = demo("qinghe")
    table = report.table("pay_bins")
    assert set(table["month"]) == {"2026-06"}
    words = [said(client, cell) for cell in table["label"]]
    counts = dict(zip(words, stored(table, "count"), strict=True))
    assert counts == {
        "降 5% 以上": 4, "降 5% 以内": 2, "不变": 2, "升 5% 以内": 3, "升 5% 以上": 0
    }  # fmt: skip


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh", "（2026 年 6 月）"), ("en", "(June 2026)")],
)
def test_the_headings_say_which_month_is_shown(language: str, words: str) -> None:
    """Not that of the greatest change: the month is chosen by how many lose clearly."""
    client, report = demo("qinghe")
    wording = Wording(client.library, language, client)
    for name in ("pay_bins", "pay_by_post"):
        assert title(report.tables[name], wording).endswith(words)


def test_single_repairs_and_all_together() -> None:
    # all four have the same: each one's trial is that of the group
    table = demo("qinghe")[1].table("repair_persons")
    assert set(table["employee"]) == {"E025", "E026", "E027", "E028"}
    table = table[table["employee"] == "E027"]
    # 59.5; response by intervals +12; standard 40 %: 28.875 for 21; T1 pays 0.5 below 60;
    # together 79.375 -> 79.38; conversion by steps 24 for 28.875 -> 74.5
    points = ["59.5", "71.5", "67.38", "59.5", "79.38", "74.5"]
    assert stored(table, "score") == [exact(each) for each in points]
    factors = ["0.4", "0.8", "0.6", "0.5", "0.9", "0.9"]
    assert stored(table, "coefficient") == [exact(each) for each in factors]
    # 4,550 + 1,950 x coefficient
    paid = ["5330", "6110", "5720", "5525", "6305", "6305"]
    assert stored(table, "pay") == [exact(each) for each in paid]
    assert stored(table, "change")[0] == exact("-0.18")
    assert stored(table, "change")[4] == exact("-0.03")


def strict(client: Client) -> Client:
    """The same client, who withholds groups whose figures are all the same."""
    same = Override("group.withhold_same", "yes", "董事会决定", "甲")
    return replace(client, overrides=(*client.overrides, same))


def test_a_mean_of_people_who_all_have_the_same_is_each_ones_and_not_told() -> None:
    """Four of 59.5 points, coefficient 0.4 and 5,330 after 6,500: any mean in yuan, points or
    coefficients tells what each of them has. By how much pay moved stays. Only so where the
    client asked for it: what four get alike is theirs together, and the owner decides by it."""
    client = strict(demo("qinghe")[0])
    report = pilot(client)
    trial, causes, by_post = (report.table(n) for n in ("repair_trial", "causes", "pay_by_post"))
    assert trial[["score", "coefficient", "pay"]].isna().all(axis=None)
    assert stored(trial, "change")[:2] == [exact("-0.18"), exact("-0.06")]
    assert causes["amount"].isna().all() and causes["share"].notna().all()
    row = by_post.iloc[0]
    assert pd.isna(row["before"]) and pd.isna(row["after"]) and row["change"] == exact("-0.18")
    told = " ".join(
        said(client, cell)
        for cell in (*report.reasons, *(v.found for v in report.verdicts),
                     *(v.money for v in report.verdicts if v.money))
    )  # fmt: skip
    assert "1,170" not in told and "−18.0%" in told
    open_ = demo("qinghe")[1].table("pay_by_post").iloc[0]
    assert (int(open_["before"]), int(open_["after"])) == (exact("6500"), exact("5330"))
    # the averages of six months are no single person's
    assert report.table("scores_by_post")[["average", "coefficient"]].notna().all(axis=None)


@cache
def varied() -> tuple[Client, StageResult]:
    """The first client with one agent who had 6,600 and one who answered in 30 seconds."""
    client = demo("qinghe")[0]
    history, actuals = (client.table(name).copy() for name in ("pay_history", "actuals"))
    old = (history["employee"] == "E025") & (history["month"] == "2025-06")
    quick = (actuals["subject_id"] == "E026") & (actuals["period"] == "2026-06")
    quick &= actuals["indicator"] == "avg_response_time"
    assert old.sum() == quick.sum() == 1
    history.loc[old, "pay"] = exact("6600")
    actuals.loc[quick, "value"] = exact("30")
    tables = {**client.tables, "pay_history": history, "actuals": actuals}
    client = replace(client, tables=MappingProxyType(tables))
    return client, pilot(client)


def test_means_of_people_who_differ_are_told() -> None:
    _, report = varied()
    row = report.table("pay_by_post").iloc[0]
    # (3 x 6,500 + 6,600) / 4
    assert row["before"] == exact("6525") and row["after"] > exact("5330")
    assert report.table("repair_trial").loc[0, ["score", "coefficient", "pay"]].notna().all()
    money = next(v.money for v in report.verdicts if v.question.endswith("pay"))
    assert money is not None and money.key == "pilot.money.pay"


def test_what_is_left_beside_the_months_sum_is_nobodys_alone() -> None:
    """Three of 4,000 each, three who differ, and four: the sum less the two groups told would
    be 3 x 4,000; the smallest other group is left out with them."""
    pay = [4000, 4000, 4000, 5000, 5100, 5200, 6000, 6100, 6200, 6300]
    table = pd.DataFrame({"before": pay, "after": pay}).astype("Int64")
    group = pd.Series(["post:a"] * 3 + ["post:b"] * 3 + ["post:c"] * 4)
    safe = dict.fromkeys(["post:a", "post:b", "post:c"], True)
    asked = pilot_of(strict(demo("qinghe")[0]), ("2026-06",))
    pilot_tables._not_alone(asked, table, group, ["post:a"], safe)
    assert safe == {"post:a": True, "post:b": False, "post:c": True}
    # nobody is hidden: nothing is left out
    safe = dict.fromkeys(["post:b", "post:c"], True)
    pilot_tables._not_alone(asked, table[3:], group[3:], [], safe)
    assert all(safe.values())


def test_no_open_table_tells_one_persons_score() -> None:
    """Lowest and highest are somebody's, and beside the means of posts the single sheets are."""
    shown = [t for t in demo("qinghe")[1].tables.values() if not t.restricted]
    names = {(t.declaration.name, c.name) for t in shown for c in t.declaration.columns
             if c.type == "score"}  # fmt: skip
    assert names == {
        ("repair_trial", "score"), ("scores_by_post", "average"),
        ("superiors", "spread"), ("superiors", "computed_spread"), ("superiors", "difference"),
    }  # fmt: skip
    assert demo("qinghe")[1].tables["score_strips"].restricted


def test_the_fall_split_over_its_causes() -> None:
    client, report = demo("qinghe")
    table = report.table("causes")
    # means over the six orders of repair; what stays is the result itself: 585, 195, 195 and
    # 195 of 6,500
    assert stored(table, "share") == [exact(each) for each in ("-0.09", "-0.03", "-0.03", "-0.03")]
    words = [said(client, cell) for cell in table["cause"]]
    assert "平均响应时长" in words[0] and "询单转化率" in words[1]


def repaired() -> dict[str, pd.DataFrame]:
    """The first client's tables with the three faults of its scheme mended."""
    client = demo("qinghe")[0]
    plans, cards, standards = (
        client.table(name).copy() for name in ("pay_plans", "scorecards", "standards")
    )
    plans["coefficient_table"] = plans["coefficient_table"].replace("service_own", "T1")
    known = client.library.indicators.loc["avg_response_time"]
    here = (cards["subject_id"] == "presales_cs") & (cards["indicator"] == "avg_response_time")
    for column in ("method", "bands", "bands_on"):
        cards.loc[here, column] = known[column]
    raised = (
        (standards["subject_id"] == "presales_cs")
        & (standards["indicator"] == "inquiry_conversion")
        & (standards["standard"] == exact("0.55"))
    )
    assert here.sum() == 1 and raised.sum() == 1
    standards.loc[raised, "standard"] = exact("0.4")
    return {"pay_plans": plans, "scorecards": cards, "standards": standards}


def reviewed(tables: Mapping[str, pd.DataFrame]) -> StageResult:
    client = demo("qinghe")[0]
    return pilot(replace(client, tables=MappingProxyType({**client.tables, **tables})))


def test_a_scheme_without_the_faults_has_nothing_to_repair() -> None:
    report = reviewed(repaired())
    # 6,305 of 6,500 is -3 %: no red gap, so no trial
    assert not [f for f in report.findings if f.code == "P101"]
    assert report.table("repair_trial").empty and report.table("causes").empty


def test_the_bridge_of_june_adds_up() -> None:
    table = demo("qinghe")[1].table("bridge")
    assert set(table["month"]) == {"2026-06"}
    assert stored(table, "amount") == [
        exact(each) for each in ("4120000", "-380000", "-210000", "-80000", "3450000")
    ]
    assert sum(stored(table, "amount")[:-1]) == exact("3450000")


def test_the_commission_by_both_bases_is_for_its_person_only() -> None:
    report = demo("qinghe")[1]
    assert report.tables["commission_effect"].restricted
    text = pd.DataFrame(report.table("commission_effect"))
    june = text[text["month"] == "2026-06"].iloc[0]
    # 0.5 % of 4.12 m and of 3.45 m
    values = {int(v) for v in june if isinstance(v, int) or hasattr(v, "item")}
    assert {exact("20600"), exact("17250"), exact("3350")} <= values


def test_scores_given_instead_of_computed_would_cost_1210() -> None:
    # only the assistant's 1,100 moves (the operators' gate is closed): 98 pays 1.2; five months
    # at 1.0: 5 x 220; September at 1.1: 110
    client, report = demo("qinghe")
    held = pilot_of(client, default_period("pilot", client).months)
    assert overpaid(held) == (exact("1210"), 1)
    # one person's money: not in the open page
    verdict = next(v for v in report.verdicts if v.question.endswith("formality"))
    assert verdict.money is None


def test_the_actions_carry_their_computed_effect() -> None:
    effects = [a.effect for a in demo("qinghe")[1].actions]
    first = effects[0]
    assert first is not None
    assert (first.values["before"], first.values["after"]) == (exact("-0.18"), exact("-0.03"))
    # what one manager's commission would be too much tells, beside the sales, what it is
    assert effects[1] is None
    data = next(v for v in demo("qinghe")[1].verdicts if v.question.endswith("data"))
    assert data.money is None


# --- the second demo client -----------------------------------------------------------------


def test_the_small_client_has_lenient_scores_and_no_pay_gap() -> None:
    _, report = demo("xiaoman")
    levels = {v.question.rpartition(".")[2]: v.level for v in report.verdicts}
    # all plans of its pilot are fixed: no pay moves, so no gap can show
    assert levels == {"pay": "unknown", "data": "fine", "process": "fine", "formality": "watch"}
    assert report.table("repair_trial").empty


def keys(report: StageResult) -> list[str]:
    return [reason.key.removeprefix("pilot.reason.") for reason in report.reasons]


def levels(report: StageResult) -> dict[str, str]:
    names = ("length", "solved", "figures", "scheme", "effect")
    return dict(zip(names, report.table("conditions")["level"], strict=True))


def test_the_small_client_must_not_go_on() -> None:
    # three months of six advised; O130, O140; S102, S121 (twice), S124; the whole team piloted
    client, report = demo("xiaoman")
    assert report.title.key == "pilot.title.extend"
    assert report.advice.key == "pilot.advice.extend_mend"
    assert (report.advice.values["months"], report.advice.values["errors"]) == (3, 5)
    assert keys(report) == ["length", "organisation", "scheme", "no_control"]
    assert report.reasons[0].values == {"done": 3, "advised": 6}
    assert [r.values["count"] for r in report.reasons[1:3]] == [2, 3]
    assert levels(report) == {
        "length": "change", "solved": "fine", "figures": "fine", "scheme": "change",
        "effect": "fine",
    }  # fmt: skip
    what = [said(client, action.what) for action in report.actions[:5]]
    assert {"指标太多", "保底收入低于最低工资"} <= set(what)


def test_the_first_client_lacks_solutions_and_effect_but_nothing_else() -> None:
    report = demo("qinghe")[1]
    assert levels(report) == {
        "length": "fine", "solved": "change", "figures": "fine", "scheme": "fine",
        "effect": "change",
    }  # fmt: skip
    assert report.reasons[-1].key == "pilot.reason.effect_net_sales"
    assert report.reasons[-1].values["change"] == exact("-0.09")


def sound() -> dict[str, pd.DataFrame]:
    """The first client mended: scheme, genuine orders, no 98 for all, last year a fifth lower."""
    client = demo("qinghe")[0]
    sheets = client.table("assessments")
    team = sheets["employee"].isin(["E005", "E006", "E009"])
    bridge = client.table("sales_bridge").copy()
    bridge["backend_sales"] -= bridge["non_genuine"]
    bridge["non_genuine"] = bridge["non_genuine"] * 0
    actuals = client.table("actuals").copy()
    ago = (actuals["indicator"] == "net_sales") & (actuals["period"] < "2026-01")
    actuals.loc[ago, "value"] = actuals.loc[ago, "value"] * 4 // 5
    return {
        **repaired(),
        "assessments": sheets.assign(superior_score=sheets["superior_score"].mask(team)),
        "sales_bridge": bridge,
        "actuals": actuals,
    }


def without_scores_of(tables: Mapping[str, pd.DataFrame], employee: str) -> pd.DataFrame:
    sheets = tables["assessments"]
    one = sheets["employee"] == employee
    return sheets.assign(
        superior_score=sheets["superior_score"].mask(one),
        superior_date=sheets["superior_date"].mask(one),
    )


def test_a_sound_pilot_may_go_on() -> None:
    report = reviewed(sound())
    assert set(levels(report).values()) == {"fine"}
    # late data and copied self-assessments stay as warnings
    assert report.title.key == "pilot.title.watch"
    assert not [key for key in keys(report) if key in ("length", "scheme", "organisation")]


def test_it_does_not_go_on_while_a_fault_in_the_files_is_open() -> None:
    fault = Finding("D206", "table:actuals", {}, Source("actuals.csv", "", 3, "value"))
    client = demo("qinghe")[0]
    tables = MappingProxyType({**client.tables, **sound()})
    report = pilot(replace(client, tables=tables, findings=(fault,)))
    assert levels(report)["figures"] == "change"
    assert report.title.key == "pilot.title.incomplete"
    assert ("pilot.reason.data", 1) in [(r.key, r.values.get("count")) for r in report.reasons]


def test_it_does_not_go_on_while_scores_are_not_confirmed() -> None:
    tables = sound()
    report = reviewed({**tables, "assessments": without_scores_of(tables, "E029")})
    assert levels(report)["figures"] == "change"
    assert report.title.key == "pilot.title.provisional"
    assert report.reasons[0].values == {"sheets": 6, "of": 66}  # one person's six months
    assert report.verdicts[0].sure.key == "pilot.sure.pay_open"
    assert report.verdicts[0].sure.values["open"] == 6


def test_pay_that_is_provisional_is_counted_among_what_can_be_compared() -> None:
    """One of eleven has no old pay: 10 x 6 months are compared, and the six of hers that are
    not confirmed are none of these; with another's six open there are six of sixty."""
    tables = sound()
    history = demo("qinghe")[0].table("pay_history")
    history = history[history["employee"] != "E029"]
    one = tables | {
        "pay_history": history,
        "assessments": without_scores_of(tables, "E029"),
    }
    sure = reviewed(one).verdicts[0].sure
    assert sure.key != "pilot.sure.pay_open"
    assert (sure.values["sheets"], sure.values["people"], sure.values["open"]) == (60, 10, 0)
    two = one | {"assessments": without_scores_of(one, "E025")}
    sure = reviewed(two).verdicts[0].sure
    assert sure.key == "pilot.sure.pay_open"
    assert (sure.values["sheets"], sure.values["open"]) == (60, 6)


def test_it_does_not_go_on_while_a_figure_is_missing() -> None:
    tables = sound()
    actuals = tables["actuals"].copy()
    one = actuals[(actuals["subject_id"] == "E029") & (actuals["period"] == "2026-06")].index[0]
    actuals.loc[one, "value"] = pd.NA
    report = reviewed({**tables, "actuals": actuals})
    assert report.title.key in ("pilot.title.extend", "pilot.title.incomplete")
    assert levels(report)["figures"] == "change"
    assert report.table("conditions")["missing"][2].values == {"sheets": 1, "of": 66}


def test_it_does_not_go_on_with_an_error_in_the_scheme_or_without_effect() -> None:
    tables = sound()
    cards = tables["scorecards"].copy()
    row = cards[cards["subject_id"] == "accountant"].index[0]
    cards.loc[row, "weight"] += exact("5")  # 105 in all, and nobody in the pilot is touched
    report = reviewed({**tables, "scorecards": cards})
    assert report.title.key == "pilot.title.mend"
    assert report.advice.values["errors"] == 1
    unchanged = demo("qinghe")[0].table("actuals")
    assert reviewed({**tables, "actuals": unchanged}).title.key == "pilot.title.no_effect"


@pytest.mark.parametrize("name", ["qinghe", "xiaoman"])
def test_four_short_reasons_and_money_only_where_money_is_at_stake(name: str) -> None:
    for language in ("zh", "en"):
        client, report = demo(name, language)
        assert 1 <= len(report.reasons) <= 4
        told = [said(client, reason) for reason in report.reasons]
        assert all(len(sentence) <= (60 if language == "zh" else 160) for sentence in told)
    money = {v.question.rpartition(".")[2] for v in report.verdicts if v.money is not None}
    # commission and lenient scores turn one person's pay: not told in the open
    assert money == ({"pay"} if name == "qinghe" else set())


# --- what the review must not show ----------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", ["qinghe", "xiaoman"])
def test_open_pages_name_nobody_and_show_no_single_persons_pay(name: str, language: str) -> None:
    client, report = demo(name, language)
    shown = [show.title(client, report), show.summary(client, report)]
    shown += [
        show.table(client, report, table.name, rows=1000)
        for table in report.tables.values()
        if not table.restricted
    ]
    told = " ".join(piece.html for piece in shown)
    people = client.table("employees")
    assert not [person for person in people["name"] if person in told]
    assert not [number for number in people["employee"] if f">{number}" in told]
    assert "17,250" not in told and "20,600" not in told and "29,750" not in told


def test_figures_of_groups_in_open_tables_are_of_three_people_or_more() -> None:
    for name in ("qinghe", "xiaoman"):
        for table in ("pay_by_post", "scores_by_post", "repair_trial", "superiors"):
            frame = demo(name)[1].table(table)
            few = frame[frame["persons"] < 3]
            figures = [
                c.name
                for c in declarations("pilot")[table].columns
                if c.type in ("money", "score", "coefficient", "signed_rate")
            ]
            assert few[figures].isna().all(axis=None)


@pytest.mark.parametrize(
    ("kind", "table", "roles"),
    [
        ("bins", "pay_bins", {}),
        ("dumbbell", "pay_by_post", {}),
        ("bars", "causes", {"label": "cause", "value": "amount"}),
        ("bridge", "bridge", {}),
        ("heat", "lateness", {"column": "month"}),
        ("strips", "score_strips", {}),
    ],
)
def test_the_pictures_of_the_report_can_be_drawn(
    kind: str, table: str, roles: dict[str, Any]
) -> None:
    client, report = varied()
    assert "<svg" in show.chart(client, report, kind, table, **roles).html
