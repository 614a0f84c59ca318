"""The library's CSV files as declared: columns, types, keys."""

from __future__ import annotations

from collections.abc import Mapping

from ecperf_kit.finding import SEVERITIES
from ecperf_kit.library.reading import Sheet, field_of

CATEGORIES = ("A_management", "B_sales", "C_support", "D_functional")
STAGES = ("organisation", "design", "exam", "pilot", "rollout", "review")
BLOCKS = ("nothing", "row", "subject", "stage")
PAY_STRUCTURES = (
    "fixed", "performance", "commission_sales", "commission_gross_profit",
    "commission_net_profit", "commission_combined", "piece_rate", "dividend", "score_bonus",
    "amoeba",
)  # fmt: skip
COMMITTEE_ROLES = ("leader", "vice_leader", "member", "finance", "secretary")
POSITIONS = (
    "owner", "enterprise_head", "executive", "director", "hr_head", "finance_head",
    "department_head", "clerk", "outside_bookkeeper", "staff",
)  # fmt: skip
CLIENT_KINDS = ("omnichannel", "pure_ecommerce")
#: Who stands above the highest posts: not a post of the library.
ENTERPRISE_HEAD = "enterprise_head"

_DATED = {"origin": "origin", "effective_from": "date"}


def _sheet(key: str, **columns: str) -> Sheet:
    return Sheet({name: field_of(text) for name, text in columns.items()}, tuple(key.split()))


SHEETS: Mapping[str, Sheet] = {
    "indicators": _sheet(
        "indicator",
        indicator="id",
        name_zh="text",
        name_en="text",
        unit="choice:CNY|count|days|hours|points|ratio|seconds|times",
        direction="choice:higher_is_better|lower_is_better",
        nature="choice:result|process",
        aggregation="choice:sum|ratio|last|mean",
        data_source="choice:finance_report|platform_erp|daily_register|none",
        method="choice:percentage|interval|step",
        cap="number?",
        zero_below="number?",
        step_size="number?",
        step_deduct="number?",
        bands="bands?",
        **{"bands_on": "choice?:actual|attainment"},
        standard_basis="choice:annual_plan|own_history|industry|agreed",
        typical_value="number?",
        cycle="choice:month|quarter|half_year|year",
        plausible_min="number",
        plausible_max="number",
        subjective="yes_no",
        goal="choice:gmv|cost|satisfaction",
        definition_zh="text",
        definition_en="text",
        **_DATED,
    ),
    "posts": _sheet(
        "post",
        post="id",
        name_zh="text",
        name_en="text",
        category="choice:" + "|".join(CATEGORIES),
        level="choice:director|supervisor|staff",
        count_group="choice:typical_24|v4_nine|extra",
        channel_head="yes_no",
        sets_price_or_promotion="yes_no",
        sees_costs="choice:none|product_and_promotion|all",
        cycle="choice:month|quarter",
        reports_to="id",
        pay_structures="ids",
        base_share="number",
        performance_share="number",
        steps_zh="text",
        steps_en="text",
        **_DATED,
    ),
    "duties": _sheet(
        "duty",
        post="id",
        duty="id",
        kind="choice:duty|authority",
        text_zh="text",
        text_en="text",
        indicators="ids?",
        **_DATED,
    ),
    "scorecards": _sheet(
        "post indicator effective_from",
        post="id",
        indicator="id",
        role="choice:core|process",
        weight="number",
        duty="id",
        **_DATED,
    ),
    "pay_mix": _sheet(
        "category",
        category="choice:" + "|".join(CATEGORIES),
        base_share="number",
        performance_share="number",
        **_DATED,
    ),
    "seasonality": _sheet(
        "profile month",
        profile="choice:home_textiles|snacks",
        month="integer",
        share="number",
        **_DATED,
    ),
    "data_sources": _sheet(
        "data_source",
        data_source="choice:finance_report|platform_erp|daily_register|none",
        authoritative="integer",
        sustainable="integer",
        cheap="integer",
        convenient="integer",
        examples_zh="text",
        examples_en="text",
        **_DATED,
    ),
    "bans": _sheet(
        "tag indicator",
        tag="choice:channel_head",
        indicator="id",
        severity="choice:forbidden|discouraged",
        reason_zh="text",
        reason_en="text",
        **_DATED,
    ),
    "exclusive": _sheet(
        "exclusive_group indicator",
        exclusive_group="id",
        indicator="id",
        reason_zh="text",
        reason_en="text",
        **_DATED,
    ),
    "stages": _sheet(
        "stage",
        stage="choice:" + "|".join(STAGES),
        name_zh="text",
        name_en="text",
        question_zh="text",
        question_en="text",
        gate_zh="text",
        gate_en="text",
        proof="text",
        proof_zh="text",
        proof_en="text",
        clause="text",
        **_DATED,
    ),
    "responsibilities": _sheet(
        "client_kind role",
        client_kind="choice:" + "|".join(CLIENT_KINDS),
        role="choice:" + "|".join(COMMITTEE_ROLES),
        required="yes_no",
        positions="ids",
        fallback_positions="ids?",
        duties_zh="text",
        duties_en="text",
        clause="text",
        **_DATED,
    ),
    "raci": _sheet(
        "client_kind task",
        client_kind="choice:" + "|".join(CLIENT_KINDS),
        task="id",
        **dict.fromkeys(COMMITTEE_ROLES, "choice:A|R|C|I|A/R"),
        name_zh="text",
        name_en="text",
        clause="text",
        **_DATED,
    ),
}

#: The header of every ``findings/<area>.csv``.
FINDING_CODES = _sheet(
    "code",
    code="id",
    name="id",
    severity="choice:" + "|".join(SEVERITIES),
    stage="choice:data|" + "|".join(STAGES),
    blocks="choice:" + "|".join(BLOCKS),
    **{"clause": "text?"},
)
