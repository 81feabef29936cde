"""What the tables of `settle` promise, checked: each check is one statement of SQL."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from models.tables.recon import VERDICTS
from models.tables.settle import STATEMENT_KEY

_KEY = ", ".join(STATEMENT_KEY)
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
    query = (
        "select count(*) from (select partner, cdr_country_code, cdr_party_id, cdr_id "
        "from settle.statement_lines where kind = 'cdr' group by all having count(*) > 1)"
    )
    check = _check(con, "every_cdr_once", query, "CDRs are in more than one statement")
    missing = con.execute(
        "select count(*) from core.cdrs as c anti join settle.statement_lines as l "
        "on c.partner = l.partner and c.country_code = l.cdr_country_code "
        "and c.party_id = l.cdr_party_id and c.id = l.cdr_id"
    ).fetchone()
    outside = int(missing[0]) if missing else 0
    if check.passed and outside:
        message = f"every CDR at most once; {outside} in no statement, each with its reason"
        return Check(check.name, True, message, 0)
    return check


def check_verdict_counts(con: duckdb.DuckDBPyConnection) -> Check:
    """The verdicts of each statement add up to its CDRs."""
    total = " + ".join(f"{verdict}_count" for verdict in VERDICTS)
    query = f"select count(*) from settle.statements where cdr_count <> {total}"  # noqa: S608
    return _check(con, "verdict_counts", query, "statements count other verdicts than CDRs")


def settle_checks(con: duckdb.DuckDBPyConnection) -> list[Check]:
    """Every check of settlement."""
    checks = (
        check_statement_totals,
        check_identity,
        check_every_cdr_once,
        check_verdict_counts,
    )
    return [check(con) for check in checks]


def _check(con: duckdb.DuckDBPyConnection, name: str, query: str, wrong: str) -> Check:
    row = con.execute(query).fetchone()
    broken = int(row[0]) if row else 0
    return Check(name, broken == 0, f"{broken} {wrong}", broken)
