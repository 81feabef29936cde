"""The stages after core, in order; Dagster runs them one by one, a replay all in a row."""

from collections.abc import Callable

from models.contract import Contract
from pipelines.config.home import Home
from pipelines.config.partners import FeedPartner, Partner, Partners
from pipelines.landing.landing import Landing
from pipelines.stages.kept_terms import kept_terms
from pipelines.stages.marts.stage import MARTS
from pipelines.stages.rating.warehouse import RATING
from pipelines.stages.recon.reconcile import RECONCILIATION
from pipelines.stages.recon.terms import recall_contracts
from pipelines.stages.settle.stage import SETTLEMENT
from pipelines.stages.stage import Stage, StageContext
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.sql_files import fetch_row

STAGES: tuple[Stage, ...] = (RATING, RECONCILIATION, SETTLEMENT, MARTS)


def stage_context(warehouse: Warehouse, partners: Partners, home: Home) -> StageContext | None:
    """Gather what stages may know; None where nothing was ever fetched."""
    with warehouse.reader() as con:
        row = fetch_row(con, "select newest_page_at(null)")
        contracts = recall_contracts(con, contracts_of(partners))
        visited = con.execute("select distinct partner from ops.pulls").fetchall()
    if row is None or row[0] is None:
        return None
    left = {partner for (partner,) in visited} - {one.name for one in partners.partners}
    kept = kept_terms(Landing.of_home(home).files, sorted(left))
    contracts = {name: terms.contract for name, terms in kept.items()} | contracts
    own = {name: terms.own_parties for name, terms in kept.items()} | own_parties(partners)
    hubs = frozenset(one.name for one in partners.partners if one.kind == "hub")
    return StageContext(home, contracts, own, row[0], frozenset(left), hubs)


def contracts_of(partners: Partners) -> dict[str, Contract]:
    """Partner → billing terms; feeds have none."""
    return {
        partner.name: partner.contract
        for partner in partners.partners
        if not isinstance(partner, FeedPartner)
    }


def run_stages(
    warehouse: Warehouse,
    partners: Partners,
    home: Home,
    begin: Callable[[str], None] = lambda _: None,
) -> list[str]:
    """Derive everything after core, stage by stage.

    `begin`: told the name of each stage as it begins.

    Returns:
        What could not be proved, one line each.
    """
    context = stage_context(warehouse, partners, home)
    if context is None:
        return []
    violations: list[str] = []
    for stage in STAGES:
        begin(stage.name)
        with warehouse.writer() as con:
            result = stage.run(con, context)
        violations += [
            f"{stage.name}: {check.message}" for check in result.checks if check.violations
        ]
    return violations


def own_party(partner: Partner) -> tuple[str, str] | None:
    """Return who we are for a partner, `(country_code, party_id)`; None: the file does not say."""
    if isinstance(partner, FeedPartner) or partner.party is None:
        return None
    return partner.party.country_code, partner.party.party_id


def own_parties(partners: Partners) -> dict[str, frozenset[tuple[str, str]]]:
    """Partner → our own parties there, for settlement."""
    known = {partner.name: own_party(partner) for partner in partners.partners}
    return {name: frozenset({party}) for name, party in known.items() if party is not None}
