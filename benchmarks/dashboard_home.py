"""Makes the warehouse whose dashboards are measured: a demo's, copied until it is large enough.

The demo's CDRs and places are copied under other ids, places a little further away each time, and
the copies of CDRs took place at the copies of places. A feed of a whole country can stand beside
them. Every EVSE gets a status a day for the last thirty days, as if all had been looked at since.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

import duckdb

from pipelines.config.home import Home
from pipelines.stages.marts.stage import build_marts
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.snapshot import publish

NATIONAL = "national"
CHARGES = {
    "core.cdrs": ("id", "session_id"),
    "core.charging_periods": ("cdr_id",),
    "core.sessions": ("id",),
    "rating.cdrs": ("cdr_id",),
    "rating.lines": ("cdr_id",),
    "recon.cdrs": ("id", "session_id"),
    "recon.findings": ("subject_id",),
    "settle.statement_lines": ("cdr_id",),
    "settle.line_vat": ("cdr_id",),
    "settle.disputes": ("dispute_id", "subject_id"),
}
VISITS = ("core.cdrs", "core.sessions")
PLACES = {
    "core.locations": ("id",),
    "core.evses": ("location_id", "uid", "canonical_evse"),
    "core.connectors": ("location_id", "evse_uid"),
    "core.evse_status": ("location_id", "evse_uid", "canonical_evse"),
}
AWAY = {"longitude": "((k * 37) % 101 - 50) * 0.02", "latitude": "((k * 53) % 101 - 50) * 0.015"}
SUMS = ("settle.statements", "settle.statement_vat")
STATUSES = """
create or replace temp table looked as
select
    partner, country_code, party_id, location_id, uid as evse_uid, canonical_evse,
    case
        when day = 0 then status
        else case hash(canonical_evse, day) % 7
            when 0 then 'OUTOFORDER' when 1 then 'UNKNOWN' when 2 then 'CHARGING' else 'AVAILABLE'
        end
    end as status,
    $as_of - to_days(day + 1) as from_at,
    case when day > 0 then $as_of - to_days(day) end as to_at,
    $as_of - to_days(day + 1) as observed_from_at,
    $as_of - to_days(day) as observed_until_at,
    page_id
from core.evses, range(30) as r(day)
where removed_at is null
"""
LOOKS = """
insert into ops.pulls by name
select
    p.* replace (
        p.pull_id || '~' || hour as pull_id,
        $as_of - to_hours(hour) as started_at,
        $as_of - to_hours(hour) as finished_at
    )
from (
    select *
    from ops.pulls
    where module = 'locations' and status = 'complete'
    qualify row_number() over (partition by partner, party order by started_at desc) = 1
) as p, range(720) as r(hour)
"""


def make(home: Home, cdrs: int, evses: int, feed: Path | None = None) -> None:
    """Make a home of a size, published.

    Args:
        home: where; it is not there yet.
        cdrs: how many CDRs, at least.
        evses: how many EVSEs, at least, before those of the feed.
        feed: a folder with `locations.json.gz` and `tariffs.json.gz`.
    """
    _roamhouse("demo", "--home", str(home.path), "--no-dashboards")
    if feed is not None:
        _pull(home, feed)
    with Warehouse(home.warehouse, wait_seconds=60, memory_limit=4 << 30) as warehouse:
        with warehouse.writer() as con:
            places = _copy(con, PLACES, "core.evses", evses)
        with warehouse.writer() as con:
            charges = _copy(con, CHARGES, "core.cdrs", cdrs, places)
            for table in SUMS:
                _multiply(con, table, charges)
        with warehouse.writer() as con:
            add_month_of_statuses(con)
    remake_marts(home)


def add_month_of_statuses(con: duckdb.DuckDBPyConnection) -> None:
    """Give every EVSE a status a day for the last thirty days, as if each hour had been looked."""
    (as_of,) = con.execute("select max(fetched_at) from ops.pages").fetchall()[0]
    con.execute(STATUSES, {"as_of": as_of})
    con.execute(LOOKS, {"as_of": as_of})
    con.execute("delete from core.evse_status")
    con.execute("insert into core.evse_status by name select * from looked")
    con.execute("drop table temp.looked")


def _pull(home: Home, feed: Path) -> None:
    """Pull a feed as a partner of its own; the sandbox partners have gone."""
    alone = home.path / "national.yaml"
    alone.write_text(
        f"""
partners:
  - name: {NATIONAL}
    kind: feed
    locations_url: {feed.absolute() / "locations.json.gz"}
    tariffs_url: {feed.absolute() / "tariffs.json.gz"}
""",
        encoding="utf-8",
    )
    _roamhouse("run", "--home", str(home.path), "--partners", str(alone))


def _roamhouse(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "pipelines.cli.main", *arguments], check=True)


def remake_marts(home: Home) -> None:
    """Make the marts again, say what that took, and publish them."""
    with Warehouse(home.warehouse, wait_seconds=60) as warehouse:
        with warehouse.writer() as con:
            (as_of,) = con.execute("select max(fetched_at) from ops.pages").fetchall()[0]
            began, used = time.perf_counter(), _processor_s()
            build_marts(con, as_of=as_of)
        seconds, processor = time.perf_counter() - began, _processor_s() - used
        print(f"marts made in {seconds:.1f} s, {processor:.1f} s of processor time")
        publish(warehouse, home.serving)


def _processor_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _copy(
    con: duckdb.DuckDBPyConnection,
    tables: dict[str, tuple[str, ...]],
    measure: str,
    wanted: int,
    places: int = 1,
) -> int:
    """Copy the rows of tables until one of them has enough; say how many of each there are.

    Args:
        con: the warehouse.
        tables: each with the columns of its ids.
        measure: the one that decides.
        wanted: how many rows it is to have, at least.
        places: how many of each place there are, at which copies take turns.
    """
    (there,) = con.execute(
        f"select count(*) from {measure} where partner <> '{NATIONAL}'"  # noqa: S608
    ).fetchall()[0]
    times = max(1, -(-wanted // int(there)))
    for table, ids in tables.items():
        if not _is_table(con, table):
            continue
        changed = [f"t.{name} || '~' || k as {name}" for name in ids]
        columns = {name for name, *_ in con.execute(f"describe {table}").fetchall()}
        if table in VISITS and places > 1:
            changed += [
                f"t.{name} || if(k % {places} = 0, '', '~' || k % {places}) as {name}"
                for name in ("location_id", "evse_uid")
            ]
        changed += [f"t.{name} + {far} as {name}" for name, far in AWAY.items() if name in columns]
        con.execute(
            f"insert into {table} by name select t.* replace ({', '.join(changed)}) "  # noqa: S608
            f"from {table} as t, range(1, {times}) as r(k) where t.partner <> '{NATIONAL}'"
        )
    return times


def _is_table(con: duckdb.DuckDBPyConnection, name: str) -> bool:
    schema, _, table = name.partition(".")
    found = con.execute(
        "select 1 from duckdb_tables() where schema_name = $1 and table_name = $2", [schema, table]
    )
    return bool(found.fetchall())


def _multiply(con: duckdb.DuckDBPyConnection, table: str, times: int) -> None:
    """Make the sums of a table as many times as large."""
    columns = con.execute(f"describe {table}").fetchall()
    grown = [name for name, kind, *_ in columns if kind == "BIGINT" or kind.startswith("DECIMAL")]
    grown = [name for name in grown if name != "vat_rate"]
    con.execute(f"update {table} set " + ", ".join(f"{n} = {n} * {times}" for n in grown))  # noqa: S608
