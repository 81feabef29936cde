"""Rating: the engine alone beside a plain C loop, and from core tables to committed rating tables.

    python -m benchmarks.rating [--engine 1000000] [--growth 100000,10000000]
        [--warehouse 100000,1000000] [--folder DIR] [--memory 2GiB]

The C loop (`rating_loop.c`) is built on the spot and left out where there is no compiler; its
totals must equal the engine's. Both run by turns and are timed by the processor time they take, so
that a busy machine slows both alike; the best of several rounds counts.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
from rich.console import Console

from benchmarks.rating_data import T0, TARIFFS, core_frames, engine_inputs, tariff
from models.rating.compiled import price_all
from models.rating.kernel import scale
from models.rating.kernel.tables import Batch, Cdr, Line, Moment, Result, Table, Tally
from models.rating.run import Inputs
from pipelines.config.values import read_memory
from pipelines.stages.rating.warehouse import rate_warehouse
from pipelines.warehouse.connection import Warehouse

CHUNK = 50_000
ROUNDS = 7
C_SOURCE = Path(__file__).with_name("rating_loop.c")
say = Console(highlight=False, soft_wrap=True).print


def peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


Output = tuple[Table, Table]


def output() -> Output:
    """Lines and results of one batch, to be written again and again."""
    return (
        np.zeros((CHUNK * 10, Line.COLUMNS), dtype=np.int64),
        np.zeros((CHUNK, Result.COLUMNS), dtype=np.int64),
    )


def chunks(inputs: Inputs, count: int, written: Output) -> list[Batch]:
    """The inputs in batches as `rate_warehouse` makes them, all with the same output."""
    lines, results = written
    batches = []
    for first in range(0, count, CHUNK):
        rows = slice(first, min(first + CHUNK, count) + 1)
        cdrs = inputs.cdrs[rows].copy()
        periods = inputs.periods[cdrs[0, Cdr.FIRST_PERIOD] : cdrs[-1, Cdr.FIRST_PERIOD]]
        candidates = inputs.candidates[cdrs[0, Cdr.FIRST_CANDIDATE] : cdrs[-1, Cdr.FIRST_CANDIDATE]]
        for column in (Cdr.FIRST_PERIOD, Cdr.FIRST_CANDIDATE):
            cdrs[:, column] -= cdrs[0, column]
        moment = np.zeros(Moment.COLUMNS, dtype=np.int64)
        tables = (cdrs, periods, candidates, inputs.tariffs, inputs.elements, inputs.zones)
        tally = np.zeros(Tally.COLUMNS, dtype=np.int64)
        batches.append(Batch(*tables, lines, results[: len(cdrs) - 1], moment, tally))
    return batches


def c_loop(folder: Path) -> Callable[[Batch], int] | None:
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    library = folder / "rating_loop.so"
    command = [
        compiler,
        "-O3",
        "-march=native",
        "-shared",
        "-fPIC",
        "-o",
        str(library),
        str(C_SOURCE),
    ]
    subprocess.run(command, check=True)
    function = ctypes.CDLL(str(library)).price_all
    function.restype = ctypes.c_int64

    def price(batch: Batch) -> int:
        tables = (
            *(batch.cdrs, batch.periods, batch.candidates, batch.tariffs, batch.elements),
            *(batch.zones, batch.lines, batch.results),
        )
        count = ctypes.c_int64(len(batch.results))
        return int(function(count, *(ctypes.c_void_p(table.ctypes.data) for table in tables)))

    return price


def processor_time(run: Callable[[Batch], int], batches: list[Batch]) -> float:
    started = time.process_time()
    for batch in batches:
        run(batch)
    return time.process_time() - started


def same_totals(
    engine: Callable[[Batch], int], plain: Callable[[Batch], int], batch: Batch
) -> bool:
    """Whether both give the same totals."""
    engine(batch)
    totals = batch.results[:, Result.EXCL : Result.PART_EXCL].copy()
    plain(batch)
    return bool((totals == batch.results[:, Result.EXCL : Result.PART_EXCL]).all())


def engine_speed(count: int, folder: Path) -> None:
    started = time.perf_counter()
    compiled = price_all()
    inputs = engine_inputs(count)
    batches = chunks(inputs, count, output())
    compiled(batches[0], scale.NARROW)
    say(f"ready (data made, engine loaded or compiled) in {time.perf_counter() - started:.1f} s")

    def engine(batch: Batch) -> int:
        return compiled(batch, scale.NARROW)

    plain = c_loop(folder)
    times: dict[str, list[float]] = {"engine": [], "c": []}
    for _ in range(ROUNDS):
        times["engine"].append(processor_time(engine, batches))
        if plain is not None:
            times["c"].append(processor_time(plain, batches))
    for name, taken in times.items():
        if taken:
            say(f"{name:7} {count / min(taken):>12,.0f} CDRs/s on one core")
    if plain is not None:
        ratio = min(times["engine"]) / min(times["c"])
        same = same_totals(engine, plain, batches[0])
        say(f"engine takes {ratio:.2f} times the C loop's time; same totals: {same}")
    held = inputs.cdrs.nbytes + inputs.periods.nbytes >> 20
    say(f"peak memory {peak_mb():,} MB, of it inputs {held:,} MB")


def engine_growth(count: int) -> None:
    """Prices so many CDRs, each batch made when it is its turn; only pricing is timed."""
    compiled = price_all()
    written = output()
    for batch in chunks(engine_inputs(CHUNK), CHUNK, written):
        compiled(batch, scale.NARROW)  # So that the output's memory is there.
    taken = 0.0
    for first in range(0, count, CHUNK):
        size = min(CHUNK, count - first)
        batches = chunks(engine_inputs(size, seed=first), size, written)
        taken += processor_time(lambda batch: compiled(batch, scale.NARROW), batches)
    say(f"growth {count:>10,} CDRs: {count / taken:,.0f} CDRs/s, peak memory {peak_mb():,} MB")


def put(con: duckdb.DuckDBPyConnection, table: str, frame: pl.DataFrame) -> None:
    con.register("given", frame.to_arrow())
    con.execute(f"insert into {table} by name select * from given")  # noqa: S608 - our own names
    con.unregister("given")


def make(path: Path, count: int) -> None:
    """A warehouse with so many CDRs, none of them priced."""
    with Warehouse(path) as warehouse, warehouse.writer() as con:
        fill(con, count)


def fill(con: duckdb.DuckDBPyConnection, count: int) -> None:
    for first in range(0, count, 100_000):
        for table, frame in core_frames(first, min(100_000, count - first)).items():
            put(con, table, frame)
    stated = [json.dumps(tariff(index), default=_exact) for index in range(TARIFFS)]
    common = {"partner": "voltix", "country_code": "NL", "party_id": "VOL", "currency": "EUR"}
    rows = [
        {
            **common,
            "id": f"T{i}",
            "content_hash": f"e{i}",
            "tariff": text,
            "fetched_at": T0,
            "page_id": "p",
        }
        for i, text in enumerate(stated)
    ]
    put(con, "core.embedded_tariffs", pl.DataFrame(rows))
    put(con, "core.tariffs", pl.DataFrame([{**row, "valid_from_at": T0} for row in rows]))


def _exact(value: Decimal) -> str:
    return str(value)


def warehouse_speed(count: int, folder: Path, memory: int) -> None:
    path = folder / f"w{count}.duckdb"
    # In a process of its own: what making the data needs is not in the peak.
    with ProcessPoolExecutor(1, get_context("spawn")) as maker:
        maker.submit(make, path, count).result()
    with Warehouse(path, memory_limit=memory) as warehouse, warehouse.writer() as con:
        before = peak_mb()
        started, worked = time.perf_counter(), time.process_time()
        result = rate_warehouse(con, {})
        con.execute("checkpoint")
        taken, cpu = time.perf_counter() - started, time.process_time() - worked
        say(
            f"warehouse {count:>10,} CDRs, both sources, {result.lines:,} lines: {taken:.1f} s, "
            f"{count / taken:,.0f} CDRs/s, {cpu:.1f} CPU s; "
            f"peak {peak_mb():,} MB (before {before:,}), DuckDB held to {memory >> 20:,} MiB"
        )
        started, worked = time.perf_counter(), time.process_time()
        rate_warehouse(con, {})
        taken, cpu = time.perf_counter() - started, time.process_time() - worked
        say(f"a second run, nothing new: {taken:.2f} s, {cpu:.2f} CPU s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", type=int, default=1_000_000)
    parser.add_argument("--growth", default="")
    parser.add_argument("--warehouse", default="100000,1000000")
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--memory", type=read_memory, default="2GiB", help="what DuckDB may use")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="rating-", dir=options.folder))
    try:
        for count in filter(None, options.growth.split(",")):
            engine_growth(int(count))
        if options.engine:
            engine_speed(options.engine, folder)
        for count in filter(None, options.warehouse.split(",")):
            warehouse_speed(int(count), folder, options.memory)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
