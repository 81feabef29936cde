"""Settlement as a stage: a statement for each counterparty, month and currency."""

from contextlib import closing
from functools import partial

from duckdb import DuckDBPyConnection as DuckDB

from models.tables.charging import CDRS
from pipelines.config.home_settings import load_settings
from pipelines.decisions.opening import open_decisions
from pipelines.exports.company import FILE_NAME, load_letterhead
from pipelines.invoices.store import kept_file
from pipelines.landing.landing import Landing
from pipelines.stages.settle import query
from pipelines.stages.settle.fx import load_rates
from pipelines.stages.settle.import_invoices import Intake, take_in_folder
from pipelines.stages.settle.received import Reading, read_received
from pipelines.stages.settle.warehouse import settle_warehouse
from pipelines.stages.stage import AssetCheck, Stage, StageContext, StageResult
from pipelines.warehouse.checks import key_sum
from pipelines.warehouse.sql_files import fetch_int, row_count

_CHECKS = (
    ("statement_totals", "check_statement_totals", "statements differ from the sum of their lines"),
    ("claimed_is_accounted_for", "check_lines_add_up", "lines do not add up to their claim"),
    ("every_cdr_once", "check_repeated_cdrs", "CDRs are in more than one statement"),
    ("verdict_counts", "check_verdict_counts", "statements count other verdicts than CDRs"),
    ("books_equal_statements", "check_journal", "statements differ from what is booked of them"),
    ("verdicts_settled", "check_settled_verdicts", "partners have lines of other verdicts"),
)
CHECK_NAMES = tuple(name for name, _, _ in _CHECKS)
_LINES_OF_CDRS = "settle.statement_lines where kind = 'cdr'"
_CDR_OF_LINE = ("partner", "cdr_country_code", "cdr_party_id", "cdr_id")


def settle_checks(con: DuckDB) -> list[AssetCheck]:
    """Run every check of settlement."""
    return [_check(con, name, file, broken) for name, file, broken in _CHECKS]


def _check(con: DuckDB, name: str, file: str, text: str) -> AssetCheck:
    if name != "every_cdr_once":
        broken = fetch_int(con, query(file))
        return AssetCheck(name, broken, f"{broken} {text}")
    # Adding up the keys is much cheaper than grouping by them, and nearly always enough.
    if key_sum(con, _LINES_OF_CDRS, _CDR_OF_LINE) == key_sum(con, CDRS.name, CDRS.key):
        return AssetCheck(name, 0, "every CDR in one statement")
    broken = fetch_int(con, query(file))
    outside = fetch_int(con, query("count_outside_cdrs"))
    if outside and not broken:
        message = f"every CDR at most once; {outside} in no statement, each with its reason"
        return AssetCheck(name, 0, message)
    return AssetCheck(name, broken, f"{broken} {text}")


_READABLE = "invoices_readable"


def _run(con: DuckDB, context: StageContext) -> StageResult:
    letterhead = load_letterhead(context.home.path / FILE_NAME)
    landing = Landing.of_home(context.home).files
    with closing(open_decisions(context.home, clock=lambda: context.as_of)) as decisions:
        folder = load_settings(context.home).invoices.folder
        # Whose an invoice is follows from what was settled before.
        if folder is not None and row_count(con, "settle.statements"):
            zones = {name: contract.time_zone for name, contract in context.contracts.items()}
            intake = Intake(con, letterhead, zones, ())
            take_in_folder(intake, folder, landing, decisions)
        view = decisions.view()
    reading = read_received(con, view.invoices, partial(kept_file, landing))
    rows = settle_warehouse(
        con,
        context.contracts,
        view,
        as_of=context.as_of,
        fx=load_rates(context.home, letterhead),
        own_parties=context.own_parties,
        received=reading.frames,
        own_country=letterhead.company.country,
        escalation_days=letterhead.escalation_days,
        left=context.left,
    )
    return StageResult(rows, (*settle_checks(con), _readable(reading)))


def _readable(reading: Reading) -> AssetCheck:
    named = "; ".join(f"{number}: {reason}" for number, reason in reading.unreadable)
    return AssetCheck(_READABLE, len(reading.unreadable), named or "every invoice can be read")


SETTLEMENT = Stage(
    name="settlement",
    description="What to pay, what to dispute: statements by counterparty, month and currency.",
    tables=(
        *("settle.statements", "settle.statement_lines", "settle.disputes", "settle.invoices"),
        "settle.journal",
    ),
    checks=(*CHECK_NAMES, _READABLE),
    run=_run,
)
