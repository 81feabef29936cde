"""How fast a priced warehouse is reconciled and settled: in full, with nothing new, with 1 % more.

    python -m benchmarks.reconcile [--cdrs 1000000] [--folder DIR]

The warehouse is made by SQL: CDRs of two partners with sessions, four periods each, places,
tokens, published and embedded tariffs, and prices as `rating` writes them; one CDR in a hundred is
overbilled, so that its root cause is looked for. Making it is a process of its own, and each run
is: opening the warehouse, both stages with everything they prove, and closing it. The pricing
engine is loaded before, as the stage before leaves it. `--folder` keeps the warehouse.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from benchmarks.rating_data import engine_inputs
from models.contract import Contract
from models.rating.run import WORTH_COMPILING, price
from pipelines.config.home import Home
from pipelines.config.loading import load_partners
from pipelines.decisions.store import Decision, DecisionsStore
from pipelines.ingest.progress import NoProgress
from pipelines.orchestration.replay import settle_again
from pipelines.stages.recon.reconcile import RECONCILIATION
from pipelines.stages.settle.dispute_queries import decision_data
from pipelines.stages.settle.stage import SETTLEMENT
from pipelines.stages.stage import StageContext
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
_CHARGES_AT_ONCE = 100_000
_NAME = "warehouse.duckdb"


def run_file(con: duckdb.DuckDBPyConnection, name: str, **values: object) -> None:
    """Run the statements of a file beside this one, each with the values it names."""
    for text in (HERE / name).read_text(encoding="utf-8").split(";\n"):
        if text.strip():
            con.execute(text, {key: value for key, value in values.items() if f"${key}" in text})


def add_charges(folder: Path, first: int, last: int, total: int) -> None:
    """Put charges `first` to before `last` of `total` into the warehouse, priced."""
    with Warehouse(folder / _NAME) as warehouse, warehouse.writer() as con:
        if first == 0:
            tariff = json.dumps(TARIFF, separators=(",", ":"))
            run_file(con, "reconcile_standing.sql", tariff=tariff)
        for start in range(first, last, _CHARGES_AT_ONCE):
            end = min(start + _CHARGES_AT_ONCE, last)
            run_file(con, "reconcile_charges.sql", first=start, last=end, total=total)


def derive(folder: Path, name: str) -> None:
    """Reconcile and settle, and say what it took."""
    price(engine_inputs(WORTH_COMPILING), compiled=True)
    contracts = {"voltix": Contract(), "gridlink": Contract()}
    world = StageContext(Home(folder), contracts, {}, AS_OF)
    began = time.perf_counter()
    cpu = time.process_time()
    said = []
    with Warehouse(folder / _NAME) as warehouse, warehouse.writer() as con:
        for stage in (RECONCILIATION, SETTLEMENT):
            wall, used = time.perf_counter(), time.process_time()
            result = stage.run(con, world)
            wrong = [check.message for check in result.checks if check.violations]
            if wrong:
                raise SystemExit(f"{stage.name}: {'; '.join(wrong)}")
            said.append(
                f"{stage.name} {time.process_time() - used:.2f} CPU s, "
                f"{time.perf_counter() - wall:.2f} s"
            )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(
        f"{name}: {time.process_time() - cpu:.2f} CPU s, {time.perf_counter() - began:.2f} s, "
        f"peak {peak:.2f} GiB, load {os.getloadavg()[0]:.1f}; {'; '.join(said)}",
        flush=True,
    )


PARTNERS = """
partners:
  - {name: voltix, kind: ocpi, versions_url: "https://voltix.example", token_env: TOKEN}
  - {name: gridlink, kind: ocpi, versions_url: "https://gridlink.example", token_env: TOKEN}
"""


class Steps(NoProgress):
    """Notes when each step of a settlement begins."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, float]] = []

    def step(self, name: str) -> None:
        """Note that one begins."""
        self.begun.append((name, time.perf_counter()))

    def __str__(self) -> str:
        ends = [at for _, at in self.begun[1:]] + [time.perf_counter()]
        parts = zip(self.begun, ends, strict=True)
        return ", ".join(f"{name} {end - at:.2f} s" for (name, at), end in parts)


def settle(folder: Path, name: str) -> None:
    """Let one dispute go, and settle and publish as `roamhouse settle` does."""
    home = Home(folder)
    home.create()
    home.partners.write_text(PARTNERS, encoding="utf-8")
    with Warehouse(home.warehouse) as warehouse, warehouse.writer() as con:
        con.execute("delete from ops.pages")  # a home is settled once something was fetched
        con.execute("insert into ops.pages by name select 'voltix' as partner, "
                    "$fetched_at as fetched_at", {"fetched_at": AS_OF})  # fmt: skip
        row = con.sql(
            "select * from settle.disputes where state = 'detected' order by dispute_id limit 1"
        )
        dispute = row.pl().row(0, named=True) | {"decided_state": "detected"}
    with DecisionsStore(home.decisions, clock=lambda: AS_OF) as store:
        said = decision_data(dispute, "withdrawn", {"reason": "ours"})
        store.decide_all([Decision(dispute["dispute_id"], "withdrawn", said)], "ada")
    steps, cpu = Steps(), time.process_time()
    result = settle_again(
        home, load_partners(home.partners), now=lambda: datetime.now(UTC), wait_seconds=60,
        progress=steps,
    )  # fmt: skip
    print(
        f"{name}: {time.process_time() - cpu:.2f} CPU s, {result.seconds:.2f} s; {steps}; "
        f"{result.failures or 'proven'}",
        flush=True,
    )


def main() -> None:
    """Run the benchmark, or, as a process that it started, one step of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cdrs", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="Keep the warehouse here.")
    parser.add_argument("--step", nargs="+", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        _step(asked.folder, *asked.step)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        more = asked.cdrs + asked.cdrs // 100
        kept = folder / f"priced-{asked.cdrs}.duckdb"
        if not kept.exists():
            _started(folder, "add", 0, asked.cdrs, more)
            (folder / _NAME).rename(kept)
        shutil.copy(kept, folder / _NAME)
        _started(folder, "derive", "full")
        _started(folder, "derive", "nothing new")
        _started(folder, "settle", "a decision, settled and published")
        _started(folder, "settle", "another")
        _started(folder, "add", asked.cdrs, more, more)
        _started(folder, "derive", "1 % more")
        (folder / _NAME).unlink()


def _started(folder: Path, *step: object) -> None:
    """Do a step in a process of its own, so that its memory is its own."""
    command = [sys.executable, "-m", "benchmarks.reconcile", "--folder", str(folder)]
    subprocess.run([*command, "--step", *map(str, step)], check=True)


def _step(folder: Path, what: str, *arguments: str) -> None:
    if what == "add":
        add_charges(folder, *map(int, arguments))
    elif what == "settle":
        settle(folder, *arguments)
    else:
        derive(folder, *arguments)


if __name__ == "__main__":
    main()
