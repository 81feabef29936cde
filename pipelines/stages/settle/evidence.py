"""Evidence of a close, as hashes: pages, tariffs, exchange rates, contract.

Each is taken up to a time, so that what arrives later does not change it.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import duckdb

from models.contract import Contract
from models.settle.fx import FxTable
from pipelines.stages.settle import query
from pipelines.warehouse.sql_files import fetch_row


def newest_page_at(con: duckdb.DuckDBPyConnection, partner: str) -> datetime:
    """Return when the partner's newest page was fetched; the epoch if there is none."""
    row = fetch_row(con, "select max(fetched_at) from ops.pages where partner = ?", [partner])
    found = row[0] if row else None
    return found.astimezone(UTC) if isinstance(found, datetime) else datetime.fromtimestamp(0, UTC)


def newest_run(con: duckdb.DuckDBPyConnection) -> str:
    """Return the run that last touched the warehouse; `none` if there was none."""
    row = fetch_row(con, "select max(run_id) from ops.runs")
    return str(row[0]) if row and row[0] else "none"


def evidence(
    con: duckdb.DuckDBPyConnection,
    partner: str,
    contract: Contract,
    fx: FxTable,
    currencies: set[str],
    until: datetime,
) -> dict[str, str]:
    """Return the hashes of everything a partner's month was made from.

    Args:
        con: the warehouse.
        partner: our name for the connection.
        contract: its terms.
        fx: the exchange rates.
        currencies: those that the month needs.
        until: pages and tariffs fetched later do not count.
    """
    values = {"partner": partner, "until": until}
    return {
        "landing_sha256": _rows_sha256(con, "landed_pages", values),
        "tariffs_sha256": _rows_sha256(con, "tariff_versions", values),
        "fx_sha256": fx.only(currencies).sha256,
        "contract_sha256": hashlib.sha256(_contract_text(contract)).hexdigest(),
    }


def _contract_text(contract: Contract) -> bytes:
    """Return the contract beyond its defaults, so that a new key with a default is no change."""
    return contract.model_dump_json(exclude_defaults=True).encode()


def _rows_sha256(con: duckdb.DuckDBPyConnection, name: str, values: dict[str, object]) -> str:
    digest = hashlib.sha256()
    for (line,) in con.execute(query(name), values).fetchall():
        digest.update(f"{line}\n".encode())
    return digest.hexdigest()
