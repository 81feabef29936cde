"""From landed pages of CDRs to a published snapshot, stage by stage, each beside its floor.

    python -m benchmarks.ten_million [--cdrs 100000,1000000,10000000] [--folder DIR] [--memory 2GiB]

CDRs of about 2 kB: an embedded tariff (one of 200), four charging periods; one claim in a hundred
is wrong. Each has its session, at one of a tenth as many EVSEs, four to a place, which had a status
a day for thirty days. All is landed by a process of its own, which is not counted (statuses go into
the warehouse before the first stage); every size has a warehouse of its own. The floor of loading
is decoding the same bytes (of a million objects of each list at most) and keeping nothing; that of
the other stages is the rows they write.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from itertools import islice, repeat
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.dashboard_home import add_month_of_statuses
from benchmarks.decode import cdr, location, tariff
from models.contract import Contract
from models.money import round_half_up
from pipelines.config.home import Home
from pipelines.config.values import read_memory
from pipelines.ingest.landing_writer import LandingWriter, PartnerSession
from pipelines.ingest.loading import Loading, load_waiting
from pipelines.ingest.plan import Plan
from pipelines.ingest.progress import NoProgress
from pipelines.landing.bodies import objects_of
from pipelines.landing.landing import Landing
from pipelines.landing.records import PullMode
from pipelines.stages.sequence import STAGES
from pipelines.stages.stage import Stage, StageContext
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.snapshot import publish
from pipelines.warehouse.sql_files import row_count

PARTNER = "voltix"
PAGE = 1_000
TARIFFS = 200
FEE = Decimal("0.35")
PULL = 200_000  # objects of one pull
FLOOR = 1_000_000  # objects decoded at most to learn the floor of a list
EVSES_EACH = 10  # CDRs at an EVSE
EVSES_PLACE = 4
NOW = datetime(2026, 11, 1, tzinfo=UTC)
ROWS = {
    "loading": ("core.cdrs", "core.charging_periods", "core.sessions", "core.evses"),
    "rating": ("rating.cdrs",),
    "reconciliation": ("recon.cdrs", "recon.findings"),
    "settlement": ("settle.statement_lines",),
}


@dataclass(frozen=True)
class Cost:
    """What something took, by the clock and of processor time; the peak of memory until then."""

    wall_s: float
    processor_s: float
    peak_mb: int


def cost_of(work: Callable[[], object]) -> Cost:
    clock, processor = time.perf_counter(), time.process_time()
    work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    return Cost(time.perf_counter() - clock, time.process_time() - processor, peak)


def lists_of(count: int) -> dict[str, int]:
    """The lists that so many CDRs come with, and how many objects each has."""
    return {"locations": count // EVSES_EACH // EVSES_PLACE, "sessions": count, "cdrs": count}


def land(folder: Path, count: int) -> None:
    """Put so many CDRs into a landing, with their places and sessions, as complete pulls."""
    landing = Landing(folder)
    session = PartnerSession("bench", PARTNER, "2.2.1", ("NL", "VOL"))
    with ProcessPoolExecutor(os.cpu_count()) as makers:
        for module, objects in lists_of(count).items():
            firsts = range(0, objects, PAGE)
            bodies = makers.map(_body, repeat(module), firsts, repeat(count), chunksize=10)
            whole = module == "locations"
            for _ in range(1 if whole else -(-objects // PULL)):
                mode: PullMode = "full" if whole else "incremental"
                writer = LandingWriter(landing, session, Plan(module, None, mode, None), NOW)
                _land_pull(landing, writer, islice(bodies, None if whole else PULL // PAGE))


def _land_pull(landing: Landing, writer: LandingWriter, bodies: Iterator[bytes]) -> None:
    pages = size = 0
    for body in bodies:
        stored = landing.objects.writer()
        stored.write(body)
        writer.page(
            url="https://voltix.example/list",
            http_status=200,
            ocpi_status=1000,
            headers={},
            object_count=PAGE,
            total_count=None,
            accepted=True,
            size=len(body),
            sha256=stored.close(),
            fetched_at=NOW,
        )
        pages, size = pages + 1, size + len(body)
    writer.end(finished_at=NOW, error=None, pages=pages, objects=pages * PAGE, size=size)


def _body(module: str, first: int, count: int) -> bytes:
    """One page of a list from this number on, of so many CDRs in all."""
    numbers = range(first, first + PAGE)
    if module == "locations":
        return msgspec.json.encode({"data": list(map(_place, numbers)), "status_code": 1000})
    tariffs, price_of = _tariffs()
    chance = random.Random(first)
    evses, tokens = count // EVSES_EACH, count // 50
    # As many at an EVSE, and with a token, however many there are: else all would overlap.
    charges = [cdr(n, tariffs, chance, evses=evses, tokens=tokens) for n in numbers]
    if module == "sessions":
        objects = [_session(charge) for charge in charges]
    else:
        objects = [_claiming(charge, price_of) for charge in charges]
    return msgspec.json.encode({"data": objects, "status_code": 1000})


def _place(number: int) -> dict[str, object]:
    """A place of four EVSEs, each with a connector."""
    charged = location(number * EVSES_PLACE)
    connector = {
        "id": "1", "standard": "IEC_62196_T2", "format": "SOCKET", "power_type": "AC_3_PHASE",
        "max_voltage": 400, "max_amperage": 125, "last_updated": "2026-09-01T00:00:00Z",
    }  # fmt: skip
    evses = [
        {
            "uid": f"EVSE-{evse:06}", "evse_id": f"NL*VOL*E{evse:06}", "status": "AVAILABLE",
            "connectors": [connector], "last_updated": "2026-09-01T00:00:00Z",
        }
        for evse in range(number * EVSES_PLACE, (number + 1) * EVSES_PLACE)
    ]  # fmt: skip
    kept = ("id", "name", "address", "city", "postal_code", "country", "coordinates")
    return {
        "country_code": "NL", "party_id": "VOL", "publish": True, "evses": evses,
        "time_zone": "Europe/Amsterdam", "last_updated": "2026-09-01T00:00:00Z",
        **{name: charged[name] for name in kept},
    }  # fmt: skip


def _session(charge: dict[str, Any]) -> dict[str, object]:
    """The session that a CDR bills."""
    kept = (
        *("country_code", "party_id", "start_date_time", "end_date_time", "cdr_token"),
        *("auth_method", "currency", "charging_periods", "last_updated"),
    )
    place = charge["cdr_location"]
    return {
        **{name: charge[name] for name in kept},
        "id": charge["session_id"], "kwh": charge["total_energy"], "status": "COMPLETED",
        "location_id": place["id"], "evse_uid": place["evse_uid"], "connector_id": "1",
    }  # fmt: skip


@cache
def _tariffs() -> tuple[list[dict[str, object]], dict[object, Decimal]]:
    """The tariffs, and the price of a kWh by their ids."""
    chance = random.Random(1)
    prices = [Decimal(chance.randint(25, 79)) / 100 for _ in range(TARIFFS)]
    tariffs = [{**tariff(number, chance), "elements": [_element(prices[number])]}
               for number in range(TARIFFS)]  # fmt: skip
    return tariffs, {one["id"]: price for one, price in zip(tariffs, prices, strict=True)}


def _element(price: Decimal) -> dict[str, object]:
    components = [("ENERGY", price), ("FLAT", FEE)]
    return {"price_components": [
        {"type": kind, "price": float(amount), "vat": 21, "step_size": 1}
        for kind, amount in components
    ]}  # fmt: skip


def _claiming(charge: dict[str, Any], price_of: dict[object, Decimal]) -> dict[str, Any]:
    energy = Decimal(str(charge["total_energy"])) * price_of[charge["tariffs"][0]["id"]]
    wrong = 1 if charge["id"].endswith("07") else 0
    net = round_half_up(energy + FEE, 2) + wrong
    return {
        **charge,
        "total_cost": {"excl_vat": float(net)},
        "total_energy_cost": {"excl_vat": float(round_half_up(energy, 4))},
        "total_fixed_cost": {"excl_vat": float(FEE)},
    }


def decode_some(landing: Landing, module: str) -> int:
    """Decode the objects of a list, or as many as are enough; return how many."""
    decoder = msgspec.json.Decoder()
    decoded = 0
    for pull_id in landing.pull_ids(PARTNER, module):
        for page in landing.pull(pull_id)[1]:
            for batch in objects_of(landing, page.sha256, module, size=page.bytes):
                for raw in batch:
                    decoder.decode(raw)
                decoded += len(batch)
            if decoded >= FLOOR:
                return decoded
    return decoded


def decoding_floor(landing: Landing, count: int) -> float:
    """The processor time of decoding so many CDRs, their sessions and their places."""
    floor = 0.0
    for module, objects in lists_of(count).items():
        began = time.process_time()
        decoded = decode_some(landing, module)
        floor += (time.process_time() - began) / decoded * objects
    return floor


def run(count: int, folder: Path, memory: int) -> None:
    home = Home(folder)
    home.create()
    with ProcessPoolExecutor(1, get_context("spawn")) as maker:
        maker.submit(land, home.landing, count).result()
    landing = Landing(home.landing)
    floor = decoding_floor(landing, count)
    print(f"{count:,} CDRs; floor: decoding takes {floor:.1f} s of processor time", flush=True)
    context = StageContext(home, {PARTNER: Contract()}, {PARTNER: frozenset({("NL", "EMS")})}, NOW)
    with Warehouse(home.warehouse, memory_limit=memory) as warehouse:
        loading = Loading(landing, lambda person: f"h{hash(person):x}", NoProgress())
        costs = [_shown("loading", count, warehouse, lambda: load_waiting(warehouse, loading))]
        with warehouse.writer() as con:
            add_month_of_statuses(con)
        for stage in STAGES:

            def work(stage: Stage = stage) -> None:
                with warehouse.writer() as con:
                    stage.run(con, context)

            costs.append(_shown(stage.name, count, warehouse, work))
        costs.append(
            _shown("publishing", count, warehouse, lambda: publish(warehouse, home.serving))
        )
    total = sum(cost.wall_s for cost in costs)
    print(f"{'all':15} {total:8.1f} s, {count / total:,.0f} CDRs/s")
    landed = sum(file.size for file in landing.files.files().values()) / count
    kept = home.warehouse.stat().st_size / count
    print(f"{'on disk':15} {landed:,.0f} B a CDR landed, {kept:,.0f} in the warehouse", flush=True)


def _shown(name: str, count: int, warehouse: Warehouse, work: Callable[[], object]) -> Cost:
    cost = cost_of(work)
    with warehouse.reader() as con:
        rows = sum(row_count(con, table) for table in ROWS.get(name, ()))
    print(
        f"{name:15} {cost.wall_s:8.1f} s {cost.processor_s:8.1f} s of processor time "
        f"{count / cost.wall_s:11,.0f} CDRs/s {rows:14,} rows; peak {cost.peak_mb:,} MB",
        flush=True,
    )
    return cost


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cdrs", default="100000,1000000,10000000")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--memory", type=read_memory, default="2GiB", help="what DuckDB may use")
    options = parser.parse_args()
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
    for count in map(int, options.cdrs.split(",")):
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            run(count, Path(folder), options.memory)


if __name__ == "__main__":
    main()
