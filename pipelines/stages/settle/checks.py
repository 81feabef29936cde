"""What the tables of `settle` promise, checked: each check is one statement of SQL."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from models.tables import CDRS
from models.tables.recon import VERDICTS
from models.tables.settle import STATEMENT_KEY
from pipelines.warehouse.checks import key_sum
from pipelines.warehouse.sql_files import number

_KEY = ", ".join(STATEMENT_KEY)
_LINES_OF_CDRS = "settle.statement_lines where kind = 'cdr'"
_CDR_OF_LINE = ("partner", "cdr_country_code", "cdr_party_id", "cdr_id")
_MONEY = ("claimed_excl_vat", "payable_excl_vat", "disputed_excl_vat", "rejected_excl_vat")


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


def check_statement_totals(con: duckdb.DuckDBPyConnection) -> Check:
    """Each statement's totals are the sums of its lines, and its VAT base is what is payable."""
    sums = ", ".join(f"coalesce(sum({name}), 0) as {name}" for name in _MONEY)
    unequal = " or ".join(f"s.{name} is distinct from coalesce(l.{name}, 0)" for name in _MONEY)
    query = (
        f"with l as (select {_KEY}, {sums} from settle.statement_lines group by all), "  # noqa: S608
        f"v as (select {_KEY}, sum(payable_excl_vat) as base from settle.statement_vat "
        "group by all) "
        f"select count(*) from settle.statements as s full join l using ({_KEY}) "
        f"left join v using ({_KEY}) where {unequal} "
        "or s.payable_excl_vat <> coalesce(v.base, 0) or s.partner is null"
    )
    return _check(con, "statement_totals", query, "statements differ from the sum of their lines")


def check_identity(con: duckdb.DuckDBPyConnection) -> Check:
    """On every line, claimed = payable + disputed + rejected."""
    query = (
        "select count(*) from settle.statement_lines where claimed_excl_vat is not null and "
        "claimed_excl_vat is distinct from "
        "payable_excl_vat + disputed_excl_vat + rejected_excl_vat"
    )
    return _check(con, "claimed_is_accounted_for", query, "lines do not add up to their claim")


def check_every_cdr_once(con: duckdb.DuckDBPyConnection) -> Check:
    """No CDR is in two statements; corrections apart, each is in one or has a reason why not."""
    name = "every_cdr_once"
    if key_sum(con, _LINES_OF_CDRS, _CDR_OF_LINE) == key_sum(con, CDRS.name, CDRS.key):
        return Check(name, True, "every CDR in one statement", 0)
    query = (
        "select count(*) from (select partner, cdr_country_code, cdr_party_id, cdr_id "
        "from settle.statement_lines where kind = 'cdr' group by all having count(*) > 1)"
    )
    check = _check(con, name, query, "CDRs are in more than one statement")
    outside = number(
        con,
        "select count(*) from core.cdrs as c anti join settle.statement_lines as l "
        "on c.partner = l.partner and c.country_code = l.cdr_country_code "
        "and c.party_id = l.cdr_party_id and c.id = l.cdr_id",
    )
    if check.passed and outside:
        message = f"every CDR at most once; {outside} in no statement, each with its reason"
        return Check(check.name, True, message, 0)
    return check


def check_verdict_counts(con: duckdb.DuckDBPyConnection) -> Check:
    """The verdicts of each statement add up to its CDRs."""
    total = " + ".join(f"{verdict}_count" for verdict in VERDICTS)
    query = f"select count(*) from settle.statements where cdr_count <> {total}"  # noqa: S608
    return _check(con, "verdict_counts", query, "statements count other verdicts than CDRs")


def check_verdicts_settled(con: duckdb.DuckDBPyConnection) -> Check:
    """The lines show the verdicts of now: what reconciliation contests is contested or conceded.

    Partners with a locked month are left out: it keeps CDRs that may be gone, and `close --verify`
    adds up each of them.
    """
    query = (
        "select count(*) from ("
        "select partner, sum(claimed_excl_vat) as claimed, "
        "sum(disputed_excl_vat + rejected_excl_vat + conceded_excl_vat) as contested "
        "from settle.statement_lines group by partner) as l "
        "join (select partner, sum(claimed_excl_vat) as claimed, "
        "sum(disputed_excl_vat + rejected_excl_vat) as contested "
        "from recon.cdrs group by partner) as r using (partner) "
        "anti join (select partner from settle.statements where status = 'locked') using (partner) "
        "where l.claimed is distinct from r.claimed or l.contested is distinct from r.contested"
    )
    return _check(con, "verdicts_settled", query, "partners have lines of other verdicts")


def settle_checks(con: duckdb.DuckDBPyConnection) -> list[Check]:
    """Every check of settlement."""
    checks = (
        check_statement_totals,
        check_identity,
        check_every_cdr_once,
        check_verdict_counts,
        check_verdicts_settled,
    )
    return [check(con) for check in checks]


def _check(con: duckdb.DuckDBPyConnection, name: str, query: str, wrong: str) -> Check:
    broken = number(con, query)
    return Check(name, broken == 0, f"{broken} {wrong}", broken)
