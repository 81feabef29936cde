"""`roamhouse alerts` and `deliver`: tell people what needs them, send papers that are due."""

import os
from dataclasses import asdict

import click

from pipelines.cli.common import HomeOptions, fail, json_option, utc_now, with_partners
from pipelines.cli.terminal import print_json, say

UNDELIVERED = 1  # exit code where a message did not get there; it is sent again next time


@click.command()
@click.option("--dry-run", "only_say", is_flag=True, help="Say what needs a person; tell nobody.")
@click.option("--test", is_flag=True, help="Send a message that says that messages arrive.")
@json_option
@with_partners
def alerts(only_say: bool, test: bool, for_machines: bool, where: HomeOptions) -> None:
    """Tell the people that settings.yaml names what needs them: each cause once, and its end.

    `roamhouse run` does so as it ends, and Dagster's daemon every ten minutes; this is for a timer
    of your own, which also notices that nothing runs any more.
    """
    from pipelines.alerts.send import describe, send_alerts, sender
    from pipelines.config.home_settings import load_settings

    home = where.home()
    settings = load_settings(home).alerts
    if test:
        send = sender(settings, os.environ)
        if send is None:
            fail("nobody is named: set alerts.to_env in settings.yaml (docs/alerts.md)")
        arrived = send("roamhouse: messages arrive", "This is a test; nothing needs you.")
        say("Sent." if arrived else "It did not get there.", err=not arrived)
        raise SystemExit(0 if arrived else UNDELIVERED)
    partners = where.partners(home)
    report = send_alerts(home, partners, os.environ, utc_now(), only_say=only_say)
    if for_machines:
        causes = [{"title": one.title, **vars(one)} for one in report.causes]
        print_json({"causes": causes, "told": report.told, "failed": report.failed}, indent=2)
    else:
        for cause in report.causes:
            say("\n  ".join([cause.title, *describe(cause, settings.link).splitlines()]))
        say(f"{len(report.causes)} causes, {len(report.told)} messages sent.", err=True)
    raise SystemExit(UNDELIVERED if report.failed else 0)


@click.command()
@click.option("--dry-run", "only_say", is_flag=True, help="Say what would go out; send nothing.")
@json_option
@with_partners
def deliver(only_say: bool, for_machines: bool, where: HomeOptions) -> None:
    """Send the statements and dispute letters that are due, each once, by mail or to a folder.

    `deliveries` in settings.yaml says what goes where and when. `roamhouse run` does so as it ends,
    and Dagster's daemon every ten minutes. Ends with 1 if something did not get there.
    """
    from pipelines.alerts.deliveries import deliver_papers

    home = where.home()
    found = deliver_papers(home, where.partners(home), os.environ, utc_now(), only_say=only_say)
    if for_machines:
        print_json(asdict(found), indent=2)
    else:
        for line in found.sent:
            say(f"{'Would send' if only_say else 'Sent'} {line}.")
        for line in found.waiting:
            say(line, err=True)
        say(f"{len(found.sent)} sent, {len(found.waiting)} waiting.", err=True)
    raise SystemExit(UNDELIVERED if found.waiting else 0)
