"""From landed pages of CDRs to a published snapshot, stage by stage, each beside its floor.

    python -m benchmarks.ten_million [--cdrs 100000,1000000,10000000] [--folder DIR] [--memory 2GB]

CDRs of about 2 kB: an embedded tariff (one of 200), four charging periods; one claim in a hundred
is wrong. They are landed by a process of its own, which is not counted; every size has a warehouse
of its own. The floor of loading is decoding the same bytes (of a million CDRs at most) and keeping
nothing; that of the other stages is the rows they write. Places, sessions and statuses are not
among the data.
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

from benchmarks.decode import cdr, tariff
from models.contract import Contract
from models.money import round_half_up
from pipelines.config.home import Home
from pipelines.ingest.landing_writer import LandingWriter, PartnerSession
from pipelines.ingest.loading import Loading, load_waiting
from pipelines.ingest.plan import Plan
from pipelines.ingest.progress import NoProgress
from pipelines.landing.bodies import objects_of
from pipelines.landing.landing import Landing
from pipelines.stages.sequence import STAGES
from pipelines.stages.stage import StageContext
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.snapshot import publish

PARTNER = "voltix"
PAGE = 1_000
TARIFFS = 200
FEE = Decimal("0.35")
PULL = 200_000  # CDRs of one pull
FLOOR = 1_000_000  # CDRs decoded at most to learn the floor
NOW = datetime(2026, 11, 1, tzinfo=UTC)
ROWS = {
    "loading": ("core.cdrs", "core.charging_periods"),
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


def land(folder: Path, count: int) -> None:
    """Put so many CDRs into a landing, as complete pulls of changes."""
    landing = Landing(folder)
    session = PartnerSession("bench", PARTNER, "2.2.1", ("NL", "VOL"))
    firsts = range(0, count, PAGE)
    with ProcessPoolExecutor(os.cpu_count()) as makers:
        bodies = makers.map(_body, firsts, repeat(count), chunksize=10)
        for _ in range(-(-count // PULL)):
            writer = LandingWriter(landing, session, Plan("cdrs", None, "incremental", None), NOW)
            pages = size = 0
            for body in islice(bodies, PULL // PAGE):
                stored = landing.objects.writer()
                stored.write(body)
                writer.page(
                    url="https://voltix.example/cdrs",
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


def _body(first: int, count: int) -> bytes:
    """One page of CDRs from this number on; all but one in a hundred claim what they should."""
    tariffs, price_of = _tariffs()
    chance = random.Random(first)
    charges = [
        # As many at an EVSE, and with a token, however many there are: else all would overlap.
        _claiming(cdr(n, tariffs, chance, evses=count // 20, tokens=count // 50), price_of)
        for n in range(first, first + PAGE)
    ]
    return msgspec.json.encode({"data": charges, "status_code": 1000})


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


def landed_objects(landing: Landing) -> Iterator[bytes]:
    for partner, module in landing.scopes():
        for pull_id in landing.pull_ids(partner, module):
            for page in landing.pull(pull_id)[1]:
                for batch in objects_of(landing, page.sha256, module, size=page.bytes):
                    yield from batch


def decode_all(landing: Landing) -> None:
    decoder = msgspec.json.Decoder()
    for raw in islice(landed_objects(landing), FLOOR):
        decoder.decode(raw)


def run(count: int, folder: Path, memory: str) -> None:
    home = Home(folder)
    home.create()
    with ProcessPoolExecutor(1, get_context("spawn")) as maker:
        maker.submit(land, home.landing, count).result()
    landing = Landing(home.landing)
    floor = cost_of(lambda: decode_all(landing))
    decoding = floor.processor_s / min(count, FLOOR) * count
    print(f"{count:,} CDRs; floor: decoding takes {decoding:.1f} s of processor time", flush=True)
    context = StageContext(home, {PARTNER: Contract()}, {PARTNER: frozenset({("NL", "EMS")})}, NOW)
    costs: dict[str, Cost] = {}
    with Warehouse(home.warehouse, memory_limit=memory) as warehouse:
        loading = Loading(landing, lambda person: f"h{hash(person):x}", NoProgress())
        costs["loading"] = cost_of(lambda: load_waiting(warehouse, loading))
        for stage in STAGES:
            with warehouse.writer() as con:
                costs[stage.name] = cost_of(lambda con=con, stage=stage: stage.run(con, context))  # type: ignore[misc]
        costs["publishing"] = cost_of(lambda: publish(warehouse, home.serving))
        with warehouse.reader() as con:
            for name, cost in costs.items():
                rows = [
                    con.execute(f"select count(*) from {table}").fetchall()[0][0]  # noqa: S608
                    for table in ROWS.get(name, ())
                ]
                print(
                    f"{name:15} {cost.wall_s:8.1f} s {cost.processor_s:8.1f} s of processor time "
                    f"{count / cost.wall_s:11,.0f} CDRs/s {sum(rows):14,} rows; "
                    f"peak {cost.peak_mb:,} MB"
                )
    total = sum(cost.wall_s for cost in costs.values())
    print(f"{'all':15} {total:8.1f} s, {count / total:,.0f} CDRs/s")
    landed = sum(file.size for file in landing.files.files().values()) / count
    kept = home.warehouse.stat().st_size / count
    print(f"{'on disk':15} {landed:,.0f} B a CDR landed, {kept:,.0f} in the warehouse")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cdrs", default="100000,1000000,10000000")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--memory", default="2GB", help="what DuckDB may use")
    options = parser.parse_args()
    for count in map(int, options.cdrs.split(",")):
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            run(count, Path(folder), options.memory)


if __name__ == "__main__":
    main()
