"""Loading decoded pages into core: speed against what the warehouse holds, and memory.

    python -m benchmarks.load [--existing 0,1000000,5000000] [--folder DIR]

Reports, for a warehouse that already holds so many CDRs of four periods each, how long one more
pull of 100,000 takes (frames ready; staging, merge and commit counted), what a pull of ten times
as many does to memory, and how long a full pull of 100,000 EVSEs takes.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from models.tables.charging import CDRS, CHARGING_PERIODS
from models.tables.kinds import INSTANT, Table
from models.tables.objects import CONNECTORS, EVSES, LOCATIONS
from pipelines.landing.records import PageRecord, PullRecord
from pipelines.warehouse.connection import Warehouse
from pipelines.warehouse.loader import Loader
from pipelines.warehouse.removal import LoadResult
from pipelines.warehouse.snapshot import publish

T0 = datetime(2026, 10, 1, tzinfo=UTC)
PAGE = 1_000
PERIODS = 4
Frames = dict[str, pl.DataFrame]


def values(table: Table, page_id: str) -> list[pl.Expr]:
    """Plausible values from the row number `i`, unlike from row to row as in real data."""
    number = pl.col("i")
    given = {
        "partner": pl.lit("voltix"),
        "country_code": pl.lit("NL"),
        "party_id": pl.lit("VOL"),
        "id": pl.format("{}-{}", number.hash(3) % 2**32, number),
        "cdr_id": pl.format("{}-{}", number.hash(3) % 2**32, number),
        "location_id": pl.format("LOC{}", number // 2),
        "uid": pl.format("EVSE{}", number),
        "evse_uid": pl.format("EVSE{}", number),
        "canonical_evse": pl.format("NLVOLE{}", number),
        "status": pl.lit("AVAILABLE"),
        "content_hash": pl.format("{}{}", number.hash(1), number.hash(2)),
        "page_id": pl.lit(page_id),
        "fetched_at": pl.lit(T0),
        "currency": pl.lit("EUR"),
        "period_count": pl.lit(PERIODS),
        "period_index": pl.col("k"),
    }

    def filler(dtype: pl.DataType) -> pl.Expr:
        if dtype == INSTANT:
            return pl.lit(T0) + pl.duration(seconds=number * 7)
        if dtype == pl.Boolean:
            return pl.lit(value=False)
        if dtype == pl.List(pl.String):
            return pl.concat_list([pl.format("T{}", number % 200)])
        if dtype == pl.String:
            return pl.format("value {}", number % 3000)
        return number % 5000 / 100

    return [
        given.get(c.name, filler(c.dtype)).cast(c.dtype).alias(c.name) for c in table.frame_columns
    ]


def cdr_page(pull: PullRecord, position: int, first: int) -> Frames:
    page_id = f"{pull.pull_id}/{position:06d}"
    rows = pl.DataFrame({"i": range(first, first + PAGE)}).with_columns(k=pl.lit(0))
    each = rows.select("i").join(pl.DataFrame({"k": range(PERIODS)}), how="cross")
    return {
        CDRS.name: rows.select(values(CDRS, page_id)),
        CHARGING_PERIODS.name: each.select(values(CHARGING_PERIODS, page_id)),
    }


def place_page(pull: PullRecord, position: int, first: int) -> Frames:
    page_id = f"{pull.pull_id}/{position:06d}"
    rows = pl.DataFrame({"i": range(first, first + PAGE)}).with_columns(k=pl.lit(0))
    places = rows.filter(pl.col("i") % 2 == 0)
    located = places.select(values(LOCATIONS, page_id)).with_columns(
        pl.Series("id", [f"LOC{number // 2}" for number in places["i"]])
    )
    return {
        LOCATIONS.name: located,
        EVSES.name: rows.select(values(EVSES, page_id)),
        CONNECTORS.name: rows.select(values(CONNECTORS, page_id)),
    }


def a_pull(number: int, module: str) -> PullRecord:
    return PullRecord(
        pull_id=f"voltix-{module}-{number:06d}",
        run_id="bench",
        partner="voltix",
        module=module,
        party=None,
        ocpi_version="2.2.1",
        mode="full",
        date_from_at=None,
        date_to_at=None,
        started_at=T0 + timedelta(hours=number),
        finished_at=T0 + timedelta(hours=number),
        status="complete",
        pages=0,
        objects=0,
        total_count=None,
        requests=0,
        bytes=0,
        error=None,
        unchanged=False,
        own_party=("NL", "VOL"),
    )


def a_page(pull: PullRecord, position: int) -> PageRecord:
    return PageRecord(
        page_id=f"{pull.pull_id}/{position:06d}",
        pull_id=pull.pull_id,
        run_id="bench",
        partner=pull.partner,
        module=pull.module,
        party=None,
        position=position,
        url="",
        http_status=200,
        ocpi_status=1000,
        headers={},
        object_count=PAGE,
        total_count=None,
        accepted=True,
        bytes=0,
        sha256="",
        fetched_at=T0,
    )


@dataclass
class Spent:
    """Seconds in the loader, wall and processor, without making the pages."""

    wall: float = 0.0
    cpu: float = 0.0

    def run(self, step: object, *arguments: object) -> object:
        wall, cpu = time.perf_counter(), time.process_time()
        result = step(*arguments)  # type: ignore[operator]
        self.wall += time.perf_counter() - wall
        self.cpu += time.process_time() - cpu
        return result


def load(
    warehouse: Warehouse, pull: PullRecord, pages: Iterator[Frames]
) -> tuple[Spent, LoadResult]:
    spent = Spent()
    with warehouse.writer() as con:
        loader = Loader(con, pull)
        records = []
        for position, frames in enumerate(pages):
            spent.run(loader.add, frames)
            records.append(a_page(pull, position))
        result = spent.run(loader.commit, records)
    assert isinstance(result, LoadResult)
    return spent, result


def cdr_pull(warehouse: Warehouse, number: int, first: int, objects: int) -> Spent:
    pull = a_pull(number, "cdrs")
    pages = (cdr_page(pull, p, first + p * PAGE) for p in range(objects // PAGE))
    spent, result = load(warehouse, pull, pages)
    assert result.tables[CDRS.name].inserted == objects
    return spent


def place_pull(warehouse: Warehouse, number: int, evses: int) -> Spent:
    pull = a_pull(number, "locations")
    pages = (place_page(pull, p, p * PAGE) for p in range(evses // PAGE))
    return load(warehouse, pull, pages)[0]


def peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def measure(folder: Path, existing: list[int]) -> None:
    with Warehouse(folder / "cdrs.duckdb") as warehouse:
        held, number = 0, 0
        for target in existing:
            while held < target:
                number += 1
                step = min(500_000, target - held)
                cdr_pull(warehouse, number, held, step)
                held += step
            times = []
            for _ in range(3):
                number += 1
                times.append(cdr_pull(warehouse, number, held, 100_000))
                held += 100_000
            best = min(times, key=lambda spent: spent.wall)
            print(
                f"holding {target:>9,} CDRs: 100,000 more in {best.wall:.2f} s "
                f"({best.cpu:.2f} s of processor): {100_000 / best.wall:,.0f} CDRs/s"
            )
        began = time.perf_counter()
        publish(warehouse, folder / "serving")
        size = warehouse.path.stat().st_size / 2**20
        print(
            f"snapshot of {size:,.0f} MiB with its checkpoint: {time.perf_counter() - began:.2f} s"
        )
        before = peak_mib()
        spent = cdr_pull(warehouse, number + 1, held, 1_000_000)
        print(
            f"one pull of 1,000,000: {spent.wall:.1f} s ({spent.cpu:.1f} s of processor), "
            f"{1_000_000 / spent.wall:,.0f} CDRs/s; "
            f"peak memory {before} MiB before, {peak_mib()} MiB after"
        )
    with Warehouse(folder / "places.duckdb") as warehouse:
        for number, what in enumerate(("first", "second, nothing new,"), start=1):
            spent = place_pull(warehouse, number, 100_000)
            print(
                f"{what} full pull of 100,000 EVSEs at 50,000 locations: "
                f"{spent.wall:.2f} s ({spent.cpu:.2f} s of processor)"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--existing", default="0,1000000,5000000")
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="roamhouse-load-", dir=options.folder))
    try:
        measure(folder, [int(count) for count in options.existing.split(",")])
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
