"""A later run looks only at what is new, and says what a run from scratch says."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from sandbox_played import NOW, Played

from pipelines.stages.recon.reconcile import ReconcileResult, reconcile_warehouse
from pipelines.warehouse.connection import Warehouse

SPREAD = 40
LATE = ("core.cdrs", "core.sessions", "core.cdr_conflicts")


@pytest.fixture(scope="module")
def judged(
    played: Played, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, ReconcileResult]:
    """The played warehouse, its objects spread over many pages and judged so; only read it."""
    path = tmp_path_factory.mktemp("judged") / "warehouse.duckdb"
    shutil.copy(played.home.warehouse, path)
    with Warehouse(path) as warehouse, warehouse.writer() as writer:
        for table in LATE:
            writer.execute(
                f"update {table} set page_id = page_id || '-' || (hash(id) % {SPREAD})"  # noqa: S608
            )
        first = reconcile_warehouse(writer, played.terms, as_of=NOW)
    return path, first


@pytest.fixture
def first(judged: tuple[Path, ReconcileResult]) -> ReconcileResult:
    """What was judged in that warehouse."""
    return judged[1]


@pytest.fixture
def con(
    judged: tuple[Path, ReconcileResult], tmp_path: Path
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of that warehouse."""
    shutil.copy(judged[0], tmp_path / "copy.duckdb")
    with Warehouse(tmp_path / "copy.duckdb") as warehouse, warehouse.writer() as writer:
        yield writer


def forget(con: duckdb.DuckDBPyConnection) -> None:
    for table in ("recon.cdrs", "recon.findings", "recon.inputs"):
        con.execute(f"delete from {table}")  # noqa: S608


def said(con: duckdb.DuckDBPyConnection) -> tuple[list[tuple[object, ...]], ...]:
    return tuple(
        con.execute(f"select * from {table} order by all").fetchall()  # noqa: S608
        for table in ("recon.cdrs", "recon.findings")
    )


def check_later_run(con: duckdb.DuckDBPyConnection, played: Played) -> None:
    """Judge what is new, which is some of it, and find the same as from scratch."""
    later = reconcile_warehouse(con, played.terms, as_of=NOW)
    incremental = said(con)
    forget(con)
    full = reconcile_warehouse(con, played.terms, as_of=NOW)
    assert 0 < later.judged < full.judged
    assert incremental == said(con)


def park(con: duckdb.DuckDBPyConnection, condition: str) -> None:
    """Take rows out of core, and their prices out of rating."""
    for table in LATE:
        waiting = table.replace("core.", "late_")
        con.execute(f"create temp table {waiting} as from {table} where {condition}")
        con.execute(f"delete from {table} where {condition}")  # noqa: S608
    price = "exists (from late_cdrs as c where c.partner = r.partner and c.id = r.cdr_id)"
    con.execute(f"create temp table late_prices as from rating.cdrs as r where {price}")
    con.execute(f"delete from rating.cdrs as r where {price}")  # noqa: S608


def unpark(con: duckdb.DuckDBPyConnection) -> None:
    for table in LATE:
        con.execute(f"insert into {table} from {table.replace('core.', 'late_')}")
    con.execute("insert into rating.cdrs from late_prices")


@pytest.mark.parametrize(
    "condition", ["page_id like '%-7'", "page_id like '%-11' or page_id like '%-12'"]
)
def test_what_comes_late_ends_as_if_it_had_always_been_there(
    con: duckdb.DuckDBPyConnection, played: Played, condition: str
) -> None:
    forget(con)
    park(con, condition)
    reconcile_warehouse(con, played.terms, as_of=NOW - timedelta(days=3))
    unpark(con)
    check_later_run(con, played)


def test_other_prices_are_judged_again(con: duckdb.DuckDBPyConnection, played: Played) -> None:
    con.execute(
        "update rating.cdrs set expected_excl_vat = expected_excl_vat + 5, input_hash = 'new' "
        "where hash(cdr_id) % 100 = 3 and state = 'priced'"
    )
    check_later_run(con, played)


def test_nothing_new_is_nothing_judged(
    con: duckdb.DuckDBPyConnection, played: Played, first: ReconcileResult
) -> None:
    before = said(con)
    second = reconcile_warehouse(con, played.terms, as_of=NOW)

    assert second == ReconcileResult(judged=0, cdrs=first.cdrs, findings=first.findings)
    assert said(con) == before


def test_other_terms_judge_everything_anew(
    con: duckdb.DuckDBPyConnection, played: Played, first: ReconcileResult
) -> None:
    other = {
        partner: contract.model_copy(update={"severity": {"CDR_LATE": "ignore"}})
        for partner, contract in played.terms.contracts.items()
    }
    second = reconcile_warehouse(con, type(played.terms)(other, played.terms.parties), as_of=NOW)

    assert second.judged == first.cdrs
    late = con.execute("select count(*) from recon.findings where rule_id = 'CDR_LATE'").fetchall()
    assert late == [(0,)]


def price_again(con: duckdb.DuckDBPyConnection) -> None:
    """Change the price of an agreed CDR: its rows of both sources rest on the same inputs."""
    (changed,) = con.execute("""
        update rating.cdrs as r
        set input_hash = md5(r.input_hash), expected_excl_vat = r.expected_excl_vat + 1
        where (r.partner, r.country_code, r.party_id, r.cdr_id) = (
            select (c.partner, c.country_code, c.party_id, c.id)
            from recon.cdrs as c
            where c.verdict = 'agreed' and c.cause is null and c.tariff_source = 'published'
            order by c.id
            limit 1
        )
    """).fetchall()[0]
    assert changed == 2


def swap_offers(con: duckdb.DuckDBPyConnection) -> None:
    """Let two connectors of a place, where a price differs, offer each what the other did."""
    (one, other) = con.execute("""
        select [a.rowid, b.rowid], [a.tariff_ids, b.tariff_ids]
        from core.connectors as a
        join core.connectors as b using (partner, country_code, party_id, location_id)
        join core.cdrs as c using (partner, country_code, party_id, location_id)
        join recon.cdrs as r on r.partner = c.partner and r.id = c.id
        where a.tariff_ids <> b.tariff_ids and r.cause is not null
        order by a.partner, a.location_id, a.rowid, b.rowid
        limit 1
    """).fetchall()[0]
    for number, tariffs in zip(one, reversed(other), strict=True):
        con.execute("update core.connectors set tariff_ids = ? where rowid = ?", [tariffs, number])


@pytest.mark.parametrize("change", [price_again, swap_offers])
def test_what_two_rows_change_alike_is_seen(
    con: duckdb.DuckDBPyConnection,
    played: Played,
    change: Callable[[duckdb.DuckDBPyConnection], None],
) -> None:
    change(con)
    check_later_run(con, played)
