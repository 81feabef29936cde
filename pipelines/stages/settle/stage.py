"""Settlement as a stage: a statement for each counterparty, month and currency."""

from __future__ import annotations

from contextlib import closing
from functools import partial

import duckdb

from pipelines.decisions import DecisionsStore
from pipelines.exports.company import FILE_NAME, load_letterhead
from pipelines.invoices.store import kept_file
from pipelines.stages.settle.checks import CHECK_NAMES, settle_checks
from pipelines.stages.settle.fx import load_rates
from pipelines.stages.settle.received import Reading, read_received
from pipelines.stages.settle.warehouse import settle_warehouse
from pipelines.stages.stage import AssetCheck, Stage, StageContext, StageResult

_READABLE = "invoices_readable"


def _run(con: duckdb.DuckDBPyConnection, context: StageContext) -> StageResult:
    letterhead = load_letterhead(context.home.path / FILE_NAME)
    with closing(DecisionsStore(context.home.decisions, clock=lambda: context.as_of)) as decisions:
        view = decisions.view()
    reading = read_received(con, view.invoices, partial(kept_file, context.home.landing))
    result = settle_warehouse(
        con,
        context.contracts,
        view,
        as_of=context.as_of,
        fx=load_rates(context.home, letterhead),
        own_parties=context.own_parties,
        received=reading.frames,
        own_country=letterhead.company.country,
        left=context.left,
    )
    checks = [AssetCheck(one.name, one.broken, one.message) for one in settle_checks(con)]
    return StageResult(dict(result.rows), (*checks, _readable(reading)))


def _readable(reading: Reading) -> AssetCheck:
    named = "; ".join(f"{number}: {reason}" for number, reason in reading.unreadable)
    return AssetCheck(_READABLE, len(reading.unreadable), named or "every invoice can be read")


SETTLEMENT = Stage(
    name="settlement",
    description="What to pay, what to dispute: statements by counterparty, month and currency.",
    tables=(
        "settle.statements",
        "settle.statement_lines",
        "settle.disputes",
        "settle.invoices",
        "settle.journal",
    ),
    checks=(*CHECK_NAMES, _READABLE),
    run=_run,
)
