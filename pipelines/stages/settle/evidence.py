"""What a close rests on, as hashes: pages, tariffs, exchange rates, contract.

Each is taken up to a moment, so that what arrives later does not change it.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import duckdb

from models.contract import Contract
from models.settle.fx import FxTable

_PAGES = (
    "select page_id || ' ' || sha256 from ops.pages "
    "where partner = $partner and accepted and fetched_at <= $until order by page_id"
)
_TARIFFS = (
    "select concat_ws(' ', country_code, party_id, id, epoch_us(valid_from_at), content_hash) "
    "from core.tariffs where partner = $partner and fetched_at <= $until order by 1"
)


def newest_page_at(con: duckdb.DuckDBPyConnection, partner: str) -> datetime:
    """When the partner's newest page was fetched; the epoch if there is none."""
    row = con.execute(
        "select max(fetched_at) from ops.pages where partner = ?", [partner]
    ).fetchone()
    found = row[0] if row else None
    return found.astimezone(UTC) if isinstance(found, datetime) else datetime.fromtimestamp(0, UTC)


def newest_run(con: duckdb.DuckDBPyConnection) -> str:
    """The run that last touched the warehouse; `none` if there was none."""
    row = con.execute("select max(run_id) from ops.runs").fetchone()
    return str(row[0]) if row and row[0] else "none"


def evidence(
    con: duckdb.DuckDBPyConnection,
    partner: str,
    contract: Contract,
    fx: FxTable,
    currencies: set[str],
    until: datetime,
) -> dict[str, str]:
    """The hashes of everything a partner's month was made from.

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
        "landing_sha256": _of_rows(con, _PAGES, values),
        "tariffs_sha256": _of_rows(con, _TARIFFS, values),
        "fx_sha256": fx.only(currencies).sha256,
        "contract_sha256": hashlib.sha256(_contract_text(contract)).hexdigest(),
    }


def _contract_text(contract: Contract) -> bytes:
    """What the contract says beyond its defaults, so that a new key with a default is no change."""
    return contract.model_dump_json(exclude_defaults=True).encode()


def _of_rows(con: duckdb.DuckDBPyConnection, query: str, values: dict[str, object]) -> str:
    digest = hashlib.sha256()
    for (line,) in con.execute(query, values).fetchall():
        digest.update(f"{line}\n".encode())
    return digest.hexdigest()
