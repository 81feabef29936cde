"""How long until each page of the dashboards is complete, cold and warm, in a real browser.

    python benchmarks/dashboards.py [--cdrs 1000000] [--evses 100000] [--home FOLDER]

Sandbox partners are pulled, priced and settled once; their CDRs and places are then copied, under
other ids, until there are enough, and the marts are made and published as a run does. Cold is the
first visit of a new browser to a server that has just started; warm the median of its next three
visits, each in a new tab. Making the warehouse is not part of the figures; with `--home` it is
kept and used again.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from playwright.sync_api import BrowserContext, sync_playwright

from dashboards.navigation import DEFAULT, MENU
from pipelines import sandbox
from pipelines.cli.dashboards import serve_in_background
from pipelines.config import Home, load_partners
from pipelines.marts.build import build_marts
from pipelines.orchestration.runtime import Runtime
from pipelines.pulling.progress import Silence
from pipelines.running.run import Request, run_pipeline
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.snapshot import publish
from tests.dashboards.screenshots import FLAGS, settled

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
PLACES = {
    "core.locations": ("id",),
    "core.evses": ("location_id", "uid", "canonical_evse"),
    "core.connectors": ("location_id", "evse_uid"),
    "core.evse_status": ("location_id", "evse_uid", "canonical_evse"),
}
SUMS = ("settle.statements", "settle.statement_vat")
BASE_CDRS = 4000
WARM = 3


def make(home: Home, cdrs: int, evses: int) -> None:
    """A home of the size asked for, published."""
    home.create()
    options = sandbox.Options(now=datetime(2026, 10, 31, 12, tzinfo=UTC), cdrs=BASE_CDRS)
    with sandbox.start(options) as partners:
        home.partners.write_text(sandbox.partners_yaml(partners), encoding="utf-8")
        known = load_partners(home.partners)
        runtime = Runtime(home, known, partners.environ, lambda: datetime.now(UTC), Silence())
        run_pipeline(runtime, Request("demo"))
    with Warehouse(home.warehouse, wait_seconds=60, memory_limit="4GB") as warehouse:
        with warehouse.writer() as con:
            charges = copy(con, CHARGES, "core.cdrs", cdrs)
            copy(con, PLACES, "core.evses", evses)
            for table in SUMS:
                multiply(con, table, charges)
            (as_of,) = con.execute("select max(fetched_at) from ops.pages").fetchall()[0]
            began = time.perf_counter()
            build_marts(con, as_of=as_of)
            print(f"marts made in {time.perf_counter() - began:.1f} s")
        publish(warehouse, home.serving)


def copy(
    con: duckdb.DuckDBPyConnection, tables: dict[str, tuple[str, ...]], counted: str, wanted: int
) -> int:
    """Copy the rows of tables until one of them has enough; say how many of each there are."""
    (there,) = con.execute(f"select count(*) from {counted}").fetchall()[0]  # noqa: S608
    times = max(1, -(-wanted // there))
    for table, ids in tables.items():
        renamed = ", ".join(f"t.{name} || '~' || k as {name}" for name in ids)
        con.execute(
            f"insert into {table} by name select t.* replace ({renamed}) "  # noqa: S608
            f"from {table} as t, range(1, {times}) as r(k)"
        )
    return times


def multiply(con: duckdb.DuckDBPyConnection, table: str, times: int) -> None:
    """Make the sums of a table as many times as large."""
    columns = con.execute(f"describe {table}").fetchall()
    grown = [name for name, kind, *_ in columns if kind == "BIGINT" or kind.startswith("DECIMAL")]
    grown = [name for name in grown if name != "vat_rate"]
    con.execute(f"update {table} set " + ", ".join(f"{n} = {n} * {times}" for n in grown))  # noqa: S608


def visit(context: BrowserContext, url: str) -> float:
    """Seconds until an address, in a new tab, is complete."""
    page = context.new_page()
    began = time.perf_counter()
    page.goto(url)
    settled(page)
    seconds = time.perf_counter() - began
    page.close()
    return seconds


def measure(home: Home) -> None:
    """Print the times of every page."""
    chromium = shutil.which("chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=list(FLAGS))
        print(f"{'page':<22}{'cold':>8}{'warm':>8}")
        for address in (address for entries in MENU.values() for address, _, _ in entries):
            with serve_in_background(home, port=0) as served:
                url = f"{served.url}/{'' if address == DEFAULT else address}"
                context = browser.new_context(viewport={"width": 1280, "height": 900})
                cold = visit(context, url)
                warm = statistics.median(visit(context, url) for _ in range(WARM))
                context.close()
            print(f"{address:<22}{cold:>6.2f} s{warm:>6.2f} s", flush=True)
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cdrs", type=int, default=1_000_000)
    parser.add_argument("--evses", type=int, default=100_000)
    parser.add_argument("--home", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        home = Home((asked.home or Path(scratch) / "home").absolute())
        if not (home.serving / "current").exists():
            make(home, asked.cdrs, asked.evses)
        measure(home)


if __name__ == "__main__":
    main()
