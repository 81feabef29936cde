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
    "elements": [
        {"price_components": [{"price": 0.5, "step_size": 1, "type": "ENERGY", "vat": 21}]}
    ],
    "id": "T1",
    "party_id": "VOL",
}
HERE = Path(__file__).parent


def run(con: duckdb.DuckDBPyConnection, name: str, **values: object) -> None:
    """Run the statements of a file beside this one, each with the values it names."""
    for text in (HERE / name).read_text(encoding="utf-8").split(";\n"):
        if text.strip():
            con.execute(text, {key: value for key, value in values.items() if f"${key}" in text})


def measure(con: duckdb.DuckDBPyConnection, name: str) -> float:
    """Reconcile, and say how long it took."""
    terms = Terms({"voltix": Contract(), "gridlink": Contract()})
    began, cpu = time.perf_counter(), time.process_time()
    result = reconcile_warehouse(con, terms, as_of=AS_OF)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(
        f"{name}: {seconds:.2f} s, {time.process_time() - cpu:.2f} CPU s, {result.judged:,} judged "
        f"of {result.cdrs:,} CDRs, {result.findings:,} findings; peak so far {peak:.2f} GiB"
    )
    return seconds


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cdrs", type=int, default=1_000_000)
    count = parser.parse_args().cdrs
    more = count // 100
    with (
        tempfile.TemporaryDirectory() as folder,
        Warehouse(Path(folder) / "warehouse.duckdb") as warehouse,
        warehouse.writer() as con,
    ):
        run(con, "reconcile_standing.sql", tariff=json.dumps(TARIFF, separators=(",", ":")))
        for first in range(0, count, 100_000):
            last = min(first + 100_000, count)
            run(con, "reconcile_charges.sql", first=first, last=last, total=count + more)
        full = measure(con, "full")
        run(con, "reconcile_charges.sql", first=count, last=count + more, total=count + more)
        later = measure(con, "1 % more")
        measure(con, "nothing new")
        print(f"the later run costs {later / full:.1%} of the full one")


if __name__ == "__main__":
    main()
