"""``ecperf calibrate``: the rate, base or table that meets a cost, an income or a mean of 1."""

from __future__ import annotations

import click

from ecperf_kit.cli.asking import (
    Refused,
    client_argument,
    existing_client,
    language_option,
    period_option,
    refusal,
    worded,
)
from ecperf_kit.cli.usage import OneOf
from ecperf_kit.practice import find_root

_KNOBS = (
    "sales_rate", "gross_profit_rate", "net_profit_rate", "base", "performance_share",
    "table_shift", "table_scale",
)  # fmt: skip


@click.command("calibrate")
@client_argument
@click.argument("subject")
@click.argument("knob", type=OneOf(_KNOBS), metavar="KNOB")
@click.option("--cost", default="", metavar="YUAN", help="The wage bill of the months, at most.")
@click.option("--pay", default="", metavar="YUAN", help="The subject's mean pay a month, at most.")
@click.option("--coefficient", default="", metavar="NUMBER", help="The mean coefficient, e.g. 1.")
@click.option("--save", default="", metavar="NAME", help="Write the answer as scenarios/NAME.toml.")
@click.option("--by", default="", metavar="NAME", help="The scenario's author; goes with --save.")
@click.option("--people", is_flag=True, help="Also for one or two people: for entitled readers.")
@period_option
@language_option
def command(
    client: str,
    subject: str,
    knob: str,
    cost: str,
    pay: str,
    coefficient: str,
    save: str,
    by: str,
    people: bool,
    period: str,
    language: str | None,
) -> None:
    """Solve for KNOB of SUBJECT so that one target is met on the client's own months.

    SUBJECT is post:presales_cs, employee:E003 or, for table_shift and table_scale, a
    coefficient table. Exactly one of --cost, --pay, --coefficient. Shows the answer and
    what lies beside it; --save writes it as a scenario to simulate or adopt.

    KNOB is sales_rate, gross_profit_rate, net_profit_rate, base, performance_share,
    table_shift or table_scale.
    """
    from ecperf_kit.intake.config import stored_number

    aims = {"cost": cost, "pay": pay, "coefficient": coefficient}
    given = {name: text for name, text in aims.items() if text}
    if len(given) != 1:
        raise refusal("calibrate.one_aim")
    ((aim, text),) = given.items()
    target = stored_number(text)
    if target is None:
        raise refusal("calibrate.no_number", aim=aim, found=text)
    if bool(save) != bool(by):
        raise refusal("calibrate.save_by")
    root = find_root()
    folder = existing_client(client, root)
    from ecperf_kit.client import open_client
    from ecperf_kit.intake.scenario_written import (
        ScenarioNameError,
        scenario_path,
        write_scenario,
    )
    from ecperf_kit.method.calibration import calibrate
    from ecperf_kit.outputs.wording import Wording
    from ecperf_kit.rules.few import fewest
    from ecperf_kit.runner.batch import own_language

    if save:
        try:
            scenario_path(folder, save)
        except ScenarioNameError as error:
            raise Refused(worded(error)) from error
    opened = open_client(client, period, language or own_language(client, root), root)
    wording = Wording(opened.library, opened.language, opened)
    months = opened.period.months if opened.period else ()
    found = calibrate(opened, subject, knob, aim, target, months)  # type: ignore[arg-type]
    if found.persons < fewest(opened) and not people:
        raise Refused(wording.text("calibration.few_people", count=found.persons))
    values = {"knob": knob, "value": found.value, "reached": found.reached, "target": target}
    key = "calibration.met" if found.met else "calibration.not_met"
    click.echo(wording.text(key, aim=wording.text(f"calibration.aim.{aim}"), **values))
    for row in found.sensitivity.to_dict("records"):
        figures = {name: int(row[name]) for name in ("value", "reached", "cost")}
        click.echo("  " + wording.text("calibration.beside", **figures))
    if found.not_computed:
        click.echo(wording.text("calibration.not_computed", rows=found.not_computed))
    if save:
        reason = wording.text("calibration.reason", knob=knob, target=target,
                              aim=wording.text(f"calibration.aim.{aim}"))  # fmt: skip
        path = write_scenario(folder, save, by, reason, found.scenario)
        click.echo(wording.text("calibration.saved", file=path.relative_to(root).as_posix()))
