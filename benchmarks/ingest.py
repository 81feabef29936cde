"""Ingest: CDRs of a 2.2.1 partner from HTTP to landed pages and committed core tables.

    python -m benchmarks.ingest [--cdrs 100000] [--runs 3] [--existing 0] [--skip dlt "dlt nested"]

Three ways over the same pages of the same server, each in a process of its own:

    floor      fetch every page and decode it with orjson, keep nothing
    roamhouse  fetch, land, decode, stage, merge, commit
    dlt        dlt's REST client into DuckDB, with child tables and with nested JSON kept

Reports objects per second, CPU seconds and peak memory of each, and the ratios. Modules are
imported before the clock starts. `--existing` puts that many other CDRs of the same partner into
the warehouse first, also before the clock.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import multiprocessing
import os
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx

from pipelines.sandbox import process as sandbox
from pipelines.sandbox.scenario import Options

NOW = datetime(2026, 10, 31, 12, tzinfo=UTC)
PARTNER = "voltix"
PAGE = 1000


@dataclass(frozen=True)
class Server:
    """Where the pages are."""

    url: str
    versions_url: str
    token: str


@dataclass(frozen=True)
class Figure:
    """One way, once."""

    way: str
    objects: int
    seconds: float
    cpu_seconds: float
    peak_mb: float

    @property
    def rate(self) -> float:
        return self.objects / self.seconds


@contextmanager
def serving(cdrs: int) -> Iterator[Server]:
    """A warmed server whose 2.2.1 partner has about so many CDRs."""
    options = Options(
        now=NOW, cdrs=int(cdrs / 0.36), scenario="clean", errors_permille=0, warm=PAGE
    )
    with sandbox.start(options) as running:
        partner = next(one for one in running.partners if one.partner.name == PARTNER)
        base = partner.versions_url.removesuffix("/versions")
        yield Server(f"{base}/2.2.1/cdrs", partner.versions_url, partner.token)


def floor(server: Server, folder: Path) -> int:
    """Fetch and decode every page with one kept-alive client."""
    import orjson

    del folder

    async def crawl() -> int:
        count, url = 0, f"{server.url}?offset=0&limit={PAGE}"
        headers = {"Authorization": f"Token {_base64(server.token)}"}
        async with httpx.AsyncClient(headers=headers, trust_env=False, timeout=60) as client:
            while url:
                response = await client.get(url)
                response.raise_for_status()
                count += len(orjson.loads(response.content)["data"])
                url = response.links.get("next", {}).get("url", "")
        return count

    return asyncio.run(crawl())


def roamhouse(server: Server, folder: Path) -> int:
    """Pull into the landing and load into core, as a run does."""
    from pipelines.config.pseudonyms import Pseudonymiser
    from pipelines.ingest.landing_writer import PartnerSession
    from pipelines.ingest.loading import Loading, load_pull
    from pipelines.ingest.partner import pull_list, store_body
    from pipelines.ingest.plan import Plan
    from pipelines.ingest.progress import NoProgress
    from pipelines.landing.landing import Landing
    from pipelines.ocpi.client import OcpiClient
    from pipelines.ocpi.connection import Connection
    from pipelines.warehouse.connection import Warehouse

    landing = Landing(folder / "landing")
    connection = Connection(
        PARTNER,
        server.versions_url,
        server.token,
        modules=("cdrs",),
        page_limit=PAGE,
        requests_per_second=1e6,
    )

    async def pull() -> str:
        store = partial(store_body, landing)
        async with OcpiClient(connection, on_exchange=store) as client:
            await client.discover()
            record = await pull_list(
                client,
                landing,
                PartnerSession("run", PARTNER, "2.2.1", ("NL", "VOL")),
                Plan("cdrs", None, "full", None),
                now=lambda: datetime.now(UTC),
                progress=NoProgress(),
            )
            assert record.status == "complete", record.error
            return record.pull_id

    pull_id = asyncio.run(pull())
    loading = Loading(landing, Pseudonymiser(b"k" * 32), NoProgress())
    with Warehouse(folder / "warehouse.duckdb") as warehouse:
        result = load_pull(warehouse, loading, pull_id)
    return result.tables["core.cdrs"].inserted


def dlt_tables(server: Server, folder: Path) -> int:
    """dlt, child tables for nested lists, as it comes."""
    return _dlt(server, folder, nesting=None)


def dlt_nested(server: Server, folder: Path) -> int:
    """dlt, nested values kept as JSON."""
    return _dlt(server, folder, nesting=0)


def _dlt(server: Server, folder: Path, *, nesting: int | None) -> int:
    os.environ.update(RUNTIME__DLTHUB_TELEMETRY="false", RUNTIME__LOG_LEVEL="ERROR")
    import dlt
    from dlt.sources.helpers.rest_client import RESTClient
    from dlt.sources.helpers.rest_client.paginators import HeaderLinkPaginator

    client = RESTClient(
        server.url,
        headers={"Authorization": f"Token {_base64(server.token)}"},
        paginator=HeaderLinkPaginator(),
        data_selector="data",
    )

    @dlt.resource(name="cdrs", max_table_nesting=nesting)
    def cdrs() -> Iterator[object]:
        yield from client.paginate(server.url, params={"offset": 0, "limit": PAGE})

    pipeline = dlt.pipeline(
        "ingest",
        destination=dlt.destinations.duckdb(str(folder / "dlt.duckdb")),
        dataset_name="core",
        pipelines_dir=str(folder / "dlt"),
    )
    pipeline.run(cdrs())
    with pipeline.sql_client() as sql:
        rows = sql.execute_sql("select count(*) from cdrs")
    return int(rows[0][0]) if rows else 0


def fill(folder: Path, existing: int) -> None:
    """Multiply the CDRs of a warehouse under other ids, and forget the pull they came by."""
    import duckdb

    from models.tables.charging import CDRS, CHARGING_PERIODS

    with duckdb.connect(str(folder / "warehouse.duckdb")) as con:
        (loaded,) = con.execute("select count(*) from core.cdrs").fetchall()[0]
        copies = max(1, round(existing / loaded))
        for table, key in ((CDRS, "id"), (CHARGING_PERIODS, "cdr_id")):
            replica = f"select c.* replace (c.{key} || '-' || n as {key})"
            con.execute(f"create temp table seed as select * from {table.name}")  # noqa: S608
            con.execute(f"delete from {table.name}")  # noqa: S608
            for n in range(copies):
                con.execute(f"insert into {table.name} {replica} from seed c, (select {n} as n)")
            con.execute("drop table seed")
        for table in ("ops.pulls", "ops.pages", "ops.watermarks", "core.embedded_tariffs"):
            con.execute(f"delete from {table}")  # noqa: S608
    shutil.rmtree(folder / "landing")


MODULES = {
    "floor": ("orjson", "anyio._backends._asyncio"),
    "roamhouse": (
        "anyio._backends._asyncio",
        "pipelines.config",
        "pipelines.ingest.loading",
        "pipelines.ingest.partner",
        "pyarrow",
    ),
    "dlt": ("dlt.destinations", "dlt.sources.helpers.rest_client.paginators"),
    "dlt nested": ("dlt.destinations", "dlt.sources.helpers.rest_client.paginators"),
}
WAYS: dict[str, Callable[[Server, Path], int]] = {
    "floor": floor,
    "roamhouse": roamhouse,
    "dlt": dlt_tables,
    "dlt nested": dlt_nested,
}


def measure(way: str, server: Server, existing: int = 0) -> Figure:
    """Do it once, in a fresh process and a fresh folder."""
    folder = Path(tempfile.mkdtemp(prefix="ingest-"))
    if existing and way == "roamhouse":
        _in_a_process(way, server, folder)
        filler = multiprocessing.get_context("spawn").Process(target=fill, args=(folder, existing))
        filler.start()  # apart: a process starts with its parent's peak of memory
        filler.join()
    figure = _in_a_process(way, server, folder)
    shutil.rmtree(folder, ignore_errors=True)
    return figure


def _in_a_process(way: str, server: Server, folder: Path) -> Figure:
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(way, server, folder, sender))
    process.start()
    figure = receiver.recv()
    process.join()
    if isinstance(figure, str):
        raise RuntimeError(figure)
    return Figure(way, **figure)


def _child(way: str, server: Server, folder: Path, sender: object) -> None:
    try:
        for module in MODULES[way]:
            importlib.import_module(module)
        before, started = time.process_time(), time.perf_counter()
        objects = WAYS[way](server, folder)
        result: object = {
            "objects": objects,
            "seconds": time.perf_counter() - started,
            "cpu_seconds": time.process_time() - before,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
    except Exception as error:  # noqa: BLE001 - told to the parent
        result = f"{way}: {type(error).__name__}: {error}"
    sender.send(result)  # type: ignore[attr-defined]


def _base64(token: str) -> str:
    import base64

    return base64.b64encode(token.encode()).decode()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--cdrs", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--existing", type=int, default=0)
    parser.add_argument("--skip", nargs="*", default=[], choices=list(WAYS))
    arguments = parser.parse_args()
    ways = [way for way in WAYS if way not in arguments.skip]
    with serving(arguments.cdrs) as server:
        figures = [
            measure(way, server, arguments.existing) for _ in range(arguments.runs) for way in ways
        ]
    print(f"{'way':<12}{'objects':>9}{'objects/s':>11}{'CPU s':>8}{'peak MB':>9}   (medians)")
    rates = {}
    for way in ways:
        own = [figure for figure in figures if figure.way == way]
        rates[way] = statistics.median(figure.rate for figure in own)
        print(
            f"{way:<12}{own[0].objects:>9,}{rates[way]:>11,.0f}"
            f"{statistics.median(f.cpu_seconds for f in own):>8.2f}"
            f"{statistics.median(f.peak_mb for f in own):>9,.0f}"
        )
    for way in ways:
        if way != "roamhouse":
            print(f"roamhouse / {way}: {rates['roamhouse'] / rates[way]:.2f}")
    print(json.dumps({way: round(rate) for way, rate in rates.items()}))


if __name__ == "__main__":
    main()
