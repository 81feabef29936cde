"""Promises of the tables of `settle`, checked: each check is one query that counts violations."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from models.tables.charging import CDRS
from pipelines.stages.settle.queries import query
from pipelines.warehouse.checks import key_sum
from pipelines.warehouse.sql_files import fetch_int

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


@dataclass(frozen=True)
class Check:
    """One promise.

    Args:
        name: identifies it.
        passed: whether it holds.
        message: what was found, in a sentence.
        broken: rows that break it.
    """

    name: str
    passed: bool
    message: str
    broken: int


def settle_checks(con: duckdb.DuckDBPyConnection) -> list[Check]:
    """Run every check of settlement."""
    return [_check(con, name, file, broken) for name, file, broken in _CHECKS]


def _check(con: duckdb.DuckDBPyConnection, name: str, file: str, text: str) -> Check:
    if name != "every_cdr_once":
        broken = fetch_int(con, query(file))
        return Check(name, broken == 0, f"{broken} {text}", broken)
    # Adding up the keys is much cheaper than grouping by them, and nearly always enough.
    if key_sum(con, _LINES_OF_CDRS, _CDR_OF_LINE) == key_sum(con, CDRS.name, CDRS.key):
        return Check(name, True, "every CDR in one statement", 0)
    broken = fetch_int(con, query(file))
    outside = fetch_int(con, query("count_outside_cdrs"))
    if outside and not broken:
        message = f"every CDR at most once; {outside} in no statement, each with its reason"
        return Check(name, True, message, 0)
    return Check(name, broken == 0, f"{broken} {text}", broken)
