"""`roamhouse accept-removals`: what a partner no longer lists is gone, says a person."""

from __future__ import annotations

import click

from pipelines.cli.common import HomeOptions, as_option, utc_now, with_partners
from pipelines.cli.workspace import Workspace, open_workspace
from pipelines.decisions import acting_user

_KEPT = """
select pull_id, module, count(*)
from ops.removals_skipped
where partner = $partner and ($party is null or country_code || '/' || party_id = $party)
group by pull_id, module
order by pull_id
"""


@click.command("accept-removals")
@click.option("--partner", required=True, help="The partner that no longer lists them.")
@click.option("--party", metavar="CC/PID", help="One party's objects only; default: every party's.")
@click.option("--reason", required=True, help="Why; it is kept.")
@as_option
@with_partners
def accept_removals(
    partner: str, party: str | None, reason: str, named: str | None, where: HomeOptions
) -> None:
    """Accept that many objects are gone which a partner's last complete list lacked.

    A list that lacks more than a tenth of a party's objects is not believed until three complete
    lists agree. The decision is kept; the lists are loaded again from the landing, and no partner
    is asked anything.
    """
    from pipelines.decisions.removals import EVERY_PARTY
    from pipelines.orchestration.replay import replay_landing

    who = acting_user(named)
    with open_workspace(where) as workspace:
        kept = _kept(workspace, partner, party)
        with workspace.decisions() as store:
            for pull_id, _, _ in kept:
                store.accept_removals(pull_id, party or EVERY_PARTY, who, reason)
        home = workspace.home
    lists = {(partner, module) for _, module, _ in kept}
    replayed = replay_landing(home, where.partners_file, lists=lists, now=utc_now)
    for failure in replayed.failures:
        click.echo(failure, err=True)
    count = sum(objects for _, _, objects in kept)
    click.echo(f"{count:,} objects of {party or partner} are gone: accepted by {who}")
    raise SystemExit(1 if replayed.failures else 0)


def _kept(workspace: Workspace, partner: str, party: str | None) -> list[tuple[str, str, int]]:
    rows = workspace.con.execute(_KEPT, {"partner": partner, "party": party}).fetchall()
    from pipelines.stages.settle.reading import NothingThere

    if not rows:
        raise NothingThere(f"nothing of {party or partner} is kept that it no longer lists")
    return rows
