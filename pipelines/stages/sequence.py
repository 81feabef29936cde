"""The stages after core, in order; Dagster runs them one by one, a replay all in a row."""

from __future__ import annotations

from models.contract import Contract
from pipelines.config import FeedPartner, Home, Partners
from pipelines.stages.marts.stage import MARTS
from pipelines.stages.rating.stage import RATING
from pipelines.stages.recon.stage import RECONCILIATION
from pipelines.stages.settle.parties import own_parties
from pipelines.stages.settle.stage import SETTLEMENT
from pipelines.stages.stage import Stage, World
from pipelines.warehouse.connection import Warehouse

STAGES: tuple[Stage, ...] = (RATING, RECONCILIATION, SETTLEMENT, MARTS)


def world(warehouse: Warehouse, partners: Partners, home: Home) -> World | None:
    """What stages may know; None where nothing was ever fetched."""
    with warehouse.reader() as con:
        row = con.execute("select max(fetched_at) from ops.pages").fetchone()
    if row is None or row[0] is None:
        return None
    return World(home, contracts_of(partners), own_parties(partners), row[0])


def contracts_of(partners: Partners) -> dict[str, Contract]:
    """Partner → billing terms; feeds have none."""
    return {
        partner.name: partner.contract
        for partner in partners.partners
        if not isinstance(partner, FeedPartner)
    }


def derive(warehouse: Warehouse, partners: Partners, home: Home) -> list[str]:
    """Derive everything after core, stage by stage.

    Args:
        warehouse: open for writing.
        partners: whose contracts apply.
        home: where decisions are.

    Returns:
        What could not be proved, one line each.
    """
    known = world(warehouse, partners, home)
    if known is None:
        return []
    wrong: list[str] = []
    for stage in STAGES:
        with warehouse.writer() as con:
            result = stage.run(con, known)
        wrong += [f"{stage.name}: {proof.message}" for proof in result.proofs if proof.wrong]
    return wrong
