"""How fast a warehouse is reconciled: a full run, and one with a hundredth more CDRs.

    python benchmarks/reconcile.py [--cdrs 1000000]

The warehouse is made by SQL in a temporary folder: CDRs of two partners with sessions, four
periods each, places, tokens, published and embedded tariffs, and prices as `rating` writes them;
one CDR in a hundred has something wrong. Making it is not part of the figures.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from models.contract import Contract
from pipelines.recon.reconcile import reconcile_warehouse
from pipelines.recon.terms import Terms
from pipelines.warehouse.connection import Warehouse

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
TARIFF = {
    "country_code": "NL",
    "currency": "EUR",
    "elements": [{"price_components": [{"price": 0.5, "step_size": 1, "type": "ENERGY", "vat": 21}]}],
    "id": "T1",
    "party_id": "VOL",
}
EVSES = 6_000
TOKENS = 40_000
FIRST_DAY = "timestamptz '2026-08-01 00:00:00+00'"

# Each EVSE and each token take turns, so that no two charges of one overlap.
CHARGES = f"""
create or replace temp table made as
select
  i, if(i % 2 = 0, 'voltix', 'gridlink') as partner,
  i % {EVSES} as evse, i % {TOKENS} as token,
  {FIRST_DAY} + to_seconds(cast(i as double) / $total * 90 * 86400) as start_at,
  2700 + i % 900 as lasts_s,
  cast(10 + (i % 1000) / 100 as decimal(18, 9)) as kwh,
  cast('p' || lpad(cast(i // 1000 as varchar), 6, '0') as varchar) as page_id,
  hash(i) % 100 = 0 as is_odd
from range($first, $last) as r(i)
"""
COMMON = "partner, 'NL' as country_code, 'VOL' as party_id"
ORIGIN = """md5(cast(i as varchar)) as content_hash, timestamptz '2026-10-31 00:00:00+00' as fetched_at,
  page_id, start_at + to_seconds(lasts_s + 300) as last_updated_at"""
PLACE = f"""'L' || evse // 4 as location_id, 'E' || evse as evse_uid, 'NL*VOL*E' || evse as evse_id,
  '1' as connector_id, {COMMON}"""
COST = "cast(round(kwh * 0.5, 2) as decimal(18, 6))"
GROSS = f"cast(round({COST} * 1.21, 2) as decimal(18, 6))"
FILLS = {
    "core.cdrs": f"""
select {PLACE}, {ORIGIN}, 'C' || i as id, 'S' || i as session_id, start_at,
  start_at + to_seconds(lasts_s) as end_at, 'T' || token as token_uid, 'RFID' as token_type,
  'NLD' as country, 52.0 as latitude, 5.0 as longitude, 'DC' as connector_power_type,
  'EUR' as currency, ['t1'] as tariff_hashes, 4 as period_count, kwh as total_energy_kwh,
  cast(lasts_s as decimal(18, 9)) / 3600 as total_time_h, 0 as total_parking_time_h,
  {COST} + if(is_odd, 1, 0) as total_cost_excl_vat, {GROSS} + if(is_odd, 1.21, 0) as total_cost_incl_vat,
  {COST} + if(is_odd, 1, 0) as total_energy_cost_excl_vat, false as credit,
  false as home_charging_compensation, '2.2.1' as ocpi_version
from made""",
    "core.charging_periods": f"""
select {COMMON}, 'C' || i as cdr_id, p as period_index,
  start_at + to_seconds(lasts_s // 4 * p) as start_at, kwh / 4 as energy_kwh, 'T1' as tariff_id,
  cast(if(p = 3, lasts_s - lasts_s // 4 * 3, lasts_s // 4) as decimal(18, 9)) / 3600 as time_h
from made, range(4) as q(p)""",
    "core.sessions": f"""
select {PLACE}, {ORIGIN}, 'S' || i as id, start_at, start_at + to_seconds(lasts_s) as end_at,
  kwh as energy_kwh, 'T' || token as token_uid, 'EUR' as currency,
  {COST} + if(is_odd, 1, 0) as total_cost_excl_vat, 'COMPLETED' as status
from made""",
    "rating.cdrs": f"""
select {COMMON}, 'C' || i as cdr_id, source, 'priced' as state, 'EUR' as currency,
  {COST} as expected_excl_vat, {GROSS} as expected_incl_vat, {COST} as energy_cost_excl_vat,
  0 as time_cost_excl_vat, 0 as parking_cost_excl_vat, 0 as fixed_cost_excl_vat,
  0 as reservation_cost_excl_vat, kwh as billed_energy_kwh, 0 as billed_time_h, ['T1'] as tariff_ids,
  [] as notes, md5(i || source) as input_hash
from made, (values ('embedded'), ('published')) as s(source)""",
    "rating.lines": f"""
select {COMMON}, 'C' || i as cdr_id, source, p as line_index, p as period_index,
  'ENERGY' as dimension, 'energy' as part, kwh / 4 as quantity, 0.5 as unit_price,
  {COST} / 4 as amount_excl_vat, 'T1' as tariff_id, 0 as element_index, 'EUR' as currency
from made, range(4) as q(p), (values ('embedded'), ('published')) as s(source)""",
}
BOTH = "(values ('voltix'), ('gridlink')) as w(partner)"
SEEN = "'h' as content_hash, timestamptz '2026-08-01' as fetched_at, 'p0' as page_id"
STANDING = {
    "core.locations": f"select {COMMON}, 'L' || i as id, {SEEN} from range({EVSES} // 4) as r(i), {BOTH}",
    "core.evses": f"""select {COMMON}, 'L' || i // 4 as location_id, 'E' || i as uid,
  'NL*VOL*E' || i as evse_id, 'AVAILABLE' as status, {SEEN} from range({EVSES}) as r(i), {BOTH}""",
    "core.connectors": f"""select {COMMON}, 'L' || i // 4 as location_id, 'E' || i as evse_uid,
  '1' as id, 'DC' as power_type, 150 as power_kw, {SEEN} from range({EVSES}) as r(i), {BOTH}""",
    "core.tokens": f"""select {COMMON}, 'T' || i as uid, 'RFID' as type, true as valid, {SEEN}
from range({TOKENS}) as r(i), (values ('voltix')) as w(partner)""",
    "core.tariffs": f"""select {COMMON}, 'T1' as id, {FIRST_DAY} - interval 1 day as valid_from_at,
  'EUR' as currency, $tariff as tariff, {SEEN} from {BOTH}""",
    "core.embedded_tariffs": f"""select {COMMON}, 'T1' as id, 't1' as content_hash, 'EUR' as currency,
  $tariff as tariff, timestamptz '2026-08-01' as fetched_at, 'p0' as page_id from {BOTH}""",
}


def make(con: duckdb.DuckDBPyConnection, first: int, last: int, total: int) -> None:
    """Add charges of these numbers to core and rating."""
    con.execute(CHARGES, {"first": first, "last": last, "total": total})
    for table, query in FILLS.items():
        con.execute(f"insert into {table} by name {query}")  # noqa: S608 - our own text


def stand(con: duckdb.DuckDBPyConnection) -> None:
    """Add places, tokens and tariffs."""
    for table, query in STANDING.items():
        text = json.dumps(TARIFF, separators=(",", ":"))
        con.execute(
            f"insert into {table} by name {query}",  # noqa: S608 - our own text
            {"tariff": text} if "$tariff" in query else {},
        )


def measure(con: duckdb.DuckDBPyConnection, name: str) -> float:
    """Reconcile, and say how long it took."""
    terms = Terms({"voltix": Contract(), "gridlink": Contract()})
    began, cpu = time.perf_counter(), time.process_time()
    result = reconcile_warehouse(con, terms, as_of=AS_OF)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(
        f"{name}: {seconds:.2f} s, {time.process_time() - cpu:.2f} CPU s, {result.judged:,} judged, "
        f"{result.cdrs:,} CDRs, {result.findings:,} findings; peak so far {peak:.2f} GiB"
    )
    return seconds


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cdrs", type=int, default=1_000_000)
    count = parser.parse_args().cdrs
    more = count // 100
    with tempfile.TemporaryDirectory() as folder:
        with Warehouse(Path(folder) / "warehouse.duckdb") as warehouse, warehouse.writer() as con:
            stand(con)
            for first in range(0, count, 100_000):
                make(con, first, min(first + 100_000, count), count + more)
            full = measure(con, "full")
            make(con, count, count + more, count + more)
            later = measure(con, "1 % more")
            measure(con, "nothing new")
            print(f"the later run costs {later / full:.1%} of the full one")


if __name__ == "__main__":
    main()
