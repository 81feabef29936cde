"""The reconciliation stage: claimed against expected, one verdict for each CDR."""

from __future__ import annotations

import duckdb

from models.tables import CDRS, FINDINGS, RECON_CDRS
from pipelines.stages.recon.queries import query
from pipelines.stages.recon.reconcile import reconcile_warehouse
from pipelines.stages.recon.terms import Terms, partners_without_contract
from pipelines.stages.stage import AssetCheck, Stage, StageContext, StageResult
from pipelines.warehouse.checks import key_sum, keys_unique
from pipelines.warehouse.sql_files import fetch_int


def _run(con: duckdb.DuckDBPyConnection, context: StageContext) -> StageResult:
    terms = Terms(context.contracts, accepted_parties(con), context.left)
    result = reconcile_warehouse(con, terms, as_of=context.as_of)
    split = fetch_int(con, query("claims_not_split"))
    unjudged, repeated = _unmatched(con)
    counts = {
        "judged": result.judged,
        "cdrs": result.cdrs,
        "findings": result.findings,
        "partners_without_contract": len(partners_without_contract(con, terms)),
    }
    return StageResult(
        counts,
        (
            AssetCheck("claims_are_split_whole", split, f"{split} claims are not split whole"),
            AssetCheck("every_cdr_judged", unjudged, f"{unjudged} CDRs have no verdict"),
            AssetCheck("unique", repeated, f"{repeated} CDRs have more than one verdict"),
        ),
    )


def accepted_parties(con: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[str, str]]]:
    """Partner → the parties whose CDRs are to be expected, as of its last pull of them."""
    rows = con.execute(query("accepted_parties")).fetchall()
    return {
        partner: [(country, party) for country, party in (name.split("/") for name in parties)]
        for partner, parties in rows
        if parties is not None
    }


def _unmatched(con: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """Count the CDRs without a verdict, and the verdicts that stand twice."""
    if key_sum(con, CDRS.name, CDRS.key) == key_sum(con, RECON_CDRS.name, RECON_CDRS.key):
        return 0, 0
    return fetch_int(con, query("cdrs_without_verdict")), keys_unique(con, RECON_CDRS).violations


RECONCILIATION = Stage(
    name="reconciliation",
    description="Each CDR against its price, session, tariff and invoice: findings and a verdict.",
    tables=(RECON_CDRS.name, FINDINGS.name),
    checks=("claims_are_split_whole", "every_cdr_judged", "unique"),
    run=_run,
)
