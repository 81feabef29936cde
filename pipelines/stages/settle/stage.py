"""Settlement as a stage: a statement for each counterparty, month and currency."""

from __future__ import annotations

from contextlib import closing

import duckdb

from pipelines.decisions import DecisionsStore
from pipelines.exports.company import FILE_NAME, load_letterhead
from pipelines.stages.settle.checks import CHECK_NAMES, settle_checks
from pipelines.stages.settle.fx import load_rates
from pipelines.stages.settle.warehouse import settle_warehouse
from pipelines.stages.stage import AssetCheck, Stage, StageContext, StageResult


def _run(con: duckdb.DuckDBPyConnection, context: StageContext) -> StageResult:
    letterhead = load_letterhead(context.home.path / FILE_NAME)
    with closing(DecisionsStore(context.home.decisions, clock=lambda: context.as_of)) as decisions:
        view = decisions.view()
    result = settle_warehouse(
        con,
        context.contracts,
        view,
        as_of=context.as_of,
        fx=load_rates(context.home, letterhead),
        own_parties=context.own_parties,
    )
    return StageResult(
        dict(result.rows),
        tuple(AssetCheck(check.name, check.broken, check.message) for check in settle_checks(con)),
    )


SETTLEMENT = Stage(
    name="settlement",
    description="What to pay, what to dispute: statements by counterparty, month and currency.",
    tables=("settle.statements", "settle.statement_lines", "settle.disputes"),
    checks=CHECK_NAMES,
    run=_run,
)
